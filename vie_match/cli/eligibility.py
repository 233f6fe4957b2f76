"""May we apply?: ``eligible``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    LanguageOption,
    ProfilesOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    day,
    headings,
    near_miss,
    note,
    output,
    speaking,
    table,
)
from vie_match.cli.finding import find_call
from vie_match.cli.printing import print_json, print_lines
from vie_match.speech import NC_, speech
from vie_match.vocabulary import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from vie_match.eligibility.facts import Member, Team
    from vie_match.eligibility.verdict import Eligibility
    from vie_match.records import Call, Profile
    from vie_match.settings import Settings

_HEADS = (
    NC_("column", "rule"),
    NC_("column", "answer"),
    NC_("column", "because"),
    NC_("column", "source"),
)


@app.command()
def eligible(  # noqa: PLR0913 - a command's options are its parameters
    profile: Annotated[str, typer.Argument(help="Id of a profile.")],
    call: Annotated[str, typer.Argument(help="Identifier of a call.")],
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", help="A further city: id of a profile, or NAME:COUNTRY as in Ghent:BE."),
    ] = None,
    language: LanguageOption = None,
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

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, store=store, language=language)
    found_call = find_call(chosen, call, knowledge.at_noon(day(today)))
    team = _team(chosen, [profile, *(with_ or ())])
    found = check(found_call, team)
    if as_json:
        print_json(found)
        return
    _print(found, team, found_call, chosen.language_code)


def _team(chosen: Settings, names: list[str]) -> Team:
    from vie_match.eligibility import members
    from vie_match.sources.files import load_profiles

    loaded = load_profiles(chosen.profiles)
    note(loaded.notices)
    known: dict[str, Profile] = {one.id: one for one in loaded}
    _ = speaking().gettext
    team: list[Member] = []
    for place, name in enumerate(names):
        if name in known:
            member = members.from_profile(known[name])
        elif ":" in name and place:
            member = members.from_name(name)
        else:
            expected = _("an id of {folder}")
            if place:
                expected = _("an id of {folder}, or a city and its country as in Ghent:BE")
            pattern = _("found no profile {name}; expected {expected}")
            near = near_miss(name, known)
            raise errors.BadValue(
                pattern.format(name=f"{name!r}{near}", expected=expected.format(folder=chosen.profiles))
            )
        if any(
            (one.name.casefold(), one.country) == (member.name.casefold(), member.country) for one in team
        ):
            pattern = _(
                "found {city} twice in the team; expected every city once: it counts as one organisation"
            )
            raise errors.BadValue(pattern.format(city=member.name))
        team.append(member)
    return tuple(team)


def _print(found: Eligibility, team: Team, call: Call, language: str) -> None:
    from vie_match.eligibility.check import missing, questions

    _ = speech(language).gettext
    output.print(Text(call.title), style="bold")
    for line in _answers(found, team, call, language):
        output.print(Text(line))
    Console().print(_rules(found, language))
    if not all(one.decides for one in found.verdicts):
        output.print(_("In brackets: not from a source that holds for this call, so it does not decide."))
    for head, lines in (
        (_("What is missing:"), missing(found, language)),
        (_("What would settle the rest:"), questions(found, language)),
    ):
        print_lines(head, lines)


def _answers(found: Eligibility, team: Team, call: Call, language: str) -> Iterator[str]:
    """Yield the answer for the team as it is, and for a larger one."""
    from vie_match.eligibility.check import may_take_part, rules_of_call
    from vie_match.reports import names as called

    says = speech(language)
    names = says.listed([member.name for member in team])
    several = len(team)
    alone = says.ngettext("May {names} apply alone?", "May {names} apply as they are?", several)
    yield f"{alone.format(names=names)} {called.answer(found.answer, language)}"
    joining = may_take_part(found)
    # Without all conditions at hand nobody can say more.
    is_open = joining is Answer.YES and not rules_of_call(call).complete
    said = says.gettext("nothing known is against it") if is_open else called.answer(joining, language)
    larger = says.ngettext(
        "May {names} take part in a larger team?", "May {names} take part together in a larger team?", several
    )
    yield f"{larger.format(names=names)} {said}"


def _rules(found: Eligibility, language: str) -> Table:
    from vie_match.reports import names as called

    shown = table("", *headings(_HEADS))
    for one in found.verdicts:
        row = one.rule.row
        source = one.rule.quote.text if one.rule.quote else row and (row.url or row.note)
        answer = called.answer(one.answer, language)
        shown.add_row(
            Text(one.demand[language]),
            answer if one.decides else f"({answer})",
            Text(one.finding[language]),
            Text(str(source or "")),
        )
    return shown
