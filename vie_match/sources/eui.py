"""Call pages of the European Urban Initiative → calls.

The facts stand in sentences; :mod:`vie_match.pages.prose` reads them.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bs4 import Tag

from vie_match.errors import BadValue, SourceChanged, SourceDown, SourceRefused
from vie_match.history import Harvest, Rejected
from vie_match.pages import markup, prose, text
from vie_match.records import Call, Deadline
from vie_match.vocabulary import ActionType, Applicant, CallStatus, DeadlineModel, Programme
from vie_match.web.session import Session

NAME = "European Urban Initiative"
URL = "https://www.urban-initiative.eu/calls-proposals"

# The call's own page, not one below it: /calls-proposals/<call>, or below /capacity-building a page that
# is named "call", "call-spring2027", "pilot-call-…".
_CALL_PATH = re.compile(
    r"/calls-proposals/[^/.]+/?|/capacity-building/(?:[^/]+/)*(?:[^/.]*-)?call(?:-[^/.]*)?/?", re.IGNORECASE
)

# Lines near the title that say how the call stands; the first kind that is found counts.
_STATUS = (
    (CallStatus.CLOSED, re.compile(r"closed(?: .{1,40}\bago)?|.{0,30}\bcall\b.{0,30} is (?:now )?closed\.?")),
    (
        CallStatus.OPEN,
        re.compile(r"open|ongoing|closing in .{1,40}|.{0,30}\bcall\b.{0,30} is (?:now )?open\.?"),
    ),
    (CallStatus.FORTHCOMING, re.compile(r"upcoming|forthcoming|opening in .{1,40}")),
)
_NEAR_TITLE = 20

_CONTINUOUS = re.compile(
    r"\b(?:continuously open|open continuously|permanently open|all year round|on a rolling basis)\b",
    re.IGNORECASE,
)
_URBAN_AUTHORITIES = re.compile(
    r"\b(?:open to|eligible|appl(?:y|icants?)|support (?:to|for))\b.{0,80}\b(?:urban authorit|cities\b)",
    re.IGNORECASE,
)
_TERMS = re.compile(r"\bterms of reference\b|\bToR\b", re.IGNORECASE)
_ABOUT_A_CALL = re.compile(r"\b(?:calls?|applications?|proposals?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a call page says; None is unknown.

    Attributes
    ----------
    title : str
    url : str
    status : CallStatus or None
        As the page says it, on the day it was fetched.
    opening : date or None
    deadlines : tuple of Deadline
    is_continuous : bool
        The page says that applications are taken at any time, and names no closing date.
    budget_total_eur, grant_max_eur : int or None
    cofunding_rate : float or None
    applicants : tuple of Applicant
    terms_url : str or None
        The terms of reference.
    text : str
        The page from its title on, as Markdown.
    """

    title: str
    url: str
    status: CallStatus | None
    opening: dt.date | None
    deadlines: tuple[Deadline, ...]
    is_continuous: bool
    budget_total_eur: int | None
    grant_max_eur: int | None
    cofunding_rate: float | None
    applicants: tuple[Applicant, ...]
    terms_url: str | None
    text: str

    def is_over(self, today: dt.date) -> bool:
        """Tell whether the page says that the call is closed while its dates do not."""
        past = bool(self.deadlines) and self.deadlines[-1].days_left(today) <= 0
        return self.status is CallStatus.CLOSED and not past


def is_call_page(address: str, site: str) -> bool:
    """Tell whether an address is that of a call's own page.

    Parameters
    ----------
    address : str
    site : str
        An address of the site itself; the initiative's own hosts count in any case.

    Examples
    --------
    >>> is_call_page("https://www.urban-initiative.eu/calls-proposals/fourth-call", URL)
    True
    >>> is_call_page("https://www.urban-initiative.eu/calls-proposals/fourth-call/selected-projects", URL)
    False
    """
    parts = urlsplit(address)
    host = parts.netloc.casefold()
    is_ours = host == urlsplit(site).netloc.casefold() or host.removeprefix("www.") == "urban-initiative.eu"
    return is_ours and bool(_CALL_PATH.fullmatch(parts.path))


def call_pages(html: str, url: str) -> tuple[str, ...]:
    """Return the addresses of the calls on the list page, each once.

    Raises
    ------
    SourceChanged
        If there are none.
    """
    root = text.soup(html)
    found = dict.fromkeys(
        to
        for _, _, to in markup.links(root, url)
        if is_call_page(to, url) and to.rstrip("/") != url.rstrip("/")
    )
    if not found:
        raise SourceChanged(
            f"{url}: found no link to a call; expected links to /calls-proposals/… or "
            "/capacity-building/…call; look at the page: it may have moved"
        )
    return tuple(found)


