"""Rules about who may take part by country: closed lists, exceptions, roles, control from abroad."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vie_match.eligibility.reading import places
from vie_match.eligibility.reading.clauses import Clause
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.rules import Part, Rule, RuleKind

_LIMITED = re.compile(
    r"(?:participation(?!\s+as\s+coordinator)[^.]{0,40}?\s+is\s+limited\s+to|\bonly)\s+(?:legal\s+)?entities\s+"
    r"established\s+in\s+",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"exceptionally\s+(?:eligible|participate)|eligible\s+to\s+receive\s+(?:Union|EU)\s+funding",
    re.IGNORECASE,
)
_NO_EXCEPTION = re.compile(
    r"not\s+(?:automatically\s+)?eligible|unless|when\s+provided|if\s+provided", re.IGNORECASE
)
_SEATS = re.compile(r"international\s+organi[sz]ations?", re.IGNORECASE)
_ESTABLISHED = re.compile(r"(?:established|headquarters)\s+in\s+", re.IGNORECASE)
_THESE = re.compile(r"established\s+in\s+these\s+(?:regions|countries)", re.IGNORECASE)
_ANYWHERE = re.compile(
    r"\ball\s+international|associated\s+countr(?:y|ies)\s*/\s*non-?\s?associated", re.IGNORECASE
)
_CONTROLLED = re.compile(
    r"entities[^.]{0,80}?\s+established\s+in\s+an?\s+eligible\s+country[^.]{0,40}?(?:directly\s+or\s+indirectly\s+)?"
    r"controlled\s+by\s+(?:an?\s+)?(?P<who>non-eligible\s+country|[A-Z][a-z]+)[^.]{0,500}?"
    r"(?:shall\s+not|may\s+not|(?:are|is)\s+not\s+eligible\s+to|cannot)\s+participate",
    re.IGNORECASE,
)
_GUARANTEES = re.compile(
    r"unless\s+it\s+can\s+be\s+demonstrated,?\s+by\s+means\s+of\s+guarantees", re.IGNORECASE
)
_ONLY_AS = re.compile(
    r"entities\s+established\s+in\s+(?P<where>[^,.]+?)(?:,[^.]{0,500}?)?\s+(?:is|are)\s+only\s+(?:possible|allowed|eligible)\s+"
    r"as\s+associated\s+partners?",
    re.IGNORECASE,
)
_REGIONS = {
    "AFRICA": r"\bAfrica\b",
    "FAR_EAST": r"\bFar\s+East\b",
    "SOUTH_EAST_ASIA": r"\bSouth-?\s?East\s+Asia\b",
    "LATIN_AMERICA": r"\bLatin\s+America\b",
}


def read(source: Source, clauses: Iterable[Clause]) -> Iterator[Rule]:
    """Yield the rules about countries and control, clause by clause."""
    before = ""
    for clause in clauses:
        yield from _closed_list(source, clause)
        yield from _exception(source, clause, before)
        yield from _control(source, clause)
        yield from _role(source, clause)
        before += clause.text


def listed(text: str) -> tuple[str, ...]:
    """Return the groups and countries that a stretch of text lists, in order.

    "Associated countries:" before a list announces the list, and is no group of its own.

    Examples
    --------
    >>> listed("Member States, Iceland and Norway and the following additional associated countries: Canada")
    ('EU27', 'IS', 'NO', 'CA')
    >>> listed("Member States and Associated Countries")
    ('EU27+ASSOCIATED',)
    """
    found: list[str] = []
    position = 0
    while position < len(text):
        place = places.at(text, position)
        if place is None or (position and text[position - 1].isalpha()):
            position += 1
            continue
        announced = re.match(r"\s*:", text[place.end :])
        # "Member States and the following Associated Countries: Norway" matches as one group with a list.
        name = "EU27" if announced and place.name == "EU27+ASSOCIATED" else place.name
        if not (announced and name == "ASSOCIATED"):
            found.append(name)
        position = place.end
    return tuple(dict.fromkeys(found))


def _closed_list(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _LIMITED.search(clause.text)
    names = listed(clause.text[found.end() :]) if found else ()
    if found and names:
        yield source.rule(
            RuleKind.ELIGIBLE_COUNTRIES,
            clause.start + found.start(),
            clause.end,
            subject="legal_entity",
            value=names,
        )


def _exception(source: Source, clause: Clause, before: str) -> Iterator[Rule]:
    if not _EXCEPTION.search(clause.text) or _NO_EXCEPTION.search(clause.text):
        return
    text = clause.text
    subject = "international_organisation" if _SEATS.search(text) else "legal_entity"
    established = _ESTABLISHED.search(text)
    if _ANYWHERE.search(text):
        names: tuple[str, ...] = ("ANY",)
    elif _THESE.search(text):
        names = tuple(name for name, pattern in _REGIONS.items() if re.search(pattern, before))
    else:
        names = listed(re.split(r"\bwhich\b", text[established.end() :])[0]) if established else ()
    if not names:
        return
    takes_part = re.search(r"exceptionally\s+participate", text, re.IGNORECASE)
    funded = re.search(r"funding", text[takes_part.end() :] if takes_part else text)
    effect = "+".join(word for word, meant in (("participation", takes_part), ("funding", funded)) if meant)
    yield source.clause_rule(
        RuleKind.EXCEPTIONALLY_ELIGIBLE, clause, subject=subject, value=names, effect=effect or None
    )


def _control(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _CONTROLLED.search(clause.text)
    if not found:
        return
    country = places.at(found["who"], 0)
    if country is None and not found["who"].casefold().startswith("non-eligible"):
        return
    guarantees = _GUARANTEES.search(clause.text)
    yield source.rule(
        RuleKind.EXCLUDED_CONTROL,
        clause.start + found.start(),
        clause.start + (guarantees.end() if guarantees else found.end()),
        subject="legal_entity",
        value=(country.name if country else "NOT_IN_ELIGIBLE_COUNTRIES",),
        unless="guarantees" if guarantees else None,
    )


def _role(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _ONLY_AS.search(clause.text)
    names = listed(found["where"]) if found else ()
    if names:
        yield source.clause_rule(
            RuleKind.ROLE_RESTRICTION,
            clause,
            subject="legal_entity",
            value=names,
            only_role=Part.ASSOCIATED,
        )
