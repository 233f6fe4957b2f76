"""Dates and sums of money as people write them on pages."""

from __future__ import annotations

import pytest

from vie_match.pages import prose, text
from vie_match.sources import euroaccess_values


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14 October 2026 12:00 am", "2026-10-14 00:00"),
        ("14 October 2026 12:30 pm", "2026-10-14 12:30"),
        ("14 October 2026 at 5 pm", "2026-10-14 17:00"),
        ("14 October 2026 at 12 noon", "2026-10-14 12:00"),
        ("14 October 2026 at 24:00", "2026-10-14 23:59"),
        ("14/10/2026 17.00 Brussels time", "2026-10-14 17:00"),
        ("2026-10-14T15:00:00Z", "2026-10-14 17:00"),
        ("2026-10-14T23:30:00Z", "2026-10-15 01:30"),
        ("2026-10-14T15:00:00.000+0200", "2026-10-14 15:00"),
        ("2026-10-14 15:00", "2026-10-14 15:00"),
        # Hours of another clock, and numbers that are no hours.
        ("14 October 2026 16:00 UK time", "2026-10-14"),
        ("14 October 2026, 16:00 (Lisbon time)", "2026-10-14"),
        ("14 October 2026, 17:00 local time", "2026-10-14"),
        ("14/10/2026 5 p.m. GMT", "2026-10-14"),
        ("14 October 2026, 5 projects", "2026-10-14"),
        ("2026-10-14, 15 pages", "2026-10-14"),
    ],
)
def test_a_deadline_has_the_hour_that_is_meant(written: str, read: str) -> None:
    assert [str(one) for one in text.deadlines(f"Closes {written}.")] == [read]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("EUR 50 000 000, 200 projects", (50_000_000,)),
        ("EUR 12 000 000 2 projects", (12_000_000,)),
        ("EUR 5 000 000 80 % of the cost", (5_000_000,)),
        ("in 2027, 30 000 000 EUR", (30_000_000,)),
        ("12 May 2026 €300,000", (300_000,)),
        ("12 May 2026 EUR 300 000", (300_000,)),
        ("EUR300 000 or 1 234 567,89 €", (300_000, 1_234_568)),
        ("45.000.000,00 EUR", (45_000_000,)),
        ("EUR 300 000-500 000", (300_000, 500_000)),
        ("2 000 000 - 3 000 000 EUR", (2_000_000, 3_000_000)),
        ("20 to 30 million EUR", (20_000_000, 30_000_000)),
        ("EUR 300 000 and 5 partners", (300_000,)),
        ("€1.5m and 3,5 Mio. Euro, EUR 250k", (1_500_000, 3_500_000, 250_000)),
    ],
)
def test_neighbouring_numbers_are_no_part_of_an_amount(written: str, read: tuple[int, ...]) -> None:
    assert text.amounts(written) == read


@pytest.mark.parametrize(
    ("written", "bounds"),
    [
        ("between € 50,000 and 5,000,000", (50_000, 5_000_000)),
        ("EUR 300 000-500 000", (300_000, 500_000)),
        ("min. € 50,000.00", (50_000, None)),
    ],
)
def test_both_ends_of_a_range_are_the_bounds(written: str, bounds: tuple[int | None, int | None]) -> None:
    assert euroaccess_values.contribution(written) == bounds


def test_a_range_is_no_budget() -> None:
    assert prose.budget(["The call has a budget of 20 to 30 million EUR."]) is None
    assert prose.budget(["The budget of the call for 2027, 30 000 000 EUR, is shared."]) == 30_000_000
