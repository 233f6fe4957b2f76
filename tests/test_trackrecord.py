"""The track record: what a participation is, what is told of a city, and the facts that are shipped."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vie_match.errors import BadFile, BadValue
from vie_match.track.records import (
    COLUMNS,
    ParticipantRole,
    Participation,
    by_city,
    co_participants,
    parse_country,
    parse_role,
    summaries,
)
from vie_match.track.table import SHIPPED, facts_frame, facts_from_frame, read_facts, write_facts
from vie_match.vocabulary import Programme

LEAST: dict[str, object] = {
    "project_id": "190000001",
    "acronym": "SHADY",
    "programme": "HORIZON",
    "framework": "HORIZON",
    "role": "participant",
    "organisation": "STAD GENT",
    "city_id": "BE-gent",
    "city": "Gent",
    "country": "BE",
    "source": "CORDIS",
}


def part(**fields: object) -> Participation:
    return Participation.model_validate(LEAST | fields)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("coordinator", ParticipantRole.COORDINATOR),
        ("Lead partner", ParticipantRole.COORDINATOR),
        ("participant", ParticipantRole.PARTICIPANT),
        ("beneficiary", ParticipantRole.PARTICIPANT),
        ("associatedPartner", ParticipantRole.ASSOCIATED_PARTNER),
        ("associated partner", ParticipantRole.ASSOCIATED_PARTNER),
        ("internationalPartner", ParticipantRole.ASSOCIATED_PARTNER),
        ("thirdParty", ParticipantRole.THIRD_PARTY),
        ("third_party", ParticipantRole.THIRD_PARTY),
    ],
)
def test_roles_are_known_in_the_sources_spellings(text: str, role: ParticipantRole) -> None:
    assert parse_role(text) is role
    assert part(role=text).role is role


def test_every_role_is_read_as_it_is_written() -> None:
    assert [parse_role(role.value) for role in ParticipantRole] == list(ParticipantRole)


def test_an_unknown_role_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadValue, match="coordinator, participant, associated partner, third party"):
        parse_role("mascot")


def test_a_country_may_be_any_of_the_world() -> None:
    assert [parse_country(code) for code in ("gr", "GB", "AR", "de")] == ["EL", "UK", "AR", "DE"]
    with pytest.raises(BadValue, match="two letters"):
        parse_country("Germany")


def test_what_is_not_stated_is_unknown() -> None:
    one = part()
    unknown = {name for name in COLUMNS if getattr(one, name) is None}
    assert unknown == set(COLUMNS) - set(LEAST)
    assert one.programme is Programme.HORIZON


def test_coordinates_are_kept_to_a_metre() -> None:
    one = part(latitude=44.994993550000004, longitude=24.848632440149892)
    assert (one.latitude, one.longitude) == (44.99499, 24.84863)


def test_texts_are_one_line() -> None:
    assert part(organisation=" STAD \n GENT\r\u2028").organisation == "STAD GENT"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"role": "associatedPartner", "contribution_eur": 0}, "associated partner"),
        ({"start": "2025-01-02", "end": "2025-01-01"}, "not before its start"),
        ({"city_id": "be-gent"}, "city_id"),
        ({"nuts3": "BE"}, "nuts3"),
        ({"contribution_eur": -1}, "contribution_eur"),
        ({"latitude": 91.0}, "latitude"),
        ({"organisation": " "}, "organisation"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"title": "A sentence of the project"}, "title"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        part(**fields)


GENT = [
    part(role="coordinator", start="2024-01-01", topic="T-2", contribution_eur=100),
    part(project_id="2", start="2026-05-01", topic="T-1", role="associatedPartner", city="GENT"),
    part(project_id="2", organisation="Gent Metropolitan", contribution_eur=50, topic="T-1"),
]
OTHERS = [
    part(project_id="2", city_id="NL-utrecht", city="Utrecht", country="NL"),
    part(project_id="190000001", city_id="NL-utrecht", city="Utrecht", country="NL"),
    part(project_id="2", city_id="DK-aarhus", city="Aarhus", country="DK"),
    part(project_id="9", city_id="DK-vejle", city="Vejle", country="DK"),
]


def test_a_city_is_told_in_figures() -> None:
    first, *rest = summaries([*OTHERS, *GENT])
    assert first.model_dump() == {
        "city_id": "BE-gent",
        "city": "Gent",
        "country": "BE",
        "projects": 2,
        "coordinated": 1,
        "contribution_eur": 150,
        "years": (2024, 2026),
        "topics": ("T-1", "T-2"),
    }
    assert [(one.city_id, one.projects) for one in rest] == [
        ("NL-utrecht", 2),
        ("DK-aarhus", 1),
        ("DK-vejle", 1),
    ]


def test_money_and_years_that_nobody_knows_are_unknown_not_zero() -> None:
    (vejle,) = summaries(OTHERS[3:])
    assert (vejle.contribution_eur, vejle.years, vejle.topics) == (None, None, ())


def test_cities_that_worked_together_are_found() -> None:
    assert co_participants([*GENT, *OTHERS], "BE-gent") == {
        "NL-utrecht": ("190000001", "2"),
        "DK-aarhus": ("2",),
    }
    assert list(co_participants([*OTHERS, *GENT], "BE-gent")) == ["NL-utrecht", "DK-aarhus"]
    assert co_participants(GENT, "DK-vejle") == {}


def test_participations_are_gathered_by_city() -> None:
    grouped = by_city([*OTHERS, *GENT])
    assert list(grouped) == ["NL-utrecht", "DK-aarhus", "DK-vejle", "BE-gent"]
    assert grouped["BE-gent"] == tuple(GENT)


texts = st.text(min_size=1, max_size=60).filter(lambda text: bool(text.split()))
days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))
participations = st.builds(
    lambda fields, span: part(**fields, **dict(zip(("start", "end"), sorted(span), strict=True))),
    st.fixed_dictionaries(
        {
            "project_id": texts,
            "acronym": texts
            | st.sampled_from(["=1+1", "'=x", "''@", "-A", "'s-Hertogenbosch", '"', "a,b;c"]),
            "framework": texts,
            "organisation": texts,
            "city": texts,
            "role": st.sampled_from(["coordinator", "participant", "third party"]),
            "programme": st.sampled_from(Programme),
            "country": st.sampled_from(["EL", "UK", "AR"]),
        },
        optional={
            "topic": st.none() | texts,
            "organisation_id": texts,
            "signed": days,
            "nuts3": st.just("EL522"),
            "latitude": st.floats(-90, 90),
            "longitude": st.floats(-180, 180),
            "contribution_eur": st.integers(0, 10**12),
            "participants": st.integers(1, 10_000),
            "url": st.just("https://example.org/a?b=c,d"),
        },
    ),
    st.tuples(days, days),
)


@given(st.lists(participations, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_facts_are_read_as_they_were_written(tmp_path: Path, written: list[Participation]) -> None:
    path = tmp_path / "facts.csv"
    write_facts(written, path)
    assert sorted(read_facts(path), key=repr) == sorted(written, key=repr)
    first = path.read_bytes()
    write_facts(reversed(written), path)
    assert path.read_bytes() == first


@given(st.lists(participations, max_size=4))
@settings(deadline=None)
def test_frames_are_read_as_they_were_made(written: list[Participation]) -> None:
    frame = facts_frame(written)
    assert tuple(frame.columns) == COLUMNS
    assert facts_from_frame(frame) == written


def test_a_frame_may_lack_columns_and_have_empty_cells() -> None:
    frame = pd.DataFrame([LEAST | {"contribution_eur": float("nan"), "start": pd.NaT, "topic": pd.NA}])
    assert facts_from_frame(frame) == [part()]


def test_a_row_of_a_frame_that_is_none_is_named() -> None:
    frame = pd.DataFrame([LEAST, LEAST | {"role": "mascot"}])
    with pytest.raises(BadValue, match="row 1: found role: 'mascot'; expected one of: coordinator"):
        facts_from_frame(frame)


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    write_facts([part(organisation="=HYPERLINK(1)", acronym="+A")], tmp_path / "facts.csv")
    assert ",'=HYPERLINK(1)," in (tmp_path / "facts.csv").read_text(encoding="utf-8")


HEADER = ",".join(LEAST)
ROW = ",".join(map(str, LEAST.values()))


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("", ["1: found no column project_id", "found no column source"]),
        (HEADER.replace("role", "rôle") + "\n", ["no column role", "'rôle'; expected one of", "mean role?"]),
        (HEADER + ",role\n", ["1: found the column 'role' twice"]),
        (f"{HEADER}\n{ROW}\n{ROW},x\n", ["3: found 11 cells; expected 10"]),
        (f"{HEADER}\n{ROW.replace('BE-gent', 'gent')}\n", ["2: found city_id: 'gent'"]),
        (f"{HEADER}\n{ROW.replace('participant', '')}\n", ["2: found no role"]),
        (f'{HEADER}\n"190', ["broken CSV"]),
        (b"\xff\xfe\x00", ["not UTF-8"]),
    ],
)
def test_every_fault_of_a_file_is_told_with_its_line(
    tmp_path: Path, content: str | bytes, messages: list[str]
) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadFile) as error:
        read_facts(path)
    assert all(message in str(error.value) for message in messages), str(error.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    wrong = ROW.replace("BE,", "Belgium,").replace("participant", "mascot")
    path.write_text(f"{HEADER}\n{wrong}\n{ROW}\n{ROW},x\n", encoding="utf-8")
    with pytest.raises(BadFile) as error:
        read_facts(path)
    assert [fault.line for fault in error.value.faults] == [2, 2, 4]


def test_a_missing_file_and_a_place_that_is_none_are_bad_files(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        read_facts(tmp_path / "none.csv")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFile, match="room to write"):
        write_facts([], tmp_path / "file" / "facts.csv")


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_broken_facts_are_bad_files_and_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    whole = SHIPPED.read_bytes()[:2000]
    at = data.draw(st.integers(0, len(whole)))
    middle = data.draw(st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b"\r", b"\0", b","]))
    path = tmp_path / "facts.csv"
    path.write_bytes(whole[:at] + middle + whole[at + data.draw(st.integers(0, 50)) :])
    with contextlib.suppress(BadFile):
        assert read_facts(path) is not None


CARD = SHIPPED.with_name("CARD.md").read_text(encoding="utf-8")


def on_card(name: str) -> str:
    found = re.search(rf"^\| {name} \| `?([^`|]+?)`? \|$", CARD, re.MULTILINE)
    assert found, name
    return found[1]


@pytest.fixture(scope="module")
def shipped() -> tuple[Participation, ...]:
    return read_facts()


def test_the_card_names_the_file_by_its_hash() -> None:
    assert on_card("SHA-256") == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()


def test_the_card_counts_right(shipped: tuple[Participation, ...]) -> None:
    counts = {
        "rows": len(shipped),
        "projects": len({one.project_id for one in shipped}),
        "cities": len({one.city_id for one in shipped}),
        "organisations": len({one.organisation_id for one in shipped}),
        "countries": len({one.country for one in shipped}),
    }
    assert {name: int(on_card(name)) for name in counts} == counts


def test_the_card_explains_every_column() -> None:
    assert (
        tuple(re.findall(r"^\| ([a-z_0-9]+) \| [^|]+ \|$", CARD.partition("## Columns")[2], re.M)[1:])
        == COLUMNS
    )


def test_the_card_gives_origin_date_and_licence() -> None:
    assert dt.date.fromisoformat(on_card("state")) == dt.date(2025, 12, 6)
    assert "CORDIS" in on_card("origin")
    assert "2011/833/EU" in on_card("licence")


def test_shipped_facts_are_in_the_form_that_renewing_writes(
    shipped: tuple[Participation, ...], tmp_path: Path
) -> None:
    write_facts(shipped, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == SHIPPED.read_bytes()


def test_shipped_facts_are_facts_only(shipped: tuple[Participation, ...]) -> None:
    # The longest is the legal name of a district of Budapest; a title or summary would be longer.
    texts = [
        value for one in shipped for value in one.model_dump(mode="json").values() if isinstance(value, str)
    ]
    assert max(map(len, texts)) < 90
    assert not set(COLUMNS) & {"title", "objective", "keywords", "summary", "text"}


def test_shipped_facts_agree_with_what_is_known_of_them(shipped: tuple[Participation, ...]) -> None:
    milan = next(one for one in summaries(shipped) if one.city_id == "IT-milano")
    assert (milan.projects, milan.city, milan.country) == (15, "Milano", "IT")
    leads = {one.city for one in shipped if one.role is ParticipantRole.COORDINATOR}
    assert leads == {"Ermua", "Hamburg", "Katowice", "München"}
    assert co_participants(shipped, "IT-milano")["EL-thessaloniki"] == ("101096405", "101139598")
    for one in shipped:
        assert one.url == f"https://cordis.europa.eu/project/id/{one.project_id}"
        assert one.nuts3 is None or one.nuts3.startswith(one.country)
        assert one.start is not None
        assert one.signed is not None
        assert one.role is not ParticipantRole.ASSOCIATED_PARTNER or one.contribution_eur is None
