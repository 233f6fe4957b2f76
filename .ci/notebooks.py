"""Runs the notebooks and keeps their outputs, without what differs from run to run.

``python .ci/notebooks.py [NAME…]``; needs what the tests need. Times and the kernel's version are left out:
a change of an output is a change of what it says.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
SECONDS = 300


def executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook run from its own folder; an error in a cell is an error here.

    Parameters
    ----------
    path : Path
    """
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book,
        timeout=SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return book


def _slim(book: nbformat.NotebookNode) -> None:
    """Leave out words to the terminal, and the plain form of what has a rich one: of a record it is long."""
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
        for one in cell.get("outputs", ()):
            if {"text/html", "image/svg+xml"} & set(one.get("data", ())):
                one.data.pop("text/plain", None)


def main() -> None:
    """Run those that are named, or all."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if sys.argv[1:] and path.stem not in sys.argv[1:]:
            continue
        began = time.perf_counter()
        book = executed(path)
        book.metadata = {name: book.metadata[name] for name in ("kernelspec",)}
        book.metadata["language_info"] = {"name": "python"}
        _slim(book)
        nbformat.write(book, path)
        sys.stderr.write(
            f"{path.name}: {time.perf_counter() - began:.0f} s, {path.stat().st_size // 1000} kB\n"
        )


if __name__ == "__main__":
    main()
