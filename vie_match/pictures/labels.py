"""Where the label of each dot stands, so that none covers another.

Greedy: every label takes the first free place of a list, nearest first. A letter counts as wide as those of a
broad font, because the reader's font is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vie_match.pictures.picture import LETTERS

# Of the height of letters: the mean width of one, and the height of a line.
_BROAD, _HIGH = 0.6, 1.05
# Between a dot and its label, in units.
_GAP = 3.0
# What a label may cover before a place is better to which a line must lead, square units.
_FAR = 60.0
# How far a label may be moved up and down beside its dot, in lines; farther than one, a line leads there.
_SHIFTS = (0.0, 0.6, -0.6, 1.1, -1.1, 1.7, -1.7, 2.4, -2.4, 3.2, -3.2, 4.2, -4.2)


class Spot(NamedTuple):
    """A dot: its centre and radius, and the length of its tail to the right, in units of the drawing."""

    x: float
    y: float
    radius: float
    tail: float = 0.0


class Box(NamedTuple):
    """A part of the drawing, in its units."""

    left: float
    low: float
    right: float
    high: float

    def shared(self, other: Box) -> float:
        """Return the area in both.

        Examples
        --------
        >>> Box(0, 0, 10, 10).shared(Box(9, 8, 20, 20))
        2
        """
        across = min(self.right, other.right) - max(self.left, other.left)
        upward = min(self.high, other.high) - max(self.low, other.low)
        return max(across, 0) * max(upward, 0)

    def outside(self, field: Box) -> float:
        """Return the area that is not in a field."""
        return (self.right - self.left) * (self.high - self.low) - self.shared(field)


@dataclass(frozen=True, slots=True)
class Label:
    """Where a label stands.

    Attributes
    ----------
    x, y : float
        The middle of its nearer side, in units of the drawing.
    side : str
        The side of the text at (x, y): ``left``, ``right``.
    led : bool
        Whether it is so far from its dot that a line should lead to it.
    """

    x: float
    y: float
    side: str
    led: bool


def width(text: str, size: float = LETTERS) -> float:
    """Return the width of a text in units, rather too large than too small.

    Examples
    --------
    >>> width("Hamm", 10)
    24.0
    """
    return _BROAD * size * len(text)


def placed(spots: Sequence[Spot], texts: Sequence[str], field: Box, size: float = LETTERS) -> list[Label]:
    """Return where each label stands; those of a place without room cover as little as can be.

    Parameters
    ----------
    spots : sequence of Spot
    texts : sequence of str
        One for each spot; the first have the first choice.
    field : Box
        What labels should not leave.
    size : float, optional
        Height of the letters, units.
    """
    taken = [
        Box(
            spot.x - spot.radius,
            spot.y - spot.radius,
            spot.x + spot.radius + spot.tail,
            spot.y + spot.radius,
        )
        for spot in spots
    ]
    labels = []
    for spot, text in zip(spots, texts, strict=True):
        box, label = min(
            _places(spot, width(text, size), size),
            key=lambda place: _cost(place, taken, field),
        )
        taken.append(box)
        labels.append(label)
    return labels


def _cost(place: tuple[Box, Label], taken: Sequence[Box], field: Box) -> float:
    """Return how bad a place is: mostly by what it covers, in square units, and a little by its distance."""
    box, label = place
    return sum(map(box.shared, taken)) + 10 * box.outside(field) + (_FAR if label.led else 0)


def _places(spot: Spot, broad: float, size: float) -> list[tuple[Box, Label]]:
    high = _HIGH * size
    places = []
    for shift in _SHIFTS:
        y = spot.y + shift * high
        # Above and below its dot there is room for it nearer to the middle.
        near = spot.radius + _GAP if abs(shift) < 1 else -spot.radius
        behind = spot.tail if abs(shift) < 1 else 0
        for side, x in (("left", spot.x + near + behind), ("right", spot.x - near)):
            left = x if side == "left" else x - broad
            box = Box(left, y - high / 2, left + broad, y + high / 2)
            places.append((box, Label(x, y, side, abs(shift) > 1.2)))
    return places
