"""What a suggestion rests on: the town's projects that say most, with their pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vie_match.partners.directory import Place
from vie_match.partners.suggestions import Basis, Ground
from vie_match.track.records import ParticipantRole, Participation

_MOST = 3


@dataclass(frozen=True, slots=True)
class Grounds:
    """What can be named for one enquiry.

    Attributes
    ----------
    seen : frozenset of str
        Ids of all projects that may be named.
    shared : frozenset of str
        Ids of projects that somebody of the team was in.
    similar : tuple of str
        Ids of the most similar projects, most similar first.
    partnerships : mapping of str to sequence of str
        Id of a town → ids of profiles that name it as a partner of the team, or the other way round.
    """

    seen: frozenset[str]
    shared: frozenset[str]
    similar: tuple[str, ...]
    partnerships: Mapping[str, Sequence[str]]

    def of(self, place: Place) -> tuple[Ground, ...]:
        """Return the projects and pages that a suggestion of a town rests on.

        Returns
        -------
        tuple of Ground
            At most three projects: those with the team, then the most similar, then those it led, then the
            latest.
        """
        named = [Ground(name=id, why=Basis.PARTNERSHIP) for id in self.partnerships.get(place.town.id, ())]
        profiles = [Ground(name=one.title, why=Basis.PROFILE) for one in place.profiles]
        page = [Ground(name="GeoNames", why=Basis.PLACE, url=place.url)] if place.url else []
        networks = [Ground(name=name, why=Basis.NETWORK, url=url) for name, url in place.listed.items()]
        return (*named, *self.projects_of(place), *profiles, *networks, *page)

    def projects_of(self, place: Place) -> tuple[Ground, ...]:
        """Return at most three projects of a town, those first that say most."""
        own = {one.project_id: one for one in place.participations if one.project_id in self.seen}
        found: dict[str, Ground] = {}
        for why, id in self._in_order(own):
            if len(found) < _MOST:
                found.setdefault(id, _ground(own[id], why))
        return tuple(found.values())

    def _in_order(self, own: Mapping[str, Participation]) -> Iterator[tuple[Basis, str]]:
        latest: Sequence[str] = sorted(own, key=lambda id: (str(own[id].start or ""), id), reverse=True)
        yield from ((Basis.TOGETHER, id) for id in latest if id in self.shared)
        yield from ((Basis.SIMILAR, id) for id in self.similar if id in own)
        yield from ((Basis.LED, id) for id in latest if own[id].role is ParticipantRole.COORDINATOR)
        yield from ((Basis.LATEST, id) for id in latest)


def _ground(one: Participation, why: Basis) -> Ground:
    year = one.start.year if one.start else None
    return Ground(name=one.acronym, why=why, year=year, url=one.url)
