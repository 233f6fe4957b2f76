"""Measuring the ranking of partner cities: ``evaluate partners``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match.cli.app import log, table
from vie_match.cli.evaluation import evaluate_app
from vie_match.cli.evaluation_tables import interval, wide, write_figures
from vie_match.whole import write_whole

if TYPE_CHECKING:
    from vie_match.evaluation.partners import Report, Row

_SIGNED = ("+.3f", "+.3f")


@evaluate_app.command("partners")
def evaluate_partners(
    benchmark: Annotated[
        Path, typer.Option(help="Folder with urbact/ and horizon/: cities, history, train, dev (JSON lines).")
    ],
    run: Annotated[
        Path | None, typer.Option(help="Write the 300 best cities for each search of dev as JSON lines.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure as JSON.")] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Write the weights fitted to all answers, as in weights.json.")
    ] = None,
    learners: Annotated[
        bool, typer.Option("--learners/--no-learners", help="Also other ways to learn; takes a minute.")
    ] = True,
    floors: Annotated[
        Path | None, typer.Option(help="Fail (exit code 1) when a figure misses its floor in this file.")
    ] = None,
) -> None:
    """Rank cities for the leads of real projects, and compare with whom they chose.

    What is learnt is cross-validated by project; each search sees only what was before it. The run is ranked
    by the weights that come with the program. A folder without answers is ranked and written all the same.
    """
    from vie_match.evaluation import floors as bounds
    from vie_match.evaluation import partners, partners_folder

    report = partners.evaluate(partners_folder.load(benchmark), learners=learners)
    if run:
        partners.write_run(report.rankings, run)
        log.print(f"{len(report.rankings)} rankings written to {run}", soft_wrap=True)
    if report.rows:
        _print(report)
    else:
        log.print("The folder holds too few answers: nothing to measure.")
    write_figures(json_file, report.as_json())
    if weights and report.weights:
        fitted = {name: asdict(one) for name, one in report.weights.items()}
        write_whole(weights, json.dumps(fitted, indent=1) + "\n")
    if floors:
        kept = bounds.check(report.figures(), floors, benchmark)
        log.print(f"{kept} floors kept")


def _print(report: Report) -> None:
    console = wide()
    for variant, task in dict.fromkeys((row.variant, row.task) for row in report.rows):
        rows = [row for row in report.rows if (row.variant, row.task) == (variant, task)]
        title = f"{task}, {variant}: {rows[0].queries} searches; means with 95 % bootstrap intervals"
        measures = list(rows[0].figures)
        shown = table(
            title, "system", *measures, "nDCG@10 − popularity", "R@20 − popularity", "Gini", "cities"
        )
        for row in rows:
            shown.add_row(*_cells(row, measures))
        console.print(shown)
        spread = rows[0].exposure
        if spread:
            console.print(f"Smallest Gini that so few searches can reach: {spread.least_gini:.3f}.")


def _cells(row: Row, measures: list[str]) -> list[str]:
    spread = row.exposure
    return [
        row.system,
        *(interval(row.figures.get(name), ".3f", ".3f") for name in measures),
        f"{interval(row.ndcg_gain, *_SIGNED)}{_times(row.ndcg_ratio)}",
        f"{interval(row.recall_gain, *_SIGNED)}{_times(row.recall_ratio)}",
        f"{spread.gini:.3f}" if spread else "",
        str(spread.towns) if spread else "",
    ]


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f" ×{ratio:.2f}"
