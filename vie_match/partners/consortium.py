"""What the search for a team works on: candidates, what the user wishes, and what a good team is worth.

The search itself is :mod:`vie_match.partners.search`, what it found :mod:`vie_match.partners.proposals`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from vie_match.eligibility.facts import Member
from vie_match.eligibility.rules import Part
from vie_match.eligibility.words import Words
from vie_match.fields import Line
from vie_match.partners.suggestions import Ground
from vie_match.records import Record
from vie_match.vocabulary import Answer

Unit = Annotated[float, Field(ge=0, le=1)]
PerCent = Annotated[float, Field(ge=0, le=100)]


class Candidate(Record):
    """One organisation that could join."""

    id: Annotated[Line, Field(description="unique among the candidates")]
    member: Annotated[Member, Field(description="facts; in the team its role is one of those below")]
    roles: Annotated[tuple[Part, ...], Field(description="roles it would surely take")] = (Part.BENEFICIARY,)
    perhaps: Annotated[tuple[Part, ...], Field(description="roles nobody has asked it about")] = ()
    fit: Annotated[Unit, Field(description="how well it fits call and project; 0 not, 1 perfectly")] = 0.5
    lead: Annotated[Unit, Field(description="how well it could lead, for example from experience")] = 0.0
    skills: dict[str, Unit] = Field(default_factory=dict, description="what it can, by name → how well")
    newcomer: Annotated[bool | None, Field(description="no EU project so far; None: not known")] = None
    reasons: Annotated[tuple[Words, ...], Field(description="facts behind fit and lead")] = ()
    grounds: Annotated[tuple[Ground, ...], Field(description="projects behind them, with pages")] = ()

    @model_validator(mode="after")
    def _has_a_role(self) -> Self:
        if not self.roles and not self.perhaps:
            raise ValueError("at least one role, for example beneficiary")
        if set(self.roles) & set(self.perhaps):
            raise ValueError("every role either sure or open, not both")
        return self


class Tie(Record):
    """Two candidates that have worked together."""

    one: str
    other: str
    strength: Annotated[Unit, Field(description="1: as well as one can know each other")] = 1.0
    basis: Annotated[str, Field(description="what it rests on, for example the projects' names")] = ""


class Wishes(Record):
    """What the user asks of a team besides the call's rules; ids are those of the candidates."""

    must: Annotated[tuple[str, ...], Field(description="who has to be in")] = ()
    must_not: Annotated[tuple[str, ...], Field(description="who must not")] = ()
    leader: Annotated[str | None, Field(description="who has to lead")] = None
    size: Annotated[tuple[int, int], Field(description="fewest and most members")] = (1, 12)
    newcomers: Annotated[int, Field(description="fewest members without an EU project so far", ge=0)] = 0
    competitors: Annotated[
        tuple[tuple[str, ...], ...],
        Field(description="sets of which at most one may be in: cities that would compete, twice the same"),
    ] = ()
    elsewhere: Annotated[
        tuple[str, ...], Field(description="cities of the network that apply for this call in another team")
    ] = ()
    per_country: Annotated[int | None, Field(description="most members from one country", ge=1)] = None
    subjects: Annotated[tuple[str, ...], Field(description="kinds of organisation of which one is in")] = ()
    needs: dict[str, float] = Field(
        default_factory=dict, description="skill → how much it is worth to have it"
    )
    required: Annotated[tuple[str, ...], Field(description="skills the team must have in full")] = ()
    shares: dict[str, tuple[PerCent, PerCent]] = Field(
        default_factory=dict, description="id → least and most of the budget, per cent"
    )
    share_of_each: Annotated[
        tuple[PerCent, PerCent] | None, Field(description="the same for every funded member")
    ] = None
    teams: Annotated[int, Field(description="how many different teams", ge=1, le=20)] = 3
    different: Annotated[int, Field(description="members of each earlier team not in a later one", ge=1)] = 2
    sure: Annotated[bool, Field(description="True: nobody of whom a prohibition leaves something open")] = (
        False
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ranges = [self.size, *self.shares.values(), *([self.share_of_each] if self.share_of_each else [])]
        if any(least > most for least, most in ranges):
            raise ValueError("ranges with the smaller number first")
        if self.size[1] < 1 or self.size[0] < 0:
            raise ValueError("a size of at least one member")
        if any(worth < 0 for worth in self.needs.values()):
            raise ValueError("needs that are worth zero or more")
        return self


class Weights(Record):
    """What makes a team good; the value of a team is the sum of these parts.

    ====== =================================================================================================
    part   value
    ====== =================================================================================================
    fit    ``fit`` × the members' fits added up, less ``cost`` for every member
    lead   ``lead`` × how well the leader can lead
    skills ``skill`` × for each need its worth × the members' skill in it added up, at most 1
    spread ``country`` × the number of countries, at most ``countries``
    ties   ``tie`` × for each member the strengths of its ties within the team added up, at most 1
    doubt  less ``doubt`` for every question that would have to be answered first
    ====== =================================================================================================

    All parts are linear in who takes part, or minima of linear sums, which is what makes the search exact.
    Because of ``cost`` a team grows only by members that bring more than they take to coordinate. The weights
    are a statement of what is wanted, not a measurement.
    """

    fit: Annotated[float, Field(ge=0)] = 1.0
    cost: Annotated[float, Field(ge=0)] = 0.6
    lead: Annotated[float, Field(ge=0)] = 0.3
    skill: Annotated[float, Field(ge=0)] = 0.5
    country: Annotated[float, Field(ge=0)] = 0.05
    countries: Annotated[int, Field(ge=0)] = 6
    tie: Annotated[float, Field(ge=0)] = 0.2
    doubt: Annotated[float, Field(ge=0)] = 0.05


class Seat(Record):
    """A candidate in a role; ``sure`` is whether it would take the role."""

    candidate: Candidate
    role: Part
    sure: Answer = Answer.YES

    @property
    def member(self) -> Member:
        """The member of the team."""
        return self.candidate.member.model_copy(update={"role": self.role})


def seats(candidate: Candidate) -> tuple[Seat, ...]:
    """Return every way in which a candidate could take part.

    Examples
    --------
    >>> one = Candidate(id="a", member=Member(name="A"), perhaps=("coordinator",))
    >>> [(seat.role.value, seat.sure.value) for seat in seats(one)]
    [('beneficiary', 'yes'), ('coordinator', 'unknown')]
    """
    sure = [Seat(candidate=candidate, role=role) for role in candidate.roles]
    return (*sure, *(Seat(candidate=candidate, role=role, sure=Answer.UNKNOWN) for role in candidate.perhaps))
