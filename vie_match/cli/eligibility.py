"""May we apply?: ``eligible``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    ProfilesOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    day,
    note,
    output,
    table,
)
from vie_match.cli.finding import find_call
from vie_match.vocabulary import Answer, Language

if TYPE_CHECKING:
    from vie_match.eligibility.facts import Team
    from vie_match.eligibility.verdict import Eligibility
    from vie_match.records import Call, Profile
    from vie_match.settings import Settings

_ANSWERS = {
    "yes": ("yes", "ja"),
    "no": ("no", "nein"),
    "unknown": ("not known", "offen"),
}
_TITLES = {
    "alone": ("May {names} apply as they are?", "Darf {names} so, wie das Team steht, antragen?"),
    "join": ("May {names} take part in a larger team?", "Darf {names} in einem größeren Team mitmachen?"),
    "nothing": ("nothing known is against it", "nichts Bekanntes spricht dagegen"),
    "missing": ("What is missing:", "Was fehlt:"),
    "open": ("What would settle the rest:", "Was den Rest klären würde:"),
    "rules": ("rule", "Regel"),
    "answer": ("answer", "Antwort"),
    "because": ("because", "weil"),
    "source": ("source", "Quelle"),
    "recalled": (
        "In brackets: not from a source that holds for this call, so it does not decide.",
        "In Klammern: nicht aus einer Quelle, die für diesen Aufruf gilt; entscheidet nicht.",
    ),
}


@app.command()
def eligible(  # noqa: PLR0913 - a command's options are its parameters
    profile: Annotated[str, typer.Argument(help="Id of a profile.")],
    call: Annotated[str, typer.Argument(help="Identifier of a call.")],
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", help="A further city: id of a profile, or NAME:COUNTRY as in Ghent:BE."),
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    today: TodayOption = None,
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Say rule by rule whether a city, alone or with others, may apply for a call.

    Every answer names the sentence or page it rests on; what is not known comes with the question that would
    settle it.
    """
    from vie_match import knowledge
    from vie_match.eligibility.check import check

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, store=store)
    found_call = find_call(chosen, call, knowledge.at_noon(day(today)))
    team = _team(chosen, [profile, *(with_ or ())])
    found = check(found_call, team)
    if as_json:
        sys.stdout.write(json.dumps(found.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n")
        return
    _print(found, team, found_call, language)


def _team(chosen: Settings, names: list[str]) -> Team:
    from vie_match.eligibility import members
    from vie_match.sources.files import load_profiles

    loaded = load_profiles(chosen.profiles)
    note(loaded.notices)
    known: dict[str, Profile] = {one.id: one for one in loaded}
    team = []
    for name in names:
        if name in known:
            team.append(members.from_profile(known[name]))
        elif ":" in name and name is not names[0]:
            team.append(members.from_name(name))
        else:
            near = errors.near_miss(name, known)
            raise errors.BadValue(
                f"found no profile {name!r}{near}; expected an id of {chosen.profiles}"
                + ("" if name is names[0] else ", or a city and its country as in Ghent:BE")
            )
    return tuple(team)


def _print(found: Eligibility, team: Team, call: Call, language: Language) -> None:
    from vie_match.eligibility.check import may_take_part, missing, questions, rules_of_call

    def said(key: str) -> str:
        return _TITLES[key][language is Language.DE]

    def answer(value: str) -> str:
        return _ANSWERS[value][language is Language.DE]

    names = ", ".join(member.name for member in team)
    output.print(Text(call.title), style="bold")
    output.print(Text(f"{said('alone').format(names=names)} {answer(found.answer.value)}"))
    joining = may_take_part(found)
    # Without all conditions at hand nobody can say more.
    is_open = joining is Answer.YES and not rules_of_call(call).complete
    output.print(
        Text(f"{said('join').format(names=names)} {said('nothing') if is_open else answer(joining.value)}")
    )
    shown = table("", *(said(key) for key in ("rules", "answer", "because", "source")))
    for one in found.verdicts:
        source = (
            one.rule.quote.text
            if one.rule.quote
            else (one.rule.row and (one.rule.row.url or one.rule.row.note))
        )
        shown.add_row(
            Text(one.demand[language]),
            answer(one.answer.value) if one.decides else f"({answer(one.answer.value)})",
            Text(one.finding[language]),
            Text(str(source or "")),
        )
    Console().print(shown)
    if not all(one.decides for one in found.verdicts):
        output.print(said("recalled"))
    for key, lines in (("missing", missing(found, language)), ("open", questions(found, language))):
        if lines:
            output.print(said(key))
            for line in lines:
                output.print(Text(f"  - {line}"))
