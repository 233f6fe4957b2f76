"""The rule: one condition of a call or programme, and where it stands.

The same record holds what was read in a call's text and what the programmes' data say; the verdict and the
search for partners both work on it. A rule decides only if it binds and its source is not mere memory.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from vie_match.fields import Url
from vie_match.records import Record


class RuleKind(StrEnum):
    """What a rule is about; the closed set."""

    # The team: how many, who, from where.
    MIN_PARTICIPANTS = "min_participants"
    MAX_PARTICIPANTS = "max_participants"
    MIN_COUNTRIES = "min_countries"
    MIN_OF_TYPE = "min_of_type"
    DISTINCT_COUNTRIES = "distinct_countries_among"
    MIN_IN_GROUP = "min_in_country_group"
    MIN_SHARE_IN_GROUP = "min_share_in_country_group"
    MEMBERSHIP = "membership_required"
    SINGLE_BENEFICIARY = "single_beneficiary"
    APPLICANT_TYPE = "applicant_type"
    COORDINATOR_COUNTRY = "coordinator_country"
    COORDINATOR_TYPE = "coordinator_type"
    NAMED_PARTICIPANTS = "named_participants"
    ECOSYSTEMS = "ecosystem_composition"
    TRACK_RECORD = "business_track_record"
    # What programmes know besides: areas, regions, size.
    MIN_AREAS = "min_areas"
    MIN_REGIONS = "min_regions"
    MIN_INSIDE_AREA = "min_inside_area"
    MIN_POPULATION = "min_population"
    DEGURBA = "degree_of_urbanisation"
    NUTS_PREFIX = "nuts_prefix"
    MIN_SHARE_IN_REGIONS = "min_share_in_region_category"
    # Countries and control.
    ELIGIBLE_COUNTRIES = "eligible_countries"
    EXCEPTIONALLY_ELIGIBLE = "exceptionally_eligible"
    ROLE_RESTRICTION = "role_restriction"
    EXCLUDED_CONTROL = "excluded_control"
    NETWORK_RESTRICTION = "network_restriction"
    SECURITY_SENSITIVE = "security_sensitive"
    # Money.
    LUMP_SUM = "lump_sum"
    FUNDING_RATE = "funding_rate"
    FSTP_MAX = "fstp_max"
    FSTP_FORM = "fstp_form"
    FSTP_RECIPIENTS = "fstp_recipients"
    FSTP_REQUIRED = "fstp_required"
    RECOMMENDED_BUDGET = "recommended_budget"
    BUDGET_SHARE = "budget_share"
    MAX_GRANT = "max_grant"
    # The proposal, and duties.
    DEMO_SITES = "demo_sites"
    MULTI_ACTOR = "multi_actor_approach"
    PROPOSAL_CONTENT = "proposal_content"
    PAGE_LIMIT = "page_limit"
    BLIND_EVALUATION = "blind_evaluation"
    COMMITMENT_LETTER = "commitment_letter"
    PRACTITIONER_FORM = "practitioner_form"
    LINKED_ACTION = "linked_action"
    PLATFORM_AGREEMENT = "platform_agreement"
    PROCUREMENT = "procurement_conditions"
    SUBCONTRACTING_PLACE = "subcontracting_place"
    SATELLITE_SERVICES = "satellite_services"
    JRC = "jrc_participation"
    PORTFOLIO_BALANCE = "portfolio_balance"
    SUBMISSION_MODE = "submission_mode"
    # What the text leaves to another document, and what in it no reader understood.
    IN_DOCUMENT = "rules_in_document"
    UNREAD = "unread_condition"


class Binding(StrEnum):
    """How strictly a rule is meant; only ``must`` decides."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    INDICATIVE = "indicative"


class Op(StrEnum):
    """How the value bounds what is counted."""

    MIN = "min"
    MAX = "max"
    EQUAL = "eq"
    RANGE = "range"


