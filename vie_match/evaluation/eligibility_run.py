"""The file of a run: what was read in calls, and how teams were judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vie_match.evaluation.eligibility import Evaluation
from vie_match.evaluation.eligibility_gold import VERDICTS, as_gold, reasons_of
from vie_match.whole import write_whole


def write_run(result: Evaluation, path: Path) -> None:
    """Write the answers: a JSON line a case, then a JSON line a call.

    Parameters
    ----------
    result : Evaluation
    path : Path
        Written whole or not at all.
    """
    lines: list[dict[str, Any]] = [
        {"id": case, "verdict": VERDICTS[found.answer], "because": reasons_of(found)}
        for case, found in result.judged.items()
    ]
    lines += [
        {
            "call": call,
            "rules": [as_gold(rule) for rule in known.text],
            "programme_rules": [as_gold(rule) for rule in known.programme],
            "unread": [rule.quote.text for rule in known.unread if rule.quote],
        }
        for call, known in result.read.items()
    ]
    write_whole(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
