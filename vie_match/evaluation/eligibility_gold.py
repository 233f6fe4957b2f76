"""Rules and verdicts in the words of a folder of calls and cases."""

from __future__ import annotations

from typing import Any

from vie_match.eligibility.facts import iso_code
from vie_match.eligibility.rules import CallField, Rule
from vie_match.eligibility.verdict import Eligibility
from vie_match.vocabulary import Answer

VERDICTS = {Answer.YES: "eligible", Answer.NO: "not_eligible", Answer.UNKNOWN: "unknown"}

# The texts' names in the folder.
FIELDS = {CallField.CONDITIONS: "topicConditions", CallField.TEXT: "description"}


def reasons_of(found: Eligibility) -> list[str]:
    """Return the kinds of the rules that make a verdict."""
    return sorted({one.rule.kind.value for one in found.deciding})


def as_gold(rule: Rule) -> dict[str, Any]:
    """Return a rule as the folder writes it: country codes of ISO 3166, names of the folder's texts."""
    row: dict[str, Any] = {
        "kind": rule.kind.value,
        "subject": rule.subject or None,
        "value": [iso_code(code) if isinstance(code, str) else code for code in rule.value]
        if isinstance(rule.value, tuple)
        else rule.value,
        "binding": rule.binding.value,
    }
    if rule.quote:
        row |= {
            "source": FIELDS[rule.quote.field],
            "quote": rule.quote.text,
            "start": rule.quote.start,
            "end": rule.quote.end,
        }
    if rule.row:
        row |= {
            "source": rule.row.url,
            "programme": rule.row.programme,
            "confidence": rule.row.confidence.value,
        }
    row["role"] = rule.role.value
    more = {
        "group": iso_code(rule.group) if rule.group else None,
        "list": rule.member_list,
        "unit": rule.unit,
        "op": rule.op.value if rule.op else None,
        "scope": rule.scope,
        "represented_by": list(rule.represented_by),
        "one_of": list(rule.one_of),
        "unless": rule.unless,
        "only_role": rule.only_role.value if rule.only_role else None,
        "effect": rule.effect,
        "note": rule.note,
    }
    return row | {name: value for name, value in more.items() if value}
