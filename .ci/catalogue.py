"""Collect all messages of the package into the catalogues, and compile them.

``python .ci/catalogue.py`` brings every ``vie_match/locale/<code>/LC_MESSAGES/vie_match.po`` up to date with
the code: new messages are added untranslated, those that are used no more are removed. With a code, as in
``python .ci/catalogue.py fr``, a new language is begun. What is still to be translated is counted.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parent.parent / "vie_match"
METHODS = [("**.py", "python"), ("reports/templates/**.*", "jinja2.ext:babel_extract")]
OPTIONS = {"reports/templates/**.*": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def collected() -> Catalog:
    """Return all messages of the code, without translations, in order of their first place."""
    found = Catalog(domain="vie_match", project="vie_match", fuzzy=False)
    for name, line, message, comments, context in sorted(
        extract_from_dir(PACKAGE, METHODS, OPTIONS, KEYWORDS, ("i18n:",)), key=lambda one: one[:2]
    ):
        # Without line numbers: they change with every edit, and the file with them.
        found.add(message, None, [(name, 0)] if line else [], auto_comments=comments, context=context)
    return found


def updated(path: Path, template: Catalog) -> Catalog:
    """Return a catalogue with the messages of the code and the translations that it had."""
    if not path.exists():
        return Catalog(locale=path.parts[-3], domain="vie_match", project="vie_match", fuzzy=False)
    with path.open("rb") as file:
        known = read_po(file, locale=path.parts[-3], domain="vie_match")
    known.update(template, no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    return known


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue and its compiled form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False, sort_output=True, omit_header=False)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the messages that have no translation."""
    return [str(one.id) for one in catalogue if one.id and not all(_texts(one.string))]


def _texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple | list) else (string,)


def main() -> None:
    """Bring all catalogues up to date."""
    template = collected()
    folder = PACKAGE / "locale"
    paths = {code: folder / code / "LC_MESSAGES" / "vie_match.po" for code in sys.argv[1:]}
    paths |= {path.parts[-3]: path for path in folder.glob("*/LC_MESSAGES/vie_match.po")}
    for code, path in sorted(paths.items()):
        catalogue = updated(path, template)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        write(path, catalogue)
        left = untranslated(catalogue)
        print(f"{code}: {len(catalogue)} messages, {len(left)} untranslated", *left[:20], sep="\n  ")


if __name__ == "__main__":
    main()
