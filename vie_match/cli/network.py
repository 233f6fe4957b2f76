"""A whole network at once: ``network``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
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
    TodayOption,
    TopOption,
    app,
    closing,
    day,
    headings,
    print_rows,
    progress_bar,
    table,
)
from vie_match.cli.ranking import tell
from vie_match.speech import NC_
from vie_match.vocabulary import Answer

if TYPE_CHECKING:
    from vie_match.reports.digest import CityPart, Digest
    from vie_match.reports.network import Fit

# JSON has more: every city with its facts. A terminal is narrow and gets less.
_COLUMNS = {
    "call": (
        NC_("column", "call"),
        NC_("column", "title"),
        NC_("column", "deadline"),
        NC_("column", "fits"),
        NC_("column", "might lead"),
        NC_("column", "compete"),
        NC_("column", "together"),
        NC_("column", "team"),
        NC_("column", "url"),
        NC_("column", "barred"),
    ),
    "city": (
        NC_("column", "city"),
        NC_("column", "project"),
        NC_("column", "rank"),
        NC_("column", "call"),
        NC_("column", "title"),
        NC_("column", "deadline"),
        NC_("column", "chance"),
        NC_("column", "might lead"),
        NC_("column", "others"),
        NC_("column", "url"),
        NC_("column", "eligibility"),
        NC_("column", "because"),
    ),
}
_NARROW = {
    "call": (NC_("column", "call"), NC_("column", "fits"), NC_("column", "who with whom")),
    "city": (
        NC_("column", "city"),
        NC_("column", "#"),
        NC_("column", "call"),
        NC_("column", "deadline"),
        NC_("column", "likely"),
        NC_("column", "other cities"),
    ),
}


class By(StrEnum):
    """What the rows are about."""

    CALL = "call"
    CITY = "city"


@app.command()
def network(  # noqa: PLR0913 - a command's options are its parameters
    by: Annotated[By, typer.Option(help="One row per call, or each city's calls in order.")] = By.CALL,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    top: TopOption = None,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    language: LanguageOption = None,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Show which of the cities fit a call, who might lead, who would compete, who could apply together.

    Calls that fit most cities come first. A call fits when it is likely enough to be recommended; a model
    without probabilities recommends nothing, then the first of every profile count (--top). A city that may
    take part in no team stands apart, with the rule that says so.
    """
    from vie_match import knowledge, pipeline

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, top=top, model=model, language=language
    )
    with progress_bar() as progress:
        result = pipeline.match(chosen, knowledge.at_noon(day(today)), progress=progress)
    tell(result)
    rows = list((_by_call if by is By.CALL else _by_city)(result, chosen.language_code))
    if format is Format.JSON:
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    elif format is Format.TABLE:
        _print_table(rows, by)
    else:
        print_rows([_texts(row) for row in rows], _COLUMNS[by], format, {"deadline": closing})


def _print_table(rows: list[dict[str, Any]], by: By) -> None:
    shown = table("", *headings(_NARROW[by]))
    if by is By.CALL:
        for row in rows:
            told = [text for text in (*row["compete"], *row["together"], row["team"]) if text]
            # Alone, nobody needs a lead.
            fits = [
                ": ".join(filter(None, (name, city["because"] if told else "", city["not as lead"])))
                for name, city in zip(row["fits"], row["cities"], strict=True)
            ]
            shown.add_row(
                *_lines([row["title"], row["call"], closing(row["deadline"])], [*fits, *row["barred"]], told)
            )
    else:
        for row in rows:
            said = row | {"deadline": closing(row["deadline"])}
            facts = ([str(said[name] or "")] for name in ("city", "rank", "title", "deadline", "likely"))
            barred = [] if row["rank"] else [f"{row['eligibility']}: {row['because']}"]
            shown.add_row(*_lines(*facts, [", ".join(row["others"]), *barred]))
    Console().print(shown)


def _lines(*cells: Sequence[str]) -> list[Text]:
    return [Text("\n".join(lines)) for lines in cells]


