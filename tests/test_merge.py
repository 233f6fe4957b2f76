from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stored import DAY, NOON

from vie_match.history import Dispute, KnownCall, Origin, Sighting
from vie_match.records import Call
from vie_match.sources.merge import PRECEDENCE, merge

TODAY = NOON.date()
PAGE = "https://funds.example.org/calls/shade-for-streets"

# What a call says that says as little as it may.
PLAIN: dict[str, Any] = {
    "title": "Shade",
    "programme": "OTHER",
    "deadline_model": "not stated",
    "text": "Trees.",
}


def seen(source: str, identifier: str = "X-2027", /, day: int = 0, **fields: Any) -> Sighting:
    """A call as a source told it on the first day, and last on a later one."""
    call = Call.model_validate(PLAIN | {"identifier": identifier} | fields)
    return Sighting(source, call, NOON, NOON + day * DAY)


def merged(*sightings: Sighting) -> KnownCall:
    """Put together what is of one call."""
    [known] = merge(sightings)
    return known


def test_nothing_makes_nothing() -> None:
    assert merge([]) == []


def test_a_call_of_one_source_is_as_that_source_told_it() -> None:
    known = merged(seen("portico", day=3, source="Portico", programme="LIFE", grant_max_eur=0, url=PAGE))
    call = seen("portico", source="Portico", programme="LIFE", grant_max_eur=0, url=PAGE).call
    assert known.call == call.model_copy(update={"source_date": TODAY + 3 * DAY})
    assert known.disputes == ()
    assert known.first_seen == NOON
    origin = Origin("Portico", TODAY + 3 * DAY)
    told = "identifier title programme grant_max_eur language url text".split()
    assert {name: known.origins[name] for name in told} == dict.fromkeys(told, origin)


def test_what_no_source_knows_has_no_origin() -> None:
    known = merged(seen("portico"), seen("portal"))
    assert known.origins.keys() - {"source", "source_date"} == {"identifier", "title", "language", "text"}


@pytest.mark.parametrize(
    ("field", "leading", "other"),
    [
        ("title", "Shade", "Trees"),
        ("text", "Shade.", "Trees."),
        ("conditions", "Only cities.", "Only towns."),
        ("consortium_note", "Three cities.", "Two cities."),
        ("programme", "LIFE", "HORIZON"),
        ("action_type", "RIA", "IA"),
        ("opening", "2026-12-01", "2026-12-02"),
        ("budget_total_eur", 0, 5),
        ("expected_grants", 3, 4),
        ("cofunding_rate", 0.0, 0.6),
        ("eligible_applicants", ["sme"], ["ngo"]),
        ("eligible_countries", ["DE"], ["EL", "EU27"]),
        ("min_participants", 3, 4),
        ("min_countries", 3, 4),
        ("themes", ["heat"], ["water"]),
        ("language", "de", "fr"),
        ("url", PAGE, "https://example.org/"),
    ],
)
def test_each_fact_comes_from_the_first_source_that_knows_it(field: str, leading: Any, other: Any) -> None:
    both = merged(seen("portico", **{field: other}), seen("portal", **{field: leading}))
    assert both.call.flat()[field] == leading
    assert both.origins[field] == Origin("portal", TODAY)
    if field not in ("title", "text", "language"):
        one = merged(seen("portico", day=1, **{field: other}), seen("portal"), seen("euroaccess"))
        assert one.call.flat()[field] == other
        assert one.origins[field] == Origin("portico", TODAY + DAY)


def test_the_order_of_precedence_is_that_of_the_owners_people_and_catalogues() -> None:
    assert PRECEDENCE == ("portal", "eui", "files", "import", "portico", "euroaccess")
    sources = [*PRECEDENCE, "another"]
    for place, source in enumerate(sources):
        known = merged(*(seen(other, title=f"As {other} says") for other in reversed(sources[place:])))
        assert known.call.title == f"As {source} says"
        assert known.call.source == source


def test_an_imported_file_has_the_place_of_imports() -> None:
    known = merged(
        seen("portico", title="Portico"), seen("import b.csv", title="B"), seen("import a.csv", title="A")
    )
    assert known.call.title == "A"
    assert merged(seen("import a.csv", title="A"), seen("files", title="Files")).call.title == "Files"


