"""The week's run: read, rank, report; what is known of calls comes from :mod:`vie_match.knowledge`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vie_match import beside, feedback, joint, knowledge
from vie_match.embedding.encoder import Encoder, Progress
from vie_match.embedding.models import default_encoder
from vie_match.errors import BadFile, BadValue, Fault, near_miss
from vie_match.feedback import Feedback
from vie_match.history import Harvest, KnownCall, Rejected
from vie_match.messages import M_
from vie_match.ranking import fusion as fusions
from vie_match.ranking import learnt
from vie_match.ranking.fusion import Fusion
from vie_match.ranking.matcher import Matcher
from vie_match.records import Call, Profile
from vie_match.reports import dismissed, mail, outputs, terms_wording
from vie_match.reports.digest import Background, Digest, digest
from vie_match.reports.outputs import Form
from vie_match.reports.terms import Desk
from vie_match.settings import Settings
from vie_match.sources.files import Loaded, load_profiles
from vie_match.speech import SOURCE, speech
from vie_match.store.calls import CallStore
from vie_match.track import book
from vie_match.track.records import Participation


@dataclass(frozen=True, slots=True)
class Report:
    """What a run wrote.

    Attributes
    ----------
    digest : Digest
    files : tuple of Path
        In the order of the forms that were asked for.
    """

    digest: Digest
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What people wrote: the two folders, read.

    Attributes
    ----------
    profiles : Loaded of Profile
    calls : Loaded of Call
    """

    profiles: Loaded[Profile]
    calls: Loaded[Call]

    @property
    def background(self) -> Background:
        """What was wrong or unusual in the files."""
        return Background(
            faults=self.profiles.faults + self.calls.faults,
            notices=self.profiles.notices + self.calls.notices,
        )


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a ranking begins from.

    Attributes
    ----------
    inputs : Inputs
    known : sequence of KnownCall
        All calls, put together from their sources.
    background : Background
    """

    inputs: Inputs
    known: Sequence[KnownCall]
    background: Background


@dataclass(frozen=True, slots=True)
class Lessons:
    """What people said of earlier rankings, and what was learnt from it.

    Attributes
    ----------
    entries : tuple of Feedback
        In order of the file.
    fusion : Fusion or None
        The learnt weights; None: the shipped ones count.
    faults : tuple of Fault
        Of the feedback's rows that could not be read.
    notices : tuple of str
    """

    entries: tuple[Feedback, ...]
    fusion: Fusion | None
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]


def match(
    settings: Settings,
    moment: dt.datetime,
    *,
    only: Collection[str] = (),
    language: str = SOURCE,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Digest:
    """Rank every known call for every profile; nothing is written.

    Parameters
    ----------
    settings : Settings
    moment : datetime
        With a time zone; what is closed then is left out.
    only : collection of str, optional
        Ids of the profiles to rank for; default all.
    language : str, optional
        Code of the language of notices, of :func:`vie_match.speech.languages`.
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
        If a folder is missing, or there is nothing to rank.
    BadValue
        If a profile is asked for that is not there.
    """
    inputs = _read(settings)
    begin = Beginning(inputs, knowledge.known_now(settings, moment, inputs.calls), inputs.background)
    return _ranked(settings, moment, begin, only, language, encoder, progress)


def report(
    settings: Settings,
    moment: dt.datetime,
    *,
    forms: Collection[Form] = outputs.USUAL,
    language: str = SOURCE,
    teams: int = 0,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the weekly report, and remember what was known and suggested for the next one.

    See :func:`match` for the other parameters. The report is compared with the last one of an earlier day,
    so that a second one on the same day tells the same news.

    Parameters
    ----------
    settings : Settings
    moment : datetime
    forms : collection of Form, optional
        The forms in which it is written.
    language : str, optional
        Code, of :func:`vie_match.speech.languages`.
    teams : int, optional
        Calls, at most, for which a team is suggested.
    encoder : Encoder, optional
    progress : callable, optional
    """
    # Before the work: a folder one cannot write to should not cost half a minute of embedding.
    settings.reports.mkdir(parents=True, exist_ok=True)
    inputs = _read(settings)
    store = CallStore(settings.store)
    with store.journal.run("report", moment) as run:
        # Files that were deleted were deleted on purpose.
        store.take_over(run, knowledge.folder_source(settings), _harvest(inputs.calls), accept=True)
        known = knowledge.known_at(settings, store)
        background = beside.news(settings, store, inputs.background, known, moment, language)
        begin = Beginning(inputs, known, background)
        result = _ranked(settings, moment, begin, (), language, encoder, progress)
        store.suggestions.remember(run, result.suggested)
        if teams:
            result = replace(result, teams=_teams(settings, result, encoder, progress, teams))
        files = outputs.write(result, settings.reports, forms, language, mail=settings.mail)
    return Report(result, files)


