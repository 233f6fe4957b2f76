"""How likely each call fits one city against the day it closes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from vie_match.pictures import labels
from vie_match.pictures.colours import BAR, SOFT
from vie_match.pictures.dots import Dot, Months, key, mark, months, put_months
from vie_match.pictures.marks import LINE_HEIGHT, TAIL, Mark, key_lines, put_key, put_lines
from vie_match.pictures.picture import WIDTH, Picture, canvas, plain
from vie_match.speech import speech

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Of the field, units.
_LEFT, _RIGHT, _HEIGHT, _BELOW = 50.0, WIDTH - 12.0, 210.0, 24.0
# Letters of a label; longer ones are cut.
_LETTERS = 18
_PERCENTS = (0, 0.25, 0.5, 0.75, 1)


def chances(
    dots: Sequence[Dot],
    city: str,
    today: dt.date,
    threshold: float | None = None,
    language: str = "en",
    name: str = "chances",
) -> Picture:
    """Draw probability against deadline.

    Parameters
    ----------
    dots : sequence of Dot
        Of one city, the most likely first: these have the first choice of where their labels stand. Those
        without a probability are left out.
    city : str
        For the title.
    today : date
        In Brussels.
    threshold : float, optional
        Probability from which a call is recommended.
    language : str, optional
        Code, of :func:`~vie_match.speech.languages`.
    name : str, optional
        Of the picture, different for every picture of a page.
    """
    shown = tuple(dot for dot in dots if dot.probability is not None)
    return Picture(
        name,
        speech(language).gettext("How likely calls fit {city}, and when they close").format(city=plain(city)),
        _text(shown, threshold, language),
        language,
        partial(_paint, shown, today, threshold, language),
    )


def _text(dots: Sequence[Dot], threshold: float | None, language: str) -> str:
    words = speech(language)
    sentences = [words.ngettext("{n} call.", "{n} calls.", len(dots))]
    for dot in dots:
        said = (
            words.gettext("{call}: {percent}, closes on {date}.")
            if dot.date
            else words.gettext("{call}: {percent}, closing date not known or none.")
        )
        sentences.append(
            said.format(
                call=plain(dot.label), percent=words.percent(round(_chance(dot), 2)), date=words.day(dot.date)
            )
        )
    if threshold is not None:
        line = words.gettext("Calls are recommended from {percent} on.")
        sentences.append(line.format(percent=words.percent(threshold)))
    return " ".join(sentences)


def _chance(dot: Dot) -> float:
    return dot.probability or 0.0


def _paint(dots: tuple[Dot, ...], today: dt.date, threshold: float | None, language: str) -> Figure:
    axis = months(dots, today, _LEFT, _RIGHT)
    entries = key(dots, language)
    if threshold is not None:
        entries.append((Mark("", tail="--"), speech(language).gettext("recommended above this line")))
    below = _BELOW + LINE_HEIGHT * len(key_lines(entries))
    figure, axes = canvas(_HEIGHT, above=10, below=below)
    put_months(axes, axis, _HEIGHT, language)
    _percents(axes, language)
    if threshold is not None:
        y = _HEIGHT * threshold
        put_lines(axes, [(_LEFT, y, WIDTH, y)], "--", color=BAR, linewidth=1.5, zorder=2)
    points: dict[Mark, list[tuple[float, float]]] = defaultdict(list)
    for dot in dots:
        points[mark(dot, sized=False)].append(_place(dot, axis))
    for kind, places in points.items():
        kind.put(axes, *zip(*places, strict=True))
    _label(axes, dots, axis)
    put_key(axes, entries, -_BELOW)
    return figure


def _place(dot: Dot, axis: Months) -> tuple[float, float]:
    return axis.at(dot.date), _HEIGHT * _chance(dot)


def _percents(axes: Axes, language: str) -> None:
    put_lines(axes, [(_LEFT, _HEIGHT * share, WIDTH, _HEIGHT * share) for share in _PERCENTS])
    for share in _PERCENTS:
        text, y = speech(language).percent(share), _HEIGHT * share
        axes.text(_LEFT - 6, y, text, color=SOFT, ha="right", va="center_baseline", clip_on=False)


def _label(axes: Axes, dots: Sequence[Dot], axis: Months) -> None:
    texts = [plain(dot.label, _LETTERS) for dot in dots]
    spots = [
        labels.Spot(*_place(dot, axis), shape.radius, TAIL if shape.tail else 0)
        for dot in dots
        for shape in (mark(dot, sized=False),)
    ]
    field = labels.Box(_LEFT, 0, WIDTH, _HEIGHT)
    places = labels.placed(spots, texts, field)
    for text, label in zip(texts, places, strict=True):
        axes.text(label.x, label.y, text, ha=label.side, va="center_baseline", clip_on=False)
    leads = [
        (spot.x, spot.y, label.x, label.y) for spot, label in zip(spots, places, strict=True) if label.led
    ]
    put_lines(axes, leads, color=SOFT, zorder=2)
