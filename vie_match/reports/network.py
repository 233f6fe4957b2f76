"""A whole network at once: which of its cities fit a call, who might lead, compete, or apply together.

Two facts decide: the role each profile wants, and the smallest team of the call. Beside them stands what
the table of cities' projects says a city has coordinated. Nothing is guessed: of a city that would lead or
join, and of which no coordinated project is known, it is unknown whether it might lead. A city that may
surely not take part does not fit; it stands beside the others as barred.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vie_match.errors import BadValue
from vie_match.records import Call, Profile
from vie_match.reports.terms import AllTerms, Terms
from vie_match.results import Match, MatchList
from vie_match.track.cities import city_of
from vie_match.track.records import ParticipantRole, Participation, by_city
from vie_match.vocabulary import Answer, PartnerKind, Role


class Basis(StrEnum):
    """What it rests on that cities would compete, or could apply together."""

    ONE_APPLICANT = "one applicant is enough"
    SOME_LEAD = "more than one wants to lead"
    ONE_LEADS = "one of those who want to leads, the others do not insist"
    ANYBODY_LEADS = "nobody insists on the lead, and somebody would take it"
    NOBODY_LEADS = "all want to be partners"
    NOBODY_MAY_LEAD = "those who would lead may not"
    PARTNERS = "they work together already"


_COMPETING = frozenset({Basis.ONE_APPLICANT, Basis.SOME_LEAD})


@dataclass(frozen=True, slots=True)
class Lead:
    """Whether a city might lead, and what is known for it.

    Attributes
    ----------
    wish : Role
        From the profile.
    record : tuple of Participation
        The city's parts in projects, as the table has them.
    """

    wish: Role
    record: tuple[Participation, ...]

    @property
    def answer(self) -> Answer:
        """Yes: it wants to, or does not mind and has coordinated before. No: it wants to be a partner."""
        if self.wish is Role.EITHER:
            return Answer.YES if self.coordinated else Answer.UNKNOWN
        return Answer.YES if self.wish is Role.LEAD else Answer.NO

    @property
    def coordinated(self) -> tuple[Participation, ...]:
        """The projects it coordinated, the latest first."""
        found = {one.project_id: one for one in self.record if one.role is ParticipantRole.COORDINATOR}
        return tuple(sorted(found.values(), key=_start, reverse=True))

    @property
    def projects(self) -> int:
        """Number of different projects it was in."""
        return len({one.project_id for one in self.record})


@dataclass(frozen=True, slots=True)
class Fit:
    """A project of the network that a call fits.

    Attributes
    ----------
    profile : Profile
    match : Match
    lead : Lead
    terms : Terms or None
        Whether the city may take part; None: not judged.
    """

    profile: Profile
    match: Match
    lead: Lead
    terms: Terms | None = None

    @property
    def might_lead(self) -> Answer:
        """Whether the city might lead: by its wish and record, and not against a rule."""
        return Answer.NO if self.terms and self.terms.not_as_lead else self.lead.answer


@dataclass(frozen=True, slots=True)
class Barred:
    """A project of the network that a call would fit, of a city that may not take part.

    Attributes
    ----------
    profile : Profile
    terms : Terms
    """

    profile: Profile
    terms: Terms


@dataclass(frozen=True, slots=True)
class Relation:
    """Cities that would compete for a call, or could apply for it together.

    Attributes
    ----------
    basis : Basis
    profiles : tuple of Profile
        Two or more, of different cities.
    kind : PartnerKind or None
        Of ``PARTNERS``: how they know each other.
    not_as_lead : frozenset of str
        Ids of the profiles whose city may not lead.
    """

    basis: Basis
    profiles: tuple[Profile, ...]
    kind: PartnerKind | None = None
    not_as_lead: frozenset[str] = frozenset()

    @property
    def leading(self) -> tuple[Profile, ...]:
        """Those that want to lead, and may."""
        return tuple(one for one in self.profiles if one.role is Role.LEAD and one.id not in self.not_as_lead)

    @property
    def joining(self) -> tuple[Profile, ...]:
        """Those that do not insist on the lead, or may not have it."""
        return tuple(one for one in self.profiles if one not in self.leading)

    @property
    def is_competition(self) -> bool:
        """Whether they would stand against each other."""
        return self.basis in _COMPETING


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as the network sees it.

    Attributes
    ----------
    call : Call
    fits : tuple of Fit
        The best fit first; at least one.
    relations : tuple of Relation
        Empty where it fits one city only.
    barred : tuple of Barred
        Neither among those that fit nor in the relations.
    """

    call: Call
    fits: tuple[Fit, ...]
    relations: tuple[Relation, ...]
    barred: tuple[Barred, ...] = ()

    @property
    def cities(self) -> tuple[Profile, ...]:
        """The best fitting profile of each city."""
        return tuple(_one_a_city([fit.profile for fit in self.fits]))


