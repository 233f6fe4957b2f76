"""The dense leg: one vector for a profile, one for a call, and their product.

A call's vector is half its beginning, embedded as one text, and half the mean of its passages: the beginning
says what it is about, the passages what it wants in particular. Because the product is linear, it is also
the sum of what each passage adds: that is what :mod:`vie_match.ranking.evidence` quotes. Both sides lose
the centre of their language (:mod:`vie_match.embedding.background`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding import passages
from vie_match.embedding.background import Background
from vie_match.embedding.encoder import Vectors
from vie_match.records import Call, Profile
from vie_match.results import Passage

# What the passages have in a call's vector beside its beginning. Measured (nDCG@10 of the vectors alone,
# own language / English): beginning alone .601/.619, passages alone .608/.627, half of each .612/.632.
PASSAGE_SHARE = 0.5

# Passages of a call that count, from its beginning: 12,000 characters. What comes later is conditions.
PASSAGES = 20

# Products of which only the largest is looked at first, see :func:`best`. Measured: 16 to 64 are alike.
_GROUP = 32


class DenseIndex:
    """The calls' vectors and their passages.

    Parameters
    ----------
    calls : sequence of Call
        At least one.
    background : Background
        With the encoder.

    Attributes
    ----------
    vectors : array of shape (calls, dimension), float32
        One for each call, at most of length 1.
    passages : list of Passage, length p
        In order of the calls.
    pieces : array of shape (p, dimension), float32
        Unit vectors of the passages.
    starts : array of shape (calls + 1,), int
        ``passages[starts[i]:starts[i + 1]]`` belong to call ``i``.
    """

    def __init__(self, calls: Sequence[Call], background: Background) -> None:
        self.background = background
        per_call = [passages.of_call(call)[:PASSAGES] for call in calls]
        self.passages: list[Passage] = [passage for own in per_call for passage in own]
        counts = np.array([len(own) for own in per_call])
        self.starts = np.concatenate([[0], np.cumsum(counts)]).astype(int)
        texts = [
            passages.in_context(passage, call.title)
            for call, own in zip(calls, per_call, strict=True)
            for passage in own
        ]
        languages = np.array([call.language for call in calls])
        wholes = self._vectors([passages.whole_call(call) for call in calls], languages)
        self.pieces = self._vectors(texts, np.repeat(languages, counts))
        means = np.add.reduceat(self.pieces, self.starts[:-1], axis=0) / counts[:, None]
        self.vectors = np.asarray((1 - PASSAGE_SHARE) * wholes + PASSAGE_SHARE * means, np.float32)

    def _vectors(self, texts: Sequence[str], languages: NDArray[np.str_]) -> Vectors:
        vectors = self.background.encoder.encode(texts)
        centred = np.empty_like(vectors)
        for language in set(languages.tolist()):
            rows = languages == language
            centred[rows] = self.background.centred(vectors[rows], language)
        return centred

    def queries(self, profiles: Sequence[Profile]) -> Vectors:
        """Return a unit vector for each profile as a whole, shape (profiles, dimension)."""
        if not profiles:
            return self.vectors[:0]
        languages = np.array([profile.language for profile in profiles])
        return self._vectors([passages.whole_profile(profile) for profile in profiles], languages)

    def meaning(self, queries: Vectors) -> Vectors:
        """Return the products of queries and calls, shape (queries, calls); of equal calls, equal ones."""
        # A matrix product rounds equal rows differently, by where they stand: they would be out of order.
        rows = [np.einsum("cd,d->c", self.vectors, query) for query in queries]
        return np.array(rows, np.float32).reshape(len(queries), len(self.vectors))


def best(
    queries: Vectors, vectors: Vectors, count: int, *, block: int = 256
) -> tuple[NDArray[np.int64], Vectors]:
    """Return the best vectors for each query, exactly, in bounded memory.

    Parameters
    ----------
    queries : array of shape (n, dimension), float32
    vectors : array of shape (m, dimension), float32
    count : int
        At most m are returned.
    block : int
        Queries at a time: ``block × m × 4`` bytes are held.

    Returns
    -------
    positions : array of shape (n, count), int64
        Best first; of equal ones, the earlier first.
    products : array of shape (n, count), float32

    Examples
    --------
    >>> vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    >>> best(vectors[:1], vectors, 2)[0].tolist()
    [[0, 2]]
    """
    count = min(count, len(vectors))
    positions = np.empty((len(queries), count), np.int64)
    products = np.empty((len(queries), count), np.float32)
    if not count:
        return positions, products
    held = np.empty((min(block, len(queries)), len(vectors)), np.float32)
    for start in range(0, len(queries), block):
        some = queries[start : start + block]
        part = np.matmul(some, vectors.T, out=held[: len(some)])
        # Whatever is as good as the last of the best is a candidate, so that equal ones stay in order.
        for at, (row, least) in enumerate(zip(part, _least(part, count), strict=True), start):
            among = np.flatnonzero(row >= least)
            chosen = among[np.argsort(-row[among], kind="stable")[:count]]
            positions[at], products[at] = chosen, row[chosen]
    return positions, products


def _least(products: Vectors, count: int) -> Vectors:
    """Return for each row what its ``count`` best products are not below, shape (rows,).

    The columns are taken in groups. ``count`` of the groups' maxima, the largest, are ``count`` products; the
    best products are not below the smallest of these. Finding it costs one pass over the products, not a
    partition of each row.
    """
    groups = products.shape[1] // _GROUP
    if groups >= count:
        products = products[:, : groups * _GROUP].reshape(len(products), _GROUP, groups).max(axis=1)
    last = products.shape[1] - count
    return np.asarray(np.partition(products, last, axis=1)[:, last], np.float32)
