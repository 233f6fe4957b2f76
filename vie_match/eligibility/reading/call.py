"""The texts of a call → its rules, each once, in the order in which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vie_match.eligibility.reading import (
    consortium,
    countries,
    memberships,
    money,
    pointers,
    sites,
    stock,
)
from vie_match.eligibility.reading import unread as unread_readers
from vie_match.eligibility.reading.clauses import Clause, Section, clauses, overlay
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.rules import CallField, Op, Part, Rule, RuleKind

_ABOUT_TEAM = frozenset({Section.COUNTRIES, Section.OTHER, Section.WHOLE})
_NOT_READ = frozenset({Section.DOCUMENTS})
# Of these a clause can hold more, so that it is read on.
_BESIDES_OTHERS = frozenset({RuleKind.MAX_PARTICIPANTS, RuleKind.MIN_IN_GROUP, RuleKind.MIN_SHARE_IN_GROUP})
_SUBMITTED_BY = re.compile(
    r"(?:proposals?|applications?)(?:\s+for\s+this\s+topic)?\s+(?:must|may|can|shall)\s+(?:only\s+)?be\s+submitted\s+by",
    re.IGNORECASE,
)
_EXPECTED = re.compile(r"\b(?:should|expected|can|could|may)\b", re.IGNORECASE)
_SINGLE = re.compile(
    r"(?:proposals?|applications?)\s+(?:may|can)\s+be\s+submitted\s+by\s+a\s+single\s+applicant"
    r"(?P<countries>[^.]*from\s+a\s+single\s+(?=eligible|country))?",
    re.IGNORECASE,
)


def read(
    conditions: str, description: str = "", eligible: str = "LIFE_ELIGIBLE", note: str = ""
) -> tuple[Rule, ...]:
    """Return the rules that a call's texts state.

    Parameters
    ----------
    conditions : str
        The conditions, as published.
    description : str, optional
        Objective and scope. It is read for who submits and for money only: what it says besides is what
        projects should do, not who may apply.
    eligible : str, optional
        The group that "eligible countries" means in this programme.
    note : str, optional
        What somebody noted about the team; all of it binds.

    Returns
    -------
    tuple of Rule
        ``rule.quote.text`` is ``conditions`` or ``description`` from ``start`` to ``end``.

    Examples
    --------
    >>> text = "3. Other Eligible ConditionsAt least two SMEs from 2 different Member States must take part."
    >>> [(rule.kind.value, rule.subject, rule.value, rule.group) for rule in read(text)]
    [('min_of_type', 'sme', 2, None), ('distinct_countries_among', 'sme', 2, 'EU27')]
    """
    found = [*_conditions(conditions), *_description(description), *_note(note)]
    found.sort(key=lambda rule: (rule.quote.field.value, rule.quote.start) if rule.quote else ("", 0))
    kept: dict[tuple[object, ...], Rule] = {}
    for rule in found:
        group = eligible if rule.group == "LIFE_ELIGIBLE" else rule.group
        key = (rule.kind, rule.subject, rule.value, rule.op, group, rule.member_list, rule.unit, rule.role)
        kept.setdefault(key, rule.model_copy(update={"group": group}))
    return tuple(kept.values())


def _conditions(text: str) -> Iterator[Rule]:
    source, plain = Source(CallField.CONDITIONS, text), overlay(text)
    listed = list(clauses(text))
    team = [clause for clause in listed if clause.section in _ABOUT_TEAM]
    told = [clause for clause in listed if clause.section not in _NOT_READ]
    members = list(memberships.read(source, team))
    yield from members
    spans = {
        (rule.quote.start, rule.quote.end)
        for rule in members
        if rule.quote and rule.kind not in _BESIDES_OTHERS
    }
    yield from consortium.read(source, [clause for clause in team if not _within(clause, spans)])
    yield from sites.read(source, team)
    yield from countries.read(source, team)
    yield from money.read(source, plain, told, in_description=False)
    yield from stock.read(source, plain)
    yield from pointers.read(source, plain)


def unread(conditions: str) -> tuple[Rule, ...]:
    """Return what the conditions ask of the team without any reader having understood it.

    Examples
    --------
    >>> text = "3. Other Eligible ConditionsApplicants must be shipyards.described in Annex B."
    >>> [rule.quote.text for rule in unread(text)]
    ['Applicants must be shipyards.']
    """
    source = Source(CallField.CONDITIONS, conditions)
    return tuple(unread_readers.read(source, clauses(conditions), _conditions(conditions)))


def _note(text: str) -> Iterator[Rule]:
    source = Source(CallField.NOTE, text)
    # In notes a semicolon ends a condition; a line break in its place keeps the offsets.
    pieces = clauses(text.replace(";", "\n"), headed=False)
    listed = [one for one in pieces if not _EXPECTED.search(one.text)]
    yield from memberships.read(source, listed)
    yield from consortium.read(source, listed, bind=True)


def _within(clause: Clause, spans: set[tuple[int, int]]) -> bool:
    """Whether a rule about memberships, coordinators and the like has been made of the clause already."""
    return any(start < clause.end and clause.start < end for start, end in spans)


def _description(text: str) -> Iterator[Rule]:
    source = Source(CallField.TEXT, text)
    listed = list(clauses(text, headed=False))
    yield from money.read(source, overlay(text), listed, in_description=True)
    for clause in listed:
        yield from _single(source, clause)
    yield from consortium.read(
        source,
        [
            clause
            for clause in listed
            if _SUBMITTED_BY.search(clause.text) and not _SINGLE.search(clause.text)
        ],
    )


def _single(source: Source, clause: Clause) -> Iterator[Rule]:
    found = _SINGLE.search(clause.text)
    if not found:
        return
    fields = {"subject": "applicant", "value": 1, "role": Part.BENEFICIARY, "op": Op.MIN}
    yield source.clause_rule(RuleKind.MIN_PARTICIPANTS, clause, **fields)
    if found["countries"]:
        yield source.clause_rule(RuleKind.DISTINCT_COUNTRIES, clause, **fields, group="LIFE_ELIGIBLE")
