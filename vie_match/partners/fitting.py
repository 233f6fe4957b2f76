"""Teams that came about → weights.

Two steps, each with few parameters. The mixture's weights come by expectation-maximisation (Dempster, Laird,
Rubin 1977) from the partners alone: for what reason was each there? Then a conditional logit over the towns
that were and were not chosen corrects them, drawn to no correction. In both steps the families are drawn to
what holds for all. Every enquiry counts as much as any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from vie_match.partners.model import Weights
from vie_match.partners.reasons import REASONS, SHIFTS, distributions, shifts
from vie_match.partners.records import Enquiry
from vie_match.partners.signs import signs
from vie_match.partners.world import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Enquiries' worth of partners that draw a family's mixture to the common one.
_COMMON = 10.0
_EM_STEPS = 200
# Strength of the penalty on standardised shifts, for all and by family; cross-validated.
_PENALTY = 60.0
_MOST_STEPS = 200
_LEAST = 1e-8
# Before so many towns had a project, history says little, and weights learnt then would say so.
_LEAST_ACTIVE = 60
# Of towns without any project so many stand for all, besides those above 220,000 inhabitants (e^12.3).
_SAMPLE, _LARGE = 300, 12.3


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An enquiry with the partners it led to.

    Attributes
    ----------
    family : str
    distributions : array of shape (towns, reasons)
        Of the partners and a sample of the others.
    shifts : array of shape (towns, shifts)
    offsets : array of shape (towns,)
        Logarithm of how many towns each stands for.
    chosen : array of shape (towns,), bool
        At least one.
    """

    family: str
    distributions: Floats
    shifts: Floats
    offsets: Floats
    chosen: Bools


def example(
    world: World, enquiry: Enquiry, partners: Collection[str], family: str, seed: int
) -> Example | None:
    """Return what is to be learnt from an enquiry.

    Parameters
    ----------
    world : World
    enquiry : Enquiry
    partners : collection of str
        Ids of the towns that came to be partners.
    family : str
    seed : int
        Of the sample of towns that had no part in anything; all with past projects, and large ones, are in.

    Returns
    -------
    Example or None
        None if too few towns had projects by then, or no partner is among the towns.
    """
    seen = signs(world, enquiry)
    team = [world.row[one] for one in enquiry.team if one in world.row]
    partner = np.zeros(len(world.towns), bool)
    partner[[world.row[one] for one in partners if one in world.row]] = True
    partner[team] = False
    if np.count_nonzero(seen.count) < _LEAST_ACTIVE or not partner.any():
        return None
    certain = partner | (seen.count > 0) | (seen.population > _LARGE)
    certain[team] = False
    others = ~certain
    others[team] = False
    rest = np.flatnonzero(others)
    drawn = np.random.default_rng(seed).choice(rest, min(_SAMPLE, len(rest)), replace=False)
    rows = np.concatenate([np.flatnonzero(certain), drawn])
    offsets = np.zeros(len(rows))
    offsets[len(rows) - len(drawn) :] = np.log(max(len(rest), 1) / max(len(drawn), 1))
    return Example(family, distributions(seen, team)[rows], shifts(seen)[rows], offsets, chosen=partner[rows])


def fit(examples: Sequence[Example]) -> dict[str, Weights]:
    """Fit the weights of every family that has examples.

    Parameters
    ----------
    examples : sequence of Example
        At least one.

    Returns
    -------
    dict of str to Weights
    """
    families = sorted({one.family for one in examples})
    common = _mixture(examples, None)
    mixtures = {name: _mixture([one for one in examples if one.family == name], common) for name in families}
    scale = np.concatenate([one.shifts for one in examples]).std(axis=0)
    scale[scale == 0] = 1
    corrected = corrections(examples, mixtures, scale)
    return {
        name: Weights(
            reasons=dict(zip(REASONS, mixtures[name].tolist(), strict=True)),
            shifts=dict(zip(SHIFTS, (corrected[name][:-1] / scale).tolist(), strict=True)),
            power=1 + float(corrected[name][-1]),
        )
        for name in families
    }


def _mixture(examples: Sequence[Example], common: Floats | None) -> Floats:
    """Return the weights of the reasons, shape (reasons,), drawn to the common ones if there are any."""
    partners = [one.distributions[one.chosen] for one in examples]
    counts = np.concatenate([np.full(len(own), 1 / len(own)) for own in partners])
    given = np.concatenate(partners)
    weights = np.full(given.shape[1], 1 / given.shape[1])
    for _ in range(_EM_STEPS):
        parts = given * weights
        parts /= np.maximum(parts.sum(axis=1, keepdims=True), _LEAST)
        weights = counts @ parts + (0 if common is None else _COMMON * common)
        weights /= weights.sum()
    return weights


def corrections(
    examples: Sequence[Example], mixtures: Mapping[str, Floats], scale: Floats
) -> dict[str, Floats]:
    """Return a conditional logit's weights beside given mixtures, by family.

    Parameters
    ----------
    examples : sequence of Example
    mixtures : mapping of str to array of shape (reasons,)
        By family.
    scale : array of shape (shifts,)
        Standard deviations of the shifts; none is 0.

    Returns
    -------
    dict of str to array of shape (shifts + 1,)
        Log-odds for one standard deviation of each shift; last, what is added to the mixture's exponent 1.
    """
    families = list(mixtures)
    rows, offsets = [], []
    for one in examples:
        likely = np.log(one.distributions @ mixtures[one.family] + _LEAST)
        rows.append(np.column_stack([one.shifts / scale, likely - likely.mean()]))
        offsets.append(one.offsets + likely)
    table, offset = np.concatenate(rows), np.concatenate(offsets)
    lengths = np.array([len(one.chosen) for one in examples])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    wanted = np.concatenate([one.chosen / one.chosen.sum() for one in examples])
    whose = np.repeat([families.index(one.family) for one in examples], lengths)
    width = table.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        own = flat.reshape(1 + len(families), width)
        logits = offset + np.einsum("ij,ij->i", table, (own[0] + own[1:])[whose])
        most = np.maximum.reduceat(logits, starts)
        grown = np.exp(logits - np.repeat(most, lengths))
        totals = np.add.reduceat(grown, starts)
        missed = grown / np.repeat(totals, lengths) - wanted
        slopes = np.stack([table[whose == at].T @ missed[whose == at] for at in range(len(families))])
        slope = np.concatenate([slopes.sum(axis=0)[None], slopes]) + _PENALTY * own
        value = (np.log(totals) + most).sum() - wanted @ logits + _PENALTY / 2 * (own**2).sum()
        return float(value), slope.ravel()

    start = np.zeros((1 + len(families)) * width)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MOST_STEPS})
    own = found.x.reshape(1 + len(families), width)
    return {name: own[0] + own[1 + at] for at, name in enumerate(families)}
