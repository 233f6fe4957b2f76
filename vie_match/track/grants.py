"""What CORDIS says of a grant and its organisations → participations of municipalities.

The two forms of its dumps, tables and XML, both end here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vie_match.errors import BadValue
from vie_match.track import cells
from vie_match.track.cities import city_of
from vie_match.track.gathering import Gathering
from vie_match.track.municipalities import is_municipality
from vie_match.track.records import ParticipantRole, parse_role
from vie_match.vocabulary import Programme

SOURCE = "CORDIS"
PAGE = "https://cordis.europa.eu/project/id/{}"

# Horizon 2020 is Horizon Europe's forerunner; the profiles' past projects make no difference either.
_PROGRAMMES = {"HORIZON": Programme.HORIZON, "H2020": Programme.HORIZON}

# A legal basis or topic tells the framework where no column does: HORIZON.2.5, H2020-EU.3.1.
_FRAMEWORK = re.compile(r"(HORIZON|H2020)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grant:
    """A project, in the source's own words; empty is not stated.

    Attributes
    ----------
    project_id, acronym, start, end, signed, topic, framework : str
    """

    project_id: str
    acronym: str = ""
    start: str = ""
    end: str = ""
    signed: str = ""
    topic: str = ""
    framework: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation in a project, in the source's own words; empty is not stated.

    Attributes
    ----------
    project_id, name, pic, activity, city, country, nuts, place, role : str
    total : str
        EU contribution with that of the organisation's third parties.
    own : str
        EU contribution to the organisation itself; older dumps do not have it.
    """

    project_id: str
    name: str
    role: str
    pic: str = ""
    activity: str = ""
    city: str = ""
    country: str = ""
    nuts: str = ""
    place: str = ""
    total: str = ""
    own: str = ""

    @property
    def key(self) -> str:
        """By which a person finds the row again."""
        return f"{self.project_id} {self.name}"

    @property
    def is_municipality(self) -> bool:
        """Whether the name and kind of the organisation are a municipality's."""
        return is_municipality(self.name, self.activity)


def take(grant: Grant, member: Member, participants: int | None, gathering: Gathering) -> None:
    """Make a participation of a grant and one of its municipalities, or reject it.

    Parameters
    ----------
    grant : Grant
    member : Member
    participants : int or None
        Organisations in the project.
    gathering : Gathering
        Gets the participation, or the reason why there is none.
    """
    try:
        role = parse_role(member.role)
        city_id, city = city_of(cells.line(member.name), cells.line(member.city), member.country)
    except BadValue as error:
        gathering.reject(member.key, str(error))
        return
    values = _of_grant(grant, member.key, gathering) | _of_member(member, role, gathering)
    values |= {"city_id": city_id, "city": city, "participants": participants, "source": SOURCE}
    gathering.take(member.key, values)


def _of_grant(grant: Grant, key: str, gathering: Gathering) -> dict[str, object]:
    framework = _framework(grant)
    project_id = cells.line(grant.project_id)
    days = {"start": grant.start, "end": grant.end, "signed": grant.signed}
    return {
        "project_id": project_id,
        "acronym": cells.line(grant.acronym),
        "programme": _PROGRAMMES.get(framework, Programme.OTHER),
        "framework": framework,
        "topic": re.split(r"[;,\s]", grant.topic.strip())[0] or None,
        "url": PAGE.format(project_id),
    } | {name: gathering.value(cells.day, cell, "days", key) for name, cell in days.items()}


def _of_member(member: Member, role: ParticipantRole, gathering: Gathering) -> dict[str, object]:
    latitude, longitude = gathering.value(cells.point, member.place, "places", member.key) or (None, None)
    # An associated partner's money is often written as 0; it has none, which is not the same.
    money = "" if role is ParticipantRole.ASSOCIATED_PARTNER else member.own or member.total
    return {
        "role": role,
        "organisation": cells.line(member.name),
        "organisation_id": cells.line(member.pic) or None,
        "country": member.country,
        "nuts3": cells.nuts3(member.nuts),
        "latitude": latitude,
        "longitude": longitude,
        "contribution_eur": gathering.value(_amount, money, "amounts", member.key),
    }


def _amount(cell: object) -> int | None:
    # CORDIS never parts thousands; its older dumps have a decimal comma.
    return cells.euro(cell, grouped=False)


def _framework(grant: Grant) -> str:
    found = _FRAMEWORK.match(grant.framework.strip()) or _FRAMEWORK.match(grant.topic.strip())
    return found[1].upper() if found else cells.line(grant.framework)
