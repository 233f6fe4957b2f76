"""A letter to a town that could join, drafted from both sides; a person edits and sends it.

Nothing in it is made up: what is not known stands in [brackets].
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale

from vie_match.cards import safe_url
from vie_match.eligibility.words import Words
from vie_match.partners.exchanges import sentences
from vie_match.partners.suggestions import Basis, Exchange, Ground, Suggestion
from vie_match.records import Call, Profile
from vie_match.sections import NEEDS, OFFERS, PLAN, SITUATION, TEXT
from vie_match.speech import speech
from vie_match.vocabulary import Answer

_SENTENCES, _RULES = 2, 5


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft.

    Attributes
    ----------
    subject, text : str
        One line, and paragraphs; plain text.
    note : str
        What to do with it, for the person who sends it.
    """

    subject: str
    text: str
    note: str

    def __str__(self) -> str:
        """Return all of it as it is kept in a file."""
        return f"{self.note}\n\n{self.subject}\n\n{self.text}\n"


def enquiry(
    asking: Profile,
    town: Suggestion,
    call: Call | None = None,
    *,
    rules: Sequence[Words] = (),
    today: dt.date,
    language: str = "en",
) -> Letter:
    """Return the draft of a letter that asks a town to join.

    Parameters
    ----------
    asking : Profile
    town : Suggestion
        The town that is asked, with what speaks for it.
    call : Call, optional
        Without one the letter asks for an exchange about the project.
    rules : sequence of Words, optional
        What the call asks of a team; the first five are named.
    today : date
        Deadlines before are past.
    language : str, default "en"
        Of the letter. What is quoted from a profile stays as it is written, with a bracket that says so.
    """
    writer = _Writer(asking, language)
    paragraphs = [
        writer.greeting(),
        writer.who_we_are(),
        *([writer.about_call(call, rules, today)] if call else []),
        writer.why_you(town),
        writer.what_we_look_for(town),
        writer.what_we_offer(),
        writer.questions(town, call),
        writer.farewell(),
    ]
    return Letter(
        subject=writer.subject(town, call),
        text="\n\n".join(paragraph for paragraph in paragraphs if paragraph),
        note=writer.note(today),
    )


