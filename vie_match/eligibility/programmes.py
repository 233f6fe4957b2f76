"""What the programmes' own data say about a call.

A rule decides only for the calls, years and types of action that its source is about. For others it comes
along as merely recalled: it may still make an officer ask, but it says neither yes nor no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vie_match.eligibility.programme_files import ProgrammeRow, ProgrammeRule, rows
from vie_match.eligibility.rules import Rule
from vie_match.eligibility.words import Words, of_data
from vie_match.records import Call
from vie_match.vocabulary import ActionType, Programme

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class Applied:
    """A programme's rule for one call.

    Attributes
    ----------
    rule : Rule
        Recalled where the source is about other years or types of action.
    because : Words
        One sentence.
    """

    rule: Rule
    because: Words


def row_of(identifier: str, programme: Programme | None = None) -> ProgrammeRow | None:
    """Return the programme of a call: the one that fits the longest beginning of its identifier.

    Parameters
    ----------
    identifier : str
    programme : Programme, optional
        Decides where no expression fits and only one file is about the whole programme.

    Examples
    --------
    >>> row_of("HORIZON-MISS-2027-04-CIT-01").id, row_of("HORIZON-CL2-2027-01-HERITAGE-03").id
    ('HORIZON-MISS-CIT', 'HORIZON')
    >>> row_of("2026/17", Programme.ELENA).id, row_of("2026/17", Programme.INTERREG)
    ('ELENA', None)
    """
    fitting = _fitting(identifier)
    if fitting is not None:
        return fitting
    of_programme = [row for row in rows().values() if row.programme is programme and row.part_of is None]
    alone = len(of_programme) == 1 and programme is not Programme.OTHER
    return of_programme[0] if alone else None


def _fitting(identifier: str) -> ProgrammeRow | None:
    found = [
        (fit.end(), row)
        for row in rows().values()
        if row.calls and (fit := re.match(row.calls, identifier, re.IGNORECASE))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def lineage(row: ProgrammeRow) -> Iterator[ProgrammeRow]:
    """Yield a programme and those it is part of.

    Examples
    --------
    >>> [one.id for one in lineage(rows()["HORIZON-NEB"])]
    ['HORIZON-NEB', 'HORIZON']
    """
    known = rows()
    seen: ProgrammeRow | None = row
    while seen is not None:
        yield seen
        seen = known[seen.part_of] if seen.part_of else None


def year_of(identifier: str) -> int | None:
    """Return the year that an identifier names.

    Examples
    --------
    >>> year_of("LIFE-2026-SAP-CLIMA-CCA"), year_of("EUI-IA-CALL4")
    (2026, None)
    """
    found = _YEAR.search(identifier)
    return int(found[1]) if found else None


def rules_for(
    identifier: str,
    programme: Programme | None = None,
    action: ActionType | None = None,
    year: int | None = None,
) -> tuple[Applied, ...]:
    """Return a programme's rules for a call.

    Parameters
    ----------
    identifier : str
    programme : Programme, optional
    action : ActionType, optional
        None or ``other``: not known; rules for certain types then do not decide.
    year : int, optional
        Without it that of the identifier counts.

    Examples
    --------
    >>> [one.rule.kind.value for one in rules_for("HORIZON-CL5-2027-06-D6-08", action=ActionType.RIA)][:3]
    ['min_participants', 'min_countries', 'min_in_country_group']
    >>> any(one.rule.decides for one in rules_for("CERV-2031-CITIZENS-TOWN-NT"))
    False
    """
    row = row_of(identifier, programme)
    if row is None:
        return ()
    known = year if year is not None else year_of(identifier)
    action = None if action is ActionType.OTHER else action
    # A project that passes money on calls in its programme's name, but by rules of its own.
    stranger = "" if _fitting(identifier) else "The identifier is none of the programme's own."
    return tuple(
        Applied(rule.rule(one.id, presumed=stranger or _doubt(rule, action, known)), of_data(rule))
        for one in lineage(row)
        for rule in one.rules
        if rule.fits(identifier) and (not rule.actions or action is None or action in rule.actions)
    )


def year_of_call(call: Call) -> int | None:
    """Return the year whose rules hold for a call: its identifier's, else that of its last date."""
    year = year_of(call.identifier)
    if year is None and call.deadlines:
        year = call.deadlines[-1].moment.year
    if year is None and call.opening:
        year = call.opening.year
    return year


def _doubt(rule: ProgrammeRule, action: ActionType | None, year: int | None) -> str:
    """Return why a rule may not hold for a call; empty when it does."""
    if rule.actions and action is None:
        return "The type of action is not known."
    if not rule.speaks_of(year):
        span = f"{rule.since}" if rule.since == rule.until else f"{rule.since} to {rule.until}"
        return f"The source is about {span}." if rule.since else "It is not known for which years it holds."
    return ""
