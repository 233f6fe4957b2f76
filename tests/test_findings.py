"""Faults in plain words: which key, what stood there, what should."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from vie_match.faults import Finding, findings, shown
from vie_match.records import Call, Profile

CALL = {
    "identifier": "X",
    "title": "Trees",
    "programme": "LIFE",
    "deadlines": ["2027-10-07"],
    "text": "Shade.",
}
PROFILE = {
    "id": "x-y",
    "title": "T",
    "language": "en",
    "city": {"name": "Town", "country": "DE"},
    "text": "S.",
}


def found(kind: type[BaseModel], values: dict[str, Any], **options: Any) -> list[Finding]:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(values)
    return list(findings(caught.value, kind, **options))


@pytest.mark.parametrize(
    ("changes", "at", "what", "expected"),
    [
        ({"grant_max_eur": "2.5"}, ("grant_max_eur",), "grant_max_eur: '2.5'", "a whole number, digits only"),
        ({"grant_max_eur": 2.5}, ("grant_max_eur",), "grant_max_eur: 2.5", "a whole number, digits only"),
        ({"cofunding_rate": 60}, ("cofunding_rate",), "cofunding_rate: 60", "(share of eligible cost"),
        ({"themes": ["heet"]}, ("themes", 0), "themes.0: 'heet'", "did you mean heat?"),
        ({"eligible_countries": [5]}, ("eligible_countries", 0), "eligible_countries.0: 5", "(countries (EL"),
        ({"themes": "heat"}, ("themes",), "themes: 'heat'", "a list in square brackets"),
        ({"deadlines": ["soon"]}, ("deadlines", 0), "deadlines.0: 'soon'", "a day like 2027-10-07"),
        ({"titel": 5}, ("titel",), "the unknown key 'titel'", "did you mean title?"),
        ({"title": ""}, ("title",), "title: ''", "some text (title)"),
        ({"deadlines": []}, (), "values that do not go together", "at least one deadline"),
        ({"\ud800": 1}, (), r"'\ud800'", "a text without broken characters"),
        ({"budget": 5}, ("budget",), "budget: 5", "keys of its own"),
    ],
)
def test_a_fault_of_a_call_is_said_plainly(
    changes: dict[str, Any], at: tuple[Any, ...], what: str, expected: str
) -> None:
    (one,) = found(Call, CALL | changes)
    assert (one.at, one.found) == (at, what)
    assert expected in one.expected


def test_a_missing_field_is_named_with_what_it_means() -> None:
    (one,) = found(Call, {name: value for name, value in CALL.items() if name != "identifier"})
    assert (one.found, one.expected) == (
        "no identifier",
        "a value (identifier of the topic or call, as its owner writes it)",
    )


def test_keys_within_keys_have_their_own_choices() -> None:
    (one,) = found(Profile, PROFILE | {"city": {"name": "Town", "country": "DE", "populaton": 5}})
    assert one.found == "the unknown key 'city.populaton'"
    assert "did you mean population?" in one.expected
    (one,) = found(Profile, PROFILE | {"partners": [{"name": "Town"}]})
    assert (one.at, one.found) == (("partners", 0, "country"), "no partners.0.country")


def test_what_stands_elsewhere_is_not_offered_as_a_key() -> None:
    offered = {
        option: found(Call, CALL | {"texts": 5}, **option_value)[0].expected
        for option, option_value in (("all", {}), ("text elsewhere", {"elsewhere": frozenset({"text"})}))
    }
    assert ", text," in offered["all"]
    assert ", text," not in offered["text elsewhere"]


def test_long_and_deep_values_are_cut() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    assert len(shown(deep)) < 100
    assert len(shown(["x" * 10_000] * 10_000)) <= 121
    (one,) = found(Call, CALL | {"opening": "x" * 10_000})
    assert len(one.found) < 150
