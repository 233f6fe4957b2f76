"""matplotlib's SVG → a small one that may stand in any page.

Letters stay letters, in the reader's font; ids begin with the picture's name; the colours are attributes,
which every program reads, and a style sheet of the picture's own turns them where the reader wishes dark.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from vie_match.pictures.colours import DARK, PAPER

# Shown at most half as large again as drawn, so that its letters are about as large as the page's.
_LARGEST = 1.35
_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"

_IN_THE_DARK = "@media screen and (prefers-color-scheme:dark)"
_SPACE = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"

_FRACTION = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_AROUND_LETTERS = re.compile(r"\s*([A-Za-z])\s*")
_CURVE = re.compile(r"[CQ]")
_STEP = re.compile(r"([MLz])\s*(?:(-?[\d.]+)\s+(-?[\d.]+))?")
_NO_TURN = re.compile(r"rotate\(-?0(?:\.0*)?[ ,][^)]*\)")
_ID = re.compile(r"#([\w.-]+)")
# "font: bold 12px 'DejaVu Sans'", as older versions write it.
_FONT_SIZE = re.compile(r"([\d.]+)px")

# The font is the reader's; how lines are joined is said once.
_DROPPED = frozenset({"font-family", "font-style", "stroke-linejoin", "stroke-linecap", "stroke-miterlimit"})
_USUAL = frozenset({("text-anchor", "start"), ("stroke-dashoffset", "0"), ("stroke-width", "1")})


def finished(drawn: bytes, name: str, title: str, text: str, language: str) -> str:
    """Return the SVG element that stands in pages and files.

    Parameters
    ----------
    drawn : bytes
        As matplotlib wrote it.
    name : str
        Different for every picture of a page; its ids are made of it.
    title, text : str
        For people who do not see it.
    language : str
        Of both, ISO 639-1.
    """
    root = ElementTree.fromstring(drawn)  # noqa: S314 - matplotlib's own, no one else's
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SPACE}}}")
    root[:] = _flat(root)
    for element in root.iter():
        _tidy(element)
    for drawing in root.iterfind(".//defs/path"):
        # Each use says its colours itself; style sheets do not reach what is used.
        drawing.attrib = {
            key: value for key, value in drawing.attrib.items() if key not in ("fill", "stroke")
        }
    root[:] = _grouped(root)
    name = _id(name)
    _rename(root, name)
    width = float(root.attrib["viewBox"].split()[2])
    root.attrib = {
        "xmlns": _SPACE,
        "id": name,
        "role": "img",
        "lang": language,
        "aria-labelledby": f"{name}_title {name}_text",
        "viewBox": root.attrib["viewBox"],
        "font-family": _FONT,
        "stroke-linejoin": "round",
        "style": f"display:block;width:100%;max-width:{width * _LARGEST:.0f}px;height:auto",
    }
    root[:0] = [
        _element("title", title, id=f"{name}_title"),
        _element("desc", text, id=f"{name}_text"),
        _element("style", _style(root, name)),
    ]
    return ElementTree.tostring(root, encoding="unicode")


def _id(name: str) -> str:
    """Return an id that no other name has, also not with a "_" and more behind it.

    Examples
    --------
    >>> _id("chances-hamm-2027.b")
    'picture-chances-hamm-2027_2e_b'
    """
    return "picture-" + re.sub(r"[^\w-]|_", lambda sign: f"_{ord(sign[0]):x}_", name)


def _element(tag: str, text: str, **attributes: str) -> Element:
    made = Element(tag, attributes)
    made.text = text
    return made


def _flat(element: Element) -> list[Element]:
    """Return the children without the groups around them that say nothing, and without matplotlib's style."""
    found: list[Element] = []
    for child in element:
        if child.tag in ("metadata", "style"):
            continue
        child[:] = _flat(child)
        child.tail = None
        if child.tag == "g" and not set(child.attrib) - {"id"}:
            found += child
        elif len(child) or child.tag not in ("g", "defs"):
            found.append(child)
    return found


