"""What the README shows is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import vie_match
from vie_match.embedding.encoder import HashingEncoder


def test_the_python_block_runs_on_the_shipped_folders(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = re.search(r"```python\n(.+?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    monkeypatch.chdir(root)
    # The tiny encoder takes the model's place at the seam that the block's Matcher() uses.
    monkeypatch.setattr("vie_match.ranking.matcher.default_encoder", HashingEncoder)
    names: dict[str, object] = {}
    exec(block[1], names)
    matches = names["matches"]
    assert isinstance(matches, list)
    assert len(matches) == 15
    assert "<table>" in matches[0]._repr_html_()
    frame = vie_match.matches_frame(matches[0].matches)
    assert list(frame["rank"]) == list(range(1, len(frame) + 1))
