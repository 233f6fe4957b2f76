"""How good and how fast the search for a team is: real calls' rules, their cases' members, made-up others.

Fit, skills and ties are made up by seed, since nobody has judged them; the rules, and the members of the
folder's cases with their facts, are not.
"""

from __future__ import annotations

import json
import statistics
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from vie_match.eligibility.check import KnownRules
from vie_match.eligibility.facts import Member
from vie_match.eligibility.rules import Part
from vie_match.evaluation import consortium_rivals, made_up_teams
from vie_match.evaluation.eligibility import rules_of_row
from vie_match.evaluation.eligibility_folder import Folder
from vie_match.evaluation.machine import Machine, machine
from vie_match.partners.consortium import Candidate, Tie, Weights
from vie_match.partners.proposals import Found, Status
from vie_match.partners.search import best_teams
from vie_match.partners.search_problem import Problem, Reading
from vie_match.vocabulary import Answer

SIZES = (100, 300, 600, 1200, 2500, 5000)

# Calls on which growth is timed: those that took longest before.
HARDEST = 3

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OneCall:
    """The search for one call.

    Attributes
    ----------
    call : str
    rules : int
        Conditions that the call makes for a team.
    candidates : int
    status, certainty : str
    teams : int
    answers : tuple of str
        Of the check, team by team.
    value, greedy, drawn : float or None
        Of the best team; None: none found.
    gap : float or None
        0: proven optimal.
    first_s, seconds : float
        Until the best team is proven, without set-up; for all teams, set-up and check included.
    conflict : tuple of str
        Why there is none.
    """

    call: str
    rules: int
    candidates: int
    status: str
    certainty: str
    teams: int
    answers: tuple[str, ...]
    value: float | None
    greedy: float | None
    drawn: float | None
    gap: float | None
    first_s: float | None
    seconds: float
    conflict: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """Time for one number of candidates.

    Attributes
    ----------
    candidates : int
    seconds : tuple of float
        Until the best team is proven, set-up included, call by call.
    proven : bool
        All were.
    """

    candidates: int
    seconds: tuple[float, ...]
    proven: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures.

    Attributes
    ----------
    calls : tuple of OneCall
    growth : tuple of Growth
    machine : Machine
    """

    calls: tuple[OneCall, ...]
    growth: tuple[Growth, ...]
    machine: Machine

    @property
    def failing(self) -> int:
        """Proposed teams that the check refuses."""
        return sum(answer == Answer.NO.value for one in self.calls for answer in one.answers)

    @property
    def teams(self) -> int:
        """Proposed teams."""
        return sum(one.teams for one in self.calls)

    def shortfalls(self, rival: str) -> list[float]:
        """Return by how much a rival's team is worth less, as a share of the best, where it found one."""
        return [
            (one.value - found) / max(abs(one.value), 1e-9)
            for one in self.calls
            if one.value is not None and (found := getattr(one, rival)) is not None
        ]

    def stuck(self, rival: str) -> int:
        """Return for how many calls with a team a rival found none."""
        return sum(one.value is not None and getattr(one, rival) is None for one in self.calls)

    def as_json(self) -> str:
        """Return all figures."""
        seconds = [one.seconds for one in self.calls] or [0.0]
        first = [one.first_s for one in self.calls if one.first_s is not None]
        return json.dumps(
            {
                "calls": len(self.calls),
                "with_team": sum(one.value is not None for one in self.calls),
                "proven": sum(one.status == Status.OPTIMAL.value for one in self.calls),
                "infeasible": sum(one.status == Status.INFEASIBLE.value for one in self.calls),
                "teams": self.teams,
                "teams_that_fail_the_check": self.failing,
                "most_seconds_until_the_best_is_proven": max(first, default=None),
                "median_seconds": statistics.median(seconds),
                "most_seconds": max(seconds),
                "rivals": {
                    rival: {
                        "mean_shortfall": statistics.mean(lost) if lost else None,
                        "largest_shortfall": max(lost, default=None),
                        "found_none": self.stuck(rival),
                    }
                    for rival in ("greedy", "drawn")
                    for lost in [self.shortfalls(rival)]
                },
                "each": [asdict(one) for one in self.calls],
                "growth": [asdict(one) for one in self.growth],
                "machine": asdict(self.machine),
            },
            indent=1,
            ensure_ascii=False,
        )


def evaluate(
    folder: Folder,
    candidates: int = 600,
    largest: int = SIZES[-1],
    *,
    told: Told = lambda text: None,
) -> Evaluation:
    """Search teams for all calls, compare them with two rivals, and time how the search grows.

    Parameters
    ----------
    folder : Folder
        As of ``evaluate eligibility``; its cases' members are candidates.
    candidates : int, default 600
        For each call, the folder's members included.
    largest : int, default 5000
        Candidates up to which growth is timed; 0: not at all.
    told : callable, optional
        Called with what is being done.
    """
    known = {call: rules_of_row(row) for call, row in folder.calls.items()}
    own, twice = pool(case.team for case in folder.cases)
    calls = []
    for call, rules in known.items():
        told(call)
        calls.append(_one_call(call, rules, _filled(own, candidates), twice))
    hardest = sorted(calls, key=lambda one: (-(one.first_s or 0.0), one.call))
    solved = [known[one.call] for one in hardest if one.value is not None][:HARDEST]
    return Evaluation(tuple(calls), tuple(_grown(solved, largest, told)), machine())


