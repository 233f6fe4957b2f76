from __future__ import annotations

import datetime as dt
import gc
import gzip
import itertools
import logging
import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path

import pytest
import replay
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replay import Answer, ReplayServer, page, redirect, status

from vie_match import __version__
from vie_match.errors import SourceChanged, SourceDown, VieMatchError
from vie_match.store.responses import ResponseStore
from vie_match.web import session as web

CALLS = page("<h1>Calls</h1>")

Open = Callable[..., web.Session]


def test_a_request_says_who_asks_and_carries_nothing_else(server: ReplayServer, session: web.Session) -> None:
    session.get(server.url + "/calls")
    assert server.requests[0].headers == {
        "host": server.url.removeprefix("http://"),
        "user-agent": f"vie-match/{__version__} (+https://github.com/vie-match/vie-match)",
        "accept-encoding": "gzip",
        "accept": "*/*",
        "connection": "keep-alive",
    }


def test_passwords_of_netrc_are_not_sent(
    server: ReplayServer, session: web.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\ndefault login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.routes["/moved"] = redirect("/calls")
    session.get(server.url + "/moved")
    assert [request.headers.get("authorization") for request in server.requests] == [None, None]


def test_no_cookie_is_ever_sent_back(server: ReplayServer, session: web.Session) -> None:
    server.routes["/moved"] = replace(
        redirect("/calls"), headers={"Location": "/calls", "Set-Cookie": "id=1; Path=/"}
    )
    for _ in range(2):
        session.get(server.url + "/moved")
    assert len(server.requests) == 4
    assert all("cookie" not in request.headers for request in server.requests)


# What passes: tried again, then given up.

PASSING = {
    "500": status(500),
    "502": status(502),
    "503": status(503),
    "504": status(504),
    "429": status(429),
    "429 with a wait": status(429, retry_after=1),
    "a body shorter than it says": replay.cut_off(),
    "an empty body that should not be": replay.cut_off(b""),
    "chunks that stop": replay.chunked(b"<h1>", b"Calls", broken_off=True),
    "no chunk at all": replay.chunked(broken_off=True),
    "a connection that is reset": replay.reset(),
    "a connection that is closed": Answer(raw=b""),
    "no HTTP": Answer(raw=b"220 mail.example ESMTP\r\n"),
    "half a header": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Le"),
    "too many headers": Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
    "gzip cut off": replay.answer(gzip.compress(b"Calls" * 99)[:-9], replay.HTML, content_encoding="gzip"),
    "gzip damaged": replay.answer(
        gzip.compress(b"Calls")[:10] + b"\xff" * 20, replay.HTML, content_encoding="gzip"
    ),
    "gzip that is none": replay.answer(b"<h1>Calls</h1>", replay.HTML, content_encoding="gzip"),
}


@pytest.mark.parametrize("passing", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_tried_again(server: ReplayServer, session: web.Session, passing: Answer) -> None:
    server.routes["/calls"] = [passing, passing, CALLS]
    assert session.get(server.url + "/calls").content == b"<h1>Calls</h1>"
    assert len(server.requests) == 3


@pytest.mark.parametrize("passing", PASSING.values(), ids=PASSING.keys())
def test_what_does_not_pass_is_given_up_and_told(
    server: ReplayServer, open_session: Open, archive: ResponseStore, passing: Answer
) -> None:
    server.routes["/calls"] = passing
    with pytest.raises(SourceDown, match="tried 3 times; expected a whole answer; try again later") as caught:
        open_session(attempts=3, archive=archive).get(server.url + "/calls?apiKey=secret")
    assert len(server.requests) == 3
    assert str(caught.value).startswith(f"GET {server.url}/calls?apiKey=…: ")
    assert "secret" not in str(caught.value)
    assert archive.history(server.url + "/calls?apiKey=secret") == ()


# urllib3 leaves the connection of such an answer to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_answer_with_two_lengths_is_not_whole(server: ReplayServer, session: web.Session) -> None:
    server.routes["/calls"] = [Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nCalls"), CALLS]
    assert session.get(server.url + "/calls").content == b"<h1>Calls</h1>"
    gc.collect()


@pytest.mark.parametrize(
    ("passing", "words"),
    [
        (status(503), "answered 503 Service Unavailable"),
        (replay.cut_off(), "the answer broke off"),
        (replay.chunked(b"x", broken_off=True), "the answer broke off"),
        (replay.slow(9), "no answer in time"),
        (PASSING["gzip cut off"], "the answer is not whole"),
    ],
)
def test_an_error_says_what_came(
    server: ReplayServer, open_session: Open, passing: Answer, words: str
) -> None:
    server.routes["/calls"] = passing
    with pytest.raises(SourceDown, match=f": {words}.*, tried once"):
        open_session(attempts=1, timeout_s=(2, 0.2)).get(server.url + "/calls")


def test_nobody_at_the_address_is_a_source_that_is_down(open_session: Open) -> None:
    with ReplayServer() as gone:
        pass
    with pytest.raises(SourceDown, match=r"no connection \(.*refused.*\), tried 2 times"):
        open_session(gone.url, attempts=2).get(gone.url + "/calls")


def test_a_host_that_does_not_exist_is_a_source_that_is_down(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    with pytest.raises(SourceDown, match=r"no such host \(Name or service not known\), tried 2 times"):
        open_session("https://no.example", attempts=2).get("https://no.example/calls")


def test_a_server_that_is_silent_for_too_long_is_asked_again(
    server: ReplayServer, open_session: Open
) -> None:
    server.routes["/calls"] = [replay.slow(9), CALLS]
    start = time.monotonic()
    assert open_session(timeout_s=(2, 0.2)).get(server.url + "/calls").content == b"<h1>Calls</h1>"
    assert time.monotonic() - start < 5


def test_a_server_that_stops_in_the_middle_is_asked_again(server: ReplayServer, open_session: Open) -> None:
    server.routes["/calls"] = [replace(replay.dripping(1, b"<h1>Calls</h1>"), drip_s=9), CALLS]
    assert open_session(timeout_s=(2, 0.2)).get(server.url + "/calls").content == b"<h1>Calls</h1>"
    assert len(server.requests) == 2


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 418, 204, 206, 304, 300])
def test_a_status_that_will_not_pass_is_told_at_once(
    server: ReplayServer, session: web.Session, code: int
) -> None:
    server.routes["/calls"] = status(code)
    with pytest.raises(SourceChanged, match=rf"/calls: answered {code} .*; expected 200; look"):
        session.get(server.url + "/calls")
    assert len(server.requests) == 1


def test_the_pause_before_the_second_attempt_is_a_second_and_a_bit(
    server: ReplayServer, session: web.Session
) -> None:
    server.routes["/calls"] = [status(503), CALLS]
    with stamina.set_testing(False):
        session.get(server.url + "/calls")
    first, second = (request.moment for request in server.requests)
    assert 1 <= second - first < 2.5


def test_a_server_that_asks_to_wait_is_given_that_time(server: ReplayServer, session: web.Session) -> None:
    server.routes["/calls"] = [status(429, retry_after=2), CALLS]
    with stamina.set_testing(False):
        session.get(server.url + "/calls")
    first, second = (request.moment for request in server.requests)
    assert 2 <= second - first < 3


@pytest.mark.parametrize(
    "wait",
    [121, 10**30, format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), usegmt=True)],
    ids=["seconds", "for ever", "a date"],  # the same names in every process that collects tests
)
def test_a_server_that_asks_to_wait_for_long_is_left_alone(
    server: ReplayServer, session: web.Session, wait: object
) -> None:
    server.routes["/calls"] = status(503, retry_after=wait)
    with pytest.raises(
        SourceDown, match=r"answered 503 .* and asks to wait [\d,]+ s; expected at most 120"
    ) as caught:
        session.get(server.url + "/calls")
    assert caught.value.wait_s > 120
    assert len(server.requests) == 1


