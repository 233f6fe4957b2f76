"""The programmes' own rules: what their files say, for which calls, and what a broken file is told."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from vie_match.eligibility import check
from vie_match.eligibility.list_files import DATA
from vie_match.eligibility.programme_files import FOLDER, ProgrammeRow, ProgrammeRule, rows
from vie_match.eligibility.programmes import lineage, row_of, rules_for
from vie_match.eligibility.rules import Binding, Confidence, RuleKind
from vie_match.errors import BadFile
from vie_match.records import Call
from vie_match.vocabulary import ActionType, Programme

# Every programme that cities were told of.
KNOWN = """
EUI-IA EUI-CB URBACT INTERREG-EUROPE INTERREG-CE INTERREG-DANUBE INTERREG-NWE INTERREG-BSR INTERREG-NSR
INTERREG-ALPINE INTERREG-EUROMED INTERREG-ATLANTIC INTERREG-NPA INTERREG-SUDOE INTERREG-ADRION
INTERREG-A-UPPER-RHINE HORIZON-MISS-CIT HORIZON-MISS-CLIMA HORIZON-CL5 HORIZON-CL4 HORIZON-CL6 HORIZON-NEB DUT
DIGITAL CEF-DIGITAL CEF-TRANSPORT CEF-ENERGY LIFE-CET LIFE-SAP CERV CREATIVE-EUROPE ERASMUS AMIF ERDF-ESF
INNOVATION-FUND ELENA EUCF TSI JTM-PSLF SMP I3 EIT-UM EIT-CKIC EU4HEALTH UCPM NETZEROCITIES PORTICO
""".split()
# Those of which no source was found.
UNSOURCED = {"AMIF", "CEF-ENERGY", "EIT-CKIC", "ERDF-ESF", "INNOVATION-FUND"}

CITIES = DATA / "mission_cities.csv"
EVERY_RULE = [(row, rule) for row in rows().values() for rule in row.rules]
EVERY_FACT = [(row, fact) for row in rows().values() for fact in row.facts]

PROGRAMME = """---
id: TREES
programme: OTHER
en: Trees for towns
de: Bäume für Städte
calls: TREES
body: a ministry
rules:
- kind: min_participants
  years: [2024, 2026]
  value: 3
  subject: city
  en: Three cities are needed.
  de: Drei Städte sind nötig.
  source: https://example.org/trees
  date: 2026-01-01
  confidence: sourced
