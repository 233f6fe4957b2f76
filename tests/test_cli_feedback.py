"""``vie-match feedback`` and ``vie-match learn``, run as their users run them."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vie_match import errors
from vie_match.cli import main
from vie_match.cli.app import app, exit_code
from vie_match.feedback import read
from vie_match.ranking import fusion as fusions
from vie_match.ranking.fusion import FEATURES, Fusion
from vie_match.records import Call, Profile
from vie_match.sources.files import save_file

Run = Callable[..., "Done"]

TODAY = ("--today", "2026-11-24")
WORDS = ("Trees", "Trams", "Museums", "Schools", "Rivers", "Roofs", "Parks", "Data")

# As if every call were good.
SURE = Fusion("hashing", dict.fromkeys(FEATURES, 0.0), 4.0, 0.3, dict.fromkeys(FEATURES, 0.5))


@pytest.fixture
def office(tmp_path: Path, make_call: Callable[..., Call], make_profile: Callable[..., Profile]) -> Path:
    """A folder with four profiles, eight open calls and a closed one, and the tiny encoder."""
    for folder in ("profiles", "calls"):
        (tmp_path / folder).mkdir()
    for number in range(4):
        save_file(make_profile(f"town-{number}"), tmp_path / "profiles" / f"{number}.md")
    for word in WORDS:
        save_file(make_call(f"X-{word}", title=word, text=f"{word}."), tmp_path / "calls" / f"{word}.md")
    save_file(make_call("X-Gone", deadlines=["2026-10-01"]), tmp_path / "calls" / "gone.md")
    (tmp_path / "vie-match.toml").write_text('model = "hashing"\ncache = "cache"\n', encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    stdout: str
    stderr: str


@pytest.fixture
def logs() -> Iterator[None]:
    """Puts back what the program sets of the loggers, which are the whole process's."""
    loggers = [logging.getLogger(name) for name in ("vie_match", "vie_match.sources.files")]
    before = [(one.level, list(one.handlers)) for one in loggers]
    yield
    for one, (level, handlers) in zip(loggers, before, strict=True):
        one.setLevel(level)
        one.handlers[:] = handlers


@pytest.fixture
def run(office: Path, logs: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs vie-match in the office; in this process, so that the encoder can be given weights."""
    assert main.COMMANDS
    monkeypatch.chdir(office)
    monkeypatch.setenv("COLUMNS", "200")
    for name in [name for name in os.environ if name.startswith("VIE_MATCH_")]:
        monkeypatch.delenv(name)

    def start(*words: str, code: int = 0) -> Done:
        done = CliRunner().invoke(app, words)
        if isinstance(done.exception, errors.VieMatchError):
            assert exit_code(done.exception) == code, done.exception
            return Done(done.stdout, done.stderr + str(done.exception))
        assert done.exit_code == code, done.output
        return Done(done.stdout, done.stderr)

    return start


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny encoder has weights of its own."""
    monkeypatch.setattr(fusions, "_all", lambda: (SURE,))


def judge_all(office: Path) -> None:
    """Write a judgement of every pair: good for half of the calls, bad for the others."""
    rows = [
        f"town-{number};X-{word};{'bad' if at % 2 else 'good'}"
        for number in range(4)
        for at, word in enumerate(WORDS)
    ]
    (office / "vie-match-feedback.csv").write_text(
        "\n".join(["profile;call;verdict", *rows, ""]), encoding="utf-8"
    )


def listed(run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("feedback", "--format", "csv", *TODAY).stdout)))


def best(run: Run, profile: str) -> list[str]:
    rows = json.loads(run("match", profile, "--format", "json", "--top", "20", *TODAY).stdout)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    return [row["call"]["identifier"] for row in rows]


