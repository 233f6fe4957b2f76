from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match.embedding.encoder import HashingEncoder
from vie_match.evaluation import metrics
from vie_match.evaluation.benchmark import Benchmark, Judgement
from vie_match.evaluation.calls import HYBRID, evaluate, write_run
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

SUBJECTS = ["trams", "forests", "museums", "harbours", "schools", "bridges", "kitchens", "libraries"]


@pytest.fixture
def benchmark(make_call: MakeCall, make_profile: MakeProfile) -> Benchmark:
    calls = tuple(
        make_call(f"C-{at}", title=f"Calls for {subject}", text=f"Towns build {subject}. Number {at}.")
        for at, subject in enumerate(SUBJECTS)
    )
    profiles = (
        make_profile("town-trams", title="Trams", text="We build trams."),
        make_profile("town-bridges", title="Bridges", text="We build bridges."),
        make_profile("stadt-museum", title="Museum", text="Wir bauen ein Museum.", language="de"),
        make_profile("town-none", title="Kitchens", text="We build kitchens."),
    )
    judgements = (
        Judgement("town-trams", "C-0", 3),
        Judgement("town-trams", "C-1", 0),
        Judgement("town-bridges", "C-5", 3),
        Judgement("stadt-museum", "C-2", 2),
        Judgement("town-none", "C-6", 1),
    )
    return Benchmark(calls, profiles, judgements)


def test_the_table_has_the_current_settings_and_the_baselines(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    result = evaluate(benchmark, encoder, 0.5)
    assert [system.name for system in result.systems] == [
        HYBRID,
        "vectors only",
        "words only, with bridge",
        "words only",
        "random",
    ]
    for system in result.systems:
        assert list(system.figures) == ["nDCG@10", "P@5", "R@20", "MRR", "useful@5", "judged@10"]
        assert (system.gain is None) is (system.name == HYBRID)
        for figure in system.figures.values():
            assert 0 <= figure.low <= figure.mean <= figure.high <= 1


def test_the_gain_is_the_hybrid_less_the_system_over_the_counted_profiles(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    hybrid, *others = evaluate(benchmark, encoder, 0.5).systems
    assert hybrid.figures["nDCG@10"].mean > 0.9
    for system in others:
        assert system.gain is not None
        expected = hybrid.figures["nDCG@10"].mean - system.figures["nDCG@10"].mean
        assert system.gain.mean == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("word_weight", [0.0, 0.5, 2.0])
def test_the_hybrid_ranks_with_the_current_word_weight(
    benchmark: Benchmark, encoder: HashingEncoder, word_weight: float
) -> None:
    result = evaluate(benchmark, encoder, word_weight)
    scores = Matcher(encoder, word_weight=word_weight).fit(benchmark.calls).scores(benchmark.profiles)
    assert list(result.rankings) == [profile.id for profile in benchmark.profiles]
    for ranking, row in zip(result.rankings.values(), scores, strict=True):
        expected = {call.identifier: score for call, score in zip(benchmark.calls, row, strict=True)}
        assert dict(ranking) == pytest.approx(expected)
        values = [score for _, score in ranking]
        assert values == sorted(values, reverse=True)
    got = result.systems[0].figures["nDCG@10"].mean
    values = metrics.per_profile(result.rankings, benchmark.judgements)["nDCG@10"]
    assert got == pytest.approx(sum(values.values()) / 3)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("vectors only", {"word_weight": 0.0}),
        ("words only, with bridge", {"word_weight": 1.0, "meaning_weight": 0.0}),
        ("words only", {"word_weight": 1.0, "meaning_weight": 0.0, "bridge": False}),
    ],
)
def test_each_baseline_is_what_its_name_says(
    benchmark: Benchmark,
    make_profile: MakeProfile,
    encoder: HashingEncoder,
    name: str,
    parameters: dict[str, object],
) -> None:
    # Every pair has a grade and every profile means several calls: each change of order is seen.
    profiles = tuple(
        make_profile(
            f"town-{at}", title=f"{one} bridging", text=f"We {other}. Schooled {one}.", language=code
        )
        for at, (one, other, code) in enumerate(
            zip(SUBJECTS, SUBJECTS[3:] + SUBJECTS[:3], ["en", "de"] * 4, strict=True)
        )
    )
    judgements = tuple(
        Judgement(profile.id, call.identifier, (3 * column + row) % 4)
        for row, profile in enumerate(profiles)
        for column, call in enumerate(benchmark.calls)
    )
    systems = evaluate(Benchmark(benchmark.calls, profiles, judgements), encoder, 3.0).systems
    [system] = [system for system in systems if system.name == name]
    assert system.gain is not None
    assert abs(system.gain.mean) > 1e-6
    scores = Matcher(encoder, **parameters).fit(benchmark.calls).scores(profiles)
    identifiers = [call.identifier for call in benchmark.calls]
    rankings = {
        profile.id: sorted(zip(identifiers, row.tolist(), strict=True), key=lambda pair: -pair[1])
        for profile, row in zip(profiles, scores, strict=True)
    }
    values = metrics.per_profile(rankings, judgements)
    for measure, figure in system.figures.items():
        assert figure.mean == pytest.approx(sum(values[measure].values()) / len(profiles))


def test_two_evaluations_are_equal(benchmark: Benchmark, encoder: HashingEncoder) -> None:
    assert evaluate(benchmark, encoder, 0.5) == evaluate(benchmark, encoder, 0.5)


