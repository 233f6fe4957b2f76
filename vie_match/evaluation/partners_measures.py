"""Rankings of towns and who became a partner → recall, MRR, nDCG, exposure.

Only partners are known: a town that was not chosen counts as wrong, though it may have been a good one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from vie_match.evaluation import metrics
from vie_match.evaluation.metrics import Figure

MEASURES = ("R@10", "R@20", "MRR", "nDCG@10", "newcomers R@20", "incumbents R@20")
_TOP, _LONG = 10, 20


def of_ranking(
    ranking: Sequence[str], relevant: Collection[str], newcomers: Collection[str]
) -> dict[str, float | None]:
    """Return a ranking's measures; None where there is nobody to be found.

    Parameters
    ----------
    ranking : sequence of str
        Best first, without the team itself.
    relevant : collection of str
        At least one.
    newcomers : collection of str
        Those of the relevant without an earlier project.

    Examples
    --------
    >>> found = of_ranking(["b", "a"], {"a", "c"}, {"c"})
    >>> found["R@10"], found["MRR"], round(found["nDCG@10"], 3), found["newcomers R@20"]
    (0.5, 0.5, 0.387, 0.0)
    """
    wanted, new = set(relevant), set(newcomers) & set(relevant)
    hits = np.array([one in wanted for one in ranking], bool)
    places = np.flatnonzero(hits) + 1
    discounts = 1 / np.log2(np.arange(2, _TOP + 2))
    ideal = discounts[: len(wanted)].sum()
    return {
        "R@10": _recall(ranking[:_TOP], wanted),
        "R@20": _recall(ranking[:_LONG], wanted),
        "MRR": float(1 / places[0]) if len(places) else 0.0,
        "nDCG@10": float(discounts[: len(hits[:_TOP])] @ hits[:_TOP] / ideal),
        "newcomers R@20": _recall(ranking[:_LONG], new) if new else None,
        "incumbents R@20": _recall(ranking[:_LONG], wanted - new) if wanted - new else None,
    }


def _recall(ranking: Sequence[str], wanted: set[str]) -> float:
    return len(wanted.intersection(ranking)) / len(wanted)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How attention spreads over the towns.

    Attributes
    ----------
    gini : float
        Of how often towns stand among the ten best: 0 all alike, near 1 always the same few.
    least_gini : float
        The smallest that so few rankings can reach.
    towns : int
        How many different ones stand there.
    """

    gini: float
    least_gini: float
    towns: int


def exposure(rankings: Sequence[Sequence[str]], candidates: int) -> Exposure:
    """Return how the ten best of several rankings spread over all candidates.

    Examples
    --------
    >>> exposure([["a", "b"], ["a", "c"]], 4)
    Exposure(gini=0.375, least_gini=0.0, towns=3)
    """
    counts = Counter(one for ranking in rankings for one in ranking[:_TOP])
    total = counts.total()
    seen = np.sort([*counts.values(), *[0] * (candidates - len(counts))])
    even = np.sort(total // candidates + (np.arange(candidates) < total % candidates))
    return Exposure(_gini(seen), _gini(even), len(counts))


def _gini(ascending: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Return the Gini coefficient of numbers in ascending order, 0 if all are 0."""
    count, total = len(ascending), ascending.sum()
    if not total:
        return 0.0
    return float((2 * np.arange(1, count + 1) - count - 1) @ ascending / (count * total))


def figures(rows: Sequence[dict[str, float | None]]) -> dict[str, Figure]:
    """Return the mean of each measure with its interval, over the rankings that have it."""
    found = {}
    for name in MEASURES:
        values = [value for row in rows if (value := row[name]) is not None]
        if values:
            found[name] = metrics.figure(values)
    return found


def gain(
    ours: Sequence[dict[str, float | None]], theirs: Sequence[dict[str, float | None]], name: str
) -> Figure:
    """Return our mean minus theirs with the paired interval."""
    return metrics.figure([_number(a[name]) - _number(b[name]) for a, b in zip(ours, theirs, strict=True)])


def _number(value: float | None) -> float:
    return 0.0 if value is None else value
