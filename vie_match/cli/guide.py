"""The guide for funding officers on the terminal: ``guide``."""

from __future__ import annotations

import sys
from importlib import resources

import typer
from rich.console import Console
from rich.markdown import Markdown

from vie_match import settings, speech
from vie_match.cli.app import LanguageOption, SettingsOption, app


@app.command()
def guide(
    plain: bool = typer.Option(False, "--plain", help="As Markdown, without colours and frames."),
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Print the guide for funding officers: how to write a profile, how to read report and verdict."""
    code = speech.speech(language or settings.load(settings_file).language_code).language
    pages = resources.files("vie_match") / "guide"
    own = pages / f"officers.{code}.md"
    text = (own if own.is_file() else pages / f"officers.{speech.SOURCE}.md").read_text(encoding="utf-8")
    if plain or not sys.stdout.isatty():
        sys.stdout.write(text)
    else:
        Console().print(Markdown(text))
