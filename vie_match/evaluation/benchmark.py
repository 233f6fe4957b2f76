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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from vie_match.errors import BadFile, BadValue, Fault
from vie_match.records import Call, City, Profile
from vie_match.vocabulary import DeadlineModel, Programme, parse, parse_country

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
        Empty when the folder is not judged.
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

    def read(name: str, build: Callable[[dict[str, Any]], Item]) -> tuple[Item, ...]:
        items = []
        for path, number, row in _rows(_find(folder, name)):
            try:
                items.append(build(row))
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
    judged = _find(folder, "judgements", required=False) is not None
    judgements = read("judgements", _judgement) if judged else ()
    if faults:
        raise BadFile(faults)
    return Benchmark(calls, profiles, judgements)


_FORM = {
    "calls": "an object with id, title, text",
    "profiles": "an object with id, language, title, text (for --text english: title_en, text_en)",
    "judgements": "an object with profile, call, grade",
}


def _find(folder: Path, name: str, *, required: bool = True) -> Path | None:
    for candidate in (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz"):
        if candidate.is_file():
            return candidate
    if required:
        raise BadFile([Fault(folder, None, f"no {name}.jsonl or {name}.jsonl.gz", "a benchmark folder")])
    return None


def _rows(path: Path | None) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    if path is None:
        return
    faults = []
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                faults.append(Fault(path, number, error.msg, "one JSON object a line"))
                continue
            yield path, number, row
    if faults:
        raise BadFile(faults)


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
    return Judgement(str(row["profile"]), str(row["call"]), int(row["grade"]))
