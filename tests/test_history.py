"""The store beside a plain model of it, through any course of runs."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from stored import DAY, NOON, no_power_cuts

from vie_match.history import Harvest, Reading, Sighting
from vie_match.records import Call
from vie_match.store.calls import CallStore


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with no_power_cuts():
        yield


Key = tuple[str, str]

_SOURCES = ("portal", "portico", "import a.csv")
_TOLD = st.dictionaries(
    st.sampled_from(["A-1", "B-2", "Ç-3", "d-4", "D-5"]),
    st.tuples(st.sampled_from(["Trees", "Shade"]), st.sampled_from([None, "2026-11-01", "2026-11-02"])),
    max_size=5,
)


def _call(identifier: str, title: str, date: str | None) -> Call:
    return Call.model_validate(
        {
            "identifier": identifier,
            "title": title,
            "programme": "LIFE",
            "deadlines": ["2027-10-07"],
            "source_date": date,
            "text": "Trees.",
        }
    )


def _undated(call: Call) -> Call:
    return call.model_copy(update={"source_date": None})


def _undated_sighting(one: Sighting) -> Sighting:
    return replace(one, call=_undated(one.call))


class History(RuleBasedStateMachine):
    """The store beside a plain model of it: after each run, everything that was known."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = CallStore(Path(self.folder.name) / "store.db")
        self.first: dict[Key, dt.datetime] = {}
        self.states: list[dict[Key, Sighting]] = [{}]
        self.readings: list[list[Reading]] = []

    @rule(
        days=st.integers(0, 3),
        told=st.dictionaries(st.sampled_from(_SOURCES), _TOLD | st.none(), max_size=3),
        accept=st.booleans(),
        breaks=st.booleans(),
    )
    def fetch(
        self,
        days: int,
        told: Mapping[str, Mapping[str, tuple[str, str | None]] | None],
        accept: bool,
        breaks: bool,
    ) -> None:
        moment = NOON + days * DAY
        state = dict(self.states[-1])
        readings = []
        try:
            with self.store.journal.run("fetch", moment) as run:
                for source, entries in told.items():
                    if entries is None:
                        reading = self.store.journal.note_failure(run, source, "no answer")
                    else:
                        calls = tuple(_call(key, *facts) for key, facts in entries.items())
                        reading = self.store.take_over(run, source, Harvest(calls), accept=accept)
                        state = self._expected(state, source, calls, moment, accept)
                    readings.append(reading)
                if breaks:
                    raise KeyError
        except KeyError:
            pass
        self.states.append(state)
        self.readings.append(readings)

    def _expected(
        self,
        state: dict[Key, Sighting],
        source: str,
        calls: tuple[Call, ...],
        moment: dt.datetime,
        accept: bool,
    ) -> dict[Key, Sighting]:
        before = {key: one for key, one in state.items() if key[0] == source}
        if not accept and 2 * len(calls) < len(before):
            return state
        others = {key: one for key, one in state.items() if key[0] != source}
        for call in calls:
            key = source, call.identifier.casefold()
            old = before.get(key)
            same = old is not None and _undated(old.call) == _undated(call)
            first = self.first.setdefault(key, moment)
            others[key] = Sighting(source, old.call if same and not call.source_date else call, first, moment)
        return others

    @rule()
    def begin_anew(self) -> None:
        self.store = CallStore(self.store.path)

    @invariant()
    def present_is_known(self) -> None:
        assert self.store.sightings() == [one for _, one in sorted(self.states[-1].items())]

    def teardown(self) -> None:
        runs = self.store.journal.runs()
        assert len(runs) == len(self.readings)
        for run, state, readings in zip(runs, self.states[1:], self.readings, strict=True):
            # A day that was renewed later is renewed in earlier states, too: it is no new version.
            expected = [_undated_sighting(one) for _, one in sorted(state.items())]
            assert list(map(_undated_sighting, self.store.sightings(run))) == expected
            assert self.store.journal.readings(run) == sorted(readings, key=lambda one: one.source)
        self.folder.cleanup()


History.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestHistory = History.TestCase
