"""On which terms a city could take part in a call: whether it may, what it would pay, what time is left.

Three answers stand beside the ranking and do not change it, with one exception: a call in which a city can
surely not take part, in no team, is set apart with the rule that says so.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vie_match.eligibility import demands, leadtime, members, money
from vie_match.eligibility.check import KnownRules, judge_known, may_take_part, rules_of_call
from vie_match.eligibility.facts import Member
from vie_match.eligibility.groups import belongs
from vie_match.eligibility.leadtime import LeadTime
from vie_match.eligibility.logic import both, either, opposite
from vie_match.eligibility.money import Cofunding, OwnShare
from vie_match.eligibility.rules import Confidence, Part, Rule, RuleKind
from vie_match.eligibility.verdict import Eligibility, RuleVerdict
from vie_match.records import Call, Profile
from vie_match.results import LeftOut, Match, MatchList, Verdict
from vie_match.vocabulary import Answer, Role

_log = logging.getLogger(__name__)

# What these leave open is written somewhere that was not read.
ELSEWHERE = frozenset({RuleKind.IN_DOCUMENT, RuleKind.UNREAD})

# A partner who leads can fulfil these, so they keep out only a city that wants to lead itself.
_LEADING = frozenset({RuleKind.COORDINATOR_COUNTRY, RuleKind.COORDINATOR_TYPE})

# Rules about a number of partners, and about a number of their countries.
COUNTED = frozenset({RuleKind.MIN_PARTICIPANTS, RuleKind.MIN_OF_TYPE, RuleKind.MIN_IN_GROUP})
SPREAD = frozenset({RuleKind.MIN_COUNTRIES, RuleKind.DISTINCT_COUNTRIES})


@dataclass(frozen=True, slots=True)
class Need:
    """Something that more partners would bring.

    Attributes
    ----------
    verdict : RuleVerdict
        It fails for the city alone.
    lack : int
        Partners, or countries, that are missing at least; 0: it is not about a number.
    """

    verdict: RuleVerdict
    lack: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which one profile's city could take part in one call.

    Attributes
    ----------
    alone : Eligibility
        Of the city with nobody else, in the role that its profile wants.
    joined : Answer
        Whether it can be part of a larger team; yes only if all conditions were at hand. No, too, where
        only one applicant is allowed.
    clear : bool
        Whether nothing that is known keeps it out of a larger team.
    refusals : tuple of RuleVerdict
        What keeps it out of every team, itself alone among them.
    not_as_lead : tuple of RuleVerdict
        What keeps it from the lead, where it wants to lead or does not mind.
    needs : tuple of Need
        What a team would have to bring.
    rate : Cofunding or None
        Share of its cost that it would get; None is unknown.
    own : OwnShare or None
        What it would pay itself of the cost in its profile; None is unknown.
    time : LeadTime
    """

    alone: Eligibility
    joined: Answer
    clear: bool
    refusals: tuple[RuleVerdict, ...]
    not_as_lead: tuple[RuleVerdict, ...]
    needs: tuple[Need, ...]
    rate: Cofunding | None
    own: OwnShare | None
    time: LeadTime

    @property
    def may(self) -> Answer:
        """Whether the city may take part, alone or in a team."""
        return either(self.alone.answer, self.joined)

    @property
    def partners(self) -> int:
        """Partners that are missing at least."""
        return max((need.lack for need in self.needs), default=0)

    @property
    def open(self) -> tuple[RuleVerdict, ...]:
        """The rules that are not settled, those about the city before those of unread documents."""
        unknown = (one for one in self.alone.verdicts if one.answer is Answer.UNKNOWN)
        return tuple(sorted(unknown, key=lambda one: one.rule.kind in ELSEWHERE))


# (id of the profile, identifier of the call) → terms.
AllTerms = Mapping[tuple[str, str], Terms]


