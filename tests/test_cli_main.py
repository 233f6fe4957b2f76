"""The program's commands: all are there, in the order of their list."""

from __future__ import annotations

import typer

from vie_match.cli import main
from vie_match.cli.app import app


def test_the_help_lists_the_commands_in_the_order_of_their_list() -> None:
    made = typer.main.get_command(app)
    names = list(made.commands)  # type: ignore[attr-defined]
    weekly_work = ["report", "match", "weekly", "eligible", "partners", "consortium", "enquiry", "network"]
    assert names[: len(weekly_work)] == weekly_work
    assert names.index("restore") < names.index("cities") < names.index("check") < names.index("guide")
    assert {one.callback.__module__ for one in app.registered_commands if one.callback} <= {
        one.__name__ for one in main.COMMANDS
    }
