from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt

import pytest

from vie_match.ranking.themes import ThemeIndex
from vie_match.records import Call, Profile

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


def test_the_cosine_weighs_each_theme_by_its_inverse_document_frequency(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [
        make_call("A", themes=["heat", "water"]),
        make_call("B", themes=["heat"]),
        make_call("C", themes=["heat", "energy"]),
        make_call("D"),
    ]
    heat, water, noise = log(5 / 4) + 1, log(5 / 2) + 1, log(5 / 1) + 1
    profile = make_profile(themes=["heat", "water", "noise"])
    length = sqrt(heat**2 + water**2 + noise**2)
    expected = [
        sqrt(heat**2 + water**2) / length,
        heat / length,
        heat**2 / length / sqrt(heat**2 + water**2),
        0,
    ]
    assert ThemeIndex(calls).scores(profile).tolist() == pytest.approx(expected, abs=1e-12)


def test_a_rare_theme_says_more_than_a_common_one(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [make_call("A", themes=["heat"]), make_call("B", themes=["water"])]
    calls += [make_call(f"C-{at}", themes=["heat"]) for at in range(5)]
    scores = ThemeIndex(calls).scores(make_profile(themes=["heat", "water"]))
    assert scores[1] > scores[0] > 0


@pytest.mark.parametrize(
    ("profile_themes", "call_themes"),
    [([], ["heat"]), (["heat"], []), ([], []), (["heat"], ["water"])],
)
def test_without_a_common_theme_the_score_is_zero(
    make_call: MakeCall, make_profile: MakeProfile, profile_themes: list[str], call_themes: list[str]
) -> None:
    index = ThemeIndex([make_call(themes=call_themes), make_call("Y")])
    assert index.scores(make_profile(themes=profile_themes)).tolist() == [0, 0]


def test_the_same_themes_score_one_in_any_order_and_ticked_twice(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    index = ThemeIndex([make_call(themes=["water", "heat", "water"])])
    assert index.scores(make_profile(themes=["heat", "water", "heat"])).tolist() == pytest.approx([1])
