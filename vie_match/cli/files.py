"""The files people write: ``new``, ``check`` and ``schema``."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import errors, settings, speech
from vie_match.cli.app import (
    SETTINGS_LANGUAGE,
    CallsOption,
    ProfilesOption,
    SettingsOption,
    app,
    note,
    output,
    speaking,
    spoken,
)
from vie_match.messages import M_

if TYPE_CHECKING:
    from vie_match.records import Profile


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
    note(filter(None, map(_unsaid, loaded_profiles)))
    faults = loaded_profiles.faults + loaded_calls.faults
    says = speaking()
    output.print(
        says.gettext("In order: {profiles}, {calls}.").format(
            profiles=says.ngettext("{n} profile", "{n} profiles", len(loaded_profiles)),
            calls=says.ngettext("{n} call", "{n} calls", len(loaded_calls)),
        )
    )
    if faults:
        raise errors.BadFile(faults)


@app.command()
def new(
    kind: Annotated[Kind, typer.Argument(help="What to begin.")],
    file: Annotated[Path | None, typer.Argument(help="File to write; standard output if none.")] = None,
    language: Annotated[
        str | None,
        typer.Option(help="Language of a profile (ISO 639-1).", show_default=SETTINGS_LANGUAGE),
    ] = None,
) -> None:
    """Write an empty, commented file to fill in."""
    from vie_match.sources import forms
    from vie_match.vocabulary import parse_language
    from vie_match.whole import write_whole

    if kind is Kind.PROFILE:
        written = parse_language(language) if language else spoken()
        # Who writes German reads German, whatever the machine speaks.
        hints = written if written in speech.languages() else spoken()
        text = forms.profile(written, id=_id(file), hints=hints)
    else:
        text = forms.call(spoken())
    if file is None:
        sys.stdout.write(text)
        return
    if file.exists():
        pattern = speaking().gettext("{file} exists already; name another file, or delete it first")
        raise errors.BadValue(pattern.format(file=file))
    write_whole(file, text)
    output.print(str(file), markup=False, highlight=False)


def _unsaid(profile: Profile) -> str:
    """Return which of the form's three parts a profile with headings lacks, or an empty text."""
    from vie_match import sections
    from vie_match.reports.wording import quoted

    parts = sections.sections(profile.text)
    there = {part.kind for part in parts}
    named = sections.HEADINGS.get(profile.language, sections.HEADINGS[speech.SOURCE])
    kinds = (sections.PLAN, sections.NEEDS, sections.OFFERS)
    missing = [quoted(name, spoken()) for kind, name in zip(kinds, named, strict=True) if kind not in there]
    if not missing or not any(part.heading for part in parts):
        return ""
    return M_(
        "{profile}: nothing under {names}; other headings are read, but not as plan, need or offer",
        profile=profile.id,
        names=", ".join(missing),
    )


def _id(file: Path | None) -> str:
    """Return the id that a file's name proposes.

    Examples
    --------
    >>> _id(Path("profiles/Ludwigsburg Wärme.md")), _id(None)
    ('ludwigsburg-wärme', 'my-city-my-project')
    """
    stem = unicodedata.normalize("NFC", file.stem).casefold() if file else ""
    name = re.sub(r"[^\w.-]+", "-", stem).strip("-._")
    return name[:80] or "my-city-my-project"


@app.command()
def schema(kind: Annotated[Kind, typer.Argument(help="Which record.")]) -> None:
    """Print the JSON Schema of a file's keys, for editors and other programs."""
    from vie_match.records import Call, Profile
    from vie_match.schemas import file_schema

    record = Profile if kind is Kind.PROFILE else Call
    sys.stdout.write(json.dumps(file_schema(record), indent=2, ensure_ascii=False) + "\n")
