"""A training run: from a configuration to a trained SentenceTransformer folder, surviving kills.

Everything that decides the outcome is drawn by the seed before the first step, and a run that is started
again goes on from its last whole checkpoint with the same batches in the same order.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.base.sampler import DefaultBatchSampler, MultiDatasetBatchSamplers
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments
from transformers import PrinterCallback, TrainerCallback, set_seed

from vie_match.embedding import artefact, models
from vie_match.embedding.built import sha256
from vie_match.embedding.encoder import CachedEncoder, Progress, Vectors
from vie_match.errors import BadValue
from vie_match.store.vectors import VectorStore
from vie_match.training import cards, corpora, curves
from vie_match.training.config import Config, Data
from vie_match.training.corpora import Pair, Row, Text
from vie_match.training.objectives import SpaceLoss
from vie_match.training.teachers import Teacher, into_space
from vie_match.whole import write_whole

log = logging.getLogger(__name__)

CURVE = "curve.jsonl"
_WHOLE = "whole.json"
_CLAIM = "run.json"
_LOG_STEPS = 20
# Batches that are sorted by length together: enough to save padding, few enough to stay mixed.
_SORTED = 20
# Texts that stand for all when the teacher's space is brought down and turned.
_SAMPLE = 4000
_TURN = 1500


@dataclass(frozen=True, slots=True)
class Lesson:
    """One data entry made ready: its dataset and what it costs to get it wrong."""

    name: str
    dataset: Dataset
    loss: torch.nn.Module


def train(stages: Sequence[Config], cache: Path, progress: Progress | None = None) -> Path:
    """Run, or go on with, a training; what is finished is not done again.

    Parameters
    ----------
    stages : sequence of Config
        First to last; each goes on from the one before.
    cache : Path
        Folder for the base model and the teachers' vectors.
    progress : callable, optional
        Called with (texts done, texts to do) while teachers work.

    Returns
    -------
    Path
        Folder of the trained SentenceTransformer.
    """
    start = models.folder_of(stages[0].base, cache / "models")
    for config in stages:
        _claim(config)
        if not config.result.is_dir():
            _train(config, start, cache, progress)
        start = config.result
    return start


def _claim(config: Config) -> None:
    """Note whose run a folder holds, and refuse that of another configuration.

    Raises
    ------
    BadValue
        If the folder holds a run with other settings.
    """
    path = config.folder / _CLAIM
    # How often it is saved changes nothing of the outcome.
    ours = config.model_dump_json(indent=1, exclude={"checkpoint_minutes"})
    if path.is_file() and path.read_text(encoding="utf-8") != ours:
        raise BadValue(
            f"found a run with other settings in {config.folder}; expected the one of {config.name!r}: "
            "name another folder, or delete that one"
        )
    write_whole(path, ours)


def pack(stages: Sequence[Config], cache: Path, day: dt.date) -> Path:
    """Write what a finished run left as an artefact: weights, facts, model card.

    Figures of ``vie-match evaluate encoder --json`` go into the card when they lie in the run's folder
    as ``figures.json``.
    """
    last = stages[-1]
    base = models.folder_of(last.base, cache / "models")
    folder = last.folder / "artefact"
    base_sha256 = sha256(base / artefact.MODEL_WEIGHTS)
    facts = {"name": last.name, "trained": day.isoformat(), "base": last.base, "base_sha256": base_sha256}
    artefact.pack(base, last.result, folder, facts)
    figures = last.folder / "figures.json"
    known = json.loads(figures.read_text(encoding="utf-8")) if figures.is_file() else None
    write_whole(folder / artefact.CARD, cards.card(stages, base_sha256, day, known))
    curves.draw({one.name: one.folder / CURVE for one in stages}, last.folder / "curves.svg")
    return folder


def _train(config: Config, start: Path, cache: Path, progress: Progress | None) -> None:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    set_seed(config.seed)
    model = student(config, start)
    moved = _trained(model)
    before = [parameter.detach().clone() for parameter in moved]
    lessons = prepare(config, model, cache, progress)
    checkpoints = config.folder / "checkpoints"
    trainer = SentenceTransformerTrainer(
        model=model,
        args=_arguments(config, checkpoints),
        train_dataset={lesson.name: lesson.dataset for lesson in lessons},
        loss={lesson.name: lesson.loss for lesson in lessons},
        callbacks=[_Checkpoints(config.checkpoint_minutes), _Curve(config.folder / CURVE)],
    )
    # It prints every loss; the curve keeps them.
    trainer.remove_callback(PrinterCallback)
    last = _last_whole(checkpoints)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    _mix(moved, before, config.mix)
    if config.keep_base:
        _mix(
            moved,
            _trained(student(config, models.folder_of(config.base, cache / "models"))),
            1 - config.keep_base,
        )
    with tempfile.TemporaryDirectory(dir=config.folder) as temporary:
        fresh = Path(temporary) / config.result.name
        model.save(str(fresh), create_model_card=False)
        artefact.write_prompts(fresh)
        os.replace(fresh, config.result)


def _trained(model: SentenceTransformer) -> list[torch.nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def _mix(moved: Sequence[torch.nn.Parameter], others: Sequence[torch.Tensor], share: float) -> None:
    """Set the weights between where training brought them and others of the same model.

    What is in between is often better than either end, most of all on texts unlike those trained on
    (Wortsman et al. 2022, robust fine-tuning).
    """
    with torch.no_grad():
        for parameter, other in zip(moved, others, strict=True):
            parameter.lerp_(other, 1 - share)


def _arguments(config: Config, checkpoints: Path) -> SentenceTransformerTrainingArguments:
    return SentenceTransformerTrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=1,
        per_device_train_batch_size=config.batch,
        learning_rate=config.learning_rate,
        weight_decay=0.01,
        warmup_steps=config.warmup,
        lr_scheduler_type="linear",
        bf16=models.has_bfloat16(),
        use_cpu=True,
        seed=config.seed,
        batch_sampler=_LikeLengths,
        multi_dataset_batch_sampler=MultiDatasetBatchSamplers.PROPORTIONAL,
        prompts=models.E5_PROMPT,
        save_strategy="no",
        save_total_limit=2,
        logging_steps=_LOG_STEPS,
        report_to=[],
        disable_tqdm=True,
        dataloader_drop_last=True,
        dataloader_pin_memory=False,
    )


def student(config: Config, start: Path) -> SentenceTransformer:
    """Return the model to train: no dropout, the first layers and the token table held still.

    Dropout would make the student miss a target that is given exactly; without it a step is also a
    quarter faster.
    """
    model = SentenceTransformer(
        str(start),
        device="cpu",
        model_kwargs={"dtype": torch.float32, "attn_implementation": "eager"},
        config_kwargs={"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    )
    model.max_seq_length = config.max_tokens
    body: Any = model[0].auto_model
    for parameter in body.parameters():
        parameter.requires_grad = False
    for layer in body.encoder.layer[-config.trained_layers :]:
        for parameter in layer.parameters():
            parameter.requires_grad = True
    return model


def prepare(
    config: Config, model: SentenceTransformer, cache: Path, progress: Progress | None
) -> list[Lesson]:
    """Read the data, draw what the run needs, and ask the teachers."""
    whole = sum(one.share for one in config.data)
    drawn: list[list[Row]] = []
    for number, one in enumerate(config.data):
        seed = config.seed + number
        rows = corpora.read(one)
        if len(rows) > config.texts:
            rows = corpora.drawn(rows, config.texts, seed)
        count = max(1, round(config.steps * one.share / whole)) * config.batch
        drawn.append(corpora.drawn(rows, count, seed))
        log.info("%s: %d rows, %d drawn", one.reader.value, len(rows), count)
    english = sorted({row.english for rows in drawn for row in rows if isinstance(row, Text)})
    goals = _goals(config, model, english, cache, progress) if english else {}
    return [
        _lesson(f"{number} {one.reader.value}", one, rows, model, goals)
        for number, (one, rows) in enumerate(zip(config.data, drawn, strict=True))
    ]


def _lesson(
    name: str, data: Data, rows: Sequence[Row], model: SentenceTransformer, goals: Mapping[str, Vectors]
) -> Lesson:
    texts = [row for row in rows if isinstance(row, Text)]
    pairs = [row for row in rows if isinstance(row, Pair)]
    table: dict[str, Any]
    if texts:
        table = {
            "text": [row.text for row in texts],
            "label": np.stack([goals[row.english] for row in texts]),
        }
        return Lesson(name, Dataset.from_dict(table), SpaceLoss(model, data.rows, data.match))
    table = {"anchor": [row.anchor for row in pairs], "positive": [row.positive for row in pairs]}
    if pairs[0].negative:
        table["negative"] = [row.negative for row in pairs]
    return Lesson(name, Dataset.from_dict(table), MultipleNegativesRankingLoss(model, scale=data.scale))


def _goals(
    config: Config, model: SentenceTransformer, english: list[str], cache: Path, progress: Progress | None
) -> dict[str, Vectors]:
    store = VectorStore(cache / "teachers.sqlite")
    teacher = Teacher(
        [
            CachedEncoder(models.encoder(part.model, cache / "models"), store, progress)
            for part in config.teachers
        ],
        [part.weight for part in config.teachers],
    )
    vectors = teacher.encode(english)
    sample = random.Random(config.seed).sample(range(len(english)), min(_SAMPLE, len(english)))
    dimension = int(model.get_embedding_dimension() or vectors.shape[1])
    own = None
    if config.turn:
        texts = [models.E5_PROMPT + english[at] for at in sample[:_TURN]]
        own = np.asarray(model.encode(texts, normalize_embeddings=True, batch_size=64), np.float32)
    return dict(zip(english, into_space(vectors, dimension, own, sample), strict=True))


class _LikeLengths(DefaultBatchSampler):
    """Batches of texts of like length, in random order by seed."""

    def __init__(self, dataset: Dataset, batch_size: int, drop_last: bool, **rest: Any) -> None:
        super().__init__(dataset, batch_size, drop_last, **rest)
        self.count = len(dataset)
        self.lengths = [len(text) for text in dataset[dataset.column_names[0]]]

    def __iter__(self) -> Iterator[list[int]]:
        pick = random.Random(self.seed * 1000 + self.epoch)
        order = pick.sample(range(self.count), self.count)
        size = self.batch_size * _SORTED
        batches = []
        for start in range(0, self.count, size):
            part = sorted(order[start : start + size], key=self.lengths.__getitem__)
            batches += [part[at : at + self.batch_size] for at in range(0, len(part), self.batch_size)]
        pick.shuffle(batches)
        yield from (batch for batch in batches if len(batch) == self.batch_size or not self.drop_last)

    def __len__(self) -> int:
        return self.count // self.batch_size if self.drop_last else -(-self.count // self.batch_size)


class _Checkpoints(TrainerCallback):
    """Asks for a checkpoint every few minutes, and marks it when it is whole."""

    def __init__(self, minutes: float) -> None:
        self.seconds = minutes * 60
        self.last = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> Any:
        if time.monotonic() - self.last >= self.seconds:
            self.last = time.monotonic()
            control.should_save = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        write_whole(folder / _WHOLE, json.dumps({"step": state.global_step}))


class _Curve(TrainerCallback):
    """Appends each logged loss to a file; what a killed run wrote after its checkpoint is cut off.

    The first loss after a checkpoint is the mean of the steps since then only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        kept = [line for line in lines if json.loads(line)["step"] <= state.global_step]
        write_whole(self.path, "".join(f"{line}\n" for line in kept))

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
        if logs and "loss" in logs:
            line = {"step": state.global_step, "loss": float(logs["loss"]), "rate": logs["learning_rate"]}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _last_whole(folder: Path) -> Path | None:
    """Return the newest checkpoint that was written to its end; half ones are removed."""
    whole = {}
    for path in folder.glob("checkpoint-*"):
        if (path / _WHOLE).is_file():
            whole[int(path.name.rpartition("-")[2])] = path
        else:
            shutil.rmtree(path)
    return whole[max(whole)] if whole else None
