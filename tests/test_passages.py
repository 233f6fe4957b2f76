"""Passages: verbatim, in order, complete, short, and cut where sentences end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vie_match.embedding.passages import (
    CALL_PASSAGE,
    PROFILE_PASSAGE,
    in_context,
    of_call,
    of_profile,
    pack,
    sentences,
)
from vie_match.records import Call, Profile
from vie_match.results import Passage
from vie_match.sections import NEEDS, OFFERS, PLAN, SITUATION, TEXT
from vie_match.sources.files import load_calls, load_profiles

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


def passage(text: str, section: str = TEXT, heading: str = "") -> Passage:
    return Passage(owner="x", section=section, heading=heading, text=text, start=0, end=len(text))


def is_heading(line: str) -> bool:
    hashes = len(line) - len(line.lstrip("#"))
    return 1 <= hashes <= 6 and line[hashes : hashes + 1] in (" ", "\t")


def check(text: str, found: list[Passage], owner: str, size: int) -> None:
    """Fail unless the passages are verbatim, in order, apart, short, and miss no letter."""
    assert all(part.text == text[part.start : part.end] for part in found)
    assert all(part.owner == owner for part in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(0 < len(part.text) <= size for part in found)
    assert all(part.text == part.text.strip() for part in found)
    covered = {offset for part in found for offset in range(part.start, part.end)}
    offset = 0
    for line in text.split("\n"):
        if not is_heading(line):
            assert {offset + at for at, letter in enumerate(line) if letter.isalnum()} <= covered
        offset += len(line) + 1


_PIECES = st.one_of(
    st.sampled_from(
        [
            "Trees grow. ",
            "Bäume wachsen! ",
            "Τα δέντρα; ",
            "z. B. ",
            "3.5 ",
            "word ",
            "“Quoted.” ",
            "\n",
            "\n\n",
            " \n \n",
            "\n- item",
            "\n1. item",
            ":\n",
            "\n## What we need\n",
            "\n### Scope\n",
            "\n#tag\n",
            "   ",
            "x" * 90,
            "Ω" * 700,
            "long sentence " * 30,
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)
_TEXTS = st.lists(_PIECES, min_size=1, max_size=14).map("".join).filter(str.strip)
_GENTLY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_GENTLY
@given(text=_TEXTS)
def test_passages_are_verbatim_in_order_short_and_complete(
    make_call: MakeCall, make_profile: MakeProfile, text: str
) -> None:
    call, profile = make_call(text=text), make_profile(text=text)
    check(call.text, of_call(call), call.identifier, CALL_PASSAGE)
    check(profile.text, of_profile(profile), profile.id, PROFILE_PASSAGE)
    assert min(len(of_call(call)), len(of_profile(profile))) >= 1


@_GENTLY
@given(text=_TEXTS, size=st.integers(1, 60))
def test_packing_keeps_every_limit_and_every_letter(text: str, size: int) -> None:
    spans = pack(text, 0, len(text), size)
    assert all(0 < end - start <= size for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    covered = {offset for start, end in spans for offset in range(start, end)}
    assert all(letter.isspace() for at, letter in enumerate(text) if at not in covered)


@_GENTLY
@given(text=_TEXTS)
def test_sentences_are_verbatim_pieces_of_their_passage(make_call: MakeCall, text: str) -> None:
    call = make_call(text=text)
    for whole in of_call(call):
        found = sentences(whole)
        check(whole.text, [moved(part, -whole.start) for part in found], whole.owner, len(whole.text))
        assert all(call.text[part.start : part.end] == part.text for part in found)
        assert {(part.section, part.heading) for part in found} == {(whole.section, whole.heading)}


def moved(part: Passage, by: int) -> Passage:
    return part.model_copy(update={"start": part.start + by, "end": part.end + by})


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("One tree. Two trees. Three.", 100, ["One tree. Two trees. Three."]),
        ("One tree. Two trees. Three.", 20, ["One tree. Two trees.", "Three."]),
        ("One tree. Two trees. Three.", 19, ["One tree.", "Two trees. Three."]),
        ("One tree. Two trees. Three.", 10, ["One tree.", "Two trees.", "Three."]),
        ("One tree and two trees.", 10, ["One tree", "and two", "trees."]),
        ("Treestreestrees. Two.", 8, ["Treestre", "estrees.", "Two."]),
        ("One.\n\nTwo.", 100, ["One.", "Two."]),
        ("We need:\n- trees\n- water", 12, ["We need:", "- trees", "- water"]),
        ("  One.  \n ", 100, ["One."]),
        ("   ", 100, []),
        ("", 100, []),
    ],
)
def test_stretches_end_with_a_sentence_if_they_can(text: str, size: int, expected: list[str]) -> None:
    assert [text[start:end] for start, end in pack(text, 0, len(text), size)] == expected


def test_only_the_asked_part_is_packed() -> None:
    text = "Zero. One. Two. Three."
    assert [text[start:end] for start, end in pack(text, 6, 15, 100)] == ["One. Two."]


@pytest.mark.parametrize("count", [2, 3, 30])
def test_no_passage_starts_inside_a_sentence_that_would_fit(make_call: MakeCall, count: int) -> None:
    text = " ".join(f"Sentence number {number} speaks of trees and water." for number in range(count))
    found = of_call(make_call(text=text))
    assert all(part.text.startswith("Sentence") and part.text.endswith("water.") for part in found)
    assert sum(part.text.count("Sentence") for part in found) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One tree. Two trees! Three? Yes.", ["One tree.", "Two trees!", "Three?", "Yes."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("Wir pflanzen „Bäume.“ Dann gießen wir.", ["Wir pflanzen „Bäume.“", "Dann gießen wir."]),
        ("Ζέστη. Έχουμε δέντρα.", ["Ζέστη.", "Έχουμε δέντρα."]),
        ("Жега. Имаме дървета.", ["Жега.", "Имаме дървета."]),
        ("It costs 3.5 million. So what.", ["It costs 3.5 million.", "So what."]),
        ("We need:\n- trees\n- water", ["We need:", "- trees", "- water"]),
        ("Only one", ["Only one"]),
        # a small letter follows: an abbreviation
        ("Trees, shrubs etc. are planted.", ["Trees, shrubs etc. are planted."]),
        ("Bäume, Sträucher usw. östlich der Stadt.", ["Bäume, Sträucher usw. östlich der Stadt."]),
        ("Arbres, p. ex. à l'école.", ["Arbres, p. ex. à l'école."]),
        ("Stromy např. český dub.", ["Stromy např. český dub."]),
        ("Drzewa np. świerki.", ["Drzewa np. świerki."]),
        ("Copaci, ex. șase tei.", ["Copaci, ex. șase tei."]),
        ("Δέντρα π.χ. ένα πεύκο.", ["Δέντρα π.χ. ένα πεύκο."]),
        ("Дърва, напр. ябълки.", ["Дърва, напр. ябълки."]),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert [part.text for part in sentences(passage(text))] == expected


def test_a_profiles_passages_know_their_part(make_profile: MakeProfile) -> None:
    found = of_profile(make_profile())
    assert [(part.section, part.heading, part.text) for part in found] == [
        (SITUATION, "", "Summers are hot."),
        (PLAN, "What we plan", "Trees and shade in ten streets."),
        (NEEDS, "What we need", "Money for planting."),
        (OFFERS, "What we offer", "Open measurements."),
    ]


def test_no_passage_reaches_over_a_heading(make_call: MakeCall) -> None:
    found = of_call(make_call(text="One.\n## Scope\nTwo.\n## Outcome\nThree."))
    assert [(part.heading, part.text) for part in found] == [
        ("", "One."),
        ("Scope", "Two."),
        ("Outcome", "Three."),
    ]


@pytest.mark.parametrize("text", ["…", "## What we need", "---", "- -"])
def test_a_text_without_a_part_is_one_passage(make_call: MakeCall, text: str) -> None:
    assert [part.text for part in of_call(make_call(text=text))] == [text]


@pytest.mark.parametrize("text", [" ", "\n\n"])
def test_there_is_no_record_without_a_passage(
    make_call: MakeCall, make_profile: MakeProfile, text: str
) -> None:
    for make, cut in ((make_call, of_call), (make_profile, of_profile)):
        try:
            record = make(text=text)
        except ValidationError:
            continue  # a blank text may be refused
        assert len(cut(record)) >= 1


def test_the_repositorys_own_texts_are_cut_well(root: Path) -> None:
    for call in load_calls(root / "calls"):
        check(call.text, of_call(call), call.identifier, CALL_PASSAGE)
    for profile in load_profiles(root / "profiles"):
        check(profile.text, of_profile(profile), profile.id, PROFILE_PASSAGE)


@pytest.mark.parametrize(
    ("section", "heading", "title", "expected"),
    [
        (TEXT, "Scope", "Cool streets", "Cool streets. Scope. Trees."),
        (TEXT, "Scope.", "Cool streets.", "Cool streets. Scope. Trees."),
        (TEXT, "", "Cool streets", "Cool streets. Trees."),
        (NEEDS, "What we need", "Cool streets", "Cool streets. Trees."),
    ],
)
def test_the_encoder_sees_the_title_and_only_unusual_headings(
    section: str, heading: str, title: str, expected: str
) -> None:
    assert in_context(passage("Trees.", section, heading), title) == expected


def test_long_runs_of_blanks_are_cut_at_once() -> None:
    text = "Trees." + " " * 200_000 + "Shade" + "\n " * 100_000 + "Water."
    assert [text[start:end] for start, end in pack(text, 0, len(text), 50)] == ["Trees.", "Shade", "Water."]
