"""Files → texts and pairs."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vie_match.embedding import passages
from vie_match.errors import BadFile
from vie_match.training import corpora
from vie_match.training.config import Data, Reader
from vie_match.training.corpora import Pair, Text

LONG = "The town plants trees along its hottest streets and measures whether it helps."
CALLS = [
    {"id": "C-1", "title": "Cool  streets\nin cities", "text": f"{LONG} It opens fountains for all."},
    {
        "identifier": "C-2",
        "id": "ignored",
        "title": "Clean water",
        "description": LONG.replace("trees", "reeds"),
    },
]
PROJECT = {
    "id": "a-1",
    "language": "de",
    "title": "Schatten",
    "text": f"{tiny.turned(LONG)}\n\n{tiny.turned(LONG)} zwei",
    "title_en": "Shade",
    "text_en": f"{LONG}\n\n{LONG} two",
}

NO_FIELDS: Mapping[str, str] = {}

Write = Callable[..., Path]


@pytest.fixture(params=["plain", "gz"])
def write(tmp_path: Path, request: pytest.FixtureRequest) -> Write:
    """Writes a file of JSON lines, plain or gzipped."""

    def file(name: str, rows: Iterable[object]) -> Path:
        path = tiny.write_lines(tmp_path / name, rows)
        if request.param == "plain":
            return path
        zipped = path.with_name(f"{path.name}.gz")
        zipped.write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
        return zipped

    return file


def lines(path: Path, rows: Iterable[object]) -> Path:
    return tiny.write_lines(path, rows)


def data(reader: str, path: Path, **other: object) -> Data:
    return Data.model_validate({"reader": reader, "path": path, "share": 1, "licence": "own"} | other)


def texts(reader: str, path: Path, **other: object) -> list[Text]:
    rows = corpora.read(data(reader, path, **other))
    assert all(isinstance(row, Text) for row in rows)
    return [row for row in rows if isinstance(row, Text)]


def pairs(reader: str, path: Path, **other: object) -> list[Pair]:
    rows = corpora.read(data(reader, path, **other))
    assert all(isinstance(row, Pair) for row in rows)
    return [row for row in rows if isinstance(row, Pair)]


# Files


def test_lines_are_read_plain_and_gzipped_and_blank_ones_passed_over(write: Write) -> None:
    assert list(corpora.rows_of(write("a.jsonl", [{"a": "ä"}, "", {"a": 2}]))) == [{"a": "ä"}, {"a": 2}]


def test_a_whole_json_file_is_read_too(write: Write) -> None:
    assert list(corpora.rows_of(write("a.json", ['[{"a": 1},', '{"a": 2}]']))) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("bad", ["{", '{"a": 1', "word", '{"a": 1} {"a": 2}', "{'a': 1}"])
def test_a_bad_line_is_named_with_its_number(write: Write, bad: str) -> None:
    path = write("a.jsonl", [{"a": 1}, "", {"a": 2}, bad, {"a": 3}])
    with pytest.raises(BadFile) as caught:
        list(corpora.rows_of(path))
    [fault] = caught.value.faults
    assert (fault.path, fault.line) == (path, 4)


@pytest.mark.parametrize("bad", ["3", "[1]", '"text"', "null"])
def test_a_line_that_is_no_object_is_named_with_its_number(tmp_path: Path, bad: str) -> None:
    path = lines(tmp_path / "a.jsonl", [{"a": 1}, bad])
    with pytest.raises(BadFile) as caught:
        list(corpora.rows_of(path))
    assert [fault.line for fault in caught.value.faults] == [2]


@pytest.mark.parametrize(
    ("reader", "row"),
    [
        ("cordis", {"title": "t"}),
        ("cordis topics", {"title": "t", "objective": LONG}),
        ("projects", {"title": "t"}),
        ("calls", {"title": "t", "text": LONG}),
    ],
)
def test_a_row_that_lacks_what_its_reader_needs_is_named(tmp_path: Path, reader: str, row: object) -> None:
    with pytest.raises(BadFile, match=r"a\.jsonl"):
        corpora.read(data(reader, lines(tmp_path / "a.jsonl", [row])))


def test_a_gzip_file_that_is_cut_or_none_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"a": 1}\n' * 1000)
    for raw in (whole[: len(whole) // 2], b"no gzip", b""):
        path = tmp_path / "a.jsonl.gz"
        path.write_bytes(raw)
        if raw:
            with pytest.raises(BadFile, match=r"a\.jsonl\.gz"):
                list(corpora.rows_of(path))
    with pytest.raises(BadFile, match=r"gone\.jsonl"):
        list(corpora.rows_of(tmp_path / "gone.jsonl"))


def test_a_gzip_file_with_damage_inside_is_named(tmp_path: Path) -> None:
    raw = bytearray(gzip.compress("".join(f'{{"a": {at * at}}}\n' for at in range(2000)).encode()))
    raw[10] = 0xFF
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(raw)
    with pytest.raises(BadFile):
        list(corpora.rows_of(path))


def test_bytes_that_are_no_utf_8_are_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": "\xe4"}\n')
    with pytest.raises(BadFile, match=r"a\.jsonl"):
        list(corpora.rows_of(path))


@pytest.mark.parametrize("reader", ["calls", "cordis", "cordis topics", "projects"])
def test_a_file_without_a_text_is_a_fault(tmp_path: Path, reader: str) -> None:
    with pytest.raises(BadFile, match=f"no text; expected what the reader '{reader}' reads"):
        corpora.read(data(reader, lines(tmp_path / "a.jsonl", [""])))


# Calls


def test_calls_give_their_titles_and_their_passages_under_the_title(write: Write) -> None:
    rows = texts("calls", write("calls.jsonl", CALLS))
    assert rows == [
        Text(text, text)
        for text in (
            "Cool streets in cities",
            f"Cool streets in cities. {CALLS[0]['text']}",
            "Clean water",
            f"Clean water. {CALLS[1]['description']}",
        )
    ]


def test_calls_keep_their_identifier_and_those_without_a_text_are_left_out(tmp_path: Path) -> None:
    short = [{"id": "C-3", "title": "Short", "text": "x" * 39}, {"id": "C-4", "title": "", "text": LONG}]
    edge = {"id": "C-5", "title": "t" * 600, "text": "x" * 40}
    calls = corpora.calls_of(
        lines(tmp_path / "calls.jsonl", [*CALLS, *short, edge, {"id": "C-6", "title": "No text"}])
    )
    assert [call.identifier for call in calls] == ["C-1", "C-2", "C-5"]
    assert len(calls[-1].title) == 500


def test_a_long_call_is_read_to_its_end_in_passages(tmp_path: Path) -> None:
    text = " ".join(f"Sentence {number} tells about trees." for number in range(100))
    rows = texts("calls", lines(tmp_path / "calls.jsonl", [{"id": "C", "title": "T", "text": text}]))
    assert len(rows) > 5
    assert all(len(row.text) <= 604 for row in rows)
    assert "Sentence 99" in rows[-1].text


# CORDIS


def cordis(count: int, objective: str = LONG) -> list[dict[str, object]]:
    return [
        {
            "id": str(number),
            "title": f"Project {number}",
            "objective": f"{objective} This is the one with number {number}.",
            "topic": {"code": f"HORIZON-{number}", "title": f"Topic {number}"},
        }
        for number in range(count)
    ]


def test_projects_of_cordis_give_a_window_each_with_the_title_half_of_the_time(write: Write) -> None:
    rows = texts("cordis", write("cordis.jsonl", cordis(200, " ".join([LONG] * 9))))
    assert len(rows) > 100
    assert all(row.text == row.english and 40 <= len(row.text) <= 520 for row in rows)
    titled = sum(row.text.startswith("Project ") for row in rows)
    assert 70 < titled < 130


def test_projects_of_cordis_are_the_same_at_every_reading(tmp_path: Path) -> None:
    path = lines(tmp_path / "cordis.jsonl", cordis(50, " ".join([LONG] * 9)))
    for reader in ("cordis", "cordis topics"):
        assert corpora.read(data(reader, path)) == corpora.read(data(reader, path))


def test_projects_find_their_topics_and_not_another(write: Write) -> None:
    rows = {row.positive: row for row in pairs("cordis topics", write("c.jsonl", cordis(30)))}
    for number in range(30):
        if not corpora.held_out_topic(f"HORIZON-{number}"):
            anchor = rows[f"Topic {number}"].anchor
            assert anchor == f"Project {number}. {LONG} This is the one with number {number}."
    assert all(row.negative in rows.keys() - {row.positive} for row in rows.values())


def topic_projects(*codes: str) -> list[dict[str, Any]]:
    """One project of each topic, the topic's title being its code."""
    rows = cordis(len(codes))
    for row, code in zip(rows, codes, strict=True):
        row["topic"] = {"code": code, "title": f"About {code}"}
    return rows


