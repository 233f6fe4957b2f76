"""Other people's titles, texts and addresses in every form of the report: what a reader of that form sees.

Each form is read by a parser of its own; what was written must come out as text, and as nothing else.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import icalendar
import pytest
import vobject
from bs4 import BeautifulSoup
from digests import MOMENT, WEEK, made
from markdown_it import MarkdownIt
from openpyxl import load_workbook
from pydantic import ValidationError

from vie_match.errors import Fault
from vie_match.exports import read
from vie_match.history import Reading
from vie_match.mail_settings import MailSettings
from vie_match.records import Call, Profile
from vie_match.reports import outputs
from vie_match.reports.digest import Digest
from vie_match.reports.mail import letters
from vie_match.reports.outputs import Form
from vie_match.results import Match
from vie_match.vocabulary import ReadingState

TITLES = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)><b>\"'`",
    "formula": '=HYPERLINK("https://evil.example/","click")',
    "function": "@SUM(A1:A9)",
    "sum": "+1+cmd|' /C calc'!A0",
    "negative": "-1+1",
    "header": "Trees\r\nBcc: all@example.org\r\n\r\nhello",
    "calendar": "Trees\r\nEND:VEVENT\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\\n;,:",
    "markdown": "[x](javascript:alert(1)) ![y](https://evil.example/p.png) `code` | # *b* <https://evil.example>",
    "block": "Trees\n\n# Heading\n\n- item\n\n<script>alert(1)</script>",
    "xml": "]]><evil/>&lt;&#x3c;<!-- \x00\x08\x1b[31m\x0c\x85\ufffe",
    "turned": "invoice\u202efdp.exe\u2066\u200f",
    "template": "{{ 7 * 7 }}{% raw %} {call} {0.__class__} %(n)s %s {n}",
}
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NO_ADDRESSES = (
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example",
    "https://example.org/a\r\nEND:VEVENT\r\nBcc: all@example.org",
)
SCRIPT = (files("vie_match.reports") / "templates" / "report.js").read_text(encoding="utf-8").strip()
URL = 'https://example.org/"><script>alert(1)</script>?a=)<b>&c'


def a_call(identifier: str, title: str, **more: object) -> Call:
    fields: dict[str, object] = {
        "identifier": identifier,
        "title": title,
        "programme": "LIFE",
        "opening": "2026-01-01",
        "deadlines": ["2027-10-07"],
        "text": f"{title}. Trees for hot streets.",
        "consortium_note": title,
        "source": title,
        "url": URL,
    }
    return Call.model_validate(fields | more)


def a_profile(key: str, title: str) -> Profile:
    fields = {
        "id": key,
        "title": title,
        "language": "en",
        "text": f"{title}. We plant trees for hot streets.",
    }
    return Profile.model_validate(fields | {"city": {"name": title, "country": "DE"}})


@cache
def digest() -> Digest:
    """Return every title as a call, a project, a city and more; each call new and suggested."""
    calls = [a_call(f"{key}-1", title) for key, title in TITLES.items()]
    past = a_call("PAST", TITLES["markup"], opening="2025-01-01", deadlines=["2026-01-15"])
    profiles = [a_profile(key, title) for key, title in TITLES.items()]
    return made(
        [*calls, past],
        profiles,
        before=made([a_call("OTHER", "Trees for hot streets")], profiles),
        moment=MOMENT + WEEK,
        faults=[Fault(Path(f"{title}.md"), 3, title, title) for title in TITLES.values()],
        notices=list(TITLES.values()),
        readings=[Reading(TITLES["markup"], MOMENT, ReadingState.FAILED, message=TITLES["markup"])],
    )


@cache
def without_checks() -> Digest:
    """Return the same with addresses that no record would take."""

    def changed(call: Call, number: int) -> Call:
        return call.model_copy(update={"url": NO_ADDRESSES[number % len(NO_ADDRESSES)]})

    def all_changed(matches: Iterable[Match]) -> tuple[Match, ...]:
        return tuple(one.model_copy(update={"call": changed(one.call, one.rank)}) for one in matches)

    parts = []
    for part in digest().cities:
        sections = tuple(
            replace(one, shown=all_changed(one.shown), folded=all_changed(one.folded))
            for one in part.sections
        )
        parts.append(replace(part, sections=sections))
    news = tuple(
        replace(one, change=replace(one.change, call=changed(one.change.call, number)))
        for number, one in enumerate(digest().news)
    )
    views = tuple(replace(one, call=changed(one.call, number)) for number, one in enumerate(digest().network))
    return replace(digest(), cities=tuple(parts), news=news, network=views)


HOSTILE = {"addresses as records take them": digest, "addresses of other schemes": without_checks}
EITHER = pytest.mark.parametrize("which", HOSTILE)


@cache
def written(which: str) -> dict[Form, bytes]:
    """Return all forms of one of the digests."""
    with TemporaryDirectory() as folder:
        paths = outputs.write(HOSTILE[which](), Path(folder), list(Form))
        return dict(zip(Form, (path.read_bytes() for path in paths), strict=True))


def seen(title: str) -> str:
    """Return a title as readers may see it: on one line, without what controls or turns."""
    return FORBIDDEN.sub("", " ".join(title.split()))


def is_harmless(address: str) -> bool:
    return address.startswith("#") or urlsplit(address).scheme in ("http", "https", "")


def pages(which: str) -> dict[str, str]:
    """Return every page: report, network, the mail's short edition and its attachment."""
    found = {form.value: written(which)[form].decode() for form in (Form.HTML, Form.NETWORK)}
    message = mail(which)
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    [attached] = [part for part in message.iter_attachments() if part.get_content_type() == "text/html"]
    return found | {"mail": html.get_content(), "attachment": attached.get_content()}


