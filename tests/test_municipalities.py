"""Municipalities are known by their names, in every language; their legal persons are gathered by city."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vie_match.errors import BadValue
from vie_match.track.cities import city_of, kilometres, told_apart
from vie_match.track.municipalities import is_municipality
from vie_match.track.plain import plain
from vie_match.track.records import Participation

# Country, legal name, postal city, id of the city. Spellings as CORDIS and keep.eu have them.
MUNICIPALITIES = [
    ("AT", "MAGISTRAT DER LANDESHAUPTSTADT LINZ", "Linz", "AT-linz"),
    ("AT", "Marktgemeinde Gratwein", "Gratwein", "AT-gratwein"),
    ("BA", "GRAD SARAJEVO", "SARAJEVO", "BA-sarajevo"),
    ("BE", "STAD GENT", "Gent", "BE-gent"),
    ("BE", "COMMUNE D'IXELLES", "Bruxelles / Brussel", "BE-ixelles"),
    ("BE", "VILLE DE BRUXELLES", "BRUXELLES", "BE-bruxelles"),
    ("BG", "OBSHTINA BURGAS", "Burgas", "BG-burgas"),
    ("BG", "Столична община", "София", "BG-sofiya"),
    ("BG", "Община Айтос", "Айтос", "BG-aytos"),
    ("BG", "STOLICHNA OBSHTINA", "Sofia", "BG-sofia"),
    ("CH", "City of Zurich / Disposal and Recycling Services", "Zürich", "CH-zurich"),
    ("CY", "DIMOS STROVOLOS", "LEFKOSIA", "CY-strovolos"),
    ("CY", "DIMOS LEFKOSIAS", "Lefkosia", "CY-lefkosia"),
    ("CZ", "STATUTARNI MESTO LIBEREC", "LIBEREC", "CZ-liberec"),
    ("CZ", "Hlavní město Praha", "Praha", "CZ-praha"),
    ("DE", "STADT FRANKFURT AM MAIN DER MAGISTRAT", "Frankfurt Am Main", "DE-frankfurt-am-main"),
    ("DE", "STADT FRANKFURT (ODER)", "FRANKFURT ODER", "DE-frankfurt-oder"),
    ("DE", "FREIE UND HANSESTADT HAMBURG", "HAMBURG", "DE-hamburg"),
    ("DE", "LANDESHAUPTSTADT MUNCHEN", "MUNCHEN", "DE-munchen"),
    ("DE", "Universitätsstadt Tübingen", "Tübingen", "DE-tubingen"),
    ("DE", "Gemeinde Edermünde", "Edermunde", "DE-edermunde"),
    ("DK", "KOBENHAVNS KOMMUNE", "Valby", "DK-kobenhavn"),
    ("DK", "RUDERSDAL KOMMUNE", "HOLTE", "DK-rudersdal"),
    ("DK", "AARHUS KOMMUNE", "Arhus C", "DK-aarhus"),
    ("EE", "PARNU LINN/ CITY OF PARNU", "Parnu linn", "EE-parnu"),
    ("EE", "ELVA VALLAVALITSUS", "Elva linn", "EE-elva"),
    ("EL", "DIMOS THESSALONIKIS", "THESSALONIKI", "EL-thessaloniki"),
    ("EL", "Δήμος Θεσσαλονίκης", "Θεσσαλονίκη", "EL-thessaloniki"),
    ("EL", "HERAKLION MUNICIPALITY", "HERAKLION", "EL-irakleio"),
    ("ES", "AYUNTAMIENTO DE SANTANDER", "Santander", "ES-santander"),
    ("ES", "AJUNTAMENT DE L'HOSPITALET DE LLOBREGAT", "L'Hospitalet", "ES-l-hospitalet"),
    ("ES", "Concello de Allariz", "Allariz", "ES-allariz"),
    ("ES", "AREA METROPOLITANA DE BARCELONA", "BARCELONA", "ES-barcelona"),
    ("FI", "HELSINGIN KAUPUNKI", "HELSINGIN", "FI-helsinki"),
    ("FI", "UTSJOEN KUNTA", "Utsjoki", "FI-utsjoki"),
    ("FI", "Helsingfors stad", "Helsinki", "FI-helsinki"),
    ("FR", "COMMUNE DE LYON", "Lyon Cedex 01", "FR-lyon"),
    ("FR", "METROPOLE DE LYON", "LYON", "FR-lyon"),
    ("FR", "COMMUNAUTE D'AGGLOMERATION DE LA ROCHELLE", "La Rochelle", "FR-la-rochelle"),
    ("FR", "Mairie Oloron Sainte Marie", "Oloron-Sainte-Marie", "FR-oloron-sainte-marie"),
    ("HR", "CITY OF KRK GRAD KRK", "Krk", "HR-krk"),
    ("HR", "OPCINA DRAZ", "Draz", "HR-draz"),
    ("HU", "MISKOLC MEGYEI JOGU VAROS ONKORMANYZATA", "Miskolc", "HU-miskolc"),
    ("HU", "BUDAPEST FOVAROS XVI. KERULETI ONKORMANYZAT", "BUDAPEST", "HU-budapest"),
    ("IE", "CORK CITY COUNCIL", "Cork", "IE-cork"),
    ("IE", "LIMERICK CITY AND COUNTY COUNCIL", "Limerick", "IE-limerick"),
    ("IS", "REYKJAVIKURBORG", "Reykjavik", "IS-reykjavik"),
    ("IT", "COMUNE DELL'AQUILA", "L Aquila", "IT-l-aquila"),
    ("IT", "ROMA CAPITALE", "ROMA", "IT-roma"),
    ("IT", "COMUNE di SCAFATI", "Scafati (SA)", "IT-scafati"),
    ("LT", "JONAVOS RAJONO SAVIVALDYBES ADMINISTRACIJA", "Jonava", "LT-jonava"),
    ("LT", "Vilniaus miesto savivaldybės administracija", "Vilnius", "LT-vilnius"),
    ("LT", "Vilniaus rajono savivaldybes administracija", "Vilnius", "LT-vilnius-district"),
    ("LU", "VILLE DE DIFFERDANGE", "Differdange", "LU-differdange"),
    ("LV", "RIGAS PILSETAS PASVALDIBA", "Riga", "LV-riga"),
    ("LV", "JURMALAS VALSTSPILSETAS ADMINISTRACIJA", "Jurmala", "LV-jurmala"),
    ("ME", "GLAVNI GRAD PODGORICA", "PODGORICA", "ME-podgorica"),
    ("MK", "Општина Кавадарци", "Кавадарци", "MK-kavadarci"),
    ("MT", "Kunsill Lokali Birgu", "Birgu", "MT-birgu"),
    ("NL", "GEMEENTE DEN HAAG", "Den Haag", "NL-den-haag"),
    ("NL", "GEMEENTE DE BILT", "Bilthoven", "NL-de-bilt"),
    ("NL", "Gemeente Berkelland", "BORCULO", "NL-berkelland"),
    ("NO", "Municipality of Tromsoe", "Tromsø", "NO-tromso"),
    ("NO", "BAERUM KOMMUNE", "Sandvika", "NO-baerum"),
    ("PL", "GMINA MIEJSKA KRAKOW - MIASTO NA PRAWACH POWIATU", "KRAKOW", "PL-krakow"),
    ("PL", "MIASTO STOLECZNE WARSZAWA", "Warszawa", "PL-warszawa"),
    ("PL", "Urząd Miasta Bolesławiec", "Bolesławiec", "PL-boleslawiec"),
    ("PT", "CAMARA MUNICIPAL DE LISBOA", "Lisboa", "PT-lisboa"),
    ("PT", "CÂMARA MUNICIPAL DE CÂMARA DE LOBOS", "Câmara De Lobos", "PT-camara-de-lobos"),
    ("PT", "MUNICIPIO DO FUNDAO", "Fundao", "PT-fundao"),
    ("RO", "PRIMARIA SECTORULUI 2 BUCURESTI", "Bucuresti", "RO-bucuresti"),
    ("RO", "MUNICIPIUL CLUJ-NAPOCA", "Cluj Napoca", "RO-cluj-napoca"),
    ("RS", "Municipality of Stari Grad", "Beograd", "RS-stari-grad"),
    ("RS", "Град Крушевац", "Крушевац", "RS-krusevac"),
    ("SE", "GOTEBORGS KOMMUN", "GOTEBORG", "SE-goteborg"),
    ("SE", "Stockholms stad", "Stockholm", "SE-stockholm"),
    ("SI", "MESTNA OBCINA KOPER", "Koper Capodistria", "SI-koper"),
    ("SK", "MESTO ZILINA", "Zilina", "SK-zilina"),
    ("SK", "Mesto Nové Mesto nad Váhom", "Nové Mesto nad Váhom", "SK-nove-mesto-nad-vahom"),
    ("TR", "KADIKOY BELEDIYESI", "ISTANBUL", "TR-kadikoy"),
    ("TR", "İZMİR BÜYÜKŞEHİR BELEDİYESİ", "İzmir", "TR-izmir"),
    ("UA", "Executive Committee of Boyarka City Council", "Boyarka", "UA-boyarka"),
    ("UA", "Харківська міська рада", "Харків", "UA-kharkiv"),
    ("UK", "THE CITY OF EDINBURGH COUNCIL", "Edinburgh", "UK-edinburgh"),
    ("UK", "TORRIDGE DISTRICT COUNCIL", "Bideford", "UK-torridge"),
    ("UK", "London Borough of Camden", "London", "UK-camden"),
    ("UK", "GREATER LONDON AUTHORITY", "LONDON", "UK-london"),
    ("ZA", "City of Cape Town", "Cape Town", "ZA-cape-town"),
]

# False friends: above, beside and below a municipality, or only sounding like one.
OTHERS = [
    "MINISTERIO DE CIENCIA, INNOVACION Y UNIVERSIDADES",
    "Ministry of Local Government",
    "ARGES COUNTY COUNCIL",
    "ESSEX COUNTY COUNCIL",
    "DUN LAOGHAIRE RATHDOWN COUNTY COUNCIL",
    "WEST MIDLANDS COMBINED AUTHORITY",
    "Pest Megyei Önkormányzat",
    "Nordland fylkeskommune",
    "Region Hovedstaden",
    "REGIONE EMILIA-ROMAGNA",
    "PROVINCIA DI TRENTO",
    "Landkreis Leipzig",
    "Provincie Utrecht",
    "Comhairle Contae Dhún na nGall",
    "SOPRINTENDENZA ARCHEOLOGIA PER LA CITTA METROPOLITANA DI CAGLIARI",
    "Union of Municipalities of Turkey",
    "MARMARA BELEDIYELER BIRLIGI",
    "ASSOCIACAO DE MUNICIPIOS DA REGIAO DE SETUBAL",
    "Vereniging van Nederlandse Gemeenten",
    "Svaz měst a obcí České republiky",
    "CONSORCI D'AIGUES PER ALS AJUNTAMENTS DE TARRAGONA",
    "Stadtwerke Krefeld",
    "Wasserwerke der Stadt Musterstadt",
    "Eigenbetrieb Abfall der Stadt Musterstadt",
    "REGIE DE L'EAU BORDEAUX METROPOLE",
    "Nantes Métropole Habitat",
    "Dopravní podnik hlavního města Prahy",
    "EMPRESA MUNICIPAL DE TRANSPORTES DO MUNICIPIO DO PORTO",
    "IZMIR MUNICIPALITY ELECTRICITY, WATER, GAS, BUS AND TRAMWAY OPERATIONS ADMINISTRATION",
    "AGENZIA TRASPORTO PUBBLICO LOCALE DELLA CITTA METROPOLITANA DI MILANO",
    "AGENCE D'URBANISME DE BREST METROPOLE",
    "Multiservizi del Comune di Prato S.p.A.",
    "Flughafen Musterstadt",
    "Port Authority of the City of Burgas",
    "HOSPITAL CLINICO MUNICIPAL",
    "Klinikum der Stadt Musterstadt",
    "Spitalul Clinic al Municipiului Bucuresti",
    "VILNIAUS MIESTO SAVIVALDYBES VISUOMENES SVEIKATOS BIURAS",
    "Museum der Stadt Musterstadt",
    "Mestna knjižnica in muzej občine Koper",
    "City of Glasgow College",
    "Hochschule der Stadt Musterstadt",
    "Universität Stadt Musterstadt",
    "Fundacja Miasto Kraków",
    "DIRECTIA GENERALA DE POLITIE A MUNICIPIULUI BUCURESTI",
    "Policía Municipal de Madrid, Ayuntamiento de Madrid",
    "Országos Roma Nemzetiségi Önkormányzat",
    "Conseil départemental du Puy-de-Dôme",
    "Dimotiki Epicheirisi Ydrefsis Larisas",
    "Generalitat de Catalunya",
    "Waterschap Rijn en IJssel",
    "Powiat Pucki",
    "Helsingin ja Uudenmaan sairaanhoitopiirin kuntayhtymä",
    "National Council for Research",
    "Darmstadt Gesellschaft",
    "Linnéuniversitetet",
    "",
]


@pytest.mark.parametrize(("country", "name", "city", "city_id"), MUNICIPALITIES)
def test_a_municipality_is_recognised(country: str, name: str, city: str, city_id: str) -> None:
    assert is_municipality(name, "PUB")


@pytest.mark.parametrize("name", OTHERS)
def test_false_friends_are_not(name: str) -> None:
    assert not is_municipality(name, "PUB")


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("PUB", True), ("/PUB", True), (" pub ", True), ("", True), ("PRC", False), ("/HES", False)],
)
def test_only_public_bodies_count_and_those_of_unknown_kind(kind: str, counts: bool) -> None:
    assert is_municipality("Gemeente Utrecht", kind) is counts


@pytest.mark.parametrize(("country", "name", "city", "city_id"), MUNICIPALITIES)
def test_its_city_is_found(country: str, name: str, city: str, city_id: str) -> None:
    assert city_of(name, city, country).city_id == city_id


@pytest.mark.parametrize(
    ("city", "country", "name"),
    [
        ("SAN CRISTOBAL DE LA LAGUNA", "ES", "San Cristobal de la Laguna"),
        ("Frankfurt Am Main", "DE", "Frankfurt am Main"),
        ("MARSEILLE CEDEX", "FR", "Marseille"),
        ("Odense C", "DK", "Odense"),
        ("DUBLIN 8", "IE", "Dublin"),
        ("Wrocaw", "PL", "Wrocław"),
        ("Nova Gorica", "SI", "Nova Gorica"),
        ("L'ALFAS DEL PI", "ES", "L'Alfas del Pi"),
        ("Велико Търново", "BG", "Veliko Tarnovo"),
        ("Athens", "EL", "Athina"),
    ],
)
def test_its_name_is_written_as_usual_and_in_latin_script(city: str, country: str, name: str) -> None:
    assert city_of("", city, country).name == name


def test_the_legal_name_serves_where_there_is_no_address() -> None:
    assert city_of("AYUNTAMIENTO DE SANTANDER", "", "ES") == ("ES-santander", "Santander")


def test_iso_codes_become_the_eus() -> None:
    assert city_of("", "Leeds", "GB").city_id == "UK-leeds"
    assert city_of("", "Volos", "gr").city_id == "EL-volos"


@pytest.mark.parametrize(
    ("name", "city", "country", "message"),
    [
        ("Stad Gent", "Gent", "Belgium", "not a country code"),
        ("", "", "BE", "names no place"),
        ("東京", "...", "JP", "names no place"),
    ],
)
def test_what_names_no_place_is_refused(name: str, city: str, country: str, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        city_of(name, city, country)


def lagoa(
    organisation: str, nuts3: str | None, place: tuple[float, float] | None, **more: str
) -> Participation:
    """Two municipalities in Portugal are called Lagoa: one in the Algarve, one in the Azores."""
    values = {
        "project_id": "1",
        "acronym": "A",
        "programme": "HORIZON",
        "framework": "HORIZON",
        "role": "participant",
        "organisation": organisation,
        "city_id": "PT-lagoa",
        "city": "Lagoa",
        "country": "PT",
        "nuts3": nuts3,
        "latitude": place[0] if place else None,
        "longitude": place[1] if place else None,
        "source": "CORDIS",
    }
    return Participation.model_validate(values | more)


ALGARVE, AZORES = (37.135, -8.453), (37.745, -25.572)


def test_two_cities_of_one_name_are_told_apart_by_nuts_code() -> None:
    rows = [lagoa("A", "PT150", ALGARVE), lagoa("B", "PT200", AZORES), lagoa("C", None, None)]
    renamed, notices = told_apart(rows)
    assert [one.city_id for one in renamed] == ["PT-lagoa-pt150", "PT-lagoa-pt200", "PT-lagoa"]
    assert notices == ("PT-lagoa means several places, told apart by NUTS code: PT150, PT200",)
    assert [one.organisation for one in renamed] == ["A", "B", "C"]


@pytest.mark.parametrize(
    "rows",
    [
        [lagoa("A", "PT150", ALGARVE), lagoa("B", "PT15Z", (37.14, -8.45))],
        [lagoa("A", "PT150", ALGARVE), lagoa("B", "PT200", AZORES, city_id="PT-other")],
        [lagoa("A", "PT150", ALGARVE), lagoa("B", "PT150", AZORES)],
        [lagoa("A", None, ALGARVE), lagoa("B", "PT200", AZORES)],
        [lagoa("A", "PT150", None), lagoa("B", "PT200", None)],
    ],
    ids=["a new edition of NUTS", "two ids", "one code", "one code known", "no place known"],
)
def test_what_may_be_one_city_stays_one(rows: list[Participation]) -> None:
    assert told_apart(rows) == (tuple(rows), ())


def test_distances_are_those_of_the_globe() -> None:
    assert kilometres((0, 0), (0, 180)) == pytest.approx(20015, abs=1)
    assert kilometres((52.52, 13.405), (52.52, 13.405)) == 0


@given(st.text())
def test_plain_names_stay_as_they_are(name: str) -> None:
    once = plain(name)
    assert plain(once) == once
    assert all(letter in "abcdefghijklmnopqrstuvwxyz0123456789 " for letter in once)


@given(st.sampled_from([case[1] for case in MUNICIPALITIES] + OTHERS))
def test_case_does_not_matter(name: str) -> None:
    assert is_municipality(name.upper()) == is_municipality(name.lower()) == is_municipality(name)


@given(
    st.text() | st.sampled_from([case[1] for case in MUNICIPALITIES]),
    st.text() | st.sampled_from([case[2] for case in MUNICIPALITIES]),
    st.sampled_from(["ES", "UA", "RS", "xx", "", "Spain"]),
)
def test_any_text_gives_a_city_or_a_bad_value(name: str, city: str, country: str) -> None:
    is_municipality(name)
    try:
        found = city_of(name, city, country)
    except BadValue:
        return
    assert lagoa("A", None, None, city_id=found.city_id, city=found.name).city_id == found.city_id


@given(st.lists(st.sampled_from(["stad", "de", "la", "ville", "of", "1", "xvi", "Gent", "/", "(", "mesto"])))
def test_names_of_nothing_but_kinds_do_no_harm(words: list[str]) -> None:
    with contextlib.suppress(BadValue):
        assert city_of(" ".join(words), "", "BE").name
