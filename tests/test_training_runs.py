"""Runs of a tiny student by a tiny teacher: what moves, what a kill costs, what is left at the end.

The child processes and this one compute with one thread, log every four steps and train twelve, so that a
run takes a second or two; everything else is the code as it is.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

from vie_match.embedding import artefact, models
from vie_match.errors import BadFile, VieMatchError
from vie_match.training import config as configs
from vie_match.training import corpora, runs
from vie_match.training.config import ITSELF, Config
from vie_match.training.corpora import Pair, Text

Tensors = dict[str, NDArray[np.generic]]

STEPS = 12
LOG_STEPS = 4
TRAINED = 2
PARALLEL = 80

# What a killed run is: the module itself, a clock that says when to save, and SIGKILL at a set point.
CHILD = """
import os, signal, sys
from pathlib import Path

import torch

from vie_match.training import config, runs

torch.set_num_threads(1)
file, cache, where, at, *saves = sys.argv[1:]
runs._LOG_STEPS = 4


def kill(at_that_point):
    if at_that_point:
        os.kill(os.getpid(), signal.SIGKILL)


class Checkpoints(runs._Checkpoints):
    def on_step_end(self, args, state, control, **rest):
        self.seconds = 0 if str(state.global_step) in saves else 1e9
        control = super().on_step_end(args, state, control, **rest)
        kill(where == "step" and state.global_step == int(at))
        return control

    def on_save(self, args, state, control, **rest):
        kill(where == "checkpoint" and state.global_step == int(at))
        super().on_save(args, state, control, **rest)


save = runs.SentenceTransformer.save


def save_and_die(self, path, *rest, **options):
    save(self, path, *rest, **options)
    kill(where == "model" and Path(path).name == "model")


runs._Checkpoints = Checkpoints
runs.SentenceTransformer.save = save_and_die
runs.train(config.stages(Path(file)), Path(cache))
"""


class World:
    """A folder with base, teacher and data, in which configurations are written and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.base = tiny.folder(folder / "base")
        # More dimensions than the student, another seed: its space has to be brought down and turned.
        self.teacher = tiny.folder(folder / "teacher", hidden=48, seed=7, layers=2)
        tiny.parallel(folder / "parallel" / "a.jsonl", PARALLEL)
        tiny.topics(folder / "topics.jsonl", 60)

    def stages(self, name: str, after: str | None = None, **other: object) -> list[Config]:
        """Write the configuration of that name and load it with those before it."""
        return configs.stages(self.write(name, after, **other))

    def write(self, name: str, after: str | None = None, **other: object) -> Path:
        """Write the configuration of that name."""
        top: dict[str, object] = {
            "name": name,
            "folder": f"run-{name}",
            "base": str(self.base),
            "steps": STEPS,
            "batch": 8,
            "max_tokens": 48,
            "trained_layers": TRAINED,
            "learning_rate": 2e-3,
            "checkpoint_minutes": 60,
        }
        if after:
            top["after"] = f"{after}.toml"
        return tiny.toml(
            self.folder / f"{name}.toml",
            top | other,
            teachers=[{"model": "teacher/model", "licence": "MIT"}],
            data=[
                {"reader": "parallel", "path": "parallel", "share": 2, "licence": "CC0", "match": 0.5},
                {"reader": "cordis topics", "path": "topics.jsonl", "share": 1, "licence": "CC0"},
            ],
        )

    def killed(self, name: str, where: str, at: int, *saves: int, **other: object) -> list[Config]:
        """Run in a process that dies by SIGKILL at that point; checkpoints after the steps named."""
        file = self.write(name, **other)
        words = [str(file), str(self.cache), where, str(at), *map(str, saves)]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *words], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        stages = configs.stages(file)
        assert not stages[-1].result.exists()
        return stages

    def train(self, stages: list[Config]) -> Tensors:
        """Run, or go on, in this process; the weights it ends with."""
        model = runs.train(stages, self.cache)
        assert model == stages[-1].result
        return load_file(model / artefact.MODEL_WEIGHTS)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield World(tmp_path_factory.mktemp("world"))
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def log_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_LOG_STEPS", LOG_STEPS)


