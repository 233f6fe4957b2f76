from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import DAY, NOON

from vie_match.changes import Change, ChangeKind, FieldChange, changes
from vie_match.history import KnownCall, Sighting
from vie_match.records import Call
from vie_match.sources.merge import merge
from vie_match.vocabulary import CallStatus

WEEK = 7 * DAY
NEXT = NOON + WEEK
PAGE = "https://funds.example.org/calls/shade-for-streets"

# Deadlines before the first moment, between the two, and after the second.
PAST, BETWEEN, AHEAD, LATER = "2026-11-20", "2026-11-27", "2027-01-12", "2027-02-12"


def known(identifier: str = "X-2027", /, **fields: Any) -> KnownCall:
    plain = {"title": "Shade", "programme": "LIFE", "deadlines": [AHEAD], "text": "Trees."}
    return KnownCall(
        Call.model_validate(plain | {"identifier": identifier} | fields),
        {},
        (),
        NOON,
        frozenset({identifier.casefold()}),
    )


def news(before: list[KnownCall], after: list[KnownCall]) -> list[Change]:
    """Compare what was known at noon with what was known a week later."""
    return changes(before, after, NOON, NEXT)


def test_a_call_that_was_not_known_is_new() -> None:
    call = known()
    assert news([], [call]) == [Change(ChangeKind.NEW, call.call)]


def test_a_call_that_nobody_has_any_more_is_gone_as_it_was() -> None:
    call = known()
    assert news([call], []) == [Change(ChangeKind.GONE, call.call)]


@pytest.mark.parametrize("date", [BETWEEN, "2026-12-01 11:59"])
def test_a_call_whose_last_deadline_has_passed_is_closed_whether_it_is_still_listed_or_not(date: str) -> None:
    before, after = known(deadlines=[date]), known(deadlines=[date], title="Shade (closed)")
    assert news([before], [after]) == [Change(ChangeKind.CLOSED, after.call)]
    assert news([before], []) == [Change(ChangeKind.CLOSED, before.call)]


def test_a_call_closes_after_the_moment_of_its_deadline() -> None:
    call = known(deadlines=["2026-12-01 12:00"])
    assert news([call], [call]) == []
    assert news([call], []) == [Change(ChangeKind.GONE, call.call)]
    assert changes([call], [call], NOON, NEXT + dt.timedelta(seconds=1))[0].kind is ChangeKind.CLOSED


def test_what_had_closed_before_is_no_news() -> None:
    call, retold = known(deadlines=[PAST]), known(deadlines=[PAST], title="Shade (closed)")
    assert news([call], [retold]) == []
    assert news([call], []) == []
    assert news([], [call]) == []
    assert news([], [known(deadlines=[BETWEEN])]) == []


def test_of_a_call_with_two_stages_the_first_one_counts() -> None:
    call = known(deadline_model="two-stage", deadlines=[BETWEEN, AHEAD])
    assert [change.kind for change in news([call], [call])] == [ChangeKind.CLOSED]
    many = known(deadline_model="multiple cut-off", deadlines=[BETWEEN, AHEAD])
    assert news([many], [many]) == []


def test_a_deadline_that_is_put_off_is_a_change() -> None:
    for old in (PAST, BETWEEN, AHEAD):
        before, after = known(deadlines=[old]), known(deadlines=[LATER])
        assert news([before], [after]) == [
            Change(ChangeKind.CHANGED, after.call, (FieldChange("deadlines", old, LATER),))
        ]


def test_a_deadline_that_is_put_before_today_closes_the_call() -> None:
    after = known(deadlines=[BETWEEN])
    assert news([known()], [after]) == [Change(ChangeKind.CLOSED, after.call)]


@pytest.mark.parametrize(
    ("field", "old", "new", "before", "after"),
    [
        ("title", "Shade", "Trees", "Shade", "Trees"),
        ("programme", "LIFE", "EUI", "LIFE", "EUI"),
        ("opening", None, "2026-12-01", "", "2026-12-01"),
        ("deadlines", [AHEAD], [AHEAD, f"{LATER} 14:00"], AHEAD, f"{AHEAD}, {LATER} 14:00"),
        ("budget_total_eur", None, 0, "", "0"),
        ("budget_total_eur", 5_000_000, None, "5000000", ""),
        ("grant_max_eur", 1, 2, "1", "2"),
        ("cofunding_rate", 0.6, 0.75, "0.6", "0.75"),
        ("themes", [], ["heat", "water"], "", "heat, water"),
        ("eligible_countries", ["DE"], ["EL"], "DE", "EL"),
        ("text", "Trees.", "Trees and water.", "", ""),
        ("conditions", "", "Only cities.", "", ""),
    ],
)
def test_a_change_is_told_field_by_field(field: str, old: Any, new: Any, before: str, after: str) -> None:
    calls = [known(**{field: value}) for value in (old, new)]
    assert news(calls[:1], calls[1:]) == [
        Change(ChangeKind.CHANGED, calls[1].call, (FieldChange(field, before, after),))
    ]


def test_several_changes_stand_in_order_of_the_records_fields() -> None:
    after = known(text="Water.", cofunding_rate=0.5, title="Water", opening="2026-12-01", min_countries=3)
    [change] = news([known()], [after])
    order = list(after.call.flat())
    names = [one.field for one in change.fields]
    assert sorted(names) == sorted(["title", "opening", "min_countries", "cofunding_rate", "text"])
    assert names == sorted(names, key=order.index)


def test_who_tells_it_where_and_when_is_no_change() -> None:
    after = known("x-2027", source="The portal", source_date="2026-11-30", url=PAGE)
    assert news([known(source="A catalogue", source_date="2026-11-01", url=None)], [after]) == []


