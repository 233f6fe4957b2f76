from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from vie_match.embedding.background import Background, sentences
from vie_match.embedding.encoder import CachedEncoder, HashingEncoder, Vectors
from vie_match.ranking.lexical import LexicalIndex
from vie_match.records import Call, Profile
from vie_match.store.vectors import VectorStore

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


class Dictionary:
    """Words of one meaning have one direction; all others a direction of their own.

    With ``accent``, every text of a language has that language's direction added, as in real models.
    """

    id = "dictionary@1"
    prompt = ""

    def __init__(self, meanings: dict[str, str], accent: float = 0.0, german: Sequence[str] = ()) -> None:
        self.meanings = meanings
        self.accent = accent
        self.german = {*german, *sentences()["de"]}
        self.axes: dict[str, int] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 400), np.float32)
        background = {sentence for own in sentences().values() for sentence in own}
        for row, text in zip(vectors, texts, strict=True):
            if text not in background:
                meaning = self.meanings.get(text, text)
                row[2 + self.axes.setdefault(meaning, len(self.axes))] = 1
            row[0 if text in self.german else 1] += self.accent
        return vectors


@pytest.fixture
def heat(make_call: MakeCall) -> Call:
    return make_call("HEAT", title="Cooling cities", text="Summer heat harms people. Shade and trees help.")


@pytest.fixture
def money(make_call: MakeCall) -> Call:
    return make_call("MONEY", title="Budget rules", text="Accounting of loans and invoices by treasurers.")


def pairs(index: LexicalIndex, profile: Profile, row: int) -> list[tuple[str, str]]:
    return [(word.profile_word, word.call_word) for word in index.shared_words(index.query(profile), row)]


def test_forms_of_a_word_meet_in_one_language(make_profile: MakeProfile, heat: Call, money: Call) -> None:
    index = LexicalIndex([money, heat], None)
    profile = make_profile(title="Tree planting", text="We plant a tree that shades the street.")
    scores = index.scores(index.query(profile))
    assert scores[0] == 0
    assert scores[1] > 0.1
    assert pairs(index, profile, 0) == []
    assert [ours for ours, _ in pairs(index, profile, 1)] == ["tree", "shades"]


