"""What all commands share: the program, its options, how it fails, notes and tables.

Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from vie_match import errors, messages, settings
from vie_match.cli import helping, usage
from vie_match.speech import N_, SOURCE, Speech, preferred, speech

EXIT_CODES = (
    "Exit codes: 0 done; 1 something has to be mended (a file, a setting); 2 wrong usage; "
    "3 try again later; 4 a source, model or package is not to be had; "
    "5 done, but a source was not read or a mail not sent."
)

app = typer.Typer(
    name="vie-match",
    help="Find the EU calls for proposals that fit a city's projects.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

output = Console(soft_wrap=True)
log = Console(stderr=True)

_EXIT_CODE = {
    errors.MendInput: 1,
    errors.TryAgain: 3,
    errors.UseAnother: 4,
    errors.InstallSomething: 4,
}


# What a language is where none is named.
SETTINGS_LANGUAGE = "the settings', else the machine's"


class Format(StrEnum):
    """Forms in which results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


# What :meth:`Call.closing` says where there is no date.
_CLOSINGS = (N_("continuous"), N_("cut-off dates not known"), N_("closing date not known"))

# The language of this run's messages: that of --language, else of the settings, else of the machine.
_told: ContextVar[str | None] = ContextVar("told", default=None)
_set: ContextVar[str | None] = ContextVar("set", default=None)


def spoken() -> str:
    """Return the language in which this run speaks."""
    return _told.get() or _set.get() or preferred(os.environ)


def speaking() -> Speech:
    """Return what is needed to speak the language of this run."""
    return speech(spoken())


def _told_language(language: str | None) -> str | None:
    _told.set(language and speech(language.strip().casefold()).language)
    return _told.get()


def _settings_language(file: Path | None) -> Path | None:
    _set.set(None)
    # What is wrong with the settings is said when the command reads them.
    with suppress(errors.VieMatchError):
        _set.set(settings.load(file).language)
    return file


ProfilesOption = Annotated[
    Path | None, typer.Option("--profiles", help="Folder with the profile files.", show_default="profiles")
]
CallsOption = Annotated[
    Path | None, typer.Option("--calls", help="Folder with the call files.", show_default="calls")
]
ModelOption = Annotated[
    str | None,
    typer.Option(help="Embedding model: a SentenceTransformer by name or folder.", show_default="bundled"),
]
TodayOption = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The day the run refers to.", show_default="today"),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        help="Settings file.",
        show_default="vie-match.toml, if any",
        callback=_settings_language,
    ),
]
StoreOption = Annotated[
    Path | None, typer.Option("--store", help="File of the store.", show_default="vie-match.db")
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language",
        help="Language of the sentences, as in: de.",
        show_default=SETTINGS_LANGUAGE,
        callback=_told_language,
    ),
]
TopOption = Annotated[int | None, typer.Option(min=1, help="Calls per profile.", show_default="5")]


def run() -> None:
    """Run the command line and turn the package's errors into messages and exit codes."""
    for stream in (sys.stdout, sys.stderr):
        # Redirected output has the encoding of the machine, which may lack Greek or even umlauts.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    # Help is asked for before a command can say in which language it speaks.
    _told.set(None)
    _settings_language(None)
    try:
        sys.exit(helping.translated(app, speaking())(standalone_mode=False))
    except usage.UsageError as error:
        fail_usage(error)
    except typer.Abort:
        sys.exit(1)
    except errors.VieMatchError as error:
        fail(told(error), exit_code(error))
    except OSError as error:
        _ = speaking().gettext
        pattern = _("found {place}: {trouble}; expected a place that can be read and written to")
        place = error.filename or _("a file")
        fail(pattern.format(place=place, trouble=error.strerror or error), 1)


def told(error: errors.VieMatchError) -> str:
    """Return what an error says, faults of files in the language of this run."""
    if not isinstance(error, errors.BadFile):
        return messages.said(error.args[0], speaking().gettext) if error.args else str(error)
    from vie_match import faults

    return "\n".join(faults.told(fault, spoken()) for fault in error.faults)


def exit_code(error: errors.VieMatchError) -> int:
    """Return the exit code for an error, by what the caller does next."""
    return next(code for kind, code in _EXIT_CODE.items() if isinstance(error, kind))


def fail(message: str, code: int) -> None:
    """Say what went wrong and end."""
    headed(speaking().gettext("error"), "bold red", message)
    sys.exit(code)


