"""CORDIS: the EU's own record of its research projects → what municipalities did in them.

The record is published as one archive per framework programme, renewed about every month, without a key.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from vie_match.errors import SourceChanged
from vie_match.track import cordis_tables, cordis_xml, grants
from vie_match.track.dumps import Dump
from vie_match.track.gathering import Gathering, TrackHarvest
from vie_match.web.session import Session

NAME = grants.SOURCE

# As the official portal for European data names them. The host could not be reached when this was written,
# so neither its answer nor today's columns have been seen. Its robots.txt is said to keep crawlers out of
# /data/: fetch the archives rarely, or by hand and read them with :func:`read`.
URL = "https://cordis.europa.eu/data/"
DUMPS = ("cordis-HORIZONprojects-csv.zip", "cordis-h2020projects-csv.zip")

_FORMS = (cordis_tables, cordis_xml)


def fetch(session: Session, url: str, today: dt.date) -> TrackHarvest:
    """Download the archives and read the municipalities' participations.

    Parameters
    ----------
    session : Session
    url : str
        Address of one archive (``….zip``), or of the folder in which :data:`DUMPS` lie.
    today : date
        Not needed; every source is asked the same way.

    Raises
    ------
    SourceDown
        If an archive does not come, or not whole.
    SourceChanged
        If an archive is another thing than it was; the message names what is missing.
    SourceRefused
        If an archive is not to be trusted.
    """
    gathering = Gathering()
    with tempfile.TemporaryDirectory(prefix="vie-match-") as folder:
        for number, address in enumerate(_addresses(url)):
            path = session.save(address, Path(folder) / f"{number}.zip")
            _parse(path, address, gathering)
    return _some(gathering.harvest(), url)


def read(path: Path) -> TrackHarvest:
    """Read an archive that was downloaded by hand, of tables or of XML files.

    Parameters
    ----------
    path : Path

    Raises
    ------
    BadFile
        If the file cannot be read.
    SourceChanged, SourceRefused
        As :func:`fetch`.
    """
    gathering = Gathering()
    _parse(path, str(path), gathering)
    return _some(gathering.harvest(), str(path))


def _addresses(url: str) -> tuple[str, ...]:
    if url.casefold().endswith(".zip"):
        return (url,)
    return tuple(f"{url.rstrip('/')}/{name}" for name in DUMPS)


def _some(harvest: TrackHarvest, name: str) -> TrackHarvest:
    if not harvest.participations:
        reason = f"{harvest.rejected[0].key}: {harvest.rejected[0].reason}"
        raise SourceChanged(f"{name}: found only rows that cannot be read; the first: {reason}")
    return harvest


def _parse(path: Path, name: str, gathering: Gathering) -> None:
    with Dump(path, name) as dump:
        for form in _FORMS:
            if form.is_here(dump):
                form.parse(dump, gathering)
                return
        shown = ", ".join(dump.members("")[:20]) or "nothing"
        raise SourceChanged(f"{name}: found {shown}; expected organization.csv, or one .xml file per project")