def not_held_out(*codes: str) -> list[str]:
    return [code for code in codes if not corpora.held_out_topic(code)]


def test_what_a_project_should_not_find_is_a_neighbour_of_its_topic_in_the_same_call(tmp_path: Path) -> None:
    near = not_held_out(*(f"HORIZON-A-01-{number:02}" for number in range(1, 9)))
    far = not_held_out(*(f"HORIZON-B-{number:02}-01" for number in range(1, 9)))
    rows = pairs("cordis topics", lines(tmp_path / "c.jsonl", topic_projects(*near, *far)))
    assert len(near) > 3 < len(far)
    for row in rows:
        if row.positive.startswith("About HORIZON-A"):
            assert row.negative.startswith("About HORIZON-A")
    # Alone in its call, a topic has any other against it.
    assert {row.negative[:15] for row in rows if "HORIZON-B" in row.positive} == {
        "About HORIZON-A",
        "About HORIZON-B",
    }


def test_a_topic_with_thousands_of_projects_gives_a_few_pairs(tmp_path: Path) -> None:
    many, few = not_held_out("HORIZON-C-01", "HORIZON-D-01", "HORIZON-E-01")[:2]
    rows = pairs("cordis topics", lines(tmp_path / "c.jsonl", topic_projects(*[many] * 40, few)))
    assert sorted(Counter(row.positive for row in rows).values()) == [1, 12]


