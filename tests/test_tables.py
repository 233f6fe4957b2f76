"""Records as DataFrames and back: columns that stay, None that stays unknown, harmless cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vie_match import tables
from vie_match.records import Call, Profile
from vie_match.results import Contribution, Evidence, Match, Passage
from vie_match.tables import (
    calls_frame,
    calls_from_frame,
    matches_frame,
    profiles_frame,
    profiles_from_frame,
    safe_cell,
)
from vie_match.vocabulary import CallStatus

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

CALL_COLUMNS = (
    "identifier title programme action_type deadline_model opening deadlines eligible_applicants "
    "eligible_countries min_participants min_countries consortium_note themes language url source "
    "source_date budget_total_eur grant_min_eur grant_max_eur expected_grants cofunding_rate text conditions"
).split()
PROFILE_COLUMNS = (
    "id title language partners role budget_eur own_contribution_eur start duration_months themes "
    "past_projects sources source_date city_name city_local_name city_country city_nuts3 city_population "
    "city_population_year city_population_scope city_population_source city_latitude city_longitude "
    "city_languages city_mission_city city_networks text"
).split()
MATCH_COLUMNS = (
    "profile rank identifier title programme status deadline score probability grant_min_eur grant_max_eur "
    "cofunding_rate url audience profile_sentence call_sentence"
).split()


@pytest.fixture
def calls(make_call: MakeCall) -> list[Call]:
    full = make_call(
        "FULL",
        action_type="IA",
        deadline_model="two-stage",
        deadlines=["2027-02-01", "2027-10-07 14:00"],
        budget_total_eur=10_000_000,
        grant_min_eur=0,
        grant_max_eur=2_000_000,
        expected_grants=5,
        cofunding_rate=0.6,
        eligible_applicants=["local_authority", "sme"],
        eligible_countries=["EU27", "NO"],
        min_participants=3,
        min_countries=2,
        consortium_note="One city leads.",
        themes=["heat", "water"],
    )
    bare = {"identifier": "BARE", "title": "t", "programme": "OTHER", "deadline_model": "continuous"}
    return [full, Call.model_validate(bare | {"text": "Trees."}), make_call()]


@pytest.fixture
def profiles(make_profile: MakeProfile) -> list[Profile]:
    full = make_profile(
        "full",
        city={
            "name": "Town",
            "local_name": "Stadt",
            "country": "NO",
            "nuts3": "NO081",
            "population": 70_000,
            "population_year": 2024,
            "population_scope": "municipality",
            "population_source": "https://example.org/p",
            "latitude": 59.9,
            "longitude": 10.7,
            "languages": ["no", "en"],
            "mission_city": False,
            "networks": ["Eurocities"],
        },
        partners=[{"name": "Venlo", "country": "NL", "kind": "tandem"}],
        role="lead",
        budget_eur=1_800_000,
        own_contribution_eur=0,
        start="2027-05",
        duration_months=36,
        themes=["heat"],
        past_projects=[{"acronym": "ABC", "programme": "LIFE", "start": "2023-01"}],
        sources=["https://example.org"],
        source_date="2026-11-24",
    )
    return [full, make_profile("bare")]


def test_frames_of_calls_and_profiles_have_their_columns_in_order(
    calls: list[Call], profiles: list[Profile]
) -> None:
    # Columns are only ever added at the end; in a change of these lists nothing may move.
    assert list(calls_frame(calls).columns) == CALL_COLUMNS == list(tables.CALL_COLUMNS)
    assert list(profiles_frame(profiles).columns) == PROFILE_COLUMNS == list(tables.PROFILE_COLUMNS)
    assert list(matches_frame([]).columns) == MATCH_COLUMNS == list(tables.MATCH_COLUMNS)
    assert (len(calls_frame(calls)), len(profiles_frame(profiles))) == (3, 2)


def test_frames_without_rows_keep_their_columns_and_come_back_empty() -> None:
    assert list(calls_frame([]).columns) == CALL_COLUMNS
    assert list(profiles_frame([]).columns) == PROFILE_COLUMNS
    assert calls_from_frame(calls_frame([])) == []
    assert profiles_from_frame(profiles_frame([])) == []


def test_records_come_back_from_their_frames(calls: list[Call], profiles: list[Profile]) -> None:
    assert calls_from_frame(calls_frame(calls)) == calls
    assert profiles_from_frame(profiles_frame(profiles)) == profiles


_LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.fixed_dictionaries(
        {"title": _LINES, "text": _LINES},
        optional={
            "grant_max_eur": st.integers(0, 10**12),
            "cofunding_rate": st.floats(0, 1),
            "min_countries": st.integers(1, 100),
            "opening": st.none() | st.dates(max_value=pd.Timestamp("2027-01-01").date()),
            "deadlines": st.just(["2027-10-07 14:00"]),
            "themes": st.lists(st.sampled_from(["heat", "water"]), max_size=2),
            "source": st.just("") | _LINES,
        },
    )
)
def test_any_call_beside_a_full_and_a_bare_one_comes_back(
    make_call: MakeCall, calls: list[Call], fields: dict[str, Any]
) -> None:
    records = [*calls, make_call("ANY", **fields)]
    assert calls_from_frame(calls_frame(records)) == records


def test_whole_numbers_stay_whole_and_unknown_ones_none(calls: list[Call], profiles: list[Profile]) -> None:
    frame = calls_frame(calls)
    assert frame["grant_max_eur"].tolist() == [2_000_000, None, None]
    assert type(frame["grant_max_eur"][0]) is int
    assert frame["grant_min_eur"].tolist() == [0, None, None]
    assert frame["opening"].tolist() == ["2026-01-01", None, "2026-01-01"]
    assert profiles_frame(profiles)["city_mission_city"].tolist() == [False, None]
    assert type(profiles_frame(profiles)["city_population"][0]) is int


def test_lists_and_dates_stand_in_cells_as_in_files(calls: list[Call], profiles: list[Profile]) -> None:
    row = calls_frame(calls).iloc[0]
    assert row["deadlines"] == ["2027-02-01", "2027-10-07 14:00"]
    assert row["eligible_countries"] == ["EU27", "NO"]
    assert row["programme"] == "LIFE"
    assert type(row["programme"]) is str
    assert profiles_frame(profiles).iloc[0]["partners"] == [
        {"name": "Venlo", "country": "NL", "kind": "tandem"}
    ]


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, pd.NaT])
def test_every_kind_of_empty_cell_is_unknown(calls: list[Call], nothing: object) -> None:
    frame = calls_frame(calls[:1])
    for name in ("grant_max_eur", "cofunding_rate", "opening", "url", "consortium_note", "themes"):
        frame[name] = pd.Series([nothing], dtype=object)
    (call,) = calls_from_frame(frame)
    assert (call.budget.grant_max_eur, call.budget.cofunding_rate) == (None, None)
    assert (call.opening, call.url, call.consortium_note, call.themes) == (None, None, "", ())
    assert call.budget.budget_total_eur == 10_000_000


def test_numbers_that_pandas_made_floats_and_dates_it_made_timestamps_are_read(calls: list[Call]) -> None:
    frame = calls_frame(calls)
    frame["grant_max_eur"] = frame["grant_max_eur"].astype(float)
    frame["min_countries"] = frame["min_countries"].astype("Int64")
    frame["opening"] = pd.to_datetime(frame["opening"])
    assert calls_from_frame(frame) == calls


def test_missing_columns_are_unknown_and_the_order_of_columns_does_not_matter(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    few = ["text", "deadlines", "programme", "title", "identifier"]
    (call,) = calls_from_frame(calls_frame([make_call(grant_max_eur=5)])[few])
    assert (call.identifier, call.budget.grant_max_eur, call.url) == ("X-2027-01", None, None)
    few = ["city_country", "text", "city_name", "language", "title", "id"]
    assert profiles_from_frame(profiles_frame([make_profile()])[few]) == [make_profile()]


def test_the_index_of_a_frame_does_not_matter(calls: list[Call]) -> None:
    frame = calls_frame(calls).set_index(pd.Index(["x", "x", "y"]))
    assert calls_from_frame(frame[::-1]) == calls[::-1]


@pytest.mark.parametrize(
    ("column", "value"), [("programme", "LIVE"), ("grant_max_eur", 2.5), ("mayor", "x"), ("title", None)]
)
def test_a_row_that_does_not_fit_is_refused(calls: list[Call], column: str, value: object) -> None:
    frame = calls_frame(calls)
    frame[column] = pd.Series([value] * 3, dtype=object)
    with pytest.raises(ValidationError, match=column):
        calls_from_frame(frame)


def test_the_error_of_a_row_says_which_row_it_is(calls: list[Call]) -> None:
    titles = set()
    for bad in range(3):
        frame = calls_frame(calls)
        frame["programme"] = ["LIVE" if row == bad else "LIFE" for row in range(3)]
        with pytest.raises(ValidationError) as caught:
            calls_from_frame(frame)
        titles.add(caught.value.title)
    assert len(titles) == 3


def _match(call: Call, **fields: Any) -> Match:
    return Match.model_validate(
        {
            "profile_id": "town-heat",
            "call": call,
            "rank": 1,
            "score": 0.5,
            "status": CallStatus.OPEN,
            "deadline": call.deadlines[0] if call.deadlines else None,
            "contributions": (Contribution(name="dense", value=0.5),),
        }
        | fields
    )


def _evidence(ours: str, theirs: str) -> Evidence:
    def part(text: str) -> Passage:
        return Passage(owner="x", section="text", text=text, start=0, end=len(text))

    return Evidence(
        profile_passage=part("long passage"),
        call_passage=part("long passage"),
        profile_sentence=part(ours),
        call_sentence=part(theirs),
        similarity=0.1,
    )


def test_matches_show_the_first_reason_and_the_money_of_their_call(calls: list[Call]) -> None:
    reasons = (_evidence("We need trees.", "Trees are paid."), _evidence("Second.", "Reason."))
    fit = _match(calls[0], evidence=reasons, probability=0.25, audience="It is for towns.")
    frame = matches_frame([fit, _match(calls[1], rank=2)])
    first, second = frame.to_dict(orient="records")
    assert list(first.values()) == [
        "town-heat",
        1,
        "FULL",
        "Shade and water for streets in hot cities",
        "LIFE",
        "open",
        "2027-02-01",
        0.5,
        0.25,
        0,
        2_000_000,
        0.6,
        "https://example.org/call",
        "It is for towns.",
        "We need trees.",
        "Trees are paid.",
    ]
    assert [second[name] for name in ("rank", "identifier", "deadline", "url", "call_sentence")] == [
        2,
        "BARE",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30 1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "1-2", "ä", None, 5, -2, -2.5, True, ["=1"]])
def test_a_harmless_cell_stays_as_it_is(cell: object) -> None:
    assert safe_cell(cell) is cell
