"""Types of the records' fields: what a value may be, and what is expected where it is not.

An error's text is what was expected, in words for people who do not program.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from vie_match import cards, countries, vocabulary
from vie_match.errors import BadValue, near_miss
from vie_match.messages import M_
from vie_match.vocabulary import CountryGroup, Theme

# Years that a date or deadline can have; others are slips of the pen.
YEARS = (1990, 2100)

# Larger sums of money and numbers of things are slips, too.
MOST_EURO = 10**12
MOST = 10_000

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def member(kind: type[Any]) -> BeforeValidator:
    """Return what turns any known spelling into a member of a closed set."""
    return BeforeValidator(lambda value: vocabulary.parse(kind, value) if isinstance(value, str) else value)


def _is_web_address(url: str) -> str:
    if cards.safe_url(url) is None:
        raise ValueError(M_("a web address that starts with http:// or https://"))
    return url


def _country_or_group(text: str) -> str:
    folded = text.strip().upper().replace("-", "_").replace("EU_27", "EU27")
    if folded in set(CountryGroup):
        return folded
    try:
        return countries.parse_country(text)
    except BadValue as error:
        groups, near = ", ".join(CountryGroup), near_miss(text, CountryGroup)
        raise BadValue(
            M_("{codes}; or a group: {groups}{near}", codes=error.args[0], groups=groups, near=near)
        ) from None


def _digits(value: Any) -> Any:
    """Refuse what pydantic would read differently from people: 180.000 is not 180."""
    if isinstance(value, str) and not value.strip().isdecimal():
        raise PydanticCustomError("whole_number", "a whole number, digits only, as in 1800000")
    return value


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError(M_("a text"))
    return text


def _iso_day(value: Any) -> Any:
    """Refuse numbers, which pydantic would read as seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _ISO_DAY.fullmatch(value.strip())):
        raise PydanticCustomError("iso_day", "a day as in 2026-11-24")
    return value


Day = Annotated[dt.date, BeforeValidator(_iso_day)]
# The bound of nothing makes pydantic look at the letters: half a letter (a lone surrogate) cannot be saved.
Text = Annotated[str, StringConstraints(min_length=0)]
Prose = Annotated[Text, AfterValidator(_says_something)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Country = Annotated[str, AfterValidator(countries.parse_country)]
CountryOrGroup = Annotated[str, AfterValidator(_country_or_group)]
Language = Annotated[str, AfterValidator(vocabulary.parse_language)]
Url = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_is_web_address)]
Euro = Annotated[int, Field(ge=0, le=MOST_EURO), BeforeValidator(_digits)]
Count = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_digits)]
Inhabitants = Annotated[int, Field(ge=1, le=50_000_000), BeforeValidator(_digits)]
Year = Annotated[int, Field(ge=YEARS[0], le=YEARS[1]), BeforeValidator(_digits)]
Months = Annotated[int, Field(ge=1, le=120), BeforeValidator(_digits)]
Rate = Annotated[float, Field(ge=0, le=1)]
Themes = tuple[Annotated[Theme, member(Theme)], ...]
