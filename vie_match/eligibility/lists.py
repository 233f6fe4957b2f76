"""Who belongs to what: groups of countries by programme and year, and lists of cities.

The answer has three values. A list that is complete says no to everybody who is not in it; of the others one
that is not in them is unknown. What is only recalled, announced, or provisional is unknown, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vie_match.eligibility.facts import country_code
from vie_match.eligibility.list_files import (
    CityEntry,
    CityList,
    CountryGroup,
    city_entries,
    city_lists,
    groups,
)
from vie_match.eligibility.logic import NO, UNKNOWN, YES, either, opposite
from vie_match.eligibility.words import Words, of_message
from vie_match.errors import BadValue
from vie_match.speech import N_, SOURCE, speech
from vie_match.track.cities import city_of
from vie_match.track.plain import plain
from vie_match.vocabulary import Answer, Programme

# Which group "associated countries" means in a call of a programme.
ASSOCIATED: Mapping[Programme, str] = {
    Programme.HORIZON: "HORIZON_ASSOCIATED",
    Programme.DIGITAL: "DIGITAL_ASSOCIATED",
    Programme.LIFE: "LIFE_ASSOCIATED",
    Programme.CERV: "CERV_ASSOCIATED",
    Programme.ERASMUS: "ERASMUS_ASSOCIATED",
    Programme.CREA: "CREATIVE_EUROPE_ASSOCIATED",
    Programme.UCPM: "UCPM_PARTICIPATING",
}

# Parts of Horizon Europe in a topic's code → pillar (Regulation (EU) 2021/695, Article 4).
_PILLARS = {
    **dict.fromkeys("ERC MSCA INFRA".split(), "pillar 1"),
    **dict.fromkeys("CL1 CL2 CL3 CL4 CL5 CL6 HLTH MISS NEB JU".split(), "pillar 2"),
    **dict.fromkeys("EIC EIE EIT".split(), "pillar 3"),
}

_CODE = re.compile(r"[A-Z]{2}")

_BELONGS = {
    YES: N_("{code} belongs: {group} (state of {day})."),
    NO: N_("{code} does not belong: {group} (state of {day})."),
    UNKNOWN: N_("{code} may or may not belong: {group} (state of {day})."),
}
_LISTED = {
    YES: N_("{city} is in the list: {list}."),
    NO: N_("{city} is not in the list: {list}."),
    UNKNOWN: N_("{city} may or may not be in the list: {list}."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a country or city belongs, and how that is known.

    Attributes
    ----------
    answer : Answer
    because : Words
        One sentence.
    source : str or None
        Address of what it is from.
    """

    answer: Answer
    because: Words
    source: str | None = None


def standing(
    group: str,
    country: str | None,
    *,
    year: int | None = None,
    programme: Programme | None = None,
    part: str | None = None,
    nuts: str | None = None,
) -> Standing:
    """Return whether a country belongs to a group.

    Parameters
    ----------
    group : str
        Id of a group or union, a country code, ``ANY``, ``ASSOCIATED`` (by programme),
        ``NON_ASSOCIATED_THIRD_COUNTRIES``, or several of them joined by ``+``.
    country : str or None
        EU or ISO style; None is unknown.
    year : int, optional
        Of the call; without it the latest state of the list counts.
    programme : Programme, optional
        Of the call.
    part : str, optional
        Of the programme (``pillar 2``, see :func:`pillar`); some countries joined only one.
    nuts : str, optional
        NUTS code of the place; some groups have regions of other countries.

    Examples
    --------
    >>> standing("EU27", "HR", year=2012).answer.value, standing("EU27", "HR", year=2027).answer.value
    ('no', 'yes')
    >>> standing("EU27+ASSOCIATED", "CH", year=2024, programme=Programme.HORIZON).answer.value
    'no'
    >>> standing("WIDENING", "ES", nuts="ES705").answer.value
    'yes'
    """
    if country is None:
        return Standing(UNKNOWN, of_message(N_("The country is not known.")))
    code = country_code(country)
    several = group.split("+")
    if len(several) > 1 or group in groups().unions:
        names = groups().unions.get(group, tuple(several))
        found = [standing(name, code, year=year, programme=programme, part=part, nuts=nuts) for name in names]
        answer = either(*(one.answer for one in found))
        return next((one for one in found if one.answer is answer), found[0])
    return _in_one(group, code, year, programme, part, nuts)


def _in_one(
    group: str, code: str, year: int | None, programme: Programme | None, part: str | None, nuts: str | None
) -> Standing:
    if group == "ANY":
        return Standing(YES, of_message(N_("Any country will do.")))
    if group == "NON_ASSOCIATED_THIRD_COUNTRIES":
        inside = standing("EU27+ASSOCIATED", code, year=year, programme=programme, part=part)
        return Standing(opposite(inside.answer), inside.because, inside.source)
    if group == "ASSOCIATED":
        group = ASSOCIATED.get(programme, "") if programme else ""
    if _CODE.fullmatch(group):
        answer = YES if country_code(group) == code else NO
        return Standing(answer, of_message(N_("The country is {code}."), code=code))
    known = groups().groups.get(group)
    if known is None:
        return Standing(UNKNOWN, of_message(N_("No list of these countries is known.")))
    return _in_group(known, code, year, part, nuts)


