"""What training changed → a small file; that file and the base → the trained encoder.

Only the tensors that training moved are kept, as differences to the base's: matrices in 8 bits with one
scale a row, vectors in half precision. A difference is small beside its weight, so its rounding is some
thousand times smaller still.
"""

from __future__ import annotations

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding.built import sha256
from vie_match.errors import ModelUnavailable
from vie_match.whole import write_whole

NAME = "vie-e5-small"
WEIGHTS = "encoder.safetensors"
ABOUT = "encoder.json"
CARD = "README.md"
MODEL_WEIGHTS = "model.safetensors"

_FORM = "vie-match-difference-1"
_SCALE = ".scale"
_SETTINGS = "config_sentence_transformers.json"
# Trained with one prompt on both sides, so it is what a plain encode() should put there.
_PROMPTS = {
    "prompts": {"query": "query: ", "document": "query: "},
    "default_prompt_name": "query",
    "similarity_fn_name": "cosine",
}
_LARGEST = 127
_AGAIN = "install vie-match again, or name another model in the settings"
# A trained folder may have tensors that the base does without: BERT's pooler, which is never used.
_UNUSED = "pooler."

Floats = NDArray[np.float32]


def shipped() -> Path:
    """Return the folder of the artefact inside the package: weights, facts about them, model card."""
    with as_file(files("vie_match.embedding").joinpath(NAME)) as folder:
        return folder


def pack(base: Path, trained: Path, folder: Path, about: dict[str, Any]) -> None:
    """Write what a trained SentenceTransformer folder has that its base has not.

    Parameters
    ----------
    base, trained : Path
        SentenceTransformer folders of one architecture.
    folder : Path
        Gets the weights and the facts.
    about : dict
        Facts kept beside the weights, such as name, date and the hash of the base.

    Raises
    ------
    ModelUnavailable
        If the two folders are of different architectures.
    """
    from safetensors.numpy import save

    before, after = (
        {name: values for name, values in _tensors(one).items() if not name.startswith(_UNUSED)}
        for one in (base, trained)
    )
    if {name: values.shape for name, values in before.items()} != {
        name: values.shape for name, values in after.items()
    }:
        raise ModelUnavailable(f"found other tensors in {trained} than in {base}; expected the same shapes")
    kept: dict[str, NDArray[Any]] = {}
    for name, values in after.items():
        difference = values.astype(np.float32) - before[name].astype(np.float32)
        if not np.isfinite(difference).all():
            raise ModelUnavailable(f"found no finite numbers in {name!r} of {trained}; train it again")
        if not difference.any():
            continue
        if difference.ndim == 2:
            kept[name], kept[name + _SCALE] = quantised(difference)
        else:
            kept[name] = difference.astype(np.float16)
    write_whole(folder / WEIGHTS, save(kept))
    facts = {"form": _FORM, "sha256": sha256(folder / WEIGHTS), **about}
    write_whole(folder / ABOUT, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


def about(folder: Path) -> dict[str, Any]:
    """Return the facts about an artefact.

    Raises
    ------
    ModelUnavailable
        If there are none, or they are of another form than this version reads.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"found no readable {folder / ABOUT}: {error}; {_AGAIN}") from error
    form = facts.get("form") if isinstance(facts, dict) else None
    if form != _FORM or not isinstance(facts.get("sha256"), str):
        raise ModelUnavailable(
            f"found the form {form!r} in {folder / ABOUT}; expected {_FORM!r} and a hash; {_AGAIN}"
        )
    return facts


def apply(artefact: Path, folder: Path) -> None:
    """Turn the base model in a folder into the trained one.

    Parameters
    ----------
    artefact : Path
        Folder that :func:`pack` wrote.
    folder : Path
        SentenceTransformer folder of the base; its weights are replaced, the model card is added.

    Raises
    ------
    ModelUnavailable
        If the artefact is damaged, or one for another architecture.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load, save_file

    expected = about(artefact)["sha256"]
    weights = artefact / WEIGHTS
    if not weights.is_file() or sha256(weights) != expected:
        raise ModelUnavailable(f"found {weights} missing or damaged; {_AGAIN}")
    if not (artefact / CARD).is_file():
        raise ModelUnavailable(f"found no {artefact / CARD}; {_AGAIN}")
    try:
        kept = load(weights.read_bytes())
    except SafetensorError as error:
        raise ModelUnavailable(f"found {weights} damaged ({error}); {_AGAIN}") from error
    tensors = _tensors(folder)
    for name, values in kept.items():
        if name.endswith(_SCALE):
            continue
        scale = kept.get(name + _SCALE)
        difference = values.astype(np.float32) * (1 if scale is None else scale[:, None])
        if name not in tensors or tensors[name].shape != difference.shape:
            raise ModelUnavailable(
                f"found the tensor {name!r} in {weights}; the base has none like it; {_AGAIN}"
            )
        tensors[name] = (tensors[name].astype(np.float32) + difference).astype(np.float16)
    save_file(tensors, folder / MODEL_WEIGHTS, metadata={"format": "pt"})
    # safetensors makes private files; a cache may be shared like the files beside it.
    (folder / MODEL_WEIGHTS).chmod(0o644)
    shutil.copyfile(artefact / CARD, folder / CARD)
    write_prompts(folder)


def write_prompts(folder: Path) -> None:
    """Let a folder's model put its prompt before every text by itself."""
    write_whole(folder / _SETTINGS, json.dumps(_PROMPTS, indent=1))


def quantised(values: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return a matrix in 8 bits, and the scale of each row.

    Parameters
    ----------
    values : array of shape (rows, columns), float32

    Returns
    -------
    (array of shape (rows, columns), int8; array of shape (rows,), float32)
        ``values`` is about their product, off by at most half a scale.

    Examples
    --------
    >>> small, scale = quantised(np.array([[0.5, -1.27], [0.0, 0.0]], np.float32))
    >>> small.tolist(), np.round(scale, 3).tolist()
    ([[50, -127], [0, 0]], [0.009999999776482582, 0.0])
    """
    scale = np.abs(values).max(axis=1) / _LARGEST
    safe = np.where(scale > 0, scale, 1)
    return np.rint(values / safe[:, None]).astype(np.int8), scale.astype(np.float32)


def prompt_of(folder: Path) -> str:
    """Return what a SentenceTransformer folder says is put before every text; empty if nothing."""
    try:
        settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    prompts = settings.get("prompts") if isinstance(settings, dict) else None
    if not isinstance(prompts, dict):
        return ""
    return str(prompts.get(settings.get("default_prompt_name")) or "")


def _tensors(folder: Path) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(folder / MODEL_WEIGHTS))
    except (OSError, SafetensorError) as error:
        raise ModelUnavailable(
            f"found no readable {folder / MODEL_WEIGHTS} ({error}); expected a SentenceTransformer folder"
        ) from error