def pool(teams: Iterable[Sequence[Member]]) -> tuple[tuple[Candidate, ...], tuple[tuple[str, ...], ...]]:
    """Return the members of teams as candidates, and those of which at most one may be in.

    Parameters
    ----------
    teams : iterable of sequence of Member

    Returns
    -------
    candidates : tuple of Candidate
        One for each set of facts that an organisation has somewhere.
    versions : tuple of tuple of str
        Candidates that are the same organisation.
    """
    found: dict[str, Candidate] = {}
    versions: dict[tuple[str, str | None], list[str]] = {}
    for member in (one for team in teams for one in team):
        plain = member.model_copy(update={"role": Part.BENEFICIARY})
        number = zlib.crc32(plain.model_dump_json().encode())
        id = f"{member.name} {number:08x}"
        if id in found:
            continue
        found[id] = Candidate(
            id=id,
            member=plain,
            roles=(Part.BENEFICIARY, Part.COORDINATOR, Part.ASSOCIATED),
            fit=round(0.3 + 0.7 * (number % 1000) / 1000, 3),
            lead=round((number // 1000 % 1000) / 1000, 3),
            skills={made_up_teams.SKILLS[number % len(made_up_teams.SKILLS)]: 0.8},
        )
        versions.setdefault((member.name, member.country), []).append(id)
    return tuple(found.values()), tuple(tuple(same) for same in versions.values() if len(same) > 1)


def _filled(own: Sequence[Candidate], count: int) -> tuple[tuple[Candidate, ...], tuple[Tie, ...]]:
    others = made_up_teams.candidates(max(count - len(own), 0))
    everybody = (*own, *others)
    return everybody, made_up_teams.ties(everybody)


def _one_call(
    call: str,
    rules: KnownRules,
    filled: tuple[tuple[Candidate, ...], tuple[Tie, ...]],
    twice: tuple[tuple[str, ...], ...],
) -> OneCall:
    candidates, ties = filled
    wishes = made_up_teams.wishes().model_copy(update={"competitors": twice})
    begin = time.perf_counter()
    found = best_teams(rules, candidates, wishes, ties=ties, explain=False)
    seconds = time.perf_counter() - begin
    problem = Problem(rules, candidates, wishes, Weights(), ties)
    rivals: dict[str, float | None] = {"greedy": None, "drawn": None}
    if found.proposals:
        reading = _reading(problem, found)
        model = problem.model(reading)
        value = consortium_rivals.Builder(problem, reading).value
        for name, teams in (
            ("greedy", consortium_rivals.greedy(problem, reading, model)),
            ("drawn", consortium_rivals.drawn(problem, reading, model)),
        ):
            rivals[name] = value(teams) if teams else None
    return OneCall(
        call=call,
        rules=len(problem.conditions),
        candidates=len(candidates),
        status=found.status.value,
        certainty=found.certainty.value,
        teams=len(found.proposals),
        answers=tuple(one.answer.value for one in found.proposals),
        value=found.proposals[0].value if found.proposals else None,
        greedy=rivals["greedy"],
        drawn=rivals["drawn"],
        gap=found.gap,
        first_s=found.proposals[0].seconds if found.proposals else None,
        seconds=seconds,
        conflict=tuple(words["en"] for words in found.conflict),
    )


def _reading(problem: Problem, found: Found) -> Reading:
    """Return the reading under which the teams were found."""
    return next(
        one
        for one in problem.readings()
        if one.certainty is found.certainty and len(one.without) == len(found.left_aside)
    )


def sizes(largest: int) -> list[int]:
    """Return the numbers of candidates that are timed.

    Examples
    --------
    >>> sizes(1000), sizes(0)
    ([100, 300, 600, 1000], [])
    """
    return sorted({size for size in SIZES if size < largest} | {largest}) if largest else []


def _grown(rules: Sequence[KnownRules], largest: int, told: Told) -> Iterable[Growth]:
    for size in sizes(largest) if rules else ():
        told(f"{size} candidates")
        candidates, ties = _filled((), size)
        wishes = made_up_teams.wishes().model_copy(update={"teams": 1})
        seconds, proven = [], True
        for known in rules:
            begin = time.perf_counter()
            found = best_teams(known, candidates, wishes, ties=ties, explain=False)
            seconds.append(time.perf_counter() - begin)
            proven &= found.status in (Status.OPTIMAL, Status.INFEASIBLE)
        yield Growth(size, tuple(seconds), proven)
