"""What all commands share: the program, its options, how it fails, notes and tables.

Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from vie_match import errors

EXIT_CODES = (
    "Exit codes: 0 done; 1 something has to be mended (a file, a setting); 2 wrong usage; "
    "3 try again later; 4 a source, model or package is not to be had."
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


class Format(StrEnum):
    """Forms in which results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


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
    Path | None, typer.Option("--settings", help="Settings file.", show_default="vie-match.toml, if any")
]
StoreOption = Annotated[
    Path | None, typer.Option("--store", help="File of the store.", show_default="vie-match.db")
]
TopOption = Annotated[int | None, typer.Option(min=1, help="Calls per profile.", show_default="5")]


def run() -> None:
    """Run the command line and turn the package's errors into messages and exit codes."""
    for stream in (sys.stdout, sys.stderr):
        # Redirected output has the encoding of the machine, which may lack Greek or even umlauts.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        app()
    except errors.VieMatchError as error:
        fail(str(error), exit_code(error))
    except OSError as error:
        where = error.filename or "a file"
        fail(f"found {where}: {error.strerror or error}; expected a place one can write to", 1)


def exit_code(error: errors.VieMatchError) -> int:
    """Return the exit code for an error, by what the caller does next."""
    return next(code for kind, code in _EXIT_CODE.items() if isinstance(error, kind))


def fail(message: str, code: int) -> None:
    """Say what went wrong and end."""
    log.print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)
    sys.exit(code)


@app.callback()
def _common(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more on standard error.")] = False,
) -> None:
    handler = RichHandler(console=log, show_path=False, show_time=False)
    logging.getLogger("vie_match").addHandler(handler)
    logging.getLogger("vie_match").setLevel(logging.INFO if verbose else logging.WARNING)
    # Notices about files are part of every result and printed from there.
    logging.getLogger("vie_match.sources.files").setLevel(logging.ERROR)


def day(today: dt.datetime | None) -> dt.date | None:
    """Return the day of the option ``--today``."""
    return today.date() if today else None


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None] | None]:
    """Yield what draws a bar on a terminal, and None elsewhere."""
    if not log.is_terminal:
        yield None
        return
    columns = (
        TextColumn("reading texts into vectors"),
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
    for notice in notices:
        log.print(Text.assemble(("note: ", "yellow"), notice), soft_wrap=True)


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


def print_rows(rows: Sequence[Mapping[str, str]], columns: Sequence[str], format: Format) -> None:
    """Print rows of texts to standard output; cells that a row lacks are empty."""
    filled = [{name: row.get(name, "") for name in columns} for row in rows]
    if format is Format.JSON:
        sys.stdout.write(json.dumps(filled, indent=1, ensure_ascii=False) + "\n")
    elif format is Format.CSV:
        sys.stdout.write(as_csv(filled, columns))
    elif format is Format.MD:
        sys.stdout.write(as_markdown([list(row.values()) for row in filled], columns))
    else:
        shown = table("", *columns)
        for row in filled:
            shown.add_row(*map(Text, row.values()))
        Console().print(shown)
