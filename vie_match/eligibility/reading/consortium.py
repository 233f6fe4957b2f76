"""Rules about the team: numbers of organisations and countries, memberships, coordinator, sites.

A small grammar instead of sentences: a *quantity* (number with "at least", "a maximum of", or carried over
by "and") is followed by a *noun* (:mod:`nouns`), and places follow the noun ("from", "established in",
"each from a different"). What is counted, who counts and where from make the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vie_match.eligibility.reading import nouns, places
from vie_match.eligibility.reading.clauses import Clause, Section
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.reading.phrases import Phrase, phrases
from vie_match.eligibility.rules import Op, Part, Rule, RuleKind
from vie_match.eligibility.subjects import GENERIC

# A noun this close behind the beginning of a quantity belongs to it.
_NEXT_TO = 40

# A longer clause is quoted only where the rule stands.
_LONGEST_QUOTE = 420

_MUST = re.compile(
    r"\b(?:must|shall|requires?|required|mandatory|needs?\s+to|has\s+to|have\s+to|may\s+include\s+a\s+maximum)\b",
    re.IGNORECASE,
)
# Sentences about pages, third parties, sites or awards, and those that hold only in some case.
_NOT_TEAM = re.compile(
    r"\bpages?\b|highest\s+ranked|portfolio|third\s+part|recipient|FSTP|months|\bbudget|work\s+package|guarantee"
    r"|\bPhD\b"
    r"|working\s+time|take\s+place|demonstration\s+activities|pilot|must\s+cover|addressed\s+in|letters?\b|subcontract"
    r"|R&I\s+ecosystem|in\s+the\s+case\s+of\s+representative|Scoreboard|can\s+have\s+the\s+role",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(
    r"(?:In\s+(?:the\s+)?case|If\b|Consortia\s+of|Where\b|For\s+the\s+two)", re.IGNORECASE
)
_ROLES = (
    (Part.BENEFICIARY_OR_AFFILIATED, r"as\s+beneficiar(?:y|ies)\s+or\s+affiliated\s+entit(?:y|ies)"),
    (
        Part.BENEFICIARY_OR_ASSOCIATED,
        r"as\s+beneficiar(?:y|ies)\s+(?:and/)?or\s+(?:as\s+)?associated\s+partners?",
    ),
    (
        Part.BENEFICIARY,
        r"as\s+an?\s+beneficiary|(?:must|shall|have\s+to)\s+be\s+beneficiaries|as\s+beneficiaries|\(beneficiaries"
        r"|these\s+beneficiaries|beneficiaries[^.]{0,1000}must\s+be",
    ),
)
_DIFFERENT = re.compile(
    r"(?:each\s+)?(?:of\s+them\s+)?(?:established\s+)?(?:from|in)\s+(?:an?\s+)?different\s+(?=\S)",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"(?<!controlled\s)(?:from|established\s+in|located\s+in)\s+(?:all\s+|an?\s+|the\s+|[“‘'\"]\s*)*(?=\S)",
    re.IGNORECASE,
)
_REGIONS = re.compile(r"world\s+regions[^(]*\((?P<list>[^)]*)\)", re.IGNORECASE)
BY_CONSENT = ("local_authority", "entity_with_consent_of_local_authority")
CONSENT = re.compile(
    r"represented\s+by\s+an?\s+local\s+authority\s+or\s+by\s+an\s+entity\s+with", re.IGNORECASE
)
_FROM_THESE = re.compile(r"entities\s+from\s+these\s+(?:regions|countries)\s+must[^.]*\.", re.IGNORECASE)
_PORTFOLIOS = re.compile(
    r"practitioners\s+should\s+represent[^.]*?portfolios\s*:(?P<list>[^.]*)", re.IGNORECASE
)
_AMONG = re.compile(r"among\s+the\s", re.IGNORECASE)
_THAT_ARE = re.compile(r"\bthat\s+are\s+", re.IGNORECASE)
_ONE_HOLDS_BOTH = re.compile(r"role[^.]{0,1000}\bsimultaneously\b", re.IGNORECASE)
_PARENT = re.compile(r"among\s+which|of\s+which|as\s+follows", re.IGNORECASE)
_NATIONAL = re.compile(r"operating\s+at\s+(?:the\s+)?national\s+level", re.IGNORECASE)
_EVERYWHERE = frozenset({"ANY", "EU27+ASSOCIATED", "EU27", "ASSOCIATED", "LIFE_ELIGIBLE"})
_SUBJECT_OF = {
    "africa": "AFRICA",
    "far east": "FAR_EAST",
    "south-east asia": "SOUTH_EAST_ASIA",
    "latin america": "LATIN_AMERICA",
}
_PORTFOLIO_TYPES = {
    "critical infrastructure operator": "critical_infrastructure_operator",
    "critical infrastructure resilience": "critical_infrastructure_resilience_authority",
    "civil protection authority": "civil_protection_authority",
    "first responder": "first_responder",
    "law enforcement": "police_authority",
    "police": "police_authority",
}
_FACTS = {"illicit trafficking": "heritage_trafficking_research"}


@dataclass
class Context:
    """What a clause inherits from those before it in the same section."""

    section: Section | None = None
    role: Part = Part.ANY
    binds: bool = False
    subjects: list[str] = field(default_factory=list)


def role_in(text: str) -> Part:
    """Return the role a clause speaks of.

    Examples
    --------
    >>> role_in("must include, as beneficiaries or affiliated entities, one").value
    'beneficiary_or_affiliated'
    """
    return next((role for role, pattern in _ROLES if re.search(pattern, text, re.IGNORECASE)), Part.ANY)


def read(source: Source, clauses: Iterable[Clause], bind: bool = False) -> Iterator[Rule]:
    """Yield the rules about numbers of organisations and countries.

    Parameters
    ----------
    source : Source
    clauses : iterable of Clause
        Those of the sections about eligibility.
    bind : bool, optional
        True: every clause is a condition, whatever its verb.
    """
    yield from _told_later(source, list(_read(source, clauses, bind)))


def _told_later(source: Source, rules: list[Rule]) -> Iterator[Rule]:
    """Complete rules by what later sentences say about "these regions" or "these practitioners"."""
    later = _FROM_THESE.search(source.text)
    portfolios = _PORTFOLIOS.search(source.text)
    words = portfolios["list"].casefold() if portfolios else ""
    for rule in rules:
        more: dict[str, Any] = {}
        if later and rule.quote and rule.kind is RuleKind.MIN_IN_GROUP and rule.quote.end <= later.start():
            more["role"] = role_in(later[0])
        if words and rule.subject == "practitioner":
            more["one_of"] = tuple(kind for name, kind in _PORTFOLIO_TYPES.items() if name in words)
        yield rule.model_copy(update=more)


def _read(source: Source, clauses: Iterable[Clause], bind: bool) -> Iterator[Rule]:
    context = Context()
    counts_once = not _ONE_HOLDS_BOTH.search(source.text)
    for clause in clauses:
        if clause.section is not context.section:
            context = Context(section=clause.section)
        if _NOT_TEAM.search(clause.text) or _CONDITIONAL.match(clause.text):
            continue
        role = role_in(clause.text)
        binds = bind or bool(_MUST.search(clause.text))
        if role is Part.ANY and _AMONG.match(clause.text):
            role = context.role
        if clause.item and not binds:
            binds, role = context.binds, context.role if role is Part.ANY else role
        if binds:
            yield from _Reading(source, clause, role, context, counts_once).rules()
            context.role, context.binds = role, True


class _Reading:
    """The reading of one clause."""

    def __init__(
        self, source: Source, clause: Clause, role: Part, context: Context, counts_once: bool
    ) -> None:
        self.source, self.clause, self.role, self.context = source, clause, role, context
        self.text = clause.text
        self.phrases = list(phrases(self.text))
        kinds = [one for one in self.phrases if self._is_type(one) and not self._is_parent(one)]
        self.label = f"{clause.start}" if counts_once and len(kinds) > 1 else None

    def rules(self) -> Iterator[Rule]:
        waiting: list[Phrase] = []
        for number, phrase in enumerate(self.phrases):
            if phrase.noun is None:
                subjects = [self._subject(one) for one in waiting] or self.context.subjects
                if subjects:
                    yield self._distinct("+".join(subjects), phrase.number, str(phrase.group), phrase)
                waiting = []
                continue
            following = self.phrases[number + 1] if number + 1 < len(self.phrases) else None
            # An organisation whose place is told already is not meant by a later "from".
            if self._place(self._tail(phrase, following)) is None:
                waiting.append(phrase)
            yield from self._organisations(phrase, following)
        named = [self._subject(one) for one in self.phrases if one.noun is not None]
        self.context.subjects = named or self.context.subjects

    def _organisations(self, phrase: Phrase, following: Phrase | None) -> Iterator[Rule]:
        tail = self._tail(phrase, following)
        group = self._place(tail)
        if following and following.noun is None and following.group not in _EVERYWHERE:
            group = following.group
        yield from self._counted(phrase, group, tail)
        different = _DIFFERENT.search(tail)
        place = places.at(tail, different.end()) if different else None
        if place:
            yield self._distinct(self._subject(phrase), phrase.number, place.name, phrase)

    def _tail(self, phrase: Phrase, following: Phrase | None) -> str:
        return self.text[phrase.end : following.start if following else len(self.text)]

    def _counted(self, phrase: Phrase, group: str | None, tail: str) -> Iterator[Rule]:
        subject = self._subject(phrase)
        generic = subject in GENERIC
        fields: dict[str, Any] = {"subject": subject, "role": self.role}
        fields["group"] = None if group == "ANY" else group
        if phrase.most:
            yield self._rule(RuleKind.MAX_PARTICIPANTS, phrase, phrase.number, **fields, op=Op.MAX)
            if phrase.least_too is not None:
                yield self._rule(RuleKind.MIN_PARTICIPANTS, phrase, phrase.least_too, **fields, op=Op.MIN)
            return
        kind = RuleKind.MIN_PARTICIPANTS if generic else RuleKind.MIN_OF_TYPE
        if group is not None and group not in _EVERYWHERE:
            kind = RuleKind.MIN_IN_GROUP
        if kind is RuleKind.MIN_PARTICIPANTS and phrase.bare and phrase.number == 1:
            return
        if kind is RuleKind.MIN_OF_TYPE:
            fields["unit"] = (phrase.noun.unit if phrase.noun else None) or None
            fields["apart"] = None if self._is_parent(phrase) else self.label
            if CONSENT.search(tail):
                fields["represented_by"] = BY_CONSENT
            fields["fact"] = next((fact for words, fact in _FACTS.items() if words in tail), None)
        yield self._rule(kind, phrase, phrase.number, **fields, op=Op.MIN)
        if generic:
            yield from self._including(phrase)

    def _including(self, phrase: Phrase) -> Iterator[Rule]:
        """Yield one organisation each of those that the participants have to include."""
        at = re.compile(r"\bincluding\s+").search(self.text, phrase.end)
        counted = {one.start for one in self.phrases}
        for subject, start in nouns.alternatives(self.text, at.end()) if at else ():
            read_already = any(one <= start < one + _NEXT_TO for one in counted)
            if subject not in GENERIC and not read_already:
                yield self._rule(RuleKind.MIN_OF_TYPE, phrase, 1, subject=subject, role=self.role, op=Op.MIN)

    def _distinct(self, subject: str, number: int, group: str, phrase: Phrase) -> Rule:
        return self._rule(
            RuleKind.DISTINCT_COUNTRIES,
            phrase,
            number,
            subject=subject,
            group=group,
            role=self.role,
            op=Op.MIN,
        )

    def _place(self, tail: str) -> str | None:
        regions = _REGIONS.search(tail)
        if regions:
            wanted = regions["list"].casefold()
            return "|".join(name for words, name in _SUBJECT_OF.items() if words in wanted) or None
        for placed in _PLACED.finditer(tail):
            place = places.at(tail, placed.end())
            if place:
                return place.name
        return None

    def _subject(self, phrase: Phrase) -> str:
        name = phrase.noun.subject if phrase.noun else ""
        if phrase.alternative and name not in GENERIC and phrase.alternative not in name:
            name = f"{name}|{phrase.alternative}"
        told = _THAT_ARE.search(self.text, phrase.end) if name in GENERIC else None
        if told:
            parts = [
                part for one, _ in nouns.all_in(self.text, told.end()) for part in one.subject.split("|")
            ]
            name = "|".join(dict.fromkeys(part for part in parts if part not in GENERIC)) or name
        if "disaster_risk_authority" in name:
            end = self.clause.start + phrase.end
            if _NATIONAL.search(self.source.text, end, min(self.clause.end, end + 260)):
                return name.replace("disaster_risk_authority", "disaster_risk_authority_national")
        return name

    def _is_type(self, phrase: Phrase) -> bool:
        return phrase.noun is not None and phrase.noun.subject not in GENERIC

    def _is_parent(self, phrase: Phrase) -> bool:
        later = [one.start for one in self.phrases if one.start > phrase.start]
        return bool(_PARENT.search(self.text, phrase.end, later[0] if later else len(self.text)))

    def _rule(self, kind: RuleKind, phrase: Phrase, number: int, **fields: Any) -> Rule:
        start = self.clause.start + phrase.start
        whole = len(self.source.text[self.clause.start : self.clause.end]) <= _LONGEST_QUOTE
        if whole:
            return self.source.clause_rule(kind, self.clause, value=number, **fields)
        return self.source.rule(kind, start, self.clause.start + phrase.end, value=number, **fields)
