"""What subjects of rules are called: one and several (German: nominative)."""

from __future__ import annotations

from vie_match.speech import NN_, speech

# Subject of a rule → what one and several are called.
NAMES = {
    "city": NN_("city", "cities"),
    "city_or_region": NN_("city or region", "cities or regions"),
    "lead_city": NN_("lead city", "lead cities"),
    "follower_city": NN_("follower city", "follower cities"),
    "local_or_regional_authority": NN_("local or regional authority", "local or regional authorities"),
    "local_or_regional_authority_disaster_response": NN_(
        "local or regional authority in charge of disaster response",
        "local or regional authorities in charge of disaster response",
    ),
    "organisation_representing_local_or_regional_authorities": NN_(
        "organisation representing local or regional authorities",
        "organisations representing local or regional authorities",
    ),
    "demonstration_city_or_region": NN_("demonstration city or region", "demonstration cities or regions"),
    "replication_city_or_region": NN_("replication city or region", "replication cities or regions"),
    "living_lab": NN_("living lab", "living labs"),
    "demonstration_living_lab": NN_(
        "living lab of a demonstration site", "living labs of demonstration sites"
    ),
    "replication_living_lab": NN_("living lab of a replication site", "living labs of replication sites"),
    "public_authority": NN_("public authority", "public authorities"),
    "public_body_policy_making": NN_(
        "public body with a policy-making role", "public bodies with a policy-making role"
    ),
    "local_transport_authority": NN_("local transport authority", "local transport authorities"),
    "national_authority": NN_("national authority", "national authorities"),
    "disaster_risk_authority": NN_(
        "authority in charge of disaster risk", "authorities in charge of disaster risk"
    ),
    "disaster_risk_authority_national": NN_(
        "national authority in charge of disaster risk", "national authorities in charge of disaster risk"
    ),
    "police_authority": NN_("police authority", "police authorities"),
    "border_or_coast_guard_authority": NN_(
        "border or coast guard authority", "border or coast guard authorities"
    ),
    "customs_authority": NN_("customs authority", "customs authorities"),
    "first_responder": NN_("first responder", "first responders"),
    "medical_emergency_authority": NN_("medical emergency authority", "medical emergency authorities"),
    "training_centre": NN_("training centre", "training centres"),
    "practitioner": NN_("practitioner", "practitioners"),
    "security_practitioner": NN_("security practitioner", "security practitioners"),
    "end_user": NN_("end-user organisation", "end-user organisations"),
    "public_procurer": NN_("public procurer", "public procurers"),
    "cso": NN_("civil society organisation", "civil society organisations"),
    "youth_ngo": NN_("organisation representing young people", "organisations representing young people"),
    "news_media_organisation": NN_("news media organisation", "news media organisations"),
    "research_institution": NN_("research institution", "research institutions"),
    "higher_education_institution": NN_("higher education institution", "higher education institutions"),
    "rto": NN_("research and technology organisation", "research and technology organisations"),
    "research_infrastructure": NN_("research infrastructure", "research infrastructures"),
    "philanthropy_organisation": NN_("philanthropy organisation", "philanthropy organisations"),
    "sme": NN_("SME", "SMEs"),
    "non_sme_industry": NN_("company that is no SME", "companies that are no SMEs"),
    "company": NN_("company", "companies"),
    "international_organisation": NN_("international organisation", "international organisations"),
    "public_body": NN_("public body", "public bodies"),
    "nonprofit": NN_("non-profit organisation", "non-profit organisations"),
    "network": NN_("network of such organisations", "networks of such organisations"),
    "demonstration_site": NN_("demonstration site", "demonstration sites"),
    "local_authority": NN_("local authority", "local authorities"),
    "regional_authority": NN_("regional authority", "regional authorities"),
    "association_of_local_authorities": NN_(
        "association of local authorities", "associations of local authorities"
    ),
    "city_network": NN_("city network", "city networks"),
    "university": NN_("university", "universities"),
    "ngo": NN_("NGO", "NGOs"),
    "large_company": NN_("large company", "large companies"),
    "public_company": NN_("public company", "public companies"),
    "critical_infrastructure_operator": NN_(
        "critical infrastructure operator", "critical infrastructure operators"
    ),
}
_ORGANISATION = NN_("organisation", "organisations")
_COORDINATOR = NN_("coordinator", "coordinators")


def names(subject: str, language: str, number: float) -> str:
    """Return what a subject is called.

    Parameters
    ----------
    subject : str
        As in a rule; a word that is not in the table means any organisation.
    language : str
    number : float
        How many.

    Examples
    --------
    >>> names("police_authority+cso", "en", 3), names("sme", "de", 1), names("partner", "en", 1)
    ('police authorities or civil society organisations', 'KMU', 'organisation')
    """
    chosen = [
        _COORDINATOR if part == "coordinator" else NAMES.get(part, _ORGANISATION)
        for part in subject.replace("|", "+").split("+")
    ]
    spoken = speech(language)
    return spoken.listed(list(dict.fromkeys(spoken.ngettext(*one, number) for one in chosen)), "or")
