from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from crowded import Crowded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vie_match.embedding import passages
from vie_match.embedding.background import Background, sentences
from vie_match.embedding.encoder import HashingEncoder, Vectors
from vie_match.ranking.dense import PASSAGE_SHARE, PASSAGES, DenseIndex, best
from vie_match.records import Call, Profile

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

# Cut into one passage each: a heading stands before every one.
SUBJECTS = ["tram", "heat", "port", "school", "noise", "food", "river", "roof", "data", "waste", "museum"]

# A passage as long as a call's beginning: what follows is no part of the call as a whole.
LONG = "The council decides in spring. " * (passages.HEAD // 30 + 1)

# Few whole numbers: products are exact in float32, and many are equal.
NUMBERS = st.integers(-2, 2)


def headed(subjects: Sequence[str]) -> str:
    return "\n\n".join(f"## {subject}\n\nAbout {subject}." for subject in subjects)


class Subjects:
    """A text has the direction of the subject it is about, plus a strong one of its language."""

    id = "subjects@1"
    prompt = ""

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), len(SUBJECTS) + 2), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            subject = text.lower().replace("straßenbahn", "tram").rpartition("about ")[2].rstrip(".")
            row[-1 if text in sentences()["de"] or "Straßenbahn" in text else -2] = 5
            if subject in SUBJECTS:
                row[SUBJECTS.index(subject)] = 1
        return vectors


@pytest.fixture
def background(encoder: HashingEncoder) -> Background:
    return Background(encoder)


def meaning(index: DenseIndex, *profiles: Profile) -> Vectors:
    return index.meaning(index.queries(profiles))


# --- the vectors ---


def test_each_call_owns_its_stretch_of_the_passages(make_call: MakeCall, background: Background) -> None:
    calls = [
        make_call("A", text=headed(SUBJECTS[:3])),
        make_call("B", text="One."),
        make_call("C", text=headed(SUBJECTS[:2])),
    ]
    index = DenseIndex(calls, background)
    assert index.starts.tolist() == [0, 3, 4, 6]
    assert [passage.owner for passage in index.passages] == ["A", "A", "A", "B", "C", "C"]
    assert index.pieces.shape == (6, 256)
    assert index.vectors.shape == (3, 256)
    assert index.pieces.dtype.name == index.vectors.dtype.name == "float32"
    assert np.linalg.norm(index.pieces, axis=1) == pytest.approx(np.ones(6), abs=1e-5)


def test_a_call_is_half_its_beginning_and_half_the_mean_of_its_passages(
    make_call: MakeCall, encoder: HashingEncoder, background: Background
) -> None:
    text = f"{LONG}\n\n{headed(['tram', 'heat'])}"
    calls = [make_call("A", text="Ships."), make_call("B", title="Rails", text=text), make_call("C")]
    index = DenseIndex(calls, background)
    whole = encoder.encode([f"Rails. {text[: passages.HEAD]}"])[0].astype(float)
    own = [passages.in_context(passage, "Rails") for passage in passages.of_call(calls[1])]
    assert own[-1] == "Rails. heat. About heat."
    assert 4 < len(own) <= PASSAGES
    mean = encoder.encode(own).astype(float).mean(axis=0)
    assert PASSAGE_SHARE == 0.5
    assert index.vectors[1] == pytest.approx((whole + mean) / 2, abs=1e-6)


@pytest.mark.parametrize("more", [-1, 0, 1, 15])
def test_only_the_first_twenty_passages_of_a_call_count(
    make_call: MakeCall, encoder: HashingEncoder, background: Background, more: int
) -> None:
    text = f"{LONG}\n\n" + "\n\n".join(f"## Part {at}\n\nNumber {at * at}." for at in range(40))
    own = passages.of_call(make_call(text=text))
    assert own[19].start > passages.HEAD
    text = text[: own[19 + more].end]
    call = make_call(title="Rails", text=text)
    index = DenseIndex([call, make_call("Y", text="Ships.")], background)
    first = own[: min(20 + more, 20)]
    assert index.passages[: index.starts[1]] == first
    mean = encoder.encode([passages.in_context(one, "Rails") for one in first]).mean(axis=0)
    whole = encoder.encode([passages.whole_call(call)])[0]
    assert index.vectors[0] == pytest.approx((whole + mean) / 2, abs=1e-6)


