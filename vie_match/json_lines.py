"""Files of JSON objects, one a line, plain or gzipped (``.gz``): the objects, and the line of every fault.

What is written here line by line are measurements and texts to learn from; calls in JSON lines, whose fields
are told apart, are read by :mod:`vie_match.formats.jsonl`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from vie_match.errors import BadValue, Fault

Item = TypeVar("Item")
Row = dict[str, Any]


def candidates(folder: Path, name: str) -> list[Path]:
    """Return the files of that name with JSON lines, plain before gzipped; none if there are none."""
    paths = (folder / f"{name}.jsonl", folder / f"{name}.jsonl.gz")
    return [path for path in paths if path.is_file()]


def objects(path: Path, faults: list[Fault]) -> Iterator[tuple[int, Row]]:
    """Yield (line number, object) without blank lines; what is no object becomes a fault.

    Parameters
    ----------
    path : Path
        UTF-8. A file that is named ``.json`` holds one list instead, whose objects are numbered.
    faults : list of Fault
        Takes what is wrong, also what stops the reading.
    """
    is_list = ".jsonl" not in path.name
    expected = "JSON, a list of objects" if is_list else "one JSON object a line"
    for number, row in (_of_list if is_list else _of_lines)(path, faults):
        if isinstance(row, dict):
            yield number, row
        else:
            faults.append(Fault(path, number, f"{json.dumps(row)[:40]}, no object", expected))


def items(path: Path, build: Callable[[Row], Item], expected: str, faults: list[Fault]) -> tuple[Item, ...]:
    """Return what is built of every line; a line of which it cannot be built becomes a fault.

    Parameters
    ----------
    path : Path
    build : callable
        Object → item; may raise for a key that is missing or a value that will not do.
    expected : str
        What a line has to be, for the message.
    faults : list of Fault
        Takes what is wrong.
    """
    found = []
    for number, row in objects(path, faults):
        try:
            found.append(build(row))
        except KeyError as error:
            faults.append(Fault(path, number, f"no {error.args[0]!r}", expected))
        except ValidationError as error:
            told = "; ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in error.errors())
            faults.append(Fault(path, number, told, expected))
        except (BadValue, TypeError, ValueError, AttributeError) as error:
            faults.append(Fault(path, number, str(error), expected))
    return tuple(found)


def _of_lines(path: Path, faults: list[Fault]) -> Iterator[tuple[int, Any]]:
    for number, line in _lines(path, faults):
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.append(Fault(path, number, str(error), "one JSON object a line"))


def _of_list(path: Path, faults: list[Fault]) -> Iterator[tuple[int, Any]]:
    before = len(faults)
    text = "".join(line for _, line in _lines(path, faults))
    if len(faults) > before:
        return
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        faults.append(Fault(path, None, str(error), "JSON, a list of objects"))
    else:
        yield from enumerate(rows if isinstance(rows, list) else [rows], 1)


def _lines(path: Path, faults: list[Fault]) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        faults.append(Fault(path, number + 1, str(error), "a whole file in UTF-8 (and gzip, if .gz)"))
