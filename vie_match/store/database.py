"""Opens an SQLite file, brings its tables up to date, and says clearly when it cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock

from vie_match.errors import StoreBusy, StoreDamaged, StoreUnwritable
from vie_match.messages import M_

# Seconds a writer waits for another process before it gives up with StoreBusy.
BUSY_TIMEOUT_S = 30.0

Migration = Callable[[sqlite3.Connection], None]


# SQLite's primary result codes (the low byte of an extended one) for what is not the file's fault.
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNWRITABLE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
)


@contextmanager
def opened(
    path: Path, migrations: Sequence[Migration], hint: str, *, check: bool = False
) -> Iterator[sqlite3.Connection]:
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
    check : bool, optional
        Let SQLite look for damage first; reads the whole file.

    Yields
    ------
    sqlite3.Connection
        Committed when the block ends without an error, else rolled back.

    Raises
    ------
    StoreBusy
        If another process keeps the file locked.
    StoreUnwritable
        If the disk is full or the place cannot be written to.
    StoreDamaged
        If the file is no SQLite database, is damaged, or comes from a newer version.
    """
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
        connection.execute("PRAGMA foreign_keys = ON")
        if check:
            _look_for_damage(connection, path, hint)
        _prepare(connection, migrations, path)
        with connection:
            yield connection
    except OSError as error:
        raise _unwritable(path, str(error.strerror)) from error
    except sqlite3.Error as error:
        raise _ours(error, path, hint) from error
    except filelock.Timeout as error:
        raise _busy(path) from error
    finally:
        if connection is not None:
            connection.close()


def _ours(error: sqlite3.Error, path: Path, hint: str) -> StoreBusy | StoreUnwritable | StoreDamaged:
    """Return the package's error for one of SQLite's, sorted by what can be done about it."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _BUSY:
        return _busy(path)
    return _unwritable(path, str(error)) if code in _UNWRITABLE else damaged(path, str(error), hint)


def _busy(path: Path) -> StoreBusy:
    return StoreBusy(M_("{file} is in use by another run; try again when it has ended", file=path))


def _unwritable(path: Path, trouble: str) -> StoreUnwritable:
    return StoreUnwritable(
        M_(
            "found {file}: {trouble}; expected room on the disk and the right to write; "
            "what was there before is as it was",
            file=path,
            trouble=trouble,
        )
    )


def damaged(path: Path, trouble: str, hint: str) -> StoreDamaged:
    """Return the error for a file that is no sound database."""
    return StoreDamaged(
        M_(
            "found {file} damaged ({trouble}); expected a sound SQLite database; {hint}",
            file=path,
            trouble=trouble,
            hint=hint,
        )
    )


def _look_for_damage(connection: sqlite3.Connection, path: Path, hint: str) -> None:
    found = " ".join(connection.execute("PRAGMA quick_check(1)").fetchone()[0].split())
    if found != "ok":
        raise damaged(path, found, hint)


def _prepare(connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path) -> None:
    """Bring a new or older file up to date; a current one is only looked at."""
    # A copy that was put in the file's place may be in another mode, in which readers wait for writers.
    is_wal = connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    if _version(connection) == len(migrations) and (is_wal or not migrations):
        return
    # SQLite does not wait when two connections switch to WAL at once, hence a lock of our own.
    with filelock.FileLock(f"{path}.lock", timeout=BUSY_TIMEOUT_S):
        version = _version(connection)
        if version > len(migrations):
            raise StoreDamaged(
                M_(
                    "{file} was written by a newer vie_match (version {version}); update the package",
                    file=path,
                    version=version,
                )
            )
        connection.execute("PRAGMA journal_mode = WAL")
        for number, migration in enumerate(migrations[version:], version + 1):
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                migration(connection)
                connection.execute(f"PRAGMA user_version = {number}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
