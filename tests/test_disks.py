"""What the store does when the disk is full, or can only be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import BEGIN, Start, environment, lines_of, started
from stored import harvest, take, words

from vie_match.errors import StoreUnwritable
from vie_match.store.calls import CallStore

# Lets no file grow beyond a size, as a full disk does not; 0 when the disk itself is small.
LIMITED = """
import resource

def attempt(work):
    hardest = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(arguments[0]) or hardest, hardest))
    try:
        work()
    except StoreUnwritable as error:
        print("unwritable:", error)
    else:
        print("no error")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hardest, hardest))

def tell():
    with sqlite3.connect(store.path) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    print(words(store), [run.state.value for run in store.journal.runs()], sound)
"""

FILLS = """
take(store, *harvest(50, "old").calls)
attempt(lambda: take(store, *harvest(2000, "new").calls, day=1))
tell()
take(store, *harvest(60, "small").calls, day=2)
tell()
"""

# Not a single byte is left on the disk.
BRIM_FULL = """
take(store, *harvest(50, "old").calls)
filler = store.path.with_name("filler")
try:
    with filler.open("wb", 0) as file:
        while True:
            file.write(bytes(512))
except OSError:
    pass
attempt(lambda: take(store, *harvest(60, "new").calls, day=1))
attempt(store.sightings)
attempt(CallStore(store.path.with_name("other.db")).sightings)
filler.unlink()
tell()
take(store, *harvest(60, "new").calls, day=1)
tell()
"""

COPIES = """
target = CallStore(Path(arguments[1]) / "copy.db")
take(store, *harvest(50, "old").calls)
copies.backup(store.journal, target.path)
take(store, *harvest(2000, "new").calls, day=1)
attempt(lambda: copies.backup(store.journal, target.path))
print(words(target), words(store))
print(sorted(file.name for file in target.path.parent.iterdir()))
take(store, *harvest(20, "small").calls, accept=True, day=1)
with sqlite3.connect(store.path) as connection:
    connection.execute("DELETE FROM versions WHERE call LIKE '%new%'")
connection.execute("VACUUM")
connection.close()
attempt(lambda: copies.backup(store.journal, target.path))
print(words(target))
print(sorted(file.name for file in target.path.parent.iterdir()))
"""

CANNOT_WRITE = """
attempt(store.sightings)
attempt(store.journal.runs)
attempt(lambda: take(store, *harvest(3, "new").calls))
attempt(CallStore(store.path.with_name("other.db")).sightings)
"""


@pytest.fixture
def store(tmp_path: Path) -> CallStore:
    return CallStore(tmp_path / "store" / "store.db")


@pytest.fixture
def start() -> Iterator[Start]:
    with started() as start:
        yield start


def unwritable(path: Path) -> str:
    return f"unwritable: found {path}: "


def check_that_nothing_was_lost(lines: list[str], path: Path) -> None:
    refused, then, *last = lines
    assert refused.startswith(unwritable(path))
    assert "expected room on the disk" in refused
    assert then == "{'old': 50} ['done', 'broken off'] ok"
    assert last == ["{'small': 60} ['done', 'broken off', 'done'] ok"]


needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="no limits of files here")


@needs_limits
def test_a_file_that_may_not_grow_loses_nothing(store: CallStore, start: Start) -> None:
    check_that_nothing_was_lost(lines_of(start(LIMITED + FILLS, store.path, 500_000)), store.path)


@needs_limits
def test_a_copy_that_may_not_grow_leaves_the_old_one(store: CallStore, start: Start, tmp_path: Path) -> None:
    lines = lines_of(start(LIMITED + COPIES, store.path, 500_000, tmp_path / "copies"))
    check_that_the_old_copy_is_left(lines, tmp_path / "copies")


def check_that_the_old_copy_is_left(lines: list[str], folder: Path) -> None:
    refused, known, _, *rest = lines
    assert refused.startswith(f"unwritable: found {folder}/.copy.db.")
    assert known == "{'old': 50} {'new': 2000}"
    # With room for it the next copy succeeds.
    assert rest == ["no error", "{'small': 20}", "['copy.db', 'copy.db.lock']"]


Disk = Callable[..., list[str]]

# Mounts a small disk that only this process and those it starts can see, and runs programs on it; the
# second one when the disk has become one that can only be read.
ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=1m none "$1"
"$2" -c "$3" "$4" 0 "$1"
if [ -n "$5" ]; then
    mount -o remount,ro "$1"
    "$2" -c "$5" "$4" 0 "$1"
fi
"""


