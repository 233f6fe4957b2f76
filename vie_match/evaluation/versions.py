"""Systems side by side on the judged calls: every profile in its own language, and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vie_match.evaluation import metrics
from vie_match.evaluation.benchmark import Benchmark
from vie_match.evaluation.calls import Rankings
from vie_match.evaluation.metrics import Figure

BEST = 10
_MEASURE = "nDCG@10"

Item = TypeVar("Item")
Both = tuple[Item, Item]
Values = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class LanguageMeans:
    """nDCG@10 of the profiles of one language, in that language and in English."""

    profiles: int
    own: float | None
    english: float


@dataclass(frozen=True, slots=True)
class Judged:
    """How a system ranks the judged calls.

    Attributes
    ----------
    name : str
    own, english : dict
        Measure → mean with interval, of the profiles in their own language and in English; ``own`` is
        empty for a system that reads only English.
    own_gain, english_gain : Figure or None
        nDCG@10 of the first row minus this one's, paired; None for the first row itself.
    ratio : Figure or None
        nDCG@10 own ÷ English of the profiles that are not in English, with a paired interval.
    agreement : Figure or None
        Share of the ten best calls that both versions of a profile have in common, same profiles.
    languages : dict
        Language → means.
    """

    name: str
    own: dict[str, Figure]
    english: dict[str, Figure]
    own_gain: Figure | None
    english_gain: Figure | None
    ratio: Figure | None
    agreement: Figure | None
    languages: dict[str, LanguageMeans]


def judged(rows: Mapping[str, Both[Rankings]], benchmark: Benchmark) -> tuple[Judged, ...]:
    """Measure rankings of both versions of the profiles.

    Parameters
    ----------
    rows : mapping
        Name of a system → its rankings for the profiles in their own languages and in English; first the
        one that the others are compared with. The former are empty for a system that reads only English.
    benchmark : Benchmark
        For languages and judgements; either version.

    Returns
    -------
    tuple of Judged
        Empty when no profile has a call judged relevant.
    """
    if not metrics.judged_profiles(benchmark.judgements):
        return ()
    languages = {one.id: one.language for one in benchmark.profiles}
    values = {
        name: (_values(own, benchmark), _values(english, benchmark)) for name, (own, english) in rows.items()
    }
    first = next(iter(values.values()))
    return tuple(
        _row(name, rows[name], own, languages, None if own is first else first)
        for name, own in values.items()
    )


def ratio(own: Mapping[str, float], english: Mapping[str, float]) -> Figure | None:
    """Return mean own ÷ mean English with the paired interval (percentile bootstrap over profiles, seed 0).

    Parameters
    ----------
    own, english : mapping
        Profile → value, of the same profiles.

    Returns
    -------
    Figure or None
        None if the English mean is 0, or there is no profile.

    Examples
    --------
    >>> ratio({"a": 0.2, "b": 0.4}, {"a": 0.4, "b": 0.8})
    Figure(mean=0.5, low=0.5, high=0.5)
    """
    if not sum(english.values()):
        return None
    pairs = np.array([(own[profile], english[profile]) for profile in own])
    above, below = metrics.resampled_means(pairs).T
    # A resample may hold only profiles with 0 in English; it says nothing of a ratio.
    low, high = np.quantile(above[below > 0] / below[below > 0], [0.025, 0.975])
    means = pairs.mean(axis=0)
    return Figure(float(means[0] / means[1]), float(low), float(high))


def _values(rankings: Rankings, benchmark: Benchmark) -> Values:
    return metrics.per_profile(rankings, benchmark.judgements) if rankings else {}


def _row(
    name: str,
    rankings: Both[Rankings],
    values: Both[Values],
    languages: Mapping[str, str],
    first: Both[Values] | None,
) -> Judged:
    own, english = values
    foreign = [profile for profile, language in languages.items() if language != "en"]
    gains = [_gain(*pair) for pair in zip(first, values, strict=True)] if first else [None, None]
    return Judged(
        name=name,
        own=_figures(own),
        english=_figures(english),
        own_gain=gains[0],
        english_gain=gains[1],
        ratio=ratio(_of(own, foreign), _of(english, foreign)) if own else None,
        agreement=_agreement(*rankings, foreign) if own else None,
        languages=_languages(own, english, languages),
    )


def _figures(values: Values) -> dict[str, Figure]:
    return {measure: metrics.figure(list(row.values())) for measure, row in values.items()}


def _gain(first: Values, theirs: Values) -> Figure | None:
    return metrics.difference(first[_MEASURE], theirs[_MEASURE]) if first and theirs else None


def _of(values: Values, profiles: Sequence[str]) -> dict[str, float]:
    return {profile: values[_MEASURE][profile] for profile in profiles if profile in values[_MEASURE]}


def _agreement(own: Rankings, english: Rankings, profiles: Sequence[str]) -> Figure | None:
    if not profiles:
        return None
    shares = []
    for profile in profiles:
        best = [{call for call, _ in ranking[profile][:BEST]} for ranking in (own, english)]
        shares.append(len(best[0] & best[1]) / len(best[0]))
    return metrics.figure(shares)


def _languages(own: Values, english: Values, languages: Mapping[str, str]) -> dict[str, LanguageMeans]:
    in_own = metrics.by_language(own[_MEASURE], languages) if own else {}
    return {
        language: LanguageMeans(count, in_own[language][1] if own else None, mean)
        for language, (count, mean) in metrics.by_language(english[_MEASURE], languages).items()
    }
