"""A real HTTP server on the loopback that answers what a test tells it to, and misbehaves on request.

::

    with ReplayServer({"/calls": [status(503), page("<h1>Calls</h1>")]}) as server:
        session.get(server.url + "/calls")
        assert [request.path for request in server.requests] == ["/calls", "/calls"]

A route is an answer, several answers (the last one repeats), or a function from the request to an answer.
"""

from __future__ import annotations

import email.policy
import gzip
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self, TypeAlias
from urllib.parse import urlsplit

import trustme

# An authority of the tests' own, made anew in every run.
AUTHORITY = trustme.CA()

HTML = "text/html; charset=utf-8"
JSON = "application/json"


class Part(NamedTuple):
    """One part of a form."""

    filename: str | None
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Recorded:
    """A request as it came; names of headers in small letters."""

    method: str
    target: str  # as it stands in the request: a proxy is asked for the whole address
    headers: Mapping[str, str]
    body: bytes
    moment: float  # time.monotonic()

    @property
    def path(self) -> str:
        """Path and query."""
        parts = urlsplit(self.target)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def parts(self) -> dict[str, Part]:
        """The parts of a multipart form, by name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode("latin-1")
        message = BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body)
        assert message.is_multipart(), self.headers
        return {
            part.get_param("name", header="content-disposition"): Part(
                part.get_filename(), part.get_content_type(), part.get_payload(decode=True)
            )
            for part in message.iter_parts()
        }


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0  # before the first byte
    drip_s: float = 0  # between any two bytes of the body
    length: int | None = None  # what Content-Length says instead of the truth
    chunks: Sequence[bytes] | None = None  # sent instead of the body, chunked
    broken_off: bool = False  # without the last chunk, which says that there are no more
    reset: bool = False  # nothing is sent, the connection is reset
    raw: bytes | None = None  # sent instead of anything that HTTP knows


Route: TypeAlias = Answer | Sequence[Answer] | Callable[[Recorded], Answer]


def answer(body: bytes, content_type: str, status: int = 200, **headers: str) -> Answer:
    """Any answer; ``last_modified="…"`` is the header ``Last-Modified``."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(body, status, {"Content-Type": content_type} | named)


def page(text: str, **headers: str) -> Answer:
    """A web page."""
    return answer(text.encode(), HTML, **headers)


def value(content: Any, **headers: str) -> Answer:
    """A JSON answer."""
    return answer(json.dumps(content).encode(), JSON, **headers)


def status(code: int, retry_after: object = None) -> Answer:
    """A status with a page about it."""
    wait = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Answer(f"<h1>{code}</h1>".encode(), code, {"Content-Type": HTML} | wait)


def slow(seconds: float, then: Answer = Answer(b"late")) -> Answer:
    """An answer that begins only after a while."""
    return replace(then, wait_s=seconds)


def dripping(seconds: float, body: bytes) -> Answer:
    """An answer whose bytes come one by one."""
    return replace(answer(body, HTML), drip_s=seconds)


def cut_off(body: bytes = b"<h1>Calls</h1>", missing: int = 1000) -> Answer:
    """A connection closed in the middle of the body."""
    return replace(answer(body, HTML), length=len(body) + missing)


def chunked(*chunks: bytes, broken_off: bool = False, **headers: str) -> Answer:
    """A body in chunks, with or without its end."""
    return replace(answer(b"", HTML, **headers), chunks=chunks, broken_off=broken_off)


def wrong_charset(text: str, written: str, said: str) -> Answer:
    """A page in another encoding than its header says."""
    return answer(text.encode(written), f"text/html; charset={said}")


def zipped(body: bytes, content_type: str = HTML) -> Answer:
    """A body sent with gzip."""
    return answer(gzip.compress(body), content_type, content_encoding="gzip")


def gzip_bomb(size: int) -> Answer:
    """A small body that becomes a large one: about a thousandth on the wire."""
    return zipped(bytes(size))


def redirect(to: str, code: int = 302) -> Answer:
    """An answer that leads elsewhere: to a path, another host, a private address, itself."""
    return Answer(b"moved", code, {"Location": to})


def html_instead() -> Answer:
    """A page where JSON is expected, as portals under maintenance send it."""
    return page("<!doctype html><title>Maintenance</title><p>We are back soon.")


def empty() -> Answer:
    """Nothing, with status 200."""
    return answer(b"", HTML)


def reset() -> Answer:
    """A connection that is reset after the request."""
    return Answer(reset=True)


def unless_changed(etag: str, then: Answer) -> Callable[[Recorded], Answer]:
    """An answer with an ETag; status 304 to whoever knows it already."""

    def respond(request: Recorded) -> Answer:
        known = request.headers.get("if-none-match") == etag
        return Answer(status=304) if known else replace(then, headers={**then.headers, "ETag": etag})

    return respond


class ReplayServer:
    """Serves routes on ``127.0.0.1`` while its block lasts, each request in a thread of its own.

    Parameters
    ----------
    routes : mapping of str to Route, optional
        By path with query, or by path alone; the mapping may change while the server runs. Paths that are
        not there are answered 404.
    tls : bool, optional
        Speak https with a certificate of :data:`AUTHORITY`.
    """

    def __init__(self, routes: Mapping[str, Route] | None = None, *, tls: bool = False) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.requests: list[Recorded] = []
        self._served: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            AUTHORITY.issue_cert("localhost").configure_cert(context)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        port = self._server.server_address[1]
        self.url = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for error in self._server.errors:
            raise AssertionError("the server of the test failed") from error

    def asked(self, path: str) -> list[Recorded]:
        """The requests to one path, without their queries."""
        return [request for request in self.requests if urlsplit(request.target).path == path]

    def respond(self, request: Recorded) -> Answer:
        """Note a request and choose its answer."""
        with self._lock:
            self.requests.append(request)
            name = request.path if request.path in self.routes else urlsplit(request.target).path
            route = self.routes.get(name, status(404))
            if isinstance(route, Sequence):
                number = self._served.get(name, 0)
                self._served[name] = number + 1
                return route[min(number, len(route) - 1)]
        return route if isinstance(route, Answer) else route(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Handlers that still wait or drip when a test is over are not waited for.
    block_on_close = False

    owner: ReplayServer

    def __init__(self, *arguments: Any) -> None:
        self.errors: list[BaseException] = []
        super().__init__(*arguments)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        # Clients that hang up are what many tests are about.
        if error is not None and not isinstance(error, OSError):
            self.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Be silent."""

    def do_GET(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): text for name, text in self.headers.items()}
        request = Recorded(self.command, self.path, headers, body, time.monotonic())
        self._send(self.server.owner.respond(request))

    def do_POST(self) -> None:
        self.do_GET()

    def _send(self, told: Answer) -> None:
        time.sleep(told.wait_s)
        if told.reset:
            # No waiting for what is unsent: closing resets.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        if told.raw is not None:
            self.wfile.write(told.raw)
            return
        self.send_response(told.status)
        for name, text in told.headers.items():
            self.send_header(name, text)
        if told.chunks is not None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(told.body) if told.length is None else told.length))
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in _pieces(told):
            self.wfile.write(piece)
            time.sleep(told.drip_s)


def _pieces(told: Answer) -> Iterator[bytes]:
    if told.chunks is not None:
        yield from (b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in told.chunks)
        yield b"" if told.broken_off else b"0\r\n\r\n"
    elif told.drip_s:
        yield from (told.body[at : at + 1] for at in range(len(told.body)))
    else:
        yield told.body
