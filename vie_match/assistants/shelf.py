"""What the assistants' tools read from: one folder's profiles and calls, read again when files change."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vie_match import knowledge
from vie_match.embedding.encoder import Encoder
from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.foreign import visible
from vie_match.partners.directory import Directory, directory
from vie_match.partners.ranker import PartnerRanker
from vie_match.pipeline import Lessons, fitted, lessons
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile
from vie_match.reports import dismissed
from vie_match.settings import Settings
from vie_match.sources.files import RECORD_SUFFIX, Loaded, load_profiles
from vie_match.track import book

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Shelf:
    """What was in the folder at one moment; indexes are made when first asked for.

    Attributes
    ----------
    settings : Settings
    encoder : Encoder
    profiles : Loaded of Profile
    calls : mapping
        Identifier in small letters, as an assistant sees it → call.
    bad : mapping
        What people dismissed.
    lessons : Lessons
        What people said, and what was learnt from it.
    """

    settings: Settings
    encoder: Encoder
    profiles: Loaded[Profile]
    calls: Mapping[str, Call]
    bad: dismissed.Dismissals
    lessons: Lessons

    @cached_property
    def matcher(self) -> Matcher:
        """The calls' index, with the weights that the report uses."""
        return fitted(self.settings, self.encoder, self.lessons, self.calls.values())

    @cached_property
    def partners(self) -> PartnerRanker:
        """The towns' ranking."""
        return PartnerRanker(self.towns, self.encoder)

    @cached_property
    def towns(self) -> Directory:
        """The towns there are."""
        return directory(book.current(self.settings.cities), list(self.profiles))

    def call(self, identifier: str) -> Call:
        """Return a call; upper and lower case do not matter.

        Raises
        ------
        BadValue
            If there is none, with the one that comes near.
        """
        found = self.calls.get(identifier.strip().casefold())
        if found is None:
            near = near_miss(identifier, [one.identifier for one in self.calls.values()])
            raise BadValue(f"found no call {identifier!r}{near}; search_calls names those there are")
        return found

    def profile(self, id: str) -> Profile:
        """Return a profile.

        Raises
        ------
        BadValue
            If there is none, with the one that comes near.
        """
        known = {one.id: one for one in self.profiles}
        if id not in known:
            near = near_miss(id, known)
            raise BadValue(f"found no profile {id!r}{near}; list_profiles names those there are")
        return known[id]


def read(settings: Settings, encoder: Encoder, moment: dt.datetime) -> Shelf:
    """Read the folder; nothing is written to it.

    Parameters
    ----------
    settings : Settings
    encoder : Encoder
    moment : datetime
        With a time zone.

    Raises
    ------
    BadFile
        If a folder is missing, or holds no call that can be read.
    """
    loaded = knowledge.read_folder(settings)
    known = knowledge.known_now(settings, moment, tuple(loaded))
    if not known:
        empty = Fault(settings.calls, None, "no file that could be read", "call files, or a store")
        raise BadFile((*loaded.faults, empty))
    told = lessons(settings, encoder, settings.language_code)
    return Shelf(
        settings=settings,
        encoder=encoder,
        profiles=load_profiles(settings.profiles),
        calls={visible(one.call.identifier).casefold(): one.call for one in known},
        bad=dismissed.dismissals(told.entries, known),
        lessons=told,
    )


def stamp(settings: Settings) -> Stamp:
    """Return names, times and sizes of all files that a :class:`Shelf` is read from."""
    return tuple((str(path), status.st_mtime_ns, status.st_size) for path, status in _files(settings))


def _files(settings: Settings) -> Iterator[tuple[Path, os.stat_result]]:
    store = settings.store
    # What was written last to a store lies in a second file for a while.
    log = store.with_name(f"{store.name}-wal")
    folders = [
        path
        for folder in (settings.profiles, settings.calls)
        for path in sorted(folder.glob("*"))
        if path.suffix.lower() == RECORD_SUFFIX
    ]
    for path in (*folders, store, log, settings.feedback, settings.learnt, settings.cities):
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue
