"""Measuring the search for a team: ``evaluate consortium``."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import errors
from vie_match.cli.app import log, output, table
from vie_match.cli.evaluation import evaluate_app
from vie_match.cli.evaluation_tables import wide, write_figures

if TYPE_CHECKING:
    from vie_match.evaluation.consortium import Evaluation


@evaluate_app.command("consortium")
def evaluate_consortium(
    benchmark: Annotated[
        Path, typer.Option(help="Folder with calls*.jsonl, and cases* if given (also .gz).")
    ],
    candidates: Annotated[
        int, typer.Option(min=1, help="Candidates for each call: the cases' members and made-up ones.")
    ] = 600,
    largest: Annotated[
        int, typer.Option(min=0, help="Candidates up to which growth is timed; 0: not at all.")
    ] = 5000,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure as JSON.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw time against candidates (SVG).")] = None,
) -> None:
    """Search teams for calls by their own rules, check every one, compare with greedy and random choice.

    Fails (exit code 1) if a proposed team is refused by the check.
    """
    from vie_match.evaluation import consortium, eligibility_folder

    folder = eligibility_folder.load(benchmark)
    result = consortium.evaluate(
        folder, candidates, largest, told=lambda text: log.print(f"{text} …", highlight=False)
    )
    _print(result)
    write_figures(json_file, result.as_json())
    if plot and result.growth:
        from vie_match.evaluation import consortium_picture

        consortium_picture.draw(result.growth, plot)
        log.print(f"picture written to {plot}", soft_wrap=True)
    if result.failing:
        raise errors.BelowFloor(f"found {result.failing} teams that the check refuses; expected none")


def _print(result: Evaluation) -> None:
    console = wide(160)
    shown = table(
        "calls", "call", "rules", "status", "team", "check", "value", "greedy", "random", "best, s", "all, s"
    )
    for one in result.calls:
        shown.add_row(
            one.call,
            str(one.rules),
            one.status + ("" if one.certainty == "ask" else f" ({one.certainty})"),
            str(one.teams),
            ", ".join(one.answers) or "; ".join(one.conflict),
            *(_number(number) for number in (one.value, one.greedy, one.drawn)),
            _number(one.first_s),
            f"{one.seconds:.2f}",
        )
    console.print(shown)
    seconds = [one.seconds for one in result.calls]
    proven = sum(one.gap == 0 for one in result.calls)
    output.print(
        f"{len(result.calls)} calls, {sum(one.value is not None for one in result.calls)} with a team, "
        f"{proven} proven optimal; {result.teams} teams, {result.failing} refused by the check; "
        f"the best one after at most {max(one.first_s or 0 for one in result.calls):.2f} s, all of a call "
        f"after {statistics.median(seconds):.2f} s, at most {max(seconds):.2f} s."
    )
    for rival, name in (("greedy", "Greedy"), ("drawn", "The best of 100 random teams")):
        lost = result.shortfalls(rival)
        if lost:
            output.print(
                f"{name}: {100 * statistics.mean(lost):.1f} % below the best on average, "
                f"{100 * max(lost):.1f} % at most; no team for {result.stuck(rival)} calls."
            )
    if result.growth:
        grown = table(
            "until the best team is proven, for the three slowest calls", "candidates", "s", "most, s"
        )
        for point in result.growth:
            grown.add_row(
                f"{point.candidates:,}",
                f"{statistics.median(point.seconds):.2f}",
                f"{max(point.seconds):.2f}",
            )
        console.print(grown)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
