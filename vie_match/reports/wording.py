"""Dates, money and other values in words, the same in every format of the report."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from vie_match import cards
from vie_match.changes import LONG, SOURCE, Change
from vie_match.history import Dispute, KnownCall, Origin
from vie_match.records import Call, Deadline
from vie_match.results import Match
from vie_match.vocabulary import CallStatus, CountryGroup, DeadlineModel, ReadingState

_GROUP_NAMES = {
    CountryGroup.EU27: "the EU",
    CountryGroup.HORIZON_ASSOCIATED: "countries associated to Horizon Europe",
    CountryGroup.LIFE_ASSOCIATED: "countries associated to LIFE",
    CountryGroup.CERV_ASSOCIATED: "countries associated to CERV",
    CountryGroup.DIGITAL_ASSOCIATED: "countries associated to Digital Europe",
    CountryGroup.ERASMUS_ASSOCIATED: "countries associated to Erasmus+",
    CountryGroup.CREATIVE_EUROPE_ASSOCIATED: "countries associated to Creative Europe",
    CountryGroup.UCPM_PARTICIPATING: "states of the Civil Protection Mechanism",
}


_FIELD_NAMES = {
    "opening": "opening",
    "deadlines": "deadline",
    "deadline_model": "deadline model",
    "budget_total_eur": "budget of the call",
    "grant_min_eur": "smallest grant",
    "grant_max_eur": "largest grant",
    "expected_grants": "number of projects",
    "cofunding_rate": "EU share of the cost",
    "eligible_applicants": "who may apply",
    "eligible_countries": "countries",
    "min_participants": "smallest number of partners",
    "min_countries": "smallest number of countries",
    "consortium_note": "condition on the team",
    "action_type": "type of action",
    "text": "description",
}

# Not strftime's %B: that would follow the machine's language, not the report's.
_MONTHS = "January February March April May June July August September October November December".split()


def day(date: dt.date | None) -> str:
    """Return a date in words.

    Examples
    --------
    >>> day(dt.date(2027, 10, 7)), day(None)
    ('7 October 2027', 'not known')
    """
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}" if date else "not known"


def moment(deadline: Deadline) -> str:
    """Return a deadline in words; the hour only when the source states it.

    Examples
    --------
    >>> moment(Deadline.model_validate("2027-10-07"))
    '7 October 2027'
    >>> moment(Deadline.model_validate("2027-10-07 14:00"))
    '7 October 2027, 14:00 Brussels time'
    """
    date = day(deadline.moment.date())
    return f"{date}, {deadline.moment:%H:%M} Brussels time" if deadline.time_stated else date


def deadline(match: Match, today: dt.date) -> str:
    """Return when the call closes and how many days are left."""
    if match.deadline is None:
        if match.call.deadline_model is DeadlineModel.CONTINUOUS:
            return "open all year, no closing date"
        if match.call.deadline_model is DeadlineModel.MULTIPLE_CUT_OFF:
            return "several cut-off dates, not known to us: see the page of the call"
        return "closing date not known to us: see the page of the call"
    left = match.deadline.days_left(today)
    remaining = f"{count(left, 'day')} left" if left else "today"
    stage = "first stage closes" if match.call.deadline_model is DeadlineModel.TWO_STAGE else "closes"
    if match.call.deadline_model is DeadlineModel.MULTIPLE_CUT_OFF:
        stage = "next cut-off"
    return f"{stage} {moment(match.deadline)} ({remaining})"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "day"), count(30, "day"), count(2, "country", "countries")
    ('1 day', '30 days', '2 countries')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def status(match: Match) -> str:
    """Return whether proposals can be sent already."""
    if match.status is CallStatus.FORTHCOMING:
        return f"Forthcoming, opens {day(match.call.opening)}"
    return "Open" if match.status is CallStatus.OPEN else "Opening date not known"


def euro(amount: int | None) -> str:
    """Return an amount of money.

    Examples
    --------
    >>> euro(7_000_000), euro(None)
    ('€7,000,000', 'not known')
    """
    return "not known" if amount is None else f"€{amount:,}"


def grant(call: Call) -> str:
    """Return the EU contribution per project."""
    return cards.span(call.budget.grant_min_eur, call.budget.grant_max_eur, euro)


def rate(call: Call) -> str:
    """Return the co-funding rate for a public body.

    Examples
    --------
    >>> rate(Call(identifier="x", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"],
    ...           cofunding_rate=0.6))
    '60 %'
    """
    share = call.budget.cofunding_rate
    return "not known" if share is None else f"{share * 100:g} %"


def team(call: Call) -> str:
    """Return the smallest team, with the call's own condition."""
    parts = []
    partners, countries_ = call.min_participants, call.min_countries
    if partners == 1 and (countries_ or 1) == 1:
        parts.append("one applicant is enough")
    elif partners or countries_:
        size = f"at least {count(partners, 'partner')}" if partners else "partners"
        spread = count(countries_, "country", "countries") if countries_ else ""
        if spread:
            size += f" from {spread}" if partners else f" from at least {spread}"
        parts.append(size)
    if call.consortium_note:
        parts.append(call.consortium_note)
    return ". ".join(part.rstrip(".") for part in parts) or "not known"


