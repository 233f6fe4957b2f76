"""A table of organisations that the user knows → candidates; all faults of a file are told at once."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pydantic import ValidationError

from vie_match.eligibility.facts import Fact, Member
from vie_match.eligibility.words import Words
from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.faults import findings
from vie_match.partners.consortium import Candidate

# Column → what stands in it; any further column is a fact as eligibility rules ask for, such as mission_city.
COLUMNS = {
    "name": "name of the organisation",
    "country": "two letters, EU style",
    "type": "kind of organisation, for example university, sme, local_authority; empty: not known",
    "roles": "roles it would take, apart by blanks: beneficiary coordinator associated; empty: beneficiary",
    "perhaps": "roles nobody has asked it about",
    "fit": "how well it fits, 0 to 1; empty: 0.5",
    "lead": "how well it could lead, 0 to 1; empty: 0",
    "skills": "what it can, apart by semicolons, each with how well: heat=0.8; water",
    "newcomer": "yes or no; empty: not known",
    "population": "inhabitants, of a city",
}
_TRUTH = {"yes": True, "true": True, "no": False, "false": False}


def read(path: Path) -> tuple[Candidate, ...]:
    """Return the candidates of a table.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with a line of column names: ``name`` and ``country``, and any other of
        :data:`COLUMNS` or a fact. An empty cell is unknown.

    Raises
    ------
    BadFile
        With the line of every fault.
    """
    names, rows = _table(path)
    faults: list[Fault] = []
    found: dict[str, Candidate] = {}
    for line, cells in rows:
        one = _checked(dict(zip(names, cells, strict=False)), path, line, faults)
        if len(cells) != len(names):
            faults.append(Fault(path, line, f"{len(cells)} cells", f"{len(names)}, one a column"))
        elif one and one.id in found:
            faults.append(Fault(path, line, f"{one.id} a second time", "every organisation once"))
        elif one:
            found[one.id] = one
    if faults:
        raise BadFile(faults)
    return tuple(found.values())


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the names of the columns, and every row that is not empty with its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
        # A cell in quotes may hold line breaks: the reader knows where a row ends, so where the next begins.
        ends, lines = [0], []
        for row in reader:
            lines.append(row)
            ends.append(reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile([Fault(path, None, str(error), "a readable table, CSV in UTF-8")]) from error
    names = [name.strip().casefold() for name in lines[0]] if lines else []
    lacking = [name for name in ("name", "country") if name not in names]
    if lacking:
        expected = f"a first line with the columns name and country, and any of {', '.join(COLUMNS)}"
        raise BadFile(
            [Fault(path, 1, f"no column {name!r}{near_miss(name, names)}", expected) for name in lacking]
        )
    rows = list(zip(ends, lines, strict=False))[1:]
    return names, [(end + 1, cells) for end, cells in rows if any(map(str.strip, cells))]


def _checked(row: dict[str, str], path: Path, line: int, faults: list[Fault]) -> Candidate | None:
    """Return the candidate of a row, or note what is wrong with it."""
    try:
        return _candidate({name: cell.strip() for name, cell in row.items()}, path)
    except ValidationError as error:
        kind = Member if error.title == Member.__name__ else Candidate
        faults += [Fault(path, line, each.found, each.expected) for each in findings(error, kind)]
    except BadValue as error:
        faults.append(Fault(path, line, str(error), "yes, no, or nothing"))
    return None


def _candidate(row: dict[str, str], path: Path) -> Candidate:
    facts = {
        name: Fact(value=_plain(cell), source=path.name)
        for name, cell in row.items()
        if name not in COLUMNS and cell
    }
    member = Member.model_validate(
        {
            "name": row.get("name", ""),
            "country": row.get("country") or None,
            "type": row.get("type") or None,
            "population": row.get("population") or None,
            "facts": facts,
            "source": path.name,
        }
    )
    given = {
        name: float(row[name]) if _is_number(row[name]) else row[name]
        for name in ("fit", "lead")
        if row.get(name)
    }
    return Candidate.model_validate(
        {
            "id": f"{member.country or '?'}-{member.name}",
            "member": member,
            "roles": tuple(row.get("roles", "").split()) or ("beneficiary",),
            "perhaps": tuple(row.get("perhaps", "").split()),
            "skills": _skills(row.get("skills", "")),
            "newcomer": _newcomer(row.get("newcomer", "")),
            "reasons": (Words.given({"en": path.name}),),
            **given,
        }
    )


def _skills(cell: str) -> dict[str, float | str]:
    r"""Return skills with how well each is mastered; without a number, in full.

    Examples
    --------
    >>> _skills("heat=0.8; water")
    {'heat': 0.8, 'water': 1.0}
    """
    found: dict[str, float | str] = {}
    for part in filter(None, map(str.strip, cell.split(";"))):
        name, _, level = part.partition("=")
        found[name.strip()] = (float(level) if _is_number(level) else level) if level else 1.0
    return found


def _newcomer(cell: str) -> bool | None:
    if not cell:
        return None
    if cell.casefold() not in _TRUTH:
        raise BadValue(f"newcomer: {cell!r} is neither yes nor no")
    return _TRUTH[cell.casefold()]


def _plain(cell: str) -> bool | int | float | str | tuple[str, ...]:
    """Return the value of a fact.

    Examples
    --------
    >>> _plain("yes"), _plain("3"), _plain("lead"), _plain("end_user; practitioner")
    (True, 3, 'lead', ('end_user', 'practitioner'))
    """
    if cell.casefold() in _TRUTH:
        return _TRUTH[cell.casefold()]
    if _is_number(cell):
        return int(cell) if cell.isdecimal() else float(cell)
    return tuple(map(str.strip, cell.split(";"))) if ";" in cell else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
