"""The file of what people said of calls, what a change since is, and lists without dismissed calls."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vie_match import feedback
from vie_match.embedding.encoder import HashingEncoder
from vie_match.errors import BadFile, StoreBusy
from vie_match.feedback import COLUMNS, Feedback, Opinion, Reason, keep, read
from vie_match.fingerprints import FINGERPRINT, MATERIAL, changed, fingerprint
from vie_match.history import KnownCall
from vie_match.ranking.matcher import Matcher
from vie_match.records import BRUSSELS, Call, Profile
from vie_match.reports import dismissed
from vie_match.results import MatchList
from vie_match.vocabulary import Answer

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]

DAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=BRUSSELS)

# What a person may write into a cell: anything that is one line of text without blanks around it.
CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20).map(str.strip)
ENTRIES = st.builds(
    Feedback,
    profile=CELLS.filter(bool),
    call=CELLS.filter(bool),
    verdict=st.sampled_from(Opinion),
    by=CELLS,
    day=st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
    note=CELLS,
)


def entry(call: str = "X-1", verdict: str = "bad", profile: str = "town-heat", **fields: Any) -> Feedback:
    return Feedback.model_validate({"profile": profile, "call": call, "verdict": verdict} | fields)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vie-match-feedback.csv"


# --- the file ---


def test_a_missing_file_is_an_empty_one(path: Path) -> None:
    assert read(path) == feedback.Book()
    assert not path.exists()


def test_the_first_judgement_makes_a_file_that_spreadsheets_open(path: Path) -> None:
    keep(path, entry(by="Jürgen", why="too-late", day=DAY))
    assert path.read_bytes().startswith(b"\xef\xbb\xbfprofile;call;verdict;why;by;day;note;fingerprint\n")
    assert read(path).entries == (entry(by="Jürgen", why="too-late", day=DAY),)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(entries=st.lists(ENTRIES, max_size=6, unique_by=lambda one: one.key))
def test_what_is_kept_is_read_again(tmp_path: Path, entries: list[Feedback]) -> None:
    path = tmp_path / "round.csv"
    path.unlink(missing_ok=True)
    for one in entries:
        keep(path, one)
    assert read(path).faults == ()
    assert list(read(path).entries) == entries


def test_a_second_judgement_of_a_pair_takes_the_place_of_the_first_and_keeps_its_note(path: Path) -> None:
    keep(path, entry("X-1", note="ask Eva"))
    keep(path, entry("X-2"))
    keep(path, entry("x-1", "good", day=DAY))
    assert read(path).entries == (entry("x-1", "good", day=DAY, note="ask Eva"), entry("X-2"))
    keep(path, entry("x-1", "good", note="Eva agrees"))
    assert read(path).entries[0].note == "Eva agrees"


def test_the_same_call_is_judged_apart_for_each_profile(path: Path) -> None:
    keep(path, entry())
    keep(path, entry(verdict="good", profile="town-water"))
    assert [one.verdict for one in read(path).entries] == [Opinion.BAD, Opinion.GOOD]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_file_edited_by_hand_survives_as_it_is(path: Path, delimiter: str, line_end: str) -> None:
    lines = [
        ["Call", "verdict", "Our file no.", "profile", "why"],
        ["X-1", "Bad", "'=7/26", "town-heat", "Not our topic"],
        ["", "", "a heading of ours", "", ""],
        ["X-2", "good", f'"a{delimiter} b"', "town-heat", ""],
        ["X-3", "maybe"],
    ]
    lines[-1] += ["", "town-heat"]
    text = line_end.join(delimiter.join(line) for line in lines) + line_end
    path.write_bytes(text.encode())
    assert [(one.call, one.verdict, one.why) for one in read(path).entries] == [
        ("X-1", Opinion.BAD, Reason.NOT_OUR_TOPIC),
        ("X-2", Opinion.GOOD, None),
        ("X-3", Opinion.MAYBE, None),
    ]
    keep(path, entry("X-3", "good"))
    keep(path, entry("X-4"))
    written = path.read_bytes().decode("utf-8-sig").split(line_end)
    assert written[1:4] == text.split(line_end)[1:4]
    assert written[0] == text.split(line_end)[0] + delimiter + delimiter.join(
        ["by", "day", "note", "fingerprint"]
    )
    assert [one.call for one in read(path).entries] == ["X-1", "X-2", "X-3", "X-4"]
    assert read(path).entries[2].verdict is Opinion.GOOD


@pytest.mark.parametrize(
    "cell",
    ["2026-11-24", "24.11.2026", "24/11/2026", "24-11-2026", "24. 11. 2026", "2026.11.24", "2026. 11. 24."],
)
def test_days_are_read_as_spreadsheets_of_the_eu_write_them(path: Path, cell: str) -> None:
    path.write_text(f"profile;call;verdict;day\na;X;good;{cell}\n", encoding="utf-8")
    assert read(path).entries[0].day == DAY


def test_all_faults_are_told_at_once_with_their_lines_and_the_other_rows_are_read(path: Path) -> None:
    path.write_text(
        "profile,call,verdict,why,day,fingerprint\n"
        "a,X-1,bad,,,\n"
        "a,X-2,baad,,,\n"
        "\n"
        "a,,good,,31.31.2026,\n"
        "a,X-3,good,too-late,,\n"
        'a,x-1,"good\n",,,\n'
        "a,X-4,good,,,,what is this\n"
        "a,X-5,good,,,1234\n",
        encoding="utf-8",
    )
    book = read(path)
    assert [(one.call, line) for one, line in zip(book.entries, book.lines, strict=True)] == [("X-1", 2)]
    told = [(fault.line, f"{fault.found}; {fault.expected}") for fault in book.faults]
    assert [line for line, _ in told] == [3, 5, 5, 6, 7, 9, 10]
    wanted = [
        "verdict: 'baad'; one of: good, maybe, bad",
        "no call",
        "day: '31.31.2026'; a day that exists",
        "no reason (too-late) beside the verdict good",
        "a second judgement of 'x-1' for 'a'; one; line 2 has it",
        "7 cells; at most 6",
        "fingerprint: '1234'; the cell as vie-match feedback wrote it",
    ]
    for (_, text), part in zip(told, wanted, strict=True):
        assert part in text


def test_nothing_is_written_into_a_file_with_faults(path: Path) -> None:
    path.write_text("profile,call,verdict\na,X-1,baad\nb,X-1,goood\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(BadFile) as error:
        keep(path, entry())
    assert [fault.line for fault in error.value.faults] == [2, 3]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"profile;call\na;X\n", "no column verdict"),
        (b"profile;call;verdict;wy\na;X;bad;\n", "did you mean why?"),
        (b"profile;call;verdict;Verdict\na;X;bad;good\n", "the column 'verdict' twice"),
        (b"profile;call;verdict\na;X\xe4;bad\n", "no UTF-8"),
        (b'profile;call;verdict\na;"X;bad\n', "a row that is no CSV"),
    ],
    ids=["missing", "misspelt", "twice", "encoding", "quotes"],
)
def test_what_is_wrong_with_the_file_as_a_whole_is_told(path: Path, content: bytes, wanted: str) -> None:
    path.write_bytes(content)
    assert wanted in "\n".join(map(str, read(path).faults))
    with pytest.raises(BadFile):
        keep(path, entry())
    assert path.read_bytes() == content


def test_rows_before_a_broken_one_are_read(path: Path) -> None:
    path.write_text('profile;call;verdict\na;X-1;bad\na;X-2;"bad\n', encoding="utf-8")
    assert [one.call for one in read(path).entries] == ["X-1"]
    assert [fault.line for fault in read(path).faults] == [3]


def test_a_folder_in_the_place_of_the_file_and_a_huge_file_are_faults(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(read(tmp_path).faults) == 1
    monkeypatch.setattr(feedback, "MAX_BYTES", 10)
    path.write_text("profile;call;verdict\n", encoding="utf-8")
    assert "a larger file" in str(read(path).faults[0])


def test_an_empty_file_gets_its_header(path: Path) -> None:
    path.write_text("\n", encoding="utf-8")
    assert read(path) == feedback.Book()
    keep(path, entry())
    assert read(path).entries == (entry(),)


def test_formulas_stay_texts(path: Path) -> None:
    keep(path, entry(note='=HYPERLINK("x")', by="@eva"))
    assert "'=HYPERLINK" in path.read_text(encoding="utf-8")
    assert (read(path).entries[0].note, read(path).entries[0].by) == ('=HYPERLINK("x")', "@eva")


def test_judgements_given_at_once_are_all_kept(path: Path) -> None:
    threads = [threading.Thread(target=keep, args=(path, entry(f"X-{number}"))) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.call for one in read(path).entries) == [f"X-{number}" for number in range(8)]


def test_who_waits_too_long_for_another_process_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "BUSY_TIMEOUT_S", 0.01)
    with filelock.FileLock(f"{path}.lock"), pytest.raises(StoreBusy, match="another process is writing"):
        keep(path, entry())
    assert not path.exists()


# --- what has changed since ---

# A call with every material fact, and another value for each.
FACTS: dict[str, Any] = {
    "deadlines": ["2027-10-07", "2028-03-01"],
    "deadline_model": "multiple cut-off",
    "budget_total_eur": 9_000_000,
    "grant_min_eur": 100_000,
    "grant_max_eur": 2_000_000,
    "cofunding_rate": 0.6,
    "eligible_applicants": ["local_authority", "sme"],
    "eligible_countries": ["EU27", "NO"],
    "min_participants": 3,
    "min_countries": 2,
    "consortium_note": "A city leads.",
    "conditions": "Apply in one stage.",
    "text": "Plant trees.\n\nStreets become cooler.",
}
OTHERS: dict[str, Any] = {
    "deadlines": ["2027-10-21", "2028-03-01"],
    "budget_total_eur": 9_500_000,
    "grant_min_eur": 0,
    "grant_max_eur": 3_000_000,
    "cofunding_rate": 0.65,
    "eligible_applicants": ["local_authority"],
    "eligible_countries": ["EU27"],
    "min_participants": 4,
    "min_countries": 3,
    "consortium_note": "A region leads.",
    "conditions": "Apply in two stages.",
    "text": "Plant trees. Streets become warmer.",
}
UNSAID = {"eligible_applicants": [], "eligible_countries": [], "consortium_note": "", "conditions": ""}


def test_every_material_fact_is_tried() -> None:
    assert set(OTHERS) == set(MATERIAL)


@pytest.mark.parametrize("name", MATERIAL)
def test_a_change_of_a_material_fact_is_seen_and_no_other_is_named(make_call: MakeCall, name: str) -> None:
    judged = fingerprint(make_call(**FACTS))
    assert FINGERPRINT.fullmatch(judged)
    assert changed(judged, make_call(**FACTS | {name: OTHERS[name]}), DAY) == (name,)


@pytest.mark.parametrize("name", sorted(set(MATERIAL) - {"text", "deadlines"}))
def test_a_source_that_falls_silent_has_changed_nothing_but_one_that_tells_more_has(
    make_call: MakeCall, name: str
) -> None:
    full, silent = make_call(**FACTS), make_call(**FACTS | {name: UNSAID.get(name)})
    assert changed(fingerprint(full), silent, DAY) == ()
    assert changed(fingerprint(silent), full, DAY) == (name,)


@pytest.mark.parametrize(
    "fields",
    [
        {
            "title": "Another title",
            "opening": "2026-06-01",
            "source": "elsewhere",
            "source_date": "2026-11-20",
        },
        {"url": "https://example.org/moved", "themes": ["heat"], "expected_grants": 5},
        {"text": "Plant  trees.\nStreets become cooler."},
        {"eligible_countries": ["NO", "EU27"], "eligible_applicants": ["sme", "local_authority"]},
        {"deadlines": ["2027-10-07 14:00", "2028-03-01"]},
    ],
    ids=["telling", "other", "line breaks", "order", "hour"],
)
def test_what_is_not_material_is_no_change(make_call: MakeCall, fields: dict[str, Any]) -> None:
    assert changed(fingerprint(make_call(**FACTS)), make_call(**FACTS | fields), DAY) == ()


def test_dates_that_have_passed_are_no_change_and_dates_that_were_moved_are(make_call: MakeCall) -> None:
    judged = fingerprint(make_call(**FACTS))
    rest = make_call(**FACTS | {"deadlines": ["2028-03-01"]})
    assert changed(judged, rest, DAY) == ("deadlines",)
    assert changed(judged, rest, dt.date(2027, 10, 8)) == ()
    later = make_call(**FACTS | {"deadlines": ["2028-03-01", "2028-09-01"]})
    assert changed(judged, later, dt.date(2027, 10, 8)) == ("deadlines",)


def test_a_call_without_an_end_that_gets_one_has_changed(make_call: MakeCall) -> None:
    open_all_year = make_call(deadlines=[], deadline_model="continuous")
    unknown = make_call(deadlines=[], deadline_model="not stated")
    dated = make_call()
    assert changed(fingerprint(open_all_year), dated, DAY) == ("deadlines",)
    assert changed(fingerprint(dated), open_all_year, DAY) == ("deadlines",)
    assert changed(fingerprint(unknown), dated, DAY) == ("deadlines",)
    assert changed(fingerprint(dated), unknown, DAY) == ()


def test_without_a_fingerprint_no_change_is_seen(make_call: MakeCall) -> None:
    assert changed("", make_call(), DAY) == ()


def test_a_fingerprint_comes_back_from_the_file(make_call: MakeCall, path: Path) -> None:
    judged = entry(fingerprint=fingerprint(make_call(**FACTS)))
    keep(path, judged)
    assert read(path).entries == (judged,)


# --- lists without what was dismissed ---


def known(call: Call, *keys: str) -> KnownCall:
    return KnownCall(call, {}, (), NOON, frozenset({call.identifier.casefold(), *keys}))


@pytest.fixture
def calls(make_call: MakeCall) -> list[Call]:
    return [make_call(f"X-{number}", text=f"Trees and shade. {'Streets. ' * number}") for number in range(4)]


@pytest.fixture
def ranking(calls: list[Call], make_profile: MakeProfile) -> MatchList:
    return Matcher(HashingEncoder()).fit(calls).rank([make_profile()], moment=NOON)[0]


def identifiers(ranking: MatchList) -> list[str]:
    return [match.call.identifier for match in ranking.matches]


def dismissals(calls: list[Call], *entries: Feedback) -> dismissed.Dismissals:
    return dismissed.dismissals(entries, [known(call) for call in calls])


def test_a_dismissed_call_is_left_out_with_the_reason_and_ranks_have_no_gap(
    ranking: MatchList, calls: list[Call]
) -> None:
    first = ranking.matches[0].call
    said = entry(first.identifier.lower(), why="no-cofunding", day=DAY, fingerprint=fingerprint(first))
    one = dismissed.apart(ranking, dismissals(calls, said))
    assert identifiers(one) == identifiers(ranking)[1:]
    assert [match.rank for match in one.matches] == [1, 2, 3]
    assert [match.score for match in one.matches] == [match.score for match in ranking.matches[1:]]
    [out] = one.left_out
    assert (out.call, out.verdict.rule, out.verdict.answer) == (first, "feedback", Answer.NO)
    assert out.verdict.because == "dismissed on 24 November 2026: the own share of the cost cannot be paid"


@pytest.mark.parametrize("verdict", ["good", "maybe"])
def test_only_bad_calls_are_dismissed_and_only_for_the_profile_judged(
    ranking: MatchList, calls: list[Call], verdict: str
) -> None:
    bad = dismissals(calls, entry("X-0", verdict), entry("X-1", profile="town-water"), entry("X-9"))
    assert dismissed.apart(ranking, bad) == ranking
    assert list(dismissed.back([ranking], bad)) == []


def test_a_call_that_changed_materially_is_back_and_that_is_told(
    ranking: MatchList, calls: list[Call]
) -> None:
    before = calls[2].model_copy(update={"text": "Something else.", "budget": calls[2].budget})
    said = entry("X-2", why="not-our-topic", day=DAY, fingerprint=fingerprint(before))
    bad = dismissals(calls, said)
    one = dismissed.apart(ranking, bad)
    assert identifiers(one) == identifiers(ranking)
    [told] = dismissed.back([one], bad)
    assert told.startswith("X-2 is back for town-heat: dismissed on 24 November 2026: it is not the topic")
    assert "since then this has changed: description" in told


def test_a_dismissal_holds_under_every_identifier_of_the_call(ranking: MatchList, calls: list[Call]) -> None:
    several = [known(calls[0], "old-name"), *map(known, calls[1:])]
    bad = dismissed.dismissals([entry("OLD-NAME")], several)
    assert "X-0" not in identifiers(dismissed.apart(ranking, bad))
    # The later judgement counts, under whatever identifier it was given.
    assert dismissed.dismissals([entry("OLD-NAME"), entry("X-0", "good")], several) == {}


def test_the_most_dismissals_of_one_profile_are_counted() -> None:
    said = [entry("X-1"), entry("X-2"), entry("X-3", "good"), entry("X-1", profile="town-water")]
    assert dismissed.most(said) == 2
    assert dismissed.most([]) == 0


@given(st.sets(st.integers(0, 3)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_call_is_lost(ranking: MatchList, calls: list[Call], numbers: set[int]) -> None:
    bad = dismissals(calls, *(entry(f"X-{number}") for number in numbers))
    one = dismissed.apart(ranking, bad)
    out = {left.call.identifier for left in one.left_out}
    assert out == {f"X-{number}" for number in numbers}
    assert out | set(identifiers(one)) == set(identifiers(ranking))
    assert len(out) + len(one.matches) == len(ranking.matches)


def test_the_columns_are_those_of_the_record() -> None:
    assert COLUMNS == ("profile", "call", "verdict", "why", "by", "day", "note", "fingerprint")
