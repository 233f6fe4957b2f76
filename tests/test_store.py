from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.errors import StoreBusy, StoreDamaged, StoreUnwritable
from vie_match.store import database
from vie_match.store.vectors import VectorStore

# Puts rows into each store named after the arguments; all its fellows begin each store at the same time.
WRITER = """
import random
import sys
import time
from pathlib import Path
import numpy as np
from vie_match.store.vectors import VectorStore

board, name, own, count, *paths = sys.argv[1:]
rounds = np.memmap(board, np.int64, "r+")
random.seed(name)
for path in paths:
    rounds[int(own)] += 1
    while rounds.min() < rounds[int(own)]:
        time.sleep(0)
    # Not quite at the same time, so that one meets the other at every step of its work.
    for _ in range(random.randrange(3000)):
        pass
    store = VectorStore(Path(path))
    try:
        for number in range(int(count)):
            vectors = np.array([[ord(name), number], [1, 2]], np.float32)
            store.put("m@1", "", [f"{name}{number}", "shared"], vectors)
    except Exception as error:
        print(type(error).__name__, error, flush=True)
print("done", flush=True)
"""

# Never stops writing; says after each put which number is kept.
ENDLESS = """
import sys
from itertools import count
from pathlib import Path
import numpy as np
from vie_match.store.vectors import VectorStore

store = VectorStore(Path(sys.argv[1]))
for number in count():
    vectors = np.full((200, 64), number, np.float32)
    store.put("m@1", "", [f"{number}-{row}" for row in range(200)], vectors)
    print(number, flush=True)
"""

