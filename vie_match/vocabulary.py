"""Closed sets: the words profiles and calls may use, and the parsers for their spellings.

Each set is a ``StrEnum``; its value is what stands in files and tables. :func:`parse` turns a
spelling variant into a member and fails with the list of choices.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import TypeVar

from vie_match import meant
from vie_match.errors import BadValue, near_miss
from vie_match.messages import M_


class Programme(StrEnum):
    """EU funding programmes that cities meet, by their usual short names."""

    HORIZON = "HORIZON"
    DIGITAL = "DIGITAL"
    LIFE = "LIFE"
    CERV = "CERV"
    CEF = "CEF"
    CREA = "CREA"
    ERASMUS = "ERASMUS"
    EUI = "EUI"
    URBACT = "URBACT"
    INTERREG = "INTERREG"
    I3 = "I3"
    UCPM = "UCPM"
    JTM = "JTM"
    ELENA = "ELENA"
    EUCF = "EUCF"
    EIT = "EIT"
    DUT = "DUT"
    ERDF = "ERDF"
    ESF = "ESF"
    AMIF = "AMIF"
    EU4HEALTH = "EU4H"
    SMP = "SMP"
    INNOVATION_FUND = "INNOVFUND"
    EMFAF = "EMFAF"
    EDF = "EDF"
    EURATOM = "EURATOM"
    ISF = "ISF"
    JUSTICE = "JUST"
    PERICLES = "PERI"
    PILOT_PROJECTS = "PPPA"
    RENEWABLES = "RENEWFM"
    COAL_AND_STEEL = "RFCS"
    EXTERNAL_ACTION = "EXTERNAL"
    OTHER = "OTHER"


PROGRAMME_NAMES = {
    Programme.HORIZON: "Horizon Europe",
    Programme.DIGITAL: "Digital Europe",
    Programme.LIFE: "LIFE",
    Programme.CERV: "Citizens, Equality, Rights and Values",
    Programme.CEF: "Connecting Europe Facility",
    Programme.CREA: "Creative Europe",
    Programme.ERASMUS: "Erasmus+",
    Programme.EUI: "European Urban Initiative",
    Programme.URBACT: "URBACT",
    Programme.INTERREG: "Interreg",
    Programme.I3: "Interregional Innovation Investments",
    Programme.UCPM: "Union Civil Protection Mechanism",
    Programme.JTM: "Just Transition Mechanism",
    Programme.ELENA: "ELENA (European Local Energy Assistance)",
    Programme.EUCF: "European City Facility",
    Programme.EIT: "European Institute of Innovation and Technology",
    Programme.DUT: "Driving Urban Transitions",
    Programme.ERDF: "European Regional Development Fund",
    Programme.ESF: "European Social Fund Plus",
    Programme.AMIF: "Asylum, Migration and Integration Fund",
    Programme.EU4HEALTH: "EU4Health",
    Programme.SMP: "Single Market Programme",
    Programme.INNOVATION_FUND: "Innovation Fund",
    Programme.EMFAF: "European Maritime, Fisheries and Aquaculture Fund",
    Programme.EDF: "European Defence Fund",
    Programme.EURATOM: "Euratom",
    Programme.ISF: "Internal Security Fund",
    Programme.JUSTICE: "Justice",
    Programme.PERICLES: "Pericles IV",
    Programme.PILOT_PROJECTS: "Pilot projects and preparatory actions",
    Programme.RENEWABLES: "Renewable energy financing mechanism",
    Programme.COAL_AND_STEEL: "Research Fund for Coal and Steel",
    Programme.EXTERNAL_ACTION: "EU external action",
    Programme.OTHER: "Other programme",
}


class ActionType(StrEnum):
    """Types of action, with the short names of the Funding & Tenders Portal where it has one."""

    RIA = "RIA"
    IA = "IA"
    CSA = "CSA"
    COFUND = "COFUND"
    PCP = "PCP"
    PPI = "PPI"
    PROJECT_GRANT = "project grant"
    LUMP_SUM_GRANT = "lump-sum grant"
    CASCADE_FUNDING = "cascade funding"
    TECHNICAL_ASSISTANCE = "technical assistance"
    PRIZE = "prize"
    OTHER = "other"


class DeadlineModel(StrEnum):
    """How a call closes, in the words of the Funding & Tenders Portal, and two of our own.

    ``continuous`` calls have no closing date; of ``not stated`` the source says neither the model nor,
    sometimes, a date.
    """

    SINGLE_STAGE = "single-stage"
    TWO_STAGE = "two-stage"
    MULTIPLE_CUT_OFF = "multiple cut-off"
    CONTINUOUS = "continuous"
    NOT_STATED = "not stated"


class CallStatus(StrEnum):
    """Status of a call at one moment; recomputed from its dates, never read from a file."""

    FORTHCOMING = "forthcoming"
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "opening not known"


class Applicant(StrEnum):
    """Types of organisation that a call accepts or requires."""

    ANY = "any_legal_entity"
    LOCAL_AUTHORITY = "local_authority"
    REGIONAL_AUTHORITY = "regional_authority"
    NATIONAL_AUTHORITY = "national_authority"
    PUBLIC_BODY = "public_body"
    ASSOCIATION_OF_LOCAL_AUTHORITIES = "association_of_local_authorities"
    UNIVERSITY = "university"
    RESEARCH_ORGANISATION = "research_organisation"
    SME = "sme"
    COMPANY = "company"
    NGO = "ngo"
    SCHOOL = "school"


class CountryGroup(StrEnum):
    """Groups of countries that calls name instead of a list."""

    EU27 = "EU27"
    HORIZON_ASSOCIATED = "HORIZON_ASSOCIATED"
    LIFE_ASSOCIATED = "LIFE_ASSOCIATED"
    CERV_ASSOCIATED = "CERV_ASSOCIATED"
    DIGITAL_ASSOCIATED = "DIGITAL_ASSOCIATED"
    ERASMUS_ASSOCIATED = "ERASMUS_ASSOCIATED"
    CREATIVE_EUROPE_ASSOCIATED = "CREATIVE_EUROPE_ASSOCIATED"
    UCPM_PARTICIPATING = "UCPM_PARTICIPATING"


class Role(StrEnum):
    """Role a city wants in a joint application."""

    LEAD = "lead"
    PARTNER = "partner"
    EITHER = "either"


class PartnerKind(StrEnum):
    """How two cities know each other."""

    TANDEM = "tandem"
    TWIN_TOWN = "twin town"
    EXCHANGE = "exchange"


class PopulationScope(StrEnum):
    """What a population figure counts; the two can differ by a legal threshold."""

    MUNICIPALITY = "municipality"
    SETTLEMENT = "settlement"


class Answer(StrEnum):
    """Three-valued answer; ``unknown`` is a valid value, never a guess."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RunState(StrEnum):
    """How a run stands; one whose process ended in the middle is found out by the next."""

    RUNNING = "running"
    DONE = "done"
    BROKEN_OFF = "broken off"


