"""Towns by the names that people write, for the commands that look for partners; and their map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vie_match import errors
from vie_match.cli.app import log, note, speaking
from vie_match.messages import M_
from vie_match.sources.files import load_profiles
from vie_match.whole import write_whole

if TYPE_CHECKING:
    from vie_match.partners.directory import Directory, Place
    from vie_match.pictures.teammap import TeamRole
    from vie_match.records import Profile
    from vie_match.settings import Settings


def read(chosen: Settings) -> tuple[Directory, list[Profile]]:
    """Return the directory of towns with the user's profiles, and the profiles; notices are said."""
    from vie_match.partners.directory import directory
    from vie_match.track import book

    loaded = load_profiles(chosen.profiles)
    note(loaded.notices)
    known = directory(book.current(chosen.cities), list(loaded))
    note(known.notices)
    return known, list(loaded)


def profile(id: str, loaded: Iterable[Profile], folder: Path) -> Profile:
    """Return a profile by its id.

    Raises
    ------
    BadValue
        If there is none, with the one that comes near.
    """
    known = {one.id: one for one in loaded}
    if id not in known:
        near = errors.near_miss(id, known)
        raise errors.BadValue(
            M_(
                "found no profile {name}{near}; expected one of {folder}",
                name=repr(id),
                near=near,
                folder=folder,
            )
        )
    return known[id]


def find(known: Directory, text: str) -> Place:
    """Return the town that a profile's id, an id, a name, or name and country (``Ghent:BE``) means.

    Raises
    ------
    BadValue
        If none, or several are meant; with those that come near.
    """
    own = {profile.casefold(): town for profile, town in known.homes.items()}
    if text.casefold() in own:
        return known.places[own[text.casefold()]]
    try:
        return known.find(text)
    except errors.BadValue as error:
        near = errors.near_miss(text, own)
        raise errors.BadValue(M_("{error}{near}", error=error.args[0], near=near)) from None


def draw(file: Path, towns: Sequence[tuple[Place, TeamRole]], language: str) -> None:
    """Write the map of some towns.

    Raises
    ------
    BadValue
        If the file is to be anything but SVG.
    """
    from vie_match.pictures.teammap import Place as Dot
    from vie_match.pictures.teammap import team_map

    if file.suffix.casefold() != ".svg":
        raise errors.BadValue(
            M_("found --map {file}; expected a name that ends in .svg", file=repr(str(file)))
        )
    dots = [
        Dot(one.town.name, one.town.country, one.town.latitude, one.town.longitude, role)
        for one, role in towns
    ]
    write_whole(file, team_map(dots, language).svg)
    log.print(speaking().gettext("map written to {file}").format(file=file), soft_wrap=True)