def _by_call(result: Digest, language: str) -> Iterator[dict[str, Any]]:
    from vie_match.reports import network_wording, terms_wording

    for view in result.network:
        told = [(one.is_competition, network_wording.relation(one, language)) for one in view.relations]
        yield {
            "call": view.call.identifier,
            "title": view.call.title,
            "programme": view.call.programme.value,
            "deadline": view.call.closing(view.fits[0].match.deadline),
            "url": view.call.url,
            "fits": [_name(fit, language) for fit in view.fits],
            "might lead": [_leading(fit, language) for fit in view.fits if fit.might_lead is not Answer.NO],
            "compete": [text for competing, text in told if competing],
            "together": [text for competing, text in told if not competing],
            "team": network_wording.team(view, language) if view.relations else "",
            "cities": [_facts(fit, language) for fit in view.fits],
            "barred": [
                terms_wording.barred(one.profile.city.name, one.terms, language) for one in view.barred
            ],
        }


def _by_city(result: Digest, language: str) -> Iterator[dict[str, Any]]:
    from vie_match.reports import network, reasons, terms_wording

    for part in result.cities:
        for fit, view in network.of_profile(result.network, part.profile):
            others = [other for other in view.cities if other.city != part.profile.city]
            yield {
                "city": part.profile.city.name,
                "project": part.profile.title,
                "profile": part.profile.id,
                "rank": fit.match.rank,
                "call": view.call.identifier,
                "title": view.call.title,
                "programme": view.call.programme.value,
                "deadline": view.call.closing(fit.match.deadline),
                "url": view.call.url,
                "probability": fit.match.probability,
                "likely": reasons.likelihood(fit.match.probability, language),
                "chance": reasons.chance(fit.match.probability, language),
                "reason": reasons.reason(fit.match, language),
                "might lead": fit.might_lead.value,
                "others": [other.city.name for other in others],
                **terms_wording.facts(fit.terms, language),
            }
        yield from _barred(part, result, language)


def _barred(part: CityPart, result: Digest, language: str) -> Iterator[dict[str, Any]]:
    """Yield the calls in which a city may take part in no team: they have no rank."""
    from vie_match.reports import terms_wording

    for out in part.refused:
        yield {
            "city": part.profile.city.name,
            "project": part.profile.title,
            "profile": part.profile.id,
            "rank": None,
            "call": out.call.identifier,
            "title": out.call.title,
            "programme": out.call.programme.value,
            "deadline": out.call.closing(out.call.next_deadline(result.moment)),
            "url": out.call.url,
            **dict.fromkeys(("probability", "likely", "chance", "reason", "might lead")),
            "others": [],
            **terms_wording.facts(part.terms[out.call.identifier], language),
        }


def _name(fit: Fit, language: str) -> str:
    """Return a city with how likely the call fits it, as far as that is known."""
    from vie_match.reports import reasons

    likely = reasons.likelihood(fit.match.probability, language)
    return f"{fit.profile.city.name} ({likely})" if likely else fit.profile.city.name


def _leading(fit: Fit, language: str) -> str:
    from vie_match.reports import network_wording

    return f"{fit.profile.city.name} {network_wording.lead(fit.lead, language)}"


def _facts(fit: Fit, language: str) -> dict[str, Any]:
    """Return all that is known of a city's fit, for programs."""
    from vie_match.reports import network_wording, reasons, terms_wording

    return {
        "profile": fit.profile.id,
        "city": fit.profile.city.name,
        "country": fit.profile.city.country,
        "rank": fit.match.rank,
        "probability": fit.match.probability,
        "chance": reasons.chance(fit.match.probability, language),
        "role wanted": fit.lead.wish.value,
        "might lead": fit.might_lead.value,
        "because": network_wording.lead(fit.lead, language),
        "coordinated": [
            {"acronym": one.acronym, "start": str(one.start or ""), "source": one.source, "url": one.url}
            for one in fit.lead.coordinated
        ],
        "not as lead": terms_wording.not_as_lead(fit.terms, language) if fit.terms else "",
        "terms": terms_wording.facts(fit.terms, language),
    }


def _texts(row: dict[str, Any]) -> dict[str, str]:
    return {
        name: " / ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in row.items()
        if value is not None
    }
