"""Languages: which there are, what they make of numbers, days and names, and what a missing one says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.errors import BadValue
from vie_match.speech import N_, NC_, NN_, languages, preferred, speech
from vie_match.vocabulary import LANGUAGES

DAY = dt.date(2027, 3, 1)


def test_languages_are_named_in_themselves_and_known_codes() -> None:
    assert languages()["en"] == "English"
    assert languages()["de"] == "Deutsch"
    assert set(languages()) <= LANGUAGES


@pytest.mark.parametrize("code", ["", "EN", "xx", "de_AT", "../de"])
def test_another_language_is_refused_with_those_there_are(code: str) -> None:
    with pytest.raises(BadValue, match=r"expected one of: en \(English\), .*de \(Deutsch\)") as caught:
        speech(code)
    assert repr(code) in str(caught.value)


def test_a_misspelt_language_is_hinted_at() -> None:
    with pytest.raises(BadValue, match=r"did you mean de\?"):
        speech("dee")


def test_english_is_the_code_itself() -> None:
    english = speech("en")
    assert english.gettext("a text nobody translated") == "a text nobody translated"
    assert english.pgettext("answer", "not known") == "not known"


def test_what_is_not_translated_is_said_in_english() -> None:
    assert speech("de").gettext("a text nobody translated") == "a text nobody translated"


def test_the_same_english_is_told_apart_by_where_it_stands() -> None:
    german = speech("de")
    assert (german.gettext("not known"), german.pgettext("answer", "not known")) == ("nicht bekannt", "offen")


@pytest.mark.parametrize(
    ("number", "english", "german"),
    [
        (0, "0 days", "0 Tage"),
        (1, "1 day", "1 Tag"),
        (2, "2 days", "2 Tage"),
        (1.5, "1.5 days", "1,5 Tage"),
        (0.5, "0.5 days", "0,5 Tage"),
        (1_000_000, "1,000,000 days", "1.000.000 Tage"),
    ],
)
def test_a_number_decides_the_form(number: float, english: str, german: str) -> None:
    day = NN_("{n} day", "{n} days")
    assert (speech("en").ngettext(*day, number), speech("de").ngettext(*day, number)) == (english, german)


def test_marks_return_what_they_mark() -> None:
    assert (N_("a"), NN_("a", "b"), NC_("c", "a")) == ("a", ("a", "b"), "a")


@pytest.mark.parametrize(
    ("language", "day", "time"), [("en", "1 March 2027", "07:05"), ("de", "1. März 2027", "07:05")]
)
def test_days_and_hours(language: str, day: str, time: str) -> None:
    says = speech(language)
    assert says.day(DAY) == day
    assert says.time(dt.datetime(2027, 3, 1, 7, 5, tzinfo=dt.UTC)) == time
    assert says.day(None) == says.gettext("not known")


@pytest.mark.parametrize(
    ("amount", "english", "german"),
    [(0, "€0", "0\xa0€"), (1234567, "€1,234,567", "1.234.567\xa0€"), (999.6, "€1,000", "1.000\xa0€")],
)
def test_euros_are_whole(amount: float, english: str, german: str) -> None:
    assert (speech("en").euro(amount), speech("de").euro(amount)) == (english, german)


@pytest.mark.parametrize(
    ("share", "english", "german"),
    [
        (0, "0%", "0\xa0%"),
        (0.6, "60%", "60\xa0%"),
        (0.625, "62.5%", "62,5\xa0%"),
        (1, "100%", "100\xa0%"),
        (12.5, "1250%", "1250\xa0%"),
    ],
)
def test_percent(share: float, english: str, german: str) -> None:
    assert (speech("en").percent(share), speech("de").percent(share)) == (english, german)


@pytest.mark.parametrize(
    ("names", "style", "english", "german"),
    [
        ([], "standard", "", ""),
        (["Hamm"], "standard", "Hamm", "Hamm"),
        (["Hamm", "Pirna"], "standard", "Hamm and Pirna", "Hamm und Pirna"),
        (["Hamm", "Pirna", "Sofia"], "standard", "Hamm, Pirna and Sofia", "Hamm, Pirna und Sofia"),
        (["Hamm", "Pirna", "Sofia"], "or", "Hamm, Pirna or Sofia", "Hamm, Pirna oder Sofia"),
    ],
)
def test_names_in_a_row(names: list[str], style: str, english: str, german: str) -> None:
    assert (speech("en").listed(names, style), speech("de").listed(names, style)) == (english, german)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_names_stay_as_they_are_in_a_row(names: list[str]) -> None:
    told = speech("de").listed(names)
    place = 0
    for name in names:
        place = told.index(name, place) + len(name)


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "DE"}, "de"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "de_AT", "LANG": "en_GB"}, "de"),
        ({"LC_ALL": "C", "LANG": "de_DE"}, "en"),
    ],
)
def test_the_language_of_a_machine(environment: dict[str, str], code: str) -> None:
    assert preferred(environment) == code
