"""Commented empty files for ``vie-match new``: what an officer fills in."""

from __future__ import annotations

from vie_match import sections
from vie_match.vocabulary import ActionType, Applicant, DeadlineModel, PartnerKind, Programme, Role, Theme


def profile(language: str = "en") -> str:
    """Return an empty profile file with headings in a language.

    Parameters
    ----------
    language : str
        ISO 639-1; languages without headings of their own get the English ones.

    Examples
    --------
    >>> "## Was wir vorhaben" in profile("de")
    True
    """
    plan, needs, offers = sections.HEADINGS.get(language, sections.HEADINGS["en"])
    return f"""---
# A city project. Lines with # are hints and can stay. What you do not know stays empty.
id: my-city-my-project           # short, unique: small letters, digits, hyphens
title: ""                        # title of the project, in your language
language: {language}                     # language of title and text (ISO 639-1)
city:
  name: ""                       # name in Latin letters
  local_name:                    # name as your city writes itself, if it differs
  country:                       # two letters: DE, FR, EL (Greece), UK, CH ...
  nuts3:                         # NUTS 3 code, for example DEA14
  population:                    # inhabitants, digits only
  population_year:
  population_scope:              # municipality or settlement
  population_source:             # web address
  latitude:
  longitude:
  languages: [{language}]
  mission_city:                  # true or false: one of the 112 Mission cities; empty: not known
  networks: []                   # for example [Eurocities, Energy Cities]
partners: []                     # - {{name: Venlo, country: NL, kind: twin town}}
                                 #   kind: {_list(PartnerKind)}
role: either                     # {_list(Role)}
budget_eur:                      # cost of the project in euro, digits only: 1800000
own_contribution_eur:            # what the city can pay itself
start:                           # year-month: 2027-05
duration_months:
themes: []                       # two to five of:
                                 #   {_wrapped(Theme)}
past_projects: []                # - {{acronym: ABC, programme: HORIZON, start: 2023-01}}
sources: []                      # web addresses where the facts stand
source_date:                     # 2026-11-24
---

<!-- Where you stand: two or three sentences about the place and the problem. -->

## {plan}

<!-- What you want to do, with whom, how one will see that it worked. -->

## {needs}

<!-- Money, knowledge, partners. -->

## {offers}

<!-- What others get from working with you. -->
"""


def call() -> str:
    """Return an empty call file.

    Examples
    --------
    >>> call().splitlines()[0]
    '---'
    """
    return f"""---
# A call for proposals. Lines with # are hints and can stay. What the source does not say stays empty.
identifier: MY-CALL-2027         # as the owner of the call writes it
title: ""
programme: OTHER                 # {_wrapped(Programme)}
action_type: project grant       # {_wrapped(ActionType)}
deadline_model: single-stage     # {_list(DeadlineModel)}
opening:                         # 2027-02-09
deadlines: []                    # [2027-10-07] or ["2027-10-07 14:00"], Brussels time, all stages
budget_total_eur:                # digits only
grant_min_eur:                   # per project
grant_max_eur:
expected_grants:                 # number of projects
cofunding_rate:                  # 0 to 1, for a public body
eligible_applicants: []          # {_wrapped(Applicant)}
eligible_countries: []           # [EU27, HORIZON_ASSOCIATED] or [DE, FR]
min_participants:
min_countries:
consortium_note:                 # one sentence on special conditions
themes: []                       # {_wrapped(Theme)}
language: en
url:                             # page of the call
source:                          # where the facts come from
source_date:                     # 2026-11-24
conditions:                      # the call's own words on who may apply; several lines: begin with |
---

<!-- What the call pays for, what a project has to deliver, who has to be on board: 80 to 200 words. -->
"""


def _list(kind: type[PartnerKind] | type[Role] | type[DeadlineModel]) -> str:
    return " | ".join(member.value for member in kind)


def _wrapped(kind: type[Theme] | type[Programme] | type[ActionType] | type[Applicant]) -> str:
    """Return the members on several comment lines, so that no line runs off the screen."""
    lines, line = [], ""
    for member in kind:
        if len(line) + len(member.value) > 60:
            lines.append(line.rstrip())
            line = ""
        line += f"{member.value}, "
    return ("\n" + " " * 33 + "#   ").join([*lines, line.rstrip(", ")])
