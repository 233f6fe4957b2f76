"""Sentences that are put together, in every language they are told in: patterns with gaps, no decisions.

A further language is one more :class:`Patterns` in ``_ALL``; a pattern that it lacks is an error when the
module is loaded, not a gap in a report. Names in braces are the gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vie_match.ranking.audience import Audience
from vie_match.sections import NEEDS, OFFERS, PLAN, SITUATION, TEXT
from vie_match.vocabulary import Language, PartnerKind, Role, parse


@dataclass(frozen=True, slots=True)
class Counted:
    """A pattern that depends on a number: for one, and for any other."""

    one: str
    many: str

    def of(self, number: int) -> str:
        """Return the pattern for a number."""
        return self.one if number == 1 else self.many


@dataclass(frozen=True, slots=True)
class Patterns:
    """All patterns in one language.

    Attributes
    ----------
    quotes : (str, str)
        What stands before and behind a quotation.
    conjunction, alternative : str
        Between the last two of several that all count, or of which one does.
    thousands : str
        Between the thousands of a number.
    section : mapping
        Kind of a profile's part → what it is called, as a subject.
    meets : str
        The quotations: subject, ours, theirs.
    common, pairs : Counted
        Words that are the same on both sides, or pairs of them, behind the quotations.
    common_alone, pairs_alone : Counted
        The same where nothing can be quoted.
    audience : mapping
        Whom an instrument is for.
    counted_audience : str
        How many of the projects of a part of Horizon Europe had a municipality.
    told_audience : str
        Whom calls are for in somebody else's words.
    nothing : str
        No reason can be named.
    likely, possible, long_shot : str
        What a probability is called.
    tenths : mapping
        0, 1, 10 and the others (under 2) tenths → how many suggestions were good.
    wish : mapping
        Role that a profile wants.
    coordinated, took_part, record_unknown : Counted, Counted, str
        What the table of cities' projects says of a city.
    one_applicant, some_lead, one_leads, anybody_leads, nobody_leads, nobody_may_lead : str
        Who competes or could apply together; ``one_leads`` is counted by those who would join.
    both, all : str
        Of two, of more.
    partners : str
        Cities that say in their profiles that they work together.
    kinds : mapping
        How two cities know each other.
    asks, asks_partners, asks_countries : str, Counted, Counted
        What a call wants of a team.
    offered : str
        What the cities together are: cities, countries.
    cities, countries : Counted
    team_unknown : str
    """

    quotes: tuple[str, str]
    conjunction: str
    alternative: str
    thousands: str
    section: Mapping[str, str]
    meets: str
    common: Counted
    pairs: Counted
    common_alone: Counted
    pairs_alone: Counted
    audience: Mapping[Audience, str]
    counted_audience: str
    told_audience: str
    nothing: str
    likely: str
    possible: str
    long_shot: str
    tenths: Mapping[int, str]
    wish: Mapping[Role, str]
    coordinated: Counted
    took_part: Counted
    record_unknown: str
    one_applicant: str
    some_lead: str
    one_leads: Counted
    anybody_leads: str
    nobody_leads: str
    nobody_may_lead: str
    both: str
    all: str
    partners: str
    kinds: Mapping[PartnerKind, str]
    asks: str
    asks_partners: Counted
    asks_countries: Counted
    offered: str
    cities: Counted
    countries: Counted
    team_unknown: str

    def number(self, value: int) -> str:
        """Return a whole number with its thousands apart."""
        return f"{value:,}".replace(",", self.thousands)

    def listed(self, names: Sequence[str], between: str = "") -> str:
        """Return names in a row, the last behind the conjunction, or behind another word.

        Examples
        --------
        >>> patterns("de").listed(["Hamm", "Pirna", "Sofia"])
        'Hamm, Pirna und Sofia'
        """
        *others, last = names or [""]
        return f"{', '.join(others)} {between or self.conjunction} {last}" if others else last


_ENGLISH = Patterns(
    quotes=("“", "”"),
    conjunction="and",
    alternative="or",
    thousands=",",
    section={
        SITUATION: "Your situation",
        PLAN: "Your plan",
        NEEDS: "Your need",
        OFFERS: "Your offer",
        TEXT: "Your text",
    },
    meets="{subject} ({ours}) meets this passage of the call: {theirs}",
    common=Counted(", with {words} as a word in common", ", with {words} as words in common"),
    pairs=Counted(
        ", with {words} as the strongest pair of words", ", with {words} as the strongest pairs of words"
    ),
    common_alone=Counted(
        "Project and call have the word {words} in common",
        "Project and call have the words {words} in common",
    ),
    pairs_alone=Counted(
        "Project and call meet in the pair of words {words}",
        "Project and call meet in the pairs of words {words}",
    ),
    audience={
        Audience.CITIES: "such calls are made for municipalities or their networks",
        Audience.LOCAL: "local authorities are named among those who can take part in such calls",
        Audience.OTHERS: "such calls are addressed to others than municipalities",
    },
    counted_audience=(
        "a municipality took part in {with_municipality} of {projects} projects "
        "in this part of Horizon Europe"
    ),
    told_audience="it is said of such calls: {audience}",
    nothing="No passage and no word of this call can be named as a reason",
    likely="likely",
    possible="possible",
    long_shot="a long shot",
    tenths={
        0: "fewer than 1 in 10 such suggestions was worth reading in full",
        1: "about 1 in 10 such suggestions was worth reading in full",
        2: "about {tenths} in 10 such suggestions were worth reading in full",
        10: "nearly all such suggestions were worth reading in full",
    },
    wish={
        Role.LEAD: "wants to lead",
        Role.PARTNER: "wants to be a partner",
        Role.EITHER: "would lead or join",
    },
    coordinated=Counted("has coordinated {latest}", "has coordinated {number} projects, the latest {latest}"),
    took_part=Counted(
        "did not coordinate its one known project", "coordinated none of its {number} known projects"
    ),
    record_unknown="no earlier project is known",
    one_applicant="{cities} would compete: one applicant is enough",
    some_lead="{cities} would compete: {quantity} want to lead",
    one_leads=Counted(
        "{leads} could lead, and {others} could join", "{leads} could lead, and {others} could join"
    ),
    anybody_leads="{cities} could apply together",
    nobody_leads="{cities} could join one team, but none of them wants to lead",
    nobody_may_lead="{cities} could join one team, but none of them that would lead may do so",
    both="both",
    all="all",
    partners="{cities} work together already ({kind})",
    kinds={
        PartnerKind.TANDEM: "tandem",
        PartnerKind.TWIN_TOWN: "twin towns",
        PartnerKind.EXCHANGE: "exchange",
    },
    asks="asks for partners",
    asks_partners=Counted("asks for at least 1 partner", "asks for at least {number} partners"),
    asks_countries=Counted("from at least 1 country", "from at least {number} countries"),
    offered="The call {asked}; these are {cities} from {countries}",
    cities=Counted("1 city", "{number} cities"),
    countries=Counted("1 country", "{number} countries"),
    team_unknown="The smallest team is not known",
)

_GERMAN = Patterns(
    quotes=("„", "“"),
    conjunction="und",
    alternative="oder",
    thousands=".",
    section={
        SITUATION: "Ihre Lage",
        PLAN: "Ihr Vorhaben",
        NEEDS: "Ihr Bedarf",
        OFFERS: "Ihr Angebot",
        TEXT: "Ihr Text",
    },
    meets="{subject} ({ours}) trifft auf diese Stelle des Aufrufs: {theirs}",
    common=Counted(", mit {words} als gemeinsamem Wort", ", mit {words} als gemeinsamen Wörtern"),
    pairs=Counted(", mit {words} als stärkstem Wortpaar", ", mit {words} als stärksten Wortpaaren"),
    common_alone=Counted(
        "Projekt und Aufruf haben das Wort {words} gemeinsam",
        "Projekt und Aufruf haben die Wörter {words} gemeinsam",
    ),
    pairs_alone=Counted(
        "Projekt und Aufruf treffen sich im Wortpaar {words}",
        "Projekt und Aufruf treffen sich in den Wortpaaren {words}",
    ),
    audience={
        Audience.CITIES: "solche Aufrufe sind für Kommunen oder ihre Netzwerke gemacht",
        Audience.LOCAL: "Kommunen sind unter denen genannt, die an solchen Aufrufen teilnehmen können",
        Audience.OTHERS: "solche Aufrufe richten sich an andere als Kommunen",
    },
    counted_audience=(
        "an {with_municipality} von {projects} Projekten in diesem Teil von Horizont Europa "
        "war eine Kommune beteiligt"
    ),
    told_audience="von solchen Aufrufen heißt es: {audience}",
    nothing="Keine Stelle und kein Wort dieses Aufrufs lässt sich als Grund nennen",
    likely="wahrscheinlich",
    possible="möglich",
    long_shot="eher nicht",
    tenths={
        0: "weniger als 1 von 10 solchen Vorschlägen war es wert, ganz gelesen zu werden",
        1: "etwa 1 von 10 solchen Vorschlägen war es wert, ganz gelesen zu werden",
        2: "etwa {tenths} von 10 solchen Vorschlägen waren es wert, ganz gelesen zu werden",
        10: "fast alle solchen Vorschläge waren es wert, ganz gelesen zu werden",
    },
    wish={
        Role.LEAD: "will die Leitung",
        Role.PARTNER: "will Partner sein",
        Role.EITHER: "würde leiten oder mitmachen",
    },
    coordinated=Counted("hat {latest} koordiniert", "hat {number} Projekte koordiniert, zuletzt {latest}"),
    took_part=Counted(
        "hat das eine bekannte Projekt nicht koordiniert",
        "hat keines der {number} bekannten Projekte koordiniert",
    ),
    record_unknown="kein früheres Projekt bekannt",
    one_applicant="{cities} stünden im Wettbewerb: ein Antragsteller genügt",
    some_lead="{cities} stünden im Wettbewerb: {quantity} wollen die Leitung",
    one_leads=Counted(
        "{leads} könnte leiten, {others} könnte mitmachen",
        "{leads} könnte leiten, {others} könnten mitmachen",
    ),
    anybody_leads="{cities} könnten zusammen antreten",
    nobody_leads="{cities} könnten in einem Team mitmachen, aber niemand von ihnen will die Leitung",
    nobody_may_lead="{cities} könnten in einem Team mitmachen, aber wer davon leiten würde, darf es nicht",
    both="beide",
    all="alle",
    partners="{cities} arbeiten schon zusammen ({kind})",
    kinds={
        PartnerKind.TANDEM: "Tandem",
        PartnerKind.TWIN_TOWN: "Partnerstädte",
        PartnerKind.EXCHANGE: "Austausch",
    },
    asks="verlangt Partner",
    asks_partners=Counted("verlangt mindestens 1 Partner", "verlangt mindestens {number} Partner"),
    asks_countries=Counted("aus mindestens 1 Land", "aus mindestens {number} Ländern"),
    offered="Der Aufruf {asked}; dies sind {cities} aus {countries}",
    cities=Counted("1 Stadt", "{number} Städte"),
    countries=Counted("1 Land", "{number} Ländern"),
    team_unknown="Die kleinste Größe des Teams ist nicht bekannt",
)

_ALL = {Language.EN: _ENGLISH, Language.DE: _GERMAN}


def patterns(language: str) -> Patterns:
    """Return the patterns of a language.

    Parameters
    ----------
    language : str
        Of :class:`Language`.

    Raises
    ------
    BadValue
        For a language that there are none for, with those there are.
    """
    return _ALL[parse(Language, language)]
