"""The weights of the fusion, fitted anew to what a network's people said of calls.

The fit is a small correction: the shipped log-odds plus one step for each general weight and one for all
calls, with a Gaussian prior around no step at all (maximum a posteriori); instruments keep their weights, as
few judgements are of the same one. A step is log-odds for one standard deviation of a feature, so one prior
fits all of them. Whether it helps is judged on profiles that it has not seen,
by the logarithmic loss; only then is it adopted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vie_match.feedback import Feedback, Opinion, Reason
from vie_match.ranking.fusion import GENERAL, Fusion, probability
from vie_match.speech import speech

Floats = NDArray[np.float64]

# Judgements from which something is learnt; of these, how many must speak for calls and how many against
# (a maybe counts half on either side), since from one kind alone it would learn to recommend all or nothing;
# and from how many profiles, since on fewer an error of the comparison cannot be told.
LEAST = 20
LEAST_EACH = 3
LEAST_PROFILES = 3

# Standard deviations of the prior, in log-odds: of the step for all calls, and of the step for each weight.
# The latter is small because people judge what stands on top: from there to the rest it is a long way.
# Measured on the judged benchmark (200 networks of 12 profiles to which the weights were not fitted, 40
# judgements of each among its profiles' first ten, other profiles ranked, where adopted): change of nDCG@10
# -.035, -.018, -.004 with .5, .25, .1; had similarity weighed too little (by 40 %), +.019, +.024, +.032.
PRIOR = (1.0, 0.1)

# With so many profiles or fewer each is a fold of its own.
FOLDS = 10

# A maybe is half a good and half a bad one: its best probability is one half.
TARGETS = {Opinion.GOOD: 1.0, Opinion.MAYBE: 0.5, Opinion.BAD: 0.0}

# What is bad for one of these reasons may well be the right topic.
_SILENT = frozenset({Reason.TOO_LATE, Reason.NO_COFUNDING, Reason.NOT_ELIGIBLE})


@dataclass(frozen=True, slots=True)
class Judged:
    """Judged pairs as the fusion sees them.

    Attributes
    ----------
    features : array of shape (n, features), float64
        In the order of :data:`vie_match.ranking.fusion.FEATURES`.
    targets : array of shape (n,), float64
        1 good, 0 bad, one half between.
    profiles : array of shape (n,), str
        Id of each pair's profile.
    """

    features: Floats
    targets: Floats
    profiles: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.targets)

    def where(self, rows: NDArray[np.bool_]) -> Judged:
        """Return some of the pairs."""
        return Judged(self.features[rows], self.targets[rows], self.profiles[rows])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Shipped and re-fitted weights on profiles that the latter have not seen.

    Attributes
    ----------
    shipped, learnt : float
        Mean logarithmic loss over all judgements, in nats; lower is better.
    error : float
        Standard error of their difference, with profiles drawn as a whole.
    """

    shipped: float
    learnt: float
    error: float

    @property
    def is_better(self) -> bool:
        """Whether the learnt weights are better by more than one standard error."""
        return self.shipped - self.learnt > self.error


def speaks(entry: Feedback) -> bool:
    """Tell whether a judgement says something about how well a call fits a profile.

    Examples
    --------
    >>> reasons = None, "not-our-topic", "too-late"
    >>> [speaks(Feedback(profile="p", call="X", verdict="bad", why=why)) for why in reasons]
    [True, True, False]
    """
    return entry.why not in _SILENT


def lacking(targets: Floats, profiles: Collection[str], language: str = "en") -> str:
    """Return what judgements lack for learning from them, or an empty text.

    Examples
    --------
    >>> lacking(np.array([1.0] * 19), ["a"] * 19)
    'found 19 judgements that say something about the topic; expected 20 or more'
    >>> lacking(np.array([0.0] * 20), "abcde" * 4)
    'found 0 that speak for a call and 20 against one (a maybe is half of each); expected 3 or more of either'
    """
    says = speech(language)
    _ = says.gettext
    good, bad = float(targets.sum()), float((1 - targets).sum())
    among = len(set(profiles))
    if len(targets) < LEAST:
        pattern = _("found {found} judgements that say something about the topic; expected {least} or more")
        return pattern.format(found=len(targets), least=LEAST)
    if min(good, bad) < LEAST_EACH:
        pattern = _(
            "found {good} that speak for a call and {bad} against one (a maybe is half of each); "
            "expected {least} or more of either"
        )
        return pattern.format(good=says.number(good), bad=says.number(bad), least=LEAST_EACH)
    if among < LEAST_PROFILES:
        pattern = _("found judgements of {found} profiles; expected {least} or more, to compare fairly")
        return pattern.format(found=among, least=LEAST_PROFILES)
    return ""


