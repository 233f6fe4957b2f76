"""In another language no page of the report says a word of its own in English.

The data is in Greek capitals, the language is made up: small Latin letters outside brackets are a sentence
that nobody can translate.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import icalendar
import openpyxl
import pytest
from bs4 import BeautifulSoup
from madeup import made_up_language, own_words

from vie_match import knowledge
from vie_match.changes import Change, ChangeKind, FieldChange
from vie_match.history import Reading, Sighting
from vie_match.mail_settings import MailSettings
from vie_match.ranking.audience import addressed
from vie_match.records import Call, Profile
from vie_match.reports import calendar_file, feed, mail, pictures, render, sheets
from vie_match.reports.digest import Background, Digest, digest
from vie_match.reports.terms import Desk
from vie_match.results import Contribution, Evidence, Match, MatchList, Passage, SharedWord
from vie_match.sources.merge import merge
from vie_match.vocabulary import ReadingState

MOMENT = knowledge.at_noon(dt.date(2026, 11, 24))

# Attributes that people hear or see.
HEARD = ("title", "alt", "aria-label", "placeholder")

# Addresses and commands.
NO_SENTENCE = re.compile(r"https?://\S+|[\w.-]+\.html|`[^`]*`")


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with made_up_language(tmp_path_factory.mktemp("locale")) as code:
        yield code


def a_call(identifier: str, **fields: object) -> Call:
    usual: dict[str, object] = {
        "title": f"ΔΕΝΤΡΑ {identifier}",
        "programme": "LIFE",
        "deadlines": ["2027-10-07"],
        "opening": "2026-01-01",
        "text": "ΔΕΝΤΡΑ ΚΑΙ ΣΚΙΑ. ΝΕΡΟ.",
        "url": "https://example.org/call",
        "source": "ΠΥΛΗ",
        "source_date": "2026-08-01",
    }
    return Call.model_validate(usual | {"identifier": identifier} | fields)


CALLS = (
    a_call("X-1", min_participants=3, min_countries=2, cofunding_rate=0.6, grant_max_eur=500_000),
    a_call("X-2", deadlines=["2026-12-20 17:00"], min_participants=1),
    a_call("X-3", deadlines=[], deadline_model="continuous", eligible_countries=["EU27", "NO"]),
    a_call("X-4", deadlines=["2027-10-07", "2028-01-01"], deadline_model="two-stage", opening="2027-01-01"),
    a_call("X-5", programme="EUI", eligible_countries=["EU27"], action_type="CSA"),
    a_call("X-6", opening=None, grant_min_eur=10_000),
)
CLOSED = a_call("X-9", deadlines=["2026-10-01"])


def a_profile(name: str, country: str = "EL", **fields: object) -> Profile:
    usual: dict[str, object] = {
        "title": f"ΣΚΙΑ {name}",
        "language": "el",
        "text": "ΔΕΝΤΡΑ.",
        "city": {"name": name, "country": country},
        "budget_eur": 1_000_000,
        "own_contribution_eur": 300_000,
    }
    return Profile.model_validate(usual | {"id": name} | fields)


def a_match(profile: Profile, call: Call, rank: int, chance: float) -> Match:
    passage = Passage(
        owner=call.identifier, section="plan", text="ΔΕΝΤΡΑ ΚΑΙ ΣΚΙΑ ΣΤΗΝ ΠΟΛΗ.", start=0, end=25
    )
    return Match(
        profile_id=profile.id,
        call=call,
        rank=rank,
        score=-rank,
        probability=chance,
        status=call.status(MOMENT),
        deadline=call.next_deadline(MOMENT),
        contributions=(Contribution(name="words", value=0.2), Contribution(name="audience", value=-0.1)),
        evidence=(
            Evidence(
                profile_passage=passage,
                call_passage=passage,
                profile_sentence=passage,
                call_sentence=passage,
                similarity=0.5,
            ),
        ),
        words=(SharedWord(profile_word="ΔΕΝΤΡΟ", call_word="ΔΕΝΤΡΑ", weight=1),),
        audience=addressed(call).because,
    )


def a_list(profile: Profile, chances: tuple[float, ...]) -> MatchList:
    matches = [
        a_match(profile, call, rank, chance)
        for rank, (call, chance) in enumerate(zip(CALLS, chances, strict=True), 1)
    ]
    return MatchList(profile=profile, moment=MOMENT, matches=tuple(matches), threshold=0.3)


@pytest.fixture(scope="module")
def result(language: str) -> Digest:
    twin = {"name": "ΠΑΤΡΑ", "country": "EL", "kind": "twin town"}
    lists = [
        a_list(a_profile("ΠΑΤΡΑ", role="lead"), (0.9, 0.7, 0.6, 0.5, 0.4, 0.35)),
        a_list(a_profile("ΒΟΛΟΣ", partners=[twin]), (0.5,) * 6),
        a_list(a_profile("ΧΟΥΡ", "CH", role="partner"), (0.9, 0.4, 0.1, 0.1, 0.6, 0.1)),
        a_list(a_profile("ΣΑΜΟΣ"), (0.1,) * 6),
    ]
    desk = Desk(MOMENT)
    apart = [desk.apart(one, 2) for one in lists]
    changes = (
        Change(ChangeKind.NEW, CALLS[0]),
        Change(
            ChangeKind.CHANGED,
            CALLS[2],
            (
                FieldChange("deadlines", "2027-10-07", "continuous"),
                FieldChange("eligible_applicants", "", "local_authority"),
                FieldChange("conditions", "", ""),
            ),
        ),
        Change(ChangeKind.CLOSED, CLOSED),
    )
    reading = Reading("portal", MOMENT, ReadingState.TAKEN_IN_PART)
    background = Background(
        since=dt.date(2026, 11, 17), changes=changes, readings=[reading], names={"portal": "ΠΥΛΗ"}
    )
    known = merge([Sighting("files", call, MOMENT, MOMENT) for call in (*CALLS, CLOSED)])
    return digest(apart, known, moment=MOMENT, top=2, model="Μ", terms=desk.terms, background=background)


def visible(page: str) -> Iterator[str]:
    """Yield the texts of a page that people see or hear."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup(["style", "script", "code", "meta"]):
        tag.decompose()
    yield from soup.stripped_strings
    for tag in soup.find_all(True):
        yield from (
            str(tag[name]) for name in ("title", "alt", "aria-label", "placeholder") if name in tag.attrs
        )


