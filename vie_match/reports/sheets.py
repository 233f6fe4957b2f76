"""Digest → XLSX for people and CSV for programs: the same suggestions in the same columns.

The workbook has headings in the reader's language, and further sheets: news, what was left out, sources. In
the CSV the columns have names that stay. Texts are texts, whatever they begin with.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from vie_match.cards import safe_url
from vie_match.foreign import one_line
from vie_match.formats.comma import shielded
from vie_match.formats.workbook import keep_text, lay_out, pieces
from vie_match.records import Deadline
from vie_match.reports import headlines, names, reasons, terms_wording, wording
from vie_match.reports.digest import Digest
from vie_match.reports.document import left_out
from vie_match.reports.lines import Line, lines
from vie_match.speech import N_, speech

# Microsoft, "Excel specifications and limits": characters of a link.
_LONGEST_LINK = 2079

_DAY, _EURO, _SHARE = "yyyy-mm-dd", "#,##0", "0%"

Value = str | int | float | dt.date | None


class Linked(NamedTuple):
    """A text that leads somewhere; the address is None or http(s)."""

    text: str
    url: str | None


class Column(NamedTuple):
    """One column of the suggestions.

    Attributes
    ----------
    name : str
        In the CSV.
    heading : str
        In the workbook; translated where it is said.
    width : float
        Characters.
    format : str
        Of numbers and days, as spreadsheets write it.
    """

    name: str
    heading: str
    width: float = 16.0
    format: str = "General"


COLUMNS = (
    Column("city", N_("City")),
    Column("project", N_("Project"), 32.0),
    Column("profile", N_("Profile")),
    Column("section", N_("This week"), 14.0),
    Column("rank", N_("Rank"), 7.0),
    Column("likelihood", N_("Likelihood")),
    Column("probability", N_("Probability"), 11.0, _SHARE),
    Column("call", N_("Call"), 60.0),
    Column("identifier", N_("Identifier"), 30.0),
    Column("programme", N_("Programme"), 22.0),
    Column("status", N_("Status")),
    Column("opens", N_("Opens"), 12.0, _DAY),
    Column("closes", N_("Closes"), 12.0, _DAY),
    Column("hour", N_("Hour in Brussels"), 10.0),
    Column("days_left", N_("Days left"), 10.0),
    Column("days_needed", N_("Days needed"), 10.0),
    Column("eligibility", N_("Eligibility"), 40.0),
    Column("because", N_("Because"), 40.0),
    Column("reason", N_("Reason"), 60.0),
    Column("grant_min_eur", N_("Smallest grant, euro"), 14.0, _EURO),
    Column("grant_max_eur", N_("Largest grant, euro"), 14.0, _EURO),
    Column("rate_low", N_("Co-funding rate, at least"), 12.0, _SHARE),
    Column("rate_high", N_("Co-funding rate, at most"), 12.0, _SHARE),
    Column("url", N_("Page of the call"), 40.0),
)

_NEWS = (N_("What happened"), N_("Call"), N_("Identifier"), N_("Programme"), N_("What changed"), N_("For"))
_LEFT_OUT = (N_("City"), N_("Project"), N_("Call"), N_("Identifier"), N_("Because"))
_SOURCES = (N_("Source"), N_("Calls"), N_("Oldest facts"), N_("Newest facts"), N_("Trouble"))
_WIDTHS = {
    N_("Call"): 60.0,
    N_("Because"): 50.0,
    N_("What changed"): 60.0,
    N_("Project"): 32.0,
    N_("Identifier"): 30.0,
    N_("Trouble"): 60.0,
    N_("Source"): 30.0,
}


def comma(digest: Digest, language: str = "en") -> bytes:
    """Return the suggestions as CSV (RFC 4180, UTF-8): one row for each project and call.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"
        Of sentences; the names of the columns stay.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(column.name for column in COLUMNS)
    for line in lines(digest):
        values = _values(line, language, digest.today)
        writer.writerow(_in_text(values[column.name]) for column in COLUMNS)
    return out.getvalue().encode("utf-8")


