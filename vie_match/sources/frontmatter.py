"""A Markdown file with a YAML front matter → its values, its body and the line of every key.

All scalars stay text here (``country: NO`` is Norway, not false); the records turn them into numbers,
dates and members of closed sets. Anchors and aliases are refused, so a small file cannot unfold into
a large one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vie_match.errors import BadFile, Fault
from vie_match.messages import M_
from vie_match.speech import N_

MAX_FRONT_MATTER = 64 * 1024
MAX_DEPTH = 6

# yaml.SafeLoader, or yaml.CSafeLoader where it is built.
Loader = type[Any]

_FORM = N_("lines of the form 'key: value', keys of one list exactly below each other")
_COLONS = N_(
    "'key: value'; a text with a colon in straight quotes, \"a: b\"; "
    "keys of one list exactly below each other"
)
_QUOTES = N_("'key: value'; a text that has quotation marks in it between single quotes")
_VALUE = N_("'key: \"value\"', with quotation marks at both ends")
_BACKSLASHES = N_("'key: value'; a text with backslashes between single quotes")

# Words of YAML's reader → what people are told.
_IN_WORDS = (
    ("'\\t'", N_("a tab"), N_("'key: value', moved to the right with blanks, two for each step")),
    ("end of stream", N_("a quotation mark that is never closed"), _VALUE),
    ("mapping values", N_("a colon too many, or a key too far to the right"), _COLONS),
    ("expected ':'", N_("a line without a colon"), _FORM),
    ("sequence entries", N_("a list beside its key"), N_("each '- ' on a line of its own, or [a, b]")),
    ("',' or", N_("a bracket that is never closed"), N_("'key: [a, b]', closed on its line")),
    ("but found '<scalar>'", N_("text after a quotation mark"), _QUOTES),
    ("but found ']'", N_("a closing bracket too many"), N_("'key: [a, b]', opened and closed once")),
    ("but found '}'", N_("a closing bracket too many"), N_("'key: {{a: b}}', opened and closed once")),
    ("block", N_("a line that begins at another place than those above"), _FORM),
    ("document start", N_("a line that begins at another place than those above"), _FORM),
    ("start any token", N_("a sign that no value begins with"), _VALUE),
    ("node content", N_("a sign that no value begins with"), _VALUE),
    ("escape", N_("a backslash between double quotes"), _BACKSLASHES),
    ("comment or a line break", N_("text beside | or >"), N_("it on the lines below, moved to the right")),
)

_QUOTES_BEFORE, _QUOTES_BEHIND = "“„”«»", "”“«»"
_NULLS = {"", "~", "null", "Null", "NULL"}
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What stood in a file.

    Attributes
    ----------
    values : dict
        Text, lists and dicts; keys without a value are left out.
    body : str
        Everything after the front matter, stripped of outer blank lines.
    body_line : int
        1-based line on which the body starts.
    lines : dict
        1-based line of every key, by its path: ``('city', 'name')``, ``('partners', 0)``.
    """

    values: dict[str, Any]
    body: str
    body_line: int
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, path: KeyPath) -> int:
        """Return the line of the longest known beginning of a path, or 1."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def parse(text: str, path: Path, loader: Loader = yaml.SafeLoader) -> Parsed:
    """Split a file into front matter and body.

    Parameters
    ----------
    text : str
        The whole file, any kind of line end.
    path : Path
        For messages only.
    loader : type, optional
        Of PyYAML; the one in C is ten times as fast, and worse at saying what is wrong.

    Returns
    -------
    Parsed

    Raises
    ------
    BadFile
        If the front matter is missing, too large, no YAML mapping, or uses aliases or one key twice.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not text.strip():
        raise BadFile([Fault(path, None, M_("an empty file"), M_("a front matter and a text"))])
    if lines[0].rstrip() != "---":
        expected = M_("a first line '---' that opens the front matter")
        raise BadFile([Fault(path, 1, repr(lines[0][:40]), expected)])
    try:
        close = next(number for number, line in enumerate(lines) if number and line.rstrip() == "---")
    except StopIteration:
        line, found = _where_it_should_end(lines), M_("no end of the front matter")
        raise BadFile([Fault(path, line, found, M_("a line '---' after the last key"))]) from None
    front = "\n".join(["", *lines[1:close]])
    if len(front) > MAX_FRONT_MATTER:
        found = M_("a front matter of {number} characters", number=format(len(front), ","))
        expected = M_("at most {number}; long text goes below it", number=format(MAX_FRONT_MATTER, ","))
        raise BadFile([Fault(path, 1, found, expected)])
    body = "\n".join(lines[close + 1 :])
    lead = len(body) - len(body.lstrip("\n"))
    values, key_lines, faults = _read_yaml(front, path, loader)
    if faults:
        raise BadFile(faults)
    return Parsed(values, body.strip(), close + 2 + lead, key_lines)


