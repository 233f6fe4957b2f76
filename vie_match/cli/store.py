"""Live sources and what is remembered of them: ``fetch``, ``calls``, ``diff`` and ``runs``."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    Format,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    closing,
    day,
    exit_code,
    headed,
    headings,
    log,
    note,
    output,
    print_rows,
    remembered,
    said_in,
    speaking,
    spoken,
    table,
)
from vie_match.cli.finding import existing_store, known_calls
from vie_match.speech import N_, NC_, speech
from vie_match.vocabulary import CallStatus, Programme, ReadingState, RunState, parse

if TYPE_CHECKING:
    from vie_match.history import KnownCall, Reading, Run
    from vie_match.sources.gather import Gathered

FormatOption = Annotated[Format, typer.Option(help="Form of the output.")]


@app.command()
def fetch(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Sources to read; all when none is given.", metavar="[SOURCE]…"),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take over lists that have become suspiciously short, too.")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Read the answers kept from former runs; ask nobody.")
    ] = False,
    store: StoreOption = None,
    today: TodayOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Read the live sources into the store.

    One source that fails stops none of the others, and what was known of it stays. Then the exit code is
    that of the first failure.
    """
    from vie_match import knowledge
    from vie_match.sources.gather import ON_REQUEST

    _ = speaking().gettext
    chosen = settings.load(settings_file, store=store)
    failures: list[errors.VieMatchError] = []
    shown = table("", *headings((NC_("column", "source"), *_COUNTS, NC_("column", "result"))))

    def tell(one: Gathered) -> None:
        shown.add_row(*_cells(one.reading))
        note(f"{one.reading.source}: {notice}" for notice in one.notices)
        if one.error:
            failures.append(one.error)
            headed(_state(one.reading.state, spoken()), "bold yellow", f"{one.reading.source}: {one.error}")

    moment = knowledge.at_noon(remembered(today))
    named = sources or []
    if replay and "cordis" in named:
        raise errors.BadValue(_("--replay: the archives of CORDIS are not kept; fetch them again without it"))
    ours = [name for name in named if name not in ON_REQUEST]
    if ours or not named:
        with log.status(_("reading the live sources")):
            if replay:
                run = knowledge.replay(chosen, only=ours, accept=accept, told=tell)
            else:
                run = knowledge.fetch(chosen, moment, only=ours, accept=accept, told=tell)
        output.print(shown)
        output.print(_("run {number}").format(number=run.number))
    if "cordis" in named:
        _renew_cities(chosen, moment.date(), accept)
    if failures:
        sys.exit(exit_code(failures[0]))


