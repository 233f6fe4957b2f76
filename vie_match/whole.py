"""Writes a file in one step: readers see the old file or the new one, never a half."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Write a file under another name beside its place, then move it there.

    Parameters
    ----------
    path : Path
        Folders above it are made.
        A link stays one; what is no ordinary file, as ``/dev/stdout``, is written to as it is.
    content : str, bytes or iterable of bytes
        A text is written as UTF-8 with the line ends it has, bytes as they are, pieces as they come.

    Raises
    ------
    OSError
        If the place cannot be written to; what stood there is left as it was.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    pieces = (raw,) if isinstance(raw, bytes) else raw
    path.parent.mkdir(parents=True, exist_ok=True)
    place = path.resolve() if path.is_symlink() else path
    if place.exists() and not place.is_file() and not place.is_dir():
        with open(place, "wb") as device:
            device.writelines(pieces)
        return
    name = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        # Not a private temporary file: a report is read by others as any new file would be.
        with open(name, "xb") as file:
            file.writelines(pieces)
        os.replace(name, place)
    except BaseException as error:
        name.unlink(missing_ok=True)
        if isinstance(error, OSError):
            # A full disk names no file, and the name beside the place tells nobody anything.
            error.filename, error.filename2 = str(path), None
        raise
