from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest
from crowded import Crowded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.embedding import passages
from vie_match.embedding.background import Background
from vie_match.embedding.background import sentences as everyday
from vie_match.embedding.encoder import HashingEncoder, Vectors
from vie_match.ranking.dense import DenseIndex
from vie_match.ranking.evidence import evidence, quoted
from vie_match.records import Call, Profile
from vie_match.results import Evidence, Passage

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
HEADED = st.lists(
    st.sampled_from(["Trees and shade.", "Fountains.", "Trams run.", "Shade for all.", "Money."]),
    min_size=1,
    max_size=5,
).map(lambda parts: "\n\n".join(f"## {at}\n\n{text}" for at, text in enumerate(parts)))

# Longer than a call's beginning: what follows is in its passages alone.
LONG = "The council decides in spring. " * (passages.HEAD // 30 + 1)

_EVERYDAY = {text for texts in everyday().values() for text in texts}


class Known:
    """An encoder whose vectors are given by what a text contains; the last that fits counts."""

    id = "known@1"
    prompt = ""

    def __init__(self, table: Mapping[str, Sequence[float]]) -> None:
        self.table = table

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._one(text) for text in texts], np.float32)

    def _one(self, text: str) -> Sequence[float]:
        fitting = [] if text in _EVERYDAY else [vector for part, vector in self.table.items() if part in text]
        return fitting[-1] if fitting else [0.0] * len(next(iter(self.table.values())))


@pytest.fixture
def call(make_call: MakeCall) -> Call:
    return make_call("C-1", title="Cities", text=CALL_TEXT)


@pytest.fixture
def profile(make_profile: MakeProfile) -> Profile:
    return make_profile(title="Town", text=PROFILE_TEXT)


def verbatim(passage: Passage, owner: Profile | Call) -> bool:
    return passage.text == owner.text[passage.start : passage.end] != ""


def found(
    index: DenseIndex, profile: Profile, calls: Sequence[int], count: int
) -> list[tuple[Evidence, ...]]:
    return evidence(index, profile, index.queries([profile])[0], calls, count)


# --- which passages ---


