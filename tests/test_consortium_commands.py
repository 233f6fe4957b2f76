"""Where candidates come from, and the commands ``consortium`` and ``evaluate consortium``."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vie_match.cli import consortium as consortium_command
from vie_match.cli import evaluation_consortium
from vie_match.cli.app import app
from vie_match.eligibility.rules import Part
from vie_match.errors import BadFile, BadValue, BelowFloor
from vie_match.evaluation import consortium, made_up_teams
from vie_match.evaluation.consortium_picture import draw
from vie_match.evaluation.consortium_rivals import Builder, drawn, greedy
from vie_match.evaluation.eligibility_folder import load
from vie_match.partners import candidate_table
from vie_match.partners.consortium import Weights, Wishes
from vie_match.partners.directory import directory
from vie_match.partners.naming import city_id
from vie_match.partners.pool import UNASKED, pool, theme_fit
from vie_match.partners.ranker import PartnerRanker
from vie_match.partners.search import best_teams
from vie_match.partners.search_problem import Problem
from vie_match.partners.weekly import teams_for
from vie_match.records import Call, PartnerCity, Profile
from vie_match.sources.files import save_file
from vie_match.track.records import Participation
from vie_match.vocabulary import Answer

TODAY = dt.date(2026, 12, 1)
CONDITIONS = (
    "2. Eligible Countriesdescribed in Annex B.3. Other Eligible ConditionsAt least two SMEs must take part "
    "as beneficiaries.described in Annex B of the General Annexes.4. Financial and operational capacityx"
)
ROW = {
    "topicId": "HORIZON-CL5-2027-01-X",
    "programme": "Horizon Europe",
    "typesOfAction": "HORIZON Innovation Actions",
    "description": "",
    "topicConditions": CONDITIONS,
}


def part(city: str, country: str, project: str, role: str, topic: str | None = None) -> Participation:
    return Participation.model_validate(
        {
            "project_id": project,
            "acronym": f"P{project}",
            "programme": "HORIZON",
            "framework": "HORIZON",
            "topic": topic,
            "role": role,
            "organisation": city,
            "city_id": f"{country}-{city.lower()}",
            "city": city,
            "country": country,
            "contribution_eur": None,
            "start": "2023-01-01",
            "source": "CORDIS",
        }
    )


PARTS = [
    part("Gent", "BE", "1", "coordinator", "HORIZON-CL5-2021-D1-01"),
    part("Town", "DE", "1", "participant", "HORIZON-CL5-2021-D1-01"),
    part("Lyon", "FR", "2", "participant", "LIFE-2026-CET"),
]


def test_towns_and_profiles_are_one_candidate_each_with_ties(
    make_call: Callable[..., Call], make_profile: Callable[..., Profile]
) -> None:
    call = make_call("HORIZON-CL5-2027-01-X", programme="HORIZON", themes=["heat", "water"])
    partners = [{"name": "Ghent", "country": "BE", "kind": "twin town"}]
    profile = make_profile(themes=["heat"], role="lead", partners=partners)
    ranker = PartnerRanker(directory(PARTS, [profile]))
    found = pool(call, ranker, today=TODAY, most=50)
    by_id = {one.id: one for one in found.candidates}
    town, gent = by_id["DE-town"], by_id["BE-gent"]
    assert len(by_id) in {50, 51}
    assert (town.roles, town.perhaps) == ((Part.COORDINATOR,), (Part.BENEFICIARY,))
    assert (town.fit, town.newcomer, town.skills) == (pytest.approx(2 / 3), False, {"heat": 1.0})
    assert (gent.lead, gent.perhaps) == (0.5, (Part.COORDINATOR,))
    assert 0 < gent.fit <= UNASKED
    assert "1 EU project, 1 led" in [words["en"] for words in gent.reasons]
    assert [one.name for one in gent.grounds] == ["P1"]
    ties = {(tie.one, tie.other, tie.basis, tie.strength) for tie in found.ties}
    assert ties == {("BE-gent", "DE-town", "P1", 0.5), ("DE-town", "BE-gent", "twin town", 0.5)}


def test_who_is_fixed_changes_the_fit_of_others(make_call: Callable[..., Call]) -> None:
    call = make_call("HORIZON-CL5-2027-01-X", programme="HORIZON")
    ranker = PartnerRanker(directory(PARTS))
    alone = ranker.fits(call, today=TODAY)
    with_gent = ranker.fits(call, ["BE-gent"], today=TODAY)
    assert "BE-gent" not in with_gent
    assert [one.why for one in alone["DE-town"].grounds] == ["latest"]
    assert [one.why for one in with_gent["DE-town"].grounds] == ["together"]
    assert with_gent["BE-aalst"].rank < alone["BE-aalst"].rank
    assert [one.rank for one in with_gent.values()] == list(range(1, len(with_gent) + 1))
    assert next(iter(with_gent.values())).fit == 1
    assert "DE-eisenach" in {
        one.id for one in pool(call, ranker, today=TODAY, most=5, also=["DE-eisenach"]).candidates
    }
    with pytest.raises(BadValue, match="XX-nowhere"):
        ranker.fits(call, ["XX-nowhere"], today=TODAY)


def test_without_themes_nothing_is_known_of_the_fit(
    make_call: Callable[..., Call], make_profile: Callable[..., Profile]
) -> None:
    assert theme_fit(make_call(themes=[]), make_profile(themes=["heat"])) == 0.5
    assert city_id(PartnerCity(name="Λάρισα", country="EL")).startswith("EL-")


def test_a_weekly_team_is_led_by_the_city_that_the_call_fits_most(
    make_call: Callable[..., Call], make_profile: Callable[..., Profile]
) -> None:
    call = make_call("HORIZON-CL5-2027-01-X", programme="HORIZON", action_type="IA", conditions=CONDITIONS)
    other = make_profile("gent-heat", city={"name": "Ghent", "country": "BE"})
    ranker = PartnerRanker(directory(PARTS, [make_profile("town-heat"), other]))
    found = teams_for(ranker, [(call, {"town-heat": 0.3, "gent-heat": 0.8, "gone": 0.9})], today=TODAY)
    assert found == {}, "two SMEs are asked for, and there are only towns"
    call = make_call("HORIZON-CL5-2027-01-X", programme="HORIZON", action_type="IA")
    (team,) = teams_for(ranker, [(call, {"town-heat": 0.3, "gent-heat": 0.8})], today=TODAY).values()
    assert team.names[0] == "Ghent"
    assert set(team.own) <= set(team.names)
    assert team.proposal.answer is not Answer.NO
    assert teams_for(ranker, [(call, {})], today=TODAY) == {}


def test_a_table_of_organisations_gives_candidates_with_facts(tmp_path: Path) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text(
        "\ufeffName,country,type,roles,fit,skills,newcomer,mission_city,controlled_from\n"
        'Heat Lab,GB,university,beneficiary coordinator,0.9,"heat=0.5; water",no,,\n'
        ",,,,,,,,\n"
        "Cool Soft,PL,sme,,,,,yes,PL\n",
        encoding="utf-8",
    )
    lab, soft = candidate_table.read(file)
    assert (lab.member.country, lab.fit, lab.newcomer) == ("UK", 0.9, False)
    assert lab.skills == {"heat": 0.5, "water": 1}
    assert lab.roles == (Part.BENEFICIARY, Part.COORDINATOR)
    assert "mission_city" not in lab.member.facts
    assert (soft.fit, soft.newcomer) == (0.5, None)
    assert soft.member.fact("mission_city").value is True
    assert soft.member.fact("controlled_from").source == "orgs.csv"


def test_a_row_after_a_cell_of_two_lines_has_its_own_line(tmp_path: Path) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text('name,country\n"A\nof B",DE\nC,Germany\n', encoding="utf-8")
    with pytest.raises(BadFile, match=r"orgs\.csv:4"):
        candidate_table.read(file)


def test_all_faults_of_a_table_are_told_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text(
        "name,country,type,fit,newcomer\nA,Germany,sme,,\nB,DE,smee,,\nC,DE,,2,\nD,DE,,,maybe\nE,DE\nF,DE,,,\nF,DE,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(BadFile) as error:
        candidate_table.read(file)
    said = str(error.value)
    for line in ("orgs.csv:2", "orgs.csv:3", "orgs.csv:4", "orgs.csv:5", "orgs.csv:6", "orgs.csv:8"):
        assert line in said
    assert "orgs.csv:7" not in said
    file.write_text("nam,country\n", encoding="utf-8")
    with pytest.raises(BadFile, match="did you mean nam"):
        candidate_table.read(file)
    with pytest.raises(BadFile, match=r"nowhere\.csv"):
        candidate_table.read(tmp_path / "nowhere.csv")


@pytest.fixture
def files(
    tmp_path: Path, make_call: Callable[..., Call], make_profile: Callable[..., Profile], monkeypatch: Any
) -> list[str]:
    for name in ("profiles", "calls"):
        (tmp_path / name).mkdir()
    call = make_call(
        "HORIZON-CL5-2027-01-X", programme="HORIZON", action_type="IA", conditions=CONDITIONS, themes=["heat"]
    )
    save_file(call, tmp_path / "calls" / "x.md")
    save_file(make_profile("town-heat", themes=["heat"]), tmp_path / "profiles" / "a.md")
    (tmp_path / "orgs.csv").write_text(
        "name,country,type,fit,controlled_from\nOne,FR,sme,0.9,FR\nTwo,PL,sme,0.3,PL\nThree,IT,sme,0.2,IT\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("VIE_MATCH_CITIES", str(tmp_path / "cities.csv"))
    (tmp_path / "cities.csv").write_text(",".join(Participation.model_fields) + "\n", encoding="utf-8")
    folders = ["--profiles", str(tmp_path / "profiles"), "--calls", str(tmp_path / "calls")]
    return [
        *folders,
        *("--candidates", str(tmp_path / "orgs.csv"), "--store", str(tmp_path / "none.db")),
        *("--today", "2026-12-01", "--model", "hashing"),
    ]


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["consortium", "HORIZON-CL5-2027-01-X", *words])


def test_the_command_proposes_teams_that_may_apply(files: list[str]) -> None:
    assert consortium_command.consortium
    done = run("--with", "town-heat", "--json", "--teams", "2", *files)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["status"] == "optimal"
    names = [[place["member"]["name"] for place in one["places"]] for one in found["proposals"]]
    assert sorted(names[0]) == ["One", "Town", "Two"]
    assert found["proposals"][0]["eligibility"]["answer"] == "yes"
    german = run("--with", "town-heat", "--language", "de", "--share", "One=20-30", *files)
    assert "nachweislich das beste; darf einen Antrag stellen" in german.output
    assert "Was das Team runder machte" in german.output


@pytest.mark.parametrize("name", ["Ghent:BE", "Γάνδη", "gand:be", "BE-gent"])
def test_a_town_joins_by_any_of_its_names(files: list[str], name: str) -> None:
    done = run("--with", name, "--without", "Two", "--json", "--teams", "1", *files)
    names = {place["member"]["name"] for place in json.loads(done.stdout)["proposals"][0]["places"]}
    assert "Gent" in names
    assert "Two" not in names


def test_a_name_of_several_towns_is_told_with_the_choices(files: list[str]) -> None:
    done = run("--with", "Newport", *files)
    assert isinstance(done.exception, BadValue)
    assert "UK-newport-2641599" in str(done.exception)


def test_the_command_says_which_rules_and_wishes_conflict(files: list[str]) -> None:
    done = run("--size", "1-2", "--language", "de", *files)
    assert "Ein solches Team gibt es nicht." in done.output
    assert "höchstens 2 Mitglieder" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--with", "town-heet"), "did you mean town-heat?"),
        (("--size", "9-5"), "--size '9-5'"),
        (("--kind", "univercity"), "did you mean university?"),
        (("--share", "One"), "--share 'One'"),
    ],
)
def test_what_the_command_does_not_understand_is_told(
    files: list[str], words: tuple[str, ...], said: str
) -> None:
    done = run(*words, *files)
    assert isinstance(done.exception, BadValue)
    assert said in str(done.exception)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "benchmark"
    path.mkdir()
    (path / "calls_x.jsonl.gz").write_bytes(gzip.compress((json.dumps(ROW) + "\n").encode()))
    team = [
        {"name": name, "type": kind, "country": country, "role": "beneficiary"}
        for name, kind, country in (("A", "sme", "DE"), ("B", "sme", "FR"), ("C", "university", "GR"))
    ]
    twice = [{**team[0], "attrs": {"controlled_from": "US"}}]
    cases = [{"id": str(n), "call": ROW["topicId"], "team": who} for n, who in enumerate((team, twice))]
    (path / "cases_x.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def test_members_of_cases_are_candidates_and_versions_of_one_do_not_meet(folder: Path) -> None:
    found, versions = consortium.pool(case.team for case in load(folder).cases)
    assert sorted(one.member.name for one in found) == ["A", "A", "B", "C"]
    assert [len(same) for same in versions] == [2]


def test_the_evaluation_checks_every_team_and_no_rival_is_better(folder: Path, tmp_path: Path) -> None:
    result = consortium.evaluate(load(folder), candidates=30, largest=20)
    (one,) = result.calls
    assert (one.status, one.gap, result.failing, one.candidates) == ("optimal", 0, 0, 30)
    assert one.value is not None
    for rival in (one.greedy, one.drawn):
        assert rival is None or rival <= one.value + 1e-6
    assert [(point.candidates, point.proven) for point in result.growth] == [(20, True)]
    figures = json.loads(result.as_json())
    assert figures["proven"] == 1
    assert figures["rivals"]["greedy"]["found_none"] in (0, 1)
    draw(result.growth, tmp_path / "growth.svg")
    assert "candidates" in (tmp_path / "growth.svg").read_text(encoding="utf-8")


def test_rivals_keep_to_the_same_rules(folder: Path) -> None:
    known = consortium.rules_of_row(load(folder).calls[str(ROW["topicId"])])
    candidates, wishes = made_up_teams.candidates(60), Wishes(size=(1, 6))
    problem = Problem(known, candidates, wishes, Weights(), ())
    reading = next(iter(problem.readings()))
    model = problem.model(reading)
    best = best_teams(known, candidates, wishes, explain=False).proposals[0].value
    for found in (greedy(problem, reading, model), drawn(problem, reading, model, rounds=20)):
        assert found is not None
        assert Builder(problem, reading).value(found) <= best + 1e-6
        assert len(found) <= 6


def test_the_command_prints_and_writes_figures(folder: Path, tmp_path: Path) -> None:
    assert evaluation_consortium.evaluate_consortium
    words = ["evaluate", "consortium", "--benchmark", str(folder), "--candidates", "20", "--largest", "0"]
    done = CliRunner().invoke(app, [*words, "--json", str(tmp_path / "figures.json")])
    assert done.exit_code == 0, done.output
    assert "0 refused by the check" in done.output
    assert json.loads((tmp_path / "figures.json").read_text())["teams_that_fail_the_check"] == 0


def test_a_refused_team_fails_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consortium.Evaluation, "failing", 1)
    words = ["evaluate", "consortium", "--benchmark", str(folder), "--candidates", "5", "--largest", "0"]
    assert isinstance(CliRunner().invoke(app, words).exception, BelowFloor)