def test_the_only_topic_has_nothing_against_it(tmp_path: Path) -> None:
    [code, *_] = not_held_out("HORIZON-C-01", "HORIZON-D-01", "HORIZON-E-01")
    [row] = pairs("cordis topics", lines(tmp_path / "c.jsonl", topic_projects(code)))
    assert row.negative == ""


def test_a_project_is_shown_whole_or_in_part(tmp_path: Path) -> None:
    rows = topic_projects(*not_held_out(*(f"HORIZON-F-{number:02}" for number in range(60))))
    for row in rows:
        row["objective"] = " ".join([LONG] * 12)
    lengths = [len(row.anchor) > 900 for row in pairs("cordis topics", lines(tmp_path / "c.jsonl", rows))]
    assert 0.25 < np.mean(lengths) < 0.75


def test_topics_that_are_held_out_are_never_in_the_pairs(tmp_path: Path) -> None:
    held = {f"Topic {number}" for number in range(1000) if corpora.held_out_topic(f"HORIZON-{number}")}
    assert 60 < len(held) < 140
    found = {row.positive for row in pairs("cordis topics", lines(tmp_path / "c.jsonl", cordis(1000)))}
    assert found == {f"Topic {number}" for number in range(1000)} - held


def test_every_project_of_a_topic_that_is_held_out_is_left_out(tmp_path: Path) -> None:
    code = next(f"HORIZON-{number}" for number in range(99) if corpora.held_out_topic(f"HORIZON-{number}"))
    rows = cordis(12)
    for row in rows[::2]:
        row["topic"] = {"code": code, "title": "Held out"}
    found = pairs("cordis topics", lines(tmp_path / "c.jsonl", rows))
    assert found
    assert "Held out" not in {row.positive for row in found}
    assert not any(row.anchor.startswith(f"{one['title']}. ") for one in rows[::2] for row in found)


