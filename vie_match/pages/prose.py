"""What the sentences of a call's page say: when it opens and closes, how much there is for whom.

A date counts only where a verb before it says what happens on it ("launched on", "will close on", "open
until") and the sentence is about a call; an amount only where the sentence says whose it is. What several
sentences say differently is not known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from vie_match.errors import BadValue
from vie_match.pages import text
from vie_match.records import Deadline

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"'])")

# What is longer is a page without marks of sentences; nothing after this belongs to its beginning.
_LONGEST_SENTENCE = 2000

_ABOUT_A_CALL = re.compile(
    r"\b(?:calls?|appl\w+|proposals?|submi\w+|deadlines?|clos\w+)\b|^open\b", re.IGNORECASE
)
_ABOUT_ELSE = re.compile(
    r"\b(?:webinars?|seminars?|workshops?|info(?:rmation)? (?:sessions?|days?)|registrations?|register"
    r"|consultations?|newsletters?|conferences?|forums?|surveys?|questions?|clarifications?|results?"
    r"|implement\w*|expenditures?|costs?|projects? (?:\w+ )?(?:runs?|lasts?|ends?|starts?))\b",
    re.IGNORECASE,
)

# The number of a call in a series: "fourth call", "4th EUI-IA Call".
_NUMERALS = {
    word: str(number)
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1
    )
}
_WHICH_CALL = re.compile(
    rf"\b({'|'.join(_NUMERALS)}|\d{{1,2}}(?:st|nd|rd|th))\b(?:\W{{1,3}}\w+){{0,5}}?\W{{1,3}}calls?\b",
    re.IGNORECASE,
)

# What happens on the date that follows. A bare "to", or a dash after a year, ends a span of two dates.
_VERB = re.compile(
    r"\b(?P<opens>launch(?:e[sd]|ing)?|open(?:s|ed|ing|(?=\W+(?:from|on|since)\b|\s?[:–-])))\b"
    r"|\b(?P<extends>extended)\b"
    r"|\b(?P<closes>clos(?:e[sd]?|ing)|deadlines?|cut-?offs?|until|till|no later than|to(?=\s+\d))\b"
    r"|(?<=\d{4})\s?(?P<span>[–—-])(?=\s?\d)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<![\d.,])(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? [A-Za-z]{3,9}\.?,? \d{4}"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}-\d\d-\d\d)(?!\d)"
)
_HOUR_FIRST = re.compile(
    r"(?P<hour>\d{1,2}[:.h]\d\d)(?: ?\(?(?:CES?T|Brussels time)\)?)?,? ?(?:on |of )?"
    rf"(?P<date>{_DATE.pattern})"
)
_HOUR_IN_BRACKETS = re.compile(r"\((?:at |until |by )?(?P<hour>\d{1,2}[:.h]\d\d)(?P<zone>[^()]{0,20})\)")

# Words that may stand between a verb and its date; any other makes it the date of something else.
_BETWEEN = frozenset(
    "again all and applicants application applications at be been by call calls cest cet cities date dates "
    "day for friday from has have is it its monday now of officially on or proposal proposals saturday set "
    "since submission submissions submit submitting sunday that the this thursday till time to tuesday "
    "until was wednesday were will".split()
)

# Nothing but these words may stand between the budget and its amount.
_BUDGET = re.compile(
    r"\bbudget\b(?::| (?:of|is|was|for|in|the|this|call|total|allocated|available|around|about|approximately"
    r"|amounts|to|indicative|provisional|some)\b)*:? ?(?=€|EUR|\d)",
    re.IGNORECASE,
)
_SPAN_OF_YEARS = re.compile(r"\b20\d\d ?[-–] ?20\d\d\b")
_PER_PROJECT = re.compile(
    r"\b(?:each|per|every|a single) project\b|\bprojects? can (?:receive|get)\b", re.IGNORECASE
)
_AT_MOST = re.compile(r"\b(?:up to|maximum|at most|no more than)\b", re.IGNORECASE)
_COFUNDED = re.compile(r"\bco-?(?:financ|fund)\w*", re.IGNORECASE)
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|per ?cent\b)")
_NO_RATE = re.compile(r"\b(?:up to|maximum|at (?:least|most)|minimum|between|additional)\b", re.IGNORECASE)

Amount = TypeVar("Amount", int, float)


@dataclass(frozen=True, slots=True)
class Dates:
    """When a call opens and closes.

    Attributes
    ----------
    opening : date or None
    deadlines : tuple of Deadline
        In order of time.
    """

    opening: dt.date | None
    deadlines: tuple[Deadline, ...]


def of_this_call(said: Iterable[str], title: str) -> list[str]:
    """Return the sentences without those about another call of the series, told by its number.

    Examples
    --------
    >>> of_this_call(["The third call closed.", "The 4th EUI call is open.", "Apply."], "Fourth Call")
    ['The 4th EUI call is open.', 'Apply.']
    """
    own = _numbers(title)
    return [one for one in said if not own or not _numbers(one) or own & _numbers(one)]


def _numbers(sentence: str) -> set[str]:
    words = (found.casefold() for found in _WHICH_CALL.findall(sentence))
    return {_NUMERALS.get(word, word.rstrip("stndrh")) for word in words}


def sentences(lines: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a page's lines; a heading such as "Deadline" goes with the date below it.

    Examples
    --------
    >>> list(sentences(["Deadline", "15 June 2027 at 14.00 CEST", "Cities apply. Towns too."]))
    ['Deadline 15 June 2027 at 14.00 CEST', 'Cities apply.', 'Towns too.']
    """
    label = ""
    for line in lines:
        whole = f"{label} {line}".strip() if _DATE.match(line) or _HOUR_FIRST.match(line) else line
        label = line if _VERB.search(line) and len(line.split()) <= 4 and not _DATE.search(line) else ""
        if not label:
            yield from (part[:_LONGEST_SENTENCE] for part in _SENTENCE_END.split(whole))


