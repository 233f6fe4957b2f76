"""The network's view in words; each statement with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from vie_match.records import Profile
from vie_match.reports import names, reasons, terms_wording
from vie_match.reports.network import Basis, CallView, Fit, Lead, Relation
from vie_match.reports.terms import Terms
from vie_match.speech import N_, Speech, speech
from vie_match.track.records import Participation
from vie_match.vocabulary import Answer, Role

_WISHES = {
    Role.LEAD: N_("wants to lead"),
    Role.PARTNER: N_("wants to be a partner"),
    Role.EITHER: N_("would lead or join"),
}

_RELATIONS = {
    Basis.ONE_APPLICANT: N_("{cities} would compete: one applicant is enough"),
    Basis.ANYBODY_LEADS: N_("{cities} could apply together"),
    Basis.NOBODY_LEADS: N_("{cities} could join one team, but none of them wants to lead"),
    Basis.NOBODY_MAY_LEAD: N_("{cities} could join one team, but none of them that would lead may do so"),
    Basis.PARTNERS: N_("{cities} work together already ({kind})"),
}
_BOTH_LEAD = N_("{cities} would compete: both want to lead")
_ALL_LEAD = N_("{cities} would compete: all want to lead")


def lead(one: Lead, language: str = "en") -> str:
    """Return what a city wants, and what is known of it as a coordinator, with the source.

    Examples
    --------
    >>> lead(Lead(Role.EITHER, ()))
    'would lead or join; no earlier project is known'
    >>> lead(Lead(Role.PARTNER, ()), "de")
    'will Partner sein; kein früheres Projekt bekannt'
    """
    says = speech(language)
    return f"{says.gettext(_WISHES[one.wish])}; {_record(one, says)}"


def _record(one: Lead, says: Speech) -> str:
    if not one.record:
        return says.gettext("no earlier project is known")
    if not one.coordinated:
        told = says.ngettext(
            "did not coordinate its one known project",
            "coordinated none of its {n} known projects",
            one.projects,
        )
        return f"{told} ({', '.join(sorted({part.source for part in one.record}))})"
    return says.ngettext(
        "has coordinated {latest}", "has coordinated {n} projects, the latest {latest}", len(one.coordinated)
    ).format(latest=_project(one.coordinated[0]))


def _project(one: Participation) -> str:
    facts = [str(one.start.year)] if one.start else []
    return f"{one.acronym} ({', '.join([*facts, one.source])})"


def relation(one: Relation, language: str = "en") -> str:
    """Return who would compete, or could apply together, and what that rests on."""
    says = speech(language)
    return _relation(one, says).format(
        cities=says.listed(_names(one.profiles)),
        leads=says.listed(_names(one.leading), "or"),
        others=says.listed(_names(one.joining)),
        kind=says.gettext(names.PARTNERS[one.kind]) if one.kind else "",
    )


def _relation(one: Relation, says: Speech) -> str:
    if one.basis is Basis.SOME_LEAD:
        return says.gettext(_BOTH_LEAD if len(one.profiles) == 2 else _ALL_LEAD)
    if one.basis is Basis.ONE_LEADS:
        return says.ngettext(
            "{leads} could lead, and {others} could join",
            "{leads} could lead, and {others} could join",
            len(one.joining),
        )
    return says.gettext(_RELATIONS[one.basis])


def team(view: CallView, language: str = "en") -> str:
    """Return what a call asks of a team, beside what the cities that it fits are together."""
    says = speech(language)
    _, ngettext = says.gettext, says.ngettext
    partners, countries = view.call.min_participants, view.call.min_countries
    if not partners and not countries:
        return _("The smallest team is not known")
    if not partners:
        pattern = _("The call asks for partners {spread}; these are {cities} {homes}")
    elif not countries:
        pattern = _("The call asks for {partners}; these are {cities} {homes}")
    else:
        pattern = _("The call asks for {partners} {spread}; these are {cities} {homes}")
    cities, homes = len(view.cities), len({profile.city.country for profile in view.cities})
    return pattern.format(
        partners=ngettext("at least {n} partner", "at least {n} partners", partners or 0),
        spread=ngettext("from at least {n} country", "from at least {n} countries", countries or 0),
        cities=ngettext("{n} city", "{n} cities", cities),
        homes=ngettext("from {n} country", "from {n} countries", homes),
    )


def mark(found: Terms | None, language: str = "en") -> str:
    """Return in one sign whether a city may apply: alone, in a team, open; the same in every language.

    Examples
    --------
    >>> mark(None)
    '?'
    """
    if found is None:
        return "?"
    if found.alone.answer is Answer.YES:
        return "✓"
    return "+" if found.joined is Answer.YES or found.clear else "?"


def cell(fit: Fit, language: str = "en") -> str:
    """Return in words how well a call fits a city, and whether the city may apply."""
    told = [reasons.likelihood(fit.match.probability, language), terms_wording.verdict(fit.terms, language)]
    return "; ".join(filter(None, told))


def _names(profiles: Sequence[Profile]) -> list[str]:
    return [profile.city.name for profile in profiles]
