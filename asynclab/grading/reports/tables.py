"""Tables: the records themselves, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from asynclab.grading.record import Record

from .atomic import replacing
from .sheets import write_sheet

__all__ = ["COLUMNS", "write_csv", "write_json"]

COLUMNS = (
    *("learner", "outside_id", "stem", "exercise", "verdict", "points", "misconception"),
    *("message", "notes", "tampered", "file", "cpu", "wall", "memory", "tier", "version"),
)


def write_json(records: Iterable[Record], path: Path) -> None:
    """A list of all records, one a line."""
    with replacing(path) as file:
        file.write("[")
        for number, record in enumerate(records):
            text = json.dumps(record.to_dict(), ensure_ascii=False, sort_keys=True)
            file.write((",\n" if number else "\n") + text)
        file.write("\n]\n")


def write_csv(records: Iterable[Record], path: Path) -> None:
    """One line for each record."""
    rows = (record.to_dict() for record in records)
    write_sheet(path, COLUMNS, ([_cell(row[name]) for name in COLUMNS] for row in rows))


def _cell(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