def test_projects_without_topic_title_or_text_give_no_pair(tmp_path: Path) -> None:
    rows = cordis(7)[4:]
    rows[1]["topic"] = {"code": "HORIZON-5", "title": ""}
    rows[2]["objective"] = "Too short."
    assert not any(corpora.held_out_topic(f"HORIZON-{number}") for number in (4, 5, 6))
    assert [row.positive for row in pairs("cordis topics", lines(tmp_path / "c.jsonl", rows))] == ["Topic 4"]


def test_what_is_held_out_depends_on_the_key_only() -> None:
    keys = [f"K-{number}" for number in range(2000)]
    for one_in in (2, 5, 10):
        share = sum(corpora.held_out(key, one_in) for key in keys) / len(keys)
        assert share == pytest.approx(1 / one_in, abs=0.03)
    assert not any(corpora.held_out(key, 0) for key in keys)
    assert all(corpora.held_out(key, 1) for key in keys)
    # Pinned: held out once is held out for ever, or figures of old and new encoders do not compare.
    assert [key for key in keys[:100] if corpora.held_out(key, 10)] == HELD_OUT


# By sha256sum in a shell.
HELD_OUT = ["K-21", "K-43", "K-62", "K-81", "K-84", "K-89", "K-95"]


# Parallel text


def sentences(lang: str, count: int, name: str = "s") -> list[dict[str, str]]:
    return [
        {
            "lang": lang,
            "text": f"{lang} {name} {at}",
            "en": f"a sentence long enough to be one, {name} {lang} {at}",
        }
        for at in range(count)
    ]


def labels(lang: str, count: int) -> list[dict[str, str]]:
    return [{"lang": lang, "text": f"{lang}-{at}", "en": f"en-{at}"} for at in range(count)]


def test_parallel_sentences_come_with_their_originals(write: Write) -> None:
    path = write("p/a.jsonl", sentences("de", 5))
    assert sorted(texts("parallel", path.parent), key=str) == [
        Text(row["text"], row["en"]) for row in sentences("de", 5)
    ]


def test_files_that_are_held_out_are_not_read_and_not_on_the_card(write: Write, tmp_path: Path) -> None:
    write("p/devtest.jsonl", sentences("de", 5, "secret"))
    write("p/dev.jsonl", sentences("de", 5, "open"))
    (tmp_path / "p" / "README.md").write_text("no data", encoding="utf-8")
    entry = data("parallel", tmp_path / "p", skip=["devtest"])
    rows = corpora.read(entry)
    assert len(rows) == 5
    assert not any("secret" in str(row) for row in rows)
    assert [path.name.partition(".")[0] for path in corpora.files(entry)] == ["dev"]
    everything = data("parallel", tmp_path / "p")
    assert [path.name.partition(".")[0] for path in corpora.files(everything)] == ["dev", "devtest"]
    assert len(corpora.read(everything)) == 10


def test_large_files_and_languages_do_not_drown_small_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "_PARALLEL", 260)
    lines(tmp_path / "large.jsonl", [*sentences("de", 1600), *sentences("fr", 100)])
    lines(tmp_path / "small.jsonl", sentences("de", 4, "t"))
    found = Counter(" ".join(row.text.split()[:2]) for row in texts("parallel", tmp_path))
    # Roots 40, 10, 2: 5 a unit of root, and no more than there are.
    assert found == {"de s": 200, "fr s": 50, "de t": 4}


