from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from crowded import Crowded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from vie_match.embedding import passages
from vie_match.embedding.background import Background
from vie_match.embedding.encoder import CachedEncoder, HashingEncoder, Vectors
from vie_match.embedding.models import TransformerEncoder
from vie_match.errors import BadValue
from vie_match.ranking import fusion as fusions
from vie_match.ranking.audience import Audience, addressed, instruments
from vie_match.ranking.fusion import FEATURES, GENERAL, Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.results import Match, MatchList
from vie_match.store.vectors import VectorStore
from vie_match.vocabulary import Answer, CallStatus

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)
DEFAULTS = {
    "encoder": None,
    "meaning_weight": 1.0,
    "word_weight": 0.4,
    "theme_weight": 0.1,
    "bridge": True,
    "fusion": None,
    "reasons": 2,
    "quoted": 10,
}
# Identifiers of calls for cities, for local authorities among others, for others, and of a counted part.
FOR_CITIES, FOR_LOCAL, FOR_OTHERS, COUNTED = (
    "EUI-IA-CALL4",
    "CERV-2026-GE-WORK-LIFE",
    "CERV-2026-DATA",
    "HORIZON-CL5-2026-09-D4-03",
)
# What the first of them is in the list.
INSTRUMENT = next(one.calls for one in instruments() if one.fits(FOR_CITIES))
FUSION = Fusion(
    encoder="hashing-char-3-5@256",
    weights={
        "similarity": 8.0,
        "common": -3.0,
        "cities": 2.0,
        "local": 1.0,
        "others": -3.0,
        "participation": 0.5,
        INSTRUMENT: 0.25,
    },
    intercept=-4.0,
    threshold=0.5,
    scales=dict.fromkeys(GENERAL, 1.0),
)
LANGUAGES = ["en", "de", "el", "mt", "eu"]
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["Trees.", "Shade in ten streets.", "Ελλάδα!", "12 %", "\n\n## What we need\n\n"]),
        st.text(max_size=30),
    ),
    min_size=1,
    max_size=8,
).map(lambda parts: " ".join([*parts, "end"]))


class Silent:
    """Every text is about nothing."""

    id = "silent@1"
    prompt = ""

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 8), np.float32)


