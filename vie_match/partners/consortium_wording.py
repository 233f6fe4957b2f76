"""What a search for a team says: wishes, what members bring, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vie_match.eligibility.rules import Part
from vie_match.eligibility.subject_names import names
from vie_match.eligibility.words import Words
from vie_match.partners import skills
from vie_match.speech import N_, NC_, speech

_TEXTS: Mapping[str, str] = {
    # Wishes; each completes "the team has …" as the call's own demands do.
    "leads": N_("somebody who leads"),
    "leader": N_("{name} as the leader"),
    "must": N_("{name} in the team"),
    "must_not": N_("{name} not in the team"),
    "elsewhere": N_("{name} not in the team, because it applies in another one"),
    "newcomers": N_("at least {number} without an EU project so far"),
    "competitors": N_("at most one of these: {names}"),
    "per_country": N_("at most {number} from one country"),
    "subject": N_("at least {who}"),
    "skill": N_("this skill in full: {what}"),
    "fixed": N_("{name} in the team for {call}"),
    "whole": N_("shares of the budget that make 100 %"),
    "told": N_("{number} % of the budget for {name}, as stated"),
    "share": N_("{least} to {most} % of the budget for {name}"),
    "each": N_("{least} to {most} % of the budget for everybody funded"),
    # What a member brings.
    "role": N_("takes part as {role}"),
    "needed": N_("without it this fails: {what}"),
    "only_skill": N_("alone brings: {what}"),
    "skills": N_("brings: {what}"),
    "only_country": N_("the only one from {what}"),
    "knows": N_("has worked with {what}"),
    "knows_more": N_("has worked with {what} and {number} more"),
    "new": N_("has no EU project so far"),
    "gets": N_("gets {number} % of the budget"),
    # What is still missing.
    "no_science": N_("a research organisation"),
    "no_business": N_("a company"),
    "no_state": N_("a public authority"),
    "no_society": N_("a civil society organisation"),
    "no_skill": N_("somebody who can: {what}"),
    "part_skill": N_("more of this: {what}"),
    "would": N_("Would {name} take part as {role}?"),
    "rules": N_("What does the call say about the smallest team? No source at hand does."),
    "is_new": N_("Has {name} had an EU project before?"),
    # Facts behind a fit.
    "rank": N_("{rank} of {towns} towns in the ranking of partners"),
    "profile": N_("project idea “{title}”"),
}

_ROLES: Mapping[Part, str] = {
    Part.COORDINATOR: NC_("role", "coordinator"),
    Part.BENEFICIARY: NC_("role", "beneficiary"),
    Part.ASSOCIATED: NC_("role", "associated partner"),
    Part.AFFILIATED: NC_("role", "affiliated entity"),
    Part.LEAD_PROCURER: NC_("role", "lead procurer"),
}

# How cities know each other, as ties name it; anything else is the name of a project.
_BASES: Mapping[str, str] = {
    "tandem": N_("tandem"),
    "twin town": N_("twin town"),
    "exchange": N_("exchange"),
}
# So many members that one has worked with are named.
_NAMED = 3


def words(key: str, **parts: object) -> Words:
    """Return a text in every language.

    Parameters
    ----------
    key : str
        Which text.
    **parts : object
        What stands in it; numbers as the language writes them.

    Examples
    --------
    >>> words("per_country", number=7.0)["en"], words("must", name="Gent")["de"]
    ('at most 7 from one country', 'Gent im Team')
    """
    return Words(lambda language: _said(key, parts, language))


def members(key: str, number: int) -> Words:
    """Return the wish for a size: ``least`` or ``most`` members.

    Examples
    --------
    >>> members("least", 1)["en"], members("most", 7)["en"]
    ('at least 1 member', 'at most 7 members')
    """

    def write(language: str) -> str:
        voice = speech(language)
        if key == "least":
            return voice.ngettext("at least {n} member", "at least {n} members", number)
        return voice.ngettext("at most {n} member", "at most {n} members", number)

    return Words(write)


def with_role(key: str, role: Part, **parts: object) -> Words:
    """Return a text that names a role.

    Examples
    --------
    >>> with_role("role", Part.ASSOCIATED)["de"]
    'nimmt teil als assoziierter Partner'
    """
    return Words(lambda language: _said(key, {**parts, "role": role_name(role, language)}, language))


def role_name(role: Part, language: str = "en") -> str:
    """Return what a role is called; one without a name of its own as rules write it."""
    return speech(language).pgettext("role", _ROLES[role]) if role in _ROLES else role.value


def a_subject(subject: str) -> Words:
    """Return the wish for a kind of organisation.

    Examples
    --------
    >>> a_subject("sme")["en"]
    'at least 1 SME'
    """
    return Words(lambda language: _said("subject", {"who": f"1 {names(subject, language, 1)}"}, language))


def joined(parts: Sequence[Words]) -> Words:
    """Return several texts in one line.

    Examples
    --------
    >>> joined([words("leads"), words("whole")])["en"]
    'somebody who leads; shares of the budget that make 100 %'
    """
    return Words(lambda language: "; ".join(one[language] for one in parts))


def of_skills(key: str, names_: Sequence[str]) -> Words:
    """Return a text about skills.

    Examples
    --------
    >>> of_skills("skills", ["digital-twin", "heat"])["en"]
    'brings: digital twin, heat'
    """
    return Words(lambda language: _said(key, {"what": skills.named(names_, language)}, language))


def of(key: str, listed: Sequence[Words]) -> Words:
    """Return a text about several others.

    Examples
    --------
    >>> of("needed", [words("leads")])["de"]
    'ohne dieses Mitglied fehlt: jemand, der leitet'
    """
    whole = joined(listed)
    return Words(lambda language: _said(key, {"what": whole[language]}, language))


def met(others: Sequence[tuple[str, Sequence[str]]]) -> Words:
    """Return whom a member has worked with.

    Parameters
    ----------
    others : sequence of (str, sequence of str)
        Name, and what is known of it: names of projects, or kinds of partnership.

    Examples
    --------
    >>> met([("Gent", ["ASCEND"]), ("Venlo", ["twin town"])])["en"]
    'has worked with Gent (ASCEND), Venlo (twin town)'
    """
    left = len(others) - _NAMED
    named = others if left <= 1 else others[:_NAMED]

    def write(language: str) -> str:
        told = [_with_basis(name, basis, language) for name, basis in named]
        return _said(
            "knows" if named is others else "knows_more", {"what": ", ".join(told), "number": left}, language
        )

    return Words(write)


def _with_basis(name: str, basis: Sequence[str], language: str) -> str:
    told = [speech(language).gettext(_BASES[one]) if one in _BASES else one for one in basis]
    return f"{name} ({', '.join(told)})" if told else name


def _said(key: str, parts: Mapping[str, object], language: str) -> str:
    voice = speech(language)
    filled = {
        name: voice.number(part) if isinstance(part, int | float) else str(part)
        for name, part in parts.items()
    }
    return voice.gettext(_TEXTS[key]).format(**filled)
