"""Suggested calls as dots: what is drawn of one, its mark, and the axis of months that they stand on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from babel import dates

from vie_match.pictures.colours import INK, SOFT, WARM
from vie_match.pictures.labels import width
from vie_match.pictures.marks import Mark, put_lines
from vie_match.pictures.picture import WIDTH
from vie_match.speech import N_, speech
from vie_match.vocabulary import Answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Stage(StrEnum):
    """What closes on the date of a call."""

    ONLY = "only"
    FIRST = "first"
    CUT_OFF = "cut-off"


@dataclass(frozen=True, slots=True)
class Dot:
    """A call that is suggested to a city.

    Attributes
    ----------
    label : str
        Short name of the call.
    city : str
    date : date or None
        Of the next deadline, in Brussels; None: continuous, or not known.
    probability : float or None
        That it fits, 0 to 1; None: not calibrated.
    eligible : Answer
        Whether the city may take part.
    stage : Stage
        What closes on that date.
    clear : bool
        Where that is not known: whether nothing known speaks against it.
    """

    label: str
    city: str
    date: dt.date | None
    probability: float | None = None
    eligible: Answer = Answer.UNKNOWN
    stage: Stage = Stage.ONLY
    clear: bool = False

    @property
    def standing(self) -> str:
        """The key of what is known of its eligibility."""
        return "clear" if self.clear and self.eligible is Answer.UNKNOWN else self.eligible.value


# Longest time that is drawn to scale; what closes later stands at the border.
LONGEST_MONTHS = 18
# Width of the column of what closes later, or has no date.
_COLUMN = 50.0
# A picture of a week would make days look far apart.
_SHORTEST_MONTHS = 4
_DAYS_A_MONTH = 365.25 / 12

# Shapes by what is known of eligibility; with their words.
_SHAPES = {
    "yes": Mark("o"),
    "clear": Mark("o", filled=False),
    "unknown": Mark("D", filled=False),
    "no": Mark("x", colour=WARM),
}
_STANDINGS = {
    "yes": N_("may take part"),
    "clear": N_("nothing known against it"),
    "unknown": N_("open questions"),
    "no": N_("may not take part"),
}
_TAILS = {Stage.ONLY: "", Stage.FIRST: "-", Stage.CUT_OFF: ":"}
_STAGES = {Stage.FIRST: N_("second stage follows"), Stage.CUT_OFF: N_("further dates follow")}

# Least probability → radius: what the reports call likely, possible, and a long shot.
_SIZES = ((0.55, 5.5), (0.25, 4.2), (0.0, 3.0))
_UNKNOWN_SIZE = 4.2


def mark(dot: Dot, *, sized: bool = True) -> Mark:
    """Return how a dot looks: the shape says whether the city may take part, the size how likely it fits."""
    shape = _SHAPES[dot.standing]
    size = _UNKNOWN_SIZE
    if sized and dot.probability is not None:
        size = next(radius for least, radius in _SIZES if dot.probability >= least)
    if shape.shape == "D":
        # A diamond's radius is that of its sides, not of its corners.
        size *= 0.8
    return Mark(shape.shape, size, shape.filled, shape.colour, _TAILS[dot.stage])


def key(dots: Iterable[Dot], language: str) -> list[tuple[Mark, str]]:
    """Return which mark means what, of those that occur."""
    _ = speech(language).gettext
    dots = tuple(dots)
    shapes = [
        (_SHAPES[standing], _(text))
        for standing, text in _STANDINGS.items()
        if any(dot.standing == standing for dot in dots)
    ]
    tails = [
        (Mark("", tail=_TAILS[stage]), _(text))
        for stage, text in _STAGES.items()
        if any(dot.stage is stage for dot in dots)
    ]
    return shapes + tails


@dataclass(frozen=True, slots=True)
class Months:
    """An axis of months, from today on.

    Attributes
    ----------
    today : date
    days : int
        That are drawn to scale.
    left, right : float
        Where today and the last day stand, units.
    later, undated : float or None
        Where stands what closes later, and what has no date; None: nothing does.
    """

    today: dt.date
    days: int
    left: float
    right: float
    later: float | None
    undated: float | None

    def at(self, date: dt.date | None) -> float:
        """Return where a date stands."""
        if date is None:
            return self.right if self.undated is None else self.undated
        days = (date - self.today).days
        if days > self.days:
            return self.right if self.later is None else self.later
        return self.left + (self.right - self.left) * max(days, 0) / self.days

    def ticks(self, language: str) -> list[tuple[float, str]]:
        """Return where a month begins and its name, as many as have room, and the names of the columns."""
        words = speech(language)
        firsts = [first for first in _firsts(self.today) if (first - self.today).days <= self.days]
        names = [_month(first, language) for first in firsts]
        unit = (self.right - self.left) / self.days * _DAYS_A_MONTH
        step = next(
            step for step in (1, 2, 3, 6, 12) if step * unit > max(map(width, names), default=0) or step == 12
        )
        columns = [
            (x, words.gettext(text))
            for x, text in ((self.later, N_("later")), (self.undated, N_("no date")))
            if x is not None
        ]
        # Today's name has the left end, and columns the right one.
        end = min((x - width(name) / 2 for x, name in columns), default=WIDTH)
        shown = [
            (self.at(first), name)
            for first, name in zip(firsts, names, strict=True)
            # January is among them, so that the year is seen to change.
            if (first.month - 1) % step == 0
            and self.left < self.at(first) - width(name) / 2 < self.at(first) + width(name) / 2 < end
        ]
        return shown + columns


def months(dots: Sequence[Dot], today: dt.date, left: float, right: float) -> Months:
    """Return the axis on which the dates of all dots stand.

    Parameters
    ----------
    dots : sequence of Dot
    today : date
    left, right : float
        The axis' ends, units.
    """
    limit = round(LONGEST_MONTHS * _DAYS_A_MONTH)
    days = [(dot.date - today).days for dot in dots if dot.date]
    scale = max([day for day in days if day <= limit], default=0)
    undated = later = None
    if any(dot.date is None for dot in dots):
        undated, right = right - _COLUMN / 2, right - _COLUMN
    if any(day > limit for day in days):
        later, right = right - _COLUMN / 2, right - _COLUMN
        scale = limit
    return Months(today, max(scale, round(_SHORTEST_MONTHS * _DAYS_A_MONTH)), left, right, later, undated)


def put_months(axes: Axes, axis: Months, height: float, language: str) -> None:
    """Draw the axis under a field of some height, with lines upwards; today's is the dark one."""
    ticks = axis.ticks(language)
    put_lines(axes, [(x, 0, x, height) for x, _ in ticks])
    put_lines(axes, [(axis.left, 0, axis.left, height)], color=INK, linewidth=1.5)
    for x, name in ticks:
        axes.text(x, -5, name, color=SOFT, ha="center", va="top", clip_on=False)


def _firsts(today: dt.date) -> list[dt.date]:
    """Return the first days of the months after today, as far as an axis reaches."""
    months = range(today.year * 12 + today.month, today.year * 12 + today.month + LONGEST_MONTHS + 1)
    return [dt.date(month // 12, month % 12 + 1, 1) for month in months]


def _month(first: dt.date, language: str) -> str:
    """Return the short name of a month, in January that of the year."""
    locale = speech(language).locale
    return str(first.year) if first.month == 1 else dates.format_date(first, "LLL", locale=locale).rstrip(".")
