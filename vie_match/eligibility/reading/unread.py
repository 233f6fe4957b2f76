"""Conditions on the team that no reader has made a rule of.

They are no rules, but they keep the answer from being yes: somebody has to read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vie_match.eligibility.reading.clauses import Clause, Section
from vie_match.eligibility.reading.found import Source
from vie_match.eligibility.rules import Rule, RuleKind

_SECTIONS = frozenset({Section.COUNTRIES, Section.OTHER, Section.WHOLE})
_BINDS = re.compile(
    r"\b(?:must|shall|requires?|required\s+to|(?:has|have|needs?)\s+to|mandatory|only|exclusively"
    r"|(?:limited|restricted|confined|open)\s+to|reserved\s+(?:for|to)|excluded?|excluding|except"
    r"|cannot|(?:may|can|are|is)\s+not|ineligible|eligible\s+(?:applicants?|beneficiar\w+|participants?|entities))\b",
    re.IGNORECASE,
)
_TEAM = re.compile(
    r"\b(?:consorti\w+|participa\w+|beneficiar\w+|applica\w+|apply|appl(?:y|ies)|partners?|coordinat\w+"
    r"|(?:legal\s+)?entit\w+|cit(?:y|ies)|towns?|municipal\w+|authorit\w+|organi[sz]ations?|compan\w+|firms?"
    r"|SMEs?|enterprises?|NGOs?|universit\w+|institut\w+|associations?|foundations?|(?:public|private)\s+bod\w+"
    r"|this\s+(?:call|topic)|the\s+(?:call|topic))\b",
    re.IGNORECASE,
)
# Sentences that explain a condition read elsewhere, or are about papers, results and later obligations.
_EXPLAINS = re.compile(
    r"association\s+agreement|guarantees?\b|simultaneously|explicitly\s+identified|these\s+regions|as\s+a\s+reference"
    r"|ecosystem|representative\s+individual|documents\s+must|declaration|technological\s+dependency|open\s+access"
    r"|intellectual\s+property|page\s+limits?|template|submission\s+(?:system|tool)|application\s+form"
    r"|content\s+of\s+the\s+proposal|length\s+of\s+proposals|restrictions\s+apply"
    r"|made\s+specific\s+provisions|list\s+is\s+correct|Joint\s+Research\s+Centre|proof\s+of|knowledge\s+of"
    r"|sensitive\s+(?:information|results)|third\s+part",
    re.IGNORECASE,
)


def read(source: Source, clauses: Iterable[Clause], rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield a rule that stays open for each condition on the team that is not read.

    Parameters
    ----------
    source : Source
    clauses : iterable of Clause
    rules : iterable of Rule
        All that were read in the same text, also those that stand there twice.
    """
    spans = [(rule.quote.start, rule.quote.end) for rule in rules if rule.quote]
    for clause in clauses:
        if clause.section not in _SECTIONS or _EXPLAINS.search(clause.text):
            continue
        if not (_BINDS.search(clause.text) and _TEAM.search(clause.text)):
            continue
        if not any(start < clause.end and clause.start < end for start, end in spans):
            yield source.clause_rule(RuleKind.UNREAD, clause, subject="team")
