"""The losses against a plain computation, and the teacher's space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vie_match.embedding.encoder import Vectors
from vie_match.training.objectives import TEMPERATURE, SpaceLoss, row_divergence
from vie_match.training.teachers import Teacher, into_space

Floats = NDArray[np.float64]

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(2, 9)


def unit_rows(seed: int, count: int, dimension: int) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


class Given(torch.nn.Module):
    """A model whose vectors are what it is given."""

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"sentence_embedding": features["vectors"]}


def space_loss(vectors: object, goal: object, rows: float = 0.0, match: float = 0.0) -> torch.Tensor:
    features = {"vectors": torch.as_tensor(vectors)}
    return SpaceLoss(Given(), rows, match)([features], torch.as_tensor(goal))


# The same in plain NumPy: sums written out, nothing shared with the code.


def log_softmax(values: Sequence[float]) -> Floats:
    array = np.asarray(values, np.float64)
    return array - array.max() - np.log(np.exp(array - array.max()).sum())


def plain_distance(vectors: Vectors, goal: Vectors) -> float:
    return float(np.mean([np.sum((one - other) ** 2.0) for one, other in zip(vectors, goal, strict=True)]))


def plain_rows(vectors: Vectors, goal: Vectors) -> float:
    divergences = []
    for own in range(len(goal)):
        others = [at for at in range(len(goal)) if at != own]
        teacher = log_softmax([float(goal[own] @ goal[at]) / 0.05 for at in others])
        student = log_softmax([float(vectors[own] @ vectors[at]) / 0.05 for at in others])
        divergences.append(float(np.sum(np.exp(teacher) * (teacher - student))))
    return float(np.mean(divergences))


def plain_match(vectors: Vectors, goal: Vectors) -> float:
    return -float(
        np.mean([log_softmax((goal @ vectors[own] / 0.05).tolist())[own] for own in range(len(goal))])
    )


def test_the_temperature_is_what_the_plain_computation_has() -> None:
    assert TEMPERATURE == 0.05


@settings(deadline=None, max_examples=50)
@given(seeds, sizes, st.integers(2, 6), st.floats(0, 2), st.floats(0, 2))
def test_the_loss_is_the_sum_that_is_promised(
    seed: int, count: int, dimension: int, rows: float, match: float
) -> None:
    vectors, goal = unit_rows(seed, count, dimension), unit_rows(seed + 1, count, dimension)
    expected = plain_distance(vectors, goal)
    expected += rows * plain_rows(vectors, goal) + match * plain_match(vectors, goal)
    assert float(space_loss(vectors, goal, rows, match)) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(seeds, sizes)
def test_the_loss_is_0_at_the_goal_and_only_there(seed: int, count: int) -> None:
    goal = unit_rows(seed, count, 5)
    assert float(space_loss(goal, goal, rows=1)) == pytest.approx(0, abs=1e-4)
    other = unit_rows(seed + 1, count, 5)
    assert float(space_loss(other, goal)) == pytest.approx(
        2 - 2 * np.mean(np.sum(other * goal, axis=1)), abs=1e-5
    )
    assert float(space_loss(other, goal)) > 1e-3


def test_at_the_goal_the_match_is_what_the_neighbours_leave() -> None:
    apart = np.eye(4, dtype=np.float32)
    assert float(space_loss(apart, apart, match=1)) == pytest.approx(3 * np.exp(-20), abs=1e-6)
    twins = apart[[0, 0, 1, 1]]
    assert float(space_loss(twins, twins, match=1)) == pytest.approx(np.log(2), abs=1e-5)


def test_the_rows_do_not_see_a_turn_and_the_distance_does() -> None:
    goal = unit_rows(1, 6, 4)
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(4, 4)))
    turned = np.asarray(goal @ turn, np.float32)
    assert float(row_divergence(torch.tensor(turned), torch.tensor(goal))) == pytest.approx(0, abs=1e-5)
    assert float(space_loss(turned, goal)) > 0.1


def test_the_rows_leave_the_own_text_out() -> None:
    """With it in, its similarity of 1 would be all that counts at this temperature."""
    goal = np.asarray([[1, 0, 0], [0.6, 0.8, 0], [0.6, 0, 0.8]], np.float32)
    vectors = np.asarray([[1, 0, 0], [0.8, 0.6, 0], [0.6, 0, 0.8]], np.float32)
    # Own left out, the teacher finds the others of the first text alike (.6, .6), the student not (.8, .6).
    got = float(row_divergence(torch.tensor(vectors), torch.tensor(goal)))
    assert got == pytest.approx(plain_rows(vectors, goal), rel=1e-4)
    assert got > 0.3


def test_the_rows_measure_from_the_teacher_to_the_student_not_back() -> None:
    vectors, goal = unit_rows(3, 5, 4), unit_rows(4, 5, 4)
    there = float(row_divergence(torch.tensor(vectors), torch.tensor(goal)))
    back = float(row_divergence(torch.tensor(goal), torch.tensor(vectors)))
    assert abs(there - back) > 0.05
    assert there == pytest.approx(plain_rows(vectors, goal), rel=1e-4)


@pytest.mark.parametrize(("rows", "match"), [(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5)])
def test_against_the_gradient_lies_the_goal(rows: float, match: float) -> None:
    # A goal whose texts are apart, so that the match does not push past it.
    goal = torch.eye(6)[:4]
    vectors = torch.nn.functional.normalize(goal + 0.9 * torch.tensor(unit_rows(6, 4, 6)), dim=1)
    first = 0.0
    for _ in range(1000):
        vectors = vectors.detach().requires_grad_(True)
        loss = space_loss(vectors, goal, rows, match)
        [gradient] = torch.autograd.grad(loss, [vectors])
        if not first:
            tangent = goal - (goal * vectors).sum(1, keepdim=True) * vectors
            assert float((-gradient * tangent.detach()).sum()) > 0
            first = float(loss.detach())
        vectors = torch.nn.functional.normalize(vectors.detach() - 0.01 * gradient, dim=1)
    assert float(loss.detach()) < 0.01 * first
    assert float((vectors * goal).sum(1).min()) > 0.99


def test_the_length_of_the_students_vectors_does_not_count() -> None:
    vectors, goal = unit_rows(1, 4, 3), unit_rows(2, 4, 3)
    lengths = np.asarray([[0.1], [1], [5], [30]], np.float32)
    one, other = space_loss(vectors, goal, 0.5, 0.5), space_loss(vectors * lengths, goal, 0.5, 0.5)
    assert float(one) == pytest.approx(float(other), rel=1e-5)


def test_half_precision_in_gives_a_loss_in_single_precision() -> None:
    vectors, goal = torch.tensor(unit_rows(1, 4, 3)), torch.tensor(unit_rows(2, 4, 3))
    loss = space_loss(vectors.bfloat16(), goal.double(), 0.5, 0.5)
    assert loss.dtype == torch.float32
    assert float(loss) == pytest.approx(float(space_loss(vectors, goal, 0.5, 0.5)), rel=0.05)


def test_several_texts_a_row_are_averaged_and_a_batch_of_one_has_no_neighbours() -> None:
    goal = torch.tensor(unit_rows(1, 3, 4))
    sides = [torch.tensor(unit_rows(seed, 3, 4)) for seed in (2, 3)]
    both = SpaceLoss(Given(), 0.5, 0.5)([{"vectors": side} for side in sides], goal)
    assert float(both) == pytest.approx(
        np.mean([float(space_loss(side, goal, 0.5, 0.5)) for side in sides]), rel=1e-5
    )
    alone = space_loss(sides[0][:1], goal[:1], 0.5, 0.5)
    assert float(alone) == pytest.approx(plain_distance(sides[0][:1].numpy(), goal[:1].numpy()), rel=1e-5)


def test_without_labels_there_is_no_loss() -> None:
    with pytest.raises(ValueError, match="labels"):
        SpaceLoss(Given())([{"vectors": torch.eye(2)}], None)


# Teachers


class Fixed:
    """An encoder that draws a unit vector for each text."""

    prompt = ""

    def __init__(self, id: str, dimension: int) -> None:
        self.id = id
        self.dimension = dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.concatenate([unit_rows(sum(map(ord, self.id + text)), 1, self.dimension) for text in texts])


TEXTS = [f"{'text' * number} {number}" for number in range(12)]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 20), st.floats(0.01, 100)), min_size=1, max_size=4))
def test_similarities_are_the_weighted_mean_of_the_teachers(parts: list[tuple[int, float]]) -> None:
    encoders = [Fixed(f"{number}", dimension) for number, (dimension, _) in enumerate(parts)]
    weights = [weight for _, weight in parts]
    vectors = Teacher(encoders, weights).encode(TEXTS)
    assert vectors.shape == (len(TEXTS), sum(dimension for dimension, _ in parts))
    assert vectors.dtype == np.float32
    own = [encoder.encode(TEXTS).astype(float) for encoder in encoders]
    expected = sum(weight * one @ one.T for weight, one in zip(weights, own, strict=True)) / sum(weights)
    assert np.abs(vectors @ vectors.T - expected).max() < 1e-6
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)


def test_a_teacher_without_a_weight_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        Teacher([Fixed("a", 2), Fixed("b", 2)], [1.0]).encode(TEXTS)


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(2, 8))
def test_a_turn_keeps_every_similarity(seed: int, dimension: int) -> None:
    goal, student = unit_rows(seed, 30, dimension), unit_rows(seed + 1, 10, dimension)
    turned = into_space(goal, dimension, student, range(30))
    assert np.abs(turned @ turned.T - goal @ goal.T).max() < 1e-5
    assert turned.dtype == np.float32


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_no_other_turn_brings_the_sampled_texts_nearer_to_the_student(seed: int) -> None:
    # A student that lies like the teacher, turned and blurred, as one of a like mind does.
    goal = unit_rows(seed, 40, 6)
    secret, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(6, 6)))
    blurred = goal @ secret + 0.3 * unit_rows(seed + 1, 40, 6)
    student = np.asarray(blurred / np.linalg.norm(blurred, axis=1, keepdims=True), np.float32)
    pick = np.random.default_rng(seed).permutation(40)
    sample = pick.tolist()
    turned = into_space(goal, 6, student[pick[:25]], sample)

    def centred(rows: Vectors) -> Vectors:
        few = rows[pick[:25]]
        return few - few.mean(axis=0)

    def nearness(rows: Vectors) -> float:
        return float(np.sum(centred(rows) * centred(student)))

    assert nearness(turned) > nearness(goal)
    for other in range(20):
        turn, _ = np.linalg.qr(np.random.default_rng(other).normal(size=(6, 6)))
        assert nearness(turned) >= nearness(np.asarray(goal @ turn, np.float32)) - 1e-4
    # Texts that were not sampled come nearer, too.
    rest = pick[25:]
    assert np.sum(turned[rest] * student[rest]) > np.sum(goal[rest] * student[rest])
    assert np.mean(np.sum(turned * student, axis=1)) > 0.9


def test_a_student_that_is_a_turned_teacher_is_met_exactly() -> None:
    goal = unit_rows(1, 50, 5)
    secret, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(5, 5)))
    student = np.asarray(goal @ secret, np.float32)
    sample = [7, 3, 49, 12, 30, 21, 5, 44, 2]
    assert np.abs(into_space(goal, 5, student[sample], sample) - student).max() < 1e-5
    # Rows that do not belong to the vectors would be noticed.
    assert np.abs(into_space(goal, 5, student[sample[::-1]], sample) - student).max() > 0.1


def test_dimensions_that_say_little_go_first() -> None:
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(200, 12)) * np.r_[np.ones(6), np.full(6, 0.02)]
    turn, _ = np.linalg.qr(rng.normal(size=(12, 12)))
    rows = wide @ turn
    goal = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
    got = into_space(goal, 6, None, range(0, 200, 2))
    assert got.shape == (200, 6)
    assert np.linalg.norm(got, axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    assert np.abs(got @ got.T - goal @ goal.T).max() < 0.03
    # Half of the coordinates as they stand would not do.
    half = goal[:, :6] / np.linalg.norm(goal[:, :6], axis=1, keepdims=True)
    assert np.abs(half @ half.T - goal @ goal.T).max() > 0.3


def test_brought_down_and_turned_it_lies_as_the_student() -> None:
    goal = unit_rows(4, 60, 20)
    few = into_space(goal, 8, None, range(60))
    student = np.asarray(few @ np.linalg.qr(np.random.default_rng(5).normal(size=(8, 8)))[0], np.float32)
    got = into_space(goal, 8, student[:40], range(60))
    assert np.abs(got - student).max() < 1e-4


def test_with_as_many_dimensions_and_no_student_it_stays() -> None:
    goal = unit_rows(4, 10, 5)
    assert np.abs(into_space(goal, 5, None, range(10)) - goal).max() < 1e-6
