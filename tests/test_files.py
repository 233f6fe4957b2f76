"""Folders of files: encodings, faults with their lines, what survives a broken neighbour, writing."""

from __future__ import annotations

import datetime as dt
import logging
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match.errors import BadFile, Fault
from vie_match.records import Call, Profile
from vie_match.sources.files import (
    MAX_BYTES,
    load_calls,
    load_file,
    load_profiles,
    save_file,
)
from vie_match.vocabulary import Applicant, CountryGroup, PartnerKind, Programme, Role, Theme

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

# One key a line: 1 ---, 2 id, 3 title, 4 language, 5 city, 6 name, 7 country, then what a test adds.
HEAD = "---\nid: {id}\ntitle: Cool streets\nlanguage: en\ncity:\n  name: Town\n  country: DE\n"
CALL_HEAD = (
    "---\nidentifier: {id}\ntitle: Shade for streets\nprogramme: LIFE\n"
    "deadline_model: single-stage\nopening: 2026-01-01\ndeadlines: [2027-10-07]\n"
)

_TWO_PARTNERS = "partners:\n  - {name: A, country: DE}\n  - name: B\n    country: DE\n"


def profile_text(more: str = "", body: str = "Summers are hot.", id: str = "town-heat") -> str:
    return HEAD.format(id=id) + more + f"---\n\n{body}\n"


def call_text(more: str = "", body: str = "Projects plant trees.", id: str = "X-1") -> str:
    return CALL_HEAD.format(id=id) + more + f"---\n\n{body}\n"


def write(folder: Path, content: str | bytes, name: str = "x.md") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def faults_of(path: Path, kind: type[Profile] | type[Call] = Profile) -> tuple[Fault, ...]:
    with pytest.raises(BadFile) as caught:
        load_file(path, kind)
    assert all(fault.path == path for fault in caught.value.faults)
    return caught.value.faults


def fault_of(path: Path, kind: type[Profile] | type[Call] = Profile) -> Fault:
    faults = faults_of(path, kind)
    assert len(faults) == 1, faults
    return faults[0]


# --- encodings and line ends -------------------------------------------------------------------

