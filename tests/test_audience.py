"""Whom a call is for: the list of instruments, the counted parts, and the two together."""

import hashlib
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.errors import BadFile
from vie_match.ranking.audience import (
    CORDIS_DAY,
    INSTRUMENTS,
    PARTICIPATION,
    Audience,
    addressed,
    instruments,
    participation,
    parts,
)
from vie_match.records import Call
from vie_match.vocabulary import Programme

CARD = PARTICIPATION.with_suffix(".md").read_text(encoding="utf-8")


def call(identifier: str, programme: Programme = Programme.OTHER) -> Call:
    return Call.model_validate(
        {
            "identifier": identifier,
            "title": "Trees",
            "programme": programme,
            "deadline_model": "continuous",
            "text": "Shade.",
        }
    )


def log_odds(share: float) -> float:
    return math.log(share / (1 - share)) - math.log(0.05 / 0.95)


@pytest.mark.parametrize(
    ("identifier", "audience"),
    [
        ("EUI-IA-CALL4", Audience.CITIES),
        ("URBACT-TN-2025", Audience.CITIES),
        ("CERV-2026-CITIZENS-TOWN-TT", Audience.CITIES),
        ("CERV-2026-CITIZENS-TOWN-NT", Audience.CITIES),
        ("CERV-2026-GE-WORK-LIFE", Audience.LOCAL),
        ("CERV-2026-DATA", Audience.OTHERS),
        ("DIGITAL-2024-CLOUD-DATA-AI-07-DIGITALTWIN", Audience.CITIES),
        ("DIGITAL-2022-CLOUD-AI-03-DS-SMART", Audience.CITIES),
        ("DIGITAL-2026-BESTUSE-10-EHDS", Audience.UNKNOWN),
        ("LIFE-2026-SAP-CLIMA-CCA", Audience.LOCAL),
        ("LIFE-2026-NGO-OG-SGA", Audience.OTHERS),
        ("HORIZON-NEB-2026-01-PARTICIPATION-01", Audience.LOCAL),
        ("HORIZON-CL5-2026-09-D4-03", Audience.UNKNOWN),
        ("CEF-DIG-2024-5GLSP-SMARTCOM-WORKS", Audience.LOCAL),
        ("CEF-DIG-2026-SMART-CABLES-WORKS", Audience.OTHERS),
        ("ISF-2026-TF2-AG-OCDT", Audience.OTHERS),
        ("ISF-2022-TF1-AG-PROTECT", Audience.UNKNOWN),
        ("EDF-EDIP-P-2026-FNLC-CPA-AMEW", Audience.OTHERS),
        ("EuropeAid/186246/DD/ACT/NG", Audience.OTHERS),
        ("edf-2026-da-naval-emsas", Audience.OTHERS),
    ],
)
def test_the_beginning_of_the_identifier_tells_the_instrument(identifier: str, audience: Audience) -> None:
    assert addressed(call(identifier)).audience is audience


def test_an_expression_in_the_middle_of_an_identifier_does_not_count() -> None:
    assert addressed(call("NATIONAL-EUI-2026")).audience is Audience.UNKNOWN


def test_the_programme_counts_only_where_no_expression_fits() -> None:
    assert addressed(call("2026/17", Programme.URBACT)).audience is Audience.CITIES
    assert addressed(call("CERV-2026-CITIZENS-TOWN-TT", Programme.EDF)).audience is Audience.CITIES


def test_the_sentence_and_its_page_come_with_the_audience() -> None:
    found = addressed(call("PERI-2026-ANTI-COUNTERFEIT"))
    assert "national authorities" in found.because
    assert found.source is not None
    assert found.source.endswith("peri-2026-anti-counterfeit")


def test_of_a_call_for_third_parties_the_topic_decides() -> None:
    topic = addressed(call("HORIZON-MISS-2024-OCEAN-02-01"))
    assert addressed(call("HORIZON-MISS-2024-OCEAN-02-01|12522 BlueAction EUI-1")) == topic
    assert addressed(call("DIGITAL-2022-CLOUD-AI-03-DS-SMART|13701")).audience is Audience.CITIES


