from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from vie_match.errors import BadValue, SourceRefused
from vie_match.web.addresses import Addresses, shown

CONFIGURED = ["https://portal.example/calls", "http://plain.example:8080", "http://127.0.0.1:8000/mirror"]


@pytest.fixture
def addresses() -> Addresses:
    return Addresses(CONFIGURED)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A telephone book of hosts instead of the net's."""
    book: dict[str, str] = {}

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host not in book:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, 0, 0, "", (number, port)) for number in book[host].split()]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return book


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://portal.example", "https://portal.example/"),
        ("https://portal.example:443/x?a=1#part", "https://portal.example:443/x?a=1"),
        ("HTTPS://Portal.Example/Grüße und mehr", "https://portal.example/Gr%C3%BC%C3%9Fe%20und%20mehr"),
        ("https://portal.example/x?text=***", "https://portal.example/x?text=***"),
        ("http://plain.example:8080/x", "http://plain.example:8080/x"),
        ("http://127.0.0.1:8000/elsewhere", "http://127.0.0.1:8000/elsewhere"),
    ],
)
def test_an_address_on_a_configured_host_is_admitted(addresses: Addresses, url: str, sent: str) -> None:
    assert addresses.admitted(url) == sent
    assert addresses.admitted(sent) == sent


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/calls",
        "https://portal.example:8443/",
        "https://other.example/",
        "https://sub.portal.example/",
        "https://portal.example.evil.example/",
        "https://portal.example./",
        "http://plain.example/",
        "https://plain.example:8080/",
        "http://127.0.0.1/",
        "http://localhost:8000/",
        "https://portal.example@evil.example/",
        "https://evil.example\\@portal.example/",
        "https://user@portal.example/",
        "https://:@portal.example/",
        "https://user:secret@portal.example/",
        "ftp://portal.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "/calls",
        "//portal.example/",
        "https:///calls",
        "https://[::1",
        "https://portal.example:99999/",
        "https://port al.example/",
        "https://" + "a" * 70 + ".example/",
        "https://a..example/",
        "https://\udc80/",
        "",
    ],
)
def test_any_other_address_is_refused(addresses: Addresses, url: str) -> None:
    with pytest.raises(SourceRefused, match="expected"):
        addresses.admitted(url)


def test_a_refusal_names_the_address_and_the_hosts_without_any_password(addresses: Addresses) -> None:
    with pytest.raises(SourceRefused) as caught:
        addresses.admitted("https://other.example/?token=secret")
    message = str(caught.value)
    assert "https://other.example/?token=…" in message
    assert "https://portal.example" in message
    with pytest.raises(SourceRefused) as caught:
        addresses.admitted("https://user:secret@portal.example/")
    assert "secret" not in str(caught.value)


def test_plain_http_on_its_usual_port_may_become_https() -> None:
    addresses = Addresses(["http://portal.example"])
    assert addresses.admitted("https://portal.example/x") == "https://portal.example/x"
    with pytest.raises(SourceRefused):
        addresses.admitted("https://portal.example:8443/x")


@pytest.mark.parametrize("url", ["portal.example", "ftp://portal.example", "https://", "h", ""])
def test_a_base_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(BadValue, match="expected an address like"):
        Addresses(["https://portal.example", url])


@pytest.mark.parametrize(
    "numbers",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%2",
        "fd00::1",
        "ff02::1",
        "::ffff:192.168.1.1",
        "2002:7f00:1::",
        "93.184.216.34 10.0.0.1",
    ],
)
def test_a_host_inside_ones_own_network_is_refused(
    addresses: Addresses, names: dict[str, str], numbers: str
) -> None:
    names["portal.example"] = numbers
    with pytest.raises(SourceRefused, match="expected a host on the public net") as caught:
        addresses.resolve("https://portal.example/calls")
    assert numbers.rsplit(maxsplit=1)[-1] in str(caught.value)


@pytest.mark.parametrize("numbers", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_a_host_on_the_public_net_is_not(addresses: Addresses, names: dict[str, str], numbers: str) -> None:
    names["portal.example"] = numbers
    addresses.resolve("https://portal.example/calls")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:80", "http://10.0.0.1"]
)
def test_a_host_configured_by_its_number_is_meant(names: dict[str, str], url: str) -> None:
    addresses = Addresses([url])
    addresses.resolve(addresses.admitted(url))


def test_other_spellings_of_a_number_are_looked_up(names: dict[str, str]) -> None:
    names["127.1"] = "127.0.0.1"
    addresses = Addresses(["http://127.1"])
    with pytest.raises(SourceRefused, match="public net"):
        addresses.resolve("http://127.1/")


def test_a_host_that_nobody_knows_is_an_error_of_the_net(addresses: Addresses, names: dict[str, str]) -> None:
    with pytest.raises(socket.gaierror):
        addresses.resolve("https://portal.example/")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://a.example/x?page=2&text=heat", "https://a.example/x?page=2&text=heat"),
        ("https://a.example/x?apiKey=SECRET&page=2", "https://a.example/x?apiKey=…&page=2"),
        ("https://a.example/x?access_token=SECRET", "https://a.example/x?access_token=…"),
        (
            "https://a.example/x?Password=SECRET&X-Signature=SECRET",
            "https://a.example/x?Password=…&X-Signature=…",
        ),
        ("https://a.example/x?key", "https://a.example/x?key"),
        ("https://me:SECRET@a.example/", "https://…@a.example/"),
        ("https://a.example/\nINFO all is well", "https://a.example/\\nINFO all is well"),
    ],
)
def test_addresses_are_shown_without_what_is_secret(url: str, wanted: str) -> None:
    assert shown(url) == wanted


def test_a_very_long_address_is_cut() -> None:
    assert len(shown("https://a.example/" + "x" * 100_000)) < 400


PIECES = ["http", "https", "://", "//", "@", "portal.example", "127.0.0.1", ":", "80", "8000", "/", "\\", "?"]
PIECES += ["#", "[", "]", "%", "%2e", "\udc80", "\n", "\0", " ", "é", ".", "key=", "&"]


@given(
    st.text(st.characters(exclude_categories=[]))
    | st.lists(st.sampled_from(PIECES)).map("".join)
    | st.lists(st.sampled_from(PIECES)).map(lambda pieces: "https://portal.example" + "".join(pieces))
)
def test_whatever_is_admitted_is_sent_to_a_configured_host(url: str) -> None:
    shown(url).encode()
    try:
        admitted = Addresses(CONFIGURED).admitted(url)
    except SourceRefused as refusal:
        str(refusal).encode()
        return
    sent = urlsplit(requests.Request("GET", admitted).prepare().url)
    assert (sent.scheme, sent.hostname, sent.port) in {
        ("https", "portal.example", None),
        ("https", "portal.example", 443),
        ("http", "plain.example", 8080),
        ("http", "127.0.0.1", 8000),
    }
