"""Whom a rule means: for every subject, the test whether an organisation is one.

The tests are made of the organisation's type and of stated facts; a fact that is missing gives ``unknown``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vie_match.eligibility.facts import PUBLIC_TYPES, Member, MemberType
from vie_match.eligibility.logic import NO, UNKNOWN, YES, both, either, opposite
from vie_match.vocabulary import Answer

Test = Callable[[Member], Answer]
T = MemberType

_AUTHORITIES = (T.LOCAL_AUTHORITY, T.REGIONAL_AUTHORITY)
_RESEARCH = (T.UNIVERSITY, T.RTO, T.RESEARCH_INSTITUTE)
_COMPANIES = (T.SME, T.COMPANY, T.LARGE_COMPANY, T.PUBLIC_COMPANY)
_SECURITY = (
    T.POLICE_AUTHORITY,
    T.BORDER_OR_COAST_GUARD_AUTHORITY,
    T.CUSTOMS_AUTHORITY,
    T.CIVIL_PROTECTION_AUTHORITY,
    T.FIRST_RESPONDER,
    T.MEDICAL_EMERGENCY_AUTHORITY,
    T.CRITICAL_INFRASTRUCTURE_OPERATOR,
)


def _is(*types: MemberType) -> Test:
    return lambda member: member.is_type(*types)


def _true(fact: str) -> Test:
    return lambda member: member.fact(fact).truth


def _says(fact: str, value: str) -> Test:
    return lambda member: member.fact(fact).says(value)


def _perhaps(sure: tuple[MemberType, ...], possible: tuple[MemberType, ...]) -> Test:
    """Return the test that some types pass, while of others only their own word would tell."""
    return lambda member: UNKNOWN if member.type in possible else member.is_type(*sure)


def _all(*tests: Test) -> Test:
    return lambda member: both(*(test(member) for test in tests))


def _any(*tests: Test) -> Test:
    return lambda member: either(*(test(member) for test in tests))


def _anyone(_: Member) -> Answer:
    return YES


def _represents_city(member: Member) -> Answer:
    """Whether the organisation stands for a city that has agreed to it."""
    fact = member.fact("represents_city")
    if not fact.applies:
        return NO
    stands = UNKNOWN if fact.value is None else YES if fact.value else NO
    return both(stands, member.fact("city_consent").truth)


def _procurer(member: Member) -> Answer:
    """Whether the organisation buys for the public.

    States, regional and local authorities are contracting authorities (Directive 2014/24/EU, Article 2(1));
    what is said about roles goes before.
    """
    stated = member.fact("roles")
    if stated.applies and "roles" in member.facts:
        return stated.says("public_procurer")
    public = member.is_type(*PUBLIC_TYPES, T.PUBLIC_COMPANY)
    return public if public is not NO or member.complete else UNKNOWN


def _network(member: Member) -> Answer:
    """Whether the organisation is a network; only of associations is it worth asking."""
    return UNKNOWN if member.is_type(T.NGO, T.OTHER) is not NO else NO


def _demonstrates(member: Member) -> Answer:
    """Whether something is shown at the organisation's place."""
    return either(
        *(member.facts[fact].truth for fact in ("demo_site", "pilot_sites") if fact in member.facts)
    )


_CITY = _any(_is(T.LOCAL_AUTHORITY), _represents_city)
_LIVING_LAB = _true("living_lab")
_NATIONAL_RISK = _any(
    _all(_is(T.CIVIL_PROTECTION_AUTHORITY), _true("national_level")),
    _all(_is(T.NATIONAL_AUTHORITY), _true("disaster_response")),
)
_PUBLIC_AUTHORITY = _is(*PUBLIC_TYPES - {T.ASSOCIATION_OF_LOCAL_AUTHORITIES, T.POLICE_ACADEMY})
_SME = _any(_is(T.SME), _all(_is(T.COMPANY, T.PUBLIC_COMPANY), _true("is_sme")))
_LARGE = _any(
    _is(T.LARGE_COMPANY), _all(_is(T.COMPANY, T.PUBLIC_COMPANY), lambda m: opposite(m.fact("is_sme").truth))
)


