"""Why this call: the passages that met."""

from __future__ import annotations

import numpy as np

from vie_match.ranking.dense import DenseIndex, Similarities
from vie_match.records import Evidence


def evidence(index: DenseIndex, similarities: Similarities, call: int, count: int) -> tuple[Evidence, ...]:
    """Return the passage pairs of one profile and one call that are most alike.

    Parameters
    ----------
    index : DenseIndex
    similarities : Similarities
        Of the profile.
    call : int
        Position of the call in the index.
    count : int
        Pairs at most; no passage of either side stands in two of them.

    Returns
    -------
    tuple of Evidence
        Most alike first.
    """
    start, end = index.starts[call], index.starts[call + 1]
    block = similarities.pairs[:, start:end].copy()
    pairs = []
    for _ in range(min(count, *block.shape)):
        row, column = np.unravel_index(int(np.argmax(block)), block.shape)
        pairs.append(
            Evidence(
                profile_passage=similarities.passages[row],
                call_passage=index.passages[start + column],
                similarity=float(block[row, column]),
            )
        )
        block[row, :] = block[:, column] = -np.inf
    return tuple(pairs)