@pytest.fixture
def on_a_small_disk(tmp_path: Path) -> Iterator[Disk]:
    """Runs scripts with a disk of a megabyte mounted; skips where one may not mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    unshare = shutil.which("unshare") or pytest.skip("no unshare here")
    ways = ([unshare, "--mount"], [unshare, "--user", "--map-root-user", "--mount"])
    trial = ["sh", "-c", 'mount -t tmpfs none "$1"', "sh", disk]
    way = next(
        (
            way
            for way in ways
            if not subprocess.run([*way, *trial], check=False, capture_output=True).returncode
        ),
        None,
    )
    if way is None:
        pytest.skip("one may not mount a disk here")

    def run(path: Path, script: str, when_read_only: str = "") -> list[str]:
        scripts = [BEGIN + LIMITED + part if part else "" for part in (script, when_read_only)]
        command = ["sh", "-c", ON_A_SMALL_DISK, "sh", disk, sys.executable, scripts[0], path, scripts[1]]
        return subprocess.run(
            [*way, *command], env=environment(), stdout=subprocess.PIPE, text=True, check=True
        ).stdout.splitlines()

    yield run
    assert list(disk.iterdir()) == []


def test_a_full_disk_loses_nothing(on_a_small_disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "disk" / "store.db"
    check_that_nothing_was_lost(on_a_small_disk(path, FILLS), path)


def test_a_disk_without_a_byte_left_loses_nothing_either(on_a_small_disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "disk" / "store.db"
    run, read, other, *rest = on_a_small_disk(path, BRIM_FULL)
    assert run.startswith(unwritable(path))
    assert read.startswith(unwritable(path))
    assert other.startswith(unwritable(path.with_name("other.db")))
    assert rest == ["{'old': 50} ['done'] ok", "{'new': 60} ['done', 'done'] ok"]


def test_a_copy_onto_a_full_disk_leaves_the_old_one(
    on_a_small_disk: Disk, store: CallStore, tmp_path: Path
) -> None:
    check_that_the_old_copy_is_left(on_a_small_disk(store.path, COPIES), tmp_path / "disk")


def test_a_copy_that_fails_leaves_nothing_behind(on_a_small_disk: Disk, store: CallStore) -> None:
    assert on_a_small_disk(store.path, COPIES)[2] == "['copy.db', 'copy.db.lock']"


def test_a_disk_that_can_only_be_read_is_told(on_a_small_disk: Disk, tmp_path: Path) -> None:
    path = tmp_path / "disk" / "store.db"
    *lines, other = on_a_small_disk(path, 'take(store, *harvest(50, "old").calls)', CANNOT_WRITE)
    assert len(lines) == 3
    for line in lines:
        assert line.startswith(unwritable(path))
        assert "the right to write" in line
    assert other.startswith(unwritable(path.with_name("other.db")))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere"
)
def test_a_folder_one_may_not_write_to_is_told(store: CallStore) -> None:
    take(store, *harvest(50, "old").calls)
    store.path.parent.chmod(0o500)
    try:
        for work in (store.sightings, store.journal.runs, lambda: take(store)):
            with pytest.raises(StoreUnwritable, match="the right to write"):
                work()
    finally:
        store.path.parent.chmod(0o700)
    assert words(store) == {"old": 50}
