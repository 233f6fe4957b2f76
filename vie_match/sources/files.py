"""Folders of Markdown files → profiles and calls, and back.

A broken file never stops the others: its faults are kept beside the records that did load. Files are
read as UTF-8 (with or without byte order mark); what is not UTF-8 is read in the Windows code page of its
language and noted, so nothing is lost and nobody is surprised.
"""

from __future__ import annotations

import codecs
import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar, overload

import yaml
from pydantic import BaseModel, ValidationError

from vie_match import sections, whole
from vie_match.errors import BadFile, Fault
from vie_match.faults import findings
from vie_match.messages import M_
from vie_match.records import Budget, Call, Profile
from vie_match.sources import frontmatter
from vie_match.speech import N_

log = logging.getLogger(__name__)

# A profile is a page and a call a few; what is larger is a mistake, for example a saved web page.
MAX_BYTES = 2 * 1024 * 1024

# The code page that old office machines use for a language (Microsoft, "Code Page Identifiers"). What is
# not UTF-8 is read in the page of the language the file names; guessing from the bytes is unreliable for
# one page of text.
_CODE_PAGES = {
    **dict.fromkeys("cs hr hu pl ro sk sl sq sr".split(), "cp1250"),
    **dict.fromkeys("bg mk uk".split(), "cp1251"),
    "el": "cp1253",
    "tr": "cp1254",
    **dict.fromkeys("et lt lv".split(), "cp1257"),
}
_WESTERN = "cp1252"
_LANGUAGE_KEY = re.compile(rb"(?:^|[\r\n])language:[ \t]*[\"']?([A-Za-z]{2})")

# Comments in the text, as the forms have them: for the writer, not for the reader.
_HINT = re.compile(r"<!--.*?-->\n*", re.DOTALL)

# Endings under which a profile or call may lie in the folder by mistake (Notepad adds .txt).
# Of profiles and calls, in any case of letters.
RECORD_SUFFIX = ".md"
_OTHER_DOCUMENTS = frozenset({".txt", ".markdown", ".doc", ".docx", ".odt", ".rtf", ".pdf", ".html"})

# A key named in a message.
_KEY = re.compile(r"[a-z_]+")

# The text of a record stands below its keys.
_ELSEWHERE = frozenset({"text"})

_BUDGET_KEYS = M_("the keys {keys}", keys=", ".join(Budget.model_fields))

# Signs a file name may have on all systems; the names that Windows keeps for devices; longest name.
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_RESERVED = re.compile(r"_.*|\..*|(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_NAME_LENGTH = 120

R = TypeVar("R", Profile, Call)


class _Words(NamedTuple):
    """What is said of one kind of file."""

    folder: str
    other: str


_IN_WORDS = {
    Profile: _Words(
        M_("a folder with profile files (*.md); vie-match new profile FILE writes an empty one"),
        N_("{path}: not read; if it is a profile, save it as text named *.md"),
    ),
    Call: _Words(
        M_("a folder with call files (*.md); an empty one will do if the calls come from the portals"),
        N_("{path}: not read; if it is a call, save it as text named *.md"),
    ),
}


@dataclass(frozen=True, slots=True)
class Loaded(Sequence[R], Generic[R]):
    """The records of a folder, with what could not be loaded.

    Behaves like a sequence of the records.

    Attributes
    ----------
    records : tuple
        In order of file name.
    faults : tuple of Fault
        Everything wrong with the files that did not load.
    notices : tuple of str
        What was unusual but understood, for example another encoding.
    """

    records: tuple[R, ...]
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[R, ...]: ...
    def __getitem__(self, index: int | slice) -> R | tuple[R, ...]:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)


def load_profiles(folder: str | Path) -> Loaded[Profile]:
    """Read every ``*.md`` file of a folder as a profile.

    Parameters
    ----------
    folder : path
        Searched without its subfolders; files whose names begin with ``_`` or ``.`` are skipped.

    Returns
    -------
    Loaded of Profile

    Raises
    ------
    BadFile
        If the folder does not exist. Faults of single files are in ``faults``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "broken.md").write_text("no front matter")
    ...     loaded = load_profiles(folder)
    >>> len(loaded), loaded.faults[0].path.name
    (0, 'broken.md')
    """
    return _load(Path(folder), Profile)


def load_calls(folder: str | Path) -> Loaded[Call]:
    r"""Read every ``*.md`` file of a folder as a call.

    Parameters
    ----------
    folder : path
        As for :func:`load_profiles`.

    Returns
    -------
    Loaded of Call

    Raises
    ------
    BadFile
        If the folder does not exist. Faults of single files are in ``faults``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> lines = ["---", "identifier: X-1", "title: Shade", "programme: LIFE", "deadlines: [2027-10-07]",
    ...          "---", "", "Trees."]
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "x-1.md").write_text("\n".join(lines))
    ...     [call.identifier for call in load_calls(folder)]
    ['X-1']
    """
    return _load(Path(folder), Call)


def load_file(path: str | Path, kind: type[R]) -> R:
    """Read one file.

    Parameters
    ----------
    path : path
        A Markdown file with front matter.
    kind : type
        ``Profile`` or ``Call``.

    Raises
    ------
    BadFile
        With every fault of the file.
    """
    return _read(Path(path), kind)[0]


def save_file(record: Profile | Call, path: str | Path) -> None:
    """Write a record in the form :func:`load_file` reads; the file is replaced in one step.

    Parameters
    ----------
    record : Profile or Call
    path : path
        Folders above it are made. Blank lines around the text and foreign line ends are not kept.
    """
    values = record.flat() if isinstance(record, Call) else record.model_dump(mode="json")
    body = values.pop("text")
    front = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=1000)
    whole.write_whole(Path(path), f"---\n{front}---\n\n{body}\n")


