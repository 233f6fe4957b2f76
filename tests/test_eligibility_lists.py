"""Groups of countries and lists of cities: who belongs, who does not, and of whom it is not known."""

import csv
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.eligibility.list_files import (
    CITY_LISTS,
    COLUMNS,
    DATA,
    Membership,
    check,
    city_entries,
    city_lists,
    groups,
)
from vie_match.eligibility.lists import ASSOCIATED, membership, pillar, standing
from vie_match.eligibility.rules import Confidence
from vie_match.errors import BadFile, BadValue
from vie_match.vocabulary import Answer, CountryGroup, Programme

CITIES = DATA / "mission_cities.csv"

GROUP = """---
groups:
- id: ISLES
  en: isles
  complete: true
  as_of: 2026-01-01
  source: https://example.org/isles
  waves:
  - {countries: [IE, IS], since: 2000, source: https://example.org/isles, date: 2026-01-01}
"""


def one_file(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path, read: Callable[[Path], object]) -> list[str]:
    with pytest.raises(BadFile) as raised:
        read(path)
    return [str(fault).removeprefix(f"{path.parent}/") for fault in raised.value.faults]


def answer(group: str, country: str | None, **known: Any) -> str:
    return standing(group, country, **known).answer.value


# ---- groups of countries ----


def test_every_group_that_calls_may_name_has_its_list() -> None:
    assert set(CountryGroup) <= set(groups().groups)
    assert set(ASSOCIATED.values()) <= set(groups().groups)


def test_the_union_has_27_members_and_had_28_before() -> None:
    (union,) = (group for group in groups().groups.values() if group.id == "EU27")
    codes = [code for wave in union.waves for code in wave.countries]
    assert sum(answer("EU27", code, year=2026) == "yes" for code in codes) == 27
    assert sum(answer("EU27", code, year=2018) == "yes" for code in codes) == 28
    assert sum(answer("EU27", code, year=2005) == "yes" for code in codes) == 25


@pytest.mark.parametrize(
    ("group", "country", "known", "expected"),
    [
        ("EU27", "GR", {}, "yes"),
        ("EU27", "UK", {"year": 2026}, "no"),
        ("EU27", None, {}, "unknown"),
        ("HORIZON_ASSOCIATED", "CH", {"year": 2024}, "no"),
        ("HORIZON_ASSOCIATED", "CH", {"year": 2025}, "yes"),
        ("HORIZON_ASSOCIATED", "GB", {"year": 2027}, "yes"),
        ("HORIZON_ASSOCIATED", "US", {"year": 2027}, "no"),
        ("HORIZON_ASSOCIATED", "EG", {"year": 2027}, "unknown"),
        ("HORIZON_ASSOCIATED", "CA", {"year": 2027, "part": "pillar 2"}, "yes"),
        ("HORIZON_ASSOCIATED", "CA", {"year": 2027, "part": "pillar 1"}, "no"),
        ("HORIZON_ASSOCIATED", "CA", {"year": 2027}, "unknown"),
        ("HORIZON_ASSOCIATED", "NO", {"year": 2021}, "unknown"),
        ("EU27+ASSOCIATED", "NO", {"programme": Programme.HORIZON, "year": 2027}, "yes"),
        ("EU27+ASSOCIATED", "NO", {}, "unknown"),
        ("ASSOCIATED", "NO", {"programme": Programme.SMP}, "unknown"),
        ("NON_ASSOCIATED_THIRD_COUNTRIES", "KE", {"programme": Programme.HORIZON, "year": 2027}, "yes"),
        ("NON_ASSOCIATED_THIRD_COUNTRIES", "FR", {"programme": Programme.HORIZON}, "no"),
        ("WIDENING", "EL", {"year": 2027}, "yes"),
        ("WIDENING", "DE", {"year": 2027}, "no"),
        ("WIDENING", "FR", {"year": 2027}, "unknown"),
        ("WIDENING", "FR", {"year": 2027, "nuts": "FRY40"}, "yes"),
        ("WIDENING", "FR", {"year": 2027, "nuts": "FR101"}, "no"),
        ("EEA", "LI", {"year": 2026}, "yes"),
        ("EEA", "CH", {"year": 2026}, "no"),
        ("LIFE_ELIGIBLE", "UA", {"year": 2026}, "yes"),
        ("LIFE_ELIGIBLE", "TR", {"year": 2026}, "unknown"),
        ("ERASMUS_ASSOCIATED", "CH", {"year": 2026}, "no"),
        ("ERASMUS_ASSOCIATED", "CH", {"year": 2027}, "yes"),
        ("CERV_ASSOCIATED", "XK", {"year": 2026}, "yes"),
        ("CERV_ASSOCIATED", "RS", {"year": 2026}, "unknown"),
        ("CERV_ASSOCIATED", "US", {"year": 2026}, "unknown"),
        ("AFRICAN_UNION", "KE", {"year": 2027}, "yes"),
        ("EUSDR", "BG", {}, "yes"),
        ("EUSDR", "PL", {}, "no"),
        ("UA", "UA", {}, "yes"),
        ("GR", "EL", {}, "yes"),
        ("ANY", "US", {}, "yes"),
        ("SOME_OTHER_GROUP", "FR", {}, "unknown"),
    ],
)
def test_standing(group: str, country: str | None, known: dict[str, object], expected: str) -> None:
    assert answer(group, country, **known) == expected


