"""What a record's own checks complain about, in words for people who do not program."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from vie_match.errors import Fault, near_miss
from vie_match.messages import M_, Message, said
from vie_match.records import Budget
from vie_match.speech import N_, speech

KeyPath = tuple[str | int, ...]

# Characters of a wrong value that an error message repeats.
_SHOWN = 120

# Shows lists within lists without following them down for ever.
_NESTED = reprlib.Repr()
_NESTED.maxstring = _NESTED.maxother = _SHOWN

# What pydantic's own checks expect.
_PLAIN_WORDS = {
    "whole_number": N_("a whole number, digits only, as in 1800000"),
    "iso_day": N_("a day as in 2026-11-24"),
    "int_type": N_("a whole number, digits only, as in 1800000"),
    "int_from_float": N_("a whole number, digits only, as in 1800000"),
    "int_parsing_size": N_("a smaller number"),
    "less_than_equal": N_("a smaller number"),
    "greater_than_equal": N_("a larger number"),
    "string_too_long": N_("a shorter text"),
    "string_unicode": N_("a text without broken characters"),
    "enum": N_("one word of the list"),
    "float_parsing": N_("a number with a decimal point, as in 0.85"),
    "float_type": N_("a number with a decimal point, as in 0.85"),
    "bool_parsing": N_("true or false"),
    "bool_type": N_("true or false"),
    "string_too_short": N_("some text"),
    "string_pattern_mismatch": N_("another form"),
    "string_type": N_("a text; put it in quotes"),
    "tuple_type": N_("a list in square brackets, as in [a, b]"),
    "model_type": N_("keys of its own, indented below"),
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
            near, known = near_miss(names[-1], fields), ", ".join(sorted(fields))
            expected = M_("a known key{near}; all: {keys}", near=near, keys=known)
            yield Finding(at, M_("the unknown key {key}", key=repr(_key(at))), expected)
        elif detail["type"] == "missing":
            yield Finding(at, M_("no {key}", key=_key(at)), _expected(fields, names, M_("a value")))
        elif detail["type"] == "value_error":
            yield Finding(at, found, _own_words(detail["ctx"]["error"]))
        else:
            plain = _PLAIN_WORDS.get(detail["type"])
            message = M_(plain) if plain else detail["msg"]
            yield Finding(at, found, _expected(fields, names, message))


def told(fault: Fault, language: str = "en") -> str:
    """Return a fault as people read it: place, what was found, what was expected.

    Parameters
    ----------
    fault : Fault
    language : str, optional
        What is a :class:`~vie_match.messages.Message` is said in it; the rest stays as it is.

    Examples
    --------
    >>> from pathlib import Path
    >>> told(Fault(Path("a.md"), 3, M_("no {key}", key="title"), M_("a value")), "de")
    'a.md:3: gefunden: kein title; erwartet: ein Wert'
    """
    _ = speech(language).gettext
    place = f"{fault.path}:{fault.line}" if fault.line else str(fault.path)
    pattern = _("{place}: found {found}; expected {expected}")
    return pattern.format(place=place, found=said(fault.found, _), expected=said(fault.expected, _))


def descriptions(*kinds: type[BaseModel]) -> Iterator[str]:
    """Yield what messages say of the fields of records, and of the records within them.

    Examples
    --------
    >>> from vie_match.records import Profile
    >>> "cost of the project, whole euro" in descriptions(Profile)
    True
    """
    for kind in kinds:
        for field in kind.model_fields.values():
            if field.description:
                yield field.description
            if within := _record_of(field):
                yield from descriptions(within)


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
    return M_("values that do not go together") if isinstance(value, dict) else shown(value)


def _own_words(error: Exception) -> str:
    """Return what our own validators expected: they say "… is not a …; what is expected", or the latter."""
    message = error.args[0] if error.args else ""
    if isinstance(message, Message) and isinstance(expected := message.gaps.get("expected"), str):
        return expected
    return message if isinstance(message, Message) else str(message).partition("; ")[2] or str(message)


def _expected(fields: dict[str, Any], names: list[str], message: str) -> str:
    """Add the field's own description (unit, form) to the validator's words."""
    description = getattr(fields.get(names[-1]), "description", None) if names else None
    return M_("{expected} ({field})", expected=message, field=M_(description)) if description else message


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
    within = _record_of(field)
    return dict(within.model_fields) if within else {}


def _record_of(field: Any) -> type[BaseModel] | None:
    """Return the record that stands in a field, alone or in a row."""
    annotation = getattr(field, "annotation", None)
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
