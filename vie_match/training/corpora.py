"""Files → what is trained on: texts with the English text whose place they should take, and pairs.

Every reader returns rows in a fixed order; :func:`drawn` then picks as many as a run needs, by seed.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vie_match.embedding import passages
from vie_match.errors import BadFile, Fault
from vie_match.json_lines import objects
from vie_match.records import Call
from vie_match.training.config import Data, Reader
from vie_match.vocabulary import DeadlineModel, Programme

# A tenth of the topics is kept for the test of evaluate encoder; see held_out_topic.
_HELD_OUT = 10
_WINDOWS = (200, 350, 350, 500)
# Names of things are a word or two, profiles a page: short ones are also shown as lists.
_LABEL = 40
_LIST = (3, 9)
_PARALLEL = 60_000
_TEXT = 40
_TITLE = 500
_PROJECT = ("title", "text", "title_en", "text_en")
_GOOD = 2
_PER_TOPIC = 12


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and the English one whose vector by the teacher it should have."""

    text: str
    english: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A query, what it should find, and what it should not take for it."""

    anchor: str
    positive: str
    negative: str = ""


Row = Text | Pair


def read(data: Data) -> list[Row]:
    """Return the rows of one data entry, always in the same order.

    Raises
    ------
    BadFile
        If a file is not what its reader expects.
    """
    readers: Mapping[Reader, Callable[[Data], Iterator[Row]]] = {
        Reader.CALLS: _calls,
        Reader.CORDIS: _cordis,
        Reader.CORDIS_TOPICS: _cordis_topics,
        Reader.PARALLEL: _parallel,
        Reader.PROJECTS: _projects,
        Reader.PROJECT_CALLS: _project_calls,
    }
    rows = list(dict.fromkeys(readers[data.reader](data)))
    if not rows:
        raise BadFile([Fault(data.path, None, "no text", f"what the reader {data.reader.value!r} reads")])
    return rows


def files(data: Data) -> list[Path]:
    """Return the files an entry reads, for the model card."""
    own = parallel_files(data) if data.path.is_dir() else [data.path]
    return [*own, data.calls] if data.calls else own


def drawn(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """Return ``count`` rows: all of them as often as they fit, and a random part of them once more."""
    random_rows = random.Random(seed)
    whole = [row for _ in range(count // len(rows)) for row in random_rows.sample(rows, len(rows))]
    return whole + random_rows.sample(list(rows), count - len(whole))


def held_out_topic(code: str) -> bool:
    """Tell whether a topic of CORDIS is kept for testing: one in ten, by its code's hash."""
    return held_out(code, _HELD_OUT)


def held_out(key: str, one_in: int) -> bool:
    """Tell by its hash whether something is kept for testing: one in so many, none if 0.

    Examples
    --------
    >>> [key for key in "ABCDEFGHIJ" if held_out(key, 5)]
    ['A', 'D', 'F', 'I', 'J']
    """
    return one_in > 0 and int(hashlib.sha256(key.encode()).hexdigest(), 16) % one_in == 0


