"""The dense leg: a profile against the calls, as a whole and passage by passage.

The whole tells what a project is about; the passages tell which part of it met which part of a call.
Both sides lose the centre of their language (:mod:`vie_match.embedding.background`). A call's
similarity to one profile passage is the mean of its best few passages, so that one stray sentence
does not carry a call; a profile's score is the mean over its passages, so that it adds up from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding import passages
from vie_match.embedding.background import Background
from vie_match.embedding.encoder import Vectors
from vie_match.records import Call, Profile
from vie_match.results import Passage

# Best passages of a call that are averaged. Measured (nDCG@10, vectors alone, own language):
# 3 .38, 5 .40, 8 .40, 12 .38; in English 8 is the best, too.
TOP_PASSAGES = 8

# What the passages have in the meaning beside the whole.
PASSAGE_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Similarities:
    """One profile against all calls.

    Attributes
    ----------
    passages : tuple of Passage, length w
        The profile's passages.
    pairs : array of shape (w, p), float32
        Cosines with every passage of every call.
    pooled : array of shape (w, calls), float32
        Cosines pooled over the passages of each call.
    whole : array of shape (calls,), float32
        Cosines of the whole profile with each call as a whole.
    """

    passages: tuple[Passage, ...]
    pairs: Vectors
    pooled: Vectors
    whole: Vectors

    @property
    def meaning(self) -> Vectors:
        """Whole and passages in one, shape (calls,)."""
        meaning = (1 - PASSAGE_SHARE) * self.whole + PASSAGE_SHARE * self.pooled.mean(axis=0)
        return np.asarray(meaning, np.float32)


class DenseIndex:
    """The calls' passages and their vectors.

    Parameters
    ----------
    calls : sequence of Call
        At least one.
    background : Background
        With the encoder.

    Attributes
    ----------
    passages : list of Passage, length p
        In order of the calls.
    wholes : array of shape (calls, dimension), float32
        One vector for each call.
    starts : array of shape (calls + 1,), int
        ``passages[starts[i]:starts[i + 1]]`` belong to call ``i``.
    """

    def __init__(self, calls: Sequence[Call], background: Background) -> None:
        self.background = background
        per_call = [passages.of_call(call) for call in calls]
        self.passages: list[Passage] = [passage for own in per_call for passage in own]
        self.starts = np.concatenate([[0], np.cumsum([len(own) for own in per_call])]).astype(int)
        texts = [
            passages.in_context(passage, call.title)
            for call, own in zip(calls, per_call, strict=True)
            for passage in own
        ]
        languages = np.array([call.language for call in calls])
        self.wholes = self._vectors([passages.whole_call(call) for call in calls], languages)
        self.vectors = self._vectors(texts, np.repeat(languages, np.diff(self.starts)))

    def _vectors(self, texts: Sequence[str], languages: NDArray[np.str_]) -> Vectors:
        vectors = self.background.encoder.encode(texts)
        centred = np.empty_like(vectors)
        for language in set(languages.tolist()):
            rows = languages == language
            centred[rows] = self.background.centred(vectors[rows], language)
        return centred

    def similarities(self, profile: Profile) -> Similarities:
        """Compare a profile with all calls."""
        own = passages.of_profile(profile)
        texts = [passages.in_context(passage, profile.title) for passage in own]
        texts.append(passages.whole_profile(profile))
        vectors = self.background.centred(self.background.encoder.encode(texts), profile.language)
        queries, whole = vectors[:-1], vectors[-1]
        pairs = queries @ self.vectors.T
        pooled = np.empty((len(own), len(self.starts) - 1), np.float32)
        for column, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            block = pairs[:, start:end]
            if block.shape[1] > TOP_PASSAGES:
                block = np.partition(block, -TOP_PASSAGES, axis=1)[:, -TOP_PASSAGES:]
            pooled[:, column] = block.mean(axis=1)
        return Similarities(tuple(own), pairs, pooled, self.wholes @ whole)
