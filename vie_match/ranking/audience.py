"""Whom a call is for: municipalities, local authorities among others, or others.

Two kinds of knowledge. Outside Horizon Europe a list (``audience.yaml``) says of each instrument whom it
addresses, with the page that says so. Inside, the same programme is for everybody, so it is counted how
many projects of a part have had a municipality (``participation.csv``, described in ``participation.md``).
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, field_validator

from vie_match.data_files import Faults, read_yaml
from vie_match.faults import shown
from vie_match.fields import Line, Url, Year, member
from vie_match.records import Call, Record
from vie_match.vocabulary import Programme

INSTRUMENTS = Path(__file__).with_name("audience.yaml")
PARTICIPATION = Path(__file__).with_name("participation.csv")

# Where and when the projects of participation.csv were counted.
CORDIS = "https://cordis.europa.eu"
CORDIS_DAY = "2025-12-06"

# Share of all Horizon Europe projects with a municipality (measured: 2.7 %), and how many projects that
# prior weighs: a part with fewer is judged more by what is around it than by itself.
_OF_ALL = 0.03
_PRIOR = 20
# Where participation is zero: between all of Horizon Europe and the parts that cities know.
_NEUTRAL = 0.05

_PARTS = frozenset(
    "CL2 CL3 CL4 CL5 CL6 HLTH MISS NEB MSCA ERC EIC EIE WIDERA INFRA EURATOM EUSPA EIT".split()
)
_WITH_DESTINATIONS = frozenset("CL2 CL3 CL4 CL5 CL6 MISS MSCA EIC WIDERA".split())
# Programme parts whose codes do without the word HORIZON.
_ALONE = frozenset("ERC MSCA EURATOM".split())
# Joint undertakings in codes that have no "JU".
_UNDERTAKINGS = frozenset("JTI SESAR CHIPS".split())

_YEAR = re.compile(r"20\d\d")
# D4, CIT, FARM2FORK; not 01, 03A or S.
_DESTINATION = re.compile(r"D\d|[A-Z]{2}\w*")
_NO_DESTINATION = frozenset({"TWO", "STAGE"})
# Since 2026 → before.
_SPELLINGS = {"TRANSFO": "TRANSFORMATIONS"}


class Audience(StrEnum):
    """Whom an instrument is for."""

    CITIES = "cities"
    LOCAL = "local"
    OTHERS = "others"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom a call is for, and how that is known.

    Attributes
    ----------
    audience : Audience
    participation : float
        Log-odds that a project of the call's part of Horizon Europe has a municipality, shrunk towards
        the coarser part, minus the log-odds of 5 %. 0.0 for other programmes and unknown parts.
    because : str
        One sentence.
    source : str or None
        Address of what the sentence is from.
    instrument : str
        Expression of the instrument in ``audience.yaml``; empty if it is in none.
    """

    audience: Audience
    participation: float
    because: str
    source: str | None
    instrument: str = ""


class Instrument(Record):
    """One entry of ``audience.yaml``: calls that address the same applicants."""

    calls: Annotated[Line, Field(description="regular expression, fits the beginning of an identifier")]
    programmes: tuple[Annotated[Programme, member(Programme)], ...] = ()
    audience: Annotated[Audience, member(Audience), Field(description="cities, local or others")]
    because: Annotated[Line, Field(description="one sentence on what the source says")]
    source: Annotated[Url, Field(description="page the sentence is from")]
    year: Annotated[Year, Field(description="year of the calls that the page is about")]

    @field_validator("calls")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"a regular expression ({error})") from None
        return value

    @field_validator("audience")
    @classmethod
    def _is_known(cls, value: Audience) -> Audience:
        if value is Audience.UNKNOWN:
            raise ValueError("cities, local or others; leave an unknown instrument out")
        return value

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(self.calls, re.IGNORECASE)

    def fits(self, identifier: str) -> bool:
        """Return whether the expression fits the beginning of an identifier, in capitals or not."""
        return self._expression.match(identifier) is not None


class Count(NamedTuple):
    """Projects of one part of Horizon Europe.

    Attributes
    ----------
    projects : int
        All.
    with_municipality : int
        Those with at least one municipality.
    """

    projects: int
    with_municipality: int


def addressed(call: Call) -> Addressed:
    """Return whom a call is for.

    Of a call that a project opens to third parties (``HORIZON-MISS-2024-OCEAN-02-01|12522…``) the topic
    before the ``|`` decides.
    """
    instrument = _instrument(call)
    counts = participation()
    known = [part for part in parts(call.identifier) if part in counts]
    log_odds = _log_odds([counts[part] for part in known])
    if instrument is not None:
        return Addressed(
            instrument.audience, log_odds, instrument.because, instrument.source, instrument.calls
        )
    if known:
        return Addressed(Audience.UNKNOWN, log_odds, _sentence(counts[known[0]]), CORDIS)
    return Addressed(Audience.UNKNOWN, log_odds, "It is not known whom such calls are for.", None)


