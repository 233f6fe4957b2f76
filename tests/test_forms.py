"""The empty files of ``vie-match new``: filled in by hand, they load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vie_match.errors import BadFile
from vie_match.records import Call, Profile
from vie_match.sections import HEADINGS, NEEDS, OFFERS, PLAN, SITUATION, sections
from vie_match.sources import files, forms, frontmatter
from vie_match.tables import CALL_COLUMNS
from vie_match.vocabulary import LANGUAGES, ActionType, Applicant, DeadlineModel, Programme, Role, Theme

# What an officer types, in place of what stands in the form.
TYPED = {
    "id: my-city-my-project ": "id: town-heat ",
    'title: "" ': 'title: "Cool streets: more shade" ',
    'name: "" ': "name: Town ",
    "country:    ": "country: NO",
}
TYPED_CALL = {
    "identifier: MY-CALL-2027 ": "identifier: X-2027-01 ",
    'title: ""': 'title: "Shade for streets"',
    "deadlines: [] ": "deadlines: [2027-10-07] ",
}


def fill(form: str, typed: dict[str, str]) -> str:
    for old, new in typed.items():
        assert form.count(old) == 1, old
        form = form.replace(old, new)
    return re.sub(r"<!--.*?-->", "Words of the officer.", form)


def load(folder: Path, text: str, kind: type[Profile] | type[Call]) -> Profile | Call:
    path = folder / "x.md"
    path.write_text(text, encoding="utf-8")
    return files.load_file(path, kind)


@pytest.mark.parametrize("language", sorted(HEADINGS))
def test_a_filled_in_profile_form_loads_in_every_language(tmp_path: Path, language: str) -> None:
    profile = load(tmp_path, fill(forms.profile(language), TYPED), Profile)
    assert isinstance(profile, Profile)
    assert (profile.id, profile.title, profile.language) == (
        "town-heat",
        "Cool streets: more shade",
        language,
    )
    assert (profile.city.name, profile.city.country, profile.city.languages) == ("Town", "NO", (language,))
    assert (profile.role, profile.partners, profile.themes, profile.budget_eur) == (Role.EITHER, (), (), None)
    parts = sections(profile.text)
    assert [part.kind for part in parts] == [SITUATION, PLAN, NEEDS, OFFERS]
    assert [part.heading for part in parts[1:]] == list(HEADINGS[language])


@pytest.mark.parametrize("language", sorted(LANGUAGES - set(HEADINGS)))
def test_a_language_without_headings_gets_the_english_ones(tmp_path: Path, language: str) -> None:
    profile = load(tmp_path, fill(forms.profile(language), TYPED), Profile)
    assert profile.language == language
    assert "## What we need" in profile.text


def test_a_filled_in_call_form_loads(tmp_path: Path) -> None:
    call = load(tmp_path, fill(forms.call(), TYPED_CALL), Call)
    assert isinstance(call, Call)
    assert (call.identifier, call.title) == ("X-2027-01", "Shade for streets")
    assert (call.programme, call.action_type) == (Programme.OTHER, ActionType.PROJECT_GRANT)
    assert [str(deadline) for deadline in call.deadlines] == ["2027-10-07"]
    assert (call.eligible_countries, call.themes, call.url, call.consortium_note) == ((), (), None, "")


def test_a_call_form_for_a_continuous_call_needs_no_deadline(tmp_path: Path) -> None:
    typed = TYPED_CALL | {"deadlines: [] ": "deadlines: [] ", "model: single-stage ": "model: continuous "}
    call = load(tmp_path, fill(forms.call(), typed), Call)
    assert isinstance(call, Call)
    assert (call.deadline_model, call.deadlines) == (DeadlineModel.CONTINUOUS, ())


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        (Profile, forms.profile(), {"title", "city.name", "city.country"}),
        (Call, forms.call(), {"title"}),
    ],
)
def test_an_empty_form_is_told_what_is_still_to_fill_in(
    tmp_path: Path, kind: type[Profile] | type[Call], text: str, names: set[str]
) -> None:
    with pytest.raises(BadFile) as caught:
        load(tmp_path, text, kind)
    said = {name: [fault for fault in caught.value.faults if name in fault.found] for name in names}
    for name, faults in said.items():
        (fault,) = faults
        key = name.rpartition(".")[2]
        assert text.splitlines()[(fault.line or 0) - 1].strip().startswith(f"{key}:")


def test_the_hints_of_the_profile_form_hold(tmp_path: Path) -> None:
    """What the hints show as examples is what the record accepts."""
    form = fill(forms.profile(), TYPED)
    typed = {
        "partners: [] ": "partners:\n  - {name: Venlo, country: NL, kind: twin town}\n",
        "past_projects: [] ": "past_projects:\n  - {acronym: ABC, programme: HORIZON, start: 2023-01}\n",
        "budget_eur:  ": "budget_eur: 1800000 ",
        "start:  ": "start: 2027-05 ",
        "source_date:  ": "source_date: 2026-11-24 ",
        "nuts3:  ": "nuts3: DEA14 ",
        "networks: [] ": "networks: [Eurocities, Energy Cities] ",
    }
    examples = [value.split(":", 1)[1].strip().removeprefix("- ") for value in typed.values()]
    assert all(example in form for example in examples)
    profile = load(tmp_path, fill(form, typed), Profile)
    assert isinstance(profile, Profile)
    assert (profile.partners[0].name, profile.past_projects[0].acronym) == ("Venlo", "ABC")
    assert (profile.budget_eur, profile.start, profile.city.nuts3) == (1_800_000, "2027-05", "DEA14")


def test_the_forms_name_every_key_of_the_records_once() -> None:
    parsed = frontmatter.parse(forms.profile(), Path("x.md"))
    keys = {path[-1] for path in parsed.lines if len(path) == 1 or path[0] == "city"}
    keys = {str(key) for key in keys if isinstance(key, str)}
    city_type = Profile.model_fields["city"].annotation
    assert city_type is not None
    assert keys == (set(Profile.model_fields) - {"text"}) | set(city_type.model_fields)
    call_keys = {path[0] for path in frontmatter.parse(forms.call(), Path("x.md")).lines if len(path) == 1}
    assert call_keys == set(CALL_COLUMNS) - {"text"}


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        (forms.profile(), [Role, Theme]),
        (forms.call(), [ActionType, Applicant, DeadlineModel, Programme, Theme]),
    ],
    ids=["profile", "call"],
)
def test_the_hints_list_every_choice_and_no_line_runs_off_the_screen(form: str, kinds: list[type]) -> None:
    hints = "\n".join(line.partition("#")[2] for line in form.splitlines() if "#" in line)
    for kind in kinds:
        for member in kind:
            assert member.value in hints
    assert max(map(len, form.splitlines())) <= 110
    assert not any(line != line.rstrip() for line in form.splitlines())
