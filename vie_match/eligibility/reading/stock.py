"""Sentences that the portal's conditions repeat word by word: a table from wording to rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vie_match.eligibility.reading.countries import listed
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.reading.numbers import value as number
from vie_match.eligibility.rules import Binding, Rule, RuleKind, Value

K = RuleKind


@dataclass(frozen=True, slots=True)
class Stock:
    """One wording.

    Attributes
    ----------
    kind : RuleKind
    pattern : re.Pattern
        What it matches is quoted.
    subject : str
    value : Value or callable
        A callable makes it of the match; an empty tuple means: no rule.
    more : dict
        Further fields of the rule.
    """

    kind: RuleKind
    pattern: re.Pattern[str]
    subject: str
    value: Value | Callable[[re.Match[str]], Value] = True
    more: tuple[tuple[str, Any], ...] = ()


def _row(
    kind: RuleKind,
    pattern: str,
    subject: str,
    value: Value | Callable[[re.Match[str]], Value] = True,
    **more: Any,
) -> Stock:
    return Stock(kind, re.compile(pattern, re.IGNORECASE), subject, value, tuple(more.items()))


_PART_B = re.compile(r"part\s+b", re.IGNORECASE)

TABLE = (
    _row(K.LUMP_SUM, r"Eligible\s+costs\s+will\s+take\s+the\s+form\s+of\s+a\s+lump\s+sum", "costs"),
    _row(
        K.NETWORK_RESTRICTION,
        r"Subject\s+to\s+restrictions\s+for\s+the\s+protection\s+of\s+European\s+communication\s+networks\.?",
        "legal_entity",
    ),
    _row(
        K.SATELLITE_SERVICES,
        r"If\s+projects\s+use\s+satellite-based\s+earth\s+observation[^.]*?must\s+make\s+use\s+of\s+Copernicus[^.]*?"
        r"(?:may\s+additionally\s+be\s+used\)\.?|EGNOS)",
        "beneficiary",
    ),
    _row(
        K.SECURITY_SENSITIVE,
        r"may\s+involve\s+using\s+classified\s+background\s+and/or\s+produc\w+\s+(?:of\s+)?security\s+sensitive\s+results"
        r"(?:\s*\(EUCI\s+and\s+SEN\))?",
        "activities",
    ),
    _row(
        K.PRACTITIONER_FORM,
        r"applicants\s+must\s+fill\s+in\s+the\s+table\s+[^.]{0,4}(?:Eligibility\s+)?information\s+about\s+"
        r"(?:security\s+)?practitioners[^.]{0,4}in\s+the\s+application\s+form",
        "practitioner",
    ),
    _row(
        K.PLATFORM_AGREEMENT,
        r"collaboration\s+with\s+the\s+(?P<who>[A-Z][\w\s’']*?Platform)\s+must\s+be\s+formali[sz]ed\s+through\s+a\s+"
        r"Memorandum\s+of\s+Understanding[^.]*\.?",
        "",
        "memorandum_of_understanding",
    ),
    _row(
        K.LINKED_ACTION,
        r"Grants\s+awarded\s+under\s+this\s+topic\s+will\s+be\s+linked\s+to\s+the\s+following\s+action\(s\)\s*:\s*"
        r"(?P<value>[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*-\d\d(?:-\d\d)?)",
        "action",
        lambda found: found["value"],
    ),
    _row(
        K.LINKED_ACTION,
        r"implemented\s+in\s+the\s+form\s+of\s+an\s+amendment\s+(?:of|to)\s+the\s+grant\s+agreement\s+concluded\s+pursuant\s+"
        r"to\s+topic\s+(?P<value>[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*-\d\d(?:-\d\d)?)",
        "grant",
        lambda found: found["value"],
    ),
    _row(K.MULTI_ACTOR, r"proposals\s+must\s+apply\s+the\s+multi-actor\s+approach", "proposal"),
    _row(
        K.PAGE_LIMIT,
        r"page\s+limit\s+(?:of|for)\s+(?P<what>[^.]{0,160}?)\s+is\s+(?P<value>\d{1,3})\s+pages\.?",
        "",
        lambda found: int(found["value"]),
        unit="pages",
    ),
    _row(
        K.PAGE_LIMIT,
        r"(?P<what>part\s+B[^.]{0,160}?|Applications[^.]{0,90}?)(?:maximum\s+of|not\s+exceeding)\s+\[?(?P<value>\d{1,3})\]?\s+"
        r"(?:format\s+)?(?:A4\s+)?pages\.?",
        "",
        lambda found: int(found["value"]),
        unit="pages",
    ),
    _row(
        K.BLIND_EVALUATION,
        r"Applicants\s+submitting\s+a\s+proposal\s+for\s+a\s+blind\s+evaluation[^.]*?must\s+not\s+disclose[^.]*?first-stage\s+"
        r"application",
        "first_stage",
        scope="proposal",
    ),
    _row(
        K.JRC,
        r"(?:The\s+)?Joint\s+Research\s+Centre\s+\(JRC\)\s+may\s+participate\s+as\s+member\s+of\s+the\s+consortium[^.]*\.?",
        "JRC",
        binding=Binding.MAY,
    ),
    _row(
        K.PROCUREMENT,
        r"(?:The\s+)?specific\s+conditions\s+for\s+actions\s+with\s+PCP/PPI\s+procurements?\s+in\s+section\s+H\s+of\s+the\s+"
        r"General\s+Annexes\s+apply[^.]*\.?",
        "",
        "HE_ANNEX_H",
    ),
    _row(
        K.SUBCONTRACTING_PLACE,
        r"Beneficiaries\s+must\s+ensure\s+that\s+the\s+subcontracted\s+work\s+is\s+performed\s+in\s+(?P<value>[^.]*?)"
        r"(?=\s*[-–—]|\.)",
        "country",
        lambda found: listed(found["value"]),
        scope="proposal",
    ),
    _row(
        K.PORTFOLIO_BALANCE,
        r"grants\s+will\s+be\s+awarded\s+(?:within\s+available\s+budget\s+|\(within\s+available\s+budget\)\s+)?to\s+"
        r"(?:applications|proposals)\s+not\s+only\s+in\s+order\s+of\s+ranking",
        "award",
        binding=Binding.INDICATIVE,
    ),
    _row(
        K.FSTP_FORM,
        r"support\s+to\s+third\s+parties\s+can\s+only\s+be\s+provided\s+in\s+the\s+form\s+of\s+"
        r"(?P<value>(?:grants?|prizes?)(?:\s*(?:/|and/or|or|and)\s*(?:grants?|prizes?))?)",
        "third_party",
        lambda found: tuple(
            f"{word.casefold().rstrip('s')}s" for word in re.findall(r"grant|prize", found["value"], re.I)
        ),
    ),
    _row(
        K.FSTP_REQUIRED,
        r"Beneficiaries\s+must\s+provide\s+financial\s+support\s+to\s+third\s+parties(?:\s*\(FSTP\))?\.?",
        "beneficiary",
    ),
    _row(
        K.FSTP_RECIPIENTS,
        r"(?:financial\s+)?support\s+to\s+third\s+parties\s+(?:may\s+only\s+be\s+awarded\s+to|can\s+only\s+be\s+provided[^.]*?"
        r"is\s+limited\s+to)\s+(?P<value>[^.(]+)",
        "third_party",
        lambda found: _recipients(found["value"]),
    ),
    _row(
        K.FSTP_RECIPIENTS,
        r"to\s+a\s+maximum\s+of\s+one\s+entity\s+per\s+EU\s+Member\s+State",
        "third_party",
        "one_per_country",
    ),
    _row(
        K.COMMITMENT_LETTER,
        r"\bmust\s+(?:provide|include|submit)\b[^.;]{0,120}?(?:commitment\s+from|commitment\s+letter"
        r"|letters?\s+of\s+(?:commitment|support|intent))[^.;]*\.?",
        "proposal",
        scope="proposal",
    ),
    _row(
        K.PROPOSAL_CONTENT,
        r"Each\s+proposed\s+issue\s+must\s+be\s+addressed\s+in\s+at\s+least\s+(?P<value>two|three|\d)\s+pilots\.?",
        "pilots_per_issue",
        lambda found: number(found["value"]),
        scope="proposal",
    ),
    _row(
        K.PROPOSAL_CONTENT,
        r"A\s+work\s+package\s+on\s+[^.]{3,80}?\s+must\s+be\s+included\s+in\s+the\s+proposals?|"
        r"must\s+include\s+at\s+least\s+one\s+work\s+package\s+for\s+[^.]{3,160}",
        "work_package",
        scope="proposal",
    ),
    _row(
        K.PROPOSAL_CONTENT,
        r"demonstration\s+areas\s+must\s+span\s+adjacent\s+regions[^.]*\.?",
        "demonstration_area",
        scope="proposal",
    ),
    _row(
        K.PROPOSAL_CONTENT,
        r"access\s+provision\s+activities\s+must\s+be\s+included\s+in\s+the\s+proposal",
        "access_provision",
        scope="proposal",
    ),
)

_RECIPIENTS = (
    ("local_or_regional_authority", r"local\s+and/or\s+regional\s+authorit|regional\s+or\s+local\s+authorit"),
    ("sme", r"\bSMEs?\b"),
    ("start_up", r"start-?\s?ups?"),
)


def read(source: Source, plain: str) -> Iterator[Rule]:
    """Yield a rule for each stock sentence of the text.

    Parameters
    ----------
    source : Source
    plain : str
        The text, overlaid.
    """
    for row in TABLE:
        for found in row.pattern.finditer(plain):
            value = row.value(found) if callable(row.value) else row.value
            if value in ((), None):
                continue
            subject = row.subject or _subject(row.kind, found)
            yield source.rule(
                row.kind, found.start(), found.end(), subject=subject, value=value, **dict(row.more)
            )


def _subject(kind: RuleKind, found: re.Match[str]) -> str:
    if kind is K.PLATFORM_AGREEMENT:
        return " ".join(found["who"].split())
    if kind is K.PAGE_LIMIT:
        return "part_B" if _PART_B.search(found["what"]) else "application"
    return ""


def _recipients(text: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in _RECIPIENTS if re.search(pattern, text, re.IGNORECASE))