_BODIES = {
    "bg": "Искаме да засадим дървета и да охладим улиците на града. Имаме нужда от пари и знания. "
    "Училищата и съседите ще помагат, а измерванията ще бъдат достъпни за всички.",
    "da": "Vi vil plante træer og køle byens gader. Der er brug for mere skygge på skolevejene, også når "
    "det blæser. Vi søger partnere, der måler, hvad træerne gør for varmen om sommeren.",
    "de": "Wir möchten die Straßen kühler machen: mehr Bäume und größere Grünflächen für alle. Uns fehlt das "
    "Geld für öffentliche Brunnen. Wir wünschen uns Städte, die ähnliche Plätze prüfen.",
    "el": "Θέλουμε να φυτέψουμε δέντρα και να δροσίσουμε τους δρόμους της πόλης. Χρειαζόμαστε χρήματα και "
    "γνώση. Τα σχολεία και οι γείτονες θα βοηθήσουν, και οι μετρήσεις θα είναι ανοιχτές.",
    "es": "Queremos plantar árboles y enfriar las calles de la ciudad. El año que viene habrá más sombra, "
    "según los niños y la administración. También necesitamos dinero para las fuentes públicas.",
    "fi": "Haluamme istuttaa puita ja viilentää kaupungin katuja. Tarvitsemme lisää varjoa ja enemmän "
    "näyttöä hyödyistä. Koulut ja naapurit auttavat, ja mittaukset ovat kaikkien käytössä myös kesällä.",
    "fr": "Nous voulons planter des arbres et rafraîchir les rues de la ville. Ça coûte très cher ; nous "
    "cherchons déjà des partenaires à l'étranger. Les écoles et les voisins seront prêts à aider l'été.",
    "it": "Vogliamo piantare alberi e rinfrescare le strade della città. Così la qualità dell'aria sarà più "
    "alta, perché la gente lo chiede già. Mancano i fondi per le fontane; c'è però molta disponibilità.",
    "lt": "Norime sodinti medžius ir vėsinti miesto gatves. Mums reikia pinigų ir žinių, kad šiluma "
    "neškenktų žmonėms.",
    "pl": "Chcemy sadzić drzewa i chłodzić ulice miasta. Potrzebujemy pieniędzy i wiedzy, żeby zrobić "
    "więcej. Szkoły i sąsiedzi pomogą, a wyniki pomiarów będą dostępne dla wszystkich.",
    "pt": "Queremos plantar árvores e arrefecer as ruas da cidade. Não há sombra; a população já não sai à "
    "tarde no verão. Faltam também recursos para as fontes, e a manutenção é difícil.",
    "tr": "Şehrin sokaklarını serinletmek için ağaçlar dikmek istiyoruz. Paraya ve bilgiye ihtiyacımız var.",
    "sv": "Vi vill plantera träd och kyla stadens gator. Det behövs mer skugga på skolvägarna, även när det "
    "blåser. Vi söker partner som mäter vad träden gör för värmen på sommaren.",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("language", ["de", "el", "bg"])
def test_utf8_is_read_silently_with_or_without_mark_and_whatever_ends_the_lines(
    tmp_path: Path, encoding: str, end: str, language: str
) -> None:
    body = f"{_BODIES[language]}\n\nEnd."
    write(tmp_path, profile_text(body=body).replace("\n", end).encode(encoding))
    loaded = load_profiles(tmp_path)
    assert loaded.notices == ()
    assert [profile.text for profile in loaded] == [body]


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *((language, "cp1252") for language in "da de es fi fr it pt sv".split()),
        ("pl", "cp1250"),
        ("bg", "cp1251"),
        ("el", "cp1253"),
        ("tr", "cp1254"),
        ("lt", "cp1257"),
        *((language, "utf-16") for language in "de el bg".split()),
        *((language, "utf-16-be") for language in "de el bg".split()),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_other_encodings_are_read_with_the_right_letters_and_a_notice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, language: str, encoding: str, end: str
) -> None:
    text = profile_text(body=_BODIES[language]).replace("language: en", f"language: {language}")
    mark = "\ufeff" if encoding == "utf-16-be" else ""  # Python writes it for utf-16 only
    path = write(tmp_path, (mark + text.replace("\n", end)).encode(encoding))
    with caplog.at_level(logging.WARNING, logger="vie_match"):
        loaded = load_profiles(tmp_path)
    assert loaded.faults == ()
    assert [profile.text for profile in loaded] == [_BODIES[language]]
    (notice,) = loaded.notices
    assert notice.startswith(f"{path}: read as ")
    assert "UTF-8" in notice
    assert caplog.messages == [notice]


def test_letters_of_an_old_encoding_are_right_in_the_front_matter_too(tmp_path: Path) -> None:
    text = profile_text("  local_name: Köln-Süd\n", body=_BODIES["de"]).replace(
        "language: en", "language: de"
    )
    profile = load_file(write(tmp_path, text.encode("cp1252")), Profile)
    assert profile.city.local_name == "Köln-Süd"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"---\nid: x\x00y\n---\n\nText.\n",
        b"PK\x03\x04\x14\x00\x06\x00",
    ],
)
def test_a_binary_file_is_refused(tmp_path: Path, content: bytes) -> None:
    fault = fault_of(write(tmp_path, content))
    assert (fault.line, fault.found) == (None, "binary data")
    assert "UTF-8" in fault.expected


@pytest.mark.parametrize(
    "content",
    [bytes(range(1, 256)) * 8, b"\xff\xfe\x00", profile_text(body="Bj\x81rn").encode("latin-1")],
    ids=["all bytes", "half a letter of UTF-16", "a byte that Windows-1252 does not have"],
)
def test_bytes_in_no_encoding_are_a_fault_of_the_file(tmp_path: Path, content: bytes) -> None:
    fault = fault_of(write(tmp_path, content))
    assert (fault.line, fault.found[:13]) == (None, "neither UTF-8")
    assert "UTF-8" in fault.expected


