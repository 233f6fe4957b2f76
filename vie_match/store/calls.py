"""Every version of every call that any source ever told.

A version holds from the run that first brought it until the run that brought another one, or none. What
was known after any run can therefore be told again, and two runs compared. Nothing is deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from vie_match.history import Harvest, Reading, Rejected, Run, Sighting
from vie_match.records import Call
from vie_match.store import database, journal, layout
from vie_match.store.journal import Journal
from vie_match.vocabulary import ReadingState

# A source that offers less than this share of what it had is suspected of being broken.
SHRUNK_BELOW = 0.5

# Later than any run.
_NOW = 2**62


class CallStore:
    """The file in which calls and runs are remembered.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made when missing.

    Attributes
    ----------
    journal : Journal
        The runs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = Journal(path)

    def take_over(self, run: Run, source: str, harvest: Harvest, *, accept: bool = False) -> Reading:
        """Make a harvest the present state of a source, in one transaction.

        Parameters
        ----------
        run : Run
        source : str
            Short name.
        harvest : Harvest
        accept : bool, optional
            Take over a list that has shrunk suspiciously, too.

        Returns
        -------
        Reading
            Of a harvest that is not whole, calls that are missing stay. ``held back``, with the
            reason, if the source offers less than half of what it had and ``accept`` is not set; then
            the old state stays.
        """
        calls, repeated = _by_key(harvest.calls)
        rejected = [*harvest.rejected, *repeated]
        with self.journal.opened() as connection:
            present: dict[str, bytes] = dict(
                connection.execute("SELECT key, sha256 FROM present WHERE source = ?", (source,)).fetchall()
            )
            if not harvest.is_whole:
                present = {key: digest for key, digest in present.items() if key in calls}
            shrunk = "" if accept else _shrunk(source, len(present), len(calls))
            if shrunk:
                reading = Reading(source, run.began, ReadingState.HELD_BACK, message=shrunk)
                journal.note(connection, run, reading)
            else:
                _replace(connection, run, source, present, calls)
                counts = (harvest.offered, len(calls), len(rejected), harvest.folded)
                reading = Reading(source, run.began, ReadingState.TAKEN_OVER, *counts)
                journal.note(connection, run, reading, rejected)
        return reading

    def sightings(self, run: Run | None = None, keys: Iterable[str] | None = None) -> list[Sighting]:
        """Return the calls as their sources told them.

        Parameters
        ----------
        run : Run, optional
            As they were known after this run; default: now.
        keys : iterable of str, optional
            Only calls with these keys (see :attr:`Sighting.key`).

        Returns
        -------
        list of Sighting
            In order of source and key.
        """
        at = run.number if run else _NOW
        with self.journal.opened() as connection:
            if keys is None:
                rows = connection.execute(
                    "SELECT source, call, until_run, first_told FROM dated_versions"
                    " WHERE first_run <= :at AND (until_run IS NULL OR until_run > :at)"
                    " ORDER BY source, key",
                    {"at": at},
                ).fetchall()
            else:
                connection.execute("CREATE TEMP TABLE wanted (key TEXT PRIMARY KEY) WITHOUT ROWID")
                connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((key,) for key in keys))
                rows = connection.execute(
                    "SELECT source, call, until_run, first_told FROM wanted CROSS JOIN dated_versions"
                    " USING (key) WHERE first_run <= :at AND (until_run IS NULL OR until_run > :at)"
                    " ORDER BY source, key",
                    {"at": at},
                ).fetchall()
            began = {
                number: layout.moment(began)
                for number, began in connection.execute("SELECT number, began FROM runs")
            }
            good = _good_runs(connection)
        return [
            Sighting(
                source,
                Call.model_validate_json(call),
                began[first],
                began[_last_before(good[source], min(at + 1, until or _NOW), first)],
            )
            for source, call, until, first in rows
        ]

    def open_keys(self, moment: dt.datetime) -> list[str]:
        """Return the keys of the calls that can be entered at a moment or later.

        Parameters
        ----------
        moment : datetime
            With its zone.

        Returns
        -------
        list of str
            Those without a known closing date first, then in order of closing.
        """
        with self.journal.opened() as connection:
            undated = connection.execute("SELECT key FROM present WHERE closes IS NULL").fetchall()
            dated = connection.execute(
                "SELECT key FROM present WHERE closes >= ? ORDER BY closes", (layout.text(moment),)
            ).fetchall()
        return list(dict.fromkeys(key for (key,) in (*undated, *dated)))

    def backup(self, target: Path) -> None:
        """Copy the store with SQLite's online backup; other processes may go on writing.

        Parameters
        ----------
        target : Path
            Replaced only when the copy is complete and sound.
        """
        partial = target.with_name(f".{target.name}.part")
        partial.unlink(missing_ok=True)
        try:
            with self.journal.opened() as connection, database.opened(partial, (), layout.HINT) as copy:
                connection.backup(copy)
            with database.opened(partial, layout.MIGRATIONS, layout.HINT, check=True) as copy:
                # One file, without the companions of a database in use.
                copy.execute("PRAGMA journal_mode = DELETE")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)


def _by_key(calls: Iterable[Call]) -> tuple[dict[str, Call], list[Rejected]]:
    by_key: dict[str, Call] = {}
    repeated = []
    for call in calls:
        if by_key.setdefault(call.identifier.casefold(), call) is not call:
            repeated.append(Rejected(call.identifier, "found a second time; the first one was kept"))
    return by_key, repeated


def _shrunk(source: str, before: int, now: int) -> str:
    """Return what is suspicious about the length of a list, or an empty text."""
    if now >= SHRUNK_BELOW * before:
        return ""
    return (
        f"found {now} calls where {before} were; expected at least half as many. The old ones are kept; "
        f"if the source really has so few now: vie-match fetch {source} --accept"
    )


def _replace(
    connection: sqlite3.Connection,
    run: Run,
    source: str,
    present: Mapping[str, bytes],
    calls: Mapping[str, Call],
) -> None:
    """End the versions that hold no more, begin those that are new."""
    digests = {key: _digest(call) for key, call in calls.items()}
    connection.executemany(
        "UPDATE versions SET until_run = ? WHERE source = ? AND key = ? AND until_run IS NULL",
        ((run.number, source, key) for key, digest in present.items() if digests.get(key) != digest),
    )
    connection.executemany(
        "INSERT INTO versions (source, key, first_run, sha256, closes, call) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (source, key, run.number, digests[key], _closes(call), call.model_dump_json())
            for key, call in calls.items()
            if present.get(key) != digests[key]
        ),
    )


def _digest(call: Call) -> bytes:
    """Return what two tellings of the same facts share; the day they were told on is no fact."""
    undated = call.model_copy(update={"source_date": None}) if call.source_date else call
    return hashlib.sha256(undated.model_dump_json().encode()).digest()


def _closes(call: Call) -> str | None:
    return layout.text(call.entries[-1].moment) if call.entries else None


def _good_runs(connection: sqlite3.Connection) -> dict[str, list[int]]:
    """Return, for each source, the runs in which it was taken over, in order."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = connection.execute(
        "SELECT source, run FROM readings WHERE state = ? ORDER BY run", (ReadingState.TAKEN_OVER,)
    )
    for source, run in rows:
        found[source].append(run)
    return found


def _last_before(runs: list[int], limit: int, first: int) -> int:
    """Return the last of a source's good runs before a limit: then a version was seen last."""
    position = bisect_left(runs, limit)
    return runs[position - 1] if position else first