@pytest.mark.parametrize(
    ("languages", "total", "expected"),
    [
        # Roots 40, 10 (de, fr) and 10, 6 (de, el) of the two files, each times its weight; 5 a unit.
        ({}, 330, {"de s": 200, "fr s": 50, "de t": 50, "el t": 30}),
        ({"fr": 1.5}, 355, {"de s": 200, "fr s": 75, "de t": 50, "el t": 30}),
        ({"de": 0.5, "el": 1.0}, 205, {"de s": 100, "fr s": 50, "de t": 25, "el t": 30}),
        ({"fr": 1.2, "el": 0.5}, 325, {"de s": 200, "fr s": 60, "de t": 50, "el t": 15}),
        ({"mt": 9.0}, 330, {"de s": 200, "fr s": 50, "de t": 50, "el t": 30}),
        # No more than there are.
        ({"el": 9.0}, 570, {"de s": 200, "fr s": 50, "de t": 50, "el t": 36}),
    ],
)
def test_a_language_with_a_weight_gets_so_many_times_its_share_in_every_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    languages: dict[str, float],
    total: int,
    expected: dict[str, int],
) -> None:
    monkeypatch.setattr(corpora, "_PARALLEL", total)
    lines(tmp_path / "large.jsonl", [*sentences("de", 1600), *sentences("fr", 100)])
    lines(tmp_path / "small.jsonl", [*sentences("de", 100, "t"), *sentences("el", 36, "t")])
    drawn = texts("parallel", tmp_path, languages=languages)
    assert Counter(" ".join(row.text.split()[:2]) for row in drawn) == expected
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("weight", [0, -1])
def test_a_weight_that_would_leave_a_language_out_is_refused(tmp_path: Path, weight: float) -> None:
    with pytest.raises(ValidationError, match=r"languages\.fr\n.*greater than 0"):
        data("parallel", tmp_path, languages={"fr": weight})


def test_what_is_drawn_of_parallel_text_is_spread_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "_PARALLEL", 100)
    lines(tmp_path / "a.jsonl", sentences("de", 1000))
    numbers = [int(row.text.split()[-1]) for row in texts("parallel", tmp_path)]
    assert len(set(numbers)) == 100
    assert 350 < sum(numbers) / 100 < 650


def test_labels_stand_alone_or_in_lists_that_line_up_in_both_languages(write: Write) -> None:
    path = write("p/a.jsonl", [*labels("de", 300), *labels("fr", 300), *sentences("fr", 3)])
    rows = texts("parallel", path.parent)
    seen: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    for row in rows:
        if len(row.english) >= 40 and "sentence" in row.english:
            continue
        own, english = row.text.split(", "), row.english.split(", ")
        assert len({one.partition("-")[0] for one in own}) == 1
        assert [one.partition("-")[2] for one in own] == [one.partition("-")[2] for one in english]
        assert all(one.startswith("en-") for one in english)
        seen.update(own)
        sizes[len(own)] += 1
    # Each once; about half of the rows lists of 3 to 9 (the last one may be shorter).
    assert seen == Counter([f"{lang}-{at}" for lang in ("de", "fr") for at in range(300)])
    assert sum(count for size, count in sizes.items() if size not in {1, *range(3, 10)}) <= 2
    assert 0.35 < sizes[1] / sum(sizes.values()) < 0.65
    assert sum("sentence" in row.english for row in rows) == 3


def test_sentences_are_never_put_into_lists(tmp_path: Path) -> None:
    edge = [{"lang": "de", "text": f"t{at}", "en": "e" * 40 + str(at)} for at in range(50)]
    rows = texts("parallel", lines(tmp_path / "a.jsonl", edge).parent)
    assert sorted(row.text for row in rows) == sorted(row["text"] for row in edge)


# Projects of cities


def test_projects_give_title_and_paragraphs_in_both_languages(write: Write) -> None:
    rows = texts("projects", write("projects.jsonl", [PROJECT]))
    own, english = PROJECT["text"].split("\n\n"), PROJECT["text_en"].split("\n\n")
    assert rows == [
        Text("Schatten", "Shade"),
        Text(f"Schatten. {own[0]}", f"Shade. {english[0]}"),
        Text(f"Shade. {english[0]}", f"Shade. {english[0]}"),
        Text(f"Schatten. {own[1]}", f"Shade. {english[1]}"),
        Text(f"Shade. {english[1]}", f"Shade. {english[1]}"),
    ]


