"""Patterns of the sentences about rules; which is said is decided in :mod:`vie_match.eligibility.wording`."""

from __future__ import annotations

from collections.abc import Mapping

from vie_match.eligibility.rules import Part, RuleKind
from vie_match.speech import N_, NC_, NN_

K = RuleKind

GROUPS: Mapping[str, str] = {
    "EU27": NC_("from", "the EU"),
    "ASSOCIATED": NC_("from", "associated countries"),
    "EU27+ASSOCIATED": NC_("from", "Member States or associated countries"),
    "NON_ASSOCIATED_THIRD_COUNTRIES": NC_("from", "countries that are neither in the EU nor associated"),
    "NOT_IN_ELIGIBLE_COUNTRIES": NC_("from", "countries that are not eligible"),
    "ELIGIBLE": NC_("from", "eligible countries"),
    "EEA": NC_("from", "states of the European Economic Area"),
    "OECD": NC_("from", "states of the OECD"),
    "AFRICA": NC_("from", "states of Africa"),
    "SOUTH_EAST_ASIA": NC_("from", "states of South-East Asia"),
    "FAR_EAST": NC_("from", "states of the Far East"),
    "LATIN_AMERICA": NC_("from", "states of Latin America"),
    "URBACT_COUNTRIES": NC_("from", "countries that take part in URBACT"),
    "INTERREG_EUROPE_COUNTRIES": NC_("from", "countries that take part in Interreg Europe"),
    "WIDENING": NC_("from", "Widening countries"),
    "AFRICAN_UNION": NC_("from", "states of the African Union"),
    "LIFE_ELIGIBLE": NC_("from", "countries that LIFE accepts"),
    "LOW_OR_MIDDLE_INCOME": NC_("from", "countries of low or middle income"),
    "MODERATE_OR_EMERGING_INNOVATOR": NC_("from", "countries or regions of moderate or emerging innovators"),
}
# A list without a name that would go with "among".
OTHER_LIST = NC_("among", "this list: {list}")
LISTS: Mapping[str, str] = {
    "MISSION_CITIES_112": NC_("among", "the 112 cities of the Cities Mission"),
    "TEN_T_URBAN_NODE": NC_("among", "the urban nodes of the TEN-T network"),
    "ADAPTATION_MISSION_CHARTER": NC_("among", "the signatories of the Adaptation Mission's Charter"),
}
ROLES: Mapping[Part, tuple[str, str]] = {
    Part.BENEFICIARY: NN_("as a beneficiary", "as beneficiaries"),
    Part.BENEFICIARY_OR_AFFILIATED: NN_(
        "as a beneficiary or affiliated entity", "as beneficiaries or affiliated entities"
    ),
    Part.BENEFICIARY_OR_ASSOCIATED: NN_(
        "as a beneficiary or associated partner", "as beneficiaries or associated partners"
    ),
}

# (Countries are named, a role is named) → pattern.
AT_LEAST: Mapping[tuple[bool, bool], str] = {
    (False, False): N_("at least {number} {who}"),
    (True, False): N_("at least {number} {who} from {where}"),
    (False, True): N_("at least {number} {who} {role}"),
    (True, True): N_("at least {number} {who} from {where} {role}"),
}
AT_MOST: Mapping[tuple[bool, bool], str] = {
    (False, False): N_("at most {number} {who}"),
    (True, False): N_("at most {number} {who} from {where}"),
    (False, True): N_("at most {number} {who} {role}"),
    (True, True): N_("at most {number} {who} from {where} {role}"),
}
MORE: Mapping[tuple[bool, bool], str] = {
    (False, False): N_("{number} more {who}"),
    (True, False): N_("{number} more {who} from {where}"),
    (False, True): N_("{number} more {who} {role}"),
    (True, True): N_("{number} more {who} from {where} {role}"),
}

# A role is named → pattern.
AT_LEAST_AMONG: Mapping[bool, str] = {
    False: N_("at least {number} {who} among {list}"),
    True: N_("at least {number} {who} {role} among {list}"),
}
AT_MOST_AMONG: Mapping[bool, str] = {
    False: N_("at most {number} {who} among {list}"),
    True: N_("at most {number} {who} {role} among {list}"),
}

