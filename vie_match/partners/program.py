"""Mixed integer linear programs, collected row by row and solved by HiGHS, which comes with SciPy."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

# Statuses of scipy.optimize.milp and linprog.
_OPTIMAL, _INFEASIBLE = 0, 2

Terms = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solver found.

    Attributes
    ----------
    seats : tuple of int or None
        Those taken; None: no team keeps to all conditions, or none was found in time.
    value : float
        What is maximised.
    limit : float
        No team is worth more.
    shares : dict of int to float
        Per cent of the budget a seat gets; empty where the budget is not divided.
    infeasible : bool
        It is proven that there is no team.
    optimal : bool
        It is proven that there is no better one.
    seconds : float
    """

    seats: tuple[int, ...] | None
    value: float = -np.inf
    limit: float = np.inf
    shares: Mapping[int, float] = field(default_factory=dict)
    infeasible: bool = False
    optimal: bool = False
    seconds: float = 0.0

    @property
    def gap(self) -> float:
        """How much better a team could at most be, as a share of the value; 0: proven optimal."""
        if self.optimal:
            return 0.0
        return (self.limit - self.value) / max(abs(self.value), 1e-9)


class Program:
    """Rows and columns, collected one by one.

    Attributes
    ----------
    worth : list of float
        Of each column, in the sum that is maximised.
    """

    def __init__(self) -> None:
        self.worth: list[float] = []
        self._highest: list[float] = []
        self._whole: list[bool] = []
        self._rows: list[Terms] = []
        self._lows: list[float] = []

    def column(self, worth: float = 0.0, highest: float = 1.0, *, whole: bool = False) -> int:
        """Add a variable from 0 to ``highest`` and return its number."""
        self.worth.append(worth)
        self._highest.append(highest)
        self._whole.append(whole)
        return len(self.worth) - 1

    def row(self, terms: Terms, low: float) -> int:
        """Add ``sum of terms ≥ low`` and return its number."""
        self._rows.append(terms)
        self._lows.append(low)
        return len(self._rows) - 1

    def solve(
        self,
        *,
        without: Collection[int] = (),
        cuts: Sequence[tuple[Terms, float]] = (),
        closed: Collection[int] = (),
        seconds: float = 60.0,
        worth: Sequence[float] | None = None,
    ) -> tuple[NDArray[np.float64] | None, Solution]:
        """Maximise.

        Parameters
        ----------
        without : collection of int
            Rows that are left out.
        cuts : sequence of (terms, low)
            Further rows.
        closed : collection of int
            Columns that stay 0.
        seconds : float
        worth : sequence of float, optional
            Instead of the columns' own.

        Returns
        -------
        x : array of shape (columns,) or None
        solution : Solution
            Without seats and shares, which the caller reads from ``x``.
        """
        begin = time.perf_counter()
        dropped = set(without)
        kept = [number for number in range(len(self._rows)) if number not in dropped]
        rows = [*(self._rows[number] for number in kept), *(terms for terms, _ in cuts)]
        lows = [*(self._lows[number] for number in kept), *(low for _, low in cuts)]
        highest = np.array(self._highest)
        highest[list(closed)] = 0
        own = np.array(self.worth if worth is None else worth)
        with _quiet():
            found = milp(
                -own,
                integrality=np.array(self._whole, dtype=int),
                bounds=Bounds(np.zeros(len(own)), highest),
                constraints=LinearConstraint(
                    _matrix(rows, len(own)), np.array(lows), np.full(len(lows), np.inf)
                ),
                options={"time_limit": seconds, "mip_rel_gap": 0.0},
            )
        took = time.perf_counter() - begin
        if found.x is None:
            return None, Solution(None, infeasible=found.status == _INFEASIBLE, seconds=took)
        limit = -found.mip_dual_bound if found.mip_dual_bound is not None else np.inf
        value = -float(found.fun)
        optimal = found.status == _OPTIMAL
        return found.x, Solution((), value, max(limit, value), optimal=optimal, seconds=took)

    def reach(self, *, without: Collection[int] = (), seconds: float = 60.0) -> NDArray[np.float64] | None:
        """Return how much the whole can be worth at most if a column is 1.

        Parameters
        ----------
        without : collection of int
            Rows that are left out.
        seconds : float

        Returns
        -------
        array of shape (columns,), or None if even fractions of seats keep to no conditions, or time is up

        Notes
        -----
        By duality no solution is worth more than the relaxed optimum less the reduced costs of what it takes
        (the reduced cost fixing of Dantzig, Fulkerson and Johnson 1954).
        """
        dropped = set(without)
        kept = [number for number in range(len(self._rows)) if number not in dropped]
        found = linprog(  # type: ignore[call-overload]  # no types for sparse matrices
            -np.array(self.worth),
            A_ub=-_matrix([self._rows[number] for number in kept], len(self.worth)),
            b_ub=-np.array([self._lows[number] for number in kept]),
            bounds=np.column_stack([np.zeros(len(self.worth)), self._highest]),
            method="highs",
            options={"time_limit": seconds},
        )
        if found.status != _OPTIMAL:
            return None
        return np.asarray(-found.fun - np.maximum(found.lower.marginals, 0), dtype=np.float64)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep off standard output what HiGHS 1.12 writes there by mistake (ERGO-Code/HiGHS, issue 2783).

    It writes by the C library, past Python's own streams, so the descriptor itself has to lead elsewhere.
    """
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    library.fflush(None)
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        # What the C library holds back has to go before the descriptor leads back.
        library.fflush(None)
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)


def _matrix(rows: Sequence[Terms], columns: int) -> csr_array:
    ends = np.cumsum([0, *map(len, rows)])
    places = np.fromiter((place for terms in rows for place in terms), dtype=np.int32, count=ends[-1])
    values = np.fromiter((value for terms in rows for value in terms.values()), dtype=float, count=ends[-1])
    return csr_array((values, places, ends), shape=(len(rows), columns))
