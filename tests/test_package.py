"""The package as a whole: what importing it costs, what it exports, how its parts are arranged."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import vie_match

HEAVY = ("torch", "sklearn", "scipy", "pandas", "sentence_transformers", "transformers", "rich", "typer")


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = python("import sys, vie_match; print(*{name.split('.')[0] for name in sys.modules})").split()
    assert not set(HEAVY) & set(loaded)


def test_importing_the_package_is_cheap() -> None:
    # A bound on what is imported, not on a clock: the package itself and the standard library.
    count = int(
        python("import sys; before = len(sys.modules); import vie_match; print(len(sys.modules) - before)")
    )
    assert count < 60


def test_records_need_neither_the_model_nor_scikit_learn() -> None:
    loaded = python("import sys, vie_match; vie_match.Call, vie_match.Profile; print(*sys.modules)").split()
    assert "vie_match.records" in loaded
    assert not {"torch", "sklearn"} & set(loaded)


def test_all_is_sorted_and_every_name_is_there() -> None:
    assert vie_match.__all__ == sorted(vie_match.__all__)
    for name in vie_match.__all__:
        assert getattr(vie_match, name).__module__.startswith("vie_match.")
        assert name in dir(vie_match)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Matchr'"):
        _ = vie_match.Matchr


@pytest.mark.parametrize(
    "path", sorted(Path(vie_match.__file__).parent.rglob("*.py")), ids=lambda path: path.name
)
def test_no_module_prints_but_the_command_line(path: Path) -> None:
    if path.parent.name != "cli":
        assert not re.search(r"^\s*print\(", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_drawing_in_the_readme_is_the_one_in_the_package(root: Path) -> None:
    drawing = [line.strip() for line in (vie_match.__doc__ or "").splitlines() if "─" in line or "►" in line]
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert len(drawing) > 3
    for line in drawing:
        assert line in readme


def test_the_versions_agree(root: Path) -> None:
    version = vie_match.__version__
    assert f"## [{version}]" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
    code = yaml.safe_load((root / "publiccode.yml").read_text(encoding="utf-8"))
    assert code["softwareVersion"] == version
    assert code["legal"]["license"] == "EUPL-1.2"
    for text in code["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000


@pytest.mark.parametrize("name", ["tests.yml", "weekly.yml"])
def test_the_workflows_run_what_the_readme_promises(root: Path, name: str) -> None:
    workflow = yaml.safe_load((root / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = " ".join(step.get("run", "") for step in steps)
    assert ".ci/run" in commands or "readme_command.py report" in commands
    assert all("uses" in step or "run" in step for step in steps)


@pytest.mark.parametrize("name", ["report", "tests"])
def test_ci_finds_the_commands_in_the_readme(root: Path, name: str) -> None:
    script = root / ".ci" / "readme_command.py"
    done = subprocess.run([sys.executable, str(script), name], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in (root / "README.md").read_text(encoding="utf-8").splitlines()
    assert done.stdout.startswith("python3 -m venv .venv && ")
