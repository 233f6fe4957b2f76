"""All that could join a team, by the names that people write, for the command ``consortium``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vie_match import errors
from vie_match.messages import M_

if TYPE_CHECKING:
    import datetime as dt

    from vie_match.partners.consortium import Candidate, Tie, Wishes
    from vie_match.partners.directory import Directory
    from vie_match.partners.ranker import PartnerRanker
    from vie_match.records import Call


class People:
    """All that could join, found by the names that people write."""

    def __init__(self, known: Directory, file: Path | None) -> None:
        from vie_match.partners import candidate_table

        self._known = known
        self._table = {one.id: one for one in (candidate_table.read(file) if file else ())}
        self._names = {one.member.name.casefold(): id for id, one in self._table.items()}
        self._named: dict[str, None] = {}

    def candidates(
        self, ranker: PartnerRanker, call: Call, wishes: Wishes, today: dt.date
    ) -> tuple[list[Candidate], Sequence[Tie]]:
        """Return all of them for a call, those that were named included, and their ties."""
        from vie_match.partners.pool import pool

        fixed = dict.fromkeys((*([wishes.leader] if wishes.leader else []), *wishes.must))
        team = [one for one in fixed if one in self._known.places]
        found = pool(call, ranker, team, today=today, also=self._named)
        own = {one.id: one for one in found.candidates} | self._table
        return list(own.values()), found.ties

    def ids(self, names: Sequence[str] | None) -> tuple[str, ...]:
        """Return the ids of several."""
        return tuple(self.id(name.strip()) for name in names or ())

    def id(self, name: str) -> str:
        """Return the id of an organisation of the table, of a profile's city, or of a town."""
        from vie_match.cli import towns

        if name in self._table:
            return name
        if name.casefold() in self._names:
            return self._names[name.casefold()]
        try:
            found = towns.find(self._known, name).town.id
        except errors.BadValue as error:
            near = errors.near_miss(name, self._names)
            raise errors.BadValue(M_("{error}{near}", error=error.args[0], near=near)) from None
        self._named[found] = None
        return found

    def share(self, text: str) -> tuple[str, tuple[float, float]]:
        """Return who gets what share of the budget."""
        name, _, percents = text.rpartition("=")
        least, most = whole_range("--share", percents)
        return self.id(name), (float(least), float(most))


def whole_range(option: str, text: str) -> tuple[int, int]:
    """Return two whole numbers, or one twice.

    Parameters
    ----------
    option : str
        For the message, if it is neither.
    text : str

    Examples
    --------
    >>> whole_range("--size", "5-9"), whole_range("--size", "4")
    ((5, 9), (4, 4))
    """
    least, _, most = text.partition("-")
    if not (least.isdecimal() and (most or least).isdecimal() and int(least) <= int(most or least)):
        raise errors.BadValue(
            M_("found {option} {text}; expected one number, or two as in 5-9", option=option, text=repr(text))
        )
    return int(least), int(most or least)
