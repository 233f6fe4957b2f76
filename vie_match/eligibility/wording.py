"""Rules, findings and questions in English and German: the only place with sentences for readers."""

from __future__ import annotations

from collections.abc import Callable

from vie_match.eligibility.facts import Team
from vie_match.eligibility.list_files import city_lists, groups
from vie_match.eligibility.questions import in_language
from vie_match.eligibility.requirements import Requirement
from vie_match.eligibility.rules import Op, Part, Rule, RuleKind
from vie_match.eligibility.subject_names import names
from vie_match.eligibility.sums import Measure
from vie_match.vocabulary import Answer, Language

K = RuleKind


_GROUPS = {
    "EU27": ("the EU", "der EU"),
    "ASSOCIATED": ("associated countries", "assoziierten Staaten"),
    "EU27+ASSOCIATED": ("Member States or associated countries", "Mitgliedstaaten oder assoziierten Staaten"),
    "WIDENING": ("Widening countries", "Widening-Staaten"),
    "AFRICAN_UNION": ("states of the African Union", "Staaten der Afrikanischen Union"),
    "LIFE_ELIGIBLE": ("countries that LIFE accepts", "Staaten, die LIFE zulässt"),
    "LOW_OR_MIDDLE_INCOME": (
        "countries of low or middle income",
        "Staaten mit niedrigem oder mittlerem Einkommen",
    ),
    "MODERATE_OR_EMERGING_INNOVATOR": (
        "countries or regions of moderate or emerging innovators",
        "Ländern oder Regionen mäßiger oder aufstrebender Innovatoren",
    ),
}
_ROLES = {
    Part.BENEFICIARY: ("as beneficiaries", "als Begünstigte"),
    Part.BENEFICIARY_OR_AFFILIATED: (
        "as beneficiaries or affiliated entities",
        "als Begünstigte oder verbundene Stellen",
    ),
    Part.BENEFICIARY_OR_ASSOCIATED: (
        "as beneficiaries or associated partners",
        "als Begünstigte oder assoziierte Partner",
    ),
}
_LISTS = {
    "MISSION_CITIES_112": ("the 112 cities of the Cities Mission", "den 112 Städten der Städtemission"),
    "TEN_T_URBAN_NODE": ("the urban nodes of the TEN-T network", "den städtischen Knoten des TEN-V-Netzes"),
    "ADAPTATION_MISSION_CHARTER": (
        "the signatories of the Adaptation Mission's Charter",
        "den Unterzeichnern der Charta der Mission Klimaanpassung",
    ),
}

Writer = Callable[[Rule, Language], str]


def number(value: float) -> str:
    """Return a number without needless decimals.

    Examples
    --------
    >>> number(3.0), number(33.333)
    ('3', '33.3')
    """
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def group(name: str, language: Language) -> str:
    """Return the name of a group of countries; an unknown one as it is written.

    Examples
    --------
    >>> group("EU27+ASSOCIATED", Language.DE), group("UA", Language.EN)
    ('Mitgliedstaaten oder assoziierten Staaten', 'UA')
    """
    joint = in_language((" or ", " oder "), language)
    if name in _GROUPS:
        return in_language(_GROUPS[name], language)
    parts = name.replace("+", "|").split("|")
    if len(parts) > 1:
        return joint.join(group(part, language) for part in parts)
    known = groups().groups.get(name)
    return in_language((known.en, known.de), language) if known else name


def demand(rule: Rule, language: Language) -> str:
    """Return what a rule asks for, in a few words.

    Examples
    --------
    >>> from vie_match.eligibility.reading.call import read
    >>> rule = read("3. Other Eligible ConditionsAt least two SMEs must take part as beneficiaries.")[0]
    >>> demand(rule, Language.EN), demand(rule, Language.DE)
    ('at least 2 SMEs as beneficiaries', 'mindestens 2 KMU als Begünstigte')
    """
    written = _DEMANDS.get(rule.kind)
    return written(rule, language) if written else rule.kind.value.replace("_", " ")


def _group_of(rule: Rule, language: Language) -> str:
    """Return the name of the countries a rule is about; empty if it is about any."""
    return group(rule.group, language) if rule.group and rule.group != "ANY" else ""


def _bounded(rule: Rule, language: Language) -> str:
    most = rule.op is Op.MAX or rule.kind is K.MAX_PARTICIPANTS
    bound = in_language(("at most", "höchstens") if most else ("at least", "mindestens"), language)
    return f"{bound} {number(rule.number)}"


def _placed(rule: Rule, language: Language, how_many: float) -> str:
    origin = in_language(("from", "aus"), language)
    where = f" {origin} {named}" if (named := _group_of(rule, language)) else ""
    role = f" {_role(rule.role, language, how_many)}" if rule.role in _ROLES else ""
    return where + role