def test_a_call_with_twice_the_same_passages_is_worth_the_same(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    once, twice = (make_call(title="-", text=f"{LONG}\n\n{headed(SUBJECTS[:3] * at)}") for at in (1, 2))
    assert len(passages.of_call(twice)) <= PASSAGES
    long = len(passages.of_call(once)) - 3
    profile = make_profile(title="-", text="About tram.")
    index = DenseIndex([once, twice], Background(Subjects()))
    # One of the passages, then two, are about what the profile is about; the beginning is not.
    expected = [0.5 / (long + 3), 0.5 * 2 / (long + 6)]
    assert meaning(index, profile)[0].tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("others", [0, 1, 7, 8, 10])
@pytest.mark.parametrize("last", [True, False])
def test_every_passage_weighs_the_same(
    make_call: MakeCall, make_profile: MakeProfile, others: int, last: bool
) -> None:
    other_subjects = SUBJECTS[1:][:others]
    subjects = [*other_subjects, "tram"] if last else ["tram", *other_subjects]
    call = make_call(title="-", text=headed(subjects))
    index = DenseIndex([make_call("Y", title="-", text=headed(["port"])), call], Background(Subjects()))
    got = meaning(index, make_profile(title="-", text="About tram."))
    # The encoder sees in the beginning what comes last.
    beginning = 0.5 if last or not others else 0.0
    assert got[0].tolist() == pytest.approx([0, beginning + 0.5 / (others + 1)], abs=1e-5)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.one_of(st.sampled_from(["## Scope", "7", "--", headed(SUBJECTS), LONG]), st.text(min_size=1)),
        min_size=1,
        max_size=5,
    )
)
def test_a_call_is_never_longer_than_one_and_has_passages(
    make_call: MakeCall, background: Background, texts: list[str]
) -> None:
    calls = [make_call(f"X-{at}", text=f"{text} x") for at, text in enumerate(texts)]
    index = DenseIndex(calls, background)
    assert (np.diff(index.starts) >= 1).all()
    assert index.starts[-1] == len(index.passages) == len(index.pieces)
    assert (np.linalg.norm(index.vectors, axis=1) <= 1 + 1e-6).all()


# --- languages ---


