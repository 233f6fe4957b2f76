"""Who leads what with whom in a whole network: ``allocate``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    LanguageOption,
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
from vie_match.cli.printing import print_json, print_lines
from vie_match.cli.ranking import tell
from vie_match.speech import N_, speech

if TYPE_CHECKING:
    from vie_match.partners.allocation import Allocation
    from vie_match.records import Call
    from vie_match.reports.digest import Digest

_SAID: Mapping[str, str] = {
    "questions": N_("To be asked first:"),
    "optimal": N_("Proven to be the best."),
    "time limit": N_("The best found in time; another could be better by {share}."),
    "infeasible": N_("What is fixed cannot hold together:"),
    "nothing found in time": N_("Nothing was found in time."),
    "back": N_("Not on their own, another city of the network applies:"),
    "idle": N_("Without a team:"),
}


@app.command()
def allocate(  # noqa: PLR0913 - a command's options are its parameters
    capacity: Annotated[int, typer.Option(min=0, help="Most teams of a city.")] = 3,
    leads: Annotated[int, typer.Option(min=0, help="Most teams that a city leads.")] = 1,
    fixed: Annotated[list[str] | None, typer.Option(help="What is agreed already: PROFILE=CALL.")] = None,
    never: Annotated[list[str] | None, typer.Option(help="What must not be: PROFILE=CALL.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Time for the search.")] = 60,
    language: LanguageOption = None,
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
    from vie_match.partners.naming import city_id
    from vie_match.partners.plan import Plan
    from vie_match.track import book

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, top=top, model=model, language=language
    )
    with progress_bar() as progress:
        result = pipeline.match(chosen, knowledge.at_noon(day(today)), progress=progress)
    tell(result)
    cities = {part.profile.id: city_id(part.profile.city) for part in result.cities}
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
        print_json(found)
        return
    names = {one.id: one.member.name for one in own.candidates}
    _print(found, names, chosen.language_code)


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
    from vie_match.partners.naming import city_id

    found: dict[tuple[str, str], float] = {}
    for view in result.network:
        for fit in view.fits:
            key = (city_id(fit.profile.city), view.call.identifier)
            probability = fit.match.probability
            value = 1 / fit.match.rank if probability is None else probability
            found[key] = max(found.get(key, 0.0), value)
    return found


def _print(found: Allocation, names: Mapping[str, str], language: str) -> None:
    voice = speech(language)
    _ = voice.gettext
    if found.teams:
        shown = table(
            "",
            voice.pgettext("column", "call"),
            voice.pgettext("column", "leads"),
            voice.pgettext("column", "with"),
            voice.pgettext("column", "partners to be found"),
        )
        for team in found.teams:
            lacking = "; ".join(words[language] for words in team.missing)
            shown.add_row(
                Text(team.call),
                Text(team.members[0].name),
                Text(", ".join(member.name for member in team.members[1:])),
                Text(f"{team.needed}: {lacking}" if team.needed else ""),
            )
        Console().print(shown)
    output.print(_(_SAID[found.status.value]).format(share=voice.percent(found.gap or 0)))
    asked = [f"{team.call}: {words[language]}" for team in found.teams for words in team.questions]
    back = [f"{names[city]}: {call}" for city, call in found.stands_back]
    for key, lines in (
        ("", [words[language] for words in found.conflict]),
        ("back", back),
        ("questions", asked),
        ("idle", [", ".join(names[one] for one in found.idle)] if found.idle else []),
    ):
        print_lines(key and _(_SAID[key]), lines)
