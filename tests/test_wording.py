"""Values of calls in words, in English and German: every value there can be has its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import pytest

from vie_match import vocabulary
from vie_match.changes import Change, ChangeKind, FieldChange
from vie_match.feedback import Feedback
from vie_match.history import Dispute, KnownCall, Origin
from vie_match.ranking.fusion import MEMORY
from vie_match.ranking.matcher import AUDIENCE, BASE_RATE, MEANING, THEMES, WORDS
from vie_match.records import Call, Deadline
from vie_match.reports import names, wording
from vie_match.reports.dismissed import Dismissed
from vie_match.results import LeftOut, Match, Verdict
from vie_match.vocabulary import (
    ActionType,
    Answer,
    Applicant,
    CallStatus,
    CountryGroup,
    DeadlineModel,
    PartnerKind,
    Programme,
    ReadingState,
    Role,
)

MakeCall = Callable[..., Call]

TODAY = dt.date(2027, 10, 1)
LANGUAGES = ("en", "de")


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (Programme, names.PROGRAMMES),
        (ActionType, names.ACTIONS),
        (DeadlineModel, names.MODELS),
        (CallStatus, names.STATUSES),
        (Applicant, names.APPLICANTS),
        (CountryGroup, names.GROUPS),
        (Role, names.ROLES),
        (PartnerKind, names.PARTNERS),
        (ChangeKind, names.CHANGES),
    ],
)
def test_every_member_of_a_closed_set_has_its_words(kind: type[StrEnum], table: Mapping[Any, str]) -> None:
    assert list(table) == list(kind)
    assert len(set(table.values())) == len(table)


def test_every_trouble_of_a_source_has_its_words() -> None:
    assert set(names.TROUBLES) == set(ReadingState) - {ReadingState.TAKEN_OVER}


def test_programmes_are_called_in_english_as_everywhere() -> None:
    assert names.PROGRAMMES == vocabulary.PROGRAMME_NAMES


def test_every_field_of_a_call_and_part_of_the_ranking_has_a_name(make_call: MakeCall) -> None:
    about_the_telling = {"identifier", "source", "source_date", "url"}
    assert set(names.FIELDS) == set(make_call().flat()) - about_the_telling
    assert set(names.PARTS) == {MEANING, WORDS, THEMES, AUDIENCE, MEMORY}
    assert names.SAME_FOR_ALL == BASE_RATE


def test_answers() -> None:
    assert [names.answer(one) for one in Answer] == ["yes", "no", "not known"]
    assert [names.answer(one, "de") for one in Answer] == ["ja", "nein", "offen"]


def test_what_has_no_name_is_called_as_it_is() -> None:
    assert names.field("no_such_field", "de") == "no_such_field"
    assert names.part_name("base rate", "de") == "base rate"


@pytest.mark.parametrize(
    ("fields", "english", "german"),
    [
        (
            {},
            "closes 7 October 2027 (6 days left)",
            "schließt am 7. Oktober 2027 (noch 6 Tage)",
        ),
        (
            {"deadlines": ["2027-10-02 17:00"]},
            "closes 2 October 2027, 17:00 Brussels time (1 day left)",
            "schließt am 2. Oktober 2027, 17:00 Uhr Brüsseler Zeit (noch 1 Tag)",
        ),
        (
            {"deadlines": ["2027-10-01"]},
            "closes 1 October 2027 (today)",
            "schließt am 1. Oktober 2027 (heute)",
        ),
        (
            {"deadlines": ["2027-10-07", "2028-03-01"], "deadline_model": "two-stage"},
            "first stage closes 7 October 2027 (6 days left)",
            "erste Stufe schließt am 7. Oktober 2027 (noch 6 Tage)",
        ),
        (
            {"deadlines": ["2027-10-07", "2028-03-01"], "deadline_model": "multiple cut-off"},
            "next cut-off 7 October 2027 (6 days left)",
            "nächster Stichtag 7. Oktober 2027 (noch 6 Tage)",
        ),
        (
            {"deadlines": [], "deadline_model": "continuous"},
            "open all year, no closing date",
            "ganzjährig offen, kein Einreichungsschluss",
        ),
        (
            {"deadlines": [], "deadline_model": "multiple cut-off"},
            "several cut-off dates, not known to us: see the page of the call",
            "mehrere Stichtage, uns nicht bekannt: siehe die Seite des Aufrufs",
        ),
        (
            {"deadlines": [], "deadline_model": "not stated"},
            "closing date not known to us: see the page of the call",
            "Frist uns nicht bekannt: siehe die Seite des Aufrufs",
        ),
    ],
)
def test_deadlines(make_call: MakeCall, fields: dict[str, Any], english: str, german: str) -> None:
    match = a_match(make_call(**fields))
    told = tuple(wording.deadline(match, TODAY, language) for language in LANGUAGES)
    assert told == (english, german)


@pytest.mark.parametrize(
    ("status", "english", "german"),
    [
        ("forthcoming", "Forthcoming, opens 1 January 2026", "Angekündigt, öffnet am 1. Januar 2026"),
        ("open", "Open", "Offen"),
        ("opening not known", "Opening date not known", "Tag der Öffnung nicht bekannt"),
    ],
)
def test_statuses(make_call: MakeCall, status: str, english: str, german: str) -> None:
    match = a_match(make_call()).model_copy(update={"status": CallStatus(status)})
    assert tuple(wording.status(match, language) for language in LANGUAGES) == (english, german)


@pytest.mark.parametrize(
    ("fields", "english", "german"),
    [
        ({}, "not known", "nicht bekannt"),
        ({"grant_min_eur": 10}, "from €10", "ab 10\xa0€"),
        ({"grant_max_eur": 10}, "up to €10", "bis 10\xa0€"),
        ({"grant_min_eur": 10, "grant_max_eur": 2000}, "€10 to €2,000", "10\xa0€ bis 2.000\xa0€"),
        ({"grant_min_eur": 10, "grant_max_eur": 10}, "€10", "10\xa0€"),
    ],
)
def test_grants(make_call: MakeCall, fields: dict[str, int], english: str, german: str) -> None:
    call = make_call(**fields)
    assert tuple(wording.grant(call, language) for language in LANGUAGES) == (english, german)


@pytest.mark.parametrize(
    ("fields", "english", "german"),
    [
        ({}, "not known", "nicht bekannt"),
        ({"min_participants": 1}, "one applicant is enough", "ein Antragsteller genügt"),
        (
            {"min_participants": 1, "min_countries": 2},
            "at least 1 partner from 2 countries",
            "mindestens 1 Partner aus 2 Staaten",
        ),
        ({"min_participants": 3}, "at least 3 partners", "mindestens 3 Partner"),
        (
            {"min_countries": 2, "consortium_note": "One city."},
            "partners from at least 2 countries. One city",
            "Partner aus mindestens 2 Staaten. One city",
        ),
    ],
)
def test_teams(make_call: MakeCall, fields: dict[str, Any], english: str, german: str) -> None:
    call = make_call(**fields)
    assert tuple(wording.team(call, language) for language in LANGUAGES) == (english, german)


@pytest.mark.parametrize(
    ("name", "text", "german"),
    [
        ("opening", "2027-10-07", "7. Oktober 2027"),
        ("deadlines", "continuous", "ganzjährig offen, kein Einreichungsschluss"),
        (
            "deadlines",
            "2027-10-07, 2028-03-01 12:00",
            "7. Oktober 2027, 1. März 2028, 12:00 Uhr Brüsseler Zeit",
        ),
        ("budget_total_eur", "1000000", "1.000.000\xa0€"),
        ("cofunding_rate", "0.6", "60\xa0%"),
        ("eligible_countries", "EU27, NO", "EU-Staaten, Norwegen"),
        ("eligible_applicants", "local_authority, sme", "Kommunen, kleine und mittlere Unternehmen"),
        ("action_type", "CSA", "Koordinierungs- und Unterstützungsmaßnahme"),
        ("deadline_model", "two-stage", "zweistufig"),
        ("consortium_note", "As it is, with a comma", "As it is, with a comma"),
        ("min_participants", "3", "3"),
        ("grant_max_eur", "", "nicht bekannt"),
    ],
)
def test_values_as_in_files(name: str, text: str, german: str) -> None:
    assert wording.value(name, text, "de") == german


def test_changes_old_and_new(make_call: MakeCall) -> None:
    fields = (
        FieldChange("source", "A portal", "files"),
        FieldChange("deadlines", "2027-10-07", "2027-11-07"),
        FieldChange("text", "", ""),
    )
    assert wording.changed(Change(ChangeKind.CHANGED, make_call(), fields), "de") == [
        "nicht mehr bei A portal, jetzt von files",
        "Frist: 7. Oktober 2027 → 7. November 2027",
        "Beschreibung neu gefasst",
    ]


def test_origins_and_disputes(make_call: MakeCall) -> None:
    leading, other = Origin("A portal", dt.date(2026, 11, 1)), Origin("B", None)
    dispute = Dispute("grant_max_eur", ((leading, "10"), (other, "20")))
    known = KnownCall(
        make_call(source="A portal"),
        origins={"identifier": leading, "title": leading, "opening": other, "cofunding_rate": other},
        disputes=(dispute,),
        first_seen=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        keys=frozenset({"x-2027-01"}),
    )
    assert wording.origins(known, "de") == (
        "A portal, 1. November 2026; Öffnung, Förderquote: B, nicht bekannt"
    )
    assert wording.dispute(dispute, "de") == (
        "größter Zuschuss: 10\xa0€ (A portal, 1. November 2026); 20\xa0€ (B, nicht bekannt)"
    )


def test_why_a_call_is_left_out(make_call: MakeCall) -> None:
    call = make_call(deadlines=["2026-10-07"])
    closed = LeftOut(call=call, verdict=Verdict(rule="deadline", answer=Answer.NO, because="closed"))
    entry = Feedback.model_validate(
        {"profile": "a", "call": "X", "verdict": "bad", "why": "not-our-topic", "day": "2026-11-24"}
    )
    verdict = Verdict(rule="feedback", answer=Answer.NO, because=entry.told())
    dismissed = Dismissed(call=call, verdict=verdict, entry=entry)
    refused = LeftOut(call=call, verdict=Verdict(rule="countries", answer=Answer.NO, because="EU only"))
    assert wording.left_out(closed) == "closed on 7 October 2026"
    assert wording.left_out(closed, "de") == "geschlossen am 7. Oktober 2026"
    assert wording.left_out(dismissed, "de") == "verworfen am 24. November 2026: es ist nicht das Thema"
    assert wording.left_out(refused, "de") == "EU only"


@pytest.mark.parametrize(
    ("fields", "english", "german"),
    [
        ({}, "dismissed", "verworfen"),
        ({"day": "2026-11-24"}, "dismissed on 24 November 2026", "verworfen am 24. November 2026"),
        (
            {"why": "no-cofunding"},
            "dismissed: the own share of the cost cannot be paid",
            "verworfen: der Eigenanteil ist nicht aufzubringen",
        ),
    ],
)
def test_what_was_dismissed(fields: dict[str, str], english: str, german: str) -> None:
    entry = Feedback.model_validate({"profile": "a", "call": "X", "verdict": "bad"} | fields)
    assert (entry.told(), entry.told("de")) == (english, german)


def test_a_moment_is_told_by_the_clock_of_brussels() -> None:
    assert wording.moment(Deadline.model_validate("2027-07-07 17:00")).endswith("17:00 Brussels time")


def a_match(call: Call) -> Match:
    moment = dt.datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=dt.UTC)
    return Match(
        profile_id="a",
        call=call,
        rank=1,
        score=1,
        status=CallStatus.OPEN,
        deadline=call.next_deadline(moment),
        contributions=(),
    )
