"""The cards of Portico's call catalogue, as they stand on its pages. Pure: no network, no clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bs4 import Tag

from vie_match.pages import markup, text
from vie_match.vocabulary import Applicant, CallStatus

_STATUSES = {"open": CallStatus.OPEN, "upcoming": CallStatus.FORTHCOMING, "closed": CallStatus.CLOSED}

# A label is followed by a colon, an amount or a date, or stands alone; as the first word of a sentence it
# is none.
_LABEL = re.compile(
    r"(?P<label>deadline date|deadline|funding support|support) ?(?::|(?=[€\d]|EUR\b)|$) ?(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_LINE_OF_ITS_OWN = re.compile(rf"(?:{'|'.join(_STATUSES)})$|{_LABEL.pattern}", re.IGNORECASE | re.DOTALL)
_MORE = re.compile(r"(?:find out|learn|read) more\b.*|more (?:information|details)|details", re.IGNORECASE)
_OWNER = re.compile(r"by (?P<name>\S.*[^.])", re.IGNORECASE)
_HEADING = re.compile(r"^h[1-6]$")
_TITLE_CLASS = re.compile("title-node")
_WIDGETS = frozenset({"label", "legend", "option", "button"})

# Whom a card is for, by the first words of a short line; longer ones are sentences.
_APPLICANTS = (
    (re.compile(r"urban authorities", re.IGNORECASE), (Applicant.LOCAL_AUTHORITY,)),
    (re.compile(r"municipalities", re.IGNORECASE), (Applicant.LOCAL_AUTHORITY,)),
    (
        re.compile(r"local ?/ ?regional authorities", re.IGNORECASE),
        (Applicant.LOCAL_AUTHORITY, Applicant.REGIONAL_AUTHORITY),
    ),
    (re.compile(r"public authorities", re.IGNORECASE), (Applicant.PUBLIC_BODY,)),
)
_LONGEST_LABEL = 80
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Card:
    """One call of the catalogue, as its card shows it; what is empty is not there.

    Attributes
    ----------
    title, owner, support, amount, summary : str
    status : CallStatus or None
    deadline : str
        In the words of the page.
    applicants : tuple of Applicant
    link, owner_link : str or None
        Absolute addresses.
    """

    title: str
    owner: str
    support: str
    amount: str
    summary: str
    status: CallStatus | None
    deadline: str
    applicants: tuple[Applicant, ...]
    link: str | None
    owner_link: str | None


def cards(html: str, url: str) -> tuple[Card, ...]:
    """Return the cards of a page in the order in which they stand.

    Parameters
    ----------
    html : str
    url : str
        Address of the page.
    """
    root = text.soup(text.repaired(html))
    return tuple(_card(part, url) for part in _parts(root))


def _parts(root: Tag) -> list[Tag]:
    """Return the part of the page that each card takes.

    A card is an article, or what else holds a heading beside a label or a link to the call. The filters,
    which repeat the words of cards, have neither.
    """
    more = [tag for tag in root.find_all("a") if _MORE.fullmatch(_words(tag))]
    labels = [
        words.parent
        for words in root.find_all(string=re.compile("deadline", re.IGNORECASE))
        if words.parent and words.parent.name not in _WIDGETS and _LABEL.fullmatch(" ".join(words.split()))
    ]
    shared = Counter(id(tag) for link in more for tag in markup.around(link))
    found = {id(part): part for mark in (*more, *labels) if (part := _part_around(mark, shared))}
    found |= {id(tag): tag for tag in root.find_all("article") if _is_card(tag)}
    outer = {id(tag) for part in found.values() for tag in part.parents}
    return [tag for tag in root.find_all(True) if id(tag) in found and id(tag) not in outer]


def _part_around(mark: Tag, shared: Counter[int]) -> Tag | None:
    """Return the article around a mark, the innermost part with a heading, or the widest of one card.

    Parameters
    ----------
    mark : Tag
    shared : Counter
        How many links to calls a tag holds, by its id.
    """
    article = mark.find_parent("article")
    if article is not None:
        return article
    widest = None
    for tag in markup.around(mark):
        if shared[id(tag)] > 1:
            break
        widest = tag
        if _title_tag(tag) is not None:
            break
    return widest


def _is_card(article: Tag) -> bool:
    words = {markup.fold(words) for words in article.find_all(string=True)}
    return _title_tag(article) is not None and not words.isdisjoint(_STATUSES)


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _title_tag(part: Tag) -> Tag | None:
    for found in (part.find(class_=_TITLE_CLASS), part.find(_HEADING)):
        if isinstance(found, Tag) and _words(found):
            return found
    return None


def _card(part: Tag, url: str) -> Card:
    title_tag = _title_tag(part)
    markup.set_apart(part, _LINE_OF_ITS_OWN)
    # A colon may stand behind the tag that holds its label.
    lines = [line for words in markup.lines(part) if (line := words.lstrip(" :"))]
    labels = _labels(lines)
    title = _words(title_tag) if title_tag else next(iter(_summary(lines, set(labels.values()))), "")
    owner, owner_link = _owner(part, lines, url)
    return Card(
        title=title[:_LONGEST_TITLE].strip(),
        owner=owner,
        support=labels.get("support", ""),
        amount=labels.get("funding support", ""),
        summary="\n\n".join(_summary(lines, {title, *labels.values()})),
        status=next((_STATUSES[line.casefold()] for line in lines if line.casefold() in _STATUSES), None),
        deadline=labels.get("deadline date") or labels.get("deadline", ""),
        applicants=_applicants(lines),
        link=_link(part, title_tag, url),
        owner_link=owner_link,
    )


def _labels(lines: Sequence[str]) -> dict[str, str]:
    """Return what stands behind each label, or on the line below it."""
    found: dict[str, str] = {}
    for line, below in zip(lines, [*lines, ""][1:], strict=True):
        match = _LABEL.fullmatch(line)
        if match:
            value = match["value"] or ("" if _LINE_OF_ITS_OWN.match(below) else below)
            found.setdefault(match["label"].casefold(), value)
    return found


def _owner(part: Tag, lines: Iterable[str], url: str) -> tuple[str, str | None]:
    for _, words, to in markup.links(part, url):
        found = _OWNER.fullmatch(words)
        if found:
            return found["name"], to
    short = (_OWNER.fullmatch(line) for line in lines if len(line) <= _LONGEST_LABEL)
    return next((found["name"] for found in short if found), ""), None


def _link(part: Tag, title_tag: Tag | None, url: str) -> str | None:
    """Return where "Find out more" leads, or else the title."""
    more = [to for _, words, to in markup.links(part, url) if _MORE.fullmatch(words)]
    more += [to for _, _, to in markup.links(title_tag, url)] if title_tag else []
    return more[0] if more else None


def _summary(lines: Iterable[str], known: set[str]) -> list[str]:
    no_sentences = (_LINE_OF_ITS_OWN.match, _MORE.fullmatch, _OWNER.fullmatch)
    return [
        line
        for line in lines
        if line not in known and not _applicants([line]) and not any(match(line) for match in no_sentences)
    ]


def _applicants(lines: Iterable[str]) -> tuple[Applicant, ...]:
    short = (line for line in lines if len(line) <= _LONGEST_LABEL and not line.endswith("."))
    named = [part.strip() for line in short for part in re.split("[,;]", line)]
    found = (kinds for words, kinds in _APPLICANTS if any(map(words.match, named)))
    return tuple(dict.fromkeys(kind for kinds in found for kind in kinds))
