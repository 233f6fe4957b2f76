"""Why a call is suggested, in one sentence: what the match holds, put into the patterns of a language.

No language model, and nothing that is not in the match: its sentences are quoted, its words named, and whom
the call is for is told as :mod:`vie_match.ranking.audience` knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from string import Formatter
from typing import Literal, NamedTuple

from vie_match.ranking import audience
from vie_match.reports.catalogue import Patterns, patterns
from vie_match.results import Evidence, Match, SharedWord

# Characters of a quotation: about a line of print, so that a reason stays one sentence to the eye.
LIMIT = 100

# A quotation of fewer words (a label, a heading) says little; a later pair is taken, if it has more.
_FEWEST_WORDS = 5
_MOST_PAIRS = 3

# Marks of Markdown that a verbatim sentence may begin with, or contain.
_LEADING = re.compile(r"^(?:(?:[-*•–—>]|#{1,6}|\d{1,3}[.)])\s+)+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_EMPHASIS = re.compile(r"\*\*|__|`")
# Inside quotation marks others become single ones.
_DOUBLE_MARKS = re.compile(r"[\"„“”«»]")
# Marks that cannot stand before a closing quotation mark within a sentence.
_ENDS = " .;:,…–—-"


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
        Language of the sentence, "en" or "de"; quotations stay in their own.

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
    known = patterns(language)
    clauses = [clause for clause in (_texts(match, known), _audience(match, known)) if clause]
    told = clauses or [[Piece(known.nothing)]]
    joined = [*told[0], *(piece for clause in told[1:] for piece in (Piece("; "), *clause)), Piece(".")]
    first = joined[0]
    return (first._replace(text=first.text[:1].upper() + first.text[1:]), *joined[1:])


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
    known, tenths = patterns(language), _tenths(probability)
    pattern = known.tenths.get(tenths, known.tenths[2])
    return f"{likelihood(probability, language)}: {pattern.format(tenths=tenths)}"


def likelihood(probability: float | None, language: str = "en") -> str:
    """Return the first word of :func:`chance` alone.

    Examples
    --------
    >>> likelihood(0.6), likelihood(0.3), likelihood(0.1), likelihood(None)
    ('likely', 'possible', 'a long shot', '')
    """
    if probability is None:
        return ""
    known, tenths = patterns(language), _tenths(probability)
    return known.likely if tenths >= 6 else known.possible if tenths >= 3 else known.long_shot


def _tenths(probability: float) -> int:
    """Round to tenths, halves up; the words follow from these, so that word and number agree."""
    return int(10 * probability + 0.5)


def shorten(text: str, limit: int = LIMIT) -> str:
    """Return a text of at most ``limit`` characters, cut between words, with … where it was cut.

    Examples
    --------
    >>> shorten("Trees and shade in ten streets", 20)
    'Trees and shade in…'
    >>> shorten("Donaudampfschifffahrt", 10)
    'Donaudamp…'
    """
    if len(text) <= limit:
        return text
    kept = text[:limit]
    at_border = kept.rpartition(" ")[0].rstrip(_ENDS)
    return f"{at_border or kept[: limit - 1]}…"


def quotable(text: str, limit: int = LIMIT) -> str:
    """Return a sentence as it can stand in quotation marks: one line, no Markdown, no full stop.

    Examples
    --------
    >>> quotable("- **Trees** for “hot” streets.")
    "Trees for 'hot' streets"
    """
    line = _LEADING.sub("", " ".join(_EMPHASIS.sub("", _LINK.sub(r"\1", text)).split()))
    return shorten(_DOUBLE_MARKS.sub("'", line).strip(_ENDS), limit)


def _texts(match: Match, known: Patterns) -> list[Piece]:
    """Return what of the two texts met: quotations and words, or what there is of them."""
    is_pair, words = _named(match.words, known)
    pair = _telling(match)
    if pair is None:
        if not words:
            return []
        pattern = (known.pairs_alone if is_pair else known.common_alone).of(len(words))
        return _filled(pattern, words=_row(words, known))
    told = _filled(
        known.meets,
        subject=[Piece(known.section.get(pair.profile_sentence.section, known.section["text"]))],
        ours=_quotation(quotable(pair.profile_sentence.text), "profile", known),
        theirs=_quotation(quotable(pair.call_sentence.text), "call", known),
    )
    if words:
        told += _filled((known.pairs if is_pair else known.common).of(len(words)), words=_row(words, known))
    return told


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


def _named(words: Sequence[SharedWord], known: Patterns) -> tuple[bool, list[list[Piece]]]:
    """Return whether the strongest word is a pair of two, and the strongest few of its kind, quoted."""
    usable = [one for one in words if quotable(one.profile_word) and quotable(one.call_word)]
    is_pair = bool(usable) and usable[0].profile_word != usable[0].call_word
    chosen = [one for one in usable if (one.profile_word != one.call_word) is is_pair][:_MOST_PAIRS]
    told = []
    for one in chosen:
        ours = _quotation(quotable(one.profile_word), "profile", known)
        theirs = _quotation(quotable(one.call_word), "call", known)
        told.append([*ours, Piece(" – "), *theirs] if is_pair else ours)
    return is_pair, told


def _row(items: Sequence[list[Piece]], known: Patterns) -> list[Piece]:
    """Return several in a row, the last behind the conjunction."""
    row = list(items[0])
    for item in items[1:-1]:
        row += [Piece(", "), *item]
    return row + ([Piece(f" {known.conjunction} "), *items[-1]] if len(items) > 1 else [])


def _quotation(text: str, side: Side, known: Patterns) -> list[Piece]:
    opening, closing = known.quotes
    return [Piece(opening), Piece(text, side), Piece(closing)]


def _filled(pattern: str, **gaps: list[Piece]) -> list[Piece]:
    """Return a pattern with pieces in its gaps."""
    return list(_parts(pattern, gaps))


def _parts(pattern: str, gaps: dict[str, list[Piece]]) -> Iterator[Piece]:
    for literal, name, _, _ in Formatter().parse(pattern):
        if literal:
            yield Piece(literal)
        if name:
            yield from gaps[name]


def _audience(match: Match, known: Patterns) -> list[Piece]:
    """Return whom the call is for; nothing where that is not known."""
    if not quotable(match.audience):
        return []
    addressed = audience.addressed(match.call)
    if addressed.because != match.audience:
        # Told by somebody else: it can only be quoted.
        return _filled(known.told_audience, audience=_quotation(quotable(match.audience), "", known))
    if addressed.audience is not audience.Audience.UNKNOWN:
        return [Piece(known.audience[addressed.audience])]
    counts = audience.participation()
    count = next((counts[part] for part in audience.parts(match.call.identifier) if part in counts), None)
    if count is None:
        return []
    numbers = {name: known.number(value) for name, value in count._asdict().items()}
    return [Piece(known.counted_audience.format(**numbers))]
