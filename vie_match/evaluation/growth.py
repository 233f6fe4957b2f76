"""How the time of fitting and ranking grows with the calls, the vectors being given."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

from vie_match.evaluation import made_up, speeds
from vie_match.ranking.matcher import Matcher
from vie_match.records import BRUSSELS

SIZES = (1_000, 10_000, 100_000)

# Matches kept for each profile.
TOP = 10

_MOMENT = dt.datetime(2026, 12, 1, 12, tzinfo=BRUSSELS)


@dataclass(frozen=True, slots=True)
class Growth:
    """Time for one number of calls.

    Attributes
    ----------
    calls, profiles : int
    fit_s, rank_s : float
        Seconds to index the calls, and to rank them for all profiles.
    peak_mb : float or None
        Most memory the process had held when it was done, MB; None where the system does not tell.
    """

    calls: int
    profiles: int
    fit_s: float
    rank_s: float
    peak_mb: float | None


def measure(largest: int = SIZES[-1], profiles: int = 15) -> tuple[Growth, ...]:
    """Time each of the :data:`SIZES` up to a largest, and that.

    Parameters
    ----------
    largest : int
        Calls, 1 or more.
    profiles : int
    """
    return tuple(_measure(size, profiles) for size in sizes(largest))


def sizes(largest: int) -> Sequence[int]:
    """Return the numbers of calls to be timed.

    Examples
    --------
    >>> sizes(100_000), sizes(20_000), sizes(500)
    ([1000, 10000, 100000], [1000, 10000, 20000], [500])
    """
    return sorted({size for size in SIZES if size < largest} | {largest})


def _measure(size: int, profiles: int) -> Growth:
    calls, wanted = made_up.calls(size, made_up.SHORT_CALL), made_up.profiles(profiles)
    matcher = Matcher(made_up.GivenVectors())
    start = time.perf_counter()
    matcher.fit(calls)
    fitted = time.perf_counter()
    matcher.rank(wanted, moment=_MOMENT, top=TOP)
    ranked = time.perf_counter()
    return Growth(size, profiles, fitted - start, ranked - fitted, speeds.peak_mb())
