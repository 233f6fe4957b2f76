"""The command line in people's language: where it is told, and what stays as programs know it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from rich.text import Text

from vie_match.cli import app, helping, main
from vie_match.records import Call, Profile
from vie_match.sources.files import save_file
from vie_match.speech import languages, speech

assert main.COMMANDS  # imported for the commands, which are part of the program only then

Said = tuple[str, str]
Run = Callable[..., Said]


@pytest.fixture
def run(
    tmp_path: Path,
    make_call: Callable[..., Call],
    make_profile: Callable[..., Profile],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs vie-match in this process, in a folder with one profile and one call; returns what it said."""
    for folder in ("profiles", "calls"):
        (tmp_path / folder).mkdir()
    save_file(make_profile("town-heat"), tmp_path / "profiles" / "a.md")
    conditions = "3. Other Eligible ConditionsAt least two SMEs must take part as beneficiaries."
    save_file(make_call("X-1", conditions=conditions), tmp_path / "calls" / "x1.md")
    (tmp_path / "vie-match.toml").write_text('model = "hashing"\ncache = "cache"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def start(*words: str, code: int = 0) -> Said:
        monkeypatch.setattr(sys, "argv", ["vie-match", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app.run()
        assert (ended.value.code or 0) == code, capsys.readouterr()
        return capsys.readouterr()

    return start


CHECKED = {"en": "In order: 1 profile, 1 call.\n", "de": "In Ordnung: 1 Profil, 1 Aufruf.\n"}


@pytest.mark.parametrize(
    ("variables", "setting", "expected"),
    [
        ({}, None, "en"),
        ({"LANG": "de_AT.UTF-8"}, None, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, None, "en"),
        ({"LANG": "xx_XX.UTF-8"}, None, "en"),
        ({}, "de", "de"),
        ({"LANG": "de_DE.UTF-8"}, "en", "en"),
        ({"VIE_MATCH_LANGUAGE": "de"}, "en", "de"),
        ({"VIE_MATCH_LANGUAGE": " DE "}, None, "de"),
    ],
)
def test_the_settings_go_before_the_machine(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    setting: str | None,
    expected: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if setting:
        with (tmp_path / "vie-match.toml").open("a", encoding="utf-8") as file:
            file.write(f'language = "{setting}"\n')
    assert run("check") == (CHECKED[expected], "")


def test_a_settings_file_of_another_name_tells_the_language_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('language = "de"\n', encoding="utf-8")
    assert run("check", "--settings", "other.toml")[0] == CHECKED["de"]
    assert run("check")[0] == CHECKED["en"]


def test_the_option_goes_before_the_settings_and_lasts_for_one_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIE_MATCH_LANGUAGE", "de")
    words = ("eligible", "town-heat", "NOPE")
    assert run(*words, "--language", "en", code=1)[1].startswith("error: found no call 'NOPE'")
    assert run(*words, code=1)[1].startswith("Fehler: Aufruf 'NOPE' nicht gefunden; erwartet: ")


def test_an_unknown_language_is_refused_with_those_there_are(run: Run) -> None:
    told = run("match", "--language", "xx", code=1)[1]
    assert "found the language 'xx'; expected one of: en (English), de (Deutsch)" in told


def test_an_unknown_language_in_the_settings_is_a_fault_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vie-match.toml").write_text('top = 5\nlanguage = "xx"\n', encoding="utf-8")
    told = run("check", code=1)[1]
    assert told.startswith(
        "error: vie-match.toml:2: found language = 'xx'; expected one of: en (English), de"
    )


def test_faults_of_files_are_told_in_the_language(run: Run, tmp_path: Path) -> None:
    """Everything but the values that were found."""
    (tmp_path / "profiles" / "b.md").write_text("no front matter\n", encoding="utf-8")
    (tmp_path / "profiles" / "c.md").write_text(
        '---\nid: c\ntitle: "open\nlanguage: de\n---\nText.\n', encoding="utf-8"
    )
    lines = "id: d\nlanguage: deutsch\ncity: {name: Hamm, country: Niemcy}\nthemes: [wather]\nrol: lead\n"
    (tmp_path / "profiles" / "d.md").write_text(f"---\n{lines}---\nText.\n", encoding="utf-8")
    told = run("check", "--settings", settings_in(tmp_path, "de"), code=1)[1].splitlines()
    expected = [
        "Fehler: profiles/b.md:1: gefunden: 'no front matter'; erwartet: als erste Zeile '---'; ",
        "profiles/c.md:3: gefunden: ein Anführungszeichen, das nie geschlossen wird; erwartet: 'schluessel: ",
        "profiles/d.md:1: gefunden: kein title; erwartet: ein Wert (Titel des Projekts, in der Sprache",
        "profiles/d.md:3: gefunden: language: 'deutsch'; erwartet: zwei Buchstaben (ISO 639-1) (",
        "profiles/d.md:4: gefunden: city.country: 'Niemcy'; erwartet: zwei Buchstaben nach Art der EU (",
        "profiles/d.md:5: gefunden: themes.0: 'wather'; erwartet: eines von: air-quality, ",
        "profiles/d.md:6: gefunden: der unbekannte Schlüssel 'rol'; erwartet: ein bekannter Schlüssel (",
    ]
    assert len(told) == len(expected)
    for line, beginning in zip(told, expected, strict=True):
        assert line.startswith(beginning)
    assert told[4].endswith("(meinten Sie DE?)")
    assert told[5].endswith("(meinten Sie water?)")
    assert "found" not in "".join(told)


def test_check_names_the_parts_of_a_form_that_say_nothing(
    run: Run, tmp_path: Path, make_profile: Callable[..., Profile]
) -> None:
    text = "Where we stand.\n\n## What we want\n\nShade.\n\n## What we need\n\nTrees."
    save_file(make_profile("town-shade", text=text), tmp_path / "profiles" / "b.md")
    told = run("check")[1]
    assert told.startswith("note: town-shade: nothing under “What we plan”, “What we offer”; other headings")


def test_a_new_profile_takes_its_name_from_the_file_and_its_hints_from_the_language(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("new", "profile", "profiles/Gdynia Zielony Port.md", "--language", "pl")
    polish = (tmp_path / "profiles" / "Gdynia Zielony Port.md").read_text(encoding="utf-8")
    assert "\nid: gdynia-zielony-port " in polish
    assert "# title of the project" in polish
    assert "## Co planujemy" in polish
    assert "# Titel des Projekts" in run("new", "profile", "--language", "de")[0]
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    german = run("new", "profile")[0]
    assert "\nlanguage: de " in german
    assert "# Titel des Projekts" in german
    assert "# wie der Herausgeber" in run("new", "call")[0]


def test_eligibility_is_answered_in_the_language(run: Run) -> None:
    told = run("eligible", "town-heat", "X-1", "--language", "de")[0]
    assert "Darf Town allein einen Antrag stellen? nein" in told
    assert "Regel" in told
    assert "mindestens 2 KMU als Begünstigte" in told
    assert "  - noch 2 KMU als Begünstigte" in told


def test_json_holds_texts_in_every_language(run: Run) -> None:
    found = json.loads(run("eligible", "town-heat", "X-1", "--json")[0])
    demand = next(one["demand"] for one in found["verdicts"] if "SME" in one["demand"]["en"])
    assert demand == {"en": "at least 2 SMEs as beneficiaries", "de": "mindestens 2 KMU als Begünstigte"}


@pytest.mark.parametrize(
    ("language", "columns", "status"),
    [
        ("en", ["identifier", "title", "programme", "status", "deadline", "first_seen", "source"], "open"),
        ("de", ["Kennung", "Titel", "Programm", "Stand", "Frist", "zuerst gesehen", "Quelle"], "offen"),
    ],
)
def test_tables_for_people_are_translated_and_those_for_programs_are_not(
    run: Run, tmp_path: Path, language: str, columns: list[str], status: str
) -> None:
    words = ("calls", "--settings", settings_in(tmp_path, language), "--today", "2026-11-24", "--format")
    head, _, row = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in run(*words, "md")[0].splitlines()
    )
    assert head == columns
    assert row[3] == status
    rows = list(csv.DictReader(io.StringIO(run(*words, "csv")[0])))
    assert list(rows[0]) == ["identifier", "title", "programme", "status", "deadline", "first_seen", "source"]
    assert rows[0]["status"] == "open"


def test_the_match_table_speaks_the_language(run: Run) -> None:
    told = run("match", "--all", "--language", "de", "--today", "2026-11-24")[0]
    assert "Aufruf" in told
    assert "schließt am 7. Oktober 2027 (noch 317 Tage)" in told


def test_the_report_is_written_in_the_language_and_the_forms_asked_for(run: Run, tmp_path: Path) -> None:
    words = ("report", "--today", "2026-11-24", "--language", "de", "--form", "md", "--form", "md")
    assert run(*words)[0] == "reports/report-2026-11-24.md\n"
    text = (tmp_path / "reports" / "report-2026-11-24.md").read_text(encoding="utf-8")
    assert "24. November 2026" in text


def test_an_unknown_form_is_refused_with_the_nearest(run: Run) -> None:
    told = run("report", "--form", "htm", code=1)[1]
    assert "found the form 'htm' (did you mean html?); expected: html, md" in told


def test_a_near_miss_is_told_in_the_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    told = run("eligible", "town-heat", "X-11", code=1)[1]
    assert told.startswith("Fehler: Aufruf 'X-11' (meinten Sie X-1?) nicht gefunden; erwartet: ")


@pytest.mark.parametrize(("language", "said"), [("en", "continuous"), ("de", "laufend")])
def test_a_deadline_without_a_date_is_said_to_people_only(
    run: Run, tmp_path: Path, make_call: Callable[..., Call], language: str, said: str
) -> None:
    call = make_call("X-9", deadlines=[], deadline_model="continuous")
    save_file(call, tmp_path / "calls" / "x9.md")
    words = ("calls", "--settings", settings_in(tmp_path, language), "--format")
    assert f"| {said} |" in run(*words, "md")[0]
    rows = json.loads(run(*words, "json")[0])
    assert [row["deadline"] for row in rows if row["identifier"] == "X-9"] == ["continuous"]


def test_what_was_learnt_is_told_in_the_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    run("feedback", "town-heat", "X-1", "bad", "--why", "too-late", "--today", "2026-11-24")
    told = run("learn", "--today", "2026-11-24")[0].splitlines()
    assert told == [
        "0 Urteile zu 0 Profilen sagen etwas über das Thema",
        "nicht verwendet: 1 schlecht aus einem Grund, der nicht das Thema ist",
        told[-1],
    ]
    assert told[-1].startswith("nicht übernommen: gefunden: ")
    assert told[-1].endswith("; es gelten die mitgelieferten Gewichte")


def test_help_speaks_the_language_of_the_machine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    told = run("eligible", "--help")[0]
    for words in ("Regel für Regel sagen", "Angaben", "Optionen", "Diese Hilfe zeigen.", "(heute)"):
        assert words in told
    assert "Options" not in told
    monkeypatch.setenv("LANG", "C.UTF-8")
    told = run("eligible", "--help")[0]
    for words in ("Say rule by rule", "Arguments", "Options", "Show this message and exit.", "(today)"):
        assert words in told


def test_help_speaks_the_language_of_the_settings(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "vie-match.toml").open("a", encoding="utf-8") as file:
        file.write('language = "de"\n')
    assert "Findet die EU-Aufrufe" in run("--help")[0]


def test_settings_that_cannot_be_read_do_not_keep_the_help_from_speaking(run: Run, tmp_path: Path) -> None:
    (tmp_path / "vie-match.toml").write_text("top = \n", encoding="utf-8")
    assert "Usage: " in run("--help")[0]


def test_every_text_of_the_help_is_shown_as_it_stands() -> None:
    told = list(helping.texts(typer.main.get_command(app.app)))
    assert len(told) > 150
    for text in told:
        for language in languages():
            said = speech(language).gettext(text)
            # Square brackets would be taken for colours.
            assert Text.from_markup(said).plain == said


def settings_in(folder: Path, language: str) -> str:
    (folder / "spoken.toml").write_text(
        f'model = "hashing"\ncache = "cache"\nlanguage = "{language}"\n', encoding="utf-8"
    )
    return "spoken.toml"
