"""Rules about money: funding rates, amounts for third parties, shares of the budget, recommended grants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vie_match.eligibility.reading import nouns
from vie_match.eligibility.reading.clauses import Clause
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.reading.numbers import AMOUNT, amount, euro
from vie_match.eligibility.rules import Binding, Op, Part, Rule, RuleKind

_RATE = re.compile(
    r"(?:EU-?\s?)?funding\s+rate(?!s)(?P<between>[^.%]{0,140}?)(?P<share>\d{1,3})\s*%", re.IGNORECASE
)
_UP_TO = re.compile(r"\bup\s+to|maximum", re.IGNORECASE)
_NON_PROFIT = re.compile(r"non-?profit\s+legal\s+entities\s+where\s+the\s*$", re.IGNORECASE)
_NO_RATE = re.compile(r"co-?funding\s+rate\s+of\s+the\s+sub|highest|objective", re.IGNORECASE)
_THIRD = re.compile(
    r"maximum\s+(?:amount|value)[^.]{0,500}?(?:third\s+part(?:y|ies)|FSTP|\beach\s+party)", re.IGNORECASE
)
_RANGE = re.compile(
    r"contribution\s+(?:from\s+the\s+EU\s+)?(?:in|of)\s+a\s+range\s+of\s+(?:EUR|€)\s*(?P<low>[\d.,]+)(?:\s*million)?\s+"
    r"(?:to|and|-|–)\s+(?:EUR\s*|€\s*)?(?P<high>[\d.,]+)\s*(?P<scale>million)?",
    re.IGNORECASE,
)
_UP_TO_AMOUNT = re.compile(
    r"requesting\s+an?\s+(?:EU\s+)?contribution\s+(?:from\s+the\s+EU\s+)?of\s+up\s+to\s+(?=EUR|€)",
    re.IGNORECASE,
)
_CONSIDERS = re.compile(r"Commission\s+considers\s+that", re.IGNORECASE)
_LIMITED_TO = re.compile(
    r"participation\s+of\s+(?P<who>[^.]+?)\s+is\s+not\s+excluded[^.]{0,500}?limited\s+to\s+(?P<share>\d{1,3})\s*%\s+of\s+the\s+"
    r"(?:proposed\s+|total\s+)?budget",
    re.IGNORECASE,
)
_ALLOCATED = re.compile(
    r"(?P<bound>at\s+least|no\s+less\s+than|a\s+minimum\s+of|no\s+more\s+than|not\s+more\s+than|a\s+maximum\s+of|up\s+to)\s+"
    r"(?P<share>\d{1,3})\s*%\s+of\s+(?:the|their)\s+(?:\w+\s+){0,3}(?:budget|grant\s+amount|EU\s+contribution)\s+"
    r"(?:must|can|shall|should|may)\s+(?:only\s+)?be\s+(?:allocated|spent|given)\s+(?:to|on)\s+(?:the\s+)?(?P<who>[^.]+)",
    re.IGNORECASE,
)
_MOST_WORDS = re.compile(r"no\s+more|not\s+more|maximum|up\s+to", re.IGNORECASE)
_WHO = (
    ("widening_beneficiary", r"widening\s+beneficiary"),
    ("coordinator", r"coordinator"),
    ("third_party", r"third\s+part|FSTP"),
    ("non_sme_industry+rto", r"non-SME\s+industr\w+\s+and\s+Research\s+and\s+Technology\s+Organi[sz]ations"),
)


def read(source: Source, plain: str, clauses: Iterable[Clause], in_description: bool) -> Iterator[Rule]:
    """Yield the rules about money.

    Parameters
    ----------
    source : Source
    plain : str
        The text, overlaid: a rate can stand in the line below its heading.
    clauses : iterable of Clause
    in_description : bool
        Descriptions are only asked for the rate and the recommended grant: what they say about third
        parties is scope, not condition.
    """
    yield from _rates(source, plain)
    for clause in clauses:
        if in_description:
            yield from _recommended(source, clause)
        else:
            yield from _third_parties(source, clause)
            yield from _shares(source, clause)


def _rates(source: Source, plain: str) -> Iterator[Rule]:
    for found in _RATE.finditer(plain):
        if _NO_RATE.search(found["between"]):
            continue
        # "Other Action Grants (OAGs) — 95%" names the most that is paid, as do "up to" and "maximum".
        before = plain[max(0, found.start() - 50) : found.start()]
        most = _UP_TO.search(found[0]) or "—" in found["between"] or before.endswith("Maximum ")
        yield source.rule(
            RuleKind.FUNDING_RATE,
            found.start(),
            found.end(),
            subject="non_profit" if _NON_PROFIT.search(before) else "all",
            value=int(found["share"]),
            unit="percent",
            op=Op.MAX if most else Op.EQUAL,
        )


def _third_parties(source: Source, clause: Clause) -> Iterator[Rule]:
    if not _THIRD.search(clause.text) and not re.search(
        r"maximum\s+amount\s+to\s+be\s+granted", clause.text, re.IGNORECASE
    ):
        return
    start = re.search(r"(?:the\s+)?maximum", clause.text, re.IGNORECASE)
    found = AMOUNT.search(clause.text, start.end() if start else 0)
    if start and found:
        yield source.rule(
            RuleKind.FSTP_MAX,
            clause.start + start.start(),
            clause.start + found.end(),
            subject="third_party",
            value=amount(found),
            unit="EUR",
            op=Op.MAX,
        )


def _shares(source: Source, clause: Clause) -> Iterator[Rule]:
    for pattern in (_LIMITED_TO, _ALLOCATED):
        for found in pattern.finditer(clause.text):
            most = pattern is _LIMITED_TO or _MOST_WORDS.match(found["bound"])
            who = _who(found["who"])
            if who:
                yield source.rule(
                    RuleKind.BUDGET_SHARE,
                    clause.start + found.start(),
                    clause.start + found.end(),
                    subject=who,
                    value=int(found["share"]),
                    unit="percent",
                    op=Op.MAX if most else Op.MIN,
                    role=Part.COORDINATOR if who == "coordinator" else Part.BENEFICIARY,
                )


def _who(words: str) -> str | None:
    known = [
        (found.start(), name) for name, pattern in _WHO if (found := re.search(pattern, words, re.IGNORECASE))
    ]
    if known:
        return min(known)[1]
    named = nouns.all_in(words)
    return named[0][0].subject if named else None


def _recommended(source: Source, clause: Clause) -> Iterator[Rule]:
    if not _CONSIDERS.search(clause.text):
        return
    found = _RANGE.search(clause.text)
    fields = {"subject": "project", "unit": "EUR", "binding": Binding.INDICATIVE}
    if found:
        low, high = (euro(found[name].rstrip(".,"), found["scale"]) for name in ("low", "high"))
        yield source.clause_rule(
            RuleKind.RECOMMENDED_BUDGET, clause, value=(low, high), op=Op.RANGE, **fields
        )
        return
    found = _UP_TO_AMOUNT.search(clause.text)
    most = AMOUNT.match(clause.text, found.end()) if found else None
    if most:
        yield source.clause_rule(RuleKind.RECOMMENDED_BUDGET, clause, value=amount(most), op=Op.MAX, **fields)
