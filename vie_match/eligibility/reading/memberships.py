"""Rules that ask for members of a list, for shares and places of participants, or name all there may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vie_match.eligibility.reading import coordinators, nouns, places
from vie_match.eligibility.reading.clauses import Clause
from vie_match.eligibility.reading.consortium import BY_CONSENT, CONSENT, role_in
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.reading.numbers import NUMBER, value
from vie_match.eligibility.rules import Op, Part, Rule, RuleKind

_SUBJECT = (
    rf"(?:\s+of\s+(?:the\s+)?(?:(?:{NUMBER})\s+)?(?P<subject>lead\s+cities|follower\s+cities|cities|them))?"
)
_LISTS = (
    (
        "MISSION_CITIES_112",
        r"(?:(?:one|1)\s+of\s+(?:the|all)\s+112\s+(?:[A-Za-z]+\s+)?cities|an?\s+Mission\s+cit(?:y|ies)\b)",
    ),
    ("TEN_T_URBAN_NODE", r"(?:an?\s+)?urban\s+nodes?\s+(?:on|of|in)\s+the\s+TEN-?T"),
    (
        "ADAPTATION_MISSION_CHARTER",
        r"(?:an?\s+)?signator(?:y|ies)\s+(?:to|of)\s+the\s+(?:Mission\s+)?Adaptation",
    ),
)
_MEMBER = re.compile(
    rf"(?:at\s+least\s+)?(?P<number>{NUMBER}){_SUBJECT}(?:(?!\b(?:{NUMBER}))[^.;]){{0,60}}?"
    r"(?:(?:must|shall|has\s+to|have\s+to)\s+(?:be\s+)?|\bas\s+)(?:from\s+)?(?:"
    + "|".join(f"(?P<l{number}>{pattern})" for number, (_, pattern) in enumerate(_LISTS))
    + ")",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(
    rf"(?P<number>{NUMBER})\s+of\s+(?:which|whom|them)\s+(?:are|must\s+be)\s+established\s+in\s+(?:an?\s+)?(?=\S)",
    re.IGNORECASE,
)
_ITEM_NUMBER = re.compile(rf"({NUMBER})\s+legal\s+entit", re.IGNORECASE)
_INCLUDED = re.compile(
    r"(?:involvement|lead|participation)\s+of\s+(?P<who>.+?),?\s+and\s+these\s+(?:entities|organisations|authorities)\s+"
    r"must\s+(?:be|participate)",
    re.IGNORECASE,
)
_ECOSYSTEMS = re.compile(
    rf"at\s+least\s+(?P<number>{NUMBER})\s+R&I\s+ecosystems?\s+from\s+(?P<countries>{NUMBER})\s+different\s+(?=\S)",
    re.IGNORECASE,
)
_YEARS = re.compile(
    rf"established\s+for\s+(?:already\s+)?at\s+least\s+(?P<number>{NUMBER})\s+consecutive\s+years",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    rf"(?P<number>{NUMBER})\s+out\s+of\s+(?:the\s+)?{NUMBER}\s+(?P<kind>demonstration|replication)\s+sites\s+"
    r"must\s+be\s+located\s+in\s+(?=\S)",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?:at\s+least|no\s+less\s+than|an?\s+minimum\s+of)\s+(?P<share>\d{1,3})\s*%\s+of\s+(?:the\s+)?beneficiaries[^.]{0,60}?established\s+in\s+(?:the\s+)?(?=\S)",
    re.IGNORECASE,
)


def read(source: Source, clauses: Iterable[Clause]) -> Iterator[Rule]:
    """Yield the rules; each clause is tried by all readers."""
    role = Part.ANY
    listed = list(clauses)
    for clause in listed:
        spoken = role_in(clause.text)
        yield from _members(source, clause, role if spoken is Part.ANY else spoken)
        yield from coordinators.read(source, clause)
        for reader in (_included, _ecosystems, _of_sites, _of_which, _share):
            yield from reader(source, clause)
        if spoken is not Part.ANY:
            role = spoken
    yield from _only(source, listed)


def _members(source: Source, clause: Clause, role: Part) -> Iterator[Rule]:
    first = "city"
    for found in _MEMBER.finditer(clause.text):
        number = next(index for index in range(len(_LISTS)) if found[f"l{index}"])
        noun = (found["subject"] or "").casefold().split()
        subject = f"{noun[0]}_city" if noun[:1] in (["lead"], ["follower"]) else first
        first = subject
        yield source.rule(
            RuleKind.MEMBERSHIP,
            clause.start + found.start(),
            clause.start + found.end(),
            subject=subject,
            value=value(found["number"]),
            member_list=_LISTS[number][0],
            represented_by=BY_CONSENT if CONSENT.search(source.text) else (),
            role=role,
            op=Op.MIN,
        )


def _included(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _INCLUDED.search(clause.text)
    if not found:
        return
    for noun in dict.fromkeys(noun for noun, _ in nouns.all_in(clause.text, *found.span("who"))):
        yield source.clause_rule(
            RuleKind.MIN_OF_TYPE,
            clause,
            subject=noun.subject,
            value=1,
            role=role_in(clause.text),
            op=Op.MIN,
            note="no number is given: at least one",
        )


def _ecosystems(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _ECOSYSTEMS.search(clause.text)
    if found:
        place = places.at(clause.text, found.end())
        yield source.clause_rule(
            RuleKind.ECOSYSTEMS,
            clause,
            subject="ecosystem",
            value=value(found["number"]),
            group=place.name if place else None,
            role=Part.BENEFICIARY,
            op=Op.MIN,
        )
    found = _YEARS.search(clause.text)
    if found:
        yield source.clause_rule(
            RuleKind.TRACK_RECORD,
            clause,
            subject="company",
            value=value(found["number"]),
            unit="years",
            role=Part.BENEFICIARY,
            op=Op.MIN,
        )


def _of_sites(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _OUT_OF.search(clause.text)
    place = places.at(clause.text, found.end()) if found else None
    if found and place:
        whose = "living_lab" if re.search(r"living\s+lab", source.text, re.IGNORECASE) else "city_or_region"
        yield source.clause_rule(
            RuleKind.MIN_IN_GROUP,
            clause,
            subject=f"{found['kind'].casefold()}_{whose}",
            value=value(found["number"]),
            group=place.name,
            role=Part.BENEFICIARY,
            op=Op.MIN,
        )


def _of_which(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _OF_WHICH.search(clause.text)
    place = places.at(clause.text, found.end()) if found else None
    if found and place:
        yield source.clause_rule(
            RuleKind.MIN_IN_GROUP,
            clause,
            subject="legal_entity",
            value=value(found["number"]),
            group=place.name,
            role=Part.BENEFICIARY,
            op=Op.MIN,
        )


def _share(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _SHARE.search(clause.text)
    place = places.at(clause.text, found.end()) if found else None
    if found and place:
        yield source.clause_rule(
            RuleKind.MIN_SHARE_IN_GROUP,
            clause,
            subject="legal_entity",
            value=int(found["share"]),
            group=place.name,
            role=Part.BENEFICIARY,
            unit="percent",
            op=Op.MIN,
        )


def _only(source: Source, clauses: list[Clause]) -> Iterator[Rule]:
    """Yield the largest number of participants where the text lists all there may be."""
    for first, clause in enumerate(clauses):
        if not re.search(r"must\s+include\s+only", clause.text, re.IGNORECASE):
            continue
        last = first
        while last + 1 < len(clauses) and _ITEM_NUMBER.match(clauses[last + 1].text):
            last += 1
        items = source.text[clause.start : clauses[last].end]
        total = sum(value(found[1]) for found in _ITEM_NUMBER.finditer(items))
        if total:
            yield source.rule(
                RuleKind.MAX_PARTICIPANTS,
                clause.start,
                clauses[last].end,
                subject="legal_entity",
                value=total,
                op=Op.MAX,
            )
