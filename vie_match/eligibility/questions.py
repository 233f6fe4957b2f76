"""The question that would settle an unknown fact, in English and German."""

from __future__ import annotations

from vie_match.eligibility.facts import Member
from vie_match.eligibility.list_files import city_lists
from vie_match.eligibility.rules import Rule, RuleKind
from vie_match.vocabulary import Language


def in_language(pair: tuple[str, str], language: Language) -> str:
    """Return the text of a pair (English, German) in a language."""
    return pair[language is Language.DE]


# What settles an unknown fact; {name} is the organisation.
_QUESTIONS = {
    "association": (
        "Is the country of {name} associated to the programme of the call?",
        "Ist das Land von {name} mit dem Programm des Aufrufs assoziiert?",
    ),
    "type": ("What kind of organisation is {name}?", "Was für eine Organisation ist {name}?"),
    "country": ("In which country is {name} established?", "In welchem Staat hat {name} den Sitz?"),
    "population": ("How many inhabitants does {name} have?", "Wie viele Einwohner hat {name}?"),
    "nuts3": ("In which NUTS 3 region lies {name}?", "In welcher NUTS-3-Region liegt {name}?"),
    "mission_city": (
        "Is {name} one of the 112 cities of the Cities Mission?",
        "Gehört {name} zu den 112 Städten der Städtemission?",
    ),
    "represented_city_is_mission_city": (
        "Is the city that {name} represents one of the 112 cities of the Cities Mission?",
        "Gehört die Stadt, die {name} vertritt, zu den 112 Städten der Städtemission?",
    ),
    "tent_urban_node": (
        "Is {name} an urban node of the TEN-T network?",
        "Ist {name} städtischer Knoten des TEN-V-Netzes?",
    ),
    "adaptation_charter": (
        "Has {name} signed the Charter of the Adaptation Mission?",
        "Hat {name} die Charta der Mission Klimaanpassung unterzeichnet?",
    ),
    "city_consent": (
        "Has the city agreed that {name} represents it?",
        "Hat die Stadt zugestimmt, dass {name} sie vertritt?",
    ),
    "lead_or_follower": (
        "Does {name} take part as a lead or as a follower city?",
        "Nimmt {name} als Vorreiterin oder als Nachfolgerin teil?",
    ),
    "site_role": (
        "Is {name} a demonstration or a replication site?",
        "Ist {name} Demonstrations- oder Nachahmungsort?",
    ),
    "living_lab": ("Does {name} bring a living lab?", "Bringt {name} ein Reallabor ein?"),
    "roles": (
        "Which roles has {name}: practitioner, end user, public procurer?",
        "Welche Rollen hat {name}: Praxis, Endnutzer, öffentlicher Beschaffer?",
    ),
    "national_level": ("Does {name} act at national level?", "Ist {name} auf nationaler Ebene tätig?"),
    "disaster_response": (
        "Is {name} in charge of disaster response?",
        "Ist {name} für Katastrophenabwehr zuständig?",
    ),
    "policy_making": ("Does {name} make policy?", "Gestaltet {name} Politik?"),
    "is_news_media": ("Is {name} a news media organisation?", "Ist {name} ein Nachrichtenmedium?"),
    "is_sme": ("Is {name} an SME?", "Ist {name} ein KMU?"),
    "heritage_trafficking_research": (
        "Does {name} do research on illicit trafficking of cultural goods?",
        "Forscht {name} zum illegalen Handel mit Kulturgut?",
    ),
    "controlled_from": (
        "From which country is {name} controlled?",
        "Aus welchem Staat wird {name} beherrscht?",
    ),
    "guarantees": (
        "Has the state where {name} is established approved guarantees?",
        "Hat der Sitzstaat von {name} Garantien gebilligt?",
    ),
    "budget_share": (
        "What share of the budget does {name} get?",
        "Welchen Anteil am Budget erhält {name}?",
    ),
    "innovator_class": (
        "Which class has the region or country of {name} in the Innovation Scoreboard?",
        "Welche Klasse hat Region oder Staat von {name} im Innovationsanzeiger?",
    ),
    "coordinates_linked_grant": (
        "Is {name} the coordinator of the grant that the call names?",
        "Koordiniert {name} die Finanzhilfe, die der Aufruf nennt?",
    ),
    "years_with_turnover": (
        "For how many years has {name} had turnover?",
        "Seit wie vielen Jahren hat {name} Umsatz?",
    ),
    "coordinator": ("Who coordinates?", "Wer koordiniert?"),
}
_MEETS = ("Does the team meet this: {}?", "Erfüllt das Team dies: {}?")
_UNREAD = ("Does the team meet this: “{}”?", "Erfüllt das Team dies: „{}“?")
_OPEN = ("What does {document} say about who may apply?", "Was sagt {document} dazu, wer antragen darf?")
_DOCUMENTS = {
    "CALL_DOCUMENT": ("the call document", "das Aufrufdokument"),
    "CALL_PAGE": ("the page of the call", "die Seite des Aufrufs"),
    "OTHER_DOCUMENT": ("the document that the call names", "das Dokument, das der Aufruf nennt"),
}


def question(member: Member | None, fact: str, language: Language) -> str:
    """Return the question that would settle a fact.

    Examples
    --------
    >>> question(Member(name="Pirna"), "mission_city", Language.EN)
    'Is Pirna one of the 112 cities of the Cities Mission?'
    """
    known = _QUESTIONS.get(fact)
    name = member.name if member else ""
    if known:
        return in_language(known, language).format(name=name)
    listed = city_lists().get(fact.upper())
    if listed:
        pair = ("Is {} in this list: {}?", "Steht {} in dieser Liste: {}?")
        return in_language(pair, language).format(name, in_language((listed.en, listed.de), language))
    return f"{name}: {fact.replace('_', ' ')}?"


def meets(demand: str, language: Language) -> str:
    """Return the question whether a team meets a demand that no record of a member tells."""
    return in_language(_MEETS, language).format(demand)


def ask_document(rule: Rule, language: Language) -> str:
    """Return the question to a document that is not at hand, or to a sentence that was not understood."""
    if rule.quote and rule.kind is RuleKind.UNREAD:
        return in_language(_UNREAD, language).format(rule.quote.text)
    known = _DOCUMENTS.get(str(rule.value))
    named = rule.note or (in_language(known, language) if known else str(rule.value))
    return in_language(_OPEN, language).format(document=named)
