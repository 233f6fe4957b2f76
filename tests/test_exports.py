"""Calls in other programs' files: what is written comes back the same, what is broken says where."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vie_match import exports
from vie_match.countries import COUNTRIES
from vie_match.errors import BadFile, BadValue, Fault
from vie_match.exports import FORMS, read, write
from vie_match.formats import rows
from vie_match.records import Call
from vie_match.sources.files import load_calls
from vie_match.tables import CALL_COLUMNS
from vie_match.vocabulary import (
    LANGUAGES,
    ActionType,
    Applicant,
    CountryGroup,
    DeadlineModel,
    Programme,
    Theme,
)

MakeCall = Callable[..., Call]
ENDINGS = sorted(FORMS)
PACKED = [".parquet", ".xlsx"]


@pytest.fixture
def full(make_call: MakeCall) -> Call:
    return make_call(
        "FULL-2027",
        title='=Kühle Straßen; Σήμερα, "now"',
        action_type="IA",
        deadline_model="two-stage",
        deadlines=["2027-02-01", "2027-10-07 14:00"],
        budget_total_eur=10_000_000,
        grant_min_eur=0,
        grant_max_eur=2_000_000,
        expected_grants=5,
        cofunding_rate=0.1 + 0.2,
        eligible_applicants=["local_authority", "sme"],
        eligible_countries=["EU27", "NO"],
        min_participants=3,
        min_countries=2,
        consortium_note="+One city\tleads.",
        themes=["heat", "water"],
        language="de",
        conditions="- first\r\n- second\r",
        text="Trees.\n\n- shade\u2028- water _x000D_ \x00\x1f\ufffe",
    )


# --- what is written comes back ----------------------------------------------------------------

_NASTY = st.sampled_from(
    [
        *"=+-@\t\r\n'\"`,;|_\\ \x00\x0b\x1f\x7f\x85\xa0\u2028\ufeff\ufffd\ufffe\uffff\U0001f333\U0010ffff",
        "''",
        "'=",
        "_x000D_",
        "_x005F_",
        "_x00",
        "x0041_",
        "x005F_",
        "&#13;",
        "]]>",
        "<t>",
        "null",
        "[]",
        "#N/A",
        "TRUE",
        "1e5",
        "2027-10-07",
    ]
)
_TEXTS = st.lists(_NASTY | st.text(st.characters(codec="utf-8"), max_size=4), max_size=6).map("".join)
_LINES = _TEXTS.filter(str.strip)
_SOMETIMES_LONG = st.builds(
    lambda text, length: text * (length // len(text) + 1), _LINES, st.sampled_from([0] * 9 + [33_000, 70_000])
)
_DAYS = st.dates() | st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1))
_MOMENTS = st.builds(
    "{} {:02}:{:02}:{:02}".format,
    st.dates(dt.date(1990, 1, 2), dt.date(2100, 12, 30)),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
)
_DEADLINES = st.lists(
    st.dates(dt.date(2025, 1, 1), dt.date(2035, 1, 1)).map(str)
    | _MOMENTS
    | st.sampled_from(["2027-03-28 02:30", "2027-10-31 02:30", "2027-10-07 17:00", "2027-10-07 00:00"]),
    max_size=4,
).map(lambda texts: sorted(texts, key=lambda text: text if " " in text else f"{text} 17:00"))
_EUROS = st.none() | st.integers(0, 10**12)
_COUNTS = st.none() | st.integers(1, 10_000)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "identifier": _LINES,
    "title": _LINES,
    "programme": st.sampled_from(Programme),
    "action_type": st.sampled_from(ActionType),
    "deadline_model": st.sampled_from(DeadlineModel),
    "opening": st.none() | _DAYS,
    "deadlines": _DEADLINES,
    "budget_total_eur": _EUROS,
    "grant_min_eur": _EUROS,
    "grant_max_eur": _EUROS,
    "expected_grants": _COUNTS,
    "cofunding_rate": st.none() | st.floats(0, 1) | st.sampled_from([0.1, 0.1 + 0.2, 5e-324, 1 / 3]),
    "eligible_applicants": st.lists(st.sampled_from(Applicant), max_size=3),
    "eligible_countries": st.lists(st.sampled_from([*sorted(COUNTRIES), *CountryGroup]), max_size=3),
    "min_participants": _COUNTS,
    "min_countries": _COUNTS,
    "consortium_note": _TEXTS,
    "themes": st.lists(st.sampled_from(Theme), max_size=3),
    "language": st.sampled_from(sorted(LANGUAGES)),
    "url": st.none() | _TEXTS.map(lambda text: f"https://example.org/{text}"),
    "source": _TEXTS,
    "source_date": st.none() | _DAYS,
    "conditions": _SOMETIMES_LONG | st.just(""),
    "text": _SOMETIMES_LONG,
}


def _call(fields: dict[str, Any]) -> Call | None:
    """Return a call with the fields, those that contradict each other mended; None if that is not enough."""
    low, high = fields["grant_min_eur"], fields["grant_max_eur"]
    if low is not None and high is not None:
        fields |= {"grant_min_eur": min(low, high), "grant_max_eur": max(low, high)}
    if not fields["deadlines"]:
        fields |= {"deadline_model": DeadlineModel.NOT_STATED}
    try:
        return Call.model_validate(fields)
    except ValidationError:
        return None


_CALLS: st.SearchStrategy[list[Call]] = st.lists(
    st.fixed_dictionaries(_FIELDS).map(_call).filter(bool),
    max_size=3,
    unique_by=lambda call: call.identifier.casefold() if call else None,
)


def test_the_strategy_draws_every_field() -> None:
    assert set(_FIELDS) == set(CALL_COLUMNS)


@pytest.mark.parametrize("ending", ENDINGS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
@given(calls=_CALLS)
def test_what_is_written_comes_back_the_same(tmp_path: Path, ending: str, calls: list[Call]) -> None:
    write(calls, tmp_path / f"calls{ending}")
    assert read(tmp_path / f"calls{ending}") == calls


def test_a_call_with_everything_and_the_repositorys_own_come_back(
    tmp_path: Path, root: Path, full: Call
) -> None:
    calls = [full, *load_calls(root / "calls")]
    for ending in ENDINGS:
        write(calls, tmp_path / f"calls{ending}")
        assert read(tmp_path / f"calls{ending}") == calls, ending


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_calls_make_a_file_without_calls(tmp_path: Path, ending: str) -> None:
    write([], tmp_path / "new" / f"x{ending}")
    assert read(tmp_path / "new" / f"x{ending}") == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_replaced_and_no_other_is_left(tmp_path: Path, make_call: MakeCall, ending: str) -> None:
    path = tmp_path / f"x{ending.upper()}"
    write([make_call("OLD")], path)
    write(iter([make_call("NEW")]), str(path))
    assert [call.identifier for call in read(str(path))] == ["NEW"]
    assert list(tmp_path.iterdir()) == [path]


# --- names ------------ ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x", "x.xls", "x.csv.gz", ".csv", "x.jsonlines"])
def test_another_ending_is_refused_with_the_list(tmp_path: Path, make_call: MakeCall, name: str) -> None:
    for act in (lambda path: write([make_call()], path), read):
        with pytest.raises(BadValue, match=r"\.csv, \.json, \.jsonl, \.parquet, \.xlsx"):
            act(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_two_calls_of_one_identifier_are_not_written(tmp_path: Path, make_call: MakeCall) -> None:
    with pytest.raises(BadValue, match="'x-1'"):
        write([make_call("X-1"), make_call("x-1")], tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


# --- what is broken ----------------------------------------------------------------------------


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(BadFile) as caught:
        read(path)
    return list(caught.value.faults)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_missing_file_is_a_fault(tmp_path: Path, ending: str) -> None:
    (fault,) = faults_of(tmp_path / f"x{ending}")
    assert "No such file" in fault.found


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_above_the_limit_is_not_opened(
    tmp_path: Path, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    write([make_call()], tmp_path / f"x{ending}")
    monkeypatch.setattr(rows, "MAX_BYTES", 100)
    (fault,) = faults_of(tmp_path / f"x{ending}")
    assert (fault.line, fault.expected) == (None, "at most 0 MB")


def edited(path: Path, changes: dict[str, object], ending: str, make_call: MakeCall) -> Path:
    """Write three calls to a file, the middle one changed so that it is none, by way of their flat form."""
    flat = [make_call(f"X-{number}", text="Trees.\nShade.").flat() for number in range(3)]
    flat[1] |= changes
    target = path / f"x{ending}"
    if ending == ".jsonl":
        target.write_text("\n".join(map(json.dumps, flat)), encoding="utf-8")
    elif ending == ".parquet":
        pq.write_table(pa.Table.from_pylist(flat), target)
    else:
        write([make_call(f"X-{number}", text="Trees.\nShade.") for number in range(3)], target)
        document = json.loads(target.read_bytes())
        document["items"][1]["customFields"]["vieMatchCall"]["value"] |= changes
        target.write_text(json.dumps(document), encoding="utf-8")
    return target


@pytest.mark.parametrize(("ending", "place"), [(".jsonl", "2"), (".parquet", "2"), (".json", "items[1] ")])
def test_all_faults_of_a_row_are_told_with_their_place(
    tmp_path: Path, make_call: MakeCall, ending: str, place: str
) -> None:
    changes = {"programme": "LIVE", "grant_max_eur": -5, "opening": "soon"}
    found = faults_of(edited(tmp_path, changes, ending, make_call))
    wanted = ["programme: 'LIVE'", "opening: 'soon'", "grant_max_eur: -5"]
    if place.isdecimal():
        assert [(str(fault.line), fault.found) for fault in found] == [(place, text) for text in wanted]
    else:
        assert [fault.found for fault in found] == [place + text for text in wanted]
    assert "LIFE" in found[0].expected
    assert "2026-11-24" in found[1].expected


@pytest.mark.parametrize("ending", [".jsonl", ".parquet", ".json"])
def test_identifiers_that_differ_in_case_are_the_same(
    tmp_path: Path, make_call: MakeCall, ending: str
) -> None:
    (fault,) = faults_of(edited(tmp_path, {"identifier": "x-0"}, ending, make_call))
    assert "identifier 'x-0' a second time" in fault.found
    assert "each call once" in fault.expected


def test_the_broken_line_of_json_lines_is_named_and_the_others_are_checked(
    tmp_path: Path, make_call: MakeCall
) -> None:
    good = json.dumps(make_call().flat())
    lines = [good, "", '{"identifier": ', "[" * 100_000, "5", "{}", '{"identifier": "\\ud800"}']
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = faults_of(tmp_path / "x.jsonl")
    assert [fault.line for fault in found if "no JSON" in fault.found or fault.found == "5"] == [3, 4, 5]
    assert [fault.found for fault in found if fault.line == 6] == [
        "no identifier",
        "no title",
        "no programme",
        "no text",
    ]
    assert "identifier: '\\ud800'" in [fault.found for fault in found if fault.line == 7]
    assert str(BadFile(found)).encode("utf-8")


def test_text_that_is_no_utf_8_is_a_fault_with_its_line(tmp_path: Path) -> None:
    for ending in (".csv", ".jsonl", ".json"):
        (tmp_path / f"x{ending}").write_bytes("{}\nKühl".encode("cp1252"))
        (fault,) = faults_of(tmp_path / f"x{ending}")
        assert fault.line == 2
        assert fault.expected.startswith("a text saved as UTF-8")
        assert ("in Excel" in fault.expected) == (ending == ".csv")


@pytest.mark.parametrize("ending", PACKED)
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"PAR1PAR1", b"\xd0\xcf\x11\xe0" * 200, b"identifier"]
)
def test_what_is_no_such_file_at_all_is_a_fault(tmp_path: Path, ending: str, content: bytes) -> None:
    (tmp_path / f"x{ending}").write_bytes(content)
    (fault,) = faults_of(tmp_path / f"x{ending}")
    assert "whole and undamaged" in fault.expected


def test_a_file_of_many_faults_is_given_up(
    tmp_path: Path, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_FAULTS", 10)
    (tmp_path / "x.jsonl").write_text("5\n" * 100, encoding="utf-8")
    found = faults_of(tmp_path / "x.jsonl")
    assert len(found) == 11
    assert "perhaps more" in found[-1].found


# --- whatever comes ----------------------------------------------------------------------------


_DAMAGES = st.tuples(
    st.integers(0, 50_000),
    st.sampled_from([0, 1, 4, 50, 10**9]),
    st.binary(max_size=8) | st.integers(0, 50_000),
)


def damaged(content: bytes, damage: tuple[int, int, bytes | int]) -> bytes:
    """Return a file with a stretch left out, overwritten, or replaced by another one."""
    start, length, put = damage
    start %= len(content)
    if isinstance(put, int):
        put = content[put % len(content) :][:20]
    return content[:start] + put + content[start + length :]


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=_DAMAGES | st.binary(max_size=200))
def test_any_damage_is_a_bad_file_or_does_not_matter(
    tmp_path: Path, full: Call, make_call: MakeCall, ending: str, damage: bytes | tuple[int, int, bytes | int]
) -> None:
    path = tmp_path / f"x{ending}"
    content = FORMS[ending].dump([full, make_call()])
    path.write_bytes(damage if isinstance(damage, bytes) else damaged(content, damage))
    with contextlib.suppress(BadFile):
        assert all(isinstance(call, Call) for call in read(path))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cut_off_file_gives_whole_calls_or_a_fault(
    tmp_path: Path, make_call: MakeCall, ending: str
) -> None:
    calls = [make_call("X-1"), make_call("X-2")]
    content = FORMS[ending].dump(calls)
    path = tmp_path / f"x{ending}"
    outcomes = set()
    for end in [*range(0, len(content), 29), len(content) - 1]:
        path.write_bytes(content[:end])
        try:
            assert read(path) == calls[: len(read(path))]
            outcomes.add("read")
        except BadFile:
            outcomes.add("refused")
    assert "refused" in outcomes
    if ending in PACKED:
        assert "read" not in outcomes
