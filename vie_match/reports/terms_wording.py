"""The terms on which a city could take part, in words."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

from vie_match.eligibility.leadtime import Effort, LeadTime
from vie_match.eligibility.money import OwnShare
from vie_match.eligibility.verdict import RuleVerdict
from vie_match.records import Call, Profile
from vie_match.reports import names
from vie_match.reports.missing_parts import missing_parts
from vie_match.reports.terms import Terms
from vie_match.reports.wording import begun
from vie_match.speech import N_, NN_, Speech, speech
from vie_match.vocabulary import Answer

# Things that are missing, told in one line; the rest is told rule by rule.
_SHOWN = 2

# Rules are told in this order of their answers.
_ORDER = (Answer.NO, Answer.UNKNOWN, Answer.YES)

_ALONE = {
    Answer.YES: N_("eligible alone"),
    Answer.NO: N_("not eligible alone"),
    Answer.UNKNOWN: N_("alone: not known"),
}
_JOINED = {
    Answer.YES: N_("eligible in a larger team"),
    Answer.NO: N_("only one applicant is allowed"),
    Answer.UNKNOWN: N_("in a larger team: not known"),
}
_AFFORDABLE = {
    Answer.YES: N_("{share}, within the {limit} you can pay"),
    Answer.NO: N_("{share}, more than the {limit} you can pay"),
    Answer.UNKNOWN: N_("{share}, and you can pay {limit}"),
}

# Days left, beside the days that an application takes.
_ENOUGH = NN_(
    "{n} day left; such an application takes about {needed}",
    "{n} days left; such an application takes about {needed}",
)
_TIGHT = NN_(
    "only {n} day left; such an application takes about {needed}",
    "only {n} days left; such an application takes about {needed}",
)


class RuleLine(NamedTuple):
    """One rule as people read it.

    Attributes
    ----------
    value : Answer
    answer : str
        With a remark where it does not decide.
    demand, finding : str
    quote : str
        The call's own words, or empty.
    url : str or None
        The page that says so, where it is not the call.
    """

    value: Answer
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
        Of :func:`vie_match.speech.languages`, here and in the other functions.

    Raises
    ------
    BadValue
        For another language.

    Examples
    --------
    >>> verdict(None), verdict(None, "de")
    ('Not known whether you may apply', 'Offen, ob Sie einen Antrag stellen dürfen')
    """
    _ = speech(language).gettext
    if found is None:
        return _("Not known whether you may apply")
    if found.refusals:
        return _("Not eligible in any team")
    joined = _(_JOINED[found.joined])
    # Only unread documents leave it open.
    if found.joined is Answer.UNKNOWN and found.clear:
        joined = _("in a larger team nothing known is against it")
    return begun(f"{_(_ALONE[found.alone.answer])}; {joined}")


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
    return speech(language).gettext("Not as lead: {why}").format(why=why) if why else ""


def barred(city: str, found: Terms, language: str = "en") -> str:
    """Return that a city may not take part, and why."""
    pattern = speech(language).gettext("{city} may not take part: {why}")
    return pattern.format(city=city, why=because(found, language))


def notices(failures: Mapping[str, str], language: str = "en") -> tuple[str, ...]:
    """Return a sentence for each call that could not be judged.

    Parameters
    ----------
    failures : mapping
        Of :class:`vie_match.reports.terms.Desk`: identifier → what happened, as the program names it.
    language : str, default "en"
    """
    pattern = speech(language).gettext(
        "whether anybody may apply for {call} could not be judged ({error}); "
        "it is ranked all the same, and its own page tells. Please report this"
    )
    return tuple(pattern.format(call=call, error=error) for call, error in failures.items())


def missing(found: Terms, language: str = "en") -> str:
    """Return what a team would have to bring, the first few in full, or nothing."""
    says, told = speech(language), needs(found, language)
    if not told:
        return ""
    rest = len(told) - _SHOWN
    further = [says.ngettext("{n} more point", "{n} more points", rest)] if rest > 0 else []
    return says.gettext("Missing: {needs}").format(needs="; ".join([*told[:_SHOWN], *further]))


def needs(found: Terms, language: str = "en") -> tuple[str, ...]:
    """Return what a team would have to bring, each once; partners with the countries they come from."""
    told = []
    for need, spread in missing_parts(found.needs):
        words = _words(need.verdict, language)
        told.append(_from_more(spread.lack, words, language) if spread else words)
    return tuple(dict.fromkeys(told))


