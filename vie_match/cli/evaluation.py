"""Measuring: ``evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import settings
from vie_match.cli.app import ModelOption, SettingsOption, app, log, note, output, progress_bar, table
from vie_match.cli.evaluation_tables import interval, keep_floor, wide, write_figures
from vie_match.evaluation.benchmark import TextChoice
from vie_match.evaluation.benchmark import load as load_benchmark

if TYPE_CHECKING:
    from vie_match.evaluation.calls import Evaluation
    from vie_match.evaluation.encoder import Report
    from vie_match.evaluation.searches import Parallel, TopicTest
    from vie_match.evaluation.speeds import Speed
    from vie_match.evaluation.versions import Judged

_COUNTS = ("offered", "loaded", "rejected", "folded")

evaluate_app = typer.Typer(
    help="Measure ranking, encoders, eligibility, speed, the reading of sources, and the store.",
    no_args_is_help=True,
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
    keep_floor("nDCG@10", reached, floor)


@evaluate_app.command("encoder")
def evaluate_encoder(  # noqa: PLR0913 - a command's options are its parameters
    benchmark: Annotated[
        Path | None, typer.Option(help="Folder with calls, profiles (also in English) and judgements.")
    ] = None,
    parallel: Annotated[
        Path | None, typer.Option(help="Folder with flores200_devtest.jsonl.gz: sentences and originals.")
    ] = None,
    cordis: Annotated[
        Path | None, typer.Option(help="CORDIS projects with their topics (JSON lines).")
    ] = None,
    sentences: Annotated[int, typer.Option(min=2, help="English sentences to search.")] = 1000,
    projects: Annotated[int, typer.Option(min=1, help="Projects of held-out topics.")] = 1000,
    with_rivals: Annotated[bool, typer.Option("--rivals/--no-rivals", help="Measure others, too.")] = True,
    floor: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Fail (exit code 1) when own-language nDCG@10 is below."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure as JSON.")] = None,
    model: ModelOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Measure an encoder alone, without words or fusion, beside other encoders.

    Each test runs if its data is given; the speed is always measured.
    """
    from vie_match.embedding.encoder import CachedEncoder
    from vie_match.embedding.models import default_encoder
    from vie_match.evaluation import encoder as evaluation
    from vie_match.evaluation import rivals, searches, speeds

    chosen = settings.load(settings_file, model=model)
    # All is read before anything is embedded: that may take an hour, and a fault should not wait so long.
    judged = [load_benchmark(benchmark, text) for text in TextChoice] if benchmark else []
    originals = searches.read_sentences(parallel, sentences) if parallel else None
    kept = searches.read_projects(cordis, projects) if cordis else None
    with progress_bar() as progress:
        remembering = default_encoder(chosen, progress)
        measured = rivals.ours(chosen.model, remembering)
        left_out: list[str] = []
        if with_rivals:
            remember = partial(CachedEncoder, store=remembering.store, progress=progress)
            others, left_out = rivals.others(chosen.cache / "models", remember)
            measured += others
        report = evaluation.Report(
            model=remembering.id,
            judged=evaluation.judged(measured, *judged) if judged else (),
            parallel=searches.parallel(measured, originals) if originals else (),
            topics=searches.topics(measured, kept) if kept else None,
            speeds=speeds.speeds(measured, speeds.timed_texts(judged[0].calls if judged else ())),
            peak_mb=speeds.peak_mb(),
            notes=tuple(left_out),
        )
    _print_report(report)
    if judged and not report.judged:
        log.print("The folder holds no judgements: nothing to measure there.")
    write_figures(json_file, report.as_json())
    reached = report.judged[0].own["nDCG@10"].mean if report.judged else None
    keep_floor("nDCG@10", reached, floor)


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
            wide().print(shown)
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