def parts(identifier: str) -> tuple[str, ...]:
    """Return the parts of Horizon Europe that a topic belongs to, fine to coarse.

    A destination is named by the first word after the year that can be one. Other programmes have no
    parts.

    Examples
    --------
    >>> parts("HORIZON-CL5-2021-D2-01-12"), parts("HORIZON-CL5-2026-09-D4-03")
    (('CL5-D2', 'CL5'), ('CL5-D4', 'CL5'))
    >>> parts("HORIZON-CL2-2027-01-TRANSFO-06")
    ('CL2-TRANSFORMATIONS', 'CL2')
    >>> parts("HORIZON-EUROHPC-JU-2024-BENCHMARK-05-03")
    ('JU',)
    >>> parts("LIFE-2026-SAP-CLIMA-CCA")
    ()
    """
    words = identifier.partition("|")[0].strip().upper().split("-")
    if words[0] == "HORIZON":
        words = words[1:]
    elif words[0] not in _ALONE:
        return ()
    if "JU" in words or _UNDERTAKINGS & set(words[:1]):
        return ("JU",)
    if not _PARTS & set(words[:1]):
        return ()
    part, *rest = words
    destination = _destination(rest) if part in _WITH_DESTINATIONS else None
    return (f"{part}-{destination}", part) if destination else (part,)


def _destination(words: list[str]) -> str | None:
    """Return what the first word after the year names; "INDUSTRY" may stand before it."""
    year = next((place for place, word in enumerate(words) if _YEAR.fullmatch(word)), -1)
    for word in words[year + 1 :]:
        if _DESTINATION.fullmatch(word) and word not in _NO_DESTINATION:
            return _SPELLINGS.get(word, word)
    return None


def _instrument(call: Call) -> Instrument | None:
    """Return the first instrument whose expression fits, else the first that has the programme."""
    topic = call.identifier.partition("|")[0].strip()
    fitting = (one for one in instruments() if one.fits(topic))
    of_programme = (one for one in instruments() if call.programme in one.programmes)
    return next(fitting, None) or next(of_programme, None)


def _log_odds(fine_to_coarse: list[Count]) -> float:
    """Shrink the share of each part towards that of the coarser one; 0.0 where there is no part."""
    if not fine_to_coarse:
        return 0.0
    share = _OF_ALL
    for count in reversed(fine_to_coarse):
        share = (count.with_municipality + _PRIOR * share) / (count.projects + _PRIOR)
    return _logit(share) - _logit(_NEUTRAL)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _sentence(count: Count) -> str:
    have = "has" if count.with_municipality == 1 else "have"
    return (
        f"{count.with_municipality:,} of {count.projects:,} projects in this part of Horizon Europe "
        f"{have} a municipality (CORDIS, {CORDIS_DAY})."
    )


@cache
def instruments(path: Path = INSTRUMENTS) -> tuple[Instrument, ...]:
    """Return the instruments in the order of the file.

    Raises
    ------
    BadFile
        With all that is wrong with the file.
    """
    parsed = read_yaml(path)
    faults = Faults(path)
    entries = parsed.values.get("instruments")
    if not isinstance(entries, list):
        faults.add(1, "no list of instruments", "'instruments:', and below it entries as '- calls: …'")
        entries = []
    read = [faults.record(Instrument, one, parsed, ("instruments", at)) for at, one in enumerate(entries)]
    faults.stop()
    return tuple(one for one in read if one)


@cache
def participation(path: Path = PARTICIPATION) -> dict[str, Count]:
    """Return the counted projects by part of Horizon Europe.

    Raises
    ------
    BadFile
        With all rows that are no counts.
    """
    counts: dict[str, Count] = {}
    faults = Faults(path)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        header = next(rows, [])
        if header != ["part", *Count._fields]:
            expected = ",".join(["part", *Count._fields])
            faults.add(1, shown(",".join(header)), f"the header {expected}")
            faults.stop()
        for row in rows:
            match row:
                case [part, n, k] if (
                    n.isdecimal() and k.isdecimal() and int(k) <= int(n) and part not in counts
                ):
                    counts[part] = Count(int(n), int(k))
                case _:
                    expected = "a part, once, its projects, and no more of them with a municipality"
                    faults.add(rows.line_num, shown(",".join(row)), expected)
    faults.stop()
    return counts
