"""What a search for a team found: teams, what each member brings, what is missing; or why there is none."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from vie_match.eligibility.facts import Member
from vie_match.eligibility.rules import Part
from vie_match.eligibility.verdict import Eligibility
from vie_match.eligibility.words import Words
from vie_match.partners.certainty import Certainty
from vie_match.partners.suggestions import Ground
from vie_match.records import Record
from vie_match.vocabulary import Answer


class Status(StrEnum):
    """How a search ended."""

    OPTIMAL = "optimal"
    TIME_LIMIT = "time limit"
    INFEASIBLE = "infeasible"
    NOTHING_FOUND = "nothing found in time"


class ProposedMember(Record):
    """A member of a proposed team."""

    candidate: Annotated[str, Field(description="id")]
    member: Annotated[Member, Field(description="in its role, with its share of the budget if it is divided")]
    brings: Annotated[tuple[Words, ...], Field(description="what the team would lack without it")]
    reasons: Annotated[tuple[Words, ...], Field(description="facts behind its fit")] = ()
    grounds: Annotated[tuple[Ground, ...], Field(description="projects behind it, with pages")] = ()
    fit: Annotated[float, Field(description="of the candidate, 0 to 1")]
    worth: Annotated[float, Field(description="value of the team less its value without the member")]
    share: Annotated[float | None, Field(description="per cent of the budget; None: not divided")] = None

    @property
    def leads(self) -> bool:
        """Whether it coordinates."""
        return self.member.role is Part.COORDINATOR


class Proposal(Record):
    """One team."""

    places: Annotated[tuple[ProposedMember, ...], Field(description="the leader first, then by worth")]
    value: Annotated[float, Field(description="sum of the parts")]
    parts: Annotated[dict[str, float], Field(description="see Weights")]
    optimal: Annotated[bool, Field(description="proven: no team that differs enough is worth more")]
    gap: Annotated[float, Field(description="how much better one could at most be, share of the value")]
    seconds: Annotated[float, Field(description="until it was found and proven, without set-up")]
    eligibility: Annotated[Eligibility, Field(description="the check of the team; never 'no'")]
    missing: Annotated[tuple[Words, ...], Field(description="what would make the team rounder")]
    questions: Annotated[tuple[Words, ...], Field(description="what has to be asked first")]

    @property
    def answer(self) -> Answer:
        """Whether the team may apply."""
        return self.eligibility.answer

    @property
    def team(self) -> tuple[Member, ...]:
        """The members."""
        return tuple(place.member for place in self.places)


class BindingRule(Record):
    """A rule or wish without which the best team would be another."""

    demand: Words
    price: Annotated[float, Field(description="how much more the best team without it would be worth", ge=0)]
    wish: Annotated[bool, Field(description="True: a wish of the user; False: a rule of the call")]


class Found(Record):
    """The result of a search."""

    status: Status
    certainty: Annotated[Certainty, Field(description="how what is not known was counted in the end")]
    proposals: Annotated[tuple[Proposal, ...], Field(description="the best first")] = ()
    binding: Annotated[tuple[BindingRule, ...], Field(description="the dearest first")] = ()
    tight: Annotated[tuple[Words, ...], Field(description="rules that the best team only just keeps to")] = ()
    conflict: Annotated[
        tuple[Words, ...],
        Field(description="fewest rules and wishes that cannot hold together; if infeasible"),
    ] = ()
    broken: Annotated[
        tuple[Words, ...], Field(description="fewest to give up so that there is a team; if infeasible")
    ] = ()
    left_aside: Annotated[
        tuple[Words, ...], Field(description="rules nobody could source, without which there is a team")
    ] = ()
    candidates: int
    seconds: Annotated[float, Field(description="of solving and checking, wall time")]

    @property
    def gap(self) -> float | None:
        """Gap of the best team; None without a team."""
        return self.proposals[0].gap if self.proposals else None
