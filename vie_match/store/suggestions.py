"""What each report suggested to whom, so that the next one can say what is gone from a city's list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vie_match.history import Run
from vie_match.store.journal import Journal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A call that a report suggested to a project.

    Attributes
    ----------
    profile : str
        Id of the project's profile.
    call : str
        Identifier under which the call was led then.
    rank : int
        Place in the project's list; 1 is best.
    probability : float or None
        That it was worth reading in full, 0 to 1; None: not calibrated.
    """

    profile: str
    call: str
    rank: int
    probability: float | None = None


class Suggestions:
    """The suggestions of all reports.

    Parameters
    ----------
    journal : Journal
        Of the store in which they stand.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def remember(self, run: Run, suggested: Iterable[Suggestion]) -> None:
        """Write down what a run suggests; what it had written before is replaced.

        Parameters
        ----------
        run : Run
        suggested : iterable of Suggestion
            Each call at most once for a profile.

        Raises
        ------
        StoreBusy, StoreUnwritable, StoreDamaged
            See :func:`vie_match.store.database.opened`.
        """
        rows = [(run.number, one.profile, one.call, one.rank, one.probability) for one in suggested]
        with self.journal.opened() as connection:
            connection.execute("DELETE FROM suggestion WHERE run = ?", (run.number,))
            connection.executemany("INSERT INTO suggestion VALUES (?, ?, ?, ?, ?)", rows)

    def of(self, run: Run) -> tuple[Suggestion, ...]:
        """Return what a run suggested, in order of profile and rank; of runs before this table nothing.

        Parameters
        ----------
        run : Run
        """
        with self.journal.opened() as connection:
            rows = connection.execute(
                "SELECT profile, call, rank, probability FROM suggestion WHERE run = ?"
                " ORDER BY profile, rank",
                (run.number,),
            ).fetchall()
        return tuple(Suggestion(*row) for row in rows)
