from __future__ import annotations

import codecs
import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import replay
import requests
from hypothesis import given
from hypothesis import strategies as st

from vie_match.web.bodies import Broken, decoded, pieces

TOWNS = "Łódź, Plzeň, Győr und Mönchengladbach – für 1 €"
GREEK = "Δήμος Θεσσαλονίκης"


@pytest.mark.parametrize(
    ("content", "header", "wanted"),
    [
        pytest.param(TOWNS.encode(), "text/html; charset=utf-8", TOWNS, id="as the header says"),
        pytest.param(TOWNS.encode(), "", TOWNS, id="no header"),
        pytest.param(TOWNS.encode(), "text/html", TOWNS, id="a header without charset"),
        pytest.param(TOWNS.encode(), "text/html; charset=iso-8859-1", TOWNS, id="UTF-8 called Latin-1"),
        pytest.param(TOWNS.encode(), "text/html; charset=windows-1250", TOWNS, id="UTF-8 called 1250"),
        pytest.param("Łódź".encode("iso8859-2"), "text/html; charset=ISO-8859-2", "Łódź", id="Latin-2"),
        pytest.param("Łódź".encode("cp1250"), 'text/html;Charset = "windows-1250"', "Łódź", id="1250"),
        pytest.param(GREEK.encode("iso8859-7"), "text/html; charset=iso-8859-7", GREEK, id="Greek"),
        pytest.param(
            "1 €".encode("cp1252"), "text/html; charset=iso-8859-1", "1 €", id="1252 called Latin-1"
        ),
        pytest.param("1 €".encode("cp1252"), "text/html; charset=us-ascii", "1 €", id="1252 called ASCII"),
        pytest.param(
            b"<meta charset=iso-8859-2>" + "Łódź".encode("iso8859-2"),
            "text/html; charset=utf-8",
            "<meta charset=iso-8859-2>Łódź",
            id="the page knows better than the header",
        ),
        pytest.param(
            b"<?xml version='1.0' encoding='windows-1250'?>" + "Łódź".encode("cp1250"),
            "text/xml",
            "<?xml version='1.0' encoding='windows-1250'?>Łódź",
            id="XML",
        ),
        pytest.param(
            codecs.BOM_UTF8 + TOWNS.encode(), "text/html; charset=cp1252", TOWNS, id="mark of UTF-8"
        ),
        pytest.param(TOWNS.encode("utf-16"), "text/html; charset=utf-8", TOWNS, id="mark of UTF-16"),
        pytest.param(codecs.BOM_UTF16_BE + TOWNS.encode("utf-16-be"), "", TOWNS, id="mark of UTF-16 BE"),
        pytest.param(TOWNS.encode("utf-32"), "", TOWNS, id="mark of UTF-32"),
        pytest.param(TOWNS.encode("utf-16-le"), "text/html; charset=utf-16le", TOWNS, id="UTF-16, no mark"),
        pytest.param(
            "Calls".encode("utf-16-le"), "text/html; charset=utf-16le", "Calls", id="UTF-16 of ASCII"
        ),
        pytest.param("Köln".encode("cp1252"), "", "Köln", id="nobody says anything"),
        pytest.param("Köln".encode("cp1252"), "text/html; charset=utf-8", "Köln", id="1252 called UTF-8"),
        pytest.param("Köln".encode("cp1252"), "text/html; charset=klingon", "Köln", id="no such charset"),
        pytest.param(
            TOWNS.encode() + b"\xff", "text/html; charset=utf-8", TOWNS + "\ufffd", id="one broken letter"
        ),
        pytest.param(b"", "text/html; charset=utf-8", "", id="nothing"),
    ],
)
def test_a_body_is_read_in_the_encoding_it_is_written_in(content: bytes, header: str, wanted: str) -> None:
    assert decoded(content, header) == wanted


NOT_OF_TEXTS = [
    "hex",
    "zip",
    "rot13",
    "idna",
    "punycode",
    "unicode_escape",
    "undefined",
    "mbcs",
    "utf-7",
    "charmap",
]


@pytest.mark.parametrize("name", [*NOT_OF_TEXTS, "..", "-", "x" * 10_000])
def test_names_that_are_no_encoding_of_texts_are_passed_over(name: str) -> None:
    assert decoded(b"\\d K\xf6ln +AOk-", f"text/html; charset={name}") == "\\d Köln +AOk-"


@given(
    st.binary() | st.text().map(str.encode) | st.binary().map(lambda tail: b"<meta charset=utf-16>" + tail),
    st.text() | st.sampled_from([*NOT_OF_TEXTS, "utf-8", "utf-16", "utf-32", "cp037", "koi8-r", "\0", "ü"]),
    st.sampled_from([b"", *(getattr(codecs, name) for name in dir(codecs) if name.startswith("BOM"))]),
)
def test_anything_at_all_becomes_a_text(content: bytes, charset: str, mark: bytes) -> None:
    assert isinstance(decoded(mark + content, f"text/html; charset={charset}"), str)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_utf_8_comes_back_whatever_the_header_says(text: str) -> None:
    assert decoded(text.encode(), "text/html; charset=iso-8859-15") == text


@pytest.mark.parametrize("piece", [b"<meta ", b"<?xml ", b"charset=", b"\xff", b"\xc3("])
def test_a_large_page_of_nonsense_is_read_at_once(piece: bytes) -> None:
    start = time.process_time()
    decoded(piece * 500_000 + b"\xff", "text/html; " + "charset " * 10_000)
    assert time.process_time() - start < 2


@contextmanager
def opened(url: str) -> Iterator[requests.Response]:
    with requests.Session() as session:
        # Not by a proxy of whoever runs the tests.
        session.trust_env = False
        with session.get(url, stream=True, timeout=5) as response:
            yield response


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_server_that_drips_is_left_after_a_while(encoding: str) -> None:
    body = gzip.compress(bytes(1000)) if encoding == "gzip" else bytes(1000)
    told = replay.answer(body, replay.HTML, content_encoding=encoding)
    with replay.ReplayServer({"/": replace(told, drip_s=0.05)}) as server, opened(server.url) as response:
        start = time.monotonic()
        with pytest.raises(Broken, match=r"not complete after 0\.2 s"):
            list(pieces(response, 10_000, 0.2))
        assert time.monotonic() - start < 2


def test_pieces_are_small_whatever_they_were_on_the_wire() -> None:
    with replay.ReplayServer({"/": replay.gzip_bomb(1_000_000)}) as server, opened(server.url) as response:
        sizes = [len(piece) for piece in pieces(response, 1_000_000, 5)]
    assert sum(sizes) == 1_000_000
    assert max(sizes) <= 65_536
