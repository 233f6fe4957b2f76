"""What is new, changed, gone or closed between two states of knowledge. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from vie_match.history import KnownCall
from vie_match.records import Call
from vie_match.vocabulary import CallStatus

# Facts about the telling, not about the call; each source has a page of its own.
_ABOUT_THE_TELLING = frozenset({"identifier", "source", "source_date", "url"})

# Texts too long to be shown old beside new.
LONG = frozenset({"text", "conditions"})


class ChangeKind(StrEnum):
    """What happened to a call."""

    NEW = "new"
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
        ``gone``: no source has it any more, although it could still be entered. ``closed``: its last
        deadline has passed in between.
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
    # A call may lead under another identifier once another source brings it, too.
    under = {key: known.key for known in before for key in known.keys}
    old = {known.key: known.call for known in before}
    found = []
    for known in after:
        former = next((under[key] for key in sorted(known.keys) if key in under), None)
        if former in old:
            found.append(_stayed(old.pop(former), known.call, began, moment))
        elif former is None:
            found.append(_arrived(known.call, moment))
    found += [_left(call, began, moment) for call in old.values()]
    return sorted((change for change in found if change), key=lambda change: change.key)


def _arrived(call: Call, moment: dt.datetime) -> Change | None:
    return None if _is_closed(call, moment) else Change(ChangeKind.NEW, call)


def _left(call: Call, began: dt.datetime, moment: dt.datetime) -> Change | None:
    if not _is_closed(call, moment):
        return Change(ChangeKind.GONE, call)
    # Sources drop calls that have closed; that is no withdrawal.
    return None if _is_closed(call, began) else Change(ChangeKind.CLOSED, call)


def _stayed(old: Call, new: Call, began: dt.datetime, moment: dt.datetime) -> Change | None:
    if _is_closed(new, moment):
        return None if _is_closed(old, began) else Change(ChangeKind.CLOSED, new)
    fields = tuple(_fields(old, new))
    return Change(ChangeKind.CHANGED, new, fields) if fields else None


def _is_closed(call: Call, moment: dt.datetime) -> bool:
    return call.status(moment) is CallStatus.CLOSED


def _fields(old: Call, new: Call) -> Iterable[FieldChange]:
    before, after = old.flat(), new.flat()
    for name in after:
        if name in _ABOUT_THE_TELLING or before[name] == after[name]:
            continue
        yield FieldChange(name, *(("", "") if name in LONG else (_plain(before[name]), _plain(after[name]))))


def _plain(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