class ReadingState(StrEnum):
    """What became of one reading of one source."""

    TAKEN_OVER = "taken over"
    TAKEN_IN_PART = "taken over in part"
    FAILED = "failed"
    HELD_BACK = "held back"


class Theme(StrEnum):
    """Subjects a profile or a call is about."""

    AIR_QUALITY = "air-quality"
    ARTIFICIAL_INTELLIGENCE = "artificial-intelligence"
    BIODIVERSITY = "biodiversity"
    BUILDINGS = "buildings"
    CIRCULAR_ECONOMY = "circular-economy"
    CIVIL_PROTECTION = "civil-protection"
    CLIMATE_ADAPTATION = "climate-adaptation"
    COAST_AND_PORTS = "coast-and-ports"
    CONNECTIVITY = "connectivity"
    CULTURE_AND_HERITAGE = "culture-and-heritage"
    CYBERSECURITY = "cybersecurity"
    DATA = "data"
    DEMOCRACY_AND_PARTICIPATION = "democracy-and-participation"
    DIGITAL_GOVERNMENT = "digital-government"
    DIGITAL_TWIN = "digital-twin"
    ECONOMY_AND_INNOVATION = "economy-and-innovation"
    EDUCATION_AND_SKILLS = "education-and-skills"
    ENERGY = "energy"
    FOOD = "food"
    HEALTH = "health"
    HEAT = "heat"
    HOUSING = "housing"
    INCLUSION = "inclusion"
    MIGRATION = "migration"
    MOBILITY = "mobility"
    NOISE = "noise"
    RURAL_AREAS = "rural-areas"
    SECURITY = "security"
    SOIL_AND_LAND = "soil-and-land"
    TOURISM = "tourism"
    TOWN_TWINNING = "town-twinning"
    URBAN_PLANNING = "urban-planning"
    WASTE = "waste"
    WATER = "water"
    YOUTH = "youth"


