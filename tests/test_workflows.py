"""The weekly workflow and the systemd units, run as far as they can be without their machines.

The workflow's own commands run in a clone, with the environment that GitHub gives them. Only
``python3 -m venv`` is another: the environment it makes is the one the tests run in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import replay
import yaml
from office import CLOSED, FIRST_WEEK, SECOND_WEEK, World, environment, furnish

from vie_match.store.calls import CallStore

BASH = shutil.which("bash")
GIT = shutil.which("git")

pytestmark = pytest.mark.skipif(not (BASH and GIT), reason="needs bash and git")

# What stands in the place of python3: an environment whose pip installs nothing and whose vie-match is ours.
PYTHON = """#!{bash}
if [ "$1 $2" != "-m venv" ]; then exec {python} "$@"; fi
mkdir -p "$3/bin"
printf '#!%s\\necho "$@" >> pip.log\\n' {bash} > "$3/bin/pip"
printf '#!%s\\n[ "$1" = weekly ] && set -- "$@" --today "$DAY"\\nexec %s -m vie_match "$@"\\n' \
  {bash} {python} > "$3/bin/vie-match"
chmod +x "$3/bin/pip" "$3/bin/vie-match"
"""


@dataclass
class Ran:
    """One run of the workflow.

    ``failed`` is the name of the first step that failed.
    """

    folder: Path
    failed: str | None = None
    said: str = ""
    summary: str = ""
    uploaded: list[str] = field(default_factory=list)


def git(folder: Path, *words: str) -> str:
    names = {f"GIT_{who}_{what}": "a@b.eu" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *words], cwd=folder, env=os.environ | names, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Runner:
    """Runs the steps of the workflow one after the other, as GitHub does."""

    def __init__(self, path: Path, tools: Path) -> None:
        (self.job,) = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        tools.mkdir()
        python = tools / "python3"
        python.write_text(PYTHON.format(bash=BASH, python=sys.executable), encoding="utf-8")
        python.chmod(0o755)
        self.tools = tools

    def run(self, folder: Path, day: str) -> Ran:
        ran = Ran(folder)
        github = {"workspace": str(folder), "run_id": "1"}
        summary = folder.parent / f"{folder.name}-summary.md"
        base = environment(
            PATH=f"{self.tools}{os.pathsep}{os.environ['PATH']}",
            GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_WORKSPACE=str(folder),
            GITHUB_ACTIONS="true",
            DAY=day,
        )
        for step in self.job["steps"]:
            if not self._is_due(step, ran):
                continue
            if "uses" in step:
                self._use(step, ran)
                continue
            told = {
                name: filled(value, github) for name, value in (self.job["env"] | step.get("env", {})).items()
            }
            done = subprocess.run(
                # Without a shell of its own, a step runs in this one.
                [BASH or "bash", "-e", "-c", filled(step["run"], github)],
                cwd=folder,
                env=base | told,
                capture_output=True,
                text=True,
                check=False,
            )
            ran.said += done.stdout + done.stderr
            if done.returncode:
                ran.failed = ran.failed or step["name"]
        ran.summary = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return ran

    def _is_due(self, step: Mapping[str, Any], ran: Ran) -> bool:
        due: Mapping[str | None, Callable[[], bool]] = {
            None: lambda: ran.failed is None,
            "${{ !cancelled() && hashFiles('vie-match.db') != '' }}": (ran.folder / "vie-match.db").exists,
        }
        return due[step.get("if")]()

    def _use(self, step: Mapping[str, Any], ran: Ran) -> None:
        name, _, version = step["uses"].partition("@")
        assert name in {
            "actions/checkout",
            "actions/setup-python",
            "actions/cache",
            "actions/upload-artifact",
        }
        assert re.fullmatch(r"v\d+", version)
        if name == "actions/upload-artifact":
            ran.uploaded = sorted(path.name for path in (ran.folder / step["with"]["path"]).iterdir())
            assert ran.uploaded or step["with"]["if-no-files-found"] != "error"


def filled(text: str, github: Mapping[str, str]) -> str:
    """Fill in the expressions that the workflow uses; secrets and variables are not set."""

    def value(found: re.Match[str]) -> str:
        kind, _, name = found[1].partition(".")
        return {"github": github, "secrets": {}, "vars": {}}[kind].get(name, "")

    return re.sub(r"\$\{\{ ([\w.]+) \}\}", value, text)


@pytest.fixture
def world() -> Iterator[tuple[World, str]]:
    world = World()
    with replay.ReplayServer(world.routes()) as server:
        yield world, server.url


@pytest.fixture
def workflow(root: Path, tmp_path: Path, world: tuple[World, str]) -> Callable[..., Ran]:
    """Runs the workflow in a new clone of a repository that has been pushed somewhere."""
    source = tmp_path / "source"
    furnish(source, {"portal": f"{world[1]}/rest"}, '[weekly]\nteams = 0\nforms = ["html", "md"]\n')
    shutil.copytree(root / ".ci", source / ".ci")
    for name in ("README.md", ".gitignore"):
        shutil.copy(root / name, source / name)
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    git(source, "init", "--quiet", "--initial-branch", "main")
    git(source, "add", ".")
    git(source, "commit", "--quiet", "--message", "all")
    git(source, "push", "--quiet", str(tmp_path / "origin.git"), "main")
    runner = Runner(root / ".github" / "workflows" / "weekly.yml", tmp_path / "tools")

    def run(day: str) -> Ran:
        folder = tmp_path / day
        git(
            tmp_path,
            "clone",
            "--quiet",
            "--depth",
            "1",
            "--branch",
            "main",
            f"file://{tmp_path}/origin.git",
            day,
        )
        return runner.run(folder, day)

    return run


def test_the_workflow_knows_after_a_week_what_is_new(
    workflow: Callable[..., Ran], world: tuple[World, str], tmp_path: Path
) -> None:
    world[0].open = FIRST_WEEK
    first = workflow("2026-11-17")
    assert first.failed is None, first.said
    assert "this is the first week" in first.said
    assert first.uploaded == ["report-2026-11-17.html", "report-2026-11-17.md"]
    assert "-c .ci/constraints.txt -e ." in (first.folder / "pip.log").read_text(encoding="utf-8")

    world[0].open, world[0].closed = SECOND_WEEK, CLOSED
    second = workflow("2026-11-24")
    assert second.failed is None, second.said
    (line,) = second.summary.splitlines()
    assert "(1 new, 2 changed, 1 gone, 1 closed since 2026-11-17)" in line
    assert line in second.said
    assert "::warning" not in second.said

    origin = tmp_path / "origin.git"
    assert git(origin, "rev-list", "--count", "vie-match-store") == "1"
    assert git(origin, "ls-tree", "--name-only", "vie-match-store") == "vie-match.db"


def test_a_source_that_fails_is_a_warning_and_the_report_is_kept(
    workflow: Callable[..., Ran], world: tuple[World, str]
) -> None:
    world[0].open = FIRST_WEEK
    workflow("2026-11-17")
    world[0].instead = replay.html_instead()
    second = workflow("2026-11-24")
    assert second.failed is None, second.said
    assert "::warning::2026-11-24: 1 project, " in second.said
    assert "1 source could not be read" in second.summary
    assert second.uploaded[0] == "report-2026-11-24.html"


def test_after_a_failure_what_was_read_is_kept(
    workflow: Callable[..., Ran], world: tuple[World, str], tmp_path: Path
) -> None:
    world[0].open = FIRST_WEEK
    source = tmp_path / "source"
    git(source, "rm", "--quiet", "-r", "profiles")
    git(source, "commit", "--quiet", "--message", "none")
    git(source, "push", "--quiet", str(tmp_path / "origin.git"), "main")
    ran = workflow("2026-11-17")
    assert ran.failed == "the week"
    assert "profiles: found no such folder" in ran.said
    assert not ran.uploaded
    git(tmp_path / "source", "fetch", "--quiet", str(tmp_path / "origin.git"), "vie-match-store")
    with (tmp_path / "kept.db").open("wb") as file:
        subprocess.run(["git", "show", "FETCH_HEAD:vie-match.db"], cwd=source, stdout=file, check=True)
    assert len(CallStore(tmp_path / "kept.db").sightings()) == len(FIRST_WEEK)


@pytest.fixture
def units(root: Path, tmp_path: Path) -> list[Path]:
    """The units, as they stand for a person who has cloned the repository into the home folder."""
    program = tmp_path / "vie-match" / ".venv" / "bin" / "vie-match"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    folder = tmp_path / "units"
    folder.mkdir()
    for name in ("vie-match.service", "vie-match.timer"):
        text = (root / ".ci" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("%h", str(tmp_path)), encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_finds_nothing_wrong_with_the_units(units: list[Path], tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *map(str, units)],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
        check=False,
    )
    # Of the system's own units others may be told of.
    assert [line for line in done.stderr.splitlines() if "vie-match" in line] == []
    assert done.returncode == 0, done.stderr


def test_the_units_and_the_program_mean_the_same_by_an_exit_code(root: Path) -> None:
    from vie_match.cli.weekly import IN_PART

    service = (root / ".ci" / "vie-match.service").read_text(encoding="utf-8")
    assert re.search(r"^SuccessExitStatus=(\d+)$", service, re.MULTILINE)[1] == str(IN_PART)  # type: ignore[index]
    assert re.search(r"^ExecStart=\S+/vie-match weekly$", service, re.MULTILINE)
    assert f'"$code" = {IN_PART} ' in (root / ".github" / "workflows" / "weekly.yml").read_text(
        encoding="utf-8"
    )
