"""Copies of the store: made while others write to it, and put in its place again."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from vie_match.errors import BadValue, StoreDamaged
from vie_match.messages import M_
from vie_match.store import database, layout
from vie_match.store.journal import Journal

# Files that SQLite keeps beside a database in use.
_COMPANIONS = ("-wal", "-shm", "-journal")


def backup(journal: Journal, target: Path) -> None:
    """Copy the store with SQLite's online backup; other processes may go on writing.

    Parameters
    ----------
    journal : Journal
    target : Path
        Replaced only when the copy is complete and sound.

    Raises
    ------
    BadValue
        If the target is a folder, the store itself, or a file that is no store.
    """
    _check_is_another_file(target, journal.path)
    target = target.resolve() if target.is_symlink() else target
    if target.exists() and not _is_store(target):
        raise BadValue(
            M_("found {file}, which is no store; expected a new name, or an older copy", file=target)
        )
    with _draft(target) as draft:
        with journal.opened() as connection, database.opened(draft, (), layout.HINT) as copy:
            connection.backup(copy)
        _seal(draft)
        draft.replace(target)


def restore(journal: Journal, copy: Path) -> Path | None:
    """Put a copy in the place of the store.

    Parameters
    ----------
    journal : Journal
        Of the store; its file may be damaged or missing.
    copy : Path
        As :meth:`backup` wrote it.

    Returns
    -------
    Path or None
        Where the old store lies now, if there was one.

    Raises
    ------
    BadValue
        If the copy does not exist, or is the store itself.
    StoreDamaged
        If the copy is no sound store; the old one stays.
    StoreBusy
        If a run is writing.
    """
    _check_is_another_file(copy, journal.path)
    if not copy.is_file():
        raise BadValue(M_("found no file {file}; expected a copy that vie-match backup wrote", file=copy))
    with _draft(journal.path) as draft, journal.alone():
        shutil.copyfile(copy, draft)
        try:
            _seal(draft)
        except StoreDamaged as error:
            raise StoreDamaged(
                M_(
                    "found {file}, which is no sound copy; expected one that vie-match backup wrote; "
                    "the store was not touched",
                    file=copy,
                )
            ) from error
        old = _free_name(journal.path) if journal.path.exists() else None
        for ending in ("", *_COMPANIONS):
            # With its companions: they may hold the end of what was written, and SQLite would write it
            # into the copy.
            part = journal.path.with_name(journal.path.name + ending)
            if old and part.exists():
                part.replace(old.with_name(old.name + ending))
        draft.replace(journal.path)
    return old


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.old{number or ''}") for number in count())
    return next(name for name in names if not name.exists())


def _check_is_another_file(path: Path, store: Path) -> None:
    if path.is_dir() or not path.name:
        raise BadValue(M_("found the folder {file}; expected the name of a file", file=path))
    if path.resolve() == store.resolve():
        raise BadValue(M_("found {file}, the store itself; expected another file", file=path))


def _is_store(path: Path) -> bool:
    """Tell whether a file is an SQLite database; an empty one may become one."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(16) in (b"", b"SQLite format 3\0")


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Yield a name beside a file; nothing is left of it unless it was moved."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield draft
    finally:
        for ending in ("", ".lock", *_COMPANIONS):
            draft.with_name(draft.name + ending).unlink(missing_ok=True)


def _seal(draft: Path) -> None:
    """Check that a copy is a sound store, and make it one file without companions."""
    with database.opened(draft, layout.MIGRATIONS, layout.HINT, check=True):
        pass
    with closing(sqlite3.connect(draft)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
