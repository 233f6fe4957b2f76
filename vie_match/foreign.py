"""Other people's texts made harmless: without signs that steer a terminal, end a header or hide something.

Titles and texts of calls come from portals and files that anybody may have written. How much is taken out
depends on who reads: people keep every letter of every script, programs and pictures only what is seen.
"""

from __future__ import annotations

import unicodedata

# Signs that turn the direction of what follows (Unicode, UAX #9, 2): with one of them a text can make a
# reader see another name, address or ending than there is.
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Those of ASCII and Latin-1 that control something; some of them part words as a blank does.
_CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"]
_HARMLESS = str.maketrans(
    dict.fromkeys(_TURNING, "") | {sign: " " if sign.isspace() else "" for sign in _CONTROLS}
)

# Control, format (zero-width, bidirectional, tags), private, unassigned and half letters.
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


def harmless(text: str) -> str:
    r"""Return a text or page without signs that control something or turn its direction; lines stay.

    Examples
    --------
    >>> harmless("a\x1b[2J\x0cb\n c\u202e")
    'a[2J b\n c'
    """
    return text.translate(_HARMLESS)


def one_line(text: str) -> str:
    r"""Return a text on one line, without signs that control something or turn its direction.

    Examples
    --------
    >>> one_line("Trees\r\nBcc: all@example.org"), one_line("a\x00b\u202ecod.exe")
    ('Trees Bcc: all@example.org', 'abcod.exe')
    """
    return harmless(" ".join(text.split()))


def visible(text: str) -> str:
    r"""Return a text without signs that nobody sees, in which text can be hidden; white space stays.

    This also parts letters that a zero-width sign joins, as in some scripts and emoji.

    Examples
    --------
    >>> visible("Green\u200b cities\u202e\U000e0041")
    'Green cities'
    """
    return "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in _HIDDEN)
