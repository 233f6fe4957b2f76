"""The catalogues of languages: whole, in step with the code, and a further one is one more file."""

from __future__ import annotations

import ast
import datetime as dt
import gettext
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from madeup import catalogue_script, forms, made_up_language, own_words

from vie_match import speech
from vie_match.eligibility.check import rules_of_call
from vie_match.records import Call, Profile
from vie_match.reports import names, network_wording, reasons, terms_wording, wording
from vie_match.reports.network import Lead
from vie_match.reports.terms import terms
from vie_match.results import Evidence, Match, Passage, SharedWord
from vie_match.vocabulary import CallStatus, Programme, Role

CODES = sorted(set(speech.languages()) - {speech.SOURCE})

# Ways to name a message in the code, with how many of the first arguments are its text or its context.
MARKERS = {"_": 1, "M_": 1, "N_": 1, "gettext": 1, "NN_": 2, "NC_": 2, "ngettext": 2, "pgettext": 2}

GAP = re.compile(r"\{\w+\}|%\(\w+\)[sd]")
TAG = re.compile(r"</?\w+[^>]*>")


@pytest.fixture(scope="module")
def catalogue() -> ModuleType:
    return catalogue_script()


@pytest.fixture(scope="module")
def template(catalogue: ModuleType) -> Catalog:
    found: Catalog = catalogue.collected()
    return found


@pytest.fixture(scope="module", params=CODES)
def path(request: pytest.FixtureRequest) -> Path:
    return speech.FOLDER / request.param / "LC_MESSAGES" / f"{speech.DOMAIN}.po"


@pytest.fixture(scope="module")
def translated(catalogue: ModuleType, template: Catalog, path: Path) -> Catalog:
    found: Catalog = catalogue.updated(path, template)
    return found


def messages(catalog: Catalog) -> Iterator[Message]:
    return (one for one in catalog if one.id)


def test_there_is_german() -> None:
    assert "de" in CODES


def test_the_messages_of_the_file_are_those_of_the_code(template: Catalog, path: Path) -> None:
    with path.open("rb") as file:
        written = read_po(file)
    assert not written.obsolete
    assert _places(written) == _places(template), "run: python .ci/catalogue.py"


def _places(catalog: Catalog) -> dict[tuple[object, object], set[str]]:
    return {(one.id, one.context): {name for name, _ in one.locations} for one in messages(catalog)}


def test_the_compiled_file_is_made_of_the_readable_one(
    catalogue: ModuleType, translated: Catalog, path: Path
) -> None:
    _, compiled = catalogue.files(translated)
    assert path.with_suffix(".mo").read_bytes() == compiled, "run: python .ci/catalogue.py"


def test_the_files_say_nothing_that_changes_by_itself(catalogue: ModuleType, translated: Catalog) -> None:
    once, again = (catalogue.files(translated) for _ in range(2))
    assert once == again
    assert not re.search(rb"-Date:|Translator|Generated-By|Bugs", b"".join(once))


def test_everything_is_translated(catalogue: ModuleType, translated: Catalog) -> None:
    assert catalogue.untranslated(translated) == []


def test_there_is_a_form_for_every_number(translated: Catalog) -> None:
    wrong = [
        one.id
        for one in messages(translated)
        if len(forms(one.string)) != (translated.num_plurals if one.pluralizable else 1)
    ]
    assert wrong == []


def test_gaps_and_tags_are_those_of_the_message(translated: Catalog) -> None:
    form_of = gettext.c2py(translated.plural_expr)  # type: ignore[attr-defined]
    # The form for one thing alone may do without its number.
    others = {form_of(number) for number in range(200) if number != 1}
    for one in messages(translated):
        *_, wanted = forms(one.id)
        for at, text in enumerate(forms(one.string)):
            optional = {"{n}", "%(n)s"} if one.pluralizable and at not in others else set()
            if text:
                assert set(GAP.findall(text)) - optional == set(GAP.findall(wanted)) - optional, one.id
                assert Counter(TAG.findall(text)) == Counter(TAG.findall(wanted)), one.id


def test_blanks_at_the_ends_are_those_of_the_message(translated: Catalog) -> None:
    for one in messages(translated):
        for text in filter(None, forms(one.string)):
            first = forms(one.id)[0]
            assert (text[:1].isspace(), text[-1:].isspace()) == (first[:1].isspace(), first[-1:].isspace())


