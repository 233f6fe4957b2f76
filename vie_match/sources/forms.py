"""Commented empty files for ``vie-match new``: what an officer fills in, with hints in her language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from vie_match import sections
from vie_match.speech import N_, speech
from vie_match.vocabulary import ActionType, Applicant, DeadlineModel, PartnerKind, Programme, Role, Theme

# Where the hints begin.
_COLUMN = 33

# Each key as it stands in the form, and the hint beside it; {language} and {id} are filled in. A set of
# words stands below its hint, or beside the key where it is short.
_Row = tuple[str, str, type[StrEnum] | None]
_PROFILE: tuple[_Row, ...] = (
    ("id: {id}", N_("short, unique: small letters, digits, hyphens"), None),
    ('title: ""', N_("title of the project, in your language"), None),
    ("language: {language}", N_("language of title and text (ISO 639-1)"), None),
    ("city:", "", None),
    ('  name: ""', N_("name in Latin letters"), None),
    ("  local_name:", N_("name as your city writes itself, if it differs"), None),
    ("  country:", N_("two letters: DE, FR, EL (Greece), UK, CH ..."), None),
    ("  nuts3:", N_("NUTS 3 code, for example DEA14"), None),
    ("  population:", N_("inhabitants, digits only"), None),
    ("  population_year:", "", None),
    ("  population_scope:", N_("municipality or settlement"), None),
    ("  population_source:", N_("web address"), None),
    ("  latitude:", N_("degrees north with a decimal point: 51.34"), None),
    ("  longitude:", "", None),
    ("  languages: [{language}]", "", None),
    ("  mission_city:", N_("true or false: one of the 112 Mission cities; empty: not known"), None),
    ("  networks: []", N_("for example [Eurocities, Energy Cities]"), None),
    ("partners: []", "- {name: Venlo, country: NL, kind: twin town}", None),
    ("", "  kind:", PartnerKind),
    ("role: either", "", Role),
    ("budget_eur:", N_("cost of the project in euro, digits only: 1800000"), None),
    ("own_contribution_eur:", N_("what the city can pay itself"), None),
    ("start:", N_("year-month: 2027-05"), None),
    ("duration_months:", N_("digits only: 36"), None),
    ("themes: []", N_("two to five of:"), Theme),
    ("past_projects: []", "- {acronym: ABC, programme: HORIZON, start: 2023-01}", None),
    ("sources: []", N_("web addresses where the facts stand"), None),
    ("source_date:", "2026-11-24", None),
)
_CALL: tuple[_Row, ...] = (
    ("identifier: MY-CALL-2027", N_("as the owner of the call writes it"), None),
    ('title: ""', "", None),
    ("programme: OTHER", N_("one of:"), Programme),
    ("action_type: project grant", N_("one of:"), ActionType),
    ("deadline_model: single-stage", "", DeadlineModel),
    ("opening:", "2027-02-09", None),
    ("deadlines: []", N_('[2027-10-07] or ["2027-10-07 14:00"], Brussels time, all stages'), None),
    ("budget_total_eur:", N_("digits only"), None),
    ("grant_min_eur:", N_("per project"), None),
    ("grant_max_eur:", "", None),
    ("expected_grants:", N_("number of projects"), None),
    ("cofunding_rate:", N_("0 to 1, for a public body"), None),
    ("eligible_applicants: []", N_("any of:"), Applicant),
    ("eligible_countries: []", N_("[EU27, HORIZON_ASSOCIATED] or [DE, FR]"), None),
    ("min_participants:", "", None),
    ("min_countries:", "", None),
    ("consortium_note:", N_("one sentence on special conditions"), None),
    ("themes: []", N_("two to five of:"), Theme),
    ("language: en", "", None),
    ("url:", N_("page of the call"), None),
    ("source:", N_("where the facts come from"), None),
    ("source_date:", "2026-11-24", None),
    ("conditions:", N_("the call's own words on who may apply; several lines: begin with |"), None),
)
_TEXTS = (
    N_("Where you stand: two or three sentences about the place and the problem."),
    N_("What you want to do, with whom, how one will see that it worked."),
    N_("Money, knowledge, partners."),
    N_("What others get from working with you."),
)


def profile(language: str = "en", *, id: str = "my-city-my-project", hints: str = "en") -> str:
    """Return an empty profile file with headings in a language.

    Parameters
    ----------
    language : str
        ISO 639-1; languages without headings of their own get the English ones.
    id : str, optional
        The profile's, to begin with.
    hints : str, optional
        Language of the hints.

    Examples
    --------
    >>> "## Was wir vorhaben" in profile("de")
    True
    >>> profile("pl", id="gdynia-port", hints="de").splitlines()[2]
    'id: gdynia-port                  # kurz, eindeutig: Kleinbuchstaben, Ziffern, Bindestriche'
    """
    _ = speech(hints).gettext
    head = _("A city project. Lines with # are hints and can stay. What you do not know stays empty.")
    headings = sections.HEADINGS.get(language, sections.HEADINGS["en"])
    parts = ["", *(f"## {heading}\n\n" for heading in headings)]
    body = "\n".join(f"{part}<!-- {_(text)} -->\n" for part, text in zip(parts, _TEXTS, strict=True))
    gaps = {"language": language, "id": id}
    return "\n".join(["---", f"# {head}", *_lines(_PROFILE, gaps, _), "---", "", body])


def call(hints: str = "en") -> str:
    """Return an empty call file.

    Parameters
    ----------
    hints : str, optional
        Language of the hints.

    Examples
    --------
    >>> call().splitlines()[0]
    '---'
    """
    _ = speech(hints).gettext
    head = _(
        "A call for proposals. Lines with # are hints and can stay. What the source does not say stays empty."
    )
    body = _("What the call pays for, what a project delivers, who has to be on board: 80 to 200 words.")
    return "\n".join(["---", f"# {head}", *_lines(_CALL, {}, _), "---", "", f"<!-- {body} -->\n"])


def _lines(rows: tuple[_Row, ...], gaps: dict[str, str], _: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of a front matter, so short that none runs off the screen."""
    for key, hint, words in rows:
        filled, told = key.format_map(gaps), _(hint) if hint else ""
        if words and len(words) < 6:
            told = f"{told} {' | '.join(member.value for member in words)}" if told else " | ".join(words)
        yield f"{filled:<{_COLUMN}}# {told}" if told else filled
        if words and len(words) >= 6:
            yield from _wrapped(words)


def _wrapped(words: type[StrEnum]) -> Iterator[str]:
    line = ""
    for member in words:
        if len(line) + len(member.value) > 60:
            yield " " * _COLUMN + f"#   {line.rstrip()}"
            line = ""
        line += f"{member.value}, "
    yield " " * _COLUMN + f"#   {line.rstrip(', ')}"
