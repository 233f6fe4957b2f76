"""Rules about who coordinates, who submits, and who may be an applicant at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vie_match.eligibility.reading import nouns, places
from vie_match.eligibility.reading.clauses import Clause
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.rules import Part, Rule, RuleKind
from vie_match.eligibility.subjects import GENERIC

_COORDINATORS = re.compile(
    r"participation\s+as\s+coordinators?[^.]{0,40}?\s+is\s+limited\s+to\s+legal\s+entities\s+established\s+in\s+(?=\S)",
    re.IGNORECASE,
)
_COORDINATOR_PLACE = re.compile(
    r"the\s+coordinator[^.]{0,60}\s+must\s+be\s+established\s+in\s+(?:an?\s+)?(?=\S)", re.IGNORECASE
)
_COORDINATOR_TYPE = re.compile(
    r"\bcoordinator(?:\s+of\s+the\s+(?:project|action))?\s+must\s+be\s+an?\s+", re.IGNORECASE
)
_HAS_BEEN = re.compile(
    r"that\s+(?:have\s+been\s+or\s+are|are\s+or\s+have\s+been|are|have\s+been)\s+(?P<who>coordinators?\s+of\s+[^.,]+)",
    re.IGNORECASE,
)
_SUBMITTER = re.compile(
    r"(?:proposal|application)\s+must\s+be\s+submitted\s+by\s+the\s+(?P<who>coordinator\s+of\s+the\s+.+?)(?=[.:,]|$)",
    re.IGNORECASE,
)
_FUNDED_UNDER = re.compile(
    r"consortium\s+funded\s+under\s+(?:the\s+)?(?:topic\s+)?(?P<topic>[A-Z][A-Z0-9-]{6,})"
)
_BENEFICIARIES_OF = re.compile(
    r"(?:beneficiaries|consorti(?:um|a))\s+must\s+include\s+the\s+(?P<who>beneficiaries\s+of\s+[^,.]+)",
    re.IGNORECASE,
)
_ONE_ONLY = re.compile(
    r"(?:only\s+be\s+submitted\s+by\s+(?:one|a\s+single)\s+legal\s+entity|always\s+mono-beneficiary)",
    re.IGNORECASE,
)
_MUST_BE = re.compile(r"\bBeneficiaries\s+must\s+be\s+an?\s+", re.IGNORECASE)


def read(source: Source, clause: Clause) -> Iterator[Rule]:
    """Yield the rules of one clause."""
    for reader in (_coordinator, _named, _alone):
        yield from reader(source, clause)


def _coordinator(source: Source, clause: Clause) -> Iterator[Rule]:
    for pattern in (_COORDINATORS, _COORDINATOR_PLACE):
        found = pattern.search(clause.text)
        if found and not re.match(r"where|if", clause.text, re.IGNORECASE):
            group = places.at(clause.text, found.end())
            rest = clause.text[group.end :] if group else clause.text[found.end() :]
            more = places.codes(rest) if pattern is _COORDINATOR_PLACE else ()
            names = ((group.name,) if group else ()) + more
            before = _HAS_BEEN.search(clause.text, found.end())
            if before:
                yield source.clause_rule(
                    RuleKind.NAMED_PARTICIPANTS,
                    clause,
                    subject="coordinator",
                    value=" ".join(before["who"].split()),
                    role=Part.COORDINATOR,
                )
            if names:
                yield source.clause_rule(
                    RuleKind.COORDINATOR_COUNTRY,
                    clause,
                    subject="coordinator",
                    value=names,
                    role=Part.COORDINATOR,
                )
            return
    found = _COORDINATOR_TYPE.search(clause.text)
    kinds = [noun.subject for noun, _ in nouns.all_in(clause.text, found.end())] if found else []
    parts = [part for kind in kinds for part in kind.split("|") if part not in GENERIC]
    if parts and re.search(r"\bnetworks?\s+of\b", clause.text, re.IGNORECASE):
        parts.append("network")
    listed = tuple(dict.fromkeys(parts))
    if listed:
        yield source.clause_rule(
            RuleKind.COORDINATOR_TYPE, clause, subject="coordinator", value=listed, role=Part.COORDINATOR
        )


def _named(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _SUBMITTER.search(clause.text)
    if found:
        under = _FUNDED_UNDER.search(found["who"])
        plain = " ".join(re.sub(r"[‘’“”'\"]", "", found["who"]).split())
        who = f"coordinator of the consortium of {under['topic'].rstrip('-')}" if under else plain
        yield source.clause_rule(
            RuleKind.NAMED_PARTICIPANTS, clause, subject="coordinator", value=who, role=Part.COORDINATOR
        )
    found = _BENEFICIARIES_OF.search(clause.text)
    if found:
        yield source.clause_rule(
            RuleKind.NAMED_PARTICIPANTS,
            clause,
            subject="beneficiary",
            value=" ".join(found["who"].split()),
            role=Part.BENEFICIARY,
        )


def _alone(source: Source, clause: Clause) -> Iterator[Rule]:
    if _ONE_ONLY.search(clause.text):
        yield source.clause_rule(RuleKind.SINGLE_BENEFICIARY, clause, subject="applicant", value=True)
    found = _MUST_BE.search(clause.text)
    named = nouns.after(clause.text, found.end()) if found else None
    if named:
        kind = named[0].subject
        yield source.clause_rule(
            RuleKind.APPLICANT_TYPE, clause, subject="beneficiary", value=(kind,), role=Part.BENEFICIARY
        )
        seat = re.compile(r"established\s+in\s+(?:an?\s+)?(?=\S)").search(clause.text, named[1].end())
        place = places.at(clause.text, seat.end()) if seat else None
        if place:
            yield source.clause_rule(
                RuleKind.ELIGIBLE_COUNTRIES,
                clause,
                subject="beneficiary",
                value=(place.name,),
                role=Part.BENEFICIARY,
            )
