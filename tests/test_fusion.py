"""Log-odds from features, and which weights belong to which encoder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.embedding.encoder import HashingEncoder
from vie_match.ranking import fusion
from vie_match.ranking.audience import Addressed, Audience, instruments
from vie_match.ranking.fusion import FEATURES, GENERAL, Fusion, audience_features, probability, shipped

WEIGHED, NOT_WEIGHED = (one.calls for one in instruments()[:2])
WEIGHTS = {
    "similarity": 8.0,
    "cities": 2.0,
    "local": 1.0,
    "others": -3.0,
    "participation": 0.5,
    WEIGHED: 0.25,
}
NUMBERS = st.floats(-50, 50)


def fitted(encoder: str = "an-encoder@1", **fields: object) -> Fusion:
    defaults: dict[str, object] = {
        "weights": WEIGHTS,
        "intercept": -4.0,
        "threshold": 0.5,
        "scales": dict.fromkeys(GENERAL, 1.0),
    }
    return Fusion(encoder=encoder, **defaults | fields)  # type: ignore[arg-type]


def of(audience: Audience, participation: float = 0.0, instrument: str = "") -> Addressed:
    return Addressed(audience, participation, "Because.", None, instrument)


# --- features and log-odds ---


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience.CITIES, {"cities": 1}),
        (Audience.LOCAL, {"local": 1}),
        (Audience.OTHERS, {"others": 1}),
        (Audience.UNKNOWN, {}),
    ],
)
def test_the_features_of_an_audience_stand_in_the_order_of_their_names(
    audience: Audience, expected: dict[str, float]
) -> None:
    assert GENERAL == ("similarity", "common", "cities", "local", "others", "participation")
    assert FEATURES[: len(GENERAL)] == GENERAL
    got = audience_features(of(audience, -1.5)).tolist()
    found = {name: value for name, value in zip(FEATURES[2:], got, strict=True) if value}
    assert found == expected | {"participation": -1.5}


def test_every_instrument_is_a_feature_of_its_own() -> None:
    assert len(set(FEATURES)) == len(FEATURES) == len(GENERAL) + 1 + len(instruments())
    for one in instruments():
        got = audience_features(of(Audience.UNKNOWN, instrument=one.calls)).tolist()
        assert [name for name, value in zip(FEATURES[2:], got, strict=True) if value] == [one.calls]
        assert sum(got) == 1


@given(
    weights=st.lists(st.sampled_from(FEATURES), unique=True).flatmap(
        lambda names: st.fixed_dictionaries(dict.fromkeys(names, NUMBERS))
    )
)
def test_weights_are_taken_by_name_and_what_has_none_weighs_nothing(weights: dict[str, float]) -> None:
    assert fitted(weights=weights).vector.tolist() == [weights.get(name, 0) for name in FEATURES]


@given(
    rows=st.lists(st.fixed_dictionaries(dict.fromkeys(WEIGHTS, NUMBERS)), min_size=1, max_size=4),
    start=NUMBERS,
)
def test_log_odds_are_the_intercept_and_weight_times_feature(
    rows: list[dict[str, float]], start: float
) -> None:
    features = np.array([[row.get(name, 1.0) for name in FEATURES] for row in rows])
    got = fitted(intercept=start).logits(features)
    expected = [start + sum(WEIGHTS[name] * row[name] for name in WEIGHTS) for row in rows]
    assert got.tolist() == pytest.approx(expected, abs=1e-9)


def test_log_odds_of_a_table_of_profiles_and_calls_keep_its_shape() -> None:
    features = np.random.default_rng(0).normal(size=(2, 3, len(FEATURES)))
    got = fitted().logits(features)
    assert got.shape == (2, 3)
    assert got[1].tolist() == pytest.approx(fitted().logits(features[1]).tolist())


@pytest.mark.parametrize(
    ("addressed", "expected"),
    [
        (of(Audience.CITIES), 2.0),
        (of(Audience.LOCAL), 1.0),
        (of(Audience.OTHERS), -3.0),
        (of(Audience.OTHERS, -2.0), -4.0),
        (of(Audience.UNKNOWN, 3.0), 1.5),
        (of(Audience.UNKNOWN), 0.0),
        (of(Audience.CITIES, instrument=WEIGHED), 2.25),
        (of(Audience.LOCAL, 4.0, NOT_WEIGHED), 3.0),
    ],
)
def test_an_unknown_audience_adds_nothing_and_the_others_their_weights(
    addressed: Addressed, expected: float
) -> None:
    got = fitted().audience(addressed)
    assert got == pytest.approx(expected)
    # Whatever the similarity and the intercept.
    features = np.array([[0.3, 0.0, *audience_features(addressed)]])
    assert fitted().logits(features)[0] == pytest.approx(8 * 0.3 - 4 + got)


# --- probabilities ---


@given(
    logits=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20),
)
def test_probabilities_lie_between_0_and_1_and_grow_with_the_log_odds(logits: list[float]) -> None:
    ordered = np.sort(np.array(logits))
    got = probability(ordered)
    assert got.shape == ordered.shape
    assert ((got >= 0) & (got <= 1)).all()
    assert (np.diff(got) >= 0).all()


@given(low=st.floats(-20, 20), step=st.floats(1e-3, 5))
def test_higher_log_odds_are_a_higher_probability(low: float, step: float) -> None:
    one, other = probability(np.array([low, low + step])).tolist()
    assert one < other
    assert one == pytest.approx(1 / (1 + math.exp(-low)), rel=1e-9)
    assert math.log(one / (1 - one)) == pytest.approx(low, abs=1e-5)


@given(logit=st.floats(-700, 700))
def test_a_fit_and_its_contrary_are_sure_together(logit: float) -> None:
    assert probability(np.array([logit, -logit])).sum() == pytest.approx(1)


# --- what is shipped ---


@pytest.fixture
def ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts fusions into the place of those that come with the package."""

    def put(*entries: Fusion) -> None:
        rows = [{name: getattr(one, name) for name in Fusion.__slots__} for one in entries]
        (tmp_path / "fusion.json").write_text(json.dumps(rows), encoding="utf-8")
        fusion._all.cache_clear()

    monkeypatch.setattr(fusion, "files", lambda package: tmp_path)
    yield put
    fusion._all.cache_clear()


