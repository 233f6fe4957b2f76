from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.errors import BadValue, StoreBusy, StoreDamaged
from vie_match.store import database
from vie_match.store.responses import Request, Response, ResponseStore

NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
CALLS = Request("GET", "https://portal.example/calls?page=1")

# Never stops writing; says after each put which number is kept.
ENDLESS = """
import datetime as dt
import sys
from itertools import count
from pathlib import Path
from vie_match.store.responses import Request, Response, ResponseStore

store = ResponseStore(Path(sys.argv[1]))
moment = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
for number in count():
    body = str(number).encode() * 50_000
    request = Request("GET", f"https://portal.example/{number}")
    store.put(request, Response(request.url, moment, moment, 200, "text/html", None, None, body))
    print(number, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> ResponseStore:
    return ResponseStore(tmp_path / "archive" / "responses.sqlite")


def response(body: bytes = b"<h1>Calls</h1>", moment: dt.datetime = NOON, **fields: object) -> Response:
    plain = Response(CALLS.url, moment, moment, 200, "text/html", '"v1"', None, body)
    return replace(plain, **fields)


def count(store: ResponseStore) -> int:
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute("SELECT count(*) FROM responses").fetchone()[0]


def test_an_answer_comes_back_as_it_was_put(store: ResponseStore) -> None:
    put = response(
        bytes(range(256)),
        url="https://portal.example/en/calls",
        content_type="text/html; charset=ISO-8859-2",
        etag='W/"é"',
        last_modified="Wed, 25 Nov 2026 12:00:00 GMT",
        last_fetched=NOON + HOUR,
    )
    store.put(CALLS, put)
    assert ResponseStore(store.path).latest(CALLS) == put


def test_what_was_never_asked_has_no_answer(store: ResponseStore) -> None:
    assert store.latest(CALLS) is None
    assert store.history(CALLS.url) == ()
    assert store.prune(NOON) == 0


@pytest.mark.parametrize(
    "other",
    [
        replace(CALLS, method="POST"),
        replace(CALLS, url="https://portal.example/calls?page=2"),
        replace(CALLS, body=b"page=1"),
    ],
)
def test_another_method_address_or_body_is_another_request(store: ResponseStore, other: Request) -> None:
    store.put(CALLS, response())
    assert store.latest(other) is None
    store.put(other, response(b"other"))
    assert store.latest(CALLS).body == b"<h1>Calls</h1>"
    assert store.latest(other).body == b"other"


def test_the_same_answer_again_is_kept_once_and_moves_its_last_moment_and_headers(
    store: ResponseStore,
) -> None:
    store.put(CALLS, response())
    store.put(CALLS, response(moment=NOON + HOUR, etag='"v2"', content_type="text/plain", url="https://b/"))
    assert count(store) == 1
    latest = store.latest(CALLS)
    assert (latest.fetched, latest.last_fetched) == (NOON, NOON + HOUR)
    assert (latest.etag, latest.content_type, latest.url) == ('"v2"', "text/plain", "https://b/")


def test_a_moment_that_comes_late_does_not_move_the_last_one_back(store: ResponseStore) -> None:
    store.put(CALLS, response(moment=NOON + HOUR))
    store.put(CALLS, response(moment=NOON))
    assert store.latest(CALLS).last_fetched == NOON + HOUR


def test_an_answer_that_returns_is_the_latest_again(store: ResponseStore) -> None:
    for hours, body in enumerate([b"first", b"second", b"first"]):
        store.put(CALLS, response(body, NOON + hours * HOUR))
    assert store.latest(CALLS).body == b"first"
    assert [one.body for one in store.history(CALLS.url)] == [b"second", b"first"]


def test_moments_of_other_zones_are_ordered_as_time_is(store: ResponseStore) -> None:
    east = dt.timezone(5 * HOUR)
    store.put(CALLS, response(b"later", NOON))
    store.put(CALLS, response(b"earlier", dt.datetime(2026, 11, 25, 16, 59, 59, 999999, tzinfo=east)))
    assert store.latest(CALLS).body == b"later"
    assert store.prune(NOON) == 1
    assert [one.body for one in store.history(CALLS.url)] == [b"later"]


def test_the_history_of_an_address_has_all_its_answers_to_every_request(store: ResponseStore) -> None:
    for number in range(3):
        form = Request("POST", CALLS.url, f"page={number}".encode())
        store.put(form, response(str(number).encode(), NOON - number * HOUR))
    store.put(replace(CALLS, url="https://portal.example/"), response(b"another address"))
    assert [one.body for one in store.history(CALLS.url)] == [b"2", b"1", b"0"]


def test_pruning_forgets_what_was_last_seen_before_a_moment_and_nothing_else(store: ResponseStore) -> None:
    store.put(CALLS, response(b"gone", NOON))
    store.put(CALLS, response(b"seen since", NOON))
    store.put(CALLS, response(b"seen since", NOON + 2 * HOUR))
    store.put(CALLS, response(b"at the moment", NOON + HOUR))
    assert store.prune(NOON + HOUR) == 1
    assert [one.body for one in store.history(CALLS.url)] == [b"at the moment", b"seen since"]


def test_a_moment_without_a_zone_is_refused(store: ResponseStore) -> None:
    with pytest.raises(BadValue, match="without a time zone"):
        store.put(CALLS, response(moment=NOON.replace(tzinfo=None)))
    with pytest.raises(BadValue, match="without a time zone"):
        store.prune(NOON.replace(tzinfo=None))
    assert store.latest(CALLS) is None


def test_bodies_are_kept_compressed(store: ResponseStore) -> None:
    store.put(CALLS, response(b"<li>a call for proposals</li>" * 100_000))
    assert len(store.latest(CALLS).body) == 2_900_000
    assert sum(path.stat().st_size for path in store.path.parent.iterdir()) < 200_000


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.text(max_size=20), st.none() | st.text(max_size=20))
def test_any_answer_comes_back(tmp_path: Path, body: bytes, content_type: str, etag: str | None) -> None:
    store = ResponseStore(tmp_path / "responses.sqlite")
    request = Request("POST", repr((content_type, etag)), body)
    put = response(body, content_type=content_type, etag=etag, last_modified=etag)
    store.put(request, put)
    assert store.latest(request) == put


def test_threads_that_put_and_read_at_once_lose_nothing(store: ResponseStore) -> None:
    begin = threading.Barrier(2)

    def put(name: str) -> None:
        begin.wait()
        for number in range(25):
            own = replace(CALLS, url=f"https://portal.example/{name}{number}")
            store.put(own, response(f"{name}{number}".encode() * 1000))
            store.put(CALLS, response(b"shared", NOON + number * HOUR))
            assert store.latest(own).body == f"{name}{number}".encode() * 1000

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(put, "ab")) == [None, None]
    assert count(store) == 51
    assert store.latest(CALLS).last_fetched == NOON + 24 * HOUR


def test_a_process_killed_while_it_writes_leaves_all_that_it_had_kept(store: ResponseStore) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(store.path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        kept = [int(writer.stdout.readline()) for _ in range(5)]
        writer.kill()
    for number in kept:
        body = store.latest(Request("GET", f"https://portal.example/{number}")).body
        assert body == str(number).encode() * 50_000
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_store_that_another_run_keeps_locked_says_so(
    store: ResponseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(CALLS, response())
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.01)
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert store.latest(CALLS) == response()
        with pytest.raises(StoreBusy, match="in use by another run"):
            store.put(CALLS, response(b"new"))


@pytest.mark.parametrize(
    ("column", "damaged"),
    [
        ("body", b"no zlib"),
        ("body", "text"),
        ("body_sha256", b"another"),
        ("fetched", "noon"),
        ("fetched", 5),
    ],
)
def test_a_damaged_answer_is_never_returned(store: ResponseStore, column: str, damaged: object) -> None:
    store.put(CALLS, response())
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(f"UPDATE responses SET {column} = ?", (damaged,))
    for read in (lambda: store.latest(CALLS), lambda: store.history(CALLS.url)):
        with pytest.raises(StoreDamaged, match="delete it and fetch again") as caught:
            read()
        assert str(store.path) in str(caught.value)
        assert CALLS.url in str(caught.value)


def test_a_file_that_is_no_archive_says_what_to_do(store: ResponseStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text("these are not the answers you are looking for\n" * 200)
    with pytest.raises(StoreDamaged, match="delete it and fetch again"):
        store.latest(CALLS)
    with pytest.raises(StoreDamaged, match="delete it and fetch again"):
        store.put(CALLS, response())
