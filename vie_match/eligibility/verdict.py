"""May this team apply: every rule with its answer, what it rests on, and the question that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from vie_match.eligibility import demands, questions, subjects, wording
from vie_match.eligibility.facts import Member, Team
from vie_match.eligibility.groups import Setting, belongs
from vie_match.eligibility.logic import NO, UNKNOWN, YES, both, seats_filled
from vie_match.eligibility.meaning import list_facts
from vie_match.eligibility.requirements import Requirement
from vie_match.eligibility.rules import Binding, Rule, RuleKind
from vie_match.eligibility.sums import Measure
from vie_match.eligibility.words import Words
from vie_match.records import Record
from vie_match.vocabulary import Answer

# Facts that stand for a property of the proposal; where no member mentions them, the property is assumed.
_OF_PROPOSAL = ("demo_site", "pilot_sites")

_KIND_FACTS = {
    RuleKind.EXCLUDED_CONTROL: "controlled_from",
    RuleKind.NAMED_PARTICIPANTS: "coordinates_linked_grant",
    RuleKind.TRACK_RECORD: "years_with_turnover",
    RuleKind.MIN_POPULATION: "population",
    RuleKind.NUTS_PREFIX: "nuts3",
    RuleKind.BUDGET_SHARE: "budget_share",
    # The country is known, but not whether it is among them.
    RuleKind.ELIGIBLE_COUNTRIES: "association",
}


class RuleVerdict(Record):
    """The answer to one rule."""

    rule: Rule
    answer: Answer
    decides: Annotated[bool, Field(description="False: informs only, being recalled")]
    grows: Annotated[bool, Field(description="True: more partners can fulfil it")]
    demand: Annotated[Words, Field(description="what the rule asks for")]
    finding: Annotated[Words, Field(description="what the team has of it")]
    missing: Annotated[Words | None, Field(description="what a team that fails it lacks")] = None
    questions: Annotated[tuple[Words, ...], Field(description="what would settle it, if unknown")] = ()
    facts: Annotated[tuple[str, ...], Field(description="facts used, each with its source")] = ()


class Eligibility(Record):
    """The answer for one team and one call."""

    answer: Answer
    verdicts: Annotated[tuple[RuleVerdict, ...], Field(description="rules about the team")]
    others: Annotated[
        tuple[Rule, ...], Field(description="rules about money, proposal and duties: not judged")
    ] = ()

    @property
    def deciding(self) -> tuple[RuleVerdict, ...]:
        """The verdicts that make the answer: those that fail, else those that are open, else all."""
        same = tuple(one for one in self.verdicts if one.answer is self.answer)
        return same if self.answer is YES else tuple(one for one in same if one.decides) or same


def judge(rules: Sequence[Rule], team: Team, setting: Setting, known: bool = True) -> Eligibility:
    """Judge a team by the rules of a call.

    Parameters
    ----------
    rules : sequence of Rule
        Of the call's text and its programme.
    team : tuple of Member
        In any order.
    setting : Setting
    known : bool, optional
        False: these are surely not all rules about the team, so that "yes" would be rash.

    Returns
    -------
    Eligibility
        No, if a rule that decides surely fails; else unknown, if one of them is open, or none decides; else
        yes.
    """
    eligible = tuple(
        code
        for rule in rules
        if rule.kind is RuleKind.ELIGIBLE_COUNTRIES and rule.quote
        for code in rule.codes
    )
    made = [
        (rule, demands.of(rule, setting, eligible) if rule.binding is Binding.MUST else None)
        for rule in rules
    ]
    judged = [one for _, one in made if one is not None and not _assumed(one, team)]
    answers = _together(judged, team, [one.answer(team) for one in judged])
    verdicts = tuple(
        _verdict(one, answer, team, setting) for one, answer in zip(judged, answers, strict=True)
    )
    overall = both(*(one.answer for one in verdicts if one.decides))
    # A rule that somebody only recalls cannot refuse, but it can make one ask.
    doubtful = any(one.answer is not YES for one in verdicts if not one.decides)
    decided = any(one.decides for one in verdicts)
    if overall is YES and (doubtful or not known or not decided):
        overall = UNKNOWN
    return Eligibility(
        answer=overall,
        verdicts=verdicts,
        others=tuple(rule for rule, one in made if one is None),
    )


def _assumed(requirement: Requirement, team: Team) -> bool:
    """Whether it is about the proposal, and no member says anything about that."""
    return requirement.rule.scope == "proposal" and not any(
        fact in member.facts for member in team for fact in _OF_PROPOSAL
    )


def _together(judged: list[Requirement], team: Team, answers: list[Answer]) -> list[Answer]:
    """Correct answers to rules of one enumeration: an organisation can stand for only one of them."""
    labels = dict.fromkeys(one.rule.apart for one in judged if one.rule.apart)
    corrected = list(answers)
    for label in labels:
        places = [number for number, one in enumerate(judged) if one.rule.apart == label]
        needs = [int(judged[place].low or 0) for place in places]
        counted = [[one.counts for one in judged[place].tallies(team)] for place in places]
        if NO in (answers[place] for place in places):
            continue
        if not seats_filled(needs, [[answer is not NO for answer in row] for row in counted]):
            verdict = NO
        elif not seats_filled(needs, [[answer is YES for answer in row] for row in counted]):
            verdict = UNKNOWN
        else:
            continue
        for place in places:
            if verdict is NO or answers[place] is YES:
                corrected[place] = verdict
    return corrected


def _verdict(requirement: Requirement, answer: Answer, team: Team, setting: Setting) -> RuleVerdict:
    rule = requirement.rule
    return RuleVerdict(
        rule=rule,
        answer=answer,
        decides=rule.decides,
        grows=requirement.grows,
        demand=Words(lambda language: wording.demand(rule, language)),
        finding=Words(lambda language: wording.finding(requirement, team, language)),
        missing=Words(lambda language: wording.missing(requirement, team, language))
        if answer is NO
        else None,
        questions=tuple(_questions(requirement, team, setting)) if answer is UNKNOWN else (),
        facts=tuple(_facts(requirement, team)),
    )


def _questions(requirement: Requirement, team: Team, setting: Setting) -> list[Words]:
    """Return the questions whose answers would settle an open requirement, one an organisation."""
    rule = requirement.rule
    if requirement.measure is Measure.NOTHING:
        if rule.kind in (RuleKind.IN_DOCUMENT, RuleKind.UNREAD):
            return [Words(lambda language: questions.ask_document(rule, language))]
        return [Words(lambda language: questions.meets(wording.demand(rule, language), language))]
    asked: list[Words] = []
    for tally in requirement.tallies(team):
        member, answer = tally.member, tally.counts
        fact = _open_fact(requirement, member, setting) if answer is UNKNOWN else None
        if fact is None and requirement.measure is Measure.COUNTRIES and answer is not NO:
            fact = "country" if member.country is None else None
        if fact is None and requirement.measure is Measure.BUDGET and answer is not NO:
            fact = "budget_share" if member.fact("budget_share").value is None else None
        if fact:
            words = _asked(member, fact)
            if words not in asked:
                asked.append(words)
    return asked or [Words(lambda language: questions.meets(wording.demand(rule, language), language))]


def _asked(member: Member, fact: str) -> Words:
    return Words(lambda language: questions.question(member, fact, language))


def _open_fact(requirement: Requirement, member: Member, setting: Setting) -> str:
    """Return the name of the fact that is not known of a member."""
    rule = requirement.rule
    if rule.group and belongs(member, rule.group, setting) is UNKNOWN:
        known = "country" if member.country is None else "association"
        return "innovator_class" if rule.group.endswith("INNOVATOR") else known
    if subjects.is_subject(member, rule.subject) is UNKNOWN:
        return "type" if member.type is None else subjects.asks(rule.subject)
    if rule.kind is RuleKind.MEMBERSHIP:
        stands = member.facts.get("represents_city")
        own, represented = list_facts(rule)
        return represented if stands and stands.value else own
    if rule.kind is RuleKind.EXCLUDED_CONTROL:
        return "guarantees" if member.fact("controlled_from").value else "controlled_from"
    if rule.fact:
        return rule.fact
    return _KIND_FACTS.get(rule.kind, "type") if member.country else "country"


def _facts(requirement: Requirement, team: Team) -> list[str]:
    """Return the members that count or may count, with their facts and sources, for people to check."""
    if requirement.measure is Measure.NOTHING:
        return []
    return [_told(tally.member) for tally in requirement.tallies(team) if tally.counts is not NO]


def _told(member: Member) -> str:
    kind = member.type.value if member.type else "?"
    source = f" ({member.source})" if member.source else ""
    return f"{member.name}: {kind}, {member.country or '?'}, {member.role.value}{source}"
