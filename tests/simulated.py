"""The search of the Funding & Tenders Portal in small: filters, pages, limits and whims of the real one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from replay import Answer, Part, Recorded, value

OPEN, CLOSED = "31094502", "31094503"

# The only form of a moment that the index compares; anything else fits every entry that has the field.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")


def topic(number: int, programme: str = "43108390", language: str = "en", **metadata: Any) -> dict[str, Any]:
    """Return an open topic, as the search gives it; other metadata by name, None leaves a key out."""
    identifier = f"MADE-UP-2027-{number:05}"
    filled = {
        "type": "1",
        "identifier": identifier,
        "title": f"Topic {number}",
        "status": OPEN,
        "startDate": "2027-01-12T00:00:00.000+0000",
        "deadlineDate": "2027-09-07T00:00:00.000+0000",
        "deadlineModel": "single-stage",
        "frameworkProgramme": programme,
        "descriptionByte": f"<p>Towns try idea {number}.</p>",
        "language": language,
    } | metadata
    return {
        "reference": f"{number}TOPICS{language}",
        "language": language,
        "url": f"https://portal.example/{identifier}.json",
        "metadata": {
            name: one if isinstance(one, list) else [one] for name, one in filled.items() if one is not None
        },
    }


class Search:
    """Answers searches over some entries.

    Parameters
    ----------
    entries : iterable of dict
        The index; may change between requests.
    labels : mapping of str to str, optional
        What the facet calls each programme id.

    Attributes
    ----------
    cap, window : int
        Entries a page and a query may have at most.
    ignores_query, leaks_languages : bool
        Whims: every entry is found; copies in other languages are.
    queries : list of dict
        The queries as they came, decoded.
    """

    def __init__(self, entries: Iterable[dict[str, Any]], labels: Mapping[str, str] | None = None) -> None:
        self.entries = list(entries)
        self.labels = dict(labels or {})
        self.cap = 100
        self.window = 10_000
        self.ignores_query = False
        self.leaks_languages = False
        self.queries: list[dict[str, Any]] = []

    def search(self, request: Recorded) -> Answer:
        """Answer ``/search``."""
        address = _query(request)
        parts = request.parts()
        if not _typed(parts):
            return replace(value({"type": "throwable"}), status=500)
        read = {name: json.loads(part.body) for name, part in parts.items()}
        self.queries.append(read["query"])
        found = [one for one in self.entries if self._is_found(one, read)]
        order = read["sort"]
        found.sort(key=lambda one: _values(one, order["field"])[:1], reverse=order["order"] == "DESC")
        size = min(int(address["pageSize"]), self.cap)
        first = (int(address["pageNumber"]) - 1) * size
        shown = found[first : min(first + size, self.window)]
        fields = read.get("displayFields")
        return value(
            {
                "apiVersion": "2.151",
                "totalResults": len(found),
                "pageNumber": int(address["pageNumber"]),
                "pageSize": size,
                "results": [_cut_down(one, fields) for one in shown],
            }
        )

    def facet(self, request: Recorded) -> Answer:
        """Answer ``/facet``."""
        _query(request)
        if not _typed(request.parts()):
            return replace(value({"type": "throwable"}), status=500)
        values = [{"rawValue": number, "value": label, "count": 1} for number, label in self.labels.items()]
        return value({"facets": [{"name": "frameworkProgramme", "values": values}]})

    def _is_found(self, entry: dict[str, Any], read: Mapping[str, Any]) -> bool:
        speaks = self.leaks_languages or entry["language"] in read["languages"]
        return self.ignores_query or (speaks and fits(read["query"], entry))


def fits(query: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry fits a query in the search's own language; unknown words fail the test."""
    [(word, inner)] = query.items()
    if word == "bool":
        assert inner.keys() <= {"must", "must_not"}, inner
        return all(fits(one, entry) for one in inner["must"]) and not any(
            fits(one, entry) for one in inner.get("must_not", ())
        )
    [(field, wanted)] = inner.items()
    if word == "terms":
        return not set(wanted).isdisjoint(_values(entry, field))
    assert word == "range", query
    return any(_is_between(moment, wanted) for moment in _values(entry, field))


def _is_between(moment: str, bounds: Mapping[str, str]) -> bool:
    assert bounds.keys() <= {"gte", "lte"}, bounds
    if not all(map(_MOMENT.fullmatch, bounds.values())):
        return True
    return bounds.get("gte", moment) <= moment <= bounds.get("lte", moment)


def _values(entry: Mapping[str, Any], field: str) -> Sequence[str]:
    return entry["metadata"].get(field, [])


def _query(request: Recorded) -> dict[str, str]:
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
    assert query["apiKey"] == "SEDIA"
    assert query["text"] == "***"
    return query


def _typed(parts: Mapping[str, Part]) -> bool:
    return all(part.filename and part.content_type == "application/json" for part in parts.values())


def _cut_down(entry: dict[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
    if fields is None:
        return entry
    kept = {name: values for name, values in entry["metadata"].items() if name in fields}
    return entry | {"metadata": kept}
