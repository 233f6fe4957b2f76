"""How long a week's run takes when nothing is new: a fresh process, every vector in the cache.

The program itself is run, ``python -m vie_match report``, in a folder with made-up profiles and a store of
made-up calls. A run before fills the cache, with made-up vectors under the shipped encoder's id; what is
timed afterwards is the program as it is. If it missed a vector it would load the model, and that is told.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vie_match.evaluation import made_up
from vie_match.history import Harvest
from vie_match.records import BRUSSELS
from vie_match.settings import PREFIX, Settings
from vie_match.sources.files import file_name, save_file
from vie_match.store.calls import CallStore

_DAY = dt.date(2026, 12, 1)
_FETCHED = dt.datetime(2026, 11, 30, 12, tzinfo=BRUSSELS)
_SOURCE = "portal"

# The program as its users start it; at its end it tells what was imported and how much memory it held.
_PROGRAM = """
import atexit, runpy, sys
from pathlib import Path

def tell():
    from vie_match.evaluation import week
    Path({told!r}).write_text(week.state_of_process(), encoding="utf-8")

atexit.register(tell)
{before}
sys.argv = {argv!r}
runpy.run_module("vie_match", run_name="__main__", alter_sys=True)
"""

# What happens before, in the run that fills the cache.
_FILL = """
from vie_match.embedding import models
from vie_match.evaluation.made_up import GivenVectors
given = GivenVectors()
models.TransformerEncoder.encode = lambda self, texts: given.encode(texts)
"""

_LARGE = ("pandas", "scipy", "sentence_transformers", "sklearn", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class Week:
    """What was measured.

    Attributes
    ----------
    profiles, calls : int
        How many were ranked.
    seconds : float
        Median of the runs, from the start of the process to its end.
    runs_s : tuple of float
        Seconds of each run.
    imported : tuple of str
        Which of the large packages had been imported when it ended.
    peak_mb : float or None
        Most memory it held; None where the system does not tell.
    """

    profiles: int
    calls: int
    seconds: float
    runs_s: tuple[float, ...]
    imported: tuple[str, ...]
    peak_mb: float | None

    @property
    def loads_torch(self) -> bool:
        """Whether torch was imported."""
        return "torch" in self.imported


def measure(profiles: int = 15, calls: int = 1000, rounds: int = 3) -> Week:
    """Time ``vie-match report`` in fresh processes, in a temporary folder.

    Parameters
    ----------
    profiles, calls : int
        How many are made up.
    rounds : int
        Runs that are timed, 1 or more.

    Raises
    ------
    RuntimeError
        If the program fails, with what it said.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder, profiles, calls)
        _run(folder, before=_FILL)
        runs = [_timed(folder) for _ in range(rounds)]
    states = [state for _, state in runs]
    seconds = tuple(one for one, _ in runs)
    return Week(
        profiles=profiles,
        calls=calls,
        seconds=statistics.median(seconds),
        runs_s=seconds,
        imported=tuple(sorted({name for state in states for name in state["imported"]})),
        peak_mb=max((state["peak_mb"] for state in states if state["peak_mb"]), default=None),
    )


def state_of_process() -> str:
    """Return, as JSON, which large packages this process has imported, and the most memory it has held."""
    imported = [name for name in _LARGE if name in sys.modules]
    # Imported here: the list above is to be that of the program.
    from vie_match.evaluation import speeds

    return json.dumps({"imported": imported, "peak_mb": speeds.peak_mb()})


def _fill(folder: Path, profiles: int, calls: int) -> None:
    """Write what the program finds: files of profiles, and a store that has just fetched the calls."""
    for profile in made_up.profiles(profiles):
        save_file(profile, folder / Settings().profiles / file_name(profile))
    store = CallStore(folder / Settings().store)
    with store.journal.run("fetch", _FETCHED) as run:
        store.take_over(run, _SOURCE, Harvest(made_up.calls(calls)))


def _timed(folder: Path) -> tuple[float, dict[str, Any]]:
    start = time.perf_counter()
    state = _run(folder)
    return time.perf_counter() - start, state


def _run(folder: Path, before: str = "") -> dict[str, Any]:
    """Run the program in a folder and return what it told at its end."""
    state = folder / "told.json"
    argv = ["vie-match", "report", "--today", f"{_DAY}"]
    program = _PROGRAM.format(told=str(state), before=before, argv=argv)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment[f"{PREFIX}CACHE"] = str(folder / "cache")
    # This package, wherever it lies, also in a checkout that is not installed.
    here = [str(Path(__file__).parents[2]), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(here)
    done = subprocess.run(  # noqa: S603 - this interpreter, and a program written here
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"vie-match report ended with {done.returncode}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
    return told
