"""The report: nothing unescaped, nothing silently missing, readable by everyone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from vie_match import knowledge, pipeline
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadFile, Fault
from vie_match.history import Sighting
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile
from vie_match.reports import render, wording
from vie_match.reports.digest import Background, Digest, digest
from vie_match.results import Match
from vie_match.settings import Settings
from vie_match.sources.files import save_file
from vie_match.sources.merge import merge

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]
MOMENT = knowledge.at_noon(dt.date(2026, 11, 24))
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`|**[x](javascript:alert(1))"


@pytest.fixture
def make_digest(encoder: HashingEncoder) -> Callable[..., Digest]:
    def make(
        calls: list[Call], profiles: list[Profile], *, top: int = 5, sightings: Any = (), **more: Any
    ) -> Digest:
        known = merge([*(Sighting("files", call, MOMENT, MOMENT) for call in calls), *sightings])
        lists = Matcher(encoder).fit([one.call for one in known]).rank(profiles, moment=MOMENT)
        return digest(lists, known, moment=MOMENT, top=top, model="tiny", background=Background(**more))

    return make


def soup_of(result: Digest) -> BeautifulSoup:
    return BeautifulSoup(render.html(result), "html.parser")


def test_titles_and_texts_of_others_cannot_become_markup(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    call = make_call(title=EVIL, text=f"{EVIL}. Trees for streets.", source=EVIL, consortium_note=EVIL)
    closed = make_call("OLD", title=EVIL, deadlines=["2026-01-15"])
    profile = make_profile(title=EVIL, text=f"{EVIL}. Trees.", city={"name": EVIL, "country": "DE"})
    fault = Fault(Path(f"{EVIL}.md"), 3, EVIL, EVIL)
    soup = soup_of(make_digest([call, closed], [profile], faults=[fault], notices=[EVIL]))
    assert not soup.find_all(["script", "img", "iframe", "object"])
    assert not [tag for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert EVIL in soup.get_text()


@pytest.mark.parametrize("url", ["https://example.org/a?b=(1)&c=<d>", "http://example.org/ü"])
def test_addresses_are_kept_as_links(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile, url: str
) -> None:
    soup = soup_of(make_digest([make_call(url=url)], [make_profile()]))
    assert url in [tag["href"] for tag in soup.find_all("a")]


def test_markdown_shows_foreign_text_as_text(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    text = render.markdown(make_digest([make_call(title=EVIL)], [make_profile(title=EVIL)]))
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)\]\(javascript", text)
    assert not re.search(r"(?<!\\)\*\*\[x", text)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("1*2_3", r"1\*2\_3"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("HORIZON-CL5-2027", "HORIZON-CL5-2027"),
        ("a | b\nc", r"a \| b c"),
    ],
)
def test_markdown_escapes_what_means_something_and_leaves_the_rest(text: str, escaped: str) -> None:
    assert render.escape_markdown(text) == escaped


def test_the_page_stands_alone_and_is_well_formed(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [make_call(f"X-{number}", title=f"Trees {number}") for number in range(8)]
    soup = soup_of(make_digest([*calls, make_call("OLD", deadlines=["2026-01-15"])], [make_profile()]))
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    assert not soup.find_all(["link", "script", "img"])
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    anchors = [tag["href"][1:] for tag in soup.find_all("a", href=re.compile("^#"))]
    assert anchors
    assert set(anchors) <= set(ids)
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(tag.get("scope") for tag in soup.find_all("th"))
    assert soup.find("meta", attrs={"name": "viewport"})


def test_texts_carry_their_language(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    profile = make_profile(language="de", title="Kühle Straßen", text="Bäume gegen Hitze.")
    soup = soup_of(make_digest([make_call()], [profile]))
    assert soup.find("span", lang="de", string="Kühle Straßen")
    assert soup.find("a", lang="en", string=make_call().title)


def test_a_city_gets_the_best_in_full_and_the_rest_in_a_list(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [make_call(f"X-{number}", title=f"Trees {number}") for number in range(9)]
    soup = soup_of(make_digest(calls, [make_profile()], top=3))
    assert len(soup.find_all("article")) == 3
    assert "6 more calls" in soup.get_text()
    for call in calls:
        assert call.title in soup.get_text()


def test_closed_calls_are_left_out_with_the_reason_and_never_shown_as_open(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    closed = make_call("OLD", title="Yesterday's trees", deadlines=["2026-11-23"])
    result = make_digest([make_call(), closed], [make_profile()])
    articles = soup_of(result).find_all("article")
    assert all("Yesterday" not in article.get_text() for article in articles)
    for text in (soup_of(result).get_text(), render.markdown(result)):
        assert "Yesterday" in text
        assert "closed on 2026-11-23" in text


def test_a_report_without_any_open_call_says_so(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = make_digest([make_call(deadlines=["2026-11-23"])], [make_profile()])
    assert "No open call to show" in render.html(result)
    assert "No open call to show" in render.markdown(result)


def test_old_facts_are_announced_at_the_top(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    old, fresh = make_call(source_date="2026-08-01"), make_call(source_date="2026-11-20")
    assert make_digest([old, make_call("Y", source_date="2026-11-20")], [make_profile()]).stale_calls == 1
    assert "Check before you rely on a date" in render.html(make_digest([old], [make_profile()]))
    assert "Check before you rely on a date" not in render.html(make_digest([fresh], [make_profile()]))
    assert make_digest([make_call(source_date=None)], [make_profile()]).stale_calls == 1


def test_the_bars_are_the_contributions(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = make_digest([make_call()], [make_profile()])
    (match,) = result.cities[0].best
    shown = {name: value for name, value, _ in render.shares(match.contributions)}
    assert sum(shown.values()) == pytest.approx(match.score)
    assert "what you plan" in shown


def a_match(make_digest: Callable[..., Digest], call: Call, profile: Profile) -> Match:
    return make_digest([call], [profile]).cities[0].best[0]


@pytest.mark.parametrize(
    ("fields", "when", "status"),
    [
        ({}, "closes 7 October 2027 (317 days left)", "Open"),
        (
            {"deadlines": ["2026-11-25 14:00"]},
            "closes 25 November 2026, 14:00 Brussels time (1 day left)",
            "Open",
        ),
        (
            {"opening": "2027-02-09"},
            "closes 7 October 2027 (317 days left)",
            "Forthcoming, opens 9 February 2027",
        ),
        ({"opening": None}, "closes 7 October 2027 (317 days left)", "Opening date not known"),
        (
            {"deadline_model": "two-stage", "deadlines": ["2027-02-01", "2027-09-01"]},
            "first stage closes 1 February 2027 (69 days left)",
            "Open",
        ),
        (
            {"deadline_model": "multiple cut-off", "deadlines": ["2026-10-31", "2026-12-31"]},
            "next cut-off 31 December 2026 (37 days left)",
            "Open",
        ),
        ({"deadline_model": "continuous", "deadlines": []}, "open all year, no closing date", "Open"),
    ],
)
def test_dates_in_words(
    make_digest: Callable[..., Digest],
    make_call: MakeCall,
    make_profile: MakeProfile,
    fields: dict[str, object],
    when: str,
    status: str,
) -> None:
    match = a_match(make_digest, make_call(**fields), make_profile())
    assert wording.deadline(match, MOMENT.date()) == when
    assert wording.status(match) == status


@pytest.mark.parametrize(
    ("fields", "grant"),
    [
        ({}, "not known"),
        ({"grant_min_eur": 1, "grant_max_eur": 2_000_000}, "€1 to €2,000,000"),
        ({"grant_min_eur": 5, "grant_max_eur": 5}, "€5"),
        ({"grant_max_eur": 5}, "up to €5"),
        ({"grant_min_eur": 5}, "from €5"),
    ],
)
def test_grants_in_words(make_call: MakeCall, fields: dict[str, object], grant: str) -> None:
    assert wording.grant(make_call(**fields)) == grant


@pytest.mark.parametrize(
    ("fields", "team"),
    [
        ({}, "not known"),
        ({"min_participants": 1, "min_countries": 1}, "one applicant is enough"),
        ({"min_participants": 3, "min_countries": 3}, "at least 3 partners from 3 countries"),
        ({"consortium_note": "One must be a city."}, "One must be a city"),
        ({"min_countries": 3}, "partners from at least 3 countries"),
        ({"min_participants": 2, "min_countries": 1}, "at least 2 partners from 1 country"),
    ],
)
def test_teams_in_words(make_call: MakeCall, fields: dict[str, object], team: str) -> None:
    assert wording.team(make_call(**fields)) == team


def test_the_pipeline_lists_broken_files_in_the_report_and_ranks_the_others(
    tmp_path: Path, make_call: MakeCall, make_profile: MakeProfile, encoder: HashingEncoder
) -> None:
    settings = Settings(
        profiles=tmp_path / "profiles",
        calls=tmp_path / "calls",
        reports=tmp_path / "out",
        cache=tmp_path / "cache",
        store=tmp_path / "store.db",
    )
    for folder in (settings.profiles, settings.calls):
        folder.mkdir()
    save_file(make_call(), settings.calls / "good.md")
    save_file(make_profile(), settings.profiles / "good.md")
    (settings.calls / "broken.md").write_text("---\ntitel: x\n---\n\ntext\n", encoding="utf-8")
    written = pipeline.report(settings, MOMENT, encoder=encoder)
    assert [file.name for file in written.files] == ["report-2026-11-24.html", "report-2026-11-24.md"]
    for file in written.files:
        text = file.read_text(encoding="utf-8")
        assert "broken.md" in text
        assert "titel" in text
        assert make_call().title in text


def test_the_pipeline_refuses_to_report_on_nothing(
    tmp_path: Path, make_call: MakeCall, encoder: HashingEncoder
) -> None:
    settings = Settings(
        profiles=tmp_path,
        calls=tmp_path / "calls",
        reports=tmp_path / "out",
        cache=tmp_path,
        store=tmp_path / "store.db",
    )
    settings.calls.mkdir()
    save_file(make_call(), settings.calls / "good.md")
    (tmp_path / "broken.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(BadFile, match=r"broken\.md"):
        pipeline.report(settings, MOMENT, encoder=encoder)
    assert list((tmp_path / "out").iterdir()) == []
