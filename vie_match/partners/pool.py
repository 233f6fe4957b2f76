"""What is known of cities → candidates for a team: profiles, and the table of cities' projects.

Nothing here is learnt. The fit is a plain statement that people can check: themes that a profile shares with
the call, or projects that a city had in the same part of the programme.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from vie_match.eligibility import members
from vie_match.eligibility.rules import Part
from vie_match.errors import BadValue
from vie_match.partners.consortium import Candidate, Tie
from vie_match.records import Call, City, PartnerCity, Profile
from vie_match.track.cities import city_of
from vie_match.track.records import ParticipantRole, Participation, by_city
from vie_match.vocabulary import Role

# Cities that nobody has asked count less than those with a project idea of their own.
_UNASKED, _EXPERIENCED = 0.3, 0.4

# A tandem or twin town, compared with one project together.
_PARTNERSHIP = 0.5

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
        One a city; the id is that of the table of cities' projects.
    ties : tuple of Tie
    """

    candidates: tuple[Candidate, ...]
    ties: tuple[Tie, ...]


def pool(call: Call, profiles: Sequence[Profile], participations: Iterable[Participation]) -> Pool:
    """Return the cities that could join a team for a call.

    Parameters
    ----------
    call : Call
    profiles : sequence of Profile
        Of a city with several, the one that fits best counts.
    participations : iterable of Participation
        The table of cities' projects.
    """
    known = by_city(participations)
    found = {id: _experienced(call, own) for id, own in known.items()}
    for profile in sorted(profiles, key=lambda one: theme_fit(call, one)):
        id = city_id(profile.city)
        found[id] = _with_profile(call, profile, id, found.get(id))
    return Pool(tuple(found.values()), (*_projects(known), *_partnerships(profiles, set(found))))


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
            lead=_halved(len(_led(known.get(id, ())))),
            reasons=(f"profile {profile.id}", *(before.reasons if before else ())),
        )
    inside = {id: own for id, own in known.items() if id in found}
    return Pool(tuple(found.values()), (*_projects(inside), *_partnerships(profiles, set(found))))


def city_id(city: City | PartnerCity) -> str:
    """Return the id of a city in the table of cities' projects.

    Examples
    --------
    >>> city_id(PartnerCity(name="Munich", country="DE")), city_id(PartnerCity(name="Ghent", country="BE"))
    ('DE-munchen', 'BE-gent')
    """
    for name in (city.name, getattr(city, "local_name", None)):
        try:
            return city_of("", name or "", city.country).city_id
        except BadValue:  # a script that the table does not read
            continue
    return f"{city.country}-{city.name.casefold()}"


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


def _experienced(call: Call, own: Sequence[Participation]) -> Candidate:
    projects = {one.project_id: one for one in own}
    part = _part(call.identifier)
    same = [
        one for one in projects.values() if one.programme is call.programme and _part(one.topic or "") == part
    ]
    led = _led(own)
    reasons = [f"{len(projects)} projects, {len(led)} led ({', '.join(sorted({one.source for one in own}))})"]
    reasons += [f"{one.acronym} ({one.url or one.source})" for one in same[:3]]
    return Candidate(
        id=own[0].city_id,
        member=members.from_city(
            PartnerCity.model_construct(name=own[0].city, country=own[0].country), own[0].source
        ),
        roles=(Part.BENEFICIARY,),
        perhaps=(Part.COORDINATOR,) if led else (),
        fit=_UNASKED + _EXPERIENCED * _halved(len(same)),
        lead=_halved(len(led)),
        newcomer=False,
        reasons=tuple(reasons),
    )


def _led(own: Sequence[Participation]) -> set[str]:
    return {one.project_id for one in own if one.role is ParticipantRole.COORDINATOR}


def _with_profile(call: Call, profile: Profile, id: str, known: Candidate | None) -> Candidate:
    roles, perhaps = _ROLES[profile.role]
    shared = sorted(theme.value for theme in set(call.themes) & set(profile.themes))
    reasons = [f"profile {profile.id}" + (f": {', '.join(shared)}" if shared else "")]
    return Candidate(
        id=id,
        member=members.from_profile(profile),
        roles=roles,
        perhaps=perhaps,
        fit=max(theme_fit(call, profile), known.fit if known else 0.0),
        lead=known.lead if known else 0.0,
        skills={theme.value: 1.0 for theme in profile.themes},
        newcomer=False if known or profile.past_projects else None,
        reasons=(*reasons, *(known.reasons if known else ())),
    )


def _projects(known: dict[str, tuple[Participation, ...]]) -> list[Tie]:
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


def _partnerships(profiles: Sequence[Profile], there: set[str]) -> list[Tie]:
    return [
        Tie(one=own, other=other, strength=_PARTNERSHIP, basis=partner.kind.value)
        for profile in profiles
        for partner in profile.partners
        if (own := city_id(profile.city)) != (other := city_id(partner)) and other in there
    ]


def _part(identifier: str) -> str:
    """Return the part of a programme that a topic belongs to.

    Examples
    --------
    >>> _part("HORIZON-CL5-2027-01-D1-13"), _part("LIFE-2026-CET-PDA")
    ('HORIZON-CL5', 'LIFE')
    """
    words = identifier.split("-")
    return "-".join(words[: next((at for at, word in enumerate(words) if word[:4].isdigit()), len(words))])


def _halved(number: int) -> float:
    """Return a share of 1 that every further one halves the way to.

    Examples
    --------
    >>> [_halved(number) for number in range(3)]
    [0.0, 0.5, 0.75]
    """
    return 1 - 0.5**number
