"""JSON as no service should send it: arbitrary values, and fixtures with places replaced, dropped, cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import reduce
from typing import Any

from hypothesis import strategies as st
from mutated import NASTY

# An answer in, the same answer out, changed in place.
Step = Callable[[Any], Any]

# Stands for the identifier of the entry into which a text is put.
MINE = "<identifier>"

_KEYS = ("results", "totalResults", "metadata", "facets", "name", "values")
_STRANGE = ("\ud800", "NaN", "-0", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")


def _one_of(choices: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Choose by number: strategies are shown with all their choices, and these are long."""
    return st.integers(0, len(choices) - 1).map(lambda number: choices[number])


_shares = st.floats(0, 1)
_texts = st.one_of(st.text(st.characters(), max_size=30), _one_of((*NASTY, *_STRANGE)))
_numbers = st.one_of(st.integers(-3, 10**13), st.floats(), _one_of([10**400, -(10**400), 10**12, 0.4, True]))
values = st.recursive(
    st.one_of(st.none(), _numbers, _texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(_KEYS), _texts), inner, max_size=4),
    ),
    max_leaves=12,
)

_rows = st.fixed_dictionaries(
    {"action": st.one_of(st.just(f"{MINE} - RIA"), values)},
    optional={
        "minContribution": values,
        "maxContribution": values,
        "expectedGrants": values,
        "budgetYearMap": st.one_of(values, st.dictionaries(st.just("2027"), values)),
    },
)
_actions = st.fixed_dictionaries(
    {},
    optional={
        "deadlineDates": st.one_of(values, st.lists(_texts)),
        "plannedOpeningDate": values,
        "submissionProcedure": st.one_of(values, st.dictionaries(st.just("abbreviation"), values)),
    },
)
# Texts that hold JSON, or what is left of it.
_json_texts = st.one_of(
    st.lists(_actions, max_size=2).map(json.dumps),
    st.lists(_rows, max_size=3).map(lambda rows: json.dumps({"budgetTopicActionMap": {"1": rows}})),
    st.dictionaries(st.just("budgetTopicActionMap"), values).map(json.dumps),
    _one_of(["[" * 100_000, '{"a":' * 3_000, '[{"deadlineDates": [' + "9" * 5000 + "]}]"]),
)


def changed(pages: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Answers with up to four places changed."""
    return st.builds(
        lambda page, steps: reduce(lambda value, step: step(value), steps, deepcopy(page)),
        _one_of(pages),
        _steps,
    )


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (container, key or index) of everything below a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


def _at(share: float, change: Callable[[Any, Any], None]) -> Step:
    def step(page: Any) -> Any:
        found = list(places(page))
        if found:
            change(*found[int(share * (len(found) - 1))])
        return page

    return step


def _replaced(share: float, new: Any) -> Step:
    return _at(share, lambda container, key: container.__setitem__(key, deepcopy(new)))


def _dropped(share: float) -> Step:
    return _at(share, lambda container, key: container.__delitem__(key))


def _cut(share: float, kept: float) -> Step:
    def change(container: Any, key: Any) -> None:
        if isinstance(container[key], str | list):
            container[key] = container[key][: int(kept * len(container[key]))]

    return _at(share, change)


def _told(name: str, texts: Any) -> Step:
    """Give every entry other values of one key."""

    def step(page: Any) -> Any:
        for container, key in list(places(page)):
            if key == "metadata" and isinstance(container[key], dict):
                container[key][name] = _mine(texts, container[key].get("identifier"))
        return page

    return step


def _mine(texts: Any, identifier: Any) -> Any:
    if not (isinstance(texts, list) and isinstance(identifier, list) and identifier):
        return deepcopy(texts)
    return [text.replace(MINE, str(identifier[0])) if isinstance(text, str) else text for text in texts]


_PLAIN = (
    "identifier type title caName descriptionByte topicConditions startDate deadlineDate deadlineModel "
    "frameworkProgramme typesOfAction"
).split()
_steps = st.lists(
    st.one_of(
        st.builds(_replaced, _shares, values),
        st.builds(_dropped, _shares),
        st.builds(_cut, _shares, _shares),
        st.builds(_told, st.sampled_from(_PLAIN), st.one_of(values, st.lists(_texts, max_size=2))),
        st.builds(_told, st.sampled_from(["actions", "budgetOverview"]), st.lists(_json_texts, max_size=1)),
    ),
    min_size=1,
    max_size=4,
)
