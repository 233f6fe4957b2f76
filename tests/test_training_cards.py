"""The model card: what an encoder was made from, by which recipe, how well."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import tiny
import yaml

from vie_match.training import cards
from vie_match.training import config as configs
from vie_match.training.config import Config

DAY = dt.date(2026, 11, 24)
HASH = "b" * 64

Stage = Callable[..., Config]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A configuration over small files; fields of the top, and entries, can be changed."""
    teacher = tmp_path / "teachers" / "wise"
    teacher.mkdir(parents=True)
    (teacher / "model.safetensors").write_bytes(b"weights")
    for name in ("calls", "parallel/one", "parallel/two", "parallel/held"):
        tiny.write_lines(tmp_path / f"{name}.jsonl", [{"name": name}])
    (tmp_path / "parallel" / "README.md").write_text("about", encoding="utf-8")
    (tmp_path / "licences.toml").write_text('one = "CC0"\n', encoding="utf-8")

    def load(name: str = "space", data: list[dict[str, Any]] | None = None, **top: object) -> Config:
        entries = data or [
            {"reader": "calls", "path": "calls.jsonl", "share": 3, "licence": "EC reuse", "source": "Portal"},
            {
                "reader": "parallel",
                "path": "parallel",
                "share": 1,
                "licence": "mixed",
                "skip": ["held"],
                "licences": "licences.toml",
            },
        ]
        teachers = [
            {"model": "teachers/wise", "licence": "Apache-2.0", "source": "a package", "weight": 0.25}
        ]
        path = tiny.toml(
            tmp_path / f"{name}.toml", {"name": name, "folder": name, **top}, teachers=teachers, data=entries
        )
        return configs.load(path)

    return load


def card(*stages: Config, figures: Mapping[str, Any] | None = None) -> str:
    return cards.card(stages, HASH, DAY, figures)


def table(text: str, heading: str) -> list[dict[str, str]]:
    """Return the table under a heading, by its columns; every line as wide as the first."""
    part = text.partition(f" {heading}\n")[2].partition("\n#")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    columns, rule, *body = rows
    assert set(rule) == {"---"}
    assert {len(row) for row in rows} == {len(columns)}
    return [dict(zip(columns, row, strict=True)) for row in body]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_front_matter_is_yaml_with_licence_and_base(stage: Stage) -> None:
    text = card(stage(base="my/base"))
    _, front, body = text.split("---\n", 2)
    assert yaml.safe_load(front) == {
        "library_name": "sentence-transformers",
        "license": "eupl-1.2",
        "base_model": "my/base",
    }
    assert body.startswith("# space\n")
    assert "2026-11-24" in body
    assert HASH in body


def test_every_file_that_was_read_is_there_with_licence_and_hash(stage: Stage, tmp_path: Path) -> None:
    rows = table(card(stage()), "Files")
    assert [(row["file"], row["licence"]) for row in rows] == [
        ("calls.jsonl", "EC reuse"),
        ("one.jsonl", "CC0"),
        ("two.jsonl", "mixed"),
    ]
    assert [row["SHA-256"] for row in rows] == [
        sha256(tmp_path / name) for name in ("calls.jsonl", "parallel/one.jsonl", "parallel/two.jsonl")
    ]
    assert rows[0]["source"] == "Portal"
    assert table(card(stage()), "Data") == [
        {"data": "calls", "stage 1": "75%"},
        {"data": "parallel", "stage 1": "25%"},
    ]


def test_a_file_that_has_changed_has_another_hash(stage: Stage, tmp_path: Path) -> None:
    config = stage()
    before = table(card(config), "Files")[0]["SHA-256"]
    (tmp_path / "calls.jsonl").write_text('{"name": "other"}\n', encoding="utf-8")
    assert table(card(config), "Files")[0]["SHA-256"] == sha256(tmp_path / "calls.jsonl") != before


def test_the_calls_of_the_pairs_are_there_too(stage: Stage, tmp_path: Path) -> None:
    tiny.write_lines(tmp_path / "graded.jsonl", [{}])
    entry = {
        "reader": "project calls",
        "path": "graded.jsonl",
        "calls": "calls.jsonl",
        "share": 1,
        "licence": "own",
    }
    assert [row["file"] for row in table(card(stage(data=[entry])), "Files")] == [
        "graded.jsonl",
        "calls.jsonl",
    ]


