"""Which city a municipality's legal name and address mean: one id for all its legal persons."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from vie_match.errors import BadValue
from vie_match.track.plain import plain
from vie_match.track.records import Participation, parse_country

# Two places of one name and different NUTS codes this far apart are two cities. The code alone does not
# decide: it changes with the edition of NUTS.
APART_KM = 30.0

_EARTH_KM = 6371.0

# Words that are no part of the city's name when they stand at the beginning or end of its municipality's.
_KIND = frozenset(
    """
    municipality municipal city council borough district royal metropolitan greater authority
    executive committee administration government hall local unitary
    ayuntamiento ajuntament concello municipalidad area metropolitana camara municipio
    comune citta capitale commune communale mairie ville communaute urbaine agglomeration
    metropole eurometropole gemeente stadsbestuur
    stadt landeshauptstadt hansestadt kreisstadt universitatsstadt wissenschaftsstadt bundesstadt
    kreisfreie freie gemeinde stadtgemeinde marktgemeinde samtgemeinde verbandsgemeinde ortsgemeinde
    magistrat stadtverwaltung kommune kommun kaupunki kaupungin kunta linn vald linnavalitsus vallavalitsus
    pilsetas valstspilsetas novada pasvaldiba administracija dome savivaldybe savivaldybes miesto rajono
    gmina miasto miejska miasta stoleczne prawach powiatu urzad statutarni hlavni hlavne obcina mestna
    opcina opstina opshtina gradska uprava bashkia obshtina stolichna municipiul municipiului
    primaria sectorul sectorului orasul onkormanyzat onkormanyzata fovaros megyei jogu varos kerulet keruleti
    dimos demos belediyesi belediye buyuksehir
    rada miska gromada hromada terytorialna cedex
    """.split()
)
# Kinds that are also the beginning or end of place names (Stari Grad, Cape Town, Nové Mesto): only in front.
_KIND_IN_FRONT = frozenset("town grad glavni mesto obec mestys stad stadt markt comuna".split())
_KIND_BEHIND = frozenset("stad staden".split())
# Small words between the kind and the name. Dutch municipalities are "Gemeente X" without one: what looks
# like it is the name's own article (De Bilt).
_LINKS = frozenset("of de du des d da do dos das di del dell della dei degli al der und na and et".split())
_DUTCH_LINKS = frozenset({"of"})
# What belongs to the name unless a word of kind follows ("the city of", "London Borough of").
_UNLESS_KIND = frozenset("the la le l london".split())

# Districts and postal areas by number: "Budapest … XVI.", "Dublin 8", "Odense C".
_NUMBER = re.compile(r"\d+|[ivx]+|[a-z]")

_WORD = re.compile(r"[^\W_]+")
# Greek and Cyrillic.
_OTHER_SCRIPT = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u1f00-\u1fff]")
# "Scafati (SA)" has its province behind it, "Bruxelles / Brussel" a second name, "Maltepe, Istanbul" more.
_PROVINCE = re.compile(r"\s*\([A-Za-z]{2,3}\)\s*$")
_SECOND_NAME = re.compile(r"\s*[/,;].*$", re.DOTALL)

_SMALL_WORDS = frozenset(
    "a al am an and auf aux bei d da das de dei del della den der di do dos du e el en i im in la las le les "
    "lez los na nad ob of op pod sur und upon van von y".split()
)

# Cities met under several names, or under a name that hides them: by country, plain name → usual name.
_ALIASES: dict[str, dict[str, str]] = {
    "AT": {"vienna": "Wien", "klagenfurt": "Klagenfurt am Wörthersee"},
    "BE": {
        "brussel": "Bruxelles",
        "brussels": "Bruxelles",
        "antwerp": "Antwerpen",
        "ghent": "Gent",
        "liege": "Liège",
    },
    "CH": {"zurich": "Zürich"},
    "CY": {"larnaka": "Larnaca", "nicosia": "Lefkosia", "lefkosias": "Lefkosia", "limassol": "Lemesos"},
    "CZ": {"prague": "Praha", "pisek": "Písek"},
    "DE": {"munich": "München", "munchen": "München", "edermunde": "Edermünde"},
    "DK": {
        "arhus": "Aarhus",
        "kobenhavns": "København",
        "copenhagen": "København",
        "kgs lyngby": "Lyngby-Taarbæk",
        "lyngby taarbaek": "Lyngby-Taarbæk",
        "taastrup": "Høje-Taastrup",
        "samso": "Samsø",
    },
    "EL": {
        "athinaion": "Athina",
        "athens": "Athina",
        "agiou nikolaou": "Agios Nikolaos",
        "chersonisou": "Chersonisos",
        "ditikis achaias": "Dytiki Achaia",
        "dytikis lesvou": "Dytiki Lesvos",
        "eordaias": "Eordaia",
        "halandri": "Chalandri",
        "heraklion": "Irakleio",
        "loutraki": "Loutraki",
        "mytilene": "Mytilini",
        "neapoles sukeon": "Neapoli-Sykies",
        "pangaiou": "Pangaio",
        "patras": "Patra",
        "peiraia": "Piraeus",
        "pentelis": "Penteli",
        "rhodos": "Rodos",
        "rhodes": "Rodos",
        "rodou": "Rodos",
        "skopelou": "Skopelos",
        "thermaikou": "Thermaikos",
        "voula": "Vari-Voula-Vouliagmeni",
        "xiromerou": "Xiromero",
    },
    "ES": {"seville": "Sevilla", "castellon de la plana": "Castelló de la Plana"},
    "FI": {"helsingin": "Helsinki", "lahden": "Lahti", "oulun": "Oulu", "utsjoen": "Utsjoki"},
    "FR": {"nimes": "Nîmes"},
    "IT": {
        "rome": "Roma",
        "milan": "Milano",
        "turin": "Torino",
        "florence": "Firenze",
        "venice": "Venezia",
        "naples": "Napoli",
        "genoa": "Genova",
        "l aquila": "L'Aquila",
        "aquila": "L'Aquila",
    },
    "LT": {"vilniaus": "Vilnius"},
    "NL": {"the hague": "Den Haag", "s gravenhage": "Den Haag", "sittard": "Sittard-Geleen"},
    "NO": {
        "gjvik": "Gjøvik",
        "gjovik": "Gjøvik",
        "baerum": "Bærum",
        "mo i rana": "Rana",
        "alesund": "Ålesund",
    },
    "PL": {
        "warsaw": "Warszawa",
        "wrocaw": "Wrocław",
        "wroclaw": "Wrocław",
        "krakow": "Kraków",
        "cracow": "Kraków",
        "lodz": "Łódź",
        "gdansk": "Gdańsk",
        "poznan": "Poznań",
    },
    "PT": {"lisbon": "Lisboa", "lobos": "Câmara de Lobos"},
    "RO": {"bucharest": "București", "bucuresti": "București", "cluj napoca": "Cluj-Napoca"},
    "RS": {"belgrade": "Beograd"},
    "SE": {"gothenburg": "Göteborg", "goteborg": "Göteborg", "malmo": "Malmö", "skelleftea": "Skellefteå"},
    "SI": {"koper capodistria": "Koper"},
}
# Two municipalities whose names differ only in a word of kind: by country, plain legal name → usual name.
_BY_LEGAL_NAME = {("LT", "vilniaus rajono savivaldybes administracija"): "Vilnius district"}


class CityName(NamedTuple):
    """A city's id and its name."""

    city_id: str
    name: str


