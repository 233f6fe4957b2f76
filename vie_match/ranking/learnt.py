"""What was learnt from people's judgements: from feedback to the file ``vie-match-learnt.json``, and back.

The file belongs to one encoder and to the weights that were shipped for it. Where either is another, or
the file is broken, the shipped weights count, and a notice says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field, ValidationError

from vie_match.embedding.encoder import Encoder
from vie_match.errors import BadFile, Fault
from vie_match.faults import findings
from vie_match.feedback import Feedback
from vie_match.fingerprints import changed
from vie_match.history import KnownCall
from vie_match.ranking.fusion import FEATURES, GENERAL, Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.ranking.refit import TARGETS, Comparison, Judged, compare, lacking, refit, speaks
from vie_match.records import Call, Profile, Record
from vie_match.whole import write_whole

_COUNT = "the shipped weights count"
_AGAIN = f"{_COUNT}; vie-match learn learns anew"

# Steps in log-odds that are too small to speak of: odds within 5 %.
_SMALL = math.log(1.05)

_SIGNS = {
    "similarity": "project and call are alike",
    "common": "the project is alike with calls of any kind",
    "cities": "the call is for municipalities",
    "local": "the call is for local authorities, among others",
    "others": "the call is for others",
    "participation": "municipalities often take part in such calls",
}

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Loss = Annotated[float, Field(ge=0, allow_inf_nan=False, description="mean logarithmic loss, in nats")]


def _of_features(value: dict[str, float]) -> dict[str, float]:
    if strangers := value.keys() - set(FEATURES):
        raise ValueError(f"features of the fusion only, not {', '.join(sorted(strangers))}")
    return value


_ByFeature = Annotated[dict[str, _Finite], AfterValidator(_of_features)]


class Weights(Record):
    """Weights of the fusion, in log-odds."""

    weights: Annotated[_ByFeature, Field(description="for one unit of each feature; 0 if left out")]
    intercept: Annotated[_Finite, Field(description="where all features are 0")]


class Learnt(Record):
    """What the file holds."""

    encoder: Annotated[str, Field(description="id of the encoder it was learnt with")]
    day: Annotated[dt.date, Field(description="when")]
    judgements: Annotated[int, Field(ge=1, description="number it was learnt from")]
    profiles: Annotated[int, Field(ge=1, description="number of profiles judged")]
    judgements_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="hash of them")]
    log_loss_shipped: _Loss
    log_loss_learnt: Annotated[_Loss, Field(description="on profiles not learnt from")]
    standard_error: Annotated[_Loss, Field(description="of the difference")]
    shipped: Annotated[Weights, Field(description="where it started from")]
    learnt: Weights
    scales: Annotated[_ByFeature, Field(description="standard deviations of the features")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of learning.

    Attributes
    ----------
    used, profiles : int
        Judgements that something can be learnt from, and how many profiles they are of.
    unused : mapping
        Why others say nothing → how many.
    lack : str
        Why nothing could be compared; empty: it was.
    comparison : Comparison or None
    learnt : Learnt or None
        The weights, if they are better than the shipped ones.
    """

    used: int
    profiles: int
    unused: Mapping[str, int]
    lack: str = ""
    comparison: Comparison | None = None
    learnt: Learnt | None = None


def learn(
    entries: Sequence[Feedback],
    profiles: Collection[Profile],
    known: Sequence[KnownCall],
    encoder: Encoder,
    shipped: Fusion | None,
    *,
    word_weight: float,
    day: dt.date,
) -> Outcome:
    """Fit the weights to judgements, and compare them with the shipped ones.

    Parameters
    ----------
    entries : sequence of Feedback
    profiles : collection of Profile
    known : sequence of KnownCall
        All calls that are ranked: how rare a word is depends on them.
    encoder : Encoder
    shipped : Fusion or None
        The weights for this encoder; None: it has none.
    word_weight : float
        As in the ranking.
    day : date
        Today.
    """
    usable, unused = _usable(entries, profiles, known)
    targets = np.array([TARGETS[entry.verdict] for entry, _, _ in usable])
    among = {profile.id: profile for _, profile, _ in usable}
    lack = lacking(targets, [profile.id for _, profile, _ in usable])
    if shipped is None:
        lack = f"found the encoder {encoder.id}, for which no weights are shipped; expected one that has some"
    if lack or shipped is None:
        return Outcome(len(usable), len(among), unused, lack)
    matcher = Matcher(encoder, word_weight=word_weight).fit([one.call for one in known])
    seen = matcher.features(list(among.values()))
    rows = {name: row for row, name in enumerate(among)}
    columns = {call.identifier: column for column, call in enumerate(matcher.calls_)}
    judged = Judged(
        np.array([seen[rows[profile.id], columns[call.identifier]] for _, profile, call in usable]),
        targets,
        np.array([profile.id for _, profile, _ in usable]),
    )
    found = compare(shipped, judged)
    outcome = Outcome(len(usable), len(among), unused, comparison=found)
    if not found.is_better:
        return outcome
    fitted = refit(shipped, judged)
    learnt = Learnt(
        encoder=encoder.id,
        day=day,
        judgements=len(usable),
        profiles=len(among),
        judgements_sha256=hashed([entry for entry, _, _ in usable]),
        log_loss_shipped=found.shipped,
        log_loss_learnt=found.learnt,
        standard_error=found.error,
        shipped=_weights(shipped),
        learnt=_weights(fitted),
        scales=dict(shipped.scales),
    )
    return replace(outcome, learnt=learnt)


