"""What speaks for each town, seen from one enquiry: numbers that only know what was before it.

Nothing here is learnt. Every project after the day of the enquiry, and the enquiry's own, is out of sight:
:meth:`World.before <vie_match.partners.world.World.before>` cuts once, and all is counted from what is left.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from vie_match.partners.records import Enquiry
from vie_match.partners.texts import likeness, words
from vie_match.partners.world import World, kilometres

Floats = NDArray[np.float64]

# Taking part counts half after so many years.
HALF_LIFE_YEARS = 3.0
# The list of Mission cities: https://netzerocities.eu/mission-cities/
MISSION_SINCE = dt.date(2022, 4, 28)
# Where a town's place is not known.
FAR_KM = 1500.0

_FEW, _MANY = 5, 20
# A network of more towns than that says nothing about any.
_LARGEST_NETWORK = 1500
# Personalised PageRank: share of restarts, steps. Page et al. 1999; Haveliwala 2002.
_RESTART, _STEPS = 0.25, 12
# How many imagined projects pull a country's share to its usual one.
_USUAL_SHARE, _USUAL_PAIRS = 3.0, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """Numbers for every town, each of shape (towns,).

    Attributes
    ----------
    count, recent, led : projects before; the same, halved every three years
    few, many : share in the 5 and the 20 most similar projects, weighted by similarity, 0 to 1
    likest : similarity of the town's most similar project, 0 to 1
    together : projects and ties with the lead or a given partner, each divided by its size
    with_given : projects and ties with partners given
    walk : where a walk from the team through shared projects and ties is met, 0 to 1
    km, km_given : distance to the lead, and to the nearest given partner
    same : whether the town is in the lead's country; same_given: in that of a given partner
    country : its country's share of all participations; country_towns: towns of the country
    country_alike : the same share among the most similar projects, divided by the usual one
    country_pair : … among the projects with somebody of the lead's country, divided by the usual one
    with_countries : projects with somebody of the given partners' countries, each divided by its size
    population : natural logarithm of the inhabitants; size: minus the distance to the lead's
    rank : place among its country's towns by inhabitants
    networks : city networks, rare ones counting more; shared: those the lead is in, too
    mission : on the list of Mission cities, once there was one
    climate : whether the enquiry is about climate-neutral cities, one number
    """

    count: Floats
    recent: Floats
    few: Floats
    many: Floats
    likest: Floats
    together: Floats
    with_given: Floats
    walk: Floats
    km: Floats
    km_given: Floats
    same: Floats
    same_given: Floats
    country: Floats
    country_towns: Floats
    country_alike: Floats
    country_pair: Floats
    with_countries: Floats
    population: Floats
    size: Floats
    rank: Floats
    networks: Floats
    shared: Floats
    mission: Floats
    climate: float


def signs(world: World, enquiry: Enquiry, alike: Floats | None = None) -> Signs:
    """Return what speaks for each town.

    Parameters
    ----------
    world : World
    enquiry : Enquiry
        Its lead and given partners count as far as they are among the towns.
    alike : array of shape (projects,), optional
        How alike each project is, 0 to 1; default: by words.
    """
    past = world.before(enquiry.date)
    parts = world.parts[past]
    lead = world.row.get(enquiry.lead)
    given = [world.row[one] for one in enquiry.given if one in world.row]
    team = ([] if lead is None else [lead]) + given
    alike = likeness(words([enquiry.text]), world.words[past]) if alike is None else alike[past]
    age = (enquiry.date.toordinal() - world.days[past]) / 365.25
    met = csr_array(vstack([parts, world.tied]))
    sizes = np.asarray(parts.sum(axis=1), np.float64)
    near = _near(world, lead, given)
    population = world.log_population
    return Signs(
        count=parts.T @ np.ones(len(past)),
        recent=parts.T @ 0.5 ** (age / HALF_LIFE_YEARS),
        few=_share(parts, alike, _FEW),
        many=_share(parts, alike, _MANY),
        likest=_likest(parts, alike),
        together=met.T @ (_in(met, team) / np.maximum(met.sum(axis=1), 2)),
        with_given=met.T @ _in(met, given),
        walk=_walk(met, team),
        **near,
        **_countries(world, parts, alike, lead, given, sizes),
        population=population,
        size=np.zeros(len(population)) if lead is None else -np.abs(population - population[lead]),
        rank=world.rank_in_country,
        **_networks(world, enquiry.date.year, lead),
        mission=world.mission.astype(np.float64) * float(enquiry.date > MISSION_SINCE),
        climate=float(_about_climate(enquiry)),
    )


def _about_climate(enquiry: Enquiry) -> bool:
    topic, text = enquiry.topic or "", enquiry.text.casefold().replace("-", " ")
    return ("MISS" in topic and "CIT-" in topic and "CLIMA" not in topic) or "climate neutral" in text


def _in(parts: csr_array, towns: list[int]) -> Floats:
    """Return how many of some towns were in each project, shape (projects,)."""
    return np.asarray(parts[:, towns].sum(axis=1), np.float64) if towns else np.zeros(parts.shape[0])


def _share(parts: csr_array, alike: Floats, best: int) -> Floats:
    """Return each town's share in the most similar projects, weighted by similarity."""
    weights = np.zeros(len(alike))
    chosen = np.argsort(-alike, kind="stable")[:best]
    weights[chosen] = alike[chosen]
    return np.asarray(parts.T @ (weights / max(weights.sum(), 1e-9)), np.float64)


