"""How fast the store takes calls in and finds the open ones, beside plain SQLite in the same run."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vie_match.history import Harvest
from vie_match.records import BRUSSELS, Call
from vie_match.sources.merge import merge
from vie_match.store.calls import CallStore

_MOMENT = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)

# Deadlines of the made-up calls lie between these days: one call in a hundred is open, as in the
# portal's whole index.
_FIRST, _SPAN_DAYS = dt.date(2014, 1, 1), 4750

# A query is timed this often; the median is told.
_REPETITIONS = 9


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What was measured.

    Attributes
    ----------
    calls : int
        Calls in the store.
    ingest_per_s : float
        Calls a second that a new store takes in: compared with what is there, written with their history.
    unchanged_per_s : float
        The same, when all of them are there already and nothing has changed.
    plain_per_s : float
        Rows a second of the baseline: ``executemany`` of the same texts, ready made, into one table.
    open_calls : int
        Calls that the query finds.
    query_ms : float
        Median time to find the open calls, milliseconds.
    load_ms : float
        Median time to read and merge them as records, milliseconds.
    """

    calls: int
    ingest_per_s: float
    unchanged_per_s: float
    plain_per_s: float
    open_calls: int
    query_ms: float
    load_ms: float

    @property
    def relative_ingest(self) -> float:
        """Speed of taking in, as a share of the baseline's."""
        return self.ingest_per_s / self.plain_per_s


def measure(count: int) -> StoreFigures:
    """Fill a store with made-up calls in a temporary folder and time it.

    Parameters
    ----------
    count : int
        Number of calls, 1 or more.
    """
    calls = tuple(map(_call, range(count), [count] * count))
    with tempfile.TemporaryDirectory() as folder:
        store = CallStore(Path(folder) / "store.db")
        fresh = _seconds(lambda: _take_over(store, calls))
        again = _seconds(lambda: _take_over(store, calls))
        plain = _plain_seconds(Path(folder) / "plain.db", calls)
        keys = store.open_keys(_MOMENT)
        query = _median_ms(lambda: store.open_keys(_MOMENT))
        load = _median_ms(lambda: merge(store.sightings(keys=keys)))
    return StoreFigures(count, count / fresh, count / again, count / plain, len(keys), query, load)


def _call(number: int, count: int) -> Call:
    closes = _FIRST + dt.timedelta(days=number * _SPAN_DAYS // count)
    return Call.model_validate(
        {
            "identifier": f"MADE-UP-{number:07}",
            "title": f"Call number {number} for trees and shade in streets",
            "programme": "HORIZON",
            "deadlines": [closes.isoformat()],
            # As long as the description of a short topic.
            "text": f"Projects of call {number} plant trees and measure how streets become cooler. " * 8,
        }
    )


def _take_over(store: CallStore, calls: Sequence[Call]) -> None:
    with store.journal.run("fetch", _MOMENT) as run:
        store.take_over(run, "made up", Harvest(tuple(calls)))


def _plain_seconds(path: Path, calls: Sequence[Call]) -> float:
    rows = [
        (call.identifier, hashlib.sha256(text.encode()).digest(), text)
        for call in calls
        for text in [call.model_dump_json()]
    ]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE calls (key TEXT PRIMARY KEY, sha256 BLOB, call TEXT)")

        def write() -> None:
            with connection:
                connection.executemany("INSERT INTO calls VALUES (?, ?, ?)", rows)

        return _seconds(write)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _median_ms(work: Callable[[], object]) -> float:
    return 1000 * statistics.median(_seconds(work) for _ in range(_REPETITIONS))
