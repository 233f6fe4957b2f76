"""Recordings of the portal: what loads, what is rejected, how full calls are; and the real ones, counted."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangled import changed, values
from simulated import topic

from vie_match.errors import BadFile, VieMatchError
from vie_match.evaluation import sources
from vie_match.records import Call
from vie_match.vocabulary import ActionType, DeadlineModel, Programme

NEWS = "found no topic or call, only news about one; expected an entry of type 1, 2 or 8"


def answer(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"totalResults": 5000, "results": list(entries)}


def row(number: int, **more: Any) -> dict[str, Any]:
    """A topic as one of the snapshots keeps it."""
    return {
        "topicId": f"LIFE-2027-90-{number}",
        "reference": f"{number}TOPICSen",
        "title": f"Topic {number}",
        "programme": "LIFE",
        "programmeId": "43252405",
        "deadline": "2027-09-07",
        "deadlineModel": "single-stage",
        "typesOfAction": "LIFE Project Grants",
        "description": "Towns plant trees.",
        "portalUrl": f"https://portal.example/{number}",
    } | more


def write(path: Path, data: Any, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps(data, ensure_ascii=False).encode(encoding))


def only(folder: Path, data: Any) -> sources.Coverage:
    write(folder / "one.json", data)
    [found] = sources.coverage(folder)
    return found


def counts(found: sources.Coverage) -> tuple[int, int, int, int]:
    harvest = found.harvest
    return harvest.offered, len(harvest.calls), len(harvest.rejected), harvest.folded


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_answers_are_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    write(tmp_path / "day" / "page.json", answer(topic(1, title="Grüne Straßen")), encoding)
    [found] = sources.coverage(tmp_path)
    assert (found.name, counts(found)) == (str(Path("day", "page.json")), (1, 1, 0, 0))
    assert found.harvest.calls[0].title == "Grüne Straßen"


def test_copies_are_folded_and_news_rejected_with_their_reason(tmp_path: Path) -> None:
    entries = [topic(1), topic(1, language="sv"), topic(1, type="6"), topic(2, type="6"), topic(3, type="6")]
    found = only(tmp_path, answer(*entries))
    assert counts(found) == (5, 1, 2, 2)
    assert list(sources.reasons([found])) == [("one.json", NEWS, 2)]


@pytest.mark.parametrize("name", ["rows.json", "rows.jsonl", "rows.json.gz", "rows.jsonl.gz"])
def test_snapshots_are_lists_or_lines_packed_or_not(tmp_path: Path, name: str) -> None:
    rows = [row(1), row(2, title="Gleis\u2028zwei")]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in rows) + "\n\n"
    data = (lines if "jsonl" in name else json.dumps(rows)).encode()
    (tmp_path / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    [found] = sources.coverage(tmp_path)
    assert counts(found) == (2, 2, 0, 0)
    assert [call.title for call in found.harvest.calls] == ["Topic 1", "Gleis zwei"]


def test_a_row_of_a_snapshot_becomes_the_same_call_as_an_answer(tmp_path: Path) -> None:
    money = {"budgetMin": 1_000_000, "budgetMax": 2_000_000, "expectedGrants": 4}
    dates = {
        "deadline": "['2027-02-18', '2027-09-15']",
        "opening": "2026-12-10",
        "deadlineModel": "two-stage",
    }
    more = {"topicConditions": "Two towns at least."} | money | dates
    [call] = only(tmp_path, [row(7, **more)]).harvest.calls
    wanted = {
        "identifier": "LIFE-2027-90-7",
        "title": "Topic 7",
        "programme": "LIFE",
        "action_type": "project grant",
        "deadline_model": "two-stage",
        "opening": "2026-12-10",
        "deadlines": ["2027-02-18", "2027-09-15"],
        "grant_min_eur": 1_000_000,
        "grant_max_eur": 2_000_000,
        "expected_grants": 4,
        "language": "en",
        "url": (
            "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/"
            "topic-details/LIFE-2027-90-7"
        ),
        "source": "Funding & Tenders Portal",
        "conditions": "Two towns at least.",
        "text": "Towns plant trees.",
    }
    assert call == Call.model_validate(wanted)


def test_kinds_of_entries_are_told_apart(tmp_path: Path) -> None:
    rows = [
        row(1),
        row(1, title2="Sensors for small towns", reference="90811COMPETITIVE_CALLen"),
        row(2, topicId="EuropeAid/990909/DD/ACT/ZZ", reference="990909PROSPECTSEN", programmeId="111111"),
    ]
    calls = only(tmp_path, rows).harvest.calls
    assert [call.identifier for call in calls] == [
        "LIFE-2027-90-1",
        "LIFE-2027-90-1/cascade-90811",
        "EuropeAid/990909/DD/ACT/ZZ",
    ]
    assert [call.action_type for call in calls][1] is ActionType.CASCADE_FUNDING
    assert calls[1].title == "Topic 1"
    assert calls[2].url == "https://portal.example/2"


def test_a_snapshot_may_name_programmes_instead_of_numbers(tmp_path: Path) -> None:
    named = {"source": "a snapshot", "programmeId": None}
    rows = [
        row(1, **named, topicId=None, identifier="BRIDGE-1", programme="Digital Europe Programme (DIGITAL)"),
        row(2, **named, topicId=None, identifier="BRIDGE-2", programme="Somebody Else"),
    ]
    found = only(tmp_path, rows)
    assert [call.programme for call in found.harvest.calls] == [Programme.DIGITAL, Programme.OTHER]


def test_how_full_the_calls_are(tmp_path: Path) -> None:
    rows = [
        row(1, budgetMax=1, opening="2027-01-01", topicConditions="Two towns."),
        row(2, topicId="BRIDGE-2", programmeId=None, programme=None, typesOfAction="Something"),
        row(3, deadline=None, description=None),
        row(
            4, topicId="BRIDGE-4", reference="4PROSPECTSEN", programmeId="1", deadlineModel="", portalUrl=None
        ),
    ]
    assert only(tmp_path, rows).filled == {
        "programme": 0.5,
        "action_type": 0.75,
        "deadline_model": 0.5,
        "opening": 0.25,
        "deadlines": 0.75,
        "budget_total_eur": 0,
        "grant_max_eur": 0.25,
        "expected_grants": 0,
        "conditions": 0.25,
        "url": 0.75,
        "text": 0.75,
    }


def test_where_nothing_loads_nothing_is_full(tmp_path: Path) -> None:
    assert set(only(tmp_path, answer(topic(1, type="6"))).filled.values()) == {0}


def test_json_of_other_kinds_is_passed_over_and_order_is_that_of_paths(tmp_path: Path) -> None:
    others = [
        [],
        {},
        5,
        "text",
        None,
        [1, 2],
        [{"identifier": "x"}],
        [row(1), {"title": "x"}],
        {"calls": [row(1)]},
    ]
    for number, data in enumerate(others):
        write(tmp_path / f"other{number}.json", data)
    (tmp_path / "notes.txt").write_text("[", encoding="utf-8")
    write(tmp_path / "b" / "x.json", [row(1)])
    write(tmp_path / "a" / "y.json", answer(topic(1)))
    found = sources.coverage(tmp_path)
    assert [one.name for one in found] == [str(Path("a", "y.json")), str(Path("b", "x.json"))]


def test_a_folder_without_recordings_is_told(tmp_path: Path) -> None:
    write(tmp_path / "other.json", {})
    with pytest.raises(BadFile, match="no recording"):
        sources.coverage(tmp_path)
    with pytest.raises(BadFile, match="no recording"):
        sources.coverage(tmp_path / "missing")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("one.json", b"{"),
        ("one.json", b"\xff\xfe\xff"),
        ("one.json", b"[" * 100_000),
        ("one.jsonl", b"{}\n{"),
        ("one.json.gz", b"no gzip"),
        ("one.json.gz", gzip.compress(b"[1, 2, 3]" * 99, mtime=0)[:-9]),
        ("one.json.gz", gzip.compress(b"[1]", mtime=0)[:10] + b"\xff" * 20),
        ("one.jsonl.gz", gzip.compress(b"{", mtime=0)),
    ],
)
def test_a_broken_recording_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadFile, match=name):
        sources.coverage(tmp_path)


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        values,
        changed([[row(1), row(2, title2="x")], answer(topic(1), topic(2))]),
        st.lists(st.dictionaries(st.sampled_from(list(row(1, source="x", title2="x"))), values), max_size=2),
    )
)
def test_raises_nothing_but_its_own_errors(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.mktemp("recordings") / "one.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    try:
        [found] = sources.coverage(path.parent)
    except VieMatchError:
        return
    assert found.harvest.offered > 0


Recording = Callable[[str], sources.Coverage]


@pytest.fixture
def recording(root: Path, tmp_path: Path) -> Recording:
    """Reads one recording that lies beside the repository."""

    def read(name: str) -> sources.Coverage:
        path = root.parent / "shared" / name
        if not path.exists():
            pytest.skip(f"{name} is not there")
        shutil.copy(path, tmp_path)
        [found] = sources.coverage(tmp_path)
        return found

    return read


RAW = {
    "api-debug-full.json": (5, 1, 0, 4),
    "api_test.json": (10, 1, 1, 8),
    "eu-api-topic-response.json": (10, 0, 10, 0),
    "eu_api_response.json": (5, 1, 0, 4),
}


@pytest.mark.parametrize(("name", "wanted"), RAW.items())
def test_every_entry_of_the_recorded_answers_is_accounted_for(
    recording: Recording, name: str, wanted: tuple[int, ...]
) -> None:
    found = recording(f"sources/funding_tenders_raw/{name}")
    assert counts(found) == wanted
    assert [reason for _, reason, _ in sources.reasons([found])] == ([NEWS] if wanted[2] else [])
    for call in found.harvest.calls:
        plain = call.flat()
        assert re.match(r"## Expected Outcome\n\n(- \w[^\n]+\n)+\n## Scope\n\n\w", call.text)
        assert re.match(r"## General conditions\n\n## 1\. \w", call.conditions)
        assert not re.search(r"<[a-z/]", call.text + call.conditions)
        facts = {
            "identifier": "HORIZON-CL4-2025-04-DATA-03",
            "programme": "HORIZON",
            "action_type": "RIA",
            "deadline_model": "single-stage",
            "opening": "2025-06-10",
            "deadlines": ["2025-10-02"],
            "budget_total_eur": 15_000_000,
            "grant_min_eur": 4_000_000,
            "grant_max_eur": 6_000_000,
            "expected_grants": 3,
            "language": "en",
        }
        assert {field: plain[field] for field in facts} == facts


def test_every_topic_of_the_snapshot_with_conditions_becomes_a_call(recording: Recording, root: Path) -> None:
    found = recording("data/portal_conditions.jsonl.gz")
    assert counts(found) == (629, 629, 0, 0)
    with gzip.open(
        root.parent / "shared" / "data" / "portal_conditions.jsonl.gz", "rt", encoding="utf-8"
    ) as lines:
        rows = [json.loads(line) for line in lines]
    calls = found.harvest.calls
    assert [call.identifier for call in calls] == [row["topicId"] for row in rows]
    assert [[str(day) for day in call.deadlines] for call in calls] == [[row["deadline"]] for row in rows]
    assert Counter(call.deadline_model for call in calls) == {
        DeadlineModel.SINGLE_STAGE: 577,
        DeadlineModel.TWO_STAGE: 28,
        DeadlineModel.NOT_STATED: 21,
        DeadlineModel.MULTIPLE_CUT_OFF: 3,
    }
    assert [call.budget.grant_max_eur for call in calls] == [row["budgetMax"] or None for row in rows]
    assert (
        sum(bool(call.conditions) for call in calls)
        == sum(bool(row["topicConditions"]) for row in rows)
        == 608
    )
    assert sum(call.programme is Programme.OTHER for call in calls) == 2


def test_an_extract_of_cordis_becomes_participations_of_cities(tmp_path: Path) -> None:
    town = {
        "name": "STADT KREFELD",
        "role": "participant",
        "country": "DE",
        "city": "Krefeld",
        "netEc": "250",
    }
    works = town | {"name": "STADTWERKE KREFELD GMBH"}
    project = {
        "id": "1",
        "acronym": "SHADE",
        "topic": {"code": "T-1"},
        "municipal_orgs": [town, works],
        "n_orgs": 9,
    }
    (tmp_path / "extract.jsonl").write_text(json.dumps(project) + "\n", encoding="utf-8")
    [found] = sources.coverage(tmp_path)
    assert found.counts == (2, 1, 1, 0)
    [part] = found.harvest.participations
    assert (part.city_id, part.project_id, part.topic) == ("DE-krefeld", "1", "T-1")
    assert (part.contribution_eur, part.participants) == (250, 9)
    assert found.filled["topic"] == 1
    assert found.filled["start"] == 0
