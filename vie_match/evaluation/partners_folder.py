"""A folder of partner searches → tasks: towns, past projects, and who was found.

The folder holds ``urbact/``, ``horizon/`` or both, each with JSON lines, plain or gzipped (``.gz``):

* cities: ``id``, ``name``, ``country``; optional ``lat``, ``lon``, ``population``, ``networks``
  (objects with ``n``, the network, and ``y``, the year of joining or null).
* history: ``id``, ``date``, ``text``, ``cities``; optional ``lead``.
* train (optional), dev: ``id``, ``base``, ``variant`` (cold, seeded), ``date``, ``text``, ``lead``,
  ``given``; if answered ``relevant`` and ``newcomers``; optional ``topic``.

What would tell the answers (the pool of a city, how many names it has, the form of its id) is not read.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from vie_match.countries import COUNTRIES
from vie_match.eligibility import lists
from vie_match.errors import BadFile, BadValue, Fault
from vie_match.json_lines import Row, candidates, items
from vie_match.partners.model import EXCHANGE, RESEARCH
from vie_match.partners.records import Enquiry, Membership, Past, Town
from vie_match.partners.world import World
from vie_match.track.records import parse_country
from vie_match.vocabulary import Answer

# Folder → family of programmes, whose weights rank it.
TASKS = {"urbact": EXCHANGE, "horizon": RESEARCH}
COLD, SEEDED = "cold", "seeded"
_MISSION = "MISSION_CITIES_112"

_FORM = {
    "cities": "an object with id, name, country; lat, lon, population and networks, if known",
    "history": "an object with id, date (2022-04-13), text, cities",
    "queries": "an object with id, base, variant (cold or seeded), date (2022-04-13), text, lead, given",
}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Query:
    """One line of train or dev.

    Attributes
    ----------
    id, base : str
        ``base`` is the project; its cold and its seeded line share it.
    variant : str
        ``cold`` or ``seeded``.
    enquiry : Enquiry
    relevant, newcomers : frozenset of str or None
        Who became partners, and who of them had no project before; None: no answers are given.
    """

    id: str
    base: str
    variant: str
    enquiry: Enquiry
    relevant: frozenset[str] | None
    newcomers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Task:
    """One subfolder."""

    name: str
    family: str
    world: World
    train: tuple[Query, ...]
    dev: tuple[Query, ...]


def load(folder: Path) -> tuple[Task, ...]:
    """Read a folder of partner searches.

    Raises
    ------
    BadFile
        With every line that cannot be used, or if a file or both subfolders are missing.
    """
    names = [name for name in TASKS if (folder / name).is_dir()]
    if not names:
        raise BadFile([Fault(folder, None, "no folder urbact or horizon", "at least one of them")])
    faults: list[Fault] = []
    tasks = tuple(_task(folder / name, faults) for name in names)
    if faults:
        raise BadFile(faults)
    return tasks


def _task(folder: Path, faults: list[Fault]) -> Task:
    towns = _read(folder, "cities", "cities", _town, faults)
    history = _read(folder, "history", "history", _past, faults)
    dev = _read(folder, "dev", "queries", _query, faults)
    train = _read(folder, "train", "queries", _query, faults) if candidates(folder, "train") else ()
    for name, ids in (
        ("cities", [one.id for one in towns]),
        ("history", [one.id for one in history]),
        ("train and dev", [one.id for one in (*train, *dev)]),
    ):
        twice = sorted(id for id, count in Counter(ids).items() if count > 1)
        faults += [Fault(folder, None, f"the id {id!r} twice in {name}", "one line per id") for id in twice]
    return Task(folder.name, TASKS[folder.name], World(towns, history), train, dev)


def _read(
    folder: Path, name: str, form: str, build: Callable[[Row], Item], faults: list[Fault]
) -> tuple[Item, ...]:
    found = candidates(folder, name)
    if not found:
        faults.append(Fault(folder, None, f"no {name}.jsonl or {name}.jsonl.gz", "a folder of searches"))
        return ()
    return items(found[0], build, _FORM[form], faults)


def _town(row: Mapping[str, Any]) -> Town:
    country = parse_country(row["country"])
    listed = lists.membership(_MISSION, row["name"], country).answer if country in COUNTRIES else Answer.NO
    return Town(
        id=_text(row["id"]),
        name=_text(row["name"]),
        country=country,
        latitude=row.get("lat"),
        longitude=row.get("lon"),
        population=row.get("population") or None,
        memberships=tuple(Membership(one["n"], one.get("y")) for one in row.get("networks") or ()),
        mission=listed is Answer.YES,
    )


def _past(row: Mapping[str, Any]) -> Past:
    return Past(
        id=_text(row["id"]),
        date=dt.date.fromisoformat(row["date"]),
        text=_text(row["text"]),
        towns=tuple(map(_text, row["cities"])),
        lead=row.get("lead"),
    )


def _query(row: Mapping[str, Any]) -> Query:
    variant = row["variant"]
    if variant not in (COLD, SEEDED):
        raise BadValue(f"the variant {variant!r}")
    relevant = row.get("relevant")
    return Query(
        id=_text(row["id"]),
        base=_text(row["base"]),
        variant=variant,
        enquiry=Enquiry(
            date=dt.date.fromisoformat(row["date"]),
            text=_text(row["text"]),
            lead=_text(row["lead"]),
            given=tuple(map(_text, row["given"])),
            topic=row.get("topic"),
        ),
        relevant=None if relevant is None else frozenset(map(_text, relevant)),
        newcomers=frozenset(row.get("newcomers") or ()),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue(f"{value!r} where a text should be")
    return value
