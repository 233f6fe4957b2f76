"""One project's part of the report: its calls by section, what is too unlikely, and what is not for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vie_match.records import Profile
from vie_match.reports.agenda import Past, Section, SectionPart, agenda
from vie_match.reports.terms import AllTerms, Terms
from vie_match.results import CLOSED, LeftOut, Match, MatchList


@dataclass(frozen=True, slots=True)
class CityPart:
    """One profile's part of the report.

    Attributes
    ----------
    profile : Profile
    sections : tuple of SectionPart
        The five sections in their order; each recommended match stands in one of the first four.
    others : tuple of Match
        Open, but too unlikely to be recommended. Without calibrated probabilities there are none.
    left_out : tuple of LeftOut
        Not for this project, for a reason of its own.
    terms : mapping
        Identifier of a call → whether and on which terms the city may take part; of calls that were judged.
    """

    profile: Profile
    sections: tuple[SectionPart, ...]
    others: tuple[Match, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    terms: Mapping[str, Terms] = field(default_factory=dict)

    def section(self, section: Section) -> SectionPart:
        """Return one section."""
        return next(one for one in self.sections if one.section == section)

    @property
    def best(self) -> tuple[Match, ...]:
        """The recommended matches that are shown in full, in their order."""
        return _by_rank(match for one in self.sections for match in one.shown)

    @property
    def further(self) -> tuple[Match, ...]:
        """The recommended matches behind them, in their order."""
        return _by_rank(match for one in self.sections for match in one.folded)

    @property
    def suggested(self) -> tuple[Match, ...]:
        """The calls that count as suggested; without probabilities only those that are shown in full."""
        found = self.best + self.further
        return found if all(match.probability is not None for match in found) else self.best

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
        return _by_rank((*self.best, *self.further, *self.others))


def city_part(one: MatchList, past: Past, terms: AllTerms, today: dt.date, top: int) -> CityPart:
    """Return the part of one project.

    Parameters
    ----------
    one : MatchList
        Of the project.
    past : Past
    terms : mapping
        Of every project, as they were judged.
    today : date
        In Brussels.
    top : int
        Matches shown in full per section, at most.
    """
    own = {call: found for (profile, call), found in terms.items() if profile == one.profile.id}
    return CityPart(
        one.profile,
        agenda(one, past, own, today=today, top=top),
        tuple(match for match in one.matches if not one.recommends(match)),
        tuple(out for out in one.left_out if out.verdict.rule != CLOSED),
        own,
    )


def _by_rank(matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(sorted(matches, key=lambda match: match.rank))
