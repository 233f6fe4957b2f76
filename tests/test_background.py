from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from crowded import Crowded

from vie_match.embedding.background import Background, sentences, unit
from vie_match.embedding.encoder import HashingEncoder, Vectors
from vie_match.sections import HEADINGS
from vie_match.vocabulary import LANGUAGES


class Recording(HashingEncoder):
    """The tiny encoder that keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().encode(texts)


def test_the_table_has_sixteen_sentences_in_each_of_31_languages() -> None:
    table = sentences()
    assert len(table) == 31
    assert {language: len(own) for language, own in table.items()} == dict.fromkeys(table, 16)
    assert table.keys() <= LANGUAGES
    assert table.keys() >= HEADINGS.keys()


def test_every_background_sentence_stands_once_and_is_a_sentence() -> None:
    everything = [sentence for own in sentences().values() for sentence in own]
    assert len(set(everything)) == len(everything) == 31 * 16
    assert [sentence for sentence in everything if sentence != sentence.strip() or len(sentence) < 15] == []


@pytest.mark.parametrize(
    ("language", "letters"), [("el", "αβγδε"), ("bg", "абвгд"), ("uk", "іїє"), ("de", "äöü"), ("pl", "łąę")]
)
def test_the_sentences_are_written_in_their_language(language: str, letters: str) -> None:
    assert set(letters) <= set("".join(sentences()[language]).lower())


def test_a_centre_is_the_mean_of_the_languages_sentences(encoder: HashingEncoder) -> None:
    expected = encoder.encode(sentences()["de"]).astype(float).sum(axis=0) / 16
    assert Background(encoder).centre("de") == pytest.approx(expected, abs=1e-6)


def test_the_centre_of_an_unlisted_language_is_the_mean_of_all(encoder: HashingEncoder) -> None:
    background = Background(encoder)
    centres = [background.centre(language) for language in sentences()]
    assert "eu" not in sentences()
    assert background.centre("eu") == pytest.approx(np.mean(centres, axis=0), abs=1e-6)
    assert np.abs(background.centre("eu") - background.centre("de")).max() > 0.01


def test_each_language_is_embedded_once_and_only_when_asked_for() -> None:
    encoder = Recording()
    background = Background(encoder)
    assert encoder.asked == []
    for _ in range(3):
        background.centre("de")
    assert encoder.asked == sentences()["de"]
    for _ in range(2):
        background.centre("eu")
    assert len(encoder.asked) == len(set(encoder.asked)) == 31 * 16


def test_centred_vectors_lose_their_own_languages_centre_and_have_length_one() -> None:
    encoder = Crowded()
    background = Background(encoder)
    vectors = encoder.encode(["Bäume gegen Hitze", "Schatten"])
    difference = vectors - background.centre("de")
    expected = difference / np.sqrt((difference**2).sum(axis=1))[:, None]
    got = background.centred(vectors, "de")
    assert got == pytest.approx(expected, abs=1e-6)
    assert got.dtype == np.float32
    assert np.abs(background.centred(vectors, "en") - got).max() > 0.01


def test_where_sentences_are_spread_out_nothing_is_taken_away(encoder: HashingEncoder) -> None:
    background = Background(encoder)
    vectors = encoder.encode(["Bäume gegen Hitze", "Schatten"])
    assert np.linalg.norm(background.centre("de")) < 0.6 < np.linalg.norm(Background(Crowded()).centre("de"))
    assert background.centred(vectors, "de").tolist() == vectors.tolist()


def test_a_vector_that_equals_the_centre_stays_zero() -> None:
    encoder = Crowded()
    background = Background(encoder)
    rows = np.stack([background.centre("de"), encoder.encode(["Schatten"])[0]])
    lengths = np.linalg.norm(background.centred(rows, "de"), axis=1)
    assert lengths.tolist() == pytest.approx([0, 1])


def test_unit_takes_no_row_and_leaves_its_input_alone() -> None:
    assert unit(np.zeros((0, 4), np.float32)).shape == (0, 4)
    rows = np.array([[0.0, 2.0], [0.0, 0.0], [-1e-9, 0.0]], np.float32)
    assert unit(rows).tolist() == [[0, 1], [0, 0], [-1, 0]]
    assert rows[0].tolist() == [0, 2]
