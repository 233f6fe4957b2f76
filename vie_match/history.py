"""What sources told us, and when: the records between the sources, the store and the report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from vie_match.records import Call
from vie_match.vocabulary import ReadingState, RunState


@dataclass(frozen=True, slots=True)
class Rejected:
    """An entry of a source that could not become a record.

    Attributes
    ----------
    key : str
        Identifier, title or address by which a person finds it again.
    reason : str
        What was found and what was expected.
    """

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """One complete reading of one source.

    Attributes
    ----------
    calls : tuple of Call
        One per identifier. Of live sources ``source_date`` is empty: the store knows when they were seen.
    rejected : tuple of Rejected
    folded : int
        Entries that were language copies, stubs, updates or repetitions of another one.
    notices : tuple of str
        What was unusual but understood.
    is_whole : bool
        False: some entries gave no answer this time, so what is missing is not known to be gone.
    unread : frozenset of str
        Identifiers or addresses of entries that are there and could not be read: a known call that has one
        of them is not gone.
    """

    calls: tuple[Call, ...]
    rejected: tuple[Rejected, ...] = ()
    folded: int = 0
    notices: tuple[str, ...] = ()
    is_whole: bool = True
    unread: frozenset[str] = frozenset()

    @property
    def offered(self) -> int:
        """Entries the source listed: what loaded, what was rejected and what was folded."""
        return len(self.calls) + len(self.rejected) + self.folded


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program that wrote to the store.

    Attributes
    ----------
    number : int
        Grows with time.
    kind : str
        ``fetch``, ``replay``, ``report`` or ``import``.
    began : datetime
        The moment the run refers to, with its zone.
    state : RunState
    """

    number: int
    kind: str
    began: dt.datetime
    state: RunState


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one source in one run.

    Attributes
    ----------
    source : str
        Short name, as in the settings.
    began : datetime
        Moment of the run.
    state : ReadingState
    offered, loaded, rejected, folded : int
        Entries, as in :class:`Harvest`; 0 when it failed.
    message : str
        Why it failed, was held back or is not whole; empty when it was taken over.
    """

    source: str
    began: dt.datetime
    state: ReadingState
    offered: int = 0
    loaded: int = 0
    rejected: int = 0
    folded: int = 0
    message: str = ""


# A source that offers less than this share of what it had is suspected of being broken.
SHRUNK_BELOW = 0.5

# Sources that people wrote: their facts are as old as they say, however lately they were read.
FILES = "files"
IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A call as one source told it.

    Attributes
    ----------
    source : str
        Short name, as in the settings.
    call : Call
    first_seen : datetime
        First run in which the source told of this call.
    last_seen : datetime
        Last run in which it told what stands here.
    """

    source: str
    call: Call
    first_seen: dt.datetime
    last_seen: dt.datetime

    @property
    def key(self) -> str:
        """The identifier in small letters: sources differ in case and mean one call."""
        return self.call.identifier.casefold()

    @property
    def kind(self) -> str:
        """The source, without the name of a folder or an imported file."""
        return self.source.partition(" ")[0]

    @property
    def whence(self) -> str:
        """What stays the same from week to week: a list that is imported may have another name each time."""
        return self.kind if self.kind == IMPORT else self.source

    @property
    def label(self) -> str:
        """The source, for people."""
        return f"the folder {self.source.partition(' ')[2]}" if self.kind == FILES else self.call.source

    @property
    def date(self) -> dt.date | None:
        """The day the facts are of; None: not known."""
        if self.kind in (FILES, IMPORT):
            return self.call.source_date
        return self.call.source_date or self.last_seen.date()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from.

    Attributes
    ----------
    source : str
        Short name of the source.
    date : date or None
        The day the fact is of; None: not known.
    """

    source: str
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A fact on which sources differ.

    Attributes
    ----------
    field : str
        Field of the call, as in its flat form.
    values : tuple of (Origin, str)
        The one taken over comes first.
    """

    field: str
    values: tuple[tuple[Origin, str], ...]


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call put together from all its sources.

    Attributes
    ----------
    call : Call
        ``source`` and ``source_date`` are those of the leading source.
    origins : dict
        Field of the flat form → where its value comes from; unknown fields are left out.
    disputes : tuple of Dispute
    first_seen : datetime
        When any source told of it first.
    keys : frozenset of str
        The identifiers, in small letters, under which its sources know it.
    sources : tuple of str
        The sources for people, the leading one first.
    whence : tuple of str
        The sources as they stay from week to week, the leading one first.
    """

    call: Call
    origins: dict[str, Origin]
    disputes: tuple[Dispute, ...]
    first_seen: dt.datetime
    keys: frozenset[str]
    sources: tuple[str, ...] = ()
    whence: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The identifier in small letters."""
        return self.call.identifier.casefold()


def plain(value: object) -> str:
    """Return a value of a call's flat form as one text; what is unknown is empty.

    Examples
    --------
    >>> plain(["2027-01-12", "2027-06-01"]), plain(None), plain(0.6)
    ('2027-01-12, 2027-06-01', '', '0.6')
    """
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
