"""How well a town fits a call and a team: its place in the ranking, as a number that a search can add up."""

from __future__ import annotations

from dataclasses import dataclass

from vie_match.partners.suggestions import Ground

# Log-odds below the best town at which the fit is nothing.
REACH = 8.0


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a town fits a call and a team.

    Attributes
    ----------
    rank : int
        1 is the best of all towns.
    fit : float
        1 for the best, falling by :data:`REACH` log-odds to 0.
    grounds : tuple of Ground
        Projects that speak for it.
    """

    rank: int
    fit: float
    grounds: tuple[Ground, ...] = ()


def fit_of(behind: float) -> float:
    """Return the fit of a town that is so many log-odds behind the best.

    Examples
    --------
    >>> fit_of(0), fit_of(2), fit_of(20)
    (1.0, 0.75, 0.0)
    """
    return max(0.0, 1 - behind / REACH)
