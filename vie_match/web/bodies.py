"""The body of an answer: from the wire within limits of size and time, and to text whatever it says it is."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import time
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import requests
from bs4.dammit import EncodingDetector

from vie_match.errors import SourceChanged, SourceRefused
from vie_match.web.addresses import shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 2**16

# What is asked for. Each further encoding is one more way to inflate, in a library that may not be bounded.
ACCEPTED = "gzip"
_GZIP = frozenset({"gzip", "x-gzip"})
_PLAIN = frozenset({"", "identity"})

# Headers that say where a body ends; without them it ends with the connection.
_LENGTHS = frozenset({"content-length", "transfer-encoding"})


class Broken(Exception):
    """A body broke off, is damaged, or takes too long; another attempt may bring it whole."""


class _Wire(io.RawIOBase):
    """Gives what has come, piece by piece, until it has taken too long.

    The time-out of the socket starts anew with every byte, so a server that drips would hold us for ever.
    """

    def __init__(self, response: requests.Response, whole_s: float) -> None:
        self._raw = response.raw
        self._whole_s = whole_s
        self._until = time.monotonic() + whole_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if time.monotonic() > self._until:
            raise Broken(f"not complete after {self._whole_s:g} s")
        view = memoryview(buffer)
        piece = self._raw.read1(len(view), decode_content=False)
        view[: len(piece)] = piece
        return len(piece)


def pieces(response: requests.Response, max_bytes: int, whole_s: float) -> Iterator[bytes]:
    """Yield the body without its compression, at most 64 KiB at a time.

    Parameters
    ----------
    response : requests.Response
        Opened with ``stream=True``, nothing read yet.
    max_bytes : int
        Limit of the body as yielded.
    whole_s : float
        Limit in seconds for all of it.

    Raises
    ------
    SourceRefused
        If it is larger.
    SourceChanged
        If it is compressed in a way that was not asked for.
    Broken, urllib3.exceptions.HTTPError
        If it breaks off, is damaged, or takes longer.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _GZIP | _PLAIN:
        raise SourceChanged(
            f"{shown(response.url)}: found the compression {encoding!r}; expected gzip or none"
        )
    wire = io.BufferedReader(_Wire(response, whole_s), _PIECE)
    # gzip of the standard library holds no more than it was asked for, and checks that the end is there.
    source = gzip.GzipFile(fileobj=wire, mode="rb") if encoding in _GZIP else wire
    size = 0
    try:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > max_bytes:
                raise SourceRefused(
                    f"{shown(response.url)}: found more than {max_bytes:,} bytes; expected less of a source"
                )
            yield piece
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Broken(f"its compression is damaged: {error}") from error
    # A connection that breaks off among the headers looks like an answer that is empty.
    if not size and not _LENGTHS & {name.lower() for name in response.headers}:
        raise Broken("nothing came, and nothing said so")


# Byte-order marks; that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII | re.IGNORECASE)

# Python has more "encodings" than texts are written in: zip, rot13, escapes of its own source.
_OF_TEXTS = re.compile(r"ascii|utf-(?:8|16|32)(?:-[bl]e|-sig)?|iso8859-\d+|cp\d+|koi8-\w|mac-\w+")

# Pages that say the left one are written in the right one: https://encoding.spec.whatwg.org/#names-and-labels
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254"}

# A declaration stands at the beginning; further on it would be text about one.
_HEAD = 4096


def decoded(content: bytes, content_type: str = "") -> str:
    """Return a body as text; anything at all is accepted.

    A byte-order mark is believed first. Bytes that are UTF-8 are read as such whatever the header says:
    no other encoding comes out as UTF-8 by accident, and a wrong header is common. Then the header, then
    the page's own declaration, then what harms least.

    Parameters
    ----------
    content : bytes
    content_type : str, optional
        The header.

    Examples
    --------
    >>> decoded("Gemüse".encode(), "text/html; charset=iso-8859-1")
    'Gemüse'
    >>> decoded("Łódź".encode("iso8859-2"), "text/html; charset=iso-8859-2")
    'Łódź'
    >>> decoded("<meta charset='windows-1250'>Łódź".encode("cp1250"), "text/html; charset=utf-8")[-4:]
    'Łódź'
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for encoding in _candidates(content, content_type):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _least_harmed(content)


def _candidates(content: bytes, content_type: str) -> Iterator[str]:
    # Zeros are letters' other halves in UTF-16, which then passes for UTF-8.
    if b"\0" not in content:
        yield "utf-8"
    header = _CHARSET.search(content_type)
    declared = EncodingDetector.find_declared_encoding(content[:_HEAD], is_html=True)
    for name in (header and header[1], declared):
        if name and (encoding := _known(name)):
            yield encoding


def _known(name: str) -> str | None:
    try:
        encoding = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(encoding, encoding) if _OF_TEXTS.fullmatch(encoding) else None


def _least_harmed(content: bytes) -> str:
    """Return UTF-8 with a few broken letters as UTF-8, anything else as the usual western encoding."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text if broken <= foreign - broken else content.decode("cp1252", "replace")
