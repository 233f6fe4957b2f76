"""Workbooks and CSV files that a person exported → tables, row by row."""

from __future__ import annotations

import csv
import io
import itertools
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from vie_match.errors import BadFile, Fault, SourceChanged, SourceRefused
from vie_match.track.columns import Columns, shown
from vie_match.track.dumps import Dump

# A full export of keep.eu has some 40 MB; unpacked, ten times as much.
MAX_UNPACKED_BYTES = 10**9
MAX_CSV_BYTES = 300 * 10**6
# Rows above the header that a person may have written a title into.
_HEADER_ROWS = 10

Cells = dict[str, object]
Numbered = tuple[int, Sequence[object]]

# What the library raises for workbooks that are broken, or only look like one.
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a workbook, or the only one of a CSV file.

    Attributes
    ----------
    path : Path
    name : str
    lines : callable
        Yields the rows from the first, with their numbers in the file.
    """

    path: Path
    name: str
    lines: Callable[[], Iterator[Numbered]]

    def rows(self, columns: Columns) -> Iterator[tuple[int, Cells]]:
        """Yield the wanted cells of each row, with its number; rows without any cell are left out.

        Parameters
        ----------
        columns : Columns
            What is read of it. The header may stand below a title.

        Raises
        ------
        BadFile
            If a required column is missing, or the file is damaged.
        """
        lines = self._read()
        for _, header in itertools.islice(lines, _HEADER_ROWS):
            titles = [_title(cell) for cell in header]
            if columns.missing(titles):
                continue
            where = columns.where(titles)
            for at, cells in lines:
                if any(cell is not None for cell in cells):
                    yield at, {name: cells[to] if to < len(cells) else None for name, to in where.items()}
            return
        raise BadFile([Fault(self.path, None, *self._lack(columns))])

    def has(self, columns: Columns) -> bool:
        """Tell whether the required columns are there."""
        head = itertools.islice(self._read(), _HEADER_ROWS)
        return any(not columns.missing([_title(cell) for cell in header]) for _, header in head)

    def _lack(self, columns: Columns) -> tuple[str, str]:
        """Return what the row that looks most like a header has, and what it should have."""
        heads = [[_title(c) for c in header] for _, header in itertools.islice(self._read(), _HEADER_ROWS)]
        best = min(heads, key=lambda titles: len(columns.missing(titles)), default=[])
        missing = ", ".join(columns.missing(best))
        return f"sheet {self.name!r} with the columns {shown(best)}", f"also {missing}; export it anew"

    def _read(self) -> Iterator[Numbered]:
        try:
            yield from self.lines()
        except _UNREADABLE as error:
            raise _damaged(self.path, error) from error


def _title(cell: object) -> str:
    return "" if cell is None else str(cell)


@contextmanager
def opened(path: Path) -> Iterator[list[Sheet]]:
    """Open a workbook (``.xlsx``) or a CSV file for reading.

    Parameters
    ----------
    path : Path

    Yields
    ------
    list of Sheet

    Raises
    ------
    BadFile
        If it is neither, is damaged, or is larger unpacked than a workbook can honestly be.
    """
    if path.suffix.lower() == ".csv":
        text = _decoded(path)
        yield [Sheet(path, path.stem, lambda: _csv_lines(text))]
        return
    if path.suffix.lower() != ".xlsx":
        raise BadFile([Fault(path, None, f"a file ending in {path.suffix!r}", "a workbook .xlsx, or a .csv")])
    _check(path)
    with _open(path) as file:
        book = _book(path, file)
        if not book.worksheets:
            raise BadFile([Fault(path, None, "no sheet", "a workbook with sheets")])
        yield [Sheet(path, sheet.title, _lines_of(sheet)) for sheet in book.worksheets]


def _open(path: Path) -> IO[bytes]:
    # The library leaves a file open that it cannot read.
    try:
        return path.open("rb")
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), "a readable file")]) from error


def _check(path: Path) -> None:
    """Refuse what only looks like a workbook before the library unpacks it."""
    try:
        with Dump(path, max_bytes=MAX_UNPACKED_BYTES) as dump:
            typed = [name for name in dump.members(r"\.(?:xml|rels)") if b"<!DOCTYPE" in dump.head(name)]
    except (SourceChanged, SourceRefused) as error:
        raise BadFile([Fault(path, None, str(error), "a workbook as keep.eu exports it")]) from error
    if typed:
        raise BadFile([Fault(path, None, f"a document type in {typed[0]}", "a workbook without one")])


def _book(path: Path, file: IO[bytes]) -> Any:
    with warnings.catch_warnings():
        # The library warns of styles and validations that it leaves out; only values are read here.
        warnings.simplefilter("ignore")
        try:
            return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except _UNREADABLE as error:
            raise _damaged(path, error) from error


def _lines_of(sheet: Any) -> Callable[[], Iterator[Numbered]]:
    def lines() -> Iterator[Numbered]:
        # Some programs write a wrong size into the sheet; without one every row is read.
        sheet.reset_dimensions()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from enumerate(sheet.iter_rows(values_only=True), 1)

    return lines


def _decoded(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_CSV_BYTES:
            expected = f"at most {MAX_CSV_BYTES / 1e6:.0f} MB"
            raise BadFile([Fault(path, None, f"{size / 1e6:.0f} MB", expected)])
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), "a readable file")]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What office programs write in Western Europe when asked for "CSV".
        return raw.decode("cp1252", errors="replace")


def _csv_lines(text: str) -> Iterator[Numbered]:
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell or None for cell in cells]
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _damaged(path: Path, error: Exception) -> BadFile:
    return BadFile([Fault(path, None, f"a damaged file ({error})", "a file that opens; export it anew")])
