"""Calls and the store, for the commands that are about some that are known: all, one by its identifier."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from vie_match import errors
from vie_match.cli.app import left_out, near_miss, note, speaking
from vie_match.vocabulary import CallStatus

if TYPE_CHECKING:
    from vie_match.history import KnownCall
    from vie_match.records import Call
    from vie_match.settings import Settings
    from vie_match.store.calls import CallStore


def find_call(chosen: Settings, identifier: str, moment: dt.datetime) -> Call:
    """Return a call of the store or of the folder, by any of its identifiers in upper or lower case.

    That it has closed is said.

    Parameters
    ----------
    chosen : Settings
    identifier : str
    moment : datetime
        With a time zone.

    Raises
    ------
    BadValue
        If there is none, with the one that is nearest.
    """
    from vie_match import knowledge

    loaded = knowledge.read_folder(chosen)
    everything = knowledge.known_now(chosen, moment, tuple(loaded))
    known = {key: one.call for one in everything for key in one.keys} | {
        one.key: one.call for one in everything
    }
    if identifier.casefold() not in known:
        near = near_miss(identifier, [one.identifier for one in known.values()])
        pattern = speaking().gettext("found no call {name}; expected one of the store or of {folder}")
        raise errors.BadValue(pattern.format(name=f"{identifier!r}{near}", folder=chosen.calls))
    call = known[identifier.casefold()]
    if call.status(moment) is CallStatus.CLOSED:
        pattern = speaking().gettext("{call} closed on {day}: nobody can apply for it any more")
        closed = call.entries[-1].moment.date()
        note([pattern.format(call=call.identifier, day=speaking().day(closed))])
    return call


def known_calls(chosen: Settings, moment: dt.datetime, *, closed: bool) -> list[KnownCall]:
    """Return the calls of the folder and the store; what is wrong with files is said.

    Parameters
    ----------
    chosen : Settings
    moment : datetime
        With a time zone.
    closed : bool
        Closed calls, too.
    """
    from vie_match import knowledge

    files = knowledge.read_folder(chosen)
    note(files.notices)
    left_out(files.faults)
    known = knowledge.known_now(chosen, moment, files)
    return [one for one in known if closed or one.call.status(moment) is not CallStatus.CLOSED]


def existing_store(path: Path) -> CallStore:
    """Return a store that is there already.

    Raises
    ------
    BadValue
        If there is none.
    """
    from vie_match.store.calls import CallStore

    if not path.exists():
        pattern = speaking().gettext("found no store {file}; vie-match fetch or vie-match report makes it")
        raise errors.BadValue(pattern.format(file=path))
    return CallStore(path)
