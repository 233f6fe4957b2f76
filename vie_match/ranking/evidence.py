"""Why this call: the passages that give it its place, and the sentences in them that say it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vie_match.embedding import passages
from vie_match.embedding.encoder import Vectors
from vie_match.ranking.dense import DenseIndex
from vie_match.records import Call, Profile
from vie_match.results import Evidence, Passage


def evidence(
    index: DenseIndex, profile: Profile, query: Vectors, calls: Sequence[int], count: int
) -> list[tuple[Evidence, ...]]:
    """Return, for some calls, the passages that add most to their meaning, and what of the profile they met.

    Parameters
    ----------
    index : DenseIndex
    profile : Profile
    query : array of shape (dimension,), float32
        The profile as a whole, as in ``index.queries``.
    calls : sequence of int
        Positions of the calls in the index.
    count : int
        Pairs at most for each call; no passage of either side stands in two of them.

    Returns
    -------
    list of tuple of Evidence
        In the order of the calls, what adds most first. The passage of the profile is the one most alike. The
        sentences are still the passages, see :func:`quoted`.
    """
    if not calls or not count:
        return [() for _ in calls]
    own = passages.of_profile(profile)
    texts = [passages.in_context(passage, profile.title) for passage in own]
    vectors = index.background.centred(index.background.encoder.encode(texts), profile.language)
    return [_pairs(index, own, vectors, query, call, count) for call in calls]


def _pairs(
    index: DenseIndex, own: Sequence[Passage], vectors: Vectors, query: Vectors, call: int, count: int
) -> tuple[Evidence, ...]:
    start, end = index.starts[call], index.starts[call + 1]
    pieces = index.pieces[start:end]
    alike = vectors @ pieces.T
    free = np.ones(len(own), bool)
    pairs = []
    for column in np.argsort(-(pieces @ query), kind="stable")[: min(count, len(own))]:
        row = int(np.argmax(np.where(free, alike[:, column], -np.inf)))
        free[row] = False
        ours, theirs = own[row], index.passages[start + int(column)]
        pairs.append(
            Evidence(
                profile_passage=ours,
                call_passage=theirs,
                profile_sentence=ours,
                call_sentence=theirs,
                similarity=float(alike[row, column]),
            )
        )
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
