"""What a training run is: the file, checked whole; and the command that reads it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from vie_match.errors import BadFile
from vie_match.settings import BASE_MODEL
from vie_match.training import config as configs
from vie_match.training.config import Config, Reader

TEACHERS = """
[[teachers]]
model = "teacher"
licence = "Apache-2.0"
"""
DATA = """
[[data]]
reader = "calls"
path = "calls.jsonl"
share = 1
licence = "own"
"""
TOP = 'name = "space"\nfolder = "runs/space"\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a configuration beside a file of calls."""

    def file(top: str = TOP, teachers: str = TEACHERS, data: str = DATA, name: str = "run.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "calls.jsonl").write_text("{}\n", encoding="utf-8")
        path.write_text(top + teachers + data, encoding="utf-8")
        return path

    return file


def faults(path: Path, load: Callable[[Path], object] = configs.load) -> list[str]:
    with pytest.raises(BadFile) as caught:
        load(path)
    assert all(fault.path.name.endswith(".toml") for fault in caught.value.faults)
    return [fault.found for fault in caught.value.faults]


def test_what_is_not_said_has_its_default(write: Write) -> None:
    config = configs.load(write())
    assert config.base == BASE_MODEL
    assert (config.after, config.seed, config.turn) == (None, 1, True)
    assert config.teachers[0].weight == 1
    assert config.data[0].reader is Reader.CALLS
    assert config.data[0].skip == ()


@pytest.mark.parametrize("there", [".", "elsewhere"])
def test_paths_are_relative_to_the_file_wherever_the_run_is_started(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "conf" / "teacher").mkdir(parents=True)
    graded = DATA.replace('"calls"', '"project calls"') + 'calls = "calls.jsonl"\n'
    write(name="conf/run.toml", top=TOP + 'after = "../first.toml"\n', data=graded)
    monkeypatch.chdir(tmp_path / there)
    file = Path(os.path.relpath(tmp_path / "conf" / "run.toml"))
    assert not file.is_absolute()
    config = configs.load(file)
    here = tmp_path / "conf"
    assert config.folder == here / "runs" / "space"
    assert config.after == tmp_path / "first.toml"
    assert config.data[0].path == config.data[0].calls == here / "calls.jsonl"
    assert config.teachers[0].model == str(here / "teacher")


def test_absolute_paths_stay_and_a_teacher_that_is_no_folder_is_a_name(write: Write, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("{}\n", encoding="utf-8")
    config = configs.load(write(data=DATA.replace("calls.jsonl", str(other))))
    assert config.data[0].path == other
    assert config.teachers[0].model == "teacher"


def test_a_base_that_is_a_folder_is_relative_to_the_file_too(write: Write, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    assert configs.load(write(TOP + 'base = "base"\n')).base == str(tmp_path / "base")


FAULTY = {
    *("name", "folder", "steps", "lerning_rate", "warmup", "batch"),
    *("teachers.0.licence", "teachers.0.license", "teachers.0.weight"),
    *("data.0.share", "data.0.reader"),
}


def test_all_faults_are_told_at_once_with_their_place(write: Write) -> None:
    top = 'name = "Two Words"\nsteps = 0\nlerning_rate = 1\nwarmup = 1.0\nbatch = "many"\n'
    teachers = TEACHERS.replace("licence", "license") + "weight = 0\n"
    data = DATA.replace("share = 1", "share = 0").replace('"calls"', '"novels"')
    found = faults(write(top, teachers, data))
    places = [fault.partition(":")[0] for fault in found]
    assert set(places) >= FAULTY
    assert len(places) == len(set(places))


def test_only_what_is_a_fault_is_told(write: Write) -> None:
    teachers = TEACHERS.replace("licence", "license")
    places = {fault.partition(":")[0] for fault in faults(write(teachers=teachers))}
    assert places == {"teachers.0.licence", "teachers.0.license"}


@pytest.mark.parametrize(
    ("top", "place"),
    [
        ("steps = -1", "steps"),
        ("batch = 1", "batch"),
        ("max_tokens = 7", "max_tokens"),
        ("max_tokens = 513", "max_tokens"),
        ("trained_layers = 0", "trained_layers"),
        ("learning_rate = 0", "learning_rate"),
        ("warmup = -0.1", "warmup"),
        ("texts = 1", "texts"),
        ("checkpoint_minutes = 0", "checkpoint_minutes"),
        ("unknown = 1", "unknown"),
        ('after = ""\nseed = "x"', "seed"),
    ],
)
def test_values_out_of_range_and_unknown_settings_are_faults(write: Write, top: str, place: str) -> None:
    [found] = faults(write(f"{TOP}{top}\n"))
    assert found.startswith(f"{place}: ")


@pytest.mark.parametrize("name", ["", "-x", "a b", "Ab", "a/b", "../a", "a|b"])
def test_a_name_is_one_that_can_be_a_file(write: Write, name: str) -> None:
    [found] = faults(write(f'name = "{name}"\nfolder = "x"\n'))
    assert found.startswith("name: ")


@pytest.mark.parametrize(
    ("teachers", "data", "place"),
    [("", DATA, "teachers"), (TEACHERS, "", "data"), ("teachers = []\n", DATA, "teachers")],
)
def test_a_run_needs_a_teacher_and_data(write: Write, teachers: str, data: str, place: str) -> None:
    [found] = faults(write(teachers=teachers, data=data))
    assert found.startswith(f"{place}: ")


def test_unknown_settings_of_an_entry_are_named_with_its_number(write: Write) -> None:
    assert [fault.partition(":")[0] for fault in faults(write(data=DATA + DATA + "skipp = []\n"))] == [
        "data.1.skipp"
    ]


def test_project_calls_need_the_calls(write: Write) -> None:
    found = faults(write(data=DATA.replace('"calls"', '"project calls"')))
    assert found[0].startswith("data.0: ")
    assert "needs calls" in found[0]


def test_licences_of_single_files_stand_in_the_file_or_beside_it(write: Write, tmp_path: Path) -> None:
    (tmp_path / "licences.toml").write_text('one = "CC0"\n', encoding="utf-8")
    for setting in ('licences = { one = "CC0" }', 'licences = "licences.toml"'):
        [data] = configs.load(write(data=DATA + setting)).data
        assert data.licences == {"one": "CC0"}


@pytest.mark.parametrize("table", [None, "one = ", "one = 1\n"])
def test_a_file_of_licences_that_says_none_is_a_fault(
    write: Write, tmp_path: Path, table: str | None
) -> None:
    if table is not None:
        (tmp_path / "licences.toml").write_text(table, encoding="utf-8")
    [found] = faults(write(data=DATA + 'licences = "licences.toml"'))
    assert found.startswith("data.0.licences")


def test_every_missing_path_is_named_as_it_was_looked_for(write: Write, tmp_path: Path) -> None:
    graded = DATA.replace('"calls"', '"project calls"').replace("calls.jsonl", "a.jsonl")
    data = graded + 'calls = "b.jsonl"\n' + DATA + DATA.replace("calls.jsonl", "c/d.jsonl")
    assert faults(write(data=data)) == [
        f"no {tmp_path / name}" for name in ("a.jsonl", "b.jsonl", "c/d.jsonl")
    ]


def test_missing_paths_are_told_together_with_other_faults(write: Write) -> None:
    found = faults(write(TOP + "unknown = 1\n", data=DATA.replace("calls.jsonl", "gone.jsonl")))
    assert any("gone.jsonl" in fault for fault in found)


def test_what_is_to_be_skipped_has_to_be_there(write: Write, tmp_path: Path) -> None:
    (tmp_path / "parallel").mkdir()
    (tmp_path / "parallel" / "flores200_devtest.jsonl").write_text("{}\n", encoding="utf-8")
    data = DATA.replace('"calls"', '"parallel"').replace("calls.jsonl", "parallel")
    faults(write(data=data + 'skip = ["flores200_devtset"]\n'))


@pytest.mark.parametrize("raw", [b"name = ", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(raw)
    with pytest.raises(BadFile) as caught:
        configs.load(path)
    [fault] = caught.value.faults
    assert (fault.path, fault.expected) == (path, "a TOML file")


@pytest.mark.parametrize("name", ["gone.toml", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match="a TOML file"):
        configs.load(tmp_path / name)


# Stages


def stage(name: str, after: str | None = None) -> str:
    return f'name = "{name}"\nfolder = "{name}"\n' + (f'after = "{after}"\n' if after else "")


def names(chain: Sequence[Config]) -> list[str]:
    return [one.name for one in chain]


def test_stages_come_first_to_last_whatever_folder_they_are_in(write: Write, tmp_path: Path) -> None:
    write(stage("one"), name="a/one.toml")
    write(stage("two", "../a/one.toml"), name="b/two.toml")
    last = write(stage("three", "b/two.toml"), name="three.toml")
    chain = configs.stages(last)
    assert names(chain) == ["one", "two", "three"]
    assert [one.folder for one in chain] == [tmp_path / "a/one", tmp_path / "b/two", tmp_path / "three"]
    assert names(configs.stages(tmp_path / "a" / "one.toml")) == ["one"]


@pytest.mark.parametrize("chain", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}])
def test_a_chain_that_comes_back_to_itself_is_a_fault(
    write: Write, tmp_path: Path, chain: Mapping[str, str]
) -> None:
    for name, after in chain.items():
        # Written differently, the same file all the same.
        write(stage(name, f"../{tmp_path.name}/{after}.toml"), name=f"{name}.toml")
    [found] = faults(tmp_path / "a.toml", configs.stages)
    assert "comes after itself" in found


def test_faults_of_an_earlier_stage_are_told_with_its_name(write: Write, tmp_path: Path) -> None:
    write(stage("one") + "steps = 0\n", name="one.toml")
    with pytest.raises(BadFile) as caught:
        configs.stages(write(stage("two", "one.toml"), name="two.toml"))
    assert [fault.path.name for fault in caught.value.faults] == ["one.toml"]
    with pytest.raises(BadFile, match=r"gone\.toml"):
        configs.stages(write(stage("two", "gone.toml"), name="two.toml"))


def test_the_recipes_of_the_package_say_what_this_version_reads(root: Path) -> None:
    """The data need not be there; everything else has to be in order, and what is held out is held out."""
    recipes = sorted((root / "vie_match" / "training" / "recipes").glob("*.toml"))
    assert recipes
    for path in recipes:
        assert [fault for fault in recipe_faults(path) if not fault.startswith("no /")] == []
        for data in tomllib.loads(path.read_text(encoding="utf-8"))["data"]:
            assert data["reader"] != "parallel" or "flores200_devtest" in data["skip"]


def recipe_faults(path: Path) -> list[str]:
    try:
        configs.stages(path)
    except BadFile as error:
        return [fault.found for fault in error.faults]
    return []


# The command


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``train-encoder`` in the folder of the configuration; ``blocked`` packages cannot be imported."""

    def start(*words: str, blocked: str = "") -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VIE_MATCH_")}
        code = (
            f"import sys; sys.modules.update(dict.fromkeys({blocked.split()!r}))\n"
            "from vie_match.cli.main import main; sys.exit(main())"
        )
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code, "train-encoder", *words],
            cwd=tmp_path,
            env=environment | {"COLUMNS": "200", "NO_COLOR": "1", "VIE_MATCH_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    return start


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_the_command_needs_a_configuration(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert "--config" in done.stderr


def test_the_command_says_which_file_is_missing(run: Run, tmp_path: Path) -> None:
    done = run("--config", "gone.toml")
    assert done.returncode == 1, done.stderr
    assert "gone.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_command_says_every_fault_before_anything_heavy_is_imported(write: Write, run: Run) -> None:
    write(TOP + "steps = 0\nunknown = 1\n")
    done = run("--config", "run.toml", blocked="torch datasets sentence_transformers accelerate")
    assert done.returncode == 1, done.stderr
    assert "steps: " in done.stderr
    assert "unknown: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("package", ["datasets", "matplotlib"])
def test_the_command_names_the_extra_that_is_missing(write: Write, run: Run, package: str) -> None:
    write()
    done = run("--config", "run.toml", blocked=package)
    assert done.returncode == 4, done.stderr
    assert "vie-match[train]" in done.stderr
    assert package in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
