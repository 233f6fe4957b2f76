"""The folder of calls and cases, the figures, the run file, and the two commands."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vie_match.cli import eligibility as eligible_command
from vie_match.cli import evaluation_eligibility
from vie_match.cli.app import app
from vie_match.errors import BadFile, BadValue, BelowFloor
from vie_match.evaluation.eligibility import Hits, evaluate
from vie_match.evaluation.eligibility_folder import load
from vie_match.evaluation.eligibility_run import write_run
from vie_match.records import Call, Profile
from vie_match.sources.files import save_file

CONDITIONS = (
    "2. Eligible Countriesdescribed in Annex B.3. Other Eligible ConditionsAt least two SMEs must "
    "take part as "
    "beneficiaries.described in Annex B of the General Annexes.4. Financial and operational capacityx"
)
CALL = {
    "topicId": "HORIZON-CL5-2027-01-X",
    "programme": "Horizon Europe",
    "typesOfAction": "HORIZON Innovation Actions",
    "description": "",
    "topicConditions": CONDITIONS,
}
GOLD = [
    {"kind": "min_of_type", "subject": "sme", "value": 2},
    {"kind": "rules_in_document", "subject": "eligible_countries", "value": "HE_ANNEX_B"},
    {"kind": "rules_in_document", "subject": "other_eligibility", "value": "HE_ANNEX_B"},
    {"kind": "lump_sum", "subject": "costs", "value": True},
]


def partner(name: str, type: str, country: str | None, **attrs: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "country": country, "role": "beneficiary", "attrs": attrs}


TEAM = [partner("A", "sme", "DE"), partner("B", "sme", "FR"), partner("C", "university", "GR")]
CASES = [
    {"id": "1", "call": CALL["topicId"], "team": TEAM, "expect": "eligible", "because": ["min_of_type"]},
    {
        "id": "2",
        "call": CALL["topicId"],
        "team": TEAM[1:],
        "expect": "not_eligible",
        "because": ["min_of_type"],
    },
    {
        "id": "3",
        "call": CALL["topicId"],
        "team": [*TEAM[1:], partner("D", "company", "PL", is_sme=None)],
        "expect": "not_eligible",
        "because": ["min_of_type"],
    },
]


def write(folder: Path, name: str, rows: list[Any], packed: bool = False) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path = folder / f"{name}.jsonl{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "calls_x", [CALL], packed=True)
    write(tmp_path, "rules_x", [{"call": CALL["topicId"], "rules": GOLD}])
    write(tmp_path, "cases_x", CASES)
    return tmp_path


def test_figures_count_what_is_right_wrong_and_missed(folder: Path) -> None:
    result = evaluate(load(folder))
    assert result.confusion == {
        ("eligible", "eligible"): 1,
        ("not_eligible", "not_eligible"): 1,
        ("not_eligible", "unknown"): 1,
    }
    assert result.accuracy == pytest.approx(2 / 3)
    assert (result.eligible_precision, result.reasons, result.verbatim) == (1, 1, 1)
    assert result.wrong == (("3", "not_eligible", "unknown"),)
    assert result.rules == Hits(found=3, wrong=0, missed=1)
    assert (result.by_kind["lump_sum"].f1, result.team_rules.f1) == (0, 1)
    figures = json.loads(result.as_json())
    assert figures["rules"] == {"precision": 1, "recall": 0.75, "f1": pytest.approx(6 / 7)}
    assert figures["kinds"]["rules_in_document"]["found"] == 2


def test_the_run_file_holds_a_line_a_case_and_a_line_a_call(folder: Path, tmp_path: Path) -> None:
    write_run(evaluate(load(folder)), tmp_path / "run.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [line["verdict"] for line in lines[:3]] == ["eligible", "not_eligible", "unknown"]
    assert {"min_of_type"} <= set(lines[1]["because"])
    assert lines[2]["because"] == ["min_of_type"]
    rule = lines[3]["rules"][1]
    assert (rule["kind"], rule["value"], rule["source"]) == ("min_of_type", 2, "topicConditions")
    assert CONDITIONS[rule["start"] : rule["end"]] == rule["quote"]
    assert lines[3]["programme_rules"]


def test_countries_are_compared_in_iso_codes(tmp_path: Path) -> None:
    text = (
        "3. Other Eligible ConditionsParticipation is limited to legal entities established in "
        "Member States and Greece and the United Kingdom."
    )
    write(tmp_path, "calls", [CALL | {"topicConditions": text}])
    gold = [{"kind": "eligible_countries", "subject": "legal_entity", "value": ["EU27", "GB", "GR"]}]
    write(tmp_path, "rules", [{"call": CALL["topicId"], "rules": gold}])
    assert evaluate(load(tmp_path)).rules == Hits(found=1)


def test_without_gold_everything_is_judged_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, "calls_y", [CALL])
    write(tmp_path, "cases_y", [{"id": "1", "call": CALL["topicId"], "team": TEAM}])
    result = evaluate(load(tmp_path))
    assert (result.accuracy, result.rules, result.macro, result.reasons) == (None, None, None, None)
    assert len(result.judged) == 1


def test_all_faults_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "calls", [CALL, {"title": "x"}])
    bad = {"id": "9", "call": CALL["topicId"], "team": [{"name": "A", "country": "Germany"}]}
    lost = {"id": "8", "call": "Z", "team": []}
    write(tmp_path, "cases", [bad, lost])
    (tmp_path / "rules.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(BadFile) as error:
        load(tmp_path)
    said = str(error.value)
    for part in ("no 'topicId'", "case 9", "case 8 of the call 'Z'", "rules.jsonl:1"):
        assert part in said
    with pytest.raises(BadFile, match="no calls"):
        load(tmp_path / "nowhere")


def test_the_command_writes_run_and_figures_and_keeps_floors(folder: Path, tmp_path: Path) -> None:
    assert evaluation_eligibility.evaluate_eligibility
    words = ["evaluate", "eligibility", "--benchmark", str(folder)]
    out = tmp_path / "figures.json"
    done = CliRunner().invoke(app, [*words, "--json", str(out), "--run", str(tmp_path / "r.jsonl")])
    assert done.exit_code == 0, done.output
    assert "precision of eligible 1.000" in done.output
    assert json.loads(out.read_text())["cases"] == 3
    for floor in ("--floor", "--floor-rules"):
        assert isinstance(CliRunner().invoke(app, [*words, floor, "0.99"]).exception, BelowFloor)


@pytest.fixture
def files(tmp_path: Path, make_call: Callable[..., Call], make_profile: Callable[..., Profile]) -> list[str]:
    for name in ("profiles", "calls"):
        (tmp_path / name).mkdir()
    note = "At least two cities from two different countries as beneficiaries; one must be a Mission city."
    call = make_call(
        "HORIZON-CL5-2027-01-X",
        programme="HORIZON",
        action_type="CSA",
        consortium_note=note,
        conditions="2. Eligible Countriesdescribed in Annex B."
        "3. Other Eligible Conditionsdescribed in Annex B.",
    )
    save_file(call, tmp_path / "calls" / "x.md")
    city = {"name": "Pirna", "country": "DE"}
    save_file(make_profile("pirna-heat", city=city), tmp_path / "profiles" / "a.md")
    store = ["--profiles", str(tmp_path / "profiles"), "--calls", str(tmp_path / "calls")]
    return [*store, "--store", str(tmp_path / "none.db"), "--today", "2026-12-01"]


def test_a_city_sees_what_is_missing_and_what_a_partner_mends(files: list[str]) -> None:
    assert eligible_command.eligible
    words = ["eligible", "pirna-heat", "HORIZON-CL5-2027-01-X", *files]
    alone = CliRunner().invoke(app, words)
    assert alone.exit_code == 0, alone.output
    assert "May Pirna apply alone? no" in alone.output
    assert "1 more city as a beneficiary" in alone.output
    german = CliRunner().invoke(app, [*words, "--language", "de"])
    assert "noch 1 Stadt als Begünstigte" in german.output
    both = CliRunner().invoke(app, [*words, "--with", "Leuven:BE", "--json"])
    assert json.loads(both.output)["answer"] == "yes"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pirna-hot", "HORIZON-CL5-2027-01-X"], "no profile 'pirna-hot' (did you mean pirna-heat?)"),
        (["pirna-heat", "HORIZON-CL5-2027-01-Y"], "did you mean HORIZON-CL5-2027-01-X?"),
        (["pirna-heat", "HORIZON-CL5-2027-01-X", "--with", "Ghent"], "as in Ghent:BE"),
        (["pirna-heat", "HORIZON-CL5-2027-01-X", "--with", "pirna-heat"], "Pirna twice in the team"),
        (["pirna-heat", "HORIZON-CL5-2027-01-X", "--with", "pirna:DE"], "twice in the team"),
    ],
)
def test_what_is_not_known_by_name_is_told(files: list[str], words: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["eligible", *words, *files])
    assert isinstance(done.exception, BadValue)
    assert said in str(done.exception)
