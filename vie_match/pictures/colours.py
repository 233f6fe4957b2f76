"""Colours of pictures, on light and on dark paper.

Each value has one purpose only, because the dark ones are put in by value. Names and values are those of the
report's page, as far as it has them.
"""

from __future__ import annotations

PAPER = "#ffffff"
INK = "#1d2433"
SOFT = "#4a5468"
LINE = "#ccd3df"
MARK = "#1f4fa3"
BAR = "#5c85cc"
WARM = "#8a5f00"
LAND = "#e3e8f0"
HOME = "#bccdeb"

DARK = {
    PAPER: "#1a2030",
    INK: "#e7ebf3",
    SOFT: "#b3bccd",
    LINE: "#3a4459",
    MARK: "#9dbcff",
    BAR: "#6f97de",
    WARM: "#e2b84a",
    LAND: "#2b3347",
    HOME: "#41557f",
}
