"""The third leg: the themes an officer ticked against those of the calls.

Themes are a closed list, so they cross languages by themselves. A theme that every call has says
little: each counts with the inverse document frequency of scikit-learn's TF-IDF,
``ln((1 + n) / (1 + df)) + 1``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vie_match.records import Call, Profile
from vie_match.vocabulary import Theme

_COLUMN = {theme: column for column, theme in enumerate(Theme)}


class ThemeIndex:
    """The calls' themes.

    Parameters
    ----------
    calls : sequence of Call
    """

    def __init__(self, calls: Sequence[Call]) -> None:
        ticked = np.array([_ticked(call.themes) for call in calls]).reshape(len(calls), len(_COLUMN))
        self._idf = np.log((1 + len(calls)) / (1 + ticked.sum(axis=0))) + 1
        self._matrix = _unit(ticked * self._idf)

    def scores(self, profile: Profile) -> NDArray[np.float64]:
        """Return the cosine with every call, shape (calls,), 0 to 1; 0 where a side has no theme."""
        query = _unit(_ticked(profile.themes)[None] * self._idf)[0]
        return np.asarray(self._matrix @ query, np.float64)


def _ticked(themes: Sequence[Theme]) -> NDArray[np.float64]:
    vector = np.zeros(len(_COLUMN))
    vector[[_COLUMN[theme] for theme in themes]] = 1
    return vector


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))
