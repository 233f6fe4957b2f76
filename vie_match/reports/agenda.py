"""What to do with each call this week: new, changed, closing soon, still open, gone. Pure.

Every suggested call of a project stands in exactly one section: the first that is true of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vie_match.changes import SOURCE, Change, ChangeKind, FieldChange
from vie_match.history import KnownCall
from vie_match.records import Call
from vie_match.reports import dismissed
from vie_match.reports.terms import Terms
from vie_match.results import CLOSED, Match, MatchList
from vie_match.store.suggestions import Suggestion

# A call is closing when less is left than an application takes and this beside it.
SPARE_DAYS = 28

# Facts that cost or win an application when they change; a description that is rewritten does not.
ACTED_ON = frozenset(
    {
        *("opening", "deadlines", "deadline_model", "budget_total_eur", "grant_min_eur", "grant_max_eur"),
        *("cofunding_rate", "eligible_applicants", "eligible_countries", "min_participants"),
        *("min_countries", "consortium_note", "conditions", SOURCE),
    }
)


class Section(StrEnum):
    """Where a call stands in a project's part of the report, in this order."""

    NEW = "new"
    CHANGED = "changed"
    CLOSING = "closing"
    OPEN = "open"
    GONE = "gone"


class Why(StrEnum):
    """Why a call that the last report suggested is suggested no more."""

    WITHDRAWN = "withdrawn"  # no source has it any more
    CLOSED = "closed"
    REFUSED = "refused"  # the city may not take part
    UNLIKELY = "unlikely"  # its probability has fallen below the threshold


@dataclass(frozen=True, slots=True)
class Gone:
    """A call that the last report suggested, and this one does not.

    Attributes
    ----------
    call : Call
        As it is now; of one that no source has any more, as it was.
    why : Why
    """

    call: Call
    why: Why


@dataclass(frozen=True, slots=True)
class SectionPart:
    """One section of a project's part.

    Attributes
    ----------
    section : Section
    shown : tuple of Match
        In full.
    folded : tuple of Match
        One line each.
    gone : tuple of Gone
        Of ``GONE`` only, which has no matches.
    """

    section: Section
    shown: tuple[Match, ...] = ()
    folded: tuple[Match, ...] = ()
    gone: tuple[Gone, ...] = ()

    @property
    def matches(self) -> tuple[Match, ...]:
        """All of its matches, those in full first."""
        return (*self.shown, *self.folded)

    def __len__(self) -> int:
        return len(self.shown) + len(self.folded) + len(self.gone)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of the time since the last report.

    Attributes
    ----------
    changes : mapping
        Identifier of a call in small letters → what happened to it. Empty for the first report.
    earlier : sequence of Suggestion
        What the last report suggested, to everybody.
    known : mapping
        Every identifier under which sources know a call, in small letters → the call.
    """

    changes: Mapping[str, Change]
    earlier: Sequence[Suggestion]
    known: Mapping[str, KnownCall]


def agenda(
    one: MatchList, past: Past, terms: Mapping[str, Terms], *, today: dt.date, top: int
) -> tuple[SectionPart, ...]:
    """Return the five sections of a project.

    Parameters
    ----------
    one : MatchList
        Of the project; its recommended matches are sorted into the first four sections.
    past : Past
    terms : mapping
        Identifier of a call → terms, of what was judged for this project.
    today : date
        In Brussels.
    top : int
        Matches shown in full per section, at most.
    """
    found: dict[Section, list[Match]] = {section: [] for section in Section}
    for match in one.recommended:
        change = past.changes.get(match.call.identifier.casefold())
        found[_section(match, change, terms.get(match.call.identifier), today)].append(match)
    found[Section.CLOSING].sort(key=lambda match: (_left(match, today), match.rank))
    parts = [
        SectionPart(section, tuple(matches[:top]), tuple(matches[top:])) for section, matches in found.items()
    ]
    return (*parts[:-1], SectionPart(Section.GONE, gone=tuple(_gone(one, past))))


def acted_on(change: Change, today: dt.date) -> tuple[FieldChange, ...]:
    """Return the facts of a change that an office acts on.

    A fact that is no longer told has not changed, nor has a deadline that has merely passed.
    """
    return tuple(
        one
        for one in change.fields
        if one.field in ACTED_ON
        and (one.after or not one.before)
        and (one.field != "deadlines" or _ahead(one.before, today) != _ahead(one.after, today))
    )


def _ahead(deadlines: str, today: dt.date) -> set[str]:
    """Return the deadlines that are to come; as texts, one without an end stands behind every day."""
    return {moment for moment in deadlines.split(", ") if moment[:10] >= today.isoformat()}


def _section(match: Match, change: Change | None, terms: Terms | None, today: dt.date) -> Section:
    if change and change.kind in (ChangeKind.NEW, ChangeKind.BACK):
        return Section.NEW
    if change and acted_on(change, today):
        return Section.CHANGED
    needed = terms.time.days_needed if terms else 0
    return Section.CLOSING if _left(match, today) < needed + SPARE_DAYS else Section.OPEN


def _left(match: Match, today: dt.date) -> float:
    return match.deadline.days_left(today) if match.deadline else float("inf")


def _gone(one: MatchList, past: Past) -> Iterator[Gone]:
    suggested = {match.call.identifier for match in one.recommended}
    seen: set[str] = set()
    for former in sorted(past.earlier, key=lambda former: former.rank):
        key = former.call.casefold()
        known = past.known.get(key)
        now = known.call.identifier if known else key
        if former.profile != one.profile.id or now in suggested or now in seen:
            continue
        seen.add(now)
        found = _left_list(now, one) if known else _left_all(past.changes.get(key))
        if found:
            yield found


def _left_all(change: Change | None) -> Gone | None:
    """Return a call that nobody knows any more, as it was when it was last known."""
    if change is None:
        return None
    return Gone(change.call, Why.CLOSED if change.kind is ChangeKind.CLOSED else Why.WITHDRAWN)


def _left_list(identifier: str, one: MatchList) -> Gone | None:
    """Return a call that is known, and why it is not suggested; None: somebody dismissed it."""
    for out in one.left_out:
        if out.call.identifier == identifier:
            # Who dismissed a call knows why it is gone.
            if out.verdict.rule == dismissed.RULE:
                return None
            return Gone(out.call, Why.CLOSED if out.verdict.rule == CLOSED else Why.REFUSED)
    call = next((match.call for match in one.matches if match.call.identifier == identifier), None)
    return Gone(call, Why.UNLIKELY) if call else None


def under_every_key(known: Iterable[KnownCall]) -> dict[str, KnownCall]:
    """Return calls by every identifier, in small letters, under which their sources know them."""
    return {key: one for one in known for key in (*one.keys, one.key)}
