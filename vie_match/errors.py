"""Every error the package raises, sorted by what the caller does next.

::

    VieMatchError
    ├── TryAgain            wait, then repeat the same call
    │   ├── StoreBusy       another process holds the store
    │   └── SourceDown      a source did not answer, or not in full
    ├── UseAnother          this source or model is not to be had: take another
    │   ├── ModelUnavailable
    │   ├── SourceChanged   a page no longer has the shape that is known
    │   └── SourceRefused   an address that may not be asked, or an answer too large to take
    ├── MendInput           a person has to change a file, a setting or an argument
    │   ├── BadFile         one or more faults in a profile, call, settings or benchmark file
    │   ├── BadValue        an argument outside its closed set or range
    │   ├── StoreDamaged    the store cannot be read; restore a copy
    │   ├── StoreUnwritable the disk is full, or the place may not be written to
    │   ├── ListShrunk      a source offers suspiciously little: look, then accept
    │   └── BelowFloor      a change made the ranking worse than the pinned figure
    └── InstallSomething    an optional package is missing
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vie_match.messages import M_


class VieMatchError(Exception):
    """Root of all errors of this package.

    Examples
    --------
    >>> from vie_match import VieMatchError, load_profiles
    >>> try:
    ...     load_profiles("no-such-folder")
    ... except VieMatchError as error:
    ...     print(type(error).__name__)
    BadFile
    """


class TryAgain(VieMatchError):
    """Nothing is wrong with the input; the same call may succeed later."""


class StoreBusy(TryAgain):
    """Another process has been writing to the store for longer than the time-out."""


class SourceDown(TryAgain):
    """A source gave no answer, a server error, or an answer cut off in the middle.

    Parameters
    ----------
    message : str
        With the address.
    wait_s : float, optional
        Seconds the server asked to wait.
    """

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(message)


class UseAnother(VieMatchError):
    """What was asked for is not available here; a named alternative is."""


class ModelUnavailable(UseAnother):
    """The embedding model is neither in the cache nor can it be built or fetched."""


class SourceChanged(UseAnother):
    """A page or answer lacks what its records are made of; the message names page and part."""


class SourceRefused(UseAnother):
    """An address outside the configured hosts, a private one, or an answer above the size limit."""


class MendInput(VieMatchError):
    """Something a person wrote has to be changed."""


class BadValue(MendInput, ValueError):
    """An argument is outside its closed set or range."""


class StoreDamaged(MendInput):
    """The SQLite file cannot be read."""


class StoreUnwritable(MendInput):
    """The disk is full, or the file or its folder may not be written to; what was there is as it was."""


class ListShrunk(MendInput):
    """A source offers far fewer calls than last time; the old ones are kept until a person accepts."""


class BelowFloor(MendInput):
    """A measured figure is below the one that was promised."""


class InstallSomething(VieMatchError, ImportError):
    """An optional package is needed for this call."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one file.

    Attributes
    ----------
    path : Path
        The file.
    line : int or None
        1-based line, None when the fault is the whole file's.
    found : str
        What is there.
    expected : str
        What should be there, and what to do.
    """

    path: Path
    line: int | None
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: found {self.found}; expected {self.expected}"


class BadFile(MendInput):
    """All faults of one or more files at once.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def near_miss(word: str, choices: Iterable[str]) -> str:
    """Return ``' (did you mean X?)'`` for the closest choice, or an empty string.

    Examples
    --------
    >>> near_miss("populaton", ["population", "country"])
    ' (did you mean population?)'
    >>> near_miss("zzz", ["population"])
    ''
    """
    close = nearest(word, choices)
    return M_(" (did you mean {choice}?)", choice=close) if close else ""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that is most like a word; None: none is like it.

    Examples
    --------
    >>> nearest("populaton", ["population", "country"])
    'population'
    """
    by_small_letters = {choice.lower(): choice for choice in choices}
    # Below .68 stand words that only share letters: Edinburgh for Ludwigsburg, Catania for Atlantis.
    close = difflib.get_close_matches(word.lower(), list(by_small_letters), n=1, cutoff=0.68)
    return by_small_letters[close[0]] if close else None
