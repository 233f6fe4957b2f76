"""What stands in which section of a city: new, changed, closing soon, still open, gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from vie_match import knowledge
from vie_match.changes import SOURCE, Change, ChangeKind, FieldChange
from vie_match.history import KnownCall, Sighting
from vie_match.records import Call, Profile
from vie_match.reports import dismissed, render
from vie_match.reports.agenda import SPARE_DAYS, Section, Why, acted_on
from vie_match.reports.digest import Background, CityPart, Digest, digest
from vie_match.reports.terms import Desk
from vie_match.results import LeftOut, Match, MatchList, Verdict
from vie_match.sources.merge import merge
from vie_match.store.suggestions import Suggestion
from vie_match.vocabulary import Answer, CallStatus

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]
MOMENT = knowledge.at_noon(dt.date(2026, 12, 1))
TODAY = MOMENT.date()
SINCE = dt.date(2026, 11, 24)
# A council's decision and the writing, as the eligibility check assumes them for one applicant.
NEEDED = 72


def ranked(profile: Profile, *chances: tuple[Call, float], left_out: Sequence[LeftOut] = ()) -> MatchList:
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
        for rank, (call, chance) in enumerate(chances, 1)
    ]
    return MatchList(profile=profile, moment=MOMENT, matches=matches, left_out=tuple(left_out), threshold=0.3)


def known(*calls: Call) -> list[KnownCall]:
    return merge(Sighting("files", call, MOMENT, MOMENT) for call in calls)


def digest_of(*lists: MatchList, top: int = 5, more: Sequence[Call] = (), **background: Any) -> Digest:
    calls = {match.call.identifier: match.call for one in lists for match in one.matches}
    calls |= {out.call.identifier: out.call for one in lists for out in one.left_out}
    desk = Desk(MOMENT)
    return digest(
        [desk.apart(one, top) for one in lists],
        known(*calls.values(), *more),
        moment=MOMENT,
        top=top,
        model="tiny",
        background=Background(**background),
        terms=desk.terms,
    )


def titles(part: CityPart, section: Section) -> list[str]:
    return [match.call.title for match in part.section(section).matches]


def moved(call: Call, field: str = "deadlines", before: str = "2027-09-01", after: str = "") -> Change:
    return Change(ChangeKind.CHANGED, call, (FieldChange(field, before, after or "2027-10-07"),))


def test_each_call_stands_in_the_first_section_that_is_true_of_it(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    soon = (TODAY + dt.timedelta(NEEDED + SPARE_DAYS - 1)).isoformat()
    later = (TODAY + dt.timedelta(NEEDED + SPARE_DAYS)).isoformat()
    new, back, changed, closing, still = (
        make_call(f"X-{name}", title=name, deadlines=[day], min_participants=1)
        for name, day in (
            ("new", soon),
            ("back", later),
            ("changed", soon),
            ("closing", soon),
            ("still", later),
        )
    )
    news = [
        Change(ChangeKind.NEW, new),
        Change(ChangeKind.BACK, back),
        moved(changed),
        moved(closing, "text", "", ""),
    ]
    one = ranked(make_profile(), *((call, 0.9) for call in (still, closing, changed, back, new)))
    (part,) = digest_of(one, changes=news, since=SINCE).cities
    assert [(section.section, titles(part, section.section)) for section in part.sections] == [
        (Section.NEW, ["back", "new"]),
        (Section.CHANGED, ["changed"]),
        (Section.CLOSING, ["closing"]),
        (Section.OPEN, ["still"]),
        (Section.GONE, []),
    ]


def test_the_first_report_has_nothing_new_and_nothing_gone(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    result = digest_of(ranked(make_profile(), (make_call(), 0.9)))
    (part,) = result.cities
    assert titles(part, Section.OPEN) == [make_call().title]
    assert [result.count(section) for section in Section] == [0, 0, 0, 1, 0]
    page = render.html(result)
    assert "This is the first report" in page
    assert "This week: 0 closing soon, 1 still open." in render.text(result)


@pytest.mark.parametrize(
    ("field", "before", "after", "counts"),
    [
        ("deadlines", "2027-03-01", "2027-04-01", True),
        ("deadlines", "2026-10-01, 2027-03-01", "2027-03-01", False),
        ("deadlines", "2027-03-01", "2027-03-01, 2027-09-01", True),
        ("deadlines", "2027-03-01", "", False),
        ("deadlines", "", "2027-03-01", True),
        ("budget_total_eur", "1000000", "2000000", True),
        ("cofunding_rate", "0.6", "", False),
        ("conditions", "", "", True),
        ("text", "", "", False),
        ("title", "a", "b", False),
        (SOURCE, "Portal", "Portico", True),
    ],
)
def test_a_change_counts_when_an_office_acts_on_it(
    make_call: MakeCall, field: str, before: str, after: str, *, counts: bool
) -> None:
    change = Change(ChangeKind.CHANGED, make_call(), (FieldChange(field, before, after),))
    assert bool(acted_on(change, TODAY)) is counts


def test_a_changed_call_tells_the_old_and_the_new_value(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    call = make_call()
    result = digest_of(ranked(make_profile(), (call, 0.9)), changes=[moved(call)], since=SINCE)
    for text in (render.html(result), render.markdown(result), " ".join(render.text(result).split())):
        assert "deadline: 1 September 2027 → 7 October 2027" in text
    assert "Frist: 1. September 2027 → 7. Oktober 2027" in render.html(result, "de")


def test_what_closes_first_is_told_first_and_the_rest_stands_behind_a_fold(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    days = [40, 20, 60, 30]
    calls = [
        make_call(f"X-{left}", title=f"in {left}", deadlines=[(TODAY + dt.timedelta(left)).isoformat()])
        for left in days
    ]
    (part,) = digest_of(ranked(make_profile(), *((call, 0.9) for call in calls)), top=3).cities
    closing = part.section(Section.CLOSING)
    assert [match.call.title for match in closing.shown] == ["in 20", "in 30", "in 40"]
    assert [match.call.title for match in closing.folded] == ["in 60"]
    assert len(closing) == 4
    assert [match.rank for match in part.best] == [1, 2, 4]
    assert [match.rank for match in part.further] == [3]


def suggestions(profile: Profile, *calls: Call) -> list[Suggestion]:
    return [Suggestion(profile.id, call.identifier, rank, 0.5) for rank, call in enumerate(calls, 1)]


def test_what_the_last_report_suggested_is_gone_with_the_reason(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    swiss = make_profile(city={"name": "Chur", "country": "CH"})
    names = ("kept", "withdrawn", "unlikely", "closed", "ended", "refused", "dismissed", "never")
    calls = {name: make_call(f"X-{name}", title=name) for name in names}
    calls["closed"] = make_call("X-closed", title="closed", deadlines=["2026-11-27"])
    calls["refused"] = make_call("X-refused", title="refused", programme="EUI", eligible_countries=["EU27"])
    said = Verdict(rule="deadline", answer=Answer.NO, because="closed")
    bad = Verdict(rule=dismissed.RULE, answer=Answer.NO, because="not our topic")
    one = ranked(
        swiss,
        (calls["kept"], 0.9),
        (calls["refused"], 0.8),
        (calls["unlikely"], 0.1),
        (calls["never"], 0.1),
        left_out=[
            LeftOut(call=calls["closed"], verdict=said),
            LeftOut(call=calls["dismissed"], verdict=bad),
        ],
    )
    earlier = suggestions(swiss, *(calls[name] for name in names if name != "never"))
    result = digest_of(
        one,
        since=SINCE,
        suggested=[*earlier, *suggestions(make_profile("another"), calls["never"])],
        changes=[Change(ChangeKind.GONE, calls["withdrawn"]), Change(ChangeKind.CLOSED, calls["ended"])],
    )
    (part,) = result.cities
    assert [(gone.call.title, gone.why) for gone in part.section(Section.GONE).gone] == [
        ("withdrawn", Why.WITHDRAWN),
        ("unlikely", Why.UNLIKELY),
        ("closed", Why.CLOSED),
        ("ended", Why.CLOSED),
        ("refused", Why.REFUSED),
    ]
    assert result.count(Section.GONE) == 5
    page = " ".join(BeautifulSoup(render.html(result), "html.parser").get_text().split())
    for told in (
        "withdrawn: no source has it any more",
        "unlikely: it has become too unlikely to be suggested",
        "refused: your city may not take part",
    ):
        title, why = told.split(": ")
        assert told in page
        assert told in render.text(result)
        assert f"- [{title}](https://example.org/call): {why}" in render.markdown(result)


def test_a_call_that_is_led_under_another_identifier_is_not_gone(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    profile, call = make_profile(), make_call("EU-7")
    led = replace(known(call)[0], keys=frozenset({"eu-7", "portico-99"}))
    one = ranked(profile, (call, 0.9))
    background = Background(since=SINCE, suggested=[Suggestion(profile.id, "Portico-99", 1, 0.9)])
    result = digest([one], [led], moment=MOMENT, top=5, model="tiny", background=background)
    assert result.cities[0].section(Section.GONE).gone == ()


def test_the_week_counts_calls_not_cities_and_names_the_three_that_press_most(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    left = {"late": 10, "tight": NEEDED, "soon": NEEDED + 5, "next": NEEDED + 20, "far": 300}
    calls = {
        name: make_call(
            f"X-{name}",
            title=name,
            deadlines=[(TODAY + dt.timedelta(days)).isoformat()],
            min_participants=1,
        )
        for name, days in left.items()
    }
    endless = make_call("X-endless", deadlines=[], deadline_model="continuous")
    one = ranked(make_profile("a"), *((call, 0.6) for call in (*calls.values(), endless)))
    other = ranked(make_profile("b", city={"name": "Ede", "country": "NL"}), (calls["soon"], 0.9))
    result = digest_of(one, other)
    assert [entry.match.call.title for entry in result.urgent] == ["tight", "soon", "next"]
    assert [part.profile.city.name for part in result.urgent[1].cities] == ["Ede", "Town"]
    assert result.urgent[1].match.profile_id == "b"
    assert result.count(Section.CLOSING) == 4
    assert "<strong>4</strong> closing soon" in render.html(result)


def test_what_is_suggested_is_what_the_next_report_remembers(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    calls = [make_call(f"X-{number}", title=f"Trees {number}") for number in range(4)]
    one = ranked(make_profile(), *zip(calls, (0.9, 0.8, 0.7, 0.1), strict=True))
    assert digest_of(one, top=1).suggested == (
        Suggestion("town-heat", "X-0", 1, 0.9),
        Suggestion("town-heat", "X-1", 2, 0.8),
        Suggestion("town-heat", "X-2", 3, 0.7),
    )
    plain = [match.model_copy(update={"probability": None}) for match in one.matches]
    unsure = one.model_copy(update={"matches": tuple(plain), "threshold": None})
    assert [entry.call for entry in digest_of(unsure, top=2).suggested] == ["X-0", "X-1"]


@given(
    facts=st.lists(
        st.tuples(
            st.sampled_from([None, *ChangeKind]),
            st.sampled_from([5, 90, 300]),
            st.floats(0, 1),
            st.booleans(),
        ),
        max_size=12,
    ),
    top=st.integers(1, 4),
)
def test_every_recommended_call_stands_in_exactly_one_section(
    facts: list[tuple[ChangeKind | None, int, float, bool]], top: int
) -> None:
    profile = Profile.model_validate(
        {"id": "a", "title": "x", "language": "en", "city": {"name": "Town", "country": "DE"}, "text": "x"}
    )
    chances, news = [], []
    for number, (kind, left, chance, is_dated) in enumerate(facts):
        call = Call.model_validate(
            {
                "identifier": f"X-{number}",
                "title": "x",
                "programme": "LIFE",
                "text": "x",
                "source": "a portal",
                "deadlines": [(TODAY + dt.timedelta(left)).isoformat()] if is_dated else [],
                "deadline_model": "single-stage" if is_dated else "continuous",
            }
        )
        chances.append((call, chance))
        if kind:
            news.append(Change(kind, call, (FieldChange("opening", "", "2027-01-01"),)))
    one = ranked(profile, *chances)
    result = digest([one], known(*(call for call, _ in chances)), moment=MOMENT, top=top, model="tiny",
                    background=Background(since=SINCE, changes=news))  # fmt: skip
    (part,) = result.cities
    placed = [match.call.identifier for section in part.sections for match in section.matches]
    assert sorted(placed) == sorted(match.call.identifier for match in one.recommended)
    assert all(len(section.shown) <= top for section in part.sections)
    assert part.ranked == one.matches
