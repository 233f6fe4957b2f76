"""What cities did in EU projects before: one record per part that a municipality took in a project.

A city may appear under several legal persons; ``city_id`` holds them together, ``organisation`` and
``organisation_id`` keep them apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vie_match import countries
from vie_match.errors import BadValue
from vie_match.fields import Count, Day, Euro, Line, Url, member
from vie_match.records import Record
from vie_match.vocabulary import Programme

# About one metre; the sources give up to seventeen digits for the middle of a town.
_DECIMALS = 5


class ParticipantRole(StrEnum):
    """What an organisation was in a project."""

    COORDINATOR = "coordinator"
    PARTICIPANT = "participant"
    ASSOCIATED_PARTNER = "associated partner"
    THIRD_PARTY = "third party"


# Spellings of CORDIS (its older dumps included) and of keep.eu; letters only, small.
_ROLES = {
    "coordinator": ParticipantRole.COORDINATOR,
    "leadpartner": ParticipantRole.COORDINATOR,
    "participant": ParticipantRole.PARTICIPANT,
    "beneficiary": ParticipantRole.PARTICIPANT,
    "projectpartner": ParticipantRole.PARTICIPANT,
    "associatedpartner": ParticipantRole.ASSOCIATED_PARTNER,
    "internationalpartner": ParticipantRole.ASSOCIATED_PARTNER,
    "partner": ParticipantRole.ASSOCIATED_PARTNER,
    "thirdparty": ParticipantRole.THIRD_PARTY,
}


def parse_role(text: str) -> ParticipantRole:
    """Turn a source's word for a role into a member.

    Raises
    ------
    BadValue
        With the roles there are.

    Examples
    --------
    >>> parse_role("associatedPartner"), parse_role("Lead Partner")
    (<ParticipantRole.ASSOCIATED_PARTNER: 'associated partner'>, <ParticipantRole.COORDINATOR: 'coordinator'>)
    """
    found = _ROLES.get(re.sub(r"[^a-z]", "", text.casefold()))
    if found is None:
        raise BadValue(f"{text!r} is not a role we know; one of: {', '.join(ParticipantRole)}")
    return found


def parse_country(text: str) -> str:
    """Return a country code in EU style; unlike a call's, it may be any country of the world.

    Raises
    ------
    BadValue
        If it is not two letters.

    Examples
    --------
    >>> parse_country("gb"), parse_country("AR")
    ('UK', 'AR')
    """
    try:
        return countries.parse_country(text)
    except BadValue:
        code = text.strip().upper()
        if not re.fullmatch("[A-Z]{2}", code):
            raise BadValue(f"{text!r} is not a country code; two letters in EU style, as in EL") from None
        return code


def _rounded(degrees: float) -> float:
    return round(degrees, _DECIMALS)


def _in_one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


Degrees = Annotated[float, AfterValidator(_rounded)]
Text = Annotated[Line, BeforeValidator(_in_one_line)]


class Participation(Record):
    """One municipality's part in one project; None is unknown."""

    project_id: Annotated[
        Text, Field(description="number of the grant; of Interreg projects programme and acronym")
    ]
    acronym: Annotated[Text, Field(description="short name of the project")]
    programme: Annotated[Programme, member(Programme)]
    framework: Annotated[Text, Field(description="HORIZON, H2020, or the Interreg programme's name")]
    topic: Annotated[Text | None, Field(description="topic of the call the project answered")] = None
    start: Annotated[Day | None, Field(description="first day of the project")] = None
    end: Annotated[Day | None, Field(description="last day of the project")] = None
    signed: Annotated[Day | None, Field(description="day on which the grant was signed")] = None
    role: Annotated[ParticipantRole, BeforeValidator(parse_role)]
    organisation: Annotated[Text, Field(description="legal name, as the source writes it")]
    organisation_id: Annotated[Text | None, Field(description="PIC, the EU's number of participants")] = None
    city_id: Annotated[
        str,
        Field(
            description="country and name in plain letters; the same for all legal persons of a city",
            pattern=r"^[A-Z]{2}-[a-z0-9]+(-[a-z0-9]+)*$",
        ),
    ]
    city: Annotated[Text, Field(description="name of the city in Latin script")]
    country: Annotated[
        str, AfterValidator(parse_country), Field(description="two letters, EU style (EL, UK)")
    ]
    nuts3: Annotated[
        str | None,
        Field(description="NUTS level 3 code, as the source has it", pattern=r"^[A-Z]{2}[0-9A-Z]{3}$"),
    ] = None
    latitude: Annotated[Degrees | None, Field(description="degrees north, WGS 84", ge=-90, le=90)] = None
    longitude: Annotated[Degrees | None, Field(description="degrees east, WGS 84", ge=-180, le=180)] = None
    contribution_eur: Annotated[
        Euro | None,
        Field(description="EU contribution to this organisation, whole euro; associated partners have none"),
    ] = None
    participants: Annotated[
        Count | None, Field(description="organisations in the project, this one included")
    ] = None
    url: Annotated[Url | None, Field(description="page of the project")] = None
    source: Annotated[Text, Field(description="where the facts come from")]

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.start and self.end and self.start > self.end:
            raise ValueError(f"an end ({self.end}) not before its start ({self.start})")
        if self.role is ParticipantRole.ASSOCIATED_PARTNER and self.contribution_eur is not None:
            raise ValueError("no contribution_eur for an associated partner: it gets no EU money")
        return self


