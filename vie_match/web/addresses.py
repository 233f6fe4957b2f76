"""Which addresses may be asked: the configured ones, on the public net; and how they are shown."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from vie_match.errors import BadValue, SourceRefused

_PORTS = {"http": 80, "https": 443}

# Parts of query names whose values are nobody else's business.
_SECRET = re.compile(r"key|token|secret|passw|auth|signature|session", re.IGNORECASE)

_SHOWN = 300

Origin = tuple[str, str, int]


class Addresses:
    """The scheme, host and port of each configured source.

    Parameters
    ----------
    base_urls : iterable of str
        Of a host configured with ``http`` on the usual port, ``https`` on its usual port is allowed too.

    Raises
    ------
    BadValue
        If one is no address of the web.
    """

    def __init__(self, base_urls: Iterable[str]) -> None:
        self._origins: set[Origin] = set()
        for base_url in base_urls:
            try:
                scheme, host, port = _origin(_parsed(base_url))
            except SourceRefused as error:
                raise BadValue(f"{error} in the settings of the sources") from None
            self._origins.add((scheme, host, port))
            if (scheme, port) == ("http", 80):
                self._origins.add(("https", host, 443))
        self._named = {host for _, host, _ in self._origins if host == "localhost" or _is_literal(host)}

    def admitted(self, url: str) -> str:
        """Return an address as it is sent: percent-encoded, without the fragment.

        Parameters
        ----------
        url : str
            From a setting, a page or a redirect: anything at all.

        Raises
        ------
        SourceRefused
            If it is not on a configured host, or no address of the web.
        """
        parsed = _parsed(url)
        if _origin(parsed) not in self._origins:
            allowed = ", ".join(sorted({f"{scheme}://{host}" for scheme, host, _ in self._origins}))
            raise SourceRefused(
                f"found the address {shown(url)}; expected one on a host that is configured ({allowed})"
            )
        return parsed._replace(path=parsed.path or "/", fragment=None).url

    def resolve(self, url: str) -> None:
        """Look the host up and make sure that it is not a machine inside one's own network.

        A host that the settings name as a number, or as ``localhost``, is meant and not looked up.

        Parameters
        ----------
        url : str
            An admitted one.

        Raises
        ------
        SourceRefused
            If one of its numbers is private, loopback, link-local or reserved.
        socket.gaierror
            If it has none.
        """
        _, host, port = _origin(_parsed(url))
        if host in self._named:
            return
        for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if not _is_public(str(place[0])):
                raise SourceRefused(
                    f"found the address {shown(url)}, whose host is {place[0]}; expected a host on the "
                    "public net; a mirror inside one's own network is configured by its number"
                )


def shown(url: str) -> str:
    """Return an address for messages: keys and passwords left out, cut when very long.

    Examples
    --------
    >>> shown("https://me:pw@example.org/search?apiKey=abc&text=heat")
    'https://…@example.org/search?apiKey=…&text=heat'
    """
    address, mark, query = url.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    shown_query = "&".join(
        f"{name}={'…' if _SECRET.search(name) else value}" if equals else name
        for name, equals, value in pairs
    )
    whole = re.sub(r"(?<=//)[^/@]*@", "…@", address) + mark + shown_query
    whole = whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"
    # A line break of somebody else's must not begin a line in a log.
    return whole if whole.isprintable() else repr(whole)[1:-1]


def host_of(url: str) -> str:
    """Return the host of an admitted address.

    Examples
    --------
    >>> host_of("http://127.0.0.1:8000/calls?page=2")
    '127.0.0.1'
    """
    return parse_url(url).host or ""


def _parsed(url: str) -> Url:
    try:
        parsed = parse_url(url)
        # Looked up in this form; labels that are empty or too long have none.
        (parsed.host or "").encode("idna")
        return parsed
    except (LocationParseError, UnicodeError) as error:
        raise SourceRefused(f"found {shown(url)}; expected an address like https://host/path") from error


def _origin(parsed: Url) -> Origin:
    if parsed.scheme not in _PORTS or not parsed.host or parsed.auth is not None:
        raise SourceRefused(
            f"found {shown(str(parsed))}; expected an address like https://host/path, without a user's name"
        )
    port = _PORTS[parsed.scheme] if parsed.port is None else parsed.port
    return parsed.scheme, parsed.host, port


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number)
    if isinstance(address, ipaddress.IPv6Address):
        # An old address in a new one's clothes is what it wraps.
        address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast
