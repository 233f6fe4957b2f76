"""Digest → the pictures that stand in the report; a match → the picture of what counted for it."""

from __future__ import annotations

import re

from vie_match.pictures.bars import Share, bars
from vie_match.pictures.chances import chances
from vie_match.pictures.dots import Dot, Stage
from vie_match.pictures.picture import Picture
from vie_match.pictures.timeline import timeline
from vie_match.records import BRUSSELS, Call
from vie_match.reports import names
from vie_match.reports.digest import CityPart, Digest
from vie_match.reports.names import SAME_FOR_ALL
from vie_match.results import Match
from vie_match.vocabulary import Answer, DeadlineModel

# Calls of one city that are drawn: more would hide each other.
_MOST = 10
# Of the calls that are not recommended, so that one sees what the line parts.
_BELOW = 3

TIMELINE = "timeline"

_SHARED = re.compile(r"-20\d\d(?=-|$)|-(?:single|two)-stage$", re.IGNORECASE)


def draw(digest: Digest, language: str = "en") -> dict[str, Picture]:
    """Return the report's pictures; each is drawn when its SVG or PNG is asked for.

    Parameters
    ----------
    digest : Digest
    language : str, optional
        Code, of :func:`~vie_match.speech.languages`.

    Returns
    -------
    dict
        ``timeline``: when the suggested calls close, all cities; ``chances-<id of a profile>``: probability
        against deadline. One that would be empty is not there.
    """
    pictures = {}
    dots = [dot for part in digest.cities for dot in suggested(part, digest)]
    if dots:
        pictures[TIMELINE] = timeline(dots, digest.today, language, TIMELINE)
    for part in digest.cities:
        below = [_dot(part, match, part.profile.city.name) for match in part.others[:_BELOW]]
        own = [*suggested(part, digest), *below]
        if any(dot.probability is not None for dot in own):
            name = chances_of(part.profile.id)
            city = part.profile.city.name
            pictures[name] = chances(own, city, digest.today, digest.threshold, language, name)
    return pictures


def why(match: Match, language: str = "en", name: str = "why") -> Picture:
    """Return what spoke for a call and what against it, as bars.

    Parameters
    ----------
    match : Match
    language : str, optional
        Code, of :func:`~vie_match.speech.languages`.
    name : str, optional
        Of the picture, different for every picture of a page.

    Raises
    ------
    BadValue
        When nothing counted.
    """
    told = (part for part in match.contributions if part.name != SAME_FOR_ALL)
    return bars([Share(names.part_name(part.name, language), part.value) for part in told], language, name)


def chances_of(profile: str) -> str:
    """Return the name of the picture of one profile.

    Examples
    --------
    >>> chances_of("hamm-2027")
    'chances-hamm-2027'
    """
    return f"chances-{profile}"


def short(identifier: str) -> str:
    """Return a call's identifier without what many share: year, stages, the programme's first word.

    Examples
    --------
    >>> short("HORIZON-MISS-2027-04-CIT-01"), short("LIFE-2027-CET-two-stage"), short("EUI-IA-4")
    ('MISS-04-CIT-01', 'LIFE-CET', 'EUI-IA-4')
    """
    parts = _SHARED.sub("", identifier).split("-")
    return "-".join(parts[1:] if len(parts) > 3 else parts)


def suggested(part: CityPart, digest: Digest) -> list[Dot]:
    """Return the dots of the calls suggested to a project, the best first, no more than are drawn."""
    city = _row_name(part, digest)
    return [_dot(part, match, city) for match in (*part.best, *part.further)[:_MOST]]


def _row_name(part: CityPart, digest: Digest) -> str:
    """Return the city's name; of several projects of one city each with its title, so that they are rows."""
    name = part.profile.city.name
    return f"{name}: {part.profile.title}" if digest.projects_of(name) > 1 else name


def _dot(part: CityPart, match: Match, city: str) -> Dot:
    terms = part.terms.get(match.call.identifier)
    deadline = match.deadline
    return Dot(
        label=short(match.call.identifier),
        city=city,
        date=deadline.moment.astimezone(BRUSSELS).date() if deadline else None,
        probability=match.probability,
        eligible=terms.may if terms else Answer.UNKNOWN,
        stage=_stage(match.call),
        clear=terms is not None and terms.clear,
    )


def _stage(call: Call) -> Stage:
    if call.deadline_model is DeadlineModel.TWO_STAGE:
        return Stage.FIRST
    return Stage.CUT_OFF if call.deadline_model is DeadlineModel.MULTIPLE_CUT_OFF else Stage.ONLY
