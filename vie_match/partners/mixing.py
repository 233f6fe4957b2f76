"""Towns with and without projects in one list, in a proportion that is chosen, not left to chance."""

from __future__ import annotations

from collections.abc import Sequence

# Places are dealt in tens.
TEN = 10
# Of every ten towns so many without a known project, unless somebody wants it otherwise.
NEWCOMERS = 3


def mixed(order: Sequence[int], new: Sequence[bool], newcomers: int, count: int) -> list[int]:
    """Return the first of an order, with a number of newcomers in every ten.

    Parameters
    ----------
    order : sequence of int
        Places of the towns, best first.
    new : sequence of bool
        By place, whether no project of a town is known.
    newcomers : int
        How many of every ten shall be new, 0 to 10; they are spread evenly, and both kinds stay in order.
        If one kind is used up, the other goes on.
    count : int
        How many are returned at most.

    Examples
    --------
    >>> mixed([0, 1, 2, 3, 4, 5], [False, False, False, False, True, True], 5, 4)
    [0, 4, 1, 5]
    """
    old_ones = [one for one in order if not new[one]]
    new_ones = [one for one in order if new[one]]
    found: list[int] = []
    while len(found) < count and (old_ones or new_ones):
        place = len(found) % TEN
        is_new = (place + 1) * newcomers // TEN > place * newcomers // TEN
        source = (new_ones or old_ones) if is_new else (old_ones or new_ones)
        found.append(source.pop(0))
    return found
