"""What a call pays of a city's cost, and what the city pays itself.

Rates are read in the call or stand in the data of its programme; where several hold, or a rule names a range,
the answer is a range, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from vie_match.eligibility.facts import Member
from vie_match.eligibility.logic import NO, UNKNOWN, at_most, opposite
from vie_match.eligibility.rules import Confidence, Rule, RuleKind
from vie_match.eligibility.subjects import is_subject
from vie_match.fields import Rate
from vie_match.records import Record
from vie_match.vocabulary import Answer

_NOT_FOR_PROFIT = frozenset({"non_profit", "nonprofit"})


class Cofunding(Record):
    """The share of its cost that a partner gets.

    ``low`` is below ``high`` where the rules leave it open.
    """

    low: Rate
    high: Rate
    rules: Annotated[tuple[Rule, ...], Field(description="what it rests on")]
    sourced: Annotated[bool, Field(description="False: a rule is only recalled")]


class OwnShare(Record):
    """What a partner pays itself, whole euro."""

    low_eur: Annotated[int, Field(ge=0)]
    high_eur: Annotated[int, Field(ge=0)]
    cofunding: Cofunding
    affordable: Annotated[Answer, Field(description="within what the partner says it can pay")] = UNKNOWN


def cofunding(rules: Sequence[Rule], member: Member) -> Cofunding | None:
    """Return the co-funding rate of a partner; None: no rule says it.

    Parameters
    ----------
    rules : sequence of Rule
        Of the call's text first, then of its record and its programme. What the call says goes before.
    member : Member

    Examples
    --------
    >>> from vie_match.eligibility.reading.call import read
    >>> rules = read("", "Funding rate: up to 60% of the eligible costs.")
    >>> found = cofunding(rules, Member(name="Hamm", type="local_authority", country="DE"))
    >>> found.low, found.high
    (0.6, 0.6)
    """
    rates = [rule for rule in rules if rule.kind is RuleKind.FUNDING_RATE and rule.group is None]
    for own in ([rule for rule in rates if rule.quote], [rule for rule in rates if rule.row]):
        # Of rules for all and for some, the special one holds for whom it is meant.
        special = [rule for rule in own if rule.subject != "all" and _meant(rule, member) is not NO]
        chosen = special or [rule for rule in own if rule.subject == "all"]
        if chosen:
            bounds = [_bounds(rule) for rule in chosen]
            return Cofunding(
                low=min(low for low, _ in bounds) / 100,
                high=max(high for _, high in bounds) / 100,
                rules=tuple(chosen),
                sourced=all(rule.row is None or rule.row.confidence is Confidence.SOURCED for rule in chosen),
            )
    return None


def own_share(cost_eur: int, rate: Cofunding, can_pay_eur: int | None = None) -> OwnShare:
    """Return what a partner pays of its cost.

    Parameters
    ----------
    cost_eur : int
        The partner's cost, whole euro.
    rate : Cofunding
    can_pay_eur : int, optional
        What it can pay itself; None is unknown.

    Examples
    --------
    >>> rate = Cofunding(low=0.6, high=0.8, rules=(), sourced=True)
    >>> found = own_share(1_000_000, rate, can_pay_eur=300_000)
    >>> found.low_eur, found.high_eur, found.affordable.value
    (200000, 400000, 'unknown')
    """
    low, high = (math.ceil(round(cost_eur * (1 - share), 2)) for share in (rate.high, rate.low))
    affordable = UNKNOWN if can_pay_eur is None else at_most(low, high, can_pay_eur)
    return OwnShare(low_eur=low, high_eur=high, cofunding=rate, affordable=affordable)


def _meant(rule: Rule, member: Member) -> Answer:
    if rule.subject in _NOT_FOR_PROFIT:
        return is_subject(member, "nonprofit")
    if rule.subject == "for_profit":
        return opposite(is_subject(member, "nonprofit"))
    return is_subject(member, rule.subject)


def _bounds(rule: Rule) -> tuple[float, float]:
    """Return the least and the most per cent that a rule names."""
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    return (min(numbers), max(numbers)) if numbers else (0.0, 100.0)
