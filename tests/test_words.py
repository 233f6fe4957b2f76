from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.ranking.words import stem, stop_words, words
from vie_match.vocabulary import LANGUAGES


def surfaces(text: str, language: str) -> list[str]:
    return [word.surface for word in words(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The trees and the shade", "en", ["trees", "shade"]),
        ("Die Bäume in den Straßen", "de", ["bäume", "straßen"]),
        ("Τα δέντρα και η σκιά", "el", ["δέντρα", "σκιά"]),
        ("Les arbres et l'ombre dans la ville", "fr", ["arbres", "l'ombre", "ville"]),
        ("Drzewa i cień", "pl", ["drzewa", "cień"]),
        ("Дърветата и сянката", "bg", ["дърветата", "сянката"]),
        ("A bus, air; 5G of EU", "en", ["bus", "air"]),
        ("Climate-neutral (COVID-19) in 2030", "en", ["climate-neutral", "covid-19"]),
        ("'Quoted' -dashed- ’typographic’ my_name", "en", ["quoted", "dashed", "typographic", "my_name"]),
        ("_underscore __init__", "en", ["underscore", "init__"]),
        ("", "en", []),
        ("... 12 345 -- ''' §§ 5 €", "en", []),
        ("trees, trees; TREES", "en", ["trees", "trees", "trees"]),
    ],
)
def test_content_words_are_found_in_order(text: str, language: str, expected: list[str]) -> None:
    assert surfaces(text, language) == expected


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("bg", "дърво", "дърво"),
        ("ca", "ciutats", "ciutat"),
        ("cs", "stromy", "strom"),
        ("da", "skolerne", "skoler"),
        ("de", "Bäume", "Baum"),
        ("de", "STRASSEN", "Straße"),
        ("el", "πόλεις", "ΠΟΛΗ"),
        ("en", "planting", "plants"),
        ("es", "árboles", "árbol"),
        ("et", "linnad", "linna"),
        ("fi", "kaupungit", "kaupungin"),
        ("fr", "énergies", "énergie"),
        ("fr", "l'énergie", "énergie"),
        ("hu", "városok", "város"),
        ("it", "alberi", "albero"),
        ("lt", "miestai", "miestas"),
        ("nl", "bomen", "bomen"),
        ("no", "byene", "byen"),
        ("pl", "drzewa", "drzewo"),
        ("pt", "cidades", "cidade"),
        ("ro", "orașelor", "orașele"),
        ("sv", "träden", "träd"),
        ("tr", "şehirler", "şehir"),
    ],
)
def test_forms_of_one_word_have_one_stem(language: str, one: str, other: str) -> None:
    assert [word.stem for word in words(one, language)] == [word.stem for word in words(other, language)]
    assert surfaces(one, language)


@pytest.mark.parametrize(
    ("language", "straight", "typographic"),
    [
        ("fr", "l'énergie d'Aix qu'une", "l’énergie d’Aix qu’une"),
        ("it", "dell'acqua", "dell’acqua"),
        ("ca", "l'aigua", "l’aigua"),
        ("en", "city's don't", "city’s don’t"),
    ],
)
def test_a_typographic_apostrophe_means_the_same_as_a_straight_one(
    language: str, straight: str, typographic: str
) -> None:
    expected = [word.stem for word in words(straight, language)]
    assert [word.stem for word in words(typographic, language)] == expected


@pytest.mark.parametrize(
    ("language", "composed", "decomposed"),
    [
        ("de", "Bäume", "Ba\u0308ume"),
        ("fr", "énergie", "e\u0301nergie"),
        ("el", "πόλη", "πο\u0301λη"),
        ("cs", "město", "me\u030csto"),
    ],
)
def test_letters_with_separate_accents_are_the_same_word(
    language: str, composed: str, decomposed: str
) -> None:
    assert [word.stem for word in words(decomposed, language)] == [
        word.stem for word in words(composed, language)
    ]


def test_a_capital_turkish_i_with_a_dot_begins_a_word() -> None:
    assert [word.stem for word in words("İstanbul", "tr")] == [stem("istanbul", "tr")]


def test_the_same_letters_have_their_stem_by_language() -> None:
    assert stem("gifts", "en") == "gift"
    assert stem("gifts", "lv") == "gifts"


@pytest.mark.parametrize(
    ("language", "among", "not_among"),
    [("en", "the", "city"), ("de", "und", "stadt"), ("el", "και", "πόλη"), ("bg", "или", "град")],
)
def test_stop_words_are_those_of_the_language(language: str, among: str, not_among: str) -> None:
    assert among in stop_words(language)
    assert not_among not in stop_words(language)


def test_a_language_without_a_list_has_no_stop_words() -> None:
    assert stop_words("mt") == frozenset()
    assert surfaces("the trees", "mt") == ["the", "trees"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_profiles_may_have_can_be_cut_into_stems(language: str) -> None:
    found = list(words("Klimatologie Πράσινο Зелено łąka", language))
    assert [word.surface for word in found] == ["klimatologie", "πράσινο", "зелено", "łąka"]
    assert all(word.stem for word in found)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60), language=st.sampled_from(["de", "el", "en", "fr", "lv", "tr"]))
def test_words_of_any_text_are_small_longer_than_two_and_no_stop_words(text: str, language: str) -> None:
    for word in words(text, language):
        assert len(word.surface) > 2
        assert word.surface == word.surface.strip("'-")
        assert word.surface not in stop_words(language)
        assert not set(" .,;:!?\n") & set(word.surface)
        assert word.stem == stem(word.surface, language) != ""
