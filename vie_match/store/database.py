"""Opens an SQLite file, brings its tables up to date, and says clearly when it cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, migrations, path)
        with connection:
            yield connection
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise StoreBusy(f"{path} is in use by another run; try again when it has ended") from error
        raise StoreDamaged(f"found {path}: {error}; expected a writable database; {hint}") from error
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"found {path}: {error}; expected an SQLite database; {hint}") from error
    finally:
        connection.close()


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise StoreDamaged(f"{path} was written by a newer vie_match (version {version}); update the package")
    if version == len(migrations):
        return
    # IMMEDIATE: of two processes that start at once, one migrates and the other finds it done.
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for number, migration in enumerate(migrations[version:], version + 1):
            migration(connection)
            connection.execute(f"PRAGMA user_version = {number}")
