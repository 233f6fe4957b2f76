"""What the ranking of partners has to beat: simple orders, and other ways to learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from vie_match.partners.fitting import Example, corrections
from vie_match.partners.reasons import REASONS
from vie_match.partners.signs import Signs

Floats = NDArray[np.float64]
Scorer = Callable[[str, Floats, Floats], Floats]

POPULARITY = "popularity"
# Reciprocal rank fusion: Cormack, Clarke, Büttcher 2009.
_RRF = 60
_LEAST = 1e-8


def _then_population(first: Floats, signs: Signs) -> Floats:
    """Return an order whose ties are broken by inhabitants."""
    return first + 1e-7 * signs.population


ORDERS: Mapping[str, Callable[[Signs], Floats]] = {
    POPULARITY: lambda signs: _then_population(signs.count, signs),
    "popularity, lately": lambda signs: _then_population(signs.recent, signs),
    "inhabitants": lambda signs: signs.population,
    "nearest": lambda signs: -signs.km,
    "same country, then popularity": lambda signs: _then_population(signs.same * 1e4 + signs.count, signs),
    "shared networks": lambda signs: _then_population(signs.shared, signs),
    "together before": lambda signs: _then_population(signs.together, signs),
    "similar projects": lambda signs: _then_population(signs.many, signs),
    "walk from the team": lambda signs: _then_population(signs.walk, signs),
}


def fused_ranks(signs: Signs) -> Floats:
    """Return reciprocal rank fusion of popularity, similar projects, networks, and nearness."""
    total = np.zeros(len(signs.count))
    for values in (signs.count, signs.many, signs.networks, -signs.km):
        ranks = np.empty(len(total))
        ranks[np.argsort(-_then_population(values, signs), kind="stable")] = np.arange(1, len(total) + 1)
        total += 1 / (_RRF + ranks)
    return total


def logit(examples: Sequence[Example]) -> Scorer:
    """Return a conditional logit over all reasons and shifts, without the mixture."""
    flat = np.zeros(len(REASONS))
    flat[REASONS.index("any town")] = 1
    tables = [
        Example(one.family, _constant(one), _logs(one.distributions, one.shifts), one.offsets, one.chosen)
        for one in examples
    ]
    scale = np.concatenate([one.shifts for one in tables]).std(axis=0)
    scale[scale == 0] = 1
    families = sorted({one.family for one in examples})
    found = corrections(tables, dict.fromkeys(families, flat), scale)
    return lambda family, distributions, shifts: np.asarray(
        _logs(distributions, shifts) @ (found[family][:-1] / scale), np.float64
    )


def trees(examples: Sequence[Example]) -> Scorer:
    """Return boosted trees over all reasons and shifts; more of a reason never makes a town less likely."""
    width = len(REASONS)
    rows = np.concatenate([_logs(one.distributions, one.shifts) for one in examples])
    chosen = np.concatenate([one.chosen for one in examples])
    weights = np.concatenate(
        [np.where(one.chosen, len(one.chosen) / one.chosen.sum(), np.exp(one.offsets)) for one in examples]
    )
    signs = [1] * width + [0] * (rows.shape[1] - width)
    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_depth=4, monotonic_cst=signs, random_state=0
    ).fit(rows, chosen, sample_weight=weights)
    return lambda family, distributions, shifts: np.asarray(
        model.decision_function(_logs(distributions, shifts)), np.float64
    )


def _constant(one: Example) -> Floats:
    flat = np.zeros_like(one.distributions)
    flat[:, REASONS.index("any town")] = 1
    return flat


def _logs(distributions: Floats, shifts: Floats) -> Floats:
    """Return shares as logarithms that do not run away near 0, beside the shifts."""
    return np.hstack([np.log(distributions + 1e-5), shifts])
