"""Every version of every call that any source ever told.

A version holds from the run that first brought it until the run that brought another one, or none. What
was known after any run can therefore be told again, and two runs compared. Nothing is deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from vie_match.history import IMPORT, SHRUNK_BELOW, Harvest, Reading, Rejected, Run, Sighting
from vie_match.records import Call
from vie_match.store import journal, layout
from vie_match.store.journal import Journal
from vie_match.store.suggestions import Suggestions
from vie_match.vocabulary import ReadingState

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
    suggestions : Suggestions
        What each report suggested to whom.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = Journal(path)
        self.suggestions = Suggestions(self.journal)

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
            Of a harvest that is not whole, calls that are missing stay; so do those whose entry could not
            be read, and what else was made of their page this time is left out. ``held back``, with the
            reason, if the source offers less than half of what it had and ``accept`` is not set; then
            the old state stays.
        """
        calls, repeated = _by_key(harvest.calls)
        rejected = [*harvest.rejected, *repeated]
        with self.journal.opened() as connection:
            present: dict[str, bytes] = dict(
                connection.execute("SELECT key, sha256 FROM present WHERE source = ?", (source,)).fetchall()
            )
            staying = _unread(connection, source, present.keys() - calls.keys(), harvest.unread)
            poorer = {address.casefold() for address in staying.values()}
            calls = {key: call for key, call in calls.items() if (call.url or "").casefold() not in poorer}
            present = {
                key: digest
                for key, digest in present.items()
                if key in calls or (harvest.is_whole and key not in staying)
            }
            is_whole = harvest.is_whole and not staying
            state, message = _verdict(source, len(present), len(calls), is_whole, accept)
            counts = (harvest.offered, len(calls), len(rejected), harvest.folded)
            reading = Reading(source, run.began, state, *counts, message)
            if state is not ReadingState.HELD_BACK:
                _replace(connection, run, source, present, calls)
            if state is ReadingState.TAKEN_IN_PART:
                connection.executemany(
                    "UPDATE versions SET confirmed_run = ?"
                    " WHERE source = ? AND key = ? AND until_run IS NULL",
                    ((run.number, source, key) for key in calls),
                )
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
            # One transaction, so that calls and runs are of one moment.
            connection.execute("BEGIN")
            if keys is None:
                rows = connection.execute(
                    "SELECT source, call, first_run, first_told, confirmed_run FROM dated_versions"
                    " WHERE first_run <= :at AND (until_run IS NULL OR until_run > :at)"
                    " ORDER BY source, key",
                    {"at": at},
                ).fetchall()
            else:
                connection.execute("CREATE TEMP TABLE wanted (key TEXT PRIMARY KEY) WITHOUT ROWID")
                connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((key,) for key in keys))
                rows = connection.execute(
                    "SELECT source, call, first_run, first_told, confirmed_run"
                    " FROM wanted CROSS JOIN dated_versions USING (key)"
                    " WHERE first_run <= :at AND (until_run IS NULL OR until_run > :at)"
                    " ORDER BY source, key",
                    {"at": at},
                ).fetchall()
            began = dict(connection.execute("SELECT number, began FROM runs").fetchall())
            whole = _last_whole_runs(connection, at)
        with self.journal.sound():
            moments = {number: layout.moment(text) for number, text in began.items()}
            return [
                Sighting(
                    source,
                    Call.model_validate_json(call),
                    moments[first_told],
                    moments[max(first_run, whole.get(source, 0), confirmed if confirmed <= at else 0)],
                )
                for source, call, first_run, first_told, confirmed in rows
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
        # Not cut to whole seconds: a call that closed half a second ago is closed.
        now = moment.astimezone(dt.UTC).isoformat()
        with self.journal.opened() as connection:
            undated = connection.execute("SELECT key FROM present WHERE closes IS NULL").fetchall()
            dated = connection.execute(
                "SELECT key FROM present WHERE closes >= ? ORDER BY closes", (now,)
            ).fetchall()
        return list(dict.fromkeys(key for (key,) in (*undated, *dated)))


def _unread(
    connection: sqlite3.Connection, source: str, missing: Collection[str], unread: Collection[str]
) -> dict[str, str]:
    """Return the calls whose entry is there but could not be read, with its identifier or address."""
    if not missing or not unread:
        return {}
    identifiers = {sign.casefold(): sign for sign in unread}
    found = {key: identifiers[key] for key in missing if key in identifiers}
    addresses = "|".join(re.escape(sign) for sign in unread if "://" in sign)
    if addresses:
        # A call names the page it was read from as its address or in its texts.
        page = re.compile(rf"(?:{addresses})(?=[\"\\\s])")
        rows = connection.execute("SELECT key, call FROM present WHERE source = ?", (source,)).fetchall()
        named = {key: match[0] for key, call in rows if key in missing and (match := page.search(call))}
        found |= named
    return found


def _by_key(calls: Iterable[Call]) -> tuple[dict[str, Call], list[Rejected]]:
    by_key: dict[str, Call] = {}
    repeated = []
    for call in calls:
        key = call.identifier.casefold()
        if key in by_key:
            repeated.append(Rejected(call.identifier, "found a second time; the first one was kept"))
        else:
            by_key[key] = call
    return by_key, repeated


def _verdict(source: str, before: int, now: int, is_whole: bool, accept: bool) -> tuple[ReadingState, str]:
    """Return what becomes of a harvest, and why not all of it was taken over."""
    if now < SHRUNK_BELOW * before and not accept:
        kind, _, name = source.partition(" ")
        command = f"import {name}" if kind == IMPORT else f"fetch {source}"
        return ReadingState.HELD_BACK, (
            f"found {now} calls where {before} were; expected at least half as many. The old ones are kept; "
            f"if the source really has so few now: vie-match {command} --accept"
        )
    if not is_whole:
        return ReadingState.TAKEN_IN_PART, "some entries could not be read; what was known of them stays"
    return ReadingState.TAKEN_OVER, ""


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
    # A day that was renewed is no new version, but it is what the facts are of.
    connection.executemany(
        "UPDATE versions SET call = ? WHERE source = ? AND key = ? AND until_run IS NULL AND sha256 = ?",
        (
            (call.model_dump_json(), source, key, digests[key])
            for key, call in calls.items()
            if call.source_date and key in present
        ),
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


def _last_whole_runs(connection: sqlite3.Connection, at: int) -> dict[str, int]:
    """Return, for each source, the last run until a run in which its whole list was taken over."""
    return dict(
        connection.execute(
            "SELECT source, max(run) FROM readings WHERE state = ? AND run <= ? GROUP BY source",
            (ReadingState.TAKEN_OVER, at),
        ).fetchall()
    )
