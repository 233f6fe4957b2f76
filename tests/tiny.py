"""A SentenceTransformer of a few thousand weights, made from nothing, and texts it can be trained on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, set_seed

PLACES = "street square harbour school museum station market bridge park library hospital stadium".split()
THINGS = "trees shade water solar heat bicycles buses sensors bins lamps roofs pipes benches cameras".split()
DOINGS = "plant measure repair share store plan test connect".split()
# The same words in another language, so to say.
TURNED = {word: word[::-1] for word in [*PLACES, *THINGS, *DOINGS, "we", "and", "for", "the", "in", "near"]}
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def sentence(number: int) -> str:
    """Return a sentence of its own for each number below some thousands, 40 to 90 characters."""
    place, other = PLACES[number % 12], PLACES[(number // 7 + 3) % 12]
    thing, more = THINGS[number % 14], THINGS[(number // 5 + 5) % 14]
    return f"we {DOINGS[number % 8]} {thing} and {more} for the {place} in the {other} near the {place}"


def turned(text: str) -> str:
    """Return a sentence in the other language."""
    return " ".join(TURNED.get(word, word) for word in text.split())


def folder(path: Path, *, hidden: int = 32, seed: int = 0, layers: int = 3) -> Path:
    """Write a SentenceTransformer folder as the base is one: half precision, no pooler, unit vectors."""
    words = ["query", ":", ".", ",", *TURNED, *TURNED.values(), *map(chr, range(ord("a"), ord("z") + 1))]
    words += [f"##{chr(number)}" for number in range(ord("a"), ord("z") + 1)]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*_SPECIAL, *words]))}
    raw = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    parts = path / "parts"
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    PreTrainedTokenizerFast(tokenizer_object=raw, **dict(zip(names, _SPECIAL, strict=True))).save_pretrained(
        parts
    )
    set_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=2 * hidden,
        max_position_embeddings=64,
        initializer_range=0.2,
    )
    BertModel(config, add_pooling_layer=False).half().save_pretrained(parts)
    body = modules.Transformer(str(parts), max_seq_length=48, model_kwargs={"add_pooling_layer": False})
    model = SentenceTransformer(
        modules=[body, modules.Pooling(hidden, "mean"), modules.Normalize()], device="cpu"
    )
    whole = path / "model"
    model.half().save(str(whole), create_model_card=False)
    return whole


def write_lines(path: Path, rows: Iterable[object]) -> Path:
    """Write JSON lines; a string is written as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def parallel(path: Path, count: int) -> Path:
    """Write parallel sentences in a language that has the English words from behind."""
    return write_lines(
        path, ({"lang": "xx", "text": turned(sentence(at)), "en": sentence(at)} for at in range(count))
    )


def topics(path: Path, count: int) -> Path:
    """Write projects with topics as CORDIS has them."""
    return write_lines(
        path,
        (
            {
                "id": str(at),
                "title": f"project {at}",
                "objective": sentence(at),
                "topic": {"code": f"T-{at}", "title": f"topic of {sentence(at)[:30]} {at}"},
            }
            for at in range(count)
        ),
    )


def toml(path: Path, top: Mapping[str, object], **tables: Sequence[Mapping[str, object]]) -> Path:
    """Write a TOML file: settings, then tables of settings."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in top.items()]
    for name, parts in tables.items():
        for part in parts:
            lines += ["", f"[[{name}]]", *(f"{key} = {json.dumps(value)}" for key, value in part.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
