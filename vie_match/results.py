"""What ranking says: passages, evidence, matches. Frozen like the records they are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape
from typing import Annotated

from pydantic import Field

from vie_match import cards
from vie_match.records import Call, Deadline, Profile, Record
from vie_match.vocabulary import Answer, CallStatus


class Passage(Record):
    """A stretch of a profile's or call's text, verbatim: ``text == owner.text[start:end]``."""

    owner: Annotated[str, Field(description="id of the profile or identifier of the call")]
    section: Annotated[str, Field(description="kind of part: situation, plan, needs, offers, or text")]
    heading: Annotated[str, Field(description="the heading it stands under, or empty")] = ""
    text: str
    start: Annotated[int, Field(description="offset of the first character", ge=0)]
    end: Annotated[int, Field(description="offset after the last character", ge=0)]


class SharedWord(Record):
    """A word of the profile and the word of the call it met."""

    profile_word: str
    call_word: str
    weight: Annotated[float, Field(description="part of the words' score, larger is more")]


class Evidence(Record):
    """The passage of the profile that met a passage of the call.

    The call's passages are those that add most to the score; the sentences are the pair inside both that is
    most alike, for quoting. Of matches far down the list the sentences are the passages.
    """

    profile_passage: Passage
    call_passage: Passage
    profile_sentence: Passage
    call_sentence: Passage
    similarity: Annotated[
        float, Field(description="cosine after centring, -1 to 1; to order pairs, not to show")
    ]


class Contribution(Record):
    """One addend of a match's score."""

    name: str
    value: Annotated[float, Field(description="log-odds; without a calibrated encoder, units of cosine")]


# The rule of a call that can no longer be entered: the same for every profile, others are one profile's own.
CLOSED = "deadline"


class Verdict(Record):
    """The answer to one rule, with what it rests on."""

    rule: Annotated[str, Field(description="kind of rule, for example 'deadline'")]
    answer: Answer
    because: Annotated[str, Field(description="one sentence for people")]
    source: str | None = None


class Match(Record):
    """One call ranked for one profile.

    Examples
    --------
    >>> from vie_match import Call, HashingEncoder, Matcher, Profile
    >>> call = Call(identifier="X-1", title="Shade", programme="LIFE", text="Trees.",
    ...             deadlines=["2099-10-07"])
    >>> profile = Profile(id="a", title="Trees", language="en", text="Trees.",
    ...                   city={"name": "Hamm", "country": "DE"})
    >>> match = Matcher(HashingEncoder()).fit([call]).rank([profile])[0].matches[0]
    >>> match.rank, match.call.identifier, match.evidence[0].call_sentence.text
    (1, 'X-1', 'Trees.')
    >>> abs(sum(part.value for part in match.contributions) - match.score) < 1e-9
    True
    """

    profile_id: str
    call: Call
    rank: Annotated[int, Field(description="1 is best", ge=1)]
    score: Annotated[float, Field(description="sum of the contributions; larger is better")]
    probability: Annotated[
        float | None,
        Field(
            description="that an officer would call it worth reading in full; None: not calibrated",
            ge=0,
            le=1,
        ),
    ] = None
    status: CallStatus
    deadline: Annotated[Deadline | None, Field(description="next deadline; None: continuous, or not known")]
    contributions: tuple[Contribution, ...]
    evidence: tuple[Evidence, ...] = ()
    words: tuple[SharedWord, ...] = ()
    audience: Annotated[str, Field(description="whom such calls are for, one sentence")] = ""

    def _repr_html_(self) -> str:
        pairs = [
            (f"Reason {number}", f"{pair.profile_sentence.text}  ↔  {pair.call_sentence.text}")
            for number, pair in enumerate(self.evidence, 1)
        ]
        parts = ", ".join(f"{part.name} {part.value:+.2f}" for part in self.contributions)
        return cards.card(
            f"{self.rank}. {self.call.title}",
            [
                ("Identifier", self.call.identifier),
                ("Status", self.status.value),
                ("Deadline", self.call.closing(self.deadline)),
                ("Probability of a good fit", "" if self.probability is None else f"{self.probability:.0%}"),
                ("Score", f"{self.score:.2f} = {parts}"),
                *pairs,
            ],
            self.call.url,
        )


class LeftOut(Record):
    """A call that is not in the ranking, with the rule that put it out."""

    call: Call
    verdict: Verdict


class MatchList(Record):
    """The ranked calls of one profile, and what was left out.

    Examples
    --------
    >>> from vie_match import Call, HashingEncoder, Matcher, Profile
    >>> calls = [Call(identifier=f"X-{year}", title="Shade", programme="LIFE", text="Trees.",
    ...               deadlines=[f"{year}-10-07"]) for year in (2001, 2099)]
    >>> profile = Profile(id="a", title="Trees", language="en", text="Trees.",
    ...                   city={"name": "Hamm", "country": "DE"})
    >>> ranked = Matcher(HashingEncoder()).fit(calls).rank([profile])[0]
    >>> [match.call.identifier for match in ranked.matches]
    ['X-2099']
    >>> [(one.call.identifier, one.verdict.because) for one in ranked.left_out]
    [('X-2001', 'closed on 2001-10-07')]
    """

    profile: Profile
    moment: Annotated[dt.datetime, Field(description="the moment statuses refer to")]
    matches: tuple[Match, ...]
    left_out: tuple[LeftOut, ...] = ()
    threshold: Annotated[
        float | None, Field(description="probability from which a call is recommended; None: not calibrated")
    ] = None

    @property
    def recommended(self) -> tuple[Match, ...]:
        """The matches worth reading; empty: nothing suitable. Without calibration, all."""
        return tuple(one for one in self.matches if self.recommends(one))

    def recommends(self, match: Match) -> bool:
        """Return whether a match is worth reading; without calibration, each is."""
        return self.threshold is None or (match.probability or 0) >= self.threshold

    def set_apart(self, judge: Callable[[Match, int], LeftOut | None]) -> MatchList:
        """Return the list without some of its matches, which then stand among what is left out.

        Parameters
        ----------
        judge : callable
            Called with each match in its order and the number of those kept before it; returns what is to
            stand among the left out, or None for a match that stays. Others move up; ranks have no gaps.
        """
        kept: list[Match] = []
        out = list(self.left_out)
        for match in self.matches:
            found = judge(match, len(kept))
            if found:
                out.append(found)
            else:
                kept.append(match.model_copy(update={"rank": len(kept) + 1}))
        return self.model_copy(update={"matches": tuple(kept), "left_out": tuple(out)})

    def _repr_html_(self) -> str:
        rows = [
            (
                str(match.rank),
                cards.link(match.call.title, match.call.url),
                escape(match.call.programme.value),
                escape(match.call.closing(match.deadline)),
                f"{match.score:.2f}" if match.probability is None else f"{match.probability:.0%}",
            )
            for match in self.matches
        ]
        caption = f"{self.profile.city.name}: {self.profile.title}"
        measure = "Score" if self.threshold is None else "Probability"
        return cards.table(["#", "Call", "Programme", "Deadline", measure], rows, caption)
