"""Reasons and shifts → how likely a town is to be the next partner.

``p(town) ∝ (Σ weight · reason(town)) ^ power · exp(Σ weight · shift(town))``

The sum inside is a mixture: each partner came about for one of the reasons. What is outside is a conditional
logit (McFadden 1974). Weights are kept by family of programmes, because cities choose partners differently
for research projects and for networks of exchange.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from vie_match.errors import BadValue
from vie_match.partners.reasons import GENERAL, REASONS, SHIFTS
from vie_match.vocabulary import Programme

Floats = NDArray[np.float64]

RESEARCH, EXCHANGE = "research", "exchange"
FAMILIES = (RESEARCH, EXCHANGE)

# How much a town gains that is likelier for this enquiry than for any; measured in evaluate partners.
PERSONAL_WEIGHT = 0.1

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt for one family of programmes.

    Attributes
    ----------
    reasons : dict of str to float
        Share of partners that come about for each reason; they sum to 1.
    shifts : dict of str to float
        Log-odds for each unit of the shift.
    power : float
        Exponent of the mixture, 1 when it needs no correction.
    """

    reasons: Mapping[str, float]
    shifts: Mapping[str, float]
    power: float

    @property
    def mixture(self) -> Floats:
        """Weights of the reasons in the order of ``REASONS``, shape (reasons,)."""
        return np.array([self.reasons.get(name, 0.0) for name in REASONS], np.float64)

    def scores(self, distributions: Floats, shifts: Floats, personal: float = PERSONAL_WEIGHT) -> Floats:
        """Return log-odds up to a constant, shape (towns,): the order of the towns.

        Parameters
        ----------
        distributions : array of shape (towns, reasons)
        shifts : array of shape (towns, shifts)
        personal : float
            0 ranks by likelihood alone; more brings towns forward that are likelier for this enquiry than
            for any other, and so spreads attention over more towns.
        """
        outside = shifts @ np.array([self.shifts.get(name, 0.0) for name in SHIFTS])
        likely = self.log_mixture(distributions)
        return np.asarray(self.power * likely + outside + personal * self.lift(distributions), np.float64)

    def log_mixture(self, distributions: Floats) -> Floats:
        """Return the logarithm of the mixture alone, shape (towns,)."""
        return np.asarray(np.log(distributions @ self.mixture + _LEAST), np.float64)

    def lift(self, distributions: Floats) -> Floats:
        """Return how much likelier a town is for this enquiry than for any: logarithms, shape (towns,)."""
        general = self.mixture[: len(GENERAL)]
        usual = distributions[:, : len(GENERAL)] @ general / max(float(general.sum()), _LEAST)
        return np.asarray(self.log_mixture(distributions) - np.log(usual + _LEAST), np.float64)

    def because(self, distributions: Floats) -> Floats:
        """Return with what probability each reason brought a town about, shape (towns, reasons).

        Rows sum to 1, or are 0 for towns no reason speaks for.
        """
        parts = distributions * self.mixture
        totals = parts.sum(axis=-1, keepdims=True)
        return np.asarray(parts / np.where(totals > 0, totals, 1), np.float64)


def family(programme: Programme) -> str:
    """Return which weights a programme takes.

    Examples
    --------
    >>> family(Programme.HORIZON), family(Programme.URBACT)
    ('research', 'exchange')
    """
    return RESEARCH if programme in {Programme.HORIZON, Programme.LIFE, Programme.DIGITAL} else EXCHANGE


def shipped() -> Mapping[str, Weights]:
    """Return the weights that come with the package, by family."""
    return _read(files("vie_match.partners").joinpath("weights.json").read_text(encoding="utf-8"))


@cache
def _read(text: str) -> Mapping[str, Weights]:
    found = {name: Weights(**one) for name, one in json.loads(text).items()}
    for name, one in found.items():
        strangers = (set(one.reasons) - set(REASONS)) | (set(one.shifts) - set(SHIFTS))
        if strangers:
            raise BadValue(f"found weights of {sorted(strangers)} for {name}; expected known reasons, shifts")
    return found


def best(scores: Floats, team: Sequence[int], count: int) -> list[int]:
    """Return the places of the towns with the highest scores, without the team.

    Examples
    --------
    >>> best(np.array([3.0, 1.0, 2.0]), [0], 5)
    [2, 1]
    """
    left = np.array(scores, np.float64)
    left[list(team)] = -np.inf
    order = np.argsort(-left, kind="stable")[: max(0, min(count, len(left) - len(set(team))))]
    return [int(one) for one in order]
