"""What pages of catalogues have in common: labels beside values, links, pagers. Pure functions.

The markup of these pages changes more often than their words. So labels, headings and link texts are what
is looked for; names of tags and classes only help.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString
from pydantic import ValidationError

from vie_match import cards
from vie_match.errors import BadValue
from vie_match.faults import findings
from vie_match.pages import text
from vie_match.records import Call

# Characters of a made-up identifier, and of the checksum that keeps a cut one apart from others.
IDENTIFIER_LENGTH = 80
_CHECKSUM_LENGTH = 8

_NEXT = frozenset({"next", "next page", "go to next page", "›", "»", ">", "next ›", "next »", "next >"})

# Places at which a row or a card ends at the latest, however few entries the page has.
_BOUNDS = frozenset("[document] html body main table tbody ul ol form".split())
_HIGHEST = 12


def fold(label: str) -> str:
    """Return the words of a label in small letters, to compare by.

    Examples
    --------
    >>> fold(" Regions /  countries for FUNDING : ")
    'regions countries for funding'
    """
    return re.sub(r"[\W_]+", " ", label.casefold()).strip()


def identifier(prefix: str, *names: str) -> str:
    """Return an identifier for what has none: stable, ASCII, at most 80 characters.

    Parameters
    ----------
    prefix : str
        Short name of the source.
    *names : str
        What tells the entry from others; case and blanks do not matter.

    Examples
    --------
    >>> identifier("PORTICO", "European Urban Initiative", "City-to-City  Exchanges")
    'PORTICO-european-urban-initiative-city-to-city-exchanges'
    >>> identifier("EUI", "Ψηφιακές πόλεις")
    'EUI-4991ac38'
    """
    name = " ".join(" ".join(names).split()).casefold()
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)
    )
    slug = "-".join(part for part in (prefix, *re.findall(r"[a-z0-9]+", plain)) if part)
    if plain.isascii() and len(slug) <= IDENTIFIER_LENGTH:
        return slug
    checksum = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:_CHECKSUM_LENGTH]
    return f"{slug[: IDENTIFIER_LENGTH - _CHECKSUM_LENGTH - 1].rstrip('-')}-{checksum}"


def absolute(href: str, base: str) -> str | None:
    """Return the address a link leads to, without its fragment; None when it is no web address.

    Examples
    --------
    >>> absolute("/en/calls/7#top", "https://example.org/en"), absolute("mailto:a@b.eu", "https://example.org")
    ('https://example.org/en/calls/7', None)
    """
    try:
        return cards.safe_url(urljoin(base, href.strip()).partition("#")[0])
    except ValueError:
        return None


def links(root: Tag, base: str) -> Iterator[tuple[Tag, str, str]]:
    """Yield every link below a tag that leads somewhere: the tag, its words, its absolute address."""
    for tag in root.find_all("a", href=True):
        address = absolute(str(tag["href"]), base)
        if address:
            yield tag, " ".join(tag.get_text(" ").split()), address


def next_page(root: Tag, address: str) -> str | None:
    """Return the address of the page after this one, or None.

    Parameters
    ----------
    root : Tag
        The page.
    address : str
        Its address; ``page=`` counts from 0 and is left out on the first page.
    """
    followed = [(tag, words, to) for tag, words, to in links(root, address) if _same_list(to, address)]
    for tag, words, to in followed:
        if "next" in tag.get_attribute_list("rel") or words.casefold() in _NEXT:
            return to
    here = _page_number(address) or 0
    if all((_page_number(to) or 0) <= here for _, _, to in followed):
        return None
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", str(here + 1))])))


def _same_list(one: str, other: str) -> bool:
    left, right = urlsplit(one), urlsplit(other)
    return (left.netloc, left.path.rstrip("/")) == (right.netloc, right.path.rstrip("/"))


def _page_number(address: str) -> int | None:
    found = re.search(r"[?&]page=(\d{1,6})(?!\d)", address)
    return int(found[1]) if found else None


def main_part(root: Tag) -> Tag:
    """Return what a page is about, without menus, footers and search forms; the page is changed."""
    found = root.find("main") or root.find(role="main") or root.find("body")
    main = found if isinstance(found, Tag) else root
    for frame in main.find_all(["nav", "footer", "aside", "form"]):
        # Some sites put the whole page into one form.
        if frame.name != "form" or frame.find("h1") is None:
            frame.extract()
    return main


def set_apart(root: Tag, label: re.Pattern[str]) -> None:
    """Put a line break around every text of a page that matches a label, so that it is a line of its own.

    Parameters
    ----------
    root : Tag
        Changed in place.
    label : Pattern
        Matched against the start of each text, its blanks made single.
    """
    maker = text.soup("")
    for words in list(root.find_all(string=True)):
        if isinstance(words, PreformattedString) or not isinstance(words, NavigableString):
            continue
        if label.match(" ".join(words.split())):
            words.insert_before(maker.new_tag("br"))
            words.insert_after(maker.new_tag("br"))


def lines(root: Tag) -> list[str]:
    """Return the lines of a part of a page, without Markdown's marks and without empty ones."""
    found = (re.sub(r"^(?:## |- )", "", line) for line in text.readable(root).splitlines())
    return [line for line in found if line]


def around(mark: Tag) -> Iterator[Tag]:
    """Yield the tags around a place of a page, innermost first, up to where an entry ends at the latest."""
    for tag in itertools.islice(mark.parents, _HIGHEST):
        if tag.name in _BOUNDS:
            return
        yield tag


def call(values: Mapping[str, object]) -> Call:
    """Return the call with these values.

    Raises
    ------
    BadValue
        With every value that was found and what was expected instead.
    """
    try:
        return Call.model_validate(dict(values))
    except ValidationError as error:
        wrong = (f"found {one.found}; expected {one.expected}" for one in findings(error, Call))
        raise BadValue("; ".join(wrong)) from None
