"""What a reader hands on: the rule's fields, and which characters of the text it rests on."""

from __future__ import annotations

from typing import Any

from vie_match.eligibility.reading.clauses import Clause
from vie_match.eligibility.rules import CallField, Quote, Rule, RuleKind


class Source:
    """One text of a call, from which rules are cut.

    Parameters
    ----------
    field : CallField
    text : str
        As published.
    """

    def __init__(self, field: CallField, text: str) -> None:
        self.field = field
        self.text = text

    def rule(self, kind: RuleKind, start: int, end: int, **fields: Any) -> Rule:
        """Return a rule that quotes the text from ``start`` to ``end``, blanks at both ends left out."""
        piece = self.text[start:end]
        start += len(piece) - len(piece.lstrip())
        piece = piece.strip()
        quote = Quote(field=self.field, start=start, end=start + len(piece), text=piece)
        return Rule(kind=kind, quote=quote, **fields)

    def clause_rule(self, kind: RuleKind, clause: Clause, **fields: Any) -> Rule:
        """Return a rule that quotes a whole clause."""
        return self.rule(kind, clause.start, clause.end, **fields)
