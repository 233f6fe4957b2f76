"""A team for every call that fits some city of the network: what the weekly report suggests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vie_match.eligibility.check import rules_of_call
from vie_match.eligibility.rules import Part
from vie_match.partners.consortium import Candidate, Wishes
from vie_match.partners.pool import UNASKED, pool
from vie_match.partners.proposals import Proposal
from vie_match.partners.ranker import PartnerRanker
from vie_match.partners.search import best_teams
from vie_match.records import Call

# Towns from the ranking that are looked at for each call, seconds for each search, and members: a suggestion
# to talk about, not the last word; "vie-match consortium" looks further.
_TOWNS, _SECONDS, _MEMBERS = 60, 3.0, 8


@dataclass(frozen=True, slots=True)
class SuggestedTeam:
    """A team for one call.

    Attributes
    ----------
    call : str
        Identifier.
    proposal : Proposal
        The leader first.
    own : tuple of str
        Names of those members that are cities of the network.
    """

    call: str
    proposal: Proposal
    own: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names, the leader first."""
        return tuple(place.member.name for place in self.proposal.places)


def teams_for(
    ranker: PartnerRanker, calls: Iterable[tuple[Call, Mapping[str, float]]], *, today: dt.date
) -> dict[str, SuggestedTeam]:
    """Return a team for every call that has one, by identifier.

    Parameters
    ----------
    ranker : PartnerRanker
        Of a directory with the network's profiles.
    calls : iterable of (Call, mapping of str to float)
        Id of a profile → how likely the call is worth its while, 0 to 1. The likeliest one's city is in the
        team, and leads if it would; the others fit at least as well as they are likely to. Cities of the
        network for which the call is nothing count as strangers.
    today : date
        Projects that were signed later are not seen.

    Returns
    -------
    dict of str to SuggestedTeam
        Calls without a team, and those of no city, are left out.
    """
    homes = ranker.directory.homes
    found = {}
    for call, likely in calls:
        fits: dict[str, float] = {}
        for profile, probability in likely.items():
            if profile in homes:
                fits[homes[profile]] = max(fits.get(homes[profile], 0.0), probability)
        team = _team(ranker, call, fits, today) if fits else None
        if team is not None:
            found[call.identifier] = team
    return found


def _team(
    ranker: PartnerRanker, call: Call, fits: Mapping[str, float], today: dt.date
) -> SuggestedTeam | None:
    first = max(fits, key=lambda one: fits[one])
    there = pool(call, ranker, (first,), today=today, also=fits, most=_TOWNS)
    candidates = [_weighed(one, fits.get(one.id)) for one in there.candidates]
    leads = any(one.id == first and Part.COORDINATOR in one.roles for one in candidates)
    wishes = Wishes(
        must=(first,),
        leader=first if leads else None,
        size=(1, _MEMBERS),
        needs=dict.fromkeys((theme.value for theme in call.themes), 1.0),
        teams=1,
    )
    result = best_teams(
        rules_of_call(call), candidates, wishes, ties=there.ties, seconds=_SECONDS, explain=False
    )
    if not result.proposals:
        return None
    best = result.proposals[0]
    own = tuple(
        place.member.name for place in best.places if ranker.directory.places[place.candidate].profiles
    )
    return SuggestedTeam(call.identifier, best, own)


def _weighed(one: Candidate, likely: float | None) -> Candidate:
    """Return a candidate whose fit and skills count only as far as the call is worth its while."""
    if likely is not None:
        return one.model_copy(update={"fit": max(one.fit, likely)})
    return one.model_copy(update={"fit": min(one.fit, UNASKED), "skills": {}})
