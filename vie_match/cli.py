"""The command line: ``vie-match …``. The only place that prints.

Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from vie_match import errors, settings
from vie_match.evaluation.benchmark import TextChoice
from vie_match.evaluation.benchmark import load as load_benchmark

if TYPE_CHECKING:
    from vie_match.evaluation.calls import Evaluation
    from vie_match.reports.digest import Digest
    from vie_match.results import Match

EXIT_CODES = (
    "Exit codes: 0 done; 1 something has to be mended (a file, a setting); 2 wrong usage; "
    "3 try again later; 4 a model or package is not available."
)

app = typer.Typer(
    name="vie-match",
    help="Find the EU calls for proposals that fit a city's projects.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
evaluate_app = typer.Typer(help="Measure ranking on a judged benchmark.", no_args_is_help=True)
app.add_typer(evaluate_app, name="evaluate")

output = Console(soft_wrap=True)
log = Console(stderr=True)

_EXIT_CODE = {
    errors.MendInput: 1,
    errors.TryAgain: 3,
    errors.UseAnother: 4,
    errors.InstallSomething: 4,
}


class Format(StrEnum):
    """Forms in which ``match`` prints."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"


class Kind(StrEnum):
    """The two kinds of file."""

    PROFILE = "profile"
    CALL = "call"


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
TopOption = Annotated[int | None, typer.Option(min=1, help="Calls per profile.", show_default="5")]


def main() -> None:
    """Run the command line and turn the package's errors into messages and exit codes."""
    for stream in (sys.stdout, sys.stderr):
        # Redirected output has the encoding of the machine, which may lack Greek or even umlauts.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        app()
    except errors.VieMatchError as error:
        _fail(str(error), next(code for kind, code in _EXIT_CODE.items() if isinstance(error, kind)))
    except OSError as error:
        where = error.filename or "a file"
        _fail(f"found {where}: {error.strerror or error}; expected a place one can write to", 1)


def _fail(message: str, code: int) -> None:
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


@app.command()
def report(
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report.", show_default="reports")] = None,
    top: TopOption = None,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write the weekly report (HTML and Markdown) for all profiles.

    Prints the paths of the two files. Files that cannot be read are listed in the report and here; the
    others are ranked all the same.
    """
    from vie_match import pipeline

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, reports=out, top=top, model=model)
    with _progress() as progress:
        written = pipeline.report(chosen, pipeline.at_noon(_day(today)), progress=progress)
    _tell(written.digest)
    for file in written.files:
        output.print(str(file), markup=False, highlight=False)


@app.command()
def match(
    ids: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of profiles; all when none is given.", metavar="[PROFILE]…"),
    ] = None,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    top: TopOption = None,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    today: TodayOption = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Print the best calls for one or more profiles."""
    from vie_match import pipeline

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, top=top, model=model)
    with _progress() as progress:
        moment = pipeline.at_noon(_day(today))
        result = pipeline.match(chosen, moment, only=ids or (), progress=progress)
    _tell(result)
    known = {part.profile.id: part for part in result.cities}
    matches = [found for one in dict.fromkeys(ids or known) for found in known[one].best]
    if format is Format.TABLE:
        _print_tables(matches, result)
    else:
        printed = {Format.JSON: _as_json, Format.CSV: _as_csv, Format.MD: _as_markdown}[format](matches)
        sys.stdout.write(printed)


