"""The command line, run as its users run it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match.records import Call, Profile
from vie_match.sources.files import load_file, save_file

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, make_call: Callable[..., Call], make_profile: Callable[..., Profile]) -> Run:
    """Runs vie-match in a folder with two profiles and three calls and the tiny encoder."""
    for folder in ("profiles", "calls"):
        (tmp_path / folder).mkdir()
    save_file(make_profile("town-heat"), tmp_path / "profiles" / "a.md")
    save_file(make_profile("town-water", title="=Clean water"), tmp_path / "profiles" / "b.md")
    save_file(make_call("X-1", title="Trees in streets"), tmp_path / "calls" / "x1.md")
    save_file(make_call("X-2", title="=HYPERLINK(1)", text="Clean water."), tmp_path / "calls" / "x2.md")
    save_file(make_call("X-3", title="Gone", deadlines=["2026-10-01"]), tmp_path / "calls" / "x3.md")
    (tmp_path / "vie-match.toml").write_text('model = "hashing"\ncache = "cache"\n', encoding="utf-8")

    def start(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VIE_MATCH_")}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "vie_match", *words],
            cwd=tmp_path,
            env=environment | {"COLUMNS": "200", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    return start


def test_report_writes_two_files_and_prints_their_paths_only(run: Run, tmp_path: Path) -> None:
    done = run("report", "--today", "2026-11-24")
    assert done.stdout.split() == [
        "reports/report-2026-11-24.html",
        "reports/report-2026-11-24.md",
        "reports/network-2026-11-24.html",
    ]
    assert done.stderr == ""
    for line in done.stdout.split():
        assert "Trees in streets" in (tmp_path / line).read_text(encoding="utf-8")


def test_report_goes_on_past_a_broken_file_and_says_so_on_standard_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "calls" / "broken.md").write_text("---\nidentifier: Y\n---\n\nx\n", encoding="utf-8")
    done = run("report")
    assert "left out" in done.stderr
    assert "broken.md" in done.stderr
    assert "broken" not in done.stdout


def test_match_prints_a_table(run: Run) -> None:
    out = run("match", "town-heat", "--today", "2026-11-24").stdout
    assert "Trees in streets" in out
    assert "317 days left" in out
    assert "Gone" not in out


def test_match_prints_json_that_programs_can_read(run: Run) -> None:
    rows = json.loads(run("match", "--format", "json", "--today", "2026-11-24").stdout)
    assert {row["profile_id"] for row in rows} == {"town-heat", "town-water"}
    assert all(row["score"] == pytest.approx(sum(p["value"] for p in row["contributions"])) for row in rows)


def test_match_prints_csv_without_formulas(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("match", "town-heat", "--format", "csv").stdout)))
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert "'=HYPERLINK(1)" in [row["title"] for row in rows]


def test_match_prints_markdown(run: Run) -> None:
    lines = run("match", "town-heat", "--format", "md").stdout.splitlines()
    assert lines[0].startswith("| profile | rank |")
    assert len({line.count("|") for line in lines}) == 1


def test_match_keeps_to_the_profiles_asked_for_in_their_order(run: Run) -> None:
    rows = json.loads(run("match", "town-water", "town-heat", "--format", "json", "--top", "1").stdout)
    assert [row["profile_id"] for row in rows] == ["town-water", "town-heat"]


def test_an_unknown_profile_is_refused_with_a_suggestion(run: Run) -> None:
    done = run("match", "town-heet", code=1)
    assert "did you mean town-heat?" in done.stderr
    assert done.stdout == ""


def test_check_says_what_is_in_order(run: Run) -> None:
    assert "In order: 2 profiles, 3 calls." in run("check").stdout


def test_check_names_every_fault_with_file_and_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "profiles" / "c.md").write_text(
        "---\nid: c1\ntitle: x\nlanguage: xx\ncity:\n  name: A\n  country: DE\n  populaton: 5\n---\n\ntext\n",
        encoding="utf-8",
    )
    done = run("check", code=1)
    assert "c.md:4" in done.stderr
    assert "c.md:8" in done.stderr
    assert "did you mean population?" in done.stderr


def test_a_missing_folder_is_named(run: Run) -> None:
    assert "nowhere: found no such folder" in run("report", "--calls", "nowhere", code=1).stderr


def test_an_empty_folder_is_named_as_the_reason(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("report", "--calls", "empty", code=1)
    assert "empty: found no file that could be read" in done.stderr
    assert "vie-match new call" in done.stderr
    assert not (tmp_path / "reports" / "report.html").exists()


def test_a_model_that_is_not_there_has_its_own_exit_code(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nomodel").mkdir()
    assert "modules.json" in run("report", "--model", "nomodel", code=4).stderr


def test_a_place_one_cannot_write_to_is_named_before_the_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert "found taken: File exists" in run("report", "--out", "taken", code=1).stderr


def test_output_is_utf8_whatever_the_machine_speaks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    assert "## Τι σχεδιάζουμε" in run("new", "profile", "--language", "el").stdout


def test_wrong_usage_has_its_own_exit_code(run: Run) -> None:
    run("report", "--top", "0", code=2)
    run("report", "--today", "24.11.2026", code=2)


def test_new_writes_forms_that_check_reads(run: Run, tmp_path: Path) -> None:
    run("new", "profile", "profiles/new.md", "--language", "fr")
    text = (tmp_path / "profiles" / "new.md").read_text(encoding="utf-8")
    assert "## Ce que nous prévoyons" in text
    filled = text.replace('title: ""', "title: Essai").replace('  name: ""', "  name: Lyon")
    filled = filled.replace("<!-- Money", "Argent. <!-- Money")
    (tmp_path / "profiles" / "new.md").write_text(
        filled.replace("  country: ", "  country: FR "), encoding="utf-8"
    )
    assert load_file(tmp_path / "profiles" / "new.md", Profile).city.country == "FR"


def test_new_does_not_overwrite(run: Run) -> None:
    assert "exists already" in run("new", "profile", "profiles/a.md", code=1).stderr


def test_new_prints_to_standard_output_without_a_file(run: Run) -> None:
    assert run("new", "call").stdout.startswith("---\n")


@pytest.mark.parametrize("kind", ["profile", "call"])
def test_schema_prints_a_json_schema(run: Run, kind: str) -> None:
    schema = json.loads(run("schema", kind).stdout)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False


def test_evaluate_ranks_a_folder_without_judgements(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "benchmark"
    folder.mkdir()
    rows = [{"id": f"c{number}", "title": f"Trees {number}", "text": "Trees."} for number in range(3)]
    (folder / "calls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    profile = {"id": "p", "language": "de", "title": "Bäume", "text": "Bäume pflanzen."}
    (folder / "profiles.jsonl").write_text(json.dumps(profile) + "\n", encoding="utf-8")
    done = run("evaluate", "calls", "--benchmark", "benchmark", "--run", "out/run.txt")
    assert "no judgements" in done.stderr
    lines = (tmp_path / "out" / "run.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split()[:2] + line.split()[3:4] for line in lines] == [
        ["p", "Q0", str(n)] for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["report"],
        ["match"],
        ["check"],
        ["new"],
        ["schema"],
        ["evaluate"],
        ["evaluate", "calls"],
        ["network"],
        ["feedback"],
        ["learn"],
        ["evaluate", "ranking"],
    ],
    ids=" ".join,
)
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    assert "Usage: " in run(*command, "--help").stdout


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['vie-match', '--help']\n"
        "from vie_match.cli import main\n"
        "try: main.main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "sklearn", "pandas"} & set(done.stderr.split())
