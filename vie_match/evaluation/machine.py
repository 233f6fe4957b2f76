"""What a figure of speed was measured on: the processor, and the versions of what computes."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import vie_match

_PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "transformers", "sentence-transformers")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine.

    Attributes
    ----------
    processor : str
        As the system names it.
    cores : int
        Those this process may use.
    system : str
        Operating system and architecture.
    versions : dict of str to str
        Python, this package and what it computes with.
    """

    processor: str
    cores: int
    system: str
    versions: dict[str, str]


def machine() -> Machine:
    """Return this machine, with what is installed; nothing is imported for it."""
    return Machine(
        processor=_processor(),
        cores=_cores(),
        system=f"{platform.system()} {platform.machine()}",
        versions={
            "python": platform.python_version(),
            "vie-match": vie_match.__version__,
            **{name: _version(name) for name in _PACKAGES},
        },
    )


def _processor(listing: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = listing.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown"


def _cores() -> int:
    # Fewer than the machine has, where a container or the user says so.
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