def _tidy(element: Element) -> None:
    """Say everything in attributes, and numbers to a tenth of a unit."""
    attributes = element.attrib
    for part in attributes.pop("style", "").split(";"):
        key, _, value = (piece.strip() for piece in part.partition(":"))
        if key == "font":
            key, value = "font-size", found[1] if (found := _FONT_SIZE.search(value)) else ""
        if value and key not in _DROPPED:
            attributes[key] = value.removesuffix("px")
    for key in [key for key, value in attributes.items() if (key, value) in _USUAL]:
        del attributes[key]
    if _NO_TURN.fullmatch(attributes.get("transform", "")):
        del attributes["transform"]
    if _LINK in attributes:
        attributes["href"] = attributes.pop(_LINK)
    for key, value in attributes.items():
        attributes[key] = _shortened(value) if key == "d" else _FRACTION.sub(_tenths, value)
    if element.text and not element.text.strip():
        element.text = None


def _grouped(root: Element) -> list[Element]:
    """Return the parts with dots of one colour beside each other in a group that says it once."""
    found: list[Element] = []
    for colours, parts in groupby(root, _colours):
        row = list(parts)
        if colours and len(row) > 1:
            group = Element("g", dict(colours))
            group[:] = row
            for dot in row:
                for key, _ in colours:
                    del dot.attrib[key]
            row = [group]
        found += row
    return found


def _colours(part: Element) -> tuple[tuple[str, str], ...]:
    if part.tag != "use":
        return ()
    return tuple((key, part.attrib[key]) for key in ("fill", "stroke") if key in part.attrib)


def _shortened(path: str) -> str:
    """Return a path in tenths of a unit, each straight line as the step from the last point.

    Examples
    --------
    >>> _shortened("M 10.52 20 L 10 20.24 L 9 20.24 z")
    'M10.5 20l-.5 .2-1 0z'
    """
    if _CURVE.search(path):
        return _AROUND_LETTERS.sub(r"\1", _FRACTION.sub(_tenths, path))
    said: list[str] = []
    here, before = (0, 0), ""
    for letter, x, y in _STEP.findall(path):
        if letter == "z":
            said.append("z")
        else:
            # Whole tenths, so that what steps lose by rounding does not add up.
            there = (round(10 * float(x)), round(10 * float(y)))
            step = there if letter == "M" else (there[0] - here[0], there[1] - here[1])
            # A letter that is not said counts on.
            sign = "M" if letter == "M" else " " if before == "L" else "l"
            said.append(f"{sign}{_written(step[0])} {_written(step[1])}")
            here = there
        before = letter
    return "".join(said).replace(" -", "-")


def _written(tenths: int) -> str:
    return f"{tenths / 10:g}".replace("0.", ".") if abs(tenths) < 10 else f"{tenths / 10:g}"


def _tenths(number: re.Match[str]) -> str:
    # Adding nothing makes of -0 a 0.
    return f"{round(float(number[0]), 1) + 0:g}"


def _rename(root: Element, name: str) -> None:
    """Keep only the ids that something refers to, and begin them with the picture's name."""
    named = {element.get("id") for element in root.iter()}
    asked = {
        found[1]
        for element in root.iter()
        for key, value in element.attrib.items()
        if key in ("href", "clip-path") and (found := _ID.search(value))
    }
    order = [element.get("id", "") for element in root.iter() if element.get("id") in asked & named]
    ids = {old: f"{name}_{number}" for number, old in enumerate(order, 1)}
    for element in root.iter():
        if (own := element.attrib.pop("id", None)) in ids:
            element.set("id", ids[own])
        for key in ("href", "clip-path"):
            if key in element.attrib:
                element.set(key, _ID.sub(lambda found: "#" + ids[found[1]], element.attrib[key]))


def _style(root: Element, name: str) -> str:
    used = {element.get(kind) for element in root.iter() for kind in ("fill", "stroke")}
    rules = "".join(
        f'#{name} [{kind}="{light}"]{{{kind}:{dark}}}'
        for light, dark in DARK.items()
        if light in used
        for kind in ("fill", "stroke")
    )
    # Letters stand out of lines that cross them, in programs that can draw a rim behind letters.
    rim = f"#{name} text{{paint-order:stroke;stroke-width:3px;stroke:{PAPER}}}"
    dark_rim = f"#{name} text{{stroke:{DARK[PAPER]}}}"
    return f"@supports(paint-order:stroke){{{rim}{_IN_THE_DARK}{{{dark_rim}}}}}{_IN_THE_DARK}{{{rules}}}"
