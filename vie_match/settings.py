"""Every setting and its default, from ``vie-match.toml`` and the environment.

Order, later wins: the defaults below, the file, variables ``VIE_MATCH_<NAME>``, what the caller passes.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from vie_match import speech
from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.mail_settings import MailSettings
from vie_match.messages import M_
from vie_match.weekly_settings import WeeklySettings

FILE_NAME = "vie-match.toml"

_LINE = re.compile(r"\(at line (\d+), ")
PREFIX = "VIE_MATCH_"

# The package's own encoder, and the model it was trained from.
BUNDLED_MODEL = "vie-e5-small"
BASE_MODEL = "multilingual-e5-small"
WORD_WEIGHT = 0.4


class SourceSettings(BaseModel):
    """What can be set for one live source: ``[sources.NAME]`` in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str | None, Field(description="base address; default: the source's own")] = None
    enabled: Annotated[bool, Field(description="false: vie-match fetch leaves it out")] = True


# Settings that are tables of their own, which no single variable can hold.
_TABLES: Mapping[str, type[BaseModel]] = {
    "sources": SourceSettings,
    "weekly": WeeklySettings,
    "mail": MailSettings,
}


class Settings(BaseModel):
    """The settings of one run; paths are relative to the folder one works in.

    Examples
    --------
    >>> Settings(top=3).top, Settings().model
    (3, 'vie-e5-small')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    profiles: Annotated[Path, Field(description="folder with the profile files")] = Path("profiles")
    calls: Annotated[Path, Field(description="folder with the call files")] = Path("calls")
    reports: Annotated[Path, Field(description="folder the reports are written to")] = Path("reports")
    store: Annotated[
        Path, Field(description="file in which calls and runs are remembered; raw answers lie beside it")
    ] = Path("vie-match.db")
    cities: Annotated[
        Path, Field(description="table of cities' projects; while it is missing, the shipped one serves")
    ] = Path("vie-match-cities.csv")
    feedback: Annotated[
        Path,
        Field(description="table of what people said of calls, written by vie-match feedback or by hand"),
    ] = Path("vie-match-feedback.csv")
    learnt: Annotated[
        Path, Field(description="file of the weights that vie-match learn fitted to the feedback")
    ] = Path("vie-match-learnt.json")
    sources: Annotated[dict[str, SourceSettings], Field(description="live sources, by short name")] = {}
    weekly: Annotated[WeeklySettings, Field(description="what vie-match weekly writes")] = WeeklySettings()
    mail: Annotated[MailSettings, Field(description="how the report is mailed")] = MailSettings()
    model: Annotated[
        str,
        Field(description="'vie-e5-small', 'multilingual-e5-small', a SentenceTransformer's name or folder"),
    ] = BUNDLED_MODEL
    model_revision: Annotated[str | None, Field(description="commit or tag of a model on the hub")] = None
    cache: Annotated[Path, Field(description="folder for models and vectors")] = Path(
        platformdirs.user_cache_dir("vie-match", appauthor=False)
    )
    top: Annotated[int, Field(description="calls shown per profile", ge=1, le=1000)] = 5
    language: Annotated[
        str | None,
        Field(description="language of reports and messages; default: the machine's, or English"),
    ] = None

    word_weight: Annotated[
        float, Field(description="weight of the words beside the meaning", ge=0, allow_inf_nan=False)
    ] = WORD_WEIGHT

    @field_validator("profiles", "calls", "reports", "store", "cities", "feedback", "learnt", "cache")
    @classmethod
    def _expand_home(cls, path: Path) -> Path:
        return path.expanduser()

    @field_validator("language")
    @classmethod
    def _spoken(cls, language: str | None) -> str | None:
        return language and speech.speech(language.strip().casefold()).language

    @property
    def language_code(self) -> str:
        """The language to speak: the one that is set, else the machine's if there is one, else English."""
        return self.language or speech.preferred(os.environ)


def load(file: Path | None = None, environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Read the settings.

    Parameters
    ----------
    file : Path, optional
        A settings file that must exist. Default: ``vie-match.toml`` here, if there is one.
    environment : mapping, optional
        Variables; only those with the prefix count.
    **given
        Settings that win over the rest; None is left out.

    Returns
    -------
    Settings

    Raises
    ------
    BadFile
        For a missing file, no TOML, unknown keys and values that do not fit, all at once.
    BadValue
        For variables and arguments that do not fit.
    """
    path = file or Path(FILE_NAME)
    from_file = _read(path) if file or path.is_file() else {}
    try:
        Settings.model_validate(from_file)
    except ValidationError as error:
        raise BadFile(_fault(path, detail) for detail in error.errors(include_url=False)) from None
    from_environment = {
        name: environment[PREFIX + name.upper()]
        for name in Settings.model_fields
        if name not in _TABLES and environment.get(PREFIX + name.upper())
    }
    from_caller = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings.model_validate(from_file | from_environment | from_caller)
    except ValidationError as error:
        found = "; ".join(
            f"{detail['loc'][0]}: expected {_expected(detail)} (found {detail['input']!r})"
            for detail in error.errors()
        )
        raise BadValue(M_("a setting does not fit: {found}", found=found)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), M_("a readable settings file"))]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Its words end in "(at line 3, column 7)".
        line = _LINE.search(str(error))
        expected = M_('lines like: top = 5, or language = "de" with both quotation marks (TOML, in UTF-8)')
        raise BadFile([Fault(path, int(line[1]) if line else None, str(error), expected)]) from None


def _fault(path: Path, detail: Any) -> Fault:
    at = detail["loc"]
    name, names = str(at[-1] if len(at) > 1 else at[0]), sorted(_fields(at))
    shown = ".".join(map(str, at))
    line = next(
        (
            number
            for number, text in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1)
            if _key(text) == name
        ),
        None,
    )
    if detail["type"] == "extra_forbidden":
        near, known = near_miss(name, names), ", ".join(names)
        expected = M_("a known setting{near}; all: {names}", near=near, names=known)
        return Fault(path, line, M_("the unknown setting {name}", name=repr(shown)), expected)
    return Fault(path, line, f"{shown} = {detail['input']!r}", _expected(detail))


def _fields(at: tuple[str | int, ...]) -> Iterable[str]:
    """Return the settings that stand beside the one at a place."""
    if len(at) > 1 and at[0] in _TABLES:
        return _TABLES[str(at[0])].model_fields
    return Settings.model_fields


# What pydantic's own checks expect, in the words of the file's form (TOML).
_IN_WORDS = {
    "string_type": speech.N_('a text in quotes, as in "de"'),
    "bool_type": speech.N_("true or false"),
    "bool_parsing": speech.N_("true or false"),
    "int_type": speech.N_("a whole number, digits only, as in 5"),
    "int_parsing": speech.N_("a whole number, digits only, as in 5"),
    "tuple_type": speech.N_('a list in square brackets, as in ["a", "b"]'),
    "list_type": speech.N_('a list in square brackets, as in ["a", "b"]'),
}


def _expected(detail: Any) -> str:
    """Return what a check expects; our own say it behind what they found."""
    if plain := _IN_WORDS.get(detail["type"]):
        return M_(plain)
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message.partition("; expected ")[2] or message


def _key(line: str) -> str:
    """Return the first name of a line of a settings file."""
    return line.partition("#")[0].partition("=")[0].strip(" \t[]\"'").partition(".")[0]