def test_weights_belong_to_their_encoder(ship: Callable[..., None]) -> None:
    small, large = fitted("small@1"), fitted("large@2", intercept=1.0, threshold=0.25)
    ship(small, large)
    assert shipped("small@1") == small
    assert shipped("large@2") == large
    assert shipped("small@2") is None
    assert shipped("an-other") is None


def test_the_beginning_of_an_encoders_id_is_enough_but_no_other_part_of_it(ship: Callable[..., None]) -> None:
    ship(fitted("small@"))
    assert shipped("small@a1b2c3") == fitted("small@")
    assert shipped("very-small@a1b2c3") is None
    assert shipped("small") is None


def test_without_any_shipped_weights_there_are_none(ship: Callable[..., None]) -> None:
    ship()
    assert shipped("small@1") is None


def test_no_weights_are_shipped_for_the_encoder_of_the_tests() -> None:
    assert shipped(HashingEncoder().id) is None


def test_what_is_shipped_is_whole_and_plausible() -> None:
    entries = fusion._all()
    assert entries
    for one in entries:
        assert one.encoder
        # A weight of an instrument that is no longer in the list would silently count for nothing.
        assert set(one.weights) <= set(FEATURES)
        assert set(one.scales) == {*GENERAL, fusion.MEMORY}
        assert all(math.isfinite(value) for value in [*one.weights.values(), one.intercept])
        assert all(value > 0 for value in one.scales.values())
        assert 0 < one.threshold < 1
        # More alike is better, and cities are better served by calls for cities than by those for others.
        assert one.weights["similarity"] > 0
        assert one.weights["cities"] > one.weights.get("others", 0.0)
        # The first entry that fits is used: none may stand in another's way.
        assert [other for other in entries if other.encoder.startswith(one.encoder)] == [one]
