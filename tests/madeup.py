"""A language made up for tests: every message stands in brackets, so that what is not translated is seen."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from vie_match import speech

SCRIPT = Path(__file__).parent.parent / ".ci" / "catalogue.py"

# Days, numbers and countries are those of Ukrainian: in letters of its own, with three forms for numbers.
CODE = "uk"


def catalogue_script() -> ModuleType:
    """Return the script that collects messages, as a module."""
    spec = importlib.util.spec_from_file_location("catalogue", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the forms of a message or translation; a missing one is empty."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


@contextmanager
def made_up_language(folder: Path) -> Iterator[str]:
    """Let the language be the only one beside English, with its one file in a folder."""
    script = catalogue_script()
    path = folder / CODE / "LC_MESSAGES" / f"{speech.DOMAIN}.po"
    made = script.updated(path, script.collected())
    for one in made:
        if one.id:
            said = f"⟦{forms(one.id)[-1]}⟧"
            one.string = (said,) * made.num_plurals if one.pluralizable else said
    script.write(path, made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech, "FOLDER", folder)
        _forget()
        yield CODE
    _forget()


def own_words(text: str) -> str:
    """Return what stands outside all brackets."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    return text


def _forget() -> None:
    for cached in (speech.languages, speech.speech):
        cached.cache_clear()
