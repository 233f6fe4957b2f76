"""Settings: which source wins, and what a fault in each of them says."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from vie_match.errors import BadFile, BadValue, Fault
from vie_match.settings import FILE_NAME, Settings, load


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder one works in, with no variables of the machine."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"VIE_MATCH_{name.upper()}", raising=False)
    return tmp_path


def write(folder: Path, text: str, name: str = FILE_NAME) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadFile) as caught:
        load(path, {})
    assert all(fault.path == path for fault in caught.value.faults)
    return caught.value.faults


def test_without_anything_the_defaults_hold() -> None:
    found = load(environment={})
    assert found == Settings()
    assert (found.profiles, found.calls, found.reports) == (Path("profiles"), Path("calls"), Path("reports"))
    assert (found.top, found.word_weight) == (5, 0.4)
    assert "vie-match" in str(found.cache)


@pytest.mark.parametrize(
    ("file", "environment", "given", "top"),
    [
        (None, None, None, 5),
        (7, None, None, 7),
        (None, 8, None, 8),
        (None, None, 9, 9),
        (7, 8, None, 8),
        (7, None, 9, 9),
        (None, 8, 9, 9),
        (7, 8, 9, 9),
    ],
)
def test_the_file_yields_to_the_environment_and_that_to_the_caller(
    here: Path, file: int | None, environment: int | None, given: int | None, top: int
) -> None:
    if file:
        write(here, f"top = {file}\n")
    variables = {"VIE_MATCH_TOP": str(environment)} if environment else {}
    assert load(environment=variables, top=given).top == top


def test_each_setting_may_come_from_another_source(here: Path) -> None:
    write(here, 'reports = "out"\nword_weight = 1\ntop = 3\n')
    found = load(environment={"VIE_MATCH_MODEL": "m", "VIE_MATCH_TOP": "4"}, calls="c", top=None)
    assert (found.reports, found.word_weight, found.model, found.top, found.calls) == (
        Path("out"),
        1.0,
        "m",
        4,
        Path("c"),
    )


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIE_MATCH_TOP", "17")
    assert load().top == 17


def test_other_and_empty_variables_do_not_count() -> None:
    variables = {"TOP": "3", "VIE_MATCH_TOP": "", "VIE_MATCH_NOTHING": "x", "vie_match_top": "3"}
    assert load(environment=variables) == Settings()


def test_a_named_file_is_read_instead_of_the_one_here(here: Path) -> None:
    write(here, "top = 3\n")
    assert load(write(here, "word_weight = 2\n", "other.toml"), {}) == Settings(word_weight=2)


def test_a_file_with_a_byte_order_mark_and_other_line_ends_is_read(here: Path) -> None:
    path = here / "other.toml"
    path.write_bytes("\ufeff# ä\r\ntop = 3\r\n".encode())
    assert load(path, {}).top == 3


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_named_file_that_cannot_be_read_is_a_fault(here: Path, name: str) -> None:
    (fault,) = faults_of(here / name)
    assert fault.line is None
    assert "readable settings file" in fault.expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"top = \n", "line 1"),
        (b"top = 5\nreports = out\n", "line 2"),
        (b"top = 5\ntop = 6\n", "line 2"),
        ("# ä".encode("cp1252"), "utf-8"),
    ],
)
def test_what_is_no_toml_is_a_fault_with_its_line(here: Path, content: bytes, words: str) -> None:
    path = here / "other.toml"
    path.write_bytes(content)
    (fault,) = faults_of(path)
    assert words in str(fault)
    assert "top = 5" in fault.expected


def test_all_faults_of_a_file_are_reported_with_their_lines(here: Path) -> None:
    path = write(here, '# settings\ntop = 0\n\nreprots = "out"\nword_weight = "much"\nzzz = 1\n')
    faults = {fault.line: fault for fault in faults_of(path)}
    assert sorted(faults, key=str) == [2, 4, 5, 6]
    assert faults[2].found == "top = 0"
    assert "greater than or equal to 1" in faults[2].expected
    assert faults[4].found == "the unknown setting 'reprots'"
    assert "did you mean reports?" in faults[4].expected
    assert "valid number" in faults[5].expected
    assert "did you mean" not in faults[6].expected
    assert all(name in faults[6].expected for name in Settings.model_fields)


def test_an_unknown_table_has_its_line_too(here: Path) -> None:
    (fault,) = faults_of(write(here, "top = 3\n[matching]\ntop = 4\n"))
    assert (fault.line, fault.found) == (2, "the unknown setting 'matching'")


def test_a_fault_of_the_file_is_not_hidden_by_the_caller(here: Path) -> None:
    with pytest.raises(BadFile, match="top = 0"):
        load(write(here, "top = 0\n"), {}, top=5)


@pytest.mark.parametrize(
    ("variables", "given", "words"),
    [
        ({"VIE_MATCH_TOP": "many"}, {}, "top: .*whole number.*'many'"),
        ({"VIE_MATCH_TOP": "1001"}, {}, "top: .*1000"),
        ({}, {"top": 0}, "top: .*greater than or equal to 1"),
        ({}, {"word_weight": -1}, "word_weight: "),
        ({}, {"tpo": 3}, "tpo"),
        ({"VIE_MATCH_TOP": "many"}, {"word_weight": -1}, "top: .*word_weight: "),
    ],
)
def test_variables_and_arguments_that_do_not_fit_are_refused_by_name(
    variables: dict[str, str], given: dict[str, int], words: str
) -> None:
    with pytest.raises(BadValue, match=words):
        load(environment=variables, **given)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().top = 3


def test_an_unknown_key_of_a_table_is_told_with_those_of_its_table(here: Path) -> None:
    file = write(here, '[weekly]\nform = ["html"]\n\n[mail]\nsendr = "x"\n\n[sources.eui]\nurls = "x"\n')
    told = {fault.line: fault for fault in faults_of(file)}
    assert "did you mean forms?" in told[2].expected
    assert "teams" in told[2].expected
    assert "did you mean sender?" in told[5].expected
    assert "all: enabled, url" in told[8].expected


def test_the_language_is_one_there_is(here: Path) -> None:
    assert load(environment={"VIE_MATCH_LANGUAGE": " DE "}).language == "de"
    with pytest.raises(BadValue, match="language: expected one of: en"):
        load(environment={"VIE_MATCH_LANGUAGE": "xx"})
    (fault,) = faults_of(write(here, 'language = "german"\n'))
    assert (fault.line, fault.found) == (1, "language = 'german'")
    assert fault.expected.startswith("one of: en (English), de (Deutsch)")


@pytest.mark.parametrize(
    ("setting", "machine", "spoken"),
    [(None, "de_DE.UTF-8", "de"), ("en", "de_DE.UTF-8", "en"), (None, "xx_XX", "en"), ("de", "C", "de")],
)
def test_the_language_to_speak_is_the_set_one_then_the_machine_s(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, machine: str, spoken: str
) -> None:
    monkeypatch.setenv("LANG", machine)
    assert load(environment={}, language=setting).language_code == spoken
