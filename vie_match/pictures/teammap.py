"""The map of a team: its towns on Europe's outlines, the lead marked, lines from the lead to its partners."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vie_match.errors import BadValue
from vie_match.pictures import labels, outlines
from vie_match.pictures.colours import BAR, HOME, INK, LAND, PAPER
from vie_match.pictures.marks import LINE_HEIGHT, Mark, key_lines, put_key, put_lines
from vie_match.pictures.picture import WIDTH, Picture, canvas, plain
from vie_match.pictures.projection import projected
from vie_match.speech import N_, speech

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of the map, units.
_HEIGHT = WIDTH * (outlines.EUROPE[3] - outlines.EUROPE[1]) / (outlines.EUROPE[2] - outlines.EUROPE[0])


class TeamRole(StrEnum):
    """What a town is in a team."""

    LEAD = "lead"
    MEMBER = "member"
    SUGGESTED = "suggested"


_MARKS = {
    TeamRole.LEAD: Mark("s", 5.5),
    TeamRole.MEMBER: Mark("o", 4.5),
    TeamRole.SUGGESTED: Mark("o", 4.5, filled=False),
}
_KEY = {
    TeamRole.LEAD: N_("leads"),
    TeamRole.MEMBER: N_("partner"),
    TeamRole.SUGGESTED: N_("suggested"),
}
_TOLD = {
    TeamRole.LEAD: N_("In the lead: {places}."),
    TeamRole.MEMBER: N_("Partners: {places}."),
    TeamRole.SUGGESTED: N_("Suggested: {places}."),
}


Point = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A member of a team.

    Attributes
    ----------
    name : str
        The town's.
    country : str
        Two letters, EU style (EL, UK).
    lat, lon : float or None
        Degrees north and east, WGS 84; None: not known, so it is named below the map.
    role : TeamRole
        ``lead``, ``member`` (fixed), or ``suggested``.
    """

    name: str
    country: str
    lat: float | None
    lon: float | None
    role: TeamRole = TeamRole.MEMBER


def team_map(members: Sequence[Place], language: str = "en", name: str = "team") -> Picture:
    """Draw a team's towns on Europe's outlines.

    Parameters
    ----------
    members : sequence of Place
        One or more. What lies outside the map, or nobody knows where, is named below it.
    language : str, optional
        Code, of :func:`~vie_match.speech.languages`.
    name : str, optional
        Of the picture, different for every picture of a page.

    Raises
    ------
    BadValue
        Without a member.
    """
    if not members:
        raise BadValue("found no member of the team; expected one or more")
    _ = speech(language).gettext
    return Picture(
        name,
        _("The team on the map"),
        _text(members, language),
        language,
        partial(_paint, tuple(members), language),
    )


def _text(members: Sequence[Place], language: str) -> str:
    words = speech(language)
    sentences = [
        words.ngettext("Map of Europe with {n} town.", "Map of Europe with {n} towns.", len(members))
    ]
    for role, sentence in _TOLD.items():
        if places := [_place(one, language) for one in members if one.role is role]:
            sentences.append(words.gettext(sentence).format(places=words.listed(places)))
    return " ".join([*sentences, *_missing(members, language)])


def _place(member: Place, language: str) -> str:
    return f"{plain(member.name)} ({speech(language).country(member.country)})"


def _missing(members: Sequence[Place], language: str) -> list[str]:
    """Return the sentence that names those who are not on the map, if there are such."""
    words = speech(language)
    shown = _on_map(members)
    missing = [_place(one, language) for one in members if one not in shown]
    if not missing:
        return []
    return [words.gettext("Not on the map: {places}.").format(places=words.listed(missing))]


def _on_map(members: Sequence[Place]) -> dict[Place, Point]:
    """Return the members that the map has, each with its point in metres."""
    known = {one: (one.lon, one.lat) for one in members if one.lat is not None and one.lon is not None}
    points = projected(np.array(list(known.values()), dtype=np.float64))
    found = zip(known, points, outlines.inside(points), strict=True)
    return {one: point for one, point, inside in found if inside}


def _paint(members: tuple[Place, ...], language: str) -> Figure:
    shown = _on_map(members)
    below = _wrapped(" ".join(_missing(members, language)))
    roles = {one.role for one in members}
    entries = [(mark, speech(language).gettext(_KEY[role])) for role, mark in _MARKS.items() if role in roles]
    bottom = LINE_HEIGHT * (len(below) + len(key_lines(entries))) + 6
    figure, axes = canvas(_HEIGHT, below=bottom)
    seen = outlines.view(np.array(list(shown.values())).reshape(-1, 2), WIDTH)
    _land(axes, seen, {one.country for one in members})
    points = {one: seen.units(point) for one, point in shown.items()}
    _lines(axes, points)
    _dots(axes, points)
    put_lines(axes, [(0, 0, WIDTH, 0)])
    put_key(axes, entries, -3)
    for number, line in enumerate(below, len(key_lines(entries)) + 1):
        axes.text(4, -LINE_HEIGHT * number, line, clip_on=False)
    return figure


def _land(axes: Axes, seen: outlines.View, homes: set[str]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    for country, rings in outlines.shapes(seen, (WIDTH, _HEIGHT)).items():
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        axes.add_patch(
            PathPatch(
                path,
                facecolor=HOME if country in homes else LAND,
                edgecolor=PAPER,
                linewidth=0.8 if country else 0,
                clip_on=False,
            )
        )


def _lines(axes: Axes, points: dict[Place, Point]) -> None:
    leads = [point for one, point in points.items() if one.role is TeamRole.LEAD]
    others = [point for one, point in points.items() if one.role is not TeamRole.LEAD]
    lines = [(*start.tolist(), *end.tolist()) for start, end in product(leads, others)]
    put_lines(axes, lines, color=BAR, linewidth=1)


def _dots(axes: Axes, points: dict[Place, Point]) -> None:
    # The lead last, so that it lies on top.
    for role, mark in reversed(_MARKS.items()):
        if own := [point for one, point in points.items() if one.role is role]:
            mark.put(axes, *np.array(own).T)
    ordered = sorted(points, key=lambda one: list(TeamRole).index(one.role))
    spots = [
        labels.Spot(float(points[one][0]), float(points[one][1]), _MARKS[one.role].radius) for one in ordered
    ]
    texts = [plain(one.name, 22) for one in ordered]
    for text, spot, label in zip(
        texts, spots, labels.placed(spots, texts, labels.Box(0, 0, WIDTH, _HEIGHT)), strict=True
    ):
        if label.led:
            put_lines(axes, [(spot.x, spot.y, label.x, label.y)], color=INK)
        axes.text(label.x, label.y, text, ha=label.side, va="center_baseline", clip_on=False)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, int(WIDTH / labels.width("n")) - 1)
