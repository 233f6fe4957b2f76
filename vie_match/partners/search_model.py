"""The search for a team as a mixed integer linear program.

Variables: one binary a seat; helpers between 0 and 1 for groups, skills, countries and ties, which need not
be whole numbers because every one is bounded by sums of seats and only ever wanted large; shares of the
budget.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vie_match.eligibility.rules import Part
from vie_match.partners.consortium import Seat, Tie, Weights, Wishes
from vie_match.partners.consortium_value import neighbours
from vie_match.partners.program import Program, Solution, Terms
from vie_match.partners.search_bounds import Bound
from vie_match.partners.search_wishes import funded

# No consortium is larger; bounds how far an inequality can be missed.
_MOST_MEMBERS = 100

_WHOLE_BUDGET = 100.0

# So many seats are searched at once; of more, first those that can be in the best teams. Values that differ
# by less are the same.
_SMALL = 400
_SAME = 1e-7


class TeamModel:
    """The program of one search.

    Parameters
    ----------
    seats : sequence of Seat
    bounds : sequence of Bound
        Of all conditions; what belongs to no condition always holds.
    wishes, weights, ties
        See :mod:`vie_match.partners.consortium`.
    doubts : sequence of int
        Questions that each seat would raise.
    elastic : bool, default False
        Conditions may be broken, each at a price of its own; used to find out which cannot hold together.
    """

    def __init__(
        self,
        seats: Sequence[Seat],
        bounds: Sequence[Bound],
        wishes: Wishes,
        weights: Weights,
        ties: Sequence[Tie],
        doubts: Sequence[int],
        *,
        elastic: bool = False,
    ) -> None:
        self.seats = seats
        self.program = Program()
        self._groups: dict[tuple[frozenset[int], ...], int] = {}
        self._rows_of: dict[int, list[int]] = {}
        self._reached: dict[tuple[int, ...], NDArray[np.float64] | None] = {}
        self.broken: dict[int, int] = {}
        self.people: dict[str, list[int]] = {}
        for place, seat in enumerate(seats):
            self.program.column(whole=True)
            self.people.setdefault(seat.candidate.id, []).append(place)
        self._structure()
        self.shares = self._divide() if any(bound.shares for bound in bounds) else {}
        self._mention: dict[frozenset[int], int] = {}
        for bound in bounds:
            self._add(bound, elastic)
        if not elastic:
            self._seats_worth(weights, doubts)
            self._skills(wishes, weights)
            self._spread(weights)
            self._ties(ties, weights)

    def _structure(self) -> None:
        """One role each, one leader at most, no more members than any consortium has."""
        for own in self.people.values():
            if len(own) > 1:
                self.program.row(dict.fromkeys(own, -1.0), -1)
        leading = [place for place, seat in enumerate(self.seats) if seat.role is Part.COORDINATOR]
        self.program.row(dict.fromkeys(leading, -1.0), -1)
        self.program.row(dict.fromkeys(range(len(self.seats)), -1.0), -_MOST_MEMBERS)

    def _divide(self) -> dict[int, int]:
        """Add a share of the budget for every seat that is funded; what is not taken gets nothing."""
        columns = {
            place: self.program.column(highest=_WHOLE_BUDGET)
            for place, seat in enumerate(self.seats)
            if funded(seat)
        }
        for place, share in columns.items():
            self.program.row({place: _WHOLE_BUDGET, share: -1.0}, 0)
        self.program.row(dict.fromkeys(columns.values(), -1.0), -_WHOLE_BUDGET)
        return columns

    def _group(self, sets: tuple[frozenset[int], ...]) -> int:
        """Return the column that is 1 at most if every set has a seat that is taken."""
        if sets not in self._groups:
            column = self.program.column()
            for one in sets:
                self.program.row(dict.fromkeys(sorted(one), 1.0) | {column: -1.0}, 0)
            self._groups[sets] = column
        return self._groups[sets]

    def _add(self, bound: Bound, elastic: bool) -> None:
        terms = dict(bound.terms)
        for sets in bound.groups:
            terms[self._group(sets)] = 1.0
        for place, factor in bound.shares.items():
            if place in self.shares:
                terms[self.shares[place]] = factor
        if bound.mentioned:
            terms[self._mentions(bound.mentioned)] = -bound.conditional
        if elastic:
            missed = bound.low - self._smallest(bound)
            for condition in bound.conditions:
                if condition not in self.broken:
                    self.broken[condition] = self.program.column(worth=-1.0, whole=True)
                terms[self.broken[condition]] = max(missed, 0.0)
        row = self.program.row(terms, bound.low)
        for condition in bound.conditions:
            self._rows_of.setdefault(condition, []).append(row)

    def _mentions(self, seats: frozenset[int]) -> int:
        """Return the column that is 1 as soon as one of the seats is taken."""
        if seats not in self._mention:
            column = self.program.column()
            for place in seats:
                self.program.row({column: 1.0, place: -1.0}, 0)
            self._mention[seats] = column
        return self._mention[seats]

    def _smallest(self, bound: Bound) -> float:
        """Return how small the sum of a bound can be at least."""
        negative = sorted(value for value in bound.terms.values() if value < 0)[:_MOST_MEMBERS]
        share = min(0.0, *bound.shares.values()) if bound.shares else 0.0
        return sum(negative) + _WHOLE_BUDGET * share - bound.conditional

    def _seats_worth(self, weights: Weights, doubts: Sequence[int]) -> None:
        for place, seat in enumerate(self.seats):
            self.program.worth[place] = seat_worth(seat, weights, doubts[place])

    def _skills(self, wishes: Wishes, weights: Weights) -> None:
        for skill, worth in wishes.needs.items():
            able = {
                place: seat.candidate.skills[skill]
                for place, seat in enumerate(self.seats)
                if seat.candidate.skills.get(skill)
            }
            if able and worth * weights.skill:
                column = self.program.column(worth * weights.skill)
                self.program.row(able | {column: -1.0}, 0)

    def _spread(self, weights: Weights) -> None:
        if not weights.country * weights.countries:
            return
        at: dict[str, set[int]] = {}
        for place, seat in enumerate(self.seats):
            if seat.candidate.member.country:
                at.setdefault(seat.candidate.member.country, set()).add(place)
        column = self.program.column(weights.country, highest=weights.countries)
        there = {self._group((frozenset(one),)): 1.0 for one in at.values()}
        self.program.row(there | {column: -1.0}, 0)

    def _ties(self, ties: Sequence[Tie], weights: Weights) -> None:
        """Add, for every member with ties, how far it knows the team: all linear, one column a member."""
        if not weights.tie:
            return
        for one, known in neighbours(ties).items():
            own = self.people.get(one, [])
            others = {
                place: strength
                for other, strength in known.items()
                for place in self.people.get(other, ())
                if strength
            }
            if own and others:
                column = self.program.column(weights.tie)
                self.program.row(dict.fromkeys(own, 1.0) | {column: -1.0}, 0)
                self.program.row(others | {column: -1.0}, 0)

    def solve(
        self,
        *,
        without: Collection[int] = (),
        cuts: Sequence[tuple[Terms, float]] = (),
        closed: Collection[int] = (),
        seconds: float = 60.0,
    ) -> Solution:
        """Find the best team.

        Parameters
        ----------
        without : collection of int
            Numbers of conditions that need not hold.
        cuts : sequence of (terms, low)
            Further rows over seats.
        closed : collection of int
            Seats that nobody may take.
        seconds : float
        """
        begin = time.perf_counter()
        rows = [row for condition in without for row in self._rows_of.get(condition, ())]
        reach = self._reach(rows, seconds) if len(self.seats) > _SMALL else None
        pool = (
            set(range(len(self.seats)))
            if reach is None
            else set(np.argsort(-reach, kind="stable")[:_SMALL].tolist())
        )
        while True:
            outside = {place for place in range(len(self.seats)) if place not in pool}
            left = max(seconds - (time.perf_counter() - begin), 0.1)
            x, found = self.program.solve(without=rows, cuts=cuts, closed={*closed, *outside}, seconds=left)
            if reach is None or not outside:
                break
            # Who could still be in a better team than this one: everybody, if there is none yet.
            wanted = {place for place in outside if x is None or reach[place] > found.value + _SAME}
            if not wanted or not (found.optimal or found.infeasible):
                limit = max((float(reach[place]) for place in outside), default=found.limit)
                found = replace(found, limit=max(found.limit, limit) if wanted else found.limit)
                break
            pool |= wanted
        found = replace(found, seconds=time.perf_counter() - begin)
        if x is None:
            return found
        taken = tuple(place for place in range(len(self.seats)) if x[place] > 0.5)
        shares = {place: float(x[self.shares[place]]) for place in taken if place in self.shares}
        return replace(found, seats=taken, shares=shares)

    def _reach(self, rows: Sequence[int], seconds: float) -> NDArray[np.float64] | None:
        key = tuple(rows)
        if key not in self._reached:
            found = self.program.reach(without=rows, seconds=seconds)
            self._reached[key] = None if found is None else found[: len(self.seats)]
        return self._reached[key]


def seat_worth(seat: Seat, weights: Weights, doubts: int) -> float:
    """Return what a seat is worth by itself."""
    leads = weights.lead * seat.candidate.lead if seat.role is Part.COORDINATOR else 0.0
    return weights.fit * seat.candidate.fit - weights.cost + leads - weights.doubt * doubts