def _load(folder: Path, kind: type[R]) -> Loaded[R]:
    if not folder.is_dir():
        found = M_("a file") if folder.exists() else M_("no such folder")
        raise BadFile([Fault(folder, None, found, _IN_WORDS[kind].folder)])
    records: dict[str, tuple[Path, R]] = {}
    faults: list[Fault] = []
    notices: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        if path.suffix.lower() != RECORD_SUFFIX:
            if path.suffix.lower() in _OTHER_DOCUMENTS:
                notices.append(M_(_IN_WORDS[kind].other, path=path))
            continue
        try:
            record, notice = _read(path, kind)
        except BadFile as error:
            faults.extend(error.faults)
            continue
        key_name = "id" if kind is Profile else "identifier"
        key = str(getattr(record, key_name))
        # The portal's identifiers differ in case from place to place and still mean one topic.
        if key.casefold() in records:
            first = records[key.casefold()][0]
            found = M_("{name} {key} a second time", name=key_name, key=repr(key))
            expected = M_("another {name}; {file} has this one and was kept", name=key_name, file=first.name)
            faults.append(Fault(path, None, found, expected))
            continue
        records[key.casefold()] = (path, record)
        notices.extend(notice)
    return Loaded(tuple(record for _, record in records.values()), tuple(faults), tuple(notices))


def _read(path: Path, kind: type[R]) -> tuple[R, list[str]]:
    try:
        if not path.is_file():
            raise BadFile([Fault(path, None, M_("no ordinary file"), M_("a readable file"))])
        size = path.stat().st_size
        if size > MAX_BYTES:
            found = f"{size / 1e6:.1f} MB"
            expected = M_("at most {most} MB; such a file is a page or two", most=round(MAX_BYTES / 1e6, 1))
            raise BadFile([Fault(path, None, found, expected)])
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile([Fault(path, None, str(error.strerror), M_("a readable file"))]) from error
    content, notices = _decode(raw, path)
    # macOS takes letters and their dots apart; who types an id or a name has them in one.
    content = unicodedata.normalize("NFC", content)
    parsed = frontmatter.parse(content, path)
    values = dict(parsed.values)
    faults = []
    # Names of the record's own that no file has: its text stands below, its budget is several keys.
    for name, expected in (("text", M_("the text below the front matter")), ("budget", _BUDGET_KEYS)):
        if name in kind.model_fields and values.pop(name, None) is not None:
            found = M_("the unknown key {key}", key=repr(name))
            faults.append(Fault(path, parsed.line_of((name,)), found, expected))
    text = _HINT.sub("", parsed.body).strip()
    # A form whose hints nobody has replaced has headings and nothing below them.
    if not text or (text != parsed.body and not sections.sections(text)):
        faults.append(
            Fault(path, parsed.body_line, M_("no text"), M_("a description below the front matter"))
        )
    try:
        record = kind.model_validate(values | {"text": text or "-"})
    except ValidationError as error:
        faults.extend(_faults(error, parsed, path, kind))
    if faults:
        raise BadFile(sorted(faults, key=lambda fault: fault.line or 0))
    return record, notices


def _decode(raw: bytes, path: Path) -> tuple[str, list[str]]:
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in raw and not marked:
        raise BadFile([Fault(path, None, M_("binary data"), M_("a text file (saved as UTF-8)"))])
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        named = _LANGUAGE_KEY.search(raw)
        page = _CODE_PAGES.get(named[1].decode().lower(), _WESTERN) if named else _WESTERN
    encoding = "utf-16" if marked else page
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        found = M_("neither UTF-8 nor {encoding}", encoding=encoding)
        raise BadFile([Fault(path, None, found, M_("a text saved as UTF-8"))]) from None
    notice = M_(
        "{path}: read as {encoding}, not UTF-8; check the umlauts and save it as UTF-8",
        path=path,
        encoding=encoding,
    )
    log.warning("%s", notice)
    return text, [notice]


def _faults(
    error: ValidationError, parsed: frontmatter.Parsed, path: Path, kind: type[BaseModel]
) -> Iterator[Fault]:
    for one in findings(error, kind, _ELSEWHERE):
        # Values that contradict each other have no place of their own: the message names a key.
        named = [(word,) for word in _KEY.findall(one.expected) if (word,) in parsed.lines]
        line = parsed.line_of(named[0]) if named and not one.at else parsed.line_of(one.at)
        yield Fault(path, line, one.found, one.expected)


def file_name(record: Profile | Call) -> str:
    """Return a name under which a record can lie in a folder on any system.

    Identifiers may hold slashes and other signs that mean something in a path; they become hyphens, with a
    short hash so that two identifiers never share a file.

    Examples
    --------
    >>> from vie_match.records import Call
    >>> call = {"title": "x", "programme": "LIFE", "deadline_model": "continuous", "text": "x"}
    >>> file_name(Call(identifier="LIFE-2027-CET", **call))
    'LIFE-2027-CET.md'
    >>> file_name(Call(identifier="EuropeAid/186571/DD/ACT/ZA", **call))
    'EuropeAid-186571-DD-ACT-ZA~89ade5.md'
    """
    key = record.identifier if isinstance(record, Call) else record.id
    safe = _UNSAFE.sub("-", key).strip("-.")[:_NAME_LENGTH]
    if safe == key and not _RESERVED.fullmatch(key):
        return f"{safe}.md"
    return f"{safe}~{hashlib.sha256(key.encode()).hexdigest()[:6]}.md"
