"""Profiles and names of cities → members of a team, with what lists say about them."""

from __future__ import annotations

from typing import Any

from vie_match.countries import parse_country
from vie_match.eligibility import lists
from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.logic import UNKNOWN, YES
from vie_match.eligibility.rules import Part
from vie_match.errors import BadValue
from vie_match.messages import M_
from vie_match.records import City, PartnerCity, Profile
from vie_match.vocabulary import Role

# Fact → the list that knows it.
LISTS = {
    "mission_city": "MISSION_CITIES_112",
    "tent_urban_node": "TEN_T_URBAN_NODE",
    "adaptation_charter": "ADAPTATION_MISSION_CHARTER",
}
_PUBLIC = Fact(applies=False, source="municipalities are bodies of the state")


def from_profile(profile: Profile) -> Member:
    """Return the member that a profile's city would be.

    Parameters
    ----------
    profile : Profile
        What it says itself goes before what lists say; a profile without a wish about the role takes part as
        a beneficiary.
    """
    city = profile.city
    source = f"profile {profile.id}"
    told = {
        "population_scope": city.population_scope and city.population_scope.value,
        "nuts3": city.nuts3,
        "networks": city.networks or None,
        "mission_city": city.mission_city,
    }
    facts = _listed(city.name, city.country) | {
        name: Fact(value=value, source=source) for name, value in told.items() if value is not None
    }
    return Member(
        name=city.name,
        type=MemberType.LOCAL_AUTHORITY,
        country=city.country,
        role=Part.COORDINATOR if profile.role is Role.LEAD else Part.BENEFICIARY,
        population=city.population,
        facts=facts,
        source=source,
    )


def from_city(city: City | PartnerCity, source: str) -> Member:
    """Return the member that a city would be of which no profile is at hand.

    Parameters
    ----------
    city : City or PartnerCity
    source : str
        Where name and country come from.
    """
    facts = _listed(city.name, city.country)
    population = None
    if isinstance(city, City):
        population = city.population
        if city.mission_city is not None:
            facts["mission_city"] = Fact(value=city.mission_city, source=source)
    return Member(
        name=city.name,
        type=MemberType.LOCAL_AUTHORITY,
        country=city.country,
        population=population,
        facts=facts,
        source=source,
    )


def from_name(text: str) -> Member:
    """Return the member that a city would be of which only name and country are given.

    Parameters
    ----------
    text : str
        As in ``Ghent:BE``.

    Raises
    ------
    BadValue
        If it has another form, or names no country.

    Examples
    --------
    >>> from_name("Ghent:BE").country, from_name("Leuven:BE").fact("mission_city").value
    ('BE', True)
    """
    name, _, country = text.rpartition(":")
    if not name.strip():
        raise BadValue(M_("found {name}; expected a city and its country as in Ghent:BE", name=repr(text)))
    return from_city(PartnerCity(name=name.strip(), country=parse_country(country)), "given by name")


def _listed(name: str, country: str) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"controlled_from": _PUBLIC}
    for fact, list_id in LISTS.items():
        found = lists.membership(list_id, name, country)
        if found.answer is not UNKNOWN:
            value: Any = found.answer is YES
            facts[fact] = Fact(value=value, source=found.source or "")
    return facts
