from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from vie_match.errors import BadFile
from vie_match.evaluation.benchmark import Benchmark, Judgement, TextChoice, load
from vie_match.vocabulary import DeadlineModel, Programme

CALL = {"id": "C-1", "title": "Shade", "text": "Trees."}
PROFILE = {
    "id": "de-town-01",
    "language": "de",
    "title": "Schatten",
    "text": "Bäume.",
    "title_en": "Shade for us",
    "text_en": "We want trees.",
}
JUDGEMENT = {"profile": "de-town-01", "call": "C-1", "grade": 3}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a benchmark folder; lines are objects or raw text."""

    def folder(
        calls: Sequence[object] = (CALL,),
        profiles: Sequence[object] = (PROFILE,),
        judgements: Sequence[object] | None = (JUDGEMENT,),
    ) -> Path:
        for name, rows in [("calls", calls), ("profiles", profiles), ("judgements", judgements)]:
            if rows is not None:
                lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
                (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return folder


def compress(path: Path) -> None:
    with gzip.open(f"{path}.gz", "wb") as file:
        file.write(path.read_bytes())
    path.unlink()


def lines_of(error: BadFile) -> list[tuple[str, int | None]]:
    return [(fault.path.name, fault.line) for fault in error.faults]


@pytest.mark.parametrize("compressed", [(), ("calls",), ("calls", "profiles", "judgements")])
def test_files_may_be_plain_or_gzipped(write: Write, compressed: Sequence[str]) -> None:
    folder = write(judgements=[JUDGEMENT, "", {**JUDGEMENT, "call": "C-9", "grade": 0}])
    for name in compressed:
        compress(folder / f"{name}.jsonl")
    benchmark = load(folder)
    [call], [profile] = benchmark.calls, benchmark.profiles
    assert (call.identifier, call.title, call.text) == ("C-1", "Shade", "Trees.")
    assert (profile.id, profile.language, profile.title, profile.text) == (
        "de-town-01",
        "de",
        "Schatten",
        "Bäume.",
    )
    assert benchmark.judgements == (Judgement("de-town-01", "C-1", 3), Judgement("de-town-01", "C-9", 0))


def test_without_judgements_the_folder_is_not_judged(write: Write) -> None:
    benchmark = load(write(judgements=None))
    assert isinstance(benchmark, Benchmark)
    assert benchmark.judgements == ()
    assert len(benchmark.calls) == len(benchmark.profiles) == 1


def test_the_own_text_needs_no_english_fields(write: Write) -> None:
    own = {key: value for key, value in PROFILE.items() if not key.endswith("_en")}
    assert load(write(profiles=[own])).profiles[0].title == "Schatten"


def test_the_english_text_is_taken_alone_and_is_english(write: Write) -> None:
    [profile] = load(write(), TextChoice.ENGLISH).profiles
    assert (profile.language, profile.title, profile.text) == ("en", "Shade for us", "We want trees.")


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: row.pop("title_en"),
        lambda row: row.pop("text_en"),
        lambda row: row.update(title_en=None),
        lambda row: row.update(text_en=None),
        lambda row: row.update(title_en=" ", text_en=""),
    ],
)
def test_missing_english_is_named_line_by_line(write: Write, damage: Callable[[dict], object]) -> None:
    damaged = [PROFILE | {"id": f"town-{number}"} for number in range(4)]
    damage(damaged[1])
    damage(damaged[3])
    folder = write(profiles=damaged)
    assert len(load(folder).profiles) == 4
    with pytest.raises(BadFile, match="title_en, text_en") as raised:
        load(folder, TextChoice.ENGLISH)
    assert lines_of(raised.value) == [("profiles.jsonl", 2), ("profiles.jsonl", 4)]
    assert str(folder / "profiles.jsonl") + ":2: " in str(raised.value)


@pytest.mark.parametrize("name", ["calls", "profiles"])
def test_a_missing_file_is_named(write: Write, name: str) -> None:
    folder = write()
    (folder / f"{name}.jsonl").unlink()
    with pytest.raises(BadFile, match=rf"no {name}\.jsonl or {name}\.jsonl\.gz"):
        load(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"nowhere: found no calls\.jsonl"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("calls", '{"id": "C-2", "title"'),
        ("calls", {"title": "Shade", "text": "Trees."}),
        ("calls", {"id": "C-2", "text": "Trees."}),
        ("calls", {"id": "C-2", "title": "Shade"}),
        ("calls", {"id": "C-2", "title": None, "text": "Trees."}),
        ("calls", {"id": 2, "title": "Shade", "text": "Trees."}),
        ("calls", {"id": "C-2", "title": "Shade", "text": ["Trees."]}),
        ("calls", {"id": "C-2", "title": "Shade", "text": "Trees.", "language": "tlh"}),
        ("calls", {"id": "C-2", "title": "Shade", "text": " \n"}),
        ("calls", ["C-2", "Shade", "Trees."]),
        ("calls", "null"),
        ("calls", "7"),
        ("profiles", "{not json}"),
        ("profiles", PROFILE | {"id": "Not A Name"}),
        ("profiles", PROFILE | {"language": "xx"}),
        ("profiles", PROFILE | {"language": None}),
        ("profiles", PROFILE | {"title": ""}),
        ("profiles", PROFILE | {"title": 5}),
        ("profiles", PROFILE | {"text": None}),
        ("profiles", PROFILE | {"text": " \n"}),
        ("profiles", PROFILE | {"country": "Atlantis"}),
        ("profiles", '"text"'),
        ("judgements", "{'profile': 'a'}"),
        ("judgements", {"profile": "de-town-01", "call": "C-1"}),
        ("judgements", JUDGEMENT | {"grade": None}),
        ("judgements", JUDGEMENT | {"grade": "high"}),
        ("judgements", JUDGEMENT | {"grade": 4}),
        ("judgements", JUDGEMENT | {"grade": -1}),
        ("judgements", JUDGEMENT | {"grade": 2.5}),
        ("judgements", "[]"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(write: Write, kind: str, row: object) -> None:
    good = {"calls": CALL, "profiles": PROFILE, "judgements": JUDGEMENT}[kind]
    folder = write(**{kind: [good, "", row]})
    with pytest.raises(BadFile) as raised:
        load(folder)
    assert lines_of(raised.value) == [(f"{kind}.jsonl", 3)]
    assert raised.value.faults[0].found
    assert {"calls": "id, title, text", "profiles": "language", "judgements": "grade"}[kind] in str(
        raised.value
    ) or "one JSON object a line" in str(raised.value)


def test_all_bad_lines_of_all_files_are_named_at_once(write: Write) -> None:
    folder = write(
        calls=[{"id": "C-1"}, CALL, {"id": "C-3"}],
        profiles=[PROFILE | {"language": "xx"}],
        judgements=[JUDGEMENT, {}],
    )
    with pytest.raises(BadFile) as raised:
        load(folder)
    assert lines_of(raised.value) == [
        ("calls.jsonl", 1),
        ("calls.jsonl", 3),
        ("profiles.jsonl", 1),
        ("judgements.jsonl", 2),
    ]


def test_a_line_that_is_no_json_does_not_hide_the_other_bad_lines(write: Write) -> None:
    folder = write(calls=[{"id": "C-1"}, "{", CALL], profiles=[PROFILE, "}"])
    with pytest.raises(BadFile) as raised:
        load(folder)
    assert sorted(lines_of(raised.value)) == [("calls.jsonl", 1), ("calls.jsonl", 2), ("profiles.jsonl", 2)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("calls.jsonl.gz", b"this is not gzip"),
        ("calls.jsonl.gz", gzip.compress(json.dumps(CALL).encode() * 50, mtime=0)[:-9]),
        ("calls.jsonl", '{"id": "C-1", "title": "Bäume", "text": "Schatten"}'.encode("latin-1")),
    ],
    ids=["no gzip", "cut off", "latin-1"],
)
def test_a_file_that_cannot_be_read_is_named(write: Write, name: str, content: bytes) -> None:
    folder = write(calls=[])
    (folder / "calls.jsonl").unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(BadFile, match=rf"{name.replace('.', '[.]')}.*: found "):
        load(folder)


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        ({"title": "  A\n long  title "}, "title", "A long title"),
        ({"title": "x" * 600}, "title", "x" * 500),
        ({"title": " "}, "title", "C-1"),
        ({"text": ""}, "text", "Shade"),
        ({"text": None}, "text", "Shade"),
        ({"programme": "Horizon Europe"}, "programme", Programme.HORIZON),
        ({"programme": "A programme nobody knows"}, "programme", Programme.OTHER),
        ({"programme": None}, "programme", Programme.OTHER),
        ({}, "language", "en"),
        ({"language": "fr"}, "language", "fr"),
        ({"deadlines": ["2001-01-01"], "extra": [1]}, "deadlines", ()),
        ({"deadlines": ["2001-01-01"]}, "deadline_model", DeadlineModel.CONTINUOUS),
    ],
)
def test_what_is_optional_in_a_call_has_a_sensible_value(
    write: Write, given: dict[str, object], field: str, expected: object
) -> None:
    [call] = load(write(calls=[CALL | given])).calls
    assert getattr(call, field) == expected


def test_the_city_of_a_profile_is_kept_and_optional(write: Write) -> None:
    rows = [PROFILE | {"city": "Πάτρα", "country": "GR"}, PROFILE | {"id": "b-1"}]
    first, second = load(write(profiles=rows)).profiles
    assert (first.city.name, first.city.country) == ("Πάτρα", "EL")
    assert second.city.name == "b-1"


@pytest.mark.parametrize(("kind", "row"), [("calls", CALL), ("profiles", PROFILE)])
def test_an_id_that_stands_twice_is_refused(write: Write, kind: str, row: dict[str, object]) -> None:
    with pytest.raises(BadFile, match="twice"):
        load(write(**{kind: [row, row]}))


def test_judgements_of_other_profiles_do_not_count(write: Write) -> None:
    folder = write(judgements=[JUDGEMENT, JUDGEMENT | {"profile": "elsewhere"}])
    assert [one.profile for one in load(folder).judgements] == [PROFILE["id"]]
