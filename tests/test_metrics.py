from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.evaluation.benchmark import Judgement
from vie_match.evaluation.metrics import by_language, difference, figure, judged_profiles, per_profile

CALLS = [f"C-{at}" for at in range(30)]

Grades = dict[str, int]


def gain(grade: int) -> float:
    return 2**grade - 1


def discounted(grades: list[int]) -> float:
    return sum(gain(grade) / log2(position + 2) for position, grade in enumerate(grades[:10]))


def plain(order: list[str], grades: Grades) -> dict[str, float]:
    """The measures by their textbook formulas."""
    found = [grades.get(call, 0) for call in order]
    relevant = [grade >= 2 for grade in found]
    shown = order[:10]
    return {
        "nDCG@10": discounted(found) / discounted(sorted(grades.values(), reverse=True)),
        "P@5": sum(relevant[:5]) / 5,
        "R@20": sum(relevant[:20]) / sum(grade >= 2 for grade in grades.values()),
        "MRR": 1 / (1 + relevant.index(True)) if True in relevant else 0.0,
        "useful@5": sum(grade >= 1 for grade in found[:5]) / 5,
        "judged@10": sum(call in grades for call in shown) / len(shown) if shown else 0.0,
    }


def ranking_of(order: list[str], step: float = 0.25) -> list[tuple[str, float]]:
    return [(call, 3 - step * position) for position, call in enumerate(order)]


ORDERS = st.tuples(st.permutations(CALLS), st.integers(0, 30)).map(lambda drawn: list(drawn[0][: drawn[1]]))
GRADES = st.dictionaries(st.sampled_from([*CALLS, "C-90", "C-91"]), st.integers(0, 3), max_size=25)


@settings(max_examples=100, deadline=None)
@given(
    data=st.dictionaries(st.sampled_from(["a", "b", "c-1"]), st.tuples(ORDERS, GRADES), min_size=1),
    step=st.sampled_from([0.25, 0.0]),
)
def test_the_measures_are_those_of_the_textbook(
    data: dict[str, tuple[list[str], Grades]], step: float
) -> None:
    rankings = {profile: ranking_of(order, step) for profile, (order, _) in data.items()}
    judgements = [
        Judgement(profile, call, grade)
        for profile, (_, grades) in data.items()
        for call, grade in grades.items()
    ]
    expected = {
        profile: plain(order, grades)
        for profile, (order, grades) in data.items()
        if max(grades.values(), default=0) >= 2
    }
    got = per_profile(rankings, judgements)
    assert got.keys() == {"nDCG@10", "P@5", "R@20", "MRR", "useful@5", "judged@10"}
    for measure, values in got.items():
        assert values == {
            profile: pytest.approx(row[measure], abs=1e-9) for profile, row in expected.items()
        }, measure


def test_the_gain_of_a_grade_is_a_power_of_two_less_one() -> None:
    judgements = [Judgement("a", "x", 3), Judgement("a", "y", 1)]
    got = per_profile({"a": ranking_of(["y", "x"])}, judgements)["nDCG@10"]["a"]
    assert got == pytest.approx((1 + 7 / log2(3)) / (7 + 1 / log2(3)))


def test_the_order_of_a_ranking_counts_and_not_its_scores() -> None:
    judgements = [Judgement("a", "z", 2), Judgement("a", "b", 0)]
    tied = [("z", 1.0), ("b", 1.0)]
    assert per_profile({"a": tied}, judgements)["MRR"] == {"a": 1.0}
    assert per_profile({"a": tied[::-1]}, judgements)["MRR"] == {"a": 0.5}


def test_a_missing_or_empty_ranking_counts_as_zero() -> None:
    judgements = [Judgement(profile, "x", 3) for profile in ("a", "b", "c")]
    got = per_profile({"a": [("x", 1.0)], "b": []}, judgements)
    for measure in got.values():
        assert measure["b"] == measure["c"] == 0
    assert got["nDCG@10"]["a"] == got["MRR"]["a"] == 1
    assert per_profile({}, judgements)["MRR"] == {"a": 0, "b": 0, "c": 0}


def test_profiles_without_a_relevant_call_are_not_counted() -> None:
    judgements = [Judgement("a", "x", 2), Judgement("b", "x", 1), Judgement("c", "x", 0)]
    rankings = {profile: [("x", 1.0)] for profile in ("a", "b", "c", "d")}
    assert judged_profiles(judgements) == {"a"}
    assert {measure: set(values) for measure, values in per_profile(rankings, judgements).items()} == {
        name: {"a"} for name in ("nDCG@10", "P@5", "R@20", "MRR", "useful@5", "judged@10")
    }


def test_a_figure_is_the_same_on_every_run() -> None:
    values = np.random.default_rng(3).random(40).tolist()
    first = figure(values)
    np.random.default_rng(9).random(1000)
    assert figure(values) == first
    assert first.low < first.mean < first.high
    assert first.mean == pytest.approx(sum(values) / 40)


def test_the_interval_is_as_wide_as_theory_says() -> None:
    # 400 coin tosses: a standard error of 0.025.
    got = figure([0.0, 1.0] * 200)
    assert got.mean == 0.5
    assert got.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.005)
    assert got.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.005)


def test_one_profile_has_no_width() -> None:
    got = figure([0.25])
    assert (got.mean, got.low, got.high) == (0.25, 0.25, 0.25)


@settings(max_examples=15, deadline=None)
@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_lies_within_the_values_and_around_the_mean(values: list[float]) -> None:
    got = figure(values)
    tiny = 1e-9
    assert min(values) - tiny <= got.low <= got.high <= max(values) + tiny
    assert got.low - tiny <= got.mean <= got.high + tiny


def test_a_difference_is_paired_by_profile() -> None:
    theirs = {f"p-{at}": at / 50 for at in range(50)}
    ours = {profile: theirs[profile] + 0.01 for profile in reversed(theirs)}
    got = difference(ours, theirs)
    assert (got.mean, got.low, got.high) == pytest.approx((0.01, 0.01, 0.01))
    assert difference(ours, theirs) == got
    back = difference(theirs, ours)
    assert back.mean == pytest.approx(-0.01)


def test_a_difference_that_chance_explains_has_zero_inside() -> None:
    random = np.random.default_rng(5)
    ours = dict(enumerate(random.random(60)))
    theirs = dict(enumerate(random.random(60)))
    got = difference(ours, theirs)
    assert got.low < 0 < got.high


def test_languages_stand_by_their_number_of_profiles() -> None:
    values = {"a": 0.5, "b": 1.0, "c": 0.2, "d": 0.0, "e": 0.4}
    languages = {"a": "fr", "b": "de", "c": "de", "d": "el", "e": "fr", "f": "pl"}
    got = by_language(values, languages)
    assert list(got.items()) == [
        ("de", (2, pytest.approx(0.6))),
        ("fr", (2, pytest.approx(0.45))),
        ("el", (1, 0.0)),
    ]