def test_the_identifier_is_written_as_the_leading_source_does() -> None:
    known = merged(seen("portico", "LIFE-2027-straße"), seen("portal", "Life-2027-STRASSE"))
    assert known.call.identifier == "Life-2027-STRASSE"
    assert known.key == "life-2027-strasse"
    assert known.origins["identifier"].source == "portal"


def test_deadlines_and_their_model_come_together() -> None:
    dates = ["2027-01-12", "2027-09-12"]
    portal = seen("portal", deadline_model="two-stage", deadlines=dates)
    known = merged(portal, seen("portico", deadline_model="multiple cut-off", deadlines=["2027-01-12"]))
    assert known.call.deadlines == portal.call.deadlines
    assert known.call.deadline_model == "two-stage"
    # A model without dates is only half of what one has to know.
    for half in ("not stated", "multiple cut-off"):
        known = merged(
            seen("portal", deadline_model=half),
            seen("portico", day=1, deadline_model="two-stage", deadlines=dates),
        )
        assert known.call.deadlines == portal.call.deadlines
        assert known.call.deadline_model == "two-stage"
        assert {known.origins[name].source for name in ("deadlines", "deadline_model")} == {"portico"}


def test_a_call_that_never_closes_needs_no_date_of_another_source() -> None:
    known = merged(
        seen("portal", deadline_model="continuous"),
        seen("portico", deadline_model="single-stage", deadlines=["2027-01-12"]),
    )
    assert (known.call.deadline_model, known.call.deadlines) == ("continuous", ())
    assert known.origins["deadline_model"].source == "portal"
    assert "deadlines" not in known.origins


def test_a_model_without_dates_is_kept_when_nobody_knows_them() -> None:
    known = merged(seen("portal", deadline_model="multiple cut-off"), seen("portico"))
    assert known.call.deadline_model == "multiple cut-off"
    assert known.origins["deadline_model"].source == "portal"


@pytest.mark.parametrize("known_one", ["grant_min_eur", "grant_max_eur"])
def test_the_two_ends_of_a_grant_come_together(known_one: str) -> None:
    portico = seen("portico", grant_min_eur=6_000_000, grant_max_eur=7_000_000)
    known = merged(seen("portal", **{known_one: 5_000_000}), portico)
    other = {"grant_min_eur", "grant_max_eur"} - {known_one}
    assert getattr(known.call.budget, known_one) == 5_000_000
    assert known.origins[known_one].source == "portal"
    assert [getattr(known.call.budget, name) for name in other] == [None]
    assert not other & known.origins.keys()


@pytest.mark.parametrize(
    ("source", "fields", "origin"),
    [
        ("portal", {}, Origin("portal", TODAY + 2 * DAY)),
        ("portal", {"source": "The portal"}, Origin("The portal", TODAY + 2 * DAY)),
        ("portal", {"source_date": "2026-11-01"}, Origin("portal", dt.date(2026, 11, 1))),
        # What people wrote is not fresher because it was read again.
        ("files", {}, Origin("files", None)),
        ("import a.csv", {}, Origin("import a.csv", None)),
        ("files", {"source_date": "2026-11-01"}, Origin("files", dt.date(2026, 11, 1))),
    ],
)
def test_each_fact_says_its_source_and_its_day(source: str, fields: dict[str, str], origin: Origin) -> None:
    known = merged(seen(source, day=2, **fields))
    assert known.origins["title"] == origin
    assert (known.call.source, known.call.source_date) == (origin.source, origin.date)