def terms(known: KnownRules, call: Call, profile: Profile, moment: dt.datetime) -> Terms:
    """Return the terms on which a profile's city could take part in a call.

    Parameters
    ----------
    known : KnownRules
        Of the call.
    call : Call
    profile : Profile
    moment : datetime
        With a time zone; the days left are counted from it.

    Examples
    --------
    >>> call = Call(identifier="X", title="x", programme="LIFE", text="x", deadlines=["2027-03-01"],
    ...             min_participants=3, cofunding_rate=0.6, source="a portal")
    >>> city = {"name": "Hamm", "country": "DE"}
    >>> hamm = Profile(id="a", title="x", language="de", text="x", city=city, budget_eur=1_000_000)
    >>> found = terms(rules_of_call(call), call, hamm, dt.datetime(2027, 1, 1, 12, tzinfo=dt.timezone.utc))
    >>> found.alone.answer.value, found.joined.value, found.partners
    ('no', 'unknown', 2)
    >>> found.own.low_eur, found.time.days_left, found.time.days_needed
    (400000, 59, 92)
    """
    wanted = members.from_profile(profile)
    # Who may not lead may still be one of the partners.
    roles = {part: wanted.model_copy(update={"role": part}) for part in (Part.BENEFICIARY, Part.COORDINATOR)}
    joining = judge_known(known, (roles[Part.BENEFICIARY],))
    leading = joining if profile.role is Role.PARTNER else judge_known(known, (roles[Part.COORDINATOR],))
    alone = leading if wanted.role is Part.COORDINATOR else joining
    needs = tuple(_needs(alone, known, wanted))
    rate = _rate(known, wanted)
    cost = profile.budget_eur
    return Terms(
        alone=alone,
        joined=Answer.NO if _is_single(joining) else _joined(joining, known),
        clear=may_take_part(joining) is Answer.YES,
        refusals=tuple(one for one in joining.verdicts if _refuses(one)),
        not_as_lead=tuple(_against_leading(leading, joining)) if leading is not joining else (),
        needs=needs,
        rate=rate,
        own=money.own_share(cost, rate, profile.own_contribution_eur) if rate and cost else None,
        time=leadtime.lead_time(call, moment, max((need.lack for need in needs), default=0)),
    )


class Desk:
    """Judges the calls that are shown, list by list, and reads the rules of each call once.

    Parameters
    ----------
    moment : datetime
        With a time zone.

    Attributes
    ----------
    terms : mapping
        (id of the profile, identifier of the call) → terms, of all that was judged so far.
    failures : mapping
        Identifier of a call that could not be judged → what happened.
    """

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment
        self.terms: dict[tuple[str, str], Terms] = {}
        self.failures: dict[str, str] = {}
        self._rules: dict[str, KnownRules] = {}

    def judge(self, call: Call, profile: Profile) -> Terms | None:
        """Return the terms for one profile and call; None: the call could not be judged."""
        key = (profile.id, call.identifier)
        if key not in self.terms:
            # Texts of calls are other people's, and one that trips a reader must not cost the whole report.
            try:
                self.terms[key] = terms(self._rules_of(call), call, profile, self.moment)
            except Exception as error:
                _log.info("%s cannot be judged for %s", call.identifier, profile.id, exc_info=True)
                self.failures.setdefault(call.identifier, f"{type(error).__name__}: {error}")
        return self.terms.get(key)

    def apart(self, ranking: MatchList, top: int) -> MatchList:
        """Return a list whose calls that are surely not for its city stand among what is left out.

        Judged is what is recommended; without calibrated probabilities, what takes the first places; and the
        call that is nearest where nothing is recommended. Others move up; ranks have no gaps.

        Parameters
        ----------
        ranking : MatchList
        top : int
            Places that are shown in full.
        """

        def refused(match: Match, kept: int) -> LeftOut | None:
            shown = ranking.recommends(match) if ranking.threshold is not None else kept < top
            found = self.judge(match.call, ranking.profile) if shown or not kept else None
            if found and found.refusals:
                return LeftOut(call=match.call, verdict=_verdict(found))
            return None

        return ranking.set_apart(refused)

    def _rules_of(self, call: Call) -> KnownRules:
        if call.identifier not in self._rules:
            self._rules[call.identifier] = rules_of_call(call)
        return self._rules[call.identifier]


