"""Weights learnt from teams: they find why partners were chosen; what ships is whole; lists are mixed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.partners import model
from vie_match.partners.fitting import example, fit
from vie_match.partners.mixing import mixed
from vie_match.partners.model import EXCHANGE, FAMILIES, RESEARCH, Weights
from vie_match.partners.reasons import REASONS, SHIFTS
from vie_match.partners.records import Enquiry, Past, Town
from vie_match.partners.world import World
from vie_match.vocabulary import Programme

DAY = dt.date(2024, 1, 1)


@pytest.fixture(scope="module")
def world() -> World:
    """Pairs of neighbours all over a map, of like size, all with one project of another pair's town."""
    towns = []
    for at in range(60):
        place = 40 + at % 10, 2.0 * (at // 10)
        for side in (0, 1):
            towns.append(Town(f"{at}-{side}", f"T{at}", "DE", place[0] + 0.05 * side, place[1], 50_000))
    past = [
        Past(f"p{at}", dt.date(2020, 1, 1), "", (f"{at}-0", f"{(at + 7) % 60}-1"), f"{at}-0")
        for at in range(60)
    ]
    return World(towns, past)


def test_neighbours_are_learnt_from_neighbours(world: World) -> None:
    found = [
        example(world, Enquiry(DAY, "", f"{at}-0"), [f"{at}-1"], RESEARCH, seed=at) for at in range(0, 60, 2)
    ]
    examples = [one for one in found if one]
    assert len(examples) == 30
    weights = fit(examples)[RESEARCH]
    near = sum(weights.reasons[name] for name in ("near", "near, with projects"))
    assert near > 0.9
    # A lead the weights never saw gets its neighbour first.
    from vie_match.partners.reasons import distributions, shifts
    from vie_match.partners.signs import signs

    enquiry = Enquiry(DAY, "", "31-0")
    seen, team = signs(world, enquiry), [world.row["31-0"]]
    order = model.best(weights.scores(distributions(seen, team), shifts(seen)), team, 3)
    assert world.towns[order[0]].id == "31-1"


def test_families_are_drawn_to_what_holds_for_all(world: World) -> None:
    by_neighbour = [
        example(world, Enquiry(DAY, "", f"{at}-0"), [f"{at}-1"], RESEARCH, seed=at) for at in range(40)
    ]
    by_past = [
        example(world, Enquiry(DAY, "", f"{at}-0"), [f"{(at + 7) % 60}-1"], EXCHANGE, seed=at)
        for at in range(40)
    ]
    weights = fit([one for one in (*by_neighbour, *by_past) if one])
    assert weights[EXCHANGE].reasons["together before"] > weights[RESEARCH].reasons["together before"]
    assert weights[RESEARCH].reasons["near"] > weights[EXCHANGE].reasons["near"]


def test_too_little_history_or_no_partner_teaches_nothing(world: World) -> None:
    early = World(world.towns, world.projects[:10])
    assert example(early, Enquiry(DAY, "", "0-0"), ["0-1"], RESEARCH, seed=0) is None
    assert example(world, Enquiry(DAY, "", "0-0"), ["stranger"], RESEARCH, seed=0) is None


def test_an_example_stands_for_all_towns(world: World) -> None:
    found = example(world, Enquiry(DAY, "", "0-0"), ["0-1"], RESEARCH, seed=0)
    assert found
    assert np.exp(found.offsets).sum() == pytest.approx(len(world.towns) - 1)
    assert found.chosen.sum() == 1


def test_what_ships_is_whole() -> None:
    shipped = model.shipped()
    assert set(shipped) == set(FAMILIES)
    for weights in shipped.values():
        assert set(weights.reasons) <= set(REASONS)
        assert set(weights.shifts) == set(SHIFTS)
        assert sum(weights.reasons.values()) == pytest.approx(1, abs=0.01)
        assert 0 < weights.power < 2
    assert {model.family(one) for one in Programme} == set(FAMILIES)


def test_personal_weight_brings_forward_what_is_particular() -> None:
    weights = Weights({"inhabitants": 0.5, "near": 0.5}, {}, 1.0)
    spoken = np.zeros((3, len(REASONS)))
    spoken[:, REASONS.index("inhabitants")] = (0.8, 0.2, 0)
    spoken[:, REASONS.index("near")] = (0, 0.5, 0.5)
    shifted = np.zeros((3, len(SHIFTS)))
    assert model.best(weights.scores(spoken, shifted, 0), [], 3) == [0, 1, 2]
    assert model.best(weights.scores(spoken, shifted, 1), [], 3)[-1] == 0
    because = weights.because(spoken)
    assert because[2, REASONS.index("near")] == 1
    assert because[1, REASONS.index("near")] == pytest.approx(0.5 / 0.7)


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 10), st.integers(1, 60))
def test_newcomers_get_their_share_and_both_kinds_keep_their_order(
    new: list[bool], newcomers: int, count: int
) -> None:
    found = mixed(range(len(new)), new, newcomers, count)
    assert len(found) == min(count, len(new)) == len(set(found))
    for kind in (True, False):
        own = [one for one in found if new[one] is kind]
        assert own == sorted(own)
        # Nobody is passed over by one of its own kind.
        assert own == [at for at, one in enumerate(new) if one is kind][: len(own)]
    if sum(new) >= newcomers and len(new) - sum(new) >= 10 - newcomers and count >= 10:
        assert sum(new[one] for one in found[:10]) == newcomers