def test_a_call_was_first_seen_when_any_source_first_told_of_it() -> None:
    early = Sighting("euroaccess", seen("euroaccess").call, NOON - 9 * DAY, NOON)
    assert merged(seen("portal"), early, seen("eui")).first_seen == NOON - 9 * DAY


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("budget_total_eur", (5_000_000, 6_000_000)),
        ("grant_min_eur", (0, 1_000_000)),
        ("grant_max_eur", (1_000_000, 2_000_000)),
        ("expected_grants", (3, 4)),
        ("cofunding_rate", (0.6, 0.75)),
        ("opening", ("2026-12-01", "2026-12-02")),
    ],
)
def test_sources_that_differ_are_told_the_portals_word_first(field: str, values: tuple[Any, Any]) -> None:
    portal, other = values
    known = merged(
        seen("euroaccess", **{field: portal}),
        seen("portico", day=1, **{field: other}),
        seen("files"),
        seen("portal", **{field: portal}),
    )
    assert known.disputes == (
        Dispute(
            field, ((Origin("portal", TODAY), str(portal)), (Origin("portico", TODAY + DAY), str(other)))
        ),
    )
    assert known.call.flat()[field] == portal


@pytest.mark.parametrize(
    ("portal", "other", "is_dispute"),
    [
        (["2027-01-12", "2027-09-12"], ["2027-01-12", "2027-09-12"], False),
        (["2027-01-12", "2027-09-12"], ["2027-09-12"], False),  # catalogues print the next date
        (["2027-01-12 14:00"], ["2027-01-12"], False),  # and seldom the hour
        (["2027-01-12 14:00"], ["2027-01-12 17:00"], False),
        (["2027-01-12"], ["2027-01-13"], True),
        (["2027-01-12"], ["2027-01-12", "2027-09-12"], True),
        (["2027-01-12", "2027-09-12"], ["2027-01-12", "2027-09-13"], True),
    ],
)
def test_deadlines_are_in_dispute_when_another_source_has_another_day(
    portal: list[str], other: list[str], is_dispute: bool
) -> None:
    known = merged(seen("portico", deadlines=other), seen("portal", deadlines=portal))
    assert list(map(str, known.call.deadlines)) == portal
    told = ((Origin("portal", TODAY), ", ".join(portal)), (Origin("portico", TODAY), ", ".join(other)))
    assert known.disputes == ((Dispute("deadlines", told),) if is_dispute else ())


def test_several_disputes_stand_in_order_of_what_costs_the_application() -> None:
    known = merged(
        seen("portal", deadlines=["2027-01-12"], budget_total_eur=1, cofunding_rate=0.5),
        seen("portico", deadlines=["2027-01-13"], budget_total_eur=2, cofunding_rate=0.6),
        seen("euroaccess", deadlines=["2027-01-14"], budget_total_eur=1),
    )
    assert [(one.field, [value for _, value in one.values]) for one in known.disputes] == [
        ("deadlines", ["2027-01-12", "2027-01-13", "2027-01-14"]),
        ("budget_total_eur", ["1", "2"]),
        ("cofunding_rate", ["0.5", "0.6"]),
    ]


def test_words_are_never_in_dispute() -> None:
    known = merged(
        seen("portal", title="A", programme="LIFE", themes=["heat"], url=PAGE, conditions="A"),
        seen("portico", title="B", programme="EUI", themes=["water"], url=f"{PAGE}-2", conditions="B"),
    )
    assert known.disputes == ()


def test_facts_that_contradict_each_other_leave_those_of_the_leading_source() -> None:
    portal = seen("portal", day=1, deadlines=["2027-01-12"], budget_total_eur=5)
    late = seen("portico", opening="2027-02-01", deadlines=["2027-03-01"], expected_grants=7)
    known = merged(late, portal)
    assert known.call == portal.call.model_copy(
        update={"source": "portal", "source_date": TODAY + DAY},
    )
    assert [one.field for one in known.disputes] == ["deadlines"]


@pytest.mark.parametrize(
    "address",
    [
        PAGE,
        f"{PAGE}/",
        PAGE.replace("https://", "http://"),
        PAGE.replace("https://", "https://www."),
        PAGE.upper().replace("HTTPS", "https"),
    ],
)
def test_calls_of_two_sources_on_one_page_are_one(address: str) -> None:
    known = merged(
        seen("portico", "PORTICO-17", url=address, expected_grants=4),
        seen("portal", "LIFE-2027", url=PAGE, budget_total_eur=9),
    )
    assert known.key == "life-2027"
    assert (known.call.budget.budget_total_eur, known.call.budget.expected_grants) == (9, 4)
    assert known.origins["expected_grants"].source == "portico"