def countries(call: Call) -> str:
    """Return the countries that may take part."""
    names = [
        _GROUP_NAMES.get(CountryGroup(code), code) if code in set(CountryGroup) else code
        for code in call.eligible_countries
    ]
    return ", ".join(names) or "not known"


def field(name: str) -> str:
    """Return what a field of a call is called.

    Examples
    --------
    >>> field("deadlines"), field("conditions")
    ('deadline', 'conditions')
    """
    return _FIELD_NAMES.get(name, name)


def value(name: str, text: str) -> str:
    """Return a value that stands as in files in words.

    Parameters
    ----------
    name : str
        Field of a call.
    text : str
        Empty is unknown.

    Examples
    --------
    >>> value("deadlines", "2027-10-07, 2028-03-01 12:00"), value("grant_max_eur", "")
    ('7 October 2027, 1 March 2028, 12:00 Brussels time', 'not known')
    """
    if not text:
        return "not known"
    if name == "deadlines":
        return ", ".join(map(_date, text.split(", ")))
    if name == "opening":
        return day(dt.date.fromisoformat(text))
    if name.endswith("_eur"):
        return euro(int(text))
    return f"{float(text) * 100:g} %" if name == "cofunding_rate" else text


def _date(text: str) -> str:
    # Where sources differ, one may say that there is no closing date.
    return text if text == DeadlineModel.CONTINUOUS else moment(Deadline.model_validate(text))


def changed(change: Change) -> list[str]:
    """Return, for each fact that changed, its name with the old and the new value."""
    return [
        f"no longer at {one.before}, now from {one.after}"
        if one.field == SOURCE
        else f"{field(one.field)} rewritten"
        if one.field in LONG
        else f"{field(one.field)}: {value(one.field, one.before)} → {value(one.field, one.after)}"
        for one in change.fields
    ]


def origins(known: KnownCall) -> str:
    """Return where a call's facts come from: the leading source, then others with what they supply."""
    leading = known.origins.get("identifier")
    others: dict[Origin, list[str]] = defaultdict(list)
    for name, origin in known.origins.items():
        if origin != leading:
            others[origin].append(field(name))
    told = [f"{known.call.source or 'not stated'}, {day(known.call.source_date)}"]
    told += [f"{', '.join(names)}: {one.source}, {day(one.date)}" for one, names in others.items()]
    return "; ".join(told)


def trouble(state: ReadingState) -> str:
    """Return what went wrong with a source."""
    return {
        ReadingState.TAKEN_IN_PART: "could be read only in part",
        ReadingState.HELD_BACK: "listed suspiciously little",
    }.get(state, "could not be read")


def dispute(one: Dispute) -> str:
    """Return who says what about a fact on which sources differ."""
    told = "; ".join(
        f"{value(one.field, text)} ({origin.source}, {day(origin.date)})" for origin, text in one.values
    )
    return f"{field(one.field)}: {told}"