def workbook(digest: Digest, language: str = "en") -> bytes:
    """Return the report as a workbook of four sheets, with days as days and links as links.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"
    """
    from openpyxl import Workbook

    _ = speech(language).gettext
    book = Workbook()
    book.remove(book.worksheets[0])
    found = [_values(line, language, digest.today) for line in lines(digest)]
    rows = [[values[column.name] for column in COLUMNS] for values in found]
    sheet = book.create_sheet(_("Suggestions"))
    _fill(sheet, [_(column.heading) for column in COLUMNS], rows, [column.width for column in COLUMNS])
    _formats(sheet, [column.format for column in COLUMNS])
    for title, headings, told in (
        (_("News"), _NEWS, _news(digest, language)),
        (_("Left out"), _LEFT_OUT, _left_out(digest, language)),
        (_("Sources"), _SOURCES, _sources(digest, language)),
    ):
        widths = [_WIDTHS.get(heading, 16.0) for heading in headings]
        _fill(book.create_sheet(title), [_(heading) for heading in headings], list(told), widths)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _news(digest: Digest, language: str) -> Iterator[Sequence[Value | Linked]]:
    for one in digest.news:
        call = one.change.call
        yield (
            names.kind(one.change.kind, language),
            Linked(call.title, call.url),
            call.identifier,
            names.programme(call.programme, language),
            "; ".join(wording.changed(one.change, language)),
            ", ".join(one.cities),
        )


def _left_out(digest: Digest, language: str) -> Iterator[Sequence[Value | Linked]]:
    for part in digest.cities:
        for out in part.left_out:
            told = left_out(out, part, language)
            city, project = part.profile.city.name, part.profile.title
            yield city, project, Linked(told.title, told.url), told.identifier, told.because
    for out in digest.left_out:
        told = left_out(out, None, language)
        yield "", "", Linked(told.title, told.url), told.identifier, told.because


def _sources(digest: Digest, language: str) -> Iterator[Sequence[Value | Linked]]:
    for one in digest.sources:
        yield names.source(one.name, language), one.calls, one.oldest, one.newest, ""
    for trouble in digest.troubles:
        told = f"{names.trouble(trouble.state, language)}: {trouble.message}".rstrip(": ")
        yield trouble.source, None, trouble.last_good, trouble.when, told


def _fill(
    sheet: Any,
    headings: Sequence[str],
    rows: Sequence[Sequence[Value | Linked]],
    widths: Sequence[float],
) -> None:
    from openpyxl.styles import Alignment, Font

    lay_out(sheet, widths, len(rows))
    for position, heading in enumerate(headings, 1):
        cell = sheet.cell(1, position)
        cell.value = heading
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(rows, 2):
        for position, value in enumerate(row, 1):
            _set(sheet.cell(number, position), value)


def _set(cell: Any, value: Value | Linked) -> None:
    from openpyxl.styles import Alignment, Font

    text, address = value if isinstance(value, Linked) else (value, None)
    if text in (None, ""):
        return
    if isinstance(text, str):
        # What is longer than a cell can be stands on the call's own page.
        text = next(iter(pieces(one_line(text))), None)
    cell.value = text
    if isinstance(text, str):
        keep_text(cell)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    if isinstance(text, dt.date):
        cell.number_format = _DAY
    target = safe_url(address)
    if target and len(target) <= _LONGEST_LINK:
        cell.hyperlink = target
        cell.font = Font(color="0563C1", underline="single")


def _formats(sheet: Any, formats: Sequence[str]) -> None:
    for row in sheet.iter_rows(min_row=2):
        for cell, form in zip(row, formats, strict=True):
            if form != "General" and cell.value is not None:
                cell.number_format = form


def _in_text(value: Value | Linked) -> str | int | float | None:
    """Return a value as a cell of the CSV."""
    text = value.text if isinstance(value, Linked) else value
    if isinstance(text, dt.date):
        return text.isoformat()
    return shielded(one_line(text)) if isinstance(text, str) else text


def _values(line: Line, language: str, today: dt.date) -> dict[str, Value | Linked]:
    """Return the values of a suggestion, by name of the column."""
    match, call, profile = line.match, line.call, line.part.profile
    facts = terms_wording.facts(line.terms, language)
    return {
        "city": profile.city.name,
        "project": profile.title,
        "profile": profile.id,
        "section": headlines.section(line.section, language),
        "rank": match.rank,
        "likelihood": reasons.likelihood(match.probability, language),
        "probability": match.probability,
        "call": Linked(call.title, call.url),
        "identifier": call.identifier,
        "programme": names.programme(call.programme, language),
        "status": names.call_status(match.status, language),
        "opens": call.opening,
        **_closing(match.deadline, today),
        "eligibility": facts["eligibility"],
        "reason": reasons.reason(match, language),
        "grant_min_eur": call.budget.grant_min_eur,
        "grant_max_eur": call.budget.grant_max_eur,
        "url": safe_url(call.url),
        **{name: facts[name] for name in ("because", "days_needed", "rate_low", "rate_high")},
    }


def _closing(deadline: Deadline | None, today: dt.date) -> dict[str, Value | Linked]:
    if deadline is None:
        return {"closes": None, "hour": None, "days_left": None}
    hour = f"{deadline.moment:%H:%M}" if deadline.time_stated else None
    return {"closes": deadline.moment.date(), "hour": hour, "days_left": deadline.days_left(today)}
