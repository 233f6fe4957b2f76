"""CORDIS's archives, of tables and of XML, become participations; each field has a test of its own."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from replay import Answer, ReplayServer, answer, cut_off, html_instead, page

from vie_match.errors import BadFile, SourceChanged, SourceDown, SourceRefused, VieMatchError
from vie_match.track import cordis, dumps
from vie_match.track.columns import Columns
from vie_match.track.cordis_xml import parse_project
from vie_match.track.gathering import TrackHarvest
from vie_match.track.records import COLUMNS, ParticipantRole
from vie_match.web.session import Session

PAGES = Path(__file__).parent / "pages" / "cordis"
CASES = sorted(folder.name for folder in PAGES.iterdir())
TODAY = dt.date(2026, 11, 24)


def contents(case: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in PAGES.joinpath(case).iterdir() if path.suffix != ".json"}


def archive(files: Mapping[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return packed.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Mapping[str, bytes | str]], TrackHarvest]:
    def from_files(files: Mapping[str, bytes | str]) -> TrackHarvest:
        path = tmp_path / "dump.zip"
        path.write_bytes(archive(files))
        return cordis.read(path)

    return from_files


@pytest.fixture(scope="module")
def harvests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TrackHarvest]:
    found = {}
    for case in CASES:
        path = tmp_path_factory.mktemp(case) / "dump.zip"
        path.write_bytes(archive(contents(case)))
        found[case] = cordis.read(path)
    return found


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
    assert harvest.folded == expected(case)["folded"]
    assert harvest.offered == len(harvest.participations) + len(harvest.rejected) + harvest.folded


def test_rejections_and_doubts_say_why(harvests: dict[str, TrackHarvest]) -> None:
    harvest = harvests["tables"]
    reasons = {one.key: one.reason for one in harvest.rejected}
    assert "more or fewer cells" in reasons["organization.csv, line 19"]
    assert "hostInstitution" in reasons["190000002 COMUNE DI PRATO"]
    assert "no readable row in project.csv" in reasons["190000099 GRAD SPLIT"]
    notices = " ".join(harvest.notices)
    assert "13 of 18 organisations' rows are municipalities'" in notices
    assert "places not understood and left unknown: 1; the first: 190000002 OBSHTINA BURGAS" in notices
    bomb = next(one for one in harvests["xml"].rejected if one.key == "bomb.xml")
    assert "document type" in bomb.reason


def test_an_associated_partner_has_no_money_even_where_the_table_says_0(
    harvests: dict[str, TrackHarvest],
) -> None:
    partners = [
        one
        for harvest in harvests.values()
        for one in harvest.participations
        if one.role is ParticipantRole.ASSOCIATED_PARTNER
    ]
    assert len(partners) == 4
    assert {one.contribution_eur for one in partners} == {None}


def fetched(url: str, session: Session) -> TrackHarvest:
    return cordis.fetch(session, url, TODAY)


def zipped(case: str) -> Answer:
    return answer(archive(contents(case)), "application/zip")


def test_both_archives_are_fetched_from_their_folder(
    server: ReplayServer, open_session: Callable[..., Session]
) -> None:
    recent, before = (f"/data/{name}" for name in cordis.DUMPS)
    server.routes |= {recent: zipped("tables"), before: zipped("older")}
    harvest = fetched(f"{server.url}/data/", open_session(server.url))
    assert [request.path for request in server.requests] == [recent, before]
    assert {one.framework for one in harvest.participations} == {"HORIZON", "H2020"}
    assert len(harvest.participations) == 13
    assert any(f"{server.url}{before}: 3 of 4" in notice for notice in harvest.notices)


def test_one_archive_may_be_named(server: ReplayServer, open_session: Callable[..., Session]) -> None:
    server.routes["/h2020.ZIP"] = zipped("older")
    assert len(fetched(f"{server.url}/h2020.ZIP", open_session(server.url)).participations) == 3


@pytest.mark.parametrize(
    ("told", "kind", "message"),
    [
        (page("<h1>CORDIS</h1>"), SourceChanged, "no zip archive"),
        (html_instead(), SourceChanged, "web page"),
        (cut_off(b"PK\x03\x04"), SourceDown, "dump.zip"),
        (answer(archive({"readme.txt": "Moved."}), "application/zip"), SourceChanged, "found readme.txt"),
    ],
)
def test_another_answer_is_an_error_with_the_address(
    told: Answer,
    kind: type[VieMatchError],
    message: str,
    server: ReplayServer,
    open_session: Callable[..., Session],
) -> None:
    server.routes["/dump.zip"] = told
    with pytest.raises(kind, match=message) as error:
        fetched(f"{server.url}/dump.zip", open_session(server.url, attempts=2))
    assert f"{server.url}/dump.zip" in str(error.value)


def test_the_archive_is_not_left_behind(
    server: ReplayServer,
    open_session: Callable[..., Session],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server.routes["/dump.zip"] = zipped("older")
    fetched(f"{server.url}/dump.zip", open_session(server.url))
    assert list(tmp_path.iterdir()) == []


def table(header: str, *rows: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(line.split("|") for line in (header, *rows))
    return text.getvalue()


MEMBERS = "projectID|organisationID|name|activityType|city|country|role|ecContribution"
PROJECTS = "id|acronym|frameworkProgramme|startDate|title"
LEAST = {
    "organization.csv": table(MEMBERS, "1|9|STAD GENT|PUB|Gent|BE|participant|10"),
    "project.csv": table(PROJECTS, "1|A|HORIZON|2024-01-01|Trees"),
}


@pytest.mark.parametrize(
    ("file", "column", "told"),
    [
        ("organization.csv", "projectID", "projectID"),
        ("organization.csv", "name", "name"),
        ("organization.csv", "role", "role"),
        ("organization.csv", "country", "country"),
        ("organization.csv", "city", "city"),
        ("project.csv", "id", "id"),
        ("project.csv", "acronym", "acronym"),
        ("project.csv", "frameworkProgramme", "frameworkProgramme"),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_there(
    read: Callable[..., TrackHarvest], file: str, column: str, told: str
) -> None:
    with pytest.raises(SourceChanged) as error:
        read(LEAST | {file: LEAST[file].replace(f'"{column}"', '"other"', 1)})
    assert f"{file}: found the columns" in str(error.value)
    assert "other" in str(error.value)
    assert f"expected also {told};" in str(error.value)


@pytest.mark.parametrize("column", ["organisationID", "activityType", "ecContribution"])
def test_other_columns_may_be_missing(read: Callable[..., TrackHarvest], column: str) -> None:
    header = LEAST["organization.csv"].replace(f'"{column}"', '"other"', 1)
    (one,) = read(LEAST | {"organization.csv": header}).participations
    assert (one.organisation_id is None) == (column == "organisationID")
    assert (one.contribution_eur is None) == (column == "ecContribution")


@pytest.mark.parametrize("name", ["organization.csv", "project.csv"])
def test_a_missing_table_is_named(read: Callable[..., TrackHarvest], name: str) -> None:
    with pytest.raises(SourceChanged, match=r"expected .*csv"):
        read({other: content for other, content in LEAST.items() if other != name})


def test_an_archive_without_a_municipality_has_changed(read: Callable[..., TrackHarvest]) -> None:
    other = table(MEMBERS, "1|9|ACME|PRC|Gent|BE|participant|10")
    with pytest.raises(SourceChanged, match="no municipality among 1 organisations"):
        read(LEAST | {"organization.csv": other})


def test_an_archive_whose_rows_cannot_be_read_has_changed(read: Callable[..., TrackHarvest]) -> None:
    with pytest.raises(SourceChanged, match="only rows that cannot be read; the first: 1 STAD GENT"):
        read(LEAST | {"project.csv": table(PROJECTS, "2|A|HORIZON|2024-01-01|Trees")})


@pytest.mark.parametrize(
    ("title", "is_whole"),
    [
        ('"""Green"" roofs; walls\nand ""more"""', True),
        ('""Green" roofs"', True),
        ('"Green roofs', False),
    ],
)
def test_quotes_in_a_title_disturb_at_most_their_own_row(
    read: Callable[..., TrackHarvest], title: str, is_whole: bool
) -> None:
    header = '"id";"acronym";"frameworkProgramme";"title";"startDate"\n'
    first = f'"1";"A";"HORIZON";{title};"2024-01-01"\n'
    others = '"2";"B";"HORIZON";"Walls";"2025-01-01"\n"3";"C";"HORIZON";"Walls";"2025-01-01"\n'
    members = table(MEMBERS, *(f"{n}|9|STAD GENT|PUB|Gent|BE|participant|10" for n in (1, 2, 3)))
    harvest = read({"project.csv": header + first + others, "organization.csv": members})
    starts = {one.project_id: str(one.start) for one in harvest.participations}
    assert starts.get("3") == "2025-01-01"
    assert (starts.get("1") == "2024-01-01") is is_whole
    assert harvest.offered == 3


def test_broken_letters_do_not_cost_the_rest(read: Callable[..., TrackHarvest]) -> None:
    members = (
        LEAST["organization.csv"].encode() + b'"1";"8";"Gemeente \xff";"PUB";"Emmen";"NL";"participant";"5"\n'
    )
    harvest = read(LEAST | {"organization.csv": members})
    assert [one.city for one in harvest.participations] == ["Gent", "Emmen"]


@pytest.mark.parametrize("money", ["some", "-5", "1e9", "99999999999999", "1,2,3"])
def test_money_that_is_none_is_unknown_and_noted(read: Callable[..., TrackHarvest], money: str) -> None:
    members = table(MEMBERS, f"1|9|STAD GENT|PUB|Gent|BE|participant|{money}")
    harvest = read(LEAST | {"organization.csv": members})
    assert harvest.participations[0].contribution_eur is None
    assert "amounts not understood and left unknown: 1" in harvest.notices[-1]


def test_a_topic_may_stand_in_a_table_of_its_own(read: Callable[..., TrackHarvest]) -> None:
    (one,) = read(LEAST | {"topics.csv": table("projectID|topic|title", "1|T-1|Trees")}).participations
    assert one.topic == "T-1"


def test_the_table_of_topics_only_fills_gaps(read: Callable[..., TrackHarvest]) -> None:
    projects = table(f"{PROJECTS}|topics", "1|A|HORIZON|2024-01-01|Trees|T-0")
    topics = table("projectID|topic|title", "1|T-1|Trees")
    (one,) = read(LEAST | {"project.csv": projects, "topics.csv": topics}).participations
    assert one.topic == "T-0"


def test_organisations_are_counted_by_their_number(read: Callable[..., TrackHarvest]) -> None:
    others = ("1|7|ACME|PRC|Gent|BE|participant|1", "1|8|ACME|PRC|Gent|BE|participant|1")
    again = ("1|8|ACME GROUP|PRC|Gent|BE|thirdParty|1", "2|6|ELSE|PRC|Gent|BE|participant|1")
    members = table(MEMBERS, "1|9|STAD GENT|PUB|Gent|BE|participant|10", *others, *again)
    (one,) = read(LEAST | {"organization.csv": members}).participations
    assert one.participants == 3


def test_a_programme_we_have_no_name_for_is_other(read: Callable[..., TrackHarvest]) -> None:
    (one,) = read(LEAST | {"project.csv": LEAST["project.csv"].replace("HORIZON", "FP7")}).participations
    assert (one.programme.value, one.framework) == ("OTHER", "FP7")


def test_tables_may_lie_in_a_folder_of_the_archive(read: Callable[..., TrackHarvest]) -> None:
    files = {f"csv/{name}": content for name, content in LEAST.items()}
    assert len(read(files | {"csv/projectDeliverables.csv": "x"}).participations) == 1


@pytest.mark.parametrize(
    "name", ["../organization.csv", "/organization.csv", "C:\\organization.csv", "a/../../b"]
)
def test_a_path_that_leads_outside_is_refused(read: Callable[..., TrackHarvest], name: str) -> None:
    with pytest.raises(SourceRefused, match="leads outside"):
        read(LEAST | {name: "x"})


def test_an_archive_packed_too_tight_is_refused(read: Callable[..., TrackHarvest]) -> None:
    with pytest.raises(SourceRefused, match="too tight"):
        read(LEAST | {"zeros.csv": bytes(3 * 2**20)})


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [("MAX_MEMBERS", 1, "2 members; expected at most 1"), ("MAX_LINE", 20, "line of more than 20")],
)
def test_limits_hold(
    read: Callable[..., TrackHarvest],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    message: str,
) -> None:
    monkeypatch.setattr(dumps, limit, value)
    with pytest.raises((SourceRefused, SourceChanged), match=message):
        read(LEAST)


def test_the_unpacked_size_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "dump.zip"
    path.write_bytes(archive(LEAST))
    with pytest.raises(SourceRefused, match="more than 1e-08 GB"):
        dumps.Dump(path, max_bytes=10)


def test_a_large_xml_file_is_refused(
    read: Callable[..., TrackHarvest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "MAX_FILE_BYTES", 10)
    with pytest.raises(SourceRefused, match="larger file"):
        read(contents("xml"))


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    packed = bytearray(archive(LEAST))
    packed[60] ^= 0xFF
    path = tmp_path / "dump.zip"
    path.write_bytes(packed)
    with pytest.raises(SourceChanged, match="damaged archive"):
        cordis.read(path)


def test_a_missing_file_is_a_bad_file(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        cordis.read(tmp_path / "none.zip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no XML"),
        (b"<project><id>1</id>", "no XML"),
        (b"<project/>", "expected <project> with an <id>"),
        (b"<!DOCTYPE project SYSTEM 'file:///etc/passwd'><project><id>1</id></project>", "document type"),
        ("<!DOCTYPE project [<!ENTITY a 'b'>]><project/>".encode("utf-16"), "document type"),
        (b"<?xml version='1.0' encoding='nonsense'?><project/>", "no XML"),
        (b"<?xml version='1.0' encoding='utf-7'?><project/>", "no XML"),
        (b"<a>" * 200 + b"</a>" * 200, "100 deep"),
        (b"<project><id>&unknown;</id></project>", "no XML"),
    ],
)
def test_what_is_no_project_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(SourceChanged, match=message) as error:
        parse_project(content, "1.xml")
    assert str(error.value).startswith("1.xml: ")


def test_xml_without_a_municipality_has_changed(read: Callable[..., TrackHarvest]) -> None:
    with pytest.raises(SourceChanged, match="no municipality in 1 files"):
        read({"1.xml": b"<project><id>1</id></project>"})


XML = contents("xml")["190000021.xml"]


@given(st.binary() | st.text().map(str.encode))
@example(XML)
def test_any_bytes_as_xml_are_a_project_or_an_error_of_ours(content: bytes) -> None:
    with contextlib.suppress(SourceChanged):
        parse_project(content, "1.xml")


@given(st.data())
@settings(deadline=None)
def test_mutated_xml_is_a_project_or_an_error_of_ours(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(XML)))
    piece = data.draw(st.sampled_from([b"", b"<", b"&", b"\xff", b"]]>", b"<id>", b"9" * 500, b'"', b"\0"]))
    mutated = XML[:at] + piece + XML[at + data.draw(st.integers(0, 200)) :]
    with contextlib.suppress(SourceChanged):
        grant, members = parse_project(mutated, "1.xml")
        assert all(member.project_id == grant.project_id for member in members)


def mutations(data: st.DataObject, whole: bytes) -> bytes:
    """Delete, swap, repeat or replace a piece."""
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 300)))
    piece = whole[start:end]
    new = data.draw(
        st.sampled_from(
            [b"", piece[::-1], piece * 3, b'"', b"\n", b";", b'";"', b"\0", b"\xff\xfe", b"9" * 400]
        )
    )
    return whole[:start] + new + whole[end:]


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_mutated_tables_are_a_harvest_or_an_error_of_ours(tmp_path: Path, data: st.DataObject) -> None:
    files = contents(data.draw(st.sampled_from(["tables", "older"])))
    name = data.draw(st.sampled_from(sorted(files)))
    path = tmp_path / "dump.zip"
    path.write_bytes(archive(files | {name: mutations(data, files[name])}))
    with contextlib.suppress(SourceChanged, SourceRefused):
        harvest = cordis.read(path)
        assert harvest.offered == len(harvest.participations) + len(harvest.rejected) + harvest.folded


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_mutated_archives_are_a_harvest_or_an_error_of_ours(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "dump.zip"
    path.write_bytes(mutations(data, archive(contents(data.draw(st.sampled_from(CASES))))))
    with contextlib.suppress(SourceChanged, SourceRefused, BadFile):
        cordis.read(path)


@given(st.text())
def test_any_text_as_a_table_is_rows_or_an_error_of_ours(text: str) -> None:
    columns = Columns({"name": ("name", "title")}, required=())
    with contextlib.suppress(SourceChanged):
        assert all(row is None or set(row) <= {"name"} for _, row in columns.rows(io.StringIO(text), "x"))


def many_rows(count: int) -> Iterator[str]:
    """Organisations as a dump has them: mostly others, few municipalities, in no order."""
    dice = random.Random(7)
    for number in range(count):
        name, kind = ("STAD GENT", "PUB") if number % 500 == 0 else (f"COMPANY {dice.random()}", "PRC")
        yield f"{dice.randrange(count // 8)}|{number}|{name}|{kind}|Gent|BE|participant|{number}"


def test_a_large_archive_needs_little_memory(tmp_path: Path) -> None:
    count = 40_000
    path = tmp_path / "dump.zip"
    objective = "Streets get trees. " * 20
    projects = (f"{n}|P{n}|HORIZON|2024-01-01|{n} {objective}" for n in range(count // 8))
    path.write_bytes(
        archive(
            {"organization.csv": table(MEMBERS, *many_rows(count)), "project.csv": table(PROJECTS, *projects)}
        )
    )
    tracemalloc.start()
    try:
        harvest = cordis.read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(harvest.participations) + harvest.folded == count // 500
    assert peak < 3 * 2**20
