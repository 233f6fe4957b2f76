"""What the exact search for a team is compared with: taking the best next member, and drawing at random."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from vie_match.eligibility.rules import Part
from vie_match.partners import consortium_value
from vie_match.partners.explanation import total
from vie_match.partners.search_bounds import Bound
from vie_match.partners.search_model import TeamModel
from vie_match.partners.search_problem import Problem, Reading

# A team grows by so many steps at most.
_STEPS = 40


class Builder:
    """Builds a team seat by seat and never breaks what cannot be mended by more members.

    Parameters
    ----------
    problem : Problem
    reading : Reading
    """

    def __init__(self, problem: Problem, reading: Reading) -> None:
        self.problem, self.reading = problem, reading
        whole = [bound for bound in reading.in_force if not bound.shares]
        self.minima = [bound for bound in whole if bound.low > 0 or bound.mentioned]
        self.caps = [bound for bound in whole if bound.low <= 0 and not bound.mentioned]
        self.taken: list[int] = []
        self._closed = set(reading.closed)
        self._known = consortium_value.neighbours(problem.ties)

    def lacking(self) -> list[tuple[Bound, float]]:
        """Return the minima that are not reached, and by how much."""
        missed = [(bound, bound.low - total(bound, self.taken, {})) for bound in self.minima]
        return [(bound, lack) for bound, lack in missed if lack > 0]

    def may(self, seat: int) -> bool:
        """Return whether a seat can be taken now."""
        seats = self.problem.seats
        own = seats[seat]
        if seat in self._closed or any(seats[one].candidate.id == own.candidate.id for one in self.taken):
            return False
        if own.role is Part.COORDINATOR and any(seats[one].role is own.role for one in self.taken):
            return False
        more = [*self.taken, seat]
        return all(total(bound, more, {}) >= bound.low for bound in self.caps if seat in bound.terms)

    def value(self, taken: Sequence[int]) -> float:
        """Return what a team is worth."""
        found = consortium_value.parts(
            [self.problem.seats[seat] for seat in taken],
            self.problem.wishes,
            self.problem.weights,
            self._known,
            sum(self.reading.doubts[seat] for seat in taken),
        )
        return sum(found.values())

    def whole(self, model: TeamModel) -> bool:
        """Return whether the team keeps to everything, shares of the budget included."""
        others = [seat for seat in range(len(self.problem.seats)) if seat not in set(self.taken)]
        fixed = [({seat: 1.0}, 1.0) for seat in self.taken]
        return model.solve(without=self.reading.without, cuts=fixed, closed=others).seats is not None


def gain(bounds: Collection[tuple[Bound, float]], taken: Collection[int], seat: int) -> float:
    """Return how much of what is lacking a seat adds, as a share of each bound.

    Examples
    --------
    >>> two = Bound((0,), 2, terms={0: 1.0, 1: 1.0})
    >>> gain([(two, 1.0)], [0], 1), gain([(two, 1.0)], [0], 2)
    (0.5, 0.0)
    """
    added = 0.0
    for bound, lack in bounds:
        new = sum(
            1.0
            for sets in bound.groups
            if any(seat in one for one in sets)
            and all(not one.isdisjoint({*taken, seat}) for one in sets)
            and not all(not one.isdisjoint(taken) for one in sets)
        )
        added += min(lack, bound.terms.get(seat, 0.0) + new) / max(bound.low + bound.conditional, 1.0)
    return added


def greedy(problem: Problem, reading: Reading, model: TeamModel) -> tuple[int, ...] | None:
    """Take, step by step, who helps most towards the rules, and of those who is worth most.

    Parameters
    ----------
    problem : Problem
    reading : Reading
    model : TeamModel
        Of the reading; it only checks the end.

    Returns
    -------
    tuple of int, or None if it gets stuck
    """
    team = Builder(problem, reading)
    for _ in range(_STEPS):
        lacking = team.lacking()
        free = [seat for seat in range(len(problem.seats)) if team.may(seat)]
        if lacking:
            gains = {seat: gain(lacking, team.taken, seat) for seat in free}
            most = max(gains.values(), default=0.0)
            if most <= 0:
                return None
            free = [seat for seat in free if gains[seat] == most]
        now = team.value(team.taken)
        worth = {seat: team.value([*team.taken, seat]) - now for seat in free}
        best = max(worth, key=lambda seat: worth[seat], default=None)
        if best is None or (not lacking and worth[best] <= 0):
            break
        team.taken.append(best)
    return tuple(team.taken) if not team.lacking() and team.whole(model) else None


def drawn(
    problem: Problem, reading: Reading, model: TeamModel, rounds: int = 100, seed: int = 0
) -> tuple[int, ...] | None:
    """Return the best of many teams whose members are drawn among those that help towards the rules.

    Parameters
    ----------
    problem, reading, model
        See :func:`greedy`.
    rounds : int, default 100
    seed : int
    """
    random = np.random.default_rng(seed)
    best: tuple[float, tuple[int, ...]] | None = None
    for _ in range(rounds):
        team = Builder(problem, reading)
        for _ in range(_STEPS):
            lacking = team.lacking()
            if not lacking:
                break
            seat = _one_of(lacking[random.integers(len(lacking))][0], random)
            if team.may(seat):
                team.taken.append(seat)
        if not team.lacking():
            value = team.value(team.taken)
            if (best is None or value > best[0]) and team.whole(model):
                best = (value, tuple(team.taken))
    return best[1] if best else None


def _one_of(bound: Bound, random: np.random.Generator) -> int:
    """Return a seat that adds to a bound."""
    adding = [seat for seat, term in bound.terms.items() if term > 0]
    adding += [seat for sets in bound.groups for one in sets for seat in sorted(one)]
    return int(random.choice(adding)) if adding else 0
