"""CommonGrants JSON (protocol 0.5): calls as OpportunityBase, in the envelope of its list of opportunities.

What the protocol has no place for stands in the custom field ``vieMatchCall``, in the flat form of files,
so that our own documents come back whole; title and text are taken from the opportunity itself. Of other
people's documents the fields that :func:`vie_match.schemas.commongrants_paths` names are read.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import HttpUrl, TypeAdapter, ValidationError

from vie_match import vocabulary
from vie_match.errors import BadFile, BadValue, Fault
from vie_match.faults import shown
from vie_match.formats import rows
from vie_match.formats.rows import Parsed, Row
from vie_match.records import Call, Deadline
from vie_match.schemas import commongrants_paths
from vie_match.vocabulary import PROGRAMME_NAMES, Applicant, CallStatus, DeadlineModel, Programme

OWN_FIELD = "vieMatchCall"

# The protocol names registries <schema>:<scope>:<property>; it has none for the EU's topics.
REGISTRY = "opp:eu:topic"
_FUNDING_NUMBER = "opp:us:fon"

# An id must be the same whenever and wherever the same call is written.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/vie-match/vie-match")

_STATUS = {
    CallStatus.FORTHCOMING: {"value": "forecasted"},
    CallStatus.OPEN: {"value": "open"},
    CallStatus.CLOSED: {"value": "closed"},
    CallStatus.UNKNOWN: {"value": "custom", "customValue": CallStatus.UNKNOWN.value},
}

# Types of applicants that mean the same on both sides; the others are custom values.
_APPLICANTS = {
    Applicant.ANY: ("unrestricted",),
    Applicant.LOCAL_AUTHORITY: ("government_municipal",),
    Applicant.UNIVERSITY: ("higher_education_public", "higher_education_private"),
    Applicant.SME: ("for_profit_small_business",),
    Applicant.COMPANY: ("for_profit_small_business", "for_profit_not_small_business"),
    Applicant.NGO: ("nonprofit_without_501c3",),
}
_APPLICANT_OF = {
    "organization": Applicant.ANY,
    "unrestricted": Applicant.ANY,
    "government_municipal": Applicant.LOCAL_AUTHORITY,
    "government_county": Applicant.LOCAL_AUTHORITY,
    "government_state": Applicant.REGIONAL_AUTHORITY,
    "government_special_district": Applicant.PUBLIC_BODY,
    "higher_education_public": Applicant.UNIVERSITY,
    "higher_education_private": Applicant.UNIVERSITY,
    "non_profit_with_501c3": Applicant.NGO,
    "nonprofit_without_501c3": Applicant.NGO,
    "for_profit_small_business": Applicant.SME,
    "for_profit_not_small_business": Applicant.COMPANY,
}
# Applicants that are none of ours for certain; what else is not known makes the whole list unknown.
_NOT_OURS = frozenset(
    {"individual", "government_tribal", "organization_tribal_other", "school_district_independent"}
)

_PROGRAMME_OF = {name: programme for programme, name in PROGRAMME_NAMES.items()}
_FUNDING = {
    name: path.removeprefix("funding.")
    for name, path in commongrants_paths().items()
    if path.startswith("funding.")
}
_COUNT = "expected_grants"
_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.[0-9]*)?")
_EURO = "EUR"
_ADDRESS = TypeAdapter(HttpUrl)
_WHAT = "a list of CommonGrants opportunities, or an object with such a list under 'items'"


def dump(calls: Sequence[Call], moment: dt.datetime) -> bytes:
    """Return calls as a CommonGrants document.

    Parameters
    ----------
    calls : sequence of Call
    moment : datetime
        With a time zone: the moment that the statuses refer to, and the time stamp of calls without a
        ``source_date``.
    """
    document = {
        "status": 200,
        "message": "Success",
        "items": [opportunity(call, moment) for call in calls],
        "paginationInfo": {
            "page": 1,
            "pageSize": max(1, len(calls)),
            "totalItems": len(calls),
            "totalPages": 1,
        },
    }
    return f"{json.dumps(document, ensure_ascii=False, indent=1)}\n".encode()


def opportunity(call: Call, moment: dt.datetime) -> dict[str, Any]:
    """Return a call as OpportunityBase; see :func:`dump`."""
    key = call_id(call)
    stamp = _stamp(call.source_date, moment)
    optional = {
        "funding": dict(_funding(call)),
        "funders": _funders(call.programme),
        "keyDates": _key_dates(call),
        "acceptedApplicantTypes": [one for kind in call.eligible_applicants for one in _accepted(kind)],
        "source": _source(call.url),
    }
    return {
        "id": key,
        "title": call.title,
        "status": {**_STATUS[call.status(moment)]},
        "description": call.text,
        "identifiers": {
            "systemId": {"id": key},
            "otherIds": {REGISTRY: {"registry": {"code": REGISTRY}, "id": call.identifier}},
        },
        **{name: value for name, value in optional.items() if value},
        "customFields": {OWN_FIELD: _own_field(call)},
        "createdAt": stamp,
        "lastModifiedAt": stamp,
    }


def call_id(call: Call) -> str:
    """Return the id of a call in other people's systems: the same whenever and wherever it is written."""
    return str(uuid.uuid5(NAMESPACE, call.identifier.casefold()))


