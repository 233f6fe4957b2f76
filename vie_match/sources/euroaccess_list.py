"""The list of EuroAccess: one row a call. Pure: no network, no clock."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bs4 import Tag

from vie_match.errors import SourceChanged
from vie_match.pages import markup, text
from vie_match.records import Deadline

_CALL_PATH = re.compile(r"/calls/(\d{1,9})(?:/[^/?]*)?(?:\?.*)?$")
_ANNOUNCED = re.compile(r"\b(\d{1,5}) calls found\b", re.IGNORECASE)
_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d")
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list.

    Attributes
    ----------
    number : int
        The site's own number of the call.
    programme, title : str
        In the words of the site; the programme may be empty.
    url : str
        Page of the call on the site.
    deadline : str
        In the words of the site, or empty.
    """

    number: int
    programme: str
    title: str
    url: str
    deadline: str

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """The deadline, if there is one.

        Raises
        ------
        BadValue
            If it is no day that exists.
        """
        return text.deadlines(self.deadline)[:1]


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list.

    Attributes
    ----------
    rows : tuple of Row
        One per call, in the order in which they stand.
    announced : int or None
        How many calls the page says were found, on all pages together.
    following : str or None
        Address of the next page.
    """

    rows: tuple[Row, ...]
    announced: int | None
    following: str | None


def parse_list(html: str, url: str) -> ListPage:
    """Read one page of the list.

    Parameters
    ----------
    html : str
    url : str
        Its address.

    Raises
    ------
    SourceChanged
        If no call is listed.
    """
    root = text.soup(text.repaired(html))
    rows = _rows(root, url)
    if not rows:
        raise SourceChanged(f"{url}: found no link to a call; expected links to /calls/<number>/…")
    announced = _ANNOUNCED.search(" ".join(markup.lines(root)))
    return ListPage(rows, int(announced[1]) if announced else None, markup.next_page(root, url))


def _rows(root: Tag, url: str) -> tuple[Row, ...]:
    linked = [
        (tag, words or " ".join(str(tag.get("title") or "").split()), to, int(found[1]))
        for tag, words, to in markup.links(root, url)
        if (found := _CALL_PATH.search(to))
    ]
    numbers: dict[int, set[int]] = defaultdict(set)
    for tag, _, _, number in linked:
        for part in markup.around(tag):
            numbers[id(part)].add(number)
    rows: dict[int, Row] = {}
    for tag, title, to, number in linked:
        row = _row(tag, title, to, number, numbers) if title and number not in rows else None
        if row:
            rows[number] = row
    return tuple(rows.values())


def _row(link: Tag, title: str, to: str, number: int, numbers: Mapping[int, set[int]]) -> Row | None:
    """Return the row a link stands in: the innermost part with a date and with no other call.

    Parameters
    ----------
    link : Tag
    title, to : str
    number : int
    numbers : mapping of int to set of int
        The calls a tag holds links to, by its id.
    """
    widest = None
    for part in markup.around(link):
        if len(numbers[id(part)]) > 1:
            break
        widest = part
        if _date_line(markup.lines(part)):
            break
    if widest is None:
        return None
    lines = markup.lines(widest)
    date = _date_line(lines)
    programme = next((line for line in lines if line not in (title, date)), "")
    return Row(number, programme, title[:_LONGEST_TITLE].strip(), to, date)


def _date_line(lines: Sequence[str]) -> str:
    return next(
        (line for line in lines if re.match(r"\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d", line)), ""
    )
