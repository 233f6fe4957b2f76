"""The feed: what a reader of Atom needs, and entries that stay."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from digests import MOMENT, WEEK, made

from vie_match.formats.commongrants import opportunity
from vie_match.records import Call, Profile
from vie_match.reports.feed import feed

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]
ATOM = {"": "http://www.w3.org/2005/Atom"}


def texts(parent: ET.Element, path: str) -> list[str]:
    return [one.text or "" for one in parent.findall(path, ATOM)]


def entries(content: bytes) -> dict[str, ET.Element]:
    root = ET.fromstring(content)
    return {texts(one, "id")[0]: one for one in root.findall("entry", ATOM)}


def test_a_feed_has_what_the_standard_demands(make_call: MakeCall, make_profile: MakeProfile) -> None:
    old = make_call("OLD")
    first = made([old], [make_profile()])
    second = made([old, make_call("NEW")], [make_profile()], before=first, moment=MOMENT + WEEK)
    root = ET.fromstring(feed(second))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert len(texts(root, "author/name")) == len(texts(root, "title")) == 1
    assert texts(root, "updated") == ["2026-12-08T11:00:00Z"]
    [entry] = root.findall("entry", ATOM)
    for name in ("id", "title", "updated", "summary"):
        assert len(texts(entry, name)) == 1
        assert texts(entry, name)[0]
    assert [link.attrib for link in entry.findall("link", ATOM)] == [
        {"rel": "alternate", "href": "https://example.org/call"}
    ]
    ids = texts(root, "id") + texts(entry, "id")
    assert len({uuid.UUID(one) for one in ids}) == 2


def test_new_back_and_changed_calls_are_entries_others_are_not(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    first = made([make_call("SAME"), make_call("MOVED"), make_call("GONE")], [make_profile()])
    after = [make_call("SAME"), make_call("MOVED", deadlines=["2027-11-01"]), make_call("NEW")]
    second = made(after, [make_profile()], before=first, moment=MOMENT + WEEK)
    told = {
        texts(entry, "title")[0].partition(":")[0]: texts(entry, "summary")[0]
        for entry in entries(feed(second)).values()
    }
    assert told.keys() == {"new", "changed"}
    assert "7 October 2027 → 1 November 2027" in told["changed"]
    assert "Town" in told["new"]


def test_a_change_is_a_new_state_of_the_same_entry(make_call: MakeCall, make_profile: MakeProfile) -> None:
    zero = made([make_call("OTHER")], [make_profile()])
    first = made([make_call("OTHER"), make_call()], [make_profile()], before=zero, moment=MOMENT + WEEK)
    moved = make_call(deadlines=["2027-11-01"])
    second = made([make_call("OTHER"), moved], [make_profile()], before=first, moment=MOMENT + 2 * WEEK)
    before, after = entries(feed(first)), entries(feed(second))
    assert list(before) == list(after) == [f"urn:uuid:{opportunity(moved, MOMENT)['id']}"]
    [key] = after
    assert texts(after[key], "updated")[0] > texts(before[key], "updated")[0]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_first_report_has_no_entries_and_is_a_feed_all_the_same(
    make_call: MakeCall, make_profile: MakeProfile, language: str
) -> None:
    content = feed(made([make_call()], [make_profile()]), language)
    assert entries(content) == {}
    assert ET.fromstring(content).get("{http://www.w3.org/XML/1998/namespace}lang") == language


def test_moments_are_told_in_utc(make_call: MakeCall, make_profile: MakeProfile) -> None:
    moment = MOMENT + dt.timedelta(hours=1, minutes=2, seconds=3)
    root = ET.fromstring(feed(made([make_call()], [make_profile()], moment=moment)))
    assert texts(root, "updated") == ["2026-12-01T12:02:03Z"]