class Untouchable:
    """An encoder that must not be looked at."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise AssertionError(name)


@pytest.fixture
def calls(make_call: MakeCall) -> list[Call]:
    return [
        make_call("HEAT", themes=["heat", "water"]),
        make_call("MONEY", title="Budget rules", text="Accounting of loans. Invoices by treasurers."),
        make_call("TRAM", title="Rails", text="Trams run.\n\n## Scope\n\nTracks.", themes=["mobility"]),
        make_call("BAUM", title="Bäume", text="Schatten für Straßen. Brunnen.", language="de"),
        make_call("MUSEUM", title="Museums", text="Culture for everybody, in ten towns.", programme="CREA"),
    ]


@pytest.fixture
def profiles(make_profile: MakeProfile) -> list[Profile]:
    return [
        make_profile(themes=["heat"]),
        make_profile("stadt-bahn", language="de", title="Straßenbahn", text="Neue Gleise für die Bahn."),
        make_profile("poli-dentra", language="el", title="Δέντρα", text="Σκιά στην πόλη.", themes=["water"]),
    ]


@pytest.fixture
def matcher(encoder: HashingEncoder, calls: list[Call]) -> Matcher:
    return Matcher(encoder).fit(calls)


def identifiers(ranking: MatchList) -> list[str]:
    return [match.call.identifier for match in ranking.matches]


def probabilities(ranking: MatchList) -> list[float]:
    values = [match.probability for match in ranking.matches if match.probability is not None]
    assert len(values) == len(ranking.matches)
    return values


def part(match: Match, name: str) -> float:
    [value] = [addend.value for addend in match.contributions if addend.name == name]
    return value


# --- scikit-learn's conventions ---


def test_the_parameters_are_those_of_the_constructor_and_nothing_is_made_in_it() -> None:
    assert Matcher().get_params() == DEFAULTS
    assert vars(Matcher()) == DEFAULTS
    Matcher(Untouchable(), word_weight=0.0)


def test_parameters_can_be_set_and_unknown_ones_are_refused() -> None:
    matcher = Matcher()
    assert matcher.set_params(word_weight=0.25, bridge=False) is matcher
    assert matcher.get_params() == DEFAULTS | {"word_weight": 0.25, "bridge": False}
    with pytest.raises(ValueError, match="wordweight"):
        matcher.set_params(wordweight=1)


def test_a_clone_has_the_parameters_and_is_not_fitted(matcher: Matcher, profiles: list[Profile]) -> None:
    matcher.set_params(reasons=3)
    matcher.set_params(fusion=FUSION)
    copy = clone(matcher)
    assert copy.reasons == 3
    assert copy.fusion == FUSION
    assert copy.encoder.id == matcher.encoder.id
    with pytest.raises(NotFittedError):
        copy.rank(profiles)


def test_fit_returns_the_matcher_and_leaves_its_parameters_alone(
    encoder: HashingEncoder, calls: list[Call]
) -> None:
    matcher = Matcher(encoder)
    before = matcher.get_params()
    assert matcher.fit(iter(calls)) is matcher
    assert matcher.get_params() == before
    assert matcher.calls_ == tuple(calls)


def test_an_unfitted_matcher_says_so(profiles: list[Profile]) -> None:
    with pytest.raises(NotFittedError):
        Matcher().rank(profiles)
    with pytest.raises(NotFittedError):
        Matcher().scores(profiles)


def test_without_a_call_there_is_nothing_to_fit(encoder: HashingEncoder, profiles: list[Profile]) -> None:
    matcher = Matcher(encoder)
    with pytest.raises(BadValue, match="found no call to rank"):
        matcher.fit([])
    with pytest.raises(NotFittedError):
        matcher.rank(profiles)


def test_fitting_again_forgets_the_first_calls(
    matcher: Matcher, make_call: MakeCall, profiles: list[Profile]
) -> None:
    fresh = make_call("NEW", title="Ports", text="Ships.")
    assert identifiers(matcher.fit([fresh]).rank(profiles, moment=NOON)[0]) == ["NEW"]
    assert matcher.scores(profiles).shape == (3, 1)


def test_weights_set_after_fitting_count(matcher: Matcher, profiles: list[Profile]) -> None:
    half, none = (
        matcher.set_params(word_weight=weight).rank(profiles[:1], moment=NOON)[0] for weight in (0.5, 0.0)
    )
    values = {match.call.identifier: part(match, "words") for match in half.matches}
    assert values["HEAT"] > 0
    assert {part(match, "words") for match in none.matches} == {0}
    full = matcher.set_params(word_weight=1.0).rank(profiles[:1], moment=NOON)[0]
    for match in full.matches:
        assert part(match, "words") == pytest.approx(2 * values[match.call.identifier])


# --- the score ---


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ours=TEXTS,
    theirs=st.lists(TEXTS, min_size=1, max_size=3),
    language=st.sampled_from(["en", "de", "mt", "eu"]),
    weights=st.tuples(*[st.floats(0, 3)] * 3),
    fusion=st.sampled_from([None, FUSION]),
)
def test_the_contributions_sum_to_the_score(
    encoder: HashingEncoder,
    make_call: MakeCall,
    make_profile: MakeProfile,
    ours: str,
    theirs: list[str],
    language: str,
    weights: tuple[float, float, float],
    fusion: Fusion | None,
) -> None:
    names = [FOR_CITIES, FOR_OTHERS, COUNTED]
    calls = [make_call(name, text=text, themes=["heat"]) for name, text in zip(names, theirs, strict=False)]
    profile = make_profile(text=ours, language=language, themes=["heat", "water"])
    matcher = Matcher(
        encoder, meaning_weight=weights[0], word_weight=weights[1], theme_weight=weights[2], fusion=fusion
    ).fit(calls)
    [ranking] = matcher.rank([profile], moment=NOON)
    scores = dict(zip([call.identifier for call in calls], matcher.scores([profile])[0], strict=True))
    assert len(ranking.matches) == len(calls)
    for match in ranking.matches:
        assert np.isfinite(match.score)
        assert match.score == pytest.approx(sum(each.value for each in match.contributions), abs=1e-9)
        assert match.score == pytest.approx(scores[match.call.identifier], abs=1e-9)
    values = [match.score for match in ranking.matches]
    assert values == sorted(values, reverse=True)


def test_without_fitted_weights_the_contributions_are_those_of_the_likeness(
    matcher: Matcher, make_profile: MakeProfile, encoder: HashingEncoder
) -> None:
    profile = make_profile(themes=["heat"])
    match = matcher.rank([profile], moment=NOON)[0].matches[0]
    assert [addend.name for addend in match.contributions] == ["meaning", "words", "themes"]
    column = matcher.calls_.index(match.call)
    query = Background(encoder).centred(encoder.encode([passages.whole_profile(profile)]), "en")[0]
    assert part(match, "meaning") == pytest.approx(query @ matcher.dense_.vectors[column], abs=1e-6)
    assert part(match, "themes") == pytest.approx(0.1 * matcher.themes_.scores(profile)[column])
    words = matcher.lexical_.query(profile)
    assert part(match, "words") == pytest.approx(0.4 * matcher.lexical_.scores(words)[column])
    assert min(addend.value for addend in match.contributions) > 0


def test_the_meaning_falls_when_the_passage_that_adds_most_is_taken_away(
    encoder: HashingEncoder, make_call: MakeCall, make_profile: MakeProfile
) -> None:
    # What stands behind the beginning is in the passages alone.
    text = "The council decides in spring. " * (passages.HEAD // 30 + 1)
    text += "\n\n## A\n\nInvoices.\n\n## B\n\nTrees and shade in ten streets.\n\n## C\n\nLoans."
    matcher = Matcher(encoder, reasons=1, quoted=0)

    def ranked(text: str) -> Match:
        return matcher.fit([make_call(text=text)]).rank([make_profile()], moment=NOON)[0].matches[0]

    match = ranked(text)
    [most] = [pair.call_passage for pair in match.evidence]
    assert most.heading == "B"
    without = ranked(text[: most.start] + text[most.end :])
    assert part(without, "meaning") < part(match, "meaning") - 0.01
    for other in passages.of_call(match.call):
        if other.heading in {"A", "C"}:
            kept = ranked(text[: other.start] + text[other.end :])
            assert part(kept, "meaning") > part(without, "meaning") + 0.01


def test_the_call_about_the_same_thing_comes_first(matcher: Matcher, profiles: list[Profile]) -> None:
    english, german, _ = matcher.rank(profiles, moment=NOON)
    assert identifiers(english)[0] == "HEAT"
    assert [match.rank for match in english.matches] == [1, 2, 3, 4, 5]
    assert german.profile == profiles[1]
    assert {match.profile_id for match in german.matches} == {"stadt-bahn"}


def test_the_ranking_does_not_depend_on_the_order_of_the_calls(
    encoder: HashingEncoder, calls: list[Call], profiles: list[Profile]
) -> None:
    forward = Matcher(encoder).fit(calls).rank(profiles, moment=NOON)
    backward = Matcher(encoder).fit(calls[::-1]).rank(profiles, moment=NOON)
    for one, other in zip(forward, backward, strict=True):
        scores = [match.score for match in one.matches]
        assert min(np.abs(np.diff(scores))) > 1e-4
        assert identifiers(one) == identifiers(other)
        assert [match.score for match in other.matches] == pytest.approx(scores, abs=1e-6)


def test_equal_calls_stand_in_the_order_given(
    encoder: HashingEncoder, make_call: MakeCall, profiles: list[Profile]
) -> None:
    twins = [make_call(name) for name in ("B", "A", "C")]
    assert identifiers(Matcher(encoder).fit(twins).rank(profiles, moment=NOON)[0]) == ["B", "A", "C"]


def test_a_profile_is_ranked_alike_alone_and_among_others(matcher: Matcher, profiles: list[Profile]) -> None:
    together = matcher.rank(iter(profiles), moment=NOON)
    assert [ranking.profile.id for ranking in together] == [profile.id for profile in profiles]
    assert together == [matcher.rank([profile], moment=NOON)[0] for profile in profiles]
    assert together == matcher.rank(profiles[::-1], moment=NOON)[::-1]
    assert matcher.rank([], moment=NOON) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.tuples(TEXTS, st.sampled_from(LANGUAGES)), min_size=1, max_size=6),
    fusion=st.sampled_from([None, FUSION]),
)
def test_a_network_of_profiles_is_ranked_as_its_profiles_are_one_by_one(
    calls: list[Call],
    make_profile: MakeProfile,
    texts: list[tuple[str, str]],
    fusion: Fusion | None,
) -> None:
    profiles = [
        make_profile(f"p-{at}", text=text, language=language) for at, (text, language) in enumerate(texts)
    ]
    matcher = Matcher(Crowded(), fusion=fusion).fit(calls)
    together = matcher.rank(profiles, moment=NOON)
    assert len(together) == len(profiles)
    for profile, ranking in zip(profiles, together, strict=True):
        [alone] = matcher.rank([profile], moment=NOON)
        assert ranking.profile == alone.profile == profile
        assert {match.profile_id for match in ranking.matches} == {profile.id}
        of_call = {match.call.identifier: match for match in alone.matches}
        assert set(identifiers(ranking)) == set(of_call)
        for match in ranking.matches:
            single = of_call[match.call.identifier]
            assert match.score == pytest.approx(single.score, abs=1e-5)
            assert match.words == single.words
            # Ranks may differ between calls that are equal but for rounding.
            other = alone.matches[match.rank - 1]
            assert other.score == pytest.approx(match.score, abs=1e-5)
    scores = matcher.scores(profiles)
    one_by_one = np.vstack([matcher.scores([profile]) for profile in profiles])
    assert scores == pytest.approx(one_by_one, abs=1e-5)


def test_scores_are_per_profile_and_call_in_their_orders_closed_calls_among_them(
    encoder: HashingEncoder, calls: list[Call], make_call: MakeCall, profiles: list[Profile]
) -> None:
    closed = make_call("OLD", deadlines=["2020-01-01"], opening=None)
    matcher = Matcher(encoder).fit([closed, *calls])
    scores = matcher.scores(profiles)
    assert scores.shape == (3, 6)
    assert scores[:, 0] == pytest.approx(scores[:, 1], abs=0.2)
    assert scores[1:] == pytest.approx(matcher.scores(profiles[1:]), abs=1e-6)
    assert matcher.scores([]).shape == (0, 6)


def test_the_meaning_of_a_call_is_worth_the_same_when_another_call_is_added(
    encoder: HashingEncoder, calls: list[Call], make_call: MakeCall, profiles: list[Profile]
) -> None:
    matcher = Matcher(encoder, word_weight=0.0)
    before = matcher.fit(calls).scores(profiles[1:2])
    after = matcher.fit([make_call("Z", text="Ships. Ports."), *calls]).scores(profiles[1:2])
    assert after[:, 1:] == pytest.approx(before, abs=1e-6)


def test_without_its_weight_the_meaning_adds_nothing(
    encoder: HashingEncoder, calls: list[Call], profiles: list[Profile]
) -> None:
    matcher = Matcher(encoder, meaning_weight=0.0, theme_weight=0.0).fit(calls)
    query = matcher.lexical_.query(profiles[0])
    assert matcher.scores(profiles)[0].tolist() == (0.4 * matcher.lexical_.scores(query)).tolist()


def test_without_the_bridge_a_foreign_profile_has_no_words(
    encoder: HashingEncoder, calls: list[Call], profiles: list[Profile]
) -> None:
    greek = profiles[2]
    for bridge in (True, False):
        ranking = Matcher(encoder, bridge=bridge).fit(calls).rank([greek], moment=NOON)[0]
        assert any(part(match, "words") > 0 for match in ranking.matches) is bridge
        assert any(match.words for match in ranking.matches) is bridge


@pytest.mark.parametrize("language", ["mt", "gl", "eu", "is", "mk"])
def test_languages_without_stop_words_stemmer_or_background_are_ranked(
    matcher: Matcher, make_profile: MakeProfile, language: str
) -> None:
    [ranking] = matcher.rank([make_profile(language=language)], moment=NOON)
    assert len(ranking.matches) == 5
    assert all(np.isfinite(match.score) for match in ranking.matches)


@pytest.mark.parametrize("count", [1, 4])
def test_an_encoder_without_anything_to_say_gives_zeros_and_no_nan(
    calls: list[Call], make_profile: MakeProfile, count: int
) -> None:
    foreign = make_profile(language="fr", title="Rails", text="Trams et rails.")
    [ranking] = Matcher(Silent()).fit(calls[:count]).rank([foreign], moment=NOON)
    assert [match.score for match in ranking.matches] == [0] * count
    assert [pair.similarity for match in ranking.matches for pair in match.evidence] == [0] * count
    own = make_profile(title=calls[0].title, text=calls[0].text)
    [ranking] = Matcher(Silent()).fit(calls[:count]).rank([own], moment=NOON)
    assert ranking.matches[0].score == pytest.approx(0.4)


def test_one_call_alone_is_ranked(
    encoder: HashingEncoder, make_call: MakeCall, profiles: list[Profile]
) -> None:
    for ranking in Matcher(encoder).fit([make_call("X", text="Trees.")]).rank(profiles, moment=NOON):
        assert identifiers(ranking) == ["X"]
        assert np.isfinite(ranking.matches[0].score)
        assert len(ranking.matches[0].evidence) == 1


# --- log-odds ---


@pytest.fixture
def addressed_calls(make_call: MakeCall) -> list[Call]:
    """The same call for different applicants, and one about something else."""
    names = ["X-1", FOR_OTHERS, FOR_LOCAL, FOR_CITIES, COUNTED]
    return [*(make_call(name) for name in names), make_call("X-2", title="Loans", text="Invoices are due.")]


@pytest.fixture
def calibrated(encoder: HashingEncoder, addressed_calls: list[Call]) -> Matcher:
    return Matcher(encoder, fusion=FUSION).fit(addressed_calls)


def test_with_fitted_weights_the_contributions_are_log_odds(
    encoder: HashingEncoder, addressed_calls: list[Call], calibrated: Matcher, make_profile: MakeProfile
) -> None:
    plain = Matcher(encoder).fit(addressed_calls)
    profile = make_profile(themes=["heat"])
    [before], [after] = (one.rank([profile], moment=NOON) for one in (plain, calibrated))
    bare = {match.call.identifier: match for match in before.matches}
    common = np.mean([match.score for match in before.matches])
    audiences = dict.fromkeys(["X-1", "X-2"], 0.0) | {FOR_OTHERS: -3.0, FOR_LOCAL: 1.0, FOR_CITIES: 2.25}
    for match in after.matches:
        names = [addend.name for addend in match.contributions]
        assert names == ["meaning", "words", "themes", "audience", "base rate"]
        for name in ("meaning", "words", "themes"):
            assert part(match, name) == pytest.approx(8 * part(bare[match.call.identifier], name))
        assert part(match, "base rate") == pytest.approx(-4 - 3 * common)
        expected = audiences.get(match.call.identifier, 0.5 * addressed(match.call).participation)
        assert part(match, "audience") == pytest.approx(expected)
    assert addressed(addressed_calls[4]).participation != 0


def test_of_the_same_text_the_call_for_cities_comes_first(
    encoder: HashingEncoder, addressed_calls: list[Call], calibrated: Matcher, profiles: list[Profile]
) -> None:
    order = [one for one in identifiers(calibrated.rank(profiles, moment=NOON)[0]) if one != COUNTED]
    assert order[:3] == [FOR_CITIES, FOR_LOCAL, "X-1"]
    assert set(order[3:]) == {FOR_OTHERS, "X-2"}
    plain = Matcher(encoder).fit(addressed_calls).rank(profiles, moment=NOON)[0]
    assert len({round(match.score, 5) for match in plain.matches}) == 2


def test_a_match_says_whom_its_call_is_for(calibrated: Matcher, profiles: list[Profile]) -> None:
    found = {match.call.identifier: match for match in calibrated.rank(profiles, moment=NOON)[0].matches}
    for name in (FOR_CITIES, FOR_LOCAL, FOR_OTHERS, COUNTED):
        assert found[name].audience == addressed(found[name].call).because
    assert len({match.audience for match in found.values()}) >= 5
    assert "have a municipality" in found[COUNTED].audience


def test_probabilities_are_those_of_the_log_odds_and_fall_with_the_rank(
    calibrated: Matcher, profiles: list[Profile]
) -> None:
    for ranking in calibrated.rank(profiles, moment=NOON):
        values = probabilities(ranking)
        scores = [match.score for match in ranking.matches]
        assert values == pytest.approx([1 / (1 + np.exp(-score)) for score in scores])
        assert len(set(values)) > 2
        assert scores == sorted(scores, reverse=True)
        for (one, high), (other, low) in pairwise(zip(scores, values, strict=True)):
            assert (high > low) is (one > other)


def test_recommended_is_what_reaches_the_threshold(
    encoder: HashingEncoder, addressed_calls: list[Call], calibrated: Matcher, profiles: list[Profile]
) -> None:
    [whole] = calibrated.rank(profiles[:1], moment=NOON)
    matches = whole.matches
    third, fourth = probabilities(whole)[2:4]
    assert third > fourth
    for threshold, count in [(third, 3), (fourth + 1e-9, 3), (third + 1e-9, 2), (0.0, 6), (1.0, 0)]:
        matcher = Matcher(encoder, fusion=replace(FUSION, threshold=threshold)).fit(addressed_calls)
        [ranking] = matcher.rank(profiles[:1], moment=NOON)
        assert ranking.threshold == threshold
        assert ranking.matches == matches
        assert ranking.recommended == matches[:count]


def test_without_fitted_weights_there_is_no_probability_and_everything_is_recommended(
    matcher: Matcher, profiles: list[Profile]
) -> None:
    assert matcher.fusion_ is None
    for ranking in matcher.rank(profiles, moment=NOON):
        assert ranking.threshold is None
        assert {match.probability for match in ranking.matches} == {None}
        assert ranking.recommended == ranking.matches


def test_scores_are_the_log_odds_of_the_features(
    calibrated: Matcher, make_profile: MakeProfile, profiles: list[Profile]
) -> None:
    profiles = [*profiles, make_profile("mt", language="mt", text="Siġar.")]
    features = calibrated.features(profiles)
    assert features.shape == (4, 6, len(FEATURES))
    assert FUSION.logits(features) == pytest.approx(calibrated.scores(profiles), abs=1e-6)
    kinds = [Audience.UNKNOWN, Audience.OTHERS, Audience.LOCAL, Audience.CITIES, Audience.UNKNOWN]
    for column, kind in enumerate([*kinds, Audience.UNKNOWN]):
        found = dict(zip(FEATURES, features[2, column].tolist(), strict=True))
        assert [name for name in ("cities", "local", "others") if found[name] == 1] == (
            [] if kind is Audience.UNKNOWN else [kind.value]
        )
    assert features[:, 4, 5].tolist() == [addressed(calibrated.calls_[4]).participation] * 4
    assert not features[:, [0, 1, 2, 3, 5], 5].any()
    instrument = features[:, :, FEATURES.index(INSTRUMENT)]
    assert instrument.tolist() == [[0, 0, 0, 1, 0, 0]] * 4
    assert calibrated.features([]).shape == (0, 6, len(FEATURES))
    assert features[:, :, 1] == pytest.approx(features[:, :, 0].mean(axis=1, keepdims=True) + np.zeros(6))


def test_features_are_the_same_whatever_the_weights(
    encoder: HashingEncoder, addressed_calls: list[Call], calibrated: Matcher, profiles: list[Profile]
) -> None:
    plain = Matcher(encoder).fit(addressed_calls)
    features = plain.features(profiles)
    assert np.array_equal(features, calibrated.features(profiles))
    # Without weights the likeness is the score.
    assert features[:, :, 0] == pytest.approx(plain.scores(profiles), abs=1e-9)
    with pytest.raises(NotFittedError):
        Matcher(encoder).features(profiles)


def test_weights_shipped_for_the_encoder_are_used_unless_others_are_given(
    encoder: HashingEncoder, calls: list[Call], profiles: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def shipped(encoder_id: str) -> Fusion:
        asked.append(encoder_id)
        return FUSION

    monkeypatch.setattr(fusions, "shipped", shipped)
    matcher = Matcher(encoder).fit(calls)
    assert matcher.fusion_ == FUSION
    assert matcher.fusion is None
    assert asked == [encoder.id]
    assert matcher.rank(profiles, moment=NOON)[0].threshold == FUSION.threshold
    other = replace(FUSION, intercept=1.0)
    assert Matcher(encoder, fusion=other).fit(calls).fusion_ == other
    plain = clone(Matcher(encoder, fusion=fusions.PLAIN)).fit(calls)
    assert plain.fusion_ is None
    assert plain.rank(profiles, moment=NOON)[0].threshold is None


def test_an_encoder_without_anything_to_say_leaves_the_base_rate_and_the_audience(
    addressed_calls: list[Call], make_profile: MakeProfile
) -> None:
    foreign = make_profile(language="fr", title="Rails", text="Trams et rails.")
    [ranking] = Matcher(Silent(), fusion=FUSION).fit(addressed_calls).rank([foreign], moment=NOON)
    scores = {match.call.identifier: match.score for match in ranking.matches}
    participation = addressed(addressed_calls[4]).participation
    assert scores == pytest.approx(
        {
            "X-1": -4,
            "X-2": -4,
            FOR_OTHERS: -7,
            FOR_LOCAL: -3,
            FOR_CITIES: -1.75,
            COUNTED: -4 + participation / 2,
        }
    )


def test_probabilities_are_shown_where_there_are_any(
    calibrated: Matcher, matcher: Matcher, profiles: list[Profile]
) -> None:
    [with_them], [without] = (one.rank(profiles[:1], moment=NOON) for one in (calibrated, matcher))
    first = with_them.matches[0]
    assert f"{first.probability:.0%}" in first._repr_html_()
    assert f"{first.probability:.0%}" in with_them._repr_html_()
    assert "Probability" in with_them._repr_html_()
    assert "Probability" not in without._repr_html_()
    assert "Probability" not in without.matches[0]._repr_html_()
    assert f"{without.matches[0].score:.2f}" in without._repr_html_()


# --- deadlines ---


@pytest.fixture
def dated(make_call: MakeCall) -> list[Call]:
    return [
        make_call("PAST", deadlines=["2026-11-23"]),
        make_call("TODAY", deadlines=["2026-11-24 12:00"]),
        make_call("LATER", opening="2027-02-01"),
        make_call("FIRST-STAGE-PAST", deadline_model="two-stage", deadlines=["2026-09-15", "2027-03-01"]),
        make_call("CUTS", deadline_model="multiple cut-off", deadlines=["2026-03-01", "2027-03-01 10:00"]),
        make_call("ALWAYS", deadline_model="continuous", deadlines=[], opening=None),
        make_call("OPENING-UNKNOWN", opening=None),
    ]


def test_closed_calls_are_left_out_with_the_day_they_closed(
    encoder: HashingEncoder, dated: list[Call], make_profile: MakeProfile
) -> None:
    [ranking] = Matcher(encoder).fit(dated).rank([make_profile()], moment=NOON)
    verdicts = {left.call.identifier: left.verdict for left in ranking.left_out}
    assert {name: verdict.because for name, verdict in verdicts.items()} == {
        "PAST": "closed on 2026-11-23",
        "FIRST-STAGE-PAST": "closed on 2026-09-15",
    }
    assert {(verdict.rule, verdict.answer) for verdict in verdicts.values()} == {("deadline", Answer.NO)}
    assert {verdict.source for verdict in verdicts.values()} == {"https://example.org/call"}
    assert set(identifiers(ranking)).isdisjoint(verdicts)
    assert [match.rank for match in ranking.matches] == [1, 2, 3, 4, 5]


def test_matches_carry_their_status_and_next_deadline(
    encoder: HashingEncoder, dated: list[Call], make_profile: MakeProfile
) -> None:
    [ranking] = Matcher(encoder).fit(dated).rank([make_profile()], moment=NOON)
    assert {match.call.identifier: (match.status, str(match.deadline)) for match in ranking.matches} == {
        "TODAY": (CallStatus.OPEN, "2026-11-24 12:00"),
        "LATER": (CallStatus.FORTHCOMING, "2027-10-07"),
        "CUTS": (CallStatus.OPEN, "2027-03-01 10:00"),
        "ALWAYS": (CallStatus.OPEN, "None"),
        "OPENING-UNKNOWN": (CallStatus.UNKNOWN, "2027-10-07"),
    }
    assert ranking.moment == NOON


@pytest.mark.parametrize(
    ("moment", "closed"),
    [
        (NOON - dt.timedelta(days=30), {"FIRST-STAGE-PAST"}),
        (NOON, {"FIRST-STAGE-PAST", "PAST"}),
        (NOON + dt.timedelta(seconds=1), {"FIRST-STAGE-PAST", "PAST", "TODAY"}),
        # 11:00 in London is noon in Brussels.
        (dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC), {"FIRST-STAGE-PAST", "PAST"}),
        (dt.datetime(2026, 11, 24, 11, 1, tzinfo=dt.UTC), {"FIRST-STAGE-PAST", "PAST", "TODAY"}),
        (
            dt.datetime(2030, 1, 1, tzinfo=BRUSSELS),
            {"FIRST-STAGE-PAST", "PAST", "TODAY", "LATER", "CUTS", "OPENING-UNKNOWN"},
        ),
    ],
)
def test_what_is_closed_depends_on_the_moment(
    encoder: HashingEncoder,
    dated: list[Call],
    make_profile: MakeProfile,
    moment: dt.datetime,
    closed: set[str],
) -> None:
    [ranking] = Matcher(encoder).fit(dated).rank([make_profile()], moment=moment)
    assert {left.call.identifier for left in ranking.left_out} == closed
    assert set(identifiers(ranking)) == {call.identifier for call in dated} - closed


def test_without_a_moment_it_is_now(
    encoder: HashingEncoder, make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [
        make_call("OLD", deadlines=["2020-01-01"], opening=None),
        make_call("FAR", deadlines=["2100-01-01"]),
    ]
    before = dt.datetime.now(dt.UTC)
    [ranking] = Matcher(encoder).fit(calls).rank([make_profile()])
    assert identifiers(ranking) == ["FAR"]
    assert before <= ranking.moment <= dt.datetime.now(dt.UTC)


def test_closed_calls_do_not_take_the_places_of_open_ones(
    encoder: HashingEncoder, make_call: MakeCall, make_profile: MakeProfile
) -> None:
    closed = [make_call(f"OLD-{at}", deadlines=["2026-02-01"]) for at in range(4)]
    others = [make_call("A", title="Ports", text="Ships."), make_call("B", title="Loans", text="Money.")]
    [ranking] = Matcher(encoder).fit([*closed, *others]).rank([make_profile()], moment=NOON, top=2)
    assert set(identifiers(ranking)) == {"A", "B"}
    assert len(ranking.left_out) == 4


def test_a_run_in_which_everything_is_known_and_closed_loads_no_model(
    tmp_path: Path, make_call: MakeCall, make_profile: MakeProfile
) -> None:
    def load() -> NoReturn:
        raise AssertionError("the model was loaded")

    store = VectorStore(tmp_path / "vectors.sqlite")
    calls, profile = [make_call()], make_profile()
    late = dt.datetime(2030, 1, 1, tzinfo=BRUSSELS)
    Matcher(CachedEncoder(HashingEncoder(), store)).fit(calls).rank([profile], moment=NOON)
    known = CachedEncoder(TransformerEncoder(HashingEncoder().id, load), store)
    [open_then] = Matcher(known).fit(calls).rank([profile], moment=NOON)
    assert identifiers(open_then) == ["X-2027-01"]
    [closed_then] = Matcher(known).fit(calls).rank([profile], moment=late)
    assert closed_then.matches == ()


# --- what a match shows ---


@pytest.mark.parametrize(("top", "expected"), [(None, 5), (1, 1), (3, 3), (5, 5), (99, 5)])
def test_top_cuts_the_list_after_ranking(
    matcher: Matcher, profiles: list[Profile], top: int | None, expected: int
) -> None:
    [whole] = matcher.rank(profiles[:1], moment=NOON)
    [cut] = matcher.rank(profiles[:1], moment=NOON, top=top)
    assert cut.matches == whole.matches[:expected]
    assert len(cut.matches) == expected


@pytest.mark.parametrize("top", [0, -1])
def test_a_top_below_one_is_refused(matcher: Matcher, profiles: list[Profile], top: int) -> None:
    with pytest.raises(BadValue, match=rf"found top={top}; expected 1 or more"):
        matcher.rank(profiles, moment=NOON, top=top)


@pytest.mark.parametrize("reasons", [0, 1, 2, 3])
def test_a_match_has_as_many_reasons_as_asked_for(
    encoder: HashingEncoder, make_call: MakeCall, make_profile: MakeProfile, reasons: int
) -> None:
    call = make_call(text="## One\n\nTrees.\n\n## Two\n\nShade.\n\n## Three\n\nWater.\n\n## Four\n\nStaff.")
    matcher = Matcher(encoder, reasons=reasons).fit([call])
    match = matcher.rank([make_profile()], moment=NOON)[0].matches[0]
    assert len(match.evidence) == reasons
    assert len({pair.call_passage.start for pair in match.evidence}) == reasons
    assert len({pair.profile_passage.start for pair in match.evidence}) == reasons


def test_evidence_is_verbatim_on_both_sides(matcher: Matcher, profiles: list[Profile]) -> None:
    for profile, ranking in zip(profiles, matcher.rank(profiles, moment=NOON), strict=True):
        for match in ranking.matches:
            assert match.evidence
            for pair in match.evidence:
                for ours in (pair.profile_passage, pair.profile_sentence):
                    assert ours.text == profile.text[ours.start : ours.end]
                    assert ours.owner == profile.id
                for theirs in (pair.call_passage, pair.call_sentence):
                    assert theirs.text == match.call.text[theirs.start : theirs.end]
                    assert theirs.owner == match.call.identifier


def test_the_words_of_a_match_are_those_it_shares_with_its_own_call(
    matcher: Matcher, profiles: list[Profile]
) -> None:
    for profile, ranking in zip(profiles, matcher.rank(profiles, moment=NOON), strict=True):
        query = matcher.lexical_.query(profile)
        assert len({match.words for match in ranking.matches}) > 1
        for match in ranking.matches:
            row = matcher.calls_.index(match.call)
            assert match.words == matcher.lexical_.shared_words(query, row)


@pytest.mark.parametrize(("quoted", "explained"), [(0, 50), (10, 50), (53, 53), (99, 60)])
def test_only_the_best_matches_have_reasons(
    encoder: HashingEncoder,
    make_call: MakeCall,
    make_profile: MakeProfile,
    quoted: int,
    explained: int,
) -> None:
    calls = [make_call(f"X-{at}") for at in range(60)]
    matcher = Matcher(encoder, bridge=False, quoted=quoted).fit(calls)
    matches = matcher.rank([make_profile()], moment=NOON)[0].matches
    assert [match.rank for match in matches] == list(range(1, 61))
    assert [bool(match.evidence) for match in matches] == [at < explained for at in range(60)]
    assert [bool(match.words) for match in matches] == [at < explained for at in range(60)]


def test_only_the_best_matches_are_quoted_by_the_sentence(
    encoder: HashingEncoder, make_call: MakeCall, make_profile: MakeProfile
) -> None:
    text = "Trees give shade. Fountains give water. Staff gives advice."
    calls = [make_call(f"X-{at}", title=f"Cities {at}", text=text) for at in range(4)]
    profile = make_profile(title="Town", text="Trees give shade. Nothing else. Nobody knows.")
    for quoted in (0, 2, 9):
        matches = Matcher(encoder, quoted=quoted).fit(calls).rank([profile], moment=NOON)[0].matches
        whole = [match.evidence[0].call_sentence == match.evidence[0].call_passage for match in matches]
        assert whole == [at >= quoted for at in range(4)]
        for match in matches[:quoted]:
            assert match.evidence[0].profile_sentence.text == "Trees give shade."
            assert match.evidence[0].call_sentence.text == "Trees give shade."


@pytest.mark.parametrize("dimension", [100, 250, 256, 384])
@pytest.mark.parametrize("count", [2, 3, 5, 9, 14, 17, 23, 31])
def test_any_number_of_equal_calls_has_equal_scores_and_stands_in_the_order_given(
    make_call: MakeCall, make_profile: MakeProfile, dimension: int, count: int
) -> None:
    calls = [make_call(f"X-{at}") for at in range(count)]
    matcher = Matcher(HashingEncoder(dimension), bridge=False).fit(calls)
    for profiles in ([make_profile()], [make_profile(), make_profile("b", text="Ships.")] * 3):
        for ranking in matcher.rank(profiles, moment=NOON):
            assert [match.call.identifier for match in ranking.matches] == [f"X-{at}" for at in range(count)]
            assert len({match.score for match in ranking.matches}) == 1
        assert (np.ptp(matcher.scores(profiles), axis=1) == 0).all()
