"""Names of towns in any spelling; towns, projects and profiles as one directory."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from vie_match.errors import BadValue
from vie_match.partners import directory as module
from vie_match.partners.directory import Directory, directory
from vie_match.partners.naming import LEGAL_NAME, NAME, SPELLING, UNKNOWN, Names
from vie_match.records import Profile
from vie_match.track.table import read_facts
from vie_match.vocabulary import Answer

DATA = files("vie_match.partners").joinpath("data")


@pytest.fixture(scope="module")
def known() -> Directory:
    return directory(read_facts())


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("München", "DE-munchen"),
        ("Munich", "DE-munchen"),
        ("munich:de", "DE-munchen"),
        ("DE-munchen", "DE-munchen"),
        ("Θεσσαλονίκη", "EL-thessaloniki"),
        ("Saloniki:GR", "EL-thessaloniki"),
        ("Breslau", "PL-wroclaw"),
        ("Ghent:BE", "BE-gent"),
        ("Birmingam", "UK-birmingham"),
    ],
)
def test_variants_and_scripts_resolve(known: Directory, text: str, id: str) -> None:
    assert known.find(text).town.id == id


@pytest.mark.parametrize(
    ("name", "country", "id"),
    [
        ("Landeshauptstadt München", "DE", "DE-munchen"),
        ("DIMOS THESSALONIKIS", "EL", "EL-thessaloniki"),
        ("Δήμος Αθηναίων", "GR", "EL-athina"),
        ("VILLE DE MULHOUSE", "FR", "FR-mulhouse"),
        ("Община Русе", "BG", "BG-ruse"),
    ],
)
def test_legal_names_resolve(known: Directory, name: str, country: str, id: str) -> None:
    assert known.resolve(name, country).id == id


@pytest.mark.parametrize("text", ["Krefled:DE", "Xyzzy", "Munich:FR"])
def test_what_nobody_knows_is_an_error(known: Directory, text: str) -> None:
    with pytest.raises(BadValue, match="found no town"):
        known.find(text)


def test_what_comes_near_is_offered(known: Directory) -> None:
    with pytest.raises(BadValue, match=r"Krefeld \(DE-krefeld\)"):
        known.find("Krefled:DE")


def test_the_ambiguous_is_reported_not_merged() -> None:
    towns = {
        "DE-a": ("DE", ["Neustadt"]),
        "DE-b": ("DE", ["Neustadt"]),
        "FR-a": ("FR", ["Villeneuve"]),
        "IT-a": ("IT", ["Villeneuve"]),
        "DE-c": ("DE", ["Altenburg"]),
        "DE-d": ("DE", ["Altenberg"]),
    }
    names = Names(towns, {}, {"DE-b": 20})
    assert names.resolve("Neustadt", "DE").id is None
    assert names.resolve("Neustadt", "DE").candidates == ("DE-b", "DE-a")
    assert names.resolve("Altenborg", "DE").how == SPELLING
    assert names.resolve("Altenborg", "DE").id is None
    assert set(names.resolve("Altenborg", "DE").candidates) == {"DE-c", "DE-d"}
    assert names.resolve("Ostrava", "DE").how == UNKNOWN
    for text in ("Neustadt", "Villeneuve", "Neustadt:DE"):
        with pytest.raises(BadValue, match="could be"):
            names.find(text)
    assert names.find("Villeneuve:FR") == "FR-a"


def test_a_persons_decision_goes_before_names() -> None:
    towns = {"DE-a": ("DE", ["Neustadt"]), "DE-b": ("DE", ["Neustadt"])}
    names = Names(towns, {"DE-a": [("DE", "Neustadt")], "DE-gone": [("DE", "Altstadt")]}, {})
    assert names.resolve("Neustadt", "DE").id == "DE-a"
    assert names.resolve("Neustadt", "DE").how == NAME
    assert names.resolve("Stadt Neustadt", "DE").how == LEGAL_NAME


def test_most_organisations_of_the_table_are_found_by_their_legal_names(known: Directory) -> None:
    towns = {place.town.country for place in known.places.values()}
    rows = [one for one in read_facts() if one.country in towns]
    found = [known.resolve(one.organisation, one.country).id for one in rows]
    right = sum(id == one.city_id for id, one in zip(found, rows, strict=True))
    wrong = sum(id not in (None, one.city_id) for id, one in zip(found, rows, strict=True))
    assert right > 0.94 * len(rows)
    assert wrong <= 2


def test_a_profile_says_more_than_tables(known: Directory, make_profile: Callable[..., Profile]) -> None:
    city = {"name": "Munich", "country": "DE", "population": 1_600_000, "networks": ["Eurocities"]}
    told = {**city, "mission_city": False}
    profile = make_profile("mine", city=told, partners=[{"name": "Atlantis", "country": "EL"}])
    own = directory(read_facts(), [profile])
    place = own.find("München")
    assert place.profiles == (profile,)
    assert place.town.population == 1_600_000
    assert place.networks == ("Eurocities",)
    assert place.mission is Answer.NO
    assert known.find("München").mission is Answer.YES
    assert own.find("Atlantis:EL").is_newcomer
    assert len(own.places) == len(known.places) + 1


def test_the_card_tells_the_tables() -> None:
    card = DATA.joinpath("CARD.md").read_text(encoding="utf-8")
    for name in ("towns.csv", "projects.csv", "aliases.csv", "networks.csv"):
        content = DATA.joinpath(name).read_bytes()
        assert hashlib.sha256(content).hexdigest() in card
        rows = len(list(csv.reader(content.decode().splitlines()))) - 1
        assert re.search(rf"\b{rows:,}\b", card)


def test_every_alias_means_a_town_and_ids_are_unique(known: Directory) -> None:
    towns = [row["id"] for row in csv.DictReader(DATA.joinpath("towns.csv").read_text("utf-8").splitlines())]
    assert len(towns) == len(set(towns))
    aliases = list(csv.DictReader(DATA.joinpath("aliases.csv").read_text("utf-8").splitlines()))
    assert {row["id"] for row in aliases} <= set(known.places)
    assert all(row["id"].startswith(row["country"]) for row in aliases)


def test_texts_of_projects_have_title_and_topic() -> None:
    assert module.project_texts()["101056661"].startswith("Fast track to cleaner, healthier urban Aerosols")


def test_every_network_has_a_page_and_means_a_town(known: Directory) -> None:
    rows = list(csv.DictReader(DATA.joinpath("networks.csv").read_text("utf-8").splitlines()))
    for row in rows:
        assert row["url"].startswith("https://")
        assert known.places[row["id"]].listed == {row["network"]: row["url"]}
        assert row["network"] in known.places[row["id"]].networks
    assert len({(row["id"], row["network"]) for row in rows}) == len(rows)
