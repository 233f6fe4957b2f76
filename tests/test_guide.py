"""The guide: what it shows runs, its commands exist, and it says the same in both languages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

import vie_match
from vie_match.cli import main  # noqa: F401 - it registers the commands
from vie_match.cli.app import app
from vie_match.sources.files import load_calls

GUIDE = Path(vie_match.__file__).parent / "guide"
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
OFFICERS = ("officers.en.md", "officers.de.md")


@pytest.mark.model
def test_the_blocks_of_the_library_page_run_one_after_the_other(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    blocks = PYTHON.findall((GUIDE / "library.md").read_text(encoding="utf-8"))
    assert len(blocks) == 10
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "library.md", "exec"), names)
    assert "error" not in names
    assert names["suggested"].towns  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", OFFICERS)
def test_the_commands_of_the_officers_guide_exist_with_their_options(page: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    lines = [
        line
        for block in SHELL.findall((GUIDE / page).read_text(encoding="utf-8"))
        for line in block.splitlines()
    ]
    assert len(lines) >= 9
    for line in lines:
        name, command, *arguments = shlex.split(line)
        assert name == "vie-match"
        # Parsed, not run: an unknown command, option or a missing argument raises.
        commands[command].make_context(command, arguments)


def test_the_officers_guide_says_the_same_in_both_languages() -> None:
    english, german = ((GUIDE / page).read_text(encoding="utf-8") for page in OFFICERS)
    for mark in (r"^## \d", r"^### ", r"^\| ", r"^\* ", r"^```sh"):
        counts = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, german)]
        assert counts[0] == counts[1], mark


@pytest.mark.parametrize("page", OFFICERS)
def test_the_calls_the_officers_guide_names_are_among_those_shipped(root: Path, page: str) -> None:
    shell = "".join(SHELL.findall((GUIDE / page).read_text(encoding="utf-8")))
    named = set(re.findall(r"\b[A-Z]+(?:-[A-Z]+)?-\d{4}-[A-Z0-9-]+", shell))
    assert len(named) >= 3
    assert named <= {call.identifier for call in load_calls(root / "calls")}
