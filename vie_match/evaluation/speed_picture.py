"""The time of ranking against the number of calls → a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vie_match.evaluation import growth_picture
from vie_match.evaluation.growth import Growth


def draw(points: Sequence[Growth], picture: Path) -> None:
    """Draw fitting and ranking on logarithmic axes.

    Parameters
    ----------
    points : sequence of Growth
        One or more, in order of calls.
    picture : Path
        An SVG to write; the same points give the same file.
    """
    lines = {
        "reading the calls into an index": [point.fit_s for point in points],
        f"ranking them for {points[0].profiles} profiles": [point.rank_s for point in points],
    }
    growth_picture.draw("calls", [point.calls for point in points], lines, picture)
