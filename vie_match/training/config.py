"""What a training run is: a TOML file, checked whole before anything heavy starts."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from vie_match.errors import BadFile, Fault
from vie_match.settings import BASE_MODEL

# Settings that are a folder, if there is one, and else the name of a model.
_NAMES = ("base", "model")

# The teacher that is the encoder as a stage finds it: for staying where it is while something is added.
ITSELF = "itself"


class Reader(StrEnum):
    """What a data entry's files are, and so what they teach."""

    CALLS = "calls"  # texts of calls, in passages → the teacher's space
    CORDIS = "cordis"  # texts of research projects → the teacher's space
    CORDIS_TOPICS = "cordis topics"  # project → title of its topic
    PARALLEL = "parallel"  # text in any language → the teacher's vector of its English original
    PROJECTS = "projects"  # city projects in own language and English → the teacher's space
    PROJECT_CALLS = "project calls"  # city project → call that was graded to fit it


class TeacherPart(BaseModel):
    """A teacher."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Annotated[
        str,
        Field(
            description="folder or name of a SentenceTransformer; itself: the encoder as the stage finds it"
        ),
    ]
    name: Annotated[str, Field(description="for the card; default: the folder's")] = ""
    weight: Annotated[float, Field(gt=0, description="share in the similarities")] = 1.0
    licence: Annotated[str, Field(description="of the weights, for the card")]
    source: Annotated[str, Field(description="where it comes from, for the card")] = ""


def _read(table: Any) -> Any:
    """Return what a TOML file says, if a setting is the name of one."""
    if not isinstance(table, str):
        return table
    try:
        return tomllib.loads(Path(table).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{table}: {error}") from error


class Data(BaseModel):
    """One source of texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reader: Reader
    path: Annotated[Path, Field(description="file, or folder for 'parallel'; relative to the config file")]
    share: Annotated[float, Field(gt=0, description="of the training steps, relative to the other entries")]
    licence: Annotated[str, Field(description="for the card")]
    licences: Annotated[
        dict[str, str],
        BeforeValidator(_read),
        Field(description="of single files of a folder, by their stem; a table, or a TOML file of it"),
    ] = {}
    source: Annotated[str, Field(description="for the card")] = ""
    calls: Annotated[
        Path | None, Field(description="for 'project calls': the file with the calls' texts")
    ] = None
    hold_out: Annotated[
        int, Field(ge=0, description="for 'project calls': one call in so many, by its hash, is left out")
    ] = 0
    skip: Annotated[tuple[str, ...], Field(description="for 'parallel': files held out")] = ()
    languages: Annotated[
        dict[str, Annotated[float, Field(gt=0)]],
        Field(description="for 'parallel': weight of single languages, beside 1 for the others"),
    ] = {}
    rows: Annotated[float, Field(ge=0, description="weight of the similarity rows")] = 0.5
    match: Annotated[float, Field(ge=0, description="weight of finding the own original")] = 0.0
    scale: Annotated[float, Field(gt=0, description="for pairs: inverse temperature")] = 20.0

    @model_validator(mode="after")
    def _complete(self) -> Data:
        if self.reader is Reader.PROJECT_CALLS and self.calls is None:
            raise ValueError("'project calls' needs calls")
        return self