def parse_page(html: str, url: str) -> Facts:
    """Read the page of one call.

    Parameters
    ----------
    html : str
    url : str
        Its address, for its links and for messages.

    Raises
    ------
    SourceChanged
        If it has no title, or nothing on it is about a call.
    """
    root = text.soup(text.repaired(html))
    main = markup.main_part(root)
    title = _title(main, root)
    lines = markup.lines(main)
    body = _from_title(text.readable(main), title)
    if not title or not body or not _ABOUT_A_CALL.search(f"{title} {body}"):
        missing = "text about a call" if title else "title"
        raise SourceChanged(f"{url}: found no {missing}; expected the page of a call; look at the page")
    said = prose.of_this_call(prose.sentences(lines), title)
    dates = prose.dates(said)
    return Facts(
        title=title,
        url=url,
        status=_status(lines),
        opening=dates.opening,
        deadlines=dates.deadlines,
        is_continuous=not dates.deadlines and any(map(_CONTINUOUS.search, said)),
        budget_total_eur=prose.budget(said),
        grant_max_eur=prose.largest_grant(said),
        cofunding_rate=prose.cofunding_rate(said),
        applicants=(Applicant.LOCAL_AUTHORITY,) if any(map(_URBAN_AUTHORITIES.search, said)) else (),
        terms_url=_terms(main, url),
        text=body,
    )


def _title(main: Tag, root: Tag) -> str:
    """Return the first heading that names a call, else the first at all."""
    tags = [*main.find_all("h1"), *root.find_all("h1"), *main.find_all("h2"), *root.find_all("title")]
    titles = [" ".join(tag.get_text(" ").split()).partition(" | ")[0][:500].strip() for tag in tags]
    return next(filter(_ABOUT_A_CALL.search, titles), next(filter(None, titles), ""))


def _from_title(body: str, title: str) -> str:
    """Return what stands below the title, or everything when the title is not in the text."""
    before, found, after = body.partition(f"## {title}\n")
    return (after if found else before).strip()


def _status(lines: list[str]) -> CallStatus | None:
    near = [line.casefold() for line in lines[:_NEAR_TITLE]]
    return next((status for status, words in _STATUS if any(map(words.fullmatch, near))), None)


def _terms(main: Tag, url: str) -> str | None:
    """Return the link to the terms of reference; the English ones where languages are told apart."""
    found = [
        to for _, words, to in markup.links(main, url) if _TERMS.search(f"{words} {to.replace('_', ' ')}")
    ]
    return next((to for to in found if re.search(r"[_/-]EN[_.-]", to)), found[0] if found else None)


def known_facts(facts: Facts) -> dict[str, object]:
    """Return what a page knows, by the names of a call's fields; what is unknown is left out."""
    values: dict[str, object] = {
        "opening": facts.opening,
        "deadlines": facts.deadlines,
        "budget_total_eur": facts.budget_total_eur,
        "grant_max_eur": facts.grant_max_eur,
        "cofunding_rate": facts.cofunding_rate,
        "eligible_applicants": facts.applicants,
    }
    return {name: value for name, value in values.items() if value not in (None, ())}


def parse_call(facts: Facts) -> Call:
    """Return the call a page is about.

    Raises
    ------
    BadValue
        If the page says nothing of when the call is open, or a value cannot be one of a call.
    """
    if not (facts.status or facts.opening or facts.deadlines or facts.is_continuous):
        raise BadValue("found neither a date nor a status; expected the page of one call")
    terms = f"\n\nTerms of reference: {facts.terms_url}" if facts.terms_url else ""
    return markup.call(
        {
            "identifier": markup.identifier("EUI", facts.title),
            "title": facts.title,
            "programme": Programme.EUI,
            "action_type": ActionType.OTHER,
            "deadline_model": DeadlineModel.CONTINUOUS if facts.is_continuous else DeadlineModel.NOT_STATED,
            "language": "en",
            "url": facts.url,
            "source": NAME,
            "text": facts.text + terms,
        }
        | known_facts(facts)
    )


def fetch(session: Session, url: str, today: dt.date) -> Harvest:
    """Read the list of calls, then the page of each.

    Parameters
    ----------
    session : Session
    url : str
        Address of the list.
    today : date
        A page that says "closed" is believed, whatever its dates say.

    Raises
    ------
    SourceDown, SourceChanged, SourceRefused
        If the list, or every page, could not be read.
    """
    listed = session.get(url)
    calls: dict[str, Call] = {}
    rejected: list[Rejected] = []
    unread: set[str] = set()
    is_whole = True
    failure: SourceDown | SourceChanged | SourceRefused | None = None
    folded = 0
    for address in call_pages(listed.text(), listed.url):
        try:
            page = session.get(address)
            facts = parse_page(page.text(), page.url)
            if facts.is_over(today):
                reason = "found “closed” and no closing date that is past; expected an open call"
                rejected.append(Rejected(address, reason))
                continue
            call = parse_call(facts)
        except (SourceDown, SourceChanged, SourceRefused, BadValue) as error:
            failure = failure if isinstance(error, BadValue) else error
            rejected.append(Rejected(address, str(error)))
            unread.add(address)
            is_whole = is_whole and not isinstance(error, SourceDown)
            continue
        folded += call.identifier in calls
        calls.setdefault(call.identifier, call)
    if failure and not calls:
        raise failure
    if calls and not any(map(_says_when, calls.values())):
        raise SourceChanged(f"{url}: found no closing date on any call page; expected “will close on …”")
    return Harvest(
        tuple(calls.values()), tuple(rejected), folded, is_whole=is_whole, unread=frozenset(unread)
    )


def _says_when(call: Call) -> bool:
    return bool(call.deadlines) or call.deadline_model is DeadlineModel.CONTINUOUS
