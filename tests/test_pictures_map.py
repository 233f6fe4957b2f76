"""The map: the projection, the outlines and the part of them that is shown."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from vie_match import pictures
from vie_match.countries import COUNTRIES
from vie_match.partners.directory import directory
from vie_match.pictures import outlines
from vie_match.pictures.projection import projected

DATA = Path(pictures.__file__).parent / "data"
# Radius of the sphere that has the ellipsoid's surface.
EARTH = 6_371_007.2


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two points on the sphere, metres."""
    (east, north), (east2, north2) = np.radians(one), np.radians(other)
    cosine = np.sin(north) * np.sin(north2) + np.cos(north) * np.cos(north2) * np.cos(east - east2)
    return float(EARTH * np.arccos(np.clip(cosine, -1, 1)))


def test_the_centre_has_its_published_coordinates() -> None:
    assert projected([(10, 52)])[0] == pytest.approx([4_321_000, 3_210_000], abs=1e-6)


def test_distances_near_the_centre_are_true() -> None:
    random = np.random.default_rng(1)
    points = np.column_stack([random.uniform(6, 14, 40), random.uniform(49, 55, 40)])
    there = projected(points)
    for one in range(0, 40, 2):
        metres = float(np.hypot(*(there[one] - there[one + 1])))
        assert metres == pytest.approx(apart(tuple(points[one]), tuple(points[one + 1])), rel=5e-3)


def test_areas_are_true_everywhere() -> None:
    for east, north in ((-20, 64), (10, 52), (25, 70), (33, 35), (44, 41)):
        ring = projected([(east, north), (east + 0.1, north), (east + 0.1, north + 0.1), (east, north + 0.1)])
        x, y = (ring - ring[0]).T
        metres = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
        # A degree's square on the ellipsoid, from its two radii of curvature.
        sine = np.sin(np.radians(north + 0.05))
        square, axis = 0.00669438, 6_378_137.0
        meridian = axis * (1 - square) / (1 - square * sine**2) ** 1.5
        parallel = axis / (1 - square * sine**2) ** 0.5 * np.cos(np.radians(north + 0.05))
        assert metres == pytest.approx(meridian * parallel * np.radians(0.1) ** 2, rel=1e-4)


def test_north_is_up_and_east_is_right() -> None:
    (x, y), (x2, _), (_, y3) = projected([(10, 50), (11, 50), (10, 51)])
    assert x2 > x
    assert y3 > y


def test_the_card_has_the_outlines_own_hash_and_counts() -> None:
    raw, card = (DATA / "europe.geojson").read_bytes(), (DATA / "CARD.md").read_text("utf-8")
    assert hashlib.sha256(raw).hexdigest() in card
    features = json.loads(raw)["features"]
    points = sum(
        len(ring) for one in features for polygon in one["geometry"]["coordinates"] for ring in polygon
    )
    assert f"| points | {points:,} |" in card
    assert re.search(rf"\b{len(features)} features", card)
    assert len(raw) < 120_000


def test_countries_have_outlines_and_their_towns_are_on_the_map() -> None:
    features = json.loads((DATA / "europe.geojson").read_text("utf-8"))["features"]
    named = {one["properties"]["country"] for one in features}
    towns = [place.town for place in directory(()).places.values()]
    assert {town.country for town in towns} <= named
    assert COUNTRIES - named == set("AU CA EG IL IN JP KR MA NZ SG US ZA".split())
    there = outlines.inside(projected([(town.longitude, town.latitude) for town in towns]))
    # The Canaries, the Azores and Madeira, and what France and the Netherlands have overseas.
    assert {town.country for town, on in zip(towns, there, strict=True) if not on} <= {"ES", "FR", "PT", "NL"}
    assert there.mean() > 0.97


@pytest.mark.parametrize(
    ("east", "north", "country"),
    [(13.4, 52.52, "DE"), (34.1, 45.0, "UA"), (33.4, 35.3, "CY"), (21.0, 42.6, "XK"), (23.7, 38.1, "EL")],
)
def test_places_lie_in_their_countries(east: float, north: float, country: str) -> None:
    from matplotlib.path import Path as Outline

    seen = outlines.View(0, 0, 1000.0)
    point = seen.units(projected([(east, north)]))[0]
    holding = {
        name
        for name, rings in outlines.shapes(seen, (9000, 9000)).items()
        if sum(Outline(ring).contains_point(point) for ring in rings) % 2
    }
    assert holding == {country}


def test_a_view_has_all_its_points_and_room_around() -> None:
    points = projected([(6.56, 51.33), (7.82, 51.68), (13.94, 50.96)])
    seen = outlines.view(points, 400)
    there = seen.units(points)
    assert (there > 20).all()
    assert (there[:, 0] < 380).all()
    assert seen.scale * 400 >= 1.9e6


def test_a_view_does_not_leave_the_map() -> None:
    west, south, east, north = outlines.EUROPE
    for corner in ((west, south), (east, north), (west, north)):
        seen = outlines.view(np.array([corner]), 400)
        assert west <= seen.west <= east - 400 * seen.scale + 1
        assert seen.south >= south
        assert seen.units(np.array([corner])).min() >= -1e-9
    whole = outlines.view(np.array([(west, south), (east, north)]), 400)
    assert (whole.west, whole.south, whole.scale) == pytest.approx((west, south, 12_500))


def test_outlines_are_cut_at_the_edge_and_closed() -> None:
    seen = outlines.view(projected([(6.56, 51.33)]), 400)
    shapes = outlines.shapes(seen, (400, 328))
    assert "DE" in shapes
    assert "PT" not in shapes
    for rings in shapes.values():
        for ring in rings:
            assert ring.min() >= 0
            assert (ring.max(axis=0) <= (400, 328)).all()
            assert (ring[0] == ring[-1]).all()


def test_points_that_fall_together_are_said_once() -> None:
    ring = np.array([(0.1, 0.2), (0.3, 0.1), (9.9, 0.0), (10.2, 0.4), (5.0, 8.0), (0.0, 0.0)])
    assert outlines._thinned(ring).tolist() == [[10, 0], [5, 8], [0, 0]]


def test_a_shape_around_the_field_is_cut_to_the_field() -> None:
    ring = np.array([(-10.0, -10.0), (50.0, -10.0), (50.0, 50.0), (-10.0, 50.0)])
    cut = outlines._cut(ring, (20, 30))
    assert {tuple(point) for point in cut.tolist()} == {(0, 0), (20, 0), (20, 30), (0, 30)}
    assert not len(outlines._cut(ring + 100, (20, 30)))
