"""An encoder of one's own: ``train-encoder``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import ModelOption, SettingsOption, app, log, progress_bar, speaking
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
            speaking()
            .gettext("training needs the extra 'train' ({trouble}): pip install 'vie-match[train]'")
            .format(trouble=error)
        ) from error
    with progress_bar() as progress:
        model = runs.train(stages, cache, progress)
    packed = runs.pack(stages, cache, dt.datetime.now(BRUSSELS).date())
    told = speaking().gettext("trained encoder: {model}; what changed against the base: {file}")
    log.print(told.format(model=model, file=packed), soft_wrap=True)


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
    log.print(speaking().gettext("encoder written to {folder}").format(folder=folder), soft_wrap=True)
