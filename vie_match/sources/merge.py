"""The same call from several sources → one call that knows where each of its facts comes from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from vie_match.history import FILES, IMPORT, Dispute, KnownCall, Origin, Sighting
from vie_match.records import Call
from vie_match.vocabulary import ActionType, DeadlineModel, Programme

# Whose word counts first: the owner of the call, then what our own people wrote or imported, then
# catalogues. A source that is not named here comes last.
PRECEDENCE = ("portal", "eui", FILES, IMPORT, "portico", "euroaccess")

# Facts that only make sense together and so come from one source.
_TOGETHER = (("deadlines", "deadline_model"), ("grant_min_eur", "grant_max_eur"))

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

# A page of its own, not the start page of a programme, on which many calls stand.
_OWN_PAGE = re.compile(r"https?://[^/?#]+/[^?#]*[\w-]{8,}")


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
    pages: dict[str, str] = {}
    for sighting in sorted(sightings, key=_rank):
        key = sighting.key
        page = _page(sighting.call)
        if key not in groups and page in pages and _is_new_source(groups[pages[page]], sighting):
            key = pages[page]
        groups[key].append(sighting)
        if page:
            pages.setdefault(page, key)
    known = [_known(group) for group in groups.values()]
    return sorted(known, key=lambda one: one.key)


def _rank(sighting: Sighting) -> tuple[int, str, str]:
    place = PRECEDENCE.index(sighting.kind) if sighting.kind in PRECEDENCE else len(PRECEDENCE)
    return place, sighting.source, sighting.key


def _page(call: Call) -> str:
    """Return the address by which two sources mean one call, or an empty text."""
    address = (call.url or "").rstrip("/").casefold()
    return re.sub(r"^https?://(www\.)?", "", address) if _OWN_PAGE.match(address) else ""


def _is_new_source(group: Sequence[Sighting], sighting: Sighting) -> bool:
    """Tell whether a group lacks a source; one source's own calls are different ones."""
    return all(other.source != sighting.source for other in group)


def _known(group: Sequence[Sighting]) -> KnownCall:
    leading = group[0]
    facts = [(sighting, sighting.call.flat()) for sighting in group]
    chosen: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for names in _parts(facts[0][1]):
        source, values = next((one for one in facts if _knows(one[1], names)), facts[0])
        chosen |= {name: values[name] for name in names}
        origins |= {name: _origin(source) for name in names if values[name] not in _UNSAID}
    chosen |= {
        "identifier": leading.call.identifier,
        "source": leading.call.source or leading.source,
        "source_date": leading.date and leading.date.isoformat(),
    }
    return KnownCall(
        call=_valid(chosen, leading),
        origins=origins,
        disputes=tuple(_disputes(facts)),
        first_seen=min(sighting.first_seen for sighting in group),
    )


def _parts(fields: Iterable[str]) -> Iterator[tuple[str, ...]]:
    bound = {name for names in _TOGETHER for name in names}
    yield from _TOGETHER
    yield from ((name,) for name in fields if name not in bound)


def _knows(values: Mapping[str, Any], names: Sequence[str]) -> bool:
    if "deadlines" in names:
        return bool(values["deadlines"]) or values["deadline_model"] == DeadlineModel.CONTINUOUS.value
    return values[names[0]] not in _UNSAID or values[names[-1]] not in _UNSAID


def _origin(sighting: Sighting) -> Origin:
    return Origin(sighting.call.source or sighting.source, sighting.date)


def _valid(chosen: dict[str, Any], leading: Sighting) -> Call:
    """Return the call; facts of two sources may contradict each other, then the leading one's stand."""
    try:
        return Call.model_validate(chosen)
    except ValidationError:
        return leading.call.model_copy(
            update={"source": chosen["source"], "source_date": leading.date},
        )


def _disputes(facts: Sequence[tuple[Sighting, Mapping[str, Any]]]) -> Iterator[Dispute]:
    for name in _SHOWN:
        told = [
            (_origin(sighting), values[name]) for sighting, values in facts if values[name] not in _UNSAID
        ]
        differing = [one for one in told[1:] if not _agrees(name, told[0][1], one[1])]
        if differing:
            yield Dispute(name, tuple((origin, _plain(value)) for origin, value in (told[0], *differing)))


def _agrees(name: str, leading: Any, other: Any) -> bool:
    if name != "deadlines":
        return bool(leading == other)
    # Catalogues print the next of several dates, and seldom the hour.
    return {date[:10] for date in other} <= {date[:10] for date in leading}


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
