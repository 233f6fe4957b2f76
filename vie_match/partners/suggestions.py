"""What a ranking of partners returns: towns in order, each with why, on what that rests, and what is open."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from vie_match.records import Record
from vie_match.vocabulary import Answer


class Basis(StrEnum):
    """Why a project or page speaks for a town.

    =========== =============================================================
    partnership a profile names it as a partner of the team, or it names them
    together    a project with somebody of the team
    similar     a project about what is sought
    led         a project that it coordinated
    latest      its latest project
    profile     a project idea of its own
    network     the page of a city network that lists it
    place       the page that says where it lies, and how large it is
    =========== =============================================================
    """

    PARTNERSHIP = "partnership"
    TOGETHER = "together"
    SIMILAR = "similar"
    LED = "led"
    LATEST = "latest"
    PROFILE = "profile"
    NETWORK = "network"
    PLACE = "place"


class Ground(Record):
    """A project or page that a suggestion rests on."""

    name: Annotated[str, Field(description="acronym of the project, or name of the page")]
    why: Annotated[Basis, Field(description="why it speaks for the town")]
    year: Annotated[int | None, Field(description="in which the project began")] = None
    url: Annotated[str | None, Field(description="its page")] = None


class Because(Record):
    """One reason, and how much of the suggestion it carries."""

    reason: Annotated[str, Field(description="name of the reason, as in vie_match.partners.reasons")]
    share: Annotated[float, Field(description="of the chance that this reason brings, 0 to 1", ge=0, le=1)]


class Exchange(Record):
    """A sentence of one profile's offers and one of the other's needs that meet."""

    ours: Annotated[bool, Field(description="True: the offer is the lead's, the need the town's")]
    offer: Annotated[str, Field(description="sentence, as it is written")]
    need: Annotated[str, Field(description="sentence, as it is written")]
    likeness: Annotated[float, Field(description="cosine of the two, centred by language", ge=-1, le=1)]


class Suggestion(Record):
    """One town that could be a partner."""

    rank: Annotated[int, Field(description="1 is the best", ge=1)]
    id: Annotated[str, Field(description="of the town in the directory")]
    name: str
    country: Annotated[str, Field(description="two letters, EU style")]
    population: Annotated[int | None, Field(description="inhabitants; None: not known")]
    km: Annotated[float | None, Field(description="kilometres from the lead; None: not known")]
    newcomer: Annotated[bool, Field(description="no EU project of it is known")]
    projects: Annotated[int, Field(description="EU projects that are known", ge=0)]
    led: Annotated[int, Field(description="of these, projects it coordinated", ge=0)]
    would_lead: Annotated[Answer, Field(description="by the wish of its profiles; else unknown")] = (
        Answer.UNKNOWN
    )
    profiles: Annotated[tuple[str, ...], Field(description="ids of its profiles in the folder")]
    networks: Annotated[tuple[str, ...], Field(description="networks it shares with the lead, by profiles")]
    because: Annotated[tuple[Because, ...], Field(description="the reasons that carry most, at most four")]
    grounds: tuple[Ground, ...]
    exchanges: Annotated[
        tuple[Exchange, ...], Field(description="what each offers that the other needs, by profiles")
    ] = ()
    unknown: Annotated[tuple[str, ...], Field(description="facts that nobody told, as field names")]


class Suggestions(Record):
    """The towns that could join one project."""

    profile: Annotated[str, Field(description="id of the profile")]
    call: Annotated[str | None, Field(description="identifier of the call")]
    team: Annotated[tuple[str, ...], Field(description="ids of the lead and the partners already chosen")]
    towns: tuple[Suggestion, ...]
    peers: Annotated[
        tuple[Suggestion, ...],
        Field(description="towns with profiles of their own, those first whose offers and needs meet most"),
    ] = ()
    newcomers: Annotated[
        int | None, Field(description="of every ten towns so many without a known project; None: as it came")
    ] = None
    considered: Annotated[int, Field(description="towns that were ranked")]
