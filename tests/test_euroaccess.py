"""EuroAccess: rows of the list, labels of a call's page, and what becomes a call."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from mutated import PAGES, pages
from replay import Answer, Recorded, ReplayServer, page, status, wrong_charset

from vie_match.errors import BadValue, SourceChanged, SourceDown, VieMatchError
from vie_match.history import Harvest
from vie_match.records import Call
from vie_match.sources import euroaccess, euroaccess_list, euroaccess_page, euroaccess_values
from vie_match.sources.euroaccess_page import Detail
from vie_match.vocabulary import DeadlineModel, Programme
from vie_match.web.session import Session

FOLDER = PAGES / "euroaccess"
URL = "https://www.euro-access.eu/en/calls/502/Streets"
EXPECTED = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*/expected.json"))
}
LISTS = [case for case, expected in EXPECTED.items() if "rows" in expected]
BROKEN = [case for case, expected in EXPECTED.items() if "error" in expected]
CASES = [case for case in EXPECTED if case not in LISTS + BROKEN]
FIELDS = [field.name for field in fields(Detail)]
UNKNOWN = {
    **dict.fromkeys(("title", "programme", "number", "partnership", "conditions", "text"), ""),
    **{name: [] for name in ("deadlines", "applicants", "countries")},
    "is_two_stage": False,
}
TODAY = dt.date(2027, 1, 31)


def read(case: str) -> str:
    return (FOLDER / case / "page.html").read_text(encoding="utf-8")


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES)
def test_field_of_a_page(case: str, field: str) -> None:
    found = plain(getattr(euroaccess_page.parse_detail(read(case), URL), field))
    assert found == EXPECTED[case].get(field, UNKNOWN.get(field))


@pytest.mark.parametrize("field", ["number", "programme", "title", "url", "deadline"])
@pytest.mark.parametrize("case", LISTS)
def test_field_of_a_row(case: str, field: str) -> None:
    found = euroaccess_list.parse_list(read(case), euroaccess.URL)
    assert [getattr(row, field) for row in found.rows] == [row[field] for row in EXPECTED[case]["rows"]]


@pytest.mark.parametrize("case", LISTS)
def test_where_the_list_goes_on(case: str) -> None:
    found = euroaccess_list.parse_list(read(case), euroaccess.URL)
    assert [found.announced, found.following] == [EXPECTED[case][key] for key in ("announced", "following")]


@pytest.mark.parametrize("case", BROKEN)
def test_a_page_of_another_shape_is_named(case: str) -> None:
    is_list = case.startswith("list")
    parse = euroaccess_list.parse_list if is_list else euroaccess_page.parse_detail
    with pytest.raises(SourceChanged, match=EXPECTED[case]["error"]) as caught:
        parse(read(case), URL)
    assert URL in str(caught.value)


def test_a_day_that_does_not_exist_is_no_deadline() -> None:
    html = "<h4>Call key data</h4><p>Call number</p><p>X-1</p><p>Deadline</p><p>31.11.2027</p>"
    with pytest.raises(BadValue, match="no day that exists"):
        euroaccess_page.parse_detail(html, URL)


@settings(max_examples=150, deadline=None)
@given(pages("euroaccess"))
def test_raises_nothing_but_its_own_errors(html: str) -> None:
    try:
        rows = euroaccess_list.parse_list(html, euroaccess.URL).rows
        assert len({row.number for row in rows}) == len(rows) > 0
    except VieMatchError:
        pass
    try:
        detail = euroaccess_page.parse_detail(html, URL)
        assert detail.number == detail.number.strip()
    except VieMatchError:
        pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("€ 15,000,000.00", (15_000_000, 15_000_000)),
        ("min. € 60,000.00", (60_000, None)),
        ("max. € 2,500,000.00", (None, 2_500_000)),
        ("up to EUR 1 million", (None, 1_000_000)),
        ("between € 50,000.00 and € 5,000,000.00", (50_000, 5_000_000)),
        ("between € 5,000,000.00 and € 50,000.00", (None, None)),
        ("€ 1,000,000.00, € 2,000,000.00 or € 3,000,000.00", (None, None)),
        ("depends", (None, None)),
        ("EUR 5 million " + "and more " * 50, (None, None)),
    ],
)
def test_contribution(value: str, expected: tuple[int | None, int | None]) -> None:
    assert euroaccess_values.contribution(value) == expected


@pytest.mark.parametrize(
    ("value", "partners", "countries"),
    [
        ("At least three legal entities from three countries.", 3, None),
        ("A minimum of two Project participants from a minimum of two different countries.", 2, 2),
        ("The consortium must include three independent legal entities.", 3, None),
        ("The consortium includes, as beneficiaries, three legal entities.", 3, None),
        ("At least two other independent legal entities take part.", None, None),
        ("At least one partner from Poland. At least four partners in all.", 4, None),
        ("At least 1 partner.", None, None),
        ("At least two pilots in at least 2 Member States.", None, 2),
        ("Several partners from several countries.", None, None),
    ],
)
def test_a_number_counts_only_where_it_is_stated(
    value: str, partners: int | None, countries: int | None
) -> None:
    found = (euroaccess_values.partners_needed(value)[0], euroaccess_values.countries_needed(value)[0])
    assert found == (partners, countries)


@pytest.mark.parametrize(
    ("name", "number", "programme"),
    [
        ("Erasmus+", "", Programme.ERASMUS),
        ("EU4Health programme 2021-2027 ", "", Programme.EU4HEALTH),
        ("EU Missions in Horizon Europe", "", Programme.HORIZON),
        ("Interreg Mecklenburg-Vorpommern- Brandenburg- Poland", "", Programme.INTERREG),
        ("Interregional Innovation Investments", "", Programme.I3),
        ("European Institute of Innovation and Technology", "", Programme.EIT),
        ("European Urban Initiative", "EUI-IA-2027-05", Programme.EUI),
        ("New European Bauhaus Facility", "HORIZON-NEB-2027-01", Programme.HORIZON),
        ("Euratom Research", "HORIZON-EURATOM-2027-1", Programme.EURATOM),
        ("LIFE", "", Programme.LIFE),
        ("Quality of Life Fund", "", Programme.OTHER),
        ("Municipal Fund", "HORIZON", Programme.OTHER),
        ("", "", Programme.OTHER),
    ],
)
def test_the_programme_is_known_or_other(name: str, number: str, programme: Programme) -> None:
    assert euroaccess.programme_of(name, number) is programme


def row(
    number: int, title: str = "Wet meadows", deadline: str = "05.10.2027 17:00", name: str = "LIFE"
) -> str:
    return f"<tr><td>{name}</td><td><a href='/en/calls/{number}/x'>{title}</a></td><td>{deadline}</td></tr>"


def table(*rows: str) -> str:
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def detail(number: str, deadline: str = "05.10.2027 17:00", more: str = "", name: str = "LIFE") -> str:
    return (
        f"<h4>Call key data</h4><p>Funding Program</p><p>{name}</p><p>Call number</p><p>{number}</p>"
        f"<p>Deadline</p><p>{deadline}</p>{more}"
        "<h4>Call content</h4><p>short description</p><p>Meadows get water.</p>"
    )


def fetch(server: ReplayServer, attempts: int = 1) -> Harvest:
    with Session([server.url], pace_s=0, attempts=attempts) as session:
        return euroaccess.fetch(session, f"{server.url}/en/calls?sent=search", TODAY)


def fetch_one(listed: str, told: str | Answer) -> tuple[Call, str]:
    answer = page(told) if isinstance(told, str) else told
    with ReplayServer({"/en/calls": page(table(listed)), "/en/calls/1/x": answer}) as server:
        [call] = fetch(server).calls
        return call, server.url


def test_a_call_of_a_page() -> None:
    more = (
        "<p>Opening</p><p>01.06.2027</p><p>Funding rate</p><p>60%</p><p>Link to the call</p>"
        "<p><a href='https://example.org/meadows/call-2027'>example.org</a></p>"
    )
    call, url = fetch_one(row(1), detail("LIFE-2027-MEADOW", more=more))
    assert (call.identifier, call.programme, call.title) == (
        "LIFE-2027-MEADOW",
        Programme.LIFE,
        "Wet meadows",
    )
    assert (call.url, call.source) == ("https://example.org/meadows/call-2027", euroaccess.NAME)
    assert (call.opening, call.budget.cofunding_rate) == (dt.date(2027, 6, 1), 0.6)
    assert call.deadline_model is DeadlineModel.NOT_STATED
    assert call.text == "Meadows get water."
    assert call.conditions.endswith(f"EuroAccess: {url}/en/calls/1/x")


def test_a_call_without_a_number_or_link_has_those_of_the_site() -> None:
    call, url = fetch_one(row(1), detail("3rd call"))
    assert (call.identifier, call.url) == ("EUROACCESS-1", f"{url}/en/calls/1/x")


def test_the_list_helps_out_where_the_page_says_nothing() -> None:
    call, _ = fetch_one(row(1, deadline="05.10.2027 16:00"), detail("LIFE-2027-MEADOW", deadline=""))
    assert [str(one) for one in call.deadlines] == ["2027-10-05 16:00"]


def test_two_stages() -> None:
    more = "<p>Deadline - 2nd stage</p><p>03.03.2028 17:00</p>"
    call, _ = fetch_one(row(1), detail("LIFE-2027-MEADOW", more=more))
    assert call.deadline_model is DeadlineModel.TWO_STAGE
    assert [str(one) for one in call.deadlines] == ["2027-10-05 17:00", "2028-03-03 17:00"]


def test_an_opening_after_the_deadline_is_a_slip_of_the_pen() -> None:
    call, _ = fetch_one(row(1), detail("LIFE-2027-MEADOW", more="<p>Opening</p><p>01.06.2028</p>"))
    assert call.opening is None


@pytest.mark.parametrize(("rate", "known"), [("70%", None), ("100%", 1.0)])
def test_a_rate_of_horizon_below_the_whole_is_that_of_companies(rate: str, known: float | None) -> None:
    more = f"<p>Funding rate</p><p>{rate}</p>"
    call, _ = fetch_one(
        row(1), detail("HORIZON-NEB-2027-01", more=more, name="New European Bauhaus Facility")
    )
    assert call.budget.cofunding_rate == known
    assert f"Funding rate: {rate}" in call.conditions


def test_a_call_in_a_wrong_charset() -> None:
    told = wrong_charset(detail("INTERREG-2027-1", name="Interreg Öresund"), "cp1252", "utf-8")
    call, _ = fetch_one(row(1, "Brücken"), told)
    assert (call.programme, call.title) == (Programme.INTERREG, "Brücken")


def pager(last: int) -> str:
    return f"<ul class='pagination'><li><a href='/en/calls?sent=search&amp;page={last}'>Last</a></li></ul>"


def test_all_pages_are_read_and_what_stands_twice_is_folded() -> None:
    routes = {
        "/en/calls?sent=search": page(table(row(1, "A"), row(2, "B")) + pager(2)),
        "/en/calls?sent=search&page=1": page(table(row(3, "C"), row(2, "B")) + pager(2)),
        "/en/calls?sent=search&page=2": page(table(row(4, "D", "")) + pager(2)),
        **{f"/en/calls/{number}/x": page(detail(f"LIFE-2027-{number}")) for number in (1, 2, 3, 4)},
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert [call.title for call in harvest.calls] == ["A", "B", "C", "D"]
    assert (harvest.folded, harvest.offered, harvest.notices) == (1, 5, ())


def test_a_page_shown_again_ends_the_list() -> None:
    routes = {"/en/calls": page(table(row(1)) + pager(7)), "/en/calls/1/x": page(detail("LIFE-2027-1"))}
    with ReplayServer(routes) as server:
        harvest = fetch(server)
        assert len(server.asked("/en/calls")) == 2
    assert (len(harvest.calls), harvest.folded) == (1, 0)


def test_a_list_without_end_is_refused() -> None:
    def endless(request: Recorded) -> Answer:
        number = int(request.path.partition("page=")[2] or 0)
        return page(table(row(number + 1)) + pager(number + 1))

    with (
        ReplayServer({"/en/calls": endless}) as server,
        pytest.raises(SourceChanged, match="more than 200 pages"),
    ):
        fetch(server)


def test_a_missing_page_of_the_list_fails_the_source() -> None:
    routes = {"/en/calls?sent=search": page(table(row(1)) + pager(1)), "/en/calls": status(503)}
    with ReplayServer(routes) as server, pytest.raises(SourceDown):
        fetch(server)


def test_a_list_without_dates_fails_the_source() -> None:
    routes = {"/en/calls": page(table(row(1, deadline="soon")))}
    with ReplayServer(routes) as server, pytest.raises(SourceChanged, match="no date in 1 rows"):
        fetch(server)


def test_a_list_shorter_than_announced_is_noticed() -> None:
    routes = {
        "/en/calls": page("<h3>142 Calls found</h3>" + table(row(1))),
        "/en/calls/1/x": page(detail("LIFE-2027-1")),
    }
    with ReplayServer(routes) as server:
        assert "announces 142 calls and lists 1" in fetch(server).notices[0]


def test_calls_closed_long_ago_are_not_asked_for() -> None:
    routes = {
        "/en/calls": page(table(row(1, "Old", "31.12.2026"), row(2, "Recent", "01.01.2027"))),
        "/en/calls/2/x": page(detail("LIFE-2026-2", "01.01.2027")),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
        assert not server.asked("/en/calls/1/x")
    assert [call.title for call in harvest.calls] == ["Recent"]
    assert [one.key for one in harvest.rejected] == ["1 Old"]


def test_a_page_that_fails_leaves_what_the_list_says() -> None:
    routes = {
        "/en/calls": page(
            table(row(1, "A"), row(2, "B", ""), row(3, "C", "31.02.2027"), row(4, "D", name="Interreg X"))
        ),
        "/en/calls/4/x": page("<h1>Please log in</h1>"),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert [call.identifier for call in harvest.calls] == ["EUROACCESS-1", "EUROACCESS-4"]
    assert [call.programme for call in harvest.calls] == [Programme.LIFE, Programme.INTERREG]
    assert harvest.calls[0].url == f"{server.url}/en/calls/1/x"
    assert harvest.calls[0].text == "A\n\nListed by EuroAccess under LIFE."
    assert [one.key for one in harvest.rejected] == ["2 B", "3 C"]
    assert len(harvest.notices) == 4
    assert harvest.unread == {f"{server.url}/en/calls/{number}/x" for number in range(1, 5)}
    assert "404" in harvest.notices[0]
    assert "“Call number”" in harvest.notices[3]


def test_a_silent_site_is_left_alone() -> None:
    numbers = range(1, 8)
    routes = {
        "/en/calls": page(table(*(row(number, f"Call {number}") for number in numbers))),
        **{f"/en/calls/{number}/x": status(500) for number in numbers},
    }
    routes["/en/calls/2/x"] = page(detail("LIFE-2027-2"))
    with ReplayServer(routes) as server:
        with pytest.raises(SourceDown, match="/en/calls/5/x"):
            fetch(server)
        assert len(server.requests) == 6


def test_cut_offs_of_one_number_are_one_call() -> None:
    routes = {
        "/en/calls": page(
            table(row(1, "Charter - 5th cut-off"), row(2, "Charter - 6th cut-off", "05.10.2028"))
        ),
        "/en/calls/1/x": page(detail("LIFE-2027-CHARTER")),
        "/en/calls/2/x": page(detail("life-2027-charter", "05.10.2028 17:00")),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    [call] = harvest.calls
    assert (call.deadline_model, harvest.folded) == (DeadlineModel.MULTIPLE_CUT_OFF, 1)
    assert [str(one) for one in call.deadlines] == ["2027-10-05 17:00", "2028-10-05 17:00"]


@pytest.mark.parametrize(
    ("title", "name", "more"),
    [
        ("Small projects", "LIFE", ""),
        ("Charter - 6th cut-off", "LIFE South", ""),
        ("Charter - 6th cut-off", "LIFE", "<p>Deadline - 2nd stage</p><p>03.03.2029</p>"),
    ],
)
def test_other_calls_with_the_same_number_stay_apart(title: str, name: str, more: str) -> None:
    routes = {
        "/en/calls": page(table(row(1, "Charter - 5th cut-off"), row(2, title, "05.10.2028", name))),
        "/en/calls/1/x": page(detail("LIFE-2027-CHARTER")),
        "/en/calls/2/x": page(detail("LIFE-2027-CHARTER", "05.10.2028 17:00", more)),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert [call.identifier for call in harvest.calls] == ["LIFE-2027-CHARTER", "EUROACCESS-2"]
    assert harvest.folded == 0


def test_the_same_page_twice_under_one_number_is_folded() -> None:
    routes = {
        "/en/calls": page(table(row(1, "Charter"), row(2, "Charter"))),
        "/en/calls/1/x": page(detail("LIFE-2027-CHARTER")),
        "/en/calls/2/x": page(detail("LIFE-2027-CHARTER")),
    }
    with ReplayServer(routes) as server:
        harvest = fetch(server)
    assert (len(harvest.calls), harvest.folded) == (1, 1)
    assert harvest.calls[0].deadline_model is DeadlineModel.NOT_STATED
