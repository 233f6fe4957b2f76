"""The files of ``data/`` with groups of countries and lists of cities → checked records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vie_match.data_files import Faults, read_csv, read_yaml
from vie_match.eligibility.facts import country_code
from vie_match.eligibility.logic import NO, UNKNOWN, YES
from vie_match.eligibility.rules import Confidence
from vie_match.errors import BadFile, Fault
from vie_match.fields import Count, Day, Line, Url
from vie_match.records import Record
from vie_match.track.plain import plain
from vie_match.vocabulary import Answer

DATA = Path(__file__).with_name("data")
GROUPS = DATA / "groups.yaml"
CITY_LISTS = DATA / "city_lists.yaml"
COLUMNS = ("entry", "city", "country", "also", "near", "source", "label", "label_source")

_ID = re.compile(r"[A-Z][A-Z0-9_]+")


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("capital letters, digits and underscores, as in EU27")
    return text


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not value.isdecimal():
        raise ValueError("a whole number, as in 1995")
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";") if name.strip())


# Older than the years a call can have: the first members of the Union.
HistoricYear = Annotated[int, Field(ge=1945, le=2100), BeforeValidator(_whole)]
Identifier = Annotated[str, AfterValidator(_identifier)]
CountryCode = Annotated[str, AfterValidator(country_code)]


class Membership(StrEnum):
    """How firmly a country belongs to a group."""

    MEMBER = "member"
    PROVISIONAL = "provisional"
    ANNOUNCED = "announced"


class Wave(Record):
    """Countries that joined a group together."""

    countries: tuple[CountryCode, ...]
    since: Annotated[HistoricYear | None, Field(description="first year; None: not stated")] = None
    until: Annotated[HistoricYear | None, Field(description="last year; None: still in")] = None
    known: Annotated[
        HistoricYear | None,
        Field(description="first year of which the source speaks; None: that of the date"),
    ] = None
    part: Annotated[Line | None, Field(description="only this part of the programme")] = None
    status: Membership = Membership.MEMBER
    confidence: Confidence = Confidence.SOURCED
    source: Annotated[Url | None, Field(description="page that says so")] = None
    date: Annotated[Day, Field(description="day of the page, or on which it was read")]
    note: Line | None = None

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if (self.source is None) == (self.confidence is Confidence.SOURCED):
            raise ValueError("a source if and only if the confidence is sourced")
        if self.since is not None and self.until is not None and self.since > self.until:
            raise ValueError(f"since ({self.since}) not after until ({self.until})")
        return self

    def answer(self, year: int | None, part: str | None) -> Answer:
        """Return whether its countries belong in a year, to a part of the programme."""
        if self.confidence is not Confidence.SOURCED or self.status is not Membership.MEMBER:
            return UNKNOWN
        if self.part is not None and self.part != part:
            return UNKNOWN if part is None else NO
        if year is None:
            return YES if self.until is None else NO
        if (self.since is not None and year < self.since) or (self.until is not None and year > self.until):
            return NO
        if self.since is None and year < (self.known or self.date.year):
            return UNKNOWN
        return YES


class CountryGroup(Record):
    """A group of countries."""

    id: Identifier
    en: Annotated[Line, Field(description="English name; other languages: the catalogues")]
    complete: Annotated[bool, Field(description="true: who is not in it does not belong")]
    as_of: Annotated[Day, Field(description="day for which the list is known")]
    source: Annotated[Url | None, Field(description="page that shows it complete")] = None
    regions: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$")], ...],
        Field(description="beginnings of NUTS codes that belong though their country does not"),
    ] = ()
    note: Line | None = None
    waves: tuple[Wave, ...]

    @model_validator(mode="after")
    def _complete_with_a_source(self) -> Self:
        if self.complete and self.source is None:
            raise ValueError("a source for a complete list")
        listed = [code for wave in self.waves for code in wave.countries]
        if not listed:
            raise ValueError("at least one country among its waves")
        if twice := sorted({code for code in listed if listed.count(code) > 1}):
            raise ValueError(f"each country once ({', '.join(twice)} stands twice)")
        return self


class Union(Record):
    """A name for several groups together."""

    id: Identifier
    of: Annotated[tuple[Identifier, ...], Field(min_length=2)]


class CityEntry(Record):
    """One city of a list; a joint entry has several rows."""

    entry: Count
    city: Annotated[Line, Field(description="usual name")]
    country: CountryCode
    also: Annotated[str, Field(description="further names, apart by ;")] = ""
    near: Annotated[str, Field(description="names that may but need not mean it, apart by ;")] = ""
    source: Url
    label: Annotated[str, Field(description="year and month of the label", pattern=r"^(\d{4}-\d\d)?$")] = ""
    label_source: Url | None = None

    @model_validator(mode="after")
    def _label_with_source(self) -> Self:
        if bool(self.label) != bool(self.label_source):
            raise ValueError("label and label_source both or neither")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All names that mean the city, in plain letters."""
        return tuple(plain(name, self.country) for name in (self.city, *_names(self.also)))

    @property
    def near_names(self) -> tuple[str, ...]:
        """Names that may mean it, in plain letters."""
        return tuple(plain(name, self.country) for name in _names(self.near))


