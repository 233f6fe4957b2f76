from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.embedding.background import Background
from vie_match.embedding.encoder import HashingEncoder
from vie_match.ranking.dense import DenseIndex
from vie_match.ranking.evidence import evidence, quoted
from vie_match.records import Call, Profile
from vie_match.results import Passage

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

CALL_TEXT = """\
## Scope

Proposals describe how the municipality reports. Trees and shade are planted in streets. Staff is trained.

## Budget

Each grant covers sixty per cent of the cost. Payments follow the reports.

## Water

Drinking fountains are opened in parks. Citizens are asked where.
"""
PROFILE_TEXT = """\
Our town is hot in summer. Old people suffer.

## What we plan

We begin soon. Trees and shade are planted in streets. Schools help us with that.

## What we need

Drinking fountains are opened in parks. Nobody else pays.
"""

SENTENCES = st.sampled_from(
    ["Trees grow.", "Ελλάδα!", "The 12 parks…", "– Köln (NRW) plans;", "x" * 380, "* item", "Дърво?", "No"]
)
TEXTS = st.lists(
    st.one_of(SENTENCES, st.sampled_from(["\n\n## What we plan\n\n", "\n\n# Other\n", "\n\n", "\n- ", "  "])),
    min_size=1,
    max_size=14,
).map(lambda parts: " ".join([*parts, "end"]))


@pytest.fixture
def call(make_call: MakeCall) -> Call:
    return make_call("C-1", title="Cities", text=CALL_TEXT)


@pytest.fixture
def profile(make_profile: MakeProfile) -> Profile:
    return make_profile(title="Town", text=PROFILE_TEXT)


def verbatim(passage: Passage, owner: Profile | Call) -> bool:
    return passage.text == owner.text[passage.start : passage.end] != ""


def test_the_pairs_are_the_most_alike_and_no_passage_stands_in_two(
    encoder: HashingEncoder, make_call: MakeCall, call: Call, profile: Profile
) -> None:
    index = DenseIndex([make_call("C-0"), call, make_call("C-2")], Background(encoder))
    similarities = index.similarities(profile)
    block = similarities.pairs[:, index.starts[1] : index.starts[2]]
    assert block.shape == (3, 3)
    pairs = evidence(index, similarities, 1, 5)
    assert len(pairs) == 3
    assert {pair.call_passage.owner for pair in pairs} == {"C-1"}
    assert {pair.profile_passage.owner for pair in pairs} == {profile.id}
    assert len({pair.call_passage.start for pair in pairs}) == 3
    assert len({pair.profile_passage.start for pair in pairs}) == 3
    values = [pair.similarity for pair in pairs]
    assert values[0] == pytest.approx(block.max())
    assert values == sorted(values, reverse=True)
    for pair in pairs:
        row = similarities.passages.index(pair.profile_passage)
        column = index.passages[index.starts[1] : index.starts[2]].index(pair.call_passage)
        assert pair.similarity == pytest.approx(block[row, column])


def test_looking_for_evidence_leaves_the_similarities_as_they_were(
    encoder: HashingEncoder, call: Call, profile: Profile
) -> None:
    index = DenseIndex([call], Background(encoder))
    similarities = index.similarities(profile)
    before = similarities.pairs.copy()
    first = evidence(index, similarities, 0, 3)
    assert np.array_equal(similarities.pairs, before)
    assert evidence(index, similarities, 0, 3) == first
    assert evidence(index, similarities, 0, 2) == first[:2]
    assert evidence(index, similarities, 0, 0) == ()


def test_a_pair_quotes_the_two_sentences_that_are_most_alike(
    encoder: HashingEncoder, call: Call, profile: Profile
) -> None:
    index = DenseIndex([call], Background(encoder))
    pairs = evidence(index, index.similarities(profile), 0, 2)
    assert pairs[0].profile_sentence == pairs[0].profile_passage
    assert pairs[0].call_sentence == pairs[0].call_passage
    [narrowed] = quoted(index, profile, [(call, pairs)])
    quotes = {(pair.profile_sentence.text, pair.call_sentence.text) for pair in narrowed}
    trees = "Trees and shade are planted in streets."
    water = "Drinking fountains are opened in parks."
    assert quotes == {(trees, trees), (water, water)}
    for before, after in zip(pairs, narrowed, strict=True):
        assert after.profile_passage == before.profile_passage
        assert after.call_passage == before.call_passage
        assert after.similarity == before.similarity


def test_the_quotes_of_several_calls_stay_with_their_call(
    encoder: HashingEncoder, make_call: MakeCall, profile: Profile
) -> None:
    calls = [
        make_call("A", title="Cities", text="Staff is trained. Trees and shade are planted in streets."),
        make_call("B", title="Cities", text="Drinking fountains are opened in parks. Reports are due."),
    ]
    index = DenseIndex(calls, Background(encoder))
    similarities = index.similarities(profile)
    found = [(calls[at], evidence(index, similarities, at, 1)) for at in (1, 0)]
    second, first = quoted(index, profile, found)
    assert second[0].call_sentence.text == "Drinking fountains are opened in parks."
    assert first[0].call_sentence.text == "Trees and shade are planted in streets."
    assert (second[0].call_sentence.owner, first[0].call_sentence.owner) == ("B", "A")
    assert quoted(index, profile, []) == []
    assert quoted(index, profile, [(calls[0], ())]) == [()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=TEXTS, theirs=TEXTS, count=st.integers(1, 4))
def test_evidence_of_any_text_is_verbatim_with_its_offsets(
    encoder: HashingEncoder,
    make_call: MakeCall,
    make_profile: MakeProfile,
    ours: str,
    theirs: str,
    count: int,
) -> None:
    call, profile = make_call(text=theirs), make_profile(text=ours, language="el")
    index = DenseIndex([make_call("Y"), call], Background(encoder))
    similarities = index.similarities(profile)
    found = evidence(index, similarities, 1, count)
    assert len(found) == min(count, len(similarities.passages), len(index.passages) - index.starts[1])
    [pairs] = quoted(index, profile, [(call, found)])
    for pair in pairs:
        assert verbatim(pair.profile_passage, profile)
        assert verbatim(pair.profile_sentence, profile)
        assert verbatim(pair.call_passage, call)
        assert verbatim(pair.call_sentence, call)
        for sentence, passage in [
            (pair.profile_sentence, pair.profile_passage),
            (pair.call_sentence, pair.call_passage),
        ]:
            assert passage.start <= sentence.start < sentence.end <= passage.end
            assert (sentence.section, sentence.heading) == (passage.section, passage.heading)
