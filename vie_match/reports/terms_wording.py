"""The terms on which a city could take part, in words, in the languages of the catalogue."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from vie_match.eligibility.facts import Member
from vie_match.eligibility.leadtime import Effort
from vie_match.eligibility.rules import Part, Rule
from vie_match.eligibility.subjects import is_subject
from vie_match.eligibility.verdict import RuleVerdict
from vie_match.records import Call, Profile
from vie_match.reports.catalogue import patterns
from vie_match.reports.terms import COUNTED, SPREAD, Need, Terms
from vie_match.reports.terms_catalogue import TermsPatterns, terms_patterns
from vie_match.vocabulary import Answer, Language

# Things that are missing, told in one line; the rest is told rule by rule.
_SHOWN = 2

# Nothing is known of it, so it is only what every organisation is.
_ANYBODY = Member(name="?")

# Rules are told in this order of their answers.
_ORDER = (Answer.NO, Answer.UNKNOWN, Answer.YES)


class RuleLine(NamedTuple):
    """One rule as people read it.

    Attributes
    ----------
    answer : str
        With a remark where it does not decide.
    demand, finding : str
    quote : str
        The call's own words, or empty.
    url : str or None
        The page that says so, where it is not the call.
    """

    answer: str
    demand: str
    finding: str
    quote: str
    url: str | None


def verdict(found: Terms | None, language: str = "en") -> str:
    """Return whether a city may take part, alone and with others, in one sentence without its full stop.

    Parameters
    ----------
    found : Terms or None
        None: the call was not judged.
    language : str, default "en"
        "en" or "de", here and in the other functions.

    Raises
    ------
    BadValue
        For another language.

    Examples
    --------
    >>> verdict(None), verdict(None, "de")
    ('Not known whether you may apply', 'Offen, ob Sie einen Antrag stellen dürfen')
    """
    known = terms_patterns(language)
    if found is None:
        return known.unjudged
    if found.refusals:
        return _begun(known.barred_everywhere)
    joined = known.clear if found.joined is Answer.UNKNOWN and found.clear else known.joined[found.joined]
    return _begun(f"{known.alone[found.alone.answer]}; {joined}")


def because(found: Terms | None, language: str = "en") -> str:
    """Return what decides: what refuses, else what is missing, else what is open, else the rules met."""
    if found is None:
        return ""
    told = [not_as_lead(found, language)] if found.not_as_lead else []
    if found.refusals:
        told = [_finding(one, language) for one in found.refusals]
    elif found.needs:
        told.append(missing(found, language))
    elif found.alone.answer is Answer.NO:
        told += [_finding(one, language) for one in found.alone.deciding if one not in found.not_as_lead]
    elif found.open:
        told.append(asked(found, language)[0])
    else:
        told += [_finding(one, language) for one in found.alone.deciding[:_SHOWN]]
    return "; ".join(told)


def facts(found: Terms | None, language: str = "en") -> dict[str, Any]:
    """Return all answers for programs; of a call that was not judged all are unknown.

    Returns
    -------
    dict
        ``eligible_alone``, ``eligible_in_team`` (yes, no, unknown), ``eligibility`` and ``because`` (words),
        ``questions`` (list), ``rate_low``, ``rate_high`` (0 to 1), ``own_low_eur``, ``own_high_eur``,
        ``days_left``, ``days_needed``, ``time_enough`` (yes, no, unknown).
    """
    rate, own_share, days = (found.rate, found.own, found.time) if found else (None, None, None)
    return {
        "eligible_alone": (found.alone.answer if found else Answer.UNKNOWN).value,
        "eligible_in_team": (found.joined if found else Answer.UNKNOWN).value,
        "eligibility": verdict(found, language),
        "because": because(found, language),
        "questions": list(asked(found, language)) if found and not found.refusals else [],
        "rate_low": rate.low if rate else None,
        "rate_high": rate.high if rate else None,
        "own_low_eur": own_share.low_eur if own_share else None,
        "own_high_eur": own_share.high_eur if own_share else None,
        "days_left": days.days_left if days else None,
        "days_needed": days.days_needed if days else None,
        "time_enough": (days.enough if days else Answer.UNKNOWN).value,
    }


def not_as_lead(found: Terms, language: str = "en") -> str:
    """Return what keeps a city from the lead that it wants, or nothing."""
    why = "; ".join(_finding(one, language) for one in found.not_as_lead)
    return terms_patterns(language).not_as_lead.format(why=why) if why else ""


def barred(city: str, found: Terms, language: str = "en") -> str:
    """Return that a city may not take part, and why."""
    return terms_patterns(language).barred.format(city=city, why=because(found, language))


def missing(found: Terms, language: str = "en") -> str:
    """Return what a team would have to bring, the first few in full, or nothing."""
    known, told = terms_patterns(language), needs(found, language)
    if not told:
        return ""
    rest = len(told) - _SHOWN
    shown = [*told[:_SHOWN], *([known.further.of(rest).format(number=rest)] if rest > 0 else [])]
    return known.missing.format(needs="; ".join(shown))


def needs(found: Terms, language: str = "en") -> tuple[str, ...]:
    """Return what a team would have to bring, each once; partners with the countries they come from."""
    known = terms_patterns(language)
    left = [
        need
        for at, need in enumerate(found.needs)
        if not any(_covers(other, need, is_first=other in found.needs[:at]) for other in found.needs)
    ]
    alone = [need for need in left if need.verdict.rule.kind in SPREAD]
    told = []
    for need in (one for one in left if one.verdict.rule.kind not in SPREAD):
        words = _words(need.verdict, language)
        countries = next((one for one in alone if _together(one, need)), None)
        if countries:
            alone.remove(countries)
            words += known.more_countries.of(countries.lack).format(number=countries.lack)
        told.append(words)
    return tuple(dict.fromkeys([*told, *(_words(one.verdict, language) for one in alone)]))


def asked(found: Terms, language: str = "en") -> tuple[str, ...]:
    """Return the questions that would settle what is open, those about the city first, each once."""
    known, in_words = terms_patterns(language), Language(language)
    per_rule = (
        [known.page] if one.rule.value == "CALL_PAGE" else [words[in_words] for words in one.questions]
        for one in found.open
    )
    return tuple(dict.fromkeys(itertools.chain.from_iterable(per_rule)))


def rules(found: Terms, language: str = "en") -> tuple[RuleLine, ...]:
    """Return every rule about the team with its answer for the city alone: those that decide first."""
    ordered = sorted(found.alone.verdicts, key=lambda one: (not one.decides, _ORDER.index(one.answer)))
    return tuple(_line(one, language) for one in ordered)


def refusals(found: Terms, language: str = "en") -> tuple[RuleLine, ...]:
    """Return the rules that keep a city out of every team."""
    return tuple(_line(one, language) for one in found.refusals)


def share(found: Terms, language: str = "en") -> str:
    """Return the share of its cost that a city would get from the EU."""
    known, rate = terms_patterns(language), found.rate
    if rate is None:
        return known.no_rate
    if not rate.high:
        return known.unfunded
    pattern = known.up_to if rate.low == rate.high else known.between
    told = pattern.format(low=f"{rate.low * 100:g}", high=f"{rate.high * 100:g}")
    return told if rate.sourced else known.recalled_rate.format(rate=told)


def own(found: Terms, call: Call, profile: Profile, language: str = "en") -> str:
    """Return what a city would pay itself, beside what it can; nothing where rate or cost is not known."""
    known, paid, cost = terms_patterns(language), found.own, profile.budget_eur
    if paid is None or not cost:
        return ""
    pattern = known.to_pay if paid.low_eur == paid.high_eur else known.to_pay_between
    pattern = {0: known.nothing_to_pay}.get(paid.high_eur, pattern)
    pattern = {cost: known.all_to_pay}.get(paid.low_eur, pattern)
    amounts = {
        name: _euro(amount, language)
        for name, amount in (("low", paid.low_eur), ("high", paid.high_eur), ("cost", cost))
    }
    told = pattern.format(**amounts)
    if profile.own_contribution_eur is not None and paid.high_eur:
        told += known.affordable[paid.affordable].format(limit=_euro(profile.own_contribution_eur, language))
    largest = call.budget.grant_max_eur
    if largest is not None and largest < cost - paid.low_eur:
        told += f"; {known.capped.format(grant=_euro(largest, language))}"
    return told


def time(found: Terms, language: str = "en") -> str:
    """Return the days left beside the days that an application takes, and what these are assumed to be."""
    known, at = terms_patterns(language), found.time
    if at.days_left is None:
        pattern = known.endless if at.enough is Answer.YES else known.no_date
    else:
        pattern = (known.tight if at.days_left else known.last_day) if at.enough is Answer.NO else known.left
    days = {"needed": at.days_needed, "left": at.days_left or 0}
    told = pattern.format(**{name: _days(number, known) for name, number in days.items()})
    effort = Effort()
    parts = (known.parts if found.partners else known.parts_alone).format(
        council=effort.council, partners=found.partners, partner=effort.partner, writing=effort.writing
    )
    return f"{told} ({parts})" if at.assumed else told


def _line(one: RuleVerdict, language: str) -> RuleLine:
    known, in_words = terms_patterns(language), Language(language)
    answer = known.answers[one.answer]
    return RuleLine(
        answer if one.decides else f"{answer} ({known.recalled})",
        one.demand[in_words],
        one.finding[in_words],
        one.rule.quote.text if one.rule.quote else "",
        one.rule.row.url if one.rule.row else None,
    )


def _finding(one: RuleVerdict, language: str) -> str:
    in_words = Language(language)
    pattern = terms_patterns(language).finding
    return pattern.format(demand=one.demand[in_words], finding=one.finding[in_words])


def _words(one: RuleVerdict, language: str) -> str:
    words = one.missing or one.demand
    return words[Language(language)]


def _covers(other: Need, need: Need, *, is_first: bool) -> bool:
    """Whether one need is met as soon as another is: as many of any organisations, in no narrower role."""
    mine, its = need.verdict.rule, other.verdict.rule
    kinds = next((kinds for kinds in (COUNTED, SPREAD) if mine.kind in kinds), frozenset())
    if other is need or its.kind not in kinds or other.lack < need.lack:
        return False
    if (_whom(its), its.role, _place(its)) == (_whom(mine), mine.role, _place(mine)):
        # Of two that say the same the first stays.
        return is_first or other.lack > need.lack
    return not _whom(mine) and _place(mine) is None and mine.role in (Part.ANY, its.role)


def _together(countries: Need, need: Need) -> bool:
    """Whether countries are those of the partners of another need."""
    one, other = countries.verdict.rule, need.verdict.rule
    alike = (_whom(one), one.role) == (_whom(other), other.role)
    return alike and other.kind in COUNTED and _place(one) in (None, _place(other))


def _whom(rule: Rule) -> str:
    """Return whom a rule is about; empty: any organisation, whatever the call names it."""
    return "" if is_subject(_ANYBODY, rule.subject) is Answer.YES else rule.subject


def _place(rule: Rule) -> str | None:
    """Return the group of countries that a rule names; None: any will do."""
    return None if rule.group == "ANY" else rule.group


def _euro(amount: int, language: str) -> str:
    return terms_patterns(language).euro.format(number=patterns(language).number(amount))


def _days(number: int, known: TermsPatterns) -> str:
    return known.days.of(number).format(number=number)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