@pytest.mark.parametrize(
    "address",
    [
        "https://funds.example.org",
        "https://funds.example.org/",
        "https://funds.example.org/calls/",
        "https://funds.example.org/en/calls/2027",
        "https://funds.example.org/?programme=life-2027-calls",
        "https://funds.example.org/calls?programme=life-2027-calls",
        "https://funds.example.org/#shade-for-streets",
        None,
    ],
)
def test_a_start_page_tells_nothing(address: str | None) -> None:
    known = merge([seen("portico", "A", url=address), seen("portal", "B", url=address)])
    assert [one.key for one in known] == ["a", "b"]


def test_another_page_is_another_call() -> None:
    known = merge([seen("portico", "A", url=f"{PAGE}-2027"), seen("portal", "B", url=PAGE)])
    assert [one.key for one in known] == ["a", "b"]


def test_two_calls_of_one_source_are_never_one() -> None:
    known = merge(
        [
            seen("portico", "P-1", url=PAGE, title="The catalogue's first"),
            seen("portico", "P-2", url=PAGE, title="The catalogue's second"),
            seen("portal", "LIFE-2027", url=PAGE, title="The portal's"),
        ]
    )
    assert [(one.key, one.call.title) for one in known] == [
        ("life-2027", "The portal's"),
        ("p-1", "The catalogue's first"),
        ("p-2", "The catalogue's second"),
    ]


def test_the_same_identifier_counts_more_than_the_same_page() -> None:
    known = merge(
        [
            seen("portal", "A", url=PAGE),
            seen("eui", "B", url=f"{PAGE}-2"),
            seen("portico", "B", url=PAGE, expected_grants=7),
        ]
    )
    assert [(one.key, one.call.budget.expected_grants) for one in known] == [("a", None), ("b", 7)]


def test_sightings_that_share_an_identifier_are_of_one_call_whatever_their_pages() -> None:
    known = merge(
        [
            seen("portal", "A", url=PAGE),
            seen("eui", "B", url=PAGE, expected_grants=3),
            seen("portico", "B", url=f"{PAGE}-2", budget_total_eur=7),
        ]
    )
    budgets = [one.call.budget for one in known]
    assert (3, 7) in [(budget.expected_grants, budget.budget_total_eur) for budget in budgets]


def test_two_calls_of_one_source_are_not_one_through_another_source() -> None:
    known = merge(
        [
            seen("portal", "B", url=PAGE),
            seen("files", "A", url=PAGE, expected_grants=1),
            seen("files", "B", expected_grants=2),
        ]
    )
    assert [(one.key, one.call.budget.expected_grants) for one in known] == [("a", 1), ("b", 2)]


def test_a_call_that_fell_back_to_its_leading_source_has_no_other_origins() -> None:
    known = merged(seen("portal", deadlines=["2027-01-12"]), seen("portico", opening="2027-02-01"))
    assert known.call.opening is None
    assert {origin.source for origin in known.origins.values()} == {"portal"}


def test_the_day_of_a_call_has_the_origin_of_the_call() -> None:
    known = merged(seen("portal"), seen("files", source="Our notes", source_date="2026-10-01"))
    assert (known.call.source, known.call.source_date) == ("portal", TODAY)
    assert {known.origins[name].source for name in ("source", "source_date")} == {"portal"}


def test_the_first_word_in_a_dispute_is_that_which_was_taken_over() -> None:
    known = merged(
        seen("portal", grant_max_eur=9),
        seen("portico", grant_min_eur=1, grant_max_eur=9),
        seen("euroaccess", grant_min_eur=2, grant_max_eur=9),
    )
    assert known.call.budget.grant_min_eur is None
    assert known.disputes == ()


def test_a_date_of_a_call_that_never_closes_is_in_dispute() -> None:
    known = merged(seen("portal", deadline_model="continuous"), seen("portico", deadlines=["2027-01-12"]))
    assert [one.field for one in known.disputes] == ["deadlines"]


