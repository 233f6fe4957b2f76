"""How fast encoders are, side by side on the same texts, and how much memory they take."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vie_match.embedding import passages
from vie_match.embedding.background import sentences
from vie_match.embedding.encoder import CachedEncoder, Encoder
from vie_match.embedding.models import TransformerEncoder
from vie_match.evaluation.rivals import BASE, Rival, VectorRival
from vie_match.records import Call

ROUNDS = 5
_TEXTS = 64
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast and how large a model is.

    Attributes
    ----------
    model : str
    texts_per_s : float
        Median over the rounds.
    relative : float or None
        Median over the rounds of its speed ÷ the base model's; None without the base model.
    parameters_mb : float or None
        Memory of its parameters; None for what is no SentenceTransformer.
    """

    model: str
    texts_per_s: float
    relative: float | None
    parameters_mb: float | None


def speeds(rivals: Sequence[Rival], texts: Sequence[str]) -> tuple[Speed, ...]:
    """Time all encoders on the same texts, without any store.

    They take turns, so that whatever else the machine does slows all of them.

    Parameters
    ----------
    rivals : sequence of Rival
    texts : sequence of str
    """
    encoders = {one.model: _bare(one.encoder) for one in rivals if isinstance(one, VectorRival)}
    for encoder in encoders.values():
        encoder.encode(texts[:1])
    rounds = [
        {model: _texts_per_s(encoder, texts) for model, encoder in encoders.items()} for _ in range(ROUNDS)
    ]
    return tuple(_speed(model, encoder, rounds) for model, encoder in encoders.items())


def _speed(model: str, encoder: Encoder, rounds: Sequence[Mapping[str, float]]) -> Speed:
    relative = [one[model] / one[BASE] for one in rounds if BASE in one]
    return Speed(
        model=model,
        texts_per_s=float(np.median([one[model] for one in rounds])),
        relative=float(np.median(relative)) if relative else None,
        parameters_mb=_parameters_mb(encoder),
    )


def _texts_per_s(encoder: Encoder, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    encoder.encode(texts)
    return len(texts) / (time.perf_counter() - start)


def timed_texts(calls: Sequence[Call]) -> list[str]:
    """Return texts to be timed on: passages from all over the calls, or else made-up ones."""
    texts = [passages.in_context(one, call.title) for call in calls for one in passages.of_call(call)]
    if not texts:
        plain = sentences()["en"]
        turned = (" ".join(plain[at:] + plain[:at]) for at in range(len(plain)))
        texts = [text[:size] for text in turned for size in (300, 400, 500, 600)]
    spread = np.linspace(0, len(texts) - 1, min(_TEXTS, len(texts)))
    return [texts[at] for at in spread.astype(int).tolist()]


def peak_mb() -> float | None:
    """Return the most memory this process has held so far, MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak / (_MB if sys.platform == "darwin" else 2**10))


def _bare(encoder: Encoder) -> Encoder:
    return encoder.inner if isinstance(encoder, CachedEncoder) else encoder


def _parameters_mb(encoder: Encoder) -> float | None:
    if not isinstance(encoder, TransformerEncoder):
        return None
    # Growth of the process's memory would tell little: models share it, and it is not given back.
    return sum(one.numel() * one.element_size() for one in encoder._loaded().parameters()) / _MB
