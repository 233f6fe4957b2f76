"""Whether probabilities mean what they say, and "nothing suitable" is said to the right profiles."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BEST = 10
_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Matches with probabilities between ``low`` and ``high``: what was said, what came true."""

    low: float
    high: float
    matches: int
    mean_probability: float
    share_good: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far probabilities are from what came true.

    Attributes
    ----------
    matches : int
        The best calls of each profile, together.
    error : float
        Expected calibration error: mean |said - came true| over ten equal bins, weighted by matches
        (Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3).
    judged_error : float
        The same of the judged matches alone; what nobody judged counts as not good in ``error``.
    all_error : float
        The same of all pairs, most of which are far from any match.
    brier : float
        Mean squared difference (Brier 1950).
    always : float
        Brier score of saying for each match the share of good ones among all.
    bins : tuple of Bin
        Of ``error``; empty bins left out.
    """

    matches: int
    error: float
    judged_error: float
    all_error: float
    brier: float
    always: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Suitability:
    """How often a profile is told that nothing is suitable.

    Attributes
    ----------
    threshold : float
        Probability that the best call must reach.
    without, with_good : int
        Profiles without and with a good call.
    told_so : float
        Share of the former that are told so; the rest are false alarms.
    missed : float
        Share of the latter that are told so all the same.
    recommended : float
        Mean number of recommended calls among the five best of a profile with a good call.
    """

    threshold: float
    without: int
    with_good: int
    told_so: float
    missed: float
    recommended: float


def calibration(probabilities: Floats, good: Flags, judged: Flags) -> Calibration:
    """Compare probabilities with judgements.

    Parameters
    ----------
    probabilities : array of shape (profiles, calls), float64, 0 to 1
    good, judged : array of shape (profiles, calls), bool

    Examples
    --------
    >>> said = np.array([[1.0, 0.0]])
    >>> found = calibration(said, np.array([[True, False]]), np.array([[True, True]]))
    >>> found.error, found.brier
    (0.0, 0.0)
    """
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :BEST]
    said = np.take_along_axis(probabilities, best, axis=1)
    true, seen = np.take_along_axis(good, best, axis=1), np.take_along_axis(judged, best, axis=1)
    bins = reliability(said, true)
    return Calibration(
        matches=said.size,
        error=_error(bins),
        judged_error=_error(reliability(said[seen], true[seen])),
        all_error=_error(reliability(probabilities, good)),
        brier=float(np.mean((said - true) ** 2)),
        always=float(np.mean((true.mean() - true) ** 2)),
        bins=bins,
    )


def reliability(said: Floats, true: Flags) -> tuple[Bin, ...]:
    """Return what was said and what came true, in ten equal bins from 0 to 1; empty ones left out.

    Parameters
    ----------
    said : array, float64, 0 to 1
    true : array of the same shape, bool

    Examples
    --------
    >>> reliability(np.array([0.1, 0.2, 0.15]), np.array([False, True, False]))[0]
    Bin(low=0.1, high=0.2, matches=2, mean_probability=0.125, share_good=0.0)
    """
    borders = np.arange(_BINS + 1) / _BINS
    # By comparing, not by multiplying: what is a hair below a border would be rounded onto it.
    place = np.minimum(np.searchsorted(borders, said, side="right") - 1, _BINS - 1)
    bins = []
    for at, (low, high) in enumerate(pairwise(borders.tolist())):
        inside = place == at
        if inside.any():
            # Nor may the rounding of a sum push a mean out of its bin.
            mean = min(max(float(said[inside].mean()), low), high)
            bins.append(Bin(low, high, int(inside.sum()), mean, float(true[inside].mean())))
    return tuple(bins)


def suitability(probabilities: Floats, good: Flags, threshold: float) -> Suitability:
    """Count who is told that nothing is suitable.

    Parameters
    ----------
    probabilities : array of shape (profiles, calls), float64, 0 to 1
    good : array of shape (profiles, calls), bool
    threshold : float
        0 to 1.

    Examples
    --------
    >>> found = suitability(np.array([[0.9], [0.1]]), np.array([[True], [False]]), 0.5)
    >>> found.told_so, found.missed
    (1.0, 0.0)
    """
    any_good = good.any(axis=1)
    nothing = probabilities.max(axis=1) < threshold
    five = np.sort(probabilities, axis=1)[:, -5:]
    return Suitability(
        threshold=threshold,
        without=int((~any_good).sum()),
        with_good=int(any_good.sum()),
        # Without such profiles nothing was told wrongly.
        told_so=float(nothing[~any_good].mean()) if (~any_good).any() else 1.0,
        missed=float(nothing[any_good].mean()) if any_good.any() else 0.0,
        recommended=float((five[any_good] >= threshold).sum(axis=1).mean()) if any_good.any() else 0.0,
    )


def _error(bins: tuple[Bin, ...]) -> float:
    total = sum(one.matches for one in bins)
    off = sum(one.matches * abs(one.mean_probability - one.share_good) for one in bins)
    return off / total if total else 0.0
