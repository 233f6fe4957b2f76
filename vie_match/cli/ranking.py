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
from vie_match.reports.catalogue import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vie_match.reports.digest import CityPart, Digest
    from vie_match.results import Match

LanguageOption = Annotated[Language, typer.Option(help="Language of the sentences.")]


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
    tell(written.digest)
    for file in written.files:
        output.print(str(file), markup=False, highlight=False)


@app.command()
def match(  # noqa: PLR0913 - a command's options are its parameters
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of profiles; all when none is given.", metavar="[PROFILE]…"),
    ] = None,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    top: TopOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also calls that are too unlikely to be recommended.")
    ] = False,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    language: LanguageOption = Language.ENGLISH,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Print the best calls for one or more profiles, each with its reason.

    Only calls that are likely enough to be worth reading are printed; of a profile without any, the table
    names the nearest one.
    """
    from vie_match import knowledge, pipeline

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, top=top, model=model)
    with progress_bar() as progress:
        moment = knowledge.at_noon(day(today))
        result = pipeline.match(chosen, moment, only=ids or (), progress=progress)
    tell(result)
    known = {part.profile.id: part for part in result.cities}
    parts = [known[one] for one in dict.fromkeys(ids or known)]
    shown = [(part, part.ranked[: chosen.top] if everything else part.best) for part in parts]
    if format is Format.TABLE:
        for part, matches in shown:
            _print_table(part, matches, result, language)
    else:
        flat = [found for _, matches in shown for found in matches]
        printed = {Format.JSON: _as_json, Format.CSV: _as_csv, Format.MD: _as_markdown}[format]
        sys.stdout.write(printed(flat, language))


def tell(result: Digest) -> None:
    """Say on standard error what could not be read."""
    note(result.notices)
    for fault in result.faults:
        log.print(Text.assemble(("left out: ", "bold yellow"), str(fault)), soft_wrap=True)


def _print_table(part: CityPart, matches: Sequence[Match], result: Digest, language: str) -> None:
    from vie_match.reports import reasons, wording

    title = f"{part.profile.city.name}: {part.profile.title}"
    if not matches:
        output.print(Text(title, style="italic"))
        output.print(Text(_nothing(part)))
        return
    shown = table(title, "#", "Call", "Programme", "When", "Why")
    for found in matches:
        told = (reasons.chance(found.probability, language), reasons.reason(found, language))
        shown.add_row(
            str(found.rank),
            Text(f"{found.call.title}\n{found.call.identifier}"),
            found.call.programme.value,
            f"{wording.status(found)}; {wording.deadline(found, result.today)}",
            Text("\n".join(filter(None, told))),
        )
    Console().print(shown)


def _nothing(part: CityPart) -> str:
    """Say that nothing is suitable, and what is nearest."""
    from vie_match.reports import reasons

    if part.nearest is None:
        return "No open call to show this week."
    nearest = part.nearest
    return (
        f"Nothing suitable this week. The nearest call: {nearest.call.title} ({nearest.call.identifier}) – "
        f"{reasons.chance(nearest.probability)}."
    )


def _told(found: Match, language: str) -> dict[str, str | float | None]:
    """Return what a match says to people, for programs."""
    from vie_match.reports import reasons

    return {
        "probability": found.probability,
        "chance": reasons.chance(found.probability, language),
        "reason": reasons.reason(found, language),
        "audience": found.audience,
    }


def _as_json(matches: Sequence[Match], language: str) -> str:
    rows = [found.model_dump(mode="json") | _told(found, language) for found in matches]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _as_csv(matches: Sequence[Match], language: str) -> str:
    from vie_match import tables

    rows = [tables.match_row(found) | _told(found, language) for found in matches]
    extra = ("probability", "chance", "reason", "audience")
    return as_csv(
        rows, (*tables.MATCH_COLUMNS, *(name for name in extra if name not in tables.MATCH_COLUMNS))
    )


def _as_markdown(matches: Sequence[Match], language: str) -> str:
    from vie_match import tables

    columns = ("profile", "rank", "identifier", "title", "programme", "deadline", "chance", "reason")
    rows = [tables.match_row(found) | _told(found, language) for found in matches]
    return as_markdown([[str(row[name] or "") for name in columns] for row in rows], columns)
