"""What sources answered, byte for byte, with when it was first and last seen.

A request is its method, its address and the SHA-256 of its body. The same answer to the same request is
kept once, however often it comes; another answer is kept beside it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path

from vie_match.errors import BadValue, StoreDamaged
from vie_match.messages import M_
from vie_match.store import database


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; the key of the archive.

    Attributes
    ----------
    method : str
        ``GET`` or ``POST``.
    url : str
        As asked, before any redirect.
    body : bytes
        Empty for ``GET``.
    """

    method: str
    url: str
    body: bytes = b""

    @property
    def key(self) -> tuple[str, str, bytes]:
        """Method, address, SHA-256 of the body."""
        return self.method, self.url, hashlib.sha256(self.body).digest()


@dataclass(frozen=True, slots=True)
class Response:
    """One answer.

    Attributes
    ----------
    url : str
        Where it came from, after redirects.
    fetched, last_fetched : datetime
        When it was seen first and last, with a time zone.
    status : int
        HTTP status.
    content_type : str
        The header, or empty.
    etag, last_modified : str or None
        What to ask with next time; None when the source gave none.
    body : bytes
        Without the compression of the wire.
    """

    url: str
    fetched: dt.datetime
    last_fetched: dt.datetime
    status: int
    content_type: str
    etag: str | None
    last_modified: str | None
    body: bytes


def _create_responses(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE responses (id INTEGER PRIMARY KEY,"
        " method TEXT NOT NULL, asked TEXT NOT NULL, request_sha256 BLOB NOT NULL,"
        " url TEXT NOT NULL, fetched TEXT NOT NULL, last_fetched TEXT NOT NULL, status INTEGER NOT NULL,"
        " content_type TEXT NOT NULL, etag TEXT, last_modified TEXT,"
        " body BLOB NOT NULL, body_sha256 BLOB NOT NULL,"
        " UNIQUE (method, asked, request_sha256, body_sha256))"
    )
    connection.execute("CREATE INDEX responses_by_address ON responses (asked, last_fetched)")
    connection.execute("CREATE INDEX responses_by_time ON responses (last_fetched)")


MIGRATIONS = (_create_responses,)

# One statement: a SELECT before the INSERT would let another writer in between.
_PUT = (
    "INSERT INTO responses (method, asked, request_sha256, url, fetched, last_fetched, status, content_type,"
    " etag, last_modified, body, body_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (method, asked, request_sha256, body_sha256) DO UPDATE SET"
    " url = excluded.url, last_fetched = max(last_fetched, excluded.last_fetched), status = excluded.status,"
    " content_type = excluded.content_type, etag = excluded.etag, last_modified = excluded.last_modified"
)


class ResponseStore:
    """A file of answers that several threads and processes may use at once.

    Parameters
    ----------
    path : Path
        The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hint = M_("it holds only what sources answered: delete it and fetch again")

    def put(self, request: Request, response: Response) -> None:
        """Keep an answer; of one that is there already only the headers and the last moment change.

        Parameters
        ----------
        request : Request
        response : Response

        Raises
        ------
        StoreBusy, StoreUnwritable, StoreDamaged
            See :func:`vie_match.store.database.opened`.
        """
        row = (
            *request.key,
            response.url,
            _written(response.fetched),
            _written(response.last_fetched),
            response.status,
            response.content_type,
            response.etag,
            response.last_modified,
            zlib.compress(response.body),
            hashlib.sha256(response.body).digest(),
        )
        with database.opened(self.path, MIGRATIONS, self._hint) as connection:
            connection.execute(_PUT, row)

    def latest(self, request: Request) -> Response | None:
        """Return the answer that was seen last, or None.

        Parameters
        ----------
        request : Request

        Raises
        ------
        StoreBusy, StoreUnwritable, StoreDamaged
            See :func:`vie_match.store.database.opened`; also for a body that is not what was put.
        """
        with database.opened(self.path, MIGRATIONS, self._hint) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute(
                "SELECT * FROM responses WHERE method = ? AND asked = ? AND request_sha256 = ?"
                " ORDER BY last_fetched DESC, id DESC LIMIT 1",
                request.key,
            ).fetchone()
        return None if row is None else self._response(row)

    def history(self, url: str) -> tuple[Response, ...]:
        """Return every answer of an address, to whatever request, the one seen last at the end.

        Parameters
        ----------
        url : str
            As asked.

        Raises
        ------
        StoreBusy, StoreUnwritable, StoreDamaged
            As :meth:`latest`.
        """
        with database.opened(self.path, MIGRATIONS, self._hint) as connection:
            connection.row_factory = sqlite3.Row
            rows = connection.execute(
                "SELECT * FROM responses WHERE asked = ? ORDER BY last_fetched, id", (url,)
            ).fetchall()
        return tuple(map(self._response, rows))

    def prune(self, before: dt.datetime) -> int:
        """Forget the answers that were last seen before a moment; the file's room is used again.

        Parameters
        ----------
        before : datetime
            With a time zone.

        Returns
        -------
        int
            How many.

        Raises
        ------
        BadValue
            For a moment without a time zone.
        StoreBusy, StoreUnwritable, StoreDamaged
            See :func:`vie_match.store.database.opened`.
        """
        with database.opened(self.path, MIGRATIONS, self._hint) as connection:
            return connection.execute(
                "DELETE FROM responses WHERE last_fetched < ?", (_written(before),)
            ).rowcount

    def _response(self, row: sqlite3.Row) -> Response:
        try:
            body = zlib.decompress(row["body"])
            first, last = (dt.datetime.fromisoformat(row[name]) for name in ("fetched", "last_fetched"))
        except (zlib.error, TypeError, ValueError) as error:
            raise self._damaged(row, str(error)) from error
        if hashlib.sha256(body).digest() != row["body_sha256"]:
            raise self._damaged(row, "not what was put there")
        headers = (row["status"], row["content_type"], row["etag"], row["last_modified"])
        return Response(row["url"], first, last, *headers, body)

    def _damaged(self, row: sqlite3.Row, found: str) -> StoreDamaged:
        return StoreDamaged(
            f"found {self.path}: the answer of {row['url']} is damaged ({found}); {self._hint}"
        )


def _written(moment: dt.datetime) -> str:
    """Return a moment in UTC, always as long, so that the order of texts is the order of time."""
    if moment.tzinfo is None:
        raise BadValue(f"found the moment {moment} without a time zone; expected one with, as in UTC")
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
