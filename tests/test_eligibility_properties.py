"""What holds of all verdicts: partners only help minima, what is unknown never decides, order is nothing."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vie_match.eligibility import demands
from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.groups import Setting
from vie_match.eligibility.logic import seats_filled
from vie_match.eligibility.rules import DataRow, Op, Part, Rule, RuleKind
from vie_match.eligibility.verdict import judge
from vie_match.vocabulary import Answer, Programme

K = RuleKind
ROW = DataRow(programme="P", url="https://example.org", confidence="sourced")
SETTING = Setting("HORIZON-CL5-2027-01", Programme.HORIZON, 2027)
TYPES = [
    MemberType.LOCAL_AUTHORITY,
    MemberType.UNIVERSITY,
    MemberType.SME,
    MemberType.COMPANY,
    MemberType.NGO,
]
COUNTRIES = ["DE", "FR", "PL", "NO", "KE", "US"]


def rule(kind: RuleKind, value: object, subject: str = "legal_entity", **more: object) -> Rule:
    return Rule.model_validate({"kind": kind, "value": value, "subject": subject, "row": ROW} | more)


MINIMA = [
    rule(K.MIN_PARTICIPANTS, 3, group="EU27+ASSOCIATED", role=Part.BENEFICIARY),
    rule(K.MIN_COUNTRIES, 3, group="EU27+ASSOCIATED", role=Part.BENEFICIARY),
    rule(K.MIN_OF_TYPE, 2, "lead_city", role=Part.BENEFICIARY, apart="x"),
    rule(K.MIN_OF_TYPE, 2, "follower_city", role=Part.BENEFICIARY, apart="x"),
    rule(K.MIN_OF_TYPE, 2, "sme"),
    rule(K.DISTINCT_COUNTRIES, 2, "sme+cso"),
    rule(K.MIN_IN_GROUP, 1, group="WIDENING"),
    rule(K.MEMBERSHIP, 1, "city", member_list="MISSION_CITIES_112"),
]
OTHERS = [
    rule(K.MAX_PARTICIPANTS, 4, op=Op.MAX),
    rule(K.MIN_SHARE_IN_GROUP, 50, group="WIDENING", role=Part.BENEFICIARY),
    rule(K.EXCLUDED_CONTROL, ("CN",)),
    rule(K.ELIGIBLE_COUNTRIES, ("EU27", "NO")),
    rule(K.COORDINATOR_COUNTRY, ("EU27",), "coordinator", role=Part.COORDINATOR),
    rule(K.BUDGET_SHARE, 50, "sme", op=Op.MIN, unit="percent", role=Part.BENEFICIARY),
    rule(K.BUDGET_SHARE, 20, "company", op=Op.MAX, unit="percent", role=Part.BENEFICIARY),
    rule(K.NAMED_PARTICIPANTS, "coordinator of a grant", "coordinator", role=Part.COORDINATOR),
]
RULES = st.lists(st.sampled_from(MINIMA + OTHERS), min_size=1, max_size=6, unique_by=id)

# Facts of the members, each with the values it can have; None is unknown.
VALUES: dict[str, list[object]] = {
    "mission_city": [True, False],
    "lead_or_follower": ["lead", "follower"],
    "is_sme": [True, False],
    "controlled_from": ["CN", "DE"],
    "coordinates_linked_grant": [True, False],
}


@st.composite
def members(draw: st.DrawFn) -> Member:
    facts = {
        name: Fact(value=draw(st.sampled_from([None, *values])))
        for name, values in VALUES.items()
        if draw(st.booleans())
    }
    if draw(st.booleans()):
        facts["budget_share"] = Fact(value=draw(st.sampled_from([None, 0, 10, 25])))
    return Member(
        name=draw(st.sampled_from("ABCDEFGH")),
        type=draw(st.sampled_from([None, *TYPES])),
        country=draw(st.sampled_from([None, *COUNTRIES])),
        role=draw(st.sampled_from([Part.BENEFICIARY, Part.ASSOCIATED, Part.BENEFICIARY])),
        facts=facts,
        complete=True,
    )


TEAMS = st.lists(members(), min_size=1, max_size=4)


def settled(member: Member, draw: st.DrawFn, share: float) -> Member:
    """The member as it may turn out to be once every unknown fact is known."""
    facts = {}
    for name, fact in member.facts.items():
        value = fact.value
        if value is None:
            value = share if name == "budget_share" else draw(st.sampled_from(VALUES[name]))
        facts[name] = Fact(value=value)
    return member.model_copy(
        update={
            "facts": facts,
            "type": member.type or draw(st.sampled_from(TYPES)),
            "country": member.country or draw(st.sampled_from(COUNTRIES)),
        }
    )


@given(st.data(), RULES, TEAMS)
@settings(max_examples=300, deadline=None)
def test_what_is_unknown_never_decides(
    data: st.DataObject, rules: Sequence[Rule], team: list[Member]
) -> None:
    told = sum(float(str(m.facts["budget_share"].value or 0)) for m in team if "budget_share" in m.facts)
    assume(told <= 100)
    open_shares = sum("budget_share" in m.facts and m.facts["budget_share"].value is None for m in team)
    share = (100 - told) / open_shares if open_shares else 0
    before = judge(rules, tuple(team), SETTING)
    known = tuple(settled(member, data.draw, share) for member in team)
    after = judge(rules, known, SETTING)
    if before.answer is not Answer.UNKNOWN:
        assert after.answer is before.answer
    for old, new in zip(before.verdicts, after.verdicts, strict=True):
        assert old.answer in (Answer.UNKNOWN, new.answer)


@given(st.lists(st.sampled_from(MINIMA), min_size=1, max_size=6, unique_by=id), TEAMS, members())
@settings(max_examples=300, deadline=None)
def test_a_further_partner_never_spoils_a_minimum(
    rules: Sequence[Rule], team: list[Member], partner: Member
) -> None:
    before = judge(rules, tuple(team), SETTING)
    after = judge(rules, (*team, partner), SETTING)
    for old, new in zip(before.verdicts, after.verdicts, strict=True):
        assert old.grows
        if old.answer is Answer.YES:
            assert new.answer is Answer.YES


@given(st.data(), RULES, TEAMS)
@settings(deadline=None)
def test_the_order_of_the_team_does_not_matter(
    data: st.DataObject, rules: Sequence[Rule], team: list[Member]
) -> None:
    shuffled = tuple(data.draw(st.permutations(team)))
    first, second = judge(rules, tuple(team), SETTING), judge(rules, shuffled, SETTING)
    assert [one.answer for one in first.verdicts] == [one.answer for one in second.verdicts]
    assert first.answer is second.answer


@given(RULES, TEAMS)
@settings(deadline=None)
def test_the_whole_is_no_better_than_its_worst_part(rules: Sequence[Rule], team: list[Member]) -> None:
    found = judge(rules, tuple(team), SETTING)
    answers = [one.answer for one in found.verdicts]
    expected = (
        Answer.NO if Answer.NO in answers else Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.YES
    )
    assert found.answer is expected
    for one in found.verdicts:
        assert (one.missing is not None) is (one.answer is Answer.NO)


@given(RULES, TEAMS)
@settings(deadline=None)
def test_an_open_answer_comes_with_a_question(rules: Sequence[Rule], team: list[Member]) -> None:
    for one in judge(rules, tuple(team), SETTING).verdicts:
        if one.answer is Answer.UNKNOWN:
            assert one.questions


@given(RULES, TEAMS)
@settings(deadline=None)
def test_bounds_enclose_each_other(rules: Sequence[Rule], team: list[Member]) -> None:
    for one in rules:
        made = demands.of(one, SETTING)
        assert made is not None
        least, most = made.bounds(tuple(team))
        assert 0 <= least <= most


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=3),
    st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=3, max_size=3),
)
@settings(deadline=None)
def test_seats_are_filled_exactly_when_hall_says_so(needs: list[int], fits: list[list[bool]]) -> None:
    rows = fits[: len(needs)]
    hall = all(
        sum(needs[i] for i in range(len(needs)) if chosen >> i & 1)
        <= sum(any(rows[i][m] for i in range(len(needs)) if chosen >> i & 1) for m in range(4))
        for chosen in range(1, 2 ** len(needs))
    )
    assert seats_filled(needs, rows) is hall
