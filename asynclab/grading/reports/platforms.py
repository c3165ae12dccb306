"""Platforms: the files that nbgrader, Canvas and Moodle import."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from .marks import Mark
from .sheets import write_sheet

__all__ = ["GradebookError", "write_canvas", "write_moodle", "write_nbgrader"]

# As `nbgrader export` writes them.
NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
# Of Moodle's offline grading worksheet; a row is found by its identifier.
MOODLE = ("Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments")
# Of a gradebook that Canvas has exported.
CANVAS_ID, CANVAS_NAME, CANVAS_POSSIBLE = "ID", "Student", "Points Possible"


class GradebookError(ValueError):
    """This is no gradebook that can be filled in; the message says what is missing."""


def write_nbgrader(marks: Iterable[Mark], path: Path) -> None:
    """The table that ``nbgrader export`` writes."""
    write_sheet(path, NBGRADER, map(_nbgrader_row, marks))


def _nbgrader_row(mark: Mark) -> list[object]:
    time = datetime.fromtimestamp(mark.handed_in, UTC).strftime("%Y-%m-%d %H:%M:%S")
    first, _, last = mark.learner.rpartition(" ")
    scores = [mark.points, 0.0, mark.points, float(mark.most)]
    return [mark.stem, "", time, mark.learner, last, first, "", *scores]


def write_moodle(marks: Iterable[Mark], path: Path) -> None:
    """An offline grading worksheet, with feedback."""
    write_sheet(path, MOODLE, map(_moodle_row, marks))


def _moodle_row(mark: Mark) -> list[object]:
    identifier = f"Participant {mark.outside_id}" if mark.outside_id else mark.learner
    comment = mark.comment.replace("\n", "<br>")
    return [identifier, mark.learner, mark.points, mark.most, comment]


def write_canvas(marks: Iterable[Mark], gradebook: Path, path: Path) -> list[str]:
    """Fill in a gradebook that Canvas has exported; who is not in it is returned.

    A learner is found by the number that Canvas puts into the names of files, else by the name.
    A notebook goes to the column that has its stem in its name, else to a new one, from which
    Canvas makes an assignment.

    Args:
        marks: to fill in.
        gradebook: the exported file.
        path: the file to import.

    Raises:
        GradebookError: it has no columns ``Student`` and ``ID``.
    """
    with gradebook.open(encoding="utf-8-sig", newline="") as file:
        columns, *rows = list(csv.reader(file)) or [[]]
    if not {CANVAS_ID, CANVAS_NAME} <= set(columns):
        raise GradebookError(
            f"{gradebook} has no columns {CANVAS_NAME} and {CANVAS_ID}: export it in Canvas with "
            "Grades, Export, Export Entire Gradebook"
        )
    table = [dict(zip(columns, row, strict=False)) for row in rows]
    strangers = [mark.learner for mark in marks if not _fill_in(mark, columns, table)]
    write_sheet(path, columns, ([row.get(name, "") for name in columns] for row in table))
    return strangers


def _fill_in(mark: Mark, columns: list[str], table: list[dict[str, str]]) -> bool:
    row = next((row for row in table if _is_of(row, mark)), None)
    if row is None:
        return False
    column = next((name for name in columns if mark.stem in name), mark.stem)
    if column not in columns:
        columns.append(column)
        for possible in filter(_is_possible, table):
            possible[column] = str(mark.most)
    row[column] = f"{mark.points:g}"
    return True


def _is_possible(row: dict[str, str]) -> bool:
    return row[CANVAS_NAME].strip() == CANVAS_POSSIBLE


def _is_of(row: dict[str, str], mark: Mark) -> bool:
    if _is_possible(row):
        return False
    if mark.outside_id:
        return row.get(CANVAS_ID) == mark.outside_id
    return any(_letters(mark.learner) == name for name in _spellings(row[CANVAS_NAME]))


def _spellings(name: str) -> Iterator[str]:
    """Canvas sorts by "Smith, Ana", and names files "smithana"."""
    last, _, first = name.partition(",")
    yield _letters(last + first)
    yield _letters(first + last)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
