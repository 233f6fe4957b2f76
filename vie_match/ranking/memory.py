"""What was good for projects like this one: 480 graded projects, asked by likeness.

The projects and their grades are those the encoder was trained on (``training/projects.jsonl``). A call that
was good for projects near a profile is likely good for the profile, whatever their texts have in common. Of a
call that nobody graded it says nothing: then, as with every new year's calls, the feature is 0.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from vie_match.embedding.background import Background
from vie_match.embedding.encoder import Vectors
from vie_match.records import Call

PROJECTS = Path(__file__).parents[1] / "training" / "projects.jsonl"

# How sharply near projects outweigh far ones: temperature of a softmax. .03 to .2 measured alike.
TEMPERATURE = 0.05

Floats = NDArray[np.float64]


class Graded(NamedTuple):
    """A project in English, and its grades above 0 by the small letters of the call's identifier."""

    text: str
    grades: dict[str, int]


class Memory:
    """The graded projects and the calls.

    Parameters
    ----------
    calls : sequence of Call
    background : Background
        With the encoder.
    """

    def __init__(self, calls: Sequence[Call], background: Background) -> None:
        known = graded()
        vectors = background.encoder.encode([one.text for one in known])
        self.vectors = background.centred(vectors, "en")
        columns_of = defaultdict(list)
        for at, call in enumerate(calls):
            columns_of[call.identifier.casefold()].append(at)
        found = [
            (row, column, 2.0**grade - 1)
            for row, one in enumerate(known)
            for call, grade in one.grades.items()
            for column in columns_of.get(call, ())
        ]
        rows, columns, gains = zip(*found, strict=True) if found else ((), (), ())
        self.gains = sparse.csr_matrix((gains, (columns, rows)), shape=(len(calls), len(known)), dtype=float)

    def scores(self, queries: Vectors) -> Floats:
        """Return how good calls were for projects like some profiles.

        Parameters
        ----------
        queries : array of shape (n, dimension), float32
            Unit vectors of the profiles.

        Returns
        -------
        array of shape (n, calls), float64
            ln(1 + mean gain 2^grade - 1), the mean over all projects weighed by likeness; 0 to ln 8.
        """
        alike = np.asarray(queries @ self.vectors.T, np.float64) / TEMPERATURE
        weights = np.exp(alike - alike.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(np.log1p(self.gains @ weights.T).T, np.float64)


@cache
def graded(path: Path = PROJECTS) -> tuple[Graded, ...]:
    """Return the graded projects in the order of the file."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return tuple(
        Graded(
            f"{row['title_en']}. {row['text_en']}",
            {call.casefold(): grade for call, grade in row["calls"].items() if grade > 0},
        )
        for row in rows
    )
