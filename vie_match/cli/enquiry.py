"""A letter to a town that could join, as a draft: ``enquiry``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from vie_match import settings
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
    log,
    progress_bar,
    speaking,
)
from vie_match.cli.finding import find_call
from vie_match.whole import write_whole


@app.command()
def enquiry(  # noqa: PLR0913 - a command's options are its parameters
    profile: Annotated[str, typer.Argument(help="Id of a profile.")],
    city: Annotated[str, typer.Argument(help="Whom to ask: a profile's id, a name, or NAME:COUNTRY.")],
    call: Annotated[str | None, typer.Option(help="Identifier of the call it is for.")] = None,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write to; default: print.")
    ] = None,
    language: LanguageOption = None,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    today: TodayOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Draft a letter that asks a city to join, for a person to edit and send.

    It is filled from your profile, the call and its rules, and what speaks for the city. What is not known
    stands in square brackets.
    """
    from vie_match import knowledge
    from vie_match.cli import towns
    from vie_match.eligibility.check import rules_of_call
    from vie_match.embedding.models import default_encoder
    from vie_match.partners import enquiry, search_wishes
    from vie_match.partners.ranker import PartnerRanker

    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, store=store, model=model, language=language
    )
    moment = knowledge.at_noon(day(today))
    known, loaded = towns.read(chosen)
    asking = towns.profile(profile, loaded, chosen.profiles)
    found_call = find_call(chosen, call, moment) if call else None
    other = towns.find(known, city)
    with progress_bar() as progress:
        ranker = PartnerRanker(known, default_encoder(chosen, progress))
        asked = ranker.suggestion(asking, other.town.id, found_call, today=moment.date())
    rules = [one.words for one in search_wishes.of_call(rules_of_call(found_call))] if found_call else []
    letter = enquiry.enquiry(
        asking, asked, found_call, rules=rules, today=moment.date(), language=chosen.language_code
    )
    if file is None:
        sys.stdout.write(str(letter))
        return
    write_whole(file, str(letter))
    log.print(speaking().gettext("draft written to {file}").format(file=file), soft_wrap=True)
