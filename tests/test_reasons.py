"""The one sentence of a reason: says what the match holds, reads well, and nothing is added."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.errors import BadValue
from vie_match.ranking.audience import Audience, addressed, participation
from vie_match.records import Call
from vie_match.reports import reasons
from vie_match.reports.quoting import quotable, shorten
from vie_match.results import Evidence, Match, Passage, SharedWord
from vie_match.vocabulary import CallStatus

MakeCall = Callable[..., Call]

OURS = "Wir pflanzen Bäume in zehn heißen Straßen."
THEIRS = "Projects plant trees along streets."


def passage(text: str, section: str = "text") -> Passage:
    return Passage(owner="x", section=section, text=text, start=0, end=len(text))


def pair(ours: str = OURS, theirs: str = THEIRS, section: str = "plan") -> Evidence:
    own, other = passage(ours, section), passage(theirs)
    return Evidence(
        profile_passage=own,
        call_passage=other,
        profile_sentence=own,
        call_sentence=other,
        similarity=0.5,
    )


def word(ours: str, theirs: str) -> SharedWord:
    return SharedWord(profile_word=ours, call_word=theirs, weight=1)


def a_match(
    call: Call, evidence: Sequence[Evidence] = (), words: Sequence[SharedWord] = (), audience: str = ""
) -> Match:
    return Match(
        profile_id="a",
        call=call,
        rank=1,
        score=1,
        status=CallStatus.OPEN,
        deadline=None,
        contributions=(),
        evidence=tuple(evidence),
        words=tuple(words),
        audience=audience,
    )


@pytest.fixture
def town_twinning(make_call: MakeCall) -> Call:
    return make_call("CERV-2027-CITIZENS-TOWN-TT", programme="CERV")


def test_the_sentence_quotes_both_sides_and_names_words_and_audience(town_twinning: Call) -> None:
    words = [word("bäume", "trees"), word("straßen", "streets")]
    match = a_match(town_twinning, [pair()], words, addressed(town_twinning).because)
    assert reasons.reason(match) == (
        "Your plan (“Wir pflanzen Bäume in zehn heißen Straßen”) meets this passage of the call: "
        "“Projects plant trees along streets”, with “bäume” – “trees” and “straßen” – “streets” as the "
        "strongest pairs of words; such calls are made for municipalities or their networks."
    )
    assert reasons.reason(match, "de") == (
        "Ihr Vorhaben („Wir pflanzen Bäume in zehn heißen Straßen“) trifft auf diese Stelle des Aufrufs: "
        "„Projects plant trees along streets“, mit „bäume“ – „trees“ und „straßen“ – „streets“ als "
        "stärksten Wortpaaren; solche Aufrufe sind für Kommunen oder ihre Netzwerke gemacht."
    )


@pytest.mark.parametrize(
    ("words", "english", "german"),
    [
        ([word("heat", "heat")], "with “heat” as a word in common", "mit „heat“ als gemeinsamem Wort"),
        (
            [word("heat", "heat"), word("tree", "tree")],
            "with “heat” and “tree” as words in common",
            "mit „heat“ und „tree“ als gemeinsamen Wörtern",
        ),
        ([word("baum", "tree")], "as the strongest pair of words", "als stärkstem Wortpaar"),
    ],
)
def test_one_word_and_several_are_told_apart(
    make_call: MakeCall, words: list[SharedWord], english: str, german: str
) -> None:
    match = a_match(make_call(), [pair()], words)
    assert reasons.reason(match).endswith(f"{english}.")
    assert reasons.reason(match, "de").endswith(f"{german}.")


def test_words_of_one_kind_only_and_at_most_three(make_call: MakeCall) -> None:
    words = [word("a", "b"), word("data", "data"), word("c", "d"), word("e", "f"), word("g", "h")]
    told = reasons.reason(a_match(make_call(), [pair()], words))
    assert "“a” – “b”, “c” – “d” and “e” – “f”" in told
    assert "data" not in told
    assert "“g”" not in told


@pytest.mark.parametrize("section", ["situation", "plan", "needs", "offers", "text", "unheard of"])
def test_every_part_of_a_profile_has_a_name(make_call: MakeCall, section: str) -> None:
    match = a_match(make_call(), [pair(section=section)])
    assert reasons.reason(match).startswith("Your ")
    assert reasons.reason(match, "de").startswith("Ihr")


def test_a_pair_that_says_something_goes_before_one_that_does_not(make_call: MakeCall) -> None:
    label, telling = pair("Ziel:", "Scope:"), pair()
    assert OURS[:-1] in reasons.reason(a_match(make_call(), [label, telling]))
    assert "“Ziel”" in reasons.reason(a_match(make_call(), [label]))


def test_of_two_pairs_the_one_with_a_word_that_met_is_quoted(make_call: MakeCall) -> None:
    first = pair("Wir haben schon viele Messgeräte aufgestellt.", "Readiness is at level seven or eight.")
    assert "Messgeräte" in reasons.reason(a_match(make_call(), [first, pair()]))
    assert "Bäume" in reasons.reason(a_match(make_call(), [first, pair()], [word("bäume", "trees")]))


def test_without_evidence_words_alone_are_told_and_without_words_the_audience(town_twinning: Call) -> None:
    because = addressed(town_twinning).because
    assert reasons.reason(a_match(town_twinning, words=[word("heat", "heat")])) == (
        "Project and call have the word “heat” in common."
    )
    assert reasons.reason(a_match(town_twinning, audience=because), "de") == (
        "Solche Aufrufe sind für Kommunen oder ihre Netzwerke gemacht."
    )
    assert reasons.reason(a_match(town_twinning)) == (
        "No passage and no word of this call can be named as a reason."
    )


def test_of_horizon_europe_it_is_told_how_many_projects_had_a_municipality(make_call: MakeCall) -> None:
    call = make_call("HORIZON-MISS-2027-04-CIT-01", programme="HORIZON")
    count = participation()["MISS-CIT"]
    told = reasons.reason(a_match(call, audience=addressed(call).because), "de")
    assert told == (
        f"An {count.with_municipality} von {count.projects} Projekten in diesem Teil von Horizont Europa "
        "war eine Kommune beteiligt."
    )


def test_what_somebody_else_says_of_the_audience_is_only_quoted(make_call: MakeCall) -> None:
    told = reasons.reason(a_match(make_call(), audience="Islands only."), "de")
    assert told == "Von solchen Aufrufen heißt es: „Islands only“."


def test_whom_a_call_is_for_is_told_with_what_it_rests_on(make_call: MakeCall, town_twinning: Call) -> None:
    twinning = a_match(town_twinning, audience=addressed(town_twinning).because)
    assert reasons.for_whom(twinning) == "Town twinning is for municipalities and their twinning committees."
    assert reasons.for_whom(twinning, "de") == (
        "Städtepartnerschaften sind für Kommunen und ihre Partnerschaftsvereine."
    )
    horizon = make_call("HORIZON-MISS-2027-04-CIT-01", programme="HORIZON")
    count = participation()["MISS-CIT"]
    assert reasons.for_whom(a_match(horizon, audience=addressed(horizon).because), "de") == (
        f"An {count.with_municipality} von {count.projects} Projekten in diesem Teil von Horizont Europa "
        "war eine Kommune beteiligt (CORDIS, 6. Dezember 2025)."
    )
    unknown = make_call("Z-1", programme="OTHER")
    assert reasons.for_whom(a_match(unknown, audience=addressed(unknown).because), "de") == (
        "Es ist nicht bekannt, für wen solche Aufrufe sind."
    )
    assert reasons.for_whom(a_match(unknown, audience="Islands only."), "de") == "Islands only."


def test_an_unknown_audience_is_not_mentioned(make_call: MakeCall) -> None:
    call = make_call("Z-1", programme="OTHER")
    assert addressed(call).audience is Audience.UNKNOWN
    told = reasons.reason(a_match(call, [pair()], audience=addressed(call).because))
    assert told.endswith(f"“{THEIRS[:-1]}”.")


def test_pieces_say_whose_words_they_are(make_call: MakeCall) -> None:
    pieces = reasons.pieces(a_match(make_call(), [pair()], [word("bäume", "trees")]))
    assert [piece.text for piece in pieces if piece.side == "profile"] == [OURS[:-1], "bäume"]
    assert [piece.text for piece in pieces if piece.side == "call"] == [THEIRS[:-1], "trees"]


def test_another_language_is_refused_with_those_there_are(make_call: MakeCall) -> None:
    with pytest.raises(BadValue, match=r"found the language 'xx'; expected one of: en \(English\), "):
        reasons.reason(a_match(make_call()), "xx")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Trees for all.", "Trees for all"),
        ("Who pays?", "Who pays?"),
        ("* **Trees** and [shade](https://example.org/x)", "Trees and shade"),
        ("1) first\n   second", "first second"),
        ("## Scope", "Scope"),
        ("„Grüne“ Höfe", "'Grüne' Höfe"),
        ("{braces} stay", "{braces} stay"),
        ("-", ""),
    ],
)
def test_a_quotation_is_one_line_without_markdown(text: str, quoted: str) -> None:
    assert quotable(text) == quoted


@given(st.text(max_size=300), st.integers(2, 80))
def test_a_shortened_text_is_short_and_begins_like_the_text(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.lists(st.text("abcdef", min_size=1, max_size=9), min_size=2, max_size=30))
def test_a_text_is_cut_between_words(words: list[str]) -> None:
    kept = shorten(" ".join(words), 20).removesuffix("…").split()
    assert kept == words[: len(kept)] or len(words[0]) > 19


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(
    evidence=st.lists(
        st.builds(pair, ANY_TEXT, ANY_TEXT, st.sampled_from(["plan", "needs", "x"])), max_size=3
    ),
    words=st.lists(st.builds(word, ANY_TEXT, ANY_TEXT), max_size=5),
    audience=ANY_TEXT,
    language=st.sampled_from(["en", "de"]),
)
def test_any_match_gives_one_sentence_whose_quotations_are_from_it(
    evidence: list[Evidence], words: list[SharedWord], audience: str, language: str
) -> None:
    call = Call.model_validate(
        {"identifier": "X", "title": "T", "programme": "LIFE", "text": "t", "deadlines": ["2027-10-07"]}
    )
    match = a_match(call, evidence, words, audience)
    pieces = reasons.pieces(match, language)
    told = reasons.reason(match, language)
    assert told.endswith(".")
    assert "\n" not in told
    assert told[0] == told[0].upper()
    opening, closing = {"en": "“”", "de": "„“"}[language]
    assert told.count(opening) == told.count(closing)
    assert opening + closing not in told
    sides = {
        "profile": [one.profile_sentence.text for one in evidence] + [one.profile_word for one in words],
        "call": [one.call_sentence.text for one in evidence] + [one.call_word for one in words],
    }
    for piece in pieces:
        if piece.side:
            assert piece.text in [quotable(text) for text in sides[piece.side]]


@pytest.mark.parametrize("probability", [tenth / 10 for tenth in range(11)])
def test_the_word_of_a_probability_begins_its_sentence(probability: float) -> None:
    for language in ("en", "de"):
        word_alone = reasons.likelihood(probability, language)
        assert reasons.chance(probability, language).startswith(f"{word_alone}: ")


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.0, "a long shot: fewer than 1 in 10 such suggestions was worth reading in full"),
        (0.08, "a long shot: about 1 in 10 such suggestions was worth reading in full"),
        (0.24, "a long shot: about 2 in 10 such suggestions were worth reading in full"),
        (0.25, "possible: about 3 in 10 such suggestions were worth reading in full"),
        (0.42, "possible: about 4 in 10 such suggestions were worth reading in full"),
        (0.55, "likely: about 6 in 10 such suggestions were worth reading in full"),
        (0.97, "likely: nearly all such suggestions were worth reading in full"),
        (1.0, "likely: nearly all such suggestions were worth reading in full"),
        (None, ""),
    ],
)
def test_probabilities_in_words(probability: float | None, told: str) -> None:
    assert reasons.chance(probability) == told
