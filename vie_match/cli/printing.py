"""How commands print a record as JSON, and lines below a headline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from vie_match.cli.app import output

if TYPE_CHECKING:
    from vie_match.records import Record


def print_json(record: Record) -> None:
    """Print all of a record to standard output, for programs."""
    told = json.dumps(record.model_dump(mode="json"), indent=1, ensure_ascii=False)
    sys.stdout.write(f"{told}\n")


def print_lines(headline: str, lines: Iterable[str]) -> None:
    """Print lines below a headline; nothing without lines.

    Parameters
    ----------
    headline : str
        Empty: none.
    lines : iterable of str
    """
    told = list(lines)
    if told and headline:
        output.print(headline)
    for line in told:
        output.print(Text(f"  - {line}"))