def asked(found: Terms, language: str = "en") -> tuple[str, ...]:
    """Return the questions that would settle what is open, those about the city first, each once."""
    page = speech(language).gettext("What does the page of the call say about who may apply?")
    per_rule = (
        [page] if one.rule.value == "CALL_PAGE" else [words[language] for words in one.questions]
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
    says, rate = speech(language), found.rate
    _ = says.gettext
    if rate is None:
        return _("not known")
    if not rate.high:
        return _("nothing: partners from your country get no money")
    low, high = says.percent(rate.low), says.percent(rate.high)
    pattern = _("up to {high}") if rate.low == rate.high else _("{low} to {high}")
    told = pattern.format(low=low, high=high)
    return told if rate.sourced else _("{rate}, but no source at hand says so").format(rate=told)


def own(found: Terms, call: Call, profile: Profile, language: str = "en") -> str:
    """Return what a city would pay itself, beside what it can; nothing where rate or cost is not known."""
    says, paid, cost = speech(language), found.own, profile.budget_eur
    _ = says.gettext
    if paid is None or not cost:
        return ""
    told = _to_pay(paid, cost, says)
    limit = profile.own_contribution_eur
    if limit is not None and paid.high_eur:
        told = _(_AFFORDABLE[paid.affordable]).format(share=told, limit=says.euro(limit))
    largest = call.budget.grant_max_eur
    if largest is not None and largest < cost - paid.low_eur:
        told += "; " + _("no grant is larger than {grant}").format(grant=says.euro(largest))
    return told


def _to_pay(paid: OwnShare, cost: int, says: Speech) -> str:
    """Return what is left of a cost for the city."""
    _ = says.gettext
    if paid.low_eur == cost:
        pattern = _("all of your {cost} is yours to pay")
    elif paid.high_eur == 0:
        pattern = _("nothing of your {cost} is left to pay if all of it is accepted")
    elif paid.low_eur == paid.high_eur:
        pattern = _("at least {low} of your {cost} is yours to pay")
    else:
        pattern = _("{low} to {high} of your {cost} is yours to pay")
    return pattern.format(low=says.euro(paid.low_eur), high=says.euro(paid.high_eur), cost=says.euro(cost))


def time(found: Terms, language: str = "en") -> str:
    """Return the days left beside the days that an application takes, and what these are assumed to be."""
    says, at = speech(language), found.time
    needed = says.ngettext("{n} day", "{n} days", at.days_needed)
    told = _left(at, says).format(needed=needed)
    return f"{told} ({_assumed(found.partners, says)})" if at.assumed else told


def _left(at: LeadTime, says: Speech) -> str:
    """Return the sentence about the days left, with a gap for the days needed."""
    _, left = says.gettext, at.days_left
    if left is None and at.enough is Answer.YES:
        return _("no closing date; such an application takes about {needed}")
    if left is None:
        return _("closing date not known; such an application takes about {needed}")
    if at.enough is not Answer.NO:
        return says.ngettext(*_ENOUGH, left)
    return (
        says.ngettext(*_TIGHT, left) if left else _("closes today; such an application takes about {needed}")
    )


def _assumed(partners: int, says: Speech) -> str:
    """Return what the days needed consist of."""
    effort = Effort()
    pattern = says.gettext("assumed: council {council}, writing {writing}")
    if partners:
        pattern = says.gettext(
            "assumed: council {council}, {partners} × {partner} for partners, writing {writing}"
        )
    return pattern.format(
        council=effort.council, partners=partners, partner=effort.partner, writing=effort.writing
    )


def _line(one: RuleVerdict, language: str) -> RuleLine:
    answer = names.answer(one.answer, language)
    if not one.decides:
        recalled = speech(language).gettext("{answer} (no source holds for this call, so it does not decide)")
        answer = recalled.format(answer=answer)
    return RuleLine(
        one.answer,
        answer,
        one.demand[language],
        one.finding[language],
        one.rule.quote.text if one.rule.quote else "",
        one.rule.row.url if one.rule.row else None,
    )


def _finding(one: RuleVerdict, language: str) -> str:
    return f"{one.demand[language]} – {one.finding[language]}"


def _words(one: RuleVerdict, language: str) -> str:
    return (one.missing or one.demand)[language]


def _from_more(countries: int, partners: str, language: str) -> str:
    pattern = speech(language).ngettext(
        "{partners}, from {n} more country", "{partners}, from {n} more countries", countries
    )
    return pattern.format(partners=partners)