SIGHTINGS = st.lists(
    st.builds(
        lambda source, identifier, page, day, facts: seen(source, identifier, day=day, url=page, **facts),
        st.sampled_from(["portal", "eui", "files", "import a.csv", "portico", "another"]),
        st.sampled_from(["A-1", "a-1", "B-2", "b-2", "C-3"]),
        st.sampled_from([None, PAGE, f"{PAGE}/", f"{PAGE}-2", "https://example.org/"]),
        st.integers(0, 3),
        st.fixed_dictionaries(
            {},
            optional={
                "title": st.sampled_from(["Shade", "Trees"]),
                "opening": st.sampled_from(["2026-12-01", "2027-02-01"]),
                "deadlines": st.sampled_from([["2027-02-12"], ["2027-03-12"], ["2027-02-12", "2027-03-12"]]),
                "deadline_model": st.sampled_from(["multiple cut-off", "not stated"]),
                "grant_min_eur": st.sampled_from([0, 5]),
                "grant_max_eur": st.sampled_from([5, 10]),
                "cofunding_rate": st.sampled_from([0.0, 0.6]),
                "themes": st.sampled_from([["heat"], ["water", "heat"]]),
                "conditions": st.sampled_from(["Only cities.", ""]),
            },
        ),
    ),
    max_size=10,
    unique_by=lambda sighting: (sighting.source, sighting.key),
)


@settings(max_examples=150, deadline=None)
@given(sightings=SIGHTINGS, data=st.data())
def test_the_order_of_the_sightings_does_not_matter(sightings: list[Sighting], data: st.DataObject) -> None:
    assert merge(data.draw(st.permutations(sightings))) == merge(sightings)


@settings(max_examples=150, deadline=None)
@given(sightings=SIGHTINGS)
def test_every_sighting_is_in_exactly_one_call(sightings: list[Sighting]) -> None:
    # A number of its own in a field that is disputed shows where each of them went.
    marked = [
        Sighting(
            one.source,
            Call.model_validate(
                one.call.flat() | {"source": f"{one.source} {one.key}", "expected_grants": n}
            ),
            one.first_seen,
            one.last_seen,
        )
        for n, one in enumerate(sightings, 1)
    ]
    found = []
    for known in merge(marked):
        members = [
            origin.source
            for dispute in known.disputes
            if dispute.field == "expected_grants"
            for origin, _ in dispute.values
        ] or [known.origins["expected_grants"].source]
        assert known.call.source == members[0]
        assert any(known.key == one.key for one in marked if one.call.source == members[0])
        found += members
    assert sorted(found) == sorted(one.call.source for one in marked)


# What a call holds where its source says nothing.
UNSAID = (None, "", [], "OTHER", "other", "not stated")


def expected(group: list[Sighting]) -> Call:
    """Put a call together slowly; the group is in order of precedence."""
    facts = [one.call.flat() for one in group]
    chosen = {
        name: next((one[name] for one in facts if one[name] not in UNSAID), facts[0][name])
        for name in facts[0]
    }
    dated = next((one for one in facts if one["deadlines"]), facts[0])
    granted = next(
        (one for one in facts if (one["grant_min_eur"], one["grant_max_eur"]) != (None, None)), facts[0]
    )
    chosen |= {name: dated[name] for name in ("deadlines", "deadline_model")}
    chosen |= {name: granted[name] for name in ("grant_min_eur", "grant_max_eur")}
    told = {"source": group[0].source, "source_date": group[0].date and str(group[0].date)}
    try:
        return Call.model_validate(chosen | {"identifier": group[0].call.identifier} | told)
    except ValidationError:
        return Call.model_validate(facts[0] | told)


@settings(max_examples=150, deadline=None)
@given(sightings=SIGHTINGS)
def test_calls_without_pages_are_one_per_identifier_with_the_first_known_facts(
    sightings: list[Sighting],
) -> None:
    groups: dict[str, list[Sighting]] = defaultdict(list)
    order = [*PRECEDENCE, "another"]
    for one in sorted(sightings, key=lambda one: order.index(one.kind)):
        call = one.call.model_copy(update={"url": None})
        groups[one.key].append(Sighting(one.source, call, one.first_seen, one.last_seen))
    result = merge([one for group in groups.values() for one in group])
    assert [known.call for known in result] == [expected(group) for _, group in sorted(groups.items())]
