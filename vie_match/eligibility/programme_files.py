"""The files of ``data/programmes/`` → checked records: what is known of a programme, and what is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from vie_match.data_files import Faults, read_yaml
from vie_match.eligibility.list_files import city_lists, groups
from vie_match.eligibility.rules import (
    Binding,
    Confidence,
    DataRow,
    Op,
    Part,
    Rule,
    RuleKind,
    Value,
)
from vie_match.errors import BadFile, Fault
from vie_match.fields import Day, Line, Url, Year, member
from vie_match.records import Record
from vie_match.vocabulary import ActionType, Programme

FOLDER = Path(__file__).with_name("data") / "programmes"

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ID = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
# Groups that a programme or call gives a meaning to; see lists.standing.
_OPEN_GROUPS = frozenset({"ANY", "ASSOCIATED", "NON_ASSOCIATED_THIRD_COUNTRIES"})
# Categories of regions by their wealth (Regulation (EU) 2021/1060, Article 108).
_REGIONS = frozenset({"LESS_DEVELOPED", "TRANSITION", "MORE_DEVELOPED", "OUTERMOST"})


class FactKind(StrEnum):
    """What a programme's fact is about; facts inform, they never decide."""

    DURATION = "duration"
    INDIRECT_COSTS = "indirect_costs"
    OPEN_DAYS = "open_days"
    LANGUAGE = "language"
    MIN_INVESTMENT = "min_investment"
    LEVERAGE = "leverage"
    GRANT_SHARE_OF_LOAN = "grant_share_of_loan"
    EXPERT_BUDGET = "expert_budget"