# Countries are named → pattern.
AT_LEAST_COUNTRIES: Mapping[bool, tuple[str, str]] = {
    False: NN_("at least {n} country among the {who}", "at least {n} different countries among the {who}"),
    True: NN_(
        "at least {n} country ({where}) among the {who}",
        "at least {n} different countries ({where}) among the {who}",
    ),
}
AT_MOST_COUNTRIES: Mapping[bool, tuple[str, str]] = {
    False: NN_("at most {n} country among the {who}", "at most {n} different countries among the {who}"),
    True: NN_(
        "at most {n} country ({where}) among the {who}",
        "at most {n} different countries ({where}) among the {who}",
    ),
}
MORE_COUNTRIES: Mapping[bool, tuple[str, str]] = {
    False: NN_("{n} more country among the {who}", "{n} more countries among the {who}"),
    True: NN_("{n} more country among the {who} ({where})", "{n} more countries among the {who} ({where})"),
}
AT_LEAST_SHARE: Mapping[bool, str] = {
    False: N_("at least {share} of the beneficiaries"),
    True: N_("at least {share} of the beneficiaries from {where}"),
}
AT_MOST_SHARE: Mapping[bool, str] = {
    False: N_("at most {share} of the beneficiaries"),
    True: N_("at most {share} of the beneficiaries from {where}"),
}
AT_LEAST_BUDGET = N_("at least {share} of the budget for {who}")
AT_MOST_BUDGET = N_("at most {share} of the budget for {who}")

# (The number is sure, somebody is named) → pattern.
HAS: Mapping[tuple[bool, bool], str] = {
    (True, False): N_("the team has {least}"),
    (True, True): N_("the team has {least}: {who}"),
    (False, False): N_("the team surely has {least}, perhaps {most}"),
    (False, True): N_("the team surely has {least}, perhaps {most}: {who}"),
}

NUMBERED: Mapping[RuleKind, tuple[str, str]] = {
    K.ECOSYSTEMS: NN_(
        "at least {n} innovation ecosystem with science, business, state and society",
        "at least {n} innovation ecosystems with science, business, state and society",
    ),
    K.TRACK_RECORD: NN_(
        "a company with turnover for at least {n} year", "a company with turnover for at least {n} years"
    ),
    K.DEMO_SITES: NN_("at least {n} demonstration site", "at least {n} demonstration sites"),
    K.MIN_AREAS: NN_("partners from at least {n} area", "partners from at least {n} areas"),
    K.MIN_REGIONS: NN_("partners from at least {n} region", "partners from at least {n} regions"),
    K.MIN_INSIDE_AREA: NN_(
        "at least {n} partner inside the programme area", "at least {n} partners inside the programme area"
    ),
    K.MIN_POPULATION: NN_("at least {n} inhabitant", "at least {n} inhabitants"),
}
SIMPLE: Mapping[RuleKind, str] = {
    K.SINGLE_BENEFICIARY: N_("one applicant only"),
    K.COORDINATOR_COUNTRY: N_("a coordinator from {codes}"),
    K.COORDINATOR_TYPE: N_("as coordinator: {subjects}"),
    K.APPLICANT_TYPE: N_("only {several}"),
    K.NAMED_PARTICIPANTS: N_("submission by the {value}"),
    K.ELIGIBLE_COUNTRIES: N_("only organisations from {codes}"),
    K.ROLE_RESTRICTION: N_("organisations from {codes} only as associated partners"),
    K.EXCLUDED_CONTROL: N_("nobody controlled from {codes}"),
    K.DEGURBA: N_("a degree of urbanisation (DEGURBA) of {value}"),
    K.NUTS_PREFIX: N_("a place in the regions {codes}"),
    K.MIN_SHARE_IN_REGIONS: N_("at least {value}% of the partners from regions of that category"),
    K.UNREAD: N_("a condition that has to be read by a person"),
    K.IN_DOCUMENT: N_("what another document says about eligibility"),
}