def mail(which: str) -> EmailMessage:
    message = message_from_bytes(written(which)[Form.MAIL], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def assert_nothing_runs(page: str) -> BeautifulSoup:
    soup = BeautifulSoup(page, "html.parser")
    scripts = [script.get_text().strip() for script in soup.find_all("script")]
    assert scripts in ([], [SCRIPT])
    assert not soup.find_all(["evil", "iframe", "object", "embed", "base", "b"])
    # The report's own, which the script shows; nothing can be sent with it.
    assert all(
        form.attrs.keys() <= {"class", "role", "hidden", "aria-label", "data-told"}
        for form in soup.find_all("form")
    )
    tags = soup.find_all(True)
    assert not [name for tag in tags for name in tag.attrs if name.startswith("on")]
    assert not [tag for tag in soup.find_all("img") if not str(tag["src"]).startswith("cid:")]
    addresses = [str(tag[name]) for tag in tags for name in ("href", "src", "action") if tag.get(name)]
    assert [one for one in addresses if not is_harmless(one) and not one.startswith("cid:")] == []
    return soup


@EITHER
def test_no_page_runs_or_fetches_anything(which: str) -> None:
    for name, page in pages(which).items():
        told = " ".join(assert_nothing_runs(page).get_text(" ").split())
        for key, title in TITLES.items():
            assert seen(title) in told, (name, key)


@EITHER
def test_nothing_turns_or_controls_in_any_page_or_text(which: str) -> None:
    found = [*pages(which).values()]
    found += [written(which)[form].decode() for form in (Form.MARKDOWN, Form.TEXT, Form.FEED, Form.TABLE)]
    text = mail(which).get_body(("plain",))
    assert isinstance(text, EmailMessage)
    found.append(text.get_content())
    for one in found:
        assert not FORBIDDEN.search(one.replace("\r\n", "\n"))


@EITHER
def test_markdown_stays_text(which: str) -> None:
    # With raw HTML let through, as many sites do it, and the tables they have.
    page = MarkdownIt("commonmark", {"html": True}).enable("table")
    soup = assert_nothing_runs(page.render(written(which)[Form.MARKDOWN].decode()))
    assert not soup.find_all(["code", "img"])
    lines = {tag.get_text(strip=True) for tag in soup.find_all(["h1", "h2", "li"])}
    assert {"Heading", "item"}.isdisjoint(lines)
    told = " ".join(soup.get_text().split())
    for key, title in TITLES.items():
        assert seen(title) in told, key


@EITHER
def test_the_text_edition_is_one_text(which: str) -> None:
    told = " ".join(written(which)[Form.TEXT].decode().split())
    for key, title in TITLES.items():
        assert seen(title) in told, key


def test_no_header_of_a_mail_comes_from_a_title() -> None:
    whom = dict.fromkeys(TITLES, ("b@example.org",))
    made_ = list(letters(digest(), MailSettings(recipients=("a@example.org",), profiles=whom), pictures={}))
    assert [one.key for one in made_] == ["", *sorted(TITLES)]
    expected = "From To Subject Date Message-ID Auto-Submitted MIME-Version Content-Type".split()
    for letter in made_:
        message = message_from_bytes(bytes(letter), policy=policy.default)
        assert message.keys() == expected
        assert not message.defects
        [recipient] = message["To"].addresses
        assert recipient.addr_spec == ("b@example.org" if letter.key else "a@example.org")
        assert not FORBIDDEN.search(message["Subject"])
        for part in message.walk():
            assert not part.defects
            assert "bcc" not in {name.lower() for name in part.keys()}  # noqa: SIM118 - headers, no mapping


def test_a_calendar_has_its_entries_and_no_other() -> None:
    raw = written("addresses as records take them")[Form.CALENDAR]
    [parsed] = icalendar.Calendar.from_ical(raw, multiple=True)
    events = parsed.walk("VEVENT")
    assert raw.count(b"BEGIN:VEVENT\r\n") == len(events) == raw.count(b"END:VEVENT\r\n")
    # Each call has its end, and what leads up to it; the one that is gone is cancelled.
    cancelled = [event for event in events if "STATUS" in event]
    assert (len(events) - len(cancelled), len(cancelled)) == (4 * len(TITLES), 5)
    summaries = {str(event["SUMMARY"]) for event in events}
    assert not [one for one in summaries if "\n" in one or FORBIDDEN.search(one)]
    for title in TITLES.values():
        assert [one for one in summaries if seen(title) in one]
    assert {str(event["URL"]) for event in events} == {URL}
    assert len(vobject.readOne(raw.decode()).vevent_list) == len(events)


def test_no_entry_of_a_calendar_leads_to_what_is_no_web_address() -> None:
    raw = written("addresses of other schemes")[Form.CALENDAR]
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    suggested = [event for event in events if "STATUS" not in event]
    assert len(suggested) == 4 * len(TITLES)
    assert not [event for event in suggested if "URL" in event]


@EITHER
def test_no_cell_of_a_workbook_runs(which: str) -> None:
    book = load_workbook(io.BytesIO(written(which)[Form.WORKBOOK]))
    rows = [row for sheet in book for row in sheet.iter_rows()]
    cells = [cell for row in rows for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink]
    assert [one for one in links if not one.startswith("https://")] == []
    starting = [cell for cell in cells if isinstance(cell.value, str) and cell.value[:1] in "=+-@"]
    assert len(starting) > 4
    assert all(cell.quotePrefix for cell in starting)
    assert not [cell for cell in cells if isinstance(cell.value, str) and FORBIDDEN.search(cell.value)]


@EITHER
def test_no_cell_of_a_table_runs(which: str) -> None:
    text = written(which)[Form.TABLE].decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = {cell for row in rows for cell in row}
    risky = {cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))}
    assert {cell for cell in risky if not re.fullmatch(r"-?\d+(\.\d+)?", cell)} == set()
    assert f"'{TITLES['formula']}" in cells


