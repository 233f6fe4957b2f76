"""Zip archives of tables and of small files, read without unpacking and without trust."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from vie_match.errors import BadFile, Fault, SourceChanged, SourceRefused
from vie_match.track.columns import Columns, Row

# The dumps have some 40 MB packed and 200 MB unpacked, the largest kind some 35,000 small files.
MAX_MEMBERS = 200_000
MAX_BYTES = 4 * 10**9
# Text shrinks to a fifth or a tenth, never to a thousandth.
MAX_RATIO = 500
# The longest text of a project is a few thousand letters; a file about one project has some 100 kB.
MAX_LINE = 2**20
MAX_FILE_BYTES = 32 * 2**20
# Below this size the ratio says nothing.
_SMALL = 2**20
_ENCRYPTED = 0x1
_HEAD_BYTES = 4096
_USUAL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Dump:
    """One zip archive, open for reading.

    Nothing is written to disk, so a member's path cannot lead anywhere; one that tries is refused all the
    same, with the archive, because it is not what the source publishes.

    Parameters
    ----------
    path : Path
        The archive.
    name : str, optional
        How messages call it; the path if empty.
    max_bytes : int, optional
        Limit of all members together, unpacked.

    Raises
    ------
    SourceChanged
        If it is no zip archive.
    SourceRefused
        If it is too large unpacked, packed suspiciously tight, encrypted, or has paths that lead outside.
    BadFile
        If the file cannot be read.
    """

    def __init__(self, path: Path, name: str = "", max_bytes: int = MAX_BYTES) -> None:
        self.name = name or str(path)
        self._max_bytes = max_bytes
        try:
            self._archive = zipfile.ZipFile(path)
        except OSError as error:
            raise BadFile([Fault(path, None, str(error.strerror), "a readable zip archive")]) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise SourceChanged(
                f"{self.name}: found no zip archive ({error}); expected one with tables; "
                "look whether the address now leads to a web page"
            ) from error
        try:
            self._check()
        except SourceRefused:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def _check(self) -> None:
        members = self._archive.infolist()
        unpacked = sum(one.file_size for one in members)
        faults = {
            f"{len(members)} members; expected at most {MAX_MEMBERS}": len(members) > MAX_MEMBERS,
            f"more than {self._max_bytes / 1e9:g} GB": unpacked > self._max_bytes,
            "an encrypted member": any(one.flag_bits & _ENCRYPTED for one in members),
            "an unusual compression": any(one.compress_type not in _USUAL for one in members),
            "a member packed too tight for text": any(map(_too_tight, members)),
            "a member whose path leads outside": any(_leads_outside(one.filename) for one in members),
        }
        found = [fault for fault, is_there in faults.items() if is_there]
        if found:
            raise SourceRefused(
                f"{self.name}: refused, found {'; '.join(found)}; fetch it from its publisher"
            )

    def members(self, ending: str) -> list[str]:
        """Return the names of the members that end so, sorted.

        Parameters
        ----------
        ending : str
            A regular expression; case does not matter.
        """
        form = re.compile(rf"(?:{ending})$", re.IGNORECASE)
        return sorted(name for name in self._archive.namelist() if form.search(name))

    def content(self, member: str) -> bytes:
        """Return a small member whole.

        Raises
        ------
        SourceChanged
            If the archive is damaged there.
        SourceRefused
            If the member is not small.
        """
        if self._archive.getinfo(member).file_size > MAX_FILE_BYTES:
            limit = f"at most {MAX_FILE_BYTES / 1e6:.0f} MB"
            raise SourceRefused(f"{self.name}, {member}: found a larger file; expected {limit}")
        with self._opened(member) as raw:
            return raw.read()

    def head(self, member: str) -> bytes:
        """Return the first few thousand bytes of a member.

        Raises
        ------
        SourceChanged
            If the archive is damaged there.
        """
        with self._opened(member) as raw:
            return raw.read(_HEAD_BYTES)

    def rows(self, member: str, columns: Columns) -> Iterator[tuple[int, Row | None]]:
        """Yield the rows of a member that is a table, one by one.

        Parameters
        ----------
        member : str
        columns : Columns
            What is read of it.

        Yields
        ------
        tuple
            As :meth:`Columns.rows <vie_match.track.columns.Columns.rows>`.

        Raises
        ------
        SourceChanged
            If the table lacks a required column, or the archive is damaged.
        """
        place = f"{self.name}, {member}"
        with self._opened(member) as raw:
            # A single broken letter must not cost a whole dump.
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")
            yield from columns.rows(_lines(text, place), place)

    @contextmanager
    def _opened(self, member: str) -> Iterator[IO[bytes]]:
        try:
            with self._archive.open(member) as raw:
                yield raw
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise SourceChanged(
                f"{self.name}, {member}: found a damaged archive ({error}); expected a whole one; "
                "fetch it again"
            ) from error


def _lines(text: io.TextIOWrapper, place: str) -> Iterator[str]:
    """Yield lines as they stand; one without an end would fill the memory."""
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise SourceChanged(f"{place}: found a line of more than {MAX_LINE} letters; expected a table")
        yield line


def _too_tight(member: zipfile.ZipInfo) -> bool:
    return member.file_size > max(_SMALL, MAX_RATIO * member.compress_size)


def _leads_outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name
