"""Made-up calls, profiles and vectors to time the ranking on: nothing in them is true.

As in real calls, few words stand often and many seldom; a thousand calls of 3,600 characters have some
12,000 different words, the thousand of the judged benchmark 14,000.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vie_match.embedding.background import unit
from vie_match.embedding.encoder import NO_VECTORS, Vectors
from vie_match.records import Call, Profile

# Characters: the means of the judged benchmark's 919 calls, and of the repository's calls and profiles.
LONG_CALL, SHORT_CALL, PROFILE = 3600, 1000, 1700

# The languages of the profiles, by turns; all calls are in English.
LANGUAGES = ("de", "fr", "it", "pl", "de", "nl", "ro", "de", "el", "bg", "de", "es")
_COUNTRIES = ("DE", "FR", "IT", "PL", "DE", "NL", "RO", "DE", "EL", "BG", "DE", "ES")
_PROGRAMMES = ("HORIZON", "LIFE", "DIGITAL", "CERV", "ERASMUS", "INTERREG")
_THEMES = ("energy", "data", "climate-adaptation", "mobility", "inclusion", "tourism")

# Words are put together of one or two, with an ending: 36 × 9 and 36 × 36 × 9.
_PARTS = (
    "tree street harbour river roof school market bridge lamp tram garden water heat noise waste data "
    "sensor museum clinic stair shade soil cable meadow ferry kitchen stage forest quarter cellar bench "
    "window pipe tower square stop"
).split()
_ENDINGS = ("", "s", "ing", "ed", "er", "able", "ness", "like", "wise")
_SMALL_WORDS = "the of and to in for with on by from their that are will".split()
_SMALL_SHARE = 0.4

_WORDS_PER_SENTENCE = 14
_SENTENCES_PER_PARAGRAPH = 6
# Letters of a word and the blank behind it, on average: how many words make a text of a given length.
_LETTERS = 8.7

# What a vector's square is made of: what all texts share, what those of one topic share, and its own. So the
# products of profiles and calls lie much as those of vie-e5-small on the judged benchmark, of which half are
# below .32 and one in forty is above .52.
_SHARES = (0.25, 0.3, 0.45)
_TOPICS, _DRAWN = 25, 8192
# Letters that tell the topic: those of the first word or two.
_BEGINNING = 9

_FIRST_DEADLINE = dt.date(2027, 1, 15)
_OPENED = dt.date(2026, 9, 1)
_DEADLINE_DAYS = 700


def calls(count: int, characters: int = LONG_CALL, seed: int = 0) -> tuple[Call, ...]:
    """Return made-up calls in English, all of them open at the end of 2026.

    Parameters
    ----------
    count : int
    characters : int
        Length of each text, roughly.
    seed : int
        The same seed gives the same calls.

    Examples
    --------
    >>> one, other = calls(2, 200)
    >>> one.identifier, one.programme.value, one.text != other.text
    ('MADE-UP-0000000', 'HORIZON', True)
    """
    texts = _texts(count, characters, np.random.default_rng(seed))
    return tuple(
        Call.model_validate(
            {
                "identifier": f"MADE-UP-{number:07}",
                "title": _title(text),
                "programme": _PROGRAMMES[number % len(_PROGRAMMES)],
                "opening": _OPENED,
                "deadlines": [f"{_FIRST_DEADLINE + dt.timedelta(days=number * 37 % _DEADLINE_DAYS)}"],
                "themes": [_THEMES[number % len(_THEMES)]],
                "url": f"https://example.org/calls/{number}",
                "source": "made up",
                "source_date": _OPENED,
                "text": text,
            }
        )
        for number, text in enumerate(texts)
    )


def profiles(count: int, seed: int = 1) -> tuple[Profile, ...]:
    """Return made-up profiles in several languages; their words are those of the calls from behind.

    Parameters
    ----------
    count : int
    seed : int

    Examples
    --------
    >>> [profile.language for profile in profiles(3)]
    ['de', 'fr', 'it']
    """
    texts = _texts(count, PROFILE, np.random.default_rng(seed))
    return tuple(_profile(number, text) for number, text in enumerate(texts))


class GivenVectors:
    """An encoder without a model: a text's vector is drawn, by its letters; texts that begin alike are alike.

    Parameters
    ----------
    id : str
        The id it goes by, for example that of the encoder whose place it takes.
    dimension : int, default 384

    Examples
    --------
    >>> one, other, third = GivenVectors().encode(["Trees and shade", "Trees and water", "A ferry"])
    >>> bool(one @ other > 0.4 > one @ third)
    True
    """

    prompt = ""

    def __init__(self, id: str = "made-up", dimension: int = 384) -> None:
        self.id = id
        self._common, *topics = random_vectors(1 + _TOPICS, dimension)
        self._topics = np.stack(topics)
        self._own = random_vectors(2 * _DRAWN, dimension, seed=1).reshape(2, _DRAWN, dimension)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension), float32; of no text, shape (0, 0)."""
        if not texts:
            return NO_VECTORS
        topics = [_number(text[:_BEGINNING]) % len(self._topics) for text in texts]
        numbers = np.array([_number(text) for text in texts])
        # The sum of two, so that hardly two texts have the same.
        own = unit(self._own[0, numbers % _DRAWN] + self._own[1, numbers // _DRAWN % _DRAWN])
        parts = (self._common, self._topics[topics], own)
        return unit(sum(np.sqrt(share) * part for share, part in zip(_SHARES, parts, strict=True)))


def random_vectors(count: int, dimension: int, seed: int = 0) -> Vectors:
    """Return random unit vectors, shape (count, dimension), float32; the same for the same seed."""
    return unit(np.random.default_rng(seed).standard_normal((count, dimension), np.float32))


def _number(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def _profile(number: int, text: str) -> Profile:
    language = LANGUAGES[number % len(LANGUAGES)]
    turned = "\n\n".join(
        ". ".join(" ".join(word[::-1] for word in sentence.split()).capitalize() for sentence in sentences)
        for sentences in (part.rstrip(".").split(". ") for part in text.lower().split("\n\n"))
    )
    return Profile.model_validate(
        {
            "id": f"town-{number:04}",
            "title": _title(turned),
            "language": language,
            "city": {"name": f"Town {number}", "country": _COUNTRIES[number % len(LANGUAGES)]},
            "themes": [_THEMES[number % len(_THEMES)]],
            "text": f"{turned}.",
        }
    )


def _title(text: str) -> str:
    return " ".join(text.partition(".")[0].split()[:8])


@cache
def _vocabulary() -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Return all words and how probable each is: by Zipf's law, the small words before all others."""
    rng = np.random.default_rng(0)
    single = [part + end for part in _PARTS for end in _ENDINGS]
    double = [part + word for part in _PARTS for word in single]
    # Short words are the frequent ones; else without order, so that they do not all begin alike.
    made = np.concatenate([rng.permutation(single), rng.permutation(double)])
    shares = 1 / np.arange(10, len(made) + 10)
    small = np.full(len(_SMALL_WORDS), _SMALL_SHARE / len(_SMALL_WORDS))
    words = np.concatenate([_SMALL_WORDS, made])
    return words, np.concatenate([small, (1 - _SMALL_SHARE) * shares / shares.sum()])


def _texts(count: int, characters: int, rng: np.random.Generator) -> Iterator[str]:
    words, shares = _vocabulary()
    length = max(1, round(characters / _LETTERS))
    for _ in range(count):
        drawn = words[rng.choice(len(words), size=length, p=shares)].tolist()
        sentences = [
            " ".join(drawn[at : at + _WORDS_PER_SENTENCE]).capitalize() + "."
            for at in range(0, length, _WORDS_PER_SENTENCE)
        ]
        yield "\n\n".join(
            " ".join(sentences[at : at + _SENTENCES_PER_PARAGRAPH])
            for at in range(0, len(sentences), _SENTENCES_PER_PARAGRAPH)
        )
