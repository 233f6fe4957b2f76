"""Why this call: the passages that met, and the sentences in them that say it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vie_match.embedding import passages
from vie_match.ranking.dense import DenseIndex, Similarities
from vie_match.records import Call, Profile
from vie_match.results import Evidence, Passage


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
        Most alike first; the sentences are still the passages, see :func:`quoted`.
    """
    start, end = index.starts[call], index.starts[call + 1]
    block = similarities.pairs[:, start:end].copy()
    pairs = []
    for _ in range(min(count, *block.shape)):
        row, column = np.unravel_index(int(np.argmax(block)), block.shape)
        ours, theirs = similarities.passages[int(row)], index.passages[start + int(column)]
        pairs.append(
            Evidence(
                profile_passage=ours,
                call_passage=theirs,
                profile_sentence=ours,
                call_sentence=theirs,
                similarity=float(block[row, column]),
            )
        )
        block[row, :] = block[:, column] = -np.inf
    return tuple(pairs)


def quoted(
    index: DenseIndex, profile: Profile, found: Sequence[tuple[Call, Sequence[Evidence]]]
) -> list[tuple[Evidence, ...]]:
    """Return the pairs of some calls with the two sentences in each that are most alike.

    Parameters
    ----------
    index : DenseIndex
        For its encoder.
    profile : Profile
    found : sequence of (Call, sequence of Evidence)
        The profile's pairs with each call.

    Returns
    -------
    list of tuple of Evidence
        In the same order.
    """
    if not found:
        return []
    owners: dict[Passage, Profile | Call] = {}
    for call, pairs in found:
        owners |= dict.fromkeys((pair.profile_passage for pair in pairs), profile)
        owners |= dict.fromkeys((pair.call_passage for pair in pairs), call)
    sentences = {passage: passages.sentences(passage) for passage in owners}
    # All at once: one look into the cache instead of one per pair.
    texts = [
        passages.in_context(sentence, owners[passage].title)
        for passage, own in sentences.items()
        for sentence in own
    ]
    rows = iter(index.background.encoder.encode(texts))
    vectors = {
        passage: index.background.centred(np.stack([next(rows) for _ in own]), owners[passage].language)
        for passage, own in sentences.items()
    }

    def narrowed(pair: Evidence) -> Evidence:
        ours, theirs = sentences[pair.profile_passage], sentences[pair.call_passage]
        alike = vectors[pair.profile_passage] @ vectors[pair.call_passage].T
        row, column = np.unravel_index(int(np.argmax(alike)), alike.shape)
        return pair.model_copy(
            update={"profile_sentence": ours[int(row)], "call_sentence": theirs[int(column)]}
        )

    return [tuple(narrowed(pair) for pair in pairs) for _, pairs in found]
