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
    left_out,
    near_miss,
    note,
    output,
    print_rows,
    progress_bar,
    said_in,
    speaking,
    spoken,
)
from vie_match.feedback import Feedback, Opinion, Reason
from vie_match.speech import NC_, speech

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from vie_match.history import KnownCall
    from vie_match.ranking.learnt import Learnt, Outcome
    from vie_match.records import Call, Profile
    from vie_match.settings import Settings
    from vie_match.sources.files import Loaded

_COLUMNS = (
    NC_("column", "profile"),
    NC_("column", "call"),
    NC_("column", "verdict"),
    NC_("column", "why"),
    NC_("column", "by"),
    NC_("column", "day"),
    NC_("column", "note"),
    NC_("column", "changed since"),
)


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

    _ = speaking().gettext
    chosen = settings.load(settings_file)
    moment = knowledge.at_noon(day(today))
    loaded, known = _known(chosen, moment)
    if profile is None:
        _list(chosen.feedback, loaded, known, moment.date(), format)
        return
    if call is None or verdict is None:
        raise typer.BadParameter(_("name a profile, a call and good, maybe or bad; or nothing, to list"))
    if why and verdict is not Opinion.BAD:
        raise typer.BadParameter(_("--why is for bad calls only"))
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
    said = ", ".join(one.value for one in (verdict, why) if one)
    pattern = _("{call} for {profile}: {verdict} ({file})")
    _say([pattern.format(call=entry.call, profile=entry.profile, verdict=said, file=chosen.feedback)])


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
        raise typer.BadParameter(speaking().gettext("--show or --undo, not both"))
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
                language=spoken(),
            )
        _say(_tell(outcome))
        _say([learnt.settle(chosen.learnt, outcome, encoder.id, spoken())])


def _known(chosen: Settings, moment: dt.datetime) -> tuple[Loaded[Profile], list[KnownCall]]:
    from vie_match import knowledge
    from vie_match.sources.files import load_profiles

    loaded, files = load_profiles(chosen.profiles), knowledge.read_folder(chosen)
    left_out((*loaded.faults, *files.faults))
    return loaded, knowledge.known_now(chosen, moment, files)


def _pair(
    profile: str, identifier: str, loaded: Loaded[Profile], known: Sequence[KnownCall]
) -> tuple[str, Call]:
    """Return what is judged, or say what is wrong with both names at once."""
    _ = speaking().gettext
    ids = [one.id for one in loaded]
    found = {key: one.call for one in known for key in one.keys}.get(identifier.casefold())
    wrong = []
    if profile not in ids:
        named = f"{profile!r}{near_miss(profile, ids)}"
        wrong.append(_("found no profile {name}; all: {ids}").format(name=named, ids=", ".join(ids)))
    if found is None:
        near = near_miss(identifier, [one.call.identifier for one in known])
        pattern = _("found no call {name}; vie-match calls lists them all")
        wrong.append(pattern.format(name=f"{identifier!r}{near}"))
    if wrong or found is None:
        raise errors.BadValue("\n".join(wrong))
    return profile, found


def _list(
    path: Path, loaded: Loaded[Profile], known: Sequence[KnownCall], today: dt.date, format: Format
) -> None:
    from vie_match import feedback

    said = feedback.read(path)
    language = said_in(format)
    rows = [_row(one, known, today, language) for one in said.entries]
    print_rows(rows, _COLUMNS, format)
    if not rows and not said.faults:
        note([speaking().gettext("nothing has been said yet: vie-match feedback PROFILE CALL good")])
    ids = [profile.id for profile in loaded]
    pattern = speaking().gettext("{file}:{line}: no profile {name}")
    note(
        pattern.format(file=path, line=line, name=f"{one.profile!r}{near_miss(one.profile, ids)}")
        for line, one in zip(said.lines, said.entries, strict=True)
        if one.profile not in ids
    )
    if said.faults:
        raise errors.BadFile(said.faults)


def _row(one: Feedback, known: Sequence[KnownCall], today: dt.date, language: str) -> dict[str, str]:
    told = {name: str(getattr(one, name) or "") for name in _COLUMNS[:-1]}
    return told | {"changed since": _changes(one, known, today, language)}


def _changes(one: Feedback, known: Sequence[KnownCall], today: dt.date, language: str) -> str:
    from vie_match.fingerprints import changed
    from vie_match.reports import names

    _ = speech(language).gettext
    call = next((other.call for other in known if one.call.casefold() in other.keys), None)
    if call is None:
        return _("call not known (any more)")
    if not one.fingerprint:
        return _("not known: judge it again")
    return ", ".join(names.field(name, language) for name in changed(one.fingerprint, call, today))


def _undo(path: Path) -> None:
    from vie_match.ranking import learnt

    was_there = learnt.forget(path)
    _ = speaking().gettext
    told = (
        _("{file} is gone: the shipped weights count") if was_there else _("found no {file}: nothing to undo")
    )
    _say([told.format(file=path)])


def _show(path: Path) -> None:
    from vie_match.ranking import learnt, learnt_wording

    if not path.exists():
        _say([speaking().gettext("found no {file}: the shipped weights count").format(file=path)])
        return
    known = learnt.read(path)
    _say(_summary(known))
    rows = [
        {"sign": sign, "shipped": f"{before:+.2f}", "learnt": f"{after:+.2f}", "meaning": meaning}
        for sign, before, after, meaning in learnt_wording.signs(known, spoken())
    ]
    columns = (
        NC_("column", "sign"),
        NC_("column", "shipped"),
        NC_("column", "learnt"),
        NC_("column", "meaning"),
    )
    print_rows(rows, columns, Format.TABLE)


def _summary(known: Learnt) -> Iterator[str]:
    _ = speaking().gettext
    yield _("learnt on {day} from {judgements} judgements of {profiles} profiles").format(
        day=speaking().day(known.day), judgements=known.judgements, profiles=known.profiles
    )
    yield _losses(known.log_loss_shipped, known.log_loss_learnt, known.standard_error)
    yield _("encoder: {name}").format(name=known.encoder)


def _tell(outcome: Outcome) -> Iterator[str]:
    _ = speaking().gettext
    yield _("{judgements} judgements of {profiles} profiles say something about the topic").format(
        judgements=outcome.used, profiles=outcome.profiles
    )
    for why, count in outcome.unused.items():
        yield _("not used: {number} {why}").format(number=count, why=_(why))
    if found := outcome.comparison:
        yield _losses(found.shipped, found.learnt, found.error)


def _losses(shipped: float, learnt: float, error: float) -> str:
    return (
        speaking()
        .gettext(
            "log loss on profiles not learnt from: {shipped} with the shipped weights, {learnt} with "
            "the learnt ones (better by {gain} ± {error})"
        )
        .format(
            shipped=f"{shipped:.3f}",
            learnt=f"{learnt:.3f}",
            gain=f"{shipped - learnt:+.3f}",
            error=f"{error:.3f}",
        )
    )


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        output.print(line, markup=False, highlight=False)
