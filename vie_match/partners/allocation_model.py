"""The teams of a whole network as one mixed integer linear program."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vie_match.eligibility.check import KnownRules
from vie_match.eligibility.rules import Part, RuleKind
from vie_match.partners import search_wishes
from vie_match.partners.certainty import Certainty
from vie_match.partners.consortium import Candidate, Seat, Tie, seats
from vie_match.partners.consortium_value import neighbours
from vie_match.partners.plan import Fits, Plan
from vie_match.partners.program import Program, Solution, Terms
from vie_match.partners.search_bounds import Bound, bounds, counted
from vie_match.partners.search_wishes import Condition
from vie_match.vocabulary import Answer

# Caps that partners from outside count against, too.
_CAPS = frozenset({RuleKind.MAX_PARTICIPANTS, RuleKind.SINGLE_BENEFICIARY})


@dataclass(frozen=True, slots=True)
class TeamOf:
    """Seats that the network takes in the team for a call.

    Attributes
    ----------
    call : str
    seats : tuple of Seat
    columns : tuple of int
        One a seat.
    needed : int
        Partners from outside that the rules need at least.
    """

    call: str
    seats: tuple[Seat, ...]
    columns: tuple[int, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class _Block:
    """The columns of one call."""

    call: str
    seats: tuple[Seat, ...]
    columns: tuple[int, ...]
    goes: int
    outside: int


class NetworkModel:
    """The program.

    Parameters
    ----------
    cities, calls, fits, plan, ties
        See :func:`vie_match.partners.allocation.allocate`.
    """

    def __init__(
        self,
        cities: Sequence[Candidate],
        calls: Mapping[str, KnownRules],
        fits: Fits,
        plan: Plan,
        ties: Sequence[Tie],
    ) -> None:
        self.cities, self.plan, self._fits = cities, plan, fits
        self.program = Program()
        self._known = neighbours(ties)
        self._blocks = [self._block(call, known) for call, known in calls.items()]
        self._capacities()

    def solve(
        self,
        *,
        fixed: Collection[int] | None = None,
        cuts: Sequence[tuple[Terms, float]] = (),
        seconds: float = 60.0,
    ) -> tuple[list[TeamOf] | None, Solution]:
        """Find the best teams.

        Parameters
        ----------
        fixed : collection of int, optional
            Numbers of the plan's fixed places that hold; default all.
        cuts : sequence of (terms, low)
            Further rows.
        seconds : float
        """
        numbers = range(len(self.plan.fixed)) if fixed is None else fixed
        agreed = [self._agreed(*self.plan.fixed[number]) for number in numbers]
        x, found = self.program.solve(cuts=[*cuts, *agreed], closed=self._never(), seconds=seconds)
        if x is None:
            return None, found
        teams = []
        for block in self._blocks:
            taken = [at for at, column in enumerate(block.columns) if x[column] > 0.5]
            if taken:
                teams.append(
                    TeamOf(
                        block.call,
                        tuple(block.seats[at] for at in taken),
                        tuple(block.columns[at] for at in taken),
                        round(x[block.outside]),
                    )
                )
        return teams, found

    def without(self, team: TeamOf) -> tuple[Terms, float]:
        """Return the row by which exactly this team does not come again."""
        block = next(one for one in self._blocks if one.call == team.call)
        return (
            dict.fromkeys(block.columns, 1.0) | dict.fromkeys(team.columns, -1.0),
            1.0 - len(team.columns),
        )

    def _places(self, city: str, call: str, role: Part | None = None) -> list[int]:
        return [
            column
            for block in self._blocks
            if block.call == call
            for seat, column in zip(block.seats, block.columns, strict=True)
            if seat.candidate.id == city and role in (None, seat.role)
        ]

    def _agreed(self, city: str, call: str, role: Part | None) -> tuple[Terms, float]:
        return dict.fromkeys(self._places(city, call, role), 1.0), 1.0

    def _never(self) -> list[int]:
        return [column for city, call in self.plan.never for column in self._places(city, call)]

    def _block(self, call: str, known: KnownRules) -> _Block:
        own = tuple(seat for city in self.cities if (city.id, call) in self._fits for seat in seats(city))
        conditions = search_wishes.of_call(known)
        members = [seat.member for seat in own]
        found = [
            counted(place, one.requirement, members)
            for place, one in enumerate(conditions)
            if one.requirement
        ]
        doubts = [int(seat.sure is Answer.UNKNOWN) for seat in own]
        for one in found:
            if one.requirement.high is not None:
                doubts = [
                    asked + (answer is Answer.UNKNOWN)
                    for asked, answer in zip(doubts, one.counts, strict=True)
                ]
        columns = tuple(
            self.program.column(self._worth(seat, call, asked), whole=True)
            for seat, asked in zip(own, doubts, strict=True)
        )
        goes = self.program.column(-self.plan.team_cost, whole=True)
        outside = self.program.column(-self.plan.partner_cost, highest=self.plan.most, whole=True)
        block = _Block(call, own, columns, goes, outside)
        self._structure(block)
        for bound in bounds(found, Certainty.ASK):
            self._bound(bound, block, conditions)
        self._spread(block)
        self._ties(block)
        return block

    def _worth(self, seat: Seat, call: str, doubts: int) -> float:
        weights = self.plan.weights
        leads = weights.lead * seat.candidate.lead if seat.role is Part.COORDINATOR else 0.0
        return (
            weights.fit * self._fits[seat.candidate.id, call] - weights.cost + leads - weights.doubt * doubts
        )

    def _structure(self, block: _Block) -> None:
        """One leader if there is a team; one role a city; no more members than wished."""
        leading = [
            column
            for seat, column in zip(block.seats, block.columns, strict=True)
            if seat.role is Part.COORDINATOR
        ]
        self.program.row(dict.fromkeys(leading, 1.0) | {block.goes: -1.0}, 0)
        self.program.row(dict.fromkeys(leading, -1.0) | {block.goes: 1.0}, 0)
        for own in _by_city(block).values():
            self.program.row(dict.fromkeys(own, -1.0) | {block.goes: 1.0}, 0)
        everybody = dict.fromkeys((*block.columns, block.outside), -1.0)
        self.program.row(everybody | {block.goes: float(self.plan.most)}, 0)

    def _bound(self, bound: Bound, block: _Block, conditions: Sequence[Condition]) -> None:
        """Add a rule's bound: minima hold if there is a team, with partners from outside if they can help."""
        if bound.shares:
            # How a budget is divided is not decided here.
            return
        required = [
            requirement for place in bound.conditions if (requirement := conditions[place].requirement)
        ]
        terms = {block.columns[place]: value for place, value in bound.terms.items()}
        for sets in bound.groups:
            terms[self._group(sets, block)] = 1.0
        if bound.mentioned:
            terms[self._mentions(bound.mentioned, block)] = -bound.conditional
        helped = all(one.grows and one.part is not Part.COORDINATOR for one in required)
        if (bound.low > 0 or bound.mentioned) and helped:
            terms[block.outside] = 1.0
        elif all(one.rule.kind in _CAPS for one in required):
            terms[block.outside] = -1.0
        if bound.low > 0:
            terms[block.goes] = -bound.low
        self.program.row(terms, min(bound.low, 0.0))

    def _group(self, sets: tuple[frozenset[int], ...], block: _Block) -> int:
        group = self.program.column()
        for one in sets:
            self.program.row({block.columns[place]: 1.0 for place in sorted(one)} | {group: -1.0}, 0)
        return group

    def _mentions(self, seats_: frozenset[int], block: _Block) -> int:
        mentions = self.program.column()
        for place in seats_:
            self.program.row({mentions: 1.0, block.columns[place]: -1.0}, 0)
        return mentions

    def _spread(self, block: _Block) -> None:
        weights = self.plan.weights
        at: dict[str, list[int]] = {}
        for seat, column in zip(block.seats, block.columns, strict=True):
            if seat.candidate.member.country:
                at.setdefault(seat.candidate.member.country, []).append(column)
        if at and weights.country * weights.countries:
            spread = self.program.column(weights.country, highest=weights.countries)
            there = {}
            for own in at.values():
                group = self.program.column()
                self.program.row(dict.fromkeys(own, 1.0) | {group: -1.0}, 0)
                there[group] = 1.0
            self.program.row(there | {spread: -1.0}, 0)

    def _ties(self, block: _Block) -> None:
        people = _by_city(block)
        for city, own in people.items():
            others = {
                column: strength
                for other, strength in self._known.get(city, {}).items()
                for column in people.get(other, ())
            }
            if others and self.plan.weights.tie:
                tie = self.program.column(self.plan.weights.tie)
                self.program.row(dict.fromkeys(own, 1.0) | {tie: -1.0}, 0)
                self.program.row(others | {tie: -1.0}, 0)

    def _capacities(self) -> None:
        for city in self.cities:
            own = [
                (seat, column)
                for block in self._blocks
                for seat, column in zip(block.seats, block.columns, strict=True)
                if seat.candidate.id == city.id
            ]
            most = self.plan.capacities.get(city.id, self.plan.capacity)
            self.program.row(dict.fromkeys((column for _, column in own), -1.0), -most)
            leads = self.plan.lead_capacities.get(city.id, self.plan.lead_capacity)
            leading = [column for seat, column in own if seat.role is Part.COORDINATOR]
            self.program.row(dict.fromkeys(leading, -1.0), -leads)


def _by_city(block: _Block) -> dict[str, list[int]]:
    people: dict[str, list[int]] = {}
    for seat, column in zip(block.seats, block.columns, strict=True):
        people.setdefault(seat.candidate.id, []).append(column)
    return people
