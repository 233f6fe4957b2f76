"""Rules → requirements, kind by kind: a table of makers."""

from __future__ import annotations

from collections.abc import Callable

from vie_match.eligibility.facts import Member
from vie_match.eligibility.groups import Setting, belongs
from vie_match.eligibility.logic import NO, UNKNOWN, YES, both, either, opposite
from vie_match.eligibility.meaning import controlled, listed, meant
from vie_match.eligibility.requirements import Requirement
from vie_match.eligibility.rules import Op, Part, Rule, RuleKind
from vie_match.eligibility.subjects import is_subject
from vie_match.eligibility.sums import Measure
from vie_match.vocabulary import Answer

K = RuleKind

# Settlement and municipality can differ by this share of a threshold, and more rarely by more.
_NEAR = 0.25

Maker = Callable[[Rule, Setting, tuple[str, ...]], Requirement | None]


def of(rule: Rule, setting: Setting, eligible: tuple[str, ...] = ()) -> Requirement | None:
    """Return what a rule requires of a team; None: nothing (money, proposal, duties).

    Parameters
    ----------
    rule : Rule
    setting : Setting
    eligible : tuple of str, optional
        Groups and countries that the call itself calls eligible; empty: members and associated countries.

    Examples
    --------
    >>> from vie_match.eligibility.reading.call import read
    >>> rule = read("3. Other Eligible ConditionsAt least two SMEs must take part as beneficiaries.")[0]
    >>> team = (Member(name="A", type="sme"), Member(name="B", type="sme", role="associated"))
    >>> of(rule, Setting()).answer(team).value
    'no'
    """
    made = _MAKERS.get(rule.kind)
    # Who is not funded may still take part at own cost.
    only_money = rule.effect in ("funding", "no_funding")
    return made(rule, setting, eligible) if made and not only_money else None


def _at_least(measure: Measure) -> Maker:
    return lambda rule, setting, _: Requirement(
        rule, measure, meant(rule, setting), rule.role, low=rule.number
    )


def _no_more(rule: Rule, setting: Setting, _: tuple[str, ...]) -> Requirement:
    return Requirement(rule, Measure.MEMBERS, meant(rule, setting), rule.role, high=rule.number)


