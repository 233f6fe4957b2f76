"""Rules read in conditions: what is counted, who counts, where from, and the words it rests on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vie_match.eligibility.reading.call import read, unread
from vie_match.eligibility.reading.clauses import Section, clauses, overlay
from vie_match.eligibility.rules import CallField, Rule

HEAD = (
    "1. Admissibility conditions: layoutset out elsewhere.2. Eligible Countriesdescribed in Annex B."
    "3. Other Eligible Conditions"
)
TAIL = "described in Annex B of the General Annexes.4. Financial and operational capacity and so onsee there."

Shape = tuple[str, str, object, str | None, str]


def team(text: str) -> list[Shape]:
    """The rules about the team in a sentence that stands where the portal's conditions have it."""
    found = read(f"{HEAD}{text}{TAIL}")
    return [shape(rule) for rule in found if rule.kind.value != "rules_in_document"]


def shape(rule: Rule) -> Shape:
    return rule.kind.value, rule.subject, rule.value, rule.group, rule.role.value


BOTH = "EU27+ASSOCIATED"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "At least two SMEs must join as beneficiaries.",
            [("min_of_type", "sme", 2, None, "beneficiary")],
        ),
        (
            "A minimum of two (2) to a maximum of five (5) partners must join.",
            [
                ("max_participants", "partner", 5, None, "any"),
                ("min_participants", "partner", 2, None, "any"),
            ],
        ),
        (
            "Projects require, as beneficiaries, at least 3 police authorities[[Academies are "
            "none.]] and 2 NGOs "
            "from at least 4 different Member States or Associated Countries.",
            [
                ("min_of_type", "police_authority", 3, None, "beneficiary"),
                ("min_of_type", "cso", 2, None, "beneficiary"),
                ("distinct_countries_among", "police_authority+cso", 4, BOTH, "beneficiary"),
            ],
        ),
        (
            "Four cities, each from a different Member State, must take part as beneficiaries.",
            [
                ("min_of_type", "city", 4, "EU27", "beneficiary"),
                ("distinct_countries_among", "city", 4, "EU27", "beneficiary"),
            ],
        ),
        (
            "Consortia must include as beneficiaries or affiliated entities: at least one research "
            "institution "
            "or public authority from Ukraine.",
            [
                (
                    "min_in_country_group",
                    "research_institution|public_authority",
                    1,
                    "UA",
                    "beneficiary_or_affiliated",
                )
            ],
        ),
        (
            "At least two legal entities established in at least two different African Union member "
            "states must "
            "be in the team.",
            [
                ("min_in_country_group", "legal_entity", 2, "AFRICAN_UNION", "any"),
                ("distinct_countries_among", "legal_entity", 2, "AFRICAN_UNION", "any"),
            ],
        ),
        (
            "At least 40% of the beneficiaries must be established in Widening countries.",
            [("min_share_in_country_group", "legal_entity", 40, "WIDENING", "beneficiary")],
        ),
        (
            "At least one of the two cities must be one of the 112 cities chosen for the Mission.",
            [("membership_required", "city", 1, None, "any")],
        ),
        (
            "Applications can only be submitted by one legal entity.",
            [("single_beneficiary", "applicant", True, None, "any")],
        ),
        (
            "Participation as coordinators is limited to legal entities established in Widening countries.",
            [("coordinator_country", "coordinator", ("WIDENING",), None, "coordinator")],
        ),
        (
            "Participation is limited to legal entities established in Member States, Norway and "
            "the following "
            "additional associated countries: Canada and the United Kingdom.",
            [("eligible_countries", "legal_entity", ("EU27", "NO", "CA", "UK"), None, "any")],
        ),
        (
            "Entities established in an eligible country but controlled by China are not eligible "
            "to participate.",
            [("excluded_control", "legal_entity", ("CN",), None, "any")],
        ),
        (
            "Legal entities established in India are only possible as associated partners.",
            [("role_restriction", "legal_entity", ("IN",), None, "any")],
        ),
        (
            "The demonstration activities must take place in at least 3 different demonstration sites.",
            [("demo_sites", "demonstration_site", 3, None, "any")],
        ),
        (
            "The work must be led with the involvement of local authorities and local transport "
            "authorities, and "
            "these entities must be included as beneficiaries.",
            [
                ("min_of_type", "local_or_regional_authority", 1, None, "beneficiary"),
                ("min_of_type", "local_transport_authority", 1, None, "beneficiary"),
            ],
        ),
        (
            "The proposal must be submitted by the coordinator of the consortium funded under "
            "HORIZON-X-2024-01: Y.",
            [
                (
                    "named_participants",
                    "coordinator",
                    "coordinator of the consortium of HORIZON-X-2024-01",
                    None,
                    "coordinator",
                )
            ],
        ),
        (
            "Three or more cities from EU countries or countries associated to Horizon Europe have to be "
            "beneficiaries.",
            [("min_of_type", "city", 3, BOTH, "beneficiary")],
        ),
        (
            "No less than 30% of the beneficiaries must be established in the African Union member states.",
            [("min_share_in_country_group", "legal_entity", 30, "AFRICAN_UNION", "beneficiary")],
        ),
        (
            "Two of the ESFRI Landmarks must be beneficiaries.",
            [("min_of_type", "research_infrastructure", 2, None, "beneficiary")],
        ),
        (
            "At least 3 first responders or dragon tamers must take part.",
            [("min_of_type", "first_responder|unnamed", 3, None, "any")],
        ),
        ("Two pages must be enough for the summary of the partners.", []),
        ("Several cities should take part, preferably five.", []),
    ],
)
def test_a_sentence_gives_its_rules(text: str, expected: list[Shape]) -> None:
    assert sorted(map(repr, team(text))) == sorted(map(repr, expected))


