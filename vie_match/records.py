"""The contract: what a profile and a call are.

All records are frozen pydantic models that refuse unknown keys. Money is in euro, moments are in
Europe/Brussels, rates are between 0 and 1, ``None`` means unknown and is never zero.

Where the CommonGrants protocol (OpportunityBase, version 0.5) has a name for a field of a call, the
field's schema carries it under ``commongrants``; :mod:`vie_match.schemas` lists them.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema

from vie_match import cards, vocabulary
from vie_match.fields import (
    YEARS,
    Count,
    Country,
    CountryOrGroup,
    Day,
    Euro,
    Inhabitants,
    Language,
    Line,
    Months,
    Prose,
    Rate,
    Text,
    Themes,
    Url,
    Year,
    member,
)
from vie_match.messages import M_
from vie_match.vocabulary import (
    ActionType,
    Applicant,
    CallStatus,
    DeadlineModel,
    PartnerKind,
    PopulationScope,
    Programme,
    Role,
)

BRUSSELS = ZoneInfo("Europe/Brussels")

# Calls of the Funding & Tenders Portal close at 17:00 Brussels time unless the call says otherwise.
USUAL_CLOSING_TIME = dt.time(17, 0)

# Continuous calls have no date; of calls with many cut-offs, and of others, some sources print none.
_WITHOUT_DATES = frozenset(
    {DeadlineModel.CONTINUOUS, DeadlineModel.MULTIPLE_CUT_OFF, DeadlineModel.NOT_STATED}
)


class Record(BaseModel):
    """Base of all records: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Deadline(Record):
    """One closing moment; written and read as ``2027-10-07`` or ``2027-10-07 14:00``.

    Examples
    --------
    >>> deadline = Deadline.model_validate("2027-10-07")
    >>> deadline.moment.isoformat(), deadline.time_stated
    ('2027-10-07T17:00:00+02:00', False)
    >>> str(Deadline.model_validate("2027-01-12 14:00"))
    '2027-01-12 14:00'
    """

    moment: Annotated[dt.datetime, Field(description="closing moment, zone Europe/Brussels")]
    time_stated: Annotated[
        bool, Field(description="False: only the day was given, 17:00 Brussels is assumed")
    ] = True

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?", value.strip())
        if not found:
            raise ValueError(M_("a day like 2027-10-07 or a moment like 2027-10-07 14:00 (Brussels time)"))
        try:
            day = dt.date.fromisoformat(found[1])
            time = dt.time.fromisoformat(found[2]) if found[2] else USUAL_CLOSING_TIME
        except ValueError:
            raise ValueError(M_("a day and hour that exist")) from None
        return {
            "moment": dt.datetime.combine(day, time, tzinfo=BRUSSELS),
            "time_stated": found[2] is not None,
        }

    @model_validator(mode="after")
    def _in_brussels(self) -> Self:
        if self.moment.tzinfo is None:
            raise ValueError(M_("a moment with a time zone"))
        if not YEARS[0] <= self.moment.year <= YEARS[1]:
            raise ValueError(M_("a year from {first} to {last}", first=YEARS[0], last=YEARS[1]))
        object.__setattr__(self, "moment", self.moment.astimezone(BRUSSELS))
        if self.moment.microsecond or (not self.time_stated and self.moment.time() != USUAL_CLOSING_TIME):
            raise ValueError(M_("a moment in whole seconds, and 17:00 Brussels time when no hour is stated"))
        return self

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell other programs the form that files and JSON have: a text."""
        return {
            "type": "string",
            "title": "Deadline",
            "description": "day, or day and hour in Brussels time: 2027-10-07 or 2027-10-07 14:00",
            "pattern": r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?$",
        }

    def __str__(self) -> str:
        """Return the form that stands in files."""
        if not self.time_stated:
            return f"{self.moment:%Y-%m-%d}"
        return f"{self.moment:%Y-%m-%d %H:%M}" + (f":{self.moment:%S}" if self.moment.second else "")

    def days_left(self, today: dt.date) -> int:
        """Return whole calendar days from today until the deadline; negative when past."""
        return (self.moment.date() - today).days


class Budget(Record):
    """Money of a call, in euro; None is unknown."""

    budget_total_eur: Annotated[
        Euro | None,
        Field(
            description="budget of the whole topic, whole euro",
            json_schema_extra={"commongrants": "funding.totalAmountAvailable"},
        ),
    ] = None
    grant_min_eur: Annotated[
        Euro | None,
        Field(
            description="smallest EU contribution per project, whole euro",
            json_schema_extra={"commongrants": "funding.minAwardAmount"},
        ),
    ] = None
    grant_max_eur: Annotated[
        Euro | None,
        Field(
            description="largest EU contribution per project, whole euro",
            json_schema_extra={"commongrants": "funding.maxAwardAmount"},
        ),
    ] = None
    expected_grants: Annotated[
        Count | None,
        Field(
            description="number of projects expected to be funded",
            json_schema_extra={"commongrants": "funding.estimatedAwardCount"},
        ),
    ] = None
    cofunding_rate: Annotated[
        Rate | None, Field(description="share of eligible cost paid to a public body, 0 to 1")
    ] = None

    @model_validator(mode="after")
    def _range_in_order(self) -> Self:
        low, high = self.grant_min_eur, self.grant_max_eur
        if low is not None and high is not None and low > high:
            raise ValueError(M_("grant_min_eur ({low}) not above grant_max_eur ({high})", low=low, high=high))
        return self


class Call(Record):
    """One funding opportunity (on the Funding & Tenders Portal: one topic).

    Examples
    --------
    >>> call = Call(identifier="X-1", title="Heat in cities", programme="Horizon Europe", text="Shade.",
    ...             deadlines=["2027-10-07", "2027-12-01 14:00"], grant_max_eur=2_000_000)
    >>> call.programme.value, call.budget.grant_max_eur, [str(one) for one in call.deadlines]
    ('HORIZON', 2000000, ['2027-10-07', '2027-12-01 14:00'])
    >>> call.status(dt.datetime(2028, 1, 1, tzinfo=BRUSSELS)).value
    'closed'
    """

    identifier: Annotated[
        Line,
        Field(
            description="identifier of the topic or call, as its owner writes it",
            json_schema_extra={"commongrants": "identifiers"},
        ),
    ]
    title: Annotated[Line, Field(description="title", json_schema_extra={"commongrants": "title"})]
    programme: Annotated[Programme, member(Programme), Field(json_schema_extra={"commongrants": "funders"})]
    action_type: Annotated[ActionType, member(ActionType)] = ActionType.OTHER
    deadline_model: Annotated[DeadlineModel, member(DeadlineModel)] = DeadlineModel.SINGLE_STAGE
    opening: Annotated[
        Day | None,
        Field(
            description="first day on which proposals can be sent",
            json_schema_extra={"commongrants": "keyDates.postDate"},
        ),
    ] = None
    deadlines: Annotated[
        tuple[Deadline, ...],
        Field(
            description="all stages or cut-offs in order of time; empty for continuous calls",
            json_schema_extra={"commongrants": "keyDates.closeDate"},
        ),
    ] = ()
    budget: Budget = Budget()
    eligible_applicants: Annotated[
        tuple[Annotated[Applicant, member(Applicant)], ...],
        Field(
            description="types of organisation named by the call; empty is unknown",
            json_schema_extra={"commongrants": "acceptedApplicantTypes"},
        ),
    ] = ()
    eligible_countries: Annotated[
        tuple[CountryOrGroup, ...],
        Field(description="countries (EL, UK) and groups (EU27); empty is unknown"),
    ] = ()
    min_participants: Annotated[Count | None, Field(description="smallest number of partners")] = None
    min_countries: Annotated[Count | None, Field(description="smallest number of countries")] = None
    consortium_note: Annotated[
        str, Field(description="special condition on the team, one sentence", max_length=1000)
    ] = ""
    themes: Themes = ()
    language: Annotated[Language, Field(description="language of title and text, ISO 639-1")] = "en"
    url: Annotated[
        Url | None,
        Field(description="page of the call", json_schema_extra={"commongrants": "source"}),
    ] = None
    source: Annotated[Text, Field(description="where the facts come from")] = ""
    source_date: Annotated[Day | None, Field(description="day on which the facts were taken over")] = None
    conditions: Annotated[
        Text, Field(description="conditions on applicants, money and submission, verbatim, as Markdown")
    ] = ""
    text: Annotated[
        Prose,
        Field(
            description="summary in Markdown, verbatim",
            json_schema_extra={"commongrants": "description"},
        ),
    ]

    @model_validator(mode="before")
    @classmethod
    def _gather_budget(cls, data: Any) -> Any:
        """Accept the flat form of files and tables, where the money stands beside the rest."""
        if not isinstance(data, dict) or "budget" in data:
            return data
        flat = set(Budget.model_fields)
        budget = {key: value for key, value in data.items() if key in flat}
        return {key: value for key, value in data.items() if key not in flat} | {"budget": budget}

    @model_validator(mode="after")
    def _deadlines_in_order(self) -> Self:
        moments = [deadline.moment for deadline in self.deadlines]
        if moments != sorted(moments):
            raise ValueError(M_("deadlines in order of time"))
        if not moments and self.deadline_model not in _WITHOUT_DATES:
            raise ValueError(M_("at least one deadline, or deadline_model: continuous or not stated"))
        if moments and self.opening and self.opening > self.entries[-1].moment.date():
            raise ValueError(M_("an opening before the last deadline one can enter at"))
        return self

    def flat(self) -> dict[str, Any]:
        """Return the record as one level of plain values, as in files and tables."""
        plain: dict[str, Any] = self.model_dump(mode="json")
        budget: dict[str, Any] = plain.pop("budget")
        long = {name: plain.pop(name) for name in ("text", "conditions")}
        return plain | budget | long

    @property
    def entries(self) -> tuple[Deadline, ...]:
        """The deadlines at which one can still enter: of a two-stage call only the first."""
        return self.deadlines[:1] if self.deadline_model is DeadlineModel.TWO_STAGE else self.deadlines

    def next_deadline(self, moment: dt.datetime) -> Deadline | None:
        """Return the first of the :attr:`entries` that is not past, or None."""
        return next((deadline for deadline in self.entries if deadline.moment >= moment), None)

    def status(self, moment: dt.datetime) -> CallStatus:
        """Return the status at a moment, from the dates alone.

        Parameters
        ----------
        moment : datetime
            With a time zone.
        """
        if self.deadlines and self.next_deadline(moment) is None:
            return CallStatus.CLOSED
        if self.opening:
            has_opened = self.opening <= moment.astimezone(BRUSSELS).date()
            return CallStatus.OPEN if has_opened else CallStatus.FORTHCOMING
        # Without an opening date only a year-round call, or a past cut-off, shows that it has opened.
        has_opened = self.deadline_model is DeadlineModel.CONTINUOUS or (
            bool(self.deadlines) and self.deadlines[0].moment < moment
        )
        return CallStatus.OPEN if has_opened else CallStatus.UNKNOWN

    def closing(self, deadline: Deadline | None) -> str:
        """Return a deadline of this call in words, also when there is none."""
        if deadline is not None:
            return str(deadline)
        return {
            DeadlineModel.CONTINUOUS: "continuous",
            DeadlineModel.MULTIPLE_CUT_OFF: "cut-off dates not known",
        }.get(self.deadline_model, "closing date not known")

    def _repr_html_(self) -> str:
        budget = self.budget
        return cards.card(
            self.title,
            [
                ("Identifier", self.identifier),
                ("Programme", vocabulary.PROGRAMME_NAMES[self.programme]),
                ("Action type", self.action_type.value),
                ("Deadlines", ", ".join(map(str, self.deadlines)) or self.deadline_model.value),
                ("Grant per project, euro", cards.span(budget.grant_min_eur, budget.grant_max_eur)),
                ("Budget, euro", cards.money(budget.budget_total_eur)),
                ("Summary", self.text),
            ],
            self.url,
        )


class City(Record):
    """Facts about a municipality; None is unknown."""

    name: Annotated[Line, Field(description="usual name in Latin script")]
    local_name: Annotated[str | None, Field(description="name as the city writes itself")] = None
    country: Annotated[Country, Field(description="two letters, EU style (EL, UK)")]
    nuts3: Annotated[
        str | None,
        Field(description="NUTS level 3 code, version 2024", pattern=r"^[A-Z]{2}[0-9A-Z]{3}$"),
    ] = None
    population: Annotated[Inhabitants | None, Field(description="inhabitants")] = None
    population_year: Annotated[Year | None, Field(description="reference year")] = None
    population_scope: Annotated[PopulationScope | None, member(PopulationScope)] = None
    population_source: Url | None = None
    latitude: Annotated[float | None, Field(description="degrees north, WGS 84", ge=-90, le=90)] = None
    longitude: Annotated[float | None, Field(description="degrees east, WGS 84", ge=-180, le=180)] = None
    languages: tuple[Language, ...] = ()
    mission_city: Annotated[bool | None, Field(description="one of the Mission cities; empty: not known")] = (
        None
    )
    networks: Annotated[tuple[Line, ...], Field(description="city networks")] = ()


class PartnerCity(Record):
    """A city that works with the profile's city already."""

    name: Line
    country: Country
    kind: Annotated[PartnerKind, member(PartnerKind)] = PartnerKind.EXCHANGE