def test_a_judgement_is_kept_and_listed(run: Run, office: Path) -> None:
    done = run("feedback", "town-1", "x-trams", "bad", "--why", "not-our-topic", "--by", "Jürgen", *TODAY)
    assert done.stdout == "X-Trams for town-1: bad, not-our-topic (vie-match-feedback.csv)\n"
    assert done.stderr == ""
    [kept] = read(office / "vie-match-feedback.csv").entries
    assert (kept.call, kept.by, str(kept.day)) == ("X-Trams", "Jürgen", "2026-11-24")
    assert listed(run) == [
        {
            "profile": "town-1",
            "call": "X-Trams",
            "verdict": "bad",
            "why": "not-our-topic",
            "by": "Jürgen",
            "day": "2026-11-24",
            "note": "",
            "changed since": "",
        }
    ]


def test_a_dismissed_call_stays_dismissed_until_it_changes(
    run: Run, office: Path, make_call: Callable[..., Call]
) -> None:
    assert "X-Trams" in best(run, "town-1")
    run("feedback", "town-1", "X-Trams", "bad", "--why", "too-late", *TODAY)
    assert "X-Trams" not in best(run, "town-1")
    assert len(best(run, "town-1")) == 7
    assert "X-Trams" in best(run, "town-2")
    run("report", *TODAY)
    report = (office / "reports" / "report-2026-11-24.md").read_text(encoding="utf-8").replace("\\", "")
    assert "dismissed on 24 November 2026: it is too late for this call" in report
    later = make_call("X-Trams", title="Trams", text="Trams.", deadlines=["2027-12-01"])
    save_file(later, office / "calls" / "Trams.md")
    assert "X-Trams" in best(run, "town-1")
    told = run("match", "town-1", *TODAY).stderr
    assert "X-Trams is back for town-1: dismissed on 24 November 2026" in told
    assert "has changed: deadline" in told
    assert listed(run)[0]["changed since"] == "deadline"
    run("feedback", "town-1", "X-Trams", "bad", *TODAY)
    assert "X-Trams" not in best(run, "town-1")
    assert len(listed(run)) == 1


def test_unknown_names_are_told_at_once_with_suggestions(run: Run, office: Path) -> None:
    done = run("feedback", "town-11", "X-Tram", "bad", code=1)
    assert "did you mean town-1?" in done.stderr
    assert "did you mean X-Trams?" in done.stderr
    assert not (office / "vie-match-feedback.csv").exists()


def test_wrong_usage_is_refused(run: Run, office: Path) -> None:
    for words in (
        ("town-1",),
        ("town-1", "X-Trams"),
        ("town-1", "X-Trams", "awful"),
        ("town-1", "X-Trams", "bad", "--why", "rainy"),
        ("town-1", "X-Trams", "good", "--why", "too-late"),
    ):
        run("feedback", *words, code=2)
    run("learn", "--show", "--undo", code=2)
    assert not (office / "vie-match-feedback.csv").exists()


def test_all_faults_of_the_file_are_told_and_nothing_is_written(run: Run, office: Path) -> None:
    file = office / "vie-match-feedback.csv"
    file.write_text("profile;call;verdict\ntown-1;X-Trams;bda\ntown-1;X-Data;good\n;X-Data;good\n", "utf-8")
    before = file.read_bytes()
    for words in (("feedback",), ("feedback", "town-1", "X-Parks", "bad"), ("learn",)):
        done = run(*words, code=1)
        assert "vie-match-feedback.csv:2: found verdict: 'bda'" in done.stderr
        assert "vie-match-feedback.csv:4: found no profile" in done.stderr
    assert "X-Data" in run("feedback", code=1).stdout
    assert file.read_bytes() == before
    # A report says so and goes on.
    assert "vie-match-feedback.csv:2" in run("report", *TODAY).stderr


def test_the_list_says_what_is_not_known(run: Run, office: Path) -> None:
    rows = "town-1;X-Trams;bad\ntwon-1;X-Data;good\ntown-1;X-Past;good\n"
    (office / "vie-match-feedback.csv").write_text(f"profile;call;verdict\n{rows}", encoding="utf-8")
    assert [row["changed since"] for row in listed(run)][0::2] == [
        "not known: judge it again",
        "call not known (any more)",
    ]
    told = run("feedback").stderr
    assert "vie-match-feedback.csv:3: no profile 'twon-1' (did you mean town-1?)" in told.replace("\n", " ")


