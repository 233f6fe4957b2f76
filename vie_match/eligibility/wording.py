"""What rules ask for, what a team has of it, and what it lacks, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vie_match.eligibility import wording_tables as tables
from vie_match.eligibility.facts import Team
from vie_match.eligibility.list_files import city_lists, groups
from vie_match.eligibility.requirements import Requirement
from vie_match.eligibility.rules import Op, Rule, RuleKind
from vie_match.eligibility.subject_names import names
from vie_match.eligibility.sums import Measure
from vie_match.speech import speech
from vie_match.vocabulary import Answer

K = RuleKind

Writer = Callable[[Rule, str], str]


def number(value: float, language: str = "en") -> str:
    """Return a number without needless decimals.

    Examples
    --------
    >>> number(3.0), number(33.333, "de")
    ('3', '33,3')
    """
    return speech(language).number(value)


def group(name: str, language: str = "en") -> str:
    """Return the name of a group of countries as it stands behind "from"; an unknown one as it is written.

    Examples
    --------
    >>> group("EU27+ASSOCIATED", "de"), group("UA")
    ('Mitgliedstaaten oder assoziierten Staaten', 'UA')
    """
    spoken = speech(language)
    if name in tables.GROUPS:
        return spoken.pgettext("from", tables.GROUPS[name])
    parts = name.replace("+", "|").split("|")
    if len(parts) > 1:
        return spoken.listed([group(part, language) for part in parts], "or")
    known = groups().groups.get(name)
    return spoken.gettext(known.en) if known else name


def demand(rule: Rule, language: str = "en") -> str:
    """Return what a rule asks for, in a few words.

    Examples
    --------
    >>> from vie_match.eligibility.reading.call import read
    >>> rule = read("3. Other Eligible ConditionsAt least two SMEs must take part as beneficiaries.")[0]
    >>> demand(rule), demand(rule, "de")
    ('at least 2 SMEs as beneficiaries', 'mindestens 2 KMU als Begünstigte')
    """
    if rule.kind in _COUNTING:
        return _COUNTING[rule.kind](rule, language)
    if rule.kind is K.ROLE_RESTRICTION and rule.value is True:
        return _excluded(rule, language)
    if rule.kind in tables.NUMBERED:
        return speech(language).ngettext(*tables.NUMBERED[rule.kind], rule.number)
    if rule.kind in tables.SIMPLE:
        return _simple(rule, language)
    return rule.kind.value.replace("_", " ")


def _group_of(rule: Rule, language: str) -> str:
    """Return the name of the countries a rule is about; empty if it is about any."""
    return group(rule.group, language) if rule.group and rule.group != "ANY" else ""


def _role(rule: Rule, language: str, how_many: float) -> str:
    return speech(language).ngettext(*tables.ROLES[rule.role], how_many) if rule.role in tables.ROLES else ""


def _is_most(rule: Rule) -> bool:
    return rule.op is Op.MAX or rule.kind is K.MAX_PARTICIPANTS


def _written(
    patterns: Mapping[tuple[bool, bool], str], rule: Rule, language: str, how_many: float, **parts: str
) -> str:
    """Fill the pattern for a rule with or without countries, with or without a role."""
    where, role = _group_of(rule, language), _role(rule, language, how_many)
    pattern = speech(language).gettext(patterns[bool(where), bool(role)])
    return pattern.format(number=number(how_many, language), where=where, role=role, **parts)


def _organisations(rule: Rule, language: str) -> str:
    patterns = tables.AT_MOST if _is_most(rule) else tables.AT_LEAST
    return _written(patterns, rule, language, rule.number, who=names(rule.subject, language, rule.number))


def _membership(rule: Rule, language: str) -> str:
    patterns = tables.AT_MOST_AMONG if _is_most(rule) else tables.AT_LEAST_AMONG
    role = _role(rule, language, rule.number)
    return (
        speech(language)
        .gettext(patterns[bool(role)])
        .format(
            number=number(rule.number, language),
            who=names(rule.subject, language, rule.number),
            role=role,
            list=_list_name(str(rule.member_list), language),
        )
    )


def _countries(rule: Rule, language: str) -> str:
    where = _group_of(rule, language)
    patterns = tables.AT_MOST_COUNTRIES if _is_most(rule) else tables.AT_LEAST_COUNTRIES
    return (
        speech(language)
        .ngettext(*patterns[bool(where)], rule.number)
        .format(who=names(rule.subject, language, 2), where=where)
    )


def _share(rule: Rule, language: str) -> str:
    where = _group_of(rule, language)
    patterns = tables.AT_MOST_SHARE if _is_most(rule) else tables.AT_LEAST_SHARE
    spoken = speech(language)
    return spoken.gettext(patterns[bool(where)]).format(share=spoken.percent(rule.number / 100), where=where)


def _budget(rule: Rule, language: str) -> str:
    spoken = speech(language)
    pattern = spoken.gettext(tables.AT_MOST_BUDGET if _is_most(rule) else tables.AT_LEAST_BUDGET)
    return pattern.format(
        share=spoken.percent(rule.number / 100),
        who=names(rule.subject, language, 2),
    )


def _list_name(name: str, language: str) -> str:
    """Return the name of a list as it stands behind "among"."""
    spoken = speech(language)
    if name in tables.LISTS:
        return spoken.pgettext("among", tables.LISTS[name])
    listed = city_lists().get(name)
    told = spoken.gettext(listed.en) if listed else name
    return spoken.pgettext("among", tables.OTHER_LIST).format(list=told)


def _excluded(rule: Rule, language: str) -> str:
    """Say who may not take part, where that is no matter of countries."""
    _ = speech(language).gettext
    if rule.member_list:
        return _("nobody among {list}").format(list=_list_name(rule.member_list, language))
    return _("nobody who was supported before")


def _simple(rule: Rule, language: str) -> str:
    spoken = speech(language)
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    plain = [one for one in values if one is not None]
    told = [str(one) if isinstance(one, bool | str) else spoken.number(one) for one in plain]
    return spoken.gettext(tables.SIMPLE[rule.kind]).format(
        codes=spoken.listed([group(code, language) for code in rule.codes], "or"),
        value=", ".join(told),
        several=spoken.listed([names(code, language, 2) for code in rule.codes], "or"),
        subjects=spoken.listed([names(code, language, 1) for code in rule.codes], "or"),
    )


_COUNTING: dict[RuleKind, Writer] = {
    K.MIN_PARTICIPANTS: _organisations,
    K.MAX_PARTICIPANTS: _organisations,
    K.MIN_OF_TYPE: _organisations,
    K.MIN_IN_GROUP: _organisations,
    K.MIN_COUNTRIES: _countries,
    K.DISTINCT_COUNTRIES: _countries,
    K.MIN_SHARE_IN_GROUP: _share,
    K.MEMBERSHIP: _membership,
    K.BUDGET_SHARE: _budget,
}


def finding(requirement: Requirement, team: Team, language: str = "en") -> str:
    """Return what the team has of what is counted, and who it is.

    Parameters
    ----------
    requirement : Requirement
    team : tuple of Member
    language : str
    """
    spoken = speech(language)
    _ = spoken.gettext
    if requirement.measure is Measure.NOTHING:
        return _("not stated here")
    tallies = requirement.tallies(team)
    sure = ", ".join(one.member.name for one in tallies if one.counts is Answer.YES)
    perhaps = ", ".join(one.member.name for one in tallies if one.counts is Answer.UNKNOWN)
    if requirement.high == 0 and requirement.measure is Measure.MEMBERS:
        return _breaking(sure, perhaps, language)
    shared = requirement.measure in (Measure.SHARE, Measure.BUDGET)
    least, most = (
        spoken.percent(one / 100) if shared else spoken.number(one) for one in requirement.bounds(team)
    )
    who = f"{sure}; {perhaps} (?)" if sure and perhaps else f"{perhaps} (?)" if perhaps else sure
    pattern = tables.HAS[least == most, bool(who)]
    return _(pattern).format(least=least, most=most, who=who)


def _breaking(sure: str, perhaps: str, language: str) -> str:
    _ = speech(language).gettext
    if sure:
        return _("broken by {names}").format(names=sure)
    if perhaps:
        return _("perhaps broken by {names}").format(names=perhaps)
    return _("nobody breaks it")


def missing(requirement: Requirement, team: Team, language: str = "en") -> str:
    """Return what a team lacks for a requirement that it surely fails, in plain words.

    Parameters
    ----------
    requirement : Requirement
    team : tuple of Member
    language : str
    """
    _ = speech(language).gettext
    rule = requirement.rule
    least, most = requirement.bounds(team)
    if requirement.high is not None:
        return _too_many(requirement, team, least, language)
    lack = (requirement.low or 0) - most
    if lack <= 0:
        return _("{demand}; each organisation counts only once").format(demand=demand(rule, language))
    if rule.kind in _COUNTED:
        return _written(tables.MORE, rule, language, lack, who=names(rule.subject, language, lack))
    if requirement.measure is Measure.COUNTRIES:
        where = _group_of(rule, language)
        several = speech(language).ngettext(*tables.MORE_COUNTRIES[bool(where)], lack)
        return several.format(who=names(rule.subject, language, 2), where=where)
    if rule.kind is K.MEMBERSHIP:
        return _("in the team: {demand}").format(demand=demand(rule, language))
    return demand(rule, language)


def _too_many(requirement: Requirement, team: Team, least: float, language: str) -> str:
    _ = speech(language).gettext
    asked = demand(requirement.rule, language)
    if requirement.high == 0 and requirement.measure is Measure.MEMBERS:
        who = ", ".join(one.member.name for one in requirement.tallies(team) if one.counts is Answer.YES)
        return _("not with {names}: {demand}").format(names=who, demand=asked)
    return _("{demand} instead of {number}").format(demand=asked, number=number(least, language))


_COUNTED = frozenset({K.MIN_PARTICIPANTS, K.MIN_OF_TYPE, K.MIN_IN_GROUP})
