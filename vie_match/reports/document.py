"""Digest → JSON for other programs: every fact of the report under a name that stays.

Names and closed sets are English whatever the language; sentences made for people are in the language that
``language`` names. :func:`schema` tells the form. Fields are only ever added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from vie_match.cards import safe_url
from vie_match.changes import Change
from vie_match.faults import told
from vie_match.records import Call, Deadline, Record
from vie_match.reports import headlines, reasons, terms_wording
from vie_match.reports.agenda import Gone, Section, Why
from vie_match.reports.digest import CityPart, Digest
from vie_match.reports.lines import Line, lines
from vie_match.results import LeftOut
from vie_match.vocabulary import Answer, CallStatus, DeadlineModel

VERSION = 1

Chance = Annotated[
    float | None,
    Field(
        description="that an officer would call it worth reading in full; null: not calibrated", ge=0, le=1
    ),
]
Days = int | None
Euro = Annotated[int | None, Field(description="whole euro; null: not known")]
Share = Annotated[float | None, Field(description="share of the cost, 0 to 1; null: not known", ge=0, le=1)]


class CallFacts(Record):
    """A call; null and empty lists are unknown."""

    identifier: str
    title: str
    language: Annotated[str, Field(description="of the title, ISO 639-1")]
    programme: str
    action_type: str
    url: str | None
    opening: dt.date | None
    deadline_model: DeadlineModel
    deadlines: Annotated[tuple[Deadline, ...], Field(description="all stages or cut-offs, Brussels time")]
    budget_total_eur: Euro
    grant_min_eur: Euro
    grant_max_eur: Euro
    cofunding_rate: Share
    source: str
    source_date: dt.date | None


class Eligible(Record):
    """On which terms the city may take part."""

    alone: Answer
    in_team: Answer
    verdict: Annotated[str, Field(description="one sentence for people")]
    because: str
    questions: Annotated[tuple[str, ...], Field(description="what would settle what is open")]
    rate_low: Share
    rate_high: Share
    own_low_eur: Euro
    own_high_eur: Euro
    days_left: Days
    days_needed: Days
    time_enough: Answer


class Quotation(Record):
    """A sentence of the profile and the sentence of the call that it met, verbatim."""

    profile: str
    call: str


class ChangedFact(Record):
    """A fact that changed; both texts are empty where a long text was rewritten."""

    field: str
    before: str
    after: str


class SuggestedCall(Record):
    """A call suggested to a project."""

    section: Section
    rank: Annotated[int, Field(ge=1)]
    probability: Chance
    likelihood: Annotated[str, Field(description="the probability in a word; empty: not calibrated")]
    status: CallStatus
    deadline: Annotated[Deadline | None, Field(description="the next; null: none, or not known")]
    reason: Annotated[str, Field(description="one sentence for people")]
    changes: tuple[ChangedFact, ...]
    eligibility: Eligible
    evidence: tuple[Quotation, ...]
    call: CallFacts


class GoneCall(Record):
    """A call that the last report suggested, and this one does not."""

    identifier: str
    title: str
    why: Why


class LeftOutCall(Record):
    """A call that is not for anybody, or not for this project."""

    identifier: str
    title: str
    url: str | None
    rule: str
    because: str


class ProjectPart(Record):
    """One project's part."""

    profile: str
    title: str
    city: str
    country: str
    suggestions: tuple[SuggestedCall, ...]
    gone: tuple[GoneCall, ...]
    left_out: tuple[LeftOutCall, ...]


class NewsItem(Record):
    """What happened to a call since the last report."""

    kind: str
    identifier: str
    title: str
    url: str | None
    changes: tuple[ChangedFact, ...]
    cities: Annotated[tuple[str, ...], Field(description="among whose best calls it stands")]


class SourceFacts(Record):
    """Where calls come from."""

    name: str
    calls: int
    oldest: dt.date | None
    newest: dt.date | None


class SourceTrouble(Record):
    """A source whose latest reading was not taken over, or not whole."""

    source: str
    state: str
    when: dt.date
    last_good: dt.date | None
    message: str


class ReportDocument(Record):
    """The whole report."""

    form: Literal["vie-match report"] = "vie-match report"
    version: Annotated[int, Field(description="grows when a field changes its meaning")] = VERSION
    moment: Annotated[dt.datetime, Field(description="that statuses and days left refer to")]
    language: Annotated[str, Field(description="of sentences, ISO 639-1")]
    since: Annotated[dt.date | None, Field(description="day of the report this one is compared with")]
    model: Annotated[str, Field(description="id of the encoder")]
    calls: Annotated[int, Field(description="read")]
    open_calls: int
    projects: tuple[ProjectPart, ...]
    news: tuple[NewsItem, ...]
    left_out: tuple[LeftOutCall, ...]
    sources: tuple[SourceFacts, ...]
    troubles: tuple[SourceTrouble, ...]
    faults: Annotated[tuple[str, ...], Field(description="of files that could not be read")]
    notices: tuple[str, ...]


