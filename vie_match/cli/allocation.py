"""Who leads what with whom in a whole network: ``allocate``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    ModelOption,
    ProfilesOption,
    SettingsOption,
    TodayOption,
    TopOption,
    app,
    day,
    output,
    progress_bar,
    table,
)
from vie_match.cli.ranking import tell
from vie_match.vocabulary import Language

if TYPE_CHECKING:
    from vie_match.partners.allocation import Allocation
    from vie_match.records import Call
    from vie_match.reports.digest import Digest

_SAID = {
    "call": ("call", "Aufruf"),
    "leads": ("leads", "leitet"),
    "with": ("with", "mit"),
    "needed": ("partners to be found", "noch zu findende Partner"),
    "questions": ("To be asked first:", "Vorher zu fragen:"),
    "optimal": ("Proven to be the best.", "Nachweislich die beste Aufteilung."),
    "time limit": (
        "The best found in time; another could be better by {gap} %.",
        "Die beste, die in der Zeit gefunden wurde; eine andere könnte um {gap} % besser sein.",
    ),
    "infeasible": ("What is fixed cannot hold together:", "Was feststeht, geht nicht zusammen:"),
    "nothing found in time": ("Nothing was found in time.", "In der Zeit wurde nichts gefunden."),
    "back": (
        "Not on their own, another city of the network applies:",
        "Nicht allein antreten, eine andere Stadt des Netzes tritt an:",
    ),
    "idle": ("Without a team:", "Ohne Team:"),
}


@app.command()
def allocate(  # noqa: PLR0913 - a command's options are its parameters
    capacity: Annotated[int, typer.Option(min=0, help="Most teams of a city.")] = 3,
    leads: Annotated[int, typer.Option(min=0, help="Most teams that a city leads.")] = 1,
    fixed: Annotated[list[str] | None, typer.Option(help="What is agreed already: PROFILE=CALL.")] = None,
    never: Annotated[list[str] | None, typer.Option(help="What must not be: PROFILE=CALL.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Time for the search.")] = 60,
    language: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    top: TopOption = None,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Share the calls out among the cities: who leads which with whom, so that none compete.

    Calls that fit are those of "vie-match network". No city is in more teams than it can be, and in none that
    the call's rules forbid; partners that the rules need besides are counted.
    """
    from vie_match import knowledge, pipeline
    from vie_match.eligibility.check import rules_of_call
    from vie_match.partners import allocation, pool
    from vie_match.partners.plan import Plan
    from vie_match.track import book

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, top=top, model=model)
    with progress_bar() as progress:
        result = pipeline.match(chosen, knowledge.at_noon(day(today)), progress=progress)
    tell(result)
    cities = {part.profile.id: pool.city_id(part.profile.city) for part in result.cities}
    known = {view.call.identifier: view.call for view in result.network}
    own = pool.network([part.profile for part in result.cities], book.current(chosen.cities))
    plan = Plan(
        capacity=capacity,
        lead_capacity=leads,
        fixed=tuple((*_pair("--fixed", text, cities, known), None) for text in fixed or ()),
        never=tuple(_pair("--never", text, cities, known) for text in never or ()),
    )
    found = allocation.allocate(
        own.candidates,
        {identifier: rules_of_call(call) for identifier, call in known.items()},
        _fits(result),
        plan,
        own.ties,
        seconds=seconds,
    )
    if as_json:
        sys.stdout.write(json.dumps(found.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n")
        return
    names = {one.id: one.member.name for one in own.candidates}
    _print(found, names, language)


def _pair(option: str, text: str, cities: Mapping[str, str], calls: Mapping[str, Call]) -> tuple[str, str]:
    """Return the city and the call of an option."""
    profile, _, call = text.partition("=")
    if profile not in cities:
        near = errors.near_miss(profile, cities)
        raise errors.BadValue(f"found {option} {text!r}{near}; expected PROFILE=CALL with a profile's id")
    if call not in calls:
        near = errors.near_miss(call, calls)
        raise errors.BadValue(f"found {option} {text!r}{near}; expected a call that fits some city")
    return cities[profile], call


def _fits(result: Digest) -> dict[tuple[str, str], float]:
    """Return how well calls fit cities: the probability, or without one the rank's reciprocal."""
    from vie_match.partners.pool import city_id

    found: dict[tuple[str, str], float] = {}
    for view in result.network:
        for fit in view.fits:
            key = (city_id(fit.profile.city), view.call.identifier)
            probability = fit.match.probability
            value = 1 / fit.match.rank if probability is None else probability
            found[key] = max(found.get(key, 0.0), value)
    return found


def _say(key: str, language: Language) -> str:
    return _SAID[key][language is Language.DE]


def _print(found: Allocation, names: Mapping[str, str], language: Language) -> None:
    if found.teams:
        columns = ("call", "leads", "with", "needed")
        shown = table("", *(_say(key, language) for key in columns))
        for team in found.teams:
            lacking = "; ".join(words[language] for words in team.missing)
            shown.add_row(
                Text(team.call),
                Text(team.members[0].name),
                Text(", ".join(member.name for member in team.members[1:])),
                Text(f"{team.needed}: {lacking}" if team.needed else ""),
            )
        Console().print(shown)
    gap = f"{100 * (found.gap or 0):.1f}"
    output.print(_say(found.status.value, language).format(gap=gap))
    asked = [f"{team.call}: {words[language]}" for team in found.teams for words in team.questions]
    back = [f"{names[city]}: {call}" for city, call in found.stands_back]
    for key, lines in (
        ("", [words[language] for words in found.conflict]),
        ("back", back),
        ("questions", asked),
        ("idle", [", ".join(names[one] for one in found.idle)] if found.idle else []),
    ):
        _lines(key and _say(key, language), lines)


def _lines(title: str, lines: Sequence[str]) -> None:
    if lines and title:
        output.print(title)
    for line in lines:
        output.print(Text(f"  - {line}"))
