"""Three-valued logic (Kleene's strong one) and counting under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vie_match.vocabulary import Answer

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def known(value: bool | None) -> Answer:
    """Return the answer for a truth value; None is unknown.

    Examples
    --------
    >>> known(None).value, known(False).value
    ('unknown', 'no')
    """
    return UNKNOWN if value is None else YES if value else NO


def both(*answers: Answer) -> Answer:
    """Return yes if all are, no if one is, else unknown.

    Examples
    --------
    >>> both(YES, UNKNOWN).value, both(NO, UNKNOWN).value, both().value
    ('unknown', 'no', 'yes')
    """
    return NO if NO in answers else UNKNOWN if UNKNOWN in answers else YES


def either(*answers: Answer) -> Answer:
    """Return yes if one is, no if all are, else unknown.

    Examples
    --------
    >>> either(YES, UNKNOWN).value, either(NO, UNKNOWN).value, either().value
    ('yes', 'unknown', 'no')
    """
    return YES if YES in answers else UNKNOWN if UNKNOWN in answers else NO


def opposite(answer: Answer) -> Answer:
    """Return no for yes and yes for no; unknown stays.

    Examples
    --------
    >>> opposite(YES).value, opposite(UNKNOWN).value
    ('no', 'unknown')
    """
    return {YES: NO, NO: YES}.get(answer, UNKNOWN)


def at_least(low: float, high: float, wanted: float) -> Answer:
    """Return whether something between two bounds reaches a number.

    Parameters
    ----------
    low, high : float
        What it is at least and at most.
    wanted : float

    Examples
    --------
    >>> at_least(2, 4, 3).value, at_least(3, 4, 3).value, at_least(0, 2, 3).value
    ('unknown', 'yes', 'no')
    """
    return YES if low >= wanted else NO if high < wanted else UNKNOWN


def at_most(low: float, high: float, wanted: float) -> Answer:
    """Return whether something between two bounds stays within a number.

    Examples
    --------
    >>> at_most(2, 4, 3).value, at_most(1, 3, 3).value, at_most(4, 9, 3).value
    ('unknown', 'yes', 'no')
    """
    return YES if high <= wanted else NO if low > wanted else UNKNOWN


def count(answers: Iterable[Answer]) -> tuple[int, int]:
    """Return how many are yes, and how many may be.

    Examples
    --------
    >>> count([YES, NO, UNKNOWN, YES])
    (2, 3)
    """
    listed = list(answers)
    sure = listed.count(YES)
    return sure, sure + listed.count(UNKNOWN)


def seats_filled(needs: Sequence[int], candidates: Sequence[Sequence[bool]]) -> bool:
    """Return whether every need finds its number of members, each member counting once.

    Parameters
    ----------
    needs : sequence of int
        Members wanted, one number a need.
    candidates : sequence of sequence of bool
        For each need, whether each member fits; shape (needs, members).

    Notes
    -----
    Augmenting paths in the graph of seats and members (Kuhn 1955).

    Examples
    --------
    >>> seats_filled([1, 1], [[True, False], [True, False]])
    False
    >>> seats_filled([1, 1], [[True, True], [True, False]])
    True
    """
    seats = [need for need, wanted in enumerate(needs) for _ in range(wanted)]
    taken: dict[int, int] = {}

    def seat(number: int, tried: set[int]) -> bool:
        for member, fits in enumerate(candidates[seats[number]]):
            if not fits or member in tried:
                continue
            tried.add(member)
            if member not in taken or seat(taken[member], tried):
                taken[member] = number
                return True
        return False

    return all(seat(number, set()) for number in range(len(seats)))
