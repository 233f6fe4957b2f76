"""Names where codes are expected: which country or language somebody means.

Only errors ask: a form takes codes, and its message names the code that was probably meant.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from babel import Locale

from vie_match.messages import M_

# The EU's official languages, and those of its neighbours with projects of their own.
_LANGUAGES = (
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv is mk no sq sr tr uk".split()
)
# The EU writes two countries differently from ISO 3166.
ISO_TO_EU = {"GR": "EL", "GB": "UK"}
EU_TO_ISO = {eu: iso for iso, eu in ISO_TO_EU.items()}


def country(text: str, codes: Collection[str]) -> str:
    """Return " (did you mean X?)" for the code of a country's name, or an empty text.

    Examples
    --------
    >>> country("Deutschland", {"DE", "EL"}), country("Ελλάδα", {"DE", "EL"}), country("Oz", {"DE"})
    (' (did you mean DE?)', ' (did you mean EL?)', '')
    """
    found = _codes("territories").get(_folded(text), "")
    return _meant(ISO_TO_EU.get(found, found), codes)


def language(text: str, codes: Collection[str]) -> str:
    """Return " (did you mean x?)" for the code of a language's name, or an empty text.

    Examples
    --------
    >>> language("deutsch", {"de"}), language("Polish", {"pl"}), language("xx", {"pl"})
    (' (did you mean de?)', ' (did you mean pl?)', '')
    """
    return _meant(_codes("languages").get(_folded(text), ""), codes)


def _meant(code: str, codes: Collection[str]) -> str:
    return M_(" (did you mean {choice}?)", choice=code) if code in codes else ""


@cache
def _codes(kind: str) -> dict[str, str]:
    """Return names in all languages → code; English ones win."""
    return {
        _folded(name): code
        for language in reversed(_LANGUAGES)
        for code, name in getattr(Locale.parse(language), kind).items()
    } | {_folded(name): code for code, name in getattr(Locale.parse("en"), kind).items()}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
