"""An encoder of one's own: ``train-encoder``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import ModelOption, SettingsOption, app, log, progress_bar
from vie_match.records import BRUSSELS


@app.command("train-encoder")
def train_encoder(
    config: Annotated[Path, typer.Option(help="What to train on and how (TOML).")],
    settings_file: SettingsOption = None,
) -> None:
    """Train an encoder; started again after a kill, it goes on from its last checkpoint."""
    from vie_match.training import config as configs

    stages = configs.stages(config)
    cache = settings.load(settings_file).cache
    try:
        from vie_match.training import runs
    except ImportError as error:
        raise errors.InstallSomething(
            f"training needs the extra 'train' ({error}): pip install 'vie-match[train]'"
        ) from error
    with progress_bar() as progress:
        model = runs.train(stages, cache, progress)
    packed = runs.pack(stages, cache, dt.datetime.now(BRUSSELS).date())
    log.print(f"trained encoder: {model}; what changed against the base: {packed}", soft_wrap=True)


@app.command("export-encoder")
def export_encoder(
    folder: Annotated[Path, typer.Argument(help="New folder for the model.")],
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write the encoder as a SentenceTransformer folder that loads without vie-match."""
    from vie_match.embedding import models

    chosen = settings.load(settings_file, model=model)
    models.export(chosen.model, folder, chosen.cache / "models", revision=chosen.model_revision)
    log.print(f"encoder written to {folder}", soft_wrap=True)
