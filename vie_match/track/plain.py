"""Names in any European script → plain small Latin letters, to compare them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Letters that are no base letter with a mark: taking the mark off does not help.
_LATIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}

# ELOT 743, as CORDIS writes Greek names ("DIMOS THESSALONIKIS"); pairs of letters come first.
_GREEK_PAIRS = {"ου": "ou", "αυ": "af", "ευ": "ef", "γγ": "ng", "γχ": "nch", "γξ": "nx"}
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)

# Bulgarian Transliteration Act, and letters that only its neighbours have.
_CYRILLIC = {"ь": ""} | dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъюя" + "эыіґєѕђјљњћџ",
        (
            "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a yu ya e y i g ie dz d j lj nj c dz"
        ).split(),
        strict=True,
    )
)
# Serbian as in its own Latin alphabet; Ukrainian by the resolution No 55 of 27 January 2010.
_SERBIAN = {"ж": "z", "ц": "c", "ч": "c", "ш": "s"}
_OWN_WAY = {
    **dict.fromkeys(("BA", "ME", "MK", "RS"), _SERBIAN),
    "UA": {"г": "h", "и": "y", "х": "kh", "щ": "shch"},
}

_APART = re.compile(r"[^a-z0-9]+")


def plain(name: str, country: str = "") -> str:
    """Return a name in plain small Latin letters, its words apart by one blank.

    Parameters
    ----------
    name : str
        In Latin, Greek or Cyrillic script.
    country : str, optional
        Code in EU style; the sound of some Cyrillic letters depends on it.

    Examples
    --------
    >>> plain("L'Hospitalet de Llobregat"), plain("Δήμος Αθηναίων"), plain("Община Бургас")
    ('l hospitalet de llobregat', 'dimos athinaion', 'obshtina burgas')
    >>> plain("Град Крушевац", "RS"), plain("Łódź"), plain("Ålesund")
    ('grad krusevac', 'lodz', 'alesund')
    """
    # Before the marks go: without its mark й would be и.
    letters = unicodedata.normalize("NFKD", name.casefold().replace("й", "y"))
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    for pair, latin in _GREEK_PAIRS.items():
        bare = bare.replace(pair, latin)
    return _APART.sub(" ", bare.translate(_table(country))).strip()


@cache
def _table(country: str) -> dict[int, str]:
    return str.maketrans(_LATIN | _GREEK | _CYRILLIC | _OWN_WAY.get(country, {}))
