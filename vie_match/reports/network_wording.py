"""The network's view in words, in the languages of the catalogue; each statement with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from vie_match.records import Profile
from vie_match.reports.catalogue import Patterns, patterns
from vie_match.reports.network import Basis, CallView, Lead, Relation
from vie_match.track.records import Participation


def lead(one: Lead, language: str = "en") -> str:
    """Return what a city wants, and what is known of it as a coordinator, with the source.

    Examples
    --------
    >>> from vie_match.vocabulary import Role
    >>> lead(Lead(Role.EITHER, ()))
    'would lead or join; no earlier project is known'
    """
    known = patterns(language)
    return f"{known.wish[one.wish]}; {_record(one, known)}"


def _record(one: Lead, known: Patterns) -> str:
    if not one.record:
        return known.record_unknown
    if not one.coordinated:
        told = known.took_part.of(one.projects).format(number=one.projects)
        return f"{told} ({', '.join(sorted({part.source for part in one.record}))})"
    number = len(one.coordinated)
    return known.coordinated.of(number).format(number=number, latest=_project(one.coordinated[0]))


def _project(one: Participation) -> str:
    facts = [str(one.start.year)] if one.start else []
    return f"{one.acronym} ({', '.join([*facts, one.source])})"


def relation(one: Relation, language: str = "en") -> str:
    """Return who would compete, or could apply together, and what that rests on."""
    known = patterns(language)
    names = _names(one.profiles)
    return {
        Basis.ONE_APPLICANT: known.one_applicant,
        Basis.SOME_LEAD: known.some_lead,
        Basis.ONE_LEADS: known.one_leads.of(len(one.joining)),
        Basis.ANYBODY_LEADS: known.anybody_leads,
        Basis.NOBODY_LEADS: known.nobody_leads,
        Basis.NOBODY_MAY_LEAD: known.nobody_may_lead,
        Basis.PARTNERS: known.partners,
    }[one.basis].format(
        cities=known.listed(names),
        leads=known.listed(_names(one.leading), known.alternative),
        others=known.listed(_names(one.joining)),
        quantity=known.both if len(names) == 2 else known.all,
        kind=known.kinds[one.kind] if one.kind else "",
    )


def team(view: CallView, language: str = "en") -> str:
    """Return what a call asks of a team, beside what the cities that it fits are together."""
    known = patterns(language)
    partners, countries = view.call.min_participants, view.call.min_countries
    if not partners and not countries:
        return known.team_unknown
    asked = known.asks_partners.of(partners).format(number=partners) if partners else known.asks
    if countries:
        asked = f"{asked} {known.asks_countries.of(countries).format(number=countries)}"
    cities, homes = len(view.cities), len({profile.city.country for profile in view.cities})
    return known.offered.format(
        asked=asked,
        cities=known.cities.of(cities).format(number=cities),
        countries=known.countries.of(homes).format(number=homes),
    )


def _names(profiles: Sequence[Profile]) -> list[str]:
    return [profile.city.name for profile in profiles]
