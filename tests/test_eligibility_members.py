"""Members from profiles and names: what is known, from where, and what stays unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from vie_match.eligibility import leadtime, members, money
from vie_match.eligibility.facts import Fact, Member, country_code
from vie_match.eligibility.groups import Setting, belongs
from vie_match.eligibility.reading.call import read
from vie_match.eligibility.rules import DataRow, Part, Rule
from vie_match.errors import BadValue
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.vocabulary import Answer, Programme


def test_a_profile_becomes_a_member_with_sources(make_profile: Callable[..., Profile]) -> None:
    city = {"name": "Leuven", "country": "BE", "nuts3": "BE242", "population": 101_000}
    found = members.from_profile(make_profile("leuven-x", city=city, role="lead"))
    assert (found.country, found.role, found.population) == ("BE", Part.COORDINATOR, 101_000)
    assert found.fact("mission_city").value is True
    assert found.fact("mission_city").source.startswith("https://")
    assert found.fact("nuts3").source == "profile leuven-x"
    assert found.fact("tent_urban_node").truth is Answer.UNKNOWN
    assert found.fact("controlled_from").truth is Answer.NO


def test_what_the_profile_says_goes_before_the_list(make_profile: Callable[..., Profile]) -> None:
    city = {"name": "Leuven", "country": "BE", "mission_city": False}
    assert members.from_profile(make_profile("x", city=city)).fact("mission_city").truth is Answer.NO


@pytest.mark.parametrize("text", ["Ghent", ":BE", "Ghent:Belgium"])
def test_a_city_by_name_needs_its_country(text: str) -> None:
    with pytest.raises(BadValue, match=r"^found .*country as in|did you mean BE|two letters"):
        members.from_name(text)


def test_a_complete_record_denies_what_it_does_not_mention() -> None:
    assert Member(name="A").fact("living_lab").truth is Answer.UNKNOWN
    assert Member(name="A", complete=True).fact("living_lab").truth is Answer.NO
    assert Fact(value=("end_user",)).says("end_user") is Answer.YES
    with pytest.raises(BadValue, match="two letters"):
        country_code("Germany")


@pytest.mark.parametrize(
    ("country", "group", "answer"),
    [
        ("UA", "EU27+ASSOCIATED", Answer.YES),
        ("KE", "EU27+ASSOCIATED", Answer.NO),
        ("KE", "AFRICA", Answer.YES),
        ("CO", "AFRICA|LATIN_AMERICA", Answer.YES),
        ("IN", "LOW_OR_MIDDLE_INCOME", Answer.YES),
        ("UY", "LOW_OR_MIDDLE_INCOME", Answer.NO),
        ("RO", "LOW_OR_MIDDLE_INCOME", Answer.UNKNOWN),
        ("US", "NON_ASSOCIATED_THIRD_COUNTRIES", Answer.YES),
        (None, "EU27", Answer.UNKNOWN),
        ("DE", "OECD", Answer.UNKNOWN),
    ],
)
def test_groups_are_asked_with_three_answers(country: str | None, group: str, answer: Answer) -> None:
    horizon = Setting("HORIZON-CL5-2027-01", Programme.HORIZON, 2027)
    assert belongs(Member(name="A", country=country), group, horizon) is answer


def test_the_call_s_own_rate_goes_before_the_programme_s() -> None:
    row = DataRow(programme="P", url="https://example.org", confidence="recalled")
    programme = Rule(kind="funding_rate", subject="all", value=(50, 80), unit="percent", row=row)
    city = Member(name="A", type="local_authority", country="DE")
    found = money.cofunding([programme], city)
    assert found is not None
    assert (found.low, found.high, found.sourced) == (0.5, 0.8, False)
    found = money.cofunding([*read("", "Funding rate: 60%"), programme], city)
    assert found is not None
    assert (found.low, found.high, found.sourced) == (0.6, 0.6, True)
    assert money.cofunding([], city) is None


def test_the_rate_for_non_profit_partners_is_a_city_s() -> None:
    text = (
        "6. Legal and financial set-up of the grantsThe funding rate is 60%, except for "
        "non-profit legal entities where the funding rate is up to 100%."
    )
    city = Member(name="A", type="local_authority", country="DE")
    firm = Member(name="B", type="company", country="DE")
    rates = [money.cofunding(read(f"2. Eligible Countriesx{text}"), one) for one in (city, firm)]
    assert [rate and rate.high for rate in rates] == [1.0, 0.6]


@pytest.mark.parametrize(
    ("can_pay", "answer"), [(None, Answer.UNKNOWN), (99_999, Answer.NO), (100_000, Answer.YES)]
)
def test_what_a_city_pays_itself_is_compared_with_what_it_can(can_pay: int | None, answer: Answer) -> None:
    rate = money.Cofunding(low=0.8, high=0.8, rules=(), sourced=True)
    found = money.own_share(500_000, rate, can_pay)
    assert (found.low_eur, found.high_eur, found.affordable) == (100_000, 100_000, answer)


def test_time_is_enough_or_not_and_partners_cost_days(make_call: Callable[..., Call]) -> None:
    call = make_call(deadlines=["2027-10-07"])
    moment = dt.datetime(2027, 7, 1, 12, tzinfo=BRUSSELS)
    stated = leadtime.Effort(council=30, partner=20, writing=28, assumed=False)
    assert leadtime.lead_time(call, moment, 2, stated).enough is Answer.YES
    late = leadtime.lead_time(call, moment, 3, stated)
    assert (late.days_left, late.days_needed, late.enough, late.assumed) == (98, 118, Answer.NO, False)


def test_time_without_a_date(make_call: Callable[..., Call]) -> None:
    moment = dt.datetime(2027, 7, 1, 12, tzinfo=BRUSSELS)
    always = make_call(deadlines=[], deadline_model="continuous")
    untold = make_call(deadlines=[], deadline_model="not stated")
    closed = make_call(deadlines=["2027-06-01"])
    answers = [leadtime.lead_time(call, moment).enough for call in (always, untold, closed)]
    assert answers == [Answer.YES, Answer.UNKNOWN, Answer.NO]
