"""Files of the package's own data → checked records, with the line of every fault.

The YAML files begin with a line ``---``, so that they are read as the front matter of profiles and calls is:
all values are text, one key stands once, anchors are refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from vie_match.errors import BadFile, Fault
from vie_match.faults import findings
from vie_match.sources import frontmatter
from vie_match.sources.frontmatter import KeyPath, Parsed

# These files are many, and checked before they are shipped.
_LOADER: frontmatter.Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Kind = TypeVar("Kind", bound=BaseModel)


class Faults:
    """Collects what is wrong with one file.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[Fault] = []

    def add(self, line: int | None, found: str, expected: str) -> None:
        """Note one fault."""
        self.found.append(Fault(self.path, line, found, expected))

    def record(
        self, kind: type[Kind], values: Any, parsed: Parsed, at: KeyPath = (), line: int | None = None
    ) -> Kind | None:
        """Return the record that values make, or note what is wrong with them.

        Parameters
        ----------
        kind : type
        values : any
        parsed : Parsed
            Knows the line of every key.
        at : tuple
            Keys and positions that lead to the values.
        line : int, optional
            Of all the values, where keys have none of their own.
        """
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            for one in findings(error, kind):
                self.add(line or parsed.line_of((*at, *one.at)), one.found, one.expected)
            return None

    def row(self, kind: type[Kind], cells: Mapping[str, str], line: int) -> Kind | None:
        """Return the record that a table's row makes, or note what is wrong with it."""
        return self.record(kind, dict(cells), Parsed({}, "", line, {}), (), line)

    def stop(self) -> None:
        """Raise if anything was noted.

        Raises
        ------
        BadFile
            With all faults.
        """
        if self.found:
            raise BadFile(self.found)


def read_yaml(path: Path) -> Parsed:
    """Return the values of a YAML file and the line of every key.

    Raises
    ------
    BadFile
        If it cannot be read or is no mapping that begins with a line ``---``.
    """
    return frontmatter.parse(f"{_text(path)}\n---\n", path, _LOADER)


def read_csv(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows of a table with their 1-based lines; empty cells are left out.

    Parameters
    ----------
    path : Path
        UTF-8, commas.
    columns : tuple of str
        The first line.

    Raises
    ------
    BadFile
        If it cannot be read, has other columns, or a row with more or fewer cells.
    """
    rows = csv.reader(io.StringIO(_text(path)))
    first = tuple(next(rows, ()))
    faults = Faults(path)
    if first != columns:
        faults.add(1, f"the columns {','.join(first)}", ",".join(columns))
        faults.stop()
    read = []
    for row in rows:
        if len(row) != len(columns):
            faults.add(rows.line_num, f"{len(row)} cells", f"{len(columns)}, one a column")
        read.append((rows.line_num, dict(zip(columns, row, strict=False))))
    faults.stop()
    for line, cells in read:
        yield line, {column: cell.strip() for column, cell in cells.items() if cell.strip()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile([Fault(path, None, str(error), "a readable file in UTF-8")]) from error