# Stops in the middle of a transaction and waits there to be killed.
HALFWAY = """
import sys
from pathlib import Path
from vie_match.store import database, vectors

with database.opened(Path(sys.argv[1]), vectors.MIGRATIONS, "") as connection:
    for number in range(2000):
        row = ("m@1", "", str(number).encode(), b"x" * 1500)
        connection.execute("INSERT INTO vectors VALUES (?, ?, ?, ?)", row)
    print("halfway", flush=True)
    sys.stdin.readline()
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    return VectorStore(tmp_path / "cache" / "vectors.sqlite")


@pytest.fixture
def start() -> Iterator[Start]:
    started = []

    def run(script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def send(process: subprocess.Popen[str], *fields: object) -> None:
    assert process.stdin is not None
    process.stdin.write("\t".join(map(str, fields)) + "\n")
    process.stdin.flush()


def rows(*values: float) -> np.ndarray:
    return np.array([[value, -value, 0.5] for value in values], np.float32)


def test_vectors_come_back_as_they_were_put(store: VectorStore) -> None:
    vectors = np.random.default_rng(1).normal(size=(3, 7)).astype(np.float32)
    store.put("m@1", "query: ", ["a", "b", "c"], vectors)
    got = VectorStore(store.path).get("m@1", "query: ", ["c", "a", "b"])
    assert {text: vector.tolist() for text, vector in got.items()} == dict(
        zip("abc", vectors.tolist(), strict=True)
    )
    assert {vector.dtype for vector in got.values()} == {np.dtype(np.float32)}


def test_texts_without_a_vector_are_left_out(store: VectorStore) -> None:
    assert store.get("m@1", "", ["a"]) == {}
    store.put("m@1", "", ["a"], rows(1))
    assert store.get("m@1", "", ["a", "b"]).keys() == {"a"}
    assert store.get("m@1", "", []) == {}


@pytest.mark.parametrize(
    ("model", "prompt"),
    [("m@2", ""), ("m", ""), ("M@1", ""), ("m@1", "query: "), ("m@1q", "uery: "), ("", "m@1")],
)
def test_vectors_of_another_model_or_prompt_never_mix(store: VectorStore, model: str, prompt: str) -> None:
    store.put("m@1", "", ["a"], rows(1))
    assert store.get(model, prompt, ["a"]) == {}
    store.put(model, prompt, ["a"], rows(2))
    assert store.get("m@1", "", ["a"])["a"].tolist() == rows(1)[0].tolist()
    assert store.get(model, prompt, ["a"])["a"].tolist() == rows(2)[0].tolist()


def test_equal_texts_share_one_row(store: VectorStore) -> None:
    store.put("m@1", "", ["a", "a"], rows(1, 1))
    store.put("m@1", "", ["a"], rows(1))
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (1,)
    assert store.get("m@1", "", ["a", "a"])["a"].tolist() == rows(1)[0].tolist()


def test_a_vector_that_is_there_stays(store: VectorStore) -> None:
    store.put("m@1", "", ["a"], rows(1))
    store.put("m@1", "", ["b", "a"], rows(3, 2))
    assert store.get("m@1", "", ["a"])["a"][0] == 1
    assert store.get("m@1", "", ["b"])["b"][0] == 3


def test_texts_and_vectors_of_unequal_number_are_refused_and_nothing_is_kept(store: VectorStore) -> None:
    with pytest.raises(ValueError, match="shorter"):
        store.put("m@1", "", ["a", "b"], rows(1))
    assert store.get("m@1", "", ["a", "b"]) == {}


def test_vectors_of_another_type_and_layout_are_kept_by_value(store: VectorStore) -> None:
    vectors = np.arange(6, dtype=np.float64).reshape(3, 2).T
    store.put("m@1", "", ["a", "b"], vectors)
    assert store.get("m@1", "", ["a", "b"])["b"].tolist() == [1, 3, 5]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=[])), unique=True, min_size=1, max_size=8))
def test_any_text_is_a_key_and_no_two_texts_are_one(tmp_path: Path, texts: list[str]) -> None:
    store = VectorStore(tmp_path / "vectors.sqlite")
    model = repr(texts)
    store.put(model, "", texts, rows(*range(len(texts))))
    got = store.get(model, "", texts)
    assert [got[text][0] for text in texts] == list(range(len(texts)))


def test_more_texts_than_sqlite_has_variables_are_looked_up_at_once(store: VectorStore) -> None:
    texts = [f"text {number}" for number in range(40_000)]
    store.put("m@1", "", texts[::4000], rows(*range(10)))
    got = store.get("m@1", "", texts)
    assert {text: int(vector[0]) for text, vector in got.items()} == {
        text: number for number, text in enumerate(texts[::4000])
    }


def write_at_once(start: Start, names: str, paths: list[Path], count: int) -> list[str]:
    board = paths[0].parent.parent / "board"
    np.zeros(len(names), np.int64).tofile(board)
    writers = [start(WRITER, board, name, own, count, *paths) for own, name in enumerate(names)]
    return [line for writer in writers for line in writer.communicate(timeout=300)[0].splitlines()]


def test_processes_that_write_at_once_lose_nothing(store: VectorStore, start: Start) -> None:
    store.put("m@1", "", ["first"], rows(1))
    assert write_at_once(start, "abcd", [store.path], 40) == ["done"] * 4
    wanted = {f"{name}{number}": [ord(name), number] for name in "abcd" for number in range(40)}
    got = store.get("m@1", "", [*wanted, "shared"])
    assert {text: vector.tolist() for text, vector in got.items()} == wanted | {"shared": [1, 2]}


def test_processes_that_make_the_store_at_once_lose_nothing(tmp_path: Path, start: Start) -> None:
    paths = [tmp_path / str(number) / "vectors.sqlite" for number in range(60)]
    assert write_at_once(start, "ab", paths, 1) == ["done"] * 2
    for path in paths:
        assert len(VectorStore(path).get("m@1", "", ["a0", "b0", "shared"])) == 3


def test_a_process_killed_while_it_writes_leaves_all_that_it_had_kept(
    store: VectorStore, start: Start
) -> None:
    writer = start(ENDLESS, store.path)
    kept = [int(line_of(writer)) for _ in range(5)]
    writer.kill()
    writer.wait()
    texts = [f"{number}-{row}" for number in kept for row in range(200)]
    got = store.get("m@1", "", texts)
    assert [got[text].tolist() for text in texts] == [[number] * 64 for number in kept for _ in range(200)]
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # A put is kept whole or not at all.
        assert connection.execute("SELECT count(*) % 200 FROM vectors").fetchone() == (0,)


def test_a_process_killed_in_a_transaction_leaves_a_store_to_read_and_write(
    store: VectorStore, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("m@1", "", ["before"], rows(1))
    writer = start(HALFWAY, store.path)
    assert line_of(writer) == "halfway"
    writer.kill()
    writer.wait()
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.5)
    store.put("m@1", "", ["after"], rows(2))
    assert store.get("m@1", "", ["before", "after"]).keys() == {"before", "after"}
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (2,)


def test_a_store_another_run_keeps_locked_can_be_read_and_says_that_it_is_busy(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("m@1", "", ["a"], rows(1))
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.01)
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert store.get("m@1", "", ["a"]).keys() == {"a"}
        with pytest.raises(StoreBusy, match=r"vectors\.sqlite is in use by another run; try again"):
            store.put("m@1", "", ["b"], rows(2))
    store.put("m@1", "", ["b"], rows(2))
    assert store.get("m@1", "", ["a", "b"]).keys() == {"a", "b"}


def as_text(path: Path) -> None:
    path.write_text("these are not the vectors you are looking for\n" * 200)


def cut_in_half(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2 + 100])


def overwritten(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 8192) + raw[-4096:])


def without_its_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE vectors")


@pytest.mark.parametrize("damage", [as_text, cut_in_half, overwritten, without_its_table])
def test_a_damaged_file_says_what_to_do(store: VectorStore, damage: Callable[[Path], None]) -> None:
    texts = [str(number) for number in range(500)]
    store.put("m@1", "", texts, np.ones((500, 64), np.float32))
    damage(store.path)
    with pytest.raises(StoreDamaged, match="delete it and run again") as reading:
        store.get("m@1", "", texts)
    assert str(store.path) in str(reading.value)
    with pytest.raises(StoreDamaged, match="delete it and run again"):
        store.put("m@1", "", ["new"], np.ones((1, 64), np.float32))


def as_folder(path: Path) -> None:
    path.mkdir(parents=True)


def with_a_file_as_folder(path: Path) -> None:
    path.parent.write_text("no folder", encoding="utf-8")


def below_a_link_to_nowhere(path: Path) -> None:
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.symlink_to(path.parent.parent / "nowhere")


@pytest.mark.parametrize(
    "place",
    [
        as_folder,
        with_a_file_as_folder,
        below_a_link_to_nowhere,
    ],
)
def test_a_place_one_cannot_write_to_is_no_damage(store: VectorStore, place: Callable[[Path], None]) -> None:
    place(store.path)
    for use in (lambda: store.get("m@1", "", ["a"]), lambda: store.put("m@1", "", ["b"], rows(2))):
        with pytest.raises(StoreUnwritable, match=r"vectors\.sqlite: .*; expected room on the disk") as told:
            use()
        assert "delete it" not in str(told.value)


def test_a_full_disk_is_no_damage_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    with database.opened(path, [first], "mend it") as connection:
        connection.execute("INSERT INTO things VALUES ('a')")

    def fill() -> None:
        with database.opened(path, [first], "mend it") as connection:
            # As many pages as there are: what SQLite says then is what it says when a disk is full.
            connection.execute("PRAGMA max_page_count = 1")
            connection.execute("INSERT INTO things VALUES ('b')")
            connection.executemany("INSERT INTO things VALUES (?)", [("x" * 1000,)] * 10)

    with pytest.raises(
        StoreUnwritable, match=r"disk is full; expected room on the disk .*what was there before is as it was"
    ):
        fill()
    with database.opened(path, [first], "mend it") as connection:
        assert connection.execute("SELECT * FROM things").fetchall() == [("a",)]


def test_a_fault_of_a_statement_tells_how_to_mend_the_file(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"

    def ask() -> None:
        with database.opened(path, [first], "mend it") as connection:
            connection.execute("SELECT * FROM others")

    with pytest.raises(
        StoreDamaged, match=r"damaged \(no such table: others\); expected a sound SQLite database; mend it"
    ):
        ask()


def with_an_empty_page(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(bytes(4096))


@pytest.mark.parametrize("damage", [as_text, cut_in_half, overwritten, with_an_empty_page])
def test_damage_is_found_at_opening_when_it_is_looked_for(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "things.sqlite"
    with database.opened(path, [first], "mend it", check=True) as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [("x" * 1000,)] * 200)
    with database.opened(path, [first], "mend it", check=True) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (200,)
    damage(path)
    before = path.read_bytes()
    with (
        pytest.raises(StoreDamaged, match=r"(?s)things\.sqlite.*expected a sound SQLite database; mend it"),
        database.opened(path, [first], "mend it", check=True),
    ):
        pytest.fail("the damage was not found")
    assert path.read_bytes() == before


def test_a_page_nobody_reads_is_not_looked_at_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    with database.opened(path, [first], "") as connection:
        connection.executemany("INSERT INTO things VALUES (?)", [("x" * 1000,)] * 200)
    with_an_empty_page(path)
    with database.opened(path, [first], "") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("things",)]


def test_an_empty_file_becomes_a_store(store: VectorStore) -> None:
    store.path.parent.mkdir()
    store.path.touch()
    store.put("m@1", "", ["a"], rows(1))
    assert store.get("m@1", "", ["a"]).keys() == {"a"}


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(store: VectorStore) -> None:
    store.put("m@1", "", ["a"], rows(1))
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    before = store.path.read_bytes()
    for use in (
        lambda: store.get("m@1", "", ["a"]),
        lambda: store.put("m@1", "", ["b"], rows(2)),
    ):
        with pytest.raises(StoreDamaged, match=r"newer vie_match \(version 7\); update the package"):
            use()
    assert store.path.read_bytes() == before


def first(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE things (name TEXT)")


def second(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE things ADD COLUMN size INTEGER DEFAULT 5")


def broken(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (name TEXT)")
    raise RuntimeError("power cut")


def test_an_older_file_is_brought_up_to_date_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    with database.opened(path, [first], "") as connection:
        connection.execute("INSERT INTO things VALUES ('a')")
    for _ in range(2):
        with database.opened(path, [first, second], "") as connection:
            assert connection.execute("SELECT * FROM things").fetchall() == [("a", 5)]
            assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"
    with database.opened(path, [first], ""):
        pass
    with pytest.raises(RuntimeError, match="power cut"), database.opened(path, [first, broken], ""):
        pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("things",)]


def test_a_block_that_fails_writes_nothing_and_lets_the_file_go(tmp_path: Path) -> None:
    path = tmp_path / "things.sqlite"

    def fail_halfway() -> None:
        with database.opened(path, [first], "") as connection:
            connection.execute("INSERT INTO things VALUES ('a')")
            raise KeyError("a name")

    with pytest.raises(KeyError, match="a name"):
        fail_halfway()
    with database.opened(path, [first], "") as connection:
        assert connection.execute("SELECT * FROM things").fetchall() == []
        connection.execute("INSERT INTO things VALUES ('b')")
    with database.opened(path, [first], "") as connection:
        assert connection.execute("SELECT * FROM things").fetchall() == [("b",)]
