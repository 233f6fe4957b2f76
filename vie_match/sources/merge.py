"""The same call from several sources → one call that knows where each of its facts comes from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from vie_match.history import FILES, IMPORT, Dispute, KnownCall, Origin, Sighting, plain
from vie_match.records import Call
from vie_match.vocabulary import ActionType, DeadlineModel, Programme

# Whose word counts first: the owner of the call, then what our own people wrote or imported, then
# catalogues. A source that is not named here comes last.
PRECEDENCE = ("portal", "eui", FILES, IMPORT, "portico", "euroaccess")

# Facts that only make sense together and so come from one source.
_TOGETHER = (("deadlines", "deadline_model"), ("grant_min_eur", "grant_max_eur"))

# What stands for the deadlines of a call without an end, where sources differ.
CONTINUOUS = DeadlineModel.CONTINUOUS.value

# What is told about the telling itself.
_OF_THE_LEADING = frozenset({"identifier", "source", "source_date"})

# A dispute about these is shown: acting on the wrong one costs the application.
_SHOWN = (
    "opening",
    "deadlines",
    "budget_total_eur",
    "grant_min_eur",
    "grant_max_eur",
    "expected_grants",
    "cofunding_rate",
)

# What a record has to hold where the source says nothing.
_UNSAID: tuple[Any, ...] = (
    None,
    "",
    [],
    Programme.OTHER.value,
    ActionType.OTHER.value,
    DeadlineModel.NOT_STATED.value,
)

# The last part of an address that is a call's own page: several words, or a number; not "open-calls",
# and not a year.
_OWN_PAGE = re.compile(r"(?!20\d\d$)(?=.*\d)[\w.~%-]{4,}|\w+(?:[-_]\w+){2,}")


def merge(sightings: Iterable[Sighting]) -> list[KnownCall]:
    """Put together what all sources tell.

    Sightings are of one call when they share the identifier (whatever its case) or, between different
    sources, the address of a page of its own. Each fact is taken from the first source, in order of
    :data:`PRECEDENCE`, that knows it.

    Parameters
    ----------
    sightings : iterable of Sighting

    Returns
    -------
    list of KnownCall
        In order of identifier.
    """
    groups: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        groups[sighting.key].append(sighting)
    joined = _joined_by_page(groups)
    known = [_known(sorted(group, key=_rank)) for group in joined]
    return sorted(known, key=lambda one: one.key)


def _joined_by_page(groups: Mapping[str, list[Sighting]]) -> list[list[Sighting]]:
    """Join groups of one page each, unless that would make one call of two that a source keeps apart."""
    by_page: dict[str, set[str]] = defaultdict(set)
    for key, group in groups.items():
        # The best source's word is taken for where the call's page is, as for all else.
        pages = [page for sighting in sorted(group, key=_rank) if (page := _page(sighting.call))]
        if pages:
            by_page[pages[0]].add(key)
    joined = {key: list(group) for key, group in groups.items()}
    leads_to = {key: key for key in groups}
    for page in sorted(by_page):
        keys = sorted({leads_to[key] for key in by_page[page]}, key=lambda key: min(map(_rank, joined[key])))
        # Two calls of one source on one page: it is a list, not a page of a call.
        if not _are_of_different_sources([groups[key] for key in by_page[page]]):
            continue
        first, *others = keys
        for other in others:
            if _are_of_different_sources([joined[first], joined[other]]):
                joined[first] += joined.pop(other)
                leads_to = {key: first if to == other else to for key, to in leads_to.items()}
    return list(joined.values())


def _are_of_different_sources(groups: Iterable[Sequence[Sighting]]) -> bool:
    sources = [source for group in groups for source in {sighting.source for sighting in group}]
    return len(sources) == len(set(sources))


def _rank(sighting: Sighting) -> tuple[int, float, str, str]:
    place = PRECEDENCE.index(sighting.kind) if sighting.kind in PRECEDENCE else len(PRECEDENCE)
    # Of several imported files the one that was read last.
    return place, -sighting.last_seen.timestamp(), sighting.source, sighting.key


def _page(call: Call) -> str:
    """Return the address by which two sources mean one call, or an empty text."""
    address = re.sub(r"^https?://(www\.)?", "", (call.url or "").casefold()).rstrip("/")
    host, _, path = address.partition("/")
    return address if host and _OWN_PAGE.fullmatch(path.rpartition("/")[2]) else ""


def _known(group: Sequence[Sighting]) -> KnownCall:
    facts = [(sighting, sighting.call.flat()) for sighting in group]
    call, origins = _put_together(facts)
    return KnownCall(
        call=call,
        origins=origins,
        disputes=tuple(_disputes(facts, call.flat())),
        first_seen=min(sighting.first_seen for sighting in group),
        keys=frozenset(sighting.key for sighting in group),
        sources=tuple(dict.fromkeys(sighting.label or sighting.source for sighting in group)),
        whence=tuple(dict.fromkeys(sighting.whence for sighting in group)),
    )


def _put_together(
    facts: Sequence[tuple[Sighting, Mapping[str, Any]]],
) -> tuple[Call, dict[str, Origin]]:
    """Return the call with each fact of the first source that knows it, and where each comes from."""
    leading = facts[0][0]
    chosen: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for names in _parts(facts[0][1]):
        source, values = next((one for one in facts if _knows(one[1], names)), facts[0])
        chosen |= {name: values[name] for name in names}
        origins |= {name: _origin(source) for name in names if values[name] not in _UNSAID}
    about = {
        "identifier": leading.call.identifier,
        "source": leading.call.source or leading.source,
        "source_date": leading.date and leading.date.isoformat(),
    }
    chosen |= about
    origins |= {name: _origin(leading) for name, value in about.items() if value}
    try:
        return Call.model_validate(chosen), origins
    except ValidationError:
        # Facts of two sources may contradict each other; then the leading one's stand alone.
        if len(facts) == 1:
            raise
        return _put_together(facts[:1])


def _parts(fields: Iterable[str]) -> Iterator[tuple[str, ...]]:
    bound = {name for names in _TOGETHER for name in names}
    yield from _TOGETHER
    yield from ((name,) for name in fields if name not in bound and name not in _OF_THE_LEADING)


def _knows(values: Mapping[str, Any], names: Sequence[str]) -> bool:
    if "deadlines" in names:
        return bool(values["deadlines"]) or values["deadline_model"] == DeadlineModel.CONTINUOUS.value
    return values[names[0]] not in _UNSAID or values[names[-1]] not in _UNSAID


def _origin(sighting: Sighting) -> Origin:
    return Origin(sighting.call.source or sighting.source, sighting.date)


def _disputes(
    facts: Sequence[tuple[Sighting, Mapping[str, Any]]], taken: Mapping[str, Any]
) -> Iterator[Dispute]:
    for name in _SHOWN:
        told = [
            (_origin(sighting), value)
            for sighting, values in facts
            if (value := _told(name, values)) not in _UNSAID
        ]
        differing = [one for one in told[1:] if not _agrees(name, told[0][1], one[1])]
        if differing and told[0][1] == _told(name, taken):
            yield Dispute(name, tuple((origin, plain(value)) for origin, value in (told[0], *differing)))


def _told(name: str, values: Mapping[str, Any]) -> Any:
    is_continuous = values["deadline_model"] == DeadlineModel.CONTINUOUS.value
    return [CONTINUOUS] if name == "deadlines" and is_continuous else values[name]


def _agrees(name: str, leading: Any, other: Any) -> bool:
    if name != "deadlines":
        return bool(leading == other)
    # Catalogues print the next of several dates, and seldom the hour.
    return {date[:10] for date in other} <= {date[:10] for date in leading}
