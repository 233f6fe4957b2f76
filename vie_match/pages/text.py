"""Other people's pages → clean text, dates and amounts. Pure functions, used by every source."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Collection, Iterator

import ftfy
from bs4 import (
    BeautifulSoup,
    MarkupResemblesLocatorWarning,
    ParserRejectedMarkup,
    Tag,
    XMLParsedAsHTMLWarning,
)
from bs4.element import NavigableString, PageElement, PreformattedString

from vie_match.errors import BadValue
from vie_match.records import BRUSSELS, Deadline

# Tags that begin and end a paragraph of their own; without a break their words would be glued together.
_BLOCKS = frozenset(
    "address article aside blockquote body br dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr "
    "ul".split()
)
_UNSEEN = frozenset("script style noscript template head".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())

# The portal marks the parts of a topic ("Expected Outcome:", "Scope:") with this class, not with a heading.
_PART = "topicdescriptionkind"

# UTF-8 read as code page 850, which ftfy does not know: letters of two bytes, and marks of three.
_CP850 = re.compile(r"[┬├─┼][^\x00-\x7f]|ÔÇ[^\x00-\x7f]")

_FTFY = ftfy.TextFixerConfig(uncurl_quotes=False, fix_character_width=False, explain=False)

# A place where stripped tags may have glued two words: a small letter or a closing mark, then a capital
# with small letters, or the number of a heading.
_GLUED = re.compile(
    r"(?:[a-z]{2}(?=[A-Z][a-z]{2}|\d+[a-z]?\. ?[A-Z][a-z])"
    r"|(?<=[a-z)])[.:;!?»”](?=[A-Z](?:[a-z]| [a-z])|\d+[a-z]?\. ?[A-Z][a-z])"
    r"|(?<=\d)\.(?=[A-Z][a-z]{2})"
    r"|\)(?=[A-Z][a-z]{2}))"
)
_WORD_BEFORE = re.compile(r"[A-Za-z]+$")
_WORD = re.compile(r"[A-Za-z]+")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        1,
    )
    for name in names
}
_TIME = (
    r"(?:[ ,]*(?:at|by|until)?[ ,]*(?P<hour>\d{1,2})"
    r"(?:[:.h](?P<minute>\d\d)(?!\.?\d)|(?=\s*(?:[ap]\.?\s?m\b|noon\b))))?"
)
_HALF_DAY = re.compile(r"\s*(?P<half>[ap])\.?\s?m\b", re.IGNORECASE)
_OTHER_CLOCK = re.compile(
    r"^\W*(?:[ap]\.?\s?m\.?|noon)?\W*(?:(?:GMT|UTC|BST|WES?T|EES?T)\b|(?:the\s+)?(?i:local|UK|British|London"
    r"|Irish|Dublin|Lisbon|Portuguese|Athens|Greek|Helsinki|Finnish|Kyiv|Bucharest|Sofia)\s+(?i:local\s+)?(?i:time))\b"
)
_NUMERIC = re.compile(r"(?<!\d)(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})(?!\d)" + _TIME)
_ISO = re.compile(
    r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?:(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d)(?!\d))?)?"
)
_WORDED = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<name>[A-Za-z]{3,9})\.?,? (?P<year>\d{4})(?!\d)"
    + _TIME,
    re.IGNORECASE,
)

_SCALE = {
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "mio": 10**6,
    "m": 10**6,
    "mn": 10**6,
    "billion": 10**9,
    "bn": 10**9,
}
# Groups of three parted by one and the same mark, or a plain number; the mark of decimals is another one.
_FIGURE = (
    r"(?:(?<![\d.,])\d{1,3}(?:"
    r"(?:\s\d{3})+(?:[.,]\d\d?)?|(?:,\d{3})+(?:\.\d\d?)?|(?:\.\d{3})+(?:,\d\d?)?"
    r")(?!\d)|(?<![\d.,])\d+(?:[.,]\d+)?(?![\d.,]*\d))"
)
_GROUPED = r"(?:\d{1,3}(?:[\s.,]\d{3})+|\d{5,})(?:[.,]\d\d?)?(?!\d)"
_EURO = r"(?:€|\bEUR\b|\beuros?\b)"
# "12 May 2026 EUR 300,000" is one amount, not that of the year.
_NO_YEAR = rf"(?!(?:19|20)\d\d\s*{_EURO}\s*\d)"
_AMOUNT = re.compile(
    rf"(?:€|EUR|euros?)\s*(?P<before>{_FIGURE})\s*(?P<scale1>thousand|million|mio|mn|billion|bn|k|m)?\b"
    rf"|{_NO_YEAR}(?P<after>{_FIGURE})\s*(?P<scale2>thousand|million|mio|mn|billion|bn|k|m)?\.?\s*{_EURO}"
    rf"|(?P<bare>{_FIGURE})\s*(?P<scale3>thousand|million|mio|mn|billion|bn)\b",
    re.IGNORECASE,
)

# Of "5-7 million" both ends are millions, of "EUR 300 000-500 000" both are euro.
_TO = r"\s*(?:-|–|to|and)\s*"
_RANGES = (
    re.compile(
        rf"(?<![\d.,])(?P<low>\d{{1,3}}(?:[.,]\d{{1,2}})?){_TO}"
        rf"(?P<high>{_EURO}?\s*\d{{1,3}}(?:[.,]\d{{1,2}})?\s*(?P<unit>million|mio|mn|billion|bn)\b)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<unit>{_EURO}\s*)(?P<low>{_FIGURE}){_TO}(?P<high>{_GROUPED})", re.IGNORECASE),
    re.compile(rf"(?P<low>{_FIGURE}){_TO}(?P<high>{_GROUPED}\s*(?P<unit>{_EURO}))", re.IGNORECASE),
)


def soup(html: str) -> BeautifulSoup:
    """Return a page as a tree; anything at all is accepted."""
    # Half a surrogate pair is no character; it comes from JSON that was cut in the middle.
    whole = html.encode("utf-8", "replace").decode("utf-8")
    with warnings.catch_warnings():
        # A page that is only an address, or is XML, is read like any other.
        for kind in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning):
            warnings.simplefilter("ignore", kind)
        try:
            return BeautifulSoup(whole, "html.parser")
        except ParserRejectedMarkup:
            # The parser gives up at declarations it does not know ("<![x["); as text they do no harm.
            return BeautifulSoup(whole.replace("<!", "&lt;!"), "html.parser")


def readable(html: str | Tag) -> str:
    r"""Return the text of a page with block boundaries, headings and lists as Markdown.

    Parameters
    ----------
    html : str or Tag
        A page, a fragment, or a part of a tree.

    Returns
    -------
    str
        Paragraphs apart by a blank line, headings as ``## …``, list items as ``- …``; mojibake repaired.

    Examples
    --------
    >>> readable('<span class="topicdescriptionkind">Scope:</span><ul><li>Trees</li><li>Shade</li></ul>Soon')
    '## Scope\n\n- Trees\n- Shade\n\nSoon'
    """
    lines: list[str] = []
    # Repaired as a whole: a single short word does not tell how its letters were broken.
    for prefix, words in _blocks(soup(repaired(html)) if isinstance(html, str) else html):
        text = " ".join(words.split())
        if not text:
            continue
        line = f"{prefix}{text.rstrip(':')}" if prefix == "## " else f"{prefix}{text}"
        if lines and not (prefix == "- " and lines[-1].startswith("- ")):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _blocks(root: Tag) -> Iterator[tuple[str, str]]:
    """Yield (Markdown prefix, words) of each stretch of text between two block boundaries."""
    words: list[str] = []
    prefix = ""
    for element, begins in _walk(root):
        if isinstance(element, NavigableString):
            words.append(str(element))
        elif isinstance(element, Tag) and element.name == "sup":
            # A footnote's number must not become part of the number it stands at.
            words.append("[" if begins else "]")
        elif isinstance(element, Tag) and (element.name in _BLOCKS or _is_heading(element)):
            if words:
                yield prefix, "".join(words)
                words = []
            prefix = _prefix(element, prefix) if begins else ""
    yield prefix, "".join(words)


def _walk(root: Tag) -> Iterator[tuple[PageElement, bool]]:
    """Yield every visible element below a tag, tags twice: when they begin and when they end.

    By a stack, not by recursion: pages may be nested deeper than Python's own.
    """
    stack: list[tuple[PageElement, bool]] = [(child, True) for child in reversed(root.contents)]
    while stack:
        element, begins = stack.pop()
        if isinstance(element, PreformattedString) or (isinstance(element, Tag) and element.name in _UNSEEN):
            continue
        yield element, begins
        if begins and isinstance(element, Tag):
            stack.append((element, False))
            stack.extend((child, True) for child in reversed(element.contents))


def _is_heading(element: Tag) -> bool:
    return element.name in _HEADINGS or _PART in (element.get_attribute_list("class") or ())


def _prefix(element: Tag, before: str) -> str:
    if _is_heading(element):
        return "## "
    if element.name == "li":
        return "- "
    # A paragraph inside a list item carries on with the item's bullet.
    return before if element.name in ("p", "div") else ""


def repaired(text: str) -> str:
    """Return a text without mojibake and control characters; the longer the text, the surer.

    Examples
    --------
    >>> repaired("Softwarov├⌐ in┼╛en├╜rstv├¡"), repaired("BolesÅ‚awiec &amp; Pirna"), repaired("R├®seau ÔÇô")
    ('Softwarové inženýrství', 'Bolesławiec & Pirna', 'Réseau –')
    """
    return _CP850.sub(_from_cp850, ftfy.fix_text(text, _FTFY))


def _from_cp850(match: re.Match[str]) -> str:
    try:
        return match[0].encode("cp850").decode("utf-8")
    except UnicodeError:
        return match[0]


def unglued(text: str, known: Collection[str] = ()) -> str:
    r"""Return a text with a line break where stripped tags glued two blocks together.

    Only for texts that arrive without their tags; HTML keeps its own boundaries in :func:`readable`.

    Parameters
    ----------
    text : str
    known : collection of str, optional
        Words in small letters that stand alone in texts of the same kind.

    Examples
    --------
    >>> unglued("Expected Outcome:Projects plant treesScope:EuroHPC is a name.")
    'Expected Outcome:\nProjects plant trees\nScope:\nEuroHPC is a name.'
    """
    standing_alone = {word.lower() for word in _WORD.findall(text)}.union(known)
    pieces, last = [], 0
    for found in _GLUED.finditer(text):
        cut = found.end()
        if _is_name(text, cut, standing_alone):
            continue
        pieces.append(text[last:cut])
        last = cut
    pieces.append(text[last:])
    return "\n".join(piece.strip() for piece in pieces)


def _is_name(text: str, cut: int, standing_alone: set[str]) -> bool:
    """Tell whether a capital inside a word belongs to a name such as NetZeroCities or EuroHPC.

    Two capitalised halves that both stand alone elsewhere in the text are two words.
    """
    before, after = _WORD_BEFORE.search(text[max(0, cut - 40) : cut]), _WORD.match(text, cut)
    if before is None or after is None or before[0].islower():
        return False
    return not (before[0].lower() in standing_alone and after[0].lower() in standing_alone)


def deadlines(text: str) -> tuple[Deadline, ...]:
    """Return all dates of a text, as deadlines, in the order in which they stand.

    Days are read European (day first). An hour is taken over only when it follows its date; it is read
    as Brussels time, which is what CET and CEST in such texts mean; hours of other zones are left out, but
    of ISO 8601 with its offset, which are converted. 24:00 is the end of the day.

    Raises
    ------
    BadValue
        If something has the form of a date and is none.

    Examples
    --------
    >>> [str(one) for one in deadlines("2026-02-25, then 15 June 2026 at 14.00 CEST or 16.01.2027 17:00")]
    ['2026-02-25', '2026-06-15 14:00', '2027-01-16 17:00']
    >>> [str(one) for one in deadlines("on 15 June 2026 at 2.00 pm, on 16 June 2026 at 12:00 GMT")]
    ['2026-06-15 14:00', '2026-06-16']
    >>> [str(one) for one in deadlines("2026-10-14T15:00:00Z, 14 October 2026 at 24:00")]
    ['2026-10-14 17:00', '2026-10-14 23:59']
    """
    found = [match for form in (_ISO, _NUMERIC, _WORDED) for match in form.finditer(text)]
    known = (match for match in found if _month(match))
    return tuple(_deadline(match) for match in sorted(known, key=lambda match: match.start()))


def _month(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    return int(groups["month"]) if groups.get("month") else _MONTHS.get(groups["name"].lower())


def _deadline(match: re.Match[str]) -> Deadline:
    year, month, day = int(match["year"]), _month(match) or 0, int(match["day"])
    text = f"{year:04}-{month:02}-{day:02}"
    try:
        zone = match.groupdict().get("zone")
        if zone:
            moment = dt.datetime.fromisoformat(f"{text}T{match['hour']}:{match['minute']}{zone}")
            return Deadline(moment=moment.astimezone(BRUSSELS))
        return Deadline.model_validate(text + _time_of(match))
    except ValueError:
        raise BadValue(f"{match[0]!r} is no day that exists; a day like 14 October 2026") from None


def _time_of(match: re.Match[str]) -> str:
    """Return the hour that stands behind a date, as ``" 14:00"``, or nothing."""
    behind = match.string[match.end() : match.end() + 24]
    if not match["hour"] or _OTHER_CLOCK.search(behind):
        # Another zone's hour, and perhaps another day there: only the day as it is written is taken over.
        return ""
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = _HALF_DAY.match(behind)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half["half"] in "pP" else 0)
    if (hour, minute) == (24, 0):
        # The end of the day, not the next one's begin.
        hour, minute = 23, 59
    return f" {hour:02}:{minute:02}"


def day(text: str) -> dt.date | None:
    """Return the first date of a text, or None; see :func:`deadlines`.

    Examples
    --------
    >>> day("Opening: 17.09.2024")
    datetime.date(2024, 9, 17)
    """
    return next((one.moment.astimezone(BRUSSELS).date() for one in deadlines(text)), None)


def amounts(text: str) -> tuple[int, ...]:
    """Return all amounts of money of a text, in whole euro, in the order in which they stand.

    Both notations are understood: ``45,000,000.00`` and ``45.000.000,00``; a single separator before
    exactly three digits parts thousands.

    Examples
    --------
    >>> amounts("€ 45,000,000.00, EUR 1.5 million, 2 000 000 € or 5 million, EUR 5-7 million")
    (45000000, 1500000, 2000000, 5000000, 5000000, 7000000)
    >>> amounts("EUR 300 000-500 000 for each; EUR 12 000 000, 2 projects")
    (300000, 500000, 12000000)
    """
    for form in _RANGES:
        text = form.sub(_apart, text)
    return tuple(amount for match in _AMOUNT.finditer(text) if (amount := _amount(match)) is not None)


def first_amount(text: str) -> int | None:
    """Return the first amount of a text, in whole euro; None if it is an end of a range.

    Examples
    --------
    >>> first_amount("EUR 20 million for 5 projects"), first_amount("20 to 30 million EUR")
    (20000000, None)
    """
    first = _AMOUNT.search(text)
    ranges = [match.span() for form in _RANGES for match in form.finditer(text)]
    if first is None or any(start < first.end() and first.start() < end for start, end in ranges):
        return None
    return _amount(first)


def _apart(ends: re.Match[str]) -> str:
    """Return a range as two amounts, each with the unit."""
    unit = ends["unit"]
    before = unit if ends.start("unit") < ends.start("low") else ""
    behind = "" if before else f" {unit}"
    return f"{before}{ends['low']}{behind} to {before}{ends['high']}"


def _amount(match: re.Match[str]) -> int | None:
    number = match["before"] or match["after"] or match["bare"]
    scale = match["scale1"] or match["scale2"] or match["scale3"]
    digits = re.sub(r"\s", "", number)
    marks = [mark for mark in digits if mark in ".,"]
    if len(set(marks)) == 2:
        thousands = marks[0]
        digits = digits.replace(thousands, "")
    elif len(marks) > 1 or (marks and not scale and re.search(r"[.,]\d{3}$", digits)):
        digits = re.sub(r"[.,]", "", digits)
    try:
        value = round(float(digits.replace(",", ".")) * _SCALE.get((scale or "").lower(), 1))
    except (ValueError, OverflowError):
        return None
    # Above the field's own limit it is no sum of money but a telephone number.
    return value if value <= 10**12 else None
