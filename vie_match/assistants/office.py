"""The questions an assistant may ask, answered from one folder. Nothing here knows of the protocol."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from vie_match import cards, knowledge, vocabulary
from vie_match.assistants import shelf
from vie_match.assistants.answers import (
    CallFound,
    CallsFound,
    EligibilityFound,
    MatchesFound,
    MatchFound,
    PartnerFound,
    PartnersFound,
    ProfileFound,
    ProfilesFound,
    Published,
    Reason,
    RuleAnswer,
    SetApart,
)
from vie_match.assistants.quoting import excerpt, fenced
from vie_match.countries import parse_country
from vie_match.eligibility import members
from vie_match.eligibility.check import check, may_take_part, missing, plain, questions
from vie_match.eligibility.facts import Member
from vie_match.embedding.encoder import Encoder
from vie_match.embedding.models import default_encoder
from vie_match.errors import BadValue
from vie_match.foreign import visible
from vie_match.partners import wording
from vie_match.records import BRUSSELS, Call, City, Profile
from vie_match.reports import dismissed
from vie_match.reports.reasons import for_whom
from vie_match.reports.terms import Desk
from vie_match.results import CLOSED, Evidence, Match, MatchList
from vie_match.settings import Settings
from vie_match.vocabulary import Answer, CallStatus, Programme

# Characters that are shown of a title, of a sentence, of a text in a list, and of a text that is read.
_LINE, _SENTENCE, _EXCERPT, _WHOLE = 300, 500, 400, 60_000


class Office:
    """Answers from one folder.

    Parameters
    ----------
    settings : Settings
        Which folder, and the language of reasons and rules; fixed from here on.
    today : date, optional
        Default: the day of each question.
    encoder : Encoder, optional
        Default: that of the settings.
    """

    def __init__(
        self, settings: Settings, *, today: dt.date | None = None, encoder: Encoder | None = None
    ) -> None:
        self.settings = settings
        self.today = today
        self._language = settings.language_code
        self._encoder = encoder or default_encoder(settings)
        self._read: tuple[shelf.Stamp, shelf.Shelf] | None = None

    def list_profiles(self) -> ProfilesFound:
        """Return the project ideas of the folder."""
        found = self._shelf.profiles
        return ProfilesFound(
            profiles=tuple(
                ProfileFound(
                    profile_id=one.id,
                    city=one.city.name,
                    country=one.city.country,
                    language=one.language,
                    title=excerpt(one.title, _LINE),
                    themes=tuple(theme.value for theme in one.themes),
                )
                for one in found
            ),
            faults=tuple(excerpt(str(fault), _SENTENCE) for fault in found.faults),
        )

    def search_calls(
        self, query: str, programme: str | None, language: str, limit: int, *, open_only: bool
    ) -> CallsFound:
        """Return the calls nearest to a few words or sentences.

        Parameters
        ----------
        query : str
        programme : str or None
            Only of this one, in any known spelling.
        language : str
            Of the query.
        limit : int
        open_only : bool
            False: also those that are not open yet.
        """
        wanted = vocabulary.parse(Programme, programme) if programme else None
        # A query has no city, and none is made up for it.
        asked = Profile.model_construct(
            id="query",
            title=_not_empty(query, "query"),
            text=query,
            language=vocabulary.parse_language(language),
            city=City.model_construct(name="", country=""),
        )
        ranked = self._shelf.matcher.rank([asked], moment=self._moment)[0]
        kept = [
            match
            for match in ranked.matches
            if (wanted is None or match.call.programme is wanted)
            and (not open_only or match.status is CallStatus.OPEN)
        ]
        return CallsFound(calls=tuple(map(self._of_match, kept[:limit])), considered=len(kept))

    def match_profile(self, profile_id: str, top: int) -> MatchesFound:
        """Return the calls worth reading for a profile of the folder, as the weekly report names them."""
        return self._matches(self._shelf.profile(profile_id), top, is_known=True)

    def match_text(self, text: str, language: str, city: str, country: str, top: int) -> MatchesFound:
        """Return the calls worth reading for a project that is described here.

        Parameters
        ----------
        text : str
            Its first line serves as title.
        language : str
            Of the text.
        city, country : str
            Who plans it.
        top : int
        """
        lines = _not_empty(text, "text").strip().splitlines()
        about = Profile(
            id="text",
            title=excerpt(lines[0], _LINE),
            language=vocabulary.parse_language(language),
            city=City(name=_not_empty(city, "city"), country=parse_country(country)),
            text=text,
        )
        return self._matches(about, top, is_known=False)

    def read_call(self, call_id: str) -> str:
        """Return the whole text of a call, marked as data."""
        call = self._shelf.call(call_id)
        conditions = ["Conditions", call.conditions] if call.conditions else []
        whole = "\n\n".join([call.title, call.text, *conditions])
        text, rest = whole[:_WHOLE], whole[_WHOLE:]
        facts = self._found(call, call.text).model_dump_json(exclude={"published"})
        cut = f"\nThe last {len(rest)} characters are left out; see the call's own page.\n" if rest else ""
        return f"{facts}\n\n{fenced(text)}{cut}"

    def check_eligibility(
        self, call_id: str, city: str, country: str, partners: Sequence[str]
    ) -> EligibilityFound:
        """Return whether a city, alone or with others, may apply.

        Parameters
        ----------
        call_id : str
        city, country : str
        partners : sequence of str
            Further cities, as in ``Ghent:BE``.
        """
        call = self._shelf.call(call_id)
        team = (self._member(city, country), *map(self._partner, partners))
        found = check(call, team)
        return EligibilityFound(
            call_id=visible(call.identifier),
            team=tuple(f"{one.name} ({one.country})" for one in team),
            may_apply=found.answer,
            may_take_part=may_take_part(found),
            missing=missing(found, self._language),
            questions=questions(found, self._language),
            rules=tuple(
                RuleAnswer(
                    answer=one.answer,
                    because=excerpt(said.because, 2 * _SENTENCE),
                    decides=one.decides,
                    source=excerpt(said.source, 2 * _SENTENCE) if said.source else None,
                )
                for one, said in zip(found.verdicts, plain(found, self._language), strict=True)
            ),
        )

    def find_partners(self, profile_id: str, call_id: str | None, top: int) -> PartnersFound:
        """Return cities that could join a project, for a call or for exchange."""
        known, profile = self._shelf, self._shelf.profile(profile_id)
        call = known.call(call_id) if call_id else None
        found = known.partners.rank(profile, call, today=self._moment.date(), count=top)
        return PartnersFound(
            profile_id=profile.id,
            call_id=call and visible(call.identifier),
            considered=found.considered,
            cities=tuple(
                PartnerFound(
                    rank=one.rank,
                    city=one.name,
                    country=one.country,
                    inhabitants=one.population,
                    km=one.km,
                    projects=one.projects,
                    led=one.led,
                    because=wording.reasons(one, self._language),
                    grounds=tuple(wording.ground(each, self._language) for each in one.grounds),
                    not_known=wording.unknown(one, self._language),
                )
                for one in found.towns
            ),
        )

    @property
    def _moment(self) -> dt.datetime:
        return knowledge.at_noon(self.today)

    @property
    def _shelf(self) -> shelf.Shelf:
        now = shelf.stamp(self.settings)
        if self._read is None or self._read[0] != now:
            self._read = now, shelf.read(self.settings, self._encoder, self._moment)
        return self._read[1]

    def _matches(self, profile: Profile, top: int, *, is_known: bool) -> MatchesFound:
        known, moment = self._shelf, self._moment
        desk = Desk(moment)
        ranked = known.matcher.rank([profile], moment=moment)[0]
        ranked = desk.apart(dismissed.apart(ranked, known.bad if is_known else {}), top)
        shown = ranked.recommended[:top] or ranked.matches[:1]
        return MatchesFound(
            profile_id=profile.id if is_known else None,
            suitable=bool(ranked.recommended),
            matches=tuple(self._match(one, ranked, desk) for one in shown),
            set_apart=tuple(
                SetApart(
                    call_id=visible(one.call.identifier), because=excerpt(one.verdict.because, _SENTENCE)
                )
                for one in ranked.left_out
                if one.verdict.rule != CLOSED
            ),
        )

    def _match(self, match: Match, ranked: MatchList, desk: Desk) -> MatchFound:
        terms = desk.judge(match.call, ranked.profile)
        return MatchFound(
            rank=match.rank,
            recommended=ranked.recommends(match),
            probability=None if match.probability is None else round(match.probability, 3),
            call=self._of_match(match),
            because=tuple(map(_reason, match.evidence)),
            audience=for_whom(match, self._language),
            may_apply_alone=terms.alone.answer if terms else Answer.UNKNOWN,
            may_take_part=terms.joined if terms else Answer.UNKNOWN,
            partners_missing=terms.partners if terms else 0,
        )

    def _of_match(self, match: Match) -> CallFound:
        best = match.evidence[0].call_sentence.text if match.evidence else match.call.text
        return self._found(match.call, best)

    def _found(self, call: Call, text: str) -> CallFound:
        moment = self._moment
        deadline = call.next_deadline(moment)
        today = moment.astimezone(BRUSSELS).date()
        return CallFound(
            call_id=visible(call.identifier),
            programme=call.programme.value,
            status=call.status(moment),
            deadline=deadline and str(deadline),
            days_left=deadline and deadline.days_left(today),
            grant_min_eur=call.budget.grant_min_eur,
            grant_max_eur=call.budget.grant_max_eur,
            cofunding_rate=call.budget.cofunding_rate,
            url=cards.safe_url(call.url),
            published=Published(title=excerpt(call.title, _LINE), excerpt=excerpt(text, _EXCERPT)),
        )

    def _member(self, city: str, country: str) -> Member:
        """Return a city with what its profile tells of it, if there is one, else what lists tell."""
        code, name = parse_country(country), _not_empty(city, "city").casefold()
        for one in self._shelf.profiles:
            spelt = {one.city.name.casefold(), (one.city.local_name or "").casefold()}
            if one.city.country == code and name in spelt:
                return members.from_profile(one)
        return members.from_name(f"{city.strip()}:{code}")

    def _partner(self, text: str) -> Member:
        name, colon, country = text.rpartition(":")
        if not colon:
            raise BadValue(f"found the partner {text!r}; expected a city and its country as in Ghent:BE")
        return self._member(name, country)


def _reason(pair: Evidence) -> Reason:
    return Reason(
        profile_sentence=excerpt(pair.profile_sentence.text, _SENTENCE),
        call_sentence=excerpt(pair.call_sentence.text, _SENTENCE),
    )


def _not_empty(text: str, name: str) -> str:
    if not text.strip():
        raise BadValue(f"found an empty {name}; expected words")
    return text
