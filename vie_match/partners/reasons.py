"""Signs → reasons: ways in which a town comes to be a partner, and what shifts its chance.

A *reason* is a distribution over the towns: if a partner came about for this reason alone, with what
probability would it be which town? Reasons add up (:mod:`vie_match.partners.model`), so a town may be likely
for one reason among many, and the reason can be named. A *shift* multiplies the chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vie_match.partners.signs import Signs

Floats = NDArray[np.float64]

# Reasons that hold for every enquiry alike: what they give to one town, they give it always.
GENERAL: Mapping[str, Callable[[Signs], Floats]] = {
    "recent projects": lambda signs: signs.recent,
    "many projects": lambda signs: signs.count**1.5,
    "networks": lambda signs: signs.networks**2,
    "Mission city": lambda signs: signs.mission,
    "inhabitants": lambda signs: np.exp(signs.population),
    "any town": lambda signs: np.ones(len(signs.count)),
}
# Reasons that depend on who asks, and for what.
PERSONAL: Mapping[str, Callable[[Signs], Floats]] = {
    "like size": lambda signs: np.exp(2 * signs.size) * signs.country / signs.country_towns,
    "like size, larger": lambda signs: (
        np.exp(signs.size + signs.population) * signs.country / signs.country_towns
    ),
    "countries of similar projects": lambda signs: (
        signs.country_alike * signs.country * np.exp(signs.population) / signs.country_towns
    ),
    "countries of earlier partners": lambda signs: (
        signs.country_pair * signs.country * np.exp(signs.population) / signs.country_towns
    ),
    "near": lambda signs: np.exp(-signs.km / 15),
    "near, with projects": lambda signs: np.exp(-signs.km / 50) * signs.count,
    "same country": lambda signs: signs.same * np.exp(signs.population),
    "near a partner": lambda signs: (
        np.where(signs.km_given < signs.km_given.max(), 1, 0) * np.exp(-signs.km_given / 50)
    ),
    "most similar projects": lambda signs: signs.few,
    "similar projects": lambda signs: signs.many,
    "together before": lambda signs: signs.together,
    "together with a partner": lambda signs: signs.with_given,
    "shared networks": lambda signs: signs.shared**2,
}
REASONS = (*GENERAL, *PERSONAL)

SHIFTS: Mapping[str, Callable[[Signs], Floats]] = {
    "inhabitants": lambda signs: signs.population - 10,
    "far from 60,000 inhabitants": lambda signs: (signs.population - 11) ** 2,
    "above 270,000 inhabitants": lambda signs: np.maximum(signs.population - 12.5, 0),
    "like size": lambda signs: signs.size,
    "rank in its country": lambda signs: -np.log(signs.rank),
    "Mission city, climate-neutral": lambda signs: signs.mission * signs.climate,
    "similar projects": lambda signs: np.sqrt(signs.many),
    "most similar project": lambda signs: signs.likest,
    "walk": lambda signs: np.log1p(1000 * signs.walk),
    "together before": lambda signs: np.log1p(signs.together),
    "a partner's country": lambda signs: signs.same_given,
    "near a partner": lambda signs: -np.log(10 + signs.km_given),
    "with partners' countries": lambda signs: np.log1p(signs.with_countries),
}


def distributions(signs: Signs, team: Sequence[int]) -> Floats:
    """Return what each reason says, shape (towns, reasons): each column sums to 1, or is 0 throughout.

    Parameters
    ----------
    signs : Signs
    team : sequence of int
        Places of the lead and the given partners, who get 0.
    """
    found = np.stack([of(signs) for of in (*GENERAL.values(), *PERSONAL.values())], axis=1)
    found[list(team)] = 0
    totals = found.sum(axis=0)
    return np.asarray(found / np.where(totals > 0, totals, 1), np.float64)


def shifts(signs: Signs) -> Floats:
    """Return what shifts the chance, shape (towns, shifts)."""
    return np.stack([of(signs) for of in SHIFTS.values()], axis=1)
