"""How fast the encoder embeds, beside plain ``SentenceTransformer.encode``, and how much the two agree."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vie_match.embedding import models, passages
from vie_match.embedding.background import unit
from vie_match.embedding.encoder import Vectors
from vie_match.embedding.models import TransformerEncoder
from vie_match.errors import BadValue
from vie_match.ranking.dense import best
from vie_match.records import Call
from vie_match.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

NEAREST = 10


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was measured.

    Attributes
    ----------
    model : str
        Id of the encoder.
    texts, threads : int
    bfloat16 : bool
        Whether the processor multiplies bfloat16.
    ours_type, plain_type : str
        Number types that the two compute in.
    ours_per_s, plain_per_s, float32_per_s : float
        Texts a second: this package, plain ``encode`` in its defaults, and the same told to use float32.
    ratio, float32_ratio : float
        Median over the rounds of this package's speed ÷ that of the other two.
    agreement : float
        Mean share that the ten nearest other texts of a text have in common, this package and plain; 0 to 1.
    """

    model: str
    texts: int
    threads: int
    bfloat16: bool
    ours_type: str
    plain_type: str
    ours_per_s: float
    plain_per_s: float
    float32_per_s: float
    ratio: float
    float32_ratio: float
    agreement: float


def measure(settings: Settings, texts: Sequence[str], rounds: int = 5) -> Throughput:
    """Time all on the same texts in turns, without any cache.

    Parameters
    ----------
    settings : Settings
        For the model and where it lies.
    texts : sequence of str
        Different ones, two or more.
    rounds : int
        1 or more.

    Raises
    ------
    BadValue
        If the encoder is no SentenceTransformer, or there are too few texts.
    ModelUnavailable, InstallSomething
        If it cannot be loaded.
    """
    if len(set(texts)) < 2:
        raise BadValue(f"found {len(set(texts))} texts to embed; expected two or more")
    models_folder = settings.cache / "models"
    encoder = models.encoder(settings.model, models_folder, revision=settings.model_revision)
    if not isinstance(encoder, TransformerEncoder):
        raise BadValue(f"found the encoder {settings.model!r}; expected a SentenceTransformer")
    # First: it keeps the libraries quiet, for the others as well.
    own = encoder._loaded()
    import torch
    from sentence_transformers import SentenceTransformer

    name = str(models.folder_of(settings.model, models_folder, revision=settings.model_revision))
    plain = SentenceTransformer(name, device="cpu", revision=settings.model_revision)
    full = SentenceTransformer(
        name, device="cpu", revision=settings.model_revision, model_kwargs={"dtype": torch.float32}
    )
    ways: dict[str, Callable[[list[str]], Any]] = {
        "ours": encoder.encode,
        "plain": lambda some: plain.encode(some, prompt=encoder.prompt),
        "float32": lambda some: full.encode(some, prompt=encoder.prompt),
    }
    listed = list(texts)
    vectors = {name: unit(np.asarray(way(listed), np.float32)) for name, way in ways.items()}
    times = [{name: _seconds(way, listed) for name, way in ways.items()} for _ in range(rounds)]
    return Throughput(
        model=encoder.id,
        texts=len(listed),
        threads=torch.get_num_threads(),
        bfloat16=models.has_bfloat16(),
        ours_type=_type(own),
        plain_type=_type(plain),
        ours_per_s=_per_s("ours", times, len(listed)),
        plain_per_s=_per_s("plain", times, len(listed)),
        float32_per_s=_per_s("float32", times, len(listed)),
        ratio=statistics.median(one["plain"] / one["ours"] for one in times),
        float32_ratio=statistics.median(one["float32"] / one["ours"] for one in times),
        agreement=agreement(vectors["ours"], vectors["plain"]),
    )


def agreement(vectors: Vectors, others: Vectors, count: int = NEAREST) -> float:
    """Return the mean share of the nearest that two encoders' vectors of the same texts have in common.

    Parameters
    ----------
    vectors, others : array of shape (n, dimension), float32
        Unit vectors; the dimensions may differ.
    count : int
        Nearest of each text, itself left out.

    Examples
    --------
    >>> line = unit(np.array([[1, 0], [1, 0.1], [1, 0.3], [1, 0.6]], np.float32))
    >>> agreement(line, line, 2), agreement(line, line[[0, 2, 1, 3]], 2)
    (1.0, 0.75)
    """
    shares = [
        len(ours & theirs) / len(ours)
        for ours, theirs in zip(_nearest(vectors, count), _nearest(others, count), strict=True)
    ]
    return float(np.mean(shares))


def _nearest(vectors: Vectors, count: int) -> list[set[int]]:
    positions, _ = best(vectors, vectors, count + 1)
    # The nearest is the text itself, mostly; equal vectors may stand before it.
    return [set([at for at in row if at != own][:count]) for own, row in enumerate(positions.tolist())]


def sample(calls: Sequence[Call], count: int) -> list[str]:
    """Return different passages from all over the calls, as they are embedded.

    Parameters
    ----------
    calls : sequence of Call
    count : int
        At most; 2 or more.
    """
    texts = [passages.in_context(one, call.title) for call in calls for one in passages.of_call(call)]
    texts = list(dict.fromkeys(texts))
    spread = np.linspace(0, len(texts) - 1, min(count, len(texts)))
    return [texts[at] for at in spread.astype(int).tolist()]


def _seconds(work: Callable[[list[str]], object], texts: list[str]) -> float:
    start = time.perf_counter()
    work(texts)
    return time.perf_counter() - start


def _per_s(name: str, times: Sequence[Mapping[str, float]], texts: int) -> float:
    return texts / statistics.median(one[name] for one in times)


def _type(model: SentenceTransformer) -> str:
    return str(next(model.parameters()).dtype).removeprefix("torch.")
