"""Two weeks of a funding office: fetch, report, the world changes, fetch, report.

Real processes, real HTTP on the loopback.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import replay
from office import CLOSED, FIRST_WEEK, PAGE, SECOND_WEEK, World, furnish, start

from vie_match.records import Call
from vie_match.sources.files import save_file
from vie_match.store.calls import CallStore

Run = Callable[..., subprocess.CompletedProcess[str]]

# Three processes make the two weeks; the tests work on copies of what they leave behind.
MAKING = (
    ("fetch", "--today", "2026-11-17"),
    ("report", "--today", "2026-11-17"),
    ("fetch", "--today", "2026-11-24"),
)


@pytest.fixture(scope="module")
def portal() -> Iterator[tuple[replay.ReplayServer, World]]:
    world = World()
    with replay.ReplayServer(world.routes()) as server:
        yield server, world


@pytest.fixture
def world(portal: tuple[replay.ReplayServer, World]) -> World:
    world = portal[1]
    world.open, world.closed, world.instead = FIRST_WEEK, [], None
    return world


@pytest.fixture
def run(tmp_path: Path, world: World, portal: tuple[replay.ReplayServer, World]) -> Run:
    """Runs vie-match in a new office."""
    furnish(tmp_path, {"portal": f"{portal[0].url}/rest"})
    return partial(start, tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, portal: tuple[replay.ReplayServer, World]) -> Path:
    """An office after two weeks."""
    folder = tmp_path_factory.mktemp("office")
    server, world = portal
    furnish(folder, {"portal": f"{server.url}/rest"})
    world.instead = None
    for number, words in enumerate(MAKING):
        world.open, world.closed = (SECOND_WEEK, CLOSED) if number == 2 else (FIRST_WEEK, [])
        start(folder, *words)
    return folder


@pytest.fixture
def second_week(tmp_path: Path, run: Run, world: World, made: Path) -> None:
    """The office of the test has two weeks behind it."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    world.open, world.closed = SECOND_WEEK, CLOSED


def report_of(folder: Path, day: str) -> str:
    return (folder / "reports" / f"report-{day}.md").read_text(encoding="utf-8")


def news(report: str) -> list[str]:
    """Return the lines of the part on what has changed, without links."""
    part = report.partition("## Every call: since the report of 17 November 2026")[2].partition("\n## ")[0]
    return [line.replace("\\", "") for line in part.splitlines() if line.strip()]


@pytest.mark.usefixtures("second_week")
def test_the_second_report_tells_what_is_new_changed_gone_and_closed(run: Run, tmp_path: Path) -> None:
    run("report", "--today", "2026-11-24")
    told = "\n".join(news(report_of(tmp_path, "2026-11-24")))
    assert "1 new call:" in told
    assert f"[Trees for LIFE-D]({PAGE}LIFE-D)" in told
    assert "2 calls changed:" in told
    assert "deadline: 16 February 2027 → 2 March 2027" in told
    assert "budget of the call: €6,000,000 → €9,000,000" in told
    assert "1 call gone" in told
    assert f"[Trees for LIFE-C]({PAGE}LIFE-C)" in told
    assert "1 call has closed" in told
    assert f"[Trees for LIFE-E]({PAGE}LIFE-E)" in told
    assert "(LIFE) – Town" in told


@pytest.mark.usefixtures("second_week")
def test_a_second_report_on_the_same_day_tells_the_same(run: Run, tmp_path: Path) -> None:
    run("report", "--today", "2026-11-24")
    first = report_of(tmp_path, "2026-11-24")
    run("report", "--today", "2026-11-24")
    assert report_of(tmp_path, "2026-11-24") == first


def test_the_first_report_compares_with_nothing(run: Run, tmp_path: Path) -> None:
    run("fetch", "--today", "2026-11-17")
    run("report", "--today", "2026-11-17")
    report = report_of(tmp_path, "2026-11-17")
    assert "since the report" not in report.casefold()
    assert "Trees for LIFE-A" in report


@pytest.mark.usefixtures("second_week")
def test_the_week_after_tells_only_its_own_news(run: Run, tmp_path: Path) -> None:
    run("report", "--today", "2026-11-24")
    run("report", "--today", "2026-12-01")
    report = report_of(tmp_path, "2026-12-01")
    assert "since the report of 24 November 2026" in report
    assert "No call is new, changed, gone or closed." in report


@pytest.mark.usefixtures("second_week")
def test_diff_tells_the_same_field_by_field(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("diff", "1", "3", "--format", "csv").stdout)))
    assert {(row["what"], row["identifier"], row["field"], row["before"], row["after"]) for row in rows} == {
        ("changed", "LIFE-A", "deadlines", "2027-02-16", "2027-03-02"),
        ("changed", "LIFE-B", "budget_total_eur", "6000000", "9000000"),
        ("gone", "LIFE-C", "", "", ""),
        ("new", "LIFE-D", "", "", ""),
        ("closed", "LIFE-E", "", "", ""),
    }


@pytest.mark.usefixtures("second_week")
@pytest.mark.parametrize("since", ["1", "2026-11-17"])
def test_calls_lists_what_was_first_seen_since(run: Run, since: str) -> None:
    listed = run("calls", "--new-since", since, "--format", "json", "--today", "2026-11-24").stdout
    assert [row["identifier"] for row in json.loads(listed)] == ["LIFE-D"]


