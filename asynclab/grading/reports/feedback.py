"""Feedback: one learner's results as they read them, with the pictures of their own runs.

Everything in it comes from workloads that the learner can see in the notebook. Of the others it
says that the answer failed and the likely reason, and no number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from asynclab.checking import MISCONCEPTIONS
from asynclab.checking.desk import exercises
from asynclab.checking.performance import expected_run
from asynclab.grading.course import Assignment
from asynclab.grading.record import VERDICTS, Record
from asynclab.grading.workloads import SEED_SHOWN, workloads
from asynclab.picture import Picture
from asynclab.runner import Run
from asynclab.trace import Trace

from .atomic import replacing
from .pages import render

__all__ = [
    "feedback_facts",
    "feedback_link",
    "feedback_name",
    "feedback_text",
    "picture_of",
    "write_feedback",
]

MARKS = {"ok": "✓", "not_attempted": "·"}


def feedback_facts(record: Record) -> Iterator[tuple[str, str]]:
    """Label and sentence of each fact."""
    found = record.diagnosis
    if record.verdict == "wrong" and found:
        yield from (("the case", found["case"]),) if found["case"] else ()
        yield "your code", _sentence(found["did"])
        yield "expected", _sentence(found["expected"])
    else:
        yield "", _sentence(record.message or VERDICTS[record.verdict])
    if record.misconception:
        reason = MISCONCEPTIONS[record.misconception]
        yield "likely reason", f"{reason.name}. {reason.truth}"
        yield from (("where to look", found["look"]),) if found and found["look"] else ()
        yield "to read again", reason.lesson
    for note in (*record.notes, *record.tampered):
        yield "note", note


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def feedback_text(record: Record) -> str:
    """The facts in plain characters."""
    name = record.exercise or record.file
    lines = [f"{MARKS.get(record.verdict, '✗')} {name}: {record.verdict}"]
    lines += [f"  {label + ': ' if label else ''}{text}" for label, text in feedback_facts(record)]
    return "\n".join(lines)


def picture_of(record: Record, assignment: Assignment | None) -> Picture | None:
    """The learner's run beside the expected shape, on a workload that they can see."""
    if not record.trace or assignment is None:
        return None
    case, shown = workloads(assignment, record.exercise, SEED_SHOWN)[record.case]
    if shown is not None:
        return Picture([shown], ["what really happens"])
    trace = _trace(record)
    runs, titles = [Run(None, trace.elapsed, "", [], trace)], ["your run"]
    seed = f"{record.exercise} {SEED_SHOWN}"
    if (expected := expected_run(exercises()[record.exercise], case, seed)) is not None:
        runs.append(expected)
        titles.append("expected shape")
    return Picture(runs, titles, limit=case.given.get("limit"))


def _trace(record: Record) -> Trace:
    return Trace.from_dict(Trace("virtual").to_dict() | json.loads(record.trace)["trace"])


def feedback_name(learner: str) -> str:
    """A file name that every system can hold; two learners never share one."""
    readable = re.sub(r"[^\w-]+", "_", learner)[:60]
    digest = hashlib.sha256(learner.encode()).hexdigest()[:8]
    return f"{readable}.html" if readable == learner else f"{readable}.{digest}.html"


def write_feedback(
    learner: str, records: list[Record], course: dict[str, Assignment], folder: Path
) -> None:
    """One page for one learner.

    Args:
        learner: whose.
        records: theirs.
        course: the assignments by stem.
        folder: where the page goes.
    """
    parts = [
        {
            "record": record,
            "mark": MARKS.get(record.verdict, "✗"),
            "facts": list(feedback_facts(record)),
            "svg": _svg(record, course.get(record.stem)),
        }
        for record in sorted(records, key=lambda record: _place(record, course))
    ]
    points = sum(record.points for record in records)
    with replacing(folder / feedback_name(learner)) as file:
        file.write(render("feedback.html", learner=learner, points=points, parts=parts))


def _place(record: Record, course: dict[str, Assignment]) -> tuple[str, int]:
    """Where an exercise stands in the course."""
    names = list(course[record.stem].starters) if record.stem in course else []
    return record.stem, names.index(record.exercise) if record.exercise in names else 0


def _svg(record: Record, assignment: Assignment | None) -> str:
    try:
        picture = picture_of(record, assignment)
    except Exception:  # noqa: BLE001 - a trace comes from a sandbox: no picture of it is no harm
        return ""
    return picture.svg() if picture else ""


def feedback_link(learner: str) -> str:
    """Where a page for teachers finds it."""
    return f"feedback/{quote(feedback_name(learner))}"
