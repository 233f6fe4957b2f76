"""Asks one live source after the other; one that fails stops none and costs none of the calls known."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from vie_match.errors import (
    BadValue,
    ListShrunk,
    SourceChanged,
    SourceDown,
    SourceRefused,
    VieMatchError,
    near_miss,
)
from vie_match.history import Harvest, Reading, Run
from vie_match.messages import M_
from vie_match.settings import SourceSettings
from vie_match.sources import eui, euroaccess, portal, portico
from vie_match.store.calls import CallStore
from vie_match.vocabulary import ReadingState
from vie_match.web.session import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A live source of calls.

    Attributes
    ----------
    name : str
        As shown to people.
    url : str
        Base address, if the settings name no other.
    fetch : callable
        (session, base address, day) → Harvest.
    """

    name: str
    url: str
    fetch: Callable[[Session, str, dt.date], Harvest]


SOURCES: Mapping[str, Source] = {
    "portal": Source(portal.NAME, portal.URL, portal.fetch),
    "eui": Source(eui.NAME, eui.URL, eui.fetch),
    "portico": Source(portico.NAME, portico.URL, portico.fetch),
    "euroaccess": Source(euroaccess.NAME, euroaccess.URL, euroaccess.fetch),
}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What became of one source.

    Attributes
    ----------
    reading : Reading
    error : VieMatchError or None
        Why nothing was taken over.
    notices : tuple of str
    """

    reading: Reading
    error: VieMatchError | None = None
    notices: tuple[str, ...] = ()


# Sources of another kind, read only when they are named.
ON_REQUEST = ("cordis",)


def addresses(settings: Mapping[str, SourceSettings], wanted: Collection[str] = ()) -> dict[str, str]:
    """Return the base address of each source to ask.

    Parameters
    ----------
    settings : mapping
        Short name → what is set for it.
    wanted : collection of str, optional
        Short names; default: all that are not switched off.

    Raises
    ------
    BadValue
        If the settings or the caller name a source that does not exist.
    """
    known = (*SOURCES, *ON_REQUEST)
    for name in (*settings, *wanted):
        if name not in known:
            near = near_miss(name, known)
            raise BadValue(
                M_(
                    "no source {name}{near}; there are: {known}",
                    name=repr(name),
                    near=near,
                    known=", ".join(known),
                )
            )
    own = {name: settings.get(name, SourceSettings()) for name in SOURCES}
    chosen = [name for name in SOURCES if (name in wanted if wanted else own[name].enabled)]
    return {name: (own[name].url or SOURCES[name].url).rstrip("/") for name in chosen}


def gather(
    store: CallStore,
    run: Run,
    session: Session,
    addresses: Mapping[str, str],
    *,
    accept: bool = False,
) -> Iterator[Gathered]:
    """Read sources into the store, each in a transaction of its own.

    Parameters
    ----------
    store : CallStore
    run : Run
    session : Session
    addresses : mapping
        Short name → base address, see :func:`addresses`.
    accept : bool, optional
        Take over lists that have shrunk suspiciously, too.

    Yields
    ------
    Gathered
        As soon as a source is done.
    """
    for name, url in addresses.items():
        log.info("reading %s", SOURCES[name].name)
        try:
            harvest = SOURCES[name].fetch(session, url, run.began.date())
        except (SourceDown, SourceChanged, SourceRefused, BadValue) as error:
            yield Gathered(store.journal.note_failure(run, name, str(error)), error)
            continue
        reading = store.take_over(run, name, harvest, accept=accept)
        held_back = reading.state is ReadingState.HELD_BACK
        yield Gathered(reading, ListShrunk(reading.message) if held_back else None, harvest.notices)
