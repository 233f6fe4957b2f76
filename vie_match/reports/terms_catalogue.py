"""Sentences about eligibility, money and time, in every language they are told in: patterns with gaps.

Like :mod:`vie_match.reports.catalogue`, which has those about fit and network; the demands and findings of
single rules come from :mod:`vie_match.eligibility.wording`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vie_match.reports.catalogue import Counted
from vie_match.vocabulary import Answer, Language, parse


@dataclass(frozen=True, slots=True)
class TermsPatterns:
    """All patterns in one language.

    Attributes
    ----------
    alone, joined : mapping
        Whether a city may apply with nobody else, and be part of a larger team; there may be none.
    barred_everywhere : str
        In place of both, where a rule keeps a city out of every team.
    clear : str
        In place of an unknown ``joined``: only unread documents leave it open.
    not_as_lead : str
        What keeps a city from leading.
    barred : str
        A city that may not take part, beside others that may.
    unjudged : str
        The call was not judged.
    answers : mapping
        Answer to one rule.
    recalled : str
        Behind the answer to a rule that does not decide.
    finding : str
        What a rule asks for, and what the city has of it.
    missing : str
        What a team would have to bring.
    more_countries : Counted
        Behind a number of partners that are missing.
    further : Counted
        In place of more of the same.
    page : str
        Question to a page whose conditions are not in the call's record.
    up_to, between : str
        A rate, of which the call names the highest, or a range.
    recalled_rate, no_rate, unfunded : str
        A rate that nobody can look up, that is not known, or nothing at all.
    euro : str
    nothing_to_pay, all_to_pay, to_pay, to_pay_between : str
        What is left of a cost for the city.
    affordable : mapping
        Beside what it can pay; nothing where that is not known.
    capped : str
        The largest grant is smaller than the rate of the cost.
    left, tight, last_day, no_date, endless : str
        Days left beside days needed.
    days : Counted
    parts, parts_alone : str
        What the days needed consist of, with and without partners to find.
    """

    alone: Mapping[Answer, str]
    joined: Mapping[Answer, str]
    barred_everywhere: str
    clear: str
    not_as_lead: str
    barred: str
    unjudged: str
    answers: Mapping[Answer, str]
    recalled: str
    finding: str
    missing: str
    more_countries: Counted
    further: Counted
    page: str
    up_to: str
    between: str
    recalled_rate: str
    no_rate: str
    unfunded: str
    euro: str
    nothing_to_pay: str
    all_to_pay: str
    to_pay: str
    to_pay_between: str
    affordable: Mapping[Answer, str]
    capped: str
    left: str
    tight: str
    last_day: str
    no_date: str
    endless: str
    days: Counted
    parts: str
    parts_alone: str


_ENGLISH = TermsPatterns(
    alone={
        Answer.YES: "eligible alone",
        Answer.NO: "not eligible alone",
        Answer.UNKNOWN: "alone: not known",
    },
    joined={
        Answer.YES: "eligible in a larger team",
        Answer.NO: "only one applicant is allowed",
        Answer.UNKNOWN: "in a larger team: not known",
    },
    barred_everywhere="not eligible in any team",
    clear="in a larger team nothing known is against it",
    not_as_lead="Not as lead: {why}",
    barred="{city} may not take part: {why}",
    unjudged="Not known whether you may apply",
    answers={Answer.YES: "yes", Answer.NO: "no", Answer.UNKNOWN: "not known"},
    recalled="no source holds for this call, so it does not decide",
    finding="{demand} – {finding}",
    missing="Missing: {needs}",
    more_countries=Counted(", from 1 more country", ", from {number} more countries"),
    further=Counted("1 more point", "{number} more points"),
    page="What does the page of the call say about who may apply?",
    up_to="up to {high} %",
    between="{low} to {high} %",
    recalled_rate="{rate}, but no source at hand says so",
    no_rate="not known",
    unfunded="nothing: partners from your country get no money",
    euro="€{number}",
    nothing_to_pay="nothing of your {cost} is left to pay if all of it is accepted",
    all_to_pay="all of your {cost} is yours to pay",
    to_pay="at least {low} of your {cost} is yours to pay",
    to_pay_between="{low} to {high} of your {cost} is yours to pay",
    affordable={
        Answer.YES: ", within the {limit} you can pay",
        Answer.NO: ", more than the {limit} you can pay",
        Answer.UNKNOWN: ", and you can pay {limit}",
    },
    capped="no grant is larger than {grant}",
    left="{left} left; such an application takes about {needed}",
    tight="only {left} left; such an application takes about {needed}",
    last_day="closes today; such an application takes about {needed}",
    no_date="closing date not known; such an application takes about {needed}",
    endless="no closing date; such an application takes about {needed}",
    days=Counted("1 day", "{number} days"),
    parts="assumed: council {council}, {partners} × {partner} for partners, writing {writing}",
    parts_alone="assumed: council {council}, writing {writing}",
)

_GERMAN = TermsPatterns(
    alone={
        Answer.YES: "allein antragsberechtigt",
        Answer.NO: "allein nicht antragsberechtigt",
        Answer.UNKNOWN: "allein: offen",
    },
    joined={
        Answer.YES: "in einem größeren Team teilnahmeberechtigt",
        Answer.NO: "nur ein Antragsteller ist zugelassen",
        Answer.UNKNOWN: "in einem größeren Team: offen",
    },
    barred_everywhere="in keinem Team teilnahmeberechtigt",
    clear="in einem größeren Team spricht nichts Bekanntes dagegen",
    not_as_lead="Nicht in der Leitung: {why}",
    barred="{city} darf nicht teilnehmen: {why}",
    unjudged="Offen, ob Sie einen Antrag stellen dürfen",
    answers={Answer.YES: "ja", Answer.NO: "nein", Answer.UNKNOWN: "offen"},
    recalled="keine Quelle gilt für diesen Aufruf, darum entscheidet es nicht",
    finding="{demand} – {finding}",
    missing="Es fehlt: {needs}",
    more_countries=Counted(", aus 1 weiteren Staat", ", aus {number} weiteren Staaten"),
    further=Counted("1 weiterer Punkt", "{number} weitere Punkte"),
    page="Was sagt die Seite des Aufrufs dazu, wer einen Antrag stellen darf?",
    up_to="bis {high} %",
    between="{low} bis {high} %",
    recalled_rate="{rate}, doch keine Quelle belegt es",
    no_rate="nicht bekannt",
    unfunded="nichts: Partner aus Ihrem Staat bekommen kein Geld",
    euro="{number} €",
    nothing_to_pay="von Ihren {cost} bleibt nichts zu zahlen, wenn alles anerkannt wird",
    all_to_pay="Ihre {cost} zahlen Sie ganz selbst",
    to_pay="von Ihren {cost} zahlen Sie mindestens {low}",
    to_pay_between="von Ihren {cost} zahlen Sie {low} bis {high}",
    affordable={
        Answer.YES: ", im Rahmen der {limit}, die Sie zahlen können",
        Answer.NO: ", mehr als die {limit}, die Sie zahlen können",
        Answer.UNKNOWN: ", und Sie können {limit} zahlen",
    },
    capped="kein Zuschuss ist größer als {grant}",
    left="noch {left}; ein solcher Antrag braucht etwa {needed}",
    tight="nur noch {left}; ein solcher Antrag braucht etwa {needed}",
    last_day="schließt heute; ein solcher Antrag braucht etwa {needed}",
    no_date="Frist nicht bekannt; ein solcher Antrag braucht etwa {needed}",
    endless="keine Frist; ein solcher Antrag braucht etwa {needed}",
    days=Counted("1 Tag", "{number} Tage"),
    parts="angenommen: Rat {council}, {partners} × {partner} für Partner, Schreiben {writing}",
    parts_alone="angenommen: Rat {council}, Schreiben {writing}",
)

_ALL = {Language.EN: _ENGLISH, Language.DE: _GERMAN}


def terms_patterns(language: str) -> TermsPatterns:
    """Return the patterns of a language.

    Raises
    ------
    BadValue
        For a language that there are none for, with those there are.

    Examples
    --------
    >>> terms_patterns("de").barred_everywhere
    'in keinem Team teilnahmeberechtigt'
    """
    return _ALL[parse(Language, language)]
