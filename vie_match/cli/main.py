"""The program: all commands, in the order in which the help lists them."""

from __future__ import annotations

import gc

from vie_match.cli import (
    allocation,
    app,
    cities,
    consortium,
    eligibility,
    enquiry,
    evaluation,
    evaluation_consortium,
    evaluation_eligibility,
    evaluation_partners,
    evaluation_ranking,
    evaluation_speed,
    exchange,
    feedback,
    files,
    guide,
    mcp,
    network,
    partners,
    ranking,
    store,
    training,
    weekly,
)

COMMANDS = (
    ranking,
    weekly,
    eligibility,
    partners,
    consortium,
    enquiry,
    network,
    allocation,
    feedback,
    store,
    exchange,
    cities,
    files,
    guide,
    evaluation,
    evaluation_eligibility,
    evaluation_consortium,
    evaluation_partners,
    evaluation_ranking,
    evaluation_speed,
    training,
    mcp,
)
# Each is registered when its module is imported, and those are in the order of their names.
_ORDER = {one.__name__: at for at, one in enumerate(COMMANDS)}
app.app.registered_commands.sort(key=lambda one: _ORDER[getattr(one.callback, "__module__", "")])


def main() -> None:
    """Run ``vie-match``."""
    # Hundreds of thousands of records live until the end: looking through them less often saves a second.
    gc.set_threshold(50_000, 20, 100)
    app.run()
