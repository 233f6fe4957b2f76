from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored import DAY, NOON, harvest, no_power_cuts, take

from vie_match.errors import BadValue, StoreBusy
from vie_match.history import Harvest, Reading, Rejected, Run
from vie_match.records import BRUSSELS, Call
from vie_match.store import journal, layout
from vie_match.store.calls import CallStore
from vie_match.store.journal import Journal
from vie_match.vocabulary import ReadingState, RunState

MakeCall = Callable[..., Call]


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with no_power_cuts():
        yield


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "data" / "store.db")


@pytest.fixture
def runs(store: CallStore) -> Journal:
    return store.journal


def finish(runs: Journal, kind: str, moment: dt.datetime) -> Run:
    """Do a run that writes nothing."""
    with runs.run(kind, moment) as run:
        pass
    return replace(run, state=RunState.DONE)


def test_a_run_goes_on_until_its_block_ends(runs: Journal) -> None:
    with runs.run("fetch", NOON) as run:
        assert run == Run(1, "fetch", NOON, RunState.RUNNING)
        assert runs.runs() == [run]
    assert Journal(runs.path).runs() == [replace(run, state=RunState.DONE)]


def test_runs_have_growing_numbers_whatever_their_moments(runs: Journal) -> None:
    done = [finish(runs, "fetch", NOON + days * DAY) for days in (2, 0, 1)]
    assert [run.number for run in done] == [1, 2, 3]
    assert runs.runs() == done


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit, StoreBusy])
def test_a_run_that_fails_is_broken_off_and_keeps_what_it_had(
    store: CallStore, make_call: MakeCall, error: type[BaseException]
) -> None:
    def fail_halfway() -> None:
        with store.journal.run("fetch", NOON) as run:
            store.take_over(run, "portal", Harvest((make_call(),)))
            raise error

    with pytest.raises(error):
        fail_halfway()
    [run] = store.journal.runs()
    assert run.state is RunState.BROKEN_OFF
    assert (
        [one.key for one in store.sightings()] == [one.key for one in store.sightings(run)] == ["x-2027-01"]
    )
    assert finish(store.journal, "fetch", NOON).number == 2


def test_the_moment_of_a_run_is_told_in_brussels(runs: Journal) -> None:
    finish(runs, "fetch", dt.datetime(2026, 7, 1, 23, 30, 15, 999, tzinfo=dt.UTC))
    [run] = runs.runs()
    assert str(run.began) == "2026-07-02 01:30:15+02:00"
    assert run.began.tzinfo is BRUSSELS


def test_one_run_is_found_by_its_number(runs: Journal) -> None:
    first, second = finish(runs, "fetch", NOON), finish(runs, "report", NOON)
    assert [runs.numbered(1), runs.numbered(2)] == [first, second]


@pytest.mark.parametrize(("count", "known"), [(0, "none yet"), (2, "1 to 2")])
def test_a_number_without_a_run_is_told_with_those_there_are(runs: Journal, count: int, known: str) -> None:
    for _ in range(count):
        finish(runs, "fetch", NOON)
    for number in (0, -1, 3):
        with pytest.raises(BadValue, match=rf"no run {number}; there are: {known} \(vie-match runs lists"):
            runs.numbered(number)


def test_the_last_run_is_the_last_of_its_kind_that_ended_on_an_earlier_day(runs: Journal) -> None:
    today = NOON.date()
    assert runs.last("report", today) is None
    old = finish(runs, "report", NOON - 8 * DAY)
    week = finish(runs, "report", NOON - DAY)
    finish(runs, "fetch", NOON - DAY)
    finish(runs, "report", NOON)
    with pytest.raises(KeyError), runs.run("report", NOON - DAY):
        raise KeyError
    assert runs.last("report", today) == week
    assert runs.last("report", week.began.date()) == old
    assert runs.last("report", old.began.date()) is None
    assert runs.last("import", today) is None


def test_the_day_of_a_run_is_that_of_brussels(runs: Journal) -> None:
    late = dt.datetime(2026, 11, 23, 23, 30, tzinfo=dt.UTC)
    finish(runs, "report", late)
    assert runs.last("report", before=dt.date(2026, 11, 24)) is None
    assert runs.last("report", before=dt.date(2026, 11, 25)) is not None


