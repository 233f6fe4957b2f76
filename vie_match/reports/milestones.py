"""What has to be done how long before a call closes, counted back from its deadline."""

from __future__ import annotations

from dataclasses import dataclass

from vie_match.eligibility.leadtime import Effort
from vie_match.records import Deadline
from vie_match.reports import wording
from vie_match.speech import speech

# Sent a day early: nobody reads a proposal that a crowded portal did not take.
_SPARE_DAYS = 1


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that has to be done some days before a call closes.

    Attributes
    ----------
    name : str
        Part of the UID: it stays.
    days : int
        Days before the deadline.
    """

    name: str
    days: int


def steps(partners: int) -> tuple[Milestone, ...]:
    """Return what has to be done how many days before a call closes, one after the other, as assumed.

    Parameters
    ----------
    partners : int
        That are missing.

    Examples
    --------
    >>> [(one.name, one.days) for one in steps(2)]
    [('council-begin', 92), ('council', 50), ('partners', 30), ('submission', 1)]
    """
    days = Effort()
    decided = days.writing + days.partner * partners
    letters = (Milestone("partners", days.writing),) if partners else ()
    return (
        Milestone("council-begin", decided + days.council),
        Milestone("council", decided),
        *letters,
        Milestone("submission", _SPARE_DAYS),
    )


def summary(one: Milestone, partners: int, call: str, language: str = "en") -> str:
    """Return what has to be done, for the title of an entry.

    Parameters
    ----------
    one : Milestone
    partners : int
        That are missing.
    call : str
        Its title, on one line.
    language : str, default "en"

    Examples
    --------
    >>> summary(steps(2)[2], 2, "Trees")
    '2 partners have signed their letters: Trees'
    """
    spoken = speech(language)
    patterns = {
        "council-begin": spoken.gettext("Bring before the council: {call}"),
        "council": spoken.gettext("The council has decided: {call}"),
        "partners": spoken.ngettext(
            "{n} partner has signed its letter: {call}",
            "{n} partners have signed their letters: {call}",
            partners,
        ),
        "submission": spoken.gettext("Submit, a day before the end: {call}"),
    }
    return patterns[one.name].format(call=call)


def counted_back(deadline: Deadline, language: str = "en") -> str:
    """Return from which deadline, and with which times, milestones are counted."""
    assumed = Effort()
    pattern = speech(language).gettext(
        "The call closes on {deadline}. Counted back with assumed times: {council} days for the council, "
        "{partner} days for each missing partner, {writing} days for writing."
    )
    return pattern.format(
        deadline=wording.moment(deadline, language),
        council=assumed.council,
        partner=assumed.partner,
        writing=assumed.writing,
    )
