"""Answers of the Funding & Tenders Portal: entries become calls, field by field, whatever their form."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import mangled
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutated import PAGES

from vie_match.errors import SourceChanged, VieMatchError
from vie_match.history import Harvest
from vie_match.records import BRUSSELS, Budget, Call
from vie_match.sources import sedia, topics
from vie_match.vocabulary import ActionType, CallStatus, Programme

FOLDER = PAGES / "portal"
ADDRESS = "https://search.example/rest/search"
EXPECTED = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*/expected.json"))
}
CASES = list(EXPECTED)
FIELDS = sorted({*Call.model_fields, *Budget.model_fields} - {"budget"})


def load(case: str, name: str = "page.json") -> Any:
    return json.loads((FOLDER / case / name).read_text(encoding="utf-8"))


def entries(case: str) -> tuple[sedia.Entry, ...]:
    return sedia.answer(load(case), ADDRESS).entries


def programmes(case: str) -> dict[str, Programme]:
    has_labels = (FOLDER / case / "facet.json").exists()
    return sedia.PROGRAMME_IDS | (sedia.labels(load(case, "facet.json")) if has_labels else {})


@cache
def harvest(case: str) -> Harvest:
    return topics.calls(entries(case), programmes(case))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES)
def test_field(case: str, field: str) -> None:
    wanted = [Call.model_validate(call).flat()[field] for call in EXPECTED[case]["calls"]]
    assert [call.flat()[field] for call in harvest(case).calls] == wanted


@pytest.mark.parametrize("case", CASES)
def test_everything_listed_is_accounted_for(case: str) -> None:
    found = harvest(case)
    wanted = EXPECTED[case]["rejected"]
    assert [one.key for one in found.rejected] == [key for key, _ in wanted]
    assert all(part in one.reason for one, (_, part) in zip(found.rejected, wanted, strict=True))
    assert all("; expected " in one.reason for one in found.rejected)
    assert found.folded == EXPECTED[case]["folded"]
    assert found.offered == len(load(case)["results"])


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_the_entries_does_not_matter(case: str) -> None:
    turned = topics.calls(entries(case)[::-1], programmes(case))
    by_identifier = {call.identifier: call for call in turned.calls}
    assert by_identifier == {call.identifier: call for call in harvest(case).calls}
    assert (len(turned.rejected), turned.folded) == (len(harvest(case).rejected), harvest(case).folded)


@pytest.mark.parametrize(
    ("case", "status"), [("stale_status", CallStatus.CLOSED), ("moved_deadline", CallStatus.OPEN)]
)
def test_the_dates_decide_whatever_status_the_index_has(case: str, status: CallStatus) -> None:
    moment = dt.datetime(2027, 2, 20, tzinfo=BRUSSELS)
    assert harvest(case).calls[0].status(moment) is status


@pytest.mark.parametrize("case", ["cascade", "unknown_programme", "prospects"])
def test_several_answers_are_read_like_one(case: str) -> None:
    pages = [entries(one) for one in (case, "usual")]
    together = topics.calls(one for page in pages for one in page)
    assert together.calls == (*harvest(case).calls, *harvest("usual").calls)


ACTION_TYPES = {
    "HORIZON  Research and Innovation Actions": ActionType.RIA,
    "HORIZON JU Research and Innovation Actions": ActionType.RIA,
    "HORIZON Innovation Actions": ActionType.IA,
    "horizon coordination and\tsupport actions": ActionType.CSA,
    "HORIZON Programme Cofund Actions": ActionType.COFUND,
    "HORIZON Pre-commercial Procurement": ActionType.PCP,
    "HORIZON Public Procurement of Innovative Solutions": ActionType.PPI,
    "HORIZON Prize": ActionType.PRIZE,
    "HORIZON Recognition Prizes": ActionType.PRIZE,
    "CERV Lump Sum Grants": ActionType.LUMP_SUM_GRANT,
    "LIFE Project Grants": ActionType.PROJECT_GRANT,
    "DIGITAL Simple Grants": ActionType.PROJECT_GRANT,
    "CEF Infrastructure Projects": ActionType.PROJECT_GRANT,
    "SMP Grants for Financial Support": ActionType.OTHER,
    "Lump Sum Grants are not for this": ActionType.OTHER,
    "": ActionType.OTHER,
}


@pytest.mark.parametrize(("words", "kind"), ACTION_TYPES.items())
def test_action_type(words: str, kind: ActionType) -> None:
    page = load("usual")
    page["results"][0]["metadata"]["typesOfAction"] = [words]
    assert topics.calls(sedia.answer(page, ADDRESS).entries).calls[0].action_type is kind


@pytest.mark.parametrize(
    "data",
    [
        None,
        "Maintenance",
        [],
        {},
        {"type": "throwable"},
        {"totalResults": 4},
        {"results": []},
        {"results": {"1": {}}, "totalResults": 1},
        {"results": None, "totalResults": 0},
        {"results": [], "totalResults": "4"},
    ],
)
def test_an_answer_of_another_shape_is_named(data: Any) -> None:
    with pytest.raises(SourceChanged, match="no list 'results'") as caught:
        sedia.answer(data, ADDRESS)
    assert ADDRESS in str(caught.value)


def test_an_answer_tells_how_many_there_are_on_all_pages() -> None:
    page = load("cascade") | {"totalResults": 888}
    read = sedia.answer(page, ADDRESS)
    assert (read.total, len(read.entries)) == (888, 4)


def test_an_entry_without_any_form_is_listed_all_the_same() -> None:
    read = sedia.answer({"results": [None, "x", {"metadata": {"title": "x"}}], "totalResults": 3}, ADDRESS)
    found = topics.calls(read.entries)
    assert (len(found.calls), len(found.rejected), found.folded) == (0, 3, 0)


FACET = {"name": "frameworkProgramme", "values": [{"rawValue": "7", "value": "LIFE"}]}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"facets": [{"name": "type", "values": FACET["values"]}, FACET]}, {"7": Programme.LIFE}),
        ({"facets": [None, FACET, FACET | {"values": None}]}, {"7": Programme.LIFE}),
        ({"facets": [{"name": "type", "values": FACET["values"]}]}, {}),
        ({"facets": [FACET | {"values": [{"rawValue": "7", "value": "Somebody (ELSE)"}]}]}, {}),
        ({"facets": [FACET | {"values": [{"rawValue": "7", "value": None}, "LIFE"]}]}, {}),
        ({"facets": {"1": FACET}}, {}),
        ([FACET], {}),
        (None, {}),
    ],
)
def test_labels(data: Any, found: dict[str, Programme]) -> None:
    assert sedia.labels(data) == found


@pytest.mark.parametrize(
    ("label", "programme"),
    [
        ("Horizon Europe (HORIZON)", Programme.HORIZON),
        ("Citizens, Equality, Rights and Values Programme (CERV)", Programme.CERV),
        ("Innovation Fund (INNOV)", Programme.INNOVATION_FUND),
        ("Creative Europe", Programme.CREA),
        ("(", None),
        ("", None),
    ],
)
def test_programme_named(label: str, programme: Programme | None) -> None:
    assert sedia.programme_named(label) is programme


def test_a_reference_that_comes_again_is_left_out_and_a_missing_one_never() -> None:
    page = load("cascade")
    nameless = [page["results"][1] | {"reference": None}] * 2
    read = sedia.answer(page | {"results": page["results"] * 2 + nameless}, ADDRESS)
    assert list(sedia.first_of_each(read.entries)) == [*read.entries[:4], *read.entries[-2:]]


PAGES_OF_CASES = [load(case) for case in CASES]
FACETS = st.one_of(
    mangled.values,
    st.lists(mangled.values).map(lambda values: {"facets": [FACET | {"values": values}]}),
    mangled.changed([load("facet_labels", "facet.json")]),
)


@settings(max_examples=250, deadline=None)
@given(st.one_of(mangled.values, mangled.changed(PAGES_OF_CASES)), FACETS)
def test_raises_nothing_but_its_own_errors(data: Any, facets: Any) -> None:
    try:
        read = sedia.answer(data, ADDRESS)
        found = topics.calls(read.entries, sedia.PROGRAMME_IDS | sedia.labels(facets))
    except VieMatchError:
        return
    assert found.offered == len(data["results"])
    assert len({call.identifier.casefold() for call in found.calls}) == len(found.calls)
    assert all(one.reason for one in found.rejected)
