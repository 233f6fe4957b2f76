"""The fused ranking judged: cross-validation that does not leak, calibration, faithfulness, floors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from vie_match.cli import evaluation_ranking
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadFile, BelowFloor
from vie_match.evaluation import floors, ranking
from vie_match.evaluation.benchmark import Benchmark, TextChoice, load
from vie_match.evaluation.calibration import calibration, reliability, suitability
from vie_match.evaluation.faithfulness import faithfulness
from vie_match.evaluation.ranking import cross_validated, evaluate
from vie_match.ranking.audience import Addressed, Audience
from vie_match.ranking.fitting import fit
from vie_match.ranking.fusion import FEATURES, audience_features, probability
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call

MakeCall = Callable[..., Call]

# Ten themes; of each a project and two calls, of which the first is for everybody, the second for towns.
THEMES = "heat bees trams floods museums heritage wifi bridges schools forests".split()


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A judged benchmark in which towns want calls that are for towns."""
    place = tmp_path / "benchmark"
    place.mkdir()
    calls, profiles, judgements = [], [], []
    for at, theme in enumerate(THEMES):
        text = f"Projects about {theme}. " * 30 + "Reports are due every year. " * 30
        calls += [
            {"id": f"HORIZON-EUROHPC-JU-2026-{at}", "title": f"Research on {theme}", "text": text},
            {"id": f"CERV-2026-CITIZENS-TOWN-{at}", "title": f"Action on {theme}", "text": text},
        ]
        own = {"title": f"Our {theme}", "text": f"Our town wants {theme}."}
        english = {"title_en": own["title"], "text_en": own["text"]}
        profiles.append({"id": f"town-{theme}", "language": "en", **own, **english})
        judgements += [
            {"profile": f"town-{theme}", "call": f"HORIZON-EUROHPC-JU-2026-{at}", "grade": 0},
            {"profile": f"town-{theme}", "call": f"CERV-2026-CITIZENS-TOWN-{at}", "grade": 3 * (at > 0)},
        ]
    write_lines(place / "calls.jsonl", calls)
    write_lines(place / "profiles.jsonl", profiles)
    write_lines(place / "judgements.jsonl", judgements)
    return place


def both(folder: Path) -> tuple[Benchmark, Benchmark]:
    return load(folder, TextChoice.OWN), load(folder, TextChoice.ENGLISH)


def test_whom_calls_are_for_is_learnt_from_other_profiles(folder: Path) -> None:
    report = evaluate(*both(folder), HashingEncoder(), 0.4)
    assert report is not None
    rows = {row.name: row for row in report.rows}
    # Both calls of a theme have one text, so nothing but the audience can put the right one first.
    assert rows[ranking.FUSED].own["MRR"].mean == 1
    assert rows[ranking.ENCODER].own["MRR"].mean < 0.9
    assert report.rows[0].name == ranking.FUSED
    gain = rows[ranking.ENCODER].own_gain
    assert gain is not None
    assert gain.mean == pytest.approx(
        rows[ranking.FUSED].own["nDCG@10"].mean - rows[ranking.ENCODER].own["nDCG@10"].mean
    )
    # Hardly any project of a joint undertaking has a municipality.
    assert report.fusion.weights["cities"] > 0
    assert report.fusion.weights["participation"] > 0
    assert report.suitability.without == 1
    assert report.unjudged.keys() == {f"town-{theme}" for theme in THEMES if theme != "heat"} | {"town-heat"}