def test_languages_count_the_profiles_with_a_relevant_call(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    languages = evaluate(benchmark, encoder, 0.5).languages
    assert {language: count for language, (count, _) in languages.items()} == {"en": 2, "de": 1}
    assert languages["en"][1] == pytest.approx(1)


def test_calls_in_the_first_five_that_nobody_judged_are_listed_in_order(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    result = evaluate(benchmark, encoder, 0.5)
    judged = {(one.profile, one.call) for one in benchmark.judgements}
    for profile, ranking in result.rankings.items():
        first = [call for call, _ in ranking[:5]]
        assert result.unjudged[profile] == tuple(call for call in first if (profile, call) not in judged)


def test_a_profile_whose_first_five_are_judged_is_not_among_the_unjudged(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    judgements = tuple(
        Judgement(profile.id, call.identifier, 2)
        for profile in benchmark.profiles[:3]
        for call in benchmark.calls
    )
    result = evaluate(Benchmark(benchmark.calls, benchmark.profiles, judgements), encoder, 0.5)
    assert list(result.unjudged) == ["town-none"]


def test_a_folder_that_is_not_judged_is_only_ranked(benchmark: Benchmark, encoder: HashingEncoder) -> None:
    result = evaluate(Benchmark(benchmark.calls, benchmark.profiles, ()), encoder, 0.5)
    assert result.rankings == evaluate(benchmark, encoder, 0.5).rankings
    assert (result.systems, result.languages, result.unjudged) == ((), {}, {})


def test_judgements_without_a_relevant_call_give_no_figures(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    judgements = (Judgement("town-trams", "C-0", 1), Judgement("town-none", "C-6", 0))
    result = evaluate(Benchmark(benchmark.calls, benchmark.profiles, judgements), encoder, 0.5)
    assert len(result.rankings) == 4
    assert result.systems == ()


def test_a_judgement_of_a_profile_that_is_not_in_the_folder_is_no_obstacle(
    benchmark: Benchmark, encoder: HashingEncoder
) -> None:
    judgements = (*benchmark.judgements, Judgement("elsewhere", "C-0", 3))
    result = evaluate(Benchmark(benchmark.calls, benchmark.profiles, judgements), encoder, 0.5)
    assert len(result.systems) == 5
    assert result.languages["en"][0] == 2


def test_at_most_a_hundred_calls_are_ranked_per_profile(
    make_call: MakeCall, make_profile: MakeProfile, encoder: HashingEncoder
) -> None:
    calls = tuple(make_call(f"C-{at}", text=f"Text {at * at}.") for at in range(120))
    result = evaluate(Benchmark(calls, (make_profile(), make_profile("b-2")), ()), encoder, 0.5)
    assert [len(ranking) for ranking in result.rankings.values()] == [100, 100]
    scores = Matcher(encoder).fit(calls).scores([make_profile()])[0]
    assert {call for call, _ in result.rankings["b-2"]} >= {
        calls[at].identifier for at in scores.argsort()[-90:]
    }


def test_a_run_file_has_six_columns_ranks_from_one_and_falling_scores(
    benchmark: Benchmark, encoder: HashingEncoder, tmp_path: Path
) -> None:
    result = evaluate(benchmark, encoder, 0.5)
    path = tmp_path / "new" / "hybrid.run"
    write_run(result.rankings, path, tag="mine")
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    rows = [line.split(" ") for line in text.splitlines()]
    assert {len(row) for row in rows} == {6}
    assert {(row[1], row[5]) for row in rows} == {("Q0", "mine")}
    for profile, ranking in result.rankings.items():
        own = [row for row in rows if row[0] == profile]
        assert [row[2] for row in own] == [call for call, _ in ranking]
        assert [row[3] for row in own] == [str(rank) for rank in range(1, len(own) + 1)]
        scores = [float(row[4]) for row in own]
        assert scores == sorted(scores, reverse=True)
        assert scores == pytest.approx([score for _, score in ranking], abs=1e-6)


def test_a_run_file_is_read_back_by_other_tools(tmp_path: Path) -> None:
    import ir_measures

    write_run({"town-a": [("C-1", 1.5), ("Ç-ö", -0.25)], "town-b": []}, tmp_path / "a.run")
    rows = list(ir_measures.read_trec_run(str(tmp_path / "a.run")))
    assert [(row.query_id, row.doc_id, row.score) for row in rows] == [
        ("town-a", "C-1", 1.5),
        ("town-a", "Ç-ö", -0.25),
    ]


def test_a_run_file_replaces_the_one_before(tmp_path: Path) -> None:
    write_run({"a": [("C-1", 1.0), ("C-2", 0.5)]}, tmp_path / "a.run")
    write_run({"a": [("C-3", 1.0)]}, tmp_path / "a.run")
    assert (tmp_path / "a.run").read_text() == "a Q0 C-3 1 1.000000 vie_match\n"
    write_run({}, tmp_path / "a.run")
    assert (tmp_path / "a.run").read_text() == ""


def test_ids_with_blanks_keep_the_six_columns(tmp_path: Path) -> None:
    write_run({"p": [("EUI call 1", 0.5)]}, tmp_path / "x.run")
    assert (tmp_path / "x.run").read_text(encoding="utf-8") == "p Q0 EUI%20call%201 1 0.500000 vie_match\n"
