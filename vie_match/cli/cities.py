"""Cities' track record: ``cities``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import Format, SettingsOption, app, near_miss, note, output, print_rows, speaking
from vie_match.speech import NC_

if TYPE_CHECKING:
    from vie_match.track.gathering import TrackHarvest
    from vie_match.track.records import CityRecord, Participation

_CITY_COLUMNS = (
    NC_("column", "city"),
    NC_("column", "country"),
    NC_("column", "projects"),
    NC_("column", "coordinated"),
    NC_("column", "EU money, euro"),
    NC_("column", "years"),
)
_PROJECT_COLUMNS = (
    NC_("column", "acronym"),
    NC_("column", "start"),
    NC_("column", "role"),
    NC_("column", "programme"),
    NC_("column", "topic"),
    NC_("column", "EU money, euro"),
    NC_("column", "with"),
    NC_("column", "page"),
)

_ROLES = {
    "coordinator": NC_("in a project", "coordinator"),
    "participant": NC_("in a project", "participant"),
    "associated partner": NC_("in a project", "associated partner"),
    "third party": NC_("in a project", "third party"),
}


@app.command()
def cities(
    name: Annotated[str | None, typer.Argument(help="Show this city's projects.", metavar="[CITY]")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="First take over the projects of an export of keep.eu (.xlsx, .csv).")
    ] = None,
    cordis: Annotated[
        Path | None,
        typer.Option(help="First take over an archive of CORDIS that was downloaded by hand (.zip)."),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Also when the export holds far fewer projects than last time.")
    ] = False,
    format: Annotated[Format, typer.Option(help="Form of the output.")] = Format.TABLE,
    settings_file: SettingsOption = None,
) -> None:
    """List the cities that took part in EU projects, or one city's projects and who was with it.

    From CORDIS (Horizon Europe; renew it with: vie-match fetch cordis) and exports of keep.eu.
    """
    from vie_match.track import book, records
    from vie_match.track import cordis as cordis_source
    from vie_match.track import keep as keep_source

    table = settings.load(settings_file).cities
    for source, export in ((keep_source, keep), (cordis_source, cordis)):
        if export:
            _take_over(source.NAME, source.read(export), table, accept)
    known = book.current(table)
    if name is None:
        rows = [_city_row(one) for one in records.summaries(known)]
        print_rows(rows, _CITY_COLUMNS, format, {"EU money, euro": _money})
        return
    found = book.of_city(known, name)
    if not found:
        near = near_miss(name, {one.city for one in known})
        _ = speaking().gettext
        pattern = _("found no project of a city {name} in the shipped table")
        if table.exists():
            pattern = _("found no project of a city {name} in {table}")
        raise errors.BadValue(pattern.format(name=f"{name!r}{near}", table=table))
    said = {"role": _role, "EU money, euro": _money}
    print_rows([_project_row(one, known) for one in found], _PROJECT_COLUMNS, format, said)


def _take_over(source: str, harvest: TrackHarvest, table: Path, accept: bool) -> None:
    from vie_match.track import book

    note(harvest.notices)
    says = speaking()
    note(
        says.gettext("left out {key}: {reason}").format(key=one.key, reason=one.reason)
        for one in harvest.rejected
    )
    book.renew(table, harvest, accept=accept)
    told = says.ngettext(
        "{table}: {n} participation from {source}",
        "{table}: {n} participations from {source}",
        len(harvest.participations),
    )
    output.print(told.format(table=table, source=source), soft_wrap=True)


def _city_row(one: CityRecord) -> dict[str, str]:
    return {
        "city": one.city,
        "country": one.country,
        "projects": str(one.projects),
        "coordinated": str(one.coordinated),
        "EU money, euro": "" if one.contribution_eur is None else str(one.contribution_eur),
        "years": "–".join(map(str, dict.fromkeys(one.years or ()))),
    }


def _project_row(one: Participation, known: tuple[Participation, ...]) -> dict[str, str]:
    others = {
        other.city for other in known if other.project_id == one.project_id and other.city_id != one.city_id
    }
    return {
        "acronym": one.acronym,
        "start": str(one.start or ""),
        "role": one.role.value,
        "programme": one.framework,
        "topic": one.topic or "",
        "EU money, euro": "" if one.contribution_eur is None else str(one.contribution_eur),
        "with": ", ".join(sorted(others)),
        "page": one.url or "",
    }


def _role(text: str) -> str:
    return speaking().pgettext("in a project", _ROLES[text])


def _money(text: str) -> str:
    return speaking().number(int(text))
