"""Ranking: ``report`` and ``match``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from vie_match.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from vie_match.reports.digest import CityPart, Digest
    from vie_match.reports.terms import Desk, Terms
    from vie_match.results import Match

    Shown = tuple[Match, Terms | None]

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
    language: LanguageOption = Language.EN,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Print the best calls for one or more profiles, each with its reason and whether the city may apply.

    Only calls that are likely enough to be worth reading are printed; of a profile without any, the table
    names the nearest one. Calls in which the city can take part in no team are named apart, with the rule.
    """
    from vie_match import knowledge, pipeline
    from vie_match.reports.terms import Desk

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, top=top, model=model)
    with progress_bar() as progress:
        moment = knowledge.at_noon(day(today))
        result = pipeline.match(chosen, moment, only=ids or (), progress=progress)
    tell(result)
    known = {part.profile.id: part for part in result.cities}
    parts = [known[one] for one in dict.fromkeys(ids or known)]
    # What is too unlikely to be recommended was not judged with the others.
    desk = Desk(moment) if everything else None
    shown = [(part, _with_terms(part, chosen.top, desk)) for part in parts]
    if format is Format.TABLE:
        for part, matches in shown:
            _print_table(part, matches, result, language)
    else:
        note(told for part in parts for told in _refused(part, language))
        flat = [found for _, matches in shown for found in matches]
        printed = {Format.JSON: _as_json, Format.CSV: _as_csv, Format.MD: _as_markdown}[format]
        sys.stdout.write(printed(flat, language))
    note(desk.notices if desk else ())


def tell(result: Digest) -> None:
    """Say on standard error what could not be read."""
    note(result.notices)
    for fault in result.faults:
        log.print(Text.assemble(("left out: ", "bold yellow"), str(fault)), soft_wrap=True)


def _with_terms(part: CityPart, top: int, desk: Desk | None) -> list[Shown]:
    """Return the matches to print with the terms for the city; with a desk also those that are unlikely."""
    if desk is None:
        return [(found, part.terms.get(found.call.identifier)) for found in part.best]
    return [
        (found, part.terms.get(found.call.identifier) or desk.judge(found.call, part.profile))
        for found in part.ranked[:top]
    ]


def _refused(part: CityPart, language: str) -> Iterator[str]:
    """Yield the calls that were set apart because the city may take part in no team."""
    from vie_match.reports import terms_wording

    for out in part.refused:
        told = terms_wording.barred(part.profile.city.name, part.terms[out.call.identifier], language)
        yield f"{out.call.title} ({out.call.identifier}): {told}"


def _print_table(part: CityPart, matches: Sequence[Shown], result: Digest, language: str) -> None:
    title = f"{part.profile.city.name}: {part.profile.title}"
    if matches:
        Console().print(_table(title, matches, result, language))
    else:
        output.print(Text(title, style="italic"))
        output.print(Text(_nothing(part)))
    for told in _refused(part, language):
        output.print(Text(told))


def _table(title: str, matches: Sequence[Shown], result: Digest, language: str) -> Table:
    from vie_match.reports import reasons, terms_wording, wording

    shown = table(title, "#", "Call", "Programme", "When", "Why")
    for found, terms in matches:
        told = (
            reasons.chance(found.probability, language),
            reasons.reason(found, language),
            f"{terms_wording.verdict(terms, language)}. {terms_wording.because(terms, language)}".strip(),
        )
        shown.add_row(
            str(found.rank),
            Text(f"{found.call.title}\n{found.call.identifier}"),
            found.call.programme.value,
            f"{wording.status(found)}; {wording.deadline(found, result.today)}",
            Text("\n".join(filter(None, told))),
        )
    return shown


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


def _told(found: Match, terms: Terms | None, language: str) -> dict[str, Any]:
    """Return what a match says to people, for programs."""
    from vie_match.reports import reasons, terms_wording

    return {
        "probability": found.probability,
        "chance": reasons.chance(found.probability, language),
        "reason": reasons.reason(found, language),
        "audience": found.audience,
        **terms_wording.facts(terms, language),
    }


def _as_json(matches: Sequence[Shown], language: str) -> str:
    rows = [found.model_dump(mode="json") | _told(found, terms, language) for found, terms in matches]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _as_csv(matches: Sequence[Shown], language: str) -> str:
    from vie_match import tables
    from vie_match.reports import terms_wording

    rows = [tables.match_row(found) | _told(found, terms, language) for found, terms in matches]
    flat = [row | {"questions": " / ".join(row["questions"])} for row in rows]
    extra = ("chance", "reason", *terms_wording.facts(None))
    return as_csv(flat, (*tables.MATCH_COLUMNS, *extra))


def _as_markdown(matches: Sequence[Shown], language: str) -> str:
    from vie_match import tables

    told = ("chance", "reason", "eligibility", "because")
    columns = ("profile", "rank", "identifier", "title", "programme", "deadline", *told)
    rows = [tables.match_row(found) | _told(found, terms, language) for found, terms in matches]
    return as_markdown([[str(row[name] or "") for name in columns] for row in rows], columns)
