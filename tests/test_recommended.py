"""``vie-match match``: what is recommended, and what is said where nothing is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vie_match.cli import app, main
from vie_match.ranking.fusion import Fusion
from vie_match.records import Call, Profile
from vie_match.sources.files import save_file

Run = Callable[..., str]

assert main.COMMANDS  # importing it registers the commands


@pytest.fixture
def run(
    tmp_path: Path,
    make_call: Callable[..., Call],
    make_profile: Callable[..., Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs match in a folder with a profile and two calls; weights as if they had been fitted."""
    for folder in ("profiles", "calls"):
        (tmp_path / folder).mkdir()
    save_file(make_profile("town-heat"), tmp_path / "profiles" / "a.md")
    save_file(make_call("X-1", title="Trees in streets"), tmp_path / "calls" / "x1.md")
    save_file(make_call("X-2", title="Bread", text="Bakeries."), tmp_path / "calls" / "x2.md")
    (tmp_path / "vie-match.toml").write_text('model = "hashing"\ncache = "cache"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def start(*words: str, threshold: float) -> str:
        weights = {"similarity": 9.0, "cities": 0.0, "local": 0.0, "others": 0.0, "participation": 0.0}
        fitted = Fusion("hashing", weights, -3.0, threshold, weights)
        monkeypatch.setattr("vie_match.ranking.fusion.shipped", lambda encoder: fitted)
        done = CliRunner().invoke(app.app, ["match", *words, "--today", "2026-11-24"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return start


def test_only_recommended_calls_are_printed_and_all_on_demand(run: Run) -> None:
    assert [row["call"]["identifier"] for row in json.loads(run("--format", "json", threshold=0.5))] == [
        "X-1"
    ]
    rows = json.loads(run("--all", "--format", "json", threshold=0.5))
    assert [row["call"]["identifier"] for row in rows] == ["X-1", "X-2"]
    assert rows[0]["probability"] > 0.5 > rows[1]["probability"]
    assert len(json.loads(run("--all", "--top", "1", "--format", "json", threshold=0.5))) == 1


def test_where_nothing_is_suitable_the_nearest_call_is_named(run: Run) -> None:
    told = run(threshold=1.0)
    assert "Nothing suitable this week. The nearest call: Trees in streets (X-1) – likely: " in told
    assert "Bread" not in told
    assert json.loads(run("--format", "json", threshold=1.0)) == []


def test_the_reason_is_printed_in_every_form_and_in_german(run: Run) -> None:
    (row,) = json.loads(run("--format", "json", "--language", "de", threshold=0.5))
    assert row["reason"].startswith("Ihr")
    assert row["chance"].startswith("wahrscheinlich: ")
    (row,) = csv.DictReader(io.StringIO(run("--format", "csv", threshold=0.5)))
    assert row["reason"].startswith("Your ")
    assert row["chance"].startswith("likely: ")
    assert float(row["probability"]) > 0.5
    assert "| reason |" in run("--format", "md", threshold=0.5).splitlines()[0]
    assert "meets this passage" in " ".join(run(threshold=0.5).replace("│", " ").split())


@pytest.fixture
def barred(run: Run, make_call: Callable[..., Call]) -> str:
    """The identifier of a call that would be recommended, for organisations from the US only."""
    call = make_call("X-3", title="Trees in streets too", programme="EUI", eligible_countries=["US"])
    save_file(call, Path("calls") / "x3.md")
    return call.identifier


def test_whether_the_city_may_apply_stands_in_every_form(run: Run) -> None:
    page = "What does the page of the call say about who may apply?"
    verdict = "Alone: not known; in a larger team nothing known is against it"
    (row,) = json.loads(run("--format", "json", threshold=0.5))
    assert {name: row[name] for name in ("eligible_alone", "eligible_in_team", "time_enough")} == {
        "eligible_alone": "unknown",
        "eligible_in_team": "unknown",
        "time_enough": "yes",
    }
    assert (row["eligibility"], row["because"], row["questions"]) == (verdict, page, [page])
    assert (row["days_left"], row["days_needed"], row["rate_low"]) == (317, 72, None)
    (row,) = csv.DictReader(io.StringIO(run("--format", "csv", threshold=0.5)))
    assert (row["eligibility"], row["because"], row["questions"], row["days_left"]) == (
        verdict,
        page,
        page,
        "317",
    )
    head, _, line = run("--format", "md", threshold=0.5).splitlines()
    assert head.endswith("| eligibility | because |")
    assert verdict in line
    assert "in einem größeren Team spricht nichts Bekanntes dagegen. Was sagt die Seite" in " ".join(
        run("--language", "de", threshold=0.5).replace("│", " ").split()
    )


def test_a_call_for_others_is_named_apart_in_the_table_and_in_german(run: Run, barred: str) -> None:
    told = run(threshold=0.5)
    assert f"({barred}): Town may not take part: only organisations from US – broken by Town" in told
    assert f"({barred}): Town darf nicht teilnehmen: nur Organisationen aus US" in run(
        "--language", "de", threshold=0.5
    )
    rows = json.loads(run("--format", "json", threshold=0.5))
    assert [row["call"]["identifier"] for row in rows] == ["X-1"]


def test_calls_too_unlikely_are_judged_when_they_are_asked_for(
    run: Run, make_call: Callable[..., Call]
) -> None:
    far = make_call("X-4", title="Flour", text="Mills.", programme="EUI", eligible_countries=["US"])
    save_file(far, Path("calls") / "x4.md")
    rows = json.loads(run("--all", "--format", "json", threshold=0.5))
    assert {row["call"]["identifier"]: (row["eligible_in_team"], len(row["questions"])) for row in rows} == {
        "X-1": ("unknown", 1),
        "X-2": ("unknown", 1),
        "X-4": ("no", 0),
    }