@app.command()
def check(
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Check all profile and call files and say what is wrong, file by file, line by line.

    Exit code 1 when something is.
    """
    from vie_match.sources.files import load_calls, load_profiles

    chosen = settings.load(settings_file, profiles=profiles, calls=calls)
    loaded_profiles, loaded_calls = load_profiles(chosen.profiles), load_calls(chosen.calls)
    _note(loaded_profiles.notices + loaded_calls.notices)
    faults = loaded_profiles.faults + loaded_calls.faults
    output.print(f"{len(loaded_profiles)} profiles and {len(loaded_calls)} calls are in order.")
    if faults:
        raise errors.BadFile(faults)


@app.command()
def new(
    kind: Annotated[Kind, typer.Argument(help="What to begin.")],
    file: Annotated[Path | None, typer.Argument(help="File to write; standard output if none.")] = None,
    language: Annotated[str, typer.Option(help="Language of a profile (ISO 639-1).")] = "en",
) -> None:
    """Write an empty, commented file to fill in."""
    from vie_match.sources import files, forms
    from vie_match.vocabulary import parse_language

    text = forms.profile(parse_language(language)) if kind is Kind.PROFILE else forms.call()
    if file is None:
        sys.stdout.write(text)
        return
    if file.exists():
        raise errors.BadValue(f"{file} exists already; name another file, or delete it first")
    files.write_whole(file, text)
    output.print(str(file), markup=False, highlight=False)


@app.command()
def schema(kind: Annotated[Kind, typer.Argument(help="Which record.")]) -> None:
    """Print the JSON Schema of a file's keys, for editors and other programs."""
    from vie_match.records import Call, Profile
    from vie_match.schemas import file_schema

    record = Profile if kind is Kind.PROFILE else Call
    sys.stdout.write(json.dumps(file_schema(record), indent=2, ensure_ascii=False) + "\n")


@evaluate_app.command("calls")
def evaluate_calls(
    benchmark: Annotated[Path, typer.Option(help="Folder with calls, profiles and judgements (JSON lines).")],
    run: Annotated[Path | None, typer.Option(help="Write the ranking as a TREC run file.")] = None,
    text: Annotated[TextChoice, typer.Option(help="Version of the profiles to rank.")] = TextChoice.OWN,
    floor: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail (exit code 1) when nDCG@10 is below.")
    ] = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Rank a judged benchmark with the current settings, beside trivial baselines.

    Deadlines are ignored. A folder without judgements is ranked and written all the same.
    """
    from vie_match.embedding.models import default_encoder
    from vie_match.evaluation import calls as evaluation

    chosen = settings.load(settings_file, model=model)
    loaded = load_benchmark(benchmark, text)
    with _progress() as progress:
        result = evaluation.evaluate(loaded, default_encoder(chosen, progress), chosen.word_weight)
    if run:
        evaluation.write_run(result.rankings, run)
        log.print(f"{len(result.rankings)} rankings written to {run}", soft_wrap=True)
    if result.systems:
        _print_evaluation(result)
    else:
        log.print("The folder holds no judgements: nothing to measure.")
    reached = result.systems[0].figures["nDCG@10"].mean if result.systems else None
    if floor is not None and (reached is None or reached < floor):
        raise errors.BelowFloor(f"found nDCG@10 {reached}; expected at least {floor}")


def _day(today: dt.datetime | None) -> dt.date | None:
    return today.date() if today else None


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
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


def _tell(result: Digest) -> None:
    """Say on standard error what could not be read."""
    _note(result.notices)
    for fault in result.faults:
        log.print(Text.assemble(("left out: ", "bold yellow"), str(fault)), soft_wrap=True)


def _note(notices: Iterable[str]) -> None:
    for notice in notices:
        log.print(Text.assemble(("note: ", "yellow"), notice), soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title), title_justify="left")
    for column in columns:
        table.add_column(column)
    return table


def _print_tables(matches: list[Match], result: Digest) -> None:
    from vie_match.reports import wording

    titles = {part.profile.id: f"{part.profile.city.name}: {part.profile.title}" for part in result.cities}
    for profile_id in dict.fromkeys(found.profile_id for found in matches):
        table = _table(titles[profile_id], "#", "Call", "Programme", "When")
        for found in (found for found in matches if found.profile_id == profile_id):
            table.add_row(
                str(found.rank),
                Text(f"{found.call.title}\n{found.call.identifier}"),
                found.call.programme.value,
                f"{wording.status(found)}; {wording.deadline(found, result.today)}",
            )
        Console().print(table)


def _as_json(matches: list[Match]) -> str:
    rows = [found.model_dump(mode="json") for found in matches]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _as_csv(matches: list[Match]) -> str:
    from vie_match import tables

    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(tables.MATCH_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: tables.safe_cell(value) for name, value in row.items()}
        for row in map(tables.match_row, matches)
    )
    return buffer.getvalue()


def _as_markdown(matches: list[Match]) -> str:
    from vie_match import tables
    from vie_match.reports.render import escape_markdown

    columns = ("profile", "rank", "identifier", "title", "programme", "deadline")
    rows = [
        [escape_markdown(str(row[name] or "")) for name in columns] for row in map(tables.match_row, matches)
    ]
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _print_evaluation(result: Evaluation) -> None:
    measures = list(result.systems[0].figures)
    title = "means with 95 % bootstrap intervals over profiles"
    table = _table(title, "system", *measures, "hybrid's gain in nDCG@10")
    for system in result.systems:
        cells = [f"{one.mean:.3f} [{one.low:.2f}, {one.high:.2f}]" for one in system.figures.values()]
        gain = (
            f"{system.gain.mean:+.3f} [{system.gain.low:+.2f}, {system.gain.high:+.2f}]"
            if system.gain
            else ""
        )
        table.add_row(system.name, *cells, gain)
    wide = Console(width=160) if not output.is_terminal else output
    wide.print(table)
    languages = _table("hybrid, by language of the profile", "language", "profiles", "nDCG@10")
    for language, (count, mean) in result.languages.items():
        languages.add_row(language, str(count), f"{mean:.3f}")
    wide.print(languages)
    missing = sum(map(len, result.unjudged.values()))
    output.print(f"Not judged among the five best of a profile: {missing} calls.")
    for profile, calls in result.unjudged.items():
        output.print(f"  {profile}: {', '.join(calls)}", markup=False, highlight=False)
