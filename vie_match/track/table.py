"""Cities' track record as a table: one row a participation, facts only.

The package ships one as a file (:data:`SHIPPED`, its card beside it); renewing it writes the same form.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.faults import findings
from vie_match.track.records import COLUMNS, Participation
from vie_match.whole import write_whole

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = Path(__file__).with_name("facts") / "horizon_cities.csv"

# All of Horizon Europe and its forerunner would be some 2 MB, all of Interreg 20.
MAX_BYTES = 100 * 10**6

# What spreadsheets would run as a formula is written with an apostrophe before it; so is what begins like
# that already, and reading takes exactly one away again.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def write_facts(participations: Iterable[Participation], path: Path) -> None:
    """Write participations as CSV, in an order that does not depend on theirs.

    Parameters
    ----------
    participations : iterable of Participation
    path : Path
        Replaced in one step; folders above it are made. UTF-8, cells apart by commas, unknown cells empty.

    Raises
    ------
    BadFile
        If the place cannot be written to.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(participations, key=_order):
        values = one.model_dump(mode="json")
        writer.writerow([_guarded(values[name]) for name in COLUMNS])
    try:
        write_whole(path, text.getvalue())
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), "a place with room to write to")]) from error


def read_facts(path: Path = SHIPPED) -> tuple[Participation, ...]:
    """Read what :func:`write_facts` wrote.

    Parameters
    ----------
    path : Path, optional
        The shipped file if not given.

    Raises
    ------
    BadFile
        With every fault: columns that are missing or unknown, rows that are no participation.
    """
    rows = _rows(path)
    _, header = next(rows, (1, []))
    _check(header, path)
    participations: list[Participation] = []
    wrong: list[Fault] = []
    for line, cells in rows:
        values = {name: _unguarded(cell) for name, cell in zip(header, cells, strict=False) if cell}
        try:
            if len(cells) != len(header):
                wrong.append(Fault(path, line, f"{len(cells)} cells", f"{len(header)}, as the header has"))
            else:
                participations.append(Participation.model_validate(values))
        except ValidationError as error:
            wrong.extend(Fault(path, line, one.found, one.expected) for one in findings(error, Participation))
    if wrong:
        raise BadFile(wrong)
    return tuple(participations)


def facts_frame(participations: Iterable[Participation]) -> pd.DataFrame:
    """Return participations as a DataFrame with :data:`~vie_match.track.records.COLUMNS`; unknown is None."""
    import pandas as pd

    rows = [one.model_dump(mode="json") for one in participations]
    # object: a missing whole number must not turn a column of numbers into floats.
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def facts_from_frame(frame: pd.DataFrame) -> list[Participation]:
    """Return the participations of a DataFrame; missing columns and empty cells are unknown.

    Raises
    ------
    BadValue
        If a row is no participation; the message names it, counted from 0.
    """
    import pandas as pd

    participations = []
    for number, row in enumerate(frame.to_dict(orient="records")):
        known = {
            str(name): value
            for name, value in row.items()
            if not (pd.api.types.is_scalar(value) and pd.isna(value))
        }
        try:
            participations.append(Participation.model_validate(known))
        except ValidationError as error:
            told = (f"found {one.found}; expected {one.expected}" for one in findings(error, Participation))
            raise BadValue(f"row {number}: {'; '.join(told)}") from None
    return participations


def _order(one: Participation) -> tuple[str, ...]:
    first = one.project_id, one.city_id, one.organisation_id or "", one.organisation, one.role.value
    return *first, one.model_dump_json()


def _guarded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadFile(
            [Fault(path, reader.line_num, f"broken CSV ({error})", "cells apart by commas")]
        ) from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadFile([Fault(path, None, "a larger file", f"at most {MAX_BYTES / 1e6:.0f} MB")])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), "a file of participations")]) from error
    except UnicodeDecodeError:
        raise BadFile([Fault(path, None, "a text that is not UTF-8", "one saved as UTF-8")]) from None


def _check(header: list[str], path: Path) -> None:
    required = [name for name, field in Participation.model_fields.items() if field.is_required()]
    missing = [name for name in required if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    twice = sorted({name for name in header if header.count(name) > 1})
    problems = [Fault(path, 1, f"no column {name}", "a column of that name") for name in missing]
    problems += [Fault(path, 1, f"the column {name[:40]!r}", _known(name)) for name in unknown]
    problems += [Fault(path, 1, f"the column {name!r} twice", "every column once") for name in twice]
    if problems:
        raise BadFile(problems)


def _known(name: str) -> str:
    return f"one of: {', '.join(COLUMNS)}{near_miss(name[:40], COLUMNS)}"
