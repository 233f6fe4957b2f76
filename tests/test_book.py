"""The table of cities in use, renewed source by source."""

from __future__ import annotations

from pathlib import Path

import pytest

from vie_match.errors import BadFile, ListShrunk
from vie_match.track import book
from vie_match.track.gathering import TrackHarvest
from vie_match.track.records import Participation
from vie_match.track.table import SHIPPED, read_facts, write_facts


def part(number: int, city: str = "Krefeld", **fields: object) -> Participation:
    plain = {
        "project_id": f"{number}",
        "acronym": f"P{number}",
        "programme": "HORIZON",
        "framework": "HORIZON",
        "role": "participant",
        "organisation": f"Stadt {city}",
        "city_id": f"DE-{city.lower()}",
        "city": city,
        "country": "DE",
        "source": "CORDIS",
    }
    return Participation.model_validate(plain | fields)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "cities.csv"
    others = [part(9, framework="H2020"), part(8, source="keep.eu", framework="Central Europe")]
    write_facts([*(part(number) for number in range(4)), *others], path)
    return path


def ids(path: Path) -> list[str]:
    return [one.project_id for one in read_facts(path)]


def test_without_a_table_of_ones_own_the_shipped_one_serves(tmp_path: Path) -> None:
    assert book.current(tmp_path / "none.csv") == read_facts(SHIPPED)


def test_a_table_of_ones_own_goes_before_the_shipped_one(table: Path) -> None:
    assert book.current(table) == read_facts(table)


def test_a_source_replaces_what_it_told_of_the_same_framework(table: Path) -> None:
    assert book.renew(table, TrackHarvest((part(1), part(5), part(6)))) == 5
    assert ids(table) == ["1", "5", "6", "8", "9"]


def test_the_first_renewal_starts_from_the_shipped_table(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    shipped = len(read_facts(SHIPPED))
    assert book.renew(path, TrackHarvest((part(1, framework="H2020"),))) == shipped + 1
    assert len(read_facts(path)) == shipped + 1


def test_far_fewer_rows_than_before_are_held_back_until_a_person_accepts(table: Path) -> None:
    before = table.read_bytes()
    with pytest.raises(ListShrunk, match=r"found 1 participations where 4 were; .* --accept"):
        book.renew(table, TrackHarvest((part(1),)))
    assert table.read_bytes() == before
    assert book.renew(table, TrackHarvest((part(1),)), accept=True) == 3


def test_a_broken_table_is_not_replaced(table: Path) -> None:
    table.write_text("nonsense", encoding="utf-8")
    with pytest.raises(BadFile):
        book.renew(table, TrackHarvest((part(1),)))
    assert table.read_text(encoding="utf-8") == "nonsense"


@pytest.mark.parametrize("name", ["Krefeld", "KREFELD", " krefeld ", "DE-krefeld"])
def test_a_city_is_found_by_name_or_id_the_latest_project_first(name: str) -> None:
    rows = [
        part(1, start="2022-01-01"),
        part(2),
        part(3, start="2025-01-01"),
        part(4, "Hamm", start="2026-01-01"),
    ]
    assert [one.project_id for one in book.of_city(rows, name)] == ["3", "1", "2"]