def refit(shipped: Fusion, judged: Judged, prior: tuple[float, float] = PRIOR) -> Fusion:
    """Return the weights that are most probable after some judgements.

    With general features centred on the judged pairs and divided by their scales, z, the log-odds are
    ``shipped + a + b · z``, and a and b minimise the sum of the logarithmic losses plus
    ``a² / (2 prior[0]²) + b · b / (2 prior[1]²)``.

    Parameters
    ----------
    shipped : Fusion
        Where the prior has its centre; threshold, scales and the weights of instruments stay.
    judged : Judged
        At least one pair.
    prior : tuple of float, optional
        Standard deviations of a and of each element of b.

    Returns
    -------
    Fusion
    """
    from scipy.optimize import minimize

    scales = np.array([shipped.scales.get(name, 0.0) for name in GENERAL], np.float64)
    # A feature that never varied where the weights were fitted keeps its weight.
    inverse = np.divide(1.0, scales, out=np.zeros_like(scales), where=scales > 0)
    general = judged.features[:, : len(GENERAL)]
    centre = general.mean(axis=0)
    # In units of the prior the steps are alike to the optimiser, and the prior is the same for all.
    sizes = np.array([prior[0], *[prior[1]] * len(GENERAL)])
    design = sizes * np.column_stack([np.ones(len(judged)), (general - centre) * inverse])
    offset = shipped.logits(judged.features)

    def loss(units: Floats) -> tuple[float, Floats]:
        logits = offset + design @ units
        value = losses(logits, judged.targets).sum() + units @ units / 2
        return float(value), design.T @ (probability(logits) - judged.targets) + units

    def curvature(units: Floats) -> Floats:
        chances = probability(offset + design @ units)
        return np.asarray((design.T * (chances * (1 - chances))) @ design + np.eye(len(sizes)))

    # Convex, so there is one minimum; Newton's steps, kept within what they are good for, find it in a few.
    found = minimize(
        loss, np.zeros(len(sizes)), jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-8}
    )
    steps = sizes * found.x
    added = steps[1:] * inverse
    moved = {
        name: shipped.weights.get(name, 0.0) + float(by) for name, by in zip(GENERAL, added, strict=True)
    }
    weights = {**shipped.weights, **moved}
    return replace(shipped, weights=weights, intercept=float(shipped.intercept + steps[0] - added @ centre))


def losses(logits: Floats, targets: Floats) -> Floats:
    """Return the logarithmic losses, in nats, of log-odds against targets from 0 to 1; shape as given.

    Examples
    --------
    >>> losses(np.array([0.0, 1000.0, -1000.0]), np.array([0.5, 1.0, 1.0])).round(3).tolist()
    [0.693, 0.0, 1000.0]
    """
    return np.asarray(np.logaddexp(0, logits) - targets * logits, np.float64)


def compare(shipped: Fusion, judged: Judged, prior: tuple[float, float] = PRIOR) -> Comparison:
    """Compare shipped and re-fitted weights, each profile by weights fitted to others.

    Parameters
    ----------
    shipped : Fusion
    judged : Judged
        Of two profiles at least.
    prior : tuple of float, optional
        As in :func:`refit`.
    """
    learnt = np.empty(len(judged))
    for fold in folds(judged.profiles.tolist()):
        held_out = np.isin(judged.profiles, fold)
        weights = refit(shipped, judged.where(~held_out), prior)
        learnt[held_out] = weights.logits(judged.features[held_out])
    before = losses(shipped.logits(judged.features), judged.targets)
    after = losses(learnt, judged.targets)
    gain = before - after
    # Judgements of one profile are alike, so it is profiles that are drawn (cluster-robust standard error).
    own = [judged.profiles == name for name in np.unique(judged.profiles)]
    off = [(gain[rows] - gain.mean()).sum() for rows in own]
    among = len(own)
    error = np.sqrt(among / (among - 1) * np.square(off).sum()) / len(judged)
    return Comparison(float(before.mean()), float(after.mean()), float(error))


def folds(profiles: Sequence[str]) -> list[list[str]]:
    """Return the profiles in at most :data:`FOLDS` groups of about as many judgements.

    Parameters
    ----------
    profiles : sequence of str
        One for each judgement.

    Examples
    --------
    >>> folds(["b", "a", "b"])
    [['b'], ['a']]
    """
    counts = Counter(profiles)
    groups: list[list[str]] = [[] for _ in range(min(FOLDS, len(counts)))]
    sizes = [0] * len(groups)
    for name in sorted(counts, key=lambda one: (-counts[one], one)):
        at = sizes.index(min(sizes))
        groups[at].append(name)
        sizes[at] += counts[name]
    return groups
