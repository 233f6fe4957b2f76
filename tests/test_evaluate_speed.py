"""Time and memory are measured elsewhere; here: what is measured, and that the figures mean what they say."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from vie_match import errors
from vie_match.cli import evaluation_speed as commands
from vie_match.embedding import models
from vie_match.embedding.encoder import Vectors, batches
from vie_match.evaluation import growth, machine, made_up, products, speed, throughput, week
from vie_match.evaluation.growth import Growth
from vie_match.evaluation.week import Week
from vie_match.ranking.dense import best
from vie_match.records import BRUSSELS, Call
from vie_match.settings import Settings
from vie_match.vocabulary import CallStatus

MakeCall = Callable[..., Call]

WEEK = Week(profiles=15, calls=12, seconds=2.5, runs_s=(2.5,), imported=("sklearn",), peak_mb=200.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a SentenceTransformer of a few thousand weights."""
    return tiny.folder(tmp_path_factory.mktemp("model"))


@pytest.fixture
def chosen(tmp_path: Path, model: Path) -> Settings:
    return Settings(model=str(model), cache=tmp_path / "cache", calls=tmp_path / "calls")


class Ticking:
    """A clock that shows the given moments, one after the other."""

    def __init__(self, *moments: float) -> None:
        self._moments: Iterator[float] = iter(moments)

    def perf_counter(self) -> float:
        return next(self._moments)


def durations(*seconds: float) -> Ticking:
    """A clock by which works take these seconds."""
    ends = np.cumsum(seconds)
    return Ticking(
        *(float(moment) for end, took in zip(ends, seconds, strict=True) for moment in (end - took, end))
    )


# --- the search ---


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 9),
    columns=st.integers(1, 500),
    count=st.integers(0, 12),
    block=st.integers(1, 10),
)
def test_the_best_are_those_of_sorting_everything_ties_in_order(
    seed: int, rows: int, columns: int, count: int, block: int
) -> None:
    # Small whole numbers: products are exact, and many are equal.
    rng = np.random.default_rng(seed)
    queries = rng.integers(-2, 3, (rows, 3)).astype(np.float32)
    vectors = rng.integers(-2, 3, (columns, 3)).astype(np.float32)
    positions, found = best(queries, vectors, count, block=block)
    every = queries @ vectors.T
    order = np.argsort(-every, axis=1, kind="stable")[:, :count]
    assert positions.tolist() == order.tolist()
    assert found.tolist() == np.take_along_axis(every, order, axis=1).tolist()
    assert (positions.dtype, found.dtype) == (np.int64, np.float32)


def test_among_nothing_nothing_is_best() -> None:
    positions, found = best(np.ones((2, 3), np.float32), np.zeros((0, 0), np.float32), 4)
    assert positions.shape == found.shape == (2, 0)


def test_the_search_holds_one_block_of_products() -> None:
    measured = products.measure(queries=600, vectors=5_000, rounds=1)
    block_mb = products.BLOCK * 5_000 * 4 / 2**20
    assert measured.bare_peak_mb == pytest.approx(block_mb, rel=0.05)
    assert block_mb < measured.best_peak_mb < 1.2 * block_mb
    assert measured.whole_mb == pytest.approx(600 * 5_000 * 4 / 2**20)
    assert measured.exact
    assert min(measured.best_s, measured.bare_s) > 0


def test_the_ratio_is_the_median_of_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    # Search and product by turns: 3 ÷ 1, 4 ÷ 2, 20 ÷ 5.
    monkeypatch.setattr(products, "time", durations(3, 1, 4, 2, 20, 5))
    measured = products.measure(queries=2, vectors=20, rounds=3)
    assert (measured.ratio, measured.best_s, measured.bare_s) == (3, 4, 2)


def test_a_search_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def second_best(
        queries: Vectors, vectors: Vectors, count: int, *, block: int
    ) -> tuple[np.ndarray, np.ndarray]:
        positions, found = best(queries, vectors, count + 1, block=block)
        return positions[:, 1:], found[:, 1:]

    monkeypatch.setattr(products, "best", second_best)
    assert not products.measure(queries=3, vectors=50, rounds=1).exact


