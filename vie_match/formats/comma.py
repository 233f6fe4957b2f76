"""CSV as in RFC 4180: UTF-8, commas, every text in quotes, line ends CR LF.

A text that a spreadsheet would run as a formula gets an apostrophe in front, and so does one that looks
as if it had got one; reading takes it away again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vie_match.errors import BadFile, Fault
from vie_match.formats import rows
from vie_match.formats.rows import Parsed, Row
from vie_match.records import Call
from vie_match.tables import safe_cell

# Spreadsheets of countries with a decimal comma write semicolons; some programs write tabs.
_DELIMITERS = ",;\t"

# The apostrophe of :func:`shielded`: before the start of a formula, or before another apostrophe.
_SHIELD = re.compile(r"'['=+\-@\t\r]")

# The largest number that fits a C long everywhere; the module's own limit is 128 KiB a cell.
_LONGEST_CELL = 2**31 - 1

_Line = tuple[int, list[str]]


def dump(calls: Sequence[Call]) -> bytes:
    """Return calls as a CSV file."""
    kinds = rows.kinds()
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(kinds)
    for call in calls:
        flat = call.flat()
        writer.writerow(shielded(rows.to_cell(flat[name], kind)) for name, kind in kinds.items())
    return out.getvalue().encode("utf-8")


def parse(content: bytes, path: Path) -> Parsed:
    """Yield the rows of a CSV file, and the faults of others.

    Columns may be missing, stand in any order, and be parted by semicolons or tabs.

    Raises
    ------
    BadFile
        If the file is no table of calls.
    """
    lines, broken = _lines(rows.decoded(content, path), path)
    if not lines:
        expected = "a first line with the names of the columns"
        raise BadFile(broken or [Fault(path, None, "an empty file", expected)])
    names, faults = rows.header(lines[0][1], path, lines[0][0])
    yield from faults
    for line, cells in lines[1:]:
        yield _row(line, cells, names, path)
    yield from broken


def shielded(cell: str | int | float | None) -> str | int | float | None:
    """Return a cell that no spreadsheet runs as a formula; :func:`unshielded` takes it back.

    Examples
    --------
    >>> shielded("=1+1"), shielded("'=1+1"), shielded("'s-Hertogenbosch"), shielded(5)
    ("'=1+1", "''=1+1", "'s-Hertogenbosch", 5)
    """
    if isinstance(cell, str) and _SHIELD.match(cell):
        return f"'{cell}"
    shown: str | int | float | None = safe_cell(cell)
    return shown


def unshielded(cell: str) -> str:
    """Return the text that stood in a cell before :func:`shielded`.

    Examples
    --------
    >>> unshielded("'=1+1"), unshielded("''=1+1"), unshielded("'s-Hertogenbosch")
    ('=1+1', "'=1+1", "'s-Hertogenbosch")
    """
    return cell[1:] if _SHIELD.match(cell) else cell


def _row(line: int, cells: list[str], names: list[str], path: Path) -> Row | Fault:
    if len(cells) != len(names):
        expected = f"{len(names)}, as in the first line; a text with a comma stands in quotes"
        return Fault(path, line, f"{len(cells)} cells", expected)
    kinds = rows.kinds()
    known = ((name, cell) for name, cell in zip(names, cells, strict=True) if cell and name in kinds)
    return Row(line, {name: rows.from_cell(unshielded(cell), kinds[name]) for name, cell in known})


def _lines(text: str, path: Path) -> tuple[list[_Line], list[Fault]]:
    """Return the rows that are not empty, with the line each begins on, up to the first broken one."""
    lines: list[_Line] = []
    start = 1
    with _long_cells():
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        try:
            for cells in reader:
                if any(cells):
                    lines.append((start, cells))
                start = reader.line_num + 1
        except csv.Error as error:
            expected = "texts in quotes that are closed, quotes in them doubled, up to the end of the file"
            return lines, [Fault(path, start, f"a row that is no CSV ({error})", expected)]
    return lines, []


def _delimiter(text: str) -> str:
    first = text[: text.find("\n") + 1] or text
    return max(_DELIMITERS, key=first.count)


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let cells be as long as a call's text may be; the limit is the whole process's, so put it back."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
