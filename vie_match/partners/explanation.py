"""What each member brings to a team, what the team lacks, and what has to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from vie_match.eligibility.facts import Member
from vie_match.eligibility.kinds import KINDS
from vie_match.eligibility.verdict import Eligibility
from vie_match.eligibility.words import Words
from vie_match.partners import consortium_value
from vie_match.partners import consortium_wording as says
from vie_match.partners.consortium import Seat, Tie, Weights, Wishes
from vie_match.partners.program import Solution
from vie_match.partners.proposals import Proposal, ProposedMember
from vie_match.partners.search_bounds import Bound
from vie_match.partners.search_wishes import Condition
from vie_match.vocabulary import Answer

# Sums are added up in floating point.
_SAME = 1e-6


@dataclass(frozen=True)
class Team:
    """Seats that are taken, with all that was searched.

    Attributes
    ----------
    seats : sequence of Seat
        All there are.
    taken : sequence of int
        The team's.
    members : tuple of Member
        One a taken seat, in its role.
    shares : mapping of int to float
        Seat → per cent of the budget; empty if it is not divided.
    bounds : sequence of Bound
        Those in force.
    conditions : sequence of Condition
    eligibility : Eligibility
    wishes, weights, ties
        See :mod:`vie_match.partners.consortium`.
    doubts : sequence of int
        Questions that each seat raises.
    """

    seats: Sequence[Seat]
    taken: Sequence[int]
    members: tuple[Member, ...]
    shares: Mapping[int, float]
    bounds: Sequence[Bound]
    conditions: Sequence[Condition]
    eligibility: Eligibility
    wishes: Wishes
    weights: Weights
    ties: Sequence[Tie]
    doubts: Sequence[int]

    @cached_property
    def known(self) -> Mapping[str, Mapping[str, float]]:
        """Who has worked with whom, and how much."""
        own = {self.seats[place].candidate.id for place in self.taken}
        return consortium_value.neighbours([tie for tie in self.ties if {tie.one, tie.other} <= own])

    def parts(self, taken: Sequence[int]) -> dict[str, float]:
        """Return the parts of the value of some of the team's seats."""
        return consortium_value.parts(
            [self.seats[place] for place in taken],
            self.wishes,
            self.weights,
            self.known,
            sum(self.doubts[place] for place in taken),
        )


def proposal(team: Team, solution: Solution) -> Proposal:
    """Return a team as it is shown.

    Parameters
    ----------
    team : Team
    solution : Solution
        Whether it is proven that no other is worth more.
    """
    parts = team.parts(team.taken)
    value = sum(parts.values())
    places = [
        _place(team, place, member, value) for place, member in zip(team.taken, team.members, strict=True)
    ]
    return Proposal(
        places=tuple(sorted(places, key=lambda one: (not one.leads, -one.worth, one.candidate))),
        value=value,
        parts=parts,
        optimal=solution.optimal,
        gap=solution.gap,
        seconds=solution.seconds,
        eligibility=team.eligibility,
        missing=tuple(_missing(team)),
        questions=tuple(_questions(team)),
    )


def total(bound: Bound, taken: Iterable[int], shares: Mapping[int, float]) -> float:
    """Return the sum of a bound over seats that are taken, less what it needs only if somebody mentions it.

    Parameters
    ----------
    bound : Bound
    taken : iterable of int
    shares : mapping of int to float

    Examples
    --------
    >>> two = Bound((0,), 2, groups=((frozenset({1, 2}),), (frozenset({3}),)))
    >>> total(two, [1, 2], {}), total(two, [1, 3], {})
    (1.0, 2.0)
    """
    there = set(taken)
    whole = sum(bound.terms.get(place, 0.0) for place in there)
    whole += sum(all(not one.isdisjoint(there) for one in sets) for sets in bound.groups)
    whole += sum(factor * shares.get(place, 0.0) for place, factor in bound.shares.items() if place in there)
    return float(whole - (bound.conditional if not bound.mentioned.isdisjoint(there) else 0.0))


