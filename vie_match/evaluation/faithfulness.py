"""Is the cited passage the reason? Delete it from the call, and see whether the score falls.

The call without the passage is embedded and counted anew, whole and in passages, as if it had been published
so. A random other passage of the same call is deleted for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vie_match.embedding import passages
from vie_match.evaluation.benchmark import Benchmark
from vie_match.ranking.dense import PASSAGES
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call
from vie_match.results import Passage

# Best calls of each profile that are looked at, as many as a report shows.
TOP = 5


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """What deleting a passage does to the score.

    Attributes
    ----------
    matches : int
        Those of the five best of each profile that have at least two passages.
    cited : float
        Share whose score falls without the cited passage.
    random : float
        Share whose score falls without another passage of the same call.
    cited_fall, random_fall : float
        Mean fall of the score in both cases, log-odds.
    """

    matches: int
    cited: float
    random: float
    cited_fall: float
    random_fall: float


def faithfulness(benchmark: Benchmark, matcher: Matcher) -> Faithfulness:
    """Delete the first cited passage of each match, and a random other one.

    Parameters
    ----------
    benchmark : Benchmark
    matcher : Matcher
        Its settings count; it is fitted anew to the calls and their shortened versions together, so that
        the weights of words are the same for all.
    """
    pick = np.random.default_rng(0)
    # The passages matter here, not their sentences.
    best = matcher.set_params(quoted=0).fit(benchmark.calls).rank(benchmark.profiles, top=TOP)
    place = {call.identifier: at for at, call in enumerate(benchmark.calls)}
    shortened: list[Call] = []
    pairs: list[tuple[int, int]] = []
    for row, own in enumerate(best):
        for match in own.matches:
            call, cited = match.call, match.evidence[0].call_passage
            # Only what counts for the score can be its reason.
            others = [one for one in passages.of_call(call)[:PASSAGES] if one.start != cited.start]
            if others:
                other = others[int(pick.integers(len(others)))]
                pairs.append((row, place[call.identifier]))
                shortened += [_without(call, cited), _without(call, other)]
    if not pairs:
        return Faithfulness(0, 0.0, 0.0, 0.0, 0.0)
    scores = matcher.fit([*benchmark.calls, *shortened]).scores(benchmark.profiles)
    count = len(benchmark.calls)
    falls = np.array(
        [
            scores[row, at] - scores[row, count + 2 * number : count + 2 * number + 2]
            for number, (row, at) in enumerate(pairs)
        ]
    )
    return Faithfulness(
        matches=len(pairs),
        cited=float((falls[:, 0] > 0).mean()),
        random=float((falls[:, 1] > 0).mean()),
        cited_fall=float(falls[:, 0].mean()),
        random_fall=float(falls[:, 1].mean()),
    )


def _without(call: Call, passage: Passage) -> Call:
    return call.model_copy(update={"text": call.text[: passage.start] + call.text[passage.end :]})
