"""What is new, changed, gone or closed between two states of knowledge. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from vie_match.history import KnownCall, plain
from vie_match.records import Call
from vie_match.vocabulary import CallStatus

# Facts about the telling, not about the call; each source has a page of its own.
_ABOUT_THE_TELLING = frozenset({"identifier", "source", "source_date", "url"})

# Told as a change of this name: the source whose word counted first no longer has the call.
SOURCE = "source"

# Texts too long to be shown old beside new.
LONG = frozenset({"text", "conditions"})


class ChangeKind(StrEnum):
    """What happened to a call."""

    NEW = "new"
    BACK = "back"
    CHANGED = "changed"
    GONE = "gone"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One fact that changed.

    Attributes
    ----------
    field : str
        Field of the call's flat form.
    before, after : str
        As in files; empty is unknown. Of long texts both are empty.
    """

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one call between two states.

    Attributes
    ----------
    kind : ChangeKind
        ``back``: it had been gone. ``gone``: no source has it any more, although it could still be
        entered. ``closed``: its last deadline has passed in between.
    call : Call
        As it is now; of a call that is gone, as it was.
    fields : tuple of FieldChange
        Of a changed call, in order of the record's fields.
    """

    kind: ChangeKind
    call: Call
    fields: tuple[FieldChange, ...] = ()

    @property
    def key(self) -> str:
        """The identifier in small letters."""
        return self.call.identifier.casefold()


def changes(
    before: Collection[KnownCall], after: Iterable[KnownCall], began: dt.datetime, moment: dt.datetime
) -> list[Change]:
    """Compare two states of knowledge.

    Parameters
    ----------
    before, after : iterable of KnownCall
    began, moment : datetime
        When either state was; what was closed at the former, or had closed before it became known, is
        no news.

    Returns
    -------
    list of Change
        At most one per call, in order of identifier.
    """
    # A call may lead under another identifier once another source brings it, or drops it.
    under = {key: known for known in before for key in known.keys}
    left = {known.key: known for known in before}
    found = []
    # First those that lead under the same identifier as before, so that none takes another's place.
    for known in sorted(after, key=lambda one: (one.key not in left, one.key)):
        formers = {under[key].key for key in known.keys if key in under} & left.keys()
        if formers:
            former = left[known.key if known.key in formers else min(formers)]
            found.append(_stayed(former, known, began, moment))
            for key in formers:
                del left[key]
        else:
            found.append(_arrived(known, began, moment))
    found += [_left(known.call, began, moment) for known in left.values()]
    return sorted((change for change in found if change), key=lambda change: change.key)


def _arrived(known: KnownCall, began: dt.datetime, moment: dt.datetime) -> Change | None:
    if _is_closed(known.call, moment):
        return None
    return Change(ChangeKind.BACK if known.first_seen < began else ChangeKind.NEW, known.call)


def _left(call: Call, began: dt.datetime, moment: dt.datetime) -> Change | None:
    if not _is_closed(call, moment):
        return Change(ChangeKind.GONE, call)
    # Sources drop calls that have closed; that is no withdrawal.
    return None if _is_closed(call, began) else Change(ChangeKind.CLOSED, call)


def _stayed(old: KnownCall, new: KnownCall, began: dt.datetime, moment: dt.datetime) -> Change | None:
    if _is_closed(new.call, moment):
        return None if _is_closed(old.call, began) else Change(ChangeKind.CLOSED, new.call)
    fields = (*_dropped(old, new), *_fields(old.call, new.call))
    return Change(ChangeKind.CHANGED, new.call, fields) if fields else None


def _dropped(old: KnownCall, new: KnownCall) -> Iterator[FieldChange]:
    """Tell when the source whose word counted first no longer has the call: it may have been withdrawn."""
    if old.whence and new.whence and old.whence[0] not in new.whence:
        yield FieldChange(SOURCE, old.sources[0], new.sources[0])


def _is_closed(call: Call, moment: dt.datetime) -> bool:
    return call.status(moment) is CallStatus.CLOSED


def _fields(old: Call, new: Call) -> Iterator[FieldChange]:
    before, after = old.flat(), new.flat()
    for name in after:
        if name in _ABOUT_THE_TELLING or before[name] == after[name]:
            continue
        yield FieldChange(name, *(("", "") if name in LONG else (plain(before[name]), plain(after[name]))))