"""


def one_file(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path, read: Callable[[Path], object]) -> list[str]:
    with pytest.raises(BadFile) as raised:
        read(path)
    return [str(fault).removeprefix(f"{path.parent}/") for fault in raised.value.faults]


# ---- programmes ----


def test_every_programme_has_its_file_and_horizon_europe_one_for_what_its_parts_share() -> None:
    assert set(rows()) == {*KNOWN, "HORIZON"}
    assert all((FOLDER / f"{name.lower()}.yaml").is_file() for name in KNOWN)


@pytest.mark.parametrize(("row", "rule"), EVERY_RULE, ids=lambda one: getattr(one, "id", None))
def test_a_rule_says_where_it_is_from_and_only_a_sourced_one_decides(
    row: ProgrammeRow, rule: ProgrammeRule
) -> None:
    made = rule.rule(row.id)
    assert made.row is not None
    assert made.row.programme == row.id
    assert made.row.date is not None
    assert (made.row.url is not None) or made.row.confidence is Confidence.RECALLED
    sourced = made.row.confidence is Confidence.SOURCED
    assert made.decides == (sourced and made.binding is Binding.MUST)
    if sourced:
        assert rule.since is not None


def test_facts_have_a_source_or_are_recalled() -> None:
    assert all(fact.source or fact.confidence is Confidence.RECALLED for _, fact in EVERY_FACT)


def test_every_sentence_stands_in_both_languages() -> None:
    gaps = [(gap.en, gap.de) for row in rows().values() for gap in row.unknown]
    facts = [(fact.en, fact.de) for _, fact in EVERY_FACT]
    said = [*gaps, *facts, *((rule.en, rule.de) for _, rule in EVERY_RULE)]
    for english, german in said:
        assert english.endswith(".")
        assert german.endswith(".")
        assert english != german
        assert "  " not in english + german


def test_who_has_no_source_has_a_reason() -> None:
    unsourced = {
        row.id
        for row in rows().values()
        if row.part_of is None and not any(rule.confidence is Confidence.SOURCED for rule in row.rules)
    }
    assert unsourced == {*UNSOURCED, "PORTICO"}
    assert all(row.unknown for row in rows().values())


def test_funding_rates_are_per_cent() -> None:
    for _, rule in EVERY_RULE:
        if rule.kind is RuleKind.FUNDING_RATE:
            values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
            assert rule.unit == "percent"
            assert all(0 < float(value) <= 100 for value in values)


@pytest.mark.parametrize(
    ("identifier", "programme"),
    [
        ("EUI-IA-CALL4", "EUI-IA"),
        ("EUI-C2C", "EUI-CB"),
        ("HORIZON-MISS-2027-07-CLIMA-CIT-NEB-01", "HORIZON-MISS-CIT"),
        ("HORIZON-MISS-2027-01-CLIMA-02", "HORIZON-MISS-CLIMA"),
        ("HORIZON-MISS-2027-03-OCEAN-01", "HORIZON"),
        ("HORIZON-NEB-2026-01-REGEN-01", "HORIZON-NEB"),
        ("horizon-cl5-2027-06-d6-08", "HORIZON-CL5"),
        ("CEF-DIG-2024-5GLSP-SMARTCOM-WORKS", "CEF-DIGITAL"),
        ("CEF-T-2026-AFIFGEN-COSTS", "CEF-TRANSPORT"),
        ("CEF-E-2026-PCI-PMI-WORKS", "CEF-ENERGY"),
        ("LIFE-2026-SAP-CLIMA-CCA", "LIFE-SAP"),
        ("LIFE-2026-CET-PDA", "LIFE-CET"),
        ("LDT4SSC-CALL3", "DIGITAL"),
        ("INTERREG-OBERRHEIN-2024", "INTERREG-A-UPPER-RHINE"),
        ("JTM-2026-PSLF-STANDALONE-PROJECTS", "JTM-PSLF"),
        ("I3-2026-INV2a", "I3"),
    ],
)
def test_the_identifier_tells_the_programme(identifier: str, programme: str) -> None:
    row = row_of(identifier)
    assert row is not None
    assert row.id == programme


def test_a_call_of_nobody_has_no_rules() -> None:
    assert row_of("EuropeAid/186246/DD/ACT/NG", Programme.EXTERNAL_ACTION) is None
    assert rules_for("LIFE-2026-NGO-OG-SGA", Programme.LIFE) == ()


def test_parts_of_horizon_europe_take_over_its_rules() -> None:
    for row in rows().values():
        if row.id.startswith("HORIZON-"):
            assert [one.id for one in lineage(row)] == [row.id, "HORIZON"]


def kinds(action: ActionType | None) -> dict[RuleKind, object]:
    applied = rules_for("HORIZON-CL6-2027-01-BIODIV-03", action=action)
    return {one.rule.kind: one.rule.value for one in applied if one.rule.decides}


def test_minimum_team_of_horizon_europe_by_type_of_action() -> None:
    for action in (ActionType.RIA, ActionType.IA):
        assert kinds(action)[RuleKind.MIN_PARTICIPANTS] == 3
        assert kinds(action)[RuleKind.MIN_COUNTRIES] == 3
        assert kinds(action)[RuleKind.MIN_IN_GROUP] == 1
    assert kinds(ActionType.CSA)[RuleKind.MIN_PARTICIPANTS] == 1
    assert RuleKind.MIN_COUNTRIES not in kinds(ActionType.CSA)
    assert RuleKind.MIN_PARTICIPANTS not in kinds(ActionType.PCP)


def test_rules_for_some_types_of_action_do_not_decide_where_the_type_is_not_known() -> None:
    assert not kinds(None)
    assert not kinds(ActionType.OTHER)


def test_a_rule_decides_for_the_years_of_its_source_only() -> None:
    def deciding(identifier: str) -> set[RuleKind]:
        return {one.rule.kind for one in rules_for(identifier) if one.rule.decides}

    def doubted(identifier: str) -> list[str]:
        return [
            one.rule.row.note
            for one in rules_for(identifier)
            if one.rule.kind is RuleKind.MIN_PARTICIPANTS and one.rule.row is not None
        ]

    assert RuleKind.MIN_PARTICIPANTS in deciding("CERV-2025-CITIZENS-TOWN-NT")
    assert RuleKind.MIN_PARTICIPANTS not in deciding("CERV-2026-CITIZENS-TOWN-NT")
    assert doubted("CERV-2026-CITIZENS-TOWN-NT") == ["The source is about 2025."]


def test_population_thresholds_differ_between_the_calls_of_one_programme() -> None:
    def threshold(identifier: str, year: int) -> list[tuple[object, bool]]:
        applied = rules_for(identifier, year=year)
        return [(o.rule.value, o.rule.decides) for o in applied if o.rule.kind is RuleKind.MIN_POPULATION]

    assert threshold("EUI-IA-CALL3", 2024) == [(50000, True)]
    assert threshold("EUI-IA-2023-03", 2023) == [(50000, True)]
    assert threshold("EUI-IA-CALL4", 2026) == [(25000, False)]


def test_a_cascade_call_with_an_identifier_of_its_own_gets_no_deciding_rule() -> None:
    applied = rules_for("AI4Gov-X-FSTP-CALL-01-2026", Programme.DIGITAL)
    assert applied
    assert not any(one.rule.decides for one in applied)


def test_a_call_without_a_year_in_its_identifier_takes_that_of_its_deadline() -> None:
    call = Call.model_validate(
        {
            "identifier": "INTERREG-DANUBE-CALL3",
            "title": "Third call",
            "programme": "INTERREG",
            "deadlines": ["2025-12-15"],
            "text": "Rivers.",
        }
    )
    assert {rule.kind for rule in check.rules_of_call(call).programme if rule.decides} >= {
        RuleKind.MIN_PARTICIPANTS,
        RuleKind.MIN_COUNTRIES,
        RuleKind.MIN_IN_GROUP,
        RuleKind.ELIGIBLE_COUNTRIES,
        RuleKind.NUTS_PREFIX,
    }


@pytest.mark.parametrize("name", KNOWN)
def test_rules_of_every_programme_can_be_made_for_every_type_of_action_and_year(name: str) -> None:
    row = rows()[name]
    for one in (rule for each in lineage(row) for rule in each.rules):
        assert not one.rule(name, presumed="Perhaps.").decides
    for action in (None, *ActionType):
        for year in (None, 2020, 2026):
            rules_for(name, row.programme, action, year)


def test_card_counts_what_is_there() -> None:
    card = (DATA / "programmes.md").read_text(encoding="utf-8")
    sourced = sum(rule.confidence is Confidence.SOURCED for _, rule in EVERY_RULE)
    assert f"| files | {len(rows())} |" in card
    assert f"| rules | {len(EVERY_RULE)}, of which {sourced} sourced |" in card
    assert f"| facts | {len(EVERY_FACT)} |" in card


# ---- broken programme files ----


def test_all_faults_of_all_programme_files_are_told_with_their_lines(tmp_path: Path) -> None:
    broken = PROGRAMME.replace("value: 3", "valeu: 3").replace("sourced", "sure")
    one_file(tmp_path / "p", "trees.yaml", broken)
    one_file(tmp_path / "p", "woods.yaml", PROGRAMME)
    told = faults_of(tmp_path / "p" / "x", lambda path: rows(path.parent))
    assert any(re.match(r"trees.yaml:11: found the unknown key 'rules.0.valeu'", one) for one in told)
    assert any(one.startswith("trees.yaml:17: found rules.0.confidence: 'sure'") for one in told)
    assert any(
        one.startswith("woods.yaml:2: found id: 'TREES'; expected the id of woods.yaml") for one in told
    )


@pytest.mark.parametrize(
    ("before", "after", "line", "complaint"),
    [
        ("  source: https://example.org/trees\n", "", 9, "a source and years for what is sourced"),
        ("  years: [2024, 2026]\n", "", 9, "a source and years for what is sourced"),
        ("years: [2024, 2026]", "years: [2026, 2024]", 9, "years in order"),
        ("subject: city", "subject: city\n  group: EU72", 9, "a group of groups.yaml, or a country"),
        ("subject: city", "subject: city\n  member_list: STARS", 9, "a list of city_lists.yaml"),
        ("min_participants", "min_trees", 9, "one of: min_participants"),
        ("calls: TREES", "calls: (TREES", 6, "a regular expression"),
        ("id: TREES", "id: trees", 2, "capital letters, digits and hyphens"),
        ("body: a ministry", "part_of: FOREST\nbody: a ministry", None, "a programme with a file"),
        ("body: a ministry", "body: a ministry\nbody: two", 8, "it once"),
    ],
)
def test_a_fault_of_a_programme_file(
    tmp_path: Path, before: str, after: str, line: int | None, complaint: str
) -> None:
    assert before in PROGRAMME
    path = one_file(tmp_path / "p", "trees.yaml", PROGRAMME.replace(before, after, 1))
    told = faults_of(path, lambda given: rows(given.parent))
    place = f"trees.yaml:{line}: " if line else "trees.yaml: "
    assert [one for one in told if one.startswith(place) and complaint in one], told


def test_a_right_programme_file_is_read(tmp_path: Path) -> None:
    path = one_file(tmp_path / "p", "trees.yaml", PROGRAMME)
    (rule,) = rows(path.parent)["TREES"].rules
    assert (rule.value, rule.since, rule.until) == (3, 2024, 2026)
    assert rule.speaks_of(2025)
    assert not rule.speaks_of(2027)
    assert not rule.speaks_of(None)


def test_the_most_partners_stay_where_a_call_states_the_least(make_call: Callable[..., Call]) -> None:
    call = make_call("EUI-C2C", programme="EUI", min_participants=2, min_countries=2)
    known = check.rules_of_call(call)
    sizes = {rule.kind: rule.value for rule in known.programme if rule.kind.name.endswith("_PARTICIPANTS")}
    assert sizes == {RuleKind.MIN_PARTICIPANTS: 2, RuleKind.MAX_PARTICIPANTS: 3}
