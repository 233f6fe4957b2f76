"""What the ranking of partner cities is about: towns, past projects, and what somebody looks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# Lists of members without years were collected about then: they tell nothing of the years before.
UNDATED = 2019


@dataclass(frozen=True, slots=True)
class Membership:
    """A town's place in a city network; ``since`` is the year of joining, None when it is not known."""

    network: str
    since: int | None = None

    def held(self, year: int) -> bool:
        """Tell whether the town was a member before a year began, as far as lists tell.

        Examples
        --------
        >>> Membership("Eurocities", 2009).held(2010), Membership("Eurocities").held(2015)
        (True, False)
        """
        return (UNDATED if self.since is None else self.since) < year


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality that could be a partner; None is unknown.

    Attributes
    ----------
    id : str
        Unique among the towns that are ranked together.
    name : str
    country : str
        Two letters, EU style.
    latitude, longitude : float or None
        Degrees, WGS 84.
    population : int or None
        Inhabitants.
    memberships : tuple of Membership
    mission : bool
        On the list of the EU Mission "Climate-Neutral and Smart Cities"; False also when it is not known.
    """

    id: str
    name: str
    country: str
    latitude: float | None = None
    longitude: float | None = None
    population: int | None = None
    memberships: tuple[Membership, ...] = ()
    mission: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A project that was, with the towns in it.

    Attributes
    ----------
    id : str
    date : date
        Day from which it was known: the signature of the grant, or the start.
    text : str
        Title and summary; empty when not known.
    towns : tuple of str
        Ids, the leading town's among them.
    lead : str or None
        Id of the town that coordinated it, if one did.
    topic : str or None
        Topic of the call.
    """

    id: str
    date: dt.date
    text: str
    towns: tuple[str, ...]
    lead: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Enquiry:
    """Who looks for partners, for what, with whom already.

    Attributes
    ----------
    date : date
        Only projects known before this day, and memberships of earlier years, may be used.
    text : str
    lead : str
        Id of the town that looks; one of the towns, or it counts as unknown.
    given : tuple of str
        Partners already chosen.
    topic : str or None
        Topic of the call.
    """

    date: dt.date
    text: str
    lead: str
    given: tuple[str, ...] = ()
    topic: str | None = None

    @property
    def team(self) -> tuple[str, ...]:
        """The lead and the partners already chosen."""
        return (self.lead, *self.given)
