"""A call and a team → the answer: what the call's text and its programme ask, judged together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vie_match.eligibility import families, stated
from vie_match.eligibility.facts import Team
from vie_match.eligibility.groups import Setting
from vie_match.eligibility.logic import both
from vie_match.eligibility.programmes import year_of, year_of_call
from vie_match.eligibility.reading.call import read
from vie_match.eligibility.reading.call import unread as unread_of
from vie_match.eligibility.reading.pointers import HE_ANNEX_B
from vie_match.eligibility.rules import Confidence, Rule, RuleKind
from vie_match.eligibility.verdict import Eligibility, judge
from vie_match.records import Call
from vie_match.results import Verdict
from vie_match.vocabulary import ActionType, Answer, Programme

_ELSEWHERE = frozenset({RuleKind.IN_DOCUMENT, RuleKind.UNREAD})

# Kinds that say how large a consortium has to be: without one, from the text or the programme, nobody knows.
_SIZES = frozenset(
    {
        RuleKind.MIN_PARTICIPANTS,
        RuleKind.MIN_OF_TYPE,
        RuleKind.MIN_IN_GROUP,
        RuleKind.SINGLE_BENEFICIARY,
        RuleKind.MAX_PARTICIPANTS,
        RuleKind.NAMED_PARTICIPANTS,
    }
)


@dataclass(frozen=True, slots=True)
class KnownRules:
    """All that is known of a call's conditions.

    Attributes
    ----------
    setting : Setting
    text : tuple of Rule
        Read in the call.
    programme : tuple of Rule
        Of its programme, as far as the text does not replace them.
    unread : tuple of Rule
        Conditions of the text that no reader understood.
    """

    setting: Setting
    text: tuple[Rule, ...]
    programme: tuple[Rule, ...]
    unread: tuple[Rule, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether a rule says how large a consortium has to be, and the rules are surely the call's.

        Of a topic of Horizon Europe the General Annexes are, if its conditions point to them.
        """
        sized = any(rule.kind in _SIZES for rule in (*self.text, *self.programme))
        pointed = any(rule.value == HE_ANNEX_B for rule in self.text)
        return sized and (pointed or self.setting.programme is not Programme.HORIZON)


def rules_of(
    identifier: str,
    programme: Programme | None,
    action: ActionType | None,
    conditions: str,
    description: str = "",
    year: int | None = None,
    note: str = "",
) -> KnownRules:
    """Return the rules of a call given by its parts.

    Parameters
    ----------
    identifier : str
    programme : Programme or None
    action : ActionType or None
    conditions, description : str
        As published.
    year : int, optional
        Without it that of the identifier counts.
    note : str, optional
        What somebody noted about the team.
    """
    known = year if year is not None else year_of(identifier)
    eligible = "LIFE_ELIGIBLE" if programme is Programme.LIFE else "ELIGIBLE"
    text = read(conditions, description, eligible, note)
    applied = families.programme_rules(
        identifier, programme, action, known, families.replaced(conditions, text, programme)
    )
    rules = tuple(one.rule for one in applied)
    if any(rule.kind is RuleKind.IN_DOCUMENT and rule.value != HE_ANNEX_B for rule in text):
        rules = tuple(map(_only_informs, rules))
    return KnownRules(Setting(identifier, programme, known), text, rules, unread_of(conditions))


def _only_informs(rule: Rule) -> Rule:
    """Return a programme's rule as one that does not decide: the call has a document of its own, unread."""
    if rule.row is None:
        return rule
    note = " ".join(filter(None, (rule.row.note, "The call has a document of its own.")))
    row = rule.row.model_copy(update={"confidence": Confidence.RECALLED, "note": note})
    return rule.model_copy(update={"row": row})


def rules_of_call(call: Call) -> KnownRules:
    """Return the rules of a call's record: of its texts, its fields, and its programme."""
    known = rules_of(
        call.identifier,
        call.programme,
        call.action_type,
        call.conditions,
        call.text,
        year_of_call(call),
        call.consortium_note,
    )
    fields = stated.rules(call)
    own = {rule.kind for rule in fields}
    # What the call's record states goes before its programme.
    programme = tuple(rule for rule in known.programme if rule.kind is not RuleKind.ELIGIBLE_COUNTRIES)
    programme = programme if RuleKind.ELIGIBLE_COUNTRIES in own else known.programme
    if RuleKind.MIN_PARTICIPANTS in own:
        programme = families.without_least(programme)
    return replace(
        known, programme=(*fields, *programme), unread=(*known.unread, *stated.absent(call, known.text))
    )


def check(call: Call, team: Team) -> Eligibility:
    """Return whether a team may apply for a call.

    Parameters
    ----------
    call : Call
    team : tuple of Member
        One city alone is a team of one; :func:`vie_match.eligibility.members.from_profile` makes a member.

    Returns
    -------
    Eligibility
        Its ``answer`` is yes, no or unknown; ``verdicts`` has one for each rule, with what it rests on.

    Examples
    --------
    >>> from vie_match.eligibility.facts import Member
    >>> call = Call(identifier="X", title="x", programme="LIFE", text="x", deadlines=["2027-03-01"],
    ...             min_participants=2, source="a portal")
    >>> found = check(call, (Member(name="Hamm", country="DE"),))
    >>> found.answer.value, missing(found)
    ('no', ('1 more organisation as a beneficiary',))
    """
    return judge_known(rules_of_call(call), team)


def judge_known(known: KnownRules, team: Team) -> Eligibility:
    """Judge a team by rules that are read already."""
    return judge((*known.text, *known.programme, *known.unread), team, known.setting, known.complete)


def may_take_part(found: Eligibility) -> Answer:
    """Return whether nothing that is known keeps the team from being part of a larger one.

    What more partners can mend does not count, nor what stands in a document that is not at hand.

    Parameters
    ----------
    found : Eligibility
        Of one city, or a team that is not yet whole.
    """
    about_team = [one for one in found.verdicts if one.decides and one.rule.kind not in _ELSEWHERE]
    return both(*(one.answer for one in about_team if not one.grows))


def missing(found: Eligibility, language: str = "en") -> tuple[str, ...]:
    """Return what a team lacks, in plain words; empty when nothing surely fails.

    Parameters
    ----------
    found : Eligibility
    language : str, optional
    """
    if found.answer is not Answer.NO:
        return ()
    return tuple(dict.fromkeys(one.missing[language] for one in found.deciding if one.missing))


def plain(found: Eligibility, language: str = "en") -> tuple[Verdict, ...]:
    """Return the verdicts as matches carry them: kind, answer, one sentence, source.

    Parameters
    ----------
    found : Eligibility
    language : str, optional
    """
    return tuple(
        Verdict(
            rule=one.rule.kind.value,
            answer=one.answer,
            because=f"{one.demand[language]}: {one.finding[language]}",
            source=one.rule.quote.text if one.rule.quote else one.rule.row and one.rule.row.url,
        )
        for one in found.verdicts
    )


def questions(found: Eligibility, language: str = "en") -> tuple[str, ...]:
    """Return the questions that would settle what is open, each once."""
    return tuple(
        dict.fromkeys(
            words[language]
            for one in found.verdicts
            if one.answer is Answer.UNKNOWN
            for words in one.questions
        )
    )