def test_a_wait_that_was_asked_for_is_in_the_error(server: ReplayServer, open_session: Open) -> None:
    server.routes["/calls"] = status(429, retry_after=7)
    with pytest.raises(SourceDown) as caught:
        open_session(attempts=2).get(server.url + "/calls")
    assert caught.value.wait_s == 7


@pytest.mark.parametrize("wait", ["", "-5", "0", "soon", "Wed, 25 Nov 2020 12:00:00 GMT", "1e3", "٣", "\xb2"])
def test_a_wait_that_is_none_is_the_usual_pause(server: ReplayServer, open_session: Open, wait: str) -> None:
    server.routes["/calls"] = status(503, retry_after=wait.encode().decode("latin-1"))
    with pytest.raises(SourceDown, match="tried 2 times") as caught:
        open_session(attempts=2).get(server.url + "/calls")
    assert caught.value.wait_s is None


# Pace.


def gaps(server: ReplayServer) -> list[float]:
    moments = sorted(request.moment for request in server.requests)
    return [later - earlier for earlier, later in itertools.pairwise(moments)]


def test_requests_to_a_host_keep_their_distance_attempts_and_redirects_too(
    server: ReplayServer, open_session: Open
) -> None:
    server.routes["/moved"] = [status(500), redirect("/calls")]
    session = open_session(pace_s=0.15)
    session.get(server.url + "/moved")
    session.get(server.url + "/calls")
    assert len(server.requests) == 4
    # The moments are those of the server, which take a little longer to come about, or less.
    assert min(gaps(server)) > 0.14


