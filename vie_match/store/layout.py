"""The tables of the store, as numbered migrations, and how moments stand in them."""

from __future__ import annotations

import datetime as dt
import sqlite3

from vie_match.messages import M_
from vie_match.records import BRUSSELS

HINT = M_(
    "vie-match restore COPY puts a copy in its place (vie-match backup makes them); without one, move the "
    "file away and run vie-match fetch: the calls come back, when they were first seen does not"
)


def _create(connection: sqlite3.Connection) -> None:
    for statement in (
        "CREATE TABLE runs (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, began TEXT NOT NULL,"
        " state TEXT NOT NULL)",
        "CREATE TABLE readings (run INTEGER NOT NULL REFERENCES runs, source TEXT NOT NULL,"
        " state TEXT NOT NULL, offered INTEGER NOT NULL, loaded INTEGER NOT NULL,"
        " rejected INTEGER NOT NULL, folded INTEGER NOT NULL, message TEXT NOT NULL,"
        " PRIMARY KEY (run, source)) WITHOUT ROWID",
        "CREATE VIEW dated_readings AS SELECT run, source, began, readings.state AS state, offered, loaded,"
        " rejected, folded, message FROM readings JOIN runs ON runs.number = run",
        "CREATE TABLE rejections (run INTEGER NOT NULL REFERENCES runs, source TEXT NOT NULL,"
        " key TEXT NOT NULL, reason TEXT NOT NULL)",
        "CREATE INDEX rejections_of ON rejections (run, source)",
        # A version holds from first_run on, until until_run brought another one, or none.
        "CREATE TABLE versions (number INTEGER PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL,"
        " first_run INTEGER NOT NULL REFERENCES runs, until_run INTEGER REFERENCES runs,"
        " sha256 BLOB NOT NULL, closes TEXT, call TEXT NOT NULL,"
        # A reading that is not whole says of each call it holds that it is still there, of others nothing.
        " confirmed_run INTEGER NOT NULL DEFAULT 0)",
        "CREATE VIEW present AS SELECT * FROM versions WHERE until_run IS NULL",
        "CREATE VIEW dated_versions AS SELECT *, (SELECT min(first_run) FROM versions AS other"
        " WHERE other.key = one.key AND other.source = one.source) AS first_told FROM versions AS one",
        "CREATE UNIQUE INDEX versions_present ON versions (source, key) WHERE until_run IS NULL",
        "CREATE INDEX versions_closing ON versions (closes, key) WHERE until_run IS NULL",
        "CREATE INDEX versions_of ON versions (key)",
    ):
        connection.execute(statement)


def _add_suggestions(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE suggestion (run INTEGER NOT NULL REFERENCES runs, profile TEXT NOT NULL,"
        " call TEXT NOT NULL, rank INTEGER NOT NULL, probability REAL,"
        " PRIMARY KEY (run, profile, call)) WITHOUT ROWID"
    )


def _add_mails(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE mail (message TEXT PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs,"
        " state TEXT NOT NULL) WITHOUT ROWID"
    )


MIGRATIONS = (_create, _add_suggestions, _add_mails)


def text(moment: dt.datetime) -> str:
    """Return a moment as UTC text, which sorts as the moments do.

    Examples
    --------
    >>> text(dt.datetime(2026, 11, 24, 17, tzinfo=BRUSSELS))
    '2026-11-24T16:00:00+00:00'
    """
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def moment(text: str) -> dt.datetime:
    """Return the moment of a text, in Brussels; see :func:`text`."""
    return dt.datetime.fromisoformat(text).astimezone(BRUSSELS)
