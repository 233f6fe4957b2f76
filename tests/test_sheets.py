"""The workbook and the table: the same suggestions, days as days, nothing that runs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from digests import MOMENT, WEEK, made
from openpyxl import load_workbook

from vie_match.formats.workbook import LONGEST_CELL, unescaped
from vie_match.history import Reading
from vie_match.records import Call, Profile
from vie_match.reports import reasons, terms_wording
from vie_match.reports.digest import Digest
from vie_match.reports.sheets import COLUMNS, comma, workbook
from vie_match.vocabulary import ReadingState

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


@pytest.fixture
def digest(make_call: MakeCall, make_profile: MakeProfile) -> Digest:
    calls = [
        make_call(deadlines=["2027-10-07 14:00"], grant_max_eur=2_000_000, cofunding_rate=0.6),
        make_call("CLOSED", title="Call of the past", deadlines=["2026-01-15"]),
    ]
    first = made(calls[1:], [make_profile()])
    reading = Reading("A portal", MOMENT, ReadingState.FAILED, message="no answer")
    return made(calls, [make_profile()], before=first, moment=MOMENT + WEEK, readings=[reading])


def test_a_row_of_the_table_is_a_suggestion(digest: Digest) -> None:
    [row] = rows(comma(digest))
    part = digest.cities[0]
    match, terms = part.best[0], part.terms["X-2027-01"]
    assert tuple(row) == tuple(column.name for column in COLUMNS)
    assert (row["city"], row["profile"], row["identifier"]) == ("Town", "town-heat", "X-2027-01")
    assert (row["closes"], row["hour"], row["days_left"]) == ("2027-10-07", "14:00", "303")
    assert (row["grant_min_eur"], row["grant_max_eur"]) == ("", "2000000")
    assert float(row["probability"]) == match.probability
    assert row["reason"] == reasons.reason(match)
    assert row["eligibility"] == terms_wording.verdict(terms)
    assert row["url"] == "https://example.org/call"


def test_the_workbook_has_four_sheets_to_work_with(digest: Digest) -> None:
    book = load_workbook(io.BytesIO(workbook(digest)))
    assert book.sheetnames == ["Suggestions", "News", "Left out", "Sources"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(sheet.column_dimensions[cell.column_letter].width >= 7 for cell in sheet[1])
        assert all(cell.font.bold for cell in sheet[1])


def test_the_workbook_tells_what_the_table_tells(digest: Digest) -> None:
    [told] = rows(comma(digest))
    sheet = load_workbook(io.BytesIO(workbook(digest)))["Suggestions"]
    cells = {column.name: cell for column, cell in zip(COLUMNS, sheet[2], strict=True)}
    for name, cell in cells.items():
        value = cell.value.date().isoformat() if isinstance(cell.value, dt.datetime) else cell.value
        assert ("" if value is None else str(value)) == told[name], name
    assert cells["closes"].is_date
    assert cells["call"].hyperlink.target == "https://example.org/call"
    assert cells["grant_max_eur"].value == 2_000_000
    assert cells["grant_max_eur"].number_format == "#,##0"
    assert cells["probability"].number_format == "0%"


def values(content: bytes, sheet: str) -> list[list[Any]]:
    return [
        [cell.value for cell in row] for row in load_workbook(io.BytesIO(content))[sheet].iter_rows(min_row=2)
    ]


def test_news_what_was_left_out_and_sources_have_their_sheets(digest: Digest) -> None:
    content = workbook(digest)
    [news] = values(content, "News")
    assert news[2] == "X-2027-01"
    assert news[5] == "Town"
    [left] = values(content, "Left out")
    assert left[2] == "Call of the past"
    assert "15 January 2026" in left[4]
    source, trouble = values(content, "Sources")
    assert source[:2] == ["a portal", 2]
    assert trouble[0] == "A portal"
    assert "no answer" in trouble[4]


def test_headings_are_german_and_columns_stay(digest: Digest) -> None:
    book = load_workbook(io.BytesIO(workbook(digest, "de")))
    assert book.sheetnames == ["Vorschläge", "Neues", "Ausgelassen", "Quellen"]
    assert [cell.value for cell in book["Vorschläge"][1]][:4] == [
        "Stadt",
        "Vorhaben",
        "Profil",
        "Diese Woche",
    ]
    [row] = rows(comma(digest, "de"))
    assert tuple(row) == tuple(column.name for column in COLUMNS)


def test_a_digest_without_suggestions_has_its_headings(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    empty = made([make_call(deadlines=["2026-01-15"])], [make_profile()])
    assert rows(comma(empty)) == []
    assert load_workbook(io.BytesIO(workbook(empty)))["Suggestions"].max_row == 1


def test_a_text_longer_than_a_cell_is_cut_between_its_signs(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    message = "\U0001f4a7_x0041" * 10_000
    reading = Reading("A portal", MOMENT, ReadingState.FAILED, message=message)
    digest = made([make_call()], [make_profile()], readings=[reading])
    *_, [*_, told] = values(workbook(digest), "Sources")
    # Excel counts in UTF-16.
    assert len(told.encode("utf-16-le")) / 2 <= LONGEST_CELL
    shown = unescaped(told).partition(": ")[2]
    assert len(shown) > 5_000
    assert message.startswith(shown)


def test_an_address_longer_than_excel_takes_is_a_text(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call(url=f"https://example.org/{'a' * 2100}")
    digest = made([call], [make_profile()])
    sheet = load_workbook(io.BytesIO(workbook(digest)))["Suggestions"]
    cells = {column.name: cell for column, cell in zip(COLUMNS, sheet[2], strict=True)}
    assert cells["call"].hyperlink is None
    assert cells["url"].value == call.url