# --- batches ---


@given(
    lengths=st.lists(st.integers(0, 60), max_size=60),
    size=st.integers(1, 200),
    most=st.integers(1, 20),
)
def test_batches_hold_every_text_once_and_no_more_than_they_may(
    lengths: list[int], size: int, most: int
) -> None:
    found = list(batches(lengths, size, most))
    assert sorted(at for batch in found for at in batch) == list(range(len(lengths)))
    longest = [max(lengths[at] for at in batch) for batch in found]
    for batch, length in zip(found, longest, strict=True):
        assert len(batch) == 1 or len(batch) * length <= size
        assert len(batch) <= most
    # The next text would have been too much, and no text is longer than one in a later batch.
    for before, after in pairwise(found):
        shortest = min(lengths[at] for at in after)
        assert shortest >= max(lengths[at] for at in before)
        assert len(before) == most or (len(before) + 1) * shortest > size


# --- what is made up ---


def test_made_up_calls_differ_are_open_and_as_long_as_asked_for() -> None:
    calls = made_up.calls(300, 1000)
    assert len({call.identifier for call in calls}) == len({call.text for call in calls}) == 300
    moment = dt.datetime(2026, 12, 1, 12, tzinfo=BRUSSELS)
    assert {call.status(moment) for call in calls} == {CallStatus.OPEN}
    assert np.mean([len(call.text) for call in calls]) == pytest.approx(1000, rel=0.1)
    assert made_up.calls(2, 1000) == calls[:2]
    assert made_up.calls(2, 1000, seed=5) != calls[:2]


def test_made_up_profiles_share_no_word_with_the_calls() -> None:
    profiles = made_up.profiles(15)
    assert len({profile.id for profile in profiles}) == 15
    assert "en" not in {profile.language for profile in profiles}
    theirs = {word.strip(".") for call in made_up.calls(50) for word in call.text.lower().split()}
    ours = {word.strip(".") for profile in profiles for word in profile.text.lower().split()}
    assert not ours & theirs
    assert {word[::-1] for word in ours} & theirs


def test_a_given_vector_is_the_texts_own() -> None:
    encoder = made_up.GivenVectors("some@1", dimension=64)
    vectors = encoder.encode(["Trees and shade.", "Trees and shade!", "A ferry."])
    assert vectors.shape == (3, 64)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert made_up.GivenVectors(dimension=64).encode(["A ferry."]).tolist() == vectors[2:].tolist()
    assert 0.4 < vectors[0] @ vectors[1] < 0.9
    assert encoder.encode([]).shape == (0, 0)
    assert (encoder.id, encoder.prompt) == ("some@1", "")


# --- growth ---


def test_each_size_is_fitted_and_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "SIZES", (4, 9, 50))
    monkeypatch.setattr(growth, "time", Ticking(0, 1, 3, 10, 14, 22))
    found = growth.measure(9, profiles=2)
    assert [(one.calls, one.profiles, one.fit_s, one.rank_s) for one in found] == [(4, 2, 1, 2), (9, 2, 4, 8)]


def test_the_picture_shows_both_times_and_is_the_same_again(tmp_path: Path) -> None:
    from vie_match.evaluation.speed_picture import draw

    points = [Growth(1000, 15, 2.0, 0.5, None), Growth(10_000, 15, 21.0, 1.0, None)]
    draw(points, tmp_path / "new" / "one.svg")
    draw(points, tmp_path / "other.svg")
    drawn = (tmp_path / "new" / "one.svg").read_text(encoding="utf-8")
    assert drawn == (tmp_path / "other.svg").read_text(encoding="utf-8")
    for text in ("reading the calls into an index", "ranking them for 15 profiles", "seconds"):
        assert text in drawn
    draw([Growth(1000, 15, 2.0, 0.5, None), Growth(10_000, 15, 90.0, 1.0, None)], tmp_path / "other.svg")
    assert drawn != (tmp_path / "other.svg").read_text(encoding="utf-8")


# --- the encoder ---


