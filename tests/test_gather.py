"""Asking all sources in turn: what one does must not touch the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match.errors import (
    BadValue,
    ListShrunk,
    SourceChanged,
    SourceDown,
    SourceRefused,
    VieMatchError,
)
from vie_match.history import Harvest
from vie_match.records import BRUSSELS, Call
from vie_match.settings import SourceSettings
from vie_match.sources import gather
from vie_match.sources.gather import Source
from vie_match.store.calls import CallStore
from vie_match.vocabulary import ReadingState

MOMENT = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)
MakeCall = Callable[..., Call]


class World:
    """Sources that answer what a test puts into them."""

    def __init__(self, store: CallStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = store
        self.answers: dict[str, Harvest | VieMatchError] = {}
        self.asked: list[tuple[str, str, dt.date]] = []
        sources = {name: Source(f"The {name}", f"https://{name}.eu/", self._fetch(name)) for name in "abc"}
        monkeypatch.setattr(gather, "SOURCES", sources)

    def _fetch(self, name: str) -> Callable[..., Harvest]:
        def fetch(session: object, url: str, today: dt.date) -> Harvest:
            self.asked.append((name, url, today))
            answer = self.answers[name]
            if isinstance(answer, VieMatchError):
                raise answer
            return answer

        return fetch

    def gather(self, *, accept: bool = False) -> list[gather.Gathered]:
        with self.store.journal.run("fetch", MOMENT) as run:
            told = gather.gather(
                self.store,
                run,
                None,  # type: ignore[arg-type]
                gather.addresses({}),
                accept=accept,
            )
            return list(told)

    def known(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in self.store.sightings():
            found.setdefault(one.source, set()).add(one.call.identifier)
        return found


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(CallStore(tmp_path / "store.db"), monkeypatch)


def harvest(make_call: MakeCall, *names: str, is_whole: bool = True) -> Harvest:
    return Harvest(tuple(map(make_call, names)), is_whole=is_whole)


@pytest.mark.parametrize("kind", [SourceDown, SourceChanged, SourceRefused])
def test_one_source_that_fails_stops_none_and_loses_nothing(
    world: World, make_call: MakeCall, kind: type[VieMatchError]
) -> None:
    world.answers = {name: harvest(make_call, f"{name}-1") for name in "abc"}
    world.gather()
    world.answers = {
        "a": harvest(make_call, "a-1", "a-2"),
        "b": kind("found a wall"),
        "c": harvest(make_call, "c-2"),
    }
    told = world.gather()
    assert [one.reading.state for one in told] == [
        ReadingState.TAKEN_OVER,
        ReadingState.FAILED,
        ReadingState.TAKEN_OVER,
    ]
    assert told[1].error is world.answers["b"]
    assert told[1].reading.message == "found a wall"
    assert world.known() == {"a": {"a-1", "a-2"}, "b": {"b-1"}, "c": {"c-2"}}


def test_a_list_that_has_shrunk_is_held_back_until_it_is_accepted(world: World, make_call: MakeCall) -> None:
    world.answers = {name: harvest(make_call, *(f"{name}-{n}" for n in range(10))) for name in "abc"}
    world.gather()
    world.answers["b"] = harvest(make_call, "b-0")
    held = world.gather()[1]
    assert held.reading.state is ReadingState.HELD_BACK
    assert isinstance(held.error, ListShrunk)
    assert len(world.known()["b"]) == 10
    assert world.gather(accept=True)[1].error is None
    assert world.known()["b"] == {"b-0"}


def test_what_gave_no_answer_is_not_taken_for_gone(world: World, make_call: MakeCall) -> None:
    world.answers = {name: harvest(make_call, f"{name}-1", f"{name}-2", f"{name}-3") for name in "abc"}
    world.gather()
    world.answers["a"] = harvest(make_call, "a-4", is_whole=False)
    assert world.gather()[0].reading.state is ReadingState.TAKEN_IN_PART
    assert world.known()["a"] == {"a-1", "a-2", "a-3", "a-4"}
    world.answers["a"] = harvest(make_call, "a-3", "a-4")
    world.gather()
    assert world.known()["a"] == {"a-3", "a-4"}


def test_sources_are_asked_at_their_address_on_the_day(world: World, make_call: MakeCall) -> None:
    world.answers = {name: harvest(make_call, name) for name in "abc"}
    world.gather()
    assert world.asked == [(name, f"https://{name}.eu", MOMENT.date()) for name in "abc"]


@pytest.mark.parametrize(
    ("settings", "wanted", "found"),
    [
        ({}, [], {"a": "https://a.eu", "b": "https://b.eu", "c": "https://c.eu"}),
        ({"b": {"enabled": False}}, [], {"a": "https://a.eu", "c": "https://c.eu"}),
        ({"b": {"enabled": False}}, ["b"], {"b": "https://b.eu"}),
        ({"a": {"url": "http://127.0.0.1:7/x/"}}, ["a"], {"a": "http://127.0.0.1:7/x"}),
    ],
)
@pytest.mark.usefixtures("world")
def test_which_sources_are_asked(
    settings: dict[str, dict[str, object]], wanted: list[str], found: dict[str, str]
) -> None:
    given = {name: SourceSettings.model_validate(values) for name, values in settings.items()}
    assert gather.addresses(given, wanted) == found


@pytest.mark.parametrize(("settings", "wanted"), [({"portall": SourceSettings()}, []), ({}, ["portall"])])
def test_a_source_that_does_not_exist_is_named(
    settings: dict[str, SourceSettings], wanted: list[str]
) -> None:
    with pytest.raises(
        BadValue, match=r"no source 'portall' \(did you mean portal\?\); there are: portal, eui"
    ):
        gather.addresses(settings, wanted)


def test_every_source_has_a_name_for_people_and_an_address() -> None:
    for source in gather.SOURCES.values():
        assert source.name
        assert source.url.startswith("https://")
