"""Floors: bounds that no change may push a benchmark's figures across, pinned with the data they hold for.

The file is JSON: ``data`` (SHA-256 of the benchmark's files), ``at_least`` and ``at_most`` (figure → bound).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vie_match.errors import BadFile, BelowFloor, Fault


class Floors(BaseModel):
    """The bounds of one benchmark."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="fingerprint of the benchmark's files")]
    at_least: dict[str, float] = {}
    at_most: dict[str, float] = {}


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of a benchmark's data files, also in folders below it: names and contents."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.jsonl*")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def check(figures: Mapping[str, float], file: Path, folder: Path) -> int:
    """Compare figures with their floors.

    Parameters
    ----------
    figures : mapping
        Name → value.
    file : Path
        The floors.
    folder : Path
        The benchmark they were measured on.

    Returns
    -------
    int
        How many bounds were kept.

    Raises
    ------
    BadFile
        If the file cannot be read, belongs to other data, or bounds a figure that was not measured.
    BelowFloor
        With every bound that is not kept.
    """
    floors = _read(file)
    found = fingerprint(folder)
    if floors.data != found:
        raise BadFile([Fault(file, None, f"floors of the data {floors.data}", f"those of {folder}: {found}")])
    bounds = floors.at_least | floors.at_most
    unknown = sorted(set(bounds) - set(figures))
    if unknown:
        raise BadFile([Fault(file, None, f"no figure {name!r}", _among(figures)) for name in unknown])
    missed = [
        f"{name} {figures[name]:.4f}, expected at least {bound}"
        for name, bound in floors.at_least.items()
        if not figures[name] >= bound
    ] + [
        f"{name} {figures[name]:.4f}, expected at most {bound}"
        for name, bound in floors.at_most.items()
        if not figures[name] <= bound
    ]
    if missed:
        raise BelowFloor("found " + "; ".join(missed))
    return len(bounds)


def _read(file: Path) -> Floors:
    try:
        return Floors.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadFile([Fault(file, None, str(error), "a JSON file with floors")]) from None
    except ValidationError as error:
        raise BadFile(
            Fault(file, None, f"{'.'.join(map(str, one['loc']))}: {one['msg']}", "data, at_least, at_most")
            for one in error.errors()
        ) from None


def _among(figures: Mapping[str, float]) -> str:
    return "one of: " + ", ".join(figures)
