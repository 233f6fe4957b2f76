"""Judged pairs → weights: how a :class:`~vie_match.ranking.fusion.Fusion` comes about.

Two steps, each a logistic regression. The weights of the features come from all pairs, and from whether a
call is at all useful (grade 1 and better), since there are twice as many useful calls as good ones. How the
sum of features becomes a probability comes from each profile's best pairs, which are what people see, from
whether the call is good (Platt 1999, "Probabilistic outputs for support vector machines"), and from what
the profile has in common with any call, which does not change the order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from vie_match.ranking.fusion import COMMON, FEATURES, GENERAL, MEMORY, Floats, Fusion

USEFUL, GOOD = 1, 2

# Inverse strength of the L2 penalty on standardised features. Measured (nDCG@10 own language / English,
# cross-validated): 3 .673/.688, 1 .676/.688, .3 .678/.691, .1 .673/.691. The strictest of them has the best
# probabilities (calibration error .06, the others .07 to .08), and the least to say of instruments.
_C = 0.1
# Many pairs, few features: exact in a few steps, where lbfgs stops before the minimum.
_SOLVER = "newton-cholesky"
# Best pairs of a profile that the probabilities are fitted to.
_SEEN = 20
_MOST_STEPS = 1000


def fit(features: Floats, grades: NDArray[np.int64], encoder: str, threshold: float) -> Fusion:
    """Fit a fusion to judged pairs.

    Parameters
    ----------
    features : array of shape (profiles, calls, features), float64
        As :meth:`Matcher.features <vie_match.ranking.matcher.Matcher.features>` gives them.
    grades : array of shape (profiles, calls), int
        0 to 3; a pair below 0 is not judged and counts as 0. Some must be good, others not.
    encoder : str
        Id of the encoder behind the similarities.
    threshold : float
        Probability from which a call is recommended, 0 to 1.

    Returns
    -------
    Fusion

    Examples
    --------
    >>> features = np.zeros((2, 40, len(FEATURES)))
    >>> features[:, :, 0] = np.linspace(0, 1, 40)
    >>> fusion = fit(features, np.where(features[:, :, 0] > 0.6, 2, 0), "an-encoder", 0.5)
    >>> fusion.weights["similarity"] > 0, "cities" in fusion.weights
    (True, False)
    """
    flat = features.reshape(-1, features.shape[-1])
    # Instruments stay as they are, 0 or 1: an instrument few were judged for keeps a weight near 0.
    scales = np.ones(len(FEATURES))
    measured = [*GENERAL, MEMORY]
    scales[: len(measured)] = flat[:, : len(measured)].std(axis=0)
    scales[scales == 0] = 1.0
    # Without what never varies the fit is the same, and no system of equations is singular.
    among = (np.array(FEATURES) != COMMON) & (flat.std(axis=0) > 0)
    model = LogisticRegression(C=_C, solver=_SOLVER, max_iter=_MOST_STEPS).fit(
        flat[:, among] / scales[among], grades.ravel() >= USEFUL
    )
    useful = np.zeros(len(FEATURES))
    useful[among] = model.coef_[0] / scales[among]
    sums = features @ useful
    seen = np.argsort(-sums, axis=1, kind="stable")[:, :_SEEN]
    common = features[:, :, FEATURES.index(COMMON)]
    slope, level, intercept = _platt(
        np.take_along_axis(sums, seen, axis=1),
        np.take_along_axis(common, seen, axis=1),
        np.take_along_axis(grades, seen, axis=1) >= GOOD,
    )
    weights = slope * useful
    weights[FEATURES.index(COMMON)] = level
    return Fusion(
        encoder=encoder,
        weights={name: one for name, one in zip(FEATURES, weights.tolist(), strict=True) if one},
        intercept=intercept,
        threshold=threshold,
        scales=dict(zip(measured, scales.tolist(), strict=False)),
    )


def _platt(sums: Floats, common: Floats, good: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return the slopes of two numbers and the intercept in the log-odds of a good pair."""
    scale = common.std() or 1.0
    rows = np.stack([sums.ravel(), common.ravel() / scale], axis=1)
    # Three parameters need no penalty.
    model = LogisticRegression(C=np.inf, max_iter=_MOST_STEPS).fit(rows, good.ravel())
    return float(model.coef_[0, 0]), float(model.coef_[0, 1] / scale), float(model.intercept_[0])
