"""Shares of the budget for the members of a team: round numbers, as equal as the rules and wishes allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

from vie_match.partners.program import Program
from vie_match.partners.search_bounds import Bound

# Whole per cents, or else tenths.
_UNITS = (1.0, 0.1)


def rounded(
    taken: Collection[int], shares: Mapping[int, float], bounds: Iterable[Bound], seconds: float = 10.0
) -> dict[int, float]:
    """Return the shares that differ least from equal ones.

    Parameters
    ----------
    taken : collection of int
        Seats of the team.
    shares : mapping of int to float
        Seat → a share that keeps to all bounds, per cent; only of those that are funded.
    bounds : iterable of Bound
    seconds : float, optional

    Returns
    -------
    dict of int to float
        In per cent; where round numbers cannot keep to the bounds, the shares that were given.

    Examples
    --------
    >>> half = Bound((), 50, shares={0: 1.0})
    >>> whole = Bound((), 100, shares={0: 1.0, 1: 1.0, 2: 1.0})
    >>> rounded([0, 1, 2], {0: 50, 1: 50, 2: 0}, [half, whole])
    {0: 50.0, 1: 25.0, 2: 25.0}
    """
    if not shares:
        return {}
    rows = [
        (bound.shares, bound.low - sum(bound.terms.get(seat, 0.0) for seat in taken))
        for bound in bounds
        if bound.shares
    ]
    for unit in _UNITS:
        found = _in_units(shares, rows, unit, seconds)
        if found:
            return found
    return {seat: round(share, 6) for seat, share in shares.items()}


def _in_units(
    shares: Mapping[int, float], rows: list[tuple[dict[int, float], float]], unit: float, seconds: float
) -> dict[int, float] | None:
    """Return shares that are multiples of a unit, with the least differences of all pairs added up."""
    program = Program()
    columns = {seat: program.column(highest=round(100 / unit), whole=True) for seat in shares}
    for one, other in combinations(columns.values(), 2):
        apart = program.column(worth=-1.0, highest=100.0)
        program.row({apart: 1.0, one: unit, other: -unit}, 0)
        program.row({apart: 1.0, one: -unit, other: unit}, 0)
    program.row(dict.fromkeys(columns.values(), -unit), -100)
    for factors, low in rows:
        own = {columns[seat]: unit * factor for seat, factor in factors.items() if seat in columns}
        if own or low > 0:
            program.row(own, low)
    x, _ = program.solve(seconds=seconds)
    if x is None:
        return None
    return {seat: round(round(float(x[column])) * unit, 1) for seat, column in columns.items()}
