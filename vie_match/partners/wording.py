"""Reasons of the ranking in sentences, in English and German."""

from __future__ import annotations

from collections.abc import Mapping

from vie_match.partners.suggestions import Ground, Suggestion, Suggestions

EN, DE = "en", "de"
LANGUAGES = (EN, DE)

_Texts = Mapping[str, tuple[str, str]]

REASON_TEXTS: _Texts = {
    "recent projects": ("took part in EU projects lately", "war zuletzt in EU-Projekten"),
    "many projects": ("takes part in many EU projects", "ist in vielen EU-Projekten"),
    "networks": ("is in several city networks", "ist in mehreren Städtenetzen"),
    "Mission city": ("is a Mission city", "ist Mission City"),
    "inhabitants": ("is large", "ist groß"),
    "any town": ("could be as good as any", "käme wie jede infrage"),
    "like size": ("is of like size", "ist ähnlich groß"),
    "like size, larger": ("is of like size or larger", "ist ähnlich groß oder größer"),
    "countries of similar projects": (
        "similar projects had partners from its country",
        "ähnliche Projekte hatten Partner aus ihrem Staat",
    ),
    "countries of earlier partners": (
        "cities of your country work with its country",
        "Städte Ihres Staats arbeiten mit ihrem Staat",
    ),
    "near": ("is near you", "liegt in Ihrer Nähe"),
    "near, with projects": ("is near you and has EU projects", "liegt in Ihrer Nähe und hat EU-Projekte"),
    "same country": ("is in your country", "liegt in Ihrem Staat"),
    "near a partner": ("is near one of your partners", "liegt nahe bei einem Ihrer Partner"),
    "most similar projects": (
        "was in the projects most similar to yours",
        "war in den Projekten, die Ihrem am meisten gleichen",
    ),
    "similar projects": ("was in projects similar to yours", "war in Projekten, die Ihrem gleichen"),
    "together before": ("worked with you or your partners", "hat mit Ihnen oder Ihren Partnern gearbeitet"),
    "together with a partner": ("worked with your partners", "hat mit Ihren Partnern gearbeitet"),
    "shared networks": ("is in a city network with you", "ist mit Ihnen in einem Städtenetz"),
}
_GROUND_TEXTS: _Texts = {
    "together": ("together", "gemeinsam"),
    "similar": ("similar", "ähnlich"),
    "led": ("led", "geleitet"),
    "latest": ("latest", "zuletzt"),
    "partnership": ("partnership", "Partnerschaft"),
    "profile": ("project idea", "Projektidee"),
    "place": ("place and inhabitants", "Lage und Einwohner"),
}
_MORE: _Texts = {
    "networks": ("is with you in {names}", "ist mit Ihnen in {names}"),
    "facts": ("{projects} EU projects, {led} led", "{projects} EU-Projekte, {led} geleitet"),
    "inhabitants": ("{number:,} inhabitants", "{number:,} Einwohner"),
    "summary": (
        "{shown} of {considered} towns; {new} of them without a known EU project.",
        "{shown} von {considered} Orten; {new} davon ohne bekanntes EU-Projekt.",
    ),
    "new": ("no EU project known", "kein EU-Projekt bekannt"),
    "unknown": ("Not known: {facts}", "Nicht bekannt: {facts}"),
    "rests": ("Rests on: {grounds}", "Beruht auf: {grounds}"),
}
_UNKNOWN_TEXTS: _Texts = {
    "population": ("inhabitants", "Einwohnerzahl"),
    "place": ("where it lies", "Lage"),
    "networks": ("city networks", "Städtenetze"),
    "mission_city": ("whether it is a Mission city", "ob Mission City"),
    "projects": ("EU projects (none in the table)", "EU-Projekte (keines in der Tabelle)"),
}


def reasons(one: Suggestion, language: str = EN) -> str:
    """Return why a town is suggested, in one line.

    Examples
    --------
    >>> from vie_match.partners.suggestions import Because
    >>> town = Suggestion.model_construct(because=(Because(reason="near", share=0.7),), networks=())
    >>> reasons(town), reasons(town, "de")
    ('is near you', 'liegt in Ihrer Nähe')
    """
    told = [_said(REASON_TEXTS, because.reason, language) for because in one.because]
    if one.networks:
        told.append(_said(_MORE, "networks", language).format(names=", ".join(one.networks)))
    return "; ".join(told)


def ground(one: Ground, language: str = EN) -> str:
    """Return what a suggestion rests on, in one line.

    Examples
    --------
    >>> ground(Ground(name="ASCEND", why="together", year=2023))
    'ASCEND (2023, together)'
    """
    about = ", ".join(filter(None, (str(one.year or ""), _said(_GROUND_TEXTS, one.why, language))))
    return f"{one.name} ({about})"


def about(one: Suggestion, language: str = EN) -> list[str]:
    """Return who a town is, in a few short lines."""
    lines = [f"{one.name} ({one.country})"]
    if one.population is not None:
        number = _said(_MORE, "inhabitants", language).format(number=one.population)
        lines.append(number.replace(",", ".") if language == DE else number)
    if one.km is not None:
        lines.append(f"{one.km:.0f} km")
    known = _said(_MORE, "new" if one.newcomer else "facts", language)
    return [*lines, known.format(projects=one.projects, led=one.led)]


def why(one: Suggestion, language: str = EN) -> list[str]:
    """Return why a town is suggested, on what that rests, and what is not known, a line each."""
    rests = "; ".join(ground(each, language) for each in one.grounds)
    lines = [reasons(one, language)]
    if rests:
        lines.append(_said(_MORE, "rests", language).format(grounds=rests))
    if one.unknown:
        lines.append(_said(_MORE, "unknown", language).format(facts=unknown(one, language)))
    return lines


def summary(found: Suggestions, language: str = EN) -> str:
    """Return how many towns are shown, and how many newcomers are among them."""
    new = sum(one.newcomer for one in found.towns)
    told = _said(_MORE, "summary", language)
    return told.format(shown=len(found.towns), considered=found.considered, new=new)


def unknown(one: Suggestion, language: str = EN) -> str:
    """Return what nobody told of a town, in one line."""
    return ", ".join(_said(_UNKNOWN_TEXTS, name, language) for name in one.unknown)


def _said(texts: _Texts, key: str, language: str) -> str:
    return texts[key][LANGUAGES.index(language)]
