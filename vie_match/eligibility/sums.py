"""Adding up over a team under unknown facts: every sum has a least and a most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vie_match.eligibility.facts import Member
from vie_match.eligibility.kinds import KINDS, business
from vie_match.eligibility.logic import NO, YES, both, count, either, opposite
from vie_match.vocabulary import Answer

Bounds = tuple[float, float]


class Measure(StrEnum):
    """What is summed up."""

    MEMBERS = "members"
    COUNTRIES = "countries"
    SHARE = "per cent of the members"
    BUDGET = "per cent of the budget"
    SITES = "sites"
    ECOSYSTEMS = "ecosystems"
    LACKING = "ecosystems that lack a fitting company"
    NOTHING = "nothing that a team shows"


@dataclass(frozen=True, slots=True)
class Tally:
    """One member, seen by one requirement.

    Attributes
    ----------
    member : Member
    plays : Answer
        Whether it has the role that counts.
    fits : Answer
        Whether it is what is counted, its role aside.
    """

    member: Member
    plays: Answer
    fits: Answer

    @property
    def counts(self) -> Answer:
        """Whether it counts."""
        return both(self.plays, self.fits)


Tallies = Sequence[Tally]


def bounds(measure: Measure, tallies: Tallies) -> Bounds:
    """Return the least and the most that a sum can be.

    Parameters
    ----------
    measure : Measure
    tallies : sequence of Tally
        One a member; the order does not matter.

    Examples
    --------
    >>> there = Tally(Member(name="A", country="DE"), YES, YES)
    >>> perhaps = Tally(Member(name="B", country="FR"), YES, Answer.UNKNOWN)
    >>> bounds(Measure.COUNTRIES, [there, perhaps, there]), bounds(Measure.MEMBERS, [there, perhaps, there])
    ((1, 2), (2, 3))
    """
    return _SUMS[measure](tallies)


def _members(tallies: Tallies) -> Bounds:
    return count(one.counts for one in tallies)


def _countries(tallies: Tallies) -> Bounds:
    placed = [one for one in tallies if one.member.country]
    sure = {one.member.country for one in placed if one.counts is YES}
    possible = {one.member.country for one in placed if one.counts is not NO}
    unplaced = sum(one.counts is not NO for one in tallies if one.member.country is None)
    return len(sure), len(possible) + unplaced


def _share(tallies: Tallies) -> Bounds:
    whole = sum(one.plays is not NO for one in tallies)
    least, most = _members(tallies)
    return (100 * least / whole, 100 * most / whole) if whole else (0, 0)


def _budget(tallies: Tallies) -> Bounds:
    told = [number(one.member, "budget_share") for one in tallies]
    # What is not told of one member can at most be what the others leave.
    rest = max(0.0, 100 - sum(share for share in told if share is not None))
    pairs = [(one.counts, share) for one, share in zip(tallies, told, strict=True) if one.counts is not NO]
    least = sum(share for counts, share in pairs if share is not None and counts is YES)
    most = sum(share for _, share in pairs if share is not None)
    return least, most + (rest if any(share is None for _, share in pairs) else 0)


def _sites(tallies: Tallies) -> Bounds:
    """Count sites: as many as a member states, one for each name of a site, else one a member."""
    least = most = 0.0
    named: dict[str, Answer] = {}
    for one in tallies:
        site = one.member.fact("demo_site").value
        if isinstance(site, str):
            named[site] = either(named.get(site, NO), one.counts)
            continue
        stated = number(one.member, "pilot_sites") if "pilot_sites" in one.member.facts else None
        sites = 1.0 if stated is None else stated
        least += sites if one.counts is YES else 0
        most += sites if one.counts is not NO else 0
    sure, possible = count(named.values())
    return least + sure, most + possible


def _ecosystems(tallies: Tallies) -> Bounds:
    """Count countries of the group whose members are of all four kinds."""
    answers = [
        both(
            *(
                either(*(both(inside, one.fits, kind(one.member)) for one, inside in here))
                for kind in KINDS.values()
            )
        )
        for here in _by_country(tallies)
    ]
    least, most = count(answers)
    return least, most + sum(one.member.country is None for one in tallies)


def _lacking(tallies: Tallies) -> Bounds:
    """Count countries with companies, none of which is what is asked for."""
    answers = []
    for here in _by_country(tallies):
        companies = either(*(both(inside, business(one.member)) for one, inside in here))
        fitting = either(*(both(inside, one.fits) for one, inside in here))
        answers.append(both(companies, opposite(fitting)))
    return count(answers)


def _by_country(tallies: Tallies) -> Iterator[list[tuple[Tally, Answer]]]:
    """Yield, country by country, the members with whether they belong to an ecosystem at all."""
    told = any("ecosystem" in one.member.facts for one in tallies)
    for place in {one.member.country for one in tallies if one.member.country}:
        yield [
            (one, both(one.plays, one.member.fact("ecosystem").truth) if told else one.plays)
            for one in tallies
            if one.member.country == place
        ]


def _nothing(_: Tallies) -> Bounds:
    return 0, 0


_SUMS: dict[Measure, Callable[[Tallies], Bounds]] = {
    Measure.MEMBERS: _members,
    Measure.COUNTRIES: _countries,
    Measure.SHARE: _share,
    Measure.BUDGET: _budget,
    Measure.SITES: _sites,
    Measure.ECOSYSTEMS: _ecosystems,
    Measure.LACKING: _lacking,
    Measure.NOTHING: _nothing,
}


def number(member: Member, fact: str) -> float | None:
    """Return a fact that is a number; None is unknown, and what does not apply is zero.

    Examples
    --------
    >>> number(Member(name="A", complete=True), "pilot_sites"), number(Member(name="A"), "pilot_sites")
    (0, None)
    """
    found = member.fact(fact)
    if not found.applies:
        return 0
    return float(found.value) if isinstance(found.value, int | float) else None
