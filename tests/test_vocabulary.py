"""Closed sets, their spellings, and the suggestion for a near miss."""

from __future__ import annotations

from enum import StrEnum

import pytest

from vie_match import countries, sections, vocabulary
from vie_match.countries import parse_country
from vie_match.errors import BadValue, MendInput, VieMatchError, near_miss
from vie_match.vocabulary import (
    ActionType,
    Answer,
    Applicant,
    CallStatus,
    CountryGroup,
    DeadlineModel,
    PartnerKind,
    PopulationScope,
    Programme,
    Role,
    Theme,
    parse,
    parse_language,
)

KINDS = [
    ActionType,
    Answer,
    Applicant,
    CallStatus,
    CountryGroup,
    DeadlineModel,
    PartnerKind,
    PopulationScope,
    Programme,
    Role,
    Theme,
]
MEMBERS = [member for kind in KINDS for member in kind]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: f"{type(member).__name__}.{member.name}")
def test_every_member_is_found_whatever_its_case_blanks_hyphens_and_underscores(member: StrEnum) -> None:
    value = member.value
    loose = f"  {value.upper().replace('-', ' ').replace('_', ' ').replace(' ', '  ')} "
    joined = value.lower().replace(" ", "_").replace("-", "_")
    assert [parse(type(member), text) for text in (value, loose, joined)] == [member] * 3


@pytest.mark.parametrize(
    ("kind", "text", "member"),
    [
        (Programme, "Horizon Europe", Programme.HORIZON),
        (Programme, "digital europe programme", Programme.DIGITAL),
        (Programme, "Erasmus+", Programme.ERASMUS),
        (Programme, "EUI-IA", Programme.EUI),
        (Programme, "EU4Health", Programme.EU4HEALTH),
        (Programme, "Innovation Fund", Programme.INNOVATION_FUND),
        (ActionType, "HORIZON Research and Innovation Actions", ActionType.RIA),
        (ActionType, "HORIZON Coordination and Support Actions", ActionType.CSA),
        (ActionType, "HORIZON Pre-commercial Procurement", ActionType.PCP),
        (ActionType, "Lump sum", ActionType.LUMP_SUM_GRANT),
        (DeadlineModel, "two-step", DeadlineModel.TWO_STAGE),
        (DeadlineModel, "Multiple cut-offs", DeadlineModel.MULTIPLE_CUT_OFF),
        (DeadlineModel, "rolling", DeadlineModel.CONTINUOUS),
        (DeadlineModel, "multiple cut–off", DeadlineModel.MULTIPLE_CUT_OFF),  # an en dash
        (PartnerKind, "twinning", PartnerKind.TWIN_TOWN),
    ],
)
def test_spellings_of_portals_and_officers_are_understood(
    kind: type[StrEnum], text: str, member: StrEnum
) -> None:
    assert parse(kind, text) is member


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_word_is_refused_with_all_choices(kind: type[StrEnum]) -> None:
    with pytest.raises(BadValue) as caught:
        parse(kind, "qqqqqqqq")
    message = str(caught.value)
    assert "'qqqqqqqq'" in message
    assert message.endswith(", ".join(member.value for member in kind))
    assert "did you mean" not in message


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        (Theme, "heet", "heat"),
        (Theme, "climate-adaption", "climate-adaptation"),
        (Applicant, "local_autority", "local_authority"),
        (PartnerKind, "tandm", "tandem"),
        (Programme, "HORIZN", "HORIZON"),
        (Programme, "intereg", "INTERREG"),
        (ActionType, "COFUNT", "COFUND"),
        (CountryGroup, "HORIZON_ASOCIATED", "HORIZON_ASSOCIATED"),
    ],
)
def test_a_near_miss_is_answered_with_the_nearest_choice(kind: type[StrEnum], text: str, meant: str) -> None:
    with pytest.raises(BadValue, match=rf"did you mean {meant}\?"):
        parse(kind, text)


@pytest.mark.parametrize("text", ["", " ", "-"])
def test_nothing_is_no_member(text: str) -> None:
    with pytest.raises(BadValue):
        parse(Role, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("DE", "DE"), (" de ", "DE"), ("GR", "EL"), ("el", "EL"), ("gb", "UK"), ("UK", "UK"), ("no", "NO")],
)
def test_countries_come_out_in_eu_style(text: str, code: str) -> None:
    assert parse_country(text) == code


@pytest.mark.parametrize("text", ["", "XX", "DEU", "Germany", "D", "EU27"])
def test_what_is_no_country_code_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadValue, match="two letters in EU style"):
        parse_country(text)


def test_the_unions_27_members_are_known() -> None:
    members = "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
    assert set(members) <= countries.COUNTRIES


@pytest.mark.parametrize(("text", "code"), [("de", "de"), (" EL ", "el"), ("No", "no")])
def test_languages_come_out_in_small_letters(text: str, code: str) -> None:
    assert parse_language(text) == code


@pytest.mark.parametrize("text", ["", "xx", "deu", "gr"])
def test_what_is_no_language_code_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadValue, match="one of: bg, ca, cs"):
        parse_language(text)


@pytest.mark.parametrize(
    ("text", "code"), [("German", "de"), (" deutsch", "de"), ("Ελληνικά", "el"), ("język polski", "")]
)
def test_the_name_of_a_language_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_language(text)
    assert (f"(did you mean {code}?)" in str(refused.value)) == bool(code)


@pytest.mark.parametrize(
    ("text", "code"), [("Germany", "DE"), ("Griechenland", "EL"), ("Wielka Brytania", "UK"), ("Oz", "")]
)
def test_the_name_of_a_country_is_refused_with_its_code(text: str, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse_country(text)
    assert (f"(did you mean {code}?)" in str(refused.value)) == bool(code)


def test_every_official_language_has_a_code_and_headings() -> None:
    official = set("bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split())
    assert set(sections.HEADINGS) == official
    assert {parse_language(code) for code in official} == official


def test_every_programme_has_a_name_of_its_own() -> None:
    assert set(vocabulary.PROGRAMME_NAMES) == set(Programme)
    assert len(set(vocabulary.PROGRAMME_NAMES.values())) == len(Programme)


def test_a_bad_value_is_also_a_value_error_for_the_user_to_mend() -> None:
    assert issubclass(BadValue, ValueError)
    assert issubclass(BadValue, MendInput)
    assert issubclass(BadValue, VieMatchError)


@pytest.mark.parametrize(
    ("word", "choices", "answer"),
    [
        ("populaton", ["population", "country"], " (did you mean population?)"),
        ("POPULATION_", ["population"], " (did you mean population?)"),
        ("life", ["LIFE", "CERV"], " (did you mean LIFE?)"),
        ("zzz", ["population"], ""),
        ("zzz", [], ""),
    ],
)
def test_near_miss_names_the_closest_choice_or_nothing(word: str, choices: list[str], answer: str) -> None:
    assert near_miss(word, choices) == answer
