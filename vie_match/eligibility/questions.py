"""The question that would settle an unknown fact."""

from __future__ import annotations

from vie_match.eligibility.facts import Member
from vie_match.eligibility.list_files import city_lists
from vie_match.eligibility.rules import Rule, RuleKind
from vie_match.speech import N_, speech

# What settles an unknown fact; {name} is the organisation.
_QUESTIONS = {
    "association": N_("Is the country of {name} associated to the programme of the call?"),
    "type": N_("What kind of organisation is {name}?"),
    "country": N_("In which country is {name} established?"),
    "population": N_("How many inhabitants does {name} have?"),
    "nuts3": N_("In which NUTS 3 region lies {name}?"),
    "mission_city": N_("Is {name} one of the 112 cities of the Cities Mission?"),
    "represented_city_is_mission_city": N_(
        "Is the city that {name} represents one of the 112 cities of the Cities Mission?"
    ),
    "tent_urban_node": N_("Is {name} an urban node of the TEN-T network?"),
    "adaptation_charter": N_("Has {name} signed the Charter of the Adaptation Mission?"),
    "city_consent": N_("Has the city agreed that {name} represents it?"),
    "lead_or_follower": N_("Does {name} take part as a lead or as a follower city?"),
    "site_role": N_("Is {name} a demonstration or a replication site?"),
    "living_lab": N_("Does {name} bring a living lab?"),
    "roles": N_("Which roles has {name}: practitioner, end user, public procurer?"),
    "national_level": N_("Does {name} act at national level?"),
    "disaster_response": N_("Is {name} in charge of disaster response?"),
    "policy_making": N_("Does {name} make policy?"),
    "is_news_media": N_("Is {name} a news media organisation?"),
    "is_sme": N_("Is {name} an SME?"),
    "heritage_trafficking_research": N_("Does {name} do research on illicit trafficking of cultural goods?"),
    "controlled_from": N_("From which country is {name} controlled?"),
    "guarantees": N_("Has the state where {name} is established approved guarantees?"),
    "budget_share": N_("What share of the budget does {name} get?"),
    "innovator_class": N_("Which class has the region or country of {name} in the Innovation Scoreboard?"),
    "coordinates_linked_grant": N_("Is {name} the coordinator of the grant that the call names?"),
    "years_with_turnover": N_("For how many years has {name} had turnover?"),
    "coordinator": N_("Who coordinates?"),
}
_DOCUMENTS = {
    "CALL_DOCUMENT": N_("the call document"),
    "CALL_PAGE": N_("the page of the call"),
    "OTHER_DOCUMENT": N_("the document that the call names"),
}


def question(member: Member | None, fact: str, language: str = "en") -> str:
    """Return the question that would settle a fact.

    Examples
    --------
    >>> question(Member(name="Pirna"), "mission_city")
    'Is Pirna one of the 112 cities of the Cities Mission?'
    """
    _ = speech(language).gettext
    known = _QUESTIONS.get(fact)
    name = member.name if member else ""
    if known:
        return _(known).format(name=name)
    listed = city_lists().get(fact.upper())
    if listed:
        return _("Is {name} in this list: {list}?").format(name=name, list=_(listed.en))
    return f"{name}: {fact.replace('_', ' ')}?"


def meets(demand: str, language: str = "en") -> str:
    """Return the question whether a team meets a demand that no record of a member tells."""
    return speech(language).gettext("Does the team meet this: {demand}?").format(demand=demand)


def ask_document(rule: Rule, language: str = "en") -> str:
    """Return the question to a document that is not at hand, or to a sentence that was not understood."""
    _ = speech(language).gettext
    if rule.quote and rule.kind is RuleKind.UNREAD:
        return _("Does the team meet this: “{sentence}”?").format(sentence=rule.quote.text)
    known = _DOCUMENTS.get(str(rule.value))
    named = rule.note or (_(known) if known else str(rule.value))
    return _("What does {document} say about who may apply?").format(document=named)
