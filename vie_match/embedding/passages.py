"""Texts → passages: stretches of whole sentences, short enough for the encoder, with their offsets.

A passage is verbatim: ``passage.text == text[passage.start:passage.end]``. What the encoder sees is
the passage with the title (and an unusual heading) in front, see :func:`in_context`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vie_match import sections
from vie_match.records import Call, Profile
from vie_match.results import Passage

# Characters. Measured on the judged benchmark with multilingual-e5-small and own-language texts
# (nDCG@10 of the vectors alone): calls in passages of 600 and profiles in windows of 350 .40, calls
# of 300 .37, profiles of 200 .39; profiles whole .30.
CALL_PASSAGE = 600
PROFILE_PASSAGE = 350

# An end of a sentence: its mark, closing quotes, blanks; or a blank line; or a new line with a list item.
# The possessive quantifiers (+ after +) keep a long run of blanks from being tried again and again.
_BORDER = re.compile(
    r"(?<=[.!?…;:])[\"'”“»)\]]*+\s++(?=\S)|(?<=\S)[^\S\n]*+\n(?:[^\S\n]*+\n)++\s*+|(?<=\S)[^\S\n]*+\n[^\S\n]*+(?=[-*•\d])"
)
# Characters of a call that stand for it as a whole: what it is about comes first.
HEAD = 1300

_BLANK = re.compile(r"\s+")


def of_call(call: Call) -> list[Passage]:
    """Return the passages of a call's text; at least one."""
    return list(_passages(call.identifier, call.text, CALL_PASSAGE))


def of_profile(profile: Profile) -> list[Passage]:
    """Return the passages of a profile's text; at least one."""
    return list(_passages(profile.id, profile.text, PROFILE_PASSAGE))


def in_context(passage: Passage, title: str) -> str:
    """Return what is embedded: title, heading (unless it is one of the profile form's own), passage.

    Examples
    --------
    >>> passage = Passage(owner="x", section="text", heading="Scope", text="Trees.", start=0, end=6)
    >>> in_context(passage, "Cool streets")
    'Cool streets. Scope. Trees.'
    """
    heading = passage.heading if passage.section == sections.TEXT else ""
    return ". ".join(part.rstrip(". ") for part in (title, heading) if part) + ". " + passage.text


def whole_call(call: Call) -> str:
    """Return what is embedded for a call as a whole: its title and the beginning of its text."""
    return f"{call.title}. {call.text[:HEAD]}"


def whole_profile(profile: Profile) -> str:
    """Return what is embedded for a profile as a whole: its title and its text."""
    return f"{profile.title}. {profile.text}"


def _passages(owner: str, text: str, size: int) -> Iterator[Passage]:
    parts = sections.sections(text) or [sections.Section(sections.TEXT, "", 0, len(text))]
    for part in parts:
        for start, end in pack(text, part.start, part.end, size):
            yield Passage(
                owner=owner,
                section=part.kind,
                heading=part.heading,
                text=text[start:end],
                start=start,
                end=end,
            )


def sentences(passage: Passage) -> list[Passage]:
    """Return the sentences of a passage, as passages with offsets into the same text."""
    spans = _sentences(passage.text, 0, len(passage.text), len(passage.text) or 1)
    return [
        passage.model_copy(
            update={
                "text": passage.text[start:end],
                "start": passage.start + start,
                "end": passage.start + end,
            }
        )
        for start, end in spans
    ]


def pack(text: str, start: int, end: int, size: int) -> list[tuple[int, int]]:
    """Pack the sentences of ``text[start:end]`` into stretches of at most ``size`` characters.

    Parameters
    ----------
    text : str
    start, end : int
        The part to cut.
    size : int
        Characters; a single longer sentence is cut between words, a longer word inside.

    Returns
    -------
    list of (int, int)
        Offsets into ``text``, in order, without outer blanks, together covering every letter.

    Examples
    --------
    >>> text = "One tree. Two trees. Three."
    >>> [text[a:b] for a, b in pack(text, 0, len(text), 21)]
    ['One tree. Two trees.', 'Three.']
    """
    packed: list[tuple[int, int]] = []
    for left, right in _sentences(text, start, end, size):
        if packed and right - packed[-1][0] <= size and "\n\n" not in text[packed[-1][1] : left]:
            packed[-1] = (packed[-1][0], right)
        else:
            packed.append((left, right))
    return packed


def _sentences(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    # A small letter goes on with the sentence: what ended was an abbreviation.
    borders = [
        match.end()
        for match in _BORDER.finditer(text, start, end)
        if match[0].count("\n") > 1 or not text[match.end() : match.end() + 1].islower()
    ]
    for left, right in zip([start, *borders], [*borders, end], strict=True):
        yield from _pieces(text, left, right, size)


def _pieces(text: str, left: int, right: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence without outer blanks, cut between words where it is longer than ``size``."""
    while left < right and text[left].isspace():
        left += 1
    while right > left and text[right - 1].isspace():
        right -= 1
    while right - left > size:
        blanks = [match.start() for match in _BLANK.finditer(text, left + 1, left + size + 1)]
        cut = blanks[-1] if blanks else left + size
        yield left, cut
        left = cut
        while text[left].isspace():
            left += 1
    if left < right:
        yield left, right
