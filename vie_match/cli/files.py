"""The files people write: ``new``, ``check`` and ``schema``."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import CallsOption, ProfilesOption, SettingsOption, app, note, output, speaking


class Kind(StrEnum):
    """The two kinds of file."""

    PROFILE = "profile"
    CALL = "call"


@app.command()
def check(
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Check all profile and call files and say what is wrong, file by file, line by line.

    Exit code 1 when something is.
    """
    from vie_match.sources.files import load_calls, load_profiles

    chosen = settings.load(settings_file, profiles=profiles, calls=calls)
    loaded_profiles, loaded_calls = load_profiles(chosen.profiles), load_calls(chosen.calls)
    note(loaded_profiles.notices + loaded_calls.notices)
    faults = loaded_profiles.faults + loaded_calls.faults
    says = speaking()
    told = says.gettext("{profiles} profiles and {calls} calls are in order.")
    output.print(
        told.format(profiles=says.number(len(loaded_profiles)), calls=says.number(len(loaded_calls)))
    )
    if faults:
        raise errors.BadFile(faults)


@app.command()
def new(
    kind: Annotated[Kind, typer.Argument(help="What to begin.")],
    file: Annotated[Path | None, typer.Argument(help="File to write; standard output if none.")] = None,
    language: Annotated[str, typer.Option(help="Language of a profile (ISO 639-1).")] = "en",
) -> None:
    """Write an empty, commented file to fill in."""
    from vie_match.sources import forms
    from vie_match.vocabulary import parse_language
    from vie_match.whole import write_whole

    text = forms.profile(parse_language(language)) if kind is Kind.PROFILE else forms.call()
    if file is None:
        sys.stdout.write(text)
        return
    if file.exists():
        pattern = speaking().gettext("{file} exists already; name another file, or delete it first")
        raise errors.BadValue(pattern.format(file=file))
    write_whole(file, text)
    output.print(str(file), markup=False, highlight=False)


@app.command()
def schema(kind: Annotated[Kind, typer.Argument(help="Which record.")]) -> None:
    """Print the JSON Schema of a file's keys, for editors and other programs."""
    from vie_match.records import Call, Profile
    from vie_match.schemas import file_schema

    record = Profile if kind is Kind.PROFILE else Call
    sys.stdout.write(json.dumps(file_schema(record), indent=2, ensure_ascii=False) + "\n")
