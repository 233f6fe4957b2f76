"""Why this call: what speaks for it and what against, as bars from a middle line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from vie_match.errors import BadValue
from vie_match.pictures.colours import BAR, PAPER, SOFT, WARM
from vie_match.pictures.marks import put_lines
from vie_match.pictures.picture import WIDTH, Picture, canvas, plain
from vie_match.speech import speech

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Heights of a share with its name, of its bar, and of the head; room at both sides.
_ROW, _THICK, _HEAD, _EDGE = 38.0, 11.0, 22.0, 4.0
# Longer names are cut.
_LETTERS = 52


@dataclass(frozen=True, slots=True)
class Share:
    """Something that counted for or against a call.

    Attributes
    ----------
    name : str
        For people.
    value : float
        Positive speaks for it; the unit does not matter, only how the values compare.
    """

    name: str
    value: float


def bars(shares: Sequence[Share], language: str = "en", name: str = "bars") -> Picture:
    """Draw what counted, most first.

    Parameters
    ----------
    shares : sequence of Share
        One or more; those of nought are left out.
    language : str, optional
        Code, of :func:`~vie_match.speech.languages`.
    name : str, optional
        Of the picture, different for every picture of a page.

    Raises
    ------
    BadValue
        When nothing counted.
    """
    told = tuple(sorted((one for one in shares if one.value), key=lambda one: -one.value))
    if not told:
        raise BadValue("found no share other than nought; expected one or more that counted")
    _ = speech(language).gettext
    return Picture(name, _("What counted"), _text(told, language), language, partial(_paint, told, language))


def _text(shares: Sequence[Share], language: str) -> str:
    words = speech(language)
    largest = max(abs(one.value) for one in shares)
    for_it = _row([one for one in shares if one.value > 0], largest, language)
    against = _row([one for one in reversed(shares) if one.value < 0], largest, language)
    sentences = []
    if for_it:
        sentences.append(words.gettext("For the call, most first: {names}.").format(names=for_it))
    if against:
        sentences.append(words.gettext("Against it, most first: {names}.").format(names=against))
    return " ".join([*sentences, words.gettext("In percent of what counted most.")])


def _row(shares: Sequence[Share], largest: float, language: str) -> str:
    words = speech(language)
    return words.listed(
        [f"{plain(one.name)} ({words.percent(round(abs(one.value) / largest, 2))})" for one in shares]
    )


def _paint(shares: tuple[Share, ...], language: str) -> Figure:
    words = speech(language)
    height = _ROW * len(shares)
    figure, axes = canvas(height, above=_HEAD)
    least, most = min(0.0, shares[-1].value), max(0.0, shares[0].value)
    unit = (WIDTH - 2 * _EDGE) / (most - least)
    middle = _EDGE - least * unit
    for number, one in enumerate(shares):
        top = height - _ROW * number
        against = one.value < 0
        axes.text(_EDGE, top - 7, plain(one.name, _LETTERS), va="top", clip_on=False)
        # Hollow, so that the side is told apart without colour.
        axes.barh(
            top - _ROW + _THICK / 2 + 2,
            one.value * unit,
            _THICK,
            left=middle,
            facecolor=PAPER if against else BAR,
            edgecolor=WARM if against else BAR,
            linewidth=1.5,
            clip_on=False,
        )
    put_lines(axes, [(middle, 0, middle, height)], zorder=0)
    sides = [
        (words.pgettext("side of a bar", "for"), "left", most > 0),
        (words.pgettext("side of a bar", "against"), "right", least < 0),
    ]
    for text, side, there in sides:
        if there:
            x = middle + (6 if side == "left" else -6)
            axes.text(x, height + 4, text, color=SOFT, ha=side, va="bottom", clip_on=False)
    return figure
