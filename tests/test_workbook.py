"""Workbooks: what Excel finds in them, what people may change there, and what is refused."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from vie_match.errors import BadFile, Fault
from vie_match.exports import read, write
from vie_match.formats import rows, workbook
from vie_match.records import Call
from vie_match.tables import CALL_COLUMNS

MakeCall = Callable[..., Call]
FORMULAS = ["=1+1", "+49 30", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(BadFile) as caught:
        read(path)
    return list(caught.value.faults)


def midnight(*day: int) -> dt.datetime:
    return dt.datetime.combine(dt.date(*day), dt.time())


def sheet_of(path: Path) -> Any:
    return openpyxl.load_workbook(path)["calls"]


def test_a_workbook_has_a_frozen_first_line_numbers_and_days(tmp_path: Path, make_call: MakeCall) -> None:
    call = make_call(grant_max_eur=2_000_000, cofunding_rate=0.6, opening="1899-01-01")
    write([call], tmp_path / "x.xlsx")
    sheet = sheet_of(tmp_path / "x.xlsx")
    head = [cell.value for cell in sheet[1]]
    assert (sheet.freeze_panes, tuple(head)) == ("A2", CALL_COLUMNS)
    cells = dict(zip(head, sheet[2], strict=True))
    assert (cells["grant_max_eur"].value, cells["grant_max_eur"].number_format) == (2_000_000, "#,##0")
    assert (cells["cofunding_rate"].value, cells["cofunding_rate"].data_type) == (0.6, "n")
    assert (cells["source_date"].value, cells["source_date"].is_date) == (midnight(2026, 11, 1), True)
    assert (cells["opening"].value, cells["url"].value) == ("1899-01-01", "https://example.org/call")
    assert sheet.column_dimensions["B"].width == 60
    assert read(tmp_path / "x.xlsx") == [call]


@pytest.mark.parametrize("text", [*FORMULAS, "#N/A", "#REF!"])
def test_no_cell_of_a_workbook_is_a_formula_or_an_error(
    tmp_path: Path, make_call: MakeCall, text: str
) -> None:
    write([make_call(text=text)], tmp_path / "x.xlsx")
    cell = sheet_of(tmp_path / "x.xlsx")[2][CALL_COLUMNS.index("text")]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix == (text in FORMULAS)
    assert [call.text for call in read(tmp_path / "x.xlsx")] == [text]


def test_a_fraction_that_needs_17_digits_is_not_rounded(tmp_path: Path, make_call: MakeCall) -> None:
    calls = [make_call("A", cofunding_rate=0.1 + 0.2), make_call("B", cofunding_rate=1)]
    write(calls, tmp_path / "x.xlsx")
    assert [call.budget.cofunding_rate for call in read(tmp_path / "x.xlsx")] == [0.30000000000000004, 1.0]


@pytest.mark.parametrize("letter", ["x", "\U0001f333", "\r"])
def test_a_text_too_long_for_a_cell_goes_on_in_further_columns(
    tmp_path: Path, make_call: MakeCall, letter: str
) -> None:
    calls = [make_call("LONG", text=f"a{letter * 40_000}b", conditions="_x000D_" * 9_000), make_call("SHORT")]
    write(calls, tmp_path / "x.xlsx")
    sheet = sheet_of(tmp_path / "x.xlsx")
    head = [cell.value for cell in sheet[1]]
    assert tuple(head[: len(CALL_COLUMNS)]) == CALL_COLUMNS
    assert {"conditions (2)", "conditions (3)", "conditions (4)", "text (2)"} <= {*head[len(CALL_COLUMNS) :]}
    lengths = [len(str(cell.value).encode("utf-16-le")) // 2 for cell in sheet[2]]
    assert max(lengths) <= 32_767
    assert read(tmp_path / "x.xlsx") == calls


@pytest.mark.parametrize(
    "text",
    ["_x000D_", "_x005F_x000D_", "_x000D\r", "__x000D_", "_\r", "_x0041_x0042_", "\ufffe\uffff\x00", "_x00"],
)
def test_what_looks_like_an_escape_stays(tmp_path: Path, make_call: MakeCall, text: str) -> None:
    write([make_call(text=f"{text}.", conditions=text)], tmp_path / "x.xlsx")
    (call,) = read(tmp_path / "x.xlsx")
    assert (call.text, call.conditions) == (f"{text}.", text)


HEAD = ("identifier", "title", "programme", "deadlines", "grant_max_eur", "cofunding_rate", "text")
GOOD = ("X-1", "Trees", "LIFE", "2027-10-07", None, None, "Shade.")


def book(path: Path, *lines: Sequence[object], sheet: str = "Tabelle1") -> Path:
    made = openpyxl.Workbook()
    made.active.title = sheet
    for line in lines:
        made.active.append(line)
    made.save(path / "x.xlsx")
    return path / "x.xlsx"


def test_a_workbook_that_a_person_made_is_read(tmp_path: Path) -> None:
    day = midnight(2027, 10, 7)
    path = book(
        tmp_path,
        HEAD,
        GOOD,
        (),
        (2027, "Trees", "LIFE", day, 1800000.0, 0.6, 5.5),
        ("X-2", "Trees", "LIFE", day.replace(hour=14), "1800000", "0.6", "Shade."),
    )
    first, second, third = read(path)
    assert (first.identifier, first.budget.grant_max_eur) == ("X-1", None)
    assert (second.identifier, second.text, second.budget.grant_max_eur) == ("2027", "5.5", 1_800_000)
    assert [str(one) for call in (second, third) for one in call.deadlines] == [
        "2027-10-07",
        "2027-10-07 14:00",
    ]
    assert third.budget == second.budget


def test_the_sheet_of_calls_is_found_among_others(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, GOOD, sheet="calls")
    made = openpyxl.load_workbook(path)
    made.create_sheet("Notes", 0).append(["our own"])
    made.save(path)
    assert [call.identifier for call in read(path)] == ["X-1"]


def test_every_fault_of_a_workbook_has_its_row(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        HEAD,
        GOOD,
        (*GOOD[:4], "=2*900000", None, "Shade."),
        ("x-1", *GOOD[1:]),
        ("X-3", "T", "LIVE", "07.10.2027", 2.5, "0,6", "Shade."),
        ("X-4", *GOOD[1:], "a note"),
        (None, None, None, None, 5),
        ("X-5", *GOOD[1:4], True, None, "Shade."),
    )
    found = [(fault.line, fault.found) for fault in faults_of(path)]
    assert found == [
        (3, "grant_max_eur: the formula '=2*900000'"),
        (4, "identifier 'x-1' a second time"),
        (5, "programme: 'LIVE'"),
        (5, "deadlines.0: '07.10.2027'"),
        (5, "grant_max_eur: '2.5'"),
        (5, "cofunding_rate: '0,6'"),
        (6, "'a note' right of the table"),
        (7, "no identifier"),
        (7, "no title"),
        (7, "no programme"),
        (7, "no text"),
        (8, "grant_max_eur: 'True'"),
    ]


@pytest.mark.parametrize(
    ("further", "found"),
    [
        (["text (3)"], "further columns of 'text': [3]"),
        (["text (2)", "text (2)"], "further columns of 'text': [2, 2]"),
        (["themes (2)"], "further columns of 'themes': [2]"),
        (["title"], "the column 'title' a second time"),
        (["mayor (2)"], "the column 'mayor (2)'"),
        ([None, "url"], "a column without a name"),
    ],
)
def test_columns_that_would_lose_text_are_faults(tmp_path: Path, further: list[str], found: str) -> None:
    (fault,) = faults_of(book(tmp_path, [*HEAD, *further], GOOD))
    assert (fault.line, fault.found) == (1, found)


def repacked(path: Path, **changes: bytes) -> Path:
    """Put other bytes in parts of a workbook (``sheet1``, ``more``)."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = {"sheet1": "xl/worksheets/sheet1.xml", "more": "xl/media/more.bin"}
    parts |= {names[name]: content for name, content in changes.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
_NAMES = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name.encode() for name in HEAD)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"more": b"\0" * 2_000_001}, "2 MB unpacked"),
        ({"sheet1": b"<!DOCTYPE a []>" + _SHEET % b""}, "a document type"),
        ({"sheet1": ("<!DOCTYPE a []>" + (_SHEET % b"").decode()).encode("utf-16")}, "a document type"),
        (
            {"sheet1": _SHEET % (b"<row>%s</row>" % _NAMES + b"<row><c/></row>" * 3000)},
            "cells and other tags",
        ),
        (
            {"sheet1": _SHEET % (b'<row>%s</row><row r="99999999"><c><v>1</v></c></row>' % _NAMES)},
            "more than 2500",
        ),
        (
            {"sheet1": _SHEET % (b"<row>%s</row><row><c><v>x</v></c></row>" % _NAMES)},
            "damaged or foreign data",
        ),
        ({"sheet1": b"<worksheet"}, "damaged or foreign data"),
    ],
)
def test_bombs_and_broken_parts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, bytes], found: str
) -> None:
    monkeypatch.setattr(rows, "MAX_BYTES", 2_000_000)
    monkeypatch.setattr(rows, "MAX_CELLS", 20_000)
    monkeypatch.setattr(workbook, "MOST_TAGS", 5_000)
    path = book(tmp_path, HEAD, GOOD)
    assert len(read(path)) == 1
    (fault,) = faults_of(repacked(path, **changes))
    assert found in fault.found


def test_oddities_of_other_programs_do_not_matter(tmp_path: Path) -> None:
    cells = b"".join(
        b'<c t="inlineStr"><is><t>%s</t></is></c>' % str(cell or "").encode() for cell in GOOD[:4]
    )
    rest = b'<c><v>1.8E6</v></c><c><v>6.0E-1</v></c><c t="str"><v>Shade.</v></c>'
    content = _SHEET % (b"<row>%s</row><row>%s%s</row>" % (_NAMES, cells, rest))
    # A size that is not the sheet's, and a part of which openpyxl warns that it does not know it.
    content = content.replace(b"<sheetData>", b'<dimension ref="A1:B1"/><sheetData>')
    content = content.replace(b"</worksheet>", b'<extLst><ext uri="{X}"/></extLst></worksheet>')
    (call,) = read(repacked(book(tmp_path, HEAD), sheet1=content))
    assert (call.budget.grant_max_eur, call.budget.cofunding_rate) == (1_800_000, 0.6)
    assert call.text == "Shade."


def test_a_part_that_states_too_small_a_size_is_not_unpacked_further(tmp_path: Path) -> None:
    path = repacked(book(tmp_path, HEAD, GOOD), more=b"x" * 1_000_000)
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert "CRC" in fault.found
