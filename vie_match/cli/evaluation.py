"""Measuring: ``evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from vie_match import errors, settings
from vie_match.cli.app import ModelOption, SettingsOption, app, log, output, progress_bar, table
from vie_match.evaluation.benchmark import TextChoice
from vie_match.evaluation.benchmark import load as load_benchmark

if TYPE_CHECKING:
    from vie_match.evaluation.calls import Evaluation

_COUNTS = ("offered", "loaded", "rejected", "folded")

evaluate_app = typer.Typer(
    help="Measure ranking, the reading of sources, and the store.", no_args_is_help=True
)
app.add_typer(evaluate_app, name="evaluate")


@evaluate_app.command("calls")
def evaluate_calls(
    benchmark: Annotated[Path, typer.Option(help="Folder with calls, profiles and judgements (JSON lines).")],
    run: Annotated[Path | None, typer.Option(help="Write the ranking as a TREC run file.")] = None,
    text: Annotated[TextChoice, typer.Option(help="Version of the profiles to rank.")] = TextChoice.OWN,
    floor: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail (exit code 1) when nDCG@10 is below.")
    ] = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Rank a judged benchmark with the current settings, beside trivial baselines.

    Deadlines are ignored. A folder without judgements is ranked and written all the same.
    """
    from vie_match.embedding.models import default_encoder
    from vie_match.evaluation import calls as evaluation

    chosen = settings.load(settings_file, model=model)
    loaded = load_benchmark(benchmark, text)
    with progress_bar() as progress:
        result = evaluation.evaluate(loaded, default_encoder(chosen, progress), chosen.word_weight)
    if run:
        evaluation.write_run(result.rankings, run)
        log.print(f"{len(result.rankings)} rankings written to {run}", soft_wrap=True)
    if result.systems:
        _print_evaluation(result)
    else:
        log.print("The folder holds no judgements: nothing to measure.")
    reached = result.systems[0].figures["nDCG@10"].mean if result.systems else None
    if floor is not None and (reached is None or reached < floor):
        raise errors.BelowFloor(f"found nDCG@10 {reached}; expected at least {floor}")


@evaluate_app.command("sources")
def evaluate_sources(
    folder: Annotated[Path, typer.Argument(help="Folder with recorded answers and snapshots of the portal.")],
) -> None:
    """Read recorded answers with the real parsers: what loads, what is rejected and why, how full it is."""
    from vie_match.evaluation import sources
    from vie_match.history import Harvest
    from vie_match.track.gathering import TrackHarvest

    found = sources.coverage(folder)
    for kind, title, fields in (
        (Harvest, "calls", sources.FIELDS),
        (TrackHarvest, "cities' participations", sources.CITY_FIELDS),
    ):
        shown = table(f"{title}, and known fields of those loaded, %", "recording", *_COUNTS, *fields)
        for one in found:
            if isinstance(one.harvest, kind):
                shares = (f"{100 * share:.0f}" for share in one.filled.values())
                shown.add_row(one.name, *map(str, one.counts), *shares)
        if shown.row_count:
            _wide().print(shown)
    for name, reason, count in sources.reasons(found):
        output.print(f"rejected {count} of {name}: {reason}", markup=False, highlight=False)


@evaluate_app.command("store")
def evaluate_store(
    calls: Annotated[int, typer.Option(min=1, help="Made-up calls to fill the store with.")] = 100_000,
) -> None:
    """Time the store: taking calls in, beside plain SQLite in the same run, and finding the open ones."""
    from vie_match.evaluation import store

    figures = store.measure(calls)
    shown = table(f"{figures.calls} calls, {figures.open_calls} of them open", "work", "figure")
    shown.add_row("taking new calls in", f"{figures.ingest_per_s:,.0f} calls/s")
    shown.add_row("the same calls again", f"{figures.unchanged_per_s:,.0f} calls/s")
    shown.add_row("baseline: executemany into one table", f"{figures.plain_per_s:,.0f} rows/s")
    shown.add_row("taking in ÷ baseline", f"{figures.relative_ingest:.2f}")
    shown.add_row("finding the open calls", f"{figures.query_ms:.2f} ms")
    shown.add_row("reading and merging them", f"{figures.load_ms:.1f} ms")
    output.print(shown)


def _wide() -> Console:
    """Return a console on which wide tables keep their shape, also in a file."""
    return output if output.is_terminal else Console(width=240)


def _print_evaluation(result: Evaluation) -> None:
    measures = list(result.systems[0].figures)
    title = "means with 95 % bootstrap intervals over profiles"
    means = table(title, "system", *measures, "hybrid's gain in nDCG@10")
    for system in result.systems:
        cells = [f"{one.mean:.3f} [{one.low:.2f}, {one.high:.2f}]" for one in system.figures.values()]
        gain = (
            f"{system.gain.mean:+.3f} [{system.gain.low:+.2f}, {system.gain.high:+.2f}]"
            if system.gain
            else ""
        )
        means.add_row(system.name, *cells, gain)
    wide = _wide()
    wide.print(means)
    languages = table("hybrid, by language of the profile", "language", "profiles", "nDCG@10")
    for language, (count, mean) in result.languages.items():
        languages.add_row(language, str(count), f"{mean:.3f}")
    wide.print(languages)
    missing = sum(map(len, result.unjudged.values()))
    output.print(f"Not judged among the five best of a profile: {missing} calls.")
    for profile, calls in result.unjudged.items():
        output.print(f"  {profile}: {', '.join(calls)}", markup=False, highlight=False)