@pytest.mark.parametrize("content", ["", "\n\n", "   \r\n\t\r\n", "\ufeff"])
def test_an_empty_file_is_a_fault(tmp_path: Path, content: str) -> None:
    assert fault_of(write(tmp_path, content)).found == "an empty file"


def test_a_huge_file_is_refused_with_its_size(tmp_path: Path) -> None:
    path = write(tmp_path, profile_text(body="x" * 5_000_000))
    fault = fault_of(path)
    assert fault.found == "5.0 MB"
    assert f"{MAX_BYTES / 1e6:.1f} MB" in fault.expected


def test_a_large_text_within_the_limit_is_read(tmp_path: Path) -> None:
    body = ("word " * 380_000).strip()
    assert load_file(write(tmp_path, profile_text(body=body)), Profile).text == body


def test_a_folder_named_like_a_file_and_a_dangling_link_are_faults(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    (tmp_path / "b.md").symlink_to(tmp_path / "nowhere")
    write(tmp_path, profile_text(), "c.md")
    loaded = load_profiles(tmp_path)
    assert [(fault.path.name, fault.expected) for fault in loaded.faults] == [
        ("a.md", "a readable file"),
        ("b.md", "a readable file"),
    ]
    assert len(loaded) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_a_fault(tmp_path: Path) -> None:
    path = write(tmp_path, profile_text())
    path.chmod(0)
    assert fault_of(path).expected == "a readable file"


# --- values ------------------------------------------------------------------------------------


def test_the_country_no_is_norway(tmp_path: Path) -> None:
    text = profile_text().replace("country: DE", "country: NO").replace("language: en", "language: no")
    profile = load_file(write(tmp_path, text), Profile)
    assert (profile.city.country, profile.language) == ("NO", "no")


def test_text_becomes_numbers_dates_and_members(tmp_path: Path) -> None:
    more = (
        "  population: 70000\n  latitude: 51.5\n  mission_city: true\n  languages: [no, de]\nrole: Lead\n"
        "themes: [heat, Urban planning]\nbudget_eur: 1800000\nstart: 2027-05\nsource_date: 2026-11-24\n"
    )
    profile = load_file(write(tmp_path, profile_text(more)), Profile)
    assert (profile.city.population, profile.city.latitude, profile.city.mission_city) == (70000, 51.5, True)
    assert profile.city.languages == ("no", "de")
    assert (profile.role, profile.themes) == (Role.LEAD, (Theme.HEAT, Theme.URBAN_PLANNING))
    assert (profile.budget_eur, profile.start) == (1_800_000, "2027-05")
    assert profile.source_date == dt.date(2026, 11, 24)


def test_a_calls_file_has_the_money_beside_the_rest(tmp_path: Path) -> None:
    more = "grant_max_eur: 2000000\ncofunding_rate: 0.6\neligible_countries: [EU27, NO]\nthemes:\n"
    call = load_file(write(tmp_path, call_text(more)), Call)
    assert (call.budget.grant_max_eur, call.budget.cofunding_rate) == (2_000_000, 0.6)
    assert call.eligible_countries == ("EU27", "NO")
    assert call.themes == ()
    assert str(call.deadlines[0]) == "2027-10-07"


@pytest.mark.parametrize(
    "digits", ["1.800.000", "1,800,000", "1 800 000", "1'800'000", "180.000", "1.000", "1,8 Mio", "€5", "1e6"]
)
def test_money_that_is_not_plain_digits_is_refused_saying_what_is_expected(
    tmp_path: Path, digits: str
) -> None:
    fault = fault_of(write(tmp_path, profile_text(f'role: lead\nbudget_eur: "{digits}"\n')))
    assert fault.line == 9
    assert digits in fault.found
    assert "budget_eur" in fault.found
    assert "whole euro" in fault.expected


@pytest.mark.parametrize(
    ("more", "line", "found"),
    [
        ("  population: 70.000\n", 8, "city.population"),
        ("  population: ca. 70000\n", 8, "city.population"),
        ("  population: 0\n", 8, "city.population"),
        ("  latitude: 51,3\n", 8, "city.latitude"),
        ("  latitude: nan\n", 8, "city.latitude"),
        ("  mission_city: perhaps\n", 8, "city.mission_city"),
        ("role: boss\n", 8, "role"),
        ("duration_months: 3 years\n", 8, "duration_months"),
        ("start: May 2027\n", 8, "start"),
        ("source_date: 24.11.2026\n", 8, "source_date"),
        ("source_date: 0\n", 8, "source_date"),
        ("themes: heat\n", 8, "themes"),
        ("themes:\n  - heat\n  - heet\n", 10, "themes.1"),
        ("themes: [heat, ~]\n", 8, "themes.1"),
        ("sources:\n  - https://example.org\n  - example.org\n", 10, "sources.1"),
        (_TWO_PARTNERS + "    kind: pal\n", 12, "partners.1.kind"),
        ("past_projects:\n  - acronym: A\n    start: soon\n", 10, "past_projects.0.start"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_with_its_place_and_line(
    tmp_path: Path, more: str, line: int, found: str
) -> None:
    fault = fault_of(write(tmp_path, profile_text(more)))
    assert fault.line == line
    assert fault.found.startswith(f"{found}: ")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("programme: LIFE", "programme: LIVE", 4, "did you mean LIFE"),
        ("deadlines: [2027-10-07]", "deadlines: [7.10.2027]", 7, "2027-10-07"),
        ("deadlines: [2027-10-07]", "deadlines:\n  - 2027-02-01\n  - 2027-02-30", 9, "day"),
        ("opening: 2026-01-01", "cofunding_rate: 80", 6, "0 to 1"),
        ("opening: 2026-01-01", "grant_max_eur: 2.000.000", 6, "whole euro"),
        ("opening: 2026-01-01", "grant_max_eur: 200.000", 6, "whole euro"),
        ("opening: 2026-01-01", "url: javascript:alert(1)", 6, "http"),
        ("opening: 2026-01-01", "eligible_countries: [EU28]", 6, "EU style"),
    ],
)
def test_a_calls_faults_say_what_is_expected_and_where(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    fault = fault_of(write(tmp_path, call_text().replace(old, new)), Call)
    assert fault.line == line
    assert words in fault.expected


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("grant_min_eur: 9\ngrant_max_eur: 7\n", "grant_min_eur (9) not above grant_max_eur (7)"),
        ("", "opening before the last deadline"),
    ],
)
def test_values_that_contradict_each_other_are_a_fault(tmp_path: Path, more: str, words: str) -> None:
    text = call_text(more) if more else call_text().replace("opening: 2026", "opening: 2028")
    assert words in fault_of(write(tmp_path, text), Call).expected


# --- keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "line", "key", "meant"),
    [
        ("role: lead\nbugdet_eur: 5\n", 9, "bugdet_eur", "budget_eur"),
        ("Themes: [heat]\n", 8, "Themes", "themes"),
        ("  populaton: 5\n", 8, "city.populaton", "population"),
        (_TWO_PARTNERS + "    kin: tandem\n", 12, "partners.1.kin", "kind"),
        ("budget: 5\n", 8, "budget", "budget_eur"),
    ],
)
def test_an_unknown_key_is_refused_with_the_key_that_may_be_meant(
    tmp_path: Path, more: str, line: int, key: str, meant: str
) -> None:
    fault = fault_of(write(tmp_path, profile_text(more)))
    assert (fault.line, fault.found) == (line, f"the unknown key {key!r}")
    assert f"did you mean {meant}?" in fault.expected