def test_what_is_not_sourced_or_not_yet_in_force_is_never_a_yes() -> None:
    for group in groups().groups.values():
        for wave in group.waves:
            if wave.confidence is Confidence.RECALLED or wave.status is not Membership.MEMBER:
                assert {answer(group.id, code, year=2027) for code in wave.countries} == {"unknown"}


def test_standing_tells_its_source_in_two_languages() -> None:
    told = standing("HORIZON_ASSOCIATED", "CH", year=2027, part=pillar("HORIZON-CL5-2027-06-D6-08"))
    assert told.source is not None
    assert told.source.startswith("https://www.swissinfo.ch/")
    assert "CH belongs" in told.because["en"]
    assert "CH gehört dazu" in told.because["de"]


@given(
    st.sampled_from(sorted(groups().groups)),
    st.sampled_from("AT CH UA US EG FR XK".split()),
    st.integers(2021, 2027),
)
def test_a_union_of_groups_says_yes_where_one_of_them_does(name: str, country: str, year: int) -> None:
    alone = answer(name, country, year=year)
    with_all = answer(f"{name}+EU27", country, year=year)
    if "yes" in (alone, answer("EU27", country, year=year)):
        assert with_all == "yes"
    else:
        assert with_all == alone


@pytest.mark.parametrize(
    ("before", "after", "line", "complaint"),
    [
        ("since: 2000", "since: soon", 9, "a whole number"),
        ("IE, IS", "IE, ISL", 9, "two letters"),
        ("IE, IS", "IE, IE", 3, "each country once"),
        ("since: 2000", "since: 2000, until: 1999", 9, "not after until"),
        ("source: https://example.org/isles, date", "date", 9, "a source if and only if"),
        ("  source: https://example.org/isles\n", "", 3, "a source for a complete list"),
        ("complete: true", "complet: true", 5, "complete"),
        ("groups:", "gruops: []\ngroups:", 2, "groups or unions"),
        ("groups:", "unions:\n- {id: BOTH, of: [ISLES, HILLS]}\ngroups:", 3, "a group of this file"),
    ],
)
def test_a_fault_of_the_groups(tmp_path: Path, before: str, after: str, line: int, complaint: str) -> None:
    assert before in GROUP
    path = one_file(tmp_path, "groups.yaml", GROUP.replace(before, after, 1))
    told = faults_of(path, groups)
    assert [one for one in told if one.startswith(f"groups.yaml:{line}: ") and complaint in one], told


# ---- lists of cities ----


def test_the_mission_has_112_cities_of_35_countries_each_with_its_source() -> None:
    entries = city_entries("mission_cities.csv")
    assert {one.entry for one in entries} == set(range(1, 113))
    assert len({one.country for one in entries}) == 35
    members = {one.entry for one in entries if answer("EU27", one.country, year=2022) == "yes"}
    assert len(members) == 100


def test_labels_are_as_many_as_were_awarded() -> None:
    awarded: dict[str, set[int]] = {}
    for one in city_entries("mission_cities.csv"):
        if one.label:
            awarded.setdefault(one.label, set()).add(one.entry)
    # Of the eleven of October 2025 the source names ten.
    assert {label: len(entries) for label, entries in awarded.items()} == {
        "2023-10": 10,
        "2024-03": 23,
        "2024-10": 20,
        "2025-05": 39,
        "2025-10": 10,
        "2026-02": 3,
    }


