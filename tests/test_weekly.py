"""``vie-match weekly``: two weeks of an office, weeks that are broken off; real processes, the loopback."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import replay
from icalendar import Calendar
from office import CLOSED, FIRST_WEEK, OTHERS, SECOND_WEEK, World, environment, furnish, start, topic

from vie_match import knowledge, settings, weekly
from vie_match.changes import ChangeKind
from vie_match.errors import BadFile, StoreBusy
from vie_match.reports.agenda import Section, Why
from vie_match.reports.digest import Digest
from vie_match.reports.outputs import Form
from vie_match.settings import Settings
from vie_match.store.calls import CallStore
from vie_match.store.turn import turn
from vie_match.vocabulary import ReadingState, RunState

FIRST, SECOND = "2026-11-17", "2026-11-24"
FORMS = '[weekly]\nteams = 0\nforms = ["html", "md", "ics"]\n'
# Beside the calls that change: one that closes soon, one with time left, one that somebody dismisses.
STAYING = [topic("LIFE-F", "2026-12-22"), topic("LIFE-G", "2027-11-16"), topic("LIFE-H", "2027-10-05")]


class Portals:
    """The portal and the pages of the European Urban Initiative, on one server."""

    def __init__(self) -> None:
        self.world = World()
        self.eui: replay.Route = replay.page("<a href='/calls-proposals/one'>one</a>")
        self.go_on = threading.Event()
        self.server = replay.ReplayServer(
            self.world.routes()
            | {
                "/calls-proposals": lambda request: self.eui(request) if callable(self.eui) else self.eui,
                "/calls-proposals/one": replay.page(
                    "<main><h1>Trees of the Initiative</h1><p>The call closes on 5 May 2027.</p></main>"
                ),
            }
        )

    @property
    def urls(self) -> dict[str, str]:
        return {"portal": f"{self.server.url}/rest", "eui": f"{self.server.url}/calls-proposals"}

    def first_week(self) -> None:
        self.world.open, self.world.closed = [*FIRST_WEEK, *STAYING], []

    def second_week(self) -> None:
        self.world.open, self.world.closed = [*SECOND_WEEK, *STAYING], CLOSED

    def hang(self, request: replay.Recorded) -> replay.Answer:
        """Answer the Initiative's list only when a test lets it, or never."""
        self.go_on.wait(60)
        return replay.status(503)


@pytest.fixture(scope="module")
def portals() -> Iterator[Portals]:
    portals = Portals()
    with portals.server:
        yield portals
        portals.go_on.set()


@pytest.fixture
def fresh(portals: Portals) -> Portals:
    portals.first_week()
    portals.eui = replay.page("<a href='/calls-proposals/one'>one</a>")
    portals.server.requests.clear()
    return portals


@pytest.fixture(scope="module")
def after_two_weeks(tmp_path_factory: pytest.TempPathFactory, portals: Portals) -> Path:
    """An office after two weeks; in the second one a call was dismissed, and a source failed."""
    folder = tmp_path_factory.mktemp("office")
    furnish(folder, portals.urls, FORMS)
    portals.first_week()
    (folder / "first.txt").write_text(start(folder, "weekly", "--today", FIRST).stdout, encoding="utf-8")
    shutil.copy(folder / "reports" / "deadlines.ics", folder / "first.ics")
    start(folder, "feedback", "town-heat", "LIFE-H", "bad", "--why", "not-our-topic", "--today", FIRST)
    portals.second_week()
    portals.eui = replay.page("<h1>Maintenance</h1>")
    done = start(folder, "weekly", "--today", SECOND, code=5)
    (folder / "second.txt").write_text(done.stdout, encoding="utf-8")
    (folder / "stderr.txt").write_text(done.stderr, encoding="utf-8")
    return folder


@pytest.fixture
def office(tmp_path: Path, after_two_weeks: Path) -> Path:
    """A copy of that office."""
    return Path(shutil.copytree(after_two_weeks, tmp_path / "office"))


