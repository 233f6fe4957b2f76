"""The report as data: what every renderer shows, decided once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from vie_match.errors import Fault
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.results import LeftOut, Match, MatchList

# A call whose facts are older than this may have changed since; the report says so.
STALE_AFTER_DAYS = 60


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where calls come from, how many, and how old their facts are."""

    name: str
    calls: int
    oldest: dt.date | None
    newest: dt.date | None


@dataclass(frozen=True, slots=True)
class CityPart:
    """One profile's part of the report.

    Attributes
    ----------
    profile : Profile
    best : tuple of Match
        Shown in full.
    further : tuple of Match
        Ranked behind them; one line each.
    """

    profile: Profile
    best: tuple[Match, ...]
    further: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything the report says.

    Attributes
    ----------
    moment : datetime
        Europe/Brussels; statuses and days left refer to it.
    cities : tuple of CityPart
        In order of city name.
    left_out : tuple of LeftOut
        Calls that cannot be entered any more, latest first.
    sources : tuple of SourceLine
    faults : tuple of Fault
        Of files that could not be read.
    notices : tuple of str
    calls : int
        Calls read.
    model : str
        Id of the encoder.
    """

    moment: dt.datetime
    cities: tuple[CityPart, ...]
    left_out: tuple[LeftOut, ...]
    sources: tuple[SourceLine, ...]
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]
    calls: int
    model: str

    @property
    def today(self) -> dt.date:
        """The day in Brussels."""
        return self.moment.astimezone(BRUSSELS).date()

    @property
    def open_calls(self) -> int:
        """Calls that can be entered now or later."""
        return self.calls - len(self.left_out)

    @property
    def stale_calls(self) -> int:
        """Calls shown in full whose facts are older than :data:`STALE_AFTER_DAYS`, or of unknown date."""
        limit = self.today - dt.timedelta(days=STALE_AFTER_DAYS)
        shown = {match.call.identifier: match.call for part in self.cities for match in part.best}
        return sum(call.source_date is None or call.source_date < limit for call in shown.values())


def digest(
    lists: Sequence[MatchList],
    calls: Sequence[Call],
    *,
    moment: dt.datetime,
    top: int,
    model: str,
    faults: Sequence[Fault] = (),
    notices: Sequence[str] = (),
) -> Digest:
    """Put a run's results together.

    Parameters
    ----------
    lists : sequence of MatchList
        One per profile.
    calls : sequence of Call
        All calls read, closed ones among them.
    moment : datetime
        With a time zone.
    top : int
        Matches shown in full per profile.
    model : str
        Id of the encoder.
    faults, notices : sequence, optional
        What went wrong or was unusual while reading.
    """
    cities = [CityPart(one.profile, one.matches[:top], one.matches[top:]) for one in lists]
    # What is left out so far depends on the calls alone, so it is the same in every list.
    left_out = sorted(
        lists[0].left_out if lists else (), key=lambda out: out.call.entries[-1].moment, reverse=True
    )
    return Digest(
        moment=moment.astimezone(BRUSSELS),
        cities=tuple(sorted(cities, key=lambda part: (part.profile.city.name, part.profile.id))),
        left_out=tuple(left_out),
        sources=_sources(calls),
        faults=tuple(faults),
        notices=tuple(notices),
        calls=len(calls),
        model=model,
    )


def _sources(calls: Sequence[Call]) -> tuple[SourceLine, ...]:
    lines = []
    for name in sorted({call.source for call in calls}):
        own = [call for call in calls if call.source == name]
        dates = [call.source_date for call in own if call.source_date]
        lines.append(
            SourceLine(name or "not stated", len(own), min(dates, default=None), max(dates, default=None))
        )
    return tuple(lines)
