"""Which towns there are: the shipped table, the table of cities' projects, and profiles, as one."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from statistics import median

from vie_match.eligibility import lists
from vie_match.partners.naming import Meaning, Names, city_id
from vie_match.partners.records import Town
from vie_match.records import City, PartnerCity, Profile
from vie_match.track.records import Participation, by_city, led
from vie_match.vocabulary import Answer

_MISSION = "MISSION_CITIES_112"
GEONAMES = "https://www.geonames.org/{}"


@dataclass(frozen=True, slots=True)
class Place:
    """A town with all that is known of it.

    Attributes
    ----------
    town : Town
    names : tuple of str
        Its usual name first.
    participations : tuple of Participation
        Empty: no project is known.
    profiles : tuple of Profile
        Of the user's folder.
    mission : Answer
        Whether it is a Mission city.
    networks : tuple of str
        City networks that profiles or pages name. The ranking leaves them alone: it learnt from lists of
        all members, and would take a town that wrote a profile for a better partner than one that is not
        known.
    listed : mapping of str to str
        City networks on whose pages it stands, with the page; also among the networks.
    url : str or None
        Page its place and inhabitants come from.
    """

    town: Town
    names: tuple[str, ...]
    participations: tuple[Participation, ...] = ()
    profiles: tuple[Profile, ...] = ()
    mission: Answer = Answer.UNKNOWN
    networks: tuple[str, ...] = ()
    listed: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None

    @property
    def is_newcomer(self) -> bool:
        """Whether no project of it is known."""
        return not self.participations

    @property
    def projects(self) -> frozenset[str]:
        """Ids of its projects."""
        return frozenset(one.project_id for one in self.participations)

    @property
    def led(self) -> frozenset[str]:
        """Ids of the projects that it coordinated."""
        return led(self.participations)


@dataclass(frozen=True)
class Directory:
    """Every town once, by id."""

    places: Mapping[str, Place]
    notices: tuple[str, ...] = field(default=())

    @cached_property
    def names(self) -> Names:
        """All names of all towns."""
        spellings = {id: (place.town.country, place.names) for id, place in self.places.items()}
        sizes = {id: place.town.population or 0 for id, place in self.places.items()}
        return Names(spellings, _aliases(), sizes)

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """Id of a profile → id of its town."""
        return {one.id: place.town.id for place in self.places.values() for one in place.profiles}

    def find(self, text: str) -> Place:
        """Return the town that an id, a name, or a name and a country (``Ghent:BE``) means.

        Raises
        ------
        BadValue
            If none, or several are meant; with those that come near.
        """
        return self.places[self.names.find(text)]

    def resolve(self, name: str, country: str) -> Meaning:
        """Return what a name or a municipality's legal name in a country means, and how sure that is."""
        return self.names.resolve(name, country)


def directory(participations: Iterable[Participation], profiles: Sequence[Profile] = ()) -> Directory:
    """Return the towns of the shipped table, of the table of cities' projects, and of profiles.

    Parameters
    ----------
    participations : iterable of Participation
    profiles : sequence of Profile, optional
        What a profile says of its city goes before what tables say. Cities that are only named as partners
        are added, too.

    Returns
    -------
    Directory
        Names of profiles that could mean several towns are not joined with any; ``notices`` says which.

    Examples
    --------
    >>> towns = directory([])
    >>> len(towns.places) > 4000, towns.find("München").town.id == towns.find("Munich").town.id
    (True, True)
    """
    places = dict(_shipped())
    for id, networks in _networks().items():
        if id in places:
            places[id] = replace(places[id], networks=tuple(networks), listed=networks)
    for id, own in by_city(participations).items():
        places[id] = _with_projects(id, own, places.get(id))
    notices: list[str] = []
    known = Directory(dict(places))
    for profile in profiles:
        id = _id_of(profile.city, known, notices, f"profile {profile.id}")
        places[id] = _with_profile(id, profile, places.get(id))
        for partner in profile.partners:
            other = _id_of(partner, known, notices, f"profile {profile.id}")
            if other not in places:
                places[other] = _place(Town(other, partner.name, partner.country), (partner.name,))
    return Directory(places, tuple(dict.fromkeys(notices)))


def _id_of(city: City | PartnerCity, known: Directory, notices: list[str], source: str) -> str:
    own = city_id(city)
    if own in known.places:
        return own
    found = known.resolve(city.name, city.country)
    if found.id is None and found.candidates:
        choices = ", ".join(found.candidates)
        notices.append(
            f"{source}: {city.name!r} ({city.country}) could be {choices}; taken as a town of its own"
        )
    return found.id or own


def _with_projects(id: str, own: Sequence[Participation], before: Place | None) -> Place:
    latitudes = [one.latitude for one in own if one.latitude is not None]
    longitudes = [one.longitude for one in own if one.longitude is not None]
    name = Counter(one.city for one in own).most_common(1)[0][0]
    if before is None:
        town = Town(
            id,
            name,
            own[0].country,
            median(latitudes) if latitudes else None,
            median(longitudes) if longitudes else None,
        )
        before = _place(town, (name,))
    return replace(before, participations=tuple(own), names=tuple(dict.fromkeys((name, *before.names))))


def _with_profile(id: str, profile: Profile, before: Place | None) -> Place:
    city = profile.city
    place = before or _place(Town(id, city.name, city.country), (city.name,))
    town = replace(
        place.town,
        latitude=place.town.latitude if city.latitude is None else city.latitude,
        longitude=place.town.longitude if city.longitude is None else city.longitude,
        population=city.population or place.town.population,
        mission=place.town.mission if city.mission_city is None else city.mission_city,
    )
    told = (
        {True: Answer.YES, False: Answer.NO}.get(city.mission_city) if city.mission_city is not None else None
    )
    return replace(
        place,
        town=town,
        names=tuple(dict.fromkeys(filter(None, (*place.names, city.name, city.local_name)))),
        profiles=(*place.profiles, profile),
        mission=told or place.mission,
        networks=tuple(dict.fromkeys((*place.networks, *city.networks))),
    )


def _place(town: Town, names: tuple[str, ...], url: str | None = None) -> Place:
    standing = lists.membership(_MISSION, town.name, town.country).answer
    return Place(replace(town, mission=standing is Answer.YES), names, mission=standing, url=url)


@cache
def _shipped() -> Mapping[str, Place]:
    found = {}
    for row in _rows("towns.csv"):
        also = [name for name in row["also"].split("; ") if name]
        town = Town(
            id=row["id"],
            name=row["name"],
            country=row["country"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            population=int(row["population"]) if row["population"] else None,
        )
        found[town.id] = _place(town, (town.name, *also), GEONAMES.format(row["geonames"]))
    return found


@cache
def _aliases() -> Mapping[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows("aliases.csv"):
        found[row["id"]].append((row["country"], row["alias"]))
    return {id: tuple(own) for id, own in found.items()}


@cache
def _networks() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("networks.csv"):
        found[row["id"]][row["network"]] = row["url"]
    return found


def project_texts() -> Mapping[str, str]:
    """Return number of a grant → title, topic and keywords of the project, as far as they are shipped."""
    return {
        row["project_id"]: ". ".join(filter(None, (row["title"], row["topic_title"], row["keywords"])))
        for row in _rows("projects.csv")
    }


def _rows(name: str) -> Iterable[dict[str, str]]:
    text = files("vie_match.partners").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