def _scalar(value: Any) -> Any:
    """Turn the text of a file into a number or truth value where it is one."""
    if isinstance(value, list):
        return tuple(map(_scalar, value))
    if not isinstance(value, str):
        return value
    if value in ("true", "false"):
        return value == "true"
    if _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def _compiles(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from None
    return text


def _programme_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("capital letters, digits and hyphens, as in EUI-IA")
    return text


Calls = Annotated[str, AfterValidator(_compiles)]
ProgrammeId = Annotated[str, AfterValidator(_programme_id)]
FileValue = Annotated[Value, BeforeValidator(_scalar)]


class Said(Record):
    """Something a source says, for some calls and years."""

    value: Annotated[FileValue, Field(description="number, euro, per cent, code, or list of codes")] = True
    unit: Line | None = None
    calls: Annotated[
        Calls | None, Field(description="regular expression, fits the beginning of an identifier")
    ] = None
    since: Annotated[Year | None, Field(description="first year of the calls that the source is about")]
    until: Annotated[Year | None, Field(description="last year of them")]
    en: Annotated[Line, Field(description="one English sentence")]
    de: Annotated[Line, Field(description="one German sentence")]
    source: Annotated[Url | None, Field(description="page that says so; none: recalled only")] = None
    date: Annotated[Day, Field(description="day on which the page was read, or its own date")]
    confidence: Confidence
    note: Line | None = None

    @model_validator(mode="before")
    @classmethod
    def _years(cls, data: Any) -> Any:
        """Accept ``years: [2024, 2025]``, or one year."""
        if not isinstance(data, dict) or "since" in data or "until" in data:
            return data
        years = data.get("years")
        first, last = (years[0], years[-1]) if isinstance(years, list) and years else (years, years)
        return {key: value for key, value in data.items() if key != "years"} | {"since": first, "until": last}

    @model_validator(mode="after")
    def _can_be_looked_up(self) -> Self:
        if self.confidence is Confidence.SOURCED and (self.source is None or self.since is None):
            raise ValueError("a source and years for what is sourced")
        if self.since is not None and self.until is not None and self.since > self.until:
            raise ValueError(f"years in order, not {self.since} to {self.until}")
        return self

    def fits(self, identifier: str) -> bool:
        """Return whether it is about calls with such an identifier."""
        return self.calls is None or re.match(self.calls, identifier, re.IGNORECASE) is not None

    def speaks_of(self, year: int | None) -> bool:
        """Return whether the source is about the calls of a year."""
        return year is not None and self.since is not None and self.since <= year <= (self.until or year)


class ProgrammeFact(Said):
    """One fact that informs."""

    kind: Annotated[FactKind, member(FactKind)]


class ProgrammeRule(Said):
    """One rule of a programme, flat as in its file."""

    kind: Annotated[RuleKind, member(RuleKind)]
    actions: Annotated[
        tuple[Annotated[ActionType, member(ActionType)], ...],
        Field(description="types of action it is for; empty: all"),
    ] = ()
    subject: str = ""
    op: Annotated[Op | None, member(Op)] = None
    binding: Annotated[Binding, member(Binding)] = Binding.MUST
    role: Annotated[Part, member(Part)] = Part.ANY
    group: Annotated[str | None, Field(description="group of countries or category of regions")] = None
    member_list: Annotated[str | None, Field(description="list of cities, see city_lists.yaml")] = None
    one_of: tuple[str, ...] = ()
    unless: Annotated[str | None, Field(description="what lifts the rule")] = None
    scope: Annotated[str | None, Field(description="proposal: not about the team", pattern="^proposal$")] = (
        None
    )
    only_role: Annotated[Part | None, member(Part)] = None
    effect: str | None = None

    def rule(self, programme: str, *, presumed: str = "") -> Rule:
        """Return the rule as the verdict uses it.

        Parameters
        ----------
        programme : str
            Id of the programme's file.
        presumed : str, optional
            Why it is not sure to hold; then it does not decide.
        """
        row = DataRow(
            programme=programme,
            url=self.source,
            date=self.date,
            confidence=Confidence.RECALLED if presumed else self.confidence,
            note=" ".join(filter(None, (self.note, presumed))),
        )
        own = {name: getattr(self, name) for name in _RULE_FIELDS}
        return Rule.model_validate(own | {"row": row})


_RULE_FIELDS = (
    "kind subject value op binding role group member_list unit one_of unless scope only_role effect".split()
)


class Gap(Record):
    """What is not known about a programme, and why."""

    about: Annotated[
        tuple[str, ...], Field(min_length=1, description="kinds of rules or facts"), BeforeValidator(_scalar)
    ]
    en: Annotated[Line, Field(description="the reason in English")]
    de: Annotated[Line, Field(description="the reason in German")]

    @model_validator(mode="after")
    def _kinds_exist(self) -> Self:
        if strange := sorted(set(self.about) - set(RuleKind) - set(FactKind)):
            raise ValueError(f"kinds of rules or facts, not {', '.join(strange)}")
        return self


class ProgrammeRow(Record):
    """One programme, or what several have in common."""

    id: ProgrammeId
    programme: Annotated[Programme, member(Programme)]
    part_of: Annotated[ProgrammeId | None, Field(description="programme whose rules hold, too")] = None
    en: Annotated[Line, Field(description="English name")]
    de: Annotated[Line, Field(description="German name")]
    calls: Annotated[
        Calls | None, Field(description="regular expression, fits the beginning of its identifiers")
    ] = None
    body: Annotated[Line, Field(description="who runs it")]
    portal: Url | None = None
    rules: tuple[ProgrammeRule, ...] = ()
    facts: tuple[ProgrammeFact, ...] = ()
    unknown: tuple[Gap, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.rules and not self.unknown:
            raise ValueError("rules, or under unknown why there are none")
        return self


@cache
def rows(folder: Path = FOLDER) -> Mapping[str, ProgrammeRow]:
    """Return all programmes by their ids, in order of file name.

    Raises
    ------
    BadFile
        With the faults of all files.
    """
    read: dict[str, ProgrammeRow] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            row = _row(path)
        except BadFile as error:
            faults.extend(error.faults)
        else:
            read[row.id] = row
    for row in read.values():
        if row.part_of is not None and row.part_of not in read:
            expected = f"a programme with a file in {folder.name}/"
            faults.append(Fault(folder / _file_name(row.id), None, f"part_of: {row.part_of!r}", expected))
    if faults:
        raise BadFile(faults)
    return read


def _file_name(programme: str) -> str:
    return f"{programme.lower()}.yaml"


def _row(path: Path) -> ProgrammeRow:
    parsed = read_yaml(path)
    faults = Faults(path)
    row = faults.record(ProgrammeRow, parsed.values, parsed)
    if row is not None:
        if _file_name(row.id) != path.name:
            faults.add(parsed.line_of(("id",)), f"id: {row.id!r}", f"the id of {path.name}")
        for number, rule in enumerate(row.rules):
            for found, expected in _loose_ends(rule):
                faults.add(parsed.line_of(("rules", number)), found, expected)
        faults.stop()
        return row
    raise BadFile(faults.found)


def _loose_ends(rule: ProgrammeRule) -> list[tuple[str, str]]:
    """Return names of groups and lists that lead nowhere."""
    named = set((rule.group or "").replace("|", "+").split("+")) - {""}
    if rule.kind is RuleKind.ELIGIBLE_COUNTRIES:
        values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        named |= {part for value in values for part in str(value).split("+")}
    known = {*groups().groups, *groups().unions, *_OPEN_GROUPS, *_REGIONS}
    loose = [
        (f"the group {name!r}", "a group of groups.yaml, or a country")
        for name in sorted(named)
        if name not in known and not _COUNTRY.fullmatch(name)
    ]
    if rule.member_list is not None and rule.member_list not in city_lists():
        loose.append((f"the list {rule.member_list!r}", "a list of city_lists.yaml"))
    return loose
