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
    LanguageOption,
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
    headings,
    left_out,
    near_miss,
    note,
    output,
    progress_bar,
    remembered,
    speaking,
    table,
)
from vie_match.errors import BadValue
from vie_match.speech import NC_, speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from vie_match.reports.digest import CityPart, Digest
    from vie_match.reports.outputs import Form
    from vie_match.reports.terms import Desk, Terms
    from vie_match.results import Match

    Shown = tuple[Match, Terms | None]

FormOption = Annotated[
    list[str] | None,
    typer.Option("--form", help="Form of the report; may be repeated.", show_default="html, md, network"),
]
_HEADS = (
    NC_("column", "#"),
    NC_("column", "Call"),
    NC_("column", "Programme"),
    NC_("column", "When"),
    NC_("column", "Why"),
)


@app.command()
def report(  # noqa: PLR0913 - a command's options are its parameters
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report.", show_default="reports")] = None,
    form: FormOption = None,
    top: TopOption = None,
    language: LanguageOption = None,
    today: TodayOption = None,
    model: ModelOption = None,
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write the weekly report for all profiles and the page of the network, or the forms that are named.

    Prints the paths of the files. Files that cannot be read are listed in the report and here; the others
    are ranked all the same.
    """
    from vie_match import knowledge, pipeline
    from vie_match.reports.outputs import USUAL

    chosen = settings.load(
        settings_file,
        profiles=profiles,
        calls=calls,
        reports=out,
        top=top,
        model=model,
        store=store,
        language=language,
    )
    asked = forms(form) if form else USUAL
    with progress_bar() as progress:
        written = pipeline.report(
            chosen,
            knowledge.at_noon(remembered(today)),
            forms=asked,
            language=chosen.language_code,
            progress=progress,
        )
    tell(written.digest)
    for file in written.files:
        output.print(str(file), markup=False, highlight=False)


def forms(names: Sequence[str]) -> tuple[Form, ...]:
    """Return the forms of a report by name, each once.

    Raises
    ------
    BadValue
        For a name that is none, with all there are.
    """
    from vie_match.reports.outputs import Form

    known = [form.value for form in Form]
    for name in names:
        if name not in known:
            pattern = speaking().gettext("found the form {name}; expected: {forms}")
            raise BadValue(pattern.format(name=f"{name!r}{near_miss(name, known)}", forms=", ".join(known)))
    return tuple(map(Form, dict.fromkeys(names)))


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
    language: LanguageOption = None,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Print the best calls for one or more profiles, each with its reason and whether the city may apply.

    Only calls that are likely enough to be worth reading are printed; of a profile without any, the table
    names the nearest one. Calls in which the city can take part in no team are named apart, with the rule.
    """
    from vie_match import knowledge, pipeline
    from vie_match.reports import terms_wording
    from vie_match.reports.terms import Desk

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, top=top, model=model, language=language
    )
    told_in = chosen.language_code
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
            _print_table(part, matches, result, told_in)
    else:
        note(told for part in parts for told in _refused(part, told_in))
        flat = [found for _, matches in shown for found in matches]
        printed = {Format.JSON: _as_json, Format.CSV: _as_csv, Format.MD: _as_markdown}[format]
        sys.stdout.write(printed(flat, told_in))
    note(terms_wording.notices(desk.failures, told_in) if desk else ())


def tell(result: Digest) -> None:
    """Say on standard error what could not be read."""
    note(result.notices)
    left_out(result.faults)


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
        output.print(Text(_nothing(part, language)))
    for told in _refused(part, language):
        output.print(Text(told))


def _table(title: str, matches: Sequence[Shown], result: Digest, language: str) -> Table:
    from vie_match.reports import reasons, terms_wording, wording

    shown = table(title, *headings(_HEADS))
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
            f"{wording.status(found, language)}; {wording.deadline(found, result.today, language)}",
            Text("\n".join(filter(None, told))),
        )
    return shown


def _nothing(part: CityPart, language: str) -> str:
    """Say that nothing is suitable, and what is nearest."""
    from vie_match.reports import reasons

    _ = speech(language).gettext
    if part.nearest is None:
        return _("No open call to show this week.")
    nearest = part.nearest
    return _("Nothing suitable this week. The nearest call: {title} ({identifier}) – {chance}.").format(
        title=nearest.call.title,
        identifier=nearest.call.identifier,
        chance=reasons.chance(nearest.probability, language),
    )


def _told(found: Match, terms: Terms | None, language: str) -> dict[str, Any]:
    """Return what a match says to people, for programs."""
    from vie_match.reports import reasons, terms_wording

    return {
        "probability": found.probability,
        "chance": reasons.chance(found.probability, language),
        "reason": reasons.reason(found, language),
        "audience": reasons.for_whom(found, language),
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

    columns = (
        NC_("column", "profile"),
        NC_("column", "rank"),
        NC_("column", "identifier"),
        NC_("column", "title"),
        NC_("column", "programme"),
        NC_("column", "deadline"),
        NC_("column", "chance"),
        NC_("column", "reason"),
        NC_("column", "eligibility"),
        NC_("column", "because"),
    )
    rows = [tables.match_row(found) | _told(found, terms, language) for found, terms in matches]
    return as_markdown([[str(row[name] or "") for name in columns] for row in rows], headings(columns))