def test_items_of_a_list_take_binding_and_role_from_the_words_before_it() -> None:
    text = "Consortia must include, as beneficiaries:- At least 2 SMEs.- At least 1 end-user organisation."
    assert team(text) == [
        ("min_of_type", "sme", 2, None, "beneficiary"),
        ("min_of_type", "end_user", 1, None, "beneficiary"),
    ]


def test_these_beneficiaries_are_those_of_the_sentence_before() -> None:
    text = (
        "The topic requires, as beneficiaries, at least 2 end-user organisations and 2 public procurers. "
        "These beneficiaries must be from at least 3 Member States."
    )
    assert team(text)[-1] == (
        "distinct_countries_among",
        "end_user+public_procurer",
        3,
        "EU27",
        "beneficiary",
    )


def test_one_organisation_counts_once_unless_the_text_lets_it_count_twice() -> None:
    once = read(f"{HEAD}The topic requires at least 2 end users and 2 public procurers.{TAIL}")
    twice = read(
        f"{HEAD}The topic requires at least 2 end users and 2 public procurers. "
        f"One body can have the role of both simultaneously.{TAIL}"
    )
    assert len({rule.apart for rule in once if rule.kind.value == "min_of_type"} - {None}) == 1
    assert {rule.apart for rule in twice if rule.kind.value == "min_of_type"} == {None}


def test_a_footnote_tells_national_authorities_apart() -> None:
    text = (
        "It requires at least 2 authorities in charge of disaster risk[[Bodies operating at the "
        "national level.]]."
    )
    assert team(text) == [("min_of_type", "disaster_risk_authority_national", 2, None, "any")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The maximum amount to be granted to each third party is EUR 60 000.", 60_000),
        ("The maximum amount to be granted to each third party is EUR 60.000.", 60_000),
        ("The maximum amount to be granted to each third party is EUR 800,000.", 800_000),
        ("The maximum amount of FSTP for any third party is set at EUR 2.5 million.", 2_500_000),
    ],
)
def test_amounts_are_read_in_all_spellings(text: str, value: int) -> None:
    found = read(f"{HEAD}{TAIL}6. Legal and financial set-up of the grants{text}")
    assert [rule.value for rule in found if rule.kind.value == "fstp_max"] == [value]


def test_pointers_name_the_document() -> None:
    text = (
        "2. Eligible countriesdescribed in section 6 of the call document."
        "3. Other eligibility conditionsn/a4. Financial and operational capacity"
    )
    found = read(text)
    assert [(rule.subject, rule.value) for rule in found] == [("eligible_countries", "CALL_DOCUMENT")]
    assert found[0].quote is not None
    assert found[0].quote.text == "Eligible countriesdescribed in section 6 of the call document"


