"""The parts of a text, found by their headings."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.sections import HEADINGS, NEEDS, OFFERS, PLAN, SITUATION, TEXT, sections


def kinds(text: str) -> list[str]:
    return [part.kind for part in sections(text)]


@pytest.mark.parametrize("language", sorted(HEADINGS))
def test_the_headings_of_every_language_are_told_apart(language: str) -> None:
    plan, needs, offers = HEADINGS[language]
    text = f"Heat.\n\n## {plan}\n\nTrees.\n\n## {needs}\n\nMoney.\n\n## {offers}\n\nData.\n"
    parts = sections(text)
    assert [part.kind for part in parts] == [SITUATION, PLAN, NEEDS, OFFERS]
    assert [part.heading for part in parts] == ["", plan, needs, offers]
    assert [text[part.start : part.end].strip() for part in parts] == ["Heat.", "Trees.", "Money.", "Data."]


@pytest.mark.parametrize(
    ("line", "kind", "heading"),
    [
        ("## WHAT WE NEED", NEEDS, "WHAT WE NEED"),
        ("## What we need:", NEEDS, "What we need:"),
        ("## What do we offer?", TEXT, "What do we offer?"),
        ("##   What  we need  ", NEEDS, "What  we need"),
        ("## What we need ##", NEEDS, "What we need"),
        ("##\tWhat we need", NEEDS, "What we need"),
        ("## Needs", NEEDS, "Needs"),
        ("## Vorhaben", PLAN, "Vorhaben"),
        ("## WAS WIR BIETEN", OFFERS, "WAS WIR BIETEN"),
        ("## X’qed nippjanaw", PLAN, "X’qed nippjanaw"),  # typographic apostrophe
        ("## Scope", TEXT, "Scope"),
        ("## Τι Χρειαζόμαστε", NEEDS, "Τι Χρειαζόμαστε"),
    ],
)
def test_a_heading_is_known_however_it_is_set(line: str, kind: str, heading: str) -> None:
    (part,) = sections(f"{line}\n\nTrees.")
    assert (part.kind, part.heading) == (kind, heading)


@pytest.mark.parametrize(
    "line",
    ["#What we need", "#heat #trees", "####### What we need", "What we need", "a ## What we need", "##"],
)
def test_a_line_that_is_no_heading_stays_text(line: str) -> None:
    text = f"Heat.\n\n{line}\n\nTrees."
    assert sections(text) == [(TEXT, "", 0, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trees.", [TEXT]),
        ("Heat.\n\n## Scope\n\nTrees.", [SITUATION, TEXT]),
        ("## Scope\n\nTrees.", [TEXT]),
        ("Heat.\n\n## What we plan\n\n## What we need\n\nMoney.", [SITUATION, NEEDS]),
        ("Heat.\n\n## What we need\n\n…\n\n---\n", [SITUATION]),
        ("Heat.\n\n## What we need", [SITUATION]),
        ("## What we need", []),
        ("", []),
        ("## What we need\n\nMoney.\n\n## What we need\n\nTime.", [NEEDS, NEEDS]),
    ],
)
def test_parts_come_in_order_and_those_without_a_letter_are_left_out(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


_LINES = st.one_of(
    st.sampled_from(["", "Trees.", "## What we need", "# Σχέδιο", "### x ###", "- a", "#", "##  ", "---"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12),
)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(_LINES, max_size=10))
def test_parts_never_overlap_and_keep_every_letter_that_is_not_in_a_heading(lines: list[str]) -> None:
    text = "\n".join(lines)
    parts = sections(text)
    borders = [border for part in parts for border in (part.start, part.end)]
    assert borders == sorted(borders)
    assert all(any(map(str.isalnum, text[part.start : part.end])) for part in parts)
    kept = {offset for part in parts for offset in range(part.start, part.end)}
    offset = 0
    for line in lines:
        hashes = len(line) - len(line.lstrip("#"))
        is_heading = 1 <= hashes <= 6 and line[hashes : hashes + 1] in (" ", "\t")
        if not is_heading:
            letters = {offset + place for place, letter in enumerate(line) if letter.isalnum()}
            assert letters <= kept
        offset += len(line) + 1


def test_a_heading_below_a_part_belongs_to_it() -> None:
    text = "## What we plan\n\n### Cooling\n\nTrees.\n\n## What we need\n\nMoney.\n\n## Annex\n\nMap."
    assert [(part.kind, part.heading) for part in sections(text)] == [
        ("plan", "Cooling"),
        ("needs", "What we need"),
        ("text", "Annex"),
    ]


def test_a_heading_full_of_blanks_is_read_at_once() -> None:
    # Cubic time would take this test hours, not milliseconds.
    text = "## a" + " " * 100_000 + "b\n\nTrees." + " " * 100_000 + "x"
    assert [part.kind for part in sections(text)] == ["text"]
