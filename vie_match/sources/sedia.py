"""Answers of the Funding & Tenders Portal's search (SEDIA) → calls. Pure: no network, no clock.

An answer lists entries whose ``metadata`` maps every key to a list of texts; some of them hold JSON. One
topic comes as several entries: a copy per language, stubs, and news about it. They are folded into one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vie_match import vocabulary
from vie_match.errors import BadValue, SourceChanged
from vie_match.vocabulary import Programme

NAME = "Funding & Tenders Portal"

# Types of entry.
TOPIC, OTHER_CALL, UPDATE, CASCADE = "1", "2", "6", "8"
# Of the facet ``status``.
FORTHCOMING, OPEN, CLOSED = "31094501", "31094502", "31094503"
CALL_TYPES = (TOPIC, OTHER_CALL, CASCADE)

# Ids of the facet frameworkProgramme. Published lists disagree on several; the labels that the facet
# itself gives go before this table (see :func:`labels`).
PROGRAMME_IDS = {
    "43108390": Programme.HORIZON,
    "43152860": Programme.DIGITAL,
    "43252405": Programme.LIFE,
    "43251589": Programme.CERV,
    "43251567": Programme.CEF,
    "43252476": Programme.SMP,
    "43251814": Programme.CREA,
    "43353764": Programme.ERASMUS,
    "43332642": Programme.EU4HEALTH,
    "44416173": Programme.I3,
    "44773066": Programme.JTM,
    "43254019": Programme.ESF,
    "43251447": Programme.AMIF,
    "43298203": Programme.UCPM,
    "43089234": Programme.INNOVATION_FUND,
    "44181033": Programme.EDF,
    "43298916": Programme.EURATOM,
    "43637601": Programme.PILOT_PROJECTS,
    "46324255": Programme.ERDF,
    "43252449": Programme.COAL_AND_STEEL,
    "43252368": Programme.ISF,
    "43252386": Programme.JUSTICE,
    "43252433": Programme.PERICLES,
    "43392145": Programme.EMFAF,
    "43253967": Programme.RENEWABLES,
    "111111": Programme.EXTERNAL_ACTION,
}


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REFERENCE_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of an answer.

    Attributes
    ----------
    total : int
        Entries that the whole query has, over all pages.
    entries : tuple of Entry
    """

    total: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One result of a search.

    Attributes
    ----------
    reference : str
        Unique in the index, for example ``48400948TOPICSen``.
    language : str
        ISO 639-1.
    url : str
        As the index gives it.
    metadata : mapping of str to tuple of str
        Values that are no texts are left out.
    """

    reference: str
    language: str
    url: str
    metadata: Mapping[str, tuple[str, ...]]

    def first(self, *names: str) -> str:
        """Return the first value of the first of these keys that has one, without outer blanks."""
        found = (value.strip() for name in names for value in self.metadata.get(name, ()))
        return next(filter(None, found), "")

    def parsed(self, name: str) -> Any:
        """Return the JSON that a key's text holds, or None."""
        try:
            return json.loads(self.first(name) or "null")
        except (ValueError, RecursionError):
            return None

    @property
    def identifier(self) -> str:
        """The identifier of the call; entries about one call share it, but for its case."""
        identifier = self.first("identifier")
        if self.first("type") == CASCADE:
            # The identifier of cascade calls is that of the topic their project was funded by.
            number = _REFERENCE_NUMBER.match(self.reference)
            return f"{identifier}/cascade-{number[0] if number else self.reference}"
        return identifier


def answer(data: Any, address: str) -> Answer:
    """Read one page of an answer.

    Parameters
    ----------
    data : any
        The decoded JSON.
    address : str
        For messages.

    Raises
    ------
    SourceChanged
        If there is no list of results, or no number of them.
    """
    results = data.get("results") if isinstance(data, dict) else None
    total = data.get("totalResults") if isinstance(data, dict) else None
    if not isinstance(results, list) or not isinstance(total, int):
        raise SourceChanged(
            f"{address}: found no list 'results' with a number 'totalResults'; expected the search's answer"
        )
    return Answer(total, tuple(map(entry, results)))


def entry(result: Any) -> Entry:
    """Read one result of an answer; what does not have its form is left empty."""
    result = result if isinstance(result, dict) else {}
    metadata = result.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Entry(
        reference=as_text(result.get("reference")),
        language=as_text(result.get("language")).lower(),
        url=as_text(result.get("url")),
        metadata={
            str(name): tuple(as_text(value) for value in values if isinstance(value, str))
            for name, values in metadata.items()
            if isinstance(values, list)
        },
    )


def as_text(value: Any) -> str:
    """Return a text, and anything else as an empty one.

    Half a surrogate pair, which broken JSON can hold and no file can, becomes a question mark; signs that
    steer a terminal are left out.
    """
    if not isinstance(value, str):
        return ""
    return _CONTROL.sub("", value.encode("utf-8", "replace").decode("utf-8"))


def labels(data: Any) -> dict[str, Programme]:
    """Return the programme of each id, from an answer of the facet service.

    Parameters
    ----------
    data : any
        The decoded JSON: ``facets`` with ``name`` and ``values`` of ``rawValue`` and ``value``.

    Returns
    -------
    dict
        Id → programme; labels that name no programme we know are left out.

    Examples
    --------
    >>> labels({"facets": [{"name": "frameworkProgramme",
    ...         "values": [{"rawValue": "43252405", "value": "Environment (LIFE)"}]}]})
    {'43252405': <Programme.LIFE: 'LIFE'>}
    """
    found: dict[str, Programme] = {}
    facets = data.get("facets") if isinstance(data, dict) else None
    for facet in facets if isinstance(facets, list) else ():
        if not isinstance(facet, dict) or facet.get("name") != "frameworkProgramme":
            continue
        values = facet.get("values")
        for value in values if isinstance(values, list) else ():
            programme = programme_named(as_text(value.get("value"))) if isinstance(value, dict) else None
            if programme:
                found[str(value.get("rawValue"))] = programme
    return found


def programme_named(label: str) -> Programme | None:
    """Return the programme that a label names, or None.

    Examples
    --------
    >>> programme_named("Digital Europe Programme (DIGITAL)"), programme_named("EU Agencies")
    (<Programme.DIGITAL: 'DIGITAL'>, None)
    """
    # The whole, what stands in brackets, what stands before them.
    before, _, inside = label.partition("(")
    for spelling in (label, inside.rstrip(") "), before):
        try:
            return vocabulary.parse(Programme, spelling)
        except BadValue:
            continue
    return None


def first_of_each(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield entries without those whose reference came before: pages overlap while the index changes."""
    seen: set[str] = set()
    for entry in entries:
        if not entry.reference or entry.reference not in seen:
            seen.add(entry.reference)
            yield entry