@pytest.fixture(scope="module")
def undisturbed(world: World) -> tuple[list[Config], Tensors]:
    """A run from the first step to the last, and what it ended with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_LOG_STEPS", LOG_STEPS)
        stages = world.stages("undisturbed")
        return stages, world.train(stages)


def same(left: Tensors, right: Tensors) -> bool:
    return left.keys() == right.keys() and all(
        left[name].dtype == right[name].dtype and left[name].tobytes() == right[name].tobytes()
        for name in left
    )


def curve(stages: list[Config]) -> list[dict[str, float]]:
    return [json.loads(line) for line in (stages[-1].folder / runs.CURVE).read_text("utf-8").splitlines()]


def checkpoints(stages: list[Config]) -> list[str]:
    return sorted(path.name for path in (stages[-1].folder / "checkpoints").glob("*"))


def marked(folder: Path, step: int, whole: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"x")
    if whole:
        (path / "whole.json").write_text("{}")
    return path


# What moves


def test_the_last_layers_move_and_the_others_stay_bit_for_bit(
    world: World, undisturbed: tuple[list[Config], Tensors]
) -> None:
    before = load_file(world.base / artefact.MODEL_WEIGHTS)
    after = undisturbed[1]
    moved = {name for name in before if before[name].astype(np.float32).tobytes() != after[name].tobytes()}
    trained = {name for name in before if name.startswith(("encoder.layer.1.", "encoder.layer.2."))}
    assert moved <= trained
    assert {name for name in trained if name.endswith(".weight")} <= moved
    assert len(trained) == 2 * 16


def test_more_layers_than_there_are_means_all_of_them(world: World) -> None:
    [stage] = world.stages("all-layers", trained_layers=9)
    model = runs.student(stage, world.base)
    free = {name for name, value in model[0].auto_model.named_parameters() if value.requires_grad}
    assert {name.split(".")[2] for name in free} == {"0", "1", "2"}
    assert all(name.startswith("encoder.layer.") for name in free)


def test_the_student_computes_in_single_precision_without_dropout_and_cuts_where_it_is_told(
    world: World,
) -> None:
    [stage] = world.stages("student", max_tokens=9)
    model = runs.student(stage, world.base)
    assert model.max_seq_length == 9
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    model.train()
    words = [tiny.sentence(1)]
    assert np.array_equal(model.encode(words), model.encode(words))
    assert {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)} == {0.0}


def test_the_loss_falls_and_the_student_finds_english_originals_better_than_before(world: World) -> None:
    stages = world.stages("long", steps=60)
    world.train(stages)
    losses = [line["loss"] for line in curve(stages)]
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])
    rows = corpora.read(stages[0].data[0])
    goals = runs._goals(
        stages[0], runs.student(stages[0], world.base), [row.english for row in rows], world.cache, None
    )

    def found(model: Path) -> float:
        texts = [models.E5_PROMPT + row.text for row in rows]
        vectors = SentenceTransformer(str(model), device="cpu").encode(texts, normalize_embeddings=True)
        return float(np.mean(np.sum(vectors * np.stack([goals[row.english] for row in rows]), axis=1)))

    assert found(stages[0].result) > found(world.base) + 0.1


# Seeds


def test_one_seed_gives_one_outcome_and_another_seed_another(
    world: World, undisturbed: tuple[list[Config], Tensors]
) -> None:
    again = world.stages("again")
    assert same(world.train(again), undisturbed[1])
    assert curve(again) == curve(undisturbed[0])
    assert not same(world.train(world.stages("other", seed=2)), undisturbed[1])


# Kills


@pytest.fixture(scope="module")
def resumed(world: World) -> tuple[list[Config], Tensors]:
    """A run that was killed after step 10, two losses after its last checkpoint, and started again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_LOG_STEPS", LOG_STEPS)
        stages = world.killed("between", "step", 10, 3)
        assert checkpoints(stages) == ["checkpoint-3"]
        assert [line["step"] for line in curve(stages)] == [4, 8]
        return stages, world.train(stages)


