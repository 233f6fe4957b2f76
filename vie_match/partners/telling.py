"""A town's place in a ranking → what is told of it: who it is, why, on what that rests, what is open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vie_match.partners.directory import Place
from vie_match.partners.grounds import Grounds
from vie_match.partners.reasons import REASONS
from vie_match.partners.signs import FAR_KM
from vie_match.partners.suggestions import Because, Exchange, Suggestion
from vie_match.vocabulary import Answer, Role

Floats = NDArray[np.float64]

_TOLD, _LEAST_SHARE = 4, 0.08


def told(shares: Floats) -> tuple[Because, ...]:
    """Return the reasons that carry most.

    Parameters
    ----------
    shares : array of shape (reasons,)
        How much of the chance each brings, 0 to 1.
    """
    best = np.argsort(-shares, kind="stable")[:_TOLD]
    return tuple(
        Because(reason=REASONS[at], share=round(float(shares[at]), 4))
        for at in best
        if shares[at] >= _LEAST_SHARE
    )


def suggestion(
    rank: int,
    place: Place,
    asking: Place,
    *,
    because: tuple[Because, ...],
    known: Grounds,
    km: float,
    exchanges: tuple[Exchange, ...] = (),
) -> Suggestion:
    """Return what is told of a town.

    Parameters
    ----------
    rank : int
    place : Place
    asking : Place
        The lead's.
    because : tuple of Because
    known : Grounds
    km : float
        From the lead; :data:`~vie_match.partners.signs.FAR_KM` when not known.
    exchanges : tuple of Exchange, optional
    """
    town = place.town
    told = {
        "population": town.population is not None,
        "place": town.latitude is not None,
        "networks": bool(place.networks),
        "mission_city": place.mission is not Answer.UNKNOWN,
        "projects": not place.is_newcomer,
    }
    return Suggestion(
        rank=rank,
        id=town.id,
        name=town.name,
        country=town.country,
        population=town.population,
        km=None if km == FAR_KM else round(km, 1),
        newcomer=place.is_newcomer,
        projects=len(place.projects),
        led=len(place.led),
        would_lead=_would_lead(place),
        profiles=tuple(one.id for one in place.profiles),
        networks=tuple(one for one in place.networks if one in asking.networks),
        because=because,
        grounds=known.of(place),
        exchanges=exchanges,
        unknown=tuple(name for name, is_known in told.items() if not is_known),
    )


def _would_lead(place: Place) -> Answer:
    wishes = {one.role for one in place.profiles}
    if not wishes:
        return Answer.UNKNOWN
    return Answer.NO if wishes == {Role.PARTNER} else Answer.YES