def test_the_meaning_is_of_vectors_without_the_centre_of_their_language(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    encoder = Crowded()
    call = make_call(title="Shade", text="Trees for streets.")
    profile = make_profile(title="Schatten", language="de", text="Bäume für Straßen.")
    got = meaning(DenseIndex([call], Background(encoder)), profile)

    def deviation(text: str, language: str) -> NDArray[np.float64]:
        centre = encoder.encode(sentences()[language]).astype(float).mean(axis=0)
        return np.asarray(encoder.encode([text])[0] - centre, np.float64)

    # Of so short a call the beginning is the passage.
    theirs = deviation("Shade. Trees for streets.", "en")
    ours = deviation("Schatten. Bäume für Straßen.", "de")
    expected = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert got.tolist() == [[pytest.approx(expected, abs=1e-5)]]


def test_languages_are_centred_each_on_its_own(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [
        make_call("TRAM", title="-", text="About tram."),
        make_call("HEAT", title="-", text="About heat."),
        make_call("BAHN", title="-", text="About Straßenbahn.", language="de"),
    ]
    index = DenseIndex(calls, Background(Subjects()))
    german = make_profile(title="-", language="de", text="About Straßenbahn.")
    english = make_profile(title="-", text="About tram.")
    expected = np.array([[1, 0, 1], [1, 0, 1]])
    assert meaning(index, german, english) == pytest.approx(expected, abs=1e-5)


def test_the_passages_of_a_call_lose_the_centre_of_its_own_language(make_call: MakeCall) -> None:
    calls = [
        make_call("A", title="-", text=headed(["heat", "port", "food"])),
        make_call("B", title="-", text="About Straßenbahn.\n\n## Und\n\nAbout Straßenbahn.", language="de"),
        make_call("C", title="-", text=headed(["river"])),
    ]
    index = DenseIndex(calls, Background(Subjects()))
    subjects = [SUBJECTS.index(name) for name in ("heat", "port", "food", "tram", "tram", "river")]
    assert index.pieces == pytest.approx(np.eye(len(SUBJECTS) + 2)[subjects], abs=1e-5)


# --- the queries ---


def test_a_query_is_the_title_and_the_whole_text_of_a_profile(
    make_call: MakeCall, make_profile: MakeProfile, encoder: HashingEncoder, background: Background
) -> None:
    text = "Many trees.\n\n## What we need\n\n" + "Shade in ten streets. " * 200 + "Nurses."
    index = DenseIndex([make_call()], background)
    got = index.queries([make_profile(), make_profile("b", title="Shadow", text=text)])
    assert got.shape == (2, 256)
    assert got.dtype == np.float32
    assert got[1] == pytest.approx(encoder.encode([f"Shadow. {text}"])[0], abs=1e-6)


def test_profiles_of_many_languages_keep_their_order(make_call: MakeCall, make_profile: MakeProfile) -> None:
    profiles = [
        make_profile(f"p-{at}", title=f"Trees {at}", language=language)
        for at, language in enumerate(["de", "en", "el", "de", "mt", "en"] * 2)
    ]
    index = DenseIndex([make_call(), make_call("Y", text="Ships.")], Background(Crowded()))
    together = index.queries(profiles)
    for row, profile in zip(together, profiles, strict=True):
        assert row == pytest.approx(index.queries([profile])[0], abs=1e-6)
    assert meaning(index, *profiles) == pytest.approx(together @ index.vectors.T, abs=1e-6)
    assert index.queries([]).shape == (0, index.vectors.shape[1])
    assert index.meaning(index.queries([])).shape == (0, len(index.vectors))


def test_a_call_has_the_same_meaning_alone_and_beside_others(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    background = Background(Crowded())
    call = make_call("A", text=headed(SUBJECTS[:9]))
    others = [make_call("B", text="Bäume.", language="de"), make_call("C", text=headed(SUBJECTS[2:]))]
    profiles = [make_profile(), make_profile("b", language="fr", text="Des arbres.")]
    alone = meaning(DenseIndex([call], background), *profiles)
    among = meaning(DenseIndex([others[0], call, others[1]], background), *profiles)
    assert among[:, 1] == pytest.approx(alone[:, 0], abs=1e-6)


@pytest.mark.parametrize("text", ["## Scope", "7", "--", "- a -", "\n\n.\n\nx"])
def test_a_text_that_hardly_says_anything_has_a_finite_meaning(
    make_call: MakeCall, make_profile: MakeProfile, background: Background, text: str
) -> None:
    calls = [make_call("X"), make_call("Y", text=text), make_call("Z")]
    index = DenseIndex(calls, background)
    got = meaning(index, make_profile(text=text))
    assert got.shape == (1, 3)
    assert np.isfinite(got).all()
    assert got[0, 0] == pytest.approx(got[0, 2], abs=1e-6)
    ours = index.queries([make_profile(text=text)])[0].astype(float)
    assert got[0] == pytest.approx(index.vectors.astype(float) @ ours, abs=1e-6)


# --- it is linear ---


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subjects=st.lists(st.sampled_from(SUBJECTS), min_size=2, max_size=8),
    wanted=st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=4),
)
def test_without_its_largest_addend_a_call_means_less(
    encoder: HashingEncoder,
    make_call: MakeCall,
    make_profile: MakeProfile,
    subjects: list[str],
    wanted: list[str],
) -> None:
    background = Background(encoder)
    text = f"{LONG}\n\n{headed(subjects)}"
    profile = make_profile(title="Town", text=" ".join(f"About {subject}." for subject in wanted))
    index = DenseIndex([make_call(text=text)], background)
    [query], [before] = index.queries([profile]), meaning(index, profile)[0].tolist()
    addends = index.pieces @ query
    assert before == pytest.approx(
        0.5 * float(query @ encoder.encode([passages.whole_call(make_call(text=text))])[0])
        + 0.5 * float(addends.mean()),
        abs=1e-6,
    )
    # Without a passage the others share its place: its own addend over the mean is what is lost.
    count = len(addends)
    for at, passage in enumerate(index.passages):
        if passage.start < passages.HEAD:
            continue
        rest = text[: passage.start] + text[passage.end :]
        [after] = meaning(DenseIndex([make_call(text=rest)], background), profile)[0].tolist()
        loss = 0.5 * float(addends[at] - addends.mean()) / (count - 1)
        assert before - after == pytest.approx(loss, abs=1e-6)
        if addends[at] > addends.mean() + 1e-4:
            assert after < before


# --- the best ---


@st.composite
def searches(draw: st.DrawFn) -> tuple[Vectors, Vectors]:
    dimension = draw(st.integers(1, 3))
    row = st.lists(NUMBERS, min_size=dimension, max_size=dimension)
    queries = draw(st.lists(row, max_size=9))
    vectors = draw(st.lists(row, min_size=1, max_size=12))
    return (
        np.array(queries, np.float32).reshape(len(queries), dimension),
        np.array(vectors, np.float32),
    )


@settings(max_examples=300, deadline=None)
@given(search=searches(), count=st.integers(1, 14), block=st.integers(1, 12))
def test_the_best_are_those_of_a_full_sort_with_equal_ones_in_order(
    search: tuple[Vectors, Vectors], count: int, block: int
) -> None:
    queries, vectors = search
    positions, products = best(queries, vectors, count, block=block)
    kept = min(count, len(vectors))
    assert positions.shape == products.shape == (len(queries), kept)
    assert (positions.dtype.name, products.dtype.name) == ("int64", "float32")
    for query, found, values in zip(queries.tolist(), positions.tolist(), products.tolist(), strict=True):
        product = [sum(a * b for a, b in zip(query, row, strict=True)) for row in vectors.tolist()]
        expected = sorted(range(len(vectors)), key=lambda at: (-product[at], at))[:kept]
        assert found == expected
        assert values == [product[at] for at in expected]


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    many=st.integers(30, 400),
    count=st.integers(0, 14),
    block=st.integers(1, 6),
    largest=st.sampled_from([1, 2, 9]),
)
def test_the_best_of_many_are_those_of_a_full_sort(
    seed: int, many: int, count: int, block: int, largest: int
) -> None:
    random = np.random.default_rng(seed)
    queries, vectors = (
        random.integers(-largest, largest, size=(rows, 3), endpoint=True).astype(np.float32)
        for rows in (5, many)
    )
    positions, products = best(queries, vectors, count, block=block)
    exact = queries.astype(int) @ vectors.astype(int).T
    expected = np.argsort(-exact, axis=1, kind="stable")[:, :count]
    assert positions.tolist() == expected.tolist()
    assert products.tolist() == np.take_along_axis(exact, expected, axis=1).tolist()


@pytest.mark.parametrize(("vectors", "count"), [(3, 0), (0, 2), (0, 0)])
def test_the_best_of_nothing_and_none_of_the_best_are_no_columns(vectors: int, count: int) -> None:
    positions, products = best(np.ones((4, 2), np.float32), np.ones((vectors, 2), np.float32), count)
    assert positions.shape == products.shape == (4, 0)


def test_more_queries_than_a_block_are_all_answered() -> None:
    random = np.random.default_rng(0)
    queries = random.normal(size=(600, 16)).astype(np.float32)
    vectors = random.normal(size=(50, 16)).astype(np.float32)
    positions, products = best(queries, vectors, 5)
    exact = queries.astype(float) @ vectors.astype(float).T
    assert positions.tolist() == np.argsort(-exact, axis=1)[:, :5].tolist()
    assert products == pytest.approx(-np.sort(-exact, axis=1)[:, :5], abs=1e-4)
