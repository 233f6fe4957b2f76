"""The forms in which a report is written: one digest, one table of writers, each file whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from vie_match.foreign import harmless
from vie_match.formats import commongrants
from vie_match.mail_settings import MailSettings
from vie_match.pictures.picture import Picture
from vie_match.reports import calendar_file, document, feed, mail, pictures, render, sheets
from vie_match.reports.digest import Digest
from vie_match.reports.lines import by_call
from vie_match.speech import speech
from vie_match.whole import write_whole


class Form(StrEnum):
    """A form of the report, by the ending of its file; two by what they are."""

    HTML = "html"
    MARKDOWN = "md"
    TEXT = "txt"
    MAIL = "eml"
    CALENDAR = "ics"
    WORKBOOK = "xlsx"
    TABLE = "csv"
    JSON = "json"
    FEED = "atom"
    COMMONGRANTS = "commongrants"
    NETWORK = "network"


@dataclass(frozen=True)
class Edition:
    """What a writer is given.

    Attributes
    ----------
    digest : Digest
    language : str
        Code, as in :func:`vie_match.speech.languages`.
    forms : collection of Form
        All that are written: pages lead to each other.
    mail : MailSettings
    """

    digest: Digest
    language: str
    forms: Collection[Form]
    mail: MailSettings

    @cached_property
    def pictures(self) -> Mapping[str, Picture]:
        """The pictures, drawn once for all forms."""
        return pictures.draw(self.digest, self.language)

    def name(self, form: Form) -> str:
        """Return the file's name of a form that is written, too; empty: it is not."""
        return file_name(form, self.digest.today) if form in self.forms else ""


Maker = Callable[[Edition], str | bytes]


def _html(edition: Edition) -> str:
    network = edition.name(Form.NETWORK)
    return render.html(edition.digest, edition.language, edition.pictures, network=network)


def _network(edition: Edition) -> str:
    return render.network(edition.digest, edition.language, report=edition.name(Form.HTML))


def _commongrants(edition: Edition) -> bytes:
    calls = [row[0].call for row in by_call(edition.digest)]
    return commongrants.dump(calls, edition.digest.moment)


def _alone(make: Callable[[Digest, str], str | bytes]) -> Maker:
    """Return the maker of a form that needs to know of no other."""
    return lambda edition: make(edition.digest, edition.language)


# What is written when nothing else is asked for.
USUAL = (Form.HTML, Form.MARKDOWN, Form.NETWORK)

# Name of the file, and what makes its content. Calendar and feed are subscribed to: their names stay.
_MADE: Mapping[Form, tuple[str, Maker]] = {
    Form.HTML: ("report-{day}.html", _html),
    Form.MARKDOWN: ("report-{day}.md", _alone(render.markdown)),
    Form.TEXT: ("report-{day}.txt", _alone(render.text)),
    Form.CALENDAR: ("deadlines.ics", _alone(calendar_file.calendar)),
    Form.WORKBOOK: ("report-{day}.xlsx", _alone(sheets.workbook)),
    Form.TABLE: ("report-{day}.csv", _alone(sheets.comma)),
    Form.JSON: ("report-{day}.json", _alone(document.document)),
    Form.FEED: ("news.atom", _alone(feed.feed)),
    Form.COMMONGRANTS: ("report-{day}.commongrants.json", _commongrants),
    Form.NETWORK: ("network-{day}.html", _network),
}
# There is one mail for each list of recipients.
_MAIL = "report-{day}{profile}.eml"


def file_name(form: Form, day: dt.date) -> str:
    """Return under which name a form is written; of the mails the network's.

    Examples
    --------
    >>> file_name(Form.HTML, dt.date(2026, 12, 1)), file_name(Form.CALENDAR, dt.date(2026, 12, 1))
    ('report-2026-12-01.html', 'deadlines.ics')
    """
    pattern = _MAIL if form is Form.MAIL else _MADE[form][0]
    return pattern.format(day=day.isoformat(), profile="")


def write(
    digest: Digest,
    folder: Path,
    forms: Collection[Form] = USUAL,
    language: str = "en",
    *,
    mail: MailSettings | None = None,
) -> tuple[Path, ...]:
    """Write a report in several forms; nothing is sent.

    Parameters
    ----------
    digest : Digest
    folder : Path
        It is made when missing; files of the same names are replaced.
    forms : collection of Form, optional
    language : str, default "en"
    mail : MailSettings, optional
        Whom mails are for.

    Returns
    -------
    tuple of Path
        The files, in the order of the forms.

    Raises
    ------
    BadValue
        For a language there is no catalogue of.
    OSError
        If the folder cannot be written to.
    """
    speech(language)
    edition = Edition(digest, language, frozenset(forms), mail or MailSettings())
    written = []
    for form in dict.fromkeys(forms):
        for name, content in _files(edition, form):
            write_whole(folder / name, content)
            written.append(folder / name)
    return tuple(written)


def _files(edition: Edition, form: Form) -> Iterator[tuple[str, str | bytes]]:
    if form is not Form.MAIL:
        content = _MADE[form][1](edition)
        name = file_name(form, edition.digest.today)
        yield name, harmless(content) if isinstance(content, str) else content
        return
    for letter in mail.letters(edition.digest, edition.mail, edition.language, edition.pictures):
        profile = f"-{letter.key}" if letter.key else ""
        yield _MAIL.format(day=edition.digest.today.isoformat(), profile=profile), bytes(letter)
