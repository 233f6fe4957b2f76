"""keep.eu, the record of Interreg projects: a file exported there → what municipalities did in them.

keep.eu has no published dump; its search offers the results as a workbook with a sheet of projects and one of
partners. Both are joined by programme and acronym: an acronym alone may occur in several programmes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vie_match import cards, countries
from vie_match.errors import BadValue
from vie_match.track import cells, sheets
from vie_match.track.cities import city_of
from vie_match.track.columns import Columns
from vie_match.track.gathering import Gathering, TrackHarvest
from vie_match.track.municipalities import is_municipality
from vie_match.track.plain import plain
from vie_match.track.records import ParticipantRole
from vie_match.track.sheets import Cells, Sheet
from vie_match.vocabulary import Programme

NAME = "keep.eu"

# Titles as of 2025; earlier exports and other people's copies name some differently. Titles are compared
# without case, blanks, marks and what stands in brackets ("(2021-2027 only)").
_PROJECT = Columns(
    {
        "programme": ("Programme", "Programme name", "Interreg programme"),
        "acronym": ("Project acronym", "Acronym"),
        "start": ("Project start", "Project start date", "Start date", "Start"),
        "end": ("Project end", "Project end date", "End date", "End"),
        "url": ("Website", "Project website", "Project URL"),
        "lead": ("Lead partner", "Lead partner name", "Lead partner in English"),
        "country": ("Lead partner country code", "Country code", "Lead partner country", "Country"),
        "nuts": ("Lead partner NUTS3", "NUTS3 code", "NUTS3"),
        "town": ("Lead partner town", "Town", "Lead partner city", "City"),
    },
    required=("programme", "acronym"),
)
_PARTNER = Columns(
    {
        "programme": ("Programme", "Programme name", "Interreg programme"),
        "acronym": ("Project acronym", "Acronym"),
        "name": ("Organisation in English", "Partner name in English", "Partner name", "Organisation"),
        "own_name": ("Organisation in language 2", "Organisation in original language"),
        "lead": ("Lead partner", "Role", "Partner role", "Is lead partner"),
        "kind": ("Type of Organisation", "Type of partner", "Partner type", "Legal status"),
        "pic": ("Participant Identification Code", "PIC"),
        "town": ("Town", "City", "Town/city"),
        "country": ("Country code", "Country"),
        "nuts": ("NUTS3 code", "NUTS3", "NUTS level 3"),
        "latitude": ("Latitude",),
        "longitude": ("Longitude",),
        "new_money": ("Partner's programme co-financing", "Programme co-financing", "EU funding"),
        "old_money": ("ERDF contribution", "Partner's ERDF contribution", "ERDF budget"),
    },
    required=("programme", "acronym", "name"),
)

# Kinds of organisation, in keep.eu's words ("Local public authority", "Public"), that can be a municipality.
_PUBLIC_KIND = re.compile(r"(?<!non-)(?<!not )\bpublic\b|municipal|local|authorit", re.IGNORECASE)

_IS_LEAD = frozenset({"yes", "y", "true", "1", "lead", "lead partner", "lp"})
_IS_NOT_LEAD = frozenset({"", "no", "n", "false", "0", "partner", "project partner", "pp"})

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Partner:
    """A partner's row, with the project it belongs to and the name that stands for it."""

    key: Key
    name: str
    is_lead: bool
    row: Cells

    @property
    def label(self) -> str:
        return f"{' / '.join(self.key)}: {self.name}"


def read(path: Path, projects: Path | None = None) -> TrackHarvest:
    """Read an export of keep.eu.

    Parameters
    ----------
    path : Path
        A workbook (``.xlsx``) with a sheet of partners, and best one of projects; or a CSV file of partners.
    projects : Path, optional
        A CSV file of projects, where ``path`` has none: their dates and addresses stand there.

    Raises
    ------
    BadFile
        If a file is damaged, or lacks a sheet or column; the message names what was found and expected.
    """
    with sheets.opened(path) as own:
        if projects is None:
            return parse(own)
        with sheets.opened(projects) as others:
            return parse([*own, *others])


def parse(tables: Sequence[Sheet]) -> TrackHarvest:
    """Read the municipalities' participations of the tables of an export.

    Parameters
    ----------
    tables : sequence of Sheet
        At least one, in any order; sheets of calls and of explanations do no harm.

    Raises
    ------
    BadFile
        As :func:`read`.
    """
    gathering = Gathering()
    sheet = _sheet_of_partners(tables)
    projects = _projects([table for table in tables if table is not sheet])
    if not projects:
        gathering.notice("no sheet of projects: their dates are unknown")
    leads = {key: lead for key, row in projects.items() if (lead := _lead(key, row)).name}
    own, sizes = _municipalities(sheet, leads)
    for partner in own:
        _take(partner, projects.get(partner.key, {}), sizes[partner.key], gathering)
    return gathering.harvest()


