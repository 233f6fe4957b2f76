"""The report as data: what every renderer shows, decided once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vie_match.changes import Change
from vie_match.errors import Fault
from vie_match.history import KnownCall
from vie_match.records import BRUSSELS, Call
from vie_match.reports.agenda import Past, Section, under_every_key
from vie_match.reports.background import Background, SourceLine, Trouble, sources, troubles
from vie_match.reports.city_part import CityPart, city_part
from vie_match.reports.network import CallView, call_views
from vie_match.reports.terms import AllTerms
from vie_match.results import CLOSED, LeftOut, Match, MatchList
from vie_match.store.suggestions import Suggestion
from vie_match.track.records import Participation
from vie_match.vocabulary import Programme

__all__ = ["Background", "CityPart", "Digest", "News", "SourceLine", "Trouble", "Urgent", "digest"]

# A call whose facts are older than this may have changed since; the report says so.
STALE_AFTER_DAYS = 60

# Facts that can cost an application when they are old.
_DATED = ("opening", "deadlines", "budget_total_eur", "grant_min_eur", "grant_max_eur", "cofunding_rate")

_NOTHING = Background()

# Calls that the summary of the week names.
_URGENT = 3


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
class Urgent:
    """A suggested call for which an office has to move first.

    Attributes
    ----------
    match : Match
        Of the city that it fits best.
    cities : tuple of CityPart
        All that it is suggested to.
    """

    match: Match
    cities: tuple[CityPart, ...]


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
    teams : mapping
        Identifier of a call → names of the members of a suggested team; of those that one was sought for.
    changes : mapping
        Identifier of a call in small letters → what happened to it; the same as in ``news``.
    threshold : float or None
        Probability from which a call is suggested; None: not calibrated.
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
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    threshold: float | None = None

    @property
    def today(self) -> dt.date:
        """The day in Brussels."""
        return self.moment.astimezone(BRUSSELS).date()

    def projects_of(self, city: str) -> int:
        """Return how many projects a city has, by its name."""
        return sum(part.profile.city.name == city for part in self.cities)

    def news_of(self, kind: str) -> tuple[News, ...]:
        """Return the news of one kind: new, changed, gone or closed."""
        return tuple(one for one in self.news if one.change.kind == kind)

    def count(self, section: Section) -> int:
        """Return how many different calls stand in a section of some city."""
        parts = [part.section(section) for part in self.cities]
        calls = [match.call for one in parts for match in one.matches]
        calls += [gone.call for one in parts for gone in one.gone]
        return len({call.identifier for call in calls})

    @property
    def urgent(self) -> tuple[Urgent, ...]:
        """The calls with the least time beside what an application takes, those that are too late last."""
        found: dict[str, list[tuple[CityPart, Match]]] = defaultdict(list)
        for part in self.cities:
            for match in (*part.best, *part.further):
                if match.deadline is not None:
                    found[match.call.identifier].append((part, match))
        rows = sorted(found.values(), key=self._urgency)[:_URGENT]
        return tuple(Urgent(_likeliest(row), tuple(part for part, _ in row)) for row in rows)

    def _urgency(self, row: Sequence[tuple[CityPart, Match]]) -> tuple[bool, int, int]:
        part, match = row[0]
        terms = part.terms.get(match.call.identifier)
        left = match.deadline.days_left(self.today) if match.deadline else 0
        spare = left - (terms.time.days_needed if terms else 0)
        return (spare < 0, spare, -len(row))

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """The programmes of the suggested calls."""
        matches = (match for part in self.cities for match in (*part.best, *part.further))
        return tuple(sorted({match.call.programme for match in matches}))

    @property
    def suggested(self) -> tuple[Suggestion, ...]:
        """What is to be remembered for the next report."""
        return tuple(
            Suggestion(part.profile.id, match.call.identifier, match.rank, match.probability)
            for part in self.cities
            for match in part.suggested
        )

    def change_of(self, call: Call) -> Change | None:
        """Return what happened to a call that is shown, or None."""
        return self.changes.get(call.identifier.casefold())

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


def digest(
    lists: Sequence[MatchList],
    known: Sequence[KnownCall],
    *,
    moment: dt.datetime,
    top: int,
    model: str,
    background: Background = _NOTHING,
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
    past = Past(
        {change.key: change for change in background.changes},
        background.suggested,
        under_every_key(known),
    )
    today = moment.astimezone(BRUSSELS).date()
    cities = [city_part(one, past, terms or {}, today, top) for one in lists]
    # Closed is closed for all, so the same call stands in every list.
    closed = {out.call.identifier: out for one in lists for out in one.left_out if out.verdict.rule == CLOSED}
    left_out = sorted(closed.values(), key=lambda out: out.call.entries[-1].moment, reverse=True)
    calls = [one.call for one in known]
    return Digest(
        moment=moment.astimezone(BRUSSELS),
        cities=tuple(sorted(cities, key=lambda part: (part.profile.city.name, part.profile.id))),
        network=call_views(lists, track, top=top, terms=terms),
        left_out=tuple(left_out),
        since=background.since,
        news=_news(background.changes, cities),
        known={one.call.identifier: one for one in known},
        sources=sources(calls),
        troubles=troubles(background),
        faults=tuple(background.faults),
        notices=tuple(background.notices),
        calls=len(calls),
        model=model,
        changes=past.changes,
        threshold=lists[0].threshold if lists else None,
    )


def _likeliest(row: Sequence[tuple[CityPart, Match]]) -> Match:
    return min((match for _, match in row), key=lambda match: (-(match.probability or 0), match.rank))


def _news(changes: Sequence[Change], cities: Sequence[CityPart]) -> tuple[News, ...]:
    among_best: dict[str, list[str]] = defaultdict(list)
    for part in cities:
        for match in part.best:
            among_best[match.call.identifier.casefold()].append(part.profile.city.name)
    news = [News(change, tuple(sorted(set(among_best[change.key])))) for change in changes]
    return tuple(sorted(news, key=lambda one: (-len(one.cities), one.change.key)))


def _oldest(known: KnownCall) -> dt.date | None:
    """Return the day of the oldest fact that can cost an application; None: one is of unknown date."""
    dates = [known.origins[name].date for name in _DATED if name in known.origins]
    return None if None in dates else min(filter(None, dates), default=known.call.source_date)