def test_an_unknown_key_named_budget_is_refused_in_its_line_wherever_it_stands(tmp_path: Path) -> None:
    fault = fault_of(write(tmp_path, profile_text("  budget: 5\n")))
    assert (fault.line, fault.found) == (8, "the unknown key 'city.budget'")


def test_an_unknown_key_of_a_call_lists_the_keys_of_files(tmp_path: Path) -> None:
    fault = fault_of(write(tmp_path, call_text("grant_maximum_eur: 5\n")), Call)
    assert (fault.line, fault.found) == (8, "the unknown key 'grant_maximum_eur'")
    assert "did you mean grant_max_eur?" in fault.expected
    listed = fault.expected.split("all: ")[1].split(", ")
    assert "grant_min_eur" in listed
    assert not {"budget", "text"} & set(listed)


def test_the_key_budget_in_a_calls_file_is_not_blamed_on_keys_that_are_right(tmp_path: Path) -> None:
    faults = faults_of(write(tmp_path, call_text("budget: 5\ngrant_max_eur: 7\n")), Call)
    assert [fault.line for fault in faults] == [8]


@pytest.mark.parametrize("kind", [Profile, Call])
def test_the_key_text_is_refused_because_the_text_stands_below(
    tmp_path: Path, kind: type[Profile] | type[Call]
) -> None:
    text = profile_text("text: Hello\n") if kind is Profile else call_text("text: Hello\n")
    fault = fault_of(write(tmp_path, text), kind)
    assert fault.line == 8
    assert "'text'" in fault.found
    assert "below the front matter" in fault.expected


