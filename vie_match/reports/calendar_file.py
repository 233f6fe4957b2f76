"""Digest → iCalendar (RFC 5545): when calls close, and by when a city has to have done what.

A call's stage keeps its UID for good, so that a calendar moves the entry when the deadline moves. SEQUENCE
counts the minutes up to the digest: it has to grow when an entry changes and may grow when it does not, and
no count of changes could tell that a call is back that had been cancelled.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from icalendar import TRANSP, Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from vie_match.cards import safe_url
from vie_match.foreign import one_line
from vie_match.formats.commongrants import NAMESPACE
from vie_match.records import BRUSSELS, Call, Deadline
from vie_match.reports import milestones, names, reasons, terms_wording, wording
from vie_match.reports.agenda import Section, Why
from vie_match.reports.digest import Digest
from vie_match.reports.lines import Line, by_call
from vie_match.speech import speech
from vie_match.vocabulary import DeadlineModel

# Days before the end at which a calendar rings, beside the time that an application takes.
_RINGS = (28, 7, 1)

# Cities whose reasons stand in one entry.
_TOLD = 5

# SEQUENCE counts from here.
_BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def calendar(digest: Digest, language: str = "en") -> bytes:
    """Return a calendar of all suggested calls.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"

    Returns
    -------
    bytes
        An entry for each stage to come, those of whole days where no hour is stated; entries counted back
        from the next deadline; entries of calls that are gone, as cancelled. Hours are those of
        Europe/Brussels.
    """
    _ = speech(language).gettext
    found = Calendar.new(
        name=_("EU calls for our cities"),
        description=_("When the calls close that fit our projects, and what has to be done before"),
        prodid="-//vie_match//vie_match//EN",
        uid=uuid.uuid5(NAMESPACE, "calendar"),
        language=language,
        # The report comes once a week, on a day that nobody knows here.
        refresh_interval=dt.timedelta(days=1),
    )
    # RFC 7986, 5.7: this one has no kind of value by default.
    found["REFRESH-INTERVAL"].params["VALUE"] = "DURATION"
    stamp = _Stamp(digest, language)
    for row in by_call(digest):
        for event in _suggested(row, stamp):
            found.add_component(event)
    for call in _gone(digest):
        for event in _cancelled(call, stamp):
            found.add_component(event)
    if found.get_used_tzids():
        found.subcomponents.insert(0, _brussels())
    return bytes(found.to_ical())


def _brussels() -> Timezone:
    """Return the rules of the zone as they are since 1996 (Directive 2000/84/EC), for every year to come.

    icalendar would list the changes of each year up to 2038, which not every program reads.
    """
    zone = Timezone()
    zone.add("tzid", BRUSSELS.key)
    # kind, name, month and hour from which it holds, hours before UTC until then and from then on
    for kind, name, month, hour, before, after in (
        (TimezoneDaylight, "CEST", 3, 2, 1, 2),
        (TimezoneStandard, "CET", 10, 3, 2, 1),
    ):
        half = kind()
        half.add("tzname", name)
        half.add("dtstart", dt.datetime(1996, month, 31 if month == 3 else 27, hour))  # noqa: DTZ001 - local time
        half.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        half.add("tzoffsetfrom", dt.timedelta(hours=before))
        half.add("tzoffsetto", dt.timedelta(hours=after))
        zone.add_component(half)
    return zone


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What every entry of one calendar has in common."""

    digest: Digest
    language: str

    def event(self, call: Call, key: str, start: dt.date, summary: str, description: str) -> Event:
        moment = self.digest.moment.astimezone(dt.UTC).replace(microsecond=0)
        event = Event.new(
            uid=uid(call, key),
            start=start,
            summary=summary,
            description=description,
            stamp=moment,
            last_modified=moment,
            sequence=int((moment - _BEGINNING).total_seconds() // 60),
            categories=[names.programme(call.programme, self.language)],
            # Nobody is busy because a call closes.
            transparency=TRANSP.TRANSPARENT,
            url=safe_url(call.url),
        )
        event["SUMMARY"].params["LANGUAGE"] = self.language
        return event


def uid(call: Call, key: str) -> str:
    """Return the UID of an entry: the same wherever and whenever it is made.

    Parameters
    ----------
    call : Call
    key : str
        Stage, or stage and milestone.
    """
    return str(uuid.uuid5(NAMESPACE, f"{call.identifier.casefold()} {key}"))


def _suggested(row: Sequence[Line], stamp: _Stamp) -> Iterator[Event]:
    """Yield the entries of one call: its stages to come, and what leads up to the next."""
    call, language = row[0].call, stamp.language
    coming = call.next_deadline(stamp.digest.moment)
    cities = speech(language).listed(list(dict.fromkeys(line.city for line in row)))
    for number, deadline in enumerate(call.deadlines, 1):
        if deadline.moment < stamp.digest.moment:
            continue
        summary = _summary(call, number, cities, language)
        event = stamp.event(call, f"stage {number}", _start(deadline), summary, _told(row, language))
        needed = _needed(row) if deadline == coming else None
        for alarm in _alarms(deadline, needed, stamp.digest.moment, summary):
            event.add_component(alarm)
        yield event
        if deadline == coming:
            yield from _before(row, number, deadline, stamp)


def _before(row: Sequence[Line], number: int, deadline: Deadline, stamp: _Stamp) -> Iterator[Event]:
    """Yield the milestones, for the city that has most partners to find."""
    call, language = row[0].call, stamp.language
    partners = max(line.terms.partners if line.terms else 0 for line in row)
    description = milestones.counted_back(deadline, language)
    # One that is late already is told again only to move an entry that may stand somewhere.
    earliest = dt.date.min if _has_moved(call, stamp.digest) else stamp.digest.today
    for one in milestones.steps(partners):
        day = deadline.moment.date() - dt.timedelta(days=one.days)
        if day < earliest:
            continue
        summary = milestones.summary(one, partners, one_line(call.title), language)
        event = stamp.event(call, f"stage {number} {one.name}", day, summary, description)
        event.add("related-to", uid(call, f"stage {number}"))
        yield event


def _has_moved(call: Call, digest: Digest) -> bool:
    change = digest.change_of(call)
    return change is not None and any(one.field == "deadlines" for one in change.fields)


def _gone(digest: Digest) -> Iterator[Call]:
    """Yield the calls that were suggested and cannot be entered any more, each once."""
    gone = [one for part in digest.cities for one in part.section(Section.GONE).gone]
    calls = {one.call.identifier: one.call for one in gone if one.why in (Why.WITHDRAWN, Why.CLOSED)}
    yield from (calls[identifier] for identifier in sorted(calls))


def _cancelled(call: Call, stamp: _Stamp) -> Iterator[Event]:
    """Yield every entry that the call may have had, as cancelled."""
    pattern = speech(stamp.language).gettext("Withdrawn or closed: {call}")
    summary = pattern.format(call=one_line(call.title))
    # The number of partners decides only whether there is an entry for their letters.
    steps = milestones.steps(partners=1)
    for number, deadline in enumerate(call.deadlines, 1):
        keys = {f"stage {number}": _start(deadline)}
        keys |= {
            f"stage {number} {one.name}": deadline.moment.date() - dt.timedelta(days=one.days)
            for one in steps
        }
        for key, start in keys.items():
            event = stamp.event(call, key, start, summary, summary)
            event.add("status", "CANCELLED")
            yield event


def _start(deadline: Deadline) -> dt.date:
    """Return the moment, or the whole day where no hour is stated."""
    return deadline.moment if deadline.time_stated else deadline.moment.date()


def _summary(call: Call, number: int, cities: str, language: str) -> str:
    _ = speech(language).gettext
    pattern = _("{cities}: {call} closes")
    if call.deadline_model is DeadlineModel.TWO_STAGE:
        pattern = (
            _("{cities}: first stage of {call} closes")
            if number == 1
            else _("{cities}: second stage of {call} closes")
        )
    elif call.deadline_model is DeadlineModel.MULTIPLE_CUT_OFF:
        pattern = _("{cities}: cut-off of {call}")
    return pattern.format(cities=cities, call=one_line(call.title))


def _told(row: Sequence[Line], language: str) -> str:
    """Return why the call is suggested to whom, and what is known of eligibility and time."""
    spoken = speech(language)
    told = []
    for line in row[:_TOLD]:
        chance = reasons.likelihood(line.match.probability, language)
        told.append(f"{line.city} ({chance}):" if chance else f"{line.city}:")
        told.append(one_line(reasons.reason(line.match, language)))
        told.append(f"{one_line(terms_wording.verdict(line.terms, language))}.")
        if line.terms:
            told.append(f"{wording.begun(one_line(terms_wording.time(line.terms, language)))}.")
        told.append("")
    rest = len(row) - _TOLD
    if rest > 0:
        told.append(spoken.ngettext("and {n} more project", "and {n} more projects", rest))
    call = row[0].call
    told.append(one_line(f"{names.programme(call.programme, language)}, {call.identifier}"))
    if address := safe_url(call.url):
        told.append(address)
    return "\n".join(told)


def _needed(row: Sequence[Line]) -> int | None:
    """Return the days that an application takes the city with most to do; None: not judged."""
    return max((line.terms.time.days_needed for line in row if line.terms), default=None)


def _alarms(deadline: Deadline, needed: int | None, moment: dt.datetime, summary: str) -> Iterator[Alarm]:
    """Yield the alarms that are still to come; programs would ring those that are past at once."""
    for days in sorted({*_RINGS, *([needed] if needed else [])}, reverse=True):
        before = dt.timedelta(days=days)
        if _beginning(deadline) - before < moment:
            continue
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", -before)
        yield alarm


def _beginning(deadline: Deadline) -> dt.datetime:
    """Return the moment from which a calendar counts back: of a whole day its midnight."""
    midnight = dt.time(tzinfo=deadline.moment.tzinfo)
    return deadline.moment if deadline.time_stated else dt.datetime.combine(deadline.moment.date(), midnight)
