"""Tables of text whose columns change their names from year to year."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from vie_match.errors import SourceChanged

Row = Mapping[str, str]

# Columns shown in a message, and letters of each.
_SHOWN, _SHOWN_LETTERS = 60, 40


class Columns:
    """What is read of a table.

    Parameters
    ----------
    names : mapping
        Our name → the source's names for it, the present one first; case, blanks, marks and what stands in
        brackets do not matter.
    required : iterable of str
        Our names of the columns without which the table is of no use.
    """

    def __init__(self, names: Mapping[str, tuple[str, ...]], required: Iterable[str]) -> None:
        self._names = {ours: tuple(map(heading, theirs)) for ours, theirs in names.items()}
        self._usual = {ours: theirs[0] for ours, theirs in names.items()}
        self._required = frozenset(required)

    def where(self, header: Sequence[str]) -> dict[str, int]:
        """Return the position of each wanted column that is there, by our name."""
        positions: dict[str, int] = {}
        for number, title in enumerate(header):
            positions.setdefault(heading(title), number)
        return {
            ours: next(positions[one] for one in theirs if one in positions)
            for ours, theirs in self._names.items()
            if any(one in positions for one in theirs)
        }

    def missing(self, header: Sequence[str]) -> list[str]:
        """Return the usual names of required columns that are not there."""
        where = self.where(header)
        return [self._usual[ours] for ours in self._names if ours in self._required and ours not in where]

    def rows(
        self, lines: Iterable[str], place: str, delimiter: str = ";"
    ) -> Iterator[tuple[int, Row | None]]:
        """Yield the rows of a table, one by one.

        Parameters
        ----------
        lines : iterable of str
            With their ends.
        place : str
            Name of the table, for messages.
        delimiter : str, optional

        Yields
        ------
        tuple
            Line at which the row ends, and the wanted cells by our name; None for a row with more or fewer
            cells than the header.

        Raises
        ------
        SourceChanged
            If a required column is missing (the message names it and the columns found), or the text is no
            such table.
        """
        # Not strict: of a field that opens with two quotation marks, by mistake, the words are still read.
        reader = csv.reader(lines, delimiter=delimiter)
        try:
            header = next(reader, [])
            where = self._checked(header, place)
            for cells in reader:
                if cells:
                    whole = len(cells) == len(header)
                    yield reader.line_num, {name: cells[at] for name, at in where.items()} if whole else None
        except csv.Error as error:
            raise SourceChanged(
                f"{place}, line {reader.line_num}: found {error}; expected rows of quoted cells apart by "
                f"{delimiter!r}; fetch it again, and look at that line if it stays so"
            ) from error

    def _checked(self, header: list[str], place: str) -> dict[str, int]:
        missing = self.missing(header)
        if missing:
            raise SourceChanged(
                f"{place}: found the columns {shown(header)}; expected also {', '.join(missing)}; "
                "look whether the table has new names"
            )
        return self.where(header)


def shown(header: Sequence[str]) -> str:
    """Return the titles of columns for a message."""
    titles = [title[:_SHOWN_LETTERS] for title in header if title.strip()]
    more = f" and {len(titles) - _SHOWN} more" if len(titles) > _SHOWN else ""
    return (", ".join(titles[:_SHOWN]) or "none") + more


def heading(title: str) -> str:
    """Return a column's title in small letters, without marks, blanks and what stands in brackets.

    Examples
    --------
    >>> heading("Project ID (2021-2027 only)"), heading("ecSignatureDate"), heading(" NUTS 3 code ")
    ('projectid', 'ecsignaturedate', 'nuts3code')
    """
    return re.sub(r"[\W_]", "", re.sub(r"\([^()]*\)", "", title)).casefold()
