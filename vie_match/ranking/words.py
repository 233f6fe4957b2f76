"""Text → words → stems, per language: what the lexical leg counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import snowballstemmer
from stopwordsiso import has_lang, stopwords

# Two letters and more are noise in most languages; three carry meaning (bus, air, eau).
_WORD = re.compile(r"[^\W\d_][\w'-]{2,}")

# Snowball's name of a language's algorithm. Languages without one are matched by whole words.
_ALGORITHMS = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}


class Word(NamedTuple):
    """A word as written (small letters) and its stem."""

    surface: str
    stem: str


def words(text: str, language: str) -> Iterator[Word]:
    """Yield the content words of a text with their stems.

    Parameters
    ----------
    text : str
    language : str
        ISO 639-1; decides stop words and stemmer.

    Yields
    ------
    Word
        In order of the text, stop words and words under three letters left out.

    Examples
    --------
    >>> [word.stem for word in words("Die Bäume in den Straßen", "de")]
    ['baum', 'strass']
    """
    for raw in _WORD.findall(_folded(text)):
        word = _word(raw, language)
        if word is not None:
            yield word


# The same words come again and again.
@lru_cache(maxsize=500_000)
def _word(raw: str, language: str) -> Word | None:
    surface = raw.strip("'-")
    if len(surface) <= 2 or surface in stop_words(language):
        return None
    return Word(surface, stem(surface, language))


def _folded(text: str) -> str:
    """Return small letters in one spelling: accents joined to letters, straight apostrophes."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    # The small form of the Turkish İ is an i with a dot set apart, which no word list has.
    return plain.lower().replace("i\N{COMBINING DOT ABOVE}", "i")


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return a language's stop words; empty for a language without a list."""
    return frozenset(stopwords(language)) if has_lang(language) else frozenset()


def stem(word: str, language: str) -> str:
    """Return a word's stem; the word itself in a language without a stemmer."""
    algorithm = _ALGORITHMS.get(language)
    return str(_stemmer(algorithm).stemWord(word)) if algorithm else word


@cache
def _stemmer(algorithm: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(algorithm)