def test_nothing_is_known_of_another_programme() -> None:
    found = addressed(call("XYZ-2026-01"))
    assert (found.audience, found.participation, found.source) == (Audience.UNKNOWN, 0.0, None)


@pytest.mark.parametrize("identifier", ["HORIZON-CID-2026-01-02", "HORIZON-NEB-2026-01-REGEN-02", "HORIZON"])
def test_a_part_without_counts_is_neutral(identifier: str) -> None:
    assert addressed(call(identifier, Programme.HORIZON)).participation == 0.0


def test_a_part_is_shrunk_towards_all_of_horizon() -> None:
    assert participation()["HLTH"] == (425, 6)
    expected = log_odds((6 + 20 * 0.03) / (425 + 20))
    found = addressed(call("HORIZON-HLTH-2026-01-TOOL-03")).participation
    assert found == pytest.approx(expected)


def test_a_destination_is_shrunk_towards_its_part() -> None:
    assert (participation()["MISS"], participation()["MISS-CIT"]) == ((318, 103), (36, 29))
    of_part = (103 + 20 * 0.03) / (318 + 20)
    expected = log_odds((29 + 20 * of_part) / (36 + 20))
    found = addressed(call("HORIZON-MISS-2026-04-CIT-01"))
    assert found.participation == pytest.approx(expected)
    assert found.because == (
        "29 of 36 projects in this part of Horizon Europe have a municipality (CORDIS, 2025-12-06)."
    )


def test_a_new_destination_counts_as_its_part() -> None:
    new, part = call("HORIZON-CL4-2027-05-MAT-PROD-32"), call("HORIZON-CL4-2027-05")
    assert addressed(new) == addressed(part)
    assert addressed(new).participation < 0


def test_cities_take_part_in_their_mission_more_than_in_fellowships() -> None:
    mission, fellowship = "HORIZON-MISS-2023-CIT-01-02", "HORIZON-MSCA-2026-PF-01-01"
    assert addressed(call(mission)).participation > 2
    assert addressed(call(fellowship)).participation < -2


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("HORIZON-CL2-2022-HERITAGE-01-05", ("CL2-HERITAGE", "CL2")),
        ("HORIZON-CL2-2025-HERITAGE-ECCCH-01-02", ("CL2-HERITAGE", "CL2")),
        ("HORIZON-CL2-2022-TRANSFORMATIONS-01-05", ("CL2-TRANSFORMATIONS", "CL2")),
        ("HORIZON-CL2-2026-01-TRANSFO-09-two-stage", ("CL2-TRANSFORMATIONS", "CL2")),
        ("HORIZON-CL4-INDUSTRY-2025-01-MATERIALS-43", ("CL4-MATERIALS", "CL4")),
        ("HORIZON-CL5-2027-02-Two-Stage-D3-04", ("CL5-D3", "CL5")),
        ("HORIZON-CL6-2021-CircBio-01-9", ("CL6-CIRCBIO", "CL6")),
        ("HORIZON-CL6-2023-FARM2FORK-01-1", ("CL6-FARM2FORK", "CL6")),
        ("HORIZON-MISS-2023-CIT-01-02", ("MISS-CIT", "MISS")),
        ("HORIZON-MISS-2027-07-CLIMA-CIT-NEB-01", ("MISS-CLIMA", "MISS")),
        ("HORIZON-MISS-2024-OCEAN-02-01|12522", ("MISS-OCEAN", "MISS")),
        ("HORIZON-EIC-PATHFINDERCHALLENGES-01", ("EIC-PATHFINDERCHALLENGES", "EIC")),
        ("HORIZON-HLTH-2026-01-TOOL-03", ("HLTH",)),
        ("HORIZON-JU-CBE-2026-IA-01", ("JU",)),
        ("HORIZON-JTI-CLEANH2-2022-01-01", ("JU",)),
        ("HORIZON-SESAR-2022-DES-ER-01-WA1-1", ("JU",)),
        ("HORIZON-KDT-JU-2021-1-IA", ("JU",)),
        ("HORIZON-Chips-2024-RIA-CPL-5", ("JU",)),
        ("ERC-2026-POC", ("ERC",)),
        ("EURATOM-2021-ADHOC-IBA|13328", ("EURATOM",)),
        ("DIGITAL-JU-CHIPS-2026-AI1-SG", ()),
        ("HORIZON-RAISE-2026-01-03", ()),
        ("", ()),
    ],
)
def test_topic_codes_old_and_new(identifier: str, expected: tuple[str, ...]) -> None:
    assert parts(identifier) == expected


