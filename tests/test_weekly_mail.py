"""The mails of a week: sent once, whatever happens in between."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from office import environment, furnish, start

from vie_match import mailing
from vie_match.errors import MendInput, TryAgain
from vie_match.mail_settings import MailSettings
from vie_match.mailing import Mailed
from vie_match.post import Doubtful, Refused
from vie_match.records import BRUSSELS, Call
from vie_match.reports.mail import Letter
from vie_match.sources.files import save_file
from vie_match.store.journal import Journal
from vie_match.vocabulary import RunState

HOST = "127.0.0.1"
DAY = "2026-11-24"
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)
SETTINGS = MailSettings(send=True, host=HOST, sender="o@example.org", recipients=("a@example.org",))


def letter(key: str = "", to: str = "a@example.org") -> Letter:
    message = EmailMessage()
    message["Message-ID"] = f"<{key or 'all'}@example.org>"
    if to:
        message["To"] = to
    return Letter(key, message)


class Server:
    """A mail server that notes what it takes, and does what a test tells it to."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.instead: BaseException | None = None
        self.refuses = ""
        self.refused: tuple[Refused, ...] = ()

    def hand_over(self, message: EmailMessage, *_: object) -> tuple[Refused, ...]:
        if self.instead:
            raise self.instead
        if message["Message-ID"] == self.refuses:
            raise MendInput("no such people")
        self.taken.append(message["Message-ID"])
        return self.refused


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "vie-match.db")


@pytest.fixture
def send(journal: Journal) -> Callable[..., Mailed]:
    def send_some(server: Server, *letters: Letter, **more: bool) -> Mailed:
        return mailing.send(journal, NOON, letters, SETTINGS, {}, hand_over=server.hand_over, **more)

    return send_some


def test_what_was_sent_is_not_sent_again(send: Callable[..., Mailed]) -> None:
    server = Server()
    assert send(server, letter()) == Mailed(sent=1)
    again = send(server, letter(), letter("town-heat"))
    assert again == Mailed(sent=1, before=1)
    assert server.taken == ["<all@example.org>", "<town-heat@example.org>"]
    assert list(again.notices()) == ["1 mail of this day had been sent before and was not sent again"]


def test_a_mail_that_is_not_taken_keeps_no_other_back(send: Callable[..., Mailed]) -> None:
    server = Server()
    server.refuses = "<all@example.org>"
    told = send(server, letter(), letter("town-heat"))
    assert told.sent == 1
    assert isinstance(told.error, MendInput)
    assert server.taken == ["<town-heat@example.org>"]


def test_a_mail_to_nobody_is_none(send: Callable[..., Mailed], journal: Journal) -> None:
    assert send(Server(), letter(to="")) == Mailed()
    assert not journal.runs()


def test_a_server_that_fails_is_told_and_tried_again_later(
    send: Callable[..., Mailed], journal: Journal
) -> None:
    server = Server()
    server.instead = TryAgain("it sleeps")
    told = send(server, letter(), letter("town-heat"))
    assert (told.sent, told.error) == (0, server.instead)
    server.instead = None
    assert send(server, letter(), letter("town-heat")) == Mailed(sent=2)
    assert [run.state for run in journal.runs()] == [RunState.BROKEN_OFF, RunState.DONE]


@pytest.mark.parametrize("broken", [KeyboardInterrupt(), Doubtful("no answer to the last word")])
def test_of_a_mail_that_was_broken_off_nobody_knows(
    send: Callable[..., Mailed], broken: BaseException
) -> None:
    server = Server()
    server.instead = broken
    with suppress(KeyboardInterrupt):
        assert send(server, letter()).error is broken
    server.instead = None
    told = send(server, letter())
    assert told == Mailed(doubtful=1)
    assert "vie-match weekly --mail-again" in next(told.notices())
    assert not server.taken
    assert send(server, letter(), again=True) == Mailed(sent=1)
    assert send(server, letter(), again=True) == Mailed(before=1)


def test_refused_addresses_are_told(send: Callable[..., Mailed]) -> None:
    server = Server()
    server.refused = (Refused("b@example.org", "550 no such user"),)
    told = send(server, letter())
    (notice,) = told.notices()
    assert notice == (
        "the mail server did not take b@example.org (550 no such user); the others got the mail"
    )


class Handler:
    """A real server's side: what arrives, and a door that a test may keep shut."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.came = threading.Event()
        self.is_stuck = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.came.set()
        if self.is_stuck:
            await asyncio.sleep(60)
        self.taken.append(envelope.content)
        return "250 taken"


class Post:
    """An office with one call, and a mail server that is up only when a test wants it."""

    def __init__(self, folder: Path, make_call: Callable[..., Call]) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "authority.pem")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(self.tls)
        with socket.create_server((HOST, 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = folder / "office"
        self.trust = {"SSL_CERT_FILE": str(folder / "authority.pem")}
        self.handler = Handler()
        self.controller: Controller | None = None
        furnish(
            self.folder,
            {},
            '[weekly]\nteams = 0\nforms = ["md"]\n[sources.portal]\nenabled = false\n'
            f'[mail]\nsend = true\nhost = "{HOST}"\nport = {self.port}\n'
            'sender = "Office <office@example.org>"\nrecipients = ["a@example.org"]\n'
            '[mail.profiles]\ntown-heat = ["b@example.org"]\n',
        )
        save_file(make_call("X-1"), self.folder / "calls" / "x.md")

    def open(self) -> None:
        self.controller = Controller(
            self.handler, hostname=HOST, port=self.port, require_starttls=True, tls_context=self.tls
        )
        self.controller.start()

    def close(self) -> None:
        if self.controller:
            self.controller.stop()

    def weekly(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return start(self.folder, "weekly", "--today", DAY, *words, code=code, **self.trust)


@pytest.fixture
def post(tmp_path: Path, make_call: Callable[..., Call]) -> Iterator[Post]:
    post = Post(tmp_path, make_call)
    yield post
    post.close()


def test_a_week_sends_its_mails_once_and_a_dry_run_none(post: Post) -> None:
    dry = post.weekly("--dry-run")
    written = sorted(path.name for path in (post.folder / "reports").glob("*.eml"))
    assert written == [f"report-{DAY}-town-heat.eml", f"report-{DAY}.eml"]
    assert "sent" not in dry.stdout

    down = post.weekly(code=3)
    assert "; mails not sent; " in down.stdout
    assert f"the mail server {HOST}:{post.port} gives no answer" in down.stderr

    post.open()
    assert "; 2 mails sent; " in post.weekly().stdout
    arrived = [email.message_from_bytes(content) for content in post.handler.taken]
    assert [message["To"] for message in arrived] == ["a@example.org", "b@example.org"]
    assert all(DAY in (message.get_payload()[-1].get_filename()) for message in arrived)

    again = post.weekly()
    assert "sent" not in again.stdout
    assert "2 mails of this day had been sent before" in again.stderr
    assert len(post.handler.taken) == 2


def test_a_mail_in_whose_middle_the_week_was_killed_is_not_sent_twice(post: Post) -> None:
    post.open()
    post.handler.is_stuck = True
    process = subprocess.Popen(
        [sys.executable, "-m", "vie_match", "weekly", "--today", DAY],
        cwd=post.folder,
        env=environment(**post.trust),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert post.handler.came.wait(60)
    process.kill()
    process.wait()
    post.handler.is_stuck = False
    done = post.weekly(code=5)
    assert "; 1 mail sent; " in done.stdout
    assert "1 mail may have gone out when an earlier run was broken off" in done.stderr
    assert [email.message_from_bytes(content)["To"] for content in post.handler.taken] == ["b@example.org"]
