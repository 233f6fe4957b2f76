"""The losses of a run's stages → a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("svg")


def draw(curves: Mapping[str, Path], picture: Path) -> None:
    """Draw the loss of each stage against its steps.

    Parameters
    ----------
    curves : mapping
        Name of the stage → the file of losses its run wrote.
    picture : Path
        An SVG to write; the same curves give the same file.
    """
    from matplotlib import pyplot

    with matplotlib.rc_context({"svg.hashsalt": "vie-match", "svg.fonttype": "none"}):
        figure, axes = pyplot.subplots(1, len(curves), figsize=(5 * len(curves), 3.2), squeeze=False)
        for axis, (name, path) in zip(axes[0], curves.items(), strict=True):
            lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            axis.plot([line["step"] for line in lines], [line["loss"] for line in lines], linewidth=1)
            axis.set(title=name, xlabel="step", ylabel="mean loss of 20 steps", ylim=(0, None))
        figure.tight_layout()
        picture.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(picture, format="svg", metadata={"Date": None})
        pyplot.close(figure)
