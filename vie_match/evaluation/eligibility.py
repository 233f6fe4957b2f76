"""How well rules are read and teams are judged, compared with what is right.

The folder is described in :mod:`vie_match.evaluation.eligibility_folder`.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vie_match.eligibility.check import KnownRules, judge_known, rules_of
from vie_match.eligibility.rules import RuleKind
from vie_match.eligibility.verdict import Eligibility
from vie_match.errors import BadValue
from vie_match.evaluation.eligibility_folder import Case, Folder
from vie_match.evaluation.eligibility_gold import FIELDS, VERDICTS, as_gold, reasons_of
from vie_match.vocabulary import ActionType, Programme, parse

# Kinds that are about who takes part; the others are about money, proposal and duties.
TEAM_KINDS = frozenset(
    kind.value
    for kind in RuleKind
    if kind.name.startswith(("MIN_", "MAX_P", "DISTINCT", "MEMBER", "SINGLE", "APPLICANT", "COORDINATOR"))
    or kind
    in (
        RuleKind.NAMED_PARTICIPANTS,
        RuleKind.ECOSYSTEMS,
        RuleKind.TRACK_RECORD,
        RuleKind.ELIGIBLE_COUNTRIES,
        RuleKind.ROLE_RESTRICTION,
        RuleKind.EXCLUDED_CONTROL,
        RuleKind.BUDGET_SHARE,
        RuleKind.DEMO_SITES,
    )
)


@dataclass(frozen=True, slots=True)
class Hits:
    """True and false positives, and misses, of one kind of rule."""

    found: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where there is nothing to find and nothing was found."""
        whole = 2 * self.found + self.wrong + self.missed
        return 2 * self.found / whole if whole else 1.0

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    def __add__(self, other: Hits) -> Hits:
        """Return the sum."""
        return Hits(self.found + other.found, self.wrong + other.wrong, self.missed + other.missed)


@dataclass(frozen=True)
class Evaluation:
    """What was answered, and what it is worth.

    Attributes
    ----------
    read : mapping of str to KnownRules
        By call.
    judged : mapping of str to Eligibility
        By case.
    confusion : Counter of (str, str)
        Expected and given verdict → cases.
    by_kind, by_kind_and_subject : mapping of str to Hits
        Rules compared by kind and value; by kind, value and subject.
    verbatim : float
        Share of quotes that stand in the text.
    reasons : float or None
        Share of rightly judged cases whose reasons are right, too.
    seconds : float
        Time to read all calls.
    """

    read: Mapping[str, KnownRules]
    judged: Mapping[str, Eligibility]
    confusion: Counter[tuple[str, str]]
    by_kind: Mapping[str, Hits]
    by_kind_and_subject: Mapping[str, Hits]
    verbatim: float
    reasons: float | None
    seconds: float
    wrong: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def accuracy(self) -> float | None:
        """Share of cases with the right verdict; None without judged cases."""
        total = sum(self.confusion.values())
        right = sum(count for (expect, given), count in self.confusion.items() if expect == given)
        return right / total if total else None

    @property
    def eligible_precision(self) -> float | None:
        """Share of the verdicts "eligible" that are right; None if there is none."""
        given = sum(count for (_, verdict), count in self.confusion.items() if verdict == "eligible")
        return self.confusion["eligible", "eligible"] / given if given else None

    @property
    def rules(self) -> Hits | None:
        """All kinds together; None without gold rules."""
        return sum(self.by_kind.values(), Hits()) if self.by_kind else None

    @property
    def team_rules(self) -> Hits:
        """Kinds about the team together."""
        return sum((hits for kind, hits in self.by_kind.items() if kind in TEAM_KINDS), Hits())

    @property
    def macro(self) -> float | None:
        """Mean of the kinds' F1."""
        return sum(hits.f1 for hits in self.by_kind.values()) / len(self.by_kind) if self.by_kind else None

    def as_json(self) -> str:
        """Return all figures."""
        rules = self.rules
        return json.dumps(
            {
                "cases": len(self.judged),
                "calls": len(self.read),
                "accuracy": self.accuracy,
                "eligible_precision": self.eligible_precision,
                "reasons": self.reasons,
                "confusion": [
                    {"expected": expect, "given": given, "cases": count}
                    for (expect, given), count in sorted(self.confusion.items())
                ],
                "rules": rules and {"precision": rules.precision, "recall": rules.recall, "f1": rules.f1},
                "team_rules_f1": self.team_rules.f1 if self.by_kind else None,
                "macro_f1": self.macro,
                "kinds": {
                    kind: {"found": one.found, "wrong": one.wrong, "missed": one.missed, "f1": one.f1}
                    for kind, one in sorted(self.by_kind.items())
                },
                "verbatim": self.verbatim,
                "seconds_per_call": self.seconds / max(1, len(self.read)),
            },
            indent=1,
        )


