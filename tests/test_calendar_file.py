"""The calendar: entries that stay the same entries, in two other people's parsers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import icalendar
import vobject
from digests import MOMENT, WEEK, made

from vie_match.records import BRUSSELS, Call, Profile
from vie_match.reports import reasons, terms_wording
from vie_match.reports.calendar_file import calendar, uid
from vie_match.reports.milestones import steps

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


def events(content: bytes) -> dict[str, Any]:
    """Return the entries by UID, read strictly."""
    parsed = icalendar.Calendar.from_ical(content)
    assert not parsed.errors
    found = {str(event["UID"]): event for event in parsed.walk("VEVENT")}
    assert len(found) == len(parsed.walk("VEVENT"))
    assert not any(event.errors for event in found.values())
    return found


def test_a_stated_hour_is_an_entry_in_brussels_time_with_its_rules(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    call = make_call(deadlines=["2027-10-07 14:00"])
    content = calendar(made([call], [make_profile()]))
    event = events(content)[uid(call, "stage 1")]
    assert event["DTSTART"].params["TZID"] == "Europe/Brussels"
    assert event.decoded("DTSTART") == dt.datetime(2027, 10, 7, 14, tzinfo=BRUSSELS)
    [zone] = icalendar.Calendar.from_ical(content).walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Brussels"
    assert {str(part.decoded("TZOFFSETTO")) for part in zone.subcomponents} == {"1:00:00", "2:00:00"}
    # vobject reckons with the rules that stand in the file.
    entries = vobject.readOne(content.decode()).vevent_list
    [start] = [one.dtstart.value for one in entries if one.uid.value == uid(call, "stage 1")]
    assert start.astimezone(dt.UTC) == dt.datetime(2027, 10, 7, 12, tzinfo=dt.UTC)


def test_a_day_without_an_hour_is_a_whole_day(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call(deadlines=["2027-10-07"])
    event = events(calendar(made([call], [make_profile()])))[uid(call, "stage 1")]
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event.decoded("DTSTART") == dt.date(2027, 10, 7)
    assert event["TRANSP"] == "TRANSPARENT"


def test_an_entry_says_who_what_and_why(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call(title="Shade; water, trees", programme="LIFE")
    profiles = [make_profile(), make_profile("b", city={"name": "Burg", "country": "DE"})]
    digest = made([call], profiles)
    event = events(calendar(digest))[uid(call, "stage 1")]
    assert event["SUMMARY"] == "Burg and Town: Shade; water, trees closes"
    assert event["CATEGORIES"].cats == ["LIFE"]
    assert event["URL"] == "https://example.org/call"
    told = str(event["DESCRIPTION"]).split("\n")
    for part in digest.cities:
        assert reasons.reason(part.best[0]) in told
        assert f"{terms_wording.verdict(part.terms[call.identifier])}." in told
    assert told[-1] == "https://example.org/call"


def test_the_calendar_speaks_german(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call(title="Bäume")
    found = events(calendar(made([call], [make_profile()]), "de"))
    assert found[uid(call, "stage 1")]["SUMMARY"] == "Town: Einreichungsschluss für Bäume"
    assert found[uid(call, "stage 1 council")]["SUMMARY"] == "Ratsbeschluss liegt vor: Bäume"


def test_milestones_are_counted_back_and_lead_to_their_call(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    call = make_call(deadlines=["2027-10-07"], min_participants=3)
    digest = made([call], [make_profile()])
    missing = digest.cities[0].terms[call.identifier].partners
    assert missing == 2
    found = events(calendar(digest))
    closes = dt.date(2027, 10, 7)
    days = {
        name: (closes - found[uid(call, f"stage 1 {name}")].decoded("DTSTART")).days
        for name in ("council-begin", "council", "partners", "submission")
    }
    assert days == {"council-begin": 92, "council": 50, "partners": 30, "submission": 1}
    assert {str(found[uid(call, f"stage 1 {name}")]["RELATED-TO"]) for name in days} == {uid(call, "stage 1")}
    # As long before as the time that an application is said to take.
    assert days["council-begin"] == digest.cities[0].terms[call.identifier].time.days_needed


def test_who_needs_no_partner_waits_for_no_letters() -> None:
    assert [one.name for one in steps(0)] == ["council-begin", "council", "submission"]


def test_alarms_ring_before_the_end_and_only_those_to_come(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    far, near = (
        make_call("FAR", deadlines=["2027-10-07 17:00"]),
        make_call("NEAR", deadlines=["2026-12-11 17:00"]),
    )
    digest = made([far, near], [make_profile()])
    found = events(calendar(digest))

    def rings(call: Call) -> set[int]:
        alarms = found[uid(call, "stage 1")].walk("VALARM")
        assert {alarm["ACTION"] for alarm in alarms} == {"DISPLAY"}
        return {-alarm.decoded("TRIGGER").days for alarm in alarms}

    needed = digest.cities[0].terms["FAR"].time.days_needed
    assert rings(far) == {needed, 28, 7, 1}
    assert rings(near) == {7, 1}


def test_a_moved_deadline_moves_the_same_entry(make_call: MakeCall, make_profile: MakeProfile) -> None:
    old, new = make_call(deadlines=["2027-10-07"]), make_call(deadlines=["2027-09-16"])
    first = made([old], [make_profile()])
    second = made([new], [make_profile()], before=first, moment=MOMENT + WEEK)
    before, after = events(calendar(first)), events(calendar(second))
    assert before.keys() == after.keys()
    for key, event in after.items():
        assert event["SEQUENCE"] > before[key]["SEQUENCE"]
        assert event.decoded("DTSTAMP") > before[key].decoded("DTSTAMP")
        assert before[key].decoded("DTSTART") - event.decoded("DTSTART") == dt.timedelta(days=21)


def test_of_a_call_that_is_gone_every_entry_is_cancelled(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    gone, stays = make_call("GONE", min_participants=3), make_call("STAYS")
    first = made([gone, stays], [make_profile()])
    second = made([stays], [make_profile()], before=first, moment=MOMENT + WEEK)
    before, after = events(calendar(first)), events(calendar(second))
    assert before.keys() == after.keys()
    cancelled = {key for key, event in after.items() if event.get("STATUS") == "CANCELLED"}
    assert cancelled == {
        key for key in before if key not in events(calendar(made([stays], [make_profile()])))
    }
    assert len(cancelled) == 5
    assert all(after[key]["SEQUENCE"] > before[key]["SEQUENCE"] for key in cancelled)


def test_a_call_that_never_was_suggested_is_not_cancelled(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    first = made([make_call("STAYS"), make_call("GONE")], [make_profile()])
    silent = replace(first, cities=())
    second = made([make_call("STAYS")], [make_profile()], before=silent, moment=MOMENT + WEEK)
    assert not [one for one in events(calendar(second)).values() if "STATUS" in one]


def test_stages_and_cut_offs_are_entries_of_their_own_past_ones_none(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    stages = make_call("TWO", deadline_model="two-stage", deadlines=["2027-03-01", "2027-09-01"])
    cuts = make_call(
        "CUTS", deadline_model="multiple cut-off", deadlines=["2026-02-01", "2027-02-01", "2027-06-01"]
    )
    found = events(calendar(made([stages, cuts], [make_profile()])))
    told = {key: str(event["SUMMARY"]) for key, event in found.items()}
    assert "first stage" in told[uid(stages, "stage 1")]
    assert "second stage" in told[uid(stages, "stage 2")]
    assert uid(cuts, "stage 1") not in told
    assert "cut-off" in told[uid(cuts, "stage 2")]
    assert "cut-off" in told[uid(cuts, "stage 3")]
    # One prepares for the next, not for all.
    assert uid(cuts, "stage 2 submission") in told
    assert uid(cuts, "stage 3 submission") not in told


def test_a_call_without_an_end_has_no_entry(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call(deadline_model="continuous", deadlines=[])
    assert events(calendar(made([call], [make_profile()]))) == {}


def test_lines_are_folded_and_end_as_the_standard_has_it(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    content = calendar(made([make_call(title="Ä" * 200)], [make_profile()]))
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)


def test_what_is_late_already_is_not_told_unless_it_has_moved(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    old, new = make_call(deadlines=["2027-10-07"]), make_call(deadlines=["2026-12-20"])
    first = made([old], [make_profile()])
    assert uid(new, "stage 1 council") not in events(calendar(made([new], [make_profile()])))
    moved = events(calendar(made([new], [make_profile()], before=first, moment=MOMENT + WEEK)))
    assert moved[uid(new, "stage 1 council")].decoded("DTSTART") == dt.date(2026, 11, 20)


def test_the_whole_keeps_to_the_standard(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [make_call("GONE"), make_call("HOUR", deadlines=["2027-10-07 14:00"], min_participants=3)]
    first = made(calls, [make_profile()])
    second = made(calls[1:], [make_profile()], before=first, moment=MOMENT + WEEK)
    content = calendar(second)
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:P1D\r\n" in content
    parsed = vobject.readOne(content.decode())
    assert parsed.validate(raiseException=True)
    assert {event.behavior.name for event in parsed.vevent_list} == {"VEVENT"}


def test_the_same_digest_gives_the_same_calendar(make_call: MakeCall, make_profile: MakeProfile) -> None:
    digest = made([make_call()], [make_profile()])
    assert calendar(digest) == calendar(digest)


def test_no_sequence_leaves_what_programs_can_hold(make_call: MakeCall, make_profile: MakeProfile) -> None:
    late = dt.datetime(2099, 1, 1, 12, tzinfo=BRUSSELS)
    call = make_call(deadlines=["2099-10-07"])
    found = events(calendar(made([call], [make_profile()], moment=late)))
    assert all(0 < event["SEQUENCE"] < 2**31 for event in found.values())
