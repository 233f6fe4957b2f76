"""Shared fixtures: small records, a tiny encoder, folders of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match.embedding.encoder import HashingEncoder
from vie_match.records import Call, Profile

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def encoder() -> HashingEncoder:
    """The tiny encoder: no model, no cache."""
    return HashingEncoder()


@pytest.fixture
def make_call() -> Callable[..., Call]:
    """A call with sensible fields; name those that matter to the test."""

    def make(identifier: str = "X-2027-01", **fields: object) -> Call:
        defaults: dict[str, object] = {
            "title": "Shade and water for streets in hot cities",
            "programme": "LIFE",
            "deadlines": ["2027-10-07"],
            "opening": "2026-01-01",
            "text": "Projects plant trees. They open drinking fountains. Streets become cooler.",
            "url": "https://example.org/call",
            "source": "a portal",
            "source_date": "2026-11-01",
        }
        return Call.model_validate(defaults | {"identifier": identifier} | fields)

    return make


@pytest.fixture
def make_profile() -> Callable[..., Profile]:
    """A profile with sensible fields; name those that matter to the test."""

    def make(id: str = "town-heat", **fields: object) -> Profile:
        defaults: dict[str, object] = {
            "title": "Cool streets for our town",
            "language": "en",
            "city": {"name": "Town", "country": "DE"},
            "text": (
                "Summers are hot.\n\n## What we plan\n\nTrees and shade in ten streets.\n\n"
                "## What we need\n\nMoney for planting.\n\n## What we offer\n\nOpen measurements."
            ),
        }
        return Profile.model_validate(defaults | {"id": id} | fields)

    return make
