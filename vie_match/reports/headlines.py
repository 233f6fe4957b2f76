"""Sentences about the report itself: how much was read, from where, what failed, where a call stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from vie_match.changes import ChangeKind
from vie_match.errors import Fault
from vie_match.messages import said as in_words
from vie_match.reports import names, terms_wording, wording
from vie_match.reports.agenda import Section, Why
from vie_match.reports.digest import Digest, SourceLine, Trouble
from vie_match.reports.terms import Terms
from vie_match.results import LeftOut, Match
from vie_match.speech import N_, speech
from vie_match.vocabulary import ReadingState

_SECTIONS = {
    Section.NEW: N_("New"),
    Section.CHANGED: N_("Changed"),
    Section.CLOSING: N_("Closing soon"),
    Section.OPEN: N_("Still open"),
    Section.GONE: N_("Gone"),
}

_WHY_GONE = {
    Why.WITHDRAWN: N_("no source has it any more"),
    Why.CLOSED: N_("it has closed"),
    Why.REFUSED: N_("your city may not take part"),
    Why.UNLIKELY: N_("it has become too unlikely to be suggested"),
}

_TROUBLES = {
    ReadingState.FAILED: N_("{source} could not be read on {day}."),
    ReadingState.TAKEN_IN_PART: N_("{source} could be read only in part on {day}."),
    ReadingState.HELD_BACK: N_("{source} listed suspiciously little on {day}."),
}


def section(name: Section, language: str = "en") -> str:
    """Return the heading of a section.

    Examples
    --------
    >>> section(Section.CLOSING)
    'Closing soon'
    """
    return speech(language).gettext(_SECTIONS[name])


def why_gone(why: Why, language: str = "en") -> str:
    """Return why a call is suggested no more."""
    return speech(language).gettext(_WHY_GONE[why])


def read(digest: Digest, language: str = "en") -> str:
    """Return how many calls were read, and how many of them can be entered."""
    said = speech(language)
    calls = said.ngettext("{n} call read", "{n} calls read", digest.calls)
    return said.gettext("{calls}, {open} of them open or forthcoming").format(
        calls=calls, open=said.number(digest.open_calls)
    )


def trouble(one: Trouble, language: str = "en") -> str:
    """Return what went wrong with a source, and when it was last read in full."""
    says = speech(language)
    _ = says.gettext
    told = _(_TROUBLES[one.state]).format(source=one.source, day=says.day(one.when))
    last = _("It has never been read in full.")
    if one.last_good:
        last = _("It was last read in full on {day}.").format(day=says.day(one.last_good))
    return f"{told} {last}"


def fault(one: Fault, language: str = "en") -> str:
    """Return what is wrong in a file."""
    _ = speech(language).gettext
    pattern = (
        _("{file}, line {line}: found {found}; expected {expected}")
        if one.line
        else _("{file}: found {found}; expected {expected}")
    )
    found, expected = in_words(one.found, _), in_words(one.expected, _)
    return pattern.format(file=one.path.name, line=one.line, found=found, expected=expected)


def notice(text: str, language: str = "en") -> str:
    """Return what was unusual; as it stands where it was not marked for translation."""
    return in_words(text, speech(language).gettext)


def dated(line: SourceLine, language: str = "en") -> str:
    """Return of which days a source's facts are."""
    says = speech(language)
    newest = says.day(line.newest)
    if line.oldest == line.newest:
        return newest
    return says.gettext("{newest}, oldest {oldest}").format(newest=newest, oldest=says.day(line.oldest))


def sources(digest: Digest, language: str = "en") -> str:
    """Return in one line from how many sources the calls are, and of which days their facts."""
    said = speech(language)
    number = len(digest.sources)
    told = said.ngettext("Calls from {n} source", "Calls from {n} sources", number)
    newest = max((line.newest for line in digest.sources if line.newest), default=None)
    oldest = min((line.oldest for line in digest.sources if line.oldest), default=None)
    return said.gettext("{sources}: newest facts of {newest}, oldest of {oldest}").format(
        sources=told, newest=said.day(newest), oldest=said.day(oldest)
    )


def news(kind: ChangeKind, number: int, language: str = "en") -> str:
    """Return how many calls are news of one kind.

    Examples
    --------
    >>> news(ChangeKind.NEW, 1), news(ChangeKind.GONE, 3)
    ('1 new call', '3 calls gone: no source has them any more')
    """
    says = speech(language)
    if kind is ChangeKind.NEW:
        return says.ngettext("{n} new call", "{n} new calls", number)
    if kind is ChangeKind.BACK:
        return says.ngettext("{n} call is back", "{n} calls are back", number)
    if kind is ChangeKind.CHANGED:
        return says.ngettext("{n} call changed", "{n} calls changed", number)
    if kind is ChangeKind.GONE:
        return says.ngettext(
            "{n} call gone: no source has it any more", "{n} calls gone: no source has them any more", number
        )
    return says.ngettext("{n} call has closed", "{n} calls have closed", number)


def left_out(out: LeftOut, terms: Mapping[str, Terms], language: str = "en") -> str:
    """Return why a call is not in a project's list.

    Parameters
    ----------
    out : LeftOut
    terms : mapping
        Identifier of a call → terms, of what was judged for the project.
    language : str, default "en"
    """
    found = terms.get(out.call.identifier)
    if found and found.refusals:
        return terms_wording.because(found, language)
    return wording.left_out(out, language)


def week(digest: Digest, language: str = "en") -> str:
    """Return how many calls are new, changed, closing soon, still open and gone, in one sentence."""
    said = speech(language)
    numbers = {section.value: said.number(digest.count(section)) for section in Section}
    if digest.since is None:
        return said.gettext("This week: {closing} closing soon, {open} still open.").format(**numbers)
    return said.gettext(
        "This week: {new} new, {changed} changed, {closing} closing soon, {open} still open, {gone} gone."
    ).format(**numbers)


def stale(digest: Digest, language: str = "en") -> str:
    """Return a warning of calls whose facts are old."""
    said = speech(language)
    told = said.ngettext(
        "The facts of {n} call shown below are more than 60 days old, or of unknown date; "
        "follow its link before you rely on it.",
        "The facts of {n} calls shown below are more than 60 days old, or of unknown date; "
        "follow the link of each call.",
        digest.stale_calls,
    )
    warning = said.gettext("Check before you rely on a date.")
    return f"{warning} {told}"


def nothing(nearest: Match, today: dt.date, language: str = "en") -> str:
    """Return that nothing is suitable, and when the nearest call closes; its title stands behind."""
    return (
        speech(language)
        .gettext("Nothing suitable this week. The nearest call ({programme}; {deadline}):")
        .format(
            programme=names.programme(nearest.call.programme, language),
            deadline=wording.deadline(nearest, today, language),
        )
    )