def city_of(organisation: str, city: str, country: str) -> CityName:
    """Return the city that a municipality belongs to.

    The postal city gives the name, unless the legal name plainly means another place: ``RUDERSDAL KOMMUNE``
    in Holte is Rudersdal, ``COMMUNE D'IXELLES`` in Brussels is Ixelles. Numbered districts belong to their
    city; districts with a name of their own stand alone.

    Parameters
    ----------
    organisation : str
        Legal name of the municipality; may be empty.
    city : str
        City of its postal address; may be empty.
    country : str
        Two letters, EU or ISO style.

    Raises
    ------
    BadValue
        If the country is no code, or neither text names a place.

    Examples
    --------
    >>> city_of("AYUNTAMIENTO DE SANTANDER", "Santander", "ES")
    CityName(city_id='ES-santander', name='Santander')
    >>> city_of("KOBENHAVNS KOMMUNE", "Valby", "DK").name, city_of("Община Стара Загора", "", "BG").name
    ('København', 'Stara Zagora')
    """
    code = parse_country(country)
    own = _BY_LEGAL_NAME.get((code, plain(organisation, code)))
    named, posted = _bare(organisation, code), _bare(_first_name(city), code)
    name = own or _usual(_chosen(named, posted, code), code)
    letters = plain(name, code)
    if not letters:
        raise BadValue(f"{organisation!r} in {city!r} names no place; a name in Latin, Greek or Cyrillic")
    return CityName(f"{code}-{letters.replace(' ', '-')}", name)


