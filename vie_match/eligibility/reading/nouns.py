"""Words for organisations → subjects of rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LOCAL = r"(?:local|regional|municipal|rural)"
_LRA = (
    rf"{_LOCAL}(?:(?:\s*(?:and/or|or|and|/|,)\s*){_LOCAL})*\s+(?:public\s+)?"
    r"(?:authorit(?:y|ies)|administrations?|governments?)"
)
_ORG = r"(?:organi[sz]ations?|institutions?|entit(?:y|ies)|bod(?:y|ies)|agenc(?:y|ies))"

# What may stand between a number and its noun without changing whom it means.
_ADJECTIVES = (
    r"(?:(?:distinct|different|separate|further|additional|other|relevant|independent|eligible|scientific|public|national|"
    r"[‘'“\"])\s*)*?"
)


@dataclass(frozen=True, slots=True)
class Noun:
    """One way to name an organisation.

    Attributes
    ----------
    subject : str
    pattern : str
        Without groups of its own.
    unit : str
        What is counted, where it is not the organisation itself.
    """

    subject: str
    pattern: str
    unit: str = ""


# In order of trial: the more exact first.
NOUNS = (
    Noun("lead_city", r"lead\s+cit(?:y|ies)", "cities"),
    Noun("follower_city", r"follower\s+cit(?:y|ies)", "cities"),
    Noun(
        "demonstration_city_or_region",
        r"(?:from\s+)?(?:other\s+and\s+)?(?:different\s+)?demonstration\s+cities(?:\s*/\s*regions)?",
    ),
    Noun(
        "replication_city_or_region",
        r"(?:from\s+)?(?:other\s+and\s+)?(?:different\s+)?replication\s+cities(?:\s*/\s*regions)?",
    ),
    Noun(
        "demonstration_living_lab",
        r"living\s+labs?[’'”\"]?\s+must\s+be\s+from\s+different\s+demonstration\s+sites",
    ),
    Noun("replication_living_lab", r"from\s+other\s+and\s+different\s+replication\s+sites"),
    Noun("living_lab", r"[‘'“\"]?living\s+labs?[’'”\"]?"),
    Noun(
        "local_or_regional_authority_disaster_response",
        rf"(?:representatives?\s+of\s+)?{_LRA}\s+in\s+charge\s+of\s+disaster\s+response",
    ),
    Noun(
        "organisation_representing_local_or_regional_authorities",
        rf"(?:organi[sz]ations?|associations?)\s+(?:representing|of)\s+{_LRA}",
    ),
    Noun(
        "disaster_risk_authority",
        r"authorit(?:y|ies)\s+in\s+charge\s+of\s+disaster\s+risk(?:\s+or\s+crisis\s+communication)?"
        r"|disaster\s+risk\s+authorit(?:y|ies)",
    ),
    Noun("local_transport_authority", r"(?:local\s+)?(?:public\s+)?transport\s+authorit(?:y|ies)"),
    Noun("local_or_regional_authority", rf"(?:representatives?\s+of\s+)?{_LRA}"),
    Noun("city_or_region", r"(?:cities|city)(?:\s+or\s+|\s*/\s*)regions?", "cities"),
    Noun("city", r"(?:cities|city|municipalit(?:y|ies)|towns?)\b", "cities"),
    Noun(
        "public_body_policy_making",
        r"public\s+(?:body|bodies|authorit(?:y|ies))\s+with\s+an?\s+policy-?\s?making\s+role",
    ),
    Noun(
        "police_authority",
        r"police\s+authorit(?:y|ies)|law\s+enforcement\s+(?:authorit(?:y|ies)|agenc(?:y|ies))",
    ),
    Noun(
        "border_or_coast_guard_authority|customs_authority",
        r"border,\s+coast\s+guard\s+or\s+customs\s+authorit(?:y|ies)",
    ),
    Noun(
        "border_or_coast_guard_authority", r"border\s+(?:or|and|and/or)\s+coast\s+guard\s+authorit(?:y|ies)"
    ),
    Noun("customs_authority", r"customs\s+authorit(?:y|ies)"),
    Noun(
        "first_responder|disaster_risk_authority",
        r"first\s+responders?\s+or\s+authorit(?:y|ies)\s+in\s+charge\s+of\s+disaster\s+risk",
    ),
    Noun(
        "first_responder",
        r"(?:practitioner\s+organi[sz]ations?\s+\()?first\s+responders?(?:[’']\s*organi[sz]ations?)?\)?",
    ),
    Noun("medical_emergency_authority", r"medical\s+emergency\s+authorit(?:y|ies)"),
    Noun("training_centre", r"training\s+cent(?:re|er)s?"),
    Noun("security_practitioner", rf"security\s+practitioners?(?:\s+{_ORG}(?:\s+or\s+{_ORG})*)?"),
    Noun("practitioner", rf"practitioners?(?:\s+{_ORG})?"),
    Noun("end_user", rf"end-?\s?users?(?:\s+{_ORG})?"),
    Noun("public_procurer", r"(?:public\s+)?procurers?"),
    Noun(
        "youth_ngo",
        r"(?:NGOs?|non-governmental\s+organi[sz]ations?)\s+representing\s+young\s+people(?:\s+or\s+youth\s+organi[sz]ations?)?"
        r"|youth\s+organi[sz]ations?",
    ),
    Noun(
        "cso",
        r"civil\s+society\s+organi[sz]ations?(?:\s*\((?:CSOs?|or\s+Non-Governmental\s+Organi[sz]ations?)\))?|CSOs?\b|NGOs?\b"
        r"|non-governmental\s+organi[sz]ations?",
    ),
    Noun("news_media_organisation", r"news\s+media\s+(?:organi[sz]ations?|outlets?|compan(?:y|ies))"),
    Noun(
        "research_institution|public_authority",
        r"research\s+institutions?\s+or\s+(?:relevant\s+)?public\s+authorit(?:y|ies)",
    ),
    Noun(
        "higher_education_institution|rto",
        r"(?:higher\s+education\s+institution\(?s?\)?|universit(?:y|ies))\s+or\s+(?:research\s+(?:and\s+)?technology\s+"
        r"organi[sz]ation\(?s?\)?\s*)?\(?RTOs?\)?",
    ),
    Noun(
        "research_infrastructure",
        r"(?:ESFRI\s+Landmarks?|European\s+Research\s+Infrastructure\s+Consorti(?:um|a)|research\s+infrastructures?)",
    ),
    Noun(
        "research_institution|higher_education_institution",
        r"research\s+and\s+higher\s+education\s+institutions?",
    ),
    Noun("rto", r"research\s+(?:and\s+)?technology\s+organi[sz]ations?(?:\s*\(RTOs?\))?|RTOs?\b"),
    Noun("research_institution", r"research\s+(?:institutions?|institutes?|organi[sz]ations?)"),
    Noun("higher_education_institution", r"higher\s+education\s+institution(?:s|\(s\))?|universit(?:y|ies)"),
    Noun("philanthropy_organisation", r"philanthrop(?:y|ic)\s+organi[sz]ation(?:s|\(s\))?"),
    Noun("sme", r"SMEs?\b|small\s+(?:and|or|-)\s*medium-?\s?(?:sized\s+)?enterprises?"),
    Noun("public_authority", r"public\s+authorit(?:y|ies)"),
    Noun("independent_eligible_entity", r"independent\s+eligible\s+entit(?:y|ies)"),
    Noun("legal_entity", r"(?:independent\s+)?legal\s+entit(?:y|ies)"),
    Noun("participant", r"participants?\b"),
    Noun("partner", r"partners?\b"),
    Noun("applicant", r"applicants?\b"),
    Noun("beneficiary", r"beneficiar(?:y|ies)\b"),
    Noun("organisation", r"organi[sz]ations?\b"),
    Noun("entity", r"entit(?:y|ies)\b"),
)
_NOUN = re.compile(
    "|".join(f"(?P<n{number}>{noun.pattern})" for number, noun in enumerate(NOUNS)), re.IGNORECASE
)
_OR = re.compile(r"\s+or\s+(?:other\s+|an?\s+)?")
# "Two of the …", "two must be independent legal entities that are …".
_LINKS = r"(?:of\s+the\s+|must\s+be\s+(?:independent\s+)?(?:legal\s+entit(?:y|ies)\s+that\s+are\s+)?)?"
_AFTER_NUMBER = re.compile(rf"\s*{_LINKS}{_ADJECTIVES}(?:{_NOUN.pattern})", re.IGNORECASE)


def after(text: str, position: int) -> tuple[Noun, re.Match[str]] | None:
    """Return the noun that stands at a position, adjectives before it allowed.

    Examples
    --------
    >>> after("at least two relevant news media organisations", 12)[0].subject
    'news_media_organisation'
    """
    found = _AFTER_NUMBER.match(text, position)
    return (_noun(found), found) if found else None


def stands_first(text: str, position: int) -> bool:
    """Return whether a noun, not a country, begins right at a position."""
    return _NOUN.match(text, position + len(text[position:]) - len(text[position:].lstrip())) is not None


def all_in(text: str, start: int = 0, end: int | None = None) -> list[tuple[Noun, re.Match[str]]]:
    """Return all nouns of a stretch of text, in order."""
    return [(_noun(found), found) for found in _NOUN.finditer(text, start, len(text) if end is None else end)]


def alternatives(text: str, start: int = 0) -> list[tuple[str, int]]:
    """Return the subjects of a stretch of text with their places; what "or" joins is one subject.

    Examples
    --------
    >>> alternatives("SMEs or universities and police authorities")
    [('sme|higher_education_institution', 0), ('police_authority', 25)]
    """
    found: list[tuple[str, int]] = []
    end = start
    for noun, match in all_in(text, start):
        if found and _OR.fullmatch(text, end, match.start()):
            found[-1] = (f"{found[-1][0]}|{noun.subject}", found[-1][1])
        else:
            found.append((noun.subject, match.start()))
        end = match.end()
    return found


def _noun(found: re.Match[str]) -> Noun:
    return NOUNS[int(str(found.lastgroup)[1:])]