def hashed(entries: Sequence[Feedback]) -> str:
    """Return a hash of judgements that does not depend on their order: SHA-256, as 64 letters."""
    lines = sorted("\t".join([*entry.key, entry.verdict, entry.why or ""]) for entry in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _usable(
    entries: Sequence[Feedback], profiles: Collection[Profile], known: Sequence[KnownCall]
) -> tuple[list[tuple[Feedback, Profile, Call]], Counter[str]]:
    """Return the judgements that say something, each with what was judged, and why others do not."""
    of_id = {profile.id: profile for profile in profiles}
    of_key = {key: one.call for one in known for key in one.keys}
    usable: dict[tuple[str, str], tuple[Feedback, Profile, Call]] = {}
    unused: Counter[str] = Counter()
    for entry in entries:
        profile, call = of_id.get(entry.profile), of_key.get(entry.call.casefold())
        if not speaks(entry):
            unused["bad for a reason that is not the topic"] += 1
        elif profile is None:
            unused["of a profile that is not in the folder"] += 1
        elif call is None:
            unused["of a call that is not known any more"] += 1
        elif "text" in changed(entry.fingerprint, call, dt.date.min):
            unused["of a call whose description has been rewritten"] += 1
        else:
            pair = profile.id, call.identifier
            unused["of a call that was judged under another identifier, too"] += pair in usable
            usable[pair] = (entry, profile, call)
    return list(usable.values()), +unused


def _weights(fusion: Fusion) -> Weights:
    return Weights(weights=dict(fusion.weights), intercept=fusion.intercept)


def recall(path: Path, encoder: str, shipped: Fusion | None) -> tuple[Fusion | None, str]:
    """Return the weights of the file, if there is one that fits.

    Parameters
    ----------
    path : Path
    encoder : str
        Id of the encoder that ranks.
    shipped : Fusion or None
        The weights for it.

    Returns
    -------
    fusion : Fusion or None
        None: the shipped weights count.
    notice : str
        Why the file does not count; empty when it does, or there is none.
    """
    if not path.exists():
        return None, ""
    try:
        learnt = read(path)
    except BadFile as error:
        return None, f"{error}; {_AGAIN}"
    if learnt.encoder != encoder:
        return None, f"{path}: learnt with the encoder {learnt.encoder}, not {encoder}; {_AGAIN}"
    if shipped is None or _weights(shipped) != learnt.shipped:
        return None, f"{path}: learnt on {learnt.day} from other weights than are shipped now; {_AGAIN}"
    return replace(shipped, weights=learnt.learnt.weights, intercept=learnt.learnt.intercept), ""


def read(path: Path) -> Learnt:
    """Read what :func:`write` wrote.

    Raises
    ------
    BadFile
        With all that is wrong with the file.
    """
    try:
        return Learnt.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), "a file one can read")]) from error
    except ValidationError as error:
        raise BadFile(Fault(path, None, one.found, one.expected) for one in findings(error, Learnt)) from None


def write(path: Path, learnt: Learnt) -> None:
    """Write what was learnt, in one step."""
    write_whole(path, learnt.model_dump_json(indent=2) + "\n")


def forget(path: Path) -> bool:
    """Delete the file, so that the shipped weights count; return whether there was one."""
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def settle(path: Path, outcome: Outcome, encoder: str) -> str:
    """Do what an outcome calls for, and return what was done and why, for people.

    Weights that are better are written. Those that were adopted earlier, with the same encoder and fewer
    judgements, are withdrawn when what is known now no longer speaks for learning.
    """
    if outcome.lack:
        return f"not adopted: {outcome.lack}; {'the file stays as it is' if path.exists() else _COUNT}"
    if outcome.learnt:
        write(path, outcome.learnt)
        return f"adopted: better by more than one standard error; written to {path}"
    try:
        is_earlier = path.exists() and read(path).encoder == encoder
    except BadFile:
        is_earlier = False
    if is_earlier:
        forget(path)
    withdrawn = f"; what had been learnt earlier is withdrawn ({path})" if is_earlier else ""
    return f"not adopted: not better by more than one standard error; {_COUNT}{withdrawn}"


def in_words(learnt: Learnt) -> Iterator[tuple[str, float, float, str]]:
    """Yield each general sign of a fit with its shipped and its learnt weight and what that means.

    Weights are log-odds for one standard deviation of the feature.
    """
    for name in GENERAL:
        before, after = (
            one.weights.get(name, 0.0) * learnt.scales.get(name, 0.0)
            for one in (learnt.shipped, learnt.learnt)
        )
        yield f"that {_SIGNS[name]}", before, after, _meaning(after - before)


def _meaning(step: float) -> str:
    """Return what a step in log-odds does.

    Examples
    --------
    >>> _meaning(0.5), _meaning(-0.5), _meaning(0.01)
    ('speaks more for a call: odds × 1.65', 'speaks less for a call: odds × 0.61', 'as before')
    """
    if abs(step) < _SMALL:
        return "as before"
    return f"speaks {'more' if step > 0 else 'less'} for a call: odds × {math.exp(step):.2f}"
