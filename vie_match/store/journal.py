"""Who wrote to the store and when: runs, what became of each source in them, what was rejected."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from vie_match.errors import BadValue, StoreBusy
from vie_match.history import Reading, Rejected, Run
from vie_match.messages import M_
from vie_match.store import database, layout
from vie_match.vocabulary import ReadingState, RunState

# Seconds a run waits for another one to end.
RUN_TIMEOUT_S = 10.0


class Journal:
    """The runs that a store remembers.

    Parameters
    ----------
    path : Path
        The SQLite file; it is made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_checked = False

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; the first time it is looked through for damage."""
        check = not self._is_checked
        with database.opened(self.path, layout.MIGRATIONS, layout.HINT, check=check) as connection:
            self._is_checked = True
            yield connection

    @contextmanager
    def sound(self) -> Iterator[None]:
        """Turn values that nobody can have written into a damaged store: SQLite does not see those."""
        try:
            yield
        except (ValueError, KeyError) as error:
            raise database.damaged(self.path, str(error)[:200], layout.HINT) from error

    @contextmanager
    def run(self, kind: str, moment: dt.datetime) -> Iterator[Run]:
        """Open a run; only one at a time can write.

        A run whose block ends with an error, or whose process is killed, counts as broken off. What it
        had taken over until then stays.

        Parameters
        ----------
        kind : str
            ``fetch``, ``report`` or ``import``.
        moment : datetime
            The moment the run refers to, with its zone.

        Yields
        ------
        Run

        Raises
        ------
        StoreBusy
            If another run is writing.
        """
        with self.opened():
            pass  # makes the folder, and tells of a damaged file before anything is waited for
        with self.alone():
            run = self._begin(kind, moment)
            try:
                yield run
            except BaseException:
                self._set_state(run, RunState.BROKEN_OFF)
                raise
            self._set_state(run, RunState.DONE)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out; see :meth:`run`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(f"{self.path}.run.lock", timeout=RUN_TIMEOUT_S)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise StoreBusy(
                M_("another run is writing to {file}; try again when it has ended", file=self.path)
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _begin(self, kind: str, moment: dt.datetime) -> Run:
        with self.opened() as connection:
            # Whoever is alone knows that no other run is still at work.
            connection.execute(
                "UPDATE runs SET state = ? WHERE state = ?", (RunState.BROKEN_OFF, RunState.RUNNING)
            )
            number = connection.execute(
                "INSERT INTO runs (kind, began, state) VALUES (?, ?, ?)",
                (kind, layout.text(moment), RunState.RUNNING),
            ).lastrowid
        return Run(number or 0, kind, moment, RunState.RUNNING)

    def _set_state(self, run: Run, state: RunState) -> None:
        with self.opened() as connection:
            connection.execute("UPDATE runs SET state = ? WHERE number = ?", (state, run.number))

    def runs(self) -> list[Run]:
        """Return all runs, the oldest first."""
        with self.opened() as connection:
            rows = connection.execute(
                "SELECT number, kind, began, state FROM runs ORDER BY number"
            ).fetchall()
        with self.sound():
            return [
                Run(number, kind, layout.moment(began), RunState(state))
                for number, kind, began, state in rows
            ]

    def numbered(self, number: int) -> Run:
        """Return one run.

        Raises
        ------
        BadValue
            If there is none with this number.
        """
        runs = {run.number: run for run in self.runs()}
        if number not in runs:
            known = M_("1 to {last}", last=max(runs)) if runs else M_("none yet")
            raise BadValue(
                M_(
                    "no run {number}; there are: {known} (vie-match runs lists them)",
                    number=number,
                    known=known,
                )
            )
        return runs[number]

    def last(self, kind: str, before: dt.date) -> Run | None:
        """Return the last run of a kind on an earlier day (in Brussels) that came to its end, or None."""
        done = [
            run
            for run in self.runs()
            if run.kind == kind and run.state is RunState.DONE and run.began.date() < before
        ]
        return max(done, key=lambda run: (run.began, run.number), default=None)

    def readings(self, run: Run) -> list[Reading]:
        """Return what became of the sources in a run, in order of source."""
        return self._readings("SELECT * FROM dated_readings WHERE run = ? ORDER BY source", run.number)

    def latest_readings(self) -> list[Reading]:
        """Return the latest reading of each source, whatever became of it; replays ask nobody."""
        return self._readings(
            "SELECT * FROM dated_readings AS one WHERE run = (SELECT max(run) FROM readings"
            " JOIN runs ON number = run WHERE source = one.source AND kind != ?) ORDER BY source",
            "replay",
        )

    def good_readings(self) -> list[Reading]:
        """Return, for each source, the latest reading that was taken over."""
        return self._readings(
            "SELECT * FROM dated_readings AS one WHERE run ="
            " (SELECT max(run) FROM readings WHERE source = one.source AND state = ?) ORDER BY source",
            ReadingState.TAKEN_OVER,
        )

    def _readings(self, query: str, *values: object) -> list[Reading]:
        with self.opened() as connection:
            rows = connection.execute(query, values).fetchall()
        with self.sound():
            return [
                Reading(source, layout.moment(began), ReadingState(state), *rest)
                for _, source, began, state, *rest in rows
            ]

    def rejections(self, run: Run, source: str) -> list[Rejected]:
        """Return what a source offered in a run and could not become a call."""
        with self.opened() as connection:
            rows = connection.execute(
                "SELECT key, reason FROM rejections WHERE run = ? AND source = ? ORDER BY rowid",
                (run.number, source),
            ).fetchall()
        return [Rejected(key, reason) for key, reason in rows]

    def note_failure(self, run: Run, source: str, message: str) -> Reading:
        """Remember that a source could not be read; its calls stay as they were."""
        reading = Reading(source, run.began, ReadingState.FAILED, message=message)
        with self.opened() as connection:
            note(connection, run, reading)
        return reading


def _whole(text: str) -> str:
    """Return a text that can be written: half a surrogate pair cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def note(
    connection: sqlite3.Connection, run: Run, reading: Reading, rejected: Iterable[Rejected] = ()
) -> None:
    """Write down what became of a source, as part of the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run.number,
            reading.source,
            reading.state,
            reading.offered,
            reading.loaded,
            reading.rejected,
            reading.folded,
            reading.message,
        ),
    )
    connection.executemany(
        "INSERT INTO rejections VALUES (?, ?, ?, ?)",
        ((run.number, reading.source, _whole(one.key), _whole(one.reason)) for one in rejected),
    )