def dates(said: Sequence[str]) -> Dates:
    """Return when a call opens and closes.

    Parameters
    ----------
    said : sequence of str
        Sentences about one call.

    Examples
    --------
    >>> found = dates(["The call was launched on 3 March 2027 and closes on 15 June 2027 at 14.00 CEST."])
    >>> found.opening, [str(deadline) for deadline in found.deadlines]
    (datetime.date(2027, 3, 3), ['2027-06-15 14:00'])
    >>> dates(["Join us in Ghent on 3 March 2027.", "Registration for the webinar closes on 1 May 2027."])
    Dates(opening=None, deadlines=())
    """
    found = [event for sentence in said if _ABOUT_A_CALL.search(sentence) for event in _events(sentence)]
    openings = {moment.moment.date() for kind, moment in found if kind == "opens"}
    # An extension replaces the date that was said before it.
    closing = "extends" if any(kind == "extends" for kind, _ in found) else "closes"
    deadlines = _distinct(moment for kind, moment in found if kind == closing)
    opening = openings.pop() if len(openings) == 1 else None
    if opening and deadlines and opening > deadlines[-1].moment.date():
        opening = None
    return Dates(opening, deadlines)


def _distinct(found: Iterable[Deadline]) -> tuple[Deadline, ...]:
    """Return one deadline a day, with its hour where any sentence says it."""
    by_day: dict[dt.date, Deadline] = {}
    for deadline in found:
        day = deadline.moment.date()
        if day not in by_day or (deadline.time_stated and not by_day[day].time_stated):
            by_day[day] = deadline
    return tuple(by_day[day] for day in sorted(by_day))


# "Extended from 1 October 2026": the day that holds no more.
_FORMER_DATE = re.compile(
    r"\b(extended|postponed|prolonged|moved)\s+from\s+(?:\S+\s+){0,3}?\S*\d{4}\b", re.IGNORECASE
)


