"""The view of a whole network: who fits, who might lead, who competes, who could apply together."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vie_match import knowledge
from vie_match.cli import app, main
from vie_match.records import Call, Profile
from vie_match.reports import network_wording, terms_wording
from vie_match.reports.network import Basis, CallView, Lead, call_views, of_profile
from vie_match.reports.terms import Desk
from vie_match.results import Match, MatchList
from vie_match.sources.files import save_file
from vie_match.track.records import Participation
from vie_match.vocabulary import Answer, CallStatus, PartnerKind, Role

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]
MOMENT = knowledge.at_noon(dt.date(2026, 11, 24))

assert main.COMMANDS  # importing it registers the commands


def a_part(city: str, role: str = "coordinator", number: str = "1", **fields: object) -> Participation:
    country, _, name = city.partition("-")
    defaults: dict[str, object] = {
        "project_id": number,
        "acronym": f"P{number}",
        "programme": "HORIZON",
        "framework": "HORIZON",
        "start": f"202{number}-01-01",
        "role": role,
        "organisation": f"City of {name}",
        "city_id": city,
        "city": name.title(),
        "country": country,
        "source": "CORDIS",
        "url": f"https://example.org/{number}",
    }
    return Participation.model_validate(defaults | fields)


def ranked(profile: Profile, *calls: tuple[Call, float | None], threshold: float | None = 0.3) -> MatchList:
    matches = tuple(
        Match(
            profile_id=profile.id,
            call=call,
            rank=rank,
            score=-rank,
            probability=probability,
            status=CallStatus.OPEN,
            deadline=call.next_deadline(MOMENT),
            contributions=(),
        )
        for rank, (call, probability) in enumerate(calls, 1)
    )
    return MatchList(profile=profile, moment=MOMENT, matches=matches, threshold=threshold)


@pytest.fixture
def in_city(make_profile: MakeProfile) -> MakeProfile:
    """A profile of a named city in a country, with a role."""

    def make(name: str, country: str = "DE", role: str = "either", **fields: Any) -> Profile:
        city = {"name": name, "country": country} | fields.pop("city", {})
        identifier = fields.pop("id", f"{name.lower()}-x".replace(" ", "-"))
        return make_profile(identifier, city=city, role=role, **fields)

    return make


def view_of(call: Call, *profiles: Profile) -> CallView:
    (view,) = call_views([ranked(one, (call, 0.5)) for one in profiles])
    return view


def relations(view: CallView) -> list[tuple[Basis, list[str]]]:
    return [(one.basis, [profile.city.name for profile in one.profiles]) for one in view.relations]


def test_a_call_fits_where_it_is_recommended_and_most_cities_come_first(
    make_call: MakeCall, in_city: MakeProfile
) -> None:
    wide, narrow, weak = make_call("WIDE"), make_call("NARROW"), make_call("WEAK")
    lists = [
        ranked(in_city("Hamm"), (narrow, 0.9), (wide, 0.4), (weak, 0.1)),
        ranked(in_city("Pirna"), (wide, 0.35), (weak, 0.2)),
    ]
    views = call_views(lists)
    assert [view.call.identifier for view in views] == ["WIDE", "NARROW"]
    assert [fit.profile.city.name for fit in views[0].fits] == ["Hamm", "Pirna"]
    assert [(fit.match.rank, view.call.identifier) for fit, view in of_profile(views, lists[0].profile)] == [
        (1, "NARROW"),
        (2, "WIDE"),
    ]


def test_without_probabilities_the_first_of_every_profile_count(
    make_call: MakeCall, in_city: MakeProfile
) -> None:
    calls = [make_call(f"C{number}") for number in range(4)]
    one = ranked(in_city("Hamm"), *((call, None) for call in calls), threshold=None)
    assert [view.call.identifier for view in call_views([one], top=2)] == ["C0", "C1"]


def test_the_order_of_the_profiles_changes_nothing(make_call: MakeCall, in_city: MakeProfile) -> None:
    calls = [make_call(f"C{number}") for number in range(3)]
    lists = [
        ranked(in_city(name), *((call, 0.5) for call in calls[start:]))
        for start, name in enumerate(("Hamm", "Pirna", "Krefeld"))
    ]
    views = call_views(lists)
    for seed in range(5):
        assert call_views(random.Random(seed).sample(lists, 3)) == views


@pytest.mark.parametrize(
    ("role", "record", "answer", "told"),
    [
        ("lead", [], Answer.YES, "wants to lead; no earlier project is known"),
        (
            "partner",
            [a_part("DE-hamm")],
            Answer.NO,
            "wants to be a partner; has coordinated P1 (2021, CORDIS)",
        ),
        ("either", [], Answer.UNKNOWN, "would lead or join; no earlier project is known"),
        ("either", [a_part("DE-hamm")], Answer.YES, "would lead or join; has coordinated P1 (2021, CORDIS)"),
        (
            "either",
            [a_part("DE-hamm", number="3"), a_part("DE-hamm", number="5"), a_part("DE-hamm", number="5")],
            Answer.YES,
            "would lead or join; has coordinated 2 projects, the latest P5 (2025, CORDIS)",
        ),
        (
            "either",
            [a_part("DE-hamm", "participant")],
            Answer.UNKNOWN,
            "would lead or join; did not coordinate its one known project (CORDIS)",
        ),
        (
            "lead",
            [a_part("DE-hamm", "participant"), a_part("DE-hamm", "third party", "2", source="keep.eu")],
            Answer.YES,
            "wants to lead; coordinated none of its 2 known projects (CORDIS, keep.eu)",
        ),
        (
            "either",
            [a_part("DE-hamm", start=None)],
            Answer.YES,
            "would lead or join; has coordinated P1 (CORDIS)",
        ),
    ],
)
def test_who_might_lead_rests_on_the_wish_and_on_what_was_coordinated(
    make_call: MakeCall,
    in_city: MakeProfile,
    role: str,
    record: list[Participation],
    answer: Answer,
    told: str,
) -> None:
    others = [a_part("DE-pirna"), a_part("NL-hamm")]
    (view,) = call_views([ranked(in_city("Hamm", role=role), (make_call(), 0.5))], [*record, *others])
    lead = view.fits[0].lead
    assert lead.answer is answer
    assert network_wording.lead(lead) == told


def test_a_city_is_found_by_its_own_name_and_by_its_nuts_code(
    make_call: MakeCall, in_city: MakeProfile
) -> None:
    table = [
        a_part("DE-munchen"),
        a_part("DE-neustadt-de123", number="2"),
        a_part("DE-neustadt-de999", number="3"),
    ]
    munich = in_city("Munich", city={"local_name": "München"})
    neustadt = in_city("Neustadt", city={"nuts3": "DE123"})
    unclear = in_city("Neustadt", id="other")
    leads = [
        call_views([ranked(profile, (make_call(), 0.5))], table)[0].fits[0].lead
        for profile in (munich, neustadt, unclear)
    ]
    assert [[part.project_id for part in lead.record] for lead in leads] == [["1"], ["2"], []]


def test_where_one_applicant_is_enough_all_compete(make_call: MakeCall, in_city: MakeProfile) -> None:
    call = make_call(min_participants=1, min_countries=1)
    view = view_of(call, in_city("Hamm", role="partner"), in_city("Pirna", role="lead"))
    assert relations(view) == [(Basis.ONE_APPLICANT, ["Hamm", "Pirna"])]
    (only,) = view.relations
    assert only.is_competition
    assert network_wording.relation(only) == "Hamm and Pirna would compete: one applicant is enough"
    assert network_wording.relation(only, "de") == (
        "Hamm und Pirna stünden im Wettbewerb: ein Antragsteller genügt"
    )


def test_one_partner_from_several_countries_is_no_single_applicant(
    make_call: MakeCall, in_city: MakeProfile
) -> None:
    view = view_of(make_call(min_participants=1, min_countries=2), in_city("Hamm"), in_city("Pirna"))
    assert relations(view) == [(Basis.ANYBODY_LEADS, ["Hamm", "Pirna"])]


@pytest.mark.parametrize(
    ("roles", "expected", "told"),
    [
        (
            ("lead", "lead"),
            [(Basis.SOME_LEAD, ["Aachen", "Bonn"])],
            ["Aachen and Bonn would compete: both want to lead"],
        ),
        (
            ("lead", "lead", "lead"),
            [(Basis.SOME_LEAD, ["Aachen", "Bonn", "Celle"])],
            ["Aachen, Bonn and Celle would compete: all want to lead"],
        ),
        (
            ("lead", "partner", "either"),
            [(Basis.ONE_LEADS, ["Aachen", "Bonn", "Celle"])],
            ["Aachen could lead, and Bonn and Celle could join"],
        ),
        (
            ("lead", "partner", "lead"),
            [(Basis.SOME_LEAD, ["Aachen", "Celle"]), (Basis.ONE_LEADS, ["Aachen", "Bonn", "Celle"])],
            [
                "Aachen and Celle would compete: both want to lead",
                "Aachen or Celle could lead, and Bonn could join",
            ],
        ),
        (
            ("partner", "either"),
            [(Basis.ANYBODY_LEADS, ["Aachen", "Bonn"])],
            ["Aachen and Bonn could apply together"],
        ),
        (
            ("partner", "partner"),
            [(Basis.NOBODY_LEADS, ["Aachen", "Bonn"])],
            ["Aachen and Bonn could join one team, but none of them wants to lead"],
        ),
        (("lead",), [], []),
    ],
)
def test_the_roles_decide_who_competes_and_who_could_apply_together(
    make_call: MakeCall,
    in_city: MakeProfile,
    roles: tuple[str, ...],
    expected: list[tuple[Basis, list[str]]],
    told: list[str],
) -> None:
    names = ("Aachen", "Bonn", "Celle")
    profiles = [in_city(name, role=role) for name, role in zip(names, roles, strict=False)]
    view = view_of(make_call(min_participants=3), *profiles)
    assert relations(view) == expected
    assert [network_wording.relation(one) for one in view.relations] == told


def test_german_verbs_follow_the_number_of_those_who_join(make_call: MakeCall, in_city: MakeProfile) -> None:
    lead, one, other = in_city("Aachen", role="lead"), in_city("Bonn"), in_city("Celle")
    told = [
        network_wording.relation(view_of(make_call(), lead, *others).relations[0], "de")
        for others in ([one], [one, other])
    ]
    assert told == [
        "Aachen könnte leiten, Bonn könnte mitmachen",
        "Aachen könnte leiten, Bonn und Celle könnten mitmachen",
    ]


def test_two_projects_of_one_city_neither_compete_nor_team_up(
    make_call: MakeCall, in_city: MakeProfile
) -> None:
    profiles = [
        in_city("Hamm", id="hamm-a"),
        in_city("Hamm", id="hamm-b"),
        in_city("Hamm", "NL", id="hamm-c"),
    ]
    view = view_of(make_call(min_participants=1), *profiles)
    assert [fit.profile.id for fit in view.fits] == ["hamm-a", "hamm-b", "hamm-c"]
    assert [[profile.id for profile in one.profiles] for one in view.relations] == [["hamm-a", "hamm-c"]]
    assert view_of(make_call(), *profiles[:2]).relations == ()


def test_cities_that_name_each_other_work_together_already(make_call: MakeCall, in_city: MakeProfile) -> None:
    arnsberg = in_city("Arnsberg", partners=[{"name": "Munich", "country": "DE", "kind": "tandem"}])
    munich = in_city("München")
    namesake = in_city("Munich", "CH", id="other")
    view = view_of(make_call(), arnsberg, munich, namesake)
    (found,) = [one for one in view.relations if one.basis is Basis.PARTNERS]
    assert [profile.city.country for profile in found.profiles] == ["DE", "DE"]
    assert found.kind is PartnerKind.TANDEM
    assert not found.is_competition
    assert network_wording.relation(found) == "Arnsberg and München work together already (tandem)"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "The smallest team is not known"),
        (
            {"min_participants": 3, "min_countries": 3},
            "The call asks for at least 3 partners from at least 3 countries; "
            "these are 2 cities from 2 countries",
        ),
        (
            {"min_participants": 1},
            "The call asks for at least 1 partner; these are 2 cities from 2 countries",
        ),
        (
            {"min_countries": 2},
            "The call asks for partners from at least 2 countries; these are 2 cities from 2 countries",
        ),
    ],
)
def test_what_the_call_asks_stands_beside_what_the_cities_are(
    make_call: MakeCall, in_city: MakeProfile, fields: dict[str, int], told: str
) -> None:
    view = view_of(make_call(**fields), in_city("Hamm"), in_city("Mulhouse", "FR"))
    assert network_wording.team(view) == told


def test_a_name_no_table_could_have_is_a_city_all_the_same(make_call: MakeCall, in_city: MakeProfile) -> None:
    view = view_of(make_call(), in_city("123", id="a"), in_city("456", id="b"))
    assert len(view.cities) == 2


def test_a_lead_without_a_record_is_not_known() -> None:
    assert Lead(Role.EITHER, ()).projects == 0


def judged(*lists: MatchList, top: int = 5) -> tuple[CallView, ...]:
    """The views of lists whose calls were judged as for the report."""
    desk = Desk(MOMENT)
    return call_views([desk.apart(one, top) for one in lists], terms=desk.terms)


def test_a_city_that_may_not_take_part_stands_apart(make_call: MakeCall, in_city: MakeProfile) -> None:
    call = make_call("EUI-1", programme="EUI", eligible_countries=["EU27"], min_participants=2)
    profiles = [in_city("Hamm", role="lead"), in_city("Chur", "CH"), in_city("Metz", "FR")]
    (view,) = judged(*(ranked(one, (call, 0.5)) for one in profiles))
    assert [fit.profile.city.name for fit in view.fits] == ["Hamm", "Metz"]
    assert [one.profile.city.name for one in view.barred] == ["Chur"]
    assert relations(view) == [(Basis.ONE_LEADS, ["Hamm", "Metz"])]
    (one,) = view.barred
    assert terms_wording.barred("Chur", one.terms) == (
        "Chur may not take part: only organisations from the EU – broken by Chur"
    )
    assert judged(ranked(profiles[1], (call, 0.5))) == ()


COORDINATOR = "The coordinator must be established in a Widening country."


@pytest.mark.parametrize(
    ("cities", "expected", "told"),
    [
        (
            [("Hamm", "DE", "lead"), ("Pula", "HR", "lead")],
            [(Basis.ONE_LEADS, ["Hamm", "Pula"])],
            "Pula could lead, and Hamm could join",
        ),
        (
            [("Hamm", "DE", "lead"), ("Wien", "AT", "either")],
            [(Basis.NOBODY_MAY_LEAD, ["Hamm", "Wien"])],
            "Hamm and Wien could join one team, but none of them that would lead may do so",
        ),
        (
            [("Hamm", "DE", "either"), ("Pula", "HR", "either")],
            [(Basis.ANYBODY_LEADS, ["Hamm", "Pula"])],
            "Hamm and Pula could apply together",
        ),
    ],
)
def test_who_may_not_lead_does_not_compete_for_the_lead(
    make_call: MakeCall,
    in_city: MakeProfile,
    cities: list[tuple[str, str, str]],
    expected: list[tuple[Basis, list[str]]],
    told: str,
) -> None:
    call = make_call(
        "HORIZON-CL5-2027-01-D1-01",
        programme="HORIZON",
        action_type="IA",
        conditions=f"3. Other Eligible Conditions{COORDINATOR}described in Annex B.",
    )
    (view,) = judged(*(ranked(in_city(*city), (call, 0.5)) for city in cities))
    assert relations(view) == expected
    assert network_wording.relation(view.relations[0]) == told
    assert {fit.profile.city.name: fit.might_lead for fit in view.fits}["Hamm"] is (Answer.NO)


Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, make_call: MakeCall, in_city: MakeProfile, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder with two profiles and two calls; no probabilities, so --top counts."""
    for folder in ("profiles", "calls"):
        (tmp_path / folder).mkdir()
    save_file(in_city("Hamm", role="lead"), tmp_path / "profiles" / "a.md")
    save_file(in_city("Mulhouse", "FR", title="=Trees"), tmp_path / "profiles" / "b.md")
    save_file(make_call("X-1", title="Trees", min_participants=2), tmp_path / "calls" / "x1.md")
    save_file(make_call("X-2", title="=SUM(1)"), tmp_path / "calls" / "x2.md")
    (tmp_path / "vie-match.toml").write_text('model = "hashing"\ncache = "cache"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def start(*words: str) -> str:
        done = CliRunner().invoke(app.app, [*words, "--today", "2026-11-24"], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return start


def test_the_command_prints_calls_for_programs(run: Run) -> None:
    rows = json.loads(run("network", "--format", "json"))
    assert {row["call"] for row in rows} == {"X-1", "X-2"}
    (first,) = [row for row in rows if row["call"] == "X-1"]
    assert first["together"] == ["Hamm could lead, and Mulhouse could join"]
    assert first["compete"] == []
    assert {city["city"]: city["might lead"] for city in first["cities"]} == {
        "Hamm": "yes",
        "Mulhouse": "unknown",
    }
    assert {city["probability"] for city in first["cities"]} == {None}


def test_the_command_prints_each_citys_calls_in_order(run: Run) -> None:
    rows = json.loads(run("network", "--by", "city", "--format", "json", "--top", "1"))
    assert [row["city"] for row in rows] == ["Hamm", "Mulhouse"]
    assert {row["rank"] for row in rows} == {1}


def test_the_command_prints_tables(run: Run) -> None:
    told = run("network", "--language", "de")
    assert "Hamm könnte leiten, Mulhouse könnte mitmachen" in told
    assert "X-1" in told
    assert "Mulhouse" in run("network", "--by", "city")


def test_the_command_marks_who_may_not(run: Run, make_call: MakeCall, in_city: MakeProfile) -> None:
    call = make_call("X-3", title="Streets", programme="EUI", eligible_countries=["EU27"])
    save_file(call, Path("calls") / "x3.md")
    save_file(in_city("Chur", "CH"), Path("profiles") / "c.md")
    barred = "Chur may not take part: only organisations from the EU – broken by Chur"
    rows = {row["call"]: row for row in json.loads(run("network", "--format", "json"))}
    assert {name: row["barred"] for name, row in rows.items()} == {"X-1": [], "X-2": [], "X-3": [barred]}
    assert {city["city"] for city in rows["X-3"]["cities"]} == {"Hamm", "Mulhouse"}
    assert {city["terms"]["eligible_in_team"] for city in rows["X-3"]["cities"]} == {"unknown"}
    by_city = json.loads(run("network", "--by", "city", "--format", "json"))
    (last,) = [row for row in by_city if row["rank"] is None]
    assert (last["city"], last["call"], last["eligibility"]) == ("Chur", "X-3", "Not eligible in any team")
    told = list(csv.DictReader(io.StringIO(run("network", "--format", "csv"))))
    assert [row["barred"] for row in told if row["call"] == "X-3"] == [barred]
    assert "Chur may not take part" in " ".join(run("network").replace("│", " ").split())
    assert "Not eligible in any team" in " ".join(run("network", "--by", "city").replace("│", " ").split())


def test_the_command_prints_csv_without_formulas_and_markdown(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("network", "--format", "csv"))))
    assert "'=SUM(1)" in [row["title"] for row in rows]
    lines = run("network", "--by", "city", "--format", "md").splitlines()
    assert lines[0].startswith("| city | project |")
    assert len({line.count("|") for line in lines}) == 1