def test_every_missing_key_is_named_in_the_line_it_is_missing_from(tmp_path: Path) -> None:
    text = "---\nid: a-b\ntitle:\nlanguage: en\ncity:\n  country: DE\npartners:\n  - {name: A}\n---\n\nText."
    faults = faults_of(write(tmp_path, text))
    assert {fault.found: fault.line for fault in faults} == {
        "no title": 3,
        "no city.name": 5,
        "no partners.0.country": 8,
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Profile, {"no id", "no title", "no language", "no city"}),
        (Call, {"no identifier", "no title", "no programme"}),
    ],
)
def test_all_missing_keys_are_reported_together(
    tmp_path: Path, kind: type[Profile] | type[Call], names: set[str]
) -> None:
    key = "role" if kind is Profile else "source"
    faults = faults_of(write(tmp_path, f"---\n{key}: lead\n---\n\nText."), kind)
    assert {fault.found for fault in faults} == names


def test_a_file_without_a_text_is_a_fault_beside_the_others(tmp_path: Path) -> None:
    faults = faults_of(write(tmp_path, profile_text("role: boss\n", body="")))
    assert [fault.found.split(":")[0] for fault in faults] == ["role", "no text"]


def test_all_faults_of_a_file_are_reported_together_each_in_its_line(tmp_path: Path) -> None:
    text = (
        "---\n"
        "id: town heat\n"  # 2
        "title: Cool streets\n"
        "language: english\n"  # 4
        "\n"
        "# a hint\n"
        "city:\n"
        "  name: Town\n"
        "  country: XX\n"  # 9
        "  population: many\n"  # 10
        "  mayor: Smith\n"  # 11
        "partners:\n"
        "  - {name: A, country: DE, kind: tandem}\n"
        "  - name: B\n"
        "    country: DE\n"
        "    kind: friend\n"  # 16
        "budget_eur: -5\n"  # 17
        "themes: [heat, heet]\n"  # 18
        "text: here\n"  # 19
        "---\n\nText.\n"
    )
    path = write(tmp_path, text.replace("\n", "\r\n"))
    faults = faults_of(path)
    assert sorted(fault.line or 0 for fault in faults) == [2, 4, 9, 10, 11, 16, 17, 18, 19]
    assert all(f"{path}:{fault.line}: found " in str(fault) for fault in faults)


# --- folders -----------------------------------------------------------------------------------