def test_paragraphs_that_do_not_line_up_are_left_out(tmp_path: Path) -> None:
    row = PROJECT | {"text_en": "One paragraph only."}
    assert texts("projects", lines(tmp_path / "p.jsonl", [row])) == [Text("Schatten", "Shade")]


def test_a_row_twice_is_read_once(tmp_path: Path) -> None:
    assert len(texts("projects", lines(tmp_path / "p.jsonl", [PROJECT, PROJECT]))) == 5


def graded(
    tmp_path: Path, grades: Mapping[str, int], fields: Mapping[str, str] = NO_FIELDS, **other: object
) -> list[Pair]:
    calls = [
        {"id": f"C-{number}", "title": f"Call {number}", "text": f"{LONG} Number {number}."}
        for number in range(6)
    ]
    return pairs(
        "project calls",
        lines(tmp_path / "projects.jsonl", [PROJECT | dict(fields) | {"calls": grades}]),
        calls=lines(tmp_path / "calls.jsonl", calls),
        **other,
    )


def number_of(text: str) -> int:
    return int(text.partition("Number ")[2].rstrip("."))


VERSIONS = (("title", "text"), ("title_en", "text_en"))
GRADES = {"C-0": 3, "C-1": 2, "C-2": 1, "C-3": 0, "C-4": 0, "C-99": 3}


def test_calls_fit_from_grade_2_and_those_of_grade_0_stand_against_them(tmp_path: Path) -> None:
    long = {name: "\n\n".join(f"{LONG} {name} {at}" for at in range(30)) for name in ("text", "text_en")}
    rows = graded(tmp_path, GRADES, long)
    assert len(rows) >= 120
    assert {number_of(row.positive) for row in rows} == {0, 1}
    assert {number_of(row.negative) for row in rows} == {3, 4}
    assert all(row.positive.startswith("Call ") and row.negative.startswith("Call ") for row in rows)


def test_the_grades_of_another_project_do_not_count(tmp_path: Path) -> None:
    other = PROJECT | {"title": "Wasser", "title_en": "Water", "calls": {"C-4": 3, "C-0": 0}}
    calls = [
        {"id": f"C-{number}", "title": f"Call {number}", "text": f"{LONG} Number {number}."}
        for number in range(6)
    ]
    rows = pairs(
        "project calls",
        lines(tmp_path / "projects.jsonl", [PROJECT | {"calls": GRADES}, other]),
        calls=lines(tmp_path / "calls.jsonl", calls),
    )
    water = [row for row in rows if row.anchor.startswith(("Wasser", "Water"))]
    shade = [row for row in rows if row.anchor.startswith(("Schatten", "Shade"))]
    assert len(water) + len(shade) == len(rows)
    assert {(number_of(row.positive), number_of(row.negative)) for row in water} == {(4, 0)}
    assert {number_of(row.positive) for row in shade} == {0, 1}
    assert {number_of(row.negative) for row in shade} <= {3, 4}


def test_every_window_of_both_languages_meets_every_call_that_fits(tmp_path: Path) -> None:
    rows = graded(tmp_path, GRADES)
    whole = {f"{PROJECT[title]}. {PROJECT[text]}" for title, text in VERSIONS}
    windows = {
        f"{PROJECT[title]}. {paragraph}"
        for title, text in VERSIONS
        for paragraph in PROJECT[text].split("\n\n")
    }
    assert {row.anchor for row in rows} == windows | whole
    found = Counter((row.anchor, number_of(row.positive)) for row in rows)
    for number in (0, 1):
        assert {found[window, number] for window in windows} == {1}


