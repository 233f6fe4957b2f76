"""Copies of the store; those made while others write, or onto a full disk, have tests of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from stored import DAY, NOON, no_power_cuts, take

from vie_match.errors import BadValue, VieMatchError
from vie_match.records import Call
from vie_match.store import copies
from vie_match.store.calls import CallStore

MakeCall = Callable[..., Call]


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with no_power_cuts():
        yield


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "data" / "store.db")


def test_a_copy_holds_what_the_store_holds_in_one_file(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call())
    copy = store.path.with_name("copy.db")
    copies.backup(CallStore(store.path.with_name("other.db")).journal, copy)
    copies.backup(store.journal, copy)
    names = {path.name for path in copy.parent.iterdir()}
    assert {name for name in names if "copy" in name} == {"copy.db"}
    with closing(sqlite3.connect(copy)) as connection:
        # Needs no companions, and so can be read where one cannot write.
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert CallStore(copy).sightings() == store.sightings()
    assert CallStore(copy).journal.runs() == store.journal.runs()


def test_a_copy_in_the_place_of_the_store_can_be_read_while_somebody_writes(
    store: CallStore, make_call: MakeCall
) -> None:
    take(store, make_call())
    copy = CallStore(store.path.with_name("copy.db"))
    copies.backup(store.journal, copy.path)
    take(copy, make_call(), day=1)
    with closing(sqlite3.connect(copy.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_copy_goes_into_a_new_folder(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call())
    target = store.path.parent / "copies" / "week 47.db"
    copies.backup(store.journal, target)
    assert [path.name for path in target.parent.iterdir()] == ["week 47.db"]
    assert CallStore(target).sightings() == store.sightings()


def test_a_copy_can_be_written_on_like_the_store(store: CallStore, make_call: MakeCall) -> None:
    take(store, make_call())
    copy = CallStore(store.path.with_name("copy.db"))
    copies.backup(store.journal, copy.path)
    take(copy, make_call(title="Another"), day=1)
    assert [one.call.title for one in copy.sightings()] == ["Another"]
    assert [one.last_seen for one in copy.sightings()] == [NOON + DAY]
    assert [one.last_seen for one in store.sightings()] == [NOON]


def test_what_is_left_of_a_copy_that_was_broken_off_disturbs_no_other(
    store: CallStore, make_call: MakeCall
) -> None:
    take(store, make_call())
    copy = store.path.with_name("copy.db")
    for ending in ("", "-journal", "-wal", "-shm"):
        copy.with_name(f".copy.db.part{ending}").write_bytes(b"half of something " * 500)
    copies.backup(store.journal, copy)
    assert CallStore(copy).sightings() == store.sightings()


def test_a_copy_replaces_older_copies_and_nothing_else(
    store: CallStore, make_call: MakeCall, tmp_path: Path
) -> None:
    take(store, make_call("A-1"))
    copy, link, text = tmp_path / "copy.db", tmp_path / "link.db", tmp_path / "town.md"
    text.write_text("A profile.", encoding="utf-8")
    link.symlink_to(copy)
    with pytest.raises(BadValue, match=r"town\.md, which is no store"):
        copies.backup(store.journal, text)
    assert text.read_text(encoding="utf-8") == "A profile."
    with pytest.raises(BadValue, match="which is no store"):
        copies.backup(store.journal, Path("/dev/null"))
    copies.backup(store.journal, link)
    copies.backup(store.journal, link)
    assert link.is_symlink()
    assert len(CallStore(copy).sightings()) == 1


def test_a_copy_that_would_replace_a_folder_is_refused_in_our_words(store: CallStore, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    with pytest.raises(VieMatchError, match="copies"):
        copies.backup(store.journal, folder)
