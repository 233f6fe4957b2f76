"""The time of the search for a team against the number of candidates → a picture."""

from __future__ import annotations

import io
import statistics
from collections.abc import Sequence
from pathlib import Path

import matplotlib

from vie_match.evaluation.consortium import Growth
from vie_match.whole import write_whole

matplotlib.use("svg")


def draw(points: Sequence[Growth], picture: Path) -> None:
    """Draw seconds against candidates on logarithmic axes.

    Parameters
    ----------
    points : sequence of Growth
        One or more, in order of candidates.
    picture : Path
        An SVG to write; the same points give the same file.
    """
    from matplotlib import pyplot

    with matplotlib.rc_context({"svg.hashsalt": "vie-match", "svg.fonttype": "none"}):
        figure, axes = pyplot.subplots(figsize=(5, 3.5))
        counts = [point.candidates for point in points]
        median = [statistics.median(point.seconds) for point in points]
        axes.plot(counts, median, "o-", label="best team, proven (median of the calls)")
        axes.plot(counts, [max(point.seconds) for point in points], "s--", label="slowest call")
        # What grows as fast as the candidates runs along these dots.
        axes.plot(
            counts,
            [median[0] * count / counts[0] for count in counts],
            ":",
            color="grey",
            label="as fast as the candidates",
        )
        axes.set(xlabel="candidates", ylabel="seconds", xscale="log", yscale="log")
        axes.grid(True, which="major", linewidth=0.4)
        axes.legend(fontsize=8)
        figure.tight_layout()
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    write_whole(picture, drawn.getvalue())
