"""Sheets: CSV files that people open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from .atomic import replacing

__all__ = ["write_sheet"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_sheet(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write the columns' names and the rows. No text in them can be taken for a formula.

    Args:
        path: the file.
        columns: the first line.
        rows: the others.
    """
    with replacing(path) as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_safe(value) for value in row] for row in rows)


def _safe(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"  # a spreadsheet would compute it
    return value
