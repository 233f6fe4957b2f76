"""The estimator: ``Matcher().fit(calls).rank(profiles)``.

The score of a call is a plain sum, kept with its addends::

    score = similarity_weight · ( meaning_weight · product of the vectors     "meaning"
                                + word_weight · cosine of the words           "words"
                                + theme_weight · cosine of the themes )       "themes"
          + what the call's audience adds                                     "audience"
          + what graded projects like it found good                           "graded projects"
          + what every call begins with for the profile                       "base rate"

With an encoder that has fitted weights (:mod:`vie_match.ranking.fusion`) the score is log-odds, and each
match has a probability. With any other, similarity has the weight 1 and there are no other addends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from vie_match.embedding.background import Background
from vie_match.embedding.encoder import Encoder, Vectors
from vie_match.embedding.models import default_encoder
from vie_match.errors import BadValue
from vie_match.messages import M_
from vie_match.ranking import fusion as fusions
from vie_match.ranking.audience import addressed
from vie_match.ranking.dense import DenseIndex
from vie_match.ranking.evidence import evidence, quoted
from vie_match.ranking.fusion import COMMON, FEATURES, MEMORY, PLAIN, SIMILARITY, Fusion
from vie_match.ranking.lexical import LexicalIndex, Query
from vie_match.ranking.memory import Memory
from vie_match.ranking.themes import ThemeIndex
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.results import CLOSED, Contribution, LeftOut, Match, MatchList, Verdict
from vie_match.settings import WORD_WEIGHT
from vie_match.vocabulary import Answer, CallStatus

MEANING, WORDS, THEMES, AUDIENCE, BASE_RATE = "meaning", "words", "themes", "audience", "base rate"

R = TypeVar("R", Call, Profile)

# Best matches per profile that have reasons: the pairs of passages, and the words both share.
_EXPLAINED = 50

Floats = NDArray[np.float64]


class Matcher(BaseEstimator):
    """Ranks calls for profiles by meaning, by words, and by whom a call is for.

    Parameters
    ----------
    encoder : Encoder, optional
        Turns texts into vectors; default: the bundled multilingual model with its cache.
    meaning_weight : float, default 1.0
        Weight of the dense leg; 0 leaves it out.
    word_weight : float, default 0.4
        Weight of the lexical leg; 0 leaves it out. 0.3 to 0.6 measured within .01 nDCG@10 of each other
        on own-language profiles, within .02 on English ones.
    theme_weight : float, default 0.1
        Weight of the themes both sides ticked; without themes it changes nothing.
    bridge : bool, default True
        Whether words of other languages are carried over by their vectors.
    fusion : Fusion, optional
        Weights of similarity and audience, fitted to judged pairs. Default: those shipped for the encoder;
        for an encoder without any, and with :data:`~vie_match.ranking.fusion.PLAIN`, similarity alone.
    reasons : int, default 2
        Passage pairs kept per match.
    quoted : int, default 10
        Best matches per profile whose pairs are narrowed to sentences (these are embedded, too).

    Attributes
    ----------
    calls_ : tuple of Call
        The calls seen in :meth:`fit`.
    fusion_ : Fusion or None
        The weights in use.

    Examples
    --------
    >>> from vie_match.embedding.encoder import HashingEncoder
    >>> from vie_match.records import Call, Profile
    >>> call = Call(identifier="X-1", title="Heat in cities", programme="LIFE", text="Trees and shade.",
    ...             deadlines=["2027-10-07"])
    >>> profile = Profile(id="a-1", title="Schatten", language="de", text="Bäume gegen Hitze.",
    ...                   city={"name": "Aachen", "country": "DE"})
    >>> matcher = Matcher(encoder=HashingEncoder()).fit([call])
    >>> [match.call.identifier for match in matcher.rank([profile])[0].matches]
    ['X-1']
    """

    def __init__(
        self,
        encoder: Encoder | None = None,
        *,
        meaning_weight: float = 1.0,
        word_weight: float = WORD_WEIGHT,
        theme_weight: float = 0.1,
        bridge: bool = True,
        fusion: Fusion | None = None,
        reasons: int = 2,
        quoted: int = 10,
    ) -> None:
        self.encoder = encoder
        self.meaning_weight = meaning_weight
        self.word_weight = word_weight
        self.theme_weight = theme_weight
        self.bridge = bridge
        self.fusion = fusion
        self.reasons = reasons
        self.quoted = quoted

    def fit(self, calls: Iterable[Call], y: None = None) -> Matcher:
        """Index the calls.

        Parameters
        ----------
        calls : iterable of Call
            At least one; closed ones may be among them.
        y : None
            Ignored; scikit-learn's convention.

        Returns
        -------
        Matcher
            This object.

        Raises
        ------
        BadValue
            If there is no call, or something that is none.
        """
        known = tuple(_records(calls, Call))
        if not known:
            raise BadValue(M_("found no call to rank; expected at least one (is the folder empty?)"))
        self.calls_ = known
        encoder = self.encoder or default_encoder()
        self.background_ = Background(encoder)
        self.dense_ = DenseIndex(self.calls_, self.background_)
        self.lexical_ = LexicalIndex(self.calls_, self.background_ if self.bridge else None)
        self.themes_ = ThemeIndex(self.calls_)
        self.addressed_ = [addressed(call) for call in self.calls_]
        weights = self.fusion or fusions.shipped(encoder.id)
        self.fusion_ = None if weights == PLAIN else weights
        self.memory_: Memory | None = None
        self.audience_ = np.array(
            [self.fusion_.audience(one) if self.fusion_ else 0.0 for one in self.addressed_]
        )
        return self

    def scores(self, profiles: Sequence[Profile]) -> Floats:
        """Return the score of every call for every profile, whatever its deadline.

        Returns
        -------
        array of shape (len(profiles), len(calls_)), float64
        """
        check_is_fitted(self)
        profiles = tuple(_records(profiles, Profile))
        rows = [
            self._total(self._parts(profile, query, self.lexical_.query(profile)))
            for profile, query in zip(profiles, self.dense_.queries(profiles), strict=True)
        ]
        return np.array(rows).reshape(len(profiles), len(self.calls_))

    def features(self, profiles: Sequence[Profile]) -> Floats:
        """Return what the fusion sees of every pair, whatever its weights.

        Returns
        -------
        array of shape (len(profiles), len(calls_), features), float64
            In the order of :data:`vie_match.ranking.fusion.FEATURES`.
        """
        check_is_fitted(self)
        profiles = tuple(_records(profiles, Profile))
        queries = self.dense_.queries(profiles)
        found = np.empty((len(profiles), len(self.calls_), len(FEATURES)))
        found[:, :, 2:] = [fusions.audience_features(one) for one in self.addressed_]
        found[:, :, FEATURES.index(MEMORY)] = self._remembered(queries)
        for at, (profile, query) in enumerate(zip(profiles, queries, strict=True)):
            found[at, :, 0] = sum(self._alike(profile, query, self.lexical_.query(profile)).values())
        found[:, :, 1] = found[:, :, 0].mean(axis=1, keepdims=True)
        return found

    def rank(
        self,
        profiles: Iterable[Profile],
        *,
        moment: dt.datetime | None = None,
        top: int | None = None,
    ) -> list[MatchList]:
        """Rank the calls that can still be entered.

        Parameters
        ----------
        profiles : iterable of Profile
        moment : datetime, optional
            With a time zone; what is closed then is left out. Default: now.
        top : int, optional
            Matches kept per profile; default all.

        Returns
        -------
        list of MatchList
            One per profile, in their order.

        Raises
        ------
        BadValue
            If an argument does not fit.
        sklearn.exceptions.NotFittedError
            Before :meth:`fit`.
        """
        check_is_fitted(self)
        moment = moment or dt.datetime.now(BRUSSELS)
        if moment.tzinfo is None:
            raise BadValue(
                f"found the moment {moment} without a time zone; expected one, as in records.BRUSSELS"
            )
        if top is not None and top < 1:
            raise BadValue(f"found top={top}; expected 1 or more, or None for all")
        if isinstance(profiles, Profile):
            raise BadValue("found one profile; expected several in a list: rank([profile])")
        profiles = tuple(_records(profiles, Profile))
        statuses = [call.status(moment) for call in self.calls_]
        queries = self.dense_.queries(profiles)
        return [
            self._rank_one(profile, query, moment, statuses, top)
            for profile, query in zip(profiles, queries, strict=True)
        ]

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that records are taken, not arrays of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags

    def _remembered(self, queries: Vectors) -> Floats:
        """Return what graded projects tell, shape (queries, calls); they are embedded when first asked."""
        self.memory_ = self.memory_ or Memory(self.calls_, self.background_)
        return self.memory_.scores(queries)

    def _alike(self, profile: Profile, query: NDArray[np.float32], words: Query) -> dict[str, Floats]:
        """Return the addends of the similarity by name, each of shape (calls,)."""
        return {
            MEANING: self.meaning_weight * self.dense_.meaning(query[None])[0].astype(np.float64),
            WORDS: self.word_weight * self.lexical_.scores(words),
            THEMES: self.theme_weight * self.themes_.scores(profile),
        }

    def _parts(self, profile: Profile, query: NDArray[np.float32], words: Query) -> dict[str, Floats]:
        """Return the addends of the scores by name, each of shape (calls,)."""
        parts = self._alike(profile, query, words)
        if self.fusion_ is None:
            return parts
        weights = self.fusion_.weights
        common = weights.get(COMMON, 0.0) * self._total(parts).mean()
        parts = {name: weights[SIMILARITY] * values for name, values in parts.items()}
        parts[AUDIENCE] = self.audience_
        if weights.get(MEMORY):
            parts[MEMORY] = weights[MEMORY] * self._remembered(query[None])[0]
        parts[BASE_RATE] = np.full(len(self.calls_), self.fusion_.intercept + common)
        return parts

    def _total(self, parts: dict[str, Floats]) -> Floats:
        return sum(parts.values(), np.zeros(len(self.calls_)))

    def _rank_one(
        self,
        profile: Profile,
        query: NDArray[np.float32],
        moment: dt.datetime,
        statuses: Sequence[CallStatus],
        top: int | None,
    ) -> MatchList:
        words = self.lexical_.query(profile)
        parts = self._parts(profile, query, words)
        scores = self._total(parts)
        probabilities = fusions.probability(scores) if self.fusion_ else None
        # Equal scores: in order of the calls as given, the same on every run.
        order = [int(at) for at in np.argsort(-scores, kind="stable")]
        shown = [at for at in order if statuses[at] is not CallStatus.CLOSED][:top]
        told = shown[: max(_EXPLAINED, self.quoted)]
        found = evidence(self.dense_, profile, query, told, self.reasons)
        among = [(self.calls_[at], pairs) for at, pairs in zip(told, found, strict=True)]
        found = quoted(self.dense_, profile, among[: self.quoted]) + found[self.quoted :]
        shared = [self.lexical_.shared_words(words, at) for at in told]
        blank: list[tuple[()]] = [()] * (len(shown) - len(told))
        # All parts are checked already; checking thousands of calls again for each profile takes a second.
        matches = tuple(
            Match.model_construct(
                profile_id=profile.id,
                call=self.calls_[at],
                rank=rank,
                score=float(scores[at]),
                probability=None if probabilities is None else float(probabilities[at]),
                status=statuses[at],
                deadline=self.calls_[at].next_deadline(moment),
                contributions=tuple(
                    Contribution.model_construct(name=name, value=float(values[at]))
                    for name, values in parts.items()
                ),
                evidence=pairs,
                words=met,
                audience=self.addressed_[at].because,
            )
            for rank, (at, pairs, met) in enumerate(
                zip(shown, [*found, *blank], [*shared, *blank], strict=True), 1
            )
        )
        closed = [self.calls_[at] for at in order if statuses[at] is CallStatus.CLOSED]
        return MatchList(
            profile=profile,
            moment=moment,
            matches=matches,
            left_out=tuple(LeftOut(call=call, verdict=_closed(call)) for call in closed),
            threshold=self.fusion_.threshold if self.fusion_ else None,
        )


def _records(given: Iterable[Any], kind: type[R]) -> Iterator[R]:
    """Yield what was given if it is all of one kind of record."""
    for place, one in enumerate(given):
        if not isinstance(one, kind):
            raise BadValue(
                f"found {type(one).__name__} at place {place}; expected records of the type {kind.__name__}"
            )
        yield one


def _closed(call: Call) -> Verdict:
    return Verdict(
        rule=CLOSED,
        answer=Answer.NO,
        because=f"closed on {call.entries[-1].moment:%Y-%m-%d}",
        source=call.url,
    )
