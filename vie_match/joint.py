"""Which teams a report suggests for the calls that fit several of its cities."""

from __future__ import annotations

from vie_match.embedding.encoder import Encoder
from vie_match.partners.directory import directory
from vie_match.partners.ranker import PartnerRanker
from vie_match.partners.weekly import teams_for
from vie_match.reports.digest import Digest
from vie_match.settings import Settings
from vie_match.track import book


def teams(settings: Settings, digest: Digest, encoder: Encoder, most: int) -> dict[str, tuple[str, ...]]:
    """Return teams for the calls that fit most cities.

    Parameters
    ----------
    settings : Settings
    digest : Digest
        Its cities are the network.
    encoder : Encoder
    most : int
        Calls that are looked at; each may take some seconds.

    Returns
    -------
    dict of str to tuple of str
        Identifier of a call → names of the members, the leader first. Calls that fit one city only, and
        those for which a city needs nobody, are left out.

    Raises
    ------
    BadFile
        If the table of cities' projects is broken.
    """
    several = [view for view in digest.network if len(view.cities) > 1][:most]
    if not several:
        return {}
    known = directory(book.current(settings.cities), [part.profile for part in digest.cities])
    likely = [
        (view.call, {fit.profile.id: fit.match.probability or 0.0 for fit in view.fits}) for view in several
    ]
    found = teams_for(PartnerRanker(known, encoder), likely, today=digest.today)
    return {call: team.names for call, team in found.items() if len(team.names) > 1}
