"""Why there is no team: the smallest set of conditions that cannot hold together, and the fewest to give up.

Both come from the elastic program, in which every condition may be broken at a price of 1. What is broken at
the least price is what to give up. The smallest conflict is the smallest set that has something in common
with everything that could be given up (Ignatiev, Previti, Liffiton, Marques-Silva 2015): sets are guessed
from below, and each guess that can hold tells one more way of giving up.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from vie_match.partners.program import Program
from vie_match.partners.search_model import TeamModel


def fewest_broken(
    elastic: TeamModel, kept: Collection[int], seconds: float = 60.0, *, closed: Collection[int] = ()
) -> frozenset[int] | None:
    """Return the fewest conditions to break.

    Parameters
    ----------
    elastic : TeamModel
        With ``elastic=True``.
    kept : collection of int
        Conditions that have to hold.
    seconds : float, optional
    closed : collection of int, optional
        Seats that nobody may take.

    Returns
    -------
    frozenset of int, or None if those that have to hold cannot, or time is up
    """
    held = [elastic.broken[one] for one in kept if one in elastic.broken]
    x, _ = elastic.program.solve(closed=[*closed, *held], seconds=seconds)
    if x is None:
        return None
    return frozenset(one for one, column in elastic.broken.items() if x[column] > 0.5)


def smallest_conflict(
    elastic: TeamModel,
    seconds: float = 60.0,
    *,
    ignored: Collection[int] = (),
    closed: Collection[int] = (),
) -> tuple[int, ...]:
    """Return the smallest set of conditions that cannot hold together; empty if all can.

    Parameters
    ----------
    elastic : TeamModel
        With ``elastic=True``.
    seconds : float, optional
        For each of the programs.
    ignored : collection of int, optional
        Conditions that need not hold.
    closed : collection of int, optional
        Seats that nobody may take.

    Notes
    -----
    If time is up, or the program is broken even without any condition, what was guessed last is returned.
    """
    ways: list[frozenset[int]] = []
    while True:
        guess = _fewest_hitting(ways)
        broken = fewest_broken(elastic, guess, seconds, closed=closed)
        if broken is None:
            return tuple(sorted(guess))
        if broken <= set(ignored):
            return ()
        ways.append(broken - set(ignored))


def _fewest_hitting(sets: list[frozenset[int]]) -> frozenset[int]:
    """Return a smallest set that has something in common with each of the sets.

    Examples
    --------
    >>> sorted(_fewest_hitting([frozenset({1, 2}), frozenset({2, 3})])), sorted(_fewest_hitting([]))
    ([2], [])
    """
    if not sets:
        return frozenset()
    program = Program()
    everything = sorted(set().union(*sets))
    columns = {one: program.column(worth=-1.0, whole=True) for one in everything}
    for those in sets:
        program.row({columns[one]: 1.0 for one in sorted(those)}, 1)
    x, _ = program.solve()
    if x is None:
        return frozenset(everything)
    return frozenset(one for one, column in columns.items() if np.round(x[column]) == 1)
