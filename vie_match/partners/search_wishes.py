"""Conditions of a search: the call's requirements and the user's wishes, with their bounds and words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from vie_match.eligibility import demands, wording
from vie_match.eligibility.check import KnownRules
from vie_match.eligibility.requirements import Requirement
from vie_match.eligibility.rules import Binding, Part, RuleKind
from vie_match.eligibility.subjects import is_subject
from vie_match.eligibility.sums import Measure
from vie_match.eligibility.words import Words
from vie_match.partners import consortium_wording as says
from vie_match.partners.certainty import Certainty
from vie_match.partners.consortium import Seat, Wishes
from vie_match.partners.search_bounds import Bound


@dataclass(frozen=True, slots=True)
class Condition:
    """Something a team has to keep to, so that a search can fail by it.

    Attributes
    ----------
    words : Words
    requirement : Requirement or None
        Of the call or its programme; None: a wish of the user.
    decides : bool
        False: a rule that is only recalled; a team may be proposed without it.
    """

    words: Words
    requirement: Requirement | None = None
    decides: bool = True


def of_call(known: KnownRules) -> list[Condition]:
    """Return the conditions that the rules of a call make for a team.

    Parameters
    ----------
    known : KnownRules
    """
    rules = (*known.text, *known.programme, *known.unread)
    eligible = tuple(
        code
        for rule in rules
        if rule.kind is RuleKind.ELIGIBLE_COUNTRIES and rule.quote
        for code in rule.codes
    )
    found = []
    for rule in rules:
        made = demands.of(rule, known.setting, eligible) if rule.binding is Binding.MUST else None
        if made is not None and made.measure is not Measure.NOTHING:
            words = Words(partial(wording.demand, rule))
            found.append(Condition(words, made, rule.decides))
    return found


# A wish with the bounds that it makes; the number of its condition is filled in later.
Wished = tuple[Words, list[Bound]]
Seats = Sequence[Seat]


def of_wishes(wishes: Wishes, seats: Seats, certainty: Certainty, with_shares: bool) -> list[Wished]:
    """Return what the user wishes, and that somebody leads.

    Parameters
    ----------
    wishes : Wishes
        Their ids are among the seats'.
    seats : sequence of Seat
    certainty : Certainty
    with_shares : bool
        Whether the team's budget is divided, too.
    """
    makers: list[Callable[[Wishes, Seats, Certainty], Iterator[Wished]]] = [
        _leading,
        _people,
        _size,
        _newcomers,
        _competitors,
        _countries,
        _subjects,
        _skills,
    ]
    made = [one for maker in makers for one in maker(wishes, seats, certainty)]
    return [*made, *_shares(wishes, seats)] if with_shares else made


def funded(seat: Seat) -> bool:
    """Return whether a seat gets a share of the budget: beneficiaries and affiliated entities do."""
    return seat.member.plays(Part.BENEFICIARY_OR_AFFILIATED)


def told_share(seat: Seat) -> float | None:
    """Return the share of the budget that a candidate's own record names, per cent."""
    fact = seat.candidate.member.facts.get("budget_share")
    value = fact.value if fact else None
    return float(value) if isinstance(value, int | float) else None


def _at_least(seats: list[int], number: float) -> Bound:
    return Bound((), number, dict.fromkeys(seats, 1.0))


def _at_most(seats: list[int], number: float) -> Bound:
    return Bound((), -number, dict.fromkeys(seats, -1.0))


def _of(seats: Seats, *ids: str) -> list[int]:
    return [place for place, seat in enumerate(seats) if seat.candidate.id in ids]


def _names(seats: Seats, ids: Sequence[str]) -> str:
    names = {seat.candidate.id: seat.candidate.member.name for seat in seats}
    return ", ".join(dict.fromkeys(names.get(one, one) for one in ids))


def _leading(wishes: Wishes, seats: Seats, _: Certainty) -> Iterator[Wished]:
    leading = [place for place, seat in enumerate(seats) if seat.role is Part.COORDINATOR]
    yield says.words("leads"), [_at_least(leading, 1)]
    if wishes.leader:
        own = [place for place in _of(seats, wishes.leader) if place in set(leading)]
        yield says.words("leader", name=_names(seats, [wishes.leader])), [_at_least(own, 1)]