def _speaks_for_authorities(member: Member) -> Answer:
    """Whether the organisation represents local or regional authorities; of a city it is disputable."""
    if member.is_type(*_AUTHORITIES) is YES:
        return UNKNOWN
    return member.is_type(T.ASSOCIATION_OF_LOCAL_AUTHORITIES, T.CITY_NETWORK)


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of organisation.

    Attributes
    ----------
    test : callable
        Member → answer.
    asks : str
        The fact that would settle it where the type does not; empty: the type.
    """

    test: Test
    asks: str = ""


SUBJECTS: dict[str, Subject] = {
    "city": Subject(_CITY, "city_consent"),
    "city_or_region": Subject(_any(_is(*_AUTHORITIES), _represents_city), "city_consent"),
    "lead_city": Subject(_all(_CITY, _says("lead_or_follower", "lead")), "lead_or_follower"),
    "follower_city": Subject(_all(_CITY, _says("lead_or_follower", "follower")), "lead_or_follower"),
    "local_or_regional_authority": Subject(_is(*_AUTHORITIES)),
    "local_or_regional_authority_disaster_response": Subject(
        _all(_is(*_AUTHORITIES), _true("disaster_response")), "disaster_response"
    ),
    "organisation_representing_local_or_regional_authorities": Subject(_speaks_for_authorities),
    "demonstration_city_or_region": Subject(
        _all(_is(*_AUTHORITIES), _says("site_role", "demonstration")), "site_role"
    ),
    "replication_city_or_region": Subject(
        _all(_is(*_AUTHORITIES), _says("site_role", "replication")), "site_role"
    ),
    "living_lab": Subject(_LIVING_LAB, "living_lab"),
    "demonstration_living_lab": Subject(_all(_LIVING_LAB, _says("site_role", "demonstration")), "site_role"),
    "replication_living_lab": Subject(_all(_LIVING_LAB, _says("site_role", "replication")), "site_role"),
    "public_authority": Subject(_PUBLIC_AUTHORITY),
    "public_body_policy_making": Subject(_all(_is(*PUBLIC_TYPES), _true("policy_making")), "policy_making"),
    "local_transport_authority": Subject(_is(T.LOCAL_TRANSPORT_AUTHORITY)),
    "national_authority": Subject(_is(T.NATIONAL_AUTHORITY)),
    "disaster_risk_authority": Subject(
        _any(
            _is(T.CIVIL_PROTECTION_AUTHORITY),
            _all(_is(T.NATIONAL_AUTHORITY, *_AUTHORITIES), _true("disaster_response")),
        ),
        "disaster_response",
    ),
    "disaster_risk_authority_national": Subject(_NATIONAL_RISK, "national_level"),
    "police_authority": Subject(_is(T.POLICE_AUTHORITY)),
    "border_or_coast_guard_authority": Subject(_is(T.BORDER_OR_COAST_GUARD_AUTHORITY)),
    "customs_authority": Subject(_is(T.CUSTOMS_AUTHORITY)),
    "first_responder": Subject(
        _perhaps((T.FIRST_RESPONDER,), (T.POLICE_AUTHORITY, T.CIVIL_PROTECTION_AUTHORITY))
    ),
    "medical_emergency_authority": Subject(_is(T.MEDICAL_EMERGENCY_AUTHORITY)),
    "training_centre": Subject(_perhaps((T.TRAINING_CENTRE,), (T.POLICE_ACADEMY,))),
    "practitioner": Subject(_any(_is(*_SECURITY), _says("roles", "practitioner")), "roles"),
    "security_practitioner": Subject(_any(_is(*_SECURITY), _says("roles", "practitioner")), "roles"),
    "end_user": Subject(_says("roles", "end_user"), "roles"),
    "public_procurer": Subject(_procurer, "roles"),
    "cso": Subject(_is(T.CSO, T.NGO, T.YOUTH_NGO)),
    "youth_ngo": Subject(_is(T.YOUTH_NGO)),
    "news_media_organisation": Subject(_any(_is(T.NEWS_MEDIA), _true("is_news_media")), "is_news_media"),
    "research_institution": Subject(_is(*_RESEARCH)),
    "higher_education_institution": Subject(_is(T.UNIVERSITY)),
    "rto": Subject(_perhaps((T.RTO,), (T.RESEARCH_INSTITUTE,))),
    "research_infrastructure": Subject(_is(T.RESEARCH_INFRASTRUCTURE)),
    "philanthropy_organisation": Subject(_is(T.PHILANTHROPY)),
    "sme": Subject(_SME, "is_sme"),
    "non_sme_industry": Subject(_LARGE, "is_sme"),
    "company": Subject(_is(*_COMPANIES)),
    "international_organisation": Subject(_is(T.INTERNATIONAL_ORGANISATION)),
    "public_body": Subject(_is(*PUBLIC_TYPES)),
    "nonprofit": Subject(
        _is(
            *PUBLIC_TYPES,
            T.NGO,
            T.CSO,
            T.YOUTH_NGO,
            T.UNIVERSITY,
            T.RTO,
            T.RESEARCH_INSTITUTE,
            T.PHILANTHROPY,
        )
    ),
    "network": Subject(_network),
    "demonstration_site": Subject(_demonstrates, "demo_site"),
}

# Words for any organisation at all.
GENERIC = frozenset(
    "organisation legal_entity partner participant applicant entity beneficiary independent_eligible_entity "
    "any_legal_entity project_partner coordinator ecosystem".split()
)

# Names that programmes' data use for types that are here already.
_SAME_AS = {"municipality": "local_authority"}


def asks(name: str) -> str:
    """Return the fact that would settle whether an organisation is a subject, where its type does not.

    Examples
    --------
    >>> asks("lead_city"), asks("police_authority+cso")
    ('lead_or_follower', 'type')
    """
    first = name.replace("|", "+").split("+")[0]
    return (SUBJECTS[first].asks if first in SUBJECTS else "") or "type"


def is_subject(member: Member, name: str) -> Answer:
    """Return whether an organisation is what a rule's subject names.

    Parameters
    ----------
    member : Member
    name : str
        A subject, or a type of organisation; ``a+b`` and ``a|b`` both ask whether it is one of them. A name
        without a test gives unknown.

    Examples
    --------
    >>> police = Member(name="P", type="police_authority", country="BE", complete=True)
    >>> [is_subject(police, name).value for name in ("police_authority+cso", "cso", "unheard_of", "partner")]
    ['yes', 'no', 'unknown', 'yes']
    """
    parts = name.replace("|", "+").split("+")
    return either(*(_one(member, part) for part in parts))


def _one(member: Member, name: str) -> Answer:
    name = _SAME_AS.get(name, name)
    if name in GENERIC or not name:
        return YES
    if name in SUBJECTS:
        return SUBJECTS[name].test(member)
    return member.is_type(MemberType(name)) if name in set(MemberType) else UNKNOWN
