"""Files written in one step: never a half, no litter, ordinary rights."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vie_match.whole import write_whole


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_are_written_as_they_are(tmp_path: Path, end: str) -> None:
    write_whole(tmp_path / "new" / "folder" / "x.txt", f"ä{end}b{end}")
    assert (tmp_path / "new" / "folder" / "x.txt").read_bytes() == f"ä{end}b{end}".encode()


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.bin", bytes(range(256)))
    assert (tmp_path / "x.bin").read_bytes() == bytes(range(256))


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = old(tmp_path)
    write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_that_no_file_can_hold_keeps_the_old_file(tmp_path: Path) -> None:
    path = old(tmp_path)
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "x" * 100_000 + "\ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_of_a_new_file_leaves_none(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "x.md", "\ud800")
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("old", encoding="utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "x.md")
    write_whole(tmp_path / "link.md", "new")
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "x.md").read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is always full")
def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    write_whole(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(OSError, match="No space"):
        write_whole(Path("/dev/full"), "text")
    assert Path("/dev/full").is_char_device()


def test_a_failure_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"text"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match=r"No space left on device: '.*/x\.md'"):
        write_whole(tmp_path / "x.md", pieces())
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_replaced_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "x.md").mkdir()
    with pytest.raises(OSError, match=r"x\.md"):
        write_whole(tmp_path / "x.md", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["x.md"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old(tmp_path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_meets_a_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old(tmp_path)
    seen = []
    replace = os.replace

    def look(source: str, target: Path) -> None:
        seen.append((Path(source).read_text(encoding="utf-8"), path.read_text(encoding="utf-8")))
        replace(source, target)

    monkeypatch.setattr(os, "replace", look)
    write_whole(path, "new" * 50_000)
    assert seen == [("new" * 50_000, "old")]


@pytest.mark.skipif(os.name == "nt", reason="no such rights")
def test_a_written_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "x.md", "text")
    (tmp_path / "plain.md").touch()
    assert (tmp_path / "x.md").stat().st_mode == (tmp_path / "plain.md").stat().st_mode


def old(folder: Path) -> Path:
    path = folder / "x.md"
    path.write_text("old", encoding="utf-8")
    return path
