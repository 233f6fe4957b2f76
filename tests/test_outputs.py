"""All forms of one digest: under their names, whole, leading to each other; the JSON keeps to its schema."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup
from digests import MOMENT, WEEK, made

from vie_match.errors import BadValue
from vie_match.exports import read
from vie_match.mail_settings import MailSettings
from vie_match.records import Call, Profile
from vie_match.reports import document, outputs
from vie_match.reports.digest import Digest
from vie_match.reports.lines import by_call, lines
from vie_match.reports.outputs import Form

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


@pytest.fixture
def digest(make_call: MakeCall, make_profile: MakeProfile) -> Digest:
    profiles = [make_profile(), make_profile("burg", city={"name": "Burg", "country": "DE"})]
    first = made([make_call("OLD"), make_call("GONE")], profiles)
    after = [
        make_call("OLD", deadlines=["2027-11-01 14:00"]),
        make_call("NEW"),
        make_call("PAST", deadlines=["2026-01-15"]),
    ]
    return made(after, profiles, before=first, moment=MOMENT + WEEK)


def test_every_form_has_its_file(digest: Digest, tmp_path: Path) -> None:
    written = outputs.write(digest, tmp_path / "reports", list(Form), "de")
    assert [path.name for path in written] == [
        "report-2026-12-08.html",
        "report-2026-12-08.md",
        "report-2026-12-08.txt",
        "report-2026-12-08.eml",
        "deadlines.ics",
        "report-2026-12-08.xlsx",
        "report-2026-12-08.csv",
        "report-2026-12-08.json",
        "news.atom",
        "report-2026-12-08.commongrants.json",
        "network-2026-12-08.html",
    ]
    assert [outputs.file_name(form, digest.today) for form in Form] == [path.name for path in written]
    assert all(path.stat().st_size for path in written)
    assert set((tmp_path / "reports").iterdir()) == set(written)


def test_only_what_was_asked_for_is_written_once(digest: Digest, tmp_path: Path) -> None:
    written = outputs.write(digest, tmp_path, [Form.TABLE, Form.MARKDOWN, Form.TABLE])
    assert [path.name for path in written] == ["report-2026-12-08.csv", "report-2026-12-08.md"]
    assert len(list(tmp_path.iterdir())) == 2


def test_pages_lead_to_each_other_when_both_are_written(digest: Digest, tmp_path: Path) -> None:
    def links(name: str) -> set[str]:
        soup = BeautifulSoup((tmp_path / name).read_text(encoding="utf-8"), "html.parser")
        return {str(link["href"]).partition("#")[0] for link in soup.find_all("a")}

    report, network = "report-2026-12-08.html", "network-2026-12-08.html"
    outputs.write(digest, tmp_path, [Form.HTML])
    assert network not in links(report)
    outputs.write(digest, tmp_path, [Form.HTML, Form.NETWORK])
    assert network in links(report)
    assert report in links(network)


def test_there_is_a_mail_for_each_list_of_recipients(digest: Digest, tmp_path: Path) -> None:
    settings = MailSettings(profiles={"burg": ("b@example.org",)})
    written = outputs.write(digest, tmp_path, [Form.MAIL], mail=settings)
    assert [path.name for path in written] == ["report-2026-12-08.eml", "report-2026-12-08-burg.eml"]


def test_an_unknown_language_is_told_before_anything_is_written(digest: Digest, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="found the language 'xx'"):
        outputs.write(digest, tmp_path, [Form.TABLE], "xx")
    assert list(tmp_path.iterdir()) == []


def test_the_same_digest_gives_the_same_files(digest: Digest, tmp_path: Path) -> None:
    # A workbook holds the moment at which it was made.
    forms = [form for form in Form if form is not Form.WORKBOOK]
    first = outputs.write(digest, tmp_path / "a", forms)
    second = outputs.write(digest, tmp_path / "b", forms)
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in second]


def test_the_document_keeps_to_its_schema_and_tells_all(digest: Digest) -> None:
    schema = document.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    told = json.loads(document.document(digest, "de"))
    jsonschema.validate(told, schema, format_checker=jsonschema.FormatChecker())
    assert (told["form"], told["version"], told["language"], told["since"]) == (
        "vie-match report",
        1,
        "de",
        "2026-12-01",
    )
    assert dt.datetime.fromisoformat(told["moment"]) == digest.moment
    by_profile = {part["profile"]: part for part in told["projects"]}
    for part in digest.cities:
        own = by_profile[part.profile.id]
        assert [one["call"]["identifier"] for one in own["suggestions"]] == [
            match.call.identifier for match in part.best
        ]
        assert {one["section"] for one in own["suggestions"]} == {"new", "changed"}
        assert [one["identifier"] for one in own["gone"]] == ["GONE"]
    changed = next(one for one in by_profile["burg"]["suggestions"] if one["section"] == "changed")
    assert changed["changes"] == [{"field": "deadlines", "before": "2027-10-07", "after": "2027-11-01 14:00"}]
    assert changed["deadline"] == "2027-11-01 14:00"
    assert {news["kind"] for news in told["news"]} == {"new", "changed", "gone"}
    assert [one["identifier"] for one in told["left_out"]] == ["PAST"]
    assert "geschlossen" in told["left_out"][0]["because"]


def test_the_document_comes_back_as_a_record(digest: Digest) -> None:
    assert document.ReportDocument.model_validate_json(document.document(digest)) == document.record(digest)


def test_every_field_of_the_document_is_required_but_the_two_that_name_the_form() -> None:
    schema = document.schema()
    for name, kind in {"ReportDocument": schema, **schema["$defs"]}.items():
        if kind.get("type") == "object":
            assert set(kind["properties"]) - set(kind["required"]) <= {"form", "version"}, name


def test_commongrants_holds_each_suggested_call_once(digest: Digest, tmp_path: Path) -> None:
    [path] = outputs.write(digest, tmp_path, [Form.COMMONGRANTS])
    assert [call.identifier for call in read(path)] == ["NEW", "OLD"]


def test_suggestions_stand_by_project_and_by_call(digest: Digest) -> None:
    rows = [(line.part.profile.id, line.call.identifier) for line in lines(digest)]
    assert sorted(rows) == [("burg", "NEW"), ("burg", "OLD"), ("town-heat", "NEW"), ("town-heat", "OLD")]
    assert [(row[0].call.identifier, len(row)) for row in by_call(digest)] == [("NEW", 2), ("OLD", 2)]
