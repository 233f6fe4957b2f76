"""Rules about the places where a project demonstrates: sites, areas, countries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vie_match.eligibility.reading import places
from vie_match.eligibility.reading.clauses import Clause
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.reading.numbers import NUMBER, value
from vie_match.eligibility.rules import Op, Rule, RuleKind

_ADJECTIVES = r"(?:(?:distinct|different|separate|cross-border|demonstration|pilot|EU)\s+)*"
_SITES = re.compile(
    rf"(?:at\s+least\s+)?(?P<number>{NUMBER})\s+(?P<words>{_ADJECTIVES}"
    r"(?P<what>sites|areas|regions|basins|regional\s+or\s+local\s+authorities|local\s+or\s+regional\s+authorities|territories))",
    re.IGNORECASE,
)
_COUNTRIES = re.compile(
    rf"(?:at\s+least\s+|in\s+)(?P<number>{NUMBER})\s+(?:different\s+)?(?=\S)", re.IGNORECASE
)
_ABOUT = re.compile(
    r"(?:demonstrat\w+|pilots?\b|open\s+market\s+consultations?|replicat\w+)[^.]{0,1000}\b(?:must|shall)\b|"
    r"\b(?:must|shall)\b[^.]{0,1000}(?:pilot\s+demonstrations?|demonstration\s+activities|demonstrations?\s+in)",
    re.IGNORECASE,
)
_PLACE_VERB = re.compile(
    r"take\s+place|demonstrations?\s+in|must\s+cover|carry\s+out|carried\s+out\s+in|be\s+located",
    re.IGNORECASE,
)
_EACH = re.compile(r"each\s+(?:established\s+|located\s+)?in\s+an?\s+different\s+(?=\S)", re.IGNORECASE)
_UNITS = {
    "sites": "sites",
    "areas": "areas",
    "regions": "regions",
    "basins": "basins",
    "territories": "territories",
}


def read(source: Source, clauses: Iterable[Clause]) -> Iterator[Rule]:
    """Yield the rules about sites."""
    for clause in clauses:
        if not (_ABOUT.search(clause.text) and _PLACE_VERB.search(clause.text)):
            continue
        if re.search(r"out\s+of\s+the", clause.text):
            continue
        for found in _SITES.finditer(clause.text):
            yield _rule(
                source, clause, value(found["number"]), *_unit(found), place=_place(clause.text, found.end())
            )
            each = _EACH.search(clause.text, found.end())
            place = places.at(clause.text, each.end()) if each else None
            if place:
                yield source.clause_rule(
                    RuleKind.DISTINCT_COUNTRIES,
                    clause,
                    subject="demonstration_site",
                    value=value(found["number"]),
                    group=place.name,
                    scope="proposal",
                    op=Op.MIN,
                )
        for found in _COUNTRIES.finditer(clause.text):
            place = places.at(clause.text, found.end())
            if place:
                yield _rule(
                    source,
                    clause,
                    value(found["number"]),
                    _subject(clause.text),
                    "countries",
                    place=place.name,
                )


def _unit(found: re.Match[str]) -> tuple[str, str]:
    what = " ".join(found["what"].casefold().split())
    unit = _UNITS.get(what, "authorities")
    if "cross-border" in found["words"].casefold():
        return "cross_border_demonstration_site", unit
    if "pilot" in found["words"].casefold() or "pilot" in found.string.casefold():
        return f"pilot_{unit.rstrip('s')}", unit
    return "demonstration_site", unit


def _subject(text: str) -> str:
    return (
        "open_market_consultation"
        if re.search(r"market\s+consultation", text, re.IGNORECASE)
        else "demonstration_site"
    )


def _place(text: str, start: int) -> str | None:
    """Return the group of countries within which the sites have to lie, if one follows."""
    found = places.GROUP.search(text, start)
    return places.group(found) if found else None


def _rule(source: Source, clause: Clause, number: int, subject: str, unit: str, place: str | None) -> Rule:
    return source.clause_rule(
        RuleKind.DEMO_SITES,
        clause,
        subject=subject,
        value=number,
        unit=unit,
        group=place,
        scope="proposal",
        op=Op.MIN,
    )
