"""Files: writes every report of a run."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from asynclab.grading.course import Assignment
from asynclab.grading.store import Store

from .feedback import write_feedback
from .junit import write_junit
from .marks import learner_of, marks
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
    stems = store.stems()
    columns = [name for stem, a in course.items() if stem in stems for name in a.starters]
    write_json(store.records(), folder / "results.json")
    write_csv(store.records(), folder / "results.csv")
    write_junit(store.records(), counts, folder / "junit.xml")
    write_nbgrader(marks(store.records()), folder / "nbgrader.csv")
    for stem in stems:
        of_stem = (mark for mark in marks(store.records()) if mark.stem == stem)
        write_moodle(of_stem, folder / f"moodle_{stem}.csv")
    write_teacher(store.records(), counts, columns, folder / "teacher.html")
    for _, group in groupby(store.records(), key=learner_of):
        write_feedback(list(group), course, folder / "feedback")
    if gradebook is None:
        return []
    return write_canvas(marks(store.records()), gradebook, folder / "canvas.csv")
