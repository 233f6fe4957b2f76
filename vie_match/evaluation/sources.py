"""Recorded answers and snapshots of portals, read by the real parsers: what loads, what not, how full.

A folder may hold, anywhere below it: answers of the portal's search as JSON (any encoding), snapshots that
others made of it, JSON lists or lines (also gzipped) of one flat object per topic, and extracts of CORDIS
with one object per project.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vie_match.errors import BadFile, Fault
from vie_match.history import Harvest
from vie_match.records import Call
from vie_match.sources import sedia, topics
from vie_match.track import grants
from vie_match.track.gathering import Gathering, TrackHarvest
from vie_match.track.grants import Grant, Member
from vie_match.track.records import Participation
from vie_match.vocabulary import ActionType, DeadlineModel, Programme

# Fields whose share of filled calls is told, with what counts as filled.
FIELDS = (
    "programme",
    "action_type",
    "deadline_model",
    "opening",
    "deadlines",
    "budget_total_eur",
    "grant_max_eur",
    "expected_grants",
    "conditions",
    "url",
    "text",
)

CITY_FIELDS = ("topic", "start", "signed", "nuts3", "latitude", "contribution_eur", "participants")

# Names under which snapshots keep a key of the search's metadata; the first that has a value counts.
_SNAPSHOT_KEYS = {
    "identifier": ("topicId", "identifier"),
    "title": ("title",),
    "frameworkProgramme": ("programmeId", "programme"),
    "deadlineDate": ("deadline",),
    "startDate": ("opening",),
    "deadlineModel": ("deadlineModel",),
    "typesOfAction": ("typesOfAction",),
    "descriptionByte": ("description",),
    "topicConditions": ("topicConditions",),
}
_SNAPSHOT_MONEY = {
    "minContribution": "budgetMin",
    "maxContribution": "budgetMax",
    "expectedGrants": "expectedGrants",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+\+\d{4})?")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of one recording.

    Attributes
    ----------
    name : str
        Path below the folder.
    harvest : Harvest or TrackHarvest
        Calls, or participations of cities.
    filled : dict
        Field → share of the loaded records in which it is known, 0 to 1.
    """

    name: str
    harvest: Harvest | TrackHarvest
    filled: dict[str, float]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Entries offered, loaded, rejected and folded."""
        rejected, folded = len(self.harvest.rejected), self.harvest.folded
        return self.harvest.offered, self.harvest.offered - rejected - folded, rejected, folded


def coverage(folder: Path) -> list[Coverage]:
    """Read all recordings below a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Coverage
        In order of path; files of other kinds are passed over.

    Raises
    ------
    BadFile
        If there is no recording, or one cannot be read.
    """
    found = [one for path in sorted(folder.rglob("*.json*")) if (one := _coverage(path, folder))]
    if not found:
        raise BadFile([Fault(folder, None, "no recording", "answers or snapshots of the portal (*.json)")])
    return found


def _coverage(path: Path, folder: Path) -> Coverage | None:
    data = _data(path)
    name = str(path.relative_to(folder))
    entries = _entries(data, str(path))
    if entries:
        harvest = topics.calls(entries, _programmes(entries))
        return Coverage(name, harvest, _filled(harvest.calls))
    if isinstance(data, list) and data and all(map(_is_project, data)):
        track = _cities(data)
        return Coverage(name, track, _known(track.participations))
    return None


def _is_project(row: Any) -> bool:
    return isinstance(row, dict) and "municipal_orgs" in row


def _cities(rows: Sequence[dict[str, Any]]) -> TrackHarvest:
    """Read an extract of CORDIS: projects with the organisations that may be municipalities."""
    gathering = Gathering()
    for row in rows:
        values = {key: str(row.get(key) or "") for key in ("id", "acronym", "startDate", "ecSignatureDate")}
        topic = str((row.get("topic") or {}).get("code") or "")
        start, signed = values["startDate"], values["ecSignatureDate"]
        grant = Grant(values["id"], values["acronym"], start, "", signed, topic, "HORIZON")
        for organisation in row["municipal_orgs"]:
            member = _member(grant, {key: str(value or "") for key, value in organisation.items()})
            if member.is_municipality:
                grants.take(grant, member, row.get("n_orgs"), gathering)
            else:
                gathering.reject(
                    member.key, "found no name of a municipality; expected one, as Stadt or Comune di"
                )
    return gathering.harvest()


def _member(grant: Grant, row: dict[str, str]) -> Member:
    return Member(
        project_id=grant.project_id,
        name=row.get("name", ""),
        role=row.get("role", ""),
        pic=row.get("pic", ""),
        activity=row.get("activity", ""),
        city=row.get("city", ""),
        country=row.get("country", ""),
        nuts=row.get("nuts", ""),
        place=row.get("geo", ""),
        total=row.get("ec", ""),
        own=row.get("netEc", ""),
    )


def _known(participations: Sequence[Participation]) -> dict[str, float]:
    total = len(participations) or 1
    return {
        name: sum(getattr(one, name) is not None for one in participations) / total for name in CITY_FIELDS
    }


def _data(path: Path) -> Any:
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
        text = raw.decode(json.detect_encoding(raw))
        if ".jsonl" in path.suffixes:
            return [json.loads(line) for line in text.split("\n") if line.strip()]
        return json.loads(text)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise BadFile([Fault(path, None, str(error), "JSON, or JSON lines if named *.jsonl")]) from None


def _entries(data: Any, name: str) -> list[sedia.Entry]:
    """Return the entries of an answer or a snapshot; none for JSON of another kind."""
    if isinstance(data, dict) and "results" in data:
        return list(sedia.answer(data, name).entries)
    if isinstance(data, list) and data and all(map(_is_topic, data)):
        return [_from_snapshot(row) for row in data]
    return []


def _is_topic(row: Any) -> bool:
    return isinstance(row, dict) and bool(row.get("topicId") or {"identifier", "source"} <= row.keys())


def _from_snapshot(row: dict[str, Any]) -> sedia.Entry:
    values = {key: _values(row, names) for key, names in _SNAPSHOT_KEYS.items()}
    identifier = values["identifier"][0] if values["identifier"] else ""
    kind = "8" if row.get("title2") else "2" if "PROSPECTS" in str(row.get("reference")) else "1"
    money = {key: row[name] for key, name in _SNAPSHOT_MONEY.items() if row.get(name)}
    overview = {"budgetTopicActionMap": {"1": [money | {"action": f"{identifier} - "}]}}
    return sedia.entry(
        {
            "reference": row.get("reference") or identifier.rpartition("|")[2],
            "language": "en",
            "url": row.get("portalUrl"),
            "metadata": values | {"type": [kind], "budgetOverview": [json.dumps(overview)]},
        }
    )


def _values(row: dict[str, Any], names: Sequence[str]) -> list[str]:
    value = next((str(row[name]) for name in names if row.get(name)), "")
    # Some snapshots keep several deadlines as the text of a list.
    return _DATE.findall(value) if "deadline" in names else [value]


def _programmes(entries: Sequence[sedia.Entry]) -> dict[str, Programme]:
    """Return the programme of ids and, for snapshots that keep names, of names."""
    names = {entry.first("frameworkProgramme") for entry in entries}
    named = {name: found for name in names if (found := sedia.programme_named(name))}
    return sedia.PROGRAMME_IDS | named


def _filled(calls: Sequence[Call]) -> dict[str, float]:
    rows = [call.flat() for call in calls]
    return {name: sum(_is_filled(name, row[name], row) for row in rows) / (len(rows) or 1) for name in FIELDS}


def _is_filled(name: str, value: Any, row: dict[str, Any]) -> bool:
    unknown: tuple[Any, ...] = (
        None,
        "",
        [],
        Programme.OTHER.value,
        ActionType.OTHER.value,
        DeadlineModel.NOT_STATED.value,
    )
    # Where a source has no description, the title stands for it.
    return value not in unknown and not (name == "text" and value == row["title"])


def reasons(found: Sequence[Coverage]) -> Iterator[tuple[str, str, int]]:
    """Yield (recording, reason, entries) for what was rejected."""
    for one in found:
        for reason, count in Counter(entry.reason for entry in one.harvest.rejected).most_common():
            yield one.name, reason, count
