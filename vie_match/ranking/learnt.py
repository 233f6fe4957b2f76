"""What was learnt from people's judgements: from feedback to the file ``vie-match-learnt.json``, and back.

The file belongs to one encoder and to the weights that were shipped for it. Where either is another, or
the file is broken, the shipped weights count, and a notice says so.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field, ValidationError

from vie_match.embedding.encoder import Encoder
from vie_match.errors import BadFile, Fault
from vie_match.faults import findings, told
from vie_match.feedback import Feedback
from vie_match.fingerprints import changed
from vie_match.history import KnownCall
from vie_match.messages import M_
from vie_match.ranking.fusion import FEATURES, Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.ranking.refit import TARGETS, Comparison, Judged, compare, lacking, refit, speaks
from vie_match.records import Call, Profile, Record
from vie_match.speech import N_, speech
from vie_match.whole import write_whole

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
        Why others say nothing, a message → how many.
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
    language: str = "en",
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
    language : str, optional
        In which it is said what is lacking.
    """
    usable, unused = _usable(entries, profiles, known)
    targets = np.array([TARGETS[entry.verdict] for entry, _, _ in usable])
    among = {profile.id: profile for _, profile, _ in usable}
    lack = lacking(targets, [profile.id for _, profile, _ in usable], language)
    if shipped is None:
        pattern = speech(language).gettext(
            "found the encoder {name}, for which no weights are shipped; expected one that has some"
        )
        lack = pattern.format(name=encoder.id)
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
            unused[N_("bad for a reason that is not the topic")] += 1
        elif profile is None:
            unused[N_("of a profile that is not in the folder")] += 1
        elif call is None:
            unused[N_("of a call that is not known any more")] += 1
        elif "text" in changed(entry.fingerprint, call, dt.date.min):
            unused[N_("of a call whose description has been rewritten")] += 1
        else:
            pair = profile.id, call.identifier
            unused[N_("of a call that was judged under another identifier, too")] += pair in usable
            usable[pair] = (entry, profile, call)
    return list(usable.values()), +unused


def _weights(fusion: Fusion) -> Weights:
    return Weights(weights=dict(fusion.weights), intercept=fusion.intercept)


def recall(
    path: Path, encoder: str, shipped: Fusion | None, language: str = "en"
) -> tuple[Fusion | None, str]:
    """Return the weights of the file, if there is one that fits.

    Parameters
    ----------
    path : Path
    encoder : str
        Id of the encoder that ranks.
    shipped : Fusion or None
        The weights for it.
    language : str, optional
        Of the notice.

    Returns
    -------
    fusion : Fusion or None
        None: the shipped weights count.
    notice : str
        Why the file does not count; empty when it does, or there is none.
    """
    if not path.exists():
        return None, ""
    says = speech(language)
    _ = says.gettext
    try:
        learnt = read(path)
    except BadFile as error:
        faults = "; ".join(told(fault, language) for fault in error.faults)
        pattern = _("{faults}; the shipped weights count; vie-match learn learns anew")
        return None, pattern.format(faults=faults)
    if learnt.encoder != encoder:
        pattern = _(
            "{file}: learnt with the encoder {other}, not {encoder}; the shipped weights count; "
            "vie-match learn learns anew"
        )
        return None, pattern.format(file=path, other=learnt.encoder, encoder=encoder)
    if shipped is None or _weights(shipped) != learnt.shipped:
        pattern = _(
            "{file}: learnt on {day} from other weights than are shipped now; the shipped weights count; "
            "vie-match learn learns anew"
        )
        return None, pattern.format(file=path, day=says.day(learnt.day))
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
        raise BadFile([Fault(path, None, str(error.strerror), M_("a file one can read"))]) from error
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


def settle(path: Path, outcome: Outcome, encoder: str, language: str = "en") -> str:
    """Do what an outcome calls for, and return what was done and why, for people.

    Weights that are better are written. Those that were adopted earlier, with the same encoder and fewer
    judgements, are withdrawn when what is known now no longer speaks for learning.
    """
    _ = speech(language).gettext
    if outcome.lack:
        pattern = (
            _("not adopted: {why}; the file stays as it is")
            if path.exists()
            else _("not adopted: {why}; the shipped weights count")
        )
        return pattern.format(why=outcome.lack)
    if outcome.learnt:
        write(path, outcome.learnt)
        return _("adopted: better by more than one standard error; written to {file}").format(file=path)
    try:
        is_earlier = path.exists() and read(path).encoder == encoder
    except BadFile:
        is_earlier = False
    if is_earlier:
        forget(path)
        pattern = _(
            "not adopted: not better by more than one standard error; the shipped weights count; "
            "what had been learnt earlier is withdrawn ({file})"
        )
        return pattern.format(file=path)
    return _("not adopted: not better by more than one standard error; the shipped weights count")
