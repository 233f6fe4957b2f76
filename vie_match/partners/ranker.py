"""Who should join?: (profile, call, partners already chosen) → towns in order, with reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding.encoder import Encoder
from vie_match.errors import BadValue
from vie_match.partners import model
from vie_match.partners.directory import Directory, Place, project_texts
from vie_match.partners.grounds import Grounds
from vie_match.partners.mixing import TEN, mixed
from vie_match.partners.model import EXCHANGE, PERSONAL_WEIGHT
from vie_match.partners.pool import city_id
from vie_match.partners.reasons import REASONS, distributions, shifts
from vie_match.partners.records import Enquiry, Past
from vie_match.partners.signs import FAR_KM, signs
from vie_match.partners.suggestions import Because, Suggestion, Suggestions
from vie_match.partners.texts import likeness, words
from vie_match.partners.world import World
from vie_match.records import Call, Profile
from vie_match.track.records import ParticipantRole, Participation
from vie_match.vocabulary import Answer

Floats = NDArray[np.float64]

# Of every ten towns so many without a known project, unless somebody wants it otherwise.
NEWCOMERS = 3

_TOLD, _LEAST_SHARE = 4, 0.08
_SIMILAR = 20
# Partnerships count as projects together of times long past: they show who knows whom, and nothing else.
_LONG_AGO = dt.date(1, 1, 1)
# The weights were learnt on similarities by words, which rarely exceed this.
_REACH = 0.3


@dataclass(frozen=True)
class PartnerRanker:
    """Ranks the towns of a directory.

    Parameters
    ----------
    directory : Directory
    encoder : Encoder or None, optional
        Compares texts of different languages; without one words are compared, which needs English.
    personal : float, default 0.1
        How much a town gains that is likelier for this project than for any.
    """

    directory: Directory
    encoder: Encoder | None = None
    personal: float = PERSONAL_WEIGHT

    def rank(
        self,
        profile: Profile,
        call: Call | None = None,
        given: Sequence[str] = (),
        *,
        today: dt.date,
        count: int = TEN,
        newcomers: int | None = NEWCOMERS,
    ) -> Suggestions:
        """Return the towns that should join.

        Parameters
        ----------
        profile : Profile
            Of the town that looks; the directory has to know it.
        call : Call, optional
            Its text counts with the profile's; without one partners are sought as networks of exchange do.
        given : sequence of str, optional
            Ids of partners already chosen.
        today : date
            Projects that were signed later are not seen.
        count : int, default 10
        newcomers : int or None, default 3
            How many of every ten shall have no known project; None: as it comes.

        Raises
        ------
        BadValue
            If a town is not in the directory, or a number is out of range.
        """
        if count < 1 or (newcomers is not None and not 0 <= newcomers <= TEN):
            raise BadValue(f"found count {count}, newcomers {newcomers}; expected 1 or more, 0 to {TEN}")
        enquiry = Enquiry(today, _text(profile, call), self._lead(profile), tuple(given), _topic(call))
        strangers = [one for one in enquiry.team if one not in self.world.row]
        if strangers:
            raise BadValue(f"found {', '.join(strangers)}; expected ids of towns of the directory")
        alike = self._alike(enquiry)
        seen = signs(self.world, enquiry, alike)
        team = [self.world.row[one] for one in dict.fromkeys(enquiry.team)]
        spoken = distributions(seen, team)
        weights = model.shipped()[model.family(call.programme) if call else EXCHANGE]
        order = model.best(weights.scores(spoken, shifts(seen), self.personal), team, len(self._places))
        new = [place.is_newcomer for place in self._places]
        chosen = order[:count] if newcomers is None else mixed(order, new, newcomers, count)
        known, asking = self._grounds(enquiry, alike), self.directory.places[enquiry.lead]
        towns = [
            _suggestion(
                rank, self._places[at], asking, _told(weights.because(spoken[at])), known, float(seen.km[at])
            )
            for rank, at in enumerate(chosen, 1)
        ]
        return Suggestions(
            profile=profile.id,
            call=_topic(call),
            team=enquiry.team,
            towns=tuple(towns),
            considered=len(order),
        )

    @cached_property
    def world(self) -> World:
        """The towns, and their projects and partnerships."""
        known = self.directory
        return World(
            [place.town for place in self._places],
            [
                *_projects(self._places),
                *(
                    Past(f"partnership of {profile}", _LONG_AGO, "", towns)
                    for profile, towns in _partnerships(self._places, known)
                ),
            ],
        )

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        return tuple(self.directory.places.values())

    def _lead(self, profile: Profile) -> str:
        own = next((p.town.id for p in self._places if profile.id in {one.id for one in p.profiles}), None)
        return own or city_id(profile.city)

    def _grounds(self, enquiry: Enquiry, alike: Floats) -> Grounds:
        projects, team = self.world.projects, set(enquiry.team)
        nearest = [at for at in np.argsort(-alike, kind="stable")[:_SIMILAR] if alike[at] > 0]
        return Grounds(
            seen=frozenset(projects[at].id for at in self.world.before(enquiry.date)),
            shared=frozenset(one.id for one in projects if team.intersection(one.towns)),
            similar=tuple(projects[at].id for at in nearest),
            partnerships=self._partnerships_of(enquiry),
        )

    def _partnerships_of(self, enquiry: Enquiry) -> dict[str, list[str]]:
        """Return town → profiles in which it and somebody of the team are partners."""
        found: dict[str, list[str]] = {}
        for profile, towns in _partnerships(self._places, self.directory):
            for one, other in (towns, towns[::-1]):
                if one in enquiry.team:
                    found.setdefault(other, []).append(profile)
        return {town: list(dict.fromkeys(profiles)) for town, profiles in found.items()}

    def _alike(self, enquiry: Enquiry) -> Floats:
        """Return how alike each project is, shape (projects,); 0 for those not seen yet."""
        world, found = self.world, np.zeros(len(self.world.projects))
        past = world.before(enquiry.date)
        if not len(past):
            return found
        if self.encoder is None:
            found[past] = likeness(words([enquiry.text]), world.words[past])
            return found
        told = [at for at in past if world.projects[at].text]
        if not told:
            return found
        vectors = self.encoder.encode([world.projects[at].text for at in told])
        cosines = np.asarray(vectors @ self.encoder.encode([enquiry.text])[0], np.float64)
        usual, most = np.median(cosines), cosines.max()
        # Cosines of an encoder lie in a narrow band; what is usual says nothing.
        found[told] = _REACH * np.clip((cosines - usual) / max(most - usual, 1e-9), 0, 1)
        return found


def _text(profile: Profile, call: Call | None) -> str:
    parts = [profile.title, profile.text, *((call.title, call.text) if call else ())]
    return "\n".join(part for part in parts if part)


def _topic(call: Call | None) -> str | None:
    return call.identifier if call else None


def _projects(places: Sequence[Place]) -> Iterator[Past]:
    """Yield the projects of the towns; those of which no day is known are left out."""
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


def _partnerships(places: Sequence[Place], known: Directory) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the id of a profile, its town, and each that it names as a partner."""
    for place in places:
        for profile in place.profiles:
            for partner in profile.partners:
                found = known.resolve(partner.name, partner.country).id
                other = found or city_id(partner)
                yield profile.id, (place.town.id, other)


