"""The profiles and calls that come with the package: complete, sourced, in order."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from vie_match import sections
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.sources.files import load_calls, load_profiles
from vie_match.vocabulary import CallStatus, DeadlineModel

ROOT = Path(__file__).parent.parent
PROFILES = load_profiles(ROOT / "profiles")
CALLS = load_calls(ROOT / "calls")
RELEASE = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)


def count_words(text: str) -> int:
    return len(re.findall(r"[\w'’-]+", text))


def test_every_file_loads_without_a_fault_or_a_notice() -> None:
    assert PROFILES.faults + CALLS.faults == ()
    assert PROFILES.notices + CALLS.notices == ()


def test_the_fifteen_cities_are_there_once() -> None:
    names = sorted(profile.city.name for profile in PROFILES)
    assert names == sorted(
        [
            "Alba Iulia",
            "Arezzo",
            "Arnsberg",
            "Basel",
            "Bolesławiec",
            "Freiburg im Breisgau",
            "Geestland",
            "Hamm",
            "Krefeld",
            "Mulhouse",
            "Munich",
            "Pirna",
            "Sofia",
            "Utrecht",
            "Vari-Voula-Vouliagmeni",
        ]
    )


def test_the_profiles_are_in_the_cities_own_languages() -> None:
    assert {profile.language for profile in PROFILES} == {"bg", "de", "el", "fr", "it", "nl", "pl", "ro"}
    for profile in PROFILES:
        assert profile.language in profile.city.languages


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
def test_a_profile_has_its_three_parts_its_length_and_its_sources(profile: Profile) -> None:
    kinds = [part.kind for part in sections.sections(profile.text)]
    assert kinds == [sections.SITUATION, sections.PLAN, sections.NEEDS, sections.OFFERS]
    assert 120 <= count_words(profile.text) <= 300
    assert profile.sources
    assert profile.source_date
    assert profile.themes
    if profile.city.population is not None:
        assert profile.city.population_source
        assert profile.city.population_scope


def test_there_are_enough_calls_and_most_can_still_be_entered() -> None:
    assert len(CALLS) >= 80
    after = [call for call in CALLS if call.entries and call.entries[-1].moment.date() > RELEASE.date()]
    assert len(after) >= 60


def test_the_calls_come_from_many_programmes() -> None:
    assert len({call.programme for call in CALLS}) >= 12


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.identifier)
def test_a_call_has_its_length_and_its_source(call: Call) -> None:
    assert 80 <= count_words(call.text) <= 200
    assert call.url
    assert call.source
    assert call.source_date
    assert call.source_date <= RELEASE.date()
    assert call.themes


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.identifier)
def test_a_call_says_open_only_when_a_date_or_its_model_shows_it(call: Call) -> None:
    if call.status(RELEASE) is CallStatus.OPEN:
        assert call.opening or call.deadline_model in (
            DeadlineModel.CONTINUOUS,
            DeadlineModel.MULTIPLE_CUT_OFF,
        )


def test_file_names_follow_the_identifiers() -> None:
    for path in sorted((ROOT / "calls").glob("*.md")):
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*\.md", path.name)