def test_every_message_in_the_code_is_found(template: Catalog, catalogue: ModuleType) -> None:
    """A message inside an f-string, for one, is not seen by the tool that collects them."""
    known = {text for one in messages(template) for text in forms(one.id)}
    missing = [
        (file.name, text)
        for file in sorted(catalogue.PACKAGE.rglob("*.py"))
        for text in _marked(ast.parse(file.read_text(encoding="utf-8")))
        if text not in known
    ]
    assert missing == []


def _marked(tree: ast.AST) -> Iterator[str]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        given = call.args[: MARKERS.get(name, 0)]
        if name in ("pgettext", "NC_"):
            given = given[1:]
        yield from (
            one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )


def test_texts_of_yaml_are_found_under_their_keys(catalogue: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("- because: One.\n  other: Two.\n- {inner: {because: Three.}}\n", encoding="utf-8")
    with file.open("rb") as opened:
        found = list(catalogue.yaml_texts(opened, (), (), {"keys": "because"}))
    assert [(line, text) for line, _, text, _ in found] == [(1, "One."), (3, "Three.")]


def test_a_new_language_begins_empty_and_keeps_what_is_translated(
    catalogue: ModuleType, tmp_path: Path
) -> None:
    path = tmp_path / "cs" / "LC_MESSAGES" / "vie_match.po"
    first, second = Catalog(), Catalog()
    for one in (first, second):
        one.add("open")
        one.add(("{n} day", "{n} days"))
    second.add("closed")
    begun = catalogue.updated(path, first)
    assert len(catalogue.untranslated(begun)) == 2
    begun["open"].string = "otevřená"
    catalogue.write(path, begun)
    after = catalogue.updated(path, second)
    assert after["open"].string == "otevřená"
    assert catalogue.untranslated(after) == ["('{n} day', '{n} days')", "closed"]
    assert {one.id for one in messages(catalogue.updated(path, first))} == {"open", ("{n} day", "{n} days")}


@pytest.fixture
def third(tmp_path: Path) -> Iterator[str]:
    with made_up_language(tmp_path) as code:
        yield code


def test_a_third_language_needs_one_file(
    third: str, make_call: Callable[..., Call], make_profile: Callable[..., Profile]
) -> None:
    call = make_call("EUI-IA-5", programme="EUI", min_participants=3, min_countries=2, cofunding_rate=0.6)
    profile = make_profile(budget_eur=1_000_000, own_contribution_eur=300_000)
    match = _match(call)
    found = terms(rules_of_call(call), call, profile, dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC))
    assert third in speech.languages()
    told = [
        reasons.reason(match, third),
        reasons.chance(0.42, third),
        reasons.for_whom(match, third),
        wording.status(match, third),
        wording.team(call, third),
        names.programme(Programme.HORIZON, third),
        wording.value("eligible_applicants", "local_authority", third),
        network_wording.lead(Lead(Role.EITHER, ()), third),
        terms_wording.verdict(found, third),
        terms_wording.missing(found, third),
        terms_wording.own(found, call, profile, third),
        terms_wording.time(found, third),
        *(line.demand for line in terms_wording.rules(found, third)),
        *(line.finding for line in terms_wording.rules(found, third)),
    ]
    for text in told:
        assert text.startswith(("⟦", " ⟦")), text
        assert not re.search(r"[a-z]{2}", own_words(text)), text
    closes = wording.deadline(match, dt.date(2027, 10, 1), third)
    assert closes.startswith("⟦closes 7 жовтня 2027")
    assert closes.endswith("(⟦6 days left⟧)⟧")


def _match(call: Call) -> Match:
    own = Passage(owner="a", section="plan", text="Wir pflanzen Bäume in zehn Straßen.", start=0, end=35)
    other = Passage(owner="x", section="text", text="Projects plant trees along streets.", start=0, end=35)
    return Match(
        profile_id="a",
        call=call,
        rank=1,
        score=1,
        status=CallStatus.OPEN,
        deadline=call.deadlines[0],
        contributions=(),
        evidence=(
            Evidence(
                profile_passage=own,
                call_passage=other,
                profile_sentence=own,
                call_sentence=other,
                similarity=0.5,
            ),
        ),
        words=(SharedWord(profile_word="bäume", call_word="trees", weight=1),),
        audience="The European Urban Initiative is for urban authorities and groups of them.",
    )
