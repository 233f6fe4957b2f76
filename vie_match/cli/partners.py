"""Who should join?: ``partners``."""

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
    Format,
    ModelOption,
    ProfilesOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    day,
    note,
    output,
    print_rows,
    progress_bar,
    table,
)
from vie_match.cli.finding import find_call
from vie_match.vocabulary import Language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vie_match.partners.suggestions import Suggestions
    from vie_match.records import Profile

_COLUMNS = (
    *("rank", "id", "city", "country", "inhabitants", "km", "projects", "led"),
    *("why", "rests on", "not known", "pages"),
)


@app.command()
def partners(  # noqa: PLR0913 - a command's options are its parameters
    profile: Annotated[str, typer.Argument(help="Id of a profile.")],
    call: Annotated[str | None, typer.Option(help="Identifier of the call it is for.")] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", help="A partner already chosen: a profile's id, a name, or NAME:COUNTRY."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many cities.")] = 10,
    newcomers: Annotated[
        int,
        typer.Option(min=-1, max=10, help="Of every ten so many without known projects; -1: as it comes."),
    ] = 3,
    personal: Annotated[
        float,
        typer.Option(min=0, max=2, help="Bring cities forward that fit this project more than any other."),
    ] = 0.1,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    language: Annotated[Language, typer.Option(help="Language of the reasons.")] = Language.EN,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    today: TodayOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Suggest cities that could join a project, each with why, on what that rests, and what is not known.

    Towns come from GeoNames, the table of cities' projects, and your profiles. The order was learnt from
    whom leads of URBACT and Horizon Europe projects chose; see "vie-match evaluate partners".
    """
    from vie_match import knowledge
    from vie_match.embedding.models import default_encoder
    from vie_match.partners.directory import directory
    from vie_match.partners.ranker import PartnerRanker
    from vie_match.sources.files import load_profiles
    from vie_match.track import book

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, store=store, model=model)
    moment = knowledge.at_noon(day(today))
    loaded = load_profiles(chosen.profiles)
    note(loaded.notices)
    asking = _profile(profile, loaded, chosen.profiles)
    found_call = find_call(chosen, call, moment) if call else None
    known = directory(book.current(chosen.cities), list(loaded))
    note(known.notices)
    by_profile = {one.id: place.town.id for place in known.places.values() for one in place.profiles}
    given = [by_profile.get(one) or known.find(one).town.id for one in with_ or ()]
    with progress_bar() as progress:
        found = PartnerRanker(known, default_encoder(chosen, progress), personal).rank(
            asking,
            found_call,
            given,
            today=moment.date(),
            count=top,
            newcomers=None if newcomers < 0 else newcomers,
        )
    if format is Format.JSON:
        sys.stdout.write(json.dumps(found.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n")
        return
    if format is not Format.TABLE:
        print_rows(list(_rows(found, language)), _COLUMNS, format)
    else:
        _print(found, language)


def _print(found: Suggestions, language: str) -> None:
    from vie_match.partners import wording

    shown = table("", "#", "city", "why")
    for one in found.towns:
        cells = ([str(one.rank)], wording.about(one, language), wording.why(one, language))
        shown.add_row(*(Text("\n".join(lines)) for lines in cells))
    Console().print(shown)
    output.print(wording.summary(found, language))


def _profile(id: str, loaded: Iterable[Profile], folder: Path) -> Profile:
    known = {one.id: one for one in loaded}
    if id not in known:
        near = errors.near_miss(id, known)
        raise errors.BadValue(f"found no profile {id!r}{near}; expected one of {folder}")
    return known[id]


def _rows(found: Suggestions, language: str) -> Iterable[dict[str, str]]:
    from vie_match.partners import wording

    for one in found.towns:
        yield {
            "rank": str(one.rank),
            "id": one.id,
            "city": one.name,
            "country": one.country,
            "inhabitants": "" if one.population is None else f"{one.population}",
            "km": "" if one.km is None else f"{one.km:.0f}",
            "projects": str(one.projects),
            "led": str(one.led),
            "why": wording.reasons(one, language),
            "rests on": "; ".join(wording.ground(ground, language) for ground in one.grounds),
            "not known": wording.unknown(one, language),
            "pages": " ".join(ground.url for ground in one.grounds if ground.url),
        }
