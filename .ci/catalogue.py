"""Collect all messages of the package into the catalogues, and compile them.

``python .ci/catalogue.py`` brings every ``vie_match/locale/<code>/LC_MESSAGES/vie_match.po`` up to date with
the code: new messages are added untranslated, those that are used no more are removed. With a code, as in
``python .ci/catalogue.py fr``, a new language is begun. What is still to be translated is counted. The same
code and translations always give the same two files.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import typer
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from vie_match import faults
from vie_match.cli import helping
from vie_match.cli import main as program
from vie_match.feedback import Feedback
from vie_match.records import Call, Profile
from vie_match.whole import write_whole

PACKAGE = Path(__file__).parent.parent / "vie_match"
DOMAIN = "vie_match"
HEADER = """\
# What vie-match says, in {language}. Messages come from the code, by .ci/catalogue.py; translate them here.
# {{names}} and %(names)s are gaps: keep them. A message for one and for several has a form for each number.
# Licence: EUPL-1.2"""


def yaml_texts(
    file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: dict[str, str]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the texts that stand under certain keys of a YAML file, as babel's extractors do.

    Parameters
    ----------
    file : binary file
    keywords, comment_tags : collection of str
        Not used.
    options : dict
        ``keys``: the keys, apart by blanks.
    """
    keys = frozenset(options["keys"].split())
    for line, text in _under(yaml.compose(file, Loader=yaml.SafeLoader), keys):
        yield line, "gettext", text, []


def _under(node: yaml.Node | None, keys: frozenset[str]) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _under(item, keys)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in keys and isinstance(value, yaml.ScalarNode):
                yield value.start_mark.line + 1, value.value
            yield from _under(value, keys)


METHODS: list[tuple[str, Any]] = [
    ("**.py", "python"),
    ("reports/templates/**.*", "jinja2.ext:babel_extract"),
    ("ranking/audience.yaml", yaml_texts),
    ("eligibility/data/groups.yaml", yaml_texts),
    ("eligibility/data/city_lists.yaml", yaml_texts),
]
OPTIONS = {
    "reports/templates/**.*": {"trimmed": "true", "silent": "false"},
    "ranking/audience.yaml": {"keys": "because"},
    "eligibility/data/groups.yaml": {"keys": "en"},
    "eligibility/data/city_lists.yaml": {"keys": "en"},
}
KEYWORDS = {
    "_": None,
    "M_": None,
    "N_": None,
    "NN_": (1, 2),
    "NC_": ((1, "c"), 2),
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


class Plain(Catalog):
    """A catalogue whose header says nothing that changes by itself: no days, no versions, no persons."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """The header's lines: what a reader of the file needs."""
        return [
            ("Project-Id-Version", self.project),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", f"text/plain; charset={self.charset}"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]


def collected(package: Path = PACKAGE) -> Catalog:
    """Return all messages of the code, without translations, in order of their first place."""
    found = Catalog(domain=DOMAIN, project="vie-match", fuzzy=False)
    for name, line, message, comments, context in sorted(
        extract_from_dir(package, METHODS, OPTIONS, KEYWORDS, ("i18n:",)), key=lambda one: one[:2]
    ):
        # Without line numbers: they change with every edit, and the file with them.
        found.add(message, None, [(name, 0)] if line else [], auto_comments=comments, context=context)
    # The help of commands is collected from the program itself: typer makes it of docstrings and options.
    if package == PACKAGE:
        for text in helping.texts(typer.main.get_command(program.app.app)):
            found.add(text, None, [("cli/helping.py", 0)])
        for text in faults.descriptions(Profile, Call, Feedback):
            found.add(text, None, [("records.py", 0)])
    return found


def updated(path: Path, template: Catalog) -> Catalog:
    """Return a catalogue with the messages of the code and the translations that it had."""
    locale = path.parts[-3]
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=locale, domain=DOMAIN)
    else:
        known = Catalog(locale=locale, domain=DOMAIN, fuzzy=False)
    known.update(template, no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    return known


def files(catalogue: Catalog) -> tuple[bytes, bytes]:
    """Return a catalogue as it stands in its two files, the readable and the compiled one."""
    locale = catalogue.locale
    header = HEADER.format(language=locale.english_name if locale else "English")
    plain = Plain(catalogue.locale_identifier, DOMAIN, header, "vie-match", fuzzy=False)
    for one in catalogue:
        if one.id:
            places = sorted({(name, 0) for name, _ in one.locations})
            plain.add(one.id, one.string, places, auto_comments=one.auto_comments, context=one.context)
    readable, compiled = io.BytesIO(), io.BytesIO()
    write_po(readable, plain, width=110, include_lineno=False, sort_output=True)
    write_mo(compiled, plain)
    return readable.getvalue(), compiled.getvalue()


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue and its compiled form; a program that runs meanwhile reads no half of either."""
    readable, compiled = files(catalogue)
    write_whole(path, readable)
    write_whole(path.with_suffix(".mo"), compiled)


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the messages that have no translation, or not for every number."""
    return [str(one.id) for one in catalogue if one.id and not all(translations(one))]


def translations(message: Message) -> tuple[str, ...]:
    """Return the forms of a message's translation; those that are missing are empty."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(text or "" for text in string)


def main() -> None:
    """Bring all catalogues up to date."""
    template = collected()
    folder = PACKAGE / "locale"
    paths = {code: folder / code / "LC_MESSAGES" / f"{DOMAIN}.po" for code in sys.argv[1:]}
    paths |= {path.parts[-3]: path for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")}
    for code, path in sorted(paths.items()):
        catalogue = updated(path, template)
        write(path, catalogue)
        left = untranslated(catalogue)
        told = [f"{code}: {len(catalogue)} messages, {len(left)} untranslated", *left[:20]]
        sys.stdout.write("\n  ".join(told) + "\n")


if __name__ == "__main__":
    main()