def _in_group(
    group: CountryGroup, code: str, year: int | None, part: str | None, nuts: str | None
) -> Standing:
    wave = next((wave for wave in group.waves if code in wave.countries), None)
    source = (wave.source if wave else None) or group.source
    answer = wave.answer(year, part) if wave else NO if group.complete else UNKNOWN
    if answer is NO and any(region.startswith(code) for region in group.regions):
        # Most of the country does not belong, but some of its regions do.
        answer = UNKNOWN if nuts is None else NO
        if nuts is not None and nuts.startswith(group.regions):
            answer = YES
    note = wave.note if wave and wave.note and answer is UNKNOWN else ""

    def write(language: str) -> str:
        pattern = speech(language).gettext(_BELONGS[answer])
        told = pattern.format(code=code, group=speech(language).gettext(group.en), day=group.as_of)
        return f"{told} {note}" if note and language == SOURCE else told

    return Standing(answer, Words(write), source)


def pillar(identifier: str) -> str | None:
    """Return the pillar of Horizon Europe that a topic belongs to, None if its code does not tell.

    Examples
    --------
    >>> pillar("HORIZON-MISS-2027-04-CIT-01"), pillar("ERC-2026-POC"), pillar("LIFE-2026-CET-PDA")
    ('pillar 2', 'pillar 1', None)
    """
    words = identifier.upper().partition("|")[0].split("-")
    if words[0] not in {"HORIZON", "ERC", "MSCA"}:
        return None
    if "JU" in words:
        return _PILLARS["JU"]
    return next((_PILLARS[word] for word in words[:2] if word in _PILLARS), None)


def membership(list_id: str, city: str, country: str | None) -> Standing:
    """Return whether a city is in a list.

    Parameters
    ----------
    list_id : str
        For example ``MISSION_CITIES_112``.
    city : str
        Its name, or the legal name of its municipality, in any language of the list's names.
    country : str or None
        EU or ISO style; None is unknown.

    Raises
    ------
    BadValue
        If there is no such list.

    Examples
    --------
    >>> membership("MISSION_CITIES_112", "Stadt Dresden", "DE").answer.value
    'yes'
    >>> membership("MISSION_CITIES_112", "Pirna", "DE").answer.value
    'no'
    >>> membership("MISSION_CITIES_112", "Primăria Municipiului București", "RO").answer.value
    'unknown'
    """
    lists = city_lists()
    if list_id not in lists:
        raise BadValue(f"{list_id!r} is no list that is known; one of: {', '.join(lists)}")
    listed = lists[list_id]
    entries = tuple(city_entries(listed.file)) if listed.file else ()
    if country is None or not entries:
        return _told(listed, city, UNKNOWN, listed.source)
    code = country_code(country)
    entry, sure = _found(entries, city, code)
    if entry is None:
        # Nobody outside the table can hold what only its cities can.
        return _told(listed, city, NO if listed.complete or listed.needs else UNKNOWN, listed.source)
    if not sure:
        return _told(listed, city, UNKNOWN, entry.source)
    if listed.needs and not entry.label:
        return _told(listed, city, UNKNOWN, listed.source)
    return _told(listed, city, YES, (entry.label_source if listed.needs else None) or entry.source)


def _found(entries: tuple[CityEntry, ...], city: str, code: str) -> tuple[CityEntry | None, bool]:
    """Return the entry a name may mean, and whether it surely does."""
    written = plain(city, code)
    wanted = {written}
    try:
        wanted.add(plain(city_of(city, "", code).name, code))
    except BadValue:
        # The name is all words of kind ("City Council"): it may be anybody.
        return next((one for one in entries if one.country == code), None), False
    candidates = [one for one in entries if one.country == code]
    near = next((one for one in candidates if wanted & set(one.near_names)), None)
    exact = next((one for one in candidates if wanted & set(one.names)), None)
    if near is not None and written not in set(exact.names if exact else ()):
        return near, False
    if exact is not None:
        return exact, True
    padded = f" {written} "
    inside = (
        one for one in candidates if any(f" {name} " in padded for name in (*one.names, *one.near_names))
    )
    return next(inside, None), False


def _told(listed: CityList, city: str, answer: Answer, source: str) -> Standing:
    def write(language: str) -> str:
        pattern = speech(language).gettext(_LISTED[answer])
        return pattern.format(city=city, list=speech(language).gettext(listed.en))

    return Standing(answer, Words(write), source)
