"""How fast the best of many passages are found for many profiles, beside the bare product of the matrices.

Both work in blocks of the same size and hold no more than one block of products. The bare product
is all that an exact search cannot do without; what comes on top is the choice of the best.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vie_match.embedding.encoder import Vectors
from vie_match.evaluation.made_up import random_vectors
from vie_match.ranking.dense import best

BLOCK = 256
COUNT = 10
DIMENSION = 384

# Queries whose best are looked up in another way, to see that they are the best.
_CHECKED = 20
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Products:
    """What was measured.

    Attributes
    ----------
    queries, vectors, dimension, count, block : int
        ``count`` best of ``vectors`` for each of ``queries``, ``block`` queries at a time.
    best_s, bare_s : float
        Median seconds of the search and of the product alone.
    ratio : float
        Median over the rounds of search ÷ product.
    best_peak_mb, bare_peak_mb : float
        Most memory each of them took, beside its input; MB.
    whole_mb : float
        What all products at once would take, MB.
    exact : bool
        Whether sorting all products of some queries gives the same best.
    """

    queries: int
    vectors: int
    dimension: int
    count: int
    block: int
    best_s: float
    bare_s: float
    ratio: float
    best_peak_mb: float
    bare_peak_mb: float
    whole_mb: float
    exact: bool


def measure(queries: int = 1000, vectors: int = 100_000, rounds: int = 5) -> Products:
    """Time both in turns, on random unit vectors.

    Parameters
    ----------
    queries, vectors, rounds : int
        1 or more.
    """
    ours, theirs = random_vectors(queries, DIMENSION), random_vectors(vectors, DIMENSION, seed=1)

    def search() -> None:
        best(ours, theirs, COUNT, block=BLOCK)

    def product() -> None:
        _bare(ours, theirs)

    # The first of each is slower, and not timed.
    best_mb, bare_mb = _peak_mb(search), _peak_mb(product)
    times = [(_seconds(search), _seconds(product)) for _ in range(rounds)]
    return Products(
        queries=queries,
        vectors=vectors,
        dimension=DIMENSION,
        count=COUNT,
        block=BLOCK,
        best_s=statistics.median(one for one, _ in times),
        bare_s=statistics.median(other for _, other in times),
        ratio=statistics.median(one / other for one, other in times),
        best_peak_mb=best_mb,
        bare_peak_mb=bare_mb,
        whole_mb=queries * vectors * theirs.itemsize / _MB,
        exact=_exact(ours[:_CHECKED], theirs),
    )


def _bare(queries: Vectors, vectors: Vectors) -> None:
    """Multiply in blocks; every product is overwritten by the next block's."""
    held = np.empty((min(BLOCK, len(queries)), len(vectors)), np.float32)
    for start in range(0, len(queries), BLOCK):
        some = queries[start : start + BLOCK]
        np.matmul(some, vectors.T, out=held[: len(some)])


def _exact(queries: Vectors, vectors: Vectors) -> bool:
    """Tell whether sorting finds products as good as the search does.

    In double precision; of two products that differ by less than single precision tells, either may be first.
    """
    positions, _ = best(queries, vectors, COUNT, block=BLOCK)
    products = queries.astype(np.float64) @ vectors.astype(np.float64).T
    found = np.take_along_axis(products, positions, axis=1)
    wanted = -np.sort(-products, axis=1)[:, :COUNT]
    return bool(np.abs(found - wanted).max() < 1e-6)


def _peak_mb(work: Callable[[], object]) -> float:
    """Return the most memory some work allocates, MB."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / _MB
    finally:
        tracemalloc.stop()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
