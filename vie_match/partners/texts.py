"""How alike a text is to those of past projects, by words and with nothing learnt from later ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vie_match.embedding.encoder import Encoder

Floats = NDArray[np.float64]

_COLUMNS = 2**18
# The weights of the ranking were learnt on similarities by words, which rarely exceed this.
REACH = 0.3
# Benchmarks mask names so that they do not tell who took part.
_MASK = re.compile(r"\[(?:CITY|PLACE)\]")


def words(texts: Sequence[str]) -> csr_array:
    """Return log(1 + count) of each text's words, hashed: shape (texts, 262144).

    Hashing needs no vocabulary, so no text changes the columns of another.
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        n_features=_COLUMNS,
        stop_words="english",
        norm=None,
        alternate_sign=False,
        token_pattern=r"(?u)\b[^\W\d_]{3,}\b",  # noqa: S106 - words, not secrets
    )
    if not texts:
        return csr_array((0, _COLUMNS), dtype=np.float64)
    found = csr_array(hashing.transform(_MASK.sub(" ", text) for text in texts), dtype=np.float64)
    found.data = np.log1p(found.data)
    return found


def likeness(text: csr_array, past: csr_array) -> Floats:
    """Return the cosine of TF-IDF vectors of one text and each past one, shape (past,), 0 to 1.

    Parameters
    ----------
    text : csr_array of shape (1, words)
    past : csr_array of shape (past, words)
        Only of these the frequency of words is learnt.

    Examples
    --------
    >>> both = words(["shade for hot streets", "cargo bikes"])
    >>> likeness(words(["hot streets"]), both).round(2).tolist()
    [0.82, 0.0]
    """
    count = past.shape[0]
    frequency = np.bincount(past.indices, minlength=past.shape[1])
    rarity = np.maximum(np.log((count + 1) / (frequency + 0.5)), 0)
    ours, theirs = _weighted(text, rarity), _weighted(past, rarity)
    norms = np.sqrt(np.bincount(_rows(theirs), theirs.data**2, minlength=count))
    norm = np.sqrt(ours.data @ ours.data)
    dense = np.zeros(past.shape[1])
    dense[ours.indices] = ours.data
    return np.asarray(theirs @ dense / np.maximum(norms * norm, 1e-12), np.float64)


def by_meaning(encoder: Encoder, own: Sequence[str], past: Sequence[str]) -> Floats:
    """Return how much more than usual past texts mean the same, on the scale of :func:`likeness`.

    Parameters
    ----------
    encoder : Encoder
    own : sequence of str
        Texts that are compared as one, by the mean of their vectors; at least one.
    past : sequence of str
        At least one.

    Returns
    -------
    array of shape (past,)
        0 for the usual and below, :data:`REACH` for the one most alike.

    Notes
    -----
    Cosines of an encoder lie in a narrow band; what is usual says nothing.
    """
    cosines = np.asarray(encoder.encode(past) @ encoder.encode(own).mean(axis=0), np.float64)
    usual, most = np.median(cosines), cosines.max()
    return np.asarray(REACH * np.clip((cosines - usual) / max(most - usual, 1e-9), 0, 1), np.float64)


def _weighted(counts: csr_array, rarity: Floats) -> csr_array:
    return csr_array((counts.data * rarity[counts.indices], counts.indices, counts.indptr), counts.shape)


def _rows(matrix: csr_array) -> NDArray[np.int64]:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
