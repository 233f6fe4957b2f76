"""Quantities in a clause: a number, the word that bounds it ("at least", "and"), and what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from vie_match.eligibility.reading import nouns, places
from vie_match.eligibility.reading.numbers import NUMBER, value

_LEAST = re.compile(
    r"(?:at\s+least|(?:an?\s+)?minimum(?:\s+of)?|no\s+(?:fewer|less)\s+than|another)\s*$", re.IGNORECASE
)
_MOST = re.compile(
    r"(?:(?:an?\s+)?maximum(?:\s+of)?|no\s+more\s+than|not\s+more\s+than|up\s+to|not\s+exceed)\s*$",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"(?:^|\b(?:includ(?:e|ing)|involve|comprise|of|by|from|in)\s+(?:only\s*:?\s*)?)$", re.IGNORECASE
)
_CARRIED = re.compile(r"(?:\band|\bplus|\bas\s+well\s+as|,)\s*$", re.IGNORECASE)
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
_COUNTRIES = re.compile(r"\s*(?:different\s+)?(?=\S)", re.IGNORECASE)
_ANY_COUNTRIES = re.compile(r"countr(?:y|ies)\b", re.IGNORECASE)
_OR = re.compile(r"\s+or\s+(?!(?:more|regions?|by|in|to)\b)", re.IGNORECASE)
_OR_MORE = re.compile(r"\s+or\s+more\b", re.IGNORECASE)
UNNAMED = "unnamed"
_TO_A_MAXIMUM = re.compile(r"\s+(?:to|and)\s+(?:an?\s+)?maximum", re.IGNORECASE)
_PER_CENT = re.compile(r"\s*%")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One quantity within a clause: of organisations (``noun``) or of countries (``group``).

    Attributes
    ----------
    number : int
    start, end : int
        Offsets in the clause, from the word that bounds the number to the end of the noun.
    noun : Noun or None
    group : str or None
        Countries that are counted.
    most : bool
        The number is a maximum.
    bare : bool
        No word bounds the number.
    least_too : int or None
        The minimum of a range whose maximum is the number.
    alternative : str
        Subject that will do as well; ``unnamed`` is one that nobody has a word for here.
    """

    number: int
    start: int
    end: int
    noun: nouns.Noun | None = None
    group: str | None = None
    most: bool = False
    bare: bool = False
    least_too: int | None = None
    alternative: str = ""


def phrases(text: str) -> Iterator[Phrase]:
    """Yield the quantities of a clause in order.

    Examples
    --------
    >>> text = "must include at least 2 SMEs and one university from 3 different Member States"
    >>> found = list(phrases(text))
    >>> [(one.number, one.noun.subject if one.noun else one.group) for one in found]
    [(2, 'sme'), (1, 'higher_education_institution'), (3, 'EU27')]
    """
    low: int | None = None
    seen = False
    for found in _NUMBER.finditer(text):
        before = text[: found.start()]
        more = _OR_MORE.match(text, found.end())
        least, most = _LEAST.search(before), _MOST.search(before)
        carried = _CARRIED.search(before) if seen else None
        if _PER_CENT.match(text, found.end()) or not (
            least or most or more or carried or _PLAIN.search(before)
        ):
            continue
        if _TO_A_MAXIMUM.match(text, found.end()):
            low = value(found[0])
            continue
        start, end = (least or most or found).start(), (more or found).end()
        phrase = _phrase(text, value(found[0]), start, end)
        if phrase:
            bare = not (least or most or more or carried)
            yield replace(phrase, most=bool(most), bare=bare, least_too=low)
            low, seen = None, True


def _phrase(text: str, number: int, start: int, position: int) -> Phrase | None:
    gap = _COUNTRIES.match(text, position)
    place = places.at(text, gap.end()) if gap else None
    if gap and not place and (countries := _ANY_COUNTRIES.match(text, gap.end())):
        return Phrase(number, start, countries.end(), group="ANY")
    if place and not nouns.stands_first(text, position):
        return Phrase(number, start, place.end, group=place.name)
    named = nouns.after(text, position)
    if named is None:
        return None
    others = _OR.match(text, named[1].end())
    other = nouns.after(text, others.end()) if others else None
    # "Three A or B": whoever B is, it counts, too.
    alternative = other[0].subject if other else UNNAMED if others else ""
    return Phrase(number, start, named[1].end(), noun=named[0], alternative=alternative)
