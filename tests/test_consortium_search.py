"""The search for a team: what it weighs, what it says, why there is none, what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.eligibility.check import KnownRules
from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.groups import Setting
from vie_match.eligibility.rules import DataRow, Op, Part, Rule, RuleKind
from vie_match.errors import BadValue
from vie_match.partners.certainty import Certainty
from vie_match.partners.consortium import Candidate, Tie, Weights, Wishes, seats
from vie_match.partners.consortium_shares import rounded
from vie_match.partners.frames import TEAM_COLUMNS, teams_frame
from vie_match.partners.proposals import Status
from vie_match.partners.search import best_teams
from vie_match.partners.search_bounds import Bound
from vie_match.partners.search_conflict import fewest_broken, smallest_conflict
from vie_match.partners.search_model import TeamModel
from vie_match.vocabulary import Answer, Programme

K = RuleKind
SOURCED = DataRow(programme="P", url="https://example.org", confidence="sourced")
RECALLED = DataRow(programme="P", confidence="recalled")
SETTING = Setting("HORIZON-CL5-2027-01", Programme.HORIZON, 2027)
CITY = MemberType.LOCAL_AUTHORITY


def rule(kind: RuleKind, value: object, subject: str = "legal_entity", **more: object) -> Rule:
    return Rule.model_validate({"kind": kind, "value": value, "subject": subject, "row": SOURCED} | more)


def rules(*those: Rule) -> KnownRules:
    return KnownRules(SETTING, those, ())


def one(
    id: str,
    fit: float = 0.8,
    country: str = "DE",
    kind: MemberType = CITY,
    leads: bool = False,
    **more: object,
) -> Candidate:
    facts = {name: Fact(value=value) for name, value in dict(more.pop("facts", {})).items()}  # type: ignore[call-overload]
    roles = (Part.BENEFICIARY, Part.COORDINATOR) if leads else (Part.BENEFICIARY,)
    member = Member(name=id.upper(), type=kind, country=country, facts=facts)
    return Candidate.model_validate({"id": id, "member": member, "fit": fit, "roles": roles} | more)


def ids(found: object, number: int = 0) -> list[str]:
    return sorted(place.candidate for place in found.proposals[number].places)  # type: ignore[attr-defined]


THREE = rules(
    rule(K.MIN_PARTICIPANTS, 3, role=Part.BENEFICIARY), rule(K.MIN_COUNTRIES, 3, role=Part.BENEFICIARY)
)


def test_the_rules_bring_in_a_worse_partner_and_say_what_they_cost() -> None:
    those = [
        one("a", 0.9, leads=True),
        one("b", 0.9),
        one("c", 0.5, "FR"),
        one("d", 0.4, "PL"),
        one("e", 0.1, "IT"),
    ]
    found = best_teams(THREE, those, Wishes(size=(1, 3)), Weights(country=0))
    assert found.status is Status.OPTIMAL
    assert ids(found) == ["a", "c", "d"]
    countries = next(one for one in found.binding if "countries" in one.demand["en"])
    assert not countries.wish
    assert countries.price == pytest.approx(0.9 - 0.4)
    assert countries.demand in found.tight


def test_a_partner_joins_for_a_skill_nobody_else_has_and_is_said_to() -> None:
    those = [one("a", 0.9, leads=True), one("b", 0.5, skills={"heat": 1.0}), one("c", 0.5)]
    found = best_teams(rules(), those, Wishes(needs={"heat": 1, "water": 1}, teams=1), Weights(skill=0.5))
    assert ids(found) == ["a", "b"]
    member = next(place for place in found.proposals[0].places if place.candidate == "b")
    assert "alone brings: heat" in [words["en"] for words in member.brings]
    assert member.worth == pytest.approx(0.5 - 0.6 + 0.5)
    missing = [words["de"] for words in found.proposals[0].missing]
    assert "jemand für: Wasser" in missing
    assert "eine Forschungseinrichtung" in missing


def test_who_has_worked_together_is_preferred_and_named_with_the_project() -> None:
    those = [one("a", leads=True), one("b", 0.7), one("c", 0.72)]
    known = [Tie(one="b", other="a", basis="COOLTOWN"), Tie(one="a", other="nobody")]
    found = best_teams(rules(), those, Wishes(size=(2, 2), teams=1), ties=known)
    assert ids(found) == ["a", "b"]
    assert any("A (COOLTOWN)" in words["de"] for words in found.proposals[0].places[1].brings)


def test_teams_are_a_table_with_the_columns_described() -> None:
    found = best_teams(rules(), [one("a", leads=True), one("b")], Wishes(teams=1))
    table = teams_frame(found, "de")
    assert list(table.columns) == list(TEAM_COLUMNS)
    assert table[["team", "candidate", "role"]].values.tolist() == [
        [1, "a", "coordinator"],
        [1, "b", "beneficiary"],
    ]
    assert table["share"].isna().all()
    none = best_teams(rules(), [one("a")])
    assert (len(teams_frame(none)), list(teams_frame(none).columns)) == (0, list(TEAM_COLUMNS))


def test_the_three_best_teams_differ_by_two_members_and_get_worse() -> None:
    those = [one("a", leads=True), *(one(f"b{number}", 0.9 - number / 20) for number in range(6))]
    found = best_teams(rules(), those, Wishes(must=("a",), size=(3, 3), different=2))
    assert [ids(found, number) for number in range(3)] == [
        ["a", "b0", "b1"],
        ["a", "b2", "b3"],
        ["a", "b4", "b5"],
    ]
    assert found.gap == 0


def test_what_is_unknown_does_not_count_towards_a_minimum_but_is_asked_if_nothing_else_helps() -> None:
    member = rule(K.MEMBERSHIP, 1, "city", member_list="MISSION_CITIES_112")
    open_, sure = one("a", 0.9, leads=True), one("b", 0.3, facts={"mission_city": True})
    found = best_teams(rules(member), [open_, sure], Wishes(teams=1))
    assert (ids(found), found.certainty) == (["a", "b"], Certainty.ASK)
    alone = best_teams(rules(member), [open_], Wishes(teams=1))
    assert (alone.certainty, alone.proposals[0].answer) == (Certainty.POSSIBLE, Answer.UNKNOWN)
    assert "Is A one of the 112 cities of the Cities Mission?" in [
        w["en"] for w in alone.proposals[0].questions
    ]
    strict = best_teams(rules(member), [open_], Wishes(sure=True))
    assert strict.status is Status.INFEASIBLE


def test_an_open_prohibition_costs_a_little_and_is_asked_unless_all_has_to_be_sure() -> None:
    nobody = rule(K.EXCLUDED_CONTROL, ("CN",))
    firm = one("b", 0.8, kind=MemberType.SME)
    those = [one("a", leads=True), firm]
    found = best_teams(rules(nobody), those, Wishes(teams=1))
    assert ids(found) == ["a", "b"]
    assert found.proposals[0].parts["doubt"] == pytest.approx(-0.05)
    assert "From which country is B controlled?" in [words["en"] for words in found.proposals[0].questions]
    assert ids(best_teams(rules(nobody), those, Wishes(teams=1, sure=True))) == ["a"]


def test_rules_that_are_only_recalled_are_left_aside_before_there_is_no_team() -> None:
    recalled = rule(K.MIN_PARTICIPANTS, 3, role=Part.BENEFICIARY).model_copy(update={"row": RECALLED})
    found = best_teams(rules(recalled), [one("a", leads=True), one("b")])
    assert found.status is Status.OPTIMAL
    assert len(found.left_aside) == 1
    more = best_teams(rules(recalled), [one("a", leads=True), one("b"), one("c", 0.1)])
    assert (more.left_aside, len(more.proposals[0].places)) == ((), 3)


def test_why_there_is_no_team_is_the_smallest_set_of_rules_and_wishes() -> None:
    those = [one("a", leads=True), one("b", country="FR"), one("c", country="PL")]
    found = best_teams(THREE, those, Wishes(must_not=("b",), size=(1, 9), newcomers=0))
    assert found.status is Status.INFEASIBLE
    assert len(found.conflict) == 2
    assert "B not in the team" in [words["en"] for words in found.conflict]
    assert [words["de"] for words in found.broken] == ["B nicht im Team"]


def test_nobody_who_leads_is_a_reason_of_its_own() -> None:
    found = best_teams(rules(), [one("a"), one("b")])
    assert [words["en"] for words in found.conflict] == ["somebody who leads"]


def test_an_organisation_stands_for_one_kind_of_an_enumeration_only() -> None:
    both = [
        rule(K.MIN_OF_TYPE, 1, "city", role=Part.BENEFICIARY, apart="x"),
        rule(K.MIN_OF_TYPE, 1, "local_or_regional_authority", role=Part.BENEFICIARY, apart="x"),
    ]
    found = best_teams(rules(*both), [one("a", 0.9, leads=True), one("b", 0.1)])
    assert ids(found) == ["a", "b"]
    assert best_teams(rules(*both), [one("a", leads=True)]).status is Status.INFEASIBLE


def test_shares_of_the_budget_keep_to_rules_and_wishes_in_round_numbers() -> None:
    half = rule(K.BUDGET_SHARE, 50, "sme", op=Op.MIN, unit="percent", role=Part.BENEFICIARY)
    those = [
        one("a", 0.9, leads=True),
        one("b", 0.8, kind=MemberType.SME),
        one("c", 0.8, facts={"budget_share": 15}),
    ]
    asked = Wishes(must=("a", "b", "c"), shares={"a": (20, 100)})
    found = best_teams(rules(half), those, asked)
    shares = {place.candidate: place.share for place in found.proposals[0].places}
    assert shares == {"a": 35, "b": 50, "c": 15}
    assert found.proposals[0].team[0].facts["budget_share"].source == "proposed"
    greedy = Wishes(must=("a", "b", "c"), shares={"a": (40, 100)})
    assert best_teams(rules(half), those, greedy).status is Status.INFEASIBLE


def test_shares_that_no_whole_number_meets_are_given_in_tenths_or_as_they_are() -> None:
    exact = [Bound((), 33.3, shares={0: 1.0}), Bound((), -33.3, shares={0: -1.0})]
    assert rounded([0, 1], {0: 33.3, 1: 66.7}, exact)[0] == 33.3
    finer = [Bound((), 12.345, shares={0: 1.0}), Bound((), -12.345, shares={0: -1.0})]
    assert rounded([0, 1], {0: 12.345, 1: 87.655}, finer) == {0: 12.345, 1: 87.655}


@pytest.mark.parametrize(
    ("asked", "inside", "outside"),
    [
        (Wishes(must=("d",)), "d", None),
        (Wishes(must_not=("b",)), None, "b"),
        (Wishes(elsewhere=("b",)), None, "b"),
        (Wishes(competitors=(("a", "b"),)), None, "b"),
        (Wishes(newcomers=1), "d", None),
        (Wishes(subjects=("research_institution",)), "e", None),
        (Wishes(required=("heat",)), "e", None),
        (Wishes(leader="c"), "c", None),
        (Wishes(size=(1, 1)), "a", "b"),
        (Wishes(per_country=1), "a", "b"),
    ],
)
def test_every_wish_changes_the_team(asked: Wishes, inside: str | None, outside: str | None) -> None:
    those = [
        one("a", 0.9, leads=True),
        one("b", 0.8),
        one("c", 0.3, leads=True),
        one("d", 0.2, newcomer=True),
        one("e", 0.2, "FR", MemberType.UNIVERSITY, skills={"heat": 1}),
    ]
    assert ids(best_teams(rules(), those)) == ["a", "b"]
    team = ids(best_teams(rules(), those, asked))
    assert inside is None or inside in team
    assert outside is None or outside not in team


def test_all_faults_of_a_search_are_told_at_once() -> None:
    with pytest.raises(BadValue) as error:
        best_teams(rules(), [one("a"), one("a")], Wishes(must=("x",), competitors=(("y", "a"),)))
    for part in ("'a' more than once", "'x'", "'y'"):
        assert part in str(error.value)
    with pytest.raises(BadValue, match="no candidates"):
        best_teams(rules(), [])


@pytest.mark.parametrize(
    "bad", [{"size": (3, 2)}, {"size": (0, 0)}, {"share_of_each": (50, 10)}, {"needs": {"a": -1}}]
)
def test_wishes_that_make_no_sense_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"smaller|member|zero"):
        Wishes.model_validate(bad)


CONDITIONS = st.lists(
    st.tuples(
        st.dictionaries(st.integers(0, 4), st.sampled_from([-1.0, 1.0]), min_size=1), st.integers(-1, 2)
    ),
    min_size=1,
    max_size=6,
)


@given(CONDITIONS)
@settings(max_examples=60, deadline=None)
def test_the_smallest_conflict_is_the_smallest_of_all_sets(
    those: list[tuple[dict[int, float], int]],
) -> None:
    people = [seats(one(f"c{number}"))[0] for number in range(5)]
    bounds = [Bound((number,), low, terms) for number, (terms, low) in enumerate(those)]
    elastic = TeamModel(people, bounds, Wishes(), Weights(), (), [0] * 5, elastic=True)

    def can_hold(chosen: tuple[int, ...]) -> bool:
        return any(
            all(
                sum(value for place, value in those[number][0].items() if team >> place & 1)
                >= those[number][1]
                for number in chosen
            )
            for team in range(2**5)
        )

    everything = range(len(those))
    smallest = next(
        (size for size in everything if any(not can_hold(c) for c in combinations(everything, size + 1))),
        None,
    )
    found = smallest_conflict(elastic)
    broken = fewest_broken(elastic, ())
    assert broken is not None
    if smallest is None:
        assert (found, broken) == ((), frozenset())
        return
    assert len(found) == smallest + 1
    assert not can_hold(found)
    fewest = min(
        len(those) - size
        for size in range(len(those) + 1)
        if any(map(can_hold, combinations(everything, size)))
    )
    assert len(broken) == fewest


def test_many_candidates_are_searched_by_those_that_can_matter_with_the_same_result() -> None:
    kinds = [CITY, MemberType.UNIVERSITY, MemberType.SME]
    those = [
        one(f"c{n}", (n * 37 % 100) / 100, ["DE", "FR", "PL", "IT"][n % 4], kinds[n % 3], n % 5 == 0)
        for n in range(460)
    ]
    known = [Tie(one=f"c{n}", other=f"c{n * 7 % 460}") for n in range(0, 460, 9)]
    asked = Wishes(size=(3, 5), teams=1)
    all_at_once = TeamModel(
        [seat for c in those for seat in seats(c)], [], asked, Weights(), known, [0] * 552
    )
    found = best_teams(rules(), those, asked, ties=known, explain=False)
    people = len(all_at_once.seats)
    cuts = [(dict.fromkeys(range(people), -1.0), -5.0), (dict.fromkeys(range(people), 1.0), 3.0)]
    lead = {place: 1.0 for place, seat in enumerate(all_at_once.seats) if seat.role is Part.COORDINATOR}
    _, whole = all_at_once.program.solve(cuts=[*cuts, (lead, 1.0)])
    assert people > 400
    assert found.proposals[0].value == pytest.approx(whole.value, abs=1e-6)


def test_the_solver_writes_nothing_to_standard_output() -> None:
    # HiGHS 1.12 has a line that it prints whatever it is told.
    script = (
        "import ctypes, sys\n"
        "from vie_match.partners.program import _quiet\n"
        "library = ctypes.CDLL('ucrtbase' if sys.platform == 'win32' else None)\n"
        "print('before', flush=True)\n"
        "with _quiet():\n    library.puts(b'noise')\n"
        "print('after')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.split() == ["before", "after"]
