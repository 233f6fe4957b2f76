"""A funding office in a folder, its processes, and the portals it asks: real HTTP on the loopback.

Between the first and the second week a deadline moves, a budget grows, a call is withdrawn, one closes, one
comes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import replay

from vie_match.records import Profile
from vie_match.sources.files import save_file

PAGE = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
OTHERS = ("eui", "portico", "euroaccess")


def topic(identifier: str, deadline: str, budget: int = 6_000_000, **more: str) -> dict[str, Any]:
    """One entry of the portal's search, in its wire form."""
    overview = {
        "budgetTopicActionMap": {
            "1": [
                {
                    "action": f"{identifier} - LIFE-PJG LIFE Project Grants",
                    "expectedGrants": 2,
                    "minContribution": 0,
                    "maxContribution": 0,
                    "budgetYearMap": {"2027": str(budget)},
                }
            ]
        }
    }
    values = {
        "type": "1",
        "identifier": identifier,
        "title": f"Trees for {identifier}",
        "status": "31094502",
        "startDate": "2026-05-05T00:00:00.000+0000",
        "deadlineDate": f"{deadline}T00:00:00.000+0000",
        "deadlineModel": "single-stage",
        "frameworkProgramme": "43252405",
        "typesOfAction": "LIFE Project Grants",
        "descriptionByte": f"<p>Projects of {identifier} plant trees, so that streets become cooler.</p>",
        "topicConditions": "<h4>Eligible countries</h4><p>Described in the call document.</p>",
        "budgetOverview": json.dumps(overview),
    } | more
    return {
        "reference": f"{identifier}TOPICSen",
        "language": "en",
        "url": f"{PAGE}{identifier}",
        "metadata": {name: [value] for name, value in values.items()},
    }


class World:
    """What the portal has at the moment; a test changes it between two fetches."""

    def __init__(self) -> None:
        self.open: list[dict[str, Any]] = []
        self.closed: list[dict[str, Any]] = []
        self.instead: replay.Answer | None = None

    def search(self, request: replay.Recorded) -> replay.Answer:
        if self.instead:
            return self.instead
        query = json.loads(request.parts()["query"].body)
        statuses = next(one["terms"]["status"] for one in query["bool"]["must"] if "status" in str(one))
        found = self.closed if statuses == ["31094503"] else self.open
        return replay.value({"totalResults": len(found), "results": found})

    def routes(self) -> dict[str, replay.Route]:
        return {"/rest/search": self.search, "/rest/facet": replay.value({"facets": []})}


FIRST_WEEK = [
    topic("LIFE-A", "2027-02-16"),
    topic("LIFE-B", "2027-03-18"),
    topic("LIFE-C", "2027-04-20"),
    topic("LIFE-E", "2026-11-20"),
]
SECOND_WEEK = [
    topic("LIFE-A", "2027-03-02"),
    topic("LIFE-B", "2027-03-18", 9_000_000),
    topic("LIFE-D", "2027-05-11"),
]
CLOSED = [topic("LIFE-E", "2026-11-20", status="31094503")]


def environment(**more: str) -> Mapping[str, str]:
    """Return that of the office's processes: nothing of one's own settings, and English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIE_MATCH_")}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1", "NO_PROXY": "127.0.0.1", "LC_ALL": "C.UTF-8"} | more


def start(folder: Path, *words: str, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    """Run vie-match in a folder to its end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "vie_match", *words],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def furnish(folder: Path, urls: Mapping[str, str], more: str = "") -> None:
    """Make an office: one profile, no call file, and some live sources by their addresses.

    What is set beside stands in ``more``, a piece of TOML with tables.
    """
    for name in ("profiles", "calls"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    profile = {
        "id": "town-heat",
        "title": "Cool streets for our town",
        "language": "en",
        "city": {"name": "Town", "country": "DE"},
        "text": "Summers are hot. We plant trees, so that streets become cooler.",
    }
    save_file(Profile.model_validate(profile), folder / "profiles" / "a.md")
    off = "".join(f"[sources.{name}]\nenabled = false\n" for name in OTHERS if name not in urls)
    on = "".join(f'[sources.{name}]\nurl = "{url}"\n' for name, url in urls.items())
    (folder / "vie-match.toml").write_text(
        f'model = "hashing"\ncache = "cache"\n{off}{on}{more}', encoding="utf-8"
    )