@pytest.mark.parametrize(
    ("city", "country", "in_mission", "labelled"),
    [
        ("Utrecht", "NL", "yes", "unknown"),
        ("Gemeente Utrecht", "NL", "yes", "unknown"),
        ("Landeshauptstadt München", "DE", "yes", "yes"),
        ("City of Munich", "DE", "yes", "yes"),
        ("Δήμος Αθηναίων", "GR", "yes", "yes"),
        ("Mailand", "IT", "yes", "yes"),
        ("Göteborgs Stad", "SE", "yes", "yes"),
        ("Gmina Miejska Kraków", "PL", "yes", "yes"),
        ("Glasgow City Council", "GB", "yes", "yes"),
        ("Helmond", "NL", "yes", "yes"),
        ("Krefeld", "DE", "no", "no"),
        ("Pirna", "DE", "no", "no"),
        ("Alba Iulia", "RO", "no", "no"),
        ("Mulhouse", "FR", "no", "no"),
        ("Neumünster", "DE", "no", "no"),
        ("Paris", "DE", "no", "no"),
        ("Bucharest", "RO", "unknown", "unknown"),
        ("Frankfurt", "DE", "unknown", "unknown"),
        ("Ixelles", "BE", "unknown", "unknown"),
        ("Cork County Council", "IE", "unknown", "unknown"),
        ("Hlavné mesto SR Bratislava", "SK", "unknown", "unknown"),
        ("City Council", "DE", "unknown", "unknown"),
        ("Dresden", None, "unknown", "unknown"),
    ],
)
def test_membership(city: str, country: str | None, in_mission: str, labelled: str) -> None:
    assert membership("MISSION_CITIES_112", city, country).answer.value == in_mission
    assert membership("MISSION_LABEL", city, country).answer.value == labelled


@pytest.mark.parametrize("name", [one.id for one in city_lists().values() if one.file is None])
def test_a_list_without_names_does_not_know_anybody(name: str) -> None:
    told = membership(name, "Dresden", "DE")
    assert told.answer is Answer.UNKNOWN
    assert city_lists()[name].note


def test_every_name_in_the_list_is_found_again() -> None:
    for one in city_entries("mission_cities.csv"):
        for name in (one.city, *filter(None, (part.strip() for part in one.also.split(";")))):
            told = membership("MISSION_CITIES_112", name, one.country)
            assert told.answer is Answer.YES, name
            assert told.source == one.source
        for name in filter(None, (part.strip() for part in one.near.split(";"))):
            assert membership("MISSION_CITIES_112", name, one.country).answer is Answer.UNKNOWN, name


def test_an_unknown_list_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadValue, match="MISSION_CITIES_112"):
        membership("STARS", "Dresden", "DE")


def test_card_has_the_hash_of_the_table() -> None:
    card = (DATA / "city_lists.md").read_text(encoding="utf-8")
    assert hashlib.sha256(CITIES.read_bytes()).hexdigest() in card
    with CITIES.open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS
    assert all(f"| {column} |" in card for column in COLUMNS)


def test_all_faults_of_a_table_are_told_with_their_lines(tmp_path: Path) -> None:
    rows_ = [
        ",".join(COLUMNS),
        "1,Arkham,DE,,,https://example.org/a,2024-03,https://example.org/l",
        "2,Arkham,DE,,,https://example.org/a,,",
        "x,Innsmouth,DEU,,,nowhere,March,",
    ]
    path = one_file(tmp_path, "towns.csv", "\n".join(rows_) + "\n")
    told = faults_of(path, lambda given: city_entries(given.name, given.parent))
    assert any(one.startswith("towns.csv:3: found the name 'arkham' a second time") for one in told)
    assert {re.sub(r"towns.csv:4: found (\w+):.*", r"\1", one) for one in told if ":4:" in one} == {
        "entry",
        "country",
        "source",
        "label",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("entry,town\n", "entry,city,country"), (",".join(COLUMNS) + "\n1,Arkham\n", "8, one a column")],
)
def test_a_table_of_another_shape(tmp_path: Path, text: str, complaint: str) -> None:
    path = one_file(tmp_path, "towns.csv", text)
    assert complaint in faults_of(path, lambda given: city_entries(given.name, given.parent))[0]


def test_a_list_whose_table_is_missing(tmp_path: Path) -> None:
    text = CITY_LISTS.read_text(encoding="utf-8")
    path = one_file(tmp_path, "city_lists.yaml", text)
    told = faults_of(path, city_lists)
    assert len(told) == 2
    assert all("mission_cities.csv" in one for one in told)


def test_what_ships_has_no_fault() -> None:
    assert groups().groups
    check()
