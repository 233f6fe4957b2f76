from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vie_match.embedding.built import HASHES, built, files, is_intact, sha256

CONTENT = {"weights.bin": bytes(range(256)) * 40, "config.json": b'{"a": 1}', "1_Pooling/config.json": b"{}"}


class Builder:
    """Fills a folder and keeps which folders it was given; can break halfway."""

    def __init__(self, breaks: bool = False) -> None:
        self.breaks = breaks
        self.given: list[Path] = []

    def __call__(self, folder: Path) -> None:
        assert list(folder.iterdir()) == []
        self.given.append(folder)
        for number, (name, raw) in enumerate(CONTENT.items()):
            if self.breaks and number == 1:
                raise RuntimeError("killed")
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(raw)


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != HASHES
    }


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A folder that was built."""
    return built(tmp_path / "cache" / "model", Builder())


def test_a_missing_folder_is_built_beside_its_place_and_moved_there(tmp_path: Path) -> None:
    builder = Builder()
    folder = tmp_path / "deep" / "cache" / "model"
    assert built(folder, builder) == folder
    assert content_of(folder) == CONTENT
    [given] = builder.given
    assert given != folder
    assert folder.parent in given.parents
    assert names(folder.parent) == ["model", "model.lock"]


def test_an_intact_folder_is_not_built_again(whole: Path, caplog: pytest.LogCaptureFixture) -> None:
    builder = Builder()
    with caplog.at_level(logging.WARNING, "vie_match"):
        assert built(whole, builder) == whole
    assert builder.given == []
    assert caplog.text == ""


def test_the_hashes_of_all_files_are_kept_in_the_folder(whole: Path) -> None:
    hashes = json.loads((whole / HASHES).read_text(encoding="utf-8"))
    assert hashes == {name: hashlib.sha256(raw).hexdigest() for name, raw in CONTENT.items()}


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def write(text: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return damage


@pytest.mark.parametrize("name", [*CONTENT, HASHES])
@pytest.mark.parametrize("damage", [flip, cut, empty, Path.unlink, replace_by_folder])
def test_a_folder_with_a_damaged_file_is_built_again_and_that_is_said(
    whole: Path, caplog: pytest.LogCaptureFixture, name: str, damage: Callable[[Path], None]
) -> None:
    damage(whole / name)
    assert not is_intact(whole)
    builder = Builder()
    with caplog.at_level(logging.WARNING, "vie_match"):
        assert built(whole, builder) == whole
    assert len(builder.given) == 1
    assert f"{whole} is damaged and is built again" in caplog.text
    assert content_of(whole) == CONTENT
    assert is_intact(whole)


@pytest.mark.parametrize(
    "text", ["{}", "[]", "null", "0", "5", '"text"', '["weights.bin"]', '{"weights.bin": 5}']
)
def test_hashes_that_are_json_of_another_shape_count_as_damage(whole: Path, text: str) -> None:
    write(text)(whole / HASHES)
    assert not is_intact(whole)
    built(whole, Builder())
    assert is_intact(whole)


def test_what_was_in_a_damaged_folder_does_not_stay(whole: Path) -> None:
    (whole / "stray.bin").write_bytes(b"stray")
    flip(whole / "weights.bin")
    built(whole, Builder())
    assert content_of(whole) == CONTENT
    assert names(whole.parent) == ["model", "model.lock"]


def test_a_build_that_breaks_leaves_no_folder_and_the_next_one_succeeds(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    with pytest.raises(RuntimeError, match="killed"):
        built(folder, Builder(breaks=True))
    assert names(tmp_path) == ["model.lock"]
    built(folder, Builder())
    assert content_of(folder) == CONTENT


def test_a_damaged_folder_whose_build_breaks_is_not_taken_for_whole(whole: Path) -> None:
    flip(whole / "weights.bin")
    with pytest.raises(RuntimeError, match="killed"):
        built(whole, Builder(breaks=True))
    assert not is_intact(whole)
    assert content_of(built(whole, Builder())) == CONTENT


def test_what_a_killed_process_left_beside_the_folder_is_no_hindrance(tmp_path: Path) -> None:
    half = tmp_path / "model.abc123" / "model"
    half.mkdir(parents=True)
    (half / "weights.bin").write_bytes(b"half")
    assert content_of(built(tmp_path / "model", Builder())) == CONTENT


def test_two_that_come_at_once_build_once(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    both = threading.Barrier(2, timeout=10)
    given: list[Path] = []

    def build(fresh: Path) -> None:
        given.append(fresh)
        # Long enough for the other one to come in, too, if nothing held it.
        time.sleep(0.3)
        Builder()(fresh)

    def ask() -> Path:
        both.wait()
        return built(folder, build)

    with ThreadPoolExecutor(2) as pool:
        answers = [task.result(timeout=20) for task in [pool.submit(ask), pool.submit(ask)]]
    assert answers == [folder, folder]
    assert len(given) == 1
    assert content_of(folder) == CONTENT


def test_a_folder_that_is_not_there_is_not_intact(tmp_path: Path) -> None:
    assert not is_intact(tmp_path / "model")


def test_files_are_named_relative_and_sorted_with_slashes(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "empty").mkdir()
    assert files(tmp_path) == ["a/b/c.txt", "a/z.txt", "b.txt"]


def test_the_sha256_is_that_of_the_standard(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    # FIPS 180-2, example B.1.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(tmp_path / "file") == expected
