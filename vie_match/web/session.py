"""One polite session for every source: asks the configured hosts, and keeps what they answer.

How requests are paced, repeated and led on is the business of :mod:`vie_match.web.transport`; here
stands what a source module needs: pages, forms, dumps, and the archive that knows the last answer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from urllib3.fields import RequestField
from urllib3.filepost import encode_multipart_formdata

from vie_match import whole
from vie_match.errors import BadFile, BadValue, Fault, SourceChanged, SourceDown
from vie_match.store.responses import Request, Response, ResponseStore
from vie_match.web import bodies
from vie_match.web.addresses import Addresses, shown
from vie_match.web.transport import Hop, Transport

# A page of the portal with a hundred topics is 3 MB; dumps go to disk and may be much larger.
MAX_BYTES = 32 * 2**20
MAX_DUMP_BYTES = 2 * 10**9

# Seconds a whole body may take.
_WHOLE_S = 300
_WHOLE_DUMP_S = 2 * 3600

# Of an answer that should be JSON, in an error message.
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Page:
    """What a source answered.

    Attributes
    ----------
    url : str
        Where it came from, after redirects: what its links are relative to.
    content : bytes
    content_type : str
        The header, or empty.
    fetched : datetime
        When the source last answered so, in UTC.
    """

    url: str
    content: bytes
    content_type: str
    fetched: dt.datetime

    def text(self) -> str:
        """Return the text, whatever the header says of its encoding; never fails.

        See :func:`vie_match.web.bodies.decoded`.
        """
        return bodies.decoded(self.content, self.content_type)

    def json(self) -> Any:
        """Return the value of a JSON answer in UTF-8, UTF-16 or UTF-32.

        Raises
        ------
        SourceChanged
            If it is something else, is nested too deep, or holds a number that is none.
        """
        try:
            text = self.content.decode(json.detect_encoding(self.content))
            return json.loads(text, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError) as error:
            words = bodies.decoded(self.content[: 8 * _SHOWN], self.content_type).split()
            raise SourceChanged(
                f"{shown(self.url)}: found {' '.join(words)[:_SHOWN]!r} ({error}); expected JSON; "
                "look at the page: the source may be closed for maintenance, or has moved"
            ) from error


class Session:
    """Asks the configured hosts, slowly and patiently.

    Parameters
    ----------
    base_urls : iterable of str
        Addresses of the sources; only their hosts and ports are ever asked.
    archive : ResponseStore, optional
        Where answers are kept; what is there is fetched again only if it has changed.
    replay : bool, optional
        Send nothing: every answer is the latest of the archive.
    pace_s : float, optional
        Seconds between the beginnings of two requests to one host, at least.
    attempts : int, optional
        How often a request is tried, with growing pauses.
    timeout_s : (float, float), optional
        Seconds to connect, and seconds without a byte.
    max_bytes : int, optional
        Limit of one answer, without its compression.

    Raises
    ------
    BadValue
        If a base address is none, or there is nothing to replay from.

    Notes
    -----
    Proxies and certificates of one's own network come from the environment (``HTTPS_PROXY``, ``NO_PROXY``,
    ``REQUESTS_CA_BUNDLE``); passwords of ``.netrc`` are never sent. Behind a proxy it is the proxy that
    looks hosts up. Several threads may share a session.
    """

    def __init__(
        self,
        base_urls: Iterable[str],
        archive: ResponseStore | None = None,
        *,
        replay: bool = False,
        pace_s: float = 0.5,
        attempts: int = 5,
        timeout_s: tuple[float, float] = (10, 60),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        if replay and archive is None:
            raise BadValue("found replay without an archive; expected the file of answers to replay")
        self._addresses = Addresses(base_urls)
        self._archive = archive
        self._replay = replay
        self._max_bytes = max_bytes
        self._transport = Transport(self._addresses, pace_s, attempts, timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()

    def get(self, url: str) -> Page:
        """Fetch a page.

        Parameters
        ----------
        url : str

        Returns
        -------
        Page

        Raises
        ------
        SourceDown
            If the source gave no whole answer in all attempts; in replay, if none is kept.
        SourceChanged
            If it answered that there is no such page, or not for us.
        SourceRefused
            If the address, or one it leads to, may not be asked, or the answer is too large.
        StoreBusy, StoreUnwritable, StoreDamaged
            If the archive is.
        """
        return self._page(Hop("GET", self._addresses.admitted(url)))

    def post(self, url: str, parts: Mapping[str, object]) -> Page:
        """Send a form whose parts are JSON, and fetch the answer.

        Parameters
        ----------
        url : str
        parts : mapping of str to object
            Each is sent as JSON, with the type ``application/json`` and the file name ``blob``.

        Returns
        -------
        Page

        Raises
        ------
        SourceDown, SourceChanged, SourceRefused, StoreBusy, StoreUnwritable, StoreDamaged
            As :meth:`get`.
        """
        body, content_type = _form(parts)
        return self._page(Hop("POST", self._addresses.admitted(url), body, content_type))

    def save(self, url: str, path: Path, max_bytes: int = MAX_DUMP_BYTES) -> Path:
        """Fetch a large file to disk; a file that is there stays until the new one is complete.

        Such files are not kept in the archive, so there is nothing to replay.

        Parameters
        ----------
        url : str
        path : Path
            Folders above it are made.
        max_bytes : int, optional

        Returns
        -------
        Path
            The same.

        Raises
        ------
        SourceDown, SourceChanged, SourceRefused
            As :meth:`get`.
        BadFile
            If the file cannot be written.
        """
        request = Hop("GET", self._addresses.admitted(url))
        if self._replay:
            raise _nothing_kept(request)

        def write(_: str, response: requests.Response) -> None:
            try:
                whole.write_whole(path, bodies.pieces(response, max_bytes, _WHOLE_DUMP_S))
            except OSError as error:
                fault = Fault(path, None, str(error.strerror), "a place with room to write to")
                raise BadFile([fault]) from error

        self._transport.fetch(request, write, {})
        return path

    def _page(self, request: Hop) -> Page:
        key = Request(request.method, request.url, request.body)
        kept = self._archive.latest(key) if self._archive else None
        if not self._replay:
            kept = self._fresh(request, kept)
            if self._archive:
                self._archive.put(key, kept)
        if kept is None:
            raise _nothing_kept(request)
        return Page(kept.url, kept.body, kept.content_type, kept.last_fetched)

    def _fresh(self, request: Hop, kept: Response | None) -> Response:
        def read(url: str, response: requests.Response) -> Response:
            now = dt.datetime.now(dt.UTC)
            if kept and response.status_code == 304:
                return replace(kept, last_fetched=now)
            header = response.headers.get
            return Response(
                url=url,
                fetched=now,
                last_fetched=now,
                status=response.status_code,
                content_type=header("Content-Type", ""),
                etag=header("ETag"),
                last_modified=header("Last-Modified"),
                body=b"".join(bodies.pieces(response, self._max_bytes, _WHOLE_S)),
            )

        return self._transport.fetch(request, read, _conditions(request, kept))


def _conditions(request: Hop, kept: Response | None) -> dict[str, dict[str, str]]:
    """Return the headers that ask for a page only if it has changed, for the address it came from."""
    if kept is None or request.method != "GET":
        return {}
    headers = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    # Control characters in a header are nothing to send on.
    return {kept.url: {name: value for name, value in headers.items() if value and value.isprintable()}}


def _form(parts: Mapping[str, object]) -> tuple[bytes, str]:
    """Return the body of a form and its type; the same parts give the same bytes, by which they are kept."""
    texts = {name: json.dumps(value, allow_nan=False) for name, value in parts.items()}
    fields = [
        RequestField.from_tuples(name, ("blob", text.encode(), "application/json"))
        for name, text in texts.items()
    ]
    return encode_multipart_formdata(fields, hashlib.sha256(repr(texts).encode()).hexdigest())


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"the number {number[:_SHOWN]}")
    return value


def _nothing_kept(request: Hop) -> SourceDown:
    return SourceDown(f"found no kept answer for {request}; run vie-match fetch without --replay")
