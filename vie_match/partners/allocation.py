"""A whole network: who leads which call with whom, so that nobody is overloaded and none compete.

For every call there is one team of the network's cities or none; so no two of them apply against each other.
Places that the call's rules leave open are counted, not filled: :mod:`vie_match.partners.search` does that.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from vie_match.eligibility.check import KnownRules, judge_known, may_take_part
from vie_match.eligibility.facts import Member
from vie_match.eligibility.rules import Part
from vie_match.eligibility.verdict import Eligibility
from vie_match.eligibility.words import Words
from vie_match.errors import BadValue
from vie_match.partners import consortium_wording as says
from vie_match.partners.allocation_model import NetworkModel, TeamOf
from vie_match.partners.consortium import Candidate, Tie
from vie_match.partners.plan import Fits, Plan
from vie_match.partners.program import Terms
from vie_match.partners.proposals import Status
from vie_match.records import Record
from vie_match.vocabulary import Answer

# Teams that fail the check although they keep to all bounds, before the search gives up.
_MOST_REJECTED = 20


class NetworkTeam(Record):
    """The network's cities in the team for one call."""

    call: str
    members: Annotated[tuple[Member, ...], Field(description="the leader first")]
    cities: Annotated[tuple[str, ...], Field(description="ids, in the order of the members")]
    fits: Annotated[tuple[float, ...], Field(description="how well the call fits each")]
    needed: Annotated[int, Field(description="partners from outside that the rules need at least", ge=0)]
    missing: Annotated[tuple[Words, ...], Field(description="what they have to be, rule by rule")]
    questions: Annotated[tuple[Words, ...], Field(description="what has to be asked first")]
    eligibility: Annotated[Eligibility, Field(description="the check of these members alone")]


class Allocation(Record):
    """Teams for a whole network."""

    status: Status
    teams: Annotated[tuple[NetworkTeam, ...], Field(description="in the order of the calls given")] = ()
    value: Annotated[float | None, Field(description="see Plan")] = None
    gap: Annotated[float | None, Field(description="how much better one could be; 0: proven optimal")] = None
    stands_back: Annotated[
        tuple[tuple[str, str], ...],
        Field(description="city and call: it fits, but another city applies; alone it would compete"),
    ] = ()
    idle: Annotated[tuple[str, ...], Field(description="cities without a team")] = ()
    conflict: Annotated[tuple[Words, ...], Field(description="fixed places that cannot hold together")] = ()
    seconds: float = 0.0


def allocate(
    cities: Sequence[Candidate],
    calls: Mapping[str, KnownRules],
    fits: Fits,
    plan: Plan | None = None,
    ties: Sequence[Tie] = (),
    *,
    seconds: float = 60.0,
) -> Allocation:
    """Return the best teams of a network for many calls at once.

    Parameters
    ----------
    cities : sequence of Candidate
        Their own ``fit`` is not used.
    calls : mapping of str to KnownRules
        Call → its rules.
    fits : mapping of (str, str) to float
        City and call → how well it fits, 0 to 1; a pair that is not there is not considered.
    plan : Plan, optional
    ties : sequence of Tie, optional
    seconds : float, default 60
        For each program.

    Returns
    -------
    Allocation
        In no team is a city that may not take part; what more partners can mend is told as missing.

    Raises
    ------
    BadValue
        If ids are doubled, or fits and plan name cities or calls that are not there.
    """
    begin = time.perf_counter()
    wanted = plan or Plan()
    _faults(cities, calls, fits, wanted)
    model = NetworkModel(cities, calls, fits, wanted, ties)
    cuts: list[tuple[Terms, float]] = []
    for _ in range(_MOST_REJECTED):
        teams, solution = model.solve(cuts=cuts, seconds=seconds)
        if teams is None:
            status = Status.INFEASIBLE if solution.infeasible else Status.NOTHING_FOUND
            conflict = _conflict(model, seconds) if solution.infeasible else ()
            return Allocation(status=status, conflict=conflict, seconds=time.perf_counter() - begin)
        made = [_team(one, calls[one.call], fits) for one in teams]
        failed = [
            one
            for one, shown in zip(teams, made, strict=True)
            if may_take_part(shown.eligibility) is Answer.NO
        ]
        if not failed:
            return Allocation(
                status=Status.OPTIMAL if solution.optimal else Status.TIME_LIMIT,
                teams=tuple(made),
                value=solution.value,
                gap=solution.gap,
                stands_back=_standing_back(made, fits),
                idle=tuple(one.id for one in cities if not any(one.id in team.cities for team in made)),
                seconds=time.perf_counter() - begin,
            )
        cuts += [model.without(one) for one in failed]
    return Allocation(status=Status.NOTHING_FOUND, seconds=time.perf_counter() - begin)


