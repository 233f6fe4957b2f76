"""What can be set for the weekly script: ``[weekly]`` in the settings file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class WeeklySettings(BaseModel):
    """The part of the settings that only ``vie-match weekly`` uses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    forms: Annotated[
        tuple[str, ...], Field(description="forms of the report that are written", min_length=1)
    ] = ("html", "md", "network", "ics")
    teams: Annotated[
        int, Field(description="calls, at most, for which a team is suggested; 0: none", ge=0, le=1000)
    ] = 20
