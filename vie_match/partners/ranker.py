"""Who should join?: (profile, call, partners already chosen) → towns in order, with reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding import passages
from vie_match.embedding.encoder import Encoder
from vie_match.errors import BadValue
from vie_match.messages import M_
from vie_match.partners import exchanges, model, shared, telling
from vie_match.partners.directory import Directory, Place
from vie_match.partners.exchanges import Exchanges
from vie_match.partners.fit import Fit, fit_of
from vie_match.partners.grounds import Grounds
from vie_match.partners.mixing import NEWCOMERS, TEN, mixed
from vie_match.partners.model import EXCHANGE, PERSONAL_WEIGHT
from vie_match.partners.naming import city_id
from vie_match.partners.reasons import distributions, shifts
from vie_match.partners.records import Enquiry
from vie_match.partners.shared import Partnership
from vie_match.partners.signs import signs
from vie_match.partners.suggestions import Suggestion, Suggestions
from vie_match.partners.texts import by_meaning, likeness, words
from vie_match.partners.world import World
from vie_match.records import Call, Profile

Floats = NDArray[np.float64]

_SIMILAR = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """All towns as one enquiry sees them; arrays of shape (towns, …)."""

    alike: Floats
    scores: Floats
    because: Floats
    km: Floats
    order: list[int]


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

    Examples
    --------
    >>> from vie_match.partners.directory import directory
    >>> hamm = Profile(id="hamm", title="Heat", language="en", text="Shade for hot streets.",
    ...                city={"name": "Hamm", "country": "DE"})
    >>> found = PartnerRanker(directory([], [hamm])).rank(hamm, today=dt.date(2026, 12, 1), count=5)
    >>> len(found.towns), found.considered > 4000, [town.rank for town in found.towns]
    (5, True, [1, 2, 3, 4, 5])
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
        enquiry = Enquiry(today, _text(profile, call), self.lead_of(profile), tuple(given), _topic(call))
        seen = self._seen(enquiry, profile, call)
        new = [place.is_newcomer for place in self._places]
        chosen = seen.order[:count] if newcomers is None else mixed(seen.order, new, newcomers, count)
        known = self._grounds(enquiry, seen.alike)
        say = partial(self._said, profile, seen, known)
        return Suggestions(
            profile=profile.id,
            call=_topic(call),
            team=enquiry.team,
            towns=tuple(say(rank, at) for rank, at in enumerate(chosen, 1)),
            peers=self._peers(say, enquiry),
            newcomers=newcomers,
            considered=len(seen.order),
        )

    def suggestion(
        self, profile: Profile, town: str, call: Call | None = None, *, today: dt.date
    ) -> Suggestion:
        """Return one town as a suggestion, wherever it ranks; its rank is that among all.

        Parameters
        ----------
        profile : Profile
            Of the town that looks.
        town : str
            Id in the directory.
        call : Call, optional
        today : date
            Projects that were signed later are not seen.

        Raises
        ------
        BadValue
            If it is the profile's own town, or not in the directory.
        """
        lead = self.lead_of(profile)
        if town not in self.world.row or town == lead:
            raise BadValue(
                M_(
                    "found the town {town}; expected another one of the directory than {lead}",
                    town=town,
                    lead=lead,
                )
            )
        enquiry = Enquiry(today, _text(profile, call), lead, (), _topic(call))
        seen = self._seen(enquiry, profile, call)
        at = self.world.row[town]
        return self._said(profile, seen, self._grounds(enquiry, seen.alike), seen.order.index(at) + 1, at)

    def fits(
        self,
        call: Call,
        team: Sequence[str] = (),
        profile: Profile | None = None,
        *,
        today: dt.date,
        grounded: int = 300,
    ) -> dict[str, Fit]:
        """Return how well every town fits a call and a team, best first.

        Parameters
        ----------
        call : Call
        team : sequence of str, optional
            Ids of the towns that are fixed, the lead first. With nobody fixed what a town is to the lead
            counts for nothing.
        profile : Profile, optional
            Of the lead; its text counts with the call's.
        today : date
            Projects that were signed later are not seen.
        grounded : int, default 300
            So many of the best are named with the projects that speak for them.

        Raises
        ------
        BadValue
            If a town is not in the directory.
        """
        lead, *given = team or ("",)
        enquiry = Enquiry(today, _text(profile, call), lead, tuple(given), _topic(call))
        seen = self._seen(enquiry, profile, call)
        known = self._grounds(enquiry, seen.alike)
        best = seen.scores[seen.order[0]] if seen.order else 0.0
        return {
            self._places[at].town.id: Fit(
                rank=rank,
                fit=fit_of(float(best - seen.scores[at])),
                grounds=known.projects_of(self._places[at]) if rank <= grounded else (),
            )
            for rank, at in enumerate(seen.order, 1)
        }

    @cached_property
    def world(self) -> World:
        """The towns, their projects, and the partnerships that profiles name."""
        return World(
            [place.town for place in self._places],
            tuple(shared.projects(self._places)),
            [one.towns for one in self.partnerships],
        )

    @cached_property
    def partnerships(self) -> tuple[Partnership, ...]:
        """The partnerships that profiles name."""
        return tuple(shared.partnerships(self._places, self.directory))

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        return tuple(self.directory.places.values())

    def lead_of(self, profile: Profile) -> str:
        """Return the id of a profile's town."""
        return self.directory.homes.get(profile.id) or city_id(profile.city)

    def _seen(self, enquiry: Enquiry, profile: Profile | None, call: Call | None) -> _Seen:
        strangers = [one for one in enquiry.team if one and one not in self.world.row]
        if strangers:
            raise BadValue(f"found {', '.join(strangers)}; expected ids of towns of the directory")
        alike = self._alike(enquiry, profile, call)
        told = signs(self.world, enquiry, alike)
        team = [self.world.row[one] for one in dict.fromkeys(enquiry.team) if one]
        spoken = distributions(told, team)
        weights = model.shipped()[model.family(call.programme) if call else EXCHANGE]
        scores = weights.scores(spoken, shifts(told), self.personal)
        order = model.best(scores, team, len(self._places))
        return _Seen(alike, scores, weights.because(spoken), told.km, order)

    def _said(
        self,
        profile: Profile,
        seen: _Seen,
        known: Grounds,
        rank: int,
        at: int,
    ) -> Suggestion:
        place, asking = self._places[at], self.directory.places[self.lead_of(profile)]
        met = [
            found
            for theirs in place.profiles
            if self._exchanges and (found := self._exchanges.between(profile, theirs))
        ]
        return telling.suggestion(
            rank,
            place,
            asking,
            because=telling.told(seen.because[at]),
            known=known,
            km=float(seen.km[at]),
            exchanges=max(met, key=exchanges.total, default=()),
        )

    def _peers(self, say: Callable[[int, int], Suggestion], enquiry: Enquiry) -> tuple[Suggestion, ...]:
        """Return the towns with profiles whose offers and needs meet the lead's, best first."""
        own = [
            say(1, at)
            for at, place in enumerate(self._places)
            if place.profiles and place.town.id not in enquiry.team
        ]
        order = sorted(own, key=lambda one: -exchanges.total(one.exchanges))
        meeting = [one for one in order if one.exchanges]
        return tuple(one.model_copy(update={"rank": rank}) for rank, one in enumerate(meeting, 1))

    @cached_property
    def _exchanges(self) -> Exchanges | None:
        return Exchanges(self.encoder) if self.encoder else None

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
        for named in self.partnerships:
            for one, other in (named.towns, named.towns[::-1]):
                if one in enquiry.team:
                    found.setdefault(other, []).append(named.profile)
        return {town: list(dict.fromkeys(profiles)) for town, profiles in found.items()}

    def _alike(self, enquiry: Enquiry, profile: Profile | None, call: Call | None) -> Floats:
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
        # As the ranking of calls embeds them, so that both are known already when a report has been made.
        own = [passages.whole_profile(profile)] if profile else []
        own += [passages.whole_call(call)] if call else []
        found[told] = by_meaning(self.encoder, own, [world.projects[at].text for at in told])
        return found


def _text(profile: Profile | None, call: Call | None) -> str:
    parts = [part for one in (profile, call) if one for part in (one.title, one.text)]
    return "\n".join(part for part in parts if part)


def _topic(call: Call | None) -> str | None:
    return call.identifier if call else None
