"""What one profile offers and another needs: the sentences of the two that meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vie_match.embedding import passages
from vie_match.embedding.background import Background
from vie_match.embedding.encoder import Encoder, Vectors
from vie_match.partners.suggestions import Exchange
from vie_match.records import Profile
from vie_match.sections import NEEDS, OFFERS

# Half of the pairs of the shipped profiles reach .64 with the bundled encoder and have little in common;
# one in eight reaches this.
LEAST = 0.7


class Exchanges:
    """Compares offers and needs across languages.

    Parameters
    ----------
    encoder : Encoder
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._known: dict[tuple[str, str], tuple[list[str], Vectors]] = {}

    def between(self, ours: Profile, theirs: Profile) -> tuple[Exchange, ...]:
        """Return the best pair of sentences each way, theirs for our needs first.

        Parameters
        ----------
        ours, theirs : Profile

        Returns
        -------
        tuple of Exchange
            At most two; a way in which nothing meets is left out.
        """
        found = (self._best(theirs, ours, ours=False), self._best(ours, theirs, ours=True))
        return tuple(one for one in found if one is not None and one.likeness >= LEAST)

    def _best(self, offering: Profile, needing: Profile, *, ours: bool) -> Exchange | None:
        (offers, there), (needs, here) = self._of(offering, OFFERS), self._of(needing, NEEDS)
        if not offers or not needs:
            return None
        alike = there @ here.T
        row, column = np.unravel_index(int(np.argmax(alike)), alike.shape)
        likeness = round(float(np.clip(alike[row, column], -1, 1)), 4)
        return Exchange(ours=ours, offer=offers[row], need=needs[column], likeness=likeness)

    def _of(self, profile: Profile, section: str) -> tuple[list[str], Vectors]:
        key = (profile.id, section)
        if key not in self._known:
            told = sentences(profile, section)
            vectors = self.encoder.encode(told)
            if told:
                vectors = Background(self.encoder).centred(vectors, profile.language)
            self._known[key] = (told, vectors)
        return self._known[key]


def sentences(profile: Profile, section: str) -> list[str]:
    r"""Return the sentences of one part of a profile.

    Parameters
    ----------
    profile : Profile
    section : str
        One of those of :mod:`vie_match.sections`.

    Examples
    --------
    >>> text = "Heat.\n\n## What we offer\n\nA map. Two test sites."
    >>> sentences(Profile.model_construct(id="x", text=text), "offers")
    ['A map.', 'Two test sites.']
    """
    return [
        one.text
        for passage in passages.of_profile(profile)
        if passage.section == section
        for one in passages.sentences(passage)
    ]


def total(exchanges: Sequence[Exchange]) -> float:
    """Return how much two profiles have for each other: the likenesses added up."""
    return sum(one.likeness for one in exchanges)