def _role(part: Part, language: Language, how_many: float) -> str:
    """Return the role in words; German has one word for one and for several."""
    words = in_language(_ROLES[part], language)
    if how_many != 1 or language is Language.DE:
        return words
    for many, one in (
        ("beneficiaries", "a beneficiary"),
        ("affiliated entities", "affiliated entity"),
        ("associated partners", "associated partner"),
    ):
        words = words.replace(many, one)
    return words


def _organisations(rule: Rule, language: Language) -> str:
    who = names(rule.subject, language.value, rule.number)
    return f"{_bounded(rule, language)} {who}{_placed(rule, language, rule.number)}"


def _countries(rule: Rule, language: Language) -> str:
    who = names(rule.subject, language.value, 2)
    what = in_language(("different countries", "verschiedene Staaten"), language)
    among = in_language(("among the", "bei:"), language)
    inside = f" ({named})" if (named := _group_of(rule, language)) else ""
    return f"{_bounded(rule, language)} {what}{inside} {among} {who}"


def _share(rule: Rule, language: Language) -> str:
    of_members = in_language(("% of the beneficiaries", " % der Begünstigten"), language)
    return f"{_bounded(rule, language)}{of_members}{_placed(rule, language, 2)}"


def _membership(rule: Rule, language: Language) -> str:
    who = names(rule.subject, language.value, rule.number)
    known = _LISTS.get(str(rule.member_list)) or _list_names(str(rule.member_list))
    role = f" {_role(rule.role, language, rule.number)}" if rule.role in _ROLES else ""
    among = in_language(("among", "unter"), language)
    return f"{_bounded(rule, language)} {who}{role} {among} {in_language(known, language)}"


def _list_names(name: str) -> tuple[str, str]:
    listed = city_lists().get(name)
    return (listed.en, listed.de) if listed else (name, name)


def _codes(rule: Rule, language: Language) -> str:
    return ", ".join(group(code, language) for code in rule.codes)


def _budget(rule: Rule, language: Language) -> str:
    who = names(rule.subject, language.value, 2)
    share = in_language(("% of the budget for", " % des Budgets für"), language)
    return f"{_bounded(rule, language)}{share} {who}"


def _text(en: str, de: str) -> Writer:
    return lambda rule, language: in_language((en, de), language).format(
        codes=_codes(rule, language),
        value=rule.value if not isinstance(rule.value, tuple) else ", ".join(map(str, rule.value)),
        subjects=" / ".join(names(code, language.value, 1) for code in rule.codes),
    )


_DEMANDS: dict[RuleKind, Writer] = {
    K.MIN_PARTICIPANTS: _organisations,
    K.MAX_PARTICIPANTS: _organisations,
    K.MIN_OF_TYPE: _organisations,
    K.MIN_IN_GROUP: _organisations,
    K.MIN_COUNTRIES: _countries,
    K.DISTINCT_COUNTRIES: _countries,
    K.MIN_SHARE_IN_GROUP: _share,
    K.MEMBERSHIP: _membership,
    K.BUDGET_SHARE: _budget,
    K.SINGLE_BENEFICIARY: _text("one applicant only", "nur ein Antragsteller"),
    K.COORDINATOR_COUNTRY: _text("a coordinator from {codes}", "ein Koordinator aus {codes}"),
    K.COORDINATOR_TYPE: _text("as coordinator: {subjects}", "als Koordinator: {subjects}"),
    K.APPLICANT_TYPE: _text("only {subjects}", "nur {subjects}"),
    K.NAMED_PARTICIPANTS: _text("submission by the {value}", "Einreichung durch: {value}"),
    K.ELIGIBLE_COUNTRIES: _text("only organisations from {codes}", "nur Organisationen aus {codes}"),
    K.ROLE_RESTRICTION: _text(
        "organisations from {codes} only as associated partners",
        "Organisationen aus {codes} nur als assoziierte Partner",
    ),
    K.EXCLUDED_CONTROL: _text("nobody controlled from {codes}", "niemand, der aus {codes} beherrscht wird"),
    K.ECOSYSTEMS: _text(
        "at least {value} innovation ecosystems with science, business, state and society",
        "mindestens {value} Innovationsökosysteme mit Wissenschaft, Wirtschaft, Staat und Gesellschaft",
    ),
    K.TRACK_RECORD: _text(
        "a company with turnover for at least {value} years",
        "ein Unternehmen mit Umsatz seit mindestens {value} Jahren",
    ),
    K.DEMO_SITES: _text("at least {value} demonstration sites", "mindestens {value} Demonstrationsorte"),
    K.DEGURBA: _text(
        "a degree of urbanisation (DEGURBA) of {value}", "ein Verstädterungsgrad (DEGURBA) von {value}"
    ),
    K.NUTS_PREFIX: _text("a place in the regions {codes}", "ein Ort in den Regionen {codes}"),
    K.MIN_AREAS: _text("partners from at least {value} areas", "Partner aus mindestens {value} Gebieten"),
    K.MIN_REGIONS: _text("partners from at least {value} regions", "Partner aus mindestens {value} Regionen"),
    K.MIN_INSIDE_AREA: _text(
        "at least {value} partners inside the programme area",
        "mindestens {value} Partner innerhalb des Programmgebiets",
    ),
    K.MIN_SHARE_IN_REGIONS: _text(
        "at least {value} % of the partners from regions of that category",
        "mindestens {value} % der Partner aus Regionen dieser Kategorie",
    ),
    K.MIN_POPULATION: _text("at least {value} inhabitants", "mindestens {value} Einwohner"),
    K.UNREAD: _text(
        "a condition that has to be read by a person", "eine Bedingung, die ein Mensch lesen muss"
    ),
    K.IN_DOCUMENT: _text(
        "what another document says about eligibility", "was ein anderes Dokument zur Förderfähigkeit sagt"
    ),
}