@pytest.mark.usefixtures("second_week")
def test_runs_lists_what_became_of_the_sources(run: Run) -> None:
    rows = json.loads(run("runs", "--format", "json").stdout)
    assert [(row["kind"], row["state"]) for row in rows] == [
        ("fetch", "done"),
        ("report", "done"),
        ("fetch", "done"),
    ]
    assert rows[2]["sources"] == "portal 4 of 4"


@pytest.mark.usefixtures("second_week")
def test_a_source_that_fails_keeps_its_calls_and_the_report_says_how_old_they_are(
    run: Run, world: World, tmp_path: Path
) -> None:
    world.instead = replay.html_instead()
    done = run("fetch", "--today", "2026-12-15", code=4)
    assert "failed: portal" in done.stderr
    run("report", "--today", "2026-12-15")
    report = report_of(tmp_path, "2026-12-15")
    assert "Funding & Tenders Portal could not be read on 15 December 2026" in report.replace("\\", "")
    assert "It was last read in full on 24 November 2026" in report
    assert "Trees for LIFE-A" in report


@pytest.mark.usefixtures("second_week")
def test_a_list_that_shrinks_suspiciously_is_kept_until_a_person_accepts(
    run: Run, world: World, tmp_path: Path
) -> None:
    world.open, world.closed = world.open[:1], []
    done = run("fetch", "--today", "2026-12-01", code=1)
    assert "found 1 calls where 4 were" in done.stderr
    store = CallStore(tmp_path / "vie-match.db")
    assert len(store.sightings()) == 4
    run("fetch", "portal", "--accept", "--today", "2026-12-01")
    assert len([one for one in store.sightings() if one.source == "portal"]) == 1


@pytest.mark.usefixtures("second_week")
def test_an_empty_list_is_a_changed_source(run: Run, world: World, tmp_path: Path) -> None:
    world.open, world.closed = [], []
    assert "found 0 calls" in run("fetch", "--today", "2026-12-01", code=4).stderr
    assert len(CallStore(tmp_path / "vie-match.db").sightings()) == 4


def test_kept_answers_are_read_again_without_asking_anybody(
    run: Run, portal: tuple[replay.ReplayServer, World], tmp_path: Path
) -> None:
    run("fetch", "--today", "2026-11-17")
    before = CallStore(tmp_path / "vie-match.db").sightings()
    asked = len(portal[0].requests)
    run("fetch", "--replay", "--today", "2026-11-19")
    assert len(portal[0].requests) == asked
    assert [one.call for one in CallStore(tmp_path / "vie-match.db").sightings()] == [
        one.call for one in before
    ]


@pytest.mark.usefixtures("second_week")
def test_what_was_held_back_and_is_accepted_later_is_as_old_as_its_answers(
    run: Run, world: World, tmp_path: Path
) -> None:
    world.open, world.closed = world.open[:1], []
    run("fetch", "portal", "--today", "2026-12-01", code=1)
    run("fetch", "portal", "--replay", "--accept", "--today", "2026-12-03")
    [kept] = [one for one in CallStore(tmp_path / "vie-match.db").sightings() if one.source == "portal"]
    assert kept.last_seen.date() == dt.date(2026, 12, 1)


def test_a_day_to_come_is_said(run: Run) -> None:
    assert "still to come" not in run("fetch", "--today", "2026-11-17").stderr
    assert "29 May 2099 is still to come" in run("fetch", "--today", "2099-05-29", code=1).stderr


def test_nothing_can_be_replayed_before_anything_was_fetched(run: Run) -> None:
    assert "nothing to replay" in run("fetch", "--replay", code=1).stderr


@pytest.mark.usefixtures("second_week")
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl", "json"])
def test_what_is_exported_comes_back(run: Run, tmp_path: Path, ending: str) -> None:
    run("export", f"out.{ending}", "--today", "2026-11-24")
    run("import", f"out.{ending}", "--store", "other.db", "--today", "2026-11-24")
    there = CallStore(tmp_path / "other.db").sightings()
    listed = json.loads(run("calls", "--closed", "--format", "json", "--today", "2026-11-24").stdout)
    assert [one.call.identifier for one in there] == [row["identifier"] for row in listed]
    assert all(one.call.conditions for one in there)


@pytest.mark.usefixtures("second_week")
def test_calls_can_be_written_as_files_of_their_own(run: Run, tmp_path: Path) -> None:
    run("export", "mine", "--open", "--today", "2026-11-24")
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == [
        "LIFE-A.md",
        "LIFE-B.md",
        "LIFE-D.md",
    ]
    assert ", 3 calls." in run("check", "--calls", "mine").stdout


@pytest.mark.usefixtures("second_week")
def test_a_backup_is_a_whole_store(run: Run, tmp_path: Path) -> None:
    run("backup", "copy.db")
    assert CallStore(tmp_path / "copy.db").sightings() == CallStore(tmp_path / "vie-match.db").sightings()


def test_a_file_fills_what_the_portal_leaves_open_and_disagreement_is_shown(
    run: Run, tmp_path: Path, make_call: Callable[..., Call]
) -> None:
    ours = make_call("life-a", deadlines=["2027-02-23"], min_participants=3, cofunding_rate=0.6, opening=None)
    save_file(ours, tmp_path / "calls" / "a.md")
    run("fetch", "--today", "2026-11-17")
    run("report", "--today", "2026-11-17")
    report = report_of(tmp_path, "2026-11-17").replace("\\", "")
    assert "closes 16 February 2027" in report
    assert "at least 3 partners" in report
    differ = "Sources differ on the deadline: 16 February 2027 (Funding & Tenders Portal, 17 November 2026); "
    assert f"{differ}23 February 2027" in report
