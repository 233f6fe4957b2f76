"""XLSX: one sheet, a frozen line of names, numbers and days that a spreadsheet can reckon with.

A cell holds at most 32,767 characters; what is longer goes on in further columns, ``text (2)``,
``text (3)``, at the right end of its row. Characters that XML cannot hold are written ``_x000D_``, as the
format itself has it. Texts are texts, whatever they begin with; formulas are refused on reading.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vie_match.errors import BadFile, Fault
from vie_match.faults import shown
from vie_match.formats import rows
from vie_match.formats.rows import Kind, Parsed, Row
from vie_match.records import Call
from vie_match.tables import safe_cell

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

SHEET = "calls"

# Microsoft, "Excel specifications and limits"; characters are counted in UTF-16.
LONGEST_CELL = 32_767
MOST_COLUMNS = 16_384

# A call has about 150 tags; each costs the XML reader memory, however little the file holds.
MOST_TAGS = 5_000_000

# Before this day spreadsheets disagree: Excel believes in a 29 February 1900.
_FIRST_DAY = dt.date(1900, 3, 1)

# What XML 1.0 cannot hold or, like a carriage return, does not give back; and an underscore that reads
# like the beginning of an escape (ECMA-376 part 1, 22.9.2.19 ST_Xstring).
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

_FURTHER = re.compile(r"(\w+) \((\d{1,5})\)")

# Characters that a column is wide; long texts are cut on the screen, not in the file.
_WIDTHS = {Kind.TEXT: 24.0, Kind.WHOLE: 16.0, Kind.NUMBER: 10.0, Kind.DAY: 12.0, Kind.LIST: 30.0}
_WIDE = {"title": 60.0, "text": 60.0, "conditions": 40.0}

_FORMATS = {Kind.WHOLE: "#,##0", Kind.DAY: "yyyy-mm-dd"}

# Kinds of cells of openpyxl that show a value and do not have one.
_NO_VALUES = {"f": "the formula", "e": "the error"}

_Line = tuple[int, Sequence[Any]]

_WHAT = "an Excel workbook (.xlsx), whole and undamaged, without a password"


def dump(calls: Sequence[Call]) -> bytes:
    """Return calls as a workbook."""
    from openpyxl import Workbook

    table = [_parts_of(call) for call in calls]
    lengths = {name: max((len(parts[name]) for parts in table), default=1) for name in rows.kinds()}
    columns = [(name, 0) for name in lengths]
    columns += [(name, number) for name, length in lengths.items() for number in range(1, length)]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    kinds = rows.kinds()
    lay_out(sheet, [_WIDE.get(name, _WIDTHS[kinds[name]]) for name, _ in columns], len(table))
    sheet.append([_heading(sheet, name, number) for name, number in columns])
    for parts in table:
        sheet.append([_cell(sheet, name, parts[name][number:]) for name, number in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parse(content: bytes, path: Path) -> Parsed:
    """Yield the rows of the sheet ``calls``, or else of the first, and the faults of others.

    Raises
    ------
    BadFile
        If the file is damaged, too large or no table of calls.
    """
    with rows.reading(path, _WHAT), warnings.catch_warnings():
        # openpyxl warns of everything a table of calls does not need: pictures, rules, odd dates.
        warnings.simplefilter("ignore")
        _refuse_bombs(content, path)
        titles, lines = _table(content, path)
    columns, faults = _columns(titles, path)
    yield from faults
    for number, cells in lines:
        yield from _row(number, cells, columns, path)


def escaped(text: str) -> str:
    r"""Return a text in which XML can hold every character.

    Examples
    --------
    >>> escaped("a\rb"), escaped("_x000D_"), escaped("_x")
    ('a_x000D_b', '_x005F_x000D_', '_x')
    """
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    r"""Return the text before :func:`escaped`.

    Examples
    --------
    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_")
    ('a\rb', '_x000D_')
    """
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _parts_of(call: Call) -> dict[str, list[Any]]:
    """Return the values of a row, each cut into as many cells as it needs: none when empty."""
    flat = call.flat()
    return {name: _parts(rows.to_cell(flat[name], kind), kind) for name, kind in rows.kinds().items()}


def _parts(value: str | int | float | None, kind: Kind) -> list[Any]:
    if value is None:
        return []
    if kind is Kind.DAY:
        day = dt.date.fromisoformat(str(value))
        return [day if day >= _FIRST_DAY else str(value)]
    # openpyxl writes 16 digits, and some fractions need 17.
    if isinstance(value, float) and float(f"{value:.16g}") != value:
        return [repr(value)]
    return pieces(value) if isinstance(value, str) else [value]


def pieces(text: str) -> list[str]:
    """Return a text cut where it is too long for a cell, the pieces escaped."""
    found = []
    start = 0
    while start < len(text):
        size = LONGEST_CELL
        while len(escaped(text[start : start + size]).encode("utf-16-le")) > 2 * LONGEST_CELL:
            size //= 2
        found.append(escaped(text[start : start + size]))
        start += size
    return found


def lay_out(sheet: Any, widths: Sequence[float], count: int) -> None:
    """Freeze a sheet's first line, let its columns be filtered, and set how wide they are.

    Parameters
    ----------
    sheet : Worksheet
    widths : sequence of float
        One for each column, characters.
    count : int
        Rows below the first line.
    """
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = "A2"
    for position, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{count + 1}"


def keep_text(cell: Any) -> None:
    """Let a cell's text stay a text, whatever it begins with."""
    # openpyxl would make formulas and error values of what looks like them.
    cell.data_type = "s"
    # Tells Excel to leave it a text also after the cell has been edited.
    cell.quotePrefix = safe_cell(cell.value) != cell.value


