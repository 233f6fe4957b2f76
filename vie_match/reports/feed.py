"""Digest → Atom (RFC 4287): what is new or has changed, for feed readers.

The standard library's ElementTree writes it: it escapes by itself, and the libraries for feeds bring an XML
parser in C for the sake of formats nobody needs here.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from xml.etree import ElementTree as ET

from vie_match.cards import safe_url
from vie_match.changes import ChangeKind
from vie_match.foreign import one_line
from vie_match.formats.commongrants import NAMESPACE, call_id
from vie_match.reports import names, reasons, wording
from vie_match.reports.digest import Digest, News
from vie_match.reports.lines import Line, by_call
from vie_match.speech import speech

_ATOM = "http://www.w3.org/2005/Atom"
_TOLD = (ChangeKind.NEW, ChangeKind.BACK, ChangeKind.CHANGED)

# What XML 1.0 cannot hold, beside the controls that one_line drops.
_FORBIDDEN = re.compile(r"[\ufffe\uffff]")


def feed(digest: Digest, language: str = "en") -> bytes:
    """Return a feed with one entry for each call that is new, back or changed.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"

    Returns
    -------
    bytes
        An entry keeps its id over the weeks (the one the call has in CommonGrants), so that a reader shows
        a change as a new state of the same entry.
    """
    ET.register_namespace("", _ATOM)
    spoken = speech(language)
    root = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _text(root, "id", uuid.uuid5(NAMESPACE, "feed").urn)
    _text(root, "title", spoken.gettext("EU calls for our cities: what is new"))
    _text(root, "updated", _stamp(digest.moment))
    _text(_under(root, "author"), "name", "vie_match")
    _text(root, "generator", "vie_match")
    suggested = {row[0].call.identifier: row for row in by_call(digest)}
    for kind in _TOLD:
        for news in digest.news_of(kind):
            row = suggested.get(news.change.call.identifier, ())
            _entry(root, news, tuple(row), digest.moment, language)
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(root: ET.Element, news: News, row: tuple[Line, ...], moment: dt.datetime, language: str) -> None:
    call = news.change.call
    entry = _under(root, "entry")
    _text(entry, "id", uuid.UUID(call_id(call)).urn)
    _text(entry, "title", f"{names.kind(news.change.kind, language)}: {one_line(call.title)}")
    _text(entry, "updated", _stamp(moment))
    if address := safe_url(call.url):
        _under(entry, "link", rel="alternate", href=_FORBIDDEN.sub("", one_line(address)))
    _under(entry, "category", term=call.programme.value, label=names.programme(call.programme, language))
    summary = _under(entry, "summary", type="text")
    summary.text = "\n".join(_told(news, row, language))


def _told(news: News, row: tuple[Line, ...], language: str) -> list[str]:
    told = [_clean(words) for words in wording.changed(news.change, language)]
    for line in row:
        chance = reasons.likelihood(line.match.probability, language)
        city = f"{line.city} ({chance})" if chance else line.city
        told.append(_clean(f"{city}: {reasons.reason(line.match, language)}"))
    return told or [speech(language).gettext("It is among the best calls of none of our projects.")]


def _under(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)


def _text(parent: ET.Element, name: str, text: str) -> None:
    _under(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", one_line(text))


def _stamp(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
