"""What one reading of a source yields: calls, and an account of what did not become one."""

from __future__ import annotations

from dataclasses import dataclass

from vie_match.records import Call


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
        One per identifier. ``source_date`` is left empty: the store knows when they were seen.
    rejected : tuple of Rejected
    folded : int
        Entries that were language copies, stubs, updates or repetitions of another one.
    notices : tuple of str
        What was unusual but understood.
    """

    calls: tuple[Call, ...]
    rejected: tuple[Rejected, ...] = ()
    folded: int = 0
    notices: tuple[str, ...] = ()

    @property
    def offered(self) -> int:
        """Entries the source listed: what loaded, what was rejected and what was folded."""
        return len(self.calls) + len(self.rejected) + self.folded
