"""What holds of every search: it equals trying all teams, and no team it proposes fails the check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.eligibility import demands
from vie_match.eligibility.check import KnownRules
from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.groups import Setting
from vie_match.eligibility.logic import both
from vie_match.eligibility.rules import DataRow, Op, Part, Rule, RuleKind
from vie_match.eligibility.verdict import judge
from vie_match.partners.certainty import Certainty
from vie_match.partners.consortium import Candidate, Seat, Tie, Weights, Wishes, seats
from vie_match.partners.consortium_value import neighbours, parts
from vie_match.partners.proposals import Status
from vie_match.partners.search import best_teams
from vie_match.vocabulary import Answer, Programme

K = RuleKind
ROW = DataRow(programme="P", url="https://example.org", confidence="sourced")
SETTING = Setting("HORIZON-CL5-2027-01", Programme.HORIZON, 2027)
COUNTRIES = ["DE", "FR", "PL", "KE", None]
TYPES = [MemberType.LOCAL_AUTHORITY, MemberType.UNIVERSITY, MemberType.SME, MemberType.COMPANY, None]


def rule(kind: RuleKind, value: object, subject: str = "legal_entity", **more: object) -> Rule:
    return Rule.model_validate({"kind": kind, "value": value, "subject": subject, "row": ROW} | more)


LINEAR = [
    rule(K.MIN_PARTICIPANTS, 3, group="EU27+ASSOCIATED", role=Part.BENEFICIARY),
    rule(K.MIN_COUNTRIES, 2, group="EU27+ASSOCIATED", role=Part.BENEFICIARY),
    rule(K.MIN_OF_TYPE, 1, "lead_city", role=Part.BENEFICIARY, apart="x"),
    rule(K.MIN_OF_TYPE, 1, "follower_city", role=Part.BENEFICIARY, apart="x"),
    rule(K.MIN_OF_TYPE, 1, "city|sme", role=Part.BENEFICIARY, apart="x"),
    rule(K.DISTINCT_COUNTRIES, 2, "sme+city"),
    rule(K.MEMBERSHIP, 1, "city", member_list="MISSION_CITIES_112"),
    rule(K.MAX_PARTICIPANTS, 3, op=Op.MAX),
    rule(K.MIN_SHARE_IN_GROUP, 50, group="WIDENING", role=Part.BENEFICIARY),
    rule(K.EXCLUDED_CONTROL, ("CN",)),
    rule(K.ELIGIBLE_COUNTRIES, ("EU27", "NO")),
    rule(K.COORDINATOR_COUNTRY, ("EU27",), "coordinator", role=Part.COORDINATOR),
    rule(K.SINGLE_BENEFICIARY, True),
    rule(K.DEMO_SITES, 2, "demonstration_site", scope="proposal"),
    rule(K.ROLE_RESTRICTION, ("PL",), only_role=Part.ASSOCIATED),
]
# Their sums are harder: shares that are decided, ecosystems, companies by country.
HARDER = [
    rule(K.BUDGET_SHARE, 50, "sme", op=Op.MIN, unit="percent", role=Part.BENEFICIARY),
    rule(K.BUDGET_SHARE, 20, "company", op=Op.MAX, unit="percent", role=Part.BENEFICIARY),
    rule(K.ECOSYSTEMS, 1, "ecosystem"),
    rule(K.TRACK_RECORD, 2, "company"),
    rule(K.NAMED_PARTICIPANTS, "the coordinator of a grant", "coordinator", role=Part.COORDINATOR),
    rule(K.MIN_POPULATION, 1000, "city"),
]
FACTS: dict[str, list[object]] = {
    "mission_city": [True, False, None],
    "lead_or_follower": ["lead", "follower", None],
    "controlled_from": ["CN", "DE", None],
    "demo_site": [True, "Old Town", None],
    "years_with_turnover": [1, 5, None],
}
ROLES = [
    ((Part.BENEFICIARY,), ()),
    ((Part.BENEFICIARY, Part.COORDINATOR), ()),
    ((Part.BENEFICIARY,), (Part.COORDINATOR,)),
    ((Part.ASSOCIATED,), (Part.BENEFICIARY,)),
]


@st.composite
def candidates(draw: st.DrawFn, least: int = 3, most: int = 5) -> list[Candidate]:
    found = []
    for number in range(draw(st.integers(least, most))):
        sure, perhaps = draw(st.sampled_from(ROLES))
        named = draw(st.lists(st.sampled_from(sorted(FACTS)), unique=True))
        found.append(
            Candidate(
                id=f"c{number}",
                member=Member(
                    name=f"C{number}",
                    type=draw(st.sampled_from(TYPES)),
                    country=draw(st.sampled_from(COUNTRIES)),
                    facts={name: Fact(value=draw(st.sampled_from(FACTS[name]))) for name in named},
                    complete=draw(st.booleans()),
                ),
                roles=sure,
                perhaps=perhaps,
                fit=draw(st.sampled_from([0.1, 0.45, 0.72, 0.9])),
                lead=draw(st.sampled_from([0, 0.5])),
                skills=draw(st.dictionaries(st.sampled_from("ab"), st.sampled_from([0.4, 0.7, 1.0]))),
                newcomer=draw(st.sampled_from([True, False, None])),
            )
        )
    return found


@st.composite
def ties(draw: st.DrawFn) -> list[Tie]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5))
    return [
        Tie(one=f"c{a}", other=f"c{b}", strength=draw(st.sampled_from([0.3, 0.8])))
        for a, b in pairs
        if a != b
    ]


@st.composite
def wishes(draw: st.DrawFn) -> Wishes:
    return Wishes(
        must=draw(st.sampled_from([(), (), ("c0",)])),
        must_not=draw(st.sampled_from([(), (), ("c1",)])),
        competitors=draw(st.sampled_from([(), (("c0", "c2"),)])),
        size=draw(st.sampled_from([(1, 12), (2, 3)])),
        per_country=draw(st.sampled_from([None, None, 1])),
        newcomers=draw(st.sampled_from([0, 0, 1])),
        needs=draw(st.sampled_from([{}, {"a": 1.0, "b": 0.5}])),
        teams=1,
    )


RULES = st.lists(st.sampled_from(LINEAR), max_size=4, unique_by=id)


def all_teams(those: Sequence[Candidate]) -> Iterator[list[Seat]]:
    for choice in product(*([None, *seats(one)] for one in those)):
        team = [seat for seat in choice if seat is not None]
        if sum(seat.role is Part.COORDINATOR for seat in team) == 1:
            yield team


def wished(team: Sequence[Seat], asked: Wishes, certainty: Certainty) -> bool:
    ids = [seat.candidate.id for seat in team]
    places = [seat.candidate.member.country for seat in team if seat.candidate.member.country]
    new = [seat.candidate.newcomer for seat in team]
    unknown = new.count(None) if certainty is Certainty.POSSIBLE else 0
    return (
        set(asked.must) <= set(ids)
        and not set(asked.must_not) & set(ids)
        and all(sum(one in group for one in ids) <= 1 for group in asked.competitors)
        and asked.size[0] <= len(team) <= asked.size[1]
        and (asked.per_country is None or all(places.count(one) <= asked.per_country for one in places))
        and new.count(True) + unknown >= asked.newcomers
    )


def kept(team: Sequence[Seat], rules: Sequence[Rule], certainty: Certainty) -> bool:
    """Whether the check finds all minima reached for sure (or possibly), and nothing forbidden for sure."""
    found = judge(rules, tuple(seat.member for seat in team), SETTING)
    for one in found.verdicts:
        made = demands.of(one.rule, SETTING)
        assert made is not None
        sure = made.low is not None and certainty is Certainty.ASK
        if one.answer is Answer.NO or (sure and one.answer is not Answer.YES):
            return False
    return True


def doubts(team: Sequence[Seat], rules: Sequence[Rule], certainty: Certainty) -> int:
    asked = sum(seat.sure is Answer.UNKNOWN for seat in team)
    for one in rules:
        made = demands.of(one, SETTING)
        assert made is not None
        if made.high is not None or certainty is Certainty.POSSIBLE:
            for seat in team:
                plays = Answer.YES if seat.member.plays(made.part) else Answer.NO
                asked += both(plays, made.fits(seat.member)) is Answer.UNKNOWN
    return asked


def best_by_trying(
    those: Sequence[Candidate], rules: Sequence[Rule], asked: Wishes, known: Sequence[Tie]
) -> tuple[Certainty, float] | None:
    for certainty in (Certainty.ASK, Certainty.POSSIBLE):
        values = [
            sum(parts(team, asked, Weights(), neighbours(known), doubts(team, rules, certainty)).values())
            for team in all_teams(those)
            if wished(team, asked, certainty) and kept(team, rules, certainty)
        ]
        if values:
            return certainty, max(values)
    return None


@given(candidates(), RULES, wishes(), ties())
@settings(max_examples=60, deadline=None)
def test_the_best_team_is_the_best_of_all(
    those: list[Candidate], rules: list[Rule], asked: Wishes, known: list[Tie]
) -> None:
    found = best_teams(KnownRules(SETTING, tuple(rules), ()), those, asked, ties=known, explain=False)
    expected = best_by_trying(those, rules, asked, known)
    if expected is None:
        assert (found.status, found.proposals) == (Status.INFEASIBLE, ())
        assert found.conflict
        assert found.broken
        return
    assert (found.status, found.certainty) == (Status.OPTIMAL, expected[0])
    assert found.proposals[0].value == pytest.approx(expected[1], abs=1e-6)
    assert sum(found.proposals[0].parts.values()) == pytest.approx(found.proposals[0].value)


@given(
    candidates(least=4, most=8), st.lists(st.sampled_from(LINEAR + HARDER), max_size=6, unique_by=id), ties()
)
@settings(max_examples=50, deadline=None)
def test_no_proposed_team_fails_the_check(
    those: list[Candidate], rules: list[Rule], known: list[Tie]
) -> None:
    asked = Wishes(different=1, needs={"a": 1.0})
    found = best_teams(KnownRules(SETTING, tuple(rules), ()), those, asked, ties=known)
    assert (found.status is Status.INFEASIBLE) is not bool(found.proposals)
    for one in found.proposals:
        assert one.answer is not Answer.NO
        again = judge(rules, one.team, SETTING, known=KnownRules(SETTING, tuple(rules), ()).complete)
        assert again.answer is one.answer
        assert [member.role for member in one.team].count(Part.COORDINATOR) == 1
        shares = [place.share for place in one.places if place.share is not None]
        assert not shares or sum(shares) == pytest.approx(100)
    values = [one.value for one in found.proposals]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(values))


@given(candidates(least=4, most=6), RULES)
@settings(max_examples=30, deadline=None)
def test_who_is_sure_is_never_asked_about(those: list[Candidate], rules: list[Rule]) -> None:
    found = best_teams(
        KnownRules(SETTING, tuple(rules), ()), those, Wishes(sure=True, teams=1), explain=False
    )
    for one in found.proposals:
        assert {verdict.answer for verdict in one.eligibility.verdicts} <= {Answer.YES}
        assert one.parts["doubt"] == 0


@given(candidates(least=4, most=6), RULES)
@settings(max_examples=30, deadline=None)
def test_later_teams_leave_out_members_of_every_earlier_one(
    those: list[Candidate], rules: list[Rule]
) -> None:
    asked = Wishes(teams=4, different=2)
    found = best_teams(KnownRules(SETTING, tuple(rules), ()), those, asked, explain=False)
    members = [{place.candidate for place in one.places} for one in found.proposals]
    for number, later in enumerate(members):
        for earlier in members[:number]:
            assert len(earlier - later) >= min(2, len(earlier))
