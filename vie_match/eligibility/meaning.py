"""Whom a rule means: from the rule's words to a test of one member.

The tests leave the member's role aside; that is the requirement's.
"""

from __future__ import annotations

from collections.abc import Callable

from vie_match.eligibility.facts import PUBLIC_TYPES, Member
from vie_match.eligibility.groups import Setting, belongs
from vie_match.eligibility.logic import NO, UNKNOWN, YES, both, either, opposite
from vie_match.eligibility.rules import Rule
from vie_match.eligibility.subjects import is_subject
from vie_match.vocabulary import Answer


def meant(rule: Rule, setting: Setting) -> Callable[[Member], Answer]:
    """Return the test whether a member is the rule's subject, in its group, with the fact it asks for.

    Parameters
    ----------
    rule : Rule
    setting : Setting
    """

    def fits(member: Member) -> Answer:
        parts = [_subject(rule, member)]
        if rule.group:
            parts.append(belongs(member, rule.group, setting))
        if rule.fact:
            parts.append(member.fact(rule.fact).truth)
        return both(*parts)

    return fits


def _subject(rule: Rule, member: Member) -> Answer:
    if rule.one_of:
        return _one_of(rule, member)
    answer = is_subject(member, rule.subject)
    if rule.subject in ("city", "city_or_region") and not rule.represented_by:
        # The text asks for entities "from" cities; nobody has to consent.
        return either(answer, member.fact("represents_city").truth)
    return answer


def _one_of(rule: Rule, member: Member) -> Answer:
    if member.type is not None and member.type.value in rule.one_of:
        return YES
    if rule.row:
        # In programmes' data the list adds types to the subject.
        return either(NO if member.type else UNKNOWN, is_subject(member, rule.subject))
    role = member.fact("roles").says(rule.subject)
    # Other organisations of the same field may or may not be among those the text lists.
    return UNKNOWN if role is NO and is_subject(member, rule.subject) is YES else role


# List → the fact of a city itself, and of the city that another organisation stands for.
_LIST_FACTS = {
    "MISSION_CITIES_112": ("mission_city", "represented_city_is_mission_city"),
    "TEN_T_URBAN_NODE": ("tent_urban_node", "represented_city_is_tent_urban_node"),
    "ADAPTATION_MISSION_CHARTER": ("adaptation_charter", "represented_city_is_signatory"),
}


def list_facts(rule: Rule) -> tuple[str, str]:
    """Return the facts that tell membership in a rule's list: a city's own, and of a city one stands for."""
    name = str(rule.member_list)
    return _LIST_FACTS.get(name, (name.casefold(), f"represented_city_is_in_{name.casefold()}"))


def listed(rule: Rule, member: Member) -> Answer:
    """Return whether a member, or the city it stands for, is in the rule's list."""
    own, represented = list_facts(rule)
    stands_for_another = member.facts.get("represents_city")
    chosen = represented if stands_for_another and stands_for_another.value else own
    return member.fact(chosen).truth


def controlled(member: Member, rule: Rule, setting: Setting, eligible: tuple[str, ...]) -> Answer:
    """Return whether a member is controlled from where the rule forbids it."""
    fact = member.fact("controlled_from")
    if not fact.applies:
        return NO
    if fact.value is None:
        # Nobody controls a body of the state from abroad, unless its record leaves that open.
        stated = "controlled_from" in member.facts
        return NO if member.type in PUBLIC_TYPES and not stated else UNKNOWN
    owner = Member(name=member.name, country=str(fact.value))
    if rule.codes == ("NOT_IN_ELIGIBLE_COUNTRIES",):
        allowed = eligible or ("EU27+ASSOCIATED",)
        outside = opposite(either(*(belongs(owner, group, setting) for group in allowed)))
    else:
        outside = either(*(belongs(owner, group, setting) for group in rule.codes))
    if rule.unless:
        guarantees = member.facts.get(rule.unless)
        return both(outside, opposite(guarantees.truth) if guarantees else UNKNOWN)
    return outside
