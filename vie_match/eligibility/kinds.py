"""The four kinds of organisation that innovation takes: science, business, state and society."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vie_match.eligibility.facts import Member, MemberType
from vie_match.eligibility.subjects import is_subject
from vie_match.vocabulary import Answer

Kind = Callable[[Member], Answer]


def business(member: Member) -> Answer:
    """Return whether an organisation is a company.

    Examples
    --------
    >>> business(Member(name="A", type="sme")).value, business(Member(name="B")).value
    ('yes', 'unknown')
    """
    return is_subject(member, "company")


KINDS: Mapping[str, Kind] = {
    "science": lambda one: one.is_type(MemberType.UNIVERSITY, MemberType.RTO, MemberType.RESEARCH_INSTITUTE),
    "business": business,
    "state": lambda one: one.is_type(
        MemberType.LOCAL_AUTHORITY, MemberType.REGIONAL_AUTHORITY, MemberType.PUBLIC_BODY
    ),
    "society": lambda one: one.is_type(
        MemberType.NGO, MemberType.CSO, MemberType.YOUTH_NGO, MemberType.NEWS_MEDIA, MemberType.PHILANTHROPY
    ),
}
