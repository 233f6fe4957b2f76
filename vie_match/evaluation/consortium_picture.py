"""The time of the search for a team against the number of candidates → a picture."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from vie_match.evaluation import growth_picture
from vie_match.evaluation.consortium import Growth


def draw(points: Sequence[Growth], picture: Path) -> None:
    """Draw seconds against candidates on logarithmic axes.

    Parameters
    ----------
    points : sequence of Growth
        One or more, in order of candidates.
    picture : Path
        An SVG to write; the same points give the same file.
    """
    lines = {
        "best team, proven (median of the calls)": [statistics.median(point.seconds) for point in points],
        "slowest call": [max(point.seconds) for point in points],
    }
    growth_picture.draw("candidates", [point.candidates for point in points], lines, picture)
