"""Files: writes every report of a run."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from asynclab.grading.course import Assignment
from asynclab.grading.store import Store

from .feedback import write_feedback
from .junit import write_junit
from .marks import marks
from .platforms import write_canvas, write_moodle, write_nbgrader
from .tables import write_csv, write_json
from .teacher import write_teacher

__all__ = ["write_reports"]


def write_reports(
    store: Store, folder: Path, course: dict[str, Assignment], gradebook: Path | None = None
) -> list[str]:
    """Write every report; one sentence for each thing that somebody should know.

    Each is written in one pass over the results, so that their number costs no memory.

    Args:
        store: the results.
        folder: where they go.
        course: the assignments by stem.
        gradebook: a Canvas gradebook to fill in; None for none.

    Raises:
        GradebookError: it is none.
    """
    counts = store.counts()
    columns = [name for assignment in course.values() for name in assignment.starters]
    write_json(store.records(), folder / "results.json")
    write_csv(store.records(), folder / "results.csv")
    write_junit(store.records(), counts, folder / "junit.xml")
    write_nbgrader(marks(store.records()), folder / "nbgrader.csv")
    write_moodle(marks(store.records()), folder / "moodle.csv")
    write_teacher(store.records(), counts, columns, folder / "teacher.html")
    for learner, group in groupby(store.records(), key=lambda record: record.learner):
        write_feedback(learner, list(group), course, folder / "feedback")
    if gradebook is None:
        return []
    strangers = write_canvas(marks(store.records()), gradebook, folder / "canvas.csv")
    return [f"{name} is not in {gradebook}" for name in strangers]