# The EU's 24 official languages and those of its neighbours in the tandems (ISO 639-1).
LANGUAGES = frozenset(
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv "
    "ca eu gl is mk no sq sr tr uk".split()
)

# Spellings found in portals and in officers' files, folded by :func:`_fold`.
_VARIANTS: dict[type[StrEnum], dict[str, str]] = {
    Programme: {
        "horizon europe": "HORIZON",
        "digital europe": "DIGITAL",
        "digital europe programme": "DIGITAL",
        "creative europe": "CREA",
        "erasmus+": "ERASMUS",
        "eui ia": "EUI",
        "eui cb": "EUI",
        "european urban initiative": "EUI",
        "connecting europe facility": "CEF",
        "eu4health": "EU4H",
        "innovation fund": "INNOVFUND",
    },
    ActionType: {
        "horizon research and innovation actions": "RIA",
        "horizon innovation actions": "IA",
        "horizon coordination and support actions": "CSA",
        "horizon programme cofund actions": "COFUND",
        "horizon pre commercial procurement": "PCP",
        "lump sum grant": "lump-sum grant",
        "lump sum": "lump-sum grant",
        "grant": "project grant",
    },
    DeadlineModel: {
        "two step": "two-stage",
        "multiple cut offs": "multiple cut-off",
        "rolling": "continuous",
        "permanent": "continuous",
    },
    PartnerKind: {"twin": "twin town", "twinning": "twin town", "partner city": "twin town"},
}

Member = TypeVar("Member", bound=StrEnum)


def _fold(text: str) -> str:
    return re.sub(r"[\s_–-]+", " ", text.strip().casefold())


@cache
def _spellings(kind: type[StrEnum]) -> dict[str, StrEnum]:
    table = {_fold(member.value): member for member in kind}
    table.update({_fold(variant): kind(value) for variant, value in _VARIANTS.get(kind, {}).items()})
    return table


def parse(kind: type[Member], text: str) -> Member:
    """Turn any known spelling into a member of a closed set.

    Parameters
    ----------
    kind : type of StrEnum
        The closed set.
    text : str
        Case, blanks, hyphens and underscores do not matter.

    Returns
    -------
    StrEnum
        The member.

    Raises
    ------
    BadValue
        With the list of choices and the nearest one.

    Examples
    --------
    >>> parse(ActionType, "HORIZON  Innovation Actions")
    <ActionType.IA: 'IA'>
    >>> parse(Theme, "heet")
    Traceback (most recent call last):
    ...
    vie_match.errors.BadValue: 'heet' is not a Theme; one of: air-quality, ... (did you mean heat?)
    """
    found = _spellings(kind).get(_fold(text))
    if found is None:
        values = [str(member.value) for member in kind]
        near, named = near_miss(text, values), ", ".join(values)
        expected = M_("one of: {choices}{near}", choices=named, near=near)
        raise BadValue(
            M_("{word} is not a {kind}; {expected}", word=repr(text), kind=kind.__name__, expected=expected)
        )
    return kind(found)


def parse_language(text: str) -> str:
    """Return the ISO 639-1 code of a language.

    Raises
    ------
    BadValue
        If the code is not known.

    Examples
    --------
    >>> parse_language(" DE ")
    'de'
    """
    code = text.strip().lower()
    if code not in LANGUAGES:
        known, near = ", ".join(sorted(LANGUAGES)), meant.language(text, LANGUAGES)
        expected = M_("one of: {choices}{near}", choices=known, near="")
        if near:
            expected = M_("two letters (ISO 639-1){near}", near=near)
        raise BadValue(
            M_("{word} is not a language code we know; {expected}", word=repr(text), expected=expected)
        )
    return code