def _told(shares: Floats) -> tuple[Because, ...]:
    best = np.argsort(-shares, kind="stable")[:_TOLD]
    return tuple(
        Because(reason=REASONS[at], share=round(float(shares[at]), 4))
        for at in best
        if shares[at] >= _LEAST_SHARE
    )


def _suggestion(
    rank: int, place: Place, asking: Place, because: tuple[Because, ...], known: Grounds, km: float
) -> Suggestion:
    town = place.town
    led = {one.project_id for one in place.participations if one.role is ParticipantRole.COORDINATOR}
    told = {
        "population": town.population is not None,
        "place": town.latitude is not None,
        "networks": bool(place.networks),
        "mission_city": place.mission is not Answer.UNKNOWN,
        "projects": not place.is_newcomer,
    }
    return Suggestion(
        rank=rank,
        id=town.id,
        name=town.name,
        country=town.country,
        population=town.population,
        km=None if km == FAR_KM else round(km, 1),
        newcomer=place.is_newcomer,
        projects=len({one.project_id for one in place.participations}),
        led=len(led),
        profiles=tuple(one.id for one in place.profiles),
        networks=tuple(one for one in place.networks if one in asking.networks),
        because=because,
        grounds=known.of(place),
        unknown=tuple(name for name, is_known in told.items() if not is_known),
    )
