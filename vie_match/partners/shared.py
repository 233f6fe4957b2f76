"""Towns of the directory → what they were in together: projects, and partnerships that profiles name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vie_match.partners.directory import Directory, Place, project_texts
from vie_match.partners.naming import city_id
from vie_match.partners.records import Past
from vie_match.track.records import ParticipantRole, Participation
from vie_match.vocabulary import PartnerKind


def projects(places: Sequence[Place]) -> Iterator[Past]:
    """Yield the projects of the towns; those of which no day is known are left out.

    Parameters
    ----------
    places : sequence of Place
    """
    parts: dict[str, list[Participation]] = {}
    for place in places:
        for one in place.participations:
            parts.setdefault(one.project_id, []).append(one)
    texts = project_texts()
    for id, own in parts.items():
        day = next((one.signed or one.start for one in own if one.signed or one.start), None)
        if day is None:
            continue
        leads = [one.city_id for one in own if one.role is ParticipantRole.COORDINATOR]
        yield Past(
            id=id,
            date=day,
            text=texts.get(id, own[0].acronym),
            towns=tuple(dict.fromkeys(one.city_id for one in own)),
            lead=leads[0] if leads else None,
            topic=own[0].topic,
        )


@dataclass(frozen=True, slots=True)
class Partnership:
    """A partner that a profile names.

    Attributes
    ----------
    profile : str
        Its id.
    towns : tuple of str
        Ids of the profile's town and of the partner.
    kind : PartnerKind
    """

    profile: str
    towns: tuple[str, str]
    kind: PartnerKind


def partnerships(places: Sequence[Place], known: Directory) -> Iterator[Partnership]:
    """Yield the partnerships that profiles name.

    Parameters
    ----------
    places : sequence of Place
    known : Directory
        Knows which town a partner's name means.
    """
    for place in places:
        for profile in place.profiles:
            for partner in profile.partners:
                other = known.resolve(partner.name, partner.country).id or city_id(partner)
                yield Partnership(profile.id, (place.town.id, other), partner.kind)
