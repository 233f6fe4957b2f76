"""What rules say, in every language: nothing is left in English, no gap is left open."""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from vie_match.eligibility import wording, wording_tables
from vie_match.eligibility.check import judge_known, rules_of_call
from vie_match.eligibility.facts import Member
from vie_match.eligibility.list_files import city_lists, groups
from vie_match.eligibility.programme_files import rows
from vie_match.eligibility.rules import DataRow, Op, Part, Rule, RuleKind
from vie_match.eligibility.subject_names import NAMES, names
from vie_match.eligibility.verdict import RuleVerdict
from vie_match.eligibility.words import Words
from vie_match.errors import BadValue
from vie_match.records import Record
from vie_match.sources.files import load_calls
from vie_match.speech import languages

OTHERS = [code for code in languages() if code != "en"]


def test_a_text_is_written_when_it_is_asked_for_and_once() -> None:
    asked: Counter[str] = Counter()

    def write(language: str) -> str:
        asked[language] += 1
        return f"text {language}"

    words = Words(write)
    assert not asked
    assert [words["de"], words["de"]] == ["text de", "text de"]
    assert asked == {"de": 1}


def test_words_are_a_mapping_over_all_languages() -> None:
    words = Words(lambda language: language)
    assert dict(words) == {code: code for code in languages()}
    assert "de" in words
    assert "xx" not in words
    with pytest.raises(BadValue, match="'xx'; expected one of: en"):
        words["xx"]


def test_words_are_equal_by_their_english_text() -> None:
    one, same, other = (Words.given({"en": text}) for text in ("a", "a", "b"))
    assert len({one, same, other}) == 2
    assert one != "a"


def test_words_are_copied_and_pickled_with_all_their_texts() -> None:
    words = Words(lambda language: f"text {language}")
    for copied in (copy.deepcopy(words), pickle.loads(pickle.dumps(words))):
        assert dict(copied) == dict(words)


class _Holder(Record):
    words: Words


def test_words_go_to_json_and_back() -> None:
    held = _Holder(words=Words(lambda language: f"text {language}"))
    back = _Holder.model_validate_json(held.model_dump_json())
    assert dict(back.words) == dict(held.words)
    assert _Holder.model_json_schema()["properties"]["words"]["required"] == ["en"]
    for wrong in ({"words": {"de": "x"}}, {"words": "x"}, {"words": {"en": 1}}):
        with pytest.raises(ValidationError):
            _Holder.model_validate(wrong)


@pytest.mark.parametrize("language", OTHERS)
def test_every_subject_group_and_list_has_its_name(language: str) -> None:
    same = {"KMU"}  # none is the same in both
    for subject in NAMES:
        for number in (1, 2):
            assert names(subject, language, number) != names(subject, "en", number), subject
    for name in (*groups().groups, *groups().unions, *wording_tables.GROUPS):
        assert wording.group(name, language) not in {name, wording.group(name, "en")} - same, name
    for name in city_lists():
        rule = _rule(RuleKind.MEMBERSHIP, member_list=name)
        assert wording.demand(rule, language) != wording.demand(rule, "en")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("op", list(Op))
@pytest.mark.parametrize("role", [*wording_tables.ROLES, Part.ANY])
@pytest.mark.parametrize("group", [None, "EU27"])
@pytest.mark.parametrize("number", [1, 3, 33.3])
def test_every_demand_is_said_whole(
    language: str, op: Op, role: Part, group: str | None, number: float
) -> None:
    for kind in (*wording._COUNTING, *wording_tables.SIMPLE, *wording_tables.NUMBERED):
        rule = _rule(kind, op=op, role=role, group=group, value=number)
        told = wording.demand(rule, language)
        assert told
        assert not {"{", "}"} & set(told), told
        assert "  " not in told
        assert language == "en" or told != wording.demand(rule, "en"), told


def test_every_rule_of_the_programmes_is_said_in_every_language() -> None:
    for row in rows().values():
        for one in row.rules:
            rule = one.rule(row.id, presumed=False)
            if rule.kind.value.replace("_", " ") == wording.demand(rule):
                continue  # about money or the proposal: not judged, and not said
            told = [wording.demand(rule, language) for language in languages()]
            assert len(set(told)) == len(told), rule
            assert not any("True" in text or "{" in text for text in told), told


def test_one_and_several_are_told_apart_in_both_languages() -> None:
    one, three = (_rule(RuleKind.MIN_COUNTRIES, value=number, group="EU27") for number in (1, 3))
    assert [wording.demand(rule) for rule in (one, three)] == [
        "at least 1 country (the EU) among the organisations",
        "at least 3 different countries (the EU) among the organisations",
    ]
    assert [wording.demand(rule, "de") for rule in (one, three)] == [
        "Organisationen aus mindestens 1 Staat (aus der EU)",
        "Organisationen aus mindestens 3 verschiedenen Staaten (aus der EU)",
    ]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    rule = _rule(RuleKind.MIN_POPULATION, value=50_000)
    assert wording.demand(rule) == "at least 50,000 inhabitants"
    assert wording.demand(rule, "de") == "mindestens 50.000 Einwohner"


@pytest.mark.parametrize("language", OTHERS)
def test_verdicts_of_the_shipped_calls_are_said_in_the_language(root: Path, language: str) -> None:
    team = (Member(name="Hamm", type="local_authority", country="DE"), Member(name="Nowhere"))
    verdicts: list[RuleVerdict] = []
    for call in load_calls(root / "calls"):
        verdicts += judge_known(rules_of_call(call), team).verdicts
    assert len(verdicts) > 300
    for one in verdicts:
        for words in filter(None, (one.demand, one.finding, one.missing, *one.questions)):
            assert words[language] != words["en"], words
            assert "{" not in words[language]


def _rule(kind: RuleKind, **fields: object) -> Rule:
    row = DataRow(programme="X", confidence="sourced")
    return Rule.model_validate({"kind": kind, "value": 2, "row": row} | fields)
