from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest

from vie_match.evaluation.store import StoreFigures, measure


@pytest.mark.parametrize("count", [1, 7, 300])
def test_all_calls_are_taken_in_and_the_open_ones_found(count: int) -> None:
    figures = measure(count)
    # The made-up calls close at 17:00, spread evenly from 2014 on; the query asks at noon.
    closing = [dt.date(2014, 1, 1) + dt.timedelta(days=number * 4750 // count) for number in range(count)]
    assert figures.calls == count
    assert figures.open_calls == sum(day >= dt.date(2026, 11, 24) for day in closing)
    rates = figures.ingest_per_s, figures.unchanged_per_s, figures.plain_per_s
    assert min(rates) > 0
    assert len(set(rates)) == 3
    assert min(figures.query_ms, figures.load_ms) > 0


def test_one_call_in_a_hundred_is_open() -> None:
    assert measure(300).open_calls / 300 == pytest.approx(0.01, abs=0.005)


def test_speed_is_told_beside_that_of_the_baseline() -> None:
    figures = StoreFigures(
        calls=10,
        ingest_per_s=500,
        unchanged_per_s=1000,
        plain_per_s=2000,
        open_calls=1,
        query_ms=1.5,
        load_ms=2.5,
    )
    assert figures.relative_ingest == 0.25


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    measure(5)
    assert list(tmp_path.iterdir()) == []
