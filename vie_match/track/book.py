"""The table of cities' track record in use: the user's own file, or the one that is shipped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vie_match.errors import ListShrunk
from vie_match.history import SHRUNK_BELOW
from vie_match.track.gathering import TrackHarvest
from vie_match.track.plain import plain
from vie_match.track.records import Participation
from vie_match.track.table import SHIPPED, read_facts, write_facts


def current(path: Path) -> tuple[Participation, ...]:
    """Return the participations of the user's own table, or of the shipped one if there is none.

    Parameters
    ----------
    path : Path
        The user's own.

    Raises
    ------
    BadFile
        With every fault of the table.
    """
    return read_facts(path if path.exists() else SHIPPED)


def renew(path: Path, harvest: TrackHarvest, *, accept: bool = False) -> int:
    """Replace what a source told of the framework programmes it tells of; all other rows stay.

    Parameters
    ----------
    path : Path
        The user's own table; made from the shipped one when missing.
    harvest : TrackHarvest
    accept : bool, optional
        Also when there are far fewer participations than before.

    Returns
    -------
    int
        Rows in the table now.

    Raises
    ------
    ListShrunk
        If the source offers less than half of what it had; the table stays as it is.
    BadFile
        If the table cannot be read or written.
    """
    told = {(one.source, one.framework) for one in harvest.participations}
    known = current(path)
    kept = [one for one in known if (one.source, one.framework) not in told]
    before, now = len(known) - len(kept), len(harvest.participations)
    if now < SHRUNK_BELOW * before and not accept:
        raise ListShrunk(
            f"found {now} participations where {before} were; expected at least half as many. {path} stays "
            "as it is; if the source really has so few now, repeat with --accept"
        )
    write_facts([*kept, *harvest.participations], path)
    return len(kept) + now


def of_city(participations: Iterable[Participation], name: str) -> list[Participation]:
    """Return the participations of cities with a name, the latest project first.

    Parameters
    ----------
    participations : iterable of Participation
    name : str
        Name or ``city_id``; case and accents do not matter.
    """
    wanted = plain(name)
    found = [one for one in participations if wanted in (plain(one.city), plain(one.city_id))]
    return sorted(found, key=lambda one: (one.start is not None, one.start, one.project_id), reverse=True)