def test_of_a_description_only_money_and_who_submits_count() -> None:
    text = (
        "Funding rate\n\nOther Action Grants — 95% Objective: at least three cities must share data. "
        "Proposals must be submitted by at least 3 applicants from 3 different eligible countries. The "
        "Commission considers that proposals requesting a contribution from the EU of up to EUR 2 "
        "million are "
        "appropriate."
    )
    assert [(rule.kind.value, rule.value, rule.binding.value) for rule in read("", text)] == [
        ("funding_rate", 95, "must"),
        ("min_participants", 3, "must"),
        ("distinct_countries_among", 3, "must"),
        ("recommended_budget", 2_000_000, "indicative"),
    ]


def test_what_no_reader_understands_is_kept_for_a_person() -> None:
    text = f"{HEAD}Applicants must be shipyards of good standing. At least two SMEs must join.{TAIL}"
    assert [rule.quote.text for rule in unread(text) if rule.quote] == [
        "Applicants must be shipyards of good standing."
    ]
    assert unread(f"{HEAD}At least two SMEs must join.{TAIL}") == ()


@pytest.mark.parametrize(
    "condition",
    [
        "Only private companies may apply.",
        "Only applicants from Spain may apply.",
        "Only NGOs may apply.",
        "This topic is open to research organisations only.",
        "Proposals are restricted to small and medium-sized enterprises.",
        "Eligible applicants are universities established in a Member State.",
        "The call is reserved for regional authorities.",
        "Public authorities cannot apply.",
        "Municipalities are excluded from participation.",
    ],
)
@pytest.mark.parametrize("around", [(HEAD, TAIL), ("", "")])
def test_a_restriction_in_any_words_is_read_or_kept_for_a_person(
    condition: str, around: tuple[str, str]
) -> None:
    text = condition.join(around)
    quotes = [rule.quote.text for rule in (*read(text), *unread(text)) if rule.quote]
    assert any(condition.startswith(quote.strip()) for quote in quotes)


def test_a_note_about_the_team_binds_without_a_verb() -> None:
    found = read("", note="Two police authorities from two countries; one must be a Mission city.")
    assert [(rule.kind.value, rule.subject, rule.value) for rule in found] == [
        ("min_of_type", "police_authority", 2),
        ("distinct_countries_among", "police_authority", 2),
        ("membership_required", "city", 1),
    ]
    assert {rule.quote.field for rule in found if rule.quote} == {CallField.NOTE}


def test_sections_are_told_apart_in_glued_text() -> None:
    text = f"{HEAD}Two SMEs must join.{TAIL}"
    parts = {clause.section for clause in clauses(text)}
    assert {Section.COUNTRIES, Section.OTHER, Section.CAPACITY} <= parts
    assert next(clause for clause in clauses(text) if clause.text.startswith("Two")).section is Section.OTHER


PIECES = st.sampled_from(
    [
        "At least two cities must take part as beneficiaries.",
        "three (3) ",
        "[[a note. Two SMEs must join]]",
        "2. Eligible Countries",
        "3. Other Eligible Conditions",
        "6. Legal and financial set-up of the grants",
        "described in Annex B",
        "from at least 3 different Member States or Associated Countries ",
        "EUR 1.5 million ",
        "the funding rate is up to 70 % ",
        "must be one of the 112 cities ",
        "\u200b\ufeff",
        "\n- ",
        "e.g. ",
        "100% of the beneficiaries must be established in Widening countries.",
    ]
)


@given(st.lists(PIECES | st.text(max_size=12), max_size=14))
@settings(deadline=None)
def test_every_quote_stands_in_the_text_and_nothing_breaks(pieces: list[str]) -> None:
    text = "".join(pieces)
    for rule in read(text, text, note=text):
        assert rule.quote is not None
        assert text[rule.quote.start : rule.quote.end] == rule.quote.text


@given(st.text(alphabet="[]ab .\n\u200b\u00a0", max_size=40))
@settings(deadline=None)
def test_overlaying_keeps_every_offset(text: str) -> None:
    plain = overlay(text)
    assert len(plain) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, plain, strict=True))