@app.command()
def calls(
    new_since: Annotated[
        str | None, typer.Option(help="Only calls first seen after a day (2026-11-24) or a run (its number).")
    ] = None,
    programme: Annotated[str | None, typer.Option(help="Only calls of a programme.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed calls, too.")] = False,
    format: FormatOption = Format.TABLE,
    folder: CallsOption = None,
    store: StoreOption = None,
    today: TodayOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """List the calls that are known, from the folder and from the live sources."""
    from vie_match import knowledge

    chosen = settings.load(settings_file, store=store, calls=folder)
    moment = knowledge.at_noon(day(today))
    known = known_calls(chosen, moment, closed=closed)
    if new_since:
        start = _start(new_since, chosen.store)
        known = [one for one in known if one.first_seen > start]
    if programme:
        wanted = parse(Programme, programme)
        known = [one for one in known if one.call.programme is wanted]
    print_rows(
        [_row(one, moment) for one in known], _CALL_COLUMNS, format, {"status": _status, "deadline": closing}
    )


@app.command()
def diff(
    run1: Annotated[int, typer.Argument(help="Number of a run (see: vie-match runs).")],
    run2: Annotated[int, typer.Argument(help="Number of a later run.")],
    format: FormatOption = Format.TABLE,
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Say what is new, changed, gone or closed between two runs, field by field."""
    from vie_match import knowledge
    from vie_match.changes import ChangeKind
    from vie_match.reports import names

    opened = existing_store(settings.load(settings_file, store=store).store)
    rows = []
    for change in knowledge.changes_between(
        opened, opened.journal.numbered(run1), opened.journal.numbered(run2)
    ):
        shared = {"what": change.kind.value, "identifier": change.call.identifier, "title": change.call.title}
        rows += [
            shared | {"field": one.field, "before": one.before, "after": one.after} for one in change.fields
        ] or [shared]
    columns = (
        NC_("column", "what"),
        NC_("column", "identifier"),
        NC_("column", "title"),
        NC_("column", "field"),
        NC_("column", "before"),
        NC_("column", "after"),
    )
    said = {
        "what": lambda text: names.kind(ChangeKind(text), spoken()),
        "field": lambda text: names.field(text, spoken()),
    }
    print_rows(rows, columns, format, said)


@app.command()
def runs(
    number: Annotated[int | None, typer.Argument(help="Show this run in detail.", metavar="[RUN]")] = None,
    format: FormatOption = Format.TABLE,
    store: StoreOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """List the runs, or what became of each source in one, with every entry that was rejected."""
    journal = existing_store(settings.load(settings_file, store=store).store).journal
    language = said_in(format)
    if number is None:
        rows = [_run_row(run, journal.readings(run), language) for run in journal.runs()]
        columns = (
            NC_("column", "run"),
            NC_("column", "kind"),
            NC_("column", "began"),
            NC_("column", "state"),
            NC_("column", "sources"),
        )
        print_rows(rows, columns, format, {"state": _run_state})
        return
    run = journal.numbered(number)
    rows = []
    for reading in journal.readings(run):
        rows.append(
            {
                "source": reading.source,
                "entry": "",
                "what": f"{_summary(reading, language)} {reading.message}".strip(),
            }
        )
        rows += [
            {"source": reading.source, "entry": one.key, "what": one.reason}
            for one in journal.rejections(run, reading.source)
        ]
    print_rows(rows, (NC_("column", "source"), NC_("column", "entry"), NC_("column", "what")), format)


_COUNTS = (
    NC_("column", "offered"),
    NC_("column", "loaded"),
    NC_("column", "rejected"),
    NC_("column", "folded"),
)
_CALL_COLUMNS = (
    NC_("column", "identifier"),
    NC_("column", "title"),
    NC_("column", "programme"),
    NC_("column", "status"),
    NC_("column", "deadline"),
    NC_("column", "first_seen"),
    NC_("column", "source"),
)


_STATES = {
    ReadingState.TAKEN_OVER: N_("taken over"),
    ReadingState.TAKEN_IN_PART: N_("taken over in part"),
    ReadingState.FAILED: N_("failed"),
    ReadingState.HELD_BACK: N_("held back"),
}
_RUN_STATES = {
    RunState.RUNNING: N_("running"),
    RunState.DONE: N_("done"),
    RunState.BROKEN_OFF: N_("broken off"),
}


def _renew_cities(chosen: settings.Settings, today: dt.date, accept: bool) -> None:
    from vie_match import knowledge

    _ = speaking().gettext
    with log.status(_("reading CORDIS's archives")):
        found = knowledge.renew_cities(chosen, today, accept=accept)
    note(f"cordis: {notice}" for notice in found.notices)
    output.print(
        _(
            "{table}: participations of cities from CORDIS: {loaded}; rows rejected: {rejected}, "
            "folded: {folded}"
        ).format(
            table=chosen.cities,
            loaded=len(found.participations),
            rejected=len(found.rejected),
            folded=found.folded,
        ),
        soft_wrap=True,
    )


def _start(text: str, store: Path) -> dt.datetime:
    """Return the moment after which a call is new: the end of a day, or a run."""
    from vie_match.records import BRUSSELS

    if text.isdecimal():
        return existing_store(store).journal.numbered(int(text)).began
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max, BRUSSELS)
    except ValueError:
        pattern = speaking().gettext(
            "--new-since: found {text}; expected a day as in 2026-11-24 or the number of a run"
        )
        raise errors.BadValue(pattern.format(text=repr(text))) from None


def _row(one: KnownCall, moment: dt.datetime) -> dict[str, str]:
    call = one.call
    return {
        "identifier": call.identifier,
        "title": call.title,
        "programme": call.programme.value,
        "status": call.status(moment).value,
        "deadline": call.closing(call.next_deadline(moment) or (call.entries[-1] if call.entries else None)),
        "first_seen": f"{one.first_seen:%Y-%m-%d}",
        "source": call.source,
    }


def _run_row(run: Run, readings: list[Reading], language: str) -> dict[str, str]:
    return {
        "run": str(run.number),
        "kind": run.kind,
        "began": f"{run.began:%Y-%m-%d %H:%M}",
        "state": run.state.value,
        "sources": "; ".join(f"{one.source} {_summary(one, language)}" for one in readings),
    }


def _summary(reading: Reading, language: str) -> str:
    if reading.state not in (ReadingState.TAKEN_OVER, ReadingState.TAKEN_IN_PART):
        return _state(reading.state, language)
    pattern = speech(language).gettext("{loaded} of {offered}")
    return pattern.format(loaded=reading.loaded, offered=reading.offered)


def _cells(reading: Reading) -> list[str]:
    counts = [str(getattr(reading, name)) for name in _COUNTS]
    return [reading.source, *counts, _state(reading.state, spoken())]


def _status(text: str) -> str:
    from vie_match.reports import names

    return names.call_status(CallStatus(text), spoken())


def _state(state: ReadingState, language: str) -> str:
    """Return what became of a reading."""
    return speech(language).gettext(_STATES[state])


def _run_state(text: str) -> str:
    """Return how a run's state is said to people."""
    return speaking().gettext(_RUN_STATES[RunState(text)])
