"""What the report says beside the ranking: where calls come from, what failed, what happened since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vie_match.changes import Change
from vie_match.errors import Fault
from vie_match.history import Reading
from vie_match.records import Call
from vie_match.store.suggestions import Suggestion
from vie_match.vocabulary import ReadingState


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where calls come from (empty: not stated), how many, and how old their facts are."""

    name: str
    calls: int
    oldest: dt.date | None
    newest: dt.date | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source whose latest reading was not taken over, or not whole: what is shown of it may be old.

    Attributes
    ----------
    source : str
        Name for people.
    state : ReadingState
    when : date
        Day of the reading.
    last_good : date or None
        Day of the last one that was taken over.
    message : str
    """

    source: str
    state: ReadingState
    when: dt.date
    last_good: dt.date | None
    message: str


@dataclass(frozen=True, slots=True)
class Background:
    """What the report says beside the ranking.

    Attributes
    ----------
    since : date or None
        Day of the report that this one is compared with.
    changes : sequence of Change
        What happened to calls since.
    suggested : sequence of Suggestion
        What that report suggested.
    readings : sequence of Reading
        The latest of each source.
    good : sequence of Reading
        The latest of each source that was taken over.
    names : mapping
        Short name of a live source that is asked → name for people; others' readings are not told.
    faults, notices : sequence
        What went wrong or was unusual while reading files.
    """

    since: dt.date | None = None
    changes: Sequence[Change] = ()
    suggested: Sequence[Suggestion] = ()
    readings: Sequence[Reading] = ()
    good: Sequence[Reading] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    notices: Sequence[str] = ()


def troubles(background: Background) -> tuple[Trouble, ...]:
    """Return what the latest readings did not bring, source by source."""
    last_good = {reading.source: reading.began.date() for reading in background.good}
    return tuple(
        Trouble(
            background.names[reading.source],
            reading.state,
            reading.began.date(),
            last_good.get(reading.source),
            reading.message,
        )
        for reading in background.readings
        if reading.source in background.names and reading.state is not ReadingState.TAKEN_OVER
    )


def sources(calls: Sequence[Call]) -> tuple[SourceLine, ...]:
    """Return where calls come from, in order of name."""
    lines = []
    for name in sorted({call.source for call in calls}):
        own = [call for call in calls if call.source == name]
        dates = [call.source_date for call in own if call.source_date]
        lines.append(SourceLine(name, len(own), min(dates, default=None), max(dates, default=None)))
    return tuple(lines)
