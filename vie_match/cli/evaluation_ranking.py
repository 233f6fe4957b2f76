"""Measuring the fused ranking: ``evaluate ranking``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import settings
from vie_match.cli.app import ModelOption, SettingsOption, log, output, progress_bar, table
from vie_match.cli.evaluation import evaluate_app, print_judged
from vie_match.cli.evaluation_tables import write_figures
from vie_match.evaluation.benchmark import TextChoice
from vie_match.evaluation.benchmark import load as load_benchmark
from vie_match.whole import write_whole

if TYPE_CHECKING:
    from vie_match.evaluation.ranking import Report


@evaluate_app.command("ranking")
def evaluate_ranking(
    benchmark: Annotated[
        Path, typer.Option(help="Folder with calls, profiles (also in English), judgements.")
    ],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure as JSON.")] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Write the weights fitted to all profiles, as in fusion.json.")
    ] = None,
    floors: Annotated[
        Path | None, typer.Option(help="Fail (exit code 1) when a figure misses its floor in this file.")
    ] = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Measure the fused ranking, cross-validated by profile, beside what it is made of.

    Also: whether its probabilities hold, whether "nothing suitable" is said to the right profiles, and
    whether deleting a cited passage lowers the score.
    """
    from vie_match.embedding.models import default_encoder
    from vie_match.evaluation import floors as bounds
    from vie_match.evaluation import ranking

    chosen = settings.load(settings_file, model=model)
    own, english = (load_benchmark(benchmark, text) for text in TextChoice)
    with progress_bar() as progress:
        report = ranking.evaluate(own, english, default_encoder(chosen, progress), chosen.word_weight)
    if report is None:
        log.print("The folder holds too few judgements: nothing to measure.")
        return
    _print(report)
    write_figures(json_file, json.dumps(asdict(report), indent=1, ensure_ascii=False) + "\n")
    if weights:
        write_whole(weights, json.dumps([asdict(report.fusion)], indent=1) + "\n")
    if floors:
        kept = bounds.check(report.figures(), floors, benchmark)
        log.print(f"{kept} floors kept")


def _print(report: Report) -> None:
    print_judged(report.rows)
    said = report.calibration
    shown = table(
        f"the {said.matches} matches among the ten best of a profile: probability said, share judged good",
        *("probability", "matches", "mean said", "good"),
    )
    for one in said.bins:
        shown.add_row(
            f"{one.low:.1f} to {one.high:.1f}",
            *(str(one.matches), f"{one.mean_probability:.2f}", f"{one.share_good:.2f}"),
        )
    output.print(shown)
    output.print(
        f"Expected calibration error {said.error:.3f} (judged matches alone {said.judged_error:.3f}, "
        f"all pairs {said.all_error:.4f}); Brier score {said.brier:.3f}, of always saying the mean "
        f"{said.always:.3f}."
    )
    told = report.suitability
    output.print(
        f"Nothing suitable (best probability below {told.threshold:g}): said to {told.told_so:.0%} of "
        f"{told.without} profiles without a good call, to {told.missed:.0%} of {told.with_good} with one; "
        f"the latter get {told.recommended:.1f} of five places filled."
    )
    held = report.faithfulness
    output.print(
        f"Score lower without the cited passage: {held.cited:.0%} of {held.matches} matches "
        f"(by {held.cited_fall:.2f} log-odds); without another passage: {held.random:.0%} "
        f"({held.random_fall:.2f})."
    )
    missing = sum(map(len, report.unjudged.values()))
    output.print(f"Not judged among the five best of a profile: {missing} calls.")
    for profile, calls in report.unjudged.items():
        output.print(f"  {profile}: {', '.join(calls)}", markup=False, highlight=False)
    output.print("Weights, log-odds for one standard deviation, or for belonging to the instrument:")
    for name, weight in report.fusion.weights.items():
        scale = report.fusion.scales.get(name, 1.0)
        output.print(f"  {name} {weight * scale:+.2f}", markup=False, highlight=False)
    output.print(f"  intercept {report.fusion.intercept:+.2f}")
