"""Feedback: one record as its learner reads it, with the picture of their run."""

from __future__ import annotations

import json

from asynclab.grading.record import Record
from asynclab.picture import Picture
from asynclab.runner import Run
from asynclab.trace import Trace

__all__ = ["feedback_text", "picture_of"]


def feedback_text(record: Record) -> str:
    """In plain characters."""
    mark = {"ok": "✓", "not_attempted": "·"}.get(record.verdict, "✗")
    return f"{mark} {record.exercise or record.file}: {record.verdict}\n  {record.message}"


def picture_of(record: Record) -> Picture | None:
    """The learner's run on a workload that they can see."""
    if not record.trace:
        return None
    trace = Trace.from_dict({"schema": 1, **json.loads(record.trace)["trace"]})
    return Picture([Run(None, trace.elapsed, "", [], trace)], ["your run"])