def test_a_broken_file_never_stops_the_others(tmp_path: Path) -> None:
    write(tmp_path, profile_text(id="a-1"), "a.md")
    write(tmp_path, "---\nid: [", "b.md")
    write(tmp_path, b"\x00\x01", "c.md")
    write(tmp_path, "", "d.md")
    write(tmp_path, profile_text(id="e-1").encode("utf-16"), "e.md")
    write(tmp_path, profile_text("role: boss\n", id="f-1"), "f.md")
    write(tmp_path, profile_text(id="g-1"), "g.md")
    loaded = load_profiles(str(tmp_path))
    assert [profile.id for profile in loaded] == ["a-1", "e-1", "g-1"]
    assert [fault.path.name for fault in loaded.faults] == ["b.md", "c.md", "d.md", "f.md"]
    assert len(loaded.notices) == 1


def test_records_come_in_order_of_file_name_and_behave_as_a_sequence(tmp_path: Path) -> None:
    for name in ("b", "c", "a"):
        write(tmp_path, call_text(id=f"X-{name}"), f"{name}.md")
    loaded = load_calls(tmp_path)
    assert [call.identifier for call in loaded] == ["X-a", "X-b", "X-c"]
    assert (len(loaded), loaded[-1].identifier) == (3, "X-c")
    assert [call.identifier for call in loaded[:2]] == ["X-a", "X-b"]
    assert loaded[1] in loaded
    assert loaded == load_calls(tmp_path)


def test_only_visible_markdown_files_of_the_folder_itself_are_read(tmp_path: Path) -> None:
    for name in ("_draft.md", ".hidden.md", "_notes.txt", "x.md~", "picture.png", "sub/deep.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path, "not a profile", name)
    loaded = load_profiles(tmp_path)
    assert (loaded.records, loaded.faults, loaded.notices) == ((), (), ())


@pytest.mark.parametrize("name", ["a.md.txt", "a.docx", "a.MARKDOWN"])
def test_a_document_with_another_ending_is_not_passed_over_in_silence(tmp_path: Path, name: str) -> None:
    write(tmp_path, profile_text(), name)
    loaded = load_profiles(tmp_path)
    assert len(loaded) == 0
    (notice,) = loaded.notices
    assert name in notice
    assert "*.md" in notice


def test_the_ending_may_be_in_capitals(tmp_path: Path) -> None:
    write(tmp_path, profile_text(), "A.MD")
    assert len(load_profiles(tmp_path)) == 1


def test_comments_in_the_text_are_for_the_writer_only(tmp_path: Path) -> None:
    path = write(tmp_path, profile_text(body="<!-- a hint\nover two lines -->\n\nTrees.<!-- more -->"))
    assert load_file(path, Profile).text == "Trees."


def test_headings_with_nothing_but_hints_below_are_no_text(tmp_path: Path) -> None:
    path = write(tmp_path, profile_text(body="<!-- hint -->\n\n## Plan\n\n<!-- hint -->"))
    assert fault_of(path).found == "no text"


def test_an_escape_that_is_no_character_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, profile_text().replace("title: ", 'title: "\\UFFFFFFFF" # ', 1))
    assert "backslash" in fault_of(path).found


@pytest.mark.parametrize("load", [load_profiles, load_calls])
def test_an_empty_folder_holds_nothing_and_no_faults(tmp_path: Path, load: Callable[[Path], Any]) -> None:
    loaded = load(tmp_path)
    assert (len(loaded), list(loaded), loaded.faults) == (0, [], ())


@pytest.mark.parametrize(
    ("load", "word"), [(load_profiles, "profile"), (load_calls, "call")], ids=["profiles", "calls"]
)
@pytest.mark.parametrize(("name", "found"), [("missing", "no such folder"), ("file.md", "a file")])
def test_a_folder_that_is_none_is_refused(
    tmp_path: Path, load: Callable[[Path], Any], word: str, name: str, found: str
) -> None:
    write(tmp_path, profile_text(), "file.md")
    with pytest.raises(BadFile) as caught:
        load(tmp_path / name)
    (fault,) = caught.value.faults
    assert (fault.path, fault.found) == (tmp_path / name, found)
    assert f"{word} files" in fault.expected


