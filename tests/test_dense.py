from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from crowded import Crowded

from vie_match.embedding import passages
from vie_match.embedding.background import Background, sentences
from vie_match.embedding.encoder import HashingEncoder, Vectors
from vie_match.ranking.dense import PASSAGE_SHARE, TOP_PASSAGES, DenseIndex
from vie_match.records import Call, Profile

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

# Cut into one passage each: a heading stands before every one.
SUBJECTS = ["tram", "heat", "port", "school", "noise", "food", "river", "roof", "data", "waste", "museum"]


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


def test_each_call_owns_its_stretch_of_the_passages(make_call: MakeCall, background: Background) -> None:
    calls = [
        make_call("A", text=headed(SUBJECTS[:3])),
        make_call("B", text="One."),
        make_call("C", text=headed(SUBJECTS[:2])),
    ]
    index = DenseIndex(calls, background)
    assert index.starts.tolist() == [0, 3, 4, 6]
    assert [passage.owner for passage in index.passages] == ["A", "A", "A", "B", "C", "C"]
    assert index.vectors.shape == (6, 256)
    assert np.linalg.norm(index.vectors, axis=1) == pytest.approx(np.ones(6), abs=1e-5)


def test_a_pair_is_the_cosine_of_the_two_passages_with_their_titles_after_centring(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    encoder = Crowded()
    background = Background(encoder)
    call = make_call(title="Shade", text="Trees for streets.")
    profile = make_profile(title="Schatten", language="de", text="Bäume für Straßen.")
    got = DenseIndex([call], background).similarities(profile)

    def deviation(text: str, language: str) -> np.ndarray:
        vector = encoder.encode([text])[0].astype(float)
        return vector - encoder.encode(sentences()[language]).astype(float).mean(axis=0)

    theirs = deviation("Shade. Trees for streets.", "en")
    ours = deviation("Schatten. Bäume für Straßen.", "de")
    expected = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
    assert got.pairs.tolist() == [[pytest.approx(expected, abs=1e-5)]]
    assert got.pooled.tolist() == got.pairs.tolist()


def test_languages_are_centred_each_on_its_own(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [
        make_call("TRAM", title="-", text="About tram."),
        make_call("HEAT", title="-", text="About heat."),
        make_call("BAHN", title="-", text="About Straßenbahn.", language="de"),
    ]
    index = DenseIndex(calls, Background(Subjects()))
    german = make_profile(title="-", language="de", text="About Straßenbahn.")
    english = make_profile(title="-", text="About tram.")
    assert index.similarities(german).pooled[0].tolist() == pytest.approx([1, 0, 1], abs=1e-5)
    assert index.similarities(english).pooled[0].tolist() == pytest.approx([1, 0, 1], abs=1e-5)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (0, 1.0),
        (1, 1 / 2),
        (TOP_PASSAGES - 1, 1 / TOP_PASSAGES),
        (TOP_PASSAGES, 1 / TOP_PASSAGES),
        (TOP_PASSAGES + 2, 1 / TOP_PASSAGES),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_call_is_worth_the_mean_of_its_best_passages(
    make_call: MakeCall, make_profile: MakeProfile, others: int, expected: float, last: bool
) -> None:
    other_subjects = (SUBJECTS[1:] * 2)[:others]
    subjects = [*other_subjects, "tram"] if last else ["tram", *other_subjects]
    call = make_call(title="-", text=headed(subjects))
    index = DenseIndex([make_call("Y", title="-", text=headed(["port"])), call], Background(Subjects()))
    got = index.similarities(make_profile(title="-", text="About tram."))
    assert got.pairs.shape == (1, others + 2)
    assert got.pooled[0].tolist() == pytest.approx([0, expected], abs=1e-5)


def test_a_call_with_more_passages_than_are_averaged_keeps_its_best(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    subjects = ["tram", "heat"] * TOP_PASSAGES
    index = DenseIndex([make_call(title="-", text=headed(subjects))], Background(Subjects()))
    got = index.similarities(make_profile(title="-", text="About tram."))
    assert got.pooled.tolist() == [[pytest.approx(1, abs=1e-5)]]


def test_a_profile_is_compared_passage_by_passage(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [make_call("A", title="-", text="About heat."), make_call("B", title="-", text="About tram.")]
    profile = make_profile(title="-", text=headed(["tram", "heat", "port"]))
    got = DenseIndex(calls, Background(Subjects())).similarities(profile)
    assert [passage.text for passage in got.passages] == ["About tram.", "About heat.", "About port."]
    assert list(got.passages) == passages.of_profile(profile)
    assert got.pooled == pytest.approx(np.array([[0, 1], [1, 0], [0, 0]]), abs=1e-5)


def test_a_call_has_the_same_similarities_alone_and_beside_others(
    make_call: MakeCall, make_profile: MakeProfile, background: Background
) -> None:
    call = make_call("A", text=headed(SUBJECTS[:9]))
    others = [make_call("B", text="Bäume.", language="de"), make_call("C", text=headed(SUBJECTS[2:]))]
    profile = make_profile()
    alone = DenseIndex([call], background).similarities(profile)
    among = DenseIndex([others[0], call, others[1]], background).similarities(profile)
    assert among.pooled[:, 1] == pytest.approx(alone.pooled[:, 0], abs=1e-6)
    assert among.pairs[:, 1:10] == pytest.approx(alone.pairs, abs=1e-6)


@pytest.mark.parametrize("text", ["## Scope", "7", "--", "- a -", "\n\n.\n\nx"])
def test_a_text_that_hardly_says_anything_has_a_finite_similarity(
    make_call: MakeCall, make_profile: MakeProfile, background: Background, text: str
) -> None:
    got = DenseIndex([make_call(text=text), make_call("Y")], background).similarities(make_profile(text=text))
    assert got.pooled.shape == (len(got.passages), 2)
    assert len(got.passages) >= 1
    assert np.isfinite(got.pooled).all()


def test_the_whole_is_title_and_beginning_of_the_call_against_the_whole_profile(
    make_call: MakeCall, make_profile: MakeProfile, encoder: HashingEncoder, background: Background
) -> None:
    text = "Trees for streets. " * 200
    call, profile = make_call(title="Shade", text=text), make_profile(title="Shadow", text="Many trees.")
    got = DenseIndex([make_call("Y"), call], background).similarities(profile)
    ours, theirs = background.centred(
        encoder.encode(["Shadow. Many trees.", f"Shade. {text[: passages.HEAD]}"]), "en"
    )
    assert got.whole.shape == (2,)
    assert got.whole[1] == pytest.approx(ours @ theirs, abs=1e-5)
    expected = (1 - PASSAGE_SHARE) * got.whole + PASSAGE_SHARE * got.pooled.mean(axis=0)
    assert got.meaning == pytest.approx(expected, abs=1e-6)
