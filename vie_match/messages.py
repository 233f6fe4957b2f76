"""Texts that remember what fills their gaps, so that they can be said in another language later.

What is wrong with a file is found far below the place that knows who reads. An English text made with
:func:`M_` is an ordinary text everywhere; :func:`said` puts a translation's pattern in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Message(str):
    """An English text, with the pattern and the gaps that it was made of."""

    __slots__ = ("gaps", "pattern")
    pattern: str
    gaps: Mapping[str, Any]


def M_(pattern: str, **gaps: Any) -> Message:  # noqa: N802 - marks a message, as N_ does
    """Mark a message for translation, fill its gaps, and remember both.

    Parameters
    ----------
    pattern : str
        With gaps in braces.
    **gaps
        What stands in them; messages among them are translated, too.

    Examples
    --------
    >>> M_("no {key}", key="title")
    'no title'
    """
    made = Message(pattern.format(**gaps))
    made.pattern, made.gaps = pattern, gaps
    return made


def said(text: str, gettext: Callable[[str], str]) -> str:
    """Return a text in the language of a catalogue; one that is no message stays as it is.

    Parameters
    ----------
    text : str
    gettext : callable
        Pattern → its translation.

    Examples
    --------
    >>> said(M_("no {key}", key="title"), {"no {key}": "{key} fehlt"}.__getitem__)
    'title fehlt'
    """
    if not isinstance(text, Message):
        return str(text)
    gaps = {
        name: said(value, gettext) if isinstance(value, str) else value for name, value in text.gaps.items()
    }
    return gettext(text.pattern).format(**gaps)
