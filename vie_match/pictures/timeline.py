"""When the suggested calls close: one row for each city, one dot for each call."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from vie_match.pictures.dots import Dot, Months, key, mark, months, put_months
from vie_match.pictures.labels import width
from vie_match.pictures.marks import LINE_HEIGHT, TAIL, Mark, key_lines, put_key, put_lines
from vie_match.pictures.picture import WIDTH, Picture, canvas, plain
from vie_match.speech import N_, speech

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Longer names of cities are cut.
_LETTERS = 17
# Height of a row with dots beside each other, and what it grows by for each level of dots above others.
_ROW, _LEVEL = 22.0, 11.0
_BELOW = 24.0


def timeline(dots: Sequence[Dot], today: dt.date, language: str = "en", name: str = "timeline") -> Picture:
    """Draw when the calls close.

    Parameters
    ----------
    dots : sequence of Dot
        The rows stand in the order in which their cities come.
    today : date
        In Brussels.
    language : str, optional
        Code, of :func:`~vie_match.speech.languages`.
    name : str, optional
        Of the picture, different for every picture of a page.
    """
    _ = speech(language).gettext
    rows = _rows(dots)
    return Picture(
        name,
        _("When the suggested calls close"),
        _text(rows, today, language),
        language,
        partial(_paint, rows, today, language),
    )


def _rows(dots: Sequence[Dot]) -> dict[str, list[Dot]]:
    rows: dict[str, list[Dot]] = defaultdict(list)
    for dot in dots:
        rows[dot.city].append(dot)
    return dict(rows)


def _text(rows: dict[str, list[Dot]], today: dt.date, language: str) -> str:
    words = speech(language)
    first = words.ngettext(
        "Deadlines of the calls suggested to {n} city, from {date} on.",
        "Deadlines of the calls suggested to {n} cities, from {date} on.",
        len(rows),
    )
    sentences = [_of_city(city, dots, language) for city, dots in rows.items()]
    return " ".join([first.format(date=words.day(today)), *sentences])


def _of_city(city: str, dots: Sequence[Dot], language: str) -> str:
    words = speech(language)
    next_date = min((dot.date for dot in dots if dot.date), default=None)
    if next_date is None:
        said = words.ngettext(
            "{city}: {n} call, without a date.", "{city}: {n} calls, without a date.", len(dots)
        )
        return said.format(city=plain(city))
    said = words.ngettext(
        "{city}: {n} call, {call} closes on {date}.",
        "{city}: {n} calls, the next on {date}: {call}.",
        len(dots),
    )
    calls = [plain(dot.label) for dot in dots if dot.date == next_date]
    return said.format(city=plain(city), date=words.day(next_date), call=words.listed(calls))


def _paint(rows: dict[str, list[Dot]], today: dt.date, language: str) -> Figure:
    dots = [dot for row in rows.values() for dot in row]
    names = {city: plain(city, _LETTERS) for city in rows}
    left = 16 + max(map(width, names.values()), default=0)
    axis = months(dots, today, left, WIDTH - 14)
    levels = {city: _levels(row, axis) for city, row in rows.items()}
    heights = {city: _ROW + _LEVEL * max(levels[city], default=0) for city in rows}
    entries = _entries(dots, language)
    below = _BELOW + LINE_HEIGHT * len(key_lines(entries))
    height = sum(heights.values())
    figure, axes = canvas(height, above=6, below=below)
    put_months(axes, axis, height, language)
    axes.text(axis.left - 4, -5, speech(language).gettext("today"), ha="right", va="top", clip_on=False)
    top = height
    put_lines(axes, [(0, low, WIDTH, low) for low in height - np.cumsum(list(heights.values()))])
    for city, row in rows.items():
        _row(axes, names[city], (top - heights[city], top), axis, list(zip(row, levels[city], strict=True)))
        top -= heights[city]
    put_key(axes, entries, -_BELOW)
    return figure


def _levels(row: Sequence[Dot], axis: Months) -> list[int]:
    """Return on which level each dot stands so that none covers another."""
    ends: list[float] = []
    found = dict.fromkeys(range(len(row)), 0)
    for number in sorted(found, key=lambda one: (axis.at(row[one].date), one)):
        shape, x = mark(row[number]), axis.at(row[number].date)
        start, end = x - shape.radius - 1, x + shape.radius + 1 + (TAIL if shape.tail else 0)
        level = next((level for level, used in enumerate(ends) if used <= start), len(ends))
        ends[level : level + 1] = [end]
        found[number] = level
    return list(found.values())


def _row(
    axes: Axes, name: str, edges: tuple[float, float], axis: Months, row: Sequence[tuple[Dot, int]]
) -> None:
    low, high = edges
    axes.text(axis.left - 8, (low + high) / 2, name, ha="right", va="center_baseline", clip_on=False)
    points: dict[Mark, list[tuple[float, float]]] = defaultdict(list)
    for dot, level in row:
        points[mark(dot)].append((axis.at(dot.date), low + _ROW / 2 + _LEVEL * level))
    for kind, places in points.items():
        kind.put(axes, *zip(*places, strict=True))


def _entries(dots: Sequence[Dot], language: str) -> list[tuple[Mark, str]]:
    entries = key(dots, language)
    if len({mark(dot).radius for dot in dots}) > 1:
        entries.append((Mark(""), speech(language).gettext(_LARGER)))
    return entries


_LARGER = N_("larger: likelier to fit")
