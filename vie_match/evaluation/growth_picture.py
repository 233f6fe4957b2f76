"""Seconds against a number of things → a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

from vie_match.whole import write_whole

matplotlib.use("svg")

_MARKS = ("o-", "s--")


def draw(unit: str, counts: Sequence[int], seconds: Mapping[str, Sequence[float]], picture: Path) -> None:
    """Draw one or two lines on logarithmic axes, with dots along which the first would grow with the number.

    Parameters
    ----------
    unit : str
        What is counted.
    counts : sequence of int
        One or more, rising.
    seconds : mapping
        Name of a line → its seconds, one for each count.
    picture : Path
        An SVG to write; the same lines give the same file.
    """
    from matplotlib import pyplot

    with matplotlib.rc_context({"svg.hashsalt": "vie-match", "svg.fonttype": "none"}):
        figure, axes = pyplot.subplots(figsize=(5, 3.5))
        for mark, (name, values) in zip(_MARKS, seconds.items(), strict=False):
            axes.plot(counts, values, mark, label=name)
        first = next(iter(seconds.values()))[0]
        along = [first * count / counts[0] for count in counts]
        axes.plot(counts, along, ":", color="grey", label=f"as fast as the {unit}")
        axes.set(xlabel=unit, ylabel="seconds", xscale="log", yscale="log")
        axes.grid(True, which="major", linewidth=0.4)
        axes.legend(fontsize=8)
        figure.tight_layout()
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    write_whole(picture, drawn.getvalue())
