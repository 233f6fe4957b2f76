"""Names of towns in any spelling → one town, or the several it could be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from vie_match.errors import BadValue
from vie_match.messages import M_
from vie_match.records import City, PartnerCity
from vie_match.track.cities import city_of
from vie_match.track.plain import plain
from vie_match.track.records import parse_country

# From this likeness (0 to 100, Indel ratio) on, two names may be one; measured on the names of the table of
# cities' projects: legal names in other grammatical cases reach 88, other towns of a country often 85.
_ALIKE = 88.0
# The next town has to be so much less alike, or nobody can say which is meant.
_APART = 5.0
_OFFERED = 5

NAME, LEGAL_NAME, SPELLING, UNKNOWN = "name", "legal name", "spelling", "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means.

    Attributes
    ----------
    id : str or None
        None if no town, or no single one, is meant.
    how : str
        What led there: the ``name`` or an alias, a ``legal name``, a ``spelling`` alike, or ``unknown``.
    candidates : tuple of str
        Ids of the towns that come near, most alike first.
    """

    id: str | None
    how: str
    candidates: tuple[str, ...] = ()


def city_id(city: City | PartnerCity) -> str:
    """Return the id of a city in the table of cities' projects.

    Examples
    --------
    >>> city_id(PartnerCity(name="Munich", country="DE")), city_id(PartnerCity(name="Ghent", country="BE"))
    ('DE-munchen', 'BE-gent')
    """
    for name in (city.name, getattr(city, "local_name", None)):
        try:
            return city_of("", name or "", city.country).city_id
        except BadValue:  # a script that the table does not read
            continue
    return f"{city.country}-{city.name.casefold()}"


class Names:
    """Every name of every town.

    Parameters
    ----------
    spellings : mapping
        Id → country and names.
    aliases : mapping
        Id → (country, name) that people decided on; they go before names.
    sizes : mapping
        Id → inhabitants, 0 when unknown: orders what is offered.

    Examples
    --------
    >>> towns = {"DE-munchen": ("DE", ["München", "Munich"]), "DE-munster": ("DE", ["Münster"])}
    >>> names = Names(towns, {}, {"DE-munchen": 1_500_000, "DE-munster": 300_000})
    >>> names.find("Munich"), names.resolve("Landeshauptstadt München", "DE").how
    ('DE-munchen', 'legal name')
    >>> names.resolve("Müenchen", "DE")
    Meaning(id='DE-munchen', how='spelling', candidates=('DE-munchen',))
    """

    def __init__(
        self,
        spellings: Mapping[str, tuple[str, Sequence[str]]],
        aliases: Mapping[str, Iterable[tuple[str, str]]],
        sizes: Mapping[str, int],
    ) -> None:
        self._spellings = spellings
        self._sizes = sizes
        self._decided = {
            (country, plain(name, country)): id
            for id, own in aliases.items()
            if id in spellings
            for country, name in own
        }

    def find(self, text: str) -> str:
        """Return the id that an id, a name, or a name and a country (``Ghent:BE``) means.

        Raises
        ------
        BadValue
            If it means no town, or several.
        """
        if text in self._spellings:
            return text
        name, _, code = text.rpartition(":")
        countries = [parse_country(code)] if name and len(code.strip()) == 2 else None
        wanted = name if countries else text
        found = [self.resolve(wanted, country) for country in countries or self._countries]
        for how in (NAME, LEGAL_NAME, SPELLING):
            ids = {one.id for one in found if one.how == how and one.id}
            meant = (
                ids if how == SPELLING else {id for one in found if one.how == how for id in one.candidates}
            )
            if len(ids) == 1 and len(meant) == 1:
                return ids.pop()
            if meant:
                raise BadValue(
                    M_(
                        "{name} could be {towns}; expected one, as in Ghent:BE or by its id",
                        name=repr(text),
                        towns=self._told(meant),
                    )
                )
        near = {id for one in found for id in one.candidates}
        if near:
            raise BadValue(
                M_("found no town {name}; near are {towns}", name=repr(text), towns=self._told(near))
            )
        raise BadValue(
            M_("found no town {name}; expected a name, or name and country as in Ghent:BE", name=repr(text))
        )

    def resolve(self, name: str, country: str) -> Meaning:
        """Return what a name or a municipality's legal name in a country means.

        Parameters
        ----------
        name : str
            In Latin, Greek or Cyrillic script.
        country : str
            EU or ISO style.
        """
        code = parse_country(country)
        letters = plain(name, code)
        decided = self._decided.get((code, letters))
        if decided:
            return Meaning(decided, NAME, (decided,))
        ids = self._exact.get((code, letters), ())
        if ids:
            return self._one(ids, NAME)
        try:
            bare = city_of(name, "", code)
        except BadValue:
            return Meaning(None, UNKNOWN)
        if bare.city_id in self._spellings:
            return Meaning(bare.city_id, LEGAL_NAME, (bare.city_id,))
        letters = plain(bare.name, code)
        ids = self._exact.get((code, letters), ()) or self._decided_ids(code, letters)
        return self._one(ids, LEGAL_NAME) if ids else self._alike(letters, code)

    def _decided_ids(self, country: str, letters: str) -> tuple[str, ...]:
        decided = self._decided.get((country, letters))
        return (decided,) if decided else ()

    def _one(self, ids: Sequence[str], how: str) -> Meaning:
        largest = tuple(sorted(ids, key=lambda id: (-self._sizes.get(id, 0), id)))
        return Meaning(largest[0] if len(largest) == 1 else None, how, largest)

    def _alike(self, letters: str, country: str) -> Meaning:
        names = self._by_country.get(country, ())
        best: dict[str, float] = {}
        for name, score, _ in process.extract(
            letters, names, scorer=fuzz.ratio, score_cutoff=_ALIKE - _APART, limit=2 * _OFFERED
        ):
            for id in self._exact[country, name]:
                best[id] = max(best.get(id, 0.0), score)
        order = sorted(best, key=lambda id: (-best[id], -self._sizes.get(id, 0), id))[:_OFFERED]
        if not order:
            return Meaning(None, UNKNOWN)
        is_alone = len(order) == 1 or best[order[0]] - best[order[1]] >= _APART
        if best[order[0]] >= _ALIKE and is_alone:
            return Meaning(order[0], SPELLING, (order[0],))
        return Meaning(None, SPELLING, tuple(order))

    def _told(self, ids: Iterable[str]) -> str:
        order = sorted(ids, key=lambda id: (-self._sizes.get(id, 0), id))[:_OFFERED]
        return ", ".join(f"{self._spellings[id][1][0]} ({id})" for id in order)

    @cached_property
    def _exact(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id, (country, names) in self._spellings.items():
            for letters in dict.fromkeys(plain(name, country) for name in names):
                if letters:
                    found[country, letters].append(id)
        # A town's first name goes before another's further ones.
        first = {(country, plain(names[0], country), id) for id, (country, names) in self._spellings.items()}
        return {key: tuple([id for id in ids if (*key, id) in first] or ids) for key, ids in found.items()}

    @cached_property
    def _by_country(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for country, letters in self._exact:
            found[country].append(letters)
        return {country: tuple(names) for country, names in found.items()}

    @cached_property
    def _countries(self) -> tuple[str, ...]:
        return tuple(sorted({country for country, _ in self._spellings.values()}))
