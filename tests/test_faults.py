"""What the store does when processes are killed, meet each other, and copy it meanwhile."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import Start, go_on, is_sound, kill, line_of, started
from stored import harvest, no_power_cuts, take, words

from vie_match.errors import StoreBusy
from vie_match.store import copies, journal
from vie_match.store.calls import CallStore
from vie_match.vocabulary import RunState

# Takes 2000 calls over, and waits to be killed when it is about to execute a statement for the nth time.
STOPS = """
beginning, nth = arguments[0], int(arguments[1])
connect, met = sqlite3.connect, count(1)

def look(statement):
    if statement.startswith(beginning) and next(met) == nth:
        wait("stopped")

def connect_and_look(*arguments, **options):
    connection = connect(*arguments, **options)
    connection.set_trace_callback(look)
    return connection

with no_power_cuts(), store.journal.run("fetch", NOON + DAY) as run:
    sqlite3.connect = connect_and_look
    store.take_over(run, "portal", harvest(2000, "new"))
"""

# Never stops doing runs; the calls of each say its number.
ENDLESS = """
print("begins", flush=True)
with no_power_cuts():
    while True:
        with store.journal.run("fetch", NOON) as run:
            store.take_over(run, "portal", harvest(200, f"run{run.number}"))
        print(run.number, flush=True)
"""

# Does one run, in which it waits for a word.
HOLDS = """
with no_power_cuts(), store.journal.run("fetch", NOON) as run:
    wait("inside")
    store.take_over(run, "portal", harvest(30, "first"))
print("done", flush=True)
"""

# Does some runs, for each of which it waits no longer than it is told.
COMES_LATER = """
source, journal.RUN_TIMEOUT_S, number = arguments[0], float(arguments[1]), int(arguments[2])
print("begins", flush=True)
try:
    with no_power_cuts():
        for _ in range(number):
            with store.journal.run("report", NOON + DAY) as run:
                store.take_over(run, source, harvest(30, source))
except StoreBusy as error:
    print("busy:", error, flush=True)
else:
    print("done", flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "store" / "store.db")


@pytest.fixture
def start() -> Iterator[Start]:
    with started() as start:
        yield start


@pytest.fixture
def quick() -> Iterator[None]:
    with no_power_cuts():
        yield


def states(store: CallStore) -> list[RunState]:
    return [run.state for run in store.journal.runs()]


@pytest.mark.parametrize(
    ("beginning", "nth", "known"),
    [
        ("UPDATE versions", 1, {"old": 100}),
        ("INSERT INTO versions", 1, {"old": 100}),
        ("INSERT INTO versions", 1900, {"old": 100}),  # long after SQLite has begun to write to the disk
        ("COMMIT", 1, {"old": 100}),
        ("UPDATE runs", 1, {"new": 2000}),  # taken over, but the run has not come to its end
    ],
)
def test_a_process_killed_while_it_takes_over_leaves_the_old_state_or_the_new_one(
    store: CallStore, start: Start, quick: None, beginning: str, nth: int, known: dict[str, int]
) -> None:
    take(store, *harvest(100, "old").calls)
    process = start(STOPS, store.path, beginning, nth)
    assert line_of(process) == "stopped"
    # Nobody has to wait to read, nor sees anything that is half done.
    assert words(store) == known
    assert states(store) == [RunState.DONE, RunState.RUNNING]
    kill(process)
    assert words(CallStore(store.path)) == known
    assert is_sound(store.path)
    take(store, *harvest(70, "next").calls, day=2, accept=True)
    assert states(store) == [RunState.DONE, RunState.BROKEN_OFF, RunState.DONE]
    assert words(store) == {"next": 70}
    assert [words(store, run) for run in store.journal.runs()] == [{"old": 100}, known, {"next": 70}]


def test_processes_killed_at_any_moment_leave_whole_runs(store: CallStore, start: Start, quick: None) -> None:
    moments = random.Random(47)
    finished = set()
    for _ in range(3):
        process = start(ENDLESS, store.path)
        assert line_of(process) == "begins"
        finished |= {int(line_of(process)) for _ in range(2)}
        time.sleep(moments.uniform(0, 0.08))
        kill(process)
        assert is_sound(store.path)
    take(store, *harvest(200, "after").calls)
    *runs, last = store.journal.runs()
    assert words(store, last) == {"after": 200}
    assert {run.number for run in runs if run.state is RunState.DONE} >= finished
    whole: dict[str, int] = {}
    for run in runs:
        found = words(store, run)
        assert run.state in (RunState.DONE, RunState.BROKEN_OFF)
        # A run that was broken off has taken over all or nothing.
        allowed = [{f"run{run.number}": 200}, *([whole] if run.state is RunState.BROKEN_OFF else [])]
        assert found in allowed
        whole = found


