"""The week in one command, for cron: ``weekly``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import settings
from vie_match.cli import ranking
from vie_match.cli.app import (
    LanguageOption,
    ModelOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    exit_code,
    fail,
    headed,
    note,
    progress_bar,
    remembered,
    speaking,
)

if TYPE_CHECKING:
    from vie_match.sources.gather import Gathered

# The report is written, but not with everything that was asked for.
IN_PART = 5


@app.command()
def weekly(  # noqa: PLR0913 - a command's options are its parameters
    form: Annotated[
        list[str] | None,
        typer.Option("--form", help="Form of the report; may be repeated.", show_default="the settings'"),
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch/--no-fetch", help="Read the live sources first.")] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send no mail, only write it as a file.")
    ] = False,
    mail_again: Annotated[
        bool,
        typer.Option("--mail-again", help="Send mails, too, of which it is not known whether they went out."),
    ] = False,
    today: TodayOption = None,
    model: ModelOption = None,
    store: StoreOption = None,
    language: LanguageOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Do the week's work: read the live sources, rank, judge, write the report, and mail it if so configured.

    Prints one line. Started again on the same day, it goes on where it was broken off: sources that were
    read are not asked again, mails that were sent are not sent again. Exit code 5: the report is written,
    but a source was not read or a mail did not reach everybody; messages say which.
    """
    from vie_match import knowledge, weekly

    chosen = settings.load(settings_file, model=model, store=store, language=language)
    forms = ranking.forms(form or chosen.weekly.forms)
    if dry_run:
        chosen = chosen.model_copy(update={"mail": chosen.mail.model_copy(update={"send": False})})
    with progress_bar() as progress:
        done = weekly.week(
            chosen,
            knowledge.at_noon(remembered(today)),
            forms=forms,
            language=chosen.language_code,
            fetch=fetch,
            mail_again=mail_again,
            progress=progress,
            told=_tell,
        )
    ranking.tell(done.digest)
    note(done.mailed.notices(chosen.language_code))
    sys.stdout.write(f"{weekly.summary(done, chosen.language_code)}\n")
    if done.mailed.error:
        fail(str(done.mailed.error), exit_code(done.mailed.error))
    if done.failed or done.mailed.refused or done.mailed.doubtful:
        sys.exit(IN_PART)


def _tell(one: Gathered) -> None:
    """Say at once which source failed: reading all of them takes minutes."""
    note(f"{one.reading.source}: {notice}" for notice in one.notices)
    if one.error:
        headed(speaking().gettext("not read"), "bold yellow", f"{one.reading.source}: {one.error}")