class CityList(Record):
    """A list of cities."""

    id: Identifier
    en: Annotated[Line, Field(description="English name; other languages: the catalogues")]
    file: Annotated[str | None, Field(description="table of the cities; None: no names are known")] = None
    needs: Annotated[str | None, Field(description="column that must not be empty", pattern="^label$")] = None
    complete: Annotated[bool, Field(description="true: who is not in it does not belong")]
    size: Annotated[Count | None, Field(description="number of entries that the source counts")] = None
    as_of: Day
    source: Url
    note: Line | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    """What ``groups.yaml`` says: groups, and names for several together, by their ids."""

    groups: Mapping[str, CountryGroup]
    unions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def groups(path: Path = GROUPS) -> Groups:
    """Return the groups of countries.

    Raises
    ------
    BadFile
        With all that is wrong with the file.
    """
    parsed = read_yaml(path)
    faults = Faults(path)
    for name in sorted(set(parsed.values) - {"groups", "unions"}):
        faults.add(parsed.line_of((name,)), f"the unknown key {name!r}", "groups or unions")
    read: dict[str, CountryGroup] = {}
    for number, values in enumerate(parsed.values.get("groups", [])):
        group = faults.record(CountryGroup, values, parsed, ("groups", number))
        if group is not None and group.id in read:
            faults.add(parsed.line_of(("groups", number)), f"the group {group.id} a second time", "it once")
        if group is not None:
            read[group.id] = group
    unions: dict[str, tuple[str, ...]] = {}
    for number, values in enumerate(parsed.values.get("unions", [])):
        union = faults.record(Union, values, parsed, ("unions", number))
        for name in union.of if union else ():
            if name not in read:
                faults.add(parsed.line_of(("unions", number)), f"the group {name!r}", "a group of this file")
        if union is not None:
            unions[union.id] = union.of
    faults.stop()
    return Groups(read, unions)


@cache
def city_lists(path: Path = CITY_LISTS) -> Mapping[str, CityList]:
    """Return the lists of cities by their ids.

    Raises
    ------
    BadFile
        With all that is wrong with the file.
    """
    parsed = read_yaml(path)
    faults = Faults(path)
    for name in sorted(set(parsed.values) - {"lists"}):
        faults.add(parsed.line_of((name,)), f"the unknown key {name!r}", "lists")
    read: dict[str, CityList] = {}
    for number, values in enumerate(parsed.values.get("lists", [])):
        listed = faults.record(CityList, values, parsed, ("lists", number))
        line = parsed.line_of(("lists", number))
        if listed is not None and listed.id in read:
            faults.add(line, f"the list {listed.id} a second time", "it once")
        if listed is not None and listed.file and not (path.parent / listed.file).is_file():
            faults.add(line, f"the file {listed.file!r}", "a table beside this file")
        if listed is not None:
            read[listed.id] = listed
    faults.stop()
    return read


@cache
def city_entries(file: str, folder: Path = DATA) -> tuple[CityEntry, ...]:
    """Return the rows of a table of cities.

    Raises
    ------
    BadFile
        With all that is wrong with the file.
    """
    path = folder / file
    faults = Faults(path)
    entries = tuple(_checked(path, faults))
    faults.stop()
    return entries


def _checked(path: Path, faults: Faults) -> Iterator[CityEntry]:
    """Yield the rows that are right; note what is wrong with the others."""
    owners: dict[tuple[str, str], int] = {}
    for line, cells in read_csv(path, COLUMNS):
        entry = faults.row(CityEntry, cells, line)
        if entry is None:
            continue
        for name in set(entry.names):
            if owners.setdefault((entry.country, name), line) != line:
                first = owners[(entry.country, name)]
                faults.add(line, f"the name {name!r} a second time", f"it once (first in line {first})")
        yield entry


def check() -> None:
    """Read all lists.

    Raises
    ------
    BadFile
        With the faults of all files.
    """
    faults: list[Fault] = []
    for read in (groups, city_lists):
        try:
            read()
        except BadFile as error:
            faults.extend(error.faults)
    if faults:
        raise BadFile(faults)
    for listed in city_lists().values():
        if listed.file:
            city_entries(listed.file)
