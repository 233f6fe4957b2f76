"""A wrong command line: what was found, what is expected, in the language of the run, with exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match.cli import app, main

assert main.COMMANDS  # imported for the commands, which are part of the program only then

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs vie-match in an empty folder; returns what it said on standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def start(*words: str, code: int = 2) -> str:
        monkeypatch.setattr(sys, "argv", ["vie-match", *words])
        with pytest.raises(SystemExit) as ended:
            app.run()
        assert (ended.value.code or 0) == code
        return capsys.readouterr().err

    return start


WRONG = {
    ("fedback",): (
        "found the command 'fedback' (did you mean feedback?); expected one that vie-match --help lists",
        "gefunden: der Befehl 'fedback' (meinten Sie feedback?); erwartet: einer, den vie-match --help "
        "auflistet",
    ),
    ("feedback", "my-city", "X-1", "goood"): (
        "found VERDICT 'goood' (did you mean good?); expected one of: good, maybe, bad",
        "gefunden: VERDICT 'goood' (meinten Sie good?); erwartet: eines von good, maybe, bad",
    ),
    ("match", "--today", "01.12.2026"): (
        "found --today '01.12.2026'; expected a day as in 2026-11-24",
        "gefunden: --today '01.12.2026'; erwartet: ein Tag wie 2026-11-24 (Jahr-Monat-Tag)",
    ),
    ("match", "--tpo", "3"): (
        "found --tpo (did you mean --top?); expected an option of this command",
        "gefunden: --tpo (meinten Sie --top?); erwartet: eine Option dieses Befehls",
    ),
    ("match", "--top"): (
        "found --top without a value; expected one behind it",
        "gefunden: --top ohne Wert; erwartet: einer dahinter",
    ),
    ("match", "--top", "0"): (
        "found --top '0'; expected 1 or more",
        "gefunden: --top '0'; erwartet: 1 oder mehr",
    ),
    ("match", "--top", "five"): (
        "found --top 'five'; expected a whole number",
        "gefunden: --top 'five'; erwartet: eine ganze Zahl",
    ),
    ("new",): ("found no KIND; expected one", "KIND fehlt; erwartet: eine Angabe dafür"),
    ("network", "X-1"): (
        "found X-1 too many; expected fewer words, or a text with blanks in quotes",
        "zu viel: X-1; erwartet: weniger Wörter, oder ein Text mit Leerzeichen in Anführungszeichen",
    ),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage_is_told_in_the_language_of_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    english, german = WRONG[words]
    assert run(*words).startswith(f"error: {english}\n")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert run(*words).startswith(f"Fehler: {german}\n")


def test_wrong_usage_names_the_page_of_help(run: Run) -> None:
    assert run("calls", "--format", "jsn").endswith("\nvie-match calls --help says more\n")


def test_what_a_command_says_itself_stays(run: Run, tmp_path: Path) -> None:
    assert run("learn", "--show", "--undo").startswith("error: --show or --undo, not both\n")


def test_help_is_no_error(run: Run) -> None:
    assert run("match", "--help", code=0) == ""
