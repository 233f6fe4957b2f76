"""Made-up organisations to search teams among: nothing in them is true.

Kinds and countries are drawn in about the shares that participations in Horizon Europe have; who has worked
together follows preferential attachment (Barabási and Albert 1999), so that few know many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vie_match.eligibility.facts import Fact, Member, MemberType
from vie_match.eligibility.rules import Part
from vie_match.partners.consortium import Candidate, Tie, Wishes

# Roughly as often as they take part; companies, universities and research first, then cities and others.
_TYPES = {
    MemberType.UNIVERSITY: 20,
    MemberType.RESEARCH_INSTITUTE: 10,
    MemberType.RTO: 6,
    MemberType.SME: 18,
    MemberType.LARGE_COMPANY: 8,
    MemberType.COMPANY: 4,
    MemberType.LOCAL_AUTHORITY: 16,
    MemberType.REGIONAL_AUTHORITY: 3,
    MemberType.NATIONAL_AUTHORITY: 3,
    MemberType.NGO: 6,
    MemberType.CSO: 2,
    MemberType.POLICE_AUTHORITY: 2,
    MemberType.CIVIL_PROTECTION_AUTHORITY: 2,
}
_COUNTRIES = {
    place: share
    for share, places in (
        (12, "ES DE"),
        (10, "IT FR EL"),
        (6, "NL BE"),
        (3, "AT PT UK FI SE"),
        (2, "DK IE NO CH PL CZ"),
        (1.2, "SI CY RO HU BG HR"),
        (0.7, "LT LV EE SK TR UA"),
        (0.4, "LU MT US KE"),
    )
    for place in places.split()
}
SKILLS = tuple(
    "heat water energy mobility data participation housing waste finance law training models".split()
)

# How many others a newly met organisation has worked with.
_MEETS = 2
_ALONE = 0.4


def candidates(count: int, seed: int = 0) -> tuple[Candidate, ...]:
    """Return made-up candidates, each with one to three skills; some facts are unknown.

    Parameters
    ----------
    count : int
    seed : int
        The same seed gives the same candidates.

    Examples
    --------
    >>> one, other = candidates(2)
    >>> one.id, one.member.country != "", 0 <= one.fit <= 1
    ('made-up-0', True, True)
    """
    random = np.random.default_rng(seed)
    types = random.choice(list(_TYPES), size=count, p=_shares(list(_TYPES.values())))
    places = random.choice(list(_COUNTRIES), size=count, p=_shares(list(_COUNTRIES.values())))
    return tuple(
        _candidate(number, MemberType(kind), str(place), random)
        for number, (kind, place) in enumerate(zip(types, places, strict=True))
    )


def ties(those: Sequence[Candidate], seed: int = 0) -> tuple[Tie, ...]:
    """Return who has worked together; four of ten have worked with nobody.

    Examples
    --------
    >>> all(tie.one != tie.other for tie in ties(candidates(50)))
    True
    """
    random = np.random.default_rng([seed, 1])
    known: list[str] = []
    found = []
    for one in those:
        if random.random() < _ALONE:
            continue
        for other in dict.fromkeys(random.choice(known, size=_MEETS).tolist() if known else ()):
            if other != one.id:
                found.append(
                    Tie(
                        one=one.id,
                        other=other,
                        strength=round(float(random.uniform(0.2, 1)), 2),
                        basis="made up",
                    )
                )
                known.append(other)
        known.append(one.id)
    return tuple(found)


def wishes(seed: int = 0) -> Wishes:
    """Return what a user may wish: four skills, one newcomer.

    Examples
    --------
    >>> len(wishes().needs), wishes().newcomers
    (4, 1)
    """
    random = np.random.default_rng([seed, 2])
    wanted = random.choice(SKILLS, size=4, replace=False)
    return Wishes(needs=dict.fromkeys(map(str, wanted), 1.0), newcomers=1)


def _shares(weights: Sequence[float]) -> list[float]:
    return [weight / sum(weights) for weight in weights]


def _candidate(number: int, kind: MemberType, place: str, random: np.random.Generator) -> Candidate:
    able = random.choice(SKILLS, size=random.integers(1, 4), replace=False)
    experience = float(random.beta(1, 3))
    return Candidate(
        id=f"made-up-{number}",
        member=Member(
            name=f"Made-up {number}",
            type=None if random.random() < 0.02 else kind,
            country=place,
            facts=_facts(kind, random),
            complete=bool(random.random() < 0.5),
            source="made up",
        ),
        roles=(Part.BENEFICIARY, Part.ASSOCIATED) if random.random() < 0.3 else (Part.BENEFICIARY,),
        perhaps=(Part.COORDINATOR,) if random.random() < 0.5 else (),
        fit=round(float(random.beta(2, 2)), 3),
        lead=round(experience, 3),
        skills={str(skill): round(float(random.uniform(0.3, 1)), 2) for skill in able},
        newcomer=None if random.random() < 0.1 else bool(experience < 0.1),
    )


def _facts(kind: MemberType, random: np.random.Generator) -> dict[str, Fact]:
    if kind is not MemberType.LOCAL_AUTHORITY:
        owner = str(random.choice(["DE", "FR", "US", "CN"], p=[0.55, 0.4, 0.03, 0.02]))
        return {"controlled_from": Fact(value=None if random.random() < 0.2 else owner)}
    return {
        "controlled_from": Fact(applies=False),
        "mission_city": Fact(value=None if random.random() < 0.1 else bool(random.random() < 0.2)),
        "lead_or_follower": Fact(value=str(random.choice(["lead", "follower"]))),
        "tent_urban_node": Fact(value=bool(random.random() < 0.3)),
        "site_role": Fact(value=str(random.choice(["demonstration", "replication"]))),
    }
