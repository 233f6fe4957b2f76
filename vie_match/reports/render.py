"""Digest → HTML and Markdown. All text is escaped: titles and descriptions are other people's."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import quote

import jinja2

from vie_match import vocabulary
from vie_match.cards import safe_url
from vie_match.changes import ChangeKind
from vie_match.reports import network_wording, reasons, terms_wording, wording
from vie_match.reports.digest import Digest
from vie_match.results import Contribution

# What a contribution is called in the report.
PART_NAMES = {
    "meaning": "what the texts mean",
    "words": "shared words",
    "themes": "shared themes",
    "audience": "whom such calls are for",
    "graded projects": "what was good for projects like it",
}
# The same for every call, so it says nothing of this one.
_SAME_FOR_ALL = "base rate"

# Kinds of news in the order in which they are told, with their nouns.
_NEWS_KINDS = (
    (ChangeKind.NEW, "new call", "new calls"),
    (ChangeKind.BACK, "call is back", "calls are back"),
    (ChangeKind.CHANGED, "call changed", "calls changed"),
    (ChangeKind.GONE, "call gone: no source has it any more", "calls gone: no source has them any more"),
    (ChangeKind.CLOSED, "call has closed", "calls have closed"),
)

# Kept in a link's address; round and pointed brackets would end it.
_URL_CHARACTERS = "%/:?#[]@!$&'*+,;=~"

# Characters that mean something anywhere in a line, and marks that mean something where one begins.
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$]|^[-+#=]|^\d+(?=[.)])")


def html(digest: Digest) -> str:
    """Return the report as one self-contained page: no script, no outside file."""
    return _environment().get_template("report.html").render(digest=digest)


def markdown(digest: Digest) -> str:
    """Return the report as Markdown."""
    return _environment().get_template("report.md").render(digest=digest)


def escape_markdown(text: str) -> str:
    r"""Return a text that Markdown shows as it is, on one line.

    Examples
    --------
    >>> escape_markdown("<b>1*2</b>")
    '\\<b\\>1\\*2\\</b\\>'
    """
    return _MARKDOWN_SPECIAL.sub(_escaped, " ".join(str(text).split()))


def _escaped(match: re.Match[str]) -> str:
    # Of "1." the point is escaped, of all others the sign itself.
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def _markdown_link(text: str, url: str | None) -> str:
    address = safe_url(url)
    if address is None:
        return escape_markdown(text)
    return f"[{escape_markdown(text)}]({quote(address, safe=_URL_CHARACTERS)})"


def shares(contributions: tuple[Contribution, ...]) -> list[tuple[str, bool, int]]:
    """Return what counted for bars, most first: (name, whether it speaks for the call, width).

    The width is in percent of the largest. Scores themselves are not shown: they mean nothing to a reader.

    Examples
    --------
    >>> shares((Contribution(name="words", value=-0.1), Contribution(name="meaning", value=0.2)))
    [('what the texts mean', True, 100), ('shared words', False, 50)]
    """
    told = [part for part in contributions if part.value and part.name != _SAME_FOR_ALL]
    largest = max((abs(part.value) for part in told), default=1)
    return [
        (PART_NAMES.get(part.name, part.name), part.value > 0, round(100 * abs(part.value) / largest))
        for part in sorted(told, key=lambda part: -part.value)
    ]


def blocks(text: str) -> list[tuple[str, list[str]]]:
    r"""Return the parts of a call's text: (``heading``, ``list`` or ``text``, its lines).

    Examples
    --------
    >>> blocks("## Scope\n\n- Trees\n- Shade\n\nSoon.")
    [('heading', ['Scope']), ('list', ['Trees', 'Shade']), ('text', ['Soon.'])]
    """
    return [_block(part.splitlines()) for part in re.split(r"\n[ \t]*\n", text.strip()) if part.strip()]


def _block(lines: list[str]) -> tuple[str, list[str]]:
    if lines[0].startswith("#"):
        return "heading", [" ".join(line.lstrip("# ") for line in lines)]
    if all(line.startswith("- ") for line in lines):
        return "list", [line[2:] for line in lines]
    return "text", lines


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vie_match.reports"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    environment.globals |= {
        "blocks": blocks,
        "news_kinds": _NEWS_KINDS,
        "md_link": _markdown_link,
        "programmes": vocabulary.PROGRAMME_NAMES,
        "safe_url": safe_url,
        "shares": shares,
        "network": network_wording,
        "reasons": reasons,
        "terms": terms_wording,
        "wording": wording,
    }
    return environment
