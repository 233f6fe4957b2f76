"""The program: all commands, in the order in which the help lists them."""

from __future__ import annotations

from vie_match.cli import app, cities, evaluation, files, ranking, store, training

COMMANDS = (ranking, store, cities, files, evaluation, training)


def main() -> None:
    """Run ``vie-match``."""
    app.run()