class Config(BaseModel):
    """One training run; paths are relative to the file it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", description="name of the encoder")]
    folder: Annotated[Path, Field(description="where checkpoints, curve and result go")]
    base: Annotated[str, Field(description="the model to start from")] = BASE_MODEL
    after: Annotated[Path | None, Field(description="configuration of the stage before this one")] = None
    teachers: Annotated[tuple[TeacherPart, ...], Field(min_length=1)]
    data: Annotated[tuple[Data, ...], Field(min_length=1)]
    seed: int = 1
    steps: Annotated[int, Field(ge=1)] = 1000
    batch: Annotated[int, Field(ge=2, description="texts a step")] = 48
    max_tokens: Annotated[int, Field(ge=8, le=512)] = 128
    trained_layers: Annotated[
        int, Field(ge=1, description="the last so many; the others stay the base's")
    ] = 8
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    warmup: Annotated[float, Field(ge=0, lt=1, description="share of the steps")] = 0.05
    mix: Annotated[
        float,
        Field(
            gt=0, le=1, description="share of the trained weights in the result, beside those it started from"
        ),
    ] = 1.0
    keep_base: Annotated[
        float,
        Field(
            ge=0, lt=1, description="share of the base's weights in the result, beside all that was trained"
        ),
    ] = 0.0
    turn: Annotated[
        bool, Field(description="turn the teacher's space to where the base lies; similarities stay")
    ] = True
    texts: Annotated[int, Field(ge=2, description="at most so many different texts an entry")] = 30_000
    checkpoint_minutes: Annotated[float, Field(gt=0)] = 5.0

    @property
    def result(self) -> Path:
        """Folder of the trained SentenceTransformer, there when the run is finished."""
        return self.folder / "model"


def load(file: Path) -> Config:
    """Read a training configuration.

    Parameters
    ----------
    file : Path
        TOML.

    Returns
    -------
    Config
        With absolute paths.

    Raises
    ------
    BadFile
        With every fault: unknown or missing settings, values out of range, files that do not exist.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile([Fault(file, None, str(error), "a TOML file")]) from error
    here = file.resolve().parent
    faults: list[Fault] = []
    try:
        config = Config.model_validate(_resolved(raw, here))
    except ValidationError as error:
        found = [(".".join(map(str, one["loc"])), one["type"], one["msg"]) for one in error.errors()]
        wrong = {place.partition(".")[0] for place, kind, _ in found if kind != "too_short"}
        # A list whose only entry is wrong counts as empty, too.
        faults += [
            Fault(file, None, f"{place}: {message}", "a setting as in vie_match/training/recipes")
            for place, kind, message in found
            if kind != "too_short" or place not in wrong
        ]
    entries = raw.get("data")
    for entry in entries if isinstance(entries, list) else []:
        faults += _missing(file, entry, here) if isinstance(entry, dict) else []
    if faults:
        raise BadFile(faults)
    return config


def stages(file: Path) -> list[Config]:
    """Return the configurations of a run, first to last: that of the file, and those it comes after.

    A teacher that is the encoder itself is by then the model that its stage starts from.

    Raises
    ------
    BadFile
        As :func:`load`, and if a stage comes after itself.
    """
    chain: list[Config] = []
    seen: set[Path] = set()
    at: Path | None = file.resolve()
    while at:
        if at in seen:
            raise BadFile(
                [Fault(at, None, "a stage that comes after itself", "a first stage without 'after'")]
            )
        seen.add(at)
        chain.insert(0, load(at))
        at = chain[0].after
    if len({config.folder for config in chain}) < len(chain):
        raise BadFile([Fault(file, None, "stages with one folder", "a folder for each stage")])
    if len({config.base for config in chain}) > 1:
        raise BadFile([Fault(file, None, "stages with different bases", "one base")])
    befores = [chain[0].base, *(str(config.result) for config in chain)]
    return [_with_itself(config, before) for config, before in zip(chain, befores, strict=False)]


def _with_itself(config: Config, before: str) -> Config:
    """Return the configuration with the model it starts from where a teacher is the encoder itself."""
    teachers = tuple(
        part.model_copy(update={"model": before, "name": part.name or ITSELF})
        if part.model == ITSELF
        else part
        for part in config.teachers
    )
    return config.model_copy(update={"teachers": teachers})


def _resolved(raw: dict[str, Any], here: Path) -> dict[str, Any]:
    """Return the settings with paths that count from the folder of the file."""

    def at(table: Any, *keys: str) -> Any:
        if not isinstance(table, dict):
            return table
        return table | {
            key: str((here / table[key]).resolve())
            for key in keys
            if isinstance(table.get(key), str) and (key not in _NAMES or (here / table[key]).is_dir())
        }

    def each(name: str, *keys: str) -> dict[str, Any]:
        entries = raw.get(name)
        return {name: [at(one, *keys) for one in entries]} if isinstance(entries, list) else {}

    found: dict[str, Any] = at(raw, "folder", "after", "base")
    return found | each("teachers", "model") | each("data", "path", "calls", "licences")


def _missing(file: Path, entry: dict[str, Any], here: Path) -> list[Fault]:
    paths = [here / value for key in ("path", "calls") if isinstance(value := entry.get(key), str)]
    faults = [
        Fault(file, None, f"no {path.resolve()}", "a file or folder of data")
        for path in paths
        if not path.exists()
    ]
    for name in entry.get("skip") or ():
        if paths and paths[0].is_dir() and not any(paths[0].glob(f"{name}.jsonl*")):
            faults.append(Fault(file, None, f"skip: no {name!r} in {paths[0].resolve()}", "a file's stem"))
    return faults
