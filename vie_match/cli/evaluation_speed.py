"""Measuring time and memory: ``evaluate speed``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import settings
from vie_match.cli.app import ModelOption, SettingsOption, log, note, output, table
from vie_match.cli.evaluation import evaluate_app
from vie_match.cli.evaluation_tables import write_figures
from vie_match.records import BRUSSELS

if TYPE_CHECKING:
    from vie_match.evaluation.growth import Growth
    from vie_match.evaluation.products import Products
    from vie_match.evaluation.speed import Report
    from vie_match.evaluation.throughput import Throughput
    from vie_match.evaluation.week import Week


@evaluate_app.command("speed")
def evaluate_speed(  # noqa: PLR0913 - a command's options are its parameters
    calls: Annotated[int, typer.Option(min=1, help="Most calls that are ranked.")] = 100_000,
    passages: Annotated[int, typer.Option(min=1, help="Vectors that are searched.")] = 100_000,
    texts: Annotated[int, typer.Option(min=2, help="Texts that are embedded.")] = 128,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is timed; medians are told.")] = 5,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure as JSON.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw time against calls (SVG).")] = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Folder of calls to embed.", show_default="calls")
    ] = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Time the ranking and the encoder, each beside a baseline in the same run, on made-up calls.

    Small enough for a test of a change, about a minute on two cores: --calls 1000 --texts 32 --rounds 3.
    """
    from vie_match.evaluation import speed

    chosen = settings.load(settings_file, calls=folder, model=model)
    size = speed.Size(calls=calls, passages=passages, texts=texts, rounds=rounds)
    report = speed.measure(
        chosen, size, dt.datetime.now(BRUSSELS).date(), lambda part: log.print(f"{part} …")
    )
    _print(report)
    write_figures(json_file, report.as_json())
    if plot:
        from vie_match.evaluation import speed_picture

        speed_picture.draw(report.growth, plot)
        log.print(f"picture written to {plot}", soft_wrap=True)


def _print(report: Report) -> None:
    note(report.notes)
    _print_week(report.week)
    _print_growth(report.growth)
    _print_products(report.products)
    if report.throughput:
        _print_throughput(report.throughput)
    made = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
    output.print(
        f"{report.day}: {made.processor}, {made.cores} cores, {made.system}; {versions}\n{report.command}",
        markup=False,
        highlight=False,
    )


def _print_week(week: Week) -> None:
    shown = table(
        f"a week's run in which nothing is new: {week.profiles} profiles, {week.calls:,} calls",
        "what",
        "figure",
    )
    shown.add_row("vie-match report, whole process", f"{week.seconds:.2f} s")
    shown.add_row("torch imported", "yes" if week.loads_torch else "no")
    shown.add_row("most memory", _mb(week.peak_mb))
    output.print(shown)


def _print_growth(points: Sequence[Growth]) -> None:
    title = f"fitting calls and ranking them for {points[0].profiles} profiles, vectors given"
    shown = table(title, "calls", "fit, s", "rank, s", "ms a call", "most memory so far")
    for point in points:
        each = f"{1000 * (point.fit_s + point.rank_s) / point.calls:.2f}"
        shown.add_row(
            f"{point.calls:,}", f"{point.fit_s:.2f}", f"{point.rank_s:.2f}", each, _mb(point.peak_mb)
        )
    output.print(shown)


def _print_products(found: Products) -> None:
    title = (
        f"the {found.count} best of {found.vectors:,} vectors for {found.queries:,}, "
        f"in blocks of {found.block} (all products at once: {found.whole_mb:,.0f} MB)"
    )
    shown = table(title, "work", "s", "÷ product", "memory, MB")
    shown.add_row("product alone", f"{found.bare_s:.2f}", "1.00", f"{found.bare_peak_mb:,.0f}")
    shown.add_row(
        "search, exact" if found.exact else "search, NOT EXACT",
        f"{found.best_s:.2f}",
        f"{found.ratio:.2f}",
        f"{found.best_peak_mb:,.0f}",
    )
    output.print(shown)


def _print_throughput(found: Throughput) -> None:
    title = (
        f"embedding {found.texts} passages, {found.threads} threads, processor "
        f"{'with' if found.bfloat16 else 'without'} bfloat16: {found.model}"
    )
    shown = table(title, "way", "texts/s", "vie-match ÷ it")
    shown.add_row(f"vie-match ({found.ours_type})", f"{found.ours_per_s:.1f}", "1.00")
    shown.add_row(
        f"SentenceTransformer.encode, its defaults ({found.plain_type})",
        f"{found.plain_per_s:.1f}",
        f"{found.ratio:.2f}",
    )
    shown.add_row(
        "SentenceTransformer.encode, float32", f"{found.float32_per_s:.1f}", f"{found.float32_ratio:.2f}"
    )
    output.print(shown)
    output.print(f"Ten nearest texts in common with its defaults: {100 * found.agreement:.1f} %.")


def _mb(size: float | None) -> str:
    return "unknown here" if size is None else f"{size:,.0f} MB"