def tight(team: Team) -> tuple[Words, ...]:
    """Return the conditions that a team only just keeps to."""
    there = set(team.taken)
    found = []
    for bound in team.bounds:
        involved = bool(there & bound.terms.keys() or there & bound.shares.keys()) or any(
            not one.isdisjoint(there) for sets in bound.groups for one in sets
        )
        if involved and abs(total(bound, there, team.shares) - bound.low) < _SAME:
            found += [condition for condition in bound.conditions if len(bound.conditions) == 1]
    return tuple(team.conditions[place].words for place in dict.fromkeys(found))


def _place(team: Team, place: int, member: Member, value: float) -> ProposedMember:
    rest = [other for other in team.taken if other != place]
    return ProposedMember(
        candidate=team.seats[place].candidate.id,
        member=member,
        brings=tuple(_brings(team, place, rest)),
        reasons=team.seats[place].candidate.reasons,
        grounds=team.seats[place].candidate.grounds,
        fit=team.seats[place].candidate.fit,
        worth=value - sum(team.parts(rest).values()),
        share=team.shares.get(place, 0.0) if team.shares else None,
    )


def _brings(team: Team, place: int, rest: Sequence[int]) -> list[Words]:
    seat = team.seats[place]
    own = seat.candidate
    found = [says.with_role("role", seat.role)]
    needed = _needed(team, rest)
    if needed:
        found.append(says.of("needed", needed))
    others = [team.seats[other] for other in rest]
    wanted = [
        name for name in {**team.wishes.needs, **dict.fromkeys(team.wishes.required)} if own.skills.get(name)
    ]
    alone = [name for name in wanted if not consortium_value.skill(others, name)]
    for key, names in (("only_skill", alone), ("skills", [name for name in wanted if name not in alone])):
        if names:
            found.append(says.of_skills(key, names))
    country = own.member.country
    if country and country not in {other.candidate.member.country for other in others}:
        found.append(says.words("only_country", what=country))
    met = _met(team, own.id)
    if met:
        found.append(says.met(met))
    if own.newcomer:
        found.append(says.words("new"))
    if team.shares:
        found.append(says.words("gets", number=team.shares.get(place, 0.0)))
    return found


def _needed(team: Team, rest: Sequence[int]) -> list[Words]:
    """Return the rules of the call that the others would not keep to."""
    broken = {
        condition
        for bound in team.bounds
        if not bound.shares and total(bound, rest, team.shares) < bound.low - _SAME
        for condition in bound.conditions
        if len(bound.conditions) == 1 and team.conditions[condition].requirement
    }
    return list(dict.fromkeys(team.conditions[condition].words for condition in sorted(broken)))


def _met(team: Team, one: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the members that one has worked with, each with what that rests on."""
    names = {team.seats[place].candidate.id: team.members[at].name for at, place in enumerate(team.taken)}
    basis: dict[str, list[str]] = {}
    for tie in team.ties:
        for own, other in ((tie.one, tie.other), (tie.other, tie.one)):
            if own == one and other in names and other != one:
                basis.setdefault(other, []).append(tie.basis)
    return [(names[other], tuple(dict.fromkeys(filter(None, told)))) for other, told in basis.items()]


def _missing(team: Team) -> list[Words]:
    absent = [
        says.words(f"no_{name}")
        for name, test in KINDS.items()
        if not any(test(member) is Answer.YES for member in team.members)
    ]
    there = [team.seats[place] for place in team.taken]
    for name in team.wishes.needs:
        level = consortium_value.skill(there, name)
        if level < 1 - _SAME:
            absent.append(says.of_skills("part_skill" if level else "no_skill", [name]))
    return absent


def _questions(team: Team) -> list[Words]:
    asked = [
        words for one in team.eligibility.verdicts if one.answer is Answer.UNKNOWN for words in one.questions
    ]
    for place in team.taken:
        seat = team.seats[place]
        name = seat.candidate.member.name
        if seat.sure is Answer.UNKNOWN:
            asked.append(says.with_role("would", seat.role, name=name))
        if team.wishes.newcomers and seat.candidate.newcomer is None:
            asked.append(says.words("is_new", name=name))
    if not asked and team.eligibility.answer is Answer.UNKNOWN:
        asked.append(says.words("rules"))
    return list(dict.fromkeys(asked))
