"""What a record's own checks complain about, in words for people who do not program."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from vie_match.errors import near_miss
from vie_match.records import Budget

KeyPath = tuple[str | int, ...]

# Characters of a wrong value that an error message repeats.
_SHOWN = 120

# Shows lists within lists without following them down for ever.
_NESTED = reprlib.Repr()
_NESTED.maxstring = _NESTED.maxother = _SHOWN

# What pydantic's own checks expect.
_PLAIN_WORDS = {
    "int_type": "a whole number, digits only, as in 1800000",
    "int_from_float": "a whole number, digits only, as in 1800000",
    "int_parsing_size": "a smaller number",
    "less_than_equal": "a smaller number",
    "greater_than_equal": "a larger number",
    "string_too_long": "a shorter text",
    "string_unicode": "a text without broken characters",
    "enum": "one word of the list",
    "float_parsing": "a number with a decimal point, as in 51.34",
    "float_type": "a number with a decimal point, as in 51.34",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_too_short": "some text",
    "string_pattern_mismatch": "another form",
    "string_type": "a text; put it in quotes",
    "tuple_type": "a list in square brackets, as in [a, b]",
    "model_type": "keys of its own, indented below",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the values of one record.

    Attributes
    ----------
    at : tuple of str or int
        Keys and positions that lead to the value, in the flat form of files; empty when several values
        contradict each other.
    found : str
    expected : str
    """

    at: KeyPath
    found: str
    expected: str


def findings(
    error: ValidationError, kind: type[BaseModel], elsewhere: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """Yield what is wrong with a record.

    Parameters
    ----------
    error : ValidationError
        Of the record's own checks.
    kind : type
        The record.
    elsewhere : frozenset of str, optional
        Fields that do not stand among the keys, and are not offered as such.

    Examples
    --------
    >>> from vie_match.records import Call
    >>> try:
    ...     Call.model_validate({"identifier": "X", "titel": "Trees", "programme": "LIVE", "text": "Shade."})
    ... except ValidationError as error:
    ...     [one.found for one in findings(error, Call)]
    ['no title', "programme: 'LIVE'", "the unknown key 'titel'"]
    """
    for detail in error.errors(include_url=False):
        at = detail["loc"]
        # The budget's fields stand beside the others.
        at = at[1:] if at[:1] == ("budget",) and len(at) > 1 else at
        names = [part for part in at if isinstance(part, str)]
        fields = _fields_at(kind, names[:-1], elsewhere)
        found = _found(at, detail["input"])
        if detail["type"] == "extra_forbidden":
            known = f"a known key{near_miss(names[-1], fields)}; all: {', '.join(sorted(fields))}"
            yield Finding(at, f"the unknown key {_key(at)!r}", known)
        elif detail["type"] == "missing":
            yield Finding(at, f"no {_key(at)}", _expected(fields, names, "a value"))
        elif detail["type"] == "value_error":
            # Our own validators say "… is not a …; what is expected", or only the latter.
            message = detail["msg"].removeprefix("Value error, ")
            yield Finding(at, found, message.partition("; ")[2] or message)
        else:
            message = _PLAIN_WORDS.get(detail["type"], detail["msg"])
            yield Finding(at, found, _expected(fields, names, message))


def shown(value: Any) -> str:
    """Return a value as an error message repeats it, long ones cut.

    Examples
    --------
    >>> shown("=1+1"), len(shown("a" * 1000))
    ("'=1+1'", 121)
    """
    text = repr(value) if isinstance(value, str) else _NESTED.repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _key(at: KeyPath) -> str:
    return ".".join(map(str, at))


def _found(at: KeyPath, value: Any) -> str:
    if at:
        return f"{_key(at)}: {shown(value)}"
    return "values that do not go together" if isinstance(value, dict) else shown(value)


def _expected(fields: dict[str, Any], names: list[str], message: str) -> str:
    """Add the field's own description (unit, form) to the validator's words."""
    description = getattr(fields.get(names[-1]), "description", None) if names else None
    return f"{message} ({description})" if description else message


def _fields_at(kind: type[BaseModel], names: list[str], elsewhere: frozenset[str]) -> dict[str, Any]:
    """Return the fields of the record that keys lead to, in the flat form of files."""
    fields: dict[str, Any] = dict(kind.model_fields)
    for name in names:
        fields = _nested_fields(fields.get(name))
    if "budget" in fields:
        del fields["budget"]
        fields |= Budget.model_fields
    return {name: field for name, field in fields.items() if name not in elsewhere}


def _nested_fields(field: Any) -> dict[str, Any]:
    annotation = getattr(field, "annotation", None)
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return dict(candidate.model_fields)
    return {}
