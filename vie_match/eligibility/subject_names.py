"""What subjects of rules are called: one and several, English and German (nominative)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """The names of one subject, each for one and for several."""

    en: tuple[str, str]
    de: tuple[str, str]


# subject: one | several = eine | mehrere; a line that begins with blanks goes on.
_TABLE = """
city: city | cities
  = Stadt | Städte
city_or_region: city or region | cities or regions
  = Stadt oder Region | Städte oder Regionen
lead_city: lead city | lead cities
  = Vorreiterstadt | Vorreiterstädte
follower_city: follower city | follower cities
  = nachfolgende Stadt | nachfolgende Städte
local_or_regional_authority: local or regional authority | local or regional authorities
  = lokale oder regionale Behörde | lokale oder regionale Behörden
local_or_regional_authority_disaster_response:
  local or regional authority in charge of disaster response |
  local or regional authorities in charge of disaster response
  = für Katastrophenabwehr zuständige lokale oder regionale Behörde |
  für Katastrophenabwehr zuständige lokale oder regionale Behörden
organisation_representing_local_or_regional_authorities:
  organisation representing local or regional authorities |
  organisations representing local or regional authorities
  = Vertretung lokaler oder regionaler Behörden | Vertretungen lokaler oder regionaler Behörden
demonstration_city_or_region: demonstration city or region | demonstration cities or regions
  = Demonstrationsstadt oder -region | Demonstrationsstädte oder -regionen
replication_city_or_region: replication city or region | replication cities or regions
  = Nachahmerstadt oder -region | Nachahmerstädte oder -regionen
living_lab: living lab | living labs
  = Reallabor | Reallabore
demonstration_living_lab: living lab of a demonstration site | living labs of demonstration sites
  = Reallabor eines Demonstrationsorts | Reallabore von Demonstrationsorten
replication_living_lab: living lab of a replication site | living labs of replication sites
  = Reallabor eines Nachahmungsorts | Reallabore von Nachahmungsorten
public_authority: public authority | public authorities
  = Behörde | Behörden
public_body_policy_making: public body with a policy-making role | public bodies with a policy-making role
  = öffentliche Stelle mit politischer Aufgabe | öffentliche Stellen mit politischer Aufgabe
local_transport_authority: local transport authority | local transport authorities
  = örtliche Verkehrsbehörde | örtliche Verkehrsbehörden
national_authority: national authority | national authorities
  = nationale Behörde | nationale Behörden
disaster_risk_authority: authority in charge of disaster risk | authorities in charge of disaster risk
  = für Katastrophenrisiken zuständige Behörde | für Katastrophenrisiken zuständige Behörden
disaster_risk_authority_national:
  national authority in charge of disaster risk | national authorities in charge of disaster risk
  = nationale für Katastrophenrisiken zuständige Behörde |
  nationale für Katastrophenrisiken zuständige Behörden
police_authority: police authority | police authorities
  = Polizeibehörde | Polizeibehörden
border_or_coast_guard_authority: border or coast guard authority | border or coast guard authorities
  = Grenz- oder Küstenschutzbehörde | Grenz- oder Küstenschutzbehörden
customs_authority: customs authority | customs authorities
  = Zollbehörde | Zollbehörden
first_responder: first responder | first responders
  = Rettungsdienst | Rettungsdienste
medical_emergency_authority: medical emergency authority | medical emergency authorities
  = Behörde für medizinische Notfälle | Behörden für medizinische Notfälle
training_centre: training centre | training centres
  = Ausbildungszentrum | Ausbildungszentren
practitioner: practitioner | practitioners
  = Stelle der Praxis | Stellen der Praxis
security_practitioner: security practitioner | security practitioners
  = Stelle der Sicherheitspraxis | Stellen der Sicherheitspraxis
end_user: end-user organisation | end-user organisations
  = Endnutzer | Endnutzer
public_procurer: public procurer | public procurers
  = öffentlicher Beschaffer | öffentliche Beschaffer
