"""Requirements: something that is counted over the members of a team, with a bound.

Every requirement is linear in the members: each adds its number to a sum, and the sum has a lower or an upper
bound. So the same requirements judge a given team and bound the search for one. What cannot be said of a
single member (different countries) is counted over countries instead; what nobody can know without a document
has no members at all and stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vie_match.eligibility.facts import Member, Team
from vie_match.eligibility.logic import NO, UNKNOWN, YES, at_least, at_most, both
from vie_match.eligibility.rules import Part, Rule
from vie_match.eligibility.sums import Bounds, Measure, Tally, bounds
from vie_match.vocabulary import Answer

# Sums that can only grow when somebody joins.
_GROWING = frozenset({Measure.MEMBERS, Measure.COUNTRIES, Measure.SITES, Measure.ECOSYSTEMS})


@dataclass(frozen=True)
class Requirement:
    """One bound.

    Attributes
    ----------
    rule : Rule
        What it is made of.
    measure : Measure
    fits : callable
        Member → whether it counts, its role aside.
    part : Part
        Role in which a member counts.
    low, high : float or None
        Bounds of the sum; None is unbounded.
    """

    rule: Rule
    measure: Measure
    fits: Callable[[Member], Answer]
    part: Part = Part.ANY
    low: float | None = None
    high: float | None = None

    @property
    def grows(self) -> bool:
        """Whether more members can only help: a lower bound of a number, not of a share."""
        return self.low is not None and self.measure in _GROWING

    def tallies(self, team: Team) -> list[Tally]:
        """Return every member with whether it counts."""
        return [Tally(member, plays(member, self.part, team), self.fits(member)) for member in team]

    def bounds(self, team: Team) -> Bounds:
        """Return the least and the most that the sum can be."""
        return bounds(self.measure, self.tallies(team))

    def answer(self, team: Team) -> Answer:
        """Return whether a team keeps to the bounds.

        Parameters
        ----------
        team : tuple of Member
            The order does not matter.
        """
        if self.measure is Measure.NOTHING:
            return UNKNOWN
        least, most = self.bounds(team)
        lower = YES if self.low is None else at_least(least, most, self.low)
        upper = YES if self.high is None else at_most(least, most, self.high)
        return both(lower, upper)


def plays(member: Member, part: Part, team: Team) -> Answer:
    """Return whether a member of a team has a role.

    As long as a team has no coordinator any beneficiary may be it, and a single one is.

    Examples
    --------
    >>> one, other = Member(name="A"), Member(name="B")
    >>> plays(one, Part.COORDINATOR, (one,)).value, plays(one, Part.COORDINATOR, (one, other)).value
    ('yes', 'unknown')
    """
    if part is Part.COORDINATOR and not any(one.role is Part.COORDINATOR for one in team):
        alone = sum(one.plays(Part.BENEFICIARY) for one in team) == 1
        return NO if not member.plays(Part.BENEFICIARY) else YES if alone else UNKNOWN
    return YES if member.plays(part) else NO
