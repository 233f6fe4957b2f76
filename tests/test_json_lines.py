"""JSON lines: every object with its line, every fault with its own, all at once."""

from __future__ import annotations

import gzip
from pathlib import Path

from vie_match.errors import Fault
from vie_match.json_lines import candidates, items, objects

CONTENT = '{"a": 1}\n\n{"a": "ä"}\n{\n[2]\n{"b": 3}\n'


def test_objects_and_faults_keep_their_lines_plain_and_gzipped(tmp_path: Path) -> None:
    for path in (tmp_path / "x.jsonl", tmp_path / "y.jsonl.gz"):
        raw = CONTENT.encode()
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
        faults: list[Fault] = []
        assert list(objects(path, faults)) == [(1, {"a": 1}), (3, {"a": "ä"}), (6, {"b": 3})]
        assert [(one.line, one.expected) for one in faults] == [
            (4, "one JSON object a line"),
            (5, "one JSON object a line"),
        ]


def test_items_name_what_a_line_lacks(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": "1"}\n{"b": 1}\n{"a": "x"}\n', encoding="utf-8")
    faults: list[Fault] = []
    assert items(path, lambda row: int(row["a"]), "an object with a", faults) == (1,)
    assert [(one.line, one.found, one.expected) for one in faults] == [
        (2, "no 'a'", "an object with a"),
        (3, "invalid literal for int() with base 10: 'x'", "an object with a"),
    ]


def test_a_list_is_numbered_and_what_cannot_be_read_is_one_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"a": 1},\n3, {"a": 2}]', encoding="utf-8")
    faults: list[Fault] = []
    assert list(objects(path, faults)) == [(1, {"a": 1}), (3, {"a": 2})]
    assert [(one.line, one.found) for one in faults] == [(2, "3, no object")]
    for gone in (tmp_path / "gone.jsonl", tmp_path / "gone.json"):
        told: list[Fault] = []
        assert list(objects(gone, told)) == []
        assert ["No such file" in one.found for one in told] == [True]


def test_plain_files_go_before_gzipped(tmp_path: Path) -> None:
    assert candidates(tmp_path, "x") == []
    for name in ("x.jsonl.gz", "x.jsonl"):
        (tmp_path / name).touch()
    assert [path.name for path in candidates(tmp_path, "x")] == ["x.jsonl", "x.jsonl.gz"]
