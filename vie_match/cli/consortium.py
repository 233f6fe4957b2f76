"""The best team for a call: ``consortium``."""

from __future__ import annotations

from pathlib import Path
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
    StoreOption,
    TodayOption,
    app,
    day,
    output,
    progress_bar,
    table,
)
from vie_match.cli.finding import find_call
from vie_match.cli.people import People, whole_range
from vie_match.cli.printing import print_json, print_lines
from vie_match.speech import N_, NC_, speech

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vie_match.partners.consortium import Wishes
    from vie_match.partners.directory import Directory
    from vie_match.partners.proposals import Found, Proposal, ProposedMember

_SAID: Mapping[str, str] = {
    "optimal": N_("proven to be the best"),
    "infeasible": N_("There is no such team."),
    "nothing found in time": N_("No team was found in time."),
    "conflict": N_("These cannot hold together:"),
    "broken": N_("It would be enough to give up:"),
    "yes": N_("may apply"),
    "unknown": N_("may apply if the questions below are settled"),
    "missing": N_("What would make it rounder:"),
    "questions": N_("To be asked first:"),
    "binding": N_("What the best team costs most to keep to:"),
    "left_aside": N_("Left aside, because nobody could source it:"),
    "possible": N_("Only if what is not known turns out well; surely there is no team."),
}
_PARTS = {
    "fit": NC_("part of the value", "fit"),
    "lead": NC_("part of the value", "lead"),
    "skills": NC_("part of the value", "skills"),
    "spread": NC_("part of the value", "countries"),
    "ties": NC_("part of the value", "ties"),
    "doubt": NC_("part of the value", "doubt"),
}


