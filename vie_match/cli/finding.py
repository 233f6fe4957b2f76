"""A call by its identifier, for the commands that are about one call."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from vie_match import errors
from vie_match.cli.app import near_miss, speaking

if TYPE_CHECKING:
    from vie_match.records import Call
    from vie_match.settings import Settings


def find_call(chosen: Settings, identifier: str, moment: dt.datetime) -> Call:
    """Return a call of the store or of the folder; upper and lower case do not matter.

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
    known = {
        one.call.identifier.casefold(): one.call for one in knowledge.known_now(chosen, moment, tuple(loaded))
    }
    if identifier.casefold() not in known:
        near = near_miss(identifier, [one.identifier for one in known.values()])
        pattern = speaking().gettext("found no call {name}; expected one of the store or of {folder}")
        raise errors.BadValue(pattern.format(name=f"{identifier!r}{near}", folder=chosen.calls))
    return known[identifier.casefold()]