COLUMNS = tuple(Participation.model_fields)


class CityRecord(Record):
    """A city's projects in figures."""

    city_id: str
    city: Annotated[str, Field(description="the spelling met most often")]
    country: str
    projects: Annotated[int, Field(description="number of different projects", ge=1)]
    coordinated: Annotated[int, Field(description="of these, projects the city coordinated", ge=0)]
    contribution_eur: Annotated[
        int | None, Field(description="sum of the known contributions, whole euro; None: none is known")
    ]
    years: Annotated[
        tuple[int, int] | None, Field(description="years in which the first and the last project began")
    ]
    topics: Annotated[tuple[str, ...], Field(description="different topics, sorted")]


def by_city(participations: Iterable[Participation]) -> dict[str, tuple[Participation, ...]]:
    """Return the participations of each city, by ``city_id``, both in order of appearance."""
    cities: dict[str, list[Participation]] = defaultdict(list)
    for participation in participations:
        cities[participation.city_id].append(participation)
    return {city_id: tuple(own) for city_id, own in cities.items()}


def co_participants(participations: Iterable[Participation], city_id: str) -> dict[str, tuple[str, ...]]:
    """Return the cities that were in a project together with one city.

    Parameters
    ----------
    participations : iterable of Participation
        Of all cities.
    city_id : str
        The city asked about.

    Returns
    -------
    dict
        ``city_id`` of the other → ids of the shared projects, sorted; those that share most come first.
    """
    everyone = list(participations)
    own = {one.project_id for one in everyone if one.city_id == city_id}
    shared: dict[str, set[str]] = defaultdict(set)
    for one in everyone:
        if one.project_id in own and one.city_id != city_id:
            shared[one.city_id].add(one.project_id)
    most_first = sorted(shared.items(), key=lambda item: (-len(item[1]), item[0]))
    return {other: tuple(sorted(projects)) for other, projects in most_first}


def summaries(participations: Iterable[Participation]) -> tuple[CityRecord, ...]:
    """Return one line of figures per city; those with most projects come first."""
    records = [_summary(own) for own in by_city(participations).values()]
    return tuple(sorted(records, key=lambda record: (-record.projects, record.city_id)))


def led(own: Iterable[Participation]) -> frozenset[str]:
    """Return the ids of the projects that a city coordinated.

    Parameters
    ----------
    own : iterable of Participation
        Of one city.
    """
    return frozenset(one.project_id for one in own if one.role is ParticipantRole.COORDINATOR)


def _summary(own: tuple[Participation, ...]) -> CityRecord:
    names = [one.city for one in own]
    money = [one.contribution_eur for one in own if one.contribution_eur is not None]
    years = [one.start.year for one in own if one.start]
    return CityRecord(
        city_id=own[0].city_id,
        city=max(names, key=names.count),
        country=own[0].country,
        projects=len({one.project_id for one in own}),
        coordinated=len(led(own)),
        contribution_eur=sum(money) if money else None,
        years=(min(years), max(years)) if years else None,
        topics=tuple(sorted({one.topic for one in own if one.topic})),
    )
