"""Tables: the records themselves, as JSON and as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from asynclab.grading.record import Record

from .files_at_once import replacing

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
    """One line for each record. Nothing in it can be taken for a formula."""
    with replacing(path) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for record in records:
            data = record.to_dict()
            writer.writerow([_cell(data[column]) for column in COLUMNS])


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"  # a spreadsheet would run it
    return value
