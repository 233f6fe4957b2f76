"""How the commands of ``evaluate`` show figures: wide tables, means with intervals, files, floors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from vie_match import errors
from vie_match.cli.app import log, output
from vie_match.whole import write_whole

if TYPE_CHECKING:
    from vie_match.evaluation.metrics import Figure


def wide(width: int = 240) -> Console:
    """Return a console on which wide tables keep their shape, also in a file.

    Parameters
    ----------
    width : int, default 240
        Letters in a line of a file; on a terminal it is the terminal's.
    """
    return output if output.is_terminal else Console(width=width)


def interval(figure: Figure | None, form: str = ".3f", bounds: str | None = None) -> str:
    """Return a mean with its interval; nothing for a figure that there is not.

    Parameters
    ----------
    figure : Figure or None
    form : str, default ".3f"
        Of the mean.
    bounds : str, optional
        Of the interval; by default one decimal less.

    Examples
    --------
    >>> from vie_match.evaluation.metrics import Figure
    >>> interval(Figure(0.5, 0.4, 0.6)), interval(Figure(0.5, 0.4, 0.6), "+.3f", "+.3f"), interval(None)
    ('0.500 [0.40, 0.60]', '+0.500 [+0.400, +0.600]', '')
    """
    if figure is None:
        return ""
    bounds = bounds or form.replace("3", "2")
    return f"{figure.mean:{form}} [{figure.low:{bounds}}, {figure.high:{bounds}}]"


def write_figures(file: Path | None, figures: str) -> None:
    """Write figures as JSON, if a file is wanted, and say so."""
    if file:
        write_whole(file, figures)
        log.print(f"figures written to {file}", soft_wrap=True)


def keep_floor(what: str, reached: float | None, floor: float | None) -> None:
    """Stop if a figure is below its floor, or missing.

    Raises
    ------
    BelowFloor

    Examples
    --------
    >>> keep_floor("nDCG@10", 0.7, 0.68), keep_floor("nDCG@10", None, None)
    (None, None)
    """
    if floor is not None and (reached is None or reached < floor):
        raise errors.BelowFloor(f"found {what} {reached}; expected at least {floor}")