def _read_yaml(
    front: str, path: Path, loader: Loader
) -> tuple[dict[str, Any], dict[KeyPath, int], list[Fault]]:
    try:
        faults = _refused_events(front, path, loader)
        node = None if faults else yaml.compose(front, Loader=loader)
    except yaml.MarkedYAMLError as error:
        return {}, {}, [Fault(path, _line_to_blame(error), *_plainly(error))]
    except yaml.reader.ReaderError as error:
        line = front.count("\n", 0, error.position) + 1
        found = M_("the character {sign}", sign=repr(error.character))
        return {}, {}, [Fault(path, line, found, M_("printable text"))]
    except (ValueError, OverflowError):
        found = M_("an escape (a backslash) that is no character")
        return {}, {}, [Fault(path, 1, found, M_(_BACKSLASHES))]
    if faults:
        return {}, {}, faults
    if not isinstance(node, yaml.MappingNode):
        found = M_("no keys in the front matter")
        return {}, {}, [Fault(path, 2, found, M_("lines of the form 'key: value'"))]
    reader = _Reader(path)
    values = reader.mapping(node, ())
    return values, reader.lines, reader.faults


def _plainly(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """Return what is wrong, and what to do, in the words of people who do not know YAML."""
    problem = error.problem or ""
    for part, found, expected in _IN_WORDS:
        if part in problem:
            return M_(found), M_(expected)
    # YAML's own words begin with "found …" or "could not find …"; ours put a "found" before them.
    return problem.removeprefix("found ") or M_("something that is not YAML"), M_(_FORM)


def _where_it_should_end(lines: Sequence[str]) -> int:
    """Return the line of an end that is indented or too long, else of the first heading, else the last."""
    for beginnings in (("---", "–", "—"), ("## ", "<!--")):
        for number, line in enumerate(lines[1:], 2):
            if line.strip().startswith(beginnings):
                return number
    return len(lines)


def _line_to_blame(error: yaml.MarkedYAMLError) -> int:
    """Return the line that opens what is never closed, else the line where the reader gave up."""
    opened = error.context_mark if error.context and "block" not in error.context else None
    mark = opened or error.problem_mark
    return mark.line + 1 if mark else 1


def _refused_events(front: str, path: Path, loader: Loader) -> list[Fault]:
    """Look at the events one by one, before anything is built from them."""
    depth = 0
    for event in yaml.parse(front, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if anchor := getattr(event, "anchor", None):
            found = M_("the anchor or alias {name}", name=repr(anchor))
            return [Fault(path, line, found, M_("plain values, written out"))]
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            found = M_("more than {number} levels of nesting", number=MAX_DEPTH)
            return [Fault(path, line, found, M_("a flatter front matter"))]
    return []


class _Reader:
    """Turns YAML nodes into text, lists and dicts and notes the line of every key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}
        self.faults: list[Fault] = []

    def mapping(self, node: yaml.MappingNode, at: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(self.path, line, M_("a key that is not a word"), "'key: value'"))
                continue
            key = key_node.value
            if (*at, key) in self.lines:
                first = self.lines[(*at, key)]
                found = M_("the key {key} a second time", key=repr(key))
                expected = M_("it once (first in line {line})", line=first)
                self.faults.append(Fault(self.path, line, found, expected))
                continue
            self.lines[(*at, key)] = line
            value = self.value(value_node, (*at, key))
            if value is not None:
                values[key] = value
        return values

    def value(self, node: yaml.Node, at: KeyPath) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value):
                self.lines[(*at, number)] = item.start_mark.line + 1
            return [self.value(item, (*at, number)) for number, item in enumerate(node.value)]
        if not isinstance(node, yaml.ScalarNode) or node.style:
            return node.value
        return None if node.value in _NULLS else _unquoted(node.value)


def _unquoted(value: str) -> str:
    """Return a value without the typographic quotation marks that a word processor put around all of it.

    Examples
    --------
    >>> _unquoted("“Cool city”"), _unquoted("„Kühle Stadt“"), _unquoted("“Green” and “blue”")
    ('Cool city', 'Kühle Stadt', '“Green” and “blue”')
    """
    inner = value[1:-1]
    is_quoted = len(value) > 2 and value[0] in _QUOTES_BEFORE and value[-1] in _QUOTES_BEHIND
    return inner if is_quoted and not set(inner) & set(_QUOTES_BEFORE + _QUOTES_BEHIND) else value
