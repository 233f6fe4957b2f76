"""Finds the EU calls for proposals that fit a city's projects, across languages, with reasons.

The data's one way::

    profiles/*.md ─────────────────────────────┐      ┌──────────── ranking ────────────┐
    calls/*.md ────┐                           ├► embedding: passages, vectors          │
    portals ► web ─┴► sources ► store ► merge ─┤      │ words (+ bridge)  dense  themes ├► results ► reports
                     records  (SQLite: every   │      │ audience, memory ► probability  │     what is said
                               version, runs)  │      └► matcher ► evidence ────────────┘              ▲
                                               ├► eligibility: rules read, rules of programmes ► said ─┤
                                               │       └► partners: who could join, best consortium ───┤
                                               └► changes: new, changed, gone, closed ─────────────────┘
    reports: one digest ► html md txt eml ics xlsx csv json atom; pictures (SVG, PNG, text) in them
    what people say of matches ► feedback ► learnt weights ► ranking
    CORDIS, keep.eu ► track ► table of cities ► partners
    texts, graded projects ► training ► what the encoder has beyond its base ► embedding
       knowledge fetches, merges; pipeline reports; weekly runs the week; evaluation judges; cli prints

Three lines::

    import vie_match as vm
    matcher = vm.Matcher().fit(vm.load_calls("calls"))
    matcher.rank(vm.load_profiles("profiles"))[0]

Importing this package loads neither torch nor scikit-learn; the names below are loaded when used.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vie_match.eligibility.check import check
    from vie_match.embedding.encoder import HashingEncoder
    from vie_match.embedding.models import default_encoder
    from vie_match.errors import VieMatchError
    from vie_match.partners.directory import directory
    from vie_match.partners.ranker import PartnerRanker
    from vie_match.ranking.matcher import Matcher
    from vie_match.records import Call, Profile
    from vie_match.results import Match, MatchList
    from vie_match.settings import Settings
    from vie_match.sources.files import load_calls, load_profiles
    from vie_match.tables import (
        calls_frame,
        calls_from_frame,
        matches_frame,
        profiles_frame,
        profiles_from_frame,
    )

__version__ = "0.1.0"

__all__ = [
    "Call",
    "HashingEncoder",
    "Match",
    "MatchList",
    "Matcher",
    "PartnerRanker",
    "Profile",
    "Settings",
    "VieMatchError",
    "calls_frame",
    "calls_from_frame",
    "check",
    "default_encoder",
    "directory",
    "load_calls",
    "load_profiles",
    "matches_frame",
    "profiles_frame",
    "profiles_from_frame",
]

_HOMES = {
    "Call": "records",
    "HashingEncoder": "embedding.encoder",
    "Match": "results",
    "MatchList": "results",
    "Matcher": "ranking.matcher",
    "PartnerRanker": "partners.ranker",
    "Profile": "records",
    "Settings": "settings",
    "VieMatchError": "errors",
    "calls_frame": "tables",
    "calls_from_frame": "tables",
    "check": "eligibility.check",
    "default_encoder": "embedding.models",
    "directory": "partners.directory",
    "load_calls": "sources.files",
    "load_profiles": "sources.files",
    "matches_frame": "tables",
    "profiles_frame": "tables",
    "profiles_from_frame": "tables",
}

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
