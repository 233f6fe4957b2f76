"""Sending: encrypted to the server that is meant, or not at all. A real server on the loopback."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from vie_match import post
from vie_match.errors import BadValue, MendInput, TryAgain
from vie_match.mail_settings import PASSWORD, USER, MailSettings

HOST = "127.0.0.1"
CA = trustme.CA()


@dataclass
class Office:
    """A mail server's memory, and whom it refuses."""

    refuses: Mapping[str, str] = field(default_factory=dict)
    answers_data: str = "250 taken"
    answers_quit: str = "221 goodbye"
    taken: list[Envelope] = field(default_factory=list)
    logged_in: list[LoginPassword] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if not self.answers_data:
            server.transport.abort()
        if self.answers_data.startswith("2"):
            assert session.ssl is not None
            self.taken.append(envelope)
        return self.answers_data

    def authenticate(
        self, server: Any, session: Any, envelope: Any, how: str, data: LoginPassword
    ) -> AuthResult:
        self.logged_in.append(data)
        return AuthResult(success=data.password == b"sesame", handled=False)


Start = Callable[..., MailSettings]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers; returns the settings that lead to one."""
    with ExitStack() as stack:

        def one(office: Office, *, tls: ssl.SSLContext | None = None, auth: bool = False) -> MailSettings:
            with socket.create_server((HOST, 0)) as free:
                port = free.getsockname()[1]
            options: dict[str, Any] = {"require_starttls": True, "tls_context": tls} if tls else {}
            if auth:
                options |= {"authenticator": office.authenticate, "auth_required": True}
            controller = Controller(office, hostname=HOST, port=port, **options)
            controller.start()
            stack.callback(controller.stop)
            return MailSettings(
                send=True,
                host=HOST,
                port=port,
                sender="Office <o@example.org>",
                recipients=("a@example.org",),
            )

        yield one


def reaching(port: int) -> MailSettings:
    """Return settings that lead to a server here."""
    recipients = ("a@example.org",)
    return MailSettings(
        send=True, host=HOST, port=port, sender="Office <o@example.org>", recipients=recipients
    )


def served(*names: str) -> ssl.SSLContext:
    """Return a server's side of TLS, with a certificate of our authority for some names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(*names).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    """Return the client's side as it is by default, with our authority as the only one."""
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


def letter(*recipients: str) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "Office <o@example.org>"
    message["To"] = ", ".join(recipients or ("a@example.org",))
    message["Subject"] = "Aufrufe für Städte"
    message.set_content("Grüße")
    return message


def test_a_mail_arrives_encrypted_and_whole(start: Start) -> None:
    office = Office()
    refused = post.send(
        letter("a@example.org", "B <b@example.org>"), start(office, tls=served(HOST)), {}, trusting()
    )
    assert refused == ()
    [envelope] = office.taken
    assert envelope.mail_from == "o@example.org"
    assert envelope.rcpt_tos == ["a@example.org", "b@example.org"]
    assert isinstance(envelope.content, bytes)
    arrived = message_from_bytes(envelope.content, policy=policy.default)
    assert arrived["Subject"] == "Aufrufe für Städte"
    assert isinstance(arrived, EmailMessage)
    assert arrived.get_content().splitlines() == ["Grüße"]


def test_a_rude_goodbye_does_not_make_a_taken_mail_an_unsent_one(start: Start) -> None:
    office = Office(answers_quit="451 not now")
    assert post.send(letter(), start(office, tls=served(HOST)), {}, trusting()) == ()
    assert len(office.taken) == 1


def test_of_a_mail_whose_taking_was_not_confirmed_nobody_knows(start: Start) -> None:
    settings = start(Office(answers_data=""), tls=served(HOST))
    with pytest.raises(post.Doubtful, match=r"fell silent while it took the mail .*; it may have gone out"):
        post.send(letter(), settings, {}, trusting())


def test_user_and_password_come_from_the_environment(start: Start) -> None:
    office = Office()
    secrets = {USER: "office", PASSWORD: "sesame"}
    post.send(letter(), start(office, tls=served(HOST), auth=True), secrets, trusting())
    assert [(one.login, one.password) for one in office.logged_in] == [(b"office", b"sesame")]
    assert len(office.taken) == 1


def test_a_wrong_password_is_told_without_the_password(start: Start) -> None:
    office = Office()
    settings = start(office, tls=served(HOST), auth=True)
    with pytest.raises(
        MendInput, match=rf"127\.0\.0\.1:\d+ does not let us in \(535\); expected {USER}"
    ) as told:
        post.send(letter(), settings, {USER: "office", PASSWORD: "guess"}, trusting())
    assert "guess" not in str(told.value)
    assert office.taken == []


def test_without_starttls_nothing_is_said_or_sent(start: Start) -> None:
    office = Office()
    settings = start(office)
    with pytest.raises(MendInput, match="offers no STARTTLS"):
        post.send(letter(), settings, {USER: "office", PASSWORD: "sesame"}, trusting())
    assert (office.taken, office.logged_in) == ([], [])


@pytest.mark.parametrize(
    ("names", "context"),
    [((HOST,), ssl.create_default_context), (("mail.example.org",), trusting)],
    ids=["of an authority nobody knows", "of another name"],
)
def test_a_wrong_certificate_ends_it(
    start: Start, names: tuple[str, ...], context: Callable[[], ssl.SSLContext]
) -> None:
    office = Office()
    settings = start(office, tls=served(*names))
    with pytest.raises(MendInput, match=r"no certificate that can be trusted .*nothing was sent"):
        post.send(letter(), settings, {USER: "office", PASSWORD: "sesame"}, context())
    assert (office.taken, office.logged_in) == ([], [])


def test_one_refused_recipient_is_told_and_the_others_get_the_mail(start: Start) -> None:
    office = Office(refuses={"gone@example.org": "550 nobody of that name"})
    settings = start(office, tls=served(HOST))
    refused = post.send(letter("gone@example.org", "a@example.org"), settings, {}, trusting())
    assert refused == (post.Refused("gone@example.org", "550 nobody of that name"),)
    assert [one.rcpt_tos for one in office.taken] == [["a@example.org"]]


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 nobody of that name", MendInput), ("450 come back later", TryAgain)]
)
def test_a_mail_that_nobody_gets_is_an_error(start: Start, answer: str, kind: type[Exception]) -> None:
    settings = start(Office(refuses={"a@example.org": answer}), tls=served(HOST))
    with pytest.raises(kind, match=f"none of the recipients .a@example.org: {answer}"):
        post.send(letter(), settings, {}, trusting())


@pytest.mark.parametrize(("answer", "kind"), [("554 too large", MendInput), ("451 disk full", TryAgain)])
def test_a_mail_that_is_not_taken_is_an_error(start: Start, answer: str, kind: type[Exception]) -> None:
    settings = start(Office(answers_data=answer), tls=served(HOST))
    with pytest.raises(kind, match=f"does not take the mail.*{answer}"):
        post.send(letter(), settings, {}, trusting())


def test_a_server_that_is_not_there_may_come_back() -> None:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    settings = MailSettings(
        send=True, host=HOST, port=port, sender="o@example.org", recipients=("a@example.org",)
    )
    with pytest.raises(TryAgain, match=f"127.0.0.1:{port} gives no answer"):
        post.send(letter(), settings, {}, trusting())


def test_nothing_is_sent_unasked_or_with_half_a_secret() -> None:
    with pytest.raises(BadValue, match="send = false"):
        post.send(letter(), MailSettings(), {})
    settings = reaching(587)
    with pytest.raises(BadValue, match=f"found {USER} without {PASSWORD}"):
        post.send(letter(), settings, {USER: "office"})
    with pytest.raises(BadValue, match=f"found {PASSWORD} without {USER}"):
        post.send(letter(), settings, {PASSWORD: "sesame"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender", "no address"),
        ("sender", "a@"),
        ("sender", "a@example.org, b@example.org"),
        ("sender", "a@example.org\r\nBcc: all@example.org"),
        ("sender", "Ä <ä@example.org>"),
        ("recipients", ("a@example.org", "b example.org")),
        ("profiles", {"krefeld-hitze": ("@example.org",)}),
        ("host", "smtp.example.org/x"),
        ("port", 0),
        ("password", "sesame"),
    ],
)
def test_settings_that_do_not_fit_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        MailSettings.model_validate({field: value})


def test_sending_needs_a_server_a_sender_and_somebody_to_send_to() -> None:
    with pytest.raises(ValueError, match="with send = true also host and sender and recipients or profiles"):
        MailSettings(send=True)
