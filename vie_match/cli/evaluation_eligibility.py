"""Measuring whether teams may apply: ``evaluate eligibility``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match.cli.app import log, output, table
from vie_match.cli.evaluation import evaluate_app
from vie_match.cli.evaluation_tables import keep_floor, wide, write_figures

if TYPE_CHECKING:
    from rich.console import Console

    from vie_match.evaluation.eligibility import Evaluation


@evaluate_app.command("eligibility")
def evaluate_eligibility(
    benchmark: Annotated[
        Path, typer.Option(help="Folder with calls*.jsonl, and rules* and cases* if given (also .gz).")
    ],
    run: Annotated[Path | None, typer.Option(help="Write verdicts and rules as JSON lines.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure as JSON.")] = None,
    floor: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail (exit code 1) when the accuracy is below.")
    ] = None,
    floor_eligible: Annotated[
        float | None,
        typer.Option(min=0, max=1, help='Fail when fewer of the verdicts "eligible" are right.'),
    ] = None,
    floor_rules: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail when F1 of the rules is below.")
    ] = None,
) -> None:
    """Read the rules of calls, judge teams by them, and compare with what is right.

    A folder without rules or expected verdicts is read, judged and written all the same.
    """
    from vie_match.evaluation import eligibility, eligibility_folder, eligibility_run

    result = eligibility.evaluate(eligibility_folder.load(benchmark))
    if run:
        eligibility_run.write_run(result, run)
        log.print(
            f"{len(result.judged)} verdicts and {len(result.read)} calls written to {run}", soft_wrap=True
        )
    _print(result)
    write_figures(json_file, result.as_json())
    rules = result.rules
    keep_floor("accuracy", result.accuracy, floor)
    keep_floor('precision of "eligible"', result.eligible_precision, floor_eligible)
    keep_floor("F1 of the rules", rules.f1 if rules else None, floor_rules)


def _print(result: Evaluation) -> None:
    console = wide(200)
    answers = ("eligible", "not_eligible", "unknown")
    if result.confusion:
        shown = table("verdicts: cases by right answer (rows) and given answer", "", *answers)
        for expect in answers:
            shown.add_row(expect, *(str(result.confusion[expect, given]) for given in answers))
        console.print(shown)
        right = result.eligible_precision
        precision = "not known" if right is None else f"{right:.3f}"
        console.print(
            f"Accuracy {result.accuracy:.3f}; precision of eligible {precision}; "
            f"right reasons {result.reasons or 0:.3f}."
        )
        for case, expect, given in result.wrong:
            output.print(f"  {case}: {given}, right is {expect}", markup=False, highlight=False)
    if result.by_kind:
        _print_rules(result, console)
    if not result.confusion and not result.by_kind:
        log.print("The folder holds neither rules nor expected verdicts: nothing to compare with.")
    per_call = 1000 * result.seconds / max(1, len(result.read))
    console.print(
        f"{len(result.read)} calls, {per_call:.0f} ms each; "
        f"quotes that stand in the text {result.verbatim:.3f}."
    )


def _print_rules(result: Evaluation, console: Console) -> None:
    shown = table("rules, compared by kind and value", "kind", "right", "wrong", "missed", "F1")
    for kind, hits in sorted(result.by_kind.items()):
        shown.add_row(kind, str(hits.found), str(hits.wrong), str(hits.missed), f"{hits.f1:.2f}")
    whole, team = result.rules, result.team_rules
    for name, total in (("all", whole), ("about the team", team)):
        if total:
            shown.add_row(name, str(total.found), str(total.wrong), str(total.missed), f"{total.f1:.3f}")
    console.print(shown)
    subject = sum(result.by_kind_and_subject.values(), start=type(team)())
    console.print(
        f"Mean F1 of the kinds {result.macro or 0:.3f}; F1 with the subject, too, {subject.f1:.3f}."
    )
