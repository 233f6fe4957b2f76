"""What people said of calls: the file ``vie-match-feedback.csv``, which belongs to the city.

One row a judgement, made by ``vie-match feedback`` or by hand in a spreadsheet. The column ``fingerprint``
is the program's own: the material facts of the call as it was judged, so that a later change is seen.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

import filelock
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from vie_match.errors import BadFile, Fault, StoreBusy, near_miss
from vie_match.faults import findings, shown
from vie_match.fields import Line, Text, member
from vie_match.fingerprints import FINGERPRINT
from vie_match.formats.comma import shielded, unshielded
from vie_match.formats.rows import decoded
from vie_match.messages import M_
from vie_match.records import Record
from vie_match.speech import N_, speech
from vie_match.whole import write_whole

# Ten thousand judgements are 2 MB.
MAX_BYTES = 20 * 10**6
BUSY_TIMEOUT_S = 10

# Spreadsheets that open and save the file write days as their country does: in the EU the day first, or the
# year first (Hungary, Lithuania, Sweden).
_DAYS = (
    re.compile(r"(?P<year>\d{4})[-./] ?(?P<month>\d\d?)[-./] ?(?P<day>\d\d?)\.?"),
    re.compile(r"(?P<day>\d\d?)[-./] ?(?P<month>\d\d?)[-./] ?(?P<year>\d{4})\.?"),
)


class Opinion(StrEnum):
    """What a person thinks of a call for a profile."""

    GOOD = "good"
    MAYBE = "maybe"
    BAD = "bad"


class Reason(StrEnum):
    """Why a call was dismissed."""

    TOO_LATE = "too-late"
    NO_COFUNDING = "no-cofunding"
    NOT_OUR_TOPIC = "not-our-topic"
    NOT_ELIGIBLE = "not-eligible"


_IN_WORDS = {
    Reason.TOO_LATE: N_("it is too late for this call"),
    Reason.NO_COFUNDING: N_("the own share of the cost cannot be paid"),
    Reason.NOT_OUR_TOPIC: N_("it is not the topic"),
    Reason.NOT_ELIGIBLE: N_("the city may not apply"),
}


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for form in _DAYS:
        if found := form.fullmatch(value.strip()):
            try:
                return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                break
    raise ValueError(M_("a day that exists, as in 2026-11-24 or 24.11.2026"))


def _known_fingerprint(value: Any) -> Any:
    if isinstance(value, str) and value and not FINGERPRINT.fullmatch(value):
        raise ValueError(M_("the cell as vie-match feedback wrote it, or an empty one"))
    return value


class Feedback(Record):
    """One judgement: what somebody said of one call for one profile."""

    profile: Annotated[Line, Field(description="id of the profile")]
    call: Annotated[Line, Field(description="identifier of the call")]
    verdict: Annotated[Opinion, member(Opinion), Field(description="good, maybe or bad")]
    why: Annotated[Reason | None, member(Reason), Field(description="of a bad one; None: not given")] = None
    by: Annotated[Text, Field(description="who said it, or empty")] = ""
    day: Annotated[dt.date | None, BeforeValidator(_day), Field(description="None: not known")] = None
    note: Annotated[Text, Field(description="free text")] = ""
    fingerprint: Annotated[
        str,
        BeforeValidator(_known_fingerprint),
        Field(description="material facts of the call as judged; empty: changes are not seen"),
    ] = ""

    @model_validator(mode="after")
    def _only_bad_ones_have_a_reason(self) -> Self:
        if self.why and self.verdict is not Opinion.BAD:
            raise ValueError(f"no reason ({self.why.value}) beside the verdict {self.verdict.value}, or bad")
        return self

    @property
    def key(self) -> tuple[str, str]:
        """The pair that was judged: profile and identifier, the latter in small letters."""
        return self.profile, self.call.casefold()

    def told(self, language: str = "en") -> str:
        """Return what was done to a call that was judged bad.

        Examples
        --------
        >>> Feedback(profile="a", call="X-1", verdict="bad", why="too-late", day="2026-11-24").told()
        'dismissed on 24 November 2026: it is too late for this call'
        """
        says = speech(language)
        _ = says.gettext
        why = _(_IN_WORDS[self.why]) if self.why else ""
        if self.day:
            pattern = _("dismissed on {day}: {why}") if why else _("dismissed on {day}")
        else:
            pattern = _("dismissed: {why}") if why else _("dismissed")
        return pattern.format(day=says.day(self.day), why=why)


COLUMNS = tuple(Feedback.model_fields)
_REQUIRED = tuple(name for name, field in Feedback.model_fields.items() if field.is_required())


@dataclass(frozen=True, slots=True)
class Book:
    """What stands in a feedback file.

    Attributes
    ----------
    entries : tuple of Feedback
        The rows in order, without those that could not be read.
    lines : tuple of int
        Where each begins, 1-based.
    faults : tuple of Fault
        Everything wrong with the file.
    """

    entries: tuple[Feedback, ...] = ()
    lines: tuple[int, ...] = ()
    faults: tuple[Fault, ...] = ()


def read(path: Path) -> Book:
    """Read a feedback file; one that is missing is empty.

    Parameters
    ----------
    path : Path
        UTF-8, cells apart by commas, semicolons or tabs. Columns may stand in any order; those that are not
        :data:`COLUMNS` are the city's own.

    Returns
    -------
    Book
        Rows in order are there even when others are not.
    """
    try:
        return _book(_table(path), path)
    except BadFile as error:
        return Book(faults=error.faults)


def keep(path: Path, entry: Feedback) -> None:
    """Write a judgement into the file, in the place of an earlier one of the same pair.

    All other rows stay as they are. The note of the earlier one is kept if the new one has none.

    Raises
    ------
    BadFile
        With every fault of the file; then nothing is written.
    StoreBusy
        If another process goes on writing to it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(f"{path}.lock", timeout=BUSY_TIMEOUT_S):
            table = _table(path)
            book = _book(table, path)
            if book.faults:
                raise BadFile(book.faults)
            write_whole(path, _text(_with(table, book, entry)))
    except filelock.Timeout as error:
        raise StoreBusy(f"another process is writing to {path}; try again") from error


