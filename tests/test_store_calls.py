from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored import DAY, NOON, harvest, no_power_cuts, take

from vie_match.history import Harvest, Reading, Rejected, Run, Sighting
from vie_match.records import Call
from vie_match.store.calls import CallStore
from vie_match.vocabulary import CallStatus, ReadingState

MakeCall = Callable[..., Call]


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with no_power_cuts():
        yield


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "data" / "store.db")


def versions(store: CallStore) -> int:
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute("SELECT count(*) FROM versions").fetchone()[0]


def shown(store: CallStore, run: Run | None = None) -> dict[str, tuple[str, int, int]]:
    """Return title, and days after the first run of first and last sight, by key."""
    return {
        one.key: (one.call.title, (one.first_seen - NOON).days, (one.last_seen - NOON).days)
        for one in store.sightings(run)
    }


def test_a_new_store_knows_nothing(store: CallStore) -> None:
    assert store.sightings() == []
    assert store.open_keys(NOON) == []
    assert store.journal.runs() == store.journal.latest_readings() == store.journal.good_readings() == []


def test_a_call_comes_back_as_it_was_told(store: CallStore, make_call: MakeCall) -> None:
    call = make_call(
        "LIFE-2027-Ümlaut",
        deadlines=["2027-03-28 02:30", "2027-10-31 02:30:15"],
        deadline_model="two-stage",
        budget_total_eur=0,
        cofunding_rate=0.6,
        eligible_countries=["EL", "EU27"],
        themes=["heat", "water"],
        conditions="Only cities.\n\n* trees 🌳\x00",
    )
    _, reading = take(store, call)
    assert CallStore(store.path).sightings() == [Sighting("portal", call, NOON, NOON)]
    assert reading == Reading("portal", NOON, ReadingState.TAKEN_OVER, offered=1, loaded=1)


def test_a_call_that_stays_is_seen_again_and_written_once(store: CallStore, make_call: MakeCall) -> None:
    for day in range(3):
        take(store, make_call(title="Trees"), day=day)
    assert shown(store) == {"x-2027-01": ("Trees", 0, 2)}
    assert versions(store) == 1


def test_a_call_that_changes_stays_as_it_was_in_earlier_runs(store: CallStore, make_call: MakeCall) -> None:
    titles = ["Trees", "Trees", "Shade", "Trees"]
    runs = [take(store, make_call(title=title), day=day)[0] for day, title in enumerate(titles)]
    assert [shown(store, run)["x-2027-01"] for run in runs] == [
        ("Trees", 0, 0),
        ("Trees", 0, 1),
        ("Shade", 0, 2),
        ("Trees", 0, 3),
    ]
    assert versions(store) == 3


def test_a_call_that_goes_is_still_known_of_earlier_runs(store: CallStore, make_call: MakeCall) -> None:
    here = make_call("STAYS-2027", title="Stays")
    first, _ = take(store, here, make_call(title="Trees"))
    second, _ = take(store, here, make_call(title="Trees"), day=1)
    third, _ = take(store, here, day=2)
    assert shown(store).keys() == shown(store, third).keys() == {"stays-2027"}
    assert shown(store, second)["x-2027-01"] == ("Trees", 0, 1)
    assert shown(store, first)["x-2027-01"] == ("Trees", 0, 0)


def test_a_call_that_returns_was_first_seen_when_it_first_came(store: CallStore, make_call: MakeCall) -> None:
    here = make_call("STAYS-2027")
    take(store, here, make_call(title="Trees"))
    gone, _ = take(store, here, day=1)
    take(store, here, make_call(title="Trees"), day=2)
    assert shown(store)["x-2027-01"] == ("Trees", 0, 2)
    assert "x-2027-01" not in shown(store, gone)
    assert versions(store) == 3