@pytest.mark.parametrize("second", ["HORIZON-1", "horizon-1", "Horizon-1"])
def test_an_identifier_a_second_time_is_a_fault_and_the_first_is_kept(tmp_path: Path, second: str) -> None:
    write(tmp_path, call_text(id="HORIZON-1", body="First."), "a.md")
    path = write(tmp_path, call_text(id=second, body="Second."), "b.md")
    write(tmp_path, call_text(id="HORIZON-2", body="Third."), "c.md")
    loaded = load_calls(tmp_path)
    assert [call.text for call in loaded] == ["First.", "Third."]
    (fault,) = loaded.faults
    assert fault.path == path
    assert fault.found == f"identifier {second!r} a second time"
    assert "a.md" in fault.expected


def test_an_id_a_second_time_is_a_fault_for_profiles_too(tmp_path: Path) -> None:
    write(tmp_path, profile_text(), "a.md")
    write(tmp_path, profile_text(), "b.md")
    loaded = load_profiles(tmp_path)
    assert len(loaded) == 1
    assert [fault.found for fault in loaded.faults] == ["id 'town-heat' a second time"]


# --- writing -----------------------------------------------------------------------------------

_LETTERS = st.one_of(
    st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("#:-'\"[]{}&*!|>%@`,? äöüßéΣήμερα")
)
_STARTS = st.sampled_from(
    ["", "--- ", "---", "# ", "a: b", "'", '"', "- ", "null", "NO", "~", "*x", "12:30", "…"]
)
_LINES = st.builds("{}{}".format, _STARTS, st.text(_LETTERS, max_size=30)).filter(str.strip)
_TEXTS = (
    st.lists(st.builds("{}{}".format, _STARTS, st.text(_LETTERS, max_size=30)), min_size=1, max_size=5)
    .map(lambda lines: "\n".join(lines).strip())
    .filter(bool)
)
_URLS = st.sampled_from(["https://example.org/a?b=c#d", "http://example.org/ä: x"])
_DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
_CALLS = st.fixed_dictionaries(
    {
        "identifier": _LINES,
        "title": _LINES,
        "programme": st.sampled_from(Programme),
        "deadlines": st.sampled_from([["2027-10-07"], ["2027-02-01 14:00", "2027-10-07 17:00"]]),
        "text": _TEXTS,
    },
    optional={
        "opening": _DAYS,
        "deadline_model": st.sampled_from(["single-stage", "two-stage", "multiple cut-off", "continuous"]),
        "budget_total_eur": st.integers(0, 10**12),
        "grant_max_eur": st.integers(0, 10**12),
        "cofunding_rate": st.floats(0, 1),
        "eligible_applicants": st.lists(st.sampled_from(Applicant), max_size=2),
        "eligible_countries": st.lists(st.sampled_from(["NO", "EL", CountryGroup.EU27]), max_size=2),
        "min_countries": st.integers(1, 100),
        "consortium_note": _TEXTS,
        "themes": st.lists(st.sampled_from(Theme), max_size=2),
        "url": _URLS,
        "source": _TEXTS,
        "source_date": _DAYS,
    },
).map(Call.model_validate)
_PROFILES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a-b", "0", "1e5", "no", "town.heat_2"]).filter(lambda id: len(id) > 1),
        "title": _LINES,
        "language": st.sampled_from(["no", "el", "de"]),
        "city": st.fixed_dictionaries(
            {"name": _LINES, "country": st.sampled_from(["NO", "EL", "DE"])},
            optional={
                "local_name": _LINES,
                "population": st.integers(1, 50_000_000),
                "latitude": st.floats(-90, 90),
                "longitude": st.floats(-180, 180),
                "mission_city": st.booleans(),
                "networks": st.lists(_LINES, max_size=2),
                "languages": st.just(["no", "el"]),
            },
        ),
        "text": _TEXTS,
    },
    optional={
        "partners": st.lists(
            st.fixed_dictionaries(
                {"name": _LINES, "country": st.just("NO"), "kind": st.sampled_from(PartnerKind)}
            ),
            max_size=2,
        ),
        "role": st.sampled_from(Role),
        "budget_eur": st.integers(0, 10**12),
        "start": st.just("2027-05"),
        "themes": st.lists(st.sampled_from(Theme), max_size=2),
        "past_projects": st.lists(
            st.fixed_dictionaries({"acronym": _LINES, "grant_id": st.just("0101")}), max_size=2
        ),
        "sources": st.lists(_URLS, max_size=2),
        "source_date": _DAYS,
    },
).map(Profile.model_validate)