def test_teachers_are_there_with_share_licence_and_hash(stage: Stage, tmp_path: Path) -> None:
    [row] = table(card(stage()), "Teachers")
    assert row == {
        "stage": "1",
        "teacher": "wise",
        "share": "0.25",
        "licence": "Apache-2.0",
        "source": "a package",
        "SHA-256 of the weights": sha256(tmp_path / "teachers" / "wise" / "model.safetensors"),
    }


def test_a_teacher_by_name_has_an_unknown_hash(stage: Stage) -> None:
    config = stage()
    teacher = config.teachers[0].model_copy(update={"model": "hub/other", "name": "the other"})
    [row] = table(card(config.model_copy(update={"teachers": (teacher,)})), "Teachers")
    assert (row["teacher"], row["SHA-256 of the weights"]) == ("the other", "unknown")


def test_stages_are_numbered_and_the_last_one_gives_the_name(stage: Stage) -> None:
    text = card(stage("first", steps=70), stage("second", steps=30, seed=5))
    assert "# second\n" in text
    assert [row["stage"] for row in table(text, "Teachers")] == ["1", "2"]
    settings = {row["setting"]: (row["stage 1"], row["stage 2"]) for row in table(text, "Recipe")}
    assert settings["steps"] == ("70", "30")
    assert settings["seed"] == ("1", "5")


def test_a_file_that_several_stages_read_is_there_once(stage: Stage, tmp_path: Path) -> None:
    entry = {"reader": "cordis", "path": "calls.jsonl", "share": 1, "licence": "own"}
    text = card(stage("first"), stage("second", data=[entry]))
    assert [(row["data"], row["stage 1"], row["stage 2"]) for row in table(text, "Data")] == [
        ("calls", "75%", ""),
        ("parallel", "25%", ""),
        ("cordis (calls)", "", "100%"),
    ]
    assert len(table(card(stage("first"), stage("second")), "Files")) == 3


def test_what_was_held_out_is_there(stage: Stage) -> None:
    held = {row["setting"]: row["stage 1"] for row in table(card(stage()), "Recipe")}
    assert held["losses of parallel"].endswith(", without held")


def test_the_recipe_has_every_setting_that_decides_the_outcome(stage: Stage) -> None:
    names = {row["setting"].replace(" ", "_") for row in table(card(stage()), "Recipe")}
    elsewhere = {"name", "folder", "base", "after", "teachers", "data", "checkpoint_minutes"}
    assert set(Config.model_fields) - elsewhere == names & set(Config.model_fields)


def test_the_card_has_the_weights_of_the_losses(stage: Stage) -> None:
    config = stage()
    entry = config.data[0].model_copy(update={"rows": 0.123, "match": 0.456})
    text = card(config.model_copy(update={"data": (entry,)}))
    assert "0.123" in text
    assert "0.456" in text


def test_without_figures_there_is_no_part_for_them(stage: Stage) -> None:
    assert "Figures" not in card(stage())
    assert "Figures" not in card(stage(), figures={})


def test_figures_are_tables_and_what_lies_deeper_has_its_own(stage: Stage) -> None:
    figures = {
        "profiles": 60,
        "calls": {"ndcg": 0.51249, "own": {"ndcg": 0.4, "text": "own"}},
        "speed": {"seconds": 2.0},
    }
    text = card(stage(), figures=figures)
    assert table(text, "Figures") == [{"figure": "profiles", "value": "60"}]
    assert "\n### calls\n" in text
    assert "\n#### own\n" in text
    assert table(text, "calls") == [{"figure": "ndcg", "value": "0.512"}]
    assert table(text, "own") == [
        {"figure": "ndcg", "value": "0.400"},
        {"figure": "text", "value": "own"},
    ]
    assert table(text, "speed") == [{"figure": "seconds", "value": "2.000"}]


def test_the_same_run_gives_the_same_card(stage: Stage) -> None:
    assert card(stage()) == card(stage())
    assert card(stage()).endswith("\n")


def test_a_bar_in_a_licence_does_not_break_the_table(stage: Stage) -> None:
    entry = {"reader": "calls", "path": "calls.jsonl", "share": 1, "licence": "MIT | EUPL"}
    [row] = table(card(stage(data=[entry])).replace(r"\|", "or"), "Files")
    assert row["licence"] == "MIT or EUPL"


def test_a_line_end_in_a_source_does_not_break_the_table(stage: Stage) -> None:
    entry = {"reader": "calls", "path": "calls.jsonl", "share": 1, "licence": "MIT\nor EUPL"}
    [row] = table(card(stage(data=[entry])), "Files")
    assert row["licence"] == "MIT or EUPL"
