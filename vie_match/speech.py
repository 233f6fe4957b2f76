"""What is said to people, in their language: gettext's catalogues, and babel's dates, numbers and rows.

English stands in the code; every other language is one file, ``locale/<code>/LC_MESSAGES/vie_match.po``,
compiled to a ``.mo`` beside it by ``.ci/catalogue.py``. A message without a translation is said in English,
and a test fails.

A function that says something takes the code of a language and begins so::

    _ = speech(language).gettext
    return _("closes on {date}").format(date=...)

so that babel finds the messages. Texts in tables are marked with :func:`N_` where they stand and translated
where they are said.
"""

from __future__ import annotations

import datetime as dt
import gettext as catalogues
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, dates, numbers
from babel.lists import format_list

from vie_match.errors import BadValue, near_miss
from vie_match.meant import EU_TO_ISO
from vie_match.messages import M_

DOMAIN = "vie_match"
FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"

# English as it is written in Europe: the day before the month.
_REGIONAL = {SOURCE: "en_GB"}


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message that is translated elsewhere, and return it as it is."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802
    """Mark a message for one and for several, said with :meth:`Speech.ngettext`."""
    return one, many


def NC_(context: str, message: str) -> str:  # noqa: N802
    """Mark a message whose translation depends on where it stands, said with :meth:`Speech.pgettext`."""
    return message


@cache
def languages() -> Mapping[str, str]:
    """Return the languages there are, by code (ISO 639-1), each with its own name.

    Examples
    --------
    >>> languages()["de"]
    'Deutsch'
    """
    translated = (path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return {code: Locale.parse(code).get_display_name(code) or code for code in (SOURCE, *sorted(translated))}


@dataclass(frozen=True)
class Speech:
    """One language.

    Attributes
    ----------
    language : str
        Its code.
    locale : Locale
        Babel's, for dates and numbers.
    catalogue : gettext.NullTranslations
    """

    language: str
    locale: Locale
    catalogue: catalogues.NullTranslations

    def gettext(self, message: str) -> str:
        """Return a message in this language; the gaps in braces stay.

        Examples
        --------
        >>> speech("de").gettext("not known")
        'nicht bekannt'
        """
        return self.catalogue.gettext(message)

    def ngettext(self, one: str, many: str, number: float) -> str:
        """Return a message that depends on a number, with the number in its gap ``{n}``.

        Examples
        --------
        >>> speech("de").ngettext("{n} day", "{n} days", 1200)
        '1.200 Tage'
        """
        # Half a thing counts as several.
        form = self.catalogue.ngettext(one, many, int(number) if number == int(number) else 2)
        return form.replace("{n}", self.number(number))

    def pgettext(self, context: str, message: str) -> str:
        """Return a message whose translation depends on where it stands."""
        return self.catalogue.pgettext(context, message)

    def day(self, date: dt.date | None) -> str:
        """Return a date in words.

        Examples
        --------
        >>> speech("en").day(dt.date(2027, 10, 7)), speech("de").day(dt.date(2027, 10, 7))
        ('7 October 2027', '7. Oktober 2027')
        """
        return dates.format_date(date, "long", locale=self.locale) if date else self.gettext("not known")

    def time(self, moment: dt.datetime) -> str:
        """Return the hour and minute of a moment, on the clock of its own zone.

        Examples
        --------
        >>> speech("de").time(dt.datetime(2027, 10, 7, 17, tzinfo=dt.UTC))
        '17:00'
        """
        return dates.format_time(moment.time(), "short", locale=self.locale)

    def country(self, code: str) -> str:
        """Return the name of a country, or its code when there is none.

        Parameters
        ----------
        code : str
            Two letters, in EU style.

        Examples
        --------
        >>> speech("de").country("EL"), speech("en").country("UK"), speech("en").country("??")
        ('Griechenland', 'United Kingdom', '??')
        """
        return str(self.locale.territories.get(EU_TO_ISO.get(code, code), code))

    def number(self, value: float) -> str:
        """Return a number with its thousands apart, and at most one decimal.

        Examples
        --------
        >>> speech("en").number(12000), speech("de").number(12000.25)
        ('12,000', '12.000,2')
        """
        return numbers.format_decimal(value, "#,##0.#", locale=self.locale)

    def euro(self, amount: float | None) -> str:
        r"""Return an amount of money in whole euros.

        Examples
        --------
        >>> speech("en").euro(7_000_000), speech("de").euro(7_000_000), speech("de").euro(None)
        ('€7,000,000', '7.000.000\xa0€', 'nicht bekannt')
        """
        if amount is None:
            return self.gettext("not known")
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return numbers.format_currency(amount, "EUR", pattern, locale=self.locale, currency_digits=False)

    def percent(self, share: float) -> str:
        r"""Return a share of 1 in percent.

        Examples
        --------
        >>> speech("en").percent(0.6), speech("de").percent(0.125)
        ('60%', '12,5\xa0%')
        """
        pattern = self.locale.percent_formats[None].pattern.replace("0", "0.#")
        return numbers.format_percent(share, pattern.replace("#,##0.#", "0.#"), locale=self.locale)

    def listed(self, names: Sequence[str], style: str = "standard") -> str:
        """Return names in a row, the last behind "and", or with the style ``"or"`` behind "or".

        Examples
        --------
        >>> speech("de").listed(["Hamm", "Pirna", "Sofia"]), speech("en").listed(["Hamm", "Pirna"], "or")
        ('Hamm, Pirna und Sofia', 'Hamm or Pirna')
        """
        return format_list(list(names), style, self.locale) if names else ""  # type: ignore[arg-type]


@cache
def speech(language: str) -> Speech:
    """Return what is needed to speak a language.

    Parameters
    ----------
    language : str
        Code, of :func:`languages`.

    Raises
    ------
    BadValue
        For a language there is no catalogue of, with those there are.
    """
    if language not in languages():
        known = ", ".join(f"{code} ({name})" for code, name in languages().items())
        near = near_miss(language, languages())
        raise BadValue(
            M_(
                "found the language {name}{near}; expected one of: {known}",
                name=repr(language),
                near=near,
                known=known,
            )
        )
    catalogue = (
        catalogues.NullTranslations()
        if language == SOURCE
        else catalogues.translation(DOMAIN, FOLDER, [language])
    )
    return Speech(language, Locale.parse(_REGIONAL.get(language, language)), catalogue)


def preferred(environment: Mapping[str, str]) -> str:
    """Return the language of a machine as its variables tell it, or English.

    Parameters
    ----------
    environment : mapping
        Variables; ``LC_ALL``, ``LC_MESSAGES`` and ``LANG`` count, in this order.

    Examples
    --------
    >>> preferred({"LANG": "de_AT.UTF-8"}), preferred({"LANG": "C.UTF-8"})
    ('de', 'en')
    """
    told = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    code = told.split(".")[0].split("_")[0].casefold()
    return code if code in languages() else SOURCE
