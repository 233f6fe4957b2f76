"""Call pages of the European Urban Initiative: what counts as a date, an amount, a rate."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from mutated import PAGES, pages
from replay import ReplayServer, page, status, wrong_charset

from vie_match.errors import BadValue, SourceChanged, SourceDown, VieMatchError
from vie_match.history import Harvest
from vie_match.pages import prose
from vie_match.sources import eui
from vie_match.vocabulary import DeadlineModel, Programme
from vie_match.web.session import Session

FOLDER = PAGES / "eui"
URL = "https://www.urban-initiative.eu/calls-proposals/a-call"
EXPECTED = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*/expected.json"))
}
CASES = [case for case, expected in EXPECTED.items() if "title" in expected]
BROKEN = [case for case, expected in EXPECTED.items() if "error" in expected]
FIELDS = [field.name for field in fields(eui.Facts) if field.name != "url"]
UNKNOWN = {"deadlines": [], "applicants": [], "is_continuous": False}
TODAY = dt.date(2027, 4, 1)


def read(case: str) -> str:
    return (FOLDER / case / "page.html").read_text(encoding="utf-8")


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES)
def test_field(case: str, field: str) -> None:
    found = plain(getattr(eui.parse_page(read(case), URL), field))
    assert found == EXPECTED[case].get(field, UNKNOWN.get(field))


@pytest.mark.parametrize("case", BROKEN)
def test_a_page_of_another_shape_is_named(case: str) -> None:
    parse = eui.call_pages if case.startswith("list") else eui.parse_page
    with pytest.raises(SourceChanged, match=EXPECTED[case]["error"]) as caught:
        parse(read(case), URL)
    assert URL in str(caught.value)


def test_the_list_leads_to_call_pages_only() -> None:
    assert list(eui.call_pages(read("list"), eui.URL)) == EXPECTED["list"]["addresses"]


def test_half_a_character_is_only_an_empty_list() -> None:
    with pytest.raises(SourceChanged, match="no link to a call"):
        eui.call_pages("\ud800", eui.URL)


@settings(max_examples=120, deadline=None)
@given(pages("eui"))
def test_raises_nothing_but_its_own_errors(html: str) -> None:
    try:
        addresses = eui.call_pages(html, eui.URL)
        assert all(eui.is_call_page(address, eui.URL) for address in addresses)
    except VieMatchError:
        pass
    try:
        facts = eui.parse_page(html, URL)
        assert eui.parse_call(facts).title == facts.title
    except VieMatchError:
        pass


@pytest.mark.parametrize(
    ("sentence", "opening", "deadlines"),
    [
        (
            "The call opened on 4 April 2027 and will close on 17 May 2027 at 12:00 CET.",
            "04-04",
            ["05-17 12:00"],
        ),
        ("The call is launched now and will close on 14 May 2027 at 14.00.", None, ["05-14 14:00"]),
        ("The autumn call for peer reviews is open until 13 May 2027.", None, ["05-13"]),
        ("The deadline to submit proposals is 14 May 2027.", None, ["05-14"]),
        (
            "Call deadlines: 1 March 2027, 14.00 and 1 May 2027 (12:00 CET)",
            None,
            ["03-01 14:00", "05-01 12:00"],
        ),
        ("Applications are open from 1 March 2027 to 30 June 2027.", "03-01", ["06-30"]),
        ("Open: 4 April 2027 – 29 May 2027", "04-04", ["05-29"]),
        ("Apply until 14.00 CEST on 5 May 2027.", None, ["05-05 14:00"]),
        ("The call closed on 5 May 2027 and was extended until 9 May 2027.", None, ["05-09"]),
        ("The call will close on 9 May 2027 (extended from 5 May 2027).", None, ["05-09"]),
        ("The deadline of the call was extended from 5 May 2027 to 9 May 2027.", None, ["05-09"]),
        ("The call closes on 15 May 2027 and results come until 30 May 2027.", None, ["05-15"]),
        ("The call closes on 31 February 2027.", None, []),
        ("The call closes on 5 May.", None, []),
        ("On 5 May 2027 the call is discussed.", None, []),
        ("The call opened in spring, the first visits took place on 3 May 2027.", None, []),
        ("The webinar on the call opens on 3 May 2027.", None, []),
        ("Our museum is open until 3 May 2027.", None, []),
        ("Open call for ideas 3 May 2027", None, []),
    ],
)
def test_a_date_counts_only_with_its_verb(sentence: str, opening: str | None, deadlines: list[str]) -> None:
    found = prose.dates(list(prose.sentences([sentence])))
    assert found.opening == (dt.date.fromisoformat(f"2027-{opening}") if opening else None)
    assert [str(one) for one in found.deadlines] == [f"2027-{one}" for one in deadlines]


@pytest.mark.parametrize(
    ("sentence", "rate"),
    [
        ("The ERDF co-finances 80% of the cost.", 0.8),
        ("Co-funding rate: 80.5 per cent", 0.805),
        ("The ERDF co-finances at most 80 % of the cost.", None),
        ("The ERDF co-finances 80 %, partners 20 %.", None),
        ("The co-financing is 180 %.", None),
        ("Taxes rise by 19 %.", None),
    ],
)
def test_a_rate_counts_only_where_it_is_said(sentence: str, rate: float | None) -> None:
    assert prose.cofunding_rate([sentence]) == rate


def test_a_call_of_a_page_that_knows_everything() -> None:
    call = eui.parse_call(eui.parse_page(read("innovative_actions"), URL))
    assert call.identifier == "EUI-fifth-call-for-proposals-eui-innovative-actions"
    assert (call.programme, call.url, call.source) == (Programme.EUI, URL, eui.NAME)
    assert call.deadline_model is DeadlineModel.NOT_STATED
    assert call.source_date is None
    assert "Terms of reference: https://" in call.text


def test_a_call_without_an_end_is_continuous() -> None:
    call = eui.parse_call(eui.parse_page(read("continuous"), URL))
    assert (call.deadline_model, call.deadlines) == (DeadlineModel.CONTINUOUS, ())


def test_a_page_without_any_date_or_status_is_no_call() -> None:
    with pytest.raises(BadValue, match="neither a date nor a status"):
        eui.parse_call(eui.parse_page("<h1>All about calls</h1><p>Every city can apply.</p>", URL))


def listed(*names: str) -> str:
    return "".join(f"<a href='/calls-proposals/{name}'>{name}</a>" for name in names)


def call_page(title: str, said: str = "The call closes on 5 May 2027.") -> str:
    return f"<main><h1>{title}</h1><p>{said}</p></main>"


def fetch(server: ReplayServer) -> Harvest:
    with Session([server.url], pace_s=0, attempts=1) as session:
        return eui.fetch(session, f"{server.url}/calls-proposals", TODAY)


def test_every_page_listed_is_accounted_for() -> None:
    routes = {
        "/calls-proposals": page(listed("one", "gone", "archive", "closed", "again", "one")),
        "/calls-proposals/one": page(call_page("Call One")),
        "/calls-proposals/archive": page(call_page("Archive", "Calls of former years.")),
        "/calls-proposals/closed": page(call_page("Call Two", "Closed</p><p>The call closes on 5 May 2027.")),
        "/calls-proposals/again": page(call_page("Call one")),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
        assert len(server.requests) == 6
    assert [call.title for call in harvest.calls] == ["Call One"]
    assert [one.key.rpartition("/")[2] for one in harvest.rejected] == ["gone", "archive", "closed"]
    assert "404" in harvest.rejected[0].reason
    assert "“closed”" in harvest.rejected[2].reason
    assert (harvest.folded, harvest.offered) == (1, 5)


def test_a_closed_call_with_a_past_deadline_stays_known() -> None:
    routes = {
        "/calls-proposals": page(listed("one")),
        "/calls-proposals/one": page(call_page("Call", "Closed</p><p>The call closed on 5 March 2027.")),
    }
    with ReplayServer(routes) as server:
        assert [str(one) for one in fetch(server).calls[0].deadlines] == ["2027-03-05"]


def test_a_page_that_says_nothing_of_a_call_is_there_all_the_same() -> None:
    routes = {
        "/calls-proposals": page(listed("one", "two")),
        "/calls-proposals/one": page(call_page("Call", "The call will close on 5 May 2027.")),
        "/calls-proposals/two": page("<h1>Maintenance</h1>"),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert harvest.unread == {f"{server.url}/calls-proposals/two"}
    assert harvest.is_whole


def test_no_page_at_all_fails_the_source() -> None:
    routes = {"/calls-proposals": page(listed("one", "two")), "/calls-proposals/two": status(500)}
    with ReplayServer(routes) as server, pytest.raises(SourceDown, match="two"):
        fetch(server)


def test_pages_that_no_longer_say_when_fail_the_source() -> None:
    routes = {
        "/calls-proposals": page(listed("one", "two")),
        "/calls-proposals/one": page(call_page("Call One", "Open</p><p>Apply for the call.")),
        "/calls-proposals/two": page(call_page("Call Two", "Open</p><p>Apply for the call.")),
    }
    with (
        ReplayServer(routes) as server,
        pytest.raises(SourceChanged, match="no closing date on any call page"),
    ):
        fetch(server)


def test_a_wrong_charset_breaks_no_letters() -> None:
    routes = {
        "/calls-proposals": page(listed("one")),
        "/calls-proposals/one": wrong_charset(call_page("Call for Málaga and Würzburg"), "cp1252", "utf-8"),
    }
    with ReplayServer(routes) as server:
        assert fetch(server).calls[0].title == "Call for Málaga and Würzburg"
