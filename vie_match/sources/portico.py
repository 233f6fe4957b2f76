"""The call catalogue of Portico, the European Urban Initiative's platform for cities → calls.

The catalogue shows calls of many owners as cards (:mod:`vie_match.sources.portico_cards`). What the
initiative's own call pages say goes before what its cards say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vie_match import vocabulary
from vie_match.errors import BadValue, SourceChanged, SourceDown, SourceRefused
from vie_match.history import Harvest, Rejected
from vie_match.pages import markup, text
from vie_match.records import Call
from vie_match.sources import eui
from vie_match.sources.portico_cards import Card, cards
from vie_match.vocabulary import ActionType, CallStatus, DeadlineModel, Programme
from vie_match.web.session import Session

NAME = "Portico (European Urban Initiative)"
URL = "https://portico.urban-initiative.eu/urban-panorama/call-for-proposals"

# A list this long is a circle of pages.
MOST_PAGES = 50

# The catalogue's way to say that a call has no closing date.
_NO_END = dt.date(2028, 12, 31)

_PDF = re.compile(r"\.pdf(?:$|[?#])", re.IGNORECASE)

# By the words of the link to the owner, or by its address.
_PROGRAMMES = (("european urban initiative", Programme.EUI), ("urbact", Programme.URBACT))


def parse(html: str, url: str) -> Harvest:
    """Read one page of the catalogue.

    Parameters
    ----------
    html : str
    url : str
        Its address.

    Returns
    -------
    Harvest

    Raises
    ------
    SourceChanged
        If there is no card, or no card has a date, or none a link.
    """
    return _harvest(cards(html, url), url, lambda card: _call(card, url))


def fetch(session: Session, url: str, today: dt.date) -> Harvest:
    """Read all pages of the catalogue, then the initiative's own call pages it leads to.

    Parameters
    ----------
    session : Session
        A call page that fails, or may not be asked, costs a notice.
    url : str
        Address of the catalogue's first page.
    today : date
        A call page that says "closed" is believed, whatever its dates say.

    Raises
    ------
    SourceDown, SourceChanged, SourceRefused
        If a page of the catalogue could not be read: half a list is no list.
    """
    found = _all_cards(session, url)
    pages = _call_pages(session, found, url)

    def call_of(card: Card) -> Call:
        if card.link in pages.silent:
            raise BadValue(f"its page gave no answer: {pages.silent[card.link]}")
        page = pages.facts.get(card.link or "")
        call = _call(card, url)
        return call if page is None else _filled(call, page, today, pages.notices)

    harvest = _harvest(found, url, call_of)
    return replace(harvest, notices=tuple(pages.notices), is_whole=not pages.silent)


def _all_cards(session: Session, url: str) -> list[Card]:
    found: list[Card] = []
    address = url
    for _ in range(MOST_PAGES):
        page = session.get(address)
        html = page.text()
        on_page = cards(html, page.url)
        following = markup.next_page(text.soup(html), page.url)
        # Behind the last page some sites show it again.
        if set(on_page) <= set(found):
            return found
        found += on_page
        if following is None:
            return found
        address = following
    raise SourceChanged(f"{url}: found more than {MOST_PAGES} pages; expected a catalogue that ends")


@dataclass(frozen=True, slots=True)
class _CallPages:
    """The initiative's own pages, by their addresses: what they say, and which gave no answer."""

    facts: dict[str, eui.Facts] = field(default_factory=dict)
    silent: dict[str, SourceDown] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def _call_pages(session: Session, found: Sequence[Card], url: str) -> _CallPages:
    pages = _CallPages()
    wanted = (card.link for card in found if card.link and eui.is_call_page(card.link, url))
    for address in dict.fromkeys(wanted):
        try:
            page = session.get(address)
            pages.facts[address] = eui.parse_page(page.text(), page.url)
        except SourceDown as error:
            pages.silent[address] = error
        except (SourceChanged, SourceRefused) as error:
            pages.notices.append(f"only what the catalogue says is known: {error}")
    return pages


