"""A search for a team, set out: seats, conditions, and their bounds, from the strictest reading down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vie_match.eligibility.check import KnownRules
from vie_match.errors import BadValue
from vie_match.partners import search_wishes
from vie_match.partners.certainty import Certainty
from vie_match.partners.consortium import Candidate, Tie, Weights, Wishes, seats
from vie_match.partners.program import Terms
from vie_match.partners.search_bounds import Bound, bounds, counted
from vie_match.partners.search_model import TeamModel
from vie_match.partners.search_wishes import Condition
from vie_match.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count what is not known.

    Attributes
    ----------
    certainty : Certainty
    without : tuple of int
        Conditions that are left aside: rules that are only recalled.
    bounds : list of Bound
        Of all conditions.
    doubts : list of int
        Questions that each seat raises.
    conditions : list of Condition
        The call's first, then the wishes.
    closed : tuple of int
        Seats that may not be taken: roles nobody was asked about, if all has to be sure.
    """

    certainty: Certainty
    without: tuple[int, ...]
    bounds: list[Bound]
    doubts: list[int]
    conditions: list[Condition]
    closed: tuple[int, ...]

    @property
    def in_force(self) -> list[Bound]:
        """The bounds that have to hold."""
        dropped = set(self.without)
        return [bound for bound in self.bounds if not dropped.intersection(bound.conditions)]


class Problem:
    """A search.

    Parameters
    ----------
    known, candidates, wishes, weights, ties
        See :func:`vie_match.partners.search.best_teams`.

    Raises
    ------
    BadValue
        If ids are doubled, or wishes name somebody who is not among the candidates.
    """

    def __init__(
        self,
        known: KnownRules,
        candidates: Sequence[Candidate],
        wishes: Wishes,
        weights: Weights,
        ties: Sequence[Tie],
    ) -> None:
        _faults(candidates, wishes)
        self.known, self.wishes, self.weights, self.ties = known, wishes, weights, ties
        self.candidates = len(candidates)
        self.seats = [seat for one in candidates for seat in seats(one)]
        self.members = [seat.member for seat in self.seats]
        self.conditions = search_wishes.of_call(known)
        self.counted = [
            counted(place, one.requirement, self.members)
            for place, one in enumerate(self.conditions)
            if one.requirement
        ]

    def readings(self) -> Iterator[Reading]:
        """Yield the ways to count what is not known, the strictest first."""
        recalled = tuple(place for place, one in enumerate(self.conditions) if not one.decides)
        certainties = (Certainty.SURE,) if self.wishes.sure else (Certainty.ASK, Certainty.POSSIBLE)
        for certainty in certainties:
            made = self.reading(certainty)
            if certainty is not Certainty.POSSIBLE:
                yield made
            if recalled or certainty is Certainty.POSSIBLE:
                yield replace(made, without=recalled)

    def reading(self, certainty: Certainty) -> Reading:
        """Return all bounds under a certainty."""
        found = bounds(self.counted, certainty)
        shared = any(bound.shares for bound in found)
        divided = shared or bool(self.wishes.shares or self.wishes.share_of_each)
        conditions = list(self.conditions)
        for words, own in search_wishes.of_wishes(self.wishes, self.seats, certainty, divided):
            found += [replace(bound, conditions=(len(conditions),)) for bound in own]
            conditions.append(Condition(words))
        closed = [
            place
            for place, seat in enumerate(self.seats)
            if certainty is Certainty.SURE and seat.sure is not Answer.YES
        ]
        return Reading(certainty, (), found, self._doubts(certainty), conditions, tuple(closed))

    def model(self, reading: Reading, *, elastic: bool = False) -> TeamModel:
        """Return the program of a reading."""
        return TeamModel(
            self.seats, reading.bounds, self.wishes, self.weights, self.ties, reading.doubts, elastic=elastic
        )

    def _doubts(self, certainty: Certainty) -> list[int]:
        """Return how many questions each seat would raise."""
        asked = [int(seat.sure is Answer.UNKNOWN) for seat in self.seats]
        for one in self.counted:
            if one.requirement.high is not None or certainty is Certainty.POSSIBLE:
                for place, answer in enumerate(one.counts):
                    asked[place] += answer is Answer.UNKNOWN
        return asked

    def different(self, taken: Sequence[int]) -> tuple[Terms, float] | None:
        """Return the row by which a later team lacks some of a team's members; None if all have to be in."""
        fixed = {*self.wishes.must, self.wishes.leader}
        free = {self.seats[place].candidate.id for place in taken} - fixed
        leaving = min(self.wishes.different, len(free))
        if not leaving:
            return None
        theirs = [place for place, seat in enumerate(self.seats) if seat.candidate.id in free]
        return dict.fromkeys(theirs, -1.0), float(leaving - len(free))


def _faults(candidates: Sequence[Candidate], wishes: Wishes) -> None:
    ids = [one.id for one in candidates]
    doubled = sorted({one for one in ids if ids.count(one) > 1}) if len(set(ids)) < len(ids) else []
    named = {
        *wishes.must,
        *wishes.must_not,
        *wishes.elsewhere,
        *wishes.shares,
        *([wishes.leader] if wishes.leader else []),
        *(one for group in wishes.competitors for one in group),
    }
    faults = [f"found the candidate {one!r} more than once; expected every id once" for one in doubled]
    faults += [
        f"found the wish for {one!r}; expected the id of a candidate" for one in sorted(named - set(ids))
    ]
    if not ids:
        faults.append("found no candidates; expected one at least")
    if faults:
        raise BadValue("\n".join(faults))
