"""Dates, money and other values of a report in words, the same in every format.

Every function takes the code of a language last, of :func:`vie_match.speech.languages`, and raises BadValue
for another one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from vie_match.changes import LONG, SOURCE, Change, FieldChange
from vie_match.history import Dispute, KnownCall, Origin
from vie_match.records import Call, Deadline
from vie_match.reports import names
from vie_match.reports.dismissed import Dismissed
from vie_match.results import CLOSED, LeftOut, Match
from vie_match.speech import speech
from vie_match.vocabulary import CallStatus, DeadlineModel


def moment(deadline: Deadline, language: str = "en") -> str:
    """Return a deadline in words; the hour only when the source states it.

    Examples
    --------
    >>> moment(Deadline.model_validate("2027-10-07"))
    '7 October 2027'
    >>> moment(Deadline.model_validate("2027-10-07 14:00"), "de")
    '7. Oktober 2027, 14:00 Uhr Brüsseler Zeit'
    """
    says = speech(language)
    date = says.day(deadline.moment.date())
    if not deadline.time_stated:
        return date
    return says.gettext("{date}, {time} Brussels time").format(date=date, time=says.time(deadline.moment))


def deadline(match: Match, today: dt.date, language: str = "en") -> str:
    """Return when the call closes and how many days are left."""
    says = speech(language)
    _ = says.gettext
    model = match.call.deadline_model
    if match.deadline is None:
        return {
            DeadlineModel.CONTINUOUS: _("open all year, no closing date"),
            DeadlineModel.MULTIPLE_CUT_OFF: _(
                "several cut-off dates, not known to us: see the page of the call"
            ),
        }.get(model, _("closing date not known to us: see the page of the call"))
    pattern = {
        DeadlineModel.TWO_STAGE: _("first stage closes {moment} ({left})"),
        DeadlineModel.MULTIPLE_CUT_OFF: _("next cut-off {moment} ({left})"),
    }.get(model, _("closes {moment} ({left})"))
    left = match.deadline.days_left(today)
    remaining = says.ngettext("{n} day left", "{n} days left", left) if left else _("today")
    return pattern.format(moment=moment(match.deadline, language), left=remaining)


def status(match: Match, language: str = "en") -> str:
    """Return whether proposals can be sent already."""
    says = speech(language)
    if match.status is CallStatus.FORTHCOMING:
        return says.gettext("Forthcoming, opens {day}").format(day=says.day(match.call.opening))
    return begun(names.call_status(match.status, language))


def grant(call: Call, language: str = "en") -> str:
    """Return the EU contribution per project.

    Examples
    --------
    >>> grant(Call(identifier="x", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"],
    ...            grant_max_eur=10_000))
    'up to €10,000'
    """
    says = speech(language)
    _ = says.gettext
    low, high = call.budget.grant_min_eur, call.budget.grant_max_eur
    if low == high:
        return says.euro(high)
    pattern = _("{low} to {high}")
    if low is None or high is None:
        pattern = _("up to {high}") if low is None else _("from {low}")
    return pattern.format(low=says.euro(low), high=says.euro(high))


def rate(call: Call, language: str = "en") -> str:
    r"""Return the co-funding rate for a public body.

    Examples
    --------
    >>> life = Call(identifier="x", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"],
    ...             cofunding_rate=0.6)
    >>> rate(life), rate(life, "de")
    ('60%', '60\xa0%')
    """
    says, share = speech(language), call.budget.cofunding_rate
    return says.gettext("not known") if share is None else says.percent(share)


def team(call: Call, language: str = "en") -> str:
    """Return the smallest team, with the call's own condition."""
    parts = [smallest(call, language), call.consortium_note or ""]
    return ". ".join(part.rstrip(".") for part in parts if part) or speech(language).gettext("not known")


def smallest(call: Call, language: str = "en") -> str:
    """Return how many partners from how many countries a call asks for at least, or nothing.

    Examples
    --------
    >>> call = Call(identifier="x", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"],
    ...             min_participants=3, min_countries=2)
    >>> smallest(call), smallest(call, "de")
    ('at least 3 partners from 2 countries', 'mindestens 3 Partner aus 2 Staaten')
    """
    says = speech(language)
    asked, spread = call.min_participants, call.min_countries
    if asked == 1 and (spread or 1) == 1:
        return says.gettext("one applicant is enough")
    if not asked:
        several = says.ngettext(
            "partners from at least {n} country", "partners from at least {n} countries", spread or 0
        )
        return several if spread else ""
    partners = says.ngettext("at least {n} partner", "at least {n} partners", asked)
    if not spread:
        return partners
    return says.gettext("{partners} {from_countries}").format(
        partners=partners,
        from_countries=says.ngettext("from {n} country", "from {n} countries", spread),
    )


