"""What a search for a team says, in English and German: wishes, what members bring, what is missing."""

from __future__ import annotations

from collections.abc import Mapping

from vie_match.eligibility.rules import Part
from vie_match.eligibility.subject_names import names
from vie_match.eligibility.verdict import Words
from vie_match.eligibility.wording import number as as_number
from vie_match.vocabulary import Language

_TEXTS: Mapping[str, tuple[str, str]] = {
    # Wishes; each completes "the team has …" as the call's own demands do.
    "leads": ("somebody who leads", "jemand, der leitet"),
    "leader": ("{name} as the leader", "{name} als Leitung"),
    "must": ("{name} in the team", "{name} im Team"),
    "must_not": ("{name} not in the team", "{name} nicht im Team"),
    "elsewhere": (
        "{name} not in the team, because it applies in another one",
        "{name} nicht im Team, weil es in einem anderen antritt",
    ),
    "least": ("at least {number} members", "mindestens {number} Mitglieder"),
    "most": ("at most {number} members", "höchstens {number} Mitglieder"),
    "newcomers": (
        "at least {number} without an EU project so far",
        "mindestens {number} ohne bisheriges EU-Projekt",
    ),
    "competitors": ("at most one of these: {names}", "höchstens eines davon: {names}"),
    "per_country": ("at most {number} from one country", "höchstens {number} aus einem Staat"),
    "subject": ("at least {who}", "mindestens {who}"),
    "skill": ("this skill in full: {name}", "diese Fähigkeit ganz: {name}"),
    "fixed": ("{name} in the team for {call}", "{name} im Team für {call}"),
    "whole": ("shares of the budget that make 100 %", "Budgetanteile, die 100 % ergeben"),
    "told": (
        "{number} % of the budget for {name}, as stated",
        "{number} % des Budgets für {name}, wie angegeben",
    ),
    "share": (
        "{least} to {most} % of the budget for {name}",
        "{least} bis {most} % des Budgets für {name}",
    ),
    "each": (
        "{least} to {most} % of the budget for everybody funded",
        "{least} bis {most} % des Budgets für alle Geförderten",
    ),
    # What a member brings.
    "role": ("takes part as {role}", "nimmt teil als {role}"),
    "fits": ("fits the project by {number} of 100", "passt zu {number} von 100 zum Vorhaben"),
    "needed": ("without it this fails: {what}", "ohne dieses Mitglied fehlt: {what}"),
    "only_skill": ("alone brings: {what}", "bringt als einziges Mitglied: {what}"),
    "skills": ("brings: {what}", "bringt: {what}"),
    "only_country": ("the only one from {what}", "das einzige aus {what}"),
    "knows": ("has worked with {what}", "hat gearbeitet mit {what}"),
    "new": ("has no EU project so far", "hat bisher kein EU-Projekt"),
    "gets": ("gets {number} % of the budget", "erhält {number} % des Budgets"),
    # What is still missing.
    "no_science": ("a research organisation", "eine Forschungseinrichtung"),
    "no_business": ("a company", "ein Unternehmen"),
    "no_state": ("a public authority", "eine Behörde"),
    "no_society": ("a civil society organisation", "eine Organisation der Zivilgesellschaft"),
    "no_skill": ("somebody who can: {what}", "jemand für: {what}"),
    "part_skill": ("more of this: {what}", "mehr davon: {what}"),
    "would": ("Would {name} take part as {role}?", "Würde {name} teilnehmen als {role}?"),
    "rules": (
        "What does the call say about the smallest team? No source at hand does.",
        "Was sagt der Aufruf zum kleinsten Team? Keine vorliegende Quelle sagt es.",
    ),
    "is_new": ("Has {name} had an EU project before?", "Hatte {name} schon ein EU-Projekt?"),
}

_ROLES: Mapping[Part, tuple[str, str]] = {
    Part.COORDINATOR: ("coordinator", "Koordinator"),
    Part.BENEFICIARY: ("beneficiary", "Begünstigte"),
    Part.ASSOCIATED: ("associated partner", "assoziierter Partner"),
    Part.AFFILIATED: ("affiliated entity", "verbundene Stelle"),
    Part.LEAD_PROCURER: ("lead procurer", "federführende Beschaffung"),
}


def words(key: str, **parts: object) -> Words:
    """Return a text in both languages.

    Parameters
    ----------
    key : str
        Which text.
    **parts : object
        What stands in it; numbers without needless decimals.

    Examples
    --------
    >>> words("most", number=7.0).en, words("must", name="Gent").de
    ('at most 7 members', 'Gent im Team')
    """
    filled = {
        name: as_number(part) if isinstance(part, int | float) else str(part) for name, part in parts.items()
    }
    en, de = _TEXTS[key]
    return Words(en=en.format(**filled), de=de.format(**filled))


def with_role(key: str, role: Part, **parts: object) -> Words:
    """Return a text that names a role.

    Examples
    --------
    >>> with_role("role", Part.ASSOCIATED).de
    'nimmt teil als assoziierter Partner'
    """
    en, de = _ROLES.get(role, (role.value, role.value))
    return Words(en=words(key, role=en, **parts).en, de=words(key, role=de, **parts).de)


def a_subject(subject: str) -> Words:
    """Return the wish for a kind of organisation.

    Examples
    --------
    >>> a_subject("sme").en
    'at least 1 SME'
    """
    return Words(
        **{
            language.value: words("subject", who=f"1 {names(subject, language.value, 1)}")[language]
            for language in Language
        }
    )


def joined(parts: list[Words]) -> Words:
    """Return several texts in one line.

    Examples
    --------
    >>> joined([Words(en="a", de="x"), Words(en="b", de="y")]).de
    'x; y'
    """
    return Words(en="; ".join(one.en for one in parts), de="; ".join(one.de for one in parts))


def of(key: str, listed: list[Words]) -> Words:
    """Return a text about several others.

    Examples
    --------
    >>> of("needed", [Words(en="two SMEs", de="zwei KMU")]).de
    'ohne dieses Mitglied fehlt: zwei KMU'
    """
    whole = joined(listed)
    return Words(en=words(key, what=whole.en).en, de=words(key, what=whole.de).de)