def test_a_process_killed_while_it_makes_the_store_leaves_a_store_or_none(
    tmp_path: Path, start: Start, quick: None
) -> None:
    moments = random.Random(11)
    for number in range(3):
        store = CallStore(tmp_path / str(number) / "store.db")
        process = start(ENDLESS, store.path)
        assert line_of(process) == "begins"
        time.sleep(moments.uniform(0, 0.02))
        kill(process)
        take(store, *harvest(200, "after").calls)
        assert words(store) == {"after": 200}
        assert is_sound(store.path)


def test_a_killed_process_does_not_keep_the_next_run_waiting(
    store: CallStore, start: Start, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "RUN_TIMEOUT_S", 0.05)
    process = start(HOLDS, store.path)
    assert line_of(process) == "inside"
    with pytest.raises(StoreBusy, match="another run is writing"):
        take(store, *harvest(1, "second").calls)
    assert states(store) == [RunState.RUNNING]
    kill(process)
    take(store, *harvest(1, "second").calls)
    assert states(store) == [RunState.BROKEN_OFF, RunState.DONE]


def test_of_two_processes_the_second_waits_until_the_first_has_ended(store: CallStore, start: Start) -> None:
    first = start(HOLDS, store.path)
    assert line_of(first) == "inside"
    second = start(COMES_LATER, store.path, "portico", 30, 1)
    assert line_of(second) == "begins"
    time.sleep(0.3)
    assert second.poll() is None
    assert states(store) == [RunState.RUNNING]
    go_on(first)
    assert [line_of(first), line_of(second)] == ["done", "done"]
    assert states(store) == [RunState.DONE] * 2
    assert words(store) == {"first": 30, "portico": 30}


def test_the_second_process_says_that_the_store_is_busy_and_does_the_first_no_harm(
    store: CallStore, start: Start
) -> None:
    first = start(HOLDS, store.path)
    assert line_of(first) == "inside"
    second = start(COMES_LATER, store.path, "portico", 0.1, 1)
    assert [line_of(second), line_of(second)] == [
        "begins",
        f"busy: another run is writing to {store.path}; try again when it has ended",
    ]
    go_on(first)
    assert line_of(first) == "done"
    assert states(store) == [RunState.DONE]
    assert words(store) == {"first": 30}


def test_processes_that_begin_at_once_on_a_new_store_all_succeed(store: CallStore, start: Start) -> None:
    sources = ("portal", "eui", "portico")
    processes = [start(COMES_LATER, store.path, source, 60, 2) for source in sources]
    for process in processes:
        assert [line_of(process), line_of(process)] == ["begins", "done"]
    assert [run.number for run in store.journal.runs()] == list(range(1, 7))
    assert set(states(store)) == {RunState.DONE}
    assert words(store) == dict.fromkeys(sources, 30)


def test_copies_made_while_another_process_writes_are_sound_and_complete(
    store: CallStore, start: Start, tmp_path: Path, quick: None
) -> None:
    process = start(ENDLESS, store.path)
    assert [line_of(process), line_of(process)] == ["begins", "1"]
    numbers = []
    for number in range(6):
        copy = CallStore(tmp_path / f"copy{number}.db")
        copies.backup(store.journal, copy.path)
        assert is_sound(copy.path)
        [(word, count)] = words(copy).items()
        assert count == 200
        numbers.append(int(word.removeprefix("run")))
        # The next run has begun, or not yet.
        assert len(copy.journal.runs()) in (numbers[-1], numbers[-1] + 1)
        while int(line_of(process)) <= numbers[-1]:
            pass
    assert numbers == sorted(set(numbers))


def test_a_copy_made_in_the_middle_of_a_transaction_is_the_old_state(
    store: CallStore, start: Start, tmp_path: Path, quick: None
) -> None:
    take(store, *harvest(100, "old").calls)
    process = start(STOPS, store.path, "INSERT INTO versions", 1900)
    assert line_of(process) == "stopped"
    copy = CallStore(tmp_path / "copy.db")
    copies.backup(store.journal, copy.path)
    go_on(process)
    assert process.wait(30) == 0
    assert words(copy) == {"old": 100}
    assert is_sound(copy.path)
    # The copy did not disturb the other process.
    assert words(store) == {"new": 2000}
