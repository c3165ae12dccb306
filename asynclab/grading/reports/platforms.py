"""Platforms: the files that nbgrader, Canvas and Moodle import."""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from .marks import Mark, full_name
from .sheets import write_sheet

__all__ = ["GradebookError", "read_gradebook", "write_canvas", "write_moodle", "write_nbgrader"]

# As `nbgrader export` writes them.
NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
# Of Moodle's offline grading worksheet. Moodle refuses one without identifier, grade or time, and
# passes over a row whose grade somebody has changed there since that time.
MOODLE = (
    *("Identifier", "Full name", "Grade", "Maximum Grade"),
    *("Last modified (grade)", "Feedback comments"),
)
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
    """An offline grading worksheet, with feedback, of one notebook."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
    write_sheet(path, MOODLE, (_moodle_row(mark, now) for mark in marks))


def _moodle_row(mark: Mark, now: str) -> list[object]:
    identifier = f"Participant {mark.outside_id}" if mark.outside_id else mark.learner
    comment = html.escape(mark.comment, quote=False).replace("\n", "<br>")
    return [identifier, mark.learner, mark.points, mark.most, now, comment]


def read_gradebook(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The columns of a gradebook that Canvas has exported, and its rows.

    Args:
        path: the exported file.

    Raises:
        GradebookError: it cannot be read, or has no columns ``Student`` and ``ID``.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise GradebookError(f"{path} cannot be read as a gradebook: {error}") from None
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","  # as Canvas is told to export
    columns, *rows = list(csv.reader(io.StringIO(text), delimiter=delimiter)) or [[]]
    if not {CANVAS_ID, CANVAS_NAME} <= set(columns):
        raise GradebookError(
            f"{path} has no columns {CANVAS_NAME} and {CANVAS_ID}: export it in Canvas with "
            "Grades, Export, Export Entire Gradebook"
        )
    return columns, [dict(zip(columns, row, strict=False)) for row in rows]


def write_canvas(marks: Iterable[Mark], gradebook: Path, path: Path) -> list[str]:
    """Fill in a gradebook that Canvas has exported; a sentence for each thing to know.

    A learner is found by the number that Canvas puts into the names of files, else by the name.
    A notebook goes to the column that has its stem in its name, else to a new one, from which
    Canvas makes an assignment.

    Args:
        marks: to fill in.
        gradebook: the exported file.
        path: the file to import.

    Raises:
        GradebookError: it is no gradebook.
    """
    columns, table = read_gradebook(gradebook)
    told: dict[str, None] = {}  # each sentence once
    for mark in marks:
        column = next((name for name in columns if mark.stem in name), None)
        if column is None:
            column = _new_column(mark, columns, table)
            told[f"{gradebook} has no column for {column}: it was added"] = None
        row = next((row for row in table if _is_of(row, mark)), None)
        if row is None:
            told[f"{full_name(mark.learner, mark.outside_id)} is not in {gradebook}"] = None
            continue
        row[column] = f"{mark.points:g}"
        for most in (r.get(column, "") for r in filter(_is_possible, table)):
            if _number(most) != mark.most:
                told[f"{column} counts {most} points in {gradebook}, and {mark.most} here"] = None
    write_sheet(path, columns, ([row.get(name, "") for name in columns] for row in table))
    return list(told)


def _new_column(mark: Mark, columns: list[str], table: list[dict[str, str]]) -> str:
    columns.append(mark.stem)
    for possible in filter(_is_possible, table):
        possible[mark.stem] = str(mark.most)
    return mark.stem


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


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
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", text)).casefold()
