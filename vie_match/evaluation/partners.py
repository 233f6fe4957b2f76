"""``vie-match evaluate partners``: whom real leads chose, against whom the ranking suggests.

The projects of all tasks are dealt into five parts; the weights that rank a part are fitted to the answers of
the others, train and dev together. What the ranking sees of past projects is what was before each enquiry.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vie_match.evaluation import partners_measures as measures
from vie_match.evaluation import partners_rivals as rivals
from vie_match.evaluation.metrics import Figure
from vie_match.evaluation.partners_folder import COLD, SEEDED, Query, Task
from vie_match.evaluation.partners_measures import Exposure
from vie_match.evaluation.partners_rivals import POPULARITY, Scorer
from vie_match.partners import model
from vie_match.partners.fitting import Example, example, fit
from vie_match.partners.mixing import NEWCOMERS, mixed
from vie_match.partners.model import Weights
from vie_match.partners.reasons import distributions, shifts
from vie_match.partners.signs import signs
from vie_match.whole import write_whole

Floats = NDArray[np.float64]
Rankings = Mapping[str, tuple[str, ...]]

FOLDS = 5
# As many are written to a run, and measured.
LENGTH = 300
LEARNT = "learnt"
# As people see it unless they want it otherwise: so many of every ten without an earlier project.
MIXED = f"learnt, {NEWCOMERS} newcomers in ten"
POOLED = "both"
# How much what is particular to the enquiry counts, from not at all.
_PERSONAL = {"learnt, likelihood alone": 0.0, "learnt, more personal": 0.3, "learnt, most personal": 0.6}


@dataclass(frozen=True, slots=True)
class Row:
    """How one system ranks the searches of one variant.

    Attributes
    ----------
    system, variant, task : str
        ``task`` is a folder, or ``both``.
    queries : int
    figures : dict
        Measure → mean with interval.
    ndcg_gain, recall_gain : Figure
        nDCG@10 and R@20 minus those of popularity, paired.
    ndcg_ratio, recall_ratio : float or None
        The same means divided; None if popularity finds nobody.
    exposure : Exposure or None
        None for both tasks together: they have other candidates.
    """

    system: str
    variant: str
    task: str
    queries: int
    figures: dict[str, Figure]
    ndcg_gain: Figure
    recall_gain: Figure
    ndcg_ratio: float | None
    recall_ratio: float | None
    exposure: Exposure | None


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    Attributes
    ----------
    rows : tuple of Row
        Empty when dev has no answers, or there are too few to learn from.
    weights : dict of str to Weights
        Fitted to all answers; empty without any.
    rankings : dict
        Query of dev → its best towns, by the shipped weights.
    """

    rows: tuple[Row, ...]
    weights: Mapping[str, Weights]
    rankings: Rankings

    def figures(self) -> dict[str, float]:
        """Return what floors are set for: name → value; of the mix with newcomers ", mixed" is added."""
        found: dict[str, float] = {}
        for row in self.rows:
            if row.system not in (LEARNT, MIXED):
                continue
            start, end = f"{row.variant} {row.task}", ", mixed" if row.system == MIXED else ""
            found |= {f"{start} {name}{end}": one.mean for name, one in row.figures.items()}
            found[f"{start} nDCG@10 gain, low{end}"] = row.ndcg_gain.low
            found[f"{start} R@20 gain, low{end}"] = row.recall_gain.low
            if row.exposure:
                found[f"{start} Gini{end}"] = row.exposure.gini
        return found

    def as_json(self) -> str:
        """Return all figures and weights."""
        told = {
            "rows": [asdict(row) for row in self.rows],
            "weights": {name: asdict(one) for name, one in self.weights.items()},
        }
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def evaluate(tasks: Sequence[Task], *, learners: bool = True) -> Report:
    """Rank the searches of dev in several ways.

    Parameters
    ----------
    tasks : sequence of Task
    learners : bool, default True
        Also fit other ways to learn, which takes a minute or two.
    """
    known = {
        (task.name, query.id): found
        for task in tasks
        for query in (*task.train, *task.dev)
        if query.relevant and (found := _example(task, query))
    }
    folds = {(task.name, query.id): part(query.base) for task in tasks for query in (*task.train, *task.dev)}
    parts = {folds[key] for key in known}
    answered = any(query.relevant for task in tasks for query in task.dev)
    if not answered or len(parts) < FOLDS:
        return Report((), fit(list(known.values())) if known else {}, _ranked(tasks))
    fitted = []
    for held in range(FOLDS):
        others = [one for key, one in known.items() if folds[key] != held]
        fitted.append(_Fitted(others, learners=learners))
    rankings: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    shipped: dict[str, tuple[str, ...]] = {}
    for task in tasks:
        for query in task.dev:
            seen = _Seen(task, query)
            for system, scores in fitted[part(query.base)].scores(seen).items():
                own = rankings.setdefault(system, {}).setdefault(task.name, {})
                own[query.id] = seen.ranking(scores)
                if system == LEARNT:
                    own = rankings.setdefault(MIXED, {}).setdefault(task.name, {})
                    own[query.id] = seen.mixed(scores)
            shipped[query.id] = seen.shipped()
    rows = [
        row
        for system, found in rankings.items()
        for variant in (COLD, SEEDED)
        for row in _rows(system, variant, found, rankings[POPULARITY], tasks)
    ]
    return Report(tuple(rows), fit(list(known.values())), shipped)


