"""The time of ranking against the number of calls → a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib

from vie_match.evaluation.growth import Growth
from vie_match.whole import write_whole

matplotlib.use("svg")


def draw(points: Sequence[Growth], picture: Path) -> None:
    """Draw fitting and ranking on logarithmic axes.

    Parameters
    ----------
    points : sequence of Growth
        One or more, in order of calls.
    picture : Path
        An SVG to write; the same points give the same file.
    """
    from matplotlib import pyplot

    with matplotlib.rc_context({"svg.hashsalt": "vie-match", "svg.fonttype": "none"}):
        figure, axes = pyplot.subplots(figsize=(5, 3.5))
        calls = [point.calls for point in points]
        axes.plot(calls, [point.fit_s for point in points], "o-", label="reading the calls into an index")
        axes.plot(
            calls,
            [point.rank_s for point in points],
            "s-",
            label=f"ranking them for {points[0].profiles} profiles",
        )
        # What grows as fast as the calls runs along these dots.
        axes.plot(
            calls,
            [points[0].fit_s * count / calls[0] for count in calls],
            ":",
            color="grey",
            label="as fast as the calls",
        )
        axes.set(xlabel="calls", ylabel="seconds", xscale="log", yscale="log")
        axes.grid(True, which="major", linewidth=0.4)
        axes.legend(fontsize=8)
        figure.tight_layout()
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    write_whole(picture, drawn.getvalue())
