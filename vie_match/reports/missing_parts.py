"""What a team lacks, each thing once: of the needs of all rules those that the others do not cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vie_match.eligibility.facts import Member
from vie_match.eligibility.rules import Part, Rule
from vie_match.eligibility.subjects import is_subject
from vie_match.reports.terms import COUNTED, SPREAD, Need
from vie_match.vocabulary import Answer

# Nothing is known of it, so it is only what every organisation is.
_ANYBODY = Member(name="?")


def missing_parts(needs: Sequence[Need]) -> Iterator[tuple[Need, Need | None]]:
    """Yield what is missing: partners with the countries they come from, then countries alone.

    Parameters
    ----------
    needs : sequence of Need

    Yields
    ------
    (Need, Need or None)
        The latter is about the countries of the former's partners.
    """
    left = [
        need
        for at, need in enumerate(needs)
        if not any(_covers(other, need, is_first=other in needs[:at]) for other in needs)
    ]
    alone = [need for need in left if need.verdict.rule.kind in SPREAD]
    for need in (one for one in left if one.verdict.rule.kind not in SPREAD):
        countries = next((one for one in alone if _together(one, need)), None)
        if countries:
            alone.remove(countries)
        yield need, countries
    yield from ((need, None) for need in alone)


def _covers(other: Need, need: Need, *, is_first: bool) -> bool:
    """Whether one need is met as soon as another is: as many of any organisations, in no narrower role."""
    mine, its = need.verdict.rule, other.verdict.rule
    kinds = next((kinds for kinds in (COUNTED, SPREAD) if mine.kind in kinds), frozenset())
    if other is need or its.kind not in kinds or other.lack < need.lack:
        return False
    if (_whom(its), its.role, _place(its)) == (_whom(mine), mine.role, _place(mine)):
        # Of two that say the same the first stays.
        return is_first or other.lack > need.lack
    return not _whom(mine) and _place(mine) is None and mine.role in (Part.ANY, its.role)


def _together(countries: Need, need: Need) -> bool:
    """Whether countries are those of the partners of another need."""
    one, other = countries.verdict.rule, need.verdict.rule
    alike = (_whom(one), one.role) == (_whom(other), other.role)
    return alike and other.kind in COUNTED and _place(one) in (None, _place(other))


def _whom(rule: Rule) -> str:
    """Return whom a rule is about; empty: any organisation, whatever the call names it."""
    return "" if is_subject(_ANYBODY, rule.subject) is Answer.YES else rule.subject


def _place(rule: Rule) -> str | None:
    """Return the group of countries that a rule names; None: any will do."""
    return None if rule.group == "ANY" else rule.group
