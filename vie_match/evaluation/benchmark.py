"""A benchmark folder → calls, profiles, judgements.

The folder holds ``calls.jsonl``, ``profiles.jsonl`` and, if judged, ``judgements.jsonl``, each plain or
gzipped (``.gz``), one JSON object a line:

* calls: ``id``, ``title``, ``text``; the rest is optional. Deadlines are ignored.
* profiles: ``id``, ``language``, ``title``, ``text``; optional ``title_en`` and ``text_en``.
* judgements: ``profile``, ``call``, ``grade`` (3 direct hit, 2 good, 1 marginal, 0 not relevant).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from vie_match.countries import parse_country
from vie_match.errors import BadFile, BadValue, Fault
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

    def read(name: str, build: Callable[[Any], Item]) -> tuple[Item, ...]:
        items = []
        path = _find(folder, name)
        for number, line in lines(path, faults):
            try:
                items.append(build(json.loads(line)))
            except json.JSONDecodeError as error:
                faults.append(Fault(path, number, error.msg, "one JSON object a line"))
            except KeyError as error:
                faults.append(Fault(path, number, f"no {error.args[0]!r}", _FORM[name]))
            except ValidationError as error:
                found = "; ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in error.errors())
                faults.append(Fault(path, number, found, _FORM[name]))
            except (BadValue, TypeError, ValueError, AttributeError) as error:
                faults.append(Fault(path, number, str(error), _FORM[name]))
        return tuple(items)

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


def candidates(folder: Path, name: str) -> list[Path]:
    """Return the files of that name with JSON lines, plain before gzipped; none if there are none."""
    paths = (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz")
    return [path for path in paths if path.is_file()]


def _is_judged(folder: Path) -> bool:
    return bool(candidates(folder, "judgements"))


def _find(folder: Path, name: str) -> Path:
    found = candidates(folder, name)
    if not found:
        raise BadFile([Fault(folder, None, f"no {name}.jsonl or {name}.jsonl.gz", "a benchmark folder")])
    return found[0]


def lines(path: Path, faults: list[Fault]) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) without blank lines; what stops the reading becomes a fault."""
    number = 0
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        faults.append(Fault(path, number + 1, str(error), "a whole file in UTF-8 (and gzip, if .gz)"))


def _call(row: dict[str, Any]) -> Call:
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


def _profile(row: dict[str, Any], text: TextChoice) -> Profile:
    ending = "_en" if text is TextChoice.ENGLISH else ""
    return Profile(
        id=row["id"],
        title=" ".join(row[f"title{ending}"].split())[:500],
        language="en" if text is TextChoice.ENGLISH else row["language"],
        city=City(name=row.get("city") or row["id"], country=parse_country(row.get("country") or "DE")),
        text=row[f"text{ending}"],
    )


def _judgement(row: dict[str, Any]) -> Judgement:
    grade = row["grade"]
    if grade not in GRADES:
        raise BadValue(f"the grade {grade!r}; one of {', '.join(map(str, GRADES))}")
    return Judgement(str(row["profile"]), str(row["call"]), int(grade))
