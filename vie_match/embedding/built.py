"""A folder that is built once into the user's cache: under a lock, complete or not at all, hash-checked."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

HASHES = "hashes.json"


def built(folder: Path, build: Callable[[Path], None]) -> Path:
    """Return a folder, building it when it is missing or damaged.

    Parameters
    ----------
    folder : Path
        Its place in the cache.
    build : callable
        Fills the empty folder it is given; that one is moved into place when complete.

    Returns
    -------
    Path
        ``folder``.
    """
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if folder.is_dir() and not is_intact(folder):
            log.warning("%s is damaged and is built again", folder)
            shutil.rmtree(folder)
        if not folder.is_dir():
            log.info("building %s", folder)
            _build(folder, build)
    return folder


def _build(folder: Path, build: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as temporary:
        fresh = Path(temporary) / "model"
        fresh.mkdir()
        build(fresh)
        hashes = {name: sha256(fresh / name) for name in files(fresh)}
        (fresh / HASHES).write_text(json.dumps(hashes, indent=1), encoding="utf-8")
        os.replace(fresh, folder)


def is_intact(folder: Path) -> bool:
    """Tell whether every file of a built folder is what it was."""
    try:
        hashes = json.loads((folder / HASHES).read_text(encoding="utf-8"))
        return bool(hashes) and all(sha256(folder / name) == value for name, value in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False


def files(folder: Path) -> list[str]:
    """Return the names of all files of a folder, relative to it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
