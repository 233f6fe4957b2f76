"""What is known of towns → candidates for a team: the ranking of partners, and profiles.

How well a town fits that nobody has asked comes from the ranking of partners for the call and the towns
that are fixed. A town with a project idea of its own has said what it wants: the themes that it shares with
the call count, too, and more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from vie_match.eligibility import members
from vie_match.eligibility.rules import Part
from vie_match.eligibility.words import Words
from vie_match.partners import consortium_wording as says
from vie_match.partners import wording
from vie_match.partners.consortium import Candidate, Tie
from vie_match.partners.directory import Place
from vie_match.partners.fit import Fit
from vie_match.partners.naming import city_id
from vie_match.partners.ranker import PartnerRanker
from vie_match.records import Call, PartnerCity, Profile
from vie_match.track.records import Participation, by_city, led
from vie_match.vocabulary import PartnerKind, Role

# How well the best of all towns fits, if nobody has asked it: less than a member costs, even with ties to all
# others (see Weights), so that teams do not grow by strangers who bring nothing else. What is left is for
# towns with an idea of their own.
UNASKED = 0.35

# A tandem or twin town, compared with one project together.
_PARTNERSHIP = 0.5

# Candidates of a search; the fit of those left out is about nothing.
MOST = 600

_ROLES = {
    Role.LEAD: ((Part.COORDINATOR,), (Part.BENEFICIARY,)),
    Role.PARTNER: ((Part.BENEFICIARY,), ()),
    Role.EITHER: ((Part.BENEFICIARY, Part.COORDINATOR), ()),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates, and who has worked with whom.

    Attributes
    ----------
    candidates : tuple of Candidate
        One a town; the id is that of the directory.
    ties : tuple of Tie
    """

    candidates: tuple[Candidate, ...]
    ties: tuple[Tie, ...]


def pool(
    call: Call,
    ranker: PartnerRanker,
    team: Sequence[str] = (),
    *,
    today: dt.date,
    also: Iterable[str] = (),
    most: int = MOST,
) -> Pool:
    """Return the towns that could join a team for a call.

    Parameters
    ----------
    call : Call
    ranker : PartnerRanker
    team : sequence of str, optional
        Ids of the towns that are fixed, the lead first.
    today : date
        Projects that were signed later are not seen.
    also : iterable of str, optional
        Ids of towns that are candidates wherever they rank, as those with profiles always are.
    most : int, default 600
        Candidates from the ranking.

    Raises
    ------
    BadValue
        If a town is not in the directory.
    """
    places = ranker.directory.places
    own = next((best_profile(call, places[one].profiles) for one in team if places[one].profiles), None)
    fits = ranker.fits(call, team, own, today=today, grounded=most)
    asked = [id for id, place in places.items() if place.profiles]
    ids = dict.fromkeys((*team, *also, *asked, *list(fits)[:most]))
    considered = len(fits) + len(team)
    found = tuple(_candidate(call, places[id], fits.get(id), considered) for id in ids)
    known = {id: places[id].participations for id in ids}
    named = ((*one.towns, one.kind) for one in ranker.partnerships)
    return Pool(found, (*_projects(known), *_ties(named, ids)))


def best_profile(call: Call, profiles: Sequence[Profile]) -> Profile:
    """Return the one of several profiles whose themes fit a call best, the first of several alike."""
    return max(profiles, key=lambda one: theme_fit(call, one))


def network(profiles: Sequence[Profile], participations: Iterable[Participation]) -> Pool:
    """Return the cities of the profiles, among whom calls are shared out.

    Parameters
    ----------
    profiles : sequence of Profile
        A city with several takes the roles of all of them.
    participations : iterable of Participation
        The table of cities' projects.
    """
    known = by_city(participations)
    found: dict[str, Candidate] = {}
    for profile in profiles:
        id = city_id(profile.city)
        roles, perhaps = _ROLES[profile.role]
        before = found.get(id)
        sure = tuple(dict.fromkeys((*roles, *(before.roles if before else ()))))
        open_ = dict.fromkeys((*perhaps, *(before.perhaps if before else ())))
        found[id] = Candidate(
            id=id,
            member=members.from_profile(profile),
            roles=sure,
            perhaps=tuple(role for role in open_ if role not in sure),
            lead=_halved(len(led(known.get(id, ())))),
            reasons=(says.words("profile", title=profile.title), *(before.reasons if before else ())),
        )
    inside = {id: own for id, own in known.items() if id in found}
    named = ((city_id(one.city), city_id(two), two.kind) for one in profiles for two in one.partners)
    return Pool(tuple(found.values()), (*_projects(inside), *_ties(named, found)))


