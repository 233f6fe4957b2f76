from __future__ import annotations

import datetime as dt
import gzip
import json
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import replay
from hypothesis import given
from hypothesis import strategies as st
from replay import Answer, ReplayServer, page, redirect, status

from vie_match.errors import BadFile, BadValue, SourceChanged, SourceDown, SourceRefused
from vie_match.store.responses import Request, ResponseStore
from vie_match.web import session as web

CALLS = page("<h1>Calls</h1>")
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)

Open = Callable[..., web.Session]


def test_a_page_comes_with_its_address_its_type_and_the_moment(
    server: ReplayServer, session: web.Session
) -> None:
    before = dt.datetime.now(dt.UTC)
    got = session.get(server.url + "/calls?page=2#top")
    assert got.url == server.url + "/calls?page=2"
    assert (got.content, got.content_type) == (b"<h1>Calls</h1>", "text/html; charset=utf-8")
    assert got.text() == "<h1>Calls</h1>"
    assert before <= got.fetched <= dt.datetime.now(dt.UTC)
    assert got.fetched.tzinfo is not None


# What has not changed is not fetched again.


def test_what_has_not_changed_comes_from_the_archive(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/calls"] = replay.unless_changed('"v1"', CALLS)
    session = open_session(archive=archive)
    first, second = (session.get(server.url + "/calls") for _ in range(2))
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, '"v1"']
    assert second == replace(first, fetched=second.fetched)
    assert second.fetched > first.fetched
    (kept,) = archive.history(server.url + "/calls")
    assert (kept.fetched, kept.last_fetched) == (first.fetched, second.fetched)


