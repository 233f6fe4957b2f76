"""The notebooks run from their own folder without an error; what is kept of their outputs is small."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

# Pages, not megabytes; a notebook with a map or two is the largest.
MOST_BYTES = 100_000


def outputs(book: nbformat.NotebookNode) -> list[dict[str, Any]]:
    return [one for cell in book.cells if cell.cell_type == "code" for one in cell.outputs]


@pytest.fixture(scope="module")
def runner(root: Path) -> ModuleType:
    """The script that runs the notebooks."""
    spec = importlib.util.spec_from_file_location("notebooks", root / ".ci" / "notebooks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_five_and_the_readme_names_them() -> None:
    assert [path.stem[0] for path in NOTEBOOKS] == list("12345")
    told = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\S+\.ipynb)\)", told) == [path.name for path in NOTEBOOKS]


@by_name
def test_each_is_valid_says_what_one_learns_and_asks_to_try(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert book.cells[0].cell_type == "markdown"
    assert book.cells[0].source.startswith("# ")
    assert "What you learn here" in book.cells[0].source
    assert any("## Try it yourself" in one.source for one in book.cells if one.cell_type == "markdown")


@by_name
def test_what_is_kept_is_small_and_says_nothing_of_the_machine(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    kept = outputs(book)
    assert kept
    assert path.stat().st_size < MOST_BYTES
    assert {one["output_type"] for one in kept} <= {"execute_result", "display_data", "stream"}
    told = json.dumps(kept)
    assert not re.search(r"site-packages|/home/|/tmp/|/root/|0x[0-9a-f]{8}|Traceback", told)
    assert all(cell.execution_count == number for number, cell in enumerate(_code(book), 1))
    assert set(book.metadata) == {"kernelspec", "language_info"}


def _code(book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


@pytest.mark.model
# The kernel's own sockets and loop, closed late by its client.
@pytest.mark.filterwarnings("default")
@by_name
def test_each_runs_without_an_error(path: Path, runner: ModuleType) -> None:
    book = runner.executed(path)
    assert not [one for one in outputs(book) if one["output_type"] == "error"]
    assert [cell.execution_count for cell in _code(book)] == list(range(1, len(_code(book)) + 1))


def test_a_cell_that_fails_fails_the_run(runner: ModuleType, tmp_path: Path) -> None:
    from nbclient.exceptions import CellExecutionError

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    path = tmp_path / "broken.ipynb"
    nbformat.write(book, path)
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        runner.executed(path)