def fail_usage(error: Any) -> None:
    """Say what is wrong with the command line, and where its help is, and end."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(error.exit_code)
    _ = speaking().gettext
    said = messages.said(usage.told(error), _)
    if context is not None:
        said += "\n" + _("{command} --help says more").format(command=context.command_path)
    fail(said, error.exit_code)


def headed(head: str, style: str, message: str) -> None:
    """Say something on standard error behind a coloured word."""
    log.print(Text.assemble((f"{head}: ", style), message), soft_wrap=True)


@app.callback()
def _common(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more on standard error.")] = False,
) -> None:
    _told.set(None)
    _settings_language(None)
    handler = RichHandler(console=log, show_path=False, show_time=False)
    logging.getLogger("vie_match").addHandler(handler)
    logging.getLogger("vie_match").setLevel(logging.INFO if verbose else logging.WARNING)
    # Notices about files are part of every result and printed from there.
    logging.getLogger("vie_match.sources.files").setLevel(logging.ERROR)


def day(today: dt.datetime | None) -> dt.date | None:
    """Return the day of the option ``--today``."""
    return today.date() if today else None


def remembered(today: dt.datetime | None) -> dt.date | None:
    """Return the day of ``--today`` for a command that writes to the store; one to come is said.

    Later runs compare with what was known on that day, and on it no source that was read is asked again.
    """
    from vie_match.records import BRUSSELS

    chosen = day(today)
    if chosen and chosen > dt.datetime.now(BRUSSELS).date():
        pattern = speaking().gettext("{day} is still to come: what this run remembers counts as of that day")
        note([pattern.format(day=speaking().day(chosen))])
    return chosen


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None] | None]:
    """Yield what draws a bar on a terminal, and None elsewhere."""
    if not log.is_terminal:
        yield None
        return
    columns = (
        TextColumn(speaking().gettext("reading texts into vectors")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=log, transient=True) as bar:
        task = bar.add_task("embedding", total=0, visible=False)
        finished = 0

        def show(done: int, total: int) -> None:
            """Add one job after the other to one bar: passages, words, each profile's sentences."""
            nonlocal finished
            bar.update(task, completed=finished + done, total=finished + total, visible=True)
            finished += total if done == total else 0

        yield show


def note(notices: Iterable[str]) -> None:
    """Say on standard error what is worth a look."""
    _ = speaking().gettext
    for notice in notices:
        headed(_("note"), "yellow", messages.said(notice, _))


def left_out(faults: Iterable[errors.Fault]) -> None:
    """Say on standard error which files could not be read."""
    from vie_match.faults import told as told_fault

    for fault in faults:
        headed(speaking().gettext("left out"), "bold yellow", told_fault(fault, spoken()))


def table(title: str, *columns: str) -> Table:
    """Return an empty table with a title as it stands."""
    made = Table(title=Text(title) if title else None, title_justify="left")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as CSV whose cells no spreadsheet takes for formulas."""
    from vie_match import tables

    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: tables.safe_cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def as_markdown(rows: Iterable[Sequence[str]], columns: Sequence[str]) -> str:
    """Return rows as a Markdown table."""
    from vie_match.reports.render import escape_markdown

    lines = [columns, ["---"] * len(columns), *([escape_markdown(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def print_rows(
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    format: Format,
    said: Mapping[str, Callable[[str], str]] | None = None,
) -> None:
    """Print rows of texts to standard output; cells that a row lacks are empty.

    Parameters
    ----------
    rows : sequence of mapping
        Column → text, in English.
    columns : sequence of str
        Marked with ``NC_("column", …)``; people get them in their language, programs as they are.
    format : Format
    said : mapping, optional
        Column → how its texts are said to people.
    """
    filled = [{name: row.get(name, "") for name in columns} for row in rows]
    if format is Format.JSON:
        sys.stdout.write(json.dumps(filled, indent=1, ensure_ascii=False) + "\n")
    elif format is Format.CSV:
        sys.stdout.write(as_csv(filled, columns))
    else:
        _print_for_people(filled, columns, format, said or {})


def _print_for_people(
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    format: Format,
    said: Mapping[str, Callable[[str], str]],
) -> None:
    heads = headings(columns)
    cells = [
        [said[name](text) if text and name in said else text for name, text in row.items()] for row in rows
    ]
    if format is Format.MD:
        sys.stdout.write(as_markdown(cells, heads))
    else:
        shown = table("", *heads)
        for row in cells:
            shown.add_row(*map(Text, row))
        Console().print(shown)


def said_in(format: Format) -> str:
    """Return the language of texts in a form: people's own, for programs always the same."""
    return spoken() if format in (Format.TABLE, Format.MD) else SOURCE


def near_miss(word: str, choices: Iterable[str]) -> str:
    """Return " (did you mean X?)" for the closest choice, or an empty text."""
    close = errors.nearest(word, choices)
    if close is None:
        return ""
    return " " + speaking().gettext("(did you mean {choice}?)").format(choice=close)


def closing(text: str) -> str:
    """Return a call's deadline, as programs get it, for people: dates stay, words are translated."""
    return speaking().gettext(text) if text in _CLOSINGS else text


def headings(columns: Iterable[str]) -> list[str]:
    """Return names of columns, marked with ``NC_("column", …)``, in the language of this run."""
    return [speaking().pgettext("column", name) for name in columns]