def _alone(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement:
    return Requirement(rule, Measure.MEMBERS, lambda _: YES, Part.BENEFICIARY, high=1)


def _member_of(rule: Rule, setting: Setting, _: tuple[str, ...]) -> Requirement:
    test = meant(rule, setting)
    return Requirement(
        rule,
        Measure.MEMBERS,
        lambda member: both(test(member), listed(rule, member)),
        rule.role,
        low=rule.number,
    )


def _coordinator_from(rule: Rule, setting: Setting, _: tuple[str, ...]) -> Requirement:
    return Requirement(
        rule,
        Measure.MEMBERS,
        lambda member: either(*(belongs(member, group, setting) for group in rule.codes)),
        Part.COORDINATOR,
        low=1,
    )


def _coordinator_is(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement:
    return Requirement(
        rule,
        Measure.MEMBERS,
        lambda member: either(*(is_subject(member, kind) for kind in rule.codes)),
        Part.COORDINATOR,
        low=1,
    )


def _named(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement:
    def fits(member: Member) -> Answer:
        fact = member.facts.get("coordinates_linked_grant")
        return fact.truth if fact and rule.subject == "coordinator" else UNKNOWN

    return Requirement(rule, Measure.MEMBERS, fits, rule.role, low=1)


def _nobody(
    violates: Callable[[Member, Rule, Setting, tuple[str, ...]], Answer], part: Part | None = None
) -> Maker:
    """Return the maker of a requirement that no member may violate."""
    return lambda rule, setting, eligible: Requirement(
        rule,
        Measure.MEMBERS,
        lambda member: violates(member, rule, setting, eligible),
        part or rule.role,
        high=0,
    )


def _elsewhere(member: Member, rule: Rule, setting: Setting, _: tuple[str, ...]) -> Answer:
    return opposite(either(*(belongs(member, group, setting) for group in rule.codes)))


def _other_type(member: Member, rule: Rule, _: Setting, __: tuple[str, ...]) -> Answer:
    return opposite(either(*(is_subject(member, kind) for kind in rule.codes)))


def _wrong_role(member: Member, rule: Rule, setting: Setting, _: tuple[str, ...]) -> Answer:
    inside = either(*(belongs(member, group, setting) for group in rule.codes))
    if rule.only_role is Part.BENEFICIARY:
        # Who may not lead may still be an associated partner.
        return both(inside, YES if member.role is Part.COORDINATOR else NO)
    return both(inside, NO if member.role is rule.only_role else YES)


def _money_share(rule: Rule, setting: Setting, _: tuple[str, ...]) -> Requirement | None:
    if rule.subject == "third_party":
        return None
    bound = {"high": rule.number} if rule.op is Op.MAX else {"low": rule.number}
    if rule.subject == "widening_beneficiary":

        def fits(member: Member) -> Answer:
            return both(NO if member.role is Part.COORDINATOR else YES, belongs(member, "WIDENING", setting))

        return Requirement(rule, Measure.BUDGET, fits, Part.BENEFICIARY, **bound)
    return Requirement(rule, Measure.BUDGET, meant(rule, setting), rule.role, **bound)


def _demonstrates(rule: Rule, setting: Setting, _: tuple[str, ...]) -> Requirement:
    def fits(member: Member) -> Answer:
        told = [member.facts[name].truth for name in ("demo_site", "pilot_sites") if name in member.facts]
        inside = belongs(member, rule.group, setting) if rule.group and rule.unit == "countries" else YES
        return both(either(*told), inside) if told else NO

    measure = Measure.COUNTRIES if rule.unit == "countries" else Measure.SITES
    return Requirement(rule, measure, fits, Part.ANY, low=rule.number)


def _years(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement:
    def fits(member: Member) -> Answer:
        years = member.facts.get("years_with_turnover")
        if years is None or years.value is None:
            return both(is_subject(member, "company"), UNKNOWN)
        return both(is_subject(member, "company"), YES if float(str(years.value)) >= rule.number else NO)

    return Requirement(rule, Measure.LACKING, fits, rule.role, high=0)


def _large(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement:
    def fits(member: Member) -> Answer:
        # A figure of the settlement may lie on the other side of a legal threshold that it is near.
        if member.population is None or rule.number <= 0:
            return UNKNOWN
        of_municipality = member.fact("population_scope").value == "municipality"
        near = abs(member.population - rule.number) <= _NEAR * rule.number
        if near and not of_municipality:
            return UNKNOWN
        return both(meant(rule, Setting())(member), YES if member.population >= rule.number else NO)

    return Requirement(rule, Measure.MEMBERS, fits, rule.role, low=1)


def _outside_regions(member: Member, rule: Rule, setting: Setting, _: tuple[str, ...]) -> Answer:
    """Whether a member is of the country the rule is about, but not of its regions."""
    of_country = belongs(member, rule.group, setting) if rule.group else YES
    nuts = member.fact("nuts3").value
    inside = UNKNOWN if nuts is None else YES if str(nuts).startswith(rule.codes) else NO
    return both(of_country, opposite(inside))


def _open(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement:
    """Make what no record of a member tells so far."""
    return Requirement(rule, Measure.NOTHING, lambda _: UNKNOWN)


def _document(rule: Rule, _: Setting, __: tuple[str, ...]) -> Requirement | None:
    known = rule.value == "HE_ANNEX_B"
    return None if known else Requirement(rule, Measure.NOTHING, lambda _: UNKNOWN)


_MAKERS: dict[RuleKind, Maker] = {
    K.MIN_PARTICIPANTS: _at_least(Measure.MEMBERS),
    K.MIN_OF_TYPE: _at_least(Measure.MEMBERS),
    K.MIN_IN_GROUP: _at_least(Measure.MEMBERS),
    K.MIN_COUNTRIES: _at_least(Measure.COUNTRIES),
    K.DISTINCT_COUNTRIES: _at_least(Measure.COUNTRIES),
    K.MIN_SHARE_IN_GROUP: _at_least(Measure.SHARE),
    K.ECOSYSTEMS: _at_least(Measure.ECOSYSTEMS),
    K.MAX_PARTICIPANTS: _no_more,
    K.SINGLE_BENEFICIARY: _alone,
    K.MEMBERSHIP: _member_of,
    K.COORDINATOR_COUNTRY: _coordinator_from,
    K.COORDINATOR_TYPE: _coordinator_is,
    K.NAMED_PARTICIPANTS: _named,
    K.ELIGIBLE_COUNTRIES: _nobody(_elsewhere),
    K.APPLICANT_TYPE: _nobody(_other_type, Part.BENEFICIARY),
    K.ROLE_RESTRICTION: _nobody(_wrong_role),
    K.EXCLUDED_CONTROL: _nobody(controlled),
    K.BUDGET_SHARE: _money_share,
    K.DEMO_SITES: _demonstrates,
    K.TRACK_RECORD: _years,
    K.MIN_POPULATION: _large,
    K.NUTS_PREFIX: _nobody(_outside_regions),
    K.MIN_AREAS: _open,
    K.MIN_REGIONS: _open,
    K.MIN_INSIDE_AREA: _open,
    K.DEGURBA: _open,
    K.MIN_SHARE_IN_REGIONS: _open,
    K.IN_DOCUMENT: _document,
    K.UNREAD: _open,
}
