"""Other people's sentences as they stand in quotation marks: short, on one line, without Markdown. Pure."""

from __future__ import annotations

import re

# Characters of a quotation: about a line of print, so that a reason stays one sentence to the eye.
LIMIT = 100

# Marks of Markdown that a verbatim sentence may begin with, or contain.
_LEADING = re.compile(r"^(?:(?:[-*•–—>]|#{1,6}|\d{1,3}[.)])\s+)+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_EMPHASIS = re.compile(r"\*\*|__|`")
# Inside quotation marks others become single ones.
_DOUBLE_MARKS = re.compile(r"[\"„“”«»]")
# Marks that cannot stand before a closing quotation mark within a sentence.
_ENDS = " .;:,…–—-"


def shorten(text: str, limit: int = LIMIT) -> str:
    """Return a text of at most ``limit`` characters, cut between words, with … where it was cut.

    Examples
    --------
    >>> shorten("Trees and shade in ten streets", 20)
    'Trees and shade in…'
    >>> shorten("Donaudampfschifffahrt", 10)
    'Donaudamp…'
    """
    if len(text) <= limit:
        return text
    kept = text[:limit]
    at_border = kept.rpartition(" ")[0].rstrip(_ENDS)
    return f"{at_border or kept[: limit - 1]}…"


def quotable(text: str, limit: int = LIMIT) -> str:
    """Return a sentence as it can stand in quotation marks: one line, no Markdown, no full stop.

    Examples
    --------
    >>> quotable("- **Trees** for “hot” streets.")
    "Trees for 'hot' streets"
    """
    line = _LEADING.sub("", " ".join(_EMPHASIS.sub("", _LINK.sub(r"\1", text)).split()))
    return shorten(_DOUBLE_MARKS.sub("'", line).strip(_ENDS), limit)
