"""What a report suggested is remembered with its run."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

from vie_match import knowledge
from vie_match.store import database, layout
from vie_match.store.calls import CallStore
from vie_match.store.suggestions import Suggestion

MOMENT = knowledge.at_noon(dt.date(2026, 12, 1))
SOME = (Suggestion("a", "X-1", 1, 0.9), Suggestion("a", "X-2", 2, None), Suggestion("b", "X-1", 1, 0.25))


def test_each_run_keeps_its_own_in_order_of_profile_and_rank(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "store.db")
    with store.journal.run("report", MOMENT) as first:
        store.suggestions.remember(first, reversed(SOME))
    with store.journal.run("report", MOMENT + dt.timedelta(7)) as second:
        store.suggestions.remember(second, SOME[:1])
    again = CallStore(tmp_path / "store.db")
    assert again.suggestions.of(first) == SOME
    assert again.suggestions.of(second) == SOME[:1]


def test_what_a_run_says_again_replaces_what_it_had_said(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "store.db")
    with store.journal.run("report", MOMENT) as run:
        store.suggestions.remember(run, SOME)
        store.suggestions.remember(run, SOME[2:])
    assert store.suggestions.of(run) == SOME[2:]


def test_a_store_of_an_earlier_version_is_brought_up_to_date_and_knows_of_no_suggestion(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    with database.opened(path, layout.MIGRATIONS[:1], layout.HINT) as connection:
        connection.execute(
            "INSERT INTO runs (kind, began, state) VALUES ('report', ?, 'done')", (layout.text(MOMENT),)
        )
    store = CallStore(path)
    (run,) = store.journal.runs()
    assert store.suggestions.of(run) == ()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(layout.MIGRATIONS),)
    connection.close()
