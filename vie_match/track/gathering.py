"""Gathers participations from the rows of a source, and keeps account of what did not become one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from vie_match.errors import BadValue
from vie_match.faults import findings
from vie_match.history import Rejected
from vie_match.track.cities import told_apart
from vie_match.track.plain import plain
from vie_match.track.records import Participation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TrackHarvest:
    """One complete reading of a source of participations.

    Attributes
    ----------
    participations : tuple of Participation
        In the order of the source.
    rejected : tuple of Rejected
    folded : int
        Rows that said again what another one had said: same project, organisation and role.
    notices : tuple of str
        What was unusual but understood.
    """

    participations: tuple[Participation, ...]
    rejected: tuple[Rejected, ...] = ()
    folded: int = 0
    notices: tuple[str, ...] = ()

    @property
    def offered(self) -> int:
        """Rows of municipalities that the source had: what loaded, was rejected, and was folded."""
        return len(self.participations) + len(self.rejected) + self.folded


class Gathering:
    """Collects one source's participations while it is read."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Participation] = {}
        self._rejected: list[Rejected] = []
        self._folded = 0
        self._notices: list[str] = []
        self._doubts: dict[str, list[str]] = {}

    def value(self, read: Callable[[object], T], cell: object, what: str, key: str) -> T | None:
        """Return what a cell means; what nobody understands is unknown, and noted.

        Parameters
        ----------
        read : callable
            Raises BadValue for what it does not understand.
        cell : object
        what : str
            Name of the kind of value, plural, for the notice.
        key : str
            Name of the row, for the notice.
        """
        try:
            return read(cell)
        except BadValue as error:
            self._doubts.setdefault(what, []).append(f"{key}: {error}")
            return None

    def take(self, key: str, values: Mapping[str, object]) -> None:
        """Make a participation of a row's values, or reject it.

        Parameters
        ----------
        key : str
            By which a person finds the row again.
        values : mapping
            Fields of a participation.
        """
        try:
            one = Participation.model_validate(values)
        except ValidationError as error:
            told = (f"found {one.found}; expected {one.expected}" for one in findings(error, Participation))
            self.reject(key, "; ".join(told))
            return
        body = one.organisation_id or plain(one.organisation) or one.organisation
        identity = (one.project_id, body, one.role.value)
        if identity in self._found:
            self._folded += 1
        else:
            self._found[identity] = one

    def reject(self, key: str, reason: str) -> None:
        """Note a row that could not become a participation."""
        self._rejected.append(Rejected(key, reason))

    def notice(self, text: str) -> None:
        """Note what was unusual but understood."""
        self._notices.append(text)

    def harvest(self) -> TrackHarvest:
        """Return everything gathered, with cities of one name told apart."""
        participations, apart = told_apart(self._found.values())
        doubts = [
            f"{what} not understood and left unknown: {len(cases)}; the first: {cases[0]}"
            for what, cases in self._doubts.items()
        ]
        notices = (*self._notices, *doubts, *apart)
        return TrackHarvest(participations, tuple(self._rejected), self._folded, notices)
