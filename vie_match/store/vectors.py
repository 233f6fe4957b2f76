"""Embedding vectors by (model, prompt, text): a text is embedded once per model, ever.

The key is the model's id with its revision, the prompt, and the SHA-256 of the text, so two models
never share a vector and two equal texts always do.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vie_match.messages import M_
from vie_match.store import database


def _create_vectors(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE vectors (model TEXT NOT NULL, prompt TEXT NOT NULL, text_sha256 BLOB NOT NULL,"
        " vector BLOB NOT NULL, PRIMARY KEY (model, prompt, text_sha256)) WITHOUT ROWID"
    )


MIGRATIONS = (_create_vectors,)


class VectorStore:
    """A file of vectors that several processes may use at once.

    Parameters
    ----------
    path : Path
        The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hint = M_("it holds only computed vectors: delete it and run again")

    def get(self, model: str, prompt: str, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are there.

        Parameters
        ----------
        model, prompt : str
            Part of the key.
        texts : sequence of str

        Returns
        -------
        dict
            Text → vector of shape (dimension,), float32; texts without a vector are left out.
        """
        by_hash = {_sha256(text): text for text in texts}
        with database.opened(self.path, MIGRATIONS, self._hint) as connection:
            connection.execute("CREATE TEMP TABLE wanted (text_sha256 BLOB PRIMARY KEY) WITHOUT ROWID")
            connection.executemany("INSERT INTO wanted VALUES (?)", ((digest,) for digest in by_hash))
            rows = connection.execute(
                # CROSS: look each wanted key up; the planner might walk through all vectors instead.
                "SELECT text_sha256, vector FROM wanted CROSS JOIN vectors USING (text_sha256)"
                " WHERE model = ? AND prompt = ?",
                (model, prompt),
            )
            return {by_hash[digest]: np.frombuffer(blob, np.float32) for digest, blob in rows}

    def put(self, model: str, prompt: str, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep vectors; rows that are there already stay.

        Parameters
        ----------
        model, prompt : str
            Part of the key.
        texts : sequence of str, length n
        vectors : array of shape (n, dimension), float32
        """
        rows = [
            (model, prompt, _sha256(text), np.ascontiguousarray(vector, np.float32).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with database.opened(self.path, MIGRATIONS, self._hint) as connection:
            connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)", rows)


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
