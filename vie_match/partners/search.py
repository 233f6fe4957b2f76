"""The best teams for a call under its own rules: exact, with proof, or the reason why there is none.

::

    rules ► conditions ─┐                      ┌► checked rule by rule ► proposals
    wishes ► conditions ┴► bounds ► program ───┤
    candidates ► seats, worth ─────┘           └► none: smallest conflict, fewest to give up
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from vie_match.eligibility.check import KnownRules, judge_known
from vie_match.eligibility.facts import Fact, Member
from vie_match.partners import consortium_shares, explanation, search_conflict
from vie_match.partners.consortium import Candidate, Tie, Weights, Wishes
from vie_match.partners.explanation import Team
from vie_match.partners.program import Solution, Terms
from vie_match.partners.proposals import BindingRule, Found, Proposal, Status
from vie_match.partners.search_model import TeamModel
from vie_match.partners.search_problem import Problem, Reading
from vie_match.vocabulary import Answer

# Teams that keep to all bounds but fail the check, before the search gives up; so far there was none.
_MOST_REJECTED = 20

# Prices below this are rounding.
_PRICE = 1e-6


def best_teams(
    known: KnownRules,
    candidates: Sequence[Candidate],
    wishes: Wishes | None = None,
    weights: Weights | None = None,
    ties: Sequence[Tie] = (),
    *,
    seconds: float = 60.0,
    explain: bool = True,
) -> Found:
    """Return the best teams for a call that differ from one another.

    Parameters
    ----------
    known : KnownRules
        Of the call; see :func:`vie_match.eligibility.check.rules_of_call`.
    candidates : sequence of Candidate
        In any order; one at least.
    wishes : Wishes, optional
    weights : Weights, optional
    ties : sequence of Tie, optional
        Of candidates that are not there nothing is used.
    seconds : float, default 60
        For each program.
    explain : bool, default True
        Find out the price of every rule, which takes one more search a rule.

    Returns
    -------
    Found
        Every team passes the check: its answer is yes, or unknown with the questions to be asked.

    Raises
    ------
    BadValue
        If ids are doubled, or wishes name somebody who is not among the candidates.

    Notes
    -----
    Unknown facts do not count towards a minimum. If there is no team so, rules that are only recalled are
    left aside, and then unknown facts count as possible; ``certainty`` and ``left_aside`` of the result say
    so.
    """
    problem = Problem(known, candidates, wishes or Wishes(), weights or Weights(), ties)
    return _Search(problem, seconds).run(explain=explain)


class _Search:
    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem = problem
        self.seconds = seconds

    def run(self, *, explain: bool) -> Found:
        begin = time.perf_counter()
        for reading in self.problem.readings():
            model = self.problem.model(reading)
            cuts: list[tuple[Terms, float]] = []
            solution, team = self._next(reading, model, cuts)
            if team is not None:
                found = self._teams(reading, model, cuts, solution, team, explain=explain)
                break
            if not solution.infeasible:
                found = self._found(Status.NOTHING_FOUND, reading)
                break
        else:
            found = self._none(reading)
        return found.model_copy(update={"seconds": time.perf_counter() - begin})

    def _found(self, status: Status, reading: Reading, **more: Any) -> Found:
        left_aside = tuple(self.problem.conditions[place].words for place in reading.without)
        return Found(
            status=status,
            certainty=reading.certainty,
            left_aside=left_aside,
            candidates=self.problem.candidates,
            seconds=0,
            **more,
        )

    def _teams(
        self,
        reading: Reading,
        model: TeamModel,
        cuts: list[tuple[Terms, float]],
        solution: Solution,
        best: Team,
        *,
        explain: bool,
    ) -> Found:
        """Return the best team and those after it that differ from all before."""
        proposals: list[Proposal] = []
        team: Team | None = best
        while team is not None:
            proposals.append(explanation.proposal(team, solution))
            cut = self.problem.different(team.taken)
            if cut is None or len(proposals) == self.problem.wishes.teams:
                break
            cuts.append(cut)
            solution, team = self._next(reading, model, cuts)
        return self._found(
            Status.OPTIMAL if proposals[0].optimal else Status.TIME_LIMIT,
            reading,
            proposals=tuple(proposals),
            binding=self._prices(reading, model, proposals[0].value) if explain else (),
            tight=explanation.tight(best),
        )

    def _next(
        self, reading: Reading, model: TeamModel, cuts: list[tuple[Terms, float]]
    ) -> tuple[Solution, Team | None]:
        """Return the best team left; teams that keep to the bounds and fail the check are cut off."""
        for _ in range(_MOST_REJECTED):
            solution = model.solve(
                without=reading.without, cuts=cuts, closed=reading.closed, seconds=self.seconds
            )
            if solution.seats is None:
                break
            team = self._team(reading, solution)
            if team.eligibility.answer is not Answer.NO:
                return solution, team
            everybody = dict.fromkeys(range(len(self.problem.seats)), 1.0)
            cuts.append((everybody | dict.fromkeys(solution.seats, -1.0), 1.0 - len(solution.seats)))
        return solution, None

    def _team(self, reading: Reading, solution: Solution) -> Team:
        taken = solution.seats or ()
        in_force = reading.in_force
        shares = consortium_shares.rounded(taken, solution.shares, in_force)
        members = tuple(_with_share(self.problem.members[place], shares, place) for place in taken)
        return Team(
            seats=self.problem.seats,
            taken=taken,
            members=members,
            shares=shares,
            bounds=in_force,
            conditions=reading.conditions,
            eligibility=judge_known(self.problem.known, members),
            wishes=self.problem.wishes,
            weights=self.problem.weights,
            ties=self.problem.ties,
            doubts=reading.doubts,
        )

    def _prices(self, reading: Reading, model: TeamModel, value: float) -> tuple[BindingRule, ...]:
        found = []
        for place, one in enumerate(reading.conditions):
            if place in reading.without:
                continue
            freed = model.solve(
                without=(*reading.without, place), closed=reading.closed, seconds=self.seconds
            )
            if freed.seats is not None and freed.value - value > _PRICE:
                wish = one.requirement is None
                found.append(BindingRule(demand=one.words, price=freed.value - value, wish=wish))
        return tuple(sorted(found, key=lambda one: -one.price))

    def _none(self, reading: Reading) -> Found:
        elastic = self.problem.model(reading, elastic=True)
        left = set(reading.without)
        free = [elastic.broken[place] for place in left if place in elastic.broken]
        for column in free:
            elastic.program.worth[column] = 0.0
        conflict = search_conflict.smallest_conflict(
            elastic, self.seconds, ignored=left, closed=reading.closed
        )
        broken = search_conflict.fewest_broken(elastic, (), self.seconds, closed=reading.closed)
        return self._found(
            Status.INFEASIBLE,
            reading,
            conflict=tuple(reading.conditions[place].words for place in conflict),
            broken=tuple(reading.conditions[place].words for place in sorted((broken or set()) - left)),
        )


def _with_share(member: Member, shares: dict[int, float], place: int) -> Member:
    """Return a member with its share of the budget as a fact; without shares, as it is."""
    if not shares:
        return member
    fact = Fact(value=shares.get(place, 0.0), source="proposed")
    return member.model_copy(update={"facts": member.facts | {"budget_share": fact}})