def parse(content: bytes, path: Path) -> Parsed:
    """Yield the opportunities of a document, ours or other people's, and the faults of others.

    Raises
    ------
    BadFile
        If the file is no JSON or holds no list of opportunities.
    """
    text = rows.decoded(content, path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadFile([Fault(path, error.lineno, f"no JSON ({error.msg})", _WHAT)]) from None
    except (ValueError, RecursionError) as error:
        raise BadFile([Fault(path, None, f"no JSON that can be read ({error})", _WHAT)]) from None
    items = document.get("items", document.get("data")) if isinstance(document, dict) else document
    items = [items] if isinstance(items, dict) else items
    if not isinstance(items, list):
        raise BadFile([Fault(path, None, shown(document), _WHAT)])
    for position, item in enumerate(items):
        yield _row(item, f"items[{position}]", path)


def _stamp(day: dt.date | None, moment: dt.datetime) -> str:
    return f"{day}T00:00:00Z" if day else f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _funding(call: Call) -> Iterator[tuple[str, Any]]:
    for name, place in _FUNDING.items():
        value = getattr(call.budget, name)
        if value is not None:
            yield place, value if name == _COUNT else {"amount": str(value), "currency": _EURO}


def _funders(programme: Programme) -> dict[str, Any] | None:
    if programme is Programme.OTHER:
        return None
    key = str(uuid.uuid5(NAMESPACE, f"programme {programme.value}"))
    return {"primary": {"id": key, "name": PROGRAMME_NAMES[programme]}}


def _key_dates(call: Call) -> dict[str, Any]:
    """Return opening and closing; stages and cut-offs beside the last one at which one can enter."""
    dates: dict[str, Any] = {}
    if call.opening:
        dates["postDate"] = _event("Opening", call.opening)
    if call.deadline_model is DeadlineModel.CONTINUOUS and not call.deadlines:
        dates["closeDate"] = {"name": "Deadline", "eventType": "other", "details": call.closing(None)}
    count = len(call.deadlines)
    events = {
        number: _closing(f"Deadline {number} of {count}" if count > 1 else "Deadline", deadline)
        for number, deadline in enumerate(call.deadlines, 1)
    }
    if events:
        dates["closeDate"] = events.pop(len(call.entries))
    if events:
        dates["otherDates"] = {f"deadline{number}": event for number, event in events.items()}
    return dates


def _event(name: str, day: dt.date) -> dict[str, Any]:
    return {"name": name, "eventType": "singleDate", "date": day.isoformat()}


def _closing(name: str, deadline: Deadline) -> dict[str, Any]:
    event = _event(name, deadline.moment.date())
    if not deadline.time_stated:
        return event
    return event | {"time": f"{deadline.moment:%H:%M:%S}", "description": "Brussels time"}


def _accepted(kind: Applicant) -> Iterator[dict[str, Any]]:
    for option in _APPLICANTS.get(kind, ()):
        yield {"value": option, "description": kind.value}
    if kind not in _APPLICANTS:
        yield {"value": "custom", "customValue": kind.value}


def _source(url: str | None) -> str | None:
    """Return an address if it is one for the protocol too, which allows less than browsers do."""
    try:
        _ADDRESS.validate_python(url)
    except ValidationError:
        return None
    return url


def _own_field(call: Call) -> dict[str, Any]:
    flat = call.flat()
    return {
        "name": OWN_FIELD,
        "fieldType": "object",
        "value": {name: value for name, value in flat.items() if name not in ("title", "text")},
        "description": "The call as vie_match has it, but for title and text",
    }


def _row(item: Any, place: str, path: Path) -> Row | Fault:
    lacking = [name for name in ("title", "description") if not isinstance(item, dict) or not item.get(name)]
    if lacking:
        found = f"{place} without {' and '.join(lacking)}"
        return Fault(path, None, found, "title and description, which a call cannot do without")
    own = _at(item, "customFields", OWN_FIELD, "value")
    values = own if isinstance(own, dict) else dict(_foreign(item))
    return Row(None, values | {"title": item["title"], "text": item["description"]}, place)


def _foreign(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what an opportunity of other people says in the protocol's own fields."""
    found = {
        "identifier": _identifier(item),
        "programme": _PROGRAMME_OF.get(str(_at(item, "funders", "primary", "name")), Programme.OTHER),
        "deadline_model": DeadlineModel.NOT_STATED,
        "opening": _day(_at(item, "keyDates", "postDate"), "startDate"),
        # Without its hour: the protocol does not say in which zone that is.
        "deadlines": [day] if (day := _day(_at(item, "keyDates", "closeDate"), "endDate")) else None,
        "eligible_applicants": _eligible(item.get("acceptedApplicantTypes")),
        "url": item.get("source"),
        "source": "CommonGrants document",
        "conditions": _at(item, "funding", "details"),
        # Some systems write none as zero.
        _COUNT: _at(item, "funding", _FUNDING[_COUNT]) or None,
        **{name: _euro(_at(item, "funding", place)) for name, place in _FUNDING.items() if name != _COUNT},
    }
    return ((name, value) for name, value in found.items() if value is not None)


def _at(data: Any, *keys: str) -> Any:
    """Return what stands below keys, or None."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _identifier(item: Mapping[str, Any]) -> Any:
    """Return the identifier of the topic, else a funding number, else another, else the record's id."""
    registries = _at(item, "identifiers", "otherIds")
    others = registries if isinstance(registries, dict) else {}
    candidates = (others.get(REGISTRY), _at(item, "identifiers", _FUNDING_NUMBER), *others.values())
    return next((one for one in map(_primary, candidates) if one), item.get("id"))


def _primary(registry: Any) -> Any:
    known = _at(registry, "allIds")
    active = (
        (_at(one, "id") for one in known if _at(one, "status") == "active") if isinstance(known, list) else ()
    )
    return _at(registry, "id") or next(iter(active), None)


def _day(event: Any, of_range: str) -> Any:
    return _at(event, "date") or _at(event, of_range)


def _euro(money: Any) -> Any:
    """Return an amount in whole euro; other currencies are unknown, other texts stay as they are."""
    if _at(money, "currency") != _EURO:
        return None
    amount = _at(money, "amount")
    found = _AMOUNT.fullmatch(amount) if isinstance(amount, str) else None
    return int(found[1]) if found else amount


def _eligible(accepted: Any) -> list[Applicant] | None:
    """Return the types of applicants; a list with one that is not understood would exclude by mistake."""
    found: list[Applicant] = []
    for one in accepted if isinstance(accepted, list) else ():
        value = str(_at(one, "value"))
        kind = _APPLICANT_OF.get(value)
        if value == "custom":
            kind = _custom(_at(one, "customValue"))
        if kind is None and value not in _NOT_OURS:
            return None
        found += [kind] if kind and kind not in found else []
    return found


def _custom(value: Any) -> Applicant | None:
    try:
        return vocabulary.parse(Applicant, str(value))
    except BadValue:
        return None
