"""For assistants: ``mcp``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

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
)


@app.command()
def mcp(
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder with profiles, calls and settings; all paths are read from there."),
    ] = None,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    language: LanguageOption = None,
    today: TodayOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Let an assistant search, match, check and find partners in one folder, over MCP; it changes nothing.

    Standard input and output carry the protocol: a program for assistants starts this command by itself. It
    needs what the extra "mcp" installs.
    """
    from vie_match.knowledge import at_noon

    try:
        from vie_match.assistants import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise errors.InstallSomething("the package mcp is missing; pip install 'vie-match[mcp]'") from error
    from vie_match.assistants.office import Office

    if folder is not None:
        if not folder.is_dir():
            raise errors.BadValue(f"found no folder {folder}; expected the one with profiles and calls")
        # An assistant's program starts this anywhere.
        os.chdir(folder)
    chosen = settings.load(
        settings_file, profiles=profiles, calls=calls, store=store, model=model, language=language
    )
    on = day(today)
    at_noon(on)  # refuses a day far off before the first question
    server.build(Office(chosen, today=on)).run()
