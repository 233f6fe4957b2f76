"""The report: nothing unescaped, nothing silently missing, readable by everyone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from vie_match import knowledge, pipeline
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadFile, Fault
from vie_match.history import Sighting
from vie_match.messages import M_
from vie_match.ranking.fusion import Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile
from vie_match.reports import document, reasons, render, wording
from vie_match.reports.digest import Background, Digest, digest
from vie_match.results import LeftOut, Match, MatchList, Verdict
from vie_match.settings import Settings
from vie_match.sources.files import save_file
from vie_match.sources.merge import merge
from vie_match.track.records import Participation
from vie_match.track.table import SHIPPED
from vie_match.vocabulary import Answer

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]
MOMENT = knowledge.at_noon(dt.date(2026, 11, 24))
SCRIPT = (Path(render.__file__).parent / "templates" / "report.js").read_text(encoding="utf-8")
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`|**[x](javascript:alert(1))"


@pytest.fixture
def make_digest(encoder: HashingEncoder) -> Callable[..., Digest]:
    def make(
        calls: list[Call],
        profiles: list[Profile],
        *,
        top: int = 5,
        sightings: Any = (),
        fusion: Fusion | None = None,
        track: Sequence[Participation] = (),
        **more: Any,
    ) -> Digest:
        known = merge([*(Sighting("files", call, MOMENT, MOMENT) for call in calls), *sightings])
        matcher = Matcher(encoder, fusion=fusion).fit([one.call for one in known])
        lists = matcher.rank(profiles, moment=MOMENT)
        background = Background(**more)
        return digest(lists, known, moment=MOMENT, top=top, model="tiny", background=background, track=track)

    return make


def fusion(*, threshold: float = 0.0, cities: float = 0.0) -> Fusion:
    """Weights under which a call without any likeness has the probability .5."""
    weights = {"similarity": 1.0, "cities": cities, "local": 0.0, "others": 0.0, "participation": 0.0}
    return Fusion("hashing", weights, 0.1, threshold, weights)


def soup_of(result: Digest) -> BeautifulSoup:
    """Return the page without its own script, which must be the only one."""
    soup = BeautifulSoup(render.html(result, network="network.html"), "html.parser")
    (script,) = soup.find_all("script")
    assert script.extract().string == SCRIPT
    return soup


def network_of(result: Digest) -> BeautifulSoup:
    return BeautifulSoup(render.network(result, report="report.html"), "html.parser")


def test_titles_and_texts_of_others_cannot_become_markup(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    call = make_call(title=EVIL, text=f"{EVIL}. Trees for streets.", source=EVIL, consortium_note=EVIL)
    closed = make_call("OLD", title=EVIL, deadlines=["2026-01-15"])
    profile = make_profile(title=EVIL, text=f"{EVIL}. Trees.", city={"name": EVIL, "country": "DE"})
    fault = Fault(Path(f"{EVIL}.md"), 3, EVIL, EVIL)
    soup = soup_of(make_digest([call, closed], [profile], faults=[fault], notices=[EVIL]))
    others = [make_profile("b", title=EVIL, city={"name": "Other", "country": "DE"}), profile]
    for page in (soup, network_of(make_digest([call, closed], others))):
        assert not page.find_all(["script", "img", "iframe", "object"])
        assert not [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
        assert EVIL in page.get_text()


def test_what_is_wrong_with_files_is_told_in_the_language_of_the_report(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    fault = Fault(Path("folder/a.md"), 3, M_("not known"), M_("not stated"))
    result = make_digest([make_call()], [make_profile()], faults=[fault], notices=[M_("not known")])
    for write in (render.html, render.markdown, render.text):
        told = " ".join(BeautifulSoup(write(result, "de"), "html.parser").get_text().split())
        assert "a.md, Zeile 3: gefunden nicht bekannt; erwartet nicht angegeben" in told
        assert told.count("nicht bekannt") > write(replace(result, notices=()), "de").count("nicht bekannt")
    told = document.record(result, "de")
    assert told.faults == ("folder/a.md:3: gefunden: nicht bekannt; erwartet: nicht angegeben",)
    assert told.notices == ("nicht bekannt",)


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
        assert "closed on 23 November 2026" in text


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


def test_the_bars_show_what_counted_for_and_against_and_no_score(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = make_digest([make_call("EUI-1", programme="EUI")], [make_profile()], fusion=fusion(cities=-1))
    (match,) = result.cities[0].best
    values = {part.name: part.value for part in match.contributions}
    shown = {name: (speaks_for, width) for name, speaks_for, width in render.shares(match.contributions)}
    assert shown["meaning"] == (
        True,
        round(100 * values["meaning"] / max(map(abs, values.values()))),
    )
    assert shown["audience"][0] is False
    assert "base rate" not in shown
    for text in (soup_of(result).get_text(), render.markdown(result)):
        assert f"{match.score:.2f}" not in text


def test_a_suggestion_has_its_reason_its_chance_and_whom_it_is_for(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = make_digest([make_call("EUI-1", programme="EUI")], [make_profile()], fusion=fusion(cities=1))
    (match,) = result.cities[0].best
    article = soup_of(result).article
    assert article is not None
    assert "what the texts mean" in article.get_text()
    page, file = " ".join(article.get_text().split()), render.markdown(result)
    for told in (reasons.reason(match), "The European Urban Initiative is for urban authorities"):
        assert told in page
        assert told in file
    assert reasons.chance(match.probability) in page.lower()
    assert reasons.chance(match.probability) in file.lower()
    assert "such suggestions" in page


def test_without_probabilities_no_chance_is_told(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = make_digest([make_call()], [make_profile()])
    assert "such suggestions" not in render.html(result) + render.markdown(result)


def test_a_project_without_a_recommended_call_gets_the_nearest_and_no_five_places(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [make_call(f"X-{number}", title=f"Trees {number}") for number in range(8)]
    result = make_digest(calls, [make_profile()], fusion=fusion(threshold=0.999))
    (part,) = result.cities
    assert part.nearest is not None
    assert len(part.others) == 8
    assert not soup_of(result).find_all("article")
    for text in (" ".join(soup_of(result).get_text().split()), render.markdown(result)):
        assert "Nothing suitable this week" in text
        assert [call.title for call in calls if call.title in text] == [part.nearest.call.title]
        assert reasons.chance(part.nearest.probability) in text
        assert "7 other open calls are too unlikely to be suggested" in text


def test_only_recommended_calls_are_shown_at_most_top_in_full(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [
        make_call(f"X-{number}", title=f"Trees {number}", text="Shade. " * number) for number in range(1, 8)
    ]
    ranked = make_digest(calls, [make_profile()], fusion=fusion()).cities[0].ranked
    (fourth,) = [match.probability for match in ranked if match.rank == 4]
    assert fourth is not None
    result = make_digest(calls, [make_profile()], top=2, fusion=fusion(threshold=fourth))
    (part,) = result.cities
    assert [match.rank for match in (*part.best, *part.further, *part.others)] == [1, 2, 3, 4, 5, 6, 7]
    assert [len(some) for some in (part.best, part.further, part.others)] == [2, 2, 3]
    assert part.nearest is None
    soup = soup_of(result)
    assert len(soup.find_all("article")) == 2
    assert "2 more calls" in soup.get_text()
    assert "Nothing suitable" not in soup.get_text()


def test_a_call_left_out_for_one_project_stands_with_that_project(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    profiles = [make_profile("a"), make_profile("b", city={"name": "Other", "country": "DE"})]
    result = make_digest([make_call(), make_call("OLD", deadlines=["2026-01-15"])], profiles)
    verdict = Verdict(rule="feedback", answer=Answer.NO, because="dismissed: not our topic")
    lists = [
        MatchList(
            profile=part.profile,
            moment=MOMENT,
            matches=part.ranked,
            left_out=(*result.left_out, *([LeftOut(call=make_call(EVIL), verdict=verdict)] if at else [])),
        )
        for at, part in enumerate(result.cities)
    ]
    again = digest(lists, list(result.known.values()), moment=MOMENT, top=5, model="tiny")
    assert [out.call.identifier for out in again.left_out] == ["OLD"]
    assert [len(part.left_out) for part in again.cities] == [0, 1]
    section = soup_of(again).find("h2", id=f"p-{again.cities[1].profile.id}")
    assert section is not None
    assert section.parent is not None
    assert "dismissed: not our topic" in section.parent.get_text()
    assert render.markdown(again).count("dismissed: not our topic") == 1


def test_calls_that_fit_several_cities_are_shown_by_call(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    profiles = [
        make_profile("a", role="lead", city={"name": "Essen", "country": "DE"}),
        make_profile("b", city={"name": "Ede", "country": "NL"}),
        make_profile("c", language="mt", city={"name": "Far", "country": "MT"}, text="Ħobż.", title="Ħobż"),
    ]
    record = Participation.model_validate(
        {
            "project_id": "7",
            "acronym": "LED",
            "programme": "HORIZON",
            "framework": "HORIZON",
            "role": "coordinator",
            "organisation": "Gemeente Ede",
            "city_id": "NL-ede",
            "city": "Ede",
            "country": "NL",
            "source": "CORDIS",
            "url": "https://example.org/7",
        }
    )
    calls = [
        make_call("X-1", min_participants=2),
        make_call("X-2", title="Ħobż", text="Ħobż.", language="mt"),
    ]
    result = make_digest(calls, profiles, top=1, track=[record])
    assert [len(view.fits) for view in result.network] == [2, 1]
    page, file = network_of(result), render.markdown(result)
    section = page.find("section", attrs={"aria-labelledby": "together"})
    assert section is not None
    text = " ".join(section.get_text().split())
    for told in (
        "Essen could lead, and Ede could join",
        "would lead or join; has coordinated LED (CORDIS)",
        "The call asks for at least 2 partners; these are 2 cities from 2 countries",
    ):
        assert told in text
        assert told in file
    assert section.find("a", href="https://example.org/7")
    matrix = page.find("table", class_="matrix")
    assert isinstance(matrix, Tag)
    columns = [tag.get_text(" ", strip=True) for tag in matrix.find_all("th", scope="col")]
    assert columns == ["Call", "Ede", "Essen", "Far"]
    (row,) = matrix.tbody.find_all("tr") if matrix.tbody else []
    assert [bool(cell.get_text(strip=True)) for cell in row.find_all("td")] == [True, True, False]
    single = page.find("section", attrs={"aria-labelledby": "single"})
    assert single is not None
    assert "Ħobż (LIFE; closes 7 October 2027 (317 days left)) – Far" in " ".join(single.get_text().split())
    assert page.find("a", href="report.html#p-a")
    assert soup_of(result).find("a", href="network.html")
    assert "network.html" not in render.html(result)


def test_a_suggested_team_stands_with_its_call(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    profiles = [make_profile("a"), make_profile("b", city={"name": "Ede", "country": "NL"})]
    result = replace(make_digest([make_call()], profiles), teams={"X-2027-01": ["Ede", "Town", EVIL]})
    told = f"suggested team Ede, Town and {EVIL}"
    assert told in " ".join(network_of(result).get_text().split())
    assert "suggested team: Ede, Town and" in render.markdown(result)


def test_without_a_call_for_several_cities_the_network_has_no_matrix(
    make_digest: Callable[..., Digest], make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = make_digest([make_call()], [make_profile()])
    assert "could apply together" not in render.markdown(result)
    assert not network_of(result).find("table")
    assert "No call fits more than one city this week." in network_of(result).get_text()


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
    assert [file.name for file in written.files] == [
        "report-2026-11-24.html",
        "report-2026-11-24.md",
        "network-2026-11-24.html",
    ]
    for file in written.files:
        text = file.read_text(encoding="utf-8")
        assert "broken.md" in text
        assert "titel" in text
        assert make_call().title in text


def test_a_broken_table_of_cities_is_told_in_one_line_and_stops_nothing(
    tmp_path: Path, make_call: MakeCall, make_profile: MakeProfile, encoder: HashingEncoder
) -> None:
    settings = Settings(
        profiles=tmp_path / "profiles",
        calls=tmp_path / "calls",
        cache=tmp_path / "cache",
        store=tmp_path / "store.db",
        cities=tmp_path / "cities.csv",
    )
    for folder in (settings.profiles, settings.calls):
        folder.mkdir()
    save_file(make_call(), settings.calls / "good.md")
    save_file(make_profile(), settings.profiles / "good.md")
    header = SHIPPED.read_text(encoding="utf-8").splitlines()[0]
    settings.cities.write_text(f"{header}\nx\ny\nz\n", encoding="utf-8")
    result = pipeline.match(settings, MOMENT, encoder=encoder)
    assert [part.best[0].call.title for part in result.cities] == [make_call().title]
    (fault,) = result.faults
    assert fault.path == settings.cities
    assert fault.line == 2
    assert fault.found.endswith("(and 2 more faults)")


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
