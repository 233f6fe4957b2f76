"""Questions to the Funding & Tenders Portal: all pages, all parts, or nothing; over a real connection."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutated import PAGES
from replay import Answer, Recorded, ReplayServer, cut_off, html_instead, status, value
from simulated import CLOSED, Search, fits, topic

from vie_match.errors import SourceChanged, SourceDown
from vie_match.history import Harvest
from vie_match.sources import portal, sedia, topics
from vie_match.store.responses import ResponseStore
from vie_match.vocabulary import Programme
from vie_match.web.session import Session

TODAY = dt.date(2027, 3, 31)
LIFE, UNKNOWN = "43252405", "99999999"

Fetch = Callable[[Search], Harvest]


def moment(day: dt.date) -> str:
    return f"{day}T00:00:00.000+0000"


def days_ago(days: int) -> str:
    return moment(TODAY - dt.timedelta(days))


@pytest.fixture
def fetch(server: ReplayServer, session: Session) -> Fetch:
    """Fetches from a simulated search; routes set before are kept."""

    def run(search: Search) -> Harvest:
        server.routes = {"/rest/search": search.search, "/rest/facet": search.facet} | server.routes
        return portal.fetch(session, f"{server.url}/rest", TODAY)

    return run


def numbers(harvest: Harvest) -> list[int]:
    return sorted(int(call.identifier[13:18]) for call in harvest.calls)


def asked_pages(server: ReplayServer) -> list[str]:
    return [request.path.partition("pageNumber=")[2] for request in server.asked("/rest/search")]


def failing_page(search: Search, number: int, failure: Answer) -> Callable[[Recorded], Answer]:
    def respond(request: Recorded) -> Answer:
        return failure if request.path.endswith(f"pageNumber={number}") else search.search(request)

    return respond


def test_all_pages_are_read(fetch: Fetch, server: ReplayServer) -> None:
    harvest = fetch(Search(topic(number) for number in range(230)))
    assert numbers(harvest) == list(range(230))
    assert (harvest.rejected, harvest.folded, harvest.notices) == ((), 0, ())
    assert asked_pages(server) == ["1", "2", "3", "1"]
    assert "pageSize=100&" in server.asked("/rest/search")[0].path


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (100, 1), (101, 2), (200, 2)])
def test_no_page_is_asked_for_in_vain(fetch: Fetch, server: ReplayServer, count: int, pages: int) -> None:
    assert len(fetch(Search(topic(number) for number in range(count))).calls) == count
    assert len(asked_pages(server)) == pages + 1


def test_only_open_forthcoming_and_lately_closed_grants_are_asked_for(fetch: Fetch) -> None:
    kinds = [topic(kind, type=str(kind)) for kind in range(9)]
    states = [topic(20 + state, status=f"3109450{state}") for state in range(1, 6)]
    states[2]["metadata"]["deadlineDate"] = [days_ago(3)]
    assert numbers(fetch(Search(kinds + states))) == [1, 2, 8, 21, 22, 23]


def test_a_call_that_is_closed_before_its_deadline_is_none(fetch: Fetch) -> None:
    stages = [days_ago(20), moment(TODAY + dt.timedelta(100))]
    actions = '[{"status": {"abbreviation": "Open"}, "deadlineDates": ["2027-09-07"]}]'
    closed = [
        topic(2, status=sedia.CLOSED),
        topic(3, status=sedia.CLOSED, deadlineDate=stages, deadlineModel="two-stage"),
        topic(4, status=sedia.CLOSED, actions=actions),
        topic(5, status=sedia.CLOSED, actions=actions.replace("Open", "Closed")),
    ]
    harvest = fetch(Search([topic(1), *closed]))
    assert numbers(harvest) == [1, 3, 4]
    assert [one.key[-1] for one in harvest.rejected] == ["2", "5"]
    assert "closed” before the deadline 2027-09-07" in harvest.rejected[0].reason
    assert not harvest.unread


def test_an_entry_that_cannot_be_read_is_there_all_the_same(fetch: Fetch) -> None:
    broken = topic(2, deadlineDate="2027-02-31T00:00:00.000+0000")
    assert fetch(Search([topic(1), broken])).unread == {"made-up-2027-00002"}


@pytest.mark.parametrize("case", sorted(path.name for path in (PAGES / "portal").iterdir()))
def test_everything_that_the_parser_reads_is_asked_for(fetch: Fetch, case: str) -> None:
    results = json.loads((PAGES / "portal" / case / "page.json").read_text(encoding="utf-8"))["results"]
    calls = [one for one in results if one["metadata"]["type"][0] in sedia.CALL_TYPES]
    for number, one in enumerate(calls):
        one["metadata"]["status"] = ["31094502"]
        one["reference"] = f"{number}{one['reference']}"
    search = Search([topic(1), *calls])
    search.leaks_languages = True
    data = {"results": search.entries, "totalResults": len(search.entries)}
    whole = topics.calls(sedia.answer(data, "").entries)
    found = fetch(search)
    since = TODAY - dt.timedelta(30)
    recent = [call for call in whole.calls if not call.deadlines or call.deadlines[-1].moment.date() >= since]
    assert sorted(map(repr, found.calls)) == sorted(map(repr, recent))


def test_copies_in_other_languages_are_folded(fetch: Fetch) -> None:
    search = Search(topic(1, language=language, title=language) for language in ("sv", "en", "cs"))
    assert (len(fetch(search).calls), fetch(search).folded) == (1, 0)
    search.leaks_languages = True
    harvest = fetch(search)
    assert ([call.title for call in harvest.calls], harvest.folded, harvest.offered) == (["en"], 2, 3)


def test_lately_closed_calls_are_kept_and_long_closed_ones_told(fetch: Fetch) -> None:
    search = Search(
        [
            topic(1),
            topic(2, status=CLOSED, deadlineDate=days_ago(1)),
            topic(3, status=CLOSED, deadlineDate=days_ago(30)),
            # The index forgot to close it.
            topic(4, deadlineDate="2019-06-04T00:00:00.000+0000"),
            topic(5, deadlineDate=days_ago(31)),
            # Of this one the index cannot know that it is long over.
            topic(6, deadlineDate=[days_ago(40), days_ago(-40)]),
            topic(7, status=CLOSED, deadlineDate=days_ago(31)),
            topic(8, status="31094501", deadlineDate=None),
        ]
    )
    harvest = fetch(search)
    assert numbers(harvest) == [1, 2, 3, 6, 8]
    assert [one.key[-5:] for one in harvest.rejected] == ["00004", "00005"]
    assert harvest.rejected[0].reason == "closed 2019-06-04, more than 30 days ago"
    assert harvest.offered == 7


def test_pages_that_overlap_are_folded(fetch: Fetch, server: ReplayServer) -> None:
    search = Search(topic(number) for number in range(150))

    def respond(request: Recorded) -> Answer:
        if request.path.endswith("pageNumber=2"):
            # Two came in at the head while the first page was on its way.
            search.entries[:0] = [topic(900), topic(901)]
        return search.search(request)

    server.routes["/rest/search"] = respond
    harvest = fetch(search)
    assert numbers(harvest) == list(range(150))
    assert (harvest.folded, harvest.offered) == (2, 152)


def test_an_entry_that_left_the_index_meanwhile_is_no_loss(fetch: Fetch, server: ReplayServer) -> None:
    search = Search(topic(number) for number in range(150))

    def respond(request: Recorded) -> Answer:
        if request.path.endswith("pageNumber=2"):
            del search.entries[120:123]
        return search.search(request)

    server.routes["/rest/search"] = respond
    assert len(fetch(search).calls) == 147


@pytest.mark.parametrize(
    "failure",
    [status(500), status(503), cut_off(b'{"totalResults": 230, "results": ['), value({"type": "throwable"})],
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_missing_page_is_no_list(fetch: Fetch, server: ReplayServer, number: int, failure: Answer) -> None:
    search = Search(topic(number) for number in range(230))
    server.routes["/rest/search"] = failing_page(search, number, failure)
    with pytest.raises((SourceDown, SourceChanged)) as caught:
        fetch(search)
    assert isinstance(caught.value, SourceChanged) == (failure.status == 200 and failure.length is None)
    assert server.url.removeprefix("http://") in str(caught.value)


@pytest.mark.parametrize("lost", [4, 100])
def test_a_page_with_holes_is_no_list(fetch: Fetch, server: ReplayServer, lost: int) -> None:
    search = Search(topic(number) for number in range(150))

    def respond(request: Recorded) -> Answer:
        answer = search.search(request)
        if b'"totalResults": 150' not in answer.body:
            return answer
        data = json.loads(answer.body)
        return value(data | {"results": data["results"][lost:]})

    server.routes["/rest/search"] = respond
    with pytest.raises(SourceDown, match="of 150 entries missing"):
        fetch(search)


def test_a_service_that_gives_shorter_pages_than_asked_for_is_no_list(fetch: Fetch) -> None:
    search = Search(topic(number) for number in range(150))
    search.cap = 50
    with pytest.raises(SourceDown, match="50 of 150 entries missing"):
        fetch(search)


def test_a_service_that_gives_the_same_page_again_is_no_list(fetch: Fetch, server: ReplayServer) -> None:
    search = Search(topic(number) for number in range(150))
    server.routes["/rest/search"] = lambda request: search.search(
        replace(request, target=request.target.replace("pageNumber=2", "pageNumber=1"))
    )
    with pytest.raises(SourceDown, match="50 of 150 entries missing"):
        fetch(search)


def test_a_page_instead_of_an_answer_is_a_change(fetch: Fetch, server: ReplayServer) -> None:
    server.routes["/rest/search"] = html_instead()
    with pytest.raises(SourceChanged, match="expected JSON"):
        fetch(Search([]))


def test_a_hiccup_is_survived(fetch: Fetch, server: ReplayServer) -> None:
    search = Search([topic(1)])
    hiccups = iter([status(500), cut_off(b'{"totalResults": 1'), status(503)])
    server.routes["/rest/search"] = lambda request: next(hiccups, None) or search.search(request)
    assert numbers(fetch(search)) == [1]


def test_a_query_that_was_ignored_is_noticed(fetch: Fetch) -> None:
    search = Search([topic(1), topic(2, type="0"), topic(3, type="6")])
    search.ignores_query = True
    with pytest.raises(SourceChanged, match=r"type 0, 6.*the query was ignored"):
        fetch(search)


def test_an_entry_without_a_type_shows_that_the_query_was_ignored(fetch: Fetch) -> None:
    search = Search([topic(1, type=None)])
    search.ignores_query = True
    with pytest.raises(SourceChanged, match="type unknown"):
        fetch(search)


def test_the_facet_names_programmes_that_our_table_does_not_know(fetch: Fetch) -> None:
    entries = [topic(1, UNKNOWN), topic(2, LIFE), topic(3, "43152860")]
    harvest = fetch(Search(entries, {UNKNOWN: "Digital Europe Programme (DIGITAL)", LIFE: "Erasmus+"}))
    programmes = [call.programme for call in harvest.calls]
    assert programmes == [Programme.DIGITAL, Programme.ERASMUS, Programme.DIGITAL]
    assert harvest.notices == ()


@pytest.mark.parametrize(
    "failure", [status(500), status(404), html_instead(), cut_off(b'{"facets": ['), cut_off(b"")]
)
def test_a_facet_that_fails_costs_a_notice(fetch: Fetch, server: ReplayServer, failure: Answer) -> None:
    server.routes["/rest/facet"] = failure
    harvest = fetch(Search([topic(1, LIFE)]))
    assert [call.programme for call in harvest.calls] == [Programme.LIFE]
    [notice] = harvest.notices
    assert notice.startswith("programmes by our own table")
    assert "/rest/facet" in notice


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> int:
    """A window smaller than the lists of the test."""
    monkeypatch.setattr(portal, "WINDOW", 40)
    monkeypatch.setattr(portal, "PAGE_SIZE", 20)
    return 40


def large(window: int) -> Search:
    """An index of which one programme, and what belongs to none we know, are beyond the window too."""
    start = dt.date(2026, 2, 1)
    entries = [topic(number, startDate=moment(start + dt.timedelta(number))) for number in range(150)]
    entries += [topic(200 + number, LIFE) for number in range(window - 1)]
    entries += [
        topic(300 + number, UNKNOWN, startDate=moment(start + dt.timedelta(3 * number)))
        for number in range(50)
    ]
    entries += [topic(400, frameworkProgramme=None), topic(401, frameworkProgramme=["43108390", LIFE])]
    search = Search(entries)
    search.window = window
    return search


def test_a_query_beyond_the_window_is_parted_by_programme_and_then_by_day(fetch: Fetch, window: int) -> None:
    search = large(window)
    harvest = fetch(search)
    assert numbers(harvest) == [*range(150), *range(200, 239), *range(300, 350), 400, 401]
    assert harvest.rejected == ()
    totals = [sum(fits(query, entry) for entry in search.entries) for query in search.queries]
    musts = [query["bool"]["must"] for query in search.queries]
    spans = ["startDate" in str(must) for must in musts]
    assert totals[0] == 241
    # One programme alone is beyond the window, and so are the entries of none.
    assert any(spans)
    assert all(
        "frameworkProgramme" in str(query) for query, span in zip(search.queries, spans, strict=True) if span
    )
    assert any(
        "must_not" in query["bool"] and span for query, span in zip(search.queries, spans, strict=True)
    )


def test_a_query_within_the_window_is_not_parted(fetch: Fetch, window: int) -> None:
    search = Search(topic(number) for number in range(window))
    assert len(fetch(search).calls) == window
    assert "frameworkProgramme" not in str(search.queries)


def test_programmes_of_the_facet_are_parts_of_their_own(fetch: Fetch, window: int) -> None:
    search = large(window)
    search.labels = {UNKNOWN: "Creative Europe"}
    assert len(fetch(search).calls) == 241
    assert {"terms": {"frameworkProgramme": [UNKNOWN]}} in [
        must for query in search.queries for must in query["bool"]["must"]
    ]


def test_a_part_that_is_missing_is_no_list(fetch: Fetch, server: ReplayServer, window: int) -> None:
    search = large(window)

    def respond(request: Recorded) -> Answer:
        query = request.parts()["query"].body
        return status(500) if b"must_not" in query and b"startDate" in query else search.search(request)

    server.routes["/rest/search"] = respond
    with pytest.raises(SourceDown):
        fetch(search)


def test_too_many_on_one_day_cannot_be_parted(fetch: Fetch, window: int) -> None:
    search = Search(topic(number) for number in range(window + 1))
    search.window = window
    with pytest.raises(SourceChanged, match=f"more than {window} entries that open on 2027-01-12"):
        fetch(search)


KNOWN = dict.fromkeys(("1", "2", "3"), Programme.OTHER)
DAYS = st.dates(dt.date(2007, 1, 1), dt.date(2032, 3, 1))


@given(
    programme=st.sampled_from(["1", "2", "3", "4", None]),
    day=DAYS,
    parted=st.booleans(),
    choices=st.lists(st.integers(0, 1), max_size=14),
)
def test_each_entry_is_in_exactly_one_part(
    programme: str | None, day: dt.date, parted: bool, choices: list[int]
) -> None:
    entry = topic(1, frameworkProgramme=programme, startDate=moment(day))
    query = portal.Query((sedia.OPEN,))
    for choice in [None, *choices]:
        parts = list(query.parts(KNOWN, TODAY))
        assert sum(fits(part.dsl(), entry) for part in parts) == fits(query.dsl(), entry)
        query = next(part for part in parts if fits(part.dsl(), entry)) if choice is None else parts[choice]
        if query.opens and query.opens[0] >= query.opens[1]:
            break


def test_a_replay_tells_the_same_without_the_net(
    server: ReplayServer, open_session: Callable[..., Session], archive: ResponseStore
) -> None:
    search = Search([*(topic(number) for number in range(130)), topic(200, deadlineDate=days_ago(90))])
    server.routes = {"/rest/search": search.search, "/rest/facet": search.facet}
    url = f"{server.url}/rest"
    fetched = portal.fetch(open_session(archive=archive), url, TODAY)
    asked = len(server.requests)
    assert portal.fetch(open_session(archive=archive, replay=True), url, TODAY) == fetched
    assert len(server.requests) == asked == 4


def test_the_simulated_search_ignores_bare_days_and_refuses_untyped_parts() -> None:
    bare = portal.Query((sedia.OPEN,), closed_since=TODAY).dsl()
    bare["bool"]["must"][-1]["range"]["deadlineDate"]["gte"] = "2099-01-01"
    assert fits(bare, topic(1))
    head = {"content-type": "multipart/form-data; boundary=x"}
    body = b'--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n{}\r\n--x--\r\n'
    plain = Recorded("POST", "/search?apiKey=SEDIA&text=***", head, body, 0)
    assert Search([]).search(plain).status == 500
    typed = replace(
        plain,
        body=body.replace(b'"query"', b'"query"; filename="blob"\r\nContent-Type: application/json'),
    )
    with pytest.raises(KeyError, match="sort"):
        Search([]).search(typed)


def test_entries_are_typed(fetch: Fetch, server: ReplayServer) -> None:
    fetch(Search([topic(1)]))
    parts: dict[str, Any] = server.asked("/rest/search")[0].parts()
    assert parts.keys() == {"query", "languages", "sort", "displayFields"}
    assert {(part.filename, part.content_type) for part in parts.values()} == {("blob", "application/json")}
    assert json.loads(parts["languages"].body) == ["en"]
