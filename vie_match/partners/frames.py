"""What was found as tables: a row a town, a member, or a city in a team; the columns are described here."""

from __future__ import annotations

import pandas as pd

from vie_match.partners import wording
from vie_match.partners.allocation import Allocation
from vie_match.partners.proposals import Found
from vie_match.partners.suggestions import Suggestions

SUGGESTION_COLUMNS = {
    "rank": "1 is the best",
    "id": "of the town in the directory",
    "name": "of the town",
    "country": "two letters, EU style",
    "population": "inhabitants of the settlement; missing: not known",
    "km": "kilometres from the lead; missing: not known",
    "newcomer": "whether no EU project of it is known",
    "projects": "EU projects that are known",
    "led": "of these, projects it coordinated",
    "would_lead": "by the wish of its profiles: yes, no or unknown",
    "why": "the reasons, in words",
    "rests_on": "projects and pages, in words",
    "pages": "their addresses, apart by blanks",
    "exchanges": "what each offers that the other needs, in words; empty: no profile, or nothing meets",
    "unknown": "what nobody told, in words",
}
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
    "fit": "how well it fits the call, 0 to 1",
    "worth": "value of the team less its value without the member",
    "share": "per cent of the budget; missing: not divided",
    "brings": "what the team would lack without it",
}
_PLAIN = {"rank", "id", "name", "country", "population", "km", "newcomer", "projects", "led"}
ALLOCATION_COLUMNS = {
    "call": "identifier",
    "city": "id",
    "name": "of the city",
    "role": "in the team",
    "fit": "how well the call fits it, 0 to 1",
    "needed": "partners from outside that the team needs at least",
    "missing": "what they have to be",
}


def suggestions_frame(found: Suggestions, language: str = "en") -> pd.DataFrame:
    """Return one row for each town that was suggested.

    Parameters
    ----------
    found : Suggestions
    language : str, default "en"

    Returns
    -------
    DataFrame
        With the columns of :data:`SUGGESTION_COLUMNS`.
    """
    rows = [
        {
            **one.model_dump(include=_PLAIN),
            "would_lead": one.would_lead.value,
            "why": wording.reasons(one, language),
            "rests_on": "; ".join(wording.ground(ground, language) for ground in one.grounds),
            "pages": " ".join(ground.url for ground in one.grounds if ground.url),
            "exchanges": "; ".join(wording.exchange(met, language) for met in one.exchanges),
            "unknown": wording.unknown(one, language),
        }
        for one in found.towns
    ]
    return pd.DataFrame(rows, columns=list(SUGGESTION_COLUMNS))


def teams_frame(found: Found, language: str = "en") -> pd.DataFrame:
    """Return one row for each member of each team.

    Parameters
    ----------
    found : Found
    language : str, default "en"

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
            "fit": place.fit,
            "worth": place.worth,
            "share": place.share,
            "brings": "; ".join(words[language] for words in place.brings),
        }
        for number, one in enumerate(found.proposals, 1)
        for place in one.places
    ]
    return pd.DataFrame(rows, columns=list(TEAM_COLUMNS))


def allocation_frame(found: Allocation, language: str = "en") -> pd.DataFrame:
    """Return one row for each city in each team of a network.

    Parameters
    ----------
    found : Allocation
    language : str, default "en"

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
