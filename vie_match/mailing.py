"""Sends the mails of a week, none of them twice: what went out is written down before and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from itertools import chain

from vie_match import post
from vie_match.errors import MendInput, VieMatchError
from vie_match.history import Run
from vie_match.mail_settings import MailSettings
from vie_match.post import Doubtful, Refused
from vie_match.reports.mail import Letter
from vie_match.speech import SOURCE, speech
from vie_match.store.journal import Journal
from vie_match.store.mails import Mails, MailState

Post = Callable[..., tuple[Refused, ...]]


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of the mails.

    Attributes
    ----------
    sent : int
        Handed to the server now.
    before : int
        Handed over earlier on this day, and not again.
    doubtful : int
        The process ended while they were handed over: nobody knows whether they went out.
    refused : tuple of Refused
        Addresses that the server did not take, while others got the mail.
    error : VieMatchError or None
        Why the rest was not sent.
    """

    sent: int = 0
    before: int = 0
    doubtful: int = 0
    refused: tuple[Refused, ...] = ()
    error: VieMatchError | None = None

    def notices(self, language: str = SOURCE) -> Iterator[str]:
        """Yield what a person should know of the mails."""
        said = speech(language)
        _ = said.gettext
        if self.before:
            yield said.ngettext(
                "{n} mail of this day had been sent before and was not sent again",
                "{n} mails of this day had been sent before and were not sent again",
                self.before,
            )
        if self.doubtful:
            yield said.ngettext(
                "{n} mail may have gone out when an earlier run was broken off, and was not sent again; "
                "vie-match weekly --mail-again sends it",
                "{n} mails may have gone out when an earlier run was broken off, and were not sent again; "
                "vie-match weekly --mail-again sends them",
                self.doubtful,
            )
        for one in self.refused:
            yield _("the mail server did not take {address} ({reason}); the others got the mail").format(
                address=one.address, reason=one.reason
            )


def send(
    journal: Journal,
    moment: dt.datetime,
    letters: Sequence[Letter],
    settings: MailSettings,
    environment: Mapping[str, str],
    *,
    again: bool = False,
    hand_over: Post = post.send,
) -> Mailed:
    """Send what was not yet sent.

    Parameters
    ----------
    journal : Journal
        Of the store that remembers what went out.
    moment : datetime
        Of the report, with a time zone.
    letters : sequence of Letter
        Those to nobody are left out.
    settings : MailSettings
        With ``send = true``.
    environment : mapping
        Variables with user and password of the mail server.
    again : bool, optional
        Send the doubtful ones, too.
    hand_over : callable, optional
        As :func:`vie_match.post.send`.

    Returns
    -------
    Mailed
        With the first error. A server that gives no answer is not asked for the rest; one that does not
        take a mail is.
    """
    mails = Mails(journal)
    states = {one: mails.state(_id(one)) for one in letters if post.recipients(one.message)}
    before, doubtful = (list(states.values()).count(state) for state in (MailState.SENT, MailState.SENDING))
    due = [one for one, state in states.items() if state is None or (again and state is MailState.SENDING)]
    told = Mailed(before=before, doubtful=0 if again else doubtful)
    if not due:
        return told

    def handed(message: EmailMessage) -> tuple[Refused, ...]:
        return hand_over(message, settings, environment)

    refused: list[tuple[Refused, ...]] = []
    failure: VieMatchError | None = None
    try:
        with journal.run("mail", moment) as run:
            for letter in due:
                try:
                    refused.append(_sent(mails, run, letter, handed))
                except MendInput as error:
                    failure = failure or error
            if failure:
                raise failure
    except VieMatchError as error:
        failure = error
    return replace(told, sent=len(refused), refused=tuple(chain.from_iterable(refused)), error=failure)


def _sent(
    mails: Mails, run: Run, letter: Letter, hand_over: Callable[[EmailMessage], tuple[Refused, ...]]
) -> tuple[Refused, ...]:
    mails.note(run, _id(letter), MailState.SENDING)
    try:
        refused = hand_over(letter.message)
    except VieMatchError as error:
        if not isinstance(error, Doubtful):
            mails.forget(_id(letter))
        raise
    mails.note(run, _id(letter), MailState.SENT)
    return refused


def _id(letter: Letter) -> str:
    return str(letter.message["Message-ID"])
