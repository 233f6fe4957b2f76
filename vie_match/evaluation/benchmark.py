"""A benchmark folder → calls, profiles, judgements.

The folder holds ``calls.jsonl``, ``profiles.jsonl`` and, if judged, ``judgements.jsonl``, each plain or
gzipped (``.gz``), one JSON object a line:

* calls: ``id``, ``title``, ``text``; the rest is optional. Deadlines are ignored.
* profiles: ``id``, ``language``, ``title``, ``text``; optional ``title_en`` and ``text_en``.
* judgements: ``profile``, ``call``, ``grade`` (3 direct hit, 2 good, 1 marginal, 0 not relevant).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from vie_match.countries import parse_country
from vie_match.errors import BadFile, BadValue, Fault
from vie_match.json_lines import Row, candidates, items
from vie_match.records import Call, City, Profile
from vie_match.vocabulary import DeadlineModel, Programme, parse

GRADES = (0, 1, 2, 3)

Item = TypeVar("Item")


class TextChoice(StrEnum):
    """Which version of the profiles is ranked; never both at once."""

    OWN = "own"
    ENGLISH = "english"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One graded pair; ``grade`` is 0 to 3."""

    profile: str
    call: str
    grade: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A folder's contents.

    Attributes
    ----------
    calls, profiles : tuple
    judgements : tuple of Judgement
        Those of the folder's profiles; empty when it is not judged.
    """

    calls: tuple[Call, ...]
    profiles: tuple[Profile, ...]
    judgements: tuple[Judgement, ...]


def load(folder: Path, text: TextChoice = TextChoice.OWN) -> Benchmark:
    """Read a benchmark folder.

    Parameters
    ----------
    folder : Path
    text : TextChoice
        ``english`` needs the English fields.

    Returns
    -------
    Benchmark

    Raises
    ------
    BadFile
        With every line that cannot be used, or if a file is missing.
    """
    faults: list[Fault] = []

    def read(name: str, build: Callable[[Row], Item]) -> tuple[Item, ...]:
        return items(_find(folder, name), build, _FORM[name], faults)

    calls = read("calls", _call)
    profiles = read("profiles", lambda row: _profile(row, text))
    judgements = read("judgements", _judgement) if _is_judged(folder) else ()
    for name, ids in (
        ("calls", [call.identifier for call in calls]),
        ("profiles", [profile.id for profile in profiles]),
    ):
        twice = sorted(id for id, count in Counter(ids).items() if count > 1)
        faults += [
            Fault(_find(folder, name), None, f"the id {id!r} twice", "one line per id") for id in twice
        ]
    if faults:
        raise BadFile(faults)
    ranked = {profile.id for profile in profiles}
    return Benchmark(calls, profiles, tuple(one for one in judgements if one.profile in ranked))


_FORM = {
    "calls": "an object with id, title, text",
    "profiles": "an object with id, language, title, text (for --text english: title_en, text_en)",
    "judgements": "an object with profile, call, grade",
}


def _is_judged(folder: Path) -> bool:
    return bool(candidates(folder, "judgements"))


def _find(folder: Path, name: str) -> Path:
    found = candidates(folder, name)
    if not found:
        raise BadFile([Fault(folder, None, f"no {name}.jsonl or {name}.jsonl.gz", "a benchmark folder")])
    return found[0]


def _call(row: Row) -> Call:
    try:
        programme = parse(Programme, str(row.get("programme") or ""))
    except BadValue:
        programme = Programme.OTHER
    return Call(
        identifier=row["id"],
        title=" ".join(row["title"].split())[:500] or row["id"],
        programme=programme,
        deadline_model=DeadlineModel.CONTINUOUS,
        language=row.get("language") or "en",
        text=row["text"] or row["title"],
    )


def _profile(row: Row, text: TextChoice) -> Profile:
    ending = "_en" if text is TextChoice.ENGLISH else ""
    return Profile(
        id=row["id"],
        title=" ".join(row[f"title{ending}"].split())[:500],
        language="en" if text is TextChoice.ENGLISH else row["language"],
        city=City(name=row.get("city") or row["id"], country=parse_country(row.get("country") or "DE")),
        text=row[f"text{ending}"],
    )


def _judgement(row: Row) -> Judgement:
    grade = row["grade"]
    if grade not in GRADES:
        raise BadValue(f"the grade {grade!r}; one of {', '.join(map(str, GRADES))}")
    return Judgement(str(row["profile"]), str(row["call"]), int(grade))