def test_the_words_score_is_the_cosine_of_tf_idf_vectors(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [
        make_call("A", title="Tram", text="Bridge bridge bridge."),
        make_call("B", title="Tram", text="River."),
    ]
    index = LexicalIndex(calls, None)
    got = index.scores(index.query(make_profile(title="Bridge", text="Tram.")))
    # Title words count twice; tf = 1 + ln(count); idf = 1 + ln((1 + calls) / (1 + calls with the word)).
    tram, other = 1.0, 1 + np.log(3 / 2)
    first = np.array([(1 + np.log(2)) * tram, (1 + np.log(3)) * other])
    second = np.array([(1 + np.log(2)) * tram, other])
    query = np.array([tram, (1 + np.log(2)) * other])
    expected = [
        first @ query / np.linalg.norm(first) / np.linalg.norm(query),
        second[0] * query[0] / np.linalg.norm(second) / np.linalg.norm(query),
    ]
    assert got.tolist() == pytest.approx(expected, abs=1e-9)


def test_equal_texts_have_the_words_score_one(make_profile: MakeProfile, heat: Call, money: Call) -> None:
    index = LexicalIndex([heat, money], None)
    scores = index.scores(index.query(make_profile(title=heat.title, text=heat.text)))
    assert scores.tolist() == pytest.approx([1, 0])


def test_stop_words_of_the_profiles_language_do_not_count(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    index = LexicalIndex([make_call(title="The which", text="And because with trees.")], None)
    assert index.scores(index.query(make_profile(title="The which", text="And because with."))).tolist() == [
        0
    ]


@pytest.mark.parametrize("language", ["de", "fr", "el", "mt", "eu"])
def test_without_the_bridge_a_foreign_language_gives_zero(
    make_profile: MakeProfile, heat: Call, money: Call, language: str
) -> None:
    # Even letter by letter the same: "heat" in another language is another word.
    profile = make_profile(language=language, title="Heat", text="Summer heat, shade.")
    index = LexicalIndex([heat, money], None)
    query = index.query(profile)
    assert index.scores(query).tolist() == [0, 0]
    assert query.terms == ()
    assert pairs(index, profile, 0) == []


def test_the_bridge_finds_the_word_that_means_the_same(
    make_profile: MakeProfile, heat: Call, money: Call
) -> None:
    encoder = Dictionary({"hitze": "heat", "bäume": "trees", "haushalt": "treasurers"})
    index = LexicalIndex([heat, money], Background(encoder))
    profile = make_profile(language="de", title="Hitze", text="Bäume.")
    scores = index.scores(index.query(profile))
    assert scores[0] > 10 * scores[1]
    assert scores[0] > 0.2
    assert pairs(index, profile, 0)[:2] == [("hitze", "heat"), ("bäume", "trees")]
    other = make_profile(language="de", title="Haushalt", text="Haushalt.")
    assert pairs(index, other, 1) == [("haushalt", "treasurers")]


def test_a_word_with_a_near_neighbour_says_much_and_one_without_says_little(
    make_profile: MakeProfile, heat: Call, money: Call
) -> None:
    index = LexicalIndex([heat, money], Background(Dictionary({"hitze": "heat"})))
    terms = index.query(make_profile(language="de", title="Hitze", text="Xylophon.")).terms
    # A title word counts twice: 1 + ln 2.
    weights = {
        word: sum(term.weight for term in terms if term.profile_word == word) / factor
        for word, factor in [("hitze", 1 + np.log(2)), ("xylophon", 1)]
    }
    assert weights["hitze"] == pytest.approx(1, abs=1e-5)
    assert 0 <= weights["xylophon"] < 0.05
    best = max(terms, key=lambda term: term.weight)
    assert (best.profile_word, best.call_word) == ("hitze", "heat")
    assert best.weight / (1 + np.log(2)) > 0.99


def test_equally_near_words_share_the_weight(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [make_call("A", title="Heat", text="Warmth."), make_call("B", title="Budget", text="Loans.")]
    index = LexicalIndex(calls, Background(Dictionary({"hitze": "heat", "warmth": "heat"})))
    terms = index.query(make_profile(language="de", title="Hitze", text="Hitze.")).terms
    weights = {term.call_word: term.weight / (1 + np.log(3)) for term in terms}
    assert weights["heat"] == pytest.approx(weights["warmth"])
    assert weights["heat"] == pytest.approx(0.5, abs=0.01)


def test_the_bridge_takes_the_languages_own_direction_away(
    make_profile: MakeProfile, money: Call, make_call: MakeCall
) -> None:
    # "Germany" has the direction all German texts have: without centring it is nearest to each of them.
    call = make_call("HEAT", title="Heat", text="Trees, shade, Germany.")
    encoder = Dictionary({"hitze": "heat"}, accent=3, german=["hitze", "germany"])
    index = LexicalIndex([call, money], Background(encoder))
    profile = make_profile(language="de", title="Hitze", text="Hitze.")
    assert pairs(index, profile, 0)[0] == ("hitze", "heat")


def test_a_word_of_the_calls_own_language_that_no_call_has_is_bridged_too(
    make_profile: MakeProfile, heat: Call, money: Call
) -> None:
    profile = make_profile(title="Hotness", text="Trees.")
    bridged = LexicalIndex([heat, money], Background(Dictionary({"hotness": "heat"})))
    assert set(pairs(bridged, profile, 0)) == {("hotness", "heat"), ("trees", "trees")}
    assert pairs(LexicalIndex([heat, money], None), profile, 0) == [("trees", "trees")]


def test_a_word_the_calls_have_themselves_is_not_bridged(
    make_profile: MakeProfile, heat: Call, money: Call
) -> None:
    index = LexicalIndex([heat, money], Background(Dictionary({"trees": "invoices"})))
    terms = index.query(make_profile(title="Trees", text="Trees.")).terms
    assert [(term.profile_word, term.call_word) for term in terms] == [("trees", "trees")]


def test_calls_of_several_languages_are_met_each_in_its_own(
    make_call: MakeCall, make_profile: MakeProfile, heat: Call
) -> None:
    german = make_call("DE", title="Brunnen", text="Trinkbrunnen und Bäume.", language="de")
    index = LexicalIndex([german, heat], Background(Dictionary({"bäume": "trees", "fontaines": "brunnen"})))
    scores = index.scores(index.query(make_profile(language="de", title="Baum", text="Brunnen.")))
    assert scores[0] > 0.5 > scores[1]
    french = make_profile(language="fr", title="Fontaines", text="Fontaines.")
    assert pairs(index, french, 0) == [("fontaines", "brunnen")]


def test_the_shares_of_the_word_pairs_add_up_to_the_score(
    make_profile: MakeProfile, heat: Call, money: Call
) -> None:
    index = LexicalIndex([heat, money], Background(Dictionary({"hitze": "heat", "sommer": "summer"})))
    query = index.query(make_profile(language="de", title="Hitze", text="Sommer."))
    shares = [word.weight for word in index.shared_words(query, 0)]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(index.scores(query)[0], rel=0.05)


def test_at_most_six_word_pairs_are_shown_each_word_once(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    text = "Tree trees planting river bridge tunnel library museum theatre harbour. Treetops."
    call = make_call(title="Planted", text=text)
    index = LexicalIndex([call], None)
    shown = pairs(index, make_profile(title="Planting", text=text), 0)
    assert len(shown) == 6
    assert shown[0] == ("planting", "planting")
    assert len({ours[:5] for ours, _ in shown}) == len({theirs[:5] for _, theirs in shown}) == 6


@pytest.mark.parametrize("bridge", ["none", "plain", "cached"])
@pytest.mark.parametrize(
    "texts", [["12 5 -- ..."], ["12 5", "Die und das"], ["12 5", "Bäume"]], ids=["one", "none", "some"]
)
def test_calls_without_any_word_are_no_obstacle(
    make_call: MakeCall,
    make_profile: MakeProfile,
    encoder: HashingEncoder,
    tmp_path: Path,
    texts: list[str],
    bridge: str,
) -> None:
    calls = [
        make_call(f"X-{at}", title="--", text=text, language="de" if at else "en")
        for at, text in enumerate(texts)
    ]
    cached = CachedEncoder(encoder, VectorStore(tmp_path / "vectors.sqlite"))
    backgrounds = {"none": None, "plain": Background(encoder), "cached": Background(cached)}
    index = LexicalIndex(calls, backgrounds[bridge])
    for language in ("en", "de"):
        query = index.query(make_profile(language=language))
        scores = index.scores(query)
        assert scores.shape == (len(calls),)
        assert np.isfinite(scores).all()
        assert scores[0] == 0
        assert index.shared_words(query, 0) == ()


@pytest.mark.parametrize("bridge", [True, False])
def test_a_profile_without_any_word_scores_zero(
    make_profile: MakeProfile, encoder: HashingEncoder, heat: Call, bridge: bool
) -> None:
    index = LexicalIndex([heat], Background(encoder) if bridge else None)
    assert index.scores(index.query(make_profile(title="--", text="1 2 3"))).tolist() == [0]


def test_the_same_profile_gives_the_same_words_whatever_the_order_of_the_calls(
    make_profile: MakeProfile, heat: Call, money: Call
) -> None:
    # No foreign word is nearer to one call word than to another.
    profile = make_profile(language="de", title="Regal", text="Ziegel, Kanne.")
    encoder = Dictionary(dict.fromkeys(["heat", "trees", "loans", "regal", "kanne"], "same"))
    forward = LexicalIndex([heat, money], Background(encoder)).query(profile)
    backward = LexicalIndex([money, heat], Background(encoder)).query(profile)
    assert [(term.profile_word, term.call_word) for term in forward.terms] == [
        (term.profile_word, term.call_word) for term in backward.terms
    ]


def test_a_call_in_the_profiles_language_leaves_the_bridge_to_the_others_standing(
    make_call: Callable[..., Call], make_profile: Callable[..., Profile]
) -> None:
    # The bridge of this stub: Baum is tree, Schatten is shade.
    class Stub:
        id = "stub"
        prompt = ""

        def encode(self, texts: Sequence[str]) -> Vectors:
            axes = {"baum": 0, "tree": 0, "schatten": 1, "shade": 1}
            rows = np.zeros((len(texts), 4), np.float32)
            for row, text in zip(rows, texts, strict=True):
                row[axes.get(text.lower(), 2)] = 1
            return rows

    english = make_call("EN", title="Tree", text="Tree shade.", language="en")
    german = make_call("DE", title="Baum", text="Baum Schatten.", language="de")
    profile = make_profile(language="de", title="Baum", text="Baum Schatten.")
    background = Background(Stub())
    alone = LexicalIndex([english], background)
    both = LexicalIndex([english, german], background)
    assert alone.scores(alone.query(profile))[0] > 0.5
    among = both.scores(both.query(profile))
    assert among[0] > 0.4
    assert among[1] > 0.4