def test_a_run_killed_between_checkpoints_ends_where_an_undisturbed_one_does(
    undisturbed: tuple[list[Config], Tensors], resumed: tuple[list[Config], Tensors]
) -> None:
    assert same(resumed[1], undisturbed[1])
    assert [line["step"] for line in curve(resumed[0])] == [4, 8, 12]
    assert [line["rate"] for line in curve(resumed[0])] == [line["rate"] for line in curve(undisturbed[0])]
    # Whole periods after the checkpoint; the first is told of below.
    assert curve(resumed[0])[1:] == curve(undisturbed[0])[1:]


def test_a_run_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before(
    world: World, undisturbed: tuple[list[Config], Tensors], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = world.killed("writing", "checkpoint", 7, 4, 7)
    half = stages[-1].folder / "checkpoints" / "checkpoint-7"
    assert half.is_dir()
    assert not (half / "whole.json").exists()
    # Were it taken all the same, this would stop the run.
    for path in half.rglob("*.safetensors"):
        os.truncate(path, path.stat().st_size // 2)
    asked: list[str | None] = []
    train = runs.SentenceTransformerTrainer.train

    def spy(self: object, resume_from_checkpoint: str | None = None) -> object:
        asked.append(resume_from_checkpoint)
        return train(self, resume_from_checkpoint=resume_from_checkpoint)

    monkeypatch.setattr(runs.SentenceTransformerTrainer, "train", spy)
    assert same(world.train(stages), undisturbed[1])
    assert asked == [str(half.with_name("checkpoint-4"))]
    assert checkpoints(stages) == ["checkpoint-4"]
    assert curve(stages) == curve(undisturbed[0])


def test_a_run_killed_before_its_model_stands_trains_no_step_twice(
    world: World, undisturbed: tuple[list[Config], Tensors], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = world.killed("end", "model", 0, STEPS)
    assert checkpoints(stages) == [f"checkpoint-{STEPS}"]
    steps: list[int] = []
    counted = runs.SentenceTransformerTrainer.training_step

    def count(self: object, *rest: object) -> object:
        steps.append(1)
        return counted(self, *rest)

    monkeypatch.setattr(runs.SentenceTransformerTrainer, "training_step", count)
    assert same(world.train(stages), undisturbed[1])
    assert steps == []
    assert curve(stages) == curve(undisturbed[0])


def test_a_finished_run_is_not_trained_again(
    world: World, undisturbed: tuple[list[Config], Tensors], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_rest: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(runs, "_train", never)
    assert same(world.train(undisturbed[0]), undisturbed[1])
    with pytest.raises(AssertionError, match="trained again"):
        world.train(world.stages("unfinished"))


def test_the_newest_whole_checkpoint_counts_by_number_and_half_ones_are_removed(tmp_path: Path) -> None:
    marked(tmp_path, 9)
    newest = marked(tmp_path, 10)
    half = marked(tmp_path, 11, whole=False)
    assert runs._last_whole(tmp_path) == newest
    assert not half.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]


def test_without_a_whole_checkpoint_there_is_none(tmp_path: Path) -> None:
    assert runs._last_whole(tmp_path / "missing") is None
    half = marked(tmp_path, 5, whole=False)
    assert runs._last_whole(tmp_path) is None
    assert not half.exists()


class Control:
    should_save = False


class State:
    def __init__(self, step: int) -> None:
        self.global_step = step


def test_a_checkpoint_is_asked_for_when_the_minutes_are_over_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(runs.time, "monotonic", lambda: now[0])
    clock = runs._Checkpoints(0.5)
    asked = []
    for second in (101, 129.9, 130, 131, 159.9, 160.5, 161):
        now[0] = second
        asked.append(clock.on_step_end(None, State(1), Control()).should_save)
    assert asked == [False, False, True, False, False, True, False]


def test_a_tiny_pause_means_a_checkpoint_after_every_step_and_two_are_kept(world: World) -> None:
    stages = world.stages("often", steps=5, batch=16, checkpoint_minutes=1e-9)
    world.train(stages)
    assert checkpoints(stages) == ["checkpoint-4", "checkpoint-5"]
    for name in checkpoints(stages):
        whole = stages[0].folder / "checkpoints" / name / "whole.json"
        assert json.loads(whole.read_text("utf-8")) == {"step": int(name.rpartition("-")[2])}


def test_what_a_curve_has_after_the_checkpoint_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    tiny.write_lines(path, [{"step": step, "loss": 1.0, "rate": 0.1} for step in (4, 8, 12)])
    writer = runs._Curve(path)
    writer.on_train_begin(None, State(8), None)
    writer.on_log(None, State(12), None, logs={"loss": "0.5", "learning_rate": 0.2})
    writer.on_log(None, State(12), None, logs={"train_loss": 0.5})
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(line["step"], line["loss"]) for line in lines] == [(4, 1.0), (8, 1.0), (12, 0.5)]


# Stages


def test_the_second_stage_goes_on_where_the_first_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("first", steps=4, batch=16)
    stages = world.stages("second", after="first", steps=4, batch=16, learning_rate=1e-9)
    asked: list[tuple[str, Path]] = []
    train = runs._train

    def spy(config: Config, start: Path, *rest: object) -> None:
        asked.append((config.name, start))
        train(config, start, *rest)

    monkeypatch.setattr(runs, "_train", spy)
    second = world.train(stages)
    first = load_file(stages[0].result / artefact.MODEL_WEIGHTS)
    base = load_file(world.base / artefact.MODEL_WEIGHTS)
    assert asked == [("first", world.base), ("second", stages[0].result)]
    # At that rate the second stage moves next to nothing, so what is there came from the first.
    for name in first:
        assert np.allclose(second[name], first[name], atol=1e-6), name
    name = "encoder.layer.2.output.dense.weight"
    assert np.abs(first[name] - base[name].astype(np.float32)).max() > 1e-3


def test_the_result_is_the_mean_of_base_start_and_trained_by_their_shares(
    world: World, undisturbed: tuple[list[Config], Tensors]
) -> None:
    """Of a second stage: there all three differ."""
    results = {}
    for name, shares in (("end", {}), ("between", {"mix": 0.25, "keep_base": 0.4})):
        stages = world.stages(f"mean-{name}", after="undisturbed", steps=2, batch=40, **shares)
        results[name] = world.train(stages)
    start = load_file(stages[0].result / artefact.MODEL_WEIGHTS)
    base = load_file(world.base / artefact.MODEL_WEIGHTS)
    moved = [name for name, values in results["end"].items() if not np.array_equal(values, start[name])]
    assert moved
    for name in moved:
        own = 0.6 * (0.25 * results["end"][name] + 0.75 * start[name]) + 0.4 * base[name].astype(np.float32)
        assert results["between"][name] == pytest.approx(own, abs=1e-6)


def test_a_chain_whose_first_stage_is_done_trains_the_second_only(
    world: World, undisturbed: tuple[list[Config], Tensors], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[str] = []
    train = runs._train

    def spy(config: Config, *rest: object) -> None:
        trained.append(config.name)
        train(config, *rest)

    monkeypatch.setattr(runs, "_train", spy)
    world.train(world.stages("next", after="undisturbed", steps=2, batch=40))
    assert trained == ["next"]


def test_stages_that_share_a_folder_are_refused(world: World) -> None:
    world.write("shared-a")
    with pytest.raises(VieMatchError):
        world.stages("shared-b", after="shared-a", folder="run-shared-a")


# What is drawn for a run


def test_each_entry_gets_its_share_of_the_steps_in_whole_batches(world: World) -> None:
    [stage] = world.stages("shares")
    lessons = runs.prepare(stage, runs.student(stage, world.base), world.cache, None)
    assert [(lesson.name, len(lesson.dataset)) for lesson in lessons] == [
        ("0 parallel", 8 * 8),
        ("1 cordis topics", 4 * 8),
    ]
    assert lessons[0].dataset.column_names == ["text", "label"]
    assert lessons[1].dataset.column_names == ["anchor", "positive", "negative"]


def test_at_most_so_many_different_texts_are_taken_of_an_entry(world: World) -> None:
    [stage] = world.stages("few", texts=40)
    lessons = runs.prepare(stage, runs.student(stage, world.base), world.cache, None)
    drawn = lessons[0].dataset["text"]
    assert len(drawn) == 64
    assert len(set(drawn)) == 40


def test_a_text_in_another_language_has_the_goal_of_its_english_original(world: World) -> None:
    [stage] = world.stages("goals")
    model = runs.student(stage, world.base)
    lesson = runs.prepare(stage, model, world.cache, None)[0]
    english = {row.text: row.english for row in corpora.read(stage.data[0]) if isinstance(row, Text)}
    teacher = models.encoder(str(world.teacher), world.cache / "models")
    texts = sorted(set(lesson.dataset["text"]))
    goals = dict(zip(lesson.dataset["text"], np.array(lesson.dataset["label"], np.float32), strict=True))
    got = np.stack([goals[text] for text in texts])
    whole = teacher.encode([english[text] for text in texts])
    assert got.shape[1] == 32 < whole.shape[1]
    assert np.linalg.norm(got, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    # 32 of 48 dimensions keep the similarities of the English texts, and not those of the texts themselves.
    inner = ~np.eye(len(texts), dtype=bool)

    def likeness(vectors: NDArray[np.float32]) -> float:
        return float(np.corrcoef((got @ got.T)[inner], (vectors @ vectors.T)[inner])[0, 1])

    assert likeness(whole) > 0.98
    assert likeness(teacher.encode(texts)) < 0.9


def test_a_stage_may_have_the_encoder_it_starts_from_as_its_teacher(world: World) -> None:
    file = world.write("stays", turn=False)
    file.write_text(file.read_text(encoding="utf-8").replace("teacher/model", ITSELF), encoding="utf-8")
    [stage] = configs.stages(file)
    lesson = runs.prepare(stage, runs.student(stage, world.base), world.cache, None)[0]
    english = {row.text: row.english for row in corpora.read(stage.data[0]) if isinstance(row, Text)}
    own = models.encoder(str(world.base), world.cache / "models")
    whole = own.encode([english[text] for text in lesson.dataset["text"]])
    assert np.array(lesson.dataset["label"], np.float32) == pytest.approx(whole, abs=1e-5)


def test_in_a_later_stage_the_encoder_itself_is_what_the_stage_before_left(world: World) -> None:
    world.write("before-itself")
    file = world.write("after-itself", after="before-itself")
    file.write_text(file.read_text(encoding="utf-8").replace("teacher/model", ITSELF), encoding="utf-8")
    before, after = configs.stages(file)
    assert [(part.model, part.name) for part in after.teachers] == [(str(before.result), ITSELF)]


def test_pairs_alone_need_no_teacher(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_rest: object, **_options: object) -> None:
        raise AssertionError("a teacher was asked")

    monkeypatch.setattr(models, "encoder", never)
    [stage] = world.stages("pairs")
    stage = stage.model_copy(update={"data": stage.data[1:]})
    [lesson] = runs.prepare(stage, runs.student(stage, world.base), world.cache, None)
    assert len(lesson.dataset) == STEPS * 8


def test_negatives_are_shown_where_there_are_any(world: World) -> None:
    [stage] = world.stages("negatives")
    rows = [Pair(f"a{at}", f"p{at}", f"n{at}") for at in range(4)]
    lesson = runs._lesson("x", stage.data[1], rows, runs.student(stage, world.base), {})
    assert lesson.dataset.column_names == ["anchor", "positive", "negative"]
    assert lesson.dataset["negative"][:2] == ["n0", "n1"]


def test_batches_hold_every_row_once_and_texts_of_like_length_together() -> None:
    from datasets import Dataset

    lengths = np.random.default_rng(0).integers(1, 300, 403)
    rows = Dataset.from_dict({"text": ["x" * int(length) for length in lengths]})

    def batches(seed: int, drop_last: bool = True) -> list[list[int]]:
        sampler = runs._LikeLengths(rows, batch_size=8, drop_last=drop_last, seed=seed)
        got = list(sampler)
        assert len(got) == len(sampler)
        return got

    got = batches(1)
    flat = [row for batch in got for row in batch]
    assert len(flat) == len(set(flat)) == 400
    assert sorted(row for batch in batches(1, drop_last=False) for row in batch) == list(range(403))
    spread = np.mean([np.ptp(lengths[batch]) for batch in got])
    assert spread < 0.2 * np.mean([np.ptp(lengths[at : at + 8]) for at in range(0, 400, 8)])
    # In random order all the same, and by the seed alone.
    middles = [np.mean(lengths[batch]) for batch in got]
    assert abs(np.corrcoef(middles, range(len(middles)))[0, 1]) < 0.5
    assert batches(1) == got != batches(2)


def test_too_few_texts_for_the_dimensions_are_said_before_training(world: World) -> None:
    stages = world.stages("too-few", texts=20)
    with pytest.raises(VieMatchError):
        world.train(stages)


def test_the_trainer_gets_the_seed_the_prompt_and_no_part_of_a_batch(world: World, tmp_path: Path) -> None:
    [stage] = world.stages("arguments", seed=77)
    arguments = runs._arguments(stage, tmp_path)
    assert (arguments.seed, arguments.per_device_train_batch_size) == (77, 8)
    # The encoder puts it before every text, so training has to.
    assert arguments.prompts == models.E5_PROMPT
    assert arguments.dataloader_drop_last
    assert arguments.use_cpu


# What is left


@pytest.fixture(scope="module")
def packed(world: World, undisturbed: tuple[list[Config], Tensors]) -> Path:
    return runs.pack(undisturbed[0], world.cache, dt.date(2026, 11, 24))


def test_the_artefact_has_weights_facts_and_card(
    world: World, undisturbed: tuple[list[Config], Tensors], packed: Path
) -> None:
    assert packed == undisturbed[0][-1].folder / "artefact"
    assert sorted(path.name for path in packed.iterdir()) == [
        "README.md",
        "encoder.json",
        "encoder.safetensors",
    ]
    facts = artefact.about(packed)
    assert facts["name"] == "undisturbed"
    assert facts["trained"] == "2026-11-24"
    assert facts["base"] == str(world.base)
    assert facts["base_sha256"] == artefact.sha256(world.base / artefact.MODEL_WEIGHTS)
    kept = load_file(packed / artefact.WEIGHTS)
    assert {name.split(".")[2] for name in kept} == {"1", "2"}


def test_the_card_names_every_file_with_licence_and_hash(world: World, packed: Path) -> None:
    card = (packed / "README.md").read_text("utf-8")
    for path in (world.folder / "parallel" / "a.jsonl", world.folder / "topics.jsonl"):
        [line] = [line for line in card.splitlines() if f"| {path.name} |" in line]
        assert "| CC0 |" in line
        assert artefact.sha256(path) in line
    assert artefact.sha256(world.teacher / artefact.MODEL_WEIGHTS) in card
    assert artefact.sha256(world.base / artefact.MODEL_WEIGHTS) in card


def test_figures_beside_the_run_come_into_the_card(
    world: World, undisturbed: tuple[list[Config], Tensors], packed: Path
) -> None:
    assert "## Figures" not in (packed / "README.md").read_text("utf-8")
    figures = undisturbed[0][-1].folder / "figures.json"
    figures.write_text('{"calls": {"ndcg": 0.51234}}', encoding="utf-8")
    try:
        card = (runs.pack(undisturbed[0], world.cache, dt.date(2026, 11, 24)) / "README.md").read_text(
            "utf-8"
        )
    finally:
        figures.unlink()
    assert "| ndcg | 0.512 |" in card


def test_the_losses_are_drawn_and_the_same_ones_give_the_same_picture(
    world: World, undisturbed: tuple[list[Config], Tensors], packed: Path
) -> None:
    picture = packed.parent / "curves.svg"
    first = picture.read_bytes()
    assert b"undisturbed" in first
    runs.pack(undisturbed[0], world.cache, dt.date(2026, 11, 24))
    assert picture.read_bytes() == first


def test_base_and_artefact_give_back_the_trained_vectors(
    world: World, undisturbed: tuple[list[Config], Tensors], packed: Path, tmp_path: Path
) -> None:
    rebuilt = tmp_path / "model"
    shutil.copytree(world.base, rebuilt)
    artefact.apply(packed, rebuilt)
    texts = [*map(tiny.sentence, range(40)), *map(tiny.turned, map(tiny.sentence, range(40)))]

    def vectors(folder: Path, prompt: str) -> NDArray[np.float32]:
        model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
        return np.asarray(model.encode(texts, prompt=prompt, normalize_embeddings=True), np.float32)

    trained = vectors(undisturbed[0][-1].result, models.E5_PROMPT)
    assert np.sum(trained * vectors(rebuilt, models.E5_PROMPT), axis=1).min() > 0.9999
    # A run that had changed nothing would pass the line above.
    assert np.sum(trained * vectors(world.base, models.E5_PROMPT), axis=1).mean() < 0.99
    assert models.artefact.prompt_of(rebuilt) == models.E5_PROMPT


def test_the_trained_folder_is_used_with_the_prompt_it_was_trained_with(
    world: World, undisturbed: tuple[list[Config], Tensors]
) -> None:
    folder = undisturbed[0][-1].result
    assert models.encoder(str(folder), world.cache / "models").prompt == models.E5_PROMPT


def test_a_chain_packs_the_sum_of_its_stages(world: World, undisturbed: tuple[list[Config], Tensors]) -> None:
    stages = world.stages("chain", after="undisturbed", steps=2, batch=40)
    world.train(stages)
    folder = runs.pack(stages, world.cache, dt.date(2026, 11, 24))
    kept = load_file(folder / artefact.WEIGHTS)
    base = load_file(world.base / artefact.MODEL_WEIGHTS)
    last = load_file(stages[-1].result / artefact.MODEL_WEIGHTS)
    name = "encoder.layer.2.output.dense.weight"
    back = base[name].astype(np.float32) + kept[name].astype(np.float32) * kept[f"{name}.scale"][:, None]
    assert np.abs(back - last[name]).max() < 1e-3 < np.abs(base[name] - last[name]).max()
    card = (folder / "README.md").read_text("utf-8")
    assert sum("| a.jsonl |" in line for line in card.splitlines()) == 1
    picture = (stages[-1].folder / "curves.svg").read_text("utf-8")
    assert "undisturbed" in picture
    assert "chain" in picture


def test_data_without_a_text_stops_the_run_with_the_file(world: World) -> None:
    [stage] = world.stages("empty")
    (world.folder / "nothing").mkdir()
    empty = stage.data[0].model_copy(update={"path": world.folder / "nothing"})
    with pytest.raises(BadFile, match="nothing"):
        world.train([stage.model_copy(update={"data": (empty,)})])
