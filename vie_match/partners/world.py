"""Towns and past projects as arrays, of which each search sees only what was before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from vie_match.partners.records import UNDATED, Past, Town
from vie_match.partners.texts import words

Floats = NDArray[np.float64]

# Inhabitants of a town whose population nobody told: about the median of European towns.
_USUAL_POPULATION, _LEAST_POPULATION = 10_000, 100
_EARTH_KM = 6371.0


@dataclass(frozen=True, eq=False)
class World:
    """All towns that can be ranked, and all projects that are known.

    Parameters
    ----------
    towns : sequence of Town
    projects : sequence of Past
        Towns in them that are not among the towns are left out.
    ties : sequence of pairs of str, optional
        Ids of towns that know each other without a project, as twin towns do: they show who knows whom, but
        nothing of anybody's experience.
    """

    towns: Sequence[Town]
    projects: Sequence[Past]
    ties: Sequence[tuple[str, str]] = ()

    @cached_property
    def row(self) -> Mapping[str, int]:
        """Id of a town → its place among the towns."""
        return {town.id: at for at, town in enumerate(self.towns)}

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """Day of each project, as ``date.toordinal()``, shape (projects,)."""
        return np.array([one.date.toordinal() for one in self.projects], np.int64)

    @cached_property
    def parts(self) -> csr_array:
        """1 where a town was in a project, shape (projects, towns)."""
        return self._matrix([one.towns for one in self.projects])

    @cached_property
    def tied(self) -> csr_array:
        """1 where a town is in a tie, shape (ties, towns); each tie once, whoever named it."""
        return self._matrix(list(dict.fromkeys(tuple(sorted(one)) for one in self.ties)))

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """Every country once, sorted."""
        return tuple(sorted({town.country for town in self.towns}))

    @cached_property
    def country(self) -> NDArray[np.int64]:
        """Each town's place in ``countries``, shape (towns,)."""
        return np.array([self.countries.index(town.country) for town in self.towns], np.int64)

    @cached_property
    def radians(self) -> Floats:
        """Latitude and longitude in radians, NaN when unknown, shape (towns, 2)."""
        degrees = [
            (np.nan, np.nan) if town.latitude is None or town.longitude is None
            else (town.latitude, town.longitude)
            for town in self.towns
        ]  # fmt: skip
        return np.radians(np.array(degrees, np.float64).reshape(-1, 2))

    @cached_property
    def log_population(self) -> Floats:
        """Natural logarithm of the inhabitants, shape (towns,)."""
        return np.log([max(town.population or _USUAL_POPULATION, _LEAST_POPULATION) for town in self.towns])

    @cached_property
    def rank_in_country(self) -> Floats:
        """1 for the largest town of its country, 2 for the next, shape (towns,)."""
        order = np.lexsort((-self.log_population, self.country))
        _, starts = np.unique(self.country[order], return_index=True)
        ranks = np.empty(len(self.towns))
        ranks[order] = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)])) + 1
        return ranks

    @cached_property
    def in_country(self) -> csr_array:
        """1 where a town is in a country, shape (towns, countries)."""
        at = np.arange(len(self.towns))
        return csr_array((np.ones(len(at)), (at, self.country)), shape=(len(at), len(self.countries)))

    @cached_property
    def words(self) -> csr_array:
        """Words of each project's text, shape (projects, words)."""
        return words([one.text for one in self.projects])

    @cached_property
    def mission(self) -> NDArray[np.bool_]:
        """Whether a town is on the list of Mission cities, shape (towns,)."""
        return np.array([town.mission for town in self.towns], bool)

    @cached_property
    def joined(self) -> csr_array:
        """Year in which a town joined a network, shape (towns, networks)."""
        names = sorted({one.network for town in self.towns for one in town.memberships})
        column = {name: at for at, name in enumerate(names)}
        years: dict[tuple[int, int], int] = {}
        for at, town in enumerate(self.towns):
            for one in town.memberships:
                cell = at, column[one.network]
                years[cell] = min(years.get(cell, 9999), UNDATED if one.since is None else one.since)
        rows, columns = zip(*years, strict=True) if years else ((), ())
        shape = (len(self.towns), max(1, len(names)))
        return csr_array((np.array(list(years.values()), np.float64), (rows, columns)), shape=shape)

    def members(self, year: int) -> csr_array:
        """Return 1 where a town was in a network before a year, shape (towns, networks)."""
        joined = self.joined
        held = (joined.data < year).astype(np.float64)
        found = csr_array((held, joined.indices.copy(), joined.indptr.copy()), shape=joined.shape)
        found.eliminate_zeros()
        return found

    def before(self, day: dt.date) -> NDArray[np.int64]:
        """Return the places of the projects known before a day."""
        return np.flatnonzero(self.days < day.toordinal())

    def _matrix(self, groups: Sequence[Sequence[str]]) -> csr_array:
        """Return 1 where a town is in a group, shape (groups, towns)."""
        pairs = [
            (at, self.row[town])
            for at, towns in enumerate(groups)
            for town in dict.fromkeys(towns)
            if town in self.row
        ]
        rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
        return csr_array((np.ones(len(pairs)), (rows, columns)), shape=(len(groups), len(self.towns)))


def kilometres(world: World, place: int) -> Floats:
    """Return the great-circle distance of every town from one, NaN when unknown, shape (towns,)."""
    latitude, longitude = world.radians.T
    chord = (
        np.sin((latitude - latitude[place]) / 2) ** 2
        + np.cos(latitude) * np.cos(latitude[place]) * np.sin((longitude - longitude[place]) / 2) ** 2
    )
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1))), np.float64)
