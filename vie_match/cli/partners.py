"""Who should join?: ``partners``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    app,
    day,
    output,
    print_rows,
    progress_bar,
    table,
)
from vie_match.cli.finding import find_call
from vie_match.cli.printing import print_json
from vie_match.partners.mixing import NEWCOMERS
from vie_match.speech import NC_, speech

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vie_match.partners.directory import Directory
    from vie_match.partners.suggestions import Suggestion, Suggestions

# Towns of the user's own profiles that are named besides.
_PEERS = 3

_COLUMNS = (
    NC_("column", "rank"),
    "id",
    NC_("column", "city"),
    NC_("column", "country"),
    NC_("column", "inhabitants"),
    "km",
    NC_("column", "projects"),
    NC_("column", "led"),
    NC_("column", "why"),
    NC_("column", "rests on"),
    NC_("column", "not known"),
    NC_("column", "pages"),
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
    ] = NEWCOMERS,
    personal: Annotated[
        float,
        typer.Option(min=0, max=2, help="Bring cities forward that fit this project more than any other."),
    ] = 0.1,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    language: LanguageOption = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Write a map of the cities to this file (SVG).")
    ] = None,
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
    from vie_match.cli import towns
    from vie_match.embedding.models import default_encoder
    from vie_match.partners.ranker import PartnerRanker

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, store=store, model=model, language=language
    )
    moment = knowledge.at_noon(day(today))
    known, loaded = towns.read(chosen)
    asking = towns.profile(profile, loaded, chosen.profiles)
    found_call = find_call(chosen, call, moment) if call else None
    given = [towns.find(known, one).town.id for one in with_ or ()]
    with progress_bar() as progress:
        found = PartnerRanker(known, default_encoder(chosen, progress), personal).rank(
            asking,
            found_call,
            given,
            today=moment.date(),
            count=top,
            newcomers=None if newcomers < 0 else newcomers,
        )
    if map_file:
        _draw(map_file, known, found, chosen.language_code)
    if format is Format.JSON:
        print_json(found)
    elif format is not Format.TABLE:
        print_rows(list(_rows(found, chosen.language_code)), _COLUMNS, format)
    else:
        _print(found, chosen.language_code)


def _print(found: Suggestions, language: str) -> None:
    from vie_match.partners import wording

    _ = speech(language).gettext
    _table("", found.towns, language)
    for line in wording.summary(found, language):
        output.print(line)
    if found.peers:
        _table(
            _("Of your own profiles, those whose offers and needs meet yours most:"),
            found.peers[:_PEERS],
            language,
        )


def _table(title: str, towns: Sequence[Suggestion], language: str) -> None:
    from vie_match.partners import wording

    common = wording.nowhere_known(towns)
    voice = speech(language)
    shown = table(title, "#", voice.pgettext("column", "city"), voice.pgettext("column", "why"))
    for one in towns:
        cells = ([str(one.rank)], wording.about(one, language), wording.why(one, language, common))
        shown.add_row(*(Text("\n".join(lines)) for lines in cells), end_section=True)
    Console().print(shown)


def _draw(file: Path, known: Directory, found: Suggestions, language: str) -> None:
    from vie_match.cli import towns
    from vie_match.pictures.teammap import TeamRole

    lead, *given = found.team
    shown = [(lead, TeamRole.LEAD), *((one, TeamRole.MEMBER) for one in given)]
    shown += [(one.id, TeamRole.SUGGESTED) for one in found.towns]
    towns.draw(file, [(known.places[id], role) for id, role in shown], language)


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