def rows_of(path: Path, *needed: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON file or of JSON lines, plain or gzipped.

    Parameters
    ----------
    path : Path
    *needed : str
        Keys that every object has to have.

    Raises
    ------
    BadFile
        With the line that is no object, or lacks a key.
    """
    faults: list[Fault] = []
    for number, row in objects(path, faults):
        missing = [key for key in needed if key not in row]
        if missing:
            expected = f"an object with {', '.join(needed)}"
            faults.append(Fault(path, number, f"no {', '.join(missing)}", expected))
        if faults:
            break
        yield row
    if faults:
        raise BadFile(faults)


def _calls(data: Data) -> Iterator[Text]:
    for call in calls_of(data.path):
        yield _same(call.title)
        yield from map(_same, _parts(call))


def _cordis(data: Data) -> Iterator[Text]:
    pick = random.Random(0)
    for row in rows_of(data.path, "title", "objective"):
        windows = _windows(row["objective"], pick.choice(_WINDOWS))
        if windows:
            window = pick.choice(windows)
            yield _same(f"{row['title']}. {window}" if pick.random() < 0.5 else window)


def _cordis_topics(data: Data) -> Iterator[Pair]:
    """Yield projects, whole or a stretch of their text, with the topic they were funded under.

    Of each topic a few projects only: thousands came by the fellowships of one year, and in a batch with
    two of them each would be told that the other's topic, its own, is wrong. Against the topic stands one of
    its neighbours in the same call, if there is one, and else any.
    """
    pick = random.Random(0)
    projects: dict[str, list[str]] = defaultdict(list)
    titles: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(data.path, "title", "objective", "topic"):
        title, code = " ".join(row["topic"]["title"].split()), row["topic"]["code"]
        windows = _windows(row["objective"], 500)
        if title and windows and not held_out_topic(code):
            text = row["objective"] if pick.random() < 0.5 else pick.choice(windows)
            projects[title].append(f"{row['title']}. {text}")
            titles[_call_of(code)].add(title)
    neighbours: dict[str, set[str]] = defaultdict(set)
    for group in titles.values():
        for title in group:
            neighbours[title] |= group - {title}
    for title, texts in projects.items():
        others = sorted(neighbours[title] or projects.keys() - {title})
        for text in pick.sample(texts, min(len(texts), _PER_TOPIC)):
            yield Pair(text, title, pick.choice(others) if others else "")


def _call_of(topic: str) -> str:
    """Return the code of the call that a topic is part of.

    Examples
    --------
    >>> _call_of("HORIZON-CL5-2022-D2-01-05")
    'HORIZON-CL5-2022-D2-01'
    """
    return topic.rpartition("-")[0]


def _parallel(data: Data) -> Iterator[Text]:
    """Yield sentences as they are, and names of things half of the time in lists.

    Of each file and language as many as the square root of their number says, so that the large files
    and languages do not drown the small ones; times the weight of the language, if it has one.
    """
    pick = random.Random(0)
    groups: list[list[Text]] = []
    roots: list[float] = []
    for path in parallel_files(data):
        own: dict[str, list[Text]] = defaultdict(list)
        for row in rows_of(path, "lang", "text", "en"):
            own[row["lang"]].append(Text(row["text"], row["en"]))
        for language in sorted(own):
            groups.append(list(_listed(own[language], pick)))
            roots.append(len(groups[-1]) ** 0.5 * data.languages.get(language, 1.0))
    for group, root in zip(groups, roots, strict=True):
        yield from pick.sample(group, min(len(group), round(_PARALLEL * root / sum(roots))))


def _listed(texts: Sequence[Text], pick: random.Random) -> Iterator[Text]:
    labels = [text for text in texts if len(text.english) < _LABEL]
    yield from (text for text in texts if len(text.english) >= _LABEL)
    pick.shuffle(labels)
    at = 0
    while at < len(labels):
        part = labels[at : at + (pick.randint(*_LIST) if pick.random() < 0.5 else 1)]
        at += len(part)
        yield Text(", ".join(one.text for one in part), ", ".join(one.english for one in part))


def parallel_files(data: Data) -> list[Path]:
    """Return the files of a folder of parallel text, without those held out."""
    return [
        path for path in sorted(data.path.glob("*.jsonl*")) if path.name.partition(".")[0] not in data.skip
    ]


def _projects(data: Data) -> Iterator[Text]:
    """Yield titles and paragraphs in both languages, each under the teacher's vector of the English one."""
    for row in rows_of(data.path, *_PROJECT):
        yield Text(row["title"], row["title_en"])
        for paragraph, original in _paragraphs(row):
            yield Text(f"{row['title']}. {paragraph}", f"{row['title_en']}. {original}")
            yield _same(f"{row['title_en']}. {original}")


def _project_calls(data: Data) -> Iterator[Pair]:
    """Yield each project, in both languages, with calls that fit and one that does not.

    A call fits from grade 2; against it stands one that was graded 0 for the same project, which
    mostly looks alike, since what was graded are the nearest calls. A pair is whole project and
    beginning of the call, or a passage of each.
    """
    assert data.calls is not None
    pick = random.Random(0)
    calls = {
        call.identifier: call for call in calls_of(data.calls) if not held_out(call.identifier, data.hold_out)
    }
    heads = {id: passages.whole_call(call) for id, call in calls.items()}
    parts = {id: _parts(call) for id, call in calls.items()}
    for row in rows_of(data.path, *_PROJECT, "calls"):
        grades = {id: grade for id, grade in row["calls"].items() if id in calls}
        good = [id for id, grade in grades.items() if grade >= _GOOD]
        bad = [id for id, grade in grades.items() if grade == 0] or sorted(calls.keys() - grades.keys())
        if not bad:
            continue
        for title, text in ((row["title"], row["text"]), (row["title_en"], row["text_en"])):
            whole = f"{title}. {text}"
            windows = _windows(text, passages.PROFILE_PASSAGE)
            for id in good:
                for window in windows:
                    other = parts[pick.choice(bad)]
                    yield Pair(f"{title}. {window}", pick.choice(parts[id]), pick.choice(other))
                for other_id in pick.sample(bad, min(len(bad), max(len(windows), 1))):
                    yield Pair(whole, heads[id], heads[other_id])


def _parts(call: Call) -> list[str]:
    return [passages.in_context(passage, call.title) for passage in passages.of_call(call)]


def calls_of(path: Path) -> list[Call]:
    """Return the calls of a file: ``identifier`` or ``id``, ``title``, ``text`` or ``description``."""
    return [
        Call(
            identifier=row.get("identifier") or row["id"],
            title=" ".join(row["title"].split())[:_TITLE],
            programme=Programme.OTHER,
            deadline_model=DeadlineModel.NOT_STATED,
            text=text,
        )
        for row in _identified(path)
        if row.get("title") and len(text := row.get("text") or row.get("description") or "") >= _TEXT
    ]


def _identified(path: Path) -> Iterator[dict[str, Any]]:
    for row in rows_of(path, "title"):
        if not (row.get("identifier") or row.get("id")):
            raise BadFile([Fault(path, None, f"no id of the call {row['title']!r}", "identifier or id")])
        yield row


def _paragraphs(row: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the paragraphs of both versions side by side, if both have as many."""
    own, english = (row[name].split("\n\n") for name in ("text", "text_en"))
    return list(zip(own, english, strict=True)) if len(own) == len(english) else []


def _windows(text: str, size: int) -> list[str]:
    spans = passages.pack(text, 0, len(text), size)
    return [text[start:end] for start, end in spans if end - start >= _TEXT]


def _same(text: str) -> Text:
    return Text(text, text)
