"""Answers of the Funding & Tenders Portal's search (SEDIA) → calls. Pure: no network, no clock.

An answer lists entries whose ``metadata`` maps every key to a list of texts; some of them hold JSON. One
topic comes as several entries: a copy per language, stubs, and news about it. They are folded into one.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from vie_match import vocabulary
from vie_match.errors import BadValue, SourceChanged
from vie_match.records import BRUSSELS, Call
from vie_match.sources import text
from vie_match.sources.harvest import Harvest, Rejected
from vie_match.vocabulary import ActionType, DeadlineModel, Programme

NAME = "Funding & Tenders Portal"
TOPIC_PAGE = (
    "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
)

# Types of entry.
TOPIC, OTHER_CALL, UPDATE, CASCADE = "1", "2", "6", "8"
CALL_TYPES = (TOPIC, OTHER_CALL, CASCADE)

# Ids of the facet frameworkProgramme. Published lists disagree on several; the labels that the facet
# itself gives go before this table (see :func:`labels`).
PROGRAMME_IDS = {
    "43108390": Programme.HORIZON,
    "43152860": Programme.DIGITAL,
    "43252405": Programme.LIFE,
    "43251589": Programme.CERV,
    "43251567": Programme.CEF,
    "43252476": Programme.SMP,
    "43251814": Programme.CREA,
    "43353764": Programme.ERASMUS,
    "43332642": Programme.EU4HEALTH,
    "44416173": Programme.I3,
    "44773066": Programme.JTM,
    "43254019": Programme.ESF,
    "43251447": Programme.AMIF,
    "43298203": Programme.UCPM,
    "43089234": Programme.INNOVATION_FUND,
    "44181033": Programme.EDF,
    "43298916": Programme.EURATOM,
    "43637601": Programme.PILOT_PROJECTS,
    "46324255": Programme.ERDF,
    "43252449": Programme.COAL_AND_STEEL,
    "43252368": Programme.ISF,
    "43252386": Programme.JUSTICE,
    "43252433": Programme.PERICLES,
    "43392145": Programme.EMFAF,
    "43253967": Programme.RENEWABLES,
    "111111": Programme.EXTERNAL_ACTION,
}

# How identifiers begin, for entries without a known programme id.
_PREFIXES = {
    "ERDFTA": Programme.ERDF,
    "EUROPEAID": Programme.EXTERNAL_ACTION,
    "INNOVFUND": Programme.INNOVATION_FUND,
    "ERC": Programme.HORIZON,
    "MSCA": Programme.HORIZON,
}

# The end of the portal's "typesOfAction", first fit wins.
_ACTION_TYPES = (
    (r"research and innovation actions$", ActionType.RIA),
    (r"innovation actions$", ActionType.IA),
    (r"coordination and support actions$", ActionType.CSA),
    (r"cofund\b", ActionType.COFUND),
    (r"pre-commercial procurement$", ActionType.PCP),
    (r"procurement of innovative solutions$", ActionType.PPI),
    (r"prizes?$", ActionType.PRIZE),
    (r"lump sum grants$", ActionType.LUMP_SUM_GRANT),
    (r"(project|simple) grants$|infrastructure projects$", ActionType.PROJECT_GRANT),
)

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}(?![A-Za-z])")
_REFERENCE_NUMBER = re.compile(r"\d+")

# Longest title that a record takes.
_TITLE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of an answer.

    Attributes
    ----------
    total : int
        Entries that the whole query has, over all pages.
    entries : tuple of Entry
    """

    total: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One result of a search.

    Attributes
    ----------
    reference : str
        Unique in the index, for example ``48400948TOPICSen``.
    language : str
        ISO 639-1.
    url : str
        As the index gives it.
    metadata : mapping of str to tuple of str
        Values that are no texts are left out.
    """

    reference: str
    language: str
    url: str
    metadata: Mapping[str, tuple[str, ...]]

    def first(self, *names: str) -> str:
        """Return the first value of the first of these keys that has one, without outer blanks."""
        found = (value.strip() for name in names for value in self.metadata.get(name, ()))
        return next(filter(None, found), "")

    def parsed(self, name: str) -> Any:
        """Return the JSON that a key's text holds, or None."""
        try:
            return json.loads(self.first(name) or "null")
        except (ValueError, RecursionError):
            return None

    @property
    def key(self) -> str:
        """What entries about one call share."""
        identifier = self.first("identifier").casefold()
        if self.first("type") == CASCADE:
            # The identifier of cascade calls is that of the topic their project was funded by.
            number = _REFERENCE_NUMBER.match(self.reference)
            return f"{identifier}/{number[0] if number else self.reference}"
        return identifier


