"""Requests on the wire: at a measured pace, to admitted addresses only, tried again when it may help.

An attempt is a request, its redirects and the whole body of the answer. No cookies are kept and no
passwords sent: an answer depends on nothing but its request, so that an archive can stand in for the source.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import importlib.metadata
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

import requests
import stamina
import urllib3

from vie_match.errors import BadValue, SourceChanged, SourceDown, SourceRefused
from vie_match.web import bodies
from vie_match.web.addresses import Addresses, host_of, shown

log = logging.getLogger(__name__)

# It warns of each new attempt, which is in our own log already; where nobody set up logging, be silent.
logging.getLogger("stamina").addHandler(logging.NullHandler())

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPING_METHOD = frozenset({307, 308})

# Pauses between attempts in seconds: 1, 2, 4 …, and up to one more at random, lest all come back at once.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_JITTER_S = 1.0

# Servers that ask for more are left alone for this run.
MAX_WAIT_S = 120.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hop:
    """One request as it is sent; a redirect leads to the next one.

    Attributes
    ----------
    method : str
    url : str
        An admitted one.
    body : bytes
    content_type : str
        Of the body.
    """

    method: str
    url: str
    body: bytes = b""
    content_type: str = ""

    def __str__(self) -> str:
        return f"{self.method} {shown(self.url)}"


class _Failed(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, found: str, wait_s: float = 0) -> None:
        self.wait_s = wait_s
        super().__init__(found)


# What may pass, in words; the first that fits. The libraries' own words would show the whole address.
_PASSING: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "no secure connection"),
    (requests.exceptions.ProxyError, "no connection to the proxy"),
    (requests.exceptions.ConnectTimeout, "no connection in time"),
    (requests.exceptions.Timeout, "no answer in time"),
    (requests.exceptions.ConnectionError, "no connection"),
    (requests.exceptions.RequestException, "no valid answer"),
    (socket.gaierror, "no such host"),
    (urllib3.exceptions.TimeoutError, "the answer stopped in the middle"),
    (urllib3.exceptions.HTTPError, "the answer broke off"),
    (bodies.Broken, "the answer is not whole"),
)
_PASSING_TYPES = tuple(kind for kind, _ in _PASSING)


class Transport:
    """Sends requests and hands their answers over while the connection is open.

    Parameters
    ----------
    addresses : Addresses
        Those that may be asked; each redirect is held against them too.
    pace_s : float
        Seconds between the beginnings of two requests to one host, at least.
    attempts : int
        How often a request is tried.
    timeout_s : (float, float)
        Seconds to connect, and seconds without a byte.
    """

    def __init__(
        self, addresses: Addresses, pace_s: float, attempts: int, timeout_s: tuple[float, float]
    ) -> None:
        self._addresses = addresses
        self._pace = _Pace(pace_s)
        self._timeout_s = timeout_s
        self._persistent = stamina.RetryingCaller(
            attempts=attempts,
            timeout=None,
            wait_initial=_FIRST_PAUSE_S,
            wait_max=_LONGEST_PAUSE_S,
            wait_jitter=_JITTER_S,
        ).on(_pause)
        self._http = requests.Session()
        version = importlib.metadata.version("vie-match")
        self._http.headers["User-Agent"] = f"vie-match/{version} (+https://github.com/vie-match/vie-match)"
        self._http.headers["Accept-Encoding"] = bodies.ACCEPTED
        # With a login of our own, if only an empty one, requests does not look for one in .netrc.
        self._http.auth = _no_login

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def fetch(
        self,
        request: Hop,
        use: Callable[[str, requests.Response], T],
        conditions: Mapping[str, Mapping[str, str]],
    ) -> T:
        """Return what ``use`` makes of the answer, after as many attempts as it takes.

        Parameters
        ----------
        request : Hop
        use : callable
            Gets the address the answer comes from and the answer, status 200, or 304 if there was a
            condition; nothing of the body is read yet. Called anew with each attempt.
        conditions : mapping of str to mapping of str to str
            Address → headers that are sent to this address only.

        Raises
        ------
        SourceDown
            If the source gave no whole answer, led round in circles, or wants to be left alone.
        SourceChanged
            For a status that will not pass.
        SourceRefused
            If a redirect leads where we may not go.
        BadValue
            If the environment names certificates that are not there.
        """
        tried = 0

        def attempt() -> T:
            nonlocal tried
            tried += 1
            return self._attempt(request, use, conditions)

        try:
            return self._persistent(attempt)
        except _Failed as failure:
            times = f"{tried} times" if tried > 1 else "once"
            raise SourceDown(
                f"{request}: {failure}, tried {times}; expected a whole answer; try again later",
                failure.wait_s or None,
            ) from failure

    def _attempt(
        self,
        request: Hop,
        use: Callable[[str, requests.Response], T],
        conditions: Mapping[str, Mapping[str, str]],
    ) -> T:
        hop, passed = request, [request]
        while True:
            asked_with = conditions.get(hop.url, {})
            with self._exchange(hop, asked_with) as response:
                if response.status_code == 200 or (response.status_code == 304 and asked_with):
                    return use(hop.url, response)
                hop = self._next(hop, response)
            if hop in passed or len(passed) > MAX_REDIRECTS:
                raise SourceDown(
                    f"{request}: led round in circles, at last to {shown(hop.url)}; expected an answer after "
                    f"at most {MAX_REDIRECTS} redirects; try again later"
                )
            passed.append(hop)

    def _next(self, hop: Hop, response: requests.Response) -> Hop:
        """Return where an answer leads, or raise what else it means."""
        status = response.status_code
        if status not in _REDIRECTS or "Location" not in response.headers:
            raise _meaning(hop, response)
        # The bytes of a header come as Latin-1; where they are not ASCII, sites write UTF-8 into it.
        location = response.headers["Location"].encode("latin-1", "replace").decode("utf-8", "replace")
        try:
            url = self._addresses.admitted(urljoin(hop.url, location))
        except (ValueError, SourceRefused) as error:
            raise SourceRefused(f"{hop}: leads elsewhere; {error}") from error
        if hop.url.startswith("https:") and not url.startswith("https:"):
            raise SourceRefused(f"{hop}: leads to {shown(url)}; expected https to stay https")
        if status in _KEEPING_METHOD:
            return Hop(hop.method, url, hop.body, hop.content_type)
        return Hop("GET", url)

    @contextmanager
    def _exchange(self, hop: Hop, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """Send one request; as long as its answer is read, say in our words what goes wrong."""
        start, outcome, size = time.monotonic(), "no answer", 0
        try:
            with closing(self._send(hop, headers)) as response:
                outcome = str(response.status_code)
                try:
                    yield response
                finally:
                    size = response.raw.tell()
        except _PASSING_TYPES as error:
            words = next(words for kind, words in _PASSING if isinstance(error, kind))
            raise _Failed(f"{words} ({_root(error)})") from error
        finally:
            log.info("%s: %s, %d bytes, %.1f s", hop, outcome, size, time.monotonic() - start)

    def _send(self, hop: Hop, headers: Mapping[str, str]) -> requests.Response:
        typed = {"Content-Type": hop.content_type} if hop.body else {}
        prepared = self._http.prepare_request(
            requests.Request(hop.method, hop.url, headers={**headers, **typed}, data=hop.body)
        )
        environment = self._http.merge_environment_settings(hop.url, {}, True, True, None)
        proxies, verify = environment["proxies"], environment["verify"] or True
        if isinstance(verify, str) and not Path(verify).exists():
            raise BadValue(f"found REQUESTS_CA_BUNDLE={verify}; expected a file of certificates that exists")
        if not requests.utils.select_proxy(hop.url, proxies):
            self._addresses.resolve(hop.url)
        self._pace.wait(host_of(hop.url))
        # Not by requests' own send: it would read the body of a redirect, however large, and keep cookies.
        return self._http.get_adapter(hop.url).send(
            prepared, stream=True, timeout=self._timeout_s, verify=verify, proxies=proxies
        )


class _Pace:
    """Spreads the requests to each host, whichever threads they come from."""

    def __init__(self, pace_s: float) -> None:
        self._pace_s = pace_s
        self._free: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._free.get(host, now))
            self._free[host] = turn + self._pace_s
        time.sleep(turn - now)


def _no_login(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _pause(error: Exception) -> bool | float:
    """Say whether to try again, and after how many seconds if the server named a number."""
    return isinstance(error, _Failed) and (error.wait_s or True)


def _meaning(hop: Hop, response: requests.Response) -> Exception:
    """Return what a status means that is neither an answer nor leads to one."""
    status = f"answered {response.status_code} {response.reason or ''}".strip()
    if response.status_code != 429 and response.status_code < 500:
        return SourceChanged(
            f"{hop}: {status}; expected 200; look the address up: it may have moved, or want a login"
        )
    wait_s = retry_after(response.headers.get("Retry-After", ""), dt.datetime.now(dt.UTC))
    if wait_s > MAX_WAIT_S:
        return SourceDown(
            f"{hop}: {status} and asks to wait {wait_s:,.0f} s; expected at most {MAX_WAIT_S:.0f}; "
            "try again after that",
            wait_s,
        )
    return _Failed(status, wait_s)


def retry_after(header: str, now: dt.datetime) -> float:
    """Return the seconds that a ``Retry-After`` header asks to wait; 0 for none, a past or a broken one.

    Parameters
    ----------
    header : str
        Seconds, or a date as in HTTP.
    now : datetime
        With a time zone.

    Examples
    --------
    >>> now = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)
    >>> retry_after("30", now), retry_after("Wed, 25 Nov 2026 12:01:30 GMT", now), retry_after("soon", now)
    (30.0, 90.0, 0.0)
    """
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    # "-0000" is a time in UTC that does not say so.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())


def _root(error: Exception) -> str:
    """Return what the innermost of an error's causes says, or is called."""
    causes = (error.__cause__, getattr(error, "reason", None), *error.args)
    cause = next((one for one in causes if isinstance(one, Exception)), None)
    return _root(cause) if cause else str(error) or type(error).__name__
