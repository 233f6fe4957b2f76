"""Ranking: ``report`` and ``match``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from vie_match import settings
from vie_match.cli.app import (
    CallsOption,
    Format,
    ModelOption,
    ProfilesOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    TopOption,
    app,
    as_csv,
    as_markdown,
    day,
    log,
    note,
    output,
    progress_bar,
    table,
)

if TYPE_CHECKING:
    from vie_match.reports.digest import Digest
    from vie_match.results import Match


@app.command()
def report(
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report.", show_default="reports")] = None,
    top: TopOption = None,
    today: TodayOption = None,
    model: ModelOption = None,
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write the weekly report (HTML and Markdown) for all profiles.

    Prints the paths of the two files. Files that cannot be read are listed in the report and here; the
    others are ranked all the same.
    """
    from vie_match import knowledge, pipeline

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, reports=out, top=top, model=model, store=store
    )
    with progress_bar() as progress:
        written = pipeline.report(chosen, knowledge.at_noon(day(today)), progress=progress)
    _tell(written.digest)
    for file in written.files:
        output.print(str(file), markup=False, highlight=False)


@app.command()
def match(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of profiles; all when none is given.", metavar="[PROFILE]…"),
    ] = None,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    top: TopOption = None,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Print the best calls for one or more profiles."""
    from vie_match import knowledge, pipeline

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, top=top, model=model)
    with progress_bar() as progress:
        moment = knowledge.at_noon(day(today))
        result = pipeline.match(chosen, moment, only=ids or (), progress=progress)
    _tell(result)
    known = {part.profile.id: part for part in result.cities}
    matches = [found for one in dict.fromkeys(ids or known) for found in known[one].best]
    if format is Format.TABLE:
        _print_tables(matches, result)
    else:
        printed = {Format.JSON: _as_json, Format.CSV: _as_csv, Format.MD: _as_markdown}[format](matches)
        sys.stdout.write(printed)


def _tell(result: Digest) -> None:
    """Say on standard error what could not be read."""
    note(result.notices)
    for fault in result.faults:
        log.print(Text.assemble(("left out: ", "bold yellow"), str(fault)), soft_wrap=True)


def _print_tables(matches: list[Match], result: Digest) -> None:
    from vie_match.reports import wording

    titles = {part.profile.id: f"{part.profile.city.name}: {part.profile.title}" for part in result.cities}
    for profile_id in dict.fromkeys(found.profile_id for found in matches):
        shown = table(titles[profile_id], "#", "Call", "Programme", "When")
        for found in (found for found in matches if found.profile_id == profile_id):
            shown.add_row(
                str(found.rank),
                Text(f"{found.call.title}\n{found.call.identifier}"),
                found.call.programme.value,
                f"{wording.status(found)}; {wording.deadline(found, result.today)}",
            )
        Console().print(shown)


def _as_json(matches: list[Match]) -> str:
    rows = [found.model_dump(mode="json") for found in matches]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _as_csv(matches: list[Match]) -> str:
    from vie_match import tables

    return as_csv(map(tables.match_row, matches), tables.MATCH_COLUMNS)


def _as_markdown(matches: list[Match]) -> str:
    from vie_match import tables

    columns = ("profile", "rank", "identifier", "title", "programme", "deadline")
    rows = [[str(row[name] or "") for name in columns] for row in map(tables.match_row, matches)]
    return as_markdown(rows, columns)
