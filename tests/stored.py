"""Made-up harvests and runs: the same in a test and in the processes that it starts."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vie_match.history import Harvest, Reading, Rejected, Run
from vie_match.records import BRUSSELS, Call
from vie_match.store.calls import CallStore

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)
DAY = dt.timedelta(days=1)


@contextmanager
def no_power_cuts() -> Iterator[None]:
    """Let SQLite not wait for the disk: that takes most of the time, and proves nothing here."""
    connect = sqlite3.connect

    def connect_without_waiting(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    sqlite3.connect = connect_without_waiting
    try:
        yield
    finally:
        sqlite3.connect = connect


def harvest(count: int, word: str) -> Harvest:
    """Return calls whose texts, of about a kilobyte, repeat a word."""
    return Harvest(
        tuple(
            Call.model_validate(
                {
                    "identifier": f"MADE-UP-{number:05}",
                    "title": f"Call {number} for shade in streets",
                    "programme": "LIFE",
                    "deadlines": ["2027-10-07"],
                    "text": f"{word} " * (1000 // len(word)),
                }
            )
            for number in range(count)
        )
    )


def take(
    store: CallStore,
    *calls: Call,
    source: str = "portal",
    day: int = 0,
    rejected: tuple[Rejected, ...] = (),
    accept: bool = False,
) -> tuple[Run, Reading]:
    """Take calls over in a run of their own, some days after the first one."""
    with store.journal.run("fetch", NOON + day * DAY) as run:
        reading = store.take_over(run, source, Harvest(calls, rejected), accept=accept)
    return run, reading


def words(store: CallStore, run: Run | None = None) -> dict[str, int]:
    """Return how many calls repeat which word, see :func:`harvest`."""
    return dict(Counter(sighting.call.text.split()[0] for sighting in store.sightings(run)))
