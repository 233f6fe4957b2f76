"""What a report says beside the ranking: what has happened since the last one, and how the sources are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vie_match import knowledge
from vie_match.changes import changes
from vie_match.history import KnownCall
from vie_match.records import BRUSSELS
from vie_match.reports.digest import Background
from vie_match.settings import Settings
from vie_match.sources import gather
from vie_match.speech import SOURCE, speech
from vie_match.store.calls import CallStore
from vie_match.vocabulary import RunState


def news(
    settings: Settings,
    store: CallStore,
    background: Background,
    known: Sequence[KnownCall],
    moment: dt.datetime,
    language: str = SOURCE,
) -> Background:
    """Return the news since the last report of an earlier day, and how the live sources are.

    Parameters
    ----------
    settings : Settings
    store : CallStore
    background : Background
        What was wrong or unusual in the files; it is added to.
    known : sequence of KnownCall
        As it is now.
    moment : datetime
        With a time zone.
    language : str, optional
        Code of the language of notices.
    """
    since = store.journal.last("report", before=moment.astimezone(BRUSSELS).date())
    before = knowledge.known_at(settings, store, since) if since else []
    return replace(
        background,
        since=since.began.date() if since else None,
        changes=changes(before, known, since.began, moment) if since else (),
        suggested=store.suggestions.of(since) if since else (),
        readings=store.journal.latest_readings(),
        good=store.journal.good_readings(),
        names={name: gather.SOURCES[name].name for name in gather.addresses(settings.sources)},
        notices=(*background.notices, *_broken_off(settings, store, language)),
    )


def _broken_off(settings: Settings, store: CallStore, language: str) -> Iterator[str]:
    fetches = [run for run in store.journal.runs() if run.kind == "fetch"]
    if not fetches or fetches[-1].state is RunState.DONE:
        return
    read = {reading.source for reading in store.journal.readings(fetches[-1])}
    # One that had read all it could is whole, however it ended.
    if gather.addresses(settings.sources).keys() - read:
        _ = speech(language).gettext
        yield _(
            "the fetch of {moment} did not come to its end; what it had not read is as old as before"
        ).format(moment=f"{fetches[-1].began:%Y-%m-%d %H:%M}")
