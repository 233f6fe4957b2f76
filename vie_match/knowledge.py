"""What is known of calls and cities: fetched, put together, compared, taken in. Nothing here ranks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from vie_match.changes import Change, changes
from vie_match.errors import BadValue
from vie_match.fields import YEARS
from vie_match.history import FILES, IMPORT, Harvest, KnownCall, Reading, Run, Sighting
from vie_match.messages import M_
from vie_match.records import BRUSSELS, Call
from vie_match.settings import Settings, SourceSettings
from vie_match.sources import gather
from vie_match.sources.files import Loaded, load_calls
from vie_match.sources.gather import Gathered
from vie_match.sources.merge import merge
from vie_match.store.calls import CallStore
from vie_match.store.responses import ResponseStore
from vie_match.track import book, cordis
from vie_match.track.gathering import TrackHarvest
from vie_match.vocabulary import ReadingState
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
    if not YEARS[0] <= today.year <= YEARS[1]:
        raise BadValue(
            M_(
                "found the day {day}; expected a year from {first} to {last}",
                day=today,
                first=YEARS[0],
                last=YEARS[1],
            )
        )
    return dt.datetime.combine(today, dt.time(12), tzinfo=BRUSSELS)


def fetch(
    settings: Settings,
    moment: dt.datetime,
    *,
    only: Collection[str] = (),
    accept: bool = False,
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
    told : callable, optional
        Called with what became of a source as soon as it is done.

    Returns
    -------
    Run

    Raises
    ------
    BadValue
        For an unknown source.
    StoreBusy, StoreUnwritable, StoreDamaged
        Faults of single sources are told, not raised.
    """
    addresses = gather.addresses(settings.sources, only)
    store, archive = CallStore(settings.store), _archive(settings)
    with (
        store.journal.run("fetch", moment) as run,
        Session(list(addresses.values()), archive) as session,
    ):
        for one in gather.gather(store, run, session, addresses, accept=accept):
            told(one)
    archive.prune(dt.datetime.now(BRUSSELS) - dt.timedelta(days=KEEP_ANSWERS_DAYS))
    return run


def replay(
    settings: Settings,
    *,
    only: Collection[str] = (),
    accept: bool = False,
    told: Callable[[Gathered], None] = lambda one: None,
) -> Run:
    """Read the answers again that were kept last from each source; nobody is asked.

    What is read is as old as it was: each source has a run of its own, of the day when it last answered,
    whether that was taken over then or held back. See :func:`fetch` for the parameters.

    Returns
    -------
    Run
        The last one.

    Raises
    ------
    BadValue
        If there is nothing to replay.
    """
    addresses = gather.addresses(settings.sources, only)
    store = CallStore(settings.store)
    asked = {
        one.source: one.began
        for one in (*store.journal.good_readings(), *store.journal.latest_readings())
        if one.source in addresses and one.state is not ReadingState.FAILED
    }
    if not asked:
        raise BadValue(M_("nothing to replay: no answers have been fetched yet; run vie-match fetch first"))
    for name, began in asked.items():
        with (
            store.journal.run("replay", began) as run,
            Session([addresses[name]], _archive(settings), replay=True) as session,
        ):
            for one in gather.gather(store, run, session, {name: addresses[name]}, accept=accept):
                told(one)
    return run


def _archive(settings: Settings) -> ResponseStore:
    return ResponseStore(settings.store.with_suffix(".answers.db"))


def folder_source(settings: Settings) -> str:
    """Return the name of the calls folder as a source: two folders are two sources."""
    return f"{FILES} {settings.calls}"


def read_folder(settings: Settings) -> Loaded[Call]:
    """Read the calls folder; without one that was named, and with a store, there need be none.

    Raises
    ------
    BadFile
        If the folder does not exist.
    """
    if settings.store.exists() and not settings.calls.exists() and settings.calls == Settings().calls:
        return Loaded(())
    return load_calls(settings.calls)


def known_at(settings: Settings, store: CallStore, run: Run | None = None) -> list[KnownCall]:
    """Return what was known after a run (default: now), of the sources that count today.

    Those are the imports, the calls folder, and the live sources that are not switched off.
    """
    stored = store.sightings(run)
    return merge(
        [*_elsewhere(settings, stored), *(one for one in stored if one.source == folder_source(settings))]
    )


def known_now(settings: Settings, moment: dt.datetime, calls: Collection[Call]) -> list[KnownCall]:
    """Return what is known, with the calls folder as it lies there at this moment; nothing is written."""
    source = folder_source(settings)
    if not settings.store.exists():
        return merge(Sighting(source, call, moment, moment) for call in calls)
    store = CallStore(settings.store)
    stored = store.sightings()
    first_seen = {one.key: one.first_seen for one in stored if one.source == source}
    here = (
        Sighting(source, call, first_seen.get(call.identifier.casefold(), moment), moment) for call in calls
    )
    return merge([*here, *_elsewhere(settings, stored)])


def _elsewhere(settings: Settings, stored: Collection[Sighting]) -> list[Sighting]:
    """Return what imports, and live sources that are not switched off, told."""
    live = gather.addresses(settings.sources)
    return [one for one in stored if one.kind == IMPORT or one.source in live]


def changes_between(store: CallStore, first: Run, second: Run) -> list[Change]:
    """Return what happened to calls between two runs, the earlier one first.

    Raises
    ------
    BadValue
        If the second run came before the first.
    """
    if first.number > second.number:
        raise BadValue(
            M_(
                "found run {second}, which came before run {first}; expected a later one",
                second=second.number,
                first=first.number,
            )
        )
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
