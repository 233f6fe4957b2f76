"""What graded projects tell of a call, by hand and by properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from vie_match.embedding.background import Background
from vie_match.embedding.encoder import HashingEncoder, Vectors
from vie_match.ranking import memory
from vie_match.ranking.fusion import FEATURES, MEMORY, Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.ranking.memory import Graded, Memory
from vie_match.records import Call, Profile

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

PROJECTS = (
    Graded("Cool streets. Trees for hot streets.", {"heat-1": 3, "open-1": 1}),
    Graded("Old trams. New brakes for old trams.", {"tram-1": 3, "open-1": 2}),
)


@pytest.fixture
def _projects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "graded", lambda: PROJECTS)


@pytest.fixture
def calls(make_call: MakeCall) -> list[Call]:
    return [make_call(name) for name in ("HEAT-1", "TRAM-1", "OPEN-1", "NEW-1")]


class Axes:
    """An encoder in which the two projects stand at right angles."""

    id, prompt = "axes", ""

    def encode(self, texts: Sequence[str]) -> Vectors:
        known = {one.text: row for one, row in zip(PROJECTS, np.eye(2), strict=True)}
        return np.array([known.get(text, np.zeros(2)) for text in texts], np.float32)


@pytest.mark.usefixtures("_projects")
def test_the_score_is_the_mean_gain_of_the_projects_weighed_by_likeness(calls: list[Call]) -> None:
    found = Memory(calls, Background(Axes())).scores(np.array([[1.0, 0.0], [0.8, 0.6]], np.float32))
    for row, products in zip(found, ([1.0, 0.0], [0.8, 0.6]), strict=True):
        weights = np.exp(np.array(products) / memory.TEMPERATURE)
        heat, tram = weights / weights.sum()
        assert row == pytest.approx(np.log1p([7 * heat, 7 * tram, 1 * heat + 3 * tram, 0]), abs=1e-6)


@pytest.mark.usefixtures("_projects")
def test_no_profile_and_no_known_call_are_no_trouble(calls: list[Call]) -> None:
    background = Background(Axes())
    assert Memory(calls, background).scores(np.zeros((0, 2), np.float32)).shape == (0, 4)
    assert (Memory(calls[3:], background).scores(np.eye(2, dtype=np.float32)) == 0).all()


@pytest.mark.usefixtures("_projects")
def test_two_tellings_of_a_call_are_told_the_same(calls: list[Call]) -> None:
    twice = [*calls, calls[0].model_copy(update={"text": "Short."})]
    found = Memory(twice, Background(Axes())).scores(np.eye(2, dtype=np.float32))
    assert found[:, 0] == pytest.approx(found[:, 4])
    assert found[0, 0] > 1


@pytest.mark.usefixtures("_projects")
def test_the_matcher_adds_it_only_where_it_has_a_weight(
    calls: list[Call], make_profile: MakeProfile, encoder: HashingEncoder
) -> None:
    profile = make_profile(title="Cool streets", text="Trees for hot streets.")
    scales = dict.fromkeys(FEATURES, 1.0)
    plain = Fusion("", {"similarity": 1.0}, 0.0, 0.0, scales)
    with_memory = Fusion("", {"similarity": 1.0, MEMORY: 2.0}, 0.0, 0.0, scales)
    matcher = Matcher(encoder, fusion=plain).fit(calls)
    before = matcher.scores([profile])
    assert matcher.memory_ is None
    # All calls have one text; what was good for a project like it tells them apart.
    matcher = Matcher(encoder, fusion=with_memory).fit(calls)
    [ranking] = matcher.rank([profile])
    assert ranking.matches[0].call.identifier == "HEAT-1"
    added = matcher.scores([profile]) - before
    features = matcher.features([profile])
    assert added == pytest.approx(2 * features[:, :, FEATURES.index(MEMORY)])
    assert with_memory.logits(features) == pytest.approx(matcher.scores([profile]), abs=1e-6)
    part = {one.name: one.value for one in ranking.matches[0].contributions}
    assert part["graded projects"] == pytest.approx(added[0, 0])


def test_what_is_shipped_is_read_whole() -> None:
    found = memory.graded()
    rows = [json.loads(line) for line in Path(memory.PROJECTS).read_text(encoding="utf-8").splitlines()]
    assert len(found) == len(rows) > 400
    assert all(one.text and all(0 < grade <= 3 for grade in one.grades.values()) for one in found)
    assert sum(len(one.grades) for one in found) == sum(
        grade > 0 for row in rows for grade in row["calls"].values()
    )