def _likest(parts: csr_array, alike: Floats) -> Floats:
    found = np.zeros(parts.shape[1])
    rows = np.repeat(np.arange(parts.shape[0]), np.diff(parts.indptr))
    np.maximum.at(found, parts.indices, alike[rows])
    return found


def _walk(met: csr_array, team: list[int]) -> Floats:
    """Return personalised PageRank of the towns, walking town → project → town, 0 for the team."""
    start = np.zeros(met.shape[1])
    if not team:
        return start
    start[team] = 1 / len(team)
    found = start
    counts, sizes = np.maximum(met.sum(axis=0), 1), np.maximum(met.sum(axis=1), 1)
    for _ in range(_STEPS):
        through = met.T @ ((met @ (found / counts)) / sizes)
        found = _RESTART * start + (1 - _RESTART) * through
    found[team] = 0
    return found


def _near(world: World, lead: int | None, given: list[int]) -> dict[str, Floats]:
    nowhere = np.full(len(world.towns), FAR_KM)
    nearest = [_known(kilometres(world, one)) for one in given]
    country = world.country
    return {
        "km": nowhere if lead is None else _known(kilometres(world, lead)),
        "km_given": np.min(nearest, axis=0) if nearest else nowhere,
        "same": np.isin(country, [] if lead is None else country[[lead]]).astype(np.float64),
        "same_given": np.isin(country, country[given]).astype(np.float64),
    }


def _known(km: Floats) -> Floats:
    return np.where(np.isnan(km), FAR_KM, km)


def _countries(
    world: World, parts: csr_array, alike: Floats, lead: int | None, given: list[int], sizes: Floats
) -> dict[str, Floats]:
    country = world.country
    among = parts @ world.in_country
    totals = among.sum(axis=0)
    usual = (totals + 0.5) / (totals.sum() + 0.5 * len(totals))
    nearest = np.zeros(len(alike))
    nearest[np.argsort(-alike, kind="stable")[:_MANY]] = 1
    similar = nearest @ among
    lift = (similar + _USUAL_SHARE * usual) / (similar.sum() + _USUAL_SHARE) / usual
    pair = np.ones(len(usual))
    if lead is not None:
        own = country[lead]
        with_own = ((among[:, [own]].sum(axis=1) > 0) / np.maximum(sizes, 1)) @ among
        others = np.arange(len(usual)) != own
        with_own, expected = with_own * others, usual * others / max(usual[others].sum(), 1e-9)
        pair[others] = ((with_own + _USUAL_PAIRS * expected) / (with_own.sum() + _USUAL_PAIRS))[others]
        pair[others] /= np.maximum(expected[others], 1e-9)
    theirs = among[:, np.unique(country[given])].sum(axis=1) > 0 if given else np.zeros(len(sizes))
    return {
        "country": usual[country],
        "country_towns": np.bincount(country).astype(np.float64)[country],
        "country_alike": lift[country],
        "country_pair": pair[country],
        "with_countries": parts.T @ (theirs / np.maximum(sizes, 1)),
    }


def _networks(world: World, year: int, lead: int | None) -> dict[str, Floats]:
    members = world.members(year)
    sizes = members.sum(axis=0)
    weights = np.where(sizes > _LARGEST_NETWORK, 0, 1 / np.log(2 + sizes))
    none = np.zeros(len(world.towns))
    own = none if lead is None else members @ (members[[lead]].toarray().ravel() * weights)
    return {"networks": members @ weights, "shared": own}
