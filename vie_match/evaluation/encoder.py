"""``vie-match evaluate encoder``: one encoder alone, beside rivals, in the same tables.

Here: the judged calls, for profiles in their own languages and in English, and all figures as JSON. The
other parts are :mod:`vie_match.evaluation.searches` and :mod:`vie_match.evaluation.speeds`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from vie_match.evaluation import metrics, versions
from vie_match.evaluation.benchmark import Benchmark
from vie_match.evaluation.calls import Rankings, ranked
from vie_match.evaluation.rivals import Rival
from vie_match.evaluation.searches import Parallel, TopicTest
from vie_match.evaluation.speeds import Speed
from vie_match.evaluation.versions import Both, Judged


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured; what was not is empty or None.

    Attributes
    ----------
    model : str
        Id of the encoder.
    judged : tuple of Judged
    parallel : tuple of Parallel
    topics : TopicTest or None
    speeds : tuple of Speed
    peak_mb : float or None
        The most memory the process held.
    notes : tuple of str
        Rivals that were left out.
    """

    model: str
    judged: tuple[Judged, ...]
    parallel: tuple[Parallel, ...]
    topics: TopicTest | None
    speeds: tuple[Speed, ...]
    peak_mb: float | None
    notes: tuple[str, ...]

    def as_json(self) -> str:
        """Return every figure as JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def judged(rivals: Sequence[Rival], own: Benchmark, english: Benchmark) -> tuple[Judged, ...]:
    """Rank every call for both versions of every profile.

    Parameters
    ----------
    rivals : sequence of Rival
        First the one that the others are compared with.
    own, english : Benchmark
        One folder, with the profiles in their own languages and in English.

    Returns
    -------
    tuple of Judged
        Empty when no profile has a call judged relevant.
    """
    if not metrics.judged_profiles(own.judgements):
        return ()
    return versions.judged({rival.name: _ranked(rival, own, english) for rival in rivals}, own)


def _ranked(rival: Rival, own: Benchmark, english: Benchmark) -> Both[Rankings]:
    count = len(english.profiles)
    if rival.english_only:
        return {}, ranked(english, rival.scores(english.calls, english.profiles))
    # In one go: the calls are read into an index once for both versions.
    scores = rival.scores(own.calls, (*own.profiles, *english.profiles))
    return ranked(own, scores[:count]), ranked(english, scores[count:])
