"""The help of all commands, in the language of the machine or the settings.

It stands in the code as docstrings and options' texts, in English. ``.ci/catalogue.py`` collects it from the
finished program; before the program runs, a translation takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup

from vie_match.speech import N_, NC_, SOURCE, Speech

ARGUMENTS, OPTIONS, COMMANDS = N_("Arguments"), N_("Options"), N_("Commands")
OWN_HELP = N_("Show this message and exit.")

# What of a command and of its options is told to people.
_OF_COMMAND = ("help", "short_help", "epilog")
_OF_PARAMETER = ("help",)
# Defaults that are words; the others are names of files and figures.
_DEFAULTS = (
    NC_("default", "today"),
    NC_("default", "bundled"),
    NC_("default", "nobody"),
    NC_("default", "the settings'"),
    NC_("default", "the settings', else the machine's"),
    NC_("default", "the call's themes"),
    NC_("default", "vie-match.toml, if any"),
)


def texts(command: Any) -> Iterator[str]:
    """Yield what the help of a command and of those below it says.

    Parameters
    ----------
    command : command of typer
        As ``typer.main.get_command`` returns it.
    """
    for holder, name in _places(command):
        yield getattr(holder, name)


def translated(app: typer.Typer, says: Speech) -> Any:
    """Return the command of a program, its help in a language.

    Parameters
    ----------
    app : Typer
    says : Speech
    """
    # A new one each time: the program itself stays as it is.
    command = typer.main.get_command(app)
    if says.language != SOURCE:
        for holder, name in list(_places(command)):
            setattr(holder, name, says.gettext(getattr(holder, name)))
        for one in _all(command):
            _head(one, says)
    return command


def _head(command: Any, says: Speech) -> None:
    """Name the parts of a help page."""
    command.rich_help_panel = says.gettext(COMMANDS)
    # Typer makes it late, and keeps it.
    own = command.get_help_option(typer.Context(command))
    own.help = says.gettext(OWN_HELP)
    for parameter in (*command.params, own):
        named = ARGUMENTS if isinstance(parameter, TyperArgument) else OPTIONS
        parameter.rich_help_panel = says.gettext(named)
        if getattr(parameter, "show_default", None) in _DEFAULTS:
            parameter.show_default = says.pgettext("default", parameter.show_default)


def _places(command: Any) -> Iterator[tuple[Any, str]]:
    for one in _all(command):
        for holder, names in ((one, _OF_COMMAND), *((parameter, _OF_PARAMETER) for parameter in one.params)):
            for name in names:
                text = getattr(holder, name, None)
                if isinstance(text, str) and text:
                    yield holder, name


def _all(command: Any) -> Iterator[Any]:
    """Yield a command and all below it."""
    yield command
    if isinstance(command, TyperGroup):
        for below in command.commands.values():
            yield from _all(below)
