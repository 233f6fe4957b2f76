"""The parts of a profile's or call's Markdown text: situation, plan, needs, offers.

Parts are found by their headings. Those of a profile are known in the EU's official languages
(:data:`HEADINGS`) and a few more; a heading below one of them belongs to it, any other opens a part of
kind ``text`` that is read like the rest, so nothing an officer writes is lost.
"""

from __future__ import annotations

import re
from typing import NamedTuple

SITUATION, PLAN, NEEDS, OFFERS, TEXT = "situation", "plan", "needs", "offers", "text"

# What is planned, needed and offered; the first form is the one a new template gets.
HEADINGS: dict[str, tuple[str, str, str]] = {
    "bg": ("Какво планираме", "От какво имаме нужда", "Какво предлагаме"),
    "cs": ("Co plánujeme", "Co potřebujeme", "Co nabízíme"),
    "da": ("Hvad vi vil gøre", "Hvad vi har brug for", "Hvad vi tilbyder"),
    "de": ("Was wir vorhaben", "Was wir brauchen", "Was wir bieten"),
    "el": ("Τι σχεδιάζουμε", "Τι χρειαζόμαστε", "Τι προσφέρουμε"),
    "en": ("What we plan", "What we need", "What we offer"),
    "es": ("Qué queremos hacer", "Qué necesitamos", "Qué ofrecemos"),
    "et": ("Mida me kavandame", "Mida me vajame", "Mida me pakume"),
    "fi": ("Mitä suunnittelemme", "Mitä tarvitsemme", "Mitä tarjoamme"),
    "fr": ("Ce que nous prévoyons", "Ce dont nous avons besoin", "Ce que nous offrons"),
    "ga": ("Cad atá beartaithe againn", "Cad atá de dhíth orainn", "Cad a thairgimid"),
    "hr": ("Što planiramo", "Što trebamo", "Što nudimo"),
    "hu": ("Mit tervezünk", "Mire van szükségünk", "Mit kínálunk"),
    "it": ("Cosa vogliamo fare", "Di cosa abbiamo bisogno", "Cosa offriamo"),
    "lt": ("Ką planuojame", "Ko mums reikia", "Ką siūlome"),
    "lv": ("Ko mēs plānojam", "Kas mums vajadzīgs", "Ko mēs piedāvājam"),
    "mt": ("X'qed nippjanaw", "X'għandna bżonn", "X'noffru"),
    "nl": ("Wat we willen doen", "Wat we nodig hebben", "Wat we bieden"),
    "pl": ("Co planujemy", "Czego potrzebujemy", "Co oferujemy"),
    "pt": ("O que queremos fazer", "Do que precisamos", "O que oferecemos"),
    "ro": ("Ce ne propunem", "De ce avem nevoie", "Ce oferim"),
    "sk": ("Čo plánujeme", "Čo potrebujeme", "Čo ponúkame"),
    "sl": ("Kaj načrtujemo", "Kaj potrebujemo", "Kaj ponujamo"),
    "sv": ("Vad vi vill göra", "Vad vi behöver", "Vad vi erbjuder"),
}

_MORE = {
    PLAN: ("plan", "plans", "what is planned", "vorhaben", "was wir planen", "projet", "progetto"),
    NEEDS: ("needs", "what is needed", "bedarf", "was uns fehlt", "besoins", "bisogni"),
    OFFERS: ("offers", "offer", "what is offered", "angebot", "was wir anbieten", "offre", "offerta"),
}

_HEADING_LINE = re.compile(r"^(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)


def _fold(heading: str) -> str:
    return " ".join(heading.casefold().replace("’", "'").strip(" :.?!").split())


_KIND_OF_HEADING = {
    _fold(heading): kind
    for forms in HEADINGS.values()
    for kind, heading in zip((PLAN, NEEDS, OFFERS), forms, strict=True)
} | {_fold(heading): kind for kind, forms in _MORE.items() for heading in forms}


class Section(NamedTuple):
    """One part: ``text[start:end]`` is its body without the heading."""

    kind: str
    heading: str
    start: int
    end: int


def sections(text: str) -> list[Section]:
    r"""Split a Markdown text at its headings.

    Parameters
    ----------
    text : str
        The body of a profile or call.

    Returns
    -------
    list of Section
        In order of the text, parts without any letter left out. What stands before the first
        heading is the situation when headings follow, else ``text``.

    Examples
    --------
    >>> [part.kind for part in sections("Heat.\n\n## Was wir brauchen\n\nBäume.")]
    ['situation', 'needs']
    """
    marks = list(_HEADING_LINE.finditer(text))
    first_end = marks[0].start() if marks else len(text)
    parts = [Section(SITUATION if marks else TEXT, "", 0, first_end)]
    ends = [following.start() for following in marks[1:]] + [len(text)]
    above: list[tuple[int, str]] = []
    for mark, end in zip(marks, ends, strict=False):
        level, heading = len(mark[1]), mark[2].rstrip("# \t")
        above = [upper for upper in above if upper[0] < level]
        kind = _KIND_OF_HEADING.get(_fold(heading), above[-1][1] if above else TEXT)
        above.append((level, kind))
        parts.append(Section(kind, heading, mark.end(), end))
    return [part for part in parts if any(map(str.isalnum, text[part.start : part.end]))]
