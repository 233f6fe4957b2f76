"""Teams that a report suggests: for calls that fit several cities, as many as were asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match import pipeline
from vie_match.embedding.encoder import HashingEncoder
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.reports.digest import Digest
from vie_match.reports.outputs import Form
from vie_match.settings import Settings
from vie_match.sources.files import save_file

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)


@pytest.fixture
def report(
    tmp_path: Path,
    make_call: Callable[..., Call],
    make_profile: Callable[..., Profile],
    encoder: HashingEncoder,
) -> Callable[..., Digest]:
    """Makes a report for some cities about a call that needs partners in three countries."""
    own = Settings(**{name: tmp_path / name for name in ("profiles", "calls", "reports", "store", "cities")})
    rule = {"eligible_applicants": ["local_authority"], "eligible_countries": ["DE", "FR", "IT"]}
    save_file(make_call("X-MANY", min_participants=3, min_countries=3, **rule), own.calls / "many.md")

    def make(teams: int, *cities: str) -> Digest:
        for name in cities:
            profile = make_profile(f"{name.casefold()}-heat", city={"name": name, "country": "DE"})
            save_file(profile, own.profiles / f"{name}.md")
        forms = (Form.MARKDOWN, Form.NETWORK)
        return pipeline.report(own, NOON, forms=forms, teams=teams, encoder=encoder).digest

    return make


def test_a_team_keeps_to_the_calls_own_rules(report: Callable[..., Digest], tmp_path: Path) -> None:
    team = report(10, "Krefeld", "Hamm").teams["X-MANY"]
    assert {"Krefeld", "Hamm"} & set(team)
    assert len(set(team)) >= 3
    page = (tmp_path / "reports" / "network-2026-11-24.html").read_text(encoding="utf-8")
    assert all(name in page for name in team)


def test_no_team_is_sought_for_one_city_or_when_none_is_asked_for(report: Callable[..., Digest]) -> None:
    assert report(10, "Krefeld").teams == {}
    assert report(0, "Krefeld", "Hamm").teams == {}
