"""Exports of keep.eu, as workbook and as CSV, become participations; each field has a test of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.errors import BadFile, BadValue
from vie_match.track import cells, keep, sheets
from vie_match.track.gathering import TrackHarvest
from vie_match.track.records import COLUMNS

PAGES = Path(__file__).parent / "pages" / "keep"
CASES = sorted(folder.name for folder in PAGES.iterdir())

Rows = Sequence[Sequence[object]]


def cell(value: object) -> object:
    """Return what a workbook holds: JSON has no moments."""
    is_moment = isinstance(value, str) and value.endswith("T00:00:00")
    return dt.datetime.fromisoformat(str(value)) if is_moment else value


def workbook(path: Path, content: Mapping[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in content.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell(value) for value in row])
    book.save(path)
    return path


def content(case: str) -> dict[str, list[list[object]]]:
    return json.loads((PAGES / case / "book.json").read_text(encoding="utf-8"))


def harvest_of(case: str, folder: Path) -> TrackHarvest:
    if (PAGES / case / "book.json").exists():
        return keep.read(workbook(folder / "book.xlsx", content(case)))
    return keep.read(PAGES / case / "partners.csv", PAGES / case / "projects.csv")


@pytest.fixture(scope="module")
def harvests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TrackHarvest]:
    return {case: harvest_of(case, tmp_path_factory.mktemp(case)) for case in CASES}


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Mapping[str, Rows]], TrackHarvest]:
    return lambda content: keep.read(workbook(tmp_path / "book.xlsx", content))


def expected(case: str) -> dict[str, list[dict[str, object]]]:
    return json.loads((PAGES / case / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("field", COLUMNS)
def test_field(harvests: dict[str, TrackHarvest], case: str, field: str) -> None:
    found = [one.model_dump(mode="json")[field] for one in harvests[case].participations]
    assert found == [one[field] for one in expected(case)["participations"]]


@pytest.mark.parametrize("case", CASES)
def test_what_did_not_load_is_accounted_for(harvests: dict[str, TrackHarvest], case: str) -> None:
    harvest = harvests[case]
    assert [one.key for one in harvest.rejected] == expected(case)["rejected"]
    assert (harvest.folded, list(harvest.notices)) == (expected(case)["folded"], expected(case)["notices"])
    assert harvest.offered == len(harvest.participations) + len(harvest.rejected) + harvest.folded


PARTNERS = ["Programme", "Project acronym", "Organisation in English", "Lead partner", "Country code", "Town"]
EMMEN = ["Interreg North", "WET", "Gemeente Emmen", "No", "NL", "Emmen"]


@pytest.mark.parametrize("missing", ["Programme", "Project acronym", "Organisation in English"])
def test_a_missing_column_is_named_with_those_that_are_there(
    read: Callable[..., TrackHarvest], missing: str
) -> None:
    header = ["Other" if title == missing else title for title in PARTNERS]
    with pytest.raises(BadFile) as error:
        read(
            {
                "Search results, projects": [["Programme", "Acronym"]],
                "Search results, partners": [header, EMMEN],
            }
        )
    (fault,) = error.value.faults
    assert "sheet 'Search results, partners' with the columns" in fault.found
    assert "Other" in fault.found
    assert fault.expected.startswith(f"also {missing};")


def test_a_workbook_without_partners_is_a_bad_file(read: Callable[..., TrackHarvest]) -> None:
    with pytest.raises(BadFile, match="with the columns none; expected also Programme, Project acronym"):
        read({"Sheet": []})


def test_without_a_sheet_of_projects_days_are_unknown(read: Callable[..., TrackHarvest]) -> None:
    harvest = read({"Partners": [PARTNERS, EMMEN]})
    assert harvest.participations[0].start is None
    assert harvest.notices == ("no sheet of projects: their dates are unknown",)


def test_an_acronym_alone_does_not_join(read: Callable[..., TrackHarvest]) -> None:
    projects = [
        ["Programme", "Project acronym", "Project start"],
        ["Interreg South", "WET", "2020/01/01"],
        ["Interreg North", "WET", "2021/01/01"],
    ]
    harvest = read({"Partners": [PARTNERS, EMMEN, ["Interreg South", *EMMEN[1:]]], "Projects": projects})
    assert [str(one.start) for one in harvest.participations] == ["2021-01-01", "2020-01-01"]
    assert len({one.project_id for one in harvest.participations}) == 2


def test_a_partner_listed_twice_is_folded(read: Callable[..., TrackHarvest]) -> None:
    harvest = read({"Partners": [PARTNERS, EMMEN, EMMEN]})
    assert (len(harvest.participations), harvest.folded) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("Local public authority", True),
        ("Public", True),
        ("N.a.", True),
        ("SME", False),
        ("Private", False),
        ("Non-public", False),
        ("not public", False),
        ("Interest groups including NGOs", False),
    ],
)
def test_the_kind_of_organisation_may_speak_against_it(
    read: Callable[..., TrackHarvest], kind: str, counts: bool
) -> None:
    harvest = read({"Partners": [[*PARTNERS, "Type of Organisation"], [*EMMEN, kind]]})
    assert bool(harvest.participations) is counts


@pytest.mark.parametrize(
    ("country", "nuts", "found"),
    [
        ("NL", "", "NL"),
        ("gr", "", None),
        ("GR", "", "EL"),
        ("Germany", "", "DE"),
        ("Türkiye", "", "TR"),
        ("DE / Germany", "", "DE"),
        ("", "EL522  / Thessaloniki", "EL"),
        ("N.a.", "UKN06", "UK"),
        ("Atlantis", "", None),
    ],
)
def test_the_country_is_known_by_code_name_or_nuts(
    read: Callable[..., TrackHarvest], country: str, nuts: str, found: str | None
) -> None:
    row = [*EMMEN[:4], country, "Emmen", nuts]
    harvest = read({"Partners": [[*PARTNERS, "NUTS3"], row]})
    assert [one.country for one in harvest.participations] == ([found] if found else [])
    assert len(harvest.rejected) == (0 if found else 1)


def test_the_budget_of_a_partner_is_not_the_eus_money(read: Callable[..., TrackHarvest]) -> None:
    header = [*PARTNERS, "Partner's total eligible budget / expenditure"]
    (one,) = read({"Partners": [header, [*EMMEN, "892,228.58"]]}).participations
    assert one.contribution_eur is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_with_any_mark_and_in_both_encodings(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    path = tmp_path / "partners.CSV"
    rows = [PARTNERS, ["Interreg Österreich", *EMMEN[1:]]]
    path.write_text("\n".join(delimiter.join(row) for row in rows), encoding=encoding)
    (one,) = keep.read(path).participations
    assert (one.framework, one.city) == ("Interreg Österreich", "Emmen")


def test_files_that_are_no_export_are_bad_files(tmp_path: Path) -> None:
    for name, raw, message in [
        ("book.xls", b"", "ending in '.xls'; expected a workbook .xlsx, or a .csv"),
        ("book.xlsx", b"<html>Not found</html>", "no zip archive"),
        ("book.csv", b"", "columns none"),
        ("other.csv", b'a;"b\n' + b"x" * 200_000, "field larger"),
    ]:
        path = tmp_path / name
        path.write_bytes(raw)
        with pytest.raises(BadFile) as error:
            keep.read(path)
        assert message in str(error.value)
    for name in ("none.xlsx", "none.csv"):
        with pytest.raises(BadFile, match="No such file"):
            keep.read(tmp_path / name)


def test_a_zip_that_is_no_workbook_is_a_bad_file(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "Moved.")
    with pytest.raises(BadFile, match="damaged file"):
        keep.read(path)


def test_a_document_type_in_a_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", {"Partners": [PARTNERS, EMMEN]})
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("xl/extra.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(BadFile, match=r"document type in xl/extra\.xml"):
        keep.read(path)


@pytest.mark.parametrize(("limit", "suffix"), [("MAX_UNPACKED_BYTES", ".xlsx"), ("MAX_CSV_BYTES", ".csv")])
def test_sizes_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, suffix: str) -> None:
    path = workbook(tmp_path / "book.xlsx", {"Partners": [PARTNERS, EMMEN]}).replace(
        tmp_path / f"book{suffix}"
    )
    monkeypatch.setattr(sheets, limit, 100)
    with pytest.raises(BadFile, match=r"more than 1e-07 GB|at most 0 MB"):
        keep.read(path)


def test_a_wrong_size_in_the_sheet_does_not_cost_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", {"Partners": [PARTNERS, EMMEN]})
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = "xl/worksheets/sheet1.xml"
    assert b'ref="A1:F2"' in parts[name]
    parts[name] = parts[name].replace(b'ref="A1:F2"', b'ref="A1"')
    with zipfile.ZipFile(path, "w") as file:
        for part, raw in parts.items():
            file.writestr(part, raw)
    assert len(keep.read(path).participations) == 1


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
def test_mutated_workbooks_are_a_harvest_or_a_bad_file(tmp_path: Path, data: st.DataObject) -> None:
    path = workbook(tmp_path / "book.xlsx", content("copy"))
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    whole = parts[name]
    start = data.draw(st.integers(0, len(whole)))
    piece = whole[start : start + data.draw(st.integers(0, 120))]
    new = data.draw(
        st.sampled_from([b"", piece[::-1], piece * 2, b"<a>" * 300, b"9" * 400, b"&", b"\xff", b'"'])
    )
    parts[name] = whole[:start] + new + whole[start + len(piece) :]
    if data.draw(st.booleans()):
        del parts[data.draw(st.sampled_from(sorted(parts)))]
    with zipfile.ZipFile(path, "w") as file:
        for part, raw in parts.items():
            file.writestr(part, raw)
    with contextlib.suppress(BadFile):
        harvest = keep.read(path)
        assert harvest.offered == len(harvest.participations) + len(harvest.rejected) + harvest.folded


@given(st.binary(max_size=300), st.sampled_from([".csv", ".xlsx"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_a_harvest_or_a_bad_file(tmp_path: Path, raw: bytes, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(raw)
    with contextlib.suppress(BadFile):
        keep.read(path)


anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.text()
)


@given(anything | st.text("0123456789.,-/ €", max_size=30) | st.integers(10**400, 10**401))
def test_any_cell_is_a_value_unknown_or_refused(value: object) -> None:
    for read in (cells.day, cells.point, lambda one: cells.euro(one, grouped=True)):
        with contextlib.suppress(BadValue):
            read(value)
    assert cells.nuts3(value) is None or len(cells.nuts3(value) or "") == 5
    assert isinstance(cells.coded(value), tuple)


@pytest.mark.parametrize(
    ("text", "grouped", "value"),
    [
        ("892,228.58", True, 892229),
        ("892.228,58", True, 892229),
        ("892,228", True, 892228),
        ("892,228", False, 892),
        ("892.228", True, 892228),
        ("1 234 567,5", True, 1234568),
        ("€ 80'000", True, 80000),
        ("80000 EUR", True, 80000),
        ("0,125", True, 0),
        ("1234,567", True, 1235),
        (758394.29, True, 758394),
        (0, True, 0),
        ("N.a.", True, None),
        (None, True, None),
    ],
)
def test_amounts_are_read_in_both_notations(text: object, grouped: bool, value: int | None) -> None:
    assert cells.euro(text, grouped=grouped) == value


@pytest.mark.parametrize("text", ["-5", "5,5,5", "1.2.3", "five", "12,34.56,78", "1e5", True, "9" * 30])
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(BadValue, match="is no amount"):
        cells.euro(text, grouped=True)


@pytest.mark.parametrize("text", ["2016/13/01", "0000-00-00", "1889-01-01", "27th of May", "2015", 2015])
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(BadValue, match="is no day"):
        cells.day(text)


@pytest.mark.parametrize("text", ["91,0", "1", "1,2,3", "north,east", "nan,1", "inf,0"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is no place"):
        cells.point(text)


def test_the_middle_of_the_ocean_is_unknown() -> None:
    assert cells.point("0,0") is None
