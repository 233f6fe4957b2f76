"""Which mails went out, so that a week that is taken up again sends none twice."""

from __future__ import annotations

from enum import StrEnum

from vie_match.history import Run
from vie_match.store.journal import Journal


class MailState(StrEnum):
    """How far a mail has come.

    Of one that was ``sending`` when the process ended nobody knows whether it went out.
    """

    SENDING = "sending"
    SENT = "sent"


class Mails:
    """The mails of all weeks, by their Message-ID; whom they went to is not kept.

    Parameters
    ----------
    journal : Journal
        Of the store in which they stand.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def state(self, message: str) -> MailState | None:
        """Return how far a mail has come; None: it was never begun, or surely did not go out."""
        with self.journal.opened() as connection:
            row = connection.execute("SELECT state FROM mail WHERE message = ?", (message,)).fetchone()
        with self.journal.sound():
            return MailState(row[0]) if row else None

    def note(self, run: Run, message: str, state: MailState) -> None:
        """Write down how far a mail has come: ``sending`` before it is handed over, ``sent`` after."""
        with self.journal.opened() as connection:
            connection.execute("INSERT OR REPLACE INTO mail VALUES (?, ?, ?)", (message, run.number, state))

    def forget(self, message: str) -> None:
        """Write down that a mail did not go out."""
        with self.journal.opened() as connection:
            connection.execute("DELETE FROM mail WHERE message = ?", (message,))
