"""Eligibility, money and time beside the ranking: what moves, what stays, what is said, what is asked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given
from hypothesis import strategies as st

from vie_match import knowledge, pipeline
from vie_match.eligibility.check import KnownRules, rules_of_call
from vie_match.eligibility.money import Cofunding, own_share
from vie_match.embedding.encoder import HashingEncoder
from vie_match.history import Sighting
from vie_match.records import Call, Profile
from vie_match.reports import render, terms, terms_wording
from vie_match.reports.digest import Digest, digest
from vie_match.reports.terms import Desk, Terms
from vie_match.results import Match, MatchList
from vie_match.settings import Settings
from vie_match.sources.files import save_file
from vie_match.sources.merge import merge
from vie_match.vocabulary import Answer, CallStatus

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]
MOMENT = knowledge.at_noon(dt.date(2026, 11, 24))
ONLY_MEMBERS = "Participation is limited to legal entities established in Member States."
ONE = "Applications may only be submitted by one legal entity."


def horizon(make_call: MakeCall, text: str = "", number: int = 1, **more: Any) -> Call:
    """A topic whose own conditions stand between the pointers to the General Annexes."""
    return make_call(
        f"HORIZON-CL5-2027-01-D1-{number:02}",
        programme="HORIZON",
        action_type="IA",
        conditions="2. Eligible Countriesdescribed in Annex B."
        f"3. Other Eligible Conditions{text}described in Annex B.",
        **more,
    )


def for_members(make_call: MakeCall, identifier: str = "EUI-1", **more: Any) -> Call:
    """A call whose record says that only organisations from the EU may take part."""
    return make_call(identifier, programme="EUI", eligible_countries=["EU27"], **more)


def ranked(
    profile: Profile, calls: Sequence[Call], *chances: float, threshold: float | None = 0.3
) -> MatchList:
    told = chances or [None] * len(calls)
    matches = [
        Match(
            profile_id=profile.id,
            call=call,
            rank=rank,
            score=-rank,
            probability=chance,
            status=CallStatus.OPEN,
            deadline=call.next_deadline(MOMENT),
            contributions=(),
        )
        for rank, (call, chance) in enumerate(zip(calls, told, strict=True), 1)
    ]
    return MatchList(profile=profile, moment=MOMENT, matches=matches, threshold=threshold)


def digest_of(*lists: MatchList, top: int = 5) -> Digest:
    desk = Desk(MOMENT)
    apart = [desk.apart(one, top) for one in lists]
    calls = {match.call.identifier: match.call for one in lists for match in one.matches}
    known = merge([Sighting("files", call, MOMENT, MOMENT) for call in calls.values()])
    return digest(apart, known, moment=MOMENT, top=top, model="tiny", terms=desk.terms)


def told(call: Call, profile: Profile) -> Terms:
    found = Desk(MOMENT).judge(call, profile)
    assert found is not None
    return found


def page_of(result: Digest) -> BeautifulSoup:
    return BeautifulSoup(render.html(result), "html.parser")


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text().split())


@pytest.fixture
def swiss(make_profile: MakeProfile) -> Profile:
    return make_profile("swiss-x", city={"name": "Chur", "country": "CH"})


def test_a_call_for_others_moves_to_not_for_you_with_rule_quote_and_source(
    make_call: MakeCall, make_profile: MakeProfile, swiss: Profile
) -> None:
    calls = [
        horizon(make_call, ONLY_MEMBERS, title="Quoted"),
        for_members(make_call, title="Stated", url="https://example.org/eui"),
        horizon(make_call, number=2, title="Open to all"),
    ]
    result = digest_of(ranked(swiss, calls, 0.9, 0.8, 0.7), ranked(make_profile(), calls, 0.9, 0.8, 0.7))
    chur, town = result.cities
    assert [(match.rank, match.call.title) for match in chur.best] == [(1, "Open to all")]
    assert [match.call.title for match in town.best] == ["Quoted", "Stated", "Open to all"]
    assert [(out.call.title, out.verdict.rule, out.verdict.source) for out in chur.left_out] == [
        ("Quoted", "eligible_countries", ONLY_MEMBERS),
        ("Stated", "eligible_countries", "https://example.org/eui"),
    ]
    assert chur.refused == chur.left_out
    because = "only organisations from the EU – broken by Chur"
    assert [out.verdict.because for out in chur.left_out] == [because, because]
    assert result.left_out == ()
    section = page_of(result).find("section", attrs={"aria-labelledby": "p-swiss-x"})
    assert isinstance(section, Tag)
    assert "Not for you, because … (2 calls)" in words(section)
    assert f"Quoted (Horizon Europe): {because}. {ONLY_MEMBERS}" in words(section)
    assert section.find("a", href="https://example.org/eui", string="page of the call")
    text = render.markdown(result)
    assert text.count("Not for you, because …") == 1
    assert f": {because}. “{ONLY_MEMBERS}”" in text
    assert f": {because}. [source](https://example.org/eui)" in text


def test_what_is_missing_in_the_team_is_no_refusal(make_call: MakeCall, make_profile: MakeProfile) -> None:
    result = digest_of(ranked(make_profile(), [horizon(make_call)], 0.9))
    (part,) = result.cities
    assert len(part.best) == 1
    assert part.left_out == ()
    verdict = (
        "Not eligible alone; eligible in a larger team. Missing: 2 more organisations from Member States or "
        "associated countries as beneficiaries, from 2 more countries."
    )
    assert words(page_of(result).find("p", class_="may")) == verdict
    assert verdict in render.markdown(result).replace("**", "")


def test_a_larger_team_is_eligible_only_if_all_conditions_were_at_hand(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    found = told(make_call(min_participants=3, min_countries=2), make_profile())
    assert (found.alone.answer, found.joined, found.clear) == (Answer.NO, Answer.UNKNOWN, True)
    assert terms_wording.verdict(found) == (
        "Not eligible alone; in a larger team nothing known is against it"
    )
    assert terms_wording.needs(found) == ("2 more organisations as beneficiaries, from 1 more country",)
    assert terms_wording.asked(found) == ("What does the page of the call say about who may apply?",)
    assert terms_wording.asked(found, "de") == (
        "Was sagt die Seite des Aufrufs dazu, wer einen Antrag stellen darf?",
    )


def test_one_applicant_needs_nobody_and_may_bring_nobody(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    found = told(horizon(make_call, ONE), make_profile())
    assert (found.alone.answer, found.joined, found.partners) == (Answer.YES, Answer.NO, 0)
    assert found.refusals == ()
    assert terms_wording.verdict(found) == "Eligible alone; only one applicant is allowed"
    assert terms_wording.verdict(found, "de") == (
        "Allein antragsberechtigt; nur ein Antragsteller ist zugelassen"
    )
    assert terms_wording.because(found) == "one applicant only – the team has 1: Town"


def test_an_open_question_keeps_the_call_and_two_are_shown_the_rest_folded(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    text = "Applicants must be shipyards. Applicants must be shepherds. Applicants must be poets."
    result = digest_of(ranked(make_profile(), [horizon(make_call, text)], 0.9))
    assert len(result.cities[0].best) == 1
    page = page_of(result)
    shown, folded = words(page.find("p", class_="may")), words(page.select_one("article details"))
    assert [name for name in ("shipyards", "shepherds", "poets") if name in shown] == [
        "shipyards",
        "shepherds",
    ]
    assert "Open, too: Does the team meet this: “Applicants must be poets.”?" in folded


def test_what_is_known_of_the_city_is_asked_before_documents(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    note = "At least one living lab must take part as a beneficiary."
    found = told(make_call(consortium_note=note), make_profile(city={"name": "Pirna", "country": "DE"}))
    assert terms_wording.asked(found) == (
        "Does Pirna bring a living lab?",
        "What does the page of the call say about who may apply?",
    )
    assert terms_wording.because(found) == "Does Pirna bring a living lab?"


EVIL = "<img src=x onerror=alert(1)>**[x](javascript:alert(1))"


def test_quoted_conditions_cannot_become_markup(make_call: MakeCall, swiss: Profile) -> None:
    calls = [
        horizon(
            make_call, f"Participation is limited to legal entities {EVIL} established in Member States."
        ),
        horizon(make_call, f"Applicants must be shipyards {EVIL}.", number=2),
    ]
    result = digest_of(ranked(swiss, calls, 0.9, 0.8))
    page = page_of(result)
    assert not page.find_all("img")
    assert not [tag for tag in page.find_all("a") if tag["href"].startswith("javascript")]
    assert EVIL in page.get_text()
    text = render.markdown(result)
    assert "onerror" in text
    for mark in ("<img", r"\*\*\[x", r"\]\(javascript"):
        assert not re.search(rf"(?<!\\){mark}", text)


def test_every_rule_stands_in_the_fold_with_its_quote_or_page(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    sentence = "At least two SMEs must take part as beneficiaries."
    call = horizon(make_call, sentence)
    found = told(call, make_profile())
    lines = terms_wording.rules(found)
    assert len(lines) == len(found.alone.verdicts)
    assert [line.answer for line in lines] == sorted(line.answer for line in lines)
    assert [line.demand for line in lines if line.quote == sentence] == ["at least 2 SMEs as beneficiaries"]
    assert all(line.quote or line.url for line in lines)
    page = page_of(digest_of(ranked(make_profile(), [call], 0.9)))
    fold = page.select_one("article details")
    assert isinstance(fold, Tag)
    assert "May you apply: rule by rule" in words(fold)
    assert fold.find("q", string=sentence)
    links = [tag["href"] for tag in fold.find_all("a")]
    assert links == [line.url for line in lines if not line.quote]


LEADS = "The coordinator must be established in a Widening country."


def test_who_may_not_lead_may_still_join(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = horizon(make_call, LEADS)
    found = told(call, make_profile(role="lead"))
    assert found.refusals == ()
    assert [one.rule.quote and one.rule.quote.text for one in found.not_as_lead] == [LEADS]
    assert terms_wording.not_as_lead(found).startswith("Not as lead: a coordinator from Widening countries")
    assert told(call, make_profile(role="partner")).not_as_lead == ()
    assert told(call, make_profile(role="lead", city={"name": "Pula", "country": "HR"})).not_as_lead == ()
    assert "Not as lead: " in words(
        page_of(digest_of(ranked(make_profile(role="lead"), [call], 0.9))).article
    )


@pytest.mark.parametrize(
    ("call", "profile", "share", "own"),
    [
        ({}, {"budget_eur": 1_000_000}, "not known", ""),
        ({"cofunding_rate": 0.6}, {}, "up to 60%", ""),
        (
            {"cofunding_rate": 0.6, "grant_max_eur": 700_000},
            {"budget_eur": 1_000_000, "own_contribution_eur": 300_000},
            "up to 60%",
            "at least €400,000 of your €1,000,000 is yours to pay, more than the €300,000 you can pay",
        ),
        (
            {"cofunding_rate": 0.6, "grant_max_eur": 500_000},
            {"budget_eur": 1_000_000, "own_contribution_eur": 400_000},
            "up to 60%",
            "at least €400,000 of your €1,000,000 is yours to pay, within the €400,000 you can pay; "
            "no grant is larger than €500,000",
        ),
        (
            {"cofunding_rate": 1.0},
            {"budget_eur": 1_000_000, "own_contribution_eur": 0},
            "up to 100%",
            "nothing of your €1,000,000 is left to pay if all of it is accepted",
        ),
    ],
)
def test_share_and_own_contribution(
    make_call: MakeCall,
    make_profile: MakeProfile,
    call: dict[str, Any],
    profile: dict[str, Any],
    share: str,
    own: str,
) -> None:
    one, other = make_call(**call), make_profile(**profile)
    found = told(one, other)
    assert terms_wording.share(found) == share
    assert terms_wording.own(found, one, other) == own


def test_a_city_whose_country_is_not_funded_pays_all(make_call: MakeCall, make_profile: MakeProfile) -> None:
    call = make_call("EIT-UM-SIOC-2026-2028", programme="EIT", cofunding_rate=0.65)
    money = {"budget_eur": 1_000_000, "own_contribution_eur": 300_000}
    swiss = make_profile(city={"name": "Chur", "country": "CH"}, **money)
    found = told(call, swiss)
    assert terms_wording.share(found) == "nothing: partners from your country get no money"
    assert terms_wording.own(found, call, swiss) == (
        "all of your €1,000,000 is yours to pay, more than the €300,000 you can pay"
    )
    german = make_profile(**money)
    assert terms_wording.share(told(call, german)) == "up to 65%"
    assert terms_wording.own(told(call, german), call, german, "de") == (
        "von Ihren 1.000.000\xa0€ zahlen Sie mindestens 350.000\xa0€, "
        "mehr als die 300.000\xa0€, die Sie zahlen können"
    )


def test_an_open_rate_is_told_as_a_range_and_a_recalled_one_as_such(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    call, profile = make_call(), make_profile(budget_eur=1_000_000, own_contribution_eur=300_000)
    rate = Cofunding(low=0.6, high=0.8, rules=(), sourced=False)
    found = replace(told(call, profile), rate=rate, own=own_share(1_000_000, rate, 300_000))
    assert terms_wording.share(found) == "60% to 80%, but no source at hand says so"
    assert terms_wording.own(found, call, profile) == (
        "€200,000 to €400,000 of your €1,000,000 is yours to pay, and you can pay €300,000"
    )
    assert terms_wording.share(found, "de") == "60\xa0% bis 80\xa0%, doch keine Quelle belegt es"


@pytest.mark.parametrize(
    ("fields", "time", "is_tight"),
    [
        (
            {"deadlines": ["2027-10-07"], "min_participants": 3},
            "317 days left; such an application takes about 92 days "
            "(assumed: council 42, 2 × 10 for partners, writing 30)",
            False,
        ),
        (
            {"deadlines": ["2026-12-04"]},
            "only 10 days left; such an application takes about 72 days (assumed: council 42, writing 30)",
            True,
        ),
        (
            {"deadlines": ["2026-11-24"]},
            "closes today; such an application takes about 72 days (assumed: council 42, writing 30)",
            True,
        ),
        (
            {"deadlines": [], "deadline_model": "continuous"},
            "no closing date; such an application takes about 72 days (assumed: council 42, writing 30)",
            False,
        ),
        (
            {"deadlines": [], "deadline_model": "not stated"},
            "closing date not known; such an application takes about 72 days "
            "(assumed: council 42, writing 30)",
            False,
        ),
    ],
)
def test_days_left_stand_beside_days_needed(
    make_call: MakeCall, make_profile: MakeProfile, fields: dict[str, Any], time: str, is_tight: bool
) -> None:
    result = digest_of(ranked(make_profile(), [make_call(**fields)], 0.9))
    page, text = words(page_of(result).article), render.markdown(result)
    assert f"{'Too tight: ' if is_tight else ''}{time}" in page
    assert ("Too tight" in page, "Too tight" in text) == (is_tight, is_tight)
    assert time in text


def test_needs_are_told_once_and_two_in_full(make_call: MakeCall, make_profile: MakeProfile) -> None:
    text = (
        "At least three cities, each from a different Member State or Associated Country, must participate "
        "as beneficiaries. "
        "At least one of the cities must be one of the 112 cities selected for the Mission. "
        "At least two SMEs must take part as beneficiaries."
    )
    found = told(horizon(make_call, text), make_profile())
    needs = terms_wording.needs(found)
    assert len(needs) == len(set(needs))
    assert any(need.startswith("2 more cities") and "from 2 more countries" in need for need in needs)
    assert "2 more SMEs as beneficiaries" in needs
    assert not any("organisations as beneficiaries" in need for need in needs)
    assert terms_wording.missing(found).endswith(f"; {len(needs) - 2} more points")


def test_a_call_that_cannot_be_judged_is_named_and_shown(
    tmp_path: Path,
    make_call: MakeCall,
    make_profile: MakeProfile,
    encoder: HashingEncoder,
    monkeypatch: pytest.MonkeyPatch,
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
    save_file(make_call("BAD-1", title="Trees one"), settings.calls / "a.md")
    save_file(make_call("GOOD-1", title="Trees two"), settings.calls / "b.md")
    for name in ("a", "b"):
        save_file(make_profile(f"{name}-x"), settings.profiles / f"{name}.md")

    def stumble(call: Call) -> KnownRules:
        if call.identifier == "BAD-1":
            raise RecursionError("too deep")
        return rules_of_call(call)

    monkeypatch.setattr(terms, "rules_of_call", stumble)
    written = pipeline.report(settings, MOMENT, encoder=encoder)
    for part in written.digest.cities:
        assert {match.call.identifier for match in part.best} == {"BAD-1", "GOOD-1"}
        assert set(part.terms) == {"GOOD-1"}
    notices = [notice for notice in written.digest.notices if "BAD-1" in notice]
    assert len(notices) == 1
    assert "RecursionError: too deep" in notices[0]
    for file in written.files:
        assert "RecursionError: too deep" in file.read_text(encoding="utf-8")
        if file.name.startswith("report-"):
            assert "Not known whether you may apply" in file.read_text(encoding="utf-8")


def test_rules_are_read_once_a_call_and_only_of_what_is_shown(
    make_call: MakeCall, make_profile: MakeProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counting(call: Call) -> KnownRules:
        read.append(call.identifier)
        return rules_of_call(call)

    monkeypatch.setattr(terms, "rules_of_call", counting)
    calls = [make_call(f"X-{number}") for number in range(6)]
    profiles = [make_profile("a"), make_profile("b")]
    digest_of(*(ranked(one, calls, 0.9, 0.8, 0.7, 0.2, 0.1, 0.1) for one in profiles), top=2)
    assert read == ["X-0", "X-1", "X-2"]
    read.clear()
    digest_of(*(ranked(one, calls, threshold=None) for one in profiles), top=2)
    assert read == ["X-0", "X-1"]


def test_the_nearest_call_is_one_that_the_city_may_enter(make_call: MakeCall, swiss: Profile) -> None:
    calls = [for_members(make_call), for_members(make_call, "EUI-2"), make_call("X-1"), make_call("X-2")]
    (part,) = digest_of(ranked(swiss, calls, 0.9, 0.2, 0.1, 0.05)).cities
    assert part.best == ()
    assert part.nearest is not None
    assert part.nearest.call.identifier == "X-1"
    assert [out.call.identifier for out in part.left_out] == ["EUI-1", "EUI-2"]
    assert set(part.terms) == {"EUI-1", "EUI-2", "X-1"}


CHANCE = st.floats(0, 1)


@given(
    rows=st.lists(st.tuples(CHANCE, st.booleans()), max_size=8),
    threshold=st.one_of(st.none(), CHANCE),
    top=st.integers(1, 5),
)
def test_nothing_vanishes_and_nothing_else_moves(
    rows: list[tuple[float, bool]], threshold: float | None, top: int
) -> None:
    rows = sorted(rows, key=lambda row: -row[0])
    calls = [
        Call.model_validate(
            {
                "identifier": f"X-{number}",
                "title": "T",
                "programme": "EUI",
                "text": "t",
                "deadlines": ["2027-10-07"],
                "eligible_countries": ["EU27"] if closed else ["EU27", "CH"],
                "url": "https://example.org",
            }
        )
        for number, (_, closed) in enumerate(rows)
    ]
    profile = Profile.model_validate(
        {"id": "p", "title": "t", "language": "de", "text": "x", "city": {"name": "Chur", "country": "CH"}}
    )
    before = ranked(profile, calls, *(chance for chance, _ in rows), threshold=threshold)
    desk = Desk(MOMENT)
    after = desk.apart(before, top)
    kept = [match.call.identifier for match in after.matches]
    out = [one.call.identifier for one in after.left_out]
    assert sorted([*kept, *out]) == sorted(call.identifier for call in calls)
    assert [match.rank for match in after.matches] == list(range(1, len(kept) + 1))
    shown = {match.call.identifier: match for match in before.matches}
    for match in after.matches:
        assert match.model_copy(update={"rank": 0}) == shown[match.call.identifier].model_copy(
            update={"rank": 0}
        )
    assert kept == [call.identifier for call in calls if call.identifier in kept]
    closed = {call.identifier for call, (_, is_closed) in zip(calls, rows, strict=True) if is_closed}
    assert set(out) <= closed
    visible = after.recommended if threshold is not None else after.matches[:top]
    assert not closed & {match.call.identifier for match in visible}
