"""The material facts of a call in short, so that a change since it was judged is seen. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

from vie_match.history import plain
from vie_match.records import Call
from vie_match.vocabulary import DeadlineModel

# What a dismissed call comes back for, beside its deadlines, by name of the flat form: not its opening, which
# matters only to those who want it, nor the facts about the telling.
_HASHED = (
    *("budget_total_eur", "grant_min_eur", "grant_max_eur", "cofunding_rate"),
    *("eligible_applicants", "eligible_countries", "min_participants", "min_countries", "consortium_note"),
    *("conditions", "text"),
)
MATERIAL = ("deadlines", *_HASHED)

# The letter keeps spreadsheets from reading a number or a date into it, too.
_VERSION = "v1"
_UNKNOWN = "-"
_CONTINUOUS = "continuous"
_DEADLINES = rf"{_UNKNOWN}|{_CONTINUOUS}|\d{{4}}-\d\d-\d\d(\+\d{{4}}-\d\d-\d\d)*"
FINGERPRINT = re.compile(rf"{_VERSION}:({_DEADLINES})(:({_UNKNOWN}|[0-9a-f]{{4}})){{{len(_HASHED)}}}")


def fingerprint(call: Call) -> str:
    """Return the material facts of a call in short.

    The days of the deadlines stand in it as they are, so that dates that have merely passed can be told from
    dates that were moved; of the other facts there are 16 bits of a hash each.

    Examples
    --------
    >>> call = Call(identifier="X", title="Trees", programme="LIFE", deadlines=["2027-10-07"], text="Shade.")
    >>> fingerprint(call)
    'v1:2027-10-07:-:-:-:-:-:-:-:-:-:-:e02d'
    """
    flat = call.flat()
    return ":".join([_VERSION, _deadlines(call), *(_hashed(flat[name]) for name in _HASHED)])


def changed(before: str, call: Call, today: dt.date) -> tuple[str, ...]:
    """Return which material facts have changed since a call was judged.

    Parameters
    ----------
    before : str
        Fingerprint of the call as it was judged; empty: not known, and so are its changes.
    call : Call
        As it is now.
    today : date
        Deadlines before it do not count: sources drop them when they have passed.

    Returns
    -------
    tuple of str
        Names of the flat form, in the order of :data:`MATERIAL`. A fact that is no longer told has not
        changed; one that was not told before has.
    """
    if not before:
        return ()
    _, dates, *hashes = before.split(":")
    _, dates_now, *now = fingerprint(call).split(":")
    moved = ("deadlines",) if _moved(dates, dates_now, today) else ()
    pairs = zip(_HASHED, hashes, now, strict=True)
    return moved + tuple(name for name, old, new in pairs if new not in (_UNKNOWN, old))


def _moved(before: str, now: str, today: dt.date) -> bool:
    if now in (_UNKNOWN, before):
        return False
    # As texts, what is not known stands before every day and what has no end after it.
    ahead = [{day for day in dates.split("+") if day >= today.isoformat()} for dates in (before, now)]
    return ahead[0] != ahead[1]


def _deadlines(call: Call) -> str:
    # Days without hours: catalogues seldom print those.
    if call.deadlines:
        return "+".join(dict.fromkeys(f"{one.moment:%Y-%m-%d}" for one in call.deadlines))
    return _CONTINUOUS if call.deadline_model is DeadlineModel.CONTINUOUS else _UNKNOWN


def _hashed(value: Any) -> str:
    # A source that lists the same in another order, or breaks its lines elsewhere, has changed nothing.
    words = re.findall(r"\w+", plain(sorted(value) if isinstance(value, list) else value).casefold())
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:4] if words else _UNKNOWN
