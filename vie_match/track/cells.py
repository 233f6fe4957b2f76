"""Cells of other people's tables → values; what is not there is None."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from vie_match.errors import BadValue
from vie_match.fields import YEARS

# What tables write where they know nothing; letters only, small.
_NOTHING = frozenset(("", "na", "nan", "none", "null", "unknown", "notavailable", "notapplicable"))

_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[T ].*)?", re.DOTALL)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})(?: .*)?", re.DOTALL)

# Signs and blanks around an amount that say nothing of its size.
_AROUND_MONEY = re.compile(r"€|EUR\b|euros?\b|[\s'’]", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
# "892,228": one mark before exactly three digits.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
# "892,228.58" and "1.234.567,89", by the marks of thousands and decimals.
_GROUPED = {
    (",", "."): re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"),
    (".", ","): re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?"),
}
_LARGEST = 10**12

_NUTS3 = re.compile(r"[A-Z]{2}[0-9A-Z]{3}")
_CODED = re.compile(
    r"(?P<code>[A-Z]{2}[0-9A-Z]{0,3})\s*[/|-]\s+(?P<name>.+)|(?P<alone>[A-Z]{2}[0-9A-Z]{0,3})"
)


def line(cell: object) -> str:
    r"""Return a cell as text in one line; numbers that are whole without a decimal point.

    Examples
    --------
    >>> line(" Vari \n Voula "), line(951881080.0), line(None)
    ('Vari Voula', '951881080', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        cell = int(cell)
    return " ".join(str(cell).split())


def known(cell: object) -> str:
    """Return a cell as :func:`line` does; empty for the words that mean "not known".

    Examples
    --------
    >>> known("N.a."), known("n/a"), known("-"), known("Nancy")
    ('', '', '', 'Nancy')
    """
    text = line(cell)
    return "" if not re.search(r"\d", text) and _letters(text) in _NOTHING else text


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalpha())


def day(cell: object) -> dt.date | None:
    """Return a day written year first, day first, or as a cell of a workbook.

    Raises
    ------
    BadValue
        If it is no day that exists, or not of the years the package knows.

    Examples
    --------
    >>> day("2015/10/27"), day("27.10.2015"), day("2015-10-27 00:00:00"), day("N.a.")
    (datetime.date(2015, 10, 27), datetime.date(2015, 10, 27), datetime.date(2015, 10, 27), None)
    """
    text = known(cell.date() if isinstance(cell, dt.datetime) else cell)
    if not text:
        return None
    found = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    try:
        value = dt.date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None
    except ValueError:
        value = None
    if value is None or not YEARS[0] <= value.year <= YEARS[1]:
        raise BadValue(f"{text[:40]!r} is no day; a day like 2015-10-27 or 27.10.2015")
    return value


def euro(cell: object, *, grouped: bool) -> int | None:
    """Return an amount in whole euro, half a euro rounded up.

    Parameters
    ----------
    cell : object
        Text or number.
    grouped : bool
        Whether a single mark before exactly three digits parts thousands ("892,228"). Where it never does,
        it is a decimal point.

    Raises
    ------
    BadValue
        If it is no amount, negative, or too large to be one.

    Examples
    --------
    >>> euro("892,228.58", grouped=True), euro("758394.29", grouped=True), euro("1.234.567,89", grouped=True)
    (892229, 758394, 1234568)
    >>> euro("125000,5", grouped=False), euro("n/a", grouped=True), euro(0, grouped=False)
    (125001, None, 0)
    """
    text = known(cell)
    if not text:
        return None
    number = _with_point(_AROUND_MONEY.sub("", text), grouped)
    value = Decimal(number or -1)
    if not 0 <= value <= _LARGEST:
        raise BadValue(f"{text[:40]!r} is no amount; an amount in euro like 892228.58")
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _with_point(digits: str, grouped: bool) -> str:
    """Return a number with a decimal point, whichever marks it was written with; empty for no number."""
    if _PLAIN.fullmatch(digits) and not (grouped and _THOUSANDS.fullmatch(digits)):
        return digits.replace(",", ".")
    for (thousands, decimal), form in _GROUPED.items():
        if form.fullmatch(digits):
            return digits.replace(thousands, "").replace(decimal, ".")
    return ""


def point(cell: object) -> tuple[float, float] | None:
    """Return latitude and longitude, in degrees, from one cell.

    Raises
    ------
    BadValue
        If it is not two numbers, or they are no place on Earth.

    Examples
    --------
    >>> point("44.9949,24.8486"), point("(38.7, -9.1)"), point("")
    ((44.9949, 24.8486), (38.7, -9.1), None)
    """
    text = known(cell)
    parts = [part.strip() for part in text.strip("()[] ").split(",")]
    if not text:
        return None
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        latitude, longitude = float("nan"), float("nan")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadValue(f"{text[:40]!r} is no place; degrees north and east, as in 38.71,-9.14")
    # The middle of the ocean stands for "not found" in geocoded data.
    return None if latitude == longitude == 0 else (latitude, longitude)


def coded(cell: object) -> tuple[str, str]:
    """Return code and name of a cell that may hold either or both.

    Examples
    --------
    >>> coded("DEG01  / Erfurt, Kreisfreie Stadt"), coded("DEG01"), coded("Erfurt")
    (('DEG01', 'Erfurt, Kreisfreie Stadt'), ('DEG01', ''), ('', 'Erfurt'))
    """
    text = known(cell)
    found = _CODED.fullmatch(text)
    if not found:
        return "", text
    return found["code"] or found["alone"], found["name"] or ""


def nuts3(cell: object) -> str | None:
    """Return a NUTS level 3 code; None for codes of other levels and for no code.

    Examples
    --------
    >>> nuts3("DEG01  / Erfurt, Kreisfreie Stadt"), nuts3("fi1b1"), nuts3("PT")
    ('DEG01', 'FI1B1', None)
    """
    code = coded(cell)[0] or known(cell).upper()
    return code if _NUTS3.fullmatch(code) else None