def _first_name(city: str) -> str:
    return _SECOND_NAME.sub("", _PROVINCE.sub("", city)).strip()


def _bare(name: str, country: str) -> str:
    """Return a name without the words of kind around it; empty when it has no other."""
    words = [(found, plain(found[0], country)) for found in _WORD.finditer(name)]
    links = _DUTCH_LINKS if country == "NL" else _LINKS
    while len(words) > 1 and (words[0][1] in links or _goes_in_front(words[0][1], words[1][1])):
        words.pop(0)
    while len(words) > 1 and (words[-1][1] in links or _goes_behind(words[-1][1])):
        words.pop()
    if not words or (len(words) == 1 and words[0][1] in _KIND):
        return ""
    return name[words[0][0].start() : words[-1][0].end()]


def _goes_in_front(word: str, following: str) -> bool:
    if word in _UNLESS_KIND:
        return following in _KIND or following in _KIND_IN_FRONT
    return word in _KIND or word in _KIND_IN_FRONT or word.isdigit()


def _goes_behind(word: str) -> bool:
    return word in _KIND or word in _KIND_BEHIND or bool(_NUMBER.fullmatch(word))


def _chosen(named: str, posted: str, country: str) -> str:
    """Return the one of two names that means the city."""
    first, second = plain(named, country), plain(posted, country)
    if not first or not second:
        return named if first else posted
    if _same_in_table(first, second, country) or _alike(first.replace(" ", ""), second.replace(" ", "")):
        return named if first in second and first != second else posted
    return named


def _same_in_table(first: str, second: str, country: str) -> bool:
    table = _ALIASES.get(country, {})
    return plain(table.get(first, first), country) == plain(table.get(second, second), country)


def _alike(first: str, second: str) -> bool:
    """Tell whether two plain names are one name in other cases, spellings or lengths."""
    short, long = sorted((first, second), key=len)
    if short in long and len(short) > 2:
        return True
    common = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if common >= 3 and common >= 0.6 * len(short):
        return True
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() >= 0.8


def _usual(name: str, country: str) -> str:
    """Return a name as it is usually written, in Latin script."""
    letters = plain(name, country)
    latin = name if not _OTHER_SCRIPT.search(name) else letters
    return _ALIASES.get(country, {}).get(letters) or _cased(latin)


def _cased(name: str) -> str:
    """Return a name in the usual mixture of large and small letters."""
    words = name.split()
    if not words:
        return ""
    shouted = name.isupper() or name.islower()
    cased = [_capitalised(word) if shouted else word for word in words]
    return " ".join([cased[0], *(w.lower() if w.lower() in _SMALL_WORDS else w for w in cased[1:])])


def _capitalised(word: str) -> str:
    return _WORD.sub(lambda found: found[0][:1].upper() + found[0][1:].lower(), word)


def told_apart(participations: Iterable[Participation]) -> tuple[tuple[Participation, ...], tuple[str, ...]]:
    """Give two cities of one name in one country ids of their own.

    Parameters
    ----------
    participations : iterable of Participation

    Returns
    -------
    tuple
        The participations, where needed with the NUTS code behind their ``city_id``, and one notice per id
        that meant several places. Rows without a code keep the id as it is: nobody can say which they are.
    """
    everyone = tuple(participations)
    places: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for one in everyone:
        if one.nuts3 and one.latitude is not None and one.longitude is not None:
            places[one.city_id].setdefault(one.nuts3, (one.latitude, one.longitude))
    several = {city_id: codes for city_id, codes in places.items() if _far_apart(codes.values())}
    renamed = tuple(
        one.model_copy(update={"city_id": f"{one.city_id}-{one.nuts3.lower()}"})
        if one.city_id in several and one.nuts3
        else one
        for one in everyone
    )
    return renamed, tuple(_notices(several))


def _notices(several: dict[str, dict[str, tuple[float, float]]]) -> Iterator[str]:
    for city_id, codes in sorted(several.items()):
        yield f"{city_id} means several places, told apart by NUTS code: {', '.join(sorted(codes))}"


def _far_apart(points: Iterable[tuple[float, float]]) -> bool:
    return any(kilometres(a, b) > APART_KM for a, b in combinations(points, 2))


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance of two points.

    Parameters
    ----------
    a, b : tuple of float
        Latitude and longitude, degrees.

    Examples
    --------
    >>> round(kilometres((51.34, 12.37), (51.05, 13.74)))
    101
    """
    (lat_a, lon_a), (lat_b, lon_b) = ((radians(x) for x in point) for point in (a, b))
    chord = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))
