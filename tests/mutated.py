"""Pages as no site should send them: arbitrary text, and fixtures cut, swapped, nested, inflated."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path

from hypothesis import strategies as st

PAGES = Path(__file__).parent / "pages"

# Pieces of which parsers are afraid.
NASTY = (
    "<div>" * 3000,
    "</div>" * 50,
    "<table><tr><td>",
    "<![x[",
    "<!--",
    "<a href='http://[x'>Find out more</a>",
    "<a href='javascript:alert(1)'>Find out more</a>",
    "<a href='/en/calls/99999999999999999999/x'>12</a>",
    "9" * 400,
    "€ " + "9" * 400 + " million",
    "99.99.9999 99:99",
    "31/02/2027",
    "Deadline date : 00/00/0000",
    "budget of EUR 1e999 billion for the call",
    "at least 99999 partners. " * 20,
    "up to 999 % co-financing",
    "\x00\ud800\ufffe",
    "&#xD800;&#0;&#99999999;",
    "\u0661\u0665/\u0660\u0666/\u0662\u0660\u0662\u0667",
    "-" * 3000 + "first" + " -" * 500,
    "<h1>" + "x" * 3000 + "</h1>",
)


def pages(source: str) -> st.SearchStrategy[str]:
    """Arbitrary text and mutated fixtures of a source."""
    fixtures = sorted((PAGES / source).glob("*/page.html"))
    assert fixtures, source
    whole = st.sampled_from([path.read_text(encoding="utf-8") for path in fixtures])
    mutated = st.builds(lambda page, steps: reduce(lambda text, step: step(text), steps, page), whole, _steps)
    return st.one_of(st.text(max_size=300), mutated)


def _share(text: str, share: float) -> int:
    return int(share * len(text))


def _deleted(start: float, length: float) -> Callable[[str], str]:
    return lambda text: text[: _share(text, start)] + text[_share(text, start) + _share(text, length) :]


def _swapped(one: float, other: float) -> Callable[[str], str]:
    first, second = sorted((one, other))

    def step(text: str) -> str:
        left, right = _share(text, first), _share(text, second)
        return text[right:] + text[left:right] + text[:left]

    return step


def _inserted(at: float, what: str) -> Callable[[str], str]:
    return lambda text: text[: _share(text, at)] + what + text[_share(text, at) :]


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


_shares = st.floats(0, 1)
_words = ("<p", "<a", "</", "div", "h3", "20", ":", " ", "class", "Deadline", "/", ">")
_steps = st.lists(
    st.one_of(
        st.builds(_deleted, _shares, st.floats(0, 0.5)),
        st.builds(_swapped, _shares, _shares),
        st.builds(_inserted, _shares, st.sampled_from(NASTY)),
        st.builds(_replaced, st.sampled_from(_words), st.sampled_from(("", "<", "x", "99", "&"))),
    ),
    max_size=3,
)
