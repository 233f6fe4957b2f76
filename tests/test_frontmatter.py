"""Front matter: values as text, the line of every key, what is refused; and how faults read."""

from __future__ import annotations

from pathlib import Path

import pytest

from vie_match import errors
from vie_match.errors import BadFile, Fault
from vie_match.sources import frontmatter
from vie_match.sources.frontmatter import MAX_DEPTH, MAX_FRONT_MATTER, Parsed

PATH = Path("x.md")


def parse(front: str, body: str = "Text.") -> Parsed:
    return frontmatter.parse(f"---\n{front}\n---\n\n{body}\n", PATH)


def fault_of(text: str) -> Fault:
    with pytest.raises(BadFile) as caught:
        frontmatter.parse(text, PATH)
    assert len(caught.value.faults) == 1
    return caught.value.faults[0]


def test_every_value_stays_text() -> None:
    front = "a: NO\nb: 2027-05\nc: 007\nd: 1_000\ne: yes\nf: 1.5\ng: [on, 12:30]\nh: {i: NO}\nj: '~'\nk: ''"
    assert parse(front).values == {
        "a": "NO",
        "b": "2027-05",
        "c": "007",
        "d": "1_000",
        "e": "yes",
        "f": "1.5",
        "g": ["on", "12:30"],
        "h": {"i": "NO"},
        "j": "~",
        "k": "",
    }


@pytest.mark.parametrize("nothing", ["", " ", "~", "null", "Null", "NULL", "  # a hint"])
def test_a_key_without_a_value_is_left_out_but_keeps_its_line(nothing: str) -> None:
    parsed = parse(f"a: 1\nb: {nothing}\nc: {{d: {nothing.partition('#')[0]}}}")
    assert parsed.values == {"a": "1", "c": {}}
    assert parsed.line_of(("b",)) == 3


def test_every_key_and_item_has_its_line() -> None:
    parsed = parse(
        "# a comment\nid: x\ncity:\n  name: Town\n\n  population: 5\npartners:\n  - {name: A}\n"
        "  - name: B\n    kind: tandem\ntitle: >\n  two\n  lines\nrole: lead"
    )
    assert parsed.lines == {
        ("id",): 3,
        ("city",): 4,
        ("city", "name"): 5,
        ("city", "population"): 7,
        ("partners",): 8,
        ("partners", 0): 9,
        ("partners", 0, "name"): 9,
        ("partners", 1): 10,
        ("partners", 1, "name"): 10,
        ("partners", 1, "kind"): 11,
        ("title",): 12,
        ("role",): 15,
    }


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("city", "name"), 3),
        (("city", "country"), 2),  # not there: its parent's
        (("partners", 0, "kind"), 5),
        (("partners", 7), 4),
        (("nothing",), 1),
        ((), 1),
    ],
)
def test_the_line_of_what_is_missing_is_that_of_what_it_is_missing_from(
    path: frontmatter.KeyPath, line: int
) -> None:
    assert parse("city:\n  name: Town\npartners:\n  - {name: A}").line_of(path) == line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_give_the_same_values_lines_and_body(end: str) -> None:
    text = "---\na: 1\nb:\n  c: 2\n---\n\n\nOne.\n\nTwo.\n"
    parsed = frontmatter.parse(text.replace("\n", end), PATH)
    assert parsed.values == {"a": "1", "b": {"c": "2"}}
    assert parsed.lines == {("a",): 2, ("b",): 3, ("b", "c"): 4}
    assert parsed.body == "One.\n\nTwo."
    assert parsed.body_line == 8


def test_only_the_first_closing_line_closes() -> None:
    parsed = frontmatter.parse("--- \na: '--- x'\n---\t\nOne\n---\nTwo\n", PATH)
    assert parsed.values == {"a": "--- x"}
    assert (parsed.body, parsed.body_line) == ("One\n---\nTwo", 4)


def test_a_missing_body_is_an_empty_one_with_a_line_inside_the_file() -> None:
    parsed = frontmatter.parse("---\na: 1\n---", PATH)
    assert parsed.body == ""
    assert parsed.body_line in (3, 4)


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n"])
def test_an_empty_file_is_called_empty(text: str) -> None:
    fault = fault_of(text)
    assert (fault.line, fault.found) == (None, "an empty file")


@pytest.mark.parametrize("text", ["Just text.\n", "\n---\na: 1\n---\nx", " ---\na: 1\n---\nx", "----\n"])
def test_a_file_without_an_opening_line_is_told_what_the_first_line_must_be(text: str) -> None:
    fault = fault_of(text)
    assert fault.line == 1
    assert "'---'" in fault.expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\na: 1\nb: 2", 3),
        ("---", 1),
        # an end that is indented or longer, or that a word processor made a dash of
        ("---\na: 1\nText.\n  ---\n...", 4),
        ("---\na: 1\n-----\nText.\nMore.", 3),
        ("---\na: 1\n—\nText.\nMore.", 3),
        ("---\na: 1\n\n## What we plan\n\nShade.", 4),
    ],
)
def test_a_front_matter_that_does_not_end_is_told_so_where_it_should(text: str, line: int) -> None:
    fault = fault_of(text)
    assert fault.found == "no end of the front matter"
    assert fault.line == line


