"""The digest's suggestions in a row, for tables, calendars and feeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vie_match.foreign import one_line
from vie_match.records import Call
from vie_match.reports.agenda import Section
from vie_match.reports.digest import CityPart, Digest
from vie_match.reports.terms import Terms
from vie_match.results import Match


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
    """Yield what is suggested, project by project, the best first."""
    for part in digest.cities:
        sections = {match.rank: one.section for one in part.sections for match in one.matches}
        yield from (Line(part, match, sections[match.rank]) for match in part.suggested)


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


def _likeliest(line: Line) -> tuple[float, int, str]:
    return (-(line.match.probability or 0), line.match.rank, line.part.profile.id)


def _closes(match: Match) -> float:
    return match.deadline.moment.timestamp() if match.deadline else float("inf")