@given(st.text())
def test_any_text_has_at_most_two_parts_and_the_coarse_one_begins_the_fine(text: str) -> None:
    found = parts(f"HORIZON-{text}")
    assert len(found) < 3
    assert all(fine.startswith(found[-1]) for fine in found)


def test_shipped_instruments_are_consistent() -> None:
    shipped = instruments()
    assert {one.audience for one in shipped} == set(Audience) - {Audience.UNKNOWN}
    assert all(one.source.startswith("https://") for one in shipped)
    assert all(one.because.endswith(".") for one in shipped)
    assert len({one.calls for one in shipped}) == len(shipped)
    named = [programme for one in shipped for programme in one.programmes]
    assert len(named) == len(set(named))


def test_of_horizon_only_the_facility_and_euratom_are_listed() -> None:
    """The rest is counted, and nothing is said of it twice."""
    counted = [f"HORIZON-{part}-2026-01" for part in participation() if part not in ("EURATOM", "JU")]
    assert [one.calls for one in instruments() for code in counted if one.fits(code)] == []


def test_shipped_counts_are_consistent() -> None:
    counts = participation()
    assert all(0 <= one.with_municipality <= one.projects for one in counts.values())
    for part, whole in counts.items():
        below = [one for name, one in counts.items() if name.startswith(f"{part}-")]
        assert sum(one.projects for one in below) <= whole.projects
        assert sum(one.with_municipality for one in below) <= whole.with_municipality
    assert all(one.projects >= 10 for name, one in counts.items() if "-" in name)
    assert all(name.partition("-")[0] in counts for name in counts)


def test_the_card_describes_the_file() -> None:
    said = dict(re.findall(r"^\| ([\w -]+) \| `?([\w,-]+)`? \|$", CARD, re.MULTILINE))
    coarse = [one for name, one in participation().items() if "-" not in name]
    assert said["state"] == CORDIS_DAY
    assert said["rows"] == str(len(participation()))
    assert said["projects"] == f"{sum(one.projects for one in coarse):,}"
    assert said["with a municipality"] == str(sum(one.with_municipality for one in coarse))
    assert said["SHA-256"] == hashlib.sha256(PARTICIPATION.read_bytes()).hexdigest()


def test_all_faults_of_a_list_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "audience.yaml"
    path.write_text(
        "---\ninstruments:\n"
        "- calls: EUI-(\n  audience: cities\n  because: So.\n  source: https://x.eu\n  year: 2026\n"
        "- calls: DUT\n  audience: unknown\n  becuase: So.\n  source: x.eu\n  year: 2026\n"
        "- DUT\n",
        encoding="utf-8",
    )
    with pytest.raises(BadFile) as caught:
        instruments(path)
    found = sorted((fault.line or 0, fault.found) for fault in caught.value.faults)
    assert [line for line, _ in found] == [3, 8, 9, 10, 11, 13]
    assert "regular expression" in str(caught.value)
    assert "did you mean because?" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "- calls: EUI-\n", "---\ncalls: EUI-\n", "---\ninstruments:\n- calls: [\n"]
)
def test_a_file_that_is_no_list(tmp_path: Path, text: str) -> None:
    path = tmp_path / "audience.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile):
        instruments(path)


def test_all_faults_of_the_counts_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "participation.csv"
    rows = [
        "part,projects,with_municipality",
        "CL2,9,3",
        "CL2,9,3",
        "CL3,3,9",
        "CL4,three,0",
        "CL5,9",
        "CL6,9,0",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        participation(path)
    assert [fault.line for fault in caught.value.faults] == [3, 4, 5, 6]


def test_another_header_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "participation.csv"
    path.write_text("part;projects;with_municipality\n", encoding="utf-8")
    with pytest.raises(BadFile, match="header"):
        participation(path)


def test_the_shipped_files_lie_beside_the_module() -> None:
    assert INSTRUMENTS.is_file()
    assert PARTICIPATION.is_file()