def document(digest: Digest, language: str = "en") -> bytes:
    """Return the report as JSON in UTF-8.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"
    """
    return (record(digest, language).model_dump_json(indent=1) + "\n").encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of :func:`document`.

    Examples
    --------
    >>> sorted(schema()["required"])[:4]
    ['calls', 'faults', 'language', 'left_out']
    """
    return ReportDocument.model_json_schema(mode="serialization")


def record(digest: Digest, language: str = "en") -> ReportDocument:
    """Return the report as a record; see :func:`document`."""
    suggested = list(lines(digest))
    return ReportDocument(
        moment=digest.moment,
        language=language,
        since=digest.since,
        model=digest.model,
        calls=digest.calls,
        open_calls=digest.open_calls,
        projects=tuple(_project(part, suggested, digest, language) for part in digest.cities),
        news=tuple(_news(one.change, one.cities) for one in digest.news),
        left_out=tuple(left_out(out, None, language) for out in digest.left_out),
        sources=tuple(
            SourceFacts(name=one.name, calls=one.calls, oldest=one.oldest, newest=one.newest)
            for one in digest.sources
        ),
        troubles=tuple(
            SourceTrouble(
                source=one.source,
                state=one.state.value,
                when=one.when,
                last_good=one.last_good,
                message=one.message,
            )
            for one in digest.troubles
        ),
        faults=tuple(told(fault, language) for fault in digest.faults),
        notices=tuple(headlines.notice(notice, language) for notice in digest.notices),
    )


def left_out(out: LeftOut, part: CityPart | None, language: str = "en") -> LeftOutCall:
    """Return a call that was left out, with the reason in words.

    Parameters
    ----------
    out : LeftOut
    part : CityPart or None
        The project for which it was left out; None: for all.
    language : str, default "en"
    """
    return LeftOutCall(
        identifier=out.call.identifier,
        title=out.call.title,
        url=safe_url(out.call.url),
        rule=out.verdict.rule,
        because=headlines.left_out(out, part.terms if part else {}, language),
    )


def _project(part: CityPart, suggested: Sequence[Line], digest: Digest, language: str) -> ProjectPart:
    own = (line for line in suggested if line.part is part)
    return ProjectPart(
        profile=part.profile.id,
        title=part.profile.title,
        city=part.profile.city.name,
        country=part.profile.city.country,
        suggestions=tuple(_suggestion(line, digest, language) for line in own),
        gone=tuple(_gone(one) for one in part.section(Section.GONE).gone),
        left_out=tuple(left_out(out, part, language) for out in part.left_out),
    )


def _suggestion(line: Line, digest: Digest, language: str) -> SuggestedCall:
    match, change = line.match, digest.change_of(line.call)
    return SuggestedCall(
        section=line.section,
        rank=match.rank,
        probability=match.probability,
        likelihood=reasons.likelihood(match.probability, language),
        status=match.status,
        deadline=match.deadline,
        reason=reasons.reason(match, language),
        changes=_changes(change) if change else (),
        eligibility=_eligible(line, language),
        evidence=tuple(
            Quotation(profile=pair.profile_sentence.text, call=pair.call_sentence.text)
            for pair in match.evidence
        ),
        call=_facts(line.call),
    )


def _eligible(line: Line, language: str) -> Eligible:
    facts = terms_wording.facts(line.terms, language)
    renamed = {"eligible_alone": "alone", "eligible_in_team": "in_team", "eligibility": "verdict"}
    return Eligible.model_validate({renamed.get(name, name): value for name, value in facts.items()})


def _facts(call: Call) -> CallFacts:
    flat = call.flat()
    plain = {name: flat[name] for name in CallFacts.model_fields if name != "url"}
    return CallFacts.model_validate(plain | {"url": safe_url(call.url)})


def _gone(one: Gone) -> GoneCall:
    return GoneCall(identifier=one.call.identifier, title=one.call.title, why=one.why)


def _news(change: Change, cities: tuple[str, ...]) -> NewsItem:
    return NewsItem(
        kind=change.kind.value,
        identifier=change.call.identifier,
        title=change.call.title,
        url=safe_url(change.call.url),
        changes=_changes(change),
        cities=cities,
    )


def _changes(change: Change) -> tuple[ChangedFact, ...]:
    return tuple(ChangedFact(field=one.field, before=one.before, after=one.after) for one in change.fields)
