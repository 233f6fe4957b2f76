"""Is there time enough: the days left against the days that an application takes.

How long a council, partners and the writing take is different in every city; the defaults are assumptions to
start from, and every answer that rests on them says so.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from vie_match.eligibility.logic import UNKNOWN, known
from vie_match.records import Call, Record
from vie_match.vocabulary import Answer, DeadlineModel

_Days = Annotated[int, Field(ge=0, le=1000)]


class Effort(Record):
    """Days that the parts of an application take, one after the other."""

    council: Annotated[_Days, Field(description="until the council or mayor has decided")] = 42
    partner: Annotated[_Days, Field(description="to find and bind each partner that is missing")] = 10
    writing: Annotated[_Days, Field(description="to write proposal and budget")] = 30
    assumed: Annotated[bool, Field(description="True: nobody has stated these days")] = True


class LeadTime(Record):
    """Days left and days needed; None is unknown."""

    days_left: int | None
    days_needed: int
    enough: Answer
    assumed: bool


def lead_time(call: Call, moment: dt.datetime, missing: int = 0, effort: Effort | None = None) -> LeadTime:
    """Return whether the time left is enough.

    Parameters
    ----------
    call : Call
    moment : datetime
        With a time zone.
    missing : int, optional
        Partners that still have to be found; they are sought one after the other.
    effort : Effort, optional
        Default: assumptions.

    Examples
    --------
    >>> call = Call(identifier="X", title="x", programme="LIFE", text="x", deadlines=["2027-03-01"])
    >>> noon = dt.datetime(2027, 1, 1, 12, tzinfo=dt.timezone.utc)
    >>> lead_time(call, noon).enough.value, lead_time(call, noon, effort=Effort(council=10)).days_needed
    ('no', 40)
    """
    chosen = effort or Effort()
    needed = chosen.council + chosen.partner * missing + chosen.writing
    deadline = call.next_deadline(moment)
    if deadline is None:
        endless = call.deadline_model is DeadlineModel.CONTINUOUS
        enough = known(True) if endless else known(False) if call.deadlines else UNKNOWN
        return LeadTime(days_left=None, days_needed=needed, enough=enough, assumed=chosen.assumed)
    left = deadline.days_left(moment.astimezone(deadline.moment.tzinfo).date())
    return LeadTime(days_left=left, days_needed=needed, enough=known(left >= needed), assumed=chosen.assumed)
