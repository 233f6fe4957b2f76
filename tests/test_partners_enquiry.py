"""Drafts of letters: filled from both sides, nothing made up, in every language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from vie_match.cli import main
from vie_match.cli.app import app
from vie_match.eligibility.words import Words
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadValue
from vie_match.partners.enquiry import enquiry
from vie_match.partners.exchanges import Exchanges
from vie_match.partners.suggestions import Because, Exchange, Ground, Suggestion
from vie_match.records import Call, Profile
from vie_match.speech import languages

TODAY = dt.date(2026, 12, 1)
MakeProfile = Callable[..., Profile]
MakeCall = Callable[..., Call]


def town(**more: object) -> Suggestion:
    told: dict[str, object] = {
        "rank": 1,
        "id": "BE-gent",
        "name": "Gent",
        "country": "BE",
        "population": 265086,
        "km": 210.4,
        "newcomer": False,
        "projects": 3,
        "led": 1,
        "profiles": (),
        "networks": ("Eurocities",),
        "because": (Because(reason="near", share=0.5), Because(reason="Mission city", share=0.3)),
        "grounds": (
            Ground(name="ASCEND", why="similar", year=2023, url="https://example.org/a"),
            Ground(name="TRAP", why="led", year=2021, url="javascript:alert(1)"),
            Ground(name="GeoNames", why="place", url="https://example.org/place"),
        ),
        "unknown": (),
    }
    return Suggestion.model_validate(told | more)


def test_a_letter_is_filled_from_both_sides(make_profile: MakeProfile, make_call: MakeCall) -> None:
    own = make_profile(title="Cool streets", budget_eur=1_800_000, duration_months=36)
    call = make_call(
        "LIFE-2027-X", title="Cities and heat", deadlines=["2027-03-09 17:00"], url="https://x.org/"
    )
    rules = [Words.given({"en": "at least 3 cities"}), Words.given({"en": "at least 3 cities"})]
    letter = enquiry(own, town(), call, rules=rules, today=TODAY)
    assert letter.subject == "Subject: Joint application of Town and Gent? Call LIFE-2027-X"
    for part in (
        "preparing the project “Cool streets”. Trees and shade in ten streets. It is to cost about",
        "about €1,800,000. We expect it to take 36 months.",
        "“Cities and heat” (LIFE-2027-X). It closes on 9 March 2027 at 17:00 (Brussels time).",
        "The call: https://x.org/",
        "- your project ASCEND (2023) is close to our subject: https://example.org/a",
        "- you led the project TRAP (2021)\n",
        "- Gent is one of the Mission cities",
        "- we are both in Eurocities",
        "- our cities are only 210 km apart",
        "What we look for:\nMoney for planting.",
        "What we bring:\nOpen measurements.",
    ):
        assert part in letter.text
    assert letter.text.count("at least 3 cities") == 1
    assert "javascript" not in letter.text
    assert "GeoNames" not in letter.text
    assert str(letter).startswith("[Draft of 1 December 2026")


def test_what_is_not_known_is_a_bracket_and_nothing_is_made_up(
    make_profile: MakeProfile, make_call: MakeCall
) -> None:
    bare = make_profile(text="Something.\n\n## Other\n\nText.", budget_eur=None)
    call = make_call(deadlines=[], deadline_model="not stated").model_copy(
        update={"url": "javascript:alert(1)"}
    )
    unknown = town(grounds=(), because=(), networks=(), km=None, newcomer=True)
    letter = enquiry(bare, unknown, call, today=TODAY).text
    for bracket in (
        "Its deadline: [to be looked up].",
        "[address of the call]",
        "[What the call asks of a team: not known to us, see the call]",
        "[why Gent: no project of it is known to us]",
        "[what you need from a partner]",
        "[what you offer a partner]",
        "[two dates]",
    ):
        assert bracket in letter
    assert "It is to cost" not in letter
    assert "Have you been in EU projects before?" in letter
    assert not re.search(r"\d{4}", letter.replace(call.identifier, ""))


def test_a_call_that_has_closed_is_a_bracket(make_profile: MakeProfile, make_call: MakeCall) -> None:
    letter = enquiry(make_profile(), town(), make_call(deadlines=["2026-01-09"]), today=TODAY).text
    assert "[It closed on 9 January 2026: look for one that is open.]" in letter


def test_without_a_call_no_application_is_spoken_of(make_profile: MakeProfile) -> None:
    letter = str(enquiry(make_profile(), town(), today=TODAY))
    assert "an idea for a joint project" in letter
    assert "call" not in letter.casefold().replace("may we call you", "")


def test_every_language_has_its_letter_and_quotes_say_what_to_translate(
    make_profile: MakeProfile, make_call: MakeCall
) -> None:
    own = make_profile(language="en")
    met = Exchange(ours=False, offer="Ten sensors.", need="Money for planting.", likeness=0.8)
    letters = {
        code: str(enquiry(own, town(exchanges=(met,)), make_call(), today=TODAY, language=code))
        for code in languages()
    }
    assert len(set(letters.values())) == len(letters)
    assert "[zu übersetzen aus der Sprache Englisch: Trees and shade in ten streets.]" in letters["de"]
    assert "Ihr Angebot „Ten sensors.“ könnte unserem Bedarf „Money for planting.“" in letters["de"]
    assert "translated" not in letters["en"]
    assert not any("{" in letter for letter in letters.values())


def test_offers_and_needs_that_say_the_same_meet(make_profile: MakeProfile) -> None:
    text = "## What we need\n\nData on heat in streets.\n\n## What we offer\n\n{offer}"
    ours = make_profile("ours", text=text.format(offer="Two quiet squares for tests."))
    theirs = make_profile(
        "theirs",
        text="## What we need\n\nNothing yet.\n\n## What we offer\n\nShoes. Data on heat in streets!",
    )
    exchanges = Exchanges(HashingEncoder(1024))
    (met,) = exchanges.between(ours, theirs)
    assert (met.ours, met.offer, met.need) == (False, "Data on heat in streets!", "Data on heat in streets.")
    (back,) = exchanges.between(theirs, ours)
    assert (back.ours, back.offer) == (True, "Data on heat in streets!")
    assert exchanges.between(ours, make_profile("bare", text="Only a sentence.")) == ()


@pytest.fixture
def folder(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vie-match.toml").write_text(
        f'profiles = "{root / "profiles"}"\ncalls = "{root / "calls"}"\nmodel = "hashing"\n'
        f'cache = "{tmp_path / "cache"}"\n',
        encoding="utf-8",
    )
    return tmp_path


def run(*words: str) -> None:
    assert main.COMMANDS
    app([*words, "--today", "2026-12-01"], standalone_mode=False)


def test_the_command_writes_a_draft_with_the_rules_of_the_call(folder: Path) -> None:
    call = "HORIZON-MISS-2027-04-CIT-01"
    run("enquiry", "krefeld-hitze", "Gent", "--call", call, "--language", "de", "-o", "draft.md")
    draft = (folder / "draft.md").read_text(encoding="utf-8")
    assert "Betreff: Gemeinsamer Antrag von Krefeld und Gent?" in draft
    assert "mindestens 3 Städte" in draft
    assert "7. Oktober 2027" in draft
    with pytest.raises(BadValue, match="expected another one"):
        run("enquiry", "krefeld-hitze", "Krefeld")


def test_partners_and_teams_come_as_a_map(folder: Path) -> None:
    run("partners", "krefeld-hitze", "--top", "2", "--format", "json", "--map", "partners.svg")
    call = "HORIZON-MISS-2027-04-CIT-01"
    words = ["--with", "krefeld-hitze", "--teams", "1", "--size", "1-4", "--json", "--map", "team.svg"]
    run("consortium", call, *words)
    for name in ("partners.svg", "team.svg"):
        text = (folder / name).read_text(encoding="utf-8")
        assert ElementTree.fromstring(text).tag.endswith("svg")
        assert "Krefeld" in text
    with pytest.raises(BadValue, match=r"ends in \.svg"):
        run("partners", "krefeld-hitze", "--top", "2", "--format", "json", "--map", "partners.png")
