"""What people say of calls, and what is learnt from it: ``feedback`` and ``learn``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from vie_match import errors, settings
from vie_match.cli.app import (
    CallsOption,
    Format,
    ModelOption,
    ProfilesOption,
    SettingsOption,
    StoreOption,
    TodayOption,
    app,
    day,
    note,
    output,
    print_rows,
    progress_bar,
)
from vie_match.feedback import Feedback, Opinion, Reason

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from vie_match.history import KnownCall
    from vie_match.ranking.learnt import Learnt, Outcome
    from vie_match.records import Call, Profile
    from vie_match.settings import Settings
    from vie_match.sources.files import Loaded

_COLUMNS = ("profile", "call", "verdict", "why", "by", "day", "note", "changed since")


@app.command("feedback")
def judge(
    profile: Annotated[str | None, typer.Argument(help="Id of the profile.")] = None,
    call: Annotated[str | None, typer.Argument(help="Identifier of the call.")] = None,
    verdict: Annotated[Opinion | None, typer.Argument(help="What you think of it.")] = None,
    why: Annotated[Reason | None, typer.Option(help="Why it is bad.")] = None,
    by: Annotated[str, typer.Option(help="Who says it.", show_default="nobody")] = "",
    format: Annotated[Format, typer.Option(help="Form of the list.")] = Format.TABLE,
    today: TodayOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Say what you think of a call for a project; without arguments, list what was said.

    A bad call stays out of that project's list until it changes materially: a date, money, who may apply,
    the text. All is kept in a table of your own, vie-match-feedback.csv, which may be edited by hand.
    """
    from vie_match import feedback, knowledge
    from vie_match.fingerprints import fingerprint

    chosen = settings.load(settings_file)
    moment = knowledge.at_noon(day(today))
    loaded, known = _known(chosen, moment)
    if profile is None:
        _list(chosen.feedback, loaded, known, moment.date(), format)
        return
    if call is None or verdict is None:
        raise typer.BadParameter("name a profile, a call and good, maybe or bad; or nothing, to list")
    if why and verdict is not Opinion.BAD:
        raise typer.BadParameter(f"--why is for bad calls, not for {verdict.value} ones")
    of, judged = _pair(profile, call, loaded, known)
    entry = Feedback(
        profile=of,
        call=judged.identifier,
        verdict=verdict,
        why=why,
        by=by,
        day=moment.date(),
        fingerprint=fingerprint(judged),
    )
    feedback.keep(chosen.feedback, entry)
    told = f"{entry.call} for {entry.profile}: {verdict.value}" + (f", {why.value}" if why else "")
    _say([f"{told} ({chosen.feedback})"])


