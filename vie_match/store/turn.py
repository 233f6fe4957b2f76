"""One weekly run at a time on a store, and who it is: a second one is told whom it would have to wait for."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from vie_match.errors import StoreBusy
from vie_match.messages import M_
from vie_match.records import BRUSSELS
from vie_match.whole import write_whole


@contextmanager
def turn(store: Path) -> Iterator[None]:
    """Keep other weekly runs out while the block lasts; a process that is killed gives up its turn, too.

    Parameters
    ----------
    store : Path
        File of the store; two small files beside it are used.

    Raises
    ------
    StoreBusy
        At once, if another weekly run is at work, with its beginning, process and machine.
    OSError
        If the folder cannot be written to.

    Notes
    -----
    Single commands keep each other out by :meth:`vie_match.store.journal.Journal.alone`; between two steps
    of a week they may come in.
    """
    store.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(f"{store}.week.lock", timeout=0)
    # Beside the lock: whoever tries to take that one empties it.
    holder = Path(f"{store}.week")
    try:
        lock.acquire()
    except filelock.Timeout:
        raise StoreBusy(
            M_(
                "found another weekly run at work on {store}, {holder}; expected none; "
                "try again when it has ended",
                store=store,
                holder=_read(holder),
            )
        ) from None
    try:
        began = dt.datetime.now(BRUSSELS)
        write_whole(holder, f"since {began:%Y-%m-%d %H:%M} (process {os.getpid()} on {platform.node()})")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8")
    except OSError:
        # It has taken its turn and not yet said so.
        return M_("which has just begun")