def test_the_date_of_the_last_change_serves_as_well(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    date = "Wed, 25 Nov 2026 12:00:00 GMT"
    server.routes["/calls"] = [page("first", last_modified=date), page("second", last_modified=date)]
    session = open_session(archive=archive)
    assert [session.get(server.url + "/calls").text() for _ in range(3)] == ["first", "second", "second"]
    assert [request.headers.get("if-modified-since") for request in server.requests] == [None, date, date]
    assert [one.body for one in archive.history(server.url + "/calls")] == [b"first", b"second"]


def test_without_an_archive_or_a_mark_pages_are_fetched_whole(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/marked"] = replay.unless_changed('"v1"', CALLS)
    for session, path in ((open_session(), "/marked"), (open_session(archive=archive), "/calls")):
        for _ in range(2):
            assert session.get(server.url + path).content == b"<h1>Calls</h1>"
    assert all("if-none-match" not in request.headers for request in server.requests)


def test_conditions_go_only_to_the_address_the_answer_came_from(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes |= {"/moved": redirect("/calls"), "/new": CALLS}
    server.routes["/calls"] = replay.unless_changed('"v1"', CALLS)
    session = open_session(archive=archive)
    for _ in range(2):
        assert session.get(server.url + "/moved").url == server.url + "/calls"
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, None, None, '"v1"']
    server.routes["/moved"] = redirect("/new")
    session.get(server.url + "/moved")
    assert [request.headers.get("if-none-match") for request in server.requests[4:]] == [None, None]


def test_forms_are_sent_without_conditions(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/search"] = replay.unless_changed('"v1"', CALLS)
    session = open_session(archive=archive)
    for _ in range(2):
        session.post(server.url + "/search", {"query": {}})
    assert all("if-none-match" not in request.headers for request in server.requests)


def test_a_mark_that_cannot_be_sent_back_is_not(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/calls"] = Answer(
        raw=b'HTTP/1.1 200 OK\r\nETag: "a\x01b"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nCalls'
    )
    session = open_session(archive=archive)
    assert [session.get(server.url + "/calls").content for _ in range(2)] == [b"Calls"] * 2
    assert "if-none-match" not in server.requests[1].headers


# Size.


@pytest.mark.parametrize(
    "send", [page, lambda text: replay.zipped(text.encode()), lambda text: replay.chunked(text.encode())]
)
def test_an_answer_may_be_as_large_as_the_limit_and_no_larger(
    server: ReplayServer, open_session: Open, send: Callable[[str], Answer]
) -> None:
    server.routes["/calls"] = [send("x" * 100_000), send("x" * 100_001)]
    session = open_session(max_bytes=100_000)
    assert len(session.get(server.url + "/calls").content) == 100_000
    with pytest.raises(SourceRefused, match=r"/calls\?key=…: found more than 100,000 bytes"):
        session.get(server.url + "/calls?key=secret")
    assert len(server.requests) == 2


def test_an_endless_answer_is_not_read_to_its_end(server: ReplayServer, open_session: Open) -> None:
    server.routes["/calls"] = replace(page("x" * 200_000), length=10**15)
    with pytest.raises(SourceRefused, match="more than 100,000 bytes"):
        open_session(max_bytes=100_000).get(server.url + "/calls")


def test_a_gzip_bomb_does_not_fill_the_memory(server: ReplayServer, open_session: Open) -> None:
    server.routes["/calls"] = replay.gzip_bomb(100_000_000)
    session = open_session(max_bytes=1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(SourceRefused, match="more than 1,000,000 bytes"):
            session.get(server.url + "/calls")
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert len(server.requests) == 1


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd", "rot13"])
def test_a_compression_that_was_not_asked_for_is_a_changed_source(
    server: ReplayServer, session: web.Session, encoding: str
) -> None:
    server.routes["/calls"] = replay.answer(b"?", replay.HTML, content_encoding=encoding)
    with pytest.raises(SourceChanged, match=f"found the compression '{encoding}'; expected gzip or none"):
        session.get(server.url + "/calls")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_zipped_answers_are_unzipped_in_several_members_too(
    server: ReplayServer, session: web.Session, encoding: str
) -> None:
    members = gzip.compress("Grü".encode()) + gzip.compress("ße".encode())
    server.routes["/calls"] = replay.answer(members, replay.HTML, content_encoding=encoding)
    assert session.get(server.url + "/calls").text() == "Grüße"


def test_nothing_is_an_answer_too(server: ReplayServer, session: web.Session) -> None:
    server.routes["/calls"] = [replay.empty(), replay.answer(b"", replay.HTML, content_encoding="gzip")]
    assert [session.get(server.url + "/calls").content for _ in range(2)] == [b"", b""]


# Dumps.


def test_a_dump_is_saved_whole_and_folders_are_made(
    server: ReplayServer, session: web.Session, tmp_path: Path
) -> None:
    server.routes["/dump.zip"] = [replay.cut_off(b"PK"), replay.answer(b"PK" * 100_000, "application/zip")]
    path = tmp_path / "new" / "dump.zip"
    assert session.save(server.url + "/dump.zip", path) == path
    assert path.read_bytes() == b"PK" * 100_000
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (replay.cut_off(b"PK" * 100_000), SourceDown),
        (replay.chunked(b"PK" * 100_000, broken_off=True), SourceDown),
        (replay.answer(b"PK" * 100_001, "application/zip"), SourceRefused),
        (status(500), SourceDown),
        (status(404), SourceChanged),
    ],
)
def test_a_dump_that_does_not_come_leaves_the_old_file_and_no_half(
    server: ReplayServer, open_session: Open, tmp_path: Path, told: Answer, error: type[Exception]
) -> None:
    server.routes["/dump.zip"] = told
    path = tmp_path / "dump.zip"
    path.write_bytes(b"old")
    with pytest.raises(error):
        open_session(attempts=2).save(server.url + "/dump.zip", path, max_bytes=200_000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_dump_may_be_larger_than_a_page(server: ReplayServer, open_session: Open, tmp_path: Path) -> None:
    path = open_session(max_bytes=3).save(server.url + "/calls", tmp_path / "dump")
    assert path.read_bytes() == b"<h1>Calls</h1>"


def test_a_dump_is_written_piece_by_piece(server: ReplayServer, session: web.Session, tmp_path: Path) -> None:
    server.routes["/dump"] = replay.gzip_bomb(50_000_000)
    tracemalloc.start()
    try:
        path = session.save(server.url + "/dump", tmp_path / "dump")
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert path.stat().st_size == 50_000_000


@pytest.mark.parametrize("place", ["folder", "file/dump"])
def test_a_place_one_cannot_write_to_is_told(
    server: ReplayServer, session: web.Session, tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(BadFile, match="expected a place with room to write to"):
        session.save(server.url + "/calls", tmp_path / place)
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "file"}


# Forms.

PARTS = {
    "query": {"bool": {"must": [{"terms": {"type": ["1", "8"]}}]}},
    "languages": ["en"],
    "text": "Wärme \ud800",
}


def test_a_form_has_parts_of_json(server: ReplayServer, session: web.Session) -> None:
    assert session.post(server.url + "/calls?apiKey=SEDIA", PARTS).text() == "<h1>Calls</h1>"
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/calls?apiKey=SEDIA")
    parts = request.parts()
    assert list(parts) == list(PARTS)
    assert {(part.filename, part.content_type) for part in parts.values()} == {("blob", "application/json")}
    assert {name: json.loads(part.body) for name, part in parts.items()} == PARTS


def test_the_same_form_is_the_same_request_and_another_is_another(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/search"] = [page("1"), page("2"), page("3")]
    session = open_session(archive=archive)
    for parts in ({"page": 1}, {"page": 2}, {"page": 1}):
        session.post(server.url + "/search", parts)
    first, second, third = (request.body for request in server.requests)
    assert first == third != second
    for parts, wanted in (({"page": 1}, "3"), ({"page": 2}, "2")):
        again = open_session(archive=archive, replay=True)
        assert again.post(server.url + "/search", parts).text() == wanted


# Replay.


def test_replay_gives_the_latest_answers_and_sends_nothing(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes |= {"/moved": redirect("/calls"), "/calls": [page("old"), page("new")]}
    session = open_session(archive=archive)
    session.get(server.url + "/calls")
    pages = session.get(server.url + "/calls"), session.get(server.url + "/moved")
    server.requests.clear()
    again = open_session(archive=archive, replay=True)
    assert (again.get(server.url + "/calls"), again.get(server.url + "/moved")) == pages
    assert pages[1].url == server.url + "/calls"
    assert server.requests == []


def test_replay_of_what_is_not_there_says_what_to_do(
    server: ReplayServer, open_session: Open, archive: ResponseStore, tmp_path: Path
) -> None:
    session = open_session(archive=archive, replay=True)
    for ask in (
        lambda: session.get(server.url + "/calls"),
        lambda: session.post(server.url + "/calls", {}),
        lambda: session.save(server.url + "/calls", tmp_path / "dump"),
    ):
        with pytest.raises(
            SourceDown, match=r"no kept answer for \w+ http.*/calls; run vie-match fetch without"
        ):
            ask()
    assert server.requests == []


def test_replay_without_an_archive_is_a_wrong_setting() -> None:
    with pytest.raises(BadValue, match="replay without an archive"):
        web.Session(["https://portal.example"], replay=True)


def test_an_answer_is_kept_as_it_came(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/calls"] = replay.answer(
        b"\xff\0", "text/html; charset=klingon", etag='"v1"', last_modified="yesterday"
    )
    got = open_session(archive=archive).get(server.url + "/calls")
    kept = archive.latest(Request("GET", server.url + "/calls"))
    assert (kept.body, kept.content_type, kept.etag, kept.last_modified, kept.status) == (
        b"\xff\0",
        "text/html; charset=klingon",
        '"v1"',
        "yesterday",
        200,
    )
    assert (kept.url, kept.last_fetched) == (got.url, got.fetched)


def test_threads_share_a_session_and_its_archive(
    server: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/calls"] = lambda request: page(request.path)
    session = open_session(archive=archive)
    urls = [f"{server.url}/calls?page={number}" for number in range(20)]
    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(session.get, urls * 2))
    assert [one.text() for one in pages] == [url.removeprefix(server.url) for url in urls] * 2
    again = open_session(archive=archive, replay=True)
    assert [again.get(url).text() for url in urls] == [url.removeprefix(server.url) for url in urls]


# Pages.


def of(content: bytes, content_type: str = "application/json") -> web.Page:
    return web.Page("https://portal.example/search?apiKey=SECRET", content, content_type, NOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_json_is_read_in_every_encoding_of_its_own(encoding: str) -> None:
    value = {"title": "Łódź", "budget": [1, 2.5, None, True]}
    assert of(json.dumps(value, ensure_ascii=False).encode(encoding)).json() == value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Maintenance</title>" + b"<p>We are back soon." * 9999,
        b'{"results": [',
        b'{"a": 1} {"b": 2}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        '{"title": "Köln"}'.encode("cp1252"),
        b'{"budget": NaN}',
        b'{"budget": -Infinity}',
        b'{"budget": 1e999}',
        b'{"budget": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe\x00",
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_what_is_no_json_is_a_changed_source(content: bytes) -> None:
    with pytest.raises(
        SourceChanged, match=r"https://portal\.example/search\?apiKey=…: found .*expected JSON"
    ) as caught:
        of(content).json()
    assert len(str(caught.value)) < 500


def test_a_page_instead_of_json_is_shown_by_its_beginning(server: ReplayServer, session: web.Session) -> None:
    server.routes["/search"] = replay.html_instead()
    with pytest.raises(
        SourceChanged, match=r"/search: found '<!doctype html><title>Maintenance</title><p>We are"
    ):
        session.get(server.url + "/search").json()


def test_a_page_in_another_encoding_than_its_header_says_is_read(
    server: ReplayServer, session: web.Session
) -> None:
    server.routes["/calls"] = [
        replay.wrong_charset("<p>Łódź", "utf-8", "iso-8859-1"),
        replay.wrong_charset("<p>Köln", "cp1252", "utf-8"),
    ]
    assert [session.get(server.url + "/calls").text() for _ in range(2)] == ["<p>Łódź", "<p>Köln"]


@given(
    st.binary()
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_anything_is_json_or_a_changed_source(content: bytes) -> None:
    try:
        json.dumps(of(content).json(), allow_nan=False)
    except SourceChanged as changed:
        str(changed).encode()
