"""A command line that is wrong: what was found, what is expected, in the language of this run.

Typer says it in English only, and in other words than the rest of this program.
"""

from __future__ import annotations

import re
from typing import Any

import typer

from vie_match.errors import near_miss
from vie_match.messages import M_

# Of all its errors typer exports only the one for a bad value; wrong usage is what it descends from.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

_CHOICES = re.compile(r".*?'(?P<found>.*)' is not one of (?P<choices>.+)\.", re.DOTALL)
_DAY = re.compile(r".*?'(?P<found>.*)' does not match the formats? .*", re.DOTALL)
_AT_LEAST = re.compile(r"greater than or equal to (?P<number>[\d.]+)")
_COMMAND = re.compile(r"No such command '(?P<found>.*?)'\..*", re.DOTALL)
_SURPLUS = re.compile(r"Got unexpected extra arguments? ?(?:\(s\) )?\((?P<found>.*)\)", re.DOTALL)
_NO_VALUE = re.compile(r"Option '(?P<found>.*)' requires an argument.*", re.DOTALL)


def told(error: Any) -> str:
    """Return what is wrong with a command line.

    Parameters
    ----------
    error : UsageError

    Returns
    -------
    str
        A :class:`~vie_match.messages.Message`, unless typer found something that is not known here.
    """
    message = str(error.message)
    parameter = getattr(error, "param", None)
    if option := getattr(error, "option_name", None):
        return _option(str(option), error)
    if parameter is not None:
        name = _name(parameter)
        if not message:
            return M_("found no {name}; expected one", name=name)
        return _value(name, message, _cause(error))
    if found := _COMMAND.fullmatch(message):
        near = near_miss(found["found"], getattr(getattr(error.ctx, "command", None), "commands", {}))
        return M_(
            "found the command {name}{near}; expected one that vie-match --help lists",
            name=repr(found["found"]),
            near=near,
        )
    if found := _SURPLUS.fullmatch(message):
        return M_(
            "found {words} too many; expected fewer words, or a text with blanks in quotes",
            words=found["found"],
        )
    return message


def _option(name: str, error: Any) -> str:
    if _NO_VALUE.fullmatch(str(error.message)):
        return M_("found {name} without a value; expected one behind it", name=name)
    if (known := getattr(error, "possibilities", None)) is None:
        return str(error.message)
    command = getattr(error.ctx, "command", None)
    options = [one for parameter in getattr(command, "params", ()) for one in parameter.opts]
    near = near_miss(name, [*known, *options])
    return M_("found {name}{near}; expected an option of this command", name=name, near=near)


def _value(name: str, message: str, value: str | None) -> str:
    if found := _CHOICES.fullmatch(message):
        choices = re.findall(r"'([^']+)'", found["choices"])
        near, listed = near_miss(found["found"], choices), ", ".join(choices)
        return M_(
            "found {name} {value}{near}; expected one of: {choices}",
            name=name,
            value=repr(found["found"]),
            near=near,
            choices=listed,
        )
    if found := _DAY.fullmatch(message):
        return M_(
            "found {name} {value}; expected a day as in 2026-11-24", name=name, value=repr(found["found"])
        )
    if found := _AT_LEAST.search(message):
        return M_(
            "found {name} {value}; expected {number} or more",
            name=name,
            value=value or "",
            number=found["number"],
        )
    if "valid integer" in message:
        return M_("found {name} {value}; expected a whole number", name=name, value=value or "")
    return f"{name}: {message}" if value else message


def _cause(error: Any) -> str | None:
    """Return the value that pydantic refused, as it was typed."""
    details = getattr(error.__cause__, "errors", None)
    return repr(details()[0]["input"]) if details else None


def _name(parameter: Any) -> str:
    option = str(max(parameter.opts, key=len))
    return option if option.startswith("-") else option.upper()
