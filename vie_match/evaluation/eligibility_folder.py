"""A folder of calls, gold rules and cases, read.

The folder holds ``calls*.jsonl``, and if they are given ``rules*.jsonl`` and ``cases*.jsonl``, each plain or
gzipped, one JSON object a line:

* calls: ``topicId``, ``programme``, ``typesOfAction``, ``description``, ``topicConditions``.
* rules: ``call`` and ``rules``, each with ``kind``, ``subject``, ``value``, ``source``, ``quote``.
* cases: ``id``, ``call``, ``team``; if judged ``expect`` and ``because``.

In a case a fact that is null is unknown, and one that is not mentioned does not apply.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.rules import Part
from vie_match.errors import BadFile, BadValue, Fault
from vie_match.json_lines import objects


@dataclass(frozen=True, slots=True)
class Case:
    """One team for one call.

    Attributes
    ----------
    id, call : str
    team : tuple of Member
    expect : str or None
        The right verdict; None: not given.
    because, because_all : frozenset of str
        Kinds of rule that make it so; with their consequences.
    """

    id: str
    call: str
    team: tuple[Member, ...]
    expect: str | None
    because: frozenset[str]
    because_all: frozenset[str]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder's contents.

    Attributes
    ----------
    calls : mapping of str to dict
        Raw rows by identifier.
    rules : mapping of str to tuple of dict
        Gold rules by call; empty when they are not given.
    cases : tuple of Case
    """

    calls: Mapping[str, dict[str, Any]]
    rules: Mapping[str, tuple[dict[str, Any], ...]]
    cases: tuple[Case, ...]


def load(folder: Path) -> Folder:
    """Read a folder.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    BadFile
        With every line that cannot be used, or if there are no calls.
    """
    faults: list[Fault] = []
    calls = {str(row["topicId"]): row for row in _rows(folder, "calls", ("topicId",), faults)}
    if not calls and not faults:
        faults.append(
            Fault(folder, None, "no calls*.jsonl or calls*.jsonl.gz", "a folder of calls and cases")
        )
    rules = {
        str(row["call"]): tuple(row["rules"])
        for row in _rows(folder, "rules", ("call",), faults)
        if isinstance(row.get("rules"), list)
    }
    cases = []
    for row in _rows(folder, "cases", ("id", "call", "team"), faults):
        try:
            cases.append(_case(row))
        except (BadValue, ValueError, TypeError, AttributeError) as error:
            found = f"case {row['id']}: {str(error).splitlines()[0]}"
            faults.append(Fault(folder, None, found, "a team: objects with name, type, country, role"))
    faults += [
        Fault(folder, None, f"case {case.id} of the call {case.call!r}", "a call of the folder")
        for case in cases
        if calls and case.call not in calls
    ]
    if faults:
        raise BadFile(faults)
    return Folder(calls, rules, tuple(cases))


def _rows(folder: Path, name: str, keys: tuple[str, ...], faults: list[Fault]) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob(f"{name}*.jsonl*")):
        for number, row in objects(path, faults):
            lacking = [key for key in keys if key not in row]
            if lacking:
                faults.append(Fault(path, number, f"no {lacking[0]!r}", f"an object with {', '.join(keys)}"))
            else:
                yield row


def _case(row: dict[str, Any]) -> Case:
    return Case(
        id=str(row["id"]),
        call=str(row["call"]),
        team=tuple(map(_member, row["team"])),
        expect=row.get("expect"),
        because=frozenset(row.get("because") or ()),
        because_all=frozenset(row.get("because_all") or row.get("because") or ()),
    )


def _member(row: dict[str, Any]) -> Member:
    kind = row.get("type")
    facts = {name: Fact(value=_plain(value)) for name, value in (row.get("attrs") or {}).items()}
    mission = row.get("mission_city")
    if mission is not None or kind == MemberType.LOCAL_AUTHORITY.value:
        facts["mission_city"] = Fact(value=mission)
    return Member(
        name=row.get("name") or "?",
        type=MemberType(kind) if kind in set(MemberType) else None,
        country=row.get("country"),
        role=Part(row.get("role") or Part.BENEFICIARY.value),
        population=row.get("population"),
        facts=facts,
        complete=True,
        source="case",
    )


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return json.dumps(value) if isinstance(value, dict) else value
