"""JSON Lines: one call a line, in the flat form of files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vie_match.errors import Fault
from vie_match.faults import shown
from vie_match.formats import rows
from vie_match.formats.rows import Parsed, Row
from vie_match.records import Call


def dump(calls: Sequence[Call]) -> bytes:
    """Return calls as JSON Lines."""
    return "".join(f"{json.dumps(call.flat(), ensure_ascii=False)}\n" for call in calls).encode("utf-8")


def parse(content: bytes, path: Path) -> Parsed:
    """Yield the rows of a JSON Lines file, and the faults of others.

    Raises
    ------
    BadFile
        If the file is no UTF-8.
    """
    # Only at line feeds: a text may hold other characters that end lines elsewhere.
    for number, line in enumerate(rows.decoded(content, path).split("\n"), 1):
        if line.strip():
            yield _row(number, line, path)


def _row(number: int, line: str, path: Path) -> Row | Fault:
    try:
        values: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        found = f"a line that is no JSON ({error})"
    else:
        if isinstance(values, dict):
            return Row(number, values)
        found = shown(values)
    return Fault(path, number, found, 'a JSON object, as in {"identifier": …}')
