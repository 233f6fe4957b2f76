"""What the store does when its file is damaged, or is not its own."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from processes import Start, is_sound, kill, line_of, started
from stored import harvest, no_power_cuts, take, words

from vie_match.errors import StoreDamaged
from vie_match.store import copies
from vie_match.store.calls import CallStore

# Has taken something over, and has not yet closed the file: what is new stands in a file beside it.
KEEPS_OPEN = """
with store.journal.opened() as connection:
    connection.execute("SELECT count(*) FROM versions").fetchone()
    for word in ("third", "fourth"):
        take(store, *harvest(400, word).calls)
    wait("open")
"""


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "store" / "store.db")


@pytest.fixture
def full(store: CallStore) -> CallStore:
    """The store with 150 old calls."""
    with no_power_cuts():
        take(store, *harvest(150, "old").calls)
    return store


@pytest.fixture
def start() -> Iterator[Start]:
    with started() as start:
        yield start


def as_text(path: Path) -> None:
    path.write_text("These are not the calls you are looking for.\n" * 200, encoding="utf-8")


def without_its_second_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path, start: int, raw: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(raw)


def with_another_beginning(path: Path) -> None:
    overwrite(path, 0, b"\0" * 100)


def with_an_empty_page(path: Path) -> None:
    overwrite(path, path.stat().st_size // 2 // 4096 * 4096, b"\0" * 4096)


def overwritten_in_the_middle(path: Path) -> None:
    size = path.stat().st_size
    overwrite(path, size // 3, random.Random(5).randbytes(size // 3))


def without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE runs")


def with_letters_that_are_none(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"title", b"t\xfftle"))


DAMAGES = [
    as_text,
    without_its_second_half,
    with_another_beginning,
    with_an_empty_page,
    overwritten_in_the_middle,
]


def check_that_damage_is_told(store: CallStore, work: Callable[[], object]) -> None:
    with pytest.raises(StoreDamaged) as found:
        work()
    assert str(store.path) in str(found.value)
    for advice in (
        "expected a sound SQLite database",
        "puts a copy in its place",
        "vie-match backup",
        "fetch",
    ):
        assert advice in str(found.value)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_told_at_opening_with_how_to_restore_it(
    full: CallStore, damage: Callable[[Path], None]
) -> None:
    copy = full.path.with_name("copy.db")
    copies.backup(full.journal, copy)
    damage(full.path)
    before = full.path.read_bytes()
    for work in (
        lambda new: new.sightings(),
        lambda new: new.journal.runs(),
        lambda new: take(new, *harvest(1, "new").calls),
        lambda new: copies.backup(new.journal, copy),
    ):
        fresh = CallStore(full.path)
        check_that_damage_is_told(full, lambda work=work, fresh=fresh: work(fresh))
    # Nothing is made worse, and the copy was not replaced by one of the damaged file.
    assert full.path.read_bytes() == before
    shutil.copy(copy, full.path)
    assert words(CallStore(full.path)) == {"old": 150}
    assert is_sound(full.path)


@pytest.mark.parametrize("damage", [*DAMAGES, without_a_table, with_letters_that_are_none])
def test_a_file_damaged_after_it_was_opened_is_told_too(
    full: CallStore, damage: Callable[[Path], None]
) -> None:
    damage(full.path)
    check_that_damage_is_told(full, full.sightings)


def without_its_last_bytes(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def with_facts_that_are_none(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"title":', b'"ti le":'))


def with_a_state_that_is_none(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"done", b"d ne"))


@pytest.mark.parametrize(
    "damage", [without_its_last_bytes, with_facts_that_are_none, with_a_state_that_is_none]
)
def test_damage_that_sqlite_does_not_see_is_told_too(full: CallStore, damage: Callable[[Path], None]) -> None:
    damage(full.path)
    check_that_damage_is_told(full, lambda: (full.sightings(), full.journal.runs()))


def test_a_copy_put_in_the_place_of_the_store_of_a_killed_process_is_what_it_was(
    store: CallStore, start: Start
) -> None:
    take(store, *harvest(300, "first").calls)
    copy = store.path.with_name("copy.db")
    copies.backup(store.journal, copy)
    take(store, *harvest(30, "second").calls, accept=True)
    process = start(KEEPS_OPEN, store.path)
    assert line_of(process) == "open"
    kill(process)
    old = copies.restore(store.journal, copy)
    assert words(CallStore(store.path)) == {"first": 300}
    assert old is not None
    assert old.exists()
    assert is_sound(store.path)


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(store: CallStore) -> None:
    take(store, *harvest(3, "old").calls)
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    before = store.path.read_bytes()
    for work in (
        store.sightings,
        store.journal.runs,
        lambda: take(store, *harvest(3, "new").calls),
        lambda: copies.backup(store.journal, store.path.with_name("copy.db")),
        CallStore(store.path).sightings,
    ):
        with pytest.raises(StoreDamaged, match=r"newer vie_match \(version 7\); update the package"):
            work()
    assert store.path.read_bytes() == before
    assert not store.path.with_name("copy.db").exists()