def test_the_passages_of_a_call_come_in_the_order_of_what_they_add_not_of_the_pairs_likeness(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    # The profile as a whole points to the tram; but its own passage on the lake is the lake of the call.
    index = DenseIndex(
        [make_call(title="-", text="## A\n\nLake.\n\n## B\n\nTram.\n\n## C\n\nSnow.\n\n## D\n\nMoon.")],
        Background(
            Known(
                {
                    "Snow.": [0.0, 0.0, 1.0],
                    "Moon.": [0.6, 0.8, 0.0],
                    "Tram.": [1.0, 0.0, 0.0],
                    "Lake.": [0.0, 1.0, 0.0],
                    "Our lake.": [0.0, 1.0, 0.0],
                    "Our rails.": [0.6, 0.0, 0.8],
                    "Our town.\n\n": [0.8, 0.36, 0.48],
                }
            )
        ),
    )
    profile = make_profile(title="-", text="Our town.\n\n## One\n\nOur lake.\n\n## Two\n\nOur rails.")
    [pairs] = found(index, profile, [0], 4)
    assert [(pair.call_passage.text, pair.profile_passage.text) for pair in pairs] == [
        ("Tram.", "Our rails."),
        ("Moon.", "Our lake."),
        ("Snow.", "Our town."),
    ]
    assert [pair.similarity for pair in pairs] == pytest.approx([0.6, 0.8, 0.0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=HEADED, theirs=HEADED, count=st.integers(0, 6))
def test_each_passage_of_the_call_meets_the_most_alike_that_is_free(
    make_call: MakeCall, make_profile: MakeProfile, ours: str, theirs: str, count: int
) -> None:
    encoder = Crowded()
    background = Background(encoder)
    call = make_call("C-1", title="Cities", text=theirs)
    profile = make_profile(title="Stadt", language="de", text=ours)
    index = DenseIndex([make_call("C-0"), call, make_call("C-2")], background)
    [pairs] = found(index, profile, [1], count)

    own, parts = passages.of_profile(profile), passages.of_call(call)
    left = background.centred(encoder.encode([passages.in_context(one, "Stadt") for one in own]), "de")
    right = background.centred(encoder.encode([passages.in_context(one, "Cities") for one in parts]), "en")
    query = background.centred(encoder.encode([f"Stadt. {ours}"]), "de")[0]
    assert len(pairs) == min(count, len(own), len(parts))
    columns = [parts.index(pair.call_passage) for pair in pairs]
    rows = [own.index(pair.profile_passage) for pair in pairs]
    assert len(set(columns)) == len(set(rows)) == len(pairs)
    addends, alike = right @ query, left @ right.T
    # What is left out adds no more than what is shown, and what is shown later no more than the earlier.
    values = addends[columns].tolist()
    others = np.delete(addends, columns).tolist()
    assert all(one >= other - 1e-6 for one, other in pairwise(values))
    assert all(one >= max(others, default=-1) - 1e-6 for one in values)
    for at, (row, column) in enumerate(zip(rows, columns, strict=True)):
        assert pairs[at].similarity == pytest.approx(alike[row, column], abs=1e-5)
        free = [one for one in range(len(own)) if one not in rows[:at]]
        assert alike[row, column] >= max(alike[free, column]) - 1e-6


def test_of_equal_passages_the_earlier_comes_first(make_call: MakeCall, make_profile: MakeProfile) -> None:
    table = {"Moon.": [0.6, 0.8], "Tram.": [1.0, 0.0], "Our": [1.0, 0.0]}
    text = "## A\n\nMoon.\n\n## B\n\nTram.\n\n## C\n\nTram.\n\n## D\n\nTram."
    index = DenseIndex([make_call(title="-", text=text)], Background(Known(table)))
    profile = make_profile(
        title="-", text="## One\n\nOur one.\n\n## Two\n\nOur two.\n\n## Three\n\nOur three."
    )
    [pairs] = found(index, profile, [0], 3)
    assert [pair.call_passage.heading for pair in pairs] == ["B", "C", "D"]
    assert [pair.profile_passage.heading for pair in pairs] == ["One", "Two", "Three"]


def test_the_first_passage_is_the_one_whose_loss_costs_most(
    encoder: HashingEncoder, make_call: MakeCall, profile: Profile
) -> None:
    text = f"{LONG}\n\n{CALL_TEXT}"
    index = DenseIndex([make_call(text=text)], Background(encoder))
    queries = index.queries([profile])
    [pairs] = found(index, profile, [0], 3)
    assert pairs[0].call_passage.text.startswith("Drinking fountains")

    def without(passage: Passage) -> float:
        rest = text[: passage.start] + text[passage.end :]
        shorter = DenseIndex([make_call(text=rest)], Background(encoder))
        assert len(shorter.passages) == len(index.passages) - 1
        return float(shorter.meaning(queries)[0, 0])

    left = {one.start: without(one) for one in index.passages if one.start > len(LONG)}
    assert len(left) == 3
    assert min(left, key=lambda start: left[start]) == pairs[0].call_passage.start
    assert left[pairs[0].call_passage.start] < index.meaning(queries)[0, 0]


def test_looking_for_evidence_changes_nothing_and_fewer_pairs_are_the_first(
    encoder: HashingEncoder, call: Call, profile: Profile
) -> None:
    index = DenseIndex([call], Background(encoder))
    before, vectors = index.pieces.copy(), index.vectors.copy()
    [first] = found(index, profile, [0], 3)
    assert len(first) == 3
    assert np.array_equal(index.pieces, before)
    assert np.array_equal(index.vectors, vectors)
    assert found(index, profile, [0], 3) == [first]
    assert found(index, profile, [0], 2) == [first[:2]]
    assert found(index, profile, [0], 0) == [()]
    assert found(index, profile, [0], 99) == [first]


def test_several_calls_are_answered_in_the_order_asked_each_with_its_own_passages(
    encoder: HashingEncoder, make_call: MakeCall, call: Call, profile: Profile
) -> None:
    calls = [make_call("C-0", text="## A\n\nTrees.\n\n## B\n\nShade."), call, make_call("C-2", text="Ships.")]
    index = DenseIndex(calls, Background(encoder))
    together = found(index, profile, [2, 0, 1, 0], 2)
    owners = [{pair.call_passage.owner for pair in pairs} for pairs in together]
    assert owners == [{"C-2"}, {"C-0"}, {"C-1"}, {"C-0"}]
    assert [len(pairs) for pairs in together] == [1, 2, 2, 2]
    assert {pair.profile_passage.owner for pairs in together for pair in pairs} == {profile.id}
    # Every call may use every passage of the profile.
    assert together == [found(index, profile, [at], 2)[0] for at in (2, 0, 1, 0)]
    assert found(index, profile, [], 2) == []


# --- which sentences ---


def test_a_pair_quotes_the_two_sentences_that_are_most_alike(
    encoder: HashingEncoder, call: Call, profile: Profile
) -> None:
    index = DenseIndex([call], Background(encoder))
    [pairs] = found(index, profile, [0], 3)
    assert all(pair.profile_sentence == pair.profile_passage for pair in pairs)
    assert all(pair.call_sentence == pair.call_passage for pair in pairs)
    [narrowed] = quoted(index, profile, [(call, pairs)])
    quotes = {(pair.profile_sentence.text, pair.call_sentence.text) for pair in narrowed}
    trees = "Trees and shade are planted in streets."
    water = "Drinking fountains are opened in parks."
    assert {(trees, trees), (water, water)} < quotes
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
    pairs = zip((1, 0), found(index, profile, [1, 0], 1), strict=True)
    second, first = quoted(index, profile, [(calls[at], own) for at, own in pairs])
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
    [pairs] = found(index, profile, [1], count)
    assert len(pairs) == min(
        count, len(passages.of_profile(profile)), len(index.passages) - int(index.starts[1])
    )
    [narrowed] = quoted(index, profile, [(call, pairs)])
    assert len(narrowed) == len(pairs)
    for pair in narrowed:
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
