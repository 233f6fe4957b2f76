"""The report's pictures: what of a digest is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import digests
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.pictures.dots import Dot, Stage, mark
from vie_match.records import Call, Profile
from vie_match.reports import reasons
from vie_match.reports.digest import Digest
from vie_match.reports.pictures import draw, suggested, why
from vie_match.results import Contribution
from vie_match.vocabulary import Answer

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


@pytest.fixture
def week(make_call: MakeCall, make_profile: MakeProfile) -> Digest:
    stages = {"deadlines": ["2027-02-10", "2027-09-01"], "deadline_model": "two-stage"}
    calls = [
        make_call("HORIZON-MISS-2027-04-CIT-01"),
        make_call("HORIZON-CL5-2027-02-D4-01", **stages),
        make_call("LIFE-2027-CET", deadlines=[], deadline_model="continuous"),
    ]
    cities = [
        make_profile(name.casefold(), city={"name": name, "country": "DE"}) for name in ("Hamm", "Pirna")
    ]
    return digests.made(calls, cities)


def test_the_timeline_has_every_city_and_each_city_its_own_picture(week: Digest) -> None:
    found = draw(week)
    assert list(found) == ["timeline", "chances-hamm", "chances-pirna"]
    for city in ("Hamm", "Pirna"):
        assert f"{city}: 3 calls, the next on 10 February 2027: CL5-02-D4-01." in found["timeline"].alt
    assert "LIFE-CET: " in found["chances-hamm"].alt
    assert "MISS-04-CIT-01: " in found["chances-hamm"].alt
    assert {picture.name for picture in found.values()} == set(found)


def test_the_pictures_speak_the_language_of_the_report(week: Digest) -> None:
    found = draw(week, "de")
    assert "Hamm: 3 Aufrufe, der nächste endet am 10. Februar 2027: CL5-02-D4-01." in found["timeline"].alt
    assert found["chances-hamm"].title.startswith("Hamm: ")
    assert 'lang="de"' in found["chances-hamm"].svg


def test_the_line_is_the_reports_threshold(week: Digest) -> None:
    assert week.threshold == digests.FUSION.threshold
    assert "recommended from 42% on" in draw(replace(week, threshold=0.42))["chances-hamm"].alt
    assert "recommended" not in draw(replace(week, threshold=None))["chances-hamm"].alt


def test_all_pictures_of_a_report_have_ids_of_their_own(week: Digest) -> None:
    ids = [one for picture in draw(week).values() for one in re.findall(r' id="([^"]+)"', picture.svg)]
    assert len(ids) == len(set(ids))


def test_a_dot_has_the_stage_and_what_is_known_of_the_terms(week: Digest) -> None:
    part = week.cities[0]
    dots = {dot.label: dot for dot in suggested(part, week)}
    assert dots["CL5-02-D4-01"].stage is Stage.FIRST
    assert dots["MISS-04-CIT-01"].stage is Stage.ONLY
    terms = part.terms["HORIZON-MISS-2027-04-CIT-01"]
    changed = [
        (replace(terms, joined=Answer.YES), "yes"),
        (replace(terms, joined=Answer.UNKNOWN, clear=True), "clear"),
        (replace(terms, joined=Answer.UNKNOWN, clear=False), "unknown"),
    ]
    for one, standing in changed:
        own = replace(part, terms={**part.terms, "HORIZON-MISS-2027-04-CIT-01": one})
        (dot,) = (dot for dot in suggested(own, week) if dot.label == "MISS-04-CIT-01")
        assert dot.standing == standing
    unknown = replace(part, terms={})
    assert {dot.standing for dot in suggested(unknown, week)} == {"unknown"}


@given(st.floats(0, 1))
def test_a_dots_size_says_what_the_words_say(probability: float) -> None:
    dot = Dot("A", "Hamm", None, probability, Answer.YES)
    sizes = {"likely": 5.5, "possible": 4.2, "a long shot": 3.0}
    assert mark(dot).radius == sizes[reasons.likelihood(probability)]


def test_bars_say_what_counted_for_a_call_but_not_what_counts_for_all(week: Digest) -> None:
    match = week.cities[0].best[0]
    parts = [("meaning", 0.4), ("base rate", 3.0), ("words", -0.1)]
    told = match.model_copy(
        update={"contributions": tuple(Contribution(name=name, value=value) for name, value in parts)}
    )
    text = why(told).alt
    assert "For the call, most first: what the texts mean (100%)." in text
    assert "Against it, most first: shared words (25%)." in text
    assert "was die Texte bedeuten (100\xa0%)" in why(told, "de").alt


def test_two_projects_of_a_city_are_two_rows(make_call: MakeCall, make_profile: MakeProfile) -> None:
    profiles = [make_profile("a", title="Shade"), make_profile("b", title="Water")]
    text = draw(digests.made([make_call()], profiles))["timeline"].alt
    assert "Town: Shade: 1 call" in text
    assert "Town: Water: 1 call" in text


def test_without_a_suggestion_there_is_no_picture(make_call: MakeCall, make_profile: MakeProfile) -> None:
    assert draw(digests.made([make_call(deadlines=["2026-02-01"])], [make_profile()])) == {}
