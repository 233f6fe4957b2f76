"""Asks the Funding & Tenders Portal's search for all grants; :mod:`vie_match.sources.sedia` reads them.

The search takes a POST with typed parts, hands out at most 100 entries a page and 10,000 a query. A query
above that window is parted: by programme, then by the day of opening.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vie_match.errors import SourceChanged, SourceDown, SourceRefused
from vie_match.history import Harvest, Rejected
from vie_match.records import Call
from vie_match.sources import sedia, topics
from vie_match.vocabulary import Programme
from vie_match.web.session import Session

log = logging.getLogger(__name__)

NAME = sedia.NAME
URL = "https://api.tech.ec.europa.eu/search-api/prod/rest"

# The key in the portal's own public configuration; it names the index.
_INDEX = "apiKey=SEDIA&text=***"

PAGE_SIZE = 100
WINDOW = 10_000

# A call that closed less than this many days ago is kept, so that a report can say that it has closed.
RECENTLY_CLOSED_DAYS = 30

# Between these days every topic of the index has opened or will.
_FIRST_DAY, _YEARS_AHEAD = dt.date(2007, 1, 1), 5

# Entries that may be missing because the index changed while its pages were read.
_DRIFT = 0.02

# Only what is read is asked for: a whole topic has some 30 kB, half of it unused.
_FIELDS = (
    "type identifier title callTitle caName projectAcronym status startDate deadlineDate deadlineModel "
    "frameworkProgramme typesOfAction descriptionByte description topicConditions budgetOverview actions "
    "language url"
).split()

_SORT = {"order": "DESC", "field": "startDate"}


@dataclass(frozen=True, slots=True)
class Query:
    """A search that can part itself when it has too many results.

    Attributes
    ----------
    statuses : tuple of str
        Ids of statuses.
    closed_since : date, optional
        Only deadlines from this day.
    programmes : tuple of str
        Only entries of these programme ids; empty: all.
    without : tuple of str
        Only entries of none of these programme ids.
    opens : tuple of two dates, optional
        Only entries that open in this span, both days included.
    """

    statuses: tuple[str, ...]
    closed_since: dt.date | None = None
    programmes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    opens: tuple[dt.date, dt.date] | None = None

    def dsl(self) -> dict[str, Any]:
        """Return the query in the search's own language."""
        must: list[dict[str, Any]] = [
            {"terms": {"type": list(sedia.CALL_TYPES)}},
            {"terms": {"status": list(self.statuses)}},
        ]
        if self.programmes:
            must.append({"terms": {"frameworkProgramme": list(self.programmes)}})
        if self.closed_since:
            must.append({"range": {"deadlineDate": {"gte": _moment(self.closed_since)}}})
        if self.opens:
            span = {"gte": _moment(self.opens[0]), "lte": _moment(self.opens[1], "23:59:59.999")}
            must.append({"range": {"startDate": span}})
        query: dict[str, Any] = {"must": must}
        if self.without:
            query["must_not"] = [{"terms": {"frameworkProgramme": list(self.without)}}]
        return {"bool": query}

    def parts(self, programmes: Mapping[str, Programme], today: dt.date) -> Iterator[Query]:
        """Yield queries that together have the same results.

        Raises
        ------
        SourceChanged
            If it cannot be parted any further.
        """
        if not self.programmes and not self.without:
            known = tuple(sorted(programmes))
            yield from (replace(self, programmes=(one,)) for one in known)
            yield replace(self, without=known)
            return
        first, last = self.opens or (_FIRST_DAY, today.replace(day=1, year=today.year + _YEARS_AHEAD))
        if first >= last:
            raise SourceChanged(
                f"found more than {WINDOW} entries that open on {first}; expected fewer on one day"
            )
        middle = first + (last - first) // 2
        yield replace(self, opens=(first, middle))
        yield replace(self, opens=(middle + dt.timedelta(days=1), last))