def _faults(cities: Sequence[Candidate], calls: Mapping[str, KnownRules], fits: Fits, plan: Plan) -> None:
    ids = [one.id for one in cities]
    pairs = [*fits, *((city, call) for city, call, _ in plan.fixed), *plan.never]
    faults = [
        f"found the city {one!r} more than once; expected every id once"
        for one in dict.fromkeys(ids)
        if ids.count(one) > 1
    ]
    named = {*(city for city, _ in pairs), *plan.capacities, *plan.lead_capacities}
    faults += [f"found the city {one!r}; expected the id of a candidate" for one in sorted(named - set(ids))]
    unknown = {call for _, call in pairs} - calls.keys()
    faults += [f"found the call {one!r}; expected one of those given" for one in sorted(unknown)]
    faults += [
        f"found the fit {fit} of {city} and {call}; expected a number from 0 to 1"
        for (city, call), fit in fits.items()
        if not 0 <= fit <= 1
    ]
    faults += [
        f"found the fixed place of {city} in {call} without a fit; expected one in fits"
        for city, call, _ in plan.fixed
        if (city, call) not in fits
    ]
    if faults:
        raise BadValue("\n".join(faults))


def _team(one: TeamOf, known: KnownRules, fits: Fits) -> NetworkTeam:
    order = sorted(
        range(len(one.seats)),
        key=lambda at: (
            one.seats[at].role is not Part.COORDINATOR,
            -fits[one.seats[at].candidate.id, one.call],
        ),
    )
    seats = [one.seats[at] for at in order]
    members = tuple(seat.member for seat in seats)
    found = judge_known(known, members)
    open_ = [
        words for verdict in found.verdicts if verdict.answer is Answer.UNKNOWN for words in verdict.questions
    ]
    open_ += [
        says.with_role("would", seat.role, name=seat.candidate.member.name)
        for seat in seats
        if seat.sure is Answer.UNKNOWN
    ]
    lacking = [
        verdict.missing for verdict in found.verdicts if verdict.missing and verdict.answer is Answer.NO
    ]
    return NetworkTeam(
        call=one.call,
        members=members,
        cities=tuple(seat.candidate.id for seat in seats),
        fits=tuple(fits[seat.candidate.id, one.call] for seat in seats),
        needed=one.needed,
        missing=tuple(dict.fromkeys(lacking)),
        questions=tuple(dict.fromkeys(open_)),
        eligibility=found,
    )


def _standing_back(teams: Sequence[NetworkTeam], fits: Fits) -> tuple[tuple[str, str], ...]:
    inside = {team.call: set(team.cities) for team in teams}
    return tuple((city, call) for city, call in fits if call in inside and city not in inside[call])


def _conflict(model: NetworkModel, seconds: float) -> tuple[Words, ...]:
    """Return fixed places that cannot hold together, none of which could be left out (a deletion filter)."""
    kept = list(range(len(model.plan.fixed)))
    for number in list(kept):
        fewer = [one for one in kept if one != number]
        _, solution = model.solve(fixed=fewer, seconds=seconds)
        if solution.infeasible:
            kept = fewer
    names = {one.id: one.member.name for one in model.cities}
    return tuple(
        says.words("fixed", name=names[city], call=call)
        for city, call, _ in (model.plan.fixed[number] for number in kept)
    )
