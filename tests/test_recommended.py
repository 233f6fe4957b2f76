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
