"""Calls as files out of what is known and into the store, and copies of it: ``export`` to ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    day,
    log,
    output,
    remembered,
    speaking,
)
from vie_match.cli.finding import existing_store, known_calls
from vie_match.vocabulary import ReadingState


@app.command("export")
def export_calls(
    file: Annotated[
        Path, typer.Argument(help="File ending in .csv, .xlsx, .parquet, .jsonl or .json, or a folder.")
    ],
    open_only: Annotated[bool, typer.Option("--open", help="Leave out closed calls.")] = False,
    folder: CallsOption = None,
    store: StoreOption = None,
    today: TodayOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write all known calls: as a table, JSON lines, CommonGrants (.json), or as call files in a folder."""
    from vie_match import exports, knowledge
    from vie_match.sources import files

    chosen = settings.load(settings_file, store=store, calls=folder)
    moment = knowledge.at_noon(day(today))
    found = [one.call for one in known_calls(chosen, moment, closed=not open_only)]
    if file.suffix and not file.is_dir():
        exports.write(found, file)
    else:
        paths = [file / files.file_name(call) for call in found]
        there = sum(path.exists() for path in paths)
        if there:
            pattern = speaking().ngettext(
                "found {n} of these files in {folder} already; expected an empty folder",
                "found {n} of these files in {folder} already; expected an empty folder",
                there,
            )
            raise errors.BadValue(pattern.format(folder=file))
        for call, path in zip(found, paths, strict=True):
            files.save_file(call, path)
    log.print(speaking().ngettext("{n} call written", "{n} calls written", len(found)))
    output.print(str(file), markup=False, highlight=False)


@app.command("import")
def import_calls(
    file: Annotated[
        Path, typer.Argument(help="File as vie-match export writes it, or any CommonGrants file.")
    ],
    accept: Annotated[
        bool, typer.Option("--accept", help="Also when the file holds far fewer calls than last time.")
    ] = False,
    store: StoreOption = None,
    today: TodayOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Take the calls of a file into the store; importing the file again replaces them."""
    from vie_match import exports, knowledge

    chosen = settings.load(settings_file, store=store)
    reading = knowledge.take_in(
        chosen, knowledge.at_noon(remembered(today)), file.name, exports.read(file), accept=accept
    )
    if reading.state is ReadingState.HELD_BACK:
        raise errors.ListShrunk(reading.message)
    told = speaking().ngettext(
        "{n} call taken in from {file}", "{n} calls taken in from {file}", reading.loaded
    )
    output.print(told.format(file=file.name), markup=False, highlight=False)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write.")],
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Copy the store safely, also while another run is writing to it."""
    from vie_match.store import copies

    copies.backup(existing_store(settings.load(settings_file, store=store).store).journal, file)
    output.print(str(file), markup=False, highlight=False)


@app.command()
def restore(
    copy: Annotated[Path, typer.Argument(help="A copy that vie-match backup wrote.")],
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Put a copy in the place of the store; the old one is kept beside it."""
    from vie_match.store import copies
    from vie_match.store.journal import Journal

    path = settings.load(settings_file, store=store).store
    old = copies.restore(Journal(path), copy)
    _ = speaking().gettext
    told = _("{store} is {copy} now; the old one is {old}") if old else _("{store} is {copy} now")
    output.print(told.format(store=path, copy=copy, old=old), soft_wrap=True, markup=False, highlight=False)