def answer(data: Any, address: str) -> Answer:
    """Read one page of an answer.

    Parameters
    ----------
    data : any
        The decoded JSON.
    address : str
        For messages.

    Raises
    ------
    SourceChanged
        If there is no list of results, or no number of them.
    """
    results = data.get("results") if isinstance(data, dict) else None
    total = data.get("totalResults") if isinstance(data, dict) else None
    if not isinstance(results, list) or not isinstance(total, int):
        raise SourceChanged(
            f"{address}: found no list 'results' with a number 'totalResults'; expected the search's answer"
        )
    return Answer(total, tuple(map(entry, results)))


def entry(result: Any) -> Entry:
    """Read one result of an answer; what does not have its form is left empty."""
    result = result if isinstance(result, dict) else {}
    metadata = result.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Entry(
        reference=_text(result.get("reference")),
        language=_text(result.get("language")).lower(),
        url=_text(result.get("url")),
        metadata={
            str(name): tuple(value for value in values if isinstance(value, str))
            for name, values in metadata.items()
            if isinstance(values, list)
        },
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def labels(data: Any) -> dict[str, Programme]:
    """Return the programme of each id, from an answer of the facet service.

    Parameters
    ----------
    data : any
        The decoded JSON: ``facets`` with ``name`` and ``values`` of ``rawValue`` and ``value``.

    Returns
    -------
    dict
        Id → programme; labels that name no programme we know are left out.

    Examples
    --------
    >>> labels({"facets": [{"name": "frameworkProgramme",
    ...         "values": [{"rawValue": "43252405", "value": "Environment (LIFE)"}]}]})
    {'43252405': <Programme.LIFE: 'LIFE'>}
    """
    found: dict[str, Programme] = {}
    facets = data.get("facets") if isinstance(data, dict) else None
    for facet in facets if isinstance(facets, list) else ():
        if not isinstance(facet, dict) or facet.get("name") != "frameworkProgramme":
            continue
        values = facet.get("values")
        for value in values if isinstance(values, list) else ():
            programme = programme_named(_text(value.get("value"))) if isinstance(value, dict) else None
            if programme:
                found[str(value.get("rawValue"))] = programme
    return found


def programme_named(label: str) -> Programme | None:
    """Return the programme that a label names, or None.

    Examples
    --------
    >>> programme_named("Digital Europe Programme (DIGITAL)"), programme_named("EU Agencies")
    (<Programme.DIGITAL: 'DIGITAL'>, None)
    """
    # The whole, what stands in brackets, what stands before them.
    before, _, inside = label.partition("(")
    for spelling in (label, inside.rstrip(") "), before):
        try:
            return vocabulary.parse(Programme, spelling)
        except BadValue:
            continue
    return None


def calls(entries: Iterable[Entry], programmes: Mapping[str, Programme] = PROGRAMME_IDS) -> Harvest:
    """Fold the entries of one or more answers into one call each.

    Parameters
    ----------
    entries : iterable of Entry
    programmes : mapping, optional
        Id of the facet ``frameworkProgramme`` → programme.

    Returns
    -------
    Harvest
        Every entry is accounted for.
    """
    groups: dict[str, list[Entry]] = defaultdict(list)
    for one in entries:
        groups[one.key or one.reference].append(one)
    known = _words_alone(group[0] for group in groups.values())
    found: list[Call] = []
    rejected: list[Rejected] = []
    folded = 0
    for key, group in groups.items():
        offers = [one for one in group if one.first("type") in CALL_TYPES]
        if not offers:
            rejected += [Rejected(key, _NOT_A_CALL) for _ in group]
            continue
        best = max(offers, key=_fullness)
        folded += len(group) - 1
        try:
            found.append(_call(best, programmes, known))
        except ValidationError as error:
            rejected.append(Rejected(key, _reason(error)))
        except BadValue as error:
            rejected.append(Rejected(key, str(error)))
    return Harvest(tuple(found), tuple(rejected), folded)


_NOT_A_CALL = "found no topic or call, only news about one; expected an entry of type 1, 2 or 8"


def _fullness(entry: Entry) -> tuple[bool, int, int]:
    """Order copies of one call: English first, then the one that says most."""
    filled = sum(any(values) for values in entry.metadata.values())
    return entry.language in ("en", ""), filled, len(entry.first("descriptionByte", "description"))


def _reason(error: ValidationError) -> str:
    return "; ".join(
        f"found {'.'.join(map(str, detail['loc'])) or 'values'}: {str(detail['input'])[:80]!r}; "
        f"expected {detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors(include_url=False)
    )


def _call(entry: Entry, programmes: Mapping[str, Programme], known: frozenset[str]) -> Call:
    identifier = entry.first("identifier")
    is_cascade = entry.first("type") == CASCADE
    title = " ".join(text.repaired(entry.first("caName", "title", "callTitle")).split())
    description = _readable(entry.first("descriptionByte", "description"), known)
    model, opening, deadlines = _dates(entry)
    return Call.model_validate(
        {
            "identifier": f"{identifier}{entry.key[len(identifier) :]}",
            "title": title[:_TITLE_LENGTH] or identifier,
            "programme": _programme(entry, programmes),
            "action_type": ActionType.CASCADE_FUNDING if is_cascade else _action_type(entry),
            "deadline_model": model,
            "opening": opening,
            "deadlines": [day.isoformat() for day in deadlines],
            "budget": _budget(entry, identifier),
            "language": entry.language if entry.language in vocabulary.LANGUAGES else "en",
            "url": _page(entry, identifier),
            "source": NAME,
            "conditions": _readable(entry.first("topicConditions"), known),
            "text": description or title,
        }
    )


def _programme(entry: Entry, programmes: Mapping[str, Programme]) -> Programme:
    for number in entry.metadata.get("frameworkProgramme", ()):
        if number in programmes:
            return programmes[number]
    prefix = re.split(r"[-/]", entry.first("identifier"), maxsplit=1)[0].upper()
    try:
        return _PREFIXES.get(prefix) or vocabulary.parse(Programme, prefix)
    except BadValue:
        return Programme.OTHER


def _action_type(entry: Entry) -> ActionType:
    words = " ".join(entry.first("typesOfAction").lower().split())
    return next((kind for end, kind in _ACTION_TYPES if re.search(end, words)), ActionType.OTHER)


def _page(entry: Entry, identifier: str) -> str | None:
    """Return the call's page; the index's own address of a topic may end in .json and lead nowhere."""
    if entry.first("type") == TOPIC:
        return f"{TOPIC_PAGE}{identifier}"
    return entry.url if entry.url.startswith("https://") else None


def _dates(entry: Entry) -> tuple[DeadlineModel, dt.date | None, list[dt.date]]:
    """Return model, opening and all deadlines: from ``actions``, which is live, else from the index."""
    actions = [action for action in _list(entry.parsed("actions")) if isinstance(action, dict)]
    days = {day for action in actions for day in map(_day, _list(action.get("deadlineDates"))) if day}
    openings = [day for action in actions if (day := _day(action.get("plannedOpeningDate")))]
    deadlines = sorted(days or filter(None, map(_day, entry.metadata.get("deadlineDate", ()))))
    opening = min(openings, default=None) or _day(entry.first("startDate"))
    procedures = [action.get("submissionProcedure") for action in actions]
    spellings = [
        entry.first("deadlineModel"),
        *(_text(one.get("abbreviation")) for one in procedures if isinstance(one, dict)),
    ]
    model = next(filter(None, map(_model, spellings)), DeadlineModel.NOT_STATED)
    if not deadlines and model is not DeadlineModel.MULTIPLE_CUT_OFF:
        model = DeadlineModel.NOT_STATED
    last = deadlines[:1] if model is DeadlineModel.TWO_STAGE else deadlines[-1:]
    # Of a re-opened call the planned opening may lie after its only deadline: then it is not known.
    return model, opening if opening and all(opening <= day for day in last) else None, deadlines


def _model(spelling: str) -> DeadlineModel | None:
    try:
        return vocabulary.parse(DeadlineModel, spelling)
    except BadValue:
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _day(value: Any) -> dt.date | None:
    """Return the day in Brussels; the index's hour is midnight somewhere, not the closing time."""
    try:
        moment = dt.datetime.fromisoformat(_text(value))
        return (moment.astimezone(BRUSSELS) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None


def _budget(entry: Entry, identifier: str) -> dict[str, int | None]:
    """Return the money of this topic: the overview lists all topics of the call."""
    overview = entry.parsed("budgetOverview")
    by_id = overview.get("budgetTopicActionMap") if isinstance(overview, dict) else None
    start = f"{identifier} - ".casefold()
    rows = [
        row
        for rows in (by_id.values() if isinstance(by_id, dict) else ())
        for row in _list(rows)
        if isinstance(row, dict) and _text(row.get("action")).casefold().startswith(start)
    ]
    if not rows:
        return {}
    # A topic with two types of action has a row for each; years and types add up.
    years = [year for row in rows if isinstance(year := row.get("budgetYearMap"), dict)]
    total = sum(filter(None, (_whole(amount) for year in years for amount in year.values())))
    low = min(filter(None, (_whole(row.get("minContribution")) for row in rows)), default=None)
    high = max(filter(None, (_whole(row.get("maxContribution")) for row in rows)), default=None)
    grants = sum(filter(None, (_whole(row.get("expectedGrants")) for row in rows)))
    in_order = low is None or high is None or low <= high
    return {
        "budget_total_eur": total or None,
        "grant_min_eur": low if in_order else None,
        "grant_max_eur": high if in_order else None,
        "expected_grants": grants or None,
    }


def _whole(value: Any) -> int | None:
    """Return a positive whole number; 0 means "not given" here."""
    try:
        number = round(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number <= 10**12 else None


def _words_alone(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the words that stand alone in the texts that came without their tags."""
    return frozenset(
        word.lower()
        for entry in entries
        for value in (entry.first("topicConditions"), entry.first("descriptionByte"))
        if value and not _TAG.search(value)
        for word in _WORD.findall(value)
    )


def _readable(value: str, known: frozenset[str]) -> str:
    """Return HTML, or a text whose tags somebody stripped, as paragraphs."""
    if _TAG.search(value):
        return text.readable(value)
    # Left over from an attribute whose quotes do not match.
    lines = text.unglued(text.repaired(value).removeprefix('">'), known).splitlines()
    return "\n\n".join(stripped for line in lines if (stripped := " ".join(line.split())))


def first_of_each(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield entries without those whose reference came before: pages overlap while the index changes."""
    seen: set[str] = set()
    for entry in entries:
        if not entry.reference or entry.reference not in seen:
            seen.add(entry.reference)
            yield entry