def test_the_place_of_the_file_is_a_setting(run: Run, office: Path) -> None:
    (office / "vie-match.toml").write_text(
        'model = "hashing"\ncache = "cache"\nfeedback = "ours/said.csv"\n', encoding="utf-8"
    )
    run("feedback", "town-1", "X-Trams", "maybe")
    assert (office / "ours" / "said.csv").exists()


def test_what_is_lacking_for_learning_is_told(run: Run, office: Path) -> None:
    run("feedback", "town-1", "X-Trams", "good")
    done = run("learn", *TODAY)
    assert "1 judgements of 1 profiles say something about the topic" in done.stdout
    assert "not adopted: " in done.stdout
    assert not (office / "vie-match-learnt.json").exists()
    assert "found no vie-match-learnt.json" in run("learn", "--show").stdout
    assert "nothing to undo" in run("learn", "--undo").stdout


def chances(run: Run) -> list[float]:
    rows = json.loads(run("match", "town-0", "--format", "json", "--top", "20", *TODAY).stdout)
    return [row["probability"] for row in rows]


@pytest.mark.usefixtures("sure")
def test_learning_is_told_shown_used_and_undone(run: Run, office: Path) -> None:
    judge_all(office)
    before = chances(run)
    out = run("learn", *TODAY).stdout
    assert "32 judgements of 4 profiles say something about the topic" in out
    found = re.search(r"log loss .*: ([\d.]+) with the shipped weights, ([\d.]+) with the learnt ones", out)
    assert found
    assert float(found[2]) < float(found[1])
    assert "adopted: better by more than one standard error; written to vie-match-learnt.json" in out
    assert max(chances(run)) < min(before)
    shown = run("learn", "--show").stdout
    assert "learnt on 24 November 2026 from 32 judgements of 4 profiles" in shown
    assert "that the call is for municipalities" in shown
    assert "vie-match-learnt.json is gone" in run("learn", "--undo").stdout
    assert chances(run) == before


@pytest.mark.usefixtures("sure")
def test_weights_that_are_not_better_are_not_adopted(
    run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_all(office)
    file = office / "vie-match-feedback.csv"
    # What one profile's people call good the next one's call bad.
    lines = file.read_text(encoding="utf-8").splitlines()
    swapped = {"good": "bad", "bad": "good"}
    for at, line in enumerate(lines):
        if line.startswith(("town-1", "town-3")):
            head, _, verdict = line.rpartition(";")
            lines[at] = f"{head};{swapped[verdict]}"
    file.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(fusions, "_all", lambda: (Fusion("hashing", SURE.weights, 0.0, 0.3, SURE.scales),))
    assert "not adopted: not better by more than one standard error" in run("learn", *TODAY).stdout
    assert not (office / "vie-match-learnt.json").exists()


@pytest.mark.usefixtures("sure")
def test_a_broken_file_of_weights_stops_only_those_who_want_to_see_it(run: Run, office: Path) -> None:
    before = chances(run)
    (office / "vie-match-learnt.json").write_text("{", encoding="utf-8")
    assert chances(run) == before
    assert "vie-match-learnt.json" in run("learn", "--show", code=1).stderr
    run("learn", "--undo")
    assert not (office / "vie-match-learnt.json").exists()


def test_the_program_knows_the_commands_and_loads_nothing_heavy_for_a_judgement(office: Path) -> None:
    code = (
        "import sys; sys.argv = ['vie-match', 'feedback', 'town-1', 'X-Trams', 'bad']\n"
        "from vie_match.cli import main\n"
        "try: main.main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=office,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "X-Trams for town-1: bad" in done.stdout
    assert not {"torch", "sklearn", "pandas", "scipy"} & set(done.stderr.split())


@pytest.mark.parametrize("command", ["feedback", "learn"])
def test_the_commands_have_help(run: Run, command: str) -> None:
    assert "Usage: " in run(command, "--help").stdout
