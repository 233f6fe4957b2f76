"""Dots of every kind, and the line below a picture that says which is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vie_match.pictures import labels
from vie_match.pictures.colours import BAR, LINE, MARK, PAPER
from vie_match.pictures.picture import WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Height of a line of words below a picture, units.
LINE_HEIGHT = 18.0
# Left of the first mark, between a mark and its words, and behind the words.
_EDGE, _GAP, _BEHIND = 10.0, 10.0, 18.0
# Length of the tail of a dot behind which something follows.
TAIL = 9.0


@dataclass(frozen=True, slots=True)
class Mark:
    """How a dot looks; told apart by shape, not only by colour.

    Attributes
    ----------
    shape : str
        matplotlib's letter of a marker.
    radius : float
        Units.
    filled : bool
    colour : str
    tail : str
        matplotlib's style of a short line to the right; empty for none.
    """

    shape: str
    radius: float = 4.5
    filled: bool = True
    colour: str = MARK
    tail: str = ""

    def put(self, axes: Axes, x: Sequence[float], y: Sequence[float]) -> None:
        """Draw dots of this kind; axes in units of the drawing."""
        if self.tail:
            ends = [(here, high, here + self.radius + TAIL, high) for here, high in zip(x, y, strict=True)]
            put_lines(axes, ends, self.tail, color=BAR, linewidth=2, zorder=2)
        if self.shape:
            axes.plot(
                x,
                y,
                self.shape,
                markersize=2 * self.radius,
                markerfacecolor=self.colour if self.filled else PAPER,
                markeredgecolor=self.colour,
                markeredgewidth=1.5,
                zorder=3,
                clip_on=False,
            )


def put_lines(
    axes: Axes, lines: Sequence[tuple[float, float, float, float]], style: str = "-", **more: Any
) -> None:
    """Draw thin lines, all as one: matplotlib takes its time for each.

    Parameters
    ----------
    axes : Axes
    lines : sequence of Ends
    style : str, optional
        matplotlib's.
    **more : optional
        Other properties of the line than the usual thin grey one's.
    """
    if lines:
        gap = float("nan")
        x = [value for x, _, x2, _ in lines for value in (x, x2, gap)]
        y = [value for _, y, _, y2 in lines for value in (y, y2, gap)]
        usual: dict[str, Any] = {"color": LINE, "linewidth": 0.8, "zorder": 1}
        axes.plot(x, y, style, clip_on=False, **(usual | more))


def key_lines(entries: Sequence[tuple[Mark, str]]) -> list[list[int]]:
    """Return which entries of a key stand together in a line."""
    lines: list[list[int]] = []
    used = float(WIDTH)
    for number, (mark, text) in enumerate(entries):
        wide = _room(mark) + labels.width(text) + _BEHIND
        if used + wide - _BEHIND > WIDTH and (not lines or lines[-1]):
            lines.append([])
            used = _EDGE
        lines[-1].append(number)
        used += wide
    return lines


def put_key(axes: Axes, entries: Sequence[tuple[Mark, str]], top: float) -> None:
    """Write a key.

    Parameters
    ----------
    axes : Axes
        In units of the drawing.
    entries : sequence of (Mark, str)
    top : float
        Upper edge of its first line; :func:`key_lines` says how many there are.
    """
    for row, line in enumerate(key_lines(entries)):
        x, y = _EDGE, top - LINE_HEIGHT * (row + 0.5)
        for number in line:
            mark, text = entries[number]
            mark.put(axes, [x], [y])
            x += _room(mark)
            axes.text(x, y, text, va="center_baseline", clip_on=False)
            x += labels.width(text) + _BEHIND


def _room(mark: Mark) -> float:
    """Return how far the words of an entry stand from the middle of its mark."""
    if not mark.shape and not mark.tail:
        return -_EDGE / 2
    return _GAP + (TAIL if mark.tail else 0)