def test_another_day_of_the_same_facts_is_no_other_version(store: CallStore, make_call: MakeCall) -> None:
    for day, date in enumerate(["2026-11-01", "2026-11-24", None]):
        take(store, make_call(source_date=date), day=day)
    [known] = store.sightings()
    assert (known.call.source_date, known.last_seen) == (dt.date(2026, 11, 24), NOON + 2 * DAY)
    assert versions(store) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Shade"},
        {"text": "Shade and water."},
        {"conditions": "Only cities."},
        {"deadlines": ["2027-10-07 17:00"]},  # the same moment, but now the hour is told
        {"deadlines": ["2027-10-07", "2027-12-07"]},
        {"opening": None},
        {"budget_total_eur": 0},
        {"themes": ["heat"]},
        {"url": None},
        {"source": "another portal"},
        {"identifier": "x-2027-01"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_each_fact_makes_another_version(
    store: CallStore, make_call: MakeCall, fields: dict[str, object]
) -> None:
    take(store, make_call())
    changed = make_call(**{"identifier": "X-2027-01"} | fields)
    take(store, changed, day=1)
    assert [one.call for one in store.sightings()] == [changed]
    assert versions(store) == 2


def test_sources_do_not_disturb_one_another(store: CallStore, make_call: MakeCall) -> None:
    portal = make_call(title="As the portal says")
    take(store, portal, make_call("P-1"))
    first, _ = take(store, make_call(title="As the catalogue says"), source="portico", day=1)
    second, _ = take(store, portal, make_call("P-1"), day=2)
    third, _ = take(store, source="portico", day=3, accept=True)
    assert [(one.source, one.key, one.last_seen) for one in store.sightings(first)] == [
        ("portal", "p-1", NOON),
        ("portal", "x-2027-01", NOON),
        ("portico", "x-2027-01", NOON + DAY),
    ]
    assert {one.last_seen for one in store.sightings(second)} == {NOON + 2 * DAY, NOON + DAY}
    assert [one.source for one in store.sightings(third)] == ["portal", "portal"]


def test_a_failed_or_held_back_reading_is_no_sight(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call())
    with store.journal.run("fetch", NOON + DAY) as run:
        store.journal.note_failure(run, "portal", "found no answer")
    take(store, day=2)
    assert shown(store)["x-2027-01"][1:] == (0, 0)


def test_an_identifier_that_comes_twice_is_kept_once_and_told(store: CallStore, make_call: MakeCall) -> None:
    told = (Rejected("no-date", "found no deadline"),)
    calls = (make_call("Life-2027"), make_call("LIFE-2027", title="Again"), make_call("life-2027"))
    run, reading = take(store, *calls, make_call("OTHER-2027"), rejected=told)
    assert [one.call.identifier for one in store.sightings()] == ["Life-2027", "OTHER-2027"]
    assert reading == Reading("portal", NOON, ReadingState.TAKEN_OVER, offered=5, loaded=2, rejected=3)
    assert store.journal.readings(run) == [reading]
    reason = "found a second time; the first one was kept"
    assert store.journal.rejections(run, "portal") == [
        *told,
        Rejected("LIFE-2027", reason),
        Rejected("life-2027", reason),
    ]


def test_only_the_wanted_calls_are_read(store: CallStore, make_call: MakeCall) -> None:
    first, _ = take(store, *(make_call(f"C-{number}") for number in range(5)))
    take(store, make_call("C-1", title="Told elsewhere"), source="portico", day=1)
    wanted = (f"c-{number}" for number in (3, 1, 1, 99))
    assert [(one.source, one.key) for one in store.sightings(keys=wanted)] == [
        ("portal", "c-1"),
        ("portal", "c-3"),
        ("portico", "c-1"),
    ]
    assert [one.source for one in store.sightings(first, keys=["c-1"])] == ["portal"]
    assert store.sightings(keys=["C-1"]) == store.sightings(keys=[]) == []


def test_more_keys_than_sqlite_has_variables_are_looked_up_at_once(
    store: CallStore, make_call: MakeCall
) -> None:
    take(store, make_call("C-7"))
    assert [one.key for one in store.sightings(keys=(f"c-{number}" for number in range(40_000)))] == ["c-7"]


@pytest.mark.parametrize(("before", "now"), [(1, 0), (10, 0), (10, 1), (10, 4), (11, 5), (100, 10)])
def test_a_list_that_has_shrunk_is_held_back_until_a_person_accepts(
    store: CallStore, before: int, now: int
) -> None:
    take(store, *harvest(before, "old").calls)
    known = store.sightings()
    run, reading = take(store, *harvest(now, "new").calls, day=1, rejected=(Rejected("x", "no title"),))
    assert store.sightings() == store.sightings(run) == known
    counts = (now + 1, now, 1, 0)
    assert reading == Reading("portal", NOON + DAY, ReadingState.HELD_BACK, *counts, reading.message)
    assert f"found {now} calls where {before} were" in reading.message
    assert "vie-match fetch portal --accept" in reading.message
    assert store.journal.readings(run) == store.journal.latest_readings() == [reading]
    assert store.journal.rejections(run, "portal") == [Rejected("x", "no title")]
    assert [good.began for good in store.journal.good_readings()] == [NOON]

    _, reading = take(store, *harvest(now, "new").calls, day=2, accept=True)
    assert (reading.state, reading.loaded) == (ReadingState.TAKEN_OVER, now)
    assert [one.call for one in store.sightings()] == list(harvest(now, "new").calls)


@pytest.mark.parametrize(("before", "now"), [(0, 0), (0, 1), (1, 1), (10, 5), (11, 6), (1, 100)])
def test_a_list_that_is_long_enough_is_taken_over(store: CallStore, before: int, now: int) -> None:
    take(store, *harvest(before, "old").calls)
    _, reading = take(store, *harvest(now, "new").calls, day=1)
    assert (reading.state, reading.loaded, reading.message) == (ReadingState.TAKEN_OVER, now, "")
    assert len(store.sightings()) == now


def test_a_list_full_of_repetitions_counts_as_short(store: CallStore, make_call: MakeCall) -> None:
    take(store, *harvest(10, "old").calls)
    _, reading = take(store, *(make_call("SAME") for _ in range(10)), day=1)
    assert reading.state is ReadingState.HELD_BACK
    assert "found 1 calls" in reading.message


def test_what_is_missing_in_a_harvest_that_is_not_whole_stays(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call("A-1"), make_call("B-2"), make_call("C-3"))
    partly = Harvest((make_call("A-1", title="Trees"), make_call("D-4")), is_whole=False)
    with store.journal.run("fetch", NOON + DAY) as run:
        reading = store.take_over(run, "portal", partly)
    assert (reading.state, reading.loaded) == (ReadingState.TAKEN_IN_PART, 2)
    assert shown(store).keys() == {"a-1", "b-2", "c-3", "d-4"}
    assert shown(store)["a-1"] == ("Trees", 0, 1)
    # Even nothing at all is no sign of a broken source then.
    with store.journal.run("fetch", NOON + 2 * DAY) as run:
        reading = store.take_over(run, "portal", Harvest((), is_whole=False))
    assert reading.state is ReadingState.TAKEN_IN_PART
    assert shown(store).keys() == {"a-1", "b-2", "c-3", "d-4"}
    take(store, make_call("A-1"), make_call("B-2"), day=3)
    assert shown(store).keys() == {"a-1", "b-2"}


def test_what_could_not_be_read_is_not_gone(store: CallStore, make_call: MakeCall) -> None:
    pages = {number: f"https://list.example/call/{number}" for number in (2, 20, 3)}
    known = [
        make_call("A-1"),
        make_call("B-2", conditions=f"Listed: {pages[2]}"),
        make_call("B-20", url=pages[20]),
        make_call("C-3", url=pages[3]),
    ]
    take(store, make_call("D-4"), make_call("E-5"), *known)
    # Of B-2 only a poorer reading came, under another identifier.
    poorer = make_call("LIST-2", url=pages[2])
    partly = Harvest(
        (make_call("D-4"), make_call("E-5"), poorer), unread=frozenset({"A-1", pages[2], pages[3]})
    )
    with store.journal.run("fetch", NOON + DAY) as run:
        reading = store.take_over(run, "portal", partly)
    assert reading.state is ReadingState.TAKEN_IN_PART
    assert shown(store).keys() == {"a-1", "b-2", "c-3", "d-4", "e-5"}
    assert {key: last for key, (_, _, last) in shown(store).items()} == {
        **dict.fromkeys(("a-1", "b-2", "c-3"), 0),
        **dict.fromkeys(("d-4", "e-5"), 1),
    }
    # An entry that was never known makes nothing partial.
    whole = Harvest((make_call("D-4"), make_call("E-5"), poorer), unread=frozenset({"Z-9", pages[20]}))
    with store.journal.run("fetch", NOON + 2 * DAY) as run:
        assert store.take_over(run, "portal", whole).state is ReadingState.TAKEN_OVER
    assert shown(store).keys() == {"d-4", "e-5", "list-2"}


def test_what_was_missing_was_last_seen_before(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call("A-1"), make_call("B-2"))
    with store.journal.run("fetch", NOON + DAY) as run:
        store.take_over(run, "portal", Harvest((make_call("A-1"),), is_whole=False))
    assert shown(store)["a-1"][1:] == (0, 1)
    assert shown(store)["b-2"][1:] == (0, 0)


def test_a_state_read_while_another_process_takes_over_is_one_state(
    store: CallStore, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, make_call("A-1", title="Trees"))
    connect = sqlite3.connect

    def meet(statement: str) -> None:
        if "FROM runs" in statement:
            monkeypatch.setattr(sqlite3, "connect", connect)
            take(store, make_call("A-1", title="Shade"), day=1)

    def connect_and_meet(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(meet)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_and_meet)
    assert shown(store)["a-1"] == ("Trees", 0, 0)


def test_what_another_source_has_does_not_count(store: CallStore, make_call: MakeCall) -> None:
    take(store, *harvest(10, "old").calls)
    _, reading = take(store, make_call("ONE"), source="portico", day=1)
    assert reading.state is ReadingState.TAKEN_OVER


def test_one_record_that_is_listed_twice_is_accounted_for(store: CallStore, make_call: MakeCall) -> None:
    call = make_call()
    _, reading = take(store, call, call)
    assert reading.offered == reading.loaded + reading.rejected + reading.folded


def test_nothing_was_last_seen_before_it_was_first_seen(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call("A-1"))
    with store.journal.run("fetch", NOON + DAY) as run:
        store.take_over(run, "portal", Harvest((make_call("A-1"), make_call("B-2"))))
        store.take_over(run, "portal", Harvest(()))  # held back
    assert all(one.first_seen <= one.last_seen for one in store.sightings())


def test_a_call_is_closed_from_the_first_instant_after_its_deadline(
    store: CallStore, make_call: MakeCall
) -> None:
    call = make_call(deadlines=["2026-11-25 12:00"])
    take(store, call)
    moment = NOON + DAY + dt.timedelta(milliseconds=500)
    assert call.status(moment) is CallStatus.CLOSED
    assert store.open_keys(moment) == []


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> tuple[CallStore, list[Call]]:
    """A store of calls with all kinds of dates."""
    dates = [
        [],
        ["2026-11-24"],
        ["2026-11-24 11:59:59"],
        ["2026-11-24 12:00"],
        ["2027-03-28 02:30"],  # an hour that the clocks leave out
        ["2027-10-31 02:30"],  # an hour that comes twice
        ["2026-11-23", "2027-10-31 23:59:59"],
        ["2025-01-01", "2026-11-24 12:00", "2028-02-29 00:00"],
        ["1990-01-01", "2100-12-31"],
    ]
    shared = {"title": "Shade", "programme": "LIFE", "text": "Trees."}
    calls = [
        Call.model_validate(
            shared | {"identifier": f"C-{number}-{model}", "deadlines": days, "deadline_model": model}
        )
        for number, days in enumerate(dates)
        for model in ("single-stage", "two-stage", "multiple cut-off", "continuous", "not stated")
        if days or model not in ("single-stage", "two-stage")
    ]
    store = CallStore(tmp_path_factory.mktemp("calendar") / "store.db")
    take(store, *calls[::2])
    take(store, *calls[1::2], calls[0], source="portico", day=1)
    return store, calls


# Moments in seconds since 1970; those of the calendar, and any from 1985 to 2105.
_DATES = ("2026-11-24 17:00", "2026-11-24 12:00", "2027-03-28 03:30", "2028-02-29 00:00", "2100-12-31 17:00")
_CLOSING = [int(dt.datetime.fromisoformat(f"{text}+01:00").timestamp()) for text in _DATES]
_SECONDS = st.one_of(
    st.builds(int.__add__, st.sampled_from(_CLOSING), st.sampled_from([-1, 0, 1]) | st.integers(-3601, 3601)),
    st.integers(473_385_600, 4_260_211_200),
)


@settings(max_examples=60, deadline=None)
@given(seconds=_SECONDS)
def test_open_calls_are_those_that_are_not_closed(
    calendar: tuple[CallStore, list[Call]], seconds: int
) -> None:
    store, calls = calendar
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    found = store.open_keys(moment)
    by_key = {call.identifier.casefold(): call for call in calls}
    assert sorted(found) == sorted(
        key for key, call in by_key.items() if call.status(moment) is not CallStatus.CLOSED
    )
    # Those that never close stand before the others.
    closing = [[deadline.moment for deadline in by_key[key].entries[-1:]] for key in found]
    assert all(one <= other for one, other in pairwise(closing))


def test_calls_that_are_gone_are_not_open(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call("A"), make_call("B", deadlines=["2026-11-25"]))
    take(store, make_call("A", deadlines=["2026-11-26"]), day=1)
    assert store.open_keys(NOON) == ["a"]
    assert store.open_keys(NOON + 3 * DAY) == []
