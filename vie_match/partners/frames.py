"""What a search found as tables, one row a member or a rule; the columns are described here."""

from __future__ import annotations

import pandas as pd

from vie_match.partners.allocation import Allocation
from vie_match.partners.proposals import Found
from vie_match.vocabulary import Language

TEAM_COLUMNS = {
    "team": "number of the team, 1 is the best",
    "value": "of the team; see Weights",
    "optimal": "whether it is proven that no other is worth more",
    "answer": "of the check: yes or unknown",
    "candidate": "id of the member",
    "name": "of the member",
    "type": "kind of organisation; missing: not known",
    "country": "two letters, EU style; missing: not known",
    "role": "in the team",
    "worth": "value of the team less its value without the member",
    "share": "per cent of the budget; missing: not divided",
    "brings": "what the team would lack without it",
}
ALLOCATION_COLUMNS = {
    "call": "identifier",
    "city": "id",
    "name": "of the city",
    "role": "in the team",
    "fit": "how well the call fits it, 0 to 1",
    "needed": "partners from outside that the team needs at least",
    "missing": "what they have to be",
}


def teams_frame(found: Found, language: Language = Language.EN) -> pd.DataFrame:
    """Return one row for each member of each team.

    Parameters
    ----------
    found : Found
    language : Language, optional

    Returns
    -------
    DataFrame
        With the columns of :data:`TEAM_COLUMNS`.
    """
    rows = [
        {
            "team": number,
            "value": one.value,
            "optimal": one.optimal,
            "answer": one.answer.value,
            "candidate": place.candidate,
            "name": place.member.name,
            "type": place.member.type.value if place.member.type else None,
            "country": place.member.country,
            "role": place.member.role.value,
            "worth": place.worth,
            "share": place.share,
            "brings": "; ".join(words[language] for words in place.brings),
        }
        for number, one in enumerate(found.proposals, 1)
        for place in one.places
    ]
    return pd.DataFrame(rows, columns=list(TEAM_COLUMNS))


def allocation_frame(found: Allocation, language: Language = Language.EN) -> pd.DataFrame:
    """Return one row for each city in each team of a network.

    Parameters
    ----------
    found : Allocation
    language : Language, optional

    Returns
    -------
    DataFrame
        With the columns of :data:`ALLOCATION_COLUMNS`.
    """
    rows = [
        {
            "call": team.call,
            "city": city,
            "name": member.name,
            "role": member.role.value,
            "fit": fit,
            "needed": team.needed,
            "missing": "; ".join(words[language] for words in team.missing),
        }
        for team in found.teams
        for city, member, fit in zip(team.cities, team.members, team.fits, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(ALLOCATION_COLUMNS))
