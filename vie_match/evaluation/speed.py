"""``vie-match evaluate speed``: what the ranking costs in time and memory.

The parts: :mod:`vie_match.evaluation.growth` (more calls), :mod:`vie_match.evaluation.week` (a run in which
nothing is new), :mod:`vie_match.evaluation.products` (the search in the vectors) and
:mod:`vie_match.evaluation.throughput` (the encoder).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vie_match.errors import InstallSomething, ModelUnavailable
from vie_match.evaluation import growth, made_up, products, throughput, week
from vie_match.evaluation.growth import Growth
from vie_match.evaluation.machine import Machine, machine
from vie_match.evaluation.products import Products
from vie_match.evaluation.throughput import Throughput
from vie_match.evaluation.week import Week
from vie_match.settings import Settings
from vie_match.sources.files import load_calls

WEEK_CALLS = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured.

    Attributes
    ----------
    day : str
        ISO date.
    command : str
        What gives these figures again.
    machine : Machine
    week : Week
    growth : tuple of Growth
    products : Products
    throughput : Throughput or None
        None where the model is not to be had; a note says why.
    notes : tuple of str
    """

    day: str
    command: str
    machine: Machine
    week: Week
    growth: tuple[Growth, ...]
    products: Products
    throughput: Throughput | None
    notes: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Return every figure as JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes
    ----------
    calls : int
        Most calls that are fitted and ranked; the week's run has at most a thousand.
    passages : int
        Vectors that are searched.
    texts : int
        Texts that are embedded, 2 or more.
    rounds : int
        How often each is timed; medians are told.
    """

    calls: int = 100_000
    passages: int = 100_000
    texts: int = 128
    rounds: int = 5

    @property
    def command(self) -> str:
        """The command line that measures this much."""
        return (
            f"vie-match evaluate speed --calls {self.calls} --passages {self.passages} "
            f"--texts {self.texts} --rounds {self.rounds}"
        )


def measure(
    settings: Settings, size: Size, today: dt.date, told: Callable[[str], None] = lambda part: None
) -> Report:
    """Measure all parts, one after the other.

    Parameters
    ----------
    settings : Settings
        For the encoder, and the folder of calls whose passages it embeds; without one they are made up.
    size : Size
    today : date
    told : callable, optional
        Called with the name of each part before it begins.
    """
    # A process is told to have held what the one that starts it held before: the small one comes first. Those
    # that know no torch come before it: its memory is not theirs.
    told("a week's run")
    weekly = week.measure(calls=min(WEEK_CALLS, size.calls), rounds=size.rounds)
    told("more and more calls")
    grown = growth.measure(size.calls)
    told("the search in the vectors")
    searched = products.measure(vectors=size.passages, rounds=size.rounds)
    told("the encoder")
    notes = []
    try:
        embedded = throughput.measure(settings, _texts(settings.calls, size.texts), size.rounds)
    except (ModelUnavailable, InstallSomething) as error:
        embedded = None
        notes.append(f"the encoder is left out: {error}")
    return Report(
        day=today.isoformat(),
        command=size.command,
        machine=machine(),
        week=weekly,
        growth=grown,
        products=searched,
        throughput=embedded,
        notes=tuple(notes),
    )


def _texts(folder: Path, count: int) -> Sequence[str]:
    found = throughput.sample(load_calls(folder), count) if folder.is_dir() else []
    # Each made-up call has several passages.
    return found if len(found) >= count else throughput.sample(made_up.calls(count), count)
