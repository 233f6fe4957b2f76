"""What a call's record states in its fields → rules; people or sources filled them in, nothing is read.

The fields do not quote: their source is the page that the record names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vie_match.eligibility import demands
from vie_match.eligibility.groups import Setting
from vie_match.eligibility.reading.clauses import has_headings
from vie_match.eligibility.rules import Binding, CallField, Confidence, DataRow, Op, Part, Rule, RuleKind
from vie_match.records import Call
from vie_match.vocabulary import Applicant, CountryGroup, Programme

# Groups of calls' files → groups of rules.
_GROUPS = {
    CountryGroup.HORIZON_ASSOCIATED.value: "ASSOCIATED",
    CountryGroup.LIFE_ASSOCIATED.value: "ASSOCIATED",
    CountryGroup.CERV_ASSOCIATED.value: "ASSOCIATED",
    CountryGroup.DIGITAL_ASSOCIATED.value: "ASSOCIATED",
    CountryGroup.ERASMUS_ASSOCIATED.value: "ASSOCIATED",
    CountryGroup.CREATIVE_EUROPE_ASSOCIATED.value: "ASSOCIATED",
}
_TYPES = {
    Applicant.RESEARCH_ORGANISATION: "research_institution",
    Applicant.UNIVERSITY: "higher_education_institution",
    Applicant.NGO: "cso",
    Applicant.COMPANY: "company",
    Applicant.SME: "sme",
    Applicant.LOCAL_AUTHORITY: "city",
    Applicant.PUBLIC_BODY: "public_authority",
}


def rules(call: Call) -> tuple[Rule, ...]:
    """Return the rules that a call's fields state.

    Parameters
    ----------
    call : Call

    Examples
    --------
    >>> from vie_match.records import Call
    >>> call = Call(identifier="X", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"],
    ...             min_participants=3, min_countries=2)
    >>> [(rule.kind.value, rule.value) for rule in rules(call)]
    [('min_participants', 3), ('min_countries', 2)]
    """
    return tuple(_rules(call))


def absent(call: Call, text: Sequence[Rule] = ()) -> tuple[Rule, ...]:
    """Return a rule that stays open where a record's conditions are not at hand.

    Its fields cannot tell all of them, nor can free text (without the portal's headings) of which nothing
    was read that is about a team.

    Parameters
    ----------
    call : Call
    text : sequence of Rule, optional
        What was read in its conditions.

    Examples
    --------
    >>> from vie_match.records import Call
    >>> call = Call(identifier="X", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"])
    >>> [rule.kind.value for rule in absent(call)]
    ['rules_in_document']
    """
    own = [rule for rule in text if rule.quote and rule.quote.field is CallField.CONDITIONS]
    if has_headings(call.conditions) or any(demands.of(rule, Setting()) for rule in own):
        return ()
    return (
        Rule(
            kind=RuleKind.IN_DOCUMENT,
            subject="other_eligibility",
            value="CALL_PAGE",
            note=call.url or "",
            row=_row(call, Confidence.SOURCED),
        ),
    )


def _row(call: Call, confidence: Confidence) -> DataRow:
    return DataRow(
        programme=call.identifier[:200],
        url=call.url,
        date=call.source_date,
        confidence=confidence,
        note=call.source,
    )


def _rules(call: Call) -> Iterator[Rule]:
    row = _row(call, Confidence.SOURCED if call.url or call.source else Confidence.RECALLED)
    for kind, number in (
        (RuleKind.MIN_PARTICIPANTS, call.min_participants),
        (RuleKind.MIN_COUNTRIES, call.min_countries),
    ):
        if number is not None:
            yield Rule(
                kind=kind, subject="legal_entity", value=number, role=Part.BENEFICIARY, op=Op.MIN, row=row
            )
    if call.eligible_countries and call.programme is not Programme.HORIZON:
        # In Horizon the field tells who is funded; others may take part at their own cost.
        yield Rule(
            kind=RuleKind.ELIGIBLE_COUNTRIES,
            subject="legal_entity",
            value=tuple(dict.fromkeys(_GROUPS.get(code, code) for code in call.eligible_countries)),
            role=Part.BENEFICIARY,
            row=row,
        )
    if call.eligible_applicants and Applicant.ANY not in call.eligible_applicants:
        # Whom a call names as applicants can still bring other partners.
        yield Rule(
            kind=RuleKind.APPLICANT_TYPE,
            subject="applicant",
            value=tuple(_TYPES.get(kind, kind.value) for kind in call.eligible_applicants),
            binding=Binding.MAY,
            row=row,
        )
    if call.budget.cofunding_rate is not None:
        yield Rule(
            kind=RuleKind.FUNDING_RATE,
            subject="public_authority",
            value=round(100 * call.budget.cofunding_rate, 2),
            unit="percent",
            op=Op.MAX,
            row=row,
        )
