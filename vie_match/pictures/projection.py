"""Degrees → metres on the EU's map: ETRS89-LAEA Europe (EPSG:3035), the equal-area projection of Eurostat.

The formulas are those of "Lambert Azimuthal Equal Area" (method 9820) in IOGP's Geomatics Guidance Note 7-2,
<https://epsg.org/guidance-notes.html>, on the GRS 1980 ellipsoid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# GRS 1980: half of the larger axis in metres; first eccentricity, from the flattening 1/298.257222101.
_AXIS = 6378137.0
_FLATTENING = 1 / 298.257222101
_E = float(np.sqrt(_FLATTENING * (2 - _FLATTENING)))

# Centre of the map, degrees, and what is added to its coordinates so that none is negative, metres.
_LATITUDE, _LONGITUDE = 52.0, 10.0
_EAST, _NORTH = 4321000.0, 3210000.0


def _q(sine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the guidance note's q of the sine of a latitude."""
    return (1 - _E**2) * (sine / (1 - _E**2 * sine**2) + np.arctanh(_E * sine) / _E)


_POLE = float(_q(np.array(1.0)))
_RADIUS = _AXIS * float(np.sqrt(_POLE / 2))
_BETA = float(np.arcsin(_q(np.sin(np.radians(np.array(_LATITUDE)))) / _POLE))
_SINE = np.sin(np.radians(_LATITUDE))
_D = float(_AXIS * np.cos(np.radians(_LATITUDE)) / np.sqrt(1 - _E**2 * _SINE**2) / (_RADIUS * np.cos(_BETA)))


def projected(degrees: ArrayLike) -> NDArray[np.float64]:
    """Return points on the map.

    Parameters
    ----------
    degrees : array of float, shape (n, 2)
        East and north, in this order as in GeoJSON; WGS 84, which is the same within a metre. Not the point
        opposite the centre.

    Returns
    -------
    array of float, shape (n, 2)
        Metres to the east and to the north.

    Examples
    --------
    The guidance note's own example, 50° N 5° E:

    >>> projected([(5, 50)]).round(2).tolist()
    [[3962799.45, 2999718.85]]
    """
    east, north = np.asarray(degrees, dtype=np.float64).reshape(-1, 2).T
    beta = np.arcsin(_q(np.sin(np.radians(north))) / _POLE)
    turn = np.radians(east - _LONGITUDE)
    scale = _RADIUS * np.sqrt(
        2 / (1 + np.sin(_BETA) * np.sin(beta) + np.cos(_BETA) * np.cos(beta) * np.cos(turn))
    )
    x = scale * _D * np.cos(beta) * np.sin(turn)
    y = scale / _D * (np.cos(_BETA) * np.sin(beta) - np.sin(_BETA) * np.cos(beta) * np.cos(turn))
    return np.column_stack([_EAST + x, _NORTH + y])
