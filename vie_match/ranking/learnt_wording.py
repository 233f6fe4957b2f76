"""What was learnt from people's judgements, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vie_match.ranking.fusion import GENERAL
from vie_match.ranking.learnt import Learnt
from vie_match.speech import N_, speech

# Steps in log-odds that are too small to speak of: odds within 5 %.
_SMALL = math.log(1.05)

_SIGNS = {
    "similarity": N_("that project and call are alike"),
    "common": N_("that the project is alike with calls of any kind"),
    "cities": N_("that the call is for municipalities"),
    "local": N_("that the call is for local authorities, among others"),
    "others": N_("that the call is for others"),
    "participation": N_("that municipalities often take part in such calls"),
}


def signs(learnt: Learnt, language: str = "en") -> Iterator[tuple[str, float, float, str]]:
    """Yield each general sign of a fit with its shipped and its learnt weight and what that means.

    Weights are log-odds for one standard deviation of the feature.

    Parameters
    ----------
    learnt : Learnt
    language : str, optional
    """
    for name in GENERAL:
        before, after = (
            one.weights.get(name, 0.0) * learnt.scales.get(name, 0.0)
            for one in (learnt.shipped, learnt.learnt)
        )
        yield speech(language).gettext(_SIGNS[name]), before, after, meaning(after - before, language)


def meaning(step: float, language: str = "en") -> str:
    """Return what a step in log-odds does.

    Examples
    --------
    >>> meaning(0.5), meaning(-0.5), meaning(0.01)
    ('speaks more for a call: odds × 1.65', 'speaks less for a call: odds × 0.61', 'as before')
    """
    _ = speech(language).gettext
    if abs(step) < _SMALL:
        return _("as before")
    pattern = (
        _("speaks more for a call: odds × {factor}")
        if step > 0
        else _("speaks less for a call: odds × {factor}")
    )
    return pattern.format(factor=f"{math.exp(step):.2f}")
