"""Docstrings name the parameters that are there, all of them, and no others."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import vie_match

_SECTION = re.compile(r"^Parameters\n-{10}\n(?P<body>.*?)(?=^\w[\w ]*\n-{3,}$|\Z)", re.DOTALL | re.MULTILINE)


def documented() -> Iterator[tuple[str, Callable[..., Any]]]:
    for info in pkgutil.walk_packages(vie_match.__path__, "vie_match."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, item in vars(module).items():
            if getattr(item, "__module__", "") != info.name or not (
                inspect.isclass(item) or inspect.isfunction(item)
            ):
                continue
            yield f"{info.name}.{name}", item
            for method, function in vars(item).items() if inspect.isclass(item) else ():
                if inspect.isfunction(function):
                    yield f"{info.name}.{name}.{method}", function


def names_in(docstring: str) -> list[str] | None:
    section = _SECTION.search(docstring)
    if section is None:
        return None
    lines = [line.partition(" : ")[0] for line in section["body"].splitlines() if line[:1].strip()]
    return [name.strip(" *") for line in lines for name in line.split(",")]


WITH_PARAMETERS = {
    name: (item, names)
    for name, item in documented()
    if (names := names_in(inspect.getdoc(item) or "")) is not None
}


def test_the_section_is_found_where_there_is_one() -> None:
    assert len(WITH_PARAMETERS) > 30
    assert names_in(
        "Do.\n\nParameters\n----------\na, b : int\n    Two.\n**more\n\nReturns\n-------\nint"
    ) == [
        "a",
        "b",
        "more",
    ]


@pytest.mark.parametrize("name", sorted(WITH_PARAMETERS))
def test_the_parameters_of_a_docstring_are_those_of_the_signature(name: str) -> None:
    item, names = WITH_PARAMETERS[name]
    signature = [one for one in inspect.signature(item).parameters if one not in ("self", "cls")]
    assert names == signature
