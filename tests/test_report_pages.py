"""The pages people read, as data and in a browser: languages, pictures, script, policy, accessibility."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from bs4 import BeautifulSoup
from digests import MOMENT, WEEK, made
from hypothesis import given
from hypothesis import strategies as st

from vie_match.errors import BadValue
from vie_match.history import Reading
from vie_match.records import Call, Profile
from vie_match.reports import reasons, render
from vie_match.reports.digest import Digest
from vie_match.reports.lines import narrowed
from vie_match.vocabulary import ReadingState

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = ("report", "network")


class Drawn(NamedTuple):
    svg: str
    title: str


_DOT = '<svg viewBox="0 0 9 9" role="img" aria-label="{text}"><circle r="4"/></svg>'
PICTURES = {
    "timeline": Drawn(_DOT.format(text="Dots"), 'Three calls, the "first" in March'),
    "chances-essen-heat": Drawn(_DOT.format(text="Dot"), "One call"),
}


@pytest.fixture(scope="module")
def week() -> Digest:
    """Two weeks in three cities: a new, a changed, a closing, a forthcoming and a gone call."""

    def call(name: str, **fields: object) -> Call:
        defaults: dict[str, object] = {
            "identifier": f"X-{name}",
            "title": f"Trees for {name} streets",
            "programme": "LIFE",
            "deadlines": ["2027-10-07"],
            "opening": "2026-01-01",
            "text": "Projects plant trees.\n\n## Scope\n\n- Streets become cooler.\n- Fountains.",
            "url": f"https://example.org/{name}",
            "source": "a portal",
            "source_date": "2026-11-20",
        }
        return Call.model_validate(defaults | fields)

    def profile(name: str, language: str, **fields: object) -> Profile:
        text = "Summers are hot.\n\n## What we plan\n\nTrees and shade in ten streets."
        return Profile.model_validate(
            {
                "id": f"{name.casefold()}-heat",
                "title": f"Cool streets for {name}",
                "language": language,
                "city": {"name": name, "country": "DE"},
                "text": text,
                "budget_eur": 1_000_000,
            }
            | fields
        )

    profiles = [
        profile("Essen", "en", role="lead"),
        profile("Pirna", "de", role="partner"),
        profile("Ede", "nl", city={"name": "Ede", "country": "NL"}),
    ]
    later = call("later", opening="2027-02-01", deadlines=["2027-11-30"], programme="EMFAF")
    same = [call("old"), call("soon", deadlines=["2026-12-20"]), later]
    before = [*same, call("moved", deadlines=["2027-08-01"]), call("lost")]
    now = [*same, call("moved", min_participants=3, min_countries=2), call("fresh", cofunding_rate=0.6)]
    first = made(before, profiles, moment=MOMENT - WEEK)
    failed = Reading("Portico", MOMENT, ReadingState.FAILED, message="found 503; try again later")
    return made([*now, call("ended", deadlines=["2026-01-15"])], profiles, before=first, readings=[failed])


def page(name: str, digest: Digest, language: str = "en") -> str:
    if name == "report":
        return render.html(digest, language, PICTURES, network="network.html")
    return render.network(digest, language, report="report.html")


@pytest.mark.parametrize("name", PAGES)
def test_only_the_pages_own_script_may_run_and_nothing_is_fetched(name: str, week: Digest) -> None:
    soup = BeautifulSoup(page(name, week), "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy["content"].split("; "))  # type: ignore[union-attr]
    assert rules["default-src"] == "'none'"
    for script in soup.find_all("script"):
        digest = hashlib.sha256(script.string.encode()).digest()
        assert rules["script-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert not soup.find_all(["link", "img", "iframe", "object", "base"])
    assert not re.search(r"url\(|@import", str(soup.style))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_pages_are_well_formed_in_every_language(name: str, language: str, week: Digest) -> None:
    soup = BeautifulSoup(page(name, week, language), "html.parser")
    assert soup.html
    assert soup.html["lang"] == language
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    anchors = [tag["href"] for tag in soup.find_all("a", href=re.compile("^#"))]
    assert {anchor[1:] for anchor in anchors} <= set(ids)
    assert "%(" not in soup.get_text()
    assert "{n}" not in soup.get_text()


def test_german_says_all_of_it_in_german(week: Digest) -> None:
    soup = BeautifulSoup(page("report", week, "de"), "html.parser")
    text = " ".join(soup.get_text().split())
    for told in (
        "1. Dezember 2026 · 3 Projekte · 6 Aufrufe gelesen, davon 5 offen oder angekündigt",
        "Portico konnte am 1. Dezember 2026 nicht gelesen werden.",
        "1 neu 1 geändert 1 bald zu Ende 2 weiter offen 1 weggefallen",
        "Frist: 1. August 2027 → 7. Oktober 2027",
        "keine Quelle führt ihn mehr",
    ):
        assert told in text
    assert soup.find("a", lang="en", string="Trees for fresh streets")


def test_an_unknown_language_is_refused(week: Digest) -> None:
    with pytest.raises(BadValue, match="'xx'"):
        render.html(week, "xx")


def test_pictures_stand_in_the_page_with_their_text_and_leave_no_gap(week: Digest) -> None:
    soup = BeautifulSoup(page("report", week), "html.parser")
    shown = [(figure.figcaption.get_text(), figure.svg.name) for figure in soup.find_all("figure")]
    assert shown == [('Three calls, the "first" in March', "svg"), ("One call", "svg")]
    assert not BeautifulSoup(render.html(week), "html.parser").find_all(["figure", "svg"])


@given(st.floats(0, 1))
def test_likely_means_the_same_in_words_and_in_the_filter(probability: float) -> None:
    assert (reasons.likelihood(probability) == "likely") is (probability >= render.LIKELY)


@pytest.mark.parametrize("language", ["en", "de"])
def test_plain_text_fits_a_screen_of_78_columns(language: str, week: Digest) -> None:
    text = render.text(week, language)
    long = [line for line in text.splitlines() if len(line) > 78 and "://" not in line]
    assert not long
    assert "\n\n\n" not in text
    for title in ("Trees for fresh streets", "Trees for moved streets", "Trees for lost streets"):
        assert title in text
    assert "https://example.org/fresh" in text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, week: Digest) -> Iterator[Callable[..., Page]]:
    """Opens a page in a window; an error or a refusal of its policy fails the test."""
    complaints: list[str] = []
    windows = []

    def open_one(name: str, language: str = "en", profile: str = "", **options: object) -> Page:
        file = tmp_path / f"{name}.html"
        told = narrowed(week, profile) if profile else week
        file.write_text(page(name, told, language), encoding="utf-8")
        window = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        windows.append(window)
        window.on("console", lambda message: complaints.append(message.text))
        window.on("pageerror", lambda error: complaints.append(str(error)))
        window.goto(file.as_uri())
        return window

    yield open_one
    for window in windows:
        window.context.close()
    assert complaints == []


def shown(window: Page) -> list[str]:
    """Return the titles of the suggestions that are seen, in their order."""
    titles = window.locator("article[data-item] h4").all()
    return [title.inner_text().split(". ", 1)[1] for title in titles if title.is_visible()]


def test_without_script_everything_is_there_and_no_dead_button(opened: Callable[..., Page]) -> None:
    window = opened("report", java_script_enabled=False)
    assert len(shown(window)) == 15
    assert not window.locator("form.tools").is_visible()


def test_the_script_filters_sorts_and_says_how_many_are_left(opened: Callable[..., Page]) -> None:
    window = opened("report")
    everything = shown(window)
    assert len(everything) == 15
    window.get_by_label("Filter by a word").fill("TREES moved")
    assert shown(window) == ["Trees for moved streets"] * 3
    assert window.locator("output").inner_text() == "3 of 15 suggestions are shown"
    assert not window.get_by_role("heading", name="Still open").first.is_visible()
    window.get_by_label("Filter by a word").fill("")
    assert shown(window) == everything
    window.get_by_label("Order").select_option("due")
    due = window.locator("#p-ede-heat ~ .group .cards").last.locator("article")
    assert due.evaluate_all("all => all.map(one => one.dataset.due)") == ["2027-10-07", "2027-11-30"]
    window.get_by_label("Order").select_option("rank")
    assert shown(window) == everything
    window.get_by_label("Programme").select_option("EMFAF")
    assert shown(window) == ["Trees for later streets"] * 3


def test_the_script_unfolds_and_folds_everything_by_keyboard(opened: Callable[..., Page]) -> None:
    window = opened("report")
    button = window.get_by_role("button", name="Unfold all")
    folds = window.locator("#cities details")
    for pressed in ("true", "false"):
        button.focus()
        window.keyboard.press("Enter")
        assert button.get_attribute("aria-pressed") == pressed
        assert folds.evaluate_all("all => all.map(one => one.open)") == [pressed == "true"] * folds.count()


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_need_not_scroll_sideways(name: str, opened: Callable[..., Page]) -> None:
    window = opened(name, viewport={"width": 390, "height": 844})
    assert window.evaluate("document.documentElement.scrollWidth") == 390


def test_what_is_printed_is_light_and_without_tools(opened: Callable[..., Page]) -> None:
    window = opened("report", color_scheme="dark")
    window.emulate_media(media="print")
    paper = "getComputedStyle(document.querySelector('.week')).backgroundColor"
    assert window.evaluate(paper) == "rgb(255, 255, 255)"
    assert not window.locator("form.tools").is_visible()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_barrier_in_light_or_dark(name: str, language: str, opened: Callable[..., Page]) -> None:
    carrier = pytest.importorskip("axe_playwright_python")
    axe = Path(carrier.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    # Of the German report one project says all, and axe reads its page in a third of the time.
    own = {"profile": "essen-heat"} if (name, language) == ("report", "de") else {}
    window = opened(name, language, color_scheme="light", **own)
    window.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    window.evaluate(axe)
    # Only colours are others in the dark.
    for scheme, rules, passes in (("light", "{}", 20), ("dark", "{runOnly: ['color-contrast']}", 1)):
        window.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = window.evaluate(f"axe.run({rules})")
        assert len(found["passes"]) >= passes
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []


def test_the_sections_of_the_week_are_those_of_the_two_weeks(week: Digest) -> None:
    titles = {
        section.section.value: [match.call.identifier for match in section.matches]
        + [gone.call.identifier for gone in section.gone]
        for section in week.cities[0].sections
    }
    assert {name: sorted(calls) for name, calls in titles.items()} == {
        "new": ["X-fresh"],
        "changed": ["X-moved"],
        "closing": ["X-soon"],
        "open": ["X-later", "X-old"],
        "gone": ["X-lost"],
    }
    assert week.since == dt.date(2026, 11, 24)
