"""Opens an SQLite file, brings its tables up to date, and says clearly when it cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock

from vie_match.errors import StoreBusy, StoreDamaged

# Seconds a writer waits for another process before it gives up with StoreBusy.
BUSY_TIMEOUT_S = 30.0

Migration = Callable[[sqlite3.Connection], None]


@contextmanager
def opened(path: Path, migrations: Sequence[Migration], hint: str) -> Iterator[sqlite3.Connection]:
    """Open a database for one piece of work and close it again.

    Parameters
    ----------
    path : Path
        The file; it and its folder are made when missing.
    migrations : sequence of callables
        Number ``i`` brings a database of version ``i`` to version ``i + 1``; each runs in one
        transaction.
    hint : str
        What to do when the file is damaged, for the error message.

    Yields
    ------
    sqlite3.Connection
        Committed when the block ends without an error.

    Raises
    ------
    StoreBusy
        If another process keeps the file locked.
    StoreDamaged
        If the file is no SQLite database, is damaged, or comes from a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreDamaged(f"found {path}: {error.strerror}; expected a folder one can write to") from error
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
        connection.execute("PRAGMA foreign_keys = ON")
        _prepare(connection, migrations, path)
        with connection:
            yield connection
    except (sqlite3.OperationalError, filelock.Timeout) as error:
        if isinstance(error, filelock.Timeout) or "locked" in str(error) or "busy" in str(error):
            raise StoreBusy(f"{path} is in use by another run; try again when it has ended") from error
        raise StoreDamaged(f"found {path}: {error}; expected a database one can write to; {hint}") from error
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"found {path}: {error}; expected an SQLite database; {hint}") from error
    finally:
        if connection is not None:
            connection.close()


def _prepare(connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path) -> None:
    """Bring a new or older file up to date; a current one is only looked at."""
    if _version(connection) == len(migrations):
        return
    # SQLite does not wait when two connections switch to WAL at once, hence a lock of our own.
    with filelock.FileLock(f"{path}.lock", timeout=BUSY_TIMEOUT_S):
        version = _version(connection)
        if version > len(migrations):
            raise StoreDamaged(
                f"{path} was written by a newer vie_match (version {version}); update the package"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        for number, migration in enumerate(migrations[version:], version + 1):
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                migration(connection)
                connection.execute(f"PRAGMA user_version = {number}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
