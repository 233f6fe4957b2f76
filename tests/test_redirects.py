from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import replay
from replay import ReplayServer, page, redirect, status

from vie_match.errors import BadValue, SourceChanged, SourceDown, SourceRefused
from vie_match.store.responses import ResponseStore
from vie_match.web import session as web

CALLS = page("<h1>Calls</h1>")

Open = Callable[..., web.Session]


@pytest.fixture
def other() -> Iterator[ReplayServer]:
    """Another server, whose address is not configured."""
    with ReplayServer({"/calls": page("somebody else's")}) as running:
        yield running


# Where we go, and where we do not.


def test_an_address_that_is_not_configured_is_not_asked(
    other: ReplayServer, session: web.Session, tmp_path: Path
) -> None:
    for ask in (
        lambda: session.get(other.url + "/calls"),
        lambda: session.post(other.url + "/calls", {}),
        lambda: session.save(other.url + "/calls", tmp_path / "dump"),
    ):
        with pytest.raises(SourceRefused, match="expected one on a host that is configured"):
            ask()
    assert other.requests == []


def test_a_host_inside_ones_own_network_is_not_asked(server: ReplayServer, open_session: Open) -> None:
    # A name that stands for the loopback without any telephone book.
    url = server.url.replace("127.0.0.1", "127.1")
    with pytest.raises(SourceRefused, match=r"whose host is 127\.0\.0\.1; expected a host on the public net"):
        open_session(url).get(url + "/calls")
    assert server.requests == []


@pytest.mark.parametrize(
    "to", ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "file:///etc"]
)
def test_a_redirect_to_a_private_address_is_not_followed(
    server: ReplayServer, session: web.Session, to: str
) -> None:
    server.routes["/calls"] = redirect(to)
    with pytest.raises(SourceRefused, match=rf"^GET {server.url}/calls: leads elsewhere; .*{re.escape(to)}"):
        session.get(server.url + "/calls")
    assert len(server.requests) == 1


def test_a_redirect_to_a_configured_name_inside_ones_own_network_is_not_followed(
    server: ReplayServer, open_session: Open
) -> None:
    inside = server.url.replace("127.0.0.1", "127.1")
    server.routes["/moved"] = redirect(inside + "/calls")
    with pytest.raises(SourceRefused, match="public net"):
        open_session(server.url, inside).get(server.url + "/moved")
    assert server.asked("/calls") == []


def test_a_redirect_to_another_host_is_not_followed(
    server: ReplayServer, other: ReplayServer, session: web.Session
) -> None:
    server.routes["/calls"] = redirect(other.url + "/calls")
    with pytest.raises(SourceRefused, match=f"leads elsewhere; .*{other.url}/calls"):
        session.get(server.url + "/calls")
    assert other.requests == []


def test_a_redirect_to_another_configured_host_is_followed_with_nothing_of_the_first(
    server: ReplayServer, other: ReplayServer, open_session: Open, archive: ResponseStore
) -> None:
    server.routes["/moved"] = [
        page("here", etag='"secret"', set_cookie="id=secret; Path=/"),
        redirect(other.url + "/calls"),
    ]
    session = open_session(server.url, other.url, archive=archive)
    session.get(server.url + "/moved")
    assert session.get(server.url + "/moved").text() == "somebody else's"
    assert server.requests[1].headers["if-none-match"] == '"secret"'
    assert other.requests[0].headers.keys() == {
        "host",
        "user-agent",
        "accept-encoding",
        "accept",
        "connection",
    }
    assert "secret" not in str(other.requests[0].headers)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/calls", "calls", "{url}/calls", "./x/../calls#part", "//{host}/calls"])
def test_redirects_lead_to_the_page(server: ReplayServer, session: web.Session, code: int, to: str) -> None:
    host = server.url.removeprefix("http://")
    server.routes["/moved"] = redirect(to.format(url=server.url, host=host), code)
    got = session.get(server.url + "/moved")
    assert (got.url, got.text()) == (server.url + "/calls", "<h1>Calls</h1>")


