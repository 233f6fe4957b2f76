"""Parquet with typed columns; deadlines are lists of a day and, where it is stated, an hour in Brussels.

Not timestamps: a deadline may lack its hour, and an hour that the change of the clocks skips would not
come back.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vie_match.errors import BadFile, Fault, InstallSomething
from vie_match.formats import rows
from vie_match.formats.rows import Kind, Parsed, Row
from vie_match.records import Call

# Rows unpacked at once: few, because a long text that stands in the file once may be meant for every row.
_BATCH = 8


def dump(calls: Sequence[Call]) -> bytes:
    """Return calls as a Parquet file.

    Raises
    ------
    InstallSomething
        If pyarrow is missing.
    """
    arrow, parquet = _arrow()
    table = arrow.Table.from_pylist([_typed(call.flat()) for call in calls], schema=_schema(arrow))
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def parse(content: bytes, path: Path) -> Parsed:
    """Yield the rows of a Parquet file, and the faults of its columns.

    Raises
    ------
    BadFile
        If the file is damaged, too large or no table of calls.
    InstallSomething
        If pyarrow is missing.
    """
    arrow, parquet = _arrow()
    with rows.reading(path, "a Parquet file, whole and undamaged", (arrow.ArrowException,)):
        file = parquet.ParquetFile(arrow.BufferReader(content))
        about = file.metadata
        unpacked = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
        if unpacked > rows.MAX_BYTES or about.num_rows * about.num_columns > rows.MAX_CELLS:
            found = f"{about.num_rows} rows, {unpacked / 1e6:.0f} MB unpacked"
            raise BadFile([Fault(path, None, found, f"at most {rows.MAX_BYTES / 1e6:.0f} MB")])
        _, faults = rows.header(file.schema_arrow.names, path)
        yield from faults
        number = 0
        for batch in file.iter_batches(batch_size=_BATCH):
            for values in batch.to_pylist():
                number += 1
                yield Row(number, dict(_plain(values)))


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InstallSomething(
            "Parquet needs the package pyarrow; install it with: pip install 'vie-match[parquet]'"
        ) from error
    return pyarrow, pyarrow.parquet


def _schema(arrow: Any) -> Any:
    deadline = arrow.struct([("day", arrow.date32()), ("time", arrow.time32("ms"))])
    types = {
        Kind.TEXT: arrow.string(),
        Kind.WHOLE: arrow.int64(),
        Kind.NUMBER: arrow.float64(),
        Kind.DAY: arrow.date32(),
        Kind.LIST: arrow.list_(arrow.string()),
    }
    fields = [
        (name, arrow.list_(deadline) if name == "deadlines" else types[kind])
        for name, kind in rows.kinds().items()
    ]
    return arrow.schema(fields, metadata={"vie_match": importlib.metadata.version("vie-match")})


def _typed(flat: dict[str, Any]) -> dict[str, Any]:
    """Return the flat form with dates and times in place of their texts."""
    days = {
        name: dt.date.fromisoformat(flat[name])
        for name, kind in rows.kinds().items()
        if kind is Kind.DAY and flat[name]
    }
    return flat | days | {"deadlines": [_moment(text) for text in flat["deadlines"]]}


def _moment(deadline: str) -> dict[str, Any]:
    day, _, time = deadline.partition(" ")
    return {
        "day": dt.date.fromisoformat(day),
        "time": dt.time.fromisoformat(time) if time else None,
    }


def _plain(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values that are known, deadlines as in files."""
    for name, value in values.items():
        if name in rows.kinds() and value is not None:
            is_list = name == "deadlines" and isinstance(value, list)
            yield name, [_deadline(one) for one in value] if is_list else value


def _deadline(value: Any) -> Any:
    """Return a day and hour as text; files of other programs may have texts or moments at once."""
    if not isinstance(value, dict) or "day" not in value:
        return value
    time = value.get("time")
    return f"{value['day']}" if time is None else f"{value['day']} {time}"
