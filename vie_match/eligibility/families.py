"""Which rules of its programme a call has, besides what its text says.

A text can replace the programme's smallest consortium: by naming one applicant, or all participants there may
be, or by saying so.
"""

from __future__ import annotations

import re

from vie_match.eligibility.programmes import Applied, rules_for
from vie_match.eligibility.rules import Rule, RuleKind
from vie_match.vocabulary import ActionType, Programme

_CONSORTIUM = frozenset(
    {
        RuleKind.MIN_PARTICIPANTS,
        RuleKind.MIN_COUNTRIES,
        RuleKind.MIN_IN_GROUP,
        RuleKind.MAX_PARTICIPANTS,
        RuleKind.DISTINCT_COUNTRIES,
        RuleKind.SINGLE_BENEFICIARY,
    }
)
# Article 22 of Regulation (EU) 2021/695 makes the consortium of three the general case; it excepts the ERC,
# the EIC, training and mobility, co-funded programmes, and coordination and support, but not procurement.
_LIKE_RESEARCH = frozenset({ActionType.PCP, ActionType.PPI})
_ONLY = re.compile(r"must\s+include\s+only", re.IGNORECASE)
_REPLACES = re.compile(
    r"replac(?:es?|ing)\s+(?:the\s+)?(?:relevant\s+)?(?:sections?|conditions?|minimum)[^.]{0,40}Annex\s+B",
    re.IGNORECASE,
)


def replaced(conditions: str, rules: tuple[Rule, ...], programme: Programme | None) -> bool:
    """Return whether a call's text takes the place of its programme's rules about the consortium.

    Parameters
    ----------
    conditions : str
    rules : tuple of Rule
        What was read in it.
    programme : Programme or None
        Horizon's topics add to the smallest consortium of its General Annexes; elsewhere a number in the text
        takes its place.
    """
    adds = programme is Programme.HORIZON
    sized = not adds and any(rule.kind is RuleKind.MIN_PARTICIPANTS for rule in rules)
    alone = any(rule.kind is RuleKind.SINGLE_BENEFICIARY for rule in rules)
    listed = any(rule.quote and _ONLY.search(rule.quote.text) for rule in rules)
    return alone or sized or listed or _REPLACES.search(conditions) is not None


def programme_rules(
    identifier: str,
    programme: Programme | None,
    action: ActionType | None,
    year: int | None,
    without_size: bool = False,
) -> tuple[Applied, ...]:
    """Return the rules of a call's programme.

    Parameters
    ----------
    identifier : str
    programme : Programme or None
    action : ActionType or None
    year : int or None
    without_size : bool, optional
        Leave out what the call's text replaces.
    """
    found = rules_for(identifier, programme, action, year)
    if programme is Programme.HORIZON and action in _LIKE_RESEARCH:
        general = rules_for(identifier, programme, ActionType.RIA, year)
        sizes = tuple(one for one in general if one.rule.kind in _CONSORTIUM)
        kinds = {one.rule.kind for one in sizes}
        found = sizes + tuple(one for one in found if one.rule.kind not in kinds)
    if not without_size:
        return found
    return tuple(one for one in found if one.rule.kind not in _CONSORTIUM)


def without_least(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules that do not say how large a consortium has to be; how large it may be stays."""
    most = (RuleKind.MAX_PARTICIPANTS, RuleKind.SINGLE_BENEFICIARY)
    return tuple(rule for rule in rules if rule.kind not in _CONSORTIUM or rule.kind in most)
