"""A text → its clauses, with the part of the conditions they stand in; offsets hold.

The portal's texts have lost their tags: headings are glued to sentences, sentences to each other, and
footnotes stand in double brackets in the middle of a sentence. Nothing is rewritten here: what disturbs is
overlaid with blanks, so that every offset is one of the text as it was published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    """Parts of the conditions."""

    ADMISSIBILITY = "admissibility"
    COUNTRIES = "countries"
    OTHER = "other conditions"
    CAPACITY = "capacity"
    AWARD = "award"
    LEGAL = "legal and financial"
    SPECIFIC = "specific conditions"
    DOCUMENTS = "documents"
    WHOLE = "whole text"


# Headings as the portal prints them, with or without their number; each opens a section.
_HEADINGS = (
    (Section.ADMISSIBILITY, r"1\.\s*Admissibility(?:\s+and\s+Eligibility)?\s+[Cc]onditions?"),
    (Section.COUNTRIES, r"(?:2\.\s*)?Eligible\s+[Cc]ountries"),
    (Section.OTHER, r"(?:3\.\s*)?Other\s+[Ee]ligib(?:le|ility)\s+[Cc]onditions"),
    (Section.CAPACITY, r"4\.\s*Financial\s+and\s+operational\s+capacity"),
    (Section.AWARD, r"5\s?[abc]?\.\s*Evaluation\s+and\s+award"),
    (Section.LEGAL, r"6\.\s*Legal\s+and\s+financial\s+set-?up"),
    (Section.SPECIFIC, r"Specific\s+[Cc]onditions(?=\s*(?:described|Not|not|n/a|[A-Z]|$))"),
    (
        Section.DOCUMENTS,
        r"Application and evaluation forms|Call document and annexes|Additional documents"
        r"|Documents\s+Call document",
    ),
)
_HEADING = re.compile(
    "|".join(f"(?P<h{number}>{pattern})" for number, (_, pattern) in enumerate(_HEADINGS)), re.MULTILINE
)

_FOOTNOTE = re.compile(r"\[\[.*?\]\]", re.DOTALL)

# Invisible characters and hard blanks, one for one.
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f\u200b\u200c\u200d\ufeff\u2060\t", " "))

# A sentence ends at a line break, or at a mark after which a new one begins: with a capital letter, a bullet,
# a number in brackets, or "described in" (the portal glues its pointers to the end of what was typed).
_END = re.compile(
    r"\n+|[.;!?](?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bNo\.)(?<!\bArt\.)(?:"
    r"(?=\s*(?:[A-Z“‘\"'•▪·\-–(]|\[\[|[Dd]escribed|$))"
    r"|(?<!\d\.)(?=\s*\d+\.\s)|(?=\s+\d+\s+[a-z]))"
)
_ITEM = re.compile(r"\s*(?:[•▪·*]|[-–]\s*(?=[A-Z])|\((?:[ivx]+|[a-z])\)|\d+\.\s*(?=[A-Z]))\s*")


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence or item.

    Attributes
    ----------
    text : str
        With footnotes and invisible characters overlaid by blanks; as long as the original.
    start : int
        Offset of its first character.
    section : Section
    item : bool
        It begins like an item of a list, so that the words before the list are meant, too.
    """

    text: str
    start: int
    section: Section
    item: bool

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.start + len(self.text)


def overlay(text: str) -> str:
    """Return the text with footnotes and invisible characters overlaid by as many blanks.

    Examples
    --------
    >>> overlay("three cities[[see list]] must")
    'three cities             must'
    """
    plain = text.translate(_BLANKS)
    return _FOOTNOTE.sub(lambda found: " " * len(found[0]), plain)


def sections(text: str) -> list[tuple[Section, int, int]]:
    """Return the parts of the conditions with their offsets, in order.

    Parameters
    ----------
    text : str
        Overlaid. A text without the portal's headings is one part.

    Examples
    --------
    >>> text = "2. Eligible Countriesall4. Financial and operational capacityx"
    >>> [(part.value, text[start:end]) for part, start, end in sections(text)]
    [('countries', 'all'), ('capacity', 'x')]
    """
    found = [
        (_HEADINGS[int(str(match.lastgroup)[1:])][0], match.start(), match.end())
        for match in _HEADING.finditer(text)
    ]
    if not any(part in (Section.COUNTRIES, Section.OTHER) for part, _, _ in found):
        return [(Section.WHOLE, 0, len(text))]
    ends = [start for _, start, _ in found[1:]] + [len(text)]
    lead = [(Section.WHOLE, 0, found[0][1])] if text[: found[0][1]].strip(' ">') else []
    return lead + [(part, end, until) for (part, _, end), until in zip(found, ends, strict=True)]


def has_headings(text: str) -> bool:
    """Tell whether a text has the portal's headings of conditions.

    Examples
    --------
    >>> has_headings("2. Eligible Countriesall"), has_headings("Cities may apply.")
    (True, False)
    """
    return any(section is not Section.WHOLE for section, _, _ in sections(overlay(text)))


def clauses(text: str, headed: bool = True) -> Iterator[Clause]:
    """Yield the clauses of a text in order.

    Parameters
    ----------
    text : str
        As published.
    headed : bool, optional
        False: the text has none of the portal's headings, what looks like one is part of a sentence.

    Examples
    --------
    >>> text = "3. Other Eligible ConditionsAt least 2 cities must take part.Described in Annex B."
    >>> [(one.text, one.section.value) for one in clauses(text)]
    [('At least 2 cities must take part.', 'other conditions'), ('Described in Annex B.', 'other conditions')]
    """
    plain = overlay(text)
    announced = False
    for section, start, end in sections(plain) if headed else [(Section.WHOLE, 0, len(plain))]:
        begin = start
        for until in [*(match.end() for match in _END.finditer(plain, start, end)), end]:
            piece = plain[begin:until]
            kept = piece.strip()
            if kept:
                first = begin + len(piece) - len(piece.lstrip())
                yield Clause(kept, first, section, announced or bool(_ITEM.match(kept)))
                # What follows a colon and a new line is the first item of a list.
                announced = kept.endswith(":")
            begin = until
