"""What is known of calls and cities: fetched, put together, compared, taken in. Nothing here ranks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from vie_match.changes import Change, changes
from vie_match.errors import BadValue
from vie_match.history import FILES, IMPORT, Harvest, KnownCall, Reading, Run, Sighting
from vie_match.records import BRUSSELS, Call
from vie_match.settings import Settings, SourceSettings
from vie_match.sources import gather
from vie_match.sources.files import load_calls
from vie_match.sources.gather import Gathered
from vie_match.sources.merge import merge
from vie_match.store.calls import CallStore
from vie_match.store.responses import ResponseStore
from vie_match.track import book, cordis
from vie_match.track.gathering import TrackHarvest
from vie_match.vocabulary import CallStatus
from vie_match.web.session import Session

# Raw answers older than this are dropped; a parser is mended sooner.
KEEP_ANSWERS_DAYS = 120


def at_noon(today: dt.date | None) -> dt.datetime:
    """Return the moment a run refers to: now, or noon in Brussels on a given day.

    Examples
    --------
    >>> at_noon(dt.date(2026, 11, 24)).isoformat()
    '2026-11-24T12:00:00+01:00'
    """
    if today is None:
        return dt.datetime.now(BRUSSELS)
    return dt.datetime.combine(today, dt.time(12), tzinfo=BRUSSELS)


def fetch(
    settings: Settings,
    moment: dt.datetime,
    *,
    only: Collection[str] = (),
    accept: bool = False,
    replay: bool = False,
    told: Callable[[Gathered], None] = lambda one: None,
) -> Run:
    """Read the live sources into the store.

    Parameters
    ----------
    settings : Settings
    moment : datetime
        With a time zone.
    only : collection of str, optional
        Short names of the sources; default: all that are not switched off.
    accept : bool, optional
        Take over lists that have shrunk suspiciously, too.
    replay : bool, optional
        Read the answers kept from former runs instead of asking.
    told : callable, optional
        Called with what became of a source as soon as it is done.

    Returns
    -------
    Run

    Raises
    ------
    BadValue
        For an unknown source, or nothing to replay.
    StoreBusy, StoreUnwritable, StoreDamaged
        Faults of single sources are told, not raised.
    """
    addresses = gather.addresses(settings.sources, only)
    store = CallStore(settings.store)
    archive = ResponseStore(settings.store.with_suffix(".answers.db"))
    # Questions hold the day on which they were asked: answers are found again under that day.
    asked = _last_asked(store) if replay else moment
    with (
        store.journal.run("replay" if replay else "fetch", moment) as run,
        Session(list(addresses.values()), archive, replay=replay) as session,
    ):
        for one in gather.gather(store, run, session, addresses, asked.date(), accept=accept):
            told(one)
    if not replay:
        archive.prune(moment - dt.timedelta(days=KEEP_ANSWERS_DAYS))
    return run


def _last_asked(store: CallStore) -> dt.datetime:
    last = store.journal.last("fetch", before=dt.date.max)
    if last is None:
        raise BadValue("nothing to replay: no answers have been fetched yet; run vie-match fetch first")
    return last.began


def known_calls(
    settings: Settings, moment: dt.datetime, calls: Collection[Call], *, closed: bool = True
) -> list[KnownCall]:
    """Return what is known now: the calls folder as it lies there, and what the store has of live sources.

    Parameters
    ----------
    settings : Settings
    moment : datetime
        When the folder was read.
    calls : collection of Call
        What was in it.
    closed : bool, optional
        Closed calls of live sources, too.
    """
    stored: list[Sighting] = []
    if settings.store.exists():
        store = CallStore(settings.store)
        stored = store.sightings(keys=None if closed else store.open_keys(moment))
    first_seen = {one.key: one.first_seen for one in stored if one.source == FILES}
    here = [
        Sighting(FILES, call, first_seen.get(call.identifier.casefold(), moment), moment) for call in calls
    ]
    return merge([*here, *(one for one in stored if one.source != FILES)])


def read_known_calls(settings: Settings, moment: dt.datetime, *, closed: bool) -> list[KnownCall]:
    """Return what is known now, reading the calls folder if there is one; see :func:`known_calls`.

    Without closed calls those of the folder are left out, too.
    """
    files = load_calls(settings.calls) if settings.calls.is_dir() else ()
    known = known_calls(settings, moment, files, closed=closed)
    return [one for one in known if closed or one.call.status(moment) is not CallStatus.CLOSED]


def changes_between(store: CallStore, first: Run, second: Run) -> list[Change]:
    """Return what happened to calls between two runs."""
    before, after = merge(store.sightings(first)), merge(store.sightings(second))
    return changes(before, after, first.began, second.began)


def take_in(
    settings: Settings, moment: dt.datetime, name: str, calls: Collection[Call], *, accept: bool = False
) -> Reading:
    """Take calls of a file into the store, as a source named after the file.

    Parameters
    ----------
    settings : Settings
    moment : datetime
        With a time zone.
    name : str
        Name of the file.
    calls : collection of Call
    accept : bool, optional
        Also when there are far fewer than last time.
    """
    store = CallStore(settings.store)
    with store.journal.run("import", moment) as run:
        return store.take_over(run, f"{IMPORT} {name}", Harvest(tuple(calls)), accept=accept)


def renew_cities(settings: Settings, today: dt.date, *, accept: bool = False) -> TrackHarvest:
    """Download CORDIS's record of projects and renew the table of cities.

    Parameters
    ----------
    settings : Settings
    today : date
    accept : bool, optional
        Also when the record names far fewer participations than before.

    Raises
    ------
    SourceDown, SourceChanged, SourceRefused, ListShrunk, BadFile
        The table stays as it was.
    """
    url = settings.sources.get("cordis", SourceSettings()).url or cordis.URL
    with Session([url]) as session:
        harvest = cordis.fetch(session, url, today)
    book.renew(settings.cities, harvest, accept=accept)
    return harvest
