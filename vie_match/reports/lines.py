"""The digest's suggestions in a row, for tables, calendars and feeds; foreign texts made harmless."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vie_match.records import Call
from vie_match.reports.agenda import Section
from vie_match.reports.digest import CityPart, Digest
from vie_match.reports.terms import Terms
from vie_match.results import Match

# Signs that turn the direction of what follows (Unicode, UAX #9, 2): with one of them a text can make a
# reader see another name, address or ending than there is.
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Those of ASCII and Latin-1 that control something; some of them part words as a blank does.
_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"]
_HARMLESS = str.maketrans(
    dict.fromkeys(_TURNING, "") | {sign: " " if sign.isspace() else "" for sign in _CONTROLS}
)


@dataclass(frozen=True, slots=True)
class Line:
    """A call suggested to a project.

    Attributes
    ----------
    part : CityPart
    match : Match
    section : Section
        Where it stands in the project's part of the report.
    """

    part: CityPart
    match: Match
    section: Section

    @property
    def call(self) -> Call:
        """The call."""
        return self.match.call

    @property
    def city(self) -> str:
        """Name of the city, on one line."""
        return one_line(self.part.profile.city.name)

    @property
    def terms(self) -> Terms | None:
        """On which terms the city may take part; None: not judged."""
        return self.part.terms.get(self.call.identifier)


def lines(digest: Digest) -> Iterator[Line]:
    """Yield what is suggested, project by project, the best first.

    Where nothing is calibrated every open call is recommended; then only those that are shown in full count.
    """
    for part in digest.cities:
        found = [
            Line(part, match, one.section)
            for one in part.sections
            for match in one.matches
            if match.probability is not None or match in one.shown
        ]
        yield from sorted(found, key=lambda line: line.match.rank)


def by_call(digest: Digest) -> list[Sequence[Line]]:
    """Return the suggestions of each call, those likeliest first; calls in order of their next deadline."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines(digest):
        found[line.call.identifier].append(line)
    rows = [sorted(row, key=_likeliest) for row in found.values()]
    return sorted(rows, key=lambda row: (_closes(row[0].match), row[0].call.identifier))


def narrowed(digest: Digest, profile: str) -> Digest:
    """Return the digest with one project alone; news of calls, sources and faults stay."""
    own = tuple(part for part in digest.cities if part.profile.id == profile)
    names = {part.profile.city.name for part in own}
    news = tuple(
        replace(one, cities=tuple(city for city in one.cities if city in names)) for one in digest.news
    )
    return replace(digest, cities=own, news=news, network=())


def one_line(text: str) -> str:
    r"""Return a foreign text on one line, without signs that control something or turn its direction.

    Examples
    --------
    >>> one_line("Trees\r\nBcc: all@example.org"), one_line("a\x00b\u202ecod.exe")
    ('Trees Bcc: all@example.org', 'abcod.exe')
    """
    return harmless(" ".join(text.split()))


def harmless(text: str) -> str:
    r"""Return a text or page without signs that control something or turn its direction; lines stay.

    Examples
    --------
    >>> harmless("a\x1b[2J\x0cb\n c\u202e")
    'a[2J b\n c'
    """
    return text.translate(_HARMLESS)


def _likeliest(line: Line) -> tuple[float, int, str]:
    return (-(line.match.probability or 0), line.match.rank, line.part.profile.id)


def _closes(match: Match) -> float:
    return match.deadline.moment.timestamp() if match.deadline else float("inf")
