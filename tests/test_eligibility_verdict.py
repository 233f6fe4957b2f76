"""Verdicts for teams: who counts, what is missing, what is open, and what only informs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vie_match.eligibility import check, families
from vie_match.eligibility.check import judge_known, may_take_part, missing, questions, rules_of
from vie_match.eligibility.facts import Fact, Member
from vie_match.eligibility.reading.call import read
from vie_match.eligibility.rules import Confidence, RuleKind
from vie_match.eligibility.verdict import Eligibility
from vie_match.records import Call
from vie_match.vocabulary import ActionType, Answer, Programme

ANNEX_B = "2. Eligible Countriesdescribed in Annex B.3. Other Eligible Conditions{}described in Annex B."


def member(name: str, type: str = "local_authority", country: str | None = "DE", **more: Any) -> Member:
    facts = {key: Fact(value=value) for key, value in more.pop("facts", {}).items()}
    return Member.model_validate(
        {"name": name, "type": type, "country": country, "facts": facts, "complete": True} | more
    )


def judge(text: str, *team: Member, action: ActionType = ActionType.IA) -> Eligibility:
    known = rules_of("HORIZON-CL5-2027-01-D1-01", Programme.HORIZON, action, ANNEX_B.format(text))
    return judge_known(known, team)


THREE = (member("A"), member("B", "university", "FR"), member("C", "sme", "PL"))


def kinds(found: Eligibility) -> set[str]:
    return {one.rule.kind.value for one in found.deciding}


def test_three_of_three_countries_meet_the_general_annex() -> None:
    found = judge("", *THREE)
    assert found.answer is Answer.YES
    assert kinds(found) == {"min_participants", "min_countries", "min_in_country_group"}


@pytest.mark.parametrize(
    ("third", "answer", "reason"),
    [
        (member("C", "sme", "NO"), Answer.YES, "min_participants"),
        (member("C", "sme", "US"), Answer.NO, "min_participants"),
        (member("C", "sme", "FR"), Answer.NO, "min_countries"),
        (member("C", "sme", None), Answer.UNKNOWN, "min_countries"),
        (member("C", "sme", "PL", role="associated"), Answer.NO, "min_participants"),
    ],
)
def test_who_counts_for_the_general_annex(third: Member, answer: Answer, reason: str) -> None:
    found = judge("", *THREE[:2], third)
    assert found.answer is answer
    assert reason in kinds(found)


def test_a_topic_adds_to_the_general_annex() -> None:
    found = judge("At least two SMEs must take part as beneficiaries.", *THREE)
    assert found.answer is Answer.NO
    assert kinds(found) == {"min_of_type"}
    assert missing(found) == ("1 more SME as a beneficiary",)
    assert missing(found, "de") == ("noch 1 KMU als Begünstigte",)


def test_a_topic_can_replace_the_general_annex() -> None:
    text = "Applications may only be submitted by one legal entity."
    assert judge(text, member("A")).answer is Answer.YES
    assert judge(text, *THREE).answer is Answer.NO


def test_a_condition_that_nobody_understood_keeps_the_answer_open() -> None:
    found = judge("Applicants must be shipyards.", *THREE)
    assert found.answer is Answer.UNKNOWN
    assert questions(found) == ("Does the team meet this: “Applicants must be shipyards.”?",)
    assert judge("Applicants must be shipyards.", *THREE[:2]).answer is Answer.NO


def test_a_call_document_that_is_not_at_hand_leaves_it_open() -> None:
    text = (
        "2. Eligible countriesdescribed in section 6 of the call document."
        "3. Other eligibility conditionsdescribed in section 6 of the call document."
    )
    known = rules_of("LIFE-2026-CET-X", Programme.LIFE, ActionType.PROJECT_GRANT, text)
    found = judge_known(known, (member("A"),))
    assert found.answer is Answer.UNKNOWN
    assert any("call document" in question for question in questions(found))
    assert all(rule.row and rule.row.confidence is Confidence.RECALLED for rule in known.programme)


def test_a_sure_failure_decides_even_without_the_call_document() -> None:
    text = "2. Eligible countriesdescribed in the call document.3. Other eligibility conditionsn/a"
    description = "Proposals must be submitted by at least 3 applicants from 3 different eligible countries."
    known = rules_of("LIFE-2026-CET-X", Programme.LIFE, None, text, description)
    two = (member("A"), member("B", country="FR"))
    assert judge_known(known, two).answer is Answer.NO
    assert judge_known(known, (*two, member("C", country="PL"))).answer is Answer.UNKNOWN


def test_the_general_annexes_hold_if_the_conditions_point_to_them() -> None:
    for text, answer in (("", Answer.UNKNOWN), (ANNEX_B.format(""), Answer.YES)):
        known = rules_of("HORIZON-JU-X-2027-01", Programme.HORIZON, ActionType.RIA, text)
        assert judge_known(known, THREE).answer is answer


def test_without_any_rule_nobody_is_eligible() -> None:
    known = rules_of("NOWHERE-1", Programme.OTHER, None, "")
    assert judge_known(known, THREE).answer is Answer.UNKNOWN


CITIES = (
    "At least two cities, represented by a local authority or by an entity with an explicit consent from the "
    "local authority, each from a different Member State or Associated Country, must participate as "
    "beneficiaries. At least one of the two cities must be one of the 112 cities selected for the Mission."
)


def test_a_company_stands_for_its_city_only_with_consent() -> None:
    def company(consent: bool | None) -> Member:
        facts = {
            "represents_city": "Riga",
            "represented_city_is_mission_city": True,
            "city_consent": consent,
        }
        return member("Riga Development", "public_company", "LV", facts=facts)

    others = (member("A", facts={"mission_city": False}), member("B", "university", "FR"))
    assert judge(CITIES, company(True), *others).answer is Answer.YES
    assert judge(CITIES, company(False), *others).answer is Answer.NO
    found = judge(CITIES, company(None), *others)
    assert found.answer is Answer.UNKNOWN
    assert "Has the city agreed that Riga Development represents it?" in questions(found)


def test_plain_verdicts_carry_sentence_and_source() -> None:
    found = judge("At least two SMEs must take part as beneficiaries.", *THREE)
    first, *others = check.plain(found)
    assert (first.rule, first.answer) == ("min_of_type", Answer.NO)
    assert first.because == "at least 2 SMEs as beneficiaries: the team has 1: C"
    assert first.source == "At least two SMEs must take part as beneficiaries."
    assert others[0].source is not None
    assert others[0].source.startswith("https://")
    assert check.plain(found, "de")[0].because.startswith("mindestens 2 KMU als Begünstigte")


def test_the_question_names_the_city_and_the_list() -> None:
    team = (
        member("Pirna", facts={"mission_city": None}),
        member("Ghent", country="BE", facts={"mission_city": False}),
        member("B", "university", "FR"),
    )
    found = judge(CITIES, *team)
    assert questions(found) == ("Is Pirna one of the 112 cities of the Cities Mission?",)
    assert questions(found, "de") == ("Gehört Pirna zu den 112 Städten der Städtemission?",)


def test_roles_that_exclude_each_other_are_counted_together() -> None:
    text = "At least two lead cities and at least two follower cities must participate."
    open_roles = [
        member(n, country=c, facts={"lead_or_follower": None})
        for n, c in zip("ABC", ("DE", "FR", "PL"), strict=True)
    ]
    few = judge(text, *open_roles)
    assert few.answer is Answer.NO
    assert "each organisation counts only once" in missing(few)[0]
    four = (*open_roles, member("D", country="ES", facts={"lead_or_follower": None}))
    assert judge(text, *four).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("owner", "guarantees", "answer"),
    [
        ("DE", None, Answer.YES),
        ("US", None, Answer.UNKNOWN),
        ("US", True, Answer.YES),
        (None, None, Answer.UNKNOWN),
    ],
)
def test_control_from_abroad_may_need_guarantees(
    owner: str | None, guarantees: bool | None, answer: Answer
) -> None:
    text = (
        "Entities established in an eligible country, but controlled by a non-eligible country, may "
        "not participate "
        "unless it can be demonstrated, by means of guarantees, that nothing is at risk."
    )
    firm = member("Firm", "company", "IE", facts={"controlled_from": owner, "guarantees": guarantees})
    assert judge(text, *THREE, firm).answer is answer


def test_a_city_alone_may_still_take_part_in_a_larger_team() -> None:
    found = judge("", member("A"))
    assert found.answer is Answer.NO
    assert may_take_part(found) is Answer.YES
    closed = judge(
        "Participation is limited to legal entities established in Member States.", member("A", country="CH")
    )
    assert may_take_part(closed) is Answer.NO
    assert any("A" in line for line in missing(closed))


def test_sites_count_only_if_somebody_speaks_of_them() -> None:
    text = "Demonstration activities must take place in at least 4 different demonstration sites."
    assert judge(text, *THREE).answer is Answer.YES
    with_sites = (member("A", facts={"pilot_sites": 2}), *THREE[1:])
    assert judge(text, *with_sites).answer is Answer.NO


def test_a_budget_share_that_nobody_knows_is_open_as_long_as_it_can_be_met() -> None:
    text = "At least 50% of the proposed budget must be allocated to SMEs."
    shares = (10, 30, None), (10, 60, None), (60, 30, None)
    answers = []
    for city, university, firm in shares:
        team = (
            member("A", facts={"budget_share": city}),
            member("B", "university", "FR", facts={"budget_share": university}),
            member("C", "sme", "PL", facts={"budget_share": firm}),
        )
        answers.append(judge(text, *team).answer)
    assert answers == [Answer.UNKNOWN, Answer.NO, Answer.NO]


def test_only_money_never_refuses() -> None:
    text = (
        "Due to the scope, legal entities established in the United States are exceptionally "
        "eligible for funding."
    )
    found = judge(text, *THREE, member("D", "university", "KE"))
    assert found.answer is Answer.YES
    assert RuleKind.EXCEPTIONALLY_ELIGIBLE in {rule.kind for rule in found.others}


def test_what_a_text_replaces_is_seen_in_its_rules() -> None:
    alone = read("3. Other Eligible ConditionsApplications can only be submitted by a single legal entity.")
    assert families.replaced("", alone, Programme.HORIZON)
    assert not families.replaced(
        "", read("3. Other Eligible ConditionsTwo SMEs must join."), Programme.HORIZON
    )


def test_free_conditions_of_which_nothing_is_understood_never_make_it_yes(
    make_call: Callable[..., Call],
) -> None:
    fields = {"min_participants": 2, "min_countries": 2}
    team = member("A"), member("B", country="FR")
    for conditions in (
        "Gilt für Gemeinden mit Hafen.",
        "EuroAccess: https://example.org/a",
        "Only NGOs may apply.",
    ):
        call = make_call("CERV-2027-X", programme="CERV", conditions=conditions, **fields)
        assert check.check(call, team).answer is Answer.UNKNOWN


def test_a_municipality_at_the_threshold_is_large_enough(make_call: Callable[..., Call]) -> None:
    call = make_call("EUI-IA-CALL4", programme="EUI")
    answers = {}
    for people in (24_999, 25_000, 25_001):
        town = member("A", population=people, facts={"population_scope": "municipality"})
        [verdict] = [
            one for one in check.check(call, (town,)).verdicts if one.rule.kind is RuleKind.MIN_POPULATION
        ]
        answers[people] = verdict.answer
    assert answers == {24_999: Answer.NO, 25_000: Answer.YES, 25_001: Answer.YES}


def test_denmark_takes_no_part_in_the_fund_for_asylum(make_call: Callable[..., Call]) -> None:
    call = make_call("AMIF-2027-X", programme="AMIF", conditions="At least two cities must take part.")
    answers = {
        country: {
            one.rule.kind: one.answer
            for one in check.check(call, (member("A", country=country), member("B"))).verdicts
        }[RuleKind.ELIGIBLE_COUNTRIES]
        for country in ("DK", "SE")
    }
    assert answers == {"DK": Answer.NO, "SE": Answer.YES}


def test_rules_that_only_inform_make_no_yes(make_call: Callable[..., Call]) -> None:
    call = make_call("AMIF-2027-X", programme="AMIF")
    known = check.rules_of_call(call)
    informs = replace(known, unread=())
    found = judge_known(informs, (member("A"), member("B", country="FR")))
    assert not any(one.decides for one in found.verdicts)
    assert found.answer is Answer.UNKNOWN


def test_the_fields_of_a_call_are_rules_and_go_before_its_programme(make_call: Callable[..., Call]) -> None:
    fields = {"min_participants": 2, "min_countries": 2, "conditions": "At least two cities must take part."}
    call = make_call("CERV-2027-X", programme="CERV", **fields)
    known = check.rules_of_call(call)
    sizes = [rule for rule in known.programme if rule.kind is RuleKind.MIN_PARTICIPANTS]
    assert [rule.value for rule in sizes] == [2]
    assert sizes[0].row is not None
    assert sizes[0].row.url == "https://example.org/call"
    assert check.check(call, (member("A"), member("B", country="FR"))).answer is Answer.YES
    assert check.check(call, (member("A"), member("B"))).answer is Answer.NO


def test_a_record_without_conditions_never_says_yes(make_call: Callable[..., Call]) -> None:
    call = make_call("CERV-2027-X", programme="CERV", min_participants=1, min_countries=1)
    found = check.check(call, (member("A"),))
    assert found.answer is Answer.UNKNOWN
    assert may_take_part(found) is Answer.YES
    assert questions(found) == ("What does https://example.org/call say about who may apply?",)
    assert questions(found, "de") == (
        "Was sagt https://example.org/call dazu, wer einen Antrag stellen darf?",
    )