@pytest.mark.parametrize("front", ["", "# only hints", "- a\n- b", "just words", "'quoted'"])
def test_a_front_matter_without_keys_is_refused(front: str) -> None:
    fault = fault_of(f"---\n{front}\n---\n\nText.")
    assert fault.found == "no keys in the front matter"


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("a: 1\nb: 2\ntitle: Heat: what now\nc: 3", 4),
        ("a: 1\n\tb: 2\nc: 3", 3),
        ("a: 1\nb: ]\nc: 3", 3),
        ("a: 1\nb: @home\nc: 3", 3),
        ("a: 1\nb:\n  - x\n y: 2", 5),
        ("a: 1\nb: %x\nc: 3", 3),
        # what is not closed: the line that opens it, not the one where the reader gave up
        ("a: 1\nb: [x, y\nc: 3\nd: 4", 3),
        ('a: 1\nb: "open\nc: 3\nd: 4', 3),
        ('a: 1\nb: "The "new" town"\nc: 3', 3),
        ('a: 1\nb: "C:\\Users"\nc: 3', 3),
    ],
)
def test_a_yaml_fault_is_reported_in_its_line(front: str, line: int) -> None:
    fault = fault_of(f"---\n{front}\n---\n\nText.")
    assert fault.line == line
    assert "'key: " in fault.expected
    assert "YAML" not in str(fault)


def test_a_control_character_is_not_blamed_on_another_line() -> None:
    fault = fault_of("---\na: 1\nb: x\x07y\n---\n\nText.")
    assert fault.line in (3, None)
    assert "printable" in fault.expected


@pytest.mark.parametrize(
    ("front", "line", "name"),
    [
        ("a: 1\nb: &big [x, x]\nc: 1", 3, "big"),
        ("a: 1\nb: *big", 3, "big"),
        ("a: 1\n<<: *big", 3, "big"),
        ("a: &n 5", 2, "n"),
    ],
)
def test_anchors_and_aliases_are_refused(front: str, line: int, name: str) -> None:
    fault = fault_of(f"---\n{front}\n---\n\nText.")
    assert (fault.line, fault.found) == (line, f"the anchor or alias {name!r}")


def test_a_small_file_cannot_unfold_into_a_large_one() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    fault = fault_of("---\n" + "\n".join(rows) + "\n---\n\nText.")
    assert (fault.line, fault.found) == (2, "the anchor or alias 'a0'")


def _nested(levels: int) -> str:
    return "a: 1\nb: " + "[" * (levels - 1) + "x" + "]" * (levels - 1)


def test_the_deepest_nesting_that_is_allowed_is_read() -> None:
    value = parse(_nested(MAX_DEPTH)).values["b"]
    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == "x"


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 2000])
@pytest.mark.parametrize("closed", [True, False])
def test_deeper_nesting_is_refused(levels: int, closed: bool) -> None:
    front = _nested(levels)
    fault = fault_of(f"---\n{front if closed else front.rstrip(']')}\n---\n\nText.")
    assert fault.line == 3
    assert f"{MAX_DEPTH} levels" in fault.found


def test_a_front_matter_over_the_limit_is_refused_with_its_size() -> None:
    fault = fault_of(f"---\na: {'x' * MAX_FRONT_MATTER}\n---\n\nText.")
    assert f"{MAX_FRONT_MATTER + 4:,} characters" in fault.found
    assert f"{MAX_FRONT_MATTER:,}" in fault.expected
    assert len(parse(f"a: {'x' * (MAX_FRONT_MATTER - 4)}").values["a"]) == MAX_FRONT_MATTER - 4


@pytest.mark.parametrize(
    ("front", "line", "key", "first"),
    [
        ("a: 1\nb: 2\na: 3", 4, "a", 2),
        ("a: 1\na:", 3, "a", 2),
        ("a:\na: 1", 3, "a", 2),
        ("city:\n  name: A\n  name: B", 4, "name", 3),
        ("p:\n  - {k: 1, k: 2}", 3, "k", 3),
    ],
)
def test_a_key_twice_is_refused_with_both_lines(front: str, line: int, key: str, first: int) -> None:
    fault = fault_of(f"---\n{front}\n---\n\nText.")
    assert (fault.line, fault.found) == (line, f"the key {key!r} a second time")
    assert f"line {first}" in fault.expected


def test_one_key_in_two_places_is_no_key_twice() -> None:
    assert parse("name: A\ncity: {name: B}\np: [{name: C}, {name: D}]").values["p"][1] == {"name": "D"}


def test_all_keys_twice_are_reported_at_once() -> None:
    with pytest.raises(BadFile) as caught:
        parse("a: 1\na: 2\nb: 1\nb: 2\n? [x]\n: y")
    assert [fault.line for fault in caught.value.faults] == [3, 5, 6]


def test_a_tag_builds_no_object() -> None:
    assert parse("a: !!python/object/apply:os.getcwd []\nb: !x 1").values == {"a": [], "b": "1"}


@pytest.mark.parametrize(
    ("line", "text"),
    [(3, "x.md:3: found a; expected b"), (None, "x.md: found a; expected b")],
)
def test_a_fault_reads_as_place_found_and_expected(line: int | None, text: str) -> None:
    assert str(Fault(PATH, line, "a", "b")) == text


def test_a_bad_file_says_all_its_faults_and_keeps_them() -> None:
    faults = [Fault(PATH, 1, "a", "b"), Fault(PATH, 2, "c", "d")]
    error = BadFile(iter(faults))
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("error", "group"),
    [
        (errors.StoreBusy, errors.TryAgain),
        (errors.ModelUnavailable, errors.UseAnother),
        (errors.BadFile, errors.MendInput),
        (errors.BadValue, errors.MendInput),
        (errors.StoreDamaged, errors.MendInput),
        (errors.InstallSomething, ImportError),
    ],
)
def test_every_error_belongs_to_what_the_caller_does_next(
    error: type[Exception], group: type[Exception]
) -> None:
    assert issubclass(error, group)
    assert issubclass(error, errors.VieMatchError)
    groups = (errors.TryAgain, errors.UseAnother, errors.MendInput, errors.InstallSomething)
    assert sum(issubclass(error, other) for other in groups) == 1
