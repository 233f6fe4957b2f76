"""One call's page of EuroAccess: labels with what stands below them → facts. Pure: no network, no clock.

The page has four sections, and in each a list of labels. Some labels are words that a text may use as
well; those count only in their own section.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bs4 import Tag
from bs4.element import NavigableString

from vie_match.errors import SourceChanged
from vie_match.pages import markup, text
from vie_match.records import Deadline
from vie_match.sources import euroaccess_values
from vie_match.vocabulary import Applicant

_KEY_DATA, _CONTENT, _ELIGIBILITY, _MORE = SECTIONS = (
    "call key data",
    "call content",
    "eligibility criteria",
    "additional information",
)

# Label → section, and whether it counts outside of it.
_LABELS = {
    "funding program": (_KEY_DATA, True),
    "funding programme": (_KEY_DATA, True),
    "call number": (_KEY_DATA, True),
    "deadlines": (_KEY_DATA, False),
    "opening": (_KEY_DATA, False),
    "deadline": (_KEY_DATA, False),
    "deadline 2nd stage": (_KEY_DATA, True),
    "funding rate": (_KEY_DATA, True),
    "call budget": (_KEY_DATA, True),
    "estimated eu contribution per project": (_KEY_DATA, True),
    "project duration": (_KEY_DATA, False),
    "link to the call": (_KEY_DATA, True),
    "link to the submission": (_KEY_DATA, True),
    "short description": (_CONTENT, True),
    "call objectives": (_CONTENT, True),
    "expected effects and impacts": (_CONTENT, False),
    "expected results": (_CONTENT, False),
    "regions countries for funding": (_ELIGIBILITY, True),
    "eligible entities": (_ELIGIBILITY, True),
    "mandatory partnership": (_ELIGIBILITY, True),
    "project partnership": (_ELIGIBILITY, True),
    "other eligibility criteria": (_ELIGIBILITY, True),
    "topics": (_MORE, False),
    "relevance for eu macro region": (_MORE, True),
    "un sustainable development goals un sdgs": (_MORE, True),
    "additional information": (_MORE, False),
    "proposal submission": (_MORE, False),
    "call documents": (_MORE, False),
    "contact": (_MORE, False),
}
_SHORT, *_TEXT = (label for label, (section, _) in _LABELS.items() if section == _CONTENT)
_CONDITIONS = tuple(label for label, (section, _) in _LABELS.items() if section == _ELIGIBILITY)
_MONEY = ("funding rate", "call budget", "estimated eu contribution per project", "project duration")
_SUBMISSION = ("additional information", "proposal submission")

# Words of a button, not of the text it unfolds.
_BUTTONS = frozenset({"read more", "read less"})

# Where the site's frame goes on behind the last field.
_END = re.compile(
    r"(?:previous call|back to the overview|next call|to see more information about this call\b.*)$"
)

# Labels and sections as whole texts of the page, whatever stands between their words.
_ALONE = re.compile(
    rf"\W*(?:{'|'.join(name.replace(' ', chr(92) + 'W+') for name in (*SECTIONS, *_LABELS))})\W*$",
    re.IGNORECASE,
)
_INLINE = re.compile(r"(?P<label>[\w /,()–-]{5,60}?)\s*:\s*(?P<value>\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Detail:
    """What the page of a call says; None and empty are unknown.

    Attributes
    ----------
    title, programme, number : str
    opening : date or None
    deadlines : tuple of Deadline
        In order of time.
    is_two_stage : bool
    budget_total_eur, grant_min_eur, grant_max_eur : int or None
    cofunding_rate : float or None
    link : str or None
        The call's page at its owner.
    applicants : tuple of Applicant
    countries : tuple of str
        Codes and groups; empty also when one of the names is not known.
    min_participants, min_countries : int or None
    partnership : str
        The sentence with these numbers.
    conditions, text : str
        Markdown.
    """

    title: str
    programme: str
    number: str
    opening: dt.date | None
    deadlines: tuple[Deadline, ...]
    is_two_stage: bool
    budget_total_eur: int | None
    grant_min_eur: int | None
    grant_max_eur: int | None
    cofunding_rate: float | None
    link: str | None
    applicants: tuple[Applicant, ...]
    countries: tuple[str, ...]
    min_participants: int | None
    min_countries: int | None
    partnership: str
    conditions: str
    text: str


@dataclass(slots=True)
class _Field:
    """A label as it stands on the page, and the lines below it."""

    label: str
    lines: list[str]

    @property
    def value(self) -> str:
        return "\n".join(line for line in self.lines if markup.fold(line) not in _BUTTONS).strip()


def parse_detail(html: str, url: str) -> Detail:
    """Read the page of one call.

    Parameters
    ----------
    html : str
    url : str
        Its address, for its links and for messages.

    Raises
    ------
    SourceChanged
        If the labels are not there.
    BadValue
        If a date is no day that exists.
    """
    root = markup.main_part(text.soup(text.repaired(html)))
    link = _link(root, url)
    markup.set_apart(root, _ALONE)
    title, fields = _fields(text.readable(root).splitlines())
    if not any(label in fields for label in ("call number", "deadline", _SHORT, *_TEXT)):
        raise SourceChanged(
            f"{url}: found none of the labels “Call number”, “Deadline”, “short description”; expected "
            "“Call key data” with labels and values; look at the page"
        )
    values = {label: field.value for label, field in fields.items()}
    first = text.deadlines(values.get("deadline", ""))[:1]
    second = text.deadlines(values.get("deadline 2nd stage", ""))[:1]
    low, high = euroaccess_values.contribution(values.get("estimated eu contribution per project", ""))
    partners = euroaccess_values.partners_needed(values.get("project partnership", ""))
    countries = euroaccess_values.countries_needed(values.get("project partnership", ""))
    return Detail(
        title=title,
        programme=_first_line(values.get("funding program") or values.get("funding programme", "")),
        number=_first_line(values.get("call number", "")),
        opening=text.day(values.get("opening", "")),
        deadlines=tuple(sorted(first + second, key=lambda deadline: deadline.moment)),
        is_two_stage=bool(first and second) and first[0].moment < second[0].moment,
        budget_total_eur=euroaccess_values.budget(values.get("call budget", "")),
        grant_min_eur=low,
        grant_max_eur=high,
        cofunding_rate=euroaccess_values.rate(values.get("funding rate", "")),
        link=link,
        applicants=euroaccess_values.applicants(values.get("eligible entities", "")),
        countries=euroaccess_values.countries(values.get("regions countries for funding", "")),
        min_participants=partners[0],
        min_countries=countries[0],
        partnership=partners[1] or countries[1],
        conditions=_conditions(fields),
        text=_text(fields),
    )


def _fields(lines: Sequence[str]) -> tuple[str, dict[str, _Field]]:
    """Return the title and the first filled field of each label.

    What stands before the first section is the site's own frame; where there are no sections, what
    stands before the first label of the key data.
    """
    title, section = "", ""
    current: _Field | None = None
    found: dict[str, list[_Field]] = defaultdict(list)
    has_begun = not any(markup.fold(line) in SECTIONS for line in lines)
    for line in lines:
        words = re.sub(r"^(?:## |- )", "", line)
        folded = markup.fold(words)
        if folded in SECTIONS and folded != section:
            section, current, has_begun = folded, None, True
            continue
        label, value = _label(words, section) if has_begun else ("", "")
        if label and (section or found or _LABELS[label][0] == _KEY_DATA):
            current = _Field(words.partition(":")[0].strip(), [value] if value else [])
            found[label].append(current)
        elif _END.match(folded):
            current = None
        elif current:
            current.lines.append(line)
        elif section == _KEY_DATA:
            title = title or words
    filled = {label: next((one for one in fields if one.value), fields[0]) for label, fields in found.items()}
    return title, filled


def _label(words: str, section: str) -> tuple[str, str]:
    """Return the label that a line is, or begins with, and the value behind it."""
    inline = _INLINE.fullmatch(words)
    name, value = (inline["label"], inline["value"]) if inline else (words, "")
    label = markup.fold(name)
    home, counts_anywhere = _LABELS.get(label, ("", False))
    return (label, value) if home and (counts_anywhere or section in (home, "")) else ("", "")


def _link(root: Tag, url: str) -> str | None:
    label = ""
    for part in root.descendants:
        if isinstance(part, NavigableString):
            folded = markup.fold(part) if len(part) < 100 else ""
            label = folded if folded in _LABELS else label
        elif isinstance(part, Tag) and part.name == "a" and label == "link to the call" and part.get("href"):
            return markup.absolute(str(part["href"]), url)
    return None


def _first_line(value: str) -> str:
    return next((line.strip() for line in value.splitlines() if line.strip()), "")[:500].strip()


def _conditions(fields: Mapping[str, _Field]) -> str:
    money = [f"- {_display(fields[label])}: {fields[label].value}" for label in _filled(fields, _MONEY)]
    parts = [*_parts(fields, _CONDITIONS)]
    parts += ["## Funding\n\n" + "\n".join(money)] if money else []
    return "\n\n".join([*parts, *_parts(fields, _SUBMISSION)])


def _text(fields: Mapping[str, _Field]) -> str:
    # What it is about in short needs no heading.
    begin = fields[_SHORT].value if _SHORT in fields else ""
    return "\n\n".join(part for part in (begin, *_parts(fields, _TEXT)) if part)


def _parts(fields: Mapping[str, _Field], labels: Iterable[str]) -> Iterator[str]:
    for label in _filled(fields, labels):
        yield f"## {_display(fields[label])}\n\n{fields[label].value}"


def _filled(fields: Mapping[str, _Field], labels: Iterable[str]) -> list[str]:
    return [label for label in labels if label in fields and fields[label].value]


def _display(field: _Field) -> str:
    words = " ".join(field.label.split())
    return words[:1].upper() + words[1:]
