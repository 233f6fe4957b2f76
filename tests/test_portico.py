"""Portico: cards of the catalogue become calls, whatever their tags are called."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from mutated import PAGES, pages
from replay import Answer, Recorded, ReplayServer, page, status, wrong_charset

from vie_match.errors import SourceChanged, SourceDown, VieMatchError
from vie_match.history import Harvest
from vie_match.records import Budget, Call
from vie_match.sources import portico
from vie_match.vocabulary import DeadlineModel
from vie_match.web.session import Session

FOLDER = PAGES / "portico"
EXPECTED = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*/expected.json"))
}
CASES = [case for case, expected in EXPECTED.items() if "error" not in expected]
BROKEN = [case for case in EXPECTED if case not in CASES]
FIELDS = sorted({*Call.model_fields, *Budget.model_fields} - {"budget"})
TODAY = dt.date(2027, 1, 15)


def read(case: str) -> str:
    return (FOLDER / case / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES)
def test_field(case: str, field: str) -> None:
    wanted = [Call.model_validate(call).flat()[field] for call in EXPECTED[case]["calls"]]
    assert [call.flat()[field] for call in portico.parse(read(case), portico.URL).calls] == wanted


@pytest.mark.parametrize("case", CASES)
def test_everything_listed_is_accounted_for(case: str) -> None:
    harvest = portico.parse(read(case), portico.URL)
    assert [[one.key, one.reason] for one in harvest.rejected] == EXPECTED[case]["rejected"]
    assert harvest.folded == EXPECTED[case]["folded"]


@pytest.mark.parametrize("case", BROKEN)
def test_a_page_of_another_shape_is_named(case: str) -> None:
    with pytest.raises(SourceChanged, match=EXPECTED[case]["error"]) as caught:
        portico.parse(read(case), portico.URL)
    assert portico.URL in str(caught.value)


@settings(max_examples=120, deadline=None)
@given(pages("portico"))
def test_raises_nothing_but_its_own_errors(html: str) -> None:
    try:
        harvest = portico.parse(html, portico.URL)
    except VieMatchError:
        return
    assert harvest.offered > 0
    assert len({call.identifier for call in harvest.calls}) == len(harvest.calls)


def card(title: str, link: str, deadline: str = "15/06/2027", state: str = "Open") -> str:
    return (
        f"<article><h3>{title}</h3><span>{state}</span><p>About {title}.</p><p>Deadline date : {deadline}</p>"
        f"<a href='/urban-panorama/european-urban-initiative'>By European Urban Initiative</a>"
        f"<a href='{link}'>Find out more</a></article>"
    )


def fetch(server: ReplayServer) -> Harvest:
    with Session([server.url], pace_s=0, attempts=1) as session:
        return portico.fetch(session, f"{server.url}/calls", TODAY)


def test_all_pages_are_read_and_what_stands_twice_is_folded() -> None:
    routes = {
        "/calls": page(card("One", "/n/1") + "<a rel='next' href='?page=1'>more of them</a>"),
        "/calls?page=1": page(card("Two", "/n/2") + card("One", "/n/1") + "<a href='?page=2'>3</a>"),
        "/calls?page=2": page(card("Three", "/n/3", "31/02/2027") + "<a href='?page=0'>1</a>"),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert [call.title for call in harvest.calls] == ["One", "Two"]
    assert ([one.key for one in harvest.rejected], harvest.folded, harvest.offered) == (["Three"], 1, 4)


def test_a_page_shown_again_ends_the_list() -> None:
    again = page(card("One", "/n/1") + "<a href='/calls?page=7'>Next</a>")
    with ReplayServer({"/calls": again}) as server:
        harvest = fetch(server)
        assert len(server.requests) == 2
    assert (len(harvest.calls), harvest.folded) == (1, 0)


def test_pagers_of_other_lists_are_not_followed() -> None:
    others = "<a href='/news?page=1'>Next</a><a rel='next' href='https://example.org/calls?page=1'>2</a>"
    with ReplayServer({"/calls": page(card("One", "/n/1") + others)}) as server:
        fetch(server)
        assert len(server.requests) == 1


def test_a_list_without_end_is_refused() -> None:
    def endless(request: Recorded) -> Answer:
        number = int(request.path.partition("page=")[2] or 0)
        return page(card(f"Call {number}", f"/n/{number}") + f"<a href='/calls?page={number + 1}'>›</a>")

    with (
        ReplayServer({"/calls": endless}) as server,
        pytest.raises(SourceChanged, match="more than 50 pages"),
    ):
        fetch(server)


def test_a_missing_page_of_the_catalogue_fails_the_source() -> None:
    routes = {
        "/calls": page(card("One", "/n/1") + "<a href='?page=1'>Next</a>"),
        "/calls?page=1": status(500),
    }
    with ReplayServer(routes) as server, pytest.raises(SourceDown):
        fetch(server)


def test_an_empty_catalogue_fails_the_source() -> None:
    empty = {"/calls": page("<h1>Call for proposals</h1>")}
    with ReplayServer(empty) as server, pytest.raises(SourceChanged, match="no card of a call"):
        fetch(server)


def test_a_wrong_charset_breaks_no_letters() -> None:
    answer = wrong_charset(card("Straßen für Zürich", "/n/1"), "cp1252", "utf-8")
    with ReplayServer({"/calls": answer}) as server:
        assert fetch(server).calls[0].title == "Straßen für Zürich"


DETAIL = """<main><h1>Fifth call</h1><p>Open</p><p>The call was launched on 2 March 2027 and closes on
15 June 2027 at 14.00 CEST. The call has a budget of EUR 60 million.</p>
<p>Each project can receive up to EUR 2 million.</p></main>"""


def test_the_owners_page_fills_the_call() -> None:
    routes = {"/calls": page(card("Five", "/calls-proposals/five")), "/calls-proposals/five": page(DETAIL)}
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    [call] = harvest.calls
    assert harvest.notices == ()
    assert call.opening == dt.date(2027, 3, 2)
    assert [str(deadline) for deadline in call.deadlines] == ["2027-06-15 14:00"]
    assert (call.budget.budget_total_eur, call.budget.grant_max_eur) == (60_000_000, 2_000_000)
    assert call.text.startswith("About Five.")
    assert "Each project can receive" in call.text
    assert call.identifier == "PORTICO-european-urban-initiative-five"


def test_a_contradiction_is_noticed_and_the_owner_believed() -> None:
    routes = {
        "/calls": page(card("Five", "/calls-proposals/five", "10/05/2027")),
        "/calls-proposals/five": page(DETAIL),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert [str(deadline) for deadline in harvest.calls[0].deadlines] == ["2027-06-15 14:00"]
    assert "catalogue says 2027-05-10" in harvest.notices[0]
    assert "says 2027-06-15 14:00" in harvest.notices[0]


def test_an_opening_after_the_catalogues_deadline_changes_nothing() -> None:
    detail = "<main><h1>A call</h1><p>The call opens on 1 September 2027.</p></main>"
    routes = {"/calls": page(card("Five", "/calls-proposals/five")), "/calls-proposals/five": page(detail)}
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert harvest.calls[0].opening is None
    assert "contradicts the catalogue" in harvest.notices[0]


def test_a_page_that_fails_costs_a_notice() -> None:
    routes = {
        "/calls": page(card("Five", "/calls-proposals/five") + card("Six", "/calls-proposals/six")),
        "/calls-proposals/six": page("<h1>Maintenance</h1>"),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert [call.title for call in harvest.calls] == ["Five", "Six"]
    assert "404" in harvest.notices[0]
    assert "no text about a call" in harvest.notices[1]


def test_hosts_that_are_not_configured_are_not_asked() -> None:
    link = "https://www.urban-initiative.eu/calls-proposals/five"
    with ReplayServer(
        {"/calls": page(card("Five", link) + card("Other", "https://example.org/call"))}
    ) as server:
        harvest = fetch(server)
        assert [request.path for request in server.requests] == ["/calls"]
    assert [call.url for call in harvest.calls] == [link, "https://example.org/call"]
    assert len(harvest.notices) == 1


CLOSED = "<main><h1>Five</h1><p>Closed</p><p>The call took projects from cities.</p></main>"


@pytest.mark.parametrize(("deadline", "kept"), [("15/06/2027", 0), ("15/01/2027", 1)])
def test_a_page_that_says_closed_is_believed_unless_the_deadline_is_past(deadline: str, kept: int) -> None:
    routes = {
        "/calls": page(card("Five", "/calls-proposals/five", deadline)),
        "/calls-proposals/five": page(CLOSED),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert (len(harvest.calls), len(harvest.rejected)) == (kept, 1 - kept)


CONTINUOUS = "<main><h1>Exchanges: call</h1><p>The call is continuously open.</p></main>"


@pytest.mark.parametrize(
    ("deadline", "model", "dates"),
    [
        ("", DeadlineModel.CONTINUOUS, []),
        ("31/12/2028", DeadlineModel.CONTINUOUS, []),
        ("17/11/2027", DeadlineModel.NOT_STATED, ["2027-11-17"]),
    ],
)
def test_a_continuous_call_keeps_the_catalogues_last_day(
    deadline: str, model: DeadlineModel, dates: list[str]
) -> None:
    cards = card("Five", "/calls-proposals/five", deadline) + card("Six", "/n/6")
    routes = {"/calls": page(cards), "/calls-proposals/five": page(CONTINUOUS)}
    with ReplayServer(routes) as server:
        call = fetch(server).calls[0]
    assert (call.deadline_model, [str(one) for one in call.deadlines]) == (model, dates)
