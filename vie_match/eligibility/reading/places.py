"""Countries and groups of countries as calls name them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vie_match.countries import NAMES

# Names that calls use besides those of :mod:`vie_match.countries`.
_MORE = {
    "bosnia & herzegovina": "BA",
    "brazil": "BR",
    "chile": "CL",
    "china": "CN",
    "belarus": "BY",
    "india": "IN",
    "mexico": "MX",
    "new-zealand": "NZ",
    "republic of korea": "KR",
    "south korea": "KR",
    "korea": "KR",
    "russia": "RU",
    "singapore": "SG",
    "south africa": "ZA",
    "usa": "US",
    "united states of america": "US",
    "the netherlands": "NL",
}
_COUNTRIES = {**NAMES, **_MORE}
COUNTRY = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _COUNTRIES), key=len, reverse=True)) + r")\b", re.IGNORECASE
)

_MS = (
    r"(?:EU\s+|different\s+)*(?:member\s+states?|MSs?|(?<=EU\s)countr(?:y|ies))"
    r"(?:\s+of\s+the\s+(?:EU|European\s+Union|Union))?"
)
_AC = (
    r"(?:(?:Horizon\s+Europe\s+)?(?:associated\s+countr(?:y|ies)|ACs?\b)"
    r"|countr(?:y|ies)\s+associated\s+to\s+(?:the\s+)?Horizon\s+Europe(?:\s+programme)?)"
)

# In order of trial: the longer ones first.
_GROUPS = (
    ("AFRICAN_UNION", r"africa(?:n)?\s+union\s+member\s+states?"),
    (
        "LOW_OR_MIDDLE_INCOME",
        r"(?:low\s+(?:or|and|to)\s+)?(?:(?:low(?:er)?|upper|middle)-?(?:\s*(?:/|or|and|to)\s*)?)+-?\s?income\s+"
        r"countr(?:y|ies)",
    ),
    ("WIDENING", r"(?:Horizon\s+Europe\s+)?[“‘'\"]?widening\s+countr(?:y|ies)[”’'\"]?"),
    (
        "MODERATE_OR_EMERGING_INNOVATOR",
        r"[‘'“\"]?moderate[’'”\"]?\s+or\s+[‘'“\"]?emerging[’'”\"]?\s+innovator\s+(?:countries|regions)",
    ),
    ("NON_ASSOCIATED_THIRD_COUNTRIES", r"non-?\s?associated\s+third\s+countr(?:y|ies)"),
    ("EU27+ASSOCIATED", rf"{_MS}\s*(?:,|and/or|or|and|/)\s*(?:in\s+)?(?:an?\s+)?{_AC}"),
    ("EU27+ASSOCIATED", rf"(?:the\s+)?EU\s+(?:and|or)\s+{_AC}"),
    ("ASSOCIATED", _AC),
    ("EEA", r"EEA\s+countries"),
    ("EU27", _MS),
    ("OECD", r"OECD(?:\s+countries)?\b"),
    ("MERCOSUR", r"MERCOSUR(?:\s+countries)?\b"),
    ("CARIFORUM", r"CARIFORUM\b"),
    ("ANDEAN_COMMUNITY", r"Andean\s+Community\b"),
    ("LIFE_ELIGIBLE", r"(?:LIFE\s+)?eligible\s+countr(?:y|ies)"),
)
GROUP = re.compile(
    "|".join(f"(?P<g{number}>{pattern})" for number, (_, pattern) in enumerate(_GROUPS)), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Place:
    """A group or country: its name or code, and where its words end."""

    name: str
    end: int


def at(text: str, position: int) -> Place | None:
    """Return the group or country that stands at a position.

    Examples
    --------
    >>> at("from Ukraine", 5), at("from four", 5)
    (Place(name='UA', end=12), None)
    """
    found = GROUP.match(text, position)
    if found:
        return Place(group(found), found.end())
    country = COUNTRY.match(text, position)
    return Place(code(country[0]), country.end()) if country else None


def group(match: re.Match[str]) -> str:
    """Return the name of the group of a match of :data:`GROUP`.

    Examples
    --------
    >>> group(GROUP.search("from different EU Member States or Associated Countries"))
    'EU27+ASSOCIATED'
    >>> group(GROUP.search("in the African Union member states"))
    'AFRICAN_UNION'
    """
    return _GROUPS[int(str(match.lastgroup)[1:])][0]


def code(name: str) -> str:
    """Return the code of a country's name, EU style.

    Examples
    --------
    >>> code("Republic of Korea"), code("Switzerland")
    ('KR', 'CH')
    """
    return _COUNTRIES[" ".join(name.casefold().split())]


def codes(text: str) -> tuple[str, ...]:
    """Return the codes of all countries a text names, in order, each once.

    Examples
    --------
    >>> codes("Iceland and Norway and: Canada, New-Zealand")
    ('IS', 'NO', 'CA', 'NZ')
    """
    return tuple(dict.fromkeys(code(found[0]) for found in COUNTRY.finditer(text)))
