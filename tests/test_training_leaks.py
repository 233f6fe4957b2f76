"""Nothing that the encoder is measured on is among what it is trained on.

The benchmark lies beside the repository, where it does; the data inside the package, where they do.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from vie_match.records import Profile
from vie_match.sources.files import load_file
from vie_match.training import corpora
from vie_match.training.config import Data, Reader
from vie_match.training.corpora import Pair, Row

# A sentence this long is nobody's twice by chance.
_SENTENCE = 40
_END = re.compile(r"(?<=[.!?…;:])\s+|\n+")
_TITLES = ("title", "title_en")
_TEXTS = ("title", "text", "title_en", "text_en")

Object = Mapping[str, Any]


def plain(text: str) -> str:
    """Return a text without case and spaces, in one spelling of its letters."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def tell_tales(profile: Object) -> list[str]:
    """Return what betrays a profile: its titles, and its sentences of 40 characters or more."""
    sentences = [
        sentence.strip()
        for name in ("text", "text_en")
        for sentence in _END.split(profile[name])
        if len(sentence.strip()) >= _SENTENCE
    ]
    return [*(profile[name] for name in _TITLES), *sentences]


def leaks(profiles: Iterable[Object], texts: Iterable[str]) -> list[str]:
    """Return what of the profiles stands in the texts, whatever its case and spaces."""
    # A mark between the texts, so that nothing is found across two of them.
    whole = "\0".join(map(plain, texts))
    return [tale for profile in profiles for tale in tell_tales(profile) if plain(tale) in whole]


def shown(rows: Iterable[Row]) -> list[str]:
    """Return every text a student or a teacher is shown."""
    return [
        text
        for row in rows
        for text in (
            (row.anchor, row.positive, row.negative) if isinstance(row, Pair) else (row.text, row.english)
        )
    ]


def raw(rows: Iterable[Object]) -> list[str]:
    return [row[name] for row in rows for name in _TEXTS]


def copied(judgements: Iterable[Object], rows: Sequence[Object]) -> list[str]:
    """Return the projects whose grades are a benchmark profile's, or that carry a profile's id.

    Graded apart, a project has the same calls with the same grades as a profile only by copying; under
    five judged calls it may be chance.
    """
    of: dict[str, dict[str, int]] = {}
    for judgement in judgements:
        of.setdefault(judgement["profile"], {})[judgement["call"]] = judgement["grade"]
    taken = []
    for row in rows:
        grades = row.get("calls") or {}
        for profile, judged in of.items():
            both = grades.keys() & judged.keys()
            same = len(both) >= 5 and len(both) >= 0.8 * len(grades)
            good = any(grades[call] >= 2 for call in both)
            if row["id"] == profile or (same and good and all(grades[call] == judged[call] for call in both)):
                taken.append(row["id"])
    return taken


PROFILE = {
    "id": "de-town-01",
    "title": "Hitzeschutz für alle",
    "text": "Kurz.\n\nWir pflanzen in zwanzig Straßen der Innenstadt Bäume.\nUnd messen es dann auch nach!",
    "title_en": "Shelter from heat for all",
    "text_en": "Short.\n\nWe plant trees in twenty streets of the inner city. And we measure it: in degrees.",
}
CLEAN = {
    "id": "p-1",
    "title": "Sauberes Wasser",
    "text": "Kurz.\n\nWir reinigen das Wasser von drei Bächen am Rande der Stadt.",
    "title_en": "Clean water",
    "text_en": "Short.\n\nWe clean the water of three brooks at the edge of the town.",
}


@pytest.fixture(scope="module")
def projects(root: Path) -> Path:
    path = root / "vie_match" / "training" / "projects.jsonl"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return path


@pytest.fixture(scope="module")
def benchmark(root: Path) -> Path:
    folder = root.parent / "shared" / "benchmark" / "calls"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return folder


@pytest.fixture(scope="module")
def profiles(benchmark: Path) -> list[dict[str, Any]]:
    rows = list(corpora.rows_of(benchmark / "profiles.jsonl"))
    assert len(rows) >= 60
    assert all(len(tell_tales(row)) > 6 for row in rows)
    return rows


# The search itself