class PastProject(Record):
    """An EU project the city took part in."""

    acronym: Line
    programme: Annotated[Programme, member(Programme)] = Programme.HORIZON
    grant_id: str | None = None
    topic: str | None = None
    start: Annotated[str | None, Field(description="year-month", pattern=r"^\d{4}(-\d\d)?$")] = None
    url: Url | None = None


class Profile(Record):
    """One project idea of one city, as its officer wrote it.

    Examples
    --------
    >>> profile = Profile(id="hamm-shade", title="Schatten", language="de", text="Bäume gegen Hitze.",
    ...                   city={"name": "Hamm", "country": "de"}, budget_eur="1800000")
    >>> profile.city.country, profile.budget_eur, profile.role.value
    ('DE', 1800000, 'either')
    """

    id: Annotated[
        str,
        Field(
            description="short name, unique in the folder: letters, digits, hyphens; no blanks",
            pattern=r"^\w[\w.-]{0,79}$",
        ),
    ]
    title: Annotated[Line, Field(description="title of the project, in the profile's language")]
    language: Annotated[Language, Field(description="language of title and text, ISO 639-1")]
    city: City
    partners: tuple[PartnerCity, ...] = ()
    role: Annotated[Role, member(Role)] = Role.EITHER
    budget_eur: Annotated[Euro | None, Field(description="cost of the project, whole euro")] = None
    own_contribution_eur: Annotated[
        Euro | None, Field(description="what the city can pay itself, whole euro")
    ] = None
    start: Annotated[
        str | None,
        Field(description="earliest start, year-month as in 2027-05", pattern=r"^\d{4}-(0[1-9]|1[0-2])$"),
    ] = None
    duration_months: Annotated[Months | None, Field(description="length in months, 1 to 120")] = None
    themes: Themes = ()
    past_projects: tuple[PastProject, ...] = ()
    sources: tuple[Url, ...] = ()
    source_date: Day | None = None
    text: Annotated[
        Prose,
        Field(description="situation, then headed parts: what is planned, needed, offered (verbatim)"),
    ]

    def _repr_html_(self) -> str:
        return cards.card(
            self.title,
            [
                ("City", f"{self.city.name} ({self.city.country})"),
                ("Role wanted", self.role.value),
                ("Cost, euro", cards.money(self.budget_eur)),
                ("Themes", ", ".join(theme.value for theme in self.themes)),
                ("Partners", ", ".join(partner.name for partner in self.partners)),
                ("Text", self.text),
            ],
        )