@app.command()
def consortium(  # noqa: PLR0913 - a command's options are its parameters
    call: Annotated[str, typer.Argument(help="Identifier of a call.")],
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="Who has to be in: a profile's id, a town as in Ghent or Ghent:BE, or a name of the table. "
            "The first one leads the ranking of partners.",
        ),
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="Who must not be in.")] = None,
    elsewhere: Annotated[
        list[str] | None, typer.Option(help="City of ours that applies for this call in another team.")
    ] = None,
    competing: Annotated[
        list[str] | None, typer.Option(help="Names with commas, of which at most one may be in.")
    ] = None,
    leader: Annotated[str | None, typer.Option(help="Who has to lead.")] = None,
    candidates: Annotated[
        Path | None, typer.Option(help="Table (CSV) of further organisations: name, country, type, fit, …")
    ] = None,
    need: Annotated[
        list[str] | None, typer.Option(help="Skill that is worth having.", show_default="the call's themes")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind of organisation that has to be in, for example sme.")
    ] = None,
    share: Annotated[
        list[str] | None, typer.Option(help="Share of the budget, per cent: Ghent:BE=20-40.")
    ] = None,
    size: Annotated[str, typer.Option(help="Fewest and most members.")] = "1-12",
    newcomers: Annotated[int, typer.Option(min=0, help="Fewest members without an EU project so far.")] = 0,
    per_country: Annotated[int | None, typer.Option(min=1, help="Most members from one country.")] = None,
    teams: Annotated[int, typer.Option(min=1, max=20, help="How many different teams.")] = 3,
    different: Annotated[int, typer.Option(min=1, help="Members in which teams differ at least.")] = 2,
    sure: Annotated[bool, typer.Option("--sure", help="Nobody of whom anything is open.")] = False,
    seconds: Annotated[float, typer.Option(min=1, help="Time for each search.")] = 60,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Write a map of the best team to this file (SVG).")
    ] = None,
    language: LanguageOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    today: TodayOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Find the best teams for a call under its own rules, with proof, or say which rules and wishes conflict.

    Candidates are the cities of the profiles, the best 600 towns of the ranking of partners for this call,
    and the organisations of a table of yours. Every team passes the check of "vie-match eligible".
    """
    from vie_match import knowledge
    from vie_match.cli import towns
    from vie_match.eligibility.check import rules_of_call
    from vie_match.embedding.models import default_encoder
    from vie_match.partners.consortium import Wishes
    from vie_match.partners.ranker import PartnerRanker
    from vie_match.partners.search import best_teams

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, store=store, model=model, language=language
    )
    moment = knowledge.at_noon(day(today))
    found_call = find_call(chosen, call, moment)
    known, _ = towns.read(chosen)
    people = People(known, candidates)
    needs = dict.fromkeys(need or [theme.value for theme in found_call.themes], 1.0)
    wishes = Wishes(
        must=people.ids(with_),
        must_not=people.ids(without),
        elsewhere=people.ids(elsewhere),
        competitors=tuple(people.ids(group.split(",")) for group in competing or ()),
        leader=people.id(leader) if leader else None,
        size=whole_range("--size", size),
        newcomers=newcomers,
        per_country=per_country,
        subjects=_subjects(kind),
        needs=needs,
        shares=dict(people.share(one) for one in share or ()),
        teams=teams,
        different=different,
        sure=sure,
    )
    with progress_bar() as progress:
        ranker = PartnerRanker(known, default_encoder(chosen, progress))
        there, ties = people.candidates(ranker, found_call, wishes, moment.date())
    found = best_teams(rules_of_call(found_call), there, wishes, ties=ties, seconds=seconds)
    if map_file and found.proposals:
        _draw(map_file, known, wishes, found.proposals[0].places, chosen.language_code)
    if as_json:
        print_json(found)
        return
    output.print(Text(found_call.title), style="bold")
    _print(found, chosen.language_code)


def _subjects(kinds: Sequence[str] | None) -> tuple[str, ...]:
    from vie_match.eligibility.facts import MemberType
    from vie_match.eligibility.subjects import SUBJECTS

    known = {*SUBJECTS, *(kind.value for kind in MemberType)}
    for one in kinds or ():
        if one not in known:
            near = errors.near_miss(one, known)
            raise errors.BadValue(f"found --kind {one!r}{near}; expected one of: {', '.join(sorted(known))}")
    return tuple(kinds or ())


def _print(found: Found, language: str) -> None:
    _ = speech(language).gettext
    for number, one in enumerate(found.proposals, 1):
        _print_team(number, one, language)
    if not found.proposals:
        output.print(_(_SAID[found.status.value]))
    if found.proposals and found.certainty.value == "possible":
        output.print(_(_SAID["possible"]))
    for key, listed in (
        ("conflict", found.conflict),
        ("broken", found.broken),
        ("left_aside", found.left_aside),
    ):
        print_lines(_(_SAID[key]), [words[language] for words in listed])
    dear = [f"{one.demand[language]} ({_decimal(one.price, language)})" for one in found.binding]
    print_lines(_(_SAID["binding"]), dear)


def _print_team(number: int, one: Proposal, language: str) -> None:
    voice = speech(language)
    _ = voice.gettext
    parts = ", ".join(
        f"{voice.pgettext('part of the value', _PARTS[name])} {_decimal(value, language)}"
        for name, value in one.parts.items()
    )
    title = _("Team {number}: value {value}").format(number=number, value=_decimal(one.value, language))
    late = _("the best found in time; another could be better by {share}")
    proof = _(_SAID["optimal"]) if one.optimal else late.format(share=voice.percent(one.gap))
    output.print(Text(f"{title} ({parts}); {proof}; {_(_SAID[one.answer.value])}"), style="bold")
    shown = table(
        "",
        voice.pgettext("column", "member"),
        voice.pgettext("column", "country"),
        voice.pgettext("column", "fit"),
        voice.pgettext("column", "worth"),
        voice.pgettext("column", "brings"),
    )
    for place in one.places:
        shown.add_row(
            Text(place.member.name),
            place.member.country or "?",
            _decimal(place.fit, language),
            _decimal(place.worth, language),
            Text("\n".join(_told(place, language))),
            end_section=True,
        )
    Console().print(shown)
    for key, listed in (("missing", one.missing), ("questions", one.questions)):
        print_lines(_(_SAID[key]), [words[language] for words in listed])


def _told(place: ProposedMember, language: str) -> list[str]:
    from vie_match.partners import wording

    lines = ["; ".join(words[language] for words in told) for told in (place.brings, place.reasons)]
    lines.append("; ".join(wording.ground(one, language) for one in place.grounds))
    return [line for line in lines if line]


def _decimal(value: float, language: str) -> str:
    """Return a number with two decimals.

    Examples
    --------
    >>> _decimal(1.5, "en"), _decimal(-0.04, "de")
    ('1.50', '-0,04')
    """
    from babel.numbers import format_decimal

    # Adding nought takes the sign off what rounds to nought.
    return format_decimal(round(value, 2) + 0.0, "0.00", locale=speech(language).locale)


def _draw(
    file: Path, known: Directory, wishes: Wishes, places: Sequence[ProposedMember], language: str
) -> None:
    from vie_match.cli import towns
    from vie_match.partners.directory import Place
    from vie_match.partners.records import Town
    from vie_match.pictures.teammap import TeamRole

    shown = []
    for one in places:
        # Organisations of the table have no coordinates; they stand below the map.
        name = one.member.name
        stranger = Place(Town(one.candidate, name, one.member.country or "?"), (name,))
        role = TeamRole.MEMBER if one.candidate in wishes.must else TeamRole.SUGGESTED
        shown.append((known.places.get(one.candidate, stranger), TeamRole.LEAD if one.leads else role))
    towns.draw(file, shown, language)