@app.command()
def learn(
    show: Annotated[bool, typer.Option("--show", help="Only show what was learnt.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Forget it: the shipped weights count again.")] = False,
    profiles: ProfilesOption = None,
    calls: CallsOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    today: TodayOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Fit the ranking to what was said of calls, if that makes it better on projects not learnt from.

    At least 20 judgements of three projects are needed. What is bad because it is too late, or without
    money or the right to apply, says nothing about the topic and does not count.
    """
    from vie_match import feedback, knowledge
    from vie_match.embedding.models import default_encoder
    from vie_match.ranking import fusion, learnt

    chosen = settings.load(settings_file, profiles=profiles, calls=calls, store=store, model=model)
    if show and undo:
        raise typer.BadParameter("--show or --undo, not both")
    if undo:
        _undo(chosen.learnt)
    elif show:
        _show(chosen.learnt)
    else:
        said = feedback.read(chosen.feedback)
        if said.faults:
            raise errors.BadFile(said.faults)
        moment = knowledge.at_noon(day(today))
        loaded, known = _known(chosen, moment)
        with progress_bar() as progress:
            encoder = default_encoder(chosen, progress)
            outcome = learnt.learn(
                said.entries,
                loaded,
                known,
                encoder,
                fusion.shipped(encoder.id),
                word_weight=chosen.word_weight,
                day=moment.date(),
            )
        _say(_tell(outcome))
        _say([learnt.settle(chosen.learnt, outcome, encoder.id)])


def _known(chosen: Settings, moment: dt.datetime) -> tuple[Loaded[Profile], list[KnownCall]]:
    from vie_match import knowledge
    from vie_match.sources.files import load_profiles

    loaded, files = load_profiles(chosen.profiles), knowledge.read_folder(chosen)
    note(f"left out: {fault}" for fault in (*loaded.faults, *files.faults))
    return loaded, knowledge.known_now(chosen, moment, files)


def _pair(
    profile: str, identifier: str, loaded: Loaded[Profile], known: Sequence[KnownCall]
) -> tuple[str, Call]:
    """Return what is judged, or say what is wrong with both names at once."""
    ids = [one.id for one in loaded]
    found = {key: one.call for one in known for key in one.keys}.get(identifier.casefold())
    wrong = []
    if profile not in ids:
        wrong.append(f"found no profile {profile!r}{errors.near_miss(profile, ids)}; all: {', '.join(ids)}")
    if found is None:
        near = errors.near_miss(identifier, [one.call.identifier for one in known])
        wrong.append(f"found no call {identifier!r}{near}; vie-match calls lists them all")
    if wrong or found is None:
        raise errors.BadValue("\n".join(wrong))
    return profile, found


def _list(
    path: Path, loaded: Loaded[Profile], known: Sequence[KnownCall], today: dt.date, format: Format
) -> None:
    from vie_match import feedback

    said = feedback.read(path)
    print_rows([_row(one, known, today) for one in said.entries], _COLUMNS, format)
    ids = [profile.id for profile in loaded]
    note(
        f"{path}:{line}: no profile {one.profile!r}{errors.near_miss(one.profile, ids)}"
        for line, one in zip(said.lines, said.entries, strict=True)
        if one.profile not in ids
    )
    if said.faults:
        raise errors.BadFile(said.faults)


def _row(one: Feedback, known: Sequence[KnownCall], today: dt.date) -> dict[str, str]:
    told = {name: str(getattr(one, name) or "") for name in _COLUMNS[:-1]}
    return told | {"changed since": _changes(one, known, today)}


def _changes(one: Feedback, known: Sequence[KnownCall], today: dt.date) -> str:
    from vie_match.fingerprints import changed
    from vie_match.reports import wording

    call = next((other.call for other in known if one.call.casefold() in other.keys), None)
    if call is None:
        return "call not known (any more)"
    if not one.fingerprint:
        return "not known: judge it again"
    return ", ".join(map(wording.field, changed(one.fingerprint, call, today)))


def _undo(path: Path) -> None:
    from vie_match.ranking import learnt

    was_there = learnt.forget(path)
    _say([f"{path} is gone: the shipped weights count" if was_there else f"found no {path}: nothing to undo"])


def _show(path: Path) -> None:
    from vie_match.ranking import learnt

    if not path.exists():
        _say([f"found no {path}: the shipped weights count"])
        return
    known = learnt.read(path)
    _say(_summary(known))
    rows = [
        {"sign": sign, "shipped": f"{before:+.2f}", "learnt": f"{after:+.2f}", "meaning": meaning}
        for sign, before, after, meaning in learnt.in_words(known)
    ]
    print_rows(rows, ("sign", "shipped", "learnt", "meaning"), Format.TABLE)


def _summary(known: Learnt) -> Iterator[str]:
    yield f"learnt on {known.day} from {known.judgements} judgements of {known.profiles} profiles"
    yield _losses(known.log_loss_shipped, known.log_loss_learnt, known.standard_error)
    yield f"encoder: {known.encoder}"


def _tell(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.used} judgements of {outcome.profiles} profiles say something about the topic"
    yield from (f"not used: {count} {why}" for why, count in outcome.unused.items())
    if found := outcome.comparison:
        yield _losses(found.shipped, found.learnt, found.error)


def _losses(shipped: float, learnt: float, error: float) -> str:
    return (
        f"log loss on profiles not learnt from: {shipped:.3f} with the shipped weights, {learnt:.3f} with "
        f"the learnt ones (better by {shipped - learnt:+.3f} ± {error:.3f})"
    )


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        output.print(line, markup=False, highlight=False)