def theme_fit(call: Call, profile: Profile) -> float:
    """Return the share of a call's themes that a profile has, one more of each counted as shared.

    Parameters
    ----------
    call : Call
        Without themes nothing is known, and the fit is a half.
    profile : Profile
    """
    if not call.themes:
        return 0.5
    shared = len(set(call.themes) & set(profile.themes))
    return (shared + 1) / (len(set(call.themes)) + 1)


def _candidate(call: Call, place: Place, ranked: Fit | None, considered: int) -> Candidate:
    """Return a town as a candidate; without a place in the ranking it is one of those that are fixed."""
    fit = UNASKED * (ranked.fit if ranked else 1.0)
    lead = _halved(len(place.led))
    reasons = _reasons(place, ranked, considered)
    if not place.profiles:
        return Candidate(
            id=place.town.id,
            member=members.from_city(
                PartnerCity.model_construct(
                    name=place.town.name, country=place.town.country, kind=PartnerKind.EXCHANGE
                ),
                place.participations[0].source if place.participations else place.url or "given by name",
            ),
            perhaps=(Part.COORDINATOR,) if place.led or ranked is None else (),
            fit=fit,
            lead=lead,
            newcomer=False if place.participations else None,
            reasons=tuple(reasons),
            grounds=ranked.grounds if ranked else (),
        )
    profile = best_profile(call, place.profiles)
    roles, perhaps = _ROLES[profile.role]
    return Candidate(
        id=place.town.id,
        member=members.from_profile(profile),
        roles=roles,
        perhaps=perhaps,
        fit=max(theme_fit(call, profile), fit),
        lead=lead,
        skills={theme.value: 1.0 for theme in profile.themes},
        newcomer=False if place.participations or profile.past_projects else None,
        reasons=(says.words("profile", title=profile.title), *reasons),
        grounds=ranked.grounds if ranked else (),
    )


def _reasons(place: Place, ranked: Fit | None, considered: int) -> list[Words]:
    found = []
    if ranked:
        found.append(says.words("rank", rank=ranked.rank, towns=considered))
    if place.participations:
        found.append(Words(partial(wording.record, len(place.projects), len(place.led))))
    return found


def _projects(known: Mapping[str, tuple[Participation, ...]]) -> list[Tie]:
    """Return the ties of cities that were in one project; two projects together are stronger than one."""
    inside: dict[str, dict[str, str]] = {}
    for id, own in known.items():
        for one in own:
            inside.setdefault(one.project_id, {})[id] = one.acronym
    shared: dict[tuple[str, str], list[str]] = {}
    for cities in inside.values():
        for pair in combinations(sorted(cities), 2):
            shared.setdefault(pair, []).append(cities[pair[0]])
    return [
        Tie(one=one, other=other, strength=_halved(len(names)), basis=", ".join(names[:3]))
        for (one, other), names in shared.items()
    ]


def _ties(named: Iterable[tuple[str, str, PartnerKind]], there: Collection[str]) -> list[Tie]:
    return [
        Tie(one=one, other=other, strength=_PARTNERSHIP, basis=kind.value)
        for one, other, kind in dict.fromkeys(named)
        if one != other and one in there and other in there
    ]


def _halved(number: int) -> float:
    """Return a share of 1 that every further one halves the way to.

    Examples
    --------
    >>> [_halved(number) for number in range(3)]
    [0.0, 0.5, 0.75]
    """
    return 1 - 0.5**number
