"""Sends a mail by SMTP: encrypted, to the server that is meant, or not at all.

The connection has to become TLS by STARTTLS (RFC 3207) with a certificate that names the server; user and
password come from the environment and stand in no message.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from email.headerregistry import AddressHeader
from email.message import EmailMessage

from vie_match.errors import BadValue, MendInput, TryAgain, VieMatchError
from vie_match.mail_settings import PASSWORD, USER, MailSettings

# Seconds for each answer of the server.
_PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that the server did not take; the others got the mail.

    Attributes
    ----------
    address : str
    reason : str
        Code and words of the server.
    """

    address: str
    reason: str


class Doubtful(TryAgain):
    """The connection broke while a mail was handed over: nobody knows whether it went out."""


def send(
    message: EmailMessage,
    settings: MailSettings,
    environment: Mapping[str, str] = os.environ,
    context: ssl.SSLContext | None = None,
) -> tuple[Refused, ...]:
    """Hand a mail to the server of the settings.

    Parameters
    ----------
    message : EmailMessage
        Goes to its To, Cc and Bcc; the server does not get to see the last.
    settings : MailSettings
        With ``send = true``.
    environment : mapping, optional
        Variables with user and password; without them nobody logs in.
    context : ssl.SSLContext, optional
        Whom to trust; default: the system's authorities, and the name has to fit.

    Returns
    -------
    tuple of Refused

    Raises
    ------
    BadValue
        If the settings say not to send, or user or password stands alone.
    MendInput
        If the server offers no STARTTLS, its certificate does not fit, it refuses user, sender, message or
        all recipients for good.
    TryAgain
        If it does not answer, or refuses for now.
    Doubtful
        If it falls silent while it takes the mail.
    """
    if not settings.send:
        raise BadValue("found [mail] send = false; expected send = true before anything is sent")
    user, password = environment.get(USER, ""), environment.get(PASSWORD, "")
    if bool(user) != bool(password):
        found, lacking = (USER, PASSWORD) if user else (PASSWORD, USER)
        raise BadValue(f"found {found} without {lacking}; expected both, or neither")
    server = f"{settings.host}:{settings.port}"
    try:
        with closing(smtplib.SMTP(settings.host, settings.port, timeout=_PATIENCE_S)) as connection:
            _encrypt(connection, server, context or ssl.create_default_context())
            if user:
                connection.login(user, password)
            refused = _handed_over(connection, message, server)
            # The mail is taken: how the server says goodbye changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(server, _refused(error.recipients), _codes(error.recipients)) from None
    except (smtplib.SMTPException, OSError) as error:
        raise _told(error, server) from None
    return _refused(refused)


def recipients(message: EmailMessage) -> tuple[str, ...]:
    """Return the addresses that a mail goes to."""
    headers = [message[name] for name in ("To", "Cc", "Bcc") if message[name] is not None]
    return tuple(
        one.addr_spec for header in headers if isinstance(header, AddressHeader) for one in header.addresses
    )


def _encrypt(connection: smtplib.SMTP, server: str, context: ssl.SSLContext) -> None:
    connection.ehlo()
    if not connection.has_extn("starttls"):
        raise MendInput(
            f"found the mail server {server}, which offers no STARTTLS; expected one that encrypts "
            "(often port 587); nothing was sent"
        )
    connection.starttls(context=context)
    connection.ehlo()


def _handed_over(
    connection: smtplib.SMTP, message: EmailMessage, server: str
) -> dict[str, tuple[int, bytes]]:
    try:
        return connection.send_message(message)
    except smtplib.SMTPServerDisconnected as error:
        # smtplib tells so of time-outs and broken connections, too.
        raise Doubtful(
            f"the mail server {server} fell silent while it took the mail ({error}); it may have gone out"
        ) from None


def _told(error: Exception, server: str) -> VieMatchError:
    """Return what a failure means for the caller; words of the server, none of ours that are secret."""
    if isinstance(error, ssl.SSLError):
        why = getattr(error, "verify_message", "") or error.reason or "no TLS"
        return MendInput(
            f"the mail server {server} has no certificate that can be trusted ({why}); expected one of its "
            "own name from a known authority; nothing was sent"
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error, server)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MendInput(f"the mail server {server} cannot do what is needed ({error})")
    return TryAgain(f"the mail server {server} gives no answer ({error})")


def _answered(error: smtplib.SMTPResponseException, server: str) -> VieMatchError:
    # 4xx is for now, 5xx for good (RFC 5321, 4.2.1); smtplib's -1 is an answer that was none.
    kind = MendInput if error.smtp_code >= 500 else TryAgain
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # Without the server's words: they may repeat what was sent.
        return kind(
            f"the mail server {server} does not let us in ({error.smtp_code}); expected {USER} and "
            f"{PASSWORD} as the server knows them; nothing was sent"
        )
    words = f"{error.smtp_code} {_words(error.smtp_error)}"
    return kind(f"the mail server {server} does not take the mail ({words})")


def _refusal(server: str, refused: tuple[Refused, ...], codes: list[int]) -> VieMatchError:
    told = "; ".join(f"{one.address}: {one.reason}" for one in refused)
    kind = TryAgain if all(code < 500 for code in codes) else MendInput
    return kind(f"the mail server {server} takes none of the recipients ({told})")


def _refused(found: Mapping[str, tuple[int, bytes]]) -> tuple[Refused, ...]:
    return tuple(Refused(address, f"{code} {_words(words)}") for address, (code, words) in found.items())


def _codes(found: Mapping[str, tuple[int, bytes]]) -> list[int]:
    return [code for code, _ in found.values()]


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
