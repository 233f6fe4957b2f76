"""What is known about the organisations of a team: facts with three values, each with its source.

A fact is known, unknown, or does not apply. What a member's record does not mention is unknown, unless the
record says that it is complete: then it does not apply.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from vie_match.eligibility.logic import NO, UNKNOWN, YES, known
from vie_match.eligibility.rules import Part, Scalar
from vie_match.errors import BadValue
from vie_match.fields import Inhabitants, Line
from vie_match.meant import EU_TO_ISO, ISO_TO_EU
from vie_match.records import Record
from vie_match.vocabulary import Answer

_CODE = re.compile(r"[A-Z]{2}")


class MemberType(StrEnum):
    """Types of organisation that calls tell apart."""

    LOCAL_AUTHORITY = "local_authority"
    REGIONAL_AUTHORITY = "regional_authority"
    NATIONAL_AUTHORITY = "national_authority"
    ASSOCIATION_OF_LOCAL_AUTHORITIES = "association_of_local_authorities"
    CITY_NETWORK = "city_network"
    PUBLIC_BODY = "public_body"
    UNIVERSITY = "university"
    RTO = "rto"
    RESEARCH_INSTITUTE = "research_institute"
    RESEARCH_INFRASTRUCTURE = "research_infrastructure"
    SME = "sme"
    COMPANY = "company"
    LARGE_COMPANY = "large_company"
    PUBLIC_COMPANY = "public_company"
    NGO = "ngo"
    CSO = "cso"
    YOUTH_NGO = "youth_ngo"
    NEWS_MEDIA = "news_media"
    POLICE_AUTHORITY = "police_authority"
    POLICE_ACADEMY = "police_academy"
    BORDER_OR_COAST_GUARD_AUTHORITY = "border_or_coast_guard_authority"
    CUSTOMS_AUTHORITY = "customs_authority"
    CIVIL_PROTECTION_AUTHORITY = "civil_protection_authority"
    FIRST_RESPONDER = "first_responder"
    MEDICAL_EMERGENCY_AUTHORITY = "medical_emergency_authority"
    TRAINING_CENTRE = "training_centre"
    CRITICAL_INFRASTRUCTURE_OPERATOR = "critical_infrastructure_operator"
    LOCAL_TRANSPORT_AUTHORITY = "local_transport_authority"
    PHILANTHROPY = "philanthropy"
    SCHOOL = "school"
    INTERNATIONAL_ORGANISATION = "international_organisation"
    OTHER = "other"


# Bodies of the state; nobody controls them from abroad.
PUBLIC_TYPES = frozenset(
    {
        MemberType.LOCAL_AUTHORITY,
        MemberType.REGIONAL_AUTHORITY,
        MemberType.NATIONAL_AUTHORITY,
        MemberType.ASSOCIATION_OF_LOCAL_AUTHORITIES,
        MemberType.PUBLIC_BODY,
        MemberType.POLICE_AUTHORITY,
        MemberType.POLICE_ACADEMY,
        MemberType.BORDER_OR_COAST_GUARD_AUTHORITY,
        MemberType.CUSTOMS_AUTHORITY,
        MemberType.CIVIL_PROTECTION_AUTHORITY,
        MemberType.MEDICAL_EMERGENCY_AUTHORITY,
        MemberType.LOCAL_TRANSPORT_AUTHORITY,
    }
)


# Roles of a team in which an organisation counts where a rule names a role.
_BENEFICIARIES = frozenset({Part.BENEFICIARY, Part.COORDINATOR, Part.LEAD_PROCURER})
_COUNTING = {
    Part.BENEFICIARY: _BENEFICIARIES,
    Part.BENEFICIARY_OR_AFFILIATED: _BENEFICIARIES | {Part.AFFILIATED},
    Part.BENEFICIARY_OR_ASSOCIATED: _BENEFICIARIES | {Part.ASSOCIATED},
    Part.LEAD_PROCURER: frozenset({Part.LEAD_PROCURER}),
}


def country_code(text: str) -> str:
    """Return a country code in EU style; unlike records of calls, any country of the world will do.

    Raises
    ------
    BadValue
        If it is not two letters.

    Examples
    --------
    >>> country_code("gb"), country_code("KE")
    ('UK', 'KE')
    """
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise BadValue(f"{text!r} is not a country code; two letters, as in DE or UA")
    return ISO_TO_EU.get(code, code)


def iso_code(code: str) -> str:
    """Return the ISO 3166 form of a code in EU style.

    Examples
    --------
    >>> iso_code("EL"), iso_code("DE"), iso_code("EU27")
    ('GR', 'DE', 'EU27')
    """
    return EU_TO_ISO.get(code, code)


class Fact(Record):
    """One fact about one organisation.

    Examples
    --------
    >>> Fact(value=None).truth.value, Fact(value=True).truth.value, Fact(applies=False).truth.value
    ('unknown', 'yes', 'no')
    """

    value: Annotated[Scalar | tuple[Scalar, ...] | None, Field(description="None: unknown")] = None
    source: Annotated[str, Field(description="where it was found; empty: nowhere")] = ""
    applies: Annotated[bool, Field(description="False: makes no sense for this organisation")] = True

    @property
    def truth(self) -> Answer:
        """Yes, no or unknown; what does not apply is no."""
        if not self.applies:
            return NO
        return known(None if self.value is None else bool(self.value))

    def says(self, wanted: Scalar) -> Answer:
        """Return whether the value is, or contains, what is wanted."""
        if not self.applies:
            return NO
        if self.value is None:
            return UNKNOWN
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return YES if wanted in values else NO


class Member(Record):
    """One organisation of a team."""

    name: Line
    type: Annotated[MemberType | None, Field(description="None: not known")] = None
    country: Annotated[
        Annotated[str, AfterValidator(country_code)] | None, Field(description="EU style; None: not known")
    ] = None
    role: Part = Part.BENEFICIARY
    population: Inhabitants | None = None
    facts: dict[str, Fact] = Field(default_factory=dict, description="name of the fact → fact")
    complete: Annotated[
        bool, Field(description="True: facts that are not mentioned do not apply; False: are unknown")
    ] = False
    source: Annotated[str, Field(description="where the member's own facts come from")] = ""

    def fact(self, name: str) -> Fact:
        """Return a fact; one that is not mentioned is unknown, or does not apply."""
        return self.facts.get(name, Fact(applies=not self.complete))

    def is_type(self, *types: MemberType) -> Answer:
        """Return whether the organisation is of one of the types."""
        return UNKNOWN if self.type is None else known(self.type in types)

    def plays(self, part: Part) -> bool:
        """Return whether the organisation takes part in a role that counts.

        Examples
        --------
        >>> Member(name="A", role="associated").plays(Part.BENEFICIARY)
        False
        >>> Member(name="A", role="coordinator").plays(Part.BENEFICIARY)
        True
        """
        roles = _COUNTING.get(part, frozenset({part}))
        return part is Part.ANY or self.role in roles


Team = tuple[Member, ...]