def test_what_became_of_each_source_is_remembered(store: CallStore, make_call: MakeCall) -> None:
    told = (Rejected("no-date", "found no deadline"), Rejected("no-date", "found no link"))
    with store.journal.run("fetch", NOON) as run:
        portico = store.take_over(run, "portico", Harvest((make_call(),), told, folded=4, notices=("odd",)))
        eui = store.journal.note_failure(run, "eui", "found no answer")
    assert portico == Reading("portico", NOON, ReadingState.TAKEN_OVER, 7, 1, 2, 4)
    assert eui == Reading("eui", NOON, ReadingState.FAILED, message="found no answer")
    assert Journal(store.path).readings(run) == [eui, portico]
    assert store.journal.rejections(run, "portico") == list(told)
    assert store.journal.rejections(run, "eui") == []


def test_readings_and_rejections_are_those_of_one_run(store: CallStore) -> None:
    first, _ = take(store, rejected=(Rejected("a", "found no title"),))
    second, _ = take(store, rejected=(Rejected("b", "found no title"),), day=1)
    assert [one.began for one in store.journal.readings(first)] == [NOON]
    assert [one.key for one in store.journal.rejections(first, "portal")] == ["a"]
    assert [one.key for one in store.journal.rejections(second, "portal")] == ["b"]
    assert store.journal.rejections(second, "eui") == []


def test_the_latest_and_the_latest_good_reading_of_each_source(store: CallStore) -> None:
    take(store, *harvest(4, "trees").calls)
    take(store, *harvest(4, "trees").calls, day=1)
    take(store, source="portico", day=2)
    _, held = take(store, day=3)
    with store.journal.run("fetch", NOON + 4 * DAY) as run:
        failed = store.journal.note_failure(run, "portico", "found no answer")
        never = store.journal.note_failure(run, "eui", "found no answer")
    assert store.journal.latest_readings() == [never, held, failed]
    good = [(one.source, one.began, one.loaded) for one in store.journal.good_readings()]
    assert good == [("portal", NOON + DAY, 4), ("portico", NOON + 2 * DAY, 0)]


def test_a_source_that_fails_keeps_its_calls(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call())
    with store.journal.run("fetch", NOON + DAY) as run:
        store.journal.note_failure(run, "portal", "found no answer")
    assert [one.key for one in store.sightings()] == ["x-2027-01"]


def test_a_second_run_waits_for_the_first_and_then_says_that_it_is_busy(
    runs: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "RUN_TIMEOUT_S", 0.05)
    with runs.run("fetch", NOON) as first:
        with (
            pytest.raises(StoreBusy, match=r"another run is writing to .*store\.db; try again"),
            Journal(runs.path).run("report", NOON),
        ):
            pass
        assert runs.runs() == [first]
    assert finish(runs, "report", NOON).number == 2


def test_a_second_run_begins_when_the_first_has_ended(runs: Journal) -> None:
    ended = threading.Event()
    began: list[bool] = []

    def second() -> None:
        with Journal(runs.path).run("report", NOON):
            began.append(ended.is_set())

    with runs.run("fetch", NOON):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.2)
        assert other.is_alive()
        ended.set()
    other.join(10)
    assert began == [True]
    assert [run.state for run in runs.runs()] == [RunState.DONE] * 2


def test_a_run_that_says_it_is_running_but_is_not_is_broken_off_by_the_next(runs: Journal) -> None:
    finish(runs, "fetch", NOON)
    with runs.opened() as connection:
        connection.execute("UPDATE runs SET state = ?", (RunState.RUNNING,))
    finish(runs, "fetch", NOON + DAY)
    assert [run.state for run in runs.runs()] == [RunState.BROKEN_OFF, RunState.DONE]


_MOMENTS = st.builds(
    dt.datetime.fromtimestamp,
    st.integers(0, 4_102_444_800) | st.integers(1_792_882_800, 1_792_897_200),  # the night clocks go back
    st.sampled_from([dt.UTC, BRUSSELS, ZoneInfo("America/St_Johns"), ZoneInfo("Asia/Tokyo")]),
)


@given(first=_MOMENTS, second=_MOMENTS)
def test_moments_come_back_and_their_texts_sort_as_they_do(first: dt.datetime, second: dt.datetime) -> None:
    assert layout.moment(layout.text(first)).timestamp() == first.timestamp()
    assert (layout.text(first) < layout.text(second)) == (first.timestamp() < second.timestamp())