def _heading(sheet: WriteOnlyWorksheet, name: str, number: int) -> Cell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, f"{name} ({number + 1})" if number else name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, name: str, parts: Sequence[Any]) -> Cell | None:
    from openpyxl.cell import WriteOnlyCell

    if not parts:
        return None
    cell = WriteOnlyCell(sheet, parts[0])
    if isinstance(parts[0], str):
        keep_text(cell)
    else:
        cell.number_format = _FORMATS.get(rows.kinds()[name], "General")
    return cell


def _refuse_bombs(content: bytes, path: Path) -> None:
    """Refuse files that unpack to too much, or that tell the XML reader to multiply texts.

    The sizes are those the file states; zipfile never unpacks more of a part than it states.
    """
    tags = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > rows.MAX_BYTES:
            expected = f"at most {rows.MAX_BYTES / 1e6:.0f} MB; a table of calls is far smaller"
            raise BadFile([Fault(path, None, f"{unpacked / 1e6:.0f} MB unpacked", expected)])
        for part in parts:
            # Without its zero bytes UTF-16 reads like UTF-8 here.
            xml = archive.read(part).replace(b"\0", b"")
            tags += xml.count(b"<")
            if b"<!DOCTYPE" in xml:
                raise BadFile([Fault(path, None, f"a document type in {shown(part.filename)}", _WHAT)])
            if tags > MOST_TAGS:
                raise BadFile([Fault(path, None, f"more than {MOST_TAGS} cells and other tags", "fewer")])


def _table(content: bytes, path: Path) -> tuple[list[Any], list[_Line]]:
    """Return the names in the first line, and the rows that are not empty with their numbers."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    sheet: Any = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
    # The size that a sheet states may be wrong.
    sheet.reset_dimensions()
    first = next(sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS, values_only=True), ())
    width = max((position for position, title in enumerate(first, 1) if title is not None), default=0)
    lines: list[_Line] = []
    # One column more, to see whether something stands beside the table.
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=width + 1), 2):
        if number * (width + 1) > rows.MAX_CELLS:
            found = f"more than {rows.MAX_CELLS // (width + 1)} rows"
            raise BadFile([Fault(path, None, found, "fewer rows; delete the empty ones at the end")])
        if any(cell.value is not None for cell in cells):
            lines.append((number, cells))
    return list(first[:width]), lines


def _columns(titles: Sequence[Any], path: Path) -> tuple[list[str], list[Fault]]:
    """Return the field of every column, and what is wrong with the names."""
    found = [_FURTHER.fullmatch(str(title).strip()) for title in titles]
    known = [match if match and match[1] in rows.kinds() else None for match in found]
    names, faults = rows.header(
        [title for title, match in zip(titles, known, strict=True) if not match], path, 1
    )
    further = [(match[1], int(match[2])) for match in known if match]
    for name in sorted({name for name, _ in further}):
        numbers = [number for other, number in further if other == name]
        if name not in names or numbers != list(range(2, len(numbers) + 2)):
            faults.append(
                Fault(path, 1, f"further columns of {name!r}: {shown(numbers)}", f"{name}, {name} (2), …")
            )
    columns = iter(names)
    return [match[1] if match else next(columns) for match in known], faults


def _row(number: int, cells: Sequence[Any], columns: Sequence[str], path: Path) -> Parsed:
    """Yield a row, or the faults of its cells."""
    texts: dict[str, str] = {}
    faults = []
    for name, cell in zip((*columns, ""), cells, strict=True):
        if cell.value is None:
            continue
        if not name:
            found = f"{shown(cell.value)} right of the table"
            faults.append(Fault(path, number, found, "nothing there"))
        elif cell.data_type in _NO_VALUES:
            found = f"{name}: {_NO_VALUES[cell.data_type]} {shown(str(cell.value))}"
            faults.append(Fault(path, number, found, "the value itself (copy, then paste values)"))
        else:
            texts[name] = texts.get(name, "") + _text(cell.value)
    yield from faults
    if not faults:
        kinds = rows.kinds()
        known = {name: text for name, text in texts.items() if name in kinds}
        yield Row(number, {name: rows.from_cell(text, kinds[name]) for name, text in known.items()})


def _text(value: Any) -> str:
    """Return the value of a cell as a file would have it."""
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
