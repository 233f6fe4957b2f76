"""The report as data: what every renderer shows, decided once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vie_match.changes import Change
from vie_match.errors import Fault
from vie_match.history import KnownCall, Reading
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.reports.network import CallView, by_call
from vie_match.reports.terms import AllTerms, Terms
from vie_match.results import LeftOut, Match, MatchList
from vie_match.track.records import Participation
from vie_match.vocabulary import ReadingState

# A call whose facts are older than this may have changed since; the report says so.
STALE_AFTER_DAYS = 60

# The verdict that is the same for every profile; others are one profile's own.
CLOSED_RULE = "deadline"

# Facts that an office acts on.
ACTED_ON = ("opening", "deadlines", "budget_total_eur", "grant_min_eur", "grant_max_eur", "cofunding_rate")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where calls come from, how many, and how old their facts are."""

    name: str
    calls: int
    oldest: dt.date | None
    newest: dt.date | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source whose latest reading was not taken over, or not whole: what is shown of it may be old.

    Attributes
    ----------
    source : str
        Name for people.
    state : ReadingState
    when : date
        Day of the reading.
    last_good : date or None
        Day of the last one that was taken over.
    message : str
    """

    source: str
    state: ReadingState
    when: dt.date
    last_good: dt.date | None
    message: str


@dataclass(frozen=True, slots=True)
class News:
    """A change, and the cities among whose best calls it stands.

    Attributes
    ----------
    change : Change
    cities : tuple of str
        Names; empty when it is among the best of none.
    """

    change: Change
    cities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CityPart:
    """One profile's part of the report.

    Attributes
    ----------
    profile : Profile
    best : tuple of Match
        Recommended and shown in full.
    further : tuple of Match
        Recommended, too, behind them; one line each.
    others : tuple of Match
        Open, but too unlikely to be recommended. Without calibrated probabilities there are none.
    left_out : tuple of LeftOut
        Not for this project, for a reason of its own.
    terms : mapping
        Identifier of a call → whether and on which terms the city may take part; of calls that were judged.
    """

    profile: Profile
    best: tuple[Match, ...]
    further: tuple[Match, ...]
    others: tuple[Match, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    terms: Mapping[str, Terms] = field(default_factory=dict)

    @property
    def nearest(self) -> Match | None:
        """The best of the calls that are not recommended, when nothing is."""
        return self.others[0] if self.others and not self.best else None

    @property
    def refused(self) -> tuple[LeftOut, ...]:
        """The calls that were set apart because the city may take part in no team."""
        found = ((out, self.terms.get(out.call.identifier)) for out in self.left_out)
        return tuple(out for out, terms in found if terms and terms.refusals)

    @property
    def ranked(self) -> tuple[Match, ...]:
        """All matches in their order."""
        return tuple(sorted((*self.best, *self.further, *self.others), key=lambda match: match.rank))


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything the report says.

    Attributes
    ----------
    moment : datetime
        Europe/Brussels; statuses and days left refer to it.
    cities : tuple of CityPart
        In order of city name.
    network : tuple of CallView
        The calls that fit somebody, those that fit most cities first.
    left_out : tuple of LeftOut
        Calls that cannot be entered any more, latest first.
    since : date or None
        Day of the report that this one is compared with; None for the first.
    news : tuple of News
        What happened since; first what stands among the best calls of most cities.
    known : mapping
        Identifier → the call with where its facts come from and on which its sources differ.
    sources : tuple of SourceLine
    troubles : tuple of Trouble
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
    network: tuple[CallView, ...]
    left_out: tuple[LeftOut, ...]
    since: dt.date | None
    news: tuple[News, ...]
    known: Mapping[str, KnownCall]
    sources: tuple[SourceLine, ...]
    troubles: tuple[Trouble, ...]
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]
    calls: int
    model: str

    @property
    def today(self) -> dt.date:
        """The day in Brussels."""
        return self.moment.astimezone(BRUSSELS).date()

    def news_of(self, kind: str) -> tuple[News, ...]:
        """Return the news of one kind: new, changed, gone or closed."""
        return tuple(one for one in self.news if one.change.kind == kind)

    def change_of(self, call: Call) -> Change | None:
        """Return what happened to a call that is shown, or None."""
        return next((one.change for one in self.news if one.change.key == call.identifier.casefold()), None)

    @property
    def open_calls(self) -> int:
        """Calls that can be entered now or later."""
        return self.calls - len(self.left_out)

    @property
    def stale_calls(self) -> int:
        """Calls shown in full whose facts are older than :data:`STALE_AFTER_DAYS`, or of unknown date."""
        limit = self.today - dt.timedelta(days=STALE_AFTER_DAYS)
        shown = {match.call.identifier for part in self.cities for match in part.best}
        oldest = [_oldest(self.known[identifier]) for identifier in shown]
        return sum(date is None or date < limit for date in oldest)


@dataclass(frozen=True, slots=True)
class Background:
    """What the report says beside the ranking.

    Attributes
    ----------
    since : date or None
        Day of the report that this one is compared with.
    changes : sequence of Change
        What happened to calls since.
    readings : sequence of Reading
        The latest of each source.
    good : sequence of Reading
        The latest of each source that was taken over.
    names : mapping
        Short name of a live source that is asked → name for people; others' readings are not told.
    faults, notices : sequence
        What went wrong or was unusual while reading files.
    """

    since: dt.date | None = None
    changes: Sequence[Change] = ()
    readings: Sequence[Reading] = ()
    good: Sequence[Reading] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    notices: Sequence[str] = ()


def digest(
    lists: Sequence[MatchList],
    known: Sequence[KnownCall],
    *,
    moment: dt.datetime,
    top: int,
    model: str,
    background: Background = Background(),
    track: Sequence[Participation] = (),
    terms: AllTerms | None = None,
) -> Digest:
    """Put a run's results together.

    Parameters
    ----------
    lists : sequence of MatchList
        One per profile.
    known : sequence of KnownCall
        All calls, closed ones among them.
    moment : datetime
        With a time zone.
    top : int
        Matches shown in full per profile, at most.
    model : str
        Id of the encoder.
    background : Background, optional
    track : sequence of Participation, optional
        The table of cities' projects.
    terms : mapping, optional
        (id of the profile, identifier of the call) → terms, of what was judged.
    """
    cities = [_part(one, top, terms or {}) for one in lists]
    # Closed is closed for all, so the same call stands in every list.
    closed = {
        out.call.identifier: out for one in lists for out in one.left_out if out.verdict.rule == CLOSED_RULE
    }
    left_out = sorted(closed.values(), key=lambda out: out.call.entries[-1].moment, reverse=True)
    calls = [one.call for one in known]
    return Digest(
        moment=moment.astimezone(BRUSSELS),
        cities=tuple(sorted(cities, key=lambda part: (part.profile.city.name, part.profile.id))),
        network=by_call(lists, track, top=top, terms=terms),
        left_out=tuple(left_out),
        since=background.since,
        news=_news(background.changes, cities),
        known={one.call.identifier: one for one in known},
        sources=_sources(calls),
        troubles=_troubles(background),
        faults=tuple(background.faults),
        notices=tuple(background.notices),
        calls=len(calls),
        model=model,
    )


def _part(one: MatchList, top: int, terms: AllTerms) -> CityPart:
    recommended = one.recommended
    ranks = {match.rank for match in recommended}
    return CityPart(
        one.profile,
        recommended[:top],
        recommended[top:],
        tuple(match for match in one.matches if match.rank not in ranks),
        tuple(out for out in one.left_out if out.verdict.rule != CLOSED_RULE),
        {call: found for (profile, call), found in terms.items() if profile == one.profile.id},
    )


def _news(changes: Sequence[Change], cities: Sequence[CityPart]) -> tuple[News, ...]:
    among_best: dict[str, list[str]] = defaultdict(list)
    for part in cities:
        for match in part.best:
            among_best[match.call.identifier.casefold()].append(part.profile.city.name)
    news = [News(change, tuple(sorted(set(among_best[change.key])))) for change in changes]
    return tuple(sorted(news, key=lambda one: (-len(one.cities), one.change.key)))


def _oldest(known: KnownCall) -> dt.date | None:
    """Return the day of the oldest fact that can cost an application; None: one is of unknown date."""
    dates = [known.origins[name].date for name in ACTED_ON if name in known.origins]
    return None if None in dates else min(filter(None, dates), default=known.call.source_date)


def _troubles(background: Background) -> tuple[Trouble, ...]:
    last_good = {reading.source: reading.began.date() for reading in background.good}
    return tuple(
        Trouble(
            background.names[reading.source],
            reading.state,
            reading.began.date(),
            last_good.get(reading.source),
            reading.message,
        )
        for reading in background.readings
        if reading.source in background.names and reading.state is not ReadingState.TAKEN_OVER
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
