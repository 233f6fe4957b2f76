"""EuroAccess, EuroVienna's search for EU funding: its list and the page of each call → calls.

Pages are read by :mod:`vie_match.sources.euroaccess_list` and :mod:`vie_match.sources.euroaccess_page`.
Here is decided what becomes a call, and under which identifier.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from vie_match import vocabulary
from vie_match.errors import BadValue, SourceChanged, SourceDown, SourceRefused, VieMatchError
from vie_match.history import Harvest, Rejected
from vie_match.pages import markup
from vie_match.records import Call
from vie_match.sources import euroaccess_list, euroaccess_page
from vie_match.sources.euroaccess_list import Row
from vie_match.sources.euroaccess_page import Detail
from vie_match.vocabulary import DeadlineModel, Programme
from vie_match.web.session import Session

NAME = "EuroAccess"
URL = "https://www.euro-access.eu/en/calls?keyword=&submit=&sent=search"

# A list this long is a circle of pages.
MOST_PAGES = 200

# Pages of calls that closed earlier are not asked for.
RECENTLY_CLOSED_DAYS = 30

# So many pages in a row without an answer, and the site is down; asking on would be rude.
_GIVE_UP_AFTER = 3

# Of a call number that is an identifier: one word with a digit, as in EUI-IA-2023-03; "3rd call" is none.
_NUMBER = re.compile(r"(?=\S*\d)\S{6,100}")

# Programmes by words of their name; as whole words, since Interregional Innovation Investments are not
# Interreg.
_PROGRAMMES = (
    ("interreg", Programme.INTERREG),
    ("euratom", Programme.EURATOM),
    ("horizon europe", Programme.HORIZON),
    ("digital europe", Programme.DIGITAL),
    ("creative europe", Programme.CREA),
    ("erasmus", Programme.ERASMUS),
    ("eu4health", Programme.EU4HEALTH),
    ("urbact", Programme.URBACT),
)
_FULL_NAMES = {markup.fold(name): programme for programme, name in vocabulary.PROGRAMME_NAMES.items()}


def programme_of(name: str, number: str) -> Programme:
    """Return the programme of a call, or OTHER where neither name nor number makes it certain.

    Parameters
    ----------
    name : str
        As the site writes it, for example "EU Missions in Horizon Europe".
    number : str
        Call number; on the Funding & Tenders Portal it begins with the programme.

    Examples
    --------
    >>> programme_of("New European Bauhaus Facility", "HORIZON-NEB-2025-01-BUSINESS-02")
    <Programme.HORIZON: 'HORIZON'>
    >>> programme_of("Interreg Poland-Saxony", ""), programme_of("Municipal Fund", "3rd call")
    (<Programme.INTERREG: 'INTERREG'>, <Programme.OTHER: 'OTHER'>)
    """
    folded = re.sub(r" (?:programme|program)(?: 20\d\d 20\d\d)?$", "", markup.fold(name))
    named = [programme for words, programme in _PROGRAMMES if f" {words} " in f" {folded} "]
    by_name = _spelled(name) or _FULL_NAMES.get(folded) or next(iter(named), None)
    first, *others = number.split("-")
    return by_name or (_spelled(first) if others else None) or Programme.OTHER


def _spelled(name: str) -> Programme | None:
    try:
        return vocabulary.parse(Programme, name)
    except BadValue:
        return None


def fetch(session: Session, url: str, today: dt.date) -> Harvest:
    """Read all pages of the list, then the page of each call that is open or closed not long ago.

    Parameters
    ----------
    session : Session
    url : str
        Address of the list's first page.
    today : date
        Pages of calls that closed more than :data:`RECENTLY_CLOSED_DAYS` before are not asked for.

    Raises
    ------
    SourceDown, SourceChanged, SourceRefused
        If a page of the list could not be read (half a list is no list), or if one page of a call after
        the other gave no answer.
    """
    rows, repeated, notices = _all_rows(session, url)
    found = _Found()
    rejected: list[Rejected] = []
    unread: set[str] = set()
    silent, is_whole = 0, True
    for row in rows:
        name = f"{row.number} {row.title}"
        closed = _closed_long_ago(row, today)
        if closed:
            rejected.append(Rejected(name, closed))
            continue
        detail, error = _detail(session, row)
        if error:
            unread.add(row.url)
        silent = silent + 1 if isinstance(error, SourceDown) else 0
        if error and silent >= _GIVE_UP_AFTER:
            raise error
        if isinstance(error, SourceDown):
            is_whole = False
            rejected.append(Rejected(name, f"its page gave no answer: {error}"))
            continue
        notices += [f"only what the list says is known: {error}"] if error else []
        try:
            found.add(_call(row, detail), row)
        except BadValue as refused:
            unread.add(row.url)
            rejected.append(Rejected(name, str(refused)))
    return Harvest(
        tuple(found.calls.values()),
        tuple(rejected),
        repeated + found.folded,
        tuple(notices),
        is_whole=is_whole,
        unread=frozenset(unread),
    )


def _all_rows(session: Session, url: str) -> tuple[list[Row], int, list[str]]:
    """Return the rows of all pages, how many stood there twice, and what was odd."""
    rows: dict[int, Row] = {}
    listed = 0
    address = url
    for _ in range(MOST_PAGES):
        page = session.get(address)
        on_page = euroaccess_list.parse_list(page.text(), page.url)
        # Behind the last page the site may show it again.
        if all(row.number in rows for row in on_page.rows):
            break
        listed += len(on_page.rows)
        for row in on_page.rows:
            rows.setdefault(row.number, row)
        if on_page.following is None:
            break
        address = on_page.following
    else:
        raise SourceChanged(f"{url}: found more than {MOST_PAGES} pages; expected a list that ends")
    if not any(row.deadline for row in rows.values()):
        raise SourceChanged(f"{url}: found no date in {len(rows)} rows; expected dates as 27.01.2027")
    is_short = (on_page.announced or 0) > len(rows)
    odd = [f"{url} announces {on_page.announced} calls and lists {len(rows)}"] if is_short else []
    return list(rows.values()), listed - len(rows), odd


def _closed_long_ago(row: Row, today: dt.date) -> str:
    """Return why the page of a call is not asked for; empty: it is."""
    try:
        old = [one for one in row.deadlines if one.days_left(today) < -RECENTLY_CLOSED_DAYS]
    except BadValue:
        # Its page may have the date that the list has not.
        return ""
    return f"closed {old[0]}, more than {RECENTLY_CLOSED_DAYS} days ago" if old else ""


def _detail(session: Session, row: Row) -> tuple[Detail | None, VieMatchError | None]:
    """Return what the page of a call says, or why it says nothing."""
    try:
        page = session.get(row.url)
        return euroaccess_page.parse_detail(page.text(), page.url), None
    except (SourceDown, SourceChanged, SourceRefused, BadValue) as error:
        return None, error


def _call(row: Row, detail: Detail | None) -> Call:
    if detail is None:
        if not row.deadlines:
            raise BadValue(
                "found neither a page of the call nor a deadline in the list; expected one of them"
            )
        return markup.call(_from_list(row))
    programme = programme_of(detail.programme or row.programme, detail.number)
    is_number = bool(_NUMBER.fullmatch(detail.number))
    known = {
        "identifier": detail.number if is_number else "",
        "title": detail.title,
        "deadlines": detail.deadlines,
        "url": detail.link,
        "text": detail.text,
        "opening": _opening(detail),
        "budget_total_eur": detail.budget_total_eur,
        "grant_min_eur": detail.grant_min_eur,
        "grant_max_eur": detail.grant_max_eur,
        "cofunding_rate": _rate_for_cities(detail, programme),
        "eligible_applicants": detail.applicants,
        "eligible_countries": detail.countries,
        "min_participants": detail.min_participants,
        "min_countries": detail.min_countries,
        "consortium_note": detail.partnership,
    }
    said = {name: value for name, value in known.items() if value not in (None, "", ())}
    return markup.call(
        _from_list(row)
        | said
        | {
            "programme": programme,
            "deadline_model": DeadlineModel.TWO_STAGE if detail.is_two_stage else DeadlineModel.NOT_STATED,
            "conditions": "\n\n".join(part for part in (detail.conditions, f"{NAME}: {row.url}") if part),
        }
    )


def _from_list(row: Row) -> dict[str, object]:
    programme = f"Listed by {NAME} under {row.programme}." if row.programme else f"Listed by {NAME}."
    return {
        "identifier": f"EUROACCESS-{row.number}",
        "title": row.title,
        "programme": programme_of(row.programme, ""),
        "deadline_model": DeadlineModel.NOT_STATED,
        "deadlines": row.deadlines,
        "language": "en",
        "url": row.url,
        "source": NAME,
        "text": f"{row.title}\n\n{programme}",
    }


def _opening(detail: Detail) -> dt.date | None:
    """Return the opening unless it contradicts the deadline: then one of them is a slip of the pen."""
    last = detail.deadlines[0 if detail.is_two_stage else -1 :]
    return None if last and detail.opening and detail.opening > last[0].moment.date() else detail.opening


def _rate_for_cities(detail: Detail, programme: Programme) -> float | None:
    """Return the rate for a public body; a lower one of Horizon Europe is the one for companies."""
    is_for_companies = programme is Programme.HORIZON and detail.cofunding_rate != 1
    return None if is_for_companies else detail.cofunding_rate


@dataclass(slots=True)
class _Found:
    """The calls by identifier, and the row each comes from."""

    calls: dict[str, Call] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    folded: int = 0

    def add(self, call: Call, row: Row) -> None:
        """Add a call, or fold it into the one with its number.

        One number may stand for several dates, each with a page of its own: cut-offs of one call, if
        their titles differ in numbers only. Else they are calls of their own.
        """
        key = call.identifier.casefold()
        if key in self.calls and not self._are_one(key, call, row):
            key = f"euroaccess-{row.number}"
            call = call.model_copy(update={"identifier": key.upper()})
        if key not in self.calls:
            self.calls[key], self.rows[key] = call, row
            return
        self.folded += 1
        self.calls[key] = _with_cut_offs(self.calls[key], call)

    def _are_one(self, key: str, call: Call, row: Row) -> bool:
        other = self.rows[key]
        is_two_stage = DeadlineModel.TWO_STAGE in (call.deadline_model, self.calls[key].deadline_model)
        return not is_two_stage and _kind(other) == _kind(row)


def _kind(row: Row) -> tuple[str, str]:
    return markup.fold(row.programme), markup.fold(re.sub(r"\d+(?:st|nd|rd|th)?", "", row.title))


def _with_cut_offs(call: Call, other: Call) -> Call:
    by_moment = {deadline.moment: deadline for deadline in (*call.deadlines, *other.deadlines)}
    if len(by_moment) == len(call.deadlines):
        return call
    deadlines = tuple(by_moment[moment] for moment in sorted(by_moment))
    return call.model_copy(update={"deadlines": deadlines, "deadline_model": DeadlineModel.MULTIPLE_CUT_OFF})