@pytest.mark.parametrize(
    "planted",
    [
        "HITZESCHUTZ  für\nalle",
        "Our plan: shelter from heat for all, and soon.",
        "Wir pflanzen in zwanzig Straßen\tder Innenstadt Bäume.",
        "WIR PFLANZEN IN ZWANZIG STRASSEN DER INNENSTADT BA\u0308UME.",
        "Before. we plant trees in  twenty streets of the inner city. After.",
    ],
)
def test_a_planted_leak_is_found_whatever_its_case_and_spaces(planted: str) -> None:
    assert len(leaks([PROFILE], [CLEAN["text"], planted, CLEAN["title"]])) == 1


def test_what_is_no_leak_is_not_found() -> None:
    assert leaks([PROFILE], raw([CLEAN])) == []
    # Short sentences are anybody's, and what runs over two texts is nobody's.
    assert leaks([PROFILE], ["Kurz. Short.", "Hitzeschutz", "für alle"]) == []
    assert leaks([PROFILE], ["We plant trees in twenty streets", "of the inner city."]) == []


def test_sentences_from_40_characters_betray_a_profile() -> None:
    assert tell_tales(PROFILE) == [
        "Hitzeschutz für alle",
        "Shelter from heat for all",
        "Wir pflanzen in zwanzig Straßen der Innenstadt Bäume.",
        "We plant trees in twenty streets of the inner city.",
    ]


def test_a_leak_in_any_field_reaches_what_a_reader_shows(tmp_path: Path) -> None:
    for name in _TEXTS:
        planted = CLEAN | {
            name: f"Kurz.\n\n{PROFILE['text_en']}" if name.startswith("text") else PROFILE["title"]
        }
        planted |= {"text_en": planted["text"]} if name == "text" else {}
        planted |= {"text": planted["text_en"]} if name == "text_en" else {}
        path = tmp_path / f"{name}.jsonl"
        path.write_text(json.dumps(planted) + "\n", encoding="utf-8")
        entry = Data(reader=Reader.PROJECTS, path=path, share=1, licence="own")
        assert leaks([PROFILE], shown(corpora.read(entry))), name
        assert leaks([PROFILE], raw([planted])), name


def test_copied_judgements_are_found_and_own_ones_are_not() -> None:
    judged = [{"profile": "de-town-01", "call": f"C-{at}", "grade": at % 4} for at in range(8)]
    same = {f"C-{at}": at % 4 for at in range(8)}
    assert copied(judged, [{"id": "p-1", "calls": same}]) == ["p-1"]
    assert copied(judged, [{"id": "de-town-01", "calls": {}}]) == ["de-town-01"]
    assert copied(judged, [{"id": "p-1", "calls": same | {"C-1": 2}}]) == []
    assert copied(judged, [{"id": "p-1", "calls": dict.fromkeys(same, 0)}]) == []
    assert copied(judged, [{"id": "p-1"}]) == []


# The data of the package


def test_no_profile_of_the_benchmark_stands_in_the_projects(
    projects: Path, profiles: list[dict[str, Any]]
) -> None:
    entry = Data(reader=Reader.PROJECTS, path=projects, share=1, licence="own")
    rows = list(corpora.rows_of(projects))
    texts = [*shown(corpora.read(entry)), *raw(rows)]
    assert leaks(profiles, texts) == []
    # The same search over the same texts does find one that is planted.
    planted = profiles[-1]["text_en"].split("\n\n")[0].upper()
    assert leaks(profiles, [*texts, planted])


def test_no_judgement_of_the_benchmark_is_among_the_grades(projects: Path, benchmark: Path) -> None:
    judgements = list(corpora.rows_of(benchmark / "judgements.jsonl"))
    rows = list(corpora.rows_of(projects))
    assert copied(judgements, rows) == []
    profile = judgements[0]["profile"]
    grades = {one["call"]: one["grade"] for one in judgements if one["profile"] == profile}
    assert copied(judgements, [*rows, {"id": "planted", "calls": grades}]) == ["planted"]


def test_no_profile_of_the_repository_stands_in_the_projects(projects: Path, root: Path) -> None:
    own = []
    for path in sorted((root / "profiles").glob("*.md")):
        record = load_file(path, Profile)
        own.append({"title": record.title, "text": record.text, "title_en": record.title, "text_en": ""})
    assert own
    assert leaks(own, raw(corpora.rows_of(projects))) == []