def test_all_ways_are_timed_on_the_same_texts(chosen: Settings) -> None:
    texts = [tiny.sentence(at) for at in range(40)]
    found = throughput.measure(chosen, texts, rounds=1)
    assert found.texts == 40
    assert found.plain_type == "float16"  # as the folder has them
    assert found.ours_type == ("bfloat16" if found.bfloat16 else "float32")
    assert min(found.ours_per_s, found.plain_per_s, found.float32_per_s) > 0
    # The same weights, rounded: of ten nearest most are the same.
    assert 0.8 < found.agreement <= 1


def test_speeds_are_medians_and_ratios_those_of_the_rounds(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each round: ours, plain, float32.
    monkeypatch.setattr(throughput, "time", durations(1, 2, 3, 2, 8, 8, 4, 12, 20))
    found = throughput.measure(chosen, [tiny.sentence(at) for at in range(4)], rounds=3)
    assert (found.ours_per_s, found.plain_per_s, found.float32_per_s) == (2, 0.5, 0.5)
    assert (found.ratio, found.float32_ratio) == (3, 4)


def test_both_see_the_same_prompt(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentence_transformers import SentenceTransformer

    seen: list[tuple[str, str]] = []
    encode = SentenceTransformer.encode

    def listening(self: SentenceTransformer, sentences: list[str], **rest: object) -> object:
        seen.append((str(rest.get("prompt", "")) + sentences[0], str(next(self.parameters()).dtype)))
        return encode(self, sentences, **rest)

    monkeypatch.setattr(SentenceTransformer, "encode", listening)
    encoder = models.encoder

    def prompted(*where: object, **rest: object) -> object:
        made = encoder(*where, **rest)
        made.prompt = "query: "
        return made

    monkeypatch.setattr(models, "encoder", prompted)
    throughput.measure(chosen, ["trees", "trees and water"], rounds=1)
    assert {text.partition(" ")[0] for text, _ in seen} == {"query:"}
    assert {kind for _, kind in seen} >= {"torch.float16", "torch.float32"}


def test_agreement_counts_the_nearest_in_common() -> None:
    angles = np.array([0, 0.1, 0.3, 0.6, 1.0])
    line = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert throughput.agreement(line, line, 2) == 1
    # With two texts in each other's place: nearest 1 0 1 2 3 against 2 2 0 1 3.
    assert throughput.agreement(line, line[[0, 2, 1, 3, 4]], 1) == pytest.approx(1 / 5)
    # Texts whose vectors are equal are still each other's nearest, not their own.
    same = np.ones((3, 2), np.float32) / np.sqrt(np.float32(2))
    assert throughput.agreement(same, same, 5) == 1


@pytest.mark.parametrize("texts", [[], ["one"], ["one", "one"]])
def test_fewer_than_two_texts_are_refused(chosen: Settings, texts: list[str]) -> None:
    with pytest.raises(errors.BadValue, match=r"found \d texts to embed; expected two or more"):
        throughput.measure(chosen, texts)


def test_an_encoder_that_is_no_sentence_transformer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.BadValue, match="'hashing'; expected a SentenceTransformer"):
        throughput.measure(Settings(model="hashing", cache=tmp_path), ["one", "two"])


def test_texts_are_different_passages_from_all_over_the_calls(make_call: MakeCall) -> None:
    calls = [make_call(f"C-{at}", title=f"Call {at % 50}", text="A tree.") for at in range(100)]
    found = throughput.sample(calls, 10)
    assert len(set(found)) == 10
    assert (found[0], found[-1]) == ("Call 0. A tree.", "Call 49. A tree.")
    assert len(throughput.sample(calls, 1000)) == 50


# --- a week's run ---


def test_a_week_in_which_nothing_is_new_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the user has set is not measured.
    monkeypatch.setenv("VIE_MATCH_PROFILES", "/no/such/folder")
    found = week.measure(profiles=2, calls=5, rounds=1)
    assert (found.profiles, found.calls, len(found.runs_s)) == (2, 5, 1)
    assert found.seconds == found.runs_s[0] > 0
    assert "sklearn" in found.imported
    assert not found.loads_torch
    assert found.peak_mb is None or 20 < found.peak_mb < 10_000


def test_what_the_program_imports_is_told(tmp_path: Path) -> None:
    week._fill(tmp_path, profiles=1, calls=2)
    told = week._run(tmp_path, before=week._FILL + "import torch")
    assert "torch" in told["imported"]
    assert [path.suffix for path in sorted((tmp_path / "reports").iterdir())] == [".html", ".html", ".md"]


def test_a_program_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ended with 1: .*no such folder"):
        week._run(tmp_path)


# --- the machine ---


def test_a_machine_has_a_name_cores_and_versions(tmp_path: Path) -> None:
    found = machine.machine()
    assert found.cores >= 1
    assert found.processor
    assert found.versions["numpy"] == np.__version__
    assert found.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nmodel name\t: Some Processor: 3 GHz\nmodel name\t: other\n")
    assert machine._processor(listing) == "Some Processor: 3 GHz"
    assert machine._version("no-such-package-of-this-name") == "not installed"


def test_looking_at_the_machine_imports_nothing_heavy() -> None:
    code = "import sys; from vie_match.evaluation.machine import machine; machine(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "torch", "sklearn"} & set(done.stdout.split())


# --- the command ---


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """No process is started; what was asked of the week is kept."""
    asked: list[dict[str, int]] = []

    def measure(**how: int) -> Week:
        asked.append(how)
        return WEEK

    monkeypatch.setattr(speed, "week", SimpleNamespace(measure=measure))
    return asked


def settings_file(tmp_path: Path, chosen: Settings) -> Path:
    path = tmp_path / "settings.toml"
    lines = [f"{name} = {json.dumps(str(getattr(chosen, name)))}" for name in ("model", "cache", "calls")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_figure_is_written_and_printed(
    tmp_path: Path, chosen: Settings, small: list[dict[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, picture = tmp_path / "new" / "figures.json", tmp_path / "new" / "growth.svg"
    commands.evaluate_speed(
        calls=12,
        passages=60,
        texts=6,
        rounds=1,
        json_file=path,
        plot=picture,
        settings_file=settings_file(tmp_path, chosen),
    )
    assert small == [{"calls": 12, "rounds": 1}]
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["command"] == "vie-match evaluate speed --calls 12 --passages 60 --texts 6 --rounds 1"
    assert dt.date.fromisoformat(found["day"]) <= dt.datetime.now(BRUSSELS).date()
    assert found["week"]["seconds"] == 2.5
    assert [one["calls"] for one in found["growth"]] == [12]
    assert (found["products"]["vectors"], found["products"]["exact"]) == (60, True)
    assert found["throughput"]["texts"] == 6
    assert found["machine"]["versions"]["numpy"] == np.__version__
    assert found["notes"] == []
    assert "ranking them for 15 profiles" in picture.read_text(encoding="utf-8")
    printed = capsys.readouterr().out
    assert found["command"] in printed
    for text in ("2.50 s", "200 MB", "search, exact", "float16", found["machine"]["processor"]):
        assert text in printed


def test_without_the_model_the_rest_is_measured(
    tmp_path: Path, chosen: Settings, small: list[dict[str, int]], capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    chosen = chosen.model_copy(update={"model": str(empty)})
    commands.evaluate_speed(
        calls=3, passages=20, texts=4, rounds=1, settings_file=settings_file(tmp_path, chosen)
    )
    done = capsys.readouterr()
    assert "the encoder is left out: found no modules.json" in " ".join(done.err.split())
    assert "search, exact" in done.out
    assert "embedding" not in done.out


def test_the_texts_are_those_of_the_folder_or_made_up(
    tmp_path: Path, chosen: Settings, make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vie_match.sources.files import save_file

    for at in range(5):
        save_file(make_call(f"C-{at}", title=f"Call {at}", text="A tree."), chosen.calls / f"C-{at}.md")
    assert speed._texts(chosen.calls, 3) == ["Call 0. A tree.", "Call 2. A tree.", "Call 4. A tree."]
    many = speed._texts(chosen.calls, 8)
    assert len(set(many)) == 8
    assert not any(text.endswith("A tree.") for text in many)
    assert speed._texts(tmp_path / "nowhere", 8) == many
