"""Digest → HTML, Markdown and plain text. All text is escaped: titles and descriptions are other people's."""

from __future__ import annotations

import base64
import hashlib
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import resources
from types import MappingProxyType, ModuleType
from typing import Any, Protocol
from urllib.parse import quote

import jinja2

from vie_match.cards import safe_url
from vie_match.changes import ChangeKind
from vie_match.reports import headlines, names, network_wording, reasons, terms_wording, wording
from vie_match.reports.digest import Digest
from vie_match.reports.quoting import shorten
from vie_match.results import Contribution
from vie_match.speech import Speech, speech

# From here on the words of a probability are "likely" (see reasons.likelihood, which rounds to tenths).
LIKELY = 0.55

# Columns of a mail that is read on any screen.
_COLUMNS = 78

# Characters of a call's text in a page that has many calls; the call's own page has it all.
_SHORT = 1500

# Kept in a link's address; round and pointed brackets would end it.
_URL_CHARACTERS = "%/:?#[]@!$&'*+,;=~"

# Characters that mean something anywhere in a line, and marks that mean something where one begins.
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$]|^[-+#=]|^\d+(?=[.)])")
_BLANK_LINES = re.compile(r"\n{3,}")


class Drawn(Protocol):
    """A picture that stands in a page.

    Attributes
    ----------
    svg : str
        Safe, needs nothing beside it, and says itself what it shows.
    title : str
        What it is, in a few words.
    """

    @property
    def svg(self) -> str: ...  # noqa: D102

    @property
    def title(self) -> str: ...  # noqa: D102


Pictures = Mapping[str, Drawn]
_NONE: Pictures = MappingProxyType({})


def html(digest: Digest, language: str = "en", pictures: Pictures = _NONE, *, network: str = "") -> str:
    """Return the report as one page that needs nothing beside it, and can be read without its script.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"
    pictures : mapping, optional
        Name → picture: ``timeline``, ``chances-<id of a profile>``. What is missing leaves no gap.
    network : str, optional
        File name of the network's page (:func:`network`), for a link; empty: there is none.
    """
    return page("report.html", language, digest=digest, pictures=pictures, network_page=network)


def network(digest: Digest, language: str = "en", *, report: str = "") -> str:
    """Return the page of the whole network: which call fits which city, who would join or compete.

    Parameters
    ----------
    digest : Digest
    language : str, default "en"
    report : str, optional
        File name of the report (:func:`html`), for links to its cities; empty: there is none.
    """
    return page("network.html", language, digest=digest, report_page=report)


def markdown(digest: Digest, language: str = "en") -> str:
    """Return the report as Markdown."""
    return _BLANK_LINES.sub("\n\n", page("report.md", language, digest=digest))


def text(digest: Digest, language: str = "en") -> str:
    """Return the report as plain text for a mail, 78 columns wide; only addresses may be longer."""
    return _BLANK_LINES.sub("\n\n", page("report.txt", language, digest=digest))


def page(name: str, language: str, **more: object) -> str:
    """Return a template filled in a language.

    Parameters
    ----------
    name : str
        File in the folder of templates; what is put into one that ends with ``.html`` is escaped.
    language : str
    **more : object
        What the template is about.

    Raises
    ------
    BadValue
        For a language there is no catalogue of.
    """
    return _environment(language).get_template(name).render(**more)


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


def wrapped(text: str, indent: int = 0, first: str = "") -> str:
    """Return a text in lines of at most 78 columns; a long address stays whole.

    Parameters
    ----------
    text : str
    indent : int, optional
        Blanks before every line.
    first : str, optional
        What stands before the first line in their place.

    Examples
    --------
    >>> print(wrapped("Trees and shade for ten streets of our city, and fountains in each of them", 2, "- "))
    - Trees and shade for ten streets of our city, and fountains in each of them
    """
    line = " ".join(str(text).split())
    blanks = " " * indent
    return textwrap.fill(
        line, _COLUMNS, initial_indent=first or blanks, subsequent_indent=blanks, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def shares(contributions: tuple[Contribution, ...]) -> list[tuple[str, bool, int]]:
    """Return what counted for bars, most first: (name of the part, whether it speaks for the call, width).

    The width is in percent of the largest. Scores themselves are not shown: they mean nothing to a reader.

    Examples
    --------
    >>> shares((Contribution(name="words", value=-0.1), Contribution(name="meaning", value=0.2)))
    [('meaning', True, 100), ('words', False, 50)]
    """
    told = [part for part in contributions if part.value and part.name != names.SAME_FOR_ALL]
    largest = max((abs(part.value) for part in told), default=1)
    return [
        (part.name, part.value > 0, round(100 * abs(part.value) / largest))
        for part in sorted(told, key=lambda part: -part.value)
    ]


def blocks(text: str, limit: int = _SHORT) -> list[tuple[str, list[str]]]:
    r"""Return the first parts of a call's text: (``heading``, ``list`` or ``text``, its lines).

    Parameters
    ----------
    text : str
    limit : int, optional
        Characters in all; the part that goes over them is cut, and what follows left out.

    Examples
    --------
    >>> blocks("## Scope\n\n- Trees\n- Shade\n\nSoon.")
    [('heading', ['Scope']), ('list', ['Trees', 'Shade']), ('text', ['Soon.'])]
    >>> blocks("Trees and shade.\n\nSoon.", limit=11)
    [('text', ['Trees and…']), ('text', ['…'])]
    """
    found: list[tuple[str, list[str]]] = []
    left = limit
    for part in re.split(r"\n[ \t]*\n", text.strip()):
        if left <= 0:
            return [*found, ("text", ["…"])]
        found += [_block(shorten(part, left).splitlines())] if part.strip() else []
        left -= len(part)
    return found


def _block(lines: list[str]) -> tuple[str, list[str]]:
    if lines[0].startswith("#"):
        return "heading", [" ".join(line.lstrip("# ") for line in lines)]
    if all(line.startswith("- ") for line in lines):
        return "list", [line[2:] for line in lines]
    return "text", lines


class _Said:
    """A module of sentences in one language: its functions, with the language filled in."""

    def __init__(self, module: ModuleType, language: str) -> None:
        self._module, self._language = module, language

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(getattr(self._module, name), language=self._language)


def _counted(own: Speech) -> Callable[..., str]:
    """Return gettext's plural for templates, with its number ``%(n)s`` as the language writes it."""

    def told(one: str, many: str, number: int) -> str:
        return own.catalogue.ngettext(one, many, number).replace("%(n)s", own.number(number))

    return told


@cache
def _environment(language: str) -> jinja2.Environment:
    own = speech(language)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("vie_match.reports"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        own.gettext, _counted(own), newstyle=True, pgettext=own.pgettext
    )
    environment.filters |= {"begun": wording.begun, "md": escape_markdown, "wrapped": wrapped}
    environment.globals |= {
        "blocks": blocks,
        "language": language,
        "likely": LIKELY,
        "md_link": _markdown_link,
        "safe_url": safe_url,
        "shares": shares,
        "speech": own,
        "kinds": tuple(ChangeKind),
        **_scripts(),
        **{
            name: _Said(module, language)
            for name, module in (
                ("headlines", headlines),
                ("names", names),
                ("network", network_wording),
                ("reasons", reasons),
                ("terms", terms_wording),
                ("wording", wording),
            )
        },
    }
    return environment


def _scripts() -> dict[str, str]:
    """Return the page's script, and the policy that lets nothing else run or be fetched."""
    source = resources.files("vie_match.reports").joinpath("templates/report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return {
        "script": source,
        "policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; script-src 'sha256-{digest}'",
    }
