"""Why a call is suggested, in one sentence: what the match holds, put into the words of a language.

No language model, and nothing that is not in the match: its sentences are quoted, its words named, and whom
the call is for is told as :mod:`vie_match.ranking.audience` knows it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Literal, NamedTuple

from vie_match.ranking import audience
from vie_match.reports.quoting import quotable
from vie_match.reports.wording import begun
from vie_match.results import Evidence, Match, SharedWord
from vie_match.sections import NEEDS, OFFERS, PLAN, SITUATION, TEXT
from vie_match.speech import N_, NN_, Speech, speech

# A quotation of fewer words (a label, a heading) says little; a later pair is taken, if it has more.
_FEWEST_WORDS = 5
_MOST_PAIRS = 3

# Kinds of a profile's parts, as subjects of a sentence.
_SUBJECTS = {
    SITUATION: N_("Your situation"),
    PLAN: N_("Your plan"),
    NEEDS: N_("Your need"),
    OFFERS: N_("Your offer"),
    TEXT: N_("Your text"),
}

_AUDIENCES = {
    audience.Audience.CITIES: N_("such calls are made for municipalities or their networks"),
    audience.Audience.LOCAL: N_("local authorities are named among those who can take part in such calls"),
    audience.Audience.OTHERS: N_("such calls are addressed to others than municipalities"),
}

# What a probability is called: a long shot, possible, likely; and the tenths from which it is so.
_FROM = (0, 3, 6)
_DEGREES = (N_("a long shot"), N_("possible"), N_("likely"))
_CHANCES = (
    NN_(
        "a long shot: about {n} in 10 such suggestions was worth reading in full",
        "a long shot: about {n} in 10 such suggestions were worth reading in full",
    ),
    NN_(
        "possible: about {n} in 10 such suggestions was worth reading in full",
        "possible: about {n} in 10 such suggestions were worth reading in full",
    ),
    NN_(
        "likely: about {n} in 10 such suggestions was worth reading in full",
        "likely: about {n} in 10 such suggestions were worth reading in full",
    ),
)

# The sentence of two quotations, and of words alone: with pairs of words, or with words in common.
_MEETING = {
    True: NN_(
        "{subject} ({ours}) meets this passage of the call: {theirs}, "
        "with {words} as the strongest pair of words",
        "{subject} ({ours}) meets this passage of the call: {theirs}, "
        "with {words} as the strongest pairs of words",
    ),
    False: NN_(
        "{subject} ({ours}) meets this passage of the call: {theirs}, with {words} as a word in common",
        "{subject} ({ours}) meets this passage of the call: {theirs}, with {words} as words in common",
    ),
}
_ALONE = {
    True: NN_(
        "Project and call meet in the pair of words {words}",
        "Project and call meet in the pairs of words {words}",
    ),
    False: NN_(
        "Project and call have the word {words} in common",
        "Project and call have the words {words} in common",
    ),
}

Side = Literal["profile", "call", ""]


class Piece(NamedTuple):
    """A stretch of a reason.

    Attributes
    ----------
    text : str
    side : str
        Whose words they are: the profile's, the call's, or the report's own (empty).
    """

    text: str
    side: Side = ""


def reason(match: Match, language: str = "en") -> str:
    """Return why a call is suggested, as one sentence.

    Parameters
    ----------
    match : Match
    language : str, default "en"
        Language of the sentence; quotations stay in their own.

    Raises
    ------
    BadValue
        For another language.

    Examples
    --------
    >>> from vie_match.records import Call
    >>> call = Call(identifier="EUI-IA-5", title="Water", programme="EUI", text="x", deadlines=["2027-01-01"])
    >>> match = Match(profile_id="a", call=call, rank=1, score=1, status="open", deadline=None,
    ...               contributions=(),
    ...               words=[SharedWord(profile_word="bäume", call_word="trees", weight=1)])
    >>> reason(match)
    'Project and call meet in the pair of words “bäume” – “trees”.'
    >>> reason(match, "de")
    'Projekt und Aufruf treffen sich im Wortpaar „bäume“ – „trees“.'
    """
    return "".join(piece.text for piece in pieces(match, language))


def pieces(match: Match, language: str = "en") -> tuple[Piece, ...]:
    """Return the sentence of :func:`reason` in stretches that say whose words they are."""
    says = speech(language)
    clauses = [clause for clause in (_texts(match, says), _audience(match, says)) if clause]
    nothing = says.gettext("No passage and no word of this call can be named as a reason")
    told = clauses or [[Piece(nothing)]]
    joined = [*told[0], *(piece for clause in told[1:] for piece in (Piece("; "), *clause)), Piece(".")]
    first = joined[0]
    return (first._replace(text=begun(first.text)), *joined[1:])


def for_whom(match: Match, language: str = "en") -> str:
    """Return whom a call is for, as the match tells it, with what that rests on; empty if it does not.

    Parameters
    ----------
    match : Match
    language : str, default "en"
        What somebody else says of a call's audience stays in its own.
    """
    says, addressed = speech(language), audience.addressed(match.call)
    if not match.audience or addressed.because != match.audience:
        return match.audience
    if addressed.instrument:
        # The sentences of audience.yaml are messages, too.
        return says.gettext(addressed.because)
    count = _count(match)
    if count is None:
        return says.gettext("It is not known whom such calls are for.")
    return says.gettext(
        "A municipality took part in {with_municipality} of {projects} projects in this part of "
        "Horizon Europe (CORDIS, {day})."
    ).format(**_numbers(count, says), day=says.day(dt.date.fromisoformat(audience.CORDIS_DAY)))


def chance(probability: float | None, language: str = "en") -> str:
    """Return a probability as officers read it; nothing when it is not known.

    Parameters
    ----------
    probability : float or None
        That an officer would call the suggestion worth reading in full, 0 to 1.
    language : str, default "en"

    Examples
    --------
    >>> chance(0.42)
    'possible: about 4 in 10 such suggestions were worth reading in full'
    >>> chance(0.08, "de")
    'eher nicht: etwa 1 von 10 solchen Vorschlägen war es wert, ganz gelesen zu werden'
    >>> chance(None)
    ''
    """
    if probability is None:
        return ""
    says, tenths = speech(language), _tenths(probability)
    if tenths == 0:
        return says.gettext("a long shot: fewer than 1 in 10 such suggestions was worth reading in full")
    if tenths == 10:
        return says.gettext("likely: nearly all such suggestions were worth reading in full")
    return says.ngettext(*_CHANCES[_degree(tenths)], tenths)


def likelihood(probability: float | None, language: str = "en") -> str:
    """Return the first word of :func:`chance` alone.

    Examples
    --------
    >>> likelihood(0.6), likelihood(0.3), likelihood(0.1), likelihood(None)
    ('likely', 'possible', 'a long shot', '')
    """
    if probability is None:
        return ""
    return speech(language).gettext(_DEGREES[_degree(_tenths(probability))])


def _tenths(probability: float) -> int:
    """Round to tenths, halves up; the words follow from these, so that word and number agree."""
    return int(10 * probability + 0.5)


def _degree(tenths: int) -> int:
    return sum(tenths >= start for start in _FROM) - 1


def _texts(match: Match, says: Speech) -> list[Piece]:
    """Return what of the two texts met: quotations and words, or what there is of them."""
    is_pair, words = _named(match.words, says)
    pair = _telling(match)
    if pair is None:
        pattern = says.ngettext(*_ALONE[is_pair], len(words))
        return _filled(pattern, words=_row(words, says)) if words else []
    pattern = says.gettext("{subject} ({ours}) meets this passage of the call: {theirs}")
    if words:
        pattern = says.ngettext(*_MEETING[is_pair], len(words))
    subject = _SUBJECTS.get(pair.profile_sentence.section, _SUBJECTS[TEXT])
    return _filled(
        pattern,
        subject=[Piece(says.gettext(subject))],
        ours=_quotation(quotable(pair.profile_sentence.text), "profile", says),
        theirs=_quotation(quotable(pair.call_sentence.text), "call", says),
        words=_row(words, says),
    )


def _telling(match: Match) -> Evidence | None:
    """Return the pair to quote: one that says something, best with a word in it that met, else the first."""

    def worth(pair: Evidence) -> tuple[bool, bool]:
        sides = quotable(pair.profile_sentence.text), quotable(pair.call_sentence.text)
        names_a_word = any(
            one.profile_word in sides[0].casefold() or one.call_word in sides[1].casefold()
            for one in match.words
        )
        return min(len(side.split()) for side in sides) >= _FEWEST_WORDS, names_a_word

    usable = [
        pair
        for pair in match.evidence
        if quotable(pair.profile_sentence.text) and quotable(pair.call_sentence.text)
    ]
    return max(usable, key=worth, default=None)


def _named(words: Sequence[SharedWord], says: Speech) -> tuple[bool, list[list[Piece]]]:
    """Return whether the strongest word is a pair of two, and the strongest few of its kind, quoted."""
    usable = [one for one in words if quotable(one.profile_word) and quotable(one.call_word)]
    is_pair = bool(usable) and usable[0].profile_word != usable[0].call_word
    chosen = [one for one in usable if (one.profile_word != one.call_word) is is_pair][:_MOST_PAIRS]
    told = []
    for one in chosen:
        ours = _quotation(quotable(one.profile_word), "profile", says)
        theirs = _quotation(quotable(one.call_word), "call", says)
        told.append([*ours, Piece(" – "), *theirs] if is_pair else ours)
    return is_pair, told


def _row(items: Sequence[list[Piece]], says: Speech) -> list[Piece]:
    """Return any number in a row, the last behind the conjunction."""
    gaps = {f"item{at}": item for at, item in enumerate(items)}
    return _filled(says.listed([f"{{{name}}}" for name in gaps]), **gaps)


def _quotation(text: str, side: Side, says: Speech) -> list[Piece]:
    return _filled(says.gettext("“{quotation}”"), quotation=[Piece(text, side)])


def _filled(pattern: str, **gaps: list[Piece]) -> list[Piece]:
    """Return a pattern with pieces in its gaps."""
    return list(_parts(pattern, gaps))


def _parts(pattern: str, gaps: Mapping[str, list[Piece]]) -> Iterator[Piece]:
    for literal, name, _, _ in Formatter().parse(pattern):
        if literal:
            yield Piece(literal)
        if name:
            yield from gaps[name]


def _audience(match: Match, says: Speech) -> list[Piece]:
    """Return whom the call is for; nothing where that is not known."""
    if not quotable(match.audience):
        return []
    addressed = audience.addressed(match.call)
    if addressed.because != match.audience:
        # Told by somebody else: it can only be quoted.
        quoted = _quotation(quotable(match.audience), "", says)
        return _filled(says.gettext("it is said of such calls: {audience}"), audience=quoted)
    if addressed.audience is not audience.Audience.UNKNOWN:
        return [Piece(says.gettext(_AUDIENCES[addressed.audience]))]
    count = _count(match)
    if count is None:
        return []
    pattern = says.gettext(
        "a municipality took part in {with_municipality} of {projects} projects "
        "in this part of Horizon Europe"
    )
    return [Piece(pattern.format(**_numbers(count, says)))]


def _count(match: Match) -> audience.Count | None:
    """Return the projects of the finest part of Horizon Europe that is counted."""
    counts = audience.participation()
    return next((counts[part] for part in audience.parts(match.call.identifier) if part in counts), None)


def _numbers(count: audience.Count, says: Speech) -> dict[str, str]:
    return {name: says.number(value) for name, value in count._asdict().items()}
