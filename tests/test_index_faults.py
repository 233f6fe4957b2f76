"""What the portal's index may do to a reader, and what must not come of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from replay import Answer, Recorded, ReplayServer, redirect, value
from simulated import Search, topic
from stored import NOON

from vie_match.errors import SourceChanged
from vie_match.history import Harvest
from vie_match.sources import portal, sedia, topics
from vie_match.store.calls import CallStore
from vie_match.web.session import Session

Fetch = Callable[[Search], Harvest]

TODAY = dt.date(2027, 3, 31)
FIRST = dt.date(2026, 2, 1)


def read(*entries: dict[str, Any]) -> Harvest:
    return topics.calls(sedia.answer({"results": list(entries), "totalResults": len(entries)}, "x").entries)


@pytest.fixture
def fetch(server: ReplayServer, session: Session) -> Fetch:
    def run(search: Search) -> Harvest:
        server.routes = {"/rest/search": search.search, "/rest/facet": search.facet} | server.routes
        return portal.fetch(session, f"{server.url}/rest", TODAY)

    return run


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal, "WINDOW", 100)
    monkeypatch.setattr(portal, "PAGE_SIZE", 20)


def spread(hour: str = "00:00:00.000") -> Search:
    search = Search([topic(n, startDate=f"{FIRST + dt.timedelta(n)}T{hour}+0000") for n in range(150)])
    search.window = 100
    return search


def overview(**row: Any) -> str:
    return json.dumps({"budgetTopicActionMap": {"1": [{"action": "MADE-UP-2027-00001 - x"} | row]}})


def test_half_a_letter_in_a_rejected_key_does_not_stop_the_store(tmp_path: Path) -> None:
    store = CallStore(tmp_path / "s.db")
    with store.journal.run("fetch", NOON) as run:
        store.take_over(run, "portal", read(topic(1), topic(2, identifier="X\ud800")))


def test_a_list_without_any_call_is_a_changed_source(fetch: Fetch) -> None:
    with pytest.raises(SourceChanged):
        fetch(Search([]))


def test_a_list_without_any_deadline_is_a_changed_source(fetch: Fetch) -> None:
    with pytest.raises(SourceChanged):
        fetch(Search([topic(n, deadlineDate=None) for n in range(5)]))


@pytest.mark.usefixtures("small")
def test_what_opens_late_on_the_last_day_of_a_part_is_in_it(fetch: Fetch) -> None:
    assert len(fetch(spread("15:26:42.427")).calls) == 150


@pytest.mark.usefixtures("small")
def test_what_no_part_holds_is_noticed(fetch: Fetch) -> None:
    search = spread()
    search.entries.append(topic(900, startDate=None))
    assert fetch(search).notices


def test_a_few_missing_entries_are_noticed(fetch: Fetch, server: ReplayServer) -> None:
    search = Search([topic(number) for number in range(150)])

    def without_the_first(request: Recorded) -> Answer:
        answer = search.search(request)
        if b'"totalResults": 150' not in answer.body:
            return answer
        data = json.loads(answer.body)
        return value(data | {"results": data["results"][1:]})

    server.routes["/rest/search"] = without_the_first
    # One of each of the two pages.
    assert fetch(search).notices == ("2 of 150 entries did not come: the index was changing",)


@pytest.mark.usefixtures("small")
def test_what_a_parted_query_offers_is_counted_once(fetch: Fetch) -> None:
    assert fetch(spread()).offered == 150


def test_a_full_copy_goes_before_an_english_stub() -> None:
    stub = {
        "reference": "1",
        "language": "en",
        "metadata": {"type": ["1"], "identifier": ["MADE-UP-2027-00001"], "title": ["x"]},
    }
    assert read(stub, topic(1, language="sv")).calls[0].deadlines


def test_labels_that_lead_elsewhere_do_not_stop_the_source(fetch: Fetch, server: ReplayServer) -> None:
    server.routes["/rest/facet"] = redirect("http://127.0.0.1:9/login")
    assert fetch(Search([topic(1)])).notices


def test_a_count_beyond_all_bounds_is_unknown() -> None:
    assert (
        read(topic(1, budgetOverview=overview(expectedGrants=20000))).calls[0].budget.expected_grants is None
    )


def test_a_sum_beyond_all_bounds_is_unknown() -> None:
    assert (
        read(topic(1, budgetOverview=overview(budgetYearMap={"2027": 9 * 10**11, "2028": 9 * 10**11})))
        .calls[0]
        .budget.budget_total_eur
        is None
    )


def test_an_identifier_is_kept_letter_by_letter() -> None:
    assert read(topic(1, identifier="Straße-2027")).calls[0].identifier == "Straße-2027"


def test_a_prospect_named_like_a_cascade_call_is_another_call() -> None:
    assert (
        len(read(topic(1, identifier="X/90811", type="2"), topic(90811, identifier="X", type="8")).calls) == 2
    )


def test_the_text_of_a_call_does_not_depend_on_other_calls() -> None:
    one = topic(1, descriptionByte="General ConditionsPage limits.")
    other = topic(2, descriptionByte="The page of conditions.")
    assert read(one).calls[0].text == read(one, other).calls[0].text


def test_a_title_has_no_markup() -> None:
    assert read(topic(1, title="Cool <b>streets</b>")).calls[0].title == "Cool streets"


def test_an_address_has_no_blanks() -> None:
    assert " " not in read(topic(1, identifier="LIFE 2027 90")).calls[0].url


def test_a_deadline_that_cannot_be_read_does_not_vanish() -> None:
    harvest = read(topic(1, deadlineDate="rubbish"))
    assert harvest.calls == ()
    assert "found the deadline 'rubbish'" in harvest.rejected[0].reason


def test_a_cascade_call_closes_at_the_hour_it_writes() -> None:
    [call] = read(topic(1, type="8", deadlineDate="2026-09-06T23:59:00.000+0000")).calls
    assert [str(deadline) for deadline in call.deadlines] == ["2026-09-06 23:59"]


def test_a_topic_closes_on_the_day_in_brussels() -> None:
    [call] = read(topic(1, deadlineDate="2027-06-30T22:00:00.000+0000")).calls
    assert [str(deadline) for deadline in call.deadlines] == ["2027-07-01"]


def test_a_call_without_a_date_whose_actions_are_closed_is_not_open() -> None:
    actions = json.dumps([{"status": {"abbreviation": "Closed"}, "plannedOpeningDate": "2014-01-01"}])
    assert "closed actions" in read(topic(1, deadlineDate=None, actions=actions)).rejected[0].reason


def test_a_footnote_does_not_become_part_of_a_number() -> None:
    [call] = read(topic(1, topicConditions="<p>At least 3<sup>1</sup> cities.</p>")).calls
    assert call.conditions == "At least 3[1] cities."


def test_signs_that_steer_a_terminal_are_left_out() -> None:
    [call] = read(topic(1, title="Cool \x1b[2Jstreets")).calls
    assert call.title == "Cool [2Jstreets"
