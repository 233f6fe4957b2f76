"""Values as EuroAccess writes them → amounts, rates, codes. Pure functions.

What is not understood for certain is unknown: the site's own words stay in the call's conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vie_match.countries import NAMES
from vie_match.pages import markup, text
from vie_match.vocabulary import Applicant

# The site's kinds of organisation, each by words of its own; "EU Body", "International organization" and
# "Other" have no counterpart.
_APPLICANTS = (
    (
        "public body",
        (
            Applicant.PUBLIC_BODY,
            Applicant.NATIONAL_AUTHORITY,
            Applicant.REGIONAL_AUTHORITY,
            Applicant.LOCAL_AUTHORITY,
        ),
    ),
    ("research institution", (Applicant.RESEARCH_ORGANISATION, Applicant.UNIVERSITY)),
    ("education and training institution", (Applicant.SCHOOL,)),
    ("non profit organisation", (Applicant.NGO,)),
    ("small and medium sized enterprise", (Applicant.SME,)),
    ("private institution", (Applicant.COMPANY,)),
)

# Territories, and countries outside of the vocabulary: no profile can be there, so they change nothing.
_WITHOUT_CODE = """
andorra, aruba, azerbaijan, belarus, bonaire, saba, sint eustatius, curaçao, french polynesia,
french southern and antarctic lands, greenland, new caledonia, saint barthélemy, saint pierre and miquelon,
sint maarten, wallis and futuna, overseas countries and territories
"""


# The site's names of countries and groups, in the list of its own search form.
_COUNTRIES = (
    dict(NAMES)
    | {"eu member states": "EU27"}
    | dict.fromkeys(" ".join(_WITHOUT_CODE.split()).split(", "), "")
)

_NUMBERS = {
    word: number
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
}
_NUMBER = rf"(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)})"
_AT_LEAST = rf"\b(?:at least|(?:a )?minimum(?: of)?|no fewer than) {_NUMBER}"

# "At least two other entities" come on top of some that were named before; their number says nothing.
_PARTNERS = re.compile(
    rf"{_AT_LEAST}(?: (?!other\b|additional\b|associated\b)[\w-]+){{0,3}}? "
    r"(?:partners?|participants?|applicants?|beneficiaries|entities|organi[sz]ations?)\b",
    re.IGNORECASE,
)
_CONSORTIUM = re.compile(
    r"\bconsorti(?:um|a) (?:must )?(?:includes?|consists? of|comprises?|be composed of)(?:,? [\w-]+){0,3},? "
    rf"{_NUMBER} (?:independent )?(?:legal entities|partners|organi[sz]ations)\b",
    re.IGNORECASE,
)
_COUNTRIES_NEEDED = re.compile(
    rf"{_AT_LEAST}(?: (?:different|eligible|participating|programme|EU|of|the)){{0,3}} "
    r"(?:countries|member states)\b",
    re.IGNORECASE,
)
_RATE = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?) ?%")

# Of a value with an amount in it; what is longer is prose.
_LONGEST_AMOUNT = 300

# Of a note on the team, as the record has it.
_LONGEST_NOTE = 1000


def _amounts(value: str) -> tuple[int, ...]:
    return text.amounts(value) if len(value) <= _LONGEST_AMOUNT else ()


def budget(value: str) -> int | None:
    """Return the money of the whole call, in euro, if one amount stands there.

    Examples
    --------
    >>> budget("€ 45,000,000.00")
    45000000
    """
    amounts = _amounts(value)
    return amounts[0] if len(amounts) == 1 else None


def contribution(value: str) -> tuple[int | None, int | None]:
    """Return the bounds of a project's money; the site writes "min." and "max." where there is only one.

    Examples
    --------
    >>> contribution("between € 50,000.00 and € 5,000,000.00"), contribution("max. € 2,500,000.00")
    ((50000, 5000000), (None, 2500000))
    """
    amounts = _amounts(value)
    words = markup.fold(value)
    if len(amounts) == 2 and amounts[0] <= amounts[1]:
        return amounts[0], amounts[1]
    if len(amounts) != 1:
        return None, None
    if words.startswith("min"):
        return amounts[0], None
    return (None if re.match(r"max|up to", words) else amounts[0]), amounts[0]


def rate(value: str) -> float | None:
    """Return a rate that stands alone, 0 to 1; a range or a limit is none.

    Examples
    --------
    >>> rate("80%"), rate("70-100%"), rate("up to 80 %")
    (0.8, None, None)
    """
    found = _RATE.fullmatch(value.strip())
    share = float(found[1].replace(",", ".")) / 100 if found else None
    return round(share, 4) if share is not None and share <= 1 else None


def applicants(value: str) -> tuple[Applicant, ...]:
    """Return the kinds of organisation named.

    Examples
    --------
    >>> applicants("EU Body, Small and medium-sized enterprise (SME)")
    (<Applicant.SME: 'sme'>,)
    """
    folded = markup.fold(value)
    found = (kinds for words, kinds in _APPLICANTS if words in folded)
    return tuple(dict.fromkeys(kind for kinds in found for kind in kinds))


def countries(value: str) -> tuple[str, ...]:
    """Return codes and groups; nothing when one of the names is not known.

    Examples
    --------
    >>> countries("EU Member States, Norway (Norge)"), countries("Norway (Norge), Upper Austria")
    (('EU27', 'NO'), ())
    """
    english = re.sub(r"\([^()]*\)", " ", re.sub(r"\([^()]*\)", " ", value))
    names = [name for part in re.split(r"[,;\n]", english) if (name := markup.fold(part))]
    if not all(name in _COUNTRIES for name in names):
        return ()
    return tuple(dict.fromkeys(code for name in names if (code := _COUNTRIES[name])))


def partners_needed(value: str) -> tuple[int | None, str]:
    """Return how many partners a project needs, and the sentence that says so.

    Examples
    --------
    >>> partners_needed("The lead is public. At least three partners from two countries take part.")
    (3, 'At least three partners from two countries take part.')
    """
    return _stated((_PARTNERS, _CONSORTIUM), value)


def countries_needed(value: str) -> tuple[int | None, str]:
    """Return from how many countries partners must come, and the sentence that says so.

    Examples
    --------
    >>> countries_needed("Two partners, coming from a minimum of two different countries.")
    (2, 'Two partners, coming from a minimum of two different countries.')
    """
    return _stated((_COUNTRIES_NEEDED,), value)


def _stated(patterns: Iterable[re.Pattern[str]], value: str) -> tuple[int | None, str]:
    """Return the largest number that a sentence asks for, and that sentence."""
    stated = [
        (number, sentence[:_LONGEST_NOTE])
        for sentence in _sentences(value)
        for pattern in patterns
        for found in pattern.finditer(sentence)
        if (number := _NUMBERS.get(found["number"].casefold()) or int(found["number"])) > 1
    ]
    return max(stated, key=lambda one: one[0], default=(None, ""))


def _sentences(value: str) -> Iterator[str]:
    for line in value.splitlines():
        yield from re.split(r"(?<=[.!?]) ", " ".join(line.removeprefix("- ").split()))
