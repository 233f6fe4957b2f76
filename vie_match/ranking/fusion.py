"""From several signs of a fit to one probability: that an officer would call the call good.

A logistic regression over a few features of a (profile, call) pair: how alike the texts are, whom such calls
are for, and which instrument it is, since some are always worth a city's look. Its weights are fitted to
judged pairs in the space of one encoder (:mod:`vie_match.ranking.fitting`), so they belong to that encoder
(``fusion.json``); with any other encoder calls are ranked by similarity alone, without probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from vie_match.ranking.audience import Addressed, Audience, instruments

Floats = NDArray[np.float64]

SIMILARITY = "similarity"
# What a profile has in common with calls of any kind, its mean similarity: a long or general text is more
# alike with everything, and so are calls told in few words. The same distance above it says the same.
COMMON = "common"
_KINDS = {"cities": Audience.CITIES, "local": Audience.LOCAL, "others": Audience.OTHERS}
_PARTICIPATION = "participation"
GENERAL = (SIMILARITY, COMMON, *_KINDS, _PARTICIPATION)
# How good the call was for projects like this one, of those that were graded.
MEMORY = "graded projects"
# What a pair is described by: last, whether the call belongs to each instrument.
FEATURES = (*GENERAL, MEMORY, *(one.calls for one in instruments()))


@dataclass(frozen=True, slots=True)
class Fusion:
    """A fitted logistic regression.

    Attributes
    ----------
    encoder : str
        Id of the encoder whose similarities it was fitted to, or its beginning.
    weights : dict of str to float
        Log-odds for each unit of the feature; of ``FEATURES`` those that are left out weigh nothing.
    intercept : float
        Log-odds where every feature is 0.
    threshold : float
        Probability from which a call is recommended, 0 to 1.
    scales : dict of str to float
        Standard deviation of each general feature where it was fitted: what makes weights comparable.
    """

    encoder: str
    weights: Mapping[str, float]
    intercept: float
    threshold: float
    scales: Mapping[str, float]

    def logits(self, features: Floats) -> Floats:
        """Return log-odds, shape (…), of pairs described by features of shape (…, features)."""
        return np.asarray(features @ self.vector + self.intercept, np.float64)

    @property
    def vector(self) -> Floats:
        """The weights in the order of ``FEATURES``, shape (features,)."""
        return np.array([self.weights.get(name, 0.0) for name in FEATURES], np.float64)

    def audience(self, addressed: Addressed) -> float:
        """Return the log-odds that whom a call is for adds, in comparison with an unknown audience."""
        weight = self.weights.get
        return (
            weight(addressed.audience.value, 0.0)
            + weight(_PARTICIPATION, 0.0) * addressed.participation
            + weight(addressed.instrument, 0.0)
        )


# Ranks by similarity alone, without probabilities, whatever was shipped for the encoder.
PLAIN = Fusion(encoder="", weights={SIMILARITY: 1.0}, intercept=0.0, threshold=0.0, scales={})


def audience_features(addressed: Addressed) -> Floats:
    """Return the features after the second that a call alone decides, shape (features - 2,); 0 for others."""
    names = FEATURES[2:]
    found = np.zeros(len(names))
    found[: len(_KINDS)] = [addressed.audience is kind for kind in _KINDS.values()]
    found[len(_KINDS)] = addressed.participation
    if addressed.instrument:
        found[names.index(addressed.instrument)] = 1
    return found


def probability(logits: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), shape as given.

    Examples
    --------
    >>> probability(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    return np.asarray(np.exp(-np.logaddexp(0, -logits)), np.float64)


def shipped(encoder: str) -> Fusion | None:
    """Return the weights that come with the package for an encoder's id; None if there are none."""
    return next((one for one in _all() if encoder.startswith(one.encoder)), None)


@cache
def _all() -> tuple[Fusion, ...]:
    text = files("vie_match.ranking").joinpath("fusion.json").read_text(encoding="utf-8")
    return tuple(Fusion(**one) for one in json.loads(text))