cso: civil society organisation | civil society organisations
  = Organisation der Zivilgesellschaft | Organisationen der Zivilgesellschaft
youth_ngo: organisation representing young people | organisations representing young people
  = Jugendorganisation | Jugendorganisationen
news_media_organisation: news media organisation | news media organisations
  = Nachrichtenmedium | Nachrichtenmedien
research_institution: research institution | research institutions
  = Forschungseinrichtung | Forschungseinrichtungen
higher_education_institution: higher education institution | higher education institutions
  = Hochschule | Hochschulen
rto: research and technology organisation | research and technology organisations
  = Forschungs- und Technologieorganisation | Forschungs- und Technologieorganisationen
research_infrastructure: research infrastructure | research infrastructures
  = Forschungsinfrastruktur | Forschungsinfrastrukturen
philanthropy_organisation: philanthropy organisation | philanthropy organisations
  = Stiftung oder Förderorganisation | Stiftungen oder Förderorganisationen
sme: SME | SMEs
  = KMU | KMU
non_sme_industry: company that is no SME | companies that are no SMEs
  = Großunternehmen | Großunternehmen
company: company | companies
  = Unternehmen | Unternehmen
international_organisation: international organisation | international organisations
  = internationale Organisation | internationale Organisationen
public_body: public body | public bodies
  = öffentliche Stelle | öffentliche Stellen
nonprofit: non-profit organisation | non-profit organisations
  = gemeinnützige Organisation | gemeinnützige Organisationen
network: network of such organisations | networks of such organisations
  = Netzwerk | Netzwerke
demonstration_site: demonstration site | demonstration sites
  = Demonstrationsort | Demonstrationsorte
local_authority: local authority | local authorities
  = Kommune | Kommunen
regional_authority: regional authority | regional authorities
  = regionale Behörde | regionale Behörden
association_of_local_authorities: association of local authorities | associations of local authorities
  = kommunaler Verband | kommunale Verbände
city_network: city network | city networks
  = Städtenetz | Städtenetze
university: university | universities
  = Hochschule | Hochschulen
ngo: NGO | NGOs
  = Nichtregierungsorganisation | Nichtregierungsorganisationen
large_company: large company | large companies
  = Großunternehmen | Großunternehmen
public_company: public company | public companies
  = öffentliches Unternehmen | öffentliche Unternehmen
critical_infrastructure_operator: critical infrastructure operator | critical infrastructure operators
  = Betreiber kritischer Infrastruktur | Betreiber kritischer Infrastrukturen
"""


def _name(entry: str) -> tuple[str, Name]:
    subject, _, words = entry.partition(":")
    english, german = words.split("=")
    en, de = ([" ".join(word.split()) for word in part.split("|")] for part in (english, german))
    return subject, Name((en[0], en[1]), (de[0], de[1]))


NAMES = dict(map(_name, re.split(r"\n(?=\S)", _TABLE.strip())))
_ORGANISATION = Name(("organisation", "organisations"), ("Organisation", "Organisationen"))
_COORDINATOR = Name(("coordinator", "coordinators"), ("Koordinator", "Koordinatoren"))


def names(subject: str, language: str, number: float) -> str:
    """Return what a subject is called.

    Parameters
    ----------
    subject : str
        As in a rule; a word that is not in the table means any organisation.
    language : str
        ``en`` or ``de``.
    number : float
        How many.

    Examples
    --------
    >>> names("police_authority+cso", "en", 3), names("sme", "de", 1), names("partner", "en", 1)
    ('police authorities or civil society organisations', 'KMU', 'organisation')
    """
    joint = {"en": " or ", "de": " oder "}[language]
    chosen = [
        _COORDINATOR if part == "coordinator" else NAMES.get(part, _ORGANISATION)
        for part in subject.replace("|", "+").split("+")
    ]
    return joint.join(dict.fromkeys(getattr(one, language)[number != 1] for one in chosen))
