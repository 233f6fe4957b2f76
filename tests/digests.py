"""Small digests, ranked and judged as the week's run does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from vie_match import knowledge
from vie_match.changes import changes
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import Fault
from vie_match.history import KnownCall, Reading, Sighting
from vie_match.ranking.fusion import Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile
from vie_match.reports.digest import Background, Digest, digest
from vie_match.reports.terms import Desk
from vie_match.sources.merge import merge
from vie_match.store.suggestions import Suggestion

WEEK = dt.timedelta(days=7)
MOMENT = knowledge.at_noon(dt.date(2026, 12, 1))

# Under these every call without any likeness has the probability .5, and is suggested.
_WEIGHTS = {"similarity": 1.0, "cities": 0.0, "local": 0.0, "others": 0.0, "participation": 0.0}
FUSION = Fusion("hashing", _WEIGHTS, 0.1, 0.0, _WEIGHTS)


def known(calls: Sequence[Call], moment: dt.datetime = MOMENT) -> list[KnownCall]:
    """Return calls of one source."""
    return merge(Sighting("files", call, moment, moment) for call in calls)


def made(
    calls: Sequence[Call],
    profiles: Sequence[Profile],
    *,
    before: Digest | None = None,
    moment: dt.datetime = MOMENT,
    faults: Sequence[Fault] = (),
    notices: Sequence[str] = (),
    readings: Sequence[Reading] = (),
) -> Digest:
    """Return the digest of a moment, compared with an earlier one."""
    now = known(calls, moment)
    desk = Desk(moment)
    matcher = Matcher(HashingEncoder(), fusion=FUSION).fit([one.call for one in now])
    lists = [desk.apart(one, 5) for one in matcher.rank(profiles, moment=moment)]
    news = changes(list(before.known.values()), now, before.moment, moment) if before else ()
    suggested: Sequence[Suggestion] = before.suggested if before else ()
    background = Background(
        since=before.today if before else None,
        changes=news,
        suggested=suggested,
        readings=readings,
        names={reading.source: reading.source for reading in readings},
        faults=faults,
        notices=notices,
    )
    return digest(lists, now, moment=moment, top=5, model="tiny", background=background, terms=desk.terms)
