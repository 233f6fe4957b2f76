"""The names at the top of the package: documented with examples that run, typed to the last parameter."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pydantic import BaseModel

import vie_match

PUBLIC = {name: getattr(vie_match, name) for name in vie_match.__all__}
_HEADING = re.compile(r"^(\w+)\n-{3,}$", re.MULTILINE)

# What module-level type hints of the package name only for type checkers.
_FOR_CHECKERS = {"pd": pd, "NDArray": NDArray, "np": np}


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public functions, and the public methods of public classes that the package wrote."""
    for name, item in PUBLIC.items():
        if not inspect.isclass(item):
            yield name, item
            continue
        for method, function in vars(item).items():
            if inspect.isfunction(function) and not method.startswith("_"):
                yield f"{name}.{method}", function


def sections(item: object) -> set[str]:
    return set(_HEADING.findall(inspect.getdoc(item) or ""))


def parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls", "y")]


FUNCTIONS = dict(callables())


def test_there_is_something_to_look_at() -> None:
    assert {"Matcher.fit", "Matcher.rank", "load_calls", "calls_frame"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_name_has_an_example_that_is_run(name: str) -> None:
    # Run by --doctest-modules, in the module the name is from.
    told = inspect.getdoc(PUBLIC[name]) or ""
    assert "Examples" in sections(PUBLIC[name])
    assert ">>> " in told
    assert "+SKIP" not in told


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_with_several_parameters_says_what_they_are(name: str) -> None:
    function = FUNCTIONS[name]
    several = len(parameters(function)) > 1 or "." not in name
    assert not (several and parameters(function)) or "Parameters" in sections(function)


@pytest.mark.parametrize("name", sorted(one for one in FUNCTIONS if "." not in one))
def test_every_function_says_what_it_returns(name: str) -> None:
    assert "Returns" in sections(FUNCTIONS[name])


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_parameter_and_result_has_a_type(name: str) -> None:
    function = FUNCTIONS[name]
    names = vars(inspect.getmodule(function)) | _FOR_CHECKERS
    hints = typing.get_type_hints(function, names)
    assert {*parameters(function), "return"} <= set(hints)
    assert Any not in hints.values()


@pytest.mark.parametrize(
    "name",
    sorted(one for one, item in PUBLIC.items() if inspect.isclass(item) and issubclass(item, BaseModel)),
)
def test_records_are_frozen_and_refuse_what_they_do_not_know(name: str) -> None:
    assert PUBLIC[name].model_config["frozen"] is True
    assert PUBLIC[name].model_config["extra"] == "forbid"


def test_the_package_says_that_it_is_typed() -> None:
    assert files("vie_match").joinpath("py.typed").is_file()


def test_the_lazy_names_and_those_for_checkers_are_the_same() -> None:
    assert set(vie_match._HOMES) == set(vie_match.__all__)
    source = inspect.getsource(vie_match)
    block = source.partition("if TYPE_CHECKING:")[2].partition("__version__")[0]
    assert set(re.findall(r"\w+", block)) >= set(vie_match.__all__)
