"""Calls that people dismissed for a profile stay out of its list until they change materially. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from vie_match.feedback import Feedback, Opinion
from vie_match.fingerprints import changed
from vie_match.history import KnownCall
from vie_match.records import BRUSSELS
from vie_match.reports import names
from vie_match.results import LeftOut, Match, MatchList, Verdict
from vie_match.speech import speech
from vie_match.vocabulary import Answer

RULE = "feedback"

Dismissals = Mapping[tuple[str, str], Feedback]


class Dismissed(LeftOut):
    """A call that is left out because somebody dismissed it."""

    entry: Feedback


def most(entries: Iterable[Feedback]) -> int:
    """Return how many calls were dismissed for the profile with most of them."""
    return max(Counter(one.profile for one in entries if one.verdict is Opinion.BAD).values(), default=0)


def dismissals(entries: Iterable[Feedback], known: Iterable[KnownCall]) -> Dismissals:
    """Return the bad judgements by profile and call, the latter as it is led now.

    Parameters
    ----------
    entries : iterable of Feedback
    known : iterable of KnownCall
        With every identifier under which a call may have been judged.

    Returns
    -------
    mapping
        (id of the profile, identifier of the call in small letters) → judgement. Of a call that was judged
        under two identifiers the last one counts.
    """
    leading = {key: one.key for one in known for key in one.keys}
    judged = {
        (one.profile, leading[one.call.casefold()]): one for one in entries if one.call.casefold() in leading
    }
    return {pair: one for pair, one in judged.items() if one.verdict is Opinion.BAD}


def apart(ranking: MatchList, bad: Dismissals) -> MatchList:
    """Return a list whose dismissed calls stand among what is left out; ranks have no gaps.

    Parameters
    ----------
    ranking : MatchList
    bad : mapping
        As :func:`dismissals` returns it. Those of other profiles do not count.
    """

    def dismissed(match: Match, kept: int) -> LeftOut | None:
        entry = bad.get((ranking.profile.id, match.call.identifier.casefold()))
        if entry is None or changed(entry.fingerprint, match.call, _today(ranking)):
            return None
        verdict = Verdict(rule=RULE, answer=Answer.NO, because=entry.told())
        return Dismissed(call=match.call, verdict=verdict, entry=entry)

    return ranking.set_apart(dismissed)


def back(lists: Sequence[MatchList], bad: Dismissals, language: str = "en") -> Iterator[str]:
    """Yield a sentence for each call that had been dismissed and is listed again.

    Parameters
    ----------
    lists : sequence of MatchList
        As :func:`apart` returns them.
    bad : mapping
    language : str, default "en"
    """
    _ = speech(language).gettext
    for ranking in lists:
        for match in ranking.matches:
            entry = bad.get((ranking.profile.id, match.call.identifier.casefold()))
            if entry:
                fields = changed(entry.fingerprint, match.call, _today(ranking))
                yield _(
                    "{call} is back for {profile}: {dismissed}; since then this has changed: {fields}. "
                    "A new judgement settles it (vie-match feedback)"
                ).format(
                    call=match.call.identifier,
                    profile=ranking.profile.id,
                    dismissed=entry.told(language),
                    fields=", ".join(names.field(name, language) for name in fields),
                )


def _today(ranking: MatchList) -> dt.date:
    return ranking.moment.astimezone(BRUSSELS).date()
