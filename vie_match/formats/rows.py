"""What all formats share: a row before it is checked, the columns of tables, how values stand in cells.

An empty cell is the field's default: unknown, no text, or an empty list. No field can be both unknown
and an empty text, so nothing is lost by that.
"""

from __future__ import annotations

import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from vie_match.errors import BadFile, Fault, near_miss
from vie_match.faults import shown
from vie_match.records import Budget, Call
from vie_match.tables import CALL_COLUMNS

# What the readers of binary formats, and the modules below them, are known to raise on damaged files;
# they promise nothing.
_DAMAGED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

# Bounds for files of strangers; of packed forms the size unpacked counts, too. Ten thousand calls with
# long texts are half of the first, and an Excel sheet full of rows is less than the second.
MAX_BYTES = 200_000_000
MAX_CELLS = 30_000_000

_REQUIRED = tuple(
    name for name in CALL_COLUMNS if (Call.model_fields | Budget.model_fields)[name].is_required()
)


@dataclass(frozen=True, slots=True)
class Row:
    """One call of a file before it is checked.

    Attributes
    ----------
    line : int or None
        1-based line or row, None where a format has none.
    values : mapping
        In the flat form of files; what is unknown is left out.
    place : str
        Where it stands, for messages, in a format without lines.
    """

    line: int | None
    values: Mapping[str, Any]
    place: str = ""


# What a format finds in a file: a row, or what is wrong in the place of one.
Parsed = Iterator[Row | Fault]


class Kind(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    DAY = "day"
    LIST = "list"


_KINDS = {
    ("integer", None): Kind.WHOLE,
    ("number", None): Kind.NUMBER,
    ("string", "date"): Kind.DAY,
    ("array", None): Kind.LIST,
}


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kind of every column of a table of calls, in order, as the record's schema has it.

    Examples
    --------
    >>> kinds()["opening"], kinds()["grant_max_eur"], kinds()["url"]
    (<Kind.DAY: 'day'>, <Kind.WHOLE: 'whole number'>, <Kind.TEXT: 'text'>)
    """
    properties = Call.model_json_schema()["properties"] | Budget.model_json_schema()["properties"]
    return {name: _kind(properties[name]) for name in CALL_COLUMNS}


def _kind(schema: Mapping[str, Any]) -> Kind:
    choices = schema.get("anyOf", [schema])
    known = (_KINDS.get((choice.get("type"), choice.get("format"))) for choice in choices)
    return next((kind for kind in known if kind), Kind.TEXT)


def to_cell(value: Any, kind: Kind) -> str | int | float | None:
    """Return a value of the flat form as it stands in a cell; lists become JSON.

    Examples
    --------
    >>> to_cell(["2027-10-07", "2027-11-04 14:00"], Kind.LIST), to_cell([], Kind.LIST), to_cell(0, Kind.WHOLE)
    ('["2027-10-07", "2027-11-04 14:00"]', None, 0)
    """
    if value is None or value in ("", []):
        return None
    cell: str | int | float = json.dumps(value, ensure_ascii=False) if kind is Kind.LIST else value
    return cell


def from_cell(cell: str, kind: Kind) -> Any:
    """Return the value of a cell that is not empty; lists are JSON, or words with commas or semicolons.

    Examples
    --------
    >>> from_cell('["heat", "water"]', Kind.LIST), from_cell("heat; water", Kind.LIST)
    (['heat', 'water'], ['heat', 'water'])
    """
    if kind is not Kind.LIST:
        return cell
    if not cell.lstrip().startswith("["):
        return [part.strip() for part in cell.replace(";", ",").split(",") if part.strip()]
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        # Stays a text, of which the record says that it is no list.
        return cell


def header(names: Sequence[Any], path: Path, line: int | None = None) -> tuple[list[str], list[Fault]]:
    """Check the names of the columns.

    Parameters
    ----------
    names : sequence
        As they stand in the file.
    path : Path
    line : int, optional
        Line of the header.

    Returns
    -------
    tuple
        The names, without blanks around them, and what is wrong with them.

    Raises
    ------
    BadFile
        If a column is missing without which there is no call.
    """
    clean = [str(name).strip() if name is not None else "" for name in names]
    faults = []
    for position, name in enumerate(clean):
        if name not in CALL_COLUMNS:
            known = f"a known column{near_miss(name, CALL_COLUMNS)}; all: {', '.join(CALL_COLUMNS)}"
            found = f"the column {shown(name)}" if name else "a column without a name"
            faults.append(Fault(path, line, found, known))
        elif name in clean[:position]:
            faults.append(Fault(path, line, f"the column {name!r} a second time", "each column once"))
    missing = [name for name in _REQUIRED if name not in clean]
    if missing:
        expected = f"a first line with the names of the columns, {', '.join(_REQUIRED)} among them"
        raise BadFile([Fault(path, line, f"no column {', '.join(missing)}", expected), *faults])
    return clean, faults


def decoded(content: bytes, path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    BadFile
        With the line on which it is no UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"bytes that are no UTF-8 ({content[error.start : error.start + 4].hex(' ')})"
        in_excel = " (in Excel: CSV UTF-8)" if path.suffix.casefold() == ".csv" else ""
        raise BadFile([Fault(path, line, found, f"a text saved as UTF-8{in_excel}")]) from None


@contextmanager
def reading(path: Path, expected: str, also: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn whatever a reader of a binary format raises on a damaged file into a fault of the file.

    Parameters
    ----------
    path : Path
    expected : str
        What the file should be.
    also : tuple of exception types, optional
        The reader's own.
    """
    raised: tuple[type[Exception], ...] = (*_DAMAGED, *also)
    try:
        yield
    except raised as error:
        found = f"damaged or foreign data ({type(error).__name__}: {shown(str(error))})"
        raise BadFile([Fault(path, None, found, expected)]) from error