def part(base: str) -> int:
    """Return the part a project is dealt to, 0 to 4: the same in every run, cold and seeded together."""
    return zlib.crc32(base.encode()) % FOLDS


def write_run(rankings: Rankings, path: Path) -> None:
    """Write rankings as JSON lines: ``query`` and ``ranking``, best first."""
    lines = [json.dumps({"query": id, "ranking": ranking}) for id, ranking in rankings.items()]
    write_whole(path, "".join(f"{line}\n" for line in lines))


def _example(task: Task, query: Query) -> Example | None:
    assert query.relevant is not None
    seed = zlib.crc32(query.id.encode())
    return example(task.world, query.enquiry, query.relevant, task.family, seed)


def _ranked(tasks: Sequence[Task]) -> Rankings:
    return {query.id: _Seen(task, query).shipped() for task in tasks for query in task.dev}


class _Seen:
    """A query with all that speaks for each town."""

    def __init__(self, task: Task, query: Query) -> None:
        self.task = task
        self.signs = signs(task.world, query.enquiry)
        row = task.world.row
        self.team = [row[one] for one in query.enquiry.team if one in row]
        self.distributions = distributions(self.signs, self.team)
        self.shifts = shifts(self.signs)

    def ranking(self, scores: Floats) -> tuple[str, ...]:
        towns = self.task.world.towns
        return tuple(towns[at].id for at in model.best(scores, self.team, LENGTH))

    def mixed(self, scores: Floats) -> tuple[str, ...]:
        """Return the ranking with towns that had no project before in every ten places."""
        towns = self.task.world.towns
        order = model.best(scores, self.team, len(towns))
        new = (self.signs.count == 0).tolist()
        return tuple(towns[at].id for at in mixed(order, new, NEWCOMERS, LENGTH))

    def shipped(self) -> tuple[str, ...]:
        weights = model.shipped()[self.task.family]
        return self.ranking(weights.scores(self.distributions, self.shifts))


class _Fitted:
    """All systems, those that learn fitted to the same answers."""

    def __init__(self, examples: Sequence[Example], *, learners: bool) -> None:
        self.weights = fit(examples)
        self.others: dict[str, Scorer] = (
            {"conditional logit alone": rivals.logit(examples), "boosted trees": rivals.trees(examples)}
            if learners
            else {}
        )

    def scores(self, seen: _Seen) -> dict[str, Floats]:
        """Return system → scores of the towns; first the learnt ranking."""
        family, given = seen.task.family, (seen.distributions, seen.shifts)
        weights = self.weights[family]
        found = {LEARNT: weights.scores(*given)}
        found |= {name: weights.scores(*given, personal) for name, personal in _PERSONAL.items()}
        found["mixture of reasons alone"] = weights.log_mixture(seen.distributions)
        found |= {name: scorer(family, *given) for name, scorer in self.others.items()}
        found["reciprocal rank fusion"] = rivals.fused_ranks(seen.signs)
        return found | {name: order(seen.signs) for name, order in rivals.ORDERS.items()}


def _rows(
    system: str,
    variant: str,
    found: Mapping[str, Rankings],
    popular: Mapping[str, Rankings],
    tasks: Sequence[Task],
) -> list[Row]:
    rows, ours, theirs = [], [], []
    for task in tasks:
        queries = [query for query in task.dev if query.variant == variant and query.relevant]
        if not queries:
            continue
        own = [_measured(query, found[task.name]) for query in queries]
        base = [_measured(query, popular[task.name]) for query in queries]
        spread = measures.exposure([found[task.name][query.id] for query in queries], len(task.world.towns))
        rows.append(_row(system, variant, task.name, own, base, spread))
        ours += own
        theirs += base
    return [*rows, _row(system, variant, POOLED, ours, theirs, None)] if len(rows) > 1 else rows


def _measured(query: Query, rankings: Rankings) -> dict[str, float | None]:
    return measures.of_ranking(rankings[query.id], query.relevant or (), query.newcomers)


def _row(
    system: str,
    variant: str,
    task: str,
    ours: Sequence[dict[str, float | None]],
    theirs: Sequence[dict[str, float | None]],
    spread: Exposure | None,
) -> Row:
    own, base = measures.figures(ours), measures.figures(theirs)
    ratios = {
        name: own[name].mean / base[name].mean if base[name].mean else None for name in ("nDCG@10", "R@20")
    }
    return Row(
        system=system,
        variant=variant,
        task=task,
        queries=len(ours),
        figures=own,
        ndcg_gain=measures.gain(ours, theirs, "nDCG@10"),
        recall_gain=measures.gain(ours, theirs, "R@20"),
        ndcg_ratio=ratios["nDCG@10"],
        recall_ratio=ratios["R@20"],
        exposure=spread,
    )