def _municipalities(sheet: Sheet, leads: Mapping[Key, _Partner]) -> tuple[list[_Partner], Counter[Key]]:
    """Return the municipalities among the partners, and the number of partners of each project."""
    own: list[_Partner] = []
    sizes: Counter[Key] = Counter()
    unlisted = dict(leads)
    for _, row in sheet.rows(_PARTNER):
        partner = _partner(row, leads)
        sizes[partner.key] += 1
        if partner.is_lead:
            unlisted.pop(partner.key, None)
        if _is_municipality(partner):
            own.append(partner)
    sizes.update(unlisted.keys())
    return [*own, *filter(_is_municipality, unlisted.values())], sizes


def _sheet_of_partners(tables: Sequence[Sheet]) -> Sheet:
    """Return the sheet of partners; without one, that which a person would take for it."""

    def unlikely(table: Sheet) -> tuple[bool, bool, bool]:
        name = table.name.casefold()
        return not table.has(_PARTNER), "partner" not in name, "project" in name

    return min(tables, key=unlikely)


def _projects(tables: Sequence[Sheet]) -> dict[Key, Cells]:
    found: dict[Key, Cells] = {}
    for table in tables:
        if table.has(_PROJECT):
            for _, row in table.rows(_PROJECT):
                found.setdefault(_key(row), row)
    return found


def _key(row: Cells) -> Key:
    return cells.known(row.get("programme")), cells.known(row.get("acronym"))


def _partner(row: Cells, leads: Mapping[Key, _Partner]) -> _Partner:
    key = _key(row)
    names = [cells.known(row.get(column)) for column in ("own_name", "name")]
    # The legal name is the one in the organisation's own language; the other is a translation.
    name = next((one for one in names if is_municipality(one)), names[1] or names[0])
    is_lead = cells.known(row.get("lead")).casefold() in _IS_LEAD
    if not is_lead and key in leads:
        is_lead = plain(leads[key].name) in map(plain, names)
    return _Partner(key, name, is_lead, row)


def _lead(key: Key, project: Cells) -> _Partner:
    """Return the lead partner as the sheet of projects names it; some exports do, others say yes or no."""
    name = cells.known(project.get("lead"))
    is_name = name.casefold() not in _IS_LEAD | _IS_NOT_LEAD
    return _Partner(key, name if is_name else "", True, project)


def _is_municipality(partner: _Partner) -> bool:
    kind = cells.known(partner.row.get("kind"))
    return is_municipality(partner.name) and (not kind or bool(_PUBLIC_KIND.search(kind)))


def _take(partner: _Partner, project: Cells, size: int, gathering: Gathering) -> None:
    row, label = partner.row, partner.label
    programme, acronym = partner.key
    try:
        country = _country(row)
        city_id, city = city_of(partner.name, cells.known(row.get("town")), country)
    except BadValue as error:
        gathering.reject(label, str(error))
        return
    place = gathering.value(cells.point, _coordinates(row), "places", label) or (None, None)
    days = {name: gathering.value(cells.day, project.get(name), "days", label) for name in ("start", "end")}
    values = days | {
        "project_id": f"{programme} / {acronym}" if programme and acronym else "",
        "acronym": acronym,
        "programme": Programme.URBACT if "urbact" in programme.casefold() else Programme.INTERREG,
        "framework": programme,
        "role": ParticipantRole.COORDINATOR if partner.is_lead else ParticipantRole.PARTICIPANT,
        "organisation": partner.name,
        "organisation_id": cells.known(row.get("pic")) or None,
        "city_id": city_id,
        "city": city,
        "country": country,
        "nuts3": cells.nuts3(row.get("nuts")),
        "latitude": place[0],
        "longitude": place[1],
        "contribution_eur": _contribution(row, label, gathering),
        "participants": size,
        "url": cards.safe_url(cells.known(project.get("url"))),
        "source": NAME,
    }
    gathering.take(label, values)


def _country(row: Cells) -> str:
    """Return the country: as stated, by code or name, else that of the NUTS code."""
    code, name = cells.coded(row.get("country"))
    found = countries.NAMES.get(name.casefold(), "") or code[:2] or (cells.nuts3(row.get("nuts")) or "")[:2]
    if not found:
        raise BadValue(f"found country {name!r}; expected a code like EL, a name in English, or a NUTS code")
    return found


def _coordinates(row: Cells) -> str:
    both = [cells.known(row.get(name)) for name in ("latitude", "longitude")]
    return ",".join(both) if all(both) else ""


def _contribution(row: Cells, label: str, gathering: Gathering) -> int | None:
    """Return the EU's money, never the partner's budget: that has the partner's own money in it."""
    amounts = (
        gathering.value(_amount, row.get(name), "amounts", label) for name in ("new_money", "old_money")
    )
    return next((amount for amount in amounts if amount is not None), None)


def _amount(cell: object) -> int | None:
    return cells.euro(cell, grouped=True)
