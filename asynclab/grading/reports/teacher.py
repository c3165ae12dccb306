"""Teacher: one page with everybody's results, the misconceptions, and what needs a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from asynclab.checking import MISCONCEPTIONS
from asynclab.grading.record import VERDICTS, Record

from .atomic import replacing
from .feedback import feedback_link
from .marks import full_name, learner_of
from .pages import render

__all__ = ["write_teacher"]

ROWS = 10_000  # learners that a browser shows at ease
NOTABLE = 200
PLACES = 5  # exercises that are named beside a misconception
SLOW = 3.0  # seconds for one exercise
SIGNS = {"ok": "✓", "wrong": "✗", "not_attempted": "·", "": ""}
_LOOK = {"malformed", "forbidden", "tampered", "grader_error", "timeout", "crashed"}


@dataclass(slots=True)
class _Summary:
    """What one pass over the records collects."""

    columns: list[str]
    rows: list[dict[str, Any]] = field(default_factory=list)
    learners: int = 0
    tiers: set[str] = field(default_factory=set)
    right: Counter[str] = field(default_factory=Counter)
    misconceptions: Counter[str] = field(default_factory=Counter)
    where: dict[str, Counter[str]] = field(default_factory=dict)
    notable: list[dict[str, str]] = field(default_factory=list)

    def add(self, records: list[Record]) -> None:
        """One learner's records."""
        self.learners += 1
        for record in records:
            self._note(record)
        for key in {record.misconception for record in records} - {""}:
            self.misconceptions[key] += 1
        if len(self.rows) < ROWS:
            verdicts = {record.exercise: record.verdict for record in records}
            cells = [verdicts.get(name, "") for name in self.columns]
            points = sum(record.points for record in records)
            self.rows.append(_who(records[0]) | {"points": points, "cells": cells})

    def _note(self, record: Record) -> None:
        self.tiers.add(record.tier)
        self.right[record.exercise] += record.verdict == "ok"
        if record.misconception:
            places = self.where.setdefault(record.misconception, Counter())
            places[record.exercise] += 1
        if (why := _why(record)) and len(self.notable) < NOTABLE:
            about = {"exercise": record.exercise or record.file, "why": why}
            self.notable.append(_who(record) | about)

    def ranking(self) -> list[dict[str, Any]]:
        """The misconceptions, the most common first."""
        return [
            {
                "name": MISCONCEPTIONS[key].name,
                "count": count,
                "exercises": _places(self.where[key]),
                "lesson": MISCONCEPTIONS[key].lesson,
            }
            for key, count in self.misconceptions.most_common()
            if key in MISCONCEPTIONS
        ]


def _who(record: Record) -> dict[str, str]:
    learner = learner_of(record)
    return {"learner": full_name(*learner), "link": feedback_link(*learner)}


def _places(where: Counter[str]) -> str:
    named = [f"{name} ({count})" for name, count in where.most_common(PLACES)]
    others = len(where) - len(named)
    return ", ".join(named) + (f" and {others} more" if others else "")


def _why(record: Record) -> str:
    if record.verdict in _LOOK:
        return f"{record.verdict}: {record.message}"
    if record.tampered:
        return "; ".join(record.tampered)
    return f"slow: {record.wall:.1f} s" if record.wall > SLOW else ""


def write_teacher(
    records: Iterable[Record], counts: dict[str, int], columns: list[str], path: Path
) -> None:
    """Write the page.

    Args:
        records: all of them, by learner.
        counts: how many there are of each verdict.
        columns: the exercises, in the order of the course.
        path: the page.
    """
    summary = _Summary(columns)
    for _, group in groupby(records, key=learner_of):
        summary.add(list(group))
    with replacing(path) as file:
        file.write(
            render(
                "teacher.html",
                tiers=", ".join(sorted(summary.tiers)) or "none",
                learners=summary.learners,
                rows=summary.rows,
                counts=counts,
                meanings=VERDICTS,
                misconceptions=summary.ranking(),
                notable=summary.notable,
                columns=columns,
                right=[summary.right[name] / (summary.learners or 1) for name in columns],
                signs=SIGNS,
            )
        )