def fetch(session: Session, url: str, today: dt.date) -> Harvest:
    """Read all open, forthcoming and recently closed calls.

    Parameters
    ----------
    session : Session
    url : str
        Base address of the search service.
    today : date

    Raises
    ------
    SourceDown, SourceChanged, SourceRefused
        If any page is missing: half a list is no list.
    """
    programmes, notices = _programmes(session, url)
    since = today - dt.timedelta(days=RECENTLY_CLOSED_DAYS)
    search = _Search(session, url, programmes, today)
    entries = [
        entry
        for query in (Query((sedia.FORTHCOMING, sedia.OPEN)), Query((sedia.CLOSED,), closed_since=since))
        for entry in search.read(query)
    ]
    # The same topic under two parts of a query is one entry; language copies are the parser's business.
    distinct = list(sedia.first_of_each(entries))
    harvest = topics.calls(distinct, programmes, today)
    if not any(call.deadlines for call in harvest.calls):
        raise SourceChanged(
            f"{url}: found {len(harvest.calls)} calls, none with a deadline; expected open calls with dates"
        )
    current = tuple(call for call in harvest.calls if not _closed_before(call, since))
    # The index calls topics open that closed years ago.
    old = tuple(
        Rejected(call.identifier, f"closed {call.deadlines[-1]}, more than {RECENTLY_CLOSED_DAYS} days ago")
        for call in harvest.calls
        if _closed_before(call, since)
    )
    repeated = len(entries) - len(distinct)
    return Harvest(
        current,
        harvest.rejected + old,
        harvest.folded + repeated,
        (*notices, *search.notices),
        is_whole=not search.notices,
        unread=harvest.unread,
    )


def _closed_before(call: Call, day: dt.date) -> bool:
    return bool(call.deadlines) and call.deadlines[-1].moment.date() < day


def _programmes(session: Session, url: str) -> tuple[dict[str, Programme], tuple[str, ...]]:
    """Return the programme of each id: the portal's labels, and our table where they are silent."""
    try:
        data = session.post(f"{url}/facet?{_INDEX}", _parts(Query((sedia.FORTHCOMING, sedia.OPEN)))).json()
    except (SourceDown, SourceChanged, SourceRefused) as error:
        return dict(sedia.PROGRAMME_IDS), (f"programmes by our own table, for the labels failed: {error}",)
    return sedia.PROGRAMME_IDS | sedia.labels(data), ()


class _Search:
    """Reads queries to their ends.

    Attributes
    ----------
    notices : list of str
        What did not come although it was counted.
    """

    def __init__(
        self, session: Session, url: str, programmes: Mapping[str, Programme], today: dt.date
    ) -> None:
        self._session = session
        self._url = url
        self._programmes = programmes
        self._today = today
        self.notices: list[str] = []

    def read(self, query: Query) -> list[sedia.Entry]:
        """Return all entries of a query, parting it where it has more than one may have."""
        first = self._page(query, 1)
        if first.total > WINDOW:
            log.info("%d entries, more than a query may have: parted", first.total)
            parts = query.parts(self._programmes, self._today)
            entries = [entry for part in parts for entry in self.read(part)]
        else:
            rest = range(2, -(-first.total // PAGE_SIZE) + 1)
            entries = [*first.entries, *(entry for page in rest for entry in self._page(query, page).entries)]
        missing = first.total - len({entry.reference for entry in entries})
        if missing > _DRIFT * first.total:
            raise SourceDown(f"{self._url}: found {missing} of {first.total} entries missing from the pages")
        if missing > 0:
            self.notices.append(f"{missing} of {first.total} entries did not come: the index was changing")
        return entries

    def _page(self, query: Query, number: int) -> sedia.Answer:
        address = f"{self._url}/search?{_INDEX}&pageSize={PAGE_SIZE}&pageNumber={number}"
        page = self._session.post(address, _parts(query) | {"sort": _SORT, "displayFields": _FIELDS})
        answer = sedia.answer(page.json(), page.url)
        # Parts it does not understand the service ignores silently, and then returns its whole index.
        strangers = {entry.first("type") for entry in answer.entries} - set(sedia.CALL_TYPES)
        if strangers:
            raise SourceChanged(
                f"{page.url}: found entries of type {', '.join(sorted(strangers))[:80] or 'unknown'}; "
                f"expected only {', '.join(sedia.CALL_TYPES)}: the query was ignored"
            )
        return answer


def _parts(query: Query) -> dict[str, Any]:
    return {"query": query.dsl(), "languages": ["en"]}


def _moment(day: dt.date, hour: str = "00:00:00.000") -> str:
    """Return a moment as the index writes it; a bare day would match every entry."""
    return f"{day.isoformat()}T{hour}+0000"
