"""The mails: two editions of one week, the report beside them, headers that hold."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from bs4 import BeautifulSoup
from digests import MOMENT, WEEK, made

from vie_match.foreign import harmless
from vie_match.mail_settings import MailSettings
from vie_match.records import Call, Profile
from vie_match.reports import reasons, render
from vie_match.reports.digest import Digest
from vie_match.reports.mail import Letter, letters, strangers
from vie_match.reports.pictures import TIMELINE, chances_of, draw

MakeCall = Callable[..., Call]
MakeProfile = Callable[..., Profile]


def arrived(letter: Letter) -> EmailMessage:
    """Return a mail as a program sees it."""
    message = message_from_bytes(bytes(letter), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    text = part.get_content()
    assert isinstance(text, str)
    return text


@pytest.fixture
def second(make_call: MakeCall, make_profile: MakeProfile) -> Digest:
    """The second week: a call is new, one has moved, one is closing, one is gone."""
    profiles = [make_profile(), make_profile("burg", city={"name": "Burg", "country": "DE"})]
    closing = make_call("CLOSING", title="Call that closes", deadlines=["2026-12-20"])
    gone = make_call("GONE", title="Call that goes")
    before = [closing, gone, make_call("MOVED", title="Call that moves")]
    after = [closing, make_call("MOVED", title="Call that moves", deadlines=["2027-11-01"]), make_call("NEW")]
    first = made(before, profiles)
    return made(after, profiles, before=first, moment=MOMENT + WEEK)


def test_both_editions_tell_the_week_with_reason_verdict_and_link(second: Digest) -> None:
    [letter] = letters(second)
    message = arrived(letter)
    text = body(message, "plain")
    soup = BeautifulSoup(body(message, "html"), "html.parser")
    for told in (" ".join(text.split()), " ".join(soup.get_text(" ").split())):
        assert "Call that closes" in told
        assert "7 October 2027 → 1 November 2027" in told
        assert "Call that goes" in told
        for part in second.cities:
            assert part.profile.city.name in told
            assert " ".join(reasons.reason(part.best[0]).split()) in told
        assert "report-2026-12-08.html" in told
    assert (
        text.count("https://example.org/call") == soup.decode().count('href="https://example.org/call"') > 0
    )
    assert max(map(len, text.splitlines())) <= 78


def test_the_html_edition_needs_nothing_that_mail_programs_drop(second: Digest) -> None:
    [letter] = letters(second)
    page = body(arrived(letter), "html")
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.find_all(["script", "style", "link", "details", "svg", "form"])
    assert "var(" not in page
    assert soup.html is not None
    assert soup.html["lang"] == "en"


def test_the_full_report_is_attached_and_the_picture_inline(second: Digest) -> None:
    drawn = draw(second, "en")
    [letter] = letters(second, pictures=drawn)
    message = arrived(letter)
    structure = [part.get_content_type() for part in message.walk()]
    assert structure == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/html",
    ]
    [attached] = message.iter_attachments()
    assert attached.get_filename() == "report-2026-12-08.html"
    page = harmless(render.html(second, "en", drawn))
    assert attached.get_content().splitlines() == page.splitlines()
    [image] = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert image.get_content() == drawn[TIMELINE].png
    assert image["Content-Disposition"].content_disposition == "inline"
    [shown] = BeautifulSoup(body(message, "html"), "html.parser").find_all("img")
    assert image["Content-ID"] == f"<{str(shown['src']).removeprefix('cid:')}>"
    assert shown["alt"] == drawn[TIMELINE].alt


def test_the_headers_say_what_it_is_and_that_nobody_wrote_it(second: Digest) -> None:
    settings = MailSettings(
        sender="Förderbüro <o@example.org>", recipients=("A <a@example.org>", "b@example.org")
    )
    [letter] = letters(second, settings)
    message = arrived(letter)
    assert message["Subject"] == "EU calls, 8 December 2026: 1 new, 1 changed, 1 closing soon"
    assert str(message["From"]) == "Förderbüro <o@example.org>"
    assert [one.addr_spec for one in message["To"].addresses] == ["a@example.org", "b@example.org"]
    assert message["Date"].datetime == MOMENT + WEEK
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_mail_made_again_on_its_day_is_the_same_mail(second: Digest) -> None:
    assert [bytes(one) for one in letters(second)] == [bytes(one) for one in letters(second)]


def test_a_mail_of_another_day_or_project_is_another(
    second: Digest, make_call: MakeCall, make_profile: MakeProfile
) -> None:
    settings = MailSettings(profiles={"burg": ("b@example.org",)})
    other = made([make_call()], [make_profile()])
    ids = [one.message["Message-ID"] for digest in (second, other) for one in letters(digest, settings)]
    assert len(ids) == 3
    assert len(set(ids)) == 3


def test_a_project_gets_its_own_part(second: Digest) -> None:
    settings = MailSettings(
        recipients=("a@example.org",),
        profiles={"burg": ("b@example.org",), "not-there": ("c@example.org",), "town-heat": ()},
    )
    network, own = letters(second, settings)
    assert (network.key, own.key) == ("", "burg")
    message = arrived(own)
    assert message["To"] == "b@example.org"
    assert message["Subject"].startswith("EU calls for Burg, 8 December 2026: ")
    assert "Town" not in body(message, "plain") + body(message, "html")
    [attached] = message.iter_attachments()
    assert "Town" not in attached.get_content()
    images = [part.get_filename() for part in message.walk() if part.get_content_type() == "image/png"]
    assert images == [f"{chances_of('burg')}.png"]


def test_mails_about_a_profile_that_is_none_are_told() -> None:
    settings = MailSettings(profiles={"bug": ["a@example.org"], "town": ["a@example.org"], "none": []})
    [told] = strangers(settings, ["burg", "town"])
    assert "the profile 'bug' (did you mean burg?)" in told
    assert "zum Profil 'bug' (meinten Sie burg?)" in strangers(settings, ["burg", "town"], "de")[0]


def test_the_mail_speaks_german(second: Digest) -> None:
    [letter] = letters(second, language="de")
    message = arrived(letter)
    assert message["Subject"] == "EU-Aufrufe, 8. Dezember 2026: 1 neu, 1 geändert, 1 mit naher Frist"
    soup = BeautifulSoup(body(message, "html"), "html.parser")
    assert soup.html is not None
    assert soup.html["lang"] == "de"
    assert "Der ganze Bericht mit allen Gründen" in soup.get_text()


def test_a_week_without_anything_says_so(make_call: MakeCall, make_profile: MakeProfile) -> None:
    [letter] = letters(made([make_call(deadlines=["2026-01-15"])], [make_profile()]))
    for kind in ("plain", "html"):
        assert "Nothing suitable this week." in body(arrived(letter), kind)


def test_more_than_three_of_a_section_are_counted(make_call: MakeCall, make_profile: MakeProfile) -> None:
    calls = [make_call(f"C-{number}", deadlines=["2026-12-20"]) for number in range(8)]
    [letter] = letters(made(calls, [make_profile()]))
    assert "and 5 more in the report" in body(arrived(letter), "plain")
    assert "and 5 more in the report" in body(arrived(letter), "html")


def test_projects_without_anything_to_do_stand_together_at_the_end(
    make_call: MakeCall, make_profile: MakeProfile
) -> None:
    [letter] = letters(made([make_call()], [make_profile()]))
    soup = BeautifulSoup(body(arrived(letter), "html"), "html.parser")
    assert [heading.get_text() for heading in soup.find_all("h2")] == ["Nothing to do this week"]
    for told in (soup.get_text(" "), body(arrived(letter), "plain")):
        one = "Town, Cool streets for our town: 1 call is still open, with time enough."
        assert one in " ".join(told.split()).replace(" ,", ",").replace(" :", ":")
