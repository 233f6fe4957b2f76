"""What a team is worth, part by part, added up by hand: the same sum that the search maximises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vie_match.eligibility.rules import Part
from vie_match.partners.consortium import Seat, Tie, Weights, Wishes


def parts(
    team: Sequence[Seat],
    wishes: Wishes,
    weights: Weights,
    ties: Mapping[str, Mapping[str, float]],
    doubts: int = 0,
) -> dict[str, float]:
    """Return the parts of a team's value; see :class:`vie_match.partners.consortium.Weights`.

    Parameters
    ----------
    team : sequence of Seat
    wishes : Wishes
        Its needs count.
    weights : Weights
    ties : mapping of str to mapping of str to float
        Candidate → other candidate → strength, both ways; see :func:`neighbours`.
    doubts : int, optional
        Questions that the team raises.

    Examples
    --------
    >>> from vie_match.eligibility.facts import Member
    >>> from vie_match.partners.consortium import Candidate
    >>> one = Candidate(id="a", member=Member(name="A", country="DE"), fit=0.9, skills={"heat": 0.5})
    >>> two = Candidate(id="b", member=Member(name="B", country="DE"), fit=0.7, skills={"heat": 0.8})
    >>> team = [Seat(candidate=one, role="coordinator"), Seat(candidate=two, role="beneficiary")]
    >>> found = parts(team, Wishes(needs={"heat": 1}), Weights(), neighbours([Tie(one="a", other="b")]))
    >>> {name: round(value, 2) for name, value in found.items()}
    {'fit': 0.4, 'lead': 0.0, 'skills': 0.5, 'spread': 0.05, 'ties': 0.4, 'doubt': -0.0}
    """
    # In order: a sum in the order of a set would differ in its last digit from run to run.
    ids = dict.fromkeys(seat.candidate.id for seat in team)
    countries = {seat.candidate.member.country for seat in team} - {None}
    known = [sum(strength for other, strength in ties.get(one, {}).items() if other in ids) for one in ids]
    leads = sum(seat.candidate.lead for seat in team if seat.role is Part.COORDINATOR)
    return {
        "fit": sum(weights.fit * seat.candidate.fit - weights.cost for seat in team),
        "lead": weights.lead * leads,
        "skills": weights.skill
        * sum(worth * min(1.0, skill(team, name)) for name, worth in wishes.needs.items()),
        "spread": weights.country * min(weights.countries, len(countries)),
        "ties": weights.tie * sum(min(1.0, strength) for strength in known),
        "doubt": -weights.doubt * doubts,
    }


def skill(team: Sequence[Seat], name: str) -> float:
    """Return how much of a skill the members have together; 1 is all of it, more does not help."""
    return sum(seat.candidate.skills.get(name, 0.0) for seat in team)


def neighbours(ties: Sequence[Tie]) -> dict[str, dict[str, float]]:
    """Return, for every candidate with ties, the strengths of its ties; of several the largest.

    Examples
    --------
    >>> neighbours([Tie(one="a", other="b", strength=0.5), Tie(one="b", other="a")])
    {'a': {'b': 1.0}, 'b': {'a': 1.0}}
    """
    known: dict[str, dict[str, float]] = {}
    for tie in ties:
        for one, other in ((tie.one, tie.other), (tie.other, tie.one)):
            if one != other:
                own = known.setdefault(one, {})
                own[other] = max(own.get(other, 0.0), tie.strength)
    return known
