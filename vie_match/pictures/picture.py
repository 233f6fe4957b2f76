"""A picture: an SVG that needs nothing beside it, the same as PNG, and its text.

matplotlib draws without a window; ``svg`` makes of its SVG a small one that may stand in a page with others.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vie_match.foreign import visible
from vie_match.pictures import svg
from vie_match.pictures.colours import INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Units of the drawing, points for matplotlib.
WIDTH = 400
# Of a telephone's 390 pixels about 358 are left between the margins; this gives letters of 11 pixels there.
LETTERS = 12.5

# Twice the size of the SVG, for screens with fine dots.
_PNG_DPI = 144

_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "vie-match",
    "font.family": "DejaVu Sans",  # matplotlib's own: the same measures on every machine
    "font.size": LETTERS,
    "text.parse_math": False,  # a dollar sign in a title is no formula
    "text.color": INK,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "path.simplify": False,
}
# What matplotlib would write of itself and of the day.
_NO_METADATA = {"svg": dict.fromkeys(("Date", "Creator", "Format", "Type")), "png": {"Software": None}}


@dataclass(frozen=True)
class Picture:
    """A picture with its text.

    Attributes
    ----------
    name : str
        Short name, different for every picture of a page; letters, digits and hyphens count.
    title : str
        What it is, in a few words.
    alt : str
        What it shows, in sentences, for people who do not see it.
    language : str
        Of title and text, ISO 639-1.
    paint : callable
        Draws it; called in this module's settings.
    """

    name: str
    title: str
    alt: str
    language: str
    paint: Callable[[], Figure] = field(repr=False, compare=False)

    @cached_property
    def svg(self) -> str:
        """One SVG element: no script, nothing from outside; the same data gives the same text."""
        return svg.finished(self._drawn("svg", 72), self.name, self.title, self.alt, self.language)

    @cached_property
    def png(self) -> bytes:
        """The same on light paper, for programs that show no SVG."""
        return self._drawn("png", _PNG_DPI)

    def _drawn(self, form: str, dpi: int) -> bytes:
        drawn = io.BytesIO()
        with _settings():
            self.paint().savefig(drawn, format=form, dpi=dpi, metadata=_NO_METADATA[form])
        return drawn.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg


def canvas(height: float, *, above: float = 0, below: float = 0) -> tuple[Figure, Axes]:
    """Return a figure of the usual width, and axes in its units; the field's lower left corner is (0, 0).

    Parameters
    ----------
    height : float
        Of the field, in units of the drawing.
    above, below : float, optional
        Room over and under the field, in the same units.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, (above + height + below) / 72), dpi=72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, WIDTH), ylim=(-below, height + above), autoscale_on=False)
    return figure, axes


def plain(text: str, letters: int = 10_000) -> str:
    r"""Return a text that can stand in a picture: one line, without signs that XML forbids or nobody sees.

    Parameters
    ----------
    text : str
    letters : int, optional
        What is longer is cut, and ends in "…".

    Examples
    --------
    >>> plain("Bad\x00 Homburg\nvor der Höhe", 14)
    'Bad Homburg v…'
    """
    line = " ".join(visible(text).split())
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


@contextmanager
def _settings() -> Iterator[None]:
    import matplotlib

    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # The reader's font has the letters that matplotlib's lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield
