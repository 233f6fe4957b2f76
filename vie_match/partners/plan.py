"""What a network wishes of the teams of its cities, and what teams are worth to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from vie_match.eligibility.rules import Part
from vie_match.partners.consortium import Weights
from vie_match.records import Record

# City and call → how well the call fits the city, 0 to 1.
Fits = Mapping[tuple[str, str], float]

Number = Annotated[int, Field(ge=0)]


class Plan(Record):
    """Capacities, fixed places, and prices.

    The value of an allocation is, team by team, what :class:`vie_match.partners.consortium.Weights` says of
    fit, lead, spread, ties and doubt, less ``team_cost`` for the work on a proposal and ``partner_cost`` for
    every partner that still has to be found outside.
    """

    capacity: Annotated[Number, Field(description="most teams of a city")] = 3
    capacities: dict[str, Number] = Field(
        default_factory=dict, description="city → the same, where it differs"
    )
    lead_capacity: Annotated[Number, Field(description="most teams that a city leads")] = 1
    lead_capacities: dict[str, Number] = Field(
        default_factory=dict, description="city → the same, where it differs"
    )
    most: Annotated[
        int, Field(description="most members of a team, partners from outside included", ge=1)
    ] = 12
    fixed: Annotated[
        tuple[tuple[str, str, Part | None], ...],
        Field(description="city, call and role (None: any) that are agreed already"),
    ] = ()
    never: Annotated[tuple[tuple[str, str], ...], Field(description="city and call that must not be")] = ()
    team_cost: Annotated[float, Field(ge=0)] = 0.3
    partner_cost: Annotated[float, Field(ge=0)] = 0.1
    weights: Annotated[Weights, Field(description="a city's cost is lower than an unknown partner's")] = (
        Weights(cost=0.3)
    )