@pytest.mark.parametrize(
    ("code", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_form_stays_one_only_where_the_redirect_says_so(
    server: ReplayServer, session: web.Session, code: int, method: str
) -> None:
    server.routes["/search"] = redirect("/calls", code)
    session.post(server.url + "/search", {"query": {"text": "heat"}})
    (request,) = server.asked("/calls")
    assert request.method == method
    assert bool(request.body) == ("content-type" in request.headers) == (method == "POST")
    assert request.body in (b"", server.requests[0].body)


def test_a_redirect_with_letters_beyond_ascii_is_followed(server: ReplayServer, session: web.Session) -> None:
    server.routes["/moved"] = redirect("/grüße".encode().decode("latin-1"))
    server.routes["/gr%C3%BC%C3%9Fe"] = CALLS
    assert session.get(server.url + "/moved").text() == "<h1>Calls</h1>"


def test_five_redirects_are_followed_and_six_are_not(server: ReplayServer, session: web.Session) -> None:
    server.routes |= {f"/{number}": redirect(f"/{number + 1}") for number in range(6)} | {"/6": CALLS}
    assert session.get(server.url + "/1").text() == "<h1>Calls</h1>"
    server.requests.clear()
    with pytest.raises(SourceDown, match=r"led round in circles, .* after at most 5 redirects"):
        session.get(server.url + "/0")
    assert [request.path for request in server.requests] == [f"/{number}" for number in range(6)]


@pytest.mark.parametrize("ring", [["/a"], ["/a", "/b"], ["/a", "/b", "/c"]])
def test_a_redirect_loop_is_left_at_once(server: ReplayServer, session: web.Session, ring: list[str]) -> None:
    server.routes |= dict(zip(ring, map(redirect, [*ring[1:], ring[0]]), strict=True))
    with pytest.raises(SourceDown, match=f"led round in circles, at last to {server.url}/a;"):
        session.get(server.url + "/a")
    assert [request.path for request in server.requests] == ring


def test_a_redirect_to_nowhere_is_a_changed_source(server: ReplayServer, session: web.Session) -> None:
    server.routes["/calls"] = status(302)
    with pytest.raises(SourceChanged, match="answered 302"):
        session.get(server.url + "/calls")


@pytest.mark.parametrize(
    "to", ["http://[::1", "http://a b/", "https://", "http://\xff/", "mailto:x@example.org"]
)
def test_a_redirect_to_no_address_at_all_is_refused(
    server: ReplayServer, session: web.Session, to: str
) -> None:
    server.routes["/calls"] = redirect(to)
    with pytest.raises(SourceRefused, match="leads elsewhere"):
        session.get(server.url + "/calls")


def test_the_body_of_a_redirect_is_not_read(server: ReplayServer, session: web.Session) -> None:
    endless = replace(redirect("/calls"), body=b"x" * 100, length=10**12, drip_s=9)
    server.routes["/moved"] = endless
    start = time.monotonic()
    session.get(server.url + "/moved")
    assert time.monotonic() - start < 5


# A connection that is what it says.


@pytest.fixture
def secure() -> Iterator[ReplayServer]:
    with ReplayServer({"/calls": CALLS}, tls=True) as running:
        yield running


def test_a_certificate_nobody_vouches_for_is_not_trusted(secure: ReplayServer, open_session: Open) -> None:
    with pytest.raises(SourceDown, match=r"no secure connection \(.*certificate verify failed"):
        open_session(secure.url, attempts=1).get(secure.url + "/calls")
    assert secure.requests == []


@pytest.fixture
def trusted(open_session: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment vouches for the tests' own authority; open_session takes former settings away."""
    bundle = tmp_path / "authority.pem"
    replay.AUTHORITY.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


@pytest.mark.usefixtures("trusted")
def test_certificates_of_ones_own_network_come_from_the_environment(
    secure: ReplayServer, open_session: Open
) -> None:
    assert open_session(secure.url).get(secure.url + "/calls").text() == "<h1>Calls</h1>"


def test_certificates_that_are_not_there_are_a_wrong_setting(
    secure: ReplayServer, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file.pem")
    with pytest.raises(BadValue, match=r"found REQUESTS_CA_BUNDLE=/no/such/file\.pem; expected a file"):
        open_session(secure.url).get(secure.url + "/calls")


@pytest.mark.parametrize(
    "proxy", ["http://[", "nonsense", "ftp://127.0.0.1:9", "socks5://127.0.0.1:9", "http://:0"]
)
def test_a_proxy_that_is_none_is_a_source_that_is_down(
    server: ReplayServer, open_session: Open, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(SourceDown, match="tried once"):
        open_session(attempts=1).get(server.url + "/calls")
    assert server.requests == []


@pytest.mark.usefixtures("trusted")
def test_https_does_not_become_http(secure: ReplayServer, server: ReplayServer, open_session: Open) -> None:
    secure.routes["/moved"] = redirect(server.url + "/calls")
    with pytest.raises(SourceRefused, match="expected https to stay https"):
        open_session(secure.url, server.url).get(secure.url + "/moved")
    assert server.requests == []


def test_a_proxy_of_the_environment_is_asked_and_looks_hosts_up_itself(
    server: ReplayServer, open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    got = open_session("http://portal.invalid").get("http://portal.invalid/calls")
    assert (got.url, got.text()) == ("http://portal.invalid/calls", "<h1>Calls</h1>")
    assert server.requests[0].target == "http://portal.invalid/calls"


def test_hosts_the_environment_excepts_are_asked_directly(
    server: ReplayServer, session: web.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert session.get(server.url + "/calls").text() == "<h1>Calls</h1>"