def english(text: str) -> list[str]:
    return re.findall(r"[a-z]{3,}", NO_SENTENCE.sub("", own_words(text)))


@pytest.mark.parametrize("write", [render.html, render.network])
def test_pages_say_nothing_in_english(write: Callable[..., str], result: Digest, language: str) -> None:
    # A sentence may begin in one element and end in another.
    text = " ".join(visible(write(result, language)))
    assert "⟦" in text
    assert english(text) == []


@pytest.mark.parametrize("write", [render.markdown, render.text])
def test_texts_say_nothing_in_english(write: Callable[..., str], result: Digest, language: str) -> None:
    text = write(result, language).replace("\\", "")
    assert "⟦" in text
    assert english(text) == []


def test_a_page_names_its_language(result: Digest, language: str) -> None:
    assert f'<html lang="{language}"' in render.html(result, language)


def test_the_calendar_says_nothing_in_english(result: Digest, language: str) -> None:
    events = icalendar.Calendar.from_ical(calendar_file.calendar(result, language)).events
    told = [str(event.get(name, "")) for event in events for name in ("summary", "description")]
    assert any("⟦" in text for text in told)
    assert english(" ".join(told)) == []


def test_the_workbook_says_nothing_in_english(result: Digest, language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.workbook(result, language)))
    cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
    told = [*book.sheetnames, *(value for value in cells if isinstance(value, str))]
    assert any("⟦" in text for text in told)
    assert english(" ".join(told)) == []


def test_the_feed_says_nothing_in_english(result: Digest, language: str) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    root = ET.fromstring(feed.feed(result, language))
    told = [text.text or "" for name in ("title", "summary") for text in root.iter(f"{atom}{name}")]
    assert any("⟦" in text for text in told)
    assert english(" ".join(told)) == []


def test_the_mail_says_nothing_in_english(result: Digest, language: str) -> None:
    letters = mail.letters(result, MailSettings(), language)
    assert letters
    for letter in letters:
        body = letter.message.get_body(("plain",))
        assert body is not None
        told = f"{letter.message['Subject']} {body.get_content()}"
        assert "⟦" in told
        assert english(told) == []


def test_the_pictures_say_nothing_in_english(result: Digest, language: str) -> None:
    drawn = pictures.draw(result, language)
    assert drawn
    for name, picture in drawn.items():
        # Marks may be named by the calls' own identifiers.
        told = " ".join([picture.title, picture.alt, *visible(picture.svg)])
        assert "⟦" in told, name
        assert english(told) == [], name