def digest_of(folder: Path, monkeypatch: pytest.MonkeyPatch, day: str) -> Digest:
    monkeypatch.chdir(folder)
    moment = knowledge.at_noon(dt.date.fromisoformat(day))
    return weekly.week(settings.load(environment={}), moment, forms=[Form.MARKDOWN], fetch=False).digest


def in_section(digest: Digest, section: Section) -> set[str]:
    (part,) = digest.cities
    found = part.section(section)
    return {match.call.identifier for match in found.matches} | {gone.call.identifier for gone in found.gone}


def test_every_call_stands_in_its_section(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = digest_of(office, monkeypatch, SECOND)
    (initiative,) = {key for key in digest.known if not key.startswith("LIFE")}
    assert in_section(digest, Section.NEW) == {"LIFE-D"}
    assert in_section(digest, Section.CHANGED) == {"LIFE-A", "LIFE-B"}
    assert in_section(digest, Section.CLOSING) == {"LIFE-F"}
    assert in_section(digest, Section.OPEN) == {"LIFE-G", initiative}
    assert {one.call.identifier: one.why for one in digest.cities[0].section(Section.GONE).gone} == {
        "LIFE-C": Why.WITHDRAWN,
        "LIFE-E": Why.CLOSED,
    }
    assert [out.call.identifier for out in digest.cities[0].left_out] == ["LIFE-H"]
    (trouble,) = digest.troubles
    assert (trouble.state, trouble.last_good) == (ReadingState.FAILED, dt.date(2026, 11, 17))


def test_changes_are_told_with_old_and_new_value(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = digest_of(office, monkeypatch, SECOND)
    told = {
        one.change.call.identifier: [(field.field, field.before, field.after) for field in one.change.fields]
        for one in digest.news_of(ChangeKind.CHANGED)
    }
    assert told["LIFE-A"] == [("deadlines", "2027-02-16", "2027-03-02")]
    assert told["LIFE-B"] == [("budget_total_eur", "6000000", "9000000")]
    report = (office / "reports" / f"report-{SECOND}.md").read_text(encoding="utf-8").replace("\\", "")
    assert re.search("16 February 2027 .*2 March 2027", report)
    assert re.search("€6,000,000 .*€9,000,000", report)


def test_the_first_report_has_nothing_new(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = digest_of(office, monkeypatch, FIRST)
    assert digest.since is None
    assert not in_section(digest, Section.NEW) | in_section(digest, Section.GONE)


def test_one_line_tells_the_week(after_two_weeks: Path) -> None:
    first, second = (
        (after_two_weeks / f"{name}.txt").read_text(encoding="utf-8") for name in ("first", "second")
    )
    html = Path("reports") / f"report-{FIRST}.html"
    assert first == f"2026-11-17: 1 project, 8 open calls; {html}\n"
    assert second == (
        "2026-11-24: 1 project, 7 open calls (1 new, 2 changed, 1 gone, 1 closed since 2026-11-17); "
        "1 source could not be read: European Urban Initiative; "
        f"{html.with_stem(f'report-{SECOND}')}\n"
    )
    assert "not read: eui" in (after_two_weeks / "stderr.txt").read_text(encoding="utf-8")


def test_the_line_speaks_the_language(office: Path) -> None:
    done = start(office, "weekly", "--today", SECOND, "--no-fetch", "--language", "de", code=5)
    assert (
        "1 Projekt, 7 offene Aufrufe (1 neu, 2 geändert, 1 weggefallen, 1 geschlossen seit 2026-11-17)"
        in done.stdout
    )
    assert "1 Quelle konnte nicht gelesen werden: European Urban Initiative" in done.stdout


def test_a_calendar_moves_the_entry_of_a_deadline_that_moved(after_two_weeks: Path) -> None:
    before, after = (
        {str(event["UID"]): event for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT")}
        for path in (after_two_weeks / "first.ics", after_two_weeks / "reports" / "deadlines.ics")
    )

    def closing(events: dict[str, object], identifier: str) -> dict[str, object]:
        return {
            uid: event
            for uid, event in events.items()
            if identifier in str(event.get("URL", "")) and "RELATED-TO" not in event
        }

    ((uid, old),) = closing(before, "LIFE-A").items()
    new = after[uid]
    day = [getattr(one["DTSTART"].dt, "date", lambda one=one: one["DTSTART"].dt)() for one in (old, new)]
    assert day == [dt.date(2027, 2, 16), dt.date(2027, 3, 2)]
    assert new["SEQUENCE"] > old["SEQUENCE"]
    ((uid, _),) = closing(before, "LIFE-C").items()
    assert after[uid]["STATUS"] == "CANCELLED"
    assert not closing(before, "LIFE-D")
    assert closing(after, "LIFE-D")


def test_a_day_has_one_report_and_asks_only_what_failed(office: Path, portals: Portals) -> None:
    report = office / "reports" / f"report-{SECOND}.md"
    first = report.read_text(encoding="utf-8")
    portals.second_week()
    portals.eui = replay.page("<a href='/calls-proposals/one'>one</a>")
    portals.server.requests.clear()
    done = start(office, "weekly", "--today", SECOND)
    assert not portals.server.asked("/rest/search")
    assert portals.server.asked("/calls-proposals")
    assert "could not be read" not in done.stdout
    assert "(1 new, 2 changed, 1 gone, 1 closed since 2026-11-17)" in done.stdout
    assert report.read_text(encoding="utf-8") != first
    portals.server.requests.clear()
    start(office, "weekly", "--today", SECOND)
    assert not portals.server.requests


Popen = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin() -> Iterator[Popen]:
    """Starts processes of an office; in the end all are killed."""
    started = []

    def begin_one(folder: Path, *words: str, script: str = "") -> subprocess.Popen[str]:
        program = ["-c", script] if script else ["-m", "vie_match"]
        process = subprocess.Popen(
            [sys.executable, *program, *words],
            cwd=folder,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin_one
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def calm(after_two_weeks: Path) -> dict[str, bytes]:
    """The files of a first week that nobody disturbed."""
    return reports(after_two_weeks) | {"deadlines.ics": (after_two_weeks / "first.ics").read_bytes()}


@pytest.fixture
def disturbed(tmp_path: Path, fresh: Portals) -> Path:
    """An office where nothing has happened yet."""
    furnish(tmp_path / "office", fresh.urls, FORMS)
    return tmp_path / "office"


def reports(folder: Path) -> dict[str, bytes]:
    """Return the files of the first week and of no certain week."""
    return {
        path.name: path.read_bytes() for path in (folder / "reports").iterdir() if SECOND not in path.name
    }


def hanging(portals: Portals, folder: Path, begin: Popen) -> subprocess.Popen[str]:
    """Start a week that has read the portal and waits for the Initiative."""
    asked = threading.Event()

    def hang(request: replay.Recorded) -> replay.Answer:
        asked.set()
        return portals.hang(request)

    portals.eui = hang
    process = begin(folder, "weekly", "--today", FIRST)
    assert asked.wait(60)
    return process


def test_a_week_killed_while_it_reads_goes_on_with_the_next_source(
    disturbed: Path, calm: dict[str, bytes], fresh: Portals, begin: Popen
) -> None:
    process = hanging(fresh, disturbed, begin)
    process.kill()
    process.wait()
    fresh.eui = replay.page("<a href='/calls-proposals/one'>one</a>")
    fresh.server.requests.clear()
    done = start(disturbed, "weekly", "--today", FIRST)
    assert not fresh.server.asked("/rest/search")
    assert fresh.server.asked("/calls-proposals/one")
    assert done.stderr == ""
    assert reports(disturbed) == calm
    journal = CallStore(disturbed / "vie-match.db").journal
    assert [(run.kind, run.state) for run in journal.runs()] == [
        ("fetch", RunState.BROKEN_OFF),
        ("fetch", RunState.DONE),
        ("report", RunState.DONE),
    ]


HALTING = """
import sys
from vie_match.reports import outputs
from vie_match.cli import main

whole = outputs.write_whole

def halt(path, content):
    if path.suffix == ".md":
        print("here", flush=True)
        sys.stdin.readline()
    whole(path, content)

outputs.write_whole = halt
main.main()
"""


def test_a_week_killed_while_it_writes_asks_nobody_again(
    disturbed: Path, calm: dict[str, bytes], fresh: Portals, begin: Popen
) -> None:
    process = begin(disturbed, "weekly", "--today", FIRST, script=HALTING)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.wait()
    assert list(reports(disturbed)) == [f"report-{FIRST}.html"]
    fresh.server.requests.clear()
    start(disturbed, "weekly", "--today", FIRST)
    assert not fresh.server.requests
    assert reports(disturbed) == calm
    store = CallStore(disturbed / "vie-match.db")
    assert [run.state for run in store.journal.runs()] == [RunState.DONE, RunState.BROKEN_OFF, RunState.DONE]


def test_a_second_week_is_told_who_is_at_work(fresh: Portals, tmp_path: Path, begin: Popen) -> None:
    furnish(tmp_path, fresh.urls, FORMS)
    process = hanging(fresh, tmp_path, begin)
    done = start(tmp_path, "weekly", "--today", FIRST, code=3)
    assert done.stdout == ""
    assert re.search(rf"since \d{{4}}-\d\d-\d\d \d\d:\d\d \(process {process.pid} on ", done.stderr)


def test_a_turn_ends_with_its_block(tmp_path: Path) -> None:
    store = tmp_path / "new" / "vie-match.db"
    with turn(store), pytest.raises(StoreBusy, match=r"another weekly run at work .* since 20"), turn(store):
        pass
    with turn(store):
        pass
    assert [path.name for path in store.parent.iterdir()] == ["vie-match.db.week.lock"]


def test_who_has_not_yet_said_who_it_is_keeps_others_out_too(tmp_path: Path) -> None:
    store = tmp_path / "vie-match.db"
    with turn(store):
        (tmp_path / "vie-match.db.week").unlink()
        with pytest.raises(StoreBusy, match="which has just begun"), turn(store):
            pass


def test_an_unknown_form_is_refused_before_any_work(fresh: Portals, tmp_path: Path) -> None:
    furnish(tmp_path, fresh.urls)
    done = start(tmp_path, "weekly", "--form", "htm", code=1)
    assert "found the form 'htm' (did you mean html?); expected: html, md" in done.stderr
    assert not fresh.server.requests
    assert not (tmp_path / "vie-match.db").exists()


def test_only_sources_that_count_are_read(tmp_path: Path) -> None:
    moment = knowledge.at_noon(dt.date.fromisoformat(FIRST))
    sources = {name: settings.SourceSettings(enabled=name == "eui") for name in ("portal", *OTHERS)}
    own = Settings(store=tmp_path / "vie-match.db", sources=sources)
    assert weekly.unread(own, moment) == ("eui",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('form = ["html"]', r"vie-match.toml:2: .*weekly.form.*did you mean forms\?"),
        ("teams = -1", r"vie-match.toml:2: .*weekly.teams"),
        ("forms = []", r"vie-match.toml:2: .*weekly.forms"),
    ],
)
def test_faults_in_the_settings_of_the_week_are_named(tmp_path: Path, line: str, expected: str) -> None:
    file = tmp_path / "vie-match.toml"
    file.write_text(f"[weekly]\n{line}\n", encoding="utf-8")
    with pytest.raises(BadFile, match=expected):
        settings.load(file, environment={})
