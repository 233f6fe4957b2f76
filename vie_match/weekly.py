"""The week from fetch to mail: one at a time, and taken up again where it broke off."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from vie_match import knowledge, mailing, pipeline
from vie_match.changes import ChangeKind
from vie_match.embedding.encoder import Encoder, Progress
from vie_match.mailing import Mailed
from vie_match.records import BRUSSELS
from vie_match.reports import mail, pictures
from vie_match.reports.digest import Digest
from vie_match.reports.outputs import Form
from vie_match.settings import Settings
from vie_match.sources import gather
from vie_match.sources.gather import Gathered
from vie_match.speech import SOURCE, speech
from vie_match.store.calls import CallStore
from vie_match.store.turn import turn
from vie_match.vocabulary import ReadingState

# Of a source in one of these states the report shows what was known before.
_NOT_READ = (ReadingState.FAILED, ReadingState.HELD_BACK)


@dataclass(frozen=True, slots=True)
class Week:
    """What became of a week.

    Attributes
    ----------
    digest : Digest
    files : tuple of Path
        The report, in the order of the forms.
    mailed : Mailed
    """

    digest: Digest
    files: tuple[Path, ...]
    mailed: Mailed

    @property
    def failed(self) -> tuple[str, ...]:
        """The live sources, by their names for people, whose latest reading brought nothing."""
        return tuple(one.source for one in self.digest.troubles if one.state in _NOT_READ)


def week(  # noqa: PLR0913 - each is something to do otherwise in a week
    settings: Settings,
    moment: dt.datetime,
    *,
    forms: Collection[Form],
    language: str = SOURCE,
    fetch: bool = True,
    mail_again: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    told: Callable[[Gathered], None] = lambda one: None,
) -> Week:
    """Read the live sources, rank, judge, report, and send the mails that are configured.

    Started again on the same day, it asks only the sources that were not taken over on that day, ends with
    the same report, and sends no mail twice.

    Parameters
    ----------
    settings : Settings
    moment : datetime
        With a time zone.
    forms : collection of Form
        The forms in which the report is written.
    language : str, optional
        Code, of :func:`vie_match.speech.languages`.
    fetch : bool, optional
        False: report from what is known.
    mail_again : bool, optional
        Send mails, too, of which it is not known whether they went out.
    encoder : Encoder, optional
        Default: that of the settings, with its cache.
    progress : callable, optional
        Called with (texts done, texts to do) while a model works.
    told : callable, optional
        Called with what became of a source as soon as it is done.

    Raises
    ------
    StoreBusy
        If another weekly run is at work on the store, with who it is.
    BadFile, BadValue
        If there is nothing to rank.
    """
    if settings.mail.recipients or settings.mail.profiles:
        # Also when they are sent: so that one can see what was.
        forms = (*forms, Form.MAIL)
    with turn(settings.store):
        left = unread(settings, moment) if fetch else ()
        if left:
            knowledge.fetch(settings, moment, only=left, told=told)
        written = pipeline.report(
            settings,
            moment,
            forms=forms,
            language=language,
            teams=settings.weekly.teams,
            encoder=encoder,
            progress=progress,
        )
        mailed = _mailed(settings, written.digest, language, mail_again)
    return Week(written.digest, written.files, mailed)


def _mailed(settings: Settings, digest: Digest, language: str, again: bool) -> Mailed:
    if not settings.mail.send:
        return Mailed()
    letters = tuple(mail.letters(digest, settings.mail, language, pictures.draw(digest, language)))
    journal = CallStore(settings.store).journal
    return mailing.send(journal, digest.moment, letters, settings.mail, os.environ, again=again)


def unread(settings: Settings, moment: dt.datetime) -> tuple[str, ...]:
    """Return the live sources, by short name, that were not yet taken over on the day of a moment."""
    day = moment.astimezone(BRUSSELS).date()
    good = CallStore(settings.store).journal.good_readings()
    read = {reading.source for reading in good if reading.began.date() == day}
    return tuple(name for name in gather.addresses(settings.sources) if name not in read)


def summary(done: Week, language: str = SOURCE) -> str:
    """Say a week in one line, for a log.

    Returns
    -------
    str
        The day, what was compared with what, what is new, which sources failed, where the report is.
    """
    said = speech(language)
    _ = said.gettext
    digest = done.digest
    parts = [
        said.ngettext("{n} project", "{n} projects", len(digest.cities)),
        said.ngettext("{n} open call", "{n} open calls", digest.open_calls) + _news(digest, language),
    ]
    line = [", ".join(parts)]
    if done.failed:
        line.append(
            said.ngettext(
                "{n} source could not be read: {names}",
                "{n} sources could not be read: {names}",
                len(done.failed),
            ).format(names=", ".join(done.failed))
        )
    if done.mailed.sent:
        line.append(said.ngettext("{n} mail sent", "{n} mails sent", done.mailed.sent))
    if done.mailed.error:
        line.append(_("mails not sent"))
    line.append(str(done.files[0]))
    return f"{digest.today}: {'; '.join(line)}"


def _news(digest: Digest, language: str) -> str:
    """Return the counts of what has happened, in brackets; nothing in the first report."""
    if digest.since is None:
        return ""
    _ = speech(language).gettext
    count = {kind: len(digest.news_of(kind)) for kind in ChangeKind}
    told = _("{new} new, {changed} changed, {gone} gone, {closed} closed since {day}").format(
        new=count[ChangeKind.NEW] + count[ChangeKind.BACK],
        changed=count[ChangeKind.CHANGED],
        gone=count[ChangeKind.GONE],
        closed=count[ChangeKind.CLOSED],
        day=digest.since,
    )
    return f" ({told})"