def _events(sentence: str) -> Iterator[tuple[str, Deadline]]:
    """Yield what happens when; of several dates after "deadlines" each is one."""
    sentence = _FORMER_DATE.sub(r"\1", sentence)
    sentence = _HOUR_FIRST.sub(r"\g<date> \g<hour>", _HOUR_IN_BRACKETS.sub(r"\g<hour>\g<zone>", sentence))
    verbs = list(_VERB.finditer(sentence))
    extended, last_date = False, 0
    for verb, following in zip(verbs, [*verbs, None][1:], strict=True):
        kind = "closes" if verb.lastgroup == "span" else verb.lastgroup or ""
        extended = extended or kind == "extends"
        piece = sentence[verb.end() : following.start() if following else len(sentence)]
        found = list(_dates_after(piece))
        if not _ABOUT_ELSE.search(sentence, last_date, verb.start()):
            kind = "extends" if extended and kind != "opens" else kind
            yield from ((kind, deadline) for deadline in (found[:1] if kind == "opens" else found))
        if found:
            last_date = verb.end()


def _dates_after(piece: str) -> Iterator[Deadline]:
    at = 0
    for match in _DATE.finditer(piece):
        between = re.findall(r"[^\W\d_]+", re.sub(r"\d{1,2}[:.h]\d\d", " ", piece[at : match.start()]))
        if not all(word.casefold() in _BETWEEN for word in between):
            return
        at = match.end()
        try:
            found = text.deadlines(piece[match.start() : match.end() + 20])
        except BadValue:
            # A day or hour that does not exist is a slip of the pen: what was meant is not known.
            continue
        yield from found[:1]


def budget(said: Iterable[str]) -> int | None:
    """Return the money of the whole call, in euro.

    Examples
    --------
    >>> budget(["The call has an indicative budget of EUR 60 million ERDF."])
    60000000
    >>> budget(["With a budget of EUR 450 million for the calls of 2021-2027, the initiative helps cities."])
    """
    return _only(
        amount
        for sentence in said
        for word in _BUDGET.finditer(sentence)
        if re.search(r"\bcalls?\b|\ballocated\b", sentence, re.IGNORECASE)
        and not _SPAN_OF_YEARS.search(sentence)
        and not _PER_PROJECT.search(sentence)
        if (amount := text.first_amount(sentence[word.end() : word.end() + 80])) is not None
    )


def largest_grant(said: Iterable[str]) -> int | None:
    """Return the most a single project can get, in euro.

    Examples
    --------
    >>> largest_grant(["Each project can receive up to a maximum of EUR 5 million ERDF co-financing."])
    5000000
    """
    return _only(
        amount
        for sentence in said
        if _PER_PROJECT.search(sentence)
        and (limit := _AT_MOST.search(sentence))
        and (amount := text.first_amount(sentence[limit.end() : limit.end() + 80])) is not None
    )


def cofunding_rate(said: Iterable[str]) -> float | None:
    """Return the share of the cost that is paid, 0 to 1; a limit ("up to 80 %") is not a share.

    Examples
    --------
    >>> cofunding_rate(["The ERDF co-finances 80 % of the cost."])
    0.8
    >>> cofunding_rate(["The ERDF co-finances up to 80 % of the cost."])
    """
    return _only(
        rate
        for sentence in said
        if _COFUNDED.search(sentence) and not _NO_RATE.search(sentence)
        for rate in _single_rate(sentence)
    )


def _single_rate(sentence: str) -> list[float]:
    rates = [float(found.replace(",", ".")) / 100 for found in _PERCENT.findall(sentence)]
    return [round(rate, 4) for rate in rates if rate <= 1] if len(rates) == 1 else []


def _only(found: Iterable[Amount]) -> Amount | None:
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else None
