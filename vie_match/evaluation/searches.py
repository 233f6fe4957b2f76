"""Two searches of texts for texts: a sentence for its English original, a project for its topic.

They tell what an encoder knows outside the judged calls. Neither file may have been trained on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vie_match.errors import BadFile, Fault
from vie_match.evaluation import metrics
from vie_match.evaluation.metrics import Figure
from vie_match.evaluation.rivals import Rival, VectorRival
from vie_match.json_lines import candidates
from vie_match.training.corpora import held_out_topic, rows_of

PARALLEL = "flores200_devtest"
_FIRST = 10


@dataclass(frozen=True, slots=True)
class Sentences:
    """What sentences are searched for among.

    Attributes
    ----------
    english : tuple of str
    by_language : dict
        Language → (sentences, positions of their originals in ``english``).
    """

    english: tuple[str, ...]
    by_language: dict[str, tuple[list[str], list[int]]]


@dataclass(frozen=True, slots=True)
class Projects:
    """Texts of projects, and the titles of topics they are searched for among.

    Attributes
    ----------
    texts : tuple of str
        Title and objective.
    right : tuple of int
        Position of each one's topic in ``titles``.
    titles : tuple of str
        Of all topics, each once.
    """

    texts: tuple[str, ...]
    right: tuple[int, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """How surely a rival finds the English original of a sentence.

    Attributes
    ----------
    name : str
    accuracy : dict
        Language → share of sentences whose nearest English sentence is their own.
    mean : float
        Over the languages.
    worse : int or None
        Languages in which the encoder that is measured is worse; None for its own rows.
    """

    name: str
    accuracy: dict[str, float]
    mean: float
    worse: int | None


@dataclass(frozen=True, slots=True)
class Topics:
    """How surely a rival finds the topic of a project.

    Attributes
    ----------
    name : str
    top1, top10, mrr : Figure
    gain : Figure or None
        MRR of the first row minus this one's, paired; None for the first row itself.
    """

    name: str
    top1: Figure
    top10: Figure
    mrr: Figure
    gain: Figure | None


@dataclass(frozen=True, slots=True)
class TopicTest:
    """The projects and topics, and what each rival made of them."""

    projects: int
    topics: int
    rows: tuple[Topics, ...]


def read_sentences(folder: Path, count: int) -> Sentences:
    """Read ``flores200_devtest.jsonl`` or ``.jsonl.gz``: lines of ``en``, ``lang``, ``text``.

    No other file of the folder is read, since the others may have been trained on.

    Parameters
    ----------
    folder : Path
    count : int
        So many different English sentences, the first of the file, and what stands for them.

    Raises
    ------
    BadFile
        If the file is missing or a line lacks something.
    """
    file = _parallel_file(folder)
    rows = list(rows_of(file))
    found: dict[str, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
    try:
        english = tuple(dict.fromkeys(row["en"] for row in rows))[:count]
        places = {text: at for at, text in enumerate(english)}
        for row in rows:
            if row["en"] in places:
                found[row["lang"]][0].append(row["text"])
                found[row["lang"]][1].append(places[row["en"]])
    except (KeyError, TypeError) as error:
        raise BadFile([Fault(file, None, _lack(error), "objects with en, lang, text")]) from error
    if not found:
        raise BadFile([Fault(file, None, "no sentence", "objects with en, lang, text")])
    return Sentences(english, {language: found[language] for language in sorted(found)})


def read_projects(file: Path, count: int) -> Projects:
    """Read JSON lines of ``title``, ``objective`` and ``topic`` (``code`` and ``title``).

    Parameters
    ----------
    file : Path
    count : int
        So many projects of topics that training leaves out, drawn by seed.

    Raises
    ------
    BadFile
        If a line lacks something, or no topic is held out.
    """
    expected = "objects with title, objective, topic (code, title)"
    try:
        rows = [
            (
                f"{row['title']}. {row['objective']}",
                row["topic"]["code"],
                " ".join(row["topic"]["title"].split()),
            )
            for row in rows_of(file)
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadFile([Fault(file, None, _lack(error), expected)]) from error
    titles = tuple(dict.fromkeys(title for _, _, title in rows if title))
    # Some topics share a title; where one of them was trained on, none is new.
    trained = {title for _, code, title in rows if not held_out_topic(code)}
    kept = [(text, title) for text, _, title in rows if title and title not in trained]
    if not kept:
        raise BadFile([Fault(file, None, "no project of a topic that is held out", expected)])
    places = {title: at for at, title in enumerate(titles)}
    picks = sorted(np.random.default_rng(0).permutation(len(kept))[:count].tolist())
    return Projects(
        texts=tuple(kept[at][0] for at in picks),
        right=tuple(places[kept[at][1]] for at in picks),
        titles=titles,
    )


def parallel(rivals: Sequence[Rival], sentences: Sentences) -> tuple[Parallel, ...]:
    """Look for the English original of every sentence.

    Parameters
    ----------
    rivals : sequence of Rival
        First the encoder that is measured. Those that read only English are left out.
    sentences : Sentences
    """
    found: dict[str, dict[str, float]] = {}
    for rival in rivals:
        if not rival.english_only:
            found[rival.name] = {
                language: float(
                    np.mean(_ranks(rival.compare(texts, language, sentences.english), right) == 1)
                )
                for language, (texts, right) in sentences.by_language.items()
            }
    return tuple(
        Parallel(name, accuracy, float(np.mean(list(accuracy.values()))), _worse(rivals, name, found))
        for name, accuracy in found.items()
    )


def topics(rivals: Sequence[Rival], projects: Projects) -> TopicTest:
    """Look for the topics of projects among the titles of all topics.

    Parameters
    ----------
    rivals : sequence of Rival
        First the one that the others are compared with.
    projects : Projects
    """
    ranks = {
        rival.name: _ranks(rival.compare(projects.texts, "en", projects.titles), projects.right)
        for rival in rivals
    }
    first = 1 / next(iter(ranks.values()))
    rows = tuple(
        Topics(
            name=name,
            top1=metrics.figure((own == 1).tolist()),
            top10=metrics.figure((own <= _FIRST).tolist()),
            mrr=metrics.figure((1 / own).tolist()),
            gain=None if at == 0 else metrics.figure((first - 1 / own).tolist()),
        )
        for at, (name, own) in enumerate(ranks.items())
    )
    return TopicTest(len(projects.texts), len(projects.titles), rows)


def _worse(rivals: Sequence[Rival], name: str, found: Mapping[str, Mapping[str, float]]) -> int | None:
    """Count the languages in which ours is worse, put to use in the rival's way if it was measured so."""
    measured = [one for one in rivals if isinstance(one, VectorRival)]
    rival = next(one for one in measured if one.name == name)
    ours = [one for one in measured if one.model == measured[0].model]
    if rival in ours:
        return None
    alike = next((one for one in ours if one.way is rival.way), ours[0])
    return sum(found[alike.name][language] < value for language, value in found[name].items())


def _ranks(scores: NDArray[np.floating], right: Sequence[int]) -> NDArray[np.int64]:
    """Return the rank of the right column of each row; what cannot be told from it stands before it."""
    own = scores[np.arange(len(right)), right]
    return np.asarray((~(scores < own[:, None])).sum(axis=1))


def _parallel_file(folder: Path) -> Path:
    found = candidates(folder, PARALLEL)
    if not found:
        fault = Fault(
            folder, None, f"no {PARALLEL}.jsonl or {PARALLEL}.jsonl.gz", "a folder of parallel text"
        )
        raise BadFile([fault])
    return found[0]


def _lack(error: Exception) -> str:
    return f"an object without {error.args[0]!r}" if isinstance(error, KeyError) else str(error)
