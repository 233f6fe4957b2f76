"""The contract: deadlines, status, round trips, what is refused, what a notebook shows."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from vie_match.countries import COUNTRIES
from vie_match.records import BRUSSELS, Budget, Call, City, Deadline, Profile
from vie_match.results import Contribution, Evidence, LeftOut, Match, MatchList, Passage, SharedWord, Verdict
from vie_match.schemas import commongrants_paths
from vie_match.vocabulary import (
    LANGUAGES,
    ActionType,
    Applicant,
    CallStatus,
    CountryGroup,
    DeadlineModel,
    PartnerKind,
    PopulationScope,
    Programme,
    Role,
    Theme,
)

UTC = dt.UTC
MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


def brussels(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


# --- deadlines ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-12", "2027-01-12T17:00:00+01:00"),
        ("2027-07-12", "2027-07-12T17:00:00+02:00"),
        ("2027-03-27", "2027-03-27T17:00:00+01:00"),  # the last day of winter time
        ("2027-03-28", "2027-03-28T17:00:00+02:00"),
        ("2027-10-30", "2027-10-30T17:00:00+02:00"),  # the last day of summer time
        ("2027-10-31", "2027-10-31T17:00:00+01:00"),
        ("2027-01-12 14:00", "2027-01-12T14:00:00+01:00"),
        ("2027-07-12T23:59", "2027-07-12T23:59:00+02:00"),
        (" 2027-07-12 00:00:00 ", "2027-07-12T00:00:00+02:00"),
    ],
)
def test_a_deadlines_text_is_brussels_time_in_winter_and_summer(text: str, moment: str) -> None:
    assert Deadline.model_validate(text).moment.isoformat() == moment


@pytest.mark.parametrize(("text", "stated"), [("2027-10-07", False), ("2027-10-07 17:00", True)])
def test_an_assumed_closing_time_is_told_from_a_stated_one(text: str, stated: bool) -> None:
    deadline = Deadline.model_validate(text)
    assert deadline.time_stated is stated
    assert str(deadline) == text
    assert deadline.model_dump() == text


@pytest.mark.parametrize(
    "text", ["7.10.2027", "2027-10", "2027-02-30", "2027-10-07 25:00", "2027-10-07 5pm", "", "soon"]
)
def test_what_is_no_day_and_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Deadline.model_validate(text)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="time zone"):
        Deadline(moment=dt.datetime(2027, 10, 7, 17))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (dt.datetime(2027, 1, 12, 16, tzinfo=UTC), "2027-01-12 17:00"),
        (dt.datetime(2027, 7, 12, 15, tzinfo=UTC), "2027-07-12 17:00"),
        (dt.datetime(2027, 7, 12, 23, tzinfo=UTC), "2027-07-13 01:00"),
        (dt.datetime(2027, 7, 12, 18, tzinfo=ZoneInfo("Europe/Athens")), "2027-07-12 17:00"),
    ],
)
def test_a_moment_of_another_zone_is_turned_into_brussels_time(moment: dt.datetime, text: str) -> None:
    deadline = Deadline(moment=moment)
    assert str(deadline) == text
    assert deadline.moment == moment


@settings(max_examples=100, deadline=None)
@given(moment=st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_deadline_to_the_minute_survives_its_own_text(moment: dt.datetime) -> None:
    deadline = Deadline(moment=moment.replace(second=0, microsecond=0))
    assume(deadline.moment.fold == 0)  # the hour that an autumn night has twice
    again = Deadline.model_validate(str(deadline))
    assert again == deadline
    assert again.moment.astimezone(UTC) == deadline.moment.astimezone(UTC)


@pytest.mark.parametrize(("moment", "stated"), [("2027-10-07T23:59:59", True), ("2027-10-07T12:00", False)])
def test_a_deadline_its_text_cannot_hold_is_not_moved_silently(moment: str, stated: bool) -> None:
    try:
        deadline = Deadline(moment=brussels(moment), time_stated=stated)
    except ValidationError:
        return  # refused: nothing is lost
    assert Deadline.model_validate(deadline.model_dump()) == deadline


@pytest.mark.parametrize(
    ("today", "days"), [("2027-10-07", 0), ("2027-10-06", 1), ("2027-10-08", -1), ("2026-10-07", 365)]
)
def test_days_left_counts_calendar_days(today: str, days: int) -> None:
    assert Deadline.model_validate("2027-10-07").days_left(dt.date.fromisoformat(today)) == days


# --- status ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "moment", "status"),
    [
        # single stage: opens 2026-01-01, closes 2027-10-07 17:00
        ({}, "2025-12-31T23:59:59", CallStatus.FORTHCOMING),
        ({}, "2026-01-01T00:00:00", CallStatus.OPEN),
        ({}, "2027-10-07T17:00:00", CallStatus.OPEN),
        ({}, "2027-10-07T17:00:01", CallStatus.CLOSED),
        ({"deadlines": ["2027-10-07 12:00"]}, "2027-10-07T12:00:01", CallStatus.CLOSED),
        ({"opening": None}, "2026-06-01T00:00:00", CallStatus.UNKNOWN),
        ({"opening": None}, "2027-10-08T00:00:00", CallStatus.CLOSED),
        # of a two-stage call only the first stage can be entered
        (
            {"deadline_model": "two-stage", "deadlines": ["2027-02-01", "2027-10-07"]},
            "2027-02-01T17:00:00",
            CallStatus.OPEN,
        ),
        (
            {"deadline_model": "two-stage", "deadlines": ["2027-02-01", "2027-10-07"]},
            "2027-02-01T17:00:01",
            CallStatus.CLOSED,
        ),
        # every cut-off can be entered
        (
            {"deadline_model": "multiple cut-off", "deadlines": ["2027-02-01", "2027-10-07"]},
            "2027-05-01T12:00:00",
            CallStatus.OPEN,
        ),
        (
            {"deadline_model": "multiple cut-off", "deadlines": ["2027-02-01", "2027-10-07"]},
            "2027-10-07T17:00:01",
            CallStatus.CLOSED,
        ),
        # a past cut-off shows that the call has opened
        (
            {
                "deadline_model": "multiple cut-off",
                "opening": None,
                "deadlines": ["2027-02-01", "2027-10-07"],
            },
            "2027-05-01T12:00:00",
            CallStatus.OPEN,
        ),
        (
            {
                "deadline_model": "multiple cut-off",
                "opening": None,
                "deadlines": ["2027-02-01", "2027-10-07"],
            },
            "2027-01-01T12:00:00",
            CallStatus.UNKNOWN,
        ),
        (
            {"deadline_model": "multiple cut-off", "opening": None, "deadlines": []},
            "2027-01-01T12:00:00",
            CallStatus.UNKNOWN,
        ),
        ({"deadline_model": "multiple cut-off", "deadlines": []}, "2027-01-01T12:00:00", CallStatus.OPEN),
        # continuous calls are open unless their dates say otherwise
        (
            {"deadline_model": "continuous", "opening": None, "deadlines": []},
            "2030-01-01T00:00:00",
            CallStatus.OPEN,
        ),
        ({"deadline_model": "continuous", "deadlines": []}, "2025-12-31T23:59:59", CallStatus.FORTHCOMING),
        ({"deadline_model": "continuous", "opening": None}, "2026-06-01T00:00:00", CallStatus.OPEN),
        ({"deadline_model": "continuous", "opening": None}, "2027-10-08T00:00:00", CallStatus.CLOSED),
    ],
)
def test_the_status_follows_from_the_dates_alone(
    make_call: MakeCall, fields: dict[str, Any], moment: str, status: CallStatus
) -> None:
    assert make_call(**fields).status(brussels(moment)) is status


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2025-12-31T22:59:00+00:00", CallStatus.FORTHCOMING),
        ("2025-12-31T23:00:00+00:00", CallStatus.OPEN),  # midnight in Brussels
        ("2027-10-07T15:00:00+00:00", CallStatus.OPEN),
        ("2027-10-07T15:00:01+00:00", CallStatus.CLOSED),
        ("2027-10-07T18:00:01+03:00", CallStatus.CLOSED),
    ],
)
def test_the_status_is_the_same_moment_in_every_zone(
    make_call: MakeCall, moment: str, status: CallStatus
) -> None:
    assert make_call().status(dt.datetime.fromisoformat(moment)) is status


@pytest.mark.parametrize(
    ("model", "moment", "expected"),
    [
        ("multiple cut-off", "2027-02-01T17:00", "2027-02-01"),
        ("multiple cut-off", "2027-02-01T17:01", "2027-10-07"),
        ("multiple cut-off", "2027-10-07T17:01", None),
        ("two-stage", "2027-02-01T17:00", "2027-02-01"),
        ("two-stage", "2027-02-01T17:01", None),
    ],
)
def test_the_next_deadline_is_one_that_can_still_be_entered(
    make_call: MakeCall, model: str, moment: str, expected: str | None
) -> None:
    call = make_call(deadline_model=model, deadlines=["2027-02-01", "2027-10-07"])
    found = call.next_deadline(brussels(moment))
    assert (str(found) if found else None) == expected


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"deadlines": ["2027-10-07", "2027-02-01"]}, "in order of time"),
        ({"deadlines": []}, "at least one deadline"),
        ({"deadline_model": "two-stage", "deadlines": []}, "at least one deadline"),
        ({"opening": "2027-10-08"}, "opening before the last deadline"),
        ({"grant_min_eur": 2, "grant_max_eur": 1}, "not above"),
        ({"grant_max_eur": -1}, "greater than or equal to 0"),
        ({"cofunding_rate": 80}, "less than or equal to 1"),
        ({"expected_grants": 0}, "greater than or equal to 1"),
        ({"programme": "HORIZN"}, "not a Programme"),
        ({"eligible_countries": ["EU28"]}, "country code"),
        ({"url": "javascript:alert(1)"}, "http"),
        ({"url": "example.org"}, "http"),
        ({"title": "   "}, "at least 1 character"),
        ({"text": ""}, "text\n.* a text"),
        ({"text": " \n"}, "text\n.* a text"),
        ({"topic": "x"}, "Extra inputs"),
        ({"status": "open"}, "Extra inputs"),
    ],
)
def test_a_call_refuses_what_cannot_be(make_call: MakeCall, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        make_call(**fields)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "With Blanks"}, "pattern"),
        ({"id": ""}, "pattern"),
        ({"id": "../x"}, "pattern"),
        ({"id": "x" * 81}, "pattern"),
        ({"id": "x\n"}, "pattern"),
        ({"language": "deutsch"}, "language code"),
        ({"themes": ["heet"]}, "did you mean heat"),
        ({"start": "2027-13"}, "pattern"),
        ({"duration_months": 0}, "greater than or equal to 1"),
        ({"city": {"name": "Town", "country": "XX"}}, "country code"),
        ({"city": {"name": "Town", "country": "DE", "mayor": "x"}}, "Extra inputs"),
        ({"city": {"name": "Town", "country": "DE", "latitude": 95}}, "less than or equal to 90"),
        ({"city": {"name": "Town", "country": "DE", "nuts3": "dea14"}}, "pattern"),
        ({"partners": [{"name": "Venlo", "country": "NL", "kind": "friend"}]}, "not a PartnerKind"),
        ({"sources": ["ftp://example.org/x"]}, "http"),
        ({"mayor": "x"}, "Extra inputs"),
    ],
)
def test_a_profile_refuses_what_cannot_be(
    make_profile: MakeProfile, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        make_profile(**fields)


def test_records_cannot_be_changed(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call, profile = make_call(), make_profile()
    for record, name in [
        (call, "title"),
        (call.budget, "grant_max_eur"),
        (call.deadlines[0], "moment"),
        (profile, "text"),
        (profile.city, "name"),
    ]:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(record, name, "x")


def test_equal_records_are_one_member_of_a_set(make_call: MakeCall, make_profile: MakeProfile) -> None:
    assert len({make_call(), make_call(), make_call("Y")}) == 2
    assert len({make_profile(), make_profile(), make_profile("other-id")}) == 2


def test_spellings_become_members_of_the_closed_sets(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call(
        programme="Horizon Europe",
        action_type="horizon innovation actions",
        eligible_countries=["eu27", "horizon-associated", "gr"],
        eligible_applicants=["Local Authority"],
        language="EN",
    )
    assert (call.programme, call.action_type) == (Programme.HORIZON, ActionType.IA)
    assert call.eligible_countries == ("EU27", "HORIZON_ASSOCIATED", "EL")
    assert call.eligible_applicants == (Applicant.LOCAL_AUTHORITY,)
    assert call.language == "en"
    profile = make_profile(partners=[{"name": "Venlo", "country": "nl", "kind": "twin"}], themes=["HEAT"])
    assert (profile.partners[0].kind, profile.partners[0].country) == (PartnerKind.TWIN_TOWN, "NL")
    assert profile.themes == (Theme.HEAT,)


def test_unknown_money_is_none_and_never_zero(make_call: MakeCall) -> None:
    assert set(make_call().budget.model_dump().values()) == {None}
    assert make_call(grant_min_eur=0).budget.grant_min_eur == 0


# --- round trips -------------------------------------------------------------------------------

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
_LINES = st.text(_LETTERS, min_size=1, max_size=30).filter(str.strip)
_TEXTS = st.text(st.one_of(_LETTERS, st.just("\n")), min_size=1, max_size=60).filter(str.strip)
_URLS = st.sampled_from(["https://example.org/a?b=c#d", "http://example.org/ä"])
_COUNTRY_CODES = st.sampled_from(sorted(COUNTRIES))
_LANGUAGE_CODES = st.sampled_from(sorted(LANGUAGES))
_EURO = st.integers(0, 10**12)
_DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
_DEADLINES = st.lists(
    st.builds(
        lambda day, time: f"{day}{time}",
        st.dates(dt.date(2027, 1, 1), dt.date(2034, 12, 31)),
        st.sampled_from(["", " 09:30", " 17:00", " 23:59"]),
    ),
    min_size=1,
    max_size=3,
).map(lambda texts: sorted(texts, key=lambda text: Deadline.model_validate(text).moment))


def _tuples(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, max_size=3)


def _of(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(kind))


_CALLS = st.builds(
    lambda fields, span, dates: Call.model_validate(
        fields | dates | dict(zip(("grant_min_eur", "grant_max_eur"), sorted(span), strict=False))
    ),
    st.fixed_dictionaries(
        {"identifier": _LINES, "title": _LINES, "programme": _of(Programme), "text": _TEXTS},
        optional={
            "action_type": _of(ActionType),
            "opening": _DAYS,
            "budget_total_eur": _EURO,
            "expected_grants": st.integers(1, 10_000),
            "cofunding_rate": st.floats(0, 1),
            "eligible_applicants": _tuples(_of(Applicant)),
            "eligible_countries": _tuples(_COUNTRY_CODES | _of(CountryGroup)),
            "min_participants": st.integers(1, 10_000),
            "min_countries": st.integers(1, 10_000),
            "consortium_note": _TEXTS,
            "themes": _tuples(_of(Theme)),
            "language": _LANGUAGE_CODES,
            "url": _URLS,
            "source": _TEXTS,
            "source_date": _DAYS,
        },
    ),
    st.lists(_EURO, max_size=2),
    st.one_of(
        st.fixed_dictionaries({"deadlines": _DEADLINES, "deadline_model": _of(DeadlineModel)}),
        st.sampled_from([{"deadline_model": "continuous"}, {"deadline_model": "multiple cut-off"}]),
    ),
)
_CITIES = st.fixed_dictionaries(
    {"name": _LINES, "country": _COUNTRY_CODES},
    optional={
        "local_name": _LINES,
        "nuts3": st.from_regex(r"\A[A-Z]{2}[0-9A-Z]{3}\Z"),
        "population": st.integers(1, 50_000_000),
        "population_year": st.integers(1990, 2100),
        "population_scope": _of(PopulationScope),
        "population_source": _URLS,
        "latitude": st.floats(-90, 90),
        "longitude": st.floats(-180, 180),
        "languages": _tuples(_LANGUAGE_CODES),
        "mission_city": st.booleans(),
        "networks": _tuples(_LINES),
    },
)
_PROFILES = st.fixed_dictionaries(
    {
        "id": st.text("abÄß_9ελж", min_size=1, max_size=3).map(lambda stem: f"{stem}.-{stem}"),
        "title": _LINES,
        "language": _LANGUAGE_CODES,
        "city": _CITIES,
        "text": _TEXTS,
    },
    optional={
        "partners": _tuples(
            st.fixed_dictionaries({"name": _LINES, "country": _COUNTRY_CODES, "kind": _of(PartnerKind)})
        ),
        "role": _of(Role),
        "budget_eur": _EURO,
        "own_contribution_eur": _EURO,
        "start": st.from_regex(r"\A20[0-9]{2}-(0[1-9]|1[0-2])\Z"),
        "duration_months": st.integers(1, 120),
        "themes": _tuples(_of(Theme)),
        "past_projects": _tuples(
            st.fixed_dictionaries(
                {"acronym": _LINES}, optional={"programme": _of(Programme), "grant_id": _LINES, "url": _URLS}
            )
        ),
        "sources": _tuples(_URLS),
        "source_date": _DAYS,
    },
).map(Profile.model_validate)


@settings(max_examples=60, deadline=None)
@given(call=_CALLS)
def test_a_call_survives_json_and_the_flat_form(call: Call) -> None:
    assert Call.model_validate_json(call.model_dump_json()) == call
    assert Call.model_validate(call.model_dump()) == call
    flat = call.flat()
    assert Call.model_validate(flat) == call
    assert Call.model_validate(json.loads(json.dumps(flat))) == call
    assert not any(isinstance(value, dict) for value in flat.values())


@settings(max_examples=60, deadline=None)
@given(profile=_PROFILES)
def test_a_profile_survives_json(profile: Profile) -> None:
    assert Profile.model_validate_json(profile.model_dump_json()) == profile
    assert Profile.model_validate(profile.model_dump()) == profile


def test_the_flat_form_has_the_money_beside_the_rest_and_the_long_texts_last(make_call: MakeCall) -> None:
    flat = make_call(grant_max_eur=5, budget_total_eur=9).flat()
    assert (flat["grant_max_eur"], flat["budget_total_eur"]) == (5, 9)
    assert "budget" not in flat
    assert list(flat)[-2:] == ["text", "conditions"]
    assert flat["deadlines"] == ["2027-10-07"]


# --- schema ------------------------------------------------------------------------------------

_ANNOTATIONS = {"title", "description", "default", "format", "commongrants", "$defs"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def _is_a(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


# The part of JSON Schema that pydantic writes: value, keyword's argument, schema, whole schema.
_KEYWORDS: dict[str, Callable[[Any, Any, dict[str, Any], dict[str, Any]], bool]] = {
    "$ref": lambda value, name, _, root: _fits(value, root["$defs"][name.removeprefix("#/$defs/")], root),
    "anyOf": lambda value, choices, _, root: any(_fits(value, choice, root) for choice in choices),
    "type": lambda value, name, *_: _is_a(value, name),
    "enum": lambda value, choices, *_: value in choices,
    "pattern": lambda value, pattern, *_: re.search(pattern, value) is not None,
    "minLength": lambda value, least, *_: len(value) >= least,
    "maxLength": lambda value, most, *_: len(value) <= most,
    "minimum": lambda value, least, *_: value >= least,
    "maximum": lambda value, most, *_: value <= most,
    "items": lambda value, part, _, root: all(_fits(item, part, root) for item in value),
    "required": lambda value, names, *_: set(names) <= set(value),
    "additionalProperties": lambda value, allowed, schema, _: (
        allowed or set(value) <= set(schema["properties"])
    ),
    "properties": lambda value, parts, _, root: all(
        _fits(value[name], part, root) for name, part in parts.items() if name in value
    ),
}


def _fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    keywords = [keyword for keyword in schema if keyword not in _ANNOTATIONS]
    assert set(keywords) <= set(_KEYWORDS), f"no JSON Schema, or not known here: {keywords}"
    # The type first: the other keywords suppose it.
    ordered = sorted(keywords, key=lambda keyword: keyword != "type")
    return all(_KEYWORDS[keyword](value, schema[keyword], schema, root) for keyword in ordered)


@pytest.fixture
def full_profile(make_profile: MakeProfile) -> Profile:
    return make_profile(
        city={
            "name": "Town",
            "country": "DE",
            "nuts3": "DEA14",
            "population": 5,
            "population_scope": "municipality",
            "latitude": 51.5,
            "mission_city": True,
            "networks": ["Eurocities"],
        },
        partners=[{"name": "Venlo", "country": "NL", "kind": "tandem"}],
        past_projects=[{"acronym": "ABC", "start": "2023-01"}],
        themes=["heat"],
        start="2027-05",
        source_date="2026-11-24",
    )


def test_the_schema_of_a_profile_accepts_its_json_and_nothing_else(full_profile: Profile) -> None:
    schema = Profile.model_json_schema()
    plain = json.loads(full_profile.model_dump_json())
    assert _fits(plain, schema, schema)
    for wrong in (
        {"mayor": "x"},
        {"budget_eur": -1},
        {"start": "May"},
        {"themes": ["heet"]},
        {"city": plain["city"] | {"population": "many"}},
        {"city": plain["city"] | {"mayor": "x"}},
        {"partners": [{"name": "Venlo"}]},
    ):
        assert not _fits(plain | wrong, schema, schema), wrong
    assert not _fits({name: value for name, value in plain.items() if name != "title"}, schema, schema)


def test_the_schema_of_a_call_accepts_its_json_and_nothing_else(make_call: MakeCall) -> None:
    schema = Call.model_json_schema()
    plain = json.loads(make_call(grant_max_eur=5, eligible_countries=["EU27"]).model_dump_json())
    for right in ({}, {"deadlines": []}, {"deadlines": ["2027-01-12", "2027-10-07 14:00"]}):
        assert _fits(plain | right, schema, schema), right
    for wrong in (
        {"status": "open"},
        {"programme": "X"},
        {"budget": {"grant_max_eur": -1}},
        {"deadlines": ["soon"]},
        {"deadlines": [plain]},
    ):
        assert not _fits(plain | wrong, schema, schema), wrong


@pytest.mark.parametrize("kind", [Call, Profile])
def test_the_schema_carries_the_description_of_every_field(kind: type[BaseModel]) -> None:
    schema = kind.model_json_schema()
    models = {kind.__name__: kind, "City": City, "Budget": Budget}
    described = 0
    for title, part in [(kind.__name__, schema), *schema["$defs"].items()]:
        if title in models:
            for name, field in models[title].model_fields.items():
                assert part["properties"][name].get("description") == field.description
                described += field.description is not None
    assert described > 10


def test_the_schema_says_the_unit_of_every_number_whose_name_does_not(make_call: MakeCall) -> None:
    properties = Call.model_json_schema()["$defs"]["Budget"]["properties"]
    assert all("euro" in part["description"] for name, part in properties.items() if name.endswith("_eur"))
    assert "0 to 1" in properties["cofunding_rate"]["description"]


def test_the_fields_that_commongrants_knows_have_its_paths() -> None:
    assert commongrants_paths() == {
        "identifier": "identifiers",
        "title": "title",
        "programme": "funders",
        "opening": "keyDates.postDate",
        "deadlines": "keyDates.closeDate",
        "budget_total_eur": "funding.totalAmountAvailable",
        "grant_min_eur": "funding.minAwardAmount",
        "grant_max_eur": "funding.maxAwardAmount",
        "expected_grants": "funding.estimatedAwardCount",
        "eligible_applicants": "acceptedApplicantTypes",
        "url": "source",
        "text": "description",
    }


# --- notebooks ---------------------------------------------------------------------------------

_EVIL = "<script>alert('1')</script>"
_HARMLESS = "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;"


def test_a_calls_card_escapes_every_text(make_call: MakeCall) -> None:
    html = make_call(_EVIL, title=_EVIL, text=_EVIL)._repr_html_()
    assert "<script" not in html
    assert html.count(_HARMLESS) == 3


def test_a_profiles_card_escapes_every_text(make_profile: MakeProfile) -> None:
    profile = make_profile(
        title=_EVIL,
        text=_EVIL,
        city={"name": _EVIL, "country": "DE"},
        partners=[{"name": _EVIL, "country": "NL"}],
    )
    html = profile._repr_html_()
    assert "<script" not in html
    assert html.count(_HARMLESS) == 4


def test_a_calls_card_links_its_page_and_escapes_the_address(make_call: MakeCall) -> None:
    html = make_call(url='https://example.org/?a=1&b="><b>')._repr_html_()
    assert 'href="https://example.org/?a=1&amp;b=&quot;&gt;&lt;b&gt;"' in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x"]
)
def test_a_card_drops_a_link_that_would_run(make_call: MakeCall, url: str) -> None:
    html = make_call().model_copy(update={"url": url})._repr_html_()
    assert "href" not in html
    assert "script:" not in html.lower()
    assert "Shade and water" in html


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"grant_min_eur": 1_000_000, "grant_max_eur": 2_500_000}, "1 000 000 to 2 500 000"),
        ({"grant_min_eur": 5, "grant_max_eur": 5}, ">5<"),
        ({"grant_max_eur": 7}, ">up to 7<"),
        ({"grant_min_eur": 7}, ">from 7<"),
        ({"grant_min_eur": 0, "grant_max_eur": 7}, "0 to 7"),
        ({"deadline_model": "continuous", "deadlines": []}, ">continuous<"),
        ({"deadlines": ["2027-10-07 14:00"]}, "2027-10-07 14:00"),
    ],
)
def test_a_calls_card_shows_money_and_dates_as_people_write_them(
    make_call: MakeCall, fields: dict[str, Any], shown: str
) -> None:
    assert shown in make_call(**fields)._repr_html_()


def test_a_card_leaves_out_what_is_unknown(make_call: MakeCall, make_profile: MakeProfile) -> None:
    assert "euro" not in make_call()._repr_html_()
    assert "None" not in make_call()._repr_html_()
    html = make_profile()._repr_html_()
    assert not any(label in html for label in ("Cost", "Themes", "Partners", "None"))


def _match(call: Call, **fields: Any) -> Match:
    passage = Passage(owner="x", section="text", text=_EVIL, start=0, end=len(_EVIL))
    pair = Evidence(
        profile_passage=passage,
        call_passage=passage,
        profile_sentence=passage,
        call_sentence=passage,
        similarity=0.5,
    )
    return Match.model_validate(
        {
            "profile_id": "town-heat",
            "call": call,
            "rank": 3,
            "score": 0.75,
            "status": CallStatus.OPEN,
            "deadline": call.deadlines[0],
            "contributions": (Contribution(name="dense", value=0.5), Contribution(name="words", value=0.25)),
            "evidence": (pair,),
            "words": (SharedWord(profile_word="heat", call_word="heat", weight=0.1),),
        }
        | fields
    )


def test_a_matchs_card_shows_its_reasons_escaped(make_call: MakeCall) -> None:
    html = _match(make_call())._repr_html_()
    assert "3. Shade and water" in html
    assert f"{_HARMLESS}  ↔  {_HARMLESS}" in html
    assert "0.75 = dense +0.50, words +0.25" in html


def test_a_match_lists_table_has_one_escaped_row_a_match(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [make_call("A", title=_EVIL), make_call("B", url=None)]
    matches = MatchList(
        profile=make_profile(title=_EVIL),
        moment=brussels("2026-11-24T12:00"),
        matches=tuple(_match(call) for call in calls),
        left_out=(
            LeftOut(
                call=make_call("C"), verdict=Verdict(rule="deadline", answer="no", because="It is past.")
            ),
        ),
    )
    html = matches._repr_html_()
    assert "<script" not in html
    assert html.count(_HARMLESS) == 2
    assert html.count("<tr>") == 3
    assert html.count("href=") == 1
    assert MatchList.model_validate_json(matches.model_dump_json()) == matches
