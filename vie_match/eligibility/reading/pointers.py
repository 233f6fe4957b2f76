"""What a text leaves to another document, and to which."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vie_match.eligibility.reading.clauses import Section, sections
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.rules import Rule, RuleKind

_POINTER = re.compile(
    r"(?:described|laid\s+down|set\s+out|details?|available)\s+(?:in\s+)?(?:the\s+|section\w*\s+[\d\w\s]*?(?:of|in)\s+the\s+)?"
    r"(?P<document>[^.;\n]{3,120})",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?:Eligible\s+Countries|Other\s+Eligib(?:le|ility)\s+Conditions)\s*$", re.IGNORECASE)
_SUBJECTS = {Section.COUNTRIES: "eligible_countries", Section.OTHER: "other_eligibility"}
HE_ANNEX_B, CALL_DOCUMENT, OTHER_DOCUMENT = "HE_ANNEX_B", "CALL_DOCUMENT", "OTHER_DOCUMENT"
_ANNEX_B = re.compile(r"(?:General\s+)?Annex\s+B\b|^[^,]*General\s+Annexes", re.IGNORECASE)
_EURATOM = re.compile(r"Euratom", re.IGNORECASE)
_CALL_DOCUMENT = re.compile(r"call\s+document|calls?\s+for\s+proposals?\s+document|guidelines", re.IGNORECASE)
_OTHER = re.compile(
    r"work\s+programme|programme\s+guide|rules\s+of\s+contest|appendix|regulation|annex", re.IGNORECASE
)


def document(words: str) -> str | None:
    """Return which document some words name; None: none.

    Examples
    --------
    >>> document("Annex B of the Work Programme General Annexes"), document("section 6 of the call document")
    ('HE_ANNEX_B', 'CALL_DOCUMENT')
    >>> document("the Erasmus + Programme Guide 2026"), document("the scope section")
    ('OTHER_DOCUMENT', None)
    """
    if _ANNEX_B.search(words) and not _EURATOM.search(words):
        return HE_ANNEX_B
    if _CALL_DOCUMENT.search(words):
        return CALL_DOCUMENT
    return OTHER_DOCUMENT if _OTHER.search(words) else None


def read(source: Source, plain: str) -> Iterator[Rule]:
    """Yield one pointer for each of the two sections about eligibility, if they point.

    Parameters
    ----------
    source : Source
    plain : str
        The conditions, overlaid.
    """
    done: set[Section] = set()
    for section, start, end in sections(plain):
        if section not in _SUBJECTS or section in done:
            continue
        found = _best(_POINTER.finditer(plain, start, end))
        named = document(found[0]) if found else None
        if found is None or named is None:
            continue
        done.add(section)
        # Right behind its heading the pointer is one sentence with it.
        alone = not plain[start : found.start()].strip(" Aasre")
        heading = _HEADING.search(plain, max(0, start - 40), start) if alone else None
        yield source.rule(
            RuleKind.IN_DOCUMENT,
            heading.start() if heading else found.start(),
            found.end(),
            subject=_SUBJECTS[section],
            value=named,
            note=" ".join(found["document"].split()),
        )


def _best(matches: Iterator[re.Match[str]]) -> re.Match[str] | None:
    """Return a section's pointer: the last that says "described", else the first that names a document."""
    naming = [found for found in matches if document(found[0])]
    described = [found for found in naming if found[0].casefold().startswith("described")]
    return described[-1] if described else naming[0] if naming else None