def _people(wishes: Wishes, seats: Seats, _: Certainty) -> Iterator[Wished]:
    for one in wishes.must:
        yield says.words("must", name=_names(seats, [one])), [_at_least(_of(seats, one), 1)]
    for one in wishes.must_not:
        yield says.words("must_not", name=_names(seats, [one])), [_at_most(_of(seats, one), 0)]
    for one in wishes.elsewhere:
        yield says.words("elsewhere", name=_names(seats, [one])), [_at_most(_of(seats, one), 0)]


def _size(wishes: Wishes, seats: Seats, _: Certainty) -> Iterator[Wished]:
    everybody = list(range(len(seats)))
    least, most = wishes.size
    if least > 0:
        yield says.members("least", least), [_at_least(everybody, least)]
    yield says.members("most", most), [_at_most(everybody, most)]


def _newcomers(wishes: Wishes, seats: Seats, certainty: Certainty) -> Iterator[Wished]:
    if wishes.newcomers:
        new = {None: certainty is Certainty.POSSIBLE, True: True, False: False}
        who = [place for place, seat in enumerate(seats) if new[seat.candidate.newcomer]]
        yield says.words("newcomers", number=wishes.newcomers), [_at_least(who, wishes.newcomers)]


def _competitors(wishes: Wishes, seats: Seats, _: Certainty) -> Iterator[Wished]:
    places: dict[str, list[int]] = {}
    for place, seat in enumerate(seats):
        places.setdefault(seat.candidate.id, []).append(place)
    for group in wishes.competitors:
        who = [place for one in group for place in places[one]]
        yield says.words("competitors", names=_names(seats, group)), [_at_most(who, 1)]


def _countries(wishes: Wishes, seats: Seats, _: Certainty) -> Iterator[Wished]:
    if wishes.per_country is None:
        return
    at: dict[str, list[int]] = {}
    for place, seat in enumerate(seats):
        if seat.candidate.member.country:
            at.setdefault(seat.candidate.member.country, []).append(place)
    limits = [_at_most(there, wishes.per_country) for there in at.values()]
    yield says.words("per_country", number=wishes.per_country), limits


def _subjects(wishes: Wishes, seats: Seats, certainty: Certainty) -> Iterator[Wished]:
    for subject in wishes.subjects:
        answers = [is_subject(seat.candidate.member, subject) for seat in seats]
        who = [place for place, answer in enumerate(answers) if certainty.for_minimum(answer)]
        yield says.a_subject(subject), [_at_least(who, 1)]


def _skills(wishes: Wishes, seats: Seats, _: Certainty) -> Iterator[Wished]:
    for skill in wishes.required:
        terms = {
            place: seat.candidate.skills[skill]
            for place, seat in enumerate(seats)
            if seat.candidate.skills.get(skill)
        }
        yield says.of_skills("skill", [skill]), [Bound((), 1, terms)]


def _shares(wishes: Wishes, seats: Seats) -> Iterator[Wished]:
    paid = [place for place, seat in enumerate(seats) if funded(seat)]
    yield says.words("whole"), [Bound((), 100, shares=dict.fromkeys(paid, 1.0))]
    for place in paid:
        told = told_share(seats[place])
        if told is not None:
            name = seats[place].candidate.member.name
            yield says.words("told", name=name, number=told), list(_between(place, told, told))
    for one, (least, most) in wishes.shares.items():
        limits = [
            bound for place in _of(seats, one) if place in set(paid) for bound in _between(place, least, most)
        ]
        yield says.words("share", name=_names(seats, [one]), least=least, most=most), limits
    if wishes.share_of_each:
        least, most = wishes.share_of_each
        each = [bound for place in paid for bound in _between(place, least, most)]
        yield says.words("each", least=least, most=most), each


def _between(place: int, least: float, most: float) -> Iterator[Bound]:
    """Yield that a seat, if it is taken, gets between two shares."""
    yield Bound((), 0, {place: -least}, shares={place: 1.0})
    yield Bound((), 0, {place: most}, shares={place: -1.0})
