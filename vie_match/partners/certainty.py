"""How much a search trusts what is not known."""

from __future__ import annotations

from enum import StrEnum

from vie_match.eligibility.logic import NO, YES
from vie_match.vocabulary import Answer


class Certainty(StrEnum):
    """How what is not known counts.

    ========== ============================ ==============================
    member     towards a minimum            against a prohibition or cap
    ========== ============================ ==============================
    SURE       does not count               counts
    ASK        does not count               does not count, but is asked
    POSSIBLE   counts, but is asked         does not count, but is asked
    ========== ============================ ==============================
    """

    SURE = "sure"
    ASK = "ask"
    POSSIBLE = "possible"

    def for_minimum(self, answer: Answer) -> bool:
        """Return whether somebody counts towards a minimum."""
        return answer is not NO if self is Certainty.POSSIBLE else answer is YES

    def for_maximum(self, answer: Answer) -> bool:
        """Return whether somebody counts against a maximum."""
        return answer is not NO if self is Certainty.SURE else answer is YES