def test_a_whole_project_meets_the_beginning_of_the_call_and_others_against_it(tmp_path: Path) -> None:
    rows = graded(tmp_path, GRADES)
    calls = {number: f"Call {number}. {LONG} Number {number}." for number in range(6)}
    for title, text in VERSIONS:
        whole = [row for row in rows if row.anchor == f"{PROJECT[title]}. {PROJECT[text]}"]
        # As often as it has windows, each time against another call.
        assert sorted((row.positive, row.negative) for row in whole) == sorted(
            (calls[good], calls[bad]) for good in (0, 1) for bad in (3, 4)
        )


def test_the_beginning_of_a_long_call_stands_for_it(tmp_path: Path) -> None:
    path = lines(tmp_path / "calls.jsonl", [{"id": "C", "title": "Shade", "text": f"{LONG} " * 100}])
    [call] = corpora.calls_of(path)
    head = passages.whole_call(call)
    assert head.startswith(f"Shade. {LONG} The town")
    assert 500 < len(head) < 2500 < len(call.text)


def test_calls_that_are_held_out_are_on_neither_side(tmp_path: Path) -> None:
    held = {number for number in range(6) if corpora.held_out(f"C-{number}", 3)}
    rows = graded(tmp_path, GRADES, hold_out=3)
    used = {number_of(text) for row in rows for text in (row.positive, row.negative)}
    assert held & {0, 1, 3, 4}
    assert used
    assert not used & held


def test_a_project_without_a_call_that_fits_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no text"):
        graded(tmp_path, {"C-0": 1, "C-3": 0})


def test_without_a_grade_0_no_call_that_fits_is_taken_against(tmp_path: Path) -> None:
    rows = graded(tmp_path, {f"C-{number}": 2 for number in range(5)})
    assert {row.negative for row in rows}.isdisjoint(row.positive for row in rows)


def test_both_files_of_the_pairs_are_on_the_card(tmp_path: Path) -> None:
    entry = data("project calls", tmp_path / "p.jsonl", calls=tmp_path / "c.jsonl")
    assert corpora.files(entry) == [tmp_path / "p.jsonl", tmp_path / "c.jsonl"]


def test_every_reader_is_read(tmp_path: Path) -> None:
    project = PROJECT | {"calls": {"C-1": 3, "C-2": 0}}
    files = {
        Reader.CALLS: lines(tmp_path / "calls.jsonl", CALLS),
        Reader.CORDIS: lines(tmp_path / "cordis.jsonl", cordis(3)),
        Reader.PARALLEL: lines(tmp_path / "parallel" / "a.jsonl", sentences("de", 3)).parent,
        Reader.PROJECTS: lines(tmp_path / "projects.jsonl", [project]),
    }
    files |= {Reader.CORDIS_TOPICS: files[Reader.CORDIS], Reader.PROJECT_CALLS: files[Reader.PROJECTS]}
    for reader in Reader:
        assert corpora.read(data(reader, files[reader], calls=files[Reader.CALLS])), reader


# Drawing


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 2**32))
def test_each_row_is_drawn_as_often_as_the_others_or_once_more(size: int, count: int, seed: int) -> None:
    rows = [Text(str(number), "") for number in range(size)]
    got = corpora.drawn(rows, count, seed)
    assert len(got) == count
    times = Counter(got)
    assert all(times[row] - count // size in {0, 1} for row in rows)
    assert got == corpora.drawn(rows, count, seed)


@pytest.mark.parametrize("count", [20, 100, 250])
def test_another_seed_draws_other_rows_or_another_order(count: int) -> None:
    rows = [Text(str(number), "") for number in range(100)]
    first, second = corpora.drawn(rows, count, 1), corpora.drawn(rows, count, 2)
    assert first != second
    if count % 100:
        assert Counter(first) != Counter(second)


def test_the_rows_given_are_left_as_they_are() -> None:
    rows = [Text(str(number), "") for number in range(10)]
    before = json.dumps([row.text for row in rows])
    corpora.drawn(rows, 25, 1)
    assert json.dumps([row.text for row in rows]) == before
