"""``vie-match evaluate ranking``: the fused ranking, cross-validated by profile, and what its legs give.

The profiles are dealt into five parts; the weights that rank a part are fitted to the four others, in both
versions of each profile. What nobody judged counts as not good, in fitting as in measuring.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import KFold

from vie_match.embedding.encoder import Encoder
from vie_match.evaluation import calibration, faithfulness, metrics, versions
from vie_match.evaluation.benchmark import Benchmark
from vie_match.evaluation.calibration import Calibration, Suitability
from vie_match.evaluation.calls import ranked, unjudged
from vie_match.evaluation.faithfulness import Faithfulness
from vie_match.evaluation.metrics import RELEVANT
from vie_match.evaluation.versions import Judged
from vie_match.ranking.fitting import USEFUL, fit
from vie_match.ranking.fusion import FEATURES, GENERAL, MEMORY, Floats, Fusion, probability
from vie_match.ranking.matcher import Matcher

FOLDS = 5
# From one in four on, a call is worth an officer's look.
THRESHOLD = 0.25

FUSED = "fused"
ENCODER = "vectors only"

Grades = NDArray[np.int64]
Learner = Callable[[Floats, Grades, Floats], Floats]


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    Attributes
    ----------
    model : str
        Id of the encoder.
    rows : tuple of Judged
        First the fused ranking, cross-validated; then its parts.
    calibration : Calibration
        Of the cross-validated probabilities of the ten best calls of each profile in its own language.
    suitability : Suitability
        How often "nothing suitable" is said, rightly and wrongly, by the same probabilities.
    faithfulness : Faithfulness
        What deleting cited passages does, with the weights fitted to all profiles.
    unjudged : dict
        Profile → calls in its cross-validated top five that nobody has judged.
    fusion : Fusion
        Fitted to all profiles.
    """

    model: str
    rows: tuple[Judged, ...]
    calibration: Calibration
    suitability: Suitability
    faithfulness: Faithfulness
    unjudged: dict[str, tuple[str, ...]]
    fusion: Fusion

    def figures(self) -> dict[str, float]:
        """Return what floors are set for: name → value."""
        first = self.rows[0]
        found = {f"own {name}": one.mean for name, one in first.own.items()}
        found |= {f"english {name}": one.mean for name, one in first.english.items()}
        alone = next(row for row in self.rows if row.name == ENCODER).own["nDCG@10"].mean
        found["own nDCG@10 ÷ vectors only"] = first.own["nDCG@10"].mean / alone
        found["own ÷ english nDCG@10"] = first.ratio.mean if first.ratio else 1.0
        found["own and english in common"] = first.agreement.mean if first.agreement else 1.0
        found["calibration error"] = self.calibration.error
        found["nothing suitable, told so"] = self.suitability.told_so
        found["something suitable, told nothing"] = self.suitability.missed
        found["cited passage deleted: lower"] = self.faithfulness.cited
        found["random passage deleted: lower"] = self.faithfulness.random
        return found


def evaluate(own: Benchmark, english: Benchmark, encoder: Encoder, word_weight: float) -> Report | None:
    """Rank every call for both versions of every profile, in several ways.

    Parameters
    ----------
    own, english : Benchmark
        One folder, with the profiles in their own languages and in English.
    encoder : Encoder
    word_weight : float
        As in :class:`~vie_match.ranking.matcher.Matcher`.

    Returns
    -------
    Report or None
        None if there are fewer than five profiles with a call judged relevant.
    """
    if len(metrics.judged_profiles(own.judgements)) < FOLDS:
        return None
    matcher = Matcher(encoder, word_weight=word_weight).fit(own.calls)
    profiles = (*own.profiles, *english.profiles)
    features = matcher.features(profiles)
    grades = _grades(own)
    similarity = features[:, :, 0]
    meaning = matcher.dense_.meaning(matcher.dense_.queries(profiles)).astype(np.float64)
    fused = cross_validated(features, grades, _fused)
    fusion = fit(features, np.concatenate([grades, grades]), encoder.id, THRESHOLD)
    scores = {
        FUSED: fused,
        ENCODER: meaning,
        "words only, with bridge": similarity - meaning,
        "vectors and words": similarity,
        "… and whom instruments are for": cross_validated(_only(features, 0, 1, 2, 3, 4), grades, _fused),
        "… and participation": cross_validated(_only(features, *range(len(GENERAL))), grades, _fused),
        "… and which instrument": cross_validated(_without(features, MEMORY), grades, _fused),
        "fused by boosted trees": cross_validated(features, grades, _boosted),
        "fused, fitted to the same profiles": fusion.logits(features),
    }
    count = len(own.profiles)
    rows = {
        name: (ranked(own, values[:count]), ranked(english, values[count:]))
        for name, values in scores.items()
    }
    probabilities = probability(fused[:count])
    good = grades >= RELEVANT
    return Report(
        model=encoder.id,
        rows=versions.judged(rows, own),
        calibration=calibration.calibration(probabilities, good, grades >= 0),
        suitability=calibration.suitability(probabilities, good, THRESHOLD),
        faithfulness=faithfulness.faithfulness(own, matcher.set_params(fusion=fusion)),
        unjudged=unjudged(own, rows[FUSED][0]),
        fusion=fusion,
    )


def cross_validated(features: Floats, grades: Grades, learner: Learner) -> Floats:
    """Return log-odds of every pair, from weights that never saw its profile.

    Parameters
    ----------
    features : array of shape (2 × profiles, calls, k), float64
        First the profiles in their own languages, then the same in English.
    grades : array of shape (profiles, calls), int
        -1 where nobody judged.
    learner : callable
        Features and grades to learn from, features of other profiles → log-odds of their pairs.

    Returns
    -------
    array of shape (2 × profiles, calls), float64
    """
    scores = np.empty(features.shape[:2])
    for known, left in KFold(FOLDS, shuffle=True, random_state=0).split(grades):
        held = np.concatenate([left, left + len(grades)])
        learnt = np.concatenate([known, known + len(grades)])
        scores[held] = learner(features[learnt], np.concatenate([grades[known]] * 2), features[held])
    return scores


def _only(features: Floats, *columns: int) -> Floats:
    """Return features of which only some differ from 0."""
    kept = np.zeros_like(features)
    kept[:, :, columns] = features[:, :, columns]
    return kept


def _without(features: Floats, name: str) -> Floats:
    kept = features.copy()
    kept[:, :, FEATURES.index(name)] = 0
    return kept


def _fused(features: Floats, grades: Grades, others: Floats) -> Floats:
    return fit(features, grades, "", THRESHOLD).logits(others)


def _boosted(features: Floats, grades: Grades, others: Floats) -> Floats:
    general = len(GENERAL)
    # More similarity, more participation: never less likely. The audiences have no order.
    signs = [int(name in {GENERAL[0], GENERAL[-1]}) for name in GENERAL]
    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_depth=3, monotonic_cst=signs, random_state=0
    ).fit(features[:, :, :general].reshape(-1, general), grades.ravel() >= USEFUL)
    found = model.decision_function(others[:, :, :general].reshape(-1, general))
    return np.asarray(found, np.float64).reshape(others.shape[:2])


def _grades(benchmark: Benchmark) -> Grades:
    """Return the grade of every pair, shape (profiles, calls); -1 where nobody judged."""
    row = {one.id: at for at, one in enumerate(benchmark.profiles)}
    column = {one.identifier: at for at, one in enumerate(benchmark.calls)}
    grades = np.full((len(row), len(column)), -1, np.int64)
    for one in benchmark.judgements:
        if one.call in column:
            grades[row[one.profile], column[one.call]] = one.grade
    return grades
