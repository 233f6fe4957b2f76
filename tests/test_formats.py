"""Single formats: what a spreadsheet or a program finds in the files, and what people may change there."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from vie_match import exports
from vie_match.errors import BadFile, Fault, InstallSomething
from vie_match.exports import read, write
from vie_match.formats import comma, rows
from vie_match.formats.rows import Kind
from vie_match.records import Budget, Call
from vie_match.tables import CALL_COLUMNS
from vie_match.vocabulary import ActionType, DeadlineModel

MakeCall = Callable[..., Call]
FORMULAS = ["=1+1", "+49 30", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(BadFile) as caught:
        read(path)
    return list(caught.value.faults)


# --- cells -------------------------------------------------------------------------------------


def test_an_empty_cell_is_every_fields_default() -> None:
    # Tables cannot tell unknown from empty; a field that could be both would need a sign of its own.
    empty: dict[Kind, tuple[object, ...]] = {Kind.LIST: ((),), Kind.TEXT: ("", None)}
    for name, field in (Call.model_fields | Budget.model_fields).items():
        if name == "budget" or field.is_required() or isinstance(field.default, ActionType | DeadlineModel):
            continue
        if name != "language":
            assert field.default in empty.get(rows.kinds()[name], (None,)), name
    with pytest.raises(ValidationError):
        Call.model_validate({"identifier": "x", "title": "x", "programme": "LIFE", "text": "x", "url": ""})


# --- CSV ---------------------------------------------------------------------------------------


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8"), newline="")))


def test_a_csv_file_is_as_the_rfc_has_it(tmp_path: Path, make_call: MakeCall) -> None:
    write([make_call(text='Say "trees",\nthen shade.', grant_max_eur=5, themes=["heat"])], tmp_path / "x.csv")
    content = (tmp_path / "x.csv").read_bytes()
    assert content.startswith(b'"identifier","title",')
    assert b',"Say ""trees"",\nthen shade."' in content
    assert (content.count(b"\r\n"), content[-2:]) == (2, b"\r\n")
    (cells,) = table(tmp_path / "x.csv")
    assert tuple(cells) == CALL_COLUMNS
    assert (cells["themes"], cells["deadlines"]) == ('["heat"]', '["2027-10-07"]')
    assert (cells["grant_max_eur"], cells["grant_min_eur"], cells["eligible_countries"]) == ("5", "", "")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_file_starts_a_formula(tmp_path: Path, make_call: MakeCall, text: str) -> None:
    calls = [
        make_call("X-1", text=text),
        make_call("X-2", text=f"'{text}"),
        make_call("X-3", text=f"''{text}"),
    ]
    write(calls, tmp_path / "x.csv")
    assert [row["text"] for row in table(tmp_path / "x.csv")] == [f"'{text}", f"''{text}", f"'''{text}"]
    assert read(tmp_path / "x.csv") == calls


@pytest.mark.parametrize("text", ["'s-Hertogenbosch", "'", "'quoted'", "a=b"])
def test_other_apostrophes_stay_where_they_are(tmp_path: Path, make_call: MakeCall, text: str) -> None:
    write([make_call(text=text)], tmp_path / "x.csv")
    assert table(tmp_path / "x.csv")[0]["text"] == text
    assert [call.text for call in read(tmp_path / "x.csv")] == [text]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_of_other_programs_is_read(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = [
        ["identifier", " title ", "programme", "deadlines", "themes", "cofunding_rate", "text"],
        ["X", "Trees", "Horizon Europe", "2027-10-07", "heat, water", "0.6", "Shade."],
        [""] * 7,
        ["Y", "Trees", "LIFE", "2027-02-01; 2027-10-07 14:00", '["heat"]', "", "Shade."],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(lines)
    (tmp_path / "x.csv").write_bytes(out.getvalue().encode("utf-8-sig"))
    first, second = read(tmp_path / "x.csv")
    assert (first.title, first.programme, first.budget.cofunding_rate) == ("Trees", "HORIZON", 0.6)
    assert ([theme.value for theme in first.themes], first.url) == (["heat", "water"], None)
    assert [str(deadline) for deadline in second.deadlines] == ["2027-02-01", "2027-10-07 14:00"]


def test_every_fault_of_a_csv_file_has_the_line_its_row_begins_on(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "identifier,title,programme,deadlines,text,titel\n"
        'A,T,LIFE,2027-10-07,"two\nlines",\n'
        "B,T,LIVE,2027-10-07,x,\n"
        "C,T,LIFE,[1,x,\n"
        '"a",T,LIFE,2027-10-07,x,\n'
        "D,T,LIFE,2027-10-07,x\n"
        'E,T,LIFE,2027-10-07,"never closed\n',
        encoding="utf-8",
    )
    found = [(fault.line, fault.found) for fault in faults_of(tmp_path / "x.csv")]
    assert found == [
        (1, "the column 'titel'"),
        (4, "programme: 'LIVE'"),
        (5, "deadlines: '[1'"),
        (6, "identifier 'a' a second time"),
        (7, "5 cells"),
        (8, "a row that is no CSV (unexpected end of data)"),
    ]


def test_a_csv_file_without_its_first_line_is_told_so(tmp_path: Path, make_call: MakeCall) -> None:
    write([make_call()], tmp_path / "x.csv")
    content = (tmp_path / "x.csv").read_bytes()
    (tmp_path / "x.csv").write_bytes(content[content.index(b"\n") + 1 :])
    found = faults_of(tmp_path / "x.csv")[0]
    assert (found.line, found.found) == (1, "no column identifier, title, programme, text")
    (tmp_path / "x.csv").write_bytes(b"")
    assert [fault.found for fault in faults_of(tmp_path / "x.csv")] == ["an empty file"]


def test_long_cells_do_not_change_the_limit_of_other_readers(tmp_path: Path, make_call: MakeCall) -> None:
    write([make_call(text="x" * 300_000)], tmp_path / "x.csv")
    before = csv.field_size_limit(1000)
    try:
        assert len(read(tmp_path / "x.csv")[0].text) == 300_000
        assert csv.field_size_limit() == 1000
    finally:
        csv.field_size_limit(before)


def test_a_list_nested_without_end_is_a_fault(tmp_path: Path) -> None:
    cells = f"identifier,title,programme,deadlines,text\nX,T,LIFE,{'[' * 100_000},Shade.\n"
    (tmp_path / "x.csv").write_text(cells, encoding="utf-8")
    (fault,) = faults_of(tmp_path / "x.csv")
    assert (fault.line, fault.found[:20]) == (2, "deadlines: '[[[[[[[[")


def test_shielding_is_undone_for_every_short_text() -> None:
    letters = ["", "'", "=", "+", "\r", "a"]
    for text in {a + b + c for a in letters for b in letters for c in letters}:
        shielded = comma.shielded(text)
        assert not str(shielded).startswith(("=", "+", "\r"))
        assert comma.unshielded(str(shielded)) == text


# --- Parquet -----------------------------------------------------------------------------------


def test_parquet_has_types_and_says_who_wrote_it(tmp_path: Path, make_call: MakeCall) -> None:
    stages = ["2027-02-01", "2027-10-07 14:00"]
    write([make_call(deadline_model="two-stage", deadlines=stages)], tmp_path / "x.parquet")
    schema = pq.read_schema(tmp_path / "x.parquet")
    types = {field.name: str(field.type) for field in schema}
    assert list(types) == list(CALL_COLUMNS)
    assert types["grant_max_eur"] == "int64"
    assert types["cofunding_rate"] == "double"
    assert types["opening"] == "date32[day]"
    assert types["themes"] == "list<element: string>"
    assert "day: date32[day], time: time32[ms]" in types["deadlines"]
    assert schema.metadata[b"vie_match"]
    first, second = pq.read_table(tmp_path / "x.parquet")["deadlines"][0].as_py()
    assert (first, second["time"]) == ({"day": dt.date(2027, 2, 1), "time": None}, dt.time(14))


def test_parquet_of_pandas_is_read_and_its_own_columns_are_named(tmp_path: Path, make_call: MakeCall) -> None:
    call = make_call(deadlines=["2027-10-07 14:00"], grant_max_eur=5, themes=["heat"])
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist([call.flat()]), path)
    assert read(path) == [call]
    pq.write_table(pa.Table.from_pylist([call.flat() | {"titel": "x"}]), path)
    (fault,) = faults_of(path)
    assert (fault.found, "did you mean title?" in fault.expected) == ("the column 'titel'", True)


def test_parquet_that_says_once_what_stands_in_every_row_is_bounded(
    tmp_path: Path, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = [make_call(f"X-{number}", text="x" * 10_000).flat() for number in range(1000)]
    pq.write_table(pa.Table.from_pylist(flat), tmp_path / "x.parquet")
    assert (tmp_path / "x.parquet").stat().st_size < 100_000
    monkeypatch.setattr(rows, "MAX_BYTES", 1_000_000)
    (fault,) = faults_of(tmp_path / "x.parquet")
    assert "million characters" in fault.found


@pytest.mark.parametrize(("bound", "limit"), [("MAX_BYTES", 10_000), ("MAX_CELLS", 100)])
def test_parquet_that_says_it_is_too_large_is_not_unpacked(
    tmp_path: Path, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch, bound: str, limit: int
) -> None:
    letters = "".join(map(chr, range(0x4E00, 0x6E00)))
    write([make_call(f"X-{number}", text=letters[number:]) for number in range(6)], tmp_path / "x.parquet")
    assert len(read(tmp_path / "x.parquet")) == 6
    monkeypatch.setattr(rows, bound, limit)
    monkeypatch.setattr(exports, "_content", Path.read_bytes)
    (fault,) = faults_of(tmp_path / "x.parquet")
    assert "6 rows" in fault.found


def test_parquet_says_what_to_install(
    tmp_path: Path, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    write([make_call()], tmp_path / "x.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for act in (lambda path: write([make_call()], path), read):
        with pytest.raises(InstallSomething, match=r"vie-match\[parquet\]"):
            act(tmp_path / "x.parquet")
