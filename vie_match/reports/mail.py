"""Digest → mail: the week in short as text and HTML, the full report attached.

The short edition needs no script and no style sheet, since mail programs drop both. Headers are made of our
own words, days and numbers, and of names on one line.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from vie_match.errors import near_miss
from vie_match.foreign import harmless, one_line
from vie_match.formats.commongrants import NAMESPACE
from vie_match.mail_settings import MailSettings
from vie_match.messages import said
from vie_match.pictures.picture import Picture
from vie_match.reports import render
from vie_match.reports.agenda import Section
from vie_match.reports.digest import CityPart, Digest
from vie_match.reports.lines import narrowed
from vie_match.reports.pictures import TIMELINE, chances_of, draw
from vie_match.speech import speech

# Whom a mail comes from when nothing is configured: a name that no server has (RFC 2606).
_NOBODY = "vie_match <vie-match@vie-match.invalid>"

# What a week has to be acted on; the rest is in the full report.
_ACTED_ON = (Section.NEW, Section.CHANGED, Section.CLOSING)

# Calls that each section of a city tells.
_MOST = 3


@dataclass(frozen=True)
class Letter:
    """A mail and whom it is for.

    Attributes
    ----------
    key : str
        Id of the profile whose part it holds; empty: the whole network.
    message : EmailMessage
    """

    key: str
    message: EmailMessage

    def __bytes__(self) -> bytes:
        return self.message.as_bytes()


def letters(
    digest: Digest,
    settings: MailSettings | None = None,
    language: str = "en",
    pictures: Mapping[str, Picture] | None = None,
) -> Iterator[Letter]:
    """Yield the mails of a report: the whole network's, then those of single projects.

    Parameters
    ----------
    digest : Digest
    settings : MailSettings, optional
        Without recipients the network's mail is made all the same, to nobody.
    language : str, default "en"
    pictures : mapping, optional
        Those of the report; default: they are drawn.
    """
    chosen = settings or MailSettings()
    drawn = draw(digest, language) if pictures is None else pictures
    yield Letter("", _message(digest, "", chosen, language, drawn))
    for profile in sorted(chosen.profiles):
        own = narrowed(digest, profile)
        if own.cities and chosen.profiles[profile]:
            shown = {name: drawn[name] for name in (chances_of(profile),) if name in drawn}
            yield Letter(profile, _message(own, profile, chosen, language, shown))


def strangers(settings: MailSettings, profiles: Iterable[str], language: str = "en") -> tuple[str, ...]:
    """Return a notice for each profile that mails are asked for and that is none.

    Parameters
    ----------
    settings : MailSettings
    profiles : iterable of str
        Ids of all there are.
    language : str, default "en"
    """
    gettext = speech(language).gettext
    pattern = gettext(
        "the settings ask for mails about the profile {name}; there is none of that id: nobody gets them"
    )
    known = set(profiles)
    asked = [name for name, recipients in sorted(settings.profiles.items()) if recipients]
    return tuple(
        pattern.format(name=f"{name!r}{said(near_miss(name, known), gettext)}")
        for name in asked
        if name not in known
    )


def _message(
    digest: Digest, profile: str, settings: MailSettings, language: str, pictures: Mapping[str, Picture]
) -> EmailMessage:
    # By the day, not the moment: a report that is made again on its day is the same mail.
    key = str(uuid.uuid5(NAMESPACE, f"mail {digest.today} {profile} {language}"))
    sender = _address(settings.sender or _NOBODY)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    recipients = settings.profiles[profile] if profile else settings.recipients
    if recipients:
        message["To"] = tuple(map(_address, recipients))
    message["Subject"] = _subject(digest, profile, language)
    message["Date"] = digest.moment
    message["Message-ID"] = f"<{key}@{sender.domain}>"
    # RFC 3834: nobody's holiday notice shall answer it.
    message["Auto-Submitted"] = "auto-generated"
    _fill(message, digest, profile, language, pictures)
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        # Not by chance: the same report is the same mail, byte for byte.
        part.set_boundary(f"{number}-{key}")
    return message


def _fill(
    message: EmailMessage, digest: Digest, profile: str, language: str, pictures: Mapping[str, Picture]
) -> None:
    """Put in the short edition as text and HTML, with its picture, and the full report."""
    attached = f"report-{digest.today}.html"
    picture = pictures.get(chances_of(profile) if profile else TIMELINE)
    # Like the mail's own id (RFC 2392), so that it is the same when the mail is made again.
    cid = f"picture-{message['Message-ID'].strip('<>')}" if picture else ""
    told = _told(digest, profile, language) | {"attached": attached, "picture": picture, "cid": cid}
    message.set_content(harmless(render.page("mail.txt", language, **told)))
    message.add_alternative(harmless(render.page("mail.html", language, **told)), subtype="html")
    html = message.get_body(("html",))
    if picture and isinstance(html, EmailMessage):
        file = f"{picture.name}.png"
        html.add_related(picture.png, "image", "png", cid=f"<{cid}>", filename=file, disposition="inline")
    page = harmless(render.html(digest, language, pictures)).encode()
    message.add_attachment(page, "text", "html", filename=attached, params={"charset": "utf-8"})


def _told(digest: Digest, profile: str, language: str) -> dict[str, object]:
    """Return what the templates of both editions are about."""
    quiet = [] if profile else [part for part in digest.cities if not _is_busy(part)]
    return {
        "digest": digest,
        "heading": _heading(digest, profile, language),
        "busy": [part for part in digest.cities if part not in quiet],
        "quiet": quiet,
        "told": _ACTED_ON,
        "most": _MOST,
    }


def _is_busy(part: CityPart) -> bool:
    """Whether there is something to do or to know for a project this week."""
    return any(len(part.section(section)) for section in (*_ACTED_ON, Section.GONE))


def _heading(digest: Digest, profile: str, language: str) -> str:
    spoken = speech(language)
    _ = spoken.gettext
    pattern = _("EU calls for {city}, {day}") if profile else _("EU calls for our cities, {day}")
    city = one_line(digest.cities[0].profile.city.name) if profile else ""
    return pattern.format(city=city, day=spoken.day(digest.today))


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(one_line(name), addr_spec=address)


def _subject(digest: Digest, profile: str, language: str) -> str:
    spoken = speech(language)
    _ = spoken.gettext
    counted = _("{new} new, {changed} changed, {closing} closing soon")
    if digest.since is None:
        counted = _("{closing} closing soon, {open} still open")
    counts = {section.value: spoken.number(digest.count(section)) for section in Section}
    day = spoken.day(digest.today)
    # Short: programs show its beginning.
    start = _heading(digest, profile, language) if profile else _("EU calls, {day}").format(day=day)
    return f"{start}: {counted.format(**counts)}"
