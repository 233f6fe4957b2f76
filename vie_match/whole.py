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
    name = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Not a private temporary file: a report is read by others as any new file would be.
        with open(name, "xb") as file:
            file.writelines(pieces)
        os.replace(name, path)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
