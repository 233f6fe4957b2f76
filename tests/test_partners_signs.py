"""What speaks for a town: counted from what was before the enquiry, and from nothing else."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.partners import model
from vie_match.partners.reasons import REASONS, SHIFTS, distributions, shifts
from vie_match.partners.records import Enquiry, Membership, Past, Town
from vie_match.partners.signs import FAR_KM, Signs, signs
from vie_match.partners.texts import likeness, words
from vie_match.partners.world import World

TODAY = dt.date(2020, 6, 1)
TOWNS = [
    Town("lead", "Lead", "DE", 51.0, 7.0, 200_000, (Membership("Shade", 2010),)),
    Town("near", "Near", "DE", 51.1, 7.1, 20_000),
    Town("twin", "Twin", "FR", 48.0, 2.0, 210_000, (Membership("Shade", 2015), Membership("Old"))),
    Town("late", "Late", "IT", 45.0, 9.0, 900_000, (Membership("Shade", 2020),), mission=True),
    Town("lost", "Lost", "IT"),
]
PAST = [
    Past("heat", dt.date(2019, 1, 1), "shade for hot streets", ("lead", "twin"), "lead"),
    Past("bikes", dt.date(2017, 6, 1), "cargo bikes for deliveries", ("twin", "late")),
]
ENQUIRY = Enquiry(TODAY, "trees and shade in hot streets", "lead")


def seen(projects: list[Past] = PAST, enquiry: Enquiry = ENQUIRY) -> Signs:
    return signs(World(TOWNS, projects), enquiry)


def values(found: Signs) -> list[np.ndarray]:
    return [np.asarray(getattr(found, field.name)) for field in fields(found)]


def test_counts_and_similarity() -> None:
    found = seen()
    assert found.count.tolist() == [1, 0, 2, 1, 0]
    assert found.together.tolist() == [0.5, 0, 0.5, 0, 0]
    assert found.few[2] == pytest.approx(1)
    assert found.few[3] == 0
    assert found.likest[2] > 0
    # A project of almost three years ago counts a little more than half.
    assert found.recent[3] == pytest.approx(0.5**1, abs=0.01)


def test_a_tie_shows_who_knows_whom_and_nothing_of_experience() -> None:
    world, tied = World(TOWNS, PAST), World(TOWNS, PAST, [("lead", "late"), ("late", "lead")])
    without, found = signs(world, ENQUIRY), signs(tied, ENQUIRY)
    about_ties = {"together", "with_given", "walk"}
    for field in fields(Signs):
        if field.name not in about_ties:
            np.testing.assert_array_equal(getattr(found, field.name), getattr(without, field.name))
    assert found.together.tolist() == [1, 0, 0.5, 0.5, 0]
    assert found.walk[3] > without.walk[3] > 0


def test_the_walk_reaches_partners_of_partners_and_never_the_team() -> None:
    found = seen()
    assert found.walk[2] > found.walk[3] > 0
    assert found.walk[[0, 1, 4]].tolist() == [0, 0, 0]


def test_places() -> None:
    found = seen()
    assert found.km[1] == pytest.approx(13, abs=1)
    assert found.km[4] == FAR_KM
    assert found.same.tolist() == [1, 1, 0, 0, 0]
    assert found.rank.tolist() == [1, 2, 1, 1, 2]


def test_networks_count_only_when_they_were_joined_in_an_earlier_year() -> None:
    assert seen().shared[2] > 0
    assert seen().shared[3] == 0
    # Undated memberships were collected in 2019: they say nothing of that year and before.
    early = seen(enquiry=replace(ENQUIRY, date=dt.date(2019, 12, 31)))
    assert early.networks[2] < seen().networks[2]


def test_mission_cities_exist_from_their_day() -> None:
    assert seen().mission.tolist() == [0] * 5
    assert seen(enquiry=replace(ENQUIRY, date=dt.date(2022, 4, 29))).mission.tolist() == [0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("topic", "text", "climate"),
    [
        ("HORIZON-MISS-2024-CIT-01-02", "Freight", 1),
        ("HORIZON-MISS-2023-CLIMA-CITIES-01-01", "Greening", 0),
        (None, "Towards climate-neutral cities", 1),
        ("HORIZON-CL5-2024-D6-01-07", "Freight", 0),
    ],
)
def test_what_is_about_climate_neutral_cities(topic: str | None, text: str, climate: float) -> None:
    assert seen(enquiry=replace(ENQUIRY, topic=topic, text=text)).climate == climate


def test_an_unknown_lead_and_no_history_are_no_error() -> None:
    found = seen([], Enquiry(TODAY, "", "nobody", ("nobody too",)))
    assert all(np.isfinite(one).all() for one in values(found))
    assert found.km.tolist() == [FAR_KM] * 5


def test_words_are_weighed_by_earlier_texts_only() -> None:
    early = words(["shade for streets"])
    assert likeness(words(["shade"]), early).tolist() == likeness(words(["shade"]), early).tolist()
    assert likeness(words([""]), early).tolist() == [0]
    assert likeness(words(["shade"]), words([])).tolist() == []


def project(draw: st.DrawFn, at: int, days: st.SearchStrategy[dt.date]) -> Past:
    towns = draw(st.lists(st.sampled_from([town.id for town in TOWNS]), min_size=1, max_size=4))
    text = draw(st.sampled_from(["shade and trees", "cargo bikes", "", "climate neutral streets"]))
    return Past(f"p{at}", draw(days), text, tuple(towns), towns[0])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Past], list[Past]]:
    past = st.dates(dt.date(2000, 1, 1), TODAY - dt.timedelta(days=1))
    future = st.dates(TODAY, dt.date(2030, 1, 1))
    return (
        [project(draw, at, past) for at in range(draw(st.integers(0, 6)))],
        [project(draw, 100 + at, future) for at in range(draw(st.integers(0, 6)))],
    )


@given(histories(), st.randoms())
def test_later_projects_change_nothing_however_they_are_shuffled(
    both: tuple[list[Past], list[Past]], order: random.Random
) -> None:
    past, future = both
    plain = values(seen(past))
    mixed = [*past, *future]
    order.shuffle(mixed)
    for one, other in zip(plain, values(seen(mixed)), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-12)


@given(histories())
def test_removing_the_queried_project_changes_nothing(both: tuple[list[Past], list[Past]]) -> None:
    past, future = both
    own = Past("own", TODAY, ENQUIRY.text, ("lead", "near"), "lead")
    with_own, without = values(seen([*past, own, *future])), values(seen([*past, *future]))
    for one, other in zip(with_own, without, strict=True):
        np.testing.assert_array_equal(one, other)


@given(histories(), st.lists(st.sampled_from(["near", "twin", "late"]), max_size=2, unique=True))
def test_reasons_are_distributions_without_the_team(
    both: tuple[list[Past], list[Past]], chosen: list[str]
) -> None:
    world = World(TOWNS, both[0])
    enquiry = replace(ENQUIRY, given=tuple(chosen))
    found = signs(world, enquiry)
    team = [world.row[one] for one in enquiry.team]
    spoken = distributions(found, team)
    assert spoken.shape == (5, len(REASONS))
    assert (spoken >= 0).all()
    assert (spoken[team] == 0).all()
    sums = spoken.sum(axis=0)
    assert np.all(np.isclose(sums, 1) | (sums == 0))
    assert np.isfinite(shifts(found)).all()
    assert shifts(found).shape == (5, len(SHIFTS))
    for weights in model.shipped().values():
        shares = weights.because(spoken).sum(axis=1)
        assert np.all(np.isclose(shares, 1) | (shares == 0))
        order = model.best(weights.scores(spoken, shifts(found)), team, 5)
        assert len(order) == 5 - len(team)
        assert not set(order) & set(team)