def test_threads_share_the_pace(server: ReplayServer, open_session: Open) -> None:
    session = open_session(pace_s=0.15)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(session.get, [f"{server.url}/calls?page={number}" for number in range(4)]))
    assert len(server.requests) == 4
    assert min(gaps(server)) > 0.1


def test_another_host_need_not_wait(server: ReplayServer, open_session: Open) -> None:
    by_name = server.url.replace("127.0.0.1", "localhost")
    session = open_session(server.url, by_name, pace_s=30)
    start = time.monotonic()
    session.get(server.url + "/calls")
    session.get(by_name + "/calls")
    assert time.monotonic() - start < 5


# The log.


def test_each_request_is_one_line_without_secrets(
    server: ReplayServer, session: web.Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "vie_match")
    server.routes["/moved"] = [status(503), redirect("/calls?token=SECRET&page=2")]
    session.get(server.url + "/moved?apiKey=SECRET")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("vie_match")]
    moved = rf"GET {server.url}/moved\?apiKey=…"
    for line, wanted in zip(
        lines,
        [
            rf"{moved}: 503, 0 bytes, \d+\.\d s",
            rf"{moved}: 302, 0 bytes, \d+\.\d s",
            rf"GET {server.url}/calls\?token=…&page=2: 200, 14 bytes, \d+\.\d s",
        ],
        strict=True,
    ):
        assert re.fullmatch(wanted, line), line


def test_a_request_without_an_answer_is_a_line_too(
    server: ReplayServer, open_session: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "vie_match")
    server.routes["/calls"] = replay.reset()
    with pytest.raises(SourceDown):
        open_session(attempts=2).get(server.url + "/calls")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("vie_match")]
    assert len(lines) == 2
    assert all(f"GET {server.url}/calls: no answer, 0 bytes" in line for line in lines)


# Any bytes at all.

LINES = (
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 302 Found\r\n",
    b"HTTP/1.1 503 \r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Location: /calls\r\n",
    b"Location: \xff\xfe://\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Retry-After: \xe9\r\n",
    b"ETag: \xff\r\n",
    b"Set-Cookie: \xff=;;=\r\n",
    b"Content-Type: text/html; charset=\xff\r\n",
    b": \r\n",
    b"A\0: \0\r\n",
    b"\r\n",
    b"Calls",
    gzip.compress(b"Calls"),
    b"5\r\nCalls\r\n0\r\n\r\n",
    b"-5\r\n",
    b"ffffffffffffffffff\r\n",
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(LINES[:4]),
    st.lists(st.sampled_from(LINES) | st.binary(max_size=20)).map(b"".join),
)
def test_whatever_a_server_sends_is_a_page_or_an_error_of_ours(
    server: ReplayServer, open_session: Open, first: bytes, more: bytes
) -> None:
    server.routes["/"] = Answer(raw=first + more)
    session = open_session(attempts=2)
    try:
        session.get(server.url + "/").text()
    except VieMatchError as error:
        str(error).encode()
