"""Processes that write to a store: started by a test, which talks to them line by line and kills them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

Start = Callable[..., "subprocess.Popen[str]"]

# How each script begins.
BEGIN = """
import sqlite3
import sys
from itertools import count
from pathlib import Path
from stored import DAY, NOON, harvest, no_power_cuts, take, words
from vie_match.errors import StoreBusy, StoreUnwritable
from vie_match.store import copies, journal
from vie_match.store.calls import CallStore

path, *arguments = sys.argv[1:]
store = CallStore(Path(path))

def wait(word):
    print(word, flush=True)
    sys.stdin.readline()
"""


def environment() -> Mapping[str, str]:
    """Return that of this process; scripts find the modules of the tests in it."""
    folders = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, folders))}


@contextmanager
def started() -> Iterator[Start]:
    """Yield what starts a script with the path of a store and other arguments; in the end all are killed."""
    processes = []

    def start(script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        processes.append(process)
        return process

    try:
        yield start
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    """Return the next line a process says; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a process go on that waits."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def kill(process: subprocess.Popen[str]) -> None:
    """End a process at once (SIGKILL), wherever it is."""
    process.kill()
    process.wait()


def is_sound(path: Path) -> bool:
    """Tell whether SQLite finds nothing wrong, indexes included."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def lines_of(process: subprocess.Popen[str]) -> list[str]:
    """Return all that a process says until it has ended well."""
    lines = process.communicate(timeout=60)[0].splitlines()
    assert process.returncode == 0
    return lines
