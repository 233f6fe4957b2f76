"""Tells by its name whether a public body is a municipality.

CORDIS and keep.eu know kinds of organisation ("public body"), not municipalities, so the name decides.
"""

from __future__ import annotations

import re

from vie_match.track.plain import plain

# How municipalities call themselves, by language, in the letters of :func:`~vie_match.track.plain.plain`
# and matched at the borders of words. Words that are also parts of place names count at the beginning or
# the end of the name only.
_MUNICIPAL = (
    # English as spoken there and as sources translate; Irish; Maltese
    r"municipality|(?:city|town) of|^greater london authority",
    r"(?:city|borough|district|town|municipal|local|city and county) council",
    r"(?:royal|london|metropolitan) borough of|city (?:administration|hall|government)",
    r"comhairle (?:cathrach|baile)|kunsill lokali",
    # Spanish, Catalan, Galician, Basque, Portuguese
    r"ayuntamiento|ajuntament|concello|udala|udaletxea|municipalidad",
    r"area metropolitana d[aeo]|camara municipal|municipio",
    # Italian, French
    r"comune|roma capitale|citta metropolitana|^citta di",
    r"^commune|^mairie|^(?:la )?ville de|administration communale",
    r"communaute (?:urbaine|d agglomeration)|(?:euro)?metropole",
    # Dutch, German, Luxembourgish
    r"gemeente|^stad|stadsbestuur|gemeng|stadtverwaltung",
    r"(?:landeshaupt|hanse|kreis|universitats|wissenschafts|bundes|klingen|luther)?stadt",
    r"(?:stadt|markt|orts|samt|verbands|einheits|land)?gemeinde|^markt",
    # Danish, Norwegian, Swedish, Icelandic
    r"kommune?|kommunen|stad$|staden$|reykjavikurborg|sveitarfelagid|\w+kaupstadur",
    # Finnish, Estonian, Latvian, Lithuanian
    r"kaupunki|kaupungin|kunta$|linn$|vald$|linnavalitsus|vallavalitsus",
    r"pasvaldiba|(?:pilsetas|valstspilsetas|novada|pagasta) (?:dome|administracija)|savivaldybes?",
    # Polish, Czech, Slovak
    r"gmina|miasto|urzad (?:miasta|miejski|gminy)|magistrat (?:hlavniho )?mesta|mestsk[ay] cast",
    r"^(?:hlavn[ie] |statutarni |krajske )?mesto|^obec|^mestys",
    # Slovenian, Croatian, Bosnian, Serbian, Montenegrin, Macedonian, Albanian, Bulgarian
    r"obcina|^(?:glavni )?grad|gradska uprava|opcina|opst?ina|opshtina|bashkia|obsh?tina",
    # Romanian
    r"municipiul(?:ui)?|primaria|^comuna|^orasul|sectorul(?:ui)? \d",
    # Hungarian (the county's government differs in one word), Greek, Turkish, Ukrainian
    r"(?<!megyei )onkormanyzata?|polgarmesteri hivatala?|dimos|^demos|belediye(?:si)?",
    r"(?:mis[ky]+a|selyshchna|silska) rada|[gh]romada",
)

# Words of bodies that are above a municipality, join several, or belong to one: its own name often stands
# in theirs.
_OTHER_BODY = (
    r"minist\w+|prefe[ct]+\w+|soprintendenza|(?<!and )county council|combined authority",
    # associations and joint bodies
    r"union of|associa\w+|asocia\w+|federa\w+|network|league|verband|zweckverband|birlig\w*",
    r"consor[ct]i\w*|consorzio|mancomuni\w+|zwiazek|svaz|zdruzen\w+|savez|liitto|tarsulas\w*|syndicat",
    # utilities, transport, housing, companies
    r"stadtwerke|wasserwerk\w*|eigenbetrieb\w*|\w*betriebe|regie|dopravni|electricity|operations|utilit\w+",
    r"airport|flughafen|aeroport\w*|aeropuerto|port authority|empresa|dimotiki|trasporto|habitat|amenagement",
    r"company|gmbh|limited|ltd|(?:sa|srl|s p a|s r o|d o o|z o o|bv|nv|ag|ab|oy|as|a s|kft|zrt|doo|lda)$",
    r"(?<!de )spa$|poduzece|preduzece|office (?:de|du|public)|tourism\w*",
    # health
    r"hospitals?|(?<!l )hopita(?:l|ux)|hospitalier\w*|ospedal(?:e|i|iera|iero)|szpital\w*|spital(?:ul)?",
    r"nemocnice|krankenhaus|klinik\w*|clinic\w*|ziekenhuis|sairaala|haigla|slimnica|bolnic\w+|korhaz",
    r"nosokomeio|sveikatos|zdravstv\w+|health cent\w+",
    # education, research, culture
    r"universit(?!atsstadt)\w*|universidad\w*|uniwersytet|univerz\w+|hochschule|egyetem|panepistimio",
    r"college|academ\w+|akademi\w*|schools?|sko(?:la|le|ly)|escuela|escola|scuola|ecole|schule|lycee",
    r"institut\w*|instytut|istituto|research|forschung\w*|muse(?:um|o|e|u)|muze\w+|muziej\w+|bibliot\w+|library",
    r"theat\w+|teatr\w*|fundac\w+|fundat\w+|fondazione|fondation|foundation|stiftung|stichting|zaklada",
    # services under a law of their own
    r"polici?a|police (?:force|department|municipale)|polizia|polizei|politi(?:e|a)|fire brigade",
    r"agenc\w+|agenzia|agentura?|agentia|agentuur|chamber of|directia|nemzetisegi",
)

_IS_MUNICIPAL = re.compile(rf"\b(?:{'|'.join(_MUNICIPAL)})\b")
_IS_OTHER_BODY = re.compile(rf"\b(?:{'|'.join(_OTHER_BODY)})\b")

PUBLIC = "PUB"


def is_municipality(name: str, activity_type: str = "") -> bool:
    """Tell whether an organisation is a municipality, by its name.

    Cities, towns, rural municipalities and boroughs count. So do the authorities of a city's metropolitan
    area or agglomeration, for they do a city's work across its border: a French *métropole*, *communauté
    urbaine* or *communauté d'agglomération*, an Italian *città metropolitana*, an *área metropolitana*,
    Greater London. Counties, provinces and regions do not count, nor do Irish and British county councils
    (a *city and county council* does), English combined authorities, nor what a city owns or joins: works,
    hospitals, schools, museums, agencies, unions of municipalities.

    Parameters
    ----------
    name : str
        Legal name, in any of the EU's languages or a neighbour's; Latin, Greek or Cyrillic script, accents
        and case do not matter.
    activity_type : str, optional
        CORDIS's code (``PUB``, ``/PUB``); any other kind than a public body is no municipality. Empty is
        unknown.

    Examples
    --------
    >>> is_municipality("AYUNTAMIENTO DE SANTANDER", "PUB"), is_municipality("Δήμος Αθηναίων")
    (True, True)
    >>> is_municipality("Stadtwerke Krefeld", "PUB"), is_municipality("Essex County Council", "PUB")
    (False, False)
    """
    kind = activity_type.strip().strip("/").upper()
    if kind not in ("", PUBLIC):
        return False
    letters = plain(name)
    return bool(_IS_MUNICIPAL.search(letters)) and not _IS_OTHER_BODY.search(letters)
