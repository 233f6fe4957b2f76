"""CommonGrants: every field in its place, our documents whole, others as far as they say something."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.errors import BadFile
from vie_match.exports import read, write
from vie_match.formats import commongrants
from vie_match.formats.commongrants import opportunity
from vie_match.records import Call
from vie_match.schemas import commongrants_paths
from vie_match.vocabulary import Applicant, CallStatus

MakeCall = Callable[..., Call]
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def at(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data


@pytest.fixture
def full(make_call: MakeCall) -> Call:
    return make_call(
        "FULL-2027",
        deadline_model="multiple cut-off",
        deadlines=["2027-02-01", "2027-10-07 14:00"],
        budget_total_eur=10_000_000,
        grant_min_eur=0,
        grant_max_eur=2_000_000,
        expected_grants=5,
        cofunding_rate=0.6,
        eligible_applicants=["local_authority", "regional_authority"],
        conditions="A city leads.",
    )


# --- our own documents -------------------------------------------------------------------------


def test_every_field_that_has_a_place_in_the_protocol_is_there(full: Call) -> None:
    item = opportunity(full, NOW)
    for name, path in commongrants_paths().items():
        assert at(item, path) not in (None, [], {}), name


def test_an_opportunity_says_what_the_call_says(full: Call) -> None:
    item = opportunity(full, NOW)
    assert (item["title"], item["description"], item["source"]) == (full.title, full.text, full.url)
    assert item["identifiers"]["otherIds"]["opp:eu:topic"]["id"] == "FULL-2027"
    assert item["funders"]["primary"]["name"] == "LIFE"
    assert item["funding"] == {
        "totalAmountAvailable": {"amount": "10000000", "currency": "EUR"},
        "minAwardAmount": {"amount": "0", "currency": "EUR"},
        "maxAwardAmount": {"amount": "2000000", "currency": "EUR"},
        "estimatedAwardCount": 5,
    }
    assert item["acceptedApplicantTypes"] == [
        {"value": "government_municipal", "description": "local_authority"},
        {"value": "custom", "customValue": "regional_authority"},
    ]
    assert item["createdAt"] == item["lastModifiedAt"] == "2026-11-01T00:00:00Z"
    assert item["customFields"]["vieMatchCall"]["value"]["conditions"] == "A city leads."


def test_the_closing_date_is_the_last_at_which_one_can_enter(make_call: MakeCall) -> None:
    days = ["2027-02-01 17:00", "2027-10-07"]
    first = {"name": "Deadline 1 of 2", "eventType": "singleDate", "date": "2027-02-01", "time": "17:00:00"}
    first |= {"description": "Brussels time"}
    second = {"name": "Deadline 2 of 2", "eventType": "singleDate", "date": "2027-10-07"}
    for model, closing, other in (
        ("multiple cut-off", second, {"deadline1": first}),
        ("two-stage", first, {"deadline2": second}),
    ):
        dates = opportunity(make_call(deadline_model=model, deadlines=days), NOW)["keyDates"]
        assert (dates["closeDate"], dates["otherDates"]) == (closing, other)
        assert dates["postDate"] == {"name": "Opening", "eventType": "singleDate", "date": "2026-01-01"}


def test_a_call_without_dates_says_so_only_if_it_is_continuous(make_call: MakeCall) -> None:
    fields: dict[str, Any] = {"deadlines": [], "opening": None}
    dates = opportunity(make_call(deadline_model="continuous", **fields), NOW)["keyDates"]
    assert dates == {"closeDate": {"name": "Deadline", "eventType": "other", "details": "continuous"}}
    assert "keyDates" not in opportunity(make_call(deadline_model="not stated", **fields), NOW)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"opening": "2026-12-01"}, {"value": "forecasted"}),
        ({"opening": "2026-01-01"}, {"value": "open"}),
        ({"opening": None}, {"value": "custom", "customValue": "opening not known"}),
        ({"opening": None, "deadlines": ["2026-11-23"]}, {"value": "closed"}),
    ],
)
def test_the_status_is_that_of_the_moment(
    make_call: MakeCall, fields: dict[str, object], status: dict[str, str]
) -> None:
    assert opportunity(make_call(**fields), NOW)["status"] == status


def test_every_status_has_a_counterpart() -> None:
    assert set(commongrants._STATUS) == set(CallStatus)


def test_ids_are_the_same_whenever_and_however_an_identifier_is_written(make_call: MakeCall) -> None:
    one, same, other = (
        opportunity(make_call(name), NOW + dt.timedelta(days=number))["id"]
        for number, name in enumerate(["X-1", "x-1", "X-2"])
    )
    assert one == same != other
    assert uuid.UUID(one).version == 5


def test_what_is_not_known_is_left_out(make_call: MakeCall) -> None:
    bare = make_call(programme="OTHER", url=None, opening=None, source_date=None, deadlines=["2027-10-07"])
    item = opportunity(bare, NOW)
    assert {"funding", "funders", "source", "acceptedApplicantTypes"}.isdisjoint(item)
    assert item["createdAt"] == "2026-11-24T12:00:00Z"


def test_an_address_the_protocol_does_not_allow_stands_in_our_field_only(
    tmp_path: Path, make_call: MakeCall
) -> None:
    call = make_call(url=f"https://example.org/{'x' * 3000}")
    assert "source" not in opportunity(call, NOW)
    write([call], tmp_path / "x.json")
    assert read(tmp_path / "x.json") == [call]


def test_the_envelope_is_that_of_the_protocols_list(tmp_path: Path, full: Call, make_call: MakeCall) -> None:
    for calls, size in (([full, make_call()], 2), ([], 1)):
        write(calls, tmp_path / "x.json")
        document = json.loads((tmp_path / "x.json").read_bytes())
        assert len(document["items"]) == len(calls)
        assert (document["status"], document["message"]) == (200, "Success")
        assert document["paginationInfo"] == {
            "page": 1,
            "pageSize": size,
            "totalItems": len(calls),
            "totalPages": 1,
        }


def test_title_and_text_are_those_of_the_opportunity_itself(tmp_path: Path, full: Call) -> None:
    item = opportunity(full, NOW) | {"title": "Mended", "description": "Also mended."}
    (call,) = read_items(tmp_path, [item])
    assert call == full.model_copy(update={"title": "Mended", "text": "Also mended."})


# --- other people's documents ------------------------------------------------------------------

FOREIGN: dict[str, Any] = {
    "id": "ac201443-5480-4e36-9799-a39765225153",
    "title": "Community health",
    "status": {"value": "open"},
    "description": "Towns open health centres.",
    "createdAt": "2026-01-01T00:00:00Z",
    "lastModifiedAt": "2026-01-01T00:00:00Z",
}


def read_items(folder: Path, items: Any) -> list[Call]:
    (folder / "x.json").write_text(json.dumps(items), encoding="utf-8")
    return read(folder / "x.json")


def foreign(folder: Path, **fields: Any) -> Call:
    (call,) = read_items(folder, [FOREIGN | fields])
    return call


def test_a_bare_opportunity_is_a_call_of_which_little_is_known(tmp_path: Path) -> None:
    assert foreign(tmp_path) == Call.model_validate(
        {
            "identifier": "ac201443-5480-4e36-9799-a39765225153",
            "title": "Community health",
            "programme": "OTHER",
            "deadline_model": "not stated",
            "source": "CommonGrants document",
            "text": "Towns open health centres.",
        }
    )


def test_the_protocols_own_fields_are_read(tmp_path: Path) -> None:
    euro = {"currency": "EUR"}
    call = foreign(
        tmp_path,
        identifiers={"opp:us:fon": {"id": "HHS-1"}},
        funding={
            "details": "Half the cost.",
            "totalAmountAvailable": euro | {"amount": "5000000.00"},
            "minAwardAmount": {"currency": "USD", "amount": "10"},
            "maxAwardAmount": euro | {"amount": "20000"},
            "estimatedAwardCount": 3,
        },
        funders={"primary": {"id": FOREIGN["id"], "name": "Horizon Europe"}},
        keyDates={
            "postDate": {"eventType": "dateRange", "startDate": "2026-01-01", "endDate": "2026-02-01"},
            "closeDate": {"eventType": "singleDate", "date": "2027-10-07", "time": "23:59:00"},
        },
        source="https://example.org/health",
        acceptedApplicantTypes=[{"value": "individual"}, {"value": "government_county"}],
    )
    assert (call.identifier, call.programme, call.url) == ("HHS-1", "HORIZON", "https://example.org/health")
    assert call.budget.model_dump(exclude_none=True) == {
        "budget_total_eur": 5_000_000,
        "grant_max_eur": 20_000,
        "expected_grants": 3,
    }
    # The hour is not taken: its zone is not known.
    assert ([str(one) for one in call.deadlines], str(call.opening)) == (["2027-10-07"], "2026-01-01")
    assert (call.eligible_applicants, call.conditions) == ((Applicant.LOCAL_AUTHORITY,), "Half the cost.")


def test_our_document_without_our_field_keeps_what_the_protocol_can_say(tmp_path: Path, full: Call) -> None:
    item = {name: value for name, value in opportunity(full, NOW).items() if name != "customFields"}
    (call,) = read_items(tmp_path, [item])
    for name in ("identifier", "title", "programme", "opening", "eligible_applicants", "url", "text"):
        assert getattr(call, name) == getattr(full, name)
    assert call.budget == full.budget.model_copy(update={"cofunding_rate": None})
    assert [str(one) for one in call.deadlines] == ["2027-10-07"]


def test_no_awards_are_not_known(tmp_path: Path) -> None:
    assert foreign(tmp_path, funding={"estimatedAwardCount": 0}).budget.expected_grants is None


@pytest.mark.parametrize(
    ("identifiers", "identifier"),
    [
        ({"otherIds": {"opp:xx:a": {"id": "A"}, "opp:eu:topic": {"id": "B"}}}, "B"),
        ({"otherIds": {"opp:xx:a": {"id": "A"}}, "opp:us:fon": {"id": "C"}}, "C"),
        ({"otherIds": {"opp:xx:a": {"id": "A"}}}, "A"),
        (
            {
                "otherIds": {
                    "x": {"allIds": [{"id": "D", "status": "archived"}, {"id": "E", "status": "active"}]}
                }
            },
            "E",
        ),
        ({"systemId": {"id": "F"}, "otherIds": {"x": {}, "y": 5}}, FOREIGN["id"]),
        (None, FOREIGN["id"]),
    ],
)
def test_the_best_identifier_is_taken(tmp_path: Path, identifiers: object, identifier: str) -> None:
    assert foreign(tmp_path, identifiers=identifiers).identifier == identifier


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (["unrestricted", "organization"], (Applicant.ANY,)),
        (["higher_education_public", "higher_education_private"], (Applicant.UNIVERSITY,)),
        (["government_municipal", "government_tribal"], (Applicant.LOCAL_AUTHORITY,)),
        # A list of which one part is not understood would keep out whom that part lets in.
        (["higher_education_public", "custom"], ()),
        (["higher_education_public", "government_federation"], ()),
        ([], ()),
    ],
)
def test_a_list_of_applicants_is_taken_whole_or_not_at_all(
    tmp_path: Path, accepted: list[str], expected: tuple[Applicant, ...]
) -> None:
    types = [{"value": value} for value in accepted]
    assert foreign(tmp_path, acceptedApplicantTypes=types).eligible_applicants == expected


@pytest.mark.parametrize(
    ("document", "count"), [([FOREIGN], 1), ({"items": [FOREIGN]}, 1), ({"data": FOREIGN}, 1), ([], 0)]
)
def test_lists_and_the_protocols_envelopes_are_read(tmp_path: Path, document: object, count: int) -> None:
    assert len(read_items(tmp_path, document)) == count


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (5, "5"),
        ({"items": 5}, "{'items': 5}"),
        ([5], "items[0] without title and description"),
        ([FOREIGN, FOREIGN | {"description": ""}], "items[1] without description"),
        ([FOREIGN | {"title": 5}], "items[0] title: 5"),
        ([FOREIGN | {"keyDates": {"closeDate": {"date": "soon"}}}], "items[0] deadlines.0: 'soon'"),
        (
            [FOREIGN | {"funding": {"maxAwardAmount": {"amount": "-5", "currency": "EUR"}}}],
            "items[0] grant_max_eur: '-5'",
        ),
        ([FOREIGN | {"id": None}], "items[0] no identifier"),
    ],
)
def test_what_a_call_cannot_do_without_is_named(tmp_path: Path, document: object, found: str) -> None:
    with pytest.raises(BadFile) as caught:
        read_items(tmp_path, document)
    (fault,) = caught.value.faults
    assert fault.found == found
    assert fault.expected


def test_broken_json_is_named_with_its_line(tmp_path: Path) -> None:
    for content, line in ((b'[\n{"title": }]', 2), (b"[" * 100_000, None)):
        (tmp_path / "x.json").write_bytes(content)
        with pytest.raises(BadFile) as caught:
            read(tmp_path / "x.json")
        (fault,) = caught.value.faults
        assert fault.line == line
        assert "no JSON" in fault.found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2027-10-07"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
_KEYS = st.sampled_from(
    "id title description identifiers otherIds opp:us:fon allIds status funding maxAwardAmount amount "
    "currency keyDates closeDate date acceptedApplicantTypes value customFields vieMatchCall funders "
    "primary name".split()
)


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(st.lists(_KEYS, min_size=1, max_size=4), _JSON), max_size=4))
def test_any_document_is_calls_or_a_bad_file(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[list[str], Any]]
) -> None:
    item: dict[str, Any] = json.loads(json.dumps(FOREIGN))
    for (*way, last), value in changes:
        inner = item
        for key in way:
            if not isinstance(inner.get(key), dict):
                inner[key] = {}
            inner = inner[key]
        inner[last] = value
    try:
        calls = read_items(tmp_path_factory.getbasetemp(), [item])
    except BadFile as error:
        str(error).encode("utf-8")
    else:
        assert len(calls) == 1
