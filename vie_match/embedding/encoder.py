"""What an encoder is, the one that tests use, and the one that remembers.

:class:`Encoder` is the seam: everything that turns texts into unit vectors and has an id fits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vie_match.errors import StoreDamaged
from vie_match.store.vectors import VectorStore

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

# Texts, and characters, that are embedded and kept in one go: what a killed run loses at most. Many single
# words together are embedded faster than few.
_CHUNK, _CHUNK_CHARACTERS = 256, 40_000


# What no text gives: its dimension is not known before a model is loaded, and none is for this.
NO_VECTORS: Vectors = np.zeros((0, 0), np.float32)


class Encoder(Protocol):
    """Turns texts into vectors.

    Attributes
    ----------
    id : str
        Model and revision; vectors of different ids are never mixed.
    prompt : str
        What is put before every text, for example ``"query: "``.
    """

    id: str
    prompt: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32; of no text, shape (0, 0)."""
        ...


class HashingEncoder:
    """A tiny deterministic encoder: hashed character n-grams, no model, no training.

    It knows no meaning, so it is for tests and examples.

    Parameters
    ----------
    dimension : int, default 256
        Length of the vectors.

    Examples
    --------
    >>> vectors = HashingEncoder(64).encode(["heat in the city", "heat in the town", "fusion"])
    >>> bool(vectors[0] @ vectors[1] > vectors[0] @ vectors[2])
    True
    """

    def __init__(self, dimension: int = 256) -> None:
        self.dimension = dimension
        self.id = f"hashing-char-3-5@{dimension}"
        self.prompt = ""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32; of no text, shape (0, 0)."""
        from sklearn.feature_extraction.text import HashingVectorizer

        hashing = HashingVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), n_features=self.dimension, norm="l2"
        )
        if not texts:
            return NO_VECTORS
        return np.asarray(hashing.transform(texts).toarray(), np.float32)


class CachedEncoder:
    """An encoder that embeds each text once and remembers it in a :class:`VectorStore`.

    The inner encoder is only touched for texts that are not in the store, so a run in which nothing is
    new never loads a model.

    Parameters
    ----------
    inner : Encoder
    store : VectorStore
    progress : callable, optional
        Called with (texts done, texts to do) while the inner encoder works.
    """

    def __init__(self, inner: Encoder, store: VectorStore, progress: Progress | None = None) -> None:
        self.inner = inner
        self.store = store
        self.progress = progress
        self.id = inner.id
        self.prompt = inner.prompt

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32; of no text, shape (0, 0)."""
        if not texts:
            return NO_VECTORS
        known = self.store.get(self.id, self.prompt, texts)
        # Sorted by length: a batch of texts of like length wastes least on padding.
        missing = sorted(set(texts) - known.keys(), key=lambda text: (len(text), text))
        if missing:
            log.info("embedding %d of %d texts with %s", len(missing), len(texts), self.id)
        done = 0
        for chunk in batches(list(map(len, missing)), _CHUNK_CHARACTERS, _CHUNK):
            part = [missing[at] for at in chunk]
            if self.progress:
                self.progress(done, len(missing))
            done += len(part)
            vectors = self.inner.encode(part)
            self.store.put(self.id, self.prompt, part, vectors)
            known.update(zip(part, vectors, strict=True))
        if self.progress and missing:
            self.progress(len(missing), len(missing))
        if len({vector.shape for vector in known.values()}) > 1:
            raise StoreDamaged(
                f"found vectors of several lengths for {self.id} in {self.store.path}; expected one: "
                "delete that file, and name the model's revision in the settings"
            )
        return np.stack([known[text] for text in texts])


def batches(lengths: Sequence[int], size: int, most: int) -> Iterator[list[int]]:
    """Yield the positions of texts in batches of like length, short ones first.

    Parameters
    ----------
    lengths : sequence of int
        Of each text, in any unit.
    size : int
        What a batch holds at most, every text being as long as its longest; a longer text is a batch alone.
    most : int
        Texts of a batch at most.

    Examples
    --------
    >>> list(batches([5, 2, 30, 3, 2], size=10, most=2))
    [[1, 4], [3, 0], [2]]
    """
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda at: lengths[at]):
        if batch and (len(batch) == most or lengths[at] * (len(batch) + 1) > size):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
