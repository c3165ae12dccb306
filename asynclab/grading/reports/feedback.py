"""Feedback: one learner's results as they read them, with the pictures of their own runs.

Everything in it comes from workloads that the learner can see in the notebook. Of the others it
says that the answer failed and the likely reason, and no number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from asynclab.checking import MISCONCEPTIONS, Diagnosis
from asynclab.checking.desk import exercises
from asynclab.checking.report import as_sentence, facts, picture_beside, reasons
from asynclab.grading.course import Assignment
from asynclab.grading.record import VERDICTS, Record
from asynclab.grading.workloads import SEED_SHOWN, workloads
from asynclab.picture import Picture
from asynclab.trace import Trace

from .atomic import replacing
from .marks import learner_of
from .pages import render

__all__ = [
    "feedback_link",
    "feedback_name",
    "feedback_text",
    "picture_of",
    "write_feedback",
]

MARKS = {"ok": "✓", "not_attempted": "·"}


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    """Label and sentence of each fact."""
    if record.verdict == "wrong" and record.diagnosis:
        found = dict(record.diagnosis)
        case = found.pop("case")
        yield from facts(Diagnosis(**found), case)
    else:
        yield "", as_sentence(record.message or VERDICTS[record.verdict])
        if record.misconception:
            yield from reasons(MISCONCEPTIONS[record.misconception])
    for note in (*record.notes, *record.tampered):
        yield "note", note


def feedback_text(record: Record) -> str:
    """The facts in plain characters."""
    name = record.exercise or record.file
    lines = [f"{MARKS.get(record.verdict, '✗')} {name}: {record.verdict}"]
    lines += [f"  {label + ': ' if label else ''}{text}" for label, text in _facts(record)]
    return "\n".join(lines)


def picture_of(
    record: Record, assignment: Assignment | None, form: Callable[[Picture], str]
) -> str:
    """The learner's run beside the expected shape, on a workload that they can see; or nothing.

    Args:
        record: has the run.
        assignment: the course's copy of its notebook.
        form: what is made of the picture.
    """
    if not record.trace or assignment is None:
        return ""
    try:
        return form(_picture(record, assignment))
    except Exception:  # noqa: BLE001 - a trace comes from a sandbox: no picture of it is no harm
        return ""


def _picture(record: Record, assignment: Assignment) -> Picture:
    case, program_run = workloads(assignment, record.exercise, SEED_SHOWN)[record.case]
    trace = Trace.from_dict(Trace("virtual").to_dict() | json.loads(record.trace)["trace"])
    seed = f"{record.exercise} {SEED_SHOWN}"
    return picture_beside(
        exercises()[record.exercise], case, trace, seed=seed, program_run=program_run
    )


def feedback_name(learner: str, outside_id: str = "") -> str:
    """A file name that every system can hold; two learners never share one."""
    learner += f"_{outside_id}" if outside_id else ""
    readable = re.sub(r"[^\w-]+", "_", learner)[:40]
    digest = hashlib.sha256(learner.encode()).hexdigest()[:8]
    is_plain = readable == learner.lower()  # some systems take Ana for ana
    return f"{readable}.html" if is_plain else f"{readable}.{digest}.html"


def write_feedback(records: list[Record], course: dict[str, Assignment], folder: Path) -> None:
    """One page for one learner.

    Args:
        records: theirs.
        course: the assignments by stem.
        folder: where the page goes.
    """
    parts = [
        {
            "record": record,
            "mark": MARKS.get(record.verdict, "✗"),
            "facts": list(_facts(record)),
            "svg": picture_of(record, course.get(record.stem), Picture.svg),
        }
        for record in sorted(records, key=lambda record: _place(record, course))
    ]
    points = sum(record.points for record in records)
    learner, outside_id = learner_of(records[0])
    with replacing(folder / feedback_name(learner, outside_id)) as file:
        file.write(render("feedback.html", learner=learner, points=points, parts=parts))


def _place(record: Record, course: dict[str, Assignment]) -> tuple[str, int]:
    """Where an exercise stands in the course."""
    names = list(course[record.stem].starters) if record.stem in course else []
    return record.stem, names.index(record.exercise) if record.exercise in names else 0


def feedback_link(learner: str, outside_id: str) -> str:
    """Where a page for teachers finds it."""
    return f"feedback/{quote(feedback_name(learner, outside_id))}"
