"""Calls ↔ files of other programs; the ending of the name says the form.

::

    .csv      for programs: UTF-8, commas (RFC 4180)
    .xlsx     for people: Excel and its kin
    .parquet  for analysis: typed columns; needs the extra ``parquet``
    .jsonl    for programs: one call a line
    .json     for grants systems: CommonGrants, protocol 0.5

What is written comes back the same from every form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.faults import findings, shown
from vie_match.formats import comma, commongrants, jsonl, parquet, rows, workbook
from vie_match.formats.rows import Parsed, Row
from vie_match.messages import M_
from vie_match.records import Call
from vie_match.whole import write_whole

# A person mends a few and tries again; what has more is another kind of file.
MOST_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Form:
    """How calls become the bytes of a file, and back."""

    dump: Callable[[Sequence[Call]], bytes]
    parse: Callable[[bytes, Path], Parsed]


def _commongrants(calls: Sequence[Call]) -> bytes:
    # The protocol wants the status, which changes with the hour.
    return commongrants.dump(calls, dt.datetime.now(dt.UTC))


FORMS = {
    ".csv": Form(comma.dump, comma.parse),
    ".json": Form(_commongrants, commongrants.parse),
    ".jsonl": Form(jsonl.dump, jsonl.parse),
    ".parquet": Form(parquet.dump, parquet.parse),
    ".xlsx": Form(workbook.dump, workbook.parse),
}


def write(calls: Iterable[Call], path: str | Path) -> None:
    """Write calls to a file in one step, in the form its ending says.

    Parameters
    ----------
    calls : iterable of Call
        No identifier twice.
    path : path
        Folders above it are made; a file of that name is replaced.

    Raises
    ------
    BadValue
        If the ending is none of :data:`FORMS`, or an identifier comes twice.
    InstallSomething
        If the form needs a package that is missing.
    OSError
        If the place cannot be written to.
    """
    path, form = Path(path), _form(Path(path))
    listed = list(calls)
    known: set[str] = set()
    for key in (call.identifier.casefold() for call in listed):
        if key in known:
            raise BadValue(f"found two calls {key!r}; expected one call per identifier")
        known.add(key)
    write_whole(path, form.dump(listed))


def read(path: str | Path) -> list[Call]:
    """Read calls from a file in the form its ending says.

    Parameters
    ----------
    path : path
        Nothing in it is trusted.

    Returns
    -------
    list of Call
        In the order of the file.

    Raises
    ------
    BadFile
        With every fault of the file, and line or row of each: then nothing is read.
    BadValue
        If the ending is none of :data:`FORMS`.
    InstallSomething
        If the form needs a package that is missing.
    """
    path, form = Path(path), _form(Path(path))
    calls: list[Call] = []
    found: list[Fault] = []
    for one in _checked(form.parse(_content(path), path), path):
        if isinstance(one, Call):
            calls.append(one)
        else:
            found.append(one)
        if len(found) == MOST_FAULTS:
            found.append(Fault(path, None, f"{MOST_FAULTS} faults, and perhaps more", "these mended first"))
            break
    if found:
        raise BadFile(found)
    return calls


def _form(path: Path) -> Form:
    ending = path.suffix.lower()
    if ending not in FORMS:
        near, endings = near_miss(ending, FORMS), ", ".join(FORMS)
        raise BadValue(
            M_(
                "found {name}; expected a name that ends in {endings}{near}",
                name=repr(path.name),
                endings=endings,
                near=near,
            )
        )
    return FORMS[ending]


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > rows.MAX_BYTES:
            found = f"{size / 1e6:.0f} MB"
            raise BadFile([Fault(path, None, found, f"at most {rows.MAX_BYTES / 1e6:.0f} MB")])
        return path.read_bytes()
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), M_("a file one can read"))]) from error


def _checked(listed: Parsed, path: Path) -> Iterator[Call | Fault]:
    """Yield the calls of rows, or what is wrong with them, up to the first fault of the file as a whole."""
    first: dict[str, str] = {}
    held = 0
    try:
        for row in listed:
            if isinstance(row, Fault):
                yield row
                continue
            # Packed forms can say once, in a few bytes, what stands in every row.
            held += sum(len(value) for value in row.values.values() if isinstance(value, str))
            if held > rows.MAX_BYTES:
                found = f"texts of more than {rows.MAX_BYTES / 1e6:.0f} million characters"
                raise BadFile([Fault(path, row.line, found, "fewer calls in one file")])
            yield from _record(row, path, first)
    except BadFile as error:
        yield from error.faults


def _record(row: Row, path: Path, first: dict[str, str]) -> Iterator[Call | Fault]:
    """Yield the call of a row, if it is one and no earlier row has its identifier, whatever the case."""
    try:
        call = Call.model_validate(row.values)
    except ValidationError as error:
        for finding in findings(error, Call):
            yield Fault(path, row.line, f"{row.place} {finding.found}".strip(), finding.expected)
        return
    place = row.place or f"line {row.line}"
    earlier = first.setdefault(call.identifier.casefold(), place)
    if earlier == place:
        yield call
    else:
        found = f"{row.place} identifier {shown(call.identifier)} a second time".strip()
        yield Fault(path, row.line, found, f"each call once; {earlier} has this one")
