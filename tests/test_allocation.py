"""Teams for a whole network: the best of all that keep to rules and capacities, and none that compete."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from vie_match.cli import allocation as allocation_command
from vie_match.cli.app import app
from vie_match.eligibility.check import KnownRules, judge_known, may_take_part
from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.groups import Setting
from vie_match.eligibility.rules import DataRow, Op, Part, Rule, RuleKind
from vie_match.eligibility.sums import Measure
from vie_match.errors import BadValue
from vie_match.partners.allocation import allocate
from vie_match.partners.consortium import Candidate, Seat, Tie, Wishes, seats
from vie_match.partners.consortium_value import neighbours, parts
from vie_match.partners.frames import ALLOCATION_COLUMNS, allocation_frame
from vie_match.partners.plan import Plan
from vie_match.partners.pool import network
from vie_match.partners.proposals import Status
from vie_match.partners.search_wishes import of_call
from vie_match.records import Call, Profile
from vie_match.sources.files import save_file
from vie_match.track.records import Participation
from vie_match.vocabulary import Answer, Programme

K = RuleKind
ROW = DataRow(programme="P", url="https://example.org", confidence="sourced")
SETTING = Setting("HORIZON-CL5-2027-01", Programme.HORIZON, 2027)


def rule(kind: RuleKind, value: object, subject: str = "legal_entity", **more: object) -> Rule:
    return Rule.model_validate({"kind": kind, "value": value, "subject": subject, "row": ROW} | more)


def rules(*those: Rule) -> KnownRules:
    return KnownRules(SETTING, those, ())


def city(id: str, country: str = "DE", leads: bool = True, **more: object) -> Candidate:
    roles = (Part.BENEFICIARY, Part.COORDINATOR) if leads else (Part.BENEFICIARY,)
    member = Member(name=id.upper(), type=MemberType.LOCAL_AUTHORITY, country=country)
    return Candidate.model_validate({"id": id, "member": member, "roles": roles} | more)


THREE = rules(
    rule(K.MIN_PARTICIPANTS, 3, role=Part.BENEFICIARY), rule(K.MIN_COUNTRIES, 3, role=Part.BENEFICIARY)
)
ALONE = rules(rule(K.SINGLE_BENEFICIARY, True), rule(K.MIN_PARTICIPANTS, 1, role=Part.BENEFICIARY))


def test_of_two_cities_that_fit_a_call_for_one_applicant_the_other_stands_back() -> None:
    found = allocate([city("a"), city("b")], {"x": ALONE}, {("a", "x"): 0.7, ("b", "x"): 0.9})
    assert [(team.call, team.cities, team.needed) for team in found.teams] == [("x", ("b",), 0)]
    assert (found.stands_back, found.idle) == ((("a", "x"),), ("a",))
    assert (found.status, found.gap) == (Status.OPTIMAL, 0)


def test_a_city_leads_no_more_than_it_can_and_the_next_best_takes_over() -> None:
    fits = {("a", "x"): 0.9, ("a", "y"): 0.9, ("b", "y"): 0.8}
    found = allocate([city("a"), city("b")], {"x": ALONE, "y": ALONE}, fits)
    assert {team.call: team.cities for team in found.teams} == {"x": ("a",), "y": ("b",)}
    both = allocate([city("a")], {"x": ALONE, "y": ALONE}, {("a", "x"): 0.9, ("a", "y"): 0.9})
    assert len(both.teams) == 1
    more = Plan(lead_capacities={"a": 2})
    assert len(allocate([city("a")], {"x": ALONE, "y": ALONE}, dict(list(fits.items())[:2]), more).teams) == 2
    busy = Plan(lead_capacities={"a": 2}, capacities={"a": 1})
    assert len(allocate([city("a")], {"x": ALONE, "y": ALONE}, dict(list(fits.items())[:2]), busy).teams) == 1


def test_partners_that_the_network_lacks_are_counted_and_named() -> None:
    found = allocate([city("a"), city("b", "FR")], {"x": THREE}, {("a", "x"): 0.9, ("b", "x"): 0.9})
    (team,) = found.teams
    table = allocation_frame(found)
    assert list(table.columns) == list(ALLOCATION_COLUMNS)
    assert set(table["city"]) == {"a", "b"}
    assert (set(team.cities), team.needed) == ({"a", "b"}, 1)
    assert [words["de"] for words in team.missing] == [
        "noch 1 Organisation als Begünstigte",
        "Organisationen aus 1 weiterem Staat",
    ]
    assert may_take_part(team.eligibility) is Answer.YES


def test_nobody_is_put_into_a_team_that_it_may_not_be_in() -> None:
    eligible = rules(rule(K.ELIGIBLE_COUNTRIES, ("EU27",)), rule(K.MIN_PARTICIPANTS, 1))
    found = allocate([city("a", "KE"), city("b")], {"x": eligible}, {("a", "x"): 1, ("b", "x"): 0.7})
    assert [team.cities for team in found.teams] == [("b",)]
    leads = rules(rule(K.COORDINATOR_COUNTRY, ("FR",), "coordinator", role=Part.COORDINATOR))
    found = allocate([city("a"), city("b", "FR")], {"x": leads}, {("a", "x"): 1, ("b", "x"): 0.6})
    assert found.teams[0].members[0].country == "FR"


def test_who_may_lead_but_was_not_asked_leads_only_with_a_question() -> None:
    unsure = city("a", leads=False).model_copy(update={"perhaps": (Part.COORDINATOR,)})
    (team,) = allocate([unsure], {"x": ALONE}, {("a", "x"): 1}).teams
    assert "Würde A als Koordinator teilnehmen?" in [words["de"] for words in team.questions]
    assert allocate([city("a", leads=False)], {"x": ALONE}, {("a", "x"): 1}).teams == ()


def test_fixed_places_hold_and_those_that_cannot_are_named() -> None:
    calls, cities = {"x": ALONE, "y": ALONE}, [city("a"), city("b")]
    fits = {("a", "x"): 0.9, ("a", "y"): 0.1, ("b", "x"): 0.2}
    kept = allocate(cities, calls, fits, Plan(fixed=(("a", "y", Part.COORDINATOR),)))
    assert {team.call: team.cities for team in kept.teams} == {"y": ("a",)}
    never = allocate(cities, calls, fits, Plan(never=(("a", "x"),)))
    assert all("a" not in team.cities for team in never.teams)
    fixed = (("a", "y", None), ("a", "x", None), ("b", "x", None))
    broken = allocate(cities, calls, fits, Plan(fixed=fixed, lead_capacity=2))
    assert broken.status is Status.INFEASIBLE
    assert [words["en"] for words in broken.conflict] == ["A in the team for x", "B in the team for x"]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadValue) as error:
        allocate(
            [city("a"), city("a")],
            {"x": ALONE},
            {("b", "x"): 1, ("a", "z"): 1, ("a", "x"): 2},
            Plan(fixed=(("a", "y", None),)),
        )
    for part in (
        "'a' more than once",
        "the city 'b'",
        "the call 'z'",
        "the call 'y'",
        "fit 2",
        "without a fit",
    ):
        assert part in str(error.value)


RULES = [
    rule(K.MIN_PARTICIPANTS, 2, role=Part.BENEFICIARY),
    rule(K.MIN_COUNTRIES, 2, role=Part.BENEFICIARY),
    rule(K.SINGLE_BENEFICIARY, True),
    rule(K.ELIGIBLE_COUNTRIES, ("EU27",)),
    rule(K.MEMBERSHIP, 1, "city", member_list="MISSION_CITIES_112"),
    rule(K.MAX_PARTICIPANTS, 2, op=Op.MAX),
    rule(K.MIN_SHARE_IN_GROUP, 50, group="WIDENING", role=Part.BENEFICIARY),
    rule(K.EXCLUDED_CONTROL, ("CN",)),
]


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Candidate], dict[str, KnownRules], dict[tuple[str, str], float]]:
    cities = []
    for name in "abc":
        one = city(name, draw(st.sampled_from(["DE", "FR", "PL", "KE"])), draw(st.booleans()))
        facts = {"mission_city": Fact(value=draw(st.sampled_from([True, False, None])))}
        member = one.member.model_copy(update={"facts": facts})
        cities.append(one.model_copy(update={"member": member, "lead": draw(st.sampled_from([0.0, 0.7]))}))
    calls = {call: rules(*draw(st.lists(st.sampled_from(RULES), max_size=3, unique_by=id))) for call in "xy"}
    pairs = st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), st.sampled_from([0.2, 0.5, 0.83])
    )
    return cities, calls, draw(pairs)


def teams_for(
    call: str, cities: Sequence[Candidate], fits: Mapping[tuple[str, str], float]
) -> Iterator[tuple[Seat, ...]]:
    choices = [[None, *seats(one)] if (one.id, call) in fits else [None] for one in cities]
    for choice in product(*choices):
        team = tuple(seat for seat in choice if seat)
        if not team or sum(seat.role is Part.COORDINATOR for seat in team) == 1:
            yield team


def worth(
    call: str,
    known: KnownRules,
    team: Sequence[Seat],
    fits: Mapping[tuple[str, str], float],
    plan: Plan,
    ties: Sequence[Tie],
) -> float | None:
    """The value of a team by counting; None: it may not be."""
    if not team:
        return 0
    members = tuple(seat.member for seat in team)
    needed, room, doubts = 0.0, float(plan.most) - len(team), 0
    for one in of_call(known):
        made = one.requirement
        assert made is not None
        least, most = made.bounds(members)
        if made.low is not None and made.measure is Measure.SHARE:
            if least < made.low:
                return None
        elif made.low is not None:
            needed = max(needed, made.low - least)
        if made.high is not None:
            room = min(room, made.high - least) if made.high else room if least == 0 else -1
            doubts += int(most - least)
    if needed > room or room < 0:
        return None
    fitted = [
        seat.model_copy(
            update={"candidate": seat.candidate.model_copy(update={"fit": fits[seat.candidate.id, call]})}
        )
        for seat in team
    ]
    value = sum(parts(fitted, Wishes(), plan.weights, neighbours(ties), doubts).values())
    return value - plan.team_cost - plan.partner_cost * needed


@given(networks(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_the_best_allocation_is_the_best_of_all(
    network: tuple[list[Candidate], dict[str, KnownRules], dict[tuple[str, str], float]], tied: bool
) -> None:
    cities, calls, fits = network
    ties = [Tie(one="a", other="b", strength=0.6)] if tied else []
    plan = Plan(capacity=2, lead_capacity=1)
    options = [
        [
            (team, value)
            for team in teams_for(call, cities, fits)
            if (value := worth(call, calls[call], team, fits, plan, ties)) is not None
        ]
        for call in calls
    ]
    best = 0.0
    for chosen in product(*options):
        leaders = [seat.candidate.id for team, _ in chosen for seat in team if seat.role is Part.COORDINATOR]
        if len(set(leaders)) == len(leaders):
            best = max(best, sum(value for _, value in chosen))
    found = allocate(cities, calls, fits, plan, ties)
    assert found.value == pytest.approx(best, abs=1e-6)
    for team in found.teams:
        assert may_take_part(judge_known(calls[team.call], team.members)) is not Answer.NO
        assert team.needed or team.eligibility.answer is not Answer.NO


@pytest.fixture
def folders(
    tmp_path: Path,
    make_call: Callable[..., Call],
    make_profile: Callable[..., Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    for name in ("profiles", "calls"):
        (tmp_path / name).mkdir()
    call = make_call("X-2027-01", min_participants=1, min_countries=1)
    save_file(call, tmp_path / "calls" / "x.md")
    for name, role in (("Aville", "lead"), ("Btown", "either")):
        profile = make_profile(f"{name.lower()}-heat", city={"name": name, "country": "DE"}, role=role)
        save_file(profile, tmp_path / "profiles" / f"{name}.md")
    (tmp_path / "cities.csv").write_text(",".join(Participation.model_fields) + "\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text(
        'model = "hashing"\ncache = "cache"\ncities = "cities.csv"\nprofiles = "profiles"\ncalls = "calls"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return ["--settings", "s.toml", "--today", "2026-12-01"]


def test_the_command_shares_calls_out(folders: list[str]) -> None:
    assert allocation_command.allocate
    done = CliRunner().invoke(app, ["allocate", "--json", *folders])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    (team,) = found["teams"]
    assert (team["call"], found["status"]) == ("X-2027-01", "optimal")
    german = CliRunner().invoke(app, ["allocate", "--language", "de", *folders])
    assert "Nachweislich die beste Aufteilung." in german.output
    never = CliRunner().invoke(app, ["allocate", "--json", "--never", "aville-heat=X-2027-01", *folders])
    assert [team["cities"] for team in json.loads(never.stdout)["teams"]] == [["DE-btown"]]


def test_the_command_says_what_it_does_not_know(folders: list[str]) -> None:
    for words, said in (
        (("--fixed", "avile-heat=X-2027-01"), "did you mean aville-heat?"),
        (("--never", "aville-heat=X-2027-02"), "did you mean X-2027-01?"),
    ):
        done = CliRunner().invoke(app, ["allocate", *words, *folders])
        assert isinstance(done.exception, BadValue)
        assert said in str(done.exception)


def test_a_city_with_two_projects_takes_the_roles_of_both(make_profile: Callable[..., Profile]) -> None:
    those = [make_profile("a", role="partner"), make_profile("b", role="lead")]
    (found,) = network(those, ()).candidates
    assert set(found.roles) == {Part.BENEFICIARY, Part.COORDINATOR}
    assert found.perhaps == ()
