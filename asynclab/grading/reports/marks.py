"""Marks: what one learner has earned in one notebook, as learning platforms want it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from asynclab.grading.record import Record

__all__ = ["Mark", "marks"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One learner, one notebook.

    Attributes:
        learner: the name that the layout gave.
        outside_id: the learner's number in the learning platform; empty if there is none.
        stem: of the notebook.
        handed_in: seconds since the epoch.
        records: one for each exercise.
    """

    learner: str
    outside_id: str
    stem: str
    handed_in: float
    records: list[Record] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points that were earned."""
        return sum(record.points for record in self.records)

    @property
    def most(self) -> int:
        """Points that could be earned."""
        return len(self.records)

    @property
    def comment(self) -> str:
        """One line for each exercise."""
        lines = (f"{r.exercise or r.file}: {r.verdict}. {r.message}" for r in self.records)
        return "\n".join(lines)


def marks(records: Iterable[Record]) -> Iterator[Mark]:
    """One mark for each learner and notebook, from records that come in that order."""
    for (learner, stem), group in groupby(records, key=lambda r: (r.learner, r.stem)):
        rows = list(group)
        yield Mark(learner, rows[0].outside_id, stem, rows[0].handed_in, rows)