class _Writer:
    def __init__(self, asking: Profile, language: str) -> None:
        self.asking = asking
        self.language = language
        self.voice = speech(language)

    def note(self, today: dt.date) -> str:
        _ = self.voice.gettext
        return _(
            "[Draft of {day}, from your profile and public facts. Check it, fill in the brackets, delete "
            "this paragraph, then send it yourself.]"
        ).format(day=self.voice.day(today))

    def subject(self, town: Suggestion, call: Call | None) -> str:
        _ = self.voice.gettext
        if call is None:
            return _("Subject: {city} and {town}: an idea for a joint project").format(
                city=self.asking.city.name, town=town.name
            )
        return _("Subject: Joint application of {city} and {town}? Call {call}").format(
            city=self.asking.city.name, town=town.name, call=call.identifier
        )

    def greeting(self) -> str:
        return self.voice.gettext("Dear [name of the person in charge],")

    def who_we_are(self) -> str:
        _ = self.voice.gettext
        city = self.asking.city
        begin = _("We, the city of {city} ({country}), are preparing the project “{title}”.").format(
            city=city.name, country=self.voice.country(city.country), title=self.asking.title
        )
        said = self._quoted(PLAN) or self._quoted(TEXT) or self._quoted(SITUATION)
        lines = [begin, said or _("[What the project is about, in two sentences]")]
        if self.asking.budget_eur:
            cost = self.voice.euro(self.asking.budget_eur)
            lines.append(_("It is to cost about {cost}.").format(cost=cost))
        if self.asking.duration_months:
            lines.append(
                self.voice.ngettext(
                    "We expect it to take {n} month.",
                    "We expect it to take {n} months.",
                    self.asking.duration_months,
                )
            )
        return " ".join(lines)

    def about_call(self, call: Call, rules: Sequence[Words], today: dt.date) -> str:
        _ = self.voice.gettext
        next_one = next((one for one in call.entries if one.moment.date() >= today), None)
        if call.deadlines and next_one is None:
            closes = _("[It closed on {day}: look for one that is open.]").format(
                day=self.voice.day(call.entries[-1].moment.date())
            )
        elif next_one is None:
            closes = _("Its deadline: [to be looked up].")
        elif next_one.time_stated:
            closes = _("It closes on {day} at {time} (Brussels time).").format(
                day=self.voice.day(next_one.moment.date()), time=self.voice.time(next_one.moment)
            )
        else:
            closes = _("It closes on {day}.").format(day=self.voice.day(next_one.moment.date()))
        begin = _("We would like to apply for the call “{title}” ({call}).").format(
            title=call.title, call=call.identifier
        )
        lines = [f"{begin} {closes}"]
        url = safe_url(call.url)
        lines.append(_("The call: {url}").format(url=url or _("[address of the call]")))
        told = list(dict.fromkeys(one[self.language] for one in rules))[:_RULES]
        if told:
            lines.append(_("Of a team it asks:"))
            lines += [f"- {one}" for one in told]
        else:
            lines.append(_("[What the call asks of a team: not known to us, see the call]"))
        return "\n".join(lines)

    def why_you(self, town: Suggestion) -> str:
        _ = self.voice.gettext
        lines = [_("We thought of {town} for these reasons:").format(town=town.name)]
        if any(one.why is Basis.PARTNERSHIP for one in town.grounds):
            lines.append("- " + _("our cities are partners already"))
        lines += [f"- {line}" for one in town.grounds if (line := self._ground(one))]
        lines += [f"- {line}" for line in self._facts(town)]
        if len(lines) == 1:
            lines.append("- " + _("[why {town}: no project of it is known to us]").format(town=town.name))
        return "\n".join(lines)

    def _ground(self, one: Ground) -> str:
        """Return a project that speaks for the town, with its page; nothing for a page about its place."""
        _ = self.voice.gettext
        patterns = {
            Basis.TOGETHER: _("we were both in the project {name}"),
            Basis.SIMILAR: _("your project {name} is close to our subject"),
            Basis.LED: _("you led the project {name}"),
            Basis.LATEST: _("you are experienced, lately with {name}"),
            Basis.PROFILE: _("your project idea “{name}”"),
        }
        if one.why not in patterns:
            return ""
        name = f"{one.name} ({one.year})" if one.year else one.name
        said = patterns[one.why].format(name=name)
        url = safe_url(one.url)
        return f"{said}: {url}" if url else said

    def _facts(self, town: Suggestion) -> list[str]:
        _ = self.voice.gettext
        reasons = {one.reason for one in town.because}
        found = []
        if "Mission city" in reasons:
            found.append(_("{town} is one of the Mission cities").format(town=town.name))
        if reasons & {"like size", "like size, larger"} and town.population:
            found.append(
                _("{town} with its {number} inhabitants knows the questions of a city like ours").format(
                    town=town.name, number=self.voice.number(town.population)
                )
            )
        if town.networks:
            found.append(
                _("we are both in {networks}").format(networks=self.voice.listed(list(town.networks)))
            )
        if town.km is not None and reasons & {"near", "near, with projects"}:
            found.append(_("our cities are only {km} km apart").format(km=self.voice.number(round(town.km))))
        return found

    def what_we_look_for(self, town: Suggestion) -> str:
        _ = self.voice.gettext
        lines = [_("What we look for:"), self._quoted(NEEDS) or _("[what you need from a partner]")]
        for one in town.exchanges:
            lines.append(self._exchange(one))
        return "\n".join(lines)

    def _exchange(self, one: Exchange) -> str:
        _ = self.voice.gettext
        if one.ours:
            said = _("[Check: our offer “{offer}” may meet your need “{need}”]")
        else:
            said = _("[Check: your offer “{offer}” may meet our need “{need}”]")
        return said.format(offer=one.offer, need=one.need)

    def what_we_offer(self) -> str:
        _ = self.voice.gettext
        return "\n".join([_("What we bring:"), self._quoted(OFFERS) or _("[what you offer a partner]")])

    def questions(self, town: Suggestion, call: Call | None) -> str:
        _ = self.voice.gettext
        asked = [
            _("Does the subject fit what {town} plans?").format(town=town.name),
            _("Which part would you like to take: [site for tests, know-how, a work package of your own]?"),
        ]
        if call is not None and town.would_lead is not Answer.NO:
            asked.append(_("Could you imagine to lead, or would you rather be a partner?"))
        if town.newcomer:
            asked.append(_("Have you been in EU projects before? We found none, which need not mean much."))
        lines = [_("Our questions to you:"), *(f"- {one}" for one in asked)]
        lines.append(_("May we call you for half an hour? We suggest [two dates]."))
        return "\n".join(lines)

    def farewell(self) -> str:
        _ = self.voice.gettext
        return "\n".join(
            [
                _("Kind regards"),
                _("[your name, office, telephone]"),
                _("City of {city}").format(city=self.asking.city.name),
            ]
        )

    def _quoted(self, section: str) -> str:
        """Return the first sentences of a part of the profile, in a bracket if to be translated."""
        told = " ".join(" ".join(sentences(self.asking, section)[:_SENTENCES]).split())
        if not told or self.asking.language == self.language:
            return told
        name = Locale.parse(self.asking.language).get_display_name(self.voice.locale) or self.asking.language
        bracket = self.voice.gettext("[to be translated from {language}: {text}]")
        return bracket.format(language=name, text=told)
