"""Partners judged: the folder's reader, measures against another implementation, the run, no leaks."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from vie_match.cli import evaluation_partners
from vie_match.errors import BadFile, BelowFloor
from vie_match.evaluation import floors, partners, partners_folder
from vie_match.evaluation import partners_measures as measures
from vie_match.evaluation.partners_folder import load

TOWNS = 90


def town(at: int) -> dict[str, Any]:
    return {
        "id": f"t{at}",
        "name": f"Town {at}",
        "names": [f"Town {at}"],
        "country": ("DE", "FR", "GR")[at % 3],
        "lat": 40 + at % 9,
        "lon": at // 9,
        "population": 20_000 + 1000 * at,
        "pool": "core" if at % 2 else "open",
        "networks": [{"n": "Shade", "y": 2001}, {"n": "Old", "y": None}] if at % 5 == 0 else [],
    }


def query(base: str, at: int, variant: str, date: str) -> dict[str, Any]:
    # Neighbours on the map team up.
    partners_ = [f"t{(at + 1) % TOWNS}", f"t{(at + 9) % TOWNS}"]
    given_ = partners_[:1] if variant == "seeded" else []
    return {
        "id": base + ("+" if given_ else ""),
        "base": base,
        "variant": variant,
        "date": date,
        "text": f"Project about theme{at % 4} in [CITY]",
        "lead": f"t{at}",
        "given": given_,
        "relevant": partners_[len(given_) :],
        "newcomers": partners_[1:] if at % 2 else [],
    }


def write(path: Path, rows: list[dict[str, Any]], *, zipped: bool = False) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    if zipped:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "benchmark"
    for task, first in (("urbact", "2010"), ("horizon", "2023")):
        history = [
            {
                "id": f"{task}-h{at}",
                "date": f"{first}-01-01",
                "text": f"About theme{at % 4}",
                "lead": f"t{at}",
            }
            | {"cities": [f"t{at}", f"t{(at + 1) % TOWNS}"]}
            for at in range(0, 80, 1)
        ]
        later = f"{int(first) + 1}-02-01"
        queries = [
            query(f"{task}-{at}", at, variant, later)
            for at in range(0, 60, 3)
            for variant in ("cold", "seeded")
        ]
        write(place / task / "cities.jsonl", [town(at) for at in range(TOWNS)], zipped=task == "urbact")
        write(place / task / "history.jsonl", history)
        write(place / task / "train.jsonl", queries[::2], zipped=True)
        again = [row | {"id": f"{row['id']} again"} for row in queries[:4:2]]
        write(place / task / "dev.jsonl", queries[1::2] + again)
    return place


def test_a_folder_is_read_plain_or_gzipped(folder: Path) -> None:
    tasks = load(folder)
    assert [task.name for task in tasks] == ["urbact", "horizon"]
    first = tasks[0]
    assert len(first.world.towns) == TOWNS
    assert first.world.towns[2].country == "EL"
    assert first.world.towns[0].memberships[1].since is None
    assert {query.variant for query in first.dev} == {"cold", "seeded"}
    assert first.dev[0].relevant == {"t9"}


def test_all_faults_come_at_once(folder: Path) -> None:
    lines = ['{"id": "x"}', "{", '{"id": "t1", "name": "A", "country": "Germany"}', '{"id": 3}']
    path = folder / "horizon" / "cities.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    (folder / "urbact" / "history.jsonl").unlink()
    dev = folder / "urbact" / "dev.jsonl"
    dev.write_text(dev.read_text("utf-8").replace('"cold"', '"warm"', 1) * 2, encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        load(folder)
    told = str(caught.value)
    for part in (
        f"{path}:1: found no 'country'",
        f"{path}:2:",
        f"{path}:3: found 'Germany' is not a country code",
        f"{path}:4:",
        "no history.jsonl",
        "the variant 'warm'",
        "twice",
    ):
        assert part in told


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no folder urbact or horizon"):
        load(tmp_path)


@given(st.permutations([f"c{at}" for at in range(30)]), st.sets(st.integers(0, 29), min_size=1, max_size=12))
def test_measures_are_those_of_trec_eval(ranking: list[str], chosen: set[int]) -> None:
    relevant = {f"c{at}" for at in chosen}
    found = measures.of_ranking(ranking, relevant, ())
    qrels = [ir_measures.Qrel("q", one, 1) for one in relevant]
    run = [ir_measures.ScoredDoc("q", one, -float(at)) for at, one in enumerate(ranking)]
    for name, measure in {"R@10": R @ 10, "R@20": R @ 20, "MRR": RR, "nDCG@10": nDCG @ 10}.items():
        expected = ir_measures.calc_aggregate([measure], qrels, run)[measure]
        value = found[name]
        assert value is not None
        assert math.isclose(value, expected, abs_tol=1e-9)


def test_exposure() -> None:
    same = measures.exposure([["a"] * 1, ["a"]], 10)
    assert (same.gini, same.towns) == (0.9, 1)
    spread = measures.exposure([[f"c{at}" for at in range(10)]], 10)
    assert spread.gini == spread.least_gini == 0
    assert measures.exposure([], 5).gini == 0


def test_the_learnt_ranking_beats_popularity_where_neighbours_team_up(folder: Path) -> None:
    report = partners.evaluate(load(folder), learners=False)
    rows = {(row.system, row.variant, row.task): row for row in report.rows}
    learnt = rows["learnt", "cold", "both"]
    assert learnt.queries == rows["popularity", "cold", "both"].queries == 4
    seeded = rows["learnt", "seeded", "both"]
    assert seeded.queries == 40
    assert seeded.recall_gain.low > 0
    assert seeded.ndcg_gain.mean == pytest.approx(
        seeded.figures["nDCG@10"].mean - rows["popularity", "seeded", "both"].figures["nDCG@10"].mean
    )
    assert rows["popularity", "seeded", "both"].ndcg_gain.mean == 0
    gini = rows["learnt", "seeded", "urbact"].exposure
    assert gini is not None
    assert gini.least_gini <= gini.gini < 1
    figures = report.figures()
    assert figures["seeded both nDCG@10"] == seeded.figures["nDCG@10"].mean
    assert json.loads(report.as_json())["weights"]["research"]["reasons"]


def test_other_learners_are_rows_of_the_table(folder: Path) -> None:
    report = partners.evaluate(load(folder))
    systems = {row.system for row in report.rows}
    assert {"learnt", "boosted trees", "conditional logit alone", "mixture of reasons alone"} <= systems
    mixed = [row for row in report.rows if row.system == "learnt, 3 newcomers in ten" and row.exposure]
    assert len(mixed) == len([row for row in report.rows if row.system == "learnt" and row.exposure]) > 0
    figures = report.figures()
    assert {f"{row.variant} {row.task} Gini, mixed" for row in mixed} <= figures.keys()
    whole = next(row for row in report.rows if (row.system, row.task) == (mixed[0].system, "both"))
    assert figures[f"{whole.variant} both nDCG@10, mixed"] == whole.figures["nDCG@10"].mean


def test_both_lines_of_a_project_fall_into_one_part() -> None:
    assert partners.part("u:12") == partners.part("u:12")
    assert {partners.part(f"p{at}") for at in range(100)} == set(range(partners.FOLDS))


def test_what_would_tell_the_answers_is_not_read(folder: Path) -> None:
    before = partners.evaluate(load(folder), learners=False)
    for task in ("urbact", "horizon"):
        rows = [town(at) | {"pool": "extra", "names": ["a", "b", "c"]} for at in range(TOWNS)]
        write(folder / task / "cities.jsonl", rows, zipped=task == "urbact")
    assert partners.evaluate(load(folder), learners=False).rankings == before.rankings


def test_a_line_is_ranked_alone_and_answers_do_not_change_its_run(folder: Path) -> None:
    before = partners.evaluate(load(folder), learners=False).rankings
    for task in ("urbact", "horizon"):
        dev = folder / task / "dev.jsonl"
        rows = [json.loads(line) for line in dev.read_text("utf-8").splitlines()]
        for row in rows:
            del row["relevant"], row["newcomers"]
        write(dev, rows[: len(rows) // 2])
        (folder / task / "train.jsonl.gz").unlink()
    hidden = partners.evaluate(load(folder), learners=False)
    assert hidden.rows == ()
    assert hidden.rankings
    assert all(before[id] == ranking for id, ranking in hidden.rankings.items())


def test_the_command_writes_run_and_figures_and_keeps_floors(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, told, bounds = tmp_path / "run.jsonl", tmp_path / "told.json", tmp_path / "floors.json"
    bounds.write_text(
        json.dumps({"data": floors.fingerprint(folder), "at_least": {"seeded both nDCG@10": 0.1}}), "utf-8"
    )
    options = {"run": run, "json_file": told, "learners": False}
    evaluation_partners.evaluate_partners(folder, **options, floors=bounds)  # type: ignore[arg-type]
    lines = [json.loads(line) for line in run.read_text("utf-8").splitlines()]
    assert [line["query"] for line in lines] == list(dict.fromkeys(line["query"] for line in lines))
    assert len(lines) == sum(len(task.dev) for task in load(folder))
    team = {query.id: query.enquiry.team for task in load(folder) for query in task.dev}
    for line in lines:
        assert len(line["ranking"]) == TOWNS - len(team[line["query"]])
        assert not set(team[line["query"]]) & set(line["ranking"])
    assert json.loads(told.read_text("utf-8"))["rows"]
    assert "popularity" in capsys.readouterr().out
    bounds.write_text(bounds.read_text("utf-8").replace("0.1}", "1.1}"), "utf-8")
    with pytest.raises(BelowFloor, match="seeded both"):
        evaluation_partners.evaluate_partners(folder, **options, floors=bounds)  # type: ignore[arg-type]


def test_a_folder_of_one_task_is_enough(folder: Path, tmp_path: Path) -> None:
    (folder / "urbact").rename(tmp_path / "elsewhere")
    report = partners.evaluate(load(folder), learners=False)
    assert {row.task for row in report.rows} == {"horizon"}
    assert set(report.weights) == {"research"}
    assert partners_folder.TASKS["horizon"] == "research"