def test_news_stand_in_order_of_identifier_one_for_each_call() -> None:
    before = [known("c-3"), known("B-2", deadlines=[BETWEEN]), known("d-4"), known("e-5")]
    after = [known("A-1"), known("D-4", title="Trees"), known("E-5"), known("B-2", deadlines=[BETWEEN])]
    assert [(one.kind, one.key) for one in news(before, after)] == [
        (ChangeKind.NEW, "a-1"),
        (ChangeKind.CLOSED, "b-2"),
        (ChangeKind.GONE, "c-3"),
        (ChangeKind.CHANGED, "d-4"),
    ]


def test_a_call_that_a_better_source_tells_too_is_not_gone() -> None:
    call = known("PORTICO-17", url=PAGE).call
    portico = Sighting("portico", call, NOON, NOON)
    portal = Sighting("portal", call.model_copy(update={"identifier": "LIFE-2027-17"}), NEXT, NEXT)
    kinds = [change.kind for change in news(merge([portico]), merge([portico, portal]))]
    assert ChangeKind.GONE not in kinds


CALLS = st.lists(
    st.builds(
        lambda identifier, facts: known(identifier, **facts),
        st.sampled_from(["A", "B", "C", "d"]),
        st.fixed_dictionaries(
            {"deadlines": st.sampled_from([[PAST], [BETWEEN], [AHEAD], [BETWEEN, AHEAD], [PAST, LATER]])},
            optional={
                "title": st.sampled_from(["Shade", "Trees"]),
                "deadline_model": st.sampled_from(["two-stage", "multiple cut-off"]),
                "budget_total_eur": st.integers(0, 2),
                "text": st.sampled_from(["Trees.", "Water."]),
            },
        ),
    ),
    unique_by=lambda one: one.key,
    max_size=4,
)
MOMENTS = st.sampled_from([NOON - WEEK, NOON, NEXT, NOON + 70 * DAY, NOON + 200 * DAY])


@settings(deadline=None)
@given(calls=CALLS, moment=MOMENTS)
def test_nothing_is_new_between_a_state_and_itself(calls: list[KnownCall], moment: dt.datetime) -> None:
    assert changes(calls, calls, moment, moment) == []


@settings(deadline=None)
@given(before=CALLS, after=CALLS, moments=st.tuples(MOMENTS, MOMENTS).map(sorted))
def test_each_piece_of_news_is_what_it_says(
    before: list[KnownCall], after: list[KnownCall], moments: list[dt.datetime]
) -> None:
    began, moment = moments
    found = changes(before, after, began, moment)
    assert [one.key for one in found] == sorted({one.key for one in found})
    old, new = ({one.key: one.call for one in calls} for calls in (before, after))
    told = {one.key: one for one in found}
    for key in old.keys() | new.keys():
        assert told.get(key) == _expected(old.get(key), new.get(key), began, moment), key


def _expected(old: Call | None, new: Call | None, began: dt.datetime, moment: dt.datetime) -> Change | None:
    """Tell what happened to one call, from what it was and is."""
    latest = new or old
    assert latest is not None
    if latest.status(moment) is CallStatus.CLOSED:
        had_been_open = old is not None and old.status(began) is not CallStatus.CLOSED
        return Change(ChangeKind.CLOSED, latest) if had_been_open else None
    if new is None or old is None:
        # All calls of these tests were first seen at noon.
        arrived = ChangeKind.BACK if began > NOON else ChangeKind.NEW
        return Change(ChangeKind.GONE if new is None else arrived, latest)
    if new == old:
        return None
    names = [name for name, value in new.flat().items() if value != old.flat()[name]]
    told = tuple(_told(name, old.flat()[name], new.flat()[name]) for name in names)
    return Change(ChangeKind.CHANGED, new, told)


def _told(name: str, old: Any, new: Any) -> FieldChange:
    if name == "text":
        return FieldChange(name, "", "")
    texts = [
        "" if one is None else ", ".join(one) if isinstance(one, list) else str(one) for one in (old, new)
    ]
    return FieldChange(name, *texts)


def told_by(source: str, identifier: str, **fields: Any) -> Sighting:
    return Sighting(source, known(identifier, source=source, **fields).call, NOON, NOON)


def kinds(before: list[Sighting], after: list[Sighting]) -> list[tuple[str, str]]:
    return [(one.kind.value, one.key) for one in news(merge(before), merge(after))]


def test_two_calls_that_turn_out_to_be_one_are_told_once() -> None:
    portal, other = told_by("portal", "LIFE-A", url=PAGE), told_by("euroaccess", "EA-77", url=f"{PAGE}-2")
    joined = told_by("euroaccess", "EA-77", url=PAGE)
    assert kinds([portal, other], [portal, joined]) == []


def test_one_call_that_turns_out_to_be_two_is_told_as_one_more() -> None:
    portal, joined = told_by("portal", "LIFE-A", url=PAGE), told_by("euroaccess", "EA-77", url=PAGE)
    other = told_by("euroaccess", "EA-77", url=f"{PAGE}-2")
    assert kinds([portal, joined], [portal, other]) == [("new", "ea-77")]


def test_a_call_that_its_owner_drops_while_a_catalogue_still_has_it_is_told() -> None:
    portal, other = told_by("portal", "A", deadlines=[AHEAD]), told_by("euroaccess", "A", deadlines=[LATER])
    [change] = news(merge([portal, other]), merge([other]))
    assert change.fields == (
        FieldChange("source", "portal", "euroaccess"),
        FieldChange("deadlines", AHEAD, LATER),
    )


def test_a_call_that_had_been_known_before_is_back() -> None:
    earlier = Sighting("portal", known("A").call, NOON - (NEXT - NOON), NEXT)
    assert kinds([], [earlier]) == [("back", "a")]
