"""Europe's outlines, and the part of them that a map shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vie_match.pictures.projection import projected

_DATA = Path(__file__).parent / "data" / "europe.geojson"

# West, south, east, north of the whole map, metres of the projection: Iceland to the Caucasus.
EUROPE = (2.45e6, 1.35e6, 7.45e6, 5.45e6)
# A map shows no less than this from west to east, so that one sees where in Europe it is.
_NARROWEST = 1.9e6
# Room around the places, of the map's width.
_ROOM = 0.13


@dataclass(frozen=True, slots=True)
class View:
    """The part of the map that is shown: its west and south edge, metres, and metres for one unit."""

    west: float
    south: float
    scale: float

    def units(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points in units of the drawing, from the lower left corner."""
        return (metres - (self.west, self.south)) / self.scale


def view(points: NDArray[np.float64], across: float) -> View:
    """Return the smallest part of the map in which points stand with room around.

    Parameters
    ----------
    points : array of float, shape (n, 2)
        Metres of the projection, inside :data:`EUROPE`; with none, the whole map.
    across : float
        Width of the drawing, units; its height follows from the map's.
    """
    west, south, east, north = EUROPE
    shape = (north - south) / (east - west)
    if not len(points):
        return View(west, south, (east - west) / across)
    low, high = points.min(axis=0), points.max(axis=0)
    wide = max((high[0] - low[0]), (high[1] - low[1]) / shape) / (1 - 2 * _ROOM)
    wide = min(max(wide, _NARROWEST), east - west)
    middle = (low + high) / 2
    left = max(min(middle[0] - wide / 2, east - wide), west)
    bottom = max(min(middle[1] - wide * shape / 2, north - wide * shape), south)
    return View(float(left), float(bottom), wide / across)


def inside(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points the whole map has."""
    west, south, east, north = EUROPE
    return np.asarray(((points >= (west, south)) & (points <= (east, north))).all(axis=1))


def shapes(seen: View, field: tuple[float, float]) -> dict[str, list[NDArray[np.float64]]]:
    """Return the rings that a map shows, cut at its edge.

    Parameters
    ----------
    seen : View
    field : (float, float)
        Width and height of the drawing, units.

    Returns
    -------
    dict
        Country (EU style; empty: land around) → its closed rings in units, each of shape (n, 2); what is
        smaller than a unit is left out.
    """
    found: dict[str, list[NDArray[np.float64]]] = {}
    for country, rings in _europe().items():
        cut = (_cut(_thinned(seen.units(ring)), field) for ring in rings)
        if kept := [np.vstack([ring, ring[:1]]) for ring in cut if len(ring) > 2]:
            found[country] = kept
    return found


@cache
def _europe() -> dict[str, list[NDArray[np.float64]]]:
    features = json.loads(_DATA.read_text("utf-8"))["features"]
    return {
        feature["properties"]["country"] or "": [
            projected(ring) for polygon in feature["geometry"]["coordinates"] for ring in polygon
        ]
        for feature in features
    }


def _thinned(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an open ring on a grid of one unit, where neighbours still meet, without points said twice."""
    grid = np.round(ring)
    return np.asarray(grid[(grid != np.roll(grid, 1, axis=0)).any(axis=1)])


def _cut(ring: NDArray[np.float64], field: tuple[float, float]) -> NDArray[np.float64]:
    """Return a ring without what lies outside the field, one edge after the other (Sutherland, Hodgman)."""
    for axis, edge, sign in ((0, 0.0, 1), (0, field[0], -1), (1, 0.0, 1), (1, field[1], -1)):
        if not len(ring):
            break
        ring = _cut_at(ring, axis, edge, sign)
    return ring


def _cut_at(ring: NDArray[np.float64], axis: int, edge: float, sign: int) -> NDArray[np.float64]:
    ahead = sign * (ring[:, axis] - edge)
    if (ahead >= 0).all():
        return ring
    kept: list[Sequence[float] | NDArray[np.float64]] = []
    for here, there, depth, next_depth in zip(
        ring, np.roll(ring, -1, axis=0), ahead, np.roll(ahead, -1), strict=True
    ):
        if depth >= 0:
            kept.append(here)
        if (depth >= 0) != (next_depth >= 0):
            kept.append(here + (there - here) * depth / (depth - next_depth))
    return np.array(kept).reshape(-1, 2)