def call_views(
    lists: Sequence[MatchList],
    participations: Iterable[Participation] = (),
    *,
    top: int = 5,
    terms: AllTerms | None = None,
) -> tuple[CallView, ...]:
    """Return the calls that fit somebody, those that fit most cities first.

    Parameters
    ----------
    lists : sequence of MatchList
        One per profile.
    participations : iterable of Participation, optional
        The table of cities' projects.
    top : int, default 5
        Without calibrated probabilities nothing is recommended; then the first ``top`` of each profile count.
    terms : mapping, optional
        (id of the profile, identifier of the call) → terms, of what was judged.
    """
    by_id, judged = by_city(participations), terms or {}
    fits: dict[str, list[Fit]] = defaultdict(list)
    barred: dict[str, list[Barred]] = defaultdict(list)
    for one in lists:
        lead = _own(by_id, one.profile)
        for match in fitting(one, top):
            call = match.call.identifier
            fits[call].append(Fit(one.profile, match, lead, judged.get((one.profile.id, call))))
        for out in one.left_out:
            found = judged.get((one.profile.id, out.call.identifier))
            if found and found.refusals:
                barred[out.call.identifier].append(Barred(one.profile, found))
    views = [_view(sorted(found, key=_best_first), barred[call]) for call, found in fits.items()]
    return tuple(sorted(views, key=lambda view: (-len(view.cities), *_best_first(view.fits[0]))))


def fitting(one: MatchList, top: int) -> tuple[Match, ...]:
    """Return the matches of a profile that count as a fit; see :func:`call_views`."""
    return one.matches[:top] if one.threshold is None else one.recommended


def of_profile(views: Iterable[CallView], profile: Profile) -> list[tuple[Fit, CallView]]:
    """Return the calls that fit a profile, in its order, each with the network's view of it."""
    found = [(fit, view) for view in views for fit in view.fits if fit.profile.id == profile.id]
    return sorted(found, key=lambda pair: pair[0].match.rank)


def _best_first(fit: Fit) -> tuple[float, int, str]:
    # Scores are comparable between profiles only where they are calibrated; ranks always.
    return (-(fit.match.probability or 0), fit.match.rank, fit.profile.id)


def _view(fits: Sequence[Fit], barred: Sequence[Barred]) -> CallView:
    call = fits[0].match.call
    profiles = _one_a_city([fit.profile for fit in fits])
    beside = tuple(sorted(barred, key=lambda one: one.profile.id))
    not_as_lead = frozenset(fit.profile.id for fit in fits if fit.terms and fit.terms.not_as_lead)
    relations = (*_roles(call, profiles, not_as_lead), *_partners(profiles))
    return CallView(call, tuple(fits), relations, beside)


def _one_a_city(profiles: Sequence[Profile]) -> list[Profile]:
    """Return the first profile of each city: a city neither competes nor teams up with itself."""
    seen: set[str] = set()
    kept = []
    for profile in profiles:
        own = _city_ids(profile.city.name, profile.city.local_name, profile.city.country)
        if not own & seen:
            kept.append(profile)
        seen |= own
    return kept


def _roles(call: Call, profiles: Sequence[Profile], not_as_lead: frozenset[str]) -> list[Relation]:
    """Return who competes and who could apply together, from the smallest team and the roles wanted."""
    if len(profiles) < 2:
        return []
    if call.min_participants == 1 and (call.min_countries or 1) == 1:
        return [Relation(Basis.ONE_APPLICANT, tuple(profiles))]
    able = [one for one in profiles if one.id not in not_as_lead]
    leading = tuple(one for one in able if one.role is Role.LEAD)
    if not leading:
        somebody = any(one.role is Role.EITHER for one in able)
        nobody = (
            Basis.NOBODY_LEADS if all(one.role is Role.PARTNER for one in profiles) else Basis.NOBODY_MAY_LEAD
        )
        return [Relation(Basis.ANYBODY_LEADS if somebody else nobody, tuple(profiles))]
    found = [Relation(Basis.SOME_LEAD, leading)] if len(leading) > 1 else []
    if len(leading) < len(profiles):
        found.append(Relation(Basis.ONE_LEADS, tuple(profiles), not_as_lead=not_as_lead))
    return found


def _partners(profiles: Sequence[Profile]) -> list[Relation]:
    """Return the pairs of which one names the other as a partner."""
    found = []
    for at, one in enumerate(profiles):
        for other in profiles[at + 1 :]:
            kind = _known_as(one, other) or _known_as(other, one)
            if kind:
                found.append(Relation(Basis.PARTNERS, (one, other), kind))
    return found


def _known_as(one: Profile, other: Profile) -> PartnerKind | None:
    city = other.city
    wanted = _city_ids(city.name, city.local_name, city.country)
    return next((own.kind for own in one.partners if _city_ids(own.name, None, own.country) & wanted), None)


def _city_ids(name: str, local_name: str | None, country: str) -> frozenset[str]:
    """Return the ids under which a city may stand in the table of cities' projects."""
    ids = set()
    for spelling in filter(None, (name, local_name)):
        try:
            ids.add(city_of("", spelling, country).city_id)
        except BadValue:  # a name without a letter the table could have
            ids.add(f"{country}-{spelling.casefold()}")
    return frozenset(ids)


def _own(participations: Mapping[str, Sequence[Participation]], profile: Profile) -> Lead:
    """Return what the table, by city, knows of a profile's city."""
    city = profile.city
    ids = sorted(_city_ids(city.name, city.local_name, city.country))
    # Where two places have one name, the table puts the NUTS code behind the id.
    apart = [f"{one}-{city.nuts3.lower()}" for one in ids if city.nuts3]
    record = [one for city_id in (*ids, *apart) for one in participations.get(city_id, ())]
    return Lead(profile.role, tuple(record))


def _start(one: Participation) -> tuple[dt.date, str]:
    return (one.start or dt.date.min, one.project_id)