def finding(requirement: Requirement, team: Team, language: Language) -> str:
    """Return what the team has of what is counted, and who it is.

    Parameters
    ----------
    requirement : Requirement
    team : tuple of Member
    language : Language
    """
    if requirement.measure is Measure.NOTHING:
        return in_language(("not stated here", "hier nicht gesagt"), language)
    tallies = requirement.tallies(team)
    sure = ", ".join(one.member.name for one in tallies if one.counts is Answer.YES)
    perhaps = ", ".join(one.member.name for one in tallies if one.counts is Answer.UNKNOWN)
    if requirement.high == 0 and requirement.measure is Measure.MEMBERS:
        return _breaking(sure, perhaps, language)
    least, most = requirement.bounds(team)
    unit = " %" if requirement.measure in (Measure.SHARE, Measure.BUDGET) else ""
    if least == most:
        said = in_language(("the team has {}{}", "das Team hat {}{}"), language).format(number(least), unit)
    else:
        both = ("the team surely has {0}, perhaps {1}{2}", "das Team hat sicher {0}, vielleicht {1}{2}")
        said = in_language(both, language).format(number(least), number(most), unit)
    who = f"{sure}; {perhaps} (?)" if sure and perhaps else f"{perhaps} (?)" if perhaps else sure
    return f"{said}: {who}" if who else said


def _breaking(sure: str, perhaps: str, language: Language) -> str:
    if sure:
        return in_language(("broken by {}", "verletzt durch {}"), language).format(sure)
    if perhaps:
        return in_language(("perhaps broken by {}", "vielleicht verletzt durch {}"), language).format(perhaps)
    return in_language(("nobody breaks it", "niemand verletzt es"), language)


def missing(requirement: Requirement, team: Team, language: Language) -> str:
    """Return what a team lacks for a requirement that it surely fails, in plain words.

    Parameters
    ----------
    requirement : Requirement
    team : tuple of Member
    language : Language
    """
    rule = requirement.rule
    least, most = requirement.bounds(team)
    if requirement.high is not None:
        return _too_many(requirement, team, least, language)
    lack = (requirement.low or 0) - most
    if lack <= 0:
        once = ("{}; each organisation counts only once", "{}; jede Organisation zählt nur einmal")
        return in_language(once, language).format(demand(rule, language))
    if rule.kind in _COUNTED:
        more = in_language((f"{number(lack)} more", f"noch {number(lack)}"), language)
        return f"{more} {names(rule.subject, language.value, lack)}{_placed(rule, language, lack)}"
    if requirement.measure is Measure.COUNTRIES:
        return _further_countries(rule, lack, language)
    if rule.kind is K.MEMBERSHIP:
        return in_language(("in the team: {}", "im Team: {}"), language).format(demand(rule, language))
    return demand(rule, language)


def _too_many(requirement: Requirement, team: Team, least: float, language: Language) -> str:
    asked = demand(requirement.rule, language)
    if requirement.high == 0 and requirement.measure is Measure.MEMBERS:
        who = ", ".join(one.member.name for one in requirement.tallies(team) if one.counts is Answer.YES)
        return in_language(("not with {}: {}", "nicht mit {}: {}"), language).format(who, asked)
    return in_language(("{} instead of {}", "{} statt {}"), language).format(asked, number(least))


def _further_countries(rule: Rule, lack: float, language: Language) -> str:
    inside = f" ({named})" if (named := _group_of(rule, language)) else ""
    who = names(rule.subject, language.value, 2)
    one = ("1 more country among the {}{}", "1 weiterer Staat bei: {}{}")
    several = (
        f"{number(lack)} more countries among the {{}}{{}}",
        f"{number(lack)} weitere Staaten bei: {{}}{{}}",
    )
    return in_language(one if lack == 1 else several, language).format(who, inside)


_COUNTED = frozenset({K.MIN_PARTICIPANTS, K.MIN_OF_TYPE, K.MIN_IN_GROUP})
