"""Texts → the vectors the student is to reproduce.

Several teachers are one: the similarity of two texts is the weighted mean of their similarities, since
their vectors are set side by side. More dimensions than the student has are brought down by the singular
vectors with the largest values, which keep the similarities best (Eckart & Young 1936). At last the space
is turned to where the student already lies (orthogonal Procrustes, Schönemann 1966): similarities stay
what they are, and the student has less far to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import orthogonal_procrustes

from vie_match.embedding.background import unit
from vie_match.embedding.encoder import Encoder, Vectors
from vie_match.errors import BadValue


@dataclass(frozen=True, slots=True)
class Teacher:
    """One or several encoders with their shares.

    Attributes
    ----------
    encoders : sequence of Encoder
    weights : sequence of float
        Shares in the similarities, in the same order.
    """

    encoders: Sequence[Encoder]
    weights: Sequence[float]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), sum of the dimensions), float32."""
        shares = np.sqrt(np.asarray(self.weights) / np.sum(self.weights))
        parts = [
            encoder.encode(texts) * np.float32(share)
            for encoder, share in zip(self.encoders, shares, strict=True)
        ]
        return np.asarray(np.concatenate(parts, axis=1), np.float32)


def into_space(goal: Vectors, dimension: int, student: Vectors | None, sample: Sequence[int]) -> Vectors:
    """Bring the teacher's vectors into as many dimensions as the student has.

    Parameters
    ----------
    goal : array of shape (n, d), float32
        Unit vectors of the teacher.
    dimension : int
        Dimensions of the student, at most d.
    student : array of shape (m, dimension), float32, or None
        The student's vectors, before training, of the first m sampled texts; None: the space is not
        turned.
    sample : sequence of int
        Rows of ``goal`` that stand for all, at least m.

    Returns
    -------
    array of shape (n, dimension), float32
        Unit vectors.

    Raises
    ------
    BadValue
        If there are fewer texts than dimensions to bring the space down to.

    Examples
    --------
    >>> goal = np.eye(3, dtype=np.float32)[[0, 1, 0, 1]]
    >>> into_space(goal, 2, None, range(4)).shape
    (4, 2)
    """
    rows = np.asarray(sample)
    if goal.shape[1] > dimension:
        if len(rows) < dimension:
            raise BadValue(
                f"found {len(rows)} English texts; expected at least {dimension}, the student's dimensions, "
                f"to bring down the teachers' {goal.shape[1]}: give more data"
            )
        _left, _values, right = np.linalg.svd(goal[rows], full_matrices=False)
        goal = goal @ right[:dimension].T
    goal = unit(goal)
    if student is not None:
        few = goal[rows[: len(student)]]
        turn, _scale = orthogonal_procrustes(few - few.mean(axis=0), student - student.mean(axis=0))
        goal = goal @ turn
    return np.asarray(unit(goal), np.float32)