def rules_of_row(row: Mapping[str, Any]) -> KnownRules:
    """Return the rules of a call of the folder."""
    return rules_of(
        str(row["topicId"]),
        _programme(str(row.get("programme") or "")),
        _action(str(row.get("typesOfAction") or "")),
        str(row.get("topicConditions") or ""),
        str(row.get("description") or ""),
    )


def _programme(name: str) -> Programme:
    try:
        return parse(Programme, name)
    except BadValue:
        return Programme.OTHER


def _action(name: str) -> ActionType | None:
    # Joint undertakings have the same types under their own names.
    try:
        return parse(ActionType, name.replace(" JU ", " "))
    except BadValue:
        return None


def evaluate(folder: Folder) -> Evaluation:
    """Read all calls, judge all cases, and compare with what is given.

    Parameters
    ----------
    folder : Folder

    Returns
    -------
    Evaluation
        Without gold its figures are None or empty.
    """
    begin = time.perf_counter()
    read = {call: rules_of_row(row) for call, row in folder.calls.items()}
    seconds = time.perf_counter() - begin
    judged = {case.id: judge_known(read[case.call], case.team) for case in folder.cases}
    confusion: Counter[tuple[str, str]] = Counter()
    wrong = []
    for case in folder.cases:
        given = VERDICTS[judged[case.id].answer]
        if case.expect:
            confusion[case.expect, given] += 1
            if case.expect != given:
                wrong.append((case.id, case.expect, given))
    quoted = [
        rule.quote.text in str(folder.calls[call].get(FIELDS[rule.quote.field]) or "")
        for call, known in read.items()
        for rule in known.text
        if rule.quote
    ]
    return Evaluation(
        read=read,
        judged=judged,
        confusion=confusion,
        by_kind=_hits(folder, read, with_subject=False),
        by_kind_and_subject=_hits(folder, read, with_subject=True),
        verbatim=sum(quoted) / len(quoted) if quoted else 1.0,
        reasons=_reasons(folder.cases, judged),
        seconds=seconds,
        wrong=tuple(wrong),
    )


def _hits(folder: Folder, read: Mapping[str, KnownRules], *, with_subject: bool) -> dict[str, Hits]:
    totals: dict[str, Hits] = {}
    for call, gold in folder.rules.items():
        if call not in read:
            continue
        wanted = Counter(
            _key(str(rule["kind"]), rule.get("subject"), rule.get("value"), with_subject) for rule in gold
        )
        given = Counter(
            _key(rule.kind.value, rule.subject, as_gold(rule)["value"], with_subject)
            for rule in read[call].text
        )
        for key in wanted | given:
            common = min(wanted[key], given[key])
            hits = Hits(common, given[key] - common, wanted[key] - common)
            totals[key[0]] = totals.get(key[0], Hits()) + hits
    return totals


def _key(kind: str, subject: object, value: object, with_subject: bool) -> tuple[str, str, str]:
    listed = sorted(map(str, value)) if isinstance(value, list) else value
    return kind, str(subject or "") if with_subject else "", json.dumps(listed)


def _reasons(cases: Iterable[Case], judged: Mapping[str, Eligibility]) -> float | None:
    right = []
    for case in cases:
        if case.expect and VERDICTS[judged[case.id].answer] == case.expect:
            given = set(reasons_of(judged[case.id]))
            right.append(bool(given) and (case.because <= given or given <= case.because_all))
    return sum(right) / len(right) if right else None
