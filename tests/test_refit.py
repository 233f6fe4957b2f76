"""Weights fitted anew to judgements: the fit, the comparison, the file, and what the pipeline makes of it."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics import log_loss
from sklearn.model_selection import LeaveOneGroupOut

from vie_match import pipeline
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadFile
from vie_match.feedback import Feedback, keep
from vie_match.fingerprints import fingerprint
from vie_match.history import KnownCall
from vie_match.ranking import fusion as fusions
from vie_match.ranking import learnt, learnt_wording
from vie_match.ranking.fusion import FEATURES, GENERAL, Fusion, probability
from vie_match.ranking.learnt import Learnt, Outcome
from vie_match.ranking.matcher import Matcher
from vie_match.ranking.refit import (
    FOLDS,
    LEAST,
    Floats,
    Judged,
    compare,
    folds,
    lacking,
    losses,
    refit,
)
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.reports.digest import Digest
from vie_match.settings import Settings
from vie_match.sources.files import save_file

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

DAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)
ENCODER = HashingEncoder()
# One of the instruments that have a feature of their own.
INSTRUMENT = FEATURES[-1]
SHIPPED = Fusion(
    encoder="hashing",
    weights={**dict(zip(GENERAL, (8.0, -1.0, 0.6, 0.3, -0.8, 0.2), strict=True)), INSTRUMENT: 1.5},
    intercept=-1.0,
    threshold=0.4,
    scales=dict(zip(GENERAL, (0.1, 0.04, 0.3, 0.4, 0.5, 1.5), strict=True)),
)


def drawn(seed: int, taste: Fusion = SHIPPED, profiles: int = 6, each: int = 10) -> Judged:
    """Draw pairs as a fusion has them, judged as often good as another says."""
    pick = np.random.default_rng(seed)
    n = profiles * each
    kinds = np.eye(4)[pick.integers(0, 4, n)][:, :3]
    features = np.zeros((n, len(FEATURES)))
    common = np.repeat(pick.normal(0.05, 0.04, profiles), each)
    features[:, : len(GENERAL)] = np.column_stack(
        [pick.normal(0.15, 0.1, n), common, kinds, pick.normal(0, 1.5, n)]
    )
    features[:, -1] = pick.random(n) < 0.2
    targets = (pick.random(n) < probability(taste.logits(features))).astype(float)
    return Judged(features, targets, np.repeat([f"p{number}" for number in range(profiles)], each))


def general(fusion: Fusion) -> Floats:
    return np.array([fusion.weights[name] for name in GENERAL])


def objective(fusion: Fusion, judged: Judged, prior: tuple[float, float]) -> float:
    """Return what the fit minimises, written from the weights instead of the steps."""
    chances = np.clip(probability(fusion.logits(judged.features)), 1e-300, 1)
    others = np.clip(probability(-fusion.logits(judged.features)), 1e-300, 1)
    loss = -(judged.targets * np.log(chances) + (1 - judged.targets) * np.log(others)).sum()
    steps = general(fusion) - general(SHIPPED)
    to_all = fusion.intercept - SHIPPED.intercept + steps @ judged.features.mean(axis=0)[: len(GENERAL)]
    scaled = steps * np.array(list(SHIPPED.scales.values()))
    return float(loss + to_all**2 / (2 * prior[0] ** 2) + scaled @ scaled / (2 * prior[1] ** 2))


def moved(fusion: Fusion, by: Floats) -> Fusion:
    weights = dict(zip(GENERAL, (general(fusion) + by[1:]).tolist(), strict=True))
    return replace(fusion, weights={**fusion.weights, **weights}, intercept=fusion.intercept + float(by[0]))


# --- the fit ---


@pytest.mark.parametrize("prior", [(1.0, 0.1), (0.3, 2.0)])
@pytest.mark.parametrize("seed", range(3))
def test_the_fit_is_the_minimum_of_loss_and_prior(seed: int, prior: tuple[float, float]) -> None:
    judged = drawn(seed)
    found = refit(SHIPPED, judged, prior)
    # An optimiser of another kind, without gradients, started elsewhere.
    other = minimize(
        lambda by: objective(moved(SHIPPED, by), judged, prior),
        np.full(7, 0.1),
        method="Powell",
        options={"xtol": 1e-9, "ftol": 1e-13},
    )
    assert objective(found, judged, prior) <= other.fun + 1e-6
    np.testing.assert_allclose(
        found.logits(judged.features), moved(SHIPPED, other.x).logits(judged.features), atol=0.01
    )


def test_only_general_weights_and_the_intercept_change() -> None:
    found = refit(SHIPPED, drawn(0))
    assert found != SHIPPED
    assert replace(found, weights=SHIPPED.weights, intercept=SHIPPED.intercept) == SHIPPED
    assert found.weights[INSTRUMENT] == SHIPPED.weights[INSTRUMENT]
    assert all(found.weights[name] != SHIPPED.weights[name] for name in GENERAL)


def test_a_strict_prior_keeps_the_shipped_weights_and_a_loose_one_follows_the_judgements() -> None:
    judged = drawn(1, moved(SHIPPED, np.array([0, -8.0, 0, 0, 0, 0, 1.0])), profiles=40, each=50)
    strict, loose = refit(SHIPPED, judged, (1e-6, 1e-6)), refit(SHIPPED, judged, (100.0, 100.0))
    np.testing.assert_allclose(strict.vector, SHIPPED.vector, atol=1e-6)
    assert loose.weights["similarity"] == pytest.approx(0, abs=2)
    assert loose.weights["participation"] == pytest.approx(1.2, abs=0.3)


def test_maybe_pulls_the_probability_to_one_half() -> None:
    judged = drawn(2)
    halves = replace(judged, targets=np.full(len(judged), 0.5))
    judged.features[:, -1] = 0
    found = refit(SHIPPED, halves, (100.0, 100.0))
    np.testing.assert_allclose(probability(found.logits(judged.features)), 0.5, atol=0.01)


@given(st.lists(st.floats(0.01, 100), min_size=6, max_size=6), st.integers(0, 50))
@settings(deadline=None, max_examples=25)
def test_units_of_the_features_do_not_matter(units: list[float], seed: int) -> None:
    judged, factor = drawn(seed), np.array(units)
    other = replace(
        SHIPPED,
        weights={**SHIPPED.weights, **dict(zip(GENERAL, (general(SHIPPED) / factor).tolist(), strict=True))},
        scales={name: SHIPPED.scales[name] * unit for name, unit in zip(GENERAL, units, strict=True)},
    )
    by = np.ones(len(FEATURES))
    by[: len(GENERAL)] = factor
    changed = replace(judged, features=judged.features * by)
    np.testing.assert_allclose(
        refit(SHIPPED, judged).logits(judged.features),
        refit(other, changed).logits(changed.features),
        atol=1e-4,
    )


def test_a_feature_that_never_varied_keeps_its_weight() -> None:
    flat = replace(SHIPPED, scales={**SHIPPED.scales, "local": 0.0})
    found = refit(flat, drawn(3), (1.0, 1.0))
    assert found.weights["local"] == SHIPPED.weights["local"]
    assert found.weights["others"] != SHIPPED.weights["others"]


def test_losses_are_those_of_scikit_learn() -> None:
    judged = drawn(4)
    logits = SHIPPED.logits(judged.features)
    assert losses(logits, judged.targets).mean() == pytest.approx(
        log_loss(judged.targets, probability(logits))
    )


# --- the comparison ---


def test_each_profile_is_ranked_by_weights_fitted_to_the_others() -> None:
    judged = drawn(5)
    expected = np.empty(len(judged))
    for train, test in LeaveOneGroupOut().split(judged.features, groups=judged.profiles):
        rows = np.isin(np.arange(len(judged)), train)
        expected[test] = refit(SHIPPED, judged.where(rows)).logits(judged.features[test])
    found = compare(SHIPPED, judged)
    assert found.learnt == pytest.approx(losses(expected, judged.targets).mean(), abs=1e-9)
    assert found.shipped == pytest.approx(losses(SHIPPED.logits(judged.features), judged.targets).mean())


def test_the_error_is_that_of_the_profiles_means_when_all_have_as_many_judgements() -> None:
    judged = drawn(6, profiles=8, each=7)
    found = compare(SHIPPED, judged)
    gains = np.empty(8)
    for number in range(8):
        own = judged.profiles == f"p{number}"
        other = refit(SHIPPED, judged.where(~own)).logits(judged.features[own])
        before = losses(SHIPPED.logits(judged.features[own]), judged.targets[own])
        gains[number] = (before - losses(other, judged.targets[own])).mean()
    assert found.error == pytest.approx(gains.std(ddof=1) / 8**0.5)


@given(st.lists(st.sampled_from("abcdefghijklmnopq"), min_size=1, max_size=200))
def test_folds_hold_each_profile_once_and_are_of_about_the_same_size(profiles: list[str]) -> None:
    found = folds(profiles)
    assert sorted(name for fold in found for name in fold) == sorted(set(profiles))
    assert len(found) == min(FOLDS, len(set(profiles)))
    counts = Counter(profiles)
    sizes = [sum(counts[name] for name in fold) for fold in found]
    assert max(sizes) - min(sizes) <= max(counts.values())


def test_weights_of_another_taste_are_learnt_and_the_right_ones_are_mostly_kept() -> None:
    timid = replace(SHIPPED, intercept=SHIPPED.intercept + 2)
    wrong = [compare(timid, drawn(seed)).is_better for seed in range(30)]
    right = [compare(SHIPPED, drawn(seed)).is_better for seed in range(100)]
    assert sum(wrong) >= 27
    # One standard error lets one in six pass at most; what is learnt from noise is worse than nothing.
    assert sum(right) <= 16


@pytest.mark.parametrize(
    ("good", "bad", "profiles", "wanted"),
    [
        (10, LEAST - 11, 5, "found 19 judgements"),
        (2, 30, 5, "found 2 that speak for a call and 30 against"),
        (30, 2, 5, "found 30 that speak for a call and 2 against"),
        (10, 10, 2, "judgements of 2 profiles"),
        (10, 10, 3, ""),
        (3, 17, 3, ""),
    ],
)
def test_what_is_lacking_is_told(good: int, bad: int, profiles: int, wanted: str) -> None:
    targets = np.array([1.0] * good + [0.0] * bad)
    told = lacking(targets, [f"p{number % profiles}" for number in range(len(targets))])
    assert told.startswith(wanted) if not wanted else wanted in told


# --- from feedback to weights ---


@pytest.fixture
def calls(make_call: MakeCall) -> list[Call]:
    words = ("Trees", "Trams", "Museums", "Schools", "Rivers", "Roofs", "Parks", "Data")
    return [make_call(f"X-{word}", title=word, text=f"{word} for towns.") for word in words]


@pytest.fixture
def profiles(make_profile: MakeProfile) -> list[Profile]:
    return [make_profile(f"town-{number}", text=f"Shade {number}.") for number in range(4)]


def known(calls: list[Call]) -> list[KnownCall]:
    return [KnownCall(call, {}, (), NOON, frozenset({call.identifier.casefold()})) for call in calls]


def said(profiles: list[Profile], calls: list[Call], **fields: Any) -> list[Feedback]:
    """Return a judgement of every pair: good for every second call."""
    return [
        Feedback.model_validate(
            {
                "profile": profile.id,
                "call": call.identifier,
                "verdict": "bad" if number % 2 else "good",
                "fingerprint": fingerprint(call),
            }
            | fields
        )
        for profile in profiles
        for number, call in enumerate(calls)
    ]


# As if every call were good: what people said is plainly something else.
SURE = replace(SHIPPED, weights={**SHIPPED.weights, "similarity": 1.0}, intercept=4.0)


def learn(
    entries: list[Feedback], profiles: list[Profile], calls: list[Call], shipped: Fusion | None = SURE
) -> Outcome:
    return learnt.learn(entries, profiles, known(calls), ENCODER, shipped, word_weight=0.4, day=DAY)


def test_weights_that_are_better_are_learnt(profiles: list[Profile], calls: list[Call]) -> None:
    outcome = learn(said(profiles, calls), profiles, calls)
    assert (outcome.used, outcome.profiles, outcome.unused, outcome.lack) == (32, 4, {}, "")
    assert outcome.comparison is not None
    assert outcome.learnt is not None
    assert outcome.comparison.learnt < outcome.comparison.shipped
    assert outcome.learnt.learnt.intercept < outcome.learnt.shipped.intercept == 4.0
    assert (outcome.learnt.encoder, outcome.learnt.judgements) == (ENCODER.id, 32)


def test_the_weights_learnt_are_those_of_the_pairs_judged(profiles: list[Profile], calls: list[Call]) -> None:
    entries = said(profiles, calls)[::-1]
    features = Matcher(ENCODER).fit(calls).features(profiles)
    rows, columns = [one.id for one in profiles], [one.identifier for one in calls]
    judged = Judged(
        np.array([features[rows.index(one.profile), columns.index(one.call)] for one in entries]),
        np.array([1.0 if one.verdict == "good" else 0.0 for one in entries]),
        np.array([one.profile for one in entries]),
    )
    outcome = learn(entries, profiles, calls)
    assert outcome.learnt is not None
    expected = refit(SURE, judged)
    assert outcome.learnt.learnt.weights == pytest.approx(dict(expected.weights))
    assert outcome.learnt.learnt.intercept == pytest.approx(expected.intercept)


def test_weights_that_are_not_better_are_not_learnt(profiles: list[Profile], calls: list[Call]) -> None:
    even = replace(SURE, weights=dict.fromkeys(FEATURES, 0.0), intercept=0.0)
    # What one profile's people call good the next one's call bad: nothing holds for both.
    entries = [*said(profiles[::2], calls), *said(profiles[1::2], [*calls[1:], calls[0]])]
    outcome = learn(entries, profiles, calls, even)
    assert outcome.used == 32
    assert outcome.comparison is not None
    assert outcome.learnt is None


def test_what_says_nothing_about_the_topic_is_not_used_and_told(
    profiles: list[Profile], calls: list[Call], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    rewritten = make_call("X-Trees", text="Something else altogether.")
    entries = [
        *(entry for entry in said(profiles, calls) if entry.call not in ("X-Trees", "X-Roofs")),
        *said(profiles, [rewritten]),
        *(
            Feedback(profile="town-0", call="X-Roofs", verdict="bad", why=why)
            for why in ("too-late", "no-cofunding", "not-eligible")
        ),
        *said([make_profile("elsewhere")], calls[:2]),
        *said(profiles[:1], [make_call("X-Gone")]),
    ]
    outcome = learn(entries, profiles, calls)
    assert outcome.used == 24
    assert outcome.unused == {
        "bad for a reason that is not the topic": 3,
        "of a profile that is not in the folder": 2,
        "of a call that is not known any more": 1,
        "of a call whose description has been rewritten": 4,
    }


def test_nothing_is_embedded_when_there_is_too_little(profiles: list[Profile], calls: list[Call]) -> None:
    class Untouched(HashingEncoder):
        def encode(self, texts: object) -> Any:
            raise AssertionError(texts)

    outcome = learnt.learn(
        said(profiles, calls)[:19], profiles, known(calls), Untouched(), SURE, word_weight=0.4, day=DAY
    )
    assert "found 19 judgements" in outcome.lack
    assert outcome.comparison is None


def test_an_encoder_without_weights_has_nothing_to_learn(profiles: list[Profile], calls: list[Call]) -> None:
    outcome = learn(said(profiles, calls), profiles, calls, None)
    assert "for which no weights are shipped" in outcome.lack


def test_the_hash_is_of_the_judgements_not_of_their_order(profiles: list[Profile], calls: list[Call]) -> None:
    entries = said(profiles, calls)
    assert learnt.hashed(entries) == learnt.hashed(entries[::-1])
    assert learnt.hashed(entries) != learnt.hashed(entries[1:])
    assert learnt.hashed(entries) != learnt.hashed(said(profiles, calls, verdict="maybe"))


# --- the file ---


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vie-match-learnt.json"


@pytest.fixture
def adopted(profiles: list[Profile], calls: list[Call]) -> Learnt:
    outcome = learn(said(profiles, calls), profiles, calls)
    assert outcome.learnt is not None
    return outcome.learnt


def test_what_is_written_is_recalled(path: Path, adopted: Learnt) -> None:
    learnt.write(path, adopted)
    assert learnt.read(path) == adopted
    fusion, notice = learnt.recall(path, ENCODER.id, SURE)
    assert notice == ""
    assert fusion == replace(SURE, weights=adopted.learnt.weights, intercept=adopted.learnt.intercept)


def test_without_a_file_the_shipped_weights_count_and_nothing_is_told(path: Path) -> None:
    assert learnt.recall(path, ENCODER.id, SURE) == (None, "")


def test_a_file_of_another_encoder_or_other_shipped_weights_does_not_count(
    path: Path, adopted: Learnt
) -> None:
    learnt.write(path, adopted)
    for encoder, shipped, wanted in (
        ("other@1", SURE, f"learnt with the encoder {ENCODER.id}, not other@1"),
        (ENCODER.id, SHIPPED, "from other weights than are shipped now"),
        (ENCODER.id, None, "from other weights than are shipped now"),
    ):
        fusion, notice = learnt.recall(path, encoder, shipped)
        assert fusion is None
        assert wanted in notice
        assert "the shipped weights count" in notice


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "\xff",
        lambda text: text.replace('"similarity"', '"likeness"', 1),
        lambda text: json.dumps(json.loads(text) | {"learnt": {"weights": {}}}),
        lambda text: json.dumps(json.loads(text) | {"scales": [1, 2]}),
        lambda text: json.dumps(json.loads(text) | {"encoder": 5}),
        lambda text: json.dumps(json.loads(text) | {"standard_error": float("nan")}),
        lambda text: "[" * 100_000,
    ],
    ids=["empty", "half", "list", "encoding", "feature", "weights", "scales", "encoder", "nan", "deep"],
)
def test_a_broken_file_is_a_notice(path: Path, adopted: Learnt, change: Callable[[str], str]) -> None:
    learnt.write(path, adopted)
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode("latin-1"))
    fusion, notice = learnt.recall(path, ENCODER.id, SURE)
    assert fusion is None
    assert str(path) in notice
    assert "the shipped weights count" in notice
    with pytest.raises(BadFile):
        learnt.read(path)


def test_a_folder_in_its_place_is_a_notice(tmp_path: Path) -> None:
    assert "the shipped weights count" in learnt.recall(tmp_path, ENCODER.id, SURE)[1]


def test_what_is_better_is_written_and_withdrawn_once_it_no_longer_is(path: Path, adopted: Learnt) -> None:
    better = Outcome(32, 4, {}, learnt=adopted)
    worse = Outcome(32, 4, {})
    assert learnt.settle(path, better, ENCODER.id).startswith("adopted: ")
    assert learnt.read(path) == adopted
    assert "stays as it is" in learnt.settle(path, Outcome(5, 1, {}, "too few"), ENCODER.id)
    assert "withdrawn" not in learnt.settle(path, worse, "other@1")
    assert path.exists()
    assert "withdrawn" in learnt.settle(path, worse, ENCODER.id)
    assert not path.exists()
    assert "withdrawn" not in learnt.settle(path, worse, ENCODER.id)


def test_what_was_learnt_can_be_forgotten(path: Path, adopted: Learnt) -> None:
    learnt.write(path, adopted)
    assert learnt.forget(path)
    assert not learnt.forget(path)
    assert learnt.recall(path, ENCODER.id, SURE) == (None, "")


def test_it_is_told_in_words(adopted: Learnt) -> None:
    weights = dict(adopted.shipped.weights)
    other = {**weights, "cities": weights["cities"] + 1, "others": weights["others"] - 1}
    one = adopted.model_copy(update={"learnt": adopted.learnt.model_copy(update={"weights": other})})
    told = {sign: (before, after, meaning) for sign, before, after, meaning in learnt_wording.signs(one)}
    assert len(told) == len(GENERAL)
    # 0.3 is the scale: exp(0.3) = 1.35.
    before, after, meaning = told["that the call is for municipalities"]
    assert (before, after) == pytest.approx((0.18, 0.48))
    assert meaning == "speaks more for a call: odds × 1.35"
    assert told["that the call is for others"][2] == "speaks less for a call: odds × 0.61"
    assert told["that project and call are alike"][2] == "as before"


# --- in the week's run ---


@pytest.fixture
def office(
    tmp_path: Path, profiles: list[Profile], calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr(fusions, "_all", lambda: (SURE,))
    for folder, records in (("profiles", profiles), ("calls", calls)):
        (tmp_path / folder).mkdir()
        for number, record in enumerate(records):
            save_file(record, tmp_path / folder / f"{number}.md")
    return Settings(
        profiles=tmp_path / "profiles",
        calls=tmp_path / "calls",
        reports=tmp_path / "reports",
        store=tmp_path / "vie-match.db",
        cities=tmp_path / "cities.csv",
        feedback=tmp_path / "vie-match-feedback.csv",
        learnt=tmp_path / "vie-match-learnt.json",
        top=3,
    )


def best(result: Digest) -> dict[str, list[tuple[str, float]]]:
    return {
        part.profile.id: [(match.call.identifier, match.probability or 0.0) for match in part.best]
        for part in result.cities
    }


def test_learnt_weights_are_used_where_they_fit_and_told_where_they_do_not(
    office: Settings, adopted: Learnt
) -> None:
    before = pipeline.match(office, NOON, encoder=ENCODER)
    learnt.write(office.learnt, adopted)
    after = pipeline.match(office, NOON, encoder=ENCODER)
    assert after.notices == before.notices
    for (_, old), (_, new) in zip(best(before)["town-0"], best(after)["town-0"], strict=True):
        assert new < old
    learnt.write(office.learnt, adopted.model_copy(update={"encoder": "other@1"}))
    without = pipeline.match(office, NOON, encoder=ENCODER)
    assert best(without) == best(before)
    assert "learnt with the encoder other@1" in " ".join(without.notices)


def test_a_dismissed_call_stays_out_of_reports_until_it_changes(office: Settings, calls: list[Call]) -> None:
    [(first, _), *others] = best(pipeline.match(office, NOON, encoder=ENCODER))["town-0"]
    call = next(one for one in calls if one.identifier == first)
    keep(
        office.feedback,
        Feedback(profile="town-0", call=first, verdict="bad", day=DAY, fingerprint=fingerprint(call)),
    )
    result = pipeline.report(office, NOON, encoder=ENCODER).digest
    listed = best(result)
    assert [name for name, _ in listed["town-0"]][:2] == [name for name, _ in others]
    assert first in [name for name, _ in listed["town-1"]]
    assert [part.best[0].rank for part in result.cities] == [1, 1, 1, 1]
    report = (office.reports / "report-2026-11-24.md").read_text(encoding="utf-8")
    assert "dismissed on 24 November 2026" in report.replace("\\", "")
    later = call.model_copy(update={"deadlines": (call.deadlines[0].model_validate("2027-12-01"),)})
    [file] = [path for path in office.calls.iterdir() if f"identifier: {first}\n" in path.read_text("utf-8")]
    save_file(later, file)
    result = pipeline.report(office, NOON, encoder=ENCODER).digest
    assert first in [name for name, _ in best(result)["town-0"]]
    assert f"{first} is back for town-0" in " ".join(result.notices)
    assert "deadline" in " ".join(result.notices)


def test_a_call_that_moves_up_is_quoted_like_the_best(
    office: Settings, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    ranked = Matcher.rank

    def rank(self: Matcher, *arguments: Any, **options: Any) -> Any:
        seen.append(self.quoted)
        return ranked(self, *arguments, **options)

    monkeypatch.setattr(Matcher, "rank", rank)
    pipeline.match(office, NOON, encoder=ENCODER)
    for call in calls[:3]:
        keep(office.feedback, Feedback(profile="town-0", call=call.identifier, verdict="bad"))
    pipeline.match(office, NOON, encoder=ENCODER)
    assert seen[1] == seen[0] + 3


def test_a_broken_row_is_told_and_the_others_count(office: Settings) -> None:
    office.feedback.write_text(
        "profile,call,verdict\ntown-0,X-Trees,bad\ntown-0,X-Trams,baad\n", encoding="utf-8"
    )
    result = pipeline.match(office.model_copy(update={"top": 8}), NOON, encoder=ENCODER)
    assert [fault.line for fault in result.faults] == [3]
    names = [name for name, _ in best(result)["town-0"]]
    assert len(names) == 7
    assert "X-Trees" not in names
