"""Rankings and judgements → nDCG@10, P@5, R@20, MRR with bootstrap intervals, by ``ir_measures``.

nDCG uses the gain 2^grade - 1 (Burges et al. 2005); a call counts as relevant from grade 2; what is
not judged counts as grade 0, so ``judged@10`` stands beside the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, Judged, P, R, nDCG
from numpy.typing import NDArray

from vie_match.evaluation.benchmark import Judgement

RELEVANT = 2
USEFUL = 1
MEASURES = {
    "nDCG@10": nDCG(gains={0: 0, 1: 1, 2: 3, 3: 7}) @ 10,
    "P@5": P(rel=RELEVANT) @ 5,
    "R@20": R(rel=RELEVANT) @ 20,
    "MRR": RR(rel=RELEVANT),
    "useful@5": P(rel=USEFUL) @ 5,
    "judged@10": Judged @ 10,
}
_RESAMPLES = 10_000

Ranking = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95 % interval (percentile bootstrap over profiles, seed 0)."""

    mean: float
    low: float
    high: float


def judged_profiles(judgements: Sequence[Judgement]) -> frozenset[str]:
    """Return the profiles with at least one relevant call; the others have no ideal ranking."""
    return frozenset(one.profile for one in judgements if one.grade >= RELEVANT)


def per_profile(
    rankings: Mapping[str, Ranking], judgements: Sequence[Judgement]
) -> dict[str, dict[str, float]]:
    """Return measure → profile → value.

    Parameters
    ----------
    rankings : mapping
        Profile → (call, score), best first. A profile without a ranking scores 0.
    judgements : sequence of Judgement

    Returns
    -------
    dict of dict
        Only the profiles with a relevant call.

    Examples
    --------
    >>> rows = per_profile({"a": [("x", 2.0), ("y", 1.0)]}, [Judgement("a", "y", 3)])
    >>> round(rows["nDCG@10"]["a"], 3), rows["MRR"]["a"]
    (0.631, 0.5)
    """
    counted = judged_profiles(judgements)
    qrels = [
        ir_measures.Qrel(one.profile, one.call, one.grade) for one in judgements if one.profile in counted
    ]
    # trec_eval orders equal scores by name; falling numbers keep the order that was ranked.
    run = [
        ir_measures.ScoredDoc(profile, call, float(-position))
        for profile, ranking in rankings.items()
        if profile in counted
        for position, (call, _) in enumerate(ranking)
    ]
    names = {measure: name for name, measure in MEASURES.items()}
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(sorted(counted), 0.0) for name in MEASURES}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), qrels, run):
        values[names[metric.measure]][metric.query_id] = float(metric.value)
    return values


def figure(values: Sequence[float]) -> Figure:
    """Return the mean of the profiles' values with its interval.

    Examples
    --------
    >>> figure([0.5, 0.5])
    Figure(mean=0.5, low=0.5, high=0.5)
    """
    means = resampled_means(np.asarray(values, float))
    low, high = np.quantile(means, [0.025, 0.975])
    return Figure(float(np.mean(values)), float(low), float(high))


def difference(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Figure:
    """Return our mean minus theirs with the paired interval: significant if it leaves out 0."""
    return figure([ours[profile] - theirs[profile] for profile in ours])


def by_language(values: Mapping[str, float], languages: Mapping[str, str]) -> dict[str, tuple[int, float]]:
    """Return language → (number of profiles, mean), most profiles first."""
    groups: dict[str, list[float]] = defaultdict(list)
    for profile, language in languages.items():
        if profile in values:
            groups[language].append(values[profile])
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {language: (len(group), float(np.mean(group))) for language, group in ordered}


def resampled_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of bootstrap samples of the rows (seed 0): shape (10,000, *columns of a row)."""
    random = np.random.default_rng(0)
    picks = random.integers(0, len(values), (_RESAMPLES, len(values)))
    return np.asarray(values[picks].mean(axis=1))
