"""Pictures: what they say to people who do not see them; that they are safe in a page, always the same."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from xml.etree import ElementTree

import matplotlib.image
import pytest

from vie_match.errors import BadValue
from vie_match.pictures import colours, labels, svg
from vie_match.pictures.bars import Share, bars
from vie_match.pictures.chances import chances
from vie_match.pictures.dots import LONGEST_MONTHS, Dot, Stage, months
from vie_match.pictures.picture import WIDTH, Picture, plain
from vie_match.pictures.teammap import Place, TeamRole, team_map
from vie_match.pictures.timeline import timeline
from vie_match.vocabulary import Answer

TODAY = dt.date(2026, 12, 1)
HOSTILE = "</text><script>alert(1)</script>&\"'\x00\x1b\u202e $x^2$ ]]>\n\ufffe💧 中"
SVG = "{http://www.w3.org/2000/svg}"

DOTS = [
    Dot("CIT-01", "Hamm", dt.date(2027, 10, 7), 0.61, Answer.YES, Stage.FIRST),
    Dot("D4-02", "Hamm", dt.date(2027, 1, 12), 0.4, Answer.UNKNOWN, Stage.CUT_OFF),
    Dot("D4-03", "Hamm", dt.date(2027, 1, 12), 0.1, Answer.NO),
    Dot("CET", "Sofia", None, 0.8, Answer.YES),
    Dot("FAR", "Sofia", dt.date(2029, 5, 1), 0.8, Answer.YES),
]
TEAM = [
    Place("Krefeld", "DE", 51.33, 6.56, TeamRole.LEAD),
    Place("Sofia", "BG", 42.7, 23.32, TeamRole.MEMBER),
    Place("Oulu", "FI", 65.0, 25.47, TeamRole.SUGGESTED),
    Place("Las Palmas", "ES", 28.1, -15.4, TeamRole.SUGGESTED),
    Place("Nowhere", "PL", None, None, TeamRole.SUGGESTED),
]
ALL: dict[str, Callable[[str], Picture]] = {
    "timeline": lambda language: timeline(DOTS, TODAY, language),
    "chances": lambda language: chances(DOTS[:4], "Hamm", TODAY, 0.3, language),
    "bars": lambda language: bars([Share("shared words", -0.1), Share("meaning", 0.4)], language),
    "team": lambda language: team_map(TEAM, language),
}


@pytest.fixture(params=ALL, scope="module")
def picture(request: pytest.FixtureRequest) -> Picture:
    """Each picture, drawn once."""
    return ALL[request.param]("en")


def hostile_ones() -> list[Picture]:
    dots = [Dot(HOSTILE, HOSTILE, dt.date(2027, 1, 12), 0.5, Answer.YES)]
    return [
        timeline(dots, TODAY),
        chances(dots, HOSTILE, TODAY, 0.3),
        bars([Share(HOSTILE, 1.0)]),
        team_map([Place(HOSTILE, "DE", 51.0, 7.0), Place(HOSTILE, "XX", None, None)]),
    ]


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


# ── What they say ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_timelines_text_has_each_city_with_its_next_deadline() -> None:
    text = timeline(DOTS, TODAY).alt
    assert "2 cities, from 1 December 2026 on" in text
    assert "Hamm: 3 calls, the next on 12 January 2027: D4-02 and D4-03." in text
    assert "Sofia: 2 calls, the next on 1 May 2029: FAR." in text
    assert timeline(DOTS[3:4], TODAY).alt.endswith("Sofia: 1 call, without a date.")


def test_the_timelines_text_is_german_in_german() -> None:
    found = timeline(DOTS, TODAY, "de")
    assert found.title == "Wann die vorgeschlagenen Aufrufe enden"
    assert "Hamm: 3 Aufrufe, der nächste endet am 12. Januar 2027: D4-02 und D4-03." in found.alt
    assert {"heute", "später", "ohne Frist"} <= set(words(ElementTree.fromstring(found.svg)))


def test_the_chances_text_has_each_call_with_its_figures() -> None:
    text = chances(DOTS[:4], "Hamm", TODAY, 0.3).alt
    assert "4 calls." in text
    assert "CIT-01: 61%, closes on 7 October 2027." in text
    assert "CET: 80%, closing date not known or none." in text
    assert "recommended from 30% on" in text


def test_what_has_no_probability_has_no_place_among_chances() -> None:
    found = chances([Dot("A", "Hamm", TODAY), DOTS[0]], "Hamm", TODAY)
    assert found.alt.startswith("1 call.")
    assert "A" not in words(ElementTree.fromstring(found.svg))
    assert "recommended" not in found.svg


def test_the_bars_text_says_what_spoke_for_the_call_and_what_against() -> None:
    text = bars([Share("words", -0.1), Share("meaning", 0.4), Share("themes", 0.2), Share("none", 0)]).alt
    assert "For the call, most first: meaning (100%) and themes (50%)." in text
    assert "Against it, most first: words (25%)." in text
    assert "none" not in text
    with pytest.raises(BadValue, match="found no share"):
        bars([Share("none", 0)])


def test_the_maps_text_lists_members_with_role_and_country() -> None:
    text = team_map(TEAM).alt
    assert "5 towns" in text
    assert "In the lead: Krefeld (Germany)." in text
    assert "Partners: Sofia (Bulgaria)." in text
    assert "Not on the map: Las Palmas (Spain) and Nowhere (Poland)." in text
    german = team_map(TEAM, "de").alt
    assert "Vorgeschlagen: Oulu (Finnland), Las Palmas (Spanien) und Nowhere (Polen)." in german
    with pytest.raises(BadValue, match="found no member"):
        team_map([])


def test_who_is_not_on_the_map_is_named_below_it_only() -> None:
    said = words(ElementTree.fromstring(team_map(TEAM).svg))
    assert {"Krefeld", "Sofia", "Oulu", "leads", "partner", "suggested"} <= set(said)
    assert "Nowhere" not in said
    assert "Not on the map: Las Palmas (Spain) and Nowhere (Poland)." in " ".join(said)


# ── Safe in any page ──────────────────────────────────────────────────────────────────────────────────────


def test_a_picture_says_what_it_is(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, text = (root.find(f"{SVG}{tag}") for tag in ("title", "desc"))
    assert title is not None
    assert text is not None
    assert (title.text, text.text) == (picture.title, picture.alt)
    assert root.get("aria-labelledby") == f"{title.get('id')} {text.get('id')}"
    assert root.get("lang") == "en"


def test_a_picture_takes_nothing_from_outside_and_runs_nothing(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "path", "use", "text", "g", "defs", "clipPath", "rect")
    }
    for element in root.iter():
        assert not [key for key in element.attrib if key.startswith("on")]
        for key, value in element.attrib.items():
            if key.endswith("href") or "url(" in value:
                assert re.fullmatch(r"#[\w-]+|url\(#[\w-]+\)", value)
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg\")|@import|<!DOCTYPE|<\?xml", picture.svg)


@pytest.mark.parametrize("number", range(4))
def test_hostile_labels_are_shown_as_text(number: int) -> None:
    found = hostile_ones()[number]
    root = ElementTree.fromstring(found.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in found.svg
    assert "\u202e" not in found.svg + found.alt + found.title
    assert "\x00" not in found.alt
    # As far as it is shown, as it was: the dollar signs are no formula.
    assert any(text.startswith("</text><script>") for text in words(root))
    assert found.png.startswith(b"\x89PNG")


def test_plain_keeps_what_can_be_seen() -> None:
    assert plain("Vári – Voúla\u00a0Σ\t\u202eЖ") == "Vári – Voúla Σ Ж"
    assert plain("abcdef", 4) == "abc…"
    assert plain("abcd", 4) == "abcd"


def test_ids_are_unique_in_a_page_with_several() -> None:
    ids = [
        found
        for name in ("a", "a-1", "a.1", "a_1", "a_2e_1", "ä")
        for picture in (chances(DOTS, "Hamm", TODAY, name=name), team_map(TEAM, name=f"map {name}"))
        for found in re.findall(r' id="([^"]+)"', picture.svg)
    ]
    assert len(ids) == len(set(ids))


def test_everything_that_is_used_is_there(picture: Picture) -> None:
    ids = set(re.findall(r' id="([^"]+)"', picture.svg))
    asked = set(re.findall(r'(?:href="|url\()#([\w-]+)', picture.svg))
    assert asked <= ids
    # Style sheets reach no part of what is used, so it must not have a colour of its own.
    for drawing in ElementTree.fromstring(picture.svg).iterfind(f".//{SVG}defs/{SVG}path"):
        assert not {"fill", "stroke"} & set(drawing.attrib)


@pytest.mark.parametrize("name", ALL)
def test_the_same_data_gives_the_same_bytes(name: str) -> None:
    first, second = ALL[name]("de"), ALL[name]("de")
    assert first.svg == second.svg
    assert first.png == second.png


def test_a_picture_is_drawn_when_asked_for() -> None:
    code = (
        "import sys, datetime as dt; from vie_match.pictures import timeline, dots, teammap, bars;"
        "p = timeline.timeline([dots.Dot('A', 'Hamm', dt.date(2027, 1, 1))], dt.date(2026, 12, 1));"
        "assert p.alt and 'matplotlib' not in sys.modules;"
        "assert p.svg and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ── On the paper ──────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_stands_off_the_paper(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    assert width == WIDTH
    for element in root.iter():
        if element.get("x") is None:
            continue
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        broad = labels.width(element.text or "") * 0.85
        start = {"middle": x - broad / 2, "end": x - broad}.get(element.get("text-anchor", ""), x)
        assert -1 <= start <= start + broad <= width + 1, element.text
        assert 0 <= y <= height


def test_no_words_of_a_line_stand_on_others(picture: Picture) -> None:
    lines: dict[str, list[tuple[float, float]]] = {}
    for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"):
        if element.get("text-anchor") is None:
            x = float(element.attrib["x"])
            ends = (x, x + 0.8 * labels.width(element.text or ""))
            lines.setdefault(element.attrib["y"], []).append(ends)
    for line in lines.values():
        for (_, end), (start, _) in pairwise(sorted(line)):
            assert end <= start


def test_dots_of_a_row_do_not_cover_each_other() -> None:
    same = [
        Dot(f"C{number}", "Hamm", dt.date(2027, 3, 1), 0.9, Answer.YES, Stage.FIRST) for number in range(5)
    ]
    near = [Dot("N", "Hamm", dt.date(2027, 3, 4), 0.9, Answer.YES)]
    root = ElementTree.fromstring(timeline([*same, *near], TODAY).svg)
    # The last is the key's.
    places = [(float(use.attrib["x"]), float(use.attrib["y"])) for use in root.iter(f"{SVG}use")][:6]
    assert len(set(places)) == 6
    for number, (x, y) in enumerate(places):
        for x2, y2 in places[:number]:
            assert abs(x - x2) >= 9 or abs(y - y2) >= 9


def test_letters_are_large_enough_on_a_telephone(picture: Picture) -> None:
    # 358 of 390 pixels, for a drawing of 400 units.
    sizes = [
        float(element.attrib["font-size"])
        for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")
    ]
    assert sizes
    assert min(sizes) * 358 / WIDTH >= 11


def test_pictures_are_small() -> None:
    cities = [f"Town {number}" for number in range(15)]
    crowd = [
        Dot(f"C{number}", city, TODAY + dt.timedelta(37 * number), number / 10, list(Answer)[number % 3])
        for city in cities
        for number in range(10)
    ]
    assert len(timeline(crowd, TODAY).svg.encode()) < 25_000
    assert len(chances(crowd[:10], "Town", TODAY, 0.3).svg.encode()) < 10_000
    assert len(team_map(TEAM).svg.encode()) < 30_000


def test_a_png_has_the_pictures_shape(picture: Picture) -> None:
    pixels = matplotlib.image.imread(io.BytesIO(picture.png), format="png")
    width, height = map(float, ElementTree.fromstring(picture.svg).attrib["viewBox"].split()[2:])
    assert pixels.shape[1] == 2 * WIDTH
    assert pixels.shape[0] / pixels.shape[1] == pytest.approx(height / width, abs=0.01)
    # Something is drawn, on white paper.
    assert pixels[0, 0, :3].tolist() == [1, 1, 1]
    assert pixels[..., :3].min() < 0.5


def brightness(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    weighed = 0.0
    for start, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
        part = int(colour[start : start + 2], 16) / 255
        weighed += weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return weighed


def contrast(one: str, other: str) -> float:
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_colours_stand_out_on_either_paper(dark: bool) -> None:
    there = {light: colours.DARK[light] if dark else light for light in colours.DARK}
    for ground in (colours.PAPER, colours.LAND, colours.HOME):
        assert contrast(there[colours.INK], there[ground]) >= 4.5
        assert contrast(there[colours.MARK], there[ground]) >= 3
    assert contrast(there[colours.SOFT], there[colours.PAPER]) >= 4.5
    for mark in (colours.BAR, colours.WARM):
        assert contrast(there[mark], there[colours.PAPER]) >= 3


def test_every_colour_of_a_picture_has_a_dark_one(picture: Picture) -> None:
    drawn = re.sub(r"<style>.*?</style>", "", picture.svg)
    used = set(re.findall(r'(?:fill|stroke)="(#[^"]+)"', drawn))
    assert used <= set(colours.DARK)
    assert len(set(colours.DARK)) == len(colours.DARK)
    for colour in used:
        assert f'="{colour}"]{{' in picture.svg


# ── Dates ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_dates_stand_in_their_order_and_what_is_far_in_columns() -> None:
    axis = months(DOTS, TODAY, 100, 400)
    near, far, later, none = (
        axis.at(date) for date in (dt.date(2027, 1, 12), dt.date(2027, 10, 7), dt.date(2029, 5, 1), None)
    )
    assert 100 == axis.at(TODAY) < near < far < later < none < 400
    assert axis.at(TODAY - dt.timedelta(3)) == 100
    names = [name for _, name in axis.ticks("en")]
    assert "2028" in names
    assert names[-2:] == ["later", "no date"]


def test_a_short_time_is_not_stretched() -> None:
    axis = months([Dot("A", "Hamm", TODAY + dt.timedelta(2))], TODAY, 0, 300)
    assert axis.at(TODAY + dt.timedelta(2)) < 10
    assert axis.later is None
    assert axis.undated is None


def test_months_are_named_for_the_longest_time_without_touching() -> None:
    end = TODAY + dt.timedelta(round(LONGEST_MONTHS * 30.4))
    for language in ("en", "de"):
        ticks = months([Dot("A", "Hamm", end)], TODAY, 150, 390).ticks(language)
        assert len(ticks) >= 4
        for (left, one), (right, other) in pairwise(ticks):
            assert right - left >= (labels.width(one) + labels.width(other)) / 2


# ── Labels ────────────────────────────────────────────────────────────────────────────────────────────────


def test_labels_of_dots_that_are_close_do_not_cover_each_other() -> None:
    spots = [labels.Spot(200 + number % 2, 100 + number, 4) for number in range(6)]
    texts = [f"LABEL-{number}" for number in range(6)]
    field = labels.Box(0, 0, 400, 200)
    boxes = []
    for text, label in zip(texts, labels.placed(spots, texts, field), strict=True):
        broad = labels.width(text)
        left = label.x if label.side == "left" else label.x - broad
        boxes.append(labels.Box(left, label.y - 6, left + broad, label.y + 6))
    for number, box in enumerate(boxes):
        assert box.outside(field) == 0
        assert all(box.shared(other) == 0 for other in boxes[:number])


# ── SVG ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_matplotlib_says_of_every_page_is_not_taken_over() -> None:
    drawn = (
        b'<?xml version="1.0"?><svg xmlns:xlink="http://www.w3.org/1999/xlink" width="400pt" '
        b'viewBox="0 0 400 9" xmlns="http://www.w3.org/2000/svg"><metadata>x</metadata>'
        b'<defs><style type="text/css">*{stroke-linejoin: round}</style></defs>'
        b'<g id="figure_1"><text style="font: 12px \'DejaVu Sans\'; fill: #1d2433" x="1.234567" y="2" '
        b'transform="rotate(-0 1.2 2)">a</text></g></svg>'
    )
    found = svg.finished(drawn, "n", "t", "d", "en")
    assert "*{" not in found
    assert "metadata" not in found
    assert 'width="400' not in found
    root = ElementTree.fromstring(found)
    (text,) = root.iter(f"{SVG}text")
    assert text.attrib == {"x": "1.2", "y": "2", "font-size": "12", "fill": "#1d2433"}
