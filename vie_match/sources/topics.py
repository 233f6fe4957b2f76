"""Entries of the portal's search (:mod:`vie_match.sources.sedia`) → one call each. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from vie_match import vocabulary
from vie_match.errors import BadValue
from vie_match.fields import MOST, MOST_EURO
from vie_match.history import Harvest, Rejected
from vie_match.pages import markup, text
from vie_match.records import BRUSSELS, Call
from vie_match.sources.sedia import CALL_TYPES, CASCADE, CLOSED, NAME, PROGRAMME_IDS, TOPIC, Entry, as_text
from vie_match.vocabulary import ActionType, DeadlineModel, Programme

TOPIC_PAGE = (
    "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
)

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

# Words of the portal's standard paragraphs, which are glued together where somebody stripped the tags.
_STOCK_WORDS = frozenset(
    "agreement annotated annex annexes appendix applicants application applications assessment award "
    "background beneficiaries call calls conditions contest decision declaration described detailed "
    "document documents eligible eligibility entities ethics evaluation financial form funding general "
    "grant grants guidance guide guidelines indicative information legal letter mandatory manual model "
    "national ownership page part please procurement programme proposal proposals regulation rules "
    "standard statement subject submission support system template templates terms thresholds".split()
)

# Signs that stand for themselves in the path of an address.
_IN_ADDRESSES = "/-._~()+"

# Longest title that a record takes.
_TITLE_LENGTH = 500


def calls(
    entries: Iterable[Entry],
    programmes: Mapping[str, Programme] = PROGRAMME_IDS,
    today: dt.date | None = None,
) -> Harvest:
    """Fold the entries of one or more answers into one call each.

    Parameters
    ----------
    entries : iterable of Entry
    programmes : mapping, optional
        Id of the facet ``frameworkProgramme`` → programme.
    today : date, optional
        A call that the portal calls closed before its deadline is none any more; without a day nobody asks.

    Returns
    -------
    Harvest
        Every entry is accounted for.
    """
    groups: dict[str, list[Entry]] = defaultdict(list)
    for one in entries:
        groups[one.identifier.casefold() or one.reference].append(one)
    found: list[Call] = []
    rejected: list[Rejected] = []
    unread: set[str] = set()
    folded = 0
    for key, group in groups.items():
        offers = [one for one in group if one.first("type") in CALL_TYPES]
        if not offers:
            rejected += [Rejected(key, _NOT_A_CALL) for _ in group]
            continue
        best = max(offers, key=_fullness)
        folded += len(group) - 1
        try:
            _refuse_closed(best, today)
        except BadValue as error:
            rejected.append(Rejected(key, str(error)))
            continue
        try:
            found.append(_call(best, programmes))
        except BadValue as error:
            rejected.append(Rejected(key, str(error)))
            unread.add(key)
    return Harvest(tuple(found), tuple(rejected), folded, unread=frozenset(unread))


_NOT_A_CALL = "found no topic or call, only news about one; expected an entry of type 1, 2 or 8"


def _fullness(entry: Entry) -> tuple[bool, bool, bool, int, int]:
    """Order copies of one call: with text and dates before stubs, then English, then what says most."""
    description = entry.first("descriptionByte", "description")
    has_dates = bool(entry.first("deadlineDate", "actions"))
    filled = sum(any(values) for values in entry.metadata.values())
    return bool(description), has_dates, entry.language in ("en", ""), filled, len(description)


def _call(entry: Entry, programmes: Mapping[str, Programme]) -> Call:
    title = " ".join(_readable(entry.first("caName", "title", "callTitle")).split()).removeprefix("## ")
    description = _readable(entry.first("descriptionByte", "description"))
    model, opening, deadlines = _dates(entry)
    return markup.call(
        {
            "identifier": entry.identifier,
            "title": title[:_TITLE_LENGTH] or entry.identifier,
            "programme": _programme(entry, programmes),
            "action_type": _action_type(entry),
            "deadline_model": model,
            "opening": opening,
            "deadlines": deadlines,
            "budget": _budget(entry),
            "language": entry.language if entry.language in vocabulary.LANGUAGES else "en",
            "url": _page(entry),
            "source": NAME,
            "conditions": _readable(entry.first("topicConditions")),
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
    if entry.first("type") == CASCADE:
        return ActionType.CASCADE_FUNDING
    words = " ".join(entry.first("typesOfAction").lower().split())
    return next((kind for end, kind in _ACTION_TYPES if re.search(end, words)), ActionType.OTHER)


def _page(entry: Entry) -> str | None:
    """Return the call's page; the index's own address of a topic may end in .json and lead nowhere."""
    if entry.first("type") == TOPIC:
        return f"{TOPIC_PAGE}{quote(entry.identifier, safe=_IN_ADDRESSES)}"
    return entry.url if entry.url.startswith("https://") else None


def _dates(entry: Entry) -> tuple[DeadlineModel, dt.date | None, list[str]]:
    """Return model, opening and all deadlines: from ``actions``, which is live, else from the index.

    Raises
    ------
    BadValue
        If no date that is stated can be read.
    """
    actions = _actions(entry)
    stated = _stated(entry, actions)
    deadlines = sorted({deadline for date in stated if (deadline := _deadline(entry, date))})
    if stated and not deadlines:
        raise BadValue(f"found the deadline {stated[0][:80]!r}; expected a date as in 2027-02-16")
    openings = [day for action in actions if (day := _day(action.get("plannedOpeningDate")))]
    opening = min(openings, default=None) or _day(entry.first("startDate"))
    model = _stated_model(entry, actions)
    if not deadlines and model is not DeadlineModel.MULTIPLE_CUT_OFF:
        model = DeadlineModel.NOT_STATED
    last = deadlines[:1] if model is DeadlineModel.TWO_STAGE else deadlines[-1:]
    # Of a re-opened call the planned opening may lie after its only deadline: then it is not known.
    is_before = opening is not None and all(opening.isoformat() <= deadline[:10] for deadline in last)
    return model, opening if is_before else None, deadlines


def _refuse_closed(entry: Entry, today: dt.date | None) -> None:
    """Refuse a call that the portal has closed, whatever its dates say: it was withdrawn or closed early.

    Of a call in two stages the first deadline closes it for who is not in yet.

    Raises
    ------
    BadValue
        If it is closed, and no deadline is stated or the one that counts is still ahead.
    """
    actions = _actions(entry)
    stated = _stated(entry, actions)
    all_closed = bool(actions) and all(map(_is_closed, actions))
    if not stated and all_closed:
        raise BadValue("found no deadline, and only closed actions; expected an open call")
    if today is None or not (all_closed or (entry.first("status") == CLOSED and not actions)):
        return
    days = sorted(day for date in stated if (day := _day(date)))
    counts = days[:1] if _stated_model(entry, actions) is DeadlineModel.TWO_STAGE else days[-1:]
    if any(day > today for day in counts):
        raise BadValue(f"found the status “closed” before the deadline {counts[0]}; expected an open call")


def _actions(entry: Entry) -> list[dict[str, Any]]:
    return [action for action in _list(entry.parsed("actions")) if isinstance(action, dict)]


def _stated(entry: Entry, actions: Sequence[Mapping[str, Any]]) -> list[str]:
    live = [date for action in actions for date in _list(action.get("deadlineDates"))]
    return [as_text(date) for date in live or entry.metadata.get("deadlineDate", ()) if date]


def _stated_model(entry: Entry, actions: Sequence[Mapping[str, Any]]) -> DeadlineModel:
    procedures = [action.get("submissionProcedure") for action in actions]
    spellings = [
        entry.first("deadlineModel"),
        *(as_text(one.get("abbreviation")) for one in procedures if isinstance(one, dict)),
    ]
    return next(filter(None, map(_model, spellings)), DeadlineModel.NOT_STATED)


def _deadline(entry: Entry, date: str) -> str | None:
    """Return a deadline as in files; the hour only of cascade calls, which write it as their clock shows it.

    The index's hour of other calls is midnight somewhere, not the closing time.
    """
    day = _day(date)
    if day is None or entry.first("type") != CASCADE:
        return day.isoformat() if day else None
    moment = dt.datetime.fromisoformat(date)
    return f"{moment:%Y-%m-%d %H:%M}" if moment.time() != dt.time() else f"{moment:%Y-%m-%d}"


def _is_closed(action: Mapping[str, Any]) -> bool:
    status = action.get("status")
    return isinstance(status, dict) and as_text(status.get("abbreviation")).casefold() == "closed"


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
        moment = dt.datetime.fromisoformat(as_text(value))
        return (moment.astimezone(BRUSSELS) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None


def _budget(entry: Entry) -> dict[str, int | None]:
    """Return the money of this topic: the overview lists all topics of the call."""
    overview = entry.parsed("budgetOverview")
    by_id = overview.get("budgetTopicActionMap") if isinstance(overview, dict) else None
    start = f"{entry.identifier} - ".casefold()
    rows = [
        row
        for rows in (by_id.values() if isinstance(by_id, dict) else ())
        for row in _list(rows)
        if isinstance(row, dict) and as_text(row.get("action")).casefold().startswith(start)
    ]
    if not rows:
        return {}
    # A topic with two types of action has a row for each; years and types add up.
    years = [year for row in rows if isinstance(year := row.get("budgetYearMap"), dict)]
    total = _sum((amount for year in years for amount in year.values()), MOST_EURO)
    low = min(filter(None, (_whole(row.get("minContribution"), MOST_EURO) for row in rows)), default=None)
    high = max(filter(None, (_whole(row.get("maxContribution"), MOST_EURO) for row in rows)), default=None)
    in_order = low is None or high is None or low <= high
    return {
        "budget_total_eur": total,
        "grant_min_eur": low if in_order else None,
        "grant_max_eur": high if in_order else None,
        "expected_grants": _sum((row.get("expectedGrants") for row in rows), MOST),
    }


def _sum(values: Iterable[Any], most: int) -> int | None:
    return _whole(sum(filter(None, (_whole(value, most) for value in values))), most)


def _whole(value: Any, most: int) -> int | None:
    """Return a positive whole number; 0 means "not given" here, and what is above all bounds is a slip."""
    try:
        number = round(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number <= most else None


def _readable(value: str) -> str:
    """Return HTML, or a text whose tags somebody stripped, as paragraphs."""
    if _TAG.search(value):
        return text.readable(value)
    # Left over from an attribute whose quotes do not match.
    lines = text.unglued(text.repaired(value).removeprefix('">'), _STOCK_WORDS).splitlines()
    return "\n\n".join(stripped for line in lines if (stripped := " ".join(line.split())))