def _verdict(found: Terms) -> Verdict:
    first = found.refusals[0]
    return Verdict(
        rule=first.rule.kind.value,
        answer=Answer.NO,
        because="; ".join(f"{one.demand['en']} – {one.finding['en']}" for one in found.refusals),
        source=first.rule.quote.text if first.rule.quote else first.rule.row and first.rule.row.url,
    )


def _refuses(one: RuleVerdict) -> bool:
    """Whether a rule keeps out a city whoever else joins."""
    return one.decides and one.answer is Answer.NO and not one.grows and one.rule.kind not in ELSEWHERE


def _is_single(found: Eligibility) -> bool:
    """Whether there can be no larger team."""
    return any(
        one.decides
        and (
            one.rule.kind is RuleKind.SINGLE_BENEFICIARY
            or (one.rule.kind is RuleKind.MAX_PARTICIPANTS and one.rule.number == 1)
        )
        for one in found.verdicts
    )


def _against_leading(leading: Eligibility, joining: Eligibility) -> Iterator[RuleVerdict]:
    anyhow = [one.rule for one in joining.verdicts if _refuses(one)]
    for one in leading.verdicts:
        fails = one.decides and one.answer is Answer.NO and one.rule.kind in _LEADING
        if fails or (_refuses(one) and one.rule not in anyhow):
            yield one


def _joined(joining: Eligibility, known: KnownRules) -> Answer:
    answer = may_take_part(joining)
    # A rule that is only recalled, or whose text is not at hand, cannot refuse; but "yes" would be rash.
    doubtful = any(
        one.answer is not Answer.YES and (one.rule.kind in ELSEWHERE or not (one.decides or one.grows))
        for one in joining.verdicts
    )
    return Answer.UNKNOWN if answer is Answer.YES and (doubtful or not known.complete) else answer


def _needs(alone: Eligibility, known: KnownRules, member: Member) -> Iterator[Need]:
    for one in alone.verdicts:
        if one.decides and one.answer is Answer.NO and one.grows:
            made = demands.of(one.rule, known.setting) if one.rule.kind in COUNTED | SPREAD else None
            lack = (made.low or 0) - made.bounds((member,))[1] if made else 0
            yield Need(one, max(0, math.ceil(lack)))


def _rate(known: KnownRules, member: Member) -> Cofunding | None:
    """Return the city's rate; nothing, or perhaps nothing, where its country is not funded."""
    rules = (*known.text, *known.programme)
    limits = [rule for rule in rules if rule.effect in ("funding", "no_funding") and _is_sourced(rule)]
    answers = [_is_funded(rule, member, known) for rule in limits]
    exceptions = [rule for rule in rules if rule.kind is RuleKind.EXCEPTIONALLY_ELIGIBLE]
    funded = either(both(*answers), *(_is_funded(rule, member, known) for rule in exceptions))
    if funded is Answer.NO:
        why = tuple(rule for rule, one in zip(limits, answers, strict=True) if one is Answer.NO)
        return Cofunding(low=0, high=0, rules=why, sourced=True)
    rate = money.cofunding(rules, member)
    return rate.model_copy(update={"low": 0.0}) if rate and funded is Answer.UNKNOWN else rate


def _is_funded(rule: Rule, member: Member, known: KnownRules) -> Answer:
    named = either(*(belongs(member, code, known.setting) for code in rule.codes))
    return opposite(named) if rule.effect == "no_funding" else named


def _is_sourced(rule: Rule) -> bool:
    """Whether a rule on countries can be looked up; it says who is funded and binds nobody to take part."""
    about_countries = rule.kind in (RuleKind.ELIGIBLE_COUNTRIES, RuleKind.ROLE_RESTRICTION)
    return about_countries and (rule.row is None or rule.row.confidence is Confidence.SOURCED)