def _print_report(report: Report) -> None:
    note(report.notes)
    if report.judged:
        print_judged(report.judged)
    if report.parallel:
        _print_parallel(report.parallel)
    if report.topics:
        _print_topics(report.topics)
    _print_speeds(report.speeds)
    peak = "unknown here" if report.peak_mb is None else f"{report.peak_mb:,.0f} MB"
    output.print(f"Most memory of this process, with all models: {peak}.")


def print_judged(rows: Sequence[Judged]) -> None:
    """Print how systems rank the judged calls."""
    console = wide()
    for english, version in ((False, "profiles in their own languages"), (True, "English versions")):
        title = f"judged calls, {version}: means with 95 % bootstrap intervals over profiles"
        shown = table(title, "system", *rows[0].english, "first row's gain in nDCG@10")
        for row in rows:
            figures, gain = (row.english, row.english_gain) if english else (row.own, row.own_gain)
            if figures:
                shown.add_row(row.name, *map(interval, figures.values()), interval(gain, "+.3f"))
        console.print(shown)
    shown = table(
        "the same project in its own language and in English",
        *("system", "nDCG@10 own ÷ English", "share of the ten best calls in common"),
    )
    for row in rows:
        if row.own:
            shown.add_row(row.name, interval(row.ratio), interval(row.agreement))
    console.print(shown)
    title = f"nDCG@10 of {rows[0].name}, by language of the profile"
    shown = table(title, "language", "profiles", "own", "English")
    for language, means in rows[0].languages.items():
        shown.add_row(language, str(means.profiles), f"{means.own or 0:.3f}", f"{means.english:.3f}")
    console.print(shown)


def _print_parallel(rows: Sequence[Parallel]) -> None:
    title = "sentences whose nearest English sentence is their original, %"
    shown = table(title, "language", *(row.name for row in rows))
    for language in rows[0].accuracy:
        shown.add_row(language, *(f"{100 * row.accuracy[language]:.1f}" for row in rows))
    shown.add_row("mean", *(f"{100 * row.mean:.1f}" for row in rows))
    shown.add_row(
        "this encoder worse in",
        *("" if row.worse is None else str(row.worse) for row in rows),
    )
    wide().print(shown)


def _print_topics(test: TopicTest) -> None:
    title = f"{test.projects} projects of held-out topics against the titles of {test.topics} topics"
    shown = table(title, "encoder alone", "top 1", "top 10", "MRR", "first row's gain in MRR")
    for row in test.rows:
        shown.add_row(row.name, *map(interval, (row.top1, row.top10, row.mrr)), interval(row.gain, "+.3f"))
    wide().print(shown)


def _print_speeds(rows: Sequence[Speed]) -> None:
    shown = table(
        "speed in turns on the same texts, and size", "model", "texts/s", "÷ base", "parameters, MB"
    )
    for row in rows:
        relative = "" if row.relative is None else f"{row.relative:.2f}"
        size = "" if row.parameters_mb is None else f"{row.parameters_mb:.0f}"
        shown.add_row(row.model, f"{row.texts_per_s:.1f}", relative, size)
    wide().print(shown)


def _print_evaluation(result: Evaluation) -> None:
    measures = list(result.systems[0].figures)
    title = "means with 95 % bootstrap intervals over profiles"
    means = table(title, "system", *measures, "hybrid's gain in nDCG@10")
    for system in result.systems:
        means.add_row(system.name, *map(interval, system.figures.values()), interval(system.gain, "+.3f"))
    console = wide()
    console.print(means)
    languages = table("hybrid, by language of the profile", "language", "profiles", "nDCG@10")
    for language, (count, mean) in result.languages.items():
        languages.add_row(language, str(count), f"{mean:.3f}")
    console.print(languages)
    missing = sum(map(len, result.unjudged.values()))
    output.print(f"Not judged among the five best of a profile: {missing} calls.")
    for profile, calls in result.unjudged.items():
        output.print(f"  {profile}: {', '.join(calls)}", markup=False, highlight=False)
