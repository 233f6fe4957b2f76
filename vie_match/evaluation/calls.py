"""``vie-match evaluate calls``: ranks a benchmark with the current settings and beside baselines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding.encoder import Encoder
from vie_match.evaluation import metrics
from vie_match.evaluation.benchmark import Benchmark
from vie_match.evaluation.metrics import Figure, Ranking
from vie_match.ranking.fusion import PLAIN
from vie_match.ranking.matcher import Matcher
from vie_match.whole import write_whole

DEPTH = 100
HYBRID = "hybrid (current settings)"

Rankings = dict[str, Ranking]


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table.

    Attributes
    ----------
    name : str
    figures : dict
        Measure → mean with interval.
    gain : Figure or None
        nDCG@10 of the hybrid minus this system's, paired; None for the hybrid itself.
    """

    name: str
    figures: dict[str, Figure]
    gain: Figure | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run found.

    Attributes
    ----------
    rankings : dict
        Profile → the 100 best (call, score) of the current settings.
    systems : tuple of System
        Empty when no profile has a call judged relevant: there is nothing to measure then.
    languages : dict
        Language → (profiles, nDCG@10) of the current settings.
    unjudged : dict
        Profile → calls in its top five that nobody has judged.
    """

    rankings: Rankings
    systems: tuple[System, ...]
    languages: dict[str, tuple[int, float]]
    unjudged: dict[str, tuple[str, ...]]


def evaluate(benchmark: Benchmark, encoder: Encoder, word_weight: float) -> Evaluation:
    """Rank every call for every profile and measure.

    Parameters
    ----------
    benchmark : Benchmark
    encoder : Encoder
    word_weight : float
        As in :class:`~vie_match.ranking.matcher.Matcher`.
    """
    matcher = Matcher(encoder, word_weight=word_weight).fit(benchmark.calls)
    hybrid = ranked(benchmark, matcher.scores(benchmark.profiles))
    if not metrics.judged_profiles(benchmark.judgements):
        return Evaluation(hybrid, (), {}, {})

    def alone(meaning: float, words: float, bridge: bool = False) -> Rankings:
        legs = Matcher(encoder, meaning_weight=meaning, word_weight=words, bridge=bridge, fusion=PLAIN)
        return ranked(benchmark, legs.fit(benchmark.calls).scores(benchmark.profiles))

    rows = {
        HYBRID: hybrid,
        "vectors only": alone(1.0, 0.0),
        "words only, with bridge": alone(0.0, 1.0, bridge=True),
        "words only": alone(0.0, 1.0),
        "random": ranked(benchmark, _random_scores(benchmark)),
    }
    values = {name: metrics.per_profile(row, benchmark.judgements) for name, row in rows.items()}
    ours = values[HYBRID]["nDCG@10"]
    languages = {profile.id: profile.language for profile in benchmark.profiles}
    return Evaluation(
        rankings=hybrid,
        systems=tuple(_system(name, own, ours) for name, own in values.items()),
        languages=metrics.by_language(ours, languages),
        unjudged=unjudged(benchmark, hybrid),
    )


def write_run(rankings: Mapping[str, Ranking], path: Path, tag: str = "vie_match") -> None:
    """Write rankings as a TREC run file: ``profile Q0 call rank score tag``.

    Parameters
    ----------
    rankings : mapping
        Profile → (call, score), best first.
    path : Path
    tag : str
        Name of the run.
    """
    write_whole(path, "".join(f"{line}\n" for line in _run_lines(rankings, tag)))


def _run_lines(rankings: Mapping[str, Ranking], tag: str) -> Iterable[str]:
    for profile, ranking in rankings.items():
        for rank, (call, score) in enumerate(ranking, 1):
            # Columns are parted by blanks, so none may stand in an id.
            yield f"{profile} Q0 {'%20'.join(call.split())} {rank} {score:.6f} {tag}"


def ranked(benchmark: Benchmark, scores: NDArray[np.floating]) -> Rankings:
    """Return the best calls of each profile.

    Parameters
    ----------
    benchmark : Benchmark
    scores : array of shape (profiles, calls)

    Returns
    -------
    dict
        Profile → the 100 best (call, score), best first; of equal ones, the earlier call first.
    """
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    return {
        profile.id: [(benchmark.calls[at].identifier, float(row[at])) for at in best]
        for profile, row, best in zip(benchmark.profiles, scores, order, strict=True)
    }


def unjudged(benchmark: Benchmark, rankings: Rankings) -> dict[str, tuple[str, ...]]:
    """Return profile → the calls among its five best that nobody has judged; only profiles with any."""
    judged: set[tuple[str, str]] = {(one.profile, one.call) for one in benchmark.judgements}

    def missing(profile: str, ranking: Sequence[tuple[str, float]]) -> tuple[str, ...]:
        return tuple(call for call, _ in ranking[:5] if (profile, call) not in judged)

    found = {profile: missing(profile, ranking) for profile, ranking in rankings.items()}
    return {profile: calls for profile, calls in found.items() if calls}


def _random_scores(benchmark: Benchmark) -> NDArray[np.float64]:
    return np.random.default_rng(0).random((len(benchmark.profiles), len(benchmark.calls)))


def _system(name: str, values: dict[str, dict[str, float]], ours: dict[str, float]) -> System:
    figures = {measure: metrics.figure(list(row.values())) for measure, row in values.items()}
    gain = None if name == HYBRID else metrics.difference(ours, values["nDCG@10"])
    return System(name, figures, gain)