def test_too_few_judged_profiles_are_no_measurement(folder: Path) -> None:
    lines = (folder / "judgements.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "judgements.jsonl").write_text("".join(lines[:8]), encoding="utf-8")
    assert evaluate(*both(folder), HashingEncoder(), 0.4) is None


def test_no_fold_learns_from_the_profiles_it_ranks() -> None:
    features = np.arange(2 * 10 * 3, dtype=float).reshape(20, 3, 1)
    grades = np.zeros((10, 3), int)
    of_profile = {value: at % 10 for at, row in enumerate(features[:, :, 0]) for value in row}

    def learner(seen: NDArray[np.float64], answers: NDArray[np.int64], others: NDArray[np.float64]):
        known = {of_profile[value] for value in seen.ravel()}
        held = {of_profile[value] for value in others.ravel()}
        assert not known & held
        assert known | held == set(range(10))
        assert answers.shape == seen.shape[:2] == (2 * len(known), 3)
        return others[:, :, 0]

    found = cross_validated(features, grades, learner)
    # Every pair is ranked once, and its score stands in its own place.
    assert (found == features[:, :, 0]).all()


def test_fitting_does_not_depend_on_a_features_unit() -> None:
    random = np.random.default_rng(3)
    features = np.zeros((20, 40, len(FEATURES)))
    features[:, :, 0] = random.normal(size=(20, 40))
    features[:, :, 2:6] = random.normal(size=(20, 40, 4))
    features[:, :, 1] = features[:, :, 0].mean(axis=1, keepdims=True)
    logits = features[:, :, :6] @ [2.0, 0.0, 1.0, 0.5, -1.0, 0.3] + random.logistic(size=(20, 40))
    grades = np.where(logits > 1, 2, np.where(logits > 0, 1, 0))
    fusion = fit(features, grades, "x", 0.1)
    wider = np.ones(len(FEATURES))
    wider[:2] = 10
    wide = fit(features * wider, grades, "x", 0.1)
    assert wide.weights["similarity"] == pytest.approx(fusion.weights["similarity"] / 10, rel=1e-2)
    assert np.allclose(wide.logits(features * wider), fusion.logits(features), atol=1e-2)
    # Of the best pairs of each profile, as many come true as was said.
    best = np.argsort(-fusion.logits(features), axis=1)[:, :20]
    said = np.take_along_axis(probability(fusion.logits(features)), best, axis=1)
    true = np.take_along_axis(grades, best, axis=1) >= 2
    assert said.mean() == pytest.approx(true.mean(), abs=0.001)


def test_an_instrument_nobody_judged_weighs_nothing() -> None:
    features = np.zeros((2, 40, len(FEATURES)))
    features[:, :, 0] = np.linspace(0, 1, 40)
    features[:, 30:, 7] = 1
    grades = np.where(features[:, :, 7] > 0, 2, 0)
    fusion = fit(features, grades, "x", 0.1)
    assert set(fusion.weights) == {FEATURES[0], FEATURES[7]}
    assert fusion.weights[FEATURES[7]] > 0
    assert fusion.audience(Addressed(Audience.CITIES, 0.0, "", None)) == 0
    of_it = Addressed(Audience.CITIES, 0.0, "", None, FEATURES[7])
    assert fusion.audience(of_it) == fusion.weights[FEATURES[7]]
    assert audience_features(of_it) @ fusion.vector[2:] == pytest.approx(fusion.audience(of_it))


def test_calibration_is_worked_out_by_hand() -> None:
    said = np.array([[0.95, 0.85, 0.05]])
    good = np.array([[True, False, False]])
    judged = np.array([[True, False, True]])
    found = calibration(said, good, judged)
    assert found.matches == 3
    assert found.error == pytest.approx((0.05 + 0.85 + 0.05) / 3)
    assert found.judged_error == pytest.approx((0.05 + 0.05) / 2)
    assert found.brier == pytest.approx((0.05**2 + 0.85**2 + 0.05**2) / 3)
    assert found.always == pytest.approx(2 / 9)


@given(
    arrays.arrays(float, 30, elements=st.floats(0, 1)),
    arrays.arrays(bool, 30),
)
def test_bins_hold_every_match_once(said: NDArray[np.float64], true: NDArray[np.bool_]) -> None:
    bins = reliability(said, true)
    assert sum(one.matches for one in bins) == 30
    assert sum(one.matches * one.share_good for one in bins) == pytest.approx(true.sum())
    assert all(one.low <= one.mean_probability <= one.high + 1e-12 for one in bins)


def test_nothing_suitable_counts_both_ways_of_being_wrong() -> None:
    said = np.array([[0.9, 0.2], [0.1, 0.0], [0.3, 0.0], [0.05, 0.0]])
    good = np.array([[True, False], [True, False], [False, False], [False, False]])
    found = suitability(said, good, 0.12)
    assert (found.without, found.with_good) == (2, 2)
    assert (found.told_so, found.missed) == (0.5, 0.5)
    assert found.recommended == 1.0


def test_a_deleted_reason_lowers_the_score(folder: Path) -> None:
    own, _ = both(folder)
    found = faithfulness(own, Matcher(HashingEncoder()))
    # Every text is half about its theme, half about reports, which no profile speaks of.
    assert found.matches == 5 * len(THEMES)
    assert found.cited > found.random
    assert found.cited_fall > found.random_fall


def test_calls_of_one_passage_have_no_other_to_delete(folder: Path) -> None:
    own, _ = both(folder)
    short = tuple(call.model_copy(update={"text": "One sentence."}) for call in own.calls)
    found = faithfulness(Benchmark(short, own.profiles, own.judgements), Matcher(HashingEncoder()))
    assert found.matches == 0


def write_floors(path: Path, **content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_floors_name_every_figure_that_misses(folder: Path, tmp_path: Path) -> None:
    file = write_floors(
        tmp_path / "floors.json",
        data=floors.fingerprint(folder),
        at_least={"good": 0.5, "fine": 0.1},
        at_most={"error": 0.08},
    )
    assert floors.check({"good": 0.5, "fine": 0.1, "error": 0.08}, file, folder) == 3
    with pytest.raises(
        BelowFloor, match=r"good 0\.4000, expected at least 0\.5; error 0\.0900, expected at most"
    ):
        floors.check({"good": 0.4, "fine": 0.1, "error": 0.09}, file, folder)
    with pytest.raises(BelowFloor):
        floors.check({"good": float("nan"), "fine": 0.1, "error": 0.0}, file, folder)
    with pytest.raises(BadFile, match="no figure 'fine'"):
        floors.check({"good": 1.0, "error": 0.0}, file, folder)


def test_floors_hold_for_their_data_alone(folder: Path, tmp_path: Path) -> None:
    file = write_floors(tmp_path / "floors.json", data=floors.fingerprint(folder))
    floors.check({}, file, folder)
    with (folder / "judgements.jsonl").open("a", encoding="utf-8") as judgements:
        judgements.write("\n")
    with pytest.raises(BadFile, match="floors of the data"):
        floors.check({}, file, folder)


@pytest.mark.parametrize("content", ["[]", "{", '{"data": "x"}', '{"at_least": {"a": "b"}}'])
def test_floors_that_cannot_be_read_say_so(folder: Path, tmp_path: Path, content: str) -> None:
    file = tmp_path / "floors.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadFile, match=r"floors\.json"):
        floors.check({}, file, folder)


def test_the_command_prints_writes_and_fails_below_a_floor(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("vie_match.embedding.models.default_encoder", lambda *_: HashingEncoder())
    file = write_floors(tmp_path / "floors.json", data=floors.fingerprint(folder), at_least={"own MRR": 1.0})
    # The measurement once for both runs of the command.
    measured = evaluate(*both(folder), HashingEncoder(), 0.4)
    monkeypatch.setattr(ranking, "evaluate", lambda *_: measured)
    options = {"json_file": tmp_path / "a.json", "weights": tmp_path / "w.json", "floors": file}
    evaluation_ranking.evaluate_ranking(folder, **options)
    assert f"of {len(THEMES) - 1} with one" in capsys.readouterr().out
    assert json.loads((tmp_path / "a.json").read_text())["rows"][0]["name"] == ranking.FUSED
    weights = json.loads((tmp_path / "w.json").read_text())
    assert weights[0]["encoder"] == HashingEncoder().id
    write_floors(file, data=floors.fingerprint(folder), at_most={"own MRR": 0.5})
    with pytest.raises(BelowFloor):
        evaluation_ranking.evaluate_ranking(folder, floors=file)
