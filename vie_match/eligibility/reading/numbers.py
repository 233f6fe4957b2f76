"""Numbers and amounts of money as calls write them."""

from __future__ import annotations

import re

_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
)
VALUES = {word: number for number, word in enumerate(_WORDS, 1)} | {"single": 1, "twenty": 20}

# A number below 1,000 in digits or words, and the same again in brackets.
NUMBER = (
    rf"(?:(?<![\d.,])\d{{1,3}}(?![\d.,]*\d)|\b(?:{'|'.join(_WORDS)}|twenty)\b)(?:\s*\(\s*\d{{1,3}}\s*\))?"
)

_SCALE = {"million": 1_000_000, "m": 1_000_000, "billion": 1_000_000_000, "thousand": 1_000, "k": 1_000}
_FIGURE = r"\d{1,3}(?:[ .,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
AMOUNT = re.compile(
    rf"(?:(?:EUR|€)\s*(?P<after>{_FIGURE})\s*(?P<scale>million|billion|thousand|m\b|k\b)?"
    rf"|(?P<before>{_FIGURE})\s*(?P<scale2>million|billion|thousand)?\s*(?:EUR|€|euro))",
    re.IGNORECASE,
)


def value(text: str) -> int:
    """Return a number in digits or words.

    Examples
    --------
    >>> value("three (3)"), value("12"), value("One")
    (3, 12, 1)
    """
    word = text.split("(", maxsplit=1)[0].strip().casefold()
    return VALUES[word] if word in VALUES else int(word)


def euro(figure: str, scale: str | None = None) -> int:
    """Return an amount in whole euro; blanks, commas and points between groups of three are no decimals.

    Examples
    --------
    >>> euro("60 000"), euro("60.000"), euro("800,000"), euro("1.5", "million"), euro("10.00", "million")
    (60000, 60000, 800000, 1500000, 10000000)
    """
    grouped = re.fullmatch(r"\d{1,3}(?:[ .,]\d{3})+", figure)
    number = float(re.sub(r"[ .,]", "", figure)) if grouped else float(figure.replace(",", "."))
    return round(number * _SCALE.get((scale or "").casefold(), 1))


def amount(match: re.Match[str]) -> int:
    """Return the euro of a match of :data:`AMOUNT`.

    Examples
    --------
    >>> amount(AMOUNT.search("up to EUR 2.00 million each"))
    2000000
    """
    return euro(match["after"] or match["before"], match["scale"] or match["scale2"])