class Part(StrEnum):
    """In which role an organisation has to take part to count.

    An associated partner takes part without being a beneficiary.
    """

    ANY = "any"
    BENEFICIARY = "beneficiary"
    COORDINATOR = "coordinator"
    ASSOCIATED = "associated"
    AFFILIATED = "affiliated"
    BENEFICIARY_OR_AFFILIATED = "beneficiary_or_affiliated"
    BENEFICIARY_OR_ASSOCIATED = "beneficiary_or_associated"
    LEAD_PROCURER = "lead_procurer"


class Confidence(StrEnum):
    """Whether somebody can look the rule up; what is only recalled never decides."""

    SOURCED = "sourced"
    RECALLED = "recalled"


class CallField(StrEnum):
    """The texts of a call in which rules are read."""

    CONDITIONS = "conditions"
    TEXT = "text"
    NOTE = "consortium_note"


class Quote(Record):
    """Where a rule stands in the call, verbatim: ``text == call.<field>[start:end]``."""

    field: CallField
    start: Annotated[int, Field(description="offset of the first character", ge=0)]
    end: Annotated[int, Field(description="offset after the last character", ge=0)]
    text: Annotated[str, Field(min_length=1)]


class DataRow(Record):
    """Where a rule of the programmes' data comes from."""

    programme: Annotated[str, Field(description="id of the programme's or family's row")]
    url: Annotated[Url | None, Field(description="page that says so; None: recalled only")] = None
    date: Annotated[dt.date | None, Field(description="day on which the page was read, or its own date")] = (
        None
    )
    confidence: Confidence
    note: str = ""


Scalar = bool | int | float | str
Value = Scalar | tuple[Scalar, ...]


class Rule(Record):
    """One condition.

    Examples
    --------
    >>> row = DataRow(programme="X", confidence="recalled")
    >>> Rule(kind="min_participants", subject="legal_entity", value=3, row=row).decides
    False
    """

    kind: RuleKind
    subject: Annotated[
        str, Field(description="whom or what it is about; a+b: all of both, a|b: either will do")
    ] = ""
    value: Annotated[Value, Field(description="number, amount in euro, per cent, code, or list of codes")] = (
        True
    )
    op: Op | None = None
    binding: Binding = Binding.MUST
    role: Part = Part.ANY
    group: Annotated[str | None, Field(description="group of countries, or a country")] = None
    member_list: Annotated[str | None, Field(description="list of which one has to be a member")] = None
    unit: str | None = None
    scope: Annotated[str | None, Field(description="'proposal': not about the team")] = None
    represented_by: tuple[str, ...] = ()
    one_of: Annotated[tuple[str, ...], Field(description="types that count as the subject")] = ()
    unless: str | None = None
    only_role: Part | None = None
    effect: str | None = None
    fact: Annotated[str | None, Field(description="fact that a member needs besides being the subject")] = (
        None
    )
    apart: Annotated[
        str | None,
        Field(description="label shared by rules among which each organisation counts only once"),
    ] = None
    note: str = ""
    quote: Quote | None = None
    row: DataRow | None = None

    @model_validator(mode="after")
    def _from_one_place(self) -> Self:
        if (self.quote is None) == (self.row is None):
            raise ValueError("either the quote of a call or the row of a programme")
        return self

    @property
    def decides(self) -> bool:
        """Whether an answer to it may decide about eligibility."""
        sourced = self.row is None or self.row.confidence is Confidence.SOURCED
        return self.binding is Binding.MUST and sourced

    @property
    def number(self) -> float:
        """The value as a number.

        Raises
        ------
        TypeError
            If it is a code or a list.
        """
        if isinstance(self.value, bool | str | tuple):
            raise TypeError(f"{self.kind.value}: the value {self.value!r} is not a number")
        return self.value

    @property
    def codes(self) -> tuple[str, ...]:
        """The value as a tuple of codes."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return tuple(map(str, values))