def _teams(
    settings: Settings, result: Digest, encoder: Encoder | None, progress: Progress | None, most: int
) -> Mapping[str, Sequence[str]]:
    try:
        return joint.teams(settings, result, encoder or default_encoder(settings, progress), most)
    except BadFile:
        # The table of cities' projects: the report names it among the files that could not be read.
        return {}


def _read(settings: Settings) -> Inputs:
    return Inputs(load_profiles(settings.profiles), knowledge.read_folder(settings))


def _harvest(loaded: Loaded[Call]) -> Harvest:
    """Return the folder's calls; while a file cannot be read, what it said is not known to be gone."""
    faults: dict[str, list[str]] = defaultdict(list)
    for fault in loaded.faults:
        faults[fault.path.name].append(str(fault))
    rejected = tuple(Rejected(name, "; ".join(reasons)) for name, reasons in faults.items())
    return Harvest(loaded.records, rejected, is_whole=not rejected)


def _ranked(
    settings: Settings,
    moment: dt.datetime,
    begin: Beginning,
    only: Collection[str],
    language: str,
    encoder: Encoder | None,
    progress: Progress | None,
) -> Digest:
    inputs, known, background = begin.inputs, begin.known, begin.background
    empty = [
        Fault(folder, None, M_("no file that could be read"), expected)
        for folder, loaded, expected in (
            (settings.profiles, inputs.profiles, M_("profile files; begin one: vie-match new profile")),
            (settings.calls, known, M_("call files; begin one: vie-match new call")),
        )
        if not loaded
    ]
    if empty:
        raise BadFile((*background.faults, *empty))
    chosen = _chosen(inputs.profiles, only)
    encoder = encoder or default_encoder(settings, progress)
    told = lessons(settings, encoder, language)
    bad = dismissed.dismissals(told.entries, known)
    matcher = fitted(settings, encoder, told, [one.call for one in known])
    ranked = matcher.rank(chosen, moment=moment)
    desk = Desk(moment)
    lists = [desk.apart(dismissed.apart(one, bad), settings.top) for one in ranked]
    track, faults = _track(settings, language)
    return digest(
        lists,
        known,
        moment=moment,
        top=settings.top,
        model=encoder.id,
        background=replace(
            background,
            faults=(*background.faults, *told.faults, *faults),
            notices=(
                *background.notices,
                *told.notices,
                *mail.strangers(settings.mail, [one.id for one in inputs.profiles], language),
                *dismissed.back(lists, bad, language),
                *terms_wording.notices(desk.failures, language),
            ),
        ),
        track=track,
        terms=desk.terms,
    )


def fitted(settings: Settings, encoder: Encoder, told: Lessons, calls: Iterable[Call]) -> Matcher:
    """Return the ranking of calls with what people said of earlier ones.

    Parameters
    ----------
    settings : Settings
    encoder : Encoder
    told : Lessons
        As :func:`lessons` returns it for the same encoder.
    calls : iterable of Call
    """
    matcher = Matcher(encoder, word_weight=settings.word_weight, fusion=told.fusion)
    # Others move up to the places of dismissed calls, and are to be quoted like the best.
    matcher.set_params(quoted=matcher.quoted + dismissed.most(told.entries))
    return matcher.fit(list(calls))


def lessons(settings: Settings, encoder: Encoder, language: str = "en") -> Lessons:
    """Return what people said of calls, and the weights learnt from it if they fit the encoder.

    Neither stops a report: a broken row is a fault beside others, a broken file of weights a notice in the
    language.
    """
    said = feedback.read(settings.feedback)
    fusion, notice = learnt.recall(settings.learnt, encoder.id, fusions.shipped(encoder.id), language)
    return Lessons(said.entries, fusion, said.faults, (notice,) if notice else ())


def _track(settings: Settings, language: str) -> tuple[Sequence[Participation], Sequence[Fault]]:
    """Return the table of cities' projects; a broken one costs the report what it tells, no more."""
    try:
        return book.current(settings.cities), ()
    except BadFile as error:
        first, *more = error.faults
        if not more:
            return (), [first]
        # One line in the report; vie-match cities tells them all.
        rest = speech(language).ngettext("and {n} more fault", "and {n} more faults", len(more))
        return (), [replace(first, found=f"{first.found} ({rest})")]


def _chosen(profiles: Loaded[Profile], only: Collection[str]) -> list[Profile]:
    known = {profile.id: profile for profile in profiles}
    for wanted in only:
        if wanted not in known:
            hint = near_miss(wanted, known)
            there = ", ".join(sorted(known))
            raise BadValue(
                M_("no profile {name}{near}; there are: {known}", name=repr(wanted), near=hint, known=there)
            )
    return [profile for profile in profiles if not only or profile.id in only]