def _harvest(found: Sequence[Card], url: str, call_of: Callable[[Card], Call]) -> Harvest:
    _check(found, url)
    calls: dict[str, Call] = {}
    rejected: list[Rejected] = []
    unread: set[str] = set()
    folded = 0
    for card in found:
        try:
            call = call_of(card)
        except BadValue as error:
            rejected.append(Rejected(card.title or card.link or url, str(error)))
            unread.update(filter(None, [card.link]))
            continue
        folded += call.identifier in calls
        calls.setdefault(call.identifier, call)
    return Harvest(tuple(calls.values()), tuple(rejected), folded, unread=frozenset(unread))


def _check(found: Sequence[Card], url: str) -> None:
    parts = (
        ("card of a call", bool(found)),
        ("“Deadline date” on any card", any(card.deadline for card in found)),
        ("“Find out more” link on any card", any(card.link for card in found)),
    )
    for part, is_there in parts:
        if not is_there:
            raise SourceChanged(
                f"{url}: found no {part} ({len(found)} cards); expected the catalogue of calls; "
                "look at the page"
            )


def _call(card: Card, url: str) -> Call:
    deadlines = text.deadlines(card.deadline)[:1]
    has_no_end = bool(deadlines) and deadlines[0].moment.date() == _NO_END
    if card.status is CallStatus.CLOSED and (has_no_end or not deadlines):
        raise BadValue("found “Closed” and no closing date; expected the day on which it closed")
    return markup.call(
        {
            "identifier": markup.identifier("PORTICO", card.owner, card.title),
            "title": card.title,
            "programme": _programme(card),
            "action_type": _action_type(card.support),
            "deadline_model": DeadlineModel.CONTINUOUS if has_no_end else DeadlineModel.NOT_STATED,
            "deadlines": () if has_no_end else deadlines,
            "eligible_applicants": card.applicants,
            "language": "en",
            "url": _page_of(card, url),
            "source": NAME,
            "text": _text(card),
        }
    )


def _programme(card: Card) -> Programme:
    named = markup.fold(f"{card.owner} {card.owner_link or ''}")
    return next((programme for name, programme in _PROGRAMMES if name in named), Programme.OTHER)


def _action_type(support: str) -> ActionType:
    try:
        return vocabulary.parse(ActionType, support)
    except BadValue:
        return ActionType.OTHER


def _page_of(card: Card, url: str) -> str:
    """Return the page of the call; a document is none, then its owner's page is nearest."""
    if card.link and not _PDF.search(card.link):
        return card.link
    return card.owner_link or card.link or url


def _text(card: Card) -> str:
    facts = (
        ("Offered by", card.owner),
        ("Support", card.support),
        # The catalogue does not say whether the amount is one project's or the whole call's.
        ("Funding support", card.amount),
        ("Document", card.link if card.link and _PDF.search(card.link) else ""),
    )
    said = "\n".join(f"- {label}: {value}" for label, value in facts if value)
    return "\n\n".join(part for part in (card.summary or card.title, said) if part)


def _filled(call: Call, page: eui.Facts, today: dt.date, notices: list[str]) -> Call:
    """Return the call with what its owner's page knows.

    Raises
    ------
    BadValue
        If the page says that the call is closed, and no closing date is past.
    """
    deadlines = page.deadlines or call.deadlines
    if page.status is CallStatus.CLOSED and not any(one.days_left(today) <= 0 for one in deadlines[-1:]):
        raise BadValue(
            f"found “closed” on {page.url} and no closing date that is past; expected an open call"
        )
    known = eui.known_facts(page)
    if deadlines:
        known["deadline_model"] = DeadlineModel.NOT_STATED
    elif page.is_continuous:
        known["deadline_model"] = DeadlineModel.CONTINUOUS
    try:
        filled = markup.call(call.flat() | known | {"text": f"{call.text}\n\n{page.text}"})
    except BadValue as error:
        notices.append(f"{call.identifier}: {page.url} contradicts the catalogue, which was taken: {error}")
        return call
    if call.deadlines and str(call.deadlines[0])[:10] not in {str(one)[:10] for one in deadlines}:
        notices.append(
            f"{call.identifier}: the catalogue says {call.deadlines[0]}, {page.url} says {deadlines[-1]}, "
            "which was taken"
        )
    return filled