def countries(call: Call, language: str = "en") -> str:
    """Return the countries that may take part.

    Examples
    --------
    >>> countries(Call(identifier="x", title="x", programme="LIFE", text="x", deadlines=["2027-01-01"],
    ...                eligible_countries=["EU27", "NO"]), "de")
    'EU-Staaten, Norwegen'
    """
    told = ", ".join(names.country(code, language) for code in call.eligible_countries)
    return told or speech(language).gettext("not known")


def value(name: str, text: str, language: str = "en") -> str:
    """Return a value that stands as in files in words.

    Parameters
    ----------
    name : str
        Field of a call.
    text : str
        Empty is unknown.
    language : str, default "en"

    Examples
    --------
    >>> value("deadlines", "2027-10-07, 2028-03-01 12:00"), value("grant_max_eur", "")
    ('7 October 2027, 1 March 2028, 12:00 Brussels time', 'not known')
    >>> value("eligible_applicants", "local_authority, sme")
    'local authorities, small and medium-sized enterprises'
    """
    says = speech(language)
    if not text:
        return says.gettext("not known")
    if name == "opening":
        return says.day(dt.date.fromisoformat(text))
    if name.endswith("_eur"):
        return says.euro(int(text))
    if name == "cofunding_rate":
        return says.percent(float(text))
    return ", ".join(_one(name, one, language) for one in text.split(", "))


def _one(name: str, text: str, language: str) -> str:
    if name == "eligible_countries":
        return names.country(text, language)
    # Where sources differ, one may say that there is no closing date.
    if name == "deadlines" and text == DeadlineModel.CONTINUOUS:
        return names.member("deadline_model", text, language)
    if name == "deadlines":
        return moment(Deadline.model_validate(text), language)
    return names.member(name, text, language)


def changed(change: Change, language: str = "en") -> list[str]:
    """Return, for each fact that changed, its name with the old and the new value."""
    return [_changed(one, language) for one in change.fields]


def _changed(one: FieldChange, language: str) -> str:
    _ = speech(language).gettext
    if one.field == SOURCE:
        return _("no longer at {before}, now from {after}").format(before=one.before, after=one.after)
    if one.field in LONG:
        return _("{field} rewritten").format(field=names.field(one.field, language))
    before, after = (value(one.field, text, language) for text in (one.before, one.after))
    return f"{names.field(one.field, language)}: {before} → {after}"


def origins(known: KnownCall, language: str = "en") -> str:
    """Return where a call's facts come from: the leading source, then others with what they supply."""
    says, leading = speech(language), known.origins.get("identifier")
    others: dict[Origin, list[str]] = defaultdict(list)
    for name, origin in known.origins.items():
        if origin != leading:
            others[origin].append(names.field(name, language))
    told = [f"{names.source(known.call.source, language)}, {says.day(known.call.source_date)}"]
    told += [f"{', '.join(of)}: {one.source}, {says.day(one.date)}" for one, of in others.items()]
    return "; ".join(told)


def dispute(one: Dispute, language: str = "en") -> str:
    """Return who says what about a fact on which sources differ."""
    says = speech(language)
    told = "; ".join(
        f"{value(one.field, text, language)} ({origin.source}, {says.day(origin.date)})"
        for origin, text in one.values
    )
    return f"{names.field(one.field, language)}: {told}"


def left_out(out: LeftOut, language: str = "en") -> str:
    """Return why a call is not in the ranking.

    One that rules refuse is told by :func:`vie_match.reports.terms_wording.because`, which knows the rules;
    here its sentence stays as the verdict has it, in English.
    """
    if isinstance(out, Dismissed):
        return out.entry.told(language)
    if out.verdict.rule == CLOSED and out.call.entries:
        says = speech(language)
        return says.gettext("closed on {day}").format(day=says.day(out.call.entries[-1].moment.date()))
    return out.verdict.because


def quoted(text: str, language: str = "en") -> str:
    """Return somebody else's words in the quotation marks of a language.

    Examples
    --------
    >>> quoted("Bäume"), quoted("trees", "de")
    ('“Bäume”', '„trees“')
    """
    return speech(language).gettext("“{quotation}”").format(quotation=text)


def begun(text: str) -> str:
    """Return a text with a large first letter; the others stay, as German nouns must.

    Examples
    --------
    >>> begun("eher nicht: 1 von 10 Vorschlägen")
    'Eher nicht: 1 von 10 Vorschlägen'
    """
    return text[:1].upper() + text[1:]
