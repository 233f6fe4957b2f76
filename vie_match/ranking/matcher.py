"""The estimator: ``Matcher().fit(calls).rank(profiles)``.

The score of a call is a plain sum, kept with its addends::

    score = meaning_weight · 2/3 · cosine of the whole texts                  "whole"
          + meaning_weight · 1/3 · mean of the passages' pooled cosines       "plan", "needs", …
          + word_weight · cosine of the words                                 "words"
          + theme_weight · cosine of the themes                               "themes"
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from vie_match.embedding.background import Background
from vie_match.embedding.encoder import Encoder
from vie_match.embedding.models import default_encoder
from vie_match.errors import BadValue
from vie_match.ranking.dense import PASSAGE_SHARE, DenseIndex, Similarities
from vie_match.ranking.evidence import evidence, quoted
from vie_match.ranking.lexical import LexicalIndex, Query
from vie_match.ranking.themes import ThemeIndex
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.results import Contribution, Evidence, LeftOut, Match, MatchList, Verdict
from vie_match.settings import WORD_WEIGHT
from vie_match.vocabulary import Answer, CallStatus

WHOLE, WORDS, THEMES = "whole", "words", "themes"


class Matcher(BaseEstimator):
    """Ranks calls for profiles by meaning and by words.

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
    reasons : int, default 2
        Passage pairs kept per match.
    quoted : int, default 10
        Best matches per profile whose pairs are narrowed to sentences (these are embedded, too).

    Attributes
    ----------
    calls_ : tuple of Call
        The calls seen in :meth:`fit`.

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
        reasons: int = 2,
        quoted: int = 10,
    ) -> None:
        self.encoder = encoder
        self.meaning_weight = meaning_weight
        self.word_weight = word_weight
        self.theme_weight = theme_weight
        self.bridge = bridge
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
            If there is no call.
        """
        known = tuple(calls)
        if not known:
            raise BadValue("found no call to rank; expected at least one (is the folder empty?)")
        self.calls_ = known
        self.background_ = Background(self.encoder or default_encoder())
        self.dense_ = DenseIndex(self.calls_, self.background_)
        self.lexical_ = LexicalIndex(self.calls_, self.background_ if self.bridge else None)
        self.themes_ = ThemeIndex(self.calls_)
        return self

    def scores(self, profiles: Sequence[Profile]) -> NDArray[np.float64]:
        """Return the score of every call for every profile, whatever its deadline.

        Returns
        -------
        array of shape (len(profiles), len(calls_)), float64
        """
        check_is_fitted(self)
        rows = [self._total(self._parts(profile, *self._compare(profile))) for profile in profiles]
        return np.array(rows).reshape(len(profiles), len(self.calls_))

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
        statuses = [call.status(moment) for call in self.calls_]
        return [self._rank_one(profile, moment, statuses, top) for profile in profiles]

    def _compare(self, profile: Profile) -> tuple[Similarities, Query]:
        return self.dense_.similarities(profile), self.lexical_.query(profile)

    def _parts(
        self, profile: Profile, similarities: Similarities, query: Query
    ) -> dict[str, NDArray[np.float64]]:
        """Return the addends of the scores by name, each of shape (calls,)."""
        parts: dict[str, NDArray[np.float64]] = {}
        whole = similarities.whole.astype(np.float64)
        parts[WHOLE] = self.meaning_weight * (1 - PASSAGE_SHARE) * whole
        share = self.meaning_weight * PASSAGE_SHARE / len(similarities.passages)
        for passage, row in zip(similarities.passages, similarities.pooled, strict=True):
            addend = share * row.astype(np.float64)
            parts[passage.section] = parts.get(passage.section, 0) + addend
        parts[WORDS] = self.word_weight * self.lexical_.scores(query)
        parts[THEMES] = self.theme_weight * self.themes_.scores(profile)
        return parts

    def _total(self, parts: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        return sum(parts.values(), np.zeros(len(self.calls_)))

    def _rank_one(
        self, profile: Profile, moment: dt.datetime, statuses: Sequence[CallStatus], top: int | None
    ) -> MatchList:
        similarities, query = self._compare(profile)
        parts = self._parts(profile, similarities, query)
        scores = self._total(parts)
        # Equal scores: in order of the calls as given, the same on every run.
        order = [int(at) for at in np.argsort(-scores, kind="stable")]
        shown = [at for at in order if statuses[at] is not CallStatus.CLOSED][:top]
        pairs = self._evidence(profile, similarities, shown)
        matches = tuple(
            Match(
                profile_id=profile.id,
                call=self.calls_[at],
                rank=rank,
                score=float(scores[at]),
                status=statuses[at],
                deadline=self.calls_[at].next_deadline(moment),
                contributions=tuple(
                    Contribution(name=name, value=float(values[at])) for name, values in parts.items()
                ),
                evidence=own,
                words=self.lexical_.shared_words(query, at),
            )
            for rank, (at, own) in enumerate(zip(shown, pairs, strict=True), 1)
        )
        closed = [self.calls_[at] for at in order if statuses[at] is CallStatus.CLOSED]
        left_out = tuple(LeftOut(call=call, verdict=_closed(call)) for call in closed)
        return MatchList(profile=profile, moment=moment, matches=matches, left_out=left_out)

    def _evidence(
        self, profile: Profile, similarities: Similarities, shown: Sequence[int]
    ) -> list[tuple[Evidence, ...]]:
        found = [(self.calls_[at], evidence(self.dense_, similarities, at, self.reasons)) for at in shown]
        narrowed = quoted(self.dense_, profile, found[: self.quoted])
        return narrowed + [pairs for _, pairs in found[self.quoted :]]


def _closed(call: Call) -> Verdict:
    return Verdict(
        rule="deadline",
        answer=Answer.NO,
        because=f"closed on {call.entries[-1].moment:%Y-%m-%d}",
        source=call.url,
    )
