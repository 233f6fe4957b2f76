"""Reasons of the ranking in sentences, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vie_match.partners.suggestions import Basis, Exchange, Ground, Suggestion, Suggestions
from vie_match.speech import N_, speech
from vie_match.vocabulary import Answer

REASON_TEXTS: Mapping[str, str] = {
    "recent projects": N_("took part in EU projects lately"),
    "many projects": N_("takes part in many EU projects"),
    "networks": N_("is in several city networks"),
    "Mission city": N_("is a Mission city"),
    "inhabitants": N_("is large"),
    "any town": N_("could be as good as any"),
    "like size": N_("is of like size"),
    "like size, larger": N_("is of like size or larger"),
    "countries of similar projects": N_("similar projects had partners from its country"),
    "countries of earlier partners": N_("cities of your country work with its country"),
    "near": N_("is near you"),
    "near, with projects": N_("is near you and has EU projects"),
    "same country": N_("is in your country"),
    "near a partner": N_("is near one of your partners"),
    "most similar projects": N_("was in the projects most similar to yours"),
    "similar projects": N_("was in projects similar to yours"),
    "together before": N_("worked with you or your partners"),
    "together with a partner": N_("worked with your partners"),
    "shared networks": N_("is in a city network with you"),
}
# Reasons that say nearly the same: the one that carries most is told.
_ALIKE = (
    {"like size", "like size, larger"},
    {"most similar projects", "similar projects"},
    {"together with a partner", "together before"},
    {"near", "near, with projects"},
    {"many projects", "recent projects"},
)
_GROUND_TEXTS: Mapping[Basis, str] = {
    Basis.TOGETHER: N_("together"),
    Basis.SIMILAR: N_("similar"),
    Basis.LED: N_("led"),
    Basis.LATEST: N_("latest"),
    Basis.PARTNERSHIP: N_("partnership"),
    Basis.PROFILE: N_("project idea"),
    Basis.NETWORK: N_("city network"),
    Basis.PLACE: N_("place and inhabitants"),
}
_UNKNOWN_TEXTS: Mapping[str, str] = {
    "population": N_("inhabitants"),
    "place": N_("where it lies"),
    "networks": N_("city networks"),
    "mission_city": N_("whether it is a Mission city"),
    "projects": N_("EU projects (none in the table)"),
}


def reasons(one: Suggestion, language: str = "en") -> str:
    """Return why a town is suggested, in one line.

    Examples
    --------
    >>> from vie_match.partners.suggestions import Because
    >>> town = Suggestion.model_construct(because=(Because(reason="near", share=0.7),), networks=())
    >>> reasons(town), reasons(town, "de")
    ('is near you', 'liegt in Ihrer Nähe')
    """
    _ = speech(language).gettext
    told: dict[str, str] = {}
    for because in one.because:
        group = next((min(names) for names in _ALIKE if because.reason in names), because.reason)
        told.setdefault(group, _(REASON_TEXTS[because.reason]))
    if one.networks:
        told["with you"] = _("is with you in {names}").format(names=speech(language).listed(one.networks))
    return "; ".join(told.values())


def ground(one: Ground, language: str = "en") -> str:
    """Return what a suggestion rests on, in one line.

    Examples
    --------
    >>> ground(Ground(name="ASCEND", why=Basis.TOGETHER, year=2023))
    'ASCEND (2023, together)'
    """
    what = speech(language).gettext(_GROUND_TEXTS[one.why])
    return f"{one.name} ({', '.join(filter(None, (str(one.year or ''), what)))})"


def about(one: Suggestion, language: str = "en") -> list[str]:
    """Return who a town is, in a few short lines."""
    voice = speech(language)
    lines = [f"{one.name} ({one.country})"]
    if one.population is not None:
        lines.append(voice.ngettext("{n} inhabitant", "{n} inhabitants", one.population))
    if one.km is not None:
        lines.append(voice.gettext("{km} km away").format(km=voice.number(round(one.km))))
    lines.append(record(one.projects, one.led, language))
    if one.would_lead is Answer.YES:
        lines.append(voice.gettext("would lead"))
    return lines


def record(projects: int, led: int, language: str = "en") -> str:
    """Return how many EU projects of a town are known, and how many of them it led.

    Examples
    --------
    >>> record(12, 1), record(1, 0), record(0, 0)
    ('12 EU projects, 1 led', '1 EU project, none led', 'no EU project known')
    """
    voice = speech(language)
    if not projects:
        return voice.gettext("no EU project known")
    many = voice.ngettext("{n} EU project", "{n} EU projects", projects)
    if not led:
        return voice.gettext("{projects}, none led").format(projects=many)
    return voice.gettext("{projects}, {led} led").format(projects=many, led=voice.number(led))


def why(one: Suggestion, language: str = "en", common: Iterable[str] = ()) -> list[str]:
    """Return why a town is suggested, on what that rests, and what is not known, a line each.

    Parameters
    ----------
    one : Suggestion
    language : str, default "en"
    common : iterable of str, optional
        What is not known of any town, and therefore not said of each.
    """
    _ = speech(language).gettext
    rests = "; ".join(ground(each, language) for each in one.grounds)
    lines = [reasons(one, language), *(exchange(each, language) for each in one.exchanges)]
    if rests:
        lines.append(_("Rests on: {grounds}").format(grounds=rests))
    left = [name for name in one.unknown if name not in set(common)]
    if left:
        lines.append(_("Not known: {facts}").format(facts=_facts(left, language)))
    return [line for line in lines if line]


def exchange(one: Exchange, language: str = "en") -> str:
    """Return what one of the two offers that the other needs, in their own words.

    Examples
    --------
    >>> exchange(Exchange(ours=False, offer="A heat map.", need="Data on heat.", likeness=0.6))
    'its offer “A heat map.” may meet your need “Data on heat.”'
    """
    _ = speech(language).gettext
    if one.ours:
        return _("your offer “{offer}” may meet its need “{need}”").format(need=one.need, offer=one.offer)
    return _("its offer “{offer}” may meet your need “{need}”").format(need=one.need, offer=one.offer)


def summary(found: Suggestions, language: str = "en") -> list[str]:
    """Return how many towns are shown, how many newcomers are among them, and what nobody knows, in lines."""
    voice = speech(language)
    _ = voice.gettext
    new = sum(one.newcomer for one in found.towns)
    shown, all_ = voice.number(len(found.towns)), voice.number(found.considered)
    lines = [
        _("{shown} of {considered} towns; {new} of them without a known EU project.").format(
            shown=shown, considered=all_, new=voice.number(new)
        )
    ]
    if found.newcomers is not None:
        wished = voice.number(found.newcomers)
        lines.append(
            _(
                "Of every ten places {wished} are for towns without a known EU project, in their own order; "
                "--newcomers changes that, -1 leaves the order as it comes."
            ).format(wished=wished)
        )
    common = nowhere_known(found.towns)
    if common:
        lines.append(_("Not known of any of them: {facts}.").format(facts=_facts(common, language)))
    return lines


def nowhere_known(towns: Sequence[Suggestion]) -> list[str]:
    """Return the facts that nobody told of any of the towns."""
    return [name for name in _UNKNOWN_TEXTS if towns and all(name in one.unknown for one in towns)]


def unknown(one: Suggestion, language: str = "en") -> str:
    """Return what nobody told of a town, in one line."""
    return _facts(one.unknown, language)


def _facts(names: Iterable[str], language: str) -> str:
    return ", ".join(speech(language).gettext(_UNKNOWN_TEXTS[name]) for name in names)