@dataclass(frozen=True, slots=True)
class _Table:
    """A file as it stands."""

    # Spreadsheets of countries with a decimal comma, most of the EU, open semicolons in columns.
    delimiter: str = ";"
    line_end: str = "\n"
    header: Sequence[str] = COLUMNS
    rows: tuple[tuple[int, list[str]], ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def names(self) -> list[str]:
        return [name.strip().casefold() for name in self.header]


def _with(table: _Table, book: Book, entry: Feedback) -> _Table:
    """Return the table with the row of a judgement; columns that it lacks are added at the end."""
    added = [name for name in COLUMNS if name not in table.names]
    table = replace(table, header=(*table.header, *added))
    former = {one.key: (line, one) for line, one in zip(book.lines, book.entries, strict=True)}
    at, old = former.get(entry.key, (0, entry))
    values = entry.model_copy(update={"note": entry.note or old.note}).model_dump(mode="json")
    before = next((cells for line, cells in table.rows if line == at), [])
    padded = [*before, *[""] * (len(table.header) - len(before))]
    row = [
        str(shielded(values[name] or "")) if name in values else cell
        for name, cell in zip(table.names, padded, strict=False)
    ]
    rows = tuple((line, row if line == at else cells) for line, cells in table.rows)
    return replace(table, rows=rows if before else (*rows, (0, row)))


def _text(table: _Table) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=table.delimiter, lineterminator=table.line_end)
    writer.writerow(table.header)
    writer.writerows(cells for _, cells in table.rows)
    # The mark tells spreadsheets that this is UTF-8.
    return f"\ufeff{out.getvalue()}"


def _book(table: _Table, path: Path) -> Book:
    kept: dict[tuple[str, str], tuple[int, Feedback]] = {}
    faults: list[Fault] = []
    for line, cells in table.rows:
        named = zip(table.names, cells, strict=False)
        values = {name: unshielded(cell.strip()) for name, cell in named if cell.strip() and name in COLUMNS}
        surplus = any(cell.strip() for cell in cells[len(table.header) :])
        if surplus:
            expected = f"at most {len(table.header)}; a text with a {table.delimiter!r} stands in quotes"
            faults.append(Fault(path, line, f"{len(cells)} cells", expected))
        # An empty row, or one that says something in the city's own columns only.
        if surplus or not values:
            continue
        try:
            entry = Feedback.model_validate(values)
        except ValidationError as error:
            faults += [Fault(path, line, one.found, one.expected) for one in findings(error, Feedback)]
            continue
        first = kept.setdefault(entry.key, (line, entry))[0]
        if first != line:
            found = f"a second judgement of {shown(entry.call)} for {shown(entry.profile)}"
            faults.append(Fault(path, line, found, f"one; line {first} has it, delete either"))
    lines, entries = zip(*kept.values(), strict=True) if kept else ((), ())
    return Book(entries, lines, (*faults, *table.faults))


def _table(path: Path) -> _Table:
    """Return the rows of a file up to the first that is no CSV.

    Raises
    ------
    BadFile
        If the file cannot be read, or lacks a column.
    """
    text = _content(path)
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    start = 1
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        expected = "texts in quotes that are closed, quotes in them doubled, up to the end of the file"
        faults.append(Fault(path, start, f"a row that is no CSV ({error})", expected))
    while rows and not any(rows[0][1]):
        del rows[0]
    if not rows and not faults:
        return _Table()
    line, header = rows[0] if rows else (1, [])
    line_end = "\r\n" if "\r\n" in text else "\n"
    table = _Table(delimiter, line_end, header, tuple(rows[1:]), tuple(faults))
    wrong = _header_faults(table.names, path, line)
    if wrong:
        raise BadFile([*wrong, *faults])
    return table


def _header_faults(names: Sequence[str], path: Path, line: int) -> list[Fault]:
    missing = [name for name in COLUMNS if name not in names]
    faults = []
    for name in dict.fromkeys(names):
        # A column of the city's own, unless it looks like a misspelling of one that is missing.
        if name not in COLUMNS and (hint := near_miss(name, missing)):
            faults.append(Fault(path, line, f"the column {shown(name)}{hint}", f"{', '.join(COLUMNS)}"))
        elif name in COLUMNS and names.count(name) > 1:
            faults.append(Fault(path, line, f"the column {name!r} twice", "each column once"))
    expected = f"a first line with the names of the columns, {', '.join(_REQUIRED)} among them"
    faults += [Fault(path, line, f"no column {name}", expected) for name in _REQUIRED if name in missing]
    return faults


def _content(path: Path) -> str:
    try:
        if not path.exists():
            return ""
        if path.stat().st_size > MAX_BYTES:
            raise BadFile([Fault(path, None, "a larger file", f"at most {MAX_BYTES / 1e6:.0f} MB")])
        return decoded(path.read_bytes(), path)
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), M_("a file one can read"))]) from error