_GENTLY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_GENTLY
@given(record=_CALLS | _PROFILES)
def test_what_is_saved_is_loaded_again(tmp_path: Path, record: Call | Profile) -> None:
    path = tmp_path / "x.md"
    save_file(record, path)
    composed = unicodedata.normalize("NFC", record.model_dump_json())
    assert load_file(path, type(record)) == type(record).model_validate_json(composed)


@pytest.mark.parametrize(
    "text",
    [
        "---\nid: other\n---\n\nText",
        "# Heading\n\n---\n\n## What we need: money",
        "Ein Satz: „so“ – und 'so'.\n\n- Bäume\n- Brunnen",
        "Σήμερα: ζέστη.",
        '"quoted"',
        "...",
        "a\n\n\n\nb  \nc",
    ],
)
def test_texts_that_look_like_front_matter_stay_texts(
    tmp_path: Path, make_profile: MakeProfile, make_call: MakeCall, text: str
) -> None:
    records: list[Profile | Call] = [
        make_profile(text=text, title=text.partition("\n")[0]),
        make_call(text=text, title=text, source=text),
    ]
    for record in records:
        save_file(record, tmp_path / "x.md")
        assert load_file(tmp_path / "x.md", type(record)) == record


def test_a_saved_file_is_readable_for_people(tmp_path: Path, make_profile: MakeProfile) -> None:
    save_file(make_profile(title="Kühle Straßen: Σήμερα"), tmp_path / "x.md")
    lines = (tmp_path / "x.md").read_text(encoding="utf-8").split("\n")
    assert lines[:4] == ["---", "id: town-heat", "title: 'Kühle Straßen: Σήμερα'", "language: en"]
    assert lines[lines.index("---", 1) + 1 :][:2] == ["", "Summers are hot."]


def test_the_repositorys_own_files_survive_saving(root: Path, tmp_path: Path) -> None:
    for folder, load in (("profiles", load_profiles), ("calls", load_calls)):
        loaded = load(root / folder)
        (tmp_path / folder).mkdir()
        for number, record in enumerate(loaded):
            save_file(record, tmp_path / folder / f"{number:04}.md")
        assert len(loaded) > 0
        assert load(tmp_path / folder).records == loaded.records


def test_letters_that_were_taken_apart_are_put_together(tmp_path: Path, make_profile: MakeProfile) -> None:
    apart = unicodedata.normalize("NFD", "köln-wärme")
    assert apart != "köln-wärme"
    save_file(make_profile("koln"), tmp_path / "a.md")
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    (tmp_path / "a.md").write_text(text.replace("koln", apart), encoding="utf-8")
    [profile] = load_profiles(tmp_path)
    assert profile.id == "köln-wärme"


def test_quotation_marks_of_a_word_processor_are_no_part_of_a_value(
    tmp_path: Path, make_profile: MakeProfile
) -> None:
    save_file(make_profile("koln", title="Cool city"), tmp_path / "a.md")
    text = (tmp_path / "a.md").read_text(encoding="utf-8")
    (tmp_path / "a.md").write_text(text.replace("Cool city", "„Kühle Stadt“"), encoding="utf-8")
    [profile] = load_profiles(tmp_path)
    assert profile.title == "Kühle Stadt"
    (tmp_path / "a.md").write_text(text.replace("Cool city", "“Cool city: ways”"), encoding="utf-8")
    with pytest.raises(BadFile, match="straight quotes"):
        load_file(tmp_path / "a.md", Profile)
