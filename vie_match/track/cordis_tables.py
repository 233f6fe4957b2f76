"""CORDIS's dump as tables: a zip with ``project.csv``, ``organization.csv`` and others.

The tables hold every organisation of every project; they are read as streams, twice, and only the rows of
municipalities are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from vie_match.errors import SourceChanged
from vie_match.track import grants
from vie_match.track.columns import Columns, Row
from vie_match.track.dumps import Dump
from vie_match.track.gathering import Gathering
from vie_match.track.grants import Grant, Member

# Since 2021 "project.csv", before "cordis-h2020projects.csv"; beside them lie "…Deliverables.csv" and others.
ORGANISATIONS = r"organi[sz]ations?\.csv"
PROJECTS = r"projects?\.csv"
TOPICS = r"topics\.csv"

# Names of the columns: the dumps since 2021 first, then those of 2015-2020, then those of the 7th programme.
_MEMBER = Columns(
    {
        "project_id": ("projectID", "projectReference"),
        "name": ("name", "legalName"),
        "role": ("role",),
        "country": ("country",),
        "city": ("city",),
        "pic": ("organisationID", "organizationID", "id"),
        "activity": ("activityType",),
        "nuts": ("nutsCode",),
        "place": ("geolocation",),
        "total": ("ecContribution",),
        "own": ("netEcContribution",),
    },
    required=("project_id", "name", "role", "country", "city"),
)
_PROJECT = Columns(
    {
        "project_id": ("id", "reference"),
        "acronym": ("acronym",),
        "start": ("startDate",),
        "end": ("endDate",),
        "signed": ("ecSignatureDate",),
        "topic": ("topics", "topic"),
        "framework": ("frameworkProgramme", "legalBasis", "programme"),
    },
    required=("project_id", "acronym", "framework"),
)
_TOPIC = Columns({"project_id": ("projectID",), "topic": ("topic",)}, required=("project_id", "topic"))


def is_here(dump: Dump) -> bool:
    """Tell whether an archive holds tables."""
    return bool(dump.members(ORGANISATIONS))


def parse(dump: Dump, gathering: Gathering) -> None:
    """Read the municipalities' participations of an archive of tables.

    Parameters
    ----------
    dump : Dump
    gathering : Gathering
        Gets the participations and the account of what did not become one.

    Raises
    ------
    SourceChanged
        If a table or a column is missing, or no organisation is a municipality.
    SourceRefused
        If the archive is not to be trusted.
    """
    organisations, projects = _only(dump, ORGANISATIONS), _only(dump, PROJECTS)
    members, rows = _municipalities(dump, organisations, gathering)
    if not members:
        raise SourceChanged(
            f"{dump.name}, {organisations}: found no municipality among {rows} organisations; expected some; "
            "look whether names and kinds of organisations still stand in their columns"
        )
    gathering.notice(f"{dump.name}: {len(members)} of {rows} organisations' rows are municipalities'")
    wanted = {member.project_id for member in members}
    sizes = _sizes(dump, organisations, wanted)
    known = _grants(dump, projects, wanted)
    for member in members:
        grant = known.get(member.project_id)
        if grant is None:
            gathering.reject(
                member.key, f"found no readable row in {projects}; expected one with this number"
            )
        else:
            grants.take(grant, member, sizes.get(member.project_id), gathering)


def _only(dump: Dump, ending: str) -> str:
    """Return the member that is the table, not one of its kin: the shortest name."""
    found = dump.members(ending)
    if not found:
        shown = ", ".join(dump.members("")[:20]) or "nothing"
        raise SourceChanged(f"{dump.name}: found {shown}; expected a table named like {ending}")
    return min(found, key=len)


def _municipalities(dump: Dump, table: str, gathering: Gathering) -> tuple[list[Member], int]:
    members, rows = [], 0
    for at, row in dump.rows(table, _MEMBER):
        rows += 1
        if row is None:
            gathering.reject(f"{table}, line {at}", "found more or fewer cells than the header has")
            continue
        member = _member(row)
        if member.is_municipality:
            members.append(member)
    return members, rows


def _member(row: Row) -> Member:
    return Member(**{name: cell.strip() for name, cell in row.items()})


def _sizes(dump: Dump, table: str, wanted: Collection[str]) -> dict[str, int]:
    """Return the number of different organisations of the projects that are wanted."""
    present: dict[str, set[str]] = defaultdict(set)
    for _, row in dump.rows(table, _MEMBER):
        project_id = row["project_id"].strip() if row else ""
        if row and project_id in wanted:
            present[project_id].add(row.get("pic", "").strip() or row["name"].strip())
    return {project_id: len(members) for project_id, members in present.items()}


def _grants(dump: Dump, table: str, wanted: Collection[str]) -> dict[str, Grant]:
    found = {}
    for _, row in dump.rows(table, _PROJECT):
        if row and row["project_id"].strip() in wanted:
            grant = Grant(**{name: cell.strip() for name, cell in row.items()})
            found[grant.project_id] = grant
    for project_id, topic in _topics(dump).items():
        if project_id in found and not found[project_id].topic:
            found[project_id] = replace(found[project_id], topic=topic)
    return found


def _topics(dump: Dump) -> dict[str, str]:
    """Return the topic of each project, from the table of its own that the dumps since 2021 have."""
    rows = (row for table in dump.members(TOPICS) for _, row in dump.rows(table, _TOPIC) if row)
    return {row["project_id"].strip(): row["topic"].strip() for row in rows}
