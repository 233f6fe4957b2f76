"""The week's run: read, rank, report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from vie_match.embedding.encoder import Encoder, Progress
from vie_match.embedding.models import default_encoder
from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.ranking.matcher import Matcher
from vie_match.records import BRUSSELS, Profile
from vie_match.reports import render
from vie_match.reports.digest import Digest, digest
from vie_match.settings import Settings
from vie_match.sources.files import Loaded, load_calls, load_profiles, write_whole


@dataclass(frozen=True, slots=True)
class Report:
    """What a run wrote.

    Attributes
    ----------
    digest : Digest
    files : tuple of Path
        The HTML page and the Markdown file.
    """

    digest: Digest
    files: tuple[Path, ...]


def at_noon(today: dt.date | None) -> dt.datetime:
    """Return the moment a run refers to: now, or noon in Brussels on a given day.

    Examples
    --------
    >>> at_noon(dt.date(2026, 11, 24)).isoformat()
    '2026-11-24T12:00:00+01:00'
    """
    if today is None:
        return dt.datetime.now(BRUSSELS)
    return dt.datetime.combine(today, dt.time(12), tzinfo=BRUSSELS)


def match(
    settings: Settings,
    moment: dt.datetime,
    *,
    only: Collection[str] = (),
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Digest:
    """Read the folders and rank every call for every profile.

    Parameters
    ----------
    settings : Settings
    moment : datetime
        With a time zone; what is closed then is left out.
    only : collection of str, optional
        Ids of the profiles to rank for; default all.
    encoder : Encoder, optional
        Default: that of the settings, with its cache.
    progress : callable, optional
        Called with (texts done, texts to do) while a model works.

    Returns
    -------
    Digest

    Raises
    ------
    BadFile
        If a folder is missing, or nothing in it could be read.
    BadValue
        If a profile is asked for that is not there.
    """
    profiles, calls = load_profiles(settings.profiles), load_calls(settings.calls)
    faults = profiles.faults + calls.faults
    empty = [
        Fault(folder, None, "no file that could be read", f"{kind} files; begin one: vie-match new {kind}")
        for folder, loaded, kind in (
            (settings.profiles, profiles, "profile"),
            (settings.calls, calls, "call"),
        )
        if not loaded
    ]
    if empty:
        raise BadFile((*faults, *empty))
    chosen = _chosen(profiles, only)
    encoder = encoder or default_encoder(settings, progress)
    matcher = Matcher(encoder, word_weight=settings.word_weight).fit(calls)
    return digest(
        matcher.rank(chosen, moment=moment),
        calls,
        moment=moment,
        top=settings.top,
        model=encoder.id,
        faults=faults,
        notices=profiles.notices + calls.notices,
    )


def _chosen(profiles: Loaded[Profile], only: Collection[str]) -> list[Profile]:
    known = {profile.id: profile for profile in profiles}
    for wanted in only:
        if wanted not in known:
            hint = near_miss(wanted, known)
            raise BadValue(f"no profile {wanted!r}{hint}; there are: {', '.join(sorted(known))}")
    return [profile for profile in profiles if not only or profile.id in only]


def report(
    settings: Settings,
    moment: dt.datetime,
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the weekly report as HTML and Markdown; see :func:`match` for the parameters."""
    # Before the work: a folder one cannot write to should not cost half a minute of embedding.
    settings.reports.mkdir(parents=True, exist_ok=True)
    result = match(settings, moment, encoder=encoder, progress=progress)
    html = settings.reports / f"report-{result.today:%Y-%m-%d}.html"
    write_whole(html, render.html(result))
    write_whole(html.with_suffix(".md"), render.markdown(result))
    return Report(result, (html, html.with_suffix(".md")))
