"""What values of closed sets, fields of a call and parts of the ranking are called by people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from babel import dates

from vie_match.changes import ChangeKind
from vie_match.speech import N_, speech
from vie_match.vocabulary import (
    ActionType,
    Answer,
    Applicant,
    CallStatus,
    CountryGroup,
    DeadlineModel,
    PartnerKind,
    Programme,
    ReadingState,
    Role,
)

# Official names: English as in vocabulary.PROGRAMME_NAMES, others as the EU's regulations have them.
PROGRAMMES = {
    Programme.HORIZON: N_("Horizon Europe"),
    Programme.DIGITAL: N_("Digital Europe"),
    Programme.LIFE: N_("LIFE"),
    Programme.CERV: N_("Citizens, Equality, Rights and Values"),
    Programme.CEF: N_("Connecting Europe Facility"),
    Programme.CREA: N_("Creative Europe"),
    Programme.ERASMUS: N_("Erasmus+"),
    Programme.EUI: N_("European Urban Initiative"),
    Programme.URBACT: N_("URBACT"),
    Programme.INTERREG: N_("Interreg"),
    Programme.I3: N_("Interregional Innovation Investments"),
    Programme.UCPM: N_("Union Civil Protection Mechanism"),
    Programme.JTM: N_("Just Transition Mechanism"),
    Programme.ELENA: N_("ELENA (European Local Energy Assistance)"),
    Programme.EUCF: N_("European City Facility"),
    Programme.EIT: N_("European Institute of Innovation and Technology"),
    Programme.DUT: N_("Driving Urban Transitions"),
    Programme.ERDF: N_("European Regional Development Fund"),
    Programme.ESF: N_("European Social Fund Plus"),
    Programme.AMIF: N_("Asylum, Migration and Integration Fund"),
    Programme.EU4HEALTH: N_("EU4Health"),
    Programme.SMP: N_("Single Market Programme"),
    Programme.INNOVATION_FUND: N_("Innovation Fund"),
    Programme.EMFAF: N_("European Maritime, Fisheries and Aquaculture Fund"),
    Programme.EDF: N_("European Defence Fund"),
    Programme.EURATOM: N_("Euratom"),
    Programme.ISF: N_("Internal Security Fund"),
    Programme.JUSTICE: N_("Justice"),
    Programme.PERICLES: N_("Pericles IV"),
    Programme.PILOT_PROJECTS: N_("Pilot projects and preparatory actions"),
    Programme.RENEWABLES: N_("Renewable energy financing mechanism"),
    Programme.COAL_AND_STEEL: N_("Research Fund for Coal and Steel"),
    Programme.EXTERNAL_ACTION: N_("EU external action"),
    Programme.OTHER: N_("Other programme"),
}

ACTIONS = {
    ActionType.RIA: N_("research and innovation action"),
    ActionType.IA: N_("innovation action"),
    ActionType.CSA: N_("coordination and support action"),
    ActionType.COFUND: N_("co-funding action for programmes"),
    ActionType.PCP: N_("pre-commercial procurement"),
    ActionType.PPI: N_("public procurement of innovation"),
    ActionType.PROJECT_GRANT: N_("project grant"),
    ActionType.LUMP_SUM_GRANT: N_("lump-sum grant"),
    ActionType.CASCADE_FUNDING: N_("cascade funding"),
    ActionType.TECHNICAL_ASSISTANCE: N_("technical assistance"),
    ActionType.PRIZE: N_("prize"),
    ActionType.OTHER: N_("other type of action"),
}

MODELS = {
    DeadlineModel.SINGLE_STAGE: N_("one stage"),
    DeadlineModel.TWO_STAGE: N_("two stages"),
    DeadlineModel.MULTIPLE_CUT_OFF: N_("several cut-off dates"),
    DeadlineModel.CONTINUOUS: N_("open all year, no closing date"),
    DeadlineModel.NOT_STATED: N_("not stated"),
}

STATUSES = {
    CallStatus.FORTHCOMING: N_("forthcoming"),
    CallStatus.OPEN: N_("open"),
    CallStatus.CLOSED: N_("closed"),
    CallStatus.UNKNOWN: N_("opening date not known"),
}

APPLICANTS = {
    Applicant.ANY: N_("any legal entity"),
    Applicant.LOCAL_AUTHORITY: N_("local authorities"),
    Applicant.REGIONAL_AUTHORITY: N_("regional authorities"),
    Applicant.NATIONAL_AUTHORITY: N_("national authorities"),
    Applicant.PUBLIC_BODY: N_("public bodies"),
    Applicant.ASSOCIATION_OF_LOCAL_AUTHORITIES: N_("associations of local authorities"),
    Applicant.UNIVERSITY: N_("universities"),
    Applicant.RESEARCH_ORGANISATION: N_("research organisations"),
    Applicant.SME: N_("small and medium-sized enterprises"),
    Applicant.COMPANY: N_("companies"),
    Applicant.NGO: N_("non-governmental organisations"),
    Applicant.SCHOOL: N_("schools"),
}

GROUPS = {
    CountryGroup.EU27: N_("the EU"),
    CountryGroup.HORIZON_ASSOCIATED: N_("countries associated to Horizon Europe"),
    CountryGroup.LIFE_ASSOCIATED: N_("countries associated to LIFE"),
    CountryGroup.CERV_ASSOCIATED: N_("countries associated to CERV"),
    CountryGroup.DIGITAL_ASSOCIATED: N_("countries associated to Digital Europe"),
    CountryGroup.ERASMUS_ASSOCIATED: N_("countries associated to Erasmus+"),
    CountryGroup.CREATIVE_EUROPE_ASSOCIATED: N_("countries associated to Creative Europe"),
    CountryGroup.UCPM_PARTICIPATING: N_("states of the Civil Protection Mechanism"),
}

ROLES = {Role.LEAD: N_("lead"), Role.PARTNER: N_("partner"), Role.EITHER: N_("lead or partner")}

PARTNERS = {
    PartnerKind.TANDEM: N_("tandem"),
    PartnerKind.TWIN_TOWN: N_("twin towns"),
    PartnerKind.EXCHANGE: N_("exchange"),
}

CHANGES = {
    ChangeKind.NEW: N_("new"),
    ChangeKind.BACK: N_("back again"),
    ChangeKind.CHANGED: N_("changed"),
    ChangeKind.GONE: N_("gone"),
    ChangeKind.CLOSED: N_("closed"),
}

TROUBLES = {
    ReadingState.TAKEN_IN_PART: N_("could be read only in part"),
    ReadingState.HELD_BACK: N_("listed suspiciously little"),
    ReadingState.FAILED: N_("could not be read"),
}

FIELDS = {
    "title": N_("title"),
    "programme": N_("programme"),
    "opening": N_("opening"),
    "deadlines": N_("deadline"),
    "deadline_model": N_("deadline model"),
    "budget_total_eur": N_("budget of the call"),
    "grant_min_eur": N_("smallest grant"),
    "grant_max_eur": N_("largest grant"),
    "expected_grants": N_("number of projects"),
    "cofunding_rate": N_("EU share of the cost"),
    "eligible_applicants": N_("who may apply"),
    "eligible_countries": N_("countries"),
    "min_participants": N_("smallest number of partners"),
    "min_countries": N_("smallest number of countries"),
    "consortium_note": N_("condition on the team"),
    "conditions": N_("conditions"),
    "themes": N_("themes"),
    "language": N_("language"),
    "action_type": N_("type of action"),
    "text": N_("description"),
}

# Fields whose values are of a closed set, with what these are called.
VALUES: Mapping[str, Mapping[Any, str]] = {
    "programme": PROGRAMMES,
    "action_type": ACTIONS,
    "deadline_model": MODELS,
    "eligible_applicants": APPLICANTS,
}

# The contribution that is the same for every call, so it says nothing of this one and is not told.
SAME_FOR_ALL = "base rate"

# Those that are told.
PARTS = {
    "meaning": N_("what the texts mean"),
    "words": N_("shared words"),
    "themes": N_("shared themes"),
    "audience": N_("whom such calls are for"),
    "graded projects": N_("what was good for projects like it"),
}


def call_status(status: CallStatus, language: str = "en") -> str:
    """Return the status of a call in a word or two.

    Examples
    --------
    >>> call_status(CallStatus.FORTHCOMING), call_status(CallStatus.OPEN, "de")
    ('forthcoming', 'offen')
    """
    return _named(STATUSES, status, language)


def programme(programme: Programme, language: str = "en") -> str:
    """Return the name of a programme.

    Examples
    --------
    >>> programme(Programme.HORIZON, "de")
    'Horizont Europa'
    """
    return _named(PROGRAMMES, programme, language)


def action(action_type: ActionType, language: str = "en") -> str:
    """Return what a type of action is called."""
    return _named(ACTIONS, action_type, language)


def role(role: Role, language: str = "en") -> str:
    """Return what a role that a city wants is called."""
    return _named(ROLES, role, language)


def answer(answer: Answer, language: str = "en") -> str:
    """Return an answer.

    Examples
    --------
    >>> [answer(one, "de") for one in Answer]
    ['ja', 'nein', 'offen']
    """
    says = speech(language)
    return {
        Answer.YES: says.gettext("yes"),
        Answer.NO: says.gettext("no"),
        Answer.UNKNOWN: says.pgettext("answer", "not known"),
    }[answer]


def kind(change_kind: ChangeKind, language: str = "en") -> str:
    """Return what a change of a call is called."""
    return _named(CHANGES, change_kind, language)


def part_name(name: str, language: str = "en") -> str:
    """Return what a contribution of the ranking is called; one without a name as it stands."""
    return _named(PARTS, name, language)


_DESCRIBED = (N_("Page of the programme"), N_("Public summary of the call"))


def source(name: str | None, language: str = "en") -> str:
    """Return the name of a source, also where a call states none.

    Examples
    --------
    >>> source("EuroAccess", "de"), source("Page of the programme", "de"), source(None)
    ('EuroAccess', 'Seite des Programms', 'not stated')
    """
    _ = speech(language).gettext
    if not name:
        return _("not stated")
    # Those of call files that a person has written; names of portals are names.
    return _(name) if name in _DESCRIBED else name


def month(text: str, language: str = "en") -> str:
    """Return a year and month, as profiles have them, in words.

    Examples
    --------
    >>> month("2027-05"), month("2027-05", "de")
    ('May 2027', 'Mai 2027')
    """
    first = dt.date.fromisoformat(f"{text}-01")
    return dates.format_skeleton("yMMMM", first, locale=speech(language).locale)


def field(name: str, language: str = "en") -> str:
    """Return what a field of a call is called; one without a name as it stands.

    Examples
    --------
    >>> field("deadlines"), field("deadlines", "de")
    ('deadline', 'Frist')
    """
    return _named(FIELDS, name, language)


def trouble(state: ReadingState, language: str = "en") -> str:
    """Return what went wrong with a source."""
    return _named(TROUBLES, state, language)


def country(code: str, language: str = "en") -> str:
    """Return the name of a country, or of a group of them, by its code.

    Examples
    --------
    >>> country("EU27"), country("NO", "de")
    ('the EU', 'Norwegen')
    """
    return _named(GROUPS, code, language) if code in GROUPS else speech(language).country(code)


def member(name: str, text: str, language: str = "en") -> str:
    """Return a value of a closed set that stands as in files; of other fields as it stands.

    Parameters
    ----------
    name : str
        Field of a call.
    text : str
    language : str, default "en"

    Examples
    --------
    >>> member("eligible_applicants", "local_authority"), member("url", "x")
    ('local authorities', 'x')
    """
    return _named(VALUES.get(name, {}), text, language)


def _named(table: Mapping[Any, str], key: object, language: str) -> str:
    return speech(language).gettext(table[key]) if key in table else str(key)
