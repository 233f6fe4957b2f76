"""Groups of countries that rules name, seen from one call.

Groups by programme and year stand in :mod:`vie_match.eligibility.lists`; here are the parts of the world that
single calls name, and classes that belong to the organisation rather than to its country.
"""

from __future__ import annotations

from dataclasses import dataclass

from vie_match.eligibility import lists
from vie_match.eligibility.facts import Member
from vie_match.eligibility.lists import Standing
from vie_match.eligibility.logic import NO, UNKNOWN, YES, either
from vie_match.eligibility.words import of_message
from vie_match.speech import N_
from vie_match.vocabulary import Answer, Programme

# Sub-regions of the United Nations' standard M49, and Africa, whose states all belong to the African Union.
_M49 = "https://unstats.un.org/unsd/methodology/m49/"
_PARTS_OF_THE_WORLD = {
    "SOUTH_EAST_ASIA": "BN ID KH LA MM MY PH SG TH TL VN",
    "FAR_EAST": "CN HK JP KP KR MN MO TW",
    "LATIN_AMERICA": "AR BO BR CL CO CR CU DO EC GT HN HT MX NI PA PE PY SV UY VE",
}
_SAME_AS = {"AFRICA": "AFRICAN_UNION"}

# Classes of income of the World Bank, fiscal years 2022 to 2026. Only countries that were on the same side in
# all five years; of the others the rule stays open.
_INCOME = "https://datahelpdesk.worldbank.org/knowledgebase/articles/906519"
_LOW_OR_MIDDLE = frozenset(
    (
        "AL AM AR AZ BA BF BI BJ BR BY CD CI CM CN CO EC EG ET GE GH GN ID IN JO KE KH LB LK LR MA MD ME MG "
        "MK ML MW MX MY MZ NE NG NP PE PH PK RS RW SD SL SN SO SS TD TG TH TN TR TZ UA UG VN XK ZA ZM ZW"
    ).split()
)
_HIGH = frozenset(
    (
        "AT AU BE CA CH CL CY CZ DE DK EE EL ES FI FR HR HU IE IL IS IT JP KR LI LT LU LV MT NL NO NZ PL PT "
        "SE SG SI SK UK US UY"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What about a call decides who belongs to a group.

    Attributes
    ----------
    identifier : str
    programme : Programme or None
    year : int or None
        Of the call.
    """

    identifier: str = ""
    programme: Programme | None = None
    year: int | None = None

    @property
    def part(self) -> str | None:
        """The part of the programme; some countries are associated to only one."""
        return lists.pillar(self.identifier)


def standing(member: Member, group: str, setting: Setting) -> Standing:
    """Return whether an organisation counts as of a group, and how that is known.

    Parameters
    ----------
    member : Member
    group : str
        As in :func:`vie_match.eligibility.lists.standing`; ``a|b``: of any of them.
    setting : Setting

    Examples
    --------
    >>> horizon = Setting("HORIZON-CL5-2027-01-D1-13", Programme.HORIZON, 2027)
    >>> kenya = Member(name="Nairobi", type="local_authority", country="KE")
    >>> standing(kenya, "EU27+ASSOCIATED", horizon).answer.value
    'no'
    >>> standing(kenya, "AFRICA|LATIN_AMERICA", horizon).answer.value
    'yes'
    """
    if "|" in group:
        found = [standing(member, part, setting) for part in group.split("|")]
        answer = either(*(one.answer for one in found))
        return next(one for one in found if one.answer is answer)
    if group == "MODERATE_OR_EMERGING_INNOVATOR":
        return _innovator(member)
    if group == "LOW_OR_MIDDLE_INCOME":
        return _income(member.country)
    if group in _PARTS_OF_THE_WORLD:
        inside = member.country in _PARTS_OF_THE_WORLD[group].split()
        answer = UNKNOWN if member.country is None else YES if inside else NO
        return Standing(answer, of_message(N_("Countries of that part of the world.")), _M49)
    return lists.standing(
        _SAME_AS.get(group, group),
        member.country,
        year=setting.year,
        programme=setting.programme,
        part=setting.part,
        nuts=_nuts(member),
    )


def belongs(member: Member, group: str, setting: Setting) -> Answer:
    """Return whether an organisation counts as of a group; see :func:`standing`."""
    return standing(member, group, setting).answer


def _nuts(member: Member) -> str | None:
    """Return the region; a complete record that names none is of no special region."""
    fact = member.fact("nuts3")
    return str(fact.value) if fact.value else None if fact.applies else member.country


def _innovator(member: Member) -> Standing:
    fact = member.facts.get("innovator_class")
    answer = either(fact.says("moderate"), fact.says("emerging")) if fact else UNKNOWN
    return Standing(
        answer, of_message(N_("The class is that of the European or Regional Innovation Scoreboard."))
    )


def _income(country: str | None) -> Standing:
    answer = YES if country in _LOW_OR_MIDDLE else NO if country in _HIGH else UNKNOWN
    return Standing(answer, of_message(N_("Classes of income of the World Bank.")), _INCOME)