@EITHER
def test_the_document_holds_every_title_as_it_is(which: str) -> None:
    told = json.loads(written(which)[Form.JSON])
    suggested = [one["call"] for part in told["projects"] for one in part["suggestions"]]
    assert {call["title"] for call in suggested} == set(TITLES.values())
    assert {one["title"] for one in told["news"] if one["kind"] == "new"} == set(TITLES.values())
    assert {call["url"] for call in suggested} == ({URL} if HOSTILE[which] is digest else {None})


@EITHER
def test_a_feed_has_its_entries_and_no_other_element(which: str) -> None:
    root = ET.fromstring(written(which)[Form.FEED])
    names = {one.tag.removeprefix("{http://www.w3.org/2005/Atom}") for one in root.iter()}
    known = "feed id title updated author name generator entry link category summary"
    assert names <= set(known.split())
    entries = root.findall("{*}entry")
    assert len(entries) == len(TITLES)
    told = {one.findtext("{*}title") for one in entries}
    # What XML cannot hold is left out.
    assert told == {f"new: {seen(title)}".replace("\ufffe", "") for title in TITLES.values()}
    links = {one.get("href") for one in root.iter("{http://www.w3.org/2005/Atom}link")}
    assert links == ({URL} if HOSTILE[which] is digest else set())


def test_commongrants_gives_every_title_back(tmp_path: Path) -> None:
    [path] = outputs.write(digest(), tmp_path, [Form.COMMONGRANTS])
    assert {call.title for call in read(path)} == set(TITLES.values())
    assert {call.url for call in read(path)} == {URL}


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_a_record_takes_none_of_these_addresses(make_call: Callable[..., Call], url: str) -> None:
    with pytest.raises(ValidationError, match="http"):
        make_call(url=url)
