"""What skills are called: the themes of profiles and calls, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vie_match.speech import NC_, speech
from vie_match.vocabulary import Theme

_THEMES: Mapping[str, str] = {
    Theme.AIR_QUALITY: NC_("theme", "air quality"),
    Theme.ARTIFICIAL_INTELLIGENCE: NC_("theme", "artificial intelligence"),
    Theme.BIODIVERSITY: NC_("theme", "biodiversity"),
    Theme.BUILDINGS: NC_("theme", "buildings"),
    Theme.CIRCULAR_ECONOMY: NC_("theme", "circular economy"),
    Theme.CIVIL_PROTECTION: NC_("theme", "civil protection"),
    Theme.CLIMATE_ADAPTATION: NC_("theme", "climate adaptation"),
    Theme.COAST_AND_PORTS: NC_("theme", "coast and ports"),
    Theme.CONNECTIVITY: NC_("theme", "connectivity"),
    Theme.CULTURE_AND_HERITAGE: NC_("theme", "culture and heritage"),
    Theme.CYBERSECURITY: NC_("theme", "cybersecurity"),
    Theme.DATA: NC_("theme", "data"),
    Theme.DEMOCRACY_AND_PARTICIPATION: NC_("theme", "democracy and participation"),
    Theme.DIGITAL_GOVERNMENT: NC_("theme", "digital government"),
    Theme.DIGITAL_TWIN: NC_("theme", "digital twin"),
    Theme.ECONOMY_AND_INNOVATION: NC_("theme", "economy and innovation"),
    Theme.EDUCATION_AND_SKILLS: NC_("theme", "education and skills"),
    Theme.ENERGY: NC_("theme", "energy"),
    Theme.FOOD: NC_("theme", "food"),
    Theme.HEALTH: NC_("theme", "health"),
    Theme.HEAT: NC_("theme", "heat"),
    Theme.HOUSING: NC_("theme", "housing"),
    Theme.INCLUSION: NC_("theme", "inclusion"),
    Theme.MIGRATION: NC_("theme", "migration"),
    Theme.MOBILITY: NC_("theme", "mobility"),
    Theme.NOISE: NC_("theme", "noise"),
    Theme.RURAL_AREAS: NC_("theme", "rural areas"),
    Theme.SECURITY: NC_("theme", "security"),
    Theme.SOIL_AND_LAND: NC_("theme", "soil and land"),
    Theme.TOURISM: NC_("theme", "tourism"),
    Theme.TOWN_TWINNING: NC_("theme", "town twinning"),
    Theme.URBAN_PLANNING: NC_("theme", "urban planning"),
    Theme.WASTE: NC_("theme", "waste"),
    Theme.WATER: NC_("theme", "water"),
    Theme.YOUTH: NC_("theme", "youth"),
}


def named(skills: Sequence[str], language: str = "en") -> str:
    """Return skills in a row; those that are no theme as they are written.

    Examples
    --------
    >>> named(["digital-twin", "hydrology"]), named(["digital-twin"], "de")
    ('digital twin, hydrology', 'digitaler Zwilling')
    """
    say = speech(language).pgettext
    return ", ".join(say("theme", _THEMES[one]) if one in _THEMES else one for one in skills)
