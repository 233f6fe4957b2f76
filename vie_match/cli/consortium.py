"""The best team for a call: ``consortium``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
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
from vie_match.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vie_match.partners.consortium import Candidate
    from vie_match.partners.proposals import Found, Proposal
    from vie_match.records import Call
    from vie_match.settings import Settings

_SAID = {
    "optimal": ("proven to be the best", "nachweislich das beste"),
    "time limit": (
        "the best found in time; another could be better by {gap} %",
        "das beste, das in der Zeit gefunden wurde; ein anderes könnte um {gap} % besser sein",
    ),
    "infeasible": ("There is no such team.", "Ein solches Team gibt es nicht."),
    "nothing found in time": ("No team was found in time.", "In der Zeit wurde kein Team gefunden."),
    "conflict": ("These cannot hold together:", "Das geht nicht zusammen:"),
    "broken": ("It would be enough to give up:", "Es genügte zu verzichten auf:"),
    "team": ("Team {number}: value {value}", "Team {number}: Wert {value}"),
    "yes": ("may apply", "darf antragen"),
    "unknown": ("may apply if the questions below are settled", "darf antragen, wenn das Offene geklärt ist"),
    "member": ("member", "Mitglied"),
    "country": ("country", "Staat"),
    "worth": ("worth", "Wert"),
    "brings": ("brings", "bringt ein"),
    "missing": ("What would make it rounder:", "Was es runder machte:"),
    "questions": ("To be asked first:", "Vorher zu fragen:"),
    "binding": ("What the best team costs most to keep to:", "Was das beste Team am meisten kostet:"),
    "left_aside": (
        "Left aside, because nobody could source it:",
        "Außer Acht gelassen, weil ohne Beleg:",
    ),
    "possible": (
        "Only if what is not known turns out well; surely there is no team.",
        "Nur wenn sich Offenes gut klärt; sicher gibt es kein Team.",
    ),
    "parts": ("of it", "davon"),
}
_PARTS = {
    "fit": ("fit", "Passung"),
    "lead": ("lead", "Leitung"),
    "skills": ("skills", "Fähigkeiten"),
    "spread": ("countries", "Staaten"),
    "ties": ("ties", "Verbindungen"),
    "doubt": ("doubt", "Zweifel"),
}


@app.command()
def consortium(  # noqa: PLR0913 - a command's options are its parameters
    call: Annotated[str, typer.Argument(help="Identifier of a call.")],
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with", help="Who has to be in: a profile's id, NAME:COUNTRY, or a name of the table."
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
    language: Annotated[Language, typer.Option(help="Language of the answer.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    today: TodayOption = None,
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Find the best teams for a call under its own rules, with proof, or say which rules and wishes conflict.

    Candidates are the cities of the profiles, those of the table of cities' projects, and the organisations
    of a table of yours. Every team passes the check of "vie-match eligible".
    """
    from vie_match import knowledge
    from vie_match.eligibility.check import rules_of_call
    from vie_match.partners.consortium import Wishes
    from vie_match.partners.search import best_teams

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, store=store)
    found_call = find_call(chosen, call, knowledge.at_noon(day(today)))
    people = _People(chosen, found_call, candidates)
    needs = dict.fromkeys(need or [theme.value for theme in found_call.themes], 1.0)
    wishes = Wishes(
        must=people.ids(with_),
        must_not=people.ids(without),
        elsewhere=people.ids(elsewhere),
        competitors=tuple(people.ids(group.split(",")) for group in competing or ()),
        leader=people.id(leader) if leader else None,
        size=_range("--size", size),
        newcomers=newcomers,
        per_country=per_country,
        subjects=_subjects(kind),
        needs=needs,
        shares=dict(people.share(one) for one in share or ()),
        teams=teams,
        different=different,
        sure=sure,
    )
    found = best_teams(
        rules_of_call(found_call), people.candidates, wishes, ties=people.ties, seconds=seconds
    )
    if as_json:
        sys.stdout.write(json.dumps(found.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n")
        return
    output.print(Text(found_call.title), style="bold")
    _print(found, language)


class _People:
    """All candidates, found by the names that people write."""

    def __init__(self, chosen: Settings, call: Call, file: Path | None) -> None:
        from vie_match.partners import candidate_table, pool
        from vie_match.sources.files import load_profiles
        from vie_match.track import book

        loaded = load_profiles(chosen.profiles)
        note(loaded.notices)
        known = pool.pool(call, list(loaded), book.current(chosen.cities))
        own = {one.id: one for one in known.candidates}
        own |= {one.id: one for one in (candidate_table.read(file) if file else ())}
        self._by_id: dict[str, Candidate] = own
        self.ties = known.ties
        self._names = {one.id.casefold(): pool.city_id(one.city) for one in loaded}
        self._names |= {one.member.name.casefold(): id for id, one in own.items()}

    @property
    def candidates(self) -> list[Candidate]:
        """All of them, those that were added by name included."""
        return list(self._by_id.values())

    def ids(self, names: Sequence[str] | None) -> tuple[str, ...]:
        """Return the ids of several."""
        return tuple(self.id(name.strip()) for name in names or ())

    def id(self, name: str) -> str:
        """Return the id of a profile's city, of a name, or of a city that is added by name and country."""
        if name in self._by_id:
            return name
        if name.casefold() in self._names:
            return self._names[name.casefold()]
        if ":" in name:
            return self._added(name)
        near = errors.near_miss(name, self._names)
        raise errors.BadValue(
            f"found nobody called {name!r}{near}; expected a profile's id, a city and its country as in "
            "Ghent:BE, or a name of the table of organisations"
        )

    def _added(self, name: str) -> str:
        from vie_match.eligibility import members
        from vie_match.partners import pool
        from vie_match.partners.consortium import Candidate
        from vie_match.records import PartnerCity

        member = members.from_name(name)
        id = pool.city_id(PartnerCity.model_construct(name=member.name, country=member.country or ""))
        if id not in self._by_id:
            self._by_id[id] = Candidate.model_validate(
                {"id": id, "member": member, "perhaps": ("coordinator",), "reasons": ("given by name",)}
            )
        return id

    def share(self, text: str) -> tuple[str, tuple[float, float]]:
        """Return who gets what share of the budget."""
        name, _, percents = text.rpartition("=")
        least, most = _range("--share", percents)
        return self.id(name), (float(least), float(most))


def _subjects(kinds: Sequence[str] | None) -> tuple[str, ...]:
    from vie_match.eligibility.facts import MemberType
    from vie_match.eligibility.subjects import SUBJECTS

    known = {*SUBJECTS, *(kind.value for kind in MemberType)}
    for one in kinds or ():
        if one not in known:
            near = errors.near_miss(one, known)
            raise errors.BadValue(f"found --kind {one!r}{near}; expected one of: {', '.join(sorted(known))}")
    return tuple(kinds or ())


def _range(option: str, text: str) -> tuple[int, int]:
    """Return two whole numbers, or one twice.

    Examples
    --------
    >>> _range("--size", "5-9"), _range("--size", "4")
    ((5, 9), (4, 4))
    """
    least, _, most = text.partition("-")
    if not (least.isdecimal() and (most or least).isdecimal() and int(least) <= int(most or least)):
        raise errors.BadValue(f"found {option} {text!r}; expected one number, or two as in 5-9")
    return int(least), int(most or least)


def _say(key: str, language: Language, texts: Mapping[str, tuple[str, str]] = _SAID) -> str:
    return texts[key][language is Language.DE]


def _print(found: Found, language: Language) -> None:
    for number, one in enumerate(found.proposals, 1):
        _print_team(number, one, language)
    if not found.proposals:
        output.print(_say(found.status.value, language))
    if found.proposals and found.certainty.value == "possible":
        output.print(_say("possible", language))
    for key, listed in (
        ("conflict", found.conflict),
        ("broken", found.broken),
        ("left_aside", found.left_aside),
    ):
        _lines(key, [words[language] for words in listed], language)
    dear = [f"{one.demand[language]} ({one.price:.2f})" for one in found.binding]
    _lines("binding", dear, language)


def _print_team(number: int, one: Proposal, language: Language) -> None:
    parts = ", ".join(f"{_say(name, language, _PARTS)} {value:.2f}" for name, value in one.parts.items())
    title = _say("team", language).format(number=number, value=f"{one.value:.2f}")
    proof = _say("optimal" if one.optimal else "time limit", language).format(gap=f"{100 * one.gap:.1f}")
    output.print(Text(f"{title} ({parts}); {proof}; {_say(one.answer.value, language)}"), style="bold")
    shown = table("", *(_say(key, language) for key in ("member", "country", "worth", "brings")))
    for place in one.places:
        shown.add_row(
            Text(place.member.name),
            place.member.country or "?",
            f"{place.worth:.2f}",
            Text("; ".join([*(words[language] for words in place.brings), *place.reasons])),
        )
    Console().print(shown)
    _lines("missing", [words[language] for words in one.missing], language)
    _lines("questions", [words[language] for words in one.questions], language)


def _lines(key: str, lines: Sequence[str], language: Language) -> None:
    if lines:
        output.print(_say(key, language))
        for line in lines:
            output.print(Text(f"  - {line}"))
