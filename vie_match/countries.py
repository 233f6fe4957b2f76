"""Countries: their codes in EU style, their names, and the parser for codes."""

from __future__ import annotations

from collections.abc import Mapping

from vie_match import meant
from vie_match.errors import BadValue
from vie_match.messages import M_

# Two-letter codes as Eurostat and CORDIS write them: EL and UK, not GR and GB: the EU, its neighbours, and
# countries that calls name. EU and EFTA: Eurostat glossary "Country codes"; the others: ISO 3166-1.
COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "
    "AL AM AU BA CA CH EG FO GE IL IN IS JP KR LI MA MD ME MK NO NZ RS SG TN TR UA UK US XK ZA".split()
)

# Their English names as portals write them, and the names that portals give to groups.
_NAMES = """
albania AL, armenia AM, australia AU, austria AT, belgium BE, bosnia and herzegovina BA, bulgaria BG,
canada CA, croatia HR, cyprus CY, czech republic CZ, czechia CZ, denmark DK, egypt EG, estonia EE,
faeroes FO, faroe islands FO, finland FI, france FR, georgia GE, germany DE, greece EL, hungary HU,
iceland IS, ireland IE, israel IL, italy IT, japan JP, kosovo XK, latvia LV, liechtenstein LI,
lithuania LT, luxembourg LU, malta MT, moldova MD, montenegro ME, morocco MA, netherlands NL,
new zealand NZ, north macedonia MK, norway NO, poland PL, portugal PT, romania RO, serbia RS,
slovakia SK, slovenia SI, spain ES, sweden SE, switzerland CH, tunisia TN, turkey TR, türkiye TR,
ukraine UA, united kingdom UK, united states US
"""

# English name in small letters → code.
NAMES: Mapping[str, str] = dict(pair.rsplit(" ", 1) for pair in " ".join(_NAMES.split()).split(", "))


def parse_country(text: str) -> str:
    """Return the two-letter country code in EU style.

    Raises
    ------
    BadValue
        If the code is not known.

    Examples
    --------
    >>> parse_country("gr"), parse_country("NO")
    ('EL', 'NO')
    """
    code = text.strip().upper()
    code = meant.ISO_TO_EU.get(code, code)
    if code not in COUNTRIES:
        known, near = ", ".join(sorted(COUNTRIES)), meant.country(text, COUNTRIES)
        expected = M_("two letters in EU style: {codes}", codes=known)
        if near:
            expected = M_("two letters in EU style{near}", near=near)
        raise BadValue(
            M_("{word} is not a country code we know; {expected}", word=repr(text), expected=expected)
        )
    return code
