"""Requirements of a call → bounds of sums over seats, which a solver and a plain loop can both read.

Every sum is a number for each seat that is taken, plus one for each group that is represented (a country, a
named site, an ecosystem with all its kinds of organisation). What is not known counts as the certainty says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from vie_match.eligibility.facts import Member
from vie_match.eligibility.kinds import KINDS, business
from vie_match.eligibility.logic import NO, YES, both
from vie_match.eligibility.requirements import Requirement
from vie_match.eligibility.rules import RuleKind
from vie_match.eligibility.sums import Measure, number
from vie_match.partners.certainty import Certainty
from vie_match.vocabulary import Answer

# Facts that stand for the proposal; where no member mentions them, what is asked of the proposal is assumed.
_OF_PROPOSAL = ("demo_site", "pilot_sites")

# An enumeration of so many kinds has a thousand subsets; longer ones are only checked afterwards.
_LONGEST_ENUMERATION = 10

# Rules for which it matters to the member itself, not only to the sum, in which role it takes part.
_BY_ROLE = frozenset({RuleKind.ROLE_RESTRICTION, RuleKind.BUDGET_SHARE})


@dataclass(frozen=True, slots=True)
class Bound:
    """``sum ≥ low``, where the sum is over the seats that are taken.

    Attributes
    ----------
    conditions : tuple of int
        Conditions that the bound belongs to; it holds as long as all of them do.
    low : float
    terms : dict of int to float
        Seat → what it adds.
    groups : tuple
        Each adds 1 if every one of its sets has a seat that is taken.
    shares : dict of int to float
        Seat → factor of its per cent of the budget.
    mentioned : frozenset of int
        The part ``conditional`` of ``low`` counts only if one of these seats is taken; empty: always.
    conditional : float
    """

    conditions: tuple[int, ...]
    low: float
    terms: dict[int, float] = field(default_factory=dict)
    groups: tuple[tuple[frozenset[int], ...], ...] = ()
    shares: dict[int, float] = field(default_factory=dict)
    mentioned: frozenset[int] = frozenset()
    conditional: float = 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """One requirement with what it says of every seat.

    Attributes
    ----------
    place : int
        Number of its condition.
    requirement : Requirement
    members : sequence of Member
        One a seat, in its role.
    plays, counts : list of Answer
        Whether the seat's role counts; whether the seat does.
    """

    place: int
    requirement: Requirement
    members: Sequence[Member]
    plays: list[Answer]
    fits: list[Answer]

    @property
    def counts(self) -> list[Answer]:
        """Whether each seat counts."""
        return [both(one, other) for one, other in zip(self.plays, self.fits, strict=True)]


def counted(place: int, requirement: Requirement, members: Sequence[Member]) -> Counted:
    """Ask a requirement about every seat; members that are alike are asked once.

    Parameters
    ----------
    place : int
    requirement : Requirement
    members : sequence of Member
        One a seat; every team has one coordinator, so that roles are never open.
    """
    known: dict[object, Answer] = {}
    by_role = requirement.rule.kind in _BY_ROLE
    fits = []
    for member in members:
        like = (
            member.type,
            member.country,
            member.population,
            member.complete,
            member.role if by_role else None,
            tuple((name, fact.value, fact.applies) for name, fact in member.facts.items()),
        )
        if like not in known:
            known[like] = requirement.fits(member)
        fits.append(known[like])
    plays = [YES if member.plays(requirement.part) else NO for member in members]
    return Counted(place, requirement, members, plays, fits)


def bounds(found: Sequence[Counted], certainty: Certainty) -> list[Bound]:
    """Return the bounds of all requirements.

    Parameters
    ----------
    found : sequence of Counted
    certainty : Certainty

    Notes
    -----
    An upper bound of a number of countries or sites has no bound here; no rule asks for one. Who was found is
    checked rule by rule afterwards, whatever stands here.
    """
    return [
        *(one for each in found for one in _SUMS[each.requirement.measure](each, certainty)),
        *_enumerations(found, certainty),
    ]


def _least(each: Counted, certainty: Certainty) -> list[int]:
    return [seat for seat, answer in enumerate(each.counts) if certainty.for_minimum(answer)]


def _most(each: Counted, certainty: Certainty) -> list[int]:
    return [seat for seat, answer in enumerate(each.counts) if certainty.for_maximum(answer)]


def _mentioned(members: Sequence[Member]) -> frozenset[int]:
    return frozenset(
        seat for seat, member in enumerate(members) if any(fact in member.facts for fact in _OF_PROPOSAL)
    )


def _minimum(
    each: Counted, terms: dict[int, float], groups: tuple[tuple[frozenset[int], ...], ...] = ()
) -> Iterator[Bound]:
    """Yield the lower bound of a requirement; of what is asked of a proposal, only if it is not assumed."""
    low = each.requirement.low
    if low is None:
        return
    if each.requirement.rule.scope != "proposal":
        yield Bound((each.place,), low, terms, groups)
        return
    mentioned = _mentioned(each.members)
    if mentioned:
        yield Bound((each.place,), 0, terms, groups, mentioned=mentioned, conditional=low)


def _members(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    yield from _minimum(each, dict.fromkeys(_least(each, certainty), 1.0))
    high = each.requirement.high
    if high is not None:
        yield Bound((each.place,), -high, dict.fromkeys(_most(each, certainty), -1.0))


def _countries(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    at: dict[str, set[int]] = {}
    unplaced: dict[int, float] = {}
    for seat in _least(each, certainty):
        country = each.members[seat].country
        if country:
            at.setdefault(country, set()).add(seat)
        elif certainty is Certainty.POSSIBLE:
            unplaced[seat] = 1.0
    yield from _minimum(each, unplaced, tuple((frozenset(there),) for there in at.values()))


def _share(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    whole = [seat for seat, answer in enumerate(each.plays) if answer is not NO]
    low, high = each.requirement.low, each.requirement.high
    if low is not None and low > 0:
        terms = dict.fromkeys(whole, -low)
        for seat in _least(each, certainty):
            terms[seat] += 100
        yield Bound((each.place,), 0, terms)
        yield Bound((each.place,), 1, dict.fromkeys(whole, 1.0))
    if high is not None:
        terms = dict.fromkeys(whole, high)
        for seat in _most(each, certainty):
            terms[seat] -= 100
        yield Bound((each.place,), 0, terms)


def _budget(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    low, high = each.requirement.low, each.requirement.high
    if low is not None:
        yield Bound((each.place,), low, shares=dict.fromkeys(_least(each, certainty), 1.0))
    if high is not None:
        yield Bound((each.place,), -high, shares=dict.fromkeys(_most(each, certainty), -1.0))


def _sites(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    named: dict[str, set[int]] = {}
    terms: dict[int, float] = {}
    for seat in _least(each, certainty):
        member = each.members[seat]
        site = member.fact("demo_site").value
        if isinstance(site, str):
            named.setdefault(site, set()).add(seat)
        else:
            stated = number(member, "pilot_sites") if "pilot_sites" in member.facts else None
            terms[seat] = 1.0 if stated is None else stated
    yield from _minimum(each, terms, tuple((frozenset(there),) for there in named.values()))


def _ecosystems(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    at: dict[str, list[set[int]]] = {}
    unplaced: dict[int, float] = {}
    # Where a member says which ecosystem it belongs to, the others have to say it, too.
    told = any("ecosystem" in member.facts for member in each.members)
    for seat in _least(each, certainty):
        member = each.members[seat]
        if told and not certainty.for_minimum(member.fact("ecosystem").truth):
            continue
        if member.country is None:
            unplaced[seat] = 1.0
            continue
        kinds = at.setdefault(member.country, [set() for _ in KINDS])
        for kind, there in zip(KINDS.values(), kinds, strict=True):
            if certainty.for_minimum(kind(member)):
                there.add(seat)
    whole = tuple(tuple(map(frozenset, kinds)) for kinds in at.values() if all(kinds))
    yield from _minimum(each, unplaced if certainty is Certainty.POSSIBLE else {}, whole)


def _lacking(each: Counted, certainty: Certainty) -> Iterator[Bound]:
    """Yield, for every company, that somebody in its country has to be what is asked for."""
    fitting: dict[str, list[int]] = {}
    for seat, answer in enumerate(each.counts):
        country = each.members[seat].country
        if country and (answer is YES or (certainty is not Certainty.SURE and answer is not NO)):
            fitting.setdefault(country, []).append(seat)
    for seat, member in enumerate(each.members):
        company = both(each.plays[seat], business(member))
        if member.country and certainty.for_maximum(company):
            terms = dict.fromkeys(fitting.get(member.country, ()), 1.0)
            terms[seat] = terms.get(seat, 0.0) - 1
            if terms[seat] < 0:
                yield Bound((each.place,), 0, terms)


def _nothing(_: Counted, __: Certainty) -> Iterator[Bound]:
    yield from ()


_SUMS: dict[Measure, Callable[[Counted, Certainty], Iterator[Bound]]] = {
    Measure.MEMBERS: _members,
    Measure.COUNTRIES: _countries,
    Measure.SHARE: _share,
    Measure.BUDGET: _budget,
    Measure.SITES: _sites,
    Measure.ECOSYSTEMS: _ecosystems,
    Measure.LACKING: _lacking,
    Measure.NOTHING: _nothing,
}


def _enumerations(found: Sequence[Counted], certainty: Certainty) -> Iterator[Bound]:
    """Yield Hall's condition (1935) for rules among which an organisation stands for only one.

    Every set of such rules needs as many members that count for one of them as they ask for together.
    """
    labels = dict.fromkeys(one.requirement.rule.apart for one in found if one.requirement.rule.apart)
    for label in labels:
        group = [one for one in found if one.requirement.rule.apart == label]
        if not 1 < len(group) <= _LONGEST_ENUMERATION:
            continue
        for chosen in chain.from_iterable(combinations(group, size) for size in range(1, len(group) + 1)):
            yield from _together(chosen, certainty)


def _together(chosen: tuple[Counted, ...], certainty: Certainty) -> Iterator[Bound]:
    anyone = {seat for one in chosen for seat in _least(one, certainty)}
    needs = [(int(one.requirement.low or 0), one.requirement.rule.scope == "proposal") for one in chosen]
    mentioned = _mentioned(chosen[0].members)
    assumed = sum(need for need, of_proposal in needs if of_proposal)
    yield Bound(
        tuple(one.place for one in chosen),
        sum(need for need, of_proposal in needs if not of_proposal),
        dict.fromkeys(sorted(anyone), 1.0),
        mentioned=mentioned if assumed and mentioned else frozenset(),
        conditional=assumed if mentioned else 0,
    )
