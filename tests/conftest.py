"""Shared fixtures: small records, a tiny encoder, folders of files."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import stamina
from replay import ReplayServer, page

from vie_match.embedding.encoder import HashingEncoder
from vie_match.records import Call, Profile
from vie_match.store.responses import ResponseStore
from vie_match.web import session as web

ROOT = Path(__file__).parent.parent

# Messages are compared in English, whatever language the machine speaks; also in processes of tests.
for name in ("LC_ALL", "LC_MESSAGES", "VIE_MATCH_LANGUAGE"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"
# Threads that wait for each other must not keep a processor busy: where other programs run beside the tests,
# fits of a second took a minute. Read when scikit-learn is loaded, which nothing has done so far.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Undo what a command run inside the tests has set."""
    loggers = [logging.getLogger(name) for name in ("vie_match", "vie_match.sources.files")]
    before = [(one, one.level, list(one.handlers)) for one in loggers]
    yield
    for one, level, handlers in before:
        one.setLevel(level)
        one.handlers[:] = handlers


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def encoder() -> HashingEncoder:
    """The tiny encoder: no model, no cache."""
    return HashingEncoder()


@pytest.fixture
def make_call() -> Callable[..., Call]:
    """A call with sensible fields; name those that matter to the test."""

    def make(identifier: str = "X-2027-01", **fields: object) -> Call:
        defaults: dict[str, object] = {
            "title": "Shade and water for streets in hot cities",
            "programme": "LIFE",
            "deadlines": ["2027-10-07"],
            "opening": "2026-01-01",
            "text": "Projects plant trees. They open drinking fountains. Streets become cooler.",
            "url": "https://example.org/call",
            "source": "a portal",
            "source_date": "2026-11-01",
        }
        return Call.model_validate(defaults | {"identifier": identifier} | fields)

    return make


@pytest.fixture
def make_profile() -> Callable[..., Profile]:
    """A profile with sensible fields; name those that matter to the test."""

    def make(id: str = "town-heat", **fields: object) -> Profile:
        defaults: dict[str, object] = {
            "title": "Cool streets for our town",
            "language": "en",
            "city": {"name": "Town", "country": "DE"},
            "text": (
                "Summers are hot.\n\n## What we plan\n\nTrees and shade in ten streets.\n\n"
                "## What we need\n\nMoney for planting.\n\n## What we offer\n\nOpen measurements."
            ),
        }
        return Profile.model_validate(defaults | {"id": id} | fields)

    return make


@pytest.fixture
def server() -> Iterator[ReplayServer]:
    """A server on the loopback with one page, ``/calls``."""
    with ReplayServer({"/calls": page("<h1>Calls</h1>")}) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> ResponseStore:
    """An empty archive of answers."""
    return ResponseStore(tmp_path / "responses.sqlite")


@pytest.fixture
def open_session(
    server: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., web.Session]]:
    """Opens sessions, of the server's address if no other is given, that do not pause between attempts."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:
        stack.enter_context(stamina.set_testing(True, attempts=99, cap=True))

        def open_one(*base_urls: str, archive: ResponseStore | None = None, **options: object) -> web.Session:
            options = {"pace_s": 0, "timeout_s": (2, 2)} | options
            return stack.enter_context(web.Session(base_urls or [server.url], archive, **options))

        yield open_one


@pytest.fixture
def session(open_session: Callable[..., web.Session]) -> web.Session:
    """A session without an archive that may ask the server."""
    return open_session()
